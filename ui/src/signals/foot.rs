//! The foot of the third leaf, always in sight: coverage line, what is missing, packs that cannot tell, pathway questions.

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::{Galley, Id, Rect, Role, ScrollArea, Stroke, Ui, pos2, vec2};
use triptych_workbench::view::PatientView;

use super::Signals;
use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t, widget};
use crate::out::Out;
use crate::words::{plural, w, wf};

/// Between the lines of the foot.
const GAP: f32 = 4.0;

/// An offset beyond any end: the scroll area goes as far as it can.
const END: f32 = 1.0e6;

/// Most lines of what is missing once it is opened.
const ROWS: usize = 14;

fn line(ui: &Ui, width: f32, words: &str) -> Arc<Galley> {
    text::paragraph(
        ui.painter(),
        words,
        f::small(),
        t::LABEL,
        width - 24.0,
        ROWS,
        sz(16.0),
    )
}

/// As many items as two lines hold, and how many more there are. `whole` puts the items into their sentence.
fn fitting(ui: &Ui, width: f32, items: &[&str], whole: impl Fn(&str) -> String) -> String {
    let two_lines = |words: &str| {
        let galley = text::paragraph(
            ui.painter(),
            words,
            f::small(),
            t::LABEL,
            width - 24.0,
            2,
            sz(16.0),
        );
        !galley.elided
    };
    let all = whole(&items.join(", "));
    if two_lines(&all) {
        return all;
    }
    let mut best = String::new();
    for n in 1..items.len() {
        let shown = items.get(..n).unwrap_or_default().join(", ");
        let words = wf(
            "signals.and_more",
            &[("shown", &whole(&shown)), ("n", &(items.len() - n))],
        );
        if !two_lines(&words) && !best.is_empty() {
            break;
        }
        best = words;
    }
    best
}

/// `cannot tell: 3 pathways, needs ferritin, ACR`; cut to whole names where a width is given.
fn hesitating_words(patient: &PatientView, within: Option<(&Ui, f32)>) -> String {
    let packs = &patient.signals.hesitating;
    let mut seen = BTreeSet::new();
    let items: Vec<&str> = packs
        .iter()
        .flat_map(|(_, needs)| needs.split(", "))
        .filter(|n| !n.is_empty() && seen.insert(*n))
        .collect();
    let whole = |needs: &str| {
        let n = packs.len();
        let key = if n == 1 {
            "pathway.hesitating_one"
        } else {
            "pathway.hesitating"
        };
        let needs = if needs.is_empty() {
            w("pathway.more_of_record")
        } else {
            needs
        };
        wf(key, &[("n", &n), ("needs", &needs)])
    };
    match within {
        Some((ui, width)) => fitting(ui, width, &items, whole),
        None => whole(&items.join(", ")),
    }
}

/// A line that opens what it sums up. True when it was clicked.
fn folded_line(ui: &Ui, id: &'static str, place: Rect, galley: Arc<Galley>, name: &str) -> bool {
    let response = widget::clickable(
        ui,
        Id::unique(("foot", id)),
        place.expand2(vec2(4.0, 2.0)),
        Role::Button,
        name,
    );
    let ink = if response.hovered() {
        t::VALUE
    } else {
        t::LABEL
    };
    ui.painter()
        .galley_with_override_text_color(place.min, galley, ink);
    widget::focus_ring(ui, &response, place.expand(2.0), t::RADIUS);
    response.clicked()
}

impl Signals {
    fn questions(patient: &PatientView) -> usize {
        patient
            .signals
            .pathways
            .iter()
            .filter(|p| !p.options.is_empty())
            .count()
    }

    pub(super) fn foot_height(
        &self,
        ui: &Ui,
        width: f32,
        patient: &PatientView,
        questions: usize,
    ) -> f32 {
        let lines = self.coverage_galley(ui, width, patient).size().y;
        let needs = self
            .needs(ui, width, patient)
            .map_or(0.0, |g| g.size().y + GAP);
        let hesitating = self
            .hesitating(ui, width, patient)
            .map_or(0.0, |g| g.size().y + GAP);
        let rows = Self::questions(patient).min(questions) as f32;
        let head = if rows > 0.0 { sz(30.0) } else { 0.0 };
        (lines + needs + hesitating + 18.0 + head + rows * sz(t::LIST)).max(60.0)
    }

    /// `needs: …`: two lines until it is opened, then whole; never cut inside a name (D-10).
    fn needs(&self, ui: &Ui, width: f32, patient: &PatientView) -> Option<Arc<Galley>> {
        let needs = &patient.signals.needs;
        if needs.is_empty() {
            return None;
        }
        let words = if self.needs_open {
            needs.clone()
        } else {
            let items: Vec<&str> = needs.split(", ").collect();
            fitting(ui, width, &items, |shown| shown.to_owned())
        };
        Some(line(ui, width, &words))
    }

    /// The packs of which it is unknown whether they apply, in one line.
    fn hesitating(&self, ui: &Ui, width: f32, patient: &PatientView) -> Option<Arc<Galley>> {
        if patient.signals.hesitating.is_empty() {
            return None;
        }
        Some(line(
            ui,
            width,
            &hesitating_words(patient, Some((ui, width))),
        ))
    }

    fn coverage_galley(&self, ui: &Ui, width: f32, patient: &PatientView) -> Arc<Galley> {
        text::paragraph(
            ui.painter(),
            &patient.signals.coverage,
            f::small(),
            t::LABEL,
            width - 24.0,
            3,
            sz(16.0),
        )
    }

    /// Coverage line and pathway questions: always in sight.
    pub(super) fn foot(&mut self, ui: &mut Ui, rect: Rect, patient: &PatientView, out: &mut Out) {
        let p = ui.painter().clone();
        p.rect_filled(rect, 0.0, t::PANEL);
        p.hline(rect.x_range(), rect.top() + 0.5, Stroke::new(1.0, t::HAIR));
        let galley = self.coverage_galley(ui, rect.width(), patient);
        let lines = Rect::from_min_size(
            rect.min + vec2(12.0, 8.0),
            vec2(rect.width() - 24.0, galley.size().y),
        );
        let response = widget::clickable(
            ui,
            Id::unique("coverage"),
            lines.expand2(vec2(4.0, 3.0)),
            Role::Button,
            &patient.signals.coverage,
        );
        let ink = if response.hovered() {
            t::VALUE
        } else {
            t::LABEL
        };
        p.galley_with_override_text_color(lines.min, galley, ink);
        widget::focus_ring(ui, &response, lines.expand(2.0), t::RADIUS);
        if widget::hover(response, w("signals.coverage_hover")).clicked() {
            self.coverage_open = !self.coverage_open;
            if self.coverage_open {
                self.scroll_to = Some(END);
            }
        }
        let mut y = lines.bottom();
        if let Some(galley) = self.needs(ui, rect.width(), patient) {
            let place = Rect::from_min_size(
                pos2(lines.left(), y + GAP),
                vec2(lines.width(), galley.size().y),
            );
            if folded_line(ui, "needs", place, galley, &patient.signals.needs) {
                self.needs_open = !self.needs_open;
            }
            y = place.bottom();
        }
        if let Some(galley) = self.hesitating(ui, rect.width(), patient) {
            let place = Rect::from_min_size(
                pos2(lines.left(), y + GAP),
                vec2(lines.width(), galley.size().y),
            );
            let name = hesitating_words(patient, None);
            if folded_line(ui, "hesitating", place, galley, &name) {
                self.hesitating_open = !self.hesitating_open;
                if self.hesitating_open {
                    self.scroll_to = Some(END);
                }
            }
            y = place.bottom();
        }
        let n = Self::questions(patient);
        if n == 0 {
            return;
        }
        y += 10.0;
        p.hline(rect.x_range(), y.round() + 0.5, Stroke::new(1.0, t::HAIR));
        let head = Rect::from_min_size(pos2(rect.left(), y), vec2(rect.width(), sz(30.0)));
        text::left(
            &p,
            rect.left() + t::PAD_LEFT,
            head.center().y,
            w("pathway.title"),
            f::strong(),
            t::VALUE,
        );
        text::right(
            &p,
            rect.right() - 12.0,
            head.center().y,
            &plural(n, "pathway.questions_one", "pathway.questions"),
            f::small(),
            t::LABEL,
        );
        y = head.bottom();
        let body = Rect::from_min_max(pos2(rect.left(), y), rect.max);
        let mut area = widget::part(ui, "questions", body);
        ScrollArea::vertical()
            .id_salt("questions")
            .auto_shrink(false)
            .show(&mut area, |ui| {
                for question in patient
                    .signals
                    .pathways
                    .iter()
                    .filter(|q| !q.options.is_empty())
                {
                    let (_, place) = ui.allocate_space(vec2(ui.available_width(), sz(t::LIST)));
                    let options = plural(
                        question.options.len(),
                        "pathway.options_one",
                        "pathway.options",
                    );
                    let note = question
                        .decision
                        .as_ref()
                        .map_or(options, |d| d.verdict.clone());
                    let name = wf(
                        "pathway.open",
                        &[("title", &question.title), ("n", &question.options.len())],
                    );
                    let response = widget::clickable(
                        ui,
                        Id::unique(("question", &question.id)),
                        place,
                        Role::Button,
                        &name,
                    );
                    widget::row_ground(ui, place, &response, false);
                    let p = ui.painter();
                    p.hline(
                        place.x_range(),
                        place.top() + 0.5,
                        Stroke::new(1.0, t::HAIR),
                    );
                    let c = place.center().y;
                    crate::look::icon::Icon::Fold.paint(
                        p,
                        pos2(place.left() + 20.0, c),
                        sz(13.0),
                        t::LABEL,
                    );
                    let right =
                        text::right(p, place.right() - 12.0, c, &note, f::small(), t::LABEL);
                    let galley = text::line(
                        p,
                        &question.title,
                        f::body(),
                        t::VALUE,
                        right.left() - place.left() - 42.0,
                    );
                    text::put(p, galley, place.left() + 32.0, c);
                    if widget::hover(response, &question.say).clicked() {
                        out.open_pathway = Some(question.id.clone());
                    }
                }
            });
    }
}
