//! What one point says: the value of its pixel.

use glam::DVec2;

use super::{
    Say,
    lines::quantity_of,
    unit::{Unit, pixel_text},
};
use crate::{
    annotate::Quantity,
    display::SpacingProvenance,
    frame::Frame,
    measure::{
        outline::Outline,
        scale::Scale,
        statistics::{Pixels, Population},
        text,
    },
};

impl Say<'_> {
    pub(super) fn probe(&mut self, points: &[DVec2], scale: &Scale<'_>) {
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
}
