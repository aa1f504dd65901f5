//! What readers drew and marked, written as DICOM: measurement report (SR, TID 1500), key object selection, presentation state. Each object
//! lies in the study of its images (complaint 28); the files go into a new folder and, by the usual way in, into the archive.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use triptych_archive::{By, Details, Verb};
use triptych_clinical::{SeriesUid, StudyUid};
use triptych_imaging::annotate::Annotation;
use triptych_imaging::display::Voi;
use triptych_imaging::objects::{
    Device, Evidence, ImageReference, KeySelection, KeyTitle, NotWritten, ObjectContext,
    ReportState, SeenImage, WriteError, Written, as_seen, uid_of, write_key_objects,
    write_measurements, write_presentation_state,
};
use triptych_worker::{Priority, WriteSource};

use super::{Workbench, lock};
use crate::view::{DrawingsView, KeyImage, Page};
use crate::{Core, OpenPatient, SeenFrame, WorkbenchError};

/// Names this program in the objects it writes.
const DEVICE_UID: &str = "2.25.182301477963312540119274562987612210448";

/// New series begin here, so that they stand behind those of the scanner.
const FIRST_SERIES: u32 = 9001;

impl Workbench {
    /// Writes everything that readers drew and marked on the open person's images.
    pub(super) fn write_reports(
        &self,
        core: &Core,
        folder: Option<PathBuf>,
        seen: &[SeenFrame],
    ) -> Result<(), WorkbenchError> {
        self.write_objects(core, folder, seen, "SR, KOS, GSPS", |writer, drawings| {
            if drawings.annotations.is_empty() && drawings.key_images.is_empty() {
                return Err(WorkbenchError::Refused(
                    "nothing is drawn or marked on these images".to_owned(),
                ));
            }
            writer.all(&drawings.annotations, &drawings.key_images)
        })
    }

    /// Writes how one frame is looked at, with what is drawn on it.
    pub(super) fn write_state(
        &self,
        core: &Core,
        folder: Option<PathBuf>,
        seen: &SeenFrame,
    ) -> Result<(), WorkbenchError> {
        let frames = std::slice::from_ref(seen);
        self.write_objects(core, folder, frames, "GSPS", |writer, drawings| {
            let states = writer.state(seen, &drawings.annotations)?;
            Ok((states, Vec::new()))
        })
    }

    /// Writes objects into a new folder and brings them in by the usual way.
    fn write_objects(
        &self,
        core: &Core,
        folder: Option<PathBuf>,
        seen: &[SeenFrame],
        what: &str,
        make: impl FnOnce(&Writer<'_>, &DrawingsView) -> Made,
    ) -> Result<(), WorkbenchError> {
        let open = lock(&self.0.state).open.clone();
        let Page::Patient(view) = self.snapshot().page.clone() else {
            return Ok(());
        };
        let Some(open) = open.filter(|o| o.view.person == view.person) else {
            return Ok(());
        };
        if !view.at_is_now {
            return Err(WorkbenchError::Refused(
                "as of another time nothing is written".to_owned(),
            ));
        }
        let folder = folder.or_else(super::drawing::documents).ok_or_else(|| {
            WorkbenchError::NotFound("there is no folder to write into".to_owned())
        })?;
        let By { at, who } = core.by();
        let writer = Writer {
            core,
            open: &open,
            who: &who,
            now: at,
            seen,
        };
        let (written, left_out) = make(&writer, &view.drawings)?;
        let place = folder.join(format!("Triptych {}", at.to_string().replace(':', "")));
        let io = |error: std::io::Error| {
            WorkbenchError::Refused(format!("{}: {error}", place.display()))
        };
        std::fs::create_dir(&place).map_err(io)?;
        for (k, object) in written.iter().enumerate() {
            new_file(&place.join(format!("{:04}.dcm", k + 1)), &object.bytes).map_err(io)?;
        }
        let details = Details::from([
            ("what".to_owned(), what.to_owned()),
            ("objects".to_owned(), written.len().to_string()),
        ]);
        let by = By::new(who, at);
        core.wait(
            core.archive()
                .audit(&by, Verb::Export, Some(view.person), details),
        )?;
        let count = match written.len() {
            1 => "1 object".to_owned(),
            n => format!("{n} objects"),
        };
        let mut words = format!("{count} written to {}", place.display());
        for part in left_out.iter().take(3) {
            words.push_str("; not in them: ");
            words.push_str(&part.reason);
        }
        self.notice(words, false);
        self.send(crate::Command::Import(vec![place]));
        Ok(())
    }
}

/// Objects, and what is not in them.
type Made = Result<(Vec<Written>, Vec<NotWritten>), WorkbenchError>;

/// What all objects of one export share.
struct Writer<'a> {
    core: &'a Core,
    open: &'a OpenPatient,
    who: &'a str,
    now: triptych_clinical::Instant,
    /// How frames are looked at.
    seen: &'a [SeenFrame],
}

impl Writer<'_> {
    /// One frame as it is looked at, with its drawings.
    fn state(
        &self,
        seen: &SeenFrame,
        drawings: &[Annotation],
    ) -> Result<Vec<Written>, WorkbenchError> {
        let no_numbers = std::cell::Cell::new(false);
        let mut uids = || random(&no_numbers);
        let instances = &self.open.catalog.instances;
        let stored = instances
            .iter()
            .find(|i| i.record.sop_instance == seen.instance)
            .ok_or_else(|| {
                WorkbenchError::NotFound(format!("image {} is not here", seen.instance))
            })?;
        let on = drawings
            .iter()
            .filter(|a| a.is_on(&seen.instance, seen.frame));
        let image = self.seen_image(seen.instance.as_str(), seen.frame, on)?;
        let image = image.filter(|i| i.voi.is_some()).ok_or_else(|| {
            WorkbenchError::Refused(
                "a presentation state is of greys; this image has none".to_owned(),
            )
        })?;
        let study = &stored.record.study;
        let context = self.context(study, FIRST_SERIES + 2, "Presentation", &mut uids)?;
        let states = as_seen(&[image], "AS SEEN", "As seen", self.who).map_err(|e| refused(&e))?;
        let written = states
            .iter()
            .map(|state| write_presentation_state(&context, state, &mut uids))
            .collect::<Result<_, _>>()
            .map_err(|e| refused(&e))?;
        enough(&no_numbers)?;
        Ok(written)
    }

    fn all(&self, drawings: &[Annotation], keys: &[KeyImage]) -> Made {
        let no_numbers = std::cell::Cell::new(false);
        let mut uids = || random(&no_numbers);
        let mut written: Vec<Written> = Vec::new();
        let mut left_out = Vec::new();
        let studies: BTreeSet<&StudyUid> = drawings.iter().map(|a| &a.anchor.study).collect();
        for study in studies {
            let of_study: Vec<Annotation> = drawings
                .iter()
                .filter(|a| a.anchor.study == *study)
                .cloned()
                .collect();
            let context = self.context(study, FIRST_SERIES, "Measurements", &mut uids)?;
            let state = ReportState {
                complete: true,
                last: false,
            };
            match write_measurements(&context, &of_study, state, &mut uids) {
                Ok(report) => {
                    left_out.extend(report.not_written.iter().cloned());
                    written.push(report);
                }
                // Arrows and texts alone make no report; they are in the presentation state.
                Err(WriteError::Nothing(_)) => {}
                Err(error) => return Err(refused(&error)),
            }
            let context = self.context(study, FIRST_SERIES + 2, "Presentation", &mut uids)?;
            let seen = self.seen(&of_study)?;
            if !seen.is_empty() {
                let states =
                    as_seen(&seen, "TRIPTYCH", "Drawings", self.who).map_err(|e| refused(&e))?;
                for (k, state) in states.iter().enumerate() {
                    let numbered = ObjectContext {
                        instance_number: u32::try_from(k + 1).unwrap_or(u32::MAX),
                        ..context.clone()
                    };
                    let state = write_presentation_state(&numbered, state, &mut uids)
                        .map_err(|e| refused(&e))?;
                    written.push(state);
                }
            }
        }
        if !keys.is_empty() {
            let studies: BTreeSet<&StudyUid> = keys.iter().map(|k| &k.study).collect();
            let contexts: Vec<ObjectContext> = studies
                .into_iter()
                .map(|study| self.context(study, FIRST_SERIES + 1, "Key images", &mut uids))
                .collect::<Result<_, _>>()?;
            let selection = KeySelection {
                title: KeyTitle::OfInterest,
                description: String::new(),
                keys: keys
                    .iter()
                    .map(|k| self.evidence(k))
                    .collect::<Result<_, _>>()?,
            };
            let selections =
                write_key_objects(&contexts, &selection, &mut uids).map_err(|e| refused(&e))?;
            written.extend(selections);
        }
        enough(&no_numbers)?;
        if written.is_empty() {
            return Err(WorkbenchError::Refused(
                "nothing that is drawn can be written as DICOM".to_owned(),
            ));
        }
        Ok((written, left_out))
    }

    /// The file that an instance is in, with what new objects take over from it.
    fn source(&self, instance: &str, frame: u32) -> Result<WriteSource, WorkbenchError> {
        let file = self
            .open
            .catalog
            .instances
            .iter()
            .position(|i| i.record.sop_instance.as_str() == instance)
            .ok_or_else(|| WorkbenchError::NotFound(format!("image {instance} is not here")))?;
        let (source, _) = self
            .core
            .open_instance(&self.open.catalog, file)
            .map_err(WorkbenchError::Refused)?;
        let pool = self.core.workers().decode()?;
        pool.write_source(&source, frame, Priority::Visible)
            .wait()
            .map_err(|loss| WorkbenchError::Refused(loss.to_string()))
    }

    fn context(
        &self,
        study: &StudyUid,
        series_number: u32,
        description: &str,
        uids: &mut dyn FnMut() -> u128,
    ) -> Result<ObjectContext, WorkbenchError> {
        let instances = &self.open.catalog.instances;
        let of_study = instances
            .iter()
            .find(|i| i.record.study == *study && i.record.frames > 0);
        let image = of_study
            .ok_or_else(|| WorkbenchError::NotFound(format!("study {study} has no image here")))?;
        let source = self.source(image.record.sop_instance.as_str(), 0)?;
        let series =
            SeriesUid::new(&uid_of(uids())).map_err(|e| WorkbenchError::Refused(e.to_string()))?;
        Ok(ObjectContext {
            source: source.header,
            series,
            series_number,
            series_description: description.to_owned(),
            instance_number: 1,
            observer: self.who.to_owned(),
            device: Device {
                manufacturer: "Triptych".to_owned(),
                model: "Triptych".to_owned(),
                serial: "1".to_owned(),
                software: env!("CARGO_PKG_VERSION").to_owned(),
                uid: DEVICE_UID.to_owned(),
            },
            now: self.now,
            offset_minutes: 0,
        })
    }

    /// The images that are drawn on, as their files say, with the drawings on them.
    fn seen(&self, drawings: &[Annotation]) -> Result<Vec<SeenImage>, WorkbenchError> {
        let mut on: BTreeMap<(String, u32), Vec<&Annotation>> = BTreeMap::new();
        for drawing in drawings {
            if let Some(image) = &drawing.anchor.image {
                let name = (image.instance.as_str().to_owned(), image.frame);
                on.entry(name).or_default().push(drawing);
            }
        }
        let mut seen = Vec::new();
        for ((instance, frame), drawings) in on {
            seen.extend(self.seen_image(&instance, frame, drawings.into_iter())?);
        }
        Ok(seen)
    }

    /// A frame as its file says, or as it is looked at, with drawings on it.
    fn seen_image<'d>(
        &self,
        instance: &str,
        frame: u32,
        drawings: impl Iterator<Item = &'d Annotation>,
    ) -> Result<Option<SeenImage>, WorkbenchError> {
        let Some(mut image) = self.source(instance, frame)?.seen else {
            return Ok(None);
        };
        let looked = |s: &&SeenFrame| s.instance.as_str() == instance && s.frame == frame;
        if let Some(seen) = self.seen.iter().find(looked) {
            image.view = seen.view;
            image.inverted = seen.inverted;
            image.area = seen.area;
            if let Some(window) = seen.window {
                image.voi = Some(Voi::Window(window));
            }
        }
        image.drawings = drawings
            .map(|drawing| {
                let words = match drawing.text.is_empty() {
                    true => drawing.label.clone(),
                    false => drawing.text.clone(),
                };
                (drawing.clone(), words)
            })
            .collect();
        Ok(Some(image))
    }

    fn evidence(&self, key: &KeyImage) -> Result<Evidence, WorkbenchError> {
        let instances = &self.open.catalog.instances;
        let stored = instances
            .iter()
            .find(|i| i.record.sop_instance == key.instance)
            .ok_or_else(|| {
                WorkbenchError::NotFound(format!("image {} is not here", key.instance))
            })?;
        let class = stored.record.sop_class.as_str();
        let mut image = ImageReference::whole(class, key.instance.clone());
        if stored.record.frames > 1 {
            image.frames.push(key.frame);
        }
        Ok(Evidence {
            study: key.study.clone(),
            series: key.series.clone(),
            image,
        })
    }
}

/// A number for a new UID; remembers when the system has none.
fn random(none: &std::cell::Cell<bool>) -> u128 {
    let mut bytes = [0; 16];
    if getrandom::fill(&mut bytes).is_err() {
        none.set(true);
    }
    u128::from_ne_bytes(bytes)
}

/// Without random numbers nothing may be named: a UID that is there twice is worse than none.
fn enough(no_numbers: &std::cell::Cell<bool>) -> Result<(), WorkbenchError> {
    if no_numbers.get() {
        return Err(WorkbenchError::Refused(
            "the system gives no random numbers for new UIDs".to_owned(),
        ));
    }
    Ok(())
}

fn refused(error: &WriteError) -> WorkbenchError {
    WorkbenchError::Refused(error.to_string())
}

/// A whole file on the disk, or an error; never over a file that is there.
fn new_file(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
