//! Waveforms such as ECG leads (PS3.3 C.10.9): what was recorded, and the samples as lines.

use dicom_dictionary_std::tags;
use serde::{Deserialize, Serialize};

use super::ReadError;
use crate::{dataset::DataSet, file::DicomFile};

/// Channels of one group.
const CHANNELS: usize = 512;
/// Samples of a file, all channels together.
const SAMPLES: usize = 1 << 26;

/// One multiplex group: channels that were sampled together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WaveformGroup {
    /// Multiplex Group Label (003A,0020), such as RHYTHM.
    pub label: String,
    /// Samples a second.
    pub frequency: f64,
    /// In the order of the file.
    pub channels: Vec<WaveformChannel>,
}

/// One lead.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WaveformChannel {
    /// Meaning of its source, such as `Lead I (Einthoven)`, else its label.
    pub name: String,
    /// UCUM, such as `uV`; empty when the samples are numbers of the converter only.
    pub unit: String,
    /// In `unit`; NaN where there is padding.
    pub samples: Vec<f32>,
}

impl WaveformGroup {
    /// All groups of an object.
    ///
    /// # Errors
    /// [`ReadError`] when it has none, or one that makes no sense.
    pub fn read_all(file: &DicomFile) -> Result<Vec<Self>, ReadError> {
        let data = file.data();
        if !data.has(tags::WAVEFORM_SEQUENCE) {
            return Err(ReadError::missing(tags::WAVEFORM_SEQUENCE));
        }
        let mut left = SAMPLES;
        data.items(tags::WAVEFORM_SEQUENCE)
            .map(|item| group(&item, &mut left))
            .collect()
    }

    /// Seconds.
    #[must_use]
    pub fn duration(&self) -> f64 {
        let samples = self.channels.first().map_or(0, |c| c.samples.len());
        samples as f64 / self.frequency
    }

    /// In words: `RHYTHM: 12 channels, 10.0 s at 1000 Hz`.
    #[must_use]
    pub fn summary(&self) -> String {
        let name = match self.label.as_str() {
            "" => "waveform",
            label => label,
        };
        let (channels, seconds) = (self.channels.len(), self.duration());
        format!(
            "{name}: {channels} channels, {seconds:.1} s at {} Hz",
            self.frequency
        )
    }
}

fn group(item: &DataSet<'_>, left: &mut usize) -> Result<WaveformGroup, ReadError> {
    let count = |tag, most: usize| {
        let value = item.int(tag).and_then(|v| usize::try_from(v).ok());
        let value = value.filter(|v| *v > 0 && *v <= most);
        value.ok_or_else(|| ReadError::wrong(tag, "is missing or makes no sense"))
    };
    let channels = count(tags::NUMBER_OF_WAVEFORM_CHANNELS, CHANNELS)?;
    let samples = count(tags::NUMBER_OF_WAVEFORM_SAMPLES, SAMPLES)?;
    let total = channels.saturating_mul(samples);
    *left = left.checked_sub(total).ok_or(ReadError::TooMany {
        what: "samples",
        most: SAMPLES,
    })?;
    let frequency = item.number(tags::SAMPLING_FREQUENCY).filter(|f| *f > 0.0);
    let frequency = frequency.ok_or_else(|| ReadError::missing(tags::SAMPLING_FREQUENCY))?;
    let term = item.first_text(tags::WAVEFORM_SAMPLE_INTERPRETATION);
    let (size, signed) = match term.as_deref() {
        Some("SB") => (1, true),
        Some("UB") => (1, false),
        Some("SS") => (2, true),
        Some("US") => (2, false),
        other => {
            let tag = tags::WAVEFORM_SAMPLE_INTERPRETATION;
            return Err(ReadError::wrong(tag, format!("{other:?} cannot be read")));
        }
    };
    let bytes = item.little_endian(tags::WAVEFORM_DATA).unwrap_or_default();
    if bytes.len() < total.saturating_mul(size) {
        let why = format!("{} bytes for {total} samples", bytes.len());
        return Err(ReadError::wrong(tags::WAVEFORM_DATA, why));
    }
    let value = |cell: &[u8]| match (cell, signed) {
        ([v], true) => f64::from(v.cast_signed()),
        ([v], false) => f64::from(*v),
        ([a, b], true) => f64::from(i16::from_le_bytes([*a, *b])),
        ([a, b], false) => f64::from(u16::from_le_bytes([*a, *b])),
        _ => f64::NAN,
    };
    let padding = item.little_endian(tags::WAVEFORM_PADDING_VALUE);
    let padding = padding.and_then(|p| p.get(..size).map(value));
    let definitions: Vec<DataSet<'_>> = item.items(tags::CHANNEL_DEFINITION_SEQUENCE).collect();
    if definitions.len() != channels {
        let why = format!("{} descriptions of {channels} channels", definitions.len());
        return Err(ReadError::wrong(tags::CHANNEL_DEFINITION_SEQUENCE, why));
    }
    let channel = |(k, definition): (usize, &DataSet<'_>)| {
        let number = |tag| definition.number(tag);
        let code = |tag, part| definition.first_item(tag).and_then(|c| c.text(part));
        let sensitivity = number(tags::CHANNEL_SENSITIVITY);
        let correction = number(tags::CHANNEL_SENSITIVITY_CORRECTION_FACTOR).unwrap_or(1.0);
        let baseline = number(tags::CHANNEL_BASELINE).unwrap_or(0.0);
        let cells = bytes
            .chunks_exact(size)
            .take(total)
            .skip(k)
            .step_by(channels);
        WaveformChannel {
            name: code(tags::CHANNEL_SOURCE_SEQUENCE, tags::CODE_MEANING)
                .or_else(|| definition.text(tags::CHANNEL_LABEL))
                .unwrap_or_else(|| format!("channel {}", k + 1)),
            unit: sensitivity
                .and_then(|_| code(tags::CHANNEL_SENSITIVITY_UNITS_SEQUENCE, tags::CODE_VALUE))
                .unwrap_or_default(),
            samples: cells
                .map(|cell| match value(cell) {
                    v if Some(v) == padding => f32::NAN,
                    v => match sensitivity {
                        Some(sensitivity) => (v * sensitivity * correction + baseline) as f32,
                        None => v as f32,
                    },
                })
                .collect(),
        }
    };
    Ok(WaveformGroup {
        label: item.text(tags::MULTIPLEX_GROUP_LABEL).unwrap_or_default(),
        frequency,
        channels: definitions.iter().enumerate().map(channel).collect(),
    })
}
