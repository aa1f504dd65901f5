//! Numbered changes of the schema, one transaction each (DB-02). An archive of a newer program is refused before anything is written; an
//! older one is copied, and the copy read back, before it is changed.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{Connection as _, SqlSafeStr as _, SqliteConnection};

use crate::ArchiveError;
use crate::db::{self, Purpose};
use crate::secret::Secret;

/// The schema of this program. Not `sqlx::migrate!`: that macro would compile a second SQLite, without encryption, for itself.
pub(crate) static SCHEMA: LazyLock<Migrator> =
    LazyLock::new(|| Migrator::with_migrations(migrations()));

pub(crate) fn migrations() -> Vec<Migration> {
    vec![
        Migration::new(
            1,
            "archive".into(),
            MigrationType::Simple,
            include_str!("../migrations/0001_archive.sql").into_sql_str(),
            false,
        ),
        Migration::new(
            2,
            "edits".into(),
            MigrationType::Simple,
            include_str!("../migrations/0002_edits.sql").into_sql_str(),
            false,
        ),
        Migration::new(
            3,
            "headers".into(),
            MigrationType::Simple,
            include_str!("../migrations/0003_headers.sql").into_sql_str(),
            false,
        ),
        Migration::new(
            4,
            "packs".into(),
            MigrationType::Simple,
            include_str!("../migrations/0004_packs.sql").into_sql_str(),
            false,
        ),
        Migration::new(
            5,
            "identity".into(),
            MigrationType::Simple,
            include_str!("../migrations/0005_identity.sql").into_sql_str(),
            false,
        ),
        Migration::new(
            6,
            "revised".into(),
            MigrationType::Simple,
            include_str!("../migrations/0006_revised.sql").into_sql_str(),
            false,
        ),
    ]
}

pub(crate) fn newest(schema: &Migrator) -> i64 {
    schema.iter().map(|m| m.version).max().unwrap_or(0)
}

/// Schema number of the open file; 0 when it is empty.
pub(crate) async fn version(connection: &mut SqliteConnection) -> Result<i64, ArchiveError> {
    let there: i64 =
        sqlx::query_scalar("SELECT count(*) FROM sqlite_schema WHERE name = '_sqlx_migrations'")
            .fetch_one(&mut *connection)
            .await?;
    if there == 0 {
        return Ok(0);
    }
    let version: Option<i64> = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations")
        .fetch_one(connection)
        .await?;
    Ok(version.unwrap_or(0))
}

/// Brings `file` to the newest schema. Returns the copy that was made of an older archive.
pub(crate) async fn run(
    file: &Path,
    key: &Secret,
    schema: &Migrator,
) -> Result<Option<PathBuf>, ArchiveError> {
    let mut connection = db::single(file, key, Purpose::Write).await?;
    let found = version(&mut connection).await?;
    let result = migrate(&mut connection, file, key, schema, found).await;
    connection.close().await?;
    result
}

async fn migrate(
    connection: &mut SqliteConnection,
    file: &Path,
    key: &Secret,
    schema: &Migrator,
    found: i64,
) -> Result<Option<PathBuf>, ArchiveError> {
    let backup = if found == 0 || found == newest(schema) {
        None
    } else {
        Some(back_up(connection, file, key, found).await?)
    };
    schema.run(connection).await?;
    Ok(backup)
}

/// A verified copy beside the archive: the way back from a change of the schema.
async fn back_up(
    connection: &mut SqliteConnection,
    file: &Path,
    key: &Secret,
    found: i64,
) -> Result<PathBuf, ArchiveError> {
    let copy = file.with_file_name(format!("archive-schema-{found}.db"));
    if copy.exists() {
        std::fs::remove_file(&copy).map_err(ArchiveError::file("remove", &copy))?;
    }
    // VACUUM INTO takes an existing file only when it is empty: made here for its mode.
    crate::disk::new_file(&copy).map_err(ArchiveError::file("create", &copy))?;
    let name = copy.to_string_lossy().into_owned();
    sqlx::query("VACUUM INTO $1")
        .bind(name)
        .execute(&mut *connection)
        .await?;
    let flushed = std::fs::File::open(&copy).and_then(|f| f.sync_all());
    flushed.map_err(ArchiveError::file("flush", &copy))?;
    let mut check = db::single(&copy, key, Purpose::Look).await?;
    let same = version(&mut check).await? == found;
    let bad: Vec<String> = sqlx::query_scalar("PRAGMA cipher_integrity_check")
        .fetch_all(&mut check)
        .await?;
    check.close().await?;
    if same && bad.is_empty() {
        Ok(copy)
    } else {
        Err(ArchiveError::Damaged {
            file: copy,
            why: "the copy made before the change of the schema does not read back".to_owned(),
        })
    }
}
