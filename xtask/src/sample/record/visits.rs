//! Thirteen office visits in six years, and the anemia work-up that follows the last.

use serde_json::json;

use super::analytes::{
    ACR, ALBUMIN, ALP, ALT, AST, B12, BILIRUBIN, CHOLESTEROL, CRP, FERRITIN, FOLATE, HBA1C, HDL,
    IRON, LDL, TIBC, TRIGLYCERIDES, TSAT, TSH,
};
use super::{CLINIC, Chart, HL7, PATIENT, SNOMED};

/// One office visit: date, then creatinine, urea nitrogen, potassium, bicarbonate, HbA1c, haemoglobin, MCV, RDW, platelets, systolic and
/// diastolic pressure, weight in kg.
#[rustfmt::skip]
const VISITS: [(&str, [f64; 12]); 13] = [
    ("2020-09-15", [0.88, 16.0, 4.3, 26.0, 7.1, 13.4, 90.1, 13.1, 258.0, 138.0, 82.0, 84.2]),
    ("2021-03-16", [0.90, 16.0, 4.4, 25.0, 7.0, 13.3, 89.8, 13.2, 264.0, 136.0, 80.0, 83.6]),
    ("2021-09-14", [0.93, 17.0, 4.3, 25.0, 7.2, 13.2, 89.5, 13.1, 255.0, 141.0, 84.0, 84.0]),
    ("2022-03-15", [0.95, 17.0, 4.5, 25.0, 7.1, 13.0, 89.0, 13.3, 271.0, 137.0, 79.0, 83.1]),
    ("2022-09-20", [0.99, 18.0, 4.4, 25.0, 7.3, 12.9, 88.4, 13.4, 266.0, 140.0, 81.0, 82.7]),
    ("2023-03-14", [1.02, 18.0, 4.6, 24.0, 7.2, 12.8, 88.0, 13.5, 280.0, 135.0, 78.0, 82.9]),
    ("2023-09-19", [1.05, 19.0, 4.5, 24.0, 7.4, 12.6, 87.1, 13.6, 285.0, 139.0, 80.0, 82.0]),
    ("2024-03-12", [1.08, 20.0, 4.6, 24.0, 7.3, 12.4, 86.2, 13.9, 291.0, 134.0, 76.0, 81.8]),
    ("2024-09-17", [1.12, 20.0, 4.7, 24.0, 7.5, 12.2, 85.0, 14.2, 303.0, 137.0, 79.0, 81.1]),
    ("2025-03-18", [1.15, 21.0, 4.6, 23.0, 7.4, 12.0, 83.4, 14.6, 318.0, 136.0, 77.0, 80.6]),
    ("2025-09-16", [1.17, 22.0, 4.8, 23.0, 7.6, 11.4, 80.6, 15.3, 342.0, 133.0, 75.0, 79.9]),
    ("2026-03-17", [1.21, 22.0, 4.7, 23.0, 7.6, 10.7, 77.2, 16.2, 371.0, 131.0, 74.0, 78.8]),
    ("2026-08-11", [1.24, 23.0, 4.9, 22.0, 8.1, 10.2, 75.3, 16.9, 398.0, 129.0, 72.0, 77.5]),
];

/// Yearly at the autumn visits (and August 2026): number of the visit; albumin/creatinine, cholesterol, HDL, LDL, triglycerides, ALT.
const YEARLY: [(usize, [f64; 6]); 7] = [
    (0, [12.0, 212.0, 47.0, 128.0, 186.0, 31.0]),
    (2, [18.0, 178.0, 48.0, 96.0, 170.0, 28.0]),
    (4, [24.0, 170.0, 49.0, 88.0, 166.0, 30.0]),
    (6, [35.0, 165.0, 47.0, 84.0, 172.0, 27.0]),
    (8, [48.0, 168.0, 46.0, 86.0, 181.0, 26.0]),
    (10, [62.0, 160.0, 47.0, 80.0, 164.0, 24.0]),
    (12, [84.0, 158.0, 45.0, 78.0, 175.0, 23.0]),
];

/// Ferritin was measured four times on the way down, and acted on the fifth time. Number of the visit; ng/mL.
const FERRITINS: [(usize, f64); 4] = [(4, 58.0), (7, 34.0), (9, 22.0), (11, 13.0)];

/// Visits at which the thyroid was looked at.
const THYROTROPINS: [usize; 2] = [0, 8];

/// Metres.
const HEIGHT: f64 = 1.63;

impl Chart {
    pub(super) fn visits(&mut self) {
        for (number, (date, values)) in VISITS.iter().enumerate() {
            let [
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
            ] = *values;
            self.encounter(
                ("AMB", "ambulatory"),
                ("185349003", "Diabetes and general review"),
                (&format!("{date}T08:30:00Z"), &format!("{date}T09:05:00Z")),
                CLINIC,
            );
            let (at, issued) = (format!("{date}T08:10:00Z"), format!("{date}T14:40:00Z"));
            let times = (at.as_str(), issued.as_str());
            let sodium = 140.0 + self.jitter(1);
            let chloride = 103.0 + self.jitter(1);
            let glucose = 140.0 + (hba1c - 7.0) * 28.0 + self.jitter(5);
            let calcium = 9.4 + self.jitter(2) / 10.0;
            self.metabolic(
                times,
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
            self.blood_count(times, [hb, mcv, rdw, platelets, wbc]);
            self.results("4548-4", "Hemoglobin A1c", times, &[(&HBA1C, hba1c)]);
            if let Some((_, values)) = YEARLY.iter().find(|(n, _)| *n == number) {
                self.yearly(times, *values);
            }
            if let Some((_, ferritin)) = FERRITINS.iter().find(|(n, _)| *n == number) {
                self.results("2276-4", "Ferritin", times, &[(&FERRITIN, *ferritin)]);
            }
            if THYROTROPINS.contains(&number) {
                let tsh = 1.84 + self.jitter(20) / 100.0;
                self.results("3016-3", "Thyrotropin", times, &[(&TSH, tsh)]);
            }
            let seen = format!("{date}T08:35:00Z");
            self.pressure(&seen, systolic, diastolic);
            let pulse = 76.0 + self.jitter(5);
            self.vital(&seen, ("8867-4", "Heart rate"), pulse, "/min", 0);
            self.vital(&seen, ("29463-7", "Body weight"), weight, "kg", 1);
            let index = weight / (HEIGHT * HEIGHT);
            self.vital(&seen, ("39156-5", "Body mass index"), index, "kg/m2", 1);
            if number == 0 {
                let height = HEIGHT * 100.0;
                self.vital(&seen, ("8302-2", "Body height"), height, "cm", 0);
            }
            if number % 2 == 0 {
                self.smoking(&seen);
            }
        }
    }

    fn yearly(
        &mut self,
        times: (&str, &str),
        [acr, total, hdl, ldl, triglycerides, alt]: [f64; 6],
    ) {
        self.results(
            "14959-1",
            "Albumin and creatinine, urine",
            times,
            &[(&ACR, acr)],
        );
        let lipids = [
            (&CHOLESTEROL, total),
            (&HDL, hdl),
            (&LDL, ldl),
            (&TRIGLYCERIDES, triglycerides),
        ];
        self.results("57698-3", "Lipid panel", times, &lipids);
        let liver = [
            (&ALT, alt),
            (&AST, alt - 4.0),
            (&ALP, 82.0 + self.jitter(6)),
            (&BILIRUBIN, 0.6),
            (&ALBUMIN, 4.1),
        ];
        self.results("24325-3", "Hepatic function panel", times, &liver);
    }

    /// Two weeks before the admission.
    pub(super) fn anemia_work_up(&mut self) {
        self.encounter(
            ("AMB", "ambulatory"),
            ("185347001", "Anemia consultation"),
            ("2026-10-14T13:00:00Z", "2026-10-14T13:40:00Z"),
            CLINIC,
        );
        let times = ("2026-10-12T08:05:00Z", "2026-10-12T15:20:00Z");
        self.metabolic(times, [139.0, 4.9, 104.0, 22.0, 24.0, 1.27, 166.0, 9.3]);
        self.blood_count(times, [9.8, 74.1, 17.4, 412.0, 8.1]);
        let iron = [
            (&FERRITIN, 9.0),
            (&IRON, 28.0),
            (&TIBC, 438.0),
            (&TSAT, 6.0),
        ];
        self.results("50190-8", "Iron and iron binding capacity", times, &iron);
        self.results("1988-5", "C-reactive protein", times, &[(&CRP, 4.0)]);
        let vitamins = [(&B12, 412.0), (&FOLATE, 11.2)];
        self.results("2132-9", "Vitamin B12 and folate", times, &vitamins);
    }

    /// Class, kind (SNOMED CT), start and end.
    pub(super) fn encounter(
        &mut self,
        (class, words): (&str, &str),
        (code, kind): (&str, &str),
        (start, end): (&str, &str),
        provider: &str,
    ) {
        let id = self.id("encounter");
        self.add(json!({
            "resourceType": "Encounter", "id": id, "status": "finished", "subject": { "reference": PATIENT },
            "class": { "system": format!("{HL7}/v3-ActCode"), "code": class, "display": words },
            "type": [{ "coding": [{ "system": SNOMED, "code": code }], "text": kind }],
            "period": { "start": start, "end": end }, "serviceProvider": { "display": provider },
        }));
    }
}
