//! The graph in words: per hypothesis and per signal three columns, for, against and explained, each item with date and source.
//!
//! A column without a statement says so: silence is not read as an answer (D-04).

use std::fmt::Write as _;

use triptych_clinical::When;

use super::build::Graph;
use super::edge::{Edge, EdgeKind, EdgeSource};
use super::hypothesis::{Evidence, Explanation, Hypothesis};
use super::node::{Column, Node, NodeId, NodeKey};
use super::sources::{ModelFinding, NoteAssertion};
use super::view::{Ground, View};
use crate::chart::{Kind, Reported};
use crate::desk::{short_text, statement_name};
use crate::outcome::Lane;

/// A card in words, ready to be laid out or printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardWords {
    /// What it is about.
    pub title: String,
    /// Lane badge.
    pub lane: Lane,
    /// Images, labs, notes.
    pub columns: [ColumnWords; 3],
    /// What would answer.
    pub needs: Vec<String>,
}

/// One column of a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnWords {
    /// Which.
    pub column: Column,
    /// For.
    pub supports: Vec<String>,
    /// Against.
    pub contradicts: Vec<String>,
    /// What explains, or is explained.
    pub explains: Vec<String>,
}

impl ColumnWords {
    const fn new(column: Column) -> Self {
        Self {
            column,
            supports: Vec::new(),
            contradicts: Vec::new(),
            explains: Vec::new(),
        }
    }

    /// Nothing was stated here.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.supports.is_empty() && self.contradicts.is_empty() && self.explains.is_empty()
    }
}

impl CardWords {
    fn new(title: &str, lane: Lane) -> Self {
        Self {
            title: title.to_owned(),
            lane,
            columns: Column::ALL.map(ColumnWords::new),
            needs: Vec::new(),
        }
    }

    fn column(&mut self, column: Column) -> Option<&mut ColumnWords> {
        self.columns.iter_mut().find(|c| c.column == column)
    }
}

impl std::fmt::Display for CardWords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let badge = if self.lane == Lane::D {
            " [D, investigational]"
        } else {
            ""
        };
        write!(f, "{}{badge}", self.title)?;
        for column in &self.columns {
            write!(f, "\n  {}", column.column.in_words())?;
            if column.is_empty() {
                f.write_str(": no statement on record")?;
            }
            for (heading, lines) in [
                ("for", &column.supports),
                ("against", &column.contradicts),
                ("explains", &column.explains),
            ] {
                for line in lines {
                    write!(f, "\n    {heading}: {line}")?;
                }
            }
        }
        if !self.needs.is_empty() {
            write!(f, "\n  needs: {}", self.needs.join("; "))?;
        }
        Ok(())
    }
}

impl Hypothesis {
    /// The hypothesis as three columns.
    #[must_use]
    pub fn words(&self) -> CardWords {
        let mut card = CardWords::new(&self.title, self.lane);
        for e in &self.supports {
            if let Some(c) = card.column(e.modality.column()) {
                c.supports.push(evidence_line(e));
            }
        }
        for e in &self.contradicts {
            if let Some(c) = card.column(e.modality.column()) {
                c.contradicts.push(evidence_line(e));
            }
        }
        for e in self.explains.iter().chain(&self.explained_otherwise) {
            if let Some(c) = card.column(e.modality.column()) {
                c.explains.push(explanation_line(e));
            }
        }
        card.needs = self.needs.iter().map(|n| n.name.clone()).collect();
        card.needs.sort();
        card.needs.dedup();
        card
    }

    /// The hypothesis in lines of text.
    #[must_use]
    pub fn in_words(&self) -> String {
        self.words().to_string()
    }
}

impl Graph {
    /// A rule's signal as three columns: the facts under it, the other side of its disagreements, what explains it, what it lacks.
    #[must_use]
    pub fn signal_words(&self, rule: &'static str) -> Option<CardWords> {
        let id = self.store.find(&NodeKey::Signal(rule, 0))?;
        let node = self.store.get(id)?;
        let mut card = CardWords::new(&node.label, node.lane);
        self.under(id, &mut card);
        for d in self.live_disagreements().filter(|d| d.names(rule)) {
            for side in d.sides.iter().filter(|s| !s.is_rule(rule)) {
                if let Some(c) = card.column(side.modality.column()) {
                    c.contradicts.push(side.in_words());
                }
            }
        }
        self.explained(id, &mut card);
        card.needs = self
            .store
            .from(id)
            .filter(|e| e.kind == EdgeKind::Needs)
            .filter_map(|e| self.store.get(e.to).map(|n| n.label.to_string()))
            .collect();
        Some(card)
    }

    /// Facts that the signal was made from.
    fn under(&self, id: NodeId, card: &mut CardWords) {
        for edge in self.store.from(id) {
            let Some(fact) = self.store.get(edge.to) else {
                continue;
            };
            if edge.kind == EdgeKind::DerivedFrom
                && let Some(column) = fact.modality.map(super::node::Modality::column)
                && let Some(c) = card.column(column)
            {
                c.supports.push(node_line(fact));
            }
        }
    }

    /// What explains the signal or one of its facts.
    fn explained(&self, id: NodeId, card: &mut CardWords) {
        let mut about = self.store.facts_behind(id);
        about.push(id);
        let hypotheses: Vec<NodeId> = self.cards().map(|h| h.node).collect();
        let mut seen: Vec<&Edge> = Vec::new();
        for node in about {
            for edge in self.store.to(node) {
                let known = seen
                    .iter()
                    .any(|e| e.from == edge.from && e.source == edge.source);
                let Some(by) = self.store.get(edge.from) else {
                    continue;
                };
                // A hypothesis that nothing speaks for explains nothing.
                let stands =
                    by.kind() != super::NodeKind::Hypothesis || hypotheses.contains(&edge.from);
                if edge.kind != EdgeKind::Explains || known || !stands || !self.store.is_live(edge)
                {
                    continue;
                }
                seen.push(edge);
                let column = by
                    .modality
                    .map_or(Column::Labs, super::node::Modality::column);
                if let Some(c) = card.column(column) {
                    c.explains
                        .push(format!("{}{}", node_line(by), cited(&edge.source)));
                }
            }
        }
    }

    /// Disagreements whose sources still stand.
    pub fn live_disagreements(&self) -> impl Iterator<Item = &super::Disagreement> {
        self.disagreements.iter().zip(0..).filter_map(|(d, n)| {
            let id = self.store.find(&NodeKey::Disagreement(n))?;
            let node = self.store.get(id)?;
            node.withdrawn.is_none().then_some(d)
        })
    }
}

fn cited(source: &EdgeSource) -> String {
    match source {
        EdgeSource::Row { citation, .. } => format!("; {citation}"),
        EdgeSource::Rule(name) => format!("; {name}"),
        EdgeSource::Structure => String::new(),
    }
}

fn date(when: Option<When>) -> String {
    when.map_or_else(|| "date not recorded".to_owned(), |w| w.iso_date())
}

/// `Potassium 5.6 mmol/L, 2021-02-01`
fn node_line(node: &Node) -> String {
    let mut line = node.label.to_string();
    if let Some(valid) = node.valid {
        let _ = write!(line, ", {}", valid.iso_date());
    }
    if node.unconfirmed {
        line += ", not confirmed";
    }
    line
}

/// `ferritin below 15 ug/L: 9 ug/L (strong), 2021-02-01, R16@1.0.0; WHO 2020 [K]`
fn evidence_line(e: &Evidence) -> String {
    let mut line = e.say.clone();
    if !e.value.is_empty() {
        let _ = write!(line, ": {}", e.value);
    }
    let _ = write!(line, " ({}), {}, {}", e.weight, date(e.date), e.source);
    if e.lane == Lane::D {
        line += ", model output, investigational";
    }
    if e.unconfirmed && e.lane != Lane::D {
        line += ", from text, not confirmed";
    }
    if !e.counted {
        line += ", same source as above, counted once";
    }
    let _ = write!(line, "; {}", e.citation);
    line
}

fn explanation_line(e: &Explanation) -> String {
    format!(
        "{}: {} for {}, {}, {}; {}",
        e.say,
        e.by,
        e.what,
        date(e.date),
        e.source,
        e.citation
    )
}

/// Value of what a condition rests on.
pub(super) fn value(view: &View<'_>, ground: Ground) -> String {
    match ground {
        Ground::Datum(i) => view.datum(i).map_or_else(String::new, datum_words),
        Ground::Outcome(i) => view
            .outcomes
            .get(i)
            .map_or_else(String::new, |o| o.in_words()),
        Ground::Assertion(i) => view
            .assertions
            .get(i)
            .map_or_else(String::new, |a| statement(a)),
        Ground::Model(i) => view.models.get(i).map_or_else(String::new, |m| model(m)),
    }
}

/// Name and value of a datum as its source wrote them.
pub(super) fn datum_words(datum: &crate::chart::Datum) -> String {
    let name = statement_name(datum);
    match datum.value {
        Reported::None => name,
        _ => format!("{name} {}", short_text(datum)),
    }
}

/// Who said it.
pub(super) fn source(view: &View<'_>, ground: Ground) -> String {
    match ground {
        Ground::Datum(i) => view.datum(i).map_or("record", |d| place(d)).to_owned(),
        Ground::Outcome(i) => view
            .outcomes
            .get(i)
            .map_or_else(String::new, |o| o.rule.name()),
        Ground::Assertion(i) => view
            .assertions
            .get(i)
            .map_or("note", |a| if a.report { "report" } else { "note" })
            .to_owned(),
        Ground::Model(i) => view
            .models
            .get(i)
            .map_or_else(String::new, |m| m.model.clone()),
    }
}

/// The part of the record that a datum stands in.
pub(super) fn place(datum: &crate::chart::Datum) -> &str {
    match datum.kind {
        Kind::Observation => datum
            .attrs
            .get("performer")
            .map_or("observation", String::as_str),
        Kind::Medicine => "medicine list",
        Kind::Problem => "problem list",
        Kind::Procedure => "procedures",
        Kind::Finding => "finding",
        Kind::Imaging => "study",
        Kind::Allergy => "allergies",
    }
}

/// `weight loss (possible)`
pub(super) fn statement(a: &NoteAssertion) -> String {
    let name = a.concept.replace('_', " ");
    let said = a.said.in_words();
    if said.is_empty() {
        name
    } else {
        format!("{name} ({said})")
    }
}

/// `lung nodule: band high`; a model that finds nothing says so in its own words, not as an all-clear.
pub(super) fn model(m: &ModelFinding) -> String {
    let name = m.label.replace('_', " ");
    if m.present {
        format!("{name}: band {}", m.band.in_words())
    } else {
        format!("{name}: not marked by the model")
    }
}
