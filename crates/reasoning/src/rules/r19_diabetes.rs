//! R19: laboratory criteria of diabetes.

use triptych_clinical::Instant;

use super::{Rule, glycaemia};
use crate::chart::{Datum, Measured, Reported};
use crate::codes;
use crate::desk::{Desk, days, within};
use crate::input;
use crate::k3::K3;
use crate::outcome::{Exclusion, Finding, Lane, Missing, Quiet, Severity, Why};

pub(super) static RULE: Rule = Rule {
    id: "R19",
    version: "1.0.0",
    lane: Lane::N,
    title: "Diabetes criteria",
    trigger: "HbA1c or glucose",
    not_applicable: "",
    citation: "ADA Standards of Care, section 2 (criteria and confirmation); the 365-day pairing window is the project's choice",
    valid_until: "2027-03-01",
    windows: &["HbA1c and glucose 365 d", "symptoms 90 d"],
    thresholds: &[
        "HbA1c 6.5 % (48 mmol/mol), fasting glucose 126 mg/dL (7.0 mmol/L), 2 h after load 200 mg/dL (11.1 mmol/L): two abnormal results",
        "random glucose 200 mg/dL (11.1 mmol/L) with classic symptoms recorded by a clinician: alone",
        "below: 5.7-6.4 % (39-47), 100-125 (5.6-6.9), 140-199 (7.8-11.0) are named as prediabetes range",
    ],
    limits: &[
        "Steroids and acute illness raise glucose",
        "Iron deficiency raises HbA1c; point-of-care HbA1c is less exact",
        "Each value is compared with the threshold of its own unit",
    ],
    settings: &[],
    evaluate,
};

/// A test with its thresholds by unit: `(unit, prediabetes from, abnormal from)`.
struct Test {
    input: &'static str,
    criterion: &'static str,
    words: &'static str,
    flags: &'static [&'static str],
    thresholds: &'static [(&'static str, f64, f64)],
}

static TESTS: [Test; 3] = [
    Test {
        input: "hba1c",
        criterion: "hba1c",
        words: "HbA1c",
        flags: &[],
        thresholds: &[("%", 5.7, 6.5), ("mmol/mol", 39.0, 48.0)],
    },
    Test {
        input: "fpg",
        criterion: "fpg",
        words: "fasting glucose",
        flags: &["not_fasting"],
        thresholds: &[("mmol/L", 5.6, 7.0), ("mg/dL", 100.0, 126.0)],
    },
    Test {
        input: "ogtt2h",
        criterion: "ogtt2h",
        words: "glucose 2 h after load",
        flags: &[],
        thresholds: &[("mmol/L", 7.8, 11.1), ("mg/dL", 140.0, 200.0)],
    },
];
static RANDOM: &[(&str, f64, f64)] = &[("mmol/L", 11.1, 11.1), ("mg/dL", 200.0, 200.0)];

/// At or above the abnormal threshold of its own unit.
fn is_abnormal(m: &Measured<'_>, thresholds: &[(&str, f64, f64)]) -> K3 {
    at_least(m, thresholds, |t| t.2)
}

fn at_least(
    m: &Measured<'_>,
    thresholds: &[(&str, f64, f64)],
    which: impl Fn(&(&str, f64, f64)) -> f64,
) -> K3 {
    thresholds
        .iter()
        .find(|t| t.0 == m.unit)
        .map_or(K3::Unknown, |t| {
            K3::agree([m.raw.low >= which(t), m.raw.high >= which(t)])
        })
}

/// What the tests say together.
#[derive(Default)]
struct Tally {
    seen: bool,
    abnormal: Vec<(&'static str, &'static str, Instant)>,
    prediabetes: bool,
    lacks: Vec<Missing>,
}

fn evaluate(desk: &mut Desk<'_>) -> Finding {
    if let Err(end) = desk.adult() {
        return end;
    }
    let known = desk.active(&codes::DIABETES);
    desk.exclusion("diabetes on the problem list", known.is_some());
    if let Some(datum) = known {
        desk.rests_on_statement(datum, "known diabetes");
        return Finding::quiet(Quiet::Excluded(Exclusion::KnownDiabetes));
    }
    if desk.pregnancy() {
        return Finding::quiet(Quiet::Excluded(Exclusion::Pregnancy));
    }
    let mut tally = Tally::default();
    for test in &TESTS {
        count(desk, test, &mut tally);
    }
    let random = input::by_name("glucose").map_or(Err(Why::Absent), |glucose| {
        let m = desk.newest(glucose, days(365), &[])?;
        desk.rests_on(glucose, &m, "random glucose");
        is_abnormal(&m, RANDOM).known().ok_or(Why::Open)
    });
    let random_high = match random {
        Ok(high) => {
            tally.seen = true;
            high
        }
        Err(Why::Absent | Why::Stale) => false,
        Err(why) => {
            tally.seen = true;
            tally.lacks.push(Missing::new("glucose", why));
            false
        }
    };
    if !tally.seen {
        return Finding::quiet(Quiet::NoTrigger);
    }
    let symptoms = if random_high {
        symptoms(desk)
    } else {
        Ok(false)
    };
    conclude(desk, tally, random_high, symptoms)
}

/// Adds one test's values of 365 d to the tally.
fn count(desk: &mut Desk<'_>, test: &'static Test, tally: &mut Tally) {
    let Some(input) = input::by_name(test.input) else {
        return;
    };
    let newest = match desk.newest(input, days(365), test.flags) {
        Err(Why::Absent | Why::Stale) => return,
        other => other,
    };
    tally.seen = true;
    if test.input == "hba1c" && glycaemia::hba1c_is_confounded(desk) {
        tally.lacks.push(Missing::new("hba1c", Why::Confounded));
        return;
    }
    let newest = match newest {
        Ok(newest) => newest,
        Err(why) => {
            tally.lacks.push(Missing::new(test.input, why));
            return;
        }
    };
    let at = desk.at();
    for m in desk.history(input, at, days(365), test.flags) {
        let taken = m.datum.instant();
        let known = tally
            .abnormal
            .iter()
            .any(|(c, _, t)| *c == test.criterion && *t == taken);
        if !known && is_abnormal(&m, test.thresholds).is_true() {
            desk.rests_on(input, &m, "abnormal result");
            tally.abnormal.push((test.criterion, test.words, taken));
        }
    }
    match is_abnormal(&newest, test.thresholds) {
        K3::Unknown => tally.lacks.push(Missing::new(test.input, Why::Open)),
        K3::False => {
            desk.rests_on(input, &newest, "newest result");
            tally.prediabetes |= at_least(&newest, test.thresholds, |t| t.1).is_true();
        }
        K3::True => {}
    }
}

/// Classic symptoms entered or confirmed by a clinician within 90 d.
fn symptoms(desk: &mut Desk<'_>) -> Result<bool, Why> {
    let at = desk.at();
    let newest: &Datum = desk
        .project_code("hyperglycaemia_symptoms")
        .into_iter()
        .next()
        .ok_or(Why::Absent)?;
    if !within(newest.instant(), at, days(90)) {
        return Err(Why::Stale);
    }
    if newest.unconfirmed {
        return Err(Why::Unconfirmed);
    }
    if !newest.is_usable_statement() {
        return Err(Why::Preliminary);
    }
    Ok(matches!(&newest.value, Reported::Text(t) if t == "present"))
}

fn conclude(
    desk: &mut Desk<'_>,
    tally: Tally,
    random_high: bool,
    symptoms: Result<bool, Why>,
) -> Finding {
    let abnormal = tally.abnormal.len();
    let mut criteria: Vec<&str> = tally.abnormal.iter().map(|(c, ..)| *c).collect();
    criteria.sort_unstable();
    criteria.dedup();
    desk.step(format!("abnormal results: {abnormal} (HbA1c, fasting and 2 h; random glucose never counts as one of two)"));
    if symptoms == Ok(true) {
        desk.step("random glucose at or above the threshold, with classic symptoms recorded");
        return Finding::fires(
            Severity::High,
            "Results meet diabetes criteria: random glucose with classic symptoms. Not on the problem list"
                .to_owned(),
        )
        .with("criteria", vec!["random_with_symptoms"])
        .with("abnormal_results", abnormal);
    }
    if abnormal >= 2 {
        let mut words: Vec<&str> = tally.abnormal.iter().map(|(_, w, _)| *w).collect();
        words.sort_unstable();
        words.dedup();
        return Finding::fires(
            Severity::Moderate,
            format!(
                "Results meet diabetes criteria: {} ({abnormal} results). Not on the problem list",
                words.join(", ")
            ),
        )
        .with("criteria", criteria)
        .with("abnormal_results", abnormal);
    }
    let mut lacks = tally.lacks;
    if abnormal == 1 {
        lacks.push(Missing::new("confirmation", Why::Absent));
    }
    if random_high {
        criteria.push("random_high");
        if let Err(why) = symptoms {
            lacks.push(Missing::new("symptoms", why));
        }
    }
    let finding = if lacks.is_empty() {
        Finding::silent()
    } else {
        Finding::cannot_tell().lacking(lacks)
    };
    if !criteria.is_empty() {
        return finding
            .with("criteria", criteria)
            .with("abnormal_results", abnormal);
    }
    finding.with(
        "category",
        if tally.prediabetes {
            "prediabetes_range"
        } else {
            "below_thresholds"
        },
    )
}
