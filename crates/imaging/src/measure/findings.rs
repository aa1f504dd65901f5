//! Lesions over several dates: one row a lesion, and the change from each date to the next (T47).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use triptych_clinical::{Coding, Instant};

use super::growth::{Growth, Size, growth};
use crate::{
    annotate::{Annotation, Quantity, Stated},
    display::SpacingProvenance,
};

/// A drawing with the facts of its images that decide whether it may be compared.
#[derive(Clone, Copy, Debug)]
pub struct Dated<'a> {
    /// The drawing, with its values as last stated.
    pub annotation: &'a Annotation,
    /// When its images were taken.
    pub taken: Instant,
    /// Slice Thickness (0018,0050), mm.
    pub slice_thickness_mm: Option<f64>,
    /// Convolution Kernel (0018,1210); empty when there is none.
    pub kernel: &'a str,
}

/// A lesion over all dates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lesion {
    /// What links its drawings.
    pub lesion: String,
    /// As the first drawing that has a name calls it.
    pub label: String,
    /// Where the first drawing that says so puts it.
    pub site: Option<Coding>,
    /// Its drawings, oldest images first.
    pub entries: Vec<LesionEntry>,
    /// From each date to the next, and from the first to the last where there are more than two.
    pub changes: Vec<Change>,
}

/// One drawing of a lesion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LesionEntry {
    /// Of the drawing.
    pub uid: String,
    /// When its images were taken.
    pub taken: Instant,
    /// As last stated.
    pub values: Vec<Stated>,
}

/// One quantity between two dates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// What changed.
    pub quantity: Quantity,
    /// Unit of both values and of the difference.
    pub unit: String,
    /// Images of the first value.
    pub from: Instant,
    /// Images of the second value.
    pub to: Instant,
    /// Days between them.
    pub days: f64,
    /// First and second value.
    pub values: [f64; 2],
    /// Their comparison; `None` where they must not be compared, see `cautions`, or the first one is 0.
    pub compared: Option<Compared>,
    /// What is to be said beside it.
    pub cautions: Vec<Caution>,
}

/// Numbers of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// Second less first.
    pub absolute: f64,
    /// Of the first.
    pub percent: f64,
    /// Of a diameter or a volume.
    pub growth: Option<Growth>,
}

/// Why a comparison is weak, or is not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Caution {
    /// The slices of the two dates are not equally thick.
    SliceThickness,
    /// The images were reconstructed with other kernels.
    Kernel,
    /// The millimetres of the two dates have different origins: not compared (T40).
    Provenance,
    /// The values have different units, or count pixels: not compared.
    Unit,
}

impl Caution {
    /// As shown.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::SliceThickness => "different slice thickness",
            Self::Kernel => "different kernel",
            Self::Provenance => "different origin of the millimetres: not compared",
            Self::Unit => "different units: not compared",
        }
    }

    const fn forbids(self) -> bool {
        matches!(self, Self::Provenance | Self::Unit)
    }
}

/// Quantities that are followed over time.
const FOLLOWED: [Quantity; 8] = [
    Quantity::Volume,
    Quantity::LongAxis,
    Quantity::ShortAxis,
    Quantity::Length,
    Quantity::Area,
    Quantity::Mean,
    Quantity::Maximum,
    Quantity::Peak,
];

/// Table of all lesions, by the oldest images and then by their names. Of several drawings on the same images the one edited last gives a
/// quantity's value.
#[must_use]
pub fn findings(drawings: &[Dated<'_>]) -> Vec<Lesion> {
    let mut by_lesion: BTreeMap<&str, Vec<Dated<'_>>> = BTreeMap::new();
    for drawing in drawings {
        by_lesion
            .entry(&drawing.annotation.lesion)
            .or_default()
            .push(*drawing);
    }
    let mut lesions: Vec<Lesion> = by_lesion
        .into_iter()
        .map(|(lesion, drawings)| row(lesion, drawings))
        .collect();
    lesions.sort_by(|a, b| {
        let first = |l: &Lesion| l.entries.first().map(|e| e.taken);
        (first(a), &a.label, &a.lesion).cmp(&(first(b), &b.label, &b.lesion))
    });
    lesions
}

fn row(lesion: &str, mut drawings: Vec<Dated<'_>>) -> Lesion {
    drawings.sort_by(|a, b| {
        (a.taken, &a.annotation.edited, &a.annotation.uid).cmp(&(
            b.taken,
            &b.annotation.edited,
            &b.annotation.uid,
        ))
    });
    let label = drawings
        .iter()
        .map(|d| &d.annotation.label)
        .find(|l| !l.is_empty());
    let mut changes = Vec::new();
    for quantity in FOLLOWED {
        let dates = dates_of(quantity, &drawings);
        let each = dates.iter().zip(dates.iter().skip(1));
        changes.extend(each.map(|(a, b)| change(quantity, *a, *b)));
        if let [first, _, .., last] = dates.as_slice()
            && dates.len() > 2
        {
            changes.push(change(quantity, *first, *last));
        }
    }
    Lesion {
        lesion: lesion.to_owned(),
        label: label.cloned().unwrap_or_default(),
        site: drawings.iter().find_map(|d| d.annotation.site.clone()),
        entries: drawings
            .iter()
            .map(|d| LesionEntry {
                uid: d.annotation.uid.clone(),
                taken: d.taken,
                values: d.annotation.values.clone(),
            })
            .collect(),
        changes,
    }
}

/// The value of each date: that of the drawing edited last.
fn dates_of<'a>(quantity: Quantity, drawings: &[Dated<'a>]) -> Vec<(Dated<'a>, &'a Stated)> {
    let mut dates: Vec<(Dated<'a>, &'a Stated)> = Vec::new();
    for drawing in drawings {
        let mut stated = drawing.annotation.values.iter();
        let Some(value) = stated.find(|v| v.quantity == quantity) else {
            continue;
        };
        match dates.last_mut() {
            Some(last) if last.0.taken == drawing.taken => *last = (*drawing, value),
            _ => dates.push((*drawing, value)),
        }
    }
    dates
}

fn change(quantity: Quantity, first: (Dated<'_>, &Stated), second: (Dated<'_>, &Stated)) -> Change {
    let ((from, a), (to, b)) = (first, second);
    let mut cautions = Vec::new();
    if a.unit != b.unit || a.unit.starts_with("{pixels}") {
        cautions.push(Caution::Unit);
    }
    if !same_origin(a.provenance, b.provenance) {
        cautions.push(Caution::Provenance);
    }
    let differ = |x: f64, y: f64| (x - y).abs() > 0.01 * x.max(y);
    if let (Some(x), Some(y)) = (from.slice_thickness_mm, to.slice_thickness_mm)
        && differ(x, y)
    {
        cautions.push(Caution::SliceThickness);
    }
    if from.kernel != to.kernel {
        cautions.push(Caution::Kernel);
    }
    let days = to.taken.days_since(from.taken);
    let size = |v: f64| match quantity {
        Quantity::Volume => Some(Size::VolumeMm3(v)),
        Quantity::LongAxis | Quantity::ShortAxis | Quantity::Length => Some(Size::DiameterMm(v)),
        _ => None,
    };
    let comparable = !cautions.iter().any(|c| c.forbids());
    let compared = (comparable && a.value > 0.0).then(|| Compared {
        absolute: b.value - a.value,
        percent: (b.value - a.value) / a.value * 100.0,
        growth: size(a.value)
            .zip(size(b.value))
            .and_then(|(a, b)| growth(a, b, days)),
    });
    Change {
        quantity,
        unit: a.unit.clone(),
        from: from.taken,
        to: to.taken,
        days,
        values: [a.value, b.value],
        compared,
        cautions,
    }
}

/// Two magnifications are of one kind, however large each is.
fn same_origin(a: Option<SpacingProvenance>, b: Option<SpacingProvenance>) -> bool {
    a.map(|p| std::mem::discriminant(&p)) == b.map(|p| std::mem::discriminant(&p))
}
