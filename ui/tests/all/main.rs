//! What a person and a screen reader find on the screen. `TRIPTYCH_UI_SHOTS=<folder>` writes pictures of the pages to look at.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    clippy::many_single_char_names,
    missing_docs
)]

mod behaviour;
mod canvas;
mod curves;
mod cuts;
mod drawing;
mod hands;
mod hanging;
mod identity;
mod links;
mod notes;
mod papers;
mod rail;
mod raster;
mod sample;
mod shots;
mod summary;
mod tiles;
mod windows;
