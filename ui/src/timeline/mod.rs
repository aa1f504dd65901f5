//! Timeline strip: one time axis, a lane a facet, the index time. Wheel zooms at the pointer, drag pans, a click opens the item in its leaf,
//! dragging the flag changes the index time. The closer one looks, the more each lane says; merging never hides the worst
//! (record-and-signals 6.2).

pub(crate) mod axis;
mod bars;
mod labels;
mod lanes;
mod level;
mod results;
mod scale;

use std::ops::RangeInclusive;

use egui::{
    Align, Event, Id, Key, Modifiers, PointerButton, Rect, Role, Sense, Stroke, Ui, pos2, vec2,
};
use triptych_workbench::Command;
use triptych_workbench::view::{PatientView, TimelineLane};

use crate::desk::Desk;
use crate::look::icon::Icon;
use crate::look::typeface::{self as f, sz};
use crate::look::{mark, text, tokens as t, widget};
use crate::out::Out;
use crate::words::{w, wf};
use level::Level;
use scale::{Folds, Scale};

const AXIS: f32 = 22.0;
const LABELS: f32 = 104.0;
/// Least height of a lane; with less, lanes leave in [`DROPPED_FIRST`]'s order.
const LEAST_LANE: f32 = 16.0;
/// Shortest and longest visible span, days.
const SPAN: RangeInclusive<f64> = 0.2..=45_000.0;

const LANES: [(TimelineLane, &str); 10] = [
    (TimelineLane::Encounters, "lane.encounters"),
    (TimelineLane::Problems, "lane.problems"),
    (TimelineLane::Medicines, "lane.medicines"),
    (TimelineLane::Laboratory, "lane.laboratory"),
    (TimelineLane::Vitals, "lane.vitals"),
    (TimelineLane::Imaging, "lane.imaging"),
    (TimelineLane::Procedures, "lane.procedures"),
    (TimelineLane::Notes, "lane.notes"),
    (TimelineLane::Signals, "lane.signals"),
    (TimelineLane::Loops, "lane.loops"),
];

const DROPPED_FIRST: [TimelineLane; 8] = [
    TimelineLane::Vitals,
    TimelineLane::Procedures,
    TimelineLane::Encounters,
    TimelineLane::Notes,
    TimelineLane::Medicines,
    TimelineLane::Problems,
    TimelineLane::Imaging,
    TimelineLane::Laboratory,
];

/// Lanes that are not there where they would be empty: most people have nothing due, and vital signs are often in no record.
const OPTIONAL: [TimelineLane; 3] = [
    TimelineLane::Vitals,
    TimelineLane::Procedures,
    TimelineLane::Loops,
];

/// State of the strip for one patient.
#[derive(Debug)]
pub(crate) struct Timeline {
    folds: Folds,
    /// Visible span in line days, one for each desk.
    spans: [(f64, f64); 2],
    /// The whole record in line days.
    whole: (f64, f64),
    /// Where the flag is while it is dragged, in days.
    flag: Option<f64>,
}

impl Timeline {
    /// Reading shows about eighteen months, Rounds four years or what most of the record needs, both up to the index time; more where the
    /// record ended earlier.
    pub fn new(patient: &PatientView) -> Self {
        let folds = Folds::of(patient);
        let now = folds.line(axis::days(patient.at));
        let mut known: Vec<f64> = patient
            .timeline
            .iter()
            .filter(|i| !i.later)
            .map(|i| folds.line(axis::days_of(&i.start)))
            .filter(|d| *d <= now)
            .collect();
        known.sort_by(f64::total_cmp);
        let oldest = known.first().copied().unwrap_or(now);
        let newest = known.last().copied().unwrap_or(now);
        // Most of what there is: the story has its beginning in the first look.
        let most = known.get(known.len() / 5).map_or(0.0, |d| newest - d);
        let rounds = (most * 1.05).clamp(1370.0, 4400.0);
        let oldest = scale::birth(patient).map_or(oldest, |b| oldest.min(folds.line(b)));
        let span = |days: f64| {
            // Room for the first mark's own words.
            let room = days.max(now - oldest) * 0.04;
            let start = (newest - days).max(oldest - room).min(now - 30.0);
            (start, now + (now - start) * 0.12)
        };
        Self {
            spans: [span(540.0), span(rounds)],
            whole: span(f64::MAX / 4.0),
            folds,
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
        chosen: Option<&str>,
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
        let (start, end) = self.spans[desk as usize];
        // How close one looks stands in the place of a title that everybody knows.
        let level = Level::of(end - start);
        text::left(
            &p,
            rect.left() + t::PAD_LEFT,
            head.center().y,
            w(level.key()),
            f::strong(),
            ink,
        );
        widget::focus_ring(ui, &title, head.shrink(4.0), t::RADIUS);
        let clicked = widget::hover(title, w("timeline.fold")).clicked();

        let plot = Rect::from_min_max(pos2(rect.left() + sz(LABELS), rect.top() + 1.0), rect.max);
        self.gestures(ui, plot, desk);
        let (start, end) = self.spans[desk as usize];
        let folds = self.folds.clone();
        let scale = Scale {
            folds: &folds,
            start,
            end,
            left: plot.left(),
            right: plot.right(),
        };
        let lanes = visible_lanes(plot.height() - sz(AXIS), patient);
        let top = rect.top() + sz(AXIS);
        let shares: f32 = lanes.iter().map(|(lane, _)| weight(*lane, level)).sum();
        let each = (rect.bottom() - top) / shares.max(1.0);
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
        for tick in ticks(&scale) {
            let x = scale.x(tick.at).round() + 0.5;
            plot_painter.vline(x, rect.top()..=rect.bottom(), Stroke::new(1.0, t::HAIR));
            let font = if tick.strong {
                f::small_strong()
            } else {
                f::small()
            };
            let ink = if tick.strong { t::VALUE } else { t::LABEL };
            let width = text::width(&p, &tick.words, font.clone());
            let meets_flag = x + 4.0 < *keep_free.end() && x + 4.0 + width > *keep_free.start();
            // Half a year's number would be another year.
            if meets_flag || x + 4.0 + width > plot.right() {
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
        // A life that ended: what follows is shaded as what is to come.
        let death = patient
            .banner
            .died
            .map(|d| scale.x(axis::days_of(&d)).round());
        if let Some(x) = death.filter(|x| *x < now_x) {
            let after = Rect::from_x_y_ranges(
                x.max(plot.left())..=now_x.min(plot.right()),
                top..=plot.bottom(),
            );
            if after.is_positive() {
                plot_painter.rect_filled(after, 0.0, t::shade(t::FUTURE_ALPHA));
            }
        }
        self.breaks(ui, rect, &scale, &keep_free);
        let mut y = top;
        for (i, (lane, key)) in lanes.iter().enumerate() {
            let height = each * weight(*lane, level);
            let place = Rect::from_min_max(pos2(plot.left(), y), pos2(plot.right(), y + height));
            let label = Rect::from_min_max(
                pos2(rect.left() + t::PAD_LEFT, y),
                pos2(plot.left() - 4.0, y + height),
            );
            text::label(ui, *key, label, w(key), f::small(), t::LABEL, Align::Min);
            if i > 0 {
                p.hline(rect.x_range(), y.round() + 0.5, Stroke::new(1.0, t::HAIR));
            }
            let drawn = lanes::Lane {
                rect: place,
                lane: *lane,
                level,
                patient,
                scale: &scale,
                now_x,
                shown_study,
                chosen,
            }
            .draw(ui, out);
            if drawn.hidden > 0 {
                let more = format!("+{}", drawn.hidden);
                text::right(
                    &p,
                    plot.left() - 8.0,
                    place.center().y,
                    &more,
                    f::small(),
                    t::FAINT,
                );
            }
            if let Some((from, to)) = drawn.look_at {
                let (from, to) = (self.folds.line(from), self.folds.line(to));
                let air = (to - from) * 0.1;
                self.spans[desk as usize] = (from - air, to + air);
            }
            y += height;
        }
        if let Some(x) = scale::birth(patient)
            .map(|b| scale.x(b))
            .filter(|x| plot.x_range().contains(*x) && level <= Level::Years)
        {
            plot_painter.vline(x.round(), top..=rect.bottom(), Stroke::new(1.0, t::BODY));
            let words = wf("timeline.born", &[("date", &patient.banner.birth_date)]);
            text::left(
                &plot_painter,
                x + 6.0,
                rect.bottom() - sz(9.0),
                &words,
                f::small(),
                t::LABEL,
            );
        }
        if let (Some(x), Some(died)) = (
            death.filter(|x| plot.x_range().contains(*x)),
            patient.banner.died,
        ) {
            plot_painter.vline(x, top..=rect.bottom(), Stroke::new(1.0, t::BODY));
            let words = wf("timeline.died", &[("date", &died.iso_date())]);
            let y = rect.bottom() - sz(9.0);
            let width = text::width(&p, &words, f::small()) + 8.0;
            // Never over the index line.
            let place = if x + width > now_x && x < now_x {
                text::right(&plot_painter, x - 6.0, y, &words, f::small(), t::LABEL)
            } else {
                text::left(&plot_painter, x + 6.0, y, &words, f::small(), t::LABEL)
            };
            text::spoken(ui, "death", place, &words);
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
        scale: &Scale<'_>,
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
        let response = ui.interact(plot, Id::unique("timeline ground"), Sense::click_and_drag());
        let span = &mut self.spans[desk as usize];
        let width = f64::from(plot.width().max(1.0));
        if response.dragged_by(PointerButton::Primary) || response.dragged_by(PointerButton::Middle)
        {
            let by = f64::from(-response.drag_delta().x) / width * (span.1 - span.0);
            *span = (span.0 + by, span.1 + by);
        }
        if response.double_clicked() {
            *span = self.whole;
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
        let keys = ui.input_mut(|i| {
            let mut pressed = |key| i.consume_key(Modifiers::NONE, key);
            (
                pressed(Key::Plus) || pressed(Key::Equals),
                pressed(Key::Minus),
                pressed(Key::Num0),
            )
        });
        let notches = match keys {
            (true, ..) => 2.0,
            (_, true, _) => -2.0,
            _ => notches,
        };
        if keys.2 {
            *span = self.whole;
        }
        if notches != 0.0 {
            let at = span.0
                + f64::from((pointer.x - plot.left()) / plot.width().max(1.0)) * (span.1 - span.0);
            let factor = f64::from(1.25f32.powf(-notches));
            let length = ((span.1 - span.0) * factor).clamp(*SPAN.start(), *SPAN.end());
            let share = (at - span.0) / (span.1 - span.0);
            *span = (at - share * length, at + (1.0 - share) * length);
        }
    }

    /// The break of each folded stretch with its length in words, where these have room beside the flag's (`keep_free`); a click opens it, another
    /// one folds it again.
    fn breaks(&mut self, ui: &Ui, rect: Rect, scale: &Scale<'_>, keep_free: &RangeInclusive<f32>) {
        let p = ui
            .painter()
            .with_clip_rect(Rect::from_min_max(pos2(scale.left, rect.top()), rect.max));
        for fold in &mut self.folds.0 {
            let (x0, x1) = (scale.x(fold.from), scale.x(fold.to));
            if x1 < scale.left || x0 > scale.right {
                continue;
            }
            let years = (fold.to - fold.from) / 365.25;
            let length = if years >= 1.0 {
                wf("timeline.folded_years", &[("n", &format!("{years:.0}"))])
            } else {
                wf(
                    "timeline.folded_months",
                    &[("n", &format!("{:.0}", years * 12.0))],
                )
            };
            let y = rect.top() + sz(AXIS) / 2.0;
            let name = if fold.open {
                w("timeline.fold_gap")
            } else {
                w("timeline.unfold_gap")
            };
            let head = Rect::from_min_max(pos2(x0, rect.top()), pos2(x1, rect.top() + sz(AXIS)));
            let id = Id::unique(("fold", fold.from.to_bits()));
            let response =
                widget::clickable(ui, id, head.intersect(p.clip_rect()), Role::Button, name);
            let ink = if response.hovered() {
                t::ACCENT
            } else {
                t::LABEL
            };
            if !fold.open {
                let middle = ((x0 + x1) / 2.0).round();
                let steps = ((rect.height() - sz(AXIS)) / 4.0).max(1.0);
                #[allow(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "points on screen"
                )]
                let zigzag: Vec<egui::Pos2> = (0..=steps as usize)
                    .map(|i| {
                        let side = if i % 2 == 0 { -2.5 } else { 2.5 };
                        pos2(middle + side, rect.top() + sz(AXIS) + 4.0 * i as f32)
                    })
                    .collect();
                p.add(egui::Shape::line(zigzag, Stroke::new(1.0, t::LINE)));
                let wide = text::width(&p, &length, f::small());
                let (from, to) = (middle - wide / 2.0, middle + wide / 2.0);
                let inside = from >= scale.left && to <= scale.right;
                let meets_flag = from < *keep_free.end() && to > *keep_free.start();
                if inside && !meets_flag && wide < x1 - x0 + 24.0 {
                    text::center(&p, middle, y, &length, f::small(), ink);
                }
            }
            if widget::hover(response, &format!("{length}\n{name}")).clicked() {
                fold.open = !fold.open;
            }
        }
    }

    /// Moves so that `days` is visible, if it is not.
    pub fn reveal(&mut self, desk: Desk, days: f64) {
        let (start, end) = self.spans[desk as usize];
        let days = self.folds.line(days);
        if !(start..=end).contains(&days) {
            let half = (end - start) / 2.0;
            self.spans[desk as usize] = (days - half, days + half);
        }
    }
}

/// A course needs more room than a row of ticks.
const fn weight(lane: TimelineLane, level: Level) -> f32 {
    match (lane, level) {
        (TimelineLane::Laboratory, Level::Months | Level::Weeks) => 1.6,
        (TimelineLane::Laboratory | TimelineLane::Vitals, Level::Days | Level::Hours) => 2.4,
        _ => 1.0,
    }
}

/// Marks of the axis, none inside a folded stretch nor so close to it that its words would run into the break.
fn ticks(scale: &Scale<'_>) -> Vec<axis::Tick> {
    let (first, last) = scale.visible();
    let shut = || scale.folds.0.iter().filter(|f| !f.open);
    let hidden: f64 = shut()
        .map(|f| (f.to.min(last) - f.from.max(first)).max(0.0))
        .sum();
    let share = ((last - first) / (last - first - hidden).max(1e-6)).max(1.0);
    #[allow(clippy::cast_possible_truncation, reason = "points on screen")]
    let width = (scale.right - scale.left) * share as f32;
    axis::ticks(first, last, width, sz(52.0))
        .into_iter()
        .filter(|tick| {
            shut().all(|f| tick.at <= f.from || tick.at >= f.to)
                && shut().all(|f| {
                    let until = scale.x(f.from) - scale.x(tick.at);
                    !(0.0..sz(44.0)).contains(&until)
                })
        })
        .collect()
}

fn visible_lanes(height: f32, patient: &PatientView) -> Vec<(TimelineLane, &'static str)> {
    let mut lanes: Vec<(TimelineLane, &'static str)> = LANES
        .into_iter()
        .filter(|(lane, _)| {
            !OPTIONAL.contains(lane) || patient.timeline.iter().any(|i| i.lane == *lane)
        })
        .collect();
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a handful of lanes"
    )]
    let room = ((height / sz(LEAST_LANE)).floor().max(1.0)) as usize;
    for gone in DROPPED_FIRST {
        if lanes.len() <= room {
            break;
        }
        lanes.retain(|(lane, _)| *lane != gone);
    }
    lanes
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
