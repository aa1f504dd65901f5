//! Builds the graph of one patient at one index time: nodes from what is visible, edges from rules and table, retraction, collection.

use std::collections::BTreeMap;

use triptych_clinical::{CodeSystem, Instant, Origin, When};

use super::collect::{Head, Ledger};
use super::disagree::{Disagreement, in_view};
use super::edge::{Edge, EdgeKind, EdgeSource};
use super::hypothesis::{Hypothesis, Need};
use super::node::{Modality, Node, NodeId, NodeKey};
use super::sources::Sources;
use super::store::Store;
use super::table::{EdgeTable, Makes};
use super::view::{Ground, View, lane_of, modality_of, newest_input};
use super::words;
use crate::chart::{Datum, FactRef, Kind};
use crate::outcome::{Lane, Outcome, Verdict};

/// The evidence graph of one patient at one index time.
#[derive(Clone, Debug)]
pub struct Graph {
    /// Nodes and edges.
    pub store: Store,
    /// As of when.
    pub at: Instant,
    /// Every hypothesis with anything for or against it, in order.
    pub hypotheses: Vec<Hypothesis>,
    /// Disagreements (D-18).
    pub disagreements: Vec<Disagreement>,
    /// All that the rows made, live or not.
    pub(super) ledger: Ledger,
}

impl Graph {
    /// Builds the graph. Pure: the same sources and table give the same graph.
    #[must_use]
    pub fn build(table: &EdgeTable, sources: &Sources<'_>) -> Self {
        let view = View::new(sources);
        let disagreements = in_view(&view);
        let mut builder = Builder::new(&view);
        builder.facts();
        builder.assertions();
        builder.models();
        builder.outcomes();
        builder.disagreements(&disagreements);
        builder.hypotheses(table);
        for row in &table.rows {
            builder.row(row);
        }
        builder.rule_needs(table);
        builder.lesions();
        builder.questions();
        builder.options();
        builder.withdraw_stale();
        let Builder { store, ledger, .. } = builder;
        let mut graph = Self {
            store,
            at: view.at(),
            hypotheses: Vec::new(),
            disagreements,
            ledger,
        };
        graph.collect();
        graph
    }
}

pub(super) struct Builder<'v, 'a> {
    pub view: &'v View<'a>,
    pub store: Store,
    pub data: Vec<NodeId>,
    pub assertions: Vec<NodeId>,
    pub models: Vec<NodeId>,
    pub outcomes: Vec<NodeId>,
    pub ledger: Ledger,
}

impl<'v, 'a> Builder<'v, 'a> {
    fn new(view: &'v View<'a>) -> Self {
        Self {
            view,
            store: Store::with_capacity(view.data.len() + 256),
            data: Vec::with_capacity(view.data.len()),
            assertions: Vec::new(),
            models: Vec::new(),
            outcomes: Vec::new(),
            ledger: Ledger::default(),
        }
    }

    /// Links that the builder itself makes cannot fail; one that did would be a fault, and is left out rather than shown wrong.
    pub fn link(&mut self, edge: Edge) {
        let linked = self.store.link(edge);
        debug_assert!(linked.is_ok(), "{linked:?}");
    }

    pub fn structure(&mut self, from: NodeId, to: NodeId, kind: EdgeKind) {
        self.link(Edge {
            from,
            to,
            kind,
            weight: None,
            source: EdgeSource::Structure,
            rests_on: Vec::new(),
        });
    }

    fn facts(&mut self) {
        for datum in &self.view.data {
            let id = self.store.add(fact_node(datum));
            self.data.push(id);
        }
    }

    /// A text that enters no rule has no datum: its node is made with its first assertion.
    fn text(&mut self, fact: FactRef, report: bool, time: When, available: Instant) -> NodeId {
        self.store.add(Node {
            key: NodeKey::Fact(fact),
            label: if report { "report" } else { "note" }.into(),
            modality: Some(if report {
                Modality::Images
            } else {
                Modality::Notes
            }),
            valid: Some(time),
            available: Some(available),
            lane: Lane::N,
            origin: Origin::Structured,
            unconfirmed: false,
            withdrawn: None,
        })
    }

    fn assertions(&mut self) {
        for (i, a) in self.view.assertions.iter().enumerate() {
            let text = self.text(a.fact, a.report, a.time, a.available);
            let id = self.store.add(Node {
                key: NodeKey::Assertion(a.fact, a.concept.clone(), a.span.start),
                label: words::statement(a).into(),
                modality: Some(self.view.modality(Ground::Assertion(i))),
                valid: Some(a.time),
                available: Some(a.available),
                lane: Lane::N,
                origin: Origin::Note,
                unconfirmed: !a.confirmed,
                withdrawn: None,
            });
            self.structure(id, text, EdgeKind::DerivedFrom);
            self.assertions.push(id);
        }
    }

    fn models(&mut self) {
        for (i, m) in self.view.models.iter().enumerate() {
            let study = m.fact.map(|f| match self.view.place_of(f) {
                Some(place) => self.data.get(place).copied(),
                None => Some(self.text(f, true, m.study_time, m.available)),
            });
            let id = self.store.add(Node {
                key: NodeKey::Model(m.model.clone(), m.label.clone(), m.study.clone()),
                label: words::model(m).into(),
                modality: Some(Modality::Images),
                valid: Some(m.study_time),
                available: Some(m.available),
                lane: self.view.lane(Ground::Model(i)),
                origin: Origin::Model,
                unconfirmed: !m.confirmed,
                withdrawn: None,
            });
            if let Some(Some(study)) = study {
                self.structure(id, study, EdgeKind::DerivedFrom);
            }
            self.models.push(id);
        }
    }

    fn outcomes(&mut self) {
        let mut seen: BTreeMap<&'static str, u16> = BTreeMap::new();
        for outcome in &self.view.outcomes {
            let nth = seen.entry(outcome.rule.id).or_default();
            let key = NodeKey::Signal(outcome.rule.id, *nth);
            *nth += 1;
            let facts: Vec<NodeId> = outcome
                .basis
                .items
                .iter()
                .filter_map(|i| self.data.get(self.view.place_of(i.fact?)?).copied())
                .collect();
            let rests_on_d = facts
                .iter()
                .any(|f| self.store.get(*f).is_some_and(|n| n.lane == Lane::D));
            let id = self.store.add(Node {
                key,
                label: outcome_words(outcome).into(),
                modality: Some(self.view.of_outcome(outcome)),
                valid: newest_input(outcome),
                available: Some(self.view.at()),
                lane: if rests_on_d {
                    Lane::D
                } else {
                    outcome.rule.lane
                },
                origin: Origin::Derived,
                unconfirmed: false,
                withdrawn: None,
            });
            for fact in facts {
                self.structure(id, fact, EdgeKind::DerivedFrom);
            }
            self.outcomes.push(id);
        }
    }

    fn disagreements(&mut self, all: &[Disagreement]) {
        for (n, d) in (0..).zip(all) {
            let id = self.store.add(Node {
                key: NodeKey::Disagreement(n),
                label: d.in_words().into(),
                modality: None,
                valid: d.newest(),
                available: Some(self.view.at()),
                lane: d.lane(),
                origin: Origin::Derived,
                unconfirmed: false,
                withdrawn: None,
            });
            for fact in d.facts() {
                let node = self
                    .view
                    .place_of(fact)
                    .and_then(|p| self.data.get(p).copied())
                    .or_else(|| self.store.find(&NodeKey::Fact(fact)));
                if let Some(node) = node {
                    self.structure(id, node, EdgeKind::DerivedFrom);
                }
            }
        }
    }

    fn hypotheses(&mut self, table: &EdgeTable) {
        for row in &table.hypotheses {
            let node = self.store.add(Node {
                key: NodeKey::Hypothesis(row.id.clone()),
                label: row.title.as_str().into(),
                modality: None,
                valid: None,
                available: None,
                lane: Lane::N,
                origin: Origin::Derived,
                unconfirmed: false,
                withdrawn: None,
            });
            self.ledger.heads.push(Head {
                id: row.id.clone(),
                title: row.title.clone(),
                snomed: row.snomed.clone(),
                node,
            });
        }
    }

    /// A rule that a hypothesis would be judged by and that lacks something makes that something a need of the hypothesis.
    fn rule_needs(&mut self, table: &EdgeTable) {
        for row in &table.rows {
            let Makes::Evidence { to, when, .. } = &row.makes else {
                continue;
            };
            for rule in when.rules() {
                let asking = self
                    .view
                    .outcomes
                    .iter()
                    .filter(|o| o.rule.id == rule && o.verdict() != Verdict::Silent);
                for outcome in asking {
                    for missing in &outcome.finding.missing {
                        let need = Need {
                            name: missing.in_words(),
                            asked_by: outcome.rule.name(),
                        };
                        self.ledger.needs.push((*to, need));
                    }
                }
            }
        }
        self.ledger.needs.sort();
        self.ledger.needs.dedup();
    }

    /// Measures of one lesion in several studies, joined by the reader's `track`: the same lesion, in the order of time.
    fn lesions(&mut self) {
        let codes = [(CodeSystem::Tri, "nodule_measure".to_owned())];
        let mut tracks: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for place in self.view.of_codes(Kind::Finding, &codes) {
            let Some(datum) = self.view.datum(place) else {
                continue;
            };
            if let Some(track) = datum.attrs.get("track").filter(|_| !datum.unconfirmed) {
                tracks.entry(track).or_default().push(place);
            }
        }
        for places in tracks.values() {
            // Newest first in the chart.
            for pair in places.windows(2) {
                let [later, earlier] = pair else { continue };
                if let (Some(later), Some(earlier)) = (
                    self.data.get(*later).copied(),
                    self.data.get(*earlier).copied(),
                ) {
                    self.structure(earlier, later, EdgeKind::SameAs);
                    self.structure(earlier, later, EdgeKind::Precedes);
                }
            }
        }
    }

    fn question(&mut self, asker: NodeId, name: &str, source: EdgeSource) {
        let to = self.store.add(Node {
            key: NodeKey::Question(name.to_owned()),
            label: name.into(),
            modality: None,
            valid: None,
            available: None,
            lane: Lane::N,
            origin: Origin::Derived,
            unconfirmed: false,
            withdrawn: None,
        });
        self.link(Edge {
            from: asker,
            to,
            kind: EdgeKind::Needs,
            weight: None,
            source,
            rests_on: Vec::new(),
        });
    }

    fn questions(&mut self) {
        let view = self.view;
        for (outcome, node) in view.outcomes.iter().zip(self.outcomes.clone()) {
            for missing in &outcome.finding.missing {
                let source = EdgeSource::Rule(outcome.rule.name());
                self.question(node, &missing.in_words(), source);
            }
        }
        for (to, need) in self.ledger.needs.clone() {
            let supported = self
                .ledger
                .evidence
                .iter()
                .any(|(h, e)| *h == to && e.kind == EdgeKind::Supports && !e.background);
            if let Some(head) = self.ledger.heads.get(to).filter(|_| supported) {
                let asker = head.node;
                self.question(asker, &need.name, EdgeSource::Rule(need.asked_by));
            }
        }
    }

    fn options(&mut self) {
        for pack in self.view.sources.pathways {
            let name = format!("{}@{}", pack.id, pack.version);
            for node in &pack.nodes {
                for option in &node.options {
                    let id = self.store.add(Node {
                        key: NodeKey::Option(pack.id.clone(), node.id.clone(), option.id.clone()),
                        label: option.title.as_str().into(),
                        modality: None,
                        valid: None,
                        available: Some(self.view.at()),
                        lane: Lane::N,
                        origin: Origin::Derived,
                        unconfirmed: false,
                        withdrawn: None,
                    });
                    let lacks = option
                        .supports
                        .iter()
                        .chain(&option.against)
                        .chain(&option.contraindicated)
                        .flat_map(|c| &c.missing);
                    for missing in lacks {
                        self.question(id, missing, EdgeSource::Rule(name.clone()));
                    }
                }
            }
        }
    }

    /// Statements of a text that was retracted or has a newer version, and findings of a retracted study.
    fn withdraw_stale(&mut self) {
        let sources = &self.view.sources;
        let texts = self.view.assertions.iter().map(|a| a.fact);
        let studies = self.view.models.iter().filter_map(|m| m.fact);
        let gone: Vec<NodeId> = texts
            .chain(studies)
            .filter(|f| !sources.holds(*f))
            .filter_map(|f| self.store.find(&NodeKey::Fact(f)))
            .collect();
        self.store.withdraw(gone);
    }
}

fn outcome_words(outcome: &Outcome) -> String {
    format!("{}: {}", outcome.rule.title, outcome.in_words())
}

fn fact_node(datum: &Datum) -> Node {
    let key = match (datum.fact, datum.kind) {
        (Some(fact), Kind::Finding) => NodeKey::Finding(fact),
        (Some(fact), _) => NodeKey::Fact(fact),
        (None, _) => NodeKey::Datum(datum.key.to_string()),
    };
    let label = if datum.display.is_empty() {
        datum
            .codes
            .first()
            .map(ToString::to_string)
            .unwrap_or_default()
            .into()
    } else {
        datum.display.as_str().into()
    };
    Node {
        key,
        label,
        modality: Some(modality_of(datum)),
        valid: Some(datum.time),
        available: Some(datum.recorded),
        lane: lane_of(datum),
        origin: datum.origin,
        unconfirmed: datum.unconfirmed,
        withdrawn: None,
    }
}
