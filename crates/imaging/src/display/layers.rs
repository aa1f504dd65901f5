//! Paints what lies over the pixels of an image: the shutter, then overlay planes (T19). After polarity, at the image's resolution.

use std::ops::Range;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    Overlay,
    draw::Drawing,
    taps::{Cover, Tap},
};
use crate::geometry::ViewportPx;

/// Which of them are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Layers {
    /// Overlay planes.
    pub overlays: bool,
    /// The shutter; a picture without it must say [`Layers::LIFTED`].
    pub shutter: bool,
}

impl Default for Layers {
    fn default() -> Self {
        Self {
            overlays: true,
            shutter: true,
        }
    }
}

impl Layers {
    /// Neither.
    pub const NONE: Self = Self {
        overlays: false,
        shutter: false,
    };
    /// Mark of a picture whose shutter is lifted.
    pub const LIFTED: &'static str = "shutter lifted";
}

/// Colour of an overlay plane and of the edge that keeps it visible on white.
const PLANE: [u8; 3] = [255; 3];
const EDGE: [u8; 3] = [0; 3];

/// Whether the drawing has anything to paint over its pixels.
#[must_use]
pub fn has_layers(drawing: &Drawing<'_>) -> bool {
    let attributes = drawing.attributes;
    (drawing.layers.overlays && !attributes.overlays.is_empty())
        || (drawing.layers.shutter && attributes.shutter.is_some())
}

/// What lies over the pixels as a picture of its own: RGBA of `drawing.size`, transparent where the image shows. For painters that keep the
/// image elsewhere. `None` when there is nothing.
#[must_use]
pub fn layers_alone(drawing: &Drawing<'_>) -> Option<Vec<u8>> {
    if !has_layers(drawing) {
        return None;
    }
    let [width, height] = drawing.size.map(|n| n as usize);
    let mut out = vec![0; width.checked_mul(height)?.checked_mul(4)?];
    paint(drawing, &mut out);
    Some(out)
}

/// Paints over `out`, RGBA of `drawing.size`.
pub(super) fn paint(drawing: &Drawing<'_>, out: &mut [u8]) {
    if out.is_empty() || !has_layers(drawing) {
        return;
    }
    if drawing.layers.shutter {
        cover(drawing, out);
    }
    if drawing.layers.overlays && !drawing.attributes.overlays.is_empty() {
        let set = planes(drawing, &drawing.attributes.overlays);
        outline(drawing, &set, out);
    }
}

fn cover(drawing: &Drawing<'_>, out: &mut [u8]) {
    let Some(shutter) = &drawing.attributes.shutter else {
        return;
    };
    let shape = drawing.frame.shape;
    let columns = i32::try_from(shape.columns).unwrap_or(i32::MAX);
    let visible: Vec<_> = (1..=shape.rows)
        .into_par_iter()
        .map(|row| shutter.visible(i32::try_from(row).unwrap_or(i32::MAX), columns))
        .collect();
    let [r, g, b] = shutter.colour();
    each_pixel(drawing, out, |at, pixel| {
        let (x, y) = taps(drawing, at);
        if !x.inside || !y.inside {
            return;
        }
        let column = x.nearest + 1;
        let runs = usize::try_from(y.nearest).ok().and_then(|k| visible.get(k));
        let seen = runs.is_some_and(|runs| runs.iter().any(|r| r[0] <= column && column <= r[1]));
        if !seen {
            pixel.copy_from_slice(&[r, g, b, 255]);
        }
    });
}

/// For each pixel of the screen the number, from 1, of the last plane that marks what lies under it; 0 for none. Of a picture made small every
/// marked pixel of the image is there.
fn planes(drawing: &Drawing<'_>, planes: &[Overlay]) -> Vec<u8> {
    let [width, height] = drawing.size.map(|n| n as usize);
    let (_, dx, dy) = drawing.transform.steps();
    let half = [
        (dx.x.abs() + dy.x.abs()) / 2.0,
        (dx.y.abs() + dy.y.abs()) / 2.0,
    ];
    let shape = drawing.frame.shape;
    let mut set = vec![0_u8; width * height];
    set.par_chunks_exact_mut(width.max(1))
        .enumerate()
        .for_each(|(j, line)| {
            for (i, marked) in line.iter_mut().enumerate() {
                let (x, y) = taps(drawing, [i, j]);
                if !x.inside || !y.inside {
                    continue;
                }
                let any = |plane: &Overlay, columns: &Range<i32>, rows: &Range<i32>| {
                    let mut rows = rows.clone();
                    rows.any(|row| columns.clone().any(|column| plane.marks(column, row)))
                };
                let range = |tap: Tap, half: f64, corner: f64, count: u32| {
                    if half <= 0.5 {
                        return tap.nearest..tap.nearest + 1;
                    }
                    let cover = Cover::new(corner, half, count);
                    cover.first as i32..cover.end as i32
                };
                let at = position(drawing, [i, j]);
                let columns = range(x, half[0], at.x, shape.columns);
                let rows = range(y, half[1], at.y, shape.rows);
                let last = planes.iter().rposition(|p| any(p, &columns, &rows));
                *marked = last.map_or(0, |k| u8::try_from(k + 1).unwrap_or(u8::MAX));
            }
        });
    set
}

/// A plane's colour where it is set, dark around it.
fn outline(drawing: &Drawing<'_>, set: &[u8], out: &mut [u8]) {
    let [width, height] = drawing.size.map(|n| n as usize);
    let at = |i: usize, j: usize| set.get(j * width + i).copied().unwrap_or(0);
    let planes = &drawing.attributes.overlays;
    each_pixel(drawing, out, |[i, j], pixel| {
        if let Some(k) = usize::from(at(i, j)).checked_sub(1) {
            let [r, g, b] = planes.get(k).and_then(|p| p.colour).unwrap_or(PLANE);
            pixel.copy_from_slice(&[r, g, b, 255]);
            return;
        }
        let near = |k: usize, count: usize| k.saturating_sub(1)..(k + 2).min(count);
        let mut around = near(j, height);
        if around.any(|row| near(i, width).any(|column| at(column, row) > 0)) {
            pixel.copy_from_slice(&[EDGE[0], EDGE[1], EDGE[2], 255]);
        }
    });
}

fn each_pixel(drawing: &Drawing<'_>, out: &mut [u8], paint: impl Fn([usize; 2], &mut [u8]) + Sync) {
    let width = (drawing.size[0] as usize).max(1);
    out.par_chunks_exact_mut(width * 4)
        .enumerate()
        .with_min_len(16)
        .for_each(|(j, line)| {
            for (i, pixel) in line.chunks_exact_mut(4).enumerate() {
                paint([i, j], pixel);
            }
        });
}

fn position(drawing: &Drawing<'_>, [i, j]: [usize; 2]) -> glam::DVec2 {
    let center = glam::DVec2::new(i as f64 + 0.5, j as f64 + 0.5);
    drawing.transform.to_image(ViewportPx(center)).0
}

fn taps(drawing: &Drawing<'_>, at: [usize; 2]) -> (Tap, Tap) {
    let at = position(drawing, at);
    let shape = drawing.frame.shape;
    (Tap::new(at.x, shape.columns), Tap::new(at.y, shape.rows))
}
