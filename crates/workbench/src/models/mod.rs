//! Models over the images of a patient: which ran, where, and why others did not. Three states that never blur (MDL-12).
//!
//! A package is checked here (signature, hashes, card) and offered only images that it says it is made for; its graph is opened in a locked
//! worker. Lane D is off until somebody enables the package by name and reason.

mod cards;
mod doctor;
mod packages;

use triptych_archive::{By, StoredInstance};
use triptych_clinical::{IndexTime, Instant};
use triptych_inference::{ImageMeta, Outcome, Package};
use triptych_reasoning::graph::ModelFinding;
use triptych_worker::{Priority, Source};

use crate::patient::Catalog;
use crate::view::{ModelRow, ModelState, PatientView, SignalCard};
use crate::{Core, WorkbenchError};
use cards::{card, for_graph, image_words};
use packages::{find, start};

pub(crate) use doctor::{doctor_lines, processor};
pub use packages::{Installed, ModelLine, Verified, installed, list, verify};

/// Newest films of a patient that a model is run on: older ones are history, not news.
const FILMS: usize = 3;

/// What the models say about a patient.
#[derive(Clone, Debug, Default)]
pub struct Analysis {
    /// One row a model.
    pub rows: Vec<ModelRow>,
    /// Findings, lane D.
    pub cards: Vec<SignalCard>,
    /// The same for the evidence graph.
    pub(crate) findings: Vec<ModelFinding>,
}

impl Core {
    /// Enables or disables a model. Audited with name and reason.
    ///
    /// # Errors
    /// There is no such package, or it is not as it was signed.
    pub fn set_model(
        &self,
        name: &str,
        enabled: bool,
        by: &str,
        reason: &str,
    ) -> Result<String, WorkbenchError> {
        let installed = find(name)?;
        let package = installed
            .package
            .as_ref()
            .map_err(|why| WorkbenchError::Refused(format!("{name}: {why}")))?;
        let key = key(package);
        self.wait(
            self.archive()
                .set_model(&By::new(by, Instant::now()), &key, enabled, reason),
        )?;
        Ok(key)
    }

    /// Runs every enabled model over the newest images that it is made for.
    #[must_use]
    pub fn run_models(&self, catalog: &Catalog, view: &PatientView, at: IndexTime) -> Analysis {
        let states = self.wait(self.archive().models());
        let answers = self.answers(view.person);
        let mut analysis = Analysis::default();
        for installed in installed() {
            let (row, found) = match (&installed.package, &states) {
                (Err(why), _) => (
                    ModelRow {
                        model: installed.name.clone(),
                        state: ModelState::Failed(why.clone()),
                        provider: String::new(),
                    },
                    Vec::new(),
                ),
                // Not known to be on is not the same as off.
                (Ok(package), Err(why)) => {
                    let failed = ModelState::Failed(why.to_string());
                    (row(package, failed, String::new()), Vec::new())
                }
                (Ok(package), Ok(states))
                    if !states.iter().any(|s| s.model == key(package) && s.enabled) =>
                {
                    (row(package, ModelState::Off, String::new()), Vec::new())
                }
                (Ok(package), Ok(_)) => self.run_model(installed, package, catalog, view, at),
            };
            analysis.rows.push(row);
            for (mut card, finding) in found {
                let answered = answers.as_ref().ok();
                card.acknowledged = answered.and_then(|a| a.of(&card.id.0));
                analysis.cards.push(card);
                analysis.findings.push(finding);
            }
        }
        analysis
    }

    fn run_model(
        &self,
        installed: &Installed,
        package: &Package,
        catalog: &Catalog,
        view: &PatientView,
        at: IndexTime,
    ) -> (ModelRow, Vec<(SignalCard, ModelFinding)>) {
        let mut reasons = Vec::new();
        let mut fitting: Vec<&StoredInstance> = Vec::new();
        // One image of a display set speaks for the set: a stack of a modality that the model is not made for is declined once.
        for places in catalog.sets.values() {
            let Some(instance) = places.first().and_then(|(k, _)| catalog.instances.get(*k)) else {
                continue;
            };
            match package.accepts(&ImageMeta::of(&instance.record)) {
                Ok(()) => fitting.push(instance),
                Err(why) => reasons.push(format!("{}: {}", image_words(instance), why.join("; "))),
            }
        }
        fitting.sort_by_key(|i| std::cmp::Reverse(i.record.study_time.map(|t| t.instant)));
        fitting.truncate(FILMS);
        reasons.sort();
        if fitting.is_empty() {
            if reasons.is_empty() {
                reasons.push("this patient has no images".to_owned());
            }
            return (
                row(package, ModelState::Withheld(reasons), String::new()),
                Vec::new(),
            );
        }
        let pool = match start(installed) {
            Ok(pool) => pool,
            Err(why) => {
                return (
                    row(package, ModelState::Failed(why), String::new()),
                    Vec::new(),
                );
            }
        };
        let (mut cards, mut where_run, mut failed) = (Vec::new(), String::new(), None);
        for instance in fitting {
            let outcome = self
                .archive()
                .blobs()
                .read(instance.blob)
                .map_err(|e| e.to_string())
                .and_then(|bytes| Source::from_bytes(&bytes).map_err(|e| e.to_string()))
                .and_then(|source| {
                    pool.infer(&source, age(instance), Priority::Near)
                        .wait()
                        .map_err(|loss| loss.to_string())
                });
            match outcome {
                Ok(Outcome::Findings(findings)) => {
                    for finding in findings {
                        where_run = finding.provider.to_string();
                        let made = card(&finding, package, instance, view, at);
                        cards.push((made, for_graph(&finding, instance, at)));
                    }
                }
                Ok(Outcome::Withheld(why)) => {
                    reasons.push(format!("{}: {}", image_words(instance), why.join("; ")))
                }
                Ok(Outcome::Failed(why)) | Err(why) => failed = Some(why),
            }
        }
        let state = match (cards.is_empty(), failed) {
            (false, _) => ModelState::Analysed,
            (true, Some(why)) => ModelState::Failed(why),
            (true, None) => ModelState::Withheld(reasons.clone()),
        };
        // What was declined beside what was analysed is said with the row.
        let words = match (&state, reasons.is_empty()) {
            (ModelState::Analysed, false) => {
                format!("{where_run} · withheld: {}", reasons.join(" | "))
            }
            _ => where_run,
        };
        (row(package, state, words), cards)
    }
}

/// Names a package in the archive: what was enabled is this version, no other.
fn key(package: &Package) -> String {
    let about = &package.manifest().package;
    format!("{}@{}", about.id, about.version)
}

fn row(package: &Package, state: ModelState, provider: String) -> ModelRow {
    let about = &package.manifest().package;
    ModelRow {
        model: format!("{} {}", about.id, about.version),
        state,
        provider,
    }
}

/// Completed years on the day of the image, by the image's own header.
fn age(instance: &StoredInstance) -> Option<u16> {
    let record = &instance.record;
    record
        .study_time
        .and_then(|t| record.identity.age_years(t.instant))
}
