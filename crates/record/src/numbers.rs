//! Numbers and intervals that a source wrote as text. What could be read in two ways is not read.

use triptych_clinical::{Comparator, ReferenceRange};

/// A plain decimal number: sign, digits, point. `1,204` and `5,6` are none: they mean different things in different countries.
pub(crate) fn decimal(text: &str) -> Option<f64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let numeric = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if !numeric(whole) || !numeric(fraction) || whole.len() + fraction.len() == 0 {
        return None;
    }
    text.parse().ok().filter(|n: &f64| n.is_finite())
}

/// `<5`, `>= 90`: the comparator and what follows it.
pub(crate) fn comparator(text: &str) -> (Option<Comparator>, &str) {
    for (mark, comparator) in [
        ("<=", Comparator::AtMost),
        (">=", Comparator::AtLeast),
        ("≤", Comparator::AtMost),
        ("≥", Comparator::AtLeast),
        ("<", Comparator::Below),
        (">", Comparator::Above),
    ] {
        if let Some(rest) = text.strip_prefix(mark) {
            return (Some(comparator), rest.trim_start());
        }
    }
    (None, text)
}

/// True for what a person would read as a number but no machine may: digits with commas, apostrophes or blanks between them.
pub(crate) fn is_ambiguous(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_digit())
        && text.chars().all(|c| {
            c.is_ascii_digit() || matches!(c, ',' | '.' | '\'' | ' ' | '+' | '-' | '\u{a0}')
        })
}

/// A reference interval in the forms that mean one thing only; other texts stay text. The second value says what is wrong with it.
pub(crate) fn range(text: &str) -> (Option<ReferenceRange>, Option<&'static str>) {
    let written = text.trim();
    if written.is_empty() {
        return (None, None);
    }
    let (low, high) = limits(written);
    let reversed = matches!((low, high), (Some(l), Some(h)) if l > h);
    let range = ReferenceRange {
        low: low.filter(|_| !reversed),
        high: high.filter(|_| !reversed),
        text: Some(written.to_owned()),
    };
    (
        Some(range),
        reversed.then_some("the reference range is reversed: kept as text"),
    )
}

fn limits(text: &str) -> (Option<f64>, Option<f64>) {
    let inner = text
        .strip_prefix('(')
        .and_then(|t| t.strip_suffix(')'))
        .unwrap_or(text)
        .trim();
    match comparator(inner) {
        (Some(Comparator::Below | Comparator::AtMost), rest) => return (None, decimal(rest)),
        (Some(Comparator::Above | Comparator::AtLeast), rest) => return (decimal(rest), None),
        (None, _) => {}
    }
    if let Some((low, high)) = inner.split_once(" to ")
        && let (Some(low), Some(high)) = (decimal(low.trim()), decimal(high.trim()))
    {
        return (Some(low), Some(high));
    }
    // The dash between the limits is the first one behind a digit: `-1.0-1.0`.
    let dash = inner
        .char_indices()
        .skip(1)
        .find(|(_, c)| *c == '-')
        .map(|(i, _)| i);
    let Some((low, high)) = dash.and_then(|at| Some((inner.get(..at)?, inner.get(at + 1..)?)))
    else {
        return (None, None);
    };
    let (low, high) = (low.trim(), high.trim());
    match (decimal(low), decimal(high)) {
        (Some(low), None) if high.is_empty() => (Some(low), None),
        (Some(low), Some(high)) => (Some(low), Some(high)),
        _ => (None, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_mean_one_thing_are_read() {
        for (text, low, high) in [
            ("3.5-5.1", Some(3.5), Some(5.1)),
            ("3.5 - 5.1", Some(3.5), Some(5.1)),
            ("<5.2", None, Some(5.2)),
            ("> 3.4", Some(3.4), None),
            ("(3.5-5.1)", Some(3.5), Some(5.1)),
            ("-1.0-1.0", Some(-1.0), Some(1.0)),
            ("-3--1", Some(-3.0), Some(-1.0)),
            ("3.5-", Some(3.5), None),
            ("4.3 to 6.2", Some(4.3), Some(6.2)),
            ("3,5-5,1", None, None),
            ("3.5^5.1", None, None),
            ("negative", None, None),
            ("5.1-3.5", None, None),
            ("2024-01-05", None, None),
        ] {
            let (range, _) = super::range(text);
            let range = range.unwrap();
            assert_eq!((range.low, range.high), (low, high), "{text}");
            assert_eq!(range.text.as_deref(), Some(text));
        }
        assert!(super::range("5.1-3.5").1.is_some());
    }

    #[test]
    fn a_number_with_a_comma_is_none() {
        assert_eq!(decimal("4.06"), Some(4.06));
        assert_eq!(decimal(".5"), Some(0.5));
        for text in ["1,204", "5,6", "", ".", "1e3", "NaN", "inf", "0x1", "٣"] {
            assert_eq!(decimal(text), None, "{text}");
        }
        assert!(is_ambiguous("1,204") && is_ambiguous("5,6") && !is_ambiguous("hemolysed"));
    }
}
