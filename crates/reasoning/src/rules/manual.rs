//! The manual of the rules: `docs/RULES.md` is this text, and a test compares the two.

use std::fmt::Write as _;

use super::{Logic, RULES, Rule};
use crate::outcome::Lane;
use crate::settings::SWITCHES;
use crate::tri::{self, TriCode};

const HEAD: &str = include_str!("manual_head.md");
const TAIL: &str = include_str!("manual_tail.md");

/// A Markdown page of every rule that is built, the switches and the project codes.
#[must_use]
pub fn manual() -> String {
    let mut page = String::from(HEAD);
    page +=
        "\n## Overview\n\n| rule | version | lane | name | valid until |\n|---|---|---|---|---|\n";
    for rule in RULES {
        line(
            &mut page,
            &format!(
                "| [{id}](#{}) | {} | {:?} | {} | {} |",
                anchor(rule),
                rule.version,
                rule.lane,
                rule.title,
                rule.valid_until,
                id = rule.id
            ),
        );
    }
    page += "\n## Rules\n";
    for rule in RULES {
        section(&mut page, rule);
    }
    switches(&mut page);
    codes(&mut page);
    page.push('\n');
    page += TAIL;
    page
}

/// Anchor of a heading as Markdown viewers make it.
fn anchor(rule: &Rule) -> String {
    format!("{} {}", rule.id, rule.title)
        .to_lowercase()
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            c if c.is_alphanumeric() || c == '-' => Some(c),
            _ => None,
        })
        .collect()
}

fn line(page: &mut String, text: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(page, "{text}");
}

fn list(page: &mut String, title: &str, items: &[&str]) {
    match items {
        [] => {}
        [one] => line(page, &format!("- **{title}**: {one}")),
        many => {
            line(page, &format!("- **{title}**"));
            many.iter().for_each(|i| line(page, &format!("  - {i}")));
        }
    }
}

fn section(page: &mut String, rule: &Rule) {
    line(page, &format!("\n### {} {}\n", rule.id, rule.title));
    let lane = match rule.lane {
        Lane::N => "N (notice)",
        Lane::D => "D (diagnostic model)",
        Lane::T => "T (time-critical): off by default, passive, only in its own panel",
    };
    line(
        page,
        &format!("- **Version**: {}; **lane**: {lane}", rule.version),
    );
    list(page, "Starts with", &[rule.trigger]);
    list(page, "Inputs and windows", rule.windows);
    let none = Logic {
        id: "",
        formula: &[],
        excluded: "",
        missing: "",
    };
    let logic = rule.logic().unwrap_or(&none);
    list(page, "Formula", logic.formula);
    list(page, "Thresholds and severity", rule.thresholds);
    list(page, "Not for", &[logic.excluded]);
    list(page, "Missing", &[logic.missing]);
    let switches: Vec<String> = rule.settings.iter().map(|key| switch(key)).collect();
    let switches: Vec<&str> = switches.iter().map(String::as_str).collect();
    list(page, "Switches", &switches);
    list(page, "Limits", rule.limits);
    list(page, "Source", &[rule.citation]);
    list(page, "Valid until", &[rule.valid_until]);
}

fn switch(key: &str) -> String {
    SWITCHES.iter().find(|s| s.key == key).map_or_else(
        || format!("`{key}`"),
        |s| format!("`{key}` = {}", s.default),
    )
}

fn switches(page: &mut String) {
    *page += "\n## Switches\n\n| switch | default | meaning | rules |\n|---|---|---|---|\n";
    for switch in SWITCHES {
        let readers: Vec<&str> = RULES
            .iter()
            .filter(|r| r.settings.contains(&switch.key))
            .map(|r| r.id)
            .collect();
        if !readers.is_empty() {
            line(
                page,
                &format!(
                    "| `{}` | {} | {} | {} |",
                    switch.key,
                    switch.default,
                    switch.meaning,
                    readers.join(", ")
                ),
            );
        }
    }
}

fn codes(page: &mut String) {
    *page += "\n## Project codes\n\nWhat a reader may enter under each `tri:` code; entries are checked against this table (`crates/reasoning/src/tri.rs`).\n";
    for code in tri::CODES {
        one_code(page, code);
    }
}

fn one_code(page: &mut String, code: &TriCode) {
    line(page, &format!("\n### `tri:{}` {}\n", code.code, code.label));
    let readers = if code.rules.is_empty() {
        "pathway packs".to_owned()
    } else {
        code.rules.join(", ")
    };
    line(
        page,
        &format!("{:?}; value: {}; read by {readers}.", code.kind, code.value),
    );
    if code.attrs.is_empty() {
        return;
    }
    *page += "\n| attribute | allowed | required | meaning |\n|---|---|---|---|\n";
    for attr in code.attrs {
        line(
            page,
            &format!(
                "| `{}` | {} | {} | {} |",
                attr.name,
                attr.kind,
                if attr.required { "yes" } else { "no" },
                attr.meaning
            ),
        );
    }
}
