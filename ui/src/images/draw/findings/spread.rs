//! The strip of the chosen region: percentiles and histogram of its values.

use egui::{Rect, Stroke, Ui, pos2, vec2};
use triptych_workbench::measure::{DecimalSign, Distribution, write};

use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t};
use crate::words::{signed, wf};

pub(super) fn spread_height() -> f32 {
    sz(40.0)
}

/// Percentiles of the chosen region, and a histogram between its smallest and greatest value.
pub(super) fn spread(ui: &Ui, rect: Rect, of: &Distribution) {
    let p = ui.painter().with_clip_rect(rect);
    p.hline(rect.x_range(), rect.top() + 0.5, Stroke::new(1.0, t::HAIR));
    let y = rect.center().y;
    let number = |v: f64| {
        let places = if of.unit.starts_with("SUV") { 2 } else { 1 };
        signed(&write::number(v, places, DecimalSign::Point))
    };
    let parts = of.percentiles.map(|(percent, value)| match percent {
        50 => wf("findings.median", &[("value", &number(value))]),
        _ => wf(
            "findings.percentile",
            &[("n", &percent), ("value", &number(value))],
        ),
    });
    let words = format!("{} {}", parts.join(" · "), of.unit);
    let left = rect.left() + t::PAD_LEFT;
    let told = text::left(&p, left, y, words.trim(), f::small(), t::VALUE);
    text::spoken(ui, "spread", rect, words.trim());
    let most = of.histogram.iter().copied().max().unwrap_or(0);
    let [least, greatest] = of.ends.map(number);
    let least = text::left(&p, told.right() + 24.0, y, &least, f::small(), t::LABEL);
    let bars = Rect::from_min_size(
        pos2(least.right() + 6.0, rect.top() + 6.0),
        vec2(sz(160.0), rect.height() - 12.0),
    );
    if most > 0 && bars.right() < rect.right() - 60.0 {
        let width = bars.width() / of.histogram.len().max(1) as f32;
        for (k, count) in of.histogram.iter().enumerate() {
            let height = bars.height() * *count as f32 / most as f32;
            let x = bars.left() + width * k as f32;
            let bar = Rect::from_min_max(
                pos2(x, bars.bottom() - height),
                pos2(x + width - 1.0, bars.bottom()),
            );
            p.rect_filled(bar, 0.0, t::LABEL);
        }
        p.hline(
            bars.x_range(),
            bars.bottom() + 0.5,
            Stroke::new(1.0, t::HAIR),
        );
        text::left(&p, bars.right() + 6.0, y, &greatest, f::small(), t::LABEL);
    }
}
