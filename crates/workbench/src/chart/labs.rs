//! Laboratory and vital-sign rows: which results make one row, where it stands, its newest value and its history.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rayon::prelude::*;
use triptych_clinical::{CodeSystem, Fact, FactKind, Instant, Status, Value};

use triptych_reasoning::derived::Derived;

use super::{
    marks::{Limits, mark, mark_alone},
    names,
    panels::{self, PANELS, VITALS},
    words,
    written::{interval, shown_unit, unit, written},
};
use crate::view::{LabGroup, LabPoint, LabRow, Mark, Variation};
use crate::weigh::Facts;

/// Verdict of the reference change value for a row key; empty where rule R25 has none.
pub(crate) type Verdicts = BTreeMap<String, Variation>;

/// Results and vital signs as shown.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) labs: Vec<LabGroup>,
    pub(crate) vitals: Vec<LabRow>,
}

/// What a row is about: a plain name and a place for a known LOINC code, else the source's own words at the end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Vital(usize),
    Panel(usize, usize),
    Other(String),
}

/// Names the row of a result: the same analyte in the same unit is one row.
pub(crate) fn row_key(fact: &Fact) -> String {
    let (place, _) = place(fact);
    let unit = fact
        .quantity()
        .and_then(|q| q.unit.as_deref())
        .unwrap_or_default();
    match place {
        Place::Vital(row) => format!("vital/{row}/{unit}"),
        Place::Panel(panel, row) => format!("panel/{panel}/{row}/{unit}"),
        Place::Other(code) => format!("other/{code}/{unit}"),
    }
}

/// The name of that row.
pub(crate) fn row_name(fact: &Fact) -> String {
    place(fact).1
}

fn place(fact: &Fact) -> (Place, String) {
    let loinc = fact
        .codes
        .iter()
        .filter(|c| c.system == CodeSystem::Loinc)
        .map(|c| c.code.as_str());
    for code in loinc {
        if let Some((row, name)) = panels::vital(code) {
            return (Place::Vital(row), name.to_owned());
        }
        if let Some((panel, row, name)) = panels::place(code) {
            return (Place::Panel(panel, row), name.to_owned());
        }
    }
    let code = fact
        .codes
        .first()
        .map_or_else(|| fact.display.to_string(), ToString::to_string);
    (Place::Other(code), clean(&fact.display))
}

/// Synthea and others put zero-width spaces into names so that they wrap; they are no part of the name.
fn clean(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, '\u{200b}' | '\u{feff}'))
        .collect()
}

fn is_shown(fact: &Fact) -> bool {
    fact.kind == FactKind::Observation
        && !matches!(
            fact.status,
            Status::EnteredInError | Status::Cancelled | Status::Unknown
        )
        && !matches!(fact.value, Value::None)
}

/// Its source calls it a result, or it is a number: a score of a questionnaire has a course like any other.
fn is_result(fact: &Fact) -> bool {
    let named = fact
        .category
        .iter()
        .any(|c| matches!(c.as_str(), "laboratory" | "vital-signs" | "imaging"));
    named || fact.quantity().is_some()
}

/// Facts of one code, name and unit: the same row, whatever else differs. Of a long record there are a few dozen.
#[derive(PartialEq, Eq, Hash)]
struct Alike<'a> {
    /// Codes that are one value in memory are not compared; equal ones that are two meet again under their row's name.
    codes: usize,
    display: &'a str,
    unit: &'a str,
}

/// Builds the rows from the facts visible at `at`.
pub(crate) fn laboratory(facts: &[Fact], at: Instant) -> Rows {
    let mut alike: HashMap<Alike<'_>, Vec<&Fact>> = HashMap::new();
    for fact in facts.iter().filter(|f| is_shown(f)) {
        let quantity = fact.quantity();
        let key = Alike {
            codes: fact.codes.address(),
            display: &fact.display,
            unit: quantity.and_then(|q| q.unit.as_deref()).unwrap_or_default(),
        };
        alike.entry(key).or_default().push(fact);
    }
    let mut by_row: BTreeMap<(Place, String), (String, Vec<&Fact>)> = BTreeMap::new();
    for facts in alike.into_values() {
        let Some(first) = facts.first() else { continue };
        let (place, name) = place(first);
        let row = row_key(first);
        // A survey answer in words is no result; what has a place of its own is one, however it came.
        let placed = !matches!(place, Place::Other(_));
        let mut results = facts
            .into_iter()
            .filter(|f| placed || is_result(f))
            .peekable();
        if results.peek().is_none() {
            continue;
        }
        let entry = by_row.entry((place, row));
        entry
            .or_insert_with(|| (name, Vec::new()))
            .1
            .extend(results);
    }
    let mut panels: BTreeMap<usize, Vec<LabRow>> = BTreeMap::new();
    let mut vitals = Vec::new();
    let by_row: Vec<_> = by_row.into_iter().collect();
    let rows: Vec<(Place, Option<LabRow>)> = by_row
        .into_par_iter()
        .map(|((place, key), (name, mut facts))| {
            facts.sort_by_key(|f| (f.placed_at().instant, f.available.instant, f.id));
            (place, row(key, name, &facts, at))
        })
        .collect();
    for (place, row) in rows {
        let Some(row) = row else { continue };
        match place {
            Place::Vital(_) => vitals.push(row),
            Place::Panel(panel, _) => panels.entry(panel).or_default().push(row),
            Place::Other(_) => panels.entry(PANELS.len()).or_default().push(row),
        }
    }
    if let Some(other) = panels.get_mut(&PANELS.len()) {
        shorten(other);
        other.sort_by(|a, b| a.name.cmp(&b.name));
    }
    debug_assert!(
        vitals.len() <= VITALS.len() * 4,
        "a vital sign has few units"
    );
    let labs = panels
        .into_iter()
        .map(|(panel, rows)| group(panel, rows, at))
        .collect();
    Rows { labs, vitals }
}

/// Long names short where that leaves no two alike; the whole name stays on hover.
fn shorten(rows: &mut [LabRow]) {
    let short: Vec<String> = rows.iter().map(|r| names::analyte(&r.name)).collect();
    let mut met: HashMap<&str, usize> = HashMap::new();
    for name in &short {
        *met.entry(name).or_default() += 1;
    }
    for (row, short) in rows.iter_mut().zip(&short) {
        let alone = met.get(short.as_str()) == Some(&1);
        if alone && !short.is_empty() && *short != row.name {
            row.source = format!("{}\n{}", row.name, row.source);
            row.name.clone_from(short);
        }
    }
}

/// Marks the rows whose newest value changed beyond expected variation (R25).
pub(crate) fn judge(rows: &mut Rows, verdicts: &Verdicts) {
    let labs = rows.labs.iter_mut().flat_map(|g| &mut g.rows);
    for row in labs.chain(&mut rows.vitals) {
        row.variation = verdicts.get(&row.key).copied().unwrap_or_default();
    }
}

/// Adds the series that the program calculates, as rows of their own behind the reported ones of the first panel (D-08).
pub(crate) fn add_derived(rows: &mut Rows, derived: &[Derived], by_id: &Facts<'_>, at: Instant) {
    for series in derived {
        let points: Arc<[LabPoint]> = series
            .points
            .iter()
            .filter_map(|p| {
                let from = by_id.get(&p.from.id)?;
                Some(LabPoint {
                    fact: p.from.id,
                    at: p.at,
                    available: from.available.instant,
                    value: Some(p.value),
                    written: words::minus(&format!("{:.0}", p.value)).into(),
                    low: None,
                    high: None,
                    mark: Mark::NoInterval,
                })
            })
            .collect();
        let Some(newest) = points.last() else {
            continue;
        };
        let change = change_percent(&points).map_or_else(String::new, words::signed);
        let row = LabRow {
            key: format!("derived/{}", series.key),
            name: series.name.to_owned(),
            value: newest.written.to_string(),
            unit: shown_unit(series.unit),
            interval: "no interval".to_owned(),
            mark: Mark::NoInterval,
            mark_words: "Calculated: no report gives an interval".to_owned(),
            collected: newest.at.to_string(),
            age: words::age(newest.at, at),
            change_percent: change,
            variation: Variation::None,
            fact: newest.fact,
            source: series.formula.to_owned(),
            calculated: true,
            points,
        };
        if let Some(group) = rows.labs.first_mut() {
            // Behind the reported value of the same name, where there is one.
            let place = group
                .rows
                .iter()
                .rposition(|r| r.name.starts_with(series.name));
            group
                .rows
                .insert(place.map_or(group.rows.len().min(1), |i| i + 1), row);
        }
    }
}

fn group(panel: usize, rows: Vec<LabRow>, at: Instant) -> LabGroup {
    let title = PANELS
        .get(panel)
        .map_or("Other results", |(title, _)| title)
        .to_owned();
    let newest = rows
        .iter()
        .filter_map(|r| r.points.last())
        .map(|p| p.at)
        .max_by_key(|w| w.instant);
    LabGroup {
        title,
        date: newest.map(|w| w.iso_date()).unwrap_or_default(),
        age: newest.map(|w| words::age(w, at)).unwrap_or_default(),
        is_known: panel < PANELS.len(),
        rows,
    }
}

fn row(key: String, name: String, facts: &[&Fact], at: Instant) -> Option<LabRow> {
    let newest = facts.last()?;
    let collected = newest.placed_at();
    let mut limits = Limits::default();
    let points: Arc<[LabPoint]> = facts.iter().map(|f| point(f, &mut limits)).collect();
    let change = change_percent(&points).map_or_else(String::new, words::signed);
    let (mark, mark_words) = mark(newest, &mut limits);
    Some(LabRow {
        variation: Variation::None,
        key,
        name,
        value: written(newest).to_string(),
        unit: unit(newest),
        interval: interval(newest),
        mark,
        mark_words,
        collected: collected.to_string(),
        age: words::age(collected, at),
        change_percent: change,
        points,
        fact: newest.id,
        source: source(newest),
        calculated: newest.origin == triptych_clinical::Origin::Derived,
    })
}

/// From the result before to the newest one; none where either time has several values: nobody says which of them it was.
fn change_percent(points: &[LabPoint]) -> Option<f64> {
    let mut times = points
        .chunk_by(|a, b| a.at.instant == b.at.instant)
        .rev()
        .map(|same| match same {
            [one] => one.value,
            _ => None,
        });
    let (newest, before) = (times.next()??, times.next()??);
    (before != 0.0).then(|| (newest - before) / before.abs() * 100.0)
}

fn point<'a>(fact: &'a Fact, limits: &mut Limits<'a>) -> LabPoint {
    let (low, high) = fact
        .reference
        .as_ref()
        .map_or((None, None), |r| (r.low, r.high));
    LabPoint {
        fact: fact.id,
        at: fact.placed_at(),
        available: fact.available.instant,
        value: fact.quantity().map(|q| q.value),
        written: written(fact),
        low,
        high,
        mark: mark_alone(fact, limits),
    }
}

/// Where a fact came from, in words.
pub(crate) fn source(fact: &Fact) -> String {
    let from = &fact.provenance;
    format!("document {:.8}, {}", from.document, from.path)
}

/// A fact in one line: `Ferritin 9 µg/L · 2021-06-01`
pub(crate) fn fact_words(fact: &Fact) -> String {
    let mut words = row_name(fact);
    if fact.kind == FactKind::Observation {
        for part in [written(fact).as_str(), &unit(fact)] {
            if !part.is_empty() {
                words.push(' ');
                words.push_str(part);
            }
        }
    }
    format!("{words} · {}", fact.placed_at().iso_date())
}

#[cfg(test)]
mod tests {
    use triptych_clinical::Coding;

    use super::*;
    use crate::chart::made::potassium;

    #[test]
    fn a_long_name_is_short_where_no_other_reads_the_same() {
        let names = |named: &[&str]| {
            let of = |name: &&str| Fact {
                codes: vec![Coding::new(CodeSystem::Other("urn:lab".into()), *name)].into(),
                display: (*name).into(),
                ..potassium("4.2", Status::Final, None)
            };
            let facts: Vec<Fact> = named.iter().map(of).collect();
            let rows = laboratory(&facts, Instant(0));
            let rows = rows.labs[0].rows.iter();
            rows.map(|r| (r.name.clone(), r.source.contains(" in ")))
                .collect::<Vec<_>>()
        };
        let wheat = "Wheat IgE Ab [Units/volume] in Serum by RAST";
        assert_eq!(names(&[wheat]), [("Wheat IgE Ab".to_owned(), true)]);
        let urine = "Zinc [Mass/volume] in Urine";
        let serum = "Zinc [Mass/volume] in Serum";
        assert_eq!(
            names(&[serum, urine]),
            [
                ("Zinc".to_owned(), true),
                ("Zinc in Urine".to_owned(), true)
            ]
        );
        assert_eq!(names(&["Total score [MMSE]"])[0].0, "Total score [MMSE]");
        let other = "Zinc [Moles/volume] in Serum";
        assert_eq!(names(&[serum, other])[0].0, serum);
    }

    #[test]
    fn a_number_is_shown_whatever_its_category() {
        let of = |category: &str, value: Value| Fact {
            category: vec![category.to_owned()].into(),
            value,
            ..potassium("38.46", Status::Final, None)
        };
        let number = || potassium("38.08", Status::Final, None).value;
        let facts = [
            of("imaging", number()),
            of("vital-sign", number()),
            of("survey", number()),
            of("survey", Value::Text("I choose not to answer".into())),
        ];
        let rows = laboratory(&facts, Instant(0));
        assert_eq!(rows.labs[0].rows[0].points.len(), 3);
    }

    /// Two values of one instant: nobody says which of them changed, and neither is compared with the other.
    #[test]
    fn a_change_is_said_only_between_single_values_of_two_times() {
        let change = |of: &[(&str, &str)]| {
            let facts: Vec<Fact> = of
                .iter()
                .map(|(written, day)| Fact {
                    effective: triptych_clinical::When::parse(day).ok(),
                    ..potassium(written, Status::Final, None)
                })
                .collect();
            let rows = laboratory(&facts, Instant(0));
            rows.labs[0].rows[0].change_percent.clone()
        };
        let (old, new) = ("2026-01-05", "2026-02-05");
        assert_eq!(change(&[("4.0", old), ("5.0", new)]), "+25.0");
        assert_eq!(change(&[("4.0", new), ("5.0", new)]), "");
        assert_eq!(change(&[("3.0", old), ("4.0", new), ("5.0", new)]), "");
        assert_eq!(change(&[("3.0", old), ("4.0", old), ("5.0", new)]), "");
        assert_eq!(change(&[("5.0", new)]), "");
    }
}
