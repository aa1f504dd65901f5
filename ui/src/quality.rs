//! Display quality (T55, T56): a test pattern in device pixels, and the record of the monitor it is looked at on.
//!
//! Without a measured curve no table is applied, and the page says "display not verified". With one, greys of pictures and planes are
//! corrected by it when the reader says so: a monitor that is calibrated in its own hardware must not be corrected twice.

use std::sync::Arc;

use egui::{Id, Key, Modifiers, Rect, ScrollArea, Ui, pos2, vec2};
use serde::{Deserialize, Serialize};
use triptych_render::display::gsdf::MeasuredCurve;
use triptych_render::display::{
    MonitorIdentity, MonitorRecord, MonitorUse, TestPattern, test_pattern,
};
use triptych_render::{
    Colour, DisplayAttributes, Frame, FrameBytes, FrameShape, Picture, SampleType, View,
};
use triptych_workbench::view::fresh_picture;
use triptych_workbench::{Instant, When};

use crate::canvas::Canvas;
use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t, widget};
use crate::words::{w, wf};

/// Width of the record beside the pattern, points.
const PANEL: f32 = 380.0;

/// What was typed of a record; kept as it is until it makes sense.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Typed {
    /// Maker, model, serial number.
    pub identity: [String; 3],
    /// Pixel pitch, mm.
    pub pitch: String,
    /// Luminance of the levels in the dark, cd/m², from black to white.
    pub levels: String,
    /// Reflection of the room, cd/m².
    pub ambient: String,
    /// Who measured.
    pub by: String,
    /// Date.
    pub on: String,
    /// Name and serial number of the instrument.
    pub instrument: String,
    /// Greys are corrected by the measured curve: the monitor does not do it itself.
    pub correct: bool,
}

/// The open page.
#[derive(Debug, Default)]
pub(crate) struct Quality {
    pattern: Option<(Arc<Picture>, TestPattern)>,
    size: [u32; 2],
    shown: bool,
}

impl Typed {
    /// The record, and in words what of it makes no sense.
    #[must_use]
    pub fn record(&self) -> (MonitorRecord, Vec<String>) {
        let mut wrong = Vec::new();
        let mut number = |text: &str, name: &str| -> Option<f64> {
            let text = text.trim().replace(',', ".");
            if text.is_empty() {
                return None;
            }
            let value = text
                .parse()
                .ok()
                .filter(|v: &f64| v.is_finite() && *v >= 0.0);
            if value.is_none() {
                wrong.push(wf("quality.no_number", &[("name", &name)]));
            }
            value
        };
        let pitch_mm = number(&self.pitch, w("quality.pitch")).filter(|mm| *mm > 0.0);
        let ambient = number(&self.ambient, w("quality.ambient"));
        let levels: Vec<f64> = self
            .levels
            .split([' ', ';', '\t', '\n'])
            .filter(|p| !p.is_empty())
            .filter_map(|p| number(p, w("quality.levels")))
            .collect();
        let curve = match levels.len() {
            0 => None,
            _ => match MeasuredCurve::new(levels) {
                Ok(curve) => Some(curve),
                Err(why) => {
                    wrong.push(why.to_string());
                    None
                }
            },
        };
        let measured_at = match self.on.trim() {
            "" => None,
            date => match When::parse(date) {
                Ok(when) => Some(when.instant),
                Err(why) => {
                    wrong.push(why.to_string());
                    None
                }
            },
        };
        let ends = curve.as_ref().and_then(|c| {
            let levels = c.levels();
            Some([*levels.first()?, *levels.last()?])
        });
        let [vendor, model, serial] = self.identity.clone().map(|s| s.trim().to_owned());
        let record = MonitorRecord {
            identity: MonitorIdentity {
                vendor,
                model,
                serial,
            },
            pitch_mm,
            bit_depth: 8,
            luminance: ends,
            ambient,
            curve,
            measured_by: self.by.trim().to_owned(),
            measured_at,
            instrument: self.instrument.trim().to_owned(),
            due_after_months: 12,
            ..MonitorRecord::default()
        };
        (record, wrong)
    }
}

/// Levels of the screen for each grey, from the record that was typed (T55); worked out when that changes.
#[derive(Debug, Default)]
pub(crate) struct Correction {
    of: Option<Typed>,
    greys: Option<[u8; 256]>,
}

impl Correction {
    /// `None` without a wish for it, or without a curve.
    pub fn greys(&mut self, typed: &Typed) -> Option<[u8; 256]> {
        if self.of.as_ref() != Some(typed) {
            self.greys = typed.greys();
            self.of = Some(typed.clone());
        }
        self.greys
    }
}

impl Typed {
    fn greys(&self) -> Option<[u8; 256]> {
        let (record, _) = self.record();
        let curve = record.curve.as_ref().filter(|_| self.correct)?;
        let table = curve.display_lut(record.ambient.unwrap_or(0.0), 255, 255)?;
        let levels: Vec<u8> = table
            .into_iter()
            .filter_map(|level| u8::try_from(level).ok())
            .collect();
        levels.try_into().ok()
    }
}

impl Quality {
    /// Draws it over `middle`; true when it is to close. `now` is the present where the page below knows it.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        middle: Rect,
        canvas: &mut dyn Canvas,
        typed: &mut Typed,
        now: Option<Instant>,
    ) -> bool {
        if ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape)) {
            return true;
        }
        let mut ui = widget::region(ui, "quality", middle, w("quality.name"));
        let ui = &mut ui;
        ui.painter().rect_filled(middle, 0.0, t::IMAGE);
        let panel = Rect::from_min_max(pos2(middle.right() - PANEL, middle.top()), middle.max);
        let picture = Rect::from_min_max(middle.min, pos2(panel.left() - 1.0, middle.bottom()));
        self.pattern(ui, picture, canvas);
        ui.painter().rect_filled(panel, 0.0, t::PANEL);
        let closed = record_panel(ui, panel, typed, now);
        self.shown = true;
        closed
    }

    /// The pattern, one of its pixels on one device pixel; no window, zoom or table touches it.
    fn pattern(&mut self, ui: &Ui, rect: Rect, canvas: &mut dyn Canvas) {
        let size = crate::images::size_px(ui, rect);
        if self.size != size || self.pattern.is_none() {
            self.size = size;
            let bytes = size[0] as usize * size[1] as usize * 4;
            let mut rgba = vec![0; bytes];
            self.pattern = test_pattern(size, &mut rgba).ok().map(|drawn| {
                let rgb: Vec<u8> = rgba
                    .chunks_exact(4)
                    .flat_map(|p| p.iter().take(3).copied())
                    .collect();
                let picture = Picture {
                    id: fresh_picture(),
                    frame: Frame {
                        shape: FrameShape {
                            columns: size[0],
                            rows: size[1],
                            sample: SampleType::U8,
                            colour: Colour::Rgb,
                        },
                        bytes: FrameBytes::from(rgb),
                    },
                    display: Arc::new(DisplayAttributes {
                        bits_stored: 8,
                        ..DisplayAttributes::default()
                    }),
                };
                (Arc::new(picture), drawn)
            });
        }
        let Some((picture, _)) = &self.pattern else {
            widget::empty(
                ui,
                rect,
                crate::look::icon::Icon::Image,
                w("quality.too_small"),
                w("quality.too_small_why"),
            );
            return;
        };
        crate::images::paint(ui, rect, "test pattern", canvas, picture, &View::default());
        text::on_image(
            ui.painter(),
            rect.left_bottom() + vec2(8.0, -14.0),
            egui::Align::Min,
            w("quality.synthetic"),
            f::small(),
        );
    }
}

/// The record with its fields, and what follows from it. True when it is to close.
fn record_panel(ui: &mut Ui, panel: Rect, typed: &mut Typed, now: Option<Instant>) -> bool {
    let (record, wrong) = typed.record();
    let head = Rect::from_min_size(panel.min, vec2(panel.width(), sz(t::LEAF_HEAD)));
    text::label(
        ui,
        "quality head",
        head.shrink2(vec2(14.0, 0.0)),
        w("quality.name"),
        f::strong(),
        t::VALUE,
        egui::Align::Min,
    );
    let close = Rect::from_min_size(
        pos2(head.right() - 84.0, head.center().y - sz(12.0)),
        vec2(72.0, sz(24.0)),
    );
    let closed = widget::button_at(
        ui,
        Id::unique("quality close"),
        close,
        w("quality.close"),
        widget::Weight::Plain,
    )
    .clicked();
    let body = Rect::from_min_max(
        head.left_bottom() + vec2(14.0, 4.0),
        panel.max - vec2(14.0, 8.0),
    );
    let mut inner = widget::part(ui, "quality body", body);
    ScrollArea::vertical()
        .id_salt("quality scroll")
        .auto_shrink([false, false])
        .show(&mut inner, |ui| {
            text::block(ui, &record.line(), f::body(), t::VALUE, sz(20.0));
            ui.add_space(6.0);
            let [vendor, model, serial] = &mut typed.identity;
            for (name, value) in [
                ("quality.vendor", vendor),
                ("quality.model", model),
                ("quality.serial", serial),
                ("quality.pitch", &mut typed.pitch),
                ("quality.levels", &mut typed.levels),
                ("quality.ambient", &mut typed.ambient),
                ("quality.by", &mut typed.by),
                ("quality.on", &mut typed.on),
                ("quality.instrument", &mut typed.instrument),
            ] {
                text::block(ui, w(name), f::small(), t::LABEL, sz(18.0));
                let (rect, _) = ui.allocate_exact_size(
                    vec2(ui.available_width() - 6.0, sz(26.0)),
                    egui::Sense::hover(),
                );
                widget::field(ui, Id::unique(("quality", name)), rect, value, "", None);
                ui.add_space(3.0);
            }
            ui.add_space(6.0);
            if record.curve.is_some() {
                let on = typed.correct;
                let (rect, _) = ui.allocate_exact_size(
                    vec2(ui.available_width() - 6.0, sz(26.0)),
                    egui::Sense::hover(),
                );
                let id = Id::unique("quality correct");
                if widget::choice_at(ui, id, rect, w("quality.correct"), on).clicked() {
                    typed.correct = !on;
                }
                text::block(ui, w("quality.correct_why"), f::small(), t::LABEL, sz(18.0));
            }
            ui.add_space(8.0);
            for why in &wrong {
                text::block(ui, why, f::body(), t::RED, sz(20.0));
            }
            // Without the present nothing can be overdue: the measurement's own day is taken.
            let now = now.or(record.measured_at);
            let found = now.map_or_else(Vec::new, |now| {
                record.findings(MonitorUse::Diagnostic, now, &[])
            });
            if now.is_none() {
                text::block(ui, w("quality.not_verified"), f::body(), t::BODY, sz(20.0));
            }
            for finding in found {
                let words = finding.to_string();
                text::block(ui, &words, f::body(), t::BODY, sz(20.0));
            }
            if let Some(curve) = &record.curve {
                ui.add_space(6.0);
                text::block(
                    ui,
                    w("quality.steps"),
                    f::small_medium(),
                    t::LABEL,
                    sz(18.0),
                );
                for (k, step) in curve
                    .deviations(record.ambient.unwrap_or(0.0))
                    .iter()
                    .enumerate()
                {
                    let words = wf(
                        "quality.step",
                        &[
                            ("k", &(k + 1)),
                            ("measured", &format!("{:.4}", step.measured_contrast)),
                            ("wanted", &format!("{:.4}", step.expected_contrast)),
                            ("percent", &format!("{:+.1}", step.percent)),
                        ],
                    );
                    text::block(ui, &words, f::small(), t::BODY, sz(18.0));
                }
            }
        });
    closed
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// T55: greys become the levels that the standard asks for on this curve, only when that is wanted, and black and white stay.
    #[test]
    fn t55_greys_are_corrected_by_the_measured_curve_when_wanted() {
        let gamma: Vec<String> = (0..=17)
            .map(|k| format!("{:.4}", 0.5 + 399.5 * (f64::from(k) / 17.0).powf(2.2)))
            .collect();
        let mut typed = Typed {
            levels: gamma.join(" "),
            ..Typed::default()
        };
        let mut correction = Correction::default();
        assert_eq!(correction.greys(&typed), None);
        typed.correct = true;
        let greys = correction.greys(&typed).unwrap();
        assert_eq!((greys[0], greys[255]), (0, 255));
        assert!(greys.is_sorted());
        // A middle grey of the standard's curve is darker than that of a power of 2.2 on this screen, or lighter: never the same.
        let record = typed.record().0;
        let curve = record.curve.unwrap();
        let range = curve.range(0.0).unwrap();
        for p in [32_u8, 64, 128, 200] {
            let driven = curve.at(f64::from(greys[usize::from(p)]) / 255.0);
            let wanted = range.luminance(f64::from(p), 255.0);
            assert!(
                (driven / wanted - 1.0).abs() < 0.05,
                "{p}: {driven} {wanted}"
            );
        }
        typed.levels = String::new();
        assert_eq!(correction.greys(&typed), None);
    }

    #[test]
    fn t56_a_record_is_no_better_than_what_was_typed() {
        let mut typed = Typed::default();
        let (record, wrong) = typed.record();
        assert!(wrong.is_empty() && !record.is_verified());
        typed.levels = "0,5 20 x 400".into();
        let (record, wrong) = typed.record();
        assert_eq!(wrong.len(), 1, "{wrong:?}");
        assert!(!record.is_verified());
        typed.levels = "0.5 20 100 400".into();
        typed.on = "2026-03-01".into();
        typed.instrument = "Luminance meter 7".into();
        let (record, wrong) = typed.record();
        assert!(wrong.is_empty(), "{wrong:?}");
        assert!(record.is_verified());
        assert_eq!(record.luminance, Some([0.5, 400.0]));
        typed.on = "soon".into();
        let (record, wrong) = typed.record();
        assert_eq!(wrong.len(), 1);
        assert!(!record.is_verified());
    }
}
