//! A pack as it is written: every field of section 8.2 in its own words, so that a pack can be given away and come back equal.

use serde::{Deserialize, Serialize};

/// The whole file. Comments are lost but for those that justify `if_unknown`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Document {
    pub pack: Head,
    #[serde(skip)]
    pub closed_world: Vec<String>,
    pub source: Vec<SourceText>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub input: Vec<InputText>,
    pub node: Vec<NodeText>,
    /// Test vectors as tables: their facts have the form of the rule vectors.
    #[serde(default)]
    pub test: Vec<toml::Table>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    pub id: String,
    pub version: String,
    pub format: i64,
    pub title: String,
    pub scope: String,
    pub lane: String,
    pub authors_role: String,
    pub reviewed_on: toml::value::Datetime,
    pub valid_until: toml::value::Datetime,
    pub jurisdictions: Vec<String>,
    pub applies: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SourceText {
    pub key: String,
    pub text: String,
    pub year: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url_hint: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct InputText {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub from: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct NodeText {
    pub id: String,
    pub title: String,
    pub kind: String,
    pub when: String,
    pub say: String,
    pub option: Vec<OptionText>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OptionText {
    pub id: String,
    pub title: String,
    pub kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only: Option<String>,
    pub stale_after: String,
    pub text: String,
    #[serde(rename = "for")]
    pub supports: Vec<CriterionText>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub against: Vec<CriterionText>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contraindicated: Vec<CriterionText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follow_up: Option<FollowUpText>,
    pub evidence: EvidenceText,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CriterionText {
    #[serde(rename = "if")]
    pub when: String,
    pub say: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FollowUpText {
    pub what: String,
    pub after: String,
    pub before: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct EvidenceText {
    pub grade: String,
    pub source: String,
    pub section: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub native: Option<String>,
}

/// What begins a comment that justifies `if_unknown`.
pub(super) const CLOSED_WORLD: &str = "# closed-world:";

/// The justifications of a pack's text, in their order.
pub(super) fn closed_world(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| line.trim_start().strip_prefix(CLOSED_WORLD))
        .map(|reason| reason.trim().to_owned())
        .collect()
}

impl Document {
    /// Stands in a pack until its text has been read whole.
    pub fn empty() -> Self {
        let never = toml::value::Datetime {
            date: None,
            time: None,
            offset: None,
        };
        Self {
            pack: Head {
                id: String::new(),
                version: String::new(),
                format: 1,
                title: String::new(),
                scope: String::new(),
                lane: String::new(),
                authors_role: String::new(),
                reviewed_on: never,
                valid_until: never,
                jurisdictions: Vec::new(),
                applies: String::new(),
            },
            closed_world: Vec::new(),
            source: Vec::new(),
            input: Vec::new(),
            node: Vec::new(),
            test: Vec::new(),
        }
    }

    /// The file of this pack: fields in the order of the schema, justifications at its head.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        let mut text = String::new();
        for reason in &self.closed_world {
            text.push_str(CLOSED_WORLD);
            text.push(' ');
            text.push_str(reason);
            text.push('\n');
        }
        text.push_str(&toml::to_string(self)?);
        Ok(text)
    }
}
