//! Long text as wrapped, indented lines: measured a part each frame, painted where it is seen.

use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{FontId, Galley, Id, Painter, Rect, Role, ScrollArea, Ui, pos2, vec2};
use triptych_workbench::objects::{ContentItem, SrTree};
use triptych_workbench::view::Target;

use crate::look::icon::Icon;
use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t, widget};
use crate::words::wf;

/// Lines measured in one frame.
const AT_ONCE: usize = 1500;
/// Points that a step to the right takes.
const STEP: f32 = 14.0;

/// One line before it is wrapped.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Line {
    pub depth: usize,
    /// How it belongs to the line above.
    pub relation: String,
    /// What it is about.
    pub name: String,
    /// Code of what it is about: `121071, DCM`.
    pub code: String,
    /// What it says.
    pub value: String,
    /// The image that it is about: a click shows it.
    pub target: Option<Target>,
}

/// Lines with their places.
#[derive(Debug, Default)]
pub(super) struct Lines {
    lines: Vec<Line>,
    /// Bottom of each measured line.
    ends: Vec<f32>,
    width: f32,
}

impl Line {
    pub fn of(name: &str, value: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            value: value.into(),
            ..Self::default()
        }
    }

    /// As it is read aloud and searched for.
    fn words(&self) -> String {
        let parts = [&self.relation, &self.name, &self.value];
        let parts: Vec<&str> = parts
            .iter()
            .map(|p| p.as_str())
            .filter(|p| !p.is_empty())
            .collect();
        parts.join(" ")
    }

    fn galley(&self, painter: &Painter, width: f32) -> Arc<Galley> {
        let mut job = LayoutJob::default();
        let mut add = |words: &str, font: FontId, colour| {
            if words.is_empty() {
                return;
            }
            let format = TextFormat {
                font_id: font,
                color: colour,
                line_height: Some(sz(18.0)),
                ..TextFormat::default()
            };
            let gap = if job.text.is_empty() { 0.0 } else { 6.0 };
            job.append(words, gap, format);
        };
        add(&self.relation, f::small(), t::FAINT);
        add(&self.name, f::small_medium(), t::LABEL);
        add(&self.code, f::small(), t::FAINT);
        add(&self.value, f::body(), t::VALUE);
        job.wrap = TextWrapping {
            max_width: (width - self.indent()).max(60.0),
            break_anywhere: false,
            ..TextWrapping::default()
        };
        painter.layout_job(job)
    }

    fn indent(&self) -> f32 {
        self.depth.min(20) as f32 * STEP
    }
}

/// A report from the root down, every item with its code and its unit, and with the image that `shows` finds for it.
pub(super) fn of_report(
    tree: &SrTree,
    shows: &dyn Fn(&ContentItem) -> Option<Target>,
) -> Vec<Line> {
    let mut lines = Vec::new();
    // Items still to be written, the next last: a document may be long, and is never deep.
    let mut left: Vec<(usize, &ContentItem)> = vec![(0, &tree.root)];
    while let Some((depth, item)) = left.pop() {
        let relation = match item.relationship.as_str() {
            "" | "CONTAINS" => String::new(),
            other => other.to_lowercase(),
        };
        let concept = item.concept.as_ref();
        lines.push(Line {
            depth,
            relation,
            name: concept.map(|c| c.shown().to_owned()).unwrap_or_default(),
            code: concept
                .map(|c| format!("({}, {})", c.value, c.scheme))
                .unwrap_or_default(),
            value: item.value.shown(),
            target: shows(item),
        });
        let detail = |relation: &str, value: &str| Line {
            depth: depth + 1,
            relation: relation.to_owned(),
            value: value.to_owned(),
            ..Line::default()
        };
        lines.extend(item.observed.as_deref().map(|o| detail("observed", o)));
        lines.extend(item.other.iter().map(|o| detail("also", o)));
        left.extend(item.children.iter().rev().map(|c| (depth + 1, c)));
    }
    lines
}

impl Lines {
    pub fn new(lines: Vec<Line>) -> Self {
        Self {
            lines,
            ..Self::default()
        }
    }

    /// Draws what is seen of it in `rect`; `by` scrolls, points. The image of the line that was clicked.
    pub fn show(&mut self, ui: &mut Ui, rect: Rect, by: f32) -> Option<Target> {
        let mut clicked = None;
        let width = rect.width() - 24.0;
        if (self.width - width).abs() > 0.5 {
            self.width = width;
            self.ends.clear();
        }
        let from = self.ends.len();
        let mut end = self.ends.last().copied().unwrap_or(0.0);
        for line in self.lines.iter().skip(from).take(AT_ONCE) {
            end += line.galley(ui.painter(), width).size().y + 2.0;
            self.ends.push(end);
        }
        if self.ends.len() < self.lines.len() {
            ui.ctx().request_repaint();
        }
        ScrollArea::vertical()
            .auto_shrink(false)
            .show_viewport(ui, |ui, seen| {
                if by != 0.0 {
                    ui.scroll_with_delta(vec2(0.0, -by));
                }
                let top = ui.min_rect().top();
                ui.set_height(end + 12.0);
                let first = self.ends.partition_point(|e| *e < seen.top());
                let painter = ui.painter().clone();
                for (k, line) in self.lines.iter().enumerate().skip(first) {
                    let above = k.checked_sub(1).and_then(|k| self.ends.get(k));
                    let above = above.copied().unwrap_or(0.0);
                    if above > seen.bottom() || k >= self.ends.len() {
                        break;
                    }
                    let galley = line.galley(&painter, width);
                    let at = pos2(rect.left() + 12.0 + line.indent(), top + above);
                    let place = Rect::from_min_size(at, galley.size());
                    let Some(target) = &line.target else {
                        painter.galley(at, galley, t::VALUE);
                        text::spoken(ui, ("line", k), place, &line.words());
                        continue;
                    };
                    let room = place
                        .with_min_x(rect.left())
                        .with_max_x(rect.right() - 12.0);
                    let words = wf("paper.to_image", &[("what", &line.words())]);
                    let id = Id::unique(("line", ui.unique_id(), k));
                    let response = widget::clickable(ui, id, room, Role::Button, &words);
                    widget::row_ground(ui, room, &response, false);
                    let mark = pos2(rect.left() + 6.0 + line.indent(), place.top() + sz(9.0));
                    Icon::Image.paint(&painter, mark - vec2(1.0, 0.0), sz(10.0), t::ACCENT);
                    painter.galley(at + vec2(sz(6.0), 0.0), galley, t::VALUE);
                    if response.clicked() {
                        clicked = Some(target.clone());
                    }
                }
            });
        clicked
    }
}
