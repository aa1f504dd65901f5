//! Slice order, and everything that follows from it, for the images of one series (T22, T23, T24, T25, T26).

use std::collections::BTreeMap;

use glam::DVec3;
use serde::{Deserialize, Serialize};

use super::{
    plane::Plane,
    spacing::{SAME_POSITION_MM, SliceSpacing, positions},
    split::{Placed, Split, SplitAttribute, split},
    tilt::Shear,
};

/// One image of a series, as far as its place among the others is concerned.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Slice {
    /// SOP Instance UID.
    pub sop_instance: String,
    /// Frame in the file, from 0.
    pub frame: u32,
    /// Frames of the file it is from.
    pub frames: u32,
    /// Where it lies; `None` without a valid position and orientation.
    pub plane: Option<Plane>,
    /// Slice Thickness, mm.
    pub thickness_mm: Option<f64>,
    /// Instance Number.
    pub instance_number: Option<i64>,
    /// What may tell volumes apart.
    pub values: BTreeMap<SplitAttribute, String>,
    /// Digest of the stored values, where known.
    pub pixels: Option<[u8; 32]>,
    /// All its pixels are there.
    pub complete: bool,
    /// Image Type says LOCALIZER.
    pub localizer: bool,
}

/// Plane of the body that a stack follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Orientation {
    /// Normal along the body.
    Axial,
    /// Normal from front to back.
    Coronal,
    /// Normal from side to side.
    Sagittal,
}

/// Images of one orientation in geometric order: ascending along the normal. Numbers are indices into what was given.
#[derive(Clone, Debug, PartialEq)]
pub struct Stack {
    /// All images but dropped copies, ascending key; images at one position in order of their number.
    pub slices: Vec<usize>,
    /// Key of each of `slices`: position along the normal, mm.
    pub keys_mm: Vec<f64>,
    /// Unit normal; `None` for images without geometry, which are in order of Instance Number.
    pub normal: Option<DVec3>,
    /// Nearest plane of the body.
    pub orientation: Option<Orientation>,
    /// Angle between the normal and that plane's, degrees.
    pub degrees_off_axis: f64,
    /// Distinct positions, ascending, mm.
    pub positions_mm: Vec<f64>,
    /// Steps between positions; `None` for fewer than two.
    pub spacing: Option<SliceSpacing>,
    /// Tilt; `None` for fewer than two positions.
    pub shear: Option<Shear>,
    /// Volumes that the stack consists of.
    pub split: Split,
    /// Copies that are not shown: the same instance twice.
    pub dropped: Vec<usize>,
    /// To be shown with the stack.
    pub marks: Vec<String>,
}

/// Arranges the images of one series: copies dropped, one stack an orientation in order of first appearance, images without geometry last.
#[must_use]
pub fn arrange(slices: &[Slice]) -> Vec<Stack> {
    let (kept, copies, conflicting) = drop_copies(slices);
    let mut groups: Vec<(Plane, Vec<usize>)> = Vec::new();
    let mut flat = Vec::new();
    for k in kept {
        match slices.get(k).and_then(|s| s.plane) {
            Some(plane) => match groups.iter_mut().find(|(of, _)| of.is_parallel_to(&plane)) {
                Some((_, group)) => group.push(k),
                None => groups.push((plane, vec![k])),
            },
            None => flat.push(k),
        }
    }
    let mut stacks: Vec<Stack> = groups
        .into_iter()
        .map(|(_, group)| Stack::of_planes(slices, group))
        .collect();
    if !flat.is_empty() {
        stacks.push(Stack::without_geometry(slices, flat));
    }
    for (copy, of) in copies {
        if let Some(stack) = stacks.iter_mut().find(|s| s.slices.contains(&of)) {
            stack.dropped.push(copy);
        }
    }
    if conflicting {
        for stack in &mut stacks {
            stack.marks.push("conflicting duplicate".into());
        }
    }
    stacks
}

/// Kept images, (copy, what it is a copy of), and whether two complete copies differ.
fn drop_copies(slices: &[Slice]) -> (Vec<usize>, Vec<(usize, usize)>, bool) {
    let mut seen: BTreeMap<(&str, u32), usize> = BTreeMap::new();
    let mut copies = Vec::new();
    let mut conflicting = false;
    for (k, slice) in slices.iter().enumerate() {
        let name = (slice.sop_instance.as_str(), slice.frame);
        let Some(held) = seen.get(&name).copied() else {
            seen.insert(name, k);
            continue;
        };
        let other = slices.get(held).unwrap_or(slice);
        if slice.complete && !other.complete {
            seen.insert(name, k);
            copies.push((held, k));
        } else {
            let both = slice.complete && other.complete;
            conflicting |= both && slice.pixels.is_some() && slice.pixels != other.pixels;
            copies.push((k, held));
        }
    }
    let mut kept: Vec<usize> = seen.into_values().collect();
    kept.sort_unstable();
    (kept, copies, conflicting)
}

impl Stack {
    fn of_planes(slices: &[Slice], group: Vec<usize>) -> Self {
        let plane = |k: usize| slices.get(k).and_then(|s| s.plane);
        let normal = group
            .iter()
            .filter_map(|k| plane(*k))
            .map(|p| p.normal())
            .sum::<DVec3>()
            .normalize_or_zero();
        let number = |k: usize| slices.get(k).and_then(|s| s.instance_number);
        let mut ordered: Vec<(f64, usize)> = group
            .iter()
            .filter_map(|k| plane(*k).map(|p| (p.position().0.dot(normal), *k)))
            .collect();
        ordered.sort_by(|a, b| a.0.total_cmp(&b.0));
        let keys: Vec<f64> = ordered.iter().map(|(key, _)| *key).collect();
        let positions_mm = positions(&keys);
        let place = |key: f64| {
            positions_mm
                .partition_point(|p| *p <= key + 1e-12)
                .saturating_sub(1)
        };
        // Within one position by number, so that the order of the files does not matter.
        ordered.sort_by(|a, b| {
            let frame = |k: usize| slices.get(k).map(|s| (s.frame, s.sop_instance.as_str()));
            (place(a.0), number(a.1), frame(a.1)).cmp(&(place(b.0), number(b.1), frame(b.1)))
        });
        let order: Vec<usize> = ordered.iter().map(|(_, k)| *k).collect();
        let placed: Vec<Placed> = ordered
            .iter()
            .filter_map(|(key, k)| slices.get(*k).map(|slice| (key, slice)))
            .map(|(key, slice)| Placed {
                position: place(*key),
                number: slice.instance_number,
                values: slice.values.clone(),
                pixels: slice.pixels,
            })
            .collect();
        let mut found = split(&placed);
        let back = |k: usize| order.get(k).copied().unwrap_or(k);
        for volume in &mut found.volumes {
            volume.iter_mut().for_each(|k| *k = back(*k));
        }
        found.duplicates.iter_mut().for_each(|k| *k = back(*k));

        let thickness: Vec<Option<f64>> = positions_mm
            .iter()
            .map(|p| {
                ordered
                    .iter()
                    .find(|(key, _)| (key - p).abs() <= SAME_POSITION_MM)
                    .and_then(|(_, k)| slices.get(*k)?.thickness_mm)
            })
            .collect();
        let ends = order
            .first()
            .zip(order.last())
            .and_then(|(a, b)| Some((plane(*a)?, plane(*b)?)));
        let shear = ends.and_then(|(a, b)| Shear::new(&a, &b, positions_mm.len()));
        let (orientation, degrees_off_axis) = orientation_of(normal);
        let spacing = SliceSpacing::new(&positions_mm, &thickness);
        let mut marks = Vec::new();
        marks.extend(found.mark.map(str::to_owned));
        if let Some(shear) = shear.filter(Shear::is_sheared) {
            marks.push(format!("tilted acquisition ({:.1}°)", shear.degrees()));
        }
        if let Some(spacing) = &spacing {
            if !spacing.uniform {
                marks.push("variable spacing".into());
            }
            if !spacing.gaps.is_empty() {
                marks.push("slices missing".into());
            }
        }
        Self {
            keys_mm: ordered.iter().map(|(key, _)| *key).collect(),
            slices: order,
            normal: Some(normal),
            orientation: Some(orientation),
            degrees_off_axis,
            positions_mm,
            spacing,
            shear,
            split: found,
            dropped: Vec::new(),
            marks,
        }
    }

    fn without_geometry(slices: &[Slice], mut group: Vec<usize>) -> Self {
        group.sort_by_key(|k| {
            slices.get(*k).map(|s| {
                (
                    s.instance_number.is_none(),
                    s.instance_number,
                    s.values.get(&SplitAttribute::AcquisitionTime).cloned(),
                    s.sop_instance.clone(),
                    s.frame,
                )
            })
        });
        Self {
            split: Split {
                volumes: Vec::new(),
                ..Split::default()
            },
            slices: group,
            keys_mm: Vec::new(),
            normal: None,
            orientation: None,
            degrees_off_axis: 0.0,
            positions_mm: Vec::new(),
            spacing: None,
            shear: None,
            dropped: Vec::new(),
            marks: Vec::new(),
        }
    }

    /// The order on screen (T22): axial from head to foot, sagittal from right to left, coronal from front to back. Volumes one after another.
    #[must_use]
    pub fn reading_order(&self) -> Vec<usize> {
        let (Some(normal), Some(orientation)) = (self.normal, self.orientation) else {
            return self.slices.clone();
        };
        // Head to foot is descending z, right to left ascending x, front to back ascending y.
        let ascending = match orientation {
            Orientation::Axial => normal.z < 0.0,
            Orientation::Coronal => normal.y > 0.0,
            Orientation::Sagittal => normal.x > 0.0,
        };
        let directed = |list: &[usize]| -> Vec<usize> {
            if ascending {
                list.to_vec()
            } else {
                list.iter().rev().copied().collect()
            }
        };
        if self.split.volumes.len() > 1 {
            return self
                .split
                .volumes
                .iter()
                .flat_map(|volume| directed(volume))
                .collect();
        }
        let shown: Vec<usize> = self
            .slices
            .iter()
            .copied()
            .filter(|k| !self.split.duplicates.contains(k))
            .collect();
        directed(&shown)
    }

    /// Whether the images can be one volume: three slices or more, one at each position.
    #[must_use]
    pub fn volumes_with_tools(&self) -> Vec<usize> {
        let of = &self.split.volumes;
        (0..of.len())
            .filter(|k| of.get(*k).is_some_and(|v| v.len() >= 3))
            .collect()
    }
}

/// Nearest plane of the body and the angle to it in degrees.
fn orientation_of(normal: DVec3) -> (Orientation, f64) {
    let size = normal.abs();
    let (orientation, largest) = if size.x >= size.y && size.x >= size.z {
        (Orientation::Sagittal, size.x)
    } else if size.y >= size.z {
        (Orientation::Coronal, size.y)
    } else {
        (Orientation::Axial, size.z)
    };
    (orientation, largest.min(1.0).acos().to_degrees())
}
