//! Use cases on the text of a note: what is named in it, what a reader says to it, and how well negation is read.

pub(crate) mod confirm;
mod screen;

use serde::Serialize;
use serde_json::{Value, json};
use triptych_reasoning::notes::{self, Cause, Mention, words};
pub use triptych_reasoning::notes::{NegationReport, Score, evaluate};

pub use screen::reading;
pub(crate) use screen::section_at;

/// A text as it was read: for printing.
#[derive(Clone, Debug, Serialize)]
pub struct NoteReading {
    /// Sections in order: `kind`, `title`, `start`, `end`.
    pub sections: Vec<Value>,
    /// Sentences in order, with their findings.
    pub sentences: Vec<NoteSentence>,
    /// Facts that the text seems to state, each inert until it is confirmed.
    pub candidates: Vec<Value>,
}

/// One sentence.
#[derive(Clone, Debug, Serialize)]
pub struct NoteSentence {
    /// First byte.
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
    /// The words, white space folded.
    pub text: String,
    /// Findings: `concept`, `words`, `span`, `section`, `categories`, `why`.
    pub findings: Vec<NoteFinding>,
}

/// A finding named in a sentence.
#[derive(Clone, Debug, Serialize)]
pub struct NoteFinding {
    /// Id of the concept.
    pub concept: &'static str,
    /// As the text names it.
    pub words: String,
    /// First byte.
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
    /// Kind of its section.
    pub section: notes::SectionKind,
    /// `affirmed`, or what is said of it.
    pub assertion: String,
    /// The words or the section that say so.
    pub why: Vec<String>,
}

/// Reads `text`.
#[must_use]
pub fn read(text: &str) -> NoteReading {
    let reading = notes::read(text);
    let candidates = notes::candidates(text, &reading);
    let mut mentions = reading.mentions.iter().peekable();
    let mut sentences = Vec::with_capacity(reading.sentences.len());
    for s in &reading.sentences {
        let mut findings = Vec::new();
        while let Some(m) = mentions.next_if(|m| m.span.start < s.end) {
            findings.push(finding(text, m));
        }
        sentences.push(NoteSentence {
            start: s.start,
            end: s.end,
            text: folded(words(text, *s)),
            findings,
        });
    }
    NoteReading {
        sections: reading
            .sections
            .iter()
            .map(|s| json!({ "kind": s.kind, "title": s.title, "start": s.span.start, "end": s.span.end }))
            .collect(),
        sentences,
        candidates: candidates
            .iter()
            .map(|c| {
                json!({ "code": c.code, "value": c.value, "attrs": c.attrs, "categories": c.categories, "section": c.section,
                    "start": c.span.start, "end": c.span.end, "words": folded(words(text, c.span)),
                    "sentence": folded(words(text, c.sentence)), "text_hash": c.text_hash })
            })
            .collect(),
    }
}

fn finding(text: &str, mention: &Mention) -> NoteFinding {
    let why = mention.why.iter().map(|w| match w.cause {
        Cause::Trigger { span } => {
            format!("{}: \"{}\"", w.category.word(), folded(words(text, span)))
        }
        Cause::Section { kind } => format!("{}: section {kind:?}", w.category.word()),
    });
    NoteFinding {
        concept: &mention.concept.id,
        words: folded(words(text, mention.span)),
        start: mention.span.start,
        end: mention.span.end,
        section: mention.section,
        assertion: mention.categories.to_string(),
        why: why.collect(),
    }
}

/// One line: runs of white space as one blank.
fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
