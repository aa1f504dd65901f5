//! Headers as a worker read them, kept with their instances: a series opens without reading them again.

use sqlx::SqliteConnection;
use triptych_clinical::SeriesUid;

use crate::blob::BlobName;
use crate::{Archive, ArchiveError};

/// What a worker read of one header, as the caller writes it down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptHeader {
    /// Version of what reads: another one does not understand it, or would read something else.
    pub reader: String,
    /// The caller's own form.
    pub body: Vec<u8>,
}

impl Archive {
    /// The header of the file `blob`, if one of `reader` is kept.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn header(
        &self,
        blob: BlobName,
        reader: &str,
    ) -> Result<Option<Vec<u8>>, ArchiveError> {
        let found = sqlx::query_scalar(
            "SELECT h.body FROM instance i JOIN header h ON h.instance = i.instance WHERE i.blob = $1 AND h.reader = $2",
        )
        .bind(blob.0.as_slice())
        .bind(reader)
        .fetch_optional(&self.readers)
        .await?;
        Ok(found)
    }

    /// The headers of `reader` that are kept of a series, each with the name of its file, in no order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn headers(
        &self,
        series: &SeriesUid,
        reader: &str,
    ) -> Result<Vec<(BlobName, Vec<u8>)>, ArchiveError> {
        let rows: Vec<(Vec<u8>, Vec<u8>)> = sqlx::query_as(
            "SELECT i.blob, h.body FROM instance i JOIN header h ON h.instance = i.instance WHERE i.series = $1 AND h.reader = $2",
        )
        .bind(series.as_str())
        .bind(reader)
        .fetch_all(&self.readers)
        .await?;
        let named = |(blob, body): (Vec<u8>, Vec<u8>)| Some((BlobName::from_slice(&blob)?, body));
        Ok(rows.into_iter().filter_map(named).collect())
    }

    /// Keeps headers of files that are in the archive, in place of what another reader left; those of other files are passed over.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn keep_headers(
        &self,
        headers: &[(BlobName, KeptHeader)],
    ) -> Result<(), ArchiveError> {
        let mut tx = self.begin().await?;
        for (blob, header) in headers {
            let instances: Vec<i64> =
                sqlx::query_scalar("SELECT instance FROM instance WHERE blob = $1")
                    .bind(blob.0.as_slice())
                    .fetch_all(&mut *tx)
                    .await?;
            for instance in instances {
                keep(&mut tx, instance, header).await?;
            }
        }
        self.commit(tx).await
    }
}

pub(crate) async fn keep(
    connection: &mut SqliteConnection,
    instance: i64,
    header: &KeptHeader,
) -> Result<(), ArchiveError> {
    sqlx::query(
        "INSERT INTO header (instance, reader, body) VALUES ($1, $2, $3) \
         ON CONFLICT (instance) DO UPDATE SET reader = excluded.reader, body = excluded.body",
    )
    .bind(instance)
    .bind(header.reader.as_str())
    .bind(header.body.as_slice())
    .execute(connection)
    .await?;
    Ok(())
}
