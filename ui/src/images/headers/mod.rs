//! Every element of the header of an image or document, beside that of another one: searched by words or tags, with differences marked.

mod rows;
mod table;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use egui::{Id, Key, Modifiers, Rect, Role, ScrollArea, Ui, pos2, vec2};
use triptych_workbench::view::PatientView;
use triptych_workbench::{Command, SopInstanceUid};

use crate::look::icon::Icon;
use crate::look::typeface::{self as f, sz};
use crate::look::widget::Weight;
use crate::look::{text, tokens as t, widget};
use crate::out::Out;
use crate::palette::floating;
use crate::words::{w, wf};
use rows::{Made, paired};
use table::Columns;

/// A file that can be looked at, and what it is called here.
pub(super) type Named = (SopInstanceUid, String);

/// The open browser.
#[derive(Debug)]
pub(super) struct Headers {
    of: Named,
    beside: Option<Named>,
    choosing: bool,
    /// Words of the file to compare with.
    wanted: String,
    filter: String,
    /// Only what differs.
    only: bool,
    made: Option<Made>,
}

impl Headers {
    pub fn new(of: Named) -> Self {
        Self {
            of,
            beside: None,
            choosing: false,
            wanted: String::new(),
            filter: String::new(),
            only: false,
            made: None,
        }
    }

    /// Draws it over `leaf`; `others` are the files that it can be compared with. False when it is closed.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        leaf: Rect,
        patient: &PatientView,
        others: &[Named],
        out: &mut Out,
    ) -> bool {
        if ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape)) {
            if !self.choosing {
                return false;
            }
            self.choosing = false;
        }
        let place = leaf.shrink(8.0);
        let area = egui::Area::new(Id::unique("headers"))
            .order(egui::Order::Foreground)
            .fixed_pos(place.min)
            .show(ui.ctx(), |ui| {
                ui.set_clip_rect(place.expand(2.0));
                let mut ui = widget::region(ui, "headers", place, w("headers.name"));
                floating(&ui, place);
                self.body(&mut ui, place, patient, others, out)
            });
        area.inner
    }

    fn body(
        &mut self,
        ui: &mut Ui,
        place: Rect,
        patient: &PatientView,
        others: &[Named],
        out: &mut Out,
    ) -> bool {
        let y = place.top() + sz(22.0);
        let mut right = place.right() - 10.0;
        let close = pos2(right - sz(12.0), y);
        let id = Id::unique("close headers");
        if widget::tool_at(ui, id, close, Icon::Close, w("headers.close"), false).clicked() {
            return false;
        }
        right -= sz(32.0);
        let mut button = |ui: &Ui, words: &str, on: bool| {
            let size = vec2(widget::button_width(ui, words), sz(t::BUTTON));
            let at = Rect::from_min_size(pos2(right - size.x, y - size.y / 2.0), size);
            right = at.left() - 6.0;
            let weight = if on { Weight::Main } else { Weight::Plain };
            widget::button_at(ui, Id::unique(("headers", words)), at, words, weight).clicked()
        };
        if button(ui, w("headers.compare"), self.choosing) {
            self.choosing = !self.choosing;
        }
        if self.beside.is_some() {
            if button(ui, w("headers.alone"), false) {
                self.beside = None;
                self.only = false;
            }
            if button(ui, w("headers.only"), self.only) {
                self.only = !self.only;
            }
        }
        let field = Rect::from_min_max(
            pos2(place.left() + 10.0, y - sz(13.0)),
            pos2(right.max(place.left() + 120.0), y + sz(13.0)),
        );
        let (id, hint, words) = if self.choosing {
            let id = Id::unique("headers wanted");
            (id, w("headers.which"), &mut self.wanted)
        } else {
            let id = Id::unique("headers filter");
            (id, w("headers.filter"), &mut self.filter)
        };
        widget::field(ui, id, field, words, hint, Some(Icon::Search));
        if ui.memory(|m| m.focused().is_none()) {
            ui.memory_mut(|m| m.request_focus(id));
        }
        let list = Rect::from_min_max(pos2(place.left(), y + sz(20.0)), place.max - vec2(0.0, 6.0));
        if self.choosing {
            let wanted = self.wanted.to_lowercase();
            let fits = |o: &&Named| {
                let name = o.1.to_lowercase();
                o.0 != self.of.0 && wanted.split_whitespace().all(|word| name.contains(word))
            };
            let others: Vec<&Named> = others.iter().filter(fits).collect();
            if let Some(chosen) = choice(ui, list, &others) {
                // Identity is shown: the same as opening the image.
                out.send(Command::ShowImage(chosen.0.clone()));
                self.beside = Some(chosen);
                self.choosing = false;
            }
            return true;
        }
        self.table(ui, list, patient, out);
        true
    }

    fn table(&mut self, ui: &mut Ui, list: Rect, patient: &PatientView, out: &mut Out) {
        let mut read = |file: &Named| match patient.headers.get(&file.0) {
            None => {
                out.send(Command::LoadHeader(file.0.clone()));
                Err(w("headers.reading").to_owned())
            }
            Some(Err(why)) => Err(wf("headers.unreadable", &[("why", &why)])),
            Some(Ok(list)) => Ok(list),
        };
        let left = read(&self.of);
        let right = self.beside.as_ref().map(&mut read).transpose();
        let (left, right) = match (left, right) {
            (Ok(left), Ok(right)) => (left, right),
            (Err(words), _) | (_, Err(words)) => {
                let at = list.center();
                text::center(ui.painter(), at.x, at.y, &words, f::body(), t::LABEL);
                text::spoken(ui, "headers why", list, &words);
                return;
            }
        };
        let same = |made: &Made| {
            let right = match (&made.right, &right) {
                (None, None) => true,
                (Some(a), Some(b)) => Arc::ptr_eq(a, b),
                _ => false,
            };
            Arc::ptr_eq(&made.left, &left) && right
        };
        if !self.made.as_ref().is_some_and(same) {
            self.made = Some(Made {
                rows: paired(&left.entries, right.as_ref().map(|r| r.entries.as_slice())),
                left,
                right,
                by: (String::new(), true),
                shown: Vec::new(),
            });
        }
        let Some(made) = &mut self.made else { return };
        let by = (self.filter.trim().to_lowercase(), self.only);
        if made.by != by || made.shown.is_empty() {
            made.filter(by);
        }
        let columns = Columns::of(list, made.right.is_some());
        let head = Rect::from_min_size(list.min, vec2(list.width(), sz(40.0)));
        made.head(ui, head, &columns, &self.of.1, self.beside.as_ref());
        let rows = Rect::from_min_max(pos2(list.left(), head.bottom()), list.max);
        made.table(ui, rows, &columns);
    }
}

/// Files to compare with.
fn choice(ui: &mut Ui, list: Rect, others: &[&Named]) -> Option<Named> {
    let mut chosen = None;
    let mut part = widget::part(ui, "headers choice", list);
    ScrollArea::vertical()
        .auto_shrink(false)
        .show(&mut part, |ui| {
            for (k, other) in others.iter().enumerate() {
                let (_, row) = ui.allocate_space(vec2(ui.available_width(), sz(t::LIST)));
                let id = Id::unique(("headers other", k));
                let response = widget::clickable(ui, id, row, Role::Button, &other.1);
                widget::row_ground(ui, row, &response, false);
                let p = ui.painter();
                let room = row.width() - 28.0;
                let galley = text::line(p, &other.1, f::body(), t::VALUE, room);
                text::put(p, galley, row.left() + 14.0, row.center().y);
                if response.clicked() {
                    chosen = Some(Named::clone(other));
                }
            }
        });
    chosen
}
