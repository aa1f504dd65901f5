//! Versions of one datum: by the time of the message of their source, never by the order of arrival. Record-and-signals 5.4.

use std::collections::BTreeMap;

use triptych_clinical::{Fact, FactId, Problem, Status};

/// A fact and what orders the versions of its datum.
pub(crate) struct Made {
    pub fact: Fact,
    /// What the source says of the order: the time of the message (MSH-7) in microseconds, or a version number.
    pub sent: i64,
    /// MSH-10 or a version as text: of equals in `sent` the shorter, then the lesser one was first.
    pub control_id: String,
}

impl Made {
    fn order(&self) -> (i64, u8, usize, &str) {
        (
            self.sent,
            rank(self.fact.status),
            self.control_id.len(),
            &self.control_id,
        )
    }
}

/// Of statements of one second, the later stage of a result's life is the newer.
pub(crate) const fn rank(status: Status) -> u8 {
    match status {
        Status::EnteredInError | Status::Cancelled => 4,
        Status::Amended | Status::Corrected | Status::Appended => 3,
        Status::Final | Status::Completed | Status::Active => 2,
        Status::Preliminary | Status::Partial => 1,
        Status::Registered | Status::Unknown | Status::Inert => 0,
    }
}

/// Numbers the versions of each datum. The same statement twice is one version; two statements that nothing orders are a contradiction: one is
/// kept and marked, the other refused by name.
pub(crate) fn number(made: Vec<Made>, quarantined: &mut Vec<Problem>) -> Vec<Fact> {
    let mut by_id: BTreeMap<FactId, Vec<Made>> = BTreeMap::new();
    let mut order: Vec<FactId> = Vec::with_capacity(made.len());
    for m in made {
        let versions = by_id.entry(m.fact.id).or_default();
        if versions.is_empty() {
            order.push(m.fact.id);
        }
        versions.push(m);
    }
    order
        .iter()
        .filter_map(|id| by_id.remove(id))
        .flat_map(|versions| numbered(versions, quarantined))
        .collect()
}

fn numbered(mut versions: Vec<Made>, quarantined: &mut Vec<Problem>) -> Vec<Fact> {
    if versions.len() > 1 {
        versions.sort_by(|a, b| {
            a.order()
                .cmp(&b.order())
                .then_with(|| content(&a.fact).cmp(&content(&b.fact)))
        });
    }
    let mut kept: Vec<Made> = Vec::with_capacity(versions.len());
    for mut m in versions {
        match kept.last_mut() {
            Some(last) if content(&last.fact) == content(&m.fact) => {}
            Some(last) if last.order() == m.order() => {
                let mark = "same id with another value".to_owned();
                last.fact.attrs.insert("conflict".to_owned(), mark);
                quarantined.push(Problem {
                    place: m.fact.provenance.path,
                    reason: "the same result stands here with another value, and neither message time nor control id says which is newer: refused, the other one is marked".to_owned(),
                });
            }
            last => {
                m.fact.version = last.map_or(1, |l| l.fact.version + 1);
                kept.push(m);
            }
        }
    }
    kept.into_iter().map(|m| m.fact).collect()
}

/// The statement without where it stands, for comparison.
fn content(fact: &Fact) -> String {
    let mut attrs = fact.attrs.clone();
    attrs.remove("conflict");
    format!(
        "{:?}",
        (
            (
                fact.kind,
                &fact.codes,
                &fact.display,
                &fact.value,
                fact.effective,
                fact.end
            ),
            (
                fact.available,
                fact.status,
                &fact.reference,
                &fact.flag,
                &fact.specimen_flags
            ),
            (&fact.method, &fact.category, &fact.text, attrs),
        )
    )
}
