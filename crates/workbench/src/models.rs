//! Models over the images of a patient: which ran, where, and why others did not. Three states that never blur (MDL-12).
//!
//! A package is checked here (signature, hashes, card) and offered only images that it says it is made for; its graph is opened in a locked
//! worker. Lane D is off until somebody enables the package by name and reason.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde::Serialize;
use triptych_archive::{By, StoredInstance};
use triptych_clinical::{IndexTime, Instant, When};
use triptych_inference::{Finding, ImageMeta, Outcome, Package, Runtime, TrustedKeys};
use triptych_reasoning::graph::{Band, ModelFinding};
use triptych_worker::{Options, Pool, Priority, Source};

use crate::doctor::{Health, Line};
use crate::patient::Catalog;
use crate::view::{
    Basis, BasisItem, Lane, ModelCard, ModelRow, ModelState, PatientView, SignalCard, SignalId,
    Target, Weighing,
};
use crate::{Core, WorkbenchError};

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

/// An installed package, or why it is none.
#[derive(Clone, Debug)]
pub struct Installed {
    /// Folder's name.
    pub name: String,
    /// Where it lies.
    pub folder: PathBuf,
    /// Checked, or what is wrong with it.
    pub package: Result<Package, String>,
}

/// A package as listed.
#[derive(Clone, Debug, Serialize)]
pub struct ModelLine {
    /// Folder's name: what `model enable` takes.
    pub name: String,
    /// Id in the manifest.
    pub id: String,
    /// Version.
    pub version: String,
    /// Title.
    pub title: String,
    /// `installed`, or why it is refused.
    pub state: String,
    /// SHA-256 of the signed manifest.
    pub sha256: String,
}

/// What `model verify` found.
#[derive(Clone, Debug, Serialize)]
pub struct Verified {
    /// Folder's name.
    pub name: String,
    /// Signature and hashes, and the self-test in a worker.
    pub holds: bool,
    /// In words.
    pub words: String,
    /// `CPU: 14 of 14 nodes`
    pub provider: String,
}

/// The folder of model packages: `TRIPTYCH_MODELS`, else beside the executable or in the package's place.
fn models_folder() -> Option<PathBuf> {
    place("TRIPTYCH_MODELS", "models")
}

/// The ONNX Runtime library: `TRIPTYCH_ONNXRUNTIME`, else beside the executable or in the package's place.
fn runtime_library() -> Option<PathBuf> {
    Runtime::find(&place("TRIPTYCH_ONNXRUNTIME", "onnxruntime")?)
}

fn place(variable: &str, name: &str) -> Option<PathBuf> {
    if let Some(named) = std::env::var_os(variable) {
        return Some(named.into());
    }
    let beside = std::env::current_exe().ok()?.parent()?.to_owned();
    [beside.join(name), beside.join("../lib/triptych").join(name)]
        .into_iter()
        .find(|p| p.is_dir())
}

/// Every package that is installed, checked once a run of the program.
pub fn installed() -> &'static [Installed] {
    static FOUND: OnceLock<Vec<Installed>> = OnceLock::new();
    FOUND.get_or_init(|| {
        let Some(Ok(entries)) = models_folder().map(std::fs::read_dir) else {
            return Vec::new();
        };
        let mut folders: Vec<PathBuf> = entries
            .filter_map(|e| e.ok().map(|e| e.path()))
            .filter(|p| p.join("model.toml").is_file())
            .collect();
        folders.sort();
        let name = |folder: &Path| {
            folder
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned()
        };
        let open = |folder: PathBuf| Installed {
            name: name(&folder),
            package: Package::open_folder(&folder, &TrustedKeys::built_in())
                .map_err(|e| e.to_string()),
            folder,
        };
        folders.into_iter().map(open).collect()
    })
}

/// Every package as listed.
#[must_use]
pub fn list() -> Vec<ModelLine> {
    installed()
        .iter()
        .map(|i| {
            let about = i.package.as_ref().ok().map(|p| &p.manifest().package);
            ModelLine {
                name: i.name.clone(),
                id: about.map(|a| a.id.clone()).unwrap_or_default(),
                version: about.map(|a| a.version.clone()).unwrap_or_default(),
                title: about.map(|a| a.title.clone()).unwrap_or_default(),
                state: i
                    .package
                    .as_ref()
                    .err()
                    .map_or_else(|| "installed".to_owned(), |why| format!("refused: {why}")),
                sha256: i
                    .package
                    .as_ref()
                    .map(|p| p.sha256().to_owned())
                    .unwrap_or_default(),
            }
        })
        .collect()
}

fn find(name: &str) -> Result<&'static Installed, WorkbenchError> {
    let is = |i: &&Installed| {
        i.name == name
            || i.package
                .as_ref()
                .is_ok_and(|p| p.manifest().package.id == name)
    };
    installed().iter().find(is).ok_or_else(|| {
        WorkbenchError::NotFound(format!(
            "no model {name:?} is installed: see `triptych model list`"
        ))
    })
}

/// Signature, hashes, and the self-test of a package in a worker. `None` verifies all.
///
/// # Errors
/// There is no such package.
pub fn verify(name: Option<&str>) -> Result<Vec<Verified>, WorkbenchError> {
    let chosen: Vec<&Installed> = match name {
        Some(name) => vec![find(name)?],
        None => installed().iter().collect(),
    };
    Ok(chosen.into_iter().map(verify_one).collect())
}

fn verify_one(installed: &Installed) -> Verified {
    let said = |holds, words: String, provider: String| Verified {
        name: installed.name.clone(),
        holds,
        words,
        provider,
    };
    if let Err(why) = &installed.package {
        return said(false, why.clone(), String::new());
    }
    match start(installed) {
        Ok(pool) => match pool
            .self_test(Priority::Visible)
            .map_err(|e| e.to_string())
            .and_then(|t| t.wait().map_err(|l| l.to_string()))
        {
            Ok(Ok(report)) => said(
                true,
                "signature, hashes and self-test hold".to_owned(),
                report.to_string(),
            ),
            Ok(Err(why)) => said(
                false,
                format!("the self-test does not hold: {why}"),
                String::new(),
            ),
            Err(loss) => said(
                false,
                format!("the self-test does not hold: {loss}"),
                String::new(),
            ),
        },
        Err(why) => said(false, why, String::new()),
    }
}

/// A worker for one model.
fn start(installed: &Installed) -> Result<Pool, String> {
    let library = runtime_library();
    let options = Options::infer(library.as_deref(), &installed.folder, None);
    Pool::start(&options).map_err(|e| e.to_string())
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

/// `CT 2026-11-16`
fn image_words(instance: &StoredInstance) -> String {
    let record = &instance.record;
    format!(
        "{} {}",
        record.modality,
        record
            .study_time
            .map_or_else(|| "without date".to_owned(), |t| t.iso_date())
    )
}

/// A finding as the evidence graph takes it. Only the high band counts as present: the middle one is "analysed, uncertain".
fn for_graph(finding: &Finding, instance: &StoredInstance, at: IndexTime) -> ModelFinding {
    let band = match finding.band {
        triptych_inference::Band::Low => Band::Low,
        triptych_inference::Band::Middle => Band::Middle,
        triptych_inference::Band::High => Band::High,
    };
    ModelFinding {
        model: format!("{}@{}", finding.model, finding.version),
        label: finding.label.trim().to_lowercase().replace([' ', '-'], "_"),
        band,
        present: band == Band::High,
        study: instance.record.study.to_string(),
        study_time: instance.record.study_time.unwrap_or(When::at(at)),
        available: at,
        fact: None,
        confirmed: false,
    }
}

/// The card of a model, with what it asks for and what this image says (D-20).
fn model_card(package: &Package, image: &ImageMeta) -> ModelCard {
    let manifest = package.manifest();
    let (about, card) = (&manifest.package, &manifest.card);
    let text = |key| card.text(key).to_owned();
    ModelCard {
        title: about.title.clone(),
        first: vec![
            ("Name", about.id.clone()),
            ("Version", about.version.clone()),
            (
                "SHA-256 of the signed manifest",
                package.sha256().to_owned(),
            ),
            (
                "Trained on",
                format!(
                    "{} {}",
                    text("training_inclusion_exclusion"),
                    text("training_representativeness")
                ),
            ),
            ("Known risks and limits", text("known_risks_and_limits")),
            ("Not to be used for", text("cautioned_against")),
            ("Last local validation", text("validity_local")),
            (
                "Inputs for this patient",
                format!("all given: {}", manifest.accept.inputs(image).join("; ")),
            ),
        ],
        attributes: card
            .attributes()
            .map(|a| {
                let name = a.key.replace('_', " ");
                (format!("{} · {name}", a.group), a.text.to_owned())
            })
            .collect(),
    }
}

fn card(
    finding: &Finding,
    package: &Package,
    instance: &StoredInstance,
    view: &PatientView,
    at: IndexTime,
) -> SignalCard {
    let record = &instance.record;
    let image = image_words(instance);
    let target = Target::Image {
        study: record.study.clone(),
        instance: Some((record.sop_instance.clone(), 0)),
    };
    let summary: String = format!(
        "{}: {} band on the film {image}",
        finding.label,
        finding.band.word()
    )
    .chars()
    .take(140)
    .collect();
    SignalCard {
        id: SignalId(format!(
            "{}@{}/{}/{}",
            finding.model, finding.version, finding.sha256, record.sop_instance
        )),
        lane: Lane::D,
        severity: None,
        rule: format!("{}@{}", finding.model, finding.version),
        title: finding.title.clone(),
        summary,
        as_of: When::at(at).to_string(),
        missing: String::new(),
        detail: format!("Investigational · {}", finding.provider),
        acknowledged: None,
        basis: Basis {
            long_forms: Vec::new(),
            items: vec![BasisItem {
                name: image,
                role: "image that was analysed".to_owned(),
                value: format!("{} x {}", record.columns, record.rows),
                canonical: String::new(),
                time: record.study_time.map(|t| t.to_string()).unwrap_or_default(),
                age: view
                    .studies
                    .iter()
                    .find(|s| s.uid == record.study)
                    .map(|s| format!("{} d before the newest study", s.days_before_newest))
                    .unwrap_or_default(),
                target: Some(target),
            }],
            steps: vec![
                finding.definition.clone(),
                format!("computed on: {}", finding.provider),
                format!("ONNX Runtime {}", finding.provider.runtime),
            ],
            thresholds: Vec::new(),
            exclusions: vec![
                package.manifest().package.intended_use.clone(),
                "not calibrated: bands, never a percent".to_owned(),
            ],
            missing: Vec::new(),
            citation: format!("model card of {} {}", finding.model, finding.version),
            valid_until: String::new(),
            input_hash: finding.sha256.clone(),
            frequencies: Vec::new(),
            model: Some(model_card(package, &ImageMeta::of(record))),
        },
        subject: format!("{}@{}", finding.model, finding.version),
        outcome: format!("{} {}", finding.label, finding.band.word()),
        sides: Vec::new(),
        weighing: Weighing::default(),
        own: Vec::new(),
    }
}

/// Where inference runs, and why.
pub(crate) fn processor() -> (String, String) {
    match (installed().is_empty(), runtime_library()) {
        (true, _) => (
            "local · CPU".to_owned(),
            "rules and pictures are computed on this machine; no model is installed".to_owned(),
        ),
        (false, Some(_)) => (
            "local · CPU".to_owned(),
            "models run on this machine, in a locked worker; each finding says on which processor"
                .to_owned(),
        ),
        (false, None) => (
            "local · CPU".to_owned(),
            "ONNX Runtime is not installed: models say nothing".to_owned(),
        ),
    }
}

/// Lines of `doctor`.
pub(crate) fn doctor_lines() -> Vec<Line> {
    let runtime = match runtime_library() {
        None => Line::new(
            "ONNX Runtime",
            Health::Off,
            "not installed: models say nothing",
        )
        .remedy("set TRIPTYCH_ONNXRUNTIME, or install the package that carries it"),
        Some(library) => match Runtime::check(&library) {
            Ok(()) => Line::new(
                "ONNX Runtime",
                Health::Works,
                format!("{}, hash as pinned", library.display()),
            ),
            Err(error) => Line::new("ONNX Runtime", Health::Broken, error.to_string()),
        },
    };
    let mut lines = vec![runtime];
    for installed in installed() {
        let verified = match &installed.package {
            Ok(_) if runtime_library().is_none() => Line::new(
                "model",
                Health::Off,
                format!("{}: no runtime", installed.name),
            ),
            Ok(_) => match verify_one(installed) {
                v if v.holds => Line::new(
                    "model",
                    Health::Works,
                    format!("{}: {}, {}", v.name, v.words, v.provider),
                ),
                v => Line::new("model", Health::Broken, format!("{}: {}", v.name, v.words)),
            },
            Err(why) => Line::new(
                "model",
                Health::Broken,
                format!("{}: {why}", installed.name),
            ),
        };
        lines.push(verified);
    }
    if lines.len() == 1 {
        lines.push(Line::new(
            "models",
            Health::Off,
            "none installed: lane D shows nothing",
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    /// D-20: the card of the shipped model names what a reader must know, nothing is empty, and the inputs are those of this image.
    #[test]
    fn d_20_the_model_card_says_what_the_model_is_and_what_it_was_given() {
        let folder =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/heart-size-reference");
        let package = Package::open_folder(&folder, &TrustedKeys::built_in()).unwrap();
        let image = ImageMeta {
            modality: "DX".into(),
            view_position: "PA".into(),
            body_part: "CHEST".into(),
            age_years: Some(54),
            columns: 2048,
            rows: 2500,
            frames: 1,
            ..ImageMeta::default()
        };
        let card = model_card(&package, &image);
        let said = |heading: &str| {
            let found = card.first.iter().find(|(h, _)| *h == heading);
            found.map_or_else(|| panic!("no {heading}"), |(_, text)| text.as_str())
        };
        assert_eq!(said("Name"), "org.triptych.heart-size-reference");
        assert_eq!(said("Version"), "0.1.0");
        assert_eq!(said("SHA-256 of the signed manifest"), package.sha256());
        assert!(said("Trained on").contains("620 films"));
        assert!(said("Known risks and limits").contains("Small and weak"));
        assert!(said("Last local validation").starts_with("Not done"));
        let inputs = said("Inputs for this patient");
        for part in [
            "view PA (asks for PA, AP)",
            "age at the image 54 years",
            "2048 x 2500 pixels",
        ] {
            assert!(inputs.contains(part), "{inputs}");
        }
        assert_eq!(card.attributes.len(), 31);
        let texts = card
            .first
            .iter()
            .map(|(_, t)| t)
            .chain(card.attributes.iter().map(|(_, t)| t));
        assert!(texts.into_iter().all(|t| !t.trim().is_empty()));
    }
}
