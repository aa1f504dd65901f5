//! Stored files: content-addressed, each encrypted with a key of its own.
//!
//! ```text
//! name    BLAKE3 keyed hash of the content: equal content is stored once, and a name tells nothing without the key
//! file    header (32 bytes): "TRB1", log2 of the chunk size, 3 zero bytes, length u64 LE, 16 bytes of salt
//!         chunks: ciphertext, 16 bytes of tag
//! key     HKDF-SHA256 of the master key and the salt: one for each file, so a counter is a safe AES-256-GCM nonce
//! nonce   3 zero bytes, chunk number u64 BE, last-chunk flag: no reordering, no cutting (STREAM)
//! also authenticated: header and name, so a file moved to another name is refused
//! ```
//!
//! Any range is read by opening only its chunks. Deleting a file deletes its salt, and with it the only way to its key.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::decoded::DecodedFrames;
use crate::disk::{DurableWriter, private_folder};
use crate::error::{ArchiveError, BlobFault};
use crate::secret::{KEY_BYTES, Secret, fill_random};

const MAGIC: &[u8; 4] = b"TRB1";
const HEADER: usize = 32;
const TAG: usize = 16;
/// 256 KiB: the fastest of the sizes measured for AES-256-GCM.
const CHUNK_LOG2: u8 = 18;
/// From this many new files on, one flush of the volume is cheaper than one for each file.
const VOLUME_FLUSH_FROM: usize = 8;

/// Name of a stored file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BlobName(pub [u8; 32]);

impl fmt::Display for BlobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl fmt::Debug for BlobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl BlobName {
    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

/// The store of pixel files and source documents below the archive's folder. All calls block: from async code use the twins on
/// [`crate::Archive`] or a blocking thread.
pub struct BlobStore {
    root: PathBuf,
    temporary: PathBuf,
    master: Secret,
    name_key: Zeroizing<[u8; 32]>,
    pub(crate) writer: DurableWriter,
    pub(crate) decoded: DecodedFrames,
}

impl BlobStore {
    pub(crate) fn open(
        archive: &Path,
        master: Secret,
        writer: DurableWriter,
    ) -> Result<Self, ArchiveError> {
        let (root, temporary) = (archive.join("blobs"), archive.join("tmp"));
        for folder in [&root, &temporary] {
            private_folder(folder).map_err(ArchiveError::file("create", folder))?;
        }
        let name_key = Zeroizing::new(blake3::derive_key(
            "triptych 2026-11 blob name",
            master.bytes(),
        ));
        Ok(Self {
            root,
            temporary,
            master,
            name_key,
            writer,
            decoded: DecodedFrames::below(archive),
        })
    }

    /// The name that `content` has in this store.
    #[must_use]
    pub fn name(&self, content: &[u8]) -> BlobName {
        BlobName(*blake3::keyed_hash(&self.name_key, content).as_bytes())
    }

    /// Two hex digits of fan-out.
    fn path(&self, name: BlobName) -> PathBuf {
        let text = name.to_string();
        let (folder, file) = text.split_at(2);
        self.root.join(folder).join(file)
    }

    /// True if the file of `name` is there. Its content is checked when it is read.
    #[must_use]
    pub fn contains(&self, name: BlobName) -> bool {
        self.path(name).is_file()
    }

    /// Stores a batch. When this returns, every file is whole under its name and will be after a power cut: the rows that name them may
    /// be committed.
    pub(crate) fn put_batch(&self, batch: &[(BlobName, &[u8])]) -> Result<(), ArchiveError> {
        let mut seen = BTreeSet::new();
        let new: Vec<_> = batch
            .iter()
            .filter(|(name, _)| seen.insert(*name) && !self.contains(*name))
            .map(|(name, content)| (*name, *content, self.temporary(*name), self.path(*name)))
            .collect();
        let sealed = |content: &[u8]| (content.len() + content.len() / 1000 + HEADER + TAG) as u64;
        let needed = new.iter().map(|(_, content, ..)| sealed(content)).sum();
        let missing = self
            .writer
            .missing(&self.root, needed)
            .map_err(ArchiveError::file("examine", &self.root))?;
        if missing > 0 {
            return Err(ArchiveError::DiskFull {
                folder: self.root.clone(),
                missing,
            });
        }
        for (name, content, temporary, _) in &new {
            match fs::remove_file(temporary) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => {
                    return Err(ArchiveError::file("remove", temporary)(e));
                }
                _ => {}
            }
            self.write_sealed(temporary, *name, content)?;
        }
        if new.len() < VOLUME_FLUSH_FROM {
            for (_, _, temporary, _) in &new {
                self.writer
                    .flush_file(temporary)
                    .map_err(ArchiveError::file("flush", temporary))?;
            }
        } else {
            self.writer
                .flush_volume(&self.temporary)
                .map_err(ArchiveError::file("flush", &self.temporary))?;
        }
        let mut folders = BTreeSet::new();
        for (_, _, temporary, to) in &new {
            if let Some(folder) = to.parent() {
                if !folder.is_dir() {
                    private_folder(folder).map_err(ArchiveError::file("create", folder))?;
                    folders.insert(self.root.clone());
                }
                folders.insert(folder.to_owned());
            }
            self.writer
                .rename(temporary, to)
                .map_err(ArchiveError::file("rename", temporary))?;
        }
        // The folders below before the folder that names them would also do; each is flushed once.
        for folder in folders.iter().rev() {
            self.writer
                .flush_folder(folder)
                .map_err(ArchiveError::file("flush", folder))?;
        }
        Ok(())
    }

    /// Where the file of `name` is made.
    pub(crate) fn temporary(&self, name: BlobName) -> PathBuf {
        self.temporary.join(name.to_string())
    }

    /// A new file at `path` with `content` under `name`; nothing is flushed.
    pub(crate) fn write_sealed(
        &self,
        path: &Path,
        name: BlobName,
        content: &[u8],
    ) -> Result<(), ArchiveError> {
        let header = header(content.len())?;
        let key = self.file_key(&header)?;
        self.writer
            .write(path, |file| seal(file, &key, name, &header, content))
            .map_err(ArchiveError::file("write", path))
    }

    /// Length of the content in bytes.
    ///
    /// # Errors
    /// [`ArchiveError::Blob`] when the file is missing, cut, or not one of this store.
    pub fn length(&self, name: BlobName) -> Result<u64, ArchiveError> {
        Ok(self.opened(name)?.length)
    }

    /// The whole content, authenticated.
    ///
    /// # Errors
    /// [`ArchiveError::Blob`] when the file is missing, cut, or was changed anywhere.
    pub fn read(&self, name: BlobName) -> Result<Vec<u8>, ArchiveError> {
        let mut content = Vec::new();
        self.read_to(name, &mut content)?;
        Ok(content)
    }

    /// As [`Self::read`], in place of what is in `content`: memory that is used again costs the kernel nothing.
    ///
    /// # Errors
    /// As for [`Self::read`]; `content` is empty then.
    pub fn read_to(&self, name: BlobName, content: &mut Vec<u8>) -> Result<(), ArchiveError> {
        let read = self.opened(name).and_then(|opened| {
            let length =
                usize::try_from(opened.length).map_err(|_| opened.fault(BlobFault::Header))?;
            content.resize(length.saturating_add(TAG), 0);
            let mut at = 0;
            for chunk in 0..opened.chunks {
                let end = at + opened.sealed_len(chunk);
                let place = content
                    .get_mut(at..end)
                    .ok_or_else(|| opened.fault(BlobFault::Header))?;
                // The tag lands where the next chunk begins and is overwritten by it.
                at += opened.open_chunk(chunk, place)?.len();
            }
            content.truncate(length);
            Ok(())
        });
        if read.is_err() {
            content.clear();
        }
        read
    }

    /// Fills `out` with the content from byte `start` on; only the chunks touched are read and authenticated. `room` is memory that is used
    /// again and again. What `out` holds after an error is of no use.
    ///
    /// # Errors
    /// [`BlobFault::Range`] when the content is shorter, and as for [`Self::read`].
    pub fn read_range(
        &self,
        name: BlobName,
        start: u64,
        out: &mut [u8],
        room: &mut Vec<u8>,
    ) -> Result<(), ArchiveError> {
        let opened = self.opened(name)?;
        opened.read_into(start, out, room)
    }

    /// Writes the whole content, authenticated, into `file` from its start: a memfd that goes to a worker. Returns its length.
    ///
    /// # Errors
    /// As for [`Self::read`]; also when `file` cannot be written.
    pub fn copy_to(&self, name: BlobName, file: &File) -> Result<u64, ArchiveError> {
        let opened = self.opened(name)?;
        let io = |e: io::Error| opened.fault(BlobFault::Io(e.to_string()));
        let mut buffer = Zeroizing::new(vec![0; (1 << CHUNK_LOG2) + TAG]);
        for chunk in 0..opened.chunks {
            let sealed = buffer
                .get_mut(..opened.sealed_len(chunk))
                .ok_or_else(|| opened.fault(BlobFault::Header))?;
            let plain = opened.open_chunk(chunk, sealed)?;
            file.write_all_at(plain, chunk << CHUNK_LOG2).map_err(io)?;
        }
        Ok(opened.length)
    }

    fn file_key(&self, header: &[u8; HEADER]) -> Result<LessSafeKey, ArchiveError> {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        Hkdf::<Sha256>::new(Some(&header[16..]), self.master.bytes())
            .expand(b"triptych 2026-11 blob", &mut *key)
            .map_err(|_| ArchiveError::Crypto("HKDF"))?;
        aead_key(&key)
    }

    fn opened(&self, name: BlobName) -> Result<Opened, ArchiveError> {
        self.opened_at(&self.path(name), name)
    }

    /// The file at `path`, which was sealed under `name`.
    pub(crate) fn opened_at(&self, path: &Path, name: BlobName) -> Result<Opened, ArchiveError> {
        let fault = |why| ArchiveError::Blob { name, why };
        let io = |e: io::Error| match e.kind() {
            io::ErrorKind::NotFound => fault(BlobFault::Missing),
            io::ErrorKind::UnexpectedEof => fault(BlobFault::Header),
            _ => fault(BlobFault::Io(e.to_string())),
        };
        let file = File::open(path).map_err(io)?;
        let mut header = [0; HEADER];
        file.read_exact_at(&mut header, 0).map_err(io)?;
        if &header[..4] != MAGIC || header[4] != CHUNK_LOG2 || header[5..8] != [0; 3] {
            return Err(fault(BlobFault::Header));
        }
        let mut length = [0; 8];
        length.copy_from_slice(&header[8..16]);
        let length = u64::from_le_bytes(length);
        let chunks = length.div_ceil(1 << CHUNK_LOG2).max(1);
        let found = file.metadata().map_err(io)?.len();
        let expected = length.saturating_add(chunks.saturating_mul(TAG as u64)) + HEADER as u64;
        if found != expected {
            return Err(fault(BlobFault::Length { found, expected }));
        }
        let key = self.file_key(&header)?;
        Ok(Opened {
            name,
            file,
            header,
            key,
            length,
            chunks,
        })
    }

    /// All stored names with the time of their last change; what is not a name of this store is not listed.
    pub(crate) fn list(&self) -> io::Result<Vec<(BlobName, std::time::SystemTime, u64)>> {
        let mut names = Vec::new();
        for folder in fs::read_dir(&self.root)? {
            let folder = folder?;
            let prefix = folder.file_name().to_string_lossy().into_owned();
            if prefix.len() != 2 || !folder.file_type()?.is_dir() {
                continue;
            }
            for file in fs::read_dir(folder.path())? {
                let file = file?;
                let text = format!("{prefix}{}", file.file_name().to_string_lossy());
                let mut name = [0; 32];
                if hex::decode_to_slice(&text, &mut name).is_ok() {
                    let about = file.metadata()?;
                    names.push((BlobName(name), about.modified()?, about.len()));
                }
            }
        }
        Ok(names)
    }

    pub(crate) fn remove(&self, name: BlobName) -> io::Result<()> {
        fs::remove_file(self.path(name))?;
        self.decoded.forget(name)
    }

    /// Removes every temporary file; only the holder of the archive's lock may call it. Returns how many there were.
    pub(crate) fn remove_temporaries(&self) -> io::Result<u64> {
        let mut removed = 0;
        for entry in fs::read_dir(&self.temporary)? {
            fs::remove_file(entry?.path())?;
            removed += 1;
        }
        Ok(removed)
    }
}

/// A stored file whose header and length were found right.
pub(crate) struct Opened {
    name: BlobName,
    pub(crate) file: File,
    header: [u8; HEADER],
    key: LessSafeKey,
    pub(crate) length: u64,
    chunks: u64,
}

impl Opened {
    pub(crate) const fn fault(&self, why: BlobFault) -> ArchiveError {
        ArchiveError::Blob {
            name: self.name,
            why,
        }
    }

    /// As [`BlobStore::read_range`].
    pub(crate) fn read_into(
        &self,
        start: u64,
        out: &mut [u8],
        room: &mut Vec<u8>,
    ) -> Result<(), ArchiveError> {
        let end = start
            .checked_add(out.len() as u64)
            .filter(|end| *end <= self.length)
            .ok_or_else(|| {
                self.fault(BlobFault::Range {
                    start,
                    end: start.saturating_add(out.len() as u64),
                    length: self.length,
                })
            })?;
        let size = 1_u64 << CHUNK_LOG2;
        let mut rest = out;
        let mut at = start;
        while at < end {
            let chunk = at / size;
            let length = self.sealed_len(chunk);
            let from = usize::try_from(at % size).unwrap_or(usize::MAX);
            // A whole chunk is opened where it belongs, its tag in the place of what comes next; parts of one elsewhere.
            let n = if let Some(place) = rest.get_mut(..length).filter(|_| from == 0) {
                self.open_chunk(chunk, place)?.len()
            } else {
                room.resize(room.len().max(length), 0);
                let sealed = room.get_mut(..length);
                let sealed = sealed.ok_or_else(|| self.fault(BlobFault::Header))?;
                let plain = self.open_chunk(chunk, sealed)?;
                let part = plain.get(from..).unwrap_or_default();
                let n = part.len().min(rest.len());
                if let (Some(to), Some(part)) = (rest.get_mut(..n), part.get(..n)) {
                    to.copy_from_slice(part);
                }
                n
            };
            rest = rest.get_mut(n..).unwrap_or_default();
            at += n as u64;
            if n == 0 {
                return Err(self.fault(BlobFault::Chunk(chunk)));
            }
        }
        Ok(())
    }

    fn sealed_len(&self, chunk: u64) -> usize {
        let left = self.length.saturating_sub(chunk << CHUNK_LOG2);
        usize::try_from(left.min(1 << CHUNK_LOG2)).unwrap_or(0) + TAG
    }

    /// Reads chunk number `chunk` into `sealed`, which has [`Self::sealed_len`] bytes, and opens it there.
    fn open_chunk<'a>(
        &self,
        chunk: u64,
        sealed: &'a mut [u8],
    ) -> Result<&'a mut [u8], ArchiveError> {
        let at = HEADER as u64 + chunk * ((1 << CHUNK_LOG2) + TAG as u64);
        self.file
            .read_exact_at(sealed, at)
            .map_err(|e| self.fault(BlobFault::Io(e.to_string())))?;
        let aad = aad(&self.header, self.name);
        let nonce = nonce(chunk, chunk + 1 == self.chunks);
        self.key
            .open_in_place(nonce, Aad::from(aad), sealed)
            .map_err(|_| self.fault(BlobFault::Chunk(chunk)))
    }
}

fn header(length: usize) -> Result<[u8; HEADER], ArchiveError> {
    let mut header = [0; HEADER];
    header[..4].copy_from_slice(MAGIC);
    header[4] = CHUNK_LOG2;
    header[8..16].copy_from_slice(&(length as u64).to_le_bytes());
    fill_random(&mut header[16..])?;
    Ok(header)
}

fn seal(
    file: &mut File,
    key: &LessSafeKey,
    name: BlobName,
    header: &[u8; HEADER],
    content: &[u8],
) -> io::Result<()> {
    let failed = || io::Error::other("encryption refused");
    file.write_all(header)?;
    let chunks = content.len().div_ceil(1 << CHUNK_LOG2).max(1);
    let mut buffer = Vec::with_capacity((1 << CHUNK_LOG2) + TAG);
    for chunk in 0..chunks {
        let from = chunk << CHUNK_LOG2;
        let to = content.len().min(from + (1 << CHUNK_LOG2));
        buffer.clear();
        buffer.extend_from_slice(content.get(from..to).unwrap_or_default());
        let nonce = nonce(chunk as u64, chunk + 1 == chunks);
        key.seal_in_place_append_tag(nonce, Aad::from(aad(header, name)), &mut buffer)
            .map_err(|_| failed())?;
        file.write_all(&buffer)?;
    }
    Ok(())
}

pub(crate) fn aead_key(key: &[u8; KEY_BYTES]) -> Result<LessSafeKey, ArchiveError> {
    UnboundKey::new(&AES_256_GCM, key)
        .map(LessSafeKey::new)
        .map_err(|_| ArchiveError::Crypto("AES-256-GCM"))
}

fn aad(header: &[u8; HEADER], name: BlobName) -> [u8; HEADER + 32] {
    let mut aad = [0; HEADER + 32];
    aad[..HEADER].copy_from_slice(header);
    aad[HEADER..].copy_from_slice(&name.0);
    aad
}

fn nonce(chunk: u64, last: bool) -> Nonce {
    let mut nonce = [0; 12];
    nonce[3..11].copy_from_slice(&chunk.to_be_bytes());
    nonce[11] = u8::from(last);
    Nonce::assume_unique_for_key(nonce)
}
