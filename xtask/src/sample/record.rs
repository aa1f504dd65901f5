//! The sample patient's record: six years of one made-up person as a FHIR R4 Bundle.
//!
//! Martha Sample-Synthetic has type 2 diabetes on metformin, kidney function that falls slowly and then acutely, an iron deficiency that shows in
//! the blood count before anybody names it, and a smoker's lung nodule that grows. Nothing is copied from a person; every name is marked.

use serde_json::{Value, json};

/// Study Instance UID of the first chest CT, 2025-10-14 (6 mm nodule).
pub const CT_1_STUDY_UID: &str = "2.25.21386402937450182736450918273645091826";
/// Study Instance UID of the second chest CT, 2026-10-27 (9 mm nodule).
pub const CT_2_STUDY_UID: &str = "2.25.21386402937450182736450918273645091827";
/// Study Instance UID of the chest radiograph, 2026-10-29.
pub const DX_STUDY_UID: &str = "2.25.21386402937450182736450918273645091828";

const LOINC: &str = "http://loinc.org";
const SNOMED: &str = "http://snomed.info/sct";
const UCUM: &str = "http://unitsofmeasure.org";
const RXNORM: &str = "http://www.nlm.nih.gov/research/umls/rxnorm";
const ICD10: &str = "http://hl7.org/fhir/sid/icd-10-cm";
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
    chart.patient();
    chart.problems();
    chart.medicines();
    chart.visits();
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

/// A laboratory test: LOINC code, name, UCUM unit, decimals, lower and upper limit of the report's interval.
struct Test(
    &'static str,
    &'static str,
    &'static str,
    usize,
    Option<f64>,
    Option<f64>,
);

const CREATININE: Test = Test("2160-0", "Creatinine", "mg/dL", 2, Some(0.55), Some(1.02));
const EGFR: Test = Test(
    "98979-8",
    "eGFR (CKD-EPI 2021)",
    "mL/min/{1.73_m2}",
    0,
    Some(60.0),
    None,
);
const UREA: Test = Test("3094-0", "Urea nitrogen", "mg/dL", 0, Some(7.0), Some(20.0));
const SODIUM: Test = Test("2951-2", "Sodium", "mmol/L", 0, Some(136.0), Some(145.0));
const POTASSIUM: Test = Test("2823-3", "Potassium", "mmol/L", 1, Some(3.5), Some(5.1));
const CHLORIDE: Test = Test("2075-0", "Chloride", "mmol/L", 0, Some(98.0), Some(107.0));
const BICARBONATE: Test = Test(
    "2028-9",
    "Carbon dioxide, total",
    "mmol/L",
    0,
    Some(22.0),
    Some(29.0),
);
const GLUCOSE: Test = Test("2345-7", "Glucose", "mg/dL", 0, Some(70.0), Some(99.0));
const CALCIUM: Test = Test("17861-6", "Calcium", "mg/dL", 1, Some(8.6), Some(10.2));
const HBA1C: Test = Test("4548-4", "Hemoglobin A1c", "%", 1, Some(4.0), Some(5.6));
const ACR: Test = Test(
    "9318-7",
    "Albumin/creatinine ratio, urine",
    "mg/g",
    0,
    None,
    Some(30.0),
);
const CHOLESTEROL: Test = Test(
    "2093-3",
    "Cholesterol, total",
    "mg/dL",
    0,
    None,
    Some(200.0),
);
const HDL: Test = Test("2085-9", "HDL cholesterol", "mg/dL", 0, Some(50.0), None);
const LDL: Test = Test(
    "13457-7",
    "LDL cholesterol, calculated",
    "mg/dL",
    0,
    None,
    Some(100.0),
);
const TRIGLYCERIDES: Test = Test("2571-8", "Triglycerides", "mg/dL", 0, None, Some(150.0));
const HB: Test = Test("718-7", "Hemoglobin", "g/dL", 1, Some(12.0), Some(15.5));
const HCT: Test = Test("4544-3", "Hematocrit", "%", 1, Some(36.0), Some(46.0));
const RBC: Test = Test("789-8", "Erythrocytes", "10*6/uL", 2, Some(3.9), Some(5.1));
const MCV: Test = Test("787-2", "MCV", "fL", 1, Some(80.0), Some(100.0));
const MCH: Test = Test("785-6", "MCH", "pg", 1, Some(27.0), Some(33.0));
const RDW: Test = Test("788-0", "RDW", "%", 1, Some(11.5), Some(14.5));
const PLATELETS: Test = Test("777-3", "Platelets", "10*3/uL", 0, Some(150.0), Some(400.0));
const WBC: Test = Test("6690-2", "Leukocytes", "10*3/uL", 1, Some(4.0), Some(11.0));
const FERRITIN: Test = Test("2276-4", "Ferritin", "ng/mL", 0, Some(15.0), Some(150.0));
const IRON: Test = Test("2498-4", "Iron", "ug/dL", 0, Some(50.0), Some(170.0));
const TIBC: Test = Test(
    "2500-7",
    "Iron binding capacity, total",
    "ug/dL",
    0,
    Some(250.0),
    Some(425.0),
);
const TSAT: Test = Test(
    "2502-3",
    "Transferrin saturation",
    "%",
    0,
    Some(20.0),
    Some(50.0),
);
const CRP: Test = Test("1988-5", "C-reactive protein", "mg/L", 0, None, Some(5.0));
const B12: Test = Test(
    "2132-9",
    "Vitamin B12",
    "pg/mL",
    0,
    Some(200.0),
    Some(900.0),
);
const FOLATE: Test = Test("2284-8", "Folate", "ng/mL", 1, Some(3.9), None);
const ALT: Test = Test("1742-6", "ALT", "U/L", 0, None, Some(35.0));
const AST: Test = Test("1920-8", "AST", "U/L", 0, None, Some(35.0));
const ALP: Test = Test(
    "6768-6",
    "Alkaline phosphatase",
    "U/L",
    0,
    Some(35.0),
    Some(105.0),
);
const BILIRUBIN: Test = Test("1975-2", "Bilirubin, total", "mg/dL", 1, None, Some(1.2));
const ALBUMIN: Test = Test("1751-7", "Albumin", "g/dL", 1, Some(3.5), Some(5.0));
const TSH: Test = Test("3016-3", "TSH", "m[IU]/L", 2, Some(0.40), Some(4.50));

/// One office visit: date, creatinine, urea nitrogen, potassium, bicarbonate, HbA1c, haemoglobin, MCV, RDW, platelets, systolic and
/// diastolic pressure, weight in kg.
struct Visit(
    &'static str,
    f64,
    f64,
    f64,
    f64,
    f64,
    f64,
    f64,
    f64,
    f64,
    f64,
    f64,
    f64,
);

const VISITS: [Visit; 13] = [
    Visit(
        "2020-09-15",
        0.88,
        16.0,
        4.3,
        26.0,
        7.1,
        13.4,
        90.1,
        13.1,
        258.0,
        138.0,
        82.0,
        84.2,
    ),
    Visit(
        "2021-03-16",
        0.90,
        16.0,
        4.4,
        25.0,
        7.0,
        13.3,
        89.8,
        13.2,
        264.0,
        136.0,
        80.0,
        83.6,
    ),
    Visit(
        "2021-09-14",
        0.93,
        17.0,
        4.3,
        25.0,
        7.2,
        13.2,
        89.5,
        13.1,
        255.0,
        141.0,
        84.0,
        84.0,
    ),
    Visit(
        "2022-03-15",
        0.95,
        17.0,
        4.5,
        25.0,
        7.1,
        13.0,
        89.0,
        13.3,
        271.0,
        137.0,
        79.0,
        83.1,
    ),
    Visit(
        "2022-09-20",
        0.99,
        18.0,
        4.4,
        25.0,
        7.3,
        12.9,
        88.4,
        13.4,
        266.0,
        140.0,
        81.0,
        82.7,
    ),
    Visit(
        "2023-03-14",
        1.02,
        18.0,
        4.6,
        24.0,
        7.2,
        12.8,
        88.0,
        13.5,
        280.0,
        135.0,
        78.0,
        82.9,
    ),
    Visit(
        "2023-09-19",
        1.05,
        19.0,
        4.5,
        24.0,
        7.4,
        12.6,
        87.1,
        13.6,
        285.0,
        139.0,
        80.0,
        82.0,
    ),
    Visit(
        "2024-03-12",
        1.08,
        20.0,
        4.6,
        24.0,
        7.3,
        12.4,
        86.2,
        13.9,
        291.0,
        134.0,
        76.0,
        81.8,
    ),
    Visit(
        "2024-09-17",
        1.12,
        20.0,
        4.7,
        24.0,
        7.5,
        12.2,
        85.0,
        14.2,
        303.0,
        137.0,
        79.0,
        81.1,
    ),
    Visit(
        "2025-03-18",
        1.15,
        21.0,
        4.6,
        23.0,
        7.4,
        12.0,
        83.4,
        14.6,
        318.0,
        136.0,
        77.0,
        80.6,
    ),
    Visit(
        "2025-09-16",
        1.17,
        22.0,
        4.8,
        23.0,
        7.6,
        11.4,
        80.6,
        15.3,
        342.0,
        133.0,
        75.0,
        79.9,
    ),
    Visit(
        "2026-03-17",
        1.21,
        22.0,
        4.7,
        23.0,
        7.6,
        10.7,
        77.2,
        16.2,
        371.0,
        131.0,
        74.0,
        78.8,
    ),
    Visit(
        "2026-08-11",
        1.24,
        23.0,
        4.9,
        22.0,
        8.1,
        10.2,
        75.3,
        16.9,
        398.0,
        129.0,
        72.0,
        77.5,
    ),
];

/// Yearly at the autumn visits (and August 2026): albumin/creatinine, cholesterol, HDL, LDL, triglycerides, ALT.
const YEARLY: [(usize, [f64; 6]); 7] = [
    (0, [12.0, 212.0, 47.0, 128.0, 186.0, 31.0]),
    (2, [18.0, 178.0, 48.0, 96.0, 170.0, 28.0]),
    (4, [24.0, 170.0, 49.0, 88.0, 166.0, 30.0]),
    (6, [35.0, 165.0, 47.0, 84.0, 172.0, 27.0]),
    (8, [48.0, 168.0, 46.0, 86.0, 181.0, 26.0]),
    (10, [62.0, 160.0, 47.0, 80.0, 164.0, 24.0]),
    (12, [84.0, 158.0, 45.0, 78.0, 175.0, 23.0]),
];

/// Ferritin was measured four times on the way down, and acted on the fifth time.
const FERRITINS: [(usize, f64); 4] = [(4, 58.0), (7, 34.0), (9, 22.0), (11, 13.0)];

/// The admission, one row a blood draw: time, hours to the result, sodium, potassium, chloride, bicarbonate, urea nitrogen, creatinine,
/// glucose, C-reactive protein, leukocytes, haemoglobin, platelets.
struct Draw(
    &'static str,
    &'static str,
    f64,
    f64,
    f64,
    f64,
    f64,
    f64,
    f64,
    f64,
    f64,
    f64,
    f64,
);

const ADMISSION: [Draw; 5] = [
    Draw(
        "2026-10-28T21:40:00Z",
        "2026-10-28T22:35:00Z",
        132.0,
        5.6,
        101.0,
        17.0,
        52.0,
        2.10,
        214.0,
        38.0,
        11.8,
        10.1,
        431.0,
    ),
    Draw(
        "2026-10-29T06:30:00Z",
        "2026-10-29T07:50:00Z",
        134.0,
        5.3,
        104.0,
        18.0,
        55.0,
        2.46,
        188.0,
        44.0,
        10.4,
        9.6,
        412.0,
    ),
    Draw(
        "2026-10-30T06:35:00Z",
        "2026-10-30T07:45:00Z",
        137.0,
        4.9,
        106.0,
        20.0,
        54.0,
        2.62,
        171.0,
        29.0,
        9.1,
        9.3,
        405.0,
    ),
    Draw(
        "2026-10-31T06:20:00Z",
        "2026-10-31T07:40:00Z",
        139.0,
        4.6,
        107.0,
        22.0,
        46.0,
        2.31,
        163.0,
        17.0,
        8.4,
        9.3,
        399.0,
    ),
    Draw(
        "2026-11-01T07:10:00Z",
        "2026-11-01T08:30:00Z",
        140.0,
        4.5,
        106.0,
        23.0,
        38.0,
        2.04,
        158.0,
        11.0,
        8.0,
        9.4,
        402.0,
    ),
];

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

    fn patient(&mut self) {
        self.add(json!({
            "resourceType": "Patient", "id": "sample-0001",
            "meta": { "security": [{ "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST", "display": "test health data" }] },
            "identifier": [{ "type": { "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR" }] },
                             "system": "urn:triptych:sample", "value": "SAMPLE-0001" }],
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
                         "detailQuantity": { "value": 7.5, "unit": "%", "system": UCUM, "code": "%" } }],
        }));
        for (date, cvx, name) in [
            (
                "2020-10-06",
                "150",
                "Influenza, injectable, quadrivalent, preservative free",
            ),
            (
                "2021-10-05",
                "150",
                "Influenza, injectable, quadrivalent, preservative free",
            ),
            ("2022-03-15", "33", "Pneumococcal polysaccharide PPV23"),
            (
                "2022-10-11",
                "150",
                "Influenza, injectable, quadrivalent, preservative free",
            ),
            (
                "2023-10-10",
                "150",
                "Influenza, injectable, quadrivalent, preservative free",
            ),
            (
                "2024-10-08",
                "140",
                "Influenza, seasonal, injectable, preservative free",
            ),
            (
                "2025-10-07",
                "140",
                "Influenza, seasonal, injectable, preservative free",
            ),
        ] {
            let id = self.id("immunization");
            self.add(json!({
                "resourceType": "Immunization", "id": id, "status": "completed", "patient": { "reference": PATIENT }, "occurrenceDateTime": date,
                "vaccineCode": { "coding": [{ "system": "http://hl7.org/fhir/sid/cvx", "code": cvx, "display": name }], "text": name },
            }));
        }
    }

    fn problems(&mut self) {
        // Onset, recorded, SNOMED CT, ICD-10-CM, words.
        for (onset, recorded, snomed, icd, words) in [
            (
                "2011-05",
                "2020-09-15",
                "44054006",
                "E11.9",
                "Type 2 diabetes mellitus",
            ),
            (
                "2008",
                "2020-09-15",
                "59621000",
                "I10",
                "Essential hypertension",
            ),
            ("2012", "2020-09-15", "55822004", "E78.5", "Hyperlipidemia"),
            (
                "1975",
                "2020-09-15",
                "89765005",
                "F17.210",
                "Tobacco dependence",
            ),
            (
                "2019-02",
                "2020-09-15",
                "239873007",
                "M17.9",
                "Osteoarthritis of knee",
            ),
            (
                "2022-09-20",
                "2022-09-20",
                "13645005",
                "J44.9",
                "Chronic obstructive pulmonary disease",
            ),
            (
                "2023-09-19",
                "2024-03-12",
                "433144002",
                "N18.31",
                "Chronic kidney disease stage 3",
            ),
            (
                "2025-10-14",
                "2025-10-21",
                "427359005",
                "R91.1",
                "Solitary pulmonary nodule, right upper lobe",
            ),
            (
                "2026-10-12",
                "2026-10-14",
                "87522002",
                "D50.9",
                "Iron deficiency anemia",
            ),
            (
                "2026-10-28",
                "2026-10-28",
                "14669001",
                "N17.9",
                "Acute kidney injury",
            ),
        ] {
            self.problem(onset, recorded, snomed, icd, words, None);
        }
        self.problem(
            "2026-10-25",
            "2026-10-28",
            "25374005",
            "A09",
            "Gastroenteritis",
            Some("2026-10-31"),
        );
        for (date, code, words) in [
            (
                "2017-06-08",
                "73761001",
                "Colonoscopy: two small hyperplastic polyps removed",
            ),
            (
                "2021-04-20",
                "171149006",
                "Screening for malignant neoplasm of cervix",
            ),
            ("2025-10-14", "169069000", "CT of chest without contrast"),
            (
                "2026-10-27",
                "169069000",
                "CT of chest with intravenous contrast",
            ),
            ("2026-10-29", "399208008", "Plain chest radiograph"),
        ] {
            let id = self.id("procedure");
            self.add(json!({
                "resourceType": "Procedure", "id": id, "status": "completed", "subject": { "reference": PATIENT }, "performedDateTime": date,
                "code": { "coding": [{ "system": SNOMED, "code": code, "display": words }], "text": words },
            }));
        }
    }

    fn problem(
        &mut self,
        onset: &str,
        recorded: &str,
        snomed: &str,
        icd: &str,
        words: &str,
        over: Option<&str>,
    ) {
        let id = self.id("condition");
        let state = if over.is_some() { "resolved" } else { "active" };
        let mut condition = json!({
            "resourceType": "Condition", "id": id, "subject": { "reference": PATIENT },
            "clinicalStatus": status("condition-clinical", state), "verificationStatus": status("condition-ver-status", "confirmed"),
            "category": [{ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/condition-category", "code": "problem-list-item" }] }],
            "code": { "coding": [{ "system": SNOMED, "code": snomed, "display": words }, { "system": ICD10, "code": icd }], "text": words },
            "onsetDateTime": onset, "recordedDate": recorded,
        });
        if let Some(day) = over {
            condition["abatementDateTime"] = day.into();
        }
        self.add(condition);
    }

    fn medicines(&mut self) {
        // Status, from, RxNorm, words, tablets each time, times a day, what it is for. Metformin was not on the list of medicines held at discharge.
        for (state, from, until, rxnorm, words, tablets, daily, text) in [
            (
                "completed",
                "2020-09-15",
                "2022-03-15",
                "860975",
                "Metformin ER 500 mg tablet",
                2.0,
                1,
                "2 tablets once a day with the evening meal",
            ),
            (
                "active",
                "2022-03-15",
                "",
                "860975",
                "Metformin ER 500 mg tablet",
                2.0,
                2,
                "2 tablets twice a day with meals",
            ),
            (
                "stopped",
                "2020-09-15",
                "2026-10-28",
                "314076",
                "Lisinopril 10 mg tablet",
                1.0,
                1,
                "1 tablet every morning",
            ),
            (
                "active",
                "2021-09-14",
                "",
                "197361",
                "Amlodipine 5 mg tablet",
                1.0,
                1,
                "1 tablet every morning",
            ),
            (
                "completed",
                "2020-09-15",
                "2021-03-16",
                "312961",
                "Simvastatin 20 mg tablet",
                1.0,
                1,
                "1 tablet every evening",
            ),
            (
                "active",
                "2021-03-16",
                "",
                "259255",
                "Atorvastatin 80 mg tablet",
                1.0,
                1,
                "1 tablet every evening",
            ),
            (
                "active",
                "2026-10-14",
                "",
                "310325",
                "Ferrous sulfate 325 mg tablet",
                1.0,
                1,
                "1 tablet every other day on an empty stomach",
            ),
        ] {
            let id = self.id("medication");
            let days = if rxnorm == "310325" { 2 } else { 1 };
            let mut bounds = json!({ "start": from });
            if !until.is_empty() {
                bounds["end"] = until.into();
            }
            self.add(json!({
                "resourceType": "MedicationRequest", "id": id, "status": state, "intent": "order", "subject": { "reference": PATIENT },
                "authoredOn": format!("{from}T10:20:00Z"), "requester": { "display": CLINIC },
                "medicationCodeableConcept": { "coding": [{ "system": RXNORM, "code": rxnorm, "display": words }], "text": words },
                "dosageInstruction": [{ "text": text,
                    "timing": { "repeat": { "boundsPeriod": bounds, "frequency": daily, "period": days, "periodUnit": "d" } },
                    "doseAndRate": [{ "doseQuantity": { "value": tablets, "unit": "tablet", "system": UCUM, "code": "{tablet}" } }] }],
            }));
        }
        for (state, from, until, rxnorm, words, text) in [
            (
                "active",
                "2022-09-20",
                "",
                "745679",
                "Albuterol 90 ug inhaler",
                "2 puffs as needed for wheeze",
            ),
            (
                "stopped",
                "2023-03-14",
                "2023-06-20",
                "198031",
                "Nicotine transdermal patch",
                "1 patch a day; stopped by the patient after three months",
            ),
            (
                "stopped",
                "2026-10-18",
                "2026-10-28",
                "206905",
                "Ibuprofen 400 mg tablet",
                "1 tablet three times a day for knee pain, bought without prescription",
            ),
        ] {
            let id = self.id("medication");
            let mut period = json!({ "start": from });
            if !until.is_empty() {
                period["end"] = until.into();
            }
            let asserted = if rxnorm == "206905" {
                "2026-10-28T22:50:00Z".to_owned()
            } else {
                format!("{from}T10:20:00Z")
            };
            self.add(json!({
                "resourceType": "MedicationStatement", "id": id, "status": state, "subject": { "reference": PATIENT },
                "effectivePeriod": period, "dateAsserted": asserted,
                "medicationCodeableConcept": { "coding": [{ "system": RXNORM, "code": rxnorm, "display": words }], "text": words },
                "dosage": [{ "text": text, "asNeededBoolean": true }],
            }));
        }
    }

    fn visits(&mut self) {
        for (number, v) in VISITS.iter().enumerate() {
            let Visit(
                date,
                creatinine,
                urea,
                potassium,
                bicarbonate,
                hba1c,
                hb,
                mcv,
                rdw,
                platelets,
                systolic,
                diastolic,
                weight,
            ) = *v;
            let at = format!("{date}T08:10:00Z");
            let issued = format!("{date}T14:40:00Z");
            self.encounter(
                ("AMB", "ambulatory"),
                ("185349003", "Diabetes and general review"),
                (&format!("{date}T08:30:00Z"), &format!("{date}T09:05:00Z")),
                CLINIC,
            );
            let sodium = 140.0 + self.jitter(1);
            let chloride = 103.0 + self.jitter(1);
            let glucose = 140.0 + (hba1c - 7.0) * 28.0 + self.jitter(5);
            let calcium = 9.4 + self.jitter(2) / 10.0;
            self.metabolic(
                &at,
                &issued,
                [
                    sodium,
                    potassium,
                    chloride,
                    bicarbonate,
                    urea,
                    creatinine,
                    glucose,
                    calcium,
                ],
            );
            let wbc = 7.8 + self.jitter(6) / 10.0;
            self.blood_count(&at, &issued, [hb, mcv, rdw, platelets, wbc]);
            self.results("4548-4", "Hemoglobin A1c", &at, &issued, &[(&HBA1C, hba1c)]);
            if let Some((_, [acr, total, hdl, ldl, triglycerides, alt])) =
                YEARLY.iter().find(|(n, _)| *n == number)
            {
                self.results(
                    "14959-1",
                    "Albumin and creatinine, urine",
                    &at,
                    &issued,
                    &[(&ACR, *acr)],
                );
                self.results(
                    "57698-3",
                    "Lipid panel",
                    &at,
                    &issued,
                    &[
                        (&CHOLESTEROL, *total),
                        (&HDL, *hdl),
                        (&LDL, *ldl),
                        (&TRIGLYCERIDES, *triglycerides),
                    ],
                );
                let liver = [
                    (&ALT, *alt),
                    (&AST, alt - 4.0),
                    (&ALP, 82.0 + self.jitter(6)),
                    (&BILIRUBIN, 0.6),
                    (&ALBUMIN, 4.1),
                ];
                self.results("24325-3", "Hepatic function panel", &at, &issued, &liver);
            }
            if let Some((_, ferritin)) = FERRITINS.iter().find(|(n, _)| *n == number) {
                self.results(
                    "2276-4",
                    "Ferritin",
                    &at,
                    &issued,
                    &[(&FERRITIN, *ferritin)],
                );
            }
            if number == 0 || number == 8 {
                let tsh = 1.84 + self.jitter(20) / 100.0;
                self.results("3016-3", "Thyrotropin", &at, &issued, &[(&TSH, tsh)]);
            }
            let seen = format!("{date}T08:35:00Z");
            self.pressure(&seen, systolic, diastolic);
            let pulse = 76.0 + self.jitter(5);
            self.vital("8867-4", "Heart rate", &seen, pulse, "/min", 0);
            self.vital("29463-7", "Body weight", &seen, weight, "kg", 1);
            self.vital(
                "39156-5",
                "Body mass index",
                &seen,
                weight / (1.63 * 1.63),
                "kg/m2",
                1,
            );
            if number == 0 {
                self.vital("8302-2", "Body height", &seen, 163.0, "cm", 0);
            }
            if number % 2 == 0 {
                self.smoking(&seen);
            }
        }
        // The anemia work-up, two weeks before the admission.
        self.encounter(
            ("AMB", "ambulatory"),
            ("185347001", "Anemia consultation"),
            ("2026-10-14T13:00:00Z", "2026-10-14T13:40:00Z"),
            CLINIC,
        );
        let (at, issued) = ("2026-10-12T08:05:00Z", "2026-10-12T15:20:00Z");
        self.metabolic(
            at,
            issued,
            [139.0, 4.9, 104.0, 22.0, 24.0, 1.27, 166.0, 9.3],
        );
        self.blood_count(at, issued, [9.8, 74.1, 17.4, 412.0, 8.1]);
        self.results(
            "50190-8",
            "Iron and iron binding capacity",
            at,
            issued,
            &[
                (&FERRITIN, 9.0),
                (&IRON, 28.0),
                (&TIBC, 438.0),
                (&TSAT, 6.0),
            ],
        );
        self.results("1988-5", "C-reactive protein", at, issued, &[(&CRP, 4.0)]);
        self.results(
            "2132-9",
            "Vitamin B12 and folate",
            at,
            issued,
            &[(&B12, 412.0), (&FOLATE, 11.2)],
        );
    }

    fn admission(&mut self) {
        self.encounter(
            ("EMER", "emergency"),
            ("50849002", "Emergency room admission"),
            ("2026-10-28T20:55:00Z", "2026-10-29T00:40:00Z"),
            HOSPITAL,
        );
        self.encounter(
            ("IMP", "inpatient encounter"),
            ("32485007", "Hospital admission, acute kidney injury"),
            ("2026-10-29T00:40:00Z", "2026-11-01T14:30:00Z"),
            HOSPITAL,
        );
        for Draw(
            at,
            issued,
            sodium,
            potassium,
            chloride,
            bicarbonate,
            urea,
            creatinine,
            glucose,
            crp,
            wbc,
            hb,
            platelets,
        ) in &ADMISSION
        {
            self.metabolic(
                at,
                issued,
                [
                    *sodium,
                    *potassium,
                    *chloride,
                    *bicarbonate,
                    *urea,
                    *creatinine,
                    *glucose,
                    8.9,
                ],
            );
            self.blood_count(at, issued, [*hb, 74.0, 17.5, *platelets, *wbc]);
            self.results("1988-5", "C-reactive protein", at, issued, &[(&CRP, *crp)]);
        }
        for (at, systolic, diastolic, pulse, rate, temperature, saturation) in [
            ("2026-10-28T21:05:00Z", 94.0, 56.0, 112.0, 20.0, 37.8, 95.0),
            ("2026-10-29T08:00:00Z", 108.0, 62.0, 96.0, 18.0, 37.2, 94.0),
            ("2026-10-30T08:00:00Z", 118.0, 68.0, 84.0, 16.0, 36.9, 95.0),
            ("2026-10-31T08:00:00Z", 124.0, 70.0, 80.0, 16.0, 36.7, 95.0),
            ("2026-11-01T08:00:00Z", 128.0, 74.0, 78.0, 16.0, 36.6, 96.0),
        ] {
            self.pressure(at, systolic, diastolic);
            self.vital("8867-4", "Heart rate", at, pulse, "/min", 0);
            self.vital("9279-1", "Respiratory rate", at, rate, "/min", 0);
            self.vital("8310-5", "Body temperature", at, temperature, "Cel", 1);
            self.vital(
                "59408-5",
                "Oxygen saturation by pulse oximetry",
                at,
                saturation,
                "%",
                0,
            );
        }
    }

    fn encounter(
        &mut self,
        (class, words): (&str, &str),
        (code, kind): (&str, &str),
        (start, end): (&str, &str),
        provider: &str,
    ) {
        let id = self.id("encounter");
        self.add(json!({
            "resourceType": "Encounter", "id": id, "status": "finished", "subject": { "reference": PATIENT },
            "class": { "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": class, "display": words },
            "type": [{ "coding": [{ "system": SNOMED, "code": code }], "text": kind }],
            "period": { "start": start, "end": end }, "serviceProvider": { "display": provider },
        }));
    }

    /// Sodium, potassium, chloride, bicarbonate, urea nitrogen, creatinine, glucose, calcium; the laboratory adds its eGFR.
    fn metabolic(
        &mut self,
        at: &str,
        issued: &str,
        [
            sodium,
            potassium,
            chloride,
            bicarbonate,
            urea,
            creatinine,
            glucose,
            calcium,
        ]: [f64; 8],
    ) {
        let values = [
            (&SODIUM, sodium),
            (&POTASSIUM, potassium),
            (&CHLORIDE, chloride),
            (&BICARBONATE, bicarbonate),
            (&UREA, urea),
            (&CREATININE, creatinine),
            (&EGFR, egfr(creatinine, age(at))),
            (&GLUCOSE, glucose),
            (&CALCIUM, calcium),
        ];
        self.results("24321-2", "Basic metabolic panel", at, issued, &values);
    }

    /// Haemoglobin, mean cell volume, distribution width, platelets, leukocytes; the other indices follow from them.
    fn blood_count(&mut self, at: &str, issued: &str, [hb, mcv, rdw, platelets, wbc]: [f64; 5]) {
        // Mean cell haemoglobin concentration falls with iron deficiency: 33.5 g/dL at MCV 90, 31 at 74.
        let mchc = 33.5 - (90.0 - mcv).max(0.0) * 0.155;
        let hct = hb / mchc * 100.0;
        let rbc = hct * 10.0 / mcv;
        let values = [
            (&WBC, wbc),
            (&RBC, rbc),
            (&HB, hb),
            (&HCT, hct),
            (&MCV, mcv),
            (&MCH, hb * 10.0 / rbc),
            (&RDW, rdw),
            (&PLATELETS, platelets),
        ];
        self.results("58410-2", "Complete blood count", at, issued, &values);
    }

    /// A report and its results, each with the interval of the report and the laboratory's flag.
    fn results(
        &mut self,
        panel: &str,
        name: &str,
        at: &str,
        issued: &str,
        values: &[(&Test, f64)],
    ) {
        let mut links = Vec::new();
        for (Test(code, words, unit, decimals, low, high), value) in values {
            let id = self.id("lab");
            links.push(json!({ "reference": format!("Observation/{id}") }));
            let value = exact(*value, *decimals);
            let number = value.as_f64().unwrap_or(0.0);
            let limit = |l: &Option<f64>| {
                l.map(|l| json!({ "value": exact(l, *decimals), "unit": unit, "system": UCUM, "code": unit }))
            };
            let mut range = json!({});
            for (side, limit) in [("low", limit(low)), ("high", limit(high))] {
                if let Some(limit) = limit {
                    range[side] = limit;
                }
            }
            let flag = match (
                low.is_some_and(|l| number < l),
                high.is_some_and(|h| number > h),
            ) {
                (true, _) => ("L", "Low"),
                (_, true) => ("H", "High"),
                _ => ("N", "Normal"),
            };
            self.add(json!({
                "resourceType": "Observation", "id": id, "status": "final", "subject": { "reference": PATIENT },
                "category": [{ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory" }] }],
                "code": { "coding": [{ "system": LOINC, "code": code, "display": words }], "text": words },
                "effectiveDateTime": at, "issued": issued, "performer": [{ "display": format!("{HOSPITAL} Laboratory") }],
                "valueQuantity": { "value": value, "unit": unit, "system": UCUM, "code": unit },
                "interpretation": [{ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "code": flag.0, "display": flag.1 }] }],
                "referenceRange": [range],
            }));
        }
        let id = self.id("report");
        self.add(json!({
            "resourceType": "DiagnosticReport", "id": id, "status": "final", "subject": { "reference": PATIENT },
            "category": [{ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "LAB", "display": "Laboratory" }] }],
            "code": { "coding": [{ "system": LOINC, "code": panel, "display": name }], "text": name },
            "effectiveDateTime": at, "issued": issued, "result": links,
        }));
    }

    fn vital(
        &mut self,
        code: &str,
        words: &str,
        at: &str,
        value: f64,
        unit: &str,
        decimals: usize,
    ) {
        let id = self.id("vital");
        self.add(json!({
            "resourceType": "Observation", "id": id, "status": "final", "subject": { "reference": PATIENT },
            "category": [{ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs" }] }],
            "code": { "coding": [{ "system": LOINC, "code": code, "display": words }], "text": words },
            "effectiveDateTime": at, "issued": at,
            "valueQuantity": { "value": exact(value, decimals), "unit": unit, "system": UCUM, "code": unit },
        }));
    }

    fn pressure(&mut self, at: &str, systolic: f64, diastolic: f64) {
        let id = self.id("vital");
        let part = |code: &str, words: &str, value: f64| {
            json!({ "code": { "coding": [{ "system": LOINC, "code": code, "display": words }], "text": words },
                    "valueQuantity": { "value": exact(value, 0), "unit": "mmHg", "system": UCUM, "code": "mm[Hg]" } })
        };
        self.add(json!({
            "resourceType": "Observation", "id": id, "status": "final", "subject": { "reference": PATIENT },
            "category": [{ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs" }] }],
            "code": { "coding": [{ "system": LOINC, "code": "85354-9", "display": "Blood pressure panel" }], "text": "Blood pressure" },
            "effectiveDateTime": at, "issued": at,
            "component": [part("8480-6", "Systolic blood pressure", systolic), part("8462-4", "Diastolic blood pressure", diastolic)],
        }));
    }

    fn smoking(&mut self, at: &str) {
        let id = self.id("social");
        self.add(json!({
            "resourceType": "Observation", "id": id, "status": "final", "subject": { "reference": PATIENT },
            "category": [{ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "social-history" }] }],
            "code": { "coding": [{ "system": LOINC, "code": "72166-2", "display": "Tobacco smoking status" }], "text": "Tobacco smoking status" },
            "effectiveDateTime": at, "issued": at,
            "valueCodeableConcept": { "coding": [{ "system": SNOMED, "code": "449868002", "display": "Smokes tobacco daily" }], "text": "Current every day smoker" },
        }));
    }

    fn imaging(&mut self) {
        for (uid, accession, started, issued, modality, series, instances, code, name, text) in [
            (
                CT_1_STUDY_UID,
                "SYN-CT-1",
                "2025-10-14T10:15:00Z",
                "2025-10-14T15:32:00Z",
                "CT",
                1,
                120,
                "24627-2",
                "CT chest",
                CT_1_REPORT,
            ),
            (
                CT_2_STUDY_UID,
                "SYN-CT-2",
                "2026-10-27T09:12:00Z",
                "2026-10-27T16:05:00Z",
                "CT",
                1,
                120,
                "24627-2",
                "CT chest",
                CT_2_REPORT,
            ),
            (
                DX_STUDY_UID,
                "SYN-DX-1",
                "2026-10-29T14:20:00Z",
                "2026-10-29T15:10:00Z",
                "DX",
                1,
                1,
                "24648-8",
                "XR chest PA",
                DX_REPORT,
            ),
        ] {
            let study = self.id("imaging");
            self.add(json!({
                "resourceType": "ImagingStudy", "id": study, "status": "available", "subject": { "reference": PATIENT }, "started": started,
                "identifier": [{ "system": "urn:dicom:uid", "value": format!("urn:oid:{uid}") },
                               { "type": { "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "ACSN" }] }, "value": accession }],
                "modality": [{ "system": "http://dicom.nema.org/resources/ontology/DCM", "code": modality }],
                "description": name, "numberOfSeries": series, "numberOfInstances": instances,
                "series": [{ "uid": format!("{uid}1"), "modality": { "system": "http://dicom.nema.org/resources/ontology/DCM", "code": modality },
                             "bodySite": { "system": SNOMED, "code": "51185008", "display": "Chest" }, "numberOfInstances": instances }],
            }));
            let report = self.id("report");
            self.add(json!({
                "resourceType": "DiagnosticReport", "id": report, "status": "final", "subject": { "reference": PATIENT },
                "category": [{ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "RAD", "display": "Radiology" }] }],
                "code": { "coding": [{ "system": LOINC, "code": code, "display": name }], "text": format!("{name} report") },
                "effectiveDateTime": started, "issued": issued, "imagingStudy": [{ "reference": format!("ImagingStudy/{study}") }],
                "performer": [{ "display": "Dr. L. Okafor (synthetic), Radiology" }],
                "presentedForm": [{ "contentType": "text/plain; charset=utf-8", "data": base64(text.trim_start()) }],
            }));
        }
    }

    fn notes(&mut self) {
        for (at, written, code, title, author, text) in NOTES {
            let id = self.id("note");
            self.add(json!({
                "resourceType": "DocumentReference", "id": id, "status": "current", "docStatus": "final", "subject": { "reference": PATIENT },
                "type": { "coding": [{ "system": LOINC, "code": code, "display": title }], "text": title },
                "category": [{ "coding": [{ "system": "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category", "code": "clinical-note" }] }],
                "date": written, "author": [{ "display": author }], "context": { "period": { "start": at } },
                "content": [{ "attachment": { "contentType": "text/plain; charset=utf-8", "data": base64(text.trim_start()) } }],
            }));
        }
    }
}

fn status(system: &str, code: &str) -> Value {
    json!({ "coding": [{ "system": format!("http://terminology.hl7.org/CodeSystem/{system}"), "code": code }] })
}

/// The number rounded to its decimals, as a JSON number (JSON's own writer drops trailing zeros).
fn exact(value: f64, decimals: usize) -> Value {
    let text = format!("{value:.decimals$}");
    if decimals == 0 {
        return text.parse::<i64>().map_or(Value::Null, Value::from);
    }
    text.parse::<f64>().map_or(Value::Null, Value::from)
}

/// Completed years of the patient at an ISO time.
fn age(at: &str) -> f64 {
    let year: f64 = at.get(..4).and_then(|y| y.parse().ok()).unwrap_or(0.0);
    let before_birthday = at.get(5..10).is_some_and(|day| day < "03-02");
    year - 1957.0 - f64::from(u8::from(before_birthday))
}

/// CKD-EPI 2021 (creatinine) for a woman, mL/min/1.73 m2, as the laboratory reports it. Inker 2021, NEJM 385:1737.
fn egfr(creatinine: f64, age: f64) -> f64 {
    let ratio = creatinine / 0.7;
    142.0 * ratio.min(1.0).powf(-0.241) * ratio.max(1.0).powf(-1.2) * 0.9938f64.powf(age) * 1.012
}

fn base64(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |n: u32| char::from(DIGITS.get((n & 63) as usize).copied().unwrap_or(b'='));
    let mut out = String::with_capacity(text.len().div_ceil(3) * 4);
    for chunk in text.as_bytes().chunks(3) {
        let byte = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        out.push(digit(bits >> 18));
        out.push(digit(bits >> 12));
        out.push(if chunk.len() > 1 {
            digit(bits >> 6)
        } else {
            '='
        });
        out.push(if chunk.len() > 2 { digit(bits) } else { '=' });
    }
    out
}

const CT_1_REPORT: &str = "
CT CHEST WITHOUT CONTRAST
SYNTHETIC PATIENT - NOT A REAL PERSON

Clinical information: 68-year-old woman, current smoker, 35 pack-years. Cough for three months.

Technique: Helical acquisition of the chest without intravenous contrast, 2.5 mm sections.

Comparison: None available.

Findings:
Lungs: Solid, smoothly marginated nodule in the right upper lobe, mean diameter 6 mm. No calcification or fat is seen in it. Mild centrilobular
emphysema, upper lobe predominant. No consolidation. No pleural effusion or pneumothorax.
Mediastinum: No enlarged mediastinal or hilar lymph nodes. Heart size is normal. Mild coronary artery calcification. Thoracic aorta of normal caliber.
Upper abdomen: No abnormality in the included parts.
Bones: No suspicious lesion. Mild degenerative change of the thoracic spine.

Impression:
1. Solid 6 mm nodule in the right upper lobe, indeterminate, in a patient at high risk (smoker, emphysema).
2. Mild centrilobular emphysema.

Recommendation: CT of the chest in 6 to 12 months, then consider CT at 18 to 24 months (Fleischner Society 2017).
";

const CT_2_REPORT: &str = "
CT CHEST WITH INTRAVENOUS CONTRAST
SYNTHETIC PATIENT - NOT A REAL PERSON

Clinical information: Follow-up of a right upper lobe nodule. Current smoker, 35 pack-years. Weight loss of 2 kg since March. Iron deficiency anemia under
investigation.

Technique: Helical acquisition of the chest after 70 mL of iodinated contrast, 2.5 mm sections. Creatinine on 2026-10-12 was 1.27 mg/dL, eGFR 46.

Comparison: CT chest of 2025-10-14.

Findings:
Lungs: The solid nodule in the right upper lobe now measures 9 mm in mean diameter, previously 6 mm. Its margin is slightly lobulated. No cavitation. No new
nodule. Mild centrilobular emphysema, unchanged. No pleural effusion.
Mediastinum: No enlarged mediastinal or hilar lymph nodes. Heart size is at the upper limit of normal. Mild coronary artery calcification.
Upper abdomen: The included liver and adrenal glands are unremarkable. Small hiatal hernia.
Bones: No suspicious lesion.

Impression:
1. Growth of the solid right upper lobe nodule from 6 mm to 9 mm in 12 months: suspicious for primary lung cancer.
2. No enlarged thoracic lymph nodes.
3. Small hiatal hernia.

Recommendation: PET/CT and discussion in the multidisciplinary lung meeting.
";

const DX_REPORT: &str = "
CHEST RADIOGRAPH, PA
SYNTHETIC PATIENT - NOT A REAL PERSON

Clinical information: Acute kidney injury, received 3 L of fluid, crackles at both bases. Fluid overload?

Comparison: CT chest of 2026-10-27.

Findings: Heart size is at the upper limit of normal. No pulmonary edema. No consolidation. No pleural effusion. The known right upper lobe nodule is faintly
visible. No pneumothorax.

Impression: No evidence of fluid overload or pneumonia. Known right upper lobe nodule, see CT of 2026-10-27.
";

/// Time of the event, time written, LOINC code, title, author, text.
const NOTES: [(&str, &str, &str, &str, &str, &str); 11] = [
    ("2020-09-15T08:30:00Z", "2020-09-15T17:10:00Z", "11488-4", "Consultation note", CLINIC, "
Chief complaint: New patient, diabetes review.

History of present illness: 63-year-old woman with type 2 diabetes since 2011, treated with metformin 1000 mg a day. No hypoglycemia. No polyuria.
Walks for half an hour most days, limited by knee pain.

Past medical history: Hypertension, hyperlipidemia, osteoarthritis of both knees. Colonoscopy in 2017: two small hyperplastic polyps, next one due in 2027.

Family history: Mother had type 2 diabetes. No colorectal or lung cancer in the family.

Social history: Retired seamstress. Smokes 15 to 20 cigarettes a day since 1975. Drinks alcohol rarely.

Allergies: Penicillin - hives and lip swelling in 1984.

Physical examination: BP 138/82, pulse regular. Heart and lungs normal. Feet: pulses present, monofilament normal.

Assessment and plan:
1. Type 2 diabetes, HbA1c 7.1 %. Continue metformin.
2. Hypertension, treated. Continue lisinopril 10 mg.
3. Kidney function normal (creatinine 0.88 mg/dL). Albumin/creatinine ratio 12 mg/g.
4. Smoking: advised to stop; not ready yet.
"),
    ("2022-03-15T08:30:00Z", "2022-03-15T16:20:00Z", "11506-3", "Progress note", CLINIC, "
Subjective: Feels well. Tolerates metformin. No chest pain.

Objective: BP 137/79. Weight 83.1 kg. HbA1c 7.1 %, creatinine 0.95 mg/dL.

Assessment and plan: Diabetes stable, but fasting values up to 170 mg/dL at home. Increase metformin to 1000 mg twice a day. Pneumococcal vaccine given today.
"),
    ("2022-09-20T08:30:00Z", "2022-09-20T16:45:00Z", "11506-3", "Progress note", CLINIC, "
Subjective: Short of breath on stairs, morning cough with white sputum for two winters. No hemoptysis. Still smokes a pack a day.

Objective: BP 140/81. Scattered wheeze. Spirometry: FEV1/FVC 0.64, FEV1 74 % predicted after bronchodilator.

Assessment and plan:
1. COPD, mild to moderate. Albuterol as needed. Inhaler technique shown.
2. Diabetes: HbA1c 7.3 %. No change.
3. Albumin/creatinine ratio 24 mg/g, creatinine 0.99 mg/dL: repeat in a year.
4. Ferritin 58 ng/mL, taken because of fatigue: normal.
"),
    ("2024-03-12T08:30:00Z", "2024-03-12T15:50:00Z", "11506-3", "Progress note", CLINIC, "
Subjective: Tired in the afternoon. Nicotine patches last year did not help; stopped after three months. No blood in the stool. No black stool.

Objective: BP 134/76. Weight 81.8 kg. Creatinine 1.08 mg/dL, eGFR 56 for the second time below 60. Albumin/creatinine ratio 35 mg/g in September.
Hemoglobin 12.4 g/dL, MCV 86 fL.

Assessment and plan:
1. Chronic kidney disease stage 3a with moderately increased albuminuria, most likely diabetic. Continue lisinopril. Avoid anti-inflammatory drugs.
2. Metformin: dose may stay while eGFR is above 45; review at each visit.
3. Fatigue: TSH next time. Ferritin 34 ng/mL.
"),
    ("2025-09-16T08:30:00Z", "2025-09-16T16:30:00Z", "11506-3", "Progress note", CLINIC, "
Subjective: Dry cough for three months, no fever, no hemoptysis. Fatigue. Appetite less than it was. Takes antacids for heartburn.

Objective: BP 133/75. Weight 79.9 kg. Chest: prolonged expiration. Hemoglobin 11.4 g/dL, MCV 80.6 fL. Creatinine 1.17 mg/dL, eGFR 51.

Assessment and plan:
1. Cough in a smoker with 35 pack-years: CT chest.
2. Mild anemia, probably of chronic kidney disease. Recheck in six months.
3. Diabetes: HbA1c 7.6 %, target 7.5 %. Diet discussed.
"),
    ("2025-10-21T11:00:00Z", "2025-10-21T17:25:00Z", "51852-2", "Letter", "Dr. S. Brandt (synthetic), Pulmonary Medicine", "
Reason for referral: Lung nodule found on CT.

Dear colleague,

Thank you for referring this 68-year-old woman, who smokes (35 pack-years) and has mild COPD. CT of the chest of 2025-10-14 shows a solid 6 mm nodule in the
right upper lobe. There is no earlier CT to compare with. She has no hemoptysis. Spirometry is unchanged.

Assessment: Solitary solid nodule of 6 mm, high-risk patient.

Plan: CT of the chest in 12 months. Smoking cessation was discussed again; she will think about varenicline. Please check kidney function before contrast is given.
"),
    ("2026-03-17T08:30:00Z", "2026-03-17T16:05:00Z", "11506-3", "Progress note", CLINIC, "
Subjective: Tired, short of breath on one flight of stairs. No chest pain. No visible bleeding. Eats little meat.

Objective: BP 131/74. Weight 78.8 kg. Pale conjunctivae. Hemoglobin 10.7 g/dL, MCV 77.2 fL. HbA1c 7.6 %. Creatinine 1.21 mg/dL.

Assessment and plan:
1. Anemia, now microcytic. Ferritin pending at the time of this note.
2. CKD stage 3a, stable.
3. Continue other medicines. Review in summer.
"),
    ("2026-08-11T08:30:00Z", "2026-08-11T16:40:00Z", "11506-3", "Progress note", CLINIC, "
Subjective: Fatigue is worse. Craves ice. Knee pain, asks for a stronger pain killer. No melena.

Objective: BP 129/72. Weight 77.5 kg. Hemoglobin 10.2 g/dL, MCV 75.3 fL, platelets 398. HbA1c 8.1 %. Creatinine 1.24 mg/dL, eGFR 47. Albumin/creatinine ratio 84 mg/g.

Assessment and plan:
1. Progressive microcytic anemia: iron studies and separate appointment in October.
2. Diabetes above target. HbA1c may read falsely high in iron deficiency; no change today.
3. Kidney function: metformin 2000 mg a day is at the limit with eGFR 47. Recheck in three months.
4. Knee pain: acetaminophen, no NSAIDs.
5. CT chest for the nodule is booked for October.
"),
    ("2026-10-14T13:00:00Z", "2026-10-14T18:00:00Z", "11488-4", "Consultation note", CLINIC, "
Reason for consultation: Anemia.

History of present illness: 69-year-old woman with progressive fatigue for about two years. Craves ice. Heartburn, for which she takes antacids. Denies melena,
hematochezia and vaginal bleeding. Weight loss of about 2 kg since spring.

Laboratory data (2026-10-12): Hemoglobin 9.8 g/dL, MCV 74.1 fL, ferritin 9 ng/mL, transferrin saturation 6 %, CRP 4 mg/L. B12 and folate normal. Creatinine 1.27 mg/dL.

Physical examination: Pale. Abdomen soft, no mass. Rectal examination: brown stool.

Assessment: Iron deficiency anemia. No source of blood loss is known. Last colonoscopy in 2017.

Plan: Ferrous sulfate 325 mg every other day started. Tests for celiac disease to be added. Referral for upper and lower endoscopy to be discussed after the
CT of the chest.
"),
    ("2026-10-28T21:10:00Z", "2026-10-29T00:20:00Z", "34111-5", "Emergency department note", "Dr. M. Ferrer (synthetic), Emergency Medicine", "
Chief complaint: Vomiting and diarrhea for three days, dizzy.

History of present illness: 69-year-old woman. Watery diarrhea and vomiting since 2026-10-25, several family members ill. Drinks little. Went to her CT with contrast
yesterday all the same. Has taken ibuprofen 400 mg three times a day for ten days for her knee. Passed little urine today. No blood in stool. No fever at home.

Past medical history: Type 2 diabetes, hypertension, CKD stage 3a, COPD, iron deficiency anemia, lung nodule under follow-up.

Medications: Metformin 1000 mg twice a day, lisinopril 10 mg, amlodipine 5 mg, atorvastatin 80 mg, ferrous sulfate, ibuprofen (own purchase).

Allergies: Penicillin.

Vital signs: BP 94/56, HR 112, RR 20, T 37.8, SpO2 95 % on room air.

Physical examination: Dry mucous membranes. Abdomen soft, mild diffuse tenderness, no guarding. Lungs clear.

Laboratory data: Creatinine 2.10 mg/dL (1.27 on 2026-10-12), urea nitrogen 52 mg/dL, potassium 5.6 mmol/L, bicarbonate 17 mmol/L, CRP 38 mg/L.

Assessment and plan:
1. Acute kidney injury, prerenal most likely: volume loss, NSAID, ACE inhibitor; contrast yesterday may add to it.
2. Hyperkalemia, mild. ECG without changes.
3. Fluids 1 L now. Stop ibuprofen and lisinopril. Admit.
"),
    ("2026-11-01T14:00:00Z", "2026-11-01T15:45:00Z", "18842-5", "Discharge summary", "Dr. P. Lindqvist (synthetic), Internal Medicine", "
Discharge summary
Admitted: 2026-10-28. Discharged: 2026-11-01.

Discharge diagnoses:
1. Acute kidney injury on chronic kidney disease stage 3a, after gastroenteritis, with NSAID and ACE inhibitor; peak creatinine 2.62 mg/dL on 2026-10-30.
2. Viral gastroenteritis, resolved.
3. Iron deficiency anemia, under investigation.
4. Right upper lobe nodule, growing.

Hospital course: The patient was admitted with volume depletion after three days of vomiting and diarrhea. She received 3 L of balanced crystalloid over 24 hours. Ibuprofen
and lisinopril were stopped. Urine sediment was bland. Renal ultrasound showed no hydronephrosis. Creatinine rose to 2.62 mg/dL and then fell to 2.04 mg/dL on
the day of discharge. Potassium normalized. Chest radiograph of 2026-10-29 showed no fluid overload. Hemoglobin was 9.4 g/dL without signs of bleeding.
The CT of 2026-10-27, reported during the stay, shows growth of the known nodule from 6 mm to 9 mm.

Discharge medications: Amlodipine 5 mg, atorvastatin 80 mg, ferrous sulfate 325 mg every other day, albuterol as needed. Other home medications unchanged.
Stopped: lisinopril (until kidney function is rechecked), ibuprofen.

Discharge instructions: Drink enough. No anti-inflammatory pain killers. Return if vomiting or diarrhea comes back.

Follow-up:
- Kidney function and potassium in one week with the primary physician.
- Lung clinic: referral sent for PET/CT and multidisciplinary meeting.
- Endoscopy: to be arranged by the primary physician once kidney function has recovered.

Signed: Dr. P. Lindqvist (synthetic)
"),
];
