//! What is to follow: rows with date and source, the overdue ones marked; and the quiet line of a record that ended long ago.

use egui::{Id, Role, Ui, pos2, vec2};
use triptych_workbench::Command;
use triptych_workbench::view::{DueRow, PatientView, Target};

use crate::look::icon::Icon;
use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t, widget};
use crate::out::Out;
use crate::words::{plural, w, wf};

/// Rows that are shown before "n more".
const ROWS: usize = 3;

/// The rows of what is due.
pub(super) fn show(ui: &mut Ui, patient: &PatientView, all: &mut bool, out: &mut Out) {
    let due = &patient.signals.due;
    if due.is_empty() {
        return;
    }
    let overdue = due.iter().filter(|d| d.overdue).count();
    let note = if overdue > 0 {
        plural(overdue, "due.overdue_one", "due.overdue_n")
    } else {
        plural(due.len(), "due.open_one", "due.open_n")
    };
    widget::group_head(ui, w("due.title"), &note, false);
    let shown = if *all { due.len() } else { ROWS };
    for (i, row) in due.iter().take(shown).enumerate() {
        show_row(ui, i, row, out);
    }
    if due.len() > ROWS {
        let (_, place) = ui.allocate_space(vec2(ui.available_width(), sz(26.0)));
        let words = if *all {
            w("signals.fewer").to_owned()
        } else {
            wf("signals.more", &[("n", &(due.len() - ROWS))])
        };
        let (x, y) = (place.left() + 12.0, place.center().y);
        if widget::link_at(ui, Id::unique("more due"), x, y, &words).clicked() {
            *all = !*all;
        }
    }
}

fn show_row(ui: &mut Ui, i: usize, row: &DueRow, out: &mut Out) {
    let when = if row.overdue {
        wf("due.was", &[("when", &row.when)])
    } else {
        row.when.clone()
    };
    let second: Vec<&str> = [when.as_str(), &row.about, &row.source, &row.needs]
        .into_iter()
        .filter(|s| !s.is_empty())
        .collect();
    let second = second.join(" · ");
    let width = ui.available_width();
    let p = ui.painter().clone();
    let what = text::paragraph(
        &p,
        &row.what,
        f::small(),
        t::VALUE,
        width - 56.0,
        3,
        sz(16.0),
    );
    let notes = text::paragraph(&p, &second, f::small(), t::LABEL, width - 56.0, 3, sz(16.0));
    let height = what.size().y + notes.size().y + 8.0;
    let (_, place) = ui.allocate_space(vec2(width, height));
    let name = format!("{}. {second}", row.what);
    let role = if row.target.is_some() {
        Role::Button
    } else {
        Role::Label
    };
    let response = widget::clickable(ui, Id::unique(("due", i)), place, role, &name);
    widget::row_ground(ui, place, &response, false);
    let top = place.top() + 4.0;
    let at = pos2(place.left() + 20.0, top + sz(8.0));
    if row.overdue {
        Icon::Warning.paint(&p, at, sz(13.0), t::AMBER);
    } else {
        p.circle_stroke(at, 3.5, egui::Stroke::new(1.3, t::LABEL));
    }
    let below = top + what.size().y;
    p.galley(pos2(place.left() + 32.0, top), what, t::VALUE);
    p.galley(pos2(place.left() + 32.0, below), notes, t::LABEL);
    if response.clicked() {
        match &row.target {
            Some(Target::Question(id)) => out.open_pathway = Some(id.clone()),
            Some(Target::Signal(id)) => out.open_card = Some(id.clone()),
            Some(target) => out.jump = Some(target.clone()),
            None => {}
        }
    }
}

/// `Died 2012-10-11 …`, or `Newest entry 2021-03-12, 5.7 y before now`, with a way to read the record as of then.
pub(super) fn newest(ui: &mut Ui, patient: &PatientView, out: &mut Out) {
    if let Some(died) = patient.banner.died {
        let words = wf("newest.died", &[("date", &died.iso_date())]);
        let width = ui.available_width() - 24.0;
        let line = text::paragraph(
            ui.painter(),
            &words,
            f::small(),
            t::LABEL,
            width,
            2,
            sz(16.0),
        );
        let (_, place) = ui.allocate_space(vec2(ui.available_width(), line.size().y + 6.0));
        text::spoken(ui, "death", place, &words);
        ui.painter()
            .galley(place.min + vec2(12.0, 0.0), line, t::LABEL);
        return;
    }
    let Some(newest) = &patient.signals.newest else {
        return;
    };
    let before = if patient.at_is_now {
        "newest.before_now"
    } else {
        "newest.before_then"
    };
    let words = wf(before, &[("date", &newest.date), ("age", &newest.age)]);
    let width = ui.available_width() - 24.0;
    let p = ui.painter().clone();
    let line = text::paragraph(&p, &words, f::small(), t::LABEL, width, 2, sz(16.0));
    let link = w("newest.read");
    // The link stands on the same line where there is room.
    let same =
        line.rows.len() == 1 && line.size().x + text::width(&p, link, f::small()) + 16.0 <= width;
    let height = line.size().y + if same { 0.0 } else { sz(22.0) };
    let (_, place) = ui.allocate_space(vec2(ui.available_width(), height + 6.0));
    text::spoken(ui, "newest entry", place, &words);
    let (x, y) = if same {
        (
            place.left() + 12.0 + line.size().x + 10.0,
            place.top() + sz(8.0),
        )
    } else {
        (place.left() + 12.0, place.top() + line.size().y + sz(11.0))
    };
    p.galley(place.min + vec2(12.0, 0.0), line, t::LABEL);
    if widget::link_at(ui, Id::unique("read as of then"), x, y, link).clicked() {
        out.send(Command::SetIndexTime(Some(newest.then)));
    }
}
