//! A second volume in colours over a plane: PET over CT (T63). Both are sampled with one plane; each keeps its own values and window.

use egui::{Align, Painter, Rect, Stroke, StrokeKind, pos2, vec2};
use triptych_render::volume::{ColourBar, Overlay, Volume, colour_maps};
use triptych_workbench::view::{PatientView, SeriesView};

use super::Hung;
use crate::look::typeface as f;
use crate::look::{text, tokens as t};
use crate::words::w;

/// The upper layer as it is drawn, with the unit of its numbers.
pub(super) struct Layer<'a> {
    /// Names the content of the volume.
    pub id: u64,
    pub volume: &'a Volume,
    pub overlay: Overlay<'static>,
    /// For one unit of modality value.
    factor: f64,
    unit: String,
}

/// The set that would be laid over `base` in colours: a PET or NM series with the same Frame of Reference.
pub(in crate::images) fn partner<'a>(
    patient: &'a PatientView,
    base: &SeriesView,
) -> Option<&'a SeriesView> {
    let space = base.frame_of_reference.as_ref()?;
    let all = patient.studies.iter().flat_map(|study| &study.series);
    all.filter(|s| s.key != base.key && s.images >= 3 && s.unreadable.is_none())
        .find(|s| {
            matches!(s.modality.as_str(), "PT" | "NM")
                && s.frame_of_reference.as_ref() == Some(space)
        })
}

impl<'a> Layer<'a> {
    /// PET in SUV 0 to 7 and Hot Iron, half of it seen; anything else in its own window.
    pub fn of(hung: &'a Hung, opacity: u8) -> Option<Self> {
        let volume = hung.volume.as_ref().ok()?;
        let display = &volume.middle.display;
        let share = f64::from(opacity) / 100.0;
        if let Some(mut overlay) = display.suv_bw.and_then(Overlay::pet) {
            overlay.opacity = share;
            return Some(Self {
                id: hung.id,
                volume: &volume.volume,
                overlay,
                factor: display.suv_bw.unwrap_or(1.0),
                unit: "SUV".into(),
            });
        }
        let window = hung.window?;
        Some(Self {
            id: hung.id,
            volume: &volume.volume,
            overlay: Overlay {
                window,
                colours: colour_maps().first()?,
                opacity: share,
                threshold: Some(window.center() - window.width() / 2.0),
            },
            factor: 1.0,
            unit: display.unit.clone(),
        })
    }

    /// The colours and their numbers at the left edge.
    pub fn bar(&self, p: &Painter, rect: Rect) {
        let ColourBar { range, colours, .. } = self.overlay.colour_bar();
        let height = (rect.height() * 0.34).min(180.0);
        let place = Rect::from_min_size(
            pos2(rect.left() + 24.0, rect.center().y - height / 2.0),
            vec2(10.0, height),
        );
        let n = colours.len().max(1) as f32;
        for (k, [r, g, b]) in colours.iter().enumerate() {
            let bottom = place.bottom() - height * k as f32 / n;
            let cell = Rect::from_min_max(
                pos2(place.left(), bottom - height / n - 0.5),
                pos2(place.right(), bottom),
            );
            #[allow(
                clippy::disallowed_methods,
                reason = "colours of the palette, not of the program"
            )]
            let colour = egui::Color32::from_rgb(*r, *g, *b);
            p.rect_filled(cell, 0.0, colour);
        }
        p.rect_stroke(place, 0.0, Stroke::new(1.0, t::VALUE), StrokeKind::Outside);
        let number = |value: f64| {
            let shown = value * self.factor;
            if shown.abs() >= 100.0 || shown.fract() == 0.0 {
                format!("{shown:.0}")
            } else {
                format!("{shown:.1}")
            }
        };
        let x = place.right() + 6.0;
        let at = |y: f32, words: &str| {
            text::on_image(p, pos2(x, y), Align::Min, words, f::small());
        };
        at(place.top(), &number(range[1]));
        at(place.bottom(), &number(range[0]));
        let unit = if self.unit.is_empty() {
            w("cut.no_unit")
        } else {
            &self.unit
        };
        at(place.center().y, unit);
    }
}
