//! The notes engine on own sentences, and its gates (record-and-signals 7.5).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(
    clippy::print_stdout,
    clippy::disallowed_macros,
    reason = "a test says what it could not run, and its figures"
)]

#[path = "notes/assertions.rs"]
mod assertions;
#[path = "notes/candidates.rs"]
mod candidates;
#[path = "notes/gates.rs"]
mod gates;
