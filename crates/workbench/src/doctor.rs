//! What works on this machine, what is off, and what to do: the text of `triptych doctor` and of the about page.

use serde::Serialize;
use triptych_archive::ArchiveStats;

use crate::view::MachineView;
use crate::{Core, WorkbenchError, Workers, models};

/// How a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Health {
    /// It works.
    Works,
    /// It works, but look.
    Look,
    /// Not there, and not needed.
    Off,
    /// Needed, and does not work.
    Broken,
}

/// One line of the report.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// What.
    pub name: String,
    /// How it stands.
    pub health: Health,
    /// Facts in words.
    pub text: String,
    /// What to do, where something can be done.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub remedy: String,
}

/// The whole report.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// In the order in which they are shown.
    pub lines: Vec<Line>,
}

impl Line {
    /// A line without a remedy.
    #[must_use]
    pub fn new(name: &str, health: Health, text: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            health,
            text: text.into(),
            remedy: String::new(),
        }
    }

    /// With what to do.
    #[must_use]
    pub fn remedy(self, remedy: &str) -> Self {
        Self {
            remedy: remedy.to_owned(),
            ..self
        }
    }
}

impl Report {
    /// All that is needed works.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        self.lines.iter().all(|l| l.health != Health::Broken)
    }

    /// As printed: one line each, and what to do below.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!(
            "Triptych {} · investigational: not a medical device\n",
            env!("CARGO_PKG_VERSION")
        );
        for line in &self.lines {
            let word = match line.health {
                Health::Works => "works ",
                Health::Look => "look  ",
                Health::Off => "off   ",
                Health::Broken => "BROKEN",
            };
            text += &format!("{word}  {:<14} {}\n", line.name, line.text);
            if !line.remedy.is_empty() {
                text += &format!("        {:<14} {}\n", "", line.remedy);
            }
        }
        text
    }
}

/// Lines that need no archive: workers, models, machine.
#[must_use]
pub fn machine_lines(workers: &Workers) -> Vec<Line> {
    let mut lines = Vec::new();
    let level = workers.decode().map(|pool| walls(pool.level()));
    lines.push(match level {
        Ok(level) => Line::new("workers", Health::Works, format!("files are opened in locked processes: {level}")),
        Err(error) => Line::new("workers", Health::Broken, error.to_string()).remedy("no file is opened without its walls: check the kernel's seccomp and Landlock, and that triptych-worker lies beside this program"),
    });
    lines.extend(models::doctor_lines());
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    lines.push(Line::new(
        "processor",
        Health::Works,
        format!("{cores} cores, {}", std::env::consts::ARCH),
    ));
    lines
}

/// What holds a worker in, in words.
fn walls(level: &triptych_worker::Level) -> String {
    let filters = match level.seccomp {
        Ok(n) => format!("{n} seccomp filters"),
        Err(errno) => format!("no seccomp (error {errno})"),
    };
    let limits = if level.limits { "limits" } else { "no limits" };
    format!("{limits}, Landlock {:?}, {filters}", level.landlock)
}

/// Lines of the archive.
///
/// # Errors
/// When it cannot be read.
pub fn archive_lines(core: &Core) -> Result<Vec<Line>, WorkbenchError> {
    let stats = core.wait(core.archive().stats())?;
    let mut lines = vec![
        Line::new(
            "archive",
            Health::Works,
            format!(
                "SQLCipher {} on SQLite {}, schema {}, {} patients, {} fact versions, {} instances",
                stats.sqlcipher,
                stats.sqlite,
                stats.schema,
                stats.patients,
                stats.facts,
                stats.instances
            ),
        ),
        Line::new(
            "size",
            Health::Works,
            format!(
                "{} (database {}, log {}, {} files {})",
                size(&stats),
                bytes(stats.database_bytes),
                bytes(stats.wal_bytes),
                stats.blobs,
                bytes(stats.blob_bytes)
            ),
        ),
        Line::new("key", Health::Works, format!("in {}", stats.key_place)),
    ];
    let free = Line::new(
        "disk",
        if stats.disk_free < 1 << 30 {
            Health::Look
        } else {
            Health::Works
        },
        format!("{} free", bytes(stats.disk_free)),
    );
    lines.push(if stats.disk_free < 1 << 30 {
        free.remedy("free some space before the next import")
    } else {
        free
    });
    let recovery = core.archive().recovery();
    if recovery.unclean {
        lines.push(Line::new("last end", Health::Look, format!("the program did not end in order; {} temporary and {} orphan files were removed, {} stored files are missing", recovery.temporaries, recovery.orphans, recovery.missing.len())));
    }
    Ok(lines)
}

fn size(stats: &ArchiveStats) -> String {
    bytes(stats.database_bytes + stats.wal_bytes + stats.blob_bytes)
}

/// `1.2 GB`, decimal units as disks are sold.
fn bytes(n: u64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "one decimal is shown")]
    let n = n as f64;
    match n {
        n if n >= 1e9 => format!("{:.1} GB", n / 1e9),
        n if n >= 1e6 => format!("{:.1} MB", n / 1e6),
        n if n >= 1e3 => format!("{:.0} kB", n / 1e3),
        n => format!("{n} bytes"),
    }
}

/// What the status bar and the about page say.
pub(crate) fn machine(core: &Core) -> MachineView {
    let mut report = Report::default();
    let archive = match archive_lines(core) {
        Ok(lines) => {
            report.lines.extend(lines);
            core.wait(core.archive().stats())
                .map(|s| format!("archive {}", size(&s)))
                .unwrap_or_default()
        }
        Err(error) => {
            report
                .lines
                .push(Line::new("archive", Health::Broken, error.to_string()));
            "archive not readable".to_owned()
        }
    };
    report.lines.extend(machine_lines(core.workers()));
    MachineView {
        processor: models::processor().0,
        processor_reason: models::processor().1,
        archive,
        doctor: report.text(),
    }
}
