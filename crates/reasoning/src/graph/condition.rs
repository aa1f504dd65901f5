//! The conditions of edge rows: a small language over rule results, values, codes, findings and statements, joined by `and`.
//!
//! ```text
//! R16.class = absolute|likely        result key of a rule; also R16.outcome and R16.severity
//! R26.conflicts has a                a list that holds a word
//! lab:ferritin < 15 within 180d      newest value of an input of table 4.1, canonical unit; the newest decides
//! problem:icd10:K74,snomed:19943007  active problem; med: active medicine, or started `within 28d`; procedure: `within 90d`
//! finding:lung_nodule.size_mm >= 8   confirmed finding under a project code
//! note:weight_loss                   statement in a text; family:lung_cancer is one about a relative
//! model:lung_nodule = high           band of a model's finding
//! smoking = current|former           age >= 50    sex = female
//! ```
//!
//! What is unknown makes no edge: a value that is missing, a range that does not decide, a rule that cannot tell.

use triptych_clinical::CodeSystem;

use super::sources::Band;
use crate::chart::{EquationSex, Kind};
use crate::input::{self, Input};
use crate::number::Interval;
use crate::outcome::Verdict;
use crate::pathways::days_of;

/// All of these hold.
#[derive(Clone, Debug)]
pub struct Condition {
    /// At least one.
    pub(super) atoms: Vec<Atom>,
}

#[derive(Clone, Debug)]
pub(super) enum Atom {
    Outcome {
        rule: String,
        verdict: Verdict,
    },
    Result {
        rule: String,
        key: String,
        test: Test,
    },
    Lab {
        input: &'static Input,
        test: Option<Test>,
        within: f64,
    },
    Coded {
        kind: Kind,
        codes: Vec<(CodeSystem, String)>,
        within: Option<f64>,
    },
    Finding {
        code: String,
        attribute: Option<(String, Test)>,
    },
    Note {
        concept: String,
        family: bool,
    },
    Model {
        label: String,
        bands: Vec<Band>,
    },
    Smoking(Vec<String>),
    Age(Test),
    Sex(EquationSex),
}

/// A comparison with a literal.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Test {
    Is(Vec<String>),
    IsNot(String),
    Has(String),
    Number(Compare, f64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compare {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
}

impl Compare {
    fn holds(self, x: f64, bound: f64) -> bool {
        match self {
            Self::Less => x < bound,
            Self::LessOrEqual => x <= bound,
            Self::Greater => x > bound,
            Self::GreaterOrEqual => x >= bound,
            Self::Equal => (x - bound).abs() < 1e-9,
        }
    }
}

impl Test {
    /// True when the whole interval satisfies the test.
    pub(super) fn holds_for(&self, value: Interval) -> bool {
        match self {
            Self::Number(compare, bound) => {
                compare.holds(value.low, *bound) && compare.holds(value.high, *bound)
            }
            _ => false,
        }
    }

    /// A value as rules and attributes write it.
    pub(super) fn holds_for_json(&self, value: &serde_json::Value) -> bool {
        let word = || match value {
            serde_json::Value::String(s) => s.clone(),
            other => other.to_string(),
        };
        match self {
            Self::Is(words) => words.contains(&word()),
            Self::IsNot(other) => !value.is_null() && *other != word(),
            Self::Has(item) => value
                .as_array()
                .is_some_and(|a| a.iter().any(|v| v.as_str() == Some(item))),
            Self::Number(..) => value
                .as_f64()
                .is_some_and(|x| self.holds_for(Interval::exact(x))),
        }
    }

    /// An attribute of a finding, which is text.
    pub(super) fn holds_for_text(&self, text: &str) -> bool {
        match self {
            Self::Is(words) => words.iter().any(|w| w == text),
            Self::IsNot(other) => other != text,
            Self::Has(_) => false,
            Self::Number(..) => text
                .parse()
                .is_ok_and(|x| self.holds_for(Interval::exact(x))),
        }
    }
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let atoms = text
            .split(" and ")
            .map(|part| atom(part.trim()))
            .collect::<Result<Vec<_>, _>>()?;
        let stands = |a: &Atom| !matches!(a, Atom::Age(_) | Atom::Sex(_));
        if !atoms.iter().any(stands) {
            return Err("age and sex alone are no evidence".to_owned());
        }
        Ok(Self { atoms })
    }

    /// Rules that the condition reads.
    pub fn rules(&self) -> impl Iterator<Item = &str> {
        self.atoms.iter().filter_map(|a| match a {
            Atom::Outcome { rule, .. } | Atom::Result { rule, .. } => Some(rule.as_str()),
            _ => None,
        })
    }

    /// Rule and result key of each `R16.class = …`.
    pub fn keys(&self) -> impl Iterator<Item = (&str, &str)> {
        self.atoms.iter().filter_map(|a| match a {
            Atom::Result { rule, key, .. } => Some((rule.as_str(), key.as_str())),
            _ => None,
        })
    }
}

fn atom(text: &str) -> Result<Atom, String> {
    let (text, within) = window(text)?;
    let (subject, test) = comparison(text)?;
    let no_window = |atom| match within {
        None => Ok(atom),
        Some(_) => Err(format!("{subject:?} takes no window")),
    };
    match subject.split_once(':') {
        Some(("lab", name)) => Ok(Atom::Lab {
            input: input::by_name(name).ok_or_else(|| format!("no input {name:?}"))?,
            test,
            within: within
                .ok_or_else(|| format!("{subject:?} needs a window, such as within 180d"))?,
        }),
        Some(("problem", codes)) => no_window(coded(Kind::Problem, codes, None)?),
        Some(("med", codes)) => coded(Kind::Medicine, codes, within),
        Some(("procedure", codes)) => coded(Kind::Procedure, codes, within),
        Some(("finding", rest)) => no_window(match rest.split_once('.') {
            None => Atom::Finding {
                code: word(rest)?,
                attribute: None,
            },
            Some((code, name)) => Atom::Finding {
                code: word(code)?,
                attribute: Some((
                    word(name)?,
                    test.ok_or_else(|| format!("{subject:?} needs a comparison"))?,
                )),
            },
        }),
        Some((who @ ("note" | "family"), concept)) => no_window(Atom::Note {
            concept: word(concept)?,
            family: who == "family",
        }),
        Some(("model", label)) => no_window(Atom::Model {
            label: word(label)?,
            bands: bands(test)?,
        }),
        Some((other, _)) => Err(format!("{other:?} is no sort of condition")),
        None => no_window(bare(subject, test)?),
    }
}

/// `age`, `sex`, `smoking` and rules.
fn bare(subject: &str, test: Option<Test>) -> Result<Atom, String> {
    let test = test.ok_or_else(|| format!("{subject:?} needs a comparison"))?;
    match (subject, test) {
        ("age", test @ Test::Number(..)) => Ok(Atom::Age(test)),
        ("sex", Test::Is(words)) => match words.as_slice() {
            [w] if w == "female" => Ok(Atom::Sex(EquationSex::Female)),
            [w] if w == "male" => Ok(Atom::Sex(EquationSex::Male)),
            _ => Err("sex is female or male".to_owned()),
        },
        ("smoking", Test::Is(words)) => {
            match words
                .iter()
                .find(|w| !["current", "former", "never"].contains(&w.as_str()))
            {
                None => Ok(Atom::Smoking(words)),
                Some(other) => Err(format!(
                    "smoking is current, former or never, not {other:?}"
                )),
            }
        }
        (subject, test) => of_rule(subject, test),
    }
}

fn of_rule(subject: &str, test: Test) -> Result<Atom, String> {
    let (rule, key) = subject
        .split_once('.')
        .ok_or_else(|| format!("{subject:?} is no condition"))?;
    let known = rule
        .strip_prefix('R')
        .and_then(|n| n.parse::<u8>().ok())
        .is_some_and(|n| (1..=32).contains(&n));
    if !known {
        return Err(format!("no rule {rule:?}"));
    }
    let rule = rule.to_owned();
    if key != "outcome" {
        let key = word(key)?;
        return Ok(Atom::Result { rule, key, test });
    }
    let verdict = match &test {
        Test::Is(words) => match words.as_slice() {
            [w] if w == "fires" => Verdict::Fires,
            [w] if w == "silent" => Verdict::Silent,
            [w] if w == "cannot_tell" => Verdict::CannotTell,
            _ => return Err("outcome is fires, silent or cannot_tell".to_owned()),
        },
        _ => return Err("outcome takes = alone".to_owned()),
    };
    Ok(Atom::Outcome { rule, verdict })
}

fn coded(kind: Kind, codes: &str, within: Option<f64>) -> Result<Atom, String> {
    let codes = codes
        .split(',')
        .map(|c| {
            let (system, code) = c
                .split_once(':')
                .ok_or_else(|| format!("{c:?} is no code"))?;
            let system = CodeSystem::from_prefix(system)
                .ok_or_else(|| format!("no code system {system:?}"))?;
            Ok((system, word(code)?))
        })
        .collect::<Result<Vec<_>, String>>()?;
    Ok(Atom::Coded {
        kind,
        codes,
        within,
    })
}

fn bands(test: Option<Test>) -> Result<Vec<Band>, String> {
    let all = [Band::Low, Band::Middle, Band::High];
    match test {
        None => Ok(all.to_vec()),
        Some(Test::Is(words)) => words
            .iter()
            .map(|w| {
                all.into_iter()
                    .find(|b| b.in_words() == w)
                    .ok_or_else(|| format!("a band is low, middle or high, not {w:?}"))
            })
            .collect(),
        Some(_) => Err("a model's band takes = alone".to_owned()),
    }
}

/// Cuts ` within 180d` off.
fn window(text: &str) -> Result<(&str, Option<f64>), String> {
    let Some((text, window)) = text.split_once(" within ") else {
        return Ok((text, None));
    };
    let window = window.trim();
    let digits = window.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = window.get(digits.len()..).unwrap_or_default();
    digits
        .parse()
        .ok()
        .and_then(|n| days_of(n, unit))
        .map(|days| (text.trim(), Some(days)))
        .ok_or_else(|| format!("{window:?} is no window such as 180d"))
}

/// Subject and what it is compared with.
fn comparison(text: &str) -> Result<(&str, Option<Test>), String> {
    for (sign, compare) in [
        (" has ", None),
        (" != ", None),
        (" <= ", Some(Compare::LessOrEqual)),
        (" >= ", Some(Compare::GreaterOrEqual)),
        (" < ", Some(Compare::Less)),
        (" > ", Some(Compare::Greater)),
        (" = ", None),
    ] {
        let Some((subject, literal)) = text.split_once(sign) else {
            continue;
        };
        let literal = literal.trim();
        let test = match (sign, compare) {
            (_, Some(compare)) => Test::Number(
                compare,
                literal
                    .parse()
                    .map_err(|_| format!("{literal:?} is no number"))?,
            ),
            (" has ", None) => Test::Has(word(literal)?),
            (" != ", None) => Test::IsNot(word(literal)?),
            _ => match literal.parse() {
                Ok(number) => Test::Number(Compare::Equal, number),
                Err(_) => Test::Is(literal.split('|').map(word).collect::<Result<_, _>>()?),
            },
        };
        return Ok((subject.trim(), Some(test)));
    }
    Ok((text, None))
}

/// A word of letters, digits, `_`, `.` and `-`.
fn word(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if !text.is_empty() && text.chars().all(fits) {
        Ok(text.to_owned())
    } else {
        Err(format!("{text:?} is no word"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_language_is_read() {
        for good in [
            "R16.class = absolute|likely",
            "R26.conflicts has e_plt",
            "R3.outcome = cannot_tell",
            "lab:ferritin < 15 within 180d and sex = female",
            "problem:icd10:K70.3,snomed:19943007",
            "med:atc:B03AC within 28d",
            "finding:lung_nodule.size_mm >= 8",
            "note:weight_loss and age >= 50",
            "family:lung_cancer",
            "model:lung_nodule = middle|high",
            "smoking = current|former",
            "R2.stage = 3",
            "R18.tsh_position != normal",
        ] {
            Condition::parse(good).unwrap();
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (bad, why) in [
            ("lab:feritin < 15 within 180d", "no input"),
            ("lab:ferritin < 15", "needs a window"),
            ("lab:ferritin < few within 180d", "no number"),
            ("lab:ferritin < 15 within soon", "no window"),
            ("R33.class = a", "no rule"),
            ("R16.outcome = likely", "outcome is"),
            ("age >= 50", "no evidence"),
            ("smoking = often", "smoking is"),
            ("sex = any", "sex is"),
            ("problem:K74", "no code"),
            ("problem:icd9:571", "no code system"),
            ("note:weight_loss within 3d", "no window"),
            ("rumour:x", "no sort"),
            ("model:x = huge", "a band is"),
            ("note:weight loss", "no word"),
            ("", "needs a comparison"),
        ] {
            let error = Condition::parse(bad).unwrap_err();
            assert!(error.contains(why), "{bad:?}: {error}");
        }
    }

    #[test]
    fn a_range_holds_only_as_a_whole() {
        let below = Test::Number(Compare::Less, 15.0);
        assert!(below.holds_for(Interval {
            low: 5.0,
            high: 14.0
        }));
        assert!(!below.holds_for(Interval {
            low: 5.0,
            high: 15.0
        }));
    }
}
