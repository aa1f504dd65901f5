//! The acceptance test of the rules: `triptych-rule-vectors` files, format in `rules/schema.md` of the specification.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use triptych_clinical::{
    CodeSystem, Coding, Comparator, Instant, Origin, Precision, ReferenceRange, Status, When,
};

use crate::chart::{Chart, Datum, EquationSex, Kind, Person, Reported};
use crate::outcome::Outcome;
use crate::rules::{self, ANALYTES};
use crate::settings::{AaaGuideline, AfScore, AkiBaseline, KfreRegion, Settings, Spo2Scale};

/// Why a vectors file cannot be run at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VectorError {
    /// Not JSON, or not of the schema.
    #[error("not a rule vectors file: {0}")]
    Json(#[from] serde_json::Error),
    /// Wrong `format`.
    #[error("format is {0:?}, expected \"triptych-rule-vectors\"")]
    Format(String),
    /// Newer than this program.
    #[error("version {0} is newer than 1, which this program reads")]
    Version(u32),
    /// `count` and the list differ.
    #[error("count says {declared}, the file holds {found} vectors")]
    Count {
        /// `count`
        declared: usize,
        /// Length of the list.
        found: usize,
    },
    /// A field of one vector cannot be read.
    #[error("vector {id}: {what}")]
    Vector {
        /// Vector.
        id: String,
        /// What and why.
        what: String,
    },
}

/// What a run found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct VectorReport {
    /// Vectors that the filter let through, built or not.
    pub total: usize,
    /// Every `expected` was met.
    pub passed: usize,
    /// One entry for each difference.
    pub failed: Vec<VectorFailure>,
    /// Vectors of rules that are not built: never counted as passed.
    pub not_built: usize,
    /// Passed vectors by rule.
    pub passed_by_rule: BTreeMap<String, usize>,
    /// `--explain`: basis of each vector that was run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub explained: Vec<Explanation>,
}

/// One difference between expected and got.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VectorFailure {
    /// Vector.
    pub id: String,
    /// `outcome`, `result.stage` …
    pub path: String,
    /// As the file says.
    pub expected: Json,
    /// As the rule says.
    pub got: Json,
}

/// The basis of one vector in words.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// Vector.
    pub id: String,
    /// Outcome in words.
    pub outcome: String,
    /// Basis items, steps, exclusions, one a line.
    pub lines: Vec<String>,
}

/// Restricts a run; empty lists let everything through.
#[derive(Clone, Debug, Default)]
pub struct VectorFilter {
    /// `--rule`
    pub rules: Vec<String>,
    /// `--id`
    pub ids: Vec<String>,
    /// `--explain`
    pub explain: bool,
}

impl std::fmt::Display for VectorFailure {
    /// `R2-07 outcome: expected fires, got silent`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let plain = |j: &Json| j.as_str().map_or_else(|| j.to_string(), str::to_owned);
        write!(
            f,
            "{} {}: expected {}, got {}",
            self.id,
            self.path,
            plain(&self.expected),
            plain(&self.got)
        )
    }
}

impl VectorReport {
    /// True when every vector that was run passed.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.failed.is_empty()
    }

    /// Vectors with at least one difference.
    #[must_use]
    pub fn failed_vectors(&self) -> usize {
        self.total - self.passed - self.not_built
    }

    /// `passed 308, failed 0`, with `, not built 342` where some were not built.
    #[must_use]
    pub fn last_line(&self) -> String {
        let line = format!("passed {}, failed {}", self.passed, self.failed_vectors());
        if self.not_built == 0 {
            line
        } else {
            format!("{line}, not built {}", self.not_built)
        }
    }
}

#[derive(Deserialize)]
struct File {
    format: String,
    version: u32,
    at: String,
    tolerance: Tolerance,
    count: usize,
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Tolerance {
    numeric_abs: f64,
}

/// One vector. Pathway packs use the same form of facts in their tests.
#[derive(Deserialize)]
struct Vector {
    rule: String,
    id: String,
    patient: Patient,
    at: Option<String>,
    #[serde(default)]
    params: BTreeMap<String, Json>,
    #[serde(default)]
    settings: BTreeMap<String, Json>,
    facts: Vec<VectorFact>,
    expected: Expected,
}

/// `patient` of a vector.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Patient {
    pub sex: Option<String>,
    #[serde(rename = "birthDate")]
    pub birth_date: Option<String>,
}

/// One fact of a vector.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VectorFact {
    id: Option<String>,
    kind: Option<String>,
    code: String,
    value: Option<Json>,
    unit: Option<String>,
    op: Option<String>,
    time: String,
    recorded: Option<String>,
    end: Option<String>,
    status: Option<String>,
    #[serde(rename = "ref")]
    reference: Option<Limits>,
    #[serde(default)]
    flags: Vec<String>,
    method: Option<String>,
    source: Option<String>,
    #[serde(default)]
    confirmed: bool,
    #[serde(default)]
    attrs: BTreeMap<String, Json>,
}

/// `ref` of a fact, in the unit of its value.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Limits {
    low: Option<f64>,
    high: Option<f64>,
}

#[derive(Deserialize)]
struct Expected {
    outcome: String,
    #[serde(default)]
    result: BTreeMap<String, Json>,
    #[serde(default)]
    range: BTreeMap<String, Json>,
    severity: Option<String>,
    missing: Option<Vec<String>>,
    reason: Option<String>,
}

/// Runs a vectors file.
///
/// # Errors
/// [`VectorError`] when the file cannot be read as vectors; a difference is no error but an entry of the report.
pub fn eval_vectors(bytes: &[u8], filter: &VectorFilter) -> Result<VectorReport, VectorError> {
    let file = load(bytes)?;
    let mut report = VectorReport::default();
    for vector in file.vectors.iter().filter(|v| filter.lets_through(v)) {
        report.total += 1;
        let Some(outcome) = outcome(vector, &file.at)? else {
            report.not_built += 1;
            continue;
        };
        let differences = compare(vector, &outcome, file.tolerance.numeric_abs);
        if differences.is_empty() {
            report.passed += 1;
            *report
                .passed_by_rule
                .entry(vector.rule.clone())
                .or_default() += 1;
        }
        report.failed.extend(differences);
        if filter.explain {
            report.explained.push(explain(&vector.id, &outcome));
        }
    }
    Ok(report)
}

/// What the rules that are built say of each vector, by its id, without comparing it with what the vector expects.
///
/// # Errors
/// [`VectorError`] when the file cannot be read as vectors.
pub fn vector_outcomes(
    bytes: &[u8],
    filter: &VectorFilter,
) -> Result<Vec<(String, Outcome)>, VectorError> {
    let file = load(bytes)?;
    let mut outcomes = Vec::new();
    for vector in file.vectors.iter().filter(|v| filter.lets_through(v)) {
        if let Some(outcome) = outcome(vector, &file.at)? {
            outcomes.push((vector.id.clone(), outcome));
        }
    }
    Ok(outcomes)
}

fn load(bytes: &[u8]) -> Result<File, VectorError> {
    let file: File = serde_json::from_slice(bytes)?;
    if file.format != "triptych-rule-vectors" {
        return Err(VectorError::Format(file.format));
    }
    if file.version > 1 {
        return Err(VectorError::Version(file.version));
    }
    if file.count != file.vectors.len() {
        return Err(VectorError::Count {
            declared: file.count,
            found: file.vectors.len(),
        });
    }
    Ok(file)
}

impl VectorFilter {
    fn lets_through(&self, vector: &Vector) -> bool {
        let listed = |list: &[String], item| list.is_empty() || list.contains(item);
        listed(&self.rules, &vector.rule) && listed(&self.ids, &vector.id)
    }
}

/// What the vector's rule says; `None` where it is not built. `at` is the index time of vectors that have none of their own.
fn outcome(vector: &Vector, at: &str) -> Result<Option<Outcome>, VectorError> {
    let Some(rule) = rules::by_id(&vector.rule) else {
        return Ok(None);
    };
    let fail = |what: String| VectorError::Vector {
        id: vector.id.clone(),
        what,
    };
    let at = vector.at.as_deref().unwrap_or(at);
    let at = When::parse(at).map_err(|e| fail(e.to_string()))?.instant;
    let chart = chart_of(&vector.patient, &vector.facts, at).map_err(fail)?;
    let settings = settings(&vector.settings).map_err(fail)?;
    let analyte = match vector.params.get("analyte").and_then(Json::as_str) {
        None => None,
        // An analyte without a row in table 2.5 is a legal question; its answer is "not applicable".
        Some(name) => Some(
            ANALYTES
                .iter()
                .find_map(|(n, _)| (*n == name).then_some(*n))
                .unwrap_or("not listed"),
        ),
    };
    Ok(Some(rule.evaluate(&chart, &settings, analyte)))
}

/// The chart that a vector describes.
pub(crate) fn chart_of(
    patient: &Patient,
    facts: &[VectorFact],
    at: Instant,
) -> Result<Chart, String> {
    let person = Person {
        sex: match patient.sex.as_deref() {
            Some("female") => Some(EquationSex::Female),
            Some("male") => Some(EquationSex::Male),
            _ => None,
        },
        birth: match &patient.birth_date {
            None => None,
            Some(text) => Some(When::parse(text).map_err(|e| e.to_string())?),
        },
        death: None,
    };
    let data = facts
        .iter()
        .enumerate()
        .map(|(i, f)| f.datum(i, at))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Chart::new(person, at, data))
}

impl VectorFact {
    fn datum(&self, index: usize, at: Instant) -> Result<Datum, String> {
        let time = moment(&self.time, at)?;
        let kind = match self.kind.as_deref() {
            None | Some("obs") => Kind::Observation,
            Some("med") => Kind::Medicine,
            Some("problem") => Kind::Problem,
            Some("procedure") => Kind::Procedure,
            Some("finding") => Kind::Finding,
            Some("imaging") => Kind::Imaging,
            Some("allergy") => Kind::Allergy,
            Some(other) => return Err(format!("kind {other:?} is not known")),
        };
        let (system, code) = self
            .code
            .split_once(':')
            .and_then(|(s, c)| Some((CodeSystem::from_prefix(s)?, c)))
            .ok_or_else(|| format!("code {:?} has no known prefix", self.code))?;
        let comparator = match self.op.as_deref() {
            None => None,
            Some("<") => Some(Comparator::Below),
            Some("<=") => Some(Comparator::AtMost),
            Some(">") => Some(Comparator::Above),
            Some(">=") => Some(Comparator::AtLeast),
            Some(other) => return Err(format!("op {other:?} is not known")),
        };
        let value = match &self.value {
            None => Reported::None,
            Some(Json::Number(n)) => Reported::Number {
                value: n.as_f64().ok_or("value is not a number")?,
                comparator,
                unit: self.unit.as_deref().map(Into::into),
                written: n.to_string().into(),
            },
            Some(Json::String(text)) => Reported::Text(text.clone()),
            Some(other) => return Err(format!("value {other} is neither number nor text")),
        };
        let text = |j: &Json| j.as_str().map_or_else(|| j.to_string(), str::to_owned);
        Ok(Datum {
            fact: None,
            key: self
                .id
                .clone()
                .unwrap_or_else(|| format!("#{index:04}"))
                .into(),
            kind,
            codes: [Coding::new(system, code)].into(),
            display: "".into(),
            value,
            answer: None,
            reference: self.reference.map(|r| {
                Arc::new(ReferenceRange {
                    low: r.low,
                    high: r.high,
                    text: None,
                })
            }),
            time: When {
                instant: time,
                precision: Precision::Second,
                offset_minutes: 0,
            },
            recorded: self
                .recorded
                .as_deref()
                .map_or(Ok(time), |r| moment(r, at))?,
            version: 1,
            status: status(self.status.as_deref(), kind)?,
            end: self.end.as_deref().map(|e| moment(e, at)).transpose()?,
            flags: self.flags.clone().into(),
            method: self.method.as_deref().map(Into::into),
            unconfirmed: self.source.as_deref() == Some("note") && !self.confirmed,
            origin: match self.source.as_deref() {
                Some("note") => Origin::Note,
                _ => Origin::Structured,
            },
            attrs: self
                .attrs
                .iter()
                .map(|(k, v)| (k.clone(), text(v)))
                .collect::<BTreeMap<_, _>>()
                .into(),
        })
    }
}

fn status(text: Option<&str>, kind: Kind) -> Result<Status, String> {
    Ok(match text {
        None if kind == Kind::Observation => Status::Final,
        None | Some("active") => Status::Active,
        Some("final") => Status::Final,
        Some("amended") => Status::Amended,
        Some("corrected") => Status::Corrected,
        Some("appended") => Status::Appended,
        Some("preliminary") => Status::Preliminary,
        Some("registered") => Status::Registered,
        Some("partial") => Status::Partial,
        Some("cancelled") => Status::Cancelled,
        Some("entered-in-error") => Status::EnteredInError,
        Some("unknown") => Status::Unknown,
        Some("completed") => Status::Completed,
        Some(other) => return Err(format!("status {other:?} is not known")),
    })
}

/// RFC 3339, or an offset from the index time: `-1d`, `-2920h`, `+1d`.
fn moment(text: &str, at: Instant) -> Result<Instant, String> {
    let wrong = || format!("{text:?} is neither a time nor an offset");
    if !text.starts_with(['+', '-']) {
        return When::parse(text)
            .map(|w| w.instant)
            .map_err(|e| e.to_string());
    }
    let (number, unit) = text.split_at_checked(text.len() - 1).ok_or_else(wrong)?;
    let number: i64 = number.parse().map_err(|_| wrong())?;
    let seconds = match unit {
        "d" => 86_400,
        "h" => 3_600,
        "m" => 60,
        "s" => 1,
        _ => return Err(wrong()),
    };
    Ok(Instant(at.0.saturating_add(
        number.saturating_mul(seconds).saturating_mul(1_000_000),
    )))
}

fn settings(given: &BTreeMap<String, Json>) -> Result<Settings, String> {
    let mut settings = Settings::default();
    for (key, value) in given {
        let number = || {
            value
                .as_f64()
                .ok_or_else(|| format!("setting {key} is no number"))
        };
        match key.as_str() {
            "aki.baseline" => {
                settings.aki_baseline = match value.as_str() {
                    Some("min") => AkiBaseline::Min,
                    Some("rv1_first") => AkiBaseline::Rv1First,
                    _ => return Err(format!("setting {key}: {value} is not known")),
                }
            }
            "kfre.region" => {
                settings.kfre_region = match value.as_str() {
                    Some("other") => KfreRegion::Other,
                    Some("north_america") => KfreRegion::NorthAmerica,
                    _ => return Err(format!("setting {key}: {value} is not known")),
                }
            }
            "kfre.refer5y" => settings.kfre_refer5y = number()?,
            "sodium.glucose_factor" => settings.sodium_glucose_factor = number()?,
            "ag.upper" => settings.ag_upper = number()?,
            "af.score" => {
                settings.af_score = match value.as_str() {
                    Some("CHA2DS2-VA") => AfScore::Va,
                    Some("CHA2DS2-VASc") => AfScore::Vasc,
                    _ => return Err(format!("setting {key}: {value} is not known")),
                }
            }
            "ferritin.low" => settings.ferritin_low = number()?,
            "hba1c.target" => settings.hba1c_target = number()?,
            "rcv.z" => settings.rcv_z = number()?,
            "lane_t" => {
                settings.lane_t = value
                    .as_bool()
                    .ok_or_else(|| format!("setting {key} is neither true nor false"))?;
            }
            "news2.spo2_scale" => {
                settings.spo2_scale = match value.as_u64() {
                    Some(1) => Spo2Scale::One,
                    Some(2) => Spo2Scale::Two,
                    _ => return Err(format!("setting {key}: {value} is not known")),
                }
            }
            "sofa.baseline" => settings.sofa_baseline = number()?,
            "aaa.guideline" => {
                settings.aaa_guideline = match value.as_str() {
                    Some("SVS2018") => AaaGuideline::Svs2018,
                    Some("NHS") => AaaGuideline::Nhs,
                    _ => return Err(format!("setting {key}: {value} is not known")),
                }
            }
            "rcv.cva" => {
                let table = value.as_object().ok_or("setting rcv.cva is no object")?;
                settings.rcv_cva = table
                    .iter()
                    .filter_map(|(k, v)| Some((k.clone(), v.as_f64()?)))
                    .collect();
            }
            // Switches of rules that are not built change nothing here.
            _ => {}
        }
    }
    Ok(settings)
}

fn compare(vector: &Vector, outcome: &Outcome, tolerance: f64) -> Vec<VectorFailure> {
    let (expected, f) = (&vector.expected, &outcome.finding);
    let mut failures = Vec::new();
    let mut check = |path: String, expected: Json, got: Json| {
        if !same(&expected, &got, tolerance) {
            failures.push(VectorFailure {
                id: vector.id.clone(),
                path,
                expected,
                got,
            });
        }
    };
    check(
        "outcome".to_owned(),
        expected.outcome.clone().into(),
        f.verdict.to_string().into(),
    );
    for (key, value) in &expected.result {
        // A key that is absent differs from one that is null.
        let got = f.result.get(key.as_str()).cloned();
        check(
            format!("result.{key}"),
            value.clone(),
            got.unwrap_or_else(|| "(absent)".into()),
        );
    }
    for (key, value) in &expected.range {
        let got = f.range.get(key.as_str());
        check(
            format!("range.{key}"),
            value.clone(),
            got.map_or_else(
                || "(absent)".into(),
                |[a, b]| Json::from(vec![a.clone(), b.clone()]),
            ),
        );
    }
    check(
        "severity".to_owned(),
        expected.severity.clone().into(),
        f.severity.map(|s| s.to_string()).into(),
    );
    if expected.outcome != "fires" || expected.missing.is_some() {
        let mut want = expected.missing.clone().unwrap_or_default();
        want.sort();
        let mut got: Vec<String> = f.missing.iter().map(ToString::to_string).collect();
        got.sort();
        if expected.outcome == "fires" {
            // A card may list more.
            got.retain(|m| want.contains(m));
        }
        check("missing".to_owned(), want.into(), got.into());
    }
    if expected.outcome == "silent" {
        check(
            "reason".to_owned(),
            expected.reason.clone().into(),
            f.quiet.map(|q| q.to_string()).into(),
        );
    }
    failures
}

/// Equal, numbers within the tolerance.
pub(crate) fn same(a: &Json, b: &Json, tolerance: f64) -> bool {
    match (a, b) {
        (Json::Number(x), Json::Number(y)) => match (x.as_f64(), y.as_f64()) {
            (Some(x), Some(y)) => (x - y).abs() <= tolerance,
            _ => false,
        },
        (Json::Array(x), Json::Array(y)) => {
            x.len() == y.len() && x.iter().zip(y).all(|(x, y)| same(x, y, tolerance))
        }
        _ => a == b,
    }
}

fn explain(id: &str, outcome: &Outcome) -> Explanation {
    let b = &outcome.basis;
    let mut lines: Vec<String> = b
        .items
        .iter()
        .map(|i| {
            let converted = if i.canonical.is_empty() || i.canonical == i.original {
                String::new()
            } else {
                format!(" = {}", i.canonical)
            };
            format!(
                "{} ({}): {}{converted}, {} old",
                i.name, i.role, i.original, i.age
            )
        })
        .collect();
    lines.extend(b.steps.iter().cloned());
    lines.extend(b.exclusions.iter().cloned());
    lines.extend(b.missing.iter().map(|m| format!("missing: {m}")));
    Explanation {
        id: id.to_owned(),
        outcome: outcome.in_words(),
        lines,
    }
}
