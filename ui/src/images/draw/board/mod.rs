//! State of drawing over the tiles of one leaf: what is drawn, chosen, moved and on its way.

mod pointer;
mod sent;
mod shown;

use std::collections::BTreeMap;

use egui::{Pos2, Rect};
use glam::DVec2;
use triptych_workbench::Command;
use triptych_workbench::annotate::{Anchor, Annotation};
use triptych_workbench::measure::{Distribution, Reading};
use triptych_workbench::view::{PatientView, StudyView};

use super::draft::Draft;
use super::entry::{Entry, Wanted};
use super::ground::Ground;
use super::nodule::Growing;
use super::touch::Part;

/// Drawings in the making, chosen, moved, and on their way to the workbench.
#[derive(Debug, Default)]
pub(crate) struct Board {
    selected: Option<String>,
    hovered: Option<String>,
    draft: Option<Draft>,
    moving: Option<Moving>,
    pub(super) entry: Option<Entry>,
    pending: BTreeMap<String, Pending>,
    /// Taken away as soon as its tile is drawn, where what it scales is stated anew.
    doomed: Option<String>,
    /// Where labels were painted last, by tile slot and drawing.
    labels: BTreeMap<String, Rect>,
    /// Readings by drawing, with what they were made from.
    readings: BTreeMap<String, (String, Reading)>,
    /// How the values in the chosen region are spread, and what that was made from.
    pub(super) spread: Option<(String, Distribution)>,
    /// The table of findings is open, and shows it.
    pub wants_spread: bool,
    /// A nodule that was clicked and is not there yet.
    pub(super) growing: Option<Growing>,
    pub commands: Vec<Command>,
}

/// A drawing under way to another place.
#[derive(Debug)]
struct Moving {
    before: Annotation,
    now: Annotation,
    part: Part,
    from: DVec2,
    anchor: Anchor,
    /// The tile in which it is moved: another one may show the same frame.
    tile: Pos2,
    /// Of the label, centre in corner coordinates.
    label: Option<DVec2>,
}

/// Sent and not yet in a snapshot.
#[derive(Debug)]
struct Pending {
    /// `None`: taken away.
    now: Option<Annotation>,
    /// `edited` as it was when that was sent; `None`: it was not there.
    before: Option<String>,
    since: f64,
}

impl Board {
    /// The drawings as they are to be shown: the snapshot's, with what is on its way.
    pub fn drawings<'a>(&'a self, patient: &'a PatientView) -> Vec<&'a Annotation> {
        let stored = patient.drawings.annotations.iter();
        let mut all: Vec<&Annotation> = stored
            .filter(|a| !self.pending.contains_key(&a.uid))
            .collect();
        all.extend(self.pending.values().filter_map(|p| p.now.as_ref()));
        all
    }

    /// The chosen drawing.
    pub fn selected<'a>(&self, patient: &'a PatientView) -> Option<&'a Annotation> {
        patient.drawings.get(self.selected.as_deref()?)
    }

    pub fn select(&mut self, uid: Option<String>) {
        self.selected = uid;
    }

    /// Something is chosen, drawn or typed: Esc is for it.
    pub const fn has_choice(&self) -> bool {
        self.selected.is_some() || self.is_busy()
    }

    const fn is_busy(&self) -> bool {
        self.draft.is_some() || self.moving.is_some() || self.entry.is_some()
    }

    /// Ends what is under way without a trace, else takes the choice away; false when there was nothing.
    pub fn cancel(&mut self) -> bool {
        let busy = self.is_busy();
        self.draft = None;
        self.moving = None;
        self.entry = None;
        busy || self.selected.take().is_some()
    }

    /// Takes the chosen drawing away (Delete). False when none is chosen.
    pub fn delete(&mut self, patient: &PatientView) -> bool {
        let chosen = self.selected(patient).filter(|a| !a.locked);
        let Some(uid) = chosen.map(|a| a.uid.clone()) else {
            return false;
        };
        self.selected = None;
        self.doomed = Some(uid);
        true
    }

    /// Makes the chosen drawing final: it can be changed no more.
    pub fn lock(&mut self, patient: &PatientView) -> bool {
        let Some(drawing) = self.selected(patient).cloned() else {
            return false;
        };
        self.change_all(drawing, patient, 0.0, |drawing| drawing.locked = true);
        true
    }

    /// Begins to rename the chosen drawing.
    pub fn rename(&mut self, patient: &PatientView) -> bool {
        let Some(drawing) = self.selected(patient).filter(|a| !a.locked).cloned() else {
            return false;
        };
        self.entry = Some(Entry::new(Wanted::Label, drawing, None));
        true
    }

    /// Undo or redo: what the workbench answers counts.
    pub fn step(&mut self, forth: bool) {
        self.pending.clear();
        self.commands
            .push(if forth { Command::Redo } else { Command::Undo });
    }
}

fn label_set(uid: &str) -> String {
    format!("label/{uid}")
}

fn label_key(ground: &Ground<'_>, uid: &str) -> String {
    format!("{:?} {uid}", ground.rect.min)
}

/// The study of a drawing.
pub(super) fn study_of<'a>(
    patient: &'a PatientView,
    drawing: &Annotation,
) -> Option<&'a StudyView> {
    patient
        .studies
        .iter()
        .find(|s| s.uid == drawing.anchor.study)
}
