//! The report for a terminal.

use std::fmt::Write as _;

use super::{days, share_words, spread_words};
use crate::lead_time::leakage::LeakTest;
use crate::lead_time::report::{ConditionReport, Report};

/// One line a test: `L-1 held  900 tried · shift …`
#[must_use]
pub fn leak_lines(tests: &[LeakTest]) -> String {
    let line = |t: &LeakTest| {
        let word = if t.held { "held" } else { "DID NOT HOLD" };
        format!(
            "{} {word}, {} tried · {}: {}\n",
            t.id, t.tried, t.title, t.words
        )
    };
    tests.iter().map(line).collect()
}

pub fn of(report: &Report) -> String {
    let mut t = String::new();
    let m = &report.manifest;
    // Writing to a String cannot fail.
    let _ = writeln!(
        t,
        "Lead time: {} patients, {} facts, {} index times, {} to {}, severity {} and above, seed {}\n\
         An evaluation of the program on records of the past; not evidence of benefit.\n",
        m.patients,
        m.facts,
        report.index_times,
        m.from.get(..10).unwrap_or(&m.from),
        m.to.get(..10).unwrap_or(&m.to),
        m.severity,
        m.seed
    );
    t += &rows(&report.conditions);
    t += "\n";
    for c in &report.conditions {
        details(&mut t, c);
    }
    if !report.not_built.is_empty() {
        let _ = writeln!(
            t,
            "not built, not evaluated: {}",
            report.not_built.join(", ")
        );
    }
    if report.failed > 0 {
        let _ = writeln!(t, "{} answers failed inside", report.failed);
    }
    t += "\nLeakage tests\n";
    t += &leak_lines(&report.leakage);
    t += "\nKnown biases\n";
    for bias in report.known_biases {
        let _ = writeln!(t, "- {bias}");
    }
    let _ = writeln!(t, "\nmanifest {} · rules {}", m.manifest_hash, m.rules_hash);
    t
}

fn rows(conditions: &[ConditionReport]) -> String {
    let head = [
        "condition",
        "rules",
        "at risk",
        "prevalent",
        "incident",
        "early",
        "with",
        "late",
        "missed",
        "median lead, d",
        "cards borne out / false / open",
        "false per 100 months",
    ];
    let mut table = vec![head.map(str::to_owned)];
    for c in conditions {
        let n = &c.counts;
        let mark = if c.circular.is_empty() { "" } else { " *" };
        table.push([
            c.title.to_owned(),
            c.rules.join(" ") + mark,
            n.at_risk.to_string(),
            n.prevalent.to_string(),
            n.incident.to_string(),
            n.early.to_string(),
            n.with.to_string(),
            n.late.to_string(),
            n.missed.to_string(),
            c.lead.as_ref().map_or("-".to_owned(), |l| days(l.median)),
            format!(
                "{} / {} / {}",
                c.episodes.borne_out, c.episodes.false_alert, c.episodes.indeterminate
            ),
            c.burden
                .per_100
                .map_or("-".to_owned(), |r| format!("{r:.2}")),
        ]);
    }
    let widths: Vec<usize> = (0..head.len())
        .map(|k| {
            let cells = table.iter().filter_map(|row| row.get(k));
            cells.map(|c| c.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let line = |cells: &[String]| {
        let padded: Vec<String> = cells
            .iter()
            .zip(&widths)
            .map(|(c, w)| format!("{c:<w$}"))
            .collect();
        format!("| {} |\n", padded.join(" | "))
    };
    let rule: Vec<String> = widths.iter().map(|w| "-".repeat(*w)).collect();
    let mut lines = table.iter().map(|row| line(row));
    let first = lines.next().unwrap_or_default();
    first
        + &line(&rule)
        + &lines.collect::<String>()
        + "\n* circular: the rule reads facts that define this outcome (L-5).\n"
}

fn details(t: &mut String, c: &ConditionReport) {
    let n = &c.counts;
    let _ = writeln!(t, "{} ({})", c.title, c.rules.join(", "));
    let mut line = |name: &str, words: String| {
        let _ = writeln!(t, "  {name}: {words}");
    };
    line(
        "left out",
        format!(
            "{} prevalent, {} observed too briefly, {} timed by a batch, {} without what opens the loop",
            n.prevalent, n.not_observed, n.batch, n.nothing_opened
        ),
    );
    line(
        "lead, days: median (quartiles)",
        spread_words(c.lead.as_ref()),
    );
    if n.standing > 0 {
        line(
            "lead cut off at 730 d",
            format!("{} fired already before", n.standing),
        );
    }
    if let Some(withheld) = &c.withheld {
        line(
            "circular; with the outcome's facts withheld from the rule",
            withheld.in_words(),
        );
    }
    if let Some(needs) = &c.needs_lead {
        line("needs-X lead, days", spread_words(Some(needs)));
    }
    line("sensitivity (early and with)", share_words(&c.sensitivity));
    line(
        "predictive value by episode",
        share_words(&c.predictive_value),
    );
    line(
        "false-alert episodes per 100 patient-months",
        c.burden.in_words(),
    );
    if let Some(cards) = c.cards_per_100_openings {
        line("cards per 100 contacts with care", format!("{cards:.1}"));
    }
    if let Some(shown) = c.shown_per_early {
        line("cards shown for one early detection", format!("{shown:.1}"));
    }
    let flag = &c.first_flag;
    line(
        "comparator (a), first flag of the laboratory",
        if flag.flags_in_cohort == 0 {
            "cannot be made: no result of these tests carries a flag or reference limits".to_owned()
        } else {
            format!(
                "{} of {} outcomes flagged in the window, lead {}",
                flag.flagged,
                n.incident,
                spread_words(flag.lead.as_ref())
            )
        },
    );
    line(
        "comparator (b), as many alerts at random index times",
        c.chance.as_ref().map_or_else(
            || "no alert to draw".to_owned(),
            |x| {
                let [a, b] = x.detected_interval;
                format!(
                    "{:.1} of {} outcomes early or with ({a:.0} to {b:.0}), {:.1} of {} alerts borne out",
                    x.detected_mean, n.incident, x.borne_out_mean, x.alerts
                )
            },
        ),
    );
    let trade: Vec<String> = c
        .thresholds
        .iter()
        .map(|x| {
            format!(
                "{} {} at {} false alerts in {} cards",
                x.severity,
                share_words(&x.sensitivity),
                x.burden.events,
                x.cards
            )
        })
        .collect();
    line("by least severity", trade.join("; "));
}
