//! Colour profiles (T53): what the file's ICC profile means in sRGB, or in the profile of a screen, in a form that is safe to send and quick to use.
//!
//! Profiles are hostile bytes: they are read where files are, and only numbers leave. Intent: relative colorimetric; the black of a table profile
//! is moved to black. Greys are never touched: they go by the standard display function.

use moxcms::{
    ColorProfile, DataColorSpace, Layout, ParsingOptions, RenderingIntent, TransformOptions,
};
use serde::{Deserialize, Serialize};

/// Profiles longer than this are not read.
const LONGEST: usize = 4 << 20;
/// Values of a curve to linear light.
const LINEAR: usize = 256;
/// Values of a curve back, at even steps of the square root.
const ENCODED: usize = 1024;
/// Nodes of a side of a table.
const NODES: usize = 33;

/// From the colours of a file to those of a screen; not the identity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct ColourCorrection(Parts);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Parts {
    /// Three curves to linear light, a matrix, three curves back.
    Shaper {
        linear: [Vec<f32>; 3],
        matrix: [[f64; 3]; 3],
        encode: [Vec<f32>; 3],
    },
    /// A value at each of the nodes, red slowest, 16 bits.
    Table { values: Vec<[u16; 3]> },
}

/// Why a profile is not used: the colours are then taken for sRGB, with a mark.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// Too long to be read.
    #[error("{0} bytes, 4 MiB are read")]
    TooLong(usize),
    /// Not a profile, or not one that can be used.
    #[error("{0}")]
    Broken(String),
    /// A profile for other than three colours of light.
    #[error("not for RGB")]
    NotRgb,
    /// What was sent has other sizes than it must have.
    #[error("a correction of {0} values")]
    Size(usize),
}

impl ColourCorrection {
    /// From the `source` profile of an image to sRGB, or to `screen`; `None` when nothing changes by a level of 8 bits.
    ///
    /// # Errors
    /// [`ProfileError`], of either profile.
    pub fn new(source: &[u8], screen: Option<&[u8]>) -> Result<Option<Self>, ProfileError> {
        let from = rgb_profile(source)?;
        let to = match screen {
            Some(bytes) => rgb_profile(bytes)?,
            None => ColorProfile::new_srgb(),
        };
        let found = if from.is_matrix_shaper()
            && from.lut_a_to_b_colorimetric.is_none()
            && from.lut_a_to_b_perceptual.is_none()
            && to.is_matrix_shaper()
        {
            shaper(&from, &to)?
        } else {
            table(&from, &to)?
        };
        let found = Self(found);
        Ok((!found.is_identity()).then_some(found))
    }

    /// Colour on the screen, each part 0 to 1.
    #[inline]
    #[must_use]
    pub fn apply(&self, rgb: [f64; 3]) -> [f64; 3] {
        match &self.0 {
            Parts::Shaper {
                linear,
                matrix,
                encode,
            } => {
                let [r, g, b] = [0, 1, 2].map(|k| {
                    let (Some(curve), Some(v)) = (linear.get(k), rgb.get(k)) else {
                        return 0.0;
                    };
                    between(curve, *v)
                });
                let light = matrix.map(|[x, y, z]| x * r + y * g + z * b);
                [0, 1, 2].map(|k| {
                    let (Some(curve), Some(v)) = (encode.get(k), light.get(k)) else {
                        return 0.0;
                    };
                    between(curve, v.clamp(0.0, 1.0).sqrt())
                })
            }
            Parts::Table { values } => in_table(values, rgb),
        }
    }

    /// The same of 8 bits each.
    #[must_use]
    pub fn apply_bytes(&self, rgb: [u8; 3]) -> [u8; 3] {
        self.apply(rgb.map(|v| f64::from(v) / 255.0))
            .map(super::grey_of)
    }

    fn is_identity(&self) -> bool {
        let steps = [0_u8, 1, 8, 32, 64, 96, 128, 160, 192, 224, 255];
        let near = |rgb: [u8; 3]| {
            let got = self.apply_bytes(rgb);
            rgb.iter().zip(got).all(|(a, b)| a.abs_diff(b) <= 1)
        };
        steps.iter().all(|r| {
            steps
                .iter()
                .all(|g| steps.iter().all(|b| near([*r, *g, *b])))
        })
    }
}

fn rgb_profile(bytes: &[u8]) -> Result<ColorProfile, ProfileError> {
    if bytes.len() > LONGEST {
        return Err(ProfileError::TooLong(bytes.len()));
    }
    let options = ParsingOptions {
        max_profile_size: LONGEST,
        max_allowed_clut_size: LONGEST,
        max_allowed_trc_size: 40_000,
    };
    let profile = ColorProfile::new_from_slice_with_options(bytes, options)
        .map_err(|e| ProfileError::Broken(e.to_string()))?;
    if profile.color_space == DataColorSpace::Rgb {
        Ok(profile)
    } else {
        Err(ProfileError::NotRgb)
    }
}

fn shaper(from: &ColorProfile, to: &ColorProfile) -> Result<Parts, ProfileError> {
    let broken = |e: moxcms::CmsError| ProfileError::Broken(e.to_string());
    let mut linear = Vec::new();
    for curve in [&from.red_trc, &from.green_trc, &from.blue_trc] {
        let curve = curve.as_ref().ok_or(ProfileError::NotRgb)?;
        let curve = curve.make_linear_evaluator().map_err(broken)?;
        let values = (0..LINEAR).map(|k| curve.evaluate_value(k as f32 / (LINEAR - 1) as f32));
        linear.push(values.map(finite).collect::<Vec<f32>>());
    }
    let mut encode = Vec::new();
    for curve in [&to.red_trc, &to.green_trc, &to.blue_trc] {
        let curve = curve.as_ref().ok_or(ProfileError::NotRgb)?;
        let curve = curve.make_gamma_evaluator().map_err(broken)?;
        let values = (0..ENCODED).map(|k| {
            let root = k as f32 / (ENCODED - 1) as f32;
            curve.evaluate_value(root * root)
        });
        encode.push(values.map(finite).collect::<Vec<f32>>());
    }
    let matrix = from.transform_matrix(to).v;
    if !matrix.iter().flatten().all(|v| v.is_finite()) {
        return Err(ProfileError::Broken(
            "its primaries lie in one plane".to_owned(),
        ));
    }
    let three =
        |curves: Vec<Vec<f32>>| <[Vec<f32>; 3]>::try_from(curves).map_err(|_| ProfileError::NotRgb);
    Ok(Parts::Shaper {
        linear: three(linear)?,
        matrix,
        encode: three(encode)?,
    })
}

fn table(from: &ColorProfile, to: &ColorProfile) -> Result<Parts, ProfileError> {
    let broken = |e: moxcms::CmsError| ProfileError::Broken(e.to_string());
    let options = TransformOptions {
        rendering_intent: RenderingIntent::RelativeColorimetric,
        ..TransformOptions::default()
    };
    let transform = from
        .create_transform_f32(Layout::Rgb, to, Layout::Rgb, options)
        .map_err(broken)?;
    let step = |k: usize| k as f32 / (NODES - 1) as f32;
    let mut nodes = Vec::with_capacity(NODES * NODES * NODES * 3);
    for r in 0..NODES {
        for g in 0..NODES {
            for b in 0..NODES {
                nodes.extend([step(r), step(g), step(b)]);
            }
        }
    }
    let mut shown = vec![0.0; nodes.len()];
    transform.transform(&nodes, &mut shown).map_err(broken)?;
    let colours = shown.as_chunks::<3>().0;
    let black = colours
        .first()
        .copied()
        .unwrap_or_default()
        .map(|v| light(finite(v)));
    let values = colours
        .iter()
        .map(|colour| {
            let moved = |k: usize| {
                let (v, black) = (colour.get(k).copied(), black.get(k).copied());
                let (v, black) = (light(finite(v.unwrap_or(0.0))), black.unwrap_or(0.0));
                let v = if black < 0.9 {
                    (v - black) / (1.0 - black)
                } else {
                    v
                };
                (dark(v.clamp(0.0, 1.0)) * 65_535.0 + 0.5) as u16
            };
            [moved(0), moved(1), moved(2)]
        })
        .collect();
    Ok(Parts::Table { values })
}

fn finite(v: f32) -> f32 {
    if v.is_finite() {
        v.clamp(0.0, 1.0)
    } else {
        0.0
    }
}

/// sRGB to linear light, for the move of the black.
fn light(v: f32) -> f64 {
    let v = f64::from(v);
    if v <= 0.040_45 {
        v / 12.92
    } else {
        ((v + 0.055) / 1.055).powf(2.4)
    }
}

/// And back.
fn dark(v: f64) -> f64 {
    if v <= 0.003_130_8 {
        v * 12.92
    } else {
        1.055 * v.powf(1.0 / 2.4) - 0.055
    }
}

/// At `v` of 0 to 1 along a curve, straight between its values.
fn between(curve: &[f32], v: f64) -> f64 {
    let last = curve.len().saturating_sub(1);
    let at = v.clamp(0.0, 1.0) * last as f64;
    let k = (at as usize).min(last);
    let here = curve.get(k).copied().map_or(0.0, f64::from);
    let next = curve.get(k + 1).copied().map_or(here, f64::from);
    here + (next - here) * (at - k as f64)
}

/// Trilinear between the eight nodes around.
fn in_table(values: &[[u16; 3]], rgb: [f64; 3]) -> [f64; 3] {
    let places = rgb.map(|v| {
        let at = v.clamp(0.0, 1.0) * (NODES - 1) as f64;
        let k = (at as usize).min(NODES - 2);
        (k, at - k as f64)
    });
    let [(r, fr), (g, fg), (b, fb)] = places;
    let mut sum = [0.0; 3];
    for (dr, wr) in [(0, 1.0 - fr), (1, fr)] {
        for (dg, wg) in [(0, 1.0 - fg), (1, fg)] {
            for (db, wb) in [(0, 1.0 - fb), (1, fb)] {
                let node = ((r + dr) * NODES + g + dg) * NODES + b + db;
                let value = values.get(node).copied().unwrap_or_default();
                for (sum, v) in sum.iter_mut().zip(value) {
                    *sum += wr * wg * wb * f64::from(v) / 65_535.0;
                }
            }
        }
    }
    sum
}

impl TryFrom<Parts> for ColourCorrection {
    type Error = ProfileError;

    fn try_from(parts: Parts) -> Result<Self, ProfileError> {
        match &parts {
            Parts::Shaper {
                linear,
                matrix,
                encode,
            } => {
                let sized = |curves: &[Vec<f32>; 3], n: usize| {
                    curves
                        .iter()
                        .all(|c| c.len() == n && c.iter().all(|v| v.is_finite()))
                };
                let fit = sized(linear, LINEAR) && sized(encode, ENCODED);
                if !fit || !matrix.iter().flatten().all(|v| v.is_finite()) {
                    return Err(ProfileError::Size(linear.iter().map(Vec::len).sum()));
                }
            }
            Parts::Table { values } if values.len() != NODES * NODES * NODES => {
                return Err(ProfileError::Size(values.len()));
            }
            Parts::Table { .. } => {}
        }
        Ok(Self(parts))
    }
}

impl From<ColourCorrection> for Parts {
    fn from(correction: ColourCorrection) -> Self {
        correction.0
    }
}
