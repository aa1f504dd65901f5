//! Several instances at one place: copies, time points, echoes, diffusion directions (T24).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// What tells volumes of one stack apart, in the order in which it is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SplitAttribute {
    /// Temporal Position Identifier (0020,0100) or Index (0020,9128).
    TemporalPositionIdentifier,
    /// Acquisition Number (0020,0012).
    AcquisitionNumber,
    /// Trigger Time (0018,1060).
    TriggerTime,
    /// Echo Number(s) (0018,0086).
    EchoNumbers,
    /// Echo Time (0018,0081).
    EchoTime,
    /// Diffusion b-value (0018,9087).
    DiffusionBValue,
    /// Diffusion Gradient Orientation (0018,9089).
    DiffusionGradientOrientation,
    /// Image Type (0008,0008), values 3 and 4.
    ImageType,
    /// Content Time (0008,0033) or Acquisition Time (0008,0032).
    AcquisitionTime,
    /// Acquisition DateTime (0008,002A).
    AcquisitionDateTime,
    /// Rule 3: the k-th Instance Number at each position.
    InstanceNumber,
    /// One multi-frame file a volume.
    File,
}

impl SplitAttribute {
    /// DICOM keyword; a name of its own where the attribute is none of DICOM.
    #[must_use]
    pub fn keyword(self) -> &'static str {
        match self {
            Self::TemporalPositionIdentifier => "TemporalPositionIdentifier",
            Self::AcquisitionNumber => "AcquisitionNumber",
            Self::TriggerTime => "TriggerTime",
            Self::EchoNumbers => "EchoNumbers",
            Self::EchoTime => "EchoTime",
            Self::DiffusionBValue => "DiffusionBValue",
            Self::DiffusionGradientOrientation => "DiffusionGradientOrientation",
            Self::ImageType => "ImageType",
            Self::AcquisitionTime => "AcquisitionTime",
            Self::AcquisitionDateTime => "AcquisitionDateTime",
            Self::InstanceNumber => "InstanceNumber",
            Self::File => "File",
        }
    }

    /// The attribute of a [keyword](Self::keyword) that is tried.
    #[must_use]
    pub fn of_keyword(keyword: &str) -> Option<Self> {
        ORDER.into_iter().find(|a| a.keyword() == keyword)
    }
}

/// One image at one position, as far as splitting needs it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Placed {
    /// Index of its position in ascending order.
    pub position: usize,
    /// Instance Number, or the frame number in one file.
    pub number: Option<i64>,
    /// Values of [`SplitAttribute`]s as text; absent ones left out.
    pub values: BTreeMap<SplitAttribute, String>,
    /// Digest of the stored values, where known.
    pub pixels: Option<[u8; 32]>,
}

/// How the images of a stack form volumes. Numbers are indices into what was given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    /// What told them apart; `None` when there is one volume, or none could be formed.
    pub by: Option<SplitAttribute>,
    /// Volumes in order, each in ascending position; empty: one list in order of number, volume tools off.
    pub volumes: Vec<Vec<usize>>,
    /// Every volume has every position once.
    pub complete: bool,
    /// Images left out as copies of another at their position.
    pub duplicates: Vec<usize>,
    /// To be shown, where there is something to say.
    pub mark: Option<&'static str>,
}

const ORDER: [SplitAttribute; 10] = [
    SplitAttribute::TemporalPositionIdentifier,
    SplitAttribute::AcquisitionNumber,
    SplitAttribute::TriggerTime,
    SplitAttribute::EchoNumbers,
    SplitAttribute::EchoTime,
    SplitAttribute::DiffusionBValue,
    SplitAttribute::DiffusionGradientOrientation,
    SplitAttribute::ImageType,
    SplitAttribute::AcquisitionTime,
    SplitAttribute::AcquisitionDateTime,
];

/// The five rules, first that fits.
#[must_use]
pub fn split(images: &[Placed]) -> Split {
    let mut at: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (k, image) in images.iter().enumerate() {
        at.entry(image.position).or_default().push(k);
    }
    let most = at.values().map(Vec::len).max().unwrap_or(0);
    if most <= 1 {
        return Split {
            volumes: vec![at.into_values().flatten().collect()],
            complete: true,
            ..Split::default()
        };
    }
    let files = by_values(images, SplitAttribute::File);
    let candidates = std::iter::once((SplitAttribute::File, files)).chain(
        ORDER
            .into_iter()
            .map(|attribute| (attribute, by_values(images, attribute))),
    );
    let mut incomplete = None;
    for (attribute, groups) in candidates {
        let Some(groups) = groups else { continue };
        if groups.len() < 2 || !groups.iter().all(|g| no_position_twice(images, g)) {
            continue;
        }
        if groups.iter().all(|g| g.len() == at.len()) {
            return Split {
                by: Some(attribute),
                volumes: groups,
                complete: true,
                ..Split::default()
            };
        }
        if incomplete.is_none() && groups.len() == most {
            incomplete = Some((attribute, groups));
        }
    }
    if let Some((attribute, volumes)) = incomplete {
        return Split {
            by: Some(attribute),
            volumes,
            mark: Some("incomplete"),
            ..Split::default()
        };
    }
    by_number(images, &at, most)
        .or_else(|| without_copies(images, &at))
        .unwrap_or(Split {
            mark: Some("several images at one position, nothing tells them apart"),
            ..Split::default()
        })
}

/// Groups by value, in the order of values (numbers as numbers), each in ascending position. An absent value is a value of its own, as long as
/// any is there.
fn by_values(images: &[Placed], attribute: SplitAttribute) -> Option<Vec<Vec<usize>>> {
    let mut groups: BTreeMap<Sortable, Vec<usize>> = BTreeMap::new();
    let mut any = false;
    for (k, image) in images.iter().enumerate() {
        let value = image.values.get(&attribute);
        any |= value.is_some();
        let text = value.map_or("", String::as_str);
        groups.entry(Sortable::new(text)).or_default().push(k);
    }
    any.then(|| {
        groups
            .into_values()
            .map(|mut group| {
                group.sort_by_key(|k| images.get(*k).map(|i| i.position));
                group
            })
            .collect()
    })
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Sortable(Option<i64>, String);

impl Sortable {
    fn new(text: &str) -> Self {
        let number = text.trim().parse::<f64>().ok().filter(|v| v.is_finite());
        Self(
            number.map(|v| (v * 1e6).round() as i64),
            text.trim().to_owned(),
        )
    }
}

fn no_position_twice(images: &[Placed], group: &[usize]) -> bool {
    let places: BTreeSet<_> = group
        .iter()
        .filter_map(|k| images.get(*k).map(|i| i.position))
        .collect();
    places.len() == group.len()
}

/// Rule 3.
fn by_number(images: &[Placed], at: &BTreeMap<usize, Vec<usize>>, most: usize) -> Option<Split> {
    if !at.values().all(|group| group.len() == most) {
        return None;
    }
    let mut ranked: Vec<Vec<(i64, usize)>> = Vec::with_capacity(at.len());
    for group in at.values() {
        let mut numbers = Vec::with_capacity(group.len());
        for k in group {
            numbers.push((images.get(*k)?.number?, *k));
        }
        numbers.sort_unstable();
        ranked.push(numbers);
    }
    let rank = |k: usize| ranked.iter().filter_map(move |numbers| numbers.get(k));
    let apart = (1..most).all(|k| {
        let below = rank(k - 1).map(|(n, _)| *n).max();
        let above = rank(k).map(|(n, _)| *n).min();
        below < above
    });
    let consecutive = ranked.iter().all(|numbers| {
        numbers
            .iter()
            .zip(numbers.iter().skip(1))
            .all(|(a, b)| b.0 - a.0 == 1)
    });
    (apart || consecutive).then(|| Split {
        by: Some(SplitAttribute::InstanceNumber),
        volumes: (0..most)
            .map(|k| rank(k).map(|(_, image)| *image).collect())
            .collect(),
        complete: true,
        duplicates: Vec::new(),
        mark: Some("volumes by image number"),
    })
}

/// Rule 4.
fn without_copies(images: &[Placed], at: &BTreeMap<usize, Vec<usize>>) -> Option<Split> {
    let mut volume = Vec::with_capacity(at.len());
    let mut duplicates = Vec::new();
    for group in at.values() {
        let mut group = group.clone();
        group.sort_by_key(|k| images.get(*k).map(|i| (i.number.is_none(), i.number, *k)));
        let (kept, rest) = group.split_first()?;
        let pixels = images.get(*kept)?.pixels;
        for other in rest {
            if pixels.is_none() || images.get(*other)?.pixels != pixels {
                return None;
            }
            duplicates.push(*other);
        }
        volume.push(*kept);
    }
    Some(Split {
        by: None,
        volumes: vec![volume],
        complete: true,
        duplicates,
        mark: Some("duplicate position"),
    })
}
