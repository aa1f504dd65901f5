//! The rows of R26: which medicine asks for which test, and where it is in conflict.

use super::kidney::{self, Kidney};
use crate::chart::{EquationSex, Kind};
use crate::codes::CodeSet;
use crate::desk::{Desk, days};
use crate::input;
use crate::number::{Interval, plain, round};
use crate::outcome::{Missing, Severity, Why};

/// A conflict.
pub(super) struct Hit {
    /// `a`, `e_renal` …
    pub key: &'static str,
    /// Severity.
    pub severity: Severity,
    /// Medicine, value and threshold.
    pub words: String,
}

/// What the rows have found so far.
#[derive(Default)]
pub(super) struct Ledger {
    /// Conflicts in the order of the table.
    pub hits: Vec<Hit>,
    /// Tests that a row needs and that are missing.
    pub lacks: Vec<Missing>,
}

/// One row.
pub(super) struct Row {
    /// Letter.
    pub key: &'static str,
    /// Medicines.
    pub medicine: &'static CodeSet,
    /// Medicines of that set that are not meant.
    pub except: Option<&'static CodeSet>,
    /// Adds what it finds.
    pub judge: fn(&mut Desk<'_>, &mut Ledger),
}

const fn atc(codes: &'static [&'static str]) -> CodeSet {
    CodeSet {
        kind: Kind::Medicine,
        icd10: &[],
        snomed: &[],
        atc: codes,
        loinc: &[],
    }
}

static RAISES_POTASSIUM: CodeSet = atc(&["C09", "C03D", "C03E", "J01EA", "J01EE", "A12BA"]);
static DIGOXIN: CodeSet = atc(&["C01AA05"]);
static LITHIUM: CodeSet = atc(&["N05AN01"]);
static METHOTREXATE: CodeSet = atc(&["L04AX03", "L01BA01"]);
static WARFARIN: CodeSet = atc(&["B01AA03"]);
static NSAID: CodeSet = atc(&["M01A"]);
/// Glucosamine, diacerein, chondroitin, avocado-soybean.
static NO_NSAID: CodeSet = atc(&["M01AX05", "M01AX21", "M01AX25", "M01AX26"]);
static DABIGATRAN: CodeSet = atc(&["B01AE07"]);
static THIAZIDE: CodeSet = atc(&["C03A", "C03B"]);
static CLOZAPINE: CodeSet = atc(&["N05AH02"]);

const fn row(
    key: &'static str,
    medicine: &'static CodeSet,
    judge: fn(&mut Desk<'_>, &mut Ledger),
) -> Row {
    Row {
        key,
        medicine,
        except: None,
        judge,
    }
}

/// The table.
pub(super) static ROWS: &[Row] = &[
    row("a", &RAISES_POTASSIUM, raised_potassium),
    row("b", &DIGOXIN, low_potassium),
    row("c", &LITHIUM, lithium),
    row("d", &DIGOXIN, digoxin),
    row("e", &METHOTREXATE, methotrexate),
    row("f", &WARFARIN, warfarin),
    Row {
        except: Some(&NO_NSAID),
        ..row("g", &NSAID, nsaid)
    },
    row("h", &DABIGATRAN, dabigatran),
    row("i", &THIAZIDE, thiazide),
    row("j", &CLOZAPINE, clozapine),
];

/// A laboratory test of a row, with its bands from the mildest to the gravest.
struct Test {
    key: &'static str,
    input: &'static str,
    window_days: i64,
    flags: &'static [&'static str],
    medicine: &'static str,
    bands: &'static [Band],
}

/// `(test of the value, severity, threshold in words)`
type Band = (fn(f64) -> bool, Severity, &'static str);

/// Adds a hit, or what is missing.
fn test(desk: &mut Desk<'_>, ledger: &mut Ledger, t: &Test) {
    let Some(input) = input::by_name(t.input) else {
        return;
    };
    let value = match desk.newest(input, days(t.window_days), t.flags) {
        Ok(value) => value,
        Err(why) => return ledger.lacks.push(Missing::new(t.input, why)),
    };
    desk.rests_on(input, &value, &format!("row {}", t.key));
    let shown = format!("{} {}", input.label, crate::desk::reported_text(&value));
    band(
        ledger,
        t,
        value.value,
        &shown,
        Missing::new(t.input, Why::Open),
    );
}

/// Adds a hit where the whole interval is in a band, the mildest that all completions reach; what is missing where it is only partly so.
fn band(ledger: &mut Ledger, t: &Test, value: Interval, shown: &str, lacks: Missing) {
    let grave = t.bands.iter().rev();
    let surely = grave
        .clone()
        .find(|(inside, ..)| inside(value.low) && inside(value.high));
    let maybe = t
        .bands
        .iter()
        .any(|(inside, ..)| inside(value.low) || inside(value.high));
    match surely {
        Some((_, severity, words)) => {
            if value.point().is_none() {
                ledger.lacks.push(lacks);
            }
            ledger.hits.push(Hit {
                key: t.key,
                severity: *severity,
                words: format!("{}: {shown} ({words})", t.medicine),
            });
        }
        None if maybe => ledger.lacks.push(lacks),
        None => {}
    }
}

/// Adds a hit on the eGFR; what is missing where sex or creatinine leave it open.
fn renal(desk: &mut Desk<'_>, ledger: &mut Ledger, t: &Test) {
    let kidney = match kidney::current(desk) {
        Ok(kidney) => kidney,
        Err(missing) => return ledger.lacks.push(missing),
    };
    let open = open_kidney(desk, &kidney);
    let shown = format!("eGFR {}", super::r01_egfr::span_words(kidney.egfr));
    band(ledger, t, kidney.egfr, &shown, open);
}

fn open_kidney(desk: &Desk<'_>, kidney: &Kidney<'_>) -> Missing {
    if kidney.creatinine.value.point().is_none() {
        Missing::new("creatinine", Why::Open)
    } else {
        desk.missing_sex()
            .unwrap_or_else(|| Missing::new("creatinine", Why::Open))
    }
}

const LOW: Severity = Severity::Low;
const MODERATE: Severity = Severity::Moderate;
const HIGH: Severity = Severity::High;

fn raised_potassium(desk: &mut Desk<'_>, ledger: &mut Ledger) {
    let t = Test {
        key: "a",
        input: "potassium",
        window_days: 30,
        flags: &["haemolysed", "edta"],
        medicine: "Medicine that raises potassium",
        bands: &[
            (|x| round(x, 1) >= 5.5, LOW, "5.5 or more"),
            (|x| round(x, 1) >= 6.0, MODERATE, "6.0 or more"),
            (|x| round(x, 1) >= 6.5, HIGH, "6.5 or more"),
        ],
    };
    test(desk, ledger, &t);
}

fn low_potassium(desk: &mut Desk<'_>, ledger: &mut Ledger) {
    let t = Test {
        key: "b",
        input: "potassium",
        window_days: 30,
        flags: &["haemolysed", "edta"],
        medicine: "Digoxin",
        bands: &[(|x| round(x, 1) < 3.5, MODERATE, "below 3.5")],
    };
    test(desk, ledger, &t);
}

fn lithium(desk: &mut Desk<'_>, ledger: &mut Ledger) {
    let t = Test {
        key: "c",
        input: "lithium",
        window_days: 183,
        flags: &[],
        medicine: "Lithium",
        bands: &[
            (|x| x > 1.0, MODERATE, "above 1.0"),
            (|x| x >= 1.5, HIGH, "1.5 or more"),
        ],
    };
    test(desk, ledger, &t);
}

/// A level above 2.0; without one the eGFR says whether a level is needed.
fn digoxin(desk: &mut Desk<'_>, ledger: &mut Ledger) {
    let t = Test {
        key: "d",
        input: "digoxin",
        window_days: 365,
        flags: &[],
        medicine: "Digoxin",
        bands: &[(|x| x > 2.0, MODERATE, "above 2.0 ng/mL")],
    };
    let mut alone = Ledger::default();
    test(desk, &mut alone, &t);
    let no_level = alone
        .lacks
        .iter()
        .any(|m| matches!(m.why, Why::Absent | Why::Stale));
    if no_level {
        match kidney::current(desk) {
            Ok(kidney) if kidney.egfr.low >= 30.0 => return,
            Ok(kidney) if kidney.egfr.high >= 30.0 => {
                ledger.lacks.push(open_kidney(desk, &kidney));
            }
            Ok(_) => {}
            Err(missing) => ledger.lacks.push(missing),
        }
    }
    ledger.hits.append(&mut alone.hits);
    ledger.lacks.append(&mut alone.lacks);
}

fn methotrexate(desk: &mut Desk<'_>, ledger: &mut Ledger) {
    let of = |key, input, bands| Test {
        key,
        input,
        window_days: 90,
        flags: &[],
        medicine: "Methotrexate",
        bands,
    };
    renal(
        desk,
        ledger,
        &of(
            "e_renal",
            "creatinine",
            &[
                (|x| x < 60.0, MODERATE, "below 60"),
                (|x| x < 30.0, HIGH, "below 30"),
            ],
        ),
    );
    let tests = [
        of("e_wbc", "wbc", &[(|x| x < 3.5, MODERATE, "below 3.5")]),
        of("e_neut", "neut", &[(|x| x < 1.6, MODERATE, "below 1.6")]),
        of("e_plt", "plt", &[(|x| x < 140.0, MODERATE, "below 140")]),
        of("e_mcv", "mcv", &[(|x| x > 105.0, MODERATE, "above 105")]),
        of("e_alt", "alt", &[(|x| x > 100.0, MODERATE, "above 100")]),
        of(
            "e_albumin",
            "albumin",
            &[(|x| x < 30.0, MODERATE, "below 30")],
        ),
    ];
    for t in tests {
        test(desk, ledger, &t);
    }
}

fn warfarin(desk: &mut Desk<'_>, ledger: &mut Ledger) {
    let t = Test {
        key: "f",
        input: "inr",
        window_days: 84,
        flags: &[],
        medicine: "Warfarin",
        bands: &[
            (|x| round(x, 1) >= 5.0, MODERATE, "5.0 or more"),
            (|x| round(x, 1) > 8.0, HIGH, "above 8.0"),
        ],
    };
    test(desk, ledger, &t);
}

fn nsaid(desk: &mut Desk<'_>, ledger: &mut Ledger) {
    let t = Test {
        key: "g",
        input: "creatinine",
        window_days: 365,
        flags: &[],
        medicine: "NSAID",
        bands: &[(|x| x < 30.0, MODERATE, "below 30")],
    };
    renal(desk, ledger, &t);
}

/// Cockcroft-Gault clearance, mL/min, integer: age at the specimen, actual weight.
fn clearance(kidney: &Kidney<'_>, weight_kg: f64, sexes: &[EquationSex]) -> Interval {
    super::egfr::over_sexes(sexes, |sex| {
        let factor = if sex == EquationSex::Female {
            0.85
        } else {
            1.0
        };
        kidney.creatinine.value.map(|mg_dl| {
            round(
                (140.0 - kidney.age) * weight_kg * factor / (72.0 * mg_dl),
                0,
            )
        })
    })
}

fn dabigatran(desk: &mut Desk<'_>, ledger: &mut Ledger) {
    let kidney = kidney::current(desk);
    let weight = input::by_name("weight")
        .ok_or(Why::Absent)
        .and_then(|input| {
            let m = desk.newest(input, days(730), &[])?;
            desk.rests_on(input, &m, "row h: actual weight");
            m.value.point().ok_or(Why::Open)
        });
    let (kidney, weight) = match (kidney, weight) {
        (Ok(kidney), Ok(weight)) => (kidney, weight),
        (kidney, weight) => {
            ledger.lacks.extend(kidney.err());
            ledger
                .lacks
                .extend(weight.err().map(|why| Missing::new("weight", why)));
            return;
        }
    };
    let value = clearance(&kidney, weight, &desk.sexes());
    let shown = format!(
        "Cockcroft-Gault {} mL/min",
        super::r01_egfr::span_words(value)
    );
    desk.step(format!(
        "{shown}: (140 - {}) x {} kg / (72 x creatinine), times 0.85 in women",
        plain(kidney.age),
        plain(weight)
    ));
    let t = Test {
        key: "h",
        input: "creatinine",
        window_days: 365,
        flags: &[],
        medicine: "Dabigatran",
        bands: &[(|x| x < 30.0, HIGH, "below 30")],
    };
    let open = open_kidney(desk, &kidney);
    band(ledger, &t, value, &shown, open);
}

fn thiazide(desk: &mut Desk<'_>, ledger: &mut Ledger) {
    let t = Test {
        key: "i",
        input: "sodium",
        window_days: 30,
        flags: &[],
        medicine: "Thiazide",
        bands: &[(|x| round(x, 0) < 130.0, MODERATE, "below 130")],
    };
    test(desk, ledger, &t);
}

fn clozapine(desk: &mut Desk<'_>, ledger: &mut Ledger) {
    let t = Test {
        key: "j",
        input: "neut",
        window_days: 31,
        flags: &[],
        medicine: "Clozapine",
        bands: &[(|x| x < 1.5, HIGH, "below 1.5")],
    };
    test(desk, ledger, &t);
}
