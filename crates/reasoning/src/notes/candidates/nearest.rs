//! Which length belongs to which finding.

use super::measure::{Length, lengths};
use super::words::Words;
use super::{Candidate, Mention, Statement};
use crate::notes::span;

pub(super) fn with_span(
    sentence: &Statement<'_>,
    code: &'static str,
    mention: &Mention,
    own: Option<&Length>,
) -> Candidate {
    let mut candidate = sentence.candidate(code, mention.span, mention.categories);
    if let Some(length) = own.filter(|l| in_sentence(sentence, l)) {
        let place = sentence.place_of(mention.span);
        candidate.span =
            sentence.bytes(&(place.start.min(length.first)..place.end.max(length.end)));
    }
    candidate
}

/// A length that was taken from the following sentence has places beyond this one.
pub(super) fn in_sentence(sentence: &Statement<'_>, length: &Length) -> bool {
    length.end <= sentence.words.len()
}

/// The next sentence where it goes on about the same thing: "It measures 8 mm."
pub(super) fn continued<'a>(after: &impl Fn() -> Option<Words<'a>>) -> Option<Words<'a>> {
    after().filter(|w| {
        w.is(
            0,
            &[
                "it",
                "this",
                "these",
                "measuring",
                "measures",
                "which",
                "size",
                "dimensions",
            ],
        ) || w.has(&[
            "the nodule measures",
            "the mass measures",
            "the lesion measures",
            "the aneurysm measures",
            "the nodule is",
            "the lesion is",
            "the mass is",
        ])
    })
}

pub(super) fn widest(all: &[Length]) -> Option<Length> {
    all.iter()
        .max_by(|a, b| a.longest_mm().total_cmp(&b.longest_mm()))
        .cloned()
}

/// The length of this mention: each length belongs to the mention nearest to it, each mention has the nearest of its own.
pub(super) fn own_length<'a>(
    sentence: &Statement<'_>,
    mention: &Mention,
    all: &[&Mention],
    after: &impl Fn() -> Option<Words<'a>>,
) -> Option<Length> {
    let place = sentence.place_of(mention.span);
    let distance = |m: &Mention, length: &Length| {
        let other = sentence.place_of(m.span);
        if length.end <= other.start {
            // A size before its noun is the usual order.
            (other.start - length.end) * 2
        } else {
            length.first.saturating_sub(other.end) * 2 + 1
        }
    };
    let here = lengths(&sentence.words);
    // "Previously 6 mm" is another day's size.
    let current = |l: &&Length| {
        !(0..3).any(|back| {
            l.first.checked_sub(back + 1).is_some_and(|i| {
                sentence.words.is(
                    i,
                    &[
                        "previously",
                        "formerly",
                        "was",
                        "prior",
                        "previous",
                        "compared",
                        "versus",
                    ],
                )
            })
        })
    };
    let own = here
        .iter()
        .filter(current)
        .filter(|l| {
            let nearest = all.iter().min_by_key(|m| distance(m, l));
            nearest.is_none_or(|m| m.span == mention.span)
        })
        .min_by_key(|l| distance(mention, l))
        .cloned();
    if own.is_some() || !here.is_empty() || all.len() > 1 {
        return own;
    }
    let next = continued(after)?;
    let mut length = lengths(&next).into_iter().next()?;
    // Marked as lying beyond this sentence.
    length.first = sentence.words.len().max(place.end) + 1;
    length.end = length.first + 1;
    Some(length)
}

impl Statement<'_> {
    pub(super) fn bytes(&self, place: &std::ops::Range<usize>) -> triptych_clinical::TextSpan {
        let start = self.words.tokens.get(place.start).map_or(0, |t| t.start);
        let end = self
            .words
            .tokens
            .get(place.end.saturating_sub(1))
            .map_or(start, |t| t.end);
        span(start, end)
    }
}
