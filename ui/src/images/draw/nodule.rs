//! Nodules grown from a click: the order for one, its borders as one thing, its threshold (T44).

use egui::{Align, Ui, vec2};
use glam::DVec2;
use triptych_workbench::annotate::{Anchor, Annotation, Shape};
use triptych_workbench::view::PatientView;
use triptych_workbench::{Command, GrowSettings, Grown, NoduleClick, new_uid};

use super::board::Board;
use super::ground::Ground;
use crate::look::{text, typeface as f};
use crate::words::w;

/// A step of the threshold, HU.
const STEP: f64 = 50.0;
/// It is said for so long that a nodule is being grown, s.
const PATIENCE: f64 = 20.0;

/// What was clicked.
#[derive(Debug)]
pub(super) struct Growing {
    lesion: String,
    anchor: Anchor,
    at: DVec2,
    since: f64,
}

impl Board {
    /// A click with the tool: the workbench grows what is there.
    pub(super) fn grow(&mut self, ground: &Ground<'_>, at: Option<DVec2>, now: f64) {
        let (Some(at), Some(plane), Some(image)) = (
            at,
            ground.anchor.plane.as_ref(),
            ground.anchor.image.as_ref(),
        ) else {
            return;
        };
        let (Some(seed), Ok(lesion)) = (
            plane.to_patient(triptych_render::ImageCorner(at)),
            new_uid(),
        ) else {
            return;
        };
        self.growing = Some(Growing {
            lesion: lesion.clone(),
            anchor: ground.anchor.clone(),
            at,
            since: now,
        });
        self.commands
            .push(Command::GrowNodule(Box::new(NoduleClick {
                instance: image.instance.clone(),
                frame: image.frame,
                grown: Grown {
                    seed,
                    settings: GrowSettings::default(),
                },
                lesion,
            })));
    }

    /// A nodule that was asked for is there: it is chosen.
    pub(super) fn grown(&mut self, patient: &PatientView, now: f64) {
        let Some(growing) = &self.growing else { return };
        let lesion = &growing.lesion;
        let all = patient.drawings.annotations.iter();
        let there = all.clone().find(|a| a.lesion == *lesion && states(a));
        if let Some(there) = there {
            let uid = there.uid.clone();
            self.select(Some(uid));
            self.growing = None;
        } else if now - growing.since > PATIENCE {
            self.growing = None;
        }
    }

    /// That it is being grown, beside the click.
    pub(super) fn say_growing(&self, ui: &Ui, ground: &Ground<'_>) {
        let here = |g: &&Growing| g.anchor == ground.anchor;
        if let Some(growing) = self.growing.as_ref().filter(here) {
            let at = ground.to_screen(growing.at) + vec2(12.0, 0.0);
            let painter = ui.painter().with_clip_rect(ground.rect);
            let words = w("draw.growing");
            let place = text::on_image(&painter, at, Align::Min, words, f::small_strong());
            text::spoken(ui, ("growing", &growing.lesion), place, words);
        }
    }

    /// Grows the chosen nodule again from a threshold so many steps higher; false when none is chosen.
    pub(in crate::images) fn regrow(&mut self, patient: &PatientView, steps: f64) -> bool {
        let Some((main, mut grown)) = self.threshold(patient) else {
            return false;
        };
        let Some(image) = main.anchor.image.as_ref().filter(|_| !main.locked) else {
            return false;
        };
        let [from, to] = &mut grown.settings.range;
        *from = (*from + steps * STEP).min(*to - STEP);
        self.commands
            .push(Command::GrowNodule(Box::new(NoduleClick {
                instance: image.instance.clone(),
                frame: image.frame,
                grown,
                lesion: main.lesion.clone(),
            })));
        true
    }

    /// How the chosen nodule was grown, and the drawing that says so.
    pub(super) fn threshold<'a>(
        &self,
        patient: &'a PatientView,
    ) -> Option<(&'a Annotation, Grown)> {
        let chosen = self.selected(patient)?;
        let mut all = patient.drawings.annotations.iter();
        let main = all.find(|a| a.lesion == chosen.lesion && states(a))?;
        Some((main, Grown::of_text(&main.text)?))
    }

    /// The drawing whose values are shown beside `drawing`: of the borders of a nodule the one that states them.
    pub(super) fn stating<'a>(
        &self,
        patient: &'a PatientView,
        drawing: &'a Annotation,
    ) -> &'a Annotation {
        if drawing.shape != Shape::Nodule {
            return drawing;
        }
        let mut all = patient.drawings.annotations.iter();
        all.find(|a| a.lesion == drawing.lesion && states(a))
            .unwrap_or(drawing)
    }

    /// A drawing, and all borders of the nodule that it is of.
    pub(super) fn with_its_borders(&self, patient: &PatientView, uid: String) -> Vec<String> {
        let of = patient.drawings.get(&uid);
        let Some(nodule) = of.filter(|a| a.shape == Shape::Nodule) else {
            return vec![uid];
        };
        let all = patient.drawings.annotations.iter();
        all.filter(|a| {
            let same = a.lesion == nodule.lesion && a.anchor.series == nodule.anchor.series;
            same && a.shape == Shape::Nodule && !a.locked
        })
        .map(|a| a.uid.clone())
        .collect()
    }
}

/// Of the borders of a nodule the one with its values.
fn states(a: &Annotation) -> bool {
    a.shape == Shape::Nodule && !a.values.is_empty()
}
