//! A nodule from one click: region growing in the modality unit with vessels cut off, and what is measured of it.
//!
//! This is a tool that a person guides, no detection and no diagnosis: voxels of a range that touch the click, within a greatest diameter,
//! opened with a ball of a part of the nodule's own radius, so that what is thinner than that (vessels) falls away while the nodule keeps its
//! size. No learning, no randomness: the same click gives the same voxels. The person sees the outline, changes range, diameter and cut, and
//! adds or takes away balls. Distances take slices as not shifted against each other, which a tilted stack makes slightly wrong.

mod distance;
mod grow;
mod grown;
mod mask;
mod rim;

pub use grow::{GrowError, GrowSettings, grow};
pub use grown::Grown;
pub use mask::{Mask, NoduleMeasures};
