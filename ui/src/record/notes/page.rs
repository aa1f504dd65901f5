//! The text itself, line by line, as it came: marks are drawn over it and change no character.
//!
//! Only lines on screen are laid out. Heights of the others are measured a few at a time and estimated until then, so that a text of a
//! megabyte holds up no frame.

use egui::text::{CCursor, LayoutJob, TextFormat};
use egui::{Align, FontId, Galley, Id, Pos2, Rect, Role, Sense, Shape, Stroke, Ui, pos2, vec2};
use triptych_workbench::FactId;
use triptych_workbench::view::{MarkState, NoteMark, NoteReading};

use crate::look::typeface::{self as f, sz};
use crate::look::{mark, text, tokens as t, widget};
use crate::words::wf;

/// Bytes measured in a frame: about two milliseconds.
const MEASURED: usize = 16 * 1024;
/// A line of the text that is longer is laid out in pieces.
const LONGEST: usize = 4 * 1024;
const NUMBERS: f32 = 14.0;

type Span = (usize, usize);

/// What is drawn.
pub(in crate::record) struct Look<'a> {
    pub note: FactId,
    pub version: u32,
    pub text: &'a str,
    /// `None` until the note was read.
    pub reading: Option<&'a NoteReading>,
    /// Places of proposals that nobody answered.
    pub proposals: Vec<Span>,
    /// Places of the search; the current one.
    pub hits: Vec<Span>,
    pub hit: Option<Span>,
    /// Sentences that an opened card rests on, and the one jumped to.
    pub jumps: Vec<Span>,
    /// Number of a card's target.
    pub numbered: Vec<(usize, Span)>,
    pub mono: bool,
}

/// Lines of one text at one width.
#[derive(Debug, Default)]
pub(in crate::record) struct Page {
    of: Option<(FactId, u32, u32, u32, bool)>,
    lines: Vec<Line>,
    /// Lines whose height is known.
    measured: usize,
}

#[derive(Debug)]
struct Line {
    start: usize,
    end: usize,
    height: f32,
}

/// What a frame of the text tells.
#[derive(Default)]
pub(in crate::record) struct Answer {
    /// Mark under the pointer or with focus.
    pub touched: Option<usize>,
    /// Mark that was clicked.
    pub clicked: Option<usize>,
    /// The place that was asked for is on screen.
    pub scrolled: bool,
}

impl Page {
    /// Draws the text at the cursor of a scroll area whose visible part is `viewport`.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        viewport: Rect,
        width: f32,
        look: &Look<'_>,
        scroll_to: Option<usize>,
    ) -> Answer {
        let margin = if look.numbered.is_empty() {
            0.0
        } else {
            NUMBERS
        };
        let width = width - margin;
        self.measure(ui, width, look);
        let origin = ui.max_rect().min + vec2(14.0 + margin, 8.0);
        let total: f32 = self.lines.iter().map(|l| l.height).sum();
        ui.set_height(total + 24.0);
        let mut answer = Answer::default();
        let mut y = 0.0;
        for line in &self.lines {
            let (top, bottom) = (y, y + line.height);
            y = bottom;
            if bottom >= viewport.top() - 8.0 && top <= viewport.bottom() {
                let at = pos2(origin.x, origin.y + top);
                self.line(ui, at, width, line, look, &mut answer);
            }
        }
        if let Some(byte) = scroll_to {
            answer.scrolled = self.scroll(ui, origin, width, look, byte);
        }
        answer
    }

    fn measure(&mut self, ui: &Ui, width: f32, look: &Look<'_>) {
        let of = (
            look.note,
            look.version,
            width.to_bits(),
            sz(100.0).to_bits(),
            look.mono,
        );
        let row = row_height(look.mono);
        if self.of != Some(of) {
            // Some seven points a character: good enough until it is measured.
            let wide = (width / sz(7.0)).max(1.0);
            self.lines = lines(look.text)
                .map(|(start, end)| Line {
                    start,
                    end,
                    height: ((end - start) as f32 / wide).ceil().max(1.0) * row,
                })
                .collect();
            self.measured = 0;
            self.of = Some(of);
        }
        let mut bytes = 0;
        while let Some(line) = self.lines.get_mut(self.measured)
            && bytes < MEASURED
        {
            bytes += line.end - line.start + 16;
            let words = look.text.get(line.start..line.end).unwrap_or_default();
            let mut job = LayoutJob::default();
            job.wrap.max_width = width;
            job.append(words, 0.0, plain(look.mono));
            line.height = ui.painter().layout_job(job).size().y.max(row);
            self.measured += 1;
        }
        if self.measured < self.lines.len() {
            ui.ctx().request_repaint();
        }
    }

    /// Brings a byte to the middle. False while the height above it is not known.
    fn scroll(&self, ui: &Ui, origin: Pos2, width: f32, look: &Look<'_>, byte: usize) -> bool {
        let at = self.lines.partition_point(|l| l.end < byte);
        let Some(line) = self.lines.get(at.min(self.lines.len().saturating_sub(1))) else {
            return true;
        };
        if at >= self.measured && self.measured < self.lines.len() {
            return false;
        }
        let above: f32 = self.lines.iter().take(at).map(|l| l.height).sum();
        let galley = galley(ui, width, line, look);
        let row = galley.pos_from_cursor(cursor(look.text, line, byte));
        let place = row.translate(origin.to_vec2() + vec2(0.0, above));
        ui.scroll_to_rect(place.expand2(vec2(0.0, 60.0)), Some(Align::Center));
        true
    }

    fn line(
        &self,
        ui: &Ui,
        at: Pos2,
        width: f32,
        line: &Line,
        look: &Look<'_>,
        answer: &mut Answer,
    ) {
        let words = look.text.get(line.start..line.end).unwrap_or_default();
        let galley = galley(ui, width, line, look);
        let place = Rect::from_min_size(at, vec2(width, line.height));
        if !words.trim().is_empty() {
            text::spoken(ui, ("line", line.start), place, words);
        }
        let p = ui.painter();
        for (number, (from, _)) in &look.numbered {
            if (line.start..line.end).contains(from) {
                let y = galley
                    .pos_from_cursor(cursor(look.text, line, *from))
                    .center()
                    .y;
                mark::target(p, pos2(at.x - NUMBERS + 2.0, at.y + y), *number, false);
            }
        }
        p.galley(at, std::sync::Arc::clone(&galley), t::BODY);
        let rects = |span: Span| rects(&galley, at, look.text, line, span);
        for span in look.proposals.iter().filter(|s| meets(**s, line)) {
            for r in rects(*span) {
                let box_ = r.shrink2(vec2(0.0, 1.5)).expand2(vec2(2.0, 0.0));
                mark::dashed_rect(p, box_, Stroke::new(1.0, t::BODY), 3.0, 2.0);
            }
        }
        let marks = look.reading.map_or(&[][..], |r| &r.marks);
        let first = marks.partition_point(|m| m.end <= line.start);
        for (k, found) in marks.iter().enumerate().skip(first) {
            if found.start >= line.end {
                break;
            }
            let pieces = rects((found.start, found.end));
            for r in &pieces {
                underline(p, *r, found.state);
            }
            if let Some(first) = pieces.first() {
                interact(ui, *first, k, found, look, answer);
            }
        }
    }
}

fn interact(ui: &Ui, rect: Rect, k: usize, found: &NoteMark, look: &Look<'_>, answer: &mut Answer) {
    let name = wf(
        "notes.mark",
        &[("concept", &found.concept), ("state", &found.words)],
    );
    let id = Id::unique(("mark", look.note.to_string(), k));
    let response = ui.interact(rect, id, Sense::click());
    response.widget_info(|| egui::WidgetInfo::labeled(Role::Button, true, &name));
    widget::focus_ring(ui, &response, rect, 2);
    if response.hovered() || response.has_focus() {
        answer.touched = Some(k);
    }
    if response.clicked() {
        answer.clicked = Some(k);
    }
}

/// A sample of an underline, or the line under found words: its shape says what is said, never its colour alone.
pub(super) fn underline(p: &egui::Painter, r: Rect, state: MarkState) {
    let y = (r.center().y + sz(8.0)).round() - 0.5;
    let ends = [pos2(r.left(), y), pos2(r.right(), y)];
    match state {
        MarkState::Affirmed => {
            p.line_segment(ends, Stroke::new(1.0, t::VALUE));
        }
        MarkState::Negated => {
            p.extend(Shape::dotted_line(&ends, t::VALUE, 4.0, 1.0));
        }
        MarkState::Uncertain => {
            p.add(Shape::line(
                wave(r.left(), r.right(), y),
                Stroke::new(1.0, t::VALUE),
            ));
        }
        MarkState::Elsewhere => {}
    }
}

fn wave(from: f32, to: f32, y: f32) -> Vec<Pos2> {
    let steps = ((to - from) / 2.5).ceil().max(1.0) as usize;
    (0..=steps)
        .map(|k| {
            let up = if k % 2 == 0 { 1.2 } else { -1.2 };
            pos2((from + 2.5 * k as f32).min(to), y + up)
        })
        .collect()
}

fn meets(span: Span, line: &Line) -> bool {
    span.0 < line.end && span.1 > line.start
}

fn cursor(text: &str, line: &Line, byte: usize) -> CCursor {
    let end = byte.clamp(line.start, line.end);
    CCursor::new(
        text.get(line.start..end)
            .map_or(0, |words| words.chars().count()),
    )
}

/// Where a span stands on a line, a rectangle a row.
fn rects(galley: &Galley, at: Pos2, text: &str, line: &Line, span: Span) -> Vec<Rect> {
    let from = galley.pos_from_cursor(cursor(text, line, span.0));
    let to = galley.pos_from_cursor(cursor(text, line, span.1));
    galley
        .rows
        .iter()
        .map(egui::epaint::text::PlacedRow::rect)
        .filter(|r| r.bottom() > from.top() + 1.0 && r.top() < to.bottom() - 1.0)
        .filter_map(|r| {
            let left = if r.top() <= from.top() + 1.0 {
                from.left()
            } else {
                r.left()
            };
            let right = if r.bottom() >= to.bottom() - 1.0 {
                to.left()
            } else {
                r.right()
            };
            (right - left > 1.0).then(|| {
                Rect::from_min_max(pos2(left, r.top()), pos2(right, r.bottom()))
                    .translate(at.to_vec2())
            })
        })
        .collect()
}

fn row_height(mono: bool) -> f32 {
    if mono { sz(19.5) } else { sz(19.0) }
}

fn font(mono: bool) -> FontId {
    if mono { f::mono() } else { f::body() }
}

fn plain(mono: bool) -> TextFormat {
    TextFormat {
        font_id: font(mono),
        color: t::BODY,
        line_height: Some(row_height(mono)),
        ..TextFormat::default()
    }
}

/// Lines without their break; long ones in pieces that end at a space where there is one.
fn lines(text: &str) -> impl Iterator<Item = Span> {
    let mut at = 0;
    text.split('\n').flat_map(move |whole| {
        let start = at;
        at += whole.len() + 1;
        pieces(whole)
            .into_iter()
            .map(move |(a, b)| (start + a, start + b))
    })
}

fn pieces(line: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut start = 0;
    while line.len() - start > LONGEST {
        let mut end = start + LONGEST;
        while !line.is_char_boundary(end) {
            end -= 1;
        }
        let words = line.get(start..end).unwrap_or_default();
        if let Some(space) = words.rfind(' ') {
            end = start + space + 1;
        }
        found.push((start, end));
        start = end;
    }
    found.push((start, line.len()));
    found
}

fn galley(ui: &Ui, width: f32, line: &Line, look: &Look<'_>) -> std::sync::Arc<Galley> {
    let mut job = LayoutJob::default();
    job.wrap.max_width = width;
    let sections = look.reading.map_or(&[][..], |r| &r.sections);
    let marks = look.reading.map_or(&[][..], |r| &r.marks);
    let here = |spans: &[Span]| -> Vec<Span> {
        spans.iter().copied().filter(|s| meets(*s, line)).collect()
    };
    let first = sections.partition_point(|s| s.end <= line.start);
    let headings: Vec<Span> = sections
        .iter()
        .skip(first)
        .take_while(|s| s.start < line.end)
        .map(|s| (s.start, s.body.min(s.end)))
        .collect();
    let first = marks.partition_point(|m| m.end <= line.start);
    let grey: Vec<Span> = marks
        .iter()
        .skip(first)
        .take_while(|m| m.start < line.end)
        .filter(|m| m.is_elsewhere)
        .map(|m| (m.start, m.end))
        .collect();
    let (headings, hits, jumps) = (here(&headings), here(&look.hits), here(&look.jumps));
    let mut cuts: Vec<usize> = [&headings, &grey, &hits, &jumps]
        .into_iter()
        .flatten()
        .flat_map(|s| [s.0, s.1])
        .chain([line.start, line.end])
        .filter(|i| (line.start..=line.end).contains(i) && look.text.is_char_boundary(*i))
        .collect();
    cuts.sort_unstable();
    cuts.dedup();
    let inside = |spans: &[Span], from, to| spans.iter().any(|s| s.0 <= from && to <= s.1);
    for pair in cuts.windows(2) {
        let &[from, to] = pair else { continue };
        let mut format = plain(look.mono);
        if inside(&headings, from, to) {
            format.color = t::VALUE;
        }
        if inside(&grey, from, to) {
            format.color = t::FAINT;
        }
        if inside(&jumps, from, to) {
            format.background = t::SELECTED;
            format.color = t::VALUE;
        }
        if inside(&hits, from, to) {
            format.background = t::ACCENT;
            format.color = t::ON_ACCENT;
            if look.hit.is_some_and(|h| h.0 <= from && to <= h.1) {
                format.underline = Stroke::new(2.0, t::ON_ACCENT);
            }
        }
        job.append(look.text.get(from..to).unwrap_or_default(), 0.0, format);
    }
    if cuts.len() < 2 {
        job.append("", 0.0, plain(look.mono));
    }
    ui.painter().layout_job(job)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_the_texts_own_and_long_ones_lose_nothing() {
        assert_eq!(
            lines("a\n\nbc").collect::<Vec<_>>(),
            [(0, 1), (2, 2), (3, 5)]
        );
        let long = "wörter und ".repeat(2000);
        let found: Vec<Span> = lines(&long).collect();
        assert!(found.len() > 3 && found.iter().all(|(a, b)| b - a <= LONGEST));
        let joined: String = found.iter().filter_map(|(a, b)| long.get(*a..*b)).collect();
        assert_eq!(joined, long);
    }
}
