//! The evidence graph: where images, labs and notes meet in hypotheses that a clinician can read. Record-and-signals, section 11.1.
//!
//! ```text
//! Evaluation (rules), NoteAssertion, ModelFinding ──┐
//! edges.toml ── load_edges ──> EdgeTable ───────────┴──> Graph::build ──> hypotheses in order, three columns each
//!                                                              │
//!                      disagreements (D-18), open loops, grouping and budget of cards (D-26, D-28 to D-30, D-34)
//! ```
//!
//! Use: fill [`Sources`] with an [`crate::Evaluation`], the statements of texts and, where lane D is revealed, the findings of models;
//! [`Graph::build`] with [`shipped_edges`]. [`Graph::cards`] are the hypotheses, [`Hypothesis::words`] their columns,
//! [`Graph::signal_words`] the same for one rule's signal. [`loops`] gives what is due, [`desk`] which cards are open, folded or withheld.
//!
//! Deliberately absent: a total score, a probability, a winner among sources that disagree, any storage.

mod build;
mod cards;
mod collect;
mod condition;
mod disagree;
mod disagree_record;
mod edge;
mod hypothesis;
mod loops;
mod metrics;
mod node;
mod rows;
mod sources;
mod store;
mod table;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod view;
mod withdrawn;
mod words;

pub use build::Graph;
pub use cards::{
    Acknowledgement, Card, CardGroup, Desk, Judgement, RESHOW_DAYS, Withheld, desk, groups,
};
pub use condition::Condition;
pub use disagree::{Disagreement, Pair, Party, Side, disagreements};
pub use edge::{Edge, EdgeKind, EdgeSource, Strength, Weight};
pub use hypothesis::{Evidence, Explanation, Hypothesis, Need};
pub use loops::{AcceptedOption, LoopState, OpenLoop, loops};
pub use metrics::{CardEvent, CardEventKind, RuleMonth, metrics};
pub use node::{Column, Modality, Node, NodeId, NodeKey, NodeKind, Withdrawal};
pub use sources::{Band, ModelFinding, NoteAssertion, Said, Sources, Versions};
pub use store::{LinkError, Store};
pub use table::{
    EdgeTable, EdgeTableError, HypothesisRow, Makes, Row, SHIPPED_EDGES, load_edges, shipped_edges,
};
pub use withdrawn::{WITHDRAWN_DAYS, WithdrawnCard, withdrawn};
pub use words::{CardWords, ColumnWords};
