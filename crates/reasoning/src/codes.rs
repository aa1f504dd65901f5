//! Code sets of problems, medicines and procedures. Record-and-signals, sections 2.1 and 4.2.

use triptych_clinical::{CodeSystem, Coding};

use crate::chart::{Datum, Kind, Reported};
use crate::datum::is_coded;

/// A named set of codes: ICD-10 and ATC by prefix, SNOMED CT and LOINC exactly.
#[derive(Debug)]
pub struct CodeSet {
    /// Sort of statement that carries them.
    pub kind: Kind,
    /// ICD-10 prefixes.
    pub icd10: &'static [&'static str],
    /// SNOMED CT concepts.
    pub snomed: &'static [&'static str],
    /// ATC prefixes.
    pub atc: &'static [&'static str],
    /// LOINC codes.
    pub loinc: &'static [&'static str],
}

impl CodeSet {
    const fn problem(icd10: &'static [&'static str], snomed: &'static [&'static str]) -> Self {
        Self {
            kind: Kind::Problem,
            icd10,
            snomed,
            atc: &[],
            loinc: &[],
        }
    }

    const fn medicine(atc: &'static [&'static str]) -> Self {
        Self {
            kind: Kind::Medicine,
            icd10: &[],
            snomed: &[],
            atc,
            loinc: &[],
        }
    }

    const fn procedure(snomed: &'static [&'static str]) -> Self {
        Self {
            kind: Kind::Procedure,
            icd10: &[],
            snomed,
            atc: &[],
            loinc: &[],
        }
    }

    /// True when one of a datum's codes is in the set.
    #[must_use]
    pub fn holds(&self, carried: &[Coding]) -> bool {
        let any = |system: CodeSystem, codes: &[&str]| {
            codes.iter().any(|code| is_coded(carried, &system, code))
        };
        any(CodeSystem::Icd10, self.icd10)
            || any(CodeSystem::Snomed, self.snomed)
            || any(CodeSystem::Atc, self.atc)
            || any(CodeSystem::Loinc, self.loinc)
    }
}

/// DIA, problem list.
pub static DIALYSIS_PROBLEM: CodeSet = CodeSet::problem(&["Z99.2"], &["265764009", "105502003"]);
/// DIA, procedure within 14 days.
pub static DIALYSIS_PROCEDURE: CodeSet = CodeSet::procedure(&["265764009", "302497006"]);
/// PRG, problem list: Z33 and chapter O.
pub static PREGNANCY: CodeSet = CodeSet::problem(&["Z33", "O"], &["77386006", "72892002"]);
/// PRG, pregnancy status observation.
pub static PREGNANCY_STATUS: CodeSet = CodeSet {
    kind: Kind::Observation,
    icd10: &[],
    snomed: &[],
    atc: &[],
    loinc: &["82810-3"],
};
/// Chronic kidney disease.
pub static CKD: CodeSet = CodeSet::problem(
    &["N18"],
    &[
        "709044004",
        "431855005",
        "431856006",
        "433144002",
        "431857002",
        "433146000",
    ],
);
/// Diabetes.
pub static DIABETES: CodeSet = CodeSet::problem(
    &["E10", "E11", "E13"],
    &["44054006", "46635009", "73211009"],
);
/// Atrial fibrillation and flutter.
pub static ATRIAL_FIBRILLATION: CodeSet = CodeSet::problem(&["I48"], &["49436004"]);
/// Mechanical heart valve or mitral stenosis: the stroke scores of R14 are not made for them.
pub static VALVULAR: CodeSet = CodeSet::problem(&["Z95.2", "I05.0"], &["787001"]);
/// Hypertension.
pub static HYPERTENSION: CodeSet =
    CodeSet::problem(&["I10", "I11", "I12", "I13"], &["38341003", "59621000"]);
/// Stroke, transient ischaemic attack.
pub static STROKE_OR_TIA: CodeSet = CodeSet::problem(&["I63", "G45"], &["230690007", "266257000"]);
/// Vascular disease: coronary, aortic, peripheral.
pub static VASCULAR: CodeSet = CodeSet::problem(
    &["I21", "I25", "I70", "I73.9"],
    &["22298006", "399957001", "53741008", "399211009"],
);
/// Cirrhosis.
pub static CIRRHOSIS: CodeSet = CodeSet::problem(&["K74", "K70.3"], &["19943007"]);
/// Heart failure.
pub static HEART_FAILURE: CodeSet = CodeSet::problem(&["I50"], &["84114007", "88805009"]);
/// Haemoglobin disorders that confound `HbA1c`.
pub static HAEMOGLOBIN_DISORDER: CodeSet = CodeSet::problem(&["D55", "D56", "D57", "D58"], &[]);
/// Transfusion.
pub static TRANSFUSION: CodeSet = CodeSet::procedure(&["116859006"]);
/// Metformin, alone and in fixed combinations.
pub static METFORMIN: CodeSet = CodeSet::medicine(&["A10BA02", "A10BD"]);
/// Vitamin K antagonists and direct oral anticoagulants; heparins are not among them.
pub static ANTICOAGULANT: CodeSet = CodeSet::medicine(&["B01AA", "B01AE", "B01AF"]);
/// ACE inhibitors and angiotensin blockers, potassium-sparing diuretics, potassium, trimethoprim, heparins.
pub static RAISES_POTASSIUM: CodeSet =
    CodeSet::medicine(&["C09", "C03D", "C03E", "A12BA", "J01EA", "J01EE", "B01AB"]);
/// Intravenous iron.
pub static IRON_INTRAVENOUS: CodeSet = CodeSet::medicine(&["B03AC"]);
/// Erythropoietin.
pub static ERYTHROPOIETIN: CodeSet = CodeSet::medicine(&["B03XA"]);
/// Insulin and sulfonylureas.
pub static INSULIN_OR_SULFONYLUREA: CodeSet = CodeSet::medicine(&["A10A", "A10BB"]);

/// Known atherosclerotic disease of R21: stroke or TIA, coronary and peripheral arteries.
pub static ASCVD: CodeSet = CodeSet::problem(
    &["I63", "G45", "I21", "I25", "I70", "I73.9"],
    &[
        "230690007",
        "266257000",
        "22298006",
        "399957001",
        "53741008",
        "399211009",
    ],
);
/// Antihypertensive medicines of R21.
pub static ANTIHYPERTENSIVE: CodeSet = CodeSet::medicine(&["C02", "C03", "C07", "C08", "C09"]);
/// Statins, alone and in fixed combinations.
pub static STATIN: CodeSet = CodeSet::medicine(&["C10AA", "C10B"]);
/// Biotin: disturbs streptavidin assays.
pub static BIOTIN: CodeSet = CodeSet::medicine(&["A11HA05"]);
/// Mechanical ventilation, R24.
pub static VENTILATION: CodeSet = CodeSet::procedure(&["40617009"]);
/// Malignancy.
pub static MALIGNANCY: CodeSet = CodeSet::problem(
    &["C"],
    &[
        "363346000",
        "363406005",
        "109838007",
        "254637007",
        "424132000",
        "254632001",
        "67811000119102",
        "314994000",
    ],
);
/// Skin cancer other than melanoma: no malignancy for R27.
pub static SKIN_CANCER: CodeSet = CodeSet::problem(&["C44"], &[]);
/// Immunosuppression.
pub static IMMUNOSUPPRESSION: CodeSet = CodeSet::problem(&["D84", "B20"], &["38013005"]);
/// Repair of an abdominal aortic aneurysm.
pub static AAA_REPAIR: CodeSet = CodeSet::procedure(&["175363002"]);

/// Conditions of section 4.2 with their SNOMED CT concepts.
static CONDITIONS: &[&CodeSet] = &[
    &CKD,
    &DIABETES,
    &ATRIAL_FIBRILLATION,
    &HEART_FAILURE,
    &HYPERTENSION,
    &STROKE_OR_TIA,
    &VASCULAR,
    &CIRRHOSIS,
    &DIALYSIS_PROBLEM,
    &MALIGNANCY,
    &IMMUNOSUPPRESSION,
    &PREGNANCY,
];

/// The SNOMED CT concept is one of a condition that section 4.2 lists; a table may name no other.
#[must_use]
pub fn is_listed_condition(snomed: &str) -> bool {
    CONDITIONS.iter().any(|set| set.snomed.contains(&snomed))
}

/// LOINC 82810-3 answered "pregnant" (LA15173-0, SNOMED 77386006, or the word).
#[must_use]
pub fn answers_pregnant(datum: &Datum) -> bool {
    ["LA15173-0", "77386006"]
        .iter()
        .any(|code| datum.is_answered(code))
        || matches!(&datum.value, Reported::Text(t) if t.eq_ignore_ascii_case("pregnant"))
}

/// SNOMED CT answers of LOINC 72166-2 that mean a current smoker.
const SMOKES_NOW: [&str; 5] = [
    "449868002",
    "428041000124106",
    "428071000124103",
    "428061000124105",
    "77176002",
];

/// LOINC 72166-2: current smoker, or not (former, never); `None` for any other answer. Section 4.2.
#[must_use]
pub fn answers_smoking(datum: &Datum) -> Option<bool> {
    let word = |w: &str| matches!(&datum.value, Reported::Text(t) if t.eq_ignore_ascii_case(w));
    if SMOKES_NOW.iter().any(|c| datum.is_answered(c)) || word("current") {
        Some(true)
    } else if datum.is_answered("8517006")
        || datum.is_answered("266919005")
        || word("former")
        || word("never")
    {
        Some(false)
    } else {
        None
    }
}

/// LOINC 80288-4: alert (`Some(true)`), or confused, responding to voice or pain only, unresponsive; `None` for any other answer.
#[must_use]
pub fn answers_alert(datum: &Datum) -> Option<bool> {
    let Reported::Text(text) = &datum.value else {
        return None;
    };
    match text.trim().to_ascii_lowercase().as_str() {
        "a" | "alert" => Some(true),
        "c" | "v" | "p" | "u" | "confusion" | "new confusion" | "voice" | "pain"
        | "unresponsive" => Some(false),
        _ => None,
    }
}
