//! Rotation, flips, zoom and pan as one state (T31), and the map between the screen and the image that follows from it.
//!
//! Order as in PS3.3 C.10.6: the image is rotated clockwise, then flipped; then scaled to the viewport and shifted. All tools, letters and
//! both painters use this one map.

use glam::{DMat2, DVec2};
use serde::{Deserialize, Serialize};

/// Physical pixels of one viewport, origin at its upper left corner; pixel centres at .5.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ViewportPx(pub DVec2);

/// Pixels of the image in corner coordinates: (0, 0) is the upper left corner of the first pixel, its centre (0.5, 0.5) (T21).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ImageCorner(pub DVec2);

/// What a person did to the picture. The default is the fitted image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ViewState {
    /// 1 fits the image into the viewport.
    pub zoom: f64,
    /// Shift of the image's centre from the viewport's centre, physical pixels.
    pub pan: [f64; 2],
    /// Clockwise, degrees.
    pub rotation_degrees: f64,
    /// Left and right change places, after the rotation.
    pub flip_h: bool,
    /// Top and bottom change places, after the rotation.
    pub flip_v: bool,
}

/// The map of one image into one viewport.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ViewTransform {
    /// Display units (image columns wide) to screen pixels, without the shift.
    linear: DMat2,
    /// Image pixels per screen pixel and their inverse.
    to_image: DMat2,
    to_screen: DMat2,
    /// Screen position of the image's centre.
    center: DVec2,
    /// Image position of its centre, corner coordinates.
    middle: DVec2,
    scale: f64,
    fit: f64,
}

impl Default for ViewState {
    fn default() -> Self {
        Self {
            zoom: 1.0,
            pan: [0.0; 2],
            rotation_degrees: 0.0,
            flip_h: false,
            flip_v: false,
        }
    }
}

impl ViewState {
    /// Smallest and largest [`ViewTransform::scale`] that zooming may reach.
    pub const SCALES: std::ops::RangeInclusive<f64> = 0.05..=64.0;

    /// A quarter turn to the right as seen on the screen.
    pub fn rotate_clockwise(&mut self) {
        self.turn(90.0);
    }

    /// A quarter turn to the left as seen on the screen.
    pub fn rotate_counterclockwise(&mut self) {
        self.turn(-90.0);
    }

    /// Swaps left and right as seen on the screen.
    pub fn flip_horizontally(&mut self) {
        self.flip_h = !self.flip_h;
    }

    /// Swaps top and bottom as seen on the screen.
    pub fn flip_vertically(&mut self) {
        self.flip_v = !self.flip_v;
    }

    /// The same state as (clockwise degrees from 0 up to 360, horizontal flip): a vertical flip is half a turn and a horizontal one.
    #[must_use]
    pub fn normal(&self) -> (f64, bool) {
        let half = if self.flip_v { 180.0 } else { 0.0 };
        (
            (self.rotation_degrees + half).rem_euclid(360.0),
            self.flip_h != self.flip_v,
        )
    }

    fn turn(&mut self, seen: f64) {
        // The flip comes after the stored rotation, so on a mirrored picture the stored one runs the other way.
        let sign = if self.flip_h == self.flip_v {
            1.0
        } else {
            -1.0
        };
        self.rotation_degrees = (self.rotation_degrees + sign * seen).rem_euclid(360.0);
    }
}

impl ViewTransform {
    /// Places an image of `columns` × `rows` pixels, each `height_over_width` times as high as wide (T15), into `viewport` (physical pixels).
    /// A scale that is a whole number is snapped to the pixel grid, so that 1:1 shows stored pixels unblurred.
    #[must_use]
    pub fn new(
        columns: u32,
        rows: u32,
        height_over_width: f64,
        viewport: [u32; 2],
        state: &ViewState,
    ) -> Self {
        let aspect = if height_over_width.is_finite() && height_over_width > 0.0 {
            height_over_width
        } else {
            1.0
        };
        let size = DVec2::new(f64::from(columns.max(1)), f64::from(rows.max(1)));
        let port = DVec2::new(f64::from(viewport[0].max(1)), f64::from(viewport[1].max(1)));
        let turn = rotation(state.rotation_degrees);
        let shown = DVec2::new(size.x, size.y * aspect);
        let extent = DVec2::new(
            turn.x_axis.x.abs() * shown.x + turn.y_axis.x.abs() * shown.y,
            turn.x_axis.y.abs() * shown.x + turn.y_axis.y.abs() * shown.y,
        );
        let fit = (port / extent).min_element();
        let zoom = if state.zoom.is_finite() && state.zoom > 0.0 {
            state.zoom
        } else {
            1.0
        };
        let mut scale = fit * zoom;
        let whole = scale.round();
        let is_whole = whole >= 1.0 && (scale - whole).abs() < 1e-5 * whole;
        if is_whole {
            scale = whole;
        }
        let flip = DVec2::new(
            if state.flip_h { -1.0 } else { 1.0 },
            if state.flip_v { -1.0 } else { 1.0 },
        );
        let linear = DMat2::from_diagonal(flip) * turn;
        let to_screen = linear * DMat2::from_diagonal(DVec2::new(scale, scale * aspect));
        let pan = DVec2::from_array(state.pan.map(|p| if p.is_finite() { p } else { 0.0 }));
        let mut center = port / 2.0 + pan;
        if is_whole && aspect == 1.0 && state.rotation_degrees % 90.0 == 0.0 {
            let edge = center - extent * scale / 2.0;
            center += edge.round() - edge;
        }
        Self {
            linear,
            to_image: to_screen.inverse(),
            to_screen,
            center,
            middle: size / 2.0,
            scale,
            fit,
        }
    }

    /// The scale at a zoom of 1.
    #[must_use]
    pub const fn fit(&self) -> f64 {
        self.fit
    }

    /// Screen pixels for one image pixel on the x axis (T51).
    #[must_use]
    pub const fn scale(&self) -> f64 {
        self.scale
    }

    /// Image position under a screen position.
    #[must_use]
    pub fn to_image(&self, at: ViewportPx) -> ImageCorner {
        ImageCorner(self.to_image * (at.0 - self.center) + self.middle)
    }

    /// Screen position of an image position.
    #[must_use]
    pub fn to_screen(&self, at: ImageCorner) -> ViewportPx {
        ViewportPx(self.to_screen * (at.0 - self.middle) + self.center)
    }

    /// Image position of the viewport's corner, and the steps of the image position for one screen pixel to the right and one down.
    #[must_use]
    pub fn steps(&self) -> (ImageCorner, DVec2, DVec2) {
        (
            self.to_image(ViewportPx(DVec2::ZERO)),
            self.to_image.x_axis,
            self.to_image.y_axis,
        )
    }

    /// Direction in the image, as (along a row, along a column) in equal lengths, that points to the screen direction `toward`.
    #[must_use]
    pub fn image_direction(&self, toward: DVec2) -> DVec2 {
        // A rotation and flips: the inverse is the transpose.
        self.linear.transpose() * toward
    }
}

/// Clockwise on a screen whose y runs down; exact for quarter turns.
fn rotation(degrees: f64) -> DMat2 {
    let degrees = if degrees.is_finite() {
        degrees.rem_euclid(360.0)
    } else {
        0.0
    };
    let (sin, cos) = if degrees % 90.0 == 0.0 {
        match degrees as i32 {
            90 => (1.0, 0.0),
            180 => (0.0, -1.0),
            270 => (-1.0, 0.0),
            _ => (0.0, 1.0),
        }
    } else {
        degrees.to_radians().sin_cos()
    };
    DMat2::from_cols(DVec2::new(cos, sin), DVec2::new(-sin, cos))
}
