//! Frames of compressed files as they were decoded once, so that a second opening costs what a native file does.
//!
//! They lie beside the stored files, sealed as these are, below `decoded/`. The name that is sealed with a frame is a keyed hash of the file it
//! is of, the frame's number and the decoders' version: a frame of another file, another place or an older decoder does not open. Nothing here
//! is the only copy of anything: what is missing, cut or changed is decoded again, so nothing is flushed, and the longest unused goes first.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use rustix::fs::{Timespec, Timestamps, UTIME_NOW, futimens};

use crate::blob::{BlobName, BlobStore};
use crate::disk::private_folder;
use crate::error::ArchiveError;

/// So many bytes at most, or a tenth of the volume where that is less.
const MOST: u64 = 16 << 30;
/// Left free beside what stored files need.
const SPARE: u64 = 2 << 30;
/// The size of the store is not known yet.
const UNKNOWN: u64 = u64::MAX;

/// What [`BlobStore`] knows of the frames that it keeps.
pub(crate) struct DecodedFrames {
    root: PathBuf,
    bytes: AtomicU64,
}

impl DecodedFrames {
    pub(crate) fn below(archive: &Path) -> Self {
        Self {
            root: archive.join("decoded"),
            bytes: AtomicU64::new(UNKNOWN),
        }
    }

    fn folder(&self, of: BlobName) -> PathBuf {
        let text = of.to_string();
        let (folder, file) = text.split_at(2);
        self.root.join(folder).join(file)
    }

    /// Everything of one file goes with it.
    pub(crate) fn forget(&self, of: BlobName) -> io::Result<()> {
        match fs::remove_dir_all(self.folder(of)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
            _ => Ok(()),
        }
    }

    /// Path, last use and size of all frames.
    fn list(&self) -> io::Result<Vec<(PathBuf, SystemTime, u64)>> {
        let mut found = Vec::new();
        let mut folders = vec![self.root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder)? {
                let entry = entry?;
                let about = entry.metadata()?;
                if about.is_dir() {
                    folders.push(entry.path());
                } else {
                    found.push((entry.path(), about.modified()?, about.len()));
                }
            }
        }
        Ok(found)
    }

    /// Makes room for `more` bytes within `most`; what was used longest ago goes.
    fn make_room(&self, more: u64, most: u64) -> io::Result<()> {
        let known = self.bytes.load(Ordering::Relaxed);
        if known != UNKNOWN && known.saturating_add(more) <= most {
            self.bytes.fetch_add(more, Ordering::Relaxed);
            return Ok(());
        }
        let mut all = self.list()?;
        all.sort_by_key(|(_, used, _)| *used);
        let mut bytes: u64 = all.iter().map(|(.., size)| size).sum();
        if bytes.saturating_add(more) > most {
            // A tenth more than is needed, so that this is not done for every frame.
            let aim = most - most / 10;
            for (path, _, size) in all {
                if bytes.saturating_add(more) <= aim {
                    break;
                }
                fs::remove_file(path)?;
                bytes = bytes.saturating_sub(size);
            }
        }
        self.bytes
            .store(bytes.saturating_add(more), Ordering::Relaxed);
        Ok(())
    }
}

impl BlobStore {
    /// Fills `pixels` with frame `frame` (from 0) of the stored file `of` as [`Self::keep_decoded`] got it; false when it is not kept, or not as it
    /// was. `decoders` is the version of what decodes; `room` is memory that is used
    /// again and again.
    #[must_use]
    pub fn decoded(
        &self,
        of: BlobName,
        frame: u32,
        decoders: u32,
        pixels: &mut [u8],
        room: &mut Vec<u8>,
    ) -> bool {
        let path = self.decoded.folder(of).join(frame.to_string());
        let name = self.decoded_name(of, frame, decoders);
        let read = self.opened_at(&path, name).and_then(|opened| {
            if opened.length != pixels.len() as u64 {
                return Err(opened.fault(crate::BlobFault::Header));
            }
            opened.read_into(0, pixels, room)?;
            Ok(opened)
        });
        match read {
            Ok(opened) => {
                // Else it would only go earlier.
                let _ = touch(&opened.file);
                true
            }
            Err(ArchiveError::Blob {
                why: crate::BlobFault::Missing,
                ..
            }) => false,
            Err(_) => {
                // Cut by a crash, of an older decoder, or changed: decoded again.
                let _ = fs::remove_file(&path);
                false
            }
        }
    }

    /// Keeps a decoded frame for [`Self::decoded`]. Nothing is kept where the disk is nearly full.
    ///
    /// # Errors
    /// The folder cannot be read or written.
    pub fn keep_decoded(
        &self,
        of: BlobName,
        frame: u32,
        decoders: u32,
        pixels: &[u8],
    ) -> Result<(), ArchiveError> {
        let root = &self.decoded.root;
        let folder = self.decoded.folder(of);
        private_folder(&folder).map_err(ArchiveError::file("create", &folder))?;
        let room = self
            .writer
            .room(root)
            .map_err(ArchiveError::file("examine", root))?;
        let size = pixels.len() as u64;
        if room.0 < size.saturating_add(SPARE) {
            return Ok(());
        }
        self.decoded
            .make_room(size, MOST.min(room.1 / 10))
            .map_err(ArchiveError::file("make room in", root))?;
        let name = self.decoded_name(of, frame, decoders);
        let path = folder.join(frame.to_string());
        let temporary = self.temporary(name);
        match self.write_sealed(&temporary, name, pixels) {
            // Two windows open the same series: one of them keeps it.
            Err(ArchiveError::File { source, .. })
                if source.kind() == io::ErrorKind::AlreadyExists =>
            {
                Ok(())
            }
            Err(other) => Err(other),
            Ok(()) => self
                .writer
                .rename(&temporary, &path)
                .map_err(ArchiveError::file("rename", &temporary)),
        }
    }

    fn decoded_name(&self, of: BlobName, frame: u32, decoders: u32) -> BlobName {
        let mut what = Vec::with_capacity(48);
        what.extend_from_slice(b"decoded ");
        what.extend_from_slice(&of.0);
        what.extend_from_slice(&frame.to_le_bytes());
        what.extend_from_slice(&decoders.to_le_bytes());
        self.name(&what)
    }
}

/// Sets the time of last use.
fn touch(file: &File) -> io::Result<()> {
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: UTIME_NOW,
    };
    let times = Timestamps {
        last_access: now,
        last_modification: now,
    };
    Ok(futimens(file, &times)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::disallowed_methods)]

    use std::fs::FileTimes;

    use super::*;

    #[test]
    fn the_longest_unused_goes_first() {
        let place = tempfile::tempdir().unwrap();
        let frames = DecodedFrames::below(place.path());
        fs::create_dir_all(frames.root.join("ab/c")).unwrap();
        let at = |n: u64| frames.root.join("ab/c").join(n.to_string());
        let long_ago = SystemTime::now() - std::time::Duration::from_secs(1000);
        for n in 0..10 {
            frames.make_room(100, 1000).unwrap();
            fs::write(at(n), [0; 100]).unwrap();
            let used = long_ago + std::time::Duration::from_secs(n);
            let times = FileTimes::new().set_modified(used);
            File::options()
                .append(true)
                .open(at(n))
                .unwrap()
                .set_times(times)
                .unwrap();
        }
        touch(&File::open(at(0)).unwrap()).unwrap();
        frames.make_room(100, 1000).unwrap();
        let left: Vec<u64> = (0..10).filter(|n| at(*n).exists()).collect();
        // 1000 and 100 more shall be 900.
        assert_eq!(left, [0, 3, 4, 5, 6, 7, 8, 9]);
    }
}
