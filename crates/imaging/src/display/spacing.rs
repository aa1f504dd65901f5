//! What a pixel measures, and how far that can be trusted (T15, T40).

use serde::{Deserialize, Serialize};

/// The attributes that decide the size of a pixel, as the file has them. Pairs are (between rows, between columns), mm.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SpacingAttributes {
    /// Pixel Spacing (0028,0030), of the frame.
    pub pixel_spacing: Option<[f64; 2]>,
    /// Imager Pixel Spacing (0018,1164).
    pub imager_pixel_spacing: Option<[f64; 2]>,
    /// Nominal Scanned Pixel Spacing (0018,2010).
    pub nominal_scanned_pixel_spacing: Option<[f64; 2]>,
    /// Object Pixel Spacing in Center of Beam (0018,9404), enhanced XA/XRF.
    pub object_pixel_spacing: Option<[f64; 2]>,
    /// Pixel Spacing Calibration Type (0028,0A02): FIDUCIAL or GEOMETRY.
    pub calibration_type: Option<String>,
    /// Estimated Radiographic Magnification Factor (0018,1114).
    pub magnification_factor: Option<f64>,
    /// Distance Source to Detector (0018,1110), mm.
    pub source_to_detector_mm: Option<f64>,
    /// Distance Source to Patient (0018,1111), mm.
    pub source_to_patient_mm: Option<f64>,
    /// Pixel Aspect Ratio (0028,0034): vertical, horizontal.
    pub pixel_aspect_ratio: Option<[f64; 2]>,
    /// Image Position and Orientation (Patient) are both there and valid.
    pub has_plane: bool,
    /// Sequence of Ultrasound Regions (0018,6011) is there: its regions, not Pixel Spacing, carry the scale (T46).
    pub ultrasound_regions: bool,
}

/// Where the millimetres of a picture come from (T40). Shown beside the ruler and every measurement.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum SpacingProvenance {
    /// In the patient, by the geometry of a cross-section.
    CrossSection,
    /// Calibrated against an object of known size.
    Fiducial,
    /// Calibrated by the geometry of the beam.
    Geometry,
    /// Calibrated, the file does not say how.
    CalibratedTypeNotStated,
    /// The detector's spacing divided by this magnification.
    MagnificationCorrected(f64),
    /// The detector's spacing: larger than in the patient.
    AtDetector,
    /// The spacing of a digitised film.
    AtFilm,
    /// A spacing whose origin the file does not tell.
    Unknown,
    /// Each ultrasound region has a scale of its own.
    UltrasoundRegions,
    /// None: only pixels can be counted.
    Pixels,
    /// A reader drew a line of known length on this image (T40u).
    UserCalibrated,
}

/// Size of a pixel with its provenance.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PixelSize {
    /// Between rows, between columns; `None`: no millimetres anywhere.
    pub mm: Option<[f64; 2]>,
    /// Why these.
    pub provenance: SpacingProvenance,
}

impl SpacingProvenance {
    /// The mark beside every millimetre.
    #[must_use]
    pub fn mark(self) -> String {
        match self {
            Self::CrossSection => "mm".into(),
            Self::Fiducial => "mm calibrated (fiducial)".into(),
            Self::Geometry => "mm calibrated (geometry)".into(),
            Self::CalibratedTypeNotStated => "mm calibrated (type not stated)".into(),
            Self::MagnificationCorrected(m) => format!("mm magnification-corrected ({m:.2})"),
            Self::AtDetector => "mm at detector".into(),
            Self::AtFilm => "mm at film".into(),
            Self::Unknown => "mm provenance unknown".into(),
            Self::UltrasoundRegions => "per region".into(),
            Self::Pixels => "px".into(),
            Self::UserCalibrated => "mm user-calibrated".into(),
        }
    }
}

impl SpacingAttributes {
    /// The table of T40, first match.
    #[must_use]
    pub fn pixel_size(&self, modality: &str) -> PixelSize {
        use SpacingProvenance as From;
        let pixel = positive(self.pixel_spacing);
        let imager = positive(self.imager_pixel_spacing);
        let film = positive(self.nominal_scanned_pixel_spacing);
        let found = |mm, provenance| PixelSize {
            mm: Some(mm),
            provenance,
        };
        let none = PixelSize {
            mm: None,
            provenance: From::Pixels,
        };

        if self.ultrasound_regions {
            return PixelSize {
                mm: None,
                provenance: From::UltrasoundRegions,
            };
        }
        if self.has_plane || matches!(modality, "CT" | "MR" | "PT") {
            return pixel.map_or(none, |mm| found(mm, From::CrossSection));
        }
        let calibration = match self.calibration_type.as_deref().map(str::trim) {
            Some("FIDUCIAL") => Some(From::Fiducial),
            Some("GEOMETRY") => Some(From::Geometry),
            _ => None,
        };
        if is_projection(modality) {
            if let Some(mm) = positive(self.object_pixel_spacing) {
                return found(mm, From::Geometry);
            }
            return match (pixel, calibration, imager) {
                (Some(mm), Some(how), _) => found(mm, how),
                (Some(mm), None, Some(at)) if differ(mm, at) => {
                    found(mm, From::CalibratedTypeNotStated)
                }
                (_, _, Some(at)) => match self.magnification() {
                    Some(m) => found(at.map(|s| s / m), From::MagnificationCorrected(m)),
                    None => found(at, From::AtDetector),
                },
                (Some(mm), None, None) => found(mm, From::Unknown),
                (None, _, None) => none,
            };
        }
        match (pixel, calibration, film) {
            (Some(mm), Some(how), _) => found(mm, how),
            (Some(mm), None, Some(at)) if differ(mm, at) => {
                found(mm, From::CalibratedTypeNotStated)
            }
            (_, _, Some(at)) => found(at, From::AtFilm),
            (Some(mm), None, None) => found(mm, From::Unknown),
            (None, _, None) => none,
        }
    }

    /// Height of a pixel over its width on screen (T15).
    #[must_use]
    pub fn height_over_width(&self) -> f64 {
        [
            self.pixel_spacing,
            self.imager_pixel_spacing,
            self.nominal_scanned_pixel_spacing,
            self.pixel_aspect_ratio,
        ]
        .into_iter()
        .find_map(positive)
        .map_or(1.0, |[vertical, horizontal]| vertical / horizontal)
    }

    fn magnification(&self) -> Option<f64> {
        let estimated = self
            .magnification_factor
            .filter(|m| m.is_finite() && *m > 1.0);
        estimated.or_else(|| {
            let (sid, sod) = (self.source_to_detector_mm?, self.source_to_patient_mm?);
            (sod > 0.0 && sid > sod && sid.is_finite()).then(|| sid / sod)
        })
    }
}

/// Modalities whose pictures are shadows on a detector.
#[must_use]
pub fn is_projection(modality: &str) -> bool {
    matches!(
        modality,
        "CR" | "DX" | "MG" | "IO" | "PX" | "XA" | "XRF" | "RF" | "RG"
    )
}

fn positive(pair: Option<[f64; 2]>) -> Option<[f64; 2]> {
    pair.filter(|p| p.iter().all(|v| v.is_finite() && *v > 0.0))
}

/// More than 0.1 % apart on either axis.
fn differ(a: [f64; 2], b: [f64; 2]) -> bool {
    a.iter().zip(b).any(|(x, y)| (x - y).abs() > 0.001 * y)
}
