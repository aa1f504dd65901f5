//! The record as a rule sees it: what was known at the index time, each datum once, in the version that was visible then.
//!
//! Built from rule vectors ([`crate::vectors`]) or from the archive's facts ([`crate::adapt`]); rules know only this form.

use std::collections::BTreeMap;

use triptych_clinical::{
    CodeSystem, Coding, Comparator, FactId, FactVersion, IndexTime, Instant, Origin, Precision,
    ReferenceRange, Status, When,
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

/// Sort of statement, as rules tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
        unit: Option<String>,
        /// As its source wrote it.
        written: String,
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
    pub key: String,
    /// Sort of statement.
    pub kind: Kind,
    /// All codes.
    pub codes: Vec<Coding>,
    /// The source's words.
    pub display: String,
    /// Value.
    pub value: Reported,
    /// The code of a coded answer.
    pub answer: Option<Coding>,
    /// Limits of this very report, in the unit of the value.
    pub reference: Option<ReferenceRange>,
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
    pub flags: Vec<String>,
    /// Analytical method.
    pub method: Option<String>,
    /// From text or a model and not confirmed: inert.
    pub unconfirmed: bool,
    /// Who made the statement; confirming does not change it.
    pub origin: Origin,
    /// Further attributes.
    pub attrs: BTreeMap<String, String>,
}

/// Sex as an equation uses it. Never inferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum EquationSex {
    Female,
    Male,
}

/// Who the record is about, as far as rules use it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Person {
    /// Sex used by equations; `None` when unknown, other or withheld.
    pub sex: Option<EquationSex>,
    /// Birth date; a date without month or day counts as missing, since age would be guessed.
    pub birth: Option<When>,
}

/// The visible record at one index time.
#[derive(Clone, Debug)]
pub struct Chart {
    /// Who.
    pub person: Person,
    /// As of when.
    pub at: IndexTime,
    data: Vec<Datum>,
    /// Medicines without an ATC code: listed on the coverage line.
    pub unmapped_medicines: Vec<String>,
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

impl Datum {
    /// When, as an instant.
    #[must_use]
    pub const fn instant(&self) -> Instant {
        self.time.instant
    }

    /// Newest first; ties by recording and then key, so that order never depends on the source.
    fn place(&self) -> (Instant, Instant, &str) {
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
        self.codes.iter().any(|c| match (system, &c.system) {
            (CodeSystem::Icd10, CodeSystem::Icd10) | (CodeSystem::Atc, CodeSystem::Atc) => {
                let bare = |s: &str| s.replace('.', "").to_ascii_uppercase();
                bare(&c.code).starts_with(&bare(code))
            }
            (a, b) => a == b && c.code == code,
        })
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
            .as_ref()
            .and_then(side)
            .filter(|l| l.is_finite())
    }
}

impl Chart {
    /// The record as known at `at`: nothing with a time or a recording after it, the newest version of each datum, and nothing that was removed.
    #[must_use]
    pub fn new(person: Person, at: IndexTime, data: Vec<Datum>) -> Self {
        let mut visible: BTreeMap<String, Datum> = BTreeMap::new();
        for datum in data.into_iter().filter(|d| d.recorded <= at) {
            let newer = visible
                .get(&datum.key)
                .is_none_or(|v| (v.recorded, v.version) < (datum.recorded, datum.version));
            if newer {
                visible.insert(datum.key.clone(), datum);
            }
        }
        let mut data: Vec<Datum> = visible.into_values().filter(|d| d.is_shown(at)).collect();
        data.sort_by(|a, b| b.place().cmp(&a.place()));
        let mut chart = Self {
            person,
            at,
            data,
            unmapped_medicines: Vec::new(),
        };
        chart.person.sex = chart.sex_for_calculation().or(chart.person.sex);
        chart
    }

    /// Moves the chart on to a later index time: the data of `gone` go, those of `come` take their place in the order. The caller says which
    /// version of each datum is visible; a replay of a life does it from event to event. `person` is as the identity states it.
    pub(crate) fn move_on(
        &mut self,
        person: Person,
        at: IndexTime,
        gone: &[String],
        come: Vec<Datum>,
    ) {
        self.at = at;
        if !gone.is_empty() {
            self.data.retain(|d| !gone.contains(&d.key));
        }
        for datum in come {
            let place = self.data.partition_point(|d| d.place() > datum.place());
            self.data.insert(place, datum);
        }
        self.person = person;
        self.person.sex = self.sex_for_calculation().or(person.sex);
    }

    /// The same record with today's versions, cut off after an earlier instant: what a rule would have said of the older specimens.
    #[must_use]
    pub fn as_of(&self, earlier: Instant) -> Self {
        let mut chart = self.clone();
        chart.at = earlier.min(self.at);
        chart.data.retain(|d| d.instant() <= earlier);
        chart
    }

    /// All visible data, newest first.
    pub fn data(&self) -> impl Iterator<Item = &Datum> {
        self.data.iter()
    }

    /// All visible data of an input, newest first.
    pub fn of_input<'a>(&'a self, input: &'a Input) -> impl Iterator<Item = &'a Datum> {
        self.data.iter().filter(move |d| {
            d.kind == Kind::Observation
                && d.codes.iter().any(|c| {
                    c.system == CodeSystem::Loinc && input.loinc.contains(&c.code.as_str())
                })
        })
    }

    /// All visible data under one project code, newest first.
    pub fn of_tri<'a>(&'a self, code: &'a str) -> impl Iterator<Item = &'a Datum> {
        self.data
            .iter()
            .filter(move |d| d.is_coded(&CodeSystem::Tri, code))
    }

    /// Completed years at an instant; `None` without a whole birth date.
    #[must_use]
    pub fn age_at(&self, at: Instant) -> Option<f64> {
        let birth = self
            .person
            .birth
            .filter(|b| matches!(b.precision, Precision::Day | Precision::Second))?;
        let (birth, today) = (birth.instant.date(), at.date());
        let before = (today.month(), today.day()) < (birth.month(), birth.day());
        let years = i32::from(today.year()) - i32::from(birth.year()) - i32::from(before);
        (years >= 0).then(|| f64::from(years))
    }

    /// A clinician's statement which sex the equations use; the newest counts.
    fn sex_for_calculation(&self) -> Option<EquationSex> {
        let newest = self
            .of_tri("sex_for_calculation")
            .find(|d| d.is_usable_statement())?;
        match &newest.value {
            Reported::Text(t) if t.eq_ignore_ascii_case("female") => Some(EquationSex::Female),
            Reported::Text(t) if t.eq_ignore_ascii_case("male") => Some(EquationSex::Male),
            _ => None,
        }
    }
}
