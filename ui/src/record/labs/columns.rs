//! Columns of the table of labs: which there are at a width, where they stand, and their heads.

use egui::{Rect, Stroke, Ui};

use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t};
use crate::words::w;

/// `0.50 – 1.10`, `no interval`, and air before it.
const INTERVAL: f32 = 78.0;

/// Where the columns of a table stand, by its width.
#[derive(Clone, Copy)]
pub(super) struct Columns {
    pub name: f32,
    pub value: f32,
    pub unit: f32,
    pub mark: f32,
    /// Sparkline; `None` where the leaf is too narrow.
    pub spark: Option<(f32, f32)>,
    pub variation: f32,
    /// The wide table: interval, collected, age, change.
    pub wide: Option<Wide>,
}

#[derive(Clone, Copy)]
pub(super) struct Wide {
    pub interval: f32,
    pub collected: Option<f32>,
    pub age: f32,
    pub change: Option<f32>,
}

impl Columns {
    pub fn of(rect: Rect) -> Self {
        let (l, width) = (rect.left(), rect.width());
        if width >= 520.0 {
            let change = (width >= 640.0).then_some(rect.right() - 44.0);
            let right = change.map_or(rect.right() - 40.0, |c| c - 64.0);
            let spark_w = match width {
                w if w > 860.0 => 134.0,
                w if w >= 640.0 => 96.0,
                _ => 80.0,
            };
            let spark = (right - spark_w, right);
            let age = spark.0 - 14.0;
            let collected = (width >= 760.0).then_some(age - 128.0);
            let mark = collected.map_or(age - 66.0, |c| c - 22.0);
            let (value, interval) = (
                l + sz(if change.is_some() { 216.0 } else { 190.0 }),
                mark - 16.0,
            );
            return Self {
                name: l + t::PAD_LEFT,
                value,
                // Up to the interval, which stands to the right.
                unit: (interval - sz(INTERVAL) - value).clamp(20.0, 104.0),
                mark,
                spark: Some(spark),
                variation: rect.right() - 22.0,
                wide: Some(Wide {
                    interval,
                    collected,
                    age,
                    change,
                }),
            };
        }
        let value = l + (width * 0.49).min(sz(166.0).max(width * 0.43));
        let room = rect.right() - 26.0;
        let mark = value + sz(66.0);
        let spark =
            (width >= 300.0).then_some((room - (width * 0.24).min(room - mark - 12.0), room));
        Self {
            name: l + t::PAD_LEFT,
            value,
            unit: sz(52.0),
            mark,
            spark,
            variation: rect.right() - 14.0,
            wide: None,
        }
    }
}

/// Names of the columns, where the table is wide.
pub(super) fn table_head(ui: &Ui, rect: Rect, c: &Columns) {
    let Some(wide) = c.wide else { return };
    let p = ui.painter();
    let y = rect.center().y;
    p.hline(
        rect.x_range(),
        rect.bottom() - 0.5,
        Stroke::new(1.0, t::HAIR),
    );
    let left = |x, key| text::left(p, x, y, w(key), f::small_medium(), t::LABEL);
    let right = |x, key| text::right(p, x, y, w(key), f::small_medium(), t::LABEL);
    left(c.name, "labs.analyte");
    right(c.value, "labs.newest");
    right(wide.interval, "labs.interval_head");
    if let Some(x) = wide.collected {
        left(x, "labs.collected_head");
    }
    right(wide.age, "labs.age");
    if let Some((x, _)) = c.spark {
        left(x, "labs.course");
    }
    if let Some(x) = wide.change {
        right(x, "labs.change_head");
    }
}
