//! `triptych pathways list`, `check`, `export` and `import`. Packs are read and written as files; nothing is installed.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use triptych_workbench::pathways::{
    Pack, PackError, from_plan_definition, load, shipped, to_plan_definition,
};

use crate::arguments::Pathways;
use crate::output::{Exit, Output};

pub fn run(output: &Output, command: Pathways) -> anyhow::Result<Exit> {
    match command {
        Pathways::List => list(output),
        Pathways::Check { paths } => check(output, &paths),
        Pathways::Export { id, out } => export(output, &id, out.as_deref()),
        Pathways::Import { file, out } => import(output, &file, out.as_deref()),
    }
}

/// The shipped packs; one that does not load is a fault of the program.
fn packs() -> anyhow::Result<&'static [Pack]> {
    shipped().map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("shipped packs do not load: {}", lines.join("; "))
    })
}

fn list(output: &Output) -> anyhow::Result<Exit> {
    let packs = packs()?;
    let rows: Vec<Value> = packs
        .iter()
        .map(|p| {
            json!({
                "id": p.id, "version": p.version, "title": p.title, "nodes": p.node_count(), "options": p.option_count(),
                "tests": p.tests, "reviewed": p.reviewed_on, "valid_until": p.valid_until,
            })
        })
        .collect();
    output.print(&rows, || {
        packs
            .iter()
            .map(|p| {
                format!(
                    "{:<44} {} · {} nodes, {} options · reviewed {} · valid until {}\n",
                    p.name(),
                    p.title,
                    p.node_count(),
                    p.option_count(),
                    p.reviewed_on,
                    p.valid_until
                )
            })
            .collect()
    })?;
    Ok(Exit::Done)
}

/// What became of one file.
struct Checked {
    file: String,
    pack: Option<String>,
    errors: Vec<PackError>,
    warnings: Vec<PackError>,
    text: String,
}

fn check(output: &Output, paths: &[PathBuf]) -> anyhow::Result<Exit> {
    let mut files = Vec::new();
    for path in paths {
        files.extend(packs_below(path)?);
    }
    if files.is_empty() {
        bail!("no pack (.toml) there");
    }
    let checked = files
        .iter()
        .map(|file| check_one(file))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let clean = checked.iter().all(|c| c.errors.is_empty());
    let problem = |e: &PackError| {
        json!({
            "line": e.line, "column": e.column, "code": e.code, "message": e.message, "field": e.field,
        })
    };
    let value: Vec<Value> = checked
        .iter()
        .map(|c| {
            json!({
                "file": c.file, "pack": c.pack,
                "errors": c.errors.iter().map(problem).collect::<Vec<_>>(),
                "warnings": c.warnings.iter().map(problem).collect::<Vec<_>>(),
            })
        })
        .collect();
    output.print(&value, || {
        let mut text = String::new();
        for c in &checked {
            for e in c.errors.iter().chain(&c.warnings) {
                text += &format!("{e}\n");
                if e.code == "P005" {
                    text += &format!("{}\n", e.excerpt(&c.text));
                }
            }
            if let Some(pack) = &c.pack {
                text += &format!("{}: {pack}, {} warnings\n", c.file, c.warnings.len());
            }
        }
        text
    })?;
    Ok(if clean { Exit::Done } else { Exit::NotAll })
}

/// The file itself, or the packs of a folder by name. `reasons.toml` beside them holds the reasons of decisions.
fn packs_below(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in
        std::fs::read_dir(path).with_context(|| format!("{} cannot be read", path.display()))?
    {
        let file = entry?.path();
        let is_pack = file.extension().is_some_and(|e| e == "toml")
            && file.file_name().is_some_and(|n| n != "reasons.toml");
        if is_pack {
            files.push(file);
        }
    }
    files.sort_unstable();
    Ok(files)
}

fn check_one(path: &Path) -> anyhow::Result<Checked> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("{} cannot be read as text", path.display()))?;
    let file = path.display().to_string();
    Ok(match load(&file, &text, None) {
        Ok(pack) => Checked {
            pack: Some(pack.name()),
            errors: Vec::new(),
            warnings: pack.warnings,
            file,
            text,
        },
        Err(errors) => Checked {
            pack: None,
            errors,
            warnings: Vec::new(),
            file,
            text,
        },
    })
}

/// A shipped pack by id, or the pack of a file, as a FHIR Bundle.
fn export(output: &Output, id: &str, out: Option<&Path>) -> anyhow::Result<Exit> {
    let bundle = match packs()?.iter().find(|p| p.id == id || p.name() == id) {
        Some(pack) => to_plan_definition(pack),
        None => {
            let path = Path::new(id);
            if !path.is_file() {
                bail!("no shipped pack and no file is named {id}");
            }
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("{} cannot be read as text", path.display()))?;
            let pack = load(id, &text, None).map_err(|errors| {
                let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
                anyhow::anyhow!("{}", lines.join("; "))
            })?;
            to_plan_definition(&pack)
        }
    };
    let bundle = bundle.map_err(|e| anyhow::anyhow!("the pack cannot be written as JSON: {e}"))?;
    let text = format!("{}\n", serde_json::to_string_pretty(&bundle)?);
    match out {
        Some(path) => write_text(path, &text)?,
        None => output.print(&bundle, || text)?,
    }
    Ok(Exit::Done)
}

/// A Bundle back to the text of a pack, checked like a file and with its own tests run.
fn import(output: &Output, file: &Path, out: Option<&Path>) -> anyhow::Result<Exit> {
    let bytes =
        std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let bundle: Value =
        serde_json::from_slice(&bytes).with_context(|| format!("{} is no JSON", file.display()))?;
    let pack =
        from_plan_definition(&bundle).with_context(|| format!("{} is no pack", file.display()))?;
    let text = pack
        .to_toml()
        .map_err(|e| anyhow::anyhow!("the pack cannot be written as TOML: {e}"))?;
    let Some(path) = out else {
        let value = json!({ "pack": pack.name(), "tests": pack.tests, "toml": text });
        output.print(&value, || text.clone())?;
        return Ok(Exit::Done);
    };
    write_text(path, &text)?;
    let value = json!({ "pack": pack.name(), "tests": pack.tests });
    output.print(&value, || {
        format!("{}, {} tests passed\n", pack.name(), pack.tests)
    })?;
    Ok(Exit::Done)
}

#[allow(
    clippy::disallowed_methods,
    reason = "a file that the user asked for, at the place that the user named"
)]
fn write_text(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
}
