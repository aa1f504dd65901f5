//! Sections of a note by their header lines. Record-and-signals 7.3; the headers are in `assets/notes/sections.toml`.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use triptych_clinical::TextSpan;

use super::category::Category;
use super::span;

/// What a section is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names are the sections' own")]
pub enum SectionKind {
    ChiefComplaint,
    PresentIllness,
    PastMedicalHistory,
    PastSurgicalHistory,
    FamilyHistory,
    SocialHistory,
    Allergies,
    Medications,
    DischargeMedications,
    ReviewOfSystems,
    VitalSigns,
    PhysicalExamination,
    Laboratory,
    Imaging,
    Procedure,
    Assessment,
    Plan,
    AssessmentAndPlan,
    Impression,
    Findings,
    Comparison,
    Technique,
    Indication,
    Recommendation,
    HospitalCourse,
    DischargeDiagnosis,
    DischargeInstructions,
    Addendum,
    Signature,
    /// A header line that is in no list.
    Other,
    /// Text before the first header.
    Preamble,
}

impl SectionKind {
    /// What its findings are unless their sentence says otherwise: 7.3.
    #[must_use]
    pub const fn context(self) -> Option<Category> {
        match self {
            Self::FamilyHistory => Some(Category::Family),
            Self::PastMedicalHistory | Self::PastSurgicalHistory => Some(Category::Historical),
            Self::Indication => Some(Category::Uncertain),
            Self::DischargeInstructions => Some(Category::Hypothetical),
            _ => None,
        }
    }
}

/// One section, header line included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// What it is about.
    pub kind: SectionKind,
    /// The header as written, without marks and colon; empty for the preamble.
    pub title: String,
    /// Header and body.
    pub span: TextSpan,
    /// The text under the header, without surrounding white space.
    pub body: TextSpan,
}

#[derive(Deserialize)]
struct Lists {
    section: Vec<Headers>,
}

#[derive(Deserialize)]
struct Headers {
    kind: SectionKind,
    headers: Vec<String>,
}

static HEADERS: LazyLock<HashMap<String, SectionKind>> = LazyLock::new(|| {
    let lists: Result<Lists, _> =
        toml::from_str(include_str!("../../../../assets/notes/sections.toml"));
    let sections = lists.map(|l| l.section).unwrap_or_default();
    sections
        .into_iter()
        .flat_map(|s| s.headers.into_iter().map(move |h| (h, s.kind)))
        .collect()
});

/// Words of the longest header.
const MOST_WORDS: usize = 7;

/// A header line: where it starts, where its text goes on, and what it is.
struct Header {
    start: usize,
    body: usize,
    kind: SectionKind,
    title: String,
}

/// The sections of `text` in its order. A header stands at the start of a line: a listed one alone on its line or before a colon, or an
/// unlisted one that is marked as such (`# …`, or capitals before a colon at the end of the line). A text without headers is one preamble.
#[must_use]
pub fn sections(text: &str) -> Vec<Section> {
    let mut headers = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        headers.extend(header(line, at));
        at += line.len();
    }
    let first = headers.first().map_or(text.len(), |h| h.start);
    let mut found = Vec::new();
    if text.get(..first).is_some_and(|t| !t.trim().is_empty()) {
        found.push(Section {
            kind: SectionKind::Preamble,
            title: String::new(),
            span: span(0, first),
            body: trimmed(text, 0, first),
        });
    }
    for (i, h) in headers.iter().enumerate() {
        let end = headers.get(i + 1).map_or(text.len(), |next| next.start);
        found.push(Section {
            kind: h.kind,
            title: h.title.clone(),
            span: span(h.start, end),
            body: trimmed(text, h.body, end),
        });
    }
    found
}

/// True for a line that begins a section.
pub(super) fn is_header_line(line: &str) -> bool {
    header(line, 0).is_some()
}

fn header(line: &str, at: usize) -> Option<Header> {
    let content = line.trim_end();
    let bare = content.trim_start_matches([' ', '\t', '#', '*', '_', '=']);
    if bare.is_empty() {
        return None;
    }
    let marked = content.trim_start().starts_with('#');
    let before_text = content.len() - bare.len();
    let colon = bare.find(':');
    // "Findings: no mass", "Findings", "**Findings:**"
    let (title, rest) = match colon {
        Some(i) => (bare.get(..i)?, bare.get(i + 1..)?),
        None => (bare, ""),
    };
    let clean = title
        .trim_end_matches(['*', '_', '=', '#', ' ', '\t', '.'])
        .trim_end();
    // No header has more words: most lines of text go no further.
    if clean.is_empty() || clean.len() > 80 || clean.split_whitespace().nth(MOST_WORDS).is_some() {
        return None;
    }
    let key = clean
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase();
    let kind = match HEADERS.get(&key) {
        Some(kind) => *kind,
        None => {
            let capitals = colon.is_some()
                && rest.trim_matches(['*', '_', ' ']).is_empty()
                && clean.chars().filter(|c| c.is_alphabetic()).count() >= 4
                && !clean.chars().any(char::is_lowercase);
            if !(marked || capitals) {
                return None;
            }
            SectionKind::Other
        }
    };
    let body = if colon.is_some() {
        let skipped = rest.len() - rest.trim_start_matches(['*', '_']).len();
        before_text + title.len() + 1 + skipped
    } else {
        line.len()
    };
    Some(Header {
        start: at,
        body: at + body,
        kind,
        title: clean.to_owned(),
    })
}

fn trimmed(text: &str, start: usize, end: usize) -> TextSpan {
    let Some(part) = text.get(start..end) else {
        return span(start, start);
    };
    let from = start + (part.len() - part.trim_start().len());
    let to = from + part.trim().len();
    span(from, to)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(SectionKind, &str, &str)]) {
        let found = sections(text);
        let body = |s: &Section| {
            let (a, b) = (
                usize::try_from(s.body.start).unwrap(),
                usize::try_from(s.body.end).unwrap(),
            );
            text.get(a..b).unwrap().to_owned()
        };
        let found: Vec<_> = found
            .iter()
            .map(|s| (s.kind, s.title.as_str().to_owned(), body(s)))
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(k, t, b)| (*k, (*t).to_owned(), (*b).to_owned()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn every_listed_header_is_lower_case_and_listed_once() {
        let lists: Lists =
            toml::from_str(include_str!("../../../../assets/notes/sections.toml")).unwrap();
        let all: Vec<&String> = lists.section.iter().flat_map(|s| &s.headers).collect();
        assert_eq!(all.len(), HEADERS.len(), "a header is listed twice");
        assert!(
            all.iter()
                .all(|h| **h == h.to_lowercase() && h.trim() == *h)
        );
        // Record-and-signals 7.3 names 28 sections (medications: home and discharge); each has headers.
        assert_eq!(lists.section.len(), 29);
    }

    #[test]
    fn headers_with_and_without_colon_and_marks() {
        use SectionKind::*;
        check(
            "CT CHEST\nIndication: cough\nFINDINGS:\nNo mass.\nHeart normal.\n\nImpression\n1. Normal.\n",
            &[
                (Preamble, "", "CT CHEST"),
                (Indication, "Indication", "cough"),
                (Findings, "FINDINGS", "No mass.\nHeart normal."),
                (Impression, "Impression", "1. Normal."),
            ],
        );
        check(
            "# Chief Complaint\nNo complaints.\n\n# History of Present Illness\nWell.\n## Plan\nNone",
            &[
                (ChiefComplaint, "Chief Complaint", "No complaints."),
                (PresentIllness, "History of Present Illness", "Well."),
                (Plan, "Plan", "None"),
            ],
        );
        check(
            "**Assessment and Plan:** rest",
            &[(AssessmentAndPlan, "Assessment and Plan", "rest")],
        );
    }

    #[test]
    fn a_word_inside_a_sentence_is_no_header() {
        check(
            "Plan to return in May.\nFindings were normal.",
            &[(
                SectionKind::Preamble,
                "",
                "Plan to return in May.\nFindings were normal.",
            )],
        );
        check("", &[]);
    }

    #[test]
    fn an_unlisted_header_starts_a_section_of_its_own() {
        use SectionKind::*;
        check(
            "PLAN:\na\nOXYGEN THERAPY:\nb",
            &[(Plan, "PLAN", "a"), (Other, "OXYGEN THERAPY", "b")],
        );
    }
}
