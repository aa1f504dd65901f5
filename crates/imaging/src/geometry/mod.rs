//! Planes, slice order, spacing and the view, in double precision and millimetres (LPS).
//!
//! [`arrange`] puts the images of a series in order; [`ViewTransform`] maps a screen to an image; [`edge_letters`] says where its edges point
//! to. Positions come from Image Position and Orientation (Patient), never from thickness, slice location or instance numbers.

mod cross_reference;
mod display_set;
pub mod expected;
mod letters;
mod link;
#[cfg(test)]
mod link_tests;
mod of_file;
mod placed;
mod plane;
mod registration;
mod screen;
#[cfg(test)]
mod shelf_tests;
mod spacing;
mod split;
mod stack;
mod synced;
#[cfg(test)]
mod tests;
mod tilt;
mod view;

pub use cross_reference::{CrossLine, StackLines};
pub use display_set::{DisplaySet, SetImage, display_sets, display_sets_with, slice_of};
pub use letters::{EdgeLetters, edge_letters, letters_of};
pub use link::{LinkKind, Space, SpaceLink, Unlinked, UserLink};
pub use placed::{LinkedSlice, Located, PlacedImage, PlacedStack, nearest_key};
pub use plane::{ImageIndex, PatientMm, Plane, PlaneError};
pub use registration::{Registration, RegistrationError};
pub use screen::{ScreenPitch, logical_scale};
pub(crate) use spacing::median;
pub use spacing::{SAME_POSITION_MM, SliceSpacing, positions};
pub use split::{Placed, Split, SplitAttribute, split};
pub use stack::{Orientation, Slice, Stack, arrange};
pub use synced::{SeenView, Synced, ViewLink};
pub use tilt::Shear;
pub use view::{ImageCorner, ViewState, ViewTransform, ViewportPx};
