//! R4: risk of kidney failure, four-variable KFRE; names the albumin/creatinine ratio where it is missing.

use super::r01_egfr::sex_words;
use super::r03_ckd::{Filtration, WINDOW_DAYS, judge_filtration, steady_series};
use super::{Rule, ask};
use crate::chart::EquationSex;
use crate::desk::{Desk, days};
use crate::input;
use crate::number::{Interval, plain, round, show};
use crate::outcome::{Exclusion, Finding, Lane, Quiet, Severity, Why};
use crate::settings::KfreRegion;

pub(super) static RULE: Rule = Rule {
    id: "R4",
    version: "1.0.0",
    lane: Lane::N,
    title: "Kidney failure risk (KFRE) and albuminuria follow-up",
    trigger: "creatinine",
    not_applicable: "eGFR is 60 mL/min/1.73 m² or more",
    citation: "Tangri 2016, JAMA 315:164; NICE NG203 2021; KDIGO CKD 2024, section 2.2",
    valid_until: "2027-03-01",
    windows: &[
        "creatinine 1095 d, with a run of eGFR below 60 that spans 90 d or more",
        "albumin/creatinine ratio 365 d",
    ],
    thresholds: &[
        "shown from a 5-year risk of kidney failure of 5 % (a site may set 3 to 5 %): moderate",
        "high where the 2-year risk is 10 % or more",
        "albumin/creatinine ratio missing: the risk is given for 10 to 3000 mg/g",
    ],
    limits: &[
        "Made for chronic kidney disease with an eGFR below 60; not validated in acute injury, after transplantation or on dialysis",
        "Baseline survival is the one outside North America unless the site sets the other",
        "One albumin/creatinine ratio is used; it varies from day to day",
    ],
    settings: &["aki.baseline", "kfre.region", "kfre.refer5y"],
    evaluate,
};

/// Albumin/creatinine ratio that stands in for a missing one, mg/g.
const ANY_ACR: Interval = Interval {
    low: 10.0,
    high: 3000.0,
};

fn evaluate(desk: &mut Desk<'_>) -> Finding {
    if let Err(end) = desk.adult() {
        return end;
    }
    if desk.dialysis() {
        return Finding::quiet(Quiet::Excluded(Exclusion::Dialysis));
    }
    if desk.pregnancy() {
        return Finding::quiet(Quiet::Excluded(Exclusion::Pregnancy));
    }
    if let Err(end) = ask::trigger(desk, "creatinine", days(WINDOW_DAYS), &[]) {
        return end;
    }
    let Some(creatinine) = input::by_name("creatinine") else {
        return Finding::quiet(Quiet::NoTrigger);
    };
    let acr = ask::newest(desk, "acr", days(365), "albuminuria");
    let series = steady_series(desk, creatinine);
    let sexes = desk.sexes();
    let judged: Result<Vec<_>, _> = sexes
        .iter()
        .map(|sex| judge_filtration(desk, &series, &[*sex]))
        .collect();
    let judged = match judged {
        Ok(judged) => judged,
        Err((name, why)) => return Finding::cannot_tell().lacks(name, why),
    };
    if judged.iter().all(|f| !f.run.is_abnormal()) {
        return Finding::quiet(Quiet::NotApplicable);
    }
    if !judged.iter().all(|f| f.run.is_chronic()) {
        let unconfirmed = judged
            .iter()
            .any(|f| f.run.is_abnormal() && !f.run.is_chronic());
        let finding = Finding::cannot_tell()
            .lacking(desk.missing_sex())
            .lacking(acr.err());
        return if unconfirmed {
            finding.lacks("egfr_90d", Why::Absent)
        } else {
            finding
        };
    }
    if let Some(f) = judged.first() {
        for m in &f.run.values {
            desk.rests_on(creatinine, m, "run of eGFR below 60");
        }
        desk.step(format!(
            "eGFR below 60 without a break since {}",
            f.run.since()
        ));
    }
    let ratio = acr.as_ref().map_or(ANY_ACR, |m| m.value);
    let Some([five, two]) = risks(desk, &sexes, &judged, ratio) else {
        return Finding::cannot_tell().lacks("patient.birthDate", Why::Absent);
    };
    let severity = if two.low >= 10.0 {
        Severity::High
    } else {
        Severity::Moderate
    };
    let refer = desk.settings.kfre_refer5y;
    let decision = ask::decide(five, |risk| (risk >= refer).then_some(severity));
    let missing_words = if acr.is_err() {
        "; albumin/creatinine ratio missing"
    } else {
        ""
    };
    let summary = format!(
        "Kidney failure risk (KFRE) {} in 5 years, {} in 2 years{missing_words}",
        ask::percent(five),
        ask::percent(two)
    );
    let finding = decision
        .finding(summary)
        .bounded("risk5y_pct", five)
        .bounded("risk2y_pct", two)
        .with("calibration", desk.settings.canonical("kfre.region", None))
        .lacking(desk.missing_sex());
    match acr {
        Err(missing) => finding.lacking([missing]),
        Ok(m) if decision == ask::Decision::Undecided => {
            finding.lacking(ask::open(&[("acr", m.value)]))
        }
        Ok(_) => finding,
    }
}

/// Risk in per cent within 5 and within 2 years, 1 decimal, over all admissible sexes and ratios (mg/g); `None` without an age.
fn risks(
    desk: &mut Desk<'_>,
    sexes: &[EquationSex],
    judged: &[Filtration<'_>],
    ratio: Interval,
) -> Option<[Interval; 2]> {
    let [survival5, survival2] = match desk.settings.kfre_region {
        KfreRegion::Other => [0.9365, 0.9832],
        KfreRegion::NorthAmerica => [0.9240, 0.9750],
    };
    let over = |survival: f64| {
        sexes
            .iter()
            .zip(judged)
            .map(|(sex, f)| {
                let age = desk.chart.age_at(f.newest.datum.instant())?;
                Some(ratio.map(|acr| {
                    let index = linear_predictor(age, *sex, f.egfr, acr);
                    round(100.0 * (1.0 - survival.powf(index.exp())), 1)
                }))
            })
            .collect::<Option<Vec<_>>>()?
            .into_iter()
            .reduce(Interval::hull)
    };
    let (five, two) = (over(survival5)?, over(survival2)?);
    let egfr: Vec<String> = judged.iter().map(|f| plain(f.egfr)).collect();
    desk.step(format!(
        "eGFR {} (sex used: {}), albumin/creatinine ratio {} mg/g",
        egfr.join(" or "),
        sex_words(desk),
        ask::words(ratio, 1)
    ));
    desk.step(format!(
        "risk = 100 x (1 - S to the power of exp(L)) with S {} (5 years) and {} (2 years): {} % and {} %",
        show(survival5, 4),
        show(survival2, 4),
        ask::words(five, 1),
        ask::words(two, 1)
    ));
    Some([five, two])
}

/// Linear predictor of the four-variable equation: age in years, eGFR in mL/min/1.73 m², albumin/creatinine ratio in mg/g.
fn linear_predictor(age_years: f64, sex: EquationSex, egfr: f64, acr_mg_g: f64) -> f64 {
    let male = if sex == EquationSex::Male { 1.0 } else { 0.0 };
    -0.2201 * (age_years / 10.0 - 7.036) + 0.2467 * (male - 0.5642) - 0.5567 * (egfr / 5.0 - 7.222)
        + 0.4510 * (acr_mg_g.ln() - 5.137)
}
