//! How old somebody was on a day, no more exact than the birth date that a source gave.

use std::fmt;

use jiff::civil::Date;

use crate::time::When;

/// Completed days, months or years; a birth date without its day or month leaves two ages open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Age {
    least: Span,
    most: Span,
}

/// The same age in three units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Span {
    days: i32,
    months: i32,
    years: i32,
}

impl Age {
    /// Of somebody born at `birth`, on the day of `at`, each by the calendar where it was written. `None` before the birth.
    #[must_use]
    pub fn new(birth: &When, at: &When) -> Option<Self> {
        let day = at.date();
        let (first, last) = possible_days(birth);
        let most = Span::between(first, day)?;
        // Somebody is never younger than born that day.
        let least = Span::between(last.min(day), day)?;
        Some(Self { least, most })
    }

    /// Completed years; the least that it can be.
    #[must_use]
    pub const fn years(&self) -> i32 {
        self.least.years
    }
}

impl fmt::Display for Age {
    /// `12 d` up to a month, `7 mo` up to two years, then `45 y`; `44–45 y` where the birth date leaves both open.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (least, most, unit) = if self.most.months < 1 {
            (self.least.days, self.most.days, "d")
        } else if self.most.months < 24 {
            (self.least.months, self.most.months, "mo")
        } else {
            (self.least.years, self.most.years, "y")
        };
        if least == most {
            write!(f, "{most} {unit}")
        } else {
            write!(f, "{least}–{most} {unit}")
        }
    }
}

impl Span {
    fn between(birth: Date, day: Date) -> Option<Self> {
        if day < birth {
            return None;
        }
        let months = (i32::from(day.year()) - i32::from(birth.year())) * 12
            + i32::from(day.month())
            - i32::from(birth.month())
            - i32::from(day.day() < birth.day());
        let days = day.since(birth).ok()?.get_days();
        Some(Self {
            days,
            months,
            years: months / 12,
        })
    }
}

/// First and last day that a date as given can mean.
fn possible_days(of: &When) -> (Date, Date) {
    (of.date(), of.last_date())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(birth: &str, at: &str, expected: Option<&str>) {
        let when = |text| When::parse(text).unwrap_or_else(|e| panic!("{e}"));
        let age = Age::new(&when(birth), &when(at)).map(|a| a.to_string());
        assert_eq!(age.as_deref(), expected, "{birth} at {at}");
    }

    #[test]
    fn t69_ages_are_in_days_months_or_completed_years() {
        check("2021-02-22", "2021-02-22", Some("0 d"));
        check("2021-02-10", "2021-02-22", Some("12 d"));
        check("2021-01-23", "2021-02-22", Some("30 d"));
        check("2021-01-22", "2021-02-22", Some("1 mo"));
        check("2020-07-22", "2021-02-22", Some("7 mo"));
        check("2019-02-23", "2021-02-22", Some("23 mo"));
        check("2019-02-22", "2021-02-22", Some("2 y"));
        check("1975-03-14", "2021-03-13", Some("45 y"));
        check("1975-03-14", "2021-03-14", Some("46 y"));
        check("2021-02-23", "2021-02-22", None);
    }

    #[test]
    fn t69_missing_parts_of_a_birth_date_leave_both_ages_open() {
        check("1975-03", "2021-03-14", Some("45–46 y"));
        check("1975-03", "2021-04-01", Some("46 y"));
        check("1975", "2021-12-31", Some("46 y"));
        check("1975", "2021-06-01", Some("45–46 y"));
        check("2021", "2021-01-05", Some("0–4 d"));
    }

    #[test]
    fn t69_the_day_is_that_of_the_clock_on_the_wall() {
        // 23:30 west of Greenwich is the next day in UTC, and not yet the birthday.
        check("1975-03-14", "2021-03-13T23:30:00-05:00", Some("45 y"));
        check("1975-03-14", "2021-03-14T00:30:00+09:00", Some("46 y"));
    }
}
