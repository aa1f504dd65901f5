//! Signals leaf: cards, coverage, models, pathway questions; and what an opened card or question shows.
//!
//! No card takes focus, covers a fact or moves under the pointer: new ones wait until they are asked for (D-28, D-31).

mod basis;
mod card;
mod decision;
mod due;
mod foot;
mod frequency;
mod group;
mod hypothesis;
mod lane_t;
mod model_card;
mod option_card;
mod options;
mod reveal;
mod rows;
mod weighing;

use std::collections::BTreeSet;

use egui::{Id, Rect, ScrollArea, Stroke, Ui, pos2, vec2};
use rows::Below;
use triptych_workbench::Command;
use triptych_workbench::view::{HypothesisRow, Lane, PatientView, SignalCard, SignalId, Target};

use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t, widget};
use crate::out::{Out, Targets};
use crate::words::{w, wf};

/// Cards of rules drawn open; further ones wait behind "n more" (D-28). What a model found is set apart and follows them.
const BUDGET: usize = 5;
/// Questions in sight: fewer where the cards need the room, the others scroll.
const QUESTIONS: usize = 4;
const QUESTIONS_CROWDED: usize = 2;

/// State of the signals leaf for one patient.
#[derive(Debug, Default)]
pub(crate) struct Signals {
    /// Card whose basis is shown.
    open: Option<SignalId>,
    /// Basis item jumped to last.
    current: Option<Target>,
    /// Question whose options are shown.
    question: Option<String>,
    decision: decision::Pending,
    /// Card whose acknowledgement is being chosen.
    acknowledging: Option<SignalId>,
    /// Cards on screen; others are new and wait.
    known: Vec<SignalId>,
    /// Cards, and opened bases, that the workbench was told of (D-40).
    told: BTreeSet<SignalId>,
    told_open: BTreeSet<SignalId>,
    /// The first evaluation is over: what comes now is new.
    first_done: bool,
    /// Index time as said in the header: at another time the cards are those of that time, none of them is new.
    at: String,
    all_shown: bool,
    coverage_open: bool,
    answered_open: bool,
    /// What is missing is shown whole.
    needs_open: bool,
    hesitating_open: bool,
    hypotheses_open: bool,
    /// Hypothesis that stands in the leaf's place.
    hypothesis: Option<String>,
    due_open: bool,
    folds: basis::Folds,
    lane_t_open: bool,
    pending: reveal::Pending,
    /// Offset of the cards in the next frame.
    scroll_to: Option<f32>,
}

impl Signals {
    pub fn new(_patient: &PatientView) -> Self {
        Self::default()
    }

    /// A card is open and still there.
    pub fn is_open(&self, patient: &PatientView) -> bool {
        self.opened(patient).is_some() || self.hypothesis(patient).is_some()
    }

    fn hypothesis<'a>(&self, patient: &'a PatientView) -> Option<&'a HypothesisRow> {
        let id = self.hypothesis.as_ref()?;
        patient.signals.hypotheses.iter().find(|h| h.id == *id)
    }

    fn opened<'a>(&self, patient: &'a PatientView) -> Option<&'a SignalCard> {
        let id = self.open.as_ref()?;
        let lane_t = &patient.signals.time_critical.cards;
        let mut all = patient.signals.cards.iter().chain(lane_t);
        all.find(|c| c.id == *id)
    }

    pub fn open(&mut self, id: SignalId) {
        if self.open.as_ref() != Some(&id) {
            self.folds = basis::Folds::default();
        }
        self.open = Some(id);
        self.current = None;
        self.acknowledging = None;
    }

    pub fn open_question(&mut self, id: String) {
        self.question = Some(id);
        self.decision = decision::Pending::default();
    }

    /// One level up.
    pub fn back(&mut self) {
        if self.decision.is_open() {
            self.decision = decision::Pending::default();
        } else if self.pending.is_open() {
            self.pending = reveal::Pending::default();
        } else if self.question.take().is_none()
            && self.acknowledging.take().is_none()
            && (self.open.is_some() || self.hypothesis.take().is_none())
        {
            self.open = None;
            self.current = None;
        }
    }

    /// A jump went to `target`: it gets the outline, and no page of options stands before it.
    pub fn jumped(&mut self, target: &Target) {
        self.current = Some(target.clone());
        if *target != Target::Banner {
            self.question = None;
        }
    }

    /// Target of item `i` of the question before the leaves, or of the opened card.
    pub fn item(&self, patient: &PatientView, i: usize) -> Option<Target> {
        let asked = self.question.as_ref();
        let question = asked.and_then(|id| patient.signals.pathways.iter().find(|q| q.id == *id));
        let items = match question {
            Some(question) => &question.rests_on,
            None => &self.opened(patient)?.basis.items,
        };
        items.get(i)?.target.clone()
    }

    /// Numbered targets of the opened card, for all leaves.
    pub fn targets(&self, patient: &PatientView) -> Targets {
        let numbered = self.opened(patient).map_or_else(Vec::new, |card| {
            card.basis
                .items
                .iter()
                .enumerate()
                .filter_map(|(i, item)| item.target.clone().map(|t| (i + 1, t)))
                .collect()
        });
        Targets {
            numbered,
            current: self.current.clone().filter(|_| self.open.is_some()),
        }
    }

    pub fn options_are_open(&self, patient: &PatientView) -> bool {
        self.question
            .as_ref()
            .is_some_and(|q| patient.signals.pathways.iter().any(|p| p.id == *q))
    }

    /// Options of the open question, over the leaves.
    pub fn options(&mut self, ui: &mut Ui, rect: Rect, patient: &PatientView, out: &mut Out) {
        let Some(id) = self.question.clone() else {
            return;
        };
        if let Some(other) = options::show(ui, rect, patient, &id, &mut self.decision, out) {
            self.open_question(other);
        }
    }

    /// Draws the leaf.
    pub fn show(&mut self, ui: &mut Ui, rect: Rect, patient: &PatientView, out: &mut Out) {
        let mut ui = widget::region(ui, "signals", rect, w("leaf.signals"));
        let ui = &mut ui;
        ui.painter().rect_filled(rect, 0.0, t::PANEL);
        let at = if patient.at_is_now {
            ""
        } else {
            patient.at_text.as_str()
        };
        if self.at != at {
            at.clone_into(&mut self.at);
            self.first_done = false;
            self.told.clear();
            self.told_open.clear();
        }
        if !self.first_done {
            self.known = patient.signals.cards.iter().map(|c| c.id.clone()).collect();
            self.first_done = !patient.signals.running;
        }
        if let Some(card) = self.opened(patient) {
            if self.told_open.insert(card.id.clone()) {
                out.send(Command::ShowBasis(card.id.clone()));
            }
            basis::show(
                ui,
                rect,
                patient,
                card,
                self.current.as_ref(),
                &mut self.acknowledging,
                &mut self.folds,
                out,
            );
            return;
        }
        if let Some(row) = self.hypothesis(patient) {
            hypothesis::show(ui, rect, row, out);
            return;
        }
        let head = Rect::from_min_size(rect.min, vec2(rect.width(), sz(t::LEAF_HEAD)));
        self.head(ui, head, patient);
        let roomy = self.foot_height(ui, rect.width(), patient, QUESTIONS);
        let crowded =
            self.cards_height(ui, rect.width(), patient) > rect.height() - head.height() - roomy;
        let foot_h = if crowded {
            self.foot_height(ui, rect.width(), patient, QUESTIONS_CROWDED)
        } else {
            roomy
        };
        let foot = Rect::from_min_max(pos2(rect.left(), rect.bottom() - foot_h), rect.max);
        let body = Rect::from_min_max(head.left_bottom(), pos2(rect.right(), foot.top()));
        self.cards(ui, body, patient, out);
        self.foot(ui, foot, patient, out);
    }

    fn head(&mut self, ui: &Ui, rect: Rect, patient: &PatientView) {
        let p = ui.painter();
        p.hline(
            rect.x_range(),
            rect.bottom() - 0.5,
            Stroke::new(1.0, t::HAIR),
        );
        let y = rect.center().y;
        let title = text::left(
            p,
            rect.left() + t::PAD_LEFT,
            y,
            w("leaf.signals"),
            f::strong(),
            t::VALUE,
        );
        let key_w = text::width(p, "F3", f::small_medium()) + 9.0;
        let key = widget::key_cap(ui, title.right() + 8.0 + key_w, y, "F3");
        let shown = self.shown(patient).len();
        let words = if patient.signals.running {
            w("signals.running").to_owned()
        } else {
            wf("signals.shown", &[("n", &shown)])
        };
        text::left(p, key.right() + 8.0, y, &words, f::small(), t::LABEL);
        let new = patient
            .signals
            .cards
            .iter()
            .filter(|c| !self.is_known(c))
            .count();
        if new > 0 {
            let words = wf("signals.new", &[("n", &new)]);
            let width = text::width(p, &words, f::small());
            if widget::link_at(
                ui,
                Id::unique("new cards"),
                rect.right() - 12.0 - width,
                y,
                &words,
            )
            .clicked()
            {
                self.known = patient.signals.cards.iter().map(|c| c.id.clone()).collect();
            }
        }
    }

    /// Seen at the opening or pulled since. What a model found is on screen because its reader asked for it.
    fn is_known(&self, card: &SignalCard) -> bool {
        let asked_for = card.lane == Lane::D && card.sides.is_empty();
        asked_for || self.known.contains(&card.id)
    }

    /// Cards that are on screen: known and not answered.
    fn shown<'a>(&self, patient: &'a PatientView) -> Vec<&'a SignalCard> {
        patient
            .signals
            .cards
            .iter()
            .filter(|c| c.acknowledged.is_none() && self.is_known(c))
            .collect()
    }

    /// Cards that are drawn, in order, and how many wait behind "n more".
    fn drawn<'a>(&self, patient: &'a PatientView) -> (Vec<&'a SignalCard>, usize) {
        let (found, fired): (Vec<_>, Vec<_>) = self
            .shown(patient)
            .into_iter()
            .partition(|c| c.lane == Lane::D && c.sides.is_empty());
        let budget = if self.all_shown { fired.len() } else { BUDGET };
        let hidden = fired.len().saturating_sub(budget);
        (
            fired.into_iter().take(budget).chain(found).collect(),
            hidden,
        )
    }

    /// Height of the cards without their second lines, and of the rows of models below them.
    fn cards_height(&self, ui: &Ui, width: f32, patient: &PatientView) -> f32 {
        let (drawn, _) = self.drawn(patient);
        let placed = group::placed(patient, &self.shown(patient), drawn);
        let cards = placed
            .iter()
            .map(|c| card::height(ui, width - 20.0, c.card, false) + 8.0);
        cards.sum::<f32>() + group::heads_height(&placed) + sz(26.0)
    }

    fn cards(&mut self, ui: &mut Ui, rect: Rect, patient: &PatientView, out: &mut Out) {
        let (drawn, hidden) = self.drawn(patient);
        let drawn = group::placed(patient, &self.shown(patient), drawn);
        let answered: Vec<&SignalCard> = patient
            .signals
            .cards
            .iter()
            .filter(|c| c.acknowledged.is_some())
            .collect();
        // When the cards do not fit, their second lines go first; then they scroll.
        let width = rect.width() - 20.0;
        let full: f32 = drawn
            .iter()
            .map(|c| card::height(ui, width, c.card, !c.said) + 8.0)
            .sum();
        let second_lines = full + group::heads_height(&drawn) + 40.0 < rect.height();
        let mut below = Below::new(rect);
        let mut seen = Vec::new();
        let mut area = widget::part(ui, "cards", rect);
        let mut scroll = ScrollArea::vertical().id_salt("cards").auto_shrink(false);
        if let Some(offset) = self.scroll_to.take() {
            scroll = scroll.vertical_scroll_offset(offset);
        }
        let scrolled = scroll.show(&mut area, |ui| {
            ui.add_space(8.0);
            due::newest(ui, patient, out);
            if drawn.is_empty() && !patient.signals.running {
                let (_, place) = ui.allocate_space(vec2(ui.available_width(), sz(60.0)));
                let galley = text::paragraph(
                    ui.painter(),
                    w("signals.no_card"),
                    f::body(),
                    t::LABEL,
                    place.width() - 24.0,
                    3,
                    sz(18.0),
                );
                ui.painter()
                    .galley(place.min + vec2(12.0, 4.0), galley, t::LABEL);
                text::spoken(ui, "no card", place, w("signals.no_card"));
            }
            for placed in &drawn {
                if let Some(head) = &placed.head {
                    group::show(ui, head, out);
                }
                let card = placed.card;
                let second_lines = second_lines && !placed.said;
                let h = card::height(ui, width, card, second_lines);
                let (_, place) = ui.allocate_space(vec2(ui.available_width(), h + 8.0));
                let place = Rect::from_min_size(place.min + vec2(8.0, 0.0), vec2(width + 4.0, h));
                below.count(place);
                if !ui.is_rect_visible(place) {
                    continue;
                }
                if self.told.insert(card.id.clone()) {
                    seen.push(card.id.clone());
                }
                if placed.joined {
                    group::tie(ui, place);
                }
                card::show(
                    ui,
                    place,
                    patient,
                    card,
                    second_lines,
                    &mut self.acknowledging,
                    &mut self.pending,
                    out,
                );
            }
            if hidden > 0 || self.all_shown {
                let (_, place) = ui.allocate_space(vec2(ui.available_width(), sz(26.0)));
                let words = if hidden > 0 {
                    wf("signals.more", &[("n", &hidden)])
                } else {
                    w("signals.fewer").to_owned()
                };
                if widget::link_at(
                    ui,
                    Id::unique("more cards"),
                    place.left() + 12.0,
                    place.center().y,
                    &words,
                )
                .clicked()
                {
                    self.all_shown = hidden > 0;
                }
            }
            rows::withdrawn(ui, patient, out);
            for study in &patient.signals.hidden {
                reveal::hidden(ui, patient, study, &mut self.pending, out);
            }
            due::show(ui, patient, &mut self.due_open, out);
            if let Some(id) = hypothesis::list(ui, patient, &mut self.hypotheses_open) {
                self.hypothesis = Some(id);
            }
            rows::models(ui, patient);
            lane_t::show(ui, patient, &mut self.lane_t_open, out);
            if !answered.is_empty() {
                let (_, place) = ui.allocate_space(vec2(ui.available_width(), sz(26.0)));
                let words = wf("signals.answered", &[("n", &answered.len())]);
                if widget::link_at(
                    ui,
                    Id::unique("answered"),
                    place.left() + 12.0,
                    place.center().y,
                    &words,
                )
                .clicked()
                {
                    self.answered_open = !self.answered_open;
                }
                if self.answered_open {
                    for card in answered {
                        rows::answered_row(ui, card, out);
                    }
                }
            }
            if self.coverage_open {
                rows::coverage(ui, patient);
            }
            if self.hesitating_open {
                rows::hesitating(ui, patient);
            }
            ui.add_space(8.0 + sz(Below::HEIGHT));
        });
        if !seen.is_empty() {
            out.send(Command::ShowCards(seen));
        }
        self.scroll_to = below.show(ui, &scrolled);
        if self.scroll_to.is_some() {
            ui.ctx().request_repaint();
        }
    }
}
