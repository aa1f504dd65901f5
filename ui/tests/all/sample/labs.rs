//! Laboratory results and vital signs, as tables.

use triptych_ui::view::Variation::{Down, None as Steady};
use triptych_ui::view::*;

use super::{fact, now, when};

/// Name, unit, values by date, lower and upper limit of the interval, decimals, verdict on the newest change.
#[rustfmt::skip]
type Analyte = (&'static str, &'static str, &'static [f64], Option<f64>, Option<f64>, usize, Variation);

const DATES: [&str; 9] = [
    "2019-09-20",
    "2019-11-22",
    "2020-01-24",
    "2020-02-21",
    "2020-03-27",
    "2020-04-17",
    "2020-07-17",
    "2020-08-14",
    "2021-02-19",
];
const LONG_AGO: [&str; 2] = ["2017-11-10T00:14:00Z", "2017-11-10T00:14:00Z"];
const ROUNDS: [&str; 4] = ["2019-09-20", "2020-01-24", "2020-08-14", "2021-02-19"];

#[rustfmt::skip]
const KIDNEY: [Analyte; 9] = [
    ("Creatinine", "mg/dL", &[1.65, 1.18, 1.15, 1.51, 1.12, 1.26, 1.07, 1.48, 1.28], Some(0.5), Some(1.1), 2, Steady),
    ("eGFR reported", "mL/min", &[71.0, 77.0, 80.0, 62.0, 82.0, 73.0, 86.0, 62.0, 72.0], None, None, 0, Steady),
    ("eGFR", "mL/min/1.73 m²", &[48.0, 62.0, 44.0, 61.0, 52.0, 60.0, 63.0, 43.0, 51.0], None, None, 0, Steady),
    ("Urea nitrogen", "mg/dL", &[13.0, 17.0, 9.0, 18.0, 8.0, 16.0, 15.0, 17.0, 13.6], Some(7.0), Some(20.0), 1, Steady),
    ("Sodium", "mmol/L", &[141.0, 137.0, 139.0, 143.0, 142.0, 141.0, 138.0, 143.0, 136.8], Some(136.0), Some(145.0), 1, Down),
    ("Potassium", "mmol/L", &[4.5, 3.8, 4.6, 4.0, 4.1, 3.8, 4.5, 4.7, 4.93], Some(3.5), Some(5.1), 2, Steady),
    ("Chloride", "mmol/L", &[109.0, 106.0, 110.0, 105.0, 108.0, 103.0, 104.0, 106.0, 101.0], Some(98.0), Some(107.0), 1, Steady),
    ("Carbon dioxide", "mmol/L", &[24.0, 26.0, 21.0, 27.0, 22.0, 21.5, 25.0, 20.0, 21.3], Some(22.0), Some(29.0), 1, Steady),
    ("Calcium", "mg/dL", &[9.6, 9.0, 9.9, 8.8, 10.0, 8.7, 9.4, 9.1, 8.93], Some(8.6), Some(10.2), 2, Down),
];
#[rustfmt::skip]
const GLUCOSE: [Analyte; 2] = [
    ("Glucose", "mg/dL", &[120.0, 160.0, 88.0, 84.0, 69.0, 74.0, 85.0, 72.0, 77.1], Some(70.0), Some(99.0), 1, Steady),
    ("HbA1c", "%", &[6.9, 6.1, 4.6, 3.4, 3.3, 3.4, 3.2, 3.1, 3.03], Some(4.0), Some(5.6), 2, Steady),
];
#[rustfmt::skip]
const BLOOD_COUNT: [Analyte; 4] = [
    ("Haemoglobin", "g/dL", &[15.97, 11.33], Some(12.0), Some(15.5), 2, Steady),
    ("Leucocytes", "10³/µL", &[6.9, 6.32], Some(4.0), Some(10.0), 2, Steady),
    ("Platelets", "10³/µL", &[419.0, 281.0], Some(150.0), Some(400.0), 0, Steady),
    ("MCV", "fL", &[92.2, 87.6], Some(80.0), Some(98.0), 1, Steady),
];
#[rustfmt::skip]
const LIPIDS: [Analyte; 3] = [
    ("LDL cholesterol", "mg/dL", &[140.0, 133.0, 120.0, 96.0, 70.0, 76.0, 80.0, 84.0, 90.5], None, Some(130.0), 1, Steady),
    ("HDL cholesterol", "mg/dL", &[48.0, 43.0, 66.0, 70.0, 68.0, 71.0, 69.0, 73.0, 61.5], Some(50.0), None, 1, Steady),
    ("Triglycerides", "mg/dL", &[131.0, 188.0, 122.0, 125.0, 129.0, 127.0, 126.0, 144.0, 127.0], None, Some(150.0), 1, Steady),
];
#[rustfmt::skip]
const URINE: [Analyte; 1] = [
    ("Albumin/creatinine", "mg/g", &[5.0, 2.0, 14.5, 4.0, 3.5, 8.0, 13.7, 8.3, 15.52], None, Some(30.0), 2, Steady),
];
#[rustfmt::skip]
const VITALS: [Analyte; 3] = [
    ("Systolic pressure", "mmHg", &[131.0, 128.0, 120.0, 134.0], None, None, 0, Steady),
    ("Weight", "kg", &[86.8, 86.8, 86.8, 86.8], None, None, 1, Steady),
    ("Body mass index", "kg/m²", &[30.1, 30.1, 30.1, 30.1], None, None, 1, Steady),
];

/// Values in time, their interval, and how the newest is written.
fn row(dates: &[&str], analyte: &Analyte) -> LabRow {
    let &(name, unit, values, low, high, decimals, variation) = analyte;
    let points: std::sync::Arc<[LabPoint]> = dates
        .iter()
        .zip(values)
        .map(|(d, v)| LabPoint {
            fact: fact(&format!("{name} {d} {v}")),
            at: when(d),
            available: when(d).instant,
            value: Some(*v),
            written: format!("{v:.decimals$}").into(),
            low,
            high,
            mark: match (low, high) {
                (None, None) => Mark::NoInterval,
                (_, Some(h)) if *v > h => Mark::Above,
                (Some(l), _) if *v < l => Mark::Below,
                _ => Mark::Within,
            },
        })
        .collect();
    let last = points.last().unwrap().clone();
    let days = now().days_since(last.at.instant);
    let age = if days < 60.0 {
        format!("{days:.0} d")
    } else if days < 730.0 {
        format!("{:.0} mo", days / 30.4)
    } else {
        format!("{:.1} y", days / 365.25)
    };
    let interval = match (low, high) {
        (Some(l), Some(h)) => format!("{l} – {h}"),
        (None, Some(h)) => format!("≤ {h}"),
        (Some(l), None) => format!("≥ {l}"),
        _ => "no interval".into(),
    };
    LabRow {
        key: name.to_lowercase(),
        name: name.into(),
        value: last.written.clone().to_string(),
        unit: unit.into(),
        mark_words: match last.mark {
            Mark::Above => format!("Above the interval of this report ({interval})"),
            Mark::Below => format!("Below the interval of this report ({interval})"),
            Mark::NoInterval => "No interval in this report".into(),
            _ => "Inside the interval of this report".into(),
        },
        interval,
        mark: last.mark,
        collected: format!("{} 00:14", last.at.iso_date()),
        age,
        change_percent: if points.len() > 1 {
            "\u{2212}13.5".into()
        } else {
            String::new()
        },
        variation,
        fact: last.fact,
        points,
        source: "FHIR bundle, Observation".into(),
        calculated: name == "eGFR",
    }
}

pub fn labs() -> Vec<LabGroup> {
    let group =
        |title: &str, (date, age): (&str, &str), dates: &[&str], analytes: &[Analyte]| LabGroup {
            is_known: true,
            title: title.into(),
            date: date.into(),
            age: age.into(),
            rows: analytes.iter().map(|a| row(dates, a)).collect(),
        };
    let (new, old) = (("2021-02-19", "3 d"), ("2017-11-10", "3.3 y"));
    vec![
        group("Kidney and electrolytes", new, &DATES, &KIDNEY),
        group("Glucose", new, &DATES, &GLUCOSE),
        group("Blood count", old, &LONG_AGO, &BLOOD_COUNT),
        group("Lipids", new, &DATES, &LIPIDS),
        group("Urine", new, &DATES, &URINE),
    ]
}

pub fn vitals() -> Vec<LabRow> {
    VITALS.iter().map(|a| row(&ROUNDS, a)).collect()
}
