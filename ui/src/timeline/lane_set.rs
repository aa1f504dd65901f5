//! Which lanes the strip has: their order, which leave first where room is short, and how high each is.

use triptych_workbench::view::{PatientView, TimelineLane};

use super::level::Level;
use crate::look::typeface::sz;

/// Least height of a lane; with less, lanes leave in [`DROPPED_FIRST`]'s order.
const LEAST_LANE: f32 = 16.0;

const LANES: [(TimelineLane, &str); 10] = [
    (TimelineLane::Encounters, "lane.encounters"),
    (TimelineLane::Problems, "lane.problems"),
    (TimelineLane::Medicines, "lane.medicines"),
    (TimelineLane::Laboratory, "lane.laboratory"),
    (TimelineLane::Vitals, "lane.vitals"),
    (TimelineLane::Imaging, "lane.imaging"),
    (TimelineLane::Procedures, "lane.procedures"),
    (TimelineLane::Notes, "lane.notes"),
    (TimelineLane::Signals, "lane.signals"),
    (TimelineLane::Loops, "lane.loops"),
];

const DROPPED_FIRST: [TimelineLane; 8] = [
    TimelineLane::Vitals,
    TimelineLane::Procedures,
    TimelineLane::Encounters,
    TimelineLane::Notes,
    TimelineLane::Medicines,
    TimelineLane::Problems,
    TimelineLane::Imaging,
    TimelineLane::Laboratory,
];

/// Lanes that are not there where they would be empty: most people have nothing due, and vital signs are often in no record.
const OPTIONAL: [TimelineLane; 3] = [
    TimelineLane::Vitals,
    TimelineLane::Procedures,
    TimelineLane::Loops,
];

/// A course needs more room than a row of ticks.
pub(super) const fn weight(lane: TimelineLane, level: Level) -> f32 {
    match (lane, level) {
        (TimelineLane::Laboratory, Level::Months | Level::Weeks) => 1.6,
        (TimelineLane::Laboratory | TimelineLane::Vitals, Level::Days | Level::Hours) => 2.4,
        _ => 1.0,
    }
}

/// The lanes that have room in `height`, with the keys of their names.
pub(super) fn visible_lanes(
    height: f32,
    patient: &PatientView,
) -> Vec<(TimelineLane, &'static str)> {
    let mut lanes: Vec<(TimelineLane, &'static str)> = LANES
        .into_iter()
        .filter(|(lane, _)| {
            !OPTIONAL.contains(lane) || patient.timeline.iter().any(|i| i.lane == *lane)
        })
        .collect();
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a handful of lanes"
    )]
    let room = ((height / sz(LEAST_LANE)).floor().max(1.0)) as usize;
    for gone in DROPPED_FIRST {
        if lanes.len() <= room {
            break;
        }
        lanes.retain(|(lane, _)| *lane != gone);
    }
    lanes
}
