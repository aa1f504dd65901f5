//! Volumes on a device against their twins: planes, slabs and fusion within one grey level, volume rendering within two (T62). Without any
//! adapter the tests say so and pass.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::disallowed_macros
)]

#[path = "../common/mod.rs"]
mod common;
mod device;
mod drawn;
mod fusion;
mod made;
mod planes;
mod rendering;
