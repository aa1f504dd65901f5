//! The timeline, and the places that a click can jump to.

use triptych_clinical::{FactId, Instant, SopInstanceUid, StudyUid, When};

use super::{Severity, SignalId};

/// Lane of the timeline, in drawn order (record-and-signals 6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimelineLane {
    /// Contacts with care.
    Encounters,
    /// Bars.
    Problems,
    /// Bars.
    Medicines,
    /// Density and abnormal marks; single results when looked at closely.
    Laboratory,
    /// As the laboratory.
    Vitals,
    /// Modality glyphs.
    Imaging,
    /// Done.
    Procedures,
    /// Documents.
    Notes,
    /// Glyph by severity.
    Signals,
    /// Follow-up that is due.
    Loops,
}

/// One item of the timeline.
#[derive(Clone, Debug)]
pub struct TimelineItem {
    /// Which lane.
    pub lane: TimelineLane,
    /// Start, as precise as its source gave it.
    pub start: When,
    /// End of a bar; open bars end at the index time.
    pub end: Option<When>,
    /// When it could be known: earlier index times do not show it.
    pub available: Instant,
    /// Known only after the index time: drawn faintly, and nothing rests on it.
    pub later: bool,
    /// Short, for the strip: `Metformin 500 mg`, `CT`, `12 results, 3 outside the interval`
    pub label: String,
    /// In full, for hover and screen readers, without its date.
    pub detail: String,
    /// Laboratory: number of results on that day.
    pub count: usize,
    /// Laboratory: number outside their interval.
    pub abnormal: usize,
    /// Laboratory: number with a critical flag of their report.
    pub critical: usize,
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
    /// Line of the list of everything: encounter, procedure, imaging record …
    Listed(FactId),
    /// Card.
    Signal(SignalId),
    /// Question of a pathway: [`super::PathwayCard::id`].
    Question(String),
    /// Birth date, sex: the banner.
    Banner,
}
