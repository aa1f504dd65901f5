//! A further examination that a report asks for. Record-and-signals R32.
//!
//! Proposed where a sentence asks for imaging; not where it refuses it, makes it depend on something ("if clinically indicated"), or tells
//! of an earlier one.

use super::body::region;
use super::examination::{Object, objects};
use super::measure::{Due, due};
use super::refusal::{is_conditional, is_past, is_refused, is_visit};
use super::words::Words;
use super::{Candidate, Statement};
use crate::notes::sections::SectionKind;

/// Sections that tell of what was, not of what should be.
const PAST: [SectionKind; 8] = [
    SectionKind::Indication,
    SectionKind::Comparison,
    SectionKind::Technique,
    SectionKind::PastMedicalHistory,
    SectionKind::PastSurgicalHistory,
    SectionKind::FamilyHistory,
    SectionKind::SocialHistory,
    SectionKind::Allergies,
];

pub(super) fn propose(sentence: &Statement<'_>, found: &mut Vec<Candidate>) {
    let words = &sentence.words;
    if PAST.contains(&sentence.section) {
        return;
    }
    let in_report = matches!(
        sentence.section,
        SectionKind::Impression | SectionKind::Findings | SectionKind::Recommendation
    );
    let Some(request) = request(words, in_report) else {
        return;
    };
    let mut candidate = sentence.candidate(
        "tri:recommendation",
        sentence.bytes(&(request.first..request.end)),
        super::Categories::default(),
    );
    if let Some(modality) = request.modality {
        candidate.attrs.insert("modality", modality.to_owned());
    }
    if let Some(region) = request.region {
        candidate.attrs.insert("region", region.to_owned());
    }
    if let Some(due) = request.due {
        let months = |m: f64| format!("{}", m.round().max(1.0));
        candidate.attrs.insert("due_months", months(due.months));
        if due.from < due.months {
            candidate.attrs.insert("due_from_months", months(due.from));
        }
    }
    found.push(candidate);
}

struct Request {
    first: usize,
    end: usize,
    modality: Option<&'static str>,
    region: Option<&'static str>,
    due: Option<Due>,
}

fn request(words: &Words<'_>, in_report: bool) -> Option<Request> {
    if is_refused(words) || is_conditional(words) {
        return None;
    }
    let objects = objects(words);
    let time = due(words);
    let strong = cue(words, &objects);
    let object = match strong {
        Some(cue) => objects
            .iter()
            .min_by_key(|o| (o.modality.is_none(), distance(o, cue)))?,
        // "Follow-up CT in 3 months" asks without a verb.
        None => time.and_then(|t| {
            objects
                .iter()
                .filter(|o| o.again)
                .min_by_key(|o| distance(o, t.first))
        })?,
    };
    if is_past(words, object, time.is_some()) {
        return None;
    }
    // A follow-up with a person is no examination; one without a name is imaging only where a report says so.
    if object.modality.is_none()
        && !object.imaging
        && (is_visit(words) || time.is_none() || !in_report)
    {
        return None;
    }
    let near = region(words, object.first..(object.end + 5).min(words.len()))
        .or_else(|| region(words, object.first.saturating_sub(3)..object.first))
        .or_else(|| region(words, 0..words.len()));
    let edges = [Some(object.first), strong, time.map(|t| t.first)];
    let ends = [Some(object.end), strong.map(|c| c + 1), time.map(|t| t.end)];
    Some(Request {
        first: edges.into_iter().flatten().min().unwrap_or(object.first),
        end: ends.into_iter().flatten().max().unwrap_or(object.end),
        modality: object.modality,
        region: near,
        due: time,
    })
}

fn distance(object: &Object, word: usize) -> usize {
    if word < object.first {
        object.first - word
    } else {
        word.saturating_sub(object.end)
    }
}

/// The word of asking that belongs to an examination.
fn cue(words: &Words<'_>, objects: &[Object]) -> Option<usize> {
    (0..words.len()).find(|i| is_cue(words, *i, objects))
}

fn is_cue(words: &Words<'_>, i: usize, objects: &[Object]) -> bool {
    let after = |most: usize| objects.iter().any(|o| o.first > i && o.first <= i + most);
    let before = || objects.iter().any(|o| o.end <= i);
    let passive = |from: usize| {
        (1..=3).any(|back| {
            i.checked_sub(back).is_some_and(|j| {
                j >= from && words.is(j, &["is", "are", "be", "also", "strongly", "therefore"])
            })
        })
    };
    match words.at(i) {
        "recommend" | "recommends" | "recommending" | "recommendation" | "recommendations"
        | "advise" | "advises" | "recommended" | "advised" | "advisable" => before() || after(12),
        "suggest" | "suggests" | "suggesting" => {
            after(3)
                && !words.is(
                    i.wrapping_sub(1),
                    &[
                        "findings",
                        "finding",
                        "changes",
                        "appearances",
                        "to",
                        "features",
                        "may",
                        "could",
                    ],
                )
        }
        "suggested" => {
            before()
                && (passive(0)
                    || i + 1 == words.len()
                    || words.parted(i + 1)
                    || words.is(i + 1, &["in", "at", "within", "to", "for"]))
        }
        "consider" => after(6),
        "considered" | "obtained" | "performed" | "arranged" | "scheduled" | "repeated" => {
            before()
                && words.is(i.wrapping_sub(1), &["be"])
                && words
                    .any(&["should", "could", "can", "may", "might", "must"])
                    .is_some()
        }
        "warranted" | "needed" | "required" | "necessary" | "indicated" | "mandatory"
        | "appropriate" => before() && passive(0),
        "needs" | "requires" | "need" | "require" | "warrants" | "warrant" | "merits" => after(7),
        "helpful" | "useful" | "beneficial" | "valuable" => {
            before() && words.any(&["be", "is"]).is_some()
        }
        "obtain" | "perform" | "arrange" | "schedule" | "order" => {
            after(6)
                && (i == 0 || words.is(i - 1, &["please", "should", "to", "and", "then", "also"]))
        }
        "further" | "additional" => {
            let kind = words.is(
                i + 1,
                &[
                    "evaluation",
                    "characterization",
                    "characterisation",
                    "assessment",
                    "workup",
                    "imaging",
                    "work",
                ],
            );
            kind && (after(6)
                && words.has(&[
                    "further evaluation with",
                    "further characterization with",
                    "further characterisation with",
                    "further assessment with",
                    "further evaluation by",
                    "further evaluated with",
                ]))
        }
        "evaluated" | "characterized" | "characterised" | "assessed" | "followed"
        | "reassessed" => {
            after(6)
                && words.is(i + 1, &["with", "by", "on"])
                && words
                    .any(&["should", "could", "can", "may", "might", "better"])
                    .is_some()
        }
        "correlate" | "correlation" => {
            after(4)
                && words.is(i + 1, &["with"])
                && words
                    .any(&["recommend", "recommended", "advised", "suggested"])
                    .is_some()
        }
        _ => false,
    }
}
