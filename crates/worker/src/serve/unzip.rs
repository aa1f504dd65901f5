//! ZIP archives (PAR-10). Sizes are counted while inflating, not believed.

use std::io::{Cursor, Read as _};

use zip::{CompressionMethod, ZipArchive, result::ZipError};

use super::Refusal;
use crate::unzip::{LONGEST_NAME, MOST_BYTES, MOST_ENTRIES, ZipEntry, ZipProblem, allowance};

/// The files of an archive.
///
/// The archive as a whole is refused when entries overlap, are too many, or are too large together.
pub(super) fn entries(bytes: &[u8]) -> Result<Vec<ZipEntry>, Refusal> {
    let mut archive = open(bytes)?;
    if archive.len() > MOST_ENTRIES {
        let n = archive.len();
        return Err(Refusal::of(format!(
            "{n} entries in a ZIP archive, {MOST_ENTRIES} are allowed"
        )));
    }
    // The classic bomb: thousands of entries that share one block.
    if archive.has_overlapping_entries().map_err(Refusal::of)? {
        return Err(Refusal::of("entries of the ZIP archive overlap"));
    }
    let mut listed = Vec::new();
    let mut total = 0u64;
    for index in 0..archive.len() {
        let number = u32::try_from(index).map_err(Refusal::of)?;
        let Some(entry) = entry(&mut archive, number) else {
            continue;
        };
        if entry.problem.is_none() {
            total = total.saturating_add(entry.bytes);
        }
        listed.push(entry);
    }
    if total > MOST_BYTES {
        return Err(Refusal::of(format!(
            "a ZIP archive that unpacks to {total} bytes, {MOST_BYTES} are allowed"
        )));
    }
    Ok(listed)
}

/// Inflates entry `index` into `target`; its length.
pub(super) fn extract(bytes: &[u8], index: u32, target: &mut [u8]) -> Result<u64, Refusal> {
    let mut archive = open(bytes)?;
    let listed = entry(&mut archive, index).ok_or_else(|| Refusal::of("no such entry"))?;
    if let Some(problem) = listed.problem {
        return Err(Refusal::of(problem));
    }
    let declared = usize::try_from(listed.bytes).map_err(Refusal::of)?;
    let mut file = archive.by_index(index as usize).map_err(Refusal::of)?;
    let mut written = 0;
    loop {
        // One byte more than declared may be read, to notice it.
        let end = declared.saturating_add(1).min(target.len());
        let space = target.get_mut(written..end).unwrap_or_default();
        match file.read(space).map_err(Refusal::of)? {
            0 if written == declared => return Ok(listed.bytes),
            0 => return Err(Refusal::of("an entry shorter than the archive declares")),
            more => written += more,
        }
        if written > declared {
            return Err(Refusal::of("an entry longer than the archive declares"));
        }
    }
}

fn open(bytes: &[u8]) -> Result<ZipArchive<Cursor<&[u8]>>, Refusal> {
    ZipArchive::new(Cursor::new(bytes)).map_err(|e| Refusal::of(format!("not a ZIP archive: {e}")))
}

/// What the directory says of an entry; `None` for a folder.
fn entry(archive: &mut ZipArchive<Cursor<&[u8]>>, index: u32) -> Option<ZipEntry> {
    let raw = match archive.by_index_raw(index as usize) {
        Ok(raw) if raw.is_dir() => return None,
        Ok(raw) => raw,
        Err(e) => {
            let encrypted = matches!(e, ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED));
            return Some(ZipEntry {
                index,
                name: String::new(),
                bytes: 0,
                compressed: 0,
                problem: Some(if encrypted {
                    ZipProblem::Encrypted
                } else {
                    ZipProblem::Broken
                }),
            });
        }
    };
    let (bytes, compressed) = (raw.size(), raw.compressed_size());
    let known = [CompressionMethod::Stored, CompressionMethod::Deflated];
    let problem = if raw.encrypted() {
        Some(ZipProblem::Encrypted)
    } else if raw.is_symlink() {
        Some(ZipProblem::Link)
    } else if !known.contains(&raw.compression()) {
        Some(ZipProblem::Method)
    } else if bytes > allowance(compressed) {
        Some(ZipProblem::Bomb)
    } else {
        None
    };
    let mut name: String = String::from_utf8_lossy(raw.name_raw()).into_owned();
    name.retain(|c| !c.is_control());
    name.truncate(name.floor_char_boundary(LONGEST_NAME));
    Some(ZipEntry {
        index,
        name,
        bytes,
        compressed,
        problem,
    })
}
