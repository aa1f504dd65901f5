//! R24 (lane T): SOFA with a suspected infection.

use serde_json::{Map, Value as Json};

use super::Rule;
use crate::chart::Reported;
use crate::codes;
use crate::desk::{Desk, Span, days, hours, within};
use crate::input;
use crate::number::{Interval, plain, round};
use crate::outcome::{Finding, Lane, Missing, Quiet, Severity, Why};

pub(super) static RULE: Rule = Rule {
    id: "R24",
    version: "1.0.0",
    lane: Lane::T,
    title: "SOFA with suspected infection",
    trigger: "suspected infection",
    not_applicable: "no suspected infection entered by a clinician within 3 d",
    citation: "Vincent 1996, Intensive Care Med 22:707; Sepsis-3, Singer 2016, JAMA 315:801",
    valid_until: "2027-03-01",
    windows: &[
        "suspected infection entered by a clinician 3 d",
        "PaO2, FiO2, platelets, bilirubin, mean arterial pressure or noradrenaline, Glasgow coma scale, creatinine 24 h",
    ],
    thresholds: &[
        "increase over the baseline of 2 or more: moderate; 6 or more: high",
        "PaO2/FiO2 below 53.3, 40 kPa: 1, 2; ventilated below 26.7, 13.3: 3, 4",
        "platelets below 150, 100, 50, 20; bilirubin from 1.2, 2, 6, 12 mg/dL; creatinine from 1.2, 2, 3.5, 5 mg/dL",
        "mean arterial pressure below 70: 1; noradrenaline to 0.1: 3, above: 4 ug/kg/min; coma scale 13-14, 10-12, 6-9, below 6",
    ],
    limits: &[
        "Not a monitor: newest values of 24 h, not the worst of each",
        "Dopamine, dobutamine and urine output are not used: a lower bound",
        "SOFA-2 (2025) is another score and is not mixed in",
    ],
    settings: &["lane_t", "sofa.baseline"],
    evaluate,
};

const WINDOW: Span = hours(24);
const GREATEST: u32 = 4;

/// Points, or what they lack.
type Component = Result<u32, Vec<Missing>>;

fn evaluate(desk: &mut Desk<'_>) -> Finding {
    if !desk.settings.lane_t {
        return Finding::quiet(Quiet::LaneOff);
    }
    if let Err(end) = desk.adult() {
        return end;
    }
    let suspected = desk.newest_of_project("suspected_infection", days(3));
    let yes = |d: &&crate::chart::Datum| matches!(&d.value, Reported::Text(t) if t == "yes");
    let Some(suspected) = suspected.ok().filter(yes) else {
        return Finding::quiet(Quiet::NotApplicable);
    };
    desk.rests_on_statement(suspected, "suspected infection");
    let components: [(&'static str, Component); 6] = [
        ("resp", respiration(desk)),
        (
            "coag",
            one(desk, "plt", 0, |x| falling(x, [150.0, 100.0, 50.0, 20.0])),
        ),
        (
            "liver",
            one(desk, "bili", 1, |x| rising(x, [1.2, 2.0, 6.0, 12.0])),
        ),
        ("cardio", circulation(desk)),
        (
            "cns",
            one(desk, "gcs", 0, |x| falling(x, [15.0, 13.0, 10.0, 6.0])),
        ),
        (
            "renal",
            one(desk, "creatinine", 1, |x| rising(x, [1.2, 2.0, 3.5, 5.0])),
        ),
    ];
    conclude(desk, components)
}

fn conclude(desk: &mut Desk<'_>, components: [(&'static str, Component); 6]) -> Finding {
    let mut known = Map::new();
    let mut lacks = Vec::new();
    let (mut least, mut most) = (0, 0);
    for (name, component) in components {
        match component {
            Ok(points) => {
                least += points;
                most += points;
                known.insert(name.to_owned(), points.into());
            }
            Err(missing) => {
                most += GREATEST;
                lacks.extend(missing);
            }
        }
    }
    let baseline = desk.settings.sofa_baseline;
    let (rise, greatest_rise) = (f64::from(least) - baseline, f64::from(most) - baseline);
    desk.step(format!(
        "known components add up to {least}; baseline {}",
        plain(baseline)
    ));
    let bound = if least == most { "" } else { "at least " };
    let finding = if rise >= 2.0 {
        let severity = if rise >= 6.0 {
            Severity::High
        } else {
            Severity::Moderate
        };
        Finding::fires(
            severity,
            format!(
                "SOFA {bound}{least}, baseline {}, with suspected infection; not a monitor",
                plain(baseline)
            ),
        )
    } else if greatest_rise < 2.0 {
        Finding::silent()
    } else {
        Finding::cannot_tell()
    };
    let decided = finding.verdict != crate::outcome::Verdict::CannotTell;
    let finding = finding
        .lacking(lacks)
        .with("components", Json::Object(known))
        .with("lower_bound", least != most);
    let finding = if least == most || decided {
        finding.with("sofa", least)
    } else {
        finding
    };
    if least == most {
        finding
    } else {
        finding.between("sofa", least, most)
    }
}

/// Points by how many limits a value is below.
fn falling(x: f64, limits: [f64; 4]) -> u32 {
    limits.iter().map(|l| u32::from(x < *l)).sum()
}

/// Points by how many limits a value has reached.
fn rising(x: f64, limits: [f64; 4]) -> u32 {
    limits.iter().map(|l| u32::from(x >= *l)).sum()
}

/// A value of the last 24 h.
fn value(desk: &mut Desk<'_>, name: &'static str) -> Result<Interval, Missing> {
    let lacks = |why| Missing::new(name, why);
    let input = input::by_name(name).ok_or_else(|| lacks(Why::Absent))?;
    let value = desk.newest(input, WINDOW, &[]).map_err(lacks)?;
    desk.rests_on(input, &value, "component");
    Ok(value.value)
}

/// A component of one value; all bands are monotone, so the ends of a bounded value are enough.
fn one(
    desk: &mut Desk<'_>,
    name: &'static str,
    decimals: i32,
    points: impl Fn(f64) -> u32,
) -> Component {
    let value = value(desk, name).map_err(|m| vec![m])?;
    let (a, b) = (
        points(round(value.low, decimals)),
        points(round(value.high, decimals)),
    );
    if a == b {
        Ok(a)
    } else {
        Err(vec![Missing::new(name, Why::Open)])
    }
}

fn respiration(desk: &mut Desk<'_>) -> Component {
    let (pao2, fio2) = (value(desk, "pao2"), value(desk, "fio2"));
    let (pao2, fio2) = match (pao2, fio2) {
        (Ok(p), Ok(f)) => (p, f),
        (p, f) => return Err(p.err().into_iter().chain(f.err()).collect()),
    };
    let (Some(pao2), Some(fio2)) = (pao2.point(), fio2.point()) else {
        return Err(vec![Missing::new("pao2", Why::Open)]);
    };
    let ratio = round(pao2 / fio2, 1);
    let at = desk.at();
    let ventilation = desk.statement(&codes::VENTILATION, |d| {
        within(d.instant(), at, WINDOW) || d.is_active(at)
    });
    if let Some(datum) = ventilation {
        desk.rests_on_statement(datum, "ventilation");
    }
    desk.step(format!(
        "PaO2/FiO2 {} kPa, {}",
        plain(ratio),
        if ventilation.is_some() {
            "ventilated"
        } else {
            "ventilation not on record"
        }
    ));
    let points = falling(ratio, [53.3, 40.0, 26.7, 13.3]);
    // Three and four points are for ventilated patients only.
    Ok(if ventilation.is_some() {
        points
    } else {
        points.min(2)
    })
}

fn circulation(desk: &mut Desk<'_>) -> Component {
    match noradrenaline(desk) {
        Ok(rate) if rate > 0.1 => return Ok(4),
        Ok(rate) if rate > 0.0 => return Ok(3),
        Err(why) if !matches!(why, Why::Absent | Why::Stale) => {
            return Err(vec![Missing::new("noradrenaline_rate", why)]);
        }
        _ => {}
    }
    one(desk, "map", 0, |x| u32::from(x < 70.0))
}

/// Newest rate of the last 24 h, ug/kg/min.
fn noradrenaline(desk: &mut Desk<'_>) -> Result<f64, Why> {
    let datum = desk.newest_of_project("noradrenaline_rate", WINDOW)?;
    let Reported::Number {
        value,
        comparator: None,
        unit,
        ..
    } = &datum.value
    else {
        return Err(Why::UnitRefused);
    };
    if unit.as_deref() != Some("ug/kg/min") {
        return Err(Why::UnitRefused);
    }
    desk.rests_on_statement(datum, "component: noradrenaline, ug/kg/min");
    Ok(*value)
}
