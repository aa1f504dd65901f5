//! What is measured at the bedside, and asked: vital signs, blood pressure, smoking.

use serde_json::json;

use super::{Chart, LOINC, SNOMED, UCUM, concept, exact, quantity};

impl Chart {
    /// LOINC code, words, value, UCUM unit, decimals.
    pub(super) fn vital(
        &mut self,
        at: &str,
        (code, words): (&str, &str),
        value: f64,
        unit: &str,
        decimals: usize,
    ) {
        let id = self.id("vital");
        let value = json!({ "valueQuantity": quantity(value, decimals, unit) });
        self.observation(
            "vital-signs",
            &concept(LOINC, code, words),
            (at, at),
            &id,
            value,
        );
    }

    /// Systolic and diastolic, mmHg.
    pub(super) fn pressure(&mut self, at: &str, systolic: f64, diastolic: f64) {
        let id = self.id("vital");
        let code = json!({ "coding": [{ "system": LOINC, "code": "85354-9", "display": "Blood pressure panel" }], "text": "Blood pressure" });
        let part = |code: &str, words: &str, value: f64| {
            json!({ "code": concept(LOINC, code, words),
                    "valueQuantity": { "value": exact(value, 0), "unit": "mmHg", "system": UCUM, "code": "mm[Hg]" } })
        };
        let parts = json!({ "component": [
            part("8480-6", "Systolic blood pressure", systolic),
            part("8462-4", "Diastolic blood pressure", diastolic),
        ] });
        self.observation("vital-signs", &code, (at, at), &id, parts);
    }

    pub(super) fn smoking(&mut self, at: &str) {
        let id = self.id("social");
        let code = concept(LOINC, "72166-2", "Tobacco smoking status");
        let answer = json!({ "valueCodeableConcept": {
            "coding": [{ "system": SNOMED, "code": "449868002", "display": "Smokes tobacco daily" }], "text": "Current every day smoker" } });
        self.observation("social-history", &code, (at, at), &id, answer);
    }
}
