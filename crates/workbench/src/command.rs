//! What a person can do, one variant each: the window, the command line and the tests drive the same commands.

use std::path::PathBuf;

use triptych_archive::{IdentityAnswer, QuestionId};
use triptych_clinical::{FactId, IndexTime, PatientKey, SopInstanceUid, StudyUid, When};
use triptych_imaging::annotate::Annotation;
use triptych_imaging::display::Window;
use triptych_imaging::geometry::ViewState;
use triptych_imaging::volume::Grown;

use crate::view::{KeyImage, SeriesKey, SignalId};

/// One act of a user. Never blocks: the workbench runs it as a task and publishes a new snapshot.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Back to the list of patients.
    ShowStart,
    /// Filter the list of patients.
    SearchPatients(String),
    /// Open a person.
    OpenPatient(PatientKey),
    /// Open the person to whom this study belongs.
    OpenStudy(StudyUid),
    /// Read the record as of another time; `None` is now.
    SetIndexTime(Option<IndexTime>),
    /// Import files, folders, archives.
    Import(Vec<PathBuf>),
    /// Stop the running import; what is stored stays.
    CancelImport,
    /// Answer a question of identity. One person: the records are linked, never merged. Audited; a link can be taken back.
    AnswerIdentity {
        /// [`crate::view::IdentityCard::id`]
        question: QuestionId,
        /// What.
        answer: IdentityAnswer,
        /// Why; at least a word.
        reason: String,
    },
    /// Decode this display set, beginning with slice `from`; sets not asked for again are dropped when memory is needed.
    LoadSeries {
        /// Display set.
        series: SeriesKey,
        /// Slice on screen, from 0.
        from: usize,
    },
    /// Decode the middle slice of this display set only, for its thumbnail.
    LoadThumbnail(SeriesKey),
    /// Read an object that is no image into its slot.
    LoadObject(SopInstanceUid),
    /// Read every element of a file into its slot.
    LoadHeader(SopInstanceUid),
    /// Draw a page of an encapsulated document into its slot.
    LoadPage {
        /// The document.
        instance: SopInstanceUid,
        /// From 0.
        page: u32,
        /// Physical pixels.
        width: u32,
    },
    /// Search the notes of the open patient; an empty text clears the hits.
    SearchNotes(String),
    /// Read a note into its slot: marks, sections, facts that it seems to state.
    ReadNote(FactId),
    /// Confirm or reject a fact that a note seems to state (D-35). Nothing happens while the index time is not now (D-36).
    JudgeProposal {
        /// The note.
        note: FactId,
        /// [`crate::view::NoteCandidate::key`]
        key: String,
        /// Confirmed; else rejected, and never proposed again.
        confirmed: bool,
    },
    /// Take a confirmed fact back: its next version is entered in error, and no rule uses it.
    TakeBack(FactId),
    /// These cards came on screen: audited (D-40), and counted by rule and month (D-29).
    ShowCards(Vec<SignalId>),
    /// The basis of this card was opened: audited (D-40).
    ShowBasis(SignalId),
    /// Count how rules fared in a month, `2026-03`; `None`: in this one.
    CountRules(Option<String>),
    /// Acknowledge a card (D-30).
    Acknowledge {
        /// Card.
        signal: SignalId,
        /// Coded answer.
        answer: Acknowledgement,
    },
    /// Accept, decline or defer an option. Stored and audited; nothing is ordered.
    Decide {
        /// [`crate::view::PathwayCard::id`]
        question: String,
        /// Option id.
        option: String,
        /// Verdict.
        verdict: Verdict,
        /// Code of the reason, from [`crate::decision_reasons`].
        reason: String,
        /// One optional sentence.
        comment: String,
    },
    /// Record an own impression of a study before a model's output is seen, or amend it (D-15, D-16).
    RecordImpression {
        /// Study.
        study: StudyUid,
        /// Code from [`crate::impression_categories`]; empty for words alone.
        category: String,
        /// Free words; may be empty with a category.
        text: String,
    },
    /// Show what models found in a study.
    Reveal {
        /// Study.
        study: StudyUid,
        /// `None` after an own impression; else a code from [`crate::see_now_reasons`] (D-17).
        reason: Option<String>,
    },
    /// Lane T has a panel for this reader.
    SetTimeCritical(bool),
    /// Remember desk, leaves and layout (JSON, opaque to the workbench).
    SaveLayout(String),
    /// The card of an image was opened: audited with its instance.
    ShowImage(SopInstanceUid),
    /// One step on the drawings of the open patient: stored, audited, can be undone (T49).
    Annotate(Vec<DrawingEdit>),
    /// Grows a nodule from a click and draws its border on every slice that it lies in; a notice says why there is none (T44).
    GrowNodule(Box<NoduleClick>),
    /// Marks a frame as key image, changes the reason of its mark, or takes the mark away (T61).
    MarkKey {
        /// The frame, with a reason; author and time are filled in.
        image: KeyImage,
        /// False takes the mark away.
        marked: bool,
    },
    /// Takes the last step on drawings and marks back.
    Undo,
    /// Does again what was taken back last.
    Redo,
    /// Keeps how a display set is looked at (JSON, opaque to the workbench).
    SaveView {
        /// Study of the set.
        study: StudyUid,
        /// Name of the set that the screen finds again.
        set: String,
        /// State.
        state: String,
    },
    /// Writes the findings and measurements of the open patient as a table (CSV) into this folder, or the user's own.
    ExportFindings(Option<PathBuf>),
    /// Write what readers drew and marked as DICOM objects (SR, KOS, GSPS) into a new folder there, else below the documents folder; they come
    /// into the archive too.
    WriteReports {
        /// Where; `None`: the documents folder.
        folder: Option<PathBuf>,
        /// How drawn images are looked at; those without an entry are written as their files say.
        seen: Vec<SeenFrame>,
    },
    /// Write how a frame is looked at as a presentation state, with what is drawn on it; as the above.
    WriteState {
        /// Where; `None`: the documents folder.
        folder: Option<PathBuf>,
        /// How it is looked at.
        seen: Box<SeenFrame>,
    },
    /// Writes a picture of a tile (PNG) into this folder, or the user's own.
    SavePicture {
        /// Width and height.
        size: [u32; 2],
        /// Red, green, blue, row after row.
        rgb: std::sync::Arc<[u8]>,
        /// Name, identifier and birth date are not in it.
        nameless: bool,
        /// `None`: the documents folder.
        folder: Option<PathBuf>,
    },
    /// Write the open patient as shown, as of the same index time, on one page (PDF) into this folder, or the user's own (D-27).
    PrintSummary(Option<PathBuf>),
    /// Take a notice away.
    Dismiss(u64),
}

/// What a nodule is grown from.
#[derive(Clone, Debug, PartialEq)]
pub struct NoduleClick {
    /// The image that was clicked, or one of the same display set.
    pub instance: SopInstanceUid,
    /// Its frame, from 0.
    pub frame: u32,
    /// The click, and what may belong to the nodule.
    pub grown: Grown,
    /// The lesion that is drawn, a UID: a new one, or the one whose borders these take the place of.
    pub lesion: String,
}

/// A frame as a tile shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct SeenFrame {
    /// SOP Instance UID.
    pub instance: SopInstanceUid,
    /// From 0.
    pub frame: u32,
    /// Rotation and flips; zoom and pan are in `area`.
    pub view: ViewState,
    /// Bright and dark have changed places against what the file says.
    pub inverted: bool,
    /// In modality units; `None`: a table of the file. Colours have none.
    pub window: Option<Window>,
    /// Left, top, right, bottom pixel that is seen, from 1; `None` for the whole image.
    pub area: Option<[i32; 4]>,
}

/// A change of one drawing.
#[derive(Clone, Debug, PartialEq)]
pub enum DrawingEdit {
    /// A new one. Author, times, program and what the file says of its place are filled in; an empty `uid` too.
    Draw(Box<Annotation>),
    /// The same drawing (`uid`) as it is from now on.
    Change(Box<Annotation>),
    /// Take the drawing with this `uid` away.
    Delete(String),
}

/// Answer to a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acknowledgement {
    /// It helped.
    Useful,
    /// It was known.
    Known,
    /// It did not help.
    NotUseful,
    /// It is wrong.
    Wrong,
}

/// What a clinician says to an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Accepted.
    Accept,
    /// Declined.
    Decline,
    /// Put off.
    Defer,
}

impl Command {
    /// It asks something of the patient who is open; the others say who that is, or have nothing to do with it.
    pub(crate) const fn is_about_the_page(&self) -> bool {
        !matches!(
            self,
            Self::ShowStart
                | Self::SearchPatients(_)
                | Self::OpenPatient(_)
                | Self::OpenStudy(_)
                | Self::SetIndexTime(_)
                | Self::Import(_)
                | Self::CancelImport
                | Self::AnswerIdentity { .. }
                | Self::SaveLayout(_)
                | Self::Dismiss(_)
        )
    }
}

/// An index time as a person writes it: RFC 3339, or a date, which means its end (all of that day is known), UTC.
///
/// # Errors
/// In the user's words, when it is neither.
pub fn index_time(text: &str) -> Result<IndexTime, String> {
    let when =
        When::parse(text).map_err(|e| format!("{e}: say 2026-11-02 or 2026-11-02T09:00:00Z"))?;
    Ok(match when.hour_minute() {
        Some(_) => when.instant,
        None => IndexTime::from_seconds(when.instant.plus_days(1).0 / 1_000_000 - 1),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_means_its_end() {
        assert_eq!(
            index_time("2021-02-22").unwrap().to_string(),
            "2021-02-22T23:59:59Z"
        );
        assert_eq!(
            index_time("2021-02-22T09:41:00Z").unwrap().to_string(),
            "2021-02-22T09:41:00Z"
        );
        assert!(index_time("yesterday").is_err());
    }
}
