//! From where a volume is looked at, and what of it (T36).

use glam::{DQuat, DVec3};

use crate::{
    geometry::{EdgeLetters, PatientMm, letters_of},
    volume::{Voxel, geometry::VolumeGeometry},
};

/// How rays run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Projection {
    /// Side by side: lengths across the view are the same at any depth.
    #[default]
    Orthographic,
    /// From an eye this far in front of [`Camera::centre`], mm.
    Perspective {
        /// mm.
        distance_mm: f64,
    },
}

/// A view of a volume. Pixel (u, v) looks through `centre + (u − (width − 1) / 2) · right · mm + (v − (height − 1) / 2) · down · mm`, along
/// right × down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    /// What the middle of the picture shows.
    pub centre: PatientMm,
    /// Unit vector to the right of the picture.
    pub right: DVec3,
    /// Unit vector down, at a right angle to it.
    pub down: DVec3,
    /// Of a pixel, in the plane of `centre`.
    pub mm_per_pixel: f64,
    /// Width and height.
    pub size: [u32; 2],
    /// How rays run.
    pub projection: Projection,
}

/// Part of a volume, in voxel coordinates; corners may come in any order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CropBox {
    /// One corner.
    pub from: Voxel,
    /// The opposite one.
    pub to: Voxel,
}

/// What lies on the side of a plane that its normal points to is left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CutPlane {
    /// A point of the plane.
    pub point: PatientMm,
    /// Toward what is kept.
    pub normal: DVec3,
}

impl Camera {
    /// From the front, head up, all of the volume in the picture whichever way it is turned.
    #[must_use]
    pub fn front(geometry: &VolumeGeometry, size: [u32; 2]) -> Self {
        let centre = geometry.centre();
        let reach = geometry
            .corners()
            .iter()
            .map(|c| (c.0 - centre.0).length())
            .fold(1.0, f64::max);
        let size = size.map(|n| n.max(1));
        Self {
            centre,
            right: DVec3::X,
            down: -DVec3::Z,
            mm_per_pixel: 2.0 * reach / f64::from(size[0].min(size[1])),
            size,
            projection: Projection::Orthographic,
        }
    }

    /// Unit vector away from the viewer.
    #[must_use]
    pub fn forward(&self) -> DVec3 {
        self.right.cross(self.down)
    }

    /// Turned by a drag: the front of the volume follows the pointer, degrees to the right and down.
    #[must_use]
    pub fn turned(mut self, right_degrees: f64, down_degrees: f64) -> Self {
        let about_down = DQuat::from_axis_angle(self.down, right_degrees.to_radians());
        let about_right = DQuat::from_axis_angle(self.right, -down_degrees.to_radians());
        let turn = about_down * about_right;
        if turn.is_finite() {
            self.right = (turn * self.right).normalize();
            let down = turn * self.down;
            self.down = (down - self.right * down.dot(self.right)).normalize();
        }
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

    /// Where the ray of a pixel begins, and its direction (unit vector). Depths are measured from there.
    #[must_use]
    pub fn ray(&self, u: f64, v: f64) -> (PatientMm, DVec3) {
        let [w, h] = self.size.map(|n| (f64::from(n) - 1.0) / 2.0);
        let on_plane = self.centre.0
            + self.right * ((u - w) * self.mm_per_pixel)
            + self.down * ((v - h) * self.mm_per_pixel);
        match self.projection {
            Projection::Orthographic => (PatientMm(on_plane), self.forward()),
            Projection::Perspective { distance_mm } => {
                let eye = self.centre.0 - self.forward() * distance_mm.max(1e-3);
                (PatientMm(eye), (on_plane - eye).normalize())
            }
        }
    }

    /// `parts` times fewer pixels each way, of the same scene.
    #[must_use]
    pub(super) fn coarser(mut self, parts: u32) -> Self {
        let size = self.size.map(|n| n.div_ceil(parts).max(1));
        self.mm_per_pixel *= f64::from(self.size[0].max(1)) / f64::from(size[0]);
        self.size = size;
        self
    }

    /// Whether all numbers are finite and the vectors are unit vectors at right angles.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        let unit = |v: DVec3| (v.length() - 1.0).abs() < 1e-6;
        self.centre.0.is_finite()
            && unit(self.right)
            && unit(self.down)
            && self.right.dot(self.down).abs() < 1e-6
            && self.mm_per_pixel.is_finite()
            && self.mm_per_pixel > 0.0
    }
}
