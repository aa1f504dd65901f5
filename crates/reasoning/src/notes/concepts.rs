//! The findings that are marked in notes, from `assets/notes/concepts-en.toml`.

use serde::{Deserialize, Serialize};

use super::lexis::Vocabulary;
use super::phrases::Phrases;

/// What kind of thing a concept is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConceptKind {
    /// Seen on an image or by examination.
    Finding,
    /// A disease.
    Disease,
    /// Told by the patient.
    Symptom,
    /// A habit or circumstance.
    Habit,
    /// Something that is measured.
    Measurement,
    /// A procedure or device.
    Procedure,
}

/// A finding by its name.
#[derive(Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Concept {
    /// Stable name of the project, such as `lung-nodule`.
    pub id: String,
    /// As shown.
    pub name: String,
    /// What kind of thing it is.
    pub kind: ConceptKind,
    /// SNOMED CT code, only where record-and-signals names one.
    #[serde(default)]
    pub snomed: Option<String>,
    /// Phrases that mean it, lower case, singular.
    #[serde(default)]
    pub synonyms: Vec<String>,
}

/// The concepts of one language with their phrases.
#[derive(Debug)]
pub(super) struct Lexicon {
    pub concepts: Vec<Concept>,
    pub phrases: Phrases<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    concept: Vec<Concept>,
}

impl Lexicon {
    /// Compiles a data file; plurals of the last word are added.
    ///
    /// # Errors
    /// A file of another form.
    pub(super) fn compile(
        text: &str,
        vocabulary: &mut Vocabulary,
    ) -> Result<Self, toml::de::Error> {
        let file: File = toml::from_str(text)?;
        let mut phrases = Phrases::new();
        for (i, concept) in file.concept.iter().enumerate() {
            for phrase in std::iter::once(&concept.name).chain(&concept.synonyms) {
                phrases.insert(vocabulary, phrase, i);
                if let Some(plural) = plural(phrase) {
                    phrases.insert(vocabulary, &plural, i);
                }
            }
        }
        Ok(Self {
            concepts: file.concept,
            phrases,
        })
    }
}

/// The plural of a phrase's last word; abbreviations and words that have none keep theirs.
fn plural(phrase: &str) -> Option<String> {
    let last = phrase.rsplit(' ').next()?;
    let ends = |suffixes: &[&str]| suffixes.iter().any(|s| last.ends_with(s));
    if last.len() < 4
        || ends(&[
            "ia", "ism", "ness", "pathy", "ing", "itis", "ed", "al", "ous", "ic",
        ])
    {
        return None;
    }
    Some(if let Some(stem) = phrase.strip_suffix("sis") {
        format!("{stem}ses")
    } else if ends(&["s", "x", "ch", "sh"]) {
        format!("{phrase}es")
    } else if ends(&["ay", "ey", "oy"]) {
        format!("{phrase}s")
    } else if let Some(stem) = phrase.strip_suffix('y') {
        format!("{stem}ies")
    } else {
        format!("{phrase}s")
    })
}
