//! Studies and series of the patient over the tiles (Ctrl O): filtered by typing, with counts, marks and whether a study was read. A row hangs
//! its series in the active tile.

use egui::{Id, Key, Modifiers, Rect, Role, ScrollArea, Stroke, Ui, pos2, vec2};
use triptych_workbench::view::{PatientView, SeriesKey, SeriesView, StudyView};

use crate::look::icon::Icon;
use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t, widget};
use crate::palette::floating;
use crate::words::{count, w, wf};

/// The open list.
#[derive(Debug, Default)]
pub(super) struct Studies {
    filter: String,
    shown: bool,
}

/// What became of it.
pub(super) enum Chosen {
    Open,
    Closed,
    Series(SeriesKey),
    /// Read, or no longer.
    Read(String),
}

/// Every word of the filter is somewhere in the words of the series and its study.
fn passes(filter: &str, study: &StudyView, series: &SeriesView) -> bool {
    let all = format!(
        "{} {} {} {} {} {}",
        study.date,
        study.title,
        series.modality,
        series.number,
        series.description,
        series.body_part
    )
    .to_lowercase();
    filter
        .to_lowercase()
        .split_whitespace()
        .all(|word| all.contains(word))
}

impl Studies {
    /// Draws it in `leaf`.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        leaf: Rect,
        patient: &PatientView,
        read: &[String],
    ) -> Chosen {
        if ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape)) {
            return Chosen::Closed;
        }
        let enter = ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Enter));
        if enter {
            let mut all = patient
                .studies
                .iter()
                .flat_map(|study| study.series.iter().map(move |s| (study, s)));
            return all
                .find(|(study, s)| passes(&self.filter, study, s))
                .map_or(Chosen::Closed, |(_, s)| Chosen::Series(s.key.clone()));
        }
        let size = vec2(
            560.0_f32.min(leaf.width() - 32.0),
            (leaf.height() - 64.0).min(560.0),
        );
        let place = Rect::from_min_size(
            pos2((leaf.center().x - size.x / 2.0).round(), leaf.top() + 40.0),
            size,
        );
        let area = egui::Area::new(Id::unique("studies"))
            .order(egui::Order::Foreground)
            .fixed_pos(place.min)
            .show(ui.ctx(), |ui| {
                ui.set_clip_rect(place.expand(4.0));
                let mut ui = widget::region(ui, "studies", place, w("studies.name"));
                self.body(&mut ui, place, patient, read)
            });
        let outside = ui.input(|i| {
            i.pointer.any_pressed() && i.pointer.interact_pos().is_some_and(|p| !place.contains(p))
        });
        let closed = outside && self.shown;
        self.shown = true;
        match area.inner {
            Some(chosen) => chosen,
            None if closed => Chosen::Closed,
            None => Chosen::Open,
        }
    }

    fn body(
        &mut self,
        ui: &mut Ui,
        place: Rect,
        patient: &PatientView,
        read: &[String],
    ) -> Option<Chosen> {
        floating(ui, place);
        let field = Rect::from_min_size(
            place.min + vec2(12.0, 10.0),
            vec2(place.width() - 24.0, sz(26.0)),
        );
        let id = Id::unique("filter studies");
        widget::field(
            ui,
            id,
            field,
            &mut self.filter,
            w("studies.filter"),
            Some(Icon::Search),
        );
        ui.memory_mut(|m| m.request_focus(id));
        let list = Rect::from_min_max(
            pos2(place.left(), field.bottom() + 8.0),
            place.max - vec2(0.0, 8.0),
        );
        let mut chosen = None;
        let mut area = widget::part(ui, "studies list", list);
        ScrollArea::vertical()
            .auto_shrink(false)
            .show(&mut area, |ui| {
                let mut any = false;
                for study in &patient.studies {
                    let fit: Vec<&SeriesView> = study
                        .series
                        .iter()
                        .filter(|s| passes(&self.filter, study, s))
                        .collect();
                    if fit.is_empty() {
                        continue;
                    }
                    any = true;
                    let is_read = read.iter().any(|u| u == study.uid.as_str());
                    if head(ui, study, is_read) {
                        chosen = Some(Chosen::Read(study.uid.as_str().to_owned()));
                    }
                    for series in fit {
                        if row(ui, study, series) {
                            chosen = Some(Chosen::Series(series.key.clone()));
                        }
                    }
                }
                if !any {
                    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), sz(40.0)));
                    let c = rect.center();
                    text::center(
                        ui.painter(),
                        c.x,
                        c.y,
                        w("studies.nothing"),
                        f::body(),
                        t::LABEL,
                    );
                }
            });
        chosen
    }
}

/// Title and date of a study, and its read state as a button; true when that was clicked.
fn head(ui: &mut Ui, study: &StudyView, read: bool) -> bool {
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), sz(28.0)));
    let y = rect.center().y;
    let state = w(if read {
        "studies.read"
    } else {
        "studies.unread"
    });
    let width = widget::button_width(ui, state);
    let button = Rect::from_min_size(
        pos2(rect.right() - 12.0 - width, y - sz(11.0)),
        vec2(width, sz(22.0)),
    );
    let name = wf(
        "studies.state",
        &[
            ("title", &study.title),
            ("date", &study.date),
            ("state", &state),
        ],
    );
    let id = Id::unique(("read", study.uid.as_str()));
    let response = widget::clickable(ui, id, button, Role::Button, &name);
    let p = ui.painter();
    p.rect_stroke(
        button,
        egui::CornerRadius::same(t::RADIUS),
        Stroke::new(1.0, t::LINE),
        egui::StrokeKind::Inside,
    );
    let ink = if read { t::LABEL } else { t::VALUE };
    text::center(p, button.center().x, y, state, f::small(), ink);
    let words = wf(
        "studies.study",
        &[
            ("date", &study.date),
            ("title", &study.title),
            ("n", &study.series.len()),
        ],
    );
    let room = button.left() - rect.left() - 24.0;
    let galley = text::line(p, &words, f::small_medium(), t::LABEL, room);
    text::put(p, galley, rect.left() + 12.0, y);
    response.clicked()
}

/// One series; true when it was clicked.
fn row(ui: &mut Ui, study: &StudyView, series: &SeriesView) -> bool {
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), sz(t::BUTTON)));
    let name = wf(
        "studies.row",
        &[
            ("title", &study.title),
            ("number", &series.number),
            ("description", &series.description),
            ("n", &series.images),
        ],
    );
    let id = Id::unique(("study row", &series.key.0));
    let response = widget::clickable(ui, id, rect, Role::Button, &name);
    widget::row_ground(ui, rect, &response, false);
    let p = ui.painter();
    let y = rect.center().y;
    let ready = series
        .stack
        .slices
        .iter()
        .filter(|s| s.pixels.is_there())
        .count();
    let images = wf(
        "studies.images",
        &[("ready", &count(ready)), ("n", &count(series.images))],
    );
    let right = text::right(p, rect.right() - 12.0, y, &images, f::small(), t::LABEL).left();
    let number = text::left(
        p,
        rect.left() + 20.0,
        y,
        &series.number,
        f::small_medium(),
        t::VALUE,
    );
    let mut words = format!("{} {}", series.modality, series.description);
    for mark in series.unreadable.iter().chain(&series.marks) {
        words.push_str(" · ");
        words.push_str(mark);
    }
    let left = (number.right() + 10.0).max(rect.left() + 52.0);
    let galley = text::line(p, &words, f::body(), t::VALUE, right - left - 12.0);
    text::put(p, galley, left, y);
    widget::hover(response, &words).clicked()
}
