//! One statement of the record as a rule sees it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use triptych_clinical::{
    CodeSystem, Coding, Comparator, FactId, FactVersion, Instant, Origin, ReferenceRange, Shared,
    SmolStr, Status, When,
};

use crate::input::{Input, Unusable};
use crate::number::Interval;
use crate::outcome::Why;

/// Points from a datum back to the fact and version it was made from.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct FactRef {
    /// Fact.
    pub id: FactId,
    /// Version that was visible at the index time.
    pub version: FactVersion,
}

/// What all versions of one datum share. Facts sort by the bytes of their id, as its hexadecimal form does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// The id of its fact.
    Fact(FactId),
    /// Its name in a rule vector.
    Name(Arc<str>),
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fact(id) => id.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl From<String> for Key {
    fn from(name: String) -> Self {
        Self::Name(name.into())
    }
}

impl From<&str> for Key {
    fn from(name: &str) -> Self {
        Self::Name(name.into())
    }
}

impl Key {
    /// Its bytes for a hash.
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Fact(id) => &id.0,
            Self::Name(name) => name.as_bytes(),
        }
    }
}

/// Sort of statement, as rules tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the words of the record")]
pub enum Kind {
    Observation,
    Medicine,
    Problem,
    Procedure,
    Finding,
    Imaging,
    Allergy,
}

/// The value of a datum.
#[derive(Clone, Debug, PartialEq)]
pub enum Reported {
    /// The code alone.
    None,
    /// A number as reported.
    Number {
        /// Number.
        value: f64,
        /// Open on one side.
        comparator: Option<Comparator>,
        /// Unit as received.
        unit: Option<SmolStr>,
        /// As its source wrote it.
        written: SmolStr,
    },
    /// A coded or text answer.
    Text(String),
}

/// One dated statement about the patient.
#[derive(Clone, Debug)]
pub struct Datum {
    /// Where it came from; `None` for rule vectors.
    pub fact: Option<FactRef>,
    /// Same in all versions of one datum.
    pub key: Key,
    /// Sort of statement.
    pub kind: Kind,
    /// All codes.
    pub codes: Arc<[Coding]>,
    /// The source's words.
    pub display: SmolStr,
    /// Value.
    pub value: Reported,
    /// The code of a coded answer.
    pub answer: Option<Arc<Coding>>,
    /// Limits of this very report, in the unit of the value.
    pub reference: Option<Arc<ReferenceRange>>,
    /// When it was true of the patient.
    pub time: When,
    /// When it could be known.
    pub recorded: Instant,
    /// Orders versions that were recorded at the same instant.
    pub version: FactVersion,
    /// Life cycle.
    pub status: Status,
    /// End of a medicine or problem.
    pub end: Option<Instant>,
    /// `haemolysed`, `not_fasting` …
    pub flags: Shared<Vec<String>>,
    /// Analytical method.
    pub method: Option<SmolStr>,
    /// From text or a model and not confirmed: inert.
    pub unconfirmed: bool,
    /// Who made the statement; confirming does not change it.
    pub origin: Origin,
    /// Further attributes.
    pub attrs: Shared<BTreeMap<String, String>>,
}

/// A datum in the unit of its input.
#[derive(Clone, Copy, Debug)]
pub struct Measured<'a> {
    /// The datum.
    pub datum: &'a Datum,
    /// Canonical value.
    pub value: Interval,
    /// As reported, in its own unit.
    pub raw: Interval,
    /// The unit as received, normalised.
    pub unit: &'static str,
}

/// [`Datum::is_coded`] for codes that stand alone.
#[must_use]
pub(crate) fn is_coded(codes: &[Coding], system: &CodeSystem, code: &str) -> bool {
    codes.iter().any(|c| match (system, &c.system) {
        (CodeSystem::Icd10, CodeSystem::Icd10) | (CodeSystem::Atc, CodeSystem::Atc) => {
            begins_with(&c.code, code)
        }
        (a, b) => a == b && c.code == code,
    })
}

/// `E11.9` begins with `e119`: neither full stops nor case count.
fn begins_with(code: &str, prefix: &str) -> bool {
    let mut letters = code.bytes().filter(|b| *b != b'.');
    prefix
        .bytes()
        .filter(|b| *b != b'.')
        .all(|p| letters.next().is_some_and(|c| c.eq_ignore_ascii_case(&p)))
}

impl Datum {
    /// When, as an instant.
    #[must_use]
    pub const fn instant(&self) -> Instant {
        self.time.instant
    }

    /// Newest first; ties by recording and then key, so that order never depends on the source.
    pub(crate) fn place(&self) -> (Instant, Instant, &Key) {
        (self.instant(), self.recorded, &self.key)
    }

    /// True of the patient by `at`, and not removed.
    pub(crate) fn is_shown(&self, at: Instant) -> bool {
        let removed = matches!(
            self.status,
            Status::EnteredInError | Status::Cancelled | Status::Unknown
        );
        self.instant() <= at && !removed
    }

    /// The code under which a given test finds it.
    pub fn code_where(&self, test: impl Fn(&Coding) -> bool) -> Option<&Coding> {
        self.codes.iter().find(|c| test(c))
    }

    /// ICD-10 and ATC by prefix (full stops do not count), everything else exactly.
    #[must_use]
    pub fn is_coded(&self, system: &CodeSystem, code: &str) -> bool {
        is_coded(&self.codes, system, code)
    }

    /// The answer is this code, given as a code or as the bare text.
    #[must_use]
    pub fn is_answered(&self, code: &str) -> bool {
        self.answer.as_ref().is_some_and(|a| a.code == code)
            || matches!(&self.value, Reported::Text(t) if t == code)
    }

    /// An attribute by its name.
    #[must_use]
    pub fn attr(&self, name: &str) -> Option<&str> {
        self.attrs
            .get(name)
            .map(|t| t.trim())
            .filter(|t| !t.is_empty())
    }

    /// In force at `at`: active (or final), not ended, not inert. What is over today was in force at an earlier index time before its end.
    #[must_use]
    pub fn is_active(&self, at: Instant) -> bool {
        let over = match self.end {
            Some(end) => end <= at,
            None => self.status == Status::Completed,
        };
        self.is_usable_statement() && !over
    }

    /// Counts at all as a problem, medicine or procedure: not from unconfirmed text, not planned, not provisional.
    #[must_use]
    pub fn is_usable_statement(&self) -> bool {
        !self.unconfirmed
            && !matches!(
                self.status,
                Status::Inert | Status::Preliminary | Status::Registered | Status::Partial
            )
    }

    /// Final and confirmed.
    ///
    /// # Errors
    /// [`Why::Preliminary`] or [`Why::Unconfirmed`], in this order.
    pub fn usable(&self) -> Result<(), Why> {
        if matches!(
            self.status,
            Status::Preliminary | Status::Registered | Status::Partial | Status::Inert
        ) {
            return Err(Why::Preliminary);
        }
        if self.unconfirmed {
            return Err(Why::Unconfirmed);
        }
        Ok(())
    }

    /// Why the datum cannot be an input, if so: preliminary, unconfirmed, specimen, unit, implausible, in this order.
    ///
    /// # Errors
    /// The first reason that holds.
    pub fn measure(&self, input: &Input, flags: &[&str]) -> Result<Measured<'_>, Why> {
        self.usable()?;
        if self.flags.iter().any(|f| flags.contains(&f.as_str())) {
            return Err(Why::Specimen);
        }
        let code = self
            .code_where(|c| c.system == CodeSystem::Loinc && input.loinc.contains(&c.code.as_str()))
            .map_or("", |c| c.code.as_str());
        let Reported::Number {
            value,
            comparator,
            unit,
            ..
        } = &self.value
        else {
            return Err(Why::UnitRefused);
        };
        let canonical = input
            .canonical(code, *value, *comparator, unit.as_deref())
            .map_err(|e| match e {
                Unusable::Unit => Why::UnitRefused,
                Unusable::Implausible => Why::Implausible,
            })?;
        let row = unit
            .as_deref()
            .and_then(|u| input.row(code, u))
            .ok_or(Why::UnitRefused)?;
        // The open side ends where the value would no longer be plausible, as in the canonical unit.
        let as_reported = |canonical: f64| (canonical - row.offset) / row.factor;
        Ok(Measured {
            datum: self,
            value: canonical,
            raw: match comparator {
                None => Interval::exact(*value),
                Some(Comparator::Below) => Interval::below(*value, as_reported(input.low)),
                Some(Comparator::AtMost) => Interval::at_most(*value, as_reported(input.low)),
                Some(Comparator::Above) => Interval::above(*value, as_reported(input.high)),
                Some(Comparator::AtLeast) => Interval::at_least(*value, as_reported(input.high)),
            },
            unit: row.ucum,
        })
    }
}

impl Measured<'_> {
    /// Lower reference limit of the same report, in its unit.
    #[must_use]
    pub fn lower_limit(&self) -> Option<f64> {
        self.limit(|r| r.low)
    }

    /// Upper reference limit of the same report, in its unit; a limit that is not above zero is none.
    #[must_use]
    pub fn upper_limit(&self) -> Option<f64> {
        self.limit(|r| r.high).filter(|l| *l > 0.0)
    }

    fn limit(&self, side: impl Fn(&ReferenceRange) -> Option<f64>) -> Option<f64> {
        self.datum
            .reference
            .as_deref()
            .and_then(side)
            .filter(|l| l.is_finite())
    }
}
