//! Three-valued rules and pathways over facts. No I/O.
//!
//! Pure functions: no clock, file, network or locale. Time is an argument, packs and vectors come as text.
//!
//! ```text
//! facts + identity + index time ──adapt──> Chart (what was known then, each datum once)
//!                                            │
//!                     rules R1, R2 … ────────┤──> Outcome { fires | silent | cannot tell, result, range, missing, basis }
//!                                            │       └─> Signal (card), Coverage (line under the cards)
//!                     pathway packs ─────────┼──> PathwayView { nodes, options with criteria met | not met | unknown }
//!   note assertions, model findings, edges.toml ─┴──> Graph: hypotheses in three columns, disagreements, open loops
//! ```
//!
//! Use: [`evaluate_all`] with everything that is known about one person (linked records joined by the caller) gives an [`Evaluation`]: its
//! `signals` are the cards in order, `coverage.line()` and `coverage.needs()` the two lines under them, `reference_changes` the marks of the
//! labs leaf. [`pathways::shipped`] gives the packs and [`pathways::views`] their questions for that evaluation. A basis item's
//! `fact` names the fact and version to jump to. [`eval_vectors`] is `triptych rules eval`; [`rules::RULES`] is `triptych rules list`.

mod abbreviations;
pub mod adapt;
pub mod basis;
pub mod chart;
mod codes;
mod conditions;
mod datum;
pub mod derived;
mod desk;
mod evaluate;
mod frequency;
pub mod graph;
mod index;
pub mod input;
mod k3;
pub mod lead_time;
pub mod notes;
pub mod number;
mod outcome;
pub mod pathways;
pub mod rules;
mod settings;
mod study;
pub mod tri;
pub mod unit;
mod vectors;

pub use abbreviations::long_forms;
pub use basis::{Basis, BasisItem, age_in_words};
pub use chart::{Chart, FactRef};
pub use evaluate::{
    Clock, Coverage, Evaluation, RULE_LIMIT, Signal, evaluate_all, evaluate_chart, evaluate_timed,
    reference_change,
};
pub use frequency::Frequency;
pub use k3::K3;
pub use outcome::{
    Exclusion, Finding, Lane, Missing, Outcome, Quiet, Severity, Verdict, Why, needs,
};
pub use rules::Rule;
pub use settings::{
    AaaGuideline, AfScore, AkiBaseline, KfreRegion, SWITCHES, Settings, Spo2Scale, Switch,
};
pub use vectors::{
    Explanation, VectorError, VectorFailure, VectorFilter, VectorReport, eval_vectors,
    vector_outcomes,
};
