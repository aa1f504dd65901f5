//! The input guard (MDL-06): for which images a model was made. Outside of it there is no output, and each reason is told (D-21).

use serde::{Deserialize, Serialize};
use triptych_clinical::InstanceRecord;

/// What is known of an image before its pixels are: DICOM terms as in the file, trimmed by nobody.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImageMeta {
    /// Modality (0008,0060).
    pub modality: String,
    /// View Position (0018,5101).
    pub view_position: String,
    /// Body Part Examined (0018,0015).
    pub body_part: String,
    /// Completed years on the day of the image; `None` when birth date or study date is not known.
    pub age_years: Option<u16>,
    /// Columns (0028,0011).
    pub columns: u32,
    /// Rows (0028,0010).
    pub rows: u32,
    /// Number of frames.
    pub frames: u32,
    /// Photometric Interpretation (0028,0004); `None` while only the list of images is known: then it is checked with the pixels.
    pub photometric: Option<String>,
    /// Between rows, between columns, mm.
    pub pixel_spacing_mm: Option<[f64; 2]>,
}

/// `[accept]`: all conditions must hold.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accept {
    /// One of these.
    #[serde(rename = "Modality")]
    pub modality: Vec<String>,
    /// One of these.
    #[serde(rename = "ViewPosition")]
    pub view_position: Vec<String>,
    /// One of these; the empty text is an absent attribute.
    #[serde(rename = "BodyPartExamined")]
    pub body_part: Vec<String>,
    /// One of these.
    #[serde(rename = "PhotometricInterpretation")]
    pub photometric: Vec<String>,
    /// Completed years; an unknown age is outside.
    #[serde(rename = "PatientAgeYears", default)]
    pub age_years: Option<AgeRange>,
    /// Of both directions; unknown spacing is outside.
    #[serde(rename = "PixelSpacingMm", default)]
    pub pixel_spacing_mm: Option<SpacingRange>,
    /// Rows, columns.
    #[serde(rename = "MinSize")]
    pub min_size: [u32; 2],
    /// Least contrast of the prepared film: (p99 - p1) / max(|p1|, |p99|) of its values. Below, the image is blank.
    #[serde(rename = "MinContrast", default = "default_contrast")]
    pub min_contrast: f32,
}

/// Years, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgeRange {
    /// Youngest.
    #[serde(default)]
    pub min: Option<u16>,
    /// Oldest.
    #[serde(default)]
    pub max: Option<u16>,
}

/// Millimetres, both included.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpacingRange {
    /// Finest.
    #[serde(default)]
    pub min: Option<f64>,
    /// Coarsest.
    #[serde(default)]
    pub max: Option<f64>,
}

const fn default_contrast() -> f32 {
    0.1
}

impl ImageMeta {
    /// Of an instance as the archive keeps it; the age is that on the day of the study. Photometric Interpretation is not kept there.
    #[must_use]
    pub fn of(record: &InstanceRecord) -> Self {
        let day = record.study_time.map(|time| time.instant);
        Self {
            modality: record.modality.clone(),
            view_position: record.view_position.clone(),
            body_part: record.body_part.clone(),
            age_years: day.and_then(|day| record.identity.age_years(day)),
            columns: record.columns,
            rows: record.rows,
            frames: record.frames,
            photometric: None,
            pixel_spacing_mm: record.pixel_spacing,
        }
    }
}

impl Accept {
    /// Whether the model was made for such an image.
    ///
    /// # Errors
    /// Each condition that does not hold, for people, in the order of the manifest.
    pub fn check(&self, image: &ImageMeta) -> Result<(), Vec<String>> {
        let mut reasons = Vec::new();
        let mut term = |what: &str, value: &str, allowed: &[String]| {
            let value = value.trim();
            if !allowed.iter().any(|a| a.eq_ignore_ascii_case(value)) {
                let shown: String = value.chars().filter(|c| !c.is_control()).take(16).collect();
                let said = if shown.is_empty() {
                    "is not stated"
                } else {
                    &format!("is {shown}")
                };
                reasons.push(format!("{what} {said}; made for {}", list(allowed)));
            }
        };
        term("modality", &image.modality, &self.modality);
        term("view", &image.view_position, &self.view_position);
        term("body part", &image.body_part, &self.body_part);
        if let Some(photometric) = &image.photometric {
            term("photometric interpretation", photometric, &self.photometric);
        }
        if image.frames != 1 {
            reasons.push(format!("{} frames; made for single pictures", image.frames));
        }
        if let Some(range) = self.age_years {
            reasons.extend(range.refuse(image.age_years));
        }
        if let Some(range) = self.pixel_spacing_mm {
            reasons.extend(range.refuse(image.pixel_spacing_mm));
        }
        let [rows, columns] = self.min_size;
        if image.rows < rows || image.columns < columns {
            reasons.push(format!(
                "{} x {} pixels; made for at least {columns} x {rows}",
                image.columns, image.rows
            ));
        }
        if reasons.is_empty() {
            Ok(())
        } else {
            Err(reasons)
        }
    }
}

impl Accept {
    /// What the model asks of an image and what this one says, one line each: `view PA (asks for PA, AP)`.
    #[must_use]
    pub fn inputs(&self, image: &ImageMeta) -> Vec<String> {
        let term = |what: &str, value: &str, allowed: &[String]| {
            let value = value.trim();
            let said = if value.is_empty() {
                "not stated"
            } else {
                value
            };
            format!("{what} {said} (asks for {})", list(allowed))
        };
        let mut lines = vec![
            term("modality", &image.modality, &self.modality),
            term("view", &image.view_position, &self.view_position),
            term("body part", &image.body_part, &self.body_part),
            match &image.photometric {
                Some(value) => term("photometric interpretation", value, &self.photometric),
                None => format!(
                    "photometric interpretation checked with the pixels (asks for {})",
                    list(&self.photometric)
                ),
            },
        ];
        if let Some(made) = self.age_years.and_then(AgeRange::words) {
            let age = image
                .age_years
                .map_or_else(|| "not known".to_owned(), |age| format!("{age} years"));
            lines.push(format!("age at the image {age} ({made})"));
        }
        if self.pixel_spacing_mm.is_some() {
            let said = image.pixel_spacing_mm.map_or_else(
                || "not stated".to_owned(),
                |[row, column]| format!("{row} x {column} mm"),
            );
            lines.push(format!("pixel spacing {said}"));
        }
        let [rows, columns] = self.min_size;
        lines.push(format!(
            "{} x {} pixels (asks for at least {columns} x {rows})",
            image.columns, image.rows
        ));
        lines
    }
}

impl AgeRange {
    fn words(self) -> Option<String> {
        Some(match (self.min, self.max) {
            (Some(min), Some(max)) => format!("made for {min} to {max} years"),
            (Some(min), None) => format!("made for {min} years and older"),
            (None, Some(max)) => format!("made for {max} years and younger"),
            (None, None) => return None,
        })
    }

    fn refuse(self, age: Option<u16>) -> Option<String> {
        let made = self.words()?;
        let Some(age) = age else {
            return Some(format!("age at the image is not known; {made}"));
        };
        let inside = self.min.is_none_or(|min| age >= min) && self.max.is_none_or(|m| age <= m);
        (!inside).then(|| format!("age {age} years; {made}"))
    }
}

impl SpacingRange {
    fn refuse(self, spacing: Option<[f64; 2]>) -> Option<String> {
        let Some(spacing) = spacing else {
            return Some("pixel spacing is not stated".to_owned());
        };
        let inside = |v: f64| {
            v > 0.0 && self.min.is_none_or(|min| v >= min) && self.max.is_none_or(|max| v <= max)
        };
        let [row, column] = spacing;
        (!(inside(row) && inside(column)))
            .then(|| format!("pixel spacing {row} x {column} mm is outside what it was made for"))
    }
}

fn list(allowed: &[String]) -> String {
    let words: Vec<&str> = allowed
        .iter()
        .map(|a| if a.is_empty() { "not stated" } else { a })
        .collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chest() -> Accept {
        let terms = |terms: &[&str]| terms.iter().map(|&t| t.to_owned()).collect();
        Accept {
            modality: terms(&["CR", "DX"]),
            view_position: terms(&["PA", "AP"]),
            body_part: terms(&["CHEST"]),
            photometric: terms(&["MONOCHROME1", "MONOCHROME2"]),
            age_years: Some(AgeRange {
                min: Some(18),
                max: None,
            }),
            pixel_spacing_mm: None,
            min_size: [128, 128],
            min_contrast: 0.1,
        }
    }

    fn film() -> ImageMeta {
        ImageMeta {
            modality: "DX".into(),
            view_position: "PA".into(),
            body_part: "CHEST".into(),
            age_years: Some(18),
            columns: 128,
            rows: 128,
            frames: 1,
            photometric: Some("MONOCHROME2".into()),
            pixel_spacing_mm: None,
        }
    }

    #[track_caller]
    fn refused(change: impl FnOnce(&mut ImageMeta), expected: &str) {
        let mut image = film();
        change(&mut image);
        let reasons = chest().check(&image).unwrap_err();
        assert_eq!(reasons, [expected]);
    }

    #[test]
    fn mdl_06_each_condition_refuses_by_itself_with_its_reason() {
        assert_eq!(chest().check(&film()), Ok(()));
        let made = "made for CR, DX";
        refused(
            |i| i.modality = "CT".into(),
            &format!("modality is CT; {made}"),
        );
        refused(
            |i| i.modality = "OT".into(),
            &format!("modality is OT; {made}"),
        );
        let made = "made for PA, AP";
        refused(
            |i| i.view_position = "LL".into(),
            &format!("view is LL; {made}"),
        );
        refused(
            |i| i.view_position = String::new(),
            &format!("view is not stated; {made}"),
        );
        refused(
            |i| i.body_part = "HAND".into(),
            "body part is HAND; made for CHEST",
        );
        refused(
            |i| i.body_part = String::new(),
            "body part is not stated; made for CHEST",
        );
        refused(
            |i| i.photometric = Some("RGB".into()),
            "photometric interpretation is RGB; made for MONOCHROME1, MONOCHROME2",
        );
        let made = "made for 18 years and older";
        refused(|i| i.age_years = Some(17), &format!("age 17 years; {made}"));
        refused(
            |i| i.age_years = None,
            &format!("age at the image is not known; {made}"),
        );
        refused(
            |i| i.rows = 127,
            "128 x 127 pixels; made for at least 128 x 128",
        );
        refused(|i| i.frames = 20, "20 frames; made for single pictures");
    }

    #[test]
    fn mdl_06_all_reasons_are_told_at_once() {
        let reasons = chest().check(&ImageMeta::default()).unwrap_err();
        assert_eq!(reasons.len(), 6, "{reasons:?}");
    }

    #[test]
    fn mdl_06_spacing_is_checked_in_both_directions() {
        let mut accept = chest();
        accept.pixel_spacing_mm = Some(SpacingRange {
            min: None,
            max: Some(0.5),
        });
        let mut image = film();
        assert!(accept.check(&image).is_err(), "not stated");
        for (spacing, inside) in [
            ([0.5, 0.5], true),
            ([0.5, 0.6], false),
            ([0.0, 0.5], false),
            ([f64::NAN, 0.5], false),
        ] {
            image.pixel_spacing_mm = Some(spacing);
            assert_eq!(accept.check(&image).is_ok(), inside, "{spacing:?}");
        }
    }
}
