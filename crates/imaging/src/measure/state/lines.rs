//! What lines say: lengths, angles, axes, and the differences of an ultrasound region that is no picture of lengths.

use glam::DVec2;

use super::{Say, spacing_of};
use crate::{
    annotate::{Quantity, Shape},
    display::SpacingProvenance,
    measure::{
        lines::{angle_degrees, bidirectional, cobb_degrees, length, path_length},
        scale::Scale,
        text,
        ultrasound::{PhysicalUnit, UltrasoundRegion},
    },
};

impl Say<'_> {
    pub(super) fn length(&mut self, points: &[DVec2], scale: &Scale<'_>) {
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

    pub(super) fn path(&mut self, points: &[DVec2], scale: &Scale<'_>) {
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

    pub(super) fn angle(&mut self, shape: Shape, points: &[DVec2], scale: &Scale<'_>) {
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

    pub(super) fn bidirectional(&mut self, points: &[DVec2], scale: &Scale<'_>) {
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

/// What a value of the y axis of a spectrum is, and its UCUM unit.
pub(super) const fn quantity_of(unit: PhysicalUnit) -> Option<(Quantity, &'static str)> {
    match unit {
        PhysicalUnit::CentimetrePerSecond => Some((Quantity::Velocity, "cm/s")),
        PhysicalUnit::Hertz => Some((Quantity::Frequency, "Hz")),
        _ => None,
    }
}
