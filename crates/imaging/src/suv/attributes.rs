//! What a PET frame says about its activity: filled from the data set inside the worker, plain values from then on.

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use serde::{Deserialize, Serialize};

use super::time::{Moment, TimeOfDay, zone_minutes};
use crate::dataset::DataSet;

/// The ingredients of a standardised uptake value as the file has them. Nothing is judged here.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SuvAttributes {
    /// Modality (0008,0060).
    pub modality: String,
    /// Corrected Image (0028,0051).
    pub corrected_image: Vec<String>,
    /// Units (0054,1001) of the modality value.
    pub units: String,
    /// SUV Type (0054,1006).
    pub suv_type: Option<String>,
    /// Decay Correction (0054,1102).
    pub decay_correction: Option<DecayCorrection>,
    /// Patient's Weight (0010,1030), kg.
    pub weight_kg: Option<f64>,
    /// Patient's Size (0010,1020), m.
    pub height_m: Option<f64>,
    /// Patient's Sex (0010,0040).
    pub sex: Option<String>,
    /// Items of Radiopharmaceutical Information Sequence (0054,0016).
    pub radiopharmaceuticals: u32,
    /// Radionuclide Total Dose (0018,1074) of the first item, Bq.
    pub total_dose_bq: Option<f64>,
    /// Radionuclide Half Life (0018,1075), s.
    pub half_life_s: Option<f64>,
    /// Meaning of Radionuclide Code Sequence (0054,0300), else Radiopharmaceutical (0018,0031).
    pub nuclide: Option<String>,
    /// Radiopharmaceutical Start DateTime (0018,1078).
    pub injection: Option<Moment>,
    /// Radiopharmaceutical Start Time (0018,1072): a time of day.
    pub injection_time: Option<TimeOfDay>,
    /// Midnight of Series Date (0008,0021).
    pub series_day: Option<Moment>,
    /// Series Date and Time (0008,0021), (0008,0031).
    pub series: Option<Moment>,
    /// Acquisition Date and Time (0008,0022), (0008,0032) of the frame, or Acquisition DateTime (0008,002A).
    pub acquisition: Option<Moment>,
    /// GE private scan date and time (0009,100D) of GEMS_PETD_01.
    pub ge_scan: Option<Moment>,
    /// Frame Reference Time (0054,1300), ms.
    pub frame_reference_time_ms: Option<f64>,
    /// Actual Frame Duration (0018,1242), ms.
    pub actual_frame_duration_ms: Option<f64>,
    /// Philips private SUV scale factor (7053,1000).
    pub philips_suv_factor: Option<f64>,
    /// Philips private activity concentration factor (7053,1009).
    pub philips_activity_factor: Option<f64>,
}

/// To which time a PET was corrected for decay, Decay Correction (0054,1102).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DecayCorrection {
    /// The start of the scan.
    Start,
    /// The administration of the tracer.
    Admin,
    /// It was not.
    None,
}

impl DecayCorrection {
    /// From the defined term.
    #[must_use]
    pub fn from_term(term: &str) -> Option<Self> {
        match term.trim() {
            "START" => Some(Self::Start),
            "ADMIN" => Some(Self::Admin),
            "NONE" => Some(Self::None),
            _ => None,
        }
    }
}

/// Of a PET; `None` for any other modality.
pub(crate) fn attributes(data: &DataSet<'_>, modality: &str) -> Option<SuvAttributes> {
    if modality != "PT" {
        return None;
    }
    let text = |tag| data.first_text(tag);
    let offset = text(tags::TIMEZONE_OFFSET_FROM_UTC).and_then(|t| zone_minutes(&t));
    let moment = |date, time| Moment::new(&text(date)?, &text(time)?);
    let tracers = data.items(tags::RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE);
    let tracer = data.first_item(tags::RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE);
    let of_tracer = |tag| tracer.as_ref().and_then(|t| t.first_text(tag));
    let dose = |tag| tracer.as_ref().and_then(|t| t.number(tag));
    let nuclide = tracer
        .as_ref()
        .and_then(|t| t.first_item(tags::RADIONUCLIDE_CODE_SEQUENCE))
        .and_then(|c| c.first_text(tags::CODE_MEANING));
    let philips = |element| {
        let tag = private(data, 0x7053, "Philips PET Private Group", element)?;
        data.number(tag)
    };
    Some(SuvAttributes {
        modality: modality.to_owned(),
        corrected_image: data.texts(tags::CORRECTED_IMAGE),
        units: text(tags::UNITS).unwrap_or_default(),
        suv_type: text(tags::SUV_TYPE),
        decay_correction: text(tags::DECAY_CORRECTION).and_then(|t| DecayCorrection::from_term(&t)),
        weight_kg: data.number(tags::PATIENT_WEIGHT),
        height_m: data.number(tags::PATIENT_SIZE),
        sex: text(tags::PATIENT_SEX),
        radiopharmaceuticals: u32::try_from(tracers.count()).unwrap_or(u32::MAX),
        total_dose_bq: dose(tags::RADIONUCLIDE_TOTAL_DOSE),
        half_life_s: dose(tags::RADIONUCLIDE_HALF_LIFE),
        nuclide: nuclide.or_else(|| of_tracer(tags::RADIOPHARMACEUTICAL)),
        injection: of_tracer(tags::RADIOPHARMACEUTICAL_START_DATE_TIME)
            .and_then(|t| Moment::parse(&t, offset)),
        injection_time: of_tracer(tags::RADIOPHARMACEUTICAL_START_TIME)
            .and_then(|t| TimeOfDay::parse(&t)),
        series_day: text(tags::SERIES_DATE).and_then(|d| Moment::midnight(&d)),
        series: moment(tags::SERIES_DATE, tags::SERIES_TIME),
        acquisition: moment(tags::ACQUISITION_DATE, tags::ACQUISITION_TIME)
            .or_else(|| text(tags::ACQUISITION_DATE_TIME).and_then(|t| Moment::parse(&t, offset))),
        ge_scan: private(data, 0x0009, "GEMS_PETD_01", 0x0D)
            .and_then(|tag| data.first_text(tag))
            .and_then(|t| Moment::parse(&t, offset)),
        frame_reference_time_ms: data.number(tags::FRAME_REFERENCE_TIME),
        actual_frame_duration_ms: data.number(tags::ACTUAL_FRAME_DURATION),
        philips_suv_factor: philips(0x00),
        philips_activity_factor: philips(0x09),
    })
}

/// Where a private element of a creator is: its block is the one the creator reserved, which need not be 10 (PS3.5 7.8.1).
fn private(data: &DataSet<'_>, group: u16, creator: &str, element: u8) -> Option<Tag> {
    (0x10..=0xFF_u16)
        .find(|block| data.first_text(Tag(group, *block)).as_deref() == Some(creator))
        .map(|block| Tag(group, block << 8 | u16::from(element)))
}
