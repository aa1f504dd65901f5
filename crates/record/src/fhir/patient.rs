//! Patient into an identity. Nothing is merged here (record-and-signals 5.6).

use triptych_clinical::{DocumentHash, Identifier, Identity, Sex, When};

use super::datatypes;
use crate::json::{Json, Object};

/// Issuer of the sample patient's identifier.
const SAMPLE_ISSUER: &str = "urn:triptych:sample";

pub(super) fn identity(patient: &Object<'_>, source_id: &str, document: DocumentHash) -> Identity {
    let mut identifiers: Vec<Identifier> = patient
        .objects("identifier")
        .filter(|i| i.text("use") != Some("old"))
        .filter_map(|i| {
            let value = i.text("value").map(str::trim).filter(|v| !v.is_empty())?;
            let kind = i.object("type").map(datatypes::concept_of);
            Some(Identifier {
                issuer: i.text("system").unwrap_or_default().trim().to_owned(),
                kind: kind
                    .and_then(|(codes, _)| codes.into_iter().next())
                    .map(|c| c.code)
                    .unwrap_or_default(),
                value: value.to_owned(),
            })
        })
        .collect();
    // A person without any identifier is known by the document alone: the same file again is the same person, no other file is.
    if identifiers.is_empty() {
        identifiers.push(Identifier {
            issuer: format!("urn:triptych:document:{document}"),
            kind: String::new(),
            value: source_id
                .strip_prefix("Patient/")
                .unwrap_or(source_id)
                .to_owned(),
        });
    }
    let (family, given) = name(patient);
    let made_up = patient.object("meta").is_some_and(|m| {
        m.objects("security")
            .chain(m.objects("tag"))
            .any(|c| c.text("code") == Some("HTEST"))
    });
    Identity {
        synthetic: made_up || identifiers.iter().any(|i| i.issuer == SAMPLE_ISSUER),
        identifiers,
        family,
        given,
        birth_date: patient.text("birthDate").and_then(|d| When::parse(d).ok()),
        sex: match patient.text("gender") {
            Some("female") => Sex::Female,
            Some("male") => Sex::Male,
            Some("other") => Sex::Other,
            _ => Sex::Unknown,
        },
        deceased: patient
            .text("deceasedDateTime")
            .and_then(|d| When::parse(d).ok()),
    }
}

/// Family and given names: the official one, else the usual one, else the first.
fn name(patient: &Object<'_>) -> (String, String) {
    let names = || patient.objects("name");
    let of_use = |wanted: &str| names().find(|n| n.text("use") == Some(wanted));
    let Some(name) = of_use("official")
        .or_else(|| of_use("usual"))
        .or_else(|| names().next())
    else {
        return Default::default();
    };
    let words = |key: &str| match name.get(key) {
        Some(Json::Text(text)) => text.trim().to_owned(),
        Some(Json::List(list)) => {
            let words: Vec<&str> = list
                .iter()
                .filter_map(Json::as_text)
                .map(str::trim)
                .collect();
            words.join(" ")
        }
        _ => String::new(),
    };
    let (family, given) = (words("family"), words("given"));
    if family.is_empty() && given.is_empty() {
        return (
            name.text("text").unwrap_or_default().trim().to_owned(),
            given,
        );
    }
    (family, given)
}

/// True where both say something and it differs.
pub(super) fn contradict(a: &Identity, b: &Identity) -> bool {
    let sex = a.sex != Sex::Unknown && b.sex != Sex::Unknown && a.sex != b.sex;
    let birth = matches!((a.birth_date, b.birth_date), (Some(a), Some(b)) if a != b);
    let name = !a.family.is_empty()
        && !b.family.is_empty()
        && (&a.family, &a.given) != (&b.family, &b.given);
    sex || birth || name
}

/// True where an identifier with an issuer is the same.
pub(super) fn share_identifier(a: &Identity, b: &Identity) -> bool {
    a.identifiers
        .iter()
        .any(|i| !i.issuer.is_empty() && b.identifiers.contains(i))
}

/// What the intake report says about a Patient: paths below it, and reasons.
pub(super) fn problems(patient: &Object<'_>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut say = |path: &str, reason: &str| found.push((path.to_owned(), reason.to_owned()));
    for key in ["birthDate", "deceasedDateTime"] {
        if patient.text(key).is_some_and(|d| When::parse(d).is_err()) {
            say(&format!(".{key}"), "no real date: left out");
        }
    }
    let named = |i: &Object<'_>| i.text("value").is_some_and(|v| !v.trim().is_empty());
    if !patient.objects("identifier").any(named) {
        say(
            ".identifier",
            "the patient has no identifier: known by this document alone",
        );
    }
    if matches!(patient.get("deceasedBoolean"), Some(Json::Bool(true))) {
        say(
            ".deceasedBoolean",
            "the source says that the patient has died, without a date",
        );
    }
    if matches!(patient.get("active"), Some(Json::Bool(false))) {
        say(
            ".active",
            "the source says that this patient record is not in use",
        );
    }
    if !patient.list("link").is_empty() {
        say(
            ".link",
            "the source links this patient to another one: nothing is joined without a person's decision",
        );
    }
    if patient.has("modifierExtension") {
        say(".modifierExtension", "a modifier that is not known here");
    }
    if patient.get("name").is_none() {
        say(".name", "the patient has no name");
    }
    found
}
