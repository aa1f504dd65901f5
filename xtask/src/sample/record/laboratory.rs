//! Laboratory reports: panels of results, each with its interval and flag, and what the laboratory calculates itself.

use serde_json::{Value, json};

use super::analytes::{
    BICARBONATE, CALCIUM, CHLORIDE, CREATININE, EGFR, GLUCOSE, HB, HCT, MCH, MCV, PLATELETS,
    POTASSIUM, RBC, RDW, SODIUM, Test, UREA, WBC,
};
use super::{Chart, HL7, HOSPITAL, LOINC, PATIENT, concept, exact, quantity};

/// When the sample was taken, and when the result was there.
pub(super) type Times<'a> = (&'a str, &'a str);

impl Chart {
    /// Sodium, potassium, chloride, bicarbonate, urea nitrogen, creatinine, glucose, calcium; the laboratory adds its eGFR.
    pub(super) fn metabolic(&mut self, times: Times<'_>, values: [f64; 8]) {
        let [
            sodium,
            potassium,
            chloride,
            bicarbonate,
            urea,
            creatinine,
            glucose,
            calcium,
        ] = values;
        let values = [
            (&SODIUM, sodium),
            (&POTASSIUM, potassium),
            (&CHLORIDE, chloride),
            (&BICARBONATE, bicarbonate),
            (&UREA, urea),
            (&CREATININE, creatinine),
            (&EGFR, egfr(creatinine, age(times.0))),
            (&GLUCOSE, glucose),
            (&CALCIUM, calcium),
        ];
        self.results("24321-2", "Basic metabolic panel", times, &values);
    }

    /// Haemoglobin, mean cell volume, distribution width, platelets, leukocytes; the other indices follow from them.
    pub(super) fn blood_count(
        &mut self,
        times: Times<'_>,
        [hb, mcv, rdw, platelets, wbc]: [f64; 5],
    ) {
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
        self.results("58410-2", "Complete blood count", times, &values);
    }

    /// A report and its results.
    pub(super) fn results(
        &mut self,
        panel: &str,
        name: &str,
        times: Times<'_>,
        values: &[(&Test, f64)],
    ) {
        let mut links = Vec::new();
        for (test, value) in values {
            let id = self.id("lab");
            links.push(json!({ "reference": format!("Observation/{id}") }));
            self.result(test, *value, times, &id);
        }
        let id = self.id("report");
        self.add(json!({
            "resourceType": "DiagnosticReport", "id": id, "status": "final", "subject": { "reference": PATIENT },
            "category": [{ "coding": [{ "system": format!("{HL7}/v2-0074"), "code": "LAB", "display": "Laboratory" }] }],
            "code": concept(LOINC, panel, name),
            "effectiveDateTime": times.0, "issued": times.1, "result": links,
        }));
    }

    /// One result, with the interval of the report and the laboratory's flag.
    fn result(&mut self, test: &Test, value: f64, times: Times<'_>, id: &str) {
        let Test(code, words, unit, decimals, low, high) = *test;
        let mut range = json!({});
        for (side, limit) in [("low", low), ("high", high)] {
            if let Some(limit) = limit {
                range[side] = quantity(limit, decimals, unit);
            }
        }
        // The flag is of the number as it is printed.
        let printed = exact(value, decimals).as_f64().unwrap_or(0.0);
        let flag = match (
            low.is_some_and(|l| printed < l),
            high.is_some_and(|h| printed > h),
        ) {
            (true, _) => ("L", "Low"),
            (_, true) => ("H", "High"),
            _ => ("N", "Normal"),
        };
        let code = concept(LOINC, code, words);
        let more = json!({
            "performer": [{ "display": format!("{HOSPITAL} Laboratory") }],
            "valueQuantity": quantity(value, decimals, unit),
            "interpretation": [interpretation(flag)],
            "referenceRange": [range],
        });
        self.observation("laboratory", &code, times, id, more);
    }
}

fn interpretation((code, words): (&str, &str)) -> Value {
    json!({ "coding": [{ "system": format!("{HL7}/v3-ObservationInterpretation"), "code": code, "display": words }] })
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
