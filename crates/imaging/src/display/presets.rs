//! Window presets by modality, and the one that stands in for a missing window (T9 rule 3).

use super::{
    DisplayAttributes, VoiFunction, Window,
    voi::{DefaultVoi, Voi, VoiSource},
};

/// A named window of a modality.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Preset {
    /// Modality (0008,0060) it is for.
    pub modality: &'static str,
    /// The number key that chooses it, where it has one.
    pub key: Option<u8>,
    /// Name in the menu.
    pub name: &'static str,
    /// Width in HU, or SUVbw for PT.
    pub width: f64,
    /// Centre, the same unit.
    pub center: f64,
    /// LINEAR for integer units, LINEAR_EXACT for SUV.
    pub function: VoiFunction,
}

const fn ct(key: Option<u8>, name: &'static str, width: f64, center: f64) -> Preset {
    Preset {
        modality: "CT",
        key,
        name,
        width,
        center,
        function: VoiFunction::Linear,
    }
}

const fn pt(key: Option<u8>, name: &'static str, width: f64) -> Preset {
    Preset {
        modality: "PT",
        key,
        name,
        width,
        center: width / 2.0,
        function: VoiFunction::LinearExact,
    }
}

/// Common teaching values; sites edit them.
pub const PRESETS: &[Preset] = &[
    ct(Some(1), "Brain", 80.0, 40.0),
    ct(Some(2), "Subdural", 200.0, 75.0),
    ct(Some(3), "Stroke", 40.0, 40.0),
    ct(Some(4), "Bone", 2000.0, 500.0),
    ct(Some(5), "Lung", 1500.0, -600.0),
    ct(Some(6), "Mediastinum", 350.0, 50.0),
    ct(Some(7), "Abdomen", 400.0, 50.0),
    ct(Some(8), "Liver", 150.0, 90.0),
    ct(Some(9), "Angio / MIP", 600.0, 170.0),
    ct(None, "Temporal bone", 2800.0, 600.0),
    ct(None, "Spine soft", 250.0, 50.0),
    ct(None, "Spine bone", 1800.0, 400.0),
    pt(Some(1), "SUV 0–5", 5.0),
    pt(Some(2), "SUV 0–7", 7.0),
    pt(Some(3), "SUV 0–10", 10.0),
    pt(None, "SUV 0–15", 15.0),
];

/// Presets that fit a frame, in modality units: CT needs HU, PT a known SUV.
#[must_use]
pub fn presets_for(attributes: &DisplayAttributes) -> Vec<(&'static Preset, Window)> {
    PRESETS
        .iter()
        .filter(|p| p.modality == attributes.modality)
        .filter_map(|p| p.window(attributes).map(|w| (p, w)))
        .collect()
}

impl Preset {
    /// The window in the frame's modality units; `None` when the unit does not fit.
    #[must_use]
    pub fn window(&self, attributes: &DisplayAttributes) -> Option<Window> {
        let per_unit = match self.modality {
            "CT" if attributes.unit == "HU" => 1.0,
            "PT" => attributes.suv_bw.filter(|f| f.is_finite() && *f > 0.0)?,
            _ => return None,
        };
        Window::new(self.center / per_unit, self.width / per_unit, self.function).ok()
    }
}

/// The default of a frame whose file names no window and no table.
pub(super) fn default_of(attributes: &DisplayAttributes) -> Option<DefaultVoi> {
    let found = |window, name: &str, invert| DefaultVoi {
        voi: Voi::Window(window),
        name: name.to_owned(),
        source: VoiSource::Preset,
        invert,
    };
    match attributes.modality.as_str() {
        "CT" if attributes.unit == "HU" => {
            let name = ct_region(attributes);
            let preset = PRESETS
                .iter()
                .find(|p| p.modality == "CT" && Some(p.name) == name);
            match preset.and_then(|p| p.window(attributes)) {
                Some(window) => Some(found(window, name.unwrap_or_default(), false)),
                None => Window::new(40.0, 400.0, VoiFunction::Linear)
                    .ok()
                    .map(|w| found(w, "Soft tissue", false)),
            }
        }
        "PT" => PRESETS
            .iter()
            .find(|p| p.name == "SUV 0–7")
            .and_then(|p| p.window(attributes))
            .map(|w| found(w, "SUV 0–7", true)),
        _ if attributes.secondary_capture && attributes.bits_stored == 8 => {
            Window::new(128.0, 256.0, VoiFunction::Linear)
                .ok()
                .map(|w| found(w, "", false))
        }
        _ => None,
    }
}

/// Preset for a body part, sharpened by a bone or lung kernel; `None`: soft tissue.
fn ct_region(attributes: &DisplayAttributes) -> Option<&'static str> {
    let part = attributes.body_part.trim().to_ascii_uppercase();
    let kernel = attributes.convolution_kernel.trim().to_ascii_uppercase();
    let sharp = ["BONE", "EDGE"].iter().any(|k| kernel.contains(k))
        || (kernel.starts_with('B') && kernel_number(&kernel).is_some_and(|n| n >= 60));
    let lung_kernel = kernel.contains("LUNG");
    match part.as_str() {
        "HEAD" | "BRAIN" | "SKULL" if sharp => Some("Bone"),
        "HEAD" | "BRAIN" => Some("Brain"),
        "CHEST" | "THORAX" | "LUNG" if sharp || lung_kernel => Some("Lung"),
        "LUNG" => Some("Lung"),
        "CHEST" | "THORAX" | "MEDIASTINUM" => Some("Mediastinum"),
        "ABDOMEN" | "ABDOMENPELVIS" | "PELVIS" if !sharp => Some("Abdomen"),
        "LIVER" => Some("Liver"),
        _ if lung_kernel => Some("Lung"),
        _ if sharp => Some("Bone"),
        _ => None,
    }
}

/// `B70f` is 70.
fn kernel_number(kernel: &str) -> Option<u32> {
    let digits: String = kernel
        .chars()
        .skip_while(|c| !c.is_ascii_digit())
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().ok()
}
