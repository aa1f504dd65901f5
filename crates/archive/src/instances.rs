//! DICOM instances: the bytes as they came in the blob store, what lists and hanging need in a row.

use std::collections::BTreeSet;

use serde::Serialize;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};
use triptych_clinical::{
    DocumentHash, Identifier, Identity, InstanceRecord, Instant, PatientKey, SeriesUid,
    SopInstanceUid, StudyUid, When,
};

use crate::audit::{Details, Verb};
use crate::blob::BlobName;
use crate::headers::{self, KeptHeader};
use crate::patients::{IdentityConflict, resolve};
use crate::{Archive, ArchiveError, By};

/// An instance to be imported.
#[derive(Clone, Debug)]
pub struct NewInstance {
    /// As read from its header.
    pub record: InstanceRecord,
    /// What a worker read of the header, to be kept with it.
    pub header: Option<KeptHeader>,
    /// The file as it came.
    pub bytes: Vec<u8>,
}

/// What became of one instance, once it is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum InstanceOutcome {
    /// Stored.
    New {
        /// Whose it is.
        patient: PatientKey,
    },
    /// The same bytes under the same SOP Instance UID were there already.
    Duplicate {
        /// Whose it is.
        patient: PatientKey,
    },
    /// Other bytes under the same SOP Instance UID were there: kept apart, not shown in the series.
    Conflict {
        /// Whose it is.
        patient: PatientKey,
        /// Counts the differing files of this UID from 1.
        variant: u32,
    },
    /// Its patient contradicts what is known: not imported.
    Identity {
        /// Whom it met, and why it was refused.
        conflict: IdentityConflict,
        /// Hash of its bytes.
        document: DocumentHash,
    },
}

/// An instance in the archive.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredInstance {
    /// As read from its header.
    pub record: InstanceRecord,
    /// Whose it is.
    pub patient: PatientKey,
    /// Its file in the blob store.
    pub blob: BlobName,
    /// Hash of its bytes.
    pub document: DocumentHash,
    /// When it came.
    pub received: Instant,
    /// 0 for the first file of its UID; others are kept apart.
    pub variant: u32,
}

/// A study with its series, as lists show it.
#[derive(Clone, Debug, PartialEq)]
pub struct StudySummary {
    /// Study Instance UID.
    pub study: StudyUid,
    /// Whose it is.
    pub patient: PatientKey,
    /// Study Date and Time.
    pub time: Option<When>,
    /// Study Description.
    pub description: String,
    /// Accession Number.
    pub accession: String,
    /// Its series by number, then UID.
    pub series: Vec<SeriesSummary>,
}

/// A series, as lists show it.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesSummary {
    /// Series Instance UID.
    pub series: SeriesUid,
    /// Modality.
    pub modality: String,
    /// Series Number.
    pub number: Option<i32>,
    /// Series Description.
    pub description: String,
    /// Body Part Examined.
    pub body_part: String,
    /// Series Date and Time.
    pub time: Option<When>,
    /// Instances, kept-apart files not counted.
    pub instances: u64,
    /// Frames of all of them.
    pub frames: u64,
    /// Files kept apart because their UID was there with other bytes.
    pub conflicts: u64,
}

impl Archive {
    /// Imports a batch. When this returns, every instance that it does not refuse is durable; the outcomes are in the order of the batch.
    ///
    /// # Errors
    /// When the batch could not be made durable: then nothing of it was imported.
    pub async fn import_instances(
        &self,
        by: &By,
        batch: Vec<NewInstance>,
    ) -> Result<Vec<InstanceOutcome>, ArchiveError> {
        let (records, contents): (Vec<_>, Vec<_>) = batch
            .into_iter()
            .map(|i| ((i.record, i.header), i.bytes))
            .unzip();
        let blobs = self.blobs.clone();
        let named = tokio::task::spawn_blocking(move || {
            let named: Vec<_> = contents
                .iter()
                .map(|bytes| (blobs.name(bytes), DocumentHash::of(bytes)))
                .collect();
            let batch: Vec<_> = named
                .iter()
                .zip(&contents)
                .map(|((name, _), bytes)| (*name, bytes.as_slice()))
                .collect();
            blobs.put_batch(&batch)?;
            Ok::<_, ArchiveError>(named)
        })
        .await??;
        let mut tx = self.begin().await?;
        let mut outcomes = Vec::with_capacity(records.len());
        let mut former: Option<(Identity, Result<PatientKey, IdentityConflict>)> = None;
        let mut counts = [0_u64; 4];
        let (mut patients, mut studies) = (BTreeSet::new(), BTreeSet::new());
        for ((record, header), (blob, document)) in records.into_iter().zip(named) {
            let record = finite(record);
            let filed = match &former {
                Some((identity, filed))
                    if *identity == record.identity && has_identifier(identity) =>
                {
                    *filed
                }
                _ => {
                    let own = Identifier {
                        issuer: "urn:triptych:study".to_owned(),
                        kind: String::new(),
                        value: record.study.to_string(),
                    };
                    resolve(&mut tx, &record.identity, own, by.at)
                        .await?
                        .map(|(key, _)| key)
                }
            };
            former = Some((record.identity.clone(), filed));
            let outcome = match filed {
                Ok(patient) => {
                    let told = (&record, header.as_ref());
                    store(&mut tx, by.at, patient, told, blob, document).await?
                }
                Err(conflict) => InstanceOutcome::Identity { conflict, document },
            };
            let (n, patient) = match outcome {
                InstanceOutcome::New { patient } => (0, Some(patient)),
                InstanceOutcome::Duplicate { .. } => (1, None),
                InstanceOutcome::Conflict { patient, .. } => (2, Some(patient)),
                InstanceOutcome::Identity { .. } => (3, None),
            };
            counts[n] += 1;
            if let Some(patient) = patient {
                patients.insert(patient);
                studies.insert(record.study);
            }
            outcomes.push(outcome);
        }
        if counts[0] + counts[2] > 0 {
            let [new, duplicates, conflicts, refused] = counts.map(|n| n.to_string());
            let details = [
                ("kind", "dicom".to_owned()),
                ("new", new),
                ("duplicates", duplicates),
                ("conflicts", conflicts),
                ("refused", refused),
                ("studies", studies.len().to_string()),
                ("patients", patients.len().to_string()),
            ];
            let details: Details = details.map(|(k, v)| (k.to_owned(), v)).into();
            let subject = (patients.len() == 1)
                .then(|| patients.first().copied())
                .flatten();
            self.append_audit(&mut tx, by, Verb::Import, subject, details)
                .await?;
        }
        self.commit(tx).await?;
        Ok(outcomes)
    }

    /// All instances of a person (all linked records), by study, series, number; kept-apart files included.
    ///
    /// # Errors
    /// [`ArchiveError::UnknownPatient`], or a row that this program cannot read.
    pub async fn instances(&self, person: PatientKey) -> Result<Vec<StoredInstance>, ArchiveError> {
        let mut instances = Vec::new();
        for member in self.members(person).await? {
            let rows = sqlx::query(
                "SELECT record, patient, blob, document_hash, received_us, variant FROM instance WHERE patient = $1",
            )
            .bind(member.0)
            .fetch_all(&self.readers)
            .await?;
            for row in &rows {
                instances.push(stored(row)?);
            }
        }
        instances.sort_by(|a, b| order(a).cmp(&order(b)));
        Ok(instances)
    }

    /// The instances of one series by number, kept-apart files left out.
    ///
    /// # Errors
    /// When the database cannot be read; a series that is not there is empty.
    pub async fn series_instances(
        &self,
        series: &SeriesUid,
    ) -> Result<Vec<StoredInstance>, ArchiveError> {
        let rows = sqlx::query(
            "SELECT record, patient, blob, document_hash, received_us, variant FROM instance \
             WHERE series = $1 AND variant = 0",
        )
        .bind(series.as_str())
        .fetch_all(&self.readers)
        .await?;
        let mut instances = rows.iter().map(stored).collect::<Result<Vec<_>, _>>()?;
        instances.sort_by(|a, b| order(a).cmp(&order(b)));
        Ok(instances)
    }

    /// One instance by its UID, the first file of it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn instance(
        &self,
        sop_instance: &SopInstanceUid,
    ) -> Result<Option<StoredInstance>, ArchiveError> {
        let row = sqlx::query(
            "SELECT record, patient, blob, document_hash, received_us, variant FROM instance \
             WHERE sop_instance = $1 AND variant = 0",
        )
        .bind(sop_instance.as_str())
        .fetch_optional(&self.readers)
        .await?;
        row.as_ref().map(stored).transpose()
    }

    /// The studies of a person (all linked records), newest first.
    ///
    /// # Errors
    /// As [`Self::instances`].
    pub async fn studies(&self, person: PatientKey) -> Result<Vec<StudySummary>, ArchiveError> {
        Ok(summarize(&self.instances(person).await?))
    }
}

/// Groups instances into studies, newest first, and series by number.
#[must_use]
pub fn summarize(instances: &[StoredInstance]) -> Vec<StudySummary> {
    let mut studies: Vec<StudySummary> = Vec::new();
    for instance in instances {
        let record = &instance.record;
        let at = studies
            .iter()
            .position(|s| s.study == record.study && s.patient == instance.patient)
            .unwrap_or_else(|| {
                studies.push(StudySummary {
                    study: record.study.clone(),
                    patient: instance.patient,
                    time: record.study_time,
                    description: record.study_description.clone(),
                    accession: record.accession.clone(),
                    series: Vec::new(),
                });
                studies.len() - 1
            });
        let Some(study) = studies.get_mut(at) else {
            continue;
        };
        let at = study
            .series
            .iter()
            .position(|s| s.series == record.series)
            .unwrap_or_else(|| {
                study.series.push(SeriesSummary {
                    series: record.series.clone(),
                    modality: record.modality.clone(),
                    number: record.series_number,
                    description: record.series_description.clone(),
                    body_part: record.body_part.clone(),
                    time: record.series_time,
                    instances: 0,
                    frames: 0,
                    conflicts: 0,
                });
                study.series.len() - 1
            });
        if let Some(series) = study.series.get_mut(at) {
            if instance.variant == 0 {
                series.instances += 1;
                series.frames += u64::from(record.frames);
            } else {
                series.conflicts += 1;
            }
        }
    }
    for study in &mut studies {
        study
            .series
            .sort_by(|a, b| (a.number, a.series.as_str()).cmp(&(b.number, b.series.as_str())));
    }
    studies.sort_by(|a, b| {
        let time = |s: &StudySummary| s.time.map(|t| t.instant);
        time(b).cmp(&time(a)).then_with(|| a.study.cmp(&b.study))
    });
    studies
}

async fn store(
    connection: &mut SqliteConnection,
    at: Instant,
    patient: PatientKey,
    (record, header): (&InstanceRecord, Option<&KeptHeader>),
    blob: BlobName,
    document: DocumentHash,
) -> Result<InstanceOutcome, ArchiveError> {
    let known = sqlx::query("SELECT blob, patient FROM instance WHERE sop_instance = $1")
        .bind(record.sop_instance.as_str())
        .fetch_all(&mut *connection)
        .await?;
    for row in &known {
        if row.try_get::<&[u8], _>(0)? == blob.0.as_slice() {
            return Ok(InstanceOutcome::Duplicate {
                patient: PatientKey(row.try_get(1)?),
            });
        }
    }
    let text = serde_json::to_string(record).map_err(ArchiveError::row("instance"))?;
    let variant = u32::try_from(known.len()).unwrap_or(u32::MAX);
    let instance: i64 = sqlx::query_scalar(
        "INSERT INTO instance (sop_instance, variant, patient, study, series, blob, document_hash, received_us, record) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING instance",
    )
    .bind(record.sop_instance.as_str())
    .bind(i64::from(variant))
    .bind(patient.0)
    .bind(record.study.as_str())
    .bind(record.series.as_str())
    .bind(blob.0.as_slice())
    .bind(document.0.as_slice())
    .bind(at.0)
    .bind(text)
    .fetch_one(&mut *connection)
    .await?;
    if let Some(header) = header {
        headers::keep(connection, instance, header).await?;
    }
    Ok(match variant {
        0 => InstanceOutcome::New { patient },
        variant => InstanceOutcome::Conflict { patient, variant },
    })
}

fn stored(row: &SqliteRow) -> Result<StoredInstance, ArchiveError> {
    let bad = |why: &str| ArchiveError::Row {
        table: "instance",
        why: why.to_owned(),
    };
    Ok(StoredInstance {
        record: serde_json::from_str(row.try_get(0)?).map_err(ArchiveError::row("instance"))?,
        patient: PatientKey(row.try_get(1)?),
        blob: BlobName::from_slice(row.try_get(2)?).ok_or_else(|| bad("a name is not 32 bytes"))?,
        document: DocumentHash(
            row.try_get::<&[u8], _>(3)?
                .try_into()
                .map_err(|_| bad("a hash is not 32 bytes"))?,
        ),
        received: Instant(row.try_get(4)?),
        variant: u32::try_from(row.try_get::<i64, _>(5)?)
            .map_err(|_| bad("a variant is out of range"))?,
    })
}

fn has_identifier(identity: &Identity) -> bool {
    identity
        .identifiers
        .iter()
        .any(|i| !i.value.trim().is_empty())
}

/// JSON has no infinity: a geometry with a number that is none is no geometry.
fn finite(mut record: InstanceRecord) -> InstanceRecord {
    let all = |numbers: &[f64]| numbers.iter().all(|n| n.is_finite());
    record.position = record.position.filter(|p| all(p));
    record.orientation = record.orientation.filter(|o| all(o));
    record.pixel_spacing = record.pixel_spacing.filter(|s| all(s));
    record.slice_thickness = record.slice_thickness.filter(|t| t.is_finite());
    record
}

fn order(i: &StoredInstance) -> (&str, Option<i32>, &str, Option<i32>, &str, u32) {
    let r = &i.record;
    (
        r.study.as_str(),
        r.series_number,
        r.series.as_str(),
        r.instance_number,
        r.sop_instance.as_str(),
        i.variant,
    )
}
