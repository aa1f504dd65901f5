//! A reader's yes or no to a fact that a text seems to state (D-35).

use std::collections::BTreeMap;

use triptych_archive::{By, Choice, Decision, NewDecision};
use triptych_clinical::{
    CodeSystem, Coding, Confirmation, Fact, FactId, FactKind, IndexTime, Origin, PatientKey,
    Provenance, Status, When,
};
use triptych_reasoning::notes::{self, Candidate, words};
use triptych_reasoning::tri;

use super::folded;
use super::screen::{fact_id, project_code, span, title};
use crate::view::{ConfirmedFact, NoteVerdicts, Target};

/// What rejections are filed under among the decisions on a person. They are events: none is erased.
const PROPOSAL: &str = "note-proposal";
const PLACE: &str = "Note/";
/// Characters of a sentence that the fact keeps.
const SENTENCE: usize = 1000;

/// The proposal `key` of a text, if it makes it.
pub(crate) fn proposal(text: &str, key: &str) -> Option<Candidate> {
    let read = notes::read(text);
    notes::candidates(text, &read)
        .into_iter()
        .find(|c| c.key() == key)
}

/// The fact that `by` confirms: what the sentence of `note` says, true when the note was, known from now on.
pub(crate) fn fact(note: &Fact, candidate: &Candidate, by: &By) -> Fact {
    let text = note.text.as_deref().unwrap_or_default();
    let code = project_code(candidate);
    let coding = match code {
        Some(code) => Coding::new(CodeSystem::Tri, code),
        None => Coding::new(CodeSystem::Loinc, candidate.code),
    };
    let mut attrs: BTreeMap<String, String> = candidate
        .attrs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    let sentence = folded(words(text, candidate.sentence));
    attrs.insert(
        "sentence".to_owned(),
        sentence.chars().take(SENTENCE).collect(),
    );
    if let Some(study) = note.attrs.get("study_uid") {
        attrs
            .entry("study_uid".to_owned())
            .or_insert_with(|| study.clone());
    }
    Fact {
        codes: vec![coding].into(),
        display: title(candidate).into(),
        value: candidate.value.clone(),
        effective: Some(note.placed_at()),
        method: Some(concat!("triptych ", env!("CARGO_PKG_VERSION")).into()),
        attrs: attrs.into(),
        origin: Origin::Note,
        confirmed: Some(Confirmation {
            by: by.who.clone(),
            at: by.at,
        }),
        ..Fact::new(
            fact_id(note.id, candidate),
            code.and_then(tri::by_code)
                .map_or(FactKind::Observation, |c| c.kind),
            by.at,
            Provenance::new(
                note.provenance.document,
                format!("{PLACE}{}", note.id),
                Some(candidate.span),
            ),
        )
    }
}

/// The same fact taken back: its next version, which no rule uses.
pub(crate) fn taken_back(fact: &Fact, by: &By) -> Fact {
    Fact {
        status: Status::EnteredInError,
        available: When::at(by.at),
        received: by.at,
        ..fact.clone()
    }
}

/// A rejection as it is kept.
pub(crate) fn rejection(patient: PatientKey, candidate: &Candidate, at: IndexTime) -> NewDecision {
    NewDecision {
        patient,
        pathway: PROPOSAL.to_owned(),
        option: candidate.key(),
        choice: Choice::Decline,
        reason_code: "rejected".to_owned(),
        reason_text: String::new(),
        // The hash of the text; zeros for what is no hash.
        input_hash: id(&candidate.text_hash).map(|f| f.0).unwrap_or_default(),
        index_time: at,
    }
}

/// The note that a fact was confirmed from, and the bytes there.
pub(crate) fn source(fact: &Fact) -> Option<(FactId, (usize, usize))> {
    if fact.origin != Origin::Note {
        return None;
    }
    let note = id(fact.provenance.path.strip_prefix(PLACE)?)?;
    Some((note, span(fact.provenance.span?)))
}

/// Where a fact from a text stands: its sentence.
pub(crate) fn target(fact: &Fact) -> Option<Target> {
    let (note, span) = source(fact)?;
    Some(Target::Note {
        fact: note,
        span: Some(span),
    })
}

/// 64 hexadecimal digits.
fn id(hex: &str) -> Option<FactId> {
    let digits: Vec<u8> = hex
        .chars()
        .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .collect::<Option<_>>()?;
    let (pairs, []) = digits.as_chunks::<2>() else {
        return None;
    };
    let bytes: Vec<u8> = pairs.iter().map(|[high, low]| high << 4 | low).collect();
    bytes.try_into().ok().map(FactId)
}

/// What is confirmed among `facts`, and what was rejected.
pub(crate) fn verdicts(facts: &[Fact], decisions: &[Decision]) -> NoteVerdicts {
    let confirmed = facts
        .iter()
        .filter(|f| f.origin == Origin::Note && f.status != Status::EnteredInError)
        .filter_map(|f| {
            let confirmation = f.confirmed.as_ref()?;
            let shown = ConfirmedFact {
                note: source(f),
                title: f.display.to_string(),
                at: When::at(confirmation.at).to_string(),
                by: confirmation.by.clone(),
            };
            Some((f.id, shown))
        })
        .collect();
    let rejected = decisions
        .iter()
        .filter(|d| d.decision.pathway == PROPOSAL && d.decision.choice == Choice::Decline)
        .map(|d| d.decision.option.clone())
        .collect();
    NoteVerdicts {
        confirmed,
        rejected,
    }
}

#[cfg(test)]
mod tests {
    use triptych_clinical::Instant;

    use super::*;
    use crate::chart::made::fact as plain;

    const TEXT: &str =
        "Impression: 8 mm solid nodule in the right upper lobe of the lung. Mild ascites.";

    fn by() -> By {
        By::new("reader", Instant::from_seconds(1_700_000_000))
    }

    fn confirmed() -> (Fact, Fact) {
        let mut note = plain("note", "2021-02-22");
        note.kind = FactKind::Note;
        note.text = Some(TEXT.to_owned());
        let read = notes::read(TEXT);
        let candidates = notes::candidates(TEXT, &read);
        let fact = fact(&note, &candidates[0], &by());
        (note, fact)
    }

    #[test]
    fn d_35_a_confirmed_fact_says_who_when_and_where() {
        let (note, fact) = confirmed();
        assert_eq!(fact.codes[0].to_string(), "tri:lung_nodule");
        assert_eq!(fact.attrs["size_mm"], "8");
        assert_eq!(fact.effective, Some(note.placed_at()));
        assert_eq!(
            fact.available.instant,
            by().at,
            "not known before it was confirmed"
        );
        assert_eq!(fact.confirmed.as_ref().unwrap().by, "reader");
        assert!(fact.attrs["sentence"].contains("right upper lobe"));
        let shown = verdicts(std::slice::from_ref(&fact), &[]);
        assert_eq!(shown.confirmed[&fact.id].title, "Lung nodule 8 mm");
        let back = taken_back(&fact, &by());
        assert!(verdicts(&[back], &[]).confirmed.is_empty());
    }

    #[test]
    fn d_07_its_target_is_the_sentence() {
        let (note, fact) = confirmed();
        let (from, (start, end)) = source(&fact).unwrap();
        assert_eq!(from, note.id);
        assert!(TEXT[start..end].contains("nodule"), "{}", &TEXT[start..end]);
        let mut other = fact;
        other.provenance.path = "Note/12".into();
        assert_eq!(target(&other), None);
    }
}
