//! The record as a rule sees it: what was known at the index time, each datum once, in the version that was visible then.
//!
//! Built from rule vectors (`vectors`) or from the archive's facts ([`crate::adapt`]); rules know only this form. The data are
//! shared: a copy of a chart and the same chart cut off earlier hold the same ones, with one index.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use triptych_clinical::{CodeSystem, Coding, IndexTime, Instant, Precision, When};

pub use crate::datum::{Datum, FactRef, Key, Kind, Measured, Reported};
use crate::index::Index;
use crate::input::{INPUTS, Input};

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
    /// Death, where it was known at the index time: the chart ends with that day.
    pub death: Option<When>,
}

/// The visible record at one index time.
#[derive(Clone, Debug)]
pub struct Chart {
    /// Who.
    pub person: Person,
    /// As of when.
    pub at: IndexTime,
    record: Arc<Record>,
    /// Place of the newest visible datum: what lies before it is later than this chart.
    from: usize,
    /// Medicines without an ATC code: listed on the coverage line.
    pub unmapped_medicines: Vec<String>,
}

/// The data, newest first, and where to find which.
#[derive(Debug, Default)]
struct Record {
    data: Vec<Datum>,
    index: OnceLock<Index>,
}

impl Chart {
    /// The record as known at `at`: nothing with a time or a recording after it, the newest version of each datum, and nothing that was removed.
    #[must_use]
    pub fn new(person: Person, at: IndexTime, data: Vec<Datum>) -> Self {
        let mut places: HashMap<Key, usize> = HashMap::with_capacity(data.len());
        let mut visible: Vec<Datum> = Vec::with_capacity(data.len());
        for datum in data.into_iter().filter(|d| d.recorded <= at) {
            match places
                .get(&datum.key)
                .and_then(|place| visible.get_mut(*place))
            {
                Some(known) => {
                    if (known.recorded, known.version) < (datum.recorded, datum.version) {
                        *known = datum;
                    }
                }
                None => {
                    places.insert(datum.key.clone(), visible.len());
                    visible.push(datum);
                }
            }
        }
        visible.retain(|d| d.is_shown(at));
        visible.sort_by(|a, b| b.place().cmp(&a.place()));
        Self::of_visible(person, at, visible)
    }

    /// From data that are visible at `at`, each once, newest first.
    pub(crate) fn of_visible(person: Person, at: IndexTime, data: Vec<Datum>) -> Self {
        let mut chart = Self {
            person,
            at,
            record: Arc::new(Record {
                data,
                index: OnceLock::new(),
            }),
            from: 0,
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
        gone: &[Key],
        come: Vec<Datum>,
    ) {
        self.at = at;
        if !(gone.is_empty() && come.is_empty()) {
            let mut data = match Arc::try_unwrap(std::mem::take(&mut self.record)) {
                Ok(record) => record.data,
                Err(shared) => shared.data.clone(),
            };
            data.drain(..self.from.min(data.len()));
            self.from = 0;
            if !gone.is_empty() {
                data.retain(|d| !gone.contains(&d.key));
            }
            for datum in come {
                let place = data.partition_point(|d| d.place() > datum.place());
                data.insert(place, datum);
            }
            self.record = Arc::new(Record {
                data,
                index: OnceLock::new(),
            });
        }
        self.person = person;
        self.person.sex = self.sex_for_calculation().or(person.sex);
    }

    /// The same record with today's versions, cut off after an earlier instant: what a rule would have said of the older specimens.
    #[must_use]
    pub fn as_of(&self, earlier: Instant) -> Self {
        let mut chart = self.clone();
        chart.at = earlier.min(self.at);
        let later = self.all().partition_point(|d| d.instant() > earlier);
        chart.from = self.from + later;
        chart
    }

    fn all(&self) -> &[Datum] {
        self.record.data.get(self.from..).unwrap_or_default()
    }

    /// All visible data, newest first.
    pub fn data(&self) -> impl Iterator<Item = &Datum> {
        self.all().iter()
    }

    pub(crate) fn index(&self) -> &Index {
        self.record
            .index
            .get_or_init(|| Index::new(&self.record.data))
    }

    /// Data at places of the index, without those that are later than this chart.
    fn at_places<'a>(&'a self, places: &'a [u32]) -> impl DoubleEndedIterator<Item = &'a Datum> {
        let later = places.partition_point(|p| (*p as usize) < self.from);
        places
            .get(later..)
            .unwrap_or_default()
            .iter()
            .filter_map(|p| self.record.data.get(*p as usize))
    }

    /// All visible data of an input, newest first.
    pub fn of_input<'a>(&'a self, input: &'a Input) -> impl DoubleEndedIterator<Item = &'a Datum> {
        self.at_places(self.index().of_input(input))
    }

    /// Data of an input from the instant `newest` back to the instant `oldest`, both included, newest first.
    pub(crate) fn between<'a>(
        &'a self,
        input: &'a Input,
        oldest: Instant,
        newest: Instant,
    ) -> impl DoubleEndedIterator<Item = &'a Datum> {
        let places = self.index().of_input(input);
        let time = |p: &u32| self.record.data.get(*p as usize).map(Datum::instant);
        let first = places.partition_point(|p| time(p) > Some(newest));
        let last = places.partition_point(|p| time(p) >= Some(oldest));
        self.at_places(places.get(first..last).unwrap_or_default())
    }

    /// Hash over everything that can be read of an input: key, version, value or refusal, time and status of each datum.
    pub(crate) fn digest(&self, input: &'static Input) -> [u8; 32] {
        let make = || crate::index::digest(input, self.of_input(input));
        match INPUTS.iter().position(|i| std::ptr::eq(i, input)) {
            Some(number) if self.from == 0 => self.index().digest(number, make),
            _ => make(),
        }
    }

    /// Place of a fact in [`Chart::data`].
    pub(crate) fn place_of(&self, fact: FactRef) -> Option<usize> {
        let place = self.index().place_of(fact, &self.record.data)?;
        place.checked_sub(self.from)
    }

    /// All visible data of one kind, newest first.
    #[must_use]
    pub fn of_kind(&self, kind: Kind) -> Vec<&Datum> {
        self.coded(Some(kind), |_| true)
    }

    /// All visible data of a kind (or of any) whose codes satisfy a test, newest first. The test is asked once for all data under the same codes.
    pub fn coded(&self, kind: Option<Kind>, test: impl Fn(&[Coding]) -> bool) -> Vec<&Datum> {
        let places = self.index().coded(kind, test);
        places
            .into_iter()
            .filter_map(|p| self.all().get((p as usize).checked_sub(self.from)?))
            .collect()
    }

    /// All visible data under one project code, newest first.
    pub fn of_tri<'a>(&'a self, code: &str) -> impl Iterator<Item = &'a Datum> + use<'a> {
        self.coded(None, |codes| {
            crate::datum::is_coded(codes, &CodeSystem::Tri, code)
        })
        .into_iter()
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
