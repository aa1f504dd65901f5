//! From facts to what a page shows: panels, lists, timeline. Pure functions of facts and index time.

mod documents;
mod labs;
mod lists;
mod marks;
mod names;
mod panels;
mod timeline;
mod words;
mod written;

pub(crate) use documents::notes;
pub(crate) use labs::{
    Rows, Verdicts, add_derived, fact_words, judge, laboratory, row_key, row_name, source,
};
pub(crate) use lists::{allergies, allergy_words, encounters, medications, of_past, problems};
pub(crate) use marks::is_corrected;
pub(crate) use names::plain;
pub(crate) use timeline::{end_with, item, later, sort, timeline};
pub(crate) use words::{days, millimetres, shortened};
pub(crate) use written::{unit, written};

/// Facts for the tests of this module.
#[cfg(test)]
pub(crate) mod made {
    use triptych_clinical::{
        DocumentHash, Fact, FactId, FactKind, Instant, Provenance, Quantity, ReferenceRange,
        Status, Value, When,
    };

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

    /// Potassium of 4.0 to 5.0 by its own report.
    pub(crate) fn potassium(written: &str, status: Status, flag: Option<&str>) -> Fact {
        Fact {
            value: Value::Quantity(Quantity {
                value: written.parse().unwrap(),
                written: written.into(),
                comparator: None,
                unit: Some("mmol/L".into()),
                unit_text: None,
            }),
            reference: Some(ReferenceRange {
                low: Some(4.0),
                high: Some(5.0),
                text: None,
            }),
            status,
            flag: flag.map(Into::into),
            ..fact("potassium", "2026-01-05")
        }
    }
}
