//! Who it is, what she must not get, what she wants, and her vaccinations.

use serde_json::json;

use super::{Chart, HL7, LOINC, PATIENT, SNOMED, concept, quantity, status};

/// Date, CVX code, words.
#[rustfmt::skip]
const IMMUNIZATIONS: [(&str, &str, &str); 7] = [
    ("2020-10-06", "150", "Influenza, injectable, quadrivalent, preservative free"),
    ("2021-10-05", "150", "Influenza, injectable, quadrivalent, preservative free"),
    ("2022-03-15", "33", "Pneumococcal polysaccharide PPV23"),
    ("2022-10-11", "150", "Influenza, injectable, quadrivalent, preservative free"),
    ("2023-10-10", "150", "Influenza, injectable, quadrivalent, preservative free"),
    ("2024-10-08", "140", "Influenza, seasonal, injectable, preservative free"),
    ("2025-10-07", "140", "Influenza, seasonal, injectable, preservative free"),
];

impl Chart {
    pub(super) fn person(&mut self) {
        self.add(json!({
            "resourceType": "Patient", "id": "sample-0001",
            "meta": { "security": [{ "system": format!("{HL7}/v3-ActReason"), "code": "HTEST", "display": "test health data" }] },
            "identifier": [{ "type": status("v2-0203", "MR"), "system": "urn:triptych:sample", "value": "SAMPLE-0001" }],
            "name": [{ "use": "official", "family": "Sample-Synthetic", "given": ["Martha"] }],
            "gender": "female", "birthDate": "1957-03-02",
        }));
        let allergy = self.id("allergy");
        self.add(json!({
            "resourceType": "AllergyIntolerance", "id": allergy, "patient": { "reference": PATIENT },
            "clinicalStatus": status("allergyintolerance-clinical", "active"),
            "verificationStatus": status("allergyintolerance-verification", "confirmed"),
            "type": "allergy", "category": ["medication"], "criticality": "high",
            "code": { "coding": [{ "system": SNOMED, "code": "91936005", "display": "Allergy to penicillin" }], "text": "Penicillin" },
            "onsetDateTime": "1984", "recordedDate": "2020-09-15",
            "reaction": [{ "manifestation": [{ "coding": [{ "system": SNOMED, "code": "247472004", "display": "Hives" }], "text": "Hives and lip swelling" }] }],
        }));
        let goal = self.id("goal");
        self.add(json!({
            "resourceType": "Goal", "id": goal, "subject": { "reference": PATIENT }, "lifecycleStatus": "active",
            "description": { "text": "HbA1c at or below 7.5 % without hypoglycemia" }, "startDate": "2025-03-18", "statusDate": "2025-03-18",
            "target": [{ "measure": { "coding": [{ "system": LOINC, "code": "4548-4", "display": "Hemoglobin A1c" }] },
                         "detailQuantity": quantity(7.5, 1, "%") }],
        }));
        for (date, cvx, name) in IMMUNIZATIONS {
            let id = self.id("immunization");
            self.add(json!({
                "resourceType": "Immunization", "id": id, "status": "completed", "patient": { "reference": PATIENT }, "occurrenceDateTime": date,
                "vaccineCode": concept("http://hl7.org/fhir/sid/cvx", cvx, name),
            }));
        }
    }
}
