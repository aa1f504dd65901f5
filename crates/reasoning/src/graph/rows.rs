//! Rows of the edge table, applied to what a patient's sources hold.

use super::build::Builder;
use super::edge::{Edge, EdgeKind, EdgeSource, Strength, Weight};
use super::hypothesis::{Evidence, Explanation, Need};
use super::node::NodeId;
use super::table::{Makes, Row};
use super::view::{Ground, Hit};
use super::words;
use crate::outcome::Lane;

/// What one met row says of its hypothesis.
struct Says {
    kind: EdgeKind,
    weight: Weight,
    background: bool,
}

impl Builder<'_, '_> {
    fn node(&self, ground: Ground) -> Option<NodeId> {
        match ground {
            Ground::Datum(i) => self.data.get(i),
            Ground::Outcome(i) => self.outcomes.get(i),
            Ground::Assertion(i) => self.assertions.get(i),
            Ground::Model(i) => self.models.get(i),
        }
        .copied()
    }

    pub fn row(&mut self, row: &Row) {
        match &row.makes {
            Makes::Evidence {
                to,
                kind,
                when,
                weight,
                negated,
                background,
            } => {
                for hit in self.view.meet(when) {
                    let (kind, weight) = match (hit.negated, negated) {
                        (false, _) => (*kind, hedge(weight, hit.hedged)),
                        (true, Some(other_way)) => (turned(*kind), Weight::Class(*other_way)),
                        (true, None) => continue,
                    };
                    self.evidence(
                        row,
                        *to,
                        Says {
                            kind,
                            weight,
                            background: *background,
                        },
                        &hit,
                    );
                }
            }
            Makes::HypothesisExplains { by, what } => {
                let Some(head) = self.ledger.heads.get(*by).cloned() else {
                    return;
                };
                for hit in self.view.meet(what).into_iter().filter(|h| !h.negated) {
                    self.explanation(row, Some(*by), head.node, head.title.clone(), None, &hit);
                }
            }
            Makes::RecordExplains { by, what } => {
                for what in self.view.meet(what).into_iter().filter(|h| !h.negated) {
                    for by in self.view.meet(by).into_iter().filter(|h| !h.negated) {
                        self.record_explains(row, &by, &what);
                    }
                }
            }
            Makes::Needs { to, what, name } => {
                if self.view.meet(what).is_empty() {
                    let need = Need {
                        name: name.clone(),
                        asked_by: row.citation.clone(),
                    };
                    self.ledger.needs.push((*to, need));
                }
            }
        }
    }

    fn evidence(&mut self, row: &Row, to: usize, says: Says, hit: &Hit) {
        let Says {
            kind,
            weight,
            background,
        } = says;
        let nodes: Vec<NodeId> = hit.grounds.iter().filter_map(|g| self.node(*g)).collect();
        let (Some(first), Some(from), Some(head)) = (
            hit.grounds.first().copied(),
            nodes.first().copied(),
            self.ledger.heads.get(to),
        ) else {
            return;
        };
        let target = head.node;
        let lane_d = nodes
            .iter()
            .any(|n| self.store.get(*n).is_some_and(|n| n.lane == Lane::D));
        let mut roots: Vec<NodeId> = nodes
            .iter()
            .flat_map(|n| self.store.facts_behind(*n))
            .collect();
        roots.sort_unstable();
        roots.dedup();
        let evidence = Evidence {
            row: row.id.clone(),
            say: if hit.negated {
                format!("stated as absent: {}", row.say)
            } else {
                row.say.clone()
            },
            value: words::value(self.view, first),
            date: self.view.time(first),
            source: words::source(self.view, first),
            modality: self.view.modality(first),
            kind,
            weight: weight.clone(),
            lane: if lane_d { Lane::D } else { Lane::N },
            unconfirmed: hit.grounds.iter().any(|g| self.view.unconfirmed(*g)),
            background,
            citation: row.citation.clone(),
            nodes: nodes.clone(),
            roots,
            counted: true,
        };
        self.link(Edge {
            from,
            to: target,
            kind,
            weight: Some(weight),
            source: of_row(row),
            rests_on: nodes.into_iter().skip(1).collect(),
        });
        self.ledger.evidence.push((to, evidence));
    }

    fn record_explains(&mut self, row: &Row, by: &Hit, what: &Hit) {
        let (Some(ground), Some(node)) = (
            by.grounds.first().copied(),
            by.grounds.first().and_then(|g| self.node(*g)),
        ) else {
            return;
        };
        // What began afterwards explains nothing.
        let began = self.view.time(ground);
        let seen = what.grounds.first().and_then(|g| self.view.time(*g));
        if let (Some(began), Some(seen)) = (began, seen)
            && began.instant > seen.instant
        {
            return;
        }
        let words = words::value(self.view, ground);
        self.explanation(row, None, node, words, Some(ground), what);
    }

    fn explanation(
        &mut self,
        row: &Row,
        hypothesis: Option<usize>,
        by_node: NodeId,
        by: String,
        by_ground: Option<Ground>,
        what: &Hit,
    ) {
        let nodes: Vec<NodeId> = what.grounds.iter().filter_map(|g| self.node(*g)).collect();
        let Some(first) = what.grounds.first().copied() else {
            return;
        };
        let shown = by_ground.unwrap_or(first);
        for node in nodes.iter().copied() {
            self.link(Edge {
                from: by_node,
                to: node,
                kind: EdgeKind::Explains,
                weight: None,
                source: of_row(row),
                rests_on: Vec::new(),
            });
            if by_ground.is_some() {
                self.structure(by_node, node, EdgeKind::Precedes);
            }
        }
        let explanation = Explanation {
            row: row.id.clone(),
            by,
            what: words::value(self.view, first),
            say: row.say.clone(),
            date: self.view.time(shown),
            source: words::source(self.view, shown),
            modality: self.view.modality(shown),
            citation: row.citation.clone(),
            hypothesis,
            by_node,
            what_nodes: nodes,
        };
        self.ledger.explanations.push(explanation);
    }
}

const fn turned(kind: EdgeKind) -> EdgeKind {
    match kind {
        EdgeKind::Supports => EdgeKind::Contradicts,
        _ => EdgeKind::Supports,
    }
}

/// What is only possible, or was so once, counts as weak.
fn hedge(weight: &Weight, hedged: bool) -> Weight {
    if hedged {
        Weight::Class(Strength::Weak)
    } else {
        weight.clone()
    }
}

fn of_row(row: &Row) -> EdgeSource {
    EdgeSource::Row {
        id: row.id.clone(),
        citation: row.citation.clone(),
    }
}
