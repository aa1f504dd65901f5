//! `triptych bench`: timed work, JSON lines with the keys of the peers, whatever `--json` says.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use serde_json::json;
use triptych_worker::bench::{self, RenderOptions};
use triptych_worker::{Options, Role};

use crate::arguments::{Arguments, Bench, Windowed};
use crate::output::Exit;
use crate::system;

pub fn run(arguments: &Arguments, command: Bench) -> anyhow::Result<Exit> {
    match command {
        Bench::Open {
            folder,
            stored: true,
            again,
        } => line(&triptych_workbench::bench::open_archived(&folder, again)?)?,
        Bench::Open { folder, .. } => line(&bench::open_series(&folder, None)?)?,
        Bench::Timeline {
            store,
            fhir,
            seconds,
        } => {
            for figures in triptych_workbench::bench::timeline(&store, fhir.as_deref(), seconds)? {
                line(&figures)?;
            }
        }
        Bench::Scan { folder } => line(&bench::scan(&folder, None)?)?,
        Bench::Decode {
            folder,
            seconds,
            threads,
        } => {
            let mut options = Options::new(Role::Decode);
            options.workers = threads.unwrap_or(options.workers);
            let time = Duration::from_secs_f64(seconds);
            for figures in bench::decode_with(&folder, time, &options)? {
                line(&figures)?;
            }
        }
        Bench::Render {
            folder,
            cases,
            seconds,
        } => {
            let cases = cases.split(',').map(str::trim).filter(|c| !c.is_empty());
            let options = RenderOptions {
                cases: cases.map(str::to_owned).collect(),
                time: Duration::from_secs_f64(seconds),
                workers: Options::new(Role::Decode),
            };
            for figures in bench::render(&folder, &options)? {
                line(&figures)?;
            }
        }
        Bench::Start(shown) => return window(arguments, "start", &shown),
        Bench::Frame(shown) => return window(arguments, "frame", &shown),
        Bench::Scroll(shown) => return window(arguments, "scroll", &shown),
    }
    Ok(Exit::Done)
}

/// A case as the window says it.
#[derive(Deserialize)]
struct Case {
    case: String,
    ms: Vec<f64>,
    least_painted: f64,
    painter: String,
}

/// Starts the window program beside this one, which times itself, and prints what it says. Its process start counts from here.
fn window(arguments: &Arguments, work: &str, shown: &Windowed) -> anyhow::Result<Exit> {
    let began = Instant::now();
    let mut window = system::window(arguments, shown.renderer)?;
    window.args(["--time", work, "--size", &shown.size]);
    for (name, value) in [("--patient", &shown.patient), ("--study", &shown.study)] {
        if let Some(value) = value {
            window.arg(name).arg(value);
        }
    }
    let mut child = window
        .stdout(Stdio::piped())
        .spawn()
        .context("the window program cannot be started")?;
    let said = child.stdout.take().context("the window says nothing")?;
    let mut first_image_s = None;
    for said in BufReader::new(said).lines() {
        let said = said?;
        let case: Case = serde_json::from_str(&said).context("the window says something else")?;
        if case.case == "first_image" {
            first_image_s = Some(began.elapsed().as_secs_f64());
            continue;
        }
        let mut ms = case.ms;
        ms.sort_by(f64::total_cmp);
        line(&json!({
            "peer": "triptych", "work": work, "case": case.case, "n": ms.len(),
            "ms": bench::percentile(&ms, 0.5), "p95_ms": bench::percentile(&ms, 0.95),
            "p99_ms": bench::percentile(&ms, 0.99), "most_ms": ms.last(),
            "least_painted": case.least_painted, "painter": case.painter,
        }))?;
    }
    let status = child.wait()?;
    if let (Some(first_image_s), "start") = (first_image_s, work) {
        line(
            &json!({ "peer": "triptych", "work": work, "case": "", "first_image_s": first_image_s }),
        )?;
    }
    Ok(match status.code() {
        Some(0) => Exit::Done,
        Some(3) => Exit::ArchiveClosed,
        _ => Exit::Nothing,
    })
}

fn line(figures: &impl Serialize) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string(figures)?);
    Ok(())
}
