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

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};

    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;
    use crate::unzip::check;

    fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        for (name, bytes) in files {
            writer.start_file(*name, options).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn inflate(bytes: &[u8], entry: &ZipEntry) -> Result<Vec<u8>, String> {
        let mut target = vec![0; usize::try_from(entry.bytes).unwrap() + 4096];
        let written = extract(bytes, entry.index, &mut target).map_err(|refusal| refusal.0)?;
        target.truncate(usize::try_from(written).unwrap());
        Ok(target)
    }

    /// Where the 4 bytes of a little endian number follow `signature` at `offset`.
    fn patch(bytes: &mut [u8], signature: &[u8], offset: usize, value: &[u8]) {
        let at = bytes.windows(4).position(|w| w == signature).unwrap() + offset;
        bytes[at..at + value.len()].copy_from_slice(value);
    }

    const LOCAL: &[u8] = b"PK\x03\x04";
    const CENTRAL: &[u8] = b"PK\x01\x02";

    #[test]
    fn entries_come_out_as_they_went_in() {
        let files: [(&str, &[u8]); 3] = [("a.dcm", b"first"), ("empty", b""), ("b/c", &[7; 5000])];
        let bytes = archive(&files);
        let listed = entries(&bytes).ok().unwrap();
        assert_eq!(listed.len(), 3);
        check(&listed, bytes.len() as u64).unwrap();
        for (entry, (name, contents)) in listed.iter().zip(files) {
            assert_eq!((entry.name.as_str(), entry.problem), (name, None));
            assert_eq!(inflate(&bytes, entry).unwrap(), contents);
        }
    }

    /// PAR-08: a name is text, whatever it says; it loses what would upset a terminal.
    #[test]
    fn par_08_a_name_is_only_text() {
        let bytes = archive(&[("../../etc/passwd", b"x"), ("/absolute\u{1b}[2J", b"y")]);
        let listed = entries(&bytes).ok().unwrap();
        assert_eq!(listed[0].name, "../../etc/passwd");
        assert_eq!(listed[1].name, "/absolute[2J");
    }

    #[test]
    fn par_10_a_bomb_is_named_and_never_inflated() {
        let bytes = archive(&[("zeros", &vec![0; 32 << 20]), ("good", b"good")]);
        let listed = entries(&bytes).ok().unwrap();
        assert_eq!(listed[0].problem, Some(ZipProblem::Bomb));
        assert!(
            inflate(
                &bytes,
                &ZipEntry {
                    bytes: 0,
                    ..listed[0].clone()
                }
            )
            .is_err()
        );
        assert_eq!(inflate(&bytes, &listed[1]).unwrap(), b"good");
    }

    #[test]
    fn par_10_sizes_are_counted_not_believed() {
        for (declared, what) in [(10u32, "longer"), (9000, "shorter")] {
            let mut bytes = archive(&[("forged", &[7; 5000])]);
            patch(&mut bytes, LOCAL, 22, &declared.to_le_bytes());
            patch(&mut bytes, CENTRAL, 24, &declared.to_le_bytes());
            let listed = entries(&bytes).ok().unwrap();
            assert_eq!(listed[0].bytes, u64::from(declared));
            let refused = inflate(&bytes, &listed[0]).unwrap_err();
            assert!(!refused.is_empty(), "{what}");
        }
    }

    #[test]
    fn par_10_overlapping_entries_refuse_the_archive() {
        let mut bytes = archive(&[("one", &[1; 300]), ("two", &[2; 300])]);
        // The second entry of the directory points to the first one's data.
        let last = bytes.windows(4).rposition(|w| w == CENTRAL).unwrap();
        bytes[last + 42..last + 46].copy_from_slice(&0u32.to_le_bytes());
        let refused = entries(&bytes).err().unwrap().0;
        assert!(refused.contains("overlap"), "{refused}");
    }

    #[test]
    fn par_10_an_encrypted_entry_is_named() {
        let mut bytes = archive(&[("secret", b"secret")]);
        patch(&mut bytes, LOCAL, 6, &[1]);
        patch(&mut bytes, CENTRAL, 8, &[1]);
        let listed = entries(&bytes).ok().unwrap();
        assert_eq!(listed[0].problem, Some(ZipProblem::Encrypted));
        assert!(inflate(&bytes, &listed[0]).is_err());
    }

    #[test]
    fn par_10_a_symbolic_link_is_never_followed() {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        writer
            .add_symlink("link", "/etc/passwd", SimpleFileOptions::default())
            .unwrap();
        let bytes = writer.finish().unwrap().into_inner();
        let listed = entries(&bytes).ok().unwrap();
        assert_eq!(listed[0].problem, Some(ZipProblem::Link));
    }

    #[test]
    fn par_10_rubbish_is_refused() {
        let whole = archive(&[("a", &[1; 500])]);
        for length in [0, 1, 22, whole.len() / 2, whole.len() - 1] {
            assert!(entries(&whole[..length]).is_err(), "{length} bytes");
        }
    }
}
