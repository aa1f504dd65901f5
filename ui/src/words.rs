//! The program's own words: one catalogue, `assets/text/en.ftl`, in the simple part of Fluent's syntax (`key = text { $name }`).
//!
//! No view holds a sentence of its own. A key that is missing shows itself, and a test finds every key that the sources name.

use std::collections::BTreeMap;
use std::sync::LazyLock;

const ENGLISH: &str = include_str!("../../assets/text/en.ftl");

static CATALOGUE: LazyLock<BTreeMap<&'static str, &'static str>> = LazyLock::new(|| {
    ENGLISH
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(" = "))
        .map(|(key, text)| (key.trim(), text.trim_end()))
        .collect()
});

/// The text of `key`.
#[must_use]
pub fn w(key: &'static str) -> &'static str {
    CATALOGUE.get(key).copied().unwrap_or(key)
}

/// The text of `key` with each `{ $name }` filled.
#[must_use]
pub fn wf(key: &'static str, fill: &[(&str, &dyn std::fmt::Display)]) -> String {
    let mut text = w(key).to_owned();
    for (name, value) in fill {
        text = text.replace(&format!("{{ ${name} }}"), &value.to_string());
    }
    text
}

/// `1,024`: thousands by a comma from 1,000 on.
#[must_use]
pub fn count(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// `1` with the singular key, any other number with the plural key; `{ $n }` is filled with the number.
#[must_use]
pub fn plural(n: usize, one: &'static str, many: &'static str) -> String {
    wf(if n == 1 { one } else { many }, &[("n", &count(n))])
}

/// A number with a true minus.
#[must_use]
pub fn signed(text: &str) -> String {
    text.replace('-', "\u{2212}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs;
    use std::path::Path;

    use super::*;

    fn sources(folder: &Path, out: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, out);
            } else if path.extension().is_some_and(|e| e == "rs") {
                out.push(fs::read_to_string(path).unwrap());
            }
        }
    }

    /// Strings that look like a key: lower case words joined by dots, first one a family that the catalogue has.
    #[test]
    fn every_key_that_the_sources_name_has_a_text() {
        let mut texts = Vec::new();
        sources(
            &Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("src"),
            &mut texts,
        );
        let families: Vec<&str> = CATALOGUE
            .keys()
            .filter_map(|k| k.split('.').next())
            .collect();
        let mut seen = 0;
        for literal in texts.iter().flat_map(|t| t.split('"').skip(1).step_by(1)) {
            let is_key = literal.split('.').count() == 2
                && literal.split('.').all(|p| {
                    !p.is_empty()
                        && p.chars()
                            .all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit())
                })
                && literal
                    .split('.')
                    .next()
                    .is_some_and(|f| families.contains(&f));
            if is_key {
                seen += 1;
                assert!(
                    CATALOGUE.contains_key(literal),
                    "{literal} is not in en.ftl"
                );
            }
        }
        assert!(
            seen > 50,
            "only {seen} keys found: the test no longer sees them"
        );
    }

    /// D-32: no imperative towards the clinician, nothing called safe or normal, no exclamation marks.
    #[test]
    fn d_32_words_that_are_not_used() {
        for (key, text) in CATALOGUE.iter() {
            let lower = text.to_lowercase();
            for bad in [
                "!",
                "ai says",
                "all clear",
                " safe",
                "rule out",
                "no abnormal",
            ] {
                assert!(!lower.contains(bad), "{key}: {text}");
            }
        }
    }

    #[test]
    fn thousands_have_commas() {
        assert_eq!(count(999), "999");
        assert_eq!(count(1024), "1,024");
        assert_eq!(count(1_234_567), "1,234,567");
    }
}
