//! Models over the images of a patient: which ran, where, and why others did not. Three states that never blur (MDL-12).

use triptych_clinical::IndexTime;

use crate::Core;
use crate::doctor::{Health, Line};
use crate::patient::Catalog;
use crate::view::{ModelRow, PatientView, SignalCard};

/// What the models say about a patient.
#[derive(Clone, Debug, Default)]
pub struct Analysis {
    /// One row a model.
    pub rows: Vec<ModelRow>,
    /// Findings, lane D.
    pub cards: Vec<SignalCard>,
}

impl Core {
    /// Runs every enabled model over the images that it is made for.
    #[must_use]
    pub fn run_models(&self, _catalog: &Catalog, _view: &PatientView, _at: IndexTime) -> Analysis {
        Analysis::default()
    }
}

/// Where inference runs, and why.
pub(crate) fn processor() -> (String, String) {
    (
        "local · CPU".to_owned(),
        "rules and pictures are computed on this machine; no model is installed".to_owned(),
    )
}

/// Lines of `doctor`.
pub(crate) fn doctor_lines() -> Vec<Line> {
    vec![Line::new(
        "models",
        Health::Off,
        "this version carries no model: lane D shows nothing",
    )]
}
