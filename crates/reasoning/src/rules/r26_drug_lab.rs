//! R26: medicines in conflict with a laboratory value. The rows are in [`super::drug_lab_rows`].

use super::Rule;
use super::drug_lab_rows::{Hit, Ledger, ROWS};
use crate::chart::Datum;
use crate::desk::Desk;
use crate::outcome::{Finding, Lane, Quiet};

pub(super) static RULE: Rule = Rule {
    id: "R26",
    version: "1.0.0",
    lane: Lane::N,
    title: "Drug-laboratory conflicts",
    trigger: "active medicine of the table",
    not_applicable: "",
    citation: "UKKA hyperkalaemia 2023; NICE CG185 (lithium); BSR/BHPR DMARD guideline 2017; BSH warfarin 2011; KDIGO CKD 2024; product labels of digoxin, dabigatran, thiazides and clozapine",
    valid_until: "2027-03-01",
    windows: &[
        "potassium and sodium 30 d; lithium 183 d; digoxin, creatinine 365 d; INR 84 d; neutrophils with clozapine 31 d",
        "blood count, ALT and albumin with methotrexate 90 d; weight 730 d",
    ],
    thresholds: &[
        "a: medicine that raises potassium, potassium 5.5 / 6.0 / 6.5 mmol/L or more: low / moderate / high",
        "b: digoxin, potassium below 3.5 (moderate)",
        "c: lithium above 1.0 (moderate), 1.5 mmol/L or more (high)",
        "d: digoxin above 2.0 ng/mL (moderate); without a level where eGFR is below 30: cannot tell",
        "e: methotrexate, eGFR below 30 (high) or 60 (moderate); leucocytes below 3.5, neutrophils below 1.6, platelets below 140, MCV above 105, ALT above 100, albumin below 30 (moderate)",
        "f: warfarin, INR 5.0 or more (moderate), above 8.0 (high)",
        "g: NSAID, eGFR below 30 (moderate)",
        "h: dabigatran, Cockcroft-Gault clearance below 30 mL/min (high)",
        "i: thiazide, sodium below 130 (moderate)",
        "j: clozapine, neutrophils below 1.5 (high)",
    ],
    limits: &[
        "Cockcroft-Gault clearance (actual weight) is not the eGFR",
        "Levels of lithium and digoxin: the time since the dose is not known",
        "Labels differ between countries (dabigatran, clozapine)",
        "A medicine without a usable code is not seen; the coverage line names it",
    ],
    settings: &["aki.baseline"],
    evaluate,
};

fn evaluate(desk: &mut Desk<'_>) -> Finding {
    if let Err(end) = desk.adult() {
        return end;
    }
    let at = desk.at();
    let mut ledger = Ledger::default();
    let mut listed = false;
    for row in ROWS {
        // A medicine that is not meant must not stand before an older one that is.
        let meant = |d: &Datum| d.is_active(at) && row.except.is_none_or(|e| !e.holds(&d.codes));
        let Some(medicine) = desk.statement(row.medicine, meant) else {
            continue;
        };
        listed = true;
        desk.rests_on_statement(medicine, &format!("row {}: active medicine", row.key));
        (row.judge)(desk, &mut ledger);
    }
    if !listed {
        return Finding::quiet(Quiet::NoTrigger);
    }
    let Ledger { mut hits, lacks } = ledger;
    // Stable: rows of one severity stay in the order of the table.
    hits.sort_by_key(|h| std::cmp::Reverse(h.severity));
    let conflicts: Vec<&str> = hits.iter().map(|h| h.key).collect();
    let finding = match hits.first() {
        Some(first) => Finding::fires(first.severity, summary(&hits)),
        None if lacks.is_empty() => Finding::silent(),
        None => Finding::cannot_tell(),
    };
    for hit in &hits {
        desk.step(format!("{}: {}", hit.key, hit.words));
    }
    finding.lacking(lacks).with("conflicts", conflicts)
}

/// The gravest conflict in words, and how many more there are.
fn summary(hits: &[Hit]) -> String {
    let first = hits.first().map_or("", |h| h.words.as_str());
    match hits.len() {
        0 | 1 => first.to_owned(),
        n => format!("{first}; {} more in the basis", n - 1),
    }
}
