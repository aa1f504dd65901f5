//! The layout at its limits: what does not fit is counted, and nothing stands outside the page or over something else.

use triptych_clinical::{FactId, When};

use super::content::{Content, Entry, FootLine, LabBlock, LabLine, SignalLine};
use super::layout::{LEFT, RIGHT, page};
use super::sheet::{Drawn, HEIGHT, Sheet};
use crate::view::{LabPoint, Mark, Severity};

const LONG: &str =
    "Insulin isophane 70 units/mL with insulin regular 30 units/mL, suspension for injection";

fn entry(k: usize) -> Entry {
    Entry {
        title: format!("Entry {k}: {}", LONG.get(..k % 80).unwrap_or(LONG)),
        detail: LONG.get(..(k * 7) % 80).unwrap_or_default().to_owned(),
        date: "2021-02-19".to_owned(),
        strong: k.is_multiple_of(5),
    }
}

fn lab(k: usize) -> LabLine {
    let when = When::parse("2021-02-19").unwrap();
    let points = (0..k % 5).map(|n| LabPoint {
        fact: FactId::of(&["test", &n.to_string()]),
        at: When::at(
            when.instant
                .plus_days(-40 * (4 - i64::try_from(n).unwrap())),
        ),
        available: when.instant,
        value: Some(n as f64),
        written: n.to_string().into(),
        low: Some(0.5),
        high: Some(2.5),
        mark: Mark::Within,
    });
    LabLine {
        mark: [
            Mark::Above,
            Mark::Refused,
            Mark::NoInterval,
            Mark::CriticalBelow,
        ][k % 4],
        name: format!(
            "Analyte {k} {}",
            LONG.get(..(k * 3) % 40).unwrap_or_default()
        ),
        value: if k % 9 == 8 {
            LONG.to_owned()
        } else {
            format!("{k}.25")
        },
        unit: if k % 9 == 8 {
            String::new()
        } else {
            "mL/min/1.73 m²".to_owned()
        },
        interval: "1,136.0 – 1,145.0".to_owned(),
        is_text: k % 9 == 8,
        date: "2021-02-19".to_owned(),
        age: "14 mo".to_owned(),
        points: points.collect(),
    }
}

fn signal(k: usize) -> SignalLine {
    SignalLine {
        severity: [None, Some(Severity::Info), Some(Severity::High)][k % 3],
        word: "Moderate",
        title: "Acute kidney injury stage".to_owned(),
        rule: format!("R{k}@1.0.0"),
        summary: LONG.repeat(1 + k % 3),
        notes: vec!["Missing: ferritin".to_owned(), LONG.repeat(k % 4)],
    }
}

fn content(n: usize) -> Content {
    let entries = || (0..n).map(entry).collect::<Vec<_>>();
    Content {
        name: "DOE, Jane ".repeat(1 + n / 20),
        person: vec!["born 1957-03-02".to_owned(), "69 y".to_owned()],
        allergies: LONG.repeat(1 + n / 50),
        remarks: Vec::new(),
        as_of: "2021-03-03 23:59 UTC".to_owned(),
        past: n.is_multiple_of(2),
        dead: n.is_multiple_of(3),
        signals: (0..n / 4).map(signal).collect(),
        due: entries(),
        labs: vec![LabBlock {
            title: "Kidney".to_owned(),
            rows: (0..n).map(lab).collect(),
        }],
        vitals: (0..n.min(8)).map(lab).collect(),
        problems: entries(),
        medicines: entries(),
        imaging: entries(),
        papers: entries(),
        foot: vec![FootLine {
            label: "Missing",
            items: (0..n).map(|k| format!("item {k}")).collect(),
            between: ", ",
        }],
        made: "As of 2021-03-03".to_owned(),
    }
}

/// Left, top, right, bottom of each text, by the height of its capitals.
fn boxes(sheet: &Sheet) -> Vec<([f32; 4], &str)> {
    sheet
        .drawn
        .iter()
        .filter_map(|drawn| match drawn {
            Drawn::Text { at, words, style } => {
                let right = at[0] + style.width(words);
                let top = at[1] - style.size * 0.66;
                Some(([at[0], top, right, at[1]], words.as_str()))
            }
            Drawn::Path { .. } => None,
        })
        .collect()
}

#[test]
fn d_27_nothing_is_outside_the_page_or_over_another_text() {
    for n in [0, 1, 3, 7, 12, 33, 60, 120] {
        let sheet = page(&content(n));
        let boxes = boxes(&sheet);
        for (k, ([l, t, r, b], words)) in boxes.iter().enumerate() {
            let inside = *l > LEFT - 0.1 && *r < RIGHT + 0.1 && *t > 20.0 && *b < HEIGHT - 14.0;
            assert!(inside, "{n}: {words} at {l} {t} {r} {b}");
            for ([l2, t2, r2, b2], other) in boxes.iter().skip(k + 1) {
                let over = l < r2 && l2 < r && t < b2 && t2 < b;
                assert!(!over, "{n}: {words:?} over {other:?} at {l} {b}");
            }
        }
    }
}

#[test]
fn d_27_what_does_not_fit_is_counted_where_it_would_have_stood() {
    for n in [12, 60, 120] {
        let sheet = page(&content(n));
        let lines = sheet.lines();
        let texts = boxes(&sheet);
        let counted = |what: &str| -> usize {
            let lines = texts.iter().map(|(_, words)| *words);
            lines
                .filter(|w| w.ends_with("not printed") && w.contains(what))
                .filter_map(|w| w.split(' ').next()?.parse::<usize>().ok())
                .sum()
        };
        let rules = texts.iter().filter(|(_, w)| w.ends_with("@1.0.0")).count();
        assert_eq!(rules + counted(" signal"), n / 4, "{lines:#?}");
        let in_table = |b: &[f32; 4]| (b[0] - LEFT - 11.0).abs() < 0.1;
        let rows = texts
            .iter()
            .filter(|(b, w)| in_table(b) && w.starts_with("Analyte "));
        assert_eq!(rows.count() + counted(" result"), n, "{lines:#?}");
    }
}
