//! Results to standard output, progress to standard error, exit codes as documented.

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use serde::Serialize;
use triptych_workbench::import::{FileReport, FileState, Progress, Watch};
use triptych_workbench::{Core, Settings, WorkbenchError};

use crate::arguments::Arguments;

/// How a command ended (docs/CLI.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0
    Done,
    /// 1: done, but some inputs were refused or a check did not hold.
    NotAll,
    /// 3: the archive cannot be opened.
    ArchiveClosed,
    /// 4: nothing could be done.
    Nothing,
    /// 130
    Cancelled,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::NotAll => 1,
            Exit::ArchiveClosed => 3,
            Exit::Nothing => 4,
            Exit::Cancelled => 130,
        })
    }
}

/// Exit code of an error.
pub fn exit_of(error: &anyhow::Error) -> Exit {
    match error.downcast_ref::<WorkbenchError>() {
        Some(e) if e.is_archive_unopenable() => Exit::ArchiveClosed,
        _ => Exit::Nothing,
    }
}

/// Where results go.
pub struct Output {
    json: bool,
    quiet: bool,
}

impl Output {
    pub const fn new(json: bool, quiet: bool) -> Self {
        Self { json, quiet }
    }

    /// Prints `value` as JSON, or `text`.
    pub fn print(
        &self,
        value: &impl Serialize,
        text: impl FnOnce() -> String,
    ) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        let written = if self.json {
            serde_json::to_writer_pretty(&mut out, value)
                .map_err(std::io::Error::from)
                .and_then(|()| out.write_all(b"\n"))
        } else {
            out.write_all(text().as_bytes())
        };
        match written {
            // A reader that has seen enough (`| head`) is no error.
            Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            other => Ok(other?),
        }
    }

    /// Something that listens to an import and says how far it is.
    pub fn progress(&self) -> ImportProgress {
        ImportProgress {
            quiet: self.quiet,
            terminal: std::io::stderr().is_terminal(),
            last: None,
        }
    }
}

/// Progress on standard error: one line that changes on a terminal, a line every two seconds elsewhere.
pub struct ImportProgress {
    quiet: bool,
    terminal: bool,
    last: Option<Instant>,
}

impl Watch for ImportProgress {
    fn file(&mut self, report: &FileReport, progress: &Progress) {
        if self.quiet {
            return;
        }
        // The durable outcome of a file, for whoever must know what is safe.
        if std::env::var_os("TRIPTYCH_ACKNOWLEDGE").is_some()
            && matches!(report.state, FileState::Ok | FileState::Duplicate)
        {
            // One write: whoever reads it never sees half of a name.
            let line = format!("stored {}\n", report.file);
            let _ = std::io::stderr().write_all(line.as_bytes());
            return;
        }
        let every = if self.terminal {
            Duration::from_millis(100)
        } else {
            Duration::from_secs(2)
        };
        if self.last.is_some_and(|t| t.elapsed() < every) {
            return;
        }
        self.last = Some(Instant::now());
        let text = format!(
            "{} of {} files, {:.1} MB stored",
            progress.done,
            progress.total,
            progress.bytes as f64 / 1e6
        );
        if self.terminal {
            eprint!("\r{text}   ");
        } else {
            eprintln!("{text}");
        }
    }

    fn cancelled(&self) -> bool {
        false
    }
}

impl Drop for ImportProgress {
    fn drop(&mut self) {
        if self.terminal && self.last.is_some() && !self.quiet {
            eprintln!();
        }
    }
}

/// Folder of the archive when none is named: `$XDG_DATA_HOME/triptych`, else below the home folder.
pub fn default_archive() -> anyhow::Result<PathBuf> {
    let data = std::env::var_os("XDG_DATA_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".local/share")));
    Ok(data
        .ok_or_else(|| {
            anyhow::anyhow!(
                "neither XDG_DATA_HOME nor HOME is set: name the archive with --archive"
            )
        })?
        .join("triptych"))
}

/// Settings of the archive as the arguments say.
pub fn settings(arguments: &Arguments) -> anyhow::Result<Settings> {
    let archive = match &arguments.archive {
        Some(folder) => folder.clone(),
        None => default_archive()?,
    };
    Ok(Settings {
        archive,
        key_file: arguments.key_file.clone(),
        worker: None,
    })
}

/// Opens the archive, runs `work`, and closes it in order whatever came of it.
pub fn with_core<T>(
    arguments: &Arguments,
    work: impl FnOnce(&Core) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let core = Core::open(&settings(arguments)?)?;
    let done = work(&core);
    core.close()?;
    done
}
