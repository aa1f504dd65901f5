//! The steps of a manifest, from modality values to the picture that the graph takes. A closed list; each does exactly what it declares.

use serde::{Deserialize, Serialize};

use crate::{accept::ImageMeta, resample};

/// A grey image: what every step before `resize` sees at full size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImageInput {
    /// Header, with `photometric` known.
    pub meta: ImageMeta,
    /// Row-major, `rows` × `columns`, after the modality LUT, without window.
    pub values: Vec<f32>,
    /// What the least and the greatest stored value of Bits Stored would be after the modality LUT.
    pub stored_range: [f32; 2],
}

/// One step of `[[input.preprocess]]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// Stored values to modality values. Always the first: [`ImageInput`] holds them.
    ModalityLut {},
    /// `lo + hi - x` when the lowest value is white; `lo`, `hi` of Bits Stored.
    #[serde(rename = "monochrome1_to_2")]
    Monochrome1To2 {},
    /// The middle square; an odd rest is left below and to the right.
    CenterCropSquare {},
    /// The middle `size`, rows and columns.
    CenterCrop {
        /// Rows, columns.
        size: [usize; 2],
    },
    /// Half-pixel centres.
    Resize {
        /// Rows, columns.
        size: [usize; 2],
        /// Weights.
        interpolation: Interpolation,
        /// Widens the weights by the reduction.
        antialias: bool,
        /// Never.
        #[serde(default)]
        align_corners: bool,
    },
    /// `(x - a_min) / (a_max - a_min) * (b_max - b_min) + b_min` (MONAI).
    ScaleIntensityRange {
        /// From.
        a_min: Bound,
        /// From.
        a_max: Bound,
        /// To.
        b_min: f32,
        /// To.
        b_max: f32,
        /// Into `b_min..=b_max`.
        clip: bool,
    },
    /// Mean 0 and deviation 1 of this picture; a deviation below 1e-6 of the largest value counts as that.
    Zscore {
        /// `none`.
        #[serde(default)]
        mask: Mask,
    },
}

/// Weights of a resize.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Interpolation {
    /// Mean over the covered area; always antialiased.
    Area,
    /// Triangle.
    Linear,
}

/// Which pixels count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mask {
    /// All.
    #[default]
    None,
}

/// End of a range.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Bound {
    /// Fixed.
    Number(f32),
    /// By the image.
    Named(NamedBound),
}

/// End of a range that the image decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NamedBound {
    /// Least value that Bits Stored can hold.
    StoredMin,
    /// Greatest value that Bits Stored can hold.
    StoredMax,
    /// Least value of this picture.
    Min,
    /// Greatest value of this picture.
    Max,
}

/// A picture on its way.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Picture {
    pub rows: usize,
    pub columns: usize,
    pub values: Vec<f32>,
}

impl Step {
    /// Whether the steps lead to `size`.
    ///
    /// # Errors
    /// Which step does not fit.
    pub(crate) fn check_all(steps: &[Self], size: [usize; 2]) -> Result<(), String> {
        if steps.first() != Some(&Self::ModalityLut {}) {
            return Err("the first step of input.preprocess is not modality_lut".into());
        }
        let mut known: Option<[usize; 2]> = None;
        for (index, step) in steps.iter().enumerate() {
            let at = |why: &str| Err(format!("step {} of input.preprocess {why}", index + 1));
            match step {
                Self::ModalityLut {} if index > 0 => return at("is a second modality_lut"),
                Self::Resize {
                    align_corners: true,
                    ..
                } => return at("aligns corners, which is not supported"),
                Self::Resize {
                    antialias: false,
                    interpolation: Interpolation::Area,
                    ..
                } => return at("is area without antialias, which is no area"),
                Self::Resize { size, .. } | Self::CenterCrop { size } => {
                    if size.iter().any(|s| !(1..=4096).contains(s)) {
                        return at("has a size that is not from 1 to 4096");
                    }
                    let crops = matches!(step, Self::CenterCrop { .. });
                    if crops && known.is_some_and(|k| size[0] > k[0] || size[1] > k[1]) {
                        return at("crops to more than there is");
                    }
                    known = Some(*size);
                }
                _ => {}
            }
        }
        if known == Some(size) {
            Ok(())
        } else {
            Err(format!(
                "input.preprocess ends in {known:?}, input.spatial_shape is {size:?}"
            ))
        }
    }

    fn apply(&self, picture: Picture, image: &ImageInput) -> Result<Picture, String> {
        match self {
            Self::ModalityLut {} => Ok(picture),
            Self::Monochrome1To2 {} => Ok(to_monochrome2(picture, image)),
            Self::CenterCropSquare {} => {
                let side = picture.rows.min(picture.columns);
                picture.center(side, side)
            }
            Self::CenterCrop { size } => picture.center(size[0], size[1]),
            Self::Resize {
                size,
                interpolation,
                antialias,
                ..
            } => Ok(resample::resize(
                &picture,
                *size,
                *interpolation,
                *antialias,
            )),
            Self::ScaleIntensityRange {
                a_min,
                a_max,
                b_min,
                b_max,
                clip,
            } => {
                let (low, high) = (a_min.of(&picture, image), a_max.of(&picture, image));
                if high <= low {
                    return Err(format!("its values have no range: {low} to {high}"));
                }
                let scale = |x: f32| {
                    let y = (x - low) / (high - low) * (b_max - b_min) + b_min;
                    if *clip {
                        y.clamp(b_min.min(*b_max), b_max.max(*b_min))
                    } else {
                        y
                    }
                };
                Ok(picture.map(scale))
            }
            Self::Zscore { .. } => Ok(zscore(picture)),
        }
    }
}

impl Bound {
    fn of(self, picture: &Picture, image: &ImageInput) -> f32 {
        let values = picture.values.iter().copied();
        match self {
            Self::Number(x) => x,
            Self::Named(NamedBound::StoredMin) => image.stored_range[0],
            Self::Named(NamedBound::StoredMax) => image.stored_range[1],
            Self::Named(NamedBound::Min) => values.fold(f32::INFINITY, f32::min),
            Self::Named(NamedBound::Max) => values.fold(f32::NEG_INFINITY, f32::max),
        }
    }
}

impl Picture {
    fn map(self, f: impl FnMut(f32) -> f32) -> Self {
        Self {
            values: self.values.into_iter().map(f).collect(),
            ..self
        }
    }

    fn center(self, rows: usize, columns: usize) -> Result<Self, String> {
        let (Some(top), Some(left)) = (
            self.rows.checked_sub(rows),
            self.columns.checked_sub(columns),
        ) else {
            return Err(format!(
                "{} x {} pixels are too few to take {columns} x {rows} from",
                self.columns, self.rows
            ));
        };
        let (top, left) = (top / 2, left / 2);
        let kept = self.values.chunks_exact(self.columns.max(1));
        let kept = kept.skip(top).take(rows);
        let values = kept
            .flat_map(|row| row.iter().skip(left).take(columns).copied())
            .collect();
        Ok(Self {
            rows,
            columns,
            values,
        })
    }

    /// (p99 - p1) / max(|p1|, |p99|): 0 for a constant, and near it for noise around a level.
    fn contrast(&self) -> f32 {
        let mut sorted = self.values.clone();
        sorted.sort_by(f32::total_cmp);
        let at = |hundredths: usize| {
            let index = sorted.len().saturating_sub(1) * hundredths / 100;
            sorted.get(index).copied().unwrap_or_default()
        };
        let (low, high) = (at(1), at(99));
        let level = low.abs().max(high.abs());
        if level > 0.0 {
            (high - low) / level
        } else {
            0.0
        }
    }
}

/// Runs the steps.
///
/// # Errors
/// Why the image cannot be prepared: blank, not finite, too small. It is withheld then, not failed.
pub(crate) fn prepare(
    steps: &[Step],
    image: &ImageInput,
    min_contrast: f32,
) -> Result<Picture, String> {
    let size = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
    let (rows, columns) = (size(image.meta.rows), size(image.meta.columns));
    if rows.checked_mul(columns) != Some(image.values.len()) || image.values.is_empty() {
        return Err("the number of its pixels is not rows times columns".into());
    }
    if !image.values.iter().all(|v| v.is_finite()) {
        return Err("it holds values that are no numbers".into());
    }
    let mut picture = Picture {
        rows,
        columns,
        values: image.values.clone(),
    };
    let mut looked = false;
    for step in steps {
        picture = step.apply(picture, image)?;
        // Looked at when it is small, so that noise is averaged out, and before its scale is taken away.
        if matches!(step, Step::Resize { .. }) && !looked {
            looked = true;
            if picture.contrast() < min_contrast {
                return Err("it is blank: its values hardly differ".into());
            }
        }
    }
    Ok(picture)
}

fn to_monochrome2(picture: Picture, image: &ImageInput) -> Picture {
    let photometric = image.meta.photometric.as_deref().unwrap_or_default();
    if photometric.trim() != "MONOCHROME1" {
        return picture;
    }
    let [low, high] = image.stored_range;
    picture.map(|x| low + high - x)
}

fn zscore(picture: Picture) -> Picture {
    let count = picture.values.len().max(1) as f64;
    let mean = picture.values.iter().map(|v| f64::from(*v)).sum::<f64>() / count;
    let square = |v: &f32| (f64::from(*v) - mean).powi(2);
    let deviation = (picture.values.iter().map(square).sum::<f64>() / count).sqrt();
    let largest = picture.values.iter().fold(0f32, |a, v| a.max(v.abs()));
    let deviation = deviation
        .max(f64::from(largest) * 1e-6)
        .max(f64::MIN_POSITIVE);
    picture.map(|v| ((f64::from(v) - mean) / deviation) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(rows: u32, columns: u32, values: Vec<f32>) -> ImageInput {
        ImageInput {
            meta: ImageMeta {
                rows,
                columns,
                photometric: Some("MONOCHROME2".into()),
                ..ImageMeta::default()
            },
            values,
            stored_range: [0.0, 100.0],
        }
    }

    #[track_caller]
    fn check(steps: &[Step], image: &ImageInput, expected: &[f32]) {
        let picture = prepare(steps, image, 0.0).unwrap();
        assert_eq!(picture.values.len(), expected.len());
        for (got, want) in picture.values.iter().zip(expected) {
            assert!((got - want).abs() < 1e-5, "{:?}", picture.values);
        }
    }

    #[test]
    fn mdl_06_the_middle_square_of_a_wide_and_of_a_high_image() {
        let values: Vec<f32> = (0..8).map(|v| v as f32).collect();
        // 2 rows of 4: columns 1 and 2.
        check(
            &[Step::CenterCropSquare {}],
            &image(2, 4, values.clone()),
            &[1.0, 2.0, 5.0, 6.0],
        );
        // 4 rows of 2: rows 1 and 2.
        check(
            &[Step::CenterCropSquare {}],
            &image(4, 2, values),
            &[2.0, 3.0, 4.0, 5.0],
        );
    }

    #[test]
    fn monochrome1_is_turned_about_the_stored_range() {
        let mut film = image(1, 2, vec![10.0, 90.0]);
        check(&[Step::Monochrome1To2 {}], &film, &[10.0, 90.0]);
        film.meta.photometric = Some("MONOCHROME1 ".into());
        check(&[Step::Monochrome1To2 {}], &film, &[90.0, 10.0]);
    }

    #[test]
    fn zscore_has_mean_0_and_deviation_1() {
        // Mean 5, deviations -3 and 3: deviation 3.
        let steps = [Step::Zscore { mask: Mask::None }];
        check(&steps, &image(1, 2, vec![2.0, 8.0]), &[-1.0, 1.0]);
        check(&steps, &image(1, 2, vec![4.0, 4.0]), &[0.0, 0.0]);
    }

    #[test]
    fn a_range_is_scaled_and_clipped() {
        let step = |a_max| Step::ScaleIntensityRange {
            a_min: Bound::Named(NamedBound::StoredMin),
            a_max,
            b_min: -1.0,
            b_max: 1.0,
            clip: true,
        };
        let film = image(1, 3, vec![0.0, 50.0, 200.0]);
        let stored = Bound::Named(NamedBound::StoredMax);
        check(&[step(stored)], &film, &[-1.0, 0.0, 1.0]);
        check(&[step(Bound::Number(200.0))], &film, &[-1.0, -0.5, 1.0]);
        assert!(prepare(&[step(Bound::Number(0.0))], &film, 0.0).is_err());
    }

    #[test]
    fn mdl_06_a_blank_image_is_told_from_a_film() {
        let resize = [Step::Resize {
            size: [2, 2],
            interpolation: Interpolation::Area,
            antialias: true,
            align_corners: false,
        }];
        let noise = |k: u32| 1000.0 + (k * 7919 % 11) as f32;
        for (values, blank) in [
            (vec![0.0; 256], true),
            (vec![1000.0; 256], true),
            ((0..256).map(noise).collect(), true),
            ((0..256).map(|k| k as f32 * 10.0).collect(), false),
        ] {
            let result = prepare(&resize, &image(16, 16, values), 0.1);
            assert_eq!(result.is_err(), blank, "{result:?}");
        }
    }

    #[test]
    fn mdl_06_what_is_no_picture_is_withheld() {
        assert!(prepare(&[], &image(2, 2, vec![1.0; 3]), 0.0).is_err());
        assert!(prepare(&[], &image(0, 0, vec![]), 0.0).is_err());
        assert!(prepare(&[], &image(1, 1, vec![f32::NAN]), 0.0).is_err());
        let crop = [Step::CenterCrop { size: [4, 4] }];
        assert!(prepare(&crop, &image(2, 2, vec![1.0; 4]), 0.0).is_err());
    }
}
