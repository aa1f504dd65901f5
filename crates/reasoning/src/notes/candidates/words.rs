//! A sentence as lower-case words, for patterns.

use crate::notes::lexis::{Gap, Token};

/// The words of one sentence with their places.
pub(super) struct Words<'a> {
    /// Lower case.
    pub text: Vec<String>,
    /// Places and gaps; as many as words.
    pub tokens: &'a [Token],
}

impl<'a> Words<'a> {
    pub(super) fn new(note: &str, tokens: &'a [Token]) -> Self {
        let text = tokens
            .iter()
            .map(|t| note.get(t.start..t.end).unwrap_or_default().to_lowercase())
            .collect();
        Self { text, tokens }
    }

    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// Word `i`; empty outside.
    pub(super) fn at(&self, i: usize) -> &str {
        self.text.get(i).map_or("", String::as_str)
    }

    /// Is word `i` one of `list`?
    pub(super) fn is(&self, i: usize, list: &[&str]) -> bool {
        list.contains(&self.at(i))
    }

    /// The first of `list` anywhere.
    pub(super) fn any(&self, list: &[&str]) -> Option<usize> {
        self.text.iter().position(|w| list.contains(&w.as_str()))
    }

    /// Does a word begin with one of `stems`?
    pub(super) fn any_stem(&self, stems: &[&str]) -> bool {
        self.text
            .iter()
            .any(|w| stems.iter().any(|s| w.starts_with(s)))
    }

    /// Where the words of `phrase` stand one after another.
    pub(super) fn phrase(&self, phrase: &str) -> Option<usize> {
        self.phrase_from(phrase, 0)
    }

    pub(super) fn phrase_from(&self, phrase: &str, from: usize) -> Option<usize> {
        (from..self.len()).find(|i| self.phrase_at(phrase, *i).is_some())
    }

    /// One past its last word, if `phrase` stands at `i`.
    pub(super) fn phrase_at(&self, phrase: &str, i: usize) -> Option<usize> {
        let mut at = i;
        for word in phrase.split(' ') {
            if self.at(at) != word {
                return None;
            }
            at += 1;
        }
        Some(at)
    }

    /// Is any of `phrases` in the sentence?
    pub(super) fn has(&self, phrases: &[&str]) -> bool {
        phrases.iter().any(|p| self.phrase(p).is_some())
    }

    /// Is a comma or a stronger mark before word `i`?
    pub(super) fn parted(&self, i: usize) -> bool {
        self.tokens.get(i).is_some_and(|t| t.gap >= Gap::Comma)
    }
}
