//! Simple lists: medicines, problems, and everything else the record holds.

use egui::{Align, Id, Rect, Role, ScrollArea, Stroke, Ui, WidgetInfo, pos2, vec2};
use triptych_workbench::view::{ListRow, PatientView, Target};

use super::{Record, Scroll, Tab};
use crate::look::icon::Icon;
use crate::look::typeface::{self as f, sz};
use crate::look::{mark, text, tokens as t, widget};
use crate::out::Targets;
use crate::words::{count, w, wf};

enum Line<'a> {
    Head(&'static str, usize),
    Row(&'a ListRow),
    None(&'static str),
}

impl Record {
    pub(super) fn list(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        patient: &PatientView,
        tab: Tab,
        targets: &Targets,
    ) {
        let lines = match tab {
            Tab::Meds => {
                let now = alive_or("list.meds_current", "list.at_death", patient);
                in_force(&patient.medications, now, "list.meds_stopped")
            }
            Tab::Problems => {
                let now = alive_or("list.problems_active", "list.at_death", patient);
                in_force(&patient.problems, now, "list.problems_over")
            }
            _ => everything(patient),
        };
        if lines.is_empty() {
            let (what, why) = match tab {
                Tab::Meds => (w("list.no_meds"), w("list.no_meds_why")),
                Tab::Problems => (w("list.no_problems"), w("list.no_problems_why")),
                _ => (w("list.nothing"), w("list.nothing_why")),
            };
            widget::empty(ui, rect, Icon::File, what, why);
            return;
        }
        let height = sz(t::LIST);
        let mut area = widget::part(ui, ("list", tab), rect);
        let scroll_to = match self.scroll {
            Some(Scroll::Line(fact)) => Some(fact),
            _ => None,
        };
        ScrollArea::vertical().id_salt(("list", tab)).auto_shrink(false).show_viewport(&mut area, |ui, view| {
            ui.set_height(height * lines.len() as f32);
            let top = ui.max_rect().top();
            for (i, line) in lines.iter().enumerate() {
                let y = height * i as f32;
                let place = Rect::from_min_size(pos2(rect.left(), top + y), vec2(rect.width(), height));
                if let (Line::Row(row), Some(fact)) = (line, scroll_to)
                    && row.is(fact)
                {
                    ui.scroll_to_rect(place.expand2(vec2(0.0, 60.0)), None);
                    self.scroll = None;
                }
                if y + height < view.top() || y > view.bottom() {
                    continue;
                }
                match line {
                    Line::Head(key, n) => widget::group_head_at(ui, place, w(key), &count(*n), i == 0),
                    Line::None(key) => {
                        let place = Rect::from_min_max(place.min + vec2(t::PAD_LEFT, 0.0), place.max - vec2(t::PAD_RIGHT, 0.0));
                        text::label(ui, *key, place, w(key), f::body(), t::LABEL, Align::Min);
                    }
                    Line::Row(row) => {
                        let number = targets.number(|t| matches!(t, Target::Medication(f) | Target::Problem(f) | Target::Listed(f) if row.is(*f)));
                        if list_row(ui, place, row, self.line.is_some_and(|f| row.is(f)), number) {
                            self.line = if self.line.is_some_and(|f| row.is(f)) { None } else { Some(row.fact) };
                        }
                    }
                }
            }
        });
    }
}

/// Nothing is current of the dead: their lists are those of the last day.
pub(super) const fn alive_or(
    alive: &'static str,
    dead: &'static str,
    patient: &PatientView,
) -> &'static str {
    match patient.banner.died {
        None => alive,
        Some(_) => dead,
    }
}

fn in_force<'a>(rows: &'a [ListRow], now: &'static str, over: &'static str) -> Vec<Line<'a>> {
    let mut out = Vec::new();
    for (key, active) in [(now, true), (over, false)] {
        let these: Vec<&ListRow> = rows.iter().filter(|r| r.active == active).collect();
        if !these.is_empty() {
            out.push(Line::Head(key, these.len()));
            out.extend(these.into_iter().map(Line::Row));
        }
    }
    out
}

fn everything(patient: &PatientView) -> Vec<Line<'_>> {
    let mut out = Vec::new();
    for (key, none, rows) in [
        ("list.allergies", "list.no_allergies", &patient.allergies),
        ("list.encounters", "list.no_encounters", &patient.encounters),
        ("list.procedures", "list.no_procedures", &patient.procedures),
        ("list.imaging", "", &patient.imaging_records),
        ("list.immunizations", "", &patient.immunizations),
        ("list.others", "", &patient.others),
    ] {
        if rows.is_empty() && none.is_empty() {
            continue;
        }
        out.push(Line::Head(key, rows.len()));
        if rows.is_empty() {
            out.push(Line::None(none));
        }
        out.extend(rows.iter().map(Line::Row));
    }
    out
}

/// One line: what, detail, date; unused facts say so. True when clicked.
pub(super) fn list_row(
    ui: &Ui,
    rect: Rect,
    row: &ListRow,
    selected: bool,
    number: Option<usize>,
) -> bool {
    let name = wf(
        "list.row",
        &[
            ("title", &row.title),
            ("detail", &row.detail),
            ("date", &row.date),
        ],
    );
    let response = ui.interact(
        rect,
        Id::unique(("list row", row.fact.to_string())),
        egui::Sense::click(),
    );
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, selected, &name));
    widget::row_ground(ui, rect, &response, selected || number.is_some());
    let p = ui.painter();
    p.hline(
        rect.x_range(),
        rect.bottom() - 0.5,
        Stroke::new(1.0, t::HAIR),
    );
    let y = rect.center().y;
    let ink = if row.active { t::VALUE } else { t::LABEL };
    // A name that is cut says less than the word "since" under a head that says so.
    let marks = if number.is_some() { 24.0 } else { 0.0 };
    let short = row.date.strip_prefix("since ").unwrap_or(&row.date);
    let wanted = [(row.title.as_str(), f::body()), (&row.date, f::small())];
    let wanted: f32 = wanted
        .map(|(words, font)| text::width(p, words, font))
        .iter()
        .sum();
    let has_room = t::PAD_LEFT + marks + wanted + 12.0 < rect.width() - t::PAD_RIGHT - 4.0;
    let date = text::right(
        p,
        rect.right() - t::PAD_RIGHT - 4.0,
        y,
        if has_room { &row.date } else { short },
        f::small(),
        t::LABEL,
    );
    let mut left = rect.left() + t::PAD_LEFT;
    if let Some(number) = number {
        mark::target(p, pos2(left + 8.0, y), number, false);
        left += 24.0;
    }
    if !row.inert.is_empty() {
        mark::value(
            p,
            pos2(left + 6.0, y),
            triptych_workbench::view::Mark::FromText,
        );
        left += 18.0;
    }
    let room = date.left() - left - 12.0;
    let galley = text::line(p, &row.title, f::body(), ink, room);
    let end = text::put(p, galley, left, y).right();
    let rest = date.left() - end - 20.0;
    if rest > 40.0 && !row.detail.is_empty() {
        let galley = text::line(p, &row.detail, f::small(), t::LABEL, rest);
        // Half a code says nothing; half a sentence does.
        if !galley.elided || rest > 120.0 {
            text::put(p, galley, end + 10.0, y);
        }
    }
    let mut words = vec![row.title.clone()];
    for extra in [&row.detail, &row.date, &row.inert, &row.source] {
        if !extra.is_empty() {
            words.push(extra.clone());
        }
    }
    widget::hover(response, &words.join("\n")).clicked()
}
