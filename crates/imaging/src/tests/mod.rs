//! Tests over whole files: made ones for what is hostile, the shelf's for what is real.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_macros,
    clippy::print_stderr,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod browse;
mod contours;
mod covering;
mod documents;
mod every_vector;
mod functional;
mod head;
mod header;
mod hostile;
pub(crate) mod made;
mod marks;
mod odd;
mod segments;
mod shelf;
mod states;
mod vectors;

use std::path::PathBuf;

/// The page that tells users what is read and what is refused.
pub(crate) fn conformance_page() -> String {
    let manifest = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap());
    let root = manifest
        .ancestors()
        .find(|a| a.join("tauri.conf.json").exists());
    std::fs::read_to_string(root.unwrap().join("docs/CONFORMANCE.md")).unwrap()
}

/// Folder below the shelf, or `None` with a line that says so: the shelf is no part of a clone.
pub(crate) fn shelf_folder(test: &str, folder: &str) -> Option<PathBuf> {
    let manifest = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap());
    let root = manifest
        .ancestors()
        .find(|a| a.join("tauri.conf.json").exists());
    let shelf = std::env::var_os("TRIPTYCH_SHARED")
        .map(PathBuf::from)
        .or_else(|| Some(root?.parent()?.join("shared")))?;
    let path = shelf.join(folder);
    if path.exists() {
        return Some(path);
    }
    println!("SHELF ABSENT: {test}");
    None
}
