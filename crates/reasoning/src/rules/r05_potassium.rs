//! R5: potassium above its threshold, with the active medicines that raise it.

use triptych_clinical::CodeSystem;

use super::{Rule, ask};
use crate::basis::age_in_words;
use crate::codes;
use crate::desk::{Desk, days};
use crate::number::round;
use crate::outcome::{Finding, Lane, Severity};

pub(super) static RULE: Rule = Rule {
    id: "R5",
    version: "1.0.0",
    lane: Lane::N,
    title: "Hyperkalaemia",
    trigger: "potassium",
    not_applicable: "",
    citation: "UK Kidney Association, clinical practice guideline on acute hyperkalaemia, October 2023",
    valid_until: "2027-03-01",
    windows: &["potassium 7 d"],
    thresholds: &[
        "low 5.5 to 5.9 mmol/L, moderate 6.0 to 6.4, high 6.5 or more; rounded to 1 decimal",
        "medicines named: ACE inhibitors and angiotensin blockers (C09), potassium-sparing diuretics (C03D, C03E), potassium (A12BA), trimethoprim (J01EA, J01EE), heparins (B01AB)",
    ],
    limits: &[
        "A specimen flagged as haemolysed or EDTA-contaminated is not used; haemolysis that the laboratory did not flag is not seen",
        "Delayed separation, fist clenching, and high platelet or leucocyte counts raise potassium in the specimen, not in the patient",
        "The electrocardiogram is not part of this rule",
    ],
    settings: &[],
    evaluate,
};

const FLAGS: &[&str] = &["haemolysed", "edta"];

fn evaluate(desk: &mut Desk<'_>) -> Finding {
    if let Err(end) = desk.adult() {
        return end;
    }
    let current = match ask::trigger(desk, "potassium", days(7), FLAGS) {
        Ok(current) => current,
        Err(end) => return end,
    };
    let mut raising: Vec<String> = Vec::new();
    for medicine in desk.all_active(&codes::RAISES_POTASSIUM) {
        desk.rests_on_statement(medicine, "can raise potassium");
        let code = medicine.code_where(|c| c.system == CodeSystem::Atc);
        raising.extend(code.map(ToString::to_string));
    }
    raising.sort();
    raising.dedup();
    let value = current.value.map(|v| round(v, 1));
    desk.step(format!(
        "potassium {} mmol/L, rounded to 1 decimal; active medicines that can raise it: {}",
        ask::words(value, 1),
        raising.len()
    ));
    let decision = ask::decide(value, severity);
    let summary = format!(
        "Potassium {} mmol/L, {} old, specimen not flagged; medicines that can raise it: {}",
        ask::words(value, 1),
        age_in_words(current.datum.instant(), desk.at()),
        raising.len()
    );
    let finding = decision
        .finding(summary)
        .bounded("potassium", value)
        .with("raising_drugs", raising);
    if decision == ask::Decision::Undecided {
        finding.lacking(ask::open(&[("potassium", current.value)]))
    } else {
        finding
    }
}

/// Severity of a rounded potassium in mmol/L.
fn severity(potassium: f64) -> Option<Severity> {
    match potassium {
        k if k >= 6.5 => Some(Severity::High),
        k if k >= 6.0 => Some(Severity::Moderate),
        k if k >= 5.5 => Some(Severity::Low),
        _ => None,
    }
}
