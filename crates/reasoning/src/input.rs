//! What may enter a rule: codes, units, factors and plausible limits. Record-and-signals, section 4.1.
//!
//! A value enters only under a listed code, in a listed unit, inside its limits. Nothing is guessed: an unknown unit is refused.

use crate::number::Interval;
use crate::unit::normalise;
use triptych_clinical::Comparator;

/// One quantity that rules know.
#[derive(Debug)]
pub struct Input {
    /// Name in rules, packs and missing lists.
    pub name: &'static str,
    /// Name in words.
    pub label: &'static str,
    /// LOINC codes that carry it.
    pub loinc: &'static [&'static str],
    /// Accepted units; the first is canonical.
    pub units: &'static [UnitRow],
    /// Least plausible value, canonical unit.
    pub low: f64,
    /// Greatest plausible value, canonical unit.
    pub high: f64,
}

/// An accepted unit with its way to the canonical one.
#[derive(Clone, Copy, Debug)]
pub struct UnitRow {
    /// UCUM code, normalised.
    pub ucum: &'static str,
    /// Multiply by this, then add `offset`.
    pub factor: f64,
    /// Added after the factor.
    pub offset: f64,
    /// LOINC codes for which this row holds; empty: all of the input.
    pub only: &'static [&'static str],
}

/// Why a reported number is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// No unit, or one that the table does not list.
    Unit,
    /// Outside the plausible limits.
    Implausible,
}

const fn unit(ucum: &'static str, factor: f64) -> UnitRow {
    unit_of(ucum, factor, &[])
}

const fn unit_of(ucum: &'static str, factor: f64, only: &'static [&'static str]) -> UnitRow {
    UnitRow {
        ucum,
        factor,
        offset: 0.0,
        only,
    }
}

/// HbA1c from mmol/mol to per cent: NGSP master equation.
const NGSP: UnitRow = UnitRow {
    ucum: "mmol/mol",
    factor: 0.09148,
    offset: 2.152,
    only: &[],
};

const fn input(
    name: &'static str,
    label: &'static str,
    loinc: &'static [&'static str],
    units: &'static [UnitRow],
    low: f64,
    high: f64,
) -> Input {
    Input {
        name,
        label,
        loinc,
        units,
        low,
        high,
    }
}

/// Results that enter no rule but stand beside those that do: their limits only tell that unit and value do not fit.
#[rustfmt::skip]
static SHOWN: &[Input] = &[
    input("protein", "Protein", &["2885-2"], &[unit("g/L", 1.0), unit("g/dL", 10.0)], 10.0, 160.0),
    input("globulin", "Globulin", &["10834-0"], &[unit("g/L", 1.0), unit("g/dL", 10.0)], 5.0, 120.0),
];

/// The limits of what is reported under a LOINC code, where the program knows any.
#[must_use]
pub fn limits(loinc: &str) -> Option<&'static Input> {
    INPUTS
        .iter()
        .chain(SHOWN)
        .find(|i| i.loinc.contains(&loinc))
}

/// Table 4.1.
#[rustfmt::skip]
pub static INPUTS: &[Input] = &[
    input("creatinine", "Creatinine", &["2160-0", "14682-9", "38483-4", "59826-8", "77140-2"], &[unit("mg/dL", 1.0), unit("umol/L", 0.011312)], 0.1, 30.0),
    input("cystatinc", "Cystatin C", &["33863-2"], &[unit("mg/L", 1.0)], 0.1, 15.0),
    input("acr", "Albumin/creatinine ratio", &["9318-7", "14959-1", "30000-4", "32294-1", "14585-4"], &[unit("mg/g", 1.0), unit("mg/mmol", 8.84)], 0.0, 30000.0),
    input("potassium", "Potassium", &["2823-3", "6298-4"], &[unit("mmol/L", 1.0), unit("meq/L", 1.0)], 1.0, 12.0),
    input("sodium", "Sodium", &["2951-2", "2947-0"], &[unit("mmol/L", 1.0), unit("meq/L", 1.0)], 90.0, 200.0),
    input("chloride", "Chloride", &["2075-0", "2069-3"], &[unit("mmol/L", 1.0), unit("meq/L", 1.0)], 50.0, 170.0),
    input("bicarbonate", "Bicarbonate", &["1963-8", "1959-6", "2028-9", "20565-8"], &[unit("mmol/L", 1.0), unit("meq/L", 1.0)], 1.0, 60.0),
    input("glucose", "Glucose", &["2345-7", "14749-6", "2339-0", "15074-8"], &[unit("mmol/L", 1.0), unit("mg/dL", 0.055506)], 0.5, 140.0),
    input("fpg", "Fasting glucose", &["1558-6", "14771-0"], &[unit("mmol/L", 1.0), unit("mg/dL", 0.055506)], 0.5, 140.0),
    input("ogtt2h", "Glucose 2 h after load", &["1518-0", "14995-5"], &[unit("mmol/L", 1.0), unit("mg/dL", 0.055506)], 0.5, 140.0),
    input("hba1c", "HbA1c", &["4548-4", "17856-6", "59261-8"], &[unit("%", 1.0), NGSP], 3.0, 20.0),
    input("calcium", "Calcium", &["17861-6", "2000-8", "49765-1"], &[unit("mmol/L", 1.0), unit("mg/dL", 0.2495)], 0.8, 6.0),
    input("ica", "Ionised calcium", &["1995-0", "1994-3"], &[unit("mmol/L", 1.0), unit("mg/dL", 0.2495)], 0.3, 3.5),
    input("albumin", "Albumin", &["1751-7"], &[unit("g/L", 1.0), unit("g/dL", 10.0)], 5.0, 75.0),
    input("urea", "Urea", &["22664-7", "3094-0", "6299-2", "3091-6"], &[unit_of("mmol/L", 1.0, &["22664-7"]), unit_of("mg/dL", 0.357, &["3094-0", "6299-2"]), unit_of("mg/dL", 0.1665, &["3091-6"])], 0.3, 120.0),
    input("osm", "Osmolality", &["2692-2"], &[unit("mosm/kg", 1.0), unit("mmol/kg", 1.0)], 180.0, 600.0),
    input("ethanol", "Ethanol", &["5643-2"], &[unit("mg/dL", 1.0), unit("mmol/L", 4.607)], 0.0, 800.0),
    input("ast", "AST", &["1920-8"], &[unit("U/L", 1.0)], 1.0, 30000.0),
    input("alt", "ALT", &["1742-6"], &[unit("U/L", 1.0)], 1.0, 30000.0),
    input("alp", "Alkaline phosphatase", &["6768-6"], &[unit("U/L", 1.0)], 3.0, 10000.0),
    input("bili", "Bilirubin", &["1975-2", "14631-6"], &[unit("mg/dL", 1.0), unit("umol/L", 0.05848)], 0.05, 60.0),
    input("inr", "INR", &["6301-6", "34714-6"], &[unit("1", 1.0), unit("{INR}", 1.0)], 0.5, 30.0),
    input("plt", "Platelets", &["777-3", "26515-7"], &[unit("10*9/L", 1.0), unit("10*3/uL", 1.0)], 1.0, 3000.0),
    input("hb", "Haemoglobin", &["718-7", "59260-0"], &[unit("g/L", 1.0), unit("g/dL", 10.0), unit("mmol/L", 16.114)], 20.0, 250.0),
    input("mcv", "Mean cell volume", &["787-2"], &[unit("fL", 1.0)], 40.0, 160.0),
    input("wbc", "Leucocytes", &["6690-2", "26464-8"], &[unit("10*9/L", 1.0), unit("10*3/uL", 1.0)], 0.0, 1000.0),
    input("neut", "Neutrophils", &["751-8", "26499-4"], &[unit("10*9/L", 1.0), unit("10*3/uL", 1.0)], 0.0, 500.0),
    input("ferritin", "Ferritin", &["2276-4", "20567-4"], &[unit("ug/L", 1.0), unit("ng/mL", 1.0)], 0.5, 100000.0),
    input("iron", "Iron", &["2498-4", "14798-3"], &[unit("umol/L", 1.0), unit("ug/dL", 0.1791)], 0.3, 120.0),
    input("tibc", "Iron-binding capacity", &["2500-7", "14800-7"], &[unit("umol/L", 1.0), unit("ug/dL", 0.1791)], 10.0, 150.0),
    input("tsat", "Transferrin saturation", &["2502-3"], &[unit("%", 1.0)], 0.0, 100.0),
    input("crp", "C-reactive protein", &["1988-5"], &[unit("mg/L", 1.0), unit("mg/dL", 10.0)], 0.0, 800.0),
    input("b12", "Vitamin B12", &["2132-9", "14685-2"], &[unit("ng/L", 1.0), unit("pg/mL", 1.0), unit("pmol/L", 1.355)], 20.0, 20000.0),
    input("folate", "Folate", &["2284-8", "14732-2"], &[unit("ug/L", 1.0), unit("ng/mL", 1.0), unit("nmol/L", 0.4414)], 0.1, 100.0),
    input("mma", "Methylmalonic acid", &["13964-2"], &[unit("nmol/L", 1.0), unit("umol/L", 1000.0)], 10.0, 200000.0),
    input("tsh", "TSH", &["3016-3", "11580-8"], &[unit("m[IU]/L", 1.0), unit("u[IU]/mL", 1.0)], 0.0001, 1000.0),
    input("ft4", "Free T4", &["3024-7", "14920-3"], &[unit("pmol/L", 1.0), unit("ng/dL", 12.87)], 0.5, 150.0),
    input("ft3", "Free T3", &["3051-0", "14928-6"], &[unit("pmol/L", 1.0), unit("pg/mL", 1.536)], 0.3, 60.0),
    input("tc", "Total cholesterol", &["2093-3", "14647-2"], &[unit("mg/dL", 1.0), unit("mmol/L", 38.67)], 30.0, 1500.0),
    input("hdl", "HDL cholesterol", &["2085-9", "14646-4"], &[unit("mg/dL", 1.0), unit("mmol/L", 38.67)], 2.0, 200.0),
    input("ldl", "LDL cholesterol", &["13457-7", "18262-6", "2089-1"], &[unit("mg/dL", 1.0), unit("mmol/L", 38.67)], 1.0, 1200.0),
    input("sbp", "Systolic blood pressure", &["8480-6"], &[unit("mm[Hg]", 1.0)], 30.0, 320.0),
    input("hr", "Heart rate", &["8867-4"], &[unit("/min", 1.0)], 15.0, 350.0),
    input("rr", "Respiratory rate", &["9279-1"], &[unit("/min", 1.0)], 2.0, 90.0),
    input("temp", "Temperature", &["8310-5", "8331-1"], &[unit("Cel", 1.0)], 24.0, 45.0),
    input("spo2", "Oxygen saturation", &["59408-5", "2708-6"], &[unit("%", 1.0)], 30.0, 100.0),
    input("acvpu", "Consciousness", &["80288-4"], &[], f64::NEG_INFINITY, f64::INFINITY),
    input("smoking", "Smoking status", &["72166-2"], &[], f64::NEG_INFINITY, f64::INFINITY),
    input("weight", "Weight", &["29463-7"], &[unit("kg", 1.0), unit("[lb_av]", 0.45359)], 20.0, 400.0),
    input("lithium", "Lithium", &["14334-7"], &[unit("mmol/L", 1.0), unit("meq/L", 1.0)], 0.0, 10.0),
    input("digoxin", "Digoxin", &["10535-3"], &[unit("ng/mL", 1.0), unit("ug/L", 1.0), unit("nmol/L", 0.7809)], 0.0, 50.0),
    input("ck", "Creatine kinase", &["2157-6"], &[unit("U/L", 1.0)], 1.0, 500000.0),
    // Fibrinogen-equivalent units only, told by the code (section 4.4): 48066-5 counts in D-dimer units and stays unread.
    input("ddimer", "D-dimer (FEU)", &["48065-7"], &[unit("ug/L", 1.0), unit("ng/mL", 1.0), unit("mg/L", 1000.0), unit("ug/mL", 1000.0)], 10.0, 200_000.0),
    input("pao2", "PaO2", &["2703-7"], &[unit("kPa", 1.0), unit("mm[Hg]", 0.13332)], 2.0, 90.0),
    input("fio2", "FiO2", &["3150-0"], &[unit("1", 1.0), unit("%", 0.01)], 0.21, 1.0),
    input("map", "Mean arterial pressure", &["8478-0"], &[unit("mm[Hg]", 1.0)], 15.0, 250.0),
    input("gcs", "Glasgow coma scale", &["9269-2"], &[unit("{score}", 1.0)], 3.0, 15.0),
];

/// LOINC codes that are shown and enter no rule, on purpose: a code that is neither here nor in [`INPUTS`] is one nobody has looked at.
/// Reported eGFR is stored apart (section 4.2); urine and stool components are not those of blood; glucose strips are not for R19.
#[rustfmt::skip]
pub static SHOWN_WITHOUT_RULE: &[&str] = &[
    // Vital signs and body measures.
    "72514-3", "55284-4", "85354-9", "8302-2", "8462-4", "39156-5", "59576-9", "8289-1", "9843-4",
    // Reported eGFR, by equation or unspecified.
    "98979-8", "98980-6", "62238-1", "50210-4", "88293-6", "88294-4", "48642-3", "48643-1", "77147-7", "33914-3",
    // Blood: no rule asks for these.
    "2571-8", "21000-5", "788-0", "32207-3", "32623-1", "785-6", "786-4", "789-8", "4544-3", "20570-8", "10834-0", "2885-2", "2857-1", "33762-6",
    // Urine and stool.
    "5767-9", "20454-5", "20505-4", "2514-8", "25428-4", "32167-9", "5770-3", "5778-6", "5792-7", "5794-3", "5797-6", "5799-2", "5802-4",
    "5803-2", "5804-0", "5811-5", "57905-2",
    // Glucose strips.
    "2340-8", "41653-7",
    // Specific IgE.
    "6075-6", "6082-2", "6085-5", "6095-4", "6106-9", "6158-0", "6189-5", "6206-7", "6246-3", "6248-9", "6273-7", "6276-0", "6833-8", "6844-5",
    "7258-7",
];

/// The input of this name.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Input> {
    INPUTS.iter().find(|i| i.name == name)
}

/// The input that a LOINC code carries.
#[must_use]
pub fn by_loinc(code: &str) -> Option<&'static Input> {
    INPUTS.iter().find(|i| i.loinc.contains(&code))
}

impl Input {
    /// Canonical unit; empty for coded answers.
    #[must_use]
    pub fn unit(&self) -> &'static str {
        self.units.first().map_or("", |u| u.ucum)
    }

    /// The table's row for a unit as received under `code`.
    #[must_use]
    pub fn row(&self, code: &str, unit: &str) -> Option<&'static UnitRow> {
        let of = |unit: &str| {
            self.units
                .iter()
                .find(|row| row.ucum == unit && (row.only.is_empty() || row.only.contains(&code)))
        };
        // Most units come in the spelling of the table, which is its own normal form.
        of(unit).or_else(|| of(&normalise(unit)))
    }

    /// A reported number in the canonical unit.
    ///
    /// # Errors
    /// [`Unusable`] when the unit is not listed or the value is outside the plausible limits.
    pub fn canonical(
        &self,
        code: &str,
        value: f64,
        comparator: Option<Comparator>,
        unit: Option<&str>,
    ) -> Result<Interval, Unusable> {
        let row = unit
            .and_then(|unit| self.row(code, unit))
            .ok_or(Unusable::Unit)?;
        let x = value * row.factor + row.offset;
        // A tolerance of rounding: 100 ug/L must not fall out of a limit by its conversion.
        let slack = 1e-9 * x.abs();
        if !x.is_finite() || x < self.low - slack || x > self.high + slack {
            return Err(Unusable::Implausible);
        }
        Ok(match comparator {
            None => Interval::exact(x),
            Some(Comparator::Below) => Interval::below(x, self.low),
            Some(Comparator::AtMost) => Interval::at_most(x, self.low),
            Some(Comparator::Above) => Interval::above(x, self.high),
            Some(Comparator::AtLeast) => Interval::at_least(x, self.high),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::print_stdout,
        clippy::disallowed_macros,
        reason = "a test says so when the shelf is absent"
    )]
    use super::*;

    /// Check digit of LOINC: mod 10, double every second digit from the right.
    fn check_digit(code: &str) -> bool {
        let (digits, check) = code.split_once('-').unwrap();
        let sum: u32 = digits
            .bytes()
            .rev()
            .enumerate()
            .map(|(i, b)| {
                let d = u32::from(b - b'0') * if i % 2 == 0 { 2 } else { 1 };
                d / 10 + d % 10
            })
            .sum();
        (10 - sum % 10) % 10 == check.parse::<u32>().unwrap()
    }

    #[test]
    fn every_code_passes_its_check_digit_and_names_one_input() {
        let mut seen = std::collections::BTreeMap::new();
        for input in INPUTS {
            for code in input.loinc {
                assert!(check_digit(code), "{code}");
                assert_eq!(seen.insert(*code, input.name), None, "{code}");
            }
            assert!(input.low < input.high, "{}", input.name);
        }
    }

    #[test]
    fn every_unit_of_the_table_is_its_own_normal_form() {
        for row in INPUTS.iter().flat_map(|i| i.units) {
            assert_eq!(normalise(row.ucum), row.ucum);
        }
    }

    #[test]
    fn codes_shown_without_a_rule_are_real_and_in_no_rule() {
        for code in SHOWN_WITHOUT_RULE {
            assert!(check_digit(code), "{code}");
            assert!(by_loinc(code).is_none(), "{code}");
        }
    }

    /// Every laboratory and vital-signs code of the shelf's patients is either an input or knowingly shown without a rule.
    #[test]
    fn every_code_of_real_patients_has_been_looked_at() {
        let root = std::env::var_os("TRIPTYCH_SHARED").map_or_else(
            || {
                std::path::Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap())
                    .join("../../../shared")
            },
            std::path::PathBuf::from,
        );
        let Ok(table) = std::fs::read_to_string(root.join("data/fhir/codes.csv")) else {
            println!("SHELF ABSENT: every_code_of_real_patients_has_been_looked_at");
            return;
        };
        let mut seen = 0;
        for line in table.lines().skip(1) {
            let code = line.split(',').nth(1).unwrap();
            if !line.ends_with(",laboratory") && !line.ends_with(",vital-signs") {
                continue;
            }
            seen += 1;
            assert!(
                by_loinc(code).is_some() || SHOWN_WITHOUT_RULE.contains(&code),
                "{code} is in no list"
            );
        }
        assert!(seen > 50, "{seen} codes");
    }

    #[test]
    fn h_r02_an_unknown_unit_is_refused_and_never_guessed() {
        let creatinine = by_name("creatinine").unwrap();
        let value = |v, unit| creatinine.canonical("2160-0", v, None, unit);
        assert_eq!(value(1.0, Some("mmol/L")), Err(Unusable::Unit));
        assert_eq!(value(1.0, None), Err(Unusable::Unit));
        assert_eq!(value(88.0, Some("mg/dL")), Err(Unusable::Implausible));
        let si = value(88.4, Some("\u{b5}mol/l")).unwrap().point().unwrap();
        assert!((si - 1.0).abs() < 1e-4, "{si}");
    }

    #[test]
    fn urea_and_urea_nitrogen_are_told_apart_by_their_code() {
        let urea = by_name("urea").unwrap();
        let at = |code| {
            urea.canonical(code, 28.0, None, Some("mg/dL"))
                .map(|i| i.low)
        };
        assert_eq!(at("3094-0"), Ok(28.0 * 0.357));
        assert_eq!(at("3091-6"), Ok(28.0 * 0.1665));
        assert_eq!(at("22664-7"), Err(Unusable::Unit));
    }
}
