//! What end-to-end tests share: the built programs, a fresh archive, the shelf.

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

/// Root of the repository; asked at run time, since a target folder may be shared by checkouts.
pub fn root() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").unwrap().into()
}

/// The shelf of real files, if this machine has it; says loudly when not.
pub fn shelf(test: &str) -> Option<PathBuf> {
    let named = std::env::var_os("TRIPTYCH_SHARED").map(PathBuf::from);
    let path = named.unwrap_or_else(|| root().join("../shared"));
    if path.join("README.md").exists() {
        return path.canonicalize().ok();
    }
    println!("SHELF ABSENT: {test}");
    None
}

/// An archive of its own with its key file, gone when the test ends.
pub struct Home {
    pub folder: tempfile::TempDir,
}

/// What a command printed and how it ended.
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Home {
    pub fn new() -> Self {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let keys = folder.path().join("keys");
        std::fs::create_dir(&keys).expect("a folder for the key");
        std::fs::set_permissions(&keys, std::fs::Permissions::from_mode(0o700)).expect("its mode");
        Self { folder }
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_triptych"));
        command
            .arg("--archive")
            .arg(self.folder.path().join("archive"))
            .arg("--key-file")
            .arg(self.folder.path().join("keys/key"))
            .arg("--quiet");
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        ran(self
            .command()
            .args(arguments)
            .output()
            .expect("triptych runs"))
    }

    /// Runs with `--json` and parses the document.
    pub fn json(&self, arguments: &[&str]) -> (Option<i32>, Value) {
        let done = ran(self
            .command()
            .arg("--json")
            .args(arguments)
            .output()
            .expect("triptych runs"));
        let value = serde_json::from_str(&done.out)
            .unwrap_or_else(|e| panic!("{arguments:?}: {e}\n{}\n{}", done.out, done.err));
        (done.code, value)
    }
}

fn ran(output: Output) -> Ran {
    Ran {
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
