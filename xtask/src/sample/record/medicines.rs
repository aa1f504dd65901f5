//! Medicines: what was prescribed, and what she says she takes. Metformin was not on the list of medicines held at discharge.

use serde_json::{Value, json};

use super::{CLINIC, Chart, PATIENT, RXNORM, UCUM, concept};

/// Prescribed tablets: status, from, until (empty: still), RxNorm, words, tablets each time, times in so many days, how to take them.
type Prescribed = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    f64,
    (u32, u32),
    &'static str,
);

#[rustfmt::skip]
const PRESCRIBED: [Prescribed; 7] = [
    ("completed", "2020-09-15", "2022-03-15", "860975", "Metformin ER 500 mg tablet", 2.0, (1, 1), "2 tablets once a day with the evening meal"),
    ("active", "2022-03-15", "", "860975", "Metformin ER 500 mg tablet", 2.0, (2, 1), "2 tablets twice a day with meals"),
    ("stopped", "2020-09-15", "2026-10-28", "314076", "Lisinopril 10 mg tablet", 1.0, (1, 1), "1 tablet every morning"),
    ("active", "2021-09-14", "", "197361", "Amlodipine 5 mg tablet", 1.0, (1, 1), "1 tablet every morning"),
    ("completed", "2020-09-15", "2021-03-16", "312961", "Simvastatin 20 mg tablet", 1.0, (1, 1), "1 tablet every evening"),
    ("active", "2021-03-16", "", "259255", "Atorvastatin 80 mg tablet", 1.0, (1, 1), "1 tablet every evening"),
    ("active", "2026-10-14", "", "310325", "Ferrous sulfate 325 mg tablet", 1.0, (1, 2), "1 tablet every other day on an empty stomach"),
];

/// Taken as needed: status, from, until (empty: still), said at, RxNorm, words, how.
type Taken = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

#[rustfmt::skip]
const TAKEN: [Taken; 3] = [
    ("active", "2022-09-20", "", "2022-09-20T10:20:00Z", "745679", "Albuterol 90 ug inhaler", "2 puffs as needed for wheeze"),
    ("stopped", "2023-03-14", "2023-06-20", "2023-03-14T10:20:00Z", "198031", "Nicotine transdermal patch",
     "1 patch a day; stopped by the patient after three months"),
    ("stopped", "2026-10-18", "2026-10-28", "2026-10-28T22:50:00Z", "206905", "Ibuprofen 400 mg tablet",
     "1 tablet three times a day for knee pain, bought without prescription"),
];

impl Chart {
    pub(super) fn medicines(&mut self) {
        for (state, from, until, rxnorm, words, tablets, (times, days), text) in PRESCRIBED {
            let id = self.id("medication");
            self.add(json!({
                "resourceType": "MedicationRequest", "id": id, "status": state, "intent": "order", "subject": { "reference": PATIENT },
                "authoredOn": format!("{from}T10:20:00Z"), "requester": { "display": CLINIC },
                "medicationCodeableConcept": concept(RXNORM, rxnorm, words),
                "dosageInstruction": [{ "text": text,
                    "timing": { "repeat": { "boundsPeriod": period(from, until), "frequency": times, "period": days, "periodUnit": "d" } },
                    "doseAndRate": [{ "doseQuantity": { "value": tablets, "unit": "tablet", "system": UCUM, "code": "{tablet}" } }] }],
            }));
        }
        for (state, from, until, said, rxnorm, words, text) in TAKEN {
            let id = self.id("medication");
            self.add(json!({
                "resourceType": "MedicationStatement", "id": id, "status": state, "subject": { "reference": PATIENT },
                "effectivePeriod": period(from, until), "dateAsserted": said,
                "medicationCodeableConcept": concept(RXNORM, rxnorm, words),
                "dosage": [{ "text": text, "asNeededBoolean": true }],
            }));
        }
    }
}

fn period(from: &str, until: &str) -> Value {
    if until.is_empty() {
        json!({ "start": from })
    } else {
        json!({ "start": from, "end": until })
    }
}
