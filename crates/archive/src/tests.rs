//! What the archive promises, by requirement id. Each group has its folder page; here is what they share.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::disallowed_macros
)]

mod crash;
mod documents;
mod durable;
mod edits;
mod identity;
mod images;
mod opening;
mod secrecy;
mod statements;
mod trail;

use std::collections::BTreeMap;
use std::future::Future;
use std::path::{Path, PathBuf};

use triptych_clinical::{
    DocumentHash, Fact, FactId, FactKind, Identifier, Identity, InstanceRecord, Instant, Origin,
    Provenance, Quantity, SeriesUid, Sex, SopClassUid, SopInstanceUid, StudyUid, TransferSyntaxUid,
    Value, When,
};

use crate::{Archive, ArchiveError, By, ImportDocument, KeySource, NewInstance};

pub(super) const LATER: Instant = Instant(4_000_000_000_000_000);

pub(super) fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()
        .unwrap()
        .block_on(work)
}

/// A folder of its own, with an archive's place and a key file's place in it.
pub(super) struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub(super) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(super) fn archive(&self) -> PathBuf {
        self.folder.path().join("archive")
    }

    pub(super) fn key_file(&self) -> PathBuf {
        self.folder.path().join("keys").join("archive.key")
    }

    pub(super) fn keys(&self) -> KeySource {
        KeySource::File(self.key_file())
    }

    pub(super) async fn open(&self) -> Result<Archive, ArchiveError> {
        Archive::open(&self.archive(), self.keys()).await
    }
}

impl Archive {
    /// An end without order: what a crash leaves, as far as one process can show it.
    pub(super) async fn abandon(self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

pub(super) fn by(seconds: i64) -> By {
    By::new("reader", Instant::from_seconds(1_700_000_000 + seconds))
}

pub(super) fn identity(mrn: &str) -> Identity {
    Identity {
        identifiers: vec![Identifier {
            issuer: "urn:hospital".into(),
            kind: "MR".into(),
            value: mrn.into(),
        }],
        family: "Hyatt".into(),
        given: "Neva".into(),
        birth_date: When::parse("1970-05-28").ok(),
        sex: Sex::Female,
        ..Identity::default()
    }
}

/// A laboratory value named by `id`, released on `available`.
pub(super) fn fact(id: &str, value: f64, available: &str) -> Fact {
    let available = When::parse(available).unwrap();
    Fact {
        display: id.into(),
        value: Value::Quantity(Quantity {
            value,
            written: value.to_string().into(),
            comparator: None,
            unit: Some("mg/dL".into()),
            unit_text: None,
        }),
        effective: Some(available),
        available,
        ..Fact::new(
            FactId::of(&[id]),
            FactKind::Observation,
            Instant::from_seconds(1_700_000_000),
            Provenance::new(DocumentHash([0; 32]), "Bundle.entry[0]", None),
        )
    }
}

pub(super) fn note(id: &str, text: &str, available: &str) -> Fact {
    Fact {
        kind: FactKind::Note,
        value: Value::None,
        text: Some(text.into()),
        ..fact(id, 0.0, available)
    }
}

/// A document made of `bytes`: its facts say that they are from it.
pub(super) fn document(bytes: &[u8], patients: Vec<(Identity, Vec<Fact>)>) -> ImportDocument {
    let hash = DocumentHash::of(bytes);
    let mut patients = patients;
    for fact in patients.iter_mut().flat_map(|(_, facts)| facts) {
        fact.provenance.document = hash;
    }
    ImportDocument {
        hash,
        name: "bundle.json".into(),
        kind: "fhir-bundle".into(),
        bytes: Some(bytes.to_vec()),
        patients,
        counts: BTreeMap::from([("Observation".to_owned(), 1)]),
    }
}

pub(super) fn instance(mrn: &str, study: u32, number: i32, bytes: Vec<u8>) -> NewInstance {
    let uid = |tail: String| format!("1.2.840.99.{tail}");
    NewInstance {
        record: InstanceRecord {
            study: StudyUid::new(&uid(format!("{study}"))).unwrap(),
            series: SeriesUid::new(&uid(format!("{study}.1"))).unwrap(),
            sop_instance: SopInstanceUid::new(&uid(format!("{study}.1.{number}"))).unwrap(),
            sop_class: SopClassUid::new("1.2.840.10008.5.1.4.1.1.2").unwrap(),
            transfer_syntax: TransferSyntaxUid::new("1.2.840.10008.1.2.1").unwrap(),
            identity: identity(mrn),
            study_time: When::parse("2021-02-22").ok(),
            series_time: None,
            study_description: "Thorax".into(),
            series_description: "2.5 mm".into(),
            accession: String::new(),
            modality: "CT".into(),
            body_part: "CHEST".into(),
            view_position: String::new(),
            series_number: Some(1),
            instance_number: Some(number),
            volume_attributes: std::collections::BTreeMap::new(),
            frames: 1,
            rows: 512,
            columns: 512,
            frame_of_reference: None,
            position: Some([0.0, 0.0, f64::from(number) * 2.5]),
            orientation: Some([1.0, 0.0, 0.0, 0.0, 1.0, 0.0]),
            pixel_spacing: Some([0.7, 0.7]),
            slice_thickness: Some(2.5),
            image_type: "ORIGINAL\\PRIMARY\\AXIAL".into(),
            unreadable: None,
            file_bytes: bytes.len() as u64,
        },
        header: None,
        bytes,
    }
}

/// Bytes that depend on `seed` only.
pub(super) fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut out = vec![0; length];
    blake3::Hasher::new()
        .update(&seed.to_le_bytes())
        .finalize_xof()
        .fill(&mut out);
    out
}

pub(super) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}
