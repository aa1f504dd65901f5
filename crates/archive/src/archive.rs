//! Opening and closing.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use sqlx::{Connection as _, Row as _, Sqlite, SqlitePool, Transaction};
use triptych_clinical::Instant;

use crate::audit::{Details, Verb};
use crate::blob::{BlobName, BlobStore};
use crate::db::{self, Purpose};
use crate::disk::{Disk, DurableWriter, RealDisk, new_file, private_folder};
use crate::envelope::{ArchiveId, Envelope, InnerKeys};
use crate::keys::{KeyPlace, KeySource};
use crate::lock::Lock;
use crate::secret::Secret;
use crate::{ArchiveError, By, migrate};

/// A stored file without a row may belong to an import that is about to be repeated: it is kept this long (FS-05).
const ORPHAN_GRACE_US: i64 = 3600 * 1_000_000;

/// An open archive: one for all tasks of the program, cheap to clone. [`Self::close`] ends it in order.
#[derive(Clone)]
pub struct Archive(Arc<Inner>);

/// What the clones of an [`Archive`] share.
pub struct Inner {
    pub(crate) folder: PathBuf,
    pub(crate) writer: SqlitePool,
    pub(crate) readers: SqlitePool,
    pub(crate) blobs: Arc<BlobStore>,
    pub(crate) audit_key: Secret,
    pub(crate) disk: DurableWriter,
    key_place: KeyPlace,
    recovery: Recovery,
    migrated_from: Option<PathBuf>,
    lock: Mutex<Option<Lock>>,
}

impl std::fmt::Debug for Archive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Archive")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

impl std::ops::Deref for Archive {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// What opening had to put in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// The last program did not close the archive: it was checked.
    pub unclean: bool,
    /// Temporary files that were removed.
    pub temporaries: u64,
    /// Stored files without a row that were removed.
    pub orphans: u64,
    /// Rows whose stored file is missing: shown as damaged, never hidden.
    pub missing: Vec<BlobName>,
}

impl Archive {
    /// Opens the archive in `folder`, or makes one where none is. Needs a tokio runtime with time enabled.
    ///
    /// # Errors
    /// [`ArchiveError::is_unopenable`] is true for everything that makes the archive as a whole unusable: held by another program, wrong or
    /// absent key, damaged, not an archive, newer than this program. None of these changes a file of the archive.
    pub async fn open(folder: &Path, keys: KeySource) -> Result<Self, ArchiveError> {
        Self::open_on(folder, keys, Arc::new(RealDisk)).await
    }

    pub(crate) async fn open_on(
        folder: &Path,
        keys: KeySource,
        disk: Arc<dyn Disk>,
    ) -> Result<Self, ArchiveError> {
        let disk = DurableWriter::new(disk);
        let folder = folder.to_owned();
        // The keyring and the file system block.
        let (lock, unclean, keys, key_place, folder, disk) =
            tokio::task::spawn_blocking(move || {
                private_folder(&folder).map_err(ArchiveError::file("create", &folder))?;
                let (lock, unclean) = Lock::take(&folder)?;
                let (inner, place) = unlock(&folder, &keys, &disk)?;
                Ok::<_, ArchiveError>((lock, unclean, inner, place, folder, disk))
            })
            .await??;
        let file = folder.join("archive.db");
        let database = Arc::new(keys.database);
        let mut migrated_from = None;
        if file.exists() {
            let found = probe(&file, &database, unclean).await?;
            let known = migrate::newest(&migrate::SCHEMA);
            if found > known {
                return Err(ArchiveError::Newer { found, known });
            }
            if found < known {
                migrated_from = migrate::run(&file, &database, &migrate::SCHEMA).await?;
            }
        } else {
            create(&folder, &file, &database, &disk).await?;
        }
        let blobs = Arc::new(BlobStore::open(&folder, keys.blobs, disk.clone())?);
        let writer = db::pool(&file, &database, Purpose::Write).await?;
        let readers = db::pool(&file, &database, Purpose::Read).await?;
        let recovery = if unclean {
            recover(&blobs, &readers).await?
        } else {
            Recovery::default()
        };
        let archive = Self(Arc::new(Inner {
            folder,
            writer,
            readers,
            blobs,
            audit_key: keys.audit,
            disk,
            key_place,
            recovery,
            migrated_from,
            lock: Mutex::new(Some(lock)),
        }));
        archive.audit_opening().await?;
        Ok(archive)
    }

    async fn audit_opening(&self) -> Result<(), ArchiveError> {
        let recovery = self.recovery();
        if recovery.unclean {
            let details = Details::from([
                ("temporaries".to_owned(), recovery.temporaries.to_string()),
                ("orphans".to_owned(), recovery.orphans.to_string()),
                ("missing".to_owned(), recovery.missing.len().to_string()),
            ]);
            let by = By::new("triptych", Instant::now());
            self.audit(&by, Verb::Recovery, None, details).await?;
        }
        Ok(())
    }

    /// Copies the write-ahead log into the database, notes the end of the audit trail, and gives the archive back in order. Clones of this
    /// handle are of no use afterwards.
    ///
    /// # Errors
    /// When that could not be done; nothing acknowledged is lost by it.
    pub async fn close(self) -> Result<(), ArchiveError> {
        let noted = self.note_audit_head().await;
        self.readers.close().await;
        let copied = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .execute(&self.writer)
            .await;
        self.writer.close().await;
        let lock = self
            .lock
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        noted?;
        copied?;
        if let Some(mut lock) = lock {
            lock.mark_clean();
        }
        Ok(())
    }

    /// The folder of the archive.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where its key was found, for `doctor`.
    #[must_use]
    pub fn key_place(&self) -> &KeyPlace {
        &self.key_place
    }

    /// What opening had to put in order.
    #[must_use]
    pub fn recovery(&self) -> &Recovery {
        &self.recovery
    }

    /// The copy that was made because opening changed the schema.
    #[must_use]
    pub fn copy_before_migration(&self) -> Option<&Path> {
        self.migrated_from.as_deref()
    }

    /// The stored files, for threads that may block.
    #[must_use]
    pub fn blobs(&self) -> &Arc<BlobStore> {
        &self.blobs
    }

    /// A stored file, whole.
    ///
    /// # Errors
    /// [`ArchiveError::Blob`] when it is missing or was changed.
    pub async fn read_blob(&self, name: BlobName) -> Result<Vec<u8>, ArchiveError> {
        let blobs = self.blobs.clone();
        tokio::task::spawn_blocking(move || blobs.read(name)).await?
    }

    /// A stored file into `file` from its start (a memfd that goes to a worker). Gives the file back, with the length.
    ///
    /// # Errors
    /// As [`Self::read_blob`].
    pub async fn copy_blob(
        &self,
        name: BlobName,
        file: fs::File,
    ) -> Result<(fs::File, u64), ArchiveError> {
        let blobs = self.blobs.clone();
        tokio::task::spawn_blocking(move || blobs.copy_to(name, &file).map(|n| (file, n))).await?
    }

    /// A write transaction that holds the write lock from its start, so that it never fails half way as "busy".
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Sqlite>, ArchiveError> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }
}

/// The inner keys: from the envelope, or newly made where there is no archive.
fn unlock(
    folder: &Path,
    source: &KeySource,
    disk: &DurableWriter,
) -> Result<(InnerKeys, KeyPlace), ArchiveError> {
    let path = folder.join("archive.keys");
    let (file, blobs) = (folder.join("archive.db"), folder.join("blobs"));
    let damaged = |file: &Path, why: &str| ArchiveError::Damaged {
        file: file.to_owned(),
        why: why.to_owned(),
    };
    if file.exists() {
        examine(&file)?;
    }
    if let Some(envelope) = Envelope::read(&path)? {
        if !file.exists() && holds_anything(&blobs) {
            return Err(damaged(&file, "it is missing, and stored files are there"));
        }
        return source.find(envelope.id(), |key| envelope.unwrap(key));
    }
    // Never a new key where something is that an old key would open.
    if file.exists() || holds_anything(&blobs) {
        return Err(damaged(&path, "it is missing, and an archive is there"));
    }
    let id = ArchiveId::random()?;
    let (key, place) = source.make(id, disk)?;
    let temporary = folder.join("archive.keys.new");
    let keys = Envelope::create(&path, &temporary, id, &key, disk)?;
    Ok((keys, place))
}

fn holds_anything(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some())
}

/// What can be told of the file without a key.
fn examine(file: &Path) -> Result<(), ArchiveError> {
    let mut start = [0; 16];
    let mut opened = fs::File::open(file).map_err(ArchiveError::file("open", file))?;
    let length = opened
        .metadata()
        .map_err(ArchiveError::file("examine", file))?
        .len();
    let damaged = |why: String| ArchiveError::Damaged {
        file: file.to_owned(),
        why,
    };
    if length == 0 {
        return Err(damaged("it is empty".to_owned()));
    }
    if length < 4096 || length % 4096 != 0 {
        return Err(damaged(format!(
            "its {length} bytes are not a whole number of pages"
        )));
    }
    opened
        .read_exact(&mut start)
        .map_err(ArchiveError::file("read", file))?;
    if &start == b"SQLite format 3\0" {
        return Err(ArchiveError::NotEncrypted {
            file: file.to_owned(),
        });
    }
    Ok(())
}

/// Opens an existing file on one connection that changes nothing, and tells its schema.
async fn probe(file: &Path, key: &Secret, unclean: bool) -> Result<i64, ArchiveError> {
    let damaged = |why: String| ArchiveError::Damaged {
        file: file.to_owned(),
        why,
    };
    let waiting = db::waiting(file);
    let mut connection = db::single(file, key, Purpose::Look).await?;
    let result = async {
        let version = migrate::version(&mut connection)
            .await
            .map_err(|e| match e {
                ArchiveError::Database(e) => db::explain(e, file),
                e => e,
            })?;
        if version == 0 {
            return Err(damaged("it holds no archive".to_owned()));
        }
        // Pages that wait in the write-ahead log may lie beyond the end of the file: compared only when it is empty.
        if waiting == 0 {
            let pages: i64 = sqlx::query_scalar("PRAGMA page_count")
                .fetch_one(&mut connection)
                .await?;
            let length = fs::metadata(file)
                .map_err(ArchiveError::file("examine", file))?
                .len();
            if u64::try_from(pages).unwrap_or(0).saturating_mul(4096) > length {
                return Err(damaged(format!(
                    "it was cut: {length} bytes of {pages} pages of 4096"
                )));
            }
        }
        if unclean {
            let bad: Option<String> = sqlx::query_scalar("PRAGMA cipher_integrity_check")
                .fetch_optional(&mut connection)
                .await
                .map_err(|e| db::explain(e, file))?;
            if let Some(bad) = bad {
                return Err(damaged(bad));
            }
        }
        Ok(version)
    }
    .await;
    let _ = connection.close().await;
    result
}

/// A new, empty archive appears at once or not at all: made under another name, flushed, renamed.
async fn create(
    folder: &Path,
    file: &Path,
    key: &Secret,
    disk: &DurableWriter,
) -> Result<(), ArchiveError> {
    let temporary = folder.join("tmp");
    private_folder(&temporary).map_err(ArchiveError::file("create", &temporary))?;
    let new = temporary.join("archive.db");
    for name in ["archive.db", "archive.db-wal", "archive.db-shm"] {
        match fs::remove_file(temporary.join(name)) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(ArchiveError::file("remove", &new)(e));
            }
            _ => {}
        }
    }
    // SQLite gives its other files the mode of this one.
    new_file(&new).map_err(ArchiveError::file("create", &new))?;
    migrate::run(&new, key, &migrate::SCHEMA).await?;
    disk.flush_file(&new)
        .and_then(|()| disk.rename(&new, file))
        .and_then(|()| disk.flush_folder(folder))
        .map_err(ArchiveError::file("create", file))
}

/// After an end that was not clean: temporaries go, stored files and rows are compared.
async fn recover(blobs: &Arc<BlobStore>, readers: &SqlitePool) -> Result<Recovery, ArchiveError> {
    let rows = sqlx::query(
        "SELECT blob FROM instance UNION SELECT blob FROM document WHERE blob IS NOT NULL",
    )
    .fetch_all(readers)
    .await?;
    let named = rows
        .iter()
        .map(|row| {
            BlobName::from_slice(row.try_get(0)?).ok_or_else(|| ArchiveError::Row {
                table: "instance",
                why: "the name of its stored file is not 32 bytes".to_owned(),
            })
        })
        .collect::<Result<std::collections::BTreeSet<_>, ArchiveError>>()?;
    let blobs = blobs.clone();
    tokio::task::spawn_blocking(move || {
        let root = Path::new("blobs");
        let stored = blobs.list().map_err(ArchiveError::file("list", root))?;
        let now = Instant::now().0;
        let mut recovery = Recovery {
            unclean: true,
            temporaries: blobs
                .remove_temporaries()
                .map_err(ArchiveError::file("remove temporaries of", root))?,
            ..Recovery::default()
        };
        let mut present = std::collections::BTreeSet::new();
        for (name, changed, _) in stored {
            present.insert(name);
            let changed = changed.duration_since(UNIX_EPOCH).unwrap_or_default();
            let age = now.saturating_sub(i64::try_from(changed.as_micros()).unwrap_or(i64::MAX));
            let old = age > ORPHAN_GRACE_US;
            if old && !named.contains(&name) {
                blobs
                    .remove(name)
                    .map_err(ArchiveError::file("remove a stored file of", root))?;
                recovery.orphans += 1;
            }
        }
        recovery.missing = named.difference(&present).copied().collect();
        Ok(recovery)
    })
    .await?
}
