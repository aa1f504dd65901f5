//! Phrases found among words, longest first.

use super::lexis::{Token, UNKNOWN, Vocabulary, WordId, next_word};

/// Phrases with a value each, found by their words.
#[derive(Debug)]
pub(super) struct Phrases<T> {
    /// Node of each first word, by its number; zero is none.
    roots: Vec<u32>,
    nodes: Vec<Node<T>>,
}

#[derive(Debug)]
struct Node<T> {
    /// Few: a list is faster than a table.
    next: Vec<(WordId, u32)>,
    values: Vec<T>,
}

impl<T> Node<T> {
    const fn new() -> Self {
        Self {
            next: Vec::new(),
            values: Vec::new(),
        }
    }
}

/// A phrase among tokens: tokens `first..end`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Match<'a, T> {
    pub first: usize,
    pub end: usize,
    pub values: &'a [T],
}

impl<T: PartialEq> Phrases<T> {
    pub(super) fn new() -> Self {
        Self {
            roots: Vec::new(),
            nodes: vec![Node::new()],
        }
    }

    fn step(&self, node: u32, word: WordId) -> Option<u32> {
        if node == 0 {
            return self.roots.get(word as usize).copied().filter(|n| *n != 0);
        }
        let next = &self.nodes.get(node as usize)?.next;
        next.iter().find(|(w, _)| *w == word).map(|(_, n)| *n)
    }

    fn step_or_add(&mut self, node: u32, word: WordId) -> u32 {
        if let Some(next) = self.step(node, word) {
            return next;
        }
        let fresh = u32::try_from(self.nodes.len()).unwrap_or(0);
        self.nodes.push(Node::new());
        if node == 0 {
            let at = word as usize;
            if self.roots.len() <= at {
                self.roots.resize(at + 1, 0);
            }
            if let Some(root) = self.roots.get_mut(at) {
                *root = fresh;
            }
        } else if let Some(node) = self.nodes.get_mut(node as usize) {
            node.next.push((word, fresh));
        }
        fresh
    }

    /// Adds `phrase`; one that is there already has both values.
    pub(super) fn insert(&mut self, vocabulary: &mut Vocabulary, phrase: &str, value: T) {
        let mut node = 0;
        for word in phrase_words(phrase) {
            let word = vocabulary.intern(&word);
            node = self.step_or_add(node, word);
        }
        if node != 0
            && let Some(node) = self.nodes.get_mut(node as usize)
            && !node.values.contains(&value)
        {
            node.values.push(value);
        }
    }

    /// Calls `hit` with every phrase that begins at token `first`.
    fn walk<'s>(
        &'s self,
        tokens: &[Token],
        first: usize,
        at: usize,
        node: u32,
        hit: &mut impl FnMut(Match<'s, T>),
    ) {
        let Some(token) = tokens.get(at).filter(|t| at == first || t.joined) else {
            return;
        };
        for word in [token.word, token.class[0], token.class[1]] {
            if word == UNKNOWN {
                continue;
            }
            let Some(next) = self.step(node, word) else {
                continue;
            };
            let Some(found) = self.nodes.get(next as usize) else {
                continue;
            };
            if !found.values.is_empty() {
                hit(Match {
                    first,
                    end: at + 1,
                    values: &found.values,
                });
            }
            if !found.next.is_empty() {
                self.walk(tokens, first, at + 1, next, hit);
            }
        }
    }

    /// The phrases among `tokens`, longest first where they overlap, the left one where they are of one length; `closed` tokens belong to
    /// none. In the order of the text.
    pub(super) fn find<'s>(
        &'s self,
        tokens: &[Token],
        closed: std::ops::Range<usize>,
    ) -> Vec<Match<'s, T>> {
        let mut all = Vec::new();
        for first in 0..tokens.len() {
            self.walk(tokens, first, first, 0, &mut |m| {
                if m.end <= closed.start || m.first >= closed.end {
                    all.push(m);
                }
            });
        }
        if all.len() > 1 {
            all.sort_by_key(|m| (std::cmp::Reverse(m.end - m.first), m.first));
            let mut taken = vec![false; tokens.len()];
            all.retain(|m| {
                let Some(own) = taken.get_mut(m.first..m.end).filter(|t| !t.contains(&true)) else {
                    return false;
                };
                own.fill(true);
                true
            });
            all.sort_by_key(|m| m.first);
        }
        all
    }
}

/// The words of a phrase of a data file; `<n>` and its like stay whole.
fn phrase_words(phrase: &str) -> Vec<String> {
    phrase
        .split_whitespace()
        .flat_map(|part| {
            if part.starts_with('<') {
                return vec![part.to_owned()];
            }
            if part == "?" {
                return vec!["?".to_owned()];
            }
            let mut words = Vec::new();
            let mut at = 0;
            while let Some((start, end)) = next_word(part, at) {
                words.push(part.get(start..end).unwrap_or_default().to_lowercase());
                at = end;
            }
            words
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn the_longest_phrase_wins_wherever_it_begins() {
        let mut v = Vocabulary::default();
        let mut p = Phrases::new();
        for (i, phrase) in [
            "no",
            "no evidence of",
            "evidence of old disease",
            "<n> years ago",
        ]
        .iter()
        .enumerate()
        {
            p.insert(&mut v, phrase, i);
        }
        let at = |text: &str| -> Vec<usize> {
            p.find(&v.tokens(text), 0..0)
                .iter()
                .map(|m| m.values[0])
                .collect()
        };
        assert_eq!(at("No evidence\nof mass, no clot"), [1, 0]);
        assert_eq!(at("no evidence of old disease"), [0, 2]);
        assert_eq!(at("no, evidence of"), [0]);
        assert_eq!(at("3 years ago; two years ago; 1 years ago"), [3, 3]);
    }
}
