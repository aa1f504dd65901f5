//! The `[[test]]` tables of a pack: made-up patients and what the pack is to show for them. All run when a pack is loaded (P014).

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use serde_json::Value as Json;
use triptych_clinical::{Instant, When};

use super::error::Report;
use super::fields::Fields;
use super::pack::Pack;
use super::view::{CriterionView, PathwayView};
use crate::evaluate::evaluate_chart;
use crate::k3::K3;
use crate::settings::Settings;
use crate::vectors::{Patient, VectorFact, chart_of};

/// Facts as in the rule vectors; `at` is the index time, 2026-03-01 unless said.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Test {
    name: String,
    #[serde(default)]
    at: Option<String>,
    #[serde(default)]
    patient: Patient,
    facts: Vec<VectorFact>,
    expect: BTreeMap<String, Json>,
}

const DEFAULT_AT: &str = "2026-03-01T08:00:00Z";

/// The tests of a pack with their places; each that cannot be read is reported.
pub(super) fn read(root: &Fields<'_, '_>, report: &mut Report<'_>) -> Vec<(Test, Range<usize>)> {
    let mut tests = Vec::new();
    for table in root.tables("test", report) {
        match Test::deserialize(table.value()) {
            Ok(test) if test.expect.is_empty() => report.error(
                "P003",
                table.span(),
                &table.field("expect"),
                "a test that expects nothing",
            ),
            Ok(test) => tests.push((test, table.span().unwrap_or_default())),
            Err(e) => report.error(
                "P004",
                e.span().or_else(|| table.span()),
                &table.path,
                e.message().to_owned(),
            ),
        }
    }
    tests
}

/// Runs the tests of a pack that has no other error (P014).
pub(super) fn run(pack: &Pack, tests: &[(Test, Range<usize>)], report: &mut Report<'_>) {
    for (i, (test, place)) in tests.iter().enumerate() {
        if let Err(message) = passes(pack, test) {
            report.error(
                "P014",
                Some(place.clone()),
                &format!("test[{i}]"),
                format!("test {:?}: {message}", test.name),
            );
        }
    }
}

fn passes(pack: &Pack, test: &Test) -> Result<(), String> {
    let at = test.at.as_deref().unwrap_or(DEFAULT_AT);
    let at: Instant = When::parse(at).map_err(|e| e.to_string())?.instant;
    let chart = chart_of(&test.patient, &test.facts, at)?;
    let evaluation = evaluate_chart(chart, &Settings::default());
    let view = pack.view(&evaluation);
    let got = summary(view.as_ref());
    let mut failed = Vec::new();
    for (key, expected) in &test.expect {
        let found = got.get(key.as_str()).ok_or_else(|| {
            format!(
                "expect.{key} is not known; known are {}",
                got.keys().copied().collect::<Vec<_>>().join(", ")
            )
        })?;
        let holds = match (expected, found) {
            // A list is a part of what was got, but that of shown and greyed nodes is the whole.
            // An empty one says that there is nothing.
            (Json::Array(want), Json::Array(have))
                if key != "shown" && key != "greyed" && !want.is_empty() =>
            {
                want.iter().all(|w| have.contains(w))
            }
            _ => expected == found,
        };
        if !holds {
            failed.push(format!("{key}: expected {expected}, got {found}"));
        }
    }
    if failed.is_empty() {
        Ok(())
    } else {
        Err(failed.join("; "))
    }
}

/// What a view shows, as lists of paths: `n1-cause/a-coeliac/for/0`.
fn summary(view: Option<&PathwayView>) -> BTreeMap<&'static str, Json> {
    let mut lists: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    for key in [
        "shown",
        "greyed",
        "met",
        "not_met",
        "unknown",
        "contraindicated",
        "stale",
        "missing",
    ] {
        lists.insert(key, Vec::new());
    }
    let mut add = |key: &'static str, path: String| lists.entry(key).or_default().push(path);
    for node in view.iter().flat_map(|v| &v.nodes) {
        add(
            if node.shown.is_true() {
                "shown"
            } else {
                "greyed"
            },
            node.id.clone(),
        );
        for m in &node.missing {
            add("missing", m.clone());
        }
        for option in &node.options {
            let path = format!("{}/{}", node.id, option.id);
            if option.stale.is_some() {
                add("stale", path.clone());
            }
            if option.contraindicated.iter().any(|c| c.met.is_true()) {
                add("contraindicated", path.clone());
            }
            let mut criteria = |word: &str, list: &[CriterionView]| {
                for (i, c) in list.iter().enumerate() {
                    let key = match c.met {
                        K3::True => "met",
                        K3::False => "not_met",
                        K3::Unknown => "unknown",
                    };
                    add(key, format!("{path}/{word}/{i}"));
                }
            };
            criteria("for", &option.supports);
            criteria("against", &option.against);
            criteria("contraindicated", &option.contraindicated);
        }
    }
    for m in view.iter().flat_map(|v| &v.missing) {
        add("missing", m.clone());
    }
    let mut all: BTreeMap<&'static str, Json> =
        lists.into_iter().map(|(k, v)| (k, Json::from(v))).collect();
    let applies = match view.map(|v| v.applies) {
        None => "false",
        Some(K3::True) => "true",
        Some(_) => "unknown",
    };
    all.insert("applies", applies.into());
    all
}
