//! The plot: for each condition one dot an outcome at its lead, and the cumulative curve of outcomes detected at least so early.

use std::fmt::Write as _;

use crate::lead_time::judge::{EARLY_DAYS, State};
use crate::lead_time::report::{ConditionReport, Report};

const WIDTH: f64 = 990.0;
const LEFT: f64 = 280.0;
const RIGHT: f64 = 150.0;
const ROW: f64 = 64.0;
const TOP: f64 = 58.0;
const MOST_DAYS: f64 = 730.0;
const LEAST_DAYS: f64 = -30.0;

/// From days of lead to a place: early on the left, as a timeline runs.
fn x(days: f64) -> f64 {
    let part = (MOST_DAYS - days.clamp(LEAST_DAYS, MOST_DAYS)) / (MOST_DAYS - LEAST_DAYS);
    LEFT + part * (WIDTH - LEFT - RIGHT)
}

/// Text that may stand in XML.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// The plot of a report.
pub fn svg(report: &Report) -> String {
    let rows = f64::from(u16::try_from(report.conditions.len()).unwrap_or(u16::MAX));
    let height = TOP + rows * ROW + 48.0;
    let mut t = String::new();
    // Writing to a String cannot fail.
    let _ = write!(
        t,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" role=\"img\" \
         font-family=\"sans-serif\" font-size=\"13\" fill=\"#222\">\n\
         <title>Lead time by condition: days from the signal to the record's own first sign</title>\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#fff\"/>\n\
         <text x=\"12\" y=\"24\" font-size=\"15\" font-weight=\"bold\">Lead time: days from the signal to the record's own first sign</text>\n\
         <text x=\"12\" y=\"44\" fill=\"#555\">dot: one outcome with a signal · line: outcomes detected at least so early, of all incident ones</text>\n"
    );
    grid(&mut t, height);
    for (k, condition) in (0u16..).zip(&report.conditions) {
        row(&mut t, TOP + f64::from(k) * ROW, report, condition);
    }
    t + "</svg>\n"
}

fn grid(t: &mut String, height: f64) {
    let bottom = height - 34.0;
    let band = x(EARLY_DAYS);
    let _ = writeln!(
        t,
        "<rect x=\"{band:.1}\" y=\"{TOP}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"#eee\"/>",
        x(-EARLY_DAYS) - band,
        bottom - TOP
    );
    for days in [730.0, 545.0, 365.0, 180.0, 90.0, 0.0] {
        let at = x(days);
        let _ = writeln!(
            t,
            "<line x1=\"{at:.1}\" y1=\"{TOP}\" x2=\"{at:.1}\" y2=\"{bottom:.1}\" stroke=\"#ccc\"/>\
             <text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{days:.0}</text>",
            bottom + 16.0
        );
    }
    let _ = writeln!(
        t,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"#555\">days before the outcome (grey: with it, within 7 days)</text>",
        f64::midpoint(LEFT, WIDTH - RIGHT),
        bottom + 31.0
    );
}

fn row(t: &mut String, top: f64, report: &Report, c: &ConditionReport) {
    let (base, middle) = (top + ROW - 12.0, top + ROW / 2.0);
    let n = &c.counts;
    let mark = if c.circular.is_empty() {
        ""
    } else {
        ", circular"
    };
    let _ = writeln!(
        t,
        "<text x=\"12\" y=\"{:.1}\">{}</text><text x=\"12\" y=\"{:.1}\" fill=\"#555\" font-size=\"12\">{}{mark} · {} at risk</text>",
        middle - 4.0,
        escape(c.title),
        middle + 12.0,
        escape(&c.rules.join(" ")),
        n.at_risk
    );
    let _ = writeln!(
        t,
        "<line x1=\"{LEFT}\" y1=\"{base:.1}\" x2=\"{:.1}\" y2=\"{base:.1}\" stroke=\"#999\"/>\
         <text x=\"{:.1}\" y=\"{:.1}\">{} of {} in time</text><text x=\"{:.1}\" y=\"{:.1}\" fill=\"#555\" font-size=\"12\">{} false alerts</text>",
        WIDTH - RIGHT,
        WIDTH - RIGHT + 12.0,
        middle - 4.0,
        n.early + n.with,
        n.incident,
        WIDTH - RIGHT + 12.0,
        middle + 12.0,
        c.episodes.false_alert
    );
    let mut leads: Vec<f64> = report
        .per_patient
        .iter()
        .filter(|p| p.condition == c.id && p.judged.state == State::AtRisk)
        .filter_map(|p| p.judged.lead_days)
        .collect();
    leads.sort_by(|a, b| b.total_cmp(a));
    curve(t, &leads, n.incident, base);
    for lead in &leads {
        let _ = writeln!(
            t,
            "<circle cx=\"{:.1}\" cy=\"{base:.1}\" r=\"5\" fill=\"#0b5fa5\" fill-opacity=\"0.75\"><title>{lead:.0} days</title></circle>",
            x(*lead)
        );
    }
}

/// Steps up by one outcome at each lead; the full height is all incident outcomes.
fn curve(t: &mut String, leads: &[f64], incident: usize, base: f64) {
    if leads.is_empty() {
        return;
    }
    let mut path = format!("M {:.1} {base:.1}", x(MOST_DAYS));
    for (k, lead) in leads.iter().enumerate() {
        let part = crate::lead_time::statistics::ratio(k + 1, incident);
        let _ = write!(
            path,
            " H {:.1} V {:.1}",
            x(*lead),
            base - part * (ROW - 20.0)
        );
    }
    let _ = writeln!(
        t,
        "<path d=\"{path} H {:.1}\" fill=\"none\" stroke=\"#b3541e\" stroke-width=\"1.5\"/>",
        x(LEAST_DAYS)
    );
}
