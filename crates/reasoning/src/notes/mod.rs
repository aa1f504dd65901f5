//! The notes engine: sections, sentences, words, findings and what is said of each. Record-and-signals 7.2 to 7.5.
//!
//! All spans are bytes of the text as received; nothing is rewritten. [`read`] marks findings, [`candidates`] proposes facts that stay
//! inert until somebody confirms them (D-35), [`evaluate`] measures negation on labelled sentences, [`find`] searches plainly.

mod candidates;
mod category;
mod concepts;
mod context;
mod gate;
mod lexis;
mod phrases;
mod read;
mod search;
mod sections;
mod sentences;
mod triggers;

pub use candidates::{Candidate, candidates};
pub use category::{Categories, Category};
pub use concepts::{Concept, ConceptKind};
pub use gate::{NegationReport, Score, evaluate};
pub use read::{Cause, Mention, Reading, Why, assertion, assertions, read};
pub use search::find;
pub use sections::{Section, SectionKind, sections};
pub use sentences::{Sentence, sentences};
pub use triptych_clinical::TextSpan;

const fn span(start: usize, end: usize) -> TextSpan {
    TextSpan {
        start: start as u64,
        end: end as u64,
    }
}

/// The words of `text` at `span`; empty where it is no place of this text.
#[must_use]
pub fn words(text: &str, span: TextSpan) -> &str {
    usize::try_from(span.start)
        .ok()
        .zip(usize::try_from(span.end).ok())
        .and_then(|(a, b)| text.get(a..b))
        .unwrap_or_default()
}
