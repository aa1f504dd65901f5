//! The words that change what a finding means, from `assets/notes/context-en.toml`. Record-and-signals 7.4.

use serde::Deserialize;

use super::category::Category;
use super::lexis::Vocabulary;
use super::phrases::Phrases;

/// Where a trigger acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Direction {
    /// On what follows.
    Forward,
    /// On what stands before.
    Backward,
    /// On the whole sentence.
    Both,
}

/// What a group of phrases does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Effect {
    Negated,
    Uncertain,
    Historical,
    Hypothetical,
    Family,
    /// Consumes its words and does nothing: "no change".
    Pseudo,
    /// Ends scopes.
    Terminator,
}

impl Effect {
    pub(super) const fn category(self) -> Option<Category> {
        match self {
            Self::Negated => Some(Category::Negated),
            Self::Uncertain => Some(Category::Uncertain),
            Self::Historical => Some(Category::Historical),
            Self::Hypothetical => Some(Category::Hypothetical),
            Self::Family => Some(Category::Family),
            Self::Pseudo | Self::Terminator => None,
        }
    }
}

/// Phrases that act alike.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Group {
    pub effect: Effect,
    #[serde(default = "forward")]
    pub direction: Direction,
    /// Most tokens that it reaches; absent: to the end of the sentence.
    #[serde(default)]
    pub limit: Option<usize>,
    /// Counts only where the statement ends behind it: "Fever: no".
    #[serde(default)]
    pub closing: bool,
    /// Counts only behind a comma or a stronger mark.
    #[serde(default)]
    pub after_comma: bool,
    /// Does nothing where a denial reaches it without a comma between: "no opacity to suggest pneumonia".
    #[serde(default)]
    pub yields: bool,
    /// Terminators: the categories that it ends; empty: all.
    #[serde(default)]
    pub ends: Vec<Category>,
    /// Further phrases that end its scope.
    #[serde(default)]
    pub terminators: Vec<String>,
    pub phrases: Vec<String>,
}

const fn forward() -> Direction {
    Direction::Forward
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    group: Vec<Group>,
}

/// A value of the phrase table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Number of its group.
    Member(usize),
    /// It ends the scopes of this group's triggers.
    Ends(usize),
}

/// Compiled triggers of one language.
#[derive(Debug)]
pub(super) struct Triggers {
    pub groups: Vec<Group>,
    pub phrases: Phrases<Role>,
}

impl Triggers {
    /// Compiles a data file.
    ///
    /// # Errors
    /// A file of another form.
    pub(super) fn compile(
        text: &str,
        vocabulary: &mut Vocabulary,
    ) -> Result<Self, toml::de::Error> {
        let file: File = toml::from_str(text)?;
        let mut phrases = Phrases::new();
        for (i, group) in file.group.iter().enumerate() {
            for phrase in &group.phrases {
                phrases.insert(vocabulary, phrase, Role::Member(i));
            }
            for phrase in &group.terminators {
                phrases.insert(vocabulary, phrase, Role::Ends(i));
            }
        }
        Ok(Self {
            groups: file.group,
            phrases,
        })
    }
}
