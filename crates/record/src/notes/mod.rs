//! Sections, sentences and words in the text of notes. Record-and-signals 7.2 to 7.4.
//!
//! All spans are bytes of the text as received; nothing is rewritten.

mod search;
mod sections;
mod sentences;

pub use search::find;
pub use sections::{Section, SectionKind, sections};
pub use sentences::{Sentence, sentences};
pub use triptych_clinical::TextSpan;
