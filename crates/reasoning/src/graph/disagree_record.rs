//! Disagreements inside the record: problem list and criteria, medicine list and drug level, two ways to one number, two laboratories.

use std::collections::BTreeSet;

use triptych_clinical::{CodeSystem, When};

use super::disagree::{Disagreement, Pair, Party, Side, day, days_apart};
use super::node::Modality;
use super::view::{View, newest_input};
use super::words;
use crate::chart::{Datum, Kind, Measured, Reported};
use crate::codes::{self, CodeSet};
use crate::input;
use crate::number::{Interval, round, show};
use crate::outcome::{Outcome, Severity, Verdict};
use crate::unit;

/// Drug level below which nothing was taken, above which something was; the windows of R26. The limits are the project's choice: they
/// stand above the detection limit of common assays and below any level that steady intake gives.
static LEVELS: &[(&str, &str, f64, f64)] = &[
    // ATC prefix, input, limit in the canonical unit, window in days.
    ("N05AN01", "lithium", 0.1, 183.0),
    ("C01AA05", "digoxin", 0.2, 365.0),
];

/// LOINC codes of a reported eGFR by creatinine (section 4.2), with the equation as far as the code names it.
static REPORTED_EGFR: &[(&str, &str)] = &[
    ("98979-8", "CKD-EPI 2021"),
    ("62238-1", "CKD-EPI 2009"),
    ("88293-6", "CKD-EPI 2009 with race"),
    ("88294-4", "CKD-EPI 2009 with race"),
    ("48642-3", "MDRD with race"),
    ("48643-1", "MDRD with race"),
    ("77147-7", "equation unknown"),
    ("33914-3", "equation unknown"),
];

pub(super) fn all(view: &View<'_>) -> Vec<Disagreement> {
    let mut found = Vec::new();
    found.extend(criteria_not_listed(
        view,
        "R3",
        &codes::CKD,
        Pair::KidneyCriteriaNotListed,
        "chronic kidney disease",
    ));
    found.extend(criteria_not_listed(
        view,
        "R19",
        &codes::DIABETES,
        Pair::DiabetesCriteriaNotListed,
        "diabetes",
    ));
    found.extend(diabetes_never_met(view));
    found.extend(drug_levels(view));
    found.extend(egfr(view));
    found.extend(two_laboratories(view));
    found
}

fn outcome<'v>(view: &'v View<'_>, rule: &str) -> Option<&'v Outcome> {
    view.outcomes.iter().copied().find(|o| o.rule.id == rule)
}

/// Active problems of a set.
fn listed<'v>(view: &'v View<'_>, set: &CodeSet) -> Option<&'v Datum> {
    let of = |system: CodeSystem, codes: &[&str]| {
        codes
            .iter()
            .map(|c| (system.clone(), (*c).to_owned()))
            .collect::<Vec<_>>()
    };
    let mut codes = of(CodeSystem::Icd10, set.icd10);
    codes.extend(of(CodeSystem::Snomed, set.snomed));
    view.of_codes(set.kind, &codes)
        .into_iter()
        .filter_map(|i| view.datum(i))
        .find(|d| d.is_active(view.at()))
}

fn criteria_not_listed(
    view: &View<'_>,
    rule: &str,
    set: &CodeSet,
    pair: Pair,
    name: &str,
) -> Option<Disagreement> {
    let met = outcome(view, rule).filter(|o| o.verdict() == Verdict::Fires)?;
    if listed(view, set).is_some() {
        return None;
    }
    let list = Side {
        party: Party::ProblemList,
        says: format!("{name} is not among the active problems"),
        date: Some(When::at(view.at())),
        modality: Modality::Record,
        facts: Vec::new(),
        severity: None,
    };
    let sides = vec![Side::of_rule(met, view.of_outcome(met)), list];
    Some(Disagreement::new(pair, name, sides))
}

fn side(datum: &Datum, party: Party, modality: Modality, severity: Option<Severity>) -> Side {
    Side {
        party,
        says: words::datum_words(datum),
        date: Some(datum.time),
        modality,
        facts: datum.fact.into_iter().collect(),
        severity,
    }
}

/// Diabetes on the list, tests on record, and no result ever at a threshold of R19. Treatment can hide what once was: it is named.
fn diabetes_never_met(view: &View<'_>) -> Option<Disagreement> {
    let problem = listed(view, &codes::DIABETES)?;
    let mut tests = 0_usize;
    let mut newest: Option<&Datum> = None;
    for (name, threshold) in [
        ("hba1c", 6.5),
        ("fpg", 7.0),
        ("ogtt2h", 11.1),
        ("glucose", 11.1),
    ] {
        let table = input::by_name(name)?;
        for m in measured(view, table) {
            // mg/dL thresholds are printed rounded: 126 mg/dL is 6.99 mmol/L and counts as met.
            if m.value.high >= threshold - 0.02 {
                return None;
            }
            if name != "glucose" {
                tests += 1;
                newest = newest
                    .into_iter()
                    .chain([m.datum])
                    .max_by_key(|d| d.time.instant);
            }
        }
    }
    let newest = newest?;
    let treated = view
        .of_codes(Kind::Medicine, &[(CodeSystem::Atc, "A10".to_owned())])
        .into_iter()
        .filter_map(|i| view.datum(i))
        .find(|d| d.is_usable_statement());
    let mut says = format!("{tests} results, none at a threshold of R19");
    if let Some(drug) = treated {
        says += &format!("; glucose-lowering medicine on record: {}", drug.display);
    }
    let results = Side {
        party: Party::Results,
        says,
        date: Some(newest.time),
        modality: Modality::Labs,
        facts: newest.fact.into_iter().collect(),
        severity: Some(Severity::Info),
    };
    let sides = vec![
        side(problem, Party::ProblemList, Modality::Record, None),
        results,
    ];
    Some(Disagreement::new(
        Pair::DiabetesListedNeverMet,
        "diabetes",
        sides,
    ))
}

/// Usable data of an input, newest first.
fn measured<'v>(
    view: &'v View<'_>,
    table: &'static input::Input,
) -> impl Iterator<Item = Measured<'v>> {
    view.of_input(table)
        .filter_map(|i| view.datum(i))
        .filter_map(|d| d.measure(table, &[]).ok())
}

/// On the list and no level, or a level and not on the list.
fn drug_levels(view: &View<'_>) -> Vec<Disagreement> {
    let mut found = Vec::new();
    for (atc, name, limit, window) in LEVELS {
        let Some(level) = input::by_name(name).and_then(|i| measured(view, i).next()) else {
            continue;
        };
        let taken = level.datum.instant();
        if view.at().days_since(taken) > *window {
            continue;
        }
        let medicines: Vec<&Datum> = view
            .of_codes(Kind::Medicine, &[(CodeSystem::Atc, (*atc).to_owned())])
            .into_iter()
            .filter_map(|i| view.datum(i))
            .collect();
        // In force when the specimen was taken, not today.
        let taking = medicines
            .iter()
            .find(|d| d.is_active(taken) && d.instant() <= taken);
        let ever_near = medicines.iter().any(|d| {
            d.is_usable_statement()
                && d.instant() <= taken
                && d.end.is_none_or(|e| taken.days_since(e) <= 30.0)
        });
        let measured_side = side(
            level.datum,
            laboratory(level.datum),
            Modality::Labs,
            Some(Severity::Low),
        );
        let list_side = if let Some(drug) = taking.filter(|_| level.value.high < *limit) {
            side(drug, Party::MedicineList, Modality::Record, None)
        } else if !ever_near && level.value.low >= *limit {
            Side {
                party: Party::MedicineList,
                says: format!("{name} is not listed for that day"),
                date: Some(level.datum.time),
                modality: Modality::Record,
                facts: Vec::new(),
                severity: None,
            }
        } else {
            continue;
        };
        found.push(Disagreement::new(
            Pair::MedicineAndLevel,
            *name,
            vec![list_side, measured_side],
        ));
    }
    found
}

fn laboratory(datum: &Datum) -> Party {
    let name = datum
        .attrs
        .get("performer")
        .map_or("laboratory", String::as_str);
    Party::Laboratory(name.to_owned())
}

/// A reported eGFR of the specimen that R1 used, more than 10 % away from what R1 gives.
fn egfr(view: &View<'_>) -> Option<Disagreement> {
    let r1 = outcome(view, "R1")?;
    // The creatinine value: the equation that most laboratories report.
    let computed = ["egfr_cr", "egfr"]
        .iter()
        .find_map(|k| r1.finding.result.get(*k)?.as_f64())?;
    let taken = newest_input(r1)?.instant;
    let (equation, reported, value) = REPORTED_EGFR
        .iter()
        .flat_map(|(code, equation)| view.of_loinc(code).map(move |i| (*equation, i)))
        .filter_map(|(equation, i)| {
            let datum = view.datum(i)?;
            Some((equation, datum, comparable(datum)?))
        })
        .filter(|(_, d, _)| days_apart(d.instant(), taken) <= 1.0)
        .min_by_key(|(_, d, _)| d.instant().0.abs_diff(taken.0))?;
    let apart = |x: f64| (x - computed).abs() / computed > 0.10;
    // ">60" disagrees with 40, not with 75.
    let inside = (value.low..=value.high).contains(&computed);
    if computed <= 0.0 || inside || !apart(value.low) || !apart(value.high) {
        return None;
    }
    let mut lab = side(
        reported,
        laboratory(reported),
        Modality::Labs,
        Some(Severity::Low),
    );
    lab.says += &if is_indexed(reported) {
        format!(" ({equation})")
    } else {
        format!(
            " ({equation}; not per 1.73 m², compared for any body surface from {SURFACE_LOW} to {SURFACE_HIGH} m²)"
        )
    };
    let mut rule = Side::of_rule(r1, Modality::Labs);
    rule.says = format!("eGFR {computed} mL/min/1.73 m², calculated");
    Some(Disagreement::new(
        Pair::ReportedAndComputedEgfr,
        "eGFR",
        vec![lab, rule],
    ))
}

/// Body surface of adults, m2: beyond it a value that is not indexed contradicts one that is, whoever the patient.
const SURFACE_LOW: f64 = 1.3;
const SURFACE_HIGH: f64 = 2.6;

fn unit_of(datum: &Datum) -> Option<&'static str> {
    match &datum.value {
        Reported::Number {
            unit: Some(unit), ..
        } => ["mL/min/{1.73_m2}", "mL/min"]
            .into_iter()
            .find(|known| unit::normalise(unit) == *known),
        _ => None,
    }
}

fn is_indexed(datum: &Datum) -> bool {
    unit_of(datum) == Some("mL/min/{1.73_m2}")
}

/// The value per 1.73 m²: as reported, or between the limits that any adult's body surface gives.
fn comparable(datum: &Datum) -> Option<Interval> {
    let Reported::Number {
        value, comparator, ..
    } = &datum.value
    else {
        return None;
    };
    unit_of(datum)?;
    if !is_indexed(datum) {
        let usable = datum.is_usable_statement() && comparator.is_none();
        let of = |surface: f64| value * 1.73 / surface;
        return usable.then(|| Interval {
            low: of(SURFACE_HIGH),
            high: of(SURFACE_LOW),
        });
    }
    datum.is_usable_statement().then(|| match comparator {
        None => Interval::exact(*value),
        Some(triptych_clinical::Comparator::Below) => Interval::below(*value, 0.0),
        Some(triptych_clinical::Comparator::AtMost) => Interval::at_most(*value, 0.0),
        Some(triptych_clinical::Comparator::Above) => Interval::above(*value, 250.0),
        Some(triptych_clinical::Comparator::AtLeast) => Interval::at_least(*value, 250.0),
    })
}

/// The newest two results of one analyte from two named laboratories on one day, further apart than the reference change value of R25.
fn two_laboratories(view: &View<'_>) -> Vec<Disagreement> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for mark in view.outcomes.iter().filter(|o| o.rule.id == "R25") {
        let limit = |key| {
            mark.finding
                .result
                .get(key)
                .and_then(serde_json::Value::as_f64)
        };
        let (Some(name), Some(up), Some(down)) =
            (mark.analyte, limit("rcv_up_pct"), limit("rcv_down_pct"))
        else {
            continue;
        };
        let Some(table) = input::by_name(name).filter(|_| seen.insert(name)) else {
            continue;
        };
        // As far back as R25 looks.
        let all: Vec<Measured<'_>> = measured(view, table)
            .take_while(|m| view.at().days_since(m.datum.instant()) <= 365.0)
            .collect();
        if let Some((a, b)) = beyond(&all, up, down) {
            let severity = Some(Severity::Info);
            let sides = [a, b]
                .map(|m| side(m.datum, laboratory(m.datum), Modality::Labs, severity))
                .to_vec();
            let about = format!(
                "{} ({} % apart)",
                table.label.to_lowercase(),
                show(change(a, b).unwrap_or_default(), 1)
            );
            found.push(Disagreement::new(Pair::TwoLaboratories, about, sides));
        }
    }
    found
}

fn change(a: &Measured<'_>, b: &Measured<'_>) -> Option<f64> {
    let (earlier, later) = if a.datum.instant() <= b.datum.instant() {
        (a, b)
    } else {
        (b, a)
    };
    let (from, to) = (earlier.value.point()?, later.value.point()?);
    (from > 0.0).then(|| round((to / from - 1.0) * 100.0, 1))
}

/// The newest such pair.
fn beyond<'m, 'd>(
    all: &'m [Measured<'d>],
    up: f64,
    down: f64,
) -> Option<(&'m Measured<'d>, &'m Measured<'d>)> {
    for (i, a) in all.iter().enumerate() {
        for b in all.iter().skip(i + 1) {
            if day(a.datum.time) != day(b.datum.time) {
                break;
            }
            let performer = |m: &Measured<'d>| m.datum.attrs.get("performer").cloned();
            let two = matches!((performer(a), performer(b)), (Some(x), Some(y)) if x != y);
            if two && change(a, b).is_some_and(|c| c > up || c < down) {
                return Some((b, a));
            }
        }
    }
    None
}
