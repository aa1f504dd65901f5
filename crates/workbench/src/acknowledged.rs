//! A reader's answers to cards, as they are stored: bound to what was shown (D-30).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use triptych_clinical::{Instant, PatientKey};
use triptych_reasoning::Severity as Level;
use triptych_reasoning::graph::{Acknowledgement as Kept, Judgement};

use crate::view::{Severity, SignalCard};
use crate::{Acknowledgement, Core, WorkbenchError};

/// One answer: what it was bound to, or the word alone as earlier versions stored it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Stored {
    Bound(Kept),
    Word(String),
}

/// Answers of one reader to the cards of one person, by card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Answers(BTreeMap<String, Stored>);

impl Answers {
    /// The answer to exactly this card.
    pub fn of(&self, card: &str) -> Option<String> {
        self.0.get(card).map(|stored| match stored {
            Stored::Bound(kept) => word(kept.judgement).to_owned(),
            Stored::Word(word) => word.clone(),
        })
    }

    /// All answers for the desk. An old one is bound to its card's inputs, and counts from `at`: its time was not kept.
    pub fn kept(&self, at: Instant) -> Vec<Kept> {
        self.0
            .iter()
            .filter_map(|(card, stored)| match stored {
                Stored::Bound(kept) => Some(kept.clone()),
                Stored::Word(word) => old(card, word, at),
            })
            .collect()
    }

    /// Keeps an answer.
    pub fn keep(&mut self, card: &SignalCard, answer: Acknowledgement, at: Instant) {
        let kept = Kept {
            subject: card.subject.clone(),
            input_hash: card.basis.input_hash.clone(),
            severity: level(card.severity),
            outcome: card.outcome.clone(),
            at,
            judgement: judgement(answer),
        };
        self.0.insert(card.id.0.clone(), Stored::Bound(kept));
    }
}

fn old(card: &str, said: &str, at: Instant) -> Option<Kept> {
    const ALL: [Judgement; 4] = [
        Judgement::Useful,
        Judgement::Known,
        Judgement::NotUseful,
        Judgement::Wrong,
    ];
    let (rule, input_hash) = card.split_once('/')?;
    Some(Kept {
        subject: rule.split('@').next()?.to_owned(),
        input_hash: input_hash.to_owned(),
        severity: Level::Info,
        outcome: String::new(),
        at,
        judgement: ALL.into_iter().find(|j| word(*j) == said)?,
    })
}

const fn level(severity: Option<Severity>) -> Level {
    match severity {
        None | Some(Severity::Info) => Level::Info,
        Some(Severity::Low) => Level::Low,
        Some(Severity::Moderate) => Level::Moderate,
        Some(Severity::High) => Level::High,
    }
}

const fn judgement(answer: Acknowledgement) -> Judgement {
    match answer {
        Acknowledgement::Useful => Judgement::Useful,
        Acknowledgement::Known => Judgement::Known,
        Acknowledgement::NotUseful => Judgement::NotUseful,
        Acknowledgement::Wrong => Judgement::Wrong,
    }
}

/// In words.
pub(crate) const fn word(judgement: Judgement) -> &'static str {
    match judgement {
        Judgement::Useful => "useful",
        Judgement::Known => "known",
        Judgement::NotUseful => "not useful",
        Judgement::Wrong => "wrong",
    }
}

/// The same for an answer that is just given.
pub(crate) const fn said(answer: Acknowledgement) -> &'static str {
    word(judgement(answer))
}

/// Name of the setting that keeps a reader's answers to the cards of a person.
pub(crate) fn key(person: PatientKey) -> String {
    format!("acknowledged/{person}")
}

impl Core {
    /// This reader's answers to the cards of a person.
    pub(crate) fn answers(&self, person: PatientKey) -> Result<Answers, WorkbenchError> {
        let stored = self.wait(self.archive().setting(self.user(), &key(person)))?;
        Ok(stored
            .and_then(|v| serde_json::from_value(v).ok())
            .unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// D-30: what an earlier version stored is still read, and bound to the inputs that its card's name holds.
    #[test]
    fn d_30_the_old_form_is_still_read() {
        let old = serde_json::json!({ "R2@1.0.0/ab12": "not useful", "model@1/x/1.2.3": "wrong" });
        let answers: Answers = serde_json::from_value(old).unwrap();
        assert_eq!(answers.of("R2@1.0.0/ab12").unwrap(), "not useful");
        let kept = answers.kept(Instant(7));
        let r2 = kept.iter().find(|k| k.subject == "R2").unwrap();
        assert_eq!((r2.input_hash.as_str(), r2.at), ("ab12", Instant(7)));
        assert_eq!(r2.judgement, Judgement::NotUseful);
        let again: Answers =
            serde_json::from_value(serde_json::to_value(&answers).unwrap()).unwrap();
        assert_eq!(again, answers);
    }
}
