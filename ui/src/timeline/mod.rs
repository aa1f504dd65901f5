//! Timeline strip: one time axis, a lane a facet, the index time. Wheel zooms at the pointer, drag pans, a click opens the item in its leaf,
//! dragging the flag changes the index time. What stands too close is merged, and merging never hides the worst (record-and-signals 6.2).

pub(crate) mod axis;
mod lanes;

use egui::{Align, Event, Id, PointerButton, Rect, Role, Sense, Stroke, Ui, pos2, vec2};
use triptych_workbench::Command;
use triptych_workbench::view::{PatientView, TimelineLane};

use crate::desk::Desk;
use crate::look::icon::Icon;
use crate::look::typeface::{self as f, sz};
use crate::look::{mark, text, tokens as t, widget};
use crate::out::Out;
use crate::words::{w, wf};

const AXIS: f32 = 22.0;
const LABELS: f32 = 104.0;
/// Least height of a lane; with less, lanes leave in [`DROPPED_FIRST`]'s order.
const LEAST_LANE: f32 = 16.0;
/// Shortest and longest visible span, days.
const SPAN: std::ops::RangeInclusive<f64> = 0.2..=45_000.0;

const LANES: [(TimelineLane, &str); 7] = [
    (TimelineLane::Encounters, "lane.encounters"),
    (TimelineLane::Problems, "lane.problems"),
    (TimelineLane::Medicines, "lane.medicines"),
    (TimelineLane::Laboratory, "lane.laboratory"),
    (TimelineLane::Imaging, "lane.imaging"),
    (TimelineLane::Notes, "lane.notes"),
    (TimelineLane::Signals, "lane.signals"),
];

const DROPPED_FIRST: [TimelineLane; 6] = [
    TimelineLane::Encounters,
    TimelineLane::Notes,
    TimelineLane::Medicines,
    TimelineLane::Problems,
    TimelineLane::Imaging,
    TimelineLane::Laboratory,
];

/// State of the strip for one patient.
#[derive(Debug)]
pub(crate) struct Timeline {
    /// Visible span in days since 1970, one for each desk.
    spans: [(f64, f64); 2],
    /// Where the flag is while it is dragged.
    flag: Option<f64>,
}

/// From days to points on the strip.
#[derive(Clone, Copy)]
pub(crate) struct Scale {
    pub start: f64,
    pub end: f64,
    pub left: f32,
    pub right: f32,
}

impl Scale {
    #[allow(clippy::cast_possible_truncation, reason = "points on screen")]
    pub fn x(&self, days: f64) -> f32 {
        let share = (days - self.start) / (self.end - self.start);
        self.left + (share.clamp(-4.0, 5.0) as f32) * (self.right - self.left)
    }

    pub fn days(&self, x: f32) -> f64 {
        self.start + f64::from((x - self.left) / (self.right - self.left)) * (self.end - self.start)
    }
}

impl Timeline {
    /// Reading shows about eighteen months, Rounds four years, both up to the index time; more where the record ended earlier.
    pub fn new(patient: &PatientView) -> Self {
        let now = axis::days(patient.at);
        let known = patient
            .timeline
            .iter()
            .map(|i| axis::days_of(&i.start))
            .filter(|d| *d <= now);
        let (oldest, newest) = known.fold((now, f64::MIN), |(a, b), d| (a.min(d), b.max(d)));
        let newest = if newest == f64::MIN { now } else { newest };
        let span = |days: f64| {
            // Room for the first mark's own words.
            let room = days.max(now - oldest) * 0.04;
            let start = (newest - days).max(oldest - room).min(now - 30.0);
            (start, now + (now - start) * 0.12)
        };
        Self {
            spans: [span(540.0), span(1370.0)],
            flag: None,
        }
    }

    /// Draws the strip, or its folded bar. True when its fold was clicked.
    #[allow(
        clippy::too_many_arguments,
        reason = "a strip needs its place, its data and what it writes to"
    )]
    pub fn show(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        patient: &PatientView,
        desk: Desk,
        folded: bool,
        shown_study: Option<&triptych_workbench::StudyUid>,
        out: &mut Out,
    ) -> bool {
        let mut ui = widget::region(ui, "timeline", rect, w("timeline.name"));
        let ui = &mut ui;
        let p = ui.painter().clone();
        p.rect_filled(rect, 0.0, t::WINDOW);
        p.hline(rect.x_range(), rect.top() + 0.5, Stroke::new(1.0, t::LINE));
        if folded {
            return folded_bar(ui, rect, patient);
        }
        let head = Rect::from_min_size(rect.min, vec2(sz(LABELS), sz(AXIS)));
        let title = widget::clickable(
            ui,
            Id::unique("fold timeline"),
            head,
            Role::Button,
            w("timeline.fold"),
        );
        let ink = if title.hovered() { t::ACCENT } else { t::VALUE };
        text::left(
            &p,
            rect.left() + t::PAD_LEFT,
            head.center().y,
            w("timeline.title"),
            f::strong(),
            ink,
        );
        widget::focus_ring(ui, &title, head.shrink(4.0), t::RADIUS);
        let clicked = widget::hover(title, w("timeline.fold")).clicked();

        let plot = Rect::from_min_max(pos2(rect.left() + sz(LABELS), rect.top() + 1.0), rect.max);
        self.gestures(ui, plot, desk);
        let (start, end) = self.spans[desk as usize];
        let scale = Scale {
            start,
            end,
            left: plot.left(),
            right: plot.right(),
        };
        let lanes = visible_lanes(plot.height() - sz(AXIS));
        let top = rect.top() + sz(AXIS);
        let each = (rect.bottom() - top) / lanes.len().max(1) as f32;
        let now_x = scale.x(self.flag.unwrap_or_else(|| axis::days(patient.at)));

        // Months or years, then hairlines between lanes.
        let plot_painter = p.with_clip_rect(plot);
        let words = now_words(patient);
        let flag_words = text::width(&p, &words, f::small()) + 16.0;
        let flag_left = now_x + flag_words > plot.right();
        let keep_free = if flag_left {
            now_x - flag_words..=now_x + 8.0
        } else {
            now_x - 8.0..=now_x + flag_words
        };
        for tick in axis::ticks(start, end, plot.width(), sz(52.0)) {
            let x = scale.x(tick.at).round() + 0.5;
            plot_painter.vline(x, rect.top()..=rect.bottom(), Stroke::new(1.0, t::HAIR));
            let font = if tick.strong {
                f::small_strong()
            } else {
                f::small()
            };
            let ink = if tick.strong { t::VALUE } else { t::LABEL };
            let width = text::width(&p, &tick.words, font.clone());
            if x + 4.0 < *keep_free.end() && x + 4.0 + width > *keep_free.start() {
                continue;
            }
            text::left(
                &plot_painter,
                x + 4.0,
                rect.top() + sz(AXIS) / 2.0,
                &tick.words,
                font,
                ink,
            );
        }
        p.hline(rect.x_range(), top.round() - 0.5, Stroke::new(1.0, t::HAIR));
        p.vline(
            plot.left().round() - 0.5,
            rect.y_range(),
            Stroke::new(1.0, t::HAIR),
        );
        // The shade of what is to come lies under the items: what happened today stands on the line and stays readable.
        let at_now = patient.at_is_now && self.flag.is_none();
        let alpha = if at_now {
            t::FUTURE_ALPHA
        } else {
            t::AFTER_INDEX_TIME_ALPHA
        };
        if now_x < plot.right() && at_now {
            let after =
                Rect::from_min_max(pos2(now_x.max(plot.left()), rect.top() + 1.0), plot.max);
            plot_painter.rect_filled(after, 0.0, t::shade(alpha));
        }
        for (i, (lane, key)) in lanes.iter().enumerate() {
            let y = top + each * i as f32;
            let place = Rect::from_min_max(pos2(plot.left(), y), pos2(plot.right(), y + each));
            let label = Rect::from_min_max(
                pos2(rect.left() + t::PAD_LEFT, y),
                pos2(plot.left() - 4.0, y + each),
            );
            text::label(ui, *key, label, w(key), f::small(), t::LABEL, Align::Min);
            if i > 0 {
                p.hline(rect.x_range(), y.round() + 0.5, Stroke::new(1.0, t::HAIR));
            }
            lanes::draw(ui, place, *lane, patient, &scale, now_x, shown_study, out);
        }
        self.cursor(
            ui, rect, plot, patient, &scale, now_x, &words, flag_left, out,
        );
        clicked
    }

    #[allow(clippy::too_many_arguments, reason = "one call from one place")]
    fn cursor(
        &mut self,
        ui: &Ui,
        rect: Rect,
        plot: Rect,
        patient: &PatientView,
        scale: &Scale,
        now_x: f32,
        words: &str,
        words_left: bool,
        out: &mut Out,
    ) {
        let p = ui.painter().with_clip_rect(plot);
        let at_now = patient.at_is_now && self.flag.is_none();
        let ink = if at_now { t::ACCENT } else { t::ASOFLINE };
        if now_x < plot.right() && !at_now {
            let alpha = t::AFTER_INDEX_TIME_ALPHA;
            let after =
                Rect::from_min_max(pos2(now_x.max(plot.left()), rect.top() + 1.0), plot.max);
            p.rect_filled(after, 0.0, t::shade(alpha));
        }
        let x = now_x.round();
        p.vline(x, rect.top() + 4.0..=rect.bottom(), Stroke::new(1.5, ink));
        mark::flag(&p, pos2(x, rect.top() + 14.0), ink);
        let y = rect.top() + sz(AXIS) / 2.0;
        if words_left {
            text::right(&p, x - 9.0, y, words, f::small(), ink);
        } else {
            text::left(&p, x + 9.0, y, words, f::small(), ink);
        }
        let grip = Rect::from_center_size(pos2(x, rect.top() + 11.0), vec2(24.0, 22.0));
        let response = ui.interact(grip, Id::unique("index time flag"), Sense::drag());
        response.widget_info(|| egui::WidgetInfo::labeled(Role::Slider, true, words));
        let response = widget::hover(response, w("timeline.flag"))
            .on_hover_cursor(egui::CursorIcon::ResizeHorizontal);
        if let Some(pointer) = response
            .interact_pointer_pos()
            .filter(|_| response.dragged())
        {
            self.flag = Some(scale.days(pointer.x.clamp(plot.left(), plot.right())));
        }
        if response.drag_stopped()
            && let Some(days) = self.flag.take()
        {
            out.send(Command::SetIndexTime(Some(axis::instant(days))));
        }
    }

    fn gestures(&mut self, ui: &Ui, plot: Rect, desk: Desk) {
        let response = ui.interact(plot, Id::unique("timeline ground"), Sense::drag());
        let span = &mut self.spans[desk as usize];
        let width = f64::from(plot.width().max(1.0));
        if response.dragged_by(PointerButton::Primary) || response.dragged_by(PointerButton::Middle)
        {
            let by = f64::from(-response.drag_delta().x) / width * (span.1 - span.0);
            *span = (span.0 + by, span.1 + by);
        }
        let Some(pointer) = ui.ctx().pointer_hover_pos().filter(|p| plot.contains(*p)) else {
            return;
        };
        if !ui.rect_contains_pointer(plot) {
            return;
        }
        let notches: f32 = ui.input(|i| {
            i.events
                .iter()
                .filter_map(|e| match e {
                    Event::MouseWheel { unit, delta, .. } => Some(match unit {
                        egui::MouseWheelUnit::Point => delta.y / 50.0,
                        _ => delta.y,
                    }),
                    Event::Zoom(z) => Some((z - 1.0) * 4.0),
                    _ => None,
                })
                .sum()
        });
        if notches != 0.0 {
            let at = span.0
                + f64::from((pointer.x - plot.left()) / plot.width().max(1.0)) * (span.1 - span.0);
            let factor = f64::from(1.25f32.powf(-notches));
            let length = ((span.1 - span.0) * factor).clamp(*SPAN.start(), *SPAN.end());
            let share = (at - span.0) / (span.1 - span.0);
            *span = (at - share * length, at + (1.0 - share) * length);
        }
    }

    /// Moves so that `days` is visible, if it is not.
    pub fn reveal(&mut self, desk: Desk, days: f64) {
        let (start, end) = self.spans[desk as usize];
        if !(start..=end).contains(&days) {
            let half = (end - start) / 2.0;
            self.spans[desk as usize] = (days - half, days + half);
        }
    }
}

fn visible_lanes(height: f32) -> Vec<(TimelineLane, &'static str)> {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a handful of lanes"
    )]
    let room = ((height / sz(LEAST_LANE)).floor().max(1.0)) as usize;
    let gone = LANES.len().saturating_sub(room);
    LANES
        .into_iter()
        .filter(|(lane, _)| !DROPPED_FIRST.iter().take(gone).any(|d| d == lane))
        .collect()
}

fn now_words(patient: &PatientView) -> String {
    // The date is enough on the strip; the header has the time of day.
    let words = patient.at_text.as_str();
    match words.rsplit_once(' ') {
        Some((date, time)) if time.contains(':') && patient.at_is_now => date.to_owned(),
        _ => words.to_owned(),
    }
}

fn folded_bar(ui: &Ui, rect: Rect, patient: &PatientView) -> bool {
    let p = ui.painter();
    let response = widget::clickable(
        ui,
        Id::unique("unfold timeline"),
        rect,
        Role::Button,
        w("timeline.unfold"),
    );
    if response.hovered() {
        p.rect_filled(rect.shrink2(vec2(0.0, 1.0)), 0.0, t::HOVER);
    }
    let y = rect.center().y;
    Icon::Fold.paint(p, pos2(rect.left() + 18.0, y), sz(14.0), t::LABEL);
    let x = text::left(
        p,
        rect.left() + 32.0,
        y,
        w("timeline.title"),
        f::strong(),
        t::VALUE,
    )
    .right();
    let words = wf("timeline.folded", &[("n", &patient.timeline.len())]);
    text::left(p, x + 8.0, y, &words, f::small(), t::LABEL);
    widget::key_cap(ui, rect.right() - 12.0, y, "F4");
    widget::focus_ring(ui, &response, rect.shrink(4.0), t::RADIUS);
    response.clicked()
}
