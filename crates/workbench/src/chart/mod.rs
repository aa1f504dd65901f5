//! From facts to what a page shows: panels, lists, timeline. Pure functions of facts and index time.

mod documents;
mod labs;
mod lists;
mod names;
mod panels;
mod timeline;
mod words;

pub(crate) use documents::notes;
pub(crate) use labs::{
    Rows, Verdicts, add_derived, fact_words, is_corrected, judge, laboratory, row_key, row_name,
    source, unit, written,
};
pub(crate) use lists::{allergies, allergy_words, encounters, medications, of_past, problems};
pub(crate) use names::plain;
pub(crate) use timeline::{end_with, item, later, sort, timeline};
pub(crate) use words::{days, millimetres, shortened};

/// Facts for the tests of this module.
#[cfg(test)]
pub(crate) mod made {
    use triptych_clinical::{DocumentHash, Fact, FactId, FactKind, Instant, Provenance, When};

    /// A final observation of `date` without code, value or interval.
    pub(crate) fn fact(name: &str, date: &str) -> Fact {
        let when = When::parse(date).unwrap();
        Fact {
            display: name.into(),
            effective: Some(when),
            available: when,
            ..Fact::new(
                FactId::of(&[name]),
                FactKind::Observation,
                Instant(0),
                Provenance::new(DocumentHash([0; 32]), "", None),
            )
        }
    }
}
