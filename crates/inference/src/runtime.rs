//! ONNX Runtime itself: one library of those that `runtime.toml` pins, opened by its path, once a process.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use ort::{environment::Environment, logging::LogLevel};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::{RuntimeError, ffi};

/// Versions, files and hashes that may be loaded.
const PINNED: &str = include_str!("../../../runtime.toml");

/// The main library's name begins so.
const LIBRARY: &str = "libonnxruntime.so.";

/// The loaded library and its one environment. Keep it as long as any [`Model`](crate::Model); a process has at most one.
#[derive(Debug)]
pub struct Runtime {
    environment: Environment,
    version: String,
}

#[derive(Deserialize)]
struct Kind {
    #[serde(default)]
    library: Vec<Library>,
}

#[derive(Deserialize)]
struct Library {
    path: String,
    sha256: String,
}

/// A pinned library that is loaded and not started. Its environment starts a thread of its own: in a worker it is made after the lock, for the
/// walls hold for the thread that raises them and those that it starts later.
#[derive(Debug)]
pub struct LoadedLibrary {
    library: PathBuf,
    version: String,
}

impl Runtime {
    /// The library in `place`, a folder or the file itself, by the names that `runtime.toml` pins.
    #[must_use]
    pub fn find(place: &Path) -> Option<PathBuf> {
        if place.is_file() {
            return Some(place.to_owned());
        }
        let names = pinned().into_iter();
        let mut files = names.map(|(name, _)| place.join(name));
        files.find(|file| file.is_file())
    }

    /// Whether `library` is one of those that are pinned: what `doctor` tells without loading it.
    ///
    /// # Errors
    /// [`RuntimeError::NotPinned`], or the file cannot be read.
    pub fn check(library: &Path) -> Result<(), RuntimeError> {
        let found = hex::encode(Sha256::digest(fs::read(library)?));
        if pinned().iter().any(|(_, sha256)| *sha256 == found) {
            Ok(())
        } else {
            Err(RuntimeError::NotPinned { found })
        }
    }

    /// Loads and starts `library`, an absolute path. Telemetry off.
    ///
    /// # Errors
    /// Not pinned, not loadable, too old, or the second in this process.
    pub fn open(library: &Path) -> Result<Self, RuntimeError> {
        LoadedLibrary::load(library)?.start()
    }

    /// Its version, as it says itself.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    pub(crate) const fn environment(&self) -> &Environment {
        &self.environment
    }
}

impl LoadedLibrary {
    /// Loads `library`, an absolute path, and starts nothing of it.
    ///
    /// # Errors
    /// Not pinned, not loadable, or too old.
    pub fn load(library: &Path) -> Result<Self, RuntimeError> {
        Runtime::check(library)?;
        ffi::forbid_telemetry();
        let version = ffi::runtime_version(library).map_err(RuntimeError::NotLoaded)?;
        Ok(Self {
            library: library.to_owned(),
            version,
        })
    }

    /// Makes the one environment of this process. The file is not opened again: the loader knows it by its name.
    ///
    /// # Errors
    /// It does not start, or it is the second in this process.
    pub fn start(self) -> Result<Runtime, RuntimeError> {
        let environment = ort::init_from(&self.library)
            .map_err(|e| RuntimeError::NotLoaded(e.to_string()))?
            .with_name("triptych")
            .with_telemetry(false)
            // Its messages hold paths and names of tensors: the level is all that may be logged.
            .with_logger(Arc::new(|level, _, _, _, _| {
                if matches!(level, LogLevel::Error | LogLevel::Fatal) {
                    tracing::debug!("ONNX Runtime reports an error");
                }
            }))
            .build()
            .map_err(|e| RuntimeError::NotStarted(e.to_string()))?;
        environment.set_log_level(LogLevel::Warning);
        Ok(Runtime {
            environment,
            version: self.version,
        })
    }
}

/// File name and hash of each main library that is pinned.
fn pinned() -> Vec<(String, String)> {
    // A test holds that it parses; if it did not, nothing would be loaded.
    let kinds: BTreeMap<String, Kind> = toml::from_str(PINNED).unwrap_or_default();
    let libraries = kinds.into_values().flat_map(|kind| kind.library);
    libraries
        .filter_map(|library| {
            let name = library.path.rsplit('/').next()?.to_owned();
            name.starts_with(LIBRARY).then_some((name, library.sha256))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pinned_libraries_are_read() {
        let names: Vec<_> = pinned().into_iter().map(|(name, _)| name).collect();
        assert_eq!(
            names,
            ["libonnxruntime.so.1.32.0", "libonnxruntime.so.1.31.1"]
        );
    }

    #[test]
    fn mdl_02_a_library_that_is_not_pinned_is_not_loaded() {
        let own = std::env::current_exe().unwrap();
        let error = Runtime::open(&own).unwrap_err();
        assert!(matches!(error, RuntimeError::NotPinned { .. }), "{error}");
        assert!(Runtime::open(Path::new("/nowhere/at/all")).is_err());
    }
}
