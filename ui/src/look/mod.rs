//! How it looks: tokens, type, marks and icons, and the few widgets that all leaves share.
//!
//! Everything is painted from shapes and text: marks and icons are never glyphs. Widgets give a name to AccessKit, a tooltip, and a focus
//! ring that shows only after a key was used.

pub mod icon;
pub mod mark;
pub mod path;
pub mod text;
pub mod tokens;
pub mod typeface;
pub mod widget;
