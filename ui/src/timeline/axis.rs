//! Time on a line: days since 1970 as a number, the visible span, and where the marks of its axis stand.

use triptych_workbench::{Instant, When};

use crate::words::w;

const MICROS_A_DAY: f64 = 86_400e6;

/// Days since 1970-01-01 00:00 UTC.
#[allow(
    clippy::cast_precision_loss,
    reason = "microseconds to days: a screen does not show what is lost"
)]
pub(crate) fn days(instant: Instant) -> f64 {
    instant.0 as f64 / MICROS_A_DAY
}

/// The day on which a time is drawn, in its source's own offset.
pub(crate) fn days_of(when: &When) -> f64 {
    days(when.instant) + f64::from(when.offset_minutes) / 1440.0
}

/// The instant of a day number.
#[allow(
    clippy::cast_possible_truncation,
    reason = "clamped to years that a record can have"
)]
pub(crate) fn instant(days: f64) -> Instant {
    Instant((days.clamp(-100_000.0, 100_000.0) * MICROS_A_DAY) as i64)
}

/// Year, month (1 to 12), day (1 to 31) of a day number: civil-from-days by Howard Hinnant.
pub(crate) fn civil(day: i64) -> (i64, i64, i64) {
    let z = day + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let d = doy - (153 * mp + 2) / 5 + 1;
    let m = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i64::from(m <= 2), m, d)
}

/// Day number of a date: days-from-civil.
pub(crate) fn day_of(year: i64, month: i64, day: i64) -> i64 {
    let y = year - i64::from(month <= 2);
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let doy = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    era * 146_097 + doe - 719_468
}

/// Short name of a month.
pub(crate) fn month(m: i64) -> &'static str {
    const KEYS: [&str; 12] = [
        "month.jan",
        "month.feb",
        "month.mar",
        "month.apr",
        "month.may",
        "month.jun",
        "month.jul",
        "month.aug",
        "month.sep",
        "month.oct",
        "month.nov",
        "month.dec",
    ];
    usize::try_from(m - 1)
        .ok()
        .and_then(|i| KEYS.get(i))
        .map_or("", |k| w(k))
}

/// A mark of the axis.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tick {
    pub at: f64,
    pub words: String,
    /// Begins a year (or a day, when hours are shown).
    pub strong: bool,
}

/// Marks of the visible span, about `gap` points apart or more on `width` points.
pub(crate) fn ticks(start: f64, end: f64, width: f32, gap: f32) -> Vec<Tick> {
    let span = (end - start).max(1e-6);
    let room = span * f64::from(gap / width.max(1.0));
    let mut out = Vec::new();
    #[allow(clippy::cast_possible_truncation, reason = "days of a record fit")]
    let (first, last) = (start.floor() as i64, end.ceil() as i64);
    if room > 183.0 {
        let step = [1, 2, 5, 10, 20, 50]
            .into_iter()
            .find(|s| (*s * 365) as f64 >= room)
            .unwrap_or(100);
        let (y0, ..) = civil(first);
        let (y1, ..) = civil(last);
        for y in (y0..=y1).filter(|y| y % step == 0) {
            out.push(Tick {
                at: day_of(y, 1, 1) as f64,
                words: y.to_string(),
                strong: y % 10 == 0 && step == 1,
            });
        }
    } else if room > 15.0 {
        let step = [1, 2, 3, 6]
            .into_iter()
            .find(|s| (*s * 30) as f64 >= room)
            .unwrap_or(6);
        let (mut y, mut m, _) = civil(first);
        loop {
            let at = day_of(y, m, 1);
            if at > last {
                break;
            }
            if (m - 1) % step == 0 {
                let words = if m == 1 {
                    y.to_string()
                } else {
                    month(m).to_owned()
                };
                out.push(Tick {
                    at: at as f64,
                    words,
                    strong: m == 1,
                });
            }
            m += 1;
            if m > 12 {
                m = 1;
                y += 1;
            }
        }
    } else if room > 0.4 {
        let step = [1, 2, 5, 10]
            .into_iter()
            .find(|s| *s as f64 >= room)
            .unwrap_or(15);
        for day in first..=last {
            let (y, m, d) = civil(day);
            if (d - 1) % step == 0 && (d < 29 || step == 1) {
                let words = match (m, d) {
                    (1, 1) => y.to_string(),
                    (_, 1) => month(m).to_owned(),
                    _ => format!("{d} {}", month(m)),
                };
                out.push(Tick {
                    at: day as f64,
                    words,
                    strong: d == 1,
                });
            }
        }
    } else {
        let step = [1, 2, 3, 6, 12]
            .into_iter()
            .find(|s| *s as f64 / 24.0 >= room)
            .unwrap_or(12);
        for hour in first * 24..=last * 24 {
            let of_day = hour.rem_euclid(24);
            if of_day % step == 0 {
                let (_, m, d) = civil(hour.div_euclid(24));
                let words = if of_day == 0 {
                    format!("{d} {}", month(m))
                } else {
                    format!("{of_day:02}:00")
                };
                out.push(Tick {
                    at: hour as f64 / 24.0,
                    words,
                    strong: of_day == 0,
                });
            }
        }
    }
    out.retain(|t| t.at >= start && t.at <= end);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_day_numbers_agree() {
        for (date, day) in [
            ((1970, 1, 1), 0),
            ((2000, 3, 1), 11_017),
            ((2021, 2, 22), 18_680),
            ((1957, 3, 2), -4688),
        ] {
            assert_eq!(civil(day), date);
            assert_eq!(day_of(date.0, date.1, date.2), day);
        }
        for day in (-40_000..40_000).step_by(37) {
            let (y, m, d) = civil(day);
            assert_eq!(day_of(y, m, d), day);
        }
    }

    #[test]
    fn a_span_of_eighteen_months_is_marked_by_months_with_strong_years() {
        let end = day_of(2021, 2, 22) as f64;
        let got = ticks(end - 540.0, end, 1300.0, 60.0);
        assert!(got.iter().any(|t| t.words == "2020" && t.strong));
        assert!(got.len() > 12 && got.len() < 22, "{}", got.len());
    }

    #[test]
    fn marks_never_come_closer_than_asked() {
        for span in [0.5, 3.0, 20.0, 90.0, 700.0, 4000.0, 30_000.0] {
            let got = ticks(18_000.0, 18_000.0 + span, 1200.0, 56.0);
            for pair in got.windows(2) {
                let gap = (pair[1].at - pair[0].at) / span * 1200.0;
                // February is shorter than the month that the step is reckoned with.
                assert!(gap > 48.0, "{span}: {gap}");
            }
        }
    }
}
