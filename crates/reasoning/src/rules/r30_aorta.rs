//! R30: abdominal aortic aneurysm, surveillance and referral.

use super::{Rule, findings};
use crate::chart::{Datum, EquationSex, Reported};
use crate::codes;
use crate::desk::Desk;
use crate::number::{plain, round, show};
use crate::outcome::{Exclusion, Finding, Lane, Quiet, Severity, Verdict, Why};
use crate::settings::AaaGuideline;

pub(super) static RULE: Rule = Rule {
    id: "R30",
    version: "1.0.0",
    lane: Lane::N,
    title: "Abdominal aortic aneurysm",
    trigger: "confirmed abdominal aortic diameter",
    not_applicable: "",
    citation: "Chaikof 2018, J Vasc Surg 67:2 (SVS); NICE NG156 2020 and NHS screening programme",
    valid_until: "2027-03-01",
    windows: &[
        "newest diameter, no limit of age; the one before it, at least half a year earlier, for growth",
    ],
    thresholds: &[
        "SVS 2018: 25-29 mm 120 months, 30-39 mm 36, 40-49 mm 12, 50-54 mm 6; referral from 55 mm, women from 50 mm",
        "NHS: 30-44 mm 12 months, 45-54 mm 3; referral from 55 mm",
        "growth above 10 mm a year at 40 mm or more: referral",
        "referral: high; more than 30 d past the due date: moderate",
    ],
    limits: &[
        "Inner-to-inner (NHS ultrasound) and outer-to-outer (CT) diameters differ by 3 to 6 mm",
    ],
    settings: &["aaa.guideline"],
    evaluate,
};

/// Days after the due date before a card says so.
const GRACE_DAYS: i64 = 30;
const HALF_A_YEAR_DAYS: f64 = 182.625;
const YEAR_DAYS: f64 = 365.25;

fn evaluate(desk: &mut Desk<'_>) -> Finding {
    let at = desk.at();
    if desk.chart.age_at(at).is_none() {
        return Finding::cannot_tell().lacks("patient.birthDate", Why::Absent);
    }
    let repair = desk.statement(&codes::AAA_REPAIR, |_| true);
    let said = desk
        .project_code("aaa_repaired")
        .into_iter()
        .find(|d| d.is_usable_statement())
        .filter(|d| !matches!(&d.value, Reported::Text(t) if t == "no"));
    if desk.excluded_by(repair.or(said), "aneurysm repaired") {
        return Finding::quiet(Quiet::Excluded(Exclusion::Repaired));
    }
    let found = findings::newest_of_each(desk, "aaa_diameter", "track");
    if found.is_empty() {
        return Finding::quiet(Quiet::NoTrigger);
    }
    let all = found.usable.iter().map(|d| aneurysm(desk, d)).collect();
    findings::gravest(all, found.refused)
}

/// Diameter in mm, to the nearest.
fn millimetres(datum: &Datum) -> Result<f64, Why> {
    let Reported::Number {
        value,
        comparator: None,
        unit,
        ..
    } = &datum.value
    else {
        return Err(Why::UnitRefused);
    };
    let mm = match unit.as_deref() {
        Some("mm") => *value,
        Some("cm") => value * 10.0,
        _ => return Err(Why::UnitRefused),
    };
    if (10.0..=200.0).contains(&mm) {
        Ok(mm)
    } else {
        Err(Why::Implausible)
    }
}

/// Months to the next imaging; `None` below the least diameter of the guideline.
fn interval(guideline: AaaGuideline, mm: f64) -> Option<i64> {
    match (guideline, mm) {
        (AaaGuideline::Svs2018, d) if d >= 50.0 => Some(6),
        (AaaGuideline::Svs2018, d) if d >= 40.0 => Some(12),
        (AaaGuideline::Svs2018, d) if d >= 30.0 => Some(36),
        (AaaGuideline::Svs2018, d) if d >= 25.0 => Some(120),
        (AaaGuideline::Nhs, d) if d >= 45.0 => Some(3),
        (AaaGuideline::Nhs, d) if d >= 30.0 => Some(12),
        _ => None,
    }
}

fn is_large(guideline: AaaGuideline, mm: f64, sex: EquationSex) -> bool {
    let woman = sex == EquationSex::Female && guideline == AaaGuideline::Svs2018;
    mm >= if woman { 50.0 } else { 55.0 }
}

fn aneurysm<'a>(desk: &mut Desk<'a>, datum: &'a Datum) -> Finding {
    let guideline = desk.settings.aaa_guideline;
    desk.rests_on_statement(datum, "newest diameter");
    let exact = match millimetres(datum) {
        Ok(mm) => mm,
        Err(why) => return Finding::cannot_tell().lacks("aaa_diameter", why),
    };
    let mm = round(exact, 0);
    let growth = growth(desk, datum, exact);
    let with = |f: Finding| {
        let f = f
            .number("diameter_mm", mm)
            .with("guideline", guideline.code());
        match growth {
            Some(g) => f.number("growth_mm_per_year", g),
            None => f,
        }
    };
    if let Some(g) = growth.filter(|g| *g > 10.0 && mm >= 40.0) {
        return with(
            Finding::fires(
                Severity::High,
                format!(
                    "Abdominal aorta {} mm, growth {} mm a year: vascular referral criterion met ({})",
                    plain(mm),
                    show(g, 1),
                    guideline.code()
                ),
            )
            .with("recommendation", "vascular referral (growth)"),
        );
    }
    let large: Vec<bool> = desk
        .sexes()
        .iter()
        .map(|sex| is_large(guideline, mm, *sex))
        .collect();
    let surveillance = surveillance(desk, datum, mm);
    let finding = match (large.contains(&true), large.contains(&false)) {
        (true, false) => Finding::fires(
            Severity::High,
            format!(
                "Abdominal aorta {} mm: vascular referral criterion met ({})",
                plain(mm),
                guideline.code()
            ),
        )
        .with("recommendation", "vascular referral"),
        (true, true) => {
            // One sex is referred, the other watched: both fire only when the next imaging is overdue.
            let base = if surveillance.verdict == Verdict::Fires {
                surveillance
            } else {
                Finding {
                    result: surveillance.result,
                    ..Finding::cannot_tell()
                }
            };
            base.lacking(desk.missing_sex())
        }
        _ => surveillance,
    };
    with(finding)
}

fn surveillance(desk: &mut Desk<'_>, datum: &Datum, mm: f64) -> Finding {
    let guideline = desk.settings.aaa_guideline;
    let Some(months) = interval(guideline, mm) else {
        return Finding::silent();
    };
    let due = findings::plus_months(datum.instant().date(), months);
    let overdue = desk.at().date() > findings::plus_days(due, GRACE_DAYS);
    desk.step(format!(
        "{}: imaging every {months} months at {} mm, next {due}",
        guideline.code(),
        plain(mm)
    ));
    let finding = if overdue {
        Finding::fires(
            Severity::Moderate,
            format!(
                "Abdominal aorta {} mm: next imaging was due {due} ({}, {months} months)",
                plain(mm),
                guideline.code()
            ),
        )
    } else {
        Finding::silent()
    };
    finding
        .with("interval_months", months)
        .with("due", due.to_string())
        .with("overdue", overdue)
}

/// mm a year since the newest usable diameter at least half a year earlier, one decimal.
fn growth<'a>(desk: &mut Desk<'a>, datum: &'a Datum, mm: f64) -> Option<f64> {
    let taken = datum.instant();
    let (before, then) = findings::all(desk, "aaa_diameter")
        .into_iter()
        .filter(|d| d.usable().is_ok() && d.attr("track") == datum.attr("track"))
        .filter(|d| taken.days_since(d.instant()) >= HALF_A_YEAR_DAYS)
        .find_map(|d| Some((d, millimetres(d).ok()?)))?;
    desk.rests_on_statement(before, "earlier diameter");
    let years = taken.days_since(before.instant()) / YEAR_DAYS;
    let growth = round((mm - then) / years, 1);
    desk.step(format!(
        "growth since {}: {} mm a year",
        before.time.iso_date(),
        show(growth, 1)
    ));
    let how = |d: &Datum| ["method", "modality"].map(|a| d.attr(a).map(str::to_owned));
    if how(before) != how(datum) {
        desk.limit("Both diameters were not measured in the same way, or it is not on record: growth may be apparent");
    }
    Some(growth)
}
