//! Cards, coverage, models and pathway questions.

use triptych_ui::view::*;
use triptych_workbench::SopInstanceUid;

use super::notes::REPORT;
use super::{fact, study_uid};

pub fn signals() -> SignalsView {
    SignalsView {
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
        ..SignalsView::default()
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
            long_forms: vec!["eGFR: estimated glomerular filtration rate".into()],
            citation: "Inker et al., N Engl J Med 2021;385:1737. KDIGO 2024.".into(),
            valid_until: "2027-03-01".into(),
            input_hash: "7f3a9c00e1d2c4b5a697".into(),
            frequencies: Vec::new(),
            model: None,
        },
        subject: id.split('@').next().unwrap_or_default().into(),
        outcome: String::new(),
        sides: Vec::new(),
        weighing: Weighing::default(),
        own: Vec::new(),
    }
}

fn pathway(id: &str, title: &str) -> PathwayCard {
    let met = |say: &str, met| Criterion {
        say: say.into(),
        met,
        rests_on: if met == Some(true) {
            "R15 eGFR 51 mL/min/1.73 m² · 3 d".into()
        } else {
            String::new()
        },
        needs: if met.is_none() {
            "echocardiogram".into()
        } else {
            String::new()
        },
    };
    let option =
        |id: &str, kind: &str, title: &str, text: &str, grade: &str, contra: bool| PathwayOption {
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
            grade: grade.into(),
            source: "FDA drug safety communication, 8 Apr 2016".into(),
            asked_again: "7 d".into(),
            stale: None,
        };
    PathwayCard {
        id: id.into(),
        pack: "metformin-and-kidney@1.0.0".into(),
        about: "Metformin and kidney function".into(),
        title: title.into(),
        scope: "Adults on metformin; not for dialysis.".into(),
        say: "eGFR 51 mL/min/1.73 m² is calculated (CKD-EPI 2021); the laboratory reported 72. Below, both are tried.".into(),
        needs: Vec::new(),
        rests_on: vec![
            BasisItem {
                name: "Creatinine".into(),
                role: "through R15".into(),
                value: "1.28 mg/dL".into(),
                canonical: String::new(),
                time: "2021-02-19".into(),
                age: "3 d".into(),
                target: Some(Target::Lab {
                    row: "Creatinine".into(),
                    fact: fact("Creatinine 2021-02-19"),
                }),
            },
        ],
        options: vec![
            option("a_pause", "monitor", "Pause at the time of contrast, recheck eGFR after 48 hours", "Label: hold in the band 30 to 60, in liver disease, alcoholism or heart failure, and with intra-arterial contrast.", "B", false),
            option("b_continue", "none", "Continue", "Local radiology policy decides; the reason can be recorded.", "consensus", false),
            option("c_b12", "test", "Vitamin B12 level", "Every 2 to 3 years; sooner with anaemia or neuropathy.", "B", true),
        ],
        sources: vec!["FDA drug safety communication, 8 Apr 2016".into(), "ACR Manual on Contrast Media 2024".into()],
        decision: None,
    }
}
