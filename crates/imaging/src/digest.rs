//! Digests of decoded frames, and their comparison with a reference (imaging.md, "How `expected.json` hashes").
//!
//! A digest is the SHA-256 of one frame's stored values, little endian, row after row, colour as RGB. The reference lists what other
//! software found in the same file; a lossless frame agrees by digest alone, a lossy one within the stated steps.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{
    file::{DicomError, DicomFile},
    frame::{FrameShape, SampleType},
};

/// Digest and statistics of the stored values of one frame; of all samples together for colour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FrameDigest {
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: String,
    /// Lowest value.
    pub min: f64,
    /// Highest value.
    pub max: f64,
    /// Mean, rounded to six decimals.
    pub mean: f64,
}

impl FrameDigest {
    /// Of `bytes`, one decoded frame of `shape`.
    #[must_use]
    pub fn of(shape: FrameShape, bytes: &[u8]) -> Self {
        let sha256 = Sha256::digest(bytes);
        let (mut min, mut max) = (f64::INFINITY, f64::NEG_INFINITY);
        let (mut sum, mut count) = (0.0, 0.0);
        for_each_sample(shape.sample, bytes, |v| {
            min = v.min(min);
            max = v.max(max);
            sum += v;
            count += 1.0;
        });
        Self {
            sha256: sha256.iter().map(|b| format!("{b:02x}")).collect(),
            min,
            max,
            mean: (sum / count * 1e6).round() / 1e6,
        }
    }
}

/// SHA-256 of the stored values of one decoded frame: the same for two frames of one shape whose pixels are the same.
#[must_use]
pub fn of_pixels(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Calls `each` with every sample of a frame, in order.
fn for_each_sample(sample: SampleType, bytes: &[u8], mut each: impl FnMut(f64)) {
    let pairs = bytes.as_chunks::<2>().0.iter();
    let fours = bytes.as_chunks::<4>().0.iter();
    match sample {
        SampleType::U8 => bytes.iter().for_each(|b| each(f64::from(*b))),
        SampleType::I8 => bytes.iter().for_each(|b| each(f64::from(b.cast_signed()))),
        SampleType::U16 => pairs.for_each(|c| each(f64::from(u16::from_ne_bytes(*c)))),
        SampleType::I16 => pairs.for_each(|c| each(f64::from(i16::from_ne_bytes(*c)))),
        SampleType::U32 => fours.for_each(|c| each(f64::from(u32::from_ne_bytes(*c)))),
        SampleType::I32 => fours.for_each(|c| each(f64::from(i32::from_ne_bytes(*c)))),
        SampleType::F32 => fours.for_each(|c| each(f64::from(f32::from_ne_bytes(*c)))),
        SampleType::F64 => {
            let eights = bytes.as_chunks::<8>().0.iter();
            eights.for_each(|c| each(f64::from_ne_bytes(*c)));
        }
    }
}

/// An `expected.json`: what other software found in the files of a folder.
#[derive(Clone, Debug, Deserialize)]
pub struct Expected {
    /// One entry a file.
    pub files: Vec<ExpectedFile>,
}

/// One file of [`Expected`].
#[derive(Clone, Debug, Deserialize)]
pub struct ExpectedFile {
    /// Path relative to the `expected.json`.
    pub file: String,
    /// What was found in Pixel Data.
    pub pixels: ExpectedPixels,
}

/// Reference digests of a file.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct ExpectedPixels {
    /// Whether any software could decode it.
    pub decoded: bool,
    /// Why not.
    #[serde(default)]
    pub reason: Option<String>,
    /// Digest of each frame.
    #[serde(default)]
    pub frames: Vec<ExpectedFrame>,
    /// Steps a sample of a lossy frame may differ; 0 for lossless ones.
    #[serde(default)]
    pub tolerance: f64,
    /// What other decoders gave.
    #[serde(default)]
    pub second: Vec<SecondDecoder>,
}

/// Reference digest of one frame.
#[derive(Clone, Debug, Deserialize)]
pub struct ExpectedFrame {
    /// SHA-256, hexadecimal.
    pub sha256: String,
    /// Lowest value.
    pub min: f64,
    /// Highest value.
    pub max: f64,
    /// Mean, six decimals.
    pub mean: f64,
    /// Samples of the first, the middle and the last pixel; not for long series.
    #[serde(default)]
    pub probe: Option<ExpectedProbe>,
}

/// Samples of three pixels.
#[derive(Clone, Debug, Deserialize)]
pub struct ExpectedProbe {
    /// First pixel.
    #[serde(rename = "0,0")]
    pub first: ProbeSamples,
    /// Row `rows / 2`, column `columns / 2`.
    pub mid: ProbeSamples,
    /// Last pixel.
    pub last: ProbeSamples,
}

/// Samples of one pixel: a number, or red, green, blue.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum ProbeSamples {
    /// One sample.
    One(f64),
    /// Several.
    Many(Vec<f64>),
}

/// What another decoder gave.
#[derive(Clone, Debug, Deserialize)]
pub struct SecondDecoder {
    /// Digests, where they differ from the first decoder's.
    #[serde(default)]
    pub frames_sha256: Vec<String>,
}

/// How a file compares with its reference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// Every frame of the reference agrees, or there is none and nothing to refuse.
    Agree {
        /// Frames that were compared.
        frames: usize,
    },
    /// A frame differs.
    Differ {
        /// What differs, with both values.
        what: String,
    },
    /// No picture, and the reason. Right for what the reference could not decode, and for files that are cut or contradict themselves.
    Refused {
        /// The reason.
        reason: String,
    },
    /// Differs on purpose: the reference masked what overshoots Bits Stored, we saturate (T1).
    Disputed {
        /// Frames that differ, and agree when masked.
        frames: usize,
    },
}

/// Compares a file with its reference. `file` is the outcome of parsing `bytes`.
#[must_use]
pub fn compare(
    expected: &ExpectedPixels,
    file: &Result<DicomFile, DicomError>,
    bytes: &[u8],
) -> Verdict {
    let file = match file {
        Ok(file) => file,
        Err(e) => {
            return Verdict::Refused {
                reason: e.to_string(),
            };
        }
    };
    if let Some(e) = file.refusal() {
        return Verdict::Refused {
            reason: e.to_string(),
        };
    }
    if !expected.decoded {
        return match file.incomplete() {
            Some(incomplete) => Verdict::Refused {
                reason: format!("Pixel Data {incomplete}"),
            },
            None => first_refusal(file, bytes),
        };
    }
    let Ok(shape) = file.frame_shape() else {
        return Verdict::Differ {
            what: "no Pixel Data, the reference has some".to_owned(),
        };
    };
    let mut disputed = 0;
    for (k, reference) in expected.frames.iter().enumerate() {
        let decoded = match file.decode_frame_vec(bytes, k) {
            Ok(decoded) => decoded,
            Err(e) => {
                return Verdict::Refused {
                    reason: e.to_string(),
                };
            }
        };
        let Err(what) = compare_frame(expected, reference, shape, &decoded) else {
            continue;
        };
        let masked = file.decode_frame_masked(bytes, k).ok();
        if expected.tolerance > 0.0
            && masked.is_some_and(|m| compare_frame(expected, reference, shape, &m).is_ok())
        {
            disputed += 1;
        } else {
            return Verdict::Differ {
                what: format!("frame {}: {what}", k.saturating_add(1)),
            };
        }
    }
    if disputed > 0 {
        return Verdict::Disputed { frames: disputed };
    }
    Verdict::Agree {
        frames: expected.frames.len(),
    }
}

/// Without a reference a picture is no error; a refusal is named.
fn first_refusal(file: &DicomFile, bytes: &[u8]) -> Verdict {
    let refused = (0..file.frames() as usize)
        .map(|k| file.decode_frame_vec(bytes, k))
        .find_map(Result::err);
    match refused {
        Some(e) => Verdict::Refused {
            reason: e.to_string(),
        },
        None => Verdict::Agree { frames: 0 },
    }
}

/// What differs, with both values.
fn compare_frame(
    expected: &ExpectedPixels,
    reference: &ExpectedFrame,
    shape: FrameShape,
    decoded: &[u8],
) -> Result<(), String> {
    let ours = FrameDigest::of(shape, decoded);
    if ours.sha256 == reference.sha256 {
        return Ok(());
    }
    let differs =
        |what: &str, ours: f64, theirs: f64| Err(format!("{what} {ours}, expected {theirs}"));
    if expected.tolerance <= 0.0 {
        return Err(format!(
            "sha256 {}, expected {} (min {} max {} mean {}, expected {} {} {})",
            ours.sha256,
            reference.sha256,
            ours.min,
            ours.max,
            ours.mean,
            reference.min,
            reference.max,
            reference.mean
        ));
    }
    let by_another = expected
        .second
        .iter()
        .any(|s| s.frames_sha256.contains(&ours.sha256));
    if by_another {
        return Ok(());
    }
    let near = |a: f64, b: f64| (a - b).abs() <= expected.tolerance;
    if !near(ours.min, reference.min) {
        return differs("minimum", ours.min, reference.min);
    }
    if !near(ours.max, reference.max) {
        return differs("maximum", ours.max, reference.max);
    }
    if (ours.mean - reference.mean).abs() > expected.tolerance / 2.0 {
        return differs("mean", ours.mean, reference.mean);
    }
    let Some(probe) = &reference.probe else {
        return Ok(());
    };
    let mut samples = Vec::new();
    for_each_sample(shape.sample, decoded, |v| samples.push(v));
    let (rows, columns) = (shape.rows as usize, shape.columns as usize);
    let middle = (rows / 2) * columns + columns / 2;
    let last = (rows * columns).saturating_sub(1);
    for (pixel, theirs) in [(0, &probe.first), (middle, &probe.mid), (last, &probe.last)] {
        let theirs = match theirs {
            ProbeSamples::One(v) => std::slice::from_ref(v),
            ProbeSamples::Many(v) => v,
        };
        let first = pixel * shape.samples();
        let ours = samples
            .get(first..first + shape.samples())
            .unwrap_or_default();
        if let Some((o, t)) = ours.iter().zip(theirs).find(|(o, t)| !near(**o, **t)) {
            return differs(&format!("a sample of pixel {pixel}"), *o, *t);
        }
    }
    Ok(())
}
