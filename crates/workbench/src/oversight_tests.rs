//! Counts from entries of the trail (D-29), and that these hold no clinical text (D-40).
#![allow(clippy::unwrap_used)]

use super::*;
use crate::Settings;
use crate::view::{Basis, Lane, Severity, SignalCard, Weighing};

fn card(rule: &str, hash: &str) -> SignalCard {
    SignalCard {
        id: SignalId(format!("{rule}/{hash}")),
        lane: Lane::N,
        severity: Some(Severity::Low),
        rule: rule.to_owned(),
        title: "Potassium".to_owned(),
        summary: "Potassium 6.8 mmol/L".to_owned(),
        as_of: "2026-03-02".to_owned(),
        missing: String::new(),
        detail: "Potassium 6.8 mmol/L, 3 d".to_owned(),
        acknowledged: None,
        basis: Basis {
            input_hash: hash.to_owned(),
            ..Basis::default()
        },
        subject: format!("{rule} potassium"),
        outcome: String::new(),
        sides: Vec::new(),
        weighing: Weighing::default(),
        own: Vec::new(),
    }
}

fn entry(at: &str, details: Details) -> AuditEntry {
    AuditEntry {
        seq: 1,
        at: When::parse(at).unwrap().instant,
        who: "reader".to_owned(),
        verb: "analysis".to_owned(),
        subject: Some(PatientKey(1)),
        details,
    }
}

fn details<const N: usize>(of: [(&str, &str); N]) -> Details {
    of.map(|(k, v)| (k.to_owned(), v.to_owned())).into()
}

/// D-40: rule, version and input hash, and nothing of what the card says.
#[test]
fn d_40_an_entry_on_shown_cards_holds_no_clinical_text() {
    let (a, b) = (card("R5@1.0.0", "ab12"), card("D-18", "cd34"));
    let said = shown(&[&a, &b], false, None);
    assert_eq!(said, details([("shown", "R5@1.0.0/ab12, D-18/cd34")]));
    let opened = shown(&[&a], true, None);
    assert_eq!(opened, details([("opened", "R5@1.0.0/ab12")]));
}

/// D-29: shows, answers and decisions are counted, each by its rule and version; other entries are not.
#[test]
fn d_29_shows_answers_and_decisions_are_counted_from_the_trail() {
    let (a, b) = (card("R5@1.0.0", "ab12"), card("R16@1.0.0", "cd34"));
    let then = Some(Instant(0));
    let trail = [
        entry("2026-03-02", shown(&[&a, &b], false, None)),
        entry("2026-03-03", shown(&[&a], false, None)),
        entry("2026-03-03", shown(&[&a], true, None)),
        entry("2026-03-03", shown(&[&a], false, then)),
        entry(
            "2026-03-03",
            details([("card", "R5@1.0.0/ab12"), ("answer", "not useful")]),
        ),
        entry(
            "2026-03-04",
            details([
                ("pathway", "iron-deficiency-anaemia@1.0.0/n1"),
                ("choice", "decline"),
            ]),
        ),
        entry(
            "2026-03-04",
            details([("pathway", "impression/1.2.3"), ("choice", "accept")]),
        ),
        entry("2026-03-05", details([("rules", "R3"), ("patients", "12")])),
    ];
    let rows = metrics(&trail.iter().flat_map(events).collect::<Vec<_>>());
    let counts: Vec<RuleCount> = rows.iter().map(count).collect();
    let of = |rule: &str| counts.iter().find(|c| c.rule == rule).unwrap();
    assert_eq!(counts.len(), 3, "{counts:?}");
    let r5 = of("R5@1.0.0");
    assert_eq!((r5.shown, r5.not_useful, r5.useful), (2, 1, 0));
    assert_eq!(r5.not_useful_percent, None, "no share below thirty shows");
    assert_eq!(of("R16@1.0.0").shown, 1);
    let pack = of("iron-deficiency-anaemia@1.0.0");
    assert_eq!((pack.declined, pack.accepted), (1, 0));
    assert!(counts.iter().all(|c| !c.title.is_empty()), "{counts:?}");
}

/// D-29: through the archive's own trail; a month is bounded by its first day and the next month's, and the flagged rule stands first.
#[test]
fn d_29_a_month_of_the_trail_has_the_flagged_rule_first() {
    let folder = tempfile::tempdir().unwrap();
    let core = Core::open(&Settings {
        archive: folder.path().join("archive"),
        key_file: Some(folder.path().join("keys/key")),
        worker: None,
    })
    .unwrap();
    let by = core.by();
    let enter = |details: Details| {
        let entry = core.archive().audit(&by, Verb::Analysis, None, details);
        core.wait(entry).unwrap();
    };
    let (often, rare) = (card("R5@1.0.0", "ab12"), card("R16@1.0.0", "cd34"));
    for i in 0..31 {
        enter(shown(&[&often, &rare], false, None));
        enter(shown(&[&often], false, None));
        if i < 19 {
            enter(details([
                ("card", "R16@1.0.0/cd34"),
                ("answer", "not useful"),
            ]));
        }
    }
    let now = Instant::now();
    let counts = core.rule_counts(None, now).unwrap();
    let rows: Vec<_> = counts
        .rules
        .iter()
        .map(|r| (r.rule.as_str(), r.shown, r.flagged))
        .collect();
    assert_eq!(rows, [("R16@1.0.0", 31, true), ("R5@1.0.0", 62, false)]);
    assert_eq!(counts.rules[0].not_useful_percent, Some(61.3));
    assert_eq!(counts.rules[1].not_useful_percent, Some(0.0));
    assert_eq!(counts.after, None, "the next month has not begun");
    let before = core.rule_counts(Some(&counts.before), now).unwrap();
    assert!(before.rules.is_empty());
    assert_eq!(before.after.as_deref(), Some(counts.month.as_str()));
    for wrong in ["2026", "2026-13", "2026-3", "March"] {
        assert!(core.rule_counts(Some(wrong), now).is_err(), "{wrong}");
    }
}
