//! Words of a text with their places.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Number of a word in a [`Vocabulary`]; zero is a word in no phrase.
pub(super) type WordId = u32;
pub(super) const UNKNOWN: WordId = 0;

/// A word of a text: bytes `start..end`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub start: usize,
    pub end: usize,
    pub word: WordId,
    /// What a number is besides itself (`<n>`, `<weeks>`, `<year>`).
    pub class: [WordId; 2],
    /// Only blanks, hyphens, slashes or line feeds lie between it and the word before.
    pub joined: bool,
    /// What lies between it and the word before.
    pub gap: Gap,
}

/// The strongest mark between two words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    #[default]
    Blank,
    Comma,
    Colon,
    Semicolon,
    /// A full stop and a blank: the end of a statement, though no capital follows.
    Stop,
}

/// The words of all phrases, and the classes of numbers.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    ids: HashMap<Box<str>, WordId, BuildHasherDefault<Fnv>>,
}

/// FNV-1a: words are short, and the table is built from our own files, never from a text.
#[derive(Debug)]
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

impl Vocabulary {
    pub(super) fn intern(&mut self, word: &str) -> WordId {
        if let Some(id) = self.ids.get(word) {
            return *id;
        }
        // Data files hold some thousand words.
        let id = WordId::try_from(self.ids.len() + 1).unwrap_or(UNKNOWN);
        self.ids.insert(word.into(), id);
        id
    }

    fn id(&self, word: &str) -> WordId {
        self.ids.get(word).copied().unwrap_or(UNKNOWN)
    }

    /// The words of `text` in its order.
    pub(super) fn tokens(&self, text: &str) -> Vec<Token> {
        let mut found = Vec::with_capacity(text.len() / 6);
        let mut lower = String::new();
        let mut at = 0;
        let mut before = 0;
        while let Some((start, end)) = next_word(text, at) {
            let word = text.get(start..end).unwrap_or_default();
            lower.clear();
            if word.is_ascii() {
                lower.push_str(word);
                lower.make_ascii_lowercase();
            } else {
                lower.extend(word.chars().flat_map(|c| {
                    if c == '\u{2019}' {
                        '\''.to_lowercase()
                    } else {
                        c.to_lowercase()
                    }
                }));
            }
            let between = text.get(before..start).unwrap_or_default();
            let gap = gap(between);
            found.push(Token {
                start,
                end,
                word: self.id(&lower),
                class: self.classes(&lower),
                joined: !found.is_empty()
                    && (between == " "
                        || between.chars().all(|c| {
                            c.is_whitespace()
                                || matches!(
                                    c,
                                    '-' | '/' | '\'' | '\u{2010}' | '\u{2011}' | '\u{2013}'
                                )
                        })),
                gap,
            });
            at = end;
            before = end;
        }
        found
    }

    fn classes(&self, word: &str) -> [WordId; 2] {
        // Figures and number words begin with these alone.
        if !word.starts_with(|c: char| c.is_ascii_digit() || "tfsen".contains(c)) {
            return [UNKNOWN; 2];
        }
        let number = number_of(word);
        let n = number.filter(|n| *n > 1.0 && *n < 150.0).map(|n| {
            let weeks = if n > 4.0 { self.id("<weeks>") } else { UNKNOWN };
            [self.id("<n>"), weeks]
        });
        let year = word.len() == 4
            && (word.starts_with("19") || word.starts_with("20"))
            && word.bytes().all(|b| b.is_ascii_digit());
        match n {
            Some(classes) => classes,
            None if year => [self.id("<year>"), UNKNOWN],
            None => [UNKNOWN; 2],
        }
    }
}

/// A number in figures, or in words up to twelve.
pub(super) fn number_of(word: &str) -> Option<f64> {
    const WORDS: [&str; 13] = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven", "twelve",
    ];
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        return word.parse().ok();
    }
    (0_u8..)
        .zip(WORDS)
        .find(|(_, w)| *w == word)
        .map(|(n, _)| f64::from(n))
}

fn gap(between: &str) -> Gap {
    if between == " " {
        return Gap::Blank;
    }
    let mut chars = between.chars().peekable();
    let mut strongest = Gap::Blank;
    while let Some(c) = chars.next() {
        let this = match c {
            ',' | '(' | ')' => Gap::Comma,
            ':' => Gap::Colon,
            ';' => Gap::Semicolon,
            '.' | '!' if chars.peek().is_none_or(|n| n.is_whitespace()) => Gap::Stop,
            _ => Gap::Blank,
        };
        strongest = strongest.max(this);
    }
    strongest
}

/// A run of letters and digits; an apostrophe between letters and a full stop between digits belong to it. A question mark that touches
/// a word on its right, or stands alone, is a word: "?pneumonia".
pub(super) fn next_word(text: &str, at: usize) -> Option<(usize, usize)> {
    let rest = text.get(at..)?;
    let begin = rest.char_indices().find(|(i, c)| {
        c.is_alphanumeric()
            || (*c == '?'
                && is_doubt(
                    text.get(..at + i).unwrap_or_default(),
                    rest.get(i + 1..).unwrap_or_default(),
                ))
    })?;
    let start = at + begin.0;
    if begin.1 == '?' {
        return Some((start, start + 1));
    }
    let word = text.get(start..)?;
    let mut last = begin.1;
    let mut chars = word.char_indices().peekable();
    while let Some((i, c)) = chars.next() {
        let next = chars.peek().map(|(_, c)| *c);
        let inside = match c {
            c if c.is_alphanumeric() => true,
            '\'' | '\u{2019}' => last.is_alphabetic() && next.is_some_and(char::is_alphabetic),
            '.' => last.is_ascii_digit() && next.is_some_and(|n| n.is_ascii_digit()),
            _ => false,
        };
        if !inside {
            return Some((start, start + i));
        }
        last = c;
    }
    Some((start, text.len()))
}

fn is_doubt(before: &str, after: &str) -> bool {
    (before.is_empty() || before.ends_with(|c: char| c.is_whitespace() || matches!(c, '(' | '/')))
        && after.starts_with(|c: char| c.is_alphanumeric() || c == ' ' || c == '?')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        Vocabulary::default()
            .tokens(text)
            .iter()
            .map(|t| &text[t.start..t.end])
            .collect()
    }

    #[test]
    fn words_keep_apostrophes_and_decimal_points() {
        assert_eq!(
            words("Doesn't w/o 1.5-cm, B.I.D. ?mass Why? \u{e9}t\u{e9}."),
            [
                "Doesn't",
                "w",
                "o",
                "1.5",
                "cm",
                "B",
                "I",
                "D",
                "?",
                "mass",
                "Why",
                "\u{e9}t\u{e9}"
            ]
        );
        assert!(words(" ... ").is_empty());
    }
}
