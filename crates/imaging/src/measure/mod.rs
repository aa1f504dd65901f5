//! What a drawing measures (T37 to T49): pure functions from image coordinates, spacing and modality values to numbers with their unit.
//!
//! ```text
//! Annotation + Picture ── state ── Reading: values, the lines beside the drawing, what cannot be said and why
//! Annotation, again and again ── History ── edits to keep, undo, redo
//! Annotations of several dates ── findings ── one row a lesion, growth from date to date
//! ```
//!
//! Nothing here knows a screen: a number is the same at every zoom and in every tile.

mod area;
mod curve;
mod diameter;
mod findings;
mod growth;
mod history;
mod lines;
mod livewire;
mod outline;
mod recist;
mod scale;
mod state;
mod statistics;
#[cfg(test)]
pub(crate) mod tests;
mod text;
mod ultrasound;
mod volume;

pub use area::{AreaError, area, perimeter};
pub use curve::{CURVE_TOLERANCE, ClosedCurve, closed_curve, simplified};
pub use diameter::{Diameter, MOST_VERTICES, longest_diameter};
pub use findings::{Caution, Change, Compared, Dated, Lesion, LesionEntry, findings};
pub use growth::{
    Growth, Nodule, Size, WITHIN_VARIATION_PERCENT, doubling_time_days, fleischner_grew,
    fleischner_size, growth,
};
pub use history::{Edit, EditError, History, STEPS};
pub use lines::{
    Bidirectional, Spacing, angle_degrees, bidirectional, closed_length, cobb_degrees, length,
    path_length, patient_length_mm, to_plane,
};
pub use livewire::{Livewire, close, join};
pub use outline::Outline;
pub use recist::{
    Recist, RecistProblem, Response, Target, counted_mm, recist, sum_of_diameters, target_problems,
    targets_gone,
};
pub use scale::{Scale, calibrate, scale_of};
pub use state::{Distribution, Picture, Reading, distribution, state};
pub use statistics::{Extreme, Pixels, Population, Statistics};
pub use text::DecimalSign;
pub use ultrasound::{
    PhysicalUnit, RegionReading, UltrasoundRegion, region_for, regions_valid, ultrasound_regions,
};
pub use volume::{ContourStack, contour_stack, ellipsoid_mm3, fraction_voxels, voxels_mm3};

pub mod write {
    //! How numbers are written (T48).
    pub use super::text::{
        angle, area, below_pixel, duration, length, number, percent, pixel_area, pixel_length,
        pixel_value, suv, volume,
    };
}
