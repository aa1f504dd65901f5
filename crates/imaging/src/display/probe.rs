//! The value under the cursor (T17): of the stored pixel, never of the screen.

use glam::DVec2;

use super::{DisplayAttributes, samples::stored_at};
use crate::{
    frame::{Colour, Frame},
    geometry::ImageCorner,
};

/// What a pixel holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// Column, from 0.
    pub column: u32,
    /// Row, from 0.
    pub row: u32,
    /// Its value.
    pub value: ProbeValue,
    /// Centre of the pixel in the patient, LPS, mm.
    pub patient_mm: Option<[f64; 3]>,
}

/// The value of a pixel.
#[derive(Clone, Debug, PartialEq)]
pub enum ProbeValue {
    /// Not part of the image.
    Padding {
        /// Stored value.
        stored: f64,
    },
    /// A grey pixel.
    Grey {
        /// Stored value.
        stored: f64,
        /// After the modality transformation.
        modality: f64,
        /// Unit of `modality`, empty when there is none.
        unit: String,
        /// SUVbw, where it is known.
        suv_bw: Option<f64>,
    },
    /// An index and its colour.
    Palette {
        /// Stored index.
        stored: f64,
        /// Red, green, blue.
        rgb: [u8; 3],
    },
    /// Red, green, blue as stored.
    Rgb([f64; 3]),
}

/// The pixel that holds `at`; `None` outside the image.
#[must_use]
pub fn probe(frame: &Frame, attributes: &DisplayAttributes, at: ImageCorner) -> Option<Probe> {
    let DVec2 { x, y } = at.0.floor();
    if !(x >= 0.0 && y >= 0.0 && x < f64::from(frame.shape.columns))
        || y >= f64::from(frame.shape.rows)
    {
        return None;
    }
    let (column, row) = (x as u32, y as u32);
    let samples = stored_at(frame, column, row)?;
    let [stored, ..] = samples;
    let value = match (frame.shape.colour, &attributes.palette) {
        (Colour::Rgb, _) => ProbeValue::Rgb(samples),
        (Colour::Palette, Some(palette)) => ProbeValue::Palette {
            stored,
            rgb: palette.rgb(stored),
        },
        _ if !stored.is_finite() || attributes.padding.is_some_and(|p| p.contains(stored)) => {
            ProbeValue::Padding { stored }
        }
        _ => {
            let modality = attributes.modality_lut.apply(stored);
            ProbeValue::Grey {
                stored,
                modality,
                unit: attributes.unit.clone(),
                suv_bw: attributes.suv_bw.map(|f| modality * f),
            }
        }
    };
    let patient_mm = attributes.plane.and_then(|plane| {
        let [between_rows, between_columns] = attributes.spacing.pixel_spacing?;
        let [rx, ry, rz, cx, cy, cz] = plane.orientation;
        let along = glam::DVec3::new(rx, ry, rz) * between_columns * f64::from(column);
        let down = glam::DVec3::new(cx, cy, cz) * between_rows * f64::from(row);
        Some((glam::DVec3::from_array(plane.position) + along + down).to_array())
    });
    Some(Probe {
        column,
        row,
        value,
        patient_mm,
    })
}
