//! The header of a document: whose it is, which document it is, and what it replaces.

use triptych_clinical::{DocumentHash, Identifier, Identity, Sex, When};

use super::datatypes::{self, first_id};
use super::xml::{self, Node};

/// What every fact of a document takes from its header.
pub(super) struct Header {
    /// Root and extension that name the content: the document's own id, or that of the document it replaces.
    pub key: (String, String),
    /// The document's own id.
    pub id: String,
    pub title: String,
    /// `ClinicalDocument/effectiveTime`.
    pub time: Option<When>,
    /// Start of the encounter that it describes.
    pub event: Option<When>,
    /// `versionNumber`; 1 where none is given.
    pub version: u64,
    pub replaces: Option<String>,
    pub appends: Option<String>,
    pub author: Option<String>,
}

/// `root^extension`.
fn shown((root, extension): (&str, &str)) -> String {
    if extension.is_empty() {
        root.to_owned()
    } else {
        format!("{root}^{extension}")
    }
}

pub(super) fn header(document: Node<'_>, hash: DocumentHash) -> Header {
    let own = first_id(document).map(|(r, e)| (r.to_owned(), e.to_owned()));
    let own = own.unwrap_or_else(|| (format!("urn:triptych:document:{hash}"), String::new()));
    let related = |code: &str| {
        xml::children(document, "relatedDocument")
            .filter(|r| xml::attr(*r, "typeCode") == Some(code))
            .find_map(|r| first_id(xml::child(r, "parentDocument")?))
    };
    let replaced = related("RPLC");
    // Not the service event: in a summary it begins with the patient's birth.
    let event = xml::at(document, &["componentOf", "encompassingEncounter"])
        .and_then(|e| datatypes::times(xml::child(e, "effectiveTime")).start);
    let version = xml::attr_of(document, "versionNumber", "value").and_then(|v| v.parse().ok());
    Header {
        id: shown((&own.0, &own.1)),
        key: replaced.map_or(own, |(r, e)| (r.to_owned(), e.to_owned())),
        title: xml::child(document, "title")
            .map(xml::words)
            .unwrap_or_default(),
        time: datatypes::times(xml::child(document, "effectiveTime")).start,
        event,
        version: version.unwrap_or(1),
        replaces: replaced.map(shown),
        appends: related("APND").map(shown),
        author: xml::at(document, &["author", "assignedAuthor"]).and_then(author),
    }
}

/// Name of a person, else of the software, else of the organisation that wrote something.
pub(super) fn author(assigned: Node<'_>) -> Option<String> {
    let ways: [&[&str]; 3] = [
        &["assignedPerson", "name"],
        &["assignedAuthoringDevice", "softwareName"],
        &["representedOrganization", "name"],
    ];
    ways.iter()
        .filter_map(|way| xml::at(assigned, way))
        .map(xml::words)
        .find(|w| !w.is_empty())
}

/// The person of a `patientRole`. Nothing is merged here (record-and-signals 5.6).
pub(super) fn identity(role: Node<'_>, hash: DocumentHash) -> Identity {
    const SOCIAL_SECURITY: &str = "2.16.840.1.113883.4.1";
    let mut identifiers: Vec<Identifier> = xml::children(role, "id")
        .filter_map(datatypes::id)
        .map(|(root, extension)| {
            let whole = extension.is_empty();
            Identifier {
                issuer: if whole {
                    "urn:ietf:rfc:3986".to_owned()
                } else {
                    format!("urn:oid:{root}")
                },
                kind: if root == SOCIAL_SECURITY { "SS" } else { "" }.to_owned(),
                value: if whole { root } else { extension }.to_owned(),
            }
        })
        .collect();
    // A number of the state is the last to name a record by.
    identifiers.sort_by_key(|i| i.kind == "SS");
    if identifiers.is_empty() {
        identifiers.push(Identifier {
            issuer: format!("urn:triptych:document:{hash}"),
            kind: String::new(),
            value: "recordTarget".to_owned(),
        });
    }
    let patient = xml::child(role, "patient");
    let (family, given) = patient.map(name).unwrap_or_default();
    let of = |name| patient.and_then(|p| xml::child(p, name));
    Identity {
        identifiers,
        family,
        given,
        birth_date: datatypes::times(of("birthTime")).start,
        sex: match of("administrativeGenderCode").and_then(|c| xml::attr(c, "code")) {
            Some("F") => Sex::Female,
            Some("M") => Sex::Male,
            Some("UN") => Sex::Other,
            _ => Sex::Unknown,
        },
        deceased: patient.and_then(deceased),
        synthetic: false,
    }
}

/// `sdtc:deceasedTime`, an extension that US documents use.
fn deceased(patient: Node<'_>) -> Option<When> {
    let time = patient
        .children()
        .find(|n| n.tag_name().name() == "deceasedTime")?;
    datatypes::time(xml::attr(time, "value")?)
}

/// Family and given names: the legal name, else the first. A name that is not split into parts is a family name.
fn name(patient: Node<'_>) -> (String, String) {
    let names: Vec<Node<'_>> = xml::children(patient, "name").collect();
    let legal = names.iter().find(|n| xml::attr(**n, "use") == Some("L"));
    let Some(name) = legal.or(names.first()) else {
        return Default::default();
    };
    let parts = |wanted: &'static str| {
        let parts: Vec<String> = xml::children(*name, wanted).map(xml::words).collect();
        parts.join(" ").trim().to_owned()
    };
    let (family, given) = (parts("family"), parts("given"));
    if family.is_empty() && given.is_empty() {
        return (xml::words(*name), String::new());
    }
    (family, given)
}

/// What the intake report says about the person.
pub(super) fn problems(role: Node<'_>) -> Vec<&'static str> {
    let mut said = Vec::new();
    if !xml::children(role, "id").any(|i| datatypes::id(i).is_some()) {
        said.push("the patient has no identifier: known by this document alone");
    }
    let birth = xml::at(role, &["patient", "birthTime"]).and_then(|b| xml::attr(b, "value"));
    if birth.is_some_and(|b| datatypes::time(b).is_none()) {
        said.push("the birth date is no real date: left out");
    }
    if xml::at(role, &["patient", "name"]).is_none() {
        said.push("the patient has no name");
    }
    said
}
