//! What is on screen: egui views; state in, commands out.
//!
//! ```text
//!   Arc<Snapshot> ──> App::frame(ui, canvas) ──> Command
//!                       │ header, status         ui/src/header.rs
//!                       │ start page             ui/src/start.rs
//!                       │ images │ record │ signals, over the timeline
//!                       └ Canvas: pictures into retained textures, by the window's painter
//! ```
//!
//! A view reads an immutable snapshot and emits commands; it owns only what belongs to the screen (scroll, open tab, half-typed text). No
//! file, no database, no clock. Sizes and colours come from [`look::tokens`], words from `assets/text/en.ftl`.

mod actions;
mod app;
mod canvas;
mod desk;
mod header;
mod images;
pub mod look;
mod out;
mod oversight;
mod palette;
mod quality;
mod record;
mod sheet;
mod signals;
mod start;
mod timeline;
mod words;

pub use actions::{Bindings, Chord, Profile};
pub use app::{App, Commands, Snapshots, further_title};
pub use canvas::Canvas;
pub use desk::{Desk, Layout, Leaf};
pub use images::Protocol;
pub use triptych_workbench::{Command, view};
