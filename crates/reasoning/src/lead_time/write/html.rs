//! `report.html`: one page, no scripts, nothing from the network.

use std::fmt::Write as _;

use super::plot::escape;
use super::{share_words, spread_words};
use crate::lead_time::report::{ConditionReport, Report};
use crate::lead_time::subgroups::Subgroup;

const STYLE: &str = "body{font-family:sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#222}\
table{border-collapse:collapse;margin:1rem 0}th,td{border:1px solid #bbb;padding:.25rem .5rem;text-align:left;vertical-align:top}\
th{background:#f2f2f2}caption{text-align:left;font-weight:bold;padding:.25rem 0}.note{border-left:4px solid #b3541e;padding-left:.75rem}";

/// The page.
pub fn page(report: &Report, plot: &str) -> String {
    let m = &report.manifest;
    let mut t = format!(
        "<!doctype html>\n<html lang=\"en-GB\"><head><meta charset=\"utf-8\"><title>Lead time: {name}</title>\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"><style>{STYLE}</style></head><body>\n\
         <h1>Lead time: {name}</h1>\n\
         <p class=\"note\">An evaluation of the program on records of the past. It is not evidence of benefit to patients.</p>\n\
         <p>{} patients, {} facts, {} index times; {} to {}; fires of severity {} and above; seed {}.</p>\n",
        m.patients,
        m.facts,
        report.index_times,
        m.from,
        m.to,
        m.severity,
        m.seed,
        name = escape(if report.name.is_empty() {
            "cohort"
        } else {
            &report.name
        }),
    );
    t += plot;
    for condition in &report.conditions {
        section(&mut t, condition);
    }
    t += "<h2>Leakage tests</h2><table><tr><th>test</th><th>held</th><th>tried</th><th>found</th></tr>\n";
    for test in &report.leakage {
        // Writing to a String cannot fail.
        let _ = writeln!(
            t,
            "<tr><td>{} {}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            test.id,
            escape(test.title),
            if test.held { "yes" } else { "no" },
            test.tried,
            escape(&test.words)
        );
    }
    t += "</table><h2>Known biases</h2><ul>\n";
    for bias in report.known_biases {
        let _ = writeln!(t, "<li>{}</li>", escape(bias));
    }
    let _ = write!(
        t,
        "<li>{} medicines and problems of this cohort are over without an end date.</li>\n</ul>",
        report.ended_without_a_date
    );
    let not_built = if report.not_built.is_empty() {
        String::new()
    } else {
        format!(
            "<p>Not built, not evaluated: {}.</p>",
            escape(&report.not_built.join(", "))
        )
    };
    let _ = write!(
        t,
        "<h2>Not divided by</h2><p>{}.</p>{not_built}\
         <p>{} answers failed inside.</p><h2>Manifest</h2><p>manifest {}<br>data {}<br>rules {}<br>program {}</p>\n</body></html>\n",
        escape(&report.not_divided.join("; ")),
        report.failed,
        m.manifest_hash,
        m.data_hash,
        m.rules_hash,
        m.program
    );
    t
}

fn section(t: &mut String, c: &ConditionReport) {
    let n = &c.counts;
    let circular: Vec<String> = c
        .circular
        .iter()
        .map(|k| format!("{k:?}").to_lowercase())
        .collect();
    let circular = if circular.is_empty() {
        "no".to_owned()
    } else {
        format!("circular: the rule reads {}", circular.join(" and "))
    };
    let flag = &c.first_flag;
    let rows: Vec<(&str, String)> = vec![
        ("rules", c.rules.join(", ")),
        ("outcome: the first of", c.outcome.join("; ")),
        ("reads its own outcome (L-5)", circular),
        (
            "patients",
            format!(
                "{} at risk, {} prevalent, {} observed too briefly, {} timed by a batch, {} without what opens the loop",
                n.at_risk, n.prevalent, n.not_observed, n.batch, n.nothing_opened
            ),
        ),
        (
            "incident outcomes",
            format!("{} ({} by a diagnosis code)", n.incident, n.by_diagnosis),
        ),
        (
            "detected",
            format!("{} early, {} with, {} late, {} missed; {} fired already before the window", n.early, n.with, n.late, n.missed, n.standing),
        ),
        ("lead, days: median (quartiles)", spread_words(c.lead.as_ref())),
        (
            "detected with the outcome's facts withheld from the rule, apart",
            c.withheld.as_ref().map_or_else(
                || "the rule was not seen to read them".to_owned(),
                |w| format!("{}; lead {}", w.in_words(), spread_words(w.lead.as_ref())),
            ),
        ),
        ("needs-X lead, days, apart", spread_words(c.needs_lead.as_ref())),
        ("sensitivity (early and with)", share_words(&c.sensitivity)),
        ("predictive value by episode", share_words(&c.predictive_value)),
        ("episodes without 730 d of observation", c.episodes.indeterminate.to_string()),
        ("false-alert episodes per 100 patient-months", c.burden.in_words()),
        ("cards per 100 contacts with care", number(c.cards_per_100_openings)),
        ("cards shown for one early detection", number(c.shown_per_early)),
        (
            "comparator (a): first flag of the laboratory",
            format!(
                "{} flags in the cohort; {} outcomes flagged in the window; lead {}",
                flag.flags_in_cohort, flag.flagged, spread_words(flag.lead.as_ref())
            ),
        ),
        (
            "comparator (b): as many alerts at random index times",
            c.chance.as_ref().map_or_else(String::new, |x| {
                format!(
                    "{:.2} outcomes early or with, mean of draws ({:.0} to {:.0}); {:.2} of {} alerts borne out",
                    x.detected_mean, x.detected_interval[0], x.detected_interval[1], x.borne_out_mean, x.alerts
                )
            }),
        ),
    ];
    let _ = writeln!(t, "<h2>{}</h2><table>", escape(c.title));
    for (name, words) in rows {
        let _ = writeln!(
            t,
            "<tr><th>{}</th><td>{}</td></tr>",
            escape(name),
            escape(&words)
        );
    }
    *t +=
        "</table>\n<table><caption>Detected at least so many days early</caption><tr><th>days</th>";
    for point in &c.curve {
        let _ = write!(t, "<td>{}</td>", point.days);
    }
    *t += "</tr><tr><th>outcomes</th>";
    for point in &c.curve {
        let _ = write!(t, "<td>{}</td>", escape(&share_words(&point.detected)));
    }
    *t += "</tr></table>\n<table><caption>By least severity</caption><tr><th>severity</th><th>sensitivity</th><th>false-alert episodes</th><th>cards</th></tr>\n";
    for x in &c.thresholds {
        let _ = writeln!(
            t,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            x.severity,
            escape(&share_words(&x.sensitivity)),
            escape(&x.burden.in_words()),
            x.cards
        );
    }
    *t += "</table>\n";
    subgroups(t, &c.subgroups);
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "none".to_owned(), |v| format!("{v:.1}"))
}

fn subgroups(t: &mut String, rows: &[Subgroup]) {
    *t += "<table><caption>By group; cells below 11 are suppressed</caption><tr><th>by</th><th>group</th><th>patients</th><th>incident</th>\
           <th>early or with</th><th>false alerts</th><th>per 100 patient-months</th></tr>\n";
    let cell = |n: Option<usize>| n.map_or_else(|| "&lt; 11".to_owned(), |n| n.to_string());
    for r in rows {
        let _ = writeln!(
            t,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            r.by,
            escape(&r.group),
            cell(r.patients),
            cell(r.incident),
            cell(r.detected),
            cell(r.false_alerts),
            r.burden
                .map_or_else(|| "not shown".to_owned(), |b| format!("{b:.2}"))
        );
    }
    *t += "</table>\n";
}
