//! C-CDA documents (R1.1, R2.1) into facts. Record-and-signals 5.3, 5.5.
//!
//! The narrative of every section is what its author signed: each becomes a note. Entries become facts with the place in the narrative that
//! they point to. Nothing is fetched, no DTD is read, no entity expanded.

pub(crate) mod bytes;
mod clinical;
mod counts;
mod datatypes;
mod entries;
mod header;
mod medicine;
mod narrative;
mod observation;
mod sections;
mod xml;

use std::collections::{BTreeMap, HashMap};

use triptych_clinical::{DocumentHash, Fact, FactId, FactKind, Instant, Problem, Provenance, When};

use crate::Counts;
use crate::fhir::{Made, number_versions};
use crate::intake::{Intake, PatientRecord, ReadError, bound_id};
use bytes::Text;
pub use counts::CdaCounts;
use header::Header;
use xml::{Node, Ordinals};

/// Reads one document. It is refused as a whole where it is not well-formed, no clinical document, or about more than one person.
pub(crate) fn read(bytes: &[u8], received: Instant) -> Result<Intake, ReadError> {
    let hash = DocumentHash::of(bytes);
    let text = bytes::decode(bytes)?;
    let tree = xml::parse(&text)?;
    let document = tree.root_element();
    if !xml::is(document, "ClinicalDocument") {
        return Err(not_clinical(document));
    }
    let roles: Vec<Node<'_>> = xml::children(document, "recordTarget")
        .filter_map(|t| xml::child(t, "patientRole"))
        .collect();
    let [role] = roles.as_slice() else {
        return Err(ReadError::NotClinical {
            found: if roles.is_empty() {
                "a ClinicalDocument without a patient".to_owned()
            } else {
                "a ClinicalDocument about more than one patient".to_owned()
            },
        });
    };
    let mut reader = Reader {
        document: hash,
        received,
        text: &text,
        ordinals: Ordinals::of(&tree),
        header: header::header(document, hash),
        problems: Vec::new(),
        quarantined: Vec::new(),
        not_understood: BTreeMap::new(),
        made: Vec::new(),
        known: HashMap::new(),
        without_id: HashMap::new(),
    };
    for said in header::problems(*role) {
        reader.problem(*role, said);
    }
    reader.body(document);
    Ok(reader.finish(document, *role))
}

/// What an XML document is that is no ClinicalDocument.
fn not_clinical(root: Node<'_>) -> ReadError {
    let name = root.tag_name().name();
    match (name, root.tag_name().namespace()) {
        (_, Some("http://hl7.org/fhir")) => ReadError::NotFhir {
            found: "XML; FHIR is read as JSON".to_owned(),
        },
        ("section" | "entry" | "organizer" | "observation" | "act", _) => ReadError::NotClinical {
            found: format!("a part of a C-CDA document (<{name}>) alone: whose it is is not said"),
        },
        ("ClinicalDocument", _) => ReadError::NotClinical {
            found: "a <ClinicalDocument> outside the namespace of HL7 v3".to_owned(),
        },
        _ => ReadError::NotClinical {
            found: format!("XML with <{}>", name.chars().take(40).collect::<String>()),
        },
    }
}

/// One document while it is read.
struct Reader<'t> {
    document: DocumentHash,
    received: Instant,
    text: &'t Text<'t>,
    ordinals: Ordinals,
    header: Header,
    problems: Vec<Problem>,
    quarantined: Vec<Problem>,
    not_understood: BTreeMap<String, usize>,
    made: Vec<Made>,
    /// Place in `made` of the first fact of each name.
    known: HashMap<FactId, usize>,
    /// How many statements without an id of their own have had this name.
    without_id: HashMap<FactId, u32>,
}

impl Reader<'_> {
    fn problem(&mut self, node: Node<'_>, reason: impl Into<String>) {
        self.problems.push(Problem {
            place: self.ordinals.path(node),
            reason: reason.into(),
        });
    }

    fn quarantine(&mut self, node: Node<'_>, reason: impl Into<String>) {
        self.quarantined.push(Problem {
            place: self.ordinals.path(node),
            reason: reason.into(),
        });
    }

    /// A statement that no reader here takes: counted by what it is.
    fn not_understood(&mut self, node: Node<'_>) {
        let template = xml::templates(node).last();
        let what = match template {
            Some(t) => format!("C-CDA {} {t}", xml::name(node)),
            None => format!("C-CDA {} without template", xml::name(node)),
        };
        *self.not_understood.entry(what).or_default() += 1;
    }

    /// A fact with what does not depend on its sort; its id comes when it is complete.
    fn fact(&self, kind: FactKind, node: Node<'_>) -> Fact {
        let place = Provenance::new(
            self.document,
            self.ordinals.path(node),
            Some(self.text.span(&node.range())),
        );
        Fact {
            revised: self.header.time.map(|t| t.instant),
            ..Fact::new(FactId([0; 32]), kind, self.received, place)
        }
    }

    /// When a statement could be known: its author's time, else that of the document, else its own.
    fn set_available(&self, fact: &mut Fact, authored: Option<When>) {
        if let Some(time) = authored.or(self.header.time).or(fact.effective) {
            fact.available = time;
        } else {
            let mark = "assumed: time of receipt".to_owned();
            fact.attrs.insert("available".to_owned(), mark);
        }
    }

    /// Names a fact by the source's own id and keeps it. The same id, code and time again is the same datum, in this document and in any
    /// other of the patient. Senders copy ids: what is otherwise another statement under the same id stays one, marked.
    fn keep(&mut self, mut fact: Fact, node: Node<'_>, section: &str) {
        let code = fact.codes.first().map(ToString::to_string);
        let code = code.unwrap_or_else(|| fact.display.to_string());
        let kind = format!("{:?}", fact.kind);
        let time = match (fact.kind, fact.effective) {
            (FactKind::Observation, Some(time)) => time.instant.0.to_string(),
            _ => String::new(),
        };
        let own = datatypes::first_id(node);
        fact.id = match own {
            Some((root, extension)) => FactId::of(&["cda", root, extension, &kind, &code, &time]),
            None => {
                let (root, extension) = &self.header.key;
                let start = fact
                    .effective
                    .map_or(String::new(), |w| w.instant.0.to_string());
                let parts = [
                    "cda-unnamed",
                    root,
                    extension,
                    section,
                    &kind,
                    &code,
                    &start,
                ];
                let name = FactId::of(&parts);
                let number = self.without_id.entry(name).or_default();
                *number += 1;
                FactId::of(&[&name.to_string(), &number.to_string()])
            }
        };
        if let Some(first) = self.known.get(&fact.id).and_then(|i| self.made.get(*i)) {
            if same(&first.fact, &fact) {
                return self.problem(node, "the same statement again: counted once");
            }
            if fact.kind != FactKind::Observation {
                let again = self.without_id.entry(fact.id).or_insert(1);
                *again += 1;
                fact.id = FactId::of(&[&fact.id.to_string(), &again.to_string()]);
                let mark = "the id is used for several statements".to_owned();
                fact.attrs.insert("conflict".to_owned(), mark.clone());
                self.problem(node, mark);
            }
        }
        self.known.entry(fact.id).or_insert(self.made.len());
        self.push(fact);
    }

    fn push(&mut self, fact: Fact) {
        let time = self.header.time.map_or(i64::MIN, |w| w.instant.0);
        let version = (self.header.version, time);
        self.made.push(Made { fact, version });
    }

    fn finish(self, document: Node<'_>, role: Node<'_>) -> Intake {
        let identity = header::identity(role, self.document);
        let mut quarantined = self.quarantined;
        let mut facts = number_versions(self.made, &mut quarantined);
        for fact in &mut facts {
            fact.id = bound_id(&identity, fact.id);
        }
        let counts = Counts {
            cda: CdaCounts::of(document),
            ..Counts::default()
        };
        let source_id = identity
            .identifiers
            .first()
            .map(|i| format!("{}|{}", i.issuer, i.value));
        let release =
            if xml::templates(document).any(|t| t.starts_with("2.16.840.1.113883.10.20.22.1.")) {
                "C-CDA"
            } else {
                "CDA"
            };
        let title = xml::attr_of(document, "code", "displayName").unwrap_or("document");
        Intake {
            document: self.document,
            format: format!("{release} ({title})"),
            patients: vec![PatientRecord {
                identity: Some(identity),
                source_id: source_id.unwrap_or_default(),
                facts,
                counts: counts.clone(),
            }],
            problems: self.problems,
            quarantined,
            not_understood: self.not_understood,
            counts,
            identity_tasks: Vec::new(),
        }
    }
}

/// Equal but for where it stands in the document.
fn same(a: &Fact, b: &Fact) -> bool {
    let mut b = b.clone();
    b.provenance.clone_from(&a.provenance);
    for place in ["narrative_at", "narrative_in"] {
        b.attrs.remove(place);
        if let Some(there) = a.attrs.get(place) {
            b.attrs.insert(place.to_owned(), there.clone());
        }
    }
    *a == b
}

#[cfg(test)]
mod tests;
