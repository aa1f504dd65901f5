//! ARCHITECTURE.md is held to `cargo metadata`.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use crate::support::root;

type Edges = BTreeSet<(String, String)>;

fn metadata() -> Value {
    let out = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--locked"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(
        out.status.success(),
        "cargo metadata: {}",
        String::from_utf8_lossy(&out.stderr)
    );
    serde_json::from_slice(&out.stdout).expect("cargo metadata prints JSON")
}

fn short(name: &str) -> String {
    match name {
        "triptych" => "src-tauri".to_owned(),
        other => other.trim_start_matches("triptych-").to_owned(),
    }
}

/// Normal and build dependencies of each member on any package, by name.
fn dependencies(meta: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let members: BTreeSet<&str> = meta["workspace_members"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let mut found = BTreeMap::new();
    for package in meta["packages"].as_array().unwrap() {
        if !members.contains(package["id"].as_str().unwrap()) || package["name"] == "xtask" {
            continue;
        }
        let on = package["dependencies"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|d| d["kind"] != "dev")
            .map(|d| d["name"].as_str().unwrap().to_owned())
            .collect();
        found.insert(package["name"].as_str().unwrap().to_owned(), on);
    }
    found
}

fn drawn() -> Edges {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let list = text
        .split("```text")
        .nth(1)
        .and_then(|t| t.split("```").next())
        .expect("ARCHITECTURE.md has a text block of arrows");
    list.lines()
        .filter_map(|line| line.split_once("->"))
        .flat_map(|(from, to)| {
            to.split(',')
                .map(|to| (from.trim().to_owned(), to.trim().to_owned()))
                .collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn the_crates_depend_on_each_other_as_architecture_md_draws() {
    let meta = metadata();
    let deps = dependencies(&meta);
    let real: Edges = deps
        .iter()
        .flat_map(|(from, on)| {
            on.iter()
                .filter(|d| d.starts_with("triptych-"))
                .map(|to| (short(from), short(to)))
                .collect::<Vec<_>>()
        })
        .collect();
    let drawn = drawn();
    let undrawn: Vec<_> = real.difference(&drawn).map(|(a, b)| format!("`{a}` -> `{b}` is not an arrow in ARCHITECTURE.md: go another way, or draw it and say why")).collect();
    let unreal: Vec<_> = drawn
        .difference(&real)
        .map(|(a, b)| {
            format!("`{a}` -> `{b}` is drawn in ARCHITECTURE.md, but no such dependency exists")
        })
        .collect();
    assert!(
        undrawn.is_empty() && unreal.is_empty(),
        "{}",
        [undrawn, unreal].concat().join("\n")
    );
}

/// What each crate must never know, as far as its dependencies can tell.
#[test]
fn crates_keep_clear_of_what_they_must_never_know() {
    let deps = dependencies(&metadata());
    let mut wrong = Vec::new();
    let mut only = |outside: &str, allowed: &[&str]| {
        for (package, on) in &deps {
            if on.contains(outside) && !allowed.contains(&short(package).as_str()) {
                wrong.push(format!(
                    "`{}` depends on `{outside}`, which only {allowed:?} may",
                    short(package)
                ));
            }
        }
    };
    only("sqlx", &["archive"]);
    only("libsqlite3-sys", &["archive"]);
    only("ort", &["inference"]);
    only("egui", &["ui", "shell"]);
    only("wgpu", &["render", "shell"]);
    only("tauri", &["shell", "src-tauri"]);
    only("gtk", &["shell"]);
    only(
        "tokio",
        &["archive", "workbench", "worker", "shell", "src-tauri"],
    );
    only("dicom-object", &["imaging"]);
    for network in ["reqwest", "hyper", "ureq", "tungstenite", "tonic"] {
        only(network, &[]);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn clippy_toml_closes_the_doors_that_style_names() {
    let text = std::fs::read_to_string(root().join("clippy.toml")).unwrap();
    for door in [
        "std::time::SystemTime::now",
        "std::env::temp_dir",
        "print_stdout",
        "Color32::from_rgb",
        "std::fs::File::create",
    ] {
        assert!(text.contains(door), "clippy.toml does not name {door}");
    }
}

/// D-25: no text of a card is written by a language model; none can be, since nothing that runs one is linked.
#[test]
fn d_25_nothing_that_writes_text_by_itself_is_linked() {
    let meta = metadata();
    let packages = meta["packages"].as_array().unwrap();
    let names: Vec<&str> = packages.iter().filter_map(|p| p["name"].as_str()).collect();
    assert!(names.contains(&"ort"), "the list is whole");
    for part in [
        "llama",
        "llm",
        "gpt",
        "openai",
        "tokenizers",
        "candle",
        "mistral",
        "whisper",
    ] {
        let found = names.iter().find(|n| n.contains(part));
        assert_eq!(found, None, "{part}");
    }
}
