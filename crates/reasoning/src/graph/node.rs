//! Nodes of the evidence graph: what each is, where it came from and when it was true and known.

use std::fmt;
use std::sync::Arc;

use triptych_clinical::{Instant, Origin, When};

use crate::chart::FactRef;
use crate::outcome::Lane;

/// Place of a node in its graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(super) u32);

/// What a node is, and its id: the same statement has the same key in every build. `Display` writes it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeKey {
    /// One dated datum of the record, in the version that was visible.
    Fact(FactRef),
    /// A datum of a rule vector, which has no fact behind it.
    Datum(String),
    /// A statement about an image: a `tri:` finding of the record.
    Finding(FactRef),
    /// A statement in a note or report: the text's fact, the concept and where in the text.
    Assertion(FactRef, String, u64),
    /// What a model found in a study: model, label, study.
    Model(String, String, String),
    /// Outcome of a rule; the number tells several outcomes of one rule apart.
    Signal(&'static str, u16),
    /// A disagreement (D-18); numbered.
    Disagreement(u16),
    /// A named condition of the closed list.
    Hypothesis(String),
    /// An option of a pack: pack, node, option.
    Option(String, String, String),
    /// Something missing, by its name.
    Question(String),
}

/// The kinds of record-and-signals 11.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "NodeKey says it")]
pub enum NodeKind {
    Fact,
    Finding,
    Signal,
    Hypothesis,
    Option,
    Question,
}

/// Where a statement was made. The problem list, medicines and procedures are `Record`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Modality {
    Images,
    Labs,
    Notes,
    Record,
}

/// One of the three columns of the third leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Column {
    Images,
    Labs,
    Notes,
}

/// Why a node no longer counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withdrawal {
    /// The fact itself was retracted or replaced by a newer version.
    Source,
    /// Something that it was derived from was.
    Derived,
}

/// A statement with its provenance.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub key: NodeKey,
    /// In words: the source's own where there are any.
    pub label: Arc<str>,
    /// Where the statement was made; `None` for hypotheses, options and questions.
    pub modality: Option<Modality>,
    /// When it was true of the patient.
    pub valid: Option<When>,
    /// When it could be known.
    pub available: Option<Instant>,
    /// Lane: D for models and for what rests on them.
    pub lane: Lane,
    /// Who made it.
    pub origin: Origin,
    /// From text or a model and not confirmed: dashed outline, does not count for the order (D-35).
    pub unconfirmed: bool,
    /// Set when it no longer counts.
    pub withdrawn: Option<Withdrawal>,
}

impl NodeKey {
    /// Kind of the node.
    #[must_use]
    pub const fn kind(&self) -> NodeKind {
        match self {
            Self::Fact(_) | Self::Datum(_) => NodeKind::Fact,
            Self::Finding(_) | Self::Assertion(..) => NodeKind::Finding,
            Self::Model(..) | Self::Signal(..) | Self::Disagreement(_) => NodeKind::Signal,
            Self::Hypothesis(_) => NodeKind::Hypothesis,
            Self::Option(..) => NodeKind::Option,
            Self::Question(_) => NodeKind::Question,
        }
    }

    /// The fact and version that it was made from, if it is one fact.
    #[must_use]
    pub const fn fact(&self) -> Option<FactRef> {
        match self {
            Self::Fact(f) | Self::Finding(f) | Self::Assertion(f, ..) => Some(*f),
            _ => None,
        }
    }
}

impl fmt::Display for NodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fact(r) => write!(f, "fact:{}@{}", r.id, r.version),
            Self::Datum(key) => write!(f, "fact:{key}"),
            Self::Finding(r) => write!(f, "finding:{}@{}", r.id, r.version),
            Self::Assertion(r, concept, at) => {
                write!(f, "finding:{}@{}:{concept}:{at}", r.id, r.version)
            }
            Self::Model(model, label, study) => write!(f, "signal:{model}:{label}:{study}"),
            Self::Signal(rule, 0) => write!(f, "signal:{rule}"),
            Self::Signal(rule, n) => write!(f, "signal:{rule}:{n}"),
            Self::Disagreement(n) => write!(f, "signal:D-18:{n}"),
            Self::Hypothesis(id) => write!(f, "hypothesis:{id}"),
            Self::Option(pack, node, option) => write!(f, "option:{pack}:{node}:{option}"),
            Self::Question(name) => write!(f, "question:{name}"),
        }
    }
}

impl Node {
    /// Kind of the node.
    #[must_use]
    pub const fn kind(&self) -> NodeKind {
        self.key.kind()
    }
}

impl Modality {
    /// The column in which it is shown. What the record lists was written by the same hands as its notes, so both share a column and count
    /// as one modality: a problem-list entry is no evidence independent of the note that it sums up.
    #[must_use]
    pub const fn column(self) -> Column {
        match self {
            Self::Images => Column::Images,
            Self::Labs => Column::Labs,
            Self::Notes | Self::Record => Column::Notes,
        }
    }
}

impl Column {
    /// From left to right.
    pub const ALL: [Self; 3] = [Self::Images, Self::Labs, Self::Notes];

    /// Heading.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Images => "images",
            Self::Labs => "labs",
            Self::Notes => "notes",
        }
    }
}
