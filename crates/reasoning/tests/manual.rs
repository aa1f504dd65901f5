//! `docs/RULES.md` says what the rules do. It is written by the rules themselves.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

use std::path::Path;

use triptych_reasoning::rules::{RULES, manual};
use triptych_reasoning::{SWITCHES, Settings};

/// `TRIPTYCH_WRITE_DOCS=1 cargo test -p triptych-reasoning --test manual` writes the page again.
#[test]
fn the_page_in_docs_is_the_manual_of_the_rules() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/RULES.md");
    let manual = manual();
    if std::env::var_os("TRIPTYCH_WRITE_DOCS").is_some() {
        std::fs::write(&path, &manual).unwrap();
    }
    let page = std::fs::read_to_string(&path).unwrap();
    let first = page.lines().zip(manual.lines()).find(|(a, b)| a != b);
    assert!(
        page == manual,
        "docs/RULES.md is out of date: set TRIPTYCH_WRITE_DOCS=1 and run this test again; first difference: {first:?}"
    );
}

#[test]
fn every_rule_has_its_logic_and_every_switch_its_default() {
    let manual = manual();
    for rule in RULES {
        let logic = rule.logic();
        assert!(logic.is_some(), "{} is not in rules/logic.rs", rule.id);
        let logic = logic.unwrap();
        assert!(!logic.formula.is_empty(), "{}", rule.id);
        for text in [logic.excluded, logic.missing].iter().chain(logic.formula) {
            assert!(
                text.len() > 3 && manual.contains(text),
                "{}: {text}",
                rule.id
            );
        }
        for text in rule
            .thresholds
            .iter()
            .chain(rule.limits)
            .chain(rule.windows)
        {
            assert!(manual.contains(text), "{}: {text}", rule.id);
        }
        for key in rule.settings {
            assert!(SWITCHES.iter().any(|s| s.key == *key), "{}: {key}", rule.id);
            // A switch that a rule reads is part of its input hash.
            let canonical = Settings::default().canonical(key, None);
            assert!(!canonical.is_empty(), "{}: {key}", rule.id);
        }
    }
}
