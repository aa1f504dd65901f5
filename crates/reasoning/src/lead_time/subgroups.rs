//! Results by group of patients. Cells below eleven are suppressed, and where one group of a division is suppressed, so is the next
//! smallest: else it could be had by subtraction.

use serde::Serialize;

use super::judge::Judged;
use super::observed::{Observed, care_site, sex_word};
use super::protocol::Subject;
use super::statistics::Sums;

/// Cells below this are not shown.
pub const LEAST_CELL: usize = 11;

/// Names the group of a patient in one division.
type GroupOf<'a> = &'a dyn Fn(&Groups) -> String;

/// To which groups a patient belongs.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    /// Sex as stated.
    pub sex: String,
    /// Age at the eligibility start.
    pub age: String,
    /// Facts a year before the end of observation.
    pub facts_per_year: f64,
    /// Place of most contacts.
    pub site: String,
}

/// One group of one division, for one condition. A count that is not shown is `None`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Subgroup {
    /// `sex`, `age` …
    pub by: &'static str,
    /// `female`, `40 to 64` …
    pub group: String,
    /// Patients at risk.
    pub patients: Option<usize>,
    /// Outcomes.
    pub incident: Option<usize>,
    /// Detected early or with.
    pub detected: Option<usize>,
    /// False-alert episodes.
    pub false_alerts: Option<usize>,
    /// … per 100 patient-months.
    pub burden: Option<f64>,
}

/// The groups of one patient.
#[must_use]
pub fn groups(subject: &Subject, observed: &Observed) -> Groups {
    let first = subject.facts.iter().map(|f| f.available.instant).min();
    let years = first.map_or(0.0, |f| observed.end.days_since(f) / 365.25);
    let facts = f64::from(u32::try_from(subject.facts.len()).unwrap_or(u32::MAX));
    Groups {
        sex: sex_word(subject.identity.sex).to_owned(),
        age: match subject.identity.age_years(observed.eligible) {
            None => "not known",
            Some(0..18) => "below 18",
            Some(18..40) => "18 to 39",
            Some(40..65) => "40 to 64",
            Some(65..80) => "65 to 79",
            Some(_) => "80 and over",
        }
        .to_owned(),
        facts_per_year: if years > 0.0 { facts / years } else { 0.0 },
        site: care_site(subject, observed.eligible).unwrap_or_else(|| "not recorded".to_owned()),
    }
}

/// Limits of the tertiles of facts a year.
#[must_use]
pub fn tertiles(groups: &[Groups]) -> [f64; 2] {
    let mut all: Vec<f64> = groups.iter().map(|g| g.facts_per_year).collect();
    all.sort_by(f64::total_cmp);
    let at = |p| super::statistics::quantile(&all, p).unwrap_or(0.0);
    [at(1.0 / 3.0), at(2.0 / 3.0)]
}

/// Every division of the patients at risk of one condition.
#[must_use]
pub fn divide(at_risk: &[(&Judged, &Groups)], tertiles: [f64; 2]) -> Vec<Subgroup> {
    let [low, high] = tertiles;
    let density = |g: &Groups| {
        if g.facts_per_year <= low {
            format!("up to {low:.0} facts a year")
        } else if g.facts_per_year <= high {
            format!("{low:.0} to {high:.0} facts a year")
        } else {
            format!("above {high:.0} facts a year")
        }
    };
    let by: [(&'static str, GroupOf<'_>); 4] = [
        ("sex", &|g| g.sex.clone()),
        ("age", &|g| g.age.clone()),
        ("density", &density),
        ("care site", &|g| g.site.clone()),
    ];
    by.iter()
        .flat_map(|(name, group)| division(name, at_risk, group))
        .collect()
}

fn division(by: &'static str, at_risk: &[(&Judged, &Groups)], group: GroupOf<'_>) -> Vec<Subgroup> {
    let mut names: Vec<String> = at_risk.iter().map(|(_, g)| group(g)).collect();
    names.sort();
    names.dedup();
    let mut rows: Vec<(String, Vec<&Judged>)> = names
        .into_iter()
        .map(|name| {
            let of = at_risk.iter().filter(|(_, g)| group(g) == name);
            let members = of.map(|(j, _)| *j).collect();
            (name, members)
        })
        .collect();
    rows.sort_by(|a, b| b.1.len().cmp(&a.1.len()).then_with(|| a.0.cmp(&b.0)));
    let hidden = rows.iter().filter(|r| r.1.len() < LEAST_CELL).count();
    let large = rows.len() - hidden;
    let shown = if hidden == 1 {
        large.saturating_sub(1)
    } else {
        large
    };
    let (mut out, mut rest) = (Vec::new(), 0);
    for (k, (name, members)) in rows.into_iter().enumerate() {
        if k < shown {
            out.push(row(by, name, &members));
        } else {
            rest += 1;
        }
    }
    // The names of small groups can tell as much as their counts: a care site of one patient is that patient's.
    if rest > 0 {
        out.push(Subgroup {
            by,
            group: format!(
                "{rest} groups, suppressed: a cell below {LEAST_CELL} or its complement"
            ),
            patients: None,
            incident: None,
            detected: None,
            false_alerts: None,
            burden: None,
        });
    }
    out
}

fn row(by: &'static str, group: String, members: &[&Judged]) -> Subgroup {
    let sums = Sums::of(members.iter().copied());
    let cell = |n: usize| (n >= LEAST_CELL).then_some(n);
    let false_alerts = cell(sums.episodes.false_alert);
    Subgroup {
        by,
        group,
        patients: cell(members.len()),
        incident: cell(sums.incident),
        detected: cell(sums.early + sums.with),
        false_alerts,
        burden: false_alerts.and_then(|_| sums.burden().per_100),
    }
}
