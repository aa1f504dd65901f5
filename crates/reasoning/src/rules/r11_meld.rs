//! R11: MELD 3.0 in recorded cirrhosis.

use super::r01_egfr::sex_words;
use super::{Rule, ask};
use crate::basis::age_in_words;
use crate::chart::{EquationSex, Measured};
use crate::codes;
use crate::desk::{Desk, days};
use crate::number::{Interval, round};
use crate::outcome::{Finding, Lane, Missing, Quiet, Severity, Why};

pub(super) static RULE: Rule = Rule {
    id: "R11",
    version: "1.0.0",
    lane: Lane::N,
    title: "MELD 3.0",
    trigger: "recorded cirrhosis",
    not_applicable: "no cirrhosis on the problem list",
    citation: "Kim 2021, Gastroenterology 161:1887; OPTN policy 9 (cap at 40)",
    valid_until: "2027-03-01",
    windows: &[
        "cirrhosis on the problem list",
        "bilirubin 30 d; sodium, INR, creatinine and albumin within 7 d of it",
    ],
    thresholds: &[
        "moderate from 15, high from 25; an integer from 6 to 40",
        "bounds: bilirubin, INR and creatinine not below 1.0; creatinine not above 3.0 mg/dL, and 3.0 with dialysis; sodium 125 to 137 mmol/L; albumin 1.5 to 3.5 g/dL",
        "albumin missing: both 1.5 and 3.5 g/dL; sex missing: both",
    ],
    limits: &[
        "With an anticoagulant the INR no longer measures the liver: no score",
        "The paper has no upper end; the cap at 40 is the one of allocation policy",
        "Points for allocation exceptions are not part of the score",
    ],
    settings: &[],
    evaluate,
};

fn evaluate(desk: &mut Desk<'_>) -> Finding {
    if let Err(end) = desk.adult() {
        return end;
    }
    let Some(cirrhosis) = desk.active(&codes::CIRRHOSIS) else {
        return Finding::quiet(Quiet::NotApplicable);
    };
    desk.rests_on_statement(cirrhosis, "trigger: on the problem list");
    let dialysis = desk.dialysis();
    let bilirubin = match ask::newest(desk, "bili", days(30), "score") {
        Ok(bilirubin) => bilirubin,
        Err(missing) => return Finding::cannot_tell().lacking([missing]),
    };
    let taken = bilirubin.datum.instant();
    let [sodium, inr, creatinine, albumin] = ["sodium", "inr", "creatinine", "albumin"]
        .map(|name| ask::beside(desk, name, taken, days(7), &[], "score"));
    let inr = match desk.active(&codes::ANTICOAGULANT) {
        None => inr,
        Some(medicine) => {
            desk.rests_on_statement(medicine, "changes the INR");
            Err(Missing::new("inr", Why::Confounded))
        }
    };
    let creatinine = if dialysis {
        desk.step("dialysis: creatinine counts as 3.0 mg/dL");
        Ok(Interval::exact(3.0))
    } else {
        creatinine.map(|m| m.value)
    };
    let (sodium, inr, creatinine) = match (sodium, inr, creatinine) {
        (Ok(sodium), Ok(inr), Ok(creatinine)) => (sodium, inr, creatinine),
        (sodium, inr, creatinine) => {
            return Finding::cannot_tell()
                .lacking(sodium.err())
                .lacking(inr.err())
                .lacking(creatinine.err())
                .lacking(albumin.err());
        }
    };
    let terms = Terms {
        bilirubin: bilirubin.value.map(|b| b.max(1.0)),
        sodium: sodium.value.map(|na| na.clamp(125.0, 137.0)),
        inr: inr.value.map(|i| i.max(1.0)),
        creatinine: creatinine.map(|c| c.clamp(1.0, 3.0)),
        albumin: albumin
            .as_ref()
            .map_or(ANY_ALBUMIN, |m| (m.value * 0.1).map(bounded_albumin)),
    };
    let score = terms.score(&desk.sexes());
    desk.step(terms.in_words(sex_words(desk)));
    desk.step(format!(
        "MELD 3.0 = {}, rounded to an integer, 6 to 40",
        ask::words(score, 0)
    ));
    let decision = ask::decide(score, severity);
    let albumin_words = if albumin.is_ok() {
        ""
    } else {
        ", albumin missing"
    };
    let summary = format!(
        "MELD 3.0 {} in recorded cirrhosis{albumin_words}; bilirubin {} old",
        ask::words(score, 0),
        age_in_words(taken, desk.at())
    );
    let finding = decision
        .finding(summary)
        .bounded("meld3", score)
        .lacking(desk.missing_sex())
        .lacking(albumin.as_ref().err().cloned());
    if decision == ask::Decision::Undecided {
        let value = |m: &Measured<'_>| m.value;
        finding.lacking(ask::open(&[
            ("bili", value(&bilirubin)),
            ("sodium", value(&sodium)),
            ("inr", value(&inr)),
            ("creatinine", creatinine),
            (
                "albumin",
                albumin.as_ref().map_or(Interval::exact(0.0), value),
            ),
        ]))
    } else {
        finding
    }
}

/// Albumin that stands in for a missing one, g/dL.
const ANY_ALBUMIN: Interval = Interval {
    low: 1.5,
    high: 3.5,
};

fn bounded_albumin(g_dl: f64) -> f64 {
    g_dl.clamp(1.5, 3.5)
}

/// The terms inside their bounds.
struct Terms {
    /// mg/dL
    bilirubin: Interval,
    /// mmol/L
    sodium: Interval,
    inr: Interval,
    /// mg/dL
    creatinine: Interval,
    /// g/dL
    albumin: Interval,
}

impl Terms {
    /// Least and greatest score. It is linear in each term with the others held, but not monotone: above a bilirubin of 30 mg/dL sodium turns,
    /// above a creatinine of 2.7 albumin does. The corners of the box are therefore enough, and are all needed.
    fn score(&self, sexes: &[EquationSex]) -> Interval {
        let ends = |i: Interval| [i.low, i.high];
        let mut scores = Vec::new();
        for sex in sexes {
            for bilirubin in ends(self.bilirubin) {
                for sodium in ends(self.sodium) {
                    for inr in ends(self.inr) {
                        for creatinine in ends(self.creatinine) {
                            for albumin in ends(self.albumin) {
                                scores
                                    .push(meld(*sex, bilirubin, sodium, inr, creatinine, albumin));
                            }
                        }
                    }
                }
            }
        }
        scores
            .into_iter()
            .map(Interval::exact)
            .reduce(Interval::hull)
            .unwrap_or(Interval::exact(f64::NAN))
    }

    fn in_words(&self, sex: &str) -> String {
        format!(
            "within bounds: bilirubin {} mg/dL, sodium {} mmol/L, INR {}, creatinine {} mg/dL, albumin {} g/dL; sex used: {sex}",
            ask::words(self.bilirubin, 1),
            ask::words(self.sodium, 0),
            ask::words(self.inr, 1),
            ask::words(self.creatinine, 2),
            ask::words(self.albumin, 1),
        )
    }
}

/// MELD 3.0 of terms inside their bounds: bilirubin and creatinine in mg/dL, sodium in mmol/L, albumin in g/dL.
fn meld(
    sex: EquationSex,
    bilirubin: f64,
    sodium: f64,
    inr: f64,
    creatinine: f64,
    albumin: f64,
) -> f64 {
    let female = if sex == EquationSex::Female { 1.0 } else { 0.0 };
    let (low_sodium, low_albumin) = (137.0 - sodium, 3.5 - albumin);
    let score = 1.33 * female + 4.56 * bilirubin.ln() + 0.82 * low_sodium
        - 0.24 * low_sodium * bilirubin.ln()
        + 9.09 * inr.ln()
        + 11.14 * creatinine.ln()
        + 1.85 * low_albumin
        - 1.83 * low_albumin * creatinine.ln()
        + 6.0;
    round(score, 0).clamp(6.0, 40.0)
}

/// Severity of a score.
fn severity(score: f64) -> Option<Severity> {
    match score {
        s if s >= 25.0 => Some(Severity::High),
        s if s >= 15.0 => Some(Severity::Moderate),
        _ => None,
    }
}
