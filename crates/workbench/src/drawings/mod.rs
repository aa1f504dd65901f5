//! The drawings and key images of one person while a reader works: what a command changes, what that leaves to be stored, and the way
//! back. No file, no clock.

mod csv;
mod stored;
#[cfg(test)]
mod tests;
mod uid;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use triptych_archive::{EditKind, NewEdit, StoredInstance};
use triptych_clinical::{DocumentHash, Instant, PatientKey, SopInstanceUid, StudyUid, When};
use triptych_imaging::annotate::{AnchorPlane, Annotation, Shape};
use triptych_imaging::measure::{Dated, Edit, EditError, History, Lesion, findings};

use crate::WorkbenchError;
use crate::command::DrawingEdit;
use crate::view::{DrawingsView, KeyImage};

pub(crate) use csv::csv;
pub(crate) use stored::Stored;
pub use uid::new_uid;

/// Steps that can be undone, marks included.
const STEPS: usize = triptych_imaging::measure::STEPS;

/// Who acts, when, and with which program: written into what is drawn.
#[derive(Clone, Debug)]
pub(crate) struct Hand {
    pub who: String,
    /// RFC 3339 UTC.
    pub now: String,
    /// Name and version.
    pub software: String,
}

/// One step back or forth: the drawings keep theirs in [`History`].
#[derive(Clone, Debug)]
enum Step {
    Drawings,
    Mark {
        item: String,
        before: Option<Box<KeyImage>>,
        after: Option<Box<KeyImage>>,
    },
}

/// The work of a reader on one person's images, from opening to the next person.
#[derive(Debug)]
pub(crate) struct Session {
    person: PatientKey,
    instances: BTreeMap<SopInstanceUid, Arc<Known>>,
    history: History,
    /// Hash of the file that each drawing was made on.
    hashes: BTreeMap<String, Option<DocumentHash>>,
    marks: BTreeMap<String, KeyImage>,
    views: BTreeMap<String, String>,
    unreadable: usize,
    done: Vec<Step>,
    undone: Vec<Step>,
}

/// What is known of an instance that can be drawn on.
#[derive(Debug)]
struct Known {
    instance: StoredInstance,
    /// Other bytes came under the same UID after it.
    replaced: Option<Instant>,
}

impl Session {
    /// The work on `person` as it is stored. `instances` are all that the archive has, variants included.
    pub fn new(person: PatientKey, instances: &[StoredInstance], stored: Stored) -> Self {
        let mut session = Self {
            person,
            instances: BTreeMap::new(),
            history: History::new(stored.annotations),
            hashes: stored.hashes,
            marks: stored.marks,
            views: stored.views,
            unreadable: stored.unreadable,
            done: Vec::new(),
            undone: Vec::new(),
        };
        session.instances = known(instances);
        session
    }

    pub const fn person(&self) -> PatientKey {
        self.person
    }

    /// The same person was read again, perhaps with more images: the work goes on.
    pub fn refresh(&mut self, read: Self) {
        self.instances = read.instances;
    }

    /// Does one step of a reader. What is to be stored for it.
    pub fn draw(
        &mut self,
        edits: Vec<DrawingEdit>,
        hand: &Hand,
    ) -> Result<Vec<NewEdit>, WorkbenchError> {
        let mut step: Option<Edit> = None;
        let mut hashes = Vec::new();
        for edit in edits {
            let next = match edit {
                DrawingEdit::Draw(mut drawn) => {
                    if drawn.uid.is_empty() {
                        drawn.uid = new_uid()?;
                    }
                    if drawn.lesion.is_empty() {
                        drawn.lesion.clone_from(&drawn.uid);
                    }
                    if drawn.label.is_empty() {
                        // The drawings of one lesion have one name.
                        let mut others = self.history.annotations();
                        let same = others.find(|a| a.lesion == drawn.lesion);
                        drawn.label =
                            same.map_or_else(|| self.next_label(drawn.shape), |a| a.label.clone());
                    }
                    drawn.author.clone_from(&hand.who);
                    drawn.created.clone_from(&hand.now);
                    self.complete(&mut drawn, hand)?;
                    hashes.push((drawn.uid.clone(), self.hash_below(&drawn)));
                    Edit::create(*drawn)
                }
                DrawingEdit::Change(mut drawn) => {
                    let before = self.present(&drawn.uid)?.clone();
                    // Who drew it and where stays as it was.
                    drawn.author.clone_from(&before.author);
                    drawn.created.clone_from(&before.created);
                    self.complete(&mut drawn, hand)?;
                    if drawn.points != before.points {
                        hashes.push((drawn.uid.clone(), self.hash_below(&drawn)));
                    }
                    Edit::change(before, *drawn)
                }
                DrawingEdit::Delete(uid) => Edit::delete(self.present(&uid)?.clone()),
            };
            step = Some(match step {
                Some(step) => step.and(next),
                None => next,
            });
        }
        let Some(step) = step else {
            return Ok(Vec::new());
        };
        self.history
            .apply(step.clone())
            .map_err(|e| WorkbenchError::Refused(e.to_string()))?;
        self.hashes.extend(hashes);
        self.remember(Step::Drawings);
        self.rows(&step)
    }

    /// Marks a frame, changes the reason of its mark, or (`None`) takes the mark away.
    pub fn mark(
        &mut self,
        item: String,
        after: Option<KeyImage>,
    ) -> Result<Vec<NewEdit>, WorkbenchError> {
        let before = self.marks.get(&item).cloned();
        if before == after {
            return Ok(Vec::new());
        }
        let rows = self.put_mark(&item, before.as_ref(), after.clone())?;
        self.remember(Step::Mark {
            item,
            before: before.map(Box::new),
            after: after.map(Box::new),
        });
        Ok(rows)
    }

    /// Takes the last step back, or (`forth`) does it again.
    pub fn back(&mut self, forth: bool) -> Result<Vec<NewEdit>, WorkbenchError> {
        let from = if forth {
            &mut self.undone
        } else {
            &mut self.done
        };
        let Some(step) = from.pop() else {
            return Ok(Vec::new());
        };
        let rows = match &step {
            Step::Drawings => {
                let edit = if forth {
                    self.history.redo()
                } else {
                    self.history.undo()
                };
                match edit {
                    Ok(edit) => self.rows(&edit)?,
                    // Steps of drawings that became final left the history.
                    Err(EditError::Nothing) => {
                        return self.back(forth);
                    }
                    Err(error) => return Err(WorkbenchError::Refused(error.to_string())),
                }
            }
            Step::Mark {
                item,
                before,
                after,
            } => {
                let (from, to) = if forth {
                    (before, after)
                } else {
                    (after, before)
                };
                self.put_mark(item, from.as_deref(), to.as_deref().cloned())?
            }
        };
        let to = if forth {
            &mut self.done
        } else {
            &mut self.undone
        };
        to.push(step);
        Ok(rows)
    }

    /// Keeps how a display set is looked at. No step: nothing about the patient changes.
    pub fn keep_view(&mut self, study: StudyUid, set: String, state: String) -> Vec<NewEdit> {
        if self.views.get(&set) == Some(&state) {
            return Vec::new();
        }
        self.views.insert(set.clone(), state.clone());
        let of_study = self
            .instances
            .values()
            .find(|k| k.instance.record.study == study);
        vec![NewEdit {
            patient: of_study.map_or(self.person, |k| k.instance.patient),
            study,
            kind: EditKind::View,
            item: set,
            body: Some(state),
            image: None,
        }]
    }

    /// What is shown.
    pub fn view(&self) -> DrawingsView {
        let annotations: Arc<[Annotation]> = self.history.annotations().cloned().collect();
        let mut key_images: Vec<KeyImage> = self.marks.values().cloned().collect();
        key_images.sort_by(|a, b| a.marked.cmp(&b.marked).then_with(|| a.cmp(b)));
        let changed: BTreeSet<String> = annotations
            .iter()
            .filter(|a| self.image_changed(a))
            .map(|a| a.uid.clone())
            .collect();
        DrawingsView {
            lesions: self.lesions(&annotations).into(),
            annotations,
            image_changed: Arc::new(changed),
            key_images: key_images.into(),
            views: Arc::new(self.views.clone()),
            can_undo: !self.done.is_empty(),
            can_redo: !self.undone.is_empty(),
            unreadable: self.unreadable,
            foreign: Arc::default(),
        }
    }

    fn remember(&mut self, step: Step) {
        self.undone.clear();
        self.done.push(step);
        if self.done.len() > STEPS {
            self.done.remove(0);
        }
    }

    fn present(&self, uid: &str) -> Result<&Annotation, WorkbenchError> {
        self.history.get(uid).ok_or_else(|| {
            WorkbenchError::NotFound("the measurement is not there any more".to_owned())
        })
    }

    fn put_mark(
        &mut self,
        item: &str,
        before: Option<&KeyImage>,
        after: Option<KeyImage>,
    ) -> Result<Vec<NewEdit>, WorkbenchError> {
        let Some(image) = after.as_ref().or(before) else {
            return Ok(Vec::new());
        };
        let known = self.known(&image.instance)?;
        let row = NewEdit {
            patient: known.instance.patient,
            study: known.instance.record.study.clone(),
            kind: EditKind::KeyImage,
            item: item.to_owned(),
            body: after.as_ref().map(stored::body).transpose()?,
            image: Some(known.instance.document),
        };
        match after {
            Some(image) => self.marks.insert(item.to_owned(), image),
            None => self.marks.remove(item),
        };
        Ok(vec![row])
    }

    fn known(&self, instance: &SopInstanceUid) -> Result<Arc<Known>, WorkbenchError> {
        self.instances.get(instance).cloned().ok_or_else(|| {
            // Never on the images of another person (WRK-05).
            WorkbenchError::Refused("this image does not belong to the open patient".to_owned())
        })
    }

    /// Fills in what the screen does not know of the place of a drawing, and who changed it when.
    fn complete(&self, drawn: &mut Annotation, hand: &Hand) -> Result<(), WorkbenchError> {
        drawn.edited.clone_from(&hand.now);
        drawn.software.clone_from(&hand.software);
        // What is no number is not stated; JSON could not hold it either.
        drawn.values.retain(|v| v.value.is_finite());
        drawn.known_mm = drawn.known_mm.filter(|mm| mm.is_finite() && *mm > 0.0);
        drawn.anchor.plane = drawn.anchor.plane.filter(|p| p.plane().is_some());
        let least = drawn.shape.least_points();
        let finite = drawn.points.iter().flatten().all(|v| v.is_finite());
        if drawn.points.len() < least || !finite {
            return Err(WorkbenchError::Refused(
                "the drawing has too few points".to_owned(),
            ));
        }
        let Some(image) = &mut drawn.anchor.image else {
            let mut all = self.instances.values();
            let of_study = all.any(|k| k.instance.record.series == drawn.anchor.series);
            return if of_study {
                Ok(())
            } else {
                Err(WorkbenchError::Refused(
                    "these images do not belong to the open patient".to_owned(),
                ))
            };
        };
        let known = match self.known(&image.instance) {
            Ok(known) => known,
            // The image was deleted since: the drawing can still be renamed or taken away.
            Err(_) if self.history.get(&drawn.uid).is_some() => return Ok(()),
            Err(error) => return Err(error),
        };
        let record = &known.instance.record;
        image.sop_class = record.sop_class.to_string();
        drawn.anchor.study = record.study.clone();
        drawn.anchor.series = record.series.clone();
        drawn.anchor.frame_of_reference =
            record.frame_of_reference.as_ref().map(ToString::to_string);
        if drawn.anchor.plane.is_none() && record.frames <= 1 {
            drawn.anchor.plane = record
                .position
                .zip(record.orientation)
                .zip(record.pixel_spacing)
                .map(|((position, orientation), spacing)| AnchorPlane {
                    position,
                    orientation,
                    spacing,
                });
        }
        Ok(())
    }

    /// The next free name of a new drawing: L1, L2 … for what may be a lesion, letters of their own for the others.
    fn next_label(&self, shape: Shape) -> String {
        let prefix = match shape {
            Shape::Angle => "A",
            Shape::Cobb => "C",
            Shape::Probe => "P",
            Shape::Arrow | Shape::Text | Shape::Calibration => return String::new(),
            _ => "L",
        };
        let numbers = self.history.annotations().filter_map(|a| {
            let number = a.label.strip_prefix(prefix)?;
            number.parse::<u32>().ok()
        });
        format!("{prefix}{}", numbers.max().unwrap_or(0).saturating_add(1))
    }

    /// The table of findings: everything that has a name, by the dates of its images.
    fn lesions(&self, annotations: &[Annotation]) -> Vec<Lesion> {
        let dated: Vec<Dated<'_>> = annotations
            .iter()
            .filter(|a| !matches!(a.shape, Shape::Calibration | Shape::Text | Shape::Arrow))
            .map(|annotation| {
                let record = annotation
                    .anchor
                    .image
                    .as_ref()
                    .and_then(|i| self.instances.get(&i.instance))
                    .or_else(|| {
                        let mut all = self.instances.values();
                        all.find(|k| k.instance.record.series == annotation.anchor.series)
                    })
                    .map(|known| &known.instance.record);
                let taken = record.and_then(|r| r.study_time).map(|t| t.instant);
                Dated {
                    annotation,
                    taken: taken.unwrap_or(Instant(0)),
                    slice_thickness_mm: record.and_then(|r| r.slice_thickness),
                    kernel: record
                        .and_then(|r| r.volume_attributes.get("ConvolutionKernel"))
                        .map_or("", String::as_str),
                }
            })
            .collect();
        findings(&dated)
    }

    fn hash_below(&self, drawn: &Annotation) -> Option<DocumentHash> {
        let image = drawn.anchor.image.as_ref()?;
        let known = self.instances.get(&image.instance)?;
        Some(known.instance.document)
    }

    /// Other bytes lie below the drawing than when it was made, came under the same UID since, or none are there any more.
    fn image_changed(&self, drawn: &Annotation) -> bool {
        let Some(image) = &drawn.anchor.image else {
            return false;
        };
        let Some(known) = self.instances.get(&image.instance) else {
            return true;
        };
        let hash = self.hashes.get(&drawn.uid).copied().flatten();
        let other = hash.is_some_and(|hash| hash != known.instance.document);
        let edited = When::parse(&drawn.edited).map(|w| w.instant);
        let later = known
            .replaced
            .is_some_and(|at| edited.as_ref().is_ok_and(|edited| at > *edited));
        other || later
    }

    /// One row for each drawing that the step changed.
    fn rows(&self, step: &Edit) -> Result<Vec<NewEdit>, WorkbenchError> {
        let back = step.inverse();
        let before: BTreeMap<&str, &Annotation> = back
            .results()
            .filter_map(|(uid, before)| Some((uid, before?)))
            .collect();
        step.results()
            .filter_map(|(uid, after)| match after {
                Some(after) => Some(stored::row(self, after, false)),
                None => before
                    .get(uid)
                    .map(|before| stored::row(self, before, true)),
            })
            .collect()
    }
}

/// The shown file of each image, and whether another one came under its UID.
fn known(instances: &[StoredInstance]) -> BTreeMap<SopInstanceUid, Arc<Known>> {
    let mut replaced: BTreeMap<&SopInstanceUid, Instant> = BTreeMap::new();
    for other in instances.iter().filter(|i| i.variant > 0) {
        let last = replaced
            .entry(&other.record.sop_instance)
            .or_insert(other.received);
        *last = (*last).max(other.received);
    }
    instances
        .iter()
        .filter(|i| i.variant == 0)
        .map(|instance| {
            let uid = instance.record.sop_instance.clone();
            let known = Known {
                replaced: replaced.get(&uid).copied(),
                instance: instance.clone(),
            };
            (uid, Arc::new(known))
        })
        .collect()
}
