//! `triptych-window`: the window over the workbench.
//!
//! `triptych` (the command line) starts it beside itself for `open`. Exit codes as in `docs/CLI.md`: 0 closed, 1 a screenshot of a window
//! that did not settle, 2 usage, 3 the archive cannot be opened for `--patient`, 4 no display, no painter, nobody of that name.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Parser, ValueEnum};
use triptych_shell::{
    Act, App, AppView, Desk, FrameTimes, Guest, Host, Options, Rehearsal, RendererChoice,
    Screenshot, ShellError,
};
use triptych_workbench::view::Page;
use triptych_workbench::{
    Command, Core, IndexTime, PatientKey, Settings, StudyUid, Workbench, WorkbenchError,
};

/// The window of Triptych. Investigational: not a medical device.
#[derive(Debug, Parser)]
#[command(name = "triptych-window", version)]
struct Arguments {
    /// Folder of the archive
    #[arg(long, value_name = "DIR")]
    archive: Option<PathBuf>,
    /// File that holds the archive's key
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// What paints: a GPU where a real one is, or the processor
    #[arg(long, value_enum, default_value_t)]
    renderer: Painter,
    /// Open this patient: key or identifier
    #[arg(long, value_name = "ID", conflicts_with = "study")]
    patient: Option<String>,
    /// Open the patient of this study
    #[arg(long, value_name = "UID", value_parser = |text: &str| StudyUid::new(text))]
    study: Option<StudyUid>,
    /// Show the record as of this time (RFC 3339, or a date)
    #[arg(long, value_name = "TIME", value_parser = triptych_workbench::index_time)]
    at: Option<IndexTime>,
    /// Start with this desk
    #[arg(long, value_enum)]
    desk: Option<DeskName>,
    /// Width and height of the window in logical pixels
    #[arg(long, value_name = "WxH", default_value = "1600x1000", value_parser = size)]
    size: [u32; 2],
    /// Save a picture of the window here, then end
    #[arg(long, value_name = "FILE")]
    screenshot: Option<PathBuf>,
    /// Wait with it until everything is loaded
    #[arg(long, requires = "screenshot")]
    after_settled: bool,
    /// Time frames of the window and end: what `triptych bench` starts
    #[arg(long, value_enum, hide = true)]
    time: Option<Timed>,
    /// Files and folders to import
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Painter {
    #[default]
    Auto,
    Gpu,
    Cpu,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Timed {
    Start,
    Frame,
    Scroll,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum DeskName {
    Reading,
    Rounds,
}

fn main() -> ExitCode {
    triptych_shell::prepare_process();
    let arguments = Arguments::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_env("TRIPTYCH_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(io::stderr)
        .init();
    match show(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A closed standard error does not change the exit code.
            let _ = writeln!(io::stderr(), "triptych-window: {error:#}");
            ExitCode::from(exit_code(&error))
        }
    }
}

fn exit_code(error: &anyhow::Error) -> u8 {
    let closed = |error: &WorkbenchError| error.is_archive_unopenable();
    if let Some(error) = error.downcast_ref::<ShellError>() {
        error.exit_code()
    } else if error.downcast_ref::<WorkbenchError>().is_some_and(closed) {
        3
    } else {
        4
    }
}

fn show(arguments: Arguments) -> anyhow::Result<()> {
    let settings = Settings {
        archive: arguments.archive.or_else(default_archive).context(
            "there is no place for the archive: set HOME, or name a folder with --archive",
        )?,
        key_file: arguments.key_file,
        worker: None,
    };
    let person = arguments
        .patient
        .as_deref()
        .map(|words| find(&settings, words))
        .transpose()?;
    let opens_patient = person.is_some() || arguments.study.is_some();
    let mut first = match (person, arguments.study) {
        (Some(person), _) => vec![Command::OpenPatient(person)],
        (None, Some(study)) => vec![Command::OpenStudy(study)],
        (None, None) => vec![Command::ShowStart],
    };
    if !arguments.paths.is_empty() {
        first.push(Command::Import(arguments.paths));
    }
    let workbench = Workbench::start(settings, first);
    let (snapshots, commands, unshown) = (workbench.clone(), workbench.clone(), workbench.clone());
    let app = App::new(
        Box::new(move || snapshots.snapshot()),
        Box::new(move |command| commands.send(command)),
    );
    let guest = Clinic {
        workbench,
        at: arguments.at.filter(|_| opens_patient),
        desk: arguments.desk,
        restored: false,
    };
    let options = Options {
        renderer: match arguments.renderer {
            Painter::Auto => RendererChoice::Auto,
            Painter::Gpu => RendererChoice::Gpu,
            Painter::Cpu => RendererChoice::Cpu,
        },
        window: AppView::window(arguments.size.map(f64::from)),
        screenshot: arguments.screenshot.map(|path| Screenshot {
            path,
            after_settled: arguments.after_settled,
            patience: Duration::from_secs(120),
        }),
        rehearsal: arguments.time.map(|timed| Rehearsal {
            act: match timed {
                Timed::Start => Act::Start,
                Timed::Frame => Act::Frame,
                Timed::Scroll => Act::Scroll,
            },
            patience: Duration::from_secs(120),
            report: print_times,
        }),
    };
    let view = Box::new(AppView::new(app, guest));
    let ended = triptych_shell::run(tauri::generate_context!(), options, view);
    if ended.is_err() {
        // A window closes the archive when it closes. Without one a thread would still read it while the process takes itself down.
        unshown.shutdown();
    }
    Ok(ended?)
}

/// One JSON line for `triptych bench`, which waits for it.
fn print_times(times: &FrameTimes) {
    let line = serde_json::json!({
        "case": times.case,
        "ms": times.ms,
        "least_painted": times.least_painted,
        "painter": times.painter,
    });
    let mut out = io::stdout().lock();
    // Nobody listens any more: then nobody misses it.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// The workbench's part in the window.
struct Clinic {
    workbench: Workbench,
    /// Index time asked for, until the patient is there.
    at: Option<IndexTime>,
    desk: Option<DeskName>,
    /// The layout of last time is back.
    restored: bool,
}

impl Guest for Clinic {
    fn start(&mut self, host: &Host) {
        let ctx = host.ctx.clone();
        self.workbench
            .on_change(Arc::new(move || ctx.request_repaint()));
    }

    fn before_frame(&mut self, app: &mut App) -> bool {
        let snapshot = self.workbench.snapshot();
        let is_open = !matches!(snapshot.page, Page::Starting);
        if is_open && !self.restored {
            self.restored = true;
            if let Some(layout) = self.workbench.layout() {
                app.restore_layout(&layout);
            }
            match self.desk {
                Some(DeskName::Reading) => app.set_desk(Desk::Reading),
                Some(DeskName::Rounds) => app.set_desk(Desk::Rounds),
                None => {}
            }
        }
        if matches!(snapshot.page, Page::Patient(_))
            && let Some(at) = self.at.take()
        {
            self.workbench.send(Command::SetIndexTime(Some(at)));
            return true;
        }
        !is_open || self.at.is_some()
    }

    fn close(&mut self, layout: String) {
        if self.restored {
            self.workbench.send(Command::SaveLayout(layout));
        }
        self.workbench.shutdown();
    }
}

/// Opens the archive for as long as it takes to find somebody.
fn find(settings: &Settings, words: &str) -> Result<PatientKey, WorkbenchError> {
    let core = Core::open(settings)?;
    let found = core.find_person(words);
    core.close()?;
    found
}

/// Where the platform keeps a program's data.
fn default_archive() -> Option<PathBuf> {
    let absolute = |name| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    absolute("XDG_DATA_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/share")))
        .map(|data| data.join("triptych"))
}

fn size(text: &str) -> Result<[u32; 2], String> {
    let wanted = || "write it as 1600x1000, each from 320 to 16384".to_owned();
    let (width, height) = text.split_once('x').ok_or_else(wanted)?;
    let side = |text: &str| {
        text.parse()
            .ok()
            .filter(|side| (320..=16_384).contains(side))
    };
    side(width)
        .zip(side(height))
        .map(<[u32; 2]>::from)
        .ok_or_else(wanted)
}
