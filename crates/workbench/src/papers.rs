//! Objects of a patient that are no images: which there are, what each says of itself, what it holds, and what it says of images.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use triptych_archive::StoredInstance;
use triptych_clinical::{IndexTime, InstanceRecord, SeriesUid, SopInstanceUid};
use triptych_imaging::annotate::{Anchor, AnchorImage, AnchorPlane};
use triptych_imaging::browse::HeaderList;
use triptych_imaging::objects::document::PagePicture;
use triptych_imaging::objects::{
    Code, KeyObjects, MeasurementReport, Object, ObjectHead, ObjectKind,
};
use triptych_worker::{ObjectContent, Pool, Priority, Source};

use crate::Core;
use crate::patient::Catalog;
use crate::view::{
    Foreign, ForeignDrawing, ForeignKey, ImageOwner, ObjectSlot, ObjectView, PatientView,
    SeriesView, StudyView,
};

/// Largest object that is read before anybody asks for it, bytes.
const UNASKED: u64 = 16 << 20;
/// Objects that are read before anybody asks for them; the others wait until they are opened.
const AT_ONCE: usize = 500;

/// What objects say of themselves.
pub(crate) type Heads = BTreeMap<SopInstanceUid, ObjectHead>;

/// The kind of an instance that no display set holds; `None` for an image.
pub(crate) fn kind(record: &InstanceRecord) -> Option<ObjectKind> {
    let empty = record.frames == 0 || record.rows == 0 || record.columns == 0;
    ObjectKind::of(record.sop_class.as_str()).or_else(|| empty.then_some(ObjectKind::Other))
}

/// Objects of all studies, as far as the archive's rows say.
pub(crate) fn list(
    records: &[InstanceRecord],
    owner: impl Fn(&InstanceRecord) -> ImageOwner,
) -> Vec<(usize, ObjectView)> {
    let all = records.iter().enumerate();
    all.filter_map(|(k, record)| {
        let kind = kind(record)?;
        let class = ObjectKind::class_name(record.sop_class.as_str()).to_owned();
        let when = record.series_time.or(record.study_time);
        let view = ObjectView {
            instance: record.sop_instance.clone(),
            series: record.series.clone(),
            kind,
            title: if record.series_description.is_empty() {
                class.clone()
            } else {
                record.series_description.clone()
            },
            class,
            date: when.map(|w| w.iso_date()).unwrap_or_default(),
            time: when.and_then(|w| w.hour_minute()).unwrap_or_default(),
            author: String::new(),
            owner: owner(record),
            refers_to: Vec::new(),
            slot: std::sync::Arc::new(ObjectSlot::default()),
        };
        Some((k, view))
    })
    .collect()
}

/// Kinds that say something of images, so that they are read at once.
pub(crate) const fn speaks_of_images(kind: ObjectKind) -> bool {
    matches!(
        kind,
        ObjectKind::Report | ObjectKind::KeyObjects | ObjectKind::PresentationState
    )
}

impl Core {
    /// Reads the heads of the objects that `wanted` names, and the content of those that speak of images.
    pub(crate) fn read_objects(
        &self,
        catalog: &Catalog,
        view: &PatientView,
        wanted: impl Fn(ObjectKind) -> bool,
        stop: &AtomicBool,
    ) -> Heads {
        let mut heads = Heads::new();
        let objects = view.studies.iter().flat_map(|s| &s.objects);
        let objects: Vec<&ObjectView> = objects.filter(|o| wanted(o.kind)).take(AT_ONCE).collect();
        if objects.is_empty() {
            return heads;
        }
        let Ok(pool) = self.workers().decode() else {
            return heads;
        };
        for object in objects {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            let Some(stored) = stored(catalog, &object.instance) else {
                continue;
            };
            if stored.record.file_bytes > UNASKED {
                continue;
            }
            let Ok(source) = self.source(stored) else {
                continue;
            };
            if let Ok(head) = pool.object_head(&source, Priority::Near).wait() {
                heads.insert(object.instance.clone(), head);
            }
            if speaks_of_images(object.kind) && object.slot.begin() {
                object.slot.set(content(pool, &source));
            }
        }
        heads
    }

    /// The content of one object.
    pub(crate) fn read_object(
        &self,
        catalog: &Catalog,
        instance: &SopInstanceUid,
    ) -> Result<ObjectContent, String> {
        let source = self.source(stored(catalog, instance).ok_or("no such object")?)?;
        let pool = self.workers().decode().map_err(|e| e.to_string())?;
        content(pool, &source)
    }

    /// Every element of one file.
    pub(crate) fn read_header(
        &self,
        catalog: &Catalog,
        instance: &SopInstanceUid,
    ) -> Result<HeaderList, String> {
        let source = self.source(stored(catalog, instance).ok_or("no such file")?)?;
        let pool = self.workers().decode().map_err(|e| e.to_string())?;
        let ticket = pool.browse(&source, Priority::Visible);
        ticket.wait().map_err(|loss| loss.to_string())
    }

    /// A page of a document, from 0.
    pub(crate) fn draw_page(
        &self,
        catalog: &Catalog,
        instance: &SopInstanceUid,
        page: u32,
        width: u32,
    ) -> Result<PagePicture, String> {
        let source = self.source(stored(catalog, instance).ok_or("no such object")?)?;
        let pool = self.workers().decode().map_err(|e| e.to_string())?;
        let ticket = pool.draw_page(&source, page, width, Priority::Visible);
        ticket.wait().map_err(|loss| loss.to_string())
    }

    fn source(&self, stored: &StoredInstance) -> Result<Source, String> {
        let blobs = self.archive().blobs();
        let bytes = blobs.read(stored.blob).map_err(|e| e.to_string())?;
        Source::from_bytes(&bytes).map_err(|e| e.to_string())
    }
}

fn content(pool: &Pool, source: &Source) -> Result<ObjectContent, String> {
    let ticket = pool.read_object(source, Priority::Visible);
    ticket.wait().map_err(|loss| loss.to_string())
}

fn stored<'a>(catalog: &'a Catalog, instance: &SopInstanceUid) -> Option<&'a StoredInstance> {
    let mut all = catalog.instances.iter();
    all.find(|i| i.record.sop_instance == *instance)
}

/// Puts heads into the view. An object that was written after the index time does not exist for the reader.
pub(crate) fn put_heads(
    studies: &mut [StudyView],
    at: IndexTime,
    catalog: &Catalog,
    heads: &Heads,
) {
    for study in studies {
        study.objects.retain_mut(|object| {
            let Some(head) = heads.get(&object.instance) else {
                return true;
            };
            if !exists(head, at) {
                return false;
            }
            object.kind = head.kind;
            if !head.title.is_empty() {
                object.title.clone_from(&head.title);
            }
            if let Some(written) = head.written {
                object.date = written.iso_date();
                object.time = written.hour_minute().unwrap_or_default();
            }
            object.author.clone_from(&head.author);
            object.refers_to = refers_to(head, object, catalog);
            true
        });
    }
}

fn exists(head: &ObjectHead, at: IndexTime) -> bool {
    head.written.is_none_or(|w| w.instant <= at)
}

/// Series that it names, else those of the instances that it names, else those of its frame of reference.
fn refers_to(head: &ObjectHead, object: &ObjectView, catalog: &Catalog) -> Vec<SeriesUid> {
    if !head.series.is_empty() {
        return head.series.clone();
    }
    let mut found: Vec<SeriesUid> = Vec::new();
    let mut add = |series: &SeriesUid| {
        if !found.contains(series) && *series != object.series {
            found.push(series.clone());
        }
    };
    let records = || catalog.instances.iter().map(|i| &i.record);
    for record in records().filter(|r| head.instances.contains(&r.sop_instance)) {
        add(&record.series);
    }
    let placed = matches!(
        object.kind,
        ObjectKind::Segmentation | ObjectKind::StructureSet
    );
    let own = stored(catalog, &object.instance).and_then(|i| i.record.frame_of_reference.clone());
    if head.instances.is_empty()
        && placed
        && let Some(own) = own
    {
        let alike =
            |r: &&InstanceRecord| r.frame_of_reference.as_ref() == Some(&own) && kind(r).is_none();
        for record in records().filter(alike) {
            add(&record.series);
        }
    }
    found
}

/// What the documents that were read say of images.
pub(crate) fn foreign(studies: &[StudyView], catalog: &Catalog) -> Foreign {
    let mut all = Foreign::default();
    let mut objects: Vec<&ObjectView> = studies.iter().flat_map(|s| &s.objects).collect();
    // Of a drawing that is in several reports the newest counts.
    objects.sort_by(|a, b| (&b.date, &b.time).cmp(&(&a.date, &a.time)));
    for object in objects {
        let Some(Ok(content)) = object.slot.get() else {
            continue;
        };
        let ObjectContent::Read(read) = &*content else {
            continue;
        };
        match &**read {
            Object::KeyObjects(keys) => keys_of(keys, object, &mut all),
            Object::Measurements(report) => {
                drawings_of(report, object, catalog, &mut all);
                space_of(report, object, studies, catalog, &mut all);
            }
            Object::Report(_) | Object::PresentationState(_) => {}
        }
    }
    all
}

fn keys_of(keys: &KeyObjects, object: &ObjectView, all: &mut Foreign) {
    let modifiers: Vec<&str> = keys.modifiers.iter().map(Code::shown).collect();
    let mut reason = keys.title.shown().to_owned();
    if !modifiers.is_empty() {
        reason = format!("{reason}: {}", modifiers.join(", "));
    }
    let place = if keys.rejects() {
        &mut all.rejected
    } else {
        &mut all.keys
    };
    place.extend(keys.keys.iter().map(|key| ForeignKey {
        image: key.image.clone(),
        reason: reason.clone(),
        description: keys.description.clone(),
        author: keys.observer.clone(),
        document: object.instance.clone(),
    }));
}

fn drawings_of(
    report: &MeasurementReport,
    object: &ObjectView,
    catalog: &Catalog,
    all: &mut Foreign,
) {
    let source = source_of(report, object);
    for (k, drawing) in report.annotations.iter().enumerate() {
        if all.drawings.iter().any(|d| d.annotation.uid == drawing.uid) {
            continue;
        }
        let mut drawing = drawing.clone();
        drawing.locked = true;
        // What other programs leave out is in the header of the image.
        let image = drawing.anchor.image.as_mut();
        if let Some(image) = image
            && let Some(known) = stored(catalog, &image.instance)
        {
            let record = &known.record;
            if image.size == [0, 0] {
                image.size = [record.columns, record.rows];
            }
            drawing.anchor.study = record.study.clone();
            drawing.anchor.series = record.series.clone();
            let frame_of_reference = record.frame_of_reference.as_ref();
            if drawing.anchor.frame_of_reference.is_none() {
                drawing.anchor.frame_of_reference = frame_of_reference.map(ToString::to_string);
            }
            let place = record.position.zip(record.orientation);
            let place = place
                .zip(record.pixel_spacing)
                .filter(|_| record.frames == 1);
            if drawing.anchor.plane.is_none()
                && let Some(((position, orientation), spacing)) = place
            {
                drawing.anchor.plane = Some(AnchorPlane {
                    position,
                    orientation,
                    spacing,
                });
            }
        }
        all.drawings.push(ForeignDrawing {
            annotation: drawing,
            document: object.instance.clone(),
            said: report.said.get(k).cloned().unwrap_or_default(),
            source: source.clone(),
        });
    }
}

/// Who says it, and when: `Meier · 2021-02-22`; the program that wrote it where no person is named.
fn source_of(report: &MeasurementReport, object: &ObjectView) -> String {
    let who = report.annotations.first().map(|a| a.author.as_str());
    let who = who.filter(|w| !w.is_empty()).unwrap_or(&object.author);
    let who = if who.is_empty() {
        &report.tree.written_by
    } else {
        who
    };
    // A Person Name as people write it.
    let who = who
        .trim_matches('^')
        .replacen('^', ", ", 1)
        .replace('^', " ");
    let parts = [who.as_str(), object.date.as_str()];
    let parts: Vec<&str> = parts.into_iter().filter(|p| !p.is_empty()).collect();
    parts.join(" · ")
}

/// Drawings in space, each on the nearest image of its frame of reference whose slice holds all of it.
fn space_of(
    report: &MeasurementReport,
    object: &ObjectView,
    studies: &[StudyView],
    catalog: &Catalog,
    all: &mut Foreign,
) {
    let source = source_of(report, object);
    for drawing in &report.in_space {
        let uid = &drawing.drawing.uid;
        if all.drawings.iter().any(|d| d.annotation.uid == *uid) {
            continue;
        }
        let wanted = drawing.drawing.anchor.frame_of_reference.as_deref();
        let mut best: Option<(f64, Anchor)> = None;
        for study in studies {
            let same =
                |s: &&SeriesView| wanted.is_some() && s.frame_of_reference.as_deref() == wanted;
            for series in study.series.iter().filter(same) {
                for slice in &series.stack.slices {
                    let named =
                        drawing.images.is_empty() || drawing.images.contains(&slice.instance);
                    let place = slice.position.zip(slice.orientation).filter(|_| named);
                    let Some((position, orientation)) = place else {
                        continue;
                    };
                    let mut anchor = Anchor {
                        study: study.uid.clone(),
                        series: series.uid.clone(),
                        frame_of_reference: series.frame_of_reference.clone(),
                        plane: Some(AnchorPlane {
                            position,
                            orientation,
                            spacing: [1.0; 2],
                        }),
                        image: None,
                    };
                    let least = best.as_ref().map_or(f64::INFINITY, |(least, _)| *least);
                    let off = drawing.off(&anchor).filter(|off| *off < least);
                    let Some((off, known)) = off.zip(stored(catalog, &slice.instance)) else {
                        continue;
                    };
                    let record = &known.record;
                    let thick = series.spacing_mm.or(record.slice_thickness).unwrap_or(1.0);
                    let Some(spacing) = record.pixel_spacing.filter(|_| off <= thick / 2.0 + 1e-3)
                    else {
                        continue;
                    };
                    if let Some(plane) = &mut anchor.plane {
                        plane.spacing = spacing;
                    }
                    anchor.image = Some(AnchorImage {
                        sop_class: record.sop_class.to_string(),
                        instance: slice.instance.clone(),
                        frame: slice.frame,
                        size: [record.columns, record.rows],
                    });
                    best = Some((off, anchor));
                }
            }
        }
        let Some((_, anchor)) = best else { continue };
        if let Ok(mut annotation) = drawing.on(anchor) {
            annotation.locked = true;
            all.drawings.push(ForeignDrawing {
                annotation,
                document: object.instance.clone(),
                said: drawing.said.clone(),
                source: source.clone(),
            });
        }
    }
}

#[cfg(test)]
#[path = "papers_tests.rs"]
mod tests;
