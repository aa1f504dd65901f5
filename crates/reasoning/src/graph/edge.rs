//! Edges of the evidence graph, and how much one counts: a strength class or a likelihood ratio, never both, never a sum.

use std::cmp::Ordering;
use std::fmt;

use serde::Deserialize;

use super::node::NodeId;

/// What an edge says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EdgeKind {
    /// Made from; without circles.
    DerivedFrom,
    /// Speaks for a hypothesis.
    Supports,
    /// Speaks against a hypothesis.
    Contradicts,
    /// A hypothesis or a medicine explains a finding.
    Explains,
    /// One lesion in two studies, joined by a reader.
    SameAs,
    /// Was true before.
    Precedes,
    /// Depends on something missing.
    Needs,
}

/// How much one edge says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words say it")]
pub enum Strength {
    Weak,
    Moderate,
    Strong,
}

/// A strength class or a likelihood ratio. The two are different things and are never combined.
#[derive(Clone, Debug, PartialEq)]
pub enum Weight {
    /// Class given by the table's authors.
    Class(Strength),
    /// Published likelihood ratio with the population that it was measured in.
    Ratio {
        /// Above 1 supports, below 1 contradicts.
        value: f64,
        /// In whom it was measured.
        population: String,
    },
}

/// The rule or table row that an edge comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EdgeSource {
    /// Made by the program's own structure: basis items, provenance, a reader's link.
    Structure,
    /// A row of the edge table, by its id, with the citation in words.
    Row {
        /// Row id.
        id: String,
        /// Citation with its mark, `[K]` or `[V]`.
        citation: String,
    },
    /// A rule, `R5@1.0.0`, or a pack, `iron-deficiency-anaemia@1.0.0`.
    Rule(String),
}

/// One edge, from what says to what it is said of.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// Start.
    pub from: NodeId,
    /// End.
    pub to: NodeId,
    /// What it says.
    pub kind: EdgeKind,
    /// `Some` for supports and contradicts, `None` for the others.
    pub weight: Option<Weight>,
    /// Where it comes from.
    pub source: EdgeSource,
    /// What it rests on besides `from`: all conditions of its row.
    pub rests_on: Vec<NodeId>,
}

impl Strength {
    /// In words.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Weak => "weak",
            Self::Moderate => "moderate",
            Self::Strong => "strong",
        }
    }
}

impl Weight {
    /// The class in which an edge is ordered. Ratios by their distance from 1: at least 10 strong, 5 moderate, else weak (Jaeschke 1994,
    /// JAMA 271:703 \[K\]); their reciprocals against.
    #[must_use]
    pub fn class(&self) -> Strength {
        match self {
            Self::Class(strength) => *strength,
            Self::Ratio { value, .. } => {
                let distance = value.max(1.0 / value.max(f64::MIN_POSITIVE));
                match distance.partial_cmp(&10.0) {
                    Some(Ordering::Greater | Ordering::Equal) => Strength::Strong,
                    _ if distance >= 5.0 => Strength::Moderate,
                    _ => Strength::Weak,
                }
            }
        }
    }
}

impl fmt::Display for Weight {
    /// `moderate`, or `likelihood ratio 51.9 in anaemic adults`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Class(strength) => f.write_str(strength.in_words()),
            Self::Ratio { value, population } => {
                write!(f, "likelihood ratio {value} in {population}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_likelihood_ratio_is_classed_by_its_distance_from_one_on_either_side() {
        for (value, class) in [
            (51.0, Strength::Strong),
            (10.0, Strength::Strong),
            (9.9, Strength::Moderate),
            (5.0, Strength::Moderate),
            (2.5, Strength::Weak),
            (0.5, Strength::Weak),
            (0.2, Strength::Moderate),
            (0.1, Strength::Strong),
            (0.0, Strength::Strong),
        ] {
            let weight = Weight::Ratio {
                value,
                population: String::new(),
            };
            assert_eq!(weight.class(), class, "{value}");
        }
    }
}
