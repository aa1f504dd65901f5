//! The lists of the page: problems, medicines, vital signs, studies, reports, what is to follow. Room is shared by need, and what does not
//! fit is counted in its own list.

use super::content::{Entry, LabLine};
use super::face;
use super::layout::{BODY, SMALL, STRONG, VALUE, section_head};
use super::marks;
use super::sheet::{Sheet, Style};
use crate::view::Mark;

const HEAD: f32 = 14.0;
const AFTER: f32 = 5.0;
const LINE: f32 = 9.6;
const SMALL_LINE: f32 = 8.4;
const BETWEEN: f32 = 1.6;
const DATE: f32 = 41.0;
/// Newest rows of a list that is long in every record; the others are counted.
const MOST: usize = 12;

/// A list under its head.
#[derive(Debug)]
pub(super) struct Section {
    title: &'static str,
    note: &'static str,
    rows: Vec<Row>,
    empty: &'static str,
    /// Rows that are not even offered.
    beyond: usize,
    /// Lists with a small number are filled first once each has its first rows.
    order: usize,
}

/// A row of a list.
#[derive(Clone, Debug)]
enum Row {
    Entry(Entry),
    Value(LabLine),
}

impl Section {
    pub fn of(
        title: &'static str,
        note: &'static str,
        rows: &[Entry],
        empty: &'static str,
        order: usize,
    ) -> Self {
        // Studies and reports of years, against what is in force.
        let most = if order >= 2 { MOST } else { usize::MAX };
        Self {
            title,
            note: if rows.is_empty() { "" } else { note },
            rows: rows.iter().take(most).cloned().map(Row::Entry).collect(),
            empty,
            beyond: rows.len().saturating_sub(most),
            order,
        }
    }

    /// With the first `n` rows.
    fn height(&self, n: usize, width: f32) -> f32 {
        let rows = self.rows.iter().take(n);
        self.frame(n) + rows.map(|r| r.height(width)).sum::<f32>()
    }

    /// Head and foot around the first `n` rows; a line more where that is not all.
    fn frame(&self, n: usize) -> f32 {
        let whole = n > 0 && n == self.rows.len() + self.beyond;
        HEAD + AFTER + if whole { 0.0 } else { LINE }
    }
}

/// The vital signs as a list: newest value each.
pub(super) fn vitals(rows: &[LabLine]) -> Section {
    Section {
        title: "Vital signs",
        note: if rows.is_empty() {
            ""
        } else {
            "newest · taken"
        },
        rows: rows.iter().cloned().map(Row::Value).collect(),
        empty: "no record received",
        beyond: 0,
        order: 1,
    }
}

impl Row {
    fn title(&self, width: f32) -> Vec<String> {
        let (words, room, style) = match self {
            Self::Entry(e) => {
                let room = if e.date.is_empty() {
                    width
                } else {
                    width - DATE
                };
                (&e.title, room, entry_style(e))
            }
            Self::Value(v) => {
                let beside = if is_wide(v, width) {
                    0.0
                } else {
                    value_width(v)
                };
                (&v.name, value_right(width) - beside - 2.0, BODY)
            }
        };
        face::wrap(style.face, style.size, words, room, 3)
    }

    fn detail(&self, width: f32) -> Vec<String> {
        match self {
            Self::Entry(e) if !e.detail.is_empty() => {
                face::wrap(SMALL.face, SMALL.size, &e.detail, width, 4)
            }
            Self::Value(v) if is_wide(v, width) => {
                let words = format!("{} {}", v.value, v.unit);
                face::wrap(SMALL.face, SMALL.size, &words, width, 4)
            }
            _ => Vec::new(),
        }
    }

    fn height(&self, width: f32) -> f32 {
        self.title(width).len() as f32 * LINE
            + self.detail(width).len() as f32 * SMALL_LINE
            + BETWEEN
    }

    fn draw(&self, sheet: &mut Sheet, [left, right]: [f32; 2], top: f32) {
        let width = right - left;
        let base = top + 8.2;
        let mut y = base;
        match self {
            Self::Entry(e) => {
                for (k, line) in self.title(width).iter().enumerate() {
                    y = base + LINE * k as f32;
                    sheet.left(left, y, line, entry_style(e));
                }
                sheet.right(right, base, &e.date, SMALL);
            }
            Self::Value(v) => {
                for (k, line) in self.title(width).iter().enumerate() {
                    y = base + LINE * k as f32;
                    sheet.left(left, y, line, BODY);
                }
                if !is_wide(v, width) {
                    let x = left + value_right(width);
                    let end = x - SMALL.width(&v.unit) - UNIT_GAP;
                    let value = sheet.right(end, base, &v.value, VALUE);
                    if v.mark != Mark::NoInterval {
                        marks::lab(sheet, [value - 5.0, base - 2.8], 6.5, v.mark);
                    }
                    sheet.right(x, base, &v.unit, SMALL);
                }
                sheet.right(right, base, &v.date, SMALL);
            }
        }
        for line in self.detail(width) {
            y += SMALL_LINE;
            sheet.left(left, y, &line, SMALL);
        }
    }
}

fn entry_style(entry: &Entry) -> Style {
    if entry.strong { STRONG } else { BODY }
}

/// Between value and unit.
const UNIT_GAP: f32 = 2.5;

/// Value and unit with the place of the mark before them.
fn value_width(line: &LabLine) -> f32 {
    let mark = if line.mark == Mark::NoInterval {
        3.0
    } else {
        9.0
    };
    VALUE.width(&line.value) + UNIT_GAP + SMALL.width(&line.unit) + mark
}

/// Too wide to stand beside its name: it stands below.
fn is_wide(line: &LabLine, width: f32) -> bool {
    value_width(line) > value_right(width) * 0.6
}

fn value_right(width: f32) -> f32 {
    width - DATE
}

/// All rows of all lists.
pub(super) fn height(sections: &[&Section], width: f32) -> f32 {
    let whole = sections.iter().map(|s| s.height(s.rows.len(), width));
    whole.sum()
}

/// How many rows of each list are printed: a few of each, then list after list as long as there is room.
fn share(sections: &[&Section], width: f32, room: f32) -> Vec<usize> {
    const FEW: usize = 3;
    let mut shown = vec![0; sections.len()];
    // Height by number of rows: measured once, asked often.
    let heights: Vec<Vec<f32>> = sections
        .iter()
        .map(|s| {
            let mut rows = 0.0;
            let below = s.rows.iter().map(|r| r.height(width));
            let sums = below.map(|h| {
                rows += h;
                rows
            });
            std::iter::once(0.0)
                .chain(sums)
                .enumerate()
                .map(|(n, rows)| s.frame(n) + rows)
                .collect()
        })
        .collect();
    let total = |shown: &[usize]| -> f32 {
        let each = heights.iter().zip(shown);
        each.map(|(h, n)| h.get(*n).copied().unwrap_or_default())
            .sum()
    };
    let mut order: Vec<usize> = (0..sections.len()).collect();
    order.sort_by_key(|i| sections.get(*i).map_or(0, |s| s.order));
    for most in [FEW, usize::MAX] {
        for i in &order {
            let Some(section) = sections.get(*i) else {
                continue;
            };
            for n in 1..=section.rows.len().min(most) {
                let mut next = shown.clone();
                if let Some(own) = next.get_mut(*i) {
                    *own = n.max(*own);
                }
                if total(&next) <= room {
                    shown = next;
                }
            }
        }
    }
    shown
}

/// Draws the lists one below the other.
pub(super) fn draw(
    sheet: &mut Sheet,
    sections: &[&Section],
    edges: [f32; 2],
    [top, bottom]: [f32; 2],
) {
    let width = edges[1] - edges[0];
    let shown = share(sections, width, bottom - top);
    let mut y = top;
    for (section, shown) in sections.iter().zip(shown) {
        let mut line = section_head(sheet, edges, y, section.title, section.note);
        for row in section.rows.iter().take(shown) {
            row.draw(sheet, edges, line);
            line += row.height(width);
        }
        let left = section.rows.len() + section.beyond - shown;
        if section.rows.is_empty() {
            sheet.left(edges[0], line + 8.2, section.empty, SMALL);
        } else if left > 0 {
            let words = match shown {
                0 => format!("{left} not printed"),
                _ => format!("{left} more not printed"),
            };
            sheet.left(edges[0], line + 8.2, &words, STRONG);
        }
        y += section.height(shown, width);
    }
}
