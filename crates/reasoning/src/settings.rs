//! Site switches of the rules. Everything has the default of record-and-signals.

use std::collections::BTreeMap;

/// Which baseline R2 compares with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AkiBaseline {
    /// The lower of the lowest in 7 days and the median of 8 to 365 days.
    #[default]
    Min,
    /// The lowest in 7 days if there is one.
    Rv1First,
}

/// SpO2 scale of NEWS2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spo2Scale {
    /// For everyone whose target no clinician has set to 88 to 92 per cent.
    #[default]
    One,
    /// Target 88 to 92 per cent, set by a clinician.
    Two,
}

/// Whose surveillance intervals R30 uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AaaGuideline {
    /// Society for Vascular Surgery 2018.
    #[default]
    Svs2018,
    /// NHS screening programme.
    Nhs,
}

/// A switch: its key, its default and what it does, for the manual.
#[derive(Clone, Copy, Debug)]
pub struct Switch {
    /// `aki.baseline`
    pub key: &'static str,
    /// Default as text.
    pub default: &'static str,
    /// What it does.
    pub meaning: &'static str,
}

/// Every switch of the specification; a rule names those that it reads.
#[rustfmt::skip]
pub static SWITCHES: &[Switch] = &[
    Switch { key: "aki.baseline", default: "min", meaning: "creatinine baseline of R2: the lower of both (min), or the lowest of 7 d where there is one (rv1_first)" },
    Switch { key: "kfre.region", default: "other", meaning: "calibration of the kidney failure risk equation: other, north_america" },
    Switch { key: "kfre.refer5y", default: "5.0", meaning: "5-year kidney failure risk in per cent from which R4 fires" },
    Switch { key: "sodium.glucose_factor", default: "2.4", meaning: "sodium correction per 5.55 mmol/L of glucose above 5.55: 2.4 or 1.6" },
    Switch { key: "ag.upper", default: "16", meaning: "upper limit of the corrected anion gap, mmol/L" },
    Switch { key: "af.score", default: "CHA2DS2-VA", meaning: "stroke score of R14: CHA2DS2-VA or CHA2DS2-VASc" },
    Switch { key: "ferritin.low", default: "30", meaning: "ferritin below which iron deficiency is likely, ug/L: 15, 30 or 45" },
    Switch { key: "hba1c.target", default: "7.0", meaning: "HbA1c target in per cent where the patient has none of their own" },
    Switch { key: "lane_t", default: "off", meaning: "lane T (R22, R24): off, or on and passive, shown only in its own panel" },
    Switch { key: "news2.spo2_scale", default: "1", meaning: "SpO2 scale of NEWS2: 1, or 2 for a target of 88 to 92 per cent set by a clinician" },
    Switch { key: "sofa.baseline", default: "0", meaning: "SOFA score before the infection" },
    Switch { key: "rcv.cva", default: "half of the biological variation", meaning: "the laboratory's analytical variation in per cent, by analyte" },
    Switch { key: "rcv.z", default: "1.96", meaning: "z of the two-sided reference change value" },
    Switch { key: "aaa.guideline", default: "SVS2018", meaning: "surveillance intervals of R30: SVS2018 or NHS" },
];

/// Switches of the rules that are built.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// `aki.baseline`
    pub aki_baseline: AkiBaseline,
    /// `ferritin.low`, ug/L: 15, 30 or 45.
    pub ferritin_low: f64,
    /// `hba1c.target`, per cent, where the patient has none of their own.
    pub hba1c_target: f64,
    /// `rcv.cva`: the laboratory's analytical variation in per cent, by analyte; else half of the biological one.
    pub rcv_cva: BTreeMap<String, f64>,
    /// `rcv.z`: 1.96 for 95 per cent, two-sided.
    pub rcv_z: f64,
    /// `lane_t`: R22 and R24 are evaluated, for their own panel only.
    pub lane_t: bool,
    /// `news2.spo2_scale`
    pub spo2_scale: Spo2Scale,
    /// `sofa.baseline`: the score before the infection.
    pub sofa_baseline: f64,
    /// `aaa.guideline`
    pub aaa_guideline: AaaGuideline,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            aki_baseline: AkiBaseline::Min,
            ferritin_low: 30.0,
            hba1c_target: 7.0,
            rcv_cva: BTreeMap::new(),
            rcv_z: 1.96,
            lane_t: false,
            spo2_scale: Spo2Scale::One,
            sofa_baseline: 0.0,
            aaa_guideline: AaaGuideline::Svs2018,
        }
    }
}

impl AaaGuideline {
    /// `SVS2018`, `NHS`
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Svs2018 => "SVS2018",
            Self::Nhs => "NHS",
        }
    }
}

impl Settings {
    /// The value of a switch as it goes into the input hash.
    #[must_use]
    pub fn canonical(&self, key: &str, analyte: Option<&str>) -> String {
        match key {
            "aki.baseline" => match self.aki_baseline {
                AkiBaseline::Min => "min".to_owned(),
                AkiBaseline::Rv1First => "rv1_first".to_owned(),
            },
            "ferritin.low" => self.ferritin_low.to_string(),
            "hba1c.target" => self.hba1c_target.to_string(),
            "rcv.cva" => analyte
                .and_then(|a| self.rcv_cva.get(a))
                .map_or_else(|| "default".to_owned(), f64::to_string),
            "rcv.z" => self.rcv_z.to_string(),
            "lane_t" => if self.lane_t { "on" } else { "off" }.to_owned(),
            "news2.spo2_scale" => match self.spo2_scale {
                Spo2Scale::One => "1".to_owned(),
                Spo2Scale::Two => "2".to_owned(),
            },
            "sofa.baseline" => self.sofa_baseline.to_string(),
            "aaa.guideline" => self.aaa_guideline.code().to_owned(),
            _ => String::new(),
        }
    }
}
