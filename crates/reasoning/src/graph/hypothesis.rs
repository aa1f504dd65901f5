//! What speaks for and against each hypothesis, in which order they stand, and the guard that one fact counts once.
//!
//! There is no total score: hypotheses are ordered by the number of independent columns with at least moderate support, then by their
//! strongest edge, then by their newest evidence. What no person confirmed is shown and does not count for the order (D-35).

use std::cmp::Reverse;
use std::collections::BTreeSet;

use triptych_clinical::{Instant, When};

use super::edge::{EdgeKind, Strength, Weight};
use super::node::{Column, Modality, NodeId};
use crate::outcome::Lane;

/// One edge for or against a hypothesis, with everything a reader needs to see of it.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// Row of the edge table.
    pub row: String,
    /// What was found, in the table's words.
    pub say: String,
    /// The value, statement or card text behind it.
    pub value: String,
    /// When it was true.
    pub date: Option<When>,
    /// Who said it: `R16@1.0.0`, `problem list`, `report`, `nodule-detector@2.1.0`.
    pub source: String,
    /// Where it was made.
    pub modality: Modality,
    /// Supports or contradicts.
    pub kind: EdgeKind,
    /// Class or likelihood ratio.
    pub weight: Weight,
    /// D where a model is among what it rests on.
    pub lane: Lane,
    /// Nobody confirmed it: dashed, does not count for the order.
    pub unconfirmed: bool,
    /// Shown beside other evidence, raises no card by itself.
    pub background: bool,
    /// Citation of the row.
    pub citation: String,
    /// Nodes that it rests on, the first the one that it is about.
    pub nodes: Vec<NodeId>,
    /// The facts behind them.
    pub roots: Vec<NodeId>,
    /// False when an earlier edge of this card rests on the same fact: shown, counted once.
    pub counted: bool,
}

/// A finding explained by a hypothesis, a medicine or something else on record.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// Row of the edge table.
    pub row: String,
    /// What explains, in words.
    pub by: String,
    /// What is explained, in words.
    pub what: String,
    /// In the table's words.
    pub say: String,
    /// Start of what explains, where it has one; else when the explained was true.
    pub date: Option<When>,
    /// Who said it.
    pub source: String,
    /// Column of what explains.
    pub modality: Modality,
    /// Citation of the row.
    pub citation: String,
    /// Place of the hypothesis that explains, if it is one.
    pub(super) hypothesis: Option<usize>,
    /// Node of what explains.
    pub by_node: NodeId,
    /// Nodes that are explained.
    pub what_nodes: Vec<NodeId>,
}

/// Something missing that would answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Need {
    /// In words: `ferritin (too old)`.
    pub name: String,
    /// Who asks: a rule or a row.
    pub asked_by: String,
}

/// A named condition with all that speaks for and against it.
#[derive(Clone, Debug)]
pub struct Hypothesis {
    /// `iron_deficiency`
    pub id: String,
    /// In words.
    pub title: String,
    /// SNOMED CT concept, where listed.
    pub snomed: Option<String>,
    /// D when any live evidence for it is lane D (boundary rule 2).
    pub lane: Lane,
    /// For.
    pub supports: Vec<Evidence>,
    /// Against.
    pub contradicts: Vec<Evidence>,
    /// What it explains.
    pub explains: Vec<Explanation>,
    /// What else explains its evidence.
    pub explained_otherwise: Vec<Explanation>,
    /// What is missing.
    pub needs: Vec<Need>,
    /// Columns with at least moderate, confirmed, independent support.
    pub independent: usize,
    /// Strongest confirmed edge for it.
    pub strongest: Option<Strength>,
    /// Newest evidence for it.
    pub newest: Option<Instant>,
    /// Its node.
    pub node: NodeId,
}

impl Hypothesis {
    /// Sorts the evidence, applies the independence guard and fills what the order is made of.
    pub(super) fn weigh(&mut self) {
        for side in [&mut self.supports, &mut self.contradicts] {
            side.sort_by_key(|e| {
                (
                    e.unconfirmed,
                    Reverse(e.weight.class()),
                    Reverse(e.date.map(|d| d.instant)),
                    e.row.clone(),
                )
            });
            guard(side);
        }
        let mut columns = BTreeSet::new();
        self.strongest = None;
        self.newest = None;
        for e in self.supports.iter().filter(|e| !e.unconfirmed) {
            let class = e.weight.class();
            if e.counted && class >= Strength::Moderate {
                columns.insert(e.modality.column());
            }
            self.strongest = self.strongest.max(Some(class));
            self.newest = self.newest.max(e.date.map(|d| d.instant));
        }
        self.independent = columns.len();
        let d = self
            .supports
            .iter()
            .chain(&self.contradicts)
            .any(|e| e.lane == Lane::D);
        self.lane = if d { Lane::D } else { Lane::N };
    }

    /// Anything live for it besides background.
    #[must_use]
    pub fn has_support(&self) -> bool {
        self.supports.iter().any(|e| !e.background)
    }

    /// Evidence of one column, for and against.
    pub fn of_column(
        &self,
        column: Column,
    ) -> (
        impl Iterator<Item = &Evidence>,
        impl Iterator<Item = &Evidence>,
    ) {
        let within = move |e: &&Evidence| e.modality.column() == column;
        (
            self.supports.iter().filter(within),
            self.contradicts.iter().filter(within),
        )
    }

    /// The order of cards; the id last, so that it never depends on the file.
    pub(super) fn rank(&self) -> impl Ord + use<> {
        (
            Reverse(self.has_support()),
            Reverse(self.independent),
            Reverse(self.strongest),
            Reverse(self.newest),
            self.id.clone(),
        )
    }
}

/// Marks the edges that rest on a fact which an earlier, at least as strong edge of the same side used already.
fn guard(side: &mut [Evidence]) {
    let mut used: BTreeSet<NodeId> = BTreeSet::new();
    for e in side {
        e.counted = e.roots.iter().all(|r| !used.contains(r));
        if e.counted {
            used.extend(&e.roots);
        }
    }
}
