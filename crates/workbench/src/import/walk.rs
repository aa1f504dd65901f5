//! Which files there are, and what their first bytes say they are. Names decide nothing.

use std::fs::{self, File};
use std::io::Read as _;
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};

use triptych_worker::Source;

/// What the first bytes say.
pub(super) enum Sniffed {
    Dicom,
    Json,
    Hl7,
    Zip,
    /// Text of a kind that its bytes do not tell.
    Text,
    /// Why it is not even tried.
    Unknown(&'static str),
}

/// All regular files below `paths`, by name within a folder. Links are not followed: they could leave the folder or never end.
pub(crate) fn files(paths: &[PathBuf]) -> Vec<Result<PathBuf, (PathBuf, String)>> {
    let mut found = Vec::new();
    for path in paths {
        // A path that a person names may be a link; what is found below it may not.
        match fs::metadata(path) {
            Ok(meta) if meta.is_dir() => folder(path, &mut found, 0),
            // The directory of a medium stands for the medium. What it says is not believed: every file beside it is read.
            Ok(meta) if meta.is_file() && is_medium_directory_file(path) => {
                folder(path.parent().unwrap_or(path), &mut found, 0);
            }
            Ok(meta) if meta.is_file() => found.push(Ok(path.clone())),
            Ok(_) => found.push(Err((
                path.clone(),
                "neither a file nor a folder".to_owned(),
            ))),
            Err(e) => found.push(Err((path.clone(), format!("cannot be opened: {e}")))),
        }
    }
    found
}

const DEEPEST: usize = 64;

fn folder(path: &Path, found: &mut Vec<Result<PathBuf, (PathBuf, String)>>, depth: usize) {
    if depth > DEEPEST {
        found.push(Err((
            path.to_owned(),
            format!("folders nested deeper than {DEEPEST}"),
        )));
        return;
    }
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(e) => {
            found.push(Err((
                path.to_owned(),
                format!("the folder cannot be read: {e}"),
            )));
            return;
        }
    };
    let mut below: Vec<PathBuf> = entries.filter_map(|e| e.ok().map(|e| e.path())).collect();
    below.sort();
    for path in below {
        match fs::symlink_metadata(&path) {
            Ok(meta) if meta.is_dir() => folder(&path, found, depth + 1),
            Ok(meta) if meta.is_file() => found.push(Ok(path)),
            Ok(meta) if meta.is_symlink() => {
                found.push(Err((path, "a link: not followed".to_owned())))
            }
            Ok(_) => {}
            Err(e) => found.push(Err((path, format!("cannot be opened: {e}")))),
        }
    }
}

/// The whole file. It may shrink or grow while it is read: what was read is what is imported.
pub(super) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, String> {
    let file = File::open(path).map_err(|e| format!("cannot be opened: {e}"))?;
    let length = file
        .metadata()
        .map_err(|e| format!("cannot be read: {e}"))?
        .len();
    if length > limit {
        return Err(format!(
            "{length} bytes: larger than a file may be here ({limit})"
        ));
    }
    let mut bytes = Vec::new();
    file.take(limit)
        .read_to_end(&mut bytes)
        .map_err(|e| format!("cannot be read: {e}"))?;
    if bytes.is_empty() {
        return Err("the file is empty".to_owned());
    }
    Ok(bytes)
}

/// The bytes of a sealed source.
pub(super) fn contents(source: &Source) -> Result<Vec<u8>, String> {
    let file = source
        .as_fd()
        .try_clone_to_owned()
        .map(File::from)
        .map_err(|e| e.to_string())?;
    let mut bytes = vec![0; usize::try_from(source.len()).map_err(|e| e.to_string())?];
    std::os::unix::fs::FileExt::read_exact_at(&file, &mut bytes, 0).map_err(|e| e.to_string())?;
    Ok(bytes)
}

/// Media Storage Directory Storage (PS3.3 F), as it stands in the file meta information.
const MEDIUM_DIRECTORY: &[u8] = b"1.2.840.10008.1.3.10";

/// The file meta information names the directory of a medium (DICOMDIR).
fn is_medium_directory(bytes: &[u8]) -> bool {
    let meta = bytes.get(..bytes.len().min(1024)).unwrap_or(bytes);
    bytes.get(128..132) == Some(b"DICM")
        && meta
            .windows(MEDIUM_DIRECTORY.len())
            .any(|w| w == MEDIUM_DIRECTORY)
}

fn is_medium_directory_file(path: &Path) -> bool {
    let mut head = Vec::new();
    File::open(path)
        .and_then(|file| file.take(1024).read_to_end(&mut head))
        .is_ok_and(|_| is_medium_directory(&head))
}

/// Why a text is not even tried.
pub(super) const UNKNOWN_TEXT: &str =
    "text of a kind that is not known here: not DICOM, ZIP, FHIR JSON or HL7 v2";

/// A segment name and a mark at the start, behind blanks and the MLLP start block. A file without header is the reader's to refuse.
fn is_hl7(text: &[u8]) -> bool {
    let blank = |b: &u8| b.is_ascii_whitespace() || *b == 0x0b;
    let begins = text.iter().position(|b| !blank(b)).unwrap_or(text.len());
    match text.get(begins..).unwrap_or_default() {
        [b'M', b'S', b'H', mark, ..] | [b'F' | b'B', b'H', b'S', mark, ..] => {
            mark.is_ascii_punctuation()
        }
        [a, b, c, b'|', ..] => [a, b, c]
            .iter()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()),
        _ => false,
    }
}

/// A CSV file is told by its name: nothing in its bytes does.
pub(super) fn is_csv(name: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("csv") || e.eq_ignore_ascii_case("tsv"))
}

/// A file that says how CSV files beside it are to be read.
pub(super) fn is_mapping(path: &Path) -> bool {
    let name = path
        .file_name()
        .and_then(|n| n.to_str())
        .unwrap_or_default();
    let lower = name.to_ascii_lowercase();
    lower == "mapping.toml" || lower.ends_with(".csv.toml") || lower.ends_with(".tsv.toml")
}

/// The mapping of a CSV file: the one that was named, else `NAME.csv.toml` beside it, else `mapping.toml` in its folder.
pub(super) fn mapping_of(csv: &Path, named: Option<&Path>) -> Option<PathBuf> {
    if let Some(named) = named {
        return Some(named.to_owned());
    }
    let mut own = csv.as_os_str().to_owned();
    own.push(".toml");
    let shared = csv.with_file_name("mapping.toml");
    [PathBuf::from(own), shared]
        .into_iter()
        .find(|p| p.is_file())
}

/// DICOM by its magic, ZIP by its, JSON and XML by their first character. What looks like text of another kind is named; anything else is given to
/// the DICOM reader, which knows files without preamble or meta information.
pub(super) fn sniff(bytes: &[u8]) -> Sniffed {
    if is_medium_directory(bytes) {
        return Sniffed::Unknown(
            "the directory of a medium (DICOMDIR): not needed, every file beside it is read",
        );
    }
    if bytes.get(128..132) == Some(b"DICM") || bytes.starts_with(b"DICM") {
        return Sniffed::Dicom;
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return Sniffed::Zip;
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if is_hl7(text) {
        return Sniffed::Hl7;
    }
    let first = text.iter().find(|b| !b.is_ascii_whitespace());
    match first {
        None => return Sniffed::Unknown("nothing but white space"),
        // Documents of a record, JSON or XML: their reader says by name what it does not take.
        Some(b'{' | b'[' | b'<') => return Sniffed::Json,
        Some(_) if matches!(bytes, [0xFF, 0xFE, b'<', 0, ..] | [0xFE, 0xFF, 0, b'<', ..]) => {
            return Sniffed::Json;
        }
        _ => {}
    }
    let head = text.get(..text.len().min(512)).unwrap_or(text);
    let is_text = head
        .iter()
        .all(|b| matches!(b, b'\t' | b'\n' | b'\r' | 0x20..=0x7e | 0x80..));
    match is_text {
        true if head.iter().filter(|b| **b < 0x80).count() * 2 > head.len() => Sniffed::Text,
        _ => Sniffed::Dicom,
    }
}
