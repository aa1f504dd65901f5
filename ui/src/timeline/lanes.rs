//! The lanes of the strip: densities, ticks and glyphs, each named for screen readers and clickable.

use egui::{Color32, CornerRadius, Id, Rect, Role, Stroke, StrokeKind, Ui, pos2, vec2};
use triptych_workbench::StudyUid;
use triptych_workbench::view::{Mark, PatientView, Severity, Target, TimelineItem, TimelineLane};

use super::labels::Labels;
use super::level::{Bucket, Level, buckets};
use super::{Scale, axis, bars, results};
use crate::look::icon::Icon;
use crate::look::typeface::{self as f, sz};
use crate::look::{mark, text, tokens as t, widget};
use crate::out::Out;
use crate::words::wf;

/// What a lane is drawn with.
pub(super) struct Lane<'a> {
    pub rect: Rect,
    pub lane: TimelineLane,
    pub level: Level,
    pub patient: &'a PatientView,
    pub scale: &'a Scale<'a>,
    /// Where the index time stands.
    pub now_x: f32,
    pub shown_study: Option<&'a StudyUid>,
    /// Row whose course the laboratory lane shows.
    pub chosen: Option<&'a str>,
}

/// What a lane gives back.
#[derive(Default)]
pub(super) struct Drawn {
    /// Labels for which there was no room.
    pub hidden: usize,
    /// A bucket was clicked: look at this stretch.
    pub look_at: Option<(f64, f64)>,
}

impl<'a> Lane<'a> {
    pub fn items(&self) -> impl Iterator<Item = &'a TimelineItem> {
        let lane = self.lane;
        self.patient.timeline.iter().filter(move |i| i.lane == lane)
    }

    pub fn painter(&self, ui: &Ui) -> egui::Painter {
        ui.painter()
            .with_clip_rect(self.rect.intersect(ui.clip_rect()))
    }

    /// Draws the lane.
    pub fn draw(&self, ui: &Ui, out: &mut Out) -> Drawn {
        match (self.lane, self.level) {
            (TimelineLane::Problems | TimelineLane::Medicines, _) => bars::draw(self, ui, out),
            (TimelineLane::Imaging | TimelineLane::Signals | TimelineLane::Loops, _) => {
                self.glyphs(ui, out)
            }
            (_, Level::Decades | Level::Years) => self.density(ui),
            (TimelineLane::Laboratory | TimelineLane::Vitals, _) => results::draw(self, ui, out),
            _ => self.glyphs(ui, out),
        }
    }

    /// Bars by the square root of how many there are, the abnormal among them marked on top.
    pub fn density(&self, ui: &Ui) -> Drawn {
        let p = self.painter(ui);
        let found = buckets(self.items(), self.level, |i| axis::days_of(&i.start));
        let most = found.iter().map(|b| b.count).max().unwrap_or(1).max(1) as f32;
        let foot = self.rect.bottom() - 3.0;
        let tall = (self.rect.height() - 7.0).max(5.0);
        let mut drawn = Drawn::default();
        for bucket in &found {
            let (x0, x1) = (self.scale.x(bucket.from), self.scale.x(bucket.to));
            if x1 < self.rect.left() || x0 > self.rect.right() {
                continue;
            }
            let later = bucket.items.iter().all(|i| i.later);
            // What was known by the index time stands on its near side, though its month goes on beyond.
            let (x0, x1) = if !later && x1 > self.now_x {
                let near = self.now_x - 1.0;
                (x0.min(near - 6.0), near)
            } else {
                (x0, (x1 - 1.0).max(x0 + 2.0))
            };
            let high = ((bucket.count as f32 / most).sqrt() * tall).max(2.0);
            let bar = Rect::from_min_max(
                pos2(x0.round(), (foot - high).round()),
                pos2(x1.round(), foot),
            );
            let words = bucket_words(bucket, self.level);
            if later {
                p.rect_filled(bar, 0.0, t::LABEL);
                continue;
            }
            let place =
                Rect::from_min_max(pos2(bar.left(), self.rect.top()), bar.max).intersect(self.rect);
            let id = Id::unique(("bucket", self.lane, bucket.from.to_bits()));
            let response =
                widget::clickable(ui, id, place, Role::Button, &words.replace('\n', "; "));
            let ink = if response.hovered() {
                t::ACCENT
            } else {
                t::LABEL
            };
            p.rect_filled(bar, 0.0, ink);
            if bucket.abnormal > 0 {
                // The share that lies outside its interval, as a cap in another shade and with a shape on top.
                let share = bucket.abnormal as f32 / bucket.count as f32;
                let cap = Rect::from_min_max(
                    bar.min,
                    pos2(bar.right(), bar.top() + (high * share).max(2.0)),
                );
                p.rect_filled(cap, 0.0, t::VALUE);
                let (kind, ink) = if bucket.critical > 0 {
                    (Mark::CriticalAbove, t::RED)
                } else {
                    (Mark::Above, t::AMBER)
                };
                if bar.width() >= 6.0 && bar.top() - self.rect.top() > 6.0 {
                    let at = pos2(bar.center().x, bar.top() - 4.0);
                    mark::point(&p, at, kind, 0.7, ink);
                }
            }
            if widget::hover(response, &words).clicked() {
                drawn.look_at = Some((bucket.from, bucket.to));
            }
        }
        drawn
    }

    /// Marks that stand for themselves; what would touch is merged, and its number written.
    fn glyphs(&self, ui: &Ui, out: &mut Out) -> Drawn {
        let p = self.painter(ui);
        let least = match self.lane {
            TimelineLane::Imaging => 30.0,
            TimelineLane::Encounters | TimelineLane::Procedures => 4.0,
            _ => 15.0,
        };
        let mut groups = self.groups(least);
        for group in &mut groups {
            // What happened today stands whole on the near side of the line.
            let half = match self.lane {
                TimelineLane::Imaging => chip_width(&p, &group.modalities()) / 2.0 + 2.0,
                TimelineLane::Encounters | TimelineLane::Procedures => 0.0,
                _ => 8.0,
            };
            if group.x <= self.now_x && group.x > self.now_x - half {
                group.x = self.now_x - half;
            }
        }
        let mut labels = Labels::new(self.rect, self.now_x);
        let seen = self.rect.left() - 20.0..=self.rect.right() + 20.0;
        for group in groups.iter().filter(|g| seen.contains(&g.x)) {
            let width = self.glyph(ui, &p, group, out);
            labels.mark(group.x - width / 2.0, group.x + width / 2.0);
        }
        if self.level >= Level::Months {
            // The gravest, then the newest, have the first right to words.
            let mut order: Vec<&Group<'_>> =
                groups.iter().filter(|g| seen.contains(&g.x)).collect();
            order.sort_by_key(|g| {
                std::cmp::Reverse((g.worst(), g.newest().map(|i| i.start.instant)))
            });
            for group in order {
                let Some(newest) = group.newest().filter(|i| !i.later) else {
                    continue;
                };
                let words = match group.items.len() {
                    1 => newest.label.clone(),
                    n => format!("{} +{}", newest.label, n - 1),
                };
                if self.lane == TimelineLane::Imaging
                    && group.items.len() == 1
                    && newest.detail == newest.label
                {
                    continue;
                }
                let words = if self.lane == TimelineLane::Imaging {
                    newest.detail.clone()
                } else {
                    words
                };
                labels.put(&p, group.x, &words, t::BODY);
            }
        }
        Drawn {
            hidden: labels.hidden,
            look_at: None,
        }
    }

    fn groups(&self, least: f32) -> Vec<Group<'a>> {
        let mut out: Vec<Group<'a>> = Vec::new();
        for item in self.items() {
            let x = self.scale.x(axis::days_of(&item.start));
            match out.last_mut() {
                Some(last)
                    if x - last.x < least && last.items.iter().all(|i| i.later == item.later) =>
                {
                    last.items.push(item);
                }
                _ => out.push(Group {
                    x,
                    items: vec![item],
                }),
            }
        }
        out
    }

    /// Draws a mark; its width.
    fn glyph(&self, ui: &Ui, p: &egui::Painter, group: &Group<'_>, out: &mut Out) -> f32 {
        let Some(newest) = group.newest() else {
            return 0.0;
        };
        let (x, y) = (group.x.round(), self.rect.center().y.round());
        let target = Rect::from_center_size(pos2(x, y), vec2(18.0, self.rect.height().max(18.0)))
            .intersect(self.rect);
        let words = words_of(&group.items);
        let id = Id::unique((
            "timeline",
            self.lane,
            newest.start.instant.0,
            group.items.len(),
        ));
        let response = (!newest.later)
            .then(|| widget::clickable(ui, id, target, Role::Button, &words.replace('\n', "; ")));
        let hot = response.as_ref().is_some_and(egui::Response::hovered);
        let ink = |plain: Color32| if hot { t::ACCENT } else { plain };
        let width = match self.lane {
            TimelineLane::Imaging => self.chip(p, pos2(x, y), group, hot),
            TimelineLane::Signals => {
                severity(
                    p,
                    pos2(x, y),
                    group.worst().unwrap_or(Severity::Info),
                    (self.rect.height() / 18.0).min(0.8),
                );
                16.0 + self.number(p, x + 9.0, y, group)
            }
            TimelineLane::Loops => {
                let at = pos2(x, y - 6.0);
                mark::flag(p, at, ink(t::BODY));
                p.vline(x, y - 6.0..=y + 6.0, Stroke::new(1.0, ink(t::BODY)));
                14.0
            }
            TimelineLane::Notes => {
                Icon::File.paint(
                    p,
                    pos2(x, y),
                    sz(13.0).min(self.rect.height()),
                    ink(t::BODY),
                );
                14.0 + self.number(p, x + 8.0, y, group)
            }
            _ => self.tick(p, group, ink(t::BODY)),
        };
        if let Some(response) = response
            && widget::hover(response, &words).clicked()
        {
            let goal = group
                .items
                .iter()
                .max_by_key(|i| (i.severity, i.start.instant));
            out.jump = Some(goal.unwrap_or(&newest).target.clone());
        }
        width
    }

    fn number(&self, p: &egui::Painter, x: f32, y: f32, group: &Group<'_>) -> f32 {
        if group.items.len() < 2 {
            return 0.0;
        }
        let words = group.items.len().to_string();
        let width = text::width(p, &words, f::small());
        let before = group.x <= self.now_x && x + width > self.now_x;
        let left = if before {
            // Beyond the line it would be dimmed with what came later.
            2.0 * group.x - x - width
        } else {
            x
        };
        text::left(p, left, y, &words, f::small(), t::LABEL).width() * 2.0
    }

    /// A visit or procedure: a tick, or as long as it lasted.
    fn tick(&self, p: &egui::Painter, group: &Group<'_>, ink: Color32) -> f32 {
        let y = self.rect.center().y.round();
        let h = (self.rect.height() * 0.26).clamp(4.0, 6.0);
        let end = group
            .items
            .iter()
            .filter_map(|i| i.end.as_ref())
            .map(axis::days_of)
            .fold(f64::MIN, f64::max);
        let right = self.scale.x(end).min(self.rect.right());
        let x = group.x.round();
        if end > f64::MIN && right > x + 3.0 {
            let bar = Rect::from_min_max(pos2(x, y - h), pos2(right, y + h));
            p.rect(
                bar,
                0.0,
                t::HOVER,
                Stroke::new(1.0, ink),
                StrokeKind::Inside,
            );
            return (right - x) * 2.0;
        }
        p.rect_filled(
            Rect::from_center_size(pos2(x, y), vec2(2.0, h * 2.0)),
            0.0,
            ink,
        );
        4.0
    }

    fn chip(&self, p: &egui::Painter, at: egui::Pos2, group: &Group<'_>, hot: bool) -> f32 {
        let words = group.modalities();
        let width = chip_width(p, &words);
        let h = (self.rect.height() - 4.0).min(sz(14.0));
        let chip = Rect::from_center_size(at, vec2(width, h));
        let shown = group.items.iter().any(
            |i| matches!(&i.target, Target::Image { study, .. } if Some(study) == self.shown_study),
        );
        let edge = if shown || hot { t::ACCENT } else { t::BODY };
        // A study that was never sent has no ground: there is nothing to open.
        let sent = group
            .items
            .iter()
            .any(|i| matches!(i.target, Target::Image { .. }));
        if sent {
            let stroke = Stroke::new(1.0, edge);
            p.rect(
                chip,
                CornerRadius::same(2),
                t::WINDOW,
                stroke,
                StrokeKind::Inside,
            );
        } else {
            mark::dashed_rect(p, chip, Stroke::new(1.0, t::LABEL), 2.0, 2.0);
        }
        let ink = if sent { t::VALUE } else { t::LABEL };
        text::center(p, at.x, at.y, &words, f::letter(sz(11.0)), ink);
        width
    }
}

/// Items that stand so close that they share one mark.
struct Group<'a> {
    x: f32,
    items: Vec<&'a TimelineItem>,
}

impl<'a> Group<'a> {
    fn newest(&self) -> Option<&'a TimelineItem> {
        self.items.last().copied()
    }

    /// What its studies are, each kind once, newest first, and how often where more than once: `US CR 2`.
    fn modalities(&self) -> String {
        let mut kinds: Vec<(&str, usize)> = Vec::new();
        for item in self.items.iter().rev() {
            let kind = item.label.split([' ', ',']).next().unwrap_or_default();
            match kinds.iter_mut().find(|(known, _)| *known == kind) {
                Some((_, n)) => *n += 1,
                None => kinds.push((kind, 1)),
            }
        }
        let words: Vec<String> = kinds
            .into_iter()
            .map(|(kind, n)| match n {
                1 => kind.to_owned(),
                n => format!("{kind} {n}"),
            })
            .collect();
        words.join(" · ")
    }

    fn worst(&self) -> Option<Severity> {
        self.items.iter().filter_map(|i| i.severity).max()
    }
}

fn chip_width(p: &egui::Painter, words: &str) -> f32 {
    text::width(p, words, f::letter(sz(11.0))) + 9.0
}

/// The newest eight in full, and how many more there are.
pub(super) fn words_of(items: &[&TimelineItem]) -> String {
    let mut lines: Vec<String> = items
        .iter()
        .rev()
        .take(8)
        .map(|i| format!("{} {}", i.start, i.detail))
        .collect();
    let hidden = items.len().saturating_sub(lines.len());
    if hidden > 0 {
        lines.push(wf("timeline.more", &[("n", &hidden)]));
    }
    lines.join("\n")
}

fn bucket_words(bucket: &Bucket<'_>, level: Level) -> String {
    #[allow(clippy::cast_possible_truncation, reason = "days of a record fit")]
    let (y, m, _) = axis::civil(bucket.from as i64);
    let when = match level {
        Level::Decades => y.to_string(),
        _ => format!("{} {y}", axis::month(m)),
    };
    let mut head = format!("{when}: {}", bucket.count);
    if bucket.abnormal > 0 {
        head = format!(
            "{head}, {}",
            wf("timeline.outside", &[("n", &bucket.abnormal)])
        );
    }
    format!("{head}\n{}", words_of(&bucket.items))
}

/// A severity mark smaller than its grid of 16.
fn severity(p: &egui::Painter, at: egui::Pos2, severity: Severity, scale: f32) {
    let s = scale.max(0.6);
    let tri = |h: f32, b: f32, w: f32| {
        vec![
            at + vec2(0.0, -h * s),
            at + vec2(w * s, b * s),
            at + vec2(-w * s, b * s),
        ]
    };
    match severity {
        Severity::Info => {
            p.circle_stroke(at, 5.0 * s, Stroke::new(1.5, t::BODY));
        }
        Severity::Low => {
            p.add(egui::Shape::closed_line(
                tri(5.5, 5.5, 6.0),
                Stroke::new(1.5, t::AMBER),
            ));
        }
        Severity::Moderate => {
            p.add(egui::Shape::convex_polygon(
                tri(6.5, 6.0, 7.0),
                t::AMBER,
                Stroke::NONE,
            ));
        }
        Severity::High => {
            let d = 7.5 * s;
            let points = vec![
                at + vec2(0.0, -d),
                at + vec2(d, 0.0),
                at + vec2(0.0, d),
                at + vec2(-d, 0.0),
            ];
            p.add(egui::Shape::convex_polygon(points, t::RED, Stroke::NONE));
        }
    }
}
