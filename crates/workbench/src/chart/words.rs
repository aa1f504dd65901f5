//! How numbers, ages and dates are written (look.md, "Numbers"): true minus, spaced range dash, ages in the largest fitting unit.

use triptych_clinical::{Instant, When};

/// U+2212: as wide as a digit in the interface's type.
pub(crate) const MINUS: char = '\u{2212}';
/// `0.50 – 1.10`
pub(crate) const RANGE: &str = " \u{2013} ";

/// `+38.3`, `−4.0`: one decimal, always signed.
pub(crate) fn signed(value: f64) -> String {
    let text = format!("{:.1}", value.abs());
    match (text.as_str() == "0.0", value < 0.0) {
        (true, _) => text,
        (false, true) => format!("{MINUS}{text}"),
        (false, false) => format!("+{text}"),
    }
}

/// A number from outside with a true minus.
pub(crate) fn minus(written: &str) -> String {
    written
        .strip_prefix('-')
        .map_or_else(|| written.to_owned(), |rest| format!("{MINUS}{rest}"))
}

/// A limit without needless decimals: `0.5`, `1.1`, `150`.
pub(crate) fn limit(value: f64) -> String {
    let text = format!("{value:.4}");
    minus(text.trim_end_matches('0').trim_end_matches('.'))
}

/// One decimal with a true minus, for positions in millimetres.
pub(crate) fn millimetres(value: f64) -> String {
    minus(&format!("{value:.1}"))
}

/// Whole days, never negative.
pub(crate) fn days(from: When, to: Instant) -> i64 {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "days since year 0 fit easily"
    )]
    let days = to.days_since(from.instant).floor() as i64;
    days.max(0)
}

/// `5 h`, `3 d`, `14 mo`, `3.3 y`.
pub(crate) fn age(from: When, to: Instant) -> String {
    let exact = to.days_since(from.instant);
    let days = days(from, to);
    match days {
        0 if from.precision == triptych_clinical::Precision::Second => {
            format!("{} h", (exact * 24.0).max(0.0).floor())
        }
        0..=89 => format!("{days} d"),
        90..=729 => format!("{:.0} mo", exact / 30.4375),
        _ => format!("{:.1} y", exact / 365.25),
    }
}

/// A text with its overlong decimals cut as [`number`](super::labs) does (generators write sixteen digits, no method has them) and UCUM's
/// name of the standard body surface read aloud.
pub(crate) fn shortened(text: &str) -> String {
    let word = |word: &str| match (word.split_once('.'), word.parse::<f64>()) {
        (Some((_, decimals)), Ok(value)) if decimals.len() > 4 => leading(value),
        _ => word.to_owned(),
    };
    let words: Vec<String> = text.split(' ').map(word).collect();
    words.join(" ").replace("{1.73_m2}", "1.73 m²")
}

/// About four leading figures.
pub(crate) fn leading(value: f64) -> String {
    let whole = value.abs();
    let places = if whole >= 100.0 {
        1
    } else if whole >= 1.0 {
        2
    } else if whole >= 0.1 || whole == 0.0 {
        3
    } else {
        // As many zeros as it takes: a small value is not none.
        let zeros = -whole.max(1e-9).log10().floor();
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "2 to 9"
        )]
        let zeros = zeros as usize;
        zeros + 2
    };
    format!("{value:.places$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_use_the_largest_fitting_unit() {
        let at = When::parse("2021-02-22T09:41:00Z").unwrap().instant;
        let age = |t: &str| age(When::parse(t).unwrap(), at);
        assert_eq!(age("2021-02-22T04:00:00Z"), "5 h");
        assert_eq!(age("2021-02-19"), "3 d");
        assert_eq!(age("2019-12-22"), "14 mo");
        assert_eq!(age("2017-11-10"), "3.3 y");
    }

    #[test]
    fn overlong_decimals_are_cut_and_small_values_stay_values() {
        let cases = [
            (137.123_456, "137.1"),
            (5.432_19, "5.43"),
            (0.612_345, "0.612"),
            (0.062_534_2, "0.0625"),
            (0.000_041, "0.0000410"),
            (-0.001_234_5, "-0.00123"),
        ];
        for (value, expected) in cases {
            assert_eq!(leading(value), expected);
        }
        assert_eq!(leading(0.0), "0.000");
    }

    #[test]
    fn numbers_have_a_true_minus_and_no_needless_decimals() {
        assert_eq!(
            (signed(-3.96), signed(38.28), signed(-0.01)),
            ("\u{2212}4.0".into(), "+38.3".into(), "0.0".into())
        );
        assert_eq!(
            (limit(0.5), limit(150.0), limit(-2.25)),
            ("0.5".into(), "150".into(), "\u{2212}2.25".into())
        );
    }
}
