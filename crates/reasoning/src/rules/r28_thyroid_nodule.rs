//! R28: incidental thyroid nodule on CT, MR or PET.

use super::{Rule, findings};
use crate::chart::Datum;
use crate::desk::Desk;
use crate::k3::K3;
use crate::number::{plain, round};
use crate::outcome::{Exclusion, Finding, Lane, Quiet, Severity, Why};
use crate::study::{Wanted, split_modalities};

pub(super) static RULE: Rule = Rule {
    id: "R28",
    version: "1.0.0",
    lane: Lane::N,
    title: "Incidental thyroid nodule on CT, MR or PET",
    trigger: "confirmed thyroid nodule finding",
    not_applicable: "ultrasound finding: TI-RADS applies",
    citation: "ACR incidental thyroid findings white paper, Hoang 2015, J Am Coll Radiol 12:143",
    valid_until: "2027-03-01",
    windows: &["newest finding of each nodule, no limit of age; later ultrasound of the thyroid"],
    thresholds: &[
        "suspicious features or focal FDG uptake: dedicated ultrasound at any size (moderate)",
        "younger than 35 years: from 10 mm; 35 years or older: from 15 mm (low)",
        "ultrasound done: no card",
    ],
    limits: &[
        "Neck irradiation or a family history: any size; enter it as suspicious",
        "Age is that at the time of the finding",
    ],
    settings: &[],
    evaluate,
};

fn evaluate(desk: &mut Desk<'_>) -> Finding {
    if let Err(end) = desk.aged(19.0, None) {
        return end;
    }
    let found = findings::newest_of_each(desk, "thyroid_nodule", "track");
    if found.is_empty() {
        return Finding::quiet(Quiet::NoTrigger);
    }
    let all = found.usable.iter().map(|d| nodule(desk, d)).collect();
    findings::gravest(all, found.refused)
}

fn nodule<'a>(desk: &mut Desk<'a>, datum: &'a Datum) -> Finding {
    desk.rests_on_statement(datum, "thyroid nodule");
    let seen_on = split_modalities(datum.attr("modality").unwrap_or(""));
    if seen_on.is_empty() {
        return Finding::cannot_tell().lacks("modality", Why::Absent);
    }
    if !seen_on
        .iter()
        .any(|m| matches!(m.as_str(), "CT" | "MR" | "PT"))
    {
        return Finding::quiet(Quiet::NotApplicable);
    }
    let limited = findings::flag(datum, "limited_life_expectancy") == Some(true);
    desk.exclusion("limited life expectancy, recorded by a clinician", limited);
    if limited {
        return Finding::quiet(Quiet::Excluded(Exclusion::LimitedLifeExpectancy));
    }
    let wanted = Wanted::new("US", Some("thyroid"));
    let done = desk.imaging().into_iter().find(|s| {
        wanted
            .as_ref()
            .is_some_and(|w| w.answered_by(s, datum) == K3::True)
    });
    if let Some(study) = done {
        desk.rests_on_statement(study, "later ultrasound of the thyroid");
        return Finding::silent().with("follow_up_done", true);
    }
    let size = findings::number(datum, "size_mm").map(|s| round(s, 0));
    let with_size = |f: Finding| match size {
        Ok(s) => f.number("size_mm", s),
        Err(_) => f,
    };
    let flagged = [
        ("suspicious", "suspicious_features", "suspicious features"),
        ("fdg_avid", "fdg_avid", "focal FDG uptake"),
    ];
    for (attr, why, words) in flagged {
        if findings::flag(datum, attr) == Some(true) {
            return with_size(
                Finding::fires(
                    Severity::Moderate,
                    format!(
                        "Thyroid nodule with {words}: dedicated thyroid ultrasound at any size"
                    ),
                )
                .with("recommendation", "dedicated thyroid ultrasound")
                .with("why", why),
            );
        }
    }
    let Some(age) = desk.chart.age_at(datum.instant()) else {
        return Finding::cannot_tell().lacks("patient.birthDate", Why::Absent);
    };
    let threshold = if age < 35.0 { 10.0 } else { 15.0 };
    let size = match size {
        Ok(size) => size,
        Err(why) => return Finding::cannot_tell().lacks("size_mm", why),
    };
    desk.step(format!(
        "age {} years at the finding: threshold {} mm",
        plain(age),
        plain(threshold)
    ));
    let finding = if size >= threshold {
        Finding::fires(
            Severity::Low,
            format!(
                "Thyroid nodule {} mm (threshold {} mm): dedicated thyroid ultrasound",
                plain(size),
                plain(threshold)
            ),
        )
        .with("recommendation", "dedicated thyroid ultrasound")
    } else {
        Finding::silent().with("recommendation", "no further evaluation")
    };
    finding
        .number("size_mm", size)
        .number("threshold_mm", threshold)
}
