//! From time to place on the strip. Long stretches in which nothing happened are folded: they take a fixed room, whatever their length.
//!
//! Panning and zooming work on *line days*, in which a folded stretch is [`Fold::room`] long, so that the time under the pointer stays there.

use triptych_workbench::view::{PatientView, TimelineLane};

use super::axis;

/// A stretch without a single event, in days since 1970.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Fold {
    pub from: f64,
    pub to: f64,
    /// Line days that it takes.
    pub room: f64,
    /// Opened by its reader: drawn at its true length.
    pub open: bool,
}

/// The folded stretches of one record, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Folds(pub Vec<Fold>);

impl Fold {
    fn surplus(&self) -> f64 {
        if self.open {
            0.0
        } else {
            self.to - self.from - self.room
        }
    }
}

impl Folds {
    /// Folds of a record: what is longer than three years, or than a fifth of the record but at least half a year.
    pub fn of(patient: &PatientView) -> Self {
        let mut events: Vec<f64> = patient
            .timeline
            .iter()
            .flat_map(|i| {
                // A bar's end is an event too; a visit's end is not worth one.
                let bar = matches!(i.lane, TimelineLane::Problems | TimelineLane::Medicines);
                [Some(&i.start), i.end.as_ref().filter(|_| bar)]
            })
            .flatten()
            .map(axis::days_of)
            .chain([axis::days(patient.at)])
            .collect();
        events.extend(birth(patient));
        Self::between(events)
    }

    fn between(mut events: Vec<f64>) -> Self {
        events.sort_by(f64::total_cmp);
        let (Some(first), Some(last)) = (events.first(), events.last()) else {
            return Self::default();
        };
        let least = (0.2 * (last - first)).clamp(180.0, 3.0 * 365.25);
        let gaps: Vec<(f64, f64)> = events
            .iter()
            .zip(events.iter().skip(1))
            .filter(|(a, b)| *b - *a > least)
            .map(|(a, b)| (*a, *b))
            .collect();
        let empty: f64 = gaps.iter().map(|(a, b)| b - a).sum();
        let room = ((last - first - empty) * 0.04).clamp(20.0, least * 0.5);
        // A fold keeps a little of the empty time at both of its ends: the mark before it does not touch the break.
        let edge = room * 0.2;
        Self(
            gaps.into_iter()
                .map(|(from, to)| Fold {
                    from: from + edge,
                    to: to - edge,
                    room,
                    open: false,
                })
                .collect(),
        )
    }

    /// Line days of a time.
    pub fn line(&self, days: f64) -> f64 {
        let mut line = days;
        for fold in self.0.iter().filter(|f| !f.open) {
            if days >= fold.to {
                line -= fold.surplus();
            } else if days > fold.from {
                let share = (days - fold.from) / (fold.to - fold.from);
                line -= days - fold.from - share * fold.room;
                break;
            } else {
                break;
            }
        }
        line
    }

    /// The time at a place of the line.
    pub fn days(&self, line: f64) -> f64 {
        let mut days = line;
        for fold in self.0.iter().filter(|f| !f.open) {
            if days <= fold.from {
                break;
            }
            if days < fold.from + fold.room {
                let share = (days - fold.from) / fold.room;
                return fold.from + share * (fold.to - fold.from);
            }
            days += fold.surplus();
        }
        days
    }
}

/// Day of birth, if the banner has one.
pub(crate) fn birth(patient: &PatientView) -> Option<f64> {
    let when = triptych_workbench::When::parse(&patient.banner.birth_date).ok()?;
    Some(axis::days_of(&when))
}

/// From days to points on the strip.
#[derive(Clone, Copy)]
pub(crate) struct Scale<'a> {
    pub folds: &'a Folds,
    /// Visible span in line days.
    pub start: f64,
    pub end: f64,
    pub left: f32,
    pub right: f32,
}

impl Scale<'_> {
    #[allow(clippy::cast_possible_truncation, reason = "points on screen")]
    pub fn x(&self, days: f64) -> f32 {
        let share = (self.folds.line(days) - self.start) / (self.end - self.start);
        self.left + (share.clamp(-4.0, 5.0) as f32) * (self.right - self.left)
    }

    pub fn days(&self, x: f32) -> f64 {
        self.folds.days(self.line(x))
    }

    /// Place of the line under a point.
    pub fn line(&self, x: f32) -> f64 {
        self.start
            + f64::from((x - self.left) / (self.right - self.left).max(1.0))
                * (self.end - self.start)
    }

    /// First and last visible time.
    pub fn visible(&self) -> (f64, f64) {
        (self.folds.days(self.start), self.folds.days(self.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folds() -> Folds {
        Folds::between(vec![0.0, 14_000.0, 14_100.0, 14_500.0, 18_000.0])
    }

    #[test]
    fn long_empty_stretches_fold_and_short_ones_do_not() {
        let folds = folds();
        assert_eq!(folds.0.len(), 2, "{folds:?}");
        assert!(folds.0.iter().all(|f| f.room < f.to - f.from));
        assert!(Folds::between(vec![0.0, 100.0, 250.0]).0.is_empty());
        assert!(Folds::between(Vec::new()).0.is_empty());
    }

    #[test]
    fn line_and_days_are_inverse_and_keep_their_order() {
        let mut folds = folds();
        for open in [false, true] {
            folds.0[0].open = open;
            let mut before = f64::MIN;
            for day in (-500..19_000).step_by(7) {
                let day = f64::from(day);
                let line = folds.line(day);
                assert!((folds.days(line) - day).abs() < 1e-6, "{day}");
                assert!(line > before, "{day}");
                before = line;
            }
        }
    }
}
