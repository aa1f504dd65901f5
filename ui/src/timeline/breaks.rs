//! Breaks of the strip: where a long stretch without events is folded, how long it is, and the click that opens it.

use std::ops::RangeInclusive;

use egui::{Id, Rect, Role, Stroke, Ui, pos2};

use super::{AXIS, Scale, Timeline};
use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t, widget};
use crate::words::{w, wf};

impl Timeline {
    /// The break of each folded stretch with its length in words, where these have room beside the flag's (`keep_free`); a click opens it, another
    /// one folds it again.
    pub(super) fn breaks(
        &mut self,
        ui: &Ui,
        rect: Rect,
        scale: &Scale<'_>,
        keep_free: &RangeInclusive<f32>,
    ) {
        let p = ui
            .painter()
            .with_clip_rect(Rect::from_min_max(pos2(scale.left, rect.top()), rect.max));
        for fold in &mut self.folds.0 {
            let (x0, x1) = (scale.x(fold.from), scale.x(fold.to));
            if x1 < scale.left || x0 > scale.right {
                continue;
            }
            let years = (fold.to - fold.from) / 365.25;
            let length = if years >= 1.0 {
                wf("timeline.folded_years", &[("n", &format!("{years:.0}"))])
            } else {
                wf(
                    "timeline.folded_months",
                    &[("n", &format!("{:.0}", years * 12.0))],
                )
            };
            let y = rect.top() + sz(AXIS) / 2.0;
            let name = if fold.open {
                w("timeline.fold_gap")
            } else {
                w("timeline.unfold_gap")
            };
            let head = Rect::from_min_max(pos2(x0, rect.top()), pos2(x1, rect.top() + sz(AXIS)));
            let id = Id::unique(("fold", fold.from.to_bits()));
            let response =
                widget::clickable(ui, id, head.intersect(p.clip_rect()), Role::Button, name);
            let ink = if response.hovered() {
                t::ACCENT
            } else {
                t::LABEL
            };
            if !fold.open {
                let middle = ((x0 + x1) / 2.0).round();
                let steps = ((rect.height() - sz(AXIS)) / 4.0).max(1.0);
                #[allow(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "points on screen"
                )]
                let zigzag: Vec<egui::Pos2> = (0..=steps as usize)
                    .map(|i| {
                        let side = if i % 2 == 0 { -2.5 } else { 2.5 };
                        pos2(middle + side, rect.top() + sz(AXIS) + 4.0 * i as f32)
                    })
                    .collect();
                p.add(egui::Shape::line(zigzag, Stroke::new(1.0, t::LINE)));
                let wide = text::width(&p, &length, f::small());
                let (from, to) = (middle - wide / 2.0, middle + wide / 2.0);
                let inside = from >= scale.left && to <= scale.right;
                let meets_flag = from < *keep_free.end() && to > *keep_free.start();
                if inside && !meets_flag && wide < x1 - x0 + 24.0 {
                    text::center(&p, middle, y, &length, f::small(), ink);
                }
            }
            if widget::hover(response, &format!("{length}\n{name}")).clicked() {
                fold.open = !fold.open;
            }
        }
    }
}
