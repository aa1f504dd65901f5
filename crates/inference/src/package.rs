//! A package is a folder: `model.toml`, `model.toml.minisig`, and the files that the manifest lists. Order of trust: the signature over
//! the manifest's bytes, then the manifest, then size and SHA-256 of each file; only then is a byte of the graph read. What was hashed
//! is what is used: the folder is read once.

use std::{collections::BTreeMap, fs, io::Read as _, path::Path};

use sha2::{Digest as _, Sha256};

use crate::{ImageMeta, Manifest, PackageError, TrustedKeys};

const MANIFEST: &str = "model.toml";
const SIGNATURE: &str = "model.toml.minisig";

/// Bytes that a package may hold (ONNX's own limit for one file).
const MOST_BYTES: u64 = 2 << 30;
/// Files that a package may hold, and folders below one another.
const MOST_FILES: usize = 256;
const DEEPEST: usize = 4;

/// All files of a package's folder, unchecked. A worker reads them before it locks itself, and opens them after.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackageBytes(BTreeMap<String, Vec<u8>>);

/// A package whose signature, manifest, card and files are as they were signed.
#[derive(Clone, Debug)]
pub struct Package {
    manifest: Manifest,
    sha256: String,
    files: BTreeMap<String, Vec<u8>>,
}

impl PackageBytes {
    /// Reads every file below `folder`.
    ///
    /// # Errors
    /// The folder cannot be read, holds a link or a device, or more than a package may hold.
    pub fn read(folder: &Path) -> Result<Self, PackageError> {
        let mut files = BTreeMap::new();
        let mut left = MOST_BYTES;
        read_below(folder, "", 0, &mut left, &mut files)?;
        Ok(Self(files))
    }

    /// Adds or replaces a file.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        self.0.insert(name.into(), bytes.into());
        self
    }

    /// Takes a file away.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.0.remove(name);
        self
    }

    /// Names and bytes, by name.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(name, b)| (name.as_str(), b.as_slice()))
    }

    fn take(&mut self, name: &'static str) -> Result<Vec<u8>, PackageError> {
        self.0.remove(name).ok_or(PackageError::Absent { name })
    }
}

impl Package {
    /// Checks what was read.
    ///
    /// # Errors
    /// The first thing that is not as it was signed, by name.
    pub fn open(mut bytes: PackageBytes, keys: &TrustedKeys) -> Result<Self, PackageError> {
        let text = bytes.take(MANIFEST)?;
        keys.verify(&text, &bytes.take(SIGNATURE)?)?;
        let sha256 = hex::encode(Sha256::digest(&text));
        let text = String::from_utf8(text).map_err(|e| PackageError::Manifest {
            reason: e.to_string(),
        })?;
        let manifest = Manifest::parse(&text)?;
        let mut files = BTreeMap::new();
        for (name, expected) in &manifest.files {
            let found = bytes
                .0
                .remove(name)
                .ok_or_else(|| PackageError::Missing { name: name.clone() })?;
            let name = name.clone();
            if found.len() as u64 != expected.bytes {
                return Err(PackageError::Size {
                    name,
                    found: found.len() as u64,
                    expected: expected.bytes,
                });
            }
            if hex::encode(Sha256::digest(&found)) != expected.sha256 {
                return Err(PackageError::Hash { name });
            }
            files.insert(name, found);
        }
        let extra = bytes.0.into_keys();
        let mut extra = extra.filter(|name| !manifest.package.sources.contains(name));
        match extra.next() {
            Some(name) => Err(PackageError::Extra { name }),
            None => Ok(Self {
                manifest,
                sha256,
                files,
            }),
        }
    }

    /// Reads and checks the package in `folder`.
    ///
    /// # Errors
    /// As [`PackageBytes::read`] and [`Package::open`].
    pub fn open_folder(folder: &Path, keys: &TrustedKeys) -> Result<Self, PackageError> {
        Self::open(PackageBytes::read(folder)?, keys)
    }

    /// What the manifest says, card included.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// SHA-256 of the signed manifest, which holds those of all files: the identity of the whole package. In hex.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Whether the model was made for such an image. Needs no runtime.
    ///
    /// # Errors
    /// Each reason why not, for people (MDL-06).
    pub fn accepts(&self, image: &ImageMeta) -> Result<(), Vec<String>> {
        self.manifest.accept.check(image)
    }

    /// A listed file; empty for what is not listed.
    #[must_use]
    pub fn file(&self, name: &str) -> &[u8] {
        self.files.get(name).map_or(&[], Vec::as_slice)
    }
}

fn read_below(
    folder: &Path,
    prefix: &str,
    depth: usize,
    left: &mut u64,
    files: &mut BTreeMap<String, Vec<u8>>,
) -> Result<(), PackageError> {
    let too_large = || PackageError::TooLarge {
        limit: MOST_BYTES,
        files: MOST_FILES,
    };
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let name = format!("{prefix}{name}");
        if entry.file_name().to_str().is_none() {
            return Err(PackageError::NotPlain { name });
        }
        // Of the entry itself: a link is none of the two.
        let kind = entry.file_type()?;
        if kind.is_dir() && depth < DEEPEST {
            read_below(&entry.path(), &format!("{name}/"), depth + 1, left, files)?;
        } else if kind.is_file() {
            if files.len() >= MOST_FILES {
                return Err(too_large());
            }
            let mut bytes = Vec::new();
            let read = fs::File::open(entry.path())?
                .take(*left + 1)
                .read_to_end(&mut bytes)?;
            *left = left.checked_sub(read as u64).ok_or_else(too_large)?;
            files.insert(name, bytes);
        } else {
            return Err(PackageError::NotPlain { name });
        }
    }
    Ok(())
}
