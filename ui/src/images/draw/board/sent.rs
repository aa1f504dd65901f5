//! What goes to the workbench: drawings that are new, changed or taken away, and all that a calibration states anew.

use triptych_workbench::annotate::{Annotation, Quantity, Shape};
use triptych_workbench::view::PatientView;
use triptych_workbench::{Command, DrawingEdit, new_uid};

use super::{Board, Pending};
use crate::images::draw::entry::{Entry, Wanted};
use crate::images::draw::ground::Ground;

/// What was sent and not yet shown by the workbench is drawn all the same, for at most this long (s).
const PATIENCE: f64 = 3.0;

impl Board {
    /// A new drawing goes to the workbench.
    pub(super) fn add(&mut self, mut drawing: Annotation, patient: &PatientView, now: f64) {
        if let Ok(uid) = new_uid() {
            drawing.uid = uid;
            self.selected = Some(drawing.uid.clone());
            self.wait_for(Some(drawing.clone()), &drawing.uid, patient, now);
        }
        let edits = vec![DrawingEdit::Draw(Box::new(drawing))];
        self.commands.push(Command::Annotate(edits));
    }

    /// A changed drawing goes to the workbench.
    pub(super) fn change(&mut self, drawing: Annotation, patient: &PatientView, now: f64) {
        self.wait_for(Some(drawing.clone()), &drawing.uid, patient, now);
        let edits = vec![DrawingEdit::Change(Box::new(drawing))];
        self.commands.push(Command::Annotate(edits));
    }

    /// As [`Self::change`], of a nodule all its borders in one step.
    pub(super) fn change_all(
        &mut self,
        drawing: Annotation,
        patient: &PatientView,
        now: f64,
        change: impl Fn(&mut Annotation),
    ) {
        let all = self.with_its_borders(patient, drawing.uid);
        let mut edits = Vec::new();
        for uid in all {
            let found = self.drawings(patient).into_iter().find(|a| a.uid == uid);
            let Some(mut next) = found.cloned() else {
                continue;
            };
            change(&mut next);
            self.wait_for(Some(next.clone()), &uid, patient, now);
            edits.push(DrawingEdit::Change(Box::new(next)));
        }
        if !edits.is_empty() {
            self.commands.push(Command::Annotate(edits));
        }
    }

    pub(super) fn wait_for(
        &mut self,
        drawing: Option<Annotation>,
        uid: &str,
        patient: &PatientView,
        now: f64,
    ) {
        let before = patient.drawings.get(uid).map(|a| a.edited.clone());
        let waiting = Pending {
            now: drawing,
            before,
            since: now,
        };
        self.pending.insert(uid.to_owned(), waiting);
    }

    /// What was typed is done with.
    pub(in crate::images::draw) fn typed(
        &mut self,
        ground: &Ground<'_>,
        patient: &PatientView,
        now: f64,
    ) {
        let Some(Entry {
            wanted,
            mut drawing,
            words,
            ..
        }) = self.entry.take()
        else {
            return;
        };
        let words = words.trim().to_owned();
        match wanted {
            Wanted::Text if words.is_empty() && drawing.shape == Shape::Text => {}
            Wanted::Text => {
                drawing.text = words;
                self.add(drawing, patient, now);
            }
            Wanted::Label => {
                self.change_all(drawing, patient, now, |drawing| {
                    drawing.label.clone_from(&words);
                });
            }
            Wanted::Millimetres => {
                drawing.known_mm = words.replace(',', ".").parse().ok();
                self.calibrate(drawing, ground, patient, now);
            }
        }
    }

    /// A line of known length was drawn or moved: all on this image is stated anew, in the same step (T40u).
    pub(super) fn calibrate(
        &mut self,
        mut drawing: Annotation,
        ground: &Ground<'_>,
        patient: &PatientView,
        now: f64,
    ) {
        if !drawing.known_mm.is_some_and(|mm| mm > 0.0) {
            return;
        }
        let is_new = drawing.uid.is_empty();
        if is_new && let Ok(uid) = new_uid() {
            drawing.uid = uid;
        }
        drawing.edited = "~".to_owned();
        let others: Vec<Annotation> = self
            .drawings(patient)
            .into_iter()
            .filter(|a| a.uid != drawing.uid)
            .cloned()
            .collect();
        let own = ground.recalibrated(others.iter().chain([&drawing]));
        drawing.values = own.read(&drawing).values;
        self.wait_for(Some(drawing.clone()), &drawing.uid, patient, now);
        self.selected = Some(drawing.uid.clone());
        let mut edits = vec![if is_new {
            DrawingEdit::Draw(Box::new(drawing))
        } else {
            DrawingEdit::Change(Box::new(drawing))
        }];
        edits.extend(self.restated(&own, &others, patient, now));
        self.commands.push(Command::Annotate(edits));
    }

    /// The drawings of this image whose values are others now. What needs pixels of another frame keeps its value.
    fn restated(
        &mut self,
        ground: &Ground<'_>,
        drawings: &[Annotation],
        patient: &PatientView,
        now: f64,
    ) -> Vec<DrawingEdit> {
        let mut edits = Vec::new();
        for drawing in drawings.iter().filter(|a| !a.locked) {
            let here = drawing.anchor.image.as_ref().map(|i| &i.instance)
                == ground.anchor.image.as_ref().map(|i| &i.instance);
            if !here || drawing.shape == Shape::Calibration {
                continue;
            }
            let mut next = drawing.clone();
            if ground.holds(drawing) {
                next.values = ground.read(drawing).values;
            } else {
                let mut picture = ground.picture;
                picture.frame = None;
                next.values = triptych_workbench::measure::state(drawing, &picture).values;
                let of_pixels = drawing.values.iter().filter(|v| is_of_pixels(v.quantity));
                next.values.extend(of_pixels.cloned());
            }
            if next.values != drawing.values {
                self.wait_for(Some(next.clone()), &next.uid, patient, now);
                edits.push(DrawingEdit::Change(Box::new(next)));
            }
        }
        edits
    }

    /// After all tiles: what is to be taken away is, also when its tile is not on screen.
    pub fn after(&mut self, patient: &PatientView, now: f64) {
        if let Some(uid) = self.doomed.take() {
            let all = self.with_its_borders(patient, uid);
            for uid in &all {
                self.wait_for(None, uid, patient, now);
            }
            let edits = all.into_iter().map(DrawingEdit::Delete).collect();
            self.commands.push(Command::Annotate(edits));
        }
        self.grown(patient, now);
        if self.selected.is_none() || !self.wants_spread {
            self.spread = None;
        }
        let stored = &patient.drawings;
        self.pending.retain(|uid, waiting| {
            let there = stored.get(uid).map(|a| &a.edited);
            there == waiting.before.as_ref() && now - waiting.since < PATIENCE
        });
    }

    /// A calibration line that is taken away gives the image its own millimetres back, in the same step.
    pub(super) fn revoke(&mut self, ground: &Ground<'_>, patient: &PatientView, now: f64) {
        let doomed = self.doomed.as_deref().and_then(|u| patient.drawings.get(u));
        let Some(uid) = doomed
            .filter(|a| a.shape == Shape::Calibration && ground.holds(a))
            .map(|a| a.uid.clone())
        else {
            return;
        };
        self.doomed = None;
        self.wait_for(None, &uid, patient, now);
        let others: Vec<Annotation> = self.drawings(patient).into_iter().cloned().collect();
        let own = ground.recalibrated(others.iter());
        let mut edits = vec![DrawingEdit::Delete(uid)];
        edits.extend(self.restated(&own, &others, patient, now));
        self.commands.push(Command::Annotate(edits));
    }
}

const fn is_of_pixels(quantity: Quantity) -> bool {
    matches!(
        quantity,
        Quantity::Mean
            | Quantity::StandardDeviation
            | Quantity::Minimum
            | Quantity::Maximum
            | Quantity::Median
            | Quantity::Sum
            | Quantity::Count
            | Quantity::Value
            | Quantity::Peak
    )
}
