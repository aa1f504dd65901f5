//! What one pixel below a drawing measures, and on whose word (T40, T46).

use glam::DVec2;

use super::{
    lines::Spacing,
    ultrasound::{UltrasoundRegion, region_for, regions_valid},
};
use crate::display::{PixelSize, SpacingProvenance};

/// The scale below the points of one drawing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scale<'a> {
    /// Millimetres on both axes.
    Millimetres {
        /// Of one pixel.
        spacing: Spacing,
        /// Whose word it is.
        provenance: SpacingProvenance,
    },
    /// A region of an ultrasound picture that is no picture of tissue: time, velocity, ... on its axes.
    Region(&'a UltrasoundRegion),
    /// Pixels can be counted, and no more.
    Pixels {
        /// Why there are no millimetres, where the file has some that do not hold here.
        because: Option<&'static str>,
    },
}

/// The scale below `points` (corner coordinates) of a picture of this size. A reader's calibration holds everywhere; where there are
/// ultrasound regions, only the region that holds all points does.
#[must_use]
pub fn scale_of<'a>(
    pixel_size: PixelSize,
    regions: &'a [UltrasoundRegion],
    [columns, rows]: [u32; 2],
    points: &[DVec2],
) -> Scale<'a> {
    if pixel_size.provenance != SpacingProvenance::UltrasoundRegions {
        return match pixel_size.mm {
            Some(spacing) => Scale::Millimetres {
                spacing,
                provenance: pixel_size.provenance,
            },
            None => Scale::Pixels { because: None },
        };
    }
    if !regions_valid(regions, columns, rows) {
        return Scale::Pixels {
            because: Some("the image was resized after it was calibrated"),
        };
    }
    match region_for(regions, columns, rows, points) {
        Some(region) => region
            .spacing_mm()
            .map_or(Scale::Region(region), |spacing| Scale::Millimetres {
                spacing,
                provenance: SpacingProvenance::UltrasoundRegions,
            }),
        None => Scale::Pixels {
            because: Some("not within one calibrated region"),
        },
    }
}

/// What a pixel measures when a line between two points is `known_mm` long (T40u); `None` for a line without length or a length that is
/// none. `height_over_width`: of a pixel (T15), which the line cannot tell.
#[must_use]
pub fn calibrate(ends: [DVec2; 2], known_mm: f64, height_over_width: f64) -> Option<PixelSize> {
    let [from, to] = ends;
    let across = to - from;
    let pixels = DVec2::new(across.x, across.y * height_over_width).length();
    let width = known_mm / pixels;
    let spacing = [width * height_over_width, width];
    (pixels > 0.0 && spacing.iter().all(|s| s.is_finite() && *s > 0.0)).then_some(PixelSize {
        mm: Some(spacing),
        provenance: SpacingProvenance::UserCalibrated,
    })
}
