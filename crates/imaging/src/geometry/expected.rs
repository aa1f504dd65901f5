//! What `series --expected` says: [`compare`] lays all series of a folder beside a reference file; below it the words of a reference result for the stacks of one series, ours, and where the two differ.
//!
//! Reference words count instances before copies are dropped, and wide steps over the whole series; ours (T23, T24) work after that.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use super::{Slice, Stack, arrange, spacing::SliceSpacing};

/// Geometry of one stack in the words of the reference.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StackWords {
    /// Images before any copy is dropped.
    pub instances: usize,
    /// Unit normal.
    pub normal: [f64; 3],
    /// `axial`, `coronal`, `sagittal`, or `oblique` above 30 degrees.
    pub orientation: &'static str,
    /// To the nearest axis of the body.
    pub degrees_off_axis: f64,
    /// Names in ascending position.
    pub order: Vec<String>,
    /// Key of each, mm.
    pub projected_mm: Vec<f64>,
    /// Distinct positions.
    pub unique_positions: usize,
    /// No position has two images.
    pub positions_unique: bool,
    /// Fewest and most images at a position.
    pub instances_per_position: [usize; 2],
    /// Steps; `None` for fewer than two positions.
    pub spacing: Option<SliceSpacing>,
    /// From the first to the last position.
    pub tilt_degrees: f64,
}

/// Images of a folder by series: topmost folder and Series Instance UID; of each its file's name below that folder's parent.
pub type ImagesBySeries = BTreeMap<(String, String), Vec<(String, Slice)>>;

/// How one series of the reference compares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SeriesVerdict {
    /// Topmost folder.
    pub folder: String,
    /// Series Instance UID.
    pub series: String,
    /// Stacks that were compared.
    pub stacks: usize,
    /// Empty: it agrees.
    pub differences: Vec<String>,
}

/// Lays `images` beside a reference file; one entry a series of it that has geometry and of which an image was given.
#[must_use]
pub fn compare(images: &ImagesBySeries, reference: &Value) -> Vec<SeriesVerdict> {
    let mut verdicts = Vec::new();
    for theirs in reference["series"].as_array().into_iter().flatten() {
        let key = |name: &str| theirs[name].as_str().unwrap_or_default().to_owned();
        let (folder, series) = (key("folder"), key("series_uid"));
        let stacks: Vec<&Value> = match theirs["stacks_by_orientation"].as_array() {
            Some(list) => list.iter().collect(),
            None if theirs["geometry"].is_object() => vec![&theirs["geometry"]],
            None => continue,
        };
        let Some(members) = images.get(&(folder.clone(), series.clone())) else {
            continue;
        };
        let files = members
            .iter()
            .map(|(file, _)| file)
            .collect::<BTreeSet<_>>();
        let (names, slices): (Vec<String>, Vec<Slice>) = members
            .iter()
            .map(|(file, slice)| (image_name(file, slice, files.len()), slice.clone()))
            .unzip();
        let words = stack_words(&slices, &names);
        let differences = if words.len() == stacks.len() {
            // A stack is compared with the one of ours that it is most like.
            let nearest = |theirs: &&Value| {
                let all = words.iter().map(|ours| ours.differences(theirs));
                all.min_by_key(Vec::len).unwrap_or_default()
            };
            stacks.iter().flat_map(nearest).collect()
        } else {
            vec![format!("{} stacks, expected {}", words.len(), stacks.len())]
        };
        verdicts.push(SeriesVerdict {
            folder,
            series,
            stacks: stacks.len(),
            differences,
        });
    }
    verdicts
}

/// Words for the images of one series, one entry an orientation; `names` are theirs. Images without a plane are left out.
#[must_use]
pub fn stack_words(slices: &[Slice], names: &[String]) -> Vec<StackWords> {
    arrange(slices)
        .iter()
        .filter_map(|stack| StackWords::of(stack, slices, names))
        .collect()
}

/// Name of an image in the reference's words: the file, for a frame `file frame 0001`, and only `frame 0001` when the series is one file.
#[must_use]
pub fn image_name(file: &str, slice: &Slice, files_of_series: usize) -> String {
    let frame = slice.frame + 1;
    match (slice.frames > 1, files_of_series) {
        (false, _) => file.to_owned(),
        (true, 1) => format!("frame {frame:04}"),
        (true, _) => format!("{file} frame {frame:04}"),
    }
}

impl StackWords {
    fn of(stack: &Stack, slices: &[Slice], names: &[String]) -> Option<Self> {
        let normal = stack.normal?;
        let mut keyed: Vec<(f64, usize)> = stack
            .slices
            .iter()
            .chain(&stack.dropped)
            .filter_map(|k| {
                let plane = slices.get(*k)?.plane?;
                Some((plane.position().0.dot(normal), *k))
            })
            .collect();
        keyed.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let at = |position: f64| {
            keyed
                .iter()
                .filter(|(key, _)| (key - position).abs() <= super::SAME_POSITION_MM)
                .count()
        };
        let counts: Vec<usize> = stack.positions_mm.iter().map(|p| at(*p)).collect();
        let orientation = match stack.orientation? {
            _ if stack.degrees_off_axis > 30.0 => "oblique",
            super::Orientation::Axial => "axial",
            super::Orientation::Coronal => "coronal",
            super::Orientation::Sagittal => "sagittal",
        };
        Some(Self {
            instances: keyed.len(),
            normal: normal.to_array(),
            orientation,
            degrees_off_axis: stack.degrees_off_axis,
            order: keyed
                .iter()
                .filter_map(|(_, k)| names.get(*k).cloned())
                .collect(),
            projected_mm: keyed.iter().map(|(key, _)| *key).collect(),
            unique_positions: stack.positions_mm.len(),
            positions_unique: counts.iter().all(|n| *n == 1),
            instances_per_position: [
                counts.iter().min().copied().unwrap_or(0),
                counts.iter().max().copied().unwrap_or(0),
            ],
            spacing: stack.spacing.clone(),
            tilt_degrees: stack.shear.map_or(0.0, |s| s.degrees()),
        })
    }

    /// Where these words differ from `geometry` of the reference; empty: they agree. Lengths within 0.001 mm, normals 1e-4, angles 0.01 degrees.
    #[must_use]
    pub fn differences(&self, reference: &Value) -> Vec<String> {
        let mut out = Vec::new();
        let mut number = |what: &str, ours: f64, theirs: &Value, tolerance: f64| {
            if let Some(theirs) = theirs.as_f64()
                && (ours - theirs).abs() > tolerance
            {
                out.push(format!("{what}: {ours}, expected {theirs}"));
            }
        };
        number(
            "instances",
            self.instances as f64,
            &reference["instances"],
            0.0,
        );
        for (axis, ours) in self.normal.iter().enumerate() {
            number("normal", *ours, &reference["normal"][axis], 1e-4);
        }
        number(
            "degrees_off_axis",
            self.degrees_off_axis,
            &reference["degrees_off_axis"],
            0.01,
        );
        number(
            "unique_positions",
            self.unique_positions as f64,
            &reference["unique_positions"],
            0.0,
        );
        number(
            "tilt_from_positions_degrees",
            self.tilt_degrees,
            &reference["tilt_from_positions_degrees"],
            0.01,
        );
        let [fewest, most] = self.instances_per_position;
        let per_position = &reference["instances_per_position"];
        number(
            "instances_per_position.min",
            fewest as f64,
            &per_position["min"],
            0.0,
        );
        number(
            "instances_per_position.max",
            most as f64,
            &per_position["max"],
            0.0,
        );
        if let Some(spacing) = &self.spacing {
            let theirs = &reference["spacing_mm"];
            let steps = &spacing.steps_mm;
            let least = steps.iter().copied().fold(f64::INFINITY, f64::min);
            let largest = steps.iter().copied().fold(0.0, f64::max);
            number(
                "spacing_mm.median",
                spacing.median_mm,
                &theirs["median"],
                0.001,
            );
            number("spacing_mm.min", least, &theirs["min"], 0.001);
            number("spacing_mm.max", largest, &theirs["max"], 0.001);
            if let Some(uniform) = theirs["uniform"].as_bool()
                && uniform != spacing.uniform
            {
                out.push(format!(
                    "spacing_mm.uniform: {}, expected {uniform}",
                    spacing.uniform
                ));
            }
            let wide = reference["gaps"].as_array().map_or(0, Vec::len);
            if wide != spacing.wide_steps.len() {
                out.push(format!(
                    "gaps: {} wide steps, expected {wide}",
                    spacing.wide_steps.len()
                ));
            }
        }
        if let Some(theirs) = reference["orientation"].as_str()
            && theirs != self.orientation
        {
            out.push(format!(
                "orientation: {}, expected {theirs}",
                self.orientation
            ));
        }
        if let Some(theirs) = reference["positions_unique"].as_bool()
            && theirs != self.positions_unique
        {
            out.push(format!(
                "positions_unique: {}, expected {theirs}",
                self.positions_unique
            ));
        }
        out.extend(self.order_difference(reference));
        out
    }

    /// Keys one by one, then the set of names at each position: images at one position may come in any order.
    fn order_difference(&self, reference: &Value) -> Option<String> {
        let keys: Vec<f64> = reference["projected_mm"]
            .as_array()?
            .iter()
            .filter_map(Value::as_f64)
            .collect();
        let names: Vec<&str> = reference["order"]
            .as_array()?
            .iter()
            .filter_map(Value::as_str)
            .collect();
        let near = keys.len() == self.projected_mm.len()
            && keys
                .iter()
                .zip(&self.projected_mm)
                .all(|(a, b)| (a - b).abs() <= 0.01);
        if !near {
            return Some("projected_mm: the keys differ".into());
        }
        let mut theirs: Vec<(i64, &str)> = Vec::new();
        let mut ours: Vec<(i64, &str)> = Vec::new();
        let mut place = 0_i64;
        for (k, key) in keys.iter().enumerate() {
            if k > 0 && key - keys.get(k - 1).copied().unwrap_or(*key) > super::SAME_POSITION_MM {
                place += 1;
            }
            theirs.push((place, names.get(k).copied().unwrap_or_default()));
            ours.push((place, self.order.get(k).map_or("", String::as_str)));
        }
        theirs.sort_unstable();
        ours.sort_unstable();
        (theirs != ours).then(|| "order: other images at a position".into())
    }
}
