//! Laboratory and vital-sign rows: newest value, interval and mark of that report, history.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rayon::prelude::*;
use triptych_clinical::{CodeSystem, Comparator, Fact, FactKind, Instant, SmolStr, Status, Value};

use triptych_reasoning::derived::Derived;
use triptych_reasoning::input::{self, Input, Unusable};

use super::{
    names,
    panels::{self, PANELS, VITALS},
    words,
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

/// The value as its source wrote it, cut to four significant decimals where a generator wrote sixteen.
pub(crate) fn written(fact: &Fact) -> SmolStr {
    match &fact.value {
        Value::Quantity(q) => {
            let number = number(&q.written, q.value);
            match q.comparator.map_or("", Comparator::sign) {
                "" if !number.starts_with('-') => number,
                sign => format!("{sign}{}", words::minus(&number)).into(),
            }
        }
        Value::Text(text) => text.into(),
        Value::Coded(coding) => match &coding.display {
            Some(words) => words.into(),
            None => coding.to_string().into(),
        },
        Value::Absent(absence) => format!("not available ({})", absence.reason).into(),
        Value::None => SmolStr::default(),
    }
}

/// As sent, unless more decimals were sent than any method has: then the four leading figures.
fn number(written: &SmolStr, value: f64) -> SmolStr {
    let decimals = written.split_once('.').map_or(0, |(_, d)| d.len());
    if decimals <= 4 && !written.contains(['e', 'E']) {
        return written.clone();
    }
    words::leading(value).into()
}

/// Unit as shown: the source's text, else the UCUM code with its brackets read aloud.
pub(crate) fn unit(fact: &Fact) -> String {
    let Some(q) = fact.quantity() else {
        return String::new();
    };
    let code = q
        .unit
        .as_deref()
        .or(q.unit_text.as_deref())
        .unwrap_or("no unit");
    shown_unit(code)
}

/// A UCUM code as people write it.
fn shown_unit(code: &str) -> String {
    match code {
        "1" => String::new(),
        "mm[Hg]" => "mmHg".to_owned(),
        "Cel" => "°C".to_owned(),
        "kg/m2" => "kg/m²".to_owned(),
        "mL/min/{1.73_m2}" => "mL/min/1.73 m²".to_owned(),
        "10*3/uL" => "10³/µL".to_owned(),
        "10*6/uL" => "10⁶/µL".to_owned(),
        "10*9/L" => "10⁹/L".to_owned(),
        "10*12/L" => "10¹²/L".to_owned(),
        "{score}" | "(score)" | "{nominal}" => String::new(),
        "{T-score}" => "T-score".to_owned(),
        other => other
            .replace("[IU]", "IU")
            .replace("ug/", "µg/")
            .replace("umol", "µmol")
            .replace("uL", "µL"),
    }
}

/// `0.50 – 1.10`, `≤ 30`, the source's own text, or `no interval`.
pub(crate) fn interval(fact: &Fact) -> String {
    let Some(reference) = &fact.reference else {
        return "no interval".to_owned();
    };
    match (reference.low, reference.high) {
        (Some(low), Some(high)) => format!(
            "{}{}{}",
            words::limit(low),
            words::RANGE,
            words::limit(high)
        ),
        (Some(low), None) => format!("≥ {}", words::limit(low)),
        (None, Some(high)) => format!("≤ {}", words::limit(high)),
        (None, None) => reference
            .text
            .clone()
            .unwrap_or_else(|| "no interval".to_owned()),
    }
}

/// What a mark rests on.
#[derive(Clone, Copy)]
enum Judged {
    /// From a note, and nobody has confirmed it.
    FromText,
    NotFinal,
    NoUnit,
    /// No such value is possible in this unit.
    Misfit,
    /// The laboratory's own flag.
    Flagged(Mark),
    /// The interval of the same report.
    Compared(Mark),
    NoInterval,
    /// A text or code.
    NoNumber,
}

/// Plausible limits by LOINC code, looked up once for the results of a row.
#[derive(Default)]
struct Limits<'a>(Vec<(&'a str, Option<&'static Input>)>);

impl<'a> Limits<'a> {
    fn of(&mut self, code: &'a str) -> Option<&'static Input> {
        if let Some((_, known)) = self.0.iter().find(|(c, _)| *c == code) {
            return *known;
        }
        let found = input::limits(code);
        self.0.push((code, found));
        found
    }

    /// No such value is possible in the unit that came with it, and one is in another unit of the table: the limits are those of adults,
    /// so that the weight of an infant is implausible for a rule, and no fault of its unit.
    fn forbid(&mut self, fact: &'a Fact) -> bool {
        let loinc = fact.codes.iter().find(|c| c.system == CodeSystem::Loinc);
        let (Some(code), Some(q)) = (loinc, fact.quantity()) else {
            return false;
        };
        let code = code.code.as_str();
        if panels::vital(code).is_some() {
            return false;
        }
        self.of(code).is_some_and(|limits| {
            let read = |unit| limits.canonical(code, q.value, q.comparator, unit);
            matches!(read(q.unit.as_deref()), Err(Unusable::Implausible))
                && limits.units.iter().any(|u| read(Some(u.ucum)).is_ok())
        })
    }
}

/// The laboratory's flag decides; without one, the interval of the same report; without either, "no interval" (7.1). Never a built-in limit.
fn judged<'a>(fact: &'a Fact, limits: &mut Limits<'a>) -> Judged {
    if fact.origin == triptych_clinical::Origin::Note && fact.confirmed.is_none() {
        return Judged::FromText;
    }
    if matches!(
        fact.status,
        Status::Preliminary | Status::Registered | Status::Partial | Status::Inert
    ) {
        return Judged::NotFinal;
    }
    if fact.quantity().is_some_and(|q| q.unit.is_none()) {
        return Judged::NoUnit;
    }
    if limits.forbid(fact) {
        return Judged::Misfit;
    }
    if let Some(mark) = fact.flag.as_deref().and_then(flagged) {
        return Judged::Flagged(mark);
    }
    let limits = fact.reference.as_ref().map(|r| (r.low, r.high));
    match (fact.quantity(), limits) {
        (Some(q), Some((low, high))) if low.is_some() || high.is_some() => {
            Judged::Compared(if high.is_some_and(|h| q.value > h) {
                Mark::Above
            } else if low.is_some_and(|l| q.value < l) {
                Mark::Below
            } else {
                Mark::Within
            })
        }
        (Some(_), _) => Judged::NoInterval,
        (None, _) => Judged::NoNumber,
    }
}

fn flagged(flag: &str) -> Option<Mark> {
    let is = |words: &[&str]| words.iter().any(|w| flag.eq_ignore_ascii_case(w));
    if is(&["HH", "CRITICAL HIGH", "HU"]) {
        Some(Mark::CriticalAbove)
    } else if is(&["LL", "CRITICAL LOW", "LU"]) {
        Some(Mark::CriticalBelow)
    } else if is(&["H", "HIGH"]) {
        Some(Mark::Above)
    } else if is(&["L", "LOW"]) {
        Some(Mark::Below)
    } else if is(&["N", "NORMAL"]) {
        Some(Mark::Within)
    } else {
        None
    }
}

/// Its source sent it anew with a correction.
pub(crate) const fn is_corrected(fact: &Fact) -> bool {
    matches!(fact.status, Status::Corrected | Status::Amended)
}

/// The mark without its words. A corrected result says so where nothing else stands in the mark's place (D-34).
fn mark_alone<'a>(fact: &'a Fact, limits: &mut Limits<'a>) -> Mark {
    let mark = match judged(fact, limits) {
        Judged::FromText => Mark::FromText,
        Judged::NotFinal | Judged::NoUnit | Judged::Misfit => Mark::Refused,
        Judged::Flagged(mark) | Judged::Compared(mark) => mark,
        Judged::NoInterval => Mark::NoInterval,
        Judged::NoNumber => Mark::Within,
    };
    match mark {
        Mark::Within | Mark::NoInterval if is_corrected(fact) => Mark::Corrected,
        mark => mark,
    }
}

fn mark<'a>(fact: &'a Fact, limits: &mut Limits<'a>) -> (Mark, String) {
    let of_report = |mark: Mark| {
        let side = match mark {
            Mark::CriticalAbove => "Reported critical high",
            Mark::CriticalBelow => "Reported critical low",
            Mark::Above => "Above the interval of this report",
            Mark::Below => "Below the interval of this report",
            _ => "Within the interval of this report",
        };
        format!("{side} ({})", interval(fact))
    };
    let words = match judged(fact, limits) {
        Judged::FromText => "From text, not confirmed".to_owned(),
        Judged::NotFinal => "Not final: shown, used by no rule".to_owned(),
        Judged::NoUnit => "No unit: shown, used by no rule".to_owned(),
        Judged::Misfit => "Unit and value do not fit: shown as sent, used by no rule".to_owned(),
        Judged::Flagged(mark) | Judged::Compared(mark) => of_report(mark),
        Judged::NoInterval => "This report gives no interval".to_owned(),
        Judged::NoNumber => String::new(),
    };
    let words = match (is_corrected(fact), words.as_str()) {
        (true, "") => "Corrected".to_owned(),
        (true, words) => format!("Corrected. {words}"),
        (false, _) => words,
    };
    (mark_alone(fact, limits), words)
}

#[cfg(test)]
mod tests {
    use triptych_clinical::{Coding, Quantity, ReferenceRange, Value};

    use super::*;
    use crate::chart::made;

    /// Potassium of 4.0 to 5.0 by its own report.
    fn potassium(written: &str, status: Status, flag: Option<&str>) -> Fact {
        Fact {
            value: Value::Quantity(Quantity {
                value: written.parse().unwrap(),
                written: written.into(),
                comparator: None,
                unit: Some("mmol/L".into()),
                unit_text: None,
            }),
            reference: Some(ReferenceRange {
                low: Some(4.0),
                high: Some(5.0),
                text: None,
            }),
            status,
            flag: flag.map(Into::into),
            ..made::fact("potassium", "2026-01-05")
        }
    }

    #[track_caller]
    fn check(written: &str, status: Status, flag: Option<&str>, mark_then: Mark, words: &str) {
        let fact = potassium(written, status, flag);
        let (found, said) = mark(&fact, &mut Limits::default());
        assert_eq!(found, mark_then, "{said}");
        assert!(said.starts_with(words), "{said}");
    }

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

    #[test]
    fn what_no_patient_can_have_in_its_unit_says_so_and_stays_as_sent() {
        let of = |code: &str, written: &str, unit: &str| {
            let mut fact = potassium(written, Status::Final, None);
            fact.codes = vec![Coding::new(CodeSystem::Loinc, code)].into();
            if let Value::Quantity(q) = &mut fact.value {
                q.unit = Some(unit.into());
            }
            let (found, said) = mark(&fact, &mut Limits::default());
            (found == Mark::Refused, said.starts_with("Unit and value"))
        };
        assert_eq!(of("2885-2", "78.37", "g/dL"), (true, true));
        assert_eq!(of("2885-2", "78.37", "g/L"), (false, false));
        assert_eq!(of("10834-0", "2.88", "g/L"), (true, true));
        assert_eq!(of("10834-0", "2.88", "g/dL"), (false, false));
        assert_eq!(of("0000-0", "2.88", "g/dL"), (false, false));
        // A newborn's weight.
        assert_eq!(of("29463-7", "3.6", "kg"), (false, false));
        // Implausible in every unit: shown, and no word about units.
        assert_eq!(of("2823-3", "13.5", "mmol/L"), (false, false));
    }

    #[test]
    fn d_34_a_corrected_result_says_so_whatever_its_flag() {
        check("4.2", Status::Final, Some("N"), Mark::Within, "Within");
        for status in [Status::Corrected, Status::Amended] {
            check("4.2", status, None, Mark::Corrected, "Corrected. Within");
            check(
                "4.2",
                status,
                Some("N"),
                Mark::Corrected,
                "Corrected. Within",
            );
            check("5.6", status, Some("H"), Mark::Above, "Corrected. Above");
            check("3.1", status, None, Mark::Below, "Corrected. Below");
        }
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
