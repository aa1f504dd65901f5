//! Model packages and ONNX Runtime sessions.
//!
//! ```text
//! folder ── PackageBytes::read ── Package::open ──┬─ manifest().card …   what a model card shows, no runtime needed
//!              (any file)      signature, hashes   ├─ accepts(ImageMeta)   is the model made for this image? else each reason
//!                                                  └─ Model::load ◀── Runtime::open (pinned library, once a process)
//!                                                       self-test │
//!                        ImageInput ── Model::analyse ────────────┴──▶ Outcome: Findings | Withheld | Failed
//! ```
//!
//! The **window process** opens packages (signature, then TOML, never the graph) for the card and for [`Package::accepts`]; graphs are
//! read in a locked worker only. [`Runtime`] loads nothing but the libraries that `runtime.toml` pins. A score is never a percent here
//! (D-22): a [`Finding`] has a [`Band`] with its definition.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod accept;
mod card;
mod error;
mod ffi;
pub mod manifest;
mod model;
mod onnx;
mod outcome;
mod package;
mod preprocess;
mod provider;
mod resample;
mod runtime;
mod trust;

pub use accept::{Accept, AgeRange, ImageMeta, SpacingRange};
pub use card::{Attribute, Card, SOURCE_ATTRIBUTES};
pub use error::{LoadError, PackageError, RuntimeError};
pub use manifest::Manifest;
pub use model::{Cancel, Loading, Model};
pub use onnx::{OnnxError, OnnxFacts};
pub use outcome::{Band, CudaState, Finding, Outcome, ProviderReport};
pub use package::{Package, PackageBytes};
pub use preprocess::{Bound, ImageInput, Interpolation, Mask, NamedBound, Step};
pub use runtime::{LoadedLibrary, Runtime};
pub use trust::{COMMENT, KeyError, TrustedKeys};
