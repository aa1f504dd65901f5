//! R13: pattern of liver injury, and the biochemistry of Hy's law. Causality is never stated.

use super::{Rule, ask};
use crate::chart::Measured;
use crate::desk::{Desk, Span, days, hours, within};
use crate::k3::K3;
use crate::number::{Interval, round, show};
use crate::outcome::{Finding, Lane, Missing, Severity, Why};

pub(super) static RULE: Rule = Rule {
    id: "R13",
    version: "1.0.0",
    lane: Lane::N,
    title: "Liver injury pattern and Hy's law biochemistry",
    trigger: "ALT",
    not_applicable: "",
    citation: "Aithal 2011, Clin Pharmacol Ther 89:806; FDA guidance on drug-induced liver injury, 2009 (Hy's law)",
    valid_until: "2027-03-01",
    windows: &[
        "ALT 30 d; alkaline phosphatase and bilirubin within 48 h of it",
        "each with the upper limit of its own report (x ULN)",
        "medicines started within 180 d, counted",
    ],
    thresholds: &[
        "shown with ALT 5.0 x ULN or more, or alkaline phosphatase 2.0 x ULN or more (1 decimal), or ALT 3 x ULN or more with bilirubin above 2 x ULN (not rounded): moderate",
        "Hy's law biochemistry: ALT 3 x ULN or more, bilirubin above 2 x ULN, alkaline phosphatase below 2 x ULN: high",
        "R = ALT x ULN / alkaline phosphatase x ULN, 1 decimal: hepatocellular from 5, cholestatic up to 2, mixed between",
    ],
    limits: &[
        "Which cause it has is not judged; that a medicine was started is no evidence that it is the cause",
        "Gilbert syndrome and haemolysis raise bilirubin, bone raises alkaline phosphatase, muscle raises ALT",
        "No limit is assumed where a report gives none",
    ],
    settings: &[],
    evaluate,
};

/// How long a medicine counts as newly started.
const STARTED: Span = days(180);

/// A value over the upper limit of its own report; not rounded.
#[derive(Clone, Copy)]
struct Ratio(Interval);

impl Ratio {
    fn of(name: &'static str, value: &Measured<'_>) -> Result<Self, Missing> {
        let limit = value
            .upper_limit()
            .ok_or(Missing::new(name, Why::ReferenceAbsent))?;
        Ok(Self(value.raw.map(|v| v / limit)))
    }

    /// As it is shown.
    fn shown(self) -> Interval {
        self.0.map(|v| round(v, 1))
    }

    /// The shown value reaches a bound.
    fn reaches(self, bound: f64) -> K3 {
        let shown = self.shown();
        K3::agree([shown.low >= bound, shown.high >= bound])
    }

    /// A test of the value that is not rounded; only rises with it.
    fn unrounded(self, test: impl Fn(f64) -> bool) -> K3 {
        K3::agree([test(self.0.low), test(self.0.high)])
    }
}

fn evaluate(desk: &mut Desk<'_>) -> Finding {
    if let Err(end) = desk.adult() {
        return end;
    }
    let alt = match ask::trigger(desk, "alt", days(30), &[]) {
        Ok(alt) => alt,
        Err(end) => return end,
    };
    let taken = alt.datum.instant();
    let alt = match Ratio::of("alt", &alt) {
        Ok(ratio) => ratio,
        Err(missing) => return Finding::cannot_tell().lacking([missing]),
    };
    let [alp, bilirubin] = ["alp", "bili"].map(|name| {
        ask::beside(desk, name, taken, hours(48), &[], "pattern")
            .and_then(|value| Ratio::of(name, &value))
    });
    let liver = Liver {
        alt,
        alp,
        bilirubin,
    };
    let fires = liver.fires();
    let finding = match fires {
        K3::True => {
            let hys = liver.hys_law().is_true();
            let severity = if hys {
                Severity::High
            } else {
                Severity::Moderate
            };
            Finding::fires(severity, liver.summary(started(desk)))
        }
        K3::False => Finding::silent(),
        K3::Unknown => Finding::cannot_tell(),
    };
    liver.steps(desk);
    let finding = liver.values(finding);
    if fires == K3::False {
        finding
    } else {
        finding.lacking(liver.missing(fires))
    }
}

/// Medicines that were started within 180 d, each once.
fn started(desk: &mut Desk<'_>) -> usize {
    let at = desk.at();
    let medicines = desk.medicines(|d| within(d.instant(), at, STARTED));
    for medicine in &medicines {
        desk.rests_on_statement(medicine, "started within 180 d");
    }
    let names: std::collections::BTreeSet<String> = medicines
        .iter()
        .map(|d| {
            d.codes
                .first()
                .map_or_else(|| d.display.to_string(), ToString::to_string)
        })
        .collect();
    names.len()
}

struct Liver {
    alt: Ratio,
    alp: Result<Ratio, Missing>,
    bilirubin: Result<Ratio, Missing>,
}

impl Liver {
    fn alp_reaches_two(&self) -> K3 {
        self.alp.as_ref().map_or(K3::Unknown, |r| r.reaches(2.0))
    }

    /// ALT 3 x ULN or more with bilirubin above 2 x ULN: the one criterion on values that are not rounded.
    fn jaundiced(&self) -> K3 {
        let bilirubin = self
            .bilirubin
            .as_ref()
            .map_or(K3::Unknown, |r| r.unrounded(|b| b > 2.0));
        self.alt.unrounded(|a| a >= 3.0).and(bilirubin)
    }

    fn fires(&self) -> K3 {
        self.alt
            .reaches(5.0)
            .or(self.alp_reaches_two())
            .or(self.jaundiced())
    }

    fn hys_law(&self) -> K3 {
        self.jaundiced().and(!self.alp_reaches_two())
    }

    /// R, 1 decimal, where both are exact.
    fn r_factor(&self) -> Option<f64> {
        let alp = self.alp.as_ref().ok()?.0.point().filter(|a| *a > 0.0)?;
        Some(round(self.alt.0.point()? / alp, 1))
    }

    fn values(&self, finding: Finding) -> Finding {
        let mut finding = finding.bounded("alt_xuln", self.alt.shown());
        if let Ok(alp) = &self.alp {
            finding = finding.bounded("alp_xuln", alp.shown());
        }
        if let Ok(bilirubin) = &self.bilirubin {
            finding = finding.bounded("bili_xuln", bilirubin.shown());
        }
        if let Some(r) = self.r_factor() {
            finding = finding.number("r_factor", r).with("pattern", pattern(r));
        }
        match self.hys_law().known() {
            Some(known) => finding.with("hys_law_biochemistry", known),
            None => finding,
        }
    }

    /// What could still change the answer; an open value is named like a missing one.
    fn missing(&self, fires: K3) -> Vec<Missing> {
        let bilirubin_matters = !self.alt.unrounded(|a| a >= 3.0).is_false();
        let mut missing: Vec<Missing> = self.alp.as_ref().err().cloned().into_iter().collect();
        missing.extend(
            self.bilirubin
                .as_ref()
                .err()
                .filter(|_| bilirubin_matters)
                .cloned(),
        );
        if fires == K3::Unknown {
            let value =
                |r: &Result<Ratio, Missing>| r.as_ref().map_or(Interval::exact(0.0), |r| r.0);
            missing.extend(ask::open(&[
                ("alt", self.alt.0),
                ("alp", value(&self.alp)),
                ("bili", value(&self.bilirubin)),
            ]));
        }
        missing
    }

    fn steps(&self, desk: &mut Desk<'_>) {
        let line = |what: &str, ratio: Interval| {
            format!(
                "{what} {} x upper limit of its report",
                ask::words(ratio, 1)
            )
        };
        desk.step(line("ALT", self.alt.shown()));
        if let Ok(alp) = &self.alp {
            desk.step(line("alkaline phosphatase", alp.shown()));
        }
        if let Ok(bilirubin) = &self.bilirubin {
            desk.step(line("bilirubin", bilirubin.shown()));
        }
        if let Some(r) = self.r_factor() {
            desk.step(format!("R = {}: {}", show(r, 1), pattern(r)));
        }
    }

    fn summary(&self, started: usize) -> String {
        let pattern = self.r_factor().map_or_else(String::new, |r| {
            format!(", R {} {}", show(r, 1), pattern(r))
        });
        let hys = if self.hys_law().is_true() {
            "; meets Hy's law biochemistry"
        } else {
            ""
        };
        format!(
            "ALT {} x ULN{pattern}{hys}; medicines started in 180 d: {started}",
            ask::words(self.alt.shown(), 1)
        )
    }
}

fn pattern(r: f64) -> &'static str {
    match r {
        r if r >= 5.0 => "hepatocellular",
        r if r <= 2.0 => "cholestatic",
        _ => "mixed",
    }
}
