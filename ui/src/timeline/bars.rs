//! Problems and medicines: a bar runs as long as the same ones are in force, and says first what began last.

use egui::{Id, Rect, Role, Stroke, StrokeKind, Ui, pos2};
use triptych_workbench::Precision;
use triptych_workbench::view::{TimelineItem, TimelineLane};

use super::lanes::{Drawn, Lane};
use super::{Scale, axis};
use crate::look::typeface::{self as f, sz};
use crate::look::{mark, text, tokens as t, widget};
use crate::out::Out;
use crate::words::wf;

/// What is in force from one time to the next, the newest first.
struct Stretch<'a> {
    from: f64,
    to: f64,
    items: Vec<&'a TimelineItem>,
}

pub(super) fn draw(lane: &Lane<'_>, ui: &Ui, out: &mut Out) -> Drawn {
    let p = lane.painter(ui);
    let rect = lane.rect;
    let now = axis::days(lane.patient.at);
    let items: Vec<&TimelineItem> = lane.items().collect();
    let (known, later): (Vec<_>, Vec<_>) = items.into_iter().partition(|i| !i.later);
    let h = (rect.height() - 5.0).clamp(9.0, sz(13.0));
    let row = |x0: f32, x1: f32| {
        Rect::from_min_max(
            pos2(x0.round(), (rect.center().y - h / 2.0).round()),
            pos2(x1.round(), (rect.center().y + h / 2.0).round()),
        )
    };
    for item in &later {
        let (x0, x1) = (
            lane.scale.x(axis::days_of(&item.start)).max(lane.now_x),
            item.end
                .as_ref()
                .map_or(rect.right(), |e| lane.scale.x(axis::days_of(e)))
                .min(rect.right()),
        );
        if x1 > x0 {
            p.rect_filled(row(x0, x1), 0.0, t::HOVER);
        }
    }
    for (i, stretch) in stretches(&known, now, lane.scale).iter().enumerate() {
        let (x0, x1) = (
            lane.scale.x(stretch.from).max(rect.left()),
            lane.scale.x(stretch.to).min(rect.right()),
        );
        if x1 <= x0 + 1.0 || stretch.items.is_empty() {
            continue;
        }
        let bar = row(x0, x1);
        let names: Vec<&str> = stretch.items.iter().map(|i| i.label.as_str()).collect();
        let id = Id::unique(("bar", lane.lane, i));
        let response = widget::clickable(ui, id, bar, Role::Button, &names.join(", "));
        let edge = if response.hovered() {
            t::ACCENT
        } else {
            t::LINE
        };
        let body = vague(&p, bar, stretch, lane.scale);
        if lane.lane == TimelineLane::Problems {
            p.rect(
                body,
                0.0,
                t::HOVER,
                Stroke::new(1.0, edge),
                StrokeKind::Inside,
            );
        } else {
            let line = |y: f32| {
                let stroke = Rect::from_min_max(pos2(body.left(), y), pos2(body.right(), y + 2.0));
                p.rect_filled(stroke, 0.0, edge);
            };
            line(bar.top());
            if stretch.items.len() > 1 {
                line(bar.bottom() - 2.0);
            }
        }
        if let Some(words) = whole_names(&p, &names, lane.lane, bar.width() - 12.0) {
            text::left(
                &p,
                bar.left() + 6.0,
                bar.center().y,
                &words,
                f::small(),
                t::BODY,
            );
        }
        let list = stretch
            .items
            .iter()
            .map(|i| format!("{} {}", i.start, i.detail))
            .collect::<Vec<_>>()
            .join("\n");
        if widget::hover(response, &list).clicked()
            && let Some(newest) = stretch.items.first()
        {
            out.jump = Some(newest.target.clone());
        }
    }
    Drawn::default()
}

/// An onset that its source gave by year or month is hatched for that long, never a sharp edge. The rest of the bar.
fn vague(p: &egui::Painter, bar: Rect, stretch: &Stretch<'_>, scale: &Scale<'_>) -> Rect {
    let Some(start) = stretch.items.first().map(|i| &i.start) else {
        return bar;
    };
    let begins_here = (axis::days_of(start) - stretch.from).abs() < 1.0;
    let days = match start.precision {
        Precision::Year if begins_here => 365.0,
        Precision::Month if begins_here => 30.0,
        _ => return bar,
    };
    let until = scale.x(axis::days_of(start) + days).min(bar.right());
    let hatched = Rect::from_min_max(bar.min, pos2(until, bar.bottom()));
    if hatched.width() < 3.0 {
        return bar;
    }
    mark::hatch(p, hatched, 5.0, t::LINE);
    mark::dashed_rect(p, hatched, Stroke::new(1.0, t::LINE), 2.0, 2.0);
    Rect::from_min_max(pos2(until, bar.top()), bar.max)
}

/// As many whole names as fit, and how many more there are; nothing where not even one fits.
fn whole_names(p: &egui::Painter, names: &[&str], lane: TimelineLane, room: f32) -> Option<String> {
    let mut best = None;
    let mut shown = String::new();
    for (i, name) in names.iter().enumerate() {
        if i > 0 {
            shown.push_str(" · ");
        }
        shown.push_str(name);
        let more = names.len() - i - 1;
        let words = if more > 0 {
            format!("{shown} +{more}")
        } else {
            shown.clone()
        };
        if text::width(p, &words, f::small()) > room {
            break;
        }
        best = Some(words);
    }
    best.or_else(|| {
        let key = match lane {
            TimelineLane::Medicines => "timeline.medicines",
            _ => "timeline.problems",
        };
        let count = wf(key, &[("n", &names.len())]);
        (names.len() > 1 && text::width(p, &count, f::small()) <= room).then_some(count)
    })
}

fn stretches<'a>(items: &[&'a TimelineItem], now: f64, scale: &Scale<'_>) -> Vec<Stretch<'a>> {
    let (first_seen, last_seen) = scale.visible();
    let until = now.min(last_seen);
    let end_of = |i: &TimelineItem| i.end.as_ref().map_or(now, axis::days_of);
    let mut cuts: Vec<f64> = items
        .iter()
        .flat_map(|i| [axis::days_of(&i.start), end_of(i)])
        .filter(|d| *d >= first_seen && *d <= last_seen)
        .chain([first_seen, until])
        .collect();
    cuts.sort_by(f64::total_cmp);
    // A change that would make a stretch too short to say anything waits for the next one.
    let mut kept: Vec<f64> = Vec::new();
    for cut in cuts {
        let far = |last: &f64| scale.x(cut) - scale.x(*last) > 90.0;
        if kept.last().is_none_or(far) {
            kept.push(cut);
        }
    }
    let mut out: Vec<Stretch<'a>> = Vec::new();
    for (i, from) in kept.iter().enumerate() {
        let to = kept.get(i + 1).copied().unwrap_or(until);
        let mut within: Vec<&TimelineItem> = items
            .iter()
            .filter(|i| axis::days_of(&i.start) < to && end_of(i) > *from)
            .copied()
            .collect();
        let starts = within.iter().map(|i| axis::days_of(&i.start));
        let Some(first) = starts.min_by(f64::total_cmp) else {
            continue;
        };
        let last = within.iter().map(|i| end_of(i)).fold(f64::MIN, f64::max);
        within.sort_by_key(|i| std::cmp::Reverse(i.start.instant));
        same_once(&mut within);
        let (from, to) = (from.max(first), to.min(last));
        let unchanged = |before: &Stretch<'_>| {
            let pairs = before.items.iter().zip(&within);
            before.items.len() == within.len() && pairs.into_iter().all(|(a, b)| a.label == b.label)
        };
        match out.last_mut() {
            // Nothing changed: one bar goes on.
            Some(before) if unchanged(before) && from - before.to < 45.0 => before.to = to,
            _ => out.push(Stretch {
                from,
                to,
                items: within,
            }),
        }
    }
    out
}

/// The same medicine requested again and again is one name.
fn same_once(items: &mut Vec<&TimelineItem>) {
    let mut seen = std::collections::BTreeSet::new();
    items.retain(|i| seen.insert(i.label.clone()));
}
