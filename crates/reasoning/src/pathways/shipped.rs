//! The packs that come with the program, and the coded reasons of decisions.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::view::PathwayView;
use super::{Pack, PackError, load};
use crate::evaluate::Evaluation;

/// File name and text of each shipped pack.
pub static SHIPPED: &[(&str, &str)] = &[
    (
        "acute-kidney-injury-1.0.0.toml",
        include_str!("../../../../assets/pathways/acute-kidney-injury-1.0.0.toml"),
    ),
    (
        "atrial-fibrillation-anticoagulation-1.0.0.toml",
        include_str!("../../../../assets/pathways/atrial-fibrillation-anticoagulation-1.0.0.toml"),
    ),
    (
        "ckd-diabetes-1.0.0.toml",
        include_str!("../../../../assets/pathways/ckd-diabetes-1.0.0.toml"),
    ),
    (
        "community-acquired-pneumonia-1.0.0.toml",
        include_str!("../../../../assets/pathways/community-acquired-pneumonia-1.0.0.toml"),
    ),
    (
        "hypercalcaemia-1.0.0.toml",
        include_str!("../../../../assets/pathways/hypercalcaemia-1.0.0.toml"),
    ),
    (
        "incidental-pulmonary-nodule-1.0.0.toml",
        include_str!("../../../../assets/pathways/incidental-pulmonary-nodule-1.0.0.toml"),
    ),
    (
        "iron-deficiency-anaemia-1.0.0.toml",
        include_str!("../../../../assets/pathways/iron-deficiency-anaemia-1.0.0.toml"),
    ),
    (
        "liver-tests-drug-injury-1.0.0.toml",
        include_str!("../../../../assets/pathways/liver-tests-drug-injury-1.0.0.toml"),
    ),
    (
        "metformin-kidney-1.0.0.toml",
        include_str!("../../../../assets/pathways/metformin-kidney-1.0.0.toml"),
    ),
    (
        "primary-prevention-lipids-1.0.0.toml",
        include_str!("../../../../assets/pathways/primary-prevention-lipids-1.0.0.toml"),
    ),
    (
        "suspected-pulmonary-embolism-1.0.0.toml",
        include_str!("../../../../assets/pathways/suspected-pulmonary-embolism-1.0.0.toml"),
    ),
    (
        "thyroid-nodule-1.0.0.toml",
        include_str!("../../../../assets/pathways/thyroid-nodule-1.0.0.toml"),
    ),
    (
        "type-2-diabetes-criteria-1.0.0.toml",
        include_str!("../../../../assets/pathways/type-2-diabetes-criteria-1.0.0.toml"),
    ),
];

/// The shipped packs, loaded once. Their own tests run at the first call.
///
/// # Errors
/// Every error of a pack that does not load: a fault of this program, shown to the user as such.
pub fn shipped() -> Result<&'static [Pack], &'static [PackError]> {
    static LOADED: OnceLock<Result<Vec<Pack>, Vec<PackError>>> = OnceLock::new();
    let loaded = LOADED.get_or_init(|| {
        let mut packs = Vec::new();
        let mut errors = Vec::new();
        for (file, text) in SHIPPED {
            match load(file, text, None) {
                Ok(pack) => packs.push(pack),
                Err(mut e) => errors.append(&mut e),
            }
        }
        if errors.is_empty() {
            Ok(packs)
        } else {
            Err(errors)
        }
    });
    match loaded {
        Ok(packs) => Ok(packs),
        Err(errors) => Err(errors),
    }
}

/// What packs show for an evaluated patient; packs that do not apply are left out.
#[must_use]
pub fn views(packs: &[Pack], evaluation: &Evaluation) -> Vec<PathwayView> {
    packs.iter().filter_map(|p| p.view(evaluation)).collect()
}

/// What a clinician decided about a question of a pathway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The option is followed.
    Accept,
    /// The option is not followed.
    Decline,
    /// Decided later.
    Defer,
}

/// A coded reason of a decision.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// Stored with the decision; never reused for another meaning.
    pub code: String,
    /// Shown.
    pub text: String,
    /// Decisions that it can explain.
    pub decisions: Vec<Decision>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReasonFile {
    reason: Vec<Reason>,
}

/// The coded reasons of `assets/pathways/reasons.toml`, in their order.
///
/// # Errors
/// The message of the TOML reader: a fault of this program.
pub fn reasons() -> Result<&'static [Reason], &'static str> {
    static LOADED: OnceLock<Result<Vec<Reason>, String>> = OnceLock::new();
    let loaded = LOADED.get_or_init(|| {
        toml::from_str::<ReasonFile>(include_str!("../../../../assets/pathways/reasons.toml"))
            .map(|f| f.reason)
            .map_err(|e| e.to_string())
    });
    match loaded {
        Ok(reasons) => Ok(reasons),
        Err(message) => Err(message),
    }
}

/// The reasons that a decision offers.
#[must_use]
pub fn reasons_for(decision: Decision) -> Vec<&'static Reason> {
    reasons()
        .unwrap_or_default()
        .iter()
        .filter(|r| r.decisions.contains(&decision))
        .collect()
}
