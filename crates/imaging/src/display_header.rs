//! From the data set to what a tile says and does beside the picture: cine (T60), corners (T50), profile (T53), mask subtraction (T64).

use std::sync::OnceLock;

use dicom_dictionary_std::tags;
use triptych_clinical::When;

use crate::{
    attributes::Photometric,
    dataset::DataSet,
    display::{
        CineAttributes, ColourCorrection, CornerAttributes, MaskOperation, MaskSubtraction,
        Playback,
    },
    file::DicomFile,
    functional::FrameData,
    instance::offset_minutes,
    limits,
    person_name::PersonName,
};

/// What all frames of a file say alike: a profile takes milliseconds, and there may be thousands of frames.
#[derive(Debug, Default)]
pub(crate) struct OfAllFrames {
    corner: OnceLock<CornerAttributes>,
    /// The correction, or why there is none though there is a profile.
    colour: OnceLock<Result<Option<ColourCorrection>, String>>,
}

/// Times of a multi-frame object; `None` for a single frame.
pub(crate) fn cine(data: &DataSet<'_>, frames: u32) -> Option<CineAttributes> {
    if frames < 2 {
        return None;
    }
    let count = |tag| data.int(tag).and_then(|v| u32::try_from(v).ok());
    let vector = data.numbers(tags::FRAME_TIME_VECTOR);
    Some(CineAttributes {
        pointer_is_vector: data
            .tag_values(tags::FRAME_INCREMENT_POINTER)
            .contains(&tags::FRAME_TIME_VECTOR),
        frame_time_ms: data.number(tags::FRAME_TIME),
        // A vector of another length belongs to no frames of this file.
        frame_time_vector_ms: if vector.len() == frames as usize
            && vector.len() <= limits::FRAMES as usize
        {
            vector
        } else {
            Vec::new()
        },
        recommended_rate: data.number(tags::RECOMMENDED_DISPLAY_FRAME_RATE),
        cine_rate: data.number(tags::CINE_RATE),
        actual_frame_duration_ms: data.number(tags::ACTUAL_FRAME_DURATION),
        playback: match data.int(tags::PREFERRED_PLAYBACK_SEQUENCING) {
            Some(1) => Playback::Sweep,
            _ => Playback::Loop,
        },
        start_trim: count(tags::START_TRIM),
        stop_trim: count(tags::STOP_TRIM),
    })
}

impl OfAllFrames {
    /// What the corners of a tile say about a frame.
    pub(crate) fn corner(&self, data: &DataSet<'_>, frame: &FrameData<'_>) -> CornerAttributes {
        let laterality = frame
            .group(tags::FRAME_ANATOMY_SEQUENCE)
            .and_then(|g| g.first_text(tags::FRAME_LATERALITY));
        let whole = self.corner.get_or_init(|| corner(data)).clone();
        CornerAttributes {
            slice_thickness_mm: frame.slice_thickness(),
            echo_time_ms: frame
                .group(tags::MR_ECHO_SEQUENCE)
                .and_then(|g| g.number(tags::EFFECTIVE_ECHO_TIME))
                .or(whole.echo_time_ms),
            b_value: frame
                .group_or_root(tags::MR_DIFFUSION_SEQUENCE)
                .number(tags::DIFFUSION_B_VALUE),
            laterality: laterality.unwrap_or_else(|| whole.laterality.clone()),
            ..whole
        }
    }

    /// The profile of a colour image. A broken one is left out, with a mark.
    pub(crate) fn colour_correction(
        &self,
        data: &DataSet<'_>,
        photometric: Option<Photometric>,
        marks: &mut Vec<String>,
    ) -> Option<ColourCorrection> {
        let found = self
            .colour
            .get_or_init(|| colour_correction(data, photometric));
        found.clone().unwrap_or_else(|reason| {
            marks.push(format!("ICC profile not used: {reason}"));
            None
        })
    }
}

fn corner(data: &DataSet<'_>) -> CornerAttributes {
    let text = |tag| data.text(tag).unwrap_or_default();
    let offset = data
        .text(tags::TIMEZONE_OFFSET_FROM_UTC)
        .and_then(|t| offset_minutes(&t))
        .unwrap_or(0);
    let study_time = data.first_text(tags::STUDY_DATE).and_then(|d| {
        When::from_dicom(&d, data.first_text(tags::STUDY_TIME).as_deref(), offset).ok()
    });
    CornerAttributes {
        name: PersonName::new(&text(tags::PATIENT_NAME)),
        patient_id: text(tags::PATIENT_ID),
        birth_date: data
            .first_text(tags::PATIENT_BIRTH_DATE)
            .and_then(|d| When::from_dicom(&d, None, 0).ok()),
        sex: text(tags::PATIENT_SEX),
        stated_age: text(tags::PATIENT_AGE),
        study_time,
        institution: text(tags::INSTITUTION_NAME),
        study_description: text(tags::STUDY_DESCRIPTION),
        series_description: text(tags::SERIES_DESCRIPTION),
        accession: text(tags::ACCESSION_NUMBER),
        series_number: data.int(tags::SERIES_NUMBER),
        slice_thickness_mm: None,
        kernel: text(tags::CONVOLUTION_KERNEL),
        echo_time_ms: data.number(tags::ECHO_TIME),
        b_value: None,
        contrast_agent: text(tags::CONTRAST_BOLUS_AGENT),
        laterality: data
            .first_text(tags::IMAGE_LATERALITY)
            .or_else(|| data.first_text(tags::LATERALITY))
            .unwrap_or_default(),
        view_position: text(tags::VIEW_POSITION),
    }
}

fn colour_correction(
    data: &DataSet<'_>,
    photometric: Option<Photometric>,
) -> Result<Option<ColourCorrection>, String> {
    let grey = matches!(
        photometric,
        None | Some(Photometric::Monochrome1 | Photometric::Monochrome2)
    );
    let of_path = data
        .first_item(tags::OPTICAL_PATH_SEQUENCE)
        .filter(|p| p.has_value(tags::ICC_PROFILE));
    let holder = of_path.as_ref().unwrap_or(data);
    if grey || !holder.has_value(tags::ICC_PROFILE) {
        return Ok(None);
    }
    let words = holder.words(tags::ICC_PROFILE);
    let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
    ColourCorrection::new(&bytes, None).map_err(|reason| reason.to_string())
}

impl DicomFile {
    /// What the file asks to be subtracted (T64), in its order; items that ask for something else are left out.
    #[must_use]
    pub fn mask_subtractions(&self) -> Vec<MaskSubtraction> {
        let from_one =
            |v: &f64| (*v >= 1.0 && *v <= f64::from(limits::FRAMES)).then(|| *v as u32 - 1);
        let items = self.data();
        items
            .items(tags::MASK_SUBTRACTION_SEQUENCE)
            .filter_map(|item| {
                let offset = item
                    .int(tags::TID_OFFSET)
                    .and_then(|v| i32::try_from(v).ok())
                    .unwrap_or(1);
                let operation = match item.first_text(tags::MASK_OPERATION).as_deref() {
                    Some("AVG_SUB") => MaskOperation::Average,
                    Some("TID") => MaskOperation::TimeDifference(offset),
                    Some("REV_TID") => MaskOperation::ReversedTimeDifference(offset),
                    _ => return None,
                };
                let masks = item.numbers(tags::MASK_FRAME_NUMBERS);
                let ranges = item.numbers(tags::APPLICABLE_FRAME_RANGE);
                let ranges = ranges.as_chunks::<2>().0.iter();
                Some(MaskSubtraction {
                    operation,
                    mask_frames: masks.iter().filter_map(from_one).collect(),
                    applicable: ranges
                        .filter_map(|[a, b]| Some([from_one(a)?, from_one(b)? + 1]))
                        .collect(),
                    shift_px: item
                        .number_array(tags::MASK_SUB_PIXEL_SHIFT)
                        .filter(|s: &[f64; 2]| s.iter().all(|v| v.is_finite()))
                        .unwrap_or([0.0; 2]),
                })
            })
            .collect()
    }
}
