//! What each command does. They run one after the other on the conductor's thread.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use triptych_archive::{Choice, Details, NewDecision, Verb};
use triptych_clinical::Instant;
use triptych_reasoning::pathways;

use super::{Order, Workbench, lock};
use crate::oversight::{self, ANSWER, CARD};
use crate::signals::Inputs;
use crate::view::{Page, SignalId, TimelineItem, TimelineLane};
use crate::{
    Acknowledgement, Command, Core, Verdict, WorkbenchError, acknowledged, chart, due, patients,
    questions, signals, weigh,
};

impl Workbench {
    /// Follows an order; what goes wrong is told.
    pub(super) fn follow(&self, core: &Core, order: Order) {
        self.guarded(|| match order {
            Order::Do(command) => self.run(core, command),
            Order::Refresh => self.refresh(core),
        });
    }

    fn run(&self, core: &Core, command: Command) -> Result<(), WorkbenchError> {
        if let Some(held) = lock(&self.0.state)
            .held
            .as_mut()
            .filter(|_| command.is_about_the_page())
        {
            held.push(command);
            return Ok(());
        }
        match command {
            Command::ShowStart => {
                self.close_patient();
                self.list(core)
            }
            Command::SearchPatients(text) => {
                lock(&self.0.state).search = text;
                self.list(core)
            }
            Command::OpenPatient(person) => {
                self.open(core, person, None);
                Ok(())
            }
            Command::OpenStudy(study) => self.open_study(core, &study),
            Command::SetIndexTime(at) => {
                let person = lock(&self.0.state).person;
                if let Some(person) = person {
                    self.open(core, person, at);
                }
                Ok(())
            }
            Command::Import(paths) => {
                self.import(paths);
                Ok(())
            }
            Command::CancelImport => {
                if let Some(cancel) = &lock(&self.0.state).importing {
                    cancel.store(true, Ordering::Relaxed);
                }
                Ok(())
            }
            Command::AnswerIdentity {
                question,
                answer,
                reason,
            } => self.answer_identity(core, question, answer, &reason),
            Command::LoadSeries { series, from } => {
                self.load(series, from, false);
                Ok(())
            }
            Command::LoadThumbnail(series) => {
                self.load(series, usize::MAX, true);
                Ok(())
            }
            Command::LoadObject(instance) => {
                self.load_object(instance);
                Ok(())
            }
            Command::LoadHeader(instance) => {
                self.load_header(instance);
                Ok(())
            }
            Command::LoadPage {
                instance,
                page,
                width,
            } => {
                self.load_page(instance, page, width);
                Ok(())
            }
            Command::SearchNotes(text) => {
                self.search_notes(text);
                Ok(())
            }
            Command::ReadNote(note) => {
                self.read_note(note);
                Ok(())
            }
            Command::JudgeProposal {
                note,
                key,
                confirmed,
            } => self.judge(core, note, &key, confirmed),
            Command::TakeBack(fact) => self.take_back(core, fact),
            Command::ShowCards(cards) => self.shown(core, &cards, false),
            Command::ShowBasis(card) => self.shown(core, &[card], true),
            Command::CountRules(month) => {
                self.count_rules(month);
                Ok(())
            }
            Command::Acknowledge { signal, answer } => self.acknowledge(core, &signal, answer),
            Command::Decide {
                question,
                option,
                verdict,
                reason,
                comment,
            } => self.decide(core, &question, option, verdict, reason, comment),
            Command::RecordImpression {
                study,
                category,
                text,
            } => self.record_impression(core, &study, &category, &text),
            Command::Reveal { study, reason } => self.reveal(core, &study, reason.as_deref()),
            Command::SetTimeCritical(on) => self.set_time_critical(core, on),
            Command::SaveLayout(json) => {
                *lock(&self.0.layout) = Some(json.clone());
                core.wait(
                    core.archive()
                        .set_setting(&core.by(), "layout", &json.into()),
                )
                .map_err(Into::into)
            }
            Command::ShowImage(instance) => {
                let person = lock(&self.0.state).open.as_ref().map(|o| o.view.person);
                let details = Details::from([("instance".to_owned(), instance.to_string())]);
                core.wait(
                    core.archive()
                        .audit(&core.by(), Verb::View, person, details),
                )
                .map_err(Into::into)
            }
            Command::Annotate(edits) => {
                self.change(core, |session, hand| session.draw(edits, hand))
            }
            Command::GrowNodule(click) => {
                self.grow_nodule(*click);
                Ok(())
            }
            Command::MarkKey { image, marked } => self.change(core, |session, hand| {
                let item = image.item();
                let image = marked.then(|| image.by(hand));
                session.mark(item, image)
            }),
            Command::Undo => self.change(core, |session, _| session.back(false)),
            Command::Redo => self.change(core, |session, _| session.back(true)),
            Command::SaveView { study, set, state } => {
                self.change(core, |session, _| Ok(session.keep_view(study, set, state)))
            }
            Command::SavePicture {
                size,
                rgb,
                nameless,
                folder,
            } => self.save_picture(core, size, &rgb, nameless, folder),
            Command::WriteReports { folder, seen } => self.write_reports(core, folder, &seen),
            Command::WriteState { folder, seen } => self.write_state(core, folder, &seen),
            Command::ExportFindings(folder) => self.export_findings(core, folder),
            Command::PrintSummary(folder) => self.print_summary(core, folder),
            Command::Dismiss(id) => {
                self.publish(|s| s.notices.retain(|n| n.id != id));
                Ok(())
            }
        }
    }

    /// The open patient as of the same index time, or the list.
    pub(super) fn refresh(&self, core: &Core) -> Result<(), WorkbenchError> {
        let (person, at) = {
            let state = lock(&self.0.state);
            (state.person, state.index_time)
        };
        match person {
            Some(person) => {
                self.open(core, person, at);
                Ok(())
            }
            None => self.list(core),
        }
    }

    pub(super) fn list(&self, core: &Core) -> Result<(), WorkbenchError> {
        let search = lock(&self.0.state).search.clone();
        let start = patients::list(core, &search, Instant::now())?;
        self.publish(|s| s.page = Page::Start(Arc::new(start)));
        Ok(())
    }

    /// Cards of the page were shown, or one was opened.
    fn shown(&self, core: &Core, ids: &[SignalId], opened: bool) -> Result<(), WorkbenchError> {
        let page = self.snapshot();
        let Page::Patient(view) = &page.page else {
            return Ok(());
        };
        let lane_t = &view.signals.time_critical.cards;
        let cards: Vec<_> = view.signals.cards.iter().chain(lane_t).cloned().collect();
        let as_of = (!view.at_is_now).then_some(view.at);
        core.enter_shown(view.person, &cards, ids, opened, as_of)
    }

    /// Counts beside everything else.
    fn count_rules(&self, month: Option<String>) {
        self.spawn(
            "count rules",
            move |own, core| {
                let counts = core.rule_counts(month.as_deref(), Instant::now())?;
                own.publish(|s| s.rule_counts = Some(Arc::new(counts)));
                Ok(())
            },
            |_| {},
        );
    }

    fn acknowledge(
        &self,
        core: &Core,
        signal: &SignalId,
        answer: Acknowledgement,
    ) -> Result<(), WorkbenchError> {
        let opening = lock(&self.0.state).opening;
        let Some(open) = self.current(opening).filter(|o| o.view.at_is_now) else {
            return Ok(());
        };
        let person = open.view.person;
        let word = acknowledged::said(answer);
        let page = self.snapshot();
        let Page::Patient(shown) = &page.page else {
            return Ok(());
        };
        let mut cards = shown.signals.cards.iter();
        let Some(card) = cards.find(|c| c.id == *signal) else {
            return Ok(());
        };
        let mut all = core.answers(person)?;
        all.keep(card, answer, Instant::now());
        let details = Details::from([
            (CARD.to_owned(), oversight::named(card)),
            (ANSWER.to_owned(), word.to_owned()),
        ]);
        core.wait(
            core.archive()
                .audit(&core.by(), Verb::Analysis, Some(person), details),
        )?;
        core.wait(core.archive().set_setting(
            &core.by(),
            &acknowledged::key(person),
            &serde_json::json!(all),
        ))?;
        self.amend(opening, |v| {
            for card in v.signals.cards.iter_mut().filter(|c| c.id == *signal) {
                card.acknowledged = Some(word.to_owned());
            }
        });
        Ok(())
    }

    fn decide(
        &self,
        core: &Core,
        question: &str,
        option: String,
        verdict: Verdict,
        reason: String,
        comment: String,
    ) -> Result<(), WorkbenchError> {
        let opening = lock(&self.0.state).opening;
        let Some(open) = self.current(opening).filter(|o| o.view.at_is_now) else {
            return Ok(());
        };
        let Some((pathway, input_hash)) = questions::find_question(&open.evaluation, question)
        else {
            return Err(WorkbenchError::NotFound(format!(
                "the question {question} is not open for this patient"
            )));
        };
        if !decision_reasons()
            .iter()
            .any(|(v, code, _)| *v == verdict && *code == reason)
        {
            return Err(WorkbenchError::Refused(format!(
                "{reason:?} is not a coded reason for this decision"
            )));
        }
        let choice = match verdict {
            Verdict::Accept => Choice::Accept,
            Verdict::Decline => Choice::Decline,
            Verdict::Defer => Choice::Defer,
        };
        let decision = NewDecision {
            patient: open.view.person,
            pathway,
            option,
            choice,
            reason_code: reason,
            reason_text: comment,
            input_hash,
            index_time: open.view.at,
        };
        core.wait(core.archive().record_decision(&core.by(), &decision))?;
        let decisions = core.wait(core.archive().decisions(open.view.person, Instant::now()))?;
        let answers = core.answers(open.view.person)?;
        let by_id = weigh::by_id(&open.facts);
        let fresh = signals::view(&Inputs {
            evaluation: &open.evaluation,
            facts: &open.facts,
            by_id: &by_id,
            decisions: &decisions,
            answers: &answers,
            reasoned: None,
        });
        let waiting = due::waiting(&open.evaluation, &decisions);
        let loops = due::on_timeline(&waiting, &by_id, &fresh.cards);
        self.amend(opening, |v| {
            v.signals.pathways = fresh.pathways;
            v.signals.due = fresh.due;
            let others = v.timeline.iter().filter(|i| i.lane != TimelineLane::Loops);
            let mut timeline: Vec<TimelineItem> = others.cloned().chain(loops).collect();
            chart::sort(&mut timeline);
            v.timeline = timeline.into();
        });
        Ok(())
    }
}

/// Coded reasons that a decision offers: verdict, code, words.
#[must_use]
pub fn decision_reasons() -> Vec<(Verdict, &'static str, &'static str)> {
    let pairs = [
        (Verdict::Accept, pathways::Decision::Accept),
        (Verdict::Decline, pathways::Decision::Decline),
        (Verdict::Defer, pathways::Decision::Defer),
    ];
    pairs
        .into_iter()
        .flat_map(|(verdict, decision)| {
            pathways::reasons_for(decision)
                .into_iter()
                .map(move |r| (verdict, r.code.as_str(), r.text.as_str()))
        })
        .collect()
}
