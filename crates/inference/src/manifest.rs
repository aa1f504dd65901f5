//! `model.toml`, schema 1: what must be known to run a model unchanged. Unknown keys and unknown steps refuse the package.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de::Error as _};

use crate::{PackageError, accept::Accept, card::Card, preprocess::Step};

/// The signed manifest of a package, checked.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// `[package]`
    pub package: About,
    /// `[files]`: all but the manifest, its signature and `package.sources`.
    pub files: BTreeMap<String, FileEntry>,
    /// `[runtime]`
    pub runtime: RuntimeNeeds,
    /// `[accept]`
    pub accept: Accept,
    /// `[[input]]`: the one input.
    pub input: Input,
    /// `[[output]]`: the one output.
    pub output: Output,
    /// `[golden]`
    pub golden: Golden,
    /// `[card]`
    pub card: Card,
}

/// `[package]`: what the model is called and what it is for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// Reverse domain name, lower case.
    pub id: String,
    /// Version of the package.
    pub version: String,
    /// For people.
    pub title: String,
    /// The ONNX file among `[files]`.
    pub entry: String,
    /// Who made it.
    pub authors: String,
    /// Whose it is.
    pub copyright: String,
    /// SPDX expression.
    pub license: String,
    /// One sentence.
    pub intended_use: String,
    /// `research`, `ce-mdr`, `fda-510k`, `fda-de-novo`.
    pub regulatory: Regulatory,
    /// Papers and places.
    pub references: Vec<String>,
    /// Where the training data come from.
    pub training_data: String,
    /// Scripts that made the package: they may lie in the folder, and are never opened.
    #[serde(default)]
    pub sources: Vec<String>,
}

/// What an authority said of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Regulatory {
    /// Nothing: investigational.
    Research,
    /// Medical Device Regulation (EU) 2017/745.
    CeMdr,
    /// FDA 510(k).
    #[serde(rename = "fda-510k")]
    Fda510k,
    /// FDA De Novo.
    FdaDeNovo,
}

/// One listed file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// In hex, lower case.
    pub sha256: String,
    /// Size.
    pub bytes: u64,
}

/// `[runtime]`: what the graph may use and cost.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuntimeNeeds {
    /// Highest version of the default operator domain.
    pub onnx_opset_max: i64,
    /// Operator domains; the default one is empty.
    pub domains: Vec<String>,
    /// Allowed, in order.
    pub providers: Vec<Provider>,
    /// Most memory of one run, MiB.
    pub memory_mib: u64,
    /// Longest run.
    pub timeout_ms: u64,
    /// Tensor cores with 10-bit mantissas: never, or the self-test means nothing.
    #[serde(deserialize_with = "never")]
    pub tf32: bool,
    /// Pictures in one run.
    pub batch_max: usize,
}

/// Where a graph may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// NVIDIA.
    Cuda,
    /// Everywhere.
    Cpu,
}

/// `[[input]]`: name, shape and preparation of the picture.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Value name in the graph.
    pub name: String,
    /// `image`.
    #[serde(rename = "type")]
    pub kind: InputKind,
    /// `magnitude`.
    pub format: Format,
    /// What the model was made with; the condition is in `[accept]`.
    pub modality: String,
    /// `float32`.
    pub dtype: Dtype,
    /// `NCHW`.
    pub layout: Layout,
    /// 1.
    pub num_channels: usize,
    /// Height, width.
    pub spatial_shape: [usize; 2],
    /// Least and greatest value of the prepared picture.
    #[serde(default)]
    pub value_range: Option<[f32; 2]>,
    /// Never.
    #[serde(default, deserialize_with = "never")]
    pub is_patch_data: bool,
    /// MONAI's names of the channels.
    #[serde(default)]
    pub channel_def: BTreeMap<String, String>,
    /// In this order.
    pub preprocess: Vec<Step>,
}

/// MONAI `type` of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InputKind {
    /// One picture.
    Image,
}

/// MONAI `format` of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Values without a unit.
    Magnitude,
}

/// Element type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dtype {
    /// 32-bit float.
    Float32,
}

/// Meaning of the dimensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Layout {
    /// Picture, channel, row, column.
    #[serde(rename = "NCHW")]
    Nchw,
}

/// `[[output]]`: one score a channel.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// Value name in the graph.
    pub name: String,
    /// `probabilities`.
    #[serde(rename = "type")]
    pub kind: OutputKind,
    /// `classes`.
    pub format: OutputFormat,
    /// What is still to be applied.
    pub activation: Activation,
    /// Never: no segmentation here.
    #[serde(default, deserialize_with = "never")]
    pub invert: bool,
    /// Without meaning for scores.
    #[serde(default)]
    pub resample: Option<String>,
    /// In order of `index`, from 0, none left out.
    pub channel: Vec<Channel>,
}

/// MONAI `type` of an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutputKind {
    /// Numbers from 0 to 1.
    Probabilities,
}

/// MONAI `format` of an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutputFormat {
    /// One a finding.
    Classes,
}

/// What is still to be applied to the graph's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Activation {
    /// Nothing.
    None,
    /// 1 / (1 + exp(-x)).
    Sigmoid,
}

/// One finding of the model.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    /// Place in the output.
    pub index: usize,
    /// Name of the finding.
    pub label: String,
    /// Coded name.
    #[serde(default)]
    pub code: Option<Code>,
    /// Operating point.
    #[serde(default)]
    pub threshold: Option<f32>,
    /// Where the operating point comes from.
    #[serde(default)]
    pub threshold_source: Option<String>,
    /// Whether it is shown at all.
    pub show: bool,
    /// What is shown of a score that is not calibrated (D-22); without them, nothing is.
    #[serde(default)]
    pub bands: Option<Bands>,
}

/// A code of a terminology.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// `SCT`, `RADLEX`.
    pub scheme: String,
    /// The code.
    pub value: String,
    /// Its words.
    pub meaning: String,
}

/// Cuts of the score, and what each band means in the model's own validation (D-22).
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bands {
    /// Scores below are low.
    pub low_below: f32,
    /// Scores from here on are high.
    pub high_from: f32,
    /// Definition of low.
    pub low: String,
    /// Definition of middle.
    pub middle: String,
    /// Definition of high.
    pub high: String,
}

/// `[golden]`: a run on known input, made by the packager with the same graph.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Golden {
    /// Raw little-endian floats.
    pub input: String,
    /// Shape of the input.
    pub input_shape: [usize; 4],
    /// Raw little-endian floats, one a picture and channel.
    pub output: String,
    /// Largest difference on the CPU.
    pub atol_cpu: f32,
    /// Largest difference on CUDA.
    pub atol_cuda: f32,
    /// Beside it, as a part of the expected value.
    pub rtol: f32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    schema: u32,
    package: About,
    files: BTreeMap<String, FileEntry>,
    runtime: RuntimeNeeds,
    accept: Accept,
    input: Vec<Input>,
    output: Vec<Output>,
    #[serde(rename = "calibration")]
    _calibration: Calibration,
    #[serde(rename = "explain", default)]
    _explain: Option<Explain>,
    golden: Golden,
    card: BTreeMap<String, String>,
}

/// Calibration is local (D-22): a package cannot bring it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Calibration {
    #[serde(rename = "kind")]
    _kind: Nothing,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Explain {
    #[serde(rename = "kind")]
    _kind: Nothing,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Nothing {
    None,
}

/// Most pictures, values and milliseconds that a package may ask for.
const LARGEST_SIDE: usize = 4096;
const LARGEST_BATCH: usize = 64;
const LONGEST_MS: u64 = 120_000;

impl Manifest {
    /// # Errors
    /// [`PackageError::Manifest`] and [`PackageError::Card`], each naming the key.
    pub(crate) fn parse(text: &str) -> Result<Self, PackageError> {
        let refuse = |reason: String| PackageError::Manifest { reason };
        let raw: Raw = toml::from_str(text).map_err(|e| refuse(e.to_string()))?;
        let (package, runtime, golden) = (raw.package, raw.runtime, raw.golden);
        let one = |what, n| refuse(format!("{n} {what}s; this version runs models with one"));
        let [input] = <[Input; 1]>::try_from(raw.input).map_err(|v| one("input", v.len()))?;
        let [output] = <[Output; 1]>::try_from(raw.output).map_err(|v| one("output", v.len()))?;
        check(raw.schema == 1, || {
            format!("schema {} is not known", raw.schema)
        })?;
        for (name, file) in &raw.files {
            check(is_plain(name), || {
                format!("files.{name:?} is not a plain relative name")
            })?;
            let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
            check(
                file.sha256.len() == 64 && file.sha256.bytes().all(hex),
                || format!("files.{name:?}.sha256 is no SHA-256 in lower case"),
            )?;
        }
        for name in [&package.entry, &golden.input, &golden.output] {
            check(raw.files.contains_key(name), || {
                format!("{name} is used and not listed in [files]")
            })?;
        }
        check(package.sources.iter().all(|name| is_plain(name)), || {
            "package.sources holds what is not a plain relative name".to_owned()
        })?;
        let limits = [
            (runtime.batch_max, LARGEST_BATCH, "runtime.batch_max"),
            (input.spatial_shape[0], LARGEST_SIDE, "input.spatial_shape"),
            (input.spatial_shape[1], LARGEST_SIDE, "input.spatial_shape"),
            (golden.input_shape[0], LARGEST_BATCH, "golden.input_shape"),
        ];
        for (value, most, key) in limits {
            check((1..=most).contains(&value), || {
                format!("{key} is not from 1 to {most}")
            })?;
        }
        check((1..=LONGEST_MS).contains(&runtime.timeout_ms), || {
            format!("runtime.timeout_ms is not from 1 to {LONGEST_MS}")
        })?;
        check(runtime.providers.contains(&Provider::Cpu), || {
            "runtime.providers lacks cpu: the reference that CUDA must meet".to_owned()
        })?;
        check(input.num_channels == 1, || {
            "input.num_channels is not 1".to_owned()
        })?;
        let [height, width] = input.spatial_shape;
        check(golden.input_shape[1..] == [1, height, width], || {
            "golden.input_shape is not that of the input".to_owned()
        })?;
        let bounds = [golden.atol_cpu, golden.atol_cuda, golden.rtol];
        check(bounds.iter().all(|b| (0.0..=0.01).contains(b)), || {
            "a bound of [golden] is not from 0 to 0.01".to_owned()
        })?;
        Step::check_all(&input.preprocess, input.spatial_shape).map_err(refuse)?;
        check_channels(&output.channel)?;
        Ok(Self {
            card: Card::new(raw.card)?,
            files: raw.files,
            accept: raw.accept,
            package,
            runtime,
            input,
            output,
            golden,
        })
    }
}

fn check_channels(channels: &[Channel]) -> Result<(), PackageError> {
    check(!channels.is_empty(), || {
        "output.channel is empty".to_owned()
    })?;
    for (index, channel) in channels.iter().enumerate() {
        let at = format!("output.channel {index}");
        check(channel.index == index, || {
            format!("{at} has index {}", channel.index)
        })?;
        let Some(bands) = &channel.bands else {
            check(!channel.show, || {
                format!("{at} is shown and has no bands, and a percent needs a local calibration")
            })?;
            continue;
        };
        let cuts = [bands.low_below, bands.high_from];
        check(
            cuts[0] < cuts[1] && cuts.iter().all(|c| (0.0..=1.0).contains(c)),
            || format!("{at}: low_below and high_from do not rise from 0 to 1"),
        )?;
        let texts = [&bands.low, &bands.middle, &bands.high];
        check(texts.iter().all(|text| !text.trim().is_empty()), || {
            format!("{at}: a band has no definition")
        })?;
    }
    Ok(())
}

fn check(holds: bool, reason: impl FnOnce() -> String) -> Result<(), PackageError> {
    if holds {
        return Ok(());
    }
    Err(PackageError::Manifest { reason: reason() })
}

/// A relative name with `/` between plain parts: nothing that leaves the folder on any system.
fn is_plain(name: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && part != "."
            && part != ".."
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    };
    name.split('/').all(part)
}

fn never<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    if bool::deserialize(deserializer)? {
        return Err(D::Error::custom("true is not supported"));
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mdl_01_names_that_leave_the_folder_are_not_plain() {
        for good in ["model.onnx", "golden/x.f32", "CARD.md"] {
            assert!(is_plain(good), "{good}");
        }
        for bad in [
            "",
            "/etc/passwd",
            "../x",
            "a/../b",
            "a//b",
            "C:x",
            "a\\b",
            ".",
            "a/",
            "x\0",
        ] {
            assert!(!is_plain(bad), "{bad:?}");
        }
    }
}
