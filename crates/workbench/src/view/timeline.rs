//! The timeline, and the places that a click can jump to.

use triptych_clinical::{FactId, SopInstanceUid, StudyUid, When};

use super::{Severity, SignalId};

/// Lane of the timeline, in drawn order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimelineLane {
    /// Contacts with care.
    Encounters,
    /// Bars.
    Problems,
    /// Bars.
    Medicines,
    /// Density and abnormal marks.
    Laboratory,
    /// Modality glyphs.
    Imaging,
    /// Documents.
    Notes,
    /// Glyph by severity.
    Signals,
}

/// One item of the timeline.
#[derive(Clone, Debug)]
pub struct TimelineItem {
    /// Which lane.
    pub lane: TimelineLane,
    /// Start.
    pub start: When,
    /// End of a bar; open bars end at the index time.
    pub end: Option<When>,
    /// `Metformin ER 500 mg`, `CT`, `12 results, 3 abnormal`
    pub label: String,
    /// Laboratory: number of results on that day.
    pub count: usize,
    /// Laboratory: number outside their interval.
    pub abnormal: usize,
    /// Signals.
    pub severity: Option<Severity>,
    /// Where a click goes.
    pub target: Target,
}

/// A place that can be jumped to.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// Row and point of the labs leaf (also vitals).
    Lab {
        /// [`super::LabRow::key`]
        row: String,
        /// The point.
        fact: FactId,
    },
    /// Note, with the byte span of a sentence.
    Note {
        /// Note.
        fact: FactId,
        /// Bytes of its text.
        span: Option<(usize, usize)>,
    },
    /// Study, and image if known.
    Image {
        /// Study.
        study: StudyUid,
        /// Instance and frame.
        instance: Option<(SopInstanceUid, u32)>,
    },
    /// Line of the medicines list.
    Medication(FactId),
    /// Line of the problems list.
    Problem(FactId),
    /// Line of the encounters list.
    Encounter(FactId),
    /// Card.
    Signal(SignalId),
    /// Birth date, sex: the banner.
    Banner,
}
