//! Properties of the rules that hold for every input, not only for the vectors: order, unit, missing data, and what medicine says is monotone.
//!
//! `order`, `units` and `less` change the specification's vectors and apply to every rule that is built; the others are rule by rule.
#![allow(clippy::unwrap_used, clippy::panic)]

mod edges;
mod glucose_and_blood;
mod kidney;
mod less;
mod liver_and_heart;
mod monotone;
mod order;
mod salts;
mod units;
mod vectors;
