//! Collects each hypothesis from what is live in a graph, in the order of cards.

use super::build::Graph;
use super::edge::EdgeKind;
use super::hypothesis::{Evidence, Explanation, Hypothesis, Need};
use super::node::NodeId;
use crate::outcome::Lane;

/// What the rows made, by hypothesis: kept, so that a retraction only has to collect again.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    pub heads: Vec<Head>,
    pub evidence: Vec<(usize, Evidence)>,
    pub explanations: Vec<Explanation>,
    pub needs: Vec<(usize, Need)>,
}

/// A hypothesis before anything is known of it.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub id: String,
    pub title: String,
    pub snomed: Option<String>,
    pub node: NodeId,
}

/// What is live in a ledger.
struct Live<'g> {
    evidence: Vec<&'g (usize, Evidence)>,
    explanations: Vec<&'g Explanation>,
    needs: &'g [(usize, Need)],
}

impl<'g> Live<'g> {
    fn of(graph: &'g Graph) -> Self {
        let stands = |n: &NodeId| graph.store.get(*n).is_some_and(|n| n.withdrawn.is_none());
        let ledger = &graph.ledger;
        let mut live = Self {
            evidence: ledger
                .evidence
                .iter()
                .filter(|(_, e)| e.nodes.iter().all(stands))
                .collect(),
            explanations: Vec::new(),
            needs: &ledger.needs,
        };
        // A hypothesis that nothing speaks for explains nothing.
        live.explanations = ledger
            .explanations
            .iter()
            .filter(|e| e.hypothesis.is_none_or(|h| live.is_supported(h)))
            .filter(|e| e.what_nodes.iter().chain([&e.by_node]).all(stands))
            .collect();
        live
    }

    fn is_supported(&self, h: usize) -> bool {
        self.side(h, EdgeKind::Supports).any(|e| !e.background)
    }

    fn side(&self, h: usize, kind: EdgeKind) -> impl Iterator<Item = &'g Evidence> {
        self.evidence
            .iter()
            .filter(move |(to, e)| *to == h && e.kind == kind)
            .map(|(_, e)| e)
    }

    fn hypothesis(&self, h: usize, head: &Head) -> Option<Hypothesis> {
        let supports: Vec<Evidence> = self.side(h, EdgeKind::Supports).cloned().collect();
        let contradicts: Vec<Evidence> = self.side(h, EdgeKind::Contradicts).cloned().collect();
        if supports.is_empty() && contradicts.is_empty() {
            return None;
        }
        let touches = |e: &Explanation| {
            supports.iter().any(|s| {
                e.what_nodes
                    .iter()
                    .any(|n| s.nodes.contains(n) || s.roots.contains(n))
            })
        };
        let (own, other): (Vec<&Explanation>, Vec<&Explanation>) = self
            .explanations
            .iter()
            .partition(|e| e.hypothesis == Some(h));
        let needs = self
            .needs
            .iter()
            .filter(|(to, _)| *to == h && self.is_supported(h))
            .map(|(_, n)| n.clone())
            .collect();
        let mut hypothesis = Hypothesis {
            id: head.id.clone(),
            title: head.title.clone(),
            snomed: head.snomed.clone(),
            lane: Lane::N,
            explains: own.into_iter().cloned().collect(),
            explained_otherwise: other.into_iter().filter(|e| touches(e)).cloned().collect(),
            supports,
            contradicts,
            needs,
            independent: 0,
            strongest: None,
            newest: None,
            node: head.node,
        };
        hypothesis.weigh();
        Some(hypothesis)
    }
}

impl Graph {
    /// Collects each hypothesis from what is live. Again after each retraction.
    pub(super) fn collect(&mut self) {
        let live = Live::of(self);
        let heads = self.ledger.heads.iter().enumerate();
        let mut hypotheses: Vec<Hypothesis> = heads
            .filter_map(|(h, head)| live.hypothesis(h, head))
            .collect();
        hypotheses.sort_by_cached_key(Hypothesis::rank);
        self.hypotheses = hypotheses;
    }

    /// Withdraws a fact with all that was derived from it, and collects again. Gives how many nodes no longer count.
    pub fn retract(&mut self, fact: triptych_clinical::FactId) -> usize {
        let count = self.store.retract(fact);
        self.collect();
        count
    }

    /// Hypotheses with anything for them, in order: the cards of the third leaf.
    pub fn cards(&self) -> impl Iterator<Item = &Hypothesis> {
        self.hypotheses.iter().filter(|h| h.has_support())
    }

    /// The hypothesis of an id, if anything is for or against it.
    #[must_use]
    pub fn hypothesis(&self, id: &str) -> Option<&Hypothesis> {
        self.hypotheses.iter().find(|h| h.id == id)
    }
}
