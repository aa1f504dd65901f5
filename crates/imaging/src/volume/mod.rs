//! Volumes on the CPU: the reference that shaders are compared with.
//!
//! ```text
//! frames ── Volume ──┬─ PlaneView ── sample ── ModalityPlane ── VOI ── greys       MPR, slabs, fusion
//!                    └─ Camera, Transfer ── render ── colours, picked points       volume rendering
//! ```
//!
//! A [`Volume`] holds frames by reference: nothing is copied, and slices may arrive later. Everything is measured in the patient, LPS, mm.
//! Values are interpolated as modality values and windowed afterwards, as in every other picture.
//!
//! ```
//! # use triptych_imaging::{Colour, Frame, FrameBytes, FrameShape, SampleType, display::*, geometry::*, volume::*};
//! # let shape = FrameShape { columns: 4, rows: 4, sample: SampleType::I16, colour: Colour::Monochrome2 };
//! # let slices = (0..4).map(|k| VolumeSlice {
//! #     shape,
//! #     frame: Some(Frame { shape, bytes: FrameBytes::from(vec![k; 32]) }),
//! #     plane: Plane::new([0.0, 0.0, f64::from(k)], [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]).unwrap(),
//! #     pixel_spacing_mm: [1.0, 1.0],
//! #     thickness_mm: None,
//! #     modality_lut: ModalityLut::Identity,
//! #     padding: None,
//! # }).collect();
//! let volume = Volume::new("CT", slices)?;
//! let mut view = PlaneView::covering(volume.geometry(), PlaneAxes::Patient, Orientation::Coronal);
//! view.slab = Slab::new(SlabMode::Mip, 10.0);
//! let plane = sample(&volume, &view.fitted(volume.geometry(), [64, 64]))?;
//! let voi = Voi::Window(Window::new(40.0, 400.0, VoiFunction::Linear)?);
//! let mut rgba = vec![0; 64 * 64 * 4];
//! plane.draw(&voi, false, &mut rgba);
//! assert_eq!(view.mark(), "MIP 10 mm");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod aligned;
mod axis;
mod bricks;
mod cells;
mod fusion;
mod geometry;
mod measure;
mod nodule;
mod oblique;
mod painter;
mod palette;
mod plane;
mod render;
mod sample;
mod small;
mod stack;
#[cfg(test)]
mod tests;
mod view;

pub use fusion::{ColourBar, Overlay, blend, draw_fused};
pub use geometry::{VolumeGeometry, Voxel};
pub use measure::{contours_mm3, ellipsoid_mm3, segment_mm3};
pub use nodule::{GrowError, GrowSettings, Grown, Mask, NoduleMeasures, grow};
pub use painter::{BlockRanges, PlaneLines, SliceTurn};
pub use palette::{ColourMap, colour_maps};
pub use plane::ModalityPlane;
pub use render::{
    Camera, CropBox, CutPlane, EmptySpace, Projection, Quality, RayParts, Rendered, Scene,
    Transfer, corrected_opacity, presets,
};
pub use sample::{PointSample, Presence, ViewError, sample, sample_into};
pub use stack::{Volume, VolumeRefusal, VolumeSlice};
pub use view::{PlaneAxes, PlaneView, Slab, SlabMode, slab_samples};
