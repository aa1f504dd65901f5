//! Lengths and times in a sentence.

use super::words::Words;
use crate::notes::lexis::number_of;

/// A length as written, at words `first..end`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Length {
    pub first: usize,
    pub end: usize,
    /// Each dimension in millimetres.
    pub mm: Vec<f64>,
    /// `mm` or `cm`, as written.
    pub unit: &'static str,
}

impl Length {
    /// The greatest dimension in millimetres.
    pub(super) fn longest_mm(&self) -> f64 {
        self.mm.iter().copied().fold(0.0, f64::max)
    }

    /// Mean of the two greatest dimensions, or the only one; nearest millimetre (R27).
    pub(super) fn mean_mm(&self) -> f64 {
        let mut sorted = self.mm.clone();
        sorted.sort_by(|a, b| b.total_cmp(a));
        match sorted.as_slice() {
            [long, short, ..] => f64::midpoint(*long, *short).round(),
            [one] => one.round(),
            [] => 0.0,
        }
    }
}

fn unit(word: &str) -> Option<(&'static str, f64)> {
    match word {
        "mm" | "millimeter" | "millimeters" | "millimetre" | "millimetres" => Some(("mm", 1.0)),
        "cm" | "cms" | "centimeter" | "centimeters" | "centimetre" | "centimetres" => {
            Some(("cm", 10.0))
        }
        _ => None,
    }
}

/// A number and, where they are written together ("8mm", "6x5mm"), what follows it.
fn split(word: &str) -> Option<(f64, &str)> {
    let digits = word.len()
        - word
            .trim_start_matches(|c: char| c.is_ascii_digit() || c == '.')
            .len();
    let (number, rest) = word.split_at_checked(digits)?;
    Some((number.parse().ok()?, rest))
}

/// All lengths of a sentence. Slice thickness and the like are none.
pub(super) fn lengths(words: &Words<'_>) -> Vec<Length> {
    let mut found = Vec::new();
    let mut i = 0;
    while i < words.len() {
        match length_at(words, i) {
            Some(length) => {
                i = length.end;
                let about_the_scan = words.is(
                    i,
                    &[
                        "slice",
                        "slices",
                        "collimation",
                        "section",
                        "sections",
                        "thick",
                        "reconstructions",
                        "axial",
                        "intervals",
                    ],
                ) || (length.first > 0
                    && words.is(length.first - 1, &["thickness", "slices", "every"]))
                    || words.is(i, &["from", "above", "below", "proximal", "distal"]);
                if !about_the_scan {
                    found.push(length);
                }
            }
            None => i += 1,
        }
    }
    found
}

/// `8 mm`, `8 x 6 mm`, `8 mm x 6 mm`, `1.2 by 0.8 cm`, `8x6mm`, `4 to 6 mm` (the greater).
fn length_at(words: &Words<'_>, first: usize) -> Option<Length> {
    let mut values: Vec<f64> = Vec::new();
    let mut unit_found = None;
    let mut range = false;
    let mut at = first;
    loop {
        let (value, rest) = joined(words.at(at))?;
        values.extend(value);
        at += 1;
        if let Some(u) = unit(rest) {
            unit_found = Some(u);
        } else if !rest.is_empty() {
            return None;
        } else if let Some(u) = unit(words.at(at)) {
            unit_found = Some(u);
            at += 1;
        }
        let again = |i: usize| joined(words.at(i)).is_some() && !words.parted(i);
        if words.is(at, &["x", "by", "\u{d7}"]) && again(at + 1) {
            at += 1;
        } else if unit_found.is_none() && words.is(at, &["to", "or"]) && again(at + 1) {
            range = true;
            at += 1;
        } else if unit_found.is_none()
            && again(at)
            && words.tokens.get(at).is_some_and(|t| t.joined)
        {
            // "4-6 mm": the hyphen is no word.
            range = true;
        } else {
            break;
        }
    }
    let (name, factor) = unit_found?;
    let mut mm: Vec<f64> = values.iter().map(|v| v * factor).collect();
    if range {
        mm = vec![mm.into_iter().fold(0.0, f64::max)];
    }
    // Longer than a person or nothing: no length of a finding.
    let sensible = mm.iter().all(|v| *v > 0.0 && *v < 500.0) && mm.len() <= 3;
    sensible.then_some(Length {
        first,
        end: at,
        mm,
        unit: name,
    })
}

/// The numbers of "8", "8mm", "8x6mm", and what follows the last.
fn joined(word: &str) -> Option<(Vec<f64>, &str)> {
    let mut numbers = Vec::new();
    let mut rest = word;
    loop {
        let (number, after) = split(rest)?;
        numbers.push(number);
        match after.strip_prefix(['x', '\u{d7}']) {
            Some(more) if !more.is_empty() => rest = more,
            _ => return Some((numbers, after)),
        }
    }
}

/// A span of time ahead, in months.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Due {
    /// The earlier end of "3 to 6 months".
    pub from: f64,
    /// The later end, or the only figure.
    pub months: f64,
    /// Its first word, and one past its last.
    pub first: usize,
    pub end: usize,
}

/// The first time ahead: "in 3-6 months", "6 month follow-up", "within two weeks", "annually". A time that is past ("3 months ago") is none.
pub(super) fn due(words: &Words<'_>) -> Option<Due> {
    (0..words.len()).find_map(|i| due_at(words, i))
}

fn due_at(words: &Words<'_>, first: usize) -> Option<Due> {
    if words.is(first, &["annual", "annually", "yearly"]) {
        return Some(Due {
            from: 12.0,
            months: 12.0,
            first,
            end: first + 1,
        });
    }
    let a = figure(words, first)?;
    let mut at = first + 1;
    let mut b = a;
    if words.is(at, &["to", "or", "and"])
        && let Some(second) = figure(words, at + 1)
    {
        b = second;
        at += 2;
    } else if let Some(second) = figure(words, at)
        && words.tokens.get(at).is_some_and(|t| t.joined)
    {
        b = second;
        at += 1;
    }
    let each = match words.at(at) {
        "month" | "months" | "mo" | "mos" | "month's" => 1.0,
        "year" | "years" | "yr" | "yrs" | "year's" => 12.0,
        "week" | "weeks" | "wk" | "wks" => 12.0 / 52.0,
        "day" | "days" => 12.0 / 365.0,
        _ => return None,
    };
    at += 1;
    let past = words.is(
        at,
        &[
            "ago",
            "old",
            "earlier",
            "prior",
            "previously",
            "history",
            "before",
            "duration",
            "status",
            "apart",
        ],
    ) || (first > 0
        && words.is(
            first - 1,
            &[
                "past", "last", "previous", "over", "for", "age", "aged", "since",
            ],
        ));
    (!past).then_some(Due {
        from: a * each,
        months: b * each,
        first,
        end: at,
    })
}

/// A number, or "a", "one" … "twelve".
fn figure(words: &Words<'_>, i: usize) -> Option<f64> {
    match words.at(i) {
        "a" | "an" if words.is(i + 1, &["year", "month", "week"]) => Some(1.0),
        word => number_of(word).filter(|n| *n > 0.0 && *n <= 120.0),
    }
}

/// Attenuation in Hounsfield units: "10 HU", "-5 Hounsfield units", "HU of 12".
pub(super) fn hounsfield(note: &str, words: &Words<'_>) -> Option<f64> {
    let unit = words.any(&["hu", "hus", "hounsfield"])?;
    let number = |i: usize| {
        let value: f64 = words.at(i).parse().ok()?;
        let start = words.tokens.get(i)?.start;
        let before = note.get(..start).unwrap_or_default();
        let minus = before.ends_with(['-', '\u{2212}', '\u{2013}'])
            && before
                .trim_end_matches(['-', '\u{2212}', '\u{2013}'])
                .ends_with([' ', '(', '\n']);
        Some(if minus { -value } else { value })
    };
    let signed = unit.checked_sub(1).and_then(number).map(|v| {
        let word_minus = unit >= 2 && words.is(unit - 2, &["minus", "negative"]);
        if word_minus { -v } else { v }
    });
    signed.or_else(|| (unit + 1..=unit + 4).find_map(number))
}
