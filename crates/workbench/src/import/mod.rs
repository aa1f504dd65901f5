//! Import: files, folders and ZIP archives into the archive, one outcome a file; a bad file never stops the rest.
//!
//! ```text
//! paths ─walk─▶ files ─sniff─▶ worker (read in a locked process) ─▶ batch ─▶ blobs, rows, commit ─▶ acknowledged, reported
//! ```
//!
//! The bytes that were read are the bytes that are stored: a file is read once, and the worker gets a sealed copy.

mod asking;
mod documents;
mod walk;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;
use triptych_archive::{ImportOutcome, InstanceOutcome, NewInstance, PatientOutcome, QuestionId};
use triptych_clinical::{Instant, PatientKey};
use triptych_record::{CsvMapping, Intake, ReadError};
use triptych_worker::{DicomRead, Priority, Source, Ticket};

use crate::pixels::kept_header;
use crate::{Core, WorkbenchError, Workers};
use documents::{Documents, Stored};
use walk::{Sniffed, sniff};

pub(crate) use walk::files as files_below;

/// Bytes that wait to be stored in one transaction; more would only delay the acknowledgement.
const BATCH_BYTES: usize = 48 << 20;
/// Instances in one transaction.
const BATCH_COUNT: usize = 64;
/// Files that workers look at while others are read.
const IN_FLIGHT: usize = 16;
/// Bytes of files that workers look at, unless a single one is larger.
const IN_FLIGHT_BYTES: usize = 256 << 20;
/// Larger files are refused by name: they would not fit the memory that an import may take.
const LARGEST_FILE: u64 = 4 << 30;

/// First problem of a file that was cut.
const CUT: &str = "its Pixel Data is cut short: what is missing is shown as padding";

/// What became of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileState {
    /// Stored whole.
    Ok,
    /// It was there already.
    Duplicate,
    /// Stored, but something in it was not usable.
    Partly,
    /// Its identity contradicts what is known: waits for a person.
    Conflict,
    /// Not stored.
    Refused,
}

/// One file of an import.
#[derive(Clone, Debug, Serialize)]
pub struct FileReport {
    /// Path as named or found; entries of a ZIP follow its path after `!`.
    pub file: String,
    /// State.
    pub state: FileState,
    /// `DICOM`, `FHIR R4 Bundle (transaction)` …
    pub kind: String,
    /// What and why, for every state but ok.
    pub reason: String,
    /// Counts by kind over the file, as its source holds them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub counts: BTreeMap<String, u64>,
    /// Single things that were not usable, with their places.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
}

/// What an import did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ImportReport {
    /// One entry a file, in the order of their outcome.
    pub files: Vec<FileReport>,
    /// Instances stored.
    pub instances: u64,
    /// Documents stored.
    pub documents: u64,
    /// Facts seen for the first time.
    pub facts: u64,
    /// New versions of known facts.
    pub versions: u64,
    /// Instances and documents that were there already.
    pub duplicates: u64,
    /// Questions of identity that its files ask, of earlier imports included where they ask again.
    pub questions: usize,
    /// Bytes looked at.
    pub bytes: u64,
    /// Stopped by the user.
    pub cancelled: bool,
}

/// How far an import is.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// Files done.
    pub done: usize,
    /// Files found so far.
    pub total: usize,
    /// Bytes stored so far.
    pub bytes: u64,
}

/// Who listens to a running import. Called from the importing thread.
pub trait Watch {
    /// After each file. What it reports is durable.
    fn file(&mut self, report: &FileReport, progress: &Progress);
    /// Asked before each file.
    fn cancelled(&self) -> bool;
}

/// Nobody listens.
impl Watch for () {
    fn file(&mut self, _: &FileReport, _: &Progress) {}
    fn cancelled(&self) -> bool {
        false
    }
}

/// A flag that a second thread may raise.
impl Watch for &AtomicBool {
    fn file(&mut self, _: &FileReport, _: &Progress) {}
    fn cancelled(&self) -> bool {
        self.load(Ordering::Relaxed)
    }
}

impl ImportReport {
    /// Files of a state.
    #[must_use]
    pub fn count(&self, state: FileState) -> usize {
        self.files.iter().filter(|f| f.state == state).count()
    }

    /// Not a single file was refused, partly read or in conflict.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.files
            .iter()
            .all(|f| matches!(f.state, FileState::Ok | FileState::Duplicate))
    }
}

impl FileReport {
    fn refused(file: String, kind: &str, reason: impl Into<String>) -> Self {
        Self {
            file,
            state: FileState::Refused,
            kind: kind.to_owned(),
            reason: reason.into(),
            counts: BTreeMap::new(),
            problems: Vec::new(),
        }
    }

    /// What became of a document that was read without a fault. One that was there may still bring something: what was in conflict when it
    /// came first.
    fn stored(&mut self, outcome: &ImportOutcome) {
        if let Some(conflict) = outcome.conflicts().next() {
            self.state = FileState::Conflict;
            self.reason = conflict.reason.to_string();
        } else if outcome.known_document
            && outcome.new + outcome.versions == 0
            && self.state == FileState::Ok
        {
            self.state = FileState::Duplicate;
            self.reason = "the same document is in the archive".to_owned();
        }
    }
}

/// A DICOM file whose header a worker reads.
struct Pending {
    name: String,
    bytes: Vec<u8>,
    ticket: Ticket<DicomRead>,
}

/// A DICOM file that was read and waits for its transaction.
struct Ready {
    name: String,
    instance: NewInstance,
    problems: Vec<String>,
}

struct Run<'a> {
    core: &'a Core,
    /// The import's own: those of the open patient are ended when the next one comes, with all that they are at.
    workers: Workers,
    watch: &'a mut dyn Watch,
    report: ImportReport,
    progress: Progress,
    pending: VecDeque<Pending>,
    pending_bytes: usize,
    ready: Vec<Ready>,
    /// Files whose Pixel Data is cut: judged last, when it is known whether the instance is there whole (T24, T58).
    cut: Vec<Ready>,
    ready_bytes: usize,
    documents: Documents,
    /// Records that facts were filed under.
    touched: BTreeSet<PatientKey>,
    /// Questions of identity that wait for a person.
    asked: BTreeSet<QuestionId>,
    /// The mapping of all CSV files, where one was named.
    mapping: Option<PathBuf>,
    dry: bool,
}

impl Core {
    /// Imports `paths`. Returns when everything that it reports as stored is durable.
    ///
    /// With `dry`, files are read and judged, and nothing is stored.
    ///
    /// # Errors
    /// When the archive stops accepting (disk full, damaged): what the report so far told is safe. A file that cannot be used is no error
    /// but an entry of the report.
    pub fn import(
        &self,
        paths: &[PathBuf],
        dry: bool,
        watch: &mut dyn Watch,
    ) -> Result<ImportReport, WorkbenchError> {
        self.import_with(paths, None, dry, watch)
    }

    /// A mapping for a CSV file, as TOML for a person to check; or why there is none.
    ///
    /// # Errors
    /// When no worker can be had.
    pub fn suggest_mapping(&self, path: &Path) -> Result<Result<String, String>, WorkbenchError> {
        let bytes = match walk::read(path, LARGEST_FILE) {
            Ok(bytes) => bytes,
            Err(reason) => return Ok(Err(reason)),
        };
        let source = Source::from_bytes(&bytes)?;
        let workers = Workers::new(self.workers().program().map(Path::to_owned));
        let ticket = workers.read()?.suggest_csv(&source, Priority::Background);
        Ok(match ticket.wait() {
            Ok(Ok(mapping)) => Ok(mapping),
            Ok(Err(error)) => Err(error.to_string()),
            Err(loss) => Err(loss.to_string()),
        })
    }

    /// As [`import`](Self::import); CSV files are read as `mapping` says, or else as the mapping beside them does.
    ///
    /// # Errors
    /// As of `import`.
    pub fn import_with(
        &self,
        paths: &[PathBuf],
        mapping: Option<&Path>,
        dry: bool,
        watch: &mut dyn Watch,
    ) -> Result<ImportReport, WorkbenchError> {
        let files = walk::files(paths);
        let program = self.workers().program();
        let mut run = Run {
            core: self,
            workers: Workers::new(program.map(Path::to_owned)),
            watch,
            report: ImportReport::default(),
            progress: Progress {
                total: files.len(),
                ..Progress::default()
            },
            pending: VecDeque::new(),
            pending_bytes: 0,
            ready: Vec::new(),
            cut: Vec::new(),
            ready_bytes: 0,
            documents: Documents::default(),
            touched: BTreeSet::new(),
            asked: BTreeSet::new(),
            mapping: mapping.map(Path::to_owned),
            dry,
        };
        for found in files {
            if run.watch.cancelled() {
                run.report.cancelled = true;
                break;
            }
            match found {
                Ok(path) => run.file(&path)?,
                Err((path, reason)) => {
                    run.tell(FileReport::refused(path.display().to_string(), "", reason))
                }
            }
        }
        run.finish()
    }
}

impl Run<'_> {
    fn tell(&mut self, report: FileReport) {
        self.progress.done += 1;
        self.watch.file(&report, &self.progress);
        self.report.files.push(report);
    }

    fn file(&mut self, path: &Path) -> Result<(), WorkbenchError> {
        let name = path.display().to_string();
        if walk::is_mapping(path) {
            self.tell(FileReport {
                state: FileState::Ok,
                ..FileReport::refused(name, "CSV mapping", "")
            });
            return Ok(());
        }
        match walk::read(path, LARGEST_FILE) {
            Ok(bytes) => self.bytes(
                name,
                path.parent().unwrap_or(Path::new("")).display().to_string(),
                bytes,
                0,
            ),
            Err(reason) => {
                self.tell(FileReport::refused(name, "", reason));
                Ok(())
            }
        }
    }

    /// One file's bytes, wherever they came from. `scope` names the folder or archive it came with: one export.
    fn bytes(
        &mut self,
        name: String,
        scope: String,
        bytes: Vec<u8>,
        depth: u8,
    ) -> Result<(), WorkbenchError> {
        self.report.bytes += bytes.len() as u64;
        match sniff(&bytes) {
            Sniffed::Dicom => self.dicom(name, bytes),
            Sniffed::Json => self.record(name, scope, bytes, "FHIR"),
            Sniffed::Hl7 => self.record(name, scope, bytes, "HL7 v2"),
            Sniffed::Text if walk::is_csv(&name) => self.csv(name, scope, bytes, depth),
            Sniffed::Text => {
                self.tell(FileReport::refused(name, "", walk::UNKNOWN_TEXT));
                Ok(())
            }
            Sniffed::Zip if depth == 0 => self.zip(&name, &bytes),
            Sniffed::Zip => {
                self.tell(FileReport::refused(
                    name,
                    "ZIP",
                    "an archive inside an archive is not opened: unpack it first",
                ));
                Ok(())
            }
            Sniffed::Unknown(why) => {
                self.tell(FileReport::refused(name, "", why));
                Ok(())
            }
        }
    }

    fn dicom(&mut self, name: String, bytes: Vec<u8>) -> Result<(), WorkbenchError> {
        let ticket = {
            let source = Source::from_bytes(&bytes)?;
            self.workers
                .decode()?
                .read_dicom(&source, Priority::Background)
        };
        self.pending_bytes += bytes.len();
        self.pending.push_back(Pending {
            name,
            bytes,
            ticket,
        });
        while self.pending.len() > IN_FLIGHT || self.pending_bytes > IN_FLIGHT_BYTES {
            self.take_oldest()?;
        }
        Ok(())
    }

    fn take_oldest(&mut self) -> Result<(), WorkbenchError> {
        let Some(Pending {
            name,
            bytes,
            ticket,
        }) = self.pending.pop_front()
        else {
            return Ok(());
        };
        self.pending_bytes -= bytes.len();
        match ticket.wait() {
            Ok(read) => {
                let problems = read
                    .problems
                    .iter()
                    .map(|p| format!("{}: {}", p.place, p.reason))
                    .collect();
                let ready = Ready {
                    name,
                    instance: NewInstance {
                        header: kept_header(&read),
                        record: read.record,
                        bytes,
                    },
                    problems,
                };
                if read.complete {
                    self.ready_bytes += ready.instance.bytes.len();
                    self.ready.push(ready);
                } else {
                    self.cut.push(ready);
                }
            }
            Err(loss) => self.tell(FileReport::refused(name, "DICOM", loss.to_string())),
        }
        if self.ready.len() >= BATCH_COUNT || self.ready_bytes >= BATCH_BYTES {
            self.store_instances()?;
        }
        Ok(())
    }

    fn store_instances(&mut self) -> Result<(), WorkbenchError> {
        let batch = std::mem::take(&mut self.ready);
        self.ready_bytes = 0;
        if batch.is_empty() {
            return Ok(());
        }
        let mut told = Vec::with_capacity(batch.len());
        let mut instances = Vec::with_capacity(batch.len());
        for Ready {
            name,
            instance,
            problems,
        } in batch
        {
            told.push((
                name,
                instance.bytes.len() as u64,
                instance.record.unreadable.clone(),
                instance.record.identity.clone(),
                problems,
            ));
            instances.push(instance);
        }
        let outcomes = if self.dry {
            Vec::new()
        } else {
            self.core.wait(
                self.core
                    .archive()
                    .import_instances(&self.core.by(), instances),
            )?
        };
        let mut outcomes = outcomes.into_iter();
        for (name, bytes, unreadable, identity, problems) in told {
            let (state, reason) = match outcomes.next() {
                Some(InstanceOutcome::Duplicate { .. }) => {
                    self.report.duplicates += 1;
                    (
                        FileState::Duplicate,
                        "the same instance is in the archive".to_owned(),
                    )
                }
                Some(InstanceOutcome::Conflict { variant, .. }) => (
                    FileState::Conflict,
                    format!(
                        "another file with this SOP Instance UID is in the archive: kept apart as variant {variant}, not shown in its series"
                    ),
                ),
                Some(InstanceOutcome::Identity { conflict, document }) => {
                    self.ask_about(&name, document, conflict, identity)?;
                    (FileState::Conflict, conflict.reason.to_string())
                }
                Some(InstanceOutcome::New { .. }) | None => {
                    self.report.instances += 1;
                    self.progress.bytes += bytes;
                    match unreadable {
                        Some(why) => (
                            FileState::Partly,
                            format!("stored, but its pixels cannot be shown: {why}"),
                        ),
                        None if problems.first().is_some_and(|p| p == CUT) => (
                            FileState::Partly,
                            format!("stored, but {}", problems.join("; ")),
                        ),
                        None => (FileState::Ok, String::new()),
                    }
                }
            };
            self.tell(FileReport {
                file: name,
                state,
                kind: "DICOM".to_owned(),
                reason,
                counts: BTreeMap::new(),
                problems,
            });
        }
        Ok(())
    }

    /// A cut copy of an instance that is there whole is refused by name; any other cut file is stored and marked.
    fn judge_cut(&mut self) -> Result<(), WorkbenchError> {
        for mut ready in std::mem::take(&mut self.cut) {
            let what = ready
                .problems
                .first()
                .cloned()
                .unwrap_or_else(|| "Pixel Data is cut short".to_owned());
            let sop_instance = &ready.instance.record.sop_instance;
            if self
                .core
                .wait(self.core.archive().instance(sop_instance))?
                .is_some()
            {
                self.tell(FileReport::refused(
                    ready.name,
                    "DICOM",
                    format!("cut short ({what}); the same instance is in the archive whole"),
                ));
            } else {
                ready.problems.insert(0, CUT.to_owned());
                self.ready.push(ready);
                self.store_instances()?;
            }
        }
        Ok(())
    }

    fn zip(&mut self, name: &str, bytes: &[u8]) -> Result<(), WorkbenchError> {
        let source = Source::from_bytes(bytes)?;
        let entries = match self
            .workers
            .read()?
            .zip_entries(&source, Priority::Background)
            .wait()
        {
            Ok(entries) => entries,
            Err(loss) => {
                self.tell(FileReport::refused(
                    name.to_owned(),
                    "ZIP",
                    loss.to_string(),
                ));
                return Ok(());
            }
        };
        self.progress.total += entries.len();
        let (mut taken, mut refused) = (0_u64, 0_u64);
        for entry in entries {
            if self.watch.cancelled() {
                self.report.cancelled = true;
                break;
            }
            let inner = format!("{name}!{}", entry.name);
            let got = self
                .workers
                .read()?
                .zip_extract(&source, &entry, Priority::Background)
                .wait();
            match got
                .map_err(|loss| loss.to_string())
                .and_then(|source| walk::contents(&source))
            {
                Ok(bytes) => {
                    taken += 1;
                    self.bytes(inner, name.to_owned(), bytes, 1)?;
                }
                Err(reason) => {
                    refused += 1;
                    self.tell(FileReport::refused(inner, "ZIP entry", reason));
                }
            }
        }
        let counts = BTreeMap::from([
            ("entries".to_owned(), taken),
            ("refused".to_owned(), refused),
        ]);
        self.tell(FileReport {
            file: name.to_owned(),
            state: FileState::Ok,
            kind: "ZIP".to_owned(),
            reason: String::new(),
            counts,
            problems: Vec::new(),
        });
        Ok(())
    }

    fn record(
        &mut self,
        name: String,
        scope: String,
        bytes: Vec<u8>,
        kind: &str,
    ) -> Result<(), WorkbenchError> {
        let source = Source::from_bytes(&bytes)?;
        let ticket =
            self.workers
                .read()?
                .read_record(&source, Instant::now(), Priority::Background);
        self.document(name, scope, bytes, kind, ticket)
    }

    /// A CSV file is read as its mapping says, and never without one.
    fn csv(
        &mut self,
        name: String,
        scope: String,
        bytes: Vec<u8>,
        depth: u8,
    ) -> Result<(), WorkbenchError> {
        let beside = if depth == 0 {
            Path::new(&name)
        } else {
            Path::new("")
        };
        let Some(path) = walk::mapping_of(beside, self.mapping.as_deref()) else {
            let reason = format!(
                "a CSV file without a mapping: put {name}.toml or mapping.toml beside it, or name one with --mapping; `triptych import --suggest \"{name}\"` prints one to begin with"
            );
            self.tell(FileReport::refused(name, "CSV", reason));
            return Ok(());
        };
        let mapping = walk::read(&path, 1 << 20).and_then(|bytes| {
            let text = String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
            CsvMapping::parse(&text).map_err(|e| e.to_string())?;
            Ok(text)
        });
        let mapping = match mapping {
            Ok(mapping) => mapping,
            Err(reason) => {
                let reason = format!("{}: {reason}", path.display());
                self.tell(FileReport::refused(name, "CSV", reason));
                return Ok(());
            }
        };
        let source = triptych_worker::with_reference(mapping.as_bytes(), &bytes)?;
        let ticket = self
            .workers
            .read()?
            .read_csv(&source, Instant::now(), Priority::Background);
        self.document(name, scope, bytes, "CSV", ticket)
    }

    fn document(
        &mut self,
        name: String,
        scope: String,
        bytes: Vec<u8>,
        kind: &str,
        ticket: Ticket<Result<Intake, ReadError>>,
    ) -> Result<(), WorkbenchError> {
        match ticket.wait() {
            Ok(Ok(intake)) => {
                self.documents.add(name, scope, bytes, intake);
                self.store_documents(false)
            }
            Ok(Err(error)) => {
                self.tell(FileReport::refused(name, kind, error.to_string()));
                Ok(())
            }
            Err(loss) => {
                self.tell(FileReport::refused(name, kind, loss.to_string()));
                Ok(())
            }
        }
    }

    /// Stores the documents whose patients are all known; at the `end`, the others too, without what belongs to nobody.
    fn store_documents(&mut self, end: bool) -> Result<(), WorkbenchError> {
        for Stored {
            document,
            mut report,
            tasks,
        } in self.documents.take(end)
        {
            let bytes = document.bytes.as_ref().map_or(0, |b| b.len() as u64);
            if !self.dry {
                let hash = document.hash;
                let people: Vec<_> = document.patients.iter().map(|(i, _)| i.clone()).collect();
                let outcome = self.core.wait(
                    self.core
                        .archive()
                        .import_document(&self.core.by(), document),
                )?;
                self.report.facts += outcome.new;
                self.report.versions += outcome.versions;
                self.touched.extend(outcome.keys());
                for (identity, filed) in people.into_iter().zip(&outcome.patients) {
                    if let PatientOutcome::Conflict(conflict) = filed {
                        self.ask_about(&report.file, hash, *conflict, identity)?;
                    }
                }
                self.ask_for(&report.file, hash, tasks)?;
                report.stored(&outcome);
            }
            if report.state == FileState::Duplicate {
                self.report.duplicates += 1;
            } else {
                self.report.documents += 1;
            }
            self.progress.bytes += bytes;
            self.tell(report);
        }
        Ok(())
    }

    fn finish(mut self) -> Result<ImportReport, WorkbenchError> {
        while !self.pending.is_empty() {
            self.take_oldest()?;
        }
        self.store_instances()?;
        self.judge_cut()?;
        self.store_documents(true)?;
        for patient in std::mem::take(&mut self.touched) {
            self.core.wait(self.core.archive().pack(patient))?;
        }
        self.report.questions = self.asked.len();
        Ok(self.report)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_document_is_a_duplicate_only_when_it_brings_nothing() {
        let state = |known_document, new| {
            let mut report = FileReport {
                state: FileState::Ok,
                ..FileReport::refused("record.json".to_owned(), "FHIR", "")
            };
            report.stored(&ImportOutcome {
                known_document,
                new,
                ..ImportOutcome::default()
            });
            report.state
        };
        assert_eq!(state(false, 5), FileState::Ok);
        assert_eq!(state(true, 0), FileState::Duplicate);
        // Its patient was in conflict at first, and is linked now.
        assert_eq!(state(true, 5), FileState::Ok);
    }
}
