//! One patient: who it is, and all that the three leaves and the timeline show.

use std::sync::Arc;

use triptych_clinical::{IndexTime, PatientKey, When};
use triptych_imaging::display::CornerLayouts;

use super::{
    DrawingsView, FormerValues, Headers, LabGroup, LabRow, ListRow, NoteHits, NoteItem,
    NoteVerdicts, SignalsView, StudyView, TimelineItem,
};

/// One patient as of one index time. Long lists are shared, so that a copy in which one thing changed costs little.
#[derive(Clone, Debug)]
pub struct PatientView {
    /// The person.
    pub person: PatientKey,
    /// Shown in the header and in every viewport, spelled once.
    pub banner: Banner,
    /// Index time.
    pub at: IndexTime,
    /// The index time is the present (else frames are tinted and writing is off, D-36).
    pub at_is_now: bool,
    /// `now 2021-02-22 09:41` or `as of …`.
    pub at_text: String,
    /// Imaging studies, newest first.
    pub studies: Vec<StudyView>,
    /// What readers drew and marked on the images.
    pub drawings: DrawingsView,
    /// Lines in the corners of tiles, by modality (T50).
    pub corners: Arc<CornerLayouts>,
    /// Headers of files that were asked for.
    pub headers: Arc<Headers>,
    /// Laboratory results by panel in the order of record-and-signals 7.1.
    pub labs: Arc<[LabGroup]>,
    /// Results that count no longer, by row (D-34).
    pub former: Arc<FormerValues>,
    /// Vital signs.
    pub vitals: Arc<[LabRow]>,
    /// Notes and reports, newest first.
    pub notes: Arc<[NoteItem]>,
    /// Medicines, current first.
    pub medications: Arc<[ListRow]>,
    /// Problems, active first.
    pub problems: Arc<[ListRow]>,
    /// Allergies.
    pub allergies: Arc<[ListRow]>,
    /// Encounters, newest first.
    pub encounters: Arc<[ListRow]>,
    /// Procedures, newest first.
    pub procedures: Arc<[ListRow]>,
    /// Imaging studies that the record names, with images or without, newest first.
    pub imaging_records: Arc<[ListRow]>,
    /// Immunisations, newest first.
    pub immunizations: Arc<[ListRow]>,
    /// Orders, care plans, goals and whatever else was stated, newest first.
    pub others: Arc<[ListRow]>,
    /// Everything on the time axis.
    pub timeline: Arc<[TimelineItem]>,
    /// Cards, coverage, models, pathways.
    pub signals: SignalsView,
    /// Answer to the last note search.
    pub note_hits: Option<NoteHits>,
    /// What readers confirmed and rejected of the facts that notes seem to state (D-35).
    pub note_verdicts: Arc<NoteVerdicts>,
}

impl PatientView {
    /// The page of a person of whom nothing else is known.
    pub(crate) fn blank(person: PatientKey, at: IndexTime, banner: Banner) -> Self {
        Self {
            person,
            banner,
            at,
            at_is_now: true,
            at_text: String::new(),
            studies: Vec::new(),
            drawings: DrawingsView::default(),
            corners: Arc::default(),
            headers: Arc::default(),
            labs: Arc::default(),
            former: Arc::default(),
            vitals: Arc::default(),
            notes: Arc::default(),
            medications: Arc::default(),
            problems: Arc::default(),
            allergies: Arc::default(),
            encounters: Arc::default(),
            procedures: Arc::default(),
            imaging_records: Arc::default(),
            immunizations: Arc::default(),
            others: Arc::default(),
            timeline: Arc::default(),
            signals: SignalsView::default(),
            note_hits: None,
            note_verdicts: Arc::default(),
        }
    }
}

/// Who this is.
#[derive(Clone, Debug, Default)]
pub struct Banner {
    /// `HYATT, Neva`
    pub name: String,
    /// `NH`
    pub initials: String,
    /// `F`
    pub sex: String,
    /// `1970-05-28`
    pub birth_date: String,
    /// `50 y`
    pub age: String,
    /// Day of death, where it came before the index time: bars, lists of what is in force and rules end there.
    pub died: Option<When>,
    /// `MRN e6a7ccbf` as shown: type and value apart.
    pub identifier_kind: String,
    /// The identifier.
    pub identifier: String,
    /// Last three or four characters of it, for cards.
    pub identifier_tail: String,
    /// `penicillin`, `no known allergies`, or `no record`.
    pub allergies: String,
    /// A made-up patient.
    pub synthetic: bool,
    /// Other records linked into this person, as `name · identifier`.
    pub linked: Vec<String>,
}
