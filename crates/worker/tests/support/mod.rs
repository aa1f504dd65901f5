//! The shelf, and pools of the test's worker.
#![allow(dead_code, clippy::print_stdout)]

use std::{
    env,
    fs::{self, File},
    num::NonZero,
    path::{Path, PathBuf},
    time::Duration,
};

use triptych_worker::{Options, Pool, Role, Source};

/// A place on the shelf; `None` when there is none here, which is said.
pub fn shelf(test: &str, place: &str) -> Option<PathBuf> {
    let own = || {
        let own = PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap());
        let root = own
            .ancestors()
            .find(|folder| folder.join("tauri.conf.json").is_file())?;
        Some(root.parent()?.join("shared"))
    };
    let shelf = env::var_os("TRIPTYCH_SHARED")
        .map(PathBuf::from)
        .or_else(own);
    let found = shelf
        .map(|shelf| shelf.join(place))
        .filter(|path| path.exists());
    if found.is_none() {
        println!("SHELF ABSENT: {test}");
    }
    found
}

/// A pool whose workers do what `how` says; "honest" is the product's worker.
pub fn options(role: Role, how: &str) -> Options {
    Options {
        program: Some(env!("CARGO_BIN_EXE_triptych-worker-liar").into()),
        arguments: vec![how.into()],
        workers: NonZero::new(2).unwrap(),
        // A machine that builds other things beside is slow; no honest job here takes a tenth of it on a free one.
        time_limit: Duration::from_secs(if how == "honest" { 30 } else { 2 }),
        ..Options::new(role)
    }
}

pub fn pool(role: Role, how: &str) -> Pool {
    Pool::start(&options(role, how)).unwrap()
}

pub fn source(path: &Path) -> Source {
    Source::from_file(File::open(path).unwrap()).unwrap()
}

/// The files of a folder, by name.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    files
}
