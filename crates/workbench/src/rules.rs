//! Use cases on the rules alone.

use serde::Serialize;
pub use triptych_reasoning::{
    VectorError, VectorFailure, VectorFilter, VectorReport, eval_vectors,
};

/// A rule as listed.
#[derive(Clone, Debug, Serialize)]
pub struct RuleLine {
    /// `R2@1.0.0`
    pub name: String,
    /// `N`, `D`, `T`
    pub lane: String,
    /// Title.
    pub title: &'static str,
    /// Source with section.
    pub citation: &'static str,
    /// ISO date.
    pub valid_until: &'static str,
}

/// Every rule that is built.
#[must_use]
pub fn list() -> Vec<RuleLine> {
    let line = |r: &&'static triptych_reasoning::Rule| RuleLine {
        name: r.name(),
        lane: format!("{:?}", r.lane),
        title: r.title,
        citation: r.citation,
        valid_until: r.valid_until,
    };
    triptych_reasoning::rules::RULES.iter().map(line).collect()
}
