//! What a user would notice: end-to-end tests by requirement id, in one executable.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::disallowed_macros
)]

mod architecture;
mod as_of;
mod commands;
mod evaluate;
mod headers;
mod identity;
mod import;
mod papers;
mod reports;
mod summary;
mod support;
mod window;
