//! The body: sections with their narratives as notes, and bodies that are not XML.

use triptych_clinical::{CodeSystem, Fact, FactId, FactKind, Status};

use super::narrative::{self, Narrative};
use super::xml::{self, Node};
use super::{Reader, datatypes};
use crate::fhir::attachment::{self, Content};

/// What the entries of a section are about, where their own templates do not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Topic {
    Problems,
    PastIllness,
    Medications,
    Administered,
    Allergies,
    Results,
    Vitals,
    Social,
    Procedures,
    Immunisations,
    Encounters,
    Plan,
    Family,
    Other,
}

impl Topic {
    fn of(code: &str) -> Self {
        match code {
            "11450-4" => Self::Problems,
            "11348-0" => Self::PastIllness,
            "10160-0" | "10183-2" | "42346-7" | "75311-1" => Self::Medications,
            "29549-3" => Self::Administered,
            "48765-2" => Self::Allergies,
            "30954-2" => Self::Results,
            "8716-3" => Self::Vitals,
            "29762-2" => Self::Social,
            "47519-4" => Self::Procedures,
            "11369-6" => Self::Immunisations,
            "46240-8" => Self::Encounters,
            "18776-5" | "51847-2" | "61145-9" => Self::Plan,
            "10157-6" => Self::Family,
            _ => Self::Other,
        }
    }
}

/// One section while its entries are read.
pub(super) struct Section {
    pub topic: Topic,
    /// LOINC code, else the heading.
    pub code: String,
    pub heading: String,
    pub narrative: Narrative,
    /// Place of the note of this section, as in its provenance.
    pub path: String,
}

impl Reader<'_> {
    pub(super) fn body(&mut self, document: Node<'_>) {
        self.encompassing(document);
        for component in xml::children(document, "component") {
            if let Some(body) = xml::child(component, "structuredBody") {
                for section in inner_sections(body) {
                    self.section(section);
                }
            } else if let Some(body) = xml::child(component, "nonXMLBody") {
                self.other_body(document, body);
            } else {
                self.problem(
                    component,
                    "a body that is neither sections nor a file: not read",
                );
            }
        }
    }

    fn section(&mut self, node: Node<'_>) {
        let code = xml::attr_of(node, "code", "code").unwrap_or_default();
        let title = xml::child(node, "title")
            .map(xml::words)
            .unwrap_or_default();
        let named = datatypes::concept(xml::child(node, "code")).1;
        let heading = [title, named, "Section".to_owned()]
            .into_iter()
            .find(|t| !t.is_empty())
            .unwrap_or_default();
        let text = xml::child(node, "text");
        let section = Section {
            topic: Topic::of(code),
            code: if code.is_empty() {
                heading.clone()
            } else {
                code.to_owned()
            },
            heading,
            narrative: text.map(narrative::render).unwrap_or_default(),
            path: self.ordinals.path(text.unwrap_or(node)),
        };
        self.section_note(node, &section);
        for said in &section.narrative.said {
            self.problem(text.unwrap_or(node), said.clone());
        }
        for entry in xml::children(node, "entry") {
            let mut any = false;
            for statement in entry.children().filter(|n| !xml::name(*n).is_empty()) {
                any |= self.statement(statement, &section);
            }
            if !any && xml::null(entry).is_none() {
                self.problem(
                    entry,
                    "an entry that became no fact: see what was not understood",
                );
            }
        }
        for inner in inner_sections(node) {
            self.section(inner);
        }
    }

    /// The narrative as a note. A section that says that it knows nothing is one too, without text.
    fn section_note(&mut self, node: Node<'_>, section: &Section) {
        let text = xml::child(node, "text");
        let mut note = self.note(text.unwrap_or(node), FactKind::Note);
        note.codes = datatypes::concept(xml::child(node, "code")).0.into();
        note.display = section.heading.as_str().into();
        note.category = vec!["section".to_owned()].into();
        let empty = section.narrative.text.is_empty();
        match (empty, xml::null(node)) {
            (false, None) => {}
            (false, Some(flavour)) => {
                note.attrs
                    .insert("null_flavour".to_owned(), flavour.to_owned());
            }
            (true, Some(flavour)) => {
                let why = format!("the section says that nothing is known ({flavour})");
                note.attrs.insert("not_shown".to_owned(), why);
            }
            (true, None) => {
                let entries = xml::child(node, "entry").is_some();
                if entries || inner_sections(node).next().is_none() {
                    self.problem(node, "a section without narrative, which C-CDA wants: its entries alone are shown");
                    let why = "the section has no narrative".to_owned();
                    note.attrs.insert("not_shown".to_owned(), why);
                } else {
                    // A section that only holds others.
                    return;
                }
            }
        }
        note.text = (!empty).then(|| section.narrative.text.clone());
        self.keep_note(note, &section.code);
    }

    /// A note of this document, with what the header says.
    pub(super) fn note(&self, node: Node<'_>, kind: FactKind) -> Fact {
        let mut note = self.fact(kind, node);
        note.effective = self.header.event.or(self.header.time);
        self.set_available(&mut note, None);
        let mut say = |key: &str, value: &Option<String>| {
            if let Some(value) = value.as_ref().filter(|v| !v.is_empty()) {
                note.attrs.insert(key.to_owned(), value.clone());
            }
        };
        say("document", &Some(self.header.id.clone()));
        say("document_title", &Some(self.header.title.clone()));
        say("performer", &self.header.author);
        say("replaces", &self.header.replaces);
        say("appends", &self.header.appends);
        note.status = if self.header.replaces.is_some() {
            Status::Amended
        } else {
            Status::Final
        };
        note
    }

    /// A note is named by its document and section, so that a document that replaces another one gives new versions of the same notes.
    pub(super) fn keep_note(&mut self, mut note: Fact, section: &str) {
        let (root, extension) = &self.header.key;
        let name = FactId::of(&["cda-note", root, extension, section]);
        let number = self.without_id.entry(name).or_default();
        *number += 1;
        note.id = FactId::of(&[&name.to_string(), &number.to_string()]);
        self.push(note);
    }

    /// A body that is a file: text is shown, other types are named, and a file that is elsewhere is not fetched.
    fn other_body(&mut self, document: Node<'_>, body: Node<'_>) {
        let Some(text) = xml::child(body, "text") else {
            return self.problem(body, "the body of the document is empty");
        };
        let mut note = self.note(text, FactKind::Note);
        let (codes, words) = datatypes::concept(xml::child(document, "code"));
        note.codes = codes.into();
        note.display = if self.header.title.is_empty() {
            words.into()
        } else {
            self.header.title.clone().into()
        };
        note.category = vec!["document".to_owned()].into();
        match self.file(text, &mut note) {
            Ok(()) => self.keep_note(note, "body"),
            Err(reason) => self.quarantine(text, reason),
        }
    }

    /// The content of an ED: into the note's text, or why it is not there.
    pub(super) fn file(&mut self, text: Node<'_>, note: &mut Fact) -> Result<(), String> {
        let mime = xml::attr(text, "mediaType").unwrap_or("text/plain");
        note.attrs.insert("media_type".to_owned(), mime.to_owned());
        let reference = xml::attr_of(text, "reference", "value");
        let content = if xml::attr(text, "representation") == Some("B64") {
            let data: String = text
                .descendants()
                .filter_map(|n| n.text().filter(|_| n.is_text()))
                .collect();
            attachment::content_of_base64(mime, &data)
        } else if let Some(target) = reference.filter(|_| xml::words(text).is_empty()) {
            Content::NotShown(format!(
                "the text is in another file ({target}), which is never fetched"
            ))
        } else {
            let rendered = narrative::render(text);
            for said in rendered.said {
                self.problem(text, said);
            }
            Content::Text {
                text: rendered.text,
                note: None,
            }
        };
        match content {
            Content::Text {
                text: words,
                note: said,
            } => {
                if let Some(said) = said {
                    self.problem(text, said.words());
                    said.mark(note);
                }
                note.text = Some(words);
            }
            Content::NotShown(reason) => {
                self.problem(text, reason.clone());
                note.attrs.insert("not_shown".to_owned(), reason);
            }
            Content::Broken(reason) => return Err(reason.to_owned()),
        }
        Ok(())
    }

    /// Codes of a statement in its section: what a section calls itself is kept as its category.
    pub(super) fn category(section: &Section) -> Vec<String> {
        vec![match section.topic {
            Topic::Results => "laboratory".to_owned(),
            Topic::Vitals => "vital-signs".to_owned(),
            Topic::Social => "social-history".to_owned(),
            _ => section.heading.to_lowercase(),
        }]
    }
}

/// True for LOINC codes of this number.
pub(super) fn is_loinc(fact: &Fact, code: &str) -> bool {
    fact.codes
        .iter()
        .any(|c| c.system == CodeSystem::Loinc && c.code == code)
}

fn inner_sections<'a>(node: Node<'a>) -> impl Iterator<Item = Node<'a>> + 'a {
    xml::children(node, "component").filter_map(|c| xml::child(c, "section"))
}
