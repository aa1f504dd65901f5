//! highdicom, an independent library that reads our reports in tests: from pip, in a virtual environment in the cache.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

use crate::cache;
use crate::command::run;

/// The variable that tells tests which Python has it.
pub const VARIABLE: &str = "TRIPTYCH_HIGHDICOM_PYTHON";
/// The version that the tests were written against.
const VERSION: &str = "0.28.2";

/// A Python that has highdicom: the one that [`VARIABLE`] names, else one in the cache, made when it is not there. Without a network there
/// is none, and the tests that need it say that they were left out.
pub fn ensure() -> Option<PathBuf> {
    let named = std::env::var_os(VARIABLE).map(PathBuf::from);
    if let Some(python) = named.filter(|python| has_it(python)) {
        return Some(python);
    }
    match make() {
        Ok(python) => Some(python),
        Err(error) => {
            println!(
                "highdicom cannot be installed, the tests that it judges are left out: {error:#}"
            );
            None
        }
    }
}

fn make() -> Result<PathBuf> {
    let folder = cache::folder()?.join(format!("highdicom-{VERSION}"));
    let python = folder.join("bin").join("python");
    if has_it(&python) {
        return Ok(python);
    }
    run(Command::new("python3")
        .args(["-m", "venv", "--clear"])
        .arg(&folder))?;
    run(Command::new(&python)
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ])
        .arg(format!("highdicom=={VERSION}")))?;
    ensure!(has_it(&python), "{} cannot import it", python.display());
    Ok(python)
}

fn has_it(python: &Path) -> bool {
    let import = Command::new(python)
        .args(["-c", "import highdicom"])
        .output();
    import.is_ok_and(|output| output.status.success())
}
