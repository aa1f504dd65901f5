//! From stored values to greys and colours, on the CPU: the reference that a GPU is compared with.
//!
//! ```text
//! stored value -> padding -> modality -> interpolate -> VOI -> round -> polarity -> shutter, overlays -> RGBA
//! ```
//!
//! [`DisplayAttributes`] carries what the file says, [`default_voi`] chooses how a frame looks at first, [`draw`] paints it and [`probe`]
//! reads a pixel. The order is that of PS3.4 N.2; nothing is quantised before the VOI output.

mod attributes;
mod axes;
mod cielab;
mod cine;
mod colourwise;
mod corner;
mod corner_layout;
mod draw;
pub mod gsdf;
mod icc;
mod layers;
#[cfg(test)]
mod layers_tests;
mod linewise;
#[cfg(test)]
mod linewise_tests;
mod lossy;
mod lut;
mod mask;
mod monitor;
mod overlay;
mod padding;
mod palette;
mod pixelwise;
mod presets;
mod probe;
mod resampled;
pub(crate) mod samples;
mod shade;
mod shutter;
mod spacing;
mod subtraction;
mod taps;
mod test_pattern;
#[cfg(test)]
mod tests;
mod voi;
mod well_known;
mod window;

pub use attributes::{
    DisplayAttributes, PlaneAttributes, PresentationLutShape, WindowChoice, windows_of_file,
};
pub use cielab::srgb_of_cielab;
pub use cine::{Cine, CineAttributes, Playback, RateSource, ShownRate};
pub use corner::{CornerAttributes, CornerLine, CornerState, CornerText, voi_text};
pub use corner_layout::{CornerItem, CornerLayout, CornerLayoutError, CornerLayouts};
pub use draw::{BLACK, DrawError, Drawing, Interpolation, draw, draw_pixelwise};
pub use icc::{ColourCorrection, ProfileError};
pub use layers::{Layers, has_layers, layers_alone};
pub use lossy::LossyAttributes;
pub use lut::{Lut, LutError, ModalityLut, VoiLut};
pub use mask::{Mask, MaskStyle};
pub use monitor::{MonitorFinding, MonitorIdentity, MonitorRecord, MonitorUse};
pub use overlay::{Overlay, OverlayKind};
pub use padding::Padding;
pub use palette::{Palette, SegmentError, expand_segments};
pub use presets::{PRESETS, Preset, presets_for};
pub use probe::{Probe, ProbeValue, probe};
pub use resampled::{SlabKind, Treatment, scale_mark};
pub use shutter::{Shutter, ShutterShape};
pub use spacing::{PixelSize, SpacingAttributes, SpacingProvenance, is_projection};
pub use subtraction::{MaskOperation, MaskSubtraction, SubtractionError, difference};
pub use taps::{Cover, FRACTION_ONE, Tap, catmull_rom};
pub use test_pattern::{PATCHES, TestPattern, test_pattern};
pub use voi::{
    DefaultVoi, Voi, VoiChoice, VoiSource, default_invert, default_voi, full_range,
    modality_values, percentile_window, region_window, voi_choices,
};
pub use well_known::WellKnownPalette;
pub use window::{VoiFunction, Window, WindowError, grey_of};
