//! Planes, slice order, spacing and the view, in double precision and millimetres (LPS).
//!
//! [`arrange`] puts the images of a series in order; [`ViewTransform`] maps a screen to an image; [`edge_letters`] says where its edges point
//! to. Positions come from Image Position and Orientation (Patient), never from thickness, slice location or instance numbers.

mod display_set;
pub mod expected;
mod letters;
mod of_file;
mod plane;
#[cfg(test)]
mod shelf_tests;
mod spacing;
mod split;
mod stack;
#[cfg(test)]
mod tests;
mod tilt;
mod view;

pub use display_set::{DisplaySet, SetImage, display_sets, slice_of};
pub use letters::{EdgeLetters, edge_letters, letters_of};
pub use plane::{ImageIndex, PatientMm, Plane, PlaneError};
pub(crate) use spacing::median;
pub use spacing::{SAME_POSITION_MM, SliceSpacing, positions};
pub use split::{Placed, Split, SplitAttribute, split};
pub use stack::{Orientation, Slice, Stack, arrange};
pub use tilt::Shear;
pub use view::{ImageCorner, ViewState, ViewTransform, ViewportPx};
