//! The simple lists: medicines, problems, allergies, encounters, procedures.

use std::collections::HashMap;

use triptych_clinical::{Fact, FactKind, Instant, Status, Value};

use super::labs::source;
use crate::view::ListRow;

fn of_kind(facts: &[Fact], kind: FactKind) -> impl Iterator<Item = &Fact> {
    facts.iter().filter(move |f| {
        f.kind == kind && !matches!(f.status, Status::EnteredInError | Status::Cancelled)
    })
}

/// In force at `at`. What its source calls over today was in force before its end, as the rules see it (docs/RULES.md).
pub(crate) fn is_active(fact: &Fact, at: Instant) -> bool {
    let active = matches!(
        fact.status,
        Status::Active | Status::Final | Status::Amended | Status::Corrected
    );
    match fact.end {
        Some(end) => end.instant > at && (active || fact.status == Status::Completed),
        None => active,
    }
}

fn title(fact: &Fact) -> String {
    let name = match fact.kind {
        FactKind::Medication => super::names::medicine(fact),
        FactKind::Encounter => super::names::encounter(fact),
        _ => super::names::plain(&fact.display),
    };
    if !name.is_empty() {
        return name;
    }
    if fact.display.is_empty() {
        fact.codes
            .first()
            .map_or_else(|| "no name given".to_owned(), ToString::to_string)
    } else {
        fact.display.to_string()
    }
}

fn list(
    facts: &[Fact],
    kind: FactKind,
    at: Instant,
    detail: impl Fn(&Fact) -> String,
) -> Vec<ListRow> {
    let mut rows: Vec<(&Fact, ListRow)> = of_kind(facts, kind)
        .map(|fact| {
            let active = is_active(fact, at);
            let start = fact
                .effective
                .map_or_else(|| "no date".to_owned(), |w| w.iso_date());
            let date = match (&fact.end, active) {
                (Some(end), _) if end.iso_date() != start => {
                    format!("{start} to {}", end.iso_date())
                }
                (None, true) if matches!(kind, FactKind::Medication | FactKind::Problem) => {
                    format!("since {start}")
                }
                _ => start,
            };
            let inert = match fact.status {
                Status::Inert => "shown, used by no rule".to_owned(),
                _ if fact.attrs.get("mapped").is_some_and(|m| m == "no") => {
                    "not mapped: no rule sees it".to_owned()
                }
                _ => String::new(),
            };
            (
                fact,
                ListRow {
                    fact: fact.id,
                    also: Vec::new(),
                    title: title(fact),
                    detail: detail(fact),
                    date,
                    active,
                    inert,
                    source: source(fact),
                },
            )
        })
        .collect();
    rows.sort_by(|(a, ra), (b, rb)| {
        rb.active
            .cmp(&ra.active)
            .then(b.placed_at().instant.cmp(&a.placed_at().instant))
            .then_with(|| ra.title.cmp(&rb.title))
            .then(a.id.cmp(&b.id))
    });
    rows.into_iter().map(|(_, row)| row).collect()
}

/// From so many lines on that say the same, one says it.
const REPEATED: usize = 3;

/// What was given again and again and is over is one line with its count and span: 48 cycles of a chemotherapy.
fn folded(rows: Vec<ListRow>) -> Vec<ListRow> {
    let key = |r: &ListRow| (r.title.clone(), r.detail.clone(), r.inert.clone());
    let may = |r: &ListRow| !r.active && r.date != "no date";
    let mut same: HashMap<_, Vec<usize>> = HashMap::new();
    for (n, row) in rows.iter().enumerate().filter(|(_, r)| may(r)) {
        same.entry(key(row)).or_default().push(n);
    }
    same.retain(|_, lines| lines.len() >= REPEATED);
    let mut out: Vec<ListRow> = Vec::with_capacity(rows.len());
    for (n, row) in rows.iter().enumerate() {
        match same.get(&key(row)).filter(|_| may(row)) {
            None => out.push(row.clone()),
            // Newest first: the first of them stands for all.
            Some(lines) if lines.first() == Some(&n) => {
                let others = || lines.iter().skip(1).filter_map(|n| rows.get(*n));
                let oldest = others().next_back().map_or("", |r| r.date.as_str());
                let start = oldest.split(" to ").next().unwrap_or_default();
                let end = row.date.rsplit(" to ").next().unwrap_or_default();
                out.push(ListRow {
                    also: others().map(|r| r.fact).collect(),
                    detail: format!("{} times · {}", lines.len(), row.detail),
                    date: format!("{start} to {end}"),
                    ..row.clone()
                });
            }
            Some(_) => {}
        }
    }
    out
}

/// Medicines, current first.
pub(crate) fn medications(facts: &[Fact], at: Instant) -> Vec<ListRow> {
    folded(list(facts, FactKind::Medication, at, |f| {
        let dose = f
            .attrs
            .get("dosage")
            .or_else(|| f.attrs.get("dose_text"))
            .cloned();
        let dose = dose
            .or_else(|| f.attrs.get("dose_mg_day").map(|d| format!("{d} mg/d")))
            .unwrap_or_else(|| "dose not recorded".to_owned());
        // Its source's own words, where the title says it shorter.
        if title(f) == f.display || f.display.is_empty() {
            dose
        } else {
            format!("{dose} · {}", f.display)
        }
    }))
}

/// Problems, active first.
pub(crate) fn problems(facts: &[Fact], at: Instant) -> Vec<ListRow> {
    list(facts, FactKind::Problem, at, |f| {
        f.codes.first().map(ToString::to_string).unwrap_or_default()
    })
}

/// Allergies: active first, of these the ones of high criticality.
pub(crate) fn allergies(facts: &[Fact], at: Instant) -> Vec<ListRow> {
    let mut rows = list(facts, FactKind::Allergy, at, |f| match &f.value {
        Value::Text(text) => text.clone(),
        _ => f.attrs.get("criticality").cloned().unwrap_or_default(),
    });
    rows.sort_by_key(|r| (!r.active, r.detail != "high"));
    rows
}

/// Encounters, newest first.
pub(crate) fn encounters(facts: &[Fact], at: Instant) -> Vec<ListRow> {
    let mut rows = list(facts, FactKind::Encounter, at, |f| {
        let setting = f.category.first().map_or("", |c| super::names::setting(c));
        if title(f) == setting {
            String::new()
        } else {
            setting.to_owned()
        }
    });
    rows.sort_by(|a, b| b.date.cmp(&a.date).then_with(|| a.title.cmp(&b.title)));
    rows
}

/// Procedures, imaging records, immunisations and the rest: newest first.
pub(crate) fn of_past(facts: &[Fact], kind: FactKind, at: Instant) -> Vec<ListRow> {
    let mut rows = list(facts, kind, at, |f| match kind {
        FactKind::Imaging => {
            let named = ["modality", "region"].map(|a| f.attrs.get(a).cloned().unwrap_or_default());
            named.join(" ").trim().to_owned()
        }
        FactKind::Other => f.category.join(", "),
        _ => String::new(),
    });
    rows.sort_by(|a, b| b.date.cmp(&a.date).then_with(|| a.title.cmp(&b.title)));
    rows
}

/// `House dust mite` of `House dust mite allergy`: the heading above it says so already.
fn allergen(title: &str) -> &str {
    let bare = title.strip_prefix("Allergy to ").unwrap_or(title);
    bare.strip_suffix(" allergy").unwrap_or(bare)
}

/// `penicillin`, or `no record`: a record without allergies is not "no allergies".
pub(crate) fn allergy_words(rows: &[ListRow]) -> String {
    let names: Vec<&str> = rows
        .iter()
        .filter(|r| r.active)
        .map(|r| allergen(&r.title))
        .collect();
    if names.is_empty() {
        "no record".to_owned()
    } else {
        names.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use triptych_clinical::{CodeSystem, Coding, When};

    use super::*;
    use crate::chart::made;

    #[test]
    fn an_encounter_is_named_in_words() {
        let check = |display: &str, title: &str, detail: &str| {
            let fact = Fact {
                kind: FactKind::Encounter,
                display: display.into(),
                category: vec!["AMB".to_owned()].into(),
                ..made::fact("visit", "2020-09-15")
            };
            let rows = encounters(&[fact], When::parse("2021-01-01").unwrap().instant);
            let found: Vec<_> = rows.iter().map(|r| (&*r.title, &*r.detail)).collect();
            assert_eq!(found, [(title, detail)]);
        };
        check(
            "Encounter for check up (procedure)",
            "Encounter for check up",
            "ambulatory",
        );
        check("AMB", "ambulatory", "");
    }

    fn medicine(status: Status, end: Option<&str>) -> Fact {
        Fact {
            kind: FactKind::Medication,
            codes: vec![Coding::new(CodeSystem::RxNorm, "314076")].into(),
            display: "Lisinopril 10 mg".into(),
            end: end.map(|text| When::parse(text).unwrap()),
            status,
            ..made::fact("lisinopril", "2020-09-15")
        }
    }

    #[track_caller]
    fn check(status: Status, end: Option<&str>, at: &str, active: bool, date: &str) {
        let at = When::parse(at).unwrap().instant;
        let rows = medications(&[medicine(status, end)], at);
        let found: Vec<_> = rows.iter().map(|r| (r.active, r.date.as_str())).collect();
        assert_eq!(found, [(active, date)], "{status:?} {end:?}");
    }

    #[test]
    fn what_is_over_today_was_in_force_at_an_earlier_index_time() {
        let end = Some("2026-10-28");
        let span = "2020-09-15 to 2026-10-28";
        check(Status::Completed, end, "2026-11-02", false, span);
        check(Status::Completed, end, "2026-01-01", true, span);
        check(Status::Active, end, "2026-11-02", false, span);
        check(Status::Active, None, "2026-11-02", true, "since 2020-09-15");
        check(Status::Completed, None, "2026-01-01", false, "2020-09-15");
        check(Status::Inert, end, "2026-01-01", false, span);
    }

    /// Story 2: requests for one chemotherapy, cycle after cycle, are one line; two courses of an antibiotic stay two.
    #[test]
    fn what_was_given_again_and_again_is_one_line_with_its_count_and_span() {
        let cycle = |name: &str, day: &str| Fact {
            codes: Vec::new().into(),
            display: name.into(),
            effective: When::parse(day).ok(),
            id: triptych_clinical::FactId::of(&[name, day]),
            ..medicine(Status::Completed, None)
        };
        let days = ["2009-01-05", "2009-02-04", "2009-03-06", "2009-04-05"];
        let mut facts: Vec<Fact> = days.map(|d| cycle("Cisplatin", d)).into();
        facts.push(cycle("Amoxicillin", "2008-01-01"));
        facts.push(cycle("Amoxicillin", "2010-01-01"));
        let rows = medications(&facts, When::parse("2012-01-01").unwrap().instant);
        let said: Vec<_> = rows
            .iter()
            .map(|r| (r.title.as_str(), r.detail.as_str(), r.date.as_str()))
            .collect();
        let unknown = "dose not recorded";
        assert_eq!(
            said,
            [
                ("Amoxicillin", unknown, "2010-01-01"),
                (
                    "Cisplatin",
                    "4 times · dose not recorded",
                    "2009-01-05 to 2009-04-05"
                ),
                ("Amoxicillin", unknown, "2008-01-01"),
            ]
        );
        assert!(facts[..4].iter().all(|f| rows[1].is(f.id)));
        // One that is in force stands by itself.
        let mut current = facts.clone();
        current[3].status = Status::Active;
        let rows = medications(&current, When::parse("2012-01-01").unwrap().instant);
        assert_eq!((rows[0].active, rows[0].also.len()), (true, 0));
    }
}
