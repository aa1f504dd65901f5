//! What makes a sentence about an examination no request.

use super::examination::Object;
use super::words::Words;

/// "No further imaging", "does not require follow-up", "CT is not indicated".
pub(super) fn is_refused(words: &Words<'_>) -> bool {
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
pub(super) fn is_conditional(words: &Words<'_>) -> bool {
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
pub(super) fn is_past(words: &Words<'_>, object: &Object, has_time: bool) -> bool {
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
pub(super) fn is_visit(words: &Words<'_>) -> bool {
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
