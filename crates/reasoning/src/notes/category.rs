//! What may be said of a finding besides its name.

use serde::{Deserialize, Serialize};

/// How a finding in a text is meant, other than "the patient has it now".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// Said to be absent.
    Negated,
    /// Said to be possible, or asked about.
    Uncertain,
    /// Said of the past.
    Historical,
    /// Said of what might come.
    Hypothetical,
    /// Said of somebody else.
    Family,
}

impl Category {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 5] = [
        Self::Negated,
        Self::Uncertain,
        Self::Historical,
        Self::Hypothetical,
        Self::Family,
    ];

    /// Its word in output.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Negated => "negated",
            Self::Uncertain => "uncertain",
            Self::Historical => "historical",
            Self::Hypothetical => "hypothetical",
            Self::Family => "family",
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A set of [`Category`]; empty means affirmed, of the patient, now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Categories(u8);

impl Categories {
    /// Is `category` in it?
    #[must_use]
    pub const fn contains(self, category: Category) -> bool {
        self.0 & category.bit() != 0
    }

    /// True where the text affirms the finding of the patient now.
    #[must_use]
    pub const fn is_affirmed(self) -> bool {
        self.0 == 0
    }

    /// In the order of [`Category::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Category> {
        Category::ALL.into_iter().filter(move |c| self.contains(*c))
    }

    pub(super) const fn insert(&mut self, category: Category) {
        self.0 |= category.bit();
    }

    pub(super) const fn remove(&mut self, category: Category) {
        self.0 &= !category.bit();
    }
}

impl std::fmt::Display for Categories {
    /// `affirmed`, or the words with commas.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.is_affirmed() {
            return f.write_str("affirmed");
        }
        for (i, category) in self.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            write!(f, "{comma}{}", category.word())?;
        }
        Ok(())
    }
}

impl Serialize for Categories {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}
