//! The sample patient's record: six years of one made-up person as a FHIR R4 Bundle.
//!
//! Martha Sample-Synthetic has type 2 diabetes on metformin, kidney function that falls slowly and then acutely, an iron deficiency that shows in
//! the blood count before anybody names it, and a smoker's lung nodule that grows. Nothing is copied from a person; every name is marked.
//!
//! Each part of the story is a table in a file of its own; ids count up in the order in which [`bundle`] asks for the parts.

mod admission;
#[rustfmt::skip]
mod analytes;
mod imaging;
mod laboratory;
mod medicines;
mod notes;
mod person;
mod problems;
mod visits;
mod vitals;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

pub use imaging::{CT_1_STUDY_UID, CT_2_STUDY_UID, DX_STUDY_UID};

const LOINC: &str = "http://loinc.org";
const SNOMED: &str = "http://snomed.info/sct";
const UCUM: &str = "http://unitsofmeasure.org";
const RXNORM: &str = "http://www.nlm.nih.gov/research/umls/rxnorm";
const ICD10: &str = "http://hl7.org/fhir/sid/icd-10-cm";
/// What precedes the name of each code system that HL7 keeps itself.
const HL7: &str = "http://terminology.hl7.org/CodeSystem";
const PATIENT: &str = "Patient/sample-0001";
const CLINIC: &str = "Dr. R. Hallam (synthetic), Internal Medicine";
const HOSPITAL: &str = "Synthetic General Hospital";

/// The whole record as a Bundle of type `collection`. `seed` moves only what carries no part of the story (sodium by a unit, a pulse by a
/// few beats); the same seed gives the same bytes.
pub fn bundle(seed: u64) -> Value {
    let mut chart = Chart {
        entries: Vec::new(),
        counter: 0,
        noise: seed,
    };
    chart.person();
    chart.problems();
    chart.procedures();
    chart.medicines();
    chart.visits();
    chart.anemia_work_up();
    chart.admission();
    chart.imaging();
    chart.notes();
    json!({ "resourceType": "Bundle", "type": "collection", "timestamp": "2026-11-01T16:00:00Z", "entry": chart.entries })
}

struct Chart {
    entries: Vec<Value>,
    counter: u32,
    noise: u64,
}

impl Chart {
    fn add(&mut self, resource: Value) {
        self.entries.push(json!({ "resource": resource }));
    }

    fn id(&mut self, kind: &str) -> String {
        self.counter += 1;
        format!("sample-{kind}-{:04}", self.counter)
    }

    /// A whole number from `-spread` to `spread` (splitmix64).
    fn jitter(&mut self, spread: u64) -> f64 {
        self.noise = self.noise.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.noise;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let step = u32::try_from((z ^ (z >> 31)) % (2 * spread + 1)).unwrap_or(0);
        f64::from(step) - f64::from(u32::try_from(spread).unwrap_or(0))
    }

    /// An Observation of `category` with what `more` holds: its value, and what belongs to it.
    fn observation(
        &mut self,
        category: &str,
        code: &Value,
        (at, issued): (&str, &str),
        id: &str,
        more: Value,
    ) {
        let mut observation = json!({
            "resourceType": "Observation", "id": id, "status": "final", "subject": { "reference": PATIENT },
            "category": [{ "coding": [{ "system": format!("{HL7}/observation-category"), "code": category }] }],
            "code": code, "effectiveDateTime": at, "issued": issued,
        });
        if let (Value::Object(fields), Value::Object(more)) = (&mut observation, more) {
            fields.extend(more);
        }
        self.add(observation);
    }
}

/// A concept with one coding, in the same words as its code.
fn concept(system: &str, code: &str, words: &str) -> Value {
    json!({ "coding": [{ "system": system, "code": code, "display": words }], "text": words })
}

/// A concept of one of HL7's own code systems, which needs no words.
fn status(system: &str, code: &str) -> Value {
    json!({ "coding": [{ "system": format!("{HL7}/{system}"), "code": code }] })
}

/// A value with its unit, rounded to its decimals.
fn quantity(value: f64, decimals: usize, unit: &str) -> Value {
    json!({ "value": exact(value, decimals), "unit": unit, "system": UCUM, "code": unit })
}

/// The number rounded to its decimals, as a JSON number (JSON's own writer drops trailing zeros).
fn exact(value: f64, decimals: usize) -> Value {
    let text = format!("{value:.decimals$}");
    if decimals == 0 {
        return text.parse::<i64>().map_or(Value::Null, Value::from);
    }
    text.parse::<f64>().map_or(Value::Null, Value::from)
}

/// A plain text as an attachment.
fn attachment(text: &str) -> Value {
    json!({ "contentType": "text/plain; charset=utf-8", "data": STANDARD.encode(text.trim_start()) })
}
