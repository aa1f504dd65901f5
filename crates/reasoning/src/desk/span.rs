//! Lengths of windows in time, and whether two instants lie within one.

use triptych_clinical::Instant;

/// Length of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub(super) i64);

/// Days of exactly 24 h.
#[must_use]
pub const fn days(n: i64) -> Span {
    hours(24 * n)
}

/// Hours.
#[must_use]
pub const fn hours(n: i64) -> Span {
    Span(n * 3_600_000_000)
}

/// `later - earlier` is at most `span` (inclusive) and not negative.
#[must_use]
pub const fn within(earlier: Instant, later: Instant, span: Span) -> bool {
    let distance = later.0.saturating_sub(earlier.0);
    distance >= 0 && distance <= span.0
}

/// [`within`] for a window in days that need not be whole.
#[must_use]
pub fn within_days(earlier: Instant, later: Instant, days: f64) -> bool {
    let distance = later.days_since(earlier);
    (0.0..=days).contains(&distance)
}
