//! Everything on the time axis.

use triptych_ui::view::*;

use super::{fact, study_uid, when};

pub fn timeline(labs: &[LabGroup], notes: &[NoteItem]) -> Vec<TimelineItem> {
    let mut out = Vec::new();
    let mut add =
        |lane, start: &str, end: Option<&str>, label: &str, count, abnormal, severity, target| {
            out.push(TimelineItem {
                lane,
                start: when(start),
                end: end.map(when),
                available: when(start).instant,
                later: false,
                label: label.into(),
                detail: label.into(),
                count,
                abnormal,
                critical: 0,
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
            Target::Listed(fact("Check-up")),
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
    for p in row.points.iter() {
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
