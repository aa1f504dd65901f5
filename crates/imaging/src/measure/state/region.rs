//! What a region says: area and perimeter of its shape, statistics of the pixels inside, and what was measured of a grown volume.

use glam::DVec2;

use super::{
    Say, spacing_of,
    unit::{Unit, pixel_text},
};
use crate::{
    annotate::{Annotation, Quantity, Shape},
    display::SpacingProvenance,
    frame::Colour,
    measure::{
        area::{area, way_round},
        outline::Outline,
        scale::Scale,
        statistics::{Extreme, Pixels, Population, Statistics},
        text,
    },
    suv,
    volume::Grown,
};

impl Say<'_> {
    pub(super) fn region(&mut self, shape: Shape, points: &[DVec2], scale: &Scale<'_>) {
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
        let at = |e: Extreme| format!("({}, {})", e.column, e.row);
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
    pub(super) fn grown(&mut self, annotation: &Annotation) {
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
}
