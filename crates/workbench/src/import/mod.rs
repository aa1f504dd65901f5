//! Import: files, folders and ZIP archives into the archive, one outcome a file; a bad file never stops the rest.
//!
//! ```text
//! paths ─walk─▶ files ─sniff─▶ worker (read in a locked process) ─▶ batch ─▶ blobs, rows, commit ─▶ acknowledged, reported
//! ```
//!
//! The bytes that were read are the bytes that are stored: a file is read once, and the worker gets a sealed copy.

mod asking;
mod documents;
mod instances;
mod report;
mod walk;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

use triptych_archive::{PatientOutcome, QuestionId};
use triptych_clinical::{Instant, PatientKey};
use triptych_record::{CsvMapping, Intake, ReadError};
use triptych_worker::{Priority, Source, Ticket};

use crate::{Core, WorkbenchError, Workers};
use documents::{Documents, Stored};
use instances::{Pending, Ready};
use walk::{Sniffed, sniff};

pub use report::{FileReport, FileState, ImportReport, Progress, Watch};
pub(crate) use walk::files as files_below;

/// Larger files are refused by name: they would not fit the memory that an import may take.
const LARGEST_FILE: u64 = 4 << 30;

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
