//! From the ingredients to the factor (T45), with the rules of the vendors.

use serde::{Deserialize, Serialize};

use super::{
    attributes::{DecayCorrection, SuvAttributes},
    time::{DAY_S, Moment, TimeOfDay},
};

/// SUV for one unit of modality value of one frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Suv {
    /// Multiplies a modality value.
    pub factor: f64,
    /// `SUVbw`, `SUVlbm`, ...; `SUV*bw` after a correction of the reader.
    pub name: String,
    /// What it was made from.
    pub ingredients: Ingredients,
    /// To be shown beside it: `start date assumed`, `scan start assumed`.
    pub marks: Vec<String>,
    /// A reader corrected an ingredient for this session.
    pub corrected: bool,
}

/// What a factor was made from; `None` for what its rule does not need.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ingredients {
    /// Patient's weight, kg.
    pub weight_kg: Option<f64>,
    /// Dose as administered, Bq.
    pub dose_bq: Option<f64>,
    /// Dose that is left at the start of the scan, Bq; the administered one where the images are corrected to it.
    pub decayed_dose_bq: Option<f64>,
    /// From administration to the start of the scan, s.
    pub uptake_s: Option<f64>,
    /// Half life, s.
    pub half_life_s: Option<f64>,
    /// The radionuclide's name.
    pub nuclide: Option<String>,
}

/// Ingredients that a reader corrects for the session; `None` keeps the file's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Corrections {
    /// Patient's weight, kg.
    pub weight_kg: Option<f64>,
    /// Dose, Bq.
    pub total_dose_bq: Option<f64>,
    /// Half life, s.
    pub half_life_s: Option<f64>,
    /// When the tracer was administered.
    pub injection: Option<Moment>,
    /// When the scan began.
    pub scan: Option<Moment>,
    /// To which time the images are corrected, where the file says none.
    pub decay_correction: Option<DecayCorrection>,
}

/// Why there is no SUV. The image is shown in its own unit with this text.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SuvRefusal {
    /// Modality (0008,0060).
    #[error("not a PET image")]
    NotPet,
    /// Corrected Image (0028,0051) without ATTN.
    #[error("image not attenuation corrected")]
    NoAttenuationCorrection,
    /// Corrected Image (0028,0051) without DECY, or Decay Correction (0054,1102) NONE.
    #[error("image not decay corrected")]
    NoDecayCorrection,
    /// Decay Correction (0054,1102) missing or of a value that the standard does not have.
    #[error("decay correction missing or not known")]
    DecayCorrectionUnknown,
    /// Patient's Weight (0010,1030) missing, 0 or less.
    #[error("patient weight missing")]
    WeightMissing,
    /// More than a person weighs, kg.
    #[error("patient weight {0} kg is no person's, perhaps it is in grams")]
    WeightImplausible(f64),
    /// Radiopharmaceutical Information Sequence (0054,0016) missing or empty.
    #[error("radiopharmaceutical missing")]
    TracerMissing,
    /// More than one item.
    #[error("{0} radiopharmaceuticals, which one was imaged is not known")]
    SeveralTracers(u32),
    /// Radionuclide Total Dose (0018,1074) missing, 0 or less.
    #[error("radionuclide dose missing")]
    DoseMissing,
    /// Below 1e6, Bq.
    #[error("radionuclide dose {0} Bq is too small for a patient, perhaps it is in MBq")]
    DoseInMegabecquerel(f64),
    /// Radionuclide Half Life (0018,1075) missing, 0 or less.
    #[error("radionuclide half life missing")]
    HalfLifeMissing,
    /// Neither date and time nor a time that a date can be found for.
    #[error("time of injection missing")]
    InjectionMissing,
    /// No date and time of series or acquisition.
    #[error("time of the scan missing")]
    ScanMissing,
    /// The scan begins before the injection, or more than six half lives after it.
    #[error("injection {injection} and scan {scan} do not belong together")]
    Times {
        /// As shown.
        injection: String,
        /// As shown.
        scan: String,
    },
    /// Units (0054,1001) that no rule turns into SUV.
    #[error("no SUV from the unit {0:?}")]
    Units(String),
    /// Units CNTS without a factor of the vendor.
    #[error("no SUV from counts without the scanner's factor")]
    CountsWithoutFactor,
}

/// More than any person weighs, kg.
const HEAVIEST_KG: f64 = 650.0;
/// Less than any patient is given, Bq: the number is in MBq.
const LEAST_DOSE_BQ: f64 = 1e6;
/// After so many half lives nothing can be measured.
const MOST_HALF_LIVES: f64 = 6.0;

/// Earliest acquisition of a series: of all its frames, also those of other beds.
#[must_use]
pub fn earliest_acquisition<'a>(
    frames: impl IntoIterator<Item = &'a SuvAttributes>,
) -> Option<Moment> {
    frames
        .into_iter()
        .filter_map(|f| f.acquisition)
        .min_by(|a, b| a.0.total_cmp(&b.0))
}

/// What is left of a dose, Bq, after `elapsed_s`.
#[must_use]
pub fn decayed_dose_bq(dose_bq: f64, half_life_s: f64, elapsed_s: f64) -> f64 {
    dose_bq * (-elapsed_s / half_life_s).exp2()
}

/// Time after the start of a frame at which the activity is the frame's mean, s (T_ave of T45).
#[must_use]
pub fn mean_decay_time_s(half_life_s: f64, duration_s: f64) -> f64 {
    let decay = std::f64::consts::LN_2 / half_life_s;
    let decayed = decay * duration_s;
    (decayed / -(-decayed).exp_m1()).ln() / decay
}

/// The factor of one frame. `earliest` is [`earliest_acquisition`] of its series.
///
/// # Errors
/// [`SuvRefusal`], to be shown with the image in its own unit.
pub fn suv(frame: &SuvAttributes, earliest: Option<Moment>) -> Result<Suv, SuvRefusal> {
    suv_corrected(frame, earliest, &Corrections::default())
}

/// As [`suv`], with the ingredients that a reader corrected: the result says so in its name.
///
/// # Errors
/// As [`suv`].
pub fn suv_corrected(
    frame: &SuvAttributes,
    earliest: Option<Moment>,
    corrections: &Corrections,
) -> Result<Suv, SuvRefusal> {
    if frame.modality != "PT" {
        return Err(SuvRefusal::NotPet);
    }
    let has = |term: &str| frame.corrected_image.iter().any(|c| c == term);
    if !has("ATTN") {
        return Err(SuvRefusal::NoAttenuationCorrection);
    }
    if !has("DECY") && corrections.decay_correction.is_none() {
        return Err(SuvRefusal::NoDecayCorrection);
    }
    let stated = |factor: f64, name: &str| Suv {
        factor,
        name: name.to_owned(),
        ingredients: Ingredients::default(),
        marks: Vec::new(),
        corrected: false,
    };
    let usable = |factor: Option<f64>| factor.filter(|f| f.is_finite() && *f > 0.0);
    match frame.units.as_str() {
        "GML" => Ok(match frame.suv_type.as_deref() {
            None | Some("BW") => stated(1.0, "SUVbw"),
            Some(other) => stated(1.0, &format!("SUV {other}")),
        }),
        "BQML" => from_activity(1.0, frame, earliest, corrections),
        "CNTS" => match (
            usable(frame.philips_suv_factor),
            usable(frame.philips_activity_factor),
        ) {
            (Some(factor), _) => Ok(stated(factor, "SUVbw")),
            (None, Some(activity)) => from_activity(activity, frame, earliest, corrections),
            (None, None) => Err(SuvRefusal::CountsWithoutFactor),
        },
        other => Err(SuvRefusal::Units(other.to_owned())),
    }
}

/// With `bqml` becquerels a millilitre for one unit of modality value.
fn from_activity(
    bqml: f64,
    frame: &SuvAttributes,
    earliest: Option<Moment>,
    corrections: &Corrections,
) -> Result<Suv, SuvRefusal> {
    let positive = |own: Option<f64>, of_file: Option<f64>| own.or(of_file).filter(|v| *v > 0.0);
    let weight = positive(corrections.weight_kg, frame.weight_kg);
    let weight = weight.ok_or(SuvRefusal::WeightMissing)?;
    if weight > HEAVIEST_KG {
        return Err(SuvRefusal::WeightImplausible(weight));
    }
    if frame.radiopharmaceuticals > 1 {
        return Err(SuvRefusal::SeveralTracers(frame.radiopharmaceuticals));
    }
    if frame.radiopharmaceuticals == 0 && corrections.total_dose_bq.is_none() {
        return Err(SuvRefusal::TracerMissing);
    }
    let dose = positive(corrections.total_dose_bq, frame.total_dose_bq);
    let dose = dose.ok_or(SuvRefusal::DoseMissing)?;
    if dose < LEAST_DOSE_BQ {
        return Err(SuvRefusal::DoseInMegabecquerel(dose));
    }
    let half_life = positive(corrections.half_life_s, frame.half_life_s);
    let mut marks = Vec::new();
    let correction = corrections.decay_correction.or(frame.decay_correction);
    let (left, uptake) = match correction {
        Some(DecayCorrection::Admin) => (dose, None),
        Some(DecayCorrection::Start) => {
            let half_life = half_life.ok_or(SuvRefusal::HalfLifeMissing)?;
            let scan = match corrections.scan {
                Some(scan) => scan,
                None => scan_start(frame, earliest, half_life, &mut marks)?,
            };
            let injection = match corrections.injection {
                Some(injection) => injection,
                None => injected(frame, scan, &mut marks)?,
            };
            let uptake = scan.since(injection);
            if !(0.0..=MOST_HALF_LIVES * half_life).contains(&uptake) {
                return Err(SuvRefusal::Times {
                    injection: injection.text(),
                    scan: scan.text(),
                });
            }
            (decayed_dose_bq(dose, half_life, uptake), Some(uptake))
        }
        Some(DecayCorrection::None) => return Err(SuvRefusal::NoDecayCorrection),
        None => return Err(SuvRefusal::DecayCorrectionUnknown),
    };
    let corrected = *corrections != Corrections::default();
    Ok(Suv {
        factor: bqml * weight * 1000.0 / left,
        name: if corrected { "SUV*bw" } else { "SUVbw" }.to_owned(),
        ingredients: Ingredients {
            weight_kg: Some(weight),
            dose_bq: Some(dose),
            decayed_dose_bq: Some(left),
            uptake_s: uptake,
            half_life_s: half_life,
            nuclide: frame.nuclide.clone(),
        },
        marks,
        corrected,
    })
}

/// When the scan began that decay is corrected to.
fn scan_start(
    frame: &SuvAttributes,
    earliest: Option<Moment>,
    half_life_s: f64,
    marks: &mut Vec<String>,
) -> Result<Moment, SuvRefusal> {
    const ASSUMED: &str = "scan start assumed";
    match (frame.series, earliest) {
        // A reconstruction gets a later series time; a scan has none after its first acquisition.
        (Some(series), Some(earliest)) if series <= earliest => return Ok(series),
        _ => {}
    }
    if let Some(scan) = frame.ge_scan {
        return Ok(scan);
    }
    let positive = |ms: Option<f64>| ms.filter(|v| *v > 0.0).map(|ms| ms / 1000.0);
    if let (Some(acquired), Some(reference), Some(duration)) = (
        frame.acquisition,
        positive(frame.frame_reference_time_ms),
        positive(frame.actual_frame_duration_ms),
    ) {
        return Ok(acquired.plus(mean_decay_time_s(half_life_s, duration) - reference));
    }
    marks.push(ASSUMED.to_owned());
    earliest.or(frame.series).ok_or(SuvRefusal::ScanMissing)
}

/// When the tracer was administered: a time without a date is that of the series, or the day before where that would be after the scan.
fn injected(
    frame: &SuvAttributes,
    scan: Moment,
    marks: &mut Vec<String>,
) -> Result<Moment, SuvRefusal> {
    if let Some(moment) = frame.injection {
        return Ok(moment);
    }
    let (Some(TimeOfDay(seconds)), Some(day)) = (frame.injection_time, frame.series_day) else {
        return Err(SuvRefusal::InjectionMissing);
    };
    let same_day = day.plus(seconds);
    if same_day <= scan {
        return Ok(same_day);
    }
    marks.push("start date assumed".to_owned());
    Ok(same_day.plus(-DAY_S))
}

impl Ingredients {
    /// `W 70 kg, D 370 MBq, 60 min, F-18`; what a rule did not need is left out.
    #[must_use]
    pub fn text(&self) -> String {
        let parts = [
            self.weight_kg.map(|w| format!("W {} kg", short(w))),
            self.dose_bq.map(|d| format!("D {} MBq", short(d / 1e6))),
            self.uptake_s.map(|s| format!("{:.0} min", s / 60.0)),
            self.nuclide.clone(),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// One decimal where there is one.
fn short(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}
