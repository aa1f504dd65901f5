//! Mask subtraction (T64, PS3.3 C.7.6.10): what the contrast agent changed.
//!
//! Values are those of the frames before any window. Where they are linear in the beam (LIN) their logarithms are subtracted, for thickness
//! adds up in the logarithm; LOG values are subtracted as they are.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::samples::{Sample, with_samples};
use crate::frame::{Colour, Frame, FrameBytes, FrameShape, SampleType};

/// What is subtracted from what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MaskOperation {
    /// The mean of the mask frames from the frame.
    Average,
    /// The frame that lies this many before it (TID Offset (0028,6120)) from the frame.
    TimeDifference(i32),
    /// The frame from the one that lies this many before it.
    ReversedTimeDifference(i32),
}

/// One item of Mask Subtraction Sequence (0028,6100).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MaskSubtraction {
    /// Mask Operation (0028,6101).
    pub operation: MaskOperation,
    /// Mask Frame Numbers (0028,6110), from 0.
    pub mask_frames: Vec<u32>,
    /// Frames that it is for, from 0, [first, end); empty for all.
    pub applicable: Vec<[u32; 2]>,
    /// Mask Sub-pixel Shift (0028,6114): rows down, columns to the right.
    pub shift_px: [f64; 2],
}

/// Why there is no difference.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SubtractionError {
    /// No mask frame was given.
    #[error("no mask frame")]
    NoMask,
    /// Colour or palette.
    #[error("only greys can be subtracted")]
    Colour,
    /// Mask and frame differ in size, or hold fewer bytes than they say.
    #[error("mask and frame do not fit each other")]
    Size,
}

/// `frame - mask + offset`; of their natural logarithms where values are linear in the beam. Values of 0 and less have no logarithm and count as
/// one half of the smallest step.
#[must_use]
pub fn difference(frame: f64, mask: f64, linear: bool, offset: f64) -> f64 {
    if linear {
        frame.max(0.5).ln() - mask.max(0.5).ln() + offset
    } else {
        frame - mask + offset
    }
}

impl MaskSubtraction {
    /// The frames to read for frame `k`: masks whose mean is taken off; `None` when the item is not for it or one lies outside the run.
    #[must_use]
    pub fn masks_of(&self, k: u32, frames: u32) -> Option<Vec<u32>> {
        let holds = |[first, end]: &[u32; 2]| (*first..*end).contains(&k);
        if !self.applicable.is_empty() && !self.applicable.iter().any(holds) {
            return None;
        }
        let masks = match self.operation {
            MaskOperation::Average => self.mask_frames.clone(),
            MaskOperation::TimeDifference(offset)
            | MaskOperation::ReversedTimeDifference(offset) => {
                vec![u32::try_from(i64::from(k) - i64::from(offset)).ok()?]
            }
        };
        (!masks.is_empty() && masks.iter().all(|m| *m < frames)).then_some(masks)
    }

    /// The difference as a frame of 32-bit floats.
    ///
    /// # Errors
    /// [`SubtractionError`].
    pub fn subtracted(
        &self,
        frame: &Frame,
        masks: &[&Frame],
        linear: bool,
        offset: f64,
    ) -> Result<Frame, SubtractionError> {
        let reversed = matches!(self.operation, MaskOperation::ReversedTimeDifference(_));
        subtract(frame, masks, self.shift_px, linear, offset, reversed)
    }
}

/// As [`MaskSubtraction::subtracted`]; `shift_px` moves the mask, by rows down and columns to the right, between pixels bilinear, its border
/// standing in outside.
fn subtract(
    frame: &Frame,
    masks: &[&Frame],
    shift_px: [f64; 2],
    linear: bool,
    offset: f64,
    reversed: bool,
) -> Result<Frame, SubtractionError> {
    let shape = frame.shape;
    let first = masks.first().ok_or(SubtractionError::NoMask)?;
    let grey = |f: &Frame| matches!(f.shape.colour, Colour::Monochrome1 | Colour::Monochrome2);
    if !grey(frame) || !masks.iter().all(|m| grey(m)) {
        return Err(SubtractionError::Colour);
    }
    let size = (shape.columns, shape.rows);
    let fits = |f: &Frame| {
        (f.shape.columns, f.shape.rows) == size
            && f.shape.byte_len().is_some_and(|n| f.bytes.len() >= n)
    };
    if !fits(frame) || !masks.iter().all(|m| fits(m)) || first.bytes.is_empty() {
        return Err(SubtractionError::Size);
    }
    let (columns, rows) = (shape.columns as usize, shape.rows as usize);
    let mut mask = vec![0.0; columns * rows];
    for of in masks {
        for (sum, value) in mask.iter_mut().zip(values(of)) {
            *sum += value / masks.len() as f64;
        }
    }
    let contrast = values(frame);
    let [down, right] = shift_px.map(|s| if s.is_finite() { s } else { 0.0 });
    let still = down == 0.0 && right == 0.0;
    let at = |x: f64, y: f64| {
        let (x, y) = (
            x.clamp(0.0, (columns - 1) as f64),
            y.clamp(0.0, (rows - 1) as f64),
        );
        let (left, top) = (x.floor(), y.floor());
        let (fx, fy) = (x - left, y - top);
        let of = |x: usize, y: usize| {
            mask.get(y.min(rows - 1) * columns + x.min(columns - 1))
                .copied()
                .unwrap_or(0.0)
        };
        let (left, top) = (left as usize, top as usize);
        let line = |y: usize| of(left, y) * (1.0 - fx) + of(left + 1, y) * fx;
        line(top) * (1.0 - fy) + line(top + 1) * fy
    };
    let mut bytes = vec![0_u8; columns * rows * 4];
    bytes
        .par_chunks_exact_mut(columns * 4)
        .enumerate()
        .for_each(|(y, line)| {
            for (x, cell) in line.as_chunks_mut::<4>().0.iter_mut().enumerate() {
                let k = y * columns + x;
                let under = if still {
                    mask.get(k).copied().unwrap_or(0.0)
                } else {
                    at(x as f64 - right, y as f64 - down)
                };
                let own = contrast.get(k).copied().unwrap_or(0.0);
                let (from, off) = if reversed { (under, own) } else { (own, under) };
                *cell = (difference(from, off, linear, offset) as f32).to_ne_bytes();
            }
        });
    Ok(Frame {
        shape: FrameShape {
            sample: SampleType::F32,
            colour: Colour::Monochrome2,
            ..shape
        },
        bytes: FrameBytes::from(bytes),
    })
}

fn values(frame: &Frame) -> Vec<f64> {
    with_samples!(frame.shape.sample, S => S::all(&frame.bytes).collect())
}
