//! The seam between views and pixels: a view names a slot, a picture and a view of it, and gets a texture back.
//!
//! Views never hold GPU objects. The window's painter implements [`Canvas`] twice (wgpu and the CPU twin); it compares what is asked with
//! what it drew last under the same slot, so "dirty" is no flag that somebody can forget to set.

use std::sync::Arc;

use triptych_render::volume::{Camera, Quality};
use triptych_render::{CutPicture, Picture, ScenePicture, View};

/// Draws pictures into retained textures.
pub trait Canvas {
    /// The texture of `slot` after drawing `picture` through `view` at `size_px` physical pixels; it is drawn anew only if one of them
    /// changed since the last call with this slot. `None` when nothing can be drawn now (device lost and not yet rebuilt, size 0).
    ///
    /// The texture has exactly `size_px` pixels and holds display values: it is shown unfiltered, one texel on one device pixel.
    fn draw(
        &mut self,
        slot: &str,
        picture: &Arc<Picture>,
        view: &View,
        size_px: [u32; 2],
    ) -> Option<egui::TextureId>;

    /// As [`Canvas::draw`], a plane or slab of a volume, with what lies over it. What is not loaded yet is hatched.
    fn draw_cut(
        &mut self,
        slot: &str,
        cut: &CutPicture,
        view: &View,
        size_px: [u32; 2],
    ) -> Option<egui::TextureId>;

    /// As [`Canvas::draw`], volume rendering: the texture has the camera's size. Below [`Quality::Rest`] it is made of larger pixels.
    fn draw_volume(
        &mut self,
        slot: &str,
        picture: &ScenePicture,
        camera: &Camera,
        quality: Quality,
    ) -> Option<egui::TextureId>;

    /// Levels of the screen for greys of pictures and planes (T55), `None`: as they are. Asked for before the first picture of a frame.
    fn set_greys(&mut self, greys: Option<[u8; 256]>) {
        let _ = greys;
    }

    /// Something drawn in this frame is not all there yet, though it is loaded: ask for another frame.
    fn is_filling(&self) -> bool {
        false
    }

    /// Volume rendering takes less than a frame here; without it, it belongs on a thread of its own.
    fn has_gpu(&self) -> bool {
        false
    }

    /// What draws, in words for the header and the about page: `local · CPU`, `local · NVIDIA …`.
    fn renderer_name(&self) -> String;
}
