//! What notes and reports say, as statements for the evidence graph.

use triptych_clinical::{CodeSystem, Fact, FactKind, Status};
use triptych_reasoning::FactRef;
use triptych_reasoning::graph::{NoteAssertion, Said};
use triptych_reasoning::notes::{self, Categories, Category};

/// Newest texts that are read: older ones are found by search.
const TEXTS: usize = 200;

/// Longest part of one text that is read, in bytes.
const BYTES: usize = 64 * 1024;

/// Statements of the newest texts.
pub(crate) fn assertions(facts: &[Fact]) -> Vec<NoteAssertion> {
    let mut texts: Vec<(&Fact, &str)> = facts
        .iter()
        .filter(|f| matches!(f.kind, FactKind::Note | FactKind::Report))
        .filter(|f| !matches!(f.status, Status::EnteredInError | Status::Cancelled))
        .filter_map(|f| Some((f, f.text.as_deref()?)))
        .collect();
    texts.sort_by_key(|(f, _)| (std::cmp::Reverse(f.placed_at().instant), f.id));
    texts.truncate(TEXTS);
    texts
        .into_iter()
        .flat_map(|(fact, text)| of_text(fact, beginning(text)))
        .collect()
}

fn of_text(fact: &Fact, text: &str) -> Vec<NoteAssertion> {
    let report = is_about_images(fact);
    let study = fact.attrs.get("study_uid");
    notes::read(text)
        .mentions
        .iter()
        .map(|m| NoteAssertion {
            concept: m.concept.id.clone(),
            said: said(m.categories),
            report,
            confirmed: false,
            study: study.cloned(),
            span: m.sentence,
            fact: FactRef {
                id: fact.id,
                version: fact.version,
            },
            time: fact.placed_at(),
            available: fact.available.instant,
        })
        .collect()
}

fn said(categories: Categories) -> Said {
    Said {
        negated: categories.contains(Category::Negated),
        uncertain: categories.contains(Category::Uncertain),
        historical: categories.contains(Category::Historical),
        hypothetical: categories.contains(Category::Hypothetical),
        family: categories.contains(Category::Family),
    }
}

/// A report of a laboratory says nothing about images: only what names a study, or a category or code of imaging, does.
fn is_about_images(fact: &Fact) -> bool {
    const CATEGORIES: [&str; 8] = [
        "rad",
        "rx",
        "ct",
        "nmr",
        "nus",
        "xrc",
        "imaging",
        "radiology",
    ];
    const DOCUMENTS: [&str; 2] = ["18748-4", "LP29684-5"];
    let named = ["study_uid", "imaging_study"]
        .iter()
        .any(|name| fact.attrs.contains_key(*name));
    let category = fact
        .category
        .iter()
        .any(|c| CATEGORIES.contains(&c.to_lowercase().as_str()));
    let coded = fact
        .codes
        .iter()
        .any(|c| c.system == CodeSystem::Loinc && DOCUMENTS.contains(&c.code.as_str()));
    named || category || coded
}

/// At most [`BYTES`] of a text, ending between two characters.
fn beginning(text: &str) -> &str {
    let end = (0..=BYTES.min(text.len()))
        .rev()
        .find(|i| text.is_char_boundary(*i))
        .unwrap_or(0);
    text.get(..end).unwrap_or_default()
}
