//! What a model says of an image. "Not analysed", "analysed" and "went wrong" are different types, so they are never one number (MDL-12).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    Package,
    manifest::{Activation, Bands, Channel},
};

/// Of one image, by one model. Plain data: it travels from a worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// Analysed. One entry a finding that the package shows.
    Findings(Vec<Finding>),
    /// Not analysed: the image is outside what the model was made for (D-21). Each reason, for people; never empty.
    Withheld(Vec<String>),
    /// No result: the model or its runtime went wrong. Never a low score.
    Failed(String),
}

/// One finding, with everything that must be shown beside it (MDL-10, D-20).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Its name in the package.
    pub label: String,
    /// What is shown.
    pub band: Band,
    /// What the band means in the model's own validation.
    pub definition: String,
    /// From 0 to 1, **not calibrated**: for the record and for trends of one version, never shown as a percent (D-22).
    pub score: f32,
    /// Package id.
    pub model: String,
    /// Title of the package.
    pub title: String,
    /// Package version.
    pub version: String,
    /// [`Package::sha256`].
    pub sha256: String,
    /// Where it was computed.
    pub provider: ProviderReport,
}

/// What is shown of a score that is not calibrated (D-22).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Band {
    /// Below the first cut.
    Low,
    /// Between the cuts: analysed, uncertain.
    Middle,
    /// From the second cut on.
    High,
}

/// Where a model runs, and why not elsewhere (MDL-07). Displayed: `CPU: 14 of 14 nodes`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderReport {
    /// How far CUDA got.
    pub cuda: CudaState,
    /// Nodes on the processor, by ONNX Runtime's own record.
    pub nodes_on_cpu: u32,
    /// Nodes on the graphics card.
    pub nodes_on_cuda: u32,
    /// ONNX Runtime's version.
    pub runtime: String,
}

/// How far CUDA got. Nothing here is `Active` without evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CudaState {
    /// The package or the site says CPU.
    NotRequested,
    /// A file of the runtime or of CUDA is absent, or the runtime was built without it.
    LibraryMissing(String),
    /// No driver, no device, or too old a driver.
    DriverMissing(String),
    /// Registration, session or self-test failed.
    ProviderFailed(String),
    /// Some nodes are on the processor.
    PartlyPlaced(String),
    /// Every node is on this device, and the self-test agreed.
    Active(String),
}

impl Band {
    /// `low`, `middle`, `high`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Middle => "middle",
            Self::High => "high",
        }
    }

    fn of(bands: &Bands, score: f32) -> (Self, &str) {
        if score < bands.low_below {
            (Self::Low, &bands.low)
        } else if score < bands.high_from {
            (Self::Middle, &bands.middle)
        } else {
            (Self::High, &bands.high)
        }
    }
}

impl CudaState {
    /// Why CUDA was asked for and is not (wholly) used.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::NotRequested | Self::Active(_) => None,
            Self::LibraryMissing(why)
            | Self::DriverMissing(why)
            | Self::ProviderFailed(why)
            | Self::PartlyPlaced(why) => Some(why),
        }
    }
}

impl fmt::Display for ProviderReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (cpu, cuda) = (self.nodes_on_cpu, self.nodes_on_cuda);
        let all = cpu.saturating_add(cuda);
        match cuda {
            0 => write!(f, "CPU: {cpu} of {all} nodes")?,
            _ => write!(f, "CUDA: {cuda} of {all} nodes")?,
        }
        match self.cuda.reason() {
            Some(why) => write!(f, " (CUDA is not used: {why})"),
            None => Ok(()),
        }
    }
}

/// The output guard (MDL-04): `numbers` of `shape` are one score a channel, or nothing.
///
/// # Errors
/// Why there is no result.
pub(crate) fn guard(
    package: &Package,
    shape: &[i64],
    numbers: &[f32],
) -> Result<Vec<(f32, usize)>, String> {
    let output = &package.manifest().output;
    let channels = output.channel.len();
    let pictures = numbers.len() / channels.max(1);
    let expected = [pictures, channels].map(|n| i64::try_from(n).unwrap_or(-1));
    if shape != expected || pictures == 0 {
        return Err(format!(
            "the output has shape {shape:?}, not one score for each of {channels} findings"
        ));
    }
    if numbers.iter().any(|x| !x.is_finite()) {
        return Err("the output holds what is no number".into());
    }
    let score = |x: &f32| match output.activation {
        Activation::None => *x,
        Activation::Sigmoid => 1.0 / (1.0 + (-x).exp()),
    };
    let scores: Vec<f32> = numbers.iter().map(score).collect();
    if let Some(outside) = scores.iter().find(|x| !(0.0..=1.0).contains(*x)) {
        return Err(format!("a score of {outside} is outside 0 to 1"));
    }
    let equal = |a: &[f32]| a.len() > 1 && a.windows(2).all(|w| w.first() == w.last());
    if scores.chunks(channels).any(equal) {
        return Err("all findings have the same score".into());
    }
    Ok(scores
        .into_iter()
        .enumerate()
        .map(|(k, score)| (score, k % channels))
        .collect())
}

/// Scores of one picture as the findings that the package shows.
pub(crate) fn findings(
    package: &Package,
    scores: &[(f32, usize)],
    provider: &ProviderReport,
) -> Vec<Finding> {
    let manifest = package.manifest();
    let shown = |(score, channel): &(f32, usize)| {
        let channel: &Channel = manifest.output.channel.get(*channel)?;
        let bands = channel.bands.as_ref().filter(|_| channel.show)?;
        let (band, definition) = Band::of(bands, *score);
        Some(Finding {
            label: channel.label.clone(),
            band,
            definition: definition.to_owned(),
            score: *score,
            model: manifest.package.id.clone(),
            title: manifest.package.title.clone(),
            version: manifest.package.version.clone(),
            sha256: package.sha256().to_owned(),
            provider: provider.clone(),
        })
    };
    scores.iter().filter_map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(cuda: CudaState, on_cpu: u32, on_cuda: u32) -> String {
        ProviderReport {
            cuda,
            nodes_on_cpu: on_cpu,
            nodes_on_cuda: on_cuda,
            runtime: "1.32.0".into(),
        }
        .to_string()
    }

    #[test]
    fn mdl_07_what_ran_where_is_told_with_the_reason() {
        assert_eq!(
            report(CudaState::NotRequested, 57, 0),
            "CPU: 57 of 57 nodes"
        );
        let why = "this runtime was built without CUDA";
        assert_eq!(
            report(CudaState::LibraryMissing(why.into()), 9, 0),
            format!("CPU: 9 of 9 nodes (CUDA is not used: {why})")
        );
        let active = CudaState::Active("a device".into());
        assert_eq!(report(active, 0, 9), "CUDA: 9 of 9 nodes");
    }

    #[test]
    fn d_22_a_score_is_in_one_of_three_bands() {
        let bands = Bands {
            low_below: 0.1,
            high_from: 0.5,
            low: "a".into(),
            middle: "b".into(),
            high: "c".into(),
        };
        for (score, expected) in [
            (0.0, (Band::Low, "a")),
            (0.1, (Band::Middle, "b")),
            (0.49, (Band::Middle, "b")),
            (0.5, (Band::High, "c")),
            (1.0, (Band::High, "c")),
        ] {
            assert_eq!(Band::of(&bands, score), expected);
        }
    }
}
