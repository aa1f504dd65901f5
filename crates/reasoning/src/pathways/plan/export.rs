//! From a pack to its Bundle.

use serde_json::{Value as Json, json};

use super::activity::{activity, part};
use super::library::library;
use super::words::{
    canonical, computable, concept, duration, expression, extension, extension_url, resource_id,
};
use crate::input;
use crate::pathways::Pack;
use crate::pathways::document::{
    CriterionText, Document, EvidenceText, InputText, NodeText, OptionText, SourceText,
};

/// The pack as a Bundle of type `collection`: PlanDefinition, ActivityDefinitions, Library. Nothing in it orders or doses.
///
/// # Errors
/// The message of the JSON writer.
pub fn to_plan_definition(pack: &Pack) -> Result<Json, String> {
    let document = &pack.document;
    let mut resources = vec![plan(document)];
    for (n, node) in document.node.iter().enumerate() {
        for (o, option) in node.option.iter().enumerate() {
            resources.extend(activity(document, option, &part(n, o)));
        }
    }
    resources.push(library(document)?);
    let entries: Vec<Json> = resources
        .into_iter()
        .map(|r| json!({ "fullUrl": r.get("url").cloned().unwrap_or_default(), "resource": r }))
        .collect();
    Ok(json!({ "resourceType": "Bundle", "type": "collection", "entry": entries }))
}

fn plan(document: &Document) -> Json {
    let head = &document.pack;
    let jurisdictions: Vec<Json> = head.jurisdictions.iter().map(|j| jurisdiction(j)).collect();
    let sources: Vec<Json> = document.source.iter().map(source).collect();
    json!({
        "resourceType": "PlanDefinition",
        "id": resource_id(&head.id, ""),
        "extension": [
            extension("lane", "valueCode", head.lane.as_str()),
            extension("format", "valueInteger", head.format),
            extension("id", "valueString", head.id.as_str()),
        ],
        "url": canonical(&head.id, ""),
        "version": head.version,
        "name": computable(&head.id),
        "title": head.title,
        "type": { "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/plan-definition-type", "code": "clinical-protocol" }] },
        "status": "draft",
        "experimental": true,
        "date": head.reviewed_on.to_string(),
        "description": head.scope,
        "jurisdiction": jurisdictions,
        "lastReviewDate": head.reviewed_on.to_string(),
        "effectivePeriod": { "start": head.reviewed_on.to_string(), "end": head.valid_until.to_string() },
        "author": [{ "name": head.authors_role }],
        "relatedArtifact": sources,
        "library": [format!("{}|{}", canonical(&head.id, "library"), head.version)],
        "action": [{
            "id": "pack",
            "title": head.title,
            "condition": [applicability(&head.applies)],
            "input": document.input.iter().map(data_requirement).collect::<Vec<_>>(),
            "groupingBehavior": "logical-group",
            "selectionBehavior": "any",
            "action": document.node.iter().enumerate().map(|(n, node)| node_action(document, n, node)).collect::<Vec<_>>(),
        }],
    })
}

/// ISO 3166 where the abbreviation is a country's; the European Union is none.
fn jurisdiction(text: &str) -> Json {
    let code = match text {
        "UK" => "GB",
        "EU" => return json!({ "text": text }),
        other => other,
    };
    if code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase()) {
        json!({ "coding": [{ "system": "urn:iso:std:iso:3166", "code": code }], "text": text })
    } else {
        json!({ "text": text })
    }
}

fn source(s: &SourceText) -> Json {
    let mut artifact = json!({
        "extension": [extension("year", "valueInteger", s.year)],
        "type": "citation",
        "label": s.key,
        "citation": s.text,
    });
    if let (Some(hint), Some(map)) = (&s.url_hint, artifact.as_object_mut()) {
        map.insert("url".to_owned(), hint.as_str().into());
    }
    artifact
}

fn applicability(text: &str) -> Json {
    json!({ "kind": "applicability", "expression": expression(text) })
}

/// A declared input. The resource type and code say where a FHIR system would look; the extensions say what the pack means.
fn data_requirement(i: &InputText) -> Json {
    let mut own = vec![
        extension("name", "valueString", i.name.as_str()),
        extension("type", "valueCode", i.kind.as_str()),
        extension("from", "valueString", i.from.as_str()),
    ];
    own.extend(
        i.window
            .as_ref()
            .map(|w| extension("window", "valueDuration", duration(w))),
    );
    own.extend(
        i.unit
            .as_ref()
            .map(|u| extension("unit", "valueString", u.as_str())),
    );
    let table = input::by_name(&i.from);
    let kind = match i.from.split_once(':').map(|(kind, _)| kind) {
        Some("med") => "MedicationRequest",
        Some("problem") => "Condition",
        Some("rule") => "GuidanceResponse",
        _ => "Observation",
    };
    let mut requirement = json!({ "extension": own, "type": kind });
    if let (Some(table), Some(map)) = (table, requirement.as_object_mut()) {
        let codes: Vec<Json> = table
            .loinc
            .iter()
            .map(|c| json!({ "system": "http://loinc.org", "code": c }))
            .collect();
        map.insert(
            "codeFilter".to_owned(),
            json!([{ "path": "code", "code": codes }]),
        );
    }
    requirement
}

fn node_action(document: &Document, n: usize, node: &NodeText) -> Json {
    json!({
        "id": format!("n{}", n + 1),
        "extension": [extension("id", "valueString", node.id.as_str())],
        "title": node.title,
        "textEquivalent": node.say,
        "code": [concept("pathway-node-kind", &node.kind)],
        "condition": [applicability(&node.when)],
        "groupingBehavior": "logical-group",
        "selectionBehavior": "any",
        "action": node.option.iter().enumerate().map(|(o, option)| option_action(document, n, o, option)).collect::<Vec<_>>(),
    })
}

fn option_action(document: &Document, n: usize, o: usize, option: &OptionText) -> Json {
    let id = part(n, o);
    let mut own = vec![
        extension("id", "valueString", option.id.as_str()),
        extension(
            "stale-after",
            "valueDuration",
            duration(&option.stale_after),
        ),
    ];
    own.extend(
        option
            .only
            .as_ref()
            .map(|key| extension("only", "valueString", key.as_str())),
    );
    let mut documentation: Vec<Json> = option.against.iter().map(against).collect();
    documentation.push(evidence(document, &option.evidence));
    let mut action = json!({
        "id": id,
        "extension": own,
        "title": option.title,
        "textEquivalent": option.text,
        "code": [concept("pathway-option-kind", &option.kind)],
        "reason": option.supports.iter().map(reason).collect::<Vec<_>>(),
        "documentation": documentation,
    });
    let Some(map) = action.as_object_mut() else {
        return action;
    };
    if !option.contraindicated.is_empty() {
        let conditions: Vec<Json> = option
            .contraindicated
            .iter()
            .map(contraindication)
            .collect();
        map.insert("condition".to_owned(), conditions.into());
    }
    if super::activity::request(&option.kind).is_some() {
        let address = format!(
            "{}|{}",
            canonical(&document.pack.id, &id),
            document.pack.version
        );
        map.insert("definitionCanonical".to_owned(), address.into());
    }
    if let Some(f) = &option.follow_up {
        map.insert(
            "action".to_owned(),
            json!([{
                "id": format!("{id}-follow-up"),
                "title": f.what,
                "relatedAction": [{
                    "actionId": id,
                    "relationship": "after",
                    "offsetRange": { "low": duration(&f.after), "high": duration(&f.before) },
                }],
            }]),
        );
    }
    action
}

fn reason(c: &CriterionText) -> Json {
    json!({ "extension": [extension("criterion", "valueExpression", expression(&c.when))], "text": c.say })
}

fn against(c: &CriterionText) -> Json {
    json!({
        "extension": [extension("against", "valueExpression", expression(&c.when))],
        "type": "documentation",
        "display": c.say,
    })
}

/// A start condition is what has to hold; a contraindication is what has not to. Its own words stand beside the negation.
fn contraindication(c: &CriterionText) -> Json {
    let mut parts = vec![
        json!({ "url": "if", "valueExpression": expression(&c.when) }),
        json!({ "url": "say", "valueString": c.say }),
    ];
    parts.extend(
        c.source
            .as_ref()
            .map(|s| json!({ "url": "source", "valueString": s })),
    );
    json!({
        "extension": [{ "url": extension_url("contraindication"), "extension": parts }],
        "kind": "start",
        "expression": expression(&format!("not ({})", c.when)),
    })
}

fn evidence(document: &Document, e: &EvidenceText) -> Json {
    let cited = document
        .source
        .iter()
        .find(|s| s.key == e.source)
        .map_or(e.source.as_str(), |s| s.text.as_str());
    let mut parts = vec![
        json!({ "url": "grade", "valueString": e.grade }),
        json!({ "url": "source", "valueString": e.source }),
    ];
    parts.extend(
        e.native
            .as_ref()
            .map(|n| json!({ "url": "native", "valueString": n })),
    );
    json!({
        "extension": [{ "url": extension_url("evidence"), "extension": parts }],
        "type": "citation",
        "label": e.section,
        "citation": cited,
    })
}
