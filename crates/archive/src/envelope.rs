//! `archive.keys`: the keys of the archive, wrapped by the key that the keyring or the key file holds. A change of that key rewrites these
//! bytes and not the archive; a wrong key is told by one tag, before the database is touched.
//!
//! ```text
//! "TRK1" | archive id, 16 bytes | nonce, 12 bytes | AES-256-GCM of (database key, blob master key, audit key) | tag, 16 bytes
//! ```
//! Magic and id are authenticated with it.

use std::fmt;
use std::path::Path;

use aws_lc_rs::aead::{Aad, Nonce};
use zeroize::Zeroizing;

use crate::ArchiveError;
use crate::blob::aead_key;
use crate::disk::DurableWriter;
use crate::secret::{KEY_BYTES, Secret, fill_random};

const MAGIC: &[u8; 4] = b"TRK1";
const ID_AT: usize = 4;
const NONCE_AT: usize = ID_AT + 16;
const SEALED_AT: usize = NONCE_AT + 12;
const LENGTH: usize = SEALED_AT + 3 * KEY_BYTES + 16;

/// Random name of one archive; the name of its key in the keyring.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct ArchiveId([u8; 16]);

impl ArchiveId {
    pub(crate) fn random() -> Result<Self, ArchiveError> {
        let mut id = [0; 16];
        fill_random(&mut id)?;
        Ok(Self(id))
    }
}

impl fmt::Display for ArchiveId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

/// The keys that work inside an archive.
pub(crate) struct InnerKeys {
    pub(crate) database: Secret,
    pub(crate) blobs: Secret,
    pub(crate) audit: Secret,
}

/// The file as read; opened by the right key only.
pub(crate) struct Envelope {
    bytes: [u8; LENGTH],
}

impl Envelope {
    /// Reads the envelope of the archive; `None` if there is none.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, ArchiveError> {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(ArchiveError::file("read", path)(e)),
        };
        let found = bytes.len();
        let damaged = |why| ArchiveError::Damaged {
            file: path.to_owned(),
            why,
        };
        let bytes: [u8; LENGTH] = bytes
            .try_into()
            .map_err(|_| damaged(format!("it has {found} bytes, {LENGTH} are right")))?;
        if &bytes[..ID_AT] != MAGIC {
            return Err(damaged(
                "it does not begin as a key envelope does".to_owned(),
            ));
        }
        Ok(Some(Self { bytes }))
    }

    pub(crate) fn id(&self) -> ArchiveId {
        let mut id = [0; 16];
        id.copy_from_slice(&self.bytes[ID_AT..NONCE_AT]);
        ArchiveId(id)
    }

    /// The inner keys; `None` with the wrong key.
    pub(crate) fn unwrap(&self, key: &Secret) -> Result<Option<InnerKeys>, ArchiveError> {
        let mut sealed = Zeroizing::new([0; LENGTH - SEALED_AT]);
        sealed.copy_from_slice(&self.bytes[SEALED_AT..]);
        let mut nonce = [0; 12];
        nonce.copy_from_slice(&self.bytes[NONCE_AT..SEALED_AT]);
        let opened = aead_key(key.bytes())?.open_in_place(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(&self.bytes[..NONCE_AT]),
            sealed.as_mut_slice(),
        );
        let Ok(opened) = opened else { return Ok(None) };
        let part = |n: usize| Secret::from_slice(opened.get(n * KEY_BYTES..(n + 1) * KEY_BYTES)?);
        Ok(match (part(0), part(1), part(2)) {
            (Some(database), Some(blobs), Some(audit)) => Some(InnerKeys {
                database,
                blobs,
                audit,
            }),
            _ => None,
        })
    }

    /// Makes the inner keys of a new archive and writes their envelope.
    pub(crate) fn create(
        path: &Path,
        temporary: &Path,
        id: ArchiveId,
        key: &Secret,
        writer: &DurableWriter,
    ) -> Result<InnerKeys, ArchiveError> {
        let keys = InnerKeys {
            database: Secret::random()?,
            blobs: Secret::random()?,
            audit: Secret::random()?,
        };
        let mut bytes = [0; LENGTH];
        bytes[..ID_AT].copy_from_slice(MAGIC);
        bytes[ID_AT..NONCE_AT].copy_from_slice(&id.0);
        fill_random(&mut bytes[NONCE_AT..SEALED_AT])?;
        let mut nonce = [0; 12];
        nonce.copy_from_slice(&bytes[NONCE_AT..SEALED_AT]);
        let mut plain = Zeroizing::new(Vec::with_capacity(LENGTH - SEALED_AT));
        for part in [&keys.database, &keys.blobs, &keys.audit] {
            plain.extend_from_slice(part.bytes());
        }
        aead_key(key.bytes())?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(&bytes[..NONCE_AT]),
                &mut *plain,
            )
            .map_err(|_| ArchiveError::Crypto("AES-256-GCM"))?;
        bytes[SEALED_AT..].copy_from_slice(&plain);
        writer
            .replace(temporary, path, &bytes)
            .map_err(ArchiveError::file("write", path))?;
        Ok(keys)
    }
}
