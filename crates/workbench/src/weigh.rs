//! The evidence graph as the third leaf shows it: statements for and against, each with date, source and a place to jump to.

use std::collections::{BTreeMap, HashMap};

use triptych_clinical::{Fact, FactId, StudyUid, When};
use triptych_reasoning::graph::{
    self, Column, Disagreement, EdgeKind, Evidence, Explanation, Graph, Hypothesis, ModelFinding,
    Node, NodeId, NodeKey, NodeKind, NoteAssertion, Sources, Versions,
};
use triptych_reasoning::{Evaluation, pathways};

use crate::chart::shortened;
use crate::signals::{self, Inputs, lane, target};
use crate::texts;
use crate::view::{HypothesisRow, PatientView, Side, Statement, Target, Weighing};
use crate::{Core, OpenPatient, WorkbenchError};

/// Facts by id.
pub(crate) type Facts<'a> = HashMap<FactId, &'a Fact>;

/// The facts of a person by id.
pub(crate) fn by_id(facts: &[Fact]) -> Facts<'_> {
    facts.iter().map(|f| (f.id, f)).collect()
}

/// The graph of one patient with what is needed to find its places on screen.
#[derive(Debug)]
pub(crate) struct Reasoned {
    /// Nodes, edges, hypotheses, disagreements.
    pub graph: Graph,
    /// End of each statement in its text, by text and beginning.
    ends: BTreeMap<(FactId, u64), u64>,
}

impl Reasoned {
    /// Keeps `graph`, which was built with `assertions`.
    pub fn new(graph: Graph, assertions: &[NoteAssertion]) -> Self {
        Self {
            graph,
            ends: assertions
                .iter()
                .map(|a| ((a.fact.id, a.span.start), a.span.end))
                .collect(),
        }
    }

    /// For and against one rule's signal: the facts under it, the other side of its disagreements, what explains it, what it lacks.
    pub fn of_signal(&self, rule: &'static str, facts: &Facts<'_>) -> Weighing {
        let store = &self.graph.store;
        let mut weighing = Weighing::default();
        let Some(id) = store.find(&NodeKey::Signal(rule, 0)) else {
            return weighing;
        };
        for edge in store.from(id) {
            let Some(node) = store.get(edge.to) else {
                continue;
            };
            match (edge.kind, node.modality) {
                (EdgeKind::DerivedFrom, Some(modality)) => {
                    let statement = self.of_node(Side::For, node, facts);
                    push(&mut weighing, modality.column(), statement);
                }
                (EdgeKind::Needs, _) => weighing.needs.push(node.label.to_string()),
                _ => {}
            }
        }
        for d in self.graph.live_disagreements().filter(|d| d.names(rule)) {
            other_sides(d, rule, facts, &mut weighing);
        }
        self.explanations(id, facts, &mut weighing);
        weighing
    }

    /// What explains a signal or one of its facts; a hypothesis that nothing speaks for explains nothing.
    fn explanations(&self, id: NodeId, facts: &Facts<'_>, weighing: &mut Weighing) {
        let store = &self.graph.store;
        let standing: Vec<NodeId> = self.graph.cards().map(|h| h.node).collect();
        let mut about = store.facts_behind(id);
        about.push(id);
        for edge in about.into_iter().flat_map(|node| store.to(node)) {
            let Some(by) = store.get(edge.from) else {
                continue;
            };
            let stands = by.kind() != NodeKind::Hypothesis || standing.contains(&edge.from);
            if edge.kind == EdgeKind::Explains && stands && store.is_live(edge) {
                let column = by.modality.map_or(Column::Labs, |m| m.column());
                let statement = self.of_node(Side::Explains, by, facts);
                push(weighing, column, statement);
            }
        }
    }

    /// Hypotheses that something speaks for, in the graph's order.
    pub fn hypotheses(&self, facts: &Facts<'_>) -> Vec<HypothesisRow> {
        self.graph
            .cards()
            .map(|h| HypothesisRow {
                id: h.id.clone(),
                title: h.title.clone(),
                modalities: h.independent,
                lane: lane(h.lane),
                weighing: self.of_hypothesis(h, facts),
            })
            .collect()
    }

    fn of_hypothesis(&self, h: &Hypothesis, facts: &Facts<'_>) -> Weighing {
        let mut weighing = Weighing::default();
        for (side, list) in [(Side::For, &h.supports), (Side::Against, &h.contradicts)] {
            for e in list {
                let statement = self.of_evidence(side, e, facts);
                push(&mut weighing, e.modality.column(), statement);
            }
        }
        for e in h.explains.iter().chain(&h.explained_otherwise) {
            let statement = self.of_explanation(e, facts);
            push(&mut weighing, e.modality.column(), statement);
        }
        weighing.needs = h.needs.iter().map(|n| n.name.clone()).collect();
        weighing.needs.sort();
        weighing.needs.dedup();
        weighing
    }

    fn of_evidence(&self, side: Side, e: &Evidence, facts: &Facts<'_>) -> Statement {
        let mut words = shortened(&e.say);
        if !e.value.is_empty() {
            words = format!("{words}: {}", shortened(&e.value));
        }
        words = format!("{words} ({})", e.weight);
        if !e.counted {
            words += ", same source as above, counted once";
        }
        Statement {
            side,
            words,
            date: date(e.date),
            source: e.source.clone(),
            unconfirmed: e.unconfirmed,
            target: self.place(e.nodes.iter().chain(&e.roots), facts),
        }
    }

    fn of_explanation(&self, e: &Explanation, facts: &Facts<'_>) -> Statement {
        Statement {
            side: Side::Explains,
            words: format!("{}: {} for {}", e.say, e.by, e.what),
            date: date(e.date),
            source: e.source.clone(),
            unconfirmed: false,
            target: self.place(std::iter::once(&e.by_node).chain(&e.what_nodes), facts),
        }
    }

    fn of_node(&self, side: Side, node: &Node, facts: &Facts<'_>) -> Statement {
        Statement {
            side,
            words: shortened(&node.label),
            date: date(node.valid),
            source: source(node, facts),
            unconfirmed: node.unconfirmed,
            target: self.of_key(&node.key, facts),
        }
    }

    /// The first of the nodes that stands somewhere.
    fn place<'n>(
        &self,
        nodes: impl Iterator<Item = &'n NodeId>,
        facts: &Facts<'_>,
    ) -> Option<Target> {
        nodes
            .filter_map(|id| self.graph.store.get(*id))
            .find_map(|node| self.of_key(&node.key, facts))
    }

    fn of_key(&self, key: &NodeKey, facts: &Facts<'_>) -> Option<Target> {
        if let NodeKey::Assertion(fact, _, start) = key {
            let end = self.ends.get(&(fact.id, *start)).copied();
            let span = end
                .and_then(|end| Some((usize::try_from(*start).ok()?, usize::try_from(end).ok()?)));
            return Some(Target::Note {
                fact: fact.id,
                span,
            });
        }
        let fact = facts.get(&key.fact()?.id)?;
        target(fact).or_else(|| of_study(fact))
    }
}

/// A finding has no line of its own; the study that it was made in has.
pub(crate) fn of_study(fact: &Fact) -> Option<Target> {
    let study = StudyUid::new(fact.attrs.get("study_uid")?).ok()?;
    Some(Target::Image {
        study,
        instance: None,
    })
}

fn other_sides(d: &Disagreement, rule: &str, facts: &Facts<'_>, weighing: &mut Weighing) {
    for side in d.sides.iter().filter(|s| !s.is_rule(rule)) {
        let statement = Statement {
            side: Side::Against,
            words: shortened(&side.says),
            date: date(side.date),
            source: side.party.in_words().to_owned(),
            unconfirmed: false,
            target: side
                .facts
                .iter()
                .filter_map(|f| facts.get(&f.id))
                .find_map(|f| target(f).or_else(|| of_study(f))),
        };
        push(weighing, side.modality.column(), statement);
    }
}

/// Adds a statement once.
fn push(weighing: &mut Weighing, column: Column, statement: Statement) {
    let [images, labs, notes] = &mut weighing.columns;
    let list = match column {
        Column::Images => images,
        Column::Labs => labs,
        Column::Notes => notes,
    };
    if !list.contains(&statement) {
        list.push(statement);
    }
}

fn date(when: Option<When>) -> String {
    when.map(|w| w.iso_date()).unwrap_or_default()
}

/// Who made a statement of the record.
fn source(node: &Node, facts: &Facts<'_>) -> String {
    use triptych_clinical::FactKind as K;
    let fact = node.key.fact().and_then(|f| facts.get(&f.id));
    let Some(fact) = fact else {
        return String::new();
    };
    let performer = fact.attrs.get("performer").cloned();
    match fact.kind {
        K::Observation => performer.unwrap_or_else(|| "observation".to_owned()),
        K::Medication => "medicine list".to_owned(),
        K::Problem => "problem list".to_owned(),
        K::Note => "note".to_owned(),
        K::Report => "report".to_owned(),
        K::Imaging => "study".to_owned(),
        _ => "record".to_owned(),
    }
}

impl Core {
    /// Adds what the evidence graph finds to a patient that was opened: disagreements as cards, what is due, hypotheses. `findings` are of
    /// models whose output this reader may see.
    ///
    /// # Errors
    /// When the archive cannot be read.
    pub fn add_reasoning(
        &self,
        open: &OpenPatient,
        view: &mut PatientView,
        findings: &[ModelFinding],
    ) -> Result<(), WorkbenchError> {
        let Some(reasoned) = reason(&open.evaluation, &open.facts, findings) else {
            return Ok(());
        };
        let decisions = self.wait(self.archive().decisions(view.person, view.at))?;
        let answers = self.answers(view.person)?;
        let fresh = signals::view(&Inputs {
            evaluation: &open.evaluation,
            facts: &open.facts,
            by_id: &by_id(&open.facts),
            decisions: &decisions,
            answers: &answers,
            reasoned: Some(&reasoned),
        });
        view.signals.cards = fresh.cards;
        view.signals.groups = fresh.groups;
        view.signals.due = fresh.due;
        view.signals.hypotheses = fresh.hypotheses;
        Ok(())
    }
}

/// Builds the evidence graph from the rules, the texts and what models found; `None` never happens in a build whose tests passed.
pub(crate) fn reason(
    evaluation: &Evaluation,
    facts: &[Fact],
    models: &[ModelFinding],
) -> Option<Reasoned> {
    let table = graph::shipped_edges().ok()?;
    let assertions = texts::assertions(facts);
    let versions = Versions::of(facts, evaluation.chart.at);
    let views = pathways::shipped().map_or_else(|_| Vec::new(), |p| pathways::views(p, evaluation));
    let sources = Sources {
        evaluation,
        assertions: &assertions,
        models,
        pathways: &views,
        versions: Some(&versions),
    };
    Some(Reasoned::new(Graph::build(table, &sources), &assertions))
}
