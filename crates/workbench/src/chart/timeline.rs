//! Everything on one time axis. Results of one day are one item that says how many there are and how many lie outside their interval.

use std::collections::{BTreeMap, HashMap};

use triptych_clinical::{Fact, FactKind, Instant, Status, When};

use super::names;
use crate::view::{
    LabGroup, LabPoint, LabRow, NoteItem, StudyView, Target, TimelineItem, TimelineLane,
};

/// What the strip draws, in the order of its lanes and of time.
pub(crate) fn timeline(
    facts: &[Fact],
    labs: &[LabGroup],
    vitals: &[LabRow],
    notes: &[NoteItem],
    studies: &[(When, &StudyView)],
) -> Vec<TimelineItem> {
    let mut items: Vec<TimelineItem> = facts
        .iter()
        .filter(|f| !matches!(f.status, Status::EnteredInError | Status::Cancelled))
        .filter_map(|fact| statement(fact, studies))
        .collect();
    items.extend(days(
        TimelineLane::Laboratory,
        labs.iter().flat_map(|g| &g.rows),
    ));
    items.extend(days(TimelineLane::Vitals, vitals.iter()));
    let texts = facts.iter().filter(|f| f.text.is_some());
    let known: HashMap<_, _> = texts.map(|f| (f.id, f.available.instant)).collect();
    items.extend(notes.iter().map(|note| TimelineItem {
        available: known.get(&note.fact).copied().unwrap_or(note.at.instant),
        ..item(
            TimelineLane::Notes,
            note.at,
            note.title.clone(),
            Target::Note {
                fact: note.fact,
                span: None,
            },
        )
    }));
    items.extend(studies.iter().map(|(start, study)| TimelineItem {
        detail: study.title.clone(),
        ..item(
            TimelineLane::Imaging,
            *start,
            study.modality.clone(),
            Target::Image {
                study: study.uid.clone(),
                instance: None,
            },
        )
    }));
    sort(&mut items);
    items
}

/// Lane, time, words: the order in which the strip draws.
pub(crate) fn sort(items: &mut [TimelineItem]) {
    items.sort_by(|a, b| {
        (a.lane, a.start.instant)
            .cmp(&(b.lane, b.start.instant))
            .then_with(|| a.label.cmp(&b.label))
    });
}

/// An item that stands at one time and is known from then on.
pub(crate) fn item(lane: TimelineLane, start: When, label: String, target: Target) -> TimelineItem {
    TimelineItem {
        lane,
        start,
        end: None,
        available: start.instant,
        later: false,
        detail: label.clone(),
        label,
        count: 1,
        abnormal: 0,
        critical: 0,
        severity: None,
        target,
    }
}

/// What was in force when the person died ended with the life.
pub(crate) fn end_with(items: &mut [TimelineItem], death: When) {
    let in_force = |i: &&mut TimelineItem| {
        let bar = matches!(i.lane, TimelineLane::Problems | TimelineLane::Medicines);
        bar && i.start.instant <= death.instant
            && i.end.is_none_or(|end| end.instant > death.instant)
    };
    for item in items.iter_mut().filter(in_force) {
        item.end = Some(death);
    }
}

/// A fact that is an item of its own.
fn statement(fact: &Fact, studies: &[(When, &StudyView)]) -> Option<TimelineItem> {
    // A statement without a time of its own has no place on a line of time.
    fact.effective?;
    let (lane, target, label) = match fact.kind {
        FactKind::Encounter => (
            TimelineLane::Encounters,
            Target::Listed(fact.id),
            names::encounter(fact),
        ),
        FactKind::Problem => (
            TimelineLane::Problems,
            Target::Problem(fact.id),
            names::plain(&fact.display),
        ),
        FactKind::Medication => (
            TimelineLane::Medicines,
            Target::Medication(fact.id),
            names::medicine(fact),
        ),
        FactKind::Procedure => (
            TimelineLane::Procedures,
            Target::Listed(fact.id),
            names::plain(&fact.display),
        ),
        // A study that came as images stands there as itself.
        FactKind::Imaging if !has_images(fact, studies) => (
            TimelineLane::Imaging,
            Target::Listed(fact.id),
            names::modality(fact),
        ),
        _ => return None,
    };
    let bar = matches!(fact.kind, FactKind::Problem | FactKind::Medication);
    let over = !matches!(
        fact.status,
        Status::Active | Status::Final | Status::Amended | Status::Corrected
    );
    let (end, detail) = match fact.end {
        // Over, and nobody said since when: a bar up to today would be a lie, so only its beginning is drawn.
        None if bar && over => (
            Some(fact.placed_at()),
            format!("{}, over: its end was not recorded", names::detail(fact)),
        ),
        end => (end, names::detail(fact)),
    };
    Some(TimelineItem {
        end,
        available: fact.available.instant,
        detail,
        ..item(lane, fact.placed_at(), label, target)
    })
}

fn has_images(fact: &Fact, studies: &[(When, &StudyView)]) -> bool {
    let uid = fact.attrs.get("study_uid");
    uid.is_some_and(|uid| studies.iter().any(|(_, s)| s.uid.as_str() == uid))
}

struct Day<'a> {
    first: &'a LabPoint,
    shown: (&'a LabRow, &'a LabPoint),
    count: usize,
    abnormal: usize,
    critical: usize,
}

/// One item a day: the rows were sorted already, so a day is known by its number.
fn days<'a>(
    lane: TimelineLane,
    rows: impl Iterator<Item = &'a LabRow>,
) -> impl Iterator<Item = TimelineItem> {
    let mut days: BTreeMap<i64, Day<'a>> = BTreeMap::new();
    for row in rows {
        for point in row.points.iter() {
            let day = days.entry(day_of(point.at)).or_insert(Day {
                first: point,
                shown: (row, point),
                count: 0,
                abnormal: 0,
                critical: 0,
            });
            day.count += 1;
            if point.at.instant < day.first.at.instant {
                day.first = point;
            }
            if point.mark.is_outside() {
                if day.abnormal == 0 {
                    day.shown = (row, point);
                }
                day.abnormal += 1;
            }
            day.critical += usize::from(point.mark.is_critical());
        }
    }
    days.into_values().map(move |day| {
        let results = match day.count {
            1 => "1 result".to_owned(),
            n => format!("{n} results"),
        };
        let label = if day.abnormal > 0 {
            format!("{results}, {} outside the interval", day.abnormal)
        } else {
            results
        };
        TimelineItem {
            available: day.first.available,
            count: day.count,
            abnormal: day.abnormal,
            critical: day.critical,
            ..item(
                lane,
                day.first.at,
                label,
                Target::Lab {
                    row: day.shown.0.key.clone(),
                    fact: day.shown.1.fact,
                },
            )
        }
    })
}

/// Day number in the source's own offset.
fn day_of(when: When) -> i64 {
    (when.instant.0 + i64::from(when.offset_minutes) * 60_000_000).div_euclid(86_400_000_000)
}

/// Of everything that is known today, what happened after the index time. What happened before it and came to be known after it is left
/// out: then, nobody could have seen it.
pub(crate) fn later(today: Vec<TimelineItem>, at: Instant) -> impl Iterator<Item = TimelineItem> {
    today
        .into_iter()
        .filter(move |i| i.start.instant > at)
        .map(|i| TimelineItem { later: true, ..i })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::made;

    #[test]
    fn what_is_over_without_an_end_is_no_bar_up_to_today() {
        let medicine = |status, end: Option<&str>| {
            let fact = Fact {
                kind: FactKind::Medication,
                status,
                end: end.map(|e| When::parse(e).unwrap()),
                ..made::fact("Naproxen", "2012-03-01")
            };
            let items = timeline(&[fact], &[], &[], &[], &[]);
            (items[0].end.map(|e| e.iso_date()), items[0].detail.clone())
        };
        let start = Some("2012-03-01".to_owned());
        let (end, detail) = medicine(Status::Completed, None);
        assert_eq!(end, start);
        assert!(
            detail.ends_with("over: its end was not recorded"),
            "{detail}"
        );
        assert_eq!(medicine(Status::Active, None).0, None);
        let ended = medicine(Status::Completed, Some("2013-01-01"));
        assert_eq!(ended.0.as_deref(), Some("2013-01-01"));
    }

    #[test]
    fn bars_end_with_the_life() {
        let problem = |end: Option<&str>| {
            let fact = Fact {
                kind: FactKind::Problem,
                end: end.map(|e| When::parse(e).unwrap()),
                status: Status::Active,
                ..made::fact("Prediabetes", "1968-03-01")
            };
            let mut items = timeline(&[fact], &[], &[], &[], &[]);
            end_with(&mut items, When::parse("2012-10-11").unwrap());
            items[0].end.map(|e| e.iso_date())
        };
        assert_eq!(problem(None).as_deref(), Some("2012-10-11"));
        assert_eq!(problem(Some("2001-02-03")).as_deref(), Some("2001-02-03"));
        assert_eq!(problem(Some("2030-02-03")).as_deref(), Some("2012-10-11"));
    }

    #[test]
    fn d_36_what_happened_after_the_index_time_is_marked_and_what_was_late_is_left_out() {
        let at = When::parse("2020-06-01").unwrap().instant;
        let visit = |name: &str, day: &str, known: &str| Fact {
            kind: FactKind::Encounter,
            available: When::parse(known).unwrap(),
            ..made::fact(name, day)
        };
        let facts = [
            visit("known then", "2020-01-01", "2020-01-01"),
            visit("known late", "2020-02-01", "2020-12-01"),
            visit("after", "2020-09-01", "2020-09-01"),
        ];
        let found: Vec<TimelineItem> = later(timeline(&facts, &[], &[], &[], &[]), at).collect();
        let names: Vec<&str> = found.iter().map(|i| i.label.as_str()).collect();
        assert_eq!(names, ["after"]);
        assert!(found.iter().all(|i| i.later));
    }
}
