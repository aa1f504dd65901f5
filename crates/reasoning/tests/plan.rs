//! Packs as FHIR R4: what goes out is well formed and orders nothing, and what comes back is the same pack.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use triptych_reasoning::pathways::{
    Pack, PlanError, SHIPPED, from_plan_definition, load, shipped, to_plan_definition,
};

fn packs() -> &'static [Pack] {
    shipped().unwrap_or_else(|e| panic!("{}", e[0]))
}

fn resources<'j>(bundle: &'j Json, kind: &str) -> Vec<&'j Json> {
    bundle["entry"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| &e["resource"])
        .filter(|r| r["resourceType"] == kind)
        .collect()
}

#[test]
fn every_shipped_pack_comes_back_equal_from_its_bundle() {
    assert_eq!(packs().len(), 13);
    for pack in packs() {
        let bundle = to_plan_definition(pack).unwrap();
        // As a file: text and back.
        let text = serde_json::to_string(&bundle).unwrap();
        let back = from_plan_definition(&serde_json::from_str(&text).unwrap())
            .unwrap_or_else(|e| panic!("{}: {e}", pack.id));
        assert!(back == *pack, "{}", pack.id);
        assert_eq!(back.closed_world, pack.closed_world);
        assert_eq!(to_plan_definition(&back).unwrap(), bundle);
    }
    assert!(packs().iter().any(|p| !p.closed_world.is_empty()));
}

#[test]
fn every_pack_comes_back_equal_from_its_own_toml() {
    for pack in packs() {
        let text = pack.to_toml().unwrap();
        let back = load("again.toml", &text, None).unwrap_or_else(|e| panic!("{}", e[0]));
        assert!(back == *pack, "{}", pack.id);
    }
}

#[test]
fn packs_that_differ_in_one_word_are_not_equal() {
    let (file, text) = SHIPPED[0];
    let one = load(file, text, None).unwrap();
    for (from, to) in [
        ("year = 2012", "year = 2013"),
        ("stale_after = \"24h\"", "stale_after = \"25h\""),
        ("before = \"48h\"", "before = \"47h\""),
        ("volume loss entered", "loss of volume entered"),
        (
            "name = \"nothing recorded",
            "name = \"nothing at all recorded",
        ),
    ] {
        assert!(text.contains(from), "{from}");
        let other = load(file, &text.replacen(from, to, 1), None).unwrap();
        assert!(one != other, "{from}");
        let back = from_plan_definition(&to_plan_definition(&other).unwrap()).unwrap();
        assert!(back == other && back != one, "{from}");
    }
}

/// Required elements and code sets of R4, as far as packs use them.
struct Check<'j> {
    ids: BTreeSet<&'j str>,
    urls: BTreeSet<String>,
}

fn one_of(value: &Json, codes: &[&str]) {
    let code = value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no code"));
    assert!(codes.contains(&code), "{code} is none of {codes:?}");
}

fn is_id(value: &Json) {
    let id = value.as_str().unwrap();
    assert!((1..=64).contains(&id.len()), "{id}");
    assert!(
        id.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.'),
        "{id}"
    );
}

fn is_date(value: &Json) {
    let date = value.as_str().unwrap();
    assert!(
        date.len() == 10 && date.parse::<toml::value::Datetime>().is_ok(),
        "{date}"
    );
}

fn is_concept(value: &Json) {
    let coded = value["coding"].as_array().is_some_and(|c| {
        !c.is_empty()
            && c.iter()
                .all(|c| c["system"].is_string() && c["code"].is_string())
    });
    assert!(coded || value["text"].is_string(), "{value}");
}

fn is_expression(value: &Json) {
    assert_eq!(value["language"], "text/triptych-k3");
    assert!(!value["expression"].as_str().unwrap().is_empty());
}

fn is_duration(value: &Json) {
    assert!(value["value"].is_number() && value["system"] == "http://unitsofmeasure.org");
    one_of(&value["code"], &["h", "d", "wk", "mo", "a"]);
}

/// An extension has a url and either one value or parts; nothing is null or empty anywhere.
fn is_clean(value: &Json, path: &str) {
    match value {
        Json::Null => panic!("{path} is null"),
        Json::Array(items) => {
            assert!(!items.is_empty(), "{path} is empty");
            for (i, item) in items.iter().enumerate() {
                is_clean(item, &format!("{path}[{i}]"));
            }
        }
        Json::Object(map) => {
            assert!(!map.is_empty(), "{path} is empty");
            for (key, value) in map {
                if key == "extension" {
                    for e in value.as_array().unwrap() {
                        let values = e
                            .as_object()
                            .unwrap()
                            .keys()
                            .filter(|k| k.starts_with("value"));
                        let parts = e["extension"].is_array();
                        assert!(
                            e["url"].is_string() && values.count() + usize::from(parts) == 1,
                            "{path}: {e}"
                        );
                    }
                }
                is_clean(value, &format!("{path}.{key}"));
            }
        }
        Json::String(text) => assert!(!text.is_empty(), "{path} is empty"),
        _ => {}
    }
}

impl<'j> Check<'j> {
    /// What all conformance resources have.
    fn canonical(&mut self, r: &'j Json) {
        is_id(&r["id"]);
        one_of(&r["status"], &["draft", "active", "retired", "unknown"]);
        assert!(r["experimental"].is_boolean());
        is_date(&r["date"]);
        for name in ["url", "version", "name", "title"] {
            assert!(r[name].is_string(), "{name}");
        }
        let name = r["name"].as_str().unwrap();
        assert!(
            name.starts_with(|c: char| c.is_ascii_uppercase())
                && name.bytes().all(|b| b.is_ascii_alphanumeric()),
            "{name}"
        );
        let kind = r["resourceType"].as_str().unwrap();
        assert!(
            self.ids.insert(r["id"].as_str().unwrap()) || kind != "ActivityDefinition",
            "{}",
            r["id"]
        );
        let url = format!(
            "{}|{}",
            r["url"].as_str().unwrap(),
            r["version"].as_str().unwrap()
        );
        assert!(self.urls.insert(url), "{}", r["url"]);
    }

    fn plan(&self, plan: &'j Json) {
        assert_eq!(plan["type"]["coding"][0]["code"], "clinical-protocol");
        is_date(&plan["lastReviewDate"]);
        is_date(&plan["effectivePeriod"]["start"]);
        is_date(&plan["effectivePeriod"]["end"]);
        plan["jurisdiction"]
            .as_array()
            .unwrap()
            .iter()
            .for_each(is_concept);
        for source in plan["relatedArtifact"].as_array().unwrap() {
            one_of(
                &source["type"],
                &[
                    "documentation",
                    "justification",
                    "citation",
                    "predecessor",
                    "successor",
                    "derived-from",
                    "depends-on",
                    "composed-of",
                ],
            );
            assert!(source["citation"].is_string());
        }
        assert!(plan["author"][0]["name"].is_string());
        for library in plan["library"].as_array().unwrap() {
            assert!(self.urls.contains(library.as_str().unwrap()), "{library}");
        }
        let [pack] = plan["action"].as_array().unwrap().as_slice() else {
            panic!("one action for the pack");
        };
        let mut ids = BTreeSet::new();
        self.action(pack, &mut ids);
        for input in pack["input"].as_array().into_iter().flatten() {
            one_of(
                &input["type"],
                &[
                    "Observation",
                    "MedicationRequest",
                    "Condition",
                    "GuidanceResponse",
                ],
            );
            for filter in input["codeFilter"].as_array().into_iter().flatten() {
                assert!(
                    filter["path"].is_string() && filter["code"][0]["system"] == "http://loinc.org"
                );
            }
        }
    }

    fn action(&self, action: &'j Json, ids: &mut BTreeSet<&'j str>) {
        is_id(&action["id"]);
        assert!(
            ids.insert(action["id"].as_str().unwrap()),
            "{}",
            action["id"]
        );
        assert!(action["title"].is_string());
        for condition in action["condition"].as_array().into_iter().flatten() {
            one_of(&condition["kind"], &["applicability", "start", "stop"]);
            is_expression(&condition["expression"]);
        }
        for concept in ["code", "reason"]
            .iter()
            .flat_map(|n| action[n].as_array().into_iter().flatten())
        {
            is_concept(concept);
        }
        for document in action["documentation"].as_array().into_iter().flatten() {
            one_of(&document["type"], &["documentation", "citation"]);
        }
        for related in action["relatedAction"].as_array().into_iter().flatten() {
            assert!(ids.contains(related["actionId"].as_str().unwrap()));
            one_of(
                &related["relationship"],
                &[
                    "before-start",
                    "before",
                    "before-end",
                    "concurrent-with-start",
                    "concurrent",
                    "concurrent-with-end",
                    "after-start",
                    "after",
                    "after-end",
                ],
            );
            is_duration(&related["offsetRange"]["low"]);
            is_duration(&related["offsetRange"]["high"]);
        }
        if let Some(definition) = action["definitionCanonical"].as_str() {
            assert!(self.urls.contains(definition), "{definition}");
        }
        // A choice is never exclusive and never complete.
        for (name, value) in [
            ("groupingBehavior", "logical-group"),
            ("selectionBehavior", "any"),
        ] {
            if action[name] != Json::Null {
                assert_eq!(action[name], value);
            }
        }
        for name in [
            "requiredBehavior",
            "precheckBehavior",
            "cardinalityBehavior",
            "participant",
            "transform",
            "dynamicValue",
        ] {
            assert_eq!(action[name], Json::Null, "{name}");
        }
        for child in action["action"].as_array().into_iter().flatten() {
            self.action(child, ids);
        }
    }
}

#[test]
fn exported_bundles_have_what_r4_requires_and_order_nothing() {
    for pack in packs() {
        let bundle = to_plan_definition(pack).unwrap();
        assert_eq!(bundle["resourceType"], "Bundle");
        assert_eq!(bundle["type"], "collection");
        is_clean(&bundle, &pack.id);
        let mut check = Check {
            ids: BTreeSet::new(),
            urls: BTreeSet::new(),
        };
        for entry in bundle["entry"].as_array().unwrap() {
            assert_eq!(entry["fullUrl"], entry["resource"]["url"]);
            check.canonical(&entry["resource"]);
        }
        let plans = resources(&bundle, "PlanDefinition");
        assert_eq!(plans.len(), 1);
        check.plan(plans[0]);
        let activities = resources(&bundle, "ActivityDefinition");
        assert!(!activities.is_empty() && activities.len() < pack.option_count() + 1);
        for activity in activities {
            one_of(
                &activity["kind"],
                &["ServiceRequest", "MedicationRequest", "Appointment"],
            );
            assert_eq!(activity["intent"], "proposal");
            assert_eq!(activity["doNotPerform"], false);
            for name in [
                "dosage",
                "quantity",
                "productCodeableConcept",
                "timingTiming",
                "participant",
            ] {
                assert_eq!(activity[name], Json::Null, "{name}");
            }
        }
        let libraries = resources(&bundle, "Library");
        assert_eq!(libraries.len(), 1);
        is_concept(&libraries[0]["type"]);
        let kinds: Vec<&str> = libraries[0]["content"]
            .as_array()
            .unwrap()
            .iter()
            .map(|c| c["contentType"].as_str().unwrap())
            .collect();
        assert_eq!(kinds, ["text/triptych-k3", "text/cql", "application/json"]);
        assert!(
            libraries[0]["content"][1]["title"]
                .as_str()
                .unwrap()
                .contains("not executed")
        );
    }
}

#[track_caller]
fn refused(change: impl Fn(&mut Json), word: &str) {
    let mut bundle = to_plan_definition(&packs()[0]).unwrap();
    change(&mut bundle);
    match from_plan_definition(&bundle) {
        Ok(_) => panic!("expected a refusal that names {word}"),
        Err(e) => assert!(e.to_string().contains(word), "{e}"),
    }
}

#[test]
fn a_bundle_that_orders_doses_or_excludes_is_no_pack() {
    refused(
        |b| b["entry"][1]["resource"]["intent"] = json!("order"),
        "intent",
    );
    refused(
        |b| b["entry"][1]["resource"]["dosage"] = json!([{ "text": "10 mg" }]),
        "dose",
    );
    refused(
        |b| {
            b["entry"][0]["resource"]["action"][0]["action"][0]["selectionBehavior"] =
                json!("exactly-one")
        },
        "exactly-one",
    );
    refused(
        |b| {
            b["entry"][0]["resource"]["action"][0]["condition"][0]["expression"]["language"] =
                json!("text/cql")
        },
        "language",
    );
    refused(|b| b["entry"] = json!([]), "PlanDefinition");
    refused(|b| *b = json!(null), "PlanDefinition");
}

#[test]
fn a_changed_bundle_meets_the_checks_of_a_file() {
    let mut bundle = to_plan_definition(&packs()[0]).unwrap();
    let title = &mut bundle["entry"][0]["resource"]["action"][0]["action"][0]["title"];
    *title = json!("The best choice");
    match from_plan_definition(&bundle) {
        Err(PlanError::Pack(errors)) => assert_eq!(errors[0].code, "P010"),
        other => panic!("{:?}", other.map(|p| p.id)),
    }
}

#[test]
fn a_hostile_bundle_is_refused_without_a_panic() {
    for text in [
        "{}",
        "[]",
        "1",
        r#"{"entry":{}}"#,
        r#"{"entry":[{"resource":{"resourceType":"PlanDefinition"}},{"resource":{"resourceType":"Library"}}]}"#,
        r#"{"entry":[{"resource":{"resourceType":"PlanDefinition","action":[{"selectionBehavior":"any","action":[{"selectionBehavior":"any"}]}]}},{"resource":{"resourceType":"Library","content":[{"contentType":"application/json","data":"%%%"}]}}]}"#,
    ] {
        assert!(from_plan_definition(&serde_json::from_str(text).unwrap()).is_err());
    }
}
