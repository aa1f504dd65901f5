//! Dates and times of DICOM as seconds, fractions kept (DA, TM and DT of PS3.5 6.2).

use serde::{Deserialize, Serialize};

/// Seconds since 1970-01-01 00:00, on the wall clock of the file unless both times of a comparison say their zone.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(pub f64);

/// Seconds since midnight.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TimeOfDay(pub f64);

pub(super) const DAY_S: f64 = 86_400.0;

impl TimeOfDay {
    /// Of a TM: `HH`, `HHMM`, `HHMMSS` or `HHMMSS.FFFFFF`, also with the colons of ACR-NEMA.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().replace(':', "");
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        if !matches!(whole.len(), 2 | 4 | 6) || !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let part = |at: usize, most: u32| match whole.get(at..at + 2) {
            Some(digits) => number(digits).filter(|v| *v <= most),
            None => Some(0),
        };
        // 60: a leap second.
        let (hours, minutes, seconds) = (part(0, 23)?, part(2, 59)?, part(4, 60)?);
        let part_of_second: f64 = match fraction {
            "" => 0.0,
            _ => format!("0.{fraction}").parse().ok()?,
        };
        let whole = hours * 3600 + minutes * 60 + seconds;
        Some(Self(f64::from(whole) + part_of_second))
    }
}

impl Moment {
    /// Of a DA and a TM; both must be there.
    #[must_use]
    pub fn new(date: &str, time: &str) -> Option<Self> {
        Some(Self::on(day(date)?, TimeOfDay::parse(time)?))
    }

    /// Midnight of a DA.
    #[must_use]
    pub fn midnight(date: &str) -> Option<Self> {
        Some(Self::on(day(date)?, TimeOfDay(0.0)))
    }

    fn on(day: i64, time: TimeOfDay) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "some million days")]
        let days = day as f64;
        Self(days * DAY_S + time.0)
    }

    /// Of a DT with a date and at least the hour. With a zone of its own it is moved to `offset_minutes`, that of the file; where the file
    /// has none, the wall clocks are taken to be the same.
    #[must_use]
    pub fn parse(text: &str, offset_minutes: Option<i32>) -> Option<Self> {
        let text = text.trim();
        let sign = text.find(['+', '-']);
        let (local, zone) = match sign {
            Some(at) => text.split_at_checked(at)?,
            None => (text, ""),
        };
        let (date, time) = local.split_at_checked(8)?;
        let local = Self::new(date, time)?;
        match (zone_minutes(zone), offset_minutes) {
            (Some(own), Some(of_file)) => Some(Self(local.0 + f64::from(of_file - own) * 60.0)),
            _ => Some(local),
        }
    }

    /// Seconds from `earlier` to this.
    #[must_use]
    pub fn since(self, earlier: Self) -> f64 {
        self.0 - earlier.0
    }

    /// This, `seconds` later.
    #[must_use]
    pub fn plus(self, seconds: f64) -> Self {
        Self(self.0 + seconds)
    }

    /// `2025-01-01 23:55:00`.
    #[must_use]
    pub fn text(self) -> String {
        let day = (self.0 / DAY_S).floor();
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a day of a four-digit year"
        )]
        let (y, m, d) = civil(day as i64);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 to 86 399"
        )]
        let s = (self.0 - day * DAY_S) as u32;
        format!(
            "{y:04}-{m:02}-{d:02} {:02}:{:02}:{:02}",
            s / 3600,
            s / 60 % 60,
            s % 60
        )
    }
}

/// Minutes east of UTC of `+0100` or `-0330`.
pub(super) fn zone_minutes(text: &str) -> Option<i32> {
    let text = text.trim();
    let (sign, digits) = match text.as_bytes().first()? {
        b'+' => (1, text.get(1..)?),
        b'-' => (-1, text.get(1..)?),
        _ => return None,
    };
    let (hours, minutes) = digits.split_at_checked(2)?;
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let minutes = i32::try_from(hours * 60 + minutes).ok()?;
    (digits.len() == 4 && minutes <= 14 * 60).then_some(sign * minutes)
}

fn number(digits: &str) -> Option<u32> {
    let all = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    all.then(|| digits.parse().ok()).flatten()
}

/// Days since 1970-01-01 of a DA, also with the points of ACR-NEMA; no day that the calendar does not have.
fn day(date: &str) -> Option<i64> {
    let date = date.trim().replace('.', "");
    if date.len() != 8 {
        return None;
    }
    let (y, m, d) = (
        number(date.get(..4)?)?,
        number(date.get(4..6)?)?,
        number(date.get(6..)?)?,
    );
    let (year, month, day) = (i64::from(y), i64::from(m), i64::from(d));
    if !(1..=12).contains(&month) {
        return None;
    }
    // Years begin in March, so that the leap day is the last (the usual computation over eras of 400 years).
    let shifted = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (shifted.div_euclid(400), shifted.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    (civil(days) == (year, month, day)).then_some(days)
}

/// Year, month, day of days since 1970-01-01.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let years = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * years + years / 4 - years / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = years + era * 400 + i64::from(month <= 2);
    (year, month, day)
}
