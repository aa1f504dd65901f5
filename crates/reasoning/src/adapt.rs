//! From the archive's facts to the record as rules see it. Codes are picked by system; nothing is inferred.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use triptych_clinical::{
    CodeSystem, Coding, Fact, FactId, FactKind, Identity, IndexTime, Instant, Origin,
    ReferenceRange, Sex, SmolStr, Value,
};

use crate::chart::{Chart, Datum, EquationSex, FactRef, Key, Kind, Person, Reported};
use crate::study;

/// The chart of one patient as known at `at`. `facts` may hold several versions of one fact and facts known only later; both are sorted out here.
/// A life's chart ends with the day of death: no rule speaks of the years after it.
#[must_use]
pub fn chart(facts: &[Fact], identity: &Identity, at: IndexTime) -> Chart {
    let chart = Chart::of_visible(person_at(identity, at), at, visible(facts, at));
    lived(chart, identity)
}

/// Who it is, and whether the death was known of by then.
pub(crate) fn person_at(identity: &Identity, at: IndexTime) -> Person {
    Person {
        death: identity.died_by(at),
        ..person(identity)
    }
}

/// A chart without what lies behind the day of death.
pub(crate) fn lived(chart: Chart, identity: &Identity) -> Chart {
    let until = identity.alive_until(chart.at);
    let mut chart = if until < chart.at {
        chart.as_of(until)
    } else {
        chart
    };
    chart.unmapped_medicines = unmapped_medicines(&chart);
    chart
}

/// The data at `at`, each in its newest version, newest first. As [`Chart::new`] does it, in one walk through the facts as they lie.
fn visible(facts: &[Fact], at: IndexTime) -> Vec<Datum> {
    let mut words = Words::default();
    let mut places: HashMap<FactId, usize> = HashMap::with_capacity(facts.len());
    let mut data: Vec<Datum> = Vec::with_capacity(facts.len());
    for fact in facts.iter().filter(|f| f.available.instant <= at) {
        let known = match places.entry(fact.id) {
            Entry::Occupied(known) => data.get_mut(*known.get()),
            Entry::Vacant(free) => {
                if let Some(datum) = words.datum(fact, at) {
                    free.insert(data.len());
                    data.push(datum);
                }
                continue;
            }
        };
        if let Some(known) = known
            && (known.recorded, known.version) < (fact.available.instant, fact.version)
            && let Some(datum) = words.datum(fact, at)
        {
            *known = datum;
        }
    }
    data.retain(|d| d.is_shown(at));
    sort(&mut data);
    data
}

/// Newest first, each datum moved once: they are large, and there are many.
fn sort(data: &mut [Datum]) {
    let mut order: Vec<(Instant, Instant, usize)> = data
        .iter()
        .enumerate()
        .map(|(place, datum)| (datum.instant(), datum.recorded, place))
        .collect();
    let key = |place: usize| data.get(place).map(|d| &d.key);
    order.sort_unstable_by(|a, b| {
        (b.0, b.1)
            .cmp(&(a.0, a.1))
            .then_with(|| key(b.2).cmp(&key(a.2)))
    });
    // Where each one goes.
    let mut goes = vec![0_usize; order.len()];
    for (to, (.., from)) in order.into_iter().enumerate() {
        if let Some(place) = goes.get_mut(from) {
            *place = to;
        }
    }
    for place in 0..goes.len() {
        while let Some(to) = goes.get(place).copied().filter(|to| *to != place) {
            data.swap(place, to);
            goes.swap(place, to);
        }
    }
}

/// What rules use of an identity.
pub(crate) const fn person(identity: &Identity) -> Person {
    Person {
        sex: match identity.sex {
            Sex::Female => Some(EquationSex::Female),
            Sex::Male => Some(EquationSex::Male),
            Sex::Other | Sex::Unknown => None,
        },
        birth: identity.birth_date,
        death: None,
    }
}

/// Active medicines without an ATC code, by name.
pub(crate) fn unmapped_medicines(chart: &Chart) -> Vec<String> {
    let mut unmapped: Vec<String> = chart
        .coded(Some(Kind::Medicine), |codes| {
            !codes.iter().any(|c| c.system == CodeSystem::Atc)
        })
        .into_iter()
        .filter(|d| d.is_active(chart.at))
        .map(|d| d.display.to_string())
        .collect();
    unmapped.sort();
    unmapped.dedup();
    unmapped
}

/// One fact by itself as a datum; `None` for kinds that enter no rule.
pub(crate) fn datum(fact: &Fact, at: IndexTime) -> Option<Datum> {
    Some(Wording::of(fact, kind(fact)?).datum(fact, at))
}

/// The kind of a fact that is a datum; `None` for what enters no rule.
fn kind(fact: &Fact) -> Option<Kind> {
    // An explicit "not available" is shown, and is not a value.
    if matches!(fact.value, Value::Absent(_)) {
        return None;
    }
    Some(match fact.kind {
        FactKind::Observation => Kind::Observation,
        FactKind::Medication => Kind::Medicine,
        FactKind::Problem => Kind::Problem,
        FactKind::Procedure => Kind::Procedure,
        FactKind::Finding => Kind::Finding,
        FactKind::Imaging => Kind::Imaging,
        FactKind::Allergy => Kind::Allergy,
        // The report of a chest CT or a neck ultrasound says that it was done (section 4.2).
        FactKind::Report if study::is_report_of_a_study(&fact.codes) => Kind::Imaging,
        FactKind::Encounter
        | FactKind::Note
        | FactKind::Report
        | FactKind::Immunization
        | FactKind::Other => return None,
    })
}

/// What many facts say in the same words, held once: a year of potassium values has one name, one code and one unit.
#[derive(Default)]
pub(crate) struct Words<'a> {
    /// By the first code, or the name of what has none.
    known: HashMap<&'a str, Vec<Wording<'a>>>,
}

/// The words of one fact, for all that say the same.
struct Wording<'a> {
    of: &'a Fact,
    kind: Kind,
    codes: Arc<[Coding]>,
    display: SmolStr,
    unit: Option<SmolStr>,
    method: Option<SmolStr>,
    reference: Option<Arc<ReferenceRange>>,
}

/// Sets of words under one first code that are looked through; a source with more of them only shares less.
const MOST_SHARED: usize = 16;

impl<'a> Words<'a> {
    /// One fact as a datum; `None` for kinds that enter no rule.
    pub(crate) fn datum(&mut self, fact: &'a Fact, at: IndexTime) -> Option<Datum> {
        let kind = kind(fact)?;
        let name = fact.codes.first().map_or(&*fact.display, |c| &*c.code);
        let under = self.known.entry(name).or_default();
        if let Some(shared) = under.iter().find(|s| s.fits(fact, kind)) {
            return Some(shared.datum(fact, at));
        }
        let shared = Wording::of(fact, kind);
        let datum = shared.datum(fact, at);
        if under.len() < MOST_SHARED {
            under.push(shared);
        }
        Some(datum)
    }
}

impl<'a> Wording<'a> {
    fn of(fact: &'a Fact, kind: Kind) -> Self {
        Self {
            of: fact,
            kind,
            codes: codes(&fact.codes, kind).into(),
            display: shown_name(fact),
            unit: unit(fact).cloned(),
            method: fact.method.clone(),
            reference: fact.reference.clone().map(Arc::new),
        }
    }

    fn fits(&self, fact: &Fact, kind: Kind) -> bool {
        let own = self.of;
        self.kind == kind
            && unit(own) == unit(fact)
            && own.display == fact.display
            && own.codes == fact.codes
            && own.method == fact.method
            && own.reference == fact.reference
    }

    fn datum(&self, fact: &Fact, at: IndexTime) -> Datum {
        let (value, answer) = match &fact.value {
            Value::None | Value::Absent(_) => (Reported::None, None),
            Value::Quantity(q) => {
                let number = Reported::Number {
                    value: q.value,
                    comparator: q.comparator,
                    unit: self.unit.clone(),
                    written: q.written.clone(),
                };
                (number, None)
            }
            Value::Coded(coding) => {
                let text = coding.display.as_ref().unwrap_or(&coding.code);
                (Reported::Text(text.clone()), Some(Arc::new(coding.clone())))
            }
            Value::Text(text) => (Reported::Text(text.clone()), None),
        };
        let confirmed = fact.confirmed.as_ref().is_some_and(|c| c.at <= at);
        Datum {
            fact: Some(FactRef {
                id: fact.id,
                version: fact.version,
            }),
            key: Key::Fact(fact.id),
            kind: self.kind,
            codes: Arc::clone(&self.codes),
            display: self.display.clone(),
            value,
            answer,
            reference: self.reference.clone(),
            time: fact.placed_at(),
            recorded: fact.available.instant,
            version: fact.version,
            status: fact.status,
            end: fact.end.map(|e| e.instant),
            flags: fact.specimen_flags.clone(),
            method: self.method.clone(),
            unconfirmed: matches!(fact.origin, Origin::Note | Origin::Model) && !confirmed,
            origin: fact.origin,
            attrs: fact.attrs.clone(),
        }
    }
}

const fn unit(fact: &Fact) -> Option<&SmolStr> {
    match &fact.value {
        Value::Quantity(q) => q.unit.as_ref(),
        _ => None,
    }
}

/// The codes as received, and the ATC code of a medicine that came under RxNorm.
pub(crate) fn codes(received: &[Coding], kind: Kind) -> Vec<Coding> {
    let mut codes = received.to_vec();
    let has_atc = codes.iter().any(|c| c.system == CodeSystem::Atc);
    if matches!(kind, Kind::Medicine | Kind::Allergy) && !has_atc {
        let mapped = received
            .iter()
            .filter(|c| c.system == CodeSystem::RxNorm)
            .find_map(|c| triptych_clinical::medicine(&c.code));
        codes.extend(mapped.map(|m| Coding::new(CodeSystem::Atc, m.atc)));
    }
    codes
}

fn shown_name(fact: &Fact) -> SmolStr {
    if !fact.display.is_empty() {
        return fact.display.clone();
    }
    let first = fact.codes.first();
    first.map_or_else(SmolStr::default, |c| match &c.display {
        Some(words) => words.into(),
        None => c.to_string().into(),
    })
}
