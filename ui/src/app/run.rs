//! Keys of the whole window, palette and key sheet, and what an action does that belongs to no leaf.

use egui::{FocusDirection, Id, Key, Rect, Ui, ViewportCommand, pos2};
use triptych_workbench::Command;
use triptych_workbench::view::{Page, PatientView, Snapshot};

use super::{Open, Screen};
use crate::actions::{Action, Chord, Place, pressed};
use crate::desk::{Desk, Frame, Leaf};
use crate::look::typeface as f;
use crate::out::Out;
use crate::palette::{Done, Palette, Way};
use crate::sheet::Sheet;

/// Parts of the window that F6 walks, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Region {
    Header,
    Images,
    Record,
    Signals,
    Timeline,
    Status,
}

impl Region {
    const ALL: [Self; 6] = [
        Self::Header,
        Self::Images,
        Self::Record,
        Self::Signals,
        Self::Timeline,
        Self::Status,
    ];

    pub const fn of(leaf: Leaf) -> Self {
        match leaf {
            Leaf::Images => Self::Images,
            Leaf::Record => Self::Record,
            Leaf::Signals => Self::Signals,
        }
    }

    fn place(self, frame: &Frame) -> Rect {
        match self {
            Self::Header => frame.header,
            Self::Images => frame.images,
            Self::Record => frame.record,
            Self::Signals => frame.signals,
            Self::Timeline => frame.timeline,
            Self::Status => frame.status,
        }
    }
}

impl Screen {
    /// Keys of the window, before any view sees them. While something floats over the window, only that has keys.
    pub(super) fn window_keys(&mut self, ui: &Ui, snapshot: &Snapshot, out: &mut Out) {
        if let Page::Start(start) = &snapshot.page {
            self.people.clone_from(&start.patients);
        }
        if self.sheet.is_some() || self.oversight.is_some() {
            return;
        }
        let typing = ui.ctx().egui_wants_keyboard_input();
        let bindings = &self.layout.keys;
        let action = pressed(ui, |chord| {
            bindings.action(chord, |a| {
                let window = matches!(a.place(), Place::Window | Place::Reserved);
                window && a.is_there() && (!typing || chord.leaves_text_alone())
            })
        });
        let patient = match &snapshot.page {
            Page::Patient(patient) => Some(patient.as_ref()),
            _ => None,
        };
        if let Some(action) = action {
            self.run(ui, action, patient, out);
        }
        // Tab is a hanging step while the images have the keys: egui is not to walk its widgets with it.
        let images = self
            .patient
            .as_ref()
            .is_some_and(|o| o.focus == Region::Images);
        if images && ui.input(|i| i.key_pressed(Key::Tab)) && ui.memory(|m| m.focused().is_none()) {
            ui.memory_mut(|m| m.move_focus(FocusDirection::None));
        }
    }

    /// Does an action, wherever it was asked for.
    pub(super) fn run(
        &mut self,
        ui: &Ui,
        action: Action,
        patient: Option<&PatientView>,
        out: &mut Out,
    ) {
        let layout = &mut self.layout;
        match action {
            Action::Palette => {
                self.palette = match self.palette.take() {
                    Some(_) => None,
                    None => Some(Palette::default()),
                }
            }
            Action::Quality => self.quality = Some(crate::quality::Quality::default()),
            Action::RuleCounts => {
                self.oversight = Some(crate::oversight::Oversight::default());
                out.send(Command::CountRules(None));
            }
            Action::Sheet => self.sheet = Some(Sheet::default()),
            Action::FoldImages => match &mut self.patient {
                Some(open) if layout.no_images => {
                    open.wants_images = true;
                    layout.folded[Leaf::Images as usize] = false;
                }
                _ => layout.folded[Leaf::Images as usize] ^= true,
            },
            Action::FoldRecord => layout.folded[Leaf::Record as usize] ^= true,
            Action::FoldSignals => layout.folded[Leaf::Signals as usize] ^= true,
            Action::FoldTimeline => layout.timeline_folded = !layout.timeline_folded,
            Action::DeskReading => layout.desk = Desk::Reading,
            Action::DeskRounds => layout.desk = Desk::Rounds,
            Action::LargerText | Action::SmallerText => {
                let step = if action == Action::LargerText {
                    0.1
                } else {
                    -0.1
                };
                let scale: f32 = ((layout.text_scale + step) * 10.0).round() / 10.0;
                layout.text_scale = scale.clamp(*f::SCALE_RANGE.start(), *f::SCALE_RANGE.end());
                ui.ctx().request_repaint();
            }
            Action::RegionNext => self.walk = Some(1),
            Action::RegionPrevious => self.walk = Some(-1),
            Action::FullScreen => {
                self.full_screen = !self.full_screen && patient.is_some();
                self.full = self.full_screen || self.is_further;
                ui.ctx()
                    .send_viewport_cmd(ViewportCommand::Fullscreen(self.full_screen));
            }
            Action::TrueSize => {
                let (record, _) = self.layout.monitor.record();
                let Some(pitch) = record.pitch_mm else {
                    // Without the size of a screen pixel there is no true size: this is where it is entered.
                    self.quality = Some(crate::quality::Quality::default());
                    return;
                };
                let mark = record.true_size_mark();
                if let Some(open) = &mut self.patient {
                    open.images.true_size(self.layout.desk, pitch, mark);
                }
            }
            Action::SecondWindow | Action::Undock => {
                let (Some(open), Some(patient)) = (&mut self.patient, patient) else {
                    return;
                };
                let desk = layout.desk;
                self.further = match action {
                    Action::Undock => open.images.undocked(desk, patient),
                    _ => Some(open.images.others(desk, patient)),
                };
                if action == Action::Undock && self.further.is_some() {
                    open.images.act(Action::CloseTile, ui, desk, patient);
                }
            }
            Action::Patients => out.send(Command::ShowStart),
            Action::PrintSummary => {
                if patient.is_some() {
                    out.send(Command::PrintSummary(None));
                }
            }
            Action::Now => {
                if patient.is_some_and(|p| !p.at_is_now) {
                    out.send(Command::SetIndexTime(None));
                }
            }
            _ => {
                if let (Some(open), Some(patient)) = (&mut self.patient, patient) {
                    open.images.act(action, ui, self.layout.desk, patient);
                    ui.ctx().request_repaint();
                }
            }
        }
    }

    /// Keys of the active tile, after every leaf has taken those it has a use for.
    pub(super) fn tile_keys(&mut self, ui: &Ui, patient: &PatientView, out: &mut Out) {
        if ui.ctx().egui_wants_keyboard_input()
            || self.palette.is_some()
            || self.sheet.is_some()
            || self.oversight.is_some()
        {
            return;
        }
        let Some(open) = &mut self.patient else {
            return;
        };
        let wanted = open.images.wanted();
        if !wanted.is_empty() {
            for action in wanted {
                self.run(ui, action, Some(patient), out);
            }
            return;
        }
        if open.images.has_keys() {
            return;
        }
        let desk = self.layout.desk;
        let free = open.focus == Region::Images || ui.memory(|m| m.focused().is_none());
        let tapped = open.images.space_key(ui, free);
        if tapped
            && let Some(action) = self.layout.keys.action(Chord::SPACE, |a| {
                matches!(a.place(), Place::Tile | Place::Move) && a.is_there()
            })
        {
            self.run(ui, action, Some(patient), out);
            return;
        }
        let Some(open) = &mut self.patient else {
            return;
        };
        if ui.input(|i| i.key_pressed(Key::Escape)) && open.images.escape(desk) {
            ui.input_mut(|i| i.consume_key(egui::Modifiers::NONE, Key::Escape));
        }
        for _ in 0..4 {
            let bindings = &self.layout.keys;
            let action = pressed(ui, |chord| {
                bindings.action(chord, |a| match a.place() {
                    _ if chord == Chord::SPACE => false,
                    Place::Tile => a.is_there(),
                    Place::Move => free && a.is_there(),
                    _ => false,
                })
            });
            let Some(action) = action else { return };
            self.run(ui, action, Some(patient), out);
        }
    }

    /// Palette and key sheet, over everything between header and status bar.
    pub(super) fn floats(
        &mut self,
        ui: &mut Ui,
        middle: Rect,
        canvas: &mut dyn crate::canvas::Canvas,
        snapshot: &Snapshot,
        out: &mut Out,
    ) {
        let patient = match &snapshot.page {
            Page::Patient(patient) => Some(patient.as_ref()),
            _ => None,
        };
        if let Some(mut quality) = self.quality.take()
            && !quality.show(
                ui,
                middle,
                canvas,
                &mut self.layout.monitor,
                patient.map(|p| p.at),
            )
        {
            self.quality = Some(quality);
        }
        if let Some(mut palette) = self.palette.take() {
            match palette.show(ui, middle, &self.layout.keys, patient, &self.people) {
                None => self.palette = Some(palette),
                Some(Done::Closed) => {}
                Some(Done::Chosen(way)) => match way {
                    Way::Action(action) => self.run(ui, action, patient, out),
                    Way::Study(target) => out.jump = Some(target),
                    Way::Series(key) => {
                        if let (Some(open), Some(patient)) = (&mut self.patient, patient) {
                            open.images.hang_series(self.layout.desk, patient, &key);
                        }
                    }
                    Way::Patient(person) => out.send(Command::OpenPatient(person)),
                },
            }
            ui.ctx().request_repaint();
        }
        if let Some(mut oversight) = self.oversight.take()
            && !oversight.show(ui, middle, snapshot.rule_counts.as_deref(), out)
        {
            self.oversight = Some(oversight);
        }
        if let Some(mut sheet) = self.sheet.take()
            && !sheet.show(ui, middle, &mut self.layout.keys)
        {
            self.sheet = Some(sheet);
        }
    }

    /// F6: the keys go to the next region, its first widget has focus; the images need none.
    pub(super) fn walk_regions(&mut self, ui: &Ui, frame: &Frame) {
        let (Some(by), Some(open)) = (self.walk.take(), &mut self.patient) else {
            return;
        };
        let n = Region::ALL.len() as isize;
        let mut at = Region::ALL
            .iter()
            .position(|r| *r == open.focus)
            .unwrap_or(0) as isize;
        for _ in 0..n {
            at = (at + by).rem_euclid(n);
            let Some(region) = usize::try_from(at).ok().and_then(|i| Region::ALL.get(i)) else {
                return;
            };
            let place = region.place(frame);
            if *region == Region::Images && !self.layout.is_folded(Leaf::Images) {
                open.focus = *region;
                if let Some(id) = ui.memory(|m| m.focused()) {
                    ui.memory_mut(|m| m.surrender_focus(id));
                }
                return;
            }
            if let Some(id) = first_in(ui, place) {
                open.focus = *region;
                ui.memory_mut(|m| m.request_focus(id));
                return;
            }
        }
    }
}

/// The first widget in `place` that takes focus, in reading order, as the last frame had them.
fn first_in(ui: &Ui, place: Rect) -> Option<Id> {
    let layer = ui.layer_id();
    ui.ctx().viewport(|v| {
        let here = v.prev_pass.widgets.get_layer(layer);
        here.filter(|w| w.enabled && w.sense.is_focusable() && place.contains(w.rect.center()))
            // What is dragged (grips) is no place to start from.
            .filter(|w| !w.sense.senses_drag())
            .filter(|w| w.rect.width() < place.width() || w.rect.height() < place.height())
            .map(|w| (w.id, w.rect.min))
            .min_by(|(_, a), (_, b)| {
                let row = |p: &egui::Pos2| pos2((p.y / 16.0).floor(), p.x);
                let (a, b) = (row(a), row(b));
                a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y))
            })
            .map(|(id, _)| id)
    })
}

impl Open {
    /// A press gives a region the keys.
    pub(super) fn pressed_in(&mut self, ui: &Ui, frame: &Frame) {
        let at = ui.input(|i| {
            i.pointer
                .any_pressed()
                .then(|| i.pointer.interact_pos())
                .flatten()
        });
        let Some(at) = at else { return };
        for region in Region::ALL {
            if region.place(frame).contains(at) {
                self.focus = region;
            }
        }
        // What had focus by key gives it up when the images are pressed: their keys are theirs again.
        if self.focus == Region::Images
            && let Some(id) = ui.memory(|m| m.focused())
            && !ui.ctx().egui_wants_keyboard_input()
        {
            ui.memory_mut(|m| m.surrender_focus(id));
        }
    }
}
