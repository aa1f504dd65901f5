//! What a frame says about how it wants to be shown: filled from the data set once a frame, plain values from then on.
//!
//! The renderer reads this and never a tag. Everything is of the **frame** (functional groups resolved, T33) and every pixel value is
//! named by its stage: *stored* (T1) or *modality* (after T2).

use serde::{Deserialize, Serialize};

use super::{
    CineAttributes, ColourCorrection, CornerAttributes, LossyAttributes, ModalityLut, Overlay,
    Padding, Palette, Shutter, SpacingAttributes, VoiFunction, VoiLut, Window,
};
use crate::{frame::Colour, measure::UltrasoundRegion, suv::SuvAttributes};

/// Attributes of one frame that decide its picture, its scale, its letters and its marks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DisplayAttributes {
    /// Modality (0008,0060).
    pub modality: String,
    /// Body Part Examined (0018,0015).
    pub body_part: String,
    /// Convolution Kernel (0018,1210).
    pub convolution_kernel: String,
    /// The SOP class is a Secondary Capture, single- or multi-frame.
    pub secondary_capture: bool,
    /// Bits Stored (0028,0101); 1 for bitmaps, 32 or 64 for floats.
    pub bits_stored: u16,
    /// Stored to modality value; [`ModalityLut::rescale`] applies the rule for slope and intercept.
    pub modality_lut: ModalityLut,
    /// Unit of the modality value as shown (`HU`, `BQML`, ...); empty when there is none. Rescale Type, or HU for a CT that is no localizer,
    /// or Units of a PET.
    pub unit: String,
    /// SUVbw for one unit of modality value (T45); `None` when it cannot be computed.
    pub suv_bw: Option<f64>,
    /// Window pairs of the file in their order; [`windows_of_file`] pairs them.
    pub windows: Vec<WindowChoice>,
    /// VOI LUT Sequence (0028,3010).
    pub voi_luts: Vec<VoiLut>,
    /// Padding in stored values.
    pub padding: Option<Padding>,
    /// Reconstruction Diameter (0018,1100), mm: padding of a CT without the attribute is inferred from it.
    pub reconstruction_diameter_mm: Option<f64>,
    /// Presentation LUT Shape (2050,0020) of the image.
    pub presentation_lut_shape: Option<PresentationLutShape>,
    /// Palette of PALETTE COLOR, or a supplemental one.
    pub palette: Option<Palette>,
    /// From the colours of the file, by its ICC profile, to sRGB; `None`: they are sRGB, or taken for it.
    pub colour_correction: Option<ColourCorrection>,
    /// Times of a multi-frame object; of its first frame only, the others leave it out.
    pub cine: Option<CineAttributes>,
    /// What the corners of a tile say about the frame.
    pub corner: CornerAttributes,
    /// Scale of a pixel.
    pub spacing: SpacingAttributes,
    /// Sequence of Ultrasound Regions (0018,6011): one set for all frames of the instance (T46).
    #[serde(default)]
    pub ultrasound_regions: Vec<UltrasoundRegion>,
    /// What SUV is computed from, of a PET (T45).
    #[serde(default)]
    pub suv: Option<SuvAttributes>,
    /// Position and orientation in the patient, when both are there.
    pub plane: Option<PlaneAttributes>,
    /// Patient Orientation (0020,0020): direction of a row, direction of a column; letters as in the file.
    pub patient_orientation: Option<[String; 2]>,
    /// Anatomical Orientation Type (0010,2210) is QUADRUPED.
    pub quadruped: bool,
    /// Overlay planes of this frame; a plane that serves the shutter is not among them.
    pub overlays: Vec<Overlay>,
    /// What the image is covered with.
    pub shutter: Option<Shutter>,
    /// Lossy compression.
    pub lossy: LossyAttributes,
    /// Further marks from the header, as shown: T57, `rescale incomplete`, `header disagrees with code stream`, ...
    pub marks: Vec<String>,
}

/// A window of the file with its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WindowChoice {
    /// Centre, width, function.
    pub window: Window,
    /// Window Center & Width Explanation (0028,1055), may be empty.
    pub explanation: String,
}

/// Presentation LUT Shape (2050,0020).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PresentationLutShape {
    /// P-values rise with the output of the VOI.
    Identity,
    /// P-values fall.
    Inverse,
}

/// Image Plane module of a frame, mm, LPS.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlaneAttributes {
    /// Image Position (Patient) (0020,0032): centre of the first pixel.
    pub position: [f64; 3],
    /// Image Orientation (Patient) (0020,0037): row cosines, then column cosines.
    pub orientation: [f64; 6],
}

impl PresentationLutShape {
    /// From the defined term of the file.
    #[must_use]
    pub fn from_term(term: &str) -> Option<Self> {
        match term.trim() {
            "IDENTITY" => Some(Self::Identity),
            "INVERSE" => Some(Self::Inverse),
            _ => None,
        }
    }
}

impl DisplayAttributes {
    /// Whether greys are inverted after rounding (T5), before any wish of the user. Shape and photometric interpretation are the same
    /// statement; the shape wins.
    #[must_use]
    pub fn inverted(&self, colour: Colour) -> bool {
        match self.presentation_lut_shape {
            Some(shape) => shape == PresentationLutShape::Inverse,
            None => colour == Colour::Monochrome1,
        }
    }

    /// Shape and photometric interpretation contradict each other.
    #[must_use]
    pub fn polarity_conflict(&self, colour: Colour) -> bool {
        let shape_inverts = self.presentation_lut_shape == Some(PresentationLutShape::Inverse);
        self.presentation_lut_shape.is_some()
            && matches!(colour, Colour::Monochrome1 | Colour::Monochrome2)
            && shape_inverts != (colour == Colour::Monochrome1)
    }

    /// All marks of the header for the trust strip, in reading order: loss, polarity, then [`DisplayAttributes::marks`].
    #[must_use]
    pub fn trust_marks(&self, colour: Colour) -> Vec<String> {
        let mut marks: Vec<String> = self.lossy.mark().into_iter().collect();
        if self.polarity_conflict(colour) {
            marks.push("polarity conflict".into());
        }
        marks.extend(self.marks.iter().cloned());
        marks
    }
}

/// Pairs Window Center (0028,1050), Window Width (0028,1051) and their explanations (T8): unequal counts pair up to the shorter, windows that
/// mean nothing are left out; either way the second part holds the mark to show.
#[must_use]
pub fn windows_of_file(
    centers: &[f64],
    widths: &[f64],
    explanations: &[String],
    function: VoiFunction,
) -> (Vec<WindowChoice>, Vec<&'static str>) {
    let mut marks = Vec::new();
    if centers.len() != widths.len() {
        marks.push("window centres and widths differ in number");
    }
    let pairs = centers.len().min(widths.len());
    let mut choices = Vec::with_capacity(pairs);
    for (k, (center, width)) in centers.iter().zip(widths).enumerate() {
        match Window::new(*center, *width, function) {
            Ok(window) => choices.push(WindowChoice {
                window,
                explanation: explanations.get(k).cloned().unwrap_or_default(),
            }),
            Err(_) if !marks.contains(&"window of the file invalid") => {
                marks.push("window of the file invalid");
            }
            Err(_) => {}
        }
    }
    (choices, marks)
}
