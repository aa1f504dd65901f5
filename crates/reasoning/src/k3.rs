//! Kleene's strong three-valued logic: what is not known stays unknown until it cannot matter.

use std::ops::Not;

use serde::{Deserialize, Serialize};

/// Truth of a statement about a patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum K3 {
    /// Known to be false.
    False,
    /// Not known.
    Unknown,
    /// Known to be true.
    True,
}

impl K3 {
    /// `false and unknown = false`.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// `true or unknown = true`.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.max(other)
    }

    /// True only when known to be true.
    #[must_use]
    pub const fn is_true(self) -> bool {
        matches!(self, Self::True)
    }

    /// True only when known to be false.
    #[must_use]
    pub const fn is_false(self) -> bool {
        matches!(self, Self::False)
    }

    /// Known, or `None`.
    #[must_use]
    pub const fn known(self) -> Option<bool> {
        match self {
            Self::True => Some(true),
            Self::False => Some(false),
            Self::Unknown => None,
        }
    }

    /// One answer for several completions of what is missing: they agree, or it is unknown.
    #[must_use]
    pub fn agree(completions: impl IntoIterator<Item = bool>) -> Self {
        let mut answer = None;
        for completion in completions {
            match answer {
                None => answer = Some(completion),
                Some(first) if first != completion => return Self::Unknown,
                Some(_) => {}
            }
        }
        answer.map_or(Self::Unknown, Self::from)
    }
}

impl Not for K3 {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
        }
    }
}

impl From<bool> for K3 {
    fn from(known: bool) -> Self {
        if known { Self::True } else { Self::False }
    }
}

impl From<Option<bool>> for K3 {
    fn from(known: Option<bool>) -> Self {
        known.map_or(Self::Unknown, Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::K3::{self, False, True, Unknown};

    #[test]
    fn kleene_truth_tables() {
        let all = [False, Unknown, True];
        let and = [
            [False, False, False],
            [False, Unknown, Unknown],
            [False, Unknown, True],
        ];
        let or = [
            [False, Unknown, True],
            [Unknown, Unknown, True],
            [True, True, True],
        ];
        for (i, a) in all.into_iter().enumerate() {
            for (j, b) in all.into_iter().enumerate() {
                assert_eq!(a.and(b), and[i][j], "{a:?} and {b:?}");
                assert_eq!(a.or(b), or[i][j], "{a:?} or {b:?}");
                assert_eq!(!(a.and(b)), (!a).or(!b), "De Morgan");
            }
        }
        assert_eq!(!Unknown, Unknown);
    }

    #[test]
    fn completions_decide_only_when_they_agree() {
        assert_eq!(K3::agree([true, true]), True);
        assert_eq!(K3::agree([true, false]), Unknown);
        assert_eq!(K3::agree([]), Unknown);
    }
}
