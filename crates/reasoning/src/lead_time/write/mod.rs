//! A report as files: JSON and CSV for machines, HTML and SVG for people, a table for the terminal. Text only: nothing is written here.

mod csv;
mod html;
mod plot;
mod table;

pub use table::leak_lines;

use super::report::Report;
use super::statistics::{Share, Spread};

/// The files of one report, each as its whole text.
#[derive(Clone, Debug)]
pub struct Files {
    /// `summary.json`
    pub summary_json: String,
    /// `per_patient.csv`, pseudonymous: numbers and days, no date, no name.
    pub per_patient_csv: String,
    /// `report.html`: no scripts, nothing from the network.
    pub report_html: String,
    /// `manifest.json`
    pub manifest_json: String,
    /// `lead-time.svg`: the plot of the report alone.
    pub plot_svg: String,
}

impl Files {
    /// Every file with its name.
    #[must_use]
    pub fn named(&self) -> [(&'static str, &str); 5] {
        [
            ("summary.json", &self.summary_json),
            ("per_patient.csv", &self.per_patient_csv),
            ("report.html", &self.report_html),
            ("manifest.json", &self.manifest_json),
            ("lead-time.svg", &self.plot_svg),
        ]
    }
}

impl Report {
    /// The report as files.
    #[must_use]
    pub fn files(&self) -> Files {
        let plot_svg = plot::svg(self);
        Files {
            summary_json: json(self),
            per_patient_csv: csv::per_patient(&self.per_patient),
            report_html: html::page(self, &plot_svg),
            manifest_json: json(&self.manifest),
            plot_svg,
        }
    }

    /// The report as a table for a terminal, also good Markdown.
    #[must_use]
    pub fn table(&self) -> String {
        table::of(self)
    }
}

fn json(value: &impl serde::Serialize) -> String {
    // Nothing in these types can fail to serialise: no map has keys that are not text.
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

/// `-3`, `112`: whole days.
fn days(x: f64) -> String {
    let text = format!("{x:.0}");
    if text == "-0" { "0".to_owned() } else { text }
}

/// `112 (28 to 365), p10 7, p90 602; n 9`
fn spread_words(spread: Option<&Spread>) -> String {
    spread.map_or_else(
        || "none".to_owned(),
        |s| {
            let [q1, q3] = s.quartiles;
            let [p10, p90] = s.p10_p90;
            let interval = s.median_interval.map_or_else(String::new, |[a, b]| {
                format!(", 95 % interval of the median {} to {}", days(a), days(b))
            });
            format!(
                "{} ({} to {}), p10 {}, p90 {}{interval}; n {}",
                days(s.median),
                days(q1),
                days(q3),
                days(p10),
                days(p90),
                s.n
            )
        },
    )
}

/// `4 of 5`, with per cent only where it may be said.
fn share_words(share: &Share) -> String {
    if share.of == 0 {
        "none".to_owned()
    } else {
        share.in_words()
    }
}
