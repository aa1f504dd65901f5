//! What can be said to `triptych`; docs/CLI.md is the same for people.

use std::num::NonZero;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use triptych_workbench::IndexTime;
use triptych_workbench::summary::Paper;

/// Diagnostic workstation: images, record and signals of one patient. Investigational: not a medical device.
#[derive(Parser, Debug)]
#[command(version, propagate_version = true)]
pub struct Arguments {
    /// Folder of the archive; default: the platform's data folder
    #[arg(long, global = true, value_name = "DIR")]
    pub archive: Option<PathBuf>,
    /// Key file (0600); default: the keyring, or a key file where none runs
    #[arg(long, global = true, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// One JSON document on standard output
    #[arg(long, global = true)]
    pub json: bool,
    /// Results only, no progress
    #[arg(long, global = true)]
    pub quiet: bool,
    /// Index time: RFC 3339 or a date (then its end)
    #[arg(long, global = true, value_name = "TIME", value_parser = triptych_workbench::index_time)]
    pub at: Option<IndexTime>,
    /// Log level: error, warn, info, debug, trace
    #[arg(long, global = true, default_value = "error", value_name = "LEVEL", value_parser = ["off", "error", "warn", "info", "debug", "trace"])]
    pub log: String,
    /// What to do; without it the window opens
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The commands.
#[derive(Subcommand, Clone, Debug)]
pub enum Command {
    /// Import DICOM files, folders, ZIP, FHIR bundles, NDJSON, C-CDA, HL7 v2 and mapped CSV
    Import {
        /// Files and folders
        #[arg(required_unless_present = "suggest")]
        paths: Vec<PathBuf>,
        /// How all CSV files are to be read, instead of NAME.csv.toml or mapping.toml beside them
        #[arg(long, value_name = "FILE")]
        mapping: Option<PathBuf>,
        /// Print a mapping for a CSV file, for a person to check, and import nothing
        #[arg(long, value_name = "FILE.csv", conflicts_with_all = ["paths", "mapping", "dry_run"])]
        suggest: Option<PathBuf>,
        /// Read and judge, store nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// What a file is, a digest of every frame, and why it cannot be shown
    Inspect {
        /// Files and folders
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// Compare with an expected.json of reference facts
        #[arg(long, value_name = "FILE")]
        expected: Option<PathBuf>,
    },
    /// Stacks with their geometry
    Series {
        /// Files and folders
        paths: Vec<PathBuf>,
        /// Series of a patient of the archive instead
        #[arg(long, value_name = "ID")]
        patient: Option<String>,
        /// Compare with an expected.json of reference geometry, whose folder the files lie below
        #[arg(long, value_name = "FILE", conflicts_with = "patient")]
        expected: Option<PathBuf>,
    },
    /// Who is in the archive
    Patients {
        /// Words of the name or identifier
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
    },
    /// Say that two records are one person: audited, reversible
    Link {
        /// Key or identifier of a record
        a: String,
        /// Key or identifier of the other
        b: String,
        /// Why
        #[arg(long, default_value = "said on the command line")]
        reason: String,
    },
    /// Take a link back
    Unlink {
        /// Key or identifier of a record
        a: String,
        /// Key or identifier of the other
        b: String,
        /// Why
        #[arg(long, default_value = "said on the command line")]
        reason: String,
    },
    /// Questions of identity that wait for a person
    Identity {
        /// list or answer
        #[command(subcommand)]
        command: Identity,
    },
    /// The record of a patient at --at
    Show {
        /// Key or identifier
        patient: String,
    },
    /// Signals with their basis, pathway options, findings of models
    Analyze {
        /// Key or identifier
        patient: String,
        /// Findings of models before an own impression is recorded; the reason is kept: read_elsewhere, no_time, not_my_reading, teaching
        #[arg(long, value_name = "REASON", value_parser = see_now)]
        see_now: Option<String>,
    },
    /// The patient at --at on one printable page
    Summary {
        /// Key or identifier
        patient: String,
        /// Where it goes: .pdf, or .png for a picture of it; never over a file that is there
        #[arg(long, value_name = "FILE.pdf|FILE.png", value_parser = paper)]
        out: PathBuf,
    },
    /// The rules
    Rules {
        /// list, eval or dashboard
        #[command(subcommand)]
        command: Rules,
    },
    /// Pathway packs
    Pathways {
        /// list, check, export or import
        #[command(subcommand)]
        command: Pathways,
    },
    /// Measures of the program over the archive's past
    Evaluate {
        /// lead-time
        #[command(subcommand)]
        command: Evaluate,
    },
    /// The text of notes: what is named, and what is said of it
    Notes {
        /// assert or read
        #[command(subcommand)]
        command: Notes,
    },
    /// A picture of a series as PNG
    Render(Render),
    /// Model packages: lane D shows nothing until one is enabled
    Model {
        /// list, verify, enable or disable
        #[command(subcommand)]
        command: Model,
    },
    /// The audit trail
    Audit {
        /// verify or show
        #[command(subcommand)]
        command: Audit,
    },
    /// Timed work
    Bench {
        /// open
        #[command(subcommand)]
        command: Bench,
    },
    /// Open the window at a patient or on files
    Open(Open),
    /// What works here, what does not, and what to do
    Doctor,
}

/// Commands on questions of identity.
#[derive(Subcommand, Clone, Debug)]
pub enum Identity {
    /// The open ones; both identities field by field
    List {
        /// Those that are answered, too
        #[arg(long)]
        all: bool,
    },
    /// Answer one: audited; a link is taken back by unlink
    Answer {
        /// Its number
        id: i64,
        /// What
        #[arg(value_enum)]
        answer: Verdict,
        /// Why
        #[arg(long)]
        reason: String,
    },
}

/// What is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Verdict {
    /// The two records are linked.
    OnePerson,
    /// They stay apart; a file that waits stays out.
    Apart,
    /// The file that waits is filed as a record of its own.
    OwnRecord,
}

/// Commands on the rules.
#[derive(Subcommand, Clone, Debug)]
pub enum Rules {
    /// Every rule with id, version, lane and citation
    List,
    /// Run a file of vectors
    Eval {
        /// The file
        file: PathBuf,
        /// Only this rule; may be repeated
        #[arg(long = "rule", value_name = "R2")]
        rules: Vec<String>,
        /// Only this vector; may be repeated
        #[arg(long = "id", value_name = "R2-07")]
        ids: Vec<String>,
        /// Print the basis of each vector
        #[arg(long)]
        explain: bool,
    },
    /// How each rule fared in a month, from the archive's audit trail: shown, acknowledged, decided
    Dashboard {
        /// The month (UTC); default: this one
        #[arg(long, value_name = "YYYY-MM")]
        month: Option<String>,
    },
}

/// Commands on pathway packs.
#[derive(Subcommand, Clone, Debug)]
pub enum Pathways {
    /// The packs that come with the program
    List,
    /// Load packs and run their tests: every error with file, line, column and field
    Check {
        /// Packs, or folders with packs
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
    /// A pack as a FHIR R4 Bundle: PlanDefinition, ActivityDefinitions, Library
    Export {
        /// Id of a shipped pack, or a pack's file
        id: String,
        /// Where the JSON goes; default: standard output
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// A Bundle that export wrote, checked and tested, back to the text of a pack
    Import {
        /// The JSON
        file: PathBuf,
        /// Where the TOML goes; default: standard output
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// Measures of the program itself.
#[derive(Subcommand, Clone, Debug)]
pub enum Evaluate {
    /// How much earlier a signal would have appeared than the record's own first sign, and at what cost in false alerts
    LeadTime(LeadTime),
}

/// Arguments of `evaluate lead-time`. What is said here goes before what the cohort file says.
#[derive(Args, Clone, Debug)]
pub struct LeadTime {
    /// Cohort file (TOML): name, patients, rules, from, to, severity, seed, rules_hash
    #[arg(long, value_name = "FILE")]
    pub cohort: Option<PathBuf>,
    /// Rules, separated by commas; default: those of every condition
    #[arg(long, value_name = "R3,R16", value_delimiter = ',')]
    pub rules: Option<Vec<String>>,
    /// First day of the period
    #[arg(long, value_name = "DATE")]
    pub from: Option<String>,
    /// Last day of the period
    #[arg(long, value_name = "DATE")]
    pub to: Option<String>,
    /// Least severity of a fire that counts: info, low, moderate, high
    #[arg(long, value_name = "SEVERITY")]
    pub severity: Option<String>,
    /// Seed of every random draw
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Index times of the replay
    #[arg(long, value_enum, default_value_t)]
    pub step: Step,
    /// Folder of the report; made when absent
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// Index times of a replay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Step {
    /// Every time at which something became known.
    #[default]
    Event,
}

/// Commands on the text of notes.
#[derive(Subcommand, Clone, Debug)]
pub enum Notes {
    /// Measure negation on a table of labelled sentences
    Assert {
        /// Tab-separated: id, concept, sentence, negation, temporality, experiencer; one header line
        file: PathBuf,
    },
    /// Sections, sentences, findings with what is said of them, and candidates of a text file
    Read {
        /// The file
        file: PathBuf,
    },
}

/// Commands on model packages.
#[derive(Subcommand, Clone, Debug)]
pub enum Model {
    /// What is installed
    List,
    /// Signature, hashes and self-test
    Verify {
        /// Only this one
        name: Option<String>,
    },
    /// Let a model show findings in this archive: audited
    Enable {
        /// Name or id
        name: String,
        /// Who says so
        #[arg(long)]
        by: String,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Take that back
    Disable {
        /// Name or id
        name: String,
        /// Who says so
        #[arg(long)]
        by: String,
        /// Why
        #[arg(long)]
        reason: String,
    },
}

/// Commands on the audit trail.
#[derive(Subcommand, Clone, Debug)]
pub enum Audit {
    /// Is the chain whole?
    Verify,
    /// Who did what, newest first
    Show {
        /// How many
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
}

/// Timed work.
#[derive(Subcommand, Clone, Debug)]
pub enum Bench {
    /// A folder into memory as one ordered volume
    Open {
        /// The folder
        folder: PathBuf,
        /// From an encrypted archive of its own, into which the folder is imported first; the import is not timed
        #[arg(long)]
        stored: bool,
        /// The second opening from there, by a program that was started anew
        #[arg(long, requires = "stored")]
        again: bool,
    },
    /// A record of 100,000 observations opened and analysed, 100,000 notes searched: over a store of `make_timeline.py --ndjson`, imported beside it
    /// at the first run
    #[command(alias = "search")]
    Timeline {
        /// The store
        store: PathBuf,
        /// FHIR bundles to be read, too
        #[arg(long)]
        fhir: Option<PathBuf>,
        /// Time for each case
        #[arg(long, default_value_t = 2.0, value_parser = seconds)]
        seconds: f64,
    },
    /// What lists need of every file of a tree, without pixels
    Scan {
        /// The folder
        folder: PathBuf,
    },
    /// Every compressed frame again and again from memory, a line for each transfer syntax
    Decode {
        /// The folder
        folder: PathBuf,
        /// Time for each transfer syntax
        #[arg(long, default_value_t = 2.0, value_parser = seconds)]
        seconds: f64,
        /// Workers; default: as many as cores
        #[arg(long)]
        threads: Option<NonZero<usize>>,
    },
    /// Planes, slabs, the window and volume rendering of a folder, drawn without a GPU, a line for each case
    Render {
        /// The folder
        folder: PathBuf,
        /// Only these, separated by commas
        #[arg(long, default_value = "", hide_default_value = true)]
        cases: String,
        /// Time for each case
        #[arg(long, default_value_t = 2.0, value_parser = seconds)]
        seconds: f64,
    },
    /// From the start of the window's process to its first image; needs a display
    Start(Windowed),
    /// Frames of the window: painted anew, with a moved pointer, unchanged; needs a display
    Frame(Windowed),
    /// Scrolling while a series loads and afterwards; needs a display
    Scroll(Windowed),
}

/// What the window of `bench start|frame|scroll` shows.
#[derive(Args, Clone, Debug)]
pub struct Windowed {
    /// Key or identifier of a patient in the archive
    #[arg(long, value_name = "ID", required_unless_present = "study")]
    pub patient: Option<String>,
    /// Study Instance UID
    #[arg(long, value_name = "UID", conflicts_with = "patient")]
    pub study: Option<String>,
    /// Width and height of the window
    #[arg(long, value_name = "WxH", default_value = "1600x1000")]
    pub size: String,
    /// Which painter
    #[arg(long, value_enum, default_value_t)]
    pub renderer: Painter,
}

/// A file whose ending says what a page is written as.
fn paper(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match Paper::of(&path) {
        Some(_) => Ok(path),
        None => Err("a summary is written as .pdf or .png".to_owned()),
    }
}

/// A reason of the list why model output is seen before an own impression (D-17).
fn see_now(text: &str) -> Result<String, String> {
    let reasons = triptych_workbench::see_now_reasons();
    if reasons.iter().any(|(code, _)| *code == text) {
        return Ok(text.to_owned());
    }
    let codes: Vec<&str> = reasons.iter().map(|(code, _)| *code).collect();
    Err(format!("one of {}", codes.join(", ")))
}

/// A time that is worth measuring and ends.
fn seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| "no number".to_owned())?;
    if (0.0..=3600.0).contains(&seconds) {
        Ok(seconds)
    } else {
        Err("0 to 3600".to_owned())
    }
}

/// How a picture is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PictureKind {
    /// One slice of a stack.
    Stack,
}

/// Which painter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Painter {
    /// The GPU where a real one is, else the CPU.
    #[default]
    Auto,
    /// WGSL on any adapter, also a software one.
    Gpu,
    /// The CPU twins.
    Cpu,
}

/// Arguments of `render`.
#[derive(Args, Clone, Debug)]
pub struct Render {
    /// Files or a folder of one series
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// What to draw
    #[arg(long, value_enum, default_value = "stack")]
    pub view: PictureKind,
    /// Where the PNG goes
    #[arg(long, short, value_name = "FILE")]
    pub output: PathBuf,
    /// Slice in reading order, from 1; default: the middle one
    #[arg(long)]
    pub index: Option<usize>,
    /// Window centre and width in modality units
    #[arg(long, num_args = 2, value_names = ["CENTRE", "WIDTH"], allow_hyphen_values = true)]
    pub window: Option<Vec<f64>>,
    /// Invert the grey scale
    #[arg(long)]
    pub invert: bool,
    /// Width and height in pixels; default: those of the image
    #[arg(long, num_args = 2, value_names = ["WIDTH", "HEIGHT"])]
    pub size: Option<Vec<u32>>,
    /// Which painter
    #[arg(long, value_enum, default_value_t)]
    pub renderer: Painter,
}

/// Arguments of `open`.
#[derive(Args, Clone, Debug, Default)]
pub struct Open {
    /// Key or identifier of a patient
    #[arg(long, value_name = "ID")]
    pub patient: Option<String>,
    /// Study Instance UID
    #[arg(long, value_name = "UID")]
    pub study: Option<String>,
    /// Which painter
    #[arg(long, value_enum, default_value_t)]
    pub renderer: Painter,
    /// Files to import and show
    pub paths: Vec<PathBuf>,
}
