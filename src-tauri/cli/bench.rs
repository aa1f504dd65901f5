//! `triptych bench`: timed work, JSON lines with the keys of the peers, whatever `--json` says.

use std::time::Duration;

use serde::Serialize;
use triptych_worker::bench::{self, RenderOptions};
use triptych_worker::{Options, Role};

use crate::arguments::Bench;
use crate::output::Exit;

pub fn run(command: Bench) -> anyhow::Result<Exit> {
    match command {
        Bench::Open { folder } => line(&bench::open_series(&folder, None)?)?,
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
                program: None,
            };
            for figures in bench::render(&folder, &options)? {
                line(&figures)?;
            }
        }
    }
    Ok(Exit::Done)
}

fn line(figures: &impl Serialize) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string(figures)?);
    Ok(())
}
