//! What a pack shows for one patient: questions, options in plural, and for each criterion met, not met or unknown.

use serde::Serialize;

use super::expr::Ground;
use crate::k3::K3;

/// A pack evaluated for one patient at one index time.
#[derive(Clone, Debug, Serialize)]
pub struct PathwayView {
    /// Pack id.
    pub id: String,
    /// Pack version.
    pub version: String,
    /// Title.
    pub title: String,
    /// For whom, and for whom not.
    pub scope: String,
    /// True: it applies; unknown: one line, [`PathwayView::cannot_tell_line`], and no nodes. A pack that does not apply gives no view.
    pub applies: K3,
    /// What is missing to decide whether it applies, in words.
    pub missing: Vec<String>,
    /// The index time is after `valid_until`: "source past review date".
    pub past_review: bool,
    /// ISO date.
    pub valid_until: String,
    /// Why the pack takes silence for an answer where it does, in words.
    pub assumptions: Vec<String>,
    /// What the answer to whether it applies rests on.
    pub grounds: Vec<Ground>,
    /// Nodes whose `when` is true or unknown, in the order of the pack; none while it is unknown whether the pack applies.
    pub nodes: Vec<NodeView>,
    /// All sources of the pack.
    pub sources: Vec<SourceView>,
}

impl PathwayView {
    /// `Metformin and kidney function: cannot tell, needs creatinine, sex` where it is unknown whether the pack applies (D-10).
    #[must_use]
    pub fn cannot_tell_line(&self) -> Option<String> {
        (self.applies == K3::Unknown).then(|| {
            let needs = if self.missing.is_empty() {
                "more of the record".to_owned()
            } else {
                self.missing.join(", ")
            };
            format!("{}: cannot tell, needs {needs}", self.title)
        })
    }
}

/// A citation of a pack.
#[derive(Clone, Debug, Serialize)]
pub struct SourceView {
    /// Key by which options cite it.
    pub key: String,
    /// Citation.
    pub text: String,
    /// Year.
    pub year: i64,
}

/// A question, state or goal.
#[derive(Clone, Debug, Serialize)]
pub struct NodeView {
    /// Id in the pack.
    pub id: String,
    /// Title.
    pub title: String,
    /// `question`, `state`, `goal`
    pub kind: String,
    /// Unknown: shown greyed.
    pub shown: K3,
    /// Facts in words, names filled in.
    pub say: String,
    /// What is missing to decide whether it is shown, in words.
    pub missing: Vec<String>,
    /// What the question itself rests on.
    pub grounds: Vec<Ground>,
    /// Options by id; none is preselected, none ranked (D-11).
    pub options: Vec<OptionView>,
}

/// One option to weigh.
#[derive(Clone, Debug, Serialize)]
pub struct OptionView {
    /// Id in the node.
    pub id: String,
    /// Title.
    pub title: String,
    /// `test`, `treat`, `refer`, `monitor`, `stop`, `none`
    pub kind: String,
    /// Own words.
    pub text: String,
    /// The only option that this source leaves, where the node has but one.
    pub only: Option<String>,
    /// Reasons for.
    pub supports: Vec<CriterionView>,
    /// Reasons against.
    pub against: Vec<CriterionView>,
    /// Contraindications: a met one strikes the title and keeps the option visible (D-12).
    pub contraindicated: Vec<CriterionView>,
    /// `full blood count after 2 weeks, before 4 weeks`; empty where none is asked.
    pub follow_up: String,
    /// Why it is grey: its newest input is older than `stale_after`, in words.
    pub stale: Option<String>,
    /// `B`, `A (1A)`, `consensus`
    pub grade: String,
    /// `FDA 2016, contraindications`
    pub source: String,
    /// After how long its inputs are too old and it is asked again: `14 days`
    pub asked_again: String,
}

/// A criterion with its truth for this patient.
#[derive(Clone, Debug, Serialize)]
pub struct CriterionView {
    /// In words.
    pub say: String,
    /// Met, not met, unknown.
    pub met: K3,
    /// What is missing when unknown, in words: "check first: …".
    pub missing: Vec<String>,
    /// "from recorded conditions" where the record's silence was taken as "no".
    pub note: Option<String>,
    /// What the answer rests on, in the order of use.
    pub grounds: Vec<Ground>,
}
