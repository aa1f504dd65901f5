//! Drawing and measuring on images: a board over every tile, one for the leaf.
//!
//! ```text
//! pointer ── Board::take ── Draft, Moving ── Command::Annotate ──> workbench
//! PatientView::drawings + what is on its way ── Board::paint ── lines, labels, handles
//! ```
//!
//! Points are kept in corner coordinates of the plane that was drawn on, never of the screen.

mod act;
mod board;
mod draft;
mod entry;
mod findings;
mod form;
mod ground;
mod label;
mod nodule;
mod paint;
mod project;
mod touch;
mod wire;

pub(crate) use board::Board;
pub(crate) use findings::Findings;
pub(crate) use ground::{Ground, SuvOf};
#[allow(unused_imports, reason = "tiles of a volume call it")]
pub(crate) use project::drawings_on;
