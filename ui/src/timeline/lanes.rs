//! The lanes of the strip: ticks, bars, densities and glyphs, each named for screen readers and clickable.

use egui::{Color32, CornerRadius, Id, Rect, Role, Stroke, StrokeKind, Ui, pos2, vec2};
use triptych_workbench::StudyUid;
use triptych_workbench::view::{Mark, PatientView, Severity, Target, TimelineItem, TimelineLane};

use super::{Scale, axis};
use crate::look::icon::Icon;
use crate::look::typeface::{self as f, sz};
use crate::look::{mark, text, tokens as t, widget};
use crate::out::Out;
use crate::words::wf;

/// Items that stand so close that they share one mark.
struct Group<'a> {
    x: f32,
    items: Vec<&'a TimelineItem>,
}

/// Draws one lane in `rect`.
#[allow(
    clippy::too_many_arguments,
    reason = "a lane needs its place, its data and what it writes to"
)]
pub(super) fn draw(
    ui: &Ui,
    rect: Rect,
    lane: TimelineLane,
    patient: &PatientView,
    scale: &Scale,
    now_x: f32,
    shown_study: Option<&StudyUid>,
    out: &mut Out,
) {
    let mut items: Vec<&TimelineItem> =
        patient.timeline.iter().filter(|i| i.lane == lane).collect();
    items.sort_by_key(|i| i.start.instant);
    match lane {
        TimelineLane::Problems | TimelineLane::Medicines => {
            bars(ui, rect, lane, &items, patient, scale, out)
        }
        _ => {
            let least = match lane {
                TimelineLane::Imaging => 30.0,
                TimelineLane::Encounters => 4.0,
                TimelineLane::Laboratory => 16.0,
                _ => 15.0,
            };
            for (i, group) in groups(&items, scale, least).iter_mut().enumerate() {
                // What happened today stands whole on the near side of the line.
                let half = if lane == TimelineLane::Imaging {
                    15.0
                } else {
                    8.0
                };
                if group.x <= now_x && group.x > now_x - half && lane != TimelineLane::Encounters {
                    group.x = now_x - half;
                }
                if (rect.left() - 20.0..=rect.right() + 20.0).contains(&group.x) {
                    glyph(ui, rect, lane, i, group, shown_study, out);
                }
            }
        }
    }
}

fn groups<'a>(items: &[&'a TimelineItem], scale: &Scale, least: f32) -> Vec<Group<'a>> {
    let mut out: Vec<Group<'a>> = Vec::new();
    for item in items {
        let x = scale.x(axis::days_of(&item.start));
        match out.last_mut() {
            Some(last) if x - last.x < least => last.items.push(item),
            _ => out.push(Group {
                x,
                items: vec![item],
            }),
        }
    }
    out
}

fn words_of(group: &Group<'_>) -> String {
    let mut lines: Vec<String> = group
        .items
        .iter()
        .rev()
        .take(8)
        .map(|i| format!("{} {}", i.start, i.label))
        .collect();
    let hidden = group.items.len().saturating_sub(lines.len());
    if hidden > 0 {
        lines.push(wf("timeline.more", &[("n", &hidden)]));
    }
    lines.join("\n")
}

fn glyph(
    ui: &Ui,
    rect: Rect,
    lane: TimelineLane,
    index: usize,
    group: &Group<'_>,
    shown_study: Option<&StudyUid>,
    out: &mut Out,
) {
    let Some(newest) = group.items.last() else {
        return;
    };
    let p = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    let (x, y) = (group.x.round(), rect.center().y.round());
    let target = Rect::from_center_size(pos2(x, y), vec2(18.0, rect.height().max(18.0)));
    let words = words_of(group);
    let id = Id::unique(("timeline", lane, index, newest.start.instant.0));
    let response = widget::clickable(
        ui,
        id,
        target.intersect(rect),
        Role::Button,
        &words.replace('\n', "; "),
    );
    let hot = response.hovered();
    let ink = |plain: Color32| if hot { t::ACCENT } else { plain };
    match lane {
        TimelineLane::Encounters => {
            let h = (rect.height() * 0.26).clamp(4.0, 6.0);
            p.rect_filled(
                Rect::from_center_size(pos2(x, y), vec2(2.0, h * 2.0)),
                0.0,
                ink(t::BODY),
            );
        }
        TimelineLane::Laboratory => {
            let count: usize = group.items.iter().map(|i| i.count.max(1)).sum();
            let abnormal: usize = group.items.iter().map(|i| i.abnormal).sum();
            let h = ((count as f32).sqrt() * 2.4).clamp(4.0, (rect.height() - 6.0).max(5.0));
            let foot = rect.bottom() - 3.0;
            let bar = Rect::from_min_max(pos2(x - 3.0, foot - h), pos2(x + 3.0, foot));
            p.rect_filled(bar, 0.0, ink(t::LABEL));
            if abnormal > 0 {
                mark::point(&p, pos2(x - 10.0, foot - 6.0), Mark::Above, 1.0, t::AMBER);
            }
        }
        TimelineLane::Imaging => {
            let mut words = newest
                .label
                .split([' ', ','])
                .next()
                .unwrap_or_default()
                .to_owned();
            if group.items.len() > 1 {
                words = format!("{words} {}", group.items.len());
            }
            let width = text::width(&p, &words, f::letter(sz(11.0))) + 9.0;
            let h = (rect.height() - 4.0).min(sz(14.0));
            let chip = Rect::from_center_size(pos2(x, y), vec2(width, h));
            let shown = group.items.iter().any(
                |i| matches!(&i.target, Target::Image { study, .. } if Some(study) == shown_study),
            );
            let edge = if shown || hot { t::ACCENT } else { t::BODY };
            p.rect(
                chip,
                CornerRadius::same(2),
                t::WINDOW,
                Stroke::new(1.0, edge),
                StrokeKind::Inside,
            );
            text::center(&p, x, y, &words, f::letter(sz(11.0)), t::VALUE);
        }
        TimelineLane::Notes => {
            Icon::File.paint(&p, pos2(x, y), sz(13.0).min(rect.height()), ink(t::BODY));
            if group.items.len() > 1 {
                text::left(
                    &p,
                    x + 8.0,
                    y,
                    &group.items.len().to_string(),
                    f::small(),
                    t::LABEL,
                );
            }
        }
        TimelineLane::Signals => {
            // The worst of what is merged stands on top.
            let worst = group
                .items
                .iter()
                .filter_map(|i| i.severity)
                .max()
                .unwrap_or(Severity::Info);
            severity(&p, pos2(x, y), worst, (rect.height() / 18.0).min(0.8));
            if group.items.len() > 1 {
                text::left(
                    &p,
                    x + 9.0,
                    y,
                    &group.items.len().to_string(),
                    f::small(),
                    t::LABEL,
                );
            }
        }
        TimelineLane::Problems | TimelineLane::Medicines => {}
    }
    if widget::hover(response, &words).clicked() {
        let goal = group
            .items
            .iter()
            .max_by_key(|i| (i.severity, i.start.instant))
            .unwrap_or(newest);
        out.jump = Some(goal.target.clone());
    }
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

/// What is in force from one time to the next, with all its names.
struct Stretch<'a> {
    from: f64,
    to: f64,
    items: Vec<&'a TimelineItem>,
}

/// Bars of problems or medicines: a stretch begins where the set of those in force changes visibly.
fn bars(
    ui: &Ui,
    rect: Rect,
    lane: TimelineLane,
    items: &[&TimelineItem],
    patient: &PatientView,
    scale: &Scale,
    out: &mut Out,
) {
    let now = axis::days(patient.at);
    let p = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    let h = (rect.height() - 5.0).clamp(9.0, sz(13.0));
    for (i, stretch) in stretches(items, now, scale).iter().enumerate() {
        let (x0, x1) = (
            scale.x(stretch.from).max(rect.left()),
            scale.x(stretch.to).min(rect.right()),
        );
        if x1 <= x0 + 1.0 || stretch.items.is_empty() {
            continue;
        }
        let bar = Rect::from_min_max(
            pos2(x0.round(), (rect.center().y - h / 2.0).round()),
            pos2(x1.round(), (rect.center().y + h / 2.0).round()),
        );
        let names: Vec<&str> = stretch.items.iter().map(|i| i.label.as_str()).collect();
        let words = names.join(" · ");
        let id = Id::unique(("bar", lane, i));
        let response = widget::clickable(ui, id, bar, Role::Button, &words);
        let edge = if response.hovered() {
            t::ACCENT
        } else {
            t::LINE
        };
        if lane == TimelineLane::Problems {
            p.rect(
                bar,
                0.0,
                t::HOVER,
                Stroke::new(1.0, edge),
                StrokeKind::Inside,
            );
        } else {
            let line = |y: f32| {
                p.rect_filled(
                    Rect::from_min_max(pos2(bar.left(), y), pos2(bar.right(), y + 2.0)),
                    0.0,
                    edge,
                )
            };
            line(bar.top() - 0.0);
            if stretch.items.len() > 1 {
                line(bar.bottom() - 2.0);
            }
        }
        if bar.width() > 40.0 {
            let galley = text::line(&p, &words, f::small(), t::BODY, bar.width() - 12.0);
            text::put(&p, galley, bar.left() + 6.0, bar.center().y);
        }
        let list = stretch
            .items
            .iter()
            .map(|i| format!("{} {}", i.start, i.label))
            .collect::<Vec<_>>()
            .join("\n");
        if widget::hover(response, &list).clicked()
            && let Some(last) = stretch.items.last()
        {
            out.jump = Some(last.target.clone());
        }
    }
}

fn stretches<'a>(items: &[&'a TimelineItem], now: f64, scale: &Scale) -> Vec<Stretch<'a>> {
    let end_of = |i: &TimelineItem| i.end.as_ref().map_or(now, axis::days_of);
    // A change that would make a stretch under 90 points waits for the next one.
    let mut cuts: Vec<f64> = items
        .iter()
        .flat_map(|i| [axis::days_of(&i.start), end_of(i)])
        .filter(|d| *d >= scale.start && *d <= scale.end)
        .chain([scale.start, now.min(scale.end)])
        .collect();
    cuts.sort_by(f64::total_cmp);
    let mut kept: Vec<f64> = Vec::new();
    for cut in cuts {
        if kept
            .last()
            .is_none_or(|last| scale.x(cut) - scale.x(*last) > 90.0)
        {
            kept.push(cut);
        }
    }
    let mut out: Vec<Stretch<'a>> = Vec::new();
    for (i, from) in kept.iter().enumerate() {
        let to = kept
            .get(i + 1)
            .copied()
            .unwrap_or_else(|| now.min(scale.end));
        let within: Vec<&TimelineItem> = items
            .iter()
            .filter(|i| axis::days_of(&i.start) < to && end_of(i) > *from)
            .copied()
            .collect();
        let Some(first) = within
            .iter()
            .map(|i| axis::days_of(&i.start))
            .min_by(f64::total_cmp)
        else {
            continue;
        };
        let last = within.iter().map(|i| end_of(i)).fold(f64::MIN, f64::max);
        let (from, to) = (from.max(first), to.min(last));
        match out.last_mut() {
            // Nothing changed: one bar goes on.
            Some(before)
                if before.items.len() == within.len()
                    && before
                        .items
                        .iter()
                        .zip(&within)
                        .all(|(a, b)| std::ptr::eq(*a, *b)) =>
            {
                before.to = to
            }
            _ => out.push(Stretch {
                from,
                to,
                items: within,
            }),
        }
    }
    out
}
