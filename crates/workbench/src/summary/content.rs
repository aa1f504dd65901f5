//! What the page says, as words: taken from one view, so that nothing of it is of another time or another patient (D-36, D-37).

use std::sync::Arc;

use triptych_clinical::{Instant, When};

use super::marks::severity_word;
use crate::chart::{plain, shortened};
use crate::view::{
    Basis, LabPoint, LabRow, ListRow, Mark, ModelState, PatientView, Severity, SignalCard,
};

/// What is not in the view: when the page is made, and from which archive.
#[derive(Clone, Debug)]
pub(super) struct About {
    pub printed: Instant,
    /// Name of the archive's folder.
    pub archive: String,
}

/// The page in words.
#[derive(Clone, Debug)]
pub(super) struct Content {
    pub name: String,
    /// Birth date, age, sex, identifier.
    pub person: Vec<String>,
    pub allergies: String,
    /// Linked records, age of the newest entry, a made-up patient.
    pub remarks: Vec<String>,
    /// `2021-03-03 23:59 UTC`
    pub as_of: String,
    /// The index time is not the present.
    pub past: bool,
    /// The lists are those of the day of death.
    pub dead: bool,
    pub signals: Vec<SignalLine>,
    pub due: Vec<Entry>,
    /// What is outside its interval first, then panel by panel.
    pub labs: Vec<LabBlock>,
    pub vitals: Vec<LabLine>,
    pub problems: Vec<Entry>,
    pub medicines: Vec<Entry>,
    pub imaging: Vec<Entry>,
    pub papers: Vec<Entry>,
    pub foot: Vec<FootLine>,
    /// As-of time, program, archive, time of printing.
    pub made: String,
}

/// A signal that fired.
#[derive(Clone, Debug)]
pub(super) struct SignalLine {
    pub severity: Option<Severity>,
    pub word: &'static str,
    pub title: String,
    pub rule: String,
    pub summary: String,
    /// What it rests on, what is missing, what was answered.
    pub notes: Vec<String>,
}

/// A line of a list.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    pub title: String,
    pub detail: String,
    /// At the right; empty where the detail has it.
    pub date: String,
    pub strong: bool,
}

/// Results under one head.
#[derive(Clone, Debug)]
pub(super) struct LabBlock {
    pub title: String,
    pub rows: Vec<LabLine>,
}

/// The newest result of an analyte.
#[derive(Clone, Debug)]
pub(super) struct LabLine {
    pub mark: Mark,
    pub name: String,
    pub value: String,
    pub unit: String,
    /// `0.50 – 1.10`, `no interval`, `calculated`
    pub interval: String,
    /// No number: the value takes the place of unit and interval.
    pub is_text: bool,
    pub date: String,
    pub age: String,
    pub points: Arc<[LabPoint]>,
}

/// Several items behind a word; cut only between items, and then it says how many are left out.
#[derive(Clone, Debug)]
pub(super) struct FootLine {
    pub label: &'static str,
    pub items: Vec<String>,
    pub between: &'static str,
}

/// `2021-03-03 23:59 UTC`
pub(super) fn utc(at: Instant) -> String {
    format!("{} UTC", When::at(at))
}

impl Content {
    pub fn of(view: &PatientView, about: &About) -> Self {
        let as_of = utc(view.at);
        let past = !view.at_is_now;
        let banner = &view.banner;
        let made = format!(
            "As of {as_of}{} · Triptych {} · archive {} · printed {} · page 1 of 1",
            if past { " (past)" } else { "" },
            env!("CARGO_PKG_VERSION"),
            about.archive,
            utc(about.printed),
        );
        Self {
            name: banner.name.clone(),
            person: person(view),
            allergies: allergies(view),
            remarks: remarks(view),
            as_of,
            past,
            dead: banner.died.is_some(),
            signals: view.signals.cards.iter().map(signal).collect(),
            due: due(view),
            labs: labs(view),
            vitals: view.vitals.iter().map(lab).collect(),
            problems: active(&view.problems, false),
            medicines: active(&view.medications, true),
            imaging: imaging(view),
            papers: papers(view),
            foot: foot(view),
            made,
        }
    }
}

fn person(view: &PatientView) -> Vec<String> {
    let banner = &view.banner;
    let born = match banner.birth_date.starts_with(|c: char| c.is_ascii_digit()) {
        true => format!("born {}", banner.birth_date),
        false => banner.birth_date.clone(),
    };
    let sex = match banner.sex.as_str() {
        "F" => "female",
        "M" => "male",
        "O" => "other sex",
        "" => "sex not recorded",
        other => other,
    };
    let identifier = format!("{} {}", banner.identifier_kind, banner.identifier);
    [born, banner.age.clone(), sex.to_owned(), identifier]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect()
}

/// Also those that are not in force any more are named, as such.
fn allergies(view: &PatientView) -> String {
    let past = view.allergies.iter().filter(|a| !a.active).count();
    match past {
        0 => view.banner.allergies.clone(),
        n => format!("{} · {n} no longer active", view.banner.allergies),
    }
}

fn remarks(view: &PatientView) -> Vec<String> {
    let mut remarks = Vec::new();
    if let Some(died) = view.banner.died {
        remarks.push(format!(
            "Died {}: rules and lists stop at that day",
            died.iso_date()
        ));
    }
    if let Some(newest) = &view.signals.newest {
        remarks.push(format!(
            "Newest entry of this record: {} ({} before the as-of time)",
            newest.date, newest.age
        ));
    }
    if !view.banner.linked.is_empty() {
        remarks.push(format!("Linked records: {}", view.banner.linked.join("; ")));
    }
    if view.banner.synthetic {
        remarks.push("Made-up patient".to_owned());
    }
    remarks
}

fn signal(card: &SignalCard) -> SignalLine {
    let mut notes: Vec<String> = card
        .basis
        .items
        .iter()
        .filter(|i| i.role == "side")
        .map(|i| format!("{}: {} ({})", i.name, i.value, i.time))
        .collect();
    if notes.is_empty() && !card.detail.is_empty() {
        // A model's second line says where it ran.
        notes.push(match card.severity {
            Some(_) => format!("Newest input: {}", card.detail),
            None => card.detail.clone(),
        });
    }
    notes.push(match card.missing.is_empty() {
        true => "Missing: nothing named".to_owned(),
        false => card.missing.clone(),
    });
    notes.extend(
        card.own
            .iter()
            .map(|own| format!("Own impression: {} ({})", own.words, own.signed)),
    );
    notes.extend(past_review(&card.basis));
    notes.extend(
        card.acknowledged
            .as_ref()
            .map(|a| format!("Acknowledged: {a}")),
    );
    SignalLine {
        severity: card.severity,
        word: severity_word(card.severity),
        title: card.title.clone(),
        rule: card.rule.clone(),
        summary: shortened(&card.summary),
        notes: notes.iter().map(|n| shortened(n)).collect(),
    }
}

fn past_review(basis: &Basis) -> Option<String> {
    let past = basis.valid_until.contains("past review");
    past.then(|| "Source past its review date".to_owned())
}

fn due(view: &PatientView) -> Vec<Entry> {
    view.signals
        .due
        .iter()
        .map(|row| {
            let state = if row.overdue { "overdue" } else { "due" };
            let needs = match row.needs.is_empty() {
                true => String::new(),
                false => format!(" · {}", row.needs),
            };
            Entry {
                title: row.what.clone(),
                detail: format!(
                    "{state} {} · {} · {}{needs}",
                    row.when, row.about, row.source
                ),
                date: String::new(),
                strong: row.overdue,
            }
        })
        .collect()
}

fn labs(view: &PatientView) -> Vec<LabBlock> {
    let (mut outside, mut blocks) = (Vec::new(), Vec::new());
    for group in view.labs.iter() {
        let (marked, others): (Vec<&LabRow>, Vec<&LabRow>) =
            group.rows.iter().partition(|r| r.mark.is_outside());
        outside.extend(marked);
        if !others.is_empty() {
            blocks.push(LabBlock {
                title: group.title.clone(),
                rows: others.into_iter().map(lab).collect(),
            });
        }
    }
    if !outside.is_empty() {
        // What the source called critical stands before the rest.
        outside.sort_by_key(|r| matches!(r.mark, Mark::Above | Mark::Below));
        let first = LabBlock {
            title: "Outside the interval of their report".to_owned(),
            rows: outside.into_iter().map(lab).collect(),
        };
        blocks.insert(0, first);
    }
    blocks
}

fn lab(row: &LabRow) -> LabLine {
    let is_text = row.unit.is_empty() && row.value.chars().any(char::is_alphabetic);
    LabLine {
        mark: row.mark,
        name: match row.mark {
            Mark::Corrected => format!("{} (corrected)", row.name),
            Mark::FromText => format!("{} (from text, not confirmed)", row.name),
            Mark::Refused => format!("{} (not usable)", row.name),
            _ => row.name.clone(),
        },
        value: match is_text {
            true => plain(&row.value),
            false => row.value.clone(),
        },
        unit: row.unit.clone(),
        interval: match row.calculated {
            true => "calculated".to_owned(),
            false => row.interval.clone(),
        },
        is_text,
        date: row.collected.get(..10).unwrap_or(&row.collected).to_owned(),
        age: row.age.clone(),
        points: row.points.clone(),
    }
}

/// What is in force, with its start at the right.
fn active(rows: &[ListRow], detailed: bool) -> Vec<Entry> {
    rows.iter()
        .filter(|r| r.active)
        .map(|row| {
            let start = row.date.strip_prefix("since ");
            let start = start.or_else(|| (row.date.len() == 10).then_some(row.date.as_str()));
            let mut detail: Vec<&str> = Vec::new();
            if detailed {
                detail.push(&row.detail);
            }
            if start.is_none() {
                detail.push(&row.date);
            }
            detail.push(&row.inert);
            detail.retain(|part| !part.is_empty());
            Entry {
                title: row.title.clone(),
                detail: detail.join(" · "),
                date: start.unwrap_or_default().to_owned(),
                strong: false,
            }
        })
        .collect()
}

fn imaging(view: &PatientView) -> Vec<Entry> {
    let studies = view.studies.iter().map(|study| {
        let images: usize = study.series.iter().map(|s| s.images).sum();
        let named = study.title.starts_with(&study.modality);
        let many = if images == 1 { "" } else { "s" };
        Entry {
            title: match named {
                true => study.title.clone(),
                false => format!("{} {}", study.modality, study.title),
            },
            detail: format!("{images} image{many} in this archive"),
            date: study.date.clone(),
            strong: false,
        }
    });
    let records = view.imaging_records.iter().map(|row| Entry {
        title: row.title.clone(),
        detail: row.detail.clone(),
        date: row.date.clone(),
        strong: false,
    });
    let mut all: Vec<Entry> = studies.chain(records).collect();
    all.sort_by(|a, b| b.date.cmp(&a.date));
    all
}

fn papers(view: &PatientView) -> Vec<Entry> {
    view.notes
        .iter()
        .map(|note| Entry {
            title: note.title.clone(),
            detail: match note.status.as_str() {
                "final" => String::new(),
                status => status.to_owned(),
            },
            date: note.date.get(..10).unwrap_or(&note.date).to_owned(),
            strong: false,
        })
        .collect()
}

fn foot(view: &PatientView) -> Vec<FootLine> {
    let line = |label, items, between| FootLine {
        label,
        items,
        between,
    };
    let signals = &view.signals;
    let mut coverage = vec![signals.coverage.clone()];
    if signals.running {
        coverage.push("models or the evidence graph were still at work".to_owned());
    }
    if !signals.time_critical.cards.is_empty() {
        let n = signals.time_critical.cards.len();
        coverage.push(format!("lane T has a panel of its own: {n} not printed"));
    }
    let mut missing: Vec<String> = signals
        .needs
        .trim_start_matches("needs: ")
        .split(", ")
        .filter(|n| !n.is_empty())
        .map(str::to_owned)
        .collect();
    let unmapped = signals.coverage_rows.iter();
    missing.extend(
        unmapped
            .filter(|(name, _)| name == "medicines not mapped")
            .map(|(_, names)| format!("medicines that no rule sees: {names}")),
    );
    if missing.is_empty() {
        missing.push("nothing named by the rules".to_owned());
    }
    let pathways = signals
        .hesitating
        .iter()
        .map(|(title, needs)| match needs.is_empty() {
            true => title.clone(),
            false => format!("{title} (needs {needs})"),
        })
        .collect();
    let lines = [
        line("Coverage", coverage, " · "),
        line("Missing", missing, ", "),
        line("Pathways undecided", pathways, "; "),
        line("Models", models(view), "; "),
        line("Versions", versions(view), ", "),
    ];
    lines.into_iter().filter(|l| !l.items.is_empty()).collect()
}

/// Each model in one of its states, and what waits for an own impression (D-15).
fn models(view: &PatientView) -> Vec<String> {
    let signals = &view.signals;
    let mut lines: Vec<String> = signals
        .models
        .iter()
        .map(|model| {
            let state = match &model.state {
                ModelState::Off => "off".to_owned(),
                ModelState::Running => "not finished when this was printed".to_owned(),
                ModelState::Analysed => "analysed".to_owned(),
                ModelState::Withheld(reasons) => format!("withheld ({})", reasons.join(", ")),
                ModelState::Failed(why) => format!("failed ({why})"),
            };
            format!("{} {state}", model.model)
        })
        .collect();
    let waiting = signals.hidden.len();
    if waiting > 0 {
        lines.push(format!(
            "output for {waiting} of the studies waits for an own impression, not printed"
        ));
    }
    lines
}

/// The name of a formula without the formula.
fn before_colon(source: &str) -> &str {
    source.split(':').next().unwrap_or(source)
}

/// The rules, packs and formulas that spoke on this page, each with its version.
fn versions(view: &PatientView) -> Vec<String> {
    let signals = &view.signals;
    // A disagreement of sources has no rule: it is found by the program, whose version stands below.
    let rules = signals.cards.iter().filter(|c| c.sides.is_empty());
    let mut all: Vec<String> = rules.map(|c| c.rule.clone()).collect();
    all.extend(signals.due.iter().map(|d| d.source.clone()));
    all.extend(signals.pathways.iter().map(|p| p.pack.clone()));
    let rows = view
        .labs
        .iter()
        .flat_map(|g| &g.rows)
        .chain(view.vitals.iter());
    all.extend(
        rows.filter(|r| r.calculated)
            .map(|r| format!("{} by {}", r.name, before_colon(&r.source))),
    );
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|v| !v.is_empty() && seen.insert(v.clone()));
    if all.is_empty() {
        all.push("no rule, pack or formula spoke".to_owned());
    }
    all
}
