//! The examinations that a sentence speaks of.

use super::body::modality_at;
use super::words::Words;

/// An examination that is spoken of.
#[derive(Debug)]
pub(super) struct Object {
    pub first: usize,
    pub end: usize,
    pub modality: Option<&'static str>,
    /// "Imaging", "scan": some examination, whichever.
    pub imaging: bool,
    /// "Follow-up", "repeat": one that is still to come.
    pub again: bool,
}

/// The examinations that are not said to be earlier ones, in order.
pub(super) fn objects(words: &Words<'_>) -> Vec<Object> {
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
