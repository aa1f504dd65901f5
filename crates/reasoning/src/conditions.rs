//! What a problem's SNOMED CT concept is in ICD-10, by the reviewed table `assets/reasoning/conditions.txt`: packs ask in ICD-10, most problem
//! lists answer in SNOMED CT.

use std::collections::HashMap;
use std::sync::OnceLock;

use triptych_clinical::{CodeSystem, Coding};

use crate::datum::is_coded;

static TABLE: &str = include_str!("../../../assets/reasoning/conditions.txt");

/// Concept and its ICD-10 categories; none for what is no disease.
fn table() -> &'static HashMap<&'static str, Vec<Coding>> {
    static READ: OnceLock<HashMap<&str, Vec<Coding>>> = OnceLock::new();
    READ.get_or_init(|| {
        let lines = TABLE.lines().filter(|l| !l.starts_with('#'));
        lines
            .filter_map(|line| {
                let mut parts = line.split_whitespace();
                let (concept, categories) = (parts.next()?, parts.next()?);
                let all = categories.split(',').filter(|c| *c != "-");
                let codes = all.map(|c| Coding::new(CodeSystem::Icd10, c)).collect();
                Some((concept, codes))
            })
            .collect()
    })
}

/// One of the codes is a SNOMED CT concept that ICD-10 has in this category.
pub(crate) fn are_in(codes: &[Coding], category: &str) -> bool {
    let concepts = codes.iter().filter(|c| c.system == CodeSystem::Snomed);
    concepts
        .filter_map(|c| table().get(c.code.as_str()))
        .any(|icd10| is_coded(icd10, &CodeSystem::Icd10, category))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_concept_its_categories_and_its_words() {
        let lines: Vec<&str> = TABLE
            .lines()
            .filter(|l| !l.is_empty() && !l.starts_with('#'))
            .collect();
        for line in &lines {
            let parts: Vec<&str> = line.split_whitespace().collect();
            assert!(parts.len() > 2, "{line}");
            assert!(parts[0].bytes().all(|b| b.is_ascii_digit()), "{line}");
            for category in parts[1].split(',') {
                let icd10 = category.starts_with(|c: char| c.is_ascii_uppercase())
                    && (3..=5).contains(&category.len());
                assert!(category == "-" || icd10, "{line}");
            }
        }
        assert_eq!(lines.len(), table().len(), "a concept stands twice");
    }

    #[test]
    fn a_category_holds_its_concepts_and_no_other() {
        let of = |concept: &str| [Coding::new(CodeSystem::Snomed, concept)];
        assert!(are_in(&of("368581000119106"), "G63"));
        assert!(are_in(&of("368581000119106"), "E11"));
        assert!(!are_in(&of("368581000119106"), "E10"));
        assert!(!are_in(&of("160903007"), "Z"));
        assert!(!are_in(&of("1"), ""));
        assert!(!are_in(&[Coding::new(CodeSystem::Icd10, "E11")], "E11"));
    }

    /// Every problem of the shared files is in the table, if only to say that it is no disease.
    #[test]
    fn shelf_every_problem_of_the_shared_files_is_known() {
        let root = std::env::var_os("TRIPTYCH_SHARED").map_or_else(
            || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
            std::path::PathBuf::from,
        );
        let folder = root.join("data/fhir/patients");
        if !folder.is_dir() {
            println!("SHELF ABSENT: shelf_every_problem_of_the_shared_files_is_known");
            return;
        }
        let mut met = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            let Ok(bundle) = serde_json::from_str::<serde_json::Value>(&text) else {
                continue;
            };
            let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
            for resource in entries.iter().map(|e| &e["resource"]) {
                if resource["resourceType"] != "Condition" {
                    continue;
                }
                for coding in resource["code"]["coding"].as_array().unwrap() {
                    let code = coding["code"].as_str().unwrap();
                    let is_concept = code.bytes().all(|b| b.is_ascii_digit());
                    assert!(!is_concept || table().contains_key(code), "{coding}");
                    met += 1;
                }
            }
        }
        assert!(met > 200, "{met}");
    }
}
