//! Problem list and procedures.

use serde_json::json;

use super::{Chart, ICD10, PATIENT, SNOMED, concept, status};

/// Onset, recorded, over, SNOMED CT, ICD-10-CM, words.
type Problem = (
    &'static str,
    &'static str,
    Option<&'static str>,
    &'static str,
    &'static str,
    &'static str,
);

#[rustfmt::skip]
const PROBLEMS: [Problem; 11] = [
    ("2011-05", "2020-09-15", None, "44054006", "E11.9", "Type 2 diabetes mellitus"),
    ("2008", "2020-09-15", None, "59621000", "I10", "Essential hypertension"),
    ("2012", "2020-09-15", None, "55822004", "E78.5", "Hyperlipidemia"),
    ("1975", "2020-09-15", None, "89765005", "F17.210", "Tobacco dependence"),
    ("2019-02", "2020-09-15", None, "239873007", "M17.9", "Osteoarthritis of knee"),
    ("2022-09-20", "2022-09-20", None, "13645005", "J44.9", "Chronic obstructive pulmonary disease"),
    ("2023-09-19", "2024-03-12", None, "433144002", "N18.31", "Chronic kidney disease stage 3"),
    ("2025-10-14", "2025-10-21", None, "427359005", "R91.1", "Solitary pulmonary nodule, right upper lobe"),
    ("2026-10-12", "2026-10-14", None, "87522002", "D50.9", "Iron deficiency anemia"),
    ("2026-10-28", "2026-10-28", None, "14669001", "N17.9", "Acute kidney injury"),
    ("2026-10-25", "2026-10-28", Some("2026-10-31"), "25374005", "A09", "Gastroenteritis"),
];

/// Date, SNOMED CT, words.
#[rustfmt::skip]
const PROCEDURES: [(&str, &str, &str); 5] = [
    ("2017-06-08", "73761001", "Colonoscopy: two small hyperplastic polyps removed"),
    ("2021-04-20", "171149006", "Screening for malignant neoplasm of cervix"),
    ("2025-10-14", "169069000", "CT of chest without contrast"),
    ("2026-10-27", "169069000", "CT of chest with intravenous contrast"),
    ("2026-10-29", "399208008", "Plain chest radiograph"),
];

impl Chart {
    pub(super) fn problems(&mut self) {
        for (onset, recorded, over, snomed, icd, words) in PROBLEMS {
            let id = self.id("condition");
            let state = if over.is_some() { "resolved" } else { "active" };
            let mut condition = json!({
                "resourceType": "Condition", "id": id, "subject": { "reference": PATIENT },
                "clinicalStatus": status("condition-clinical", state), "verificationStatus": status("condition-ver-status", "confirmed"),
                "category": [status("condition-category", "problem-list-item")],
                "code": { "coding": [{ "system": SNOMED, "code": snomed, "display": words }, { "system": ICD10, "code": icd }], "text": words },
                "onsetDateTime": onset, "recordedDate": recorded,
            });
            if let Some(day) = over {
                condition["abatementDateTime"] = day.into();
            }
            self.add(condition);
        }
    }

    pub(super) fn procedures(&mut self) {
        for (date, code, words) in PROCEDURES {
            let id = self.id("procedure");
            self.add(json!({
                "resourceType": "Procedure", "id": id, "status": "completed", "subject": { "reference": PATIENT }, "performedDateTime": date,
                "code": concept(SNOMED, code, words),
            }));
        }
    }
}
