//! What R27 to R32 share: findings of images and reports, one lesion at a time, and dates by calendar months.

use jiff::{ToSpan, civil::Date};

use crate::chart::{Datum, Kind};
use crate::desk::Desk;
use crate::outcome::{Finding, Missing, Verdict, Why};

/// Findings under one project code.
pub(super) struct Found<'a> {
    /// The newest usable one of each lesion, newest first.
    pub usable: Vec<&'a Datum>,
    /// Why newer ones are not used.
    pub refused: Vec<Missing>,
}

impl Found<'_> {
    pub(super) const fn is_empty(&self) -> bool {
        self.usable.is_empty() && self.refused.is_empty()
    }
}

/// All findings under a project code, newest first, whatever their status.
pub(super) fn all<'a>(desk: &mut Desk<'a>, code: &'static str) -> Vec<&'a Datum> {
    let mut found = desk.project_code(code);
    found.retain(|d| d.kind == Kind::Finding);
    found
}

/// The newest finding of each lesion; `lesion` is the attribute that names it, and findings without it are of one lesion. Two findings of one
/// instant are both kept: they may be two lesions that nobody named.
///
/// A newer one that is preliminary or unconfirmed does not hide an older confirmed one: it is listed as missing beside it.
pub(super) fn newest_of_each<'a>(
    desk: &mut Desk<'a>,
    code: &'static str,
    lesion: &str,
) -> Found<'a> {
    let mut found = Found {
        usable: Vec::new(),
        refused: Vec::new(),
    };
    for datum in all(desk, code) {
        let known = found.usable.iter().any(|d: &&Datum| {
            d.attr(lesion) == datum.attr(lesion) && d.instant() > datum.instant()
        });
        match datum.usable() {
            _ if known => {}
            Ok(()) => found.usable.push(datum),
            Err(why) => {
                let missing = Missing::new(code, why);
                if !found.refused.contains(&missing) {
                    found.refused.push(missing);
                }
            }
        }
    }
    found
}

/// One answer for several lesions: what fires with the greatest severity, else what cannot be told, else what was evaluated to the end.
/// What any of them lacks is listed, unless all are silent.
pub(super) fn gravest(all: Vec<Finding>, refused: Vec<Missing>) -> Finding {
    let missing: Vec<Missing> = all
        .iter()
        .filter(|f| f.verdict != Verdict::Silent)
        .flat_map(|f| f.missing.iter().cloned())
        .chain(refused.iter().cloned())
        .collect();
    let rank = |f: &Finding| match f.verdict {
        Verdict::Fires => (3, f.severity),
        Verdict::CannotTell => (2, None),
        Verdict::Silent if f.quiet.is_none() => (1, None),
        Verdict::Silent => (0, None),
    };
    // The first of equal rank: the newest.
    let first = all
        .into_iter()
        .reduce(|a, b| if rank(&b) > rank(&a) { b } else { a });
    match first {
        Some(f) if f.verdict != Verdict::Silent || refused.is_empty() => f.lacking(missing),
        _ => Finding::cannot_tell().lacking(missing),
    }
}

/// An attribute as a number.
pub(super) fn number(datum: &Datum, name: &str) -> Result<f64, Why> {
    let text = datum.attr(name).ok_or(Why::Absent)?;
    text.parse::<f64>()
        .ok()
        .filter(|x| x.is_finite())
        .ok_or(Why::Implausible)
}

/// An attribute as yes or no; `None` when it is not there or neither.
pub(super) fn flag(datum: &Datum, name: &str) -> Option<bool> {
    match datum.attr(name)? {
        "true" | "yes" => Some(true),
        "false" | "no" => Some(false),
        _ => None,
    }
}

/// `months` later, or the last day of a shorter month. A date beyond the calendar stays where it is.
pub(super) fn plus_months(date: Date, months: i64) -> Date {
    date.checked_add(months.months()).unwrap_or(date)
}

/// `days` later.
pub(super) fn plus_days(date: Date, days: i64) -> Date {
    date.checked_add(days.days()).unwrap_or(date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{Quiet, Severity};
    use jiff::civil::date;

    #[test]
    fn months_keep_the_day_or_take_the_last_of_a_shorter_month() {
        assert_eq!(plus_months(date(2026, 1, 30), 12), date(2027, 1, 30));
        assert_eq!(plus_months(date(2025, 8, 31), 6), date(2026, 2, 28));
        assert_eq!(plus_days(date(2026, 1, 30), 30), date(2026, 3, 1));
    }

    #[test]
    fn the_gravest_lesion_speaks_and_what_is_refused_is_listed() {
        let low = || Finding::fires(Severity::Low, "low".to_owned());
        let high = || Finding::fires(Severity::High, "high".to_owned());
        let refused = || vec![Missing::new("lung_nodule", Why::Unconfirmed)];
        let f = gravest(vec![low(), high(), Finding::silent()], refused());
        assert_eq!((f.summary.as_str(), f.missing.len()), ("high", 1));
        let f = gravest(vec![Finding::silent()], refused());
        assert_eq!((f.verdict, f.missing.len()), (Verdict::CannotTell, 1));
        let f = gravest(
            vec![
                Finding::quiet(Quiet::NotApplicable),
                Finding::silent().with("size_mm", 5),
            ],
            Vec::new(),
        );
        assert_eq!((f.quiet, f.result.len()), (None, 1));
    }
}
