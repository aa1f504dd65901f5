//! How long each patient was observed, and when the record itself first said what the rule was to say earlier. Record-and-signals 10.2.

use std::collections::{BTreeMap, BTreeSet};

use triptych_clinical::{CodeSystem, Fact, FactId, FactKind, Instant, Sex, Status};

use super::conditions::{Condition, Need, Sign, SignKind, is_anaemia};
use super::protocol::{Protocol, Subject};
use crate::adapt;
use crate::chart::Datum;
use crate::input::{self, Input};

/// Observation that must come before the first signal that counts, days.
pub const WASH_IN_DAYS: i64 = 365;
/// Observation that a last fact stands for, days.
pub const AFTER_LAST_FACT_DAYS: i64 = 180;
/// An endoscopy counts for iron deficiency within this time of an anaemia, days.
const ENDOSCOPY_AFTER_ANAEMIA_DAYS: i64 = 365;

/// Times of one patient.
#[derive(Clone, Debug)]
pub struct Observed {
    /// From here on signals and outcomes count.
    pub eligible: Instant,
    /// Last fact + 180 d, death or the end of the period, whichever is first.
    pub end: Instant,
    /// Days on which more than a fifth of a source's facts became known: nothing is timed by them (L-6).
    pub batch_days: BTreeSet<String>,
    /// Index times at which a contact with care began: the record was opened.
    pub openings: Vec<Instant>,
}

/// The first event that counts as the outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// When it could be known.
    pub at: Instant,
    /// What it was.
    pub kind: SignKind,
    /// It became known on a batch day: its time means nothing.
    pub batch: bool,
}

impl Observed {
    /// Of one patient; `None` without any fact, or where observation ends before it begins.
    #[must_use]
    pub fn of(
        subject: &Subject,
        protocol: &Protocol,
        batch_days: &BTreeSet<String>,
    ) -> Option<Self> {
        let known = subject.facts.iter().map(|f| f.available.instant);
        let (first, last) = (known.clone().min()?, known.max()?);
        let eligible = protocol.from.max(first.plus_days(WASH_IN_DAYS));
        let mut end = protocol.to.min(last.plus_days(AFTER_LAST_FACT_DAYS));
        if let Some(death) = subject.identity.deceased {
            end = end.min(death.instant);
        }
        let openings: BTreeSet<Instant> = subject
            .facts
            .iter()
            .filter(|f| f.kind == FactKind::Encounter)
            .map(|f| f.available.instant)
            .filter(|t| (eligible..=end).contains(t))
            .collect();
        (eligible < end).then(|| Self {
            eligible,
            end,
            batch_days: batch_days.clone(),
            openings: openings.into_iter().collect(),
        })
    }

    /// True for an instant of a batch day.
    #[must_use]
    pub fn is_batch(&self, at: Instant) -> bool {
        !self.batch_days.is_empty() && self.batch_days.contains(&at.iso_date())
    }

    /// First event of a condition, as the whole record tells it in the end: a diagnosis that was withdrawn later is no outcome.
    #[must_use]
    pub fn outcome(&self, subject: &Subject, condition: &Condition) -> Option<Event> {
        let opened = if condition.opened_by.is_empty() {
            None
        } else {
            Some(opened(subject, condition)?)
        };
        let withdrawn = withdrawn(&subject.facts);
        let events = subject.facts.iter().filter_map(|fact| {
            let sign = condition.signs.iter().find(|s| s.holds(fact))?;
            let at = fact.available.instant;
            let counts = is_usable(fact.status)
                && !withdrawn.contains(&fact.id)
                && (!sign.after_anaemia || anaemia_before(subject, at))
                && opened.is_none_or(|o| at > o && fact.placed_at().instant > o);
            counts.then_some(Event {
                at,
                kind: sign.kind,
                batch: self.is_batch(at),
            })
        });
        events.min_by_key(|e| (e.at, e.kind))
    }
}

/// When a loop was first opened, for conditions that begin with a finding.
#[must_use]
pub fn opened(subject: &Subject, condition: &Condition) -> Option<Instant> {
    let opens = |f: &&Fact| {
        is_usable(f.status)
            && f.codes
                .iter()
                .any(|c| c.system == CodeSystem::Tri && condition.opened_by.contains(&&*c.code))
    };
    let times = subject.facts.iter().filter(opens);
    times.map(|f| f.available.instant).min()
}

/// Facts whose last version takes them back.
fn withdrawn(facts: &[Fact]) -> BTreeSet<FactId> {
    let mut last: BTreeMap<FactId, (Instant, u32, Status)> = BTreeMap::new();
    for f in facts {
        let candidate = (f.available.instant, f.version, f.status);
        let entry = last.entry(f.id).or_insert(candidate);
        if (candidate.0, candidate.1) > (entry.0, entry.1) {
            *entry = candidate;
        }
    }
    last.into_iter()
        .filter(|(_, (_, _, status))| !is_usable(*status))
        .map(|(id, _)| id)
        .collect()
}

/// Counts as said: not planned, not provisional, not taken back.
#[must_use]
pub const fn is_usable(status: Status) -> bool {
    matches!(
        status,
        Status::Final
            | Status::Amended
            | Status::Corrected
            | Status::Appended
            | Status::Active
            | Status::Completed
    )
}

/// A haemoglobin below the limit of R16 (130 g/L in men, 120 g/L in all others), or an anaemia recorded, in the 365 d before `at`.
fn anaemia_before(subject: &Subject, at: Instant) -> bool {
    let since = at.plus_days(-ENDOSCOPY_AFTER_ANAEMIA_DAYS);
    let limit_g_per_l = match subject.identity.sex {
        Sex::Male => 130.0,
        _ => 120.0,
    };
    subject
        .facts
        .iter()
        .filter(|f| is_usable(f.status) && (since..=at).contains(&f.available.instant))
        .any(|f| is_anaemia(f) || value_of("hb", f).is_some_and(|v| v < limit_g_per_l))
}

/// The exact value of a fact as an input, canonical unit, where it is one and can be used.
#[must_use]
pub fn value_of(name: &str, fact: &Fact) -> Option<f64> {
    let input = input::by_name(name)?;
    let datum = carried(input, fact)?;
    datum.measure(input, &[]).ok()?.value.point()
}

fn carried(input: &'static Input, fact: &Fact) -> Option<Datum> {
    let carries = |f: &Fact| {
        f.codes
            .iter()
            .any(|c| c.system == CodeSystem::Loinc && input.loinc.contains(&c.code.as_str()))
    };
    (fact.kind == FactKind::Observation && carries(fact))
        .then(|| adapt::datum(fact, fact.available.instant))
        .flatten()
}

/// First time in `from..=to` that the result which the rule had asked for became known and was abnormal.
#[must_use]
pub fn first_abnormal(facts: &[Fact], need: &Need, from: Instant, to: Instant) -> Option<Instant> {
    let abnormal =
        |v: f64| need.at_most.is_some_and(|m| v <= m) || need.at_least.is_some_and(|m| v >= m);
    facts
        .iter()
        .filter(|f| (from..=to).contains(&f.available.instant))
        .filter(|f| value_of(need.input, f).is_some_and(abnormal))
        .map(|f| f.available.instant)
        .min()
}

/// First time in `from..=to` that the laboratory itself flagged one of the condition's inputs: its flag, or its own reference limits.
#[must_use]
pub fn first_flag(
    facts: &[Fact],
    condition: &Condition,
    from: Instant,
    to: Instant,
) -> Option<Instant> {
    let inputs: Vec<&'static Input> = condition
        .inputs
        .iter()
        .filter_map(|name| input::by_name(name))
        .collect();
    facts
        .iter()
        .filter(|f| (from..=to).contains(&f.available.instant) && is_usable(f.status))
        .filter(|f| inputs.iter().any(|i| carried(i, f).is_some()) && is_flagged(f))
        .map(|f| f.available.instant)
        .min()
}

/// The laboratory says that the value is outside its limits.
#[must_use]
pub fn is_flagged(fact: &Fact) -> bool {
    if let Some(flag) = fact
        .flag
        .as_deref()
        .map(str::trim)
        .filter(|f| !f.is_empty())
    {
        return !matches!(flag.to_uppercase().as_str(), "N" | "NEG" | "ND" | "IND");
    }
    let (Some(limits), Some(q)) = (&fact.reference, fact.quantity()) else {
        return false;
    };
    limits.low.is_some_and(|low| q.value < low) || limits.high.is_some_and(|high| q.value > high)
}

/// Days on which more than 20 % of the facts of one source became known (L-6), and how many facts that concerns, by patient.
///
/// A source is one assigning authority and one sort of fact: an export has often no time of its own for one sort only. Sources of fewer than
/// 50 facts show no batch: one visit is a fifth of a short record.
#[must_use]
pub fn batches(subjects: &[Subject]) -> (BTreeMap<u32, BTreeSet<String>>, usize) {
    const LEAST_FACTS: usize = 50;
    let authority = |s: &Subject| {
        let first = s.identity.identifiers.first();
        first.map_or_else(String::new, |i| i.issuer.clone())
    };
    let mut sources: BTreeMap<(String, FactKind), BTreeMap<String, usize>> = BTreeMap::new();
    for subject in subjects {
        for fact in &subject.facts {
            let days = sources.entry((authority(subject), fact.kind)).or_default();
            *days.entry(fact.available.instant.iso_date()).or_default() += 1;
        }
    }
    let mut found: BTreeSet<(String, FactKind, String)> = BTreeSet::new();
    for ((issuer, kind), days) in &sources {
        let all: usize = days.values().sum();
        for (day, n) in days {
            if all >= LEAST_FACTS && n * 5 > all {
                found.insert((issuer.clone(), *kind, day.clone()));
            }
        }
    }
    let mut by_patient: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
    let mut facts = 0;
    for subject in subjects.iter().filter(|_| !found.is_empty()) {
        for fact in &subject.facts {
            let day = fact.available.instant.iso_date();
            if found.contains(&(authority(subject), fact.kind, day.clone())) {
                facts += 1;
                by_patient.entry(subject.number).or_default().insert(day);
            }
        }
    }
    (by_patient, facts)
}

/// Statements of the export's last state: over without an end, so that a replay takes them as over from the day they were known.
#[must_use]
pub fn ended_without_a_date(subject: &Subject) -> usize {
    let ended = |f: &&Fact| {
        matches!(f.kind, FactKind::Medication | FactKind::Problem)
            && f.status == Status::Completed
            && f.end.is_none()
    };
    subject.facts.iter().filter(ended).count()
}

/// Place of most contacts with care before `at`.
#[must_use]
pub fn care_site(subject: &Subject, at: Instant) -> Option<String> {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for fact in &subject.facts {
        if fact.kind == FactKind::Encounter
            && fact.available.instant <= at
            && let Some(place) = fact.attrs.get("performer")
        {
            *places.entry(place).or_default() += 1;
        }
    }
    let most = places.into_iter().max_by_key(|(name, n)| (*n, *name));
    most.map(|(name, _)| name.to_owned())
}

/// `female`, `male`, or `not stated`.
#[must_use]
pub const fn sex_word(sex: Sex) -> &'static str {
    match sex {
        Sex::Female => "female",
        Sex::Male => "male",
        Sex::Other | Sex::Unknown => "not stated",
    }
}

/// Where a sign's codes are from, for the report.
#[must_use]
pub fn sign_words(sign: &Sign) -> String {
    let condition = if sign.after_anaemia {
        ", within 365 d after an anaemia"
    } else {
        ""
    };
    format!(
        "{:?} {:?} {}{condition} ({})",
        sign.kind,
        sign.system,
        sign.codes.join(", "),
        sign.source
    )
}
