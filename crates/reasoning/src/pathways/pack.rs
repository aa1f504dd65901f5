//! A pack as it was checked: every name resolved, every expression typed. Section 8.2.

use triptych_clinical::CodeSystem;

use super::PackError;
use super::document::Document;
use super::expr::{Expr, Names, Statement, Type, days_of};
use super::results::result_type;
use crate::input::Input;
use crate::outcome::Lane;
use crate::rules::{self, Rule};

/// A loaded pack.
#[derive(Clone, Debug)]
pub struct Pack {
    /// `iron-deficiency-anaemia`
    pub id: String,
    /// `1.0.0`
    pub version: String,
    /// At most 80 characters.
    pub title: String,
    /// For whom, and for whom not.
    pub scope: String,
    /// N or D.
    pub lane: Lane,
    /// Role of the authors.
    pub authors_role: String,
    /// ISO date.
    pub reviewed_on: String,
    /// ISO date.
    pub valid_until: String,
    /// `US`, `EU` …
    pub jurisdictions: Vec<String>,
    /// Why the pack may take silence for an answer where it says `if_unknown`; shown on the card.
    pub closed_world: Vec<String>,
    /// Whom it is about.
    pub(super) applies: Expr,
    /// Citations.
    pub sources: Vec<Source>,
    pub(super) inputs: Vec<InputDecl>,
    pub(super) nodes: Vec<Node>,
    /// Number of `[[test]]` tables; all passed when the pack was loaded.
    pub tests: usize,
    /// `W…`: the pack loads, its authors should look.
    pub warnings: Vec<PackError>,
    /// As written.
    pub(super) document: Document,
}

/// Two packs are equal when every field and test is written the same; comments and layout do not count.
impl PartialEq for Pack {
    fn eq(&self, other: &Self) -> bool {
        self.document == other.document
    }
}

/// A citation.
#[derive(Clone, Debug)]
pub struct Source {
    /// Key by which options cite it.
    pub key: String,
    /// Citation.
    pub text: String,
    /// Year.
    pub year: i64,
    /// Where it may be found.
    pub url_hint: Option<String>,
}

/// A name that expressions may use.
#[derive(Clone, Debug)]
pub(super) struct InputDecl {
    pub name: String,
    pub kind: Type,
    /// Unit of `num`, with its factor to the base unit of the dimension.
    pub unit: Option<(String, f64)>,
    pub from: From,
    /// Days; `None`: no limit.
    pub window: Option<f64>,
}

/// Where an input comes from.
#[derive(Clone, Debug)]
pub(super) enum From {
    /// Table 4.1.
    Table(&'static Input),
    /// Table 4.1, a coded answer.
    Coded(&'static Input),
    /// Result key of a rule.
    Rule(&'static Rule, String),
    /// Active problem.
    Problem(Statement),
    /// Dose of the active medicine, mg a day.
    Dose(Statement),
    /// Days since the start of the active medicine.
    DaysActive(Statement),
    /// Attribute of a finding under a project code.
    Finding(String, String),
    /// Asked of the clinician, stored as a fact under this project code.
    Clinician(String),
}

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub id: String,
    pub title: String,
    pub kind: String,
    pub when: Expr,
    pub say: String,
    pub options: Vec<Choice>,
}

/// An option of a node.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    pub id: String,
    pub title: String,
    pub kind: String,
    pub only: Option<String>,
    pub supports: Vec<Criterion>,
    pub against: Vec<Criterion>,
    pub contraindicated: Vec<Criterion>,
    pub follow_up: Option<FollowUp>,
    pub stale_after_days: f64,
    pub evidence: Evidence,
    pub text: String,
}

#[derive(Clone, Debug)]
pub(super) struct Criterion {
    pub when: Expr,
    pub say: String,
    pub source: Option<String>,
}

#[derive(Clone, Debug)]
pub(super) struct FollowUp {
    pub what: String,
    pub after: String,
    pub before: String,
}

#[derive(Clone, Debug)]
pub(super) struct Evidence {
    pub grade: String,
    pub source: String,
    pub section: String,
    pub native: Option<String>,
}

/// What an option asks to be looked at afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Follow<'a> {
    /// Title of the option.
    pub option: &'a str,
    /// What is to follow.
    pub what: &'a str,
    /// Not before, a duration of the pack: `2w`, `3mo`. Empty: at once.
    pub after: &'a str,
    /// Not later.
    pub before: &'a str,
}

impl Pack {
    /// What an option of a node asks for afterwards; `None` where it asks for nothing, or is not in this pack.
    #[must_use]
    pub fn follow_up(&self, node: &str, option: &str) -> Option<Follow<'_>> {
        let node = self.nodes.iter().find(|n| n.id == node)?;
        let choice = node.options.iter().find(|o| o.id == option)?;
        let follow = choice.follow_up.as_ref()?;
        Some(Follow {
            option: &choice.title,
            what: &follow.what,
            after: &follow.after,
            before: &follow.before,
        })
    }

    /// `iron-deficiency-anaemia@1.0.0`
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}@{}", self.id, self.version)
    }

    /// The number of questions, states and goals.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// The number of options of all nodes.
    #[must_use]
    pub fn option_count(&self) -> usize {
        self.nodes.iter().map(|n| n.options.len()).sum()
    }

    /// The pack as a file: `<id>-<version>.toml`. Comments other than `# closed-world:` are not kept.
    ///
    /// # Errors
    /// The message of the TOML writer.
    pub fn to_toml(&self) -> Result<String, String> {
        self.document.to_toml().map_err(|e| e.to_string())
    }

    pub(super) fn input(&self, name: &str) -> Option<&InputDecl> {
        self.inputs.iter().find(|i| i.name == name)
    }
}

/// Names of a pack while it is loaded and afterwards.
pub(super) struct PackNames<'a> {
    pub inputs: &'a [InputDecl],
    pub closed_world: bool,
}

impl Names for PackNames<'_> {
    fn type_of(&self, name: &str) -> Option<Type> {
        if let Some(input) = self.inputs.iter().find(|i| i.name == name) {
            return Some(input.kind);
        }
        match name {
            "at" => Some(Type::Date),
            "sex" => Some(Type::Text),
            _ => {
                let (rule, key) = rule_key(name)?;
                match key {
                    "fires" => Some(Type::Bool),
                    "severity" => Some(Type::Text),
                    key => result_type(rule.id, key).map(|(kind, _)| kind),
                }
            }
        }
    }

    fn is_input(&self, name: &str) -> bool {
        self.inputs.iter().any(|i| i.name == name)
    }

    fn unit_words(&self, name: &str) -> Option<String> {
        if let Some(input) = self.inputs.iter().find(|i| i.name == name) {
            return input.unit.as_ref().map(|(unit, _)| unit.clone());
        }
        let (rule, key) = rule_key(name)?;
        result_type(rule.id, key).map(|(_, unit)| unit.to_owned())
    }

    fn closed_world_justified(&self) -> bool {
        self.closed_world
    }
}

/// `rule.R16.fires` as rule and key, where the rule is built.
pub(super) fn rule_key(name: &str) -> Option<(&'static Rule, &str)> {
    let (id, key) = name.strip_prefix("rule.")?.split_once('.')?;
    Some((rules::by_id(id)?, key))
}

/// `atc:B03AA` as a statement of a kind.
pub(super) fn coded(kind: crate::chart::Kind, text: &str) -> Option<Statement> {
    let (system, code) = text.split_once(':')?;
    Some(Statement {
        kind,
        system: CodeSystem::from_prefix(system)?,
        code: Some(code).filter(|c| !c.is_empty())?.to_owned(),
    })
}

/// `180d` in days; `None` when the text is no duration.
pub(super) fn duration_days(text: &str) -> Option<f64> {
    let split = text
        .find(|c: char| c.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let plain = number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    number
        .parse()
        .ok()
        .filter(|_| plain)
        .and_then(|n| days_of(n, unit))
}
