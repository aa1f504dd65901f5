//! A further examination that a report asks for. Record-and-signals R32.
//!
//! Proposed where a sentence asks for imaging; not where it refuses it, makes it depend on something ("if clinically indicated"), or tells
//! of an earlier one.

use super::body::{modality_at, region};
use super::measure::{Due, due};
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

/// An examination that is spoken of.
#[derive(Debug)]
struct Object {
    first: usize,
    end: usize,
    modality: Option<&'static str>,
    /// "Imaging", "scan": some examination, whichever.
    imaging: bool,
    /// "Follow-up", "repeat": one that is still to come.
    again: bool,
}

fn objects(words: &Words<'_>) -> Vec<Object> {
    const IMAGING: [&str; 9] = [
        "imaging",
        "scan",
        "scanning",
        "scans",
        "reimaging",
        "rescan",
        "study",
        "examination",
        "views",
    ];
    const EARLIER: [&str; 17] = [
        "prior",
        "previous",
        "outside",
        "recent",
        "old",
        "earlier",
        "today's",
        "current",
        "present",
        "this",
        "comparison",
        "yesterday's",
        "initial",
        "available",
        "same",
        "existing",
        "last",
    ];
    let mut found: Vec<Object> = Vec::new();
    let mut i = 0;
    while i < words.len() {
        let again_end = again_at(words, i);
        let named = modality_at(words, i);
        let imaging = words.is(i, &IMAGING);
        let earlier = (1..=3).any(|back| {
            i.checked_sub(back)
                .is_some_and(|j| words.is(j, &EARLIER) && !(j + 1..i).any(|k| words.parted(k)))
        });
        match (again_end, named) {
            (Some(end), _) if !earlier && found.last().is_some_and(|o| o.end == i && o.imaging) => {
                // "MRI follow-up in 12 months"
                if let Some(last) = found.last_mut() {
                    last.end = end;
                    last.again = true;
                }
                i = end;
            }
            (Some(end), _) if !earlier => {
                found.push(Object {
                    first: i,
                    end,
                    modality: None,
                    imaging: false,
                    again: true,
                });
                i = end;
            }
            (_, Some((modality, end))) if !earlier => {
                join(
                    &mut found,
                    Object {
                        first: i,
                        end,
                        modality: Some(modality),
                        imaging: true,
                        again: false,
                    },
                    words,
                );
                i = end;
            }
            _ if imaging && !earlier => {
                join(
                    &mut found,
                    Object {
                        first: i,
                        end: i + 1,
                        modality: None,
                        imaging: true,
                        again: false,
                    },
                    words,
                );
                i += 1;
            }
            _ => i += named.map_or(1, |(_, end)| end - i),
        }
    }
    found
}

/// "Follow-up" and its like at word `i`: one past it.
fn again_at(words: &Words<'_>, i: usize) -> Option<usize> {
    [
        "follow up",
        "followup",
        "repeat",
        "repeated",
        "surveillance",
        "interval",
        "reassessment",
        "re evaluation",
        "reevaluation",
    ]
    .iter()
    .find_map(|p| words.phrase_at(p, i))
}

/// An examination a few words behind "follow-up" is that follow-up: "follow-up low-dose chest CT".
fn join(found: &mut Vec<Object>, object: Object, words: &Words<'_>) {
    if let Some(last) = found.last_mut()
        && object.first <= last.end + 4
        && last.modality.is_none()
        && !(last.end..=object.first).any(|k| k > last.end && words.parted(k))
    {
        last.end = object.end;
        last.modality = object.modality;
        last.imaging = true;
        return;
    }
    found.push(object);
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

/// "No further imaging", "does not require follow-up", "CT is not indicated".
fn is_refused(words: &Words<'_>) -> bool {
    const FILL: [&str; 26] = [
        "further",
        "additional",
        "specific",
        "routine",
        "dedicated",
        "immediate",
        "other",
        "more",
        "any",
        "imaging",
        "ct",
        "mri",
        "radiographic",
        "radiological",
        "radiologic",
        "need",
        "for",
        "subsequent",
        "clinical",
        "interval",
        "surveillance",
        "definite",
        "special",
        "urgent",
        "short",
        "term",
    ];
    const WANTED: [&str; 18] = [
        "follow",
        "followup",
        "imaging",
        "recommendation",
        "recommendations",
        "surveillance",
        "scan",
        "study",
        "evaluation",
        "workup",
        "work",
        "ct",
        "mri",
        "ultrasound",
        "radiograph",
        "examination",
        "assessment",
        "testing",
    ];
    const ASKED: [&str; 20] = [
        "recommended",
        "needed",
        "required",
        "indicated",
        "necessary",
        "warranted",
        "advised",
        "suggested",
        "require",
        "need",
        "warrant",
        "recommend",
        "mandatory",
        "suggest",
        "advise",
        "obtained",
        "merit",
        "performed",
        "helpful",
        "considered",
    ];
    (0..words.len()).any(|i| match words.at(i) {
        "no" | "without" | "needs" | "requires" | "nor" | "neither" => {
            let start = if words.is(i, &["needs", "requires"]) {
                i + 1
            } else {
                i
            };
            if !words.is(start, &["no", "without", "nor", "neither"]) {
                return false;
            }
            let end = (start + 1..start + 6)
                .find(|j| !words.is(*j, &FILL))
                .unwrap_or(start + 6);
            (start + 1..=end).any(|j| words.is(j, &WANTED) && !words.parted(j))
                && !words.is(start + 1, &["prior", "previous"])
        }
        "not" | "doesn't" | "don't" | "isn't" | "aren't" | "unlikely" | "never" => {
            (i + 1..i + 5).any(|j| words.is(j, &ASKED) && !(i + 1..=j).any(|k| words.parted(k)))
                && !words.is(i + 1, &["previously", "already", "yet", "done", "recently"])
        }
        "unnecessary" | "declined" | "declines" | "deferred" | "refused" | "cancelled"
        | "canceled" | "contraindicated" => true,
        _ => false,
    })
}

/// "If clinically indicated", "as needed", "should symptoms persist": no loop to close.
fn is_conditional(words: &Words<'_>) -> bool {
    const PHRASES: [&str; 19] = [
        "as clinically",
        "when clinically",
        "where clinically",
        "as needed",
        "as necessary",
        "as indicated",
        "as warranted",
        "as appropriate",
        "as required",
        "in case of",
        "in the event",
        "unless",
        "at the discretion",
        "depending on",
        "based on clinical",
        "whenever clinically",
        "per clinical",
        "should symptoms",
        "should clinical",
    ];
    if words.has(&PHRASES) {
        return true;
    }
    // "If not already done" asks all the same.
    let already = words.has(&[
        "if not already",
        "if not previously",
        "if not done",
        "if not recently",
        "if it has not",
        "if they have not",
        "if none has",
        "if this has not",
        "if not yet",
    ]);
    words.any(&["if"]).is_some() && !already
}

/// Tells of an examination that was asked for or done.
fn is_past(words: &Words<'_>, object: &Object, has_time: bool) -> bool {
    let told = words.has(&[
        "was performed",
        "were performed",
        "was obtained",
        "were obtained",
        "was done",
        "has been performed",
        "has been done",
        "had been",
        "was completed",
        "has been completed",
        "previously recommended",
        "as recommended",
        "was ordered",
        "performed on",
        "is performed",
        "are performed",
        "were done",
        "recommended previously",
        "recommended on prior",
        "has been obtained",
        "was scheduled",
    ]);
    let shows = (object.end..object.end + 6).any(|i| {
        words.is(
            i,
            &[
                "shows",
                "showed",
                "demonstrates",
                "demonstrated",
                "reveals",
                "revealed",
                "was",
                "confirms",
                "confirmed",
                "showing",
                "documented",
            ],
        )
    });
    let asked_once = words.has(&[
        "was recommended",
        "were recommended",
        "was advised",
        "was suggested",
        "were advised",
    ]) && !has_time;
    told || (shows && !words.has(&["was recommended", "was advised"])) || asked_once
}

/// A follow-up with a clinic or a doctor.
fn is_visit(words: &Words<'_>) -> bool {
    words.any_stem(&[
        "clinic",
        "appointment",
        "physician",
        "pcp",
        "dr",
        "doctor",
        "surger",
        "oncolog",
        "cardiolog",
        "neurolog",
        "pulmonolog",
        "urolog",
        "visit",
        "office",
        "colonoscop",
        "endoscop",
        "biops",
        "laborator",
        "blood",
        "provider",
        "therap",
        "counsel",
        "rheumatolog",
        "gastroenterolog",
        "endocrinolog",
        "dermatolog",
        "orthop",
        "nephrolog",
        "care",
        "level",
        "labs",
        "vaccin",
        "hba1c",
        "a1c",
        "glucose",
        "test",
        "panel",
        "creatinine",
        "inr",
        "diet",
    ])
}
