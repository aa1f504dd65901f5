//! Every value of a row, newest first, and the lines of what counts no longer: values that were corrected, results that were taken back (D-34).

use egui::{Id, Rect, Role, ScrollArea, Stroke, Ui, pos2, vec2};
use triptych_workbench::FactId;
use triptych_workbench::view::{Became, FormerValue, LabPoint, LabRow, PatientView};

use crate::look::typeface::{self as f, sz};
use crate::look::{mark, text, tokens as t, widget};
use crate::words::{w, wf};

/// One line.
enum Line<'a> {
    Point(&'a LabPoint),
    Former(&'a FormerValue),
}

/// Newest first; a former value stands after the one that took its place.
fn lines<'a>(row: &'a LabRow, patient: &'a PatientView) -> Vec<Line<'a>> {
    let points = row.points.iter().rev().map(Line::Point);
    let Some(former) = patient.former.get(&row.key).filter(|_| !row.calculated) else {
        return points.collect();
    };
    let mut all: Vec<Line<'_>> = points.chain(former.iter().map(Line::Former)).collect();
    // Stable: of one time, what counts stands first.
    all.sort_by_key(|line| {
        std::cmp::Reverse(match line {
            Line::Point(p) => p.at.instant,
            Line::Former(v) => v.at.instant,
        })
    });
    all
}

/// Every value, newest first; a click marks its point.
pub(super) fn show(
    ui: &mut Ui,
    rect: Rect,
    row: &LabRow,
    patient: &PatientView,
    chosen: &mut Option<FactId>,
) {
    let mut area = widget::part(ui, "history", rect);
    let lines = lines(row, patient);
    let n = wf("labs.values", &[("n", &row.points.len())]);
    widget::group_head(&mut area, w("labs.history"), &n, false);
    let height = sz(t::LAB);
    ScrollArea::vertical()
        .id_salt("history")
        .auto_shrink(false)
        .show_rows(&mut area, height, lines.len(), |ui, range| {
            for line in lines.get(range).unwrap_or_default() {
                let (_, place) = ui.allocate_space(vec2(ui.available_width(), height));
                match line {
                    Line::Point(point) => value(ui, place, row, point, chosen),
                    Line::Former(former) => tombstone(ui, place, former, false),
                }
                ui.painter().hline(
                    place.x_range(),
                    place.bottom() - 0.5,
                    Stroke::new(1.0, t::HAIR),
                );
            }
        });
}

fn value(ui: &Ui, place: Rect, row: &LabRow, point: &LabPoint, chosen: &mut Option<FactId>) {
    let name = format!("{} {} {}", point.written, row.unit, point.at);
    let response = widget::clickable(
        ui,
        Id::unique(("history", point.fact.to_string())),
        place,
        Role::Button,
        &name,
    );
    widget::row_ground(ui, place, &response, *chosen == Some(point.fact));
    let p = ui.painter();
    let y = place.center().y;
    mark::value(p, pos2(place.left() + 18.0, y), point.mark);
    let date = text::right(
        p,
        place.right() - 14.0,
        y,
        &point.at.to_string(),
        f::body(),
        t::BODY,
    );
    // The unit stands in the head too: it goes whole where there is no room.
    let value = place.left() + 90.0;
    let room = date.left() - value - 16.0;
    let unit = if text::width(p, &row.unit, f::small()) <= room {
        row.unit.as_str()
    } else {
        ""
    };
    text::quantity(p, value, y, &point.written, unit, room);
    if response.clicked() {
        *chosen = Some(point.fact);
    }
}

/// `corrected to 90, 2021-06-05`, `entered in error, 2021-06-05`
fn why(former: &FormerValue) -> String {
    let since = former.since.iso_date();
    match &former.became {
        Became::Corrected(to) => wf("labs.corrected_to", &[("value", &to), ("date", &since)]),
        Became::Replaced(to) => wf("labs.replaced_by", &[("value", &to), ("date", &since)]),
        Became::TakenBack => wf("labs.retracted", &[("date", &since)]),
    }
}

/// A value that counts no longer: struck, with why and since when; `named` where no row says what it is.
pub(super) fn tombstone(ui: &Ui, place: Rect, former: &FormerValue, named: bool) {
    let why = why(former);
    let said = wf(
        "labs.former",
        &[
            ("name", &former.name),
            ("value", &former.written),
            ("unit", &former.unit),
            ("at", &former.at),
            ("why", &why),
        ],
    );
    let id = ("former", former.fact.to_string(), former.version);
    widget::hover(
        text::spoken(ui, id, place, &said),
        &format!("{said} {}", former.source),
    );
    let p = ui.painter();
    let y = place.center().y;
    mark::withdrawn(p, pos2(place.left() + 18.0, y));
    let date = former.at.iso_date();
    let right = text::right(p, place.right() - 14.0, y, &date, f::body(), t::LABEL).left();
    let mut x = place.left() + 34.0;
    let mut put = |words: &str, font, struck: bool| {
        let room = (right - x - 12.0).max(0.0);
        let galley = if struck {
            text::struck(p, words, font, t::LABEL, room)
        } else {
            text::line(p, words, font, t::LABEL, room)
        };
        x = text::put(p, galley, x, y).right() + 6.0;
    };
    if named {
        put(&former.name, f::body(), false);
    }
    let value = format!("{} {}", former.written, former.unit);
    put(value.trim(), f::body(), true);
    put(&why, f::small(), false);
}
