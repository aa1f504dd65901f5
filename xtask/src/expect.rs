//! What `analyze` must say of the sample patient and of a film that the model is not made for: checked by `demo --headless-check`.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

/// Rules whose signals the sample's story is made to raise: metformin and kidney function, iron deficiency, CKD category, acute kidney injury,
/// HbA1c above target.
const RULES: [&str; 5] = ["R15", "R16", "R3", "R2", "R20"];
/// Packs whose questions the sample's story opens.
const PACKS: [&str; 2] = ["iron-deficiency-anaemia", "metformin-kidney"];

fn texts<'a>(report: &'a Value, list: &str, field: &str) -> Vec<&'a str> {
    let entries = report[list].as_array().into_iter().flatten();
    entries.filter_map(|e| e[field].as_str()).collect()
}

/// Signals, pathways, and that the model ran on the radiograph, with its finding hidden; the CTs withheld.
pub fn of_sample(report: &str) -> Result<()> {
    let report: Value = serde_json::from_str(report).context("analyze --json")?;
    let (rules, packs) = (
        texts(&report, "signals", "rule"),
        texts(&report, "pathways", "pack"),
    );
    let named = |names: &[&str], name: &str| {
        let versioned = format!("{name}@");
        names.iter().any(|n| n.starts_with(&versioned))
    };
    for rule in RULES {
        ensure!(named(&rules, rule), "no signal of {rule}: {rules:?}");
    }
    for pack in PACKS {
        ensure!(named(&packs, pack), "no question of {pack}: {packs:?}");
    }
    let lanes = texts(&report, "signals", "lane");
    ensure!(
        !lanes.contains(&"D"),
        "a finding of a model before an own impression: {lanes:?}"
    );
    let hidden = report["hidden"].as_array().map_or(0, Vec::len);
    ensure!(hidden == 1, "{hidden} studies with a hidden finding, not 1");
    let model = &report["models"][0];
    let provider = model["provider"].as_str().unwrap_or_default();
    ensure!(
        model["state"] == "analysed" && provider.contains(" nodes"),
        "the model did not run on the radiograph: {model}"
    );
    ensure!(
        provider.contains("modality is CT"),
        "the CTs were not withheld from the model: {model}"
    );
    println!("signals {rules:?}\npathways {packs:?}\nmodel {provider}");
    Ok(())
}

/// Asked for with a reason, the finding is there with the card of its model.
pub fn of_finding(report: &str) -> Result<()> {
    let report: Value = serde_json::from_str(report).context("analyze --json")?;
    let mut signals = report["signals"].as_array().into_iter().flatten();
    let finding = signals
        .find(|s| s["lane"] == "D")
        .context("no finding of a model")?;
    let attributes = texts(&finding["basis"], "model_card", "attribute");
    ensure!(
        attributes.contains(&"Last local validation"),
        "the finding has no model card: {attributes:?}"
    );
    println!("finding {}", finding["summary"]);
    Ok(())
}

/// A child's film: no finding, and the age as a reason.
pub fn of_child(report: &str) -> Result<()> {
    let report: Value = serde_json::from_str(report).context("analyze --json")?;
    let model = &report["models"][0];
    let reasons = model["reasons"].to_string();
    ensure!(
        model["state"] == "withheld" && reasons.contains("age"),
        "a child's film was not withheld from the model for its age: {model}"
    );
    ensure!(
        !texts(&report, "signals", "lane").contains(&"D"),
        "a finding on a child's film"
    );
    println!("a child's film is withheld: {reasons}");
    Ok(())
}
