//! Notes and reports. What is in a text is found when it is shown: ten thousand notes are listed without being read.

use std::sync::Arc;

use triptych_clinical::{Fact, FactKind, Status, StudyUid};

use super::labs::source;
use crate::letters::reads_from_right;
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

/// The status, and what is lost of the text: tables and pictures where it is no more than the letters of a PDF, the order of words where it
/// is read from right to left, since lines are filled from the left.
fn status(fact: &Fact) -> String {
    let mut words = status_words(fact.status).to_owned();
    words += match fact.attrs.get("text_layer").map(String::as_str) {
        None => "",
        Some("PDF") => " · text of a PDF, layout lost",
        Some(_) => " · text of a PDF, recognised, layout lost",
    };
    if fact.text.as_deref().is_some_and(reads_from_right) {
        words += " · read from right to left, order of words lost";
    }
    words
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

    #[test]
    fn a_note_that_is_read_from_the_right_says_that_its_order_is_lost() {
        let mut fact = crate::chart::made::fact("note", "2020-01-01");
        fact.kind = FactKind::Note;
        for (text, lost) in [("Température 38,5 °C", false), ("אין ממצא (CT)", true)] {
            fact.text = Some(text.to_owned());
            assert_eq!(
                status(&fact).contains("order of words lost"),
                lost,
                "{text}"
            );
        }
    }
}
