//! Packs as FHIR R4: a Bundle of a PlanDefinition, an ActivityDefinition for each option and a Library. Section 8.8.
//!
//! ```text
//! pack ── PlanDefinition ── action (applies) ── action (node) ── action (option) ──> ActivityDefinition, intent proposal
//!            └── Library: expressions (text/triptych-k3), the same as CQL text that is not executed, test vectors
//! ```
//!
//! Lossless both ways: what R4 has no element for stands in extensions. Import goes through [`super::load`], so a bundle meets every check
//! of a file, its own tests among them.

mod activity;
mod cql;
mod export;
mod import;
mod library;
mod words;

pub use export::to_plan_definition;
pub use import::{PlanError, from_plan_definition};
