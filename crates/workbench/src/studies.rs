//! Imaging studies of a person: display sets, and where the pixels of each are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use triptych_archive::{StoredInstance, summarize};
use triptych_clinical::{
    CodeSystem, Coding, Fact, FactId, FactKind, Identity, InstanceRecord, Instant, PatientKey,
    Provenance, When,
};
use triptych_imaging::geometry::{PlacedStack, display_sets};

use crate::patient::{Catalog, most_complete, shown_identifier};
use crate::view::{ImageOwner, ObjectView, Pixels, SeriesKey, SeriesView, Slice, Stack, StudyView};
use crate::{chart, papers};

/// Sorts a study without a date behind all others; never shown.
pub(crate) const UNDATED: When = When::at(Instant(0));

fn owner(record: &InstanceRecord, identities: &[Identity]) -> ImageOwner {
    let identity = &record.identity;
    let (_, identifier) = shown_identifier(identity);
    let same = identities.first().is_some_and(|first| {
        first.display_name() == identity.display_name()
            && identity
                .identifiers
                .iter()
                .any(|i| first.identifiers.iter().any(|f| f.value == i.value))
    });
    ImageOwner {
        name: identity.display_name(),
        identifier,
        birth_date: identity
            .birth_date
            .map_or_else(|| "birth date not recorded".to_owned(), |b| b.iso_date()),
        sex: identity.sex.letter().to_owned(),
        same_as_banner: same,
    }
}

/// The studies of the archive as statements that a study was done, for rules that wait for one (record-and-signals 4.2). Those that the
/// record names itself are left out; a study without a date closes nothing.
pub(crate) fn done(instances: &[StoredInstance], recorded: &[Fact]) -> Vec<Fact> {
    let named: BTreeSet<&str> = recorded
        .iter()
        .filter(|f| f.kind == FactKind::Imaging)
        .filter_map(|f| f.attrs.get("study_uid").map(String::as_str))
        .collect();
    let mut all: BTreeMap<&str, Vec<&StoredInstance>> = BTreeMap::new();
    let pictures = instances
        .iter()
        .filter(|i| i.record.frames > 0 && papers::kind(&i.record).is_none());
    for instance in pictures {
        let uid = instance.record.study.as_str();
        all.entry(uid).or_default().push(instance);
    }
    all.into_iter()
        .filter(|(uid, _)| !named.contains(uid))
        .filter_map(|(uid, instances)| study_done(uid, &instances))
        .collect()
}

fn study_done(uid: &str, instances: &[&StoredInstance]) -> Option<Fact> {
    let first = instances.first()?;
    let when = first.record.study_time?;
    let words = |of: fn(&InstanceRecord) -> &str| {
        let all: BTreeSet<&str> = instances.iter().map(|i| of(&i.record)).collect();
        let said: Vec<&str> = all.into_iter().filter(|w| !w.is_empty()).collect();
        said.join("\\")
    };
    let mut attrs = BTreeMap::from([("study_uid".to_owned(), uid.to_owned())]);
    let said = [
        ("modality", words(|r| &r.modality)),
        ("region", words(|r| &r.body_part)),
    ];
    for (name, words) in said {
        if !words.is_empty() {
            attrs.insert(name.to_owned(), words);
        }
    }
    let place = format!("Study Instance UID {uid}");
    Some(Fact {
        codes: vec![Coding::new(CodeSystem::Dicom, "study")].into(),
        display: match first.record.study_description.as_str() {
            "" => format!("{} study", first.record.modality).into(),
            said => said.into(),
        },
        effective: Some(when),
        available: when,
        attrs: attrs.into(),
        ..Fact::new(
            FactId::of(&["DICOM study", uid]),
            FactKind::Imaging,
            first.received,
            Provenance::new(first.document, place, None),
        )
    })
}

/// Series Number and letter of a display set, as shown: `3b`.
pub(crate) fn series_number(first: &InstanceRecord, letter: &str) -> String {
    let number = first.series_number.map(|n| n.to_string());
    number.unwrap_or_default() + letter
}

/// Studies newest first with their display sets, and where the pixels are.
pub(crate) fn studies(
    person: PatientKey,
    instances: Vec<StoredInstance>,
    identities: &[Identity],
) -> (Vec<(When, StudyView)>, Catalog) {
    let mut records: Vec<InstanceRecord> = instances.iter().map(|i| i.record.clone()).collect();
    let best: Vec<Identity> = most_complete(identities).cloned().into_iter().collect();
    let mut objects: BTreeMap<_, Vec<ObjectView>> = BTreeMap::new();
    for (k, object) in papers::list(&records, |r| owner(r, &best)) {
        if let Some(record) = records.get_mut(k) {
            // A segmentation has frames, and is no picture.
            record.frames = 0;
            objects
                .entry(record.study.clone())
                .or_default()
                .push(object);
        }
    }
    let summaries = summarize(&instances);
    let mut by_study: BTreeMap<_, Vec<SeriesView>> = BTreeMap::new();
    let mut sets = BTreeMap::new();
    for set in display_sets(&records, |_| None) {
        let Some(first) = set.images.first().and_then(|i| records.get(i.record)) else {
            continue;
        };
        let letter = set.letter.map(String::from).unwrap_or_default();
        let key = SeriesKey(format!("{}#{letter}{}", first.series, sets.len()));
        let slices: Vec<(usize, u32)> = set.images.iter().map(|i| (i.record, i.frame)).collect();
        let view = SeriesView {
            key: key.clone(),
            uid: first.series.clone(),
            number: series_number(first, &letter),
            description: first.series_description.clone(),
            modality: first.modality.clone(),
            body_part: first.body_part.clone(),
            images: slices.len(),
            owner: owner(first, &best),
            frame_of_reference: first.frame_of_reference.as_ref().map(ToString::to_string),
            placed: PlacedStack::of_set(&person.to_string(), &set, &records, |_| None)
                .map(Arc::new),
            localizer: first
                .image_type
                .split('\\')
                .any(|v| v.trim() == "LOCALIZER"),
            spacing_mm: set.stack.spacing.as_ref().map(|s| s.median_mm),
            marks: set.stack.marks.clone(),
            unreadable: set
                .images
                .iter()
                .all(|i| {
                    records
                        .get(i.record)
                        .is_some_and(|r| r.unreadable.is_some())
                })
                .then(|| first.unreadable.clone())
                .flatten(),
            stack: Arc::new(Stack::new(
                slices
                    .iter()
                    .filter_map(|(k, frame)| {
                        Some(slice(
                            records.get(*k)?,
                            *frame,
                            set.stack.normal.map(|n| [n.x, n.y, n.z]),
                        ))
                    })
                    .collect(),
            )),
        };
        by_study.entry(first.study.clone()).or_default().push(view);
        sets.insert(key, slices);
    }
    for series in by_study.values_mut() {
        series.sort_by(|a, b| {
            a.number
                .parse::<i64>()
                .unwrap_or(i64::MAX)
                .cmp(&b.number.parse().unwrap_or(i64::MAX))
                .then_with(|| a.key.cmp(&b.key))
        });
    }
    let newest = summaries
        .iter()
        .filter_map(|s| s.time)
        .map(|t| t.instant)
        .max();
    let mut studies: Vec<(When, StudyView)> = summaries
        .into_iter()
        .map(|summary| {
            let series = by_study.remove(&summary.study).unwrap_or_default();
            // A study is what its images are; its papers only where there is nothing else.
            let images = series.iter().map(|s| s.modality.clone());
            let mut modalities: Vec<String> = images.filter(|m| !m.is_empty()).collect();
            if series.is_empty() {
                let papers = summary.series.iter().map(|s| s.modality.clone());
                modalities.extend(papers.filter(|m| !m.is_empty()));
            }
            modalities.sort();
            modalities.dedup();
            let modality = if modalities.is_empty() {
                "OT".to_owned()
            } else {
                modalities.join("/")
            };
            let body = summary
                .series
                .iter()
                .map(|s| s.body_part.to_lowercase())
                .find(|b| !b.is_empty())
                .unwrap_or_default();
            let title = if summary.description.is_empty() {
                format!("{modality} {body}").trim().to_owned()
            } else {
                summary.description.clone()
            };
            let placed = summary.time.unwrap_or(UNDATED);
            let view = StudyView {
                objects: objects.remove(&summary.study).unwrap_or_default(),
                uid: summary.study,
                date: summary
                    .time
                    .map_or_else(|| "date not recorded".to_owned(), |t| t.iso_date()),
                time: summary
                    .time
                    .and_then(|t| t.hour_minute())
                    .unwrap_or_default(),
                title,
                modality,
                series,
                days_before_newest: match (newest, summary.time) {
                    (Some(newest), Some(time)) => chart::days(time, newest),
                    _ => 0,
                },
            };
            (placed, view)
        })
        .collect();
    studies.sort_by(|(a, va), (b, vb)| b.instant.cmp(&a.instant).then_with(|| va.uid.cmp(&vb.uid)));
    (
        studies,
        Catalog {
            instances: instances.into(),
            sets,
        },
    )
}

fn slice(record: &InstanceRecord, frame: u32, normal: Option<[f64; 3]>) -> Slice {
    let single = record.frames <= 1;
    let position = record.position.filter(|_| single);
    let along = position
        .zip(normal)
        .map(|(p, n)| p.iter().zip(n).map(|(a, b)| a * b).sum::<f64>());
    Slice {
        instance: record.sop_instance.clone(),
        frame,
        orientation: record.orientation.filter(|_| single),
        position,
        thickness_mm: record.slice_thickness.filter(|_| single),
        position_text: along
            .map(|mm| format!("{} mm", chart::millimetres(mm)))
            .unwrap_or_default(),
        pixels: Pixels::default(),
    }
}
