//! Semantic zoom: what a visible span is cut into, and what is drawn of it (record-and-signals 6.2).

use triptych_workbench::view::{Severity, TimelineItem};

use super::axis::{civil, day_of};

/// How close one looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Level {
    /// Z0, more than 12 years.
    Decades,
    /// Z1, 2 to 12 years.
    Years,
    /// Z2, 2 to 24 months.
    Months,
    /// Z3, 2 to 8 weeks.
    Weeks,
    /// Z4, 1 to 14 days.
    Days,
    /// Z5, less than a day.
    Hours,
}

impl Level {
    /// Of a visible span in days.
    pub fn of(span: f64) -> Self {
        match span {
            s if s > 12.0 * 365.25 => Self::Decades,
            s if s > 2.0 * 365.25 => Self::Years,
            s if s > 56.0 => Self::Months,
            s if s > 14.0 => Self::Weeks,
            s if s > 1.0 => Self::Days,
            _ => Self::Hours,
        }
    }

    /// Name for the strip's head.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Decades => "timeline.decades",
            Self::Years => "timeline.years",
            Self::Months => "timeline.months",
            Self::Weeks => "timeline.weeks",
            Self::Days => "timeline.days",
            Self::Hours => "timeline.hours",
        }
    }

    /// The bucket that a day falls into: first day, and first day of the next one. `Hours` has none: an item stands for itself.
    #[allow(clippy::cast_possible_truncation, reason = "days of a record fit")]
    pub fn bucket(self, days: f64) -> (f64, f64) {
        let day = days.floor() as i64;
        let (y, m, _) = civil(day);
        match self {
            Self::Decades => (day_of(y, 1, 1) as f64, day_of(y + 1, 1, 1) as f64),
            Self::Years => {
                let (ny, nm) = if m == 12 { (y + 1, 1) } else { (y, m + 1) };
                (day_of(y, m, 1) as f64, day_of(ny, nm, 1) as f64)
            }
            Self::Months => {
                // 1970-01-01 was a Thursday; weeks begin on Monday.
                let monday = day - (day + 3).rem_euclid(7);
                (monday as f64, (monday + 7) as f64)
            }
            Self::Weeks => (day as f64, (day + 1) as f64),
            Self::Days => {
                let hour = (days * 24.0).floor();
                (hour / 24.0, (hour + 1.0) / 24.0)
            }
            Self::Hours => (days, days),
        }
    }
}

/// What falls into one stretch of time. Merging never hides the worst.
#[derive(Debug)]
pub(crate) struct Bucket<'a> {
    pub from: f64,
    pub to: f64,
    pub items: Vec<&'a TimelineItem>,
    pub count: usize,
    pub abnormal: usize,
    pub critical: usize,
    pub worst: Option<Severity>,
}

/// Items in order of time, each in its bucket.
pub(crate) fn buckets<'a>(
    items: impl Iterator<Item = &'a TimelineItem>,
    level: Level,
    days_of: impl Fn(&TimelineItem) -> f64,
) -> Vec<Bucket<'a>> {
    let mut out: Vec<Bucket<'a>> = Vec::new();
    for item in items {
        let at = days_of(item);
        if out.last().is_none_or(|b| at >= b.to && at > b.from) {
            let (from, to) = level.bucket(at);
            out.push(Bucket {
                from,
                to,
                items: Vec::new(),
                count: 0,
                abnormal: 0,
                critical: 0,
                worst: None,
            });
        }
        if let Some(bucket) = out.last_mut() {
            bucket.items.push(item);
            bucket.count += item.count.max(1);
            bucket.abnormal += item.abnormal;
            bucket.critical += item.critical;
            bucket.worst = bucket.worst.max(item.severity);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use triptych_workbench::view::{Target, TimelineLane};
    use triptych_workbench::{Instant, When};

    fn item(hours: i64, count: usize) -> TimelineItem {
        let start = When::at(Instant(hours * 3_600_000_000));
        TimelineItem {
            lane: TimelineLane::Laboratory,
            start,
            end: None,
            available: start.instant,
            later: false,
            label: String::new(),
            detail: String::new(),
            count,
            abnormal: count / 3,
            critical: usize::from(count.is_multiple_of(7)),
            severity: None,
            target: Target::Banner,
        }
    }

    #[test]
    fn the_levels_are_those_of_the_specification() {
        for (span, level) in [
            (5000.0, Level::Decades),
            (4000.0, Level::Years),
            (700.0, Level::Months),
            (56.0, Level::Weeks),
            (10.0, Level::Days),
            (0.9, Level::Hours),
        ] {
            assert_eq!(Level::of(span), level, "{span}");
        }
    }

    #[test]
    fn a_bucket_holds_its_day_and_ends_where_the_next_begins() {
        for level in [
            Level::Decades,
            Level::Years,
            Level::Months,
            Level::Weeks,
            Level::Days,
        ] {
            for day in (-20_000..20_000).step_by(11) {
                let at = f64::from(day) + 0.4;
                let (from, to) = level.bucket(at);
                assert!(from <= at && at < to, "{level:?} {at}");
                assert_eq!(level.bucket(to + 1e-9).0, to, "{level:?} {at}");
            }
        }
    }

    /// Record-and-signals 6.4: for any facts and spans the aggregated count is that of counting one by one.
    #[test]
    fn counts_of_buckets_equal_counting_one_by_one() {
        let mut state = 7u64;
        let mut next = |n: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % n
        };
        for _ in 0..60 {
            let mut items: Vec<TimelineItem> = (0..next(400))
                .map(|_| {
                    item(
                        i64::try_from(next(300_000)).unwrap(),
                        usize::try_from(next(40)).unwrap(),
                    )
                })
                .collect();
            items.sort_by_key(|i| i.start.instant);
            for level in [
                Level::Decades,
                Level::Years,
                Level::Months,
                Level::Weeks,
                Level::Days,
                Level::Hours,
            ] {
                let of = |i: &TimelineItem| i.start.instant.0 as f64 / 86_400e6;
                let found = buckets(items.iter(), level, of);
                for b in &found {
                    let (a, z) = (b.from - 1e-9, b.to);
                    let inside: Vec<_> = items
                        .iter()
                        .filter(|i| {
                            of(i) >= a && (of(i) < z || (level == Level::Hours && of(i) <= z))
                        })
                        .collect();
                    assert_eq!(
                        b.count,
                        inside.iter().map(|i| i.count.max(1)).sum::<usize>()
                    );
                    assert_eq!(b.abnormal, inside.iter().map(|i| i.abnormal).sum::<usize>());
                    assert_eq!(b.critical, inside.iter().map(|i| i.critical).sum::<usize>());
                }
                assert_eq!(
                    found.iter().map(|b| b.items.len()).sum::<usize>(),
                    items.len()
                );
            }
        }
    }
}
