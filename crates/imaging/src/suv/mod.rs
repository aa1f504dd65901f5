//! Standardised uptake values from PET (T45): what the file says, the factor it gives, or why it gives none.
//!
//! ```text
//! DataSet ── attributes ── SuvAttributes of each frame ──┬─ earliest_acquisition of the series
//!                                                        └─ suv ── Suv { factor, ingredients, marks } or SuvRefusal
//! ```
//!
//! Decay is corrected to one time only, that which Decay Correction (0054,1102) names. A vendor's private factor is used where its rule says
//! so; nothing is guessed.

mod attributes;
mod factor;
mod lean;
mod peak;
#[cfg(test)]
mod tests;
mod time;

pub(crate) use attributes::attributes;
pub use attributes::{DecayCorrection, SuvAttributes};
pub use factor::{
    Corrections, Ingredients, Suv, SuvRefusal, decayed_dose_bq, earliest_acquisition,
    mean_decay_time_s, suv, suv_corrected,
};
pub use lean::{BodySize, SuvMethod, normalised};
pub use peak::{PEAK_RADIUS_MM, Peak, Voxels, peak};
pub use time::{Moment, TimeOfDay};
