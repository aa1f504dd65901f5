//! Timeline strip: one time axis, a lane a facet, the index time. Wheel zooms at the pointer, drag pans, a click opens the item in its leaf,
//! dragging the flag changes the index time. The closer one looks, the more each lane says; merging never hides the worst
//! (record-and-signals 6.2).

pub(crate) mod axis;
mod bars;
mod breaks;
mod flag;
mod gestures;
mod labels;
mod lane_set;
mod lanes;
mod level;
mod results;
mod scale;

use egui::{Align, Id, Rect, Role, Stroke, Ui, pos2, vec2};
use triptych_workbench::view::PatientView;

use crate::desk::Desk;
use crate::look::icon::Icon;
use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t, widget};
use crate::out::Out;
use crate::words::{w, wf};
use flag::now_words;
use lane_set::{visible_lanes, weight};
use level::Level;
use scale::{Folds, Scale};

const AXIS: f32 = 22.0;
const LABELS: f32 = 104.0;

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
