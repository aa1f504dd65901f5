//! Where the frames of a display set come from: the stored file, the copy that is kept of what was decoded before, or a worker.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use triptych_archive::{BlobName, KeptHeader, StoredInstance};
use triptych_imaging::{DECODERS, Frame};
use triptych_worker::{
    DicomRead, Loss, Places, Pool, PoolError, Priority, READER, SlotMut, Source,
};

use crate::patient::Catalog;
use crate::{Core, WorkbenchError};

/// The frames of one display set while it is being loaded.
pub(super) struct Frames<'a> {
    core: &'a Core,
    catalog: &'a Catalog,
    first: &'a StoredInstance,
    memory: Places,
    /// One slice, the thumbnail, is fetched: a place among neighbours would hold the memory of all of them.
    alone: bool,
    /// A header was asked for alone: the first image does not wait for those of all others.
    asked: AtomicBool,
    kept: OnceLock<HashMap<BlobName, Vec<u8>>>,
    /// Files of several frames, by their place in the catalog.
    reads: Mutex<HashMap<usize, Arc<DicomRead>>>,
    sources: Mutex<HashMap<usize, Source>>,
    no_worker: OnceLock<PoolError>,
    /// Headers that nobody kept.
    fresh: Mutex<Vec<(BlobName, KeptHeader)>>,
}

/// A frame in memory.
pub(super) struct Fetched {
    pub(super) pixels: Frame,
    /// What its file says.
    pub(super) read: Arc<DicomRead>,
    /// A worker decoded it just now.
    pub(super) decoded: bool,
}

impl<'a> Frames<'a> {
    /// Of a set with at least one file.
    pub(super) fn new(
        core: &'a Core,
        catalog: &'a Catalog,
        places: &[(usize, u32)],
        alone: bool,
    ) -> Option<Self> {
        let (file, _) = places.first()?;
        let first = catalog.instances.get(*file)?;
        Some(Self {
            core,
            catalog,
            first,
            memory: Places::default(),
            alone,
            asked: AtomicBool::new(false),
            kept: OnceLock::new(),
            reads: Mutex::default(),
            sources: Mutex::default(),
            no_worker: OnceLock::new(),
            fresh: Mutex::default(),
        })
    }

    /// Frame `frame` of file `file` as slice `k` of the set. `room` is used again and again.
    pub(super) fn fetch(
        &self,
        k: usize,
        (file, frame): (usize, u32),
        priority: Priority,
        room: &mut Vec<u8>,
    ) -> Result<Fetched, String> {
        let stored = self.catalog.instances.get(file).ok_or("no such file")?;
        let fetched = match self.known(file, stored) {
            Some(read) => self.frame(k, (file, frame), stored, read, priority, room),
            None => self.anew(k, (file, frame), stored, priority, room),
        };
        fetched.map_err(|loss| loss.to_string())
    }

    /// A frame of a file whose header is known.
    fn frame(
        &self,
        k: usize,
        (file, frame): (usize, u32),
        stored: &StoredInstance,
        read: Arc<DicomRead>,
        priority: Priority,
        room: &mut Vec<u8>,
    ) -> Result<Fetched, Loss> {
        let blobs = self.core.archive().blobs();
        let mut into = self.place(k, &read)?;
        let fetched = |pixels, decoded| Fetched {
            pixels,
            read: Arc::clone(&read),
            decoded,
        };
        if read.native(frame).is_some() {
            let pixels = read.native_into(frame, into, |start, out| {
                let filled = blobs.read_range(stored.blob, start, out, room);
                filled.map_err(|e| Loss::Refused(e.to_string()))
            })?;
            return Ok(fetched(pixels, false));
        }
        if blobs.decoded(stored.blob, frame, DECODERS, &mut into, room) {
            return Ok(fetched(read.frame_of(into.publish())?, false));
        }
        let shape = read.shape.ok_or_else(|| read.without_pixels())?;
        let source = self.source(file, stored, room)?;
        let pixels = self.pool()?.decode(&source, frame, shape, into, priority);
        Ok(fetched(pixels.wait()?, true))
    }

    /// A frame of a file whose header was not kept. A worker reads all of it: old files keep overlays in the bits of their pixels.
    fn anew(
        &self,
        k: usize,
        (file, frame): (usize, u32),
        stored: &StoredInstance,
        priority: Priority,
        room: &mut Vec<u8>,
    ) -> Result<Fetched, Loss> {
        let source = self.source(file, stored, room)?;
        let read = self.pool()?.read_dicom(&source, priority).wait()?;
        let read = self.learn(file, stored, read);
        self.frame(k, (file, frame), stored, read, priority, room)
    }

    /// Native frames of a known header need no worker.
    fn pool(&self) -> Result<&Pool, Loss> {
        self.core.workers().decode().map_err(|error| {
            let loss = Loss::Unavailable(error.to_string());
            let _ = self.no_worker.set(error);
            loss
        })
    }

    fn place(&self, k: usize, read: &DicomRead) -> Result<SlotMut, Loss> {
        let length = read.frame_bytes().ok_or_else(|| read.without_pixels())?;
        let place = match self.alone {
            true => SlotMut::alone(length),
            false => self.memory.claim(k, length),
        };
        place.map_err(|e| Loss::Unavailable(e.to_string()))
    }

    /// The header of a file, if it was read before.
    fn known(&self, file: usize, stored: &StoredInstance) -> Option<Arc<DicomRead>> {
        let several = stored.record.frames > 1;
        if several && let Some(read) = locked(&self.reads).get(&file) {
            return Some(Arc::clone(read));
        }
        let archive = self.core.archive();
        let read = if self.asked.swap(true, Ordering::Relaxed) {
            let kept = self.kept.get_or_init(|| {
                let all = archive.headers(&self.first.record.series, READER);
                // What cannot be read here is read from the files.
                let all = self.core.wait(all).unwrap_or_default();
                all.into_iter().collect()
            });
            DicomRead::from_kept(kept.get(&stored.blob)?)
        } else {
            let kept = self.core.wait(archive.header(stored.blob, READER));
            DicomRead::from_kept(&kept.ok().flatten()?)
        };
        let read = Arc::new(read?);
        if several {
            locked(&self.reads).insert(file, Arc::clone(&read));
        }
        Some(read)
    }

    /// Remembers a header, here and for the next opening.
    fn learn(&self, file: usize, stored: &StoredInstance, read: DicomRead) -> Arc<DicomRead> {
        if let Some(header) = kept_header(&read) {
            locked(&self.fresh).push((stored.blob, header));
        }
        let read = Arc::new(read);
        if stored.record.frames > 1 {
            locked(&self.reads).insert(file, Arc::clone(&read));
        }
        read
    }

    /// The whole file for a worker; one of several frames stays open.
    fn source(
        &self,
        file: usize,
        stored: &StoredInstance,
        room: &mut Vec<u8>,
    ) -> Result<Source, Loss> {
        if let Some(source) = locked(&self.sources).get(&file) {
            return Ok(source.clone());
        }
        let blobs = self.core.archive().blobs();
        blobs
            .read_to(stored.blob, room)
            .map_err(|e| Loss::Refused(e.to_string()))?;
        let source = Source::from_bytes(room).map_err(|e| Loss::Unavailable(e.to_string()))?;
        if stored.record.frames > 1 {
            locked(&self.sources).insert(file, source.clone());
        }
        Ok(source)
    }

    /// Keeps a frame for the next opening.
    pub(super) fn keep(&self, file: usize, frame: u32, pixels: &[u8]) {
        let blobs = self.core.archive().blobs();
        if let Some(stored) = self.catalog.instances.get(file) {
            // A disk that cannot take it costs the next reader time and nobody a picture.
            let _ = blobs.keep_decoded(stored.blob, frame, DECODERS, pixels);
        }
    }

    /// Whether frames are wanting for no fault of their files.
    pub(super) fn is_without_worker(&self) -> bool {
        self.no_worker.get().is_some()
    }

    /// Keeps the headers that were read.
    ///
    /// # Errors
    /// A worker was needed and none could be started.
    pub(super) fn finish(mut self) -> Result<(), WorkbenchError> {
        let fresh = std::mem::take(&mut *locked(&self.fresh));
        if !fresh.is_empty() {
            // As for frames.
            let _ = self.core.wait(self.core.archive().keep_headers(&fresh));
        }
        match self.no_worker.take() {
            Some(error) => Err(error.into()),
            None => Ok(()),
        }
    }
}

/// What the archive keeps of a header.
pub(crate) fn kept_header(read: &DicomRead) -> Option<KeptHeader> {
    let body = read.to_kept()?;
    Some(KeptHeader {
        reader: READER.to_owned(),
        body,
    })
}

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
