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
    Verdicts, add_derived, fact_words, is_corrected, laboratory, row_key, row_name, source, unit,
    written,
};
pub(crate) use lists::{allergies, allergy_words, encounters, medications, of_past, problems};
pub(crate) use timeline::{item, later, sort, timeline};
pub(crate) use words::{days, millimetres, shortened};

/// Facts for the tests of this module.
#[cfg(test)]
pub(crate) mod made {
    use triptych_clinical::{
        DocumentHash, Fact, FactId, FactKind, Instant, Origin, Provenance, Status, Value, When,
    };

    /// A final observation of `date` without code, value or interval.
    pub(crate) fn fact(name: &str, date: &str) -> Fact {
        let when = When::parse(date).unwrap();
        Fact {
            id: FactId::of(&[name]),
            version: 1,
            kind: FactKind::Observation,
            codes: Vec::new(),
            display: name.into(),
            value: Value::None,
            effective: Some(when),
            end: None,
            available: when,
            received: Instant(0),
            status: Status::Final,
            reference: None,
            flag: None,
            specimen_flags: Vec::new(),
            method: None,
            category: Vec::new(),
            text: None,
            attrs: std::collections::BTreeMap::new(),
            origin: Origin::Structured,
            confirmed: None,
            provenance: Provenance {
                document: DocumentHash([0; 32]),
                path: String::new(),
                span: None,
            },
        }
    }
}
