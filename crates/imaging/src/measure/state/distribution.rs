//! How the values inside a region are spread (T42).

use super::{Picture, unit::Unit};
use crate::{
    annotate::Annotation,
    frame::Colour,
    measure::{
        outline::Outline,
        statistics::{Pixels, Population},
    },
};

/// How the values inside a region are spread (T42).
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    /// Of the values, as shown; may be empty.
    pub unit: String,
    /// Percent, and the value below which so many lie.
    pub percentiles: [(u8, f64); 5],
    /// Smallest and greatest value.
    pub ends: [f64; 2],
    /// Pixels in equal steps from the smallest to the greatest value.
    pub histogram: Vec<u64>,
}

/// Percentiles and a histogram of `bins` steps of the grey values inside a region: the same pixels as its statistics. `None` for what
/// encloses no pixels, for colours, and before the image is decoded.
#[must_use]
pub fn distribution(
    annotation: &Annotation,
    picture: &Picture<'_>,
    bins: usize,
) -> Option<Distribution> {
    let aspect = picture.attributes.spacing.height_over_width();
    let outline = Outline::of(annotation, aspect)?;
    let [columns, rows] = picture.size;
    let pixels = match (picture.plane, picture.frame) {
        (Some(values), _) => Pixels::Plane {
            columns,
            rows,
            values,
        },
        (None, Some(frame))
            if frame.shape.samples() == 1 && frame.shape.colour != Colour::Palette =>
        {
            Pixels::Frame {
                frame,
                lut: &picture.attributes.modality_lut,
                padding: picture.attributes.padding,
                channel: 0,
            }
        }
        _ => return None,
    };
    let unit = Unit::of(picture);
    let mut found = Population::new(pixels, &outline);
    let mut percentiles = [5, 25, 50, 75, 95].map(|percent: u8| (percent, 0.0));
    for (percent, value) in &mut percentiles {
        *value = found.percentile(f64::from(*percent))? * unit.factor;
    }
    Some(Distribution {
        percentiles,
        ends: [found.percentile(0.0)?, found.percentile(100.0)?].map(|v| v * unit.factor),
        histogram: found.histogram(bins),
        unit: unit.shown,
    })
}
