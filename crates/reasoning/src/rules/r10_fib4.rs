//! R10: FIB-4, a score of liver fibrosis.

use super::{Rule, ask};
use crate::basis::age_in_words;
use crate::chart::Measured;
use crate::desk::{Desk, days};
use crate::number::{Interval, plain, round, show};
use crate::outcome::{Exclusion, Finding, Lane, Quiet, Severity, Why};

pub(super) static RULE: Rule = Rule {
    id: "R10",
    version: "1.0.0",
    lane: Lane::N,
    title: "Liver fibrosis score FIB-4",
    trigger: "AST",
    not_applicable: "",
    citation: "Sterling 2006, Hepatology 43:1317; McPherson 2017, Am J Gastroenterol 112:740 (cut-off from age 65); EASL-EASD-EASO 2024",
    valid_until: "2027-03-01",
    windows: &["AST 365 d", "ALT and platelets within 90 d of it"],
    thresholds: &[
        "low from the lower cut-off: 1.30, from age 65 2.00; moderate above 2.67; rounded to 2 decimals",
        "FIB-4 = age x AST / (platelets x square root of ALT)",
        "not for ages below 35, nor with AST or ALT above 5 times the upper limit of its report (40 U/L where it gives none)",
    ],
    limits: &[
        "Low platelets of another cause and AST from muscle raise the score",
        "Platelets flagged as clumped are not used",
        "A score below the lower cut-off does not exclude fibrosis",
    ],
    settings: &[],
    evaluate,
};

const UPPER_CUTOFF: f64 = 2.67;
/// Upper limit of AST and ALT where the report gives none, U/L.
const DEFAULT_LIMIT: f64 = 40.0;

fn evaluate(desk: &mut Desk<'_>) -> Finding {
    if let Err(end) = desk.aged_from(35.0) {
        return end;
    }
    let ast = match ask::trigger(desk, "ast", days(365), &[]) {
        Ok(ast) => ast,
        Err(end) => return end,
    };
    let taken = ast.datum.instant();
    let alt = ask::beside(desk, "alt", taken, days(90), &[], "score");
    let plt = ask::beside(desk, "plt", taken, days(90), &["clumped"], "score");
    let acute = [Some(&ast), alt.as_ref().ok()].map(|m| m.map(beyond_five_limits));
    let excluded = acute.contains(&Some([true, true]));
    desk.exclusion("AST or ALT above 5 times the upper limit", excluded);
    if excluded {
        return Finding::quiet(Quiet::Excluded(Exclusion::AcuteHepatitis));
    }
    let Some(age) = desk.chart.age_at(taken) else {
        return Finding::cannot_tell().lacks("patient.birthDate", Why::Absent);
    };
    let lower = if age >= 65.0 { 2.0 } else { 1.3 };
    let base = |finding: Finding| {
        finding
            .number("lower_cutoff", lower)
            .number("upper_cutoff", UPPER_CUTOFF)
    };
    let (alt, plt) = match (alt, plt) {
        (Ok(alt), Ok(plt)) => (alt, plt),
        (alt, plt) => {
            return base(Finding::cannot_tell())
                .lacking(alt.err())
                .lacking(plt.err());
        }
    };
    let score = fib4(age, ast.value, alt.value, plt.value);
    desk.step(format!(
        "age at specimen {age} years; lower cut-off {}",
        show(lower, 2)
    ));
    desk.step(format!(
        "FIB-4 = age x AST / (platelets x square root of ALT) = {}",
        ask::words(score, 2)
    ));
    let open = ask::open(&[("ast", ast.value), ("alt", alt.value), ("plt", plt.value)]);
    // An open value may reach into the exclusion: then neither it nor the score is decided.
    if acute.contains(&Some([false, true])) {
        return base(Finding::cannot_tell()).lacking(open);
    }
    let decision = ask::decide(score, |score| severity(score, lower));
    let summary = format!(
        "FIB-4 {} (cut-offs {} and {}), age {}; AST {} old",
        ask::words(score, 2),
        show(lower, 2),
        plain(UPPER_CUTOFF),
        plain(age),
        age_in_words(taken, desk.at())
    );
    let finding = base(decision.finding(summary)).bounded("fib4", score);
    if decision == ask::Decision::Undecided {
        finding.lacking(open)
    } else {
        finding
    }
}

/// FIB-4, 2 decimals: age in years, AST and ALT in U/L, platelets in 10*9/L.
fn fib4(age_years: f64, ast: Interval, alt: Interval, plt: Interval) -> Interval {
    let score = |ast: f64, alt: f64, plt: f64| round(age_years * ast / (plt * alt.sqrt()), 2);
    Interval {
        low: score(ast.low, alt.high, plt.high),
        high: score(ast.high, alt.low, plt.low),
    }
}

/// Whether the least and the greatest reading lie above 5 times the upper limit.
fn beyond_five_limits(value: &Measured<'_>) -> [bool; 2] {
    let limit = 5.0 * value.upper_limit().unwrap_or(DEFAULT_LIMIT);
    [value.value.low > limit, value.value.high > limit]
}

/// Severity of a rounded score.
fn severity(score: f64, lower: f64) -> Option<Severity> {
    match score {
        s if s > UPPER_CUTOFF => Some(Severity::Moderate),
        s if s >= lower => Some(Severity::Low),
        _ => None,
    }
}
