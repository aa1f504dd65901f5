//! ONNX Runtime, from the wheel that `runtime.toml` names: version and hashes pinned, fetched by pip, unpacked into the cache.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::cache;
use crate::command::{root, run};

/// The variable that tells the program where the runtime is; packages carry it in their own place.
pub const VARIABLE: &str = "TRIPTYCH_ONNXRUNTIME";

#[derive(Deserialize)]
struct Pinned {
    wheel: String,
    version: String,
    file: String,
    sha256: String,
    licences: Vec<String>,
    library: Vec<Library>,
}

#[derive(Deserialize)]
struct Library {
    path: String,
    sha256: String,
}

/// A folder with the runtime's libraries, each checked, and its licences.
pub fn ensure(kind: &str) -> Result<PathBuf> {
    let text = fs::read_to_string(root().join("runtime.toml")).context("reading runtime.toml")?;
    let mut all: BTreeMap<String, Pinned> = toml::from_str(&text).context("runtime.toml")?;
    let pinned = all
        .remove(kind)
        .with_context(|| format!("runtime.toml has no [{kind}]"))?;
    let folder = cache::folder()?.join(format!("{}-{}", pinned.wheel, pinned.version));
    if is_whole(&folder, &pinned).is_ok() {
        return Ok(folder);
    }
    let wheels = cache::folder()?.join("wheels");
    fs::create_dir_all(&wheels)?;
    let wheel = wheels.join(&pinned.file);
    if !matches(&wheel, &pinned.sha256).unwrap_or(false) {
        // With these options pip gives the pinned file, whatever Python the machine has.
        let requirement = format!("{}=={}", pinned.wheel, pinned.version);
        run(Command::new("pip3")
            .args([
                "download",
                "--no-deps",
                "--only-binary=:all:",
                "--python-version",
                "3.11",
            ])
            .args([
                "--implementation",
                "cp",
                "--abi",
                "cp311",
                "--platform",
                "manylinux_2_28_x86_64",
            ])
            .args(["--disable-pip-version-check", "--dest"])
            .arg(&wheels)
            .arg(requirement))?;
    }
    ensure!(
        matches(&wheel, &pinned.sha256)?,
        "{} is not the file that runtime.toml pins: its sha256 differs",
        wheel.display()
    );
    let unpacked = wheels.join(kind);
    if unpacked.exists() {
        fs::remove_dir_all(&unpacked)?;
    }
    run(Command::new("python3")
        .args(["-m", "zipfile", "-e"])
        .arg(&wheel)
        .arg(&unpacked))?;
    fs::create_dir_all(&folder)?;
    let paths = pinned
        .library
        .iter()
        .map(|l| &l.path)
        .chain(&pinned.licences);
    for path in paths {
        let name = Path::new(path)
            .file_name()
            .context("a path of runtime.toml ends in no name")?;
        fs::copy(unpacked.join(path), folder.join(name))
            .with_context(|| format!("{path} of the wheel"))?;
    }
    fs::remove_dir_all(&unpacked)?;
    is_whole(&folder, &pinned)?;
    Ok(folder)
}

fn is_whole(folder: &Path, pinned: &Pinned) -> Result<()> {
    for library in &pinned.library {
        let name = Path::new(&library.path)
            .file_name()
            .context("a path without a name")?;
        let file = folder.join(name);
        ensure!(
            matches(&file, &library.sha256)?,
            "{} is not the library that runtime.toml pins",
            file.display()
        );
    }
    Ok(())
}

fn matches(file: &Path, sha256: &str) -> Result<bool> {
    Ok(hash(file)? == sha256)
}

/// SHA-256 of a file, in hex.
pub fn hash(file: &Path) -> Result<String> {
    let mut input = fs::File::open(file).with_context(|| file.display().to_string())?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let n = std::io::Read::read(&mut input, &mut buffer)?;
        if n == 0 {
            return Ok(hex::encode(hasher.finalize()));
        }
        hasher.update(buffer.get(..n).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pinned_is_a_version_and_whole_hashes() {
        let text = fs::read_to_string(root().join("runtime.toml")).unwrap();
        let all: BTreeMap<String, Pinned> = toml::from_str(&text).unwrap();
        assert_eq!(all.keys().collect::<Vec<_>>(), ["cpu", "cuda"]);
        for (kind, pinned) in all {
            assert!(pinned.file.contains(&pinned.version), "{kind}");
            let hashes = pinned
                .library
                .iter()
                .map(|l| &l.sha256)
                .chain([&pinned.sha256]);
            for hash in hashes {
                assert!(
                    hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit()),
                    "{kind}"
                );
            }
            assert!(
                !pinned.licences.is_empty(),
                "{kind}: its licences go with it"
            );
        }
    }
}
