//! Draws frames into retained pictures: WGSL on a GPU, the CPU twins of `triptych_imaging::display` elsewhere.
//!
//! ```text
//! Picture (frame + display attributes) ┐
//! View (window, zoom, pan, turns, ...) ├─ Renderer::draw(slot, ...) ─> Drawn::Texture (GPU) or Drawn::Pixels (CPU)
//! size in physical pixels              ┘        drawn anew only when the key of these three differs from what the slot holds
//! ```
//!
//! The window makes its surface first, opens one [`wgpu::Device`] for everything and gives it here:
//!
//! ```text
//! let gpu = Gpu::open(instance, RendererChoice::Auto, Some(&surface))?;      // adapter and device, refused when it is a software one
//! let mut renderer = Renderer::on_gpu(gpu.clone());                          // or Renderer::cpu()
//! match renderer.draw("tile 0", &picture, &view, [480, 380])? {
//!     Drawn::Texture { view, target, .. } => ...   // register with egui-wgpu when `target` changed (NEAREST filter)
//!     Drawn::Pixels { rgba, generation, .. } => ... // upload when `generation` changed
//! }
//! ```
//!
//! Without a window, [`Renderer::choose`] opens a device of its own, or none. A device that is lost makes [`Renderer::draw`] answer
//! [`RenderError::DeviceLost`]; hand a new one to [`Renderer::rebuild`] and draw again: sources stay on the CPU side, views are the caller's.
//! Volumes have calls of their own: [`Renderer::draw_cut`] for planes, slabs and fusion, [`Renderer::draw_volume`] for volume rendering. On a
//! GPU their slices go up as they arrive, so many bytes a frame ([`Renderer::end_frame`]); what is not there yet is hatched, and
//! [`Renderer::is_uploading`] asks for another frame.
//!
//! [`Renderer::passes`] counts pictures really drawn. Grey levels are display values: targets are `Rgba8Unorm`, shown 1:1 and unfiltered.

mod cpu;
mod cut;
mod error;
mod gpu;
mod key;
mod picture;
mod renderer;
mod scene;

pub use cut::{CutOverlay, CutPicture};
pub use error::RenderError;
pub use gpu::{Gpu, GpuRenderer, TARGET_FORMAT, VolumeLimits};
pub use picture::{Picture, View};
pub use renderer::{Drawn, Renderer, RendererChoice};
pub use scene::ScenePicture;
pub use triptych_imaging::{
    Colour, Frame, FrameBytes, FrameShape, SampleType, display,
    display::{
        DefaultVoi, DisplayAttributes, Interpolation, Layers, PlaneAttributes, Preset, Probe,
        ProbeValue, Voi, VoiFunction, Window, presets_for,
    },
    geometry,
    geometry::{
        EdgeLetters, ImageCorner, Orientation, PatientMm, ViewTransform, ViewportPx, edge_letters,
    },
    volume,
};
pub use wgpu;
