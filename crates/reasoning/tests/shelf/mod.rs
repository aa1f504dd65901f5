//! Patients from folders of FHIR documents, for the example and the tests that read the shelf.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use triptych_clinical::{Fact, FactId, Identity, Instant};
use triptych_reasoning::lead_time::Subject;

/// What was read.
#[derive(Default)]
pub struct Shelf {
    /// Each person once, numbered in the order of a hash of the identifier.
    pub subjects: Vec<Subject>,
    /// Patient records before records of one identifier were joined.
    pub records: usize,
}

/// Documents below a folder, in the order of their names.
fn documents(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|e| e.ok().map(|e| e.path()))
        .collect();
    entries.sort();
    for path in entries {
        let is = |x: &str| path.extension().is_some_and(|e| e == x);
        if path.is_dir() {
            documents(&path, found);
        } else if is("json") || is("ndjson") {
            found.push(path);
        }
    }
}

/// Reads folders; each is one import, so that the files of a bulk export find their patients. What is no clinical document is left out.
pub fn read(folders: &[PathBuf]) -> Shelf {
    let mut persons: BTreeMap<String, (Identity, Vec<Fact>)> = BTreeMap::new();
    let mut shelf = Shelf::default();
    for folder in folders {
        let mut files = Vec::new();
        documents(folder, &mut files);
        let read = |file: &PathBuf| {
            let bytes = std::fs::read(file).ok()?;
            triptych_record::read(&bytes, Instant::default()).ok()
        };
        let mut records: Vec<_> = files
            .iter()
            .filter_map(read)
            .flat_map(|i| i.patients)
            .collect();
        let known: BTreeMap<String, Identity> = records
            .iter()
            .filter_map(|r| Some((r.source_id.clone(), r.identity.clone()?)))
            .collect();
        shelf.records += known.len();
        for record in &mut records {
            if let Some(identity) = known.get(&record.source_id) {
                record.bind(identity);
            }
            let Some(identity) = record.identity.clone() else {
                continue;
            };
            let key = format!("{:?}", identity.identifiers.first());
            let person = persons.entry(key).or_insert_with(|| (identity, Vec::new()));
            person.1.append(&mut record.facts);
        }
    }
    let mut persons: Vec<(String, Identity, Vec<Fact>)> = persons
        .into_iter()
        .map(|(key, (identity, facts))| (FactId::of(&[&key]).to_string(), identity, facts))
        .collect();
    persons.sort_by(|a, b| a.0.cmp(&b.0));
    for (number, (_, identity, mut facts)) in (1..).zip(persons) {
        // The same resource from two exports is one datum.
        let mut seen = BTreeSet::new();
        facts.retain(|f| seen.insert((f.id, f.version)));
        shelf.subjects.push(Subject {
            number,
            identity,
            facts,
        });
    }
    shelf
}
