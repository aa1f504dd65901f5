//! All that a drawing says about the picture below it: values for the archive, lines for the screen, and the reasons where there is no value.

mod distribution;
mod lines;
mod probe;
mod region;
mod unit;

use glam::DVec2;

use super::{
    lines::Spacing,
    scale::{Scale, scale_of},
    statistics::Statistics,
    text::{self, DecimalSign},
};
use crate::{
    annotate::{Annotation, Quantity, Shape, Stated},
    display::{DisplayAttributes, PixelSize, SpacingProvenance},
    frame::Frame,
    suv::{Suv, SuvRefusal, Voxels},
};

pub use distribution::{Distribution, distribution};

/// Facts of the picture that a drawing lies on.
#[derive(Clone, Copy)]
pub struct Picture<'a> {
    /// Of the frame.
    pub attributes: &'a DisplayAttributes,
    /// What a pixel measures; [`Picture::new`] takes it from the attributes, a reader's calibration takes its place (T40u).
    pub pixel_size: PixelSize,
    /// Columns, rows.
    pub size: [u32; 2],
    /// Stored values, once they are decoded.
    pub frame: Option<&'a Frame>,
    /// In place of `frame`: modality values of a plane cut through a volume, row-major, NaN where there is none. Marked "resampled".
    pub plane: Option<&'a [f32]>,
    /// SUV of the frame (T45); `None` for what is no PET.
    pub suv: Option<&'a Result<Suv, SuvRefusal>>,
    /// The volume in **modality values** and the slice of this frame in it, for SUVpeak. Give it when the drawing is let go: the search is
    /// too slow for every movement of a large one.
    pub volume: Option<(&'a Voxels<'a>, usize)>,
    /// More than one frame shares the calibration of the instance.
    pub multi_frame: bool,
    /// Layer of a fused tile, before every line of values (`PT`, `CT`); empty for a picture alone.
    pub layer: &'a str,
    /// Of the lines.
    pub decimal_sign: DecimalSign,
}

/// What a drawing says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// For the archive and the report.
    pub values: Vec<Stated>,
    /// Beside the drawing, most important first.
    pub lines: Vec<String>,
    /// In the panel of details.
    pub details: Vec<String>,
    /// Why a value that the shape should have is not there, as shown.
    pub reasons: Vec<String>,
    /// What is to be known about the values: `outside the image`, `calibration of the instance`, ...
    pub marks: Vec<String>,
    /// Of a region: one for grey pixels (in SUV where that is known), three for red, green and blue.
    pub statistics: Vec<Statistics>,
}

impl<'a> Picture<'a> {
    /// A frame with what its file says; `frame` may still be missing.
    #[must_use]
    pub fn new(
        attributes: &'a DisplayAttributes,
        size: [u32; 2],
        frame: Option<&'a Frame>,
    ) -> Self {
        Self {
            attributes,
            pixel_size: attributes.spacing.pixel_size(&attributes.modality),
            size,
            frame,
            plane: None,
            suv: None,
            volume: None,
            multi_frame: false,
            layer: "",
            decimal_sign: DecimalSign::Point,
        }
    }

    /// What a pixel measures on each axis, up to a common factor: for what is round and for angles.
    fn shape_of_pixel(&self, scale: &Scale<'_>) -> Spacing {
        match scale {
            Scale::Millimetres { spacing, .. } => *spacing,
            _ => [self.attributes.spacing.height_over_width(), 1.0],
        }
    }
}

/// All that `annotation` says about the picture. Fast enough to be called while it is dragged: one pass over the pixels inside, in rows.
#[must_use]
pub fn state(annotation: &Annotation, picture: &Picture<'_>) -> Reading {
    let points: Vec<DVec2> = annotation.corners().map(|c| c.0).collect();
    let shape = annotation.shape;
    let mut out = Say::new(picture);
    if points.len() < shape.least_points() || !points.iter().all(|p| p.is_finite()) {
        out.because("not drawn to the end");
        return out.reading;
    }
    let scale = match (&annotation.anchor.image, &annotation.anchor.plane) {
        // A plane through a volume has its own pixels.
        (None, Some(plane)) => Scale::Millimetres {
            spacing: plane.spacing,
            provenance: SpacingProvenance::CrossSection,
        },
        _ => scale_of(
            picture.pixel_size,
            &picture.attributes.ultrasound_regions,
            picture.size,
            &points,
        ),
    };
    let [columns, rows] = picture.size.map(f64::from);
    let outside = |p: &DVec2| p.x < 0.0 || p.y < 0.0 || p.x > columns || p.y > rows;
    if shape != Shape::Text && shape != Shape::Arrow && points.iter().any(outside) {
        out.mark("outside the image");
    }
    let of_instance = matches!(
        scale,
        Scale::Region(_)
            | Scale::Millimetres {
                provenance: SpacingProvenance::UltrasoundRegions,
                ..
            }
    );
    if of_instance && picture.multi_frame {
        out.mark("calibration of the instance");
    }
    match shape {
        Shape::Length | Shape::Calibration => out.length(&points, &scale),
        Shape::Path | Shape::Curve => out.path(&points, &scale),
        Shape::Angle | Shape::Cobb => out.angle(shape, &points, &scale),
        Shape::Bidirectional => out.bidirectional(&points, &scale),
        Shape::Rectangle
        | Shape::Ellipse
        | Shape::Circle
        | Shape::Polygon
        | Shape::Freehand
        | Shape::Spline
        | Shape::Livewire => {
            out.region(shape, &points, &scale);
        }
        Shape::Nodule => out.grown(annotation),
        Shape::Probe => out.probe(&points, &scale),
        Shape::Arrow | Shape::Text => {}
    }
    out.reading
}

/// A reading in the making.
struct Say<'a> {
    picture: &'a Picture<'a>,
    sign: DecimalSign,
    reading: Reading,
}

impl<'a> Say<'a> {
    fn new(picture: &'a Picture<'a>) -> Self {
        Self {
            picture,
            sign: picture.decimal_sign,
            reading: Reading::default(),
        }
    }

    fn value(
        &mut self,
        quantity: Quantity,
        value: f64,
        unit: &str,
        provenance: Option<SpacingProvenance>,
    ) {
        if value.is_finite() {
            self.reading.values.push(Stated {
                quantity,
                value,
                unit: unit.to_owned(),
                provenance,
            });
        }
    }

    /// A line of values, with the layer they are of.
    fn line(&mut self, text: impl AsRef<str>) {
        let layer = self.picture.layer;
        let text = text.as_ref();
        self.reading.lines.push(if layer.is_empty() {
            text.to_owned()
        } else {
            format!("{layer} {text}")
        });
    }

    fn because(&mut self, reason: impl Into<String>) {
        self.reading.reasons.push(reason.into());
    }

    fn mark(&mut self, mark: &str) {
        self.reading.marks.push(mark.to_owned());
    }

    /// A length from `from` to `to` or along a path of so many pixels: `spacing` says what they measure.
    fn said_length(
        &mut self,
        quantity: Quantity,
        pixels: f64,
        mm_or_pixels: f64,
        scale: &Scale<'_>,
    ) -> Option<String> {
        match scale {
            Scale::Millimetres {
                spacing: [down, across],
                provenance,
            } => {
                self.value(quantity, mm_or_pixels, "mm", Some(*provenance));
                let along = if pixels > 0.0 {
                    mm_or_pixels / pixels
                } else {
                    down.min(*across)
                };
                Some(text::length(mm_or_pixels, Some(along), self.sign))
            }
            Scale::Pixels { .. } => {
                self.value(
                    quantity,
                    pixels,
                    "{pixels}",
                    Some(SpacingProvenance::Pixels),
                );
                Some(text::pixel_length(pixels, self.sign))
            }
            Scale::Region(_) => None,
        }
    }

    /// Where the millimetres come from, after the value; the reason where they are missing although the file has some.
    fn origin(&mut self, scale: &Scale<'_>) -> String {
        match scale {
            Scale::Millimetres { provenance, .. } => origin_of(*provenance),
            Scale::Pixels { because } => {
                if let Some(because) = because {
                    self.because(format!("no millimetres: {because}"));
                }
                String::new()
            }
            Scale::Region(_) => String::new(),
        }
    }
}

const fn spacing_of(scale: &Scale<'_>) -> Spacing {
    match scale {
        Scale::Millimetres { spacing, .. } => *spacing,
        _ => [1.0, 1.0],
    }
}

/// ` at detector`, ` calibrated (fiducial)`, ...; nothing for what is measured in the patient.
fn origin_of(provenance: SpacingProvenance) -> String {
    match provenance {
        SpacingProvenance::UltrasoundRegions => " in this region".to_owned(),
        other => {
            let mark = other.mark();
            mark.strip_prefix("mm").unwrap_or(&mark).to_owned()
        }
    }
}
