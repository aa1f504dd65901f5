//! What `doctor` says of the archive.

use std::fs;

use serde::Serialize;
use sqlx::Row as _;

use crate::{Archive, ArchiveError, migrate};

/// Versions, sizes and places.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ArchiveStats {
    /// SQLCipher that is linked.
    pub sqlcipher: String,
    /// SQLite that it is built on.
    pub sqlite: String,
    /// Schema number of the archive.
    pub schema: i64,
    /// Where the key was found.
    pub key_place: String,
    /// Bytes of the database.
    pub database_bytes: u64,
    /// Bytes of its write-ahead log.
    pub wal_bytes: u64,
    /// Stored files.
    pub blobs: u64,
    /// Bytes of the stored files.
    pub blob_bytes: u64,
    /// Patients (records).
    pub patients: u64,
    /// Fact versions.
    pub facts: u64,
    /// Instances, kept-apart files included.
    pub instances: u64,
    /// Free bytes on the archive's disk for this user.
    pub disk_free: u64,
}

/// What a check of the whole archive found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CheckReport {
    /// Pages that fail their MAC, broken structures, rows that point nowhere: each in SQLite's words, which hold no content.
    pub database: Vec<String>,
    /// Stored files that are missing or do not authenticate, each with its reason.
    pub blobs: Vec<String>,
}

impl Archive {
    /// Versions, sizes and places.
    ///
    /// # Errors
    /// When the database or the folder cannot be read.
    pub async fn stats(&self) -> Result<ArchiveStats, ArchiveError> {
        let text = async |sql: &'static str| {
            sqlx::query_scalar::<_, String>(sql)
                .fetch_one(&self.readers)
                .await
        };
        let number = async |sql: &'static str| {
            let n = sqlx::query_scalar::<_, i64>(sql)
                .fetch_one(&self.readers)
                .await;
            n.map(|n| u64::try_from(n).unwrap_or(0))
        };
        let size = |name: &str| fs::metadata(self.folder.join(name)).map_or(0, |m| m.len());
        let blobs = self.blobs.clone();
        let stored = tokio::task::spawn_blocking(move || blobs.list())
            .await?
            .map_err(ArchiveError::file("list stored files of", &self.folder))?;
        let disk = rustix::fs::statvfs(&self.folder)
            .map_err(|e| ArchiveError::file("examine", &self.folder)(e.into()))?;
        let mut connection = self.readers.acquire().await?;
        let schema = migrate::version(&mut connection).await?;
        drop(connection);
        Ok(ArchiveStats {
            sqlcipher: text("PRAGMA cipher_version").await?,
            sqlite: text("SELECT sqlite_version()").await?,
            schema,
            key_place: self.key_place().to_string(),
            database_bytes: size("archive.db"),
            wal_bytes: size("archive.db-wal"),
            blobs: stored.len() as u64,
            blob_bytes: stored.iter().map(|(_, _, bytes)| bytes).sum(),
            patients: number("SELECT count(*) FROM patient").await?,
            facts: number("SELECT count(*) FROM fact").await?,
            instances: number("SELECT count(*) FROM instance").await?,
            disk_free: disk.f_bavail.saturating_mul(disk.f_frsize),
        })
    }

    /// Checks every page, every index, every reference and every stored file (DB-03). Takes the time of reading all of it.
    ///
    /// # Errors
    /// When it cannot be read at all; what is damaged is the report's content.
    pub async fn check(&self) -> Result<CheckReport, ArchiveError> {
        let mut report = CheckReport::default();
        for sql in [
            "PRAGMA cipher_integrity_check",
            "PRAGMA integrity_check",
            "PRAGMA foreign_key_check",
        ] {
            for row in sqlx::query(sql).fetch_all(&self.readers).await? {
                let line: String = row.try_get(0)?;
                if line != "ok" {
                    report.database.push(line);
                }
            }
        }
        let rows = sqlx::query(
            "SELECT blob FROM instance UNION SELECT blob FROM document WHERE blob IS NOT NULL",
        )
        .fetch_all(&self.readers)
        .await?;
        let names = rows
            .iter()
            .map(|row| row.try_get::<&[u8], _>(0).map(crate::BlobName::from_slice))
            .collect::<Result<Vec<_>, _>>()?;
        let blobs = self.blobs.clone();
        report.blobs = tokio::task::spawn_blocking(move || {
            let read = |name| blobs.read(name).err().map(|e| e.to_string());
            names.into_iter().flatten().filter_map(read).collect()
        })
        .await?;
        Ok(report)
    }
}
