//! Where the key of an archive is kept: the keyring of the desktop, else a file that only its owner can read.
//!
//! A locked keyring answers like an empty one, so a key is made only for an archive that does not exist yet. A key file protects against
//! a lost copy of the archive, not against whoever can read the account's files: `doctor` says which of the two is in use.

use std::fmt;
use std::fs::{self, File};
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use keyring_core::api::CredentialStoreApi as _;
use zbus_secret_service_keyring_store::Store as SecretService;
use zeroize::Zeroizing;

use crate::ArchiveError;
use crate::disk::{DurableWriter, private_folder};
use crate::envelope::ArchiveId;
use crate::secret::Secret;

const SERVICE: &str = "org.triptych.archive";

/// Where to look for the archive's key, and where to put the key of a new archive.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeySource {
    /// The keyring; where none runs, a file below the user's configuration folder.
    Platform,
    /// The keyring alone.
    Keyring,
    /// This file: mode 0600, in a folder of mode 0700, both the user's own. Made with the archive if absent.
    File(PathBuf),
}

/// Where a key was found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyPlace {
    /// The desktop's keyring (Secret Service).
    Keyring,
    /// A key file.
    File(PathBuf),
}

impl fmt::Display for KeyPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keyring => f.write_str("the keyring (Secret Service)"),
            Self::File(file) => write!(f, "key file {}", file.display()),
        }
    }
}

impl KeySource {
    /// In words, for `doctor`: what is tried, and what the keyring answers now. Blocks for the answer.
    #[must_use]
    pub fn describe(&self) -> String {
        let keyring = || match SecretService::new() {
            Ok(_) => "the keyring (Secret Service) answers".to_owned(),
            Err(e) => format!("no keyring ({})", first_line(&e)),
        };
        match self {
            Self::Platform => format!(
                "{}; else a key file of mode 0600 in {}",
                keyring(),
                default_folder().map_or_else(
                    || "no folder: neither XDG_CONFIG_HOME nor HOME is set".to_owned(),
                    |folder| folder.display().to_string()
                )
            ),
            Self::Keyring => keyring(),
            Self::File(file) => format!("key file {}", file.display()),
        }
    }

    fn places(&self, id: ArchiveId) -> Vec<KeyPlace> {
        let default_file = || default_folder().map(|f| KeyPlace::File(f.join(format!("{id}.key"))));
        match self {
            Self::Platform => [Some(KeyPlace::Keyring), default_file()]
                .into_iter()
                .flatten()
                .collect(),
            Self::Keyring => vec![KeyPlace::Keyring],
            Self::File(file) => vec![KeyPlace::File(file.clone())],
        }
    }

    /// Calls `fits` with each key found until it takes one.
    pub(crate) fn find<T>(
        &self,
        id: ArchiveId,
        mut fits: impl FnMut(&Secret) -> Result<Option<T>, ArchiveError>,
    ) -> Result<(T, KeyPlace), ArchiveError> {
        let (mut absent, mut wrong) = (Vec::new(), Vec::new());
        for place in self.places(id) {
            match place.load(id)? {
                Ok(key) => match fits(&key)? {
                    Some(found) => return Ok((found, place)),
                    None => wrong.push(place.to_string()),
                },
                Err(why) => absent.push(format!("{place}: {why}")),
            }
        }
        Err(if wrong.is_empty() {
            ArchiveError::NoKey {
                tried: absent.join("; "),
            }
        } else {
            ArchiveError::WrongKey {
                place: wrong.join(" and "),
            }
        })
    }

    /// The key for an archive that does not exist yet: one that lies in the first place that works, else a new one put there.
    pub(crate) fn make(
        &self,
        id: ArchiveId,
        writer: &DurableWriter,
    ) -> Result<(Secret, KeyPlace), ArchiveError> {
        let mut refused = Vec::new();
        for place in self.places(id) {
            if let Ok(key) = place.load(id)? {
                return Ok((key, place));
            }
            let key = Secret::random()?;
            match place.store(id, &key, writer)? {
                Ok(()) => return Ok((key, place)),
                Err(why) => refused.push(format!("{place}: {why}")),
            }
        }
        Err(ArchiveError::NoKey {
            tried: refused.join("; "),
        })
    }
}

impl KeyPlace {
    /// The key, or why there is none here. A place that must not be trusted is an error.
    fn load(&self, id: ArchiveId) -> Result<Result<Secret, String>, ArchiveError> {
        match self {
            Self::Keyring => Ok(entry(id)
                .and_then(|entry| entry.get_secret())
                .map(Zeroizing::new)
                .map_err(|e| first_line(&e))
                .and_then(|bytes| {
                    Secret::from_slice(&bytes).ok_or_else(|| "its entry is no key".to_owned())
                })),
            Self::File(file) => load_file(file),
        }
    }

    fn store(
        &self,
        id: ArchiveId,
        key: &Secret,
        writer: &DurableWriter,
    ) -> Result<Result<(), String>, ArchiveError> {
        match self {
            Self::Keyring => Ok(entry(id)
                .and_then(|entry| {
                    entry.set_secret(key.bytes())?;
                    // Reading it back now is better than finding out at the next start.
                    entry.get_secret()
                })
                .map(Zeroizing::new)
                .map_err(|e| first_line(&e))
                .and_then(|read| {
                    if read.as_slice() == key.bytes() {
                        Ok(())
                    } else {
                        Err("it gave back another key".to_owned())
                    }
                })),
            Self::File(file) => store_file(file, key, writer).map(Ok),
        }
    }
}

fn entry(id: ArchiveId) -> keyring_core::Result<keyring_core::Entry> {
    SecretService::new()?.build(SERVICE, &id.to_string(), None)
}

fn first_line(e: &keyring_core::Error) -> String {
    e.to_string().lines().next().unwrap_or_default().to_owned()
}

fn default_folder() -> Option<PathBuf> {
    let absolute = |name| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|p| p.is_absolute())
    };
    absolute("XDG_CONFIG_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".config")))
        .map(|config| config.join("triptych").join("keys"))
}

fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Owner and mode: nobody but this user may read the key or put another file in its place.
fn check(path: &Path, about: &fs::Metadata, most: u32) -> Result<(), ArchiveError> {
    let refuse = |why| {
        Err(ArchiveError::KeyFile {
            file: path.to_owned(),
            why,
        })
    };
    let me = rustix::process::geteuid().as_raw();
    if about.uid() != me {
        return refuse(format!("it belongs to user {}, not to {me}", about.uid()));
    }
    let mode = about.mode() & 0o777;
    if mode & !most != 0 {
        return refuse(format!(
            "its mode is {mode:04o}, which lets others in: make it {most:04o}"
        ));
    }
    Ok(())
}

fn load_file(path: &Path) -> Result<Result<Secret, String>, ArchiveError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Err("there is no such file".to_owned()));
        }
        Err(e) => return Err(ArchiveError::file("open", path)(e)),
    };
    let folder = folder_of(path);
    let about = fs::metadata(folder).map_err(ArchiveError::file("examine", folder))?;
    check(folder, &about, 0o700)?;
    // Of the open file, so that it cannot be exchanged in between.
    let about = file
        .metadata()
        .map_err(ArchiveError::file("examine", path))?;
    check(path, &about, 0o600)?;
    let mut text = Zeroizing::new(String::with_capacity(128));
    let read = (&mut file).take(128).read_to_string(&mut text);
    let key = read.ok().and_then(|_| Secret::from_hex(text.trim_ascii()));
    key.map(Ok).ok_or_else(|| ArchiveError::KeyFile {
        file: path.to_owned(),
        why: "it does not hold 64 hexadecimal digits".to_owned(),
    })
}

fn store_file(path: &Path, key: &Secret, writer: &DurableWriter) -> Result<(), ArchiveError> {
    let folder = folder_of(path);
    private_folder(folder).map_err(ArchiveError::file("create", folder))?;
    let about = fs::metadata(folder).map_err(ArchiveError::file("examine", folder))?;
    check(folder, &about, 0o700)?;
    let mut text = key.hex();
    text.push('\n');
    // Reached only when there is no such file; whole or absent, so that a crash here leaves no half key.
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    writer
        .replace(Path::new(&temporary), path, text.as_bytes())
        .map_err(ArchiveError::file("write", path))
}
