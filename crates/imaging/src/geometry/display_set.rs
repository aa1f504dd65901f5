//! What scrolls together in one tile (T32): display sets of the instances of a patient, each in reading order.

use std::collections::{BTreeMap, BTreeSet};

use triptych_clinical::InstanceRecord;

use super::{
    plane::Plane,
    spacing::SAME_POSITION_MM,
    split::SplitAttribute,
    stack::{Slice, Stack, arrange},
};

/// One image of a display set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SetImage {
    /// Index of the record that was given.
    pub record: usize,
    /// Frame, from 0.
    pub frame: u32,
}

/// Images that scroll together.
#[derive(Clone, Debug, PartialEq)]
pub struct DisplaySet {
    /// Letter of a series that is split: 3a, 3b; `None` when the series is one set.
    pub letter: Option<char>,
    /// In reading order (T22).
    pub images: Vec<SetImage>,
    /// Their geometry; indices in it are into `all`.
    pub stack: Stack,
    /// Everything that went into the stack, dropped copies too.
    pub all: Vec<SetImage>,
    /// Copies that are not shown.
    pub dropped: Vec<SetImage>,
}

/// Splits the instances of one patient into display sets: by series, SOP class, size, orientation, multi-frame objects each alone, and in MG and DX
/// each view by its own. Objects without pixels form no set. Series appear in order of number and UID; series are never joined.
///
/// `planes` gives the plane of a frame of a multi-frame object; without it such frames keep their order in the file.
#[must_use]
pub fn display_sets(
    records: &[InstanceRecord],
    planes: impl Fn(SetImage) -> Option<Plane>,
) -> Vec<DisplaySet> {
    display_sets_with(records, planes, |_| None)
}

/// As [`display_sets`]; `pixels` gives the [digest](crate::digest::of_pixels) of an image, where it is known: by it copies at one position are
/// found (T24, rule 4).
#[must_use]
pub fn display_sets_with(
    records: &[InstanceRecord],
    planes: impl Fn(SetImage) -> Option<Plane>,
    pixels: impl Fn(SetImage) -> Option<[u8; 32]>,
) -> Vec<DisplaySet> {
    let mut series: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (k, record) in records.iter().enumerate() {
        if record.frames == 0 || record.rows == 0 || record.columns == 0 {
            continue;
        }
        let number = (record.series_number.is_none(), record.series_number);
        let key = (record.study.clone(), number, record.series.clone());
        series.entry(key).or_default().push(k);
    }
    let mut sets = Vec::new();
    for members in series.into_values() {
        let mut of_series = Vec::new();
        for group in alike(records, &members) {
            let all: Vec<SetImage> = group
                .iter()
                .flat_map(|k| {
                    let frames = records.get(*k).map_or(0, |r| r.frames);
                    (0..frames).map(|frame| SetImage { record: *k, frame })
                })
                .collect();
            let slices: Vec<Slice> = all
                .iter()
                .filter_map(|image| {
                    let record = records.get(image.record)?;
                    let slice = slice_of(record, image.frame, planes(*image));
                    Some(Slice {
                        pixels: pixels(*image),
                        ..slice
                    })
                })
                .collect();
            of_series.extend(
                arrange(&slices)
                    .into_iter()
                    .map(|stack| DisplaySet::new(stack, all.clone())),
            );
        }
        if of_series.len() > 1 {
            for (set, letter) in of_series.iter_mut().zip('a'..='z') {
                set.letter = Some(letter);
            }
        }
        sets.extend(of_series);
    }
    sets
}

/// Members of a series that may share a stack, in order of their smallest Instance Number.
fn alike(records: &[InstanceRecord], members: &[usize]) -> Vec<Vec<usize>> {
    let mut groups: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for &k in members {
        let Some(record) = records.get(k) else {
            continue;
        };
        let own = record.frames > 1;
        let view = matches!(record.modality.as_str(), "MG" | "DX").then(|| {
            (
                record.image_type.as_str(),
                record.view_position.as_str(),
                record.sop_instance.as_str(),
            )
        });
        let key = (
            record.sop_class.as_str(),
            record.rows,
            record.columns,
            own.then(|| record.sop_instance.as_str()),
            view,
        );
        groups.entry(key).or_default().push(k);
    }
    let mut groups: Vec<Vec<usize>> = groups.into_values().collect();
    groups.sort_by_key(|group| {
        group
            .iter()
            .filter_map(|k| records.get(*k).map(|r| (r.instance_number, *k)))
            .min()
    });
    groups
}

/// A frame of a record as slice order needs it.
#[must_use]
pub fn slice_of(record: &InstanceRecord, frame: u32, plane_of_frame: Option<Plane>) -> Slice {
    let plane = plane_of_frame.or_else(|| {
        let single = record.frames <= 1;
        let (position, orientation) = record.position.zip(record.orientation)?;
        single.then(|| Plane::new(position, orientation).ok())?
    });
    let mut values: BTreeMap<SplitAttribute, String> = record
        .volume_attributes
        .iter()
        .filter_map(|(keyword, text)| Some((SplitAttribute::of_keyword(keyword)?, text.clone())))
        .collect();
    if record.frames > 1 {
        values.insert(SplitAttribute::File, record.sop_instance.to_string());
    }
    Slice {
        sop_instance: record.sop_instance.as_str().to_owned(),
        frame,
        frames: record.frames,
        plane,
        thickness_mm: record.slice_thickness,
        instance_number: if record.frames > 1 {
            Some(i64::from(frame))
        } else {
            record.instance_number.map(i64::from)
        },
        values,
        pixels: None,
        complete: record.unreadable.is_none(),
        localizer: record
            .image_type
            .split('\\')
            .nth(2)
            .is_some_and(|v| v.trim() == "LOCALIZER"),
    }
}

impl DisplaySet {
    /// Images that share a position with another one, where nothing in their headers tells them apart: whether they are copies, only their pixels
    /// say.
    #[must_use]
    pub fn unresolved(&self) -> Vec<SetImage> {
        let stack = &self.stack;
        if !stack.split.volumes.is_empty() {
            return Vec::new();
        }
        let near = |a: usize, b: usize| {
            let keys = stack.keys_mm.get(a).zip(stack.keys_mm.get(b));
            keys.is_some_and(|(a, b)| (a - b).abs() <= SAME_POSITION_MM)
        };
        let shares = |k: &usize| near(*k, k + 1) || k.checked_sub(1).is_some_and(|b| near(b, *k));
        (0..stack.slices.len())
            .filter(shares)
            .filter_map(|k| self.all.get(*stack.slices.get(k)?).copied())
            .collect()
    }

    fn new(stack: Stack, all: Vec<SetImage>) -> Self {
        let image = |k: &usize| all.get(*k).copied();
        let order = stack.reading_order();
        // Each image once, whatever the volumes share.
        let mut seen = BTreeSet::new();
        let images = order
            .iter()
            .filter(|k| seen.insert(**k))
            .filter_map(image)
            .collect();
        let dropped = stack
            .dropped
            .iter()
            .chain(&stack.split.duplicates)
            .filter_map(image)
            .collect();
        Self {
            letter: None,
            images,
            dropped,
            stack,
            all,
        }
    }
}
