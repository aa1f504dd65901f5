//! R29: adrenal incidentaloma.

use super::{Rule, findings};
use crate::chart::{Datum, Reported};
use crate::codes;
use crate::desk::{Desk, days};
use crate::number::{plain, round};
use crate::outcome::{Exclusion, Finding, Lane, Quiet, Severity, Why};

pub(super) static RULE: Rule = Rule {
    id: "R29",
    version: "1.0.0",
    lane: Lane::N,
    title: "Adrenal incidentaloma",
    trigger: "confirmed adrenal mass finding",
    not_applicable: "",
    citation: "ESE/ENSAT 2023, Fassnacht, Eur J Endocrinol 189:G1",
    valid_until: "2027-03-01",
    windows: &[
        "newest finding of each side, no limit of age",
        "cortisol after 1 mg dexamethasone 1826 d",
    ],
    thresholds: &[
        "below 10 mm: no card",
        "homogeneous and 10 HU or less: benign, no further imaging; cortisol above 50 nmol/L or not measured: low",
        "homogeneous, 11 to 20 HU, below 40 mm: low; 40 mm or more and above 20 HU or inhomogeneous: high; else moderate",
        "metanephrines indicated above 10 HU",
    ],
    limits: &[
        "Attenuation is that of unenhanced CT",
        "The ACR paper of 2017 differs (1 to 4 cm, washout) and is not implemented",
    ],
    settings: &[],
    evaluate,
};

fn evaluate(desk: &mut Desk<'_>) -> Finding {
    if let Err(end) = desk.adult() {
        return end;
    }
    let cancer = desk.active(&codes::MALIGNANCY);
    if desk.excluded_by(cancer, "known malignancy") {
        return Finding::quiet(Quiet::Excluded(Exclusion::Malignancy));
    }
    let found = findings::newest_of_each(desk, "adrenal_mass", "side");
    if found.is_empty() {
        return Finding::quiet(Quiet::NoTrigger);
    }
    let cortisol = cortisol(desk);
    let all = found
        .usable
        .iter()
        .map(|d| mass(desk, d, cortisol))
        .collect();
    findings::gravest(all, found.refused)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Category {
    Benign,
    IndeterminateLow,
    Indeterminate,
    Suspicious,
}

impl Category {
    const fn of(size_mm: f64, hu: f64, homogeneous: bool) -> Self {
        if homogeneous && hu <= 10.0 {
            Self::Benign
        } else if size_mm >= 40.0 && (hu > 20.0 || !homogeneous) {
            Self::Suspicious
        } else if homogeneous && hu <= 20.0 && size_mm < 40.0 {
            Self::IndeterminateLow
        } else {
            Self::Indeterminate
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::Benign => "benign",
            Self::IndeterminateLow => "indeterminate_low",
            Self::Indeterminate => "indeterminate",
            Self::Suspicious => "suspicious",
        }
    }

    const fn in_words(self) -> &'static str {
        match self {
            Self::Benign => "imaging criteria of a benign mass met",
            Self::IndeterminateLow => {
                "indeterminate (11-20 HU, below 40 mm): further imaging suggested"
            }
            Self::Indeterminate => "indeterminate: team discussion suggested",
            Self::Suspicious => "suspicious by size with attenuation or texture",
        }
    }
}

fn cortisol(desk: &mut Desk<'_>) -> Result<f64, Why> {
    let datum = desk.newest_of_project("dst_cortisol", days(1826))?;
    let Reported::Number {
        value,
        comparator,
        unit,
        ..
    } = &datum.value
    else {
        return Err(Why::UnitRefused);
    };
    if unit.as_deref() != Some("nmol/L") {
        return Err(Why::UnitRefused);
    }
    desk.rests_on_statement(datum, "cortisol after 1 mg dexamethasone, nmol/L");
    match comparator {
        None => Ok(round(*value, 0)),
        Some(triptych_clinical::Comparator::Below) if *value <= 50.0 => Ok(round(*value, 0)),
        Some(_) => Err(Why::Open),
    }
}

fn mass<'a>(desk: &mut Desk<'a>, datum: &'a Datum, cortisol: Result<f64, Why>) -> Finding {
    desk.rests_on_statement(datum, "adrenal mass");
    let size = match findings::number(datum, "size_mm") {
        Ok(size) => round(size, 0),
        Err(why) => return Finding::cannot_tell().lacks("size_mm", why),
    };
    if size < 10.0 {
        return Finding::silent()
            .number("size_mm", size)
            .with("category", "below_10_mm");
    }
    let hu = match findings::number(datum, "hu") {
        Ok(hu) => round(hu, 0),
        Err(why) => {
            return Finding::cannot_tell()
                .lacks("hu", why)
                .number("size_mm", size);
        }
    };
    let homogeneous = findings::flag(datum, "homogeneous");
    let tried = homogeneous.map_or_else(|| vec![true, false], |h| vec![h]);
    let answers: Vec<(Category, Finding)> = tried
        .into_iter()
        .map(|h| {
            let category = Category::of(size, hu, h);
            (category, judge(category, size, hu, cortisol))
        })
        .collect();
    let one = answers
        .iter()
        .all(|(c, _)| Some(*c) == answers.first().map(|a| a.0));
    let words: Vec<&str> = answers.iter().map(|(c, _)| c.in_words()).collect();
    desk.step(format!(
        "{} mm, {} HU: {}",
        plain(size),
        plain(hu),
        if one {
            words.first().copied().unwrap_or_default().to_owned()
        } else {
            words.join(", or: ")
        }
    ));
    let codes: Vec<&str> = answers.iter().map(|(c, _)| c.code()).collect();
    let verdicts: Vec<_> = answers.iter().map(|(_, f)| f.verdict).collect();
    let agree = verdicts.windows(2).all(|w| w.first() == w.last());
    // The mildest of the completions comes first in severity.
    let mildest = answers
        .into_iter()
        .map(|(_, f)| f)
        .reduce(|a, b| if b.severity < a.severity { b } else { a });
    let base = match mildest {
        Some(finding) if agree => finding,
        _ => Finding::cannot_tell(),
    };
    let finding = match codes.as_slice() {
        [code, ..] if one => base.with("category", *code),
        [first, last] => base.between("category", *first, *last),
        _ => base,
    };
    let finding = if homogeneous.is_none() && !one {
        finding.lacks("homogeneous", Why::Absent)
    } else {
        finding
    };
    let finding = match cortisol {
        Ok(v) => finding.number("dst_cortisol", v),
        Err(_) => finding,
    };
    finding
        .number("size_mm", size)
        .number("hu", hu)
        .with("metanephrines_indicated", hu > 10.0)
}

fn judge(category: Category, size: f64, hu: f64, cortisol: Result<f64, Why>) -> Finding {
    let severity = match (category, cortisol) {
        (Category::Benign, Ok(v)) if v <= 50.0 => return Finding::silent(),
        (Category::Benign | Category::IndeterminateLow, _) => Severity::Low,
        (Category::Indeterminate, _) => Severity::Moderate,
        (Category::Suspicious, _) => Severity::High,
    };
    let test = match cortisol {
        Ok(v) if v > 50.0 => format!("; cortisol {} nmol/L", plain(v)),
        Ok(_) => String::new(),
        Err(_) => "; no usable dexamethasone test".to_owned(),
    };
    let finding = Finding::fires(
        severity,
        format!(
            "Adrenal mass {} mm, {} HU: {}{test}",
            plain(size),
            plain(hu),
            category.in_words()
        ),
    );
    match cortisol {
        Err(why) => finding.lacks("dst", why),
        Ok(_) => finding,
    }
}
