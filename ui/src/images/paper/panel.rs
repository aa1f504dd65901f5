//! The panel beside the tiles: segments and regions with an eye each, opacity, and the presentation states of the active tile.

use egui::{
    Align, Id, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};
use triptych_workbench::objects::ObjectKind;
use triptych_workbench::view::{ObjectView, PatientView, Slice};
use triptych_workbench::{Command, SopInstanceUid};

use super::super::{Images, Tile, find_series};
use super::find_object;
use super::layers::{Overlays, Row, file_colour, rows};
use crate::desk::Desk;
use crate::look::icon::Icon;
use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t, widget};
use crate::out::Out;
use crate::words::{w, wf};

/// Points that the panel is wide.
const WIDTH: f32 = 210.0;
/// Steps of opacity, percent.
const STEPS: [u8; 6] = [0, 15, 30, 50, 70, 100];

/// What was done in the panel, to be followed when it is drawn.
enum Done {
    Off(SopInstanceUid),
    Eye(SopInstanceUid, usize),
    Opacity(SopInstanceUid, bool),
    Jump([f64; 3]),
    State(Option<SopInstanceUid>),
}

/// States for the images of a set, newest first.
pub(in super::super) fn states_of<'a>(
    patient: &'a PatientView,
    tile: &Tile,
) -> Vec<&'a ObjectView> {
    let Some((_, series)) = tile.series.as_ref().and_then(|k| find_series(patient, k)) else {
        return Vec::new();
    };
    let objects = patient.studies.iter().flat_map(|s| &s.objects);
    let mut states: Vec<&ObjectView> = objects
        .filter(|o| o.kind == ObjectKind::PresentationState && o.refers_to.contains(&series.uid))
        .collect();
    states.sort_by(|a, b| (&b.date, &b.time, &b.instance).cmp(&(&a.date, &a.time, &a.instance)));
    states
}

/// `AS READ · 2021-02-07 10:00`
pub(in super::super) fn state_words(state: &ObjectView) -> String {
    let words = format!("{} · {} {}", state.title, state.date, state.time);
    words.trim().to_owned()
}

impl Images {
    /// The panel at the right of `rect`, when there is anything to say in it. What is left for the tiles.
    pub(in super::super) fn layers_panel(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        patient: &PatientView,
        desk: Desk,
        out: &mut Out,
    ) -> Rect {
        let tiles = self.tiles(desk);
        let states = tiles
            .tiles
            .get(tiles.active)
            .map(|tile| (states_of(patient, tile), tile.state.clone()))
            .unwrap_or_default();
        if (self.overlays.on.is_empty() && states.0.is_empty()) || rect.width() < WIDTH * 2.5 {
            return rect;
        }
        let panel = Rect::from_min_max(pos2(rect.right() - WIDTH, rect.top()), rect.max);
        let left = Rect::from_min_max(rect.min, pos2(panel.left() - 2.0, rect.bottom()));
        let mut part = widget::part(ui, "layers", panel);
        part.painter().rect_filled(panel, 0.0, t::PANEL);
        let mut done = Vec::new();
        ScrollArea::vertical()
            .auto_shrink(false)
            .show(&mut part, |ui| {
                ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
                if !states.0.is_empty() {
                    state_list(ui, &states.0, states.1.as_ref(), &mut done);
                }
                let shown: Vec<SopInstanceUid> = self.overlays.on.keys().cloned().collect();
                for instance in shown {
                    object_rows(ui, &mut self.overlays, &instance, patient, &mut done);
                }
            });
        for act in done {
            self.follow_panel(act, patient, desk, out);
        }
        left
    }

    fn follow_panel(&mut self, act: Done, patient: &PatientView, desk: Desk, out: &mut Out) {
        match act {
            Done::Off(instance) => self.overlays.toggle(&instance, out),
            Done::Eye(instance, at) => self.overlays.change(&instance, |on| {
                if !on.hidden.remove(&at) {
                    on.hidden.insert(at);
                }
            }),
            Done::Opacity(instance, more) => self.overlays.change(&instance, |on| {
                let at = STEPS.iter().position(|s| *s >= on.opacity).unwrap_or(0);
                let next = if more { at + 1 } else { at.saturating_sub(1) };
                on.opacity = STEPS.get(next).copied().unwrap_or(100);
            }),
            Done::Jump(mm) => {
                let tiles = self.tiles_mut(desk);
                // The active tile, else the first that shows images.
                let (active, shown) = (tiles.active, tiles.shown());
                let has_images = |t: &Tile| t.series.is_some();
                let at = match tiles.tiles.get(active).is_some_and(has_images) {
                    true => Some(active),
                    false => tiles.tiles.iter().take(shown).position(has_images),
                };
                if let Some(tile) = at.and_then(|at| tiles.tiles.get_mut(at)) {
                    tile.jump_to_mm(patient, mm);
                }
            }
            Done::State(state) => {
                if let Some(state) = &state {
                    out.send(Command::LoadObject(state.clone()));
                }
                let tiles = self.tiles_mut(desk);
                let active = tiles.active;
                if let Some(tile) = tiles.tiles.get_mut(active) {
                    tile.choose_state(state);
                }
            }
        }
    }
}

impl Tile {
    /// The slice that is nearest to a point of the patient.
    fn jump_to_mm(&mut self, patient: &PatientView, mm: [f64; 3]) {
        let Some((_, series)) = self.series.as_ref().and_then(|k| find_series(patient, k)) else {
            return;
        };
        let off = |slice: &Slice| {
            let (at, [a, b, c, d, e, f]) = slice.position.zip(slice.orientation)?;
            let normal = [b * f - c * e, c * d - a * f, a * e - b * d];
            let along = normal.iter().zip(mm.iter().zip(at));
            Some(along.map(|(n, (m, p))| n * (m - p)).sum::<f64>().abs())
        };
        let slices = series.stack.slices.iter().enumerate();
        let near = slices.filter_map(|(k, s)| Some((k, off(s)?)));
        if let Some((k, _)) = near.min_by(|a, b| a.1.total_cmp(&b.1)) {
            self.slice = k;
        }
    }
}

fn state_list(
    ui: &mut Ui,
    states: &[&ObjectView],
    chosen: Option<&SopInstanceUid>,
    done: &mut Vec<Done>,
) {
    widget::group_head(ui, w("paper.states"), "", true);
    let none = (None, w("paper.no_state").to_owned());
    let named = states.iter().map(|s| (Some(&s.instance), state_words(s)));
    for (k, (state, words)) in std::iter::once(none).chain(named).enumerate() {
        let (_, row) = ui.allocate_space(vec2(ui.available_width(), sz(24.0)));
        let on = state == chosen;
        let response = ui.interact(row, Id::unique(("state", k)), Sense::click());
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, on, &words));
        widget::row_ground(ui, row, &response, on);
        let galley = text::line(
            ui.painter(),
            &words,
            f::small(),
            t::VALUE,
            row.width() - 16.0,
        );
        text::put(ui.painter(), galley, row.left() + 8.0, row.center().y);
        if widget::hover(response, &words).clicked() {
            done.push(Done::State(state.cloned()));
        }
    }
}

fn object_rows(
    ui: &mut Ui,
    overlays: &mut Overlays,
    instance: &SopInstanceUid,
    patient: &PatientView,
    done: &mut Vec<Done>,
) {
    let Some((_, object)) = find_object(patient, instance) else {
        return;
    };
    let Some(on) = overlays.on.get(instance).cloned() else {
        return;
    };
    let (_, head) = ui.allocate_space(vec2(ui.available_width(), sz(26.0)));
    let room = head
        .with_max_x(head.right() - sz(28.0))
        .shrink2(vec2(8.0, 0.0));
    text::label(
        ui,
        ("layer", instance.as_str()),
        room,
        &object.title,
        f::small_medium(),
        t::VALUE,
        Align::Min,
    );
    let close = pos2(head.right() - sz(14.0), head.center().y);
    let id = Id::unique(("layer off", instance.as_str()));
    let name = wf("paper.layer_off", &[("what", &object.title)]);
    if widget::tool_at(ui, id, close, Icon::Close, &name, false).clicked() {
        done.push(Done::Off(instance.clone()));
    }
    let (_, row) = ui.allocate_space(vec2(ui.available_width(), sz(24.0)));
    let words = wf("paper.opacity", &[("n", &on.opacity)]);
    text::label(
        ui,
        ("opacity", instance.as_str()),
        row.shrink2(vec2(8.0, 0.0)),
        &words,
        f::small(),
        t::LABEL,
        Align::Min,
    );
    for (x, label, more) in [
        (58.0, "paper.opacity_less", false),
        (30.0, "paper.opacity_more", true),
    ] {
        let place = Rect::from_center_size(
            pos2(row.right() - x + 12.0, row.center().y),
            vec2(22.0, sz(20.0)),
        );
        let id = Id::unique((label, instance.as_str()));
        let response = widget::clickable(ui, id, place, Role::Button, w(label));
        let ink = if response.hovered() {
            t::ACCENT
        } else {
            t::BODY
        };
        ui.painter()
            .rect_stroke(place, 2.0, Stroke::new(1.0, t::LINE), StrokeKind::Inside);
        text::center(
            ui.painter(),
            place.center().x,
            place.center().y,
            if more { "+" } else { "\u{2212}" },
            f::small_medium(),
            ink,
        );
        if widget::hover(response, w(label)).clicked() {
            done.push(Done::Opacity(instance.clone(), more));
        }
    }
    let content = match object.slot.get() {
        None => {
            line(ui, instance, w("paper.reading"));
            return;
        }
        Some(Err(why)) => {
            line(ui, instance, &why);
            return;
        }
        Some(Ok(content)) => content,
    };
    let listed = overlays
        .rows
        .entry(instance.clone())
        .or_insert_with(|| rows(&content));
    for row in listed.iter() {
        region(ui, instance, row, on.hidden.contains(&row.at), done);
    }
}

fn line(ui: &mut Ui, instance: &SopInstanceUid, words: &str) {
    let (_, row) = ui.allocate_space(vec2(ui.available_width(), sz(22.0)));
    let place = row.shrink2(vec2(8.0, 0.0));
    text::label(
        ui,
        ("layer line", instance.as_str()),
        place,
        words,
        f::small(),
        t::LABEL,
        Align::Min,
    );
}

/// One segment: colour and eye, then its name, which jumps to its middle.
fn region(ui: &mut Ui, instance: &SopInstanceUid, row: &Row, hidden: bool, done: &mut Vec<Done>) {
    let (_, place) = ui.allocate_space(vec2(ui.available_width(), sz(22.0)));
    if !ui.is_rect_visible(place) {
        return;
    }
    let eye = Rect::from_min_size(place.min + vec2(8.0, sz(5.0)), vec2(sz(12.0), sz(12.0)));
    let id = Id::unique(("eye", instance.as_str(), row.at));
    let name = wf("paper.eye", &[("what", &row.label)]);
    let response = ui.interact(eye.expand(4.0), id, Sense::click());
    let shown = !hidden && !row.empty;
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, !row.empty, shown, &name));
    let colour = if row.empty {
        t::DISABLED
    } else {
        file_colour(row.colour)
    };
    if shown {
        ui.painter().rect_filled(eye, 2.0, colour);
    }
    ui.painter()
        .rect_stroke(eye, 2.0, Stroke::new(1.5, colour), StrokeKind::Inside);
    widget::focus_ring(ui, &response, eye, 2);
    if widget::hover(response, &name).clicked() && !row.empty {
        done.push(Done::Eye(instance.clone(), row.at));
    }
    let room = Rect::from_min_max(pos2(eye.right() + 8.0, place.top()), place.max);
    let id = Id::unique(("region", instance.as_str(), row.at));
    let response = ui.interact(room, id, Sense::click());
    let full = format!("{} · {}", row.label, row.words);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, !row.empty, &full));
    widget::row_ground(ui, room, &response, false);
    let ink = if row.empty || hidden {
        t::FAINT
    } else {
        t::VALUE
    };
    let galley = text::line(
        ui.painter(),
        &row.label,
        f::small(),
        ink,
        room.width() - 8.0,
    );
    text::put(ui.painter(), galley, room.left(), room.center().y);
    if widget::hover(response, &full).clicked()
        && let Some(middle) = row.middle
    {
        done.push(Done::Jump(middle));
    }
}
