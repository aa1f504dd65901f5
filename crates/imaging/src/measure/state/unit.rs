//! What the numbers of a picture are in: on screen, in the archive, and by which factor.

use super::Picture;
use crate::measure::text::{self, DecimalSign};

/// What the numbers of a picture are in, and what brings its modality values there.
pub(super) struct Unit<'a> {
    /// On screen.
    pub(super) shown: String,
    /// In the archive.
    pub(super) ucum: String,
    pub(super) factor: f64,
    pub(super) no_suv: Option<String>,
    pub(super) marks: &'a [String],
}

impl<'a> Unit<'a> {
    pub(super) fn of(picture: &Picture<'a>) -> Self {
        let modality = picture.attributes.unit.as_str();
        let mut own = Self {
            shown: modality.to_owned(),
            ucum: ucum(modality),
            factor: 1.0,
            no_suv: None,
            marks: &[],
        };
        match picture.suv {
            Some(Ok(suv)) => {
                own.ucum = match suv.name.as_str() {
                    "SUVbw" | "SUV*bw" => "g/ml{SUVbw}".to_owned(),
                    other => format!("{{{other}}}"),
                };
                own.shown.clone_from(&suv.name);
                own.factor = suv.factor;
                own.marks = &suv.marks;
            }
            Some(Err(refusal)) => own.no_suv = Some(refusal.to_string()),
            None => {}
        }
        if own.shown == "BQML" {
            "Bq/ml".clone_into(&mut own.shown);
        }
        own
    }
}

/// Number only: the unit stands once at the end of a line.
pub(super) fn pixel_text(value: f64, unit: &str, of_one_pixel: bool, sign: DecimalSign) -> String {
    let text = text::pixel_value(value, unit, of_one_pixel, sign);
    let tail = format!(" {unit}");
    text.strip_suffix(&tail).unwrap_or(&text).to_owned()
}

/// UCUM of a unit of modality values.
fn ucum(unit: &str) -> String {
    match unit {
        "" | "US" => "1".to_owned(),
        "HU" => "[hnsf'U]".to_owned(),
        "BQML" => "Bq/ml".to_owned(),
        "GML" => "g/ml".to_owned(),
        "CNTS" => "{counts}".to_owned(),
        "GY" => "Gy".to_owned(),
        "MGML" => "mg/ml".to_owned(),
        "PCT" => "%".to_owned(),
        other => {
            // Braces hold any word that UCUM does not know.
            let word: String = other
                .chars()
                .filter(|c| c.is_ascii_graphic() && !matches!(c, '{' | '}'))
                .collect();
            format!("{{{word}}}")
        }
    }
}
