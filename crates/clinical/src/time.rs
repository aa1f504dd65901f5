//! Instants, and dates that stay as precise as their source wrote them.
//!
//! All instants are UTC microseconds with the source's offset kept beside them; a year or a date is never turned into a false midnight:
//! it keeps its [`Precision`].

use std::fmt;

use jiff::{Timestamp, civil, tz};
use serde::{Deserialize, Serialize};

/// Microseconds since 1970-01-01 00:00:00 UTC.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Instant(pub i64);

/// The instant as of which a record is read. Nothing known later exists for the reader.
pub type IndexTime = Instant;

/// How much of a date its source gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Precision {
    /// `2019`
    Year,
    /// `2019-05`
    Month,
    /// `2019-05-04`
    Day,
    /// With a time of day.
    Second,
}

/// A time as its source gave it: the earliest instant it can mean, its precision and the source's offset from UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct When {
    /// Start of the year, month, day or the very second, in the source's offset.
    pub instant: Instant,
    /// What the source gave.
    pub precision: Precision,
    /// Minutes east of UTC as received; 0 where the source gave none.
    pub offset_minutes: i16,
}

/// A text that is no FHIR, DICOM or RFC 3339 time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a date or time")]
pub struct TimeError {
    /// The text, cut to 40 characters.
    pub text: String,
}

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

impl Instant {
    /// The machine's clock. Only the entry of a use case may call it; everything else takes the time as an argument.
    #[must_use]
    pub fn now() -> Self {
        Self(Timestamp::now().as_microsecond())
    }

    /// Whole seconds since the epoch.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(MICROS_PER_SECOND))
    }

    /// Days from `earlier` to this instant, as a fraction of 24 h.
    #[must_use]
    #[allow(
        clippy::cast_precision_loss,
        reason = "51 bits of microseconds reach beyond the year 2040"
    )]
    pub fn days_since(self, earlier: Self) -> f64 {
        self.0.saturating_sub(earlier.0) as f64 / MICROS_PER_DAY as f64
    }

    /// This instant moved by whole days of exactly 24 h.
    #[must_use]
    pub const fn plus_days(self, days: i64) -> Self {
        Self(self.0.saturating_add(days.saturating_mul(MICROS_PER_DAY)))
    }

    /// Calendar date in UTC.
    #[must_use]
    pub fn date(self) -> civil::Date {
        self.civil(0).date()
    }

    /// `2021-02-22` in UTC.
    #[must_use]
    pub fn iso_date(self) -> String {
        self.date().to_string()
    }

    fn civil(self, offset_minutes: i16) -> civil::DateTime {
        let shifted = self
            .0
            .saturating_add(i64::from(offset_minutes).saturating_mul(60 * MICROS_PER_SECOND));
        Timestamp::from_microsecond(shifted).map_or(civil::DateTime::default(), |t| {
            t.to_zoned(tz::TimeZone::UTC).datetime()
        })
    }
}

impl fmt::Display for Instant {
    /// RFC 3339 in UTC.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_microsecond(self.0) {
            Ok(t) => write!(f, "{t}"),
            Err(_) => write!(f, "{} us", self.0),
        }
    }
}

impl When {
    /// A second-precise time in UTC.
    #[must_use]
    pub const fn at(instant: Instant) -> Self {
        Self {
            instant,
            precision: Precision::Second,
            offset_minutes: 0,
        }
    }

    /// Parses `YYYY`, `YYYY-MM`, `YYYY-MM-DD` or an RFC 3339 date-time (FHIR `date`, `dateTime` and `instant`). A time of day without an
    /// offset is read as UTC.
    ///
    /// # Errors
    /// [`TimeError`] when the text is none of these or names no real date.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        let error = || TimeError {
            text: text.chars().take(40).collect(),
        };
        let text = text.trim();
        if !text.is_ascii() {
            return Err(error());
        }
        let day = |date: civil::Date, precision| {
            let instant = date
                .to_zoned(tz::TimeZone::UTC)
                .map_err(|_| error())?
                .timestamp();
            Ok(Self {
                instant: Instant(instant.as_microsecond()),
                precision,
                offset_minutes: 0,
            })
        };
        let number = |s: Option<&str>| {
            s.filter(|s| s.bytes().all(|b| b.is_ascii_digit()))
                .and_then(|s| s.parse::<i16>().ok())
                .ok_or_else(error)
        };
        let small = |s: Option<&str>| number(s).and_then(|n| i8::try_from(n).map_err(|_| error()));
        match text.len() {
            4 => day(
                civil::Date::new(number(text.get(..4))?, 1, 1).map_err(|_| error())?,
                Precision::Year,
            ),
            7 if text.get(4..5) == Some("-") => day(
                civil::Date::new(number(text.get(..4))?, small(text.get(5..7))?, 1)
                    .map_err(|_| error())?,
                Precision::Month,
            ),
            10 => day(text.parse().map_err(|_| error())?, Precision::Day),
            n if n > 10 => Self::parse_date_time(text).ok_or_else(error),
            _ => Err(error()),
        }
    }

    fn parse_date_time(text: &str) -> Option<Self> {
        let (stamp, offset_minutes) = match text.parse::<Timestamp>() {
            Ok(stamp) => (stamp, offset_of(text)),
            Err(_) => (
                text.parse::<civil::DateTime>()
                    .ok()?
                    .to_zoned(tz::TimeZone::UTC)
                    .ok()?
                    .timestamp(),
                0,
            ),
        };
        Some(Self {
            instant: Instant(stamp.as_microsecond()),
            precision: Precision::Second,
            offset_minutes,
        })
    }

    /// Parses DICOM DA (`YYYYMMDD`) and, where given, TM (`HHMM[SS[.F]]`), PS3.5 section 6.2. The offset is that of (0008,0201), 0 if absent.
    ///
    /// # Errors
    /// [`TimeError`] when the date is not a real one. An unreadable time of day lowers the precision to the day.
    pub fn from_dicom(
        date: &str,
        time: Option<&str>,
        offset_minutes: i16,
    ) -> Result<Self, TimeError> {
        let error = || TimeError {
            text: date.chars().take(40).collect(),
        };
        let digits: String = date.trim().chars().filter(char::is_ascii_digit).collect();
        // Some sources know only the month or the year, and write `197503`, `1975-03-??` or `1975`.
        let shortened = match (digits.get(..4), digits.get(4..6), digits.len()) {
            (Some(year), Some(month), 6) => Some(format!("{year}-{month}")),
            (Some(year), None, 4) => Some(year.to_owned()),
            _ => None,
        };
        if let Some(text) = shortened {
            return Self::parse(&text).map_err(|_| error());
        }
        let (Some(y), Some(m), Some(d), 8) = (
            digits.get(..4),
            digits.get(4..6),
            digits.get(6..8),
            digits.len(),
        ) else {
            return Err(error());
        };
        let number = |s: &str| s.parse::<i16>().map_err(|_| error());
        let small = |s: &str| s.parse::<i8>().map_err(|_| error());
        let date = civil::Date::new(number(y)?, small(m)?, small(d)?).map_err(|_| error())?;
        let of_day = time.and_then(dicom_time);
        let local = date.to_datetime(of_day.unwrap_or_default());
        let utc = local
            .to_zoned(tz::TimeZone::UTC)
            .map_err(|_| error())?
            .timestamp()
            .as_microsecond();
        let instant = Instant(
            utc.saturating_sub(i64::from(offset_minutes).saturating_mul(60 * MICROS_PER_SECOND)),
        );
        let precision = if of_day.is_some() {
            Precision::Second
        } else {
            Precision::Day
        };
        Ok(Self {
            instant,
            precision,
            offset_minutes,
        })
    }

    /// Calendar date in the source's offset: the first day that the source can mean.
    #[must_use]
    pub fn date(&self) -> civil::Date {
        self.instant.civil(self.offset_minutes).date()
    }

    /// Calendar date in the source's offset: the last day that the source can mean.
    #[must_use]
    pub fn last_date(&self) -> civil::Date {
        let first = self.date();
        match self.precision {
            Precision::Year => first.last_of_year(),
            Precision::Month => first.last_of_month(),
            Precision::Day | Precision::Second => first,
        }
    }

    /// The end of [`Self::last_date`] in the source's offset.
    #[must_use]
    pub fn end_of_last_date(&self) -> Instant {
        let next = self.last_date().saturating_add(jiff::Span::new().days(1));
        let midnight = next.to_zoned(tz::TimeZone::UTC).map(|z| z.timestamp());
        midnight.map_or(self.instant, |t| {
            let local = t.as_microsecond() - 1;
            Instant(local - i64::from(self.offset_minutes) * 60 * MICROS_PER_SECOND)
        })
    }

    /// For people, missing parts missing: `14/03/1975`, `03/1975` or `1975`.
    #[must_use]
    pub fn day_first(&self) -> String {
        let date = self.date();
        match self.precision {
            Precision::Year => format!("{:04}", date.year()),
            Precision::Month => format!("{:02}/{:04}", date.month(), date.year()),
            Precision::Day | Precision::Second => {
                format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year())
            }
        }
    }

    /// ISO date as precise as the source: `2019`, `2019-05` or `2019-05-04`, in the source's offset.
    #[must_use]
    pub fn iso_date(&self) -> String {
        let date = self.instant.civil(self.offset_minutes).date();
        match self.precision {
            Precision::Year => format!("{:04}", date.year()),
            Precision::Month => format!("{:04}-{:02}", date.year(), date.month()),
            Precision::Day | Precision::Second => date.to_string(),
        }
    }

    /// `09:41` in the source's offset, if the source gave a time of day.
    #[must_use]
    pub fn hour_minute(&self) -> Option<String> {
        let t = self.instant.civil(self.offset_minutes).time();
        (self.precision == Precision::Second).then(|| format!("{:02}:{:02}", t.hour(), t.minute()))
    }
}

impl fmt::Display for When {
    /// `2019`, `2019-05-04` or `2019-05-04 09:41`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iso_date())?;
        self.hour_minute().map_or(Ok(()), |t| write!(f, " {t}"))
    }
}

fn dicom_time(text: &str) -> Option<civil::Time> {
    let text = text.trim();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits: String = whole.chars().filter(|c| *c != ':').collect();
    if !(digits.bytes().all(|b| b.is_ascii_digit()) && matches!(digits.len(), 2 | 4 | 6)) {
        return None;
    }
    let part =
        |range: std::ops::Range<usize>| digits.get(range).map_or(Some(0), |s| s.parse::<i8>().ok());
    let nanos = format!("{fraction:0<9}")
        .get(..9)
        .and_then(|s| s.parse().ok())
        .unwrap_or(0);
    // A leap second (60) is legal in DICOM: shown as the last second of its minute.
    civil::Time::new(part(0..2)?, part(2..4)?, part(4..6)?.min(59), nanos).ok()
}

fn offset_of(text: &str) -> i16 {
    let Some(sign_at) = text
        .get(10..)
        .and_then(|t| t.rfind(['+', '-']))
        .map(|i| i + 10)
    else {
        return 0;
    };
    let (sign, rest) = (
        if text.get(sign_at..=sign_at) == Some("-") {
            -1
        } else {
            1
        },
        text.get(sign_at + 1..).unwrap_or(""),
    );
    let number = |s: Option<&str>| s.and_then(|s| s.parse::<i16>().ok()).unwrap_or(0);
    sign * (number(rest.get(..2)) * 60 + number(rest.get(3..5)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, instant: &str, precision: Precision, shown: &str) {
        let when = When::parse(text).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(
            (
                when.instant.to_string().as_str(),
                when.precision,
                when.to_string().as_str()
            ),
            (instant, precision, shown)
        );
    }

    #[test]
    fn a_time_keeps_the_precision_and_offset_of_its_source() {
        check("2019", "2019-01-01T00:00:00Z", Precision::Year, "2019");
        check(
            "2019-05",
            "2019-05-01T00:00:00Z",
            Precision::Month,
            "2019-05",
        );
        check(
            "2019-05-04",
            "2019-05-04T00:00:00Z",
            Precision::Day,
            "2019-05-04",
        );
        check(
            "2019-05-04T01:30:00-05:00",
            "2019-05-04T06:30:00Z",
            Precision::Second,
            "2019-05-04 01:30",
        );
        check(
            "2019-05-04T01:30:00.250Z",
            "2019-05-04T01:30:00.25Z",
            Precision::Second,
            "2019-05-04 01:30",
        );
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "20",
            "2019-13",
            "2019-02-30",
            "yesterday",
            "2019-05-04T25:00:00Z",
            "२०१९",
        ] {
            assert!(When::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn t69_missing_parts_stay_missing() {
        let shown = |d| When::from_dicom(d, None, 0).map(|w| w.day_first());
        assert_eq!(shown("19750314").as_deref(), Ok("14/03/1975"));
        assert_eq!(shown("1975-03-??").as_deref(), Ok("03/1975"));
        assert_eq!(shown("197503").as_deref(), Ok("03/1975"));
        assert_eq!(shown("1975").as_deref(), Ok("1975"));
        assert!(shown("197513").is_err());
        assert!(shown("19750").is_err());
    }

    #[test]
    fn dicom_dates_and_times() {
        let at = |d, t| When::from_dicom(d, t, 0).map(|w| w.to_string());
        assert_eq!(
            at("20210222", Some("091205.123")).as_deref(),
            Ok("2021-02-22 09:12")
        );
        assert_eq!(
            at("20210222", Some("09")).as_deref(),
            Ok("2021-02-22 09:00")
        );
        assert_eq!(at("20210222", None).as_deref(), Ok("2021-02-22"));
        assert_eq!(at("2021.02.22", Some("bad")).as_deref(), Ok("2021-02-22"));
        assert!(When::from_dicom("20210230", None, 0).is_err());
    }
}
