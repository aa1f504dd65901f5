//! The third leaf after the page is there: the evidence graph, what models found, own impressions and reveals, lane T.

use std::sync::Arc;

use triptych_archive::{Details, Verb};
use triptych_clinical::{Instant, StudyUid};
use triptych_reasoning::graph::ModelFinding;

use super::{Workbench, lock};
use crate::patient::{LANE_T, OpenPatient};
use crate::reveal::{self, Split};
use crate::signals::{self, Inputs};
use crate::view::{Lane, SignalCard, SignalsView};
use crate::{Analysis, Core, WorkbenchError, weigh};

impl Workbench {
    /// Builds the evidence graph and shows what it adds: disagreements, what is for and against, hypotheses.
    pub(super) fn reason(
        &self,
        core: &Core,
        opening: u64,
        open: &OpenPatient,
        models: &[ModelFinding],
    ) -> Result<(), WorkbenchError> {
        let Some(reasoned) = weigh::reason(&open.evaluation, &open.facts, models) else {
            return Ok(());
        };
        let person = open.view.person;
        let decisions = core.wait(core.archive().decisions(person, open.view.at))?;
        let answers = core.answers(person)?;
        let by_id = weigh::by_id(&open.facts);
        let fresh = signals::view(&Inputs {
            evaluation: &open.evaluation,
            facts: &open.facts,
            by_id: &by_id,
            decisions: &decisions,
            answers: &answers,
            reasoned: Some(&reasoned),
        });
        self.amend(opening, |v| take_up(&mut v.signals, fresh));
        Ok(())
    }

    /// Keeps what the models found and shows what this reader may see of it.
    pub(super) fn keep_findings(
        &self,
        core: &Core,
        opening: u64,
        analysis: Analysis,
    ) -> Result<(), WorkbenchError> {
        let rows = analysis.rows.clone();
        {
            let mut state = lock(&self.0.state);
            if state.opening != opening {
                return Ok(());
            }
            state.found = Arc::new(analysis);
        }
        self.amend(opening, |v| v.signals.models = rows);
        self.show_findings(core, opening)
    }

    /// What this reader may see of what the models found, in cards and in the graph.
    fn show_findings(&self, core: &Core, opening: u64) -> Result<(), WorkbenchError> {
        let Some(open) = self.current(opening) else {
            return Ok(());
        };
        let found = lock(&self.0.state).found.clone();
        // A reveal is no part of the record: it holds whatever time is looked at.
        let all = core
            .archive()
            .decisions(open.view.person, Instant(i64::MAX));
        let decisions = core.wait(all)?;
        let Split {
            mut shown,
            hidden,
            findings,
        } = reveal::split(&found, &decisions, core.user());
        if !findings.is_empty() {
            self.reason(core, opening, &open, &findings)?;
        }
        let answers = core.answers(open.view.person)?;
        for card in &mut shown {
            card.acknowledged = answers.of(&card.id.0);
        }
        let reveals = core.reveals()?;
        self.amend(opening, |v| {
            v.signals.cards.retain(|c| !is_of_model(c));
            v.signals.cards.extend(shown);
            v.signals.hidden = hidden;
            v.signals.reveals = reveals;
        });
        Ok(())
    }

    pub(super) fn record_impression(
        &self,
        core: &Core,
        study: &StudyUid,
        category: &str,
        text: &str,
    ) -> Result<(), WorkbenchError> {
        let opening = lock(&self.0.state).opening;
        let Some(open) = self.current(opening).filter(|o| o.view.at_is_now) else {
            return Ok(());
        };
        core.record_impression(open.view.person, study, category, text, open.view.at)?;
        self.show_findings(core, opening)
    }

    pub(super) fn reveal(
        &self,
        core: &Core,
        study: &StudyUid,
        reason: Option<&str>,
    ) -> Result<(), WorkbenchError> {
        let opening = lock(&self.0.state).opening;
        let Some(open) = self.current(opening).filter(|o| o.view.at_is_now) else {
            return Ok(());
        };
        core.record_reveal(open.view.person, study, reason, open.view.at)?;
        self.show_findings(core, opening)
    }

    /// Lane T on or off for this reader; the open patient is evaluated anew.
    pub(super) fn set_time_critical(&self, core: &Core, on: bool) -> Result<(), WorkbenchError> {
        let word = if on { "on" } else { "off" };
        let details = Details::from([(LANE_T.to_owned(), word.to_owned())]);
        core.wait(
            core.archive()
                .audit(&core.by(), Verb::Settings, None, details),
        )?;
        core.wait(
            core.archive()
                .set_setting(&core.by(), LANE_T, &serde_json::json!(on)),
        )?;
        self.refresh(core)
    }
}

/// A finding of a model; a disagreement that a model is part of is a card of the graph.
fn is_of_model(card: &SignalCard) -> bool {
    card.lane == Lane::D && card.sides.is_empty()
}

/// Takes up what the graph adds. What was answered meanwhile stays answered, and what the models found stays.
fn take_up(signals: &mut SignalsView, mut fresh: SignalsView) {
    for card in &mut fresh.cards {
        let known = signals.cards.iter().find(|c| c.id == card.id);
        if card.acknowledged.is_none() {
            card.acknowledged = known.and_then(|c| c.acknowledged.clone());
        }
    }
    let of_models = signals.cards.iter().filter(|c| is_of_model(c)).cloned();
    fresh.cards.extend(of_models);
    signals.cards = fresh.cards;
    signals.groups = fresh.groups;
    signals.hypotheses = fresh.hypotheses;
    signals.due = fresh.due;
}
