//! R12: Child-Pugh class in recorded cirrhosis.

use super::{Rule, ask};
use crate::chart::Reported;
use crate::codes;
use crate::desk::{Desk, days};
use crate::number::{Interval, round};
use crate::outcome::{Finding, Lane, Missing, Quiet, Severity, Why};

pub(super) static RULE: Rule = Rule {
    id: "R12",
    version: "1.0.0",
    lane: Lane::N,
    title: "Child-Pugh class",
    trigger: "recorded cirrhosis",
    not_applicable: "no cirrhosis on the problem list",
    citation: "Pugh 1973, Br J Surg 60:646",
    valid_until: "2027-03-01",
    windows: &[
        "cirrhosis on the problem list",
        "bilirubin 90 d; albumin and INR within 7 d of it",
        "ascites and encephalopathy as entered by a clinician, 90 d",
    ],
    thresholds: &[
        "class A 5 to 6 points, B 7 to 9 (low), C 10 to 15 (moderate)",
        "bilirubin below 2 mg/dL 1 point, 2 to 3 2 points, above 3 3 points; rounded to 1 decimal",
        "albumin above 35 g/L 1 point, 28 to 35 2 points, below 28 3 points",
        "INR below 1.7 1 point, 1.7 to 2.3 2 points, above 2.3 3 points",
        "ascites none 1 point, mild 2, moderate or more 3; encephalopathy none 1 point, grade 1 to 2 2, grade 3 to 4 3",
        "each missing item counts 1 to 3 points",
    ],
    limits: &[
        "Cholestatic disease has other bilirubin cut-offs, which are not built",
        "Ascites and encephalopathy are a clinician's judgement; treatment hides them",
    ],
    settings: &[],
    evaluate,
};

/// Points of a missing item.
const ANY_POINTS: Interval = Interval {
    low: 1.0,
    high: 3.0,
};

fn evaluate(desk: &mut Desk<'_>) -> Finding {
    if let Err(end) = desk.adult() {
        return end;
    }
    let Some(cirrhosis) = desk.active(&codes::CIRRHOSIS) else {
        return Finding::quiet(Quiet::NotApplicable);
    };
    desk.rests_on_statement(cirrhosis, "trigger: on the problem list");
    let mut sheet = Sheet::default();
    match ask::newest(desk, "bili", days(90), "score") {
        Ok(bilirubin) => {
            let rounded = bilirubin.value.map(|b| round(b, 1));
            sheet.take(
                desk,
                "bilirubin",
                Ok((rounded.map(bilirubin_points), "bili")),
            );
            let taken = bilirubin.datum.instant();
            for (name, points) in [
                ("albumin", albumin_points as fn(f64) -> f64),
                ("inr", inr_points),
            ] {
                let value = ask::beside(desk, name, taken, days(7), &[], "score");
                sheet.take(desk, name, value.map(|m| (m.value.map(points), name)));
            }
        }
        // Without the specimen that anchors them albumin and INR count as unknown too; what is asked for is the bilirubin.
        Err(missing) => {
            sheet.take(desk, "bilirubin", Err(missing));
            sheet.points = sheet.points + ANY_POINTS + ANY_POINTS;
            desk.step("albumin and INR are taken beside a bilirubin: 1 to 3 points each");
        }
    }
    if let Some(medicine) = desk.active(&codes::ANTICOAGULANT) {
        desk.rests_on_statement(medicine, "changes the INR");
        desk.limit("An anticoagulant is active: the INR does not measure the liver alone");
    }
    let ascites = bedside(desk, "ascites", "ascites", ascites_points);
    sheet.take(desk, "ascites", ascites);
    let encephalopathy = bedside(desk, "encephalopathy", "enceph", encephalopathy_points);
    sheet.take(desk, "encephalopathy", encephalopathy);
    sheet.conclude(desk)
}

/// Points so far, and what is missing.
struct Sheet {
    points: Interval,
    missing: Vec<Missing>,
    open: Vec<Missing>,
}

impl Default for Sheet {
    fn default() -> Self {
        Self {
            points: Interval::exact(0.0),
            missing: Vec::new(),
            open: Vec::new(),
        }
    }
}

impl Sheet {
    /// Adds the points of one item, known under the name of its input, or of every reading of it where it is missing.
    fn take(
        &mut self,
        desk: &mut Desk<'_>,
        label: &str,
        item: Result<(Interval, &'static str), Missing>,
    ) {
        let points = match item {
            Ok((points, name)) => {
                self.open.extend(ask::open(&[(name, points)]));
                points
            }
            Err(missing) => {
                self.missing.push(missing);
                ANY_POINTS
            }
        };
        desk.step(format!("{label}: {} points", ask::words(points, 0)));
        self.points = self.points + points;
    }

    fn conclude(self, desk: &mut Desk<'_>) -> Finding {
        let points = self.points;
        desk.step(format!("together {} points", ask::words(points, 0)));
        let decision = ask::decide(points, severity);
        let (mild, grave) = (class(points.low), class(points.high));
        let class_words = if mild == grave {
            mild.to_owned()
        } else {
            format!("{mild} to {grave}")
        };
        let missing_words = match self.missing.len() {
            0 => String::new(),
            1 => "; 1 item missing".to_owned(),
            n => format!("; {n} items missing"),
        };
        let summary = format!(
            "Child-Pugh class {class_words}, {} points, in recorded cirrhosis{missing_words}",
            ask::words(points, 0)
        );
        let finding = decision.finding(summary).bounded("points", points);
        let finding = if mild == grave {
            finding.with("class", mild)
        } else {
            finding.between("class", mild, grave)
        };
        match decision {
            ask::Decision::NotMet => finding,
            ask::Decision::Met(_) => finding.lacking(self.missing),
            ask::Decision::Undecided => finding.lacking(self.missing).lacking(self.open),
        }
    }
}

/// What a clinician entered under a project code; an answer that the table does not list is not usable.
fn bedside(
    desk: &mut Desk<'_>,
    code: &'static str,
    name: &'static str,
    points: impl Fn(&str) -> Option<f64>,
) -> Result<(Interval, &'static str), Missing> {
    let datum = ask::answer(desk, code, days(90)).map_err(|why| Missing::new(name, why))?;
    desk.rests_on_statement(datum, "entered by a clinician");
    match &datum.value {
        Reported::Text(text) => points(text),
        _ => None,
    }
    .map(|points| (Interval::exact(points), name))
    .ok_or(Missing::new(name, Why::Confounded))
}

fn bilirubin_points(mg_dl: f64) -> f64 {
    match mg_dl {
        b if b < 2.0 => 1.0,
        b if b <= 3.0 => 2.0,
        _ => 3.0,
    }
}

fn albumin_points(g_l: f64) -> f64 {
    match g_l {
        a if a > 35.0 => 1.0,
        a if a >= 28.0 => 2.0,
        _ => 3.0,
    }
}

fn inr_points(inr: f64) -> f64 {
    match inr {
        i if i < 1.7 => 1.0,
        i if i <= 2.3 => 2.0,
        _ => 3.0,
    }
}

fn ascites_points(answer: &str) -> Option<f64> {
    match answer {
        "none" => Some(1.0),
        "mild" => Some(2.0),
        "moderate" | "severe" => Some(3.0),
        _ => None,
    }
}

fn encephalopathy_points(answer: &str) -> Option<f64> {
    match answer {
        "none" => Some(1.0),
        "grade1-2" => Some(2.0),
        "grade3-4" => Some(3.0),
        _ => None,
    }
}

fn class(points: f64) -> &'static str {
    match points {
        p if p < 7.0 => "A",
        p if p < 10.0 => "B",
        _ => "C",
    }
}

fn severity(points: f64) -> Option<Severity> {
    match class(points) {
        "A" => None,
        "B" => Some(Severity::Low),
        _ => Some(Severity::Moderate),
    }
}
