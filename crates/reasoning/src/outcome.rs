//! What a rule says: it fires, it is silent with a reason, or it cannot tell and names what it needs.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::basis::Basis;
use crate::number::Interval;
use crate::pathways;
use crate::rules::Rule;

/// Orders cards; not a triage category. Shown by shape and word (D-33).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Low.
    Low,
    /// Moderate.
    Moderate,
    /// High.
    High,
}

/// Lane of record-and-signals 1, fixed at build time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Lane {
    /// Notice: rules over structured or confirmed facts.
    N,
    /// Diagnostic model: investigational.
    D,
    /// Time-critical.
    T,
}

/// The three outcomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// There is something to show.
    Fires,
    /// Evaluated, or not applicable: nothing to show.
    Silent,
    /// Depends on something that is missing.
    CannotTell,
}

/// Why a rule is silent without having been evaluated to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quiet {
    /// Nothing of what starts the rule in its window.
    NoTrigger,
    /// Nothing to compare with.
    NoComparator,
    /// The rule is not about this patient.
    NotApplicable,
    /// The lane of the rule is off.
    LaneOff,
    /// Sodium is low as measured and not once corrected for glucose.
    Translocational,
    /// A standard exclusion.
    Excluded(Exclusion),
}

/// Exclusions of record-and-signals 2.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Exclusion {
    Age,
    Dialysis,
    Pregnancy,
    KnownDiabetes,
    Ascvd,
    Malignancy,
    Immunosuppression,
    Screening,
    LimitedLifeExpectancy,
    Repaired,
    AcuteHepatitis,
    Valvular,
}

/// Why an input is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// None exists.
    Absent,
    /// One exists outside the window or the pair distance.
    Stale,
    /// Not final.
    Preliminary,
    /// Unit not accepted.
    UnitRefused,
    /// Outside the plausible limits.
    Implausible,
    /// Flagged specimen.
    Specimen,
    /// From text, not confirmed.
    Unconfirmed,
    /// Something else makes it unusable.
    Confounded,
    /// Measured by another method than its comparator.
    MethodChanged,
    /// The report gives no reference limit.
    ReferenceAbsent,
    /// Outside the values for which the equation was made.
    OutOfModelRange,
    /// The measures to compare are of different kinds or methods.
    Changed,
    /// Not valid in pregnancy.
    Pregnancy,
    /// Acute kidney injury: no steady state.
    Aki,
    /// Reported only as above or below a bound, and the bound does not decide. Not in the shelf's list: added here.
    Open,
}

/// One thing that a rule lacks: `ferritin:absent`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Missing {
    /// Input or named condition.
    pub name: Cow<'static, str>,
    /// Why.
    pub why: Why,
}

/// What a rule found, without its basis.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Outcome.
    pub verdict: Verdict,
    /// Reason of a silent rule that was not evaluated to the end.
    pub quiet: Option<Quiet>,
    /// Severity where it fires.
    pub severity: Option<Severity>,
    /// Known values.
    pub result: BTreeMap<&'static str, Json>,
    /// Values that depend on what is missing: least and greatest.
    pub range: BTreeMap<&'static str, [Json; 2]>,
    /// What is missing, sorted.
    pub missing: Vec<Missing>,
    /// Card text, at most 140 characters; empty unless it fires.
    pub summary: String,
}

/// A rule's answer at one index time, with everything it rests on.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The rule.
    pub rule: &'static Rule,
    /// Analyte, for R25.
    pub analyte: Option<&'static str>,
    /// The answer.
    pub finding: Finding,
    /// Inputs, steps, exclusions, hash.
    pub basis: Basis,
}

impl Finding {
    fn new(verdict: Verdict) -> Self {
        Self {
            verdict,
            quiet: None,
            severity: None,
            result: BTreeMap::new(),
            range: BTreeMap::new(),
            missing: Vec::new(),
            summary: String::new(),
        }
    }

    /// There is something to show.
    #[must_use]
    pub fn fires(severity: Severity, summary: String) -> Self {
        Self {
            severity: Some(severity),
            summary,
            ..Self::new(Verdict::Fires)
        }
    }

    /// Evaluated; nothing to show.
    #[must_use]
    pub fn silent() -> Self {
        Self::new(Verdict::Silent)
    }

    /// Not evaluated to the end.
    #[must_use]
    pub fn quiet(quiet: Quiet) -> Self {
        Self {
            quiet: Some(quiet),
            ..Self::silent()
        }
    }

    /// Depends on something missing.
    #[must_use]
    pub fn cannot_tell() -> Self {
        Self::new(Verdict::CannotTell)
    }

    /// Adds a known value.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl Into<Json>) -> Self {
        self.result.insert(key, value.into());
        self
    }

    /// Adds a known number.
    #[must_use]
    pub fn number(self, key: &'static str, value: f64) -> Self {
        self.with(key, crate::number::json(value))
    }

    /// Adds a number that may be only bounded: under its key where it is one number, as a range where it is not.
    #[must_use]
    pub fn bounded(self, key: &'static str, value: Interval) -> Self {
        match value.point() {
            Some(number) => self.number(key, number),
            None => self.between(
                key,
                crate::number::json(value.low),
                crate::number::json(value.high),
            ),
        }
    }

    /// Adds a range.
    #[must_use]
    pub fn between(
        mut self,
        key: &'static str,
        low: impl Into<Json>,
        high: impl Into<Json>,
    ) -> Self {
        self.range.insert(key, [low.into(), high.into()]);
        self
    }

    /// Adds something missing.
    #[must_use]
    pub fn lacks(mut self, name: impl Into<Cow<'static, str>>, why: Why) -> Self {
        let missing = Missing {
            name: name.into(),
            why,
        };
        if let Err(place) = self.missing.binary_search(&missing) {
            self.missing.insert(place, missing);
        }
        self
    }

    /// Adds several missing things.
    #[must_use]
    pub fn lacking(self, all: impl IntoIterator<Item = Missing>) -> Self {
        all.into_iter().fold(self, |f, m| f.lacks(m.name, m.why))
    }
}

impl Outcome {
    /// In the words of the rule vectors.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        self.finding.verdict
    }

    /// True when an exclusion made the rule silent.
    #[must_use]
    pub const fn is_excluded(&self) -> bool {
        matches!(self.finding.quiet, Some(Quiet::Excluded(_)))
    }

    /// The outcome in words for the coverage list: `silent: no creatinine in its window`.
    #[must_use]
    pub fn in_words(&self) -> String {
        let f = &self.finding;
        match (f.verdict, f.quiet) {
            (Verdict::Fires, _) => f.summary.clone(),
            (Verdict::CannotTell, _) => {
                let ranges = pathways::ranges(self);
                if ranges.is_empty() || f.missing.is_empty() {
                    return format!("cannot tell; {}", needs(&f.missing));
                }
                // A range depends on what is missing (D-09).
                let missing: Vec<String> = f.missing.iter().map(Missing::in_words).collect();
                format!(
                    "cannot tell: {}, depending on {}",
                    ranges.join(", "),
                    missing.join(", ")
                )
            }
            (Verdict::Silent, Some(Quiet::NoTrigger)) => {
                format!("silent: no {} in its window", self.rule.trigger)
            }
            (Verdict::Silent, Some(Quiet::NoComparator)) => {
                "silent: nothing earlier to compare with".to_owned()
            }
            (Verdict::Silent, Some(Quiet::LaneOff)) => "silent: lane T is off".to_owned(),
            (Verdict::Silent, Some(Quiet::NotApplicable)) => {
                format!("silent: {}", self.rule.not_applicable)
            }
            (Verdict::Silent, Some(Quiet::Translocational)) => {
                "silent: low as measured, not below 135 mmol/L once corrected for glucose"
                    .to_owned()
            }
            (Verdict::Silent, Some(Quiet::Excluded(why))) => {
                format!("excluded: {}", why.in_words())
            }
            (Verdict::Silent, None) => "silent: evaluated, criterion not met".to_owned(),
        }
    }
}

/// `needs: ferritin, ACR` (D-10); empty when nothing is missing.
#[must_use]
pub fn needs(missing: &[Missing]) -> String {
    let mut words: Vec<String> = missing.iter().map(Missing::in_words).collect();
    words.dedup();
    if words.is_empty() {
        String::new()
    } else {
        format!("needs: {}", words.join(", "))
    }
}

impl Missing {
    /// A missing input.
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>, why: Why) -> Self {
        Self {
            name: name.into(),
            why,
        }
    }

    /// What is missing in a reader's words: `ferritin (none on record)`.
    #[must_use]
    pub fn in_words(&self) -> String {
        let what: Cow<'_, str> = match self.name.as_ref() {
            "patient.sex" => "sex".into(),
            "patient.birthDate" => "birth date".into(),
            "creatinine_prior" => "an earlier creatinine".into(),
            "egfr_90d" => "a second low eGFR at least 90 days apart".into(),
            "acr_90d" => "a second raised albumin/creatinine ratio at least 90 days apart".into(),
            "steady_state" => "a creatinine in steady state".into(),
            "confirmation" => "a second abnormal result".into(),
            "symptoms" => "classic symptoms, recorded by a clinician".into(),
            "egfr" => "eGFR".into(),
            "dst" => "cortisol after 1 mg dexamethasone".into(),
            "oxygen" => "air or oxygen".into(),
            "noradrenaline_rate" => "noradrenaline rate".into(),
            "lung_nodule" => "lung nodule finding".into(),
            "thyroid_nodule" => "thyroid nodule finding".into(),
            "adrenal_mass" => "adrenal mass finding".into(),
            "aaa_diameter" => "aortic diameter".into(),
            "nodule_measure" => "nodule measure".into(),
            "recommendation" => "recommendation of a report".into(),
            "risk" => "risk group, entered by a clinician".into(),
            "size_mm" => "size".into(),
            "hu" => "unenhanced attenuation".into(),
            "homogeneous" => "homogeneous or not".into(),
            "modality" => "modality".into(),
            "region" => "body region".into(),
            "type" => "nodule type".into(),
            "method" => "one method for both measures".into(),
            "track" => "which nodule was measured".into(),
            "enceph" => "encephalopathy".into(),
            name => crate::input::by_name(name)
                .map_or_else(|| name.to_owned().into(), |i| i.label.into()),
        };
        match self.why {
            Why::Absent => what.into_owned(),
            why => format!("{what} ({})", why.in_words()),
        }
    }
}

impl Why {
    /// The code of rule vectors.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Stale => "stale",
            Self::Preliminary => "preliminary",
            Self::UnitRefused => "unit_refused",
            Self::Implausible => "implausible",
            Self::Specimen => "specimen",
            Self::Unconfirmed => "unconfirmed",
            Self::Confounded => "confounded",
            Self::MethodChanged => "method_changed",
            Self::ReferenceAbsent => "reference_absent",
            Self::OutOfModelRange => "out_of_model_range",
            Self::Changed => "changed",
            Self::Pregnancy => "pregnancy",
            Self::Aki => "aki",
            Self::Open => "open",
        }
    }

    /// In a reader's words.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Absent => "none on record",
            Self::Stale => "too old",
            Self::Preliminary => "newest is preliminary",
            Self::UnitRefused => "unit not usable",
            Self::Implausible => "implausible value",
            Self::Specimen => "specimen flagged",
            Self::Unconfirmed => "from text, not confirmed",
            Self::Confounded => "not usable here",
            Self::MethodChanged => "method changed",
            Self::ReferenceAbsent => "its report gives no limits",
            Self::OutOfModelRange => "outside the range of the equation",
            Self::Changed => "kind or method differs",
            Self::Pregnancy => "not valid in pregnancy",
            Self::Aki => "acute kidney injury criterion met",
            Self::Open => "reported only as above or below a bound",
        }
    }
}

impl Exclusion {
    /// In a reader's words.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Age => "age outside the rule",
            Self::Dialysis => "dialysis",
            Self::Pregnancy => "pregnancy",
            Self::KnownDiabetes => "diabetes is on the problem list",
            Self::Ascvd => "atherosclerotic disease is on the problem list",
            Self::Malignancy => "malignancy is on the problem list",
            Self::Immunosuppression => "immunosuppression is on the problem list",
            Self::Screening => "screening CT: Lung-RADS v2022 applies",
            Self::LimitedLifeExpectancy => "limited life expectancy, recorded by a clinician",
            Self::Repaired => "aneurysm repaired",
            Self::AcuteHepatitis => "AST or ALT above 5 times the upper limit",
            Self::Valvular => "mechanical heart valve or mitral stenosis",
        }
    }
}

impl fmt::Display for Missing {
    /// `ferritin:absent`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.name, self.why.code())
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fires => "fires",
            Self::Silent => "silent",
            Self::CannotTell => "cannot_tell",
        })
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Moderate => "moderate",
            Self::High => "high",
        })
    }
}

impl fmt::Display for Quiet {
    /// The code of rule vectors: `no_trigger`, `excluded:age`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoTrigger => "no_trigger",
            Self::NoComparator => "no_comparator",
            Self::NotApplicable => "not_applicable",
            Self::LaneOff => "lane_off",
            Self::Translocational => "translocational",
            Self::Excluded(Exclusion::Age) => "excluded:age",
            Self::Excluded(Exclusion::Dialysis) => "excluded:dialysis",
            Self::Excluded(Exclusion::Pregnancy) => "excluded:pregnancy",
            Self::Excluded(Exclusion::KnownDiabetes) => "excluded:known_diabetes",
            Self::Excluded(Exclusion::Ascvd) => "excluded:ascvd",
            Self::Excluded(Exclusion::Malignancy) => "excluded:malignancy",
            Self::Excluded(Exclusion::Immunosuppression) => "excluded:immunosuppression",
            Self::Excluded(Exclusion::Screening) => "excluded:screening",
            Self::Excluded(Exclusion::LimitedLifeExpectancy) => "excluded:limited_life_expectancy",
            Self::Excluded(Exclusion::Repaired) => "excluded:repaired",
            Self::Excluded(Exclusion::AcuteHepatitis) => "excluded:acute_hepatitis",
            Self::Excluded(Exclusion::Valvular) => "excluded:valvular",
        })
    }
}
