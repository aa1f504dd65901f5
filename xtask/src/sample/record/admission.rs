//! Four days in hospital with acute kidney injury.

use super::analytes::CRP;
use super::{Chart, HOSPITAL};

/// One row a blood draw: time, time of the result, then sodium, potassium, chloride, bicarbonate, urea nitrogen, creatinine, glucose,
/// C-reactive protein, leukocytes, haemoglobin, platelets.
#[rustfmt::skip]
const DRAWS: [(&str, &str, [f64; 11]); 5] = [
    ("2026-10-28T21:40:00Z", "2026-10-28T22:35:00Z", [132.0, 5.6, 101.0, 17.0, 52.0, 2.10, 214.0, 38.0, 11.8, 10.1, 431.0]),
    ("2026-10-29T06:30:00Z", "2026-10-29T07:50:00Z", [134.0, 5.3, 104.0, 18.0, 55.0, 2.46, 188.0, 44.0, 10.4,  9.6, 412.0]),
    ("2026-10-30T06:35:00Z", "2026-10-30T07:45:00Z", [137.0, 4.9, 106.0, 20.0, 54.0, 2.62, 171.0, 29.0,  9.1,  9.3, 405.0]),
    ("2026-10-31T06:20:00Z", "2026-10-31T07:40:00Z", [139.0, 4.6, 107.0, 22.0, 46.0, 2.31, 163.0, 17.0,  8.4,  9.3, 399.0]),
    ("2026-11-01T07:10:00Z", "2026-11-01T08:30:00Z", [140.0, 4.5, 106.0, 23.0, 38.0, 2.04, 158.0, 11.0,  8.0,  9.4, 402.0]),
];

/// One row a round: time, then systolic and diastolic pressure, pulse, respiratory rate, temperature, oxygen saturation.
#[rustfmt::skip]
const ROUNDS: [(&str, [f64; 6]); 5] = [
    ("2026-10-28T21:05:00Z", [94.0, 56.0, 112.0, 20.0, 37.8, 95.0]),
    ("2026-10-29T08:00:00Z", [108.0, 62.0, 96.0, 18.0, 37.2, 94.0]),
    ("2026-10-30T08:00:00Z", [118.0, 68.0, 84.0, 16.0, 36.9, 95.0]),
    ("2026-10-31T08:00:00Z", [124.0, 70.0, 80.0, 16.0, 36.7, 95.0]),
    ("2026-11-01T08:00:00Z", [128.0, 74.0, 78.0, 16.0, 36.6, 96.0]),
];

impl Chart {
    pub(super) fn admission(&mut self) {
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
        for (at, issued, values) in DRAWS {
            let [
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
            ] = values;
            let times = (at, issued);
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
                    8.9,
                ],
            );
            self.blood_count(times, [hb, 74.0, 17.5, platelets, wbc]);
            self.results("1988-5", "C-reactive protein", times, &[(&CRP, crp)]);
        }
        for (at, [systolic, diastolic, pulse, rate, temperature, saturation]) in ROUNDS {
            self.pressure(at, systolic, diastolic);
            self.vital(at, ("8867-4", "Heart rate"), pulse, "/min", 0);
            self.vital(at, ("9279-1", "Respiratory rate"), rate, "/min", 0);
            self.vital(at, ("8310-5", "Body temperature"), temperature, "Cel", 1);
            let oximetry = ("59408-5", "Oxygen saturation by pulse oximetry");
            self.vital(at, oximetry, saturation, "%", 0);
        }
    }
}
