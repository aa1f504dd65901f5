//! From stored values to greys and colours, on the CPU: the reference that a GPU is compared with.
//!
//! ```text
//! stored value -> padding -> modality -> interpolate -> VOI -> round -> polarity -> RGBA
//! ```
//!
//! [`DisplayAttributes`] carries what the file says. The order is PS3.4 N.2; nothing is quantised before the VOI output.

mod attributes;
mod lossy;
mod lut;
mod padding;
mod palette;
mod spacing;
mod window;

pub use attributes::{
    DisplayAttributes, PlaneAttributes, PresentationLutShape, WindowChoice, windows_of_file,
};
pub use lossy::LossyAttributes;
pub use lut::{Lut, LutError, ModalityLut, VoiLut};
pub use padding::Padding;
pub use palette::{Palette, SegmentError, expand_segments};
pub use spacing::{PixelSize, SpacingAttributes, SpacingProvenance, is_projection};
pub use window::{VoiFunction, Window, WindowError, grey_of};
