//! DICOM files of an import: read by workers while others are found, stored in batches, cut ones judged last.

use std::collections::BTreeMap;

use triptych_archive::{InstanceOutcome, NewInstance};
use triptych_worker::{DicomRead, Priority, Source, Ticket};

use super::{FileReport, FileState, Run};
use crate::WorkbenchError;
use crate::pixels::kept_header;

/// Bytes that wait to be stored in one transaction; more would only delay the acknowledgement.
const BATCH_BYTES: usize = 48 << 20;
/// Instances in one transaction.
const BATCH_COUNT: usize = 64;
/// Files that workers look at while others are read.
const IN_FLIGHT: usize = 16;
/// Bytes of files that workers look at, unless a single one is larger.
const IN_FLIGHT_BYTES: usize = 256 << 20;

/// First problem of a file that was cut.
const CUT: &str = "its Pixel Data is cut short: what is missing is shown as padding";

/// A DICOM file whose header a worker reads.
pub(super) struct Pending {
    name: String,
    bytes: Vec<u8>,
    ticket: Ticket<DicomRead>,
}

/// A DICOM file that was read and waits for its transaction.
pub(super) struct Ready {
    name: String,
    instance: NewInstance,
    problems: Vec<String>,
}

impl Run<'_> {
    pub(super) fn dicom(&mut self, name: String, bytes: Vec<u8>) -> Result<(), WorkbenchError> {
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

    pub(super) fn take_oldest(&mut self) -> Result<(), WorkbenchError> {
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

    pub(super) fn store_instances(&mut self) -> Result<(), WorkbenchError> {
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
    pub(super) fn judge_cut(&mut self) -> Result<(), WorkbenchError> {
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
}
