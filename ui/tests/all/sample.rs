//! A made-up patient, rich enough to fill every view. Nothing here is anybody.

use std::sync::{Arc, OnceLock};

use triptych_render::{Colour, DisplayAttributes, Frame, FrameBytes, FrameShape, SampleType};
use triptych_ui::view::*;
use triptych_workbench::{FactId, Instant, PatientKey, SeriesUid, SopInstanceUid, StudyUid, When};

pub fn fact(name: &str) -> FactId {
    FactId::of(&["test", name])
}

pub fn when(text: &str) -> When {
    When::parse(text).unwrap()
}

fn now() -> Instant {
    when("2021-02-22T09:41:00Z").instant
}

pub fn study_uid(n: usize) -> StudyUid {
    StudyUid::new(&format!("1.2.3.{n}")).unwrap()
}

/// Thorax in Hounsfield units: soft tissue, lungs, spine, heart, a nodule of `nodule` pixels.
fn thorax(slice: usize, nodule: f32) -> Frame {
    let n = 256usize;
    let mut noise = 0x9e37_79b9_u32 ^ (slice as u32).wrapping_mul(7919);
    let mut bytes = Vec::with_capacity(n * n * 2);
    for y in 0..n {
        for x in 0..n {
            let (u, v) = ((x as f32 - 128.0) / 128.0, (y as f32 - 132.0) / 128.0);
            noise ^= noise << 13;
            noise ^= noise >> 17;
            noise ^= noise << 5;
            let inside = |cx: f32, cy: f32, rx: f32, ry: f32| {
                ((u - cx) / rx).powi(2) + ((v - cy) / ry).powi(2) < 1.0
            };
            let mut hu = -1000.0;
            if inside(0.0, 0.0, 0.88, 0.66) {
                hu = -90.0;
                if inside(0.0, 0.0, 0.82, 0.6) {
                    hu = 45.0;
                }
                if inside(-0.4, -0.02, 0.32, 0.46) || inside(0.42, 0.0, 0.32, 0.46) {
                    hu = -850.0;
                    let vessel = ((u * 31.0).sin() * (v * 27.0).cos()).abs();
                    if vessel > 0.96 {
                        hu = 20.0;
                    }
                }
                if inside(0.08, -0.1, 0.24, 0.26) {
                    hu = 60.0;
                }
                if inside(0.0, 0.42, 0.12, 0.12) {
                    hu = 420.0;
                }
                if ((u + 0.52).powi(2) + (v - 0.1).powi(2)).sqrt() * 128.0 < nodule {
                    hu = 40.0;
                }
                let ring = (u / 0.84).powi(2) + (v / 0.62).powi(2);
                if (0.8..0.87).contains(&ring) && ((v * 24.0).sin() > 0.2) {
                    hu = 380.0;
                }
            }
            let value = hu + (noise >> 26) as f32 - 32.0;
            bytes.extend((value as i16).to_le_bytes());
        }
    }
    Frame {
        shape: FrameShape {
            columns: 256,
            rows: 256,
            sample: SampleType::I16,
            colour: Colour::Monochrome2,
        },
        bytes: FrameBytes::from(bytes),
    }
}

fn display(modality: &str) -> Arc<DisplayAttributes> {
    let mut d = DisplayAttributes {
        modality: modality.into(),
        bits_stored: 16,
        ..DisplayAttributes::default()
    };
    d.unit = "HU".into();
    d.spacing.pixel_spacing = Some([1.4, 1.4]);
    d.spacing.has_plane = true;
    d.patient_orientation = Some(["L".into(), "P".into()]);
    if modality == "CT" {
        d.convolution_kernel = "lung D".into();
    }
    Arc::new(d)
}

fn series(
    key: &str,
    number: &str,
    description: &str,
    modality: &str,
    images: usize,
    nodule: f32,
    decoded: bool,
) -> SeriesView {
    let shown = display(modality);
    let slices = (0..images)
        .map(|i| {
            let pixels = OnceLock::new();
            // Only what is looked at: the middle third.
            if decoded && (images < 4 || (images / 3..images * 2 / 3).contains(&i)) {
                let id = (key.len() as u64) << 40
                    | (number.len() as u64) << 32
                    | u64::from(key.as_bytes()[key.len() - 1]) << 16
                    | i as u64;
                let near = if i == images / 2 || i == (images - 1) / 2 || images < 4 {
                    i
                } else {
                    0
                };
                if near == i {
                    let _ = pixels.set(Ok(Decoded {
                        id,
                        frame: thorax(i, nodule),
                        display: Arc::clone(&shown),
                    }));
                } else if i == images / 2 + 1 {
                    let _ = pixels.set(Err("pixel data end at byte 262,144 of 524,288".into()));
                }
            }
            Slice {
                instance: SopInstanceUid::new(&format!("1.2.3.9.{}.{i}", key.len())).unwrap(),
                frame: 0,
                orientation: Some([1.0, 0.0, 0.0, 0.0, 1.0, 0.0]),
                position: Some([0.0, 0.0, i as f64 * -4.0]),
                position_text: format!("\u{2212}{:.1} mm", 321.8 + i as f64 * 4.0),
                pixels,
            }
        })
        .collect();
    SeriesView {
        key: SeriesKey(key.into()),
        uid: SeriesUid::new(&format!("1.2.4.{}", key.len())).unwrap(),
        number: number.into(),
        description: description.into(),
        modality: modality.into(),
        body_part: "CHEST".into(),
        images,
        owner: ImageOwner {
            name: "HYATT, Neva".into(),
            identifier: "e6a7ccbf".into(),
            birth_date: "1970-05-28".into(),
            sex: "F".into(),
            same_as_banner: true,
        },
        spacing_mm: Some(4.0),
        marks: Vec::new(),
        unreadable: None,
        stack: Arc::new(Stack { slices }),
    }
}

fn studies() -> Vec<StudyView> {
    let mut prior = series("prior ct c", "2", "soft", "CT", 58, 6.0, true);
    prior.marks.push("LOSSY 8.2:1 JPEG 2000".into());
    vec![
        StudyView {
            uid: study_uid(1),
            date: "2021-02-22".into(),
            time: "09:12".into(),
            title: "CT chest".into(),
            modality: "CT".into(),
            series: vec![
                series("ct lung a", "4", "lung", "CT", 60, 9.0, true),
                series("ct soft bb", "3", "soft", "CT", 60, 9.0, false),
            ],
            days_before_newest: 0,
        },
        StudyView {
            uid: study_uid(2),
            date: "2020-12-07".into(),
            time: "14:30".into(),
            title: "CT chest".into(),
            modality: "CT".into(),
            series: vec![prior],
            days_before_newest: 77,
        },
        StudyView {
            uid: study_uid(3),
            date: "2019-11-22".into(),
            time: "10:02".into(),
            title: "DX chest PA".into(),
            modality: "DX".into(),
            series: vec![series("dx d", "1", "PA", "DX", 1, 7.0, true)],
            days_before_newest: 458,
        },
    ]
}

/// Values in time, their interval, and how the newest is written.
#[allow(clippy::too_many_arguments)]
fn row(
    name: &str,
    unit: &str,
    dates: &[&str],
    values: &[f64],
    low: Option<f64>,
    high: Option<f64>,
    decimals: usize,
    variation: Variation,
) -> LabRow {
    let points: Vec<LabPoint> = dates
        .iter()
        .zip(values)
        .map(|(d, v)| LabPoint {
            fact: fact(&format!("{name} {d} {v}")),
            at: when(d),
            value: Some(*v),
            written: format!("{v:.decimals$}"),
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
        value: last.written.clone(),
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
        calculated: false,
    }
}

fn labs() -> Vec<LabGroup> {
    let d = [
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
    let n = Variation::None;
    let group = |title: &str, date: &str, age: &str, rows| LabGroup {
        title: title.into(),
        date: date.into(),
        age: age.into(),
        rows,
    };
    let old = ["2017-11-10T00:14:00Z", "2017-11-10T00:14:00Z"];
    let mut egfr = row(
        "eGFR",
        "mL/min/1.73 m²",
        &d,
        &[48.0, 62.0, 44.0, 61.0, 52.0, 60.0, 63.0, 43.0, 51.0],
        None,
        None,
        0,
        n,
    );
    egfr.calculated = true;
    vec![
        group(
            "Kidney and electrolytes",
            "2021-02-19",
            "3 d",
            vec![
                row(
                    "Creatinine",
                    "mg/dL",
                    &d,
                    &[1.65, 1.18, 1.15, 1.51, 1.12, 1.26, 1.07, 1.48, 1.28],
                    Some(0.5),
                    Some(1.1),
                    2,
                    n,
                ),
                row(
                    "eGFR reported",
                    "mL/min",
                    &d,
                    &[71.0, 77.0, 80.0, 62.0, 82.0, 73.0, 86.0, 62.0, 72.0],
                    None,
                    None,
                    0,
                    n,
                ),
                egfr,
                row(
                    "Urea nitrogen",
                    "mg/dL",
                    &d,
                    &[13.0, 17.0, 9.0, 18.0, 8.0, 16.0, 15.0, 17.0, 13.6],
                    Some(7.0),
                    Some(20.0),
                    1,
                    n,
                ),
                row(
                    "Sodium",
                    "mmol/L",
                    &d,
                    &[
                        141.0, 137.0, 139.0, 143.0, 142.0, 141.0, 138.0, 143.0, 136.8,
                    ],
                    Some(136.0),
                    Some(145.0),
                    1,
                    Variation::Down,
                ),
                row(
                    "Potassium",
                    "mmol/L",
                    &d,
                    &[4.5, 3.8, 4.6, 4.0, 4.1, 3.8, 4.5, 4.7, 4.93],
                    Some(3.5),
                    Some(5.1),
                    2,
                    n,
                ),
                row(
                    "Chloride",
                    "mmol/L",
                    &d,
                    &[
                        109.0, 106.0, 110.0, 105.0, 108.0, 103.0, 104.0, 106.0, 101.0,
                    ],
                    Some(98.0),
                    Some(107.0),
                    1,
                    n,
                ),
                row(
                    "Carbon dioxide",
                    "mmol/L",
                    &d,
                    &[24.0, 26.0, 21.0, 27.0, 22.0, 21.5, 25.0, 20.0, 21.3],
                    Some(22.0),
                    Some(29.0),
                    1,
                    n,
                ),
                row(
                    "Calcium",
                    "mg/dL",
                    &d,
                    &[9.6, 9.0, 9.9, 8.8, 10.0, 8.7, 9.4, 9.1, 8.93],
                    Some(8.6),
                    Some(10.2),
                    2,
                    Variation::Down,
                ),
            ],
        ),
        group(
            "Glucose",
            "2021-02-19",
            "3 d",
            vec![
                row(
                    "Glucose",
                    "mg/dL",
                    &d,
                    &[120.0, 160.0, 88.0, 84.0, 69.0, 74.0, 85.0, 72.0, 77.1],
                    Some(70.0),
                    Some(99.0),
                    1,
                    n,
                ),
                row(
                    "HbA1c",
                    "%",
                    &d,
                    &[6.9, 6.1, 4.6, 3.4, 3.3, 3.4, 3.2, 3.1, 3.03],
                    Some(4.0),
                    Some(5.6),
                    2,
                    n,
                ),
            ],
        ),
        group(
            "Blood count",
            "2017-11-10",
            "3.3 y",
            vec![
                row(
                    "Haemoglobin",
                    "g/dL",
                    &old,
                    &[15.97, 11.33],
                    Some(12.0),
                    Some(15.5),
                    2,
                    n,
                ),
                row(
                    "Leucocytes",
                    "10³/µL",
                    &old,
                    &[6.9, 6.32],
                    Some(4.0),
                    Some(10.0),
                    2,
                    n,
                ),
                row(
                    "Platelets",
                    "10³/µL",
                    &old,
                    &[419.0, 281.0],
                    Some(150.0),
                    Some(400.0),
                    0,
                    n,
                ),
                row(
                    "MCV",
                    "fL",
                    &old,
                    &[92.2, 87.6],
                    Some(80.0),
                    Some(98.0),
                    1,
                    n,
                ),
            ],
        ),
        group(
            "Lipids",
            "2021-02-19",
            "3 d",
            vec![
                row(
                    "LDL cholesterol",
                    "mg/dL",
                    &d,
                    &[140.0, 133.0, 120.0, 96.0, 70.0, 76.0, 80.0, 84.0, 90.5],
                    None,
                    Some(130.0),
                    1,
                    n,
                ),
                row(
                    "HDL cholesterol",
                    "mg/dL",
                    &d,
                    &[48.0, 43.0, 66.0, 70.0, 68.0, 71.0, 69.0, 73.0, 61.5],
                    Some(50.0),
                    None,
                    1,
                    n,
                ),
                row(
                    "Triglycerides",
                    "mg/dL",
                    &d,
                    &[
                        131.0, 188.0, 122.0, 125.0, 129.0, 127.0, 126.0, 144.0, 127.0,
                    ],
                    None,
                    Some(150.0),
                    1,
                    n,
                ),
            ],
        ),
        group(
            "Urine",
            "2021-02-19",
            "3 d",
            vec![row(
                "Albumin/creatinine",
                "mg/g",
                &d,
                &[5.0, 2.0, 14.5, 4.0, 3.5, 8.0, 13.7, 8.3, 15.52],
                None,
                Some(30.0),
                2,
                n,
            )],
        ),
    ]
}

pub const REPORT: &str = "FINDINGS\nA soft-tissue mass in the right upper lobe abuts the mediastinal pleura. The mass appears unchanged compared with 2020-12-07. Bronchi to the right upper lobe are narrowed. No pleural effusion. No pneumothorax. Possible enlarged right paratracheal node. Left lung clear.\n\nRECOMMENDATION\nContrast-enhanced CT is suggested.\n";

fn note(
    name: &str,
    title: &str,
    date: &str,
    status: &str,
    text: &str,
    study: Option<StudyUid>,
) -> NoteItem {
    let mut sections = Vec::new();
    for (key, heading) in [
        ("FINDINGS", "Findings"),
        ("RECOMMENDATION", "Recommendation"),
        ("HOSPITAL COURSE", "Hospital course"),
        ("PLAN", "Plan"),
    ] {
        if let Some(start) = text.find(key) {
            sections.push(NoteSection {
                title: heading.into(),
                start,
                body: start + key.len(),
                end: text.len(),
            });
        }
    }
    NoteItem {
        fact: fact(name),
        title: title.into(),
        date: date.into(),
        at: when(&date[..10]),
        author: "Radiology".into(),
        status: status.into(),
        text: text.into(),
        sections,
        study,
        source: "FHIR bundle, DocumentReference".into(),
    }
}

fn list(name: &str, detail: &str, date: &str, active: bool) -> ListRow {
    ListRow {
        fact: fact(name),
        title: name.into(),
        detail: detail.into(),
        date: date.into(),
        active,
        inert: String::new(),
        source: "FHIR bundle".into(),
    }
}

pub fn signal(
    id: &str,
    lane: Lane,
    severity: Option<Severity>,
    summary: &str,
    detail: &str,
    missing: &str,
) -> SignalCard {
    let span = REPORT.find("The mass appears").unwrap();
    let lab = |name: &str, value: &str| BasisItem {
        name: name.into(),
        role: "trigger".into(),
        value: value.into(),
        canonical: String::new(),
        time: "2021-02-19".into(),
        age: "3 d old".into(),
        target: Some(Target::Lab {
            row: name.to_lowercase(),
            fact: fact(&format!("{name} 2021-02-19 1.28")),
        }),
    };
    SignalCard {
        id: SignalId(id.into()),
        lane,
        severity,
        rule: id.into(),
        title: "Kidney function".into(),
        summary: summary.into(),
        as_of: "2021-02-22 09:41".into(),
        missing: missing.into(),
        detail: detail.into(),
        acknowledged: None,
        basis: Basis {
            items: vec![
                lab("Creatinine", "1.28 mg/dL"),
                lab("eGFR reported", "72 mL/min/1.73 m²"),
                BasisItem {
                    name: "“The mass appears unchanged …”".into(),
                    role: "CT chest report, preliminary".into(),
                    value: String::new(),
                    canonical: String::new(),
                    time: "2021-02-22 10:05".into(),
                    age: String::new(),
                    target: Some(Target::Note {
                        fact: fact("ct report"),
                        span: Some((span, span + 58)),
                    }),
                },
                BasisItem {
                    name: "CT chest, series 4, image 30".into(),
                    role: "image".into(),
                    value: String::new(),
                    canonical: String::new(),
                    time: "2021-02-22".into(),
                    age: String::new(),
                    target: Some(Target::Image {
                        study: study_uid(1),
                        instance: Some((SopInstanceUid::new("1.2.3.9.9.29").unwrap(), 0)),
                    }),
                },
                BasisItem {
                    name: "Age and sex".into(),
                    role: "demographics".into(),
                    value: "50 y, female".into(),
                    canonical: String::new(),
                    time: String::new(),
                    age: String::new(),
                    target: Some(Target::Banner),
                },
            ],
            steps: vec![
                "eGFR = 142 · min(Scr/κ, 1)^α · max(Scr/κ, 1)^−1.200 · 0.9938^age · 1.012".into(),
                "= 51 mL/min/1.73 m²".into(),
                "Difference to the reported 72: 29 %".into(),
            ],
            thresholds: vec!["more than 10 % apart: met".into()],
            exclusions: vec![
                "Age 18 or above: yes. Dialysis: not recorded. Pregnancy: not recorded.".into(),
                "Steady state is assumed.".into(),
            ],
            missing: vec!["equation of the laboratory".into()],
            citation: "Inker et al., N Engl J Med 2021;385:1737. KDIGO 2024.".into(),
            valid_until: "2027-03-01".into(),
            input_hash: "7f3a9c00e1d2c4b5a697".into(),
        },
    }
}

fn pathway(id: &str, title: &str) -> PathwayCard {
    let met = |say: &str, met| Criterion {
        say: say.into(),
        met,
    };
    let option = |id: &str, kind: &str, title: &str, text: &str, evidence: &str, contra: bool| {
        PathwayOption {
            id: id.into(),
            title: title.into(),
            kind: kind.into(),
            text: text.into(),
            supports: vec![
                met(
                    "Label band 30 to 60; eGFR 51, calculated, 3 d old",
                    Some(true),
                ),
                met("Recorded intolerance", Some(false)),
            ],
            against: vec![met(
                "Radiology societies accept continuing at stable eGFR 30 and above",
                Some(true),
            )],
            contraindicated: vec![
                met("Known liver failure", contra.then_some(true)),
                met("Heart failure, acute", None),
            ],
            follow_up: "eGFR, 2 to 4 d".into(),
            evidence: evidence.into(),
            stale: None,
        }
    };
    PathwayCard {
        id: id.into(),
        pack: "metformin-and-kidney@1.0.0".into(),
        title: title.into(),
        scope: "Adults on metformin; not for dialysis.".into(),
        say: "eGFR 51 mL/min/1.73 m² is calculated (CKD-EPI 2021); the laboratory reported 72. Below, both are tried.".into(),
        needs: Vec::new(),
        options: vec![
            option("a_pause", "monitor", "Pause at the time of contrast, recheck eGFR after 48 hours", "Label: hold in the band 30 to 60, in liver disease, alcoholism or heart failure, and with intra-arterial contrast.", "B · FDA 2016", false),
            option("b_continue", "none", "Continue", "Local radiology policy decides; the reason can be recorded.", "consensus", false),
            option("c_b12", "test", "Vitamin B12 level", "Every 2 to 3 years; sooner with anaemia or neuropathy.", "B · label", true),
        ],
        sources: vec!["FDA drug safety communication, 8 Apr 2016".into(), "ACR Manual on Contrast Media 2024".into()],
        decision: None,
    }
}

fn timeline(labs: &[LabGroup], notes: &[NoteItem]) -> Vec<TimelineItem> {
    let mut out = Vec::new();
    let mut add =
        |lane, start: &str, end: Option<&str>, label: &str, count, abnormal, severity, target| {
            out.push(TimelineItem {
                lane,
                start: when(start),
                end: end.map(when),
                label: label.into(),
                count,
                abnormal,
                severity,
                target,
            });
        };
    for d in [
        "2017-11-10",
        "2019-01-20",
        "2019-09-20",
        "2019-11-12",
        "2019-11-22",
        "2020-01-04",
        "2020-01-17",
        "2020-02-14",
        "2020-02-21",
        "2020-03-20",
        "2020-04-17",
        "2020-06-04",
        "2020-07-17",
        "2020-08-14",
        "2020-11-14",
        "2020-12-07",
        "2021-01-02",
        "2021-02-15",
        "2021-02-19",
    ] {
        add(
            TimelineLane::Encounters,
            d,
            None,
            "Check-up",
            0,
            0,
            None,
            Target::Encounter(fact("Check-up")),
        );
    }
    for (d, name) in [
        ("2017-11-10", "Diabetes"),
        ("2017-11-10", "Anaemia"),
        ("2019-09-20", "CKD stage 1"),
        ("2019-11-22", "Diabetic renal disease"),
    ] {
        add(
            TimelineLane::Problems,
            d,
            None,
            name,
            0,
            0,
            None,
            Target::Problem(fact(name)),
        );
    }
    for (d, name) in [
        ("2019-09-20", "Metformin ER 500 mg"),
        ("2019-11-22", "Insulin isophane/regular 70/30"),
    ] {
        add(
            TimelineLane::Medicines,
            d,
            None,
            name,
            0,
            0,
            None,
            Target::Medication(fact(name)),
        );
    }
    let row = &labs[0].rows[0];
    for p in &row.points {
        add(
            TimelineLane::Laboratory,
            &p.at.iso_date(),
            None,
            "12 results",
            12,
            usize::from(p.mark == Mark::Above) * 2,
            None,
            Target::Lab {
                row: row.key.clone(),
                fact: p.fact,
            },
        );
    }
    add(
        TimelineLane::Laboratory,
        "2017-11-10",
        None,
        "8 results",
        8,
        0,
        None,
        Target::Lab {
            row: row.key.clone(),
            fact: row.fact,
        },
    );
    for (d, m, n) in [
        ("2019-11-22", "DX chest", 3),
        ("2020-12-07", "CT chest", 2),
        ("2021-02-22", "CT chest", 1),
    ] {
        add(
            TimelineLane::Imaging,
            d,
            None,
            m,
            0,
            0,
            None,
            Target::Image {
                study: study_uid(n),
                instance: None,
            },
        );
    }
    for n in notes {
        add(
            TimelineLane::Notes,
            &n.date[..10],
            None,
            &n.title,
            0,
            0,
            None,
            Target::Note {
                fact: n.fact,
                span: None,
            },
        );
    }
    for (d, s, id) in [
        ("2020-08-14", Severity::Low, "R3@1.0.0"),
        ("2021-02-10", Severity::Moderate, "R1@1.0.0"),
        ("2021-02-20", Severity::High, "R31@1.0.0"),
    ] {
        add(
            TimelineLane::Signals,
            d,
            None,
            "signal",
            0,
            0,
            Some(s),
            Target::Signal(SignalId(id.into())),
        );
    }
    out
}

pub fn patient() -> PatientView {
    let labs = labs();
    let notes = vec![
        note(
            "ct report",
            "CT report",
            "2021-02-22 10:05",
            "preliminary",
            REPORT,
            Some(study_uid(1)),
        ),
        note(
            "visit 1",
            "Progress note",
            "2020-08-14 01:02",
            "final",
            "PLAN\nMetformin continued. Creatinine to be repeated in 4 weeks.\nNo oedema. Weight stable at 86.8 kg.",
            None,
        ),
        note(
            "letter",
            "Rheumatology letter",
            "2020-06-18 11:00",
            "final",
            "HOSPITAL COURSE: Joint pain, better on treatment.",
            None,
        ),
        note(
            "visit 2",
            "Progress note",
            "2019-11-22 09:30",
            "superseded",
            "Anaemia known. Ferritin asked for.",
            None,
        ),
    ];
    let d = ["2019-09-20", "2020-01-24", "2020-08-14", "2021-02-19"];
    PatientView {
        person: PatientKey(1),
        banner: Banner {
            name: "HYATT, Neva".into(),
            initials: "NH".into(),
            sex: "F".into(),
            birth_date: "1970-05-28".into(),
            age: "50 y".into(),
            identifier_kind: "MRN".into(),
            identifier: "e6a7ccbf".into(),
            identifier_tail: "cbf".into(),
            allergies: "no record".into(),
            synthetic: false,
            linked: Vec::new(),
        },
        at: now(),
        at_is_now: true,
        at_text: "now 2021-02-22 09:41".into(),
        studies: studies(),
        timeline: timeline(&labs, &notes),
        labs,
        vitals: vec![
            row(
                "Systolic pressure",
                "mmHg",
                &d,
                &[131.0, 128.0, 120.0, 134.0],
                None,
                None,
                0,
                Variation::None,
            ),
            row(
                "Weight",
                "kg",
                &d,
                &[86.8, 86.8, 86.8, 86.8],
                None,
                None,
                1,
                Variation::None,
            ),
            row(
                "Body mass index",
                "kg/m²",
                &d,
                &[30.1, 30.1, 30.1, 30.1],
                None,
                None,
                1,
                Variation::None,
            ),
        ],
        notes,
        medications: vec![
            list(
                "Metformin ER 500 mg",
                "dose per day not recorded",
                "since 2019-09-20",
                true,
            ),
            list(
                "Insulin isophane/regular 70/30",
                "",
                "since 2019-11-22",
                true,
            ),
            list("Ibuprofen 200 mg", "stopped", "2018-03-02", false),
        ],
        problems: vec![
            list("Diabetes", "type 2", "2017-11-10", true),
            list("Anaemia", "", "2017-11-10", true),
            list("Chronic kidney disease stage 1", "", "2019-09-20", true),
            list("Diabetic renal disease", "", "2019-09-20", true),
            list("Hypertriglyceridaemia", "", "2019-09-20", true),
            list("Metabolic syndrome", "", "2019-11-22", true),
            list("Acute bronchitis", "resolved", "2016-02-01", false),
            list("Body mass index 30+", "finding", "2019-11-22", true),
            list(
                "Normal pregnancy, completed a long time ago and written down at length by a thorough source",
                "resolved",
                "2015-06-02",
                false,
            ),
        ],
        allergies: Vec::new(),
        encounters: vec![list("Check-up", "ambulatory", "2021-02-19", true)],
        procedures: vec![list("Colonoscopy", "", "2020-06-04", true)],
        signals: SignalsView {
            running: false,
            cards: vec![
                signal(
                    "R31@1.0.0",
                    Lane::N,
                    Some(Severity::High),
                    "Mass, right upper lobe: mean diameter 25 to 31 mm in 77 d, doubling time 93 d. Report: “unchanged”",
                    "Growth and report disagree; both shown.",
                    "Missing: earlier CT, smoking status",
                ),
                signal(
                    "R1@1.0.0",
                    Lane::N,
                    Some(Severity::Moderate),
                    "Reported eGFR 72 and calculated eGFR 51 mL/min/1.73 m² differ by 29 %",
                    "From creatinine 1.28 mg/dL, CKD-EPI 2021",
                    "",
                ),
                signal(
                    "R3@1.0.0",
                    Lane::N,
                    Some(Severity::Low),
                    "CKD G3aA1, moderate risk (KDIGO); abnormal since 2020-08-14",
                    "Problem list says stage 1.",
                    "",
                ),
                signal(
                    "heart-size-reference 0.1.0",
                    Lane::D,
                    None,
                    "Heart enlarged on an adult frontal radiograph: band middle",
                    "CPU: 57 of 57 nodes",
                    "",
                ),
            ],
            coverage: "9 rules: 3 fired, 4 silent, 2 cannot tell".into(),
            coverage_rows: vec![
                ("R1".into(), "fires".into()),
                (
                    "R16".into(),
                    "cannot tell: ferritin, transferrin saturation".into(),
                ),
            ],
            needs: "needs: vitamin B12, ferritin, smoking status".into(),
            models: vec![ModelRow {
                model: "chest-ct-findings 0.3.1".into(),
                state: ModelState::Withheld(vec![
                    "slice spacing 4.0 mm, model accepts up to 2.5 mm".into(),
                ]),
                provider: "CPU".into(),
            }],
            pathways: vec![
                pathway("metformin/contrast", "Iodinated contrast is planned"),
                pathway("metformin/b12", "Long use and vitamin B12"),
            ],
        },
        note_hits: None,
    }
}

pub fn snapshot(page: Page) -> Snapshot {
    Snapshot {
        generation: 1,
        page,
        import: None,
        notices: Vec::new(),
        machine: Arc::new(MachineView {
            processor: "local · CPU".into(),
            processor_reason: "No graphics card was found.".into(),
            archive: "Archive 1.2 GB".into(),
            doctor: String::new(),
        }),
    }
}

pub fn start() -> Snapshot {
    let row = |key: i64,
               name: &str,
               sex: &str,
               born: &str,
               age: &str,
               id: &str,
               event: &str,
               counts: (usize, usize, usize)| PatientRow {
        person: PatientKey(key),
        name: name.into(),
        sex: sex.into(),
        birth_date: born.into(),
        age: age.into(),
        identifier: id.into(),
        counts: Counts {
            studies: counts.0,
            results: counts.1,
            notes: counts.2,
            ..Counts::default()
        },
        last_event: event.into(),
        last_opened: if key < 3 {
            "2021-02-22 09:41".into()
        } else {
            String::new()
        },
        synthetic: key == 9,
        linked_records: if key == 1 { 2 } else { 1 },
    };
    let mut s = snapshot(Page::Start(Arc::new(StartView {
        patients: vec![
            row(
                1,
                "HYATT, Neva",
                "F",
                "1970-05-28",
                "50 y",
                "MRN e6a7ccbf",
                "2021-02-22",
                (2, 310, 9),
            ),
            row(
                2,
                "KUHLMAN, Dirk",
                "M",
                "1971-12-07",
                "49 y",
                "MRN 1e503533",
                "2021-03-02",
                (0, 266, 0),
            ),
            row(
                3,
                "DIBBERT, Laticia",
                "F",
                "1948-11-08",
                "died 64 y",
                "MRN b23f172c",
                "2013-05-31",
                (4, 1221, 0),
            ),
            row(
                4,
                "KUVALIS, Lavelle",
                "F",
                "1942-03-19",
                "78 y",
                "MRN 9f0fb46c",
                "2020-08-20",
                (0, 123, 0),
            ),
            row(
                5,
                "VON HOHENZOLLERN-SIGMARINGEN-EMDEN, Maximilian Friedrich Alexander Konstantin",
                "M",
                "birth date not recorded",
                "",
                "1.2.840.113619.2.55.3.604688119.969.1268071029.320",
                "2012-10-17",
                (0, 207, 0),
            ),
            row(
                9,
                "DEMO, Synthetic",
                "F",
                "1957-03-02",
                "69 y",
                "MRN 1234",
                "2026-02-22",
                (3, 410, 12),
            ),
        ],
        search: String::new(),
    })));
    s.import = Some(Arc::new(ImportView {
        title: "chest_ct and fhir".into(),
        done: 212,
        total: 312,
        bytes: 118_000_000,
        stored: 208,
        duplicates: 2,
        refused: vec![
            RefusedFile { name: "031_truncated.dcm".into(), reason: "Pixel data end at byte 262,144 of 524,288. The other 60 images of the series are complete.".into() },
            RefusedFile { name: "bundle-dstu2.json".into(), reason: "FHIR release DSTU2 (1.0.2); this program reads R4 (4.0.1).".into() },
        ],
        conflicts: vec![RefusedFile { name: "Identifier 20481".into(), reason: "Arrived with birth dates 1957-03-02 and 1957-02-03. Nothing was joined; both wait until a person decides.".into() }],
        ..ImportView::default()
    }));
    s
}
