//! The model of the repository in a locked worker, over films that are made here. The runtime is found by `TRIPTYCH_ONNXRUNTIME`, else in
//! the cache of `cargo xtask`.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod support;

use std::{
    env,
    path::{Path, PathBuf},
};

use triptych_inference::{Outcome, Runtime};
use triptych_worker::{Options, Pool, Priority, Source};

/// An element in Explicit VR Little Endian with a short length.
fn element(group: u16, element: u16, vr: &str, value: &[u8]) -> Vec<u8> {
    let mut value = value.to_vec();
    if value.len() % 2 == 1 {
        value.push(if vr == "UI" { 0 } else { b' ' });
    }
    let mut out = [group.to_le_bytes(), element.to_le_bytes()].concat();
    out.extend(vr.as_bytes());
    if vr == "OW" || vr == "OB" {
        out.extend([0, 0]);
        out.extend(u32::try_from(value.len()).unwrap().to_le_bytes());
    } else {
        out.extend(u16::try_from(value.len()).unwrap().to_le_bytes());
    }
    out.extend(value);
    out
}

/// A film of somebody who is 60 by its header.
fn film(modality: &str, view: &str, blank: bool) -> Vec<u8> {
    let (rows, columns) = (200u16, 180u16);
    let value = |k: u32| -> u16 {
        let (x, y) = (k % u32::from(columns), k / u32::from(columns));
        let dx = f64::from(x) / f64::from(columns) - 0.5;
        let dy = f64::from(y) / f64::from(rows) - 0.5;
        let lungs = 1800.0 * (-((dx.abs() - 0.25).powi(2) / 0.01 + dy * dy / 0.06)).exp();
        if blank { 2000 } else { (2600.0 - lungs) as u16 }
    };
    let cells = u32::from(rows) * u32::from(columns);
    let pixels: Vec<u8> = (0..cells).flat_map(|k| value(k).to_le_bytes()).collect();
    let sop_class = b"1.2.840.10008.5.1.4.1.1.1.1";
    let meta = [
        element(2, 1, "OB", &[0, 1]),
        element(2, 2, "UI", sop_class),
        element(2, 3, "UI", b"1.2.3.4"),
        element(2, 0x10, "UI", b"1.2.840.10008.1.2.1"),
        element(2, 0x12, "UI", b"1.2.3"),
    ]
    .concat();
    let length = u32::try_from(meta.len()).unwrap().to_le_bytes();
    let body = [
        element(8, 0x16, "UI", sop_class),
        element(8, 0x18, "UI", b"1.2.3.4"),
        element(8, 0x20, "DA", b"20200615"),
        element(8, 0x60, "CS", modality.as_bytes()),
        element(0x10, 0x10, "PN", b"Made^Up"),
        element(0x10, 0x20, "LO", b"1"),
        element(0x10, 0x30, "DA", b"19600101"),
        element(0x18, 0x15, "CS", b"CHEST"),
        element(0x18, 0x5101, "CS", view.as_bytes()),
        element(0x20, 0x0D, "UI", b"1.2.3.1"),
        element(0x20, 0x0E, "UI", b"1.2.3.2"),
        element(0x28, 2, "US", &1u16.to_le_bytes()),
        element(0x28, 4, "CS", b"MONOCHROME2"),
        element(0x28, 0x10, "US", &rows.to_le_bytes()),
        element(0x28, 0x11, "US", &columns.to_le_bytes()),
        element(0x28, 0x100, "US", &16u16.to_le_bytes()),
        element(0x28, 0x101, "US", &12u16.to_le_bytes()),
        element(0x28, 0x102, "US", &11u16.to_le_bytes()),
        element(0x28, 0x103, "US", &0u16.to_le_bytes()),
        element(0x7FE0, 0x10, "OW", &pixels),
    ]
    .concat();
    [
        vec![0; 128],
        b"DICM".to_vec(),
        element(2, 0, "UL", &length),
        meta,
        body,
    ]
    .concat()
}

fn root() -> PathBuf {
    let own = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap());
    let mut folders = own.ancestors();
    let root = folders.find(|folder| folder.join("tauri.conf.json").is_file());
    root.unwrap().to_owned()
}

fn library(test: &str) -> Option<PathBuf> {
    let from = |name: &str| env::var_os(name).map(PathBuf::from);
    let cache = from("TRIPTYCH_CACHE")
        .or_else(|| from("XDG_CACHE_HOME").map(|c| c.join("triptych")))
        .or_else(|| from("HOME").map(|h| h.join(".cache/triptych")));
    let place = from("TRIPTYCH_ONNXRUNTIME")
        .or_else(|| cache.map(|cache| cache.join("onnxruntime-1.32.0")));
    let library = place.and_then(|place| Runtime::find(&place));
    if library.is_none() {
        println!("RUNTIME ABSENT: {test}");
    }
    library
}

fn pool(library: Option<&Path>, package: &Path) -> Pool {
    let mut options = Options::infer(library, package, None)
        .with_program(env!("CARGO_BIN_EXE_triptych-worker-liar"));
    options.arguments.push("honest".into());
    Pool::start(&options).unwrap()
}

fn ask(pool: &Pool, film: &[u8], age: Option<u16>) -> Outcome {
    let source = Source::from_bytes(film).unwrap();
    pool.infer(&source, age, Priority::Visible).wait().unwrap()
}

/// MDL-02, MDL-03, MDL-07: behind the walls the self-test holds, the film has a finding, and every node is accounted for.
#[test]
fn mdl_02_mdl_07_a_locked_worker_gives_a_finding_with_its_provider() {
    let Some(library) = library("mdl_02_mdl_07") else {
        return;
    };
    let pool = pool(Some(&library), &root().join("models/heart-size-reference"));
    let outcome = ask(&pool, &film("DX", "PA", false), None);
    let Outcome::Findings(findings) = &outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(findings.len(), 1);
    let provider = &findings[0].provider;
    assert!(provider.nodes_on_cpu > 0, "{provider}");
    assert_eq!(ask(&pool, &film("DX", "PA", false), Some(60)), outcome);
    let blank = ask(&pool, &film("DX", "PA", true), None);
    let Outcome::Withheld(reasons) = &blank else {
        panic!("{blank:?}");
    };
    assert!(reasons[0].contains("blank"), "{reasons:?}");
}

/// MDL-06, MDL-12: a refusal needs no runtime, and is not a failure.
#[test]
fn mdl_06_mdl_12_without_a_runtime_a_refusal_keeps_its_reason() {
    let pool = pool(None, &root().join("models/heart-size-reference"));
    for (modality, view, age, expected) in [
        ("CT", "PA", None, "modality is CT"),
        ("DX", "LL", None, "view is LL"),
        ("DX", "PA", Some(4), "age 4 years"),
    ] {
        let outcome = ask(&pool, &film(modality, view, false), age);
        let Outcome::Withheld(reasons) = &outcome else {
            panic!("{outcome:?}");
        };
        assert!(reasons[0].contains(expected), "{reasons:?}");
    }
    let outcome = ask(&pool, &film("DX", "PA", false), None);
    let expected = "ONNX Runtime is not installed here";
    assert_eq!(outcome, Outcome::Failed(expected.into()));
}

#[test]
fn mdl_01_a_folder_that_is_no_package_is_a_failure_with_its_reason() {
    let pool = pool(None, &root().join("models"));
    let outcome = ask(&pool, &film("DX", "PA", false), None);
    assert!(matches!(&outcome, Outcome::Failed(why) if why.contains("no model.toml")));
}
