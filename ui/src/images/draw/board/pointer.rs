//! What the pointer does to drawings: begins, chooses, moves and ends them.

use egui::{CursorIcon, Pos2, Ui};
use glam::DVec2;
use triptych_workbench::Command;
use triptych_workbench::annotate::Shape;
use triptych_workbench::view::PatientView;

use super::{Board, Moving, label_key, label_set};
use crate::images::draw::draft::{Draft, Progress, annotation};
use crate::images::draw::entry::{Entry, Wanted};
use crate::images::draw::form;
use crate::images::draw::ground::Ground;
use crate::images::draw::touch::{self, Part};

impl Board {
    /// The pointer over one tile: `tool` is what a press draws. True when it was used here.
    pub fn take(
        &mut self,
        ui: &Ui,
        response: &egui::Response,
        ground: &Ground<'_>,
        patient: &PatientView,
        tool: Option<Shape>,
    ) -> bool {
        let (at, pressed, released, down, now, enter) = ui.input(|i| {
            (
                i.pointer.latest_pos(),
                i.pointer.primary_pressed(),
                i.pointer.primary_released(),
                i.pointer.primary_down(),
                i.time,
                i.key_pressed(egui::Key::Enter),
            )
        });
        let Some(at) = at else { return false };
        if let Some(moving) = &self.moving {
            if moving.anchor != ground.anchor || moving.tile != ground.rect.min {
                return false;
            }
            self.move_to(ground, at);
            if released || !down {
                self.drop_it(ground, patient, now);
            }
            return true;
        }
        let elsewhere = self.draft.as_ref().is_some_and(|d| !d.is_on(ground));
        if elsewhere && pressed && response.contains_pointer() {
            // Begun on another frame or tile, and left.
            self.draft = None;
        } else if elsewhere {
            return false;
        }
        if let Some(draft) = &mut self.draft {
            let open_ended = draft.is_open_ended();
            draft.move_to(ground, at);
            if draft.is_seeking() {
                ui.ctx().request_repaint();
            }
            let over = response.contains_pointer();
            let mut done = false;
            if pressed && over {
                done = draft.press(ground, at) == Progress::Done;
            }
            if released && !done {
                done = draft.release(at) == Progress::Done;
            }
            // A double click soon after another click counts as a triple one.
            let twice = response.double_clicked() || response.triple_clicked();
            if open_ended && (twice || enter) {
                done = true;
            }
            if done {
                self.finish(ground, patient, now);
            }
            if over {
                ui.ctx().set_cursor_icon(CursorIcon::Crosshair);
            }
            return down || pressed || released;
        }
        if !response.contains_pointer() {
            return false;
        }
        let writable = patient.at_is_now;
        let hit = self.hit(ground, patient, at, tool.is_some());
        self.hovered = hit.as_ref().map(|(uid, _)| uid.clone());
        if hit.is_some() {
            ui.ctx().set_cursor_icon(CursorIcon::Grab);
        } else if tool.is_some() && writable {
            ui.ctx().set_cursor_icon(CursorIcon::Crosshair);
        }
        if !(pressed && response.is_pointer_button_down_on() || response.clicked()) {
            return false;
        }
        if let Some((uid, part)) = hit {
            self.selected = Some(uid.clone());
            let found = self.drawings(patient).into_iter().find(|a| a.uid == uid);
            if let Some(found) = found.cloned()
                && down
            {
                let fixed = found.locked || found.shape == Shape::Nodule;
                let movable = writable && (!fixed || part == Part::Label);
                self.moving = movable.then(|| Moving {
                    now: found.clone(),
                    before: found,
                    part,
                    from: ground.to_image(at),
                    anchor: ground.anchor.clone(),
                    tile: ground.rect.min,
                    label: None,
                });
            }
            return true;
        }
        if let Some(shape) = tool.filter(|_| writable) {
            let mut draft = Draft::new(shape, ground, at);
            let done = released && draft.release(at) == Progress::Done;
            self.draft = Some(draft);
            self.selected = None;
            if done {
                self.finish(ground, patient, now);
            }
            return true;
        }
        self.selected = None;
        false
    }

    /// What is under the pointer. With a drawing tool in hand only handles, and the lines of what is chosen: the rest can be drawn over.
    fn hit(
        &self,
        ground: &Ground<'_>,
        patient: &PatientView,
        at: Pos2,
        drawing: bool,
    ) -> Option<(String, Part)> {
        let mut hits: Vec<(String, Part)> = self
            .drawings(patient)
            .into_iter()
            .filter(|a| ground.holds(a))
            .filter_map(|a| {
                let label = self.labels.get(&label_key(ground, &a.uid)).copied();
                let part = touch::part(ground, a, label, at)?;
                let chosen = self.selected.as_ref() == Some(&a.uid);
                let takes = !drawing || chosen || matches!(part, Part::Handle(_));
                takes.then(|| (a.uid.clone(), part))
            })
            .collect();
        // The chosen one first, then the smallest part.
        hits.sort_by_key(|(uid, part)| {
            (
                self.selected.as_ref() != Some(uid),
                !matches!(part, Part::Handle(_)),
                *part == Part::Label,
            )
        });
        hits.into_iter().next()
    }

    fn move_to(&mut self, ground: &Ground<'_>, at: Pos2) {
        let Some(moving) = &mut self.moving else {
            return;
        };
        let to = ground.to_image(at);
        let points = touch::points(&moving.before);
        let points = match moving.part {
            Part::Handle(k) => {
                let shape = moving.before.shape;
                form::pull(shape, &points, k, to, ground.aspect())
            }
            Part::Whole => form::shifted(&points, to - moving.from),
            Part::Label => {
                moving.label = Some(to);
                return;
            }
        };
        moving.now.points = points.iter().map(DVec2::to_array).collect();
    }

    /// The button is up: what was moved stays there.
    fn drop_it(&mut self, ground: &Ground<'_>, patient: &PatientView, now: f64) {
        let Some(mut moving) = self.moving.take() else {
            return;
        };
        if let Some(at) = moving.label {
            self.commands.push(Command::SaveView {
                study: ground.anchor.study.clone(),
                set: label_set(&moving.before.uid),
                state: format!("[{},{}]", at.x, at.y),
            });
            return;
        }
        if moving.now.points == moving.before.points {
            return;
        }
        moving.now.values = ground.read(&moving.now).values;
        if moving.now.shape == Shape::Calibration {
            self.calibrate(moving.now, ground, patient, now);
        } else {
            self.change(moving.now, patient, now);
        }
    }

    /// A draft is done: it is drawn, or waits for its words.
    fn finish(&mut self, ground: &Ground<'_>, patient: &PatientView, now: f64) {
        let Some(mut draft) = self.draft.take() else {
            return;
        };
        if draft.shape == Shape::Nodule {
            self.grow(ground, draft.first(), now);
            return;
        }
        let Some(points) = draft.finish(ground) else {
            return;
        };
        let mut drawing = annotation(draft.shape, &points, &draft.anchor);
        drawing.values = ground.read(&drawing).values;
        let wanted = match draft.shape {
            Shape::Text | Shape::Arrow => Wanted::Text,
            Shape::Calibration => Wanted::Millimetres,
            _ => {
                self.add(drawing, patient, now);
                return;
            }
        };
        self.entry = Some(Entry::new(wanted, drawing, Some(ground.rect.min)));
    }
}
