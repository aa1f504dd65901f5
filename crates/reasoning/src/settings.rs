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
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            aki_baseline: AkiBaseline::Min,
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
