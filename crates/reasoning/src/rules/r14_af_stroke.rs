//! R14: stroke risk in atrial fibrillation without an anticoagulant.

use super::Rule;
use crate::chart::EquationSex;
use crate::codes::{self, CodeSet};
use crate::desk::Desk;
use crate::outcome::{Exclusion, Finding, Lane, Quiet, Severity, Why};
use crate::settings::AfScore;

pub(super) static RULE: Rule = Rule {
    id: "R14",
    version: "1.0.0",
    lane: Lane::N,
    title: "Stroke risk in atrial fibrillation",
    trigger: "atrial fibrillation on the problem list",
    not_applicable: "no atrial fibrillation on the problem list",
    citation: "ESC atrial fibrillation 2024 (CHA2DS2-VA); ACC/AHA/ACCP/HRS atrial fibrillation 2023 (CHA2DS2-VASc)",
    valid_until: "2027-03-01",
    windows: &[
        "problems and medicines that are active at the index time",
        "stroke, transient ischaemic attack and vascular disease also where they have ended: the score counts the history",
    ],
    thresholds: &[
        "heart failure 1, hypertension 1, age 75 or more 2, diabetes 1, stroke or transient ischaemic attack 2, vascular disease 1, age 65 to 74 1",
        "CHA2DS2-VASc, where the site sets it, adds 1 for female sex",
        "shown without an active anticoagulant (B01AA, B01AE, B01AF; heparins do not count): 1 point without sex low, 2 or more moderate",
    ],
    limits: &[
        "From recorded conditions: a lower bound; what is not recorded counts 0",
        "Atrial fibrillation provoked by a passing cause is not told apart",
        "Bleeding scores are no reason to withhold an anticoagulant and are not computed",
        "Not for a mechanical heart valve or mitral stenosis",
    ],
    settings: &["af.score"],
    evaluate,
};

fn evaluate(desk: &mut Desk<'_>) -> Finding {
    if let Err(end) = desk.adult() {
        return end;
    }
    let Some(fibrillation) = desk.active(&codes::ATRIAL_FIBRILLATION) else {
        return Finding::quiet(Quiet::NotApplicable);
    };
    desk.rests_on_statement(fibrillation, "trigger: on the problem list");
    let valve = desk.active(&codes::VALVULAR);
    if let Some(valve) = valve {
        desk.rests_on_statement(valve, "the score is not made for it");
    }
    desk.exclusion("mechanical heart valve or mitral stenosis", valve.is_some());
    if valve.is_some() {
        return Finding::quiet(Quiet::Excluded(Exclusion::Valvular));
    }
    let at = desk.at();
    let Some(age) = desk.chart.age_at(at) else {
        return Finding::cannot_tell().lacks("patient.birthDate", Why::Absent);
    };
    let (core, items) = core(desk, age);
    let anticoagulant = desk.active(&codes::ANTICOAGULANT);
    if let Some(medicine) = anticoagulant {
        desk.rests_on_statement(medicine, "active anticoagulant");
    }
    let unread = desk.chart.unmapped_medicines.len();
    if anticoagulant.is_none() && unread > 0 {
        desk.limit(format!(
            "{unread} active medicine(s) have no code that is read here; an anticoagulant among them is not seen"
        ));
    }
    conclude(desk, core, items, anticoagulant.is_some())
}

/// Points without sex, and what gave them, in the order of the score's name.
fn core(desk: &mut Desk<'_>, age: f64) -> (u32, Vec<&'static str>) {
    let failure = counted(desk, &codes::HEART_FAILURE, "heart failure", false);
    let hypertension = counted(desk, &codes::HYPERTENSION, "hypertension", false);
    let diabetes = counted(desk, &codes::DIABETES, "diabetes", false);
    let stroke = counted(
        desk,
        &codes::STROKE_OR_TIA,
        "stroke or transient ischaemic attack",
        true,
    );
    let vascular = counted(desk, &codes::VASCULAR, "vascular disease", true);
    let scored = [
        (failure, 1, "heart_failure"),
        (hypertension, 1, "hypertension"),
        (age >= 75.0, 2, "age75"),
        (diabetes, 1, "diabetes"),
        (stroke, 2, "stroke_tia_te"),
        (vascular, 1, "vascular"),
        ((65.0..75.0).contains(&age), 1, "age65_74"),
    ];
    desk.step(format!("age {age} years"));
    let present = scored.iter().filter(|(present, ..)| *present);
    let points = present.clone().map(|(_, points, _)| points).sum();
    (points, present.map(|(.., item)| *item).collect())
}

/// Whether a condition is recorded; `history` also counts one that has ended.
fn counted(desk: &mut Desk<'_>, set: &CodeSet, what: &str, history: bool) -> bool {
    let at = desk.at();
    let found = desk.statement(set, |d| history || d.is_active(at));
    if let Some(datum) = found {
        desk.rests_on_statement(datum, what);
    }
    let answer = if found.is_some() { "yes" } else { "no" };
    desk.step(format!("{what} recorded: {answer}"));
    found.is_some()
}

fn conclude(
    desk: &mut Desk<'_>,
    core: u32,
    mut items: Vec<&'static str>,
    anticoagulant: bool,
) -> Finding {
    let scale = desk.settings.canonical("af.score", None);
    // One point or none for sex; both where it is not known. Only the points without it decide.
    let (least, most) = match (desk.settings.af_score, desk.chart.person.sex) {
        (AfScore::Va, _) | (AfScore::Vasc, Some(EquationSex::Male)) => (core, core),
        (AfScore::Vasc, Some(EquationSex::Female)) => {
            items.push("female");
            (core + 1, core + 1)
        }
        (AfScore::Vasc, None) => (core, core + 1),
    };
    let score = if least == most {
        least.to_string()
    } else {
        format!("{least} or {most}")
    };
    desk.step(format!("{scale} {score}; {core} without sex"));
    let finding = if anticoagulant || core == 0 {
        Finding::silent()
    } else {
        let severity = if core == 1 {
            Severity::Low
        } else {
            Severity::Moderate
        };
        Finding::fires(
            severity,
            format!(
                "Atrial fibrillation, no anticoagulant recorded: {scale} {score} from recorded conditions (a lower bound)"
            ),
        )
    };
    let finding = finding
        .with("scale", scale)
        .with("items", items)
        .with("anticoagulant_active", anticoagulant);
    if least == most {
        finding.with("score", least)
    } else {
        finding
            .between("score", least, most)
            .lacking(desk.missing_sex())
    }
}
