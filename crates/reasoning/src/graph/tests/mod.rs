//! Tests of the graph by subject.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod cards;
mod disagree;
mod loops;
mod meet;
mod order;
mod structure;
mod table;
mod withdrawn;
