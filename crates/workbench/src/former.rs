//! What counts no longer (D-34): results that their source corrected or took back, and cards that rested on what was taken back.
//!
//! Earlier versions are read only for a record that has any: most have none, and pay one walk over their facts.

use std::collections::BTreeMap;
use std::sync::Arc;

use triptych_clinical::{Fact, FactId, FactKind, FactVersion, IndexTime, Instant, Status};
use triptych_reasoning::graph::{self, WITHDRAWN_DAYS, WithdrawnCard};

use crate::patient::OpenPatient;
use crate::signals::target;
use crate::view::{Became, FormerValue, FormerValues, PatientView, WithdrawnRow};
use crate::weigh::Facts;
use crate::{Core, WorkbenchError, chart};

/// Earlier values by row of the labs leaf, and withdrawn cards.
#[derive(Debug, Default)]
pub(crate) struct Former {
    pub values: Arc<FormerValues>,
    pub withdrawn: Vec<WithdrawnRow>,
}

const fn is_retracted(status: Status) -> bool {
    matches!(status, Status::EnteredInError | Status::Cancelled)
}

/// Something among the visible facts has an earlier version that is shown, or took one back within the time for which a withdrawn card is named.
fn has_former(facts: &[Fact], at: IndexTime) -> bool {
    let from = at.plus_days(-WITHDRAWN_DAYS);
    let recent = |f: &Fact| f.available.instant.max(f.received) > from;
    facts.iter().any(|f| {
        let result = f.kind == FactKind::Observation;
        (result && (f.version > 1 || is_retracted(f.status)))
            || (is_retracted(f.status) && recent(f))
    })
}

impl Core {
    /// What counts no longer for the open patient.
    pub(crate) fn former(&self, open: &OpenPatient) -> Result<Former, WorkbenchError> {
        let at = open.view.at;
        if !has_former(&open.facts, at) {
            return Ok(Former::default());
        }
        let history = self.wait(self.archive().history(open.view.person, at))?;
        let settings = &open.evaluation.settings;
        let gone = graph::withdrawn(&history, &open.identity, at, settings);
        Ok(Former {
            values: values(&history).into(),
            withdrawn: rows(&gone, &history, open),
        })
    }
}

impl Core {
    /// Adds to a view what counts no longer. The window does it once the page is there.
    ///
    /// # Errors
    /// When the archive cannot be read.
    pub fn add_former(
        &self,
        open: &OpenPatient,
        view: &mut PatientView,
    ) -> Result<(), WorkbenchError> {
        let former = self.former(open)?;
        view.former = former.values;
        view.signals.withdrawn = former.withdrawn;
        Ok(())
    }
}

/// Results that a later version took the place of, and results that were taken back, by row.
fn values(history: &[Fact]) -> FormerValues {
    let mut versions: BTreeMap<FactId, Vec<&Fact>> = history
        .iter()
        .filter(|f| f.kind == FactKind::Observation)
        .filter(|f| f.version > 1 || is_retracted(f.status))
        .map(|f| (f.id, Vec::new()))
        .collect();
    for fact in history {
        if let Some(of_datum) = versions.get_mut(&fact.id) {
            of_datum.push(fact);
        }
    }
    let mut found = FormerValues::new();
    for mut of_datum in versions.into_values() {
        of_datum.sort_by_key(|f| (f.available.instant, f.version));
        for (i, fact) in of_datum.iter().enumerate() {
            let (before, after) = of_datum.split_at(i);
            if let Some(former) = former(before, fact, after.get(1).copied()) {
                let row = found.entry(chart::row_key(fact)).or_default();
                row.push(former);
            }
        }
    }
    for row in found.values_mut() {
        row.sort_by_key(|v| std::cmp::Reverse((v.at.instant, v.since)));
    }
    found
}

/// `None` for a version that counts, and for one whose successor changed neither value nor status: a text that was added is no correction.
fn former(before: &[&Fact], fact: &Fact, next: Option<&Fact>) -> Option<FormerValue> {
    let (written, unit) = (chart::written(fact), chart::unit(fact));
    if written.is_empty() {
        return None;
    }
    let (since, became) = if is_retracted(fact.status) {
        // What it takes back has its own line, where it is known here.
        let known = before.iter().any(|f| !chart::written(f).is_empty());
        (!known).then(|| (since(fact), Became::TakenBack))?
    } else {
        let next = next?;
        let value = chart::written(next);
        if is_retracted(next.status) {
            (since(next), Became::TakenBack)
        } else if (value.as_str(), chart::unit(next)) == (written.as_str(), unit.clone()) {
            return None;
        } else if chart::is_corrected(next) {
            (since(next), Became::Corrected(value.to_string()))
        } else {
            (since(next), Became::Replaced(value.to_string()))
        }
    };
    Some(FormerValue {
        fact: fact.id,
        version: fact.version,
        name: chart::row_name(fact),
        written: written.to_string(),
        unit,
        at: fact.placed_at(),
        since,
        became,
        source: chart::source(next.unwrap_or(fact)),
    })
}

/// When a version was known: its receipt where the source gave it the time of the result.
fn since(fact: &Fact) -> Instant {
    if fact.available.instant > fact.placed_at().instant {
        fact.available.instant
    } else {
        fact.received
    }
}

fn rows(gone: &[WithdrawnCard], history: &[Fact], open: &OpenPatient) -> Vec<WithdrawnRow> {
    let versions: BTreeMap<(FactId, FactVersion), &Fact> =
        history.iter().map(|f| ((f.id, f.version), f)).collect();
    let visible: Facts<'_> = open.facts.iter().map(|f| (f.id, f)).collect();
    gone.iter()
        .map(|w| {
            let rested = w.card.facts.iter().filter(|f| w.retracted.contains(&f.id));
            let mut values: Vec<&Fact> = rested
                .filter_map(|f| versions.get(&(f.id, f.version)).copied())
                .collect();
            values.dedup_by_key(|f| f.id);
            let rule = |o: &&triptych_reasoning::Outcome| o.rule.id == w.card.subject;
            let title = open.evaluation.outcomes.iter().find(rule);
            let by = w.retracted.first().and_then(|id| visible.get(id));
            WithdrawnRow {
                rule: w.card.rule.clone(),
                title: title.map(|o| o.rule.title.to_owned()).unwrap_or_default(),
                summary: w.card.summary.clone(),
                values: values.iter().map(|f| chart::fact_words(f)).collect(),
                when: w.at.iso_date(),
                until: w.until.iso_date(),
                source: by.map(|f| chart::source(f)).unwrap_or_default(),
                target: values.first().and_then(|f| target(f)),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use triptych_clinical::{CodeSystem, Coding, Quantity, Value, When};

    use super::*;
    use crate::chart::made;

    fn ferritin(value: &str, version: FactVersion, known: &str, status: Status) -> Fact {
        Fact {
            codes: vec![Coding::new(CodeSystem::Loinc, "2276-4")].into(),
            value: Value::Quantity(Quantity {
                value: value.parse().unwrap(),
                written: value.to_owned().into(),
                comparator: None,
                unit: Some("ug/L".to_owned().into()),
                unit_text: None,
            }),
            version,
            available: When::parse(known).unwrap(),
            status,
            ..made::fact("ferritin", "2021-06-01")
        }
    }

    fn lines(history: &[Fact]) -> Vec<(String, Became, String)> {
        let all = values(history);
        let line = |v: &FormerValue| (v.written.clone(), v.became.clone(), v.since.iso_date());
        all.values().flatten().map(line).collect()
    }

    #[test]
    fn d_34_the_value_before_a_correction_stays_as_a_line_with_what_took_its_place() {
        let history = [
            ferritin("9", 1, "2021-06-02", Status::Final),
            ferritin("90", 2, "2021-06-05", Status::Corrected),
        ];
        let to = Became::Corrected("90".to_owned());
        let expected = ("9".to_owned(), to, "2021-06-05".to_owned());
        assert_eq!(lines(&history), [expected]);
    }

    #[test]
    fn d_34_a_result_that_was_taken_back_leaves_one_tombstone() {
        let history = [
            ferritin("9", 1, "2021-06-02", Status::Final),
            ferritin("9", 2, "2021-06-05", Status::EnteredInError),
        ];
        let expected = [("9".to_owned(), Became::TakenBack, "2021-06-05".to_owned())];
        assert_eq!(lines(&history), expected);
        let mut without_value = history;
        without_value[1].value = Value::None;
        assert_eq!(lines(&without_value), expected, "sent without its value");
    }

    #[test]
    fn d_34_a_preliminary_value_was_replaced_not_corrected() {
        let history = [
            ferritin("9", 1, "2021-06-02", Status::Preliminary),
            ferritin("10", 2, "2021-06-03", Status::Final),
        ];
        let to = Became::Replaced("10".to_owned());
        let expected = ("9".to_owned(), to, "2021-06-03".to_owned());
        assert_eq!(lines(&history), [expected]);
    }

    #[test]
    fn d_34_a_text_that_was_added_is_no_correction() {
        let history = [
            ferritin("9", 1, "2021-06-02", Status::Final),
            ferritin("9", 2, "2021-06-05", Status::Appended),
        ];
        assert!(lines(&history).is_empty());
    }

    /// D-34 costs nothing where nothing was changed: earlier versions are not read.
    #[test]
    fn d_34_a_record_without_changes_is_not_read_twice() {
        let at = |day: &str| When::parse(day).unwrap().instant;
        let first = ferritin("9", 1, "2021-06-02", Status::Final);
        assert!(!has_former(std::slice::from_ref(&first), at("2021-06-10")));
        let mut problem = ferritin("9", 1, "2021-06-02", Status::EnteredInError);
        problem.kind = FactKind::Problem;
        let problem = [problem];
        assert!(has_former(&problem, at("2021-06-10")));
        assert!(!has_former(&problem, at("2021-08-10")), "long ago");
    }
}
