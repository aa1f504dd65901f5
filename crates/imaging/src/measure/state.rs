//! All that a drawing says about the picture below it: values for the archive, lines for the screen, and the reasons where there is no value.

use glam::DVec2;

use super::{
    area::{area, way_round},
    lines::{Spacing, angle_degrees, bidirectional, cobb_degrees, length, path_length},
    outline::Outline,
    scale::{Scale, scale_of},
    statistics::{Pixels, Population, Statistics},
    text::{self, DecimalSign},
    ultrasound::{PhysicalUnit, UltrasoundRegion},
};
use crate::{
    annotate::{Annotation, Quantity, Shape, Stated},
    display::{DisplayAttributes, PixelSize, SpacingProvenance},
    frame::{Colour, Frame},
    suv::{self, Suv, SuvRefusal, Voxels},
    volume::Grown,
};

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

    fn length(&mut self, points: &[DVec2], scale: &Scale<'_>) {
        let [from, to, ..] = points else {
            return;
        };
        if let Scale::Region(region) = scale {
            self.components(region, *from, *to);
            return;
        }
        let pixels = from.distance(*to);
        let measured = length(*from, *to, spacing_of(scale));
        if let Some(text) = self.said_length(Quantity::Length, pixels, measured, scale) {
            let origin = self.origin(scale);
            self.line(text + &origin);
        }
    }

    fn path(&mut self, points: &[DVec2], scale: &Scale<'_>) {
        if matches!(scale, Scale::Region(_)) {
            self.because("no length: the axes of this region are no lengths");
            return;
        }
        let pixels = path_length(points, [1.0, 1.0]);
        let measured = path_length(points, spacing_of(scale));
        if let Some(text) = self.said_length(Quantity::Length, pixels, measured, scale) {
            let origin = self.origin(scale);
            self.line(text + &origin);
        }
    }

    fn angle(&mut self, shape: Shape, points: &[DVec2], scale: &Scale<'_>) {
        if matches!(scale, Scale::Region(_)) {
            self.because("no angle: the axes of this region are no lengths");
            return;
        }
        let pixel = self.picture.shape_of_pixel(scale);
        let (quantity, degrees) = match points {
            [a, b, c, d, ..] if shape == Shape::Cobb => {
                (Quantity::CobbAngle, cobb_degrees([*a, *b], [*c, *d], pixel))
            }
            [a, vertex, c, ..] => (Quantity::Angle, angle_degrees(*a, *vertex, *c, pixel)),
            _ => return,
        };
        match degrees {
            Some(degrees) => {
                // An angle has no unit of length, but it rests on the shape of the pixels.
                self.value(quantity, degrees, "deg", None);
                self.line(text::angle(degrees, self.sign));
                self.reading
                    .details
                    .push(text::angle(180.0 - degrees, self.sign));
            }
            None => self.because("no angle: two of its points are one"),
        }
    }

    fn bidirectional(&mut self, points: &[DVec2], scale: &Scale<'_>) {
        let [a, b, c, d, ..] = points else {
            return;
        };
        if matches!(scale, Scale::Region(_)) {
            self.because("no length: the axes of this region are no lengths");
            return;
        }
        let spacing = spacing_of(scale);
        let both = bidirectional([*a, *b], [*c, *d], spacing);
        let (first, second) = (a.distance(*b), c.distance(*d));
        let (long_px, short_px) = if length(*a, *b, spacing) >= length(*c, *d, spacing) {
            (first, second)
        } else {
            (second, first)
        };
        let long = self.said_length(Quantity::LongAxis, long_px, both.long, scale);
        let short = self.said_length(Quantity::ShortAxis, short_px, both.short, scale);
        if let Some((long, short)) = long.zip(short) {
            let origin = self.origin(scale);
            self.line(format!("{long} × {short}{origin}"));
        }
        match both.off_right_angle_degrees {
            Some(off) if off <= 0.5 => {}
            Some(_) => self.mark("axes not at right angles"),
            None => self.because("no axis: its ends are one point"),
        }
    }

    fn region(&mut self, shape: Shape, points: &[DVec2], scale: &Scale<'_>) {
        let [down, across] = self.picture.shape_of_pixel(scale);
        let Some(outline) = Outline::new(shape, points, down / across) else {
            self.because("not drawn to the end");
            return;
        };
        self.geometry(&outline, scale);
        self.inside(&outline, scale);
    }

    /// Area and perimeter of the shape as it is drawn.
    fn geometry(&mut self, outline: &Outline, scale: &Scale<'_>) {
        if matches!(scale, Scale::Region(_)) {
            self.because("no area: the axes of this region are no lengths");
            return;
        }
        let spacing = spacing_of(scale);
        match area(outline, spacing) {
            Ok(area) => {
                let origin = self.origin(scale);
                let text = match scale {
                    Scale::Millimetres { provenance, .. } => {
                        self.value(Quantity::Area, area, "mm2", Some(*provenance));
                        let [down, across] = spacing;
                        text::area(area, Some(down * across), self.sign)
                    }
                    _ => {
                        let none = Some(SpacingProvenance::Pixels);
                        self.value(Quantity::Area, area, "{pixels}2", none);
                        text::pixel_area(area, self.sign)
                    }
                };
                self.line(format!("Area {text}{origin}"));
                let around = way_round(outline, spacing);
                let pixels = way_round(outline, [1.0, 1.0]);
                if let Some(text) = self.said_length(Quantity::Perimeter, pixels, around, scale) {
                    self.reading.details.push(format!("Perimeter {text}"));
                }
            }
            Err(reason) => self.because(reason.to_string()),
        }
    }

    /// Statistics of the pixels inside.
    fn inside(&mut self, outline: &Outline, scale: &Scale<'_>) {
        let picture = self.picture;
        let [columns, rows] = picture.size;
        let attributes = picture.attributes;
        let channels = match (picture.plane, picture.frame) {
            (Some(_), _) => 1,
            (None, Some(frame)) if frame.shape.colour == Colour::Palette => {
                self.because("no statistics: the colours of a palette are no values");
                return;
            }
            (None, Some(frame)) => frame.shape.samples(),
            (None, None) => {
                self.because("no statistics: the image is not decoded yet");
                return;
            }
        };
        if picture.plane.is_some() {
            self.mark("resampled");
        }
        for channel in 0..channels {
            let pixels = match (picture.plane, picture.frame) {
                (Some(values), _) => Pixels::Plane {
                    columns,
                    rows,
                    values,
                },
                (None, Some(frame)) => Pixels::Frame {
                    frame,
                    lut: if channels == 1 {
                        &attributes.modality_lut
                    } else {
                        &crate::display::ModalityLut::Identity
                    },
                    padding: attributes.padding,
                    channel,
                },
                (None, None) => return,
            };
            let found = Population::new(pixels, outline).statistics();
            if found.n == 0 {
                self.line("no pixel");
                self.because(if found.left_out > 0 {
                    "no statistics: only padding inside"
                } else {
                    "no statistics: no pixel's centre is inside"
                });
                return;
            }
            if channels == 1 {
                self.grey(found, outline);
            } else {
                self.channel(channel, found);
            }
        }
        let n = self.reading.statistics.first().map_or(0, |s| s.n);
        #[expect(clippy::cast_precision_loss, reason = "fewer than 2^53 pixels")]
        let count = n as f64;
        self.value(Quantity::Count, count, "{pixels}", None);
        let mut detail = format!("n {n}");
        if let Scale::Millimetres {
            spacing: [down, across],
            ..
        } = scale
        {
            let covered = text::area(count * down * across, None, self.sign);
            detail.push_str(&format!(", pixel area {covered}"));
        }
        let left_out = self.reading.statistics.first().map_or(0, |s| s.left_out);
        if left_out > 0 {
            detail.push_str(&format!(", {left_out} padding"));
        }
        self.reading.details.push(detail);
    }

    fn channel(&mut self, channel: usize, found: Statistics) {
        let name = ["R", "G", "B"].get(channel).copied().unwrap_or_default();
        let shown = |v: Option<f64>| v.map_or("–".to_owned(), |v| text::number(v, 1, self.sign));
        let line = format!(
            "{name} mean {} SD {}",
            shown(found.mean),
            shown(found.standard_deviation)
        );
        self.line(line);
        self.reading.statistics.push(found);
    }

    fn grey(&mut self, found: Statistics, outline: &Outline) {
        let unit = Unit::of(self.picture);
        if let Some(reason) = &unit.no_suv {
            self.because(format!("no SUV: {reason}"));
        }
        for mark in unit.marks {
            self.mark(mark);
        }
        let found = found.scaled(unit.factor);
        let values = [
            (Quantity::Mean, found.mean),
            (Quantity::StandardDeviation, found.standard_deviation),
            (Quantity::Minimum, found.minimum.map(|e| e.value)),
            (Quantity::Maximum, found.maximum.map(|e| e.value)),
            (Quantity::Median, found.median),
            (Quantity::Sum, found.sum),
        ];
        for (quantity, value) in values {
            if let Some(value) = value {
                self.value(quantity, value, &unit.ucum, None);
            }
        }
        let (sign, shown) = (self.sign, unit.shown.as_str());
        let computed =
            |v: Option<f64>| v.map_or("–".into(), |v| pixel_text(v, shown, false, sign));
        let single = |v: Option<f64>| v.map_or("–".into(), |v| pixel_text(v, shown, true, sign));
        let (mean, deviation) = (computed(found.mean), computed(found.standard_deviation));
        let least = single(found.minimum.map(|e| e.value));
        let most = single(found.maximum.map(|e| e.value));
        if shown.starts_with("SUV") {
            self.line(format!("{shown} max {most}  mean {mean}  SD {deviation}"));
            self.peak(outline, &unit);
            self.reading.details.push(format!("{shown} min {least}"));
        } else {
            let tail = if shown.is_empty() {
                String::new()
            } else {
                format!(" {shown}")
            };
            self.line(format!("Mean {mean}  SD {deviation}{tail}"));
            self.line(format!("Min {least}  Max {most}{tail}"));
        }
        let at = |e: super::Extreme| format!("({}, {})", e.column, e.row);
        if let (Some(least), Some(most)) = (found.minimum, found.maximum) {
            let place = format!("min at {}, max at {}", at(least), at(most));
            self.reading.details.push(place);
        }
        let median = format!("median {}", computed(found.median));
        self.reading.details.push(median);
        self.reading.statistics.push(found);
    }

    fn peak(&mut self, outline: &Outline, unit: &Unit<'_>) {
        let Some((voxels, slice)) = self.picture.volume else {
            return;
        };
        let [columns, rows] = self.picture.size;
        let mut centres = Vec::new();
        outline.for_each_span(columns, rows, |row, across| {
            centres.extend(across.map(|column| [column as usize, row as usize, slice]));
        });
        match suv::peak(voxels, centres) {
            Some(found) => {
                let value = found.value * unit.factor;
                self.value(Quantity::Peak, value, &unit.ucum, None);
                self.line(format!(
                    "{} peak {}",
                    unit.shown,
                    text::suv(value, self.sign)
                ));
                if !found.complete {
                    self.mark("peak at the border of the volume");
                }
            }
            None => self.because("no SUVpeak: no sphere of 1 ml holds values"),
        }
    }

    /// What was measured of a volume stays as it was stated: one slice cannot measure it again.
    fn grown(&mut self, annotation: &Annotation) {
        self.reading.values.clone_from(&annotation.values);
        let stated = |quantity| {
            let mut all = annotation.values.iter();
            all.find(|v| v.quantity == quantity).map(|v| v.value)
        };
        if let Some(volume) = stated(Quantity::Volume) {
            self.line(text::volume(volume, self.sign));
        }
        if let Some((long, short)) = stated(Quantity::LongAxis).zip(stated(Quantity::ShortAxis)) {
            let [long, short] = [long, short].map(|mm| text::length(mm, None, self.sign));
            self.line(format!("{long} × {short}"));
        }
        let number =
            |quantity| stated(quantity).map_or("–".to_owned(), |v| text::number(v, 1, self.sign));
        if stated(Quantity::Mean).is_some() {
            let mean = number(Quantity::Mean);
            let deviation = number(Quantity::StandardDeviation);
            self.reading
                .details
                .push(format!("Mean {mean}  SD {deviation} HU"));
        }
        if let Some(least) = Grown::of_text(&annotation.text).map(|g| g.settings.range[0]) {
            let least = text::number(least, 0, self.sign);
            self.mark(&format!("semi-automatic, from {least} HU"));
        } else {
            self.mark("semi-automatic");
        }
    }

    fn probe(&mut self, points: &[DVec2], scale: &Scale<'_>) {
        let Some(at) = points.first() else {
            return;
        };
        if let Scale::Region(region) = scale
            && let Some(value) = region.value_at(*at)
        {
            let [_, unit] = region.units;
            if let Some((quantity, ucum)) = quantity_of(unit) {
                self.value(
                    quantity,
                    value,
                    ucum,
                    Some(SpacingProvenance::UltrasoundRegions),
                );
                let number = text::number(value, 1, self.sign);
                self.line(format!("{number} {}", unit.text()));
                return;
            }
        }
        let first = Outline::Rectangle {
            least: at.floor(),
            most: at.floor() + 1.0,
        };
        let picture = self.picture;
        let pixels = match (picture.plane, picture.frame) {
            (Some(values), _) => Pixels::Plane {
                columns: picture.size[0],
                rows: picture.size[1],
                values,
            },
            (None, Some(frame)) => {
                self.probe_frame(frame, *at);
                return;
            }
            (None, None) => {
                self.because("no value: the image is not decoded yet");
                return;
            }
        };
        self.mark("resampled");
        let mut found = Population::new(pixels, &first);
        self.probe_grey(found.percentile(0.0), "~");
    }

    fn probe_frame(&mut self, frame: &Frame, at: DVec2) {
        use crate::{display::ProbeValue, geometry::ImageCorner};
        let found = crate::display::probe(frame, self.picture.attributes, ImageCorner(at));
        match found.map(|p| p.value) {
            Some(ProbeValue::Grey { modality, .. }) => self.probe_grey(Some(modality), ""),
            Some(ProbeValue::Padding { .. }) => self.line("padding"),
            Some(ProbeValue::Rgb(rgb)) => {
                self.line(format!(
                    "R, G, B {}",
                    rgb.map(|v| format!("{v}")).join(", ")
                ));
            }
            Some(ProbeValue::Palette { rgb, .. }) => {
                self.line(format!(
                    "R, G, B {}",
                    rgb.map(|v| format!("{v}")).join(", ")
                ));
            }
            None => self.because("no value: outside the image"),
        }
    }

    fn probe_grey(&mut self, modality: Option<f64>, before: &str) {
        let Some(modality) = modality else {
            self.because("no value: no image here");
            return;
        };
        let unit = Unit::of(self.picture);
        let value = modality * unit.factor;
        self.value(Quantity::Value, value, &unit.ucum, None);
        let number = pixel_text(value, &unit.shown, true, self.sign);
        let line = match unit.shown.as_str() {
            "" => number,
            suv if suv.starts_with("SUV") => format!("{suv} {number}"),
            shown => format!("{number} {shown}"),
        };
        self.line(format!("{before}{line}"));
    }

    /// Time, depth, velocity, ... between two points of a region whose axes are no lengths.
    fn components(&mut self, region: &UltrasoundRegion, from: DVec2, to: DVec2) {
        let of_region = Some(SpacingProvenance::UltrasoundRegions);
        self.because("no length: the axes of this region are no lengths");
        let both = region.components(from, to);
        for part in both.iter().flatten() {
            let (value, unit) = (part.difference, part.unit);
            match unit {
                PhysicalUnit::Centimetre => {
                    self.value(Quantity::Depth, value * 10.0, "mm", of_region);
                    let text = text::length(value * 10.0, None, self.sign);
                    self.line(format!("depth {text}"));
                }
                PhysicalUnit::Second => {
                    self.value(Quantity::Duration, value, "s", of_region);
                    let text = text::duration(value, self.sign);
                    self.line(format!("time {text}"));
                    if value > 0.0 {
                        let rate = 60.0 / value;
                        self.value(Quantity::HeartRate, rate, "/min", of_region);
                        let text = text::number(rate, 0, self.sign);
                        self.line(format!("rate {text} /min"));
                    }
                }
                other => {
                    if let Some((quantity, ucum)) = quantity_of(other) {
                        self.value(quantity, value, ucum, of_region);
                    }
                    let number = text::number(value, 1, self.sign);
                    self.line(format!("difference {number} {}", other.text()));
                }
            }
        }
        if let [Some(time), Some(speed)] = both
            && time.unit == PhysicalUnit::Second
            && speed.unit == PhysicalUnit::CentimetrePerSecond
            && time.difference > 0.0
        {
            let slope = speed.difference / time.difference;
            self.value(Quantity::Acceleration, slope, "cm/s2", of_region);
            let number = text::number(slope, 1, self.sign);
            self.line(format!("slope {number} cm/s²"));
        }
    }
}

/// What the numbers of a picture are in, and what brings its modality values there.
struct Unit<'a> {
    /// On screen.
    shown: String,
    /// In the archive.
    ucum: String,
    factor: f64,
    no_suv: Option<String>,
    marks: &'a [String],
}

impl<'a> Unit<'a> {
    fn of(picture: &Picture<'a>) -> Self {
        let modality = picture.attributes.unit.as_str();
        let mut own = Self {
            shown: modality.to_owned(),
            ucum: ucum(modality),
            factor: 1.0,
            no_suv: None,
            marks: &[],
        };
        match picture.suv {
            Some(Ok(suv)) => {
                own.ucum = match suv.name.as_str() {
                    "SUVbw" | "SUV*bw" => "g/ml{SUVbw}".to_owned(),
                    other => format!("{{{other}}}"),
                };
                own.shown.clone_from(&suv.name);
                own.factor = suv.factor;
                own.marks = &suv.marks;
            }
            Some(Err(refusal)) => own.no_suv = Some(refusal.to_string()),
            None => {}
        }
        if own.shown == "BQML" {
            "Bq/ml".clone_into(&mut own.shown);
        }
        own
    }
}

/// Number only: the unit stands once at the end of a line.
fn pixel_text(value: f64, unit: &str, of_one_pixel: bool, sign: DecimalSign) -> String {
    let text = text::pixel_value(value, unit, of_one_pixel, sign);
    let tail = format!(" {unit}");
    text.strip_suffix(&tail).unwrap_or(&text).to_owned()
}

/// UCUM of a unit of modality values.
fn ucum(unit: &str) -> String {
    match unit {
        "" | "US" => "1".to_owned(),
        "HU" => "[hnsf'U]".to_owned(),
        "BQML" => "Bq/ml".to_owned(),
        "GML" => "g/ml".to_owned(),
        "CNTS" => "{counts}".to_owned(),
        "GY" => "Gy".to_owned(),
        "MGML" => "mg/ml".to_owned(),
        "PCT" => "%".to_owned(),
        other => {
            // Braces hold any word that UCUM does not know.
            let word: String = other
                .chars()
                .filter(|c| c.is_ascii_graphic() && !matches!(c, '{' | '}'))
                .collect();
            format!("{{{word}}}")
        }
    }
}

/// What a value of the y axis of a spectrum is, and its UCUM unit.
const fn quantity_of(unit: PhysicalUnit) -> Option<(Quantity, &'static str)> {
    match unit {
        PhysicalUnit::CentimetrePerSecond => Some((Quantity::Velocity, "cm/s")),
        PhysicalUnit::Hertz => Some((Quantity::Frequency, "Hz")),
        _ => None,
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
