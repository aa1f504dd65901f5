//! Notes and reports. What is in a text is found when it is shown: ten thousand notes are listed without being read.

use std::sync::Arc;

use triptych_clinical::{Fact, FactKind, Status, StudyUid};

use super::labs::source;
use crate::view::{NoteItem, ReadingSlot};

/// Notes and reports that have text, newest first.
pub(crate) fn notes(facts: &[Fact]) -> Vec<NoteItem> {
    let mut found: Vec<&Fact> = facts
        .iter()
        .filter(|f| {
            matches!(f.kind, FactKind::Note | FactKind::Report)
                && f.status != Status::EnteredInError
        })
        .filter(|f| f.text.as_ref().is_some_and(|t| !t.trim().is_empty()))
        .collect();
    found.sort_by(|a, b| {
        b.placed_at()
            .instant
            .cmp(&a.placed_at().instant)
            .then(a.id.cmp(&b.id))
    });
    let mut items: Vec<NoteItem> = Vec::with_capacity(found.len());
    for fact in found {
        let same =
            |i: &&mut NoteItem| i.at == fact.placed_at() && Some(&*i.text) == fact.text.as_deref();
        // One text sent as a document and as a report is one note.
        match items
            .iter_mut()
            .rev()
            .take_while(|i| i.at == fact.placed_at())
            .find(same)
        {
            Some(item) => {
                item.study = item.study.take().or_else(|| study(fact));
                item.twins.push(fact.id);
            }
            None => items.push(note(fact)),
        }
    }
    items
}

fn study(fact: &Fact) -> Option<StudyUid> {
    let uid = fact.attrs.get("study_uid")?;
    StudyUid::new(uid).ok()
}

fn note(fact: &Fact) -> NoteItem {
    let text: Arc<str> = fact.text.as_deref().unwrap_or_default().into();
    let title = if fact.display.is_empty() {
        fact.category
            .first()
            .cloned()
            .unwrap_or_else(|| "Note".to_owned())
    } else {
        fact.display.to_string()
    };
    NoteItem {
        fact: fact.id,
        title,
        date: fact.placed_at().to_string(),
        at: fact.placed_at(),
        author: fact
            .attrs
            .get("author")
            .or_else(|| fact.attrs.get("performer"))
            .cloned()
            .unwrap_or_default(),
        status: status(fact),
        text,
        version: fact.version,
        reading: ReadingSlot::default(),
        study: study(fact),
        twins: Vec::new(),
        source: source(fact),
    }
}

/// The status, and that the text is no more than the letters of a PDF: whoever reads it must know that tables and pictures are lost.
fn status(fact: &Fact) -> String {
    let words = status_words(fact.status);
    match fact.attrs.get("text_layer").map(String::as_str) {
        None => words.to_owned(),
        Some("PDF") => format!("{words} · text of a PDF, layout lost"),
        Some(_) => format!("{words} · text of a PDF, recognised, layout lost"),
    }
}

fn status_words(status: Status) -> &'static str {
    match status {
        Status::Final | Status::Active | Status::Completed => "final",
        Status::Amended => "amended",
        Status::Corrected => "corrected",
        Status::Appended => "appended",
        Status::Preliminary | Status::Partial | Status::Registered => "preliminary",
        Status::Cancelled => "cancelled",
        Status::EnteredInError => "entered in error",
        Status::Unknown => "status unknown",
        Status::Inert => "not final",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use triptych_clinical::{DocumentHash, FactId, Instant, Provenance};

    use super::*;

    #[test]
    fn a_note_out_of_a_pdf_says_so_beside_its_status() {
        let check = |layer: Option<&str>, expected: &str| {
            let attrs = layer.map(|l| ("text_layer".to_owned(), l.to_owned()));
            let fact = Fact {
                text: Some("No mass.".to_owned()),
                attrs: attrs.into_iter().collect::<BTreeMap<_, _>>().into(),
                ..Fact::new(
                    FactId::of(&["note"]),
                    FactKind::Note,
                    Instant(0),
                    Provenance::new(DocumentHash::of(b""), "note", None),
                )
            };
            assert_eq!(notes(&[fact])[0].status, expected);
        };
        check(None, "final");
        check(Some("PDF"), "final · text of a PDF, layout lost");
        let recognised = "final · text of a PDF, recognised, layout lost";
        check(Some("PDF, recognised"), recognised);
    }
}
