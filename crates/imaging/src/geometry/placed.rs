//! Images that scroll together, as they lie in the patient: linked scroll (T30) and the cursor in three dimensions.

use glam::{DVec2, DVec3};
use triptych_clinical::InstanceRecord;

use super::{
    display_set::{DisplaySet, SetImage},
    link::{Space, SpaceLink},
    plane::{ImageIndex, PatientMm, Plane},
    spacing::{SAME_POSITION_MM, median, positions},
    view::ImageCorner,
};

/// One image in the patient, with its extent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlacedImage {
    /// Where it lies.
    pub plane: Plane,
    /// Between rows, between columns.
    pub pixel_spacing_mm: [f64; 2],
    /// Pixels in a row.
    pub columns: u32,
    /// Rows.
    pub rows: u32,
}

/// Images that scroll together, in the order of the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacedStack {
    space: Space,
    images: Vec<PlacedImage>,
    keys_mm: Vec<f64>,
    normal: DVec3,
    /// Median step, or nothing for one position.
    spacing_mm: Option<f64>,
}

/// What another stack's slice means for this one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LinkedSlice {
    /// Show this image.
    At(usize),
    /// More than half a spacing beyond the first or last slice: stay, and show the mark.
    OutsideRange,
    /// The stacks lie at more than 30° to each other: no link.
    Turned {
        /// Between their normals.
        degrees: f64,
    },
}

/// A point of the patient in a stack.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Located {
    /// Image that is nearest to it.
    pub image: usize,
    /// Where in the image, straight below the point.
    pub at: ImageCorner,
    /// Whether that is on the image.
    pub inside: bool,
    /// From the image's plane, along its normal.
    pub distance_mm: f64,
}

impl LinkedSlice {
    /// Normals further apart than this link no scrolling.
    pub const MOST_DEGREES: f64 = 30.0;

    /// Shown at the tile that stays.
    #[must_use]
    pub const fn mark(&self) -> Option<&'static str> {
        match self {
            Self::At(_) => None,
            Self::OutsideRange => Some("outside range"),
            Self::Turned { .. } => Some("other orientation"),
        }
    }
}

/// Index of the key nearest to `key_mm`, of two equally near ones the first; `None` when it is further than half of `spacing_mm` beyond
/// all of them. A single position without a spacing reaches `SAME_POSITION_MM`.
#[must_use]
pub fn nearest_key(key_mm: f64, keys_mm: &[f64], spacing_mm: Option<f64>) -> Option<usize> {
    let lowest = keys_mm.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = keys_mm.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let reach = spacing_mm.map_or(SAME_POSITION_MM, |s| s / 2.0) + 1e-9;
    if !(lowest - reach..=highest + reach).contains(&key_mm) {
        return None;
    }
    let mut best: Option<(usize, f64)> = None;
    for (k, key) in keys_mm.iter().enumerate() {
        let distance = (key - key_mm).abs();
        // Rounding does not break a tie.
        if best.is_none_or(|(_, least)| distance < least - 1e-9) {
            best = Some((k, distance));
        }
    }
    best.map(|(k, _)| k)
}

impl PlacedImage {
    /// Corner coordinates of the point of the image's plane below `point`.
    #[must_use]
    pub fn below(&self, point: PatientMm) -> ImageCorner {
        let from_origin = point.0 - self.plane.position().0;
        let [between_rows, between_columns] = self.pixel_spacing_mm;
        ImageCorner::from(ImageIndex(DVec2::new(
            from_origin.dot(self.plane.row()) / between_columns,
            from_origin.dot(self.plane.column()) / between_rows,
        )))
    }

    /// The place in the patient of a position on the image.
    #[must_use]
    pub fn to_patient(&self, at: ImageCorner) -> PatientMm {
        self.plane.to_patient(at.into(), self.pixel_spacing_mm)
    }

    /// Middle of the image.
    #[must_use]
    pub fn middle(&self) -> PatientMm {
        self.to_patient(ImageCorner(self.size() / 2.0))
    }

    /// Whether a position lies on the image, its edges included.
    #[must_use]
    pub fn holds(&self, at: ImageCorner) -> bool {
        at.0.cmpge(DVec2::ZERO).all() && at.0.cmple(self.size()).all()
    }

    pub(super) fn size(&self) -> DVec2 {
        DVec2::new(f64::from(self.columns), f64::from(self.rows))
    }
}

impl PlacedStack {
    /// Of images in the order of the screen; `None` for no images, for sizes that mean nothing, or for normals that cancel out.
    #[must_use]
    pub fn new(space: Space, images: Vec<PlacedImage>) -> Option<Self> {
        let sound = |i: &PlacedImage| {
            i.pixel_spacing_mm
                .iter()
                .all(|mm| mm.is_finite() && *mm > 0.0)
        };
        if !images.iter().all(sound) {
            return None;
        }
        let normal = images
            .iter()
            .map(|i| i.plane.normal())
            .sum::<DVec3>()
            .try_normalize()?;
        let keys_mm: Vec<f64> = images
            .iter()
            .map(|i| i.plane.position().0.dot(normal))
            .collect();
        let mut ascending = keys_mm.clone();
        ascending.sort_by(f64::total_cmp);
        let places = positions(&ascending);
        let steps: Vec<f64> = places
            .windows(2)
            .filter_map(|w| Some(w.last()? - w.first()?))
            .collect();
        Some(Self {
            space,
            images,
            keys_mm,
            normal,
            spacing_mm: median(&steps),
        })
    }

    /// Of a display set; `None` when one of its images has no place or no pixel spacing. `planes` as for [`super::display_sets`].
    #[must_use]
    pub fn of_set(
        patient: &str,
        set: &DisplaySet,
        records: &[InstanceRecord],
        planes: impl Fn(SetImage) -> Option<Plane>,
    ) -> Option<Self> {
        let place = |image: &SetImage| {
            let record = records.get(image.record)?;
            Some(PlacedImage {
                plane: super::slice_of(record, image.frame, planes(*image)).plane?,
                pixel_spacing_mm: record.pixel_spacing?,
                columns: record.columns,
                rows: record.rows,
            })
        };
        let images: Option<Vec<PlacedImage>> = set.images.iter().map(place).collect();
        let of = set.images.iter().filter_map(|i| records.get(i.record));
        Self::new(Space::of(patient, of), images?)
    }

    /// What its positions are measured from.
    #[must_use]
    pub const fn space(&self) -> &Space {
        &self.space
    }

    /// Its images, in the order of the screen.
    #[must_use]
    pub fn images(&self) -> &[PlacedImage] {
        &self.images
    }

    /// Unit normal.
    #[must_use]
    pub const fn normal(&self) -> DVec3 {
        self.normal
    }

    /// Median step between positions, mm; `None` for one position.
    #[must_use]
    pub const fn spacing_mm(&self) -> Option<f64> {
        self.spacing_mm
    }

    /// The image to show when `source` shows its image `at` and this stack its image `shown`. Of several volumes at the same positions the
    /// one that is shown stays.
    #[must_use]
    pub fn linked_slice(
        &self,
        shown: usize,
        source: &Self,
        at: usize,
        link: &SpaceLink,
    ) -> LinkedSlice {
        let cosine = link
            .direction(source.normal)
            .dot(self.normal)
            .abs()
            .min(1.0);
        let degrees = cosine.acos().to_degrees();
        if degrees > LinkedSlice::MOST_DEGREES {
            return LinkedSlice::Turned { degrees };
        }
        let Some(image) = source.images.get(at) else {
            return LinkedSlice::OutsideRange;
        };
        let key = link.point(image.middle()).0.dot(self.normal);
        match nearest_key(key, &self.keys_mm, self.spacing_mm) {
            Some(nearest) => LinkedSlice::At(self.of_same_volume(nearest, shown)),
            None => LinkedSlice::OutsideRange,
        }
    }

    /// The offset, mm in LPS, that keeps image `at` of `source` beside image `shown` of this stack: what a link by hand remembers.
    #[must_use]
    pub fn offset_to(&self, shown: usize, source: &Self, at: usize) -> Option<DVec3> {
        let key = source.images.get(at)?.middle().0.dot(self.normal);
        Some(self.normal * (self.keys_mm.get(shown)? - key))
    }

    /// Where a point (in this stack's space) is: its slice and the position there; `None` when it lies more than half a spacing outside.
    #[must_use]
    pub fn locate(&self, shown: usize, point: PatientMm) -> Option<Located> {
        let key = point.0.dot(self.normal);
        let nearest = nearest_key(key, &self.keys_mm, self.spacing_mm)?;
        let image = self.of_same_volume(nearest, shown);
        let of = self.images.get(image)?;
        let at = of.below(point);
        Some(Located {
            image,
            at,
            inside: of.holds(at),
            distance_mm: (point.0 - of.plane.position().0).dot(of.plane.normal()),
        })
    }

    /// The image at the position of `nearest` that is as far down its volume's list as `shown` is: volumes follow one another.
    fn of_same_volume(&self, nearest: usize, shown: usize) -> usize {
        let here = |k: usize| {
            let key = self.keys_mm.get(k).copied();
            self.keys_mm
                .iter()
                .enumerate()
                .filter(move |(_, other)| {
                    key.is_some_and(|key| (key - **other).abs() <= SAME_POSITION_MM)
                })
                .map(|(k, _)| k)
        };
        let volume = here(shown).position(|k| k == shown).unwrap_or(0);
        here(nearest).nth(volume).unwrap_or(nearest)
    }
}
