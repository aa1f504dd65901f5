//! A note read: sections, sentences, and the findings in them with what is said of each.

use std::ops::Range;
use std::sync::LazyLock;

use serde::Serialize;
use triptych_clinical::TextSpan;

use super::category::{Categories, Category};
use super::concepts::{Concept, Lexicon};
use super::context::{Scopes, Set};
use super::lexis::{Token, Vocabulary};
use super::sections::{Section, SectionKind, sections};
use super::sentences::{Sentence, sentences};
use super::span;
use super::triggers::Triggers;

/// Words, triggers and concepts of one language.
pub(super) struct Language {
    pub vocabulary: Vocabulary,
    pub triggers: Triggers,
    pub lexicon: Lexicon,
}

impl Language {
    fn compile(triggers: &str, concepts: &str) -> Result<Self, toml::de::Error> {
        let mut vocabulary = Vocabulary::default();
        let triggers = Triggers::compile(triggers, &mut vocabulary)?;
        let lexicon = Lexicon::compile(concepts, &mut vocabulary)?;
        Ok(Self {
            vocabulary,
            triggers,
            lexicon,
        })
    }
}

/// `None` never happens in a build whose tests passed; text is then shown without marks.
static ENGLISH: LazyLock<Option<Language>> = LazyLock::new(|| {
    Language::compile(
        include_str!("../../../../assets/notes/context-en.toml"),
        include_str!("../../../../assets/notes/concepts-en.toml"),
    )
    .ok()
});

/// The compiled English lists.
pub(super) fn english() -> Option<&'static Language> {
    ENGLISH.as_ref()
}

/// What set a category.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "by")]
pub enum Cause {
    /// Words of the sentence.
    Trigger {
        /// Those words.
        span: TextSpan,
    },
    /// The section that it stands in.
    Section {
        /// Its kind.
        kind: SectionKind,
    },
}

/// Why a category was set; shown to the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Why {
    /// What was set. A denied and doubted finding keeps both reasons.
    pub category: Category,
    /// By what.
    #[serde(flatten)]
    pub cause: Cause,
}

/// A finding named in a text. Spans are bytes of that text.
#[derive(Clone, Debug, Serialize)]
pub struct Mention {
    /// What is named.
    #[serde(serialize_with = "concept_id")]
    pub concept: &'static Concept,
    /// The words that name it.
    pub span: TextSpan,
    /// The sentence around them.
    pub sentence: Sentence,
    /// The section around that.
    pub section: SectionKind,
    /// What is said of it.
    pub categories: Categories,
    /// Why.
    pub why: Vec<Why>,
}

fn concept_id<S: serde::Serializer>(
    concept: &&'static Concept,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&concept.id)
}

/// A text with everything that was found in it.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Sections in order.
    pub sections: Vec<Section>,
    /// Sentences in order.
    pub sentences: Vec<Sentence>,
    /// Findings in order.
    pub mentions: Vec<Mention>,
}

/// Reads an English text.
#[must_use]
pub fn read(text: &str) -> Reading {
    let (sections, sentences) = (sections(text), sentences(text));
    let mut mentions = Vec::new();
    if let Some(language) = english() {
        let tokens = language.vocabulary.tokens(text);
        let places = Places::new(&sections, &tokens);
        for sentence in &sentences {
            let place = places.of(sentence);
            language.mentions(sentence, &place, &mut mentions);
        }
    }
    Reading {
        sections,
        sentences,
        mentions,
    }
}

/// What is said of the words at `phrase` of `text`, whatever they name.
#[must_use]
pub fn assertion(text: &str, phrase: TextSpan) -> Option<(Categories, Vec<Why>)> {
    let language = english()?;
    let (sections, sentences) = (sections(text), sentences(text));
    let tokens = language.vocabulary.tokens(text);
    let places = Places::new(&sections, &tokens);
    // A phrase over two sentences belongs to the one where it begins.
    let sentence = sentences.iter().find(|s| s.end > phrase.start)?;
    language.assertion(&places.of(sentence), phrase)
}

/// What is said of each of `phrases`, whatever they name: none for words that stand in no sentence. `reading` is [`read`] of this very text.
#[must_use]
pub fn assertions(text: &str, reading: &Reading, phrases: &[TextSpan]) -> Vec<Categories> {
    let Some(language) = english() else {
        return vec![Categories::default(); phrases.len()];
    };
    let tokens = language.vocabulary.tokens(text);
    let places = Places::new(&reading.sections, &tokens);
    phrases
        .iter()
        .map(|phrase| {
            let at = reading.sentences.partition_point(|s| s.end <= phrase.start);
            let sentence = reading.sentences.get(at);
            sentence
                .and_then(|s| language.assertion(&places.of(s), *phrase))
                .map(|(categories, _)| categories)
                .unwrap_or_default()
        })
        .collect()
}

/// A sentence's tokens, and its section.
pub(super) struct Place<'a> {
    pub tokens: &'a [Token],
    pub section: Option<&'a Section>,
}

/// Finds tokens and sections of sentences that come in order.
pub(super) struct Places<'a> {
    sections: &'a [Section],
    tokens: &'a [Token],
}

impl<'a> Places<'a> {
    pub(super) const fn new(sections: &'a [Section], tokens: &'a [Token]) -> Self {
        Self { sections, tokens }
    }

    pub(super) fn of(&self, sentence: &Sentence) -> Place<'a> {
        let before = self
            .sections
            .partition_point(|s| s.span.end <= sentence.start);
        let section = self
            .sections
            .get(before)
            .filter(|s| s.span.start <= sentence.start);
        // A known header is no statement; an unknown one ("PNEUMONIA:") may be.
        let start = section
            .filter(|s| s.kind != SectionKind::Other)
            .map_or(sentence.start, |s| sentence.start.max(s.body.start));
        let first = self.tokens.partition_point(|t| (t.start as u64) < start);
        let end = self
            .tokens
            .partition_point(|t| (t.start as u64) < sentence.end);
        Place {
            tokens: self.tokens.get(first..end).unwrap_or_default(),
            section,
        }
    }
}

impl Language {
    fn assertion(&self, place: &Place<'_>, phrase: TextSpan) -> Option<(Categories, Vec<Why>)> {
        let first = place
            .tokens
            .iter()
            .position(|t| t.end as u64 > phrase.start)?;
        let end = place
            .tokens
            .iter()
            .rposition(|t| (t.start as u64) < phrase.end)
            .map_or(first + 1, |last| last.max(first) + 1);
        let scopes = Scopes::new(&self.triggers, place.tokens);
        Some(judge(&scopes, place, first..end))
    }

    fn mentions(&'static self, sentence: &Sentence, place: &Place<'_>, found: &mut Vec<Mention>) {
        let concepts = self.lexicon.phrases.find(place.tokens, 0..0);
        if concepts.is_empty() {
            return;
        }
        let scopes = Scopes::new(&self.triggers, place.tokens);
        for hit in concepts {
            let Some(concept) = hit
                .values
                .first()
                .and_then(|i| self.lexicon.concepts.get(*i))
            else {
                continue;
            };
            let (categories, why) = judge(&scopes, place, hit.first..hit.end);
            found.push(Mention {
                concept,
                span: bytes(place.tokens, &(hit.first..hit.end)),
                sentence: *sentence,
                section: place.section.map_or(SectionKind::Preamble, |s| s.kind),
                categories,
                why,
            });
        }
    }
}

fn judge(scopes: &Scopes<'_>, place: &Place<'_>, tokens: Range<usize>) -> (Categories, Vec<Why>) {
    let (mut categories, sets) = scopes.judge(tokens);
    let why = |set: &Set| Why {
        category: set.category,
        cause: Cause::Trigger {
            span: bytes(place.tokens, &set.trigger),
        },
    };
    let mut why: Vec<Why> = sets.iter().map(why).collect();
    if let Some(kind) = place.section.map(|s| s.kind)
        && let Some(category) = kind.context()
        && !why.iter().any(|w| same_question(w.category, category))
    {
        categories.insert(category);
        why.push(Why {
            category,
            cause: Cause::Section { kind },
        });
    }
    (categories, why)
}

/// A trigger that answers the same question (is it there, when, whose) beats the section.
const fn same_question(a: Category, b: Category) -> bool {
    const fn question(category: Category) -> u8 {
        match category {
            Category::Negated | Category::Uncertain => 0,
            Category::Historical | Category::Hypothetical => 1,
            Category::Family => 2,
        }
    }
    question(a) == question(b)
}

fn bytes(tokens: &[Token], range: &Range<usize>) -> TextSpan {
    let start = tokens.get(range.start).map_or(0, |t| t.start);
    let end = tokens
        .get(range.end.saturating_sub(1))
        .map_or(start, |t| t.end);
    span(start, end)
}
