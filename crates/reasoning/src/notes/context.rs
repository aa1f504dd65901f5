//! Negation, doubt, time and person of findings by the words around them.
//!
//! The published algorithm of `NegEx` (Chapman 2001, J Biomed Inform 34:301) and `ConText` (Harkema 2009, J Biomed Inform 42:839) over own word
//! lists. Record-and-signals 7.4.

use std::ops::Range;

use super::category::{Categories, Category};
use super::lexis::{Gap, Token};
use super::phrases::Match;
use super::triggers::{Direction, Effect, Group, Role, Triggers};

/// A category and the trigger that set it: tokens of the sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Set {
    pub category: Category,
    pub trigger: Range<usize>,
}

/// One sentence with its triggers and their scopes.
pub(super) struct Scopes<'a> {
    triggers: &'a Triggers,
    tokens: &'a [Token],
    matches: Vec<Match<'a, Role>>,
    scopes: Vec<Scope>,
}

struct Scope {
    category: Category,
    trigger: Range<usize>,
    reach: Range<usize>,
    yields: bool,
}

impl<'a> Scopes<'a> {
    /// The scopes of a sentence.
    pub(super) fn new(triggers: &'a Triggers, tokens: &'a [Token]) -> Self {
        Self::around(triggers, tokens, 0..0)
    }

    /// Words of the finding itself (`closed`) are no triggers.
    fn around(triggers: &'a Triggers, tokens: &'a [Token], closed: Range<usize>) -> Self {
        let matches = triggers.phrases.find(tokens, closed);
        let mut this = Self {
            triggers,
            tokens,
            matches,
            scopes: Vec::new(),
        };
        let scopes: Vec<Scope> = (0..this.matches.len())
            .flat_map(|i| this.scopes_of(i))
            .collect();
        let denied: Vec<Range<usize>> = scopes
            .iter()
            .filter(|s| s.category == Category::Negated)
            .map(|s| s.reach.clone())
            .collect();
        this.scopes = scopes
            .into_iter()
            .filter(|s| !(s.yields && denied.iter().any(|d| this.denies(d, &s.trigger))))
            .collect();
        this
    }

    /// Is `trigger` in the reach of a denial that stands before or behind it, without a comma between?
    fn denies(&self, reach: &Range<usize>, trigger: &Range<usize>) -> bool {
        let close = |between: Range<usize>| {
            self.tokens
                .get(between)
                .unwrap_or_default()
                .iter()
                .all(|t| t.gap == Gap::Blank)
        };
        reach.contains(&trigger.start)
            && (close(reach.start + 1..trigger.start + 1) || close(trigger.end..reach.end))
    }

    /// What is set for the finding at tokens `place`, and by which triggers.
    pub(super) fn judge(&self, place: Range<usize>) -> (Categories, Vec<Set>) {
        if self
            .matches
            .iter()
            .any(|m| m.first < place.end && place.start < m.end)
        {
            return Self::around(self.triggers, self.tokens, place.clone()).inside(&place);
        }
        self.inside(&place)
    }

    fn inside(&self, place: &Range<usize>) -> (Categories, Vec<Set>) {
        let mut categories = Categories::default();
        let mut why: Vec<Set> = Vec::new();
        for scope in &self.scopes {
            let (head, tail) = (place.start, place.end.saturating_sub(1));
            let hit = if scope.reach.start >= scope.trigger.end {
                scope.reach.contains(&head)
            } else {
                scope.reach.contains(&tail)
            };
            if hit {
                categories.insert(scope.category);
                why.push(Set {
                    category: scope.category,
                    trigger: scope.trigger.clone(),
                });
            }
        }
        // Denied and doubted at once is doubted.
        if categories.contains(Category::Negated) && categories.contains(Category::Uncertain) {
            categories.remove(Category::Negated);
        }
        (categories, why)
    }

    /// The group that counts for a match.
    fn group(&self, m: &Match<'_, Role>) -> Option<&'a Group> {
        let members = || {
            m.values.iter().filter_map(|role| match role {
                Role::Member(i) => self
                    .triggers
                    .groups
                    .get(*i)
                    .filter(|g| g.effect != Effect::Terminator),
                Role::Ends(_) => None,
            })
        };
        members()
            .find(|g| g.closing && self.closes(m.end))
            .or_else(|| members().find(|g| !g.closing && (!g.after_comma || self.after_comma(m))))
    }

    fn after_comma(&self, m: &Match<'_, Role>) -> bool {
        self.tokens
            .get(m.first)
            .is_some_and(|t| t.gap >= Gap::Comma)
    }

    /// Nothing, or a mark, follows token `end - 1`.
    fn closes(&self, end: usize) -> bool {
        self.tokens.get(end).is_none_or(|t| t.gap >= Gap::Comma)
    }

    fn scopes_of(&self, index: usize) -> Vec<Scope> {
        let Some(m) = self.matches.get(index) else {
            return Vec::new();
        };
        let Some((group, category)) = self
            .group(m)
            .and_then(|g| g.effect.category().map(|category| (g, category)))
        else {
            return Vec::new();
        };
        let scope = |reach| Scope {
            category,
            trigger: m.first..m.end,
            reach,
            yields: group.yields,
        };
        let right = || scope(m.end..self.right_end(index, m.end, group, category));
        let left = || scope(self.left_end(index, m.first, group, category)..m.first);
        match group.direction {
            Direction::Forward => vec![right()],
            Direction::Backward => vec![left()],
            Direction::Both => vec![left(), right()],
        }
    }

    fn right_end(&self, index: usize, from: usize, group: &Group, category: Category) -> usize {
        let most = group
            .limit
            .map_or(self.tokens.len(), |n| from.saturating_add(n));
        let stop = self
            .matches
            .iter()
            .skip(index + 1)
            .find(|m| {
                self.ends(m, group, category)
                    || (m.first > from && self.denies_after_doubt(m, category))
            })
            .map_or(self.tokens.len(), |m| m.first);
        // A label ("Abdomen: …") or an unmarked end of a statement begins something else.
        let label = (from + 1..self.tokens.len())
            .find(|i| self.tokens.get(*i).is_some_and(|t| t.gap == Gap::Stop))
            .unwrap_or(self.tokens.len());
        let colon = (from + 1..self.tokens.len())
            .find(|i| self.tokens.get(*i).is_some_and(|t| t.gap == Gap::Colon))
            .map_or(self.tokens.len(), |i| i - 1);
        most.min(stop)
            .min(label)
            .min(colon.max(from))
            .min(self.tokens.len())
    }

    fn left_end(&self, index: usize, to: usize, group: &Group, category: Category) -> usize {
        let most = group.limit.map_or(0, |n| to.saturating_sub(n));
        let stop = self
            .matches
            .iter()
            .take(index)
            .rev()
            .find(|m| self.ends(m, group, category))
            .map_or(0, |m| m.end);
        let statement = (0..=to)
            .rev()
            .find(|i| {
                *i < self.tokens.len() && self.tokens.get(*i).is_some_and(|t| t.gap == Gap::Stop)
            })
            .unwrap_or(0);
        most.max(stop).max(statement)
    }

    /// "Possible pneumonia, no effusion": the denial begins something of its own. "Possibly no effusion" stays doubtful: nothing between.
    fn denies_after_doubt(&self, m: &Match<'_, Role>, category: Category) -> bool {
        category == Category::Uncertain
            && self
                .group(m)
                .is_some_and(|g| g.effect == Effect::Negated && g.direction == Direction::Forward)
    }

    /// A phrase may be a trigger of one category and an end of another: "no" ends "history of".
    fn terminates(&self, m: &Match<'_, Role>, category: Category) -> bool {
        m.values.iter().any(|role| match role {
            Role::Member(i) => self.triggers.groups.get(*i).is_some_and(|g| {
                g.effect == Effect::Terminator
                    && (!g.after_comma || self.after_comma(m))
                    && (g.ends.is_empty() || g.ends.contains(&category))
            }),
            Role::Ends(_) => false,
        })
    }

    /// Does match `m` end a scope of `group`?
    fn ends(&self, m: &Match<'_, Role>, group: &Group, category: Category) -> bool {
        let own = m.values.iter().any(|role| {
            matches!(role, Role::Ends(i) if self.triggers.groups.get(*i).is_some_and(|g| std::ptr::eq(g, group)))
        });
        own || self.terminates(m, category)
            || self.group(m).is_some_and(|other| {
                other.effect.category() == Some(category) && other.direction == group.direction
            })
    }
}
