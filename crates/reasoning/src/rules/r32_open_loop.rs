//! R32: a recommendation of a report that nobody has acted on.

use jiff::civil::Date;

use super::{Rule, findings};
use crate::chart::Datum;
use crate::desk::Desk;
use crate::k3::K3;
use crate::number::round;
use crate::outcome::{Finding, Lane, Missing, Quiet, Severity, Why};
use crate::study::Wanted;

pub(super) static RULE: Rule = Rule {
    id: "R32",
    version: "1.0.0",
    lane: Lane::N,
    title: "Open loop from a report",
    trigger: "confirmed recommendation of a report",
    not_applicable: "",
    citation: "ACR practice parameter for communication of diagnostic imaging findings; 90 d without a stated interval and 30 d of grace are the project's choice",
    valid_until: "2027-03-01",
    windows: &["every recommendation that was not closed; imaging after it"],
    thresholds: &[
        "done: a study of a later day with the same modality and, where one was named, the same region",
        "due after the stated months, else after 90 d",
        "more than 30 d past due: moderate with a stated interval, else low",
    ],
    limits: &[
        "Studies done elsewhere are not seen: close the loop with a reason",
        "A conditional or negated sentence is no recommendation: the reader confirms each",
    ],
    settings: &[],
    evaluate,
};

const GRACE_DAYS: i64 = 30;
const UNSTATED_DAYS: i64 = 90;

fn evaluate(desk: &mut Desk<'_>) -> Finding {
    desk.without_exclusions();
    let recommendations = findings::all(desk, "recommendation");
    if recommendations.is_empty() {
        return Finding::quiet(Quiet::NoTrigger);
    }
    let closed: Vec<String> = findings::all(desk, "loop_closed")
        .into_iter()
        .filter(|d| d.usable().is_ok() && d.attr("reason").is_some())
        .filter_map(|d| d.attr("target").map(str::to_owned))
        .collect();
    // Every recommendation is a loop of its own; the oldest overdue one speaks first.
    let (mut all, mut refused) = (Vec::new(), Vec::new());
    for datum in recommendations.iter().rev() {
        match datum.usable() {
            Ok(()) => all.push(one(desk, datum, closed.contains(&datum.key.to_string()))),
            Err(why) => refused.push(Missing::new("recommendation", why)),
        }
    }
    let overdue = all.iter().filter(|f| f.severity.is_some()).count();
    let mut finding = findings::gravest(all, refused);
    if overdue > 1 {
        finding.summary = format!("{}; {} more overdue", finding.summary, overdue - 1);
    }
    finding
}

fn one<'a>(desk: &mut Desk<'a>, datum: &'a Datum, closed: bool) -> Finding {
    desk.rests_on_statement(datum, "recommendation");
    if closed {
        desk.step(format!(
            "recommendation of {}: closed by a clinician",
            datum.time.iso_date()
        ));
        return Finding::silent().with("state", "closed_by_clinician");
    }
    let wanted = datum
        .attr("modality")
        .and_then(|m| Wanted::new(m, datum.attr("region")));
    let Some(wanted) = wanted else {
        return Finding::cannot_tell().lacks("modality", Why::Absent);
    };
    let studies = desk.imaging();
    let of = |answer: K3| {
        studies
            .iter()
            .rev()
            .copied()
            .find(|s| wanted.answered_by(s, datum) == answer)
    };
    if let Some(study) = of(K3::True) {
        desk.rests_on_statement(study, "study that answers it");
        return Finding::silent()
            .with("state", "done")
            .with("on", study.instant().iso_date());
    }
    let (due, stated) = match due(datum) {
        Ok(due) => due,
        Err(why) => return Finding::cannot_tell().lacks("due_months", why),
    };
    let overdue = desk.at().date() > findings::plus_days(due, GRACE_DAYS);
    let what = [datum.attr("modality"), datum.attr("region")]
        .into_iter()
        .flatten()
        .map(|t| t.chars().take(30).collect::<String>())
        .collect::<Vec<_>>()
        .join(" ");
    desk.step(format!(
        "recommendation of {}: {what}, due {due}{}",
        datum.time.iso_date(),
        if stated {
            ""
        } else {
            " (no interval stated: 90 d)"
        }
    ));
    if !overdue {
        return Finding::silent()
            .with("state", "open")
            .with("due", due.to_string())
            .with("interval_stated", stated);
    }
    if let Some(study) = of(K3::Unknown) {
        desk.rests_on_statement(study, "same modality, no region on record: may answer it");
        return Finding::cannot_tell()
            .lacks("region", Why::Absent)
            .with("due", due.to_string())
            .with("interval_stated", stated);
    }
    let severity = if stated {
        Severity::Moderate
    } else {
        Severity::Low
    };
    let interval = if stated { "" } else { ", no interval stated" };
    Finding::fires(
        severity,
        format!("Report asked for {what}, due {due}{interval}: no such study found"),
    )
    .with("state", "overdue")
    .with("due", due.to_string())
    .with("interval_stated", stated)
}

/// The due date, and whether the report stated an interval.
fn due(datum: &Datum) -> Result<(Date, bool), Why> {
    let seen = datum.instant().date();
    let months = match findings::number(datum, "due_months") {
        Ok(months) if months > 0.0 && months <= 600.0 => months,
        Ok(_) => return Err(Why::Implausible),
        Err(Why::Absent) => return Ok((findings::plus_days(seen, UNSTATED_DAYS), false)),
        Err(why) => return Err(why),
    };
    // Whole months by the calendar; the rest in days.
    #[allow(clippy::cast_possible_truncation, reason = "at most 600 months")]
    let (whole, rest) = (
        months.trunc() as i64,
        round(months.fract() * 30.4375, 0) as i64,
    );
    let date = findings::plus_days(findings::plus_months(seen, whole), rest);
    Ok((date, true))
}
