//! Moving over the strip: wheel and keys zoom at the pointer, a drag pans, a double click shows the whole record.

use std::ops::RangeInclusive;

use egui::{Event, Id, Key, Modifiers, PointerButton, Rect, Sense, Ui};

use super::Timeline;
use crate::desk::Desk;

/// Shortest and longest visible span, days.
const SPAN: RangeInclusive<f64> = 0.2..=45_000.0;

impl Timeline {
    pub(super) fn gestures(&mut self, ui: &Ui, plot: Rect, desk: Desk) {
        let response = ui.interact(plot, Id::unique("timeline ground"), Sense::click_and_drag());
        let span = &mut self.spans[desk as usize];
        let width = f64::from(plot.width().max(1.0));
        if response.dragged_by(PointerButton::Primary) || response.dragged_by(PointerButton::Middle)
        {
            let by = f64::from(-response.drag_delta().x) / width * (span.1 - span.0);
            *span = (span.0 + by, span.1 + by);
        }
        if response.double_clicked() {
            *span = self.whole;
        }
        let Some(pointer) = ui.ctx().pointer_hover_pos().filter(|p| plot.contains(*p)) else {
            return;
        };
        if !ui.rect_contains_pointer(plot) {
            return;
        }
        let notches: f32 = ui.input(|i| {
            i.events
                .iter()
                .filter_map(|e| match e {
                    Event::MouseWheel { unit, delta, .. } => Some(match unit {
                        egui::MouseWheelUnit::Point => delta.y / 50.0,
                        _ => delta.y,
                    }),
                    Event::Zoom(z) => Some((z - 1.0) * 4.0),
                    _ => None,
                })
                .sum()
        });
        let keys = ui.input_mut(|i| {
            let mut pressed = |key| i.consume_key(Modifiers::NONE, key);
            (
                pressed(Key::Plus) || pressed(Key::Equals),
                pressed(Key::Minus),
                pressed(Key::Num0),
            )
        });
        let notches = match keys {
            (true, ..) => 2.0,
            (_, true, _) => -2.0,
            _ => notches,
        };
        if keys.2 {
            *span = self.whole;
        }
        if notches != 0.0 {
            let at = span.0
                + f64::from((pointer.x - plot.left()) / plot.width().max(1.0)) * (span.1 - span.0);
            let factor = f64::from(1.25f32.powf(-notches));
            let length = ((span.1 - span.0) * factor).clamp(*SPAN.start(), *SPAN.end());
            let share = (at - span.0) / (span.1 - span.0);
            *span = (at - share * length, at + (1.0 - share) * length);
        }
    }
}
