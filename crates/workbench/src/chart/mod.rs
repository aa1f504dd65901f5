//! From facts to what a page shows: panels, lists, timeline. Pure functions of facts and index time.

mod documents;
mod labs;
mod lists;
mod panels;
mod timeline;
mod words;

pub(crate) use documents::notes;
pub(crate) use labs::{Verdicts, laboratory, row_key};
pub(crate) use lists::{allergies, allergy_words, encounters, medications, problems, procedures};
pub(crate) use timeline::timeline;
pub(crate) use words::{days, millimetres, shortened};
