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

/// Baseline survival that R4 uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KfreRegion {
    /// Everywhere but North America.
    #[default]
    Other,
    /// North America.
    NorthAmerica,
}

/// Score that R14 uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AfScore {
    /// Without sex (ESC 2024).
    #[default]
    Va,
    /// With one point for female sex (ACC/AHA/ACCP/HRS 2023).
    Vasc,
}

/// Switches of the rules that are built.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// `aki.baseline`
    pub aki_baseline: AkiBaseline,
    /// `kfre.region`
    pub kfre_region: KfreRegion,
    /// `kfre.refer5y`: 5-year risk in per cent from which R4 fires; KDIGO 2024 names 3 to 5.
    pub kfre_refer5y: f64,
    /// `sodium.glucose_factor`: mmol/L of sodium for 5.55 mmol/L of glucose above 5.55; 2.4 or 1.6.
    pub sodium_glucose_factor: f64,
    /// `ag.upper`: upper limit of the anion gap in mmol/L; depends on the analyser.
    pub ag_upper: f64,
    /// `af.score`
    pub af_score: AfScore,
    /// `ferritin.low`, ug/L: 15, 30 or 45.
    pub ferritin_low: f64,
    /// `hba1c.target`, per cent, where the patient has none of their own.
    pub hba1c_target: f64,
    /// `rcv.cva`: the laboratory's analytical variation in per cent, by analyte; else half of the biological one.
    pub rcv_cva: BTreeMap<String, f64>,
    /// `rcv.z`: 1.96 for 95 per cent, two-sided.
    pub rcv_z: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            aki_baseline: AkiBaseline::Min,
            kfre_region: KfreRegion::Other,
            kfre_refer5y: 5.0,
            sodium_glucose_factor: 2.4,
            ag_upper: 16.0,
            af_score: AfScore::Va,
            ferritin_low: 30.0,
            hba1c_target: 7.0,
            rcv_cva: BTreeMap::new(),
            rcv_z: 1.96,
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
            "kfre.region" => match self.kfre_region {
                KfreRegion::Other => "other".to_owned(),
                KfreRegion::NorthAmerica => "north_america".to_owned(),
            },
            "kfre.refer5y" => self.kfre_refer5y.to_string(),
            "sodium.glucose_factor" => self.sodium_glucose_factor.to_string(),
            "ag.upper" => self.ag_upper.to_string(),
            "af.score" => match self.af_score {
                AfScore::Va => "CHA2DS2-VA".to_owned(),
                AfScore::Vasc => "CHA2DS2-VASc".to_owned(),
            },
            "ferritin.low" => self.ferritin_low.to_string(),
            "hba1c.target" => self.hba1c_target.to_string(),
            "rcv.cva" => analyte
                .and_then(|a| self.rcv_cva.get(a))
                .map_or_else(|| "default".to_owned(), f64::to_string),
            "rcv.z" => self.rcv_z.to_string(),
            _ => String::new(),
        }
    }
}
