//! What an option would be as a request: always a proposal, never with a dose, and nothing at all for "no action".

use serde_json::{Value as Json, json};

use super::words::{canonical, computable, resource_id};
use crate::pathways::document::{Document, OptionText};

/// Name of an option's part of the pack: `n1-o2`.
pub(super) fn part(node: usize, option: usize) -> String {
    format!("n{}-o{}", node + 1, option + 1)
}

/// Resource type of the request that an option proposes; `None` for "no action".
pub(super) fn request(kind: &str) -> Option<&'static str> {
    match kind {
        "test" | "monitor" => Some("ServiceRequest"),
        "treat" | "stop" => Some("MedicationRequest"),
        "refer" => Some("Appointment"),
        _ => None,
    }
}

/// The ActivityDefinition of an option.
pub(super) fn activity(document: &Document, option: &OptionText, part: &str) -> Option<Json> {
    let head = &document.pack;
    let kind = request(&option.kind)?;
    Some(json!({
        "resourceType": "ActivityDefinition",
        "id": resource_id(&head.id, part),
        "url": canonical(&head.id, part),
        "version": head.version,
        "name": computable(&format!("{}-{part}", head.id)).replace('-', ""),
        "title": option.title,
        "status": "draft",
        "experimental": true,
        "date": head.reviewed_on.to_string(),
        "description": option.text,
        "kind": kind,
        "intent": "proposal",
        "doNotPerform": false,
    }))
}
