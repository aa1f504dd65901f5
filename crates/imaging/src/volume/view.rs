//! A plane through a volume: where it lies, how large a pixel is, and how thick the slab (T34, T35).

use glam::DVec3;

use super::geometry::{VolumeGeometry, Voxel};
use crate::geometry::{EdgeLetters, Orientation, PatientMm, letters_of};

/// What becomes of the samples of a slab.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SlabMode {
    /// One sample, on the plane itself.
    #[default]
    Single,
    /// The greatest.
    Mip,
    /// The least.
    MinIp,
    /// The mean of those that are there.
    Mean,
}

/// Thickness of a plane.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Slab {
    /// What becomes of the samples.
    pub mode: SlabMode,
    /// mm, about the plane; 0 is one sample.
    pub thickness_mm: f64,
    /// Samples at half the smallest voxel spacing instead of at it.
    pub fine: bool,
}

/// Which axes the three standard planes follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PlaneAxes {
    /// The patient's: left, posterior, head.
    Patient,
    /// Those of the acquisition that are nearest to them. Rows and columns are those of the images, but for flips and quarter turns.
    Acquisition,
}

/// A plane in the patient and its pixels. Pixel (u, v) is centred at `centre + (u − (width − 1) / 2) · right · mm + (v − (height − 1) / 2) ·
/// down · mm`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlaneView {
    /// Middle of the picture.
    pub centre: PatientMm,
    /// Unit vector to the right of the picture.
    pub right: DVec3,
    /// Unit vector down, at a right angle to it.
    pub down: DVec3,
    /// Of a pixel to the right and down. Equal, but for pictures of stored lines.
    pub mm_per_pixel: [f64; 2],
    /// Width and height.
    pub size: [u32; 2],
    /// How thick.
    pub slab: Slab,
}

/// (samples, offset of the first) of a slab (T35): `floor(t / s + 1e-6) + 1`, symmetric about the plane; they are `step_mm` apart.
#[must_use]
pub fn slab_samples(thickness_mm: f64, step_mm: f64) -> (usize, f64) {
    let steps = (thickness_mm.max(0.0) / step_mm + 1e-6).floor();
    if !steps.is_finite() || step_mm <= 0.0 {
        return (1, 0.0);
    }
    // More samples than any volume has voxels in a line mean nothing.
    let steps = steps.min(65_536.0);
    (steps as usize + 1, -steps * step_mm / 2.0)
}

impl Slab {
    /// A slab sampled at the smallest voxel spacing.
    #[must_use]
    pub const fn new(mode: SlabMode, thickness_mm: f64) -> Self {
        Self {
            mode,
            thickness_mm,
            fine: false,
        }
    }

    /// Distance of its samples in a volume, mm.
    #[must_use]
    pub fn step_mm(&self, geometry: &VolumeGeometry) -> f64 {
        geometry.smallest_spacing_mm() * if self.fine { 0.5 } else { 1.0 }
    }

    /// Number of samples and offset of the first, mm.
    #[must_use]
    pub fn samples(&self, geometry: &VolumeGeometry) -> (usize, f64) {
        if self.mode == SlabMode::Single {
            return (1, 0.0);
        }
        slab_samples(self.thickness_mm, self.step_mm(geometry))
    }
}

impl PlaneView {
    /// The standard plane `orientation` through the middle of a volume, all of it in the picture, pixels of the smallest in-plane spacing.
    #[must_use]
    pub fn covering(geometry: &VolumeGeometry, axes: PlaneAxes, orientation: Orientation) -> Self {
        let (right, down) = directions(geometry, axes, orientation);
        let mut view = Self {
            centre: geometry.centre(),
            right,
            down,
            mm_per_pixel: [geometry.spacing_mm()[0].min(geometry.spacing_mm()[1]); 2],
            size: [1; 2],
            slab: Slab::default(),
        };
        let extent = view.extent_mm(geometry);
        let pixels = |k: usize| {
            // The outermost half voxels are part of the volume: rounding may not lose a line of them.
            let n = (extent[k] / view.mm_per_pixel[k] - 1e-6).ceil();
            n.clamp(1.0, 16_384.0) as u32
        };
        view.size = [pixels(0), pixels(1)];
        view
    }

    /// The same plane in a picture of `size` pixels, as large as fits, about the middle of the volume.
    #[must_use]
    pub fn fitted(mut self, geometry: &VolumeGeometry, size: [u32; 2]) -> Self {
        let extent = self.extent_mm(geometry);
        let mm = extent
            .iter()
            .zip(size)
            .map(|(mm, n)| mm / f64::from(n.max(1)))
            .fold(f64::MIN_POSITIVE, f64::max);
        let off = geometry.centre().0 - self.centre.0;
        self.centre.0 += self.right * off.dot(self.right) + self.down * off.dot(self.down);
        self.mm_per_pixel = [mm; 2];
        self.size = size.map(|n| n.max(1));
        self
    }

    /// Unit normal, away from the viewer: right × down.
    #[must_use]
    pub fn normal(&self) -> DVec3 {
        self.right.cross(self.down)
    }

    /// The point at pixel coordinates whose whole numbers are pixel centres.
    #[must_use]
    pub fn to_patient(&self, pixel: [f64; 2]) -> PatientMm {
        let [u, v] = self.off_middle(pixel);
        PatientMm(
            self.centre.0
                + self.right * (u * self.mm_per_pixel[0])
                + self.down * (v * self.mm_per_pixel[1]),
        )
    }

    /// Pixel coordinates of a point, and how far it lies behind the plane along the normal, mm.
    #[must_use]
    pub fn to_pixel(&self, at: PatientMm) -> ([f64; 2], f64) {
        let off = at.0 - self.centre.0;
        let [w, h] = self.size.map(|n| (f64::from(n) - 1.0) / 2.0);
        let u = off.dot(self.right) / self.mm_per_pixel[0] + w;
        let v = off.dot(self.down) / self.mm_per_pixel[1] + h;
        ([u, v], off.dot(self.normal()))
    }

    /// The parallel plane that holds `at`: how a crosshair moves all planes to one point.
    #[must_use]
    pub fn through(mut self, at: PatientMm) -> Self {
        let normal = self.normal();
        self.centre.0 += normal * (at.0 - self.centre.0).dot(normal);
        self
    }

    /// The parallel plane `steps` default steps further along the normal (T34).
    #[must_use]
    pub fn scrolled(mut self, geometry: &VolumeGeometry, steps: f64) -> Self {
        let normal = self.normal();
        self.centre.0 += normal * (steps * geometry.step_along_mm(normal));
        self
    }

    /// Turned by `degrees` about `axis` (unit vector) through `about`: how a handle of the crosshair makes an oblique plane.
    #[must_use]
    pub fn turned(mut self, about: PatientMm, axis: DVec3, degrees: f64) -> Self {
        let turn = glam::DQuat::from_axis_angle(axis.normalize_or_zero(), degrees.to_radians());
        if !turn.is_finite() {
            return self;
        }
        self.centre.0 = about.0 + turn * (self.centre.0 - about.0);
        self.right = (turn * self.right).normalize();
        let down = turn * self.down;
        self.down = (down - self.right * down.dot(self.right)).normalize();
        self
    }

    /// Letters of the four edges (T29).
    #[must_use]
    pub fn letters(&self, quadruped: bool) -> EdgeLetters {
        EdgeLetters {
            right: letters_of(self.right, quadruped),
            left: letters_of(-self.right, quadruped),
            top: letters_of(-self.down, quadruped),
            bottom: letters_of(self.down, quadruped),
        }
    }

    /// What is said of the picture's making (T51): `MPR`, `MIP 10 mm`.
    #[must_use]
    pub fn mark(&self) -> String {
        let name = match self.slab.mode {
            SlabMode::Single => return "MPR".into(),
            SlabMode::Mip => "MIP",
            SlabMode::MinIp => "MinIP",
            SlabMode::Mean => "Mean",
        };
        let rounded = (self.slab.thickness_mm * 10.0).round() / 10.0;
        format!("{name} {rounded} mm")
    }

    /// Whether all numbers are finite and the vectors are unit vectors at right angles.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        let unit = |v: DVec3| (v.length() - 1.0).abs() < 1e-6;
        let positive = self.mm_per_pixel.iter().all(|m| m.is_finite() && *m > 0.0);
        self.centre.0.is_finite()
            && unit(self.right)
            && unit(self.down)
            && self.right.dot(self.down).abs() < 1e-6
            && positive
            && self.slab.thickness_mm.is_finite()
    }

    fn off_middle(&self, pixel: [f64; 2]) -> [f64; 2] {
        let [w, h] = self.size.map(|n| (f64::from(n) - 1.0) / 2.0);
        [pixel[0] - w, pixel[1] - h]
    }

    /// Of the whole volume in the picture's directions.
    fn extent_mm(&self, geometry: &VolumeGeometry) -> [f64; 2] {
        let corners = geometry.corners();
        [self.right, self.down].map(|d| {
            let along = corners.iter().map(|c| c.0.dot(d));
            along.clone().fold(f64::NEG_INFINITY, f64::max) - along.fold(f64::INFINITY, f64::min)
        })
    }
}

impl VolumeGeometry {
    /// Middle of slice `k`: where the acquisition's plane of that slice passes.
    #[must_use]
    pub fn slice_centre(&self, k: f64) -> PatientMm {
        let [nx, ny, _] = self.size().map(f64::from);
        self.to_patient(Voxel(DVec3::new((nx - 1.0) / 2.0, (ny - 1.0) / 2.0, k)))
    }
}

/// Right and down of a standard plane.
fn directions(
    geometry: &VolumeGeometry,
    axes: PlaneAxes,
    orientation: Orientation,
) -> (DVec3, DVec3) {
    let [x, y, z] = match axes {
        PlaneAxes::Patient => [DVec3::X, DVec3::Y, DVec3::Z],
        PlaneAxes::Acquisition => nearest_axes(geometry),
    };
    match orientation {
        Orientation::Axial => (x, y),
        Orientation::Coronal => (x, -z),
        Orientation::Sagittal => (y, -z),
    }
}

/// The acquisition's axes, each given to the patient's axis that it is nearest to, signs turned to match.
fn nearest_axes(geometry: &VolumeGeometry) -> [DVec3; 3] {
    let own = [geometry.row(), geometry.column(), geometry.normal()];
    let patient = [DVec3::X, DVec3::Y, DVec3::Z];
    const ORDERS: [[usize; 3]; 6] = [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ];
    let fit =
        |order: &[usize; 3]| -> f64 { (0..3).map(|a| own[order[a]].dot(patient[a]).abs()).sum() };
    let mut best = ORDERS[0];
    for order in ORDERS {
        if fit(&order) > fit(&best) + 1e-9 {
            best = order;
        }
    }
    std::array::from_fn(|a| {
        let axis = own[best[a]];
        if axis.dot(patient[a]) < 0.0 {
            -axis
        } else {
            axis
        }
    })
}
