//! Names of people with all their groups (PS3.5 6.2.1): alphabetic, ideographic, phonetic.

use serde::{Deserialize, Serialize};

/// A PN value, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonName {
    /// In letters: the first group, or the only one.
    pub alphabetic: NameGroup,
    /// In ideograms.
    pub ideographic: NameGroup,
    /// As it sounds.
    pub phonetic: NameGroup,
}

/// The components of one group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameGroup {
    /// Family name complex.
    pub family: String,
    /// Given name complex.
    pub given: String,
    /// Middle name.
    pub middle: String,
    /// `Dr`
    pub prefix: String,
    /// `Jr`
    pub suffix: String,
}

impl PersonName {
    /// From a decoded value; never fails, for any text is somebody's name.
    #[must_use]
    pub fn new(value: &str) -> Self {
        let mut groups = value.split('=').map(NameGroup::new);
        let mut next = || groups.next().unwrap_or_default();
        Self {
            alphabetic: next(),
            ideographic: next(),
            phonetic: next(),
        }
    }

    /// For one line: `YAMADA, Tarou (山田 太郎, やまだ たろう)`; empty for no name.
    #[must_use]
    pub fn shown(&self) -> String {
        let first = self.alphabetic.in_letters();
        let others = [self.ideographic.as_written(), self.phonetic.as_written()];
        let others: Vec<String> = others.into_iter().filter(|t| !t.is_empty()).collect();
        match (first.is_empty(), others.is_empty()) {
            (false, false) => format!("{first} ({})", others.join(", ")),
            (false, true) => first,
            (true, _) => others.join(", "),
        }
    }
}

impl NameGroup {
    fn new(text: &str) -> Self {
        let mut parts = text.split('^').map(|p| p.trim().to_owned());
        let mut next = || parts.next().unwrap_or_default();
        Self {
            family: next(),
            given: next(),
            middle: next(),
            prefix: next(),
            suffix: next(),
        }
    }

    /// `HYATT, Dr Neva M, Jr`: the family name in capitals, where its letters have them.
    fn in_letters(&self) -> String {
        let given = joined(&[&self.prefix, &self.given, &self.middle]);
        [self.family.to_uppercase(), given, self.suffix.clone()]
            .into_iter()
            .filter(|p| !p.is_empty())
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn as_written(&self) -> String {
        joined(&[
            &self.prefix,
            &self.family,
            &self.given,
            &self.middle,
            &self.suffix,
        ])
    }
}

fn joined(parts: &[&str]) -> String {
    let parts: Vec<&str> = parts.iter().copied().filter(|p| !p.is_empty()).collect();
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t50_names_show_all_their_groups() {
        let check = |value: &str, shown: &str| assert_eq!(PersonName::new(value).shown(), shown);
        check("Hyatt^Neva^M^Dr^Jr", "HYATT, Dr Neva M, Jr");
        check(
            "Yamada^Tarou=山田^太郎=やまだ^たろう",
            "YAMADA, Tarou (山田 太郎, やまだ たろう)",
        );
        check("=山田^太郎", "山田 太郎");
        check(
            "Hong^Gildong=洪^吉洞=홍^길동",
            "HONG, Gildong (洪 吉洞, 홍 길동)",
        );
        check("قباني^لنزار", "قباني, لنزار");
        check("Люкceмбypг", "ЛЮКCEМБYPГ");
        check("^Neva", "Neva");
        check("", "");
        check("====^", "");
    }
}
