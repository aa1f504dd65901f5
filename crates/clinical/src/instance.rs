//! What is kept of one DICOM instance beside its bytes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    FrameOfReferenceUid, Identity, SeriesUid, SopClassUid, SopInstanceUid, StudyUid,
    TransferSyntaxUid, When,
};

/// The attributes of one instance that lists, thumbnails, slice order and hanging need, read once at import. Geometry stays text-free:
/// numbers as in the file, millimetres, LPS (PS3.3 C.7.6.2).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InstanceRecord {
    /// (0020,000D)
    pub study: StudyUid,
    /// (0020,000E)
    pub series: SeriesUid,
    /// (0008,0018)
    pub sop_instance: SopInstanceUid,
    /// (0008,0016)
    pub sop_class: SopClassUid,
    /// (0002,0010)
    pub transfer_syntax: TransferSyntaxUid,
    /// Patient module: name, Patient ID with its issuer, birth date, sex.
    pub identity: Identity,
    /// Study Date and Time.
    pub study_time: Option<When>,
    /// Series Date and Time.
    pub series_time: Option<When>,
    /// Study Description (0008,1030), decoded.
    pub study_description: String,
    /// Series Description (0008,103E), decoded.
    pub series_description: String,
    /// Accession Number (0008,0050).
    pub accession: String,
    /// Modality (0008,0060).
    pub modality: String,
    /// Body Part Examined (0018,0015).
    pub body_part: String,
    /// View Position (0018,5101).
    pub view_position: String,
    /// Series Number (0020,0011).
    pub series_number: Option<i32>,
    /// Instance Number (0020,0013).
    pub instance_number: Option<i32>,
    /// What may tell apart volumes at the same positions (time points, echoes, diffusion directions), by DICOM keyword, as text: Acquisition
    /// Number, Trigger Time, Echo Time and others, those that the file has.
    #[serde(default)]
    pub volume_attributes: BTreeMap<String, String>,
    /// Number of Frames (0028,0008), 1 when absent; 0 for objects without pixels.
    pub frames: u32,
    /// Rows (0028,0010), 0 for objects without pixels.
    pub rows: u32,
    /// Columns (0028,0011), 0 for objects without pixels.
    pub columns: u32,
    /// Frame of Reference UID.
    pub frame_of_reference: Option<FrameOfReferenceUid>,
    /// Image Position (Patient), mm.
    pub position: Option<[f64; 3]>,
    /// Image Orientation (Patient): row cosines, then column cosines.
    pub orientation: Option<[f64; 6]>,
    /// Pixel Spacing: between rows, between columns, mm.
    pub pixel_spacing: Option<[f64; 2]>,
    /// Slice Thickness, mm.
    pub slice_thickness: Option<f64>,
    /// Image Type (0008,0008), its values joined by a backslash.
    pub image_type: String,
    /// Why the pixels cannot be shown, if they cannot; the header is kept all the same.
    pub unreadable: Option<String>,
    /// Bytes of the file.
    pub file_bytes: u64,
}
