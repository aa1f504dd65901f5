//! The Library of a pack: its expressions, their rendering as CQL text, and its test vectors.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

use super::cql;
use super::words::{K3, canonical, computable, extension, resource_id};
use crate::pathways::document::Document;

/// Media type of the test vectors.
pub(super) const TESTS: &str = "application/json";

/// Every expression with its path in the pack.
pub(super) fn expressions(document: &Document) -> Vec<(String, &str)> {
    let mut all = vec![("applies".to_owned(), document.pack.applies.as_str())];
    for node in &document.node {
        all.push((format!("{}/when", node.id), &node.when));
        for option in &node.option {
            for (word, list) in [
                ("for", &option.supports),
                ("against", &option.against),
                ("contraindicated", &option.contraindicated),
            ] {
                for (i, criterion) in list.iter().enumerate() {
                    let path = format!("{}/{}/{word}/{i}", node.id, option.id);
                    all.push((path, &criterion.when));
                }
            }
        }
    }
    all
}

/// The Library of a pack.
pub(super) fn library(document: &Document) -> Result<Json, String> {
    let head = &document.pack;
    let mut k3 = String::new();
    for (path, text) in expressions(document) {
        k3.push_str(&format!("{path} := {text}\n"));
    }
    let tests = serde_json::to_string(&document.test).map_err(|e| e.to_string())?;
    let content = |kind: &str, title: &str, text: &str| json!({ "contentType": kind, "title": title, "data": STANDARD.encode(text) });
    let mut library = json!({
        "resourceType": "Library",
        "id": resource_id(&head.id, "library"),
        "url": canonical(&head.id, "library"),
        "version": head.version,
        "name": format!("{}Logic", computable(&head.id)),
        "title": format!("Expressions of {}", head.title),
        "status": "draft",
        "experimental": true,
        "type": { "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/library-type", "code": "logic-library" }] },
        "date": head.reviewed_on.to_string(),
        "content": [
            content(K3, "Expressions", &k3),
            content("text/cql", "The same as CQL, to read: not executed", &cql::library(document)),
            content(TESTS, "Test vectors", &tests),
        ],
    });
    if !document.closed_world.is_empty()
        && let Some(map) = library.as_object_mut()
    {
        let reasons: Vec<Json> = document
            .closed_world
            .iter()
            .map(|reason| extension("closed-world", "valueString", reason.as_str()))
            .collect();
        map.insert("extension".to_owned(), reasons.into());
    }
    Ok(library)
}
