//! What notes and reports say, as statements for the evidence graph.

use std::collections::HashSet;

use triptych_clinical::{CodeSystem, Fact, FactKind, Status, TextSpan};
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
    // Sent as a document and once more as a report, it is still said once.
    let mut said = HashSet::new();
    texts.retain(|(f, text)| said.insert((f.placed_at().instant, *text)));
    texts.truncate(TEXTS);
    texts
        .into_iter()
        .flat_map(|(fact, text)| of_text(fact, beginning(text)))
        .collect()
}

fn of_text(fact: &Fact, text: &str) -> Vec<NoteAssertion> {
    let report = is_about_images(fact);
    let study = fact.attrs.get("study_uid");
    let stated = |concept: String, said: Said, span| NoteAssertion {
        concept,
        said,
        report,
        confirmed: false,
        study: study.cloned(),
        span,
        fact: FactRef {
            id: fact.id,
            version: fact.version,
        },
        time: fact.placed_at(),
        available: fact.available.instant,
    };
    let read = notes::read(text);
    let mut out = Vec::new();
    for m in &read.mentions {
        // The evidence table writes names with underscores, the lexicon with hyphens.
        out.push(stated(
            m.concept.id.replace('-', "_"),
            said(m.categories),
            m.sentence,
        ));
        let words = sentence(text, m.sentence).to_lowercase();
        if m.concept.id == "lung-nodule" {
            for (concept, phrases) in OF_NODULES {
                if phrases.iter().any(|p| words.contains(p)) {
                    out.push(stated((*concept).to_owned(), Said::default(), m.sentence));
                }
            }
        }
    }
    out
}

fn sentence(text: &str, span: TextSpan) -> &str {
    let place = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    text.get(place(span.start)..place(span.end))
        .unwrap_or_default()
}

/// What a report says of a nodule in the sentence that names it; these hold a "no" of their own, so that they are no findings that could be negated.
const OF_NODULES: &[(&str, &[&str])] = &[
    (
        "nodule_stable",
        &[
            "unchanged",
            "is stable",
            "are stable",
            "stable since",
            "remains stable",
            "no interval change",
            "no significant change",
        ],
    ),
    (
        "no_follow_up_needed",
        &[
            "no follow-up",
            "no follow up",
            "no further follow",
            "no routine follow",
            "follow-up is not",
            "follow-up not",
            "not require follow",
        ],
    ),
];

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

#[cfg(test)]
mod tests {
    /// A row of the evidence table that waits for a concept which no text can name would never speak.
    #[test]
    fn every_concept_of_the_evidence_table_can_be_read_from_a_text() {
        let edges = include_str!("../../../assets/reasoning/edges.toml");
        let lexicon = include_str!("../../../assets/notes/concepts-en.toml");
        let known: Vec<String> = lexicon
            .lines()
            .filter_map(|l| {
                Some(
                    l.strip_prefix("id = \"")?
                        .strip_suffix('"')?
                        .replace('-', "_"),
                )
            })
            .collect();
        let asked = edges.split("note:").skip(1).map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            rest.get(..end.unwrap_or(rest.len())).unwrap_or_default()
        });
        let missing: Vec<&str> = asked.filter(|c| !known.iter().any(|k| k == c)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
