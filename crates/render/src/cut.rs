//! Planes and slabs out of a volume, alone or with another volume in colours over them, and their twin.

use std::sync::Arc;

use triptych_imaging::{
    display::{Voi, Window},
    geometry::{ViewTransform, ViewportPx},
    volume::{
        ColourMap, ModalityPlane, Overlay, PlaneView, Presence, Volume, draw_fused, sample_into,
    },
};

use crate::{RenderError, View};

/// A plane through a volume as a picture: `plane` says where it lies and how large it is, a [`View`] how a person looks at it.
#[derive(Clone, Debug)]
pub struct CutPicture {
    /// Names the content of the volume, unique in the process. Slices that arrive later keep it.
    pub id: u64,
    /// Shared with whoever loads it.
    pub volume: Volume,
    /// Where it lies; its slab is drawn, its pixels are those that a zoom of 1 fits into the viewport.
    pub plane: PlaneView,
    /// Modality units, for views that name no window.
    pub window: Window,
    /// Higher is darker unless the view inverts that (PET).
    pub invert: bool,
    /// What lies over it.
    pub over: Option<CutOverlay>,
}

/// Another volume in colours over a plane (T63). Whether the positions of both may be compared is asked before.
#[derive(Clone, Debug)]
pub struct CutOverlay {
    /// Names the content of the volume.
    pub id: u64,
    /// The upper volume.
    pub volume: Volume,
    /// Modality value to place in the colours.
    pub window: Window,
    /// The colours.
    pub colours: Arc<ColourMap>,
    /// 0 shows the base alone, 1 the overlay alone.
    pub opacity: f64,
    /// Modality values below this are clear.
    pub threshold: Option<f64>,
}

/// Planes that are used again from picture to picture.
#[derive(Debug, Default)]
pub(crate) struct Planes {
    base: ModalityPlane,
    over: ModalityPlane,
}

impl CutPicture {
    /// The map between `size` physical pixels of a viewport and the pixels of the plane, for graphics and letters.
    #[must_use]
    pub fn transform(&self, view: &View, size: [u32; 2]) -> ViewTransform {
        let [columns, rows] = self.plane.size;
        let [mm_x, mm_y] = self.plane.mm_per_pixel;
        ViewTransform::new(columns, rows, mm_y / mm_x, size, &view.state())
    }

    /// The plane whose pixels are those of the viewport.
    #[must_use]
    pub fn sampled(&self, view: &View, size: [u32; 2]) -> PlaneView {
        let transform = self.transform(view, size);
        let (_, dx, dy) = transform.steps();
        let [mm_x, mm_y] = self.plane.mm_per_pixel;
        let in_patient =
            |d: glam::DVec2| self.plane.right * (d.x * mm_x) + self.plane.down * (d.y * mm_y);
        let (right, down) = (in_patient(dx), in_patient(dy));
        let middle = size.map(|n| f64::from(n) / 2.0);
        let corner = transform
            .to_image(ViewportPx(glam::DVec2::from_array(middle)))
            .0;
        PlaneView {
            // Corner coordinates are half a pixel above those of centres.
            centre: self.plane.to_patient([corner.x - 0.5, corner.y - 0.5]),
            right: right.normalize_or_zero(),
            down: down.normalize_or_zero(),
            mm_per_pixel: [right.length(), down.length()],
            size,
            slab: self.plane.slab,
        }
    }

    /// Some of the picture lies in the base and beyond the overlay: to be marked (T63). Looked for at a grid of points.
    #[must_use]
    pub fn overlay_ends(&self, view: &View, size: [u32; 2]) -> bool {
        const POINTS: u32 = 48;
        let Some(over) = &self.over else {
            return false;
        };
        let plane = self.sampled(view, size);
        let at = |k: u32, n: u32| f64::from(k) / f64::from(POINTS - 1) * f64::from(n.max(1) - 1);
        (0..POINTS * POINTS).any(|k| {
            let (u, v) = (at(k % POINTS, size[0]), at(k / POINTS, size[1]));
            let point = plane.to_patient([u, v]);
            self.volume.at(point).value.is_some()
                && over.volume.at(point).presence == Presence::Outside
        })
    }

    pub(crate) fn voi(&self, view: &View) -> Voi {
        Voi::Window(view.window.unwrap_or(self.window))
    }

    pub(crate) fn is_inverted(&self, view: &View) -> bool {
        self.invert != view.invert
    }

    /// The twin's picture into `rgba`.
    pub(crate) fn draw_by_twin(
        &self,
        view: &View,
        size: [u32; 2],
        greys: Option<&[u8; 256]>,
        planes: &mut Planes,
        rgba: &mut Vec<u8>,
    ) -> Result<(), RenderError> {
        rgba.clear();
        rgba.resize(size[0] as usize * size[1] as usize * 4, 0);
        let plane = self.sampled(view, size);
        sample_into(&self.volume, &plane, &mut planes.base)?;
        let (voi, invert) = (self.voi(view), self.is_inverted(view));
        let Some(over) = &self.over else {
            planes.base.draw(&voi, invert, rgba);
            match (view.pseudo_colour, greys) {
                (Some(palette), _) => colour(&planes.base, &palette.colours(), rgba),
                (None, Some(greys)) => colour(&planes.base, &greys.map(|level| [level; 3]), rgba),
                (None, None) => {}
            }
            return Ok(());
        };
        sample_into(&over.volume, &plane, &mut planes.over)?;
        let overlay = Overlay {
            window: over.window,
            colours: &over.colours,
            opacity: over.opacity,
            threshold: over.threshold,
        };
        draw_fused(&planes.base, &voi, invert, &planes.over, &overlay, rgba);
        Ok(())
    }
}

/// Greys become colours, where there is a value.
fn colour(plane: &ModalityPlane, colours: &[[u8; 3]; 256], rgba: &mut [u8]) {
    for (pixel, value) in rgba.chunks_exact_mut(4).zip(plane.values()) {
        if let [r, g, b, _] = pixel
            && let Some(colour) = colours.get(usize::from(*r)).filter(|_| !value.is_nan())
        {
            [*r, *g, *b] = *colour;
        }
    }
}
