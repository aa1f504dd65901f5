//! Facts that a text seems to state. They are proposals: inert until somebody confirms them beside their sentence (D-35).

mod body;
mod examination;
mod findings;
mod measure;
mod nearest;
mod nodules;
mod recommendation;
mod refusal;
mod status;
mod words;

use std::collections::BTreeMap;

use serde::Serialize;
use triptych_clinical::{TextSpan, Value};

use super::category::{Categories, Category};
use super::lexis::Token;
use super::read::{Mention, Places, Reading, english};
use super::sections::SectionKind;
use words::Words;

/// A fact proposed from a text. It enters no rule before it is confirmed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Candidate {
    /// Project code (`tri:lung_nodule`), or LOINC `72166-2` for smoking. Record-and-signals 4.1 and 4.6.
    pub code: &'static str,
    /// The value, where the code has one: ascites `mild`, smoking as a SNOMED answer, a diameter with its unit.
    pub value: Value,
    /// Attributes as the rule reads them: `size_mm`, `type`, `modality`, `region`, `due_months` …
    pub attrs: BTreeMap<&'static str, String>,
    /// The words that it rests on.
    pub span: TextSpan,
    /// Their sentence, to be shown beside the question.
    pub sentence: TextSpan,
    /// The section of that sentence.
    pub section: SectionKind,
    /// `uncertain` or `historical` where the text says so; never negated, hypothetical or of another person.
    pub categories: Categories,
    /// BLAKE3 of the whole text, in hexadecimal.
    pub text_hash: String,
}

impl Candidate {
    /// Its name for decisions: a rejected one is never proposed again for the same code, place and text.
    #[must_use]
    pub fn key(&self) -> String {
        format!(
            "{}@{}-{}:{}",
            self.code, self.span.start, self.span.end, self.text_hash
        )
    }
}

/// The facts that `text` seems to state; `reading` is [`super::read`] of this very text. In the order of the text; a statement that is
/// repeated, as in findings and impression, is proposed once.
#[must_use]
pub fn candidates(text: &str, reading: &Reading) -> Vec<Candidate> {
    let Some(language) = english() else {
        return Vec::new();
    };
    let tokens = language.vocabulary.tokens(text);
    let places = Places::new(&reading.sections, &tokens);
    let note = Note {
        text,
        hash: blake3::hash(text.as_bytes()).to_hex().to_string(),
        modality: body::modality_of_note(text, reading),
        about_chest: body::is_about_chest(text),
        hyperglycaemia: status::has_thirst_or_polyuria(&reading.mentions),
    };
    let mut found = Vec::new();
    let mut mentions = reading.mentions.as_slice();
    for (i, sentence) in reading.sentences.iter().enumerate() {
        let own = mentions.partition_point(|m| m.span.start < sentence.end);
        let (here, rest) = mentions.split_at_checked(own).unwrap_or((mentions, &[]));
        mentions = rest;
        let place = places.of(sentence);
        if here
            .iter()
            .all(|m| !OF_INTEREST.contains(&m.concept.id.as_str()))
            && !hints(text, place.tokens)
        {
            continue;
        }
        let sentence = Statement {
            note: &note,
            span: *sentence,
            words: Words::new(text, place.tokens),
            section: place.section.map_or(SectionKind::Preamble, |s| s.kind),
            mentions: here,
        };
        let after = || {
            reading
                .sentences
                .get(i + 1)
                .map(|next| Words::new(text, places.of(next).tokens))
        };
        findings::propose(&sentence, after, &mut found);
        status::propose(&sentence, &mut found);
        recommendation::propose(&sentence, &mut found);
    }
    without_repeats(found)
}

/// Concepts that a candidate may rest on.
const OF_INTEREST: [&str; 12] = [
    "lung-nodule",
    "thyroid-nodule",
    "adrenal-mass",
    "mass",
    "lesion",
    "abdominal-aortic-aneurysm",
    "aneurysm",
    "ascites",
    "smoking",
    "polyuria",
    "polydipsia",
    "weight-loss",
];

/// Does a word begin like one that a candidate may rest on without a concept? The quick way past most sentences.
fn hints(text: &str, tokens: &[Token]) -> bool {
    const STEMS: [&[u8]; 26] = [
        b"recommend",
        b"advis",
        b"suggest",
        b"consider",
        b"follow",
        b"repeat",
        b"surveil",
        b"warrant",
        b"indicated",
        b"obtain",
        b"perform",
        b"need",
        b"requir",
        b"further",
        b"should",
        b"help",
        b"necess",
        b"useful",
        b"benef",
        b"please",
        b"schedul",
        b"aorta",
        b"aortic",
        b"nonsmok",
        b"exsmok",
        b"annual",
    ];
    tokens.iter().any(|t| {
        let word = text.as_bytes().get(t.start..t.end).unwrap_or_default();
        STEMS.iter().any(|s| {
            word.get(..s.len())
                .is_some_and(|w| w.eq_ignore_ascii_case(s))
        })
    })
}

/// What is known of the whole text.
struct Note<'a> {
    text: &'a str,
    hash: String,
    modality: Option<&'static str>,
    about_chest: bool,
    hyperglycaemia: bool,
}

/// One sentence with what is known of it.
struct Statement<'a> {
    note: &'a Note<'a>,
    span: TextSpan,
    words: Words<'a>,
    section: SectionKind,
    mentions: &'a [Mention],
}

impl Statement<'_> {
    /// Mentions of `concept` that may be proposed.
    fn usable(&self, id: &str) -> impl Iterator<Item = &Mention> {
        self.mentions
            .iter()
            .filter(move |m| m.concept.id == id && may_be_proposed(m.categories))
    }

    /// The words of a mention.
    fn place_of(&self, span: TextSpan) -> std::ops::Range<usize> {
        let tokens = self.words.tokens;
        let first = tokens.partition_point(|t| (t.end as u64) <= span.start);
        let end = tokens.partition_point(|t: &Token| (t.start as u64) < span.end);
        first..end.max(first)
    }

    fn candidate(&self, code: &'static str, span: TextSpan, categories: Categories) -> Candidate {
        Candidate {
            code,
            value: Value::None,
            attrs: BTreeMap::new(),
            span,
            sentence: self.span,
            section: self.section,
            categories,
            text_hash: self.note.hash.clone(),
        }
    }
}

fn may_be_proposed(categories: Categories) -> bool {
    ![Category::Negated, Category::Hypothetical, Category::Family]
        .iter()
        .any(|c| categories.contains(*c))
}

/// One of each code with its value and attributes; the first place counts.
fn without_repeats(found: Vec<Candidate>) -> Vec<Candidate> {
    let mut kept: Vec<Candidate> = Vec::with_capacity(found.len());
    for candidate in found {
        let same = |k: &Candidate| {
            k.code == candidate.code
                && k.value == candidate.value
                && k.attrs == candidate.attrs
                && k.categories == candidate.categories
        };
        if !kept.iter().any(same) {
            kept.push(candidate);
        }
    }
    kept
}
