//! How a tile is looked at: its window, what a protocol asked for, true size.

use triptych_render::display::{ProbeValue, VoiFunction, default_invert, presets_for, probe};
use triptych_render::{DisplayAttributes, ImageCorner, Window};

use super::Tile;
use crate::images::paper::Stated;
use crate::words::w;

impl Tile {
    /// Window in use: the view's own, else that of the file or its default.
    pub(in crate::images) fn window(&self) -> Option<Window> {
        let stated = || self.stated.as_ref().and_then(Stated::window);
        self.view.window.or_else(stated).or(self.own_window)
    }

    /// Does what a protocol asked for. A window that somebody chose meanwhile stays.
    pub(in crate::images) fn grant(&mut self, display: &DisplayAttributes) {
        let Some(wish) = self.wish.take() else { return };
        self.view.invert = wish.dark_on_white != default_invert(display);
        let preset = presets_for(display)
            .into_iter()
            .find(|(preset, _)| wish.preset.is_some() && preset.key == wish.preset);
        if let (None, Some((_, window))) = (self.view.window, preset) {
            self.view.window = Some(window);
        }
    }

    /// One image pixel on `scale` device pixels; what is in the middle stays there.
    pub(in crate::images) fn zoom_to_scale(&mut self, scale: f64) {
        if let Some(at) = self.scale.filter(|s| *s > 0.0) {
            self.zoom_about((scale / at) as f32, egui::Vec2::ZERO);
        }
    }

    /// One millimetre of the patient is one millimetre of the screen (T52); nothing where the image has no millimetres.
    pub(in crate::images) fn true_size(&mut self, pitch_mm: f64, mark: Option<String>) {
        let Some(display) = self.display() else {
            return;
        };
        let size = display.spacing.pixel_size(&display.modality);
        if let Some([_, column_mm]) = size.mm {
            self.zoom_to_scale(column_mm / pitch_mm);
            self.true_size_scale = Some((column_mm / pitch_mm, mark));
        }
    }

    /// The mark of true size, as long as it is.
    pub(in crate::images) fn true_size_mark(&self) -> Option<String> {
        let (scale, mark) = self.true_size_scale.as_ref()?;
        let words = mark
            .clone()
            .unwrap_or_else(|| w("images.true_size").to_owned());
        // Another zoom, or another size of the tile, is another scale.
        let now = self.scale?;
        ((now / scale - 1.0).abs() < 1e-3).then_some(words)
    }

    /// The window from 2 to 98 % of the values in a box (T16).
    pub(in crate::images) fn window_of_region(&mut self, a: ImageCorner, b: ImageCorner) {
        let Some(picture) = self.picture().cloned() else {
            return;
        };
        let shape = picture.frame.shape;
        let (low, high) = (a.0.min(b.0).floor(), a.0.max(b.0).ceil());
        let columns = low.x.max(0.0) as u32..(high.x.max(0.0) as u32).min(shape.columns);
        let rows = low.y.max(0.0) as u32..(high.y.max(0.0) as u32).min(shape.rows);
        let mut values: Vec<f64> = rows
            .flat_map(|y| columns.clone().map(move |x| (f64::from(x), f64::from(y))))
            .filter_map(|(x, y)| {
                let at = ImageCorner(glam::DVec2::new(x + 0.5, y + 0.5));
                match probe(&picture.frame, &picture.display, at)?.value {
                    ProbeValue::Grey { modality, .. } => Some(modality),
                    _ => None,
                }
            })
            .filter(|m| m.is_finite())
            .collect();
        values.sort_by(f64::total_cmp);
        // Nearest rank, as T9 has it.
        let rank = |p: f64| {
            let k = (p * values.len() as f64).ceil() as usize;
            values.get(k.saturating_sub(1)).copied()
        };
        let (Some(x1), Some(x2)) = (rank(0.02), rank(0.98)) else {
            return;
        };
        let (integer, _) = self.values();
        let function = self.window().map(|w| w.function());
        let window = match (integer, function) {
            (_, Some(VoiFunction::Sigmoid)) => Window::new(
                f64::midpoint(x1, x2),
                (x2 - x1).max(1e-6),
                VoiFunction::Sigmoid,
            ),
            (true, _) => Window::new((x1 + x2 + 1.0) / 2.0, x2 - x1 + 1.0, VoiFunction::Linear),
            (false, _) => Window::new(
                f64::midpoint(x1, x2),
                (x2 - x1).max(1e-6),
                VoiFunction::LinearExact,
            ),
        };
        if let Ok(window) = window {
            self.view.window = Some(window);
        }
    }
}
