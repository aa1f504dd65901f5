//! The audit trail, read.

use serde::Serialize;
use triptych_archive::AuditEntry;

use crate::{Core, WorkbenchError};

/// Whether the chain is whole.
#[derive(Clone, Debug, Serialize)]
pub struct AuditVerdict {
    /// Entries that are whole, from the first.
    pub whole: i64,
    /// The first that is not, and why.
    pub broken: Option<(i64, String)>,
}

impl AuditVerdict {
    /// No entry is broken.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.broken.is_none()
    }

    /// In one line.
    #[must_use]
    pub fn words(&self) -> String {
        match &self.broken {
            None => format!("the audit trail is whole: {} entries", self.whole),
            Some((entry, why)) => format!(
                "the audit trail is broken at entry {entry}: {why}; {} entries before it are whole",
                self.whole
            ),
        }
    }
}

impl Core {
    /// Checks the whole chain.
    ///
    /// # Errors
    /// When the archive cannot be read.
    pub fn verify_audit(&self) -> Result<AuditVerdict, WorkbenchError> {
        let report = self.wait(self.archive().verify_audit())?;
        Ok(AuditVerdict {
            whole: report.whole,
            broken: report.broken,
        })
    }

    /// The newest entries, newest first.
    ///
    /// # Errors
    /// When the archive cannot be read.
    pub fn audit_entries(&self, limit: u32) -> Result<Vec<AuditEntry>, WorkbenchError> {
        Ok(self.wait(self.archive().audit_entries(limit))?)
    }
}
