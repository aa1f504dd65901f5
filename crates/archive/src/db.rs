//! Connections: one writer that alone writes and checkpoints, readers that cannot write, and the key given to each before its first read.
//!
//! One writer in one process is also what keeps SQLite's WAL-reset fault (fixed in 3.51.3, after the version linked here) from arising:
//! it needs two connections that write or checkpoint at the same instant.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _, SqliteConnection, SqlitePool};

use crate::ArchiveError;
use crate::raw;
use crate::secret::Secret;

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Writes and checkpoints: one at a time.
    Write,
    /// Reads beside the writer.
    Read,
    /// Looks at a file that nobody has open, and leaves it as it is.
    Look,
}

// SQLCipher would write its own lines to standard error; page size is fixed for every archive; memory security is left off for its
// price (reading 16 times slower, the whole process changes its allocator): no core dumps instead.
const SETTINGS: &str = "PRAGMA cipher_log_level = NONE; PRAGMA cipher_page_size = 4096; \
    PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0; \
    PRAGMA trusted_schema = OFF;";
const WRITER: &str = "PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = 67108864; PRAGMA wal_autocheckpoint = 4000;";
const READER: &str = "PRAGMA query_only = ON;";

fn options(path: &Path) -> SqliteConnectOptions {
    // No journal_mode here: it would read the file before the key is there. No statement in a log, whatever its level.
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .busy_timeout(Duration::from_secs(5))
        .foreign_keys(true)
        .disable_statement_logging()
}

async fn unlock(
    connection: &mut SqliteConnection,
    path: &Path,
    key: &Secret,
    purpose: Purpose,
) -> Result<(), sqlx::Error> {
    {
        let mut handle = connection.lock_handle().await?;
        let fail = |e: ArchiveError| sqlx::Error::Configuration(e.to_string().into());
        raw::give_key(&mut handle, key).map_err(fail)?;
        let quiet = match purpose {
            Purpose::Write => false,
            Purpose::Read => true,
            // With nothing waiting, an ordinary close takes the two empty files beside it away again.
            Purpose::Look => waiting(path) > 0,
        };
        if quiet {
            raw::never_checkpoint_on_close(&mut handle).map_err(fail)?;
        }
    }
    connection.execute(SETTINGS).await?;
    connection
        .execute(match purpose {
            Purpose::Write => WRITER,
            Purpose::Read | Purpose::Look => READER,
        })
        .await?;
    // The first read tells whether the key is right.
    connection
        .execute("SELECT count(*) FROM sqlite_schema")
        .await?;
    Ok(())
}

/// Bytes of the write-ahead log beside a database.
pub(crate) fn waiting(path: &Path) -> u64 {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    std::fs::metadata(log).map_or(0, |m| m.len())
}

/// One connection, so that what is wrong is told at once: a pool repeats a failing set-up for 30 s and then says only "timed out".
pub(crate) async fn single(
    path: &Path,
    key: &Secret,
    purpose: Purpose,
) -> Result<SqliteConnection, ArchiveError> {
    let mut connection = options(path).connect().await?;
    let unlocked = unlock(&mut connection, path, key, purpose).await;
    let cipher = match &unlocked {
        Ok(()) => has_cipher(&mut connection).await,
        Err(_) => Ok(true),
    };
    let result = unlocked.and(cipher);
    match result {
        Ok(true) => Ok(connection),
        Ok(false) => {
            let _ = connection.close().await;
            Err(ArchiveError::NoCipher)
        }
        Err(e) => {
            // The reason it could not be read counts, not how closing went.
            let _ = connection.close().await;
            Err(explain(e, path))
        }
    }
}

/// A build that lost the SQLCipher feature would write plain text in silence.
async fn has_cipher(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar::<_, String>("PRAGMA cipher_version")
        .fetch_optional(connection)
        .await
        .map(|version| version.is_some())
}

pub(crate) async fn pool(
    path: &Path,
    key: &Arc<Secret>,
    purpose: Purpose,
) -> Result<SqlitePool, ArchiveError> {
    let (key, file) = (key.clone(), path.to_owned());
    // A connection that is closed and made again would begin with a cold cache.
    SqlitePoolOptions::new()
        .max_connections(match purpose {
            Purpose::Write => 1,
            Purpose::Read | Purpose::Look => 3,
        })
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(Duration::from_secs(30))
        .after_connect(move |connection, _| {
            let (key, file) = (key.clone(), file.clone());
            Box::pin(async move { unlock(connection, &file, &key, purpose).await })
        })
        .connect_with(options(path))
        .await
        .map_err(|e| explain(e, path))
}

/// Codes 26 (the first page does not open) and 11 (a later one does not) in words.
pub(crate) fn explain(e: sqlx::Error, path: &Path) -> ArchiveError {
    let why = match e.as_database_error().and_then(|e| e.code()).as_deref() {
        Some("26") => {
            "the archive's own key does not open it: its first page was changed, or it belongs to another archive"
        }
        Some("11") => "a page of it does not pass its check",
        _ => return e.into(),
    };
    ArchiveError::Damaged {
        file: path.to_owned(),
        why: why.to_owned(),
    }
}
