//! Start page (screen 03): who is in the archive, a search, where to drop files, and what became of the last import.

mod intake;
mod questions;

use egui::{Id, Key, Modifiers, Rect, Role, ScrollArea, Stroke, Ui, pos2, vec2};
use triptych_workbench::view::{ImportView, PatientRow, StartView};
use triptych_workbench::{Command, PatientKey};

use crate::look::icon::Icon;
use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t, widget};
use crate::out::Out;
use crate::words::{count, plural, w, wf};
use intake::{drop_zone, least_height, report};
use questions::Questions;

/// Columns of the list: key of the head, width, right-aligned.
const COLUMNS: [(Column, &str, f32, bool); 9] = [
    (Column::Sex, "start.sex", 44.0, false),
    (Column::Born, "start.born", 92.0, false),
    (Column::Age, "start.age", 74.0, true),
    (Column::Identifier, "start.identifier", 140.0, false),
    (Column::Studies, "start.studies", 62.0, true),
    (Column::Results, "start.results", 70.0, true),
    (Column::Notes, "start.notes", 56.0, true),
    (Column::LastEvent, "start.last_event", 96.0, true),
    (Column::LastOpened, "start.last_opened", 128.0, true),
];
/// What goes, in this order, until the name has its width.
const DROPPED: [Column; 5] = [
    Column::Results,
    Column::Notes,
    Column::Studies,
    Column::LastEvent,
    Column::LastOpened,
];
const NAME: f32 = 220.0;

#[derive(Clone, Copy, PartialEq)]
enum Column {
    Sex,
    Born,
    Age,
    Identifier,
    Studies,
    Results,
    Notes,
    LastEvent,
    LastOpened,
}

/// What belongs to the page: typed search, selected person.
#[derive(Default)]
pub(crate) struct Start {
    search: Option<String>,
    selected: Option<PatientKey>,
    scroll_to: bool,
    questions: Questions,
}

impl Start {
    /// Draws the page; what the status bar says.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        view: &StartView,
        import: Option<&ImportView>,
        out: &mut Out,
    ) -> String {
        ui.painter().rect_filled(rect, 0.0, t::PANEL);
        let side = if rect.width() < 1400.0 { 380.0 } else { 540.0 };
        let split = rect.right() - side;
        let left = Rect::from_min_max(rect.min, pos2(split, rect.bottom()));
        let right = Rect::from_min_max(pos2(split, rect.top()), rect.max);
        ui.painter().vline(
            split.round() - 0.5,
            rect.y_range(),
            Stroke::new(1.0, t::HAIR),
        );
        let mut list = widget::region(ui, "patients", left, w("start.patients"));
        self.list(&mut list, left, view, out);
        let mut side = widget::region(ui, "import", right, w("start.import"));
        if let Some(rest) = drop_zone(&side, right, !view.questions.is_empty()) {
            let asked = &view.questions;
            let under = self
                .questions
                .show(&mut side, rest, asked, import.map(least_height), out);
            if let Some(import) = import {
                let rest = Rect::from_min_max(pos2(rest.left(), under), rest.max);
                report(&mut side, rest, import, out);
            }
        }
        drops(ui, out);
        match import.filter(|i| !i.finished) {
            Some(_) => w("start.status_import").to_owned(),
            None => questions::status(&view.questions),
        }
    }

    fn list(&mut self, ui: &mut Ui, rect: Rect, view: &StartView, out: &mut Out) {
        let p = ui.painter().clone();
        let head_y = rect.top() + 26.0;
        let x = text::left(
            &p,
            rect.left() + 16.0,
            head_y,
            w("start.patients"),
            f::page(),
            t::VALUE,
        )
        .right();
        let in_archive = plural(
            view.patients.len(),
            "start.in_archive_one",
            "start.in_archive",
        );
        if view.search.is_empty() {
            text::left(&p, x + 10.0, head_y + 1.0, &in_archive, f::body(), t::LABEL);
        }
        let field = Rect::from_min_size(
            pos2(rect.right() - 316.0, head_y - sz(14.0)),
            vec2(300.0, sz(28.0)),
        );
        let search = self.search.get_or_insert_with(|| view.search.clone());
        let id = Id::unique("search patients");
        let response = widget::field(ui, id, field, search, w("start.search"), Some(Icon::Search));
        if response.changed() {
            out.send(Command::SearchPatients(search.clone()));
        }
        if ui.input_mut(|i| i.consume_key(Modifiers::COMMAND, Key::F)) {
            response.request_focus();
        }

        let table = Rect::from_min_max(
            pos2(rect.left() + 8.0, rect.top() + 52.0),
            pos2(rect.right() - 8.0, rect.bottom()),
        );
        if view.patients.is_empty() {
            let (what, why) = if view.search.is_empty() {
                (w("start.empty"), w("start.empty_why"))
            } else {
                (w("start.no_match"), w("start.no_match_why"))
            };
            widget::empty(ui, table, Icon::File, what, why);
            return;
        }
        let columns = columns(table);
        let head = Rect::from_min_size(table.min, vec2(table.width(), sz(t::GROUP_HEAD)));
        text::left(
            &p,
            head.left() + 8.0,
            head.center().y,
            w("start.patient"),
            f::small_medium(),
            t::LABEL,
        );
        for (_, key, place, right) in &columns {
            let y = head.center().y;
            if *right {
                text::right(&p, place.max, y, w(key), f::small_medium(), t::LABEL);
            } else {
                text::left(&p, place.min, y, w(key), f::small_medium(), t::LABEL);
            }
        }
        self.arrows(ui, view, out);
        let body = Rect::from_min_max(pos2(table.left(), head.bottom()), table.max);
        let mut area = widget::part(ui, "rows", body);
        let height = sz(t::LIST);
        let scroll_to = std::mem::take(&mut self.scroll_to);
        let selected = self
            .selected
            .or_else(|| view.patients.first().map(|r| r.person));
        ScrollArea::vertical().auto_shrink(false).show_rows(
            &mut area,
            height,
            view.patients.len() + 1,
            |ui, range| {
                for i in range {
                    let (_, place) = ui.allocate_space(vec2(ui.available_width(), height));
                    let Some(row) = view.patients.get(i) else {
                        text::left(
                            ui.painter(),
                            place.left() + 8.0,
                            place.center().y,
                            w("start.keys"),
                            f::small(),
                            t::LABEL,
                        );
                        continue;
                    };
                    let on = selected == Some(row.person);
                    if on && scroll_to {
                        ui.scroll_to_rect(place, None);
                    }
                    if patient_row(ui, place, row, &columns, on) {
                        out.send(Command::OpenPatient(row.person));
                    }
                }
            },
        );
    }

    /// Up and down move, Enter opens: also while the search field has focus.
    fn arrows(&mut self, ui: &Ui, view: &StartView, out: &mut Out) {
        let at = self
            .selected
            .and_then(|s| view.patients.iter().position(|r| r.person == s))
            .unwrap_or(0);
        let (down, up, enter) = ui.input_mut(|i| {
            (
                i.consume_key(Modifiers::NONE, Key::ArrowDown),
                i.consume_key(Modifiers::NONE, Key::ArrowUp),
                i.key_pressed(Key::Enter),
            )
        });
        let to = if down {
            at + 1
        } else if up {
            at.saturating_sub(1)
        } else {
            at
        };
        let to = to.min(view.patients.len().saturating_sub(1));
        if let Some(row) = view.patients.get(to) {
            if down || up {
                self.selected = Some(row.person);
                self.scroll_to = true;
            }
            let elsewhere = ui
                .memory(|m| m.focused())
                .is_some_and(|id| id != Id::unique("search patients"));
            if enter && !elsewhere {
                out.send(Command::OpenPatient(row.person));
            }
        }
    }
}

fn columns(table: Rect) -> Vec<(Column, &'static str, egui::Rangef, bool)> {
    let mut shown = COLUMNS.to_vec();
    for dropped in DROPPED {
        let used: f32 = shown.iter().map(|c| sz(c.2)).sum();
        if table.width() - used < sz(NAME) {
            shown.retain(|c| c.0 != dropped);
        }
    }
    let mut x = table.right() - 8.0;
    let mut out = Vec::new();
    for (column, key, width, right) in shown.iter().rev() {
        let width = sz(*width);
        out.push((
            *column,
            *key,
            egui::Rangef::new(x - width + 12.0, x),
            *right,
        ));
        x -= width;
    }
    out.reverse();
    out
}

fn patient_row(
    ui: &Ui,
    rect: Rect,
    row: &PatientRow,
    columns: &[(Column, &'static str, egui::Rangef, bool)],
    selected: bool,
) -> bool {
    let name = wf(
        "start.row",
        &[
            ("name", &row.name),
            ("sex", &row.sex),
            ("born", &row.birth_date),
            ("id", &row.identifier),
        ],
    );
    let response = widget::clickable(
        ui,
        Id::unique(("patient", row.person)),
        rect,
        Role::Button,
        &name,
    );
    widget::row_ground(ui, rect, &response, selected);
    let p = ui.painter();
    p.hline(
        rect.x_range(),
        rect.bottom() - 0.5,
        Stroke::new(1.0, t::HAIR),
    );
    let y = rect.center().y;
    let first = columns.first().map_or(rect.right(), |c| c.2.min);
    let mut room = first - rect.left() - 20.0;
    let mut extra = String::new();
    if row.synthetic {
        extra.push_str(w("start.synthetic"));
    }
    if row.linked_records > 1 {
        if !extra.is_empty() {
            extra.push_str(" · ");
        }
        extra.push_str(&wf("start.linked", &[("n", &row.linked_records)]));
    }
    if !extra.is_empty() {
        room -= text::width(p, &extra, f::small()) + 10.0;
    }
    let galley = text::middle(p, &row.name, f::value(), t::VALUE, room.max(60.0));
    let end = text::put(p, galley, rect.left() + 8.0, y).right();
    text::left(p, end + 10.0, y, &extra, f::small(), t::LABEL);
    for (column, _, place, right) in columns {
        let number = |n: usize| count(n);
        let (words, ink) = match column {
            Column::Sex => (row.sex.clone(), t::BODY),
            // A date begins with a digit; anything else says in words that there is none.
            Column::Born if !row.birth_date.starts_with(|c: char| c.is_ascii_digit()) => {
                (w("start.no_date").to_owned(), t::LABEL)
            }
            Column::Born => (row.birth_date.clone(), t::BODY),
            Column::Age => (row.age.clone(), t::LABEL),
            Column::Identifier => (row.identifier.clone(), t::LABEL),
            Column::Studies => (number(row.counts.studies), t::VALUE),
            Column::Results => (number(row.counts.results), t::VALUE),
            Column::Notes => (number(row.counts.notes), t::VALUE),
            Column::LastEvent => (row.last_event.clone(), t::BODY),
            Column::LastOpened if row.last_opened.is_empty() => {
                (w("start.never").to_owned(), t::FAINT)
            }
            Column::LastOpened => (row.last_opened.clone(), t::LABEL),
        };
        let galley = text::middle(p, &words, f::body(), ink, place.span());
        let x = if *right {
            place.max - galley.size().x
        } else {
            place.min
        };
        text::put(p, galley, x, y);
    }
    widget::hover(response, &name).clicked()
}

/// Files dropped anywhere in the window.
fn drops(ui: &Ui, out: &mut Out) {
    let paths: Vec<_> = ui.input(|i| {
        i.raw
            .dropped_files
            .iter()
            .map(|f| f.path().to_path_buf())
            .collect()
    });
    if !paths.is_empty() {
        out.send(Command::Import(paths));
    }
}
