//! Packages that are installed: where they lie, what they are, whether they are as they were signed, and a worker for one.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde::Serialize;
use triptych_inference::{Package, Runtime, TrustedKeys};
use triptych_worker::{Options, Pool, Priority};

use crate::WorkbenchError;

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
pub(super) fn runtime_library() -> Option<PathBuf> {
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

pub(super) fn find(name: &str) -> Result<&'static Installed, WorkbenchError> {
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

pub(super) fn verify_one(installed: &Installed) -> Verified {
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
pub(super) fn start(installed: &Installed) -> Result<Pool, String> {
    let library = runtime_library();
    let options = Options::infer(library.as_deref(), &installed.folder, None);
    Pool::start(&options).map_err(|e| e.to_string())
}
