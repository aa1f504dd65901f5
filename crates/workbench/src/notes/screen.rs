//! A text as the notes leaf shows it: marks with their reasons, and facts that it seems to state.

use triptych_clinical::{FactId, TextSpan, Value};
use triptych_reasoning::notes::{
    self, Candidate, Categories, Category, Cause, Mention, Section, Why, words,
};
use triptych_reasoning::tri;

use super::folded;
use crate::view::{
    MarkState, NoteCandidate, NoteMark, NoteReading, NoteSection, SetBy, TriggerPlace,
};

/// Reads `text`, the words of `note`. A megabyte takes about a tenth of a second.
#[must_use]
pub fn reading(note: FactId, text: &str) -> NoteReading {
    let read = notes::read(text);
    let candidates = notes::candidates(text, &read);
    NoteReading {
        sections: read
            .sections
            .iter()
            .filter(|s| !s.title.is_empty())
            .map(section)
            .collect(),
        marks: read
            .mentions
            .iter()
            .map(|m| mark(text, m, &read.sections))
            .collect(),
        candidates: candidates
            .iter()
            .map(|c| candidate(note, text, c))
            .collect(),
    }
}

/// Spans are bytes of a text in memory: they fit.
fn place(byte: u64) -> usize {
    usize::try_from(byte).unwrap_or(usize::MAX)
}

pub(super) fn span(span: TextSpan) -> (usize, usize) {
    (place(span.start), place(span.end))
}

fn section(section: &Section) -> NoteSection {
    NoteSection {
        title: section.title.clone(),
        start: place(section.span.start),
        body: place(section.body.start),
        end: place(section.span.end),
    }
}

/// Title of the section that holds byte `at`; empty before the first heading.
pub(crate) fn section_at(sections: &[Section], at: u64) -> &str {
    let before = sections.partition_point(|s| s.span.end <= at);
    sections
        .get(before)
        .filter(|s| s.span.start <= at)
        .map_or("", |s| &s.title)
}

fn mark(text: &str, mention: &Mention, sections: &[Section]) -> NoteMark {
    let (start, end) = span(mention.span);
    let section = section_at(sections, mention.span.start);
    NoteMark {
        start,
        end,
        concept: mention.concept.name.clone(),
        state: state(mention.categories),
        is_elsewhere: is_elsewhere(mention.categories),
        words: mention.categories.to_string(),
        set_by: mention
            .why
            .iter()
            .map(|w| set_by(text, mention, section, w))
            .collect(),
        section: section.to_owned(),
    }
}

fn state(categories: Categories) -> MarkState {
    if categories.contains(Category::Negated) {
        MarkState::Negated
    } else if categories.contains(Category::Uncertain) {
        MarkState::Uncertain
    } else if is_elsewhere(categories) {
        MarkState::Elsewhere
    } else {
        MarkState::Affirmed
    }
}

fn is_elsewhere(categories: Categories) -> bool {
    [
        Category::Historical,
        Category::Hypothetical,
        Category::Family,
    ]
    .iter()
    .any(|c| categories.contains(*c))
}

fn set_by(text: &str, mention: &Mention, section: &str, why: &Why) -> SetBy {
    let state = why.category.word().to_owned();
    match why.cause {
        Cause::Trigger { span } => SetBy {
            state,
            words: folded(words(text, span)),
            place: Some(if span.start < mention.span.start {
                TriggerPlace::Before
            } else {
                TriggerPlace::After
            }),
        },
        Cause::Section { .. } => SetBy {
            state,
            words: section.to_owned(),
            place: None,
        },
    }
}

fn candidate(note: FactId, text: &str, candidate: &Candidate) -> NoteCandidate {
    NoteCandidate {
        key: candidate.key(),
        fact: fact_id(note, candidate),
        title: title(candidate),
        detail: detail(candidate),
        span: span(candidate.span),
        sentence: folded(words(text, candidate.sentence)),
    }
}

/// Id of the fact that confirming makes: of one place of one text.
pub(super) fn fact_id(note: FactId, candidate: &Candidate) -> FactId {
    FactId::of(&[
        "urn:triptych:from-text",
        &note.to_string(),
        &candidate.key(),
    ])
}

/// The project code without its prefix.
pub(super) fn project_code(candidate: &Candidate) -> Option<&'static str> {
    candidate.code.strip_prefix("tri:")
}

/// `Lung nodule 8 mm`, `Ascites mild`, `Smoking status former`
pub(super) fn title(candidate: &Candidate) -> String {
    let label = project_code(candidate)
        .and_then(tri::by_code)
        .map_or("Smoking status", |c| c.label);
    let value = match &candidate.value {
        Value::Quantity(q) => format!("{} {}", q.written, q.unit.as_deref().unwrap_or_default()),
        Value::Coded(coding) => coding
            .display
            .clone()
            .unwrap_or_else(|| coding.code.clone()),
        Value::Text(text) => text.clone(),
        Value::None | Value::Absent(_) => candidate
            .attrs
            .get("size_mm")
            .map_or_else(String::new, |mm| format!("{mm} mm")),
    };
    format!("{label} {value}").trim_end().to_owned()
}

/// What kind of thing it is, with its attributes and what the text says of it.
fn detail(candidate: &Candidate) -> String {
    let mut parts = vec![
        match project_code(candidate) {
            Some("recommendation") => "Recommendation",
            Some("ascites" | "hyperglycaemia_symptoms") | None => "Observation",
            Some(_) => "Finding",
        }
        .to_owned(),
    ];
    for (name, value) in &candidate.attrs {
        let name = name.replace('_', " ");
        match (name.as_str(), value.as_str()) {
            ("size mm", _) => {}
            (_, "true") => parts.push(name),
            (_, "false") => parts.push(format!("not {name}")),
            ("due months", n) => parts.push(format!("due in {n} months")),
            ("due from months", n) => parts.push(format!("from {n} months")),
            (_, value) => parts.push(format!("{name} {}", value.replace('_', " "))),
        }
    }
    parts.extend(candidate.categories.iter().map(|c| c.word().to_owned()));
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "FINDINGS: Solid nodule of 8 mm in the right upper lobe of the lung. No pleural effusion. \
        Possible pneumonia.\n\nFAMILY HISTORY:\nLung cancer.\n";

    fn read() -> NoteReading {
        reading(FactId::of(&["n"]), TEXT)
    }

    #[test]
    fn a_mark_says_its_state_what_set_it_and_where() {
        let read = read();
        let of = |words: &str| {
            read.marks
                .iter()
                .find(|m| TEXT[m.start..m.end].to_lowercase().contains(words))
                .unwrap()
        };
        let effusion = of("effusion");
        assert_eq!(effusion.state, MarkState::Negated);
        assert_eq!(
            effusion.set_by,
            [SetBy {
                state: "negated".into(),
                words: "No".into(),
                place: Some(TriggerPlace::Before)
            }]
        );
        assert_eq!(effusion.section, "FINDINGS");
        assert_eq!(of("pneumonia").state, MarkState::Uncertain);
        let family = of("lung cancer");
        assert_eq!(
            (family.state, family.is_elsewhere),
            (MarkState::Elsewhere, true)
        );
        assert_eq!(family.set_by[0].place, None);
        assert_eq!(family.set_by[0].words, "FAMILY HISTORY");
    }

    #[test]
    fn a_proposal_is_told_with_its_sentence_and_named_by_note_and_place() {
        let read = read();
        let nodule = &read.candidates[0];
        assert_eq!(nodule.title, "Lung nodule 8 mm");
        assert!(nodule.detail.contains("type solid"), "{}", nodule.detail);
        assert!(nodule.sentence.contains("8 mm in the right upper lobe"));
        let other = reading(FactId::of(&["m"]), TEXT);
        assert_ne!(other.candidates[0].fact, nodule.fact);
        assert_eq!(
            other.candidates[0].key, nodule.key,
            "the same words of the same text"
        );
    }
}
