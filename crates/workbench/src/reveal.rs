//! Clinician first (D-15 to D-17): what a model found stays hidden until the reader has an own impression on record, or asks to see it at
//! once with a reason.
//!
//! Impressions and reveals stand in the archive's list of decisions: it only grows, keeps author and time, and each entry is audited.

use serde::{Deserialize, Serialize};
use triptych_archive::{Choice, Decision, NewDecision};
use triptych_clinical::{DocumentHash, IndexTime, Instant, PatientKey, StudyUid, When};
use triptych_reasoning::graph::ModelFinding;

use crate::models::Analysis;
use crate::patient::OpenPatient;
use crate::view::{HiddenStudy, Impression, PatientView, Reveals, SignalCard, Target};
use crate::{Core, WorkbenchError};

/// Before the study in the name of a decision that is an impression.
const IMPRESSION: &str = "impression/";
/// Before the study in the name of a decision that is a reveal.
const REVEAL: &str = "reveal/";
/// Option of a reveal after an own impression.
const AFTER: &str = "after_impression";
/// Option of a reveal before one.
const AT_ONCE: &str = "see_now";
/// Name of the setting that counts a reader's reveals.
const COUNT: &str = "reveals";

/// What an own impression can say besides or instead of free words: code and words.
#[must_use]
pub const fn impression_categories() -> &'static [(&'static str, &'static str)] {
    &[
        ("finding", "a finding is present"),
        ("no_finding", "no finding seen"),
        ("undecided", "undecided"),
        ("no_impression", "no impression"),
    ]
}

/// Why a model's output is seen before an own impression: code and words.
#[must_use]
pub const fn see_now_reasons() -> &'static [(&'static str, &'static str)] {
    &[
        ("read_elsewhere", "the study was read elsewhere before"),
        ("no_time", "no time to read first"),
        ("not_my_reading", "the images are not read here"),
        ("teaching", "teaching or testing"),
    ]
}

fn words_of(list: &[(&str, &str)], code: &str) -> Option<String> {
    list.iter()
        .find(|(c, _)| *c == code)
        .map(|(_, words)| (*words).to_owned())
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Counted {
    at_once: u32,
    all: u32,
}

/// What was found, in what this reader may see and what waits.
#[derive(Debug, Default)]
pub(crate) struct Split {
    pub shown: Vec<SignalCard>,
    pub hidden: Vec<HiddenStudy>,
    /// Findings behind the shown cards, for the graph.
    pub findings: Vec<ModelFinding>,
}

/// The study that a model's card is about.
fn study(card: &SignalCard) -> Option<&StudyUid> {
    card.basis.items.iter().find_map(|i| match &i.target {
        Some(Target::Image { study, .. }) => Some(study),
        _ => None,
    })
}

fn named(d: &Decision, prefix: &str, study: &StudyUid, who: &str) -> bool {
    let name = d.decision.pathway.strip_prefix(prefix);
    d.by.who == who && name == Some(study.as_str())
}

/// Every version of a reader's impression of a study, oldest first.
pub(crate) fn own(decisions: &[Decision], study: &StudyUid, who: &str) -> Vec<Impression> {
    decisions
        .iter()
        .filter(|d| named(d, IMPRESSION, study, who))
        .map(|d| {
            let category = words_of(impression_categories(), &d.decision.option);
            let said = [
                category.unwrap_or_default(),
                d.decision.reason_text.trim().to_owned(),
            ];
            let said: Vec<String> = said.into_iter().filter(|s| !s.is_empty()).collect();
            Impression {
                words: said.join(": "),
                signed: format!("{} · {}", d.by.who, When::at(d.by.at)),
            }
        })
        .collect()
}

fn is_revealed(decisions: &[Decision], study: &StudyUid, who: &str) -> bool {
    decisions.iter().any(|d| named(d, REVEAL, study, who))
}

/// Sorts what was found by what this reader asked to see.
pub(crate) fn split(analysis: &Analysis, decisions: &[Decision], who: &str) -> Split {
    let mut split = Split::default();
    for card in &analysis.cards {
        let Some(study) = study(card) else {
            continue;
        };
        if is_revealed(decisions, study, who) {
            split.shown.push(SignalCard {
                own: own(decisions, study, who),
                ..card.clone()
            });
            continue;
        }
        let waiting = split.hidden.iter_mut().find(|h| h.study == *study);
        let model = card.title.clone();
        if let Some(waiting) = waiting {
            if !waiting.models.contains(&model) {
                waiting.models.push(model);
            }
        } else {
            let image = card.basis.items.first().map(|i| i.name.clone());
            split.hidden.push(HiddenStudy {
                study: study.clone(),
                title: image.unwrap_or_default(),
                models: vec![model],
                own: own(decisions, study, who),
            });
        }
    }
    split.findings = analysis
        .findings
        .iter()
        .filter(|f| StudyUid::new(&f.study).is_ok_and(|study| is_revealed(decisions, &study, who)))
        .cloned()
        .collect();
    split
}

impl Core {
    /// Lays what the models found over the page of a patient, as far as this reader may see it; the rest waits in
    /// [`crate::view::SignalsView::hidden`] (D-15). With `see_now`, a code of [`see_now_reasons`], everything is asked for first, and that is
    /// recorded (D-17).
    ///
    /// # Errors
    /// `see_now` is no reason of the list, or the archive cannot be read or written.
    pub fn add_findings(
        &self,
        open: &OpenPatient,
        view: &mut PatientView,
        analysis: Analysis,
        see_now: Option<&str>,
    ) -> Result<(), WorkbenchError> {
        let decisions = || self.wait(self.archive().decisions(view.person, Instant(i64::MAX)));
        let mut split = split(&analysis, &decisions()?, self.user());
        if see_now.is_some() {
            for waiting in &split.hidden {
                self.record_reveal(view.person, &waiting.study, see_now, Instant::now())?;
            }
            split = self::split(&analysis, &decisions()?, self.user());
        }
        let answers = self.answers(view.person)?;
        for card in &mut split.shown {
            card.acknowledged = answers.of(&card.id.0);
        }
        self.add_reasoning(open, view, &split.findings)?;
        view.signals.models = analysis.rows;
        view.signals.cards.extend(split.shown);
        view.signals.hidden = split.hidden;
        view.signals.reveals = self.reveals()?;
        Ok(())
    }

    /// Records an own impression of a study: words, a category, or both. Each further one amends the former, which is kept.
    pub(crate) fn record_impression(
        &self,
        person: PatientKey,
        study: &StudyUid,
        category: &str,
        text: &str,
        at: IndexTime,
    ) -> Result<(), WorkbenchError> {
        let known = words_of(impression_categories(), category).is_some();
        if !(known || category.is_empty()) || (category.is_empty() && text.trim().is_empty()) {
            return Err(WorkbenchError::Refused(
                "an impression is a word or more, a category, or \"no impression\"".to_owned(),
            ));
        }
        let decision = decision(person, format!("{IMPRESSION}{study}"), category, at);
        let decision = NewDecision {
            reason_code: "impression".to_owned(),
            reason_text: text.trim().to_owned(),
            ..decision
        };
        self.wait(self.archive().record_decision(&self.by(), &decision))?;
        Ok(())
    }

    /// Records that this reader asks to see what models found in a study: after an own impression, or before one with a reason.
    pub(crate) fn record_reveal(
        &self,
        person: PatientKey,
        study: &StudyUid,
        reason: Option<&str>,
        at: IndexTime,
    ) -> Result<(), WorkbenchError> {
        let decisions = self.wait(self.archive().decisions(person, Instant(i64::MAX)))?;
        let impression = !own(&decisions, study, self.user()).is_empty();
        let (option, code) = match reason {
            None if impression => (AFTER, "own_impression"),
            Some(code) if words_of(see_now_reasons(), code).is_some() => (AT_ONCE, code),
            _ => {
                return Err(WorkbenchError::Refused(
                    "model output is shown after an own impression, or at once with a reason of the list"
                        .to_owned(),
                ));
            }
        };
        let decision = NewDecision {
            reason_code: code.to_owned(),
            ..decision(person, format!("{REVEAL}{study}"), option, at)
        };
        self.wait(self.archive().record_decision(&self.by(), &decision))?;
        let mut counted = self.counted()?;
        counted.all = counted.all.saturating_add(1);
        counted.at_once = counted.at_once.saturating_add(u32::from(option == AT_ONCE));
        let value = serde_json::json!(counted);
        self.wait(self.archive().set_setting(&self.by(), COUNT, &value))?;
        Ok(())
    }

    fn counted(&self) -> Result<Counted, WorkbenchError> {
        let stored = self.wait(self.archive().setting(self.user(), COUNT))?;
        Ok(stored
            .and_then(|v| serde_json::from_value(v).ok())
            .unwrap_or_default())
    }

    /// How often this reader saw model output before an own impression.
    pub(crate) fn reveals(&self) -> Result<Reveals, WorkbenchError> {
        let Counted { at_once, all } = self.counted()?;
        Ok(Reveals { at_once, all })
    }
}

fn decision(person: PatientKey, name: String, option: &str, at: IndexTime) -> NewDecision {
    NewDecision {
        patient: person,
        input_hash: DocumentHash::of(name.as_bytes()).0,
        pathway: name,
        option: option.to_owned(),
        choice: Choice::Accept,
        reason_code: String::new(),
        reason_text: String::new(),
        index_time: at,
    }
}

#[cfg(test)]
#[path = "reveal_tests.rs"]
mod tests;
