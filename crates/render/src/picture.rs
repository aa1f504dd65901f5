//! What is drawn, and how a person looks at it.

use std::sync::Arc;

use triptych_imaging::{
    Colour, Frame,
    display::{
        DefaultVoi, DisplayAttributes, Drawing, Interpolation, Layers, Probe, Voi,
        WellKnownPalette, Window, default_voi, probe,
    },
    geometry::{ViewState, ViewTransform, ViewportPx},
};

/// One frame with what its file says about showing it. `id` names the content: two pictures with one id are the same picture.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Unique in the process.
    pub id: u64,
    /// Stored values.
    pub frame: Frame,
    /// How the file wants them shown.
    pub display: Arc<DisplayAttributes>,
}

/// How a person looks at a picture. The default is the fitted image in its own window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// A window in modality units; `None`: that of the file or the default for it (T8, T9).
    pub window: Option<Window>,
    /// Toggled polarity; greys only.
    pub invert: bool,
    /// Colours instead of greys, after window and polarity; greys only.
    pub pseudo_colour: Option<WellKnownPalette>,
    /// 1 fits the image into the viewport.
    pub zoom: f32,
    /// Shift of the image's centre, physical pixels of the viewport.
    pub pan: [f32; 2],
    /// Clockwise quarter turns, any number.
    pub quarter_turns: i32,
    /// Left and right change places, after the turns.
    pub flip_h: bool,
    /// Top and bottom change places, after the turns.
    pub flip_v: bool,
    /// Between pixels.
    pub interpolation: Interpolation,
    /// Overlay planes and the shutter of the file.
    pub layers: Layers,
}

impl Default for View {
    fn default() -> Self {
        Self {
            window: None,
            invert: false,
            pseudo_colour: None,
            zoom: 1.0,
            pan: [0.0; 2],
            quarter_turns: 0,
            flip_h: false,
            flip_v: false,
            interpolation: Interpolation::default(),
            layers: Layers::default(),
        }
    }
}

impl Picture {
    /// What this picture is shown with when the view names no window; `None` for colour. Reads all pixels when the file names no window and
    /// no preset fits: keep the answer.
    #[must_use]
    pub fn default_voi(&self) -> Option<DefaultVoi> {
        default_voi(&self.display, &self.frame)
    }

    /// Whether it has greys that a window changes.
    #[must_use]
    pub fn is_grey(&self) -> bool {
        match self.frame.shape.colour {
            Colour::Monochrome1 | Colour::Monochrome2 => true,
            Colour::Palette => self.display.palette.is_none(),
            Colour::Rgb => false,
        }
    }

    /// The map between `size` physical pixels of a viewport and the image, for graphics, letters and the magnification.
    #[must_use]
    pub fn transform(&self, view: &View, size: [u32; 2]) -> ViewTransform {
        let shape = self.frame.shape;
        ViewTransform::new(
            shape.columns,
            shape.rows,
            self.display.spacing.height_over_width(),
            size,
            &view.state(),
        )
    }

    /// The stored pixel under a position of the viewport (T17); `None` outside the image.
    #[must_use]
    pub fn probe(&self, view: &View, size: [u32; 2], at: ViewportPx) -> Option<Probe> {
        let image = self.transform(view, size).to_image(at);
        probe(&self.frame, &self.display, image)
    }

    /// The zoom at which one image pixel is `scale` screen pixels wide; 1.0 is pixel for pixel (T52).
    #[must_use]
    pub fn zoom_for_scale(&self, scale: f64, view: &View, size: [u32; 2]) -> f32 {
        let fitted = View { zoom: 1.0, ..*view };
        (scale / self.transform(&fitted, size).fit()) as f32
    }
}

impl View {
    /// Rotation, flips, zoom and pan as the geometry has them.
    #[must_use]
    pub fn state(&self) -> ViewState {
        ViewState {
            zoom: f64::from(self.zoom),
            pan: self.pan.map(f64::from),
            rotation_degrees: f64::from(self.quarter_turns.rem_euclid(4)) * 90.0,
            flip_h: self.flip_h,
            flip_v: self.flip_v,
        }
    }

    /// Everything that decides the picture, for the twin and for the shader's parameters.
    pub(crate) fn drawing<'a>(
        &self,
        picture: &'a Picture,
        transform: &'a ViewTransform,
        voi: Option<&'a Voi>,
        default_invert: bool,
        greys: Option<&'a [u8; 256]>,
        size: [u32; 2],
    ) -> Drawing<'a> {
        Drawing {
            frame: &picture.frame,
            attributes: &picture.display,
            voi,
            invert: self.invert != default_invert,
            pseudo_colour: self.pseudo_colour,
            greys,
            transform,
            interpolation: self.interpolation,
            layers: self.layers,
            size,
        }
    }
}
