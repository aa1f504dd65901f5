//! The name of a drawn picture: all that decides it, compared bit for bit.

use triptych_imaging::display::{Interpolation, VoiFunction};

use crate::{Picture, View};

/// Two equal keys are the same pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    picture: u64,
    window: Option<(u64, u64, VoiFunction)>,
    invert: bool,
    zoom: u32,
    pan: [u32; 2],
    turns: i32,
    flips: (bool, bool),
    interpolation: Interpolation,
    layers: (bool, bool),
    size: [u32; 2],
}

impl Key {
    pub(crate) fn new(picture: &Picture, view: &View, size: [u32; 2]) -> Self {
        Self {
            picture: picture.id,
            window: view
                .window
                .map(|w| (w.center().to_bits(), w.width().to_bits(), w.function())),
            invert: view.invert,
            zoom: view.zoom.to_bits(),
            pan: view.pan.map(f32::to_bits),
            turns: view.quarter_turns.rem_euclid(4),
            flips: (view.flip_h, view.flip_v),
            interpolation: view.interpolation,
            layers: (view.layers.overlays, view.layers.shutter),
            size,
        }
    }
}
