//! The name of a drawn picture: all that decides it, compared bit for bit.

use triptych_imaging::{
    display::{Interpolation, VoiFunction, WellKnownPalette, Window},
    volume::{Camera, PlaneView, Projection, Quality, SlabMode},
};

use crate::{CutPicture, Picture, ScenePicture, View};

/// Two equal keys are the same pixels.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    Picture {
        id: u64,
        look: Look,
    },
    Cut {
        id: u64,
        plane: Plane,
        window: WindowBits,
        invert: bool,
        over: Option<Over>,
        look: Look,
        /// Slices that are there, of both volumes.
        there: [usize; 2],
    },
    Scene {
        id: u64,
        camera: CameraBits,
        quality: Quality,
        there: usize,
    },
}

type WindowBits = (u64, u64, VoiFunction);

/// How a person looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Look {
    window: Option<WindowBits>,
    invert: bool,
    pseudo_colour: Option<WellKnownPalette>,
    zoom: u32,
    pan: [u32; 2],
    turns: i32,
    flips: (bool, bool),
    interpolation: Interpolation,
    layers: (bool, bool),
    size: [u32; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Plane {
    places: [u64; 11],
    size: [u32; 2],
    slab: (SlabMode, u64, bool),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Over {
    id: u64,
    window: WindowBits,
    colours: String,
    opacity: u64,
    threshold: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct CameraBits {
    places: [u64; 10],
    size: [u32; 2],
    distance: Option<u64>,
}

fn window_bits(w: &Window) -> WindowBits {
    (w.center().to_bits(), w.width().to_bits(), w.function())
}

impl Key {
    pub(crate) fn of_picture(picture: &Picture, view: &View, size: [u32; 2]) -> Self {
        Self::Picture {
            id: picture.id,
            look: Look::new(view, size),
        }
    }

    /// `there`: slices that can be drawn, of the volume and of the one over it.
    pub(crate) fn of_cut(cut: &CutPicture, view: &View, size: [u32; 2], there: [usize; 2]) -> Self {
        Self::Cut {
            id: cut.id,
            plane: Plane::new(&cut.plane),
            window: window_bits(&cut.window),
            invert: cut.invert,
            over: cut.over.as_ref().map(|over| Over {
                id: over.id,
                window: window_bits(&over.window),
                colours: over.colours.uid.clone(),
                opacity: over.opacity.to_bits(),
                threshold: over.threshold.map(f64::to_bits),
            }),
            look: Look::new(view, size),
            there,
        }
    }

    pub(crate) fn of_scene(
        picture: &ScenePicture,
        camera: &Camera,
        quality: Quality,
        there: usize,
    ) -> Self {
        Self::Scene {
            id: picture.id,
            camera: CameraBits::new(camera),
            quality,
            there,
        }
    }
}

impl Look {
    pub(crate) fn new(view: &View, size: [u32; 2]) -> Self {
        Self {
            window: view.window.as_ref().map(window_bits),
            invert: view.invert,
            pseudo_colour: view.pseudo_colour,
            zoom: view.zoom.to_bits(),
            pan: view.pan.map(f32::to_bits),
            turns: view.quarter_turns.rem_euclid(4),
            flips: (view.flip_h, view.flip_v),
            interpolation: view.interpolation,
            layers: (view.layers.overlays, view.layers.shutter),
            size,
        }
    }

    /// What decides the layers over the pixels.
    pub(crate) const fn of_layers(mut self) -> Self {
        self.window = None;
        self.invert = false;
        self.pseudo_colour = None;
        self.interpolation = Interpolation::Bilinear;
        self
    }
}

impl Plane {
    fn new(plane: &PlaneView) -> Self {
        let (c, r, d) = (plane.centre.0, plane.right, plane.down);
        let [mm_x, mm_y] = plane.mm_per_pixel;
        Self {
            places: [c.x, c.y, c.z, r.x, r.y, r.z, d.x, d.y, d.z, mm_x, mm_y].map(f64::to_bits),
            size: plane.size,
            slab: (
                plane.slab.mode,
                plane.slab.thickness_mm.to_bits(),
                plane.slab.fine,
            ),
        }
    }
}

impl CameraBits {
    fn new(camera: &Camera) -> Self {
        let (c, r, d) = (camera.centre.0, camera.right, camera.down);
        let mm = camera.mm_per_pixel;
        Self {
            places: [c.x, c.y, c.z, r.x, r.y, r.z, d.x, d.y, d.z, mm].map(f64::to_bits),
            size: camera.size,
            distance: match camera.projection {
                Projection::Orthographic => None,
                Projection::Perspective { distance_mm } => Some(distance_mm.to_bits()),
            },
        }
    }
}
