//! Everything on one time axis. Laboratory results of one day are one item that says how many and how many are abnormal.

use std::collections::{BTreeMap, BTreeSet};

use triptych_clinical::{Fact, FactKind, Status};

use super::labs::{is_result, row_key};
use crate::view::{
    LabGroup, LabRow, Mark, NoteItem, StudyView, Target, TimelineItem, TimelineLane,
};

/// What the strip draws, in the order of its lanes and of time.
pub(crate) fn timeline(
    facts: &[Fact],
    labs: &[LabGroup],
    vitals: &[LabRow],
    notes: &[NoteItem],
    studies: &[(triptych_clinical::When, &StudyView)],
) -> Vec<TimelineItem> {
    let mut items = Vec::new();
    for fact in facts
        .iter()
        .filter(|f| !matches!(f.status, Status::EnteredInError | Status::Cancelled))
    {
        let (lane, target, end) = match fact.kind {
            FactKind::Encounter => (
                TimelineLane::Encounters,
                Target::Encounter(fact.id),
                fact.end,
            ),
            FactKind::Problem => (TimelineLane::Problems, Target::Problem(fact.id), fact.end),
            FactKind::Medication => (
                TimelineLane::Medicines,
                Target::Medication(fact.id),
                fact.end,
            ),
            _ => continue,
        };
        items.push(TimelineItem {
            lane,
            start: fact.placed_at(),
            end,
            label: fact.display.clone(),
            count: 1,
            abnormal: 0,
            severity: None,
            target,
        });
    }
    items.extend(laboratory_days(facts, labs, vitals));
    items.extend(notes.iter().map(|note| TimelineItem {
        lane: TimelineLane::Notes,
        start: note.at,
        end: None,
        label: note.title.clone(),
        count: 1,
        abnormal: 0,
        severity: None,
        target: Target::Note {
            fact: note.fact,
            span: None,
        },
    }));
    items.extend(studies.iter().map(|(start, study)| TimelineItem {
        lane: TimelineLane::Imaging,
        start: *start,
        end: None,
        label: study.modality.clone(),
        count: 1,
        abnormal: 0,
        severity: None,
        target: Target::Image {
            study: study.uid.clone(),
            instance: None,
        },
    }));
    items.sort_by(|a, b| {
        (a.lane, a.start.instant)
            .cmp(&(b.lane, b.start.instant))
            .then_with(|| a.label.cmp(&b.label))
    });
    items
}

fn laboratory_days(facts: &[Fact], labs: &[LabGroup], vitals: &[LabRow]) -> Vec<TimelineItem> {
    let abnormal_facts: BTreeSet<_> = labs
        .iter()
        .flat_map(|g| &g.rows)
        .chain(vitals)
        .flat_map(|r| &r.points)
        .filter(|p| {
            matches!(
                p.mark,
                Mark::Above | Mark::Below | Mark::CriticalAbove | Mark::CriticalBelow
            )
        })
        .map(|p| p.fact)
        .collect();
    let mut days: BTreeMap<String, (Vec<&Fact>, usize)> = BTreeMap::new();
    for fact in facts
        .iter()
        .filter(|f| is_result(f) && f.category.iter().all(|c| c != "vital-signs"))
    {
        let day = days.entry(fact.placed_at().iso_date()).or_default();
        day.0.push(fact);
        day.1 += usize::from(abnormal_facts.contains(&fact.id));
    }
    let item = |(facts, abnormal): (Vec<&Fact>, usize)| {
        let first = facts.iter().min_by_key(|f| f.placed_at().instant)?;
        let shown = facts
            .iter()
            .find(|f| abnormal_facts.contains(&f.id))
            .unwrap_or(first);
        let results = if facts.len() == 1 {
            "1 result".to_owned()
        } else {
            format!("{} results", facts.len())
        };
        Some(TimelineItem {
            lane: TimelineLane::Laboratory,
            start: first.placed_at(),
            end: None,
            label: if abnormal > 0 {
                format!("{results}, {abnormal} outside the interval")
            } else {
                results
            },
            count: facts.len(),
            abnormal,
            severity: None,
            target: Target::Lab {
                row: row_key(shown),
                fact: shown.id,
            },
        })
    };
    days.into_values().filter_map(item).collect()
}
