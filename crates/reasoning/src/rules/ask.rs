//! What most rules do in the same words: take the trigger, take what was measured beside it, decide on a value that may be only bounded.

use triptych_clinical::{Instant, Status};

use crate::chart::{Datum, Measured};
use crate::desk::{Desk, Span, within};
use crate::input::{self, Input};
use crate::number::{Interval, show};
use crate::outcome::{Finding, Missing, Quiet, Severity, Why};

/// The newest value of the input that starts a rule.
///
/// # Errors
/// The finding that ends the rule: nothing in the window, or a refused value.
pub(super) fn trigger<'a>(
    desk: &mut Desk<'a>,
    name: &'static str,
    window: Span,
    flags: &[&str],
) -> Result<Measured<'a>, Finding> {
    let asked = input::by_name(name)
        .ok_or(Why::Absent)
        .and_then(|input| Ok((input, desk.newest(input, window, flags)?)));
    match asked {
        Ok((input, value)) => {
            desk.rests_on(input, &value, "trigger");
            Ok(value)
        }
        Err(Why::Absent | Why::Stale) => Err(Finding::quiet(Quiet::NoTrigger)),
        Err(why) => Err(Finding::cannot_tell().lacks(name, why)),
    }
}

/// The newest value of an input, where something else starts the rule.
///
/// # Errors
/// What is missing, and why.
pub(super) fn newest<'a>(
    desk: &mut Desk<'a>,
    name: &'static str,
    window: Span,
    role: &str,
) -> Result<Measured<'a>, Missing> {
    told(desk, name, role, |desk, input| {
        desk.newest(input, window, &[])
    })
}

/// The value of an input nearest to the specimen of another.
///
/// # Errors
/// What is missing, and why.
pub(super) fn beside<'a>(
    desk: &mut Desk<'a>,
    name: &'static str,
    specimen: Instant,
    distance: Span,
    flags: &[&str],
    role: &str,
) -> Result<Measured<'a>, Missing> {
    told(desk, name, role, |desk, input| {
        desk.pair(input, specimen, distance, flags)
    })
}

fn told<'a>(
    desk: &mut Desk<'a>,
    name: &'static str,
    role: &str,
    question: impl FnOnce(&mut Desk<'a>, &'static Input) -> Result<Measured<'a>, Why>,
) -> Result<Measured<'a>, Missing> {
    let missing = |why| Missing::new(name, why);
    let input = input::by_name(name).ok_or_else(|| missing(Why::Absent))?;
    let value = question(desk, input).map_err(missing)?;
    desk.rests_on(input, &value, role);
    Ok(value)
}

/// The newest answer under a project code, for what a clinician enters.
///
/// # Errors
/// [`Why`] it is missing.
pub(super) fn answer<'a>(
    desk: &mut Desk<'a>,
    code: &'static str,
    window: Span,
) -> Result<&'a Datum, Why> {
    let at = desk.at();
    let newest = *desk.project_code(code).first().ok_or(Why::Absent)?;
    if !within(newest.instant(), at, window) {
        Err(Why::Stale)
    } else if matches!(
        newest.status,
        Status::Preliminary | Status::Registered | Status::Partial | Status::Inert
    ) {
        Err(Why::Preliminary)
    } else if newest.unconfirmed {
        Err(Why::Unconfirmed)
    } else {
        Ok(newest)
    }
}

/// What a rounded value decides about a criterion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Met over the whole interval; the mildest severity.
    Met(Severity),
    /// Met nowhere.
    NotMet,
    /// Met for a part of what is possible.
    Undecided,
}

/// Decides on a value that may be only bounded. `severity` says where the criterion is met, and only rises or only falls with the value, so
/// that the ends are enough.
pub(super) fn decide(value: Interval, severity: impl Fn(f64) -> Option<Severity>) -> Decision {
    match (severity(value.low), severity(value.high)) {
        (Some(a), Some(b)) => Decision::Met(a.min(b)),
        (None, None) => Decision::NotMet,
        _ => Decision::Undecided,
    }
}

impl Decision {
    /// The finding, still without its values.
    pub(super) fn finding(self, summary: String) -> Finding {
        match self {
            Self::Met(severity) => Finding::fires(severity, summary),
            Self::NotMet => Finding::silent(),
            Self::Undecided => Finding::cannot_tell(),
        }
    }
}

/// Inputs that are known only as above or below a bound.
pub(super) fn open(inputs: &[(&'static str, Interval)]) -> Vec<Missing> {
    inputs
        .iter()
        .filter(|(_, value)| value.point().is_none())
        .map(|(name, _)| Missing::new(*name, Why::Open))
        .collect()
}

/// `2.80`, `between 2.90 and 3.50`.
pub(super) fn words(value: Interval, decimals: i32) -> String {
    value.point().map_or_else(
        || {
            format!(
                "between {} and {}",
                show(value.low, decimals),
                show(value.high, decimals)
            )
        },
        |v| show(v, decimals),
    )
}

/// A risk in per cent: an integer from 10 on, one decimal below (D-23).
pub(super) fn percent(value: Interval) -> String {
    let one = |x: f64| show(x, i32::from(x < 10.0));
    match value.point() {
        Some(x) => format!("{} %", one(x)),
        None => format!("between {} and {} %", one(value.low), one(value.high)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bounded_value_decides_only_when_both_ends_agree_and_then_mildly() {
        let severity = |x: f64| match x {
            x if x >= 6.0 => Some(Severity::Moderate),
            x if x >= 5.5 => Some(Severity::Low),
            _ => None,
        };
        let at = |low, high| decide(Interval { low, high }, severity);
        assert_eq!(at(5.0, 5.4), Decision::NotMet);
        assert_eq!(at(5.4, 5.5), Decision::Undecided);
        assert_eq!(at(5.5, 7.0), Decision::Met(Severity::Low));
        assert_eq!(at(6.0, 7.0), Decision::Met(Severity::Moderate));
    }
}
