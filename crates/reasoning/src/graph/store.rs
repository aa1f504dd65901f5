//! Nodes and edges of one patient at one index time, and retraction along `derived_from`.
//!
//! `derived_from` cannot run in a circle: an edge of that kind is taken only towards a node that was there before its start.

use std::collections::{BTreeMap, HashMap};

use triptych_clinical::FactId;

use super::edge::{Edge, EdgeKind};
use super::node::{Node, NodeId, NodeKey, Withdrawal};

/// The graph's nodes and edges.
#[derive(Clone, Debug, Default)]
pub struct Store {
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    places: HashMap<NodeKey, NodeId>,
    derived: HashMap<NodeId, Vec<NodeId>>,
    outgoing: BTreeMap<NodeId, Vec<usize>>,
    incoming: BTreeMap<NodeId, Vec<usize>>,
}

/// An edge that the graph does not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// `derived_from` towards a node that came later: it could close a circle.
    #[error("derived_from must lead to an earlier node")]
    Forward,
    /// An end that is in no graph.
    #[error("the edge names a node that is not there")]
    NoSuchNode,
    /// A weight where none belongs, or none where one does.
    #[error("supports and contradicts carry a weight, other edges none")]
    Weight,
}

impl Store {
    /// Room for so many nodes.
    #[must_use]
    pub fn with_capacity(nodes: usize) -> Self {
        Self {
            nodes: Vec::with_capacity(nodes),
            places: HashMap::with_capacity(nodes),
            ..Self::default()
        }
    }

    /// Adds a node, or gives the one that has this key already.
    pub fn add(&mut self, node: Node) -> NodeId {
        if let Some(known) = self.places.get(&node.key) {
            return *known;
        }
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.places.insert(node.key.clone(), id);
        self.nodes.push(node);
        id
    }

    /// Adds an edge; the same edge twice is one.
    ///
    /// # Errors
    /// [`LinkError`]
    pub fn link(&mut self, edge: Edge) -> Result<(), LinkError> {
        if self.get(edge.from).is_none() || self.get(edge.to).is_none() {
            return Err(LinkError::NoSuchNode);
        }
        let weighed = matches!(edge.kind, EdgeKind::Supports | EdgeKind::Contradicts);
        if weighed != edge.weight.is_some() {
            return Err(LinkError::Weight);
        }
        if edge.kind == EdgeKind::DerivedFrom {
            if edge.to >= edge.from {
                return Err(LinkError::Forward);
            }
            self.derived.entry(edge.to).or_default().push(edge.from);
        }
        let out = self.outgoing.entry(edge.from).or_default();
        if out.iter().any(|e| self.edges.get(*e) == Some(&edge)) {
            return Ok(());
        }
        out.push(self.edges.len());
        self.incoming
            .entry(edge.to)
            .or_default()
            .push(self.edges.len());
        self.edges.push(edge);
        Ok(())
    }

    /// The node of an id.
    #[must_use]
    pub fn get(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(usize::try_from(id.0).ok()?)
    }

    /// The node of a key.
    #[must_use]
    pub fn find(&self, key: &NodeKey) -> Option<NodeId> {
        self.places.get(key).copied()
    }

    /// All nodes in the order in which they were made: facts, findings, signals, hypotheses, options, questions.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// All edges.
    #[must_use]
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// Edges that start at a node.
    pub fn from(&self, id: NodeId) -> impl Iterator<Item = &Edge> {
        let places = self.outgoing.get(&id).map_or(&[][..], Vec::as_slice);
        places.iter().filter_map(|e| self.edges.get(*e))
    }

    /// Edges that end at a node.
    pub fn to(&self, id: NodeId) -> impl Iterator<Item = &Edge> {
        let places = self.incoming.get(&id).map_or(&[][..], Vec::as_slice);
        places.iter().filter_map(|e| self.edges.get(*e))
    }

    /// True while nothing that the edge rests on was withdrawn.
    #[must_use]
    pub fn is_live(&self, edge: &Edge) -> bool {
        edge.rests_on
            .iter()
            .chain([&edge.from, &edge.to])
            .all(|n| self.get(*n).is_some_and(|n| n.withdrawn.is_none()))
    }

    /// Withdraws every node that was made from a fact, and all that was derived from it. Gives how many nodes no longer count.
    pub fn retract(&mut self, fact: FactId) -> usize {
        let own: Vec<NodeId> = self
            .nodes
            .iter()
            .zip(0..)
            .filter(|(n, _)| n.key.fact().is_some_and(|f| f.id == fact))
            .map(|(_, i)| NodeId(i))
            .collect();
        self.withdraw(own)
    }

    /// Withdraws nodes, and all that was derived from them.
    pub(super) fn withdraw(&mut self, own: Vec<NodeId>) -> usize {
        let mut count = 0;
        let mut open: Vec<(NodeId, Withdrawal)> =
            own.into_iter().map(|n| (n, Withdrawal::Source)).collect();
        while let Some((id, why)) = open.pop() {
            let Some(node) = usize::try_from(id.0)
                .ok()
                .and_then(|i| self.nodes.get_mut(i))
            else {
                continue;
            };
            if node.withdrawn.is_some() {
                continue;
            }
            node.withdrawn = Some(why);
            count += 1;
            let children = self.derived.get(&id).map_or(&[][..], Vec::as_slice);
            open.extend(children.iter().map(|c| (*c, Withdrawal::Derived)));
        }
        count
    }

    /// The facts that a node was made from, at any depth.
    #[must_use]
    pub fn facts_behind(&self, id: NodeId) -> Vec<NodeId> {
        let mut found = Vec::new();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            let below: Vec<NodeId> = self
                .from(id)
                .filter(|e| e.kind == EdgeKind::DerivedFrom)
                .map(|e| e.to)
                .collect();
            if below.is_empty() {
                found.push(id);
            }
            open.extend(below);
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}
