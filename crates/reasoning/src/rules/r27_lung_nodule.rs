//! R27: incidental lung nodule, Fleischner Society 2017.

use super::{Rule, findings};
use crate::chart::Datum;
use crate::codes;
use crate::desk::Desk;
use crate::k3::K3;
use crate::number::{plain, round};
use crate::outcome::{Exclusion, Finding, Lane, Quiet, Severity, Why};
use crate::study::Wanted;

pub(super) static RULE: Rule = Rule {
    id: "R27",
    version: "1.0.0",
    lane: Lane::N,
    title: "Incidental lung nodule (Fleischner 2017)",
    trigger: "confirmed lung nodule finding",
    not_applicable: "",
    citation: "MacMahon 2017, Radiology 284:228",
    valid_until: "2027-03-01",
    windows: &["newest finding of each nodule, no limit of age; chest CT of a later day or study"],
    thresholds: &[
        "solid below 6 mm: no routine follow-up (low risk), optional CT at 12 months (high risk)",
        "solid 6 to 8 mm: CT at 6-12 months; above 8 mm: consider CT at 3 months, PET/CT or tissue sampling",
        "several solid, 6 mm or more: CT at 3-6 months; several subsolid: CT at 3-6 months",
        "subsolid below 6 mm: no routine follow-up; ground glass from 6 mm: CT at 6-12 months; part-solid from 6 mm: CT at 3-6 months",
        "low; above 8 mm or past the last date: moderate; follow-up done: no card",
    ],
    limits: &[
        "Only the first follow-up is dated: 18-24 months for solid, 2 to 5 years for subsolid nodules follow",
        "Size is the mean of both axes in one plane and kernel, to the nearest mm",
        "Perifissural nodules and the risk group are the reader's judgement",
        "Lung-RADS v2022 applies to screening CT; categories are not converted",
    ],
    settings: &[],
    evaluate,
};

fn evaluate(desk: &mut Desk<'_>) -> Finding {
    if let Err(end) = desk.aged(35.0, None) {
        return end;
    }
    let at = desk.at();
    let cancer = desk.statement(&codes::MALIGNANCY, |d| {
        d.is_active(at) && !codes::SKIN_CANCER.holds(&d.codes)
    });
    if desk.excluded_by(cancer, "known malignancy") {
        return Finding::quiet(Quiet::Excluded(Exclusion::Malignancy));
    }
    let immune = desk.active(&codes::IMMUNOSUPPRESSION);
    if desk.excluded_by(immune, "immunosuppression") {
        return Finding::quiet(Quiet::Excluded(Exclusion::Immunosuppression));
    }
    let found = findings::newest_of_each(desk, "lung_nodule", "track");
    if found.is_empty() {
        return Finding::quiet(Quiet::NoTrigger);
    }
    let all = found.usable.iter().map(|d| nodule(desk, d)).collect();
    findings::gravest(all, found.refused)
}

/// What is advised, and when: months from the study.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Advice {
    text: &'static str,
    months: Option<(i64, i64)>,
}

const NONE: Advice = advice("no routine follow-up", None);
const OPTIONAL: Advice = advice("optional CT at 12 months", Some((12, 12)));
const SIX_TO_TWELVE: Advice = advice("CT at 6-12 months", Some((6, 12)));
const THREE_TO_SIX: Advice = advice("CT at 3-6 months", Some((3, 6)));
const LARGE: Advice = advice(
    "consider CT at 3 months, PET/CT or tissue sampling",
    Some((3, 3)),
);

const fn advice(text: &'static str, months: Option<(i64, i64)>) -> Advice {
    Advice { text, months }
}

fn advise(kind: &str, size_mm: f64, several: bool, high_risk: bool) -> Option<Advice> {
    Some(match (kind, several) {
        ("solid", _) if size_mm < 6.0 => {
            if high_risk {
                OPTIONAL
            } else {
                NONE
            }
        }
        ("solid", false) if size_mm <= 8.0 => SIX_TO_TWELVE,
        ("solid", false) => LARGE,
        ("solid" | "ground_glass" | "part_solid", true) => THREE_TO_SIX,
        ("ground_glass" | "part_solid", false) if size_mm < 6.0 => NONE,
        ("ground_glass", false) => SIX_TO_TWELVE,
        ("part_solid", false) => THREE_TO_SIX,
        _ => return None,
    })
}

fn nodule<'a>(desk: &mut Desk<'a>, datum: &'a Datum) -> Finding {
    desk.rests_on_statement(datum, "lung nodule");
    if findings::flag(datum, "screening") == Some(true) {
        desk.exclusion("screening CT", true);
        return Finding::quiet(Quiet::Excluded(Exclusion::Screening));
    }
    let kind = datum.attr("type").unwrap_or("");
    let size = match findings::number(datum, "size_mm") {
        Ok(size) => round(size, 0),
        Err(why) => {
            let finding = Finding::cannot_tell().lacks("size_mm", why);
            return if kind.is_empty() {
                finding.lacks("type", Why::Absent)
            } else {
                finding
            };
        }
    };
    let several = datum.attr("count") == Some("multiple");
    let risks: &[bool] = match datum.attr("risk") {
        Some("high") => &[true],
        Some("low") => &[false],
        _ => &[false, true],
    };
    let all: Option<Vec<Advice>> = risks
        .iter()
        .map(|high| advise(kind, size, several, *high))
        .collect();
    let Some(all) = all else {
        let why = if kind.is_empty() {
            Why::Absent
        } else {
            Why::Implausible
        };
        return Finding::cannot_tell()
            .lacks("type", why)
            .number("size_mm", size);
    };
    let ends = all.first().zip(all.last());
    let Some((mild, grave)) = ends else {
        return Finding::cannot_tell().lacks("risk", Why::Absent);
    };
    let words = format!(
        "{} {} mm{}",
        kind.replace('_', "-"),
        plain(size),
        if several { ", several" } else { "" }
    );
    desk.step(format!("{words}: {}", grave.text));
    let follow_up = follow_up(desk, datum);
    let judge = |a: &Advice| dated(desk, datum, *a, follow_up, size, &words);
    let finding = if mild == grave {
        judge(mild)
    } else {
        let (a, b) = (judge(mild), judge(grave));
        let base = if a.verdict == b.verdict {
            a
        } else {
            Finding::cannot_tell()
        };
        let mut finding =
            base.lacks("risk", Why::Absent)
                .between("recommendation", mild.text, grave.text);
        // Dates are those of one completion only.
        finding.result.retain(|key, _| *key == "follow_up_done");
        finding
    };
    finding.number("size_mm", size)
}

/// The earliest chest CT after the finding.
fn follow_up<'a>(desk: &mut Desk<'a>, datum: &'a Datum) -> Option<&'a Datum> {
    let wanted = Wanted::new("CT", Some("chest"))?;
    let studies = desk.imaging();
    let of = |answer: K3| {
        studies
            .iter()
            .rev()
            .copied()
            .find(|s| wanted.answered_by(s, datum) == answer)
    };
    let done = of(K3::True);
    if let Some(study) = done {
        desk.rests_on_statement(study, "later chest CT");
    } else if let Some(study) = of(K3::Unknown) {
        desk.limit(format!(
            "A later CT of {} names no region: it is not counted as a chest CT",
            study.time.iso_date()
        ));
    }
    done
}

fn dated(
    desk: &Desk<'_>,
    datum: &Datum,
    advice: Advice,
    follow_up: Option<&Datum>,
    size: f64,
    words: &str,
) -> Finding {
    let Some((from, to)) = advice.months else {
        return Finding::silent().with("recommendation", advice.text);
    };
    let seen = datum.instant().date();
    let (from, to) = (
        findings::plus_months(seen, from),
        findings::plus_months(seen, to),
    );
    let overdue = desk.at().date() > to;
    let finding = match follow_up {
        Some(study) => Finding::silent().with("follow_up_done", study.instant().iso_date()),
        None => {
            let severity = if size > 8.0 || overdue {
                Severity::Moderate
            } else {
                Severity::Low
            };
            let late = if overdue { ", past" } else { "" };
            Finding::fires(
                severity,
                format!("Lung nodule, {words}: {} (to {to}{late})", advice.text),
            )
            .with("overdue", overdue)
        }
    };
    finding
        .with("recommendation", advice.text)
        .with("due_from", from.to_string())
        .with("due_to", to.to_string())
}
