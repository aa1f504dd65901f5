//! R17: vitamin B12 and folate.

use super::Rule;
use crate::chart::Measured;
use crate::desk::{Desk, days, reported_text};
use crate::input;
use crate::number::plain;
use crate::outcome::{Finding, Lane, Missing, Quiet, Severity, Why};

pub(super) static RULE: Rule = Rule {
    id: "R17",
    version: "1.0.0",
    lane: Lane::N,
    title: "Vitamin B12 and folate",
    trigger: "vitamin B12, folate or mean cell volume above 100 fL",
    not_applicable: "",
    citation: "NICE NG239 2024, section on tests; BSH 2014, Br J Haematol 166:496 (folate)",
    valid_until: "2027-03-01",
    windows: &[
        "vitamin B12, folate, mean cell volume 180 d",
        "methylmalonic acid within 30 d of the vitamin B12, with the limit of its report",
    ],
    thresholds: &[
        "vitamin B12 below 180 ng/L (133 pmol/L): deficient (moderate)",
        "180 to 350 ng/L (133 to 258 pmol/L): indeterminate; methylmalonic acid above its limit: functional deficiency (moderate)",
        "folate below 3 ug/L (7 nmol/L): low",
    ],
    limits: &[
        "Nitrous oxide inactivates vitamin B12 at any level; an oral contraceptive lowers the total, metformin lowers it over years",
        "Methylmalonic acid rises in chronic kidney disease",
        "Intrinsic-factor antibodies disturb some assays",
        "Treatment before testing in neurological signs is a clinical decision",
    ],
    settings: &[],
    evaluate,
};

const WINDOW_DAYS: i64 = 180;

/// What a total vitamin B12 says alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Deficient,
    Indeterminate,
    Unlikely,
}

/// What is known of one of the two vitamins.
enum Answer {
    /// Nothing in its window.
    None(Why),
    /// Refused, or undecided.
    Lacks(Missing),
    /// Deficient by this key.
    Low(&'static str),
    /// Not deficient.
    Enough,
}

fn evaluate(desk: &mut Desk<'_>) -> Finding {
    if let Err(end) = desk.aged(16.0, None) {
        return end;
    }
    let (Some(b12), Some(folate), Some(mcv)) = (
        input::by_name("b12"),
        input::by_name("folate"),
        input::by_name("mcv"),
    ) else {
        return Finding::quiet(Quiet::NoTrigger);
    };
    let b12_value = desk.newest(b12, days(WINDOW_DAYS), &[]);
    let folate_value = desk.newest(folate, days(WINDOW_DAYS), &[]);
    let mcv_value = desk.newest(mcv, days(WINDOW_DAYS), &[]);
    let none = |why: Option<&Why>| matches!(why, Some(Why::Absent | Why::Stale));
    let large = mcv_value.as_ref().ok().filter(|m| m.value.low > 100.0);
    if none(b12_value.as_ref().err()) && none(folate_value.as_ref().err()) && large.is_none() {
        return match mcv_value {
            Err(why) if !matches!(why, Why::Absent | Why::Stale) => {
                Finding::cannot_tell().lacks("mcv", why)
            }
            _ => Finding::quiet(Quiet::NoTrigger),
        };
    }
    if let Some(mcv_value) = large {
        desk.rests_on(mcv, mcv_value, "macrocytosis");
    }
    let large_mcv = large.and_then(|m| m.raw.point());
    let mut finding = Finding::silent();
    let b12_answer = match b12_value {
        Err(why @ (Why::Absent | Why::Stale)) => Answer::None(why),
        Err(why) => Answer::Lacks(Missing::new("b12", why)),
        Ok(value) => {
            desk.rests_on(b12, &value, "trigger");
            let (answer, class) = judge_b12(desk, &value);
            if let Some(word) = class {
                finding = finding.with("b12_class", word);
            }
            answer
        }
    };
    let folate_answer = match folate_value {
        Err(why @ (Why::Absent | Why::Stale)) => Answer::None(why),
        Err(why) => Answer::Lacks(Missing::new("folate", why)),
        Ok(value) => {
            desk.rests_on(folate, &value, "trigger");
            judge_folate(&value)
        }
    };
    if let Some(mcv) = large_mcv {
        finding = finding.number("mcv", mcv);
    }
    for (answer, name) in [(&b12_answer, "B12"), (&folate_answer, "folate")] {
        if matches!(answer, Answer::None(_)) {
            desk.step(format!("no {name} of {WINDOW_DAYS} d: not judged"));
        }
    }
    let words = [
        b12_value.ok().map(|v| format!("B12 {}", reported_text(&v))),
        folate_value
            .ok()
            .map(|v| format!("folate {}", reported_text(&v))),
    ];
    conclude(
        finding,
        large_mcv.is_some(),
        [b12_answer, folate_answer],
        &words,
    )
}

fn judge_b12(desk: &mut Desk<'_>, value: &Measured<'_>) -> (Answer, Option<&'static str>) {
    if desk.pregnancy() {
        return (Answer::Lacks(Missing::new("b12", Why::Pregnancy)), None);
    }
    let (low, high) = if value.unit == "pmol/L" {
        (133.0, 258.0)
    } else {
        (180.0, 350.0)
    };
    let class = |x: f64| match x {
        x if x < low => Class::Deficient,
        x if x <= high => Class::Indeterminate,
        _ => Class::Unlikely,
    };
    let (least, most) = (class(value.raw.low), class(value.raw.high));
    desk.step(format!(
        "vitamin B12 in the unit of its report: below {} deficient, to {} indeterminate",
        plain(low),
        plain(high)
    ));
    if least != most {
        return (Answer::Lacks(Missing::new("b12", Why::Open)), None);
    }
    match least {
        Class::Deficient => (Answer::Low("b12_deficient"), None),
        Class::Unlikely => (Answer::Enough, Some("unlikely")),
        Class::Indeterminate => (methylmalonic(desk, value), Some("indeterminate")),
    }
}

/// Decides an indeterminate vitamin B12.
fn methylmalonic(desk: &mut Desk<'_>, b12: &Measured<'_>) -> Answer {
    let lacks = |why| Answer::Lacks(Missing::new("mma", why));
    let Some(mma) = input::by_name("mma") else {
        return lacks(Why::Absent);
    };
    let value = match desk.pair(mma, b12.datum.instant(), days(30), &[]) {
        Ok(value) => value,
        Err(why) => return lacks(why),
    };
    desk.rests_on(mma, &value, "indeterminate vitamin B12");
    let limit = value.datum.reference.as_ref().and_then(|r| r.high);
    let Some(limit) = limit else {
        return lacks(Why::ReferenceAbsent);
    };
    desk.step(format!(
        "methylmalonic acid against the limit of its report, {} {}",
        plain(limit),
        value.unit
    ));
    match (value.raw.low > limit, value.raw.high > limit) {
        (true, true) => Answer::Low("b12_deficient_functional"),
        (false, false) => Answer::Enough,
        _ => lacks(Why::Open),
    }
}

fn judge_folate(value: &Measured<'_>) -> Answer {
    let limit = if value.unit == "nmol/L" { 7.0 } else { 3.0 };
    match (value.raw.low < limit, value.raw.high < limit) {
        (true, true) => Answer::Low("folate_low"),
        (false, false) => Answer::Enough,
        _ => Answer::Lacks(Missing::new("folate", Why::Open)),
    }
}

fn conclude(
    finding: Finding,
    macrocytosis: bool,
    answers: [Answer; 2],
    words: &[Option<String>; 2],
) -> Finding {
    let mut low: Vec<&'static str> = Vec::new();
    let mut said: Vec<String> = Vec::new();
    let mut lacks: Vec<Missing> = Vec::new();
    for ((answer, name), words) in answers.into_iter().zip(["b12", "folate"]).zip(words) {
        match answer {
            Answer::Low(key) => {
                low.push(key);
                said.extend(words.clone().map(|w| format!("{w}: {}", in_words(key))));
            }
            Answer::Lacks(missing) => lacks.push(missing),
            // Large cells ask for both vitamins; without them one that was not asked for is not missing.
            Answer::None(why) if macrocytosis => lacks.push(Missing::new(name, why)),
            Answer::None(_) | Answer::Enough => {}
        }
    }
    let base = if low.is_empty() {
        if lacks.is_empty() {
            Finding::silent()
        } else {
            Finding::cannot_tell()
        }
    } else {
        let severity = if low == ["folate_low"] {
            Severity::Low
        } else {
            Severity::Moderate
        };
        Finding::fires(severity, said.join("; ")).with("findings", low)
    };
    let base = base.lacking(lacks);
    finding
        .result
        .into_iter()
        .fold(base, |f, (key, value)| f.with(key, value))
}

fn in_words(key: &str) -> &'static str {
    match key {
        "b12_deficient" => "below the deficiency threshold",
        "b12_deficient_functional" => "indeterminate, methylmalonic acid above its limit",
        _ => "below the threshold",
    }
}
