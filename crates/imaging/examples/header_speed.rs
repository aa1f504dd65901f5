//! What reading headers costs: microseconds for a file, median of rounds over a folder held in memory, one thread.
//!
//! `cargo run --release -p triptych-imaging --example header_speed folder [rounds]`

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::disallowed_methods)]

use std::{hint::black_box, time::Instant};

use triptych_imaging::{
    DicomFile,
    head::{Head, HeadRead},
    prescan,
};

fn main() {
    let mut given = std::env::args().skip(1);
    let folder = given.next().unwrap();
    let rounds: usize = given.next().map_or(50, |text| text.parse().unwrap());
    let files: Vec<Vec<u8>> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
        .filter(|bytes| DicomFile::parse(bytes).is_ok_and(|f| f.frame_shape().is_ok()))
        .collect();
    let parsed: Vec<_> = files.iter().map(|b| DicomFile::parse(b).unwrap()).collect();
    let quick = |bytes: &Vec<u8>| matches!(Head::read(bytes, true), HeadRead::Done(_));
    println!(
        "{} files, {} of them by their first part",
        files.len(),
        files.iter().filter(|b| quick(b)).count()
    );
    let time = |name: &str, act: &dyn Fn(usize)| {
        let mut took: Vec<f64> = (0..rounds)
            .map(|_| {
                let start = Instant::now();
                (0..files.len()).for_each(act);
                start.elapsed().as_secs_f64() * 1e6 / files.len().max(1) as f64
            })
            .collect();
        took.sort_by(f64::total_cmp);
        println!("{name:20} {:8.1} µs", took[took.len() / 2]);
    };
    time("head", &|k| {
        black_box(Head::read(&files[k], true));
    });
    time("prescan", &|k| {
        black_box(prescan(&files[k]).is_ok());
    });
    time("parse", &|k| {
        black_box(DicomFile::parse(&files[k]).is_ok());
    });
    time("record", &|k| {
        black_box(parsed[k].record().is_ok());
    });
    time("display_attributes", &|k| {
        black_box(parsed[k].display_attributes(0));
    });
}
