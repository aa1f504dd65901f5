//! Draws RGB and palette colours a line at a time in views that turn by quarters: byte for byte what `pixelwise` gives.
//!
//! RGB goes the way of `linewise`: rows of the image are added up first, all samples alike, then each screen pixel takes its few columns out of
//! that. Indices of a palette are never mixed: each is looked up in a table of colours made once a drawing.

use rayon::prelude::*;

use super::{
    Palette,
    axes::Axes,
    draw::{BLACK, Drawing, Interpolation},
    linewise::{LARGEST, ROUNDING, Weights},
    pixelwise::{Pixelwise, rows},
    samples::{self, Sample},
    shade::ColourShade,
};
use crate::frame::{Colour, SampleType};

/// Draws into `out`, which has the size of the drawing and is not empty; `false`, with nothing drawn, where pixel by pixel is the only way.
pub(super) fn draw(drawing: &Drawing<'_>, axes: &Axes, out: &mut [u8]) -> bool {
    let Axes::Separable { swapped, .. } = axes else {
        return false;
    };
    let shape = drawing.frame.shape;
    let plane = match (shape.colour, &drawing.attributes.palette, shape.sample) {
        (Colour::Rgb, _, SampleType::U8) => rgb::<samples::U8>(drawing, axes),
        (Colour::Rgb, _, SampleType::U16) => rgb::<samples::U16>(drawing, axes),
        (Colour::Palette, Some(palette), SampleType::U8) => {
            indices::<samples::U8>(drawing, axes, palette)
        }
        (Colour::Palette, Some(palette), SampleType::I8) => {
            indices::<samples::I8>(drawing, axes, palette)
        }
        (Colour::Palette, Some(palette), SampleType::U16) => {
            indices::<samples::U16>(drawing, axes, palette)
        }
        (Colour::Palette, Some(palette), SampleType::I16) => {
            indices::<samples::I16>(drawing, axes, palette)
        }
        _ => None,
    };
    let Some(plane) = plane else {
        return false;
    };
    if *swapped {
        let height = drawing.size[1] as usize;
        rows(drawing, out, |i, j| {
            plane.get(i * height + j).copied().unwrap_or(BLACK)
        });
    } else {
        for (pixel, colour) in out.as_chunks_mut::<4>().0.iter_mut().zip(&plane) {
            *pixel = *colour;
        }
    }
    true
}

/// Room of one thread.
struct Room {
    /// Sums over rows, sample by sample, from the first column that the screen shows.
    values: Vec<f64>,
    /// For each screen pixel, a channel after the other.
    lines: [Vec<f64>; 3],
}

/// All colours, line by line along the image's rows.
fn rgb<S: Sample>(drawing: &Drawing<'_>, axes: &Axes) -> Option<Vec<[u8; 4]>> {
    let Axes::Separable {
        x,
        y,
        cover_x,
        cover_y,
        swapped,
    } = axes
    else {
        return None;
    };
    let (x_at, x) = Weights::inside(drawing, x, cover_x);
    let (y_at, y) = Weights::inside(drawing, y, cover_y);
    let exact = !drawing.averages()
        && (drawing.interpolation != Interpolation::Bicubic || drawing.is_bitmap());
    let shade = ColourShade::new(drawing);
    let slack = if exact {
        0.0
    } else {
        ROUNDING * LARGEST * (x.count() * y.count()) as f64
    };
    // Behind a profile one channel's rounding reaches all three.
    if !exact && shade.is_corrected() {
        return None;
    }
    let pixels = Pixelwise::new(drawing, axes);
    let (columns, image_rows) = pixels.size();
    let (lowest, highest) = (x.lowest(), x.highest());
    let (from, to) = (lowest.max(0), highest.min(columns));
    let count = (to - from).max(0) as usize;
    let before = (from - lowest).max(0) as usize;
    let width = (highest - lowest).max(0) as usize;
    let [screen_width, screen_height] = drawing.size.map(|n| n as usize);
    let length = if *swapped {
        screen_height
    } else {
        screen_width
    };
    let mut plane = vec![BLACK; screen_width * screen_height];
    let room = || Room {
        values: vec![0.0; width * 3],
        lines: [0, 1, 2].map(|_| vec![0.0; x.len()]),
    };
    plane
        .par_chunks_exact_mut(length)
        .skip(y_at)
        .take(y.len())
        .enumerate()
        .with_min_len(16)
        .for_each_init(room, |room, (k, line)| {
            room.values.fill(0.0);
            let (first, weights) = y.of(k);
            for (row, weight) in (first..).zip(weights) {
                if *weight == 0.0 {
                    continue;
                }
                let row = row.clamp(0, image_rows - 1) as usize;
                let start = (row * columns as usize + from as usize) * 3 * S::SIZE;
                let bytes = pixels.bytes().get(start..start + count * 3 * S::SIZE);
                let values = room.values.get_mut(before * 3..).unwrap_or_default();
                for (sum, stored) in values.iter_mut().zip(S::all(bytes.unwrap_or_default())) {
                    *sum += weight * stored;
                }
            }
            extend(&mut room.values, before, before + count);
            for (channel, sums) in room.lines.iter_mut().enumerate() {
                x.sums_of_channel(&room.values, lowest, sums, channel);
            }
            let [red, green, blue] = &room.lines;
            let each = red.iter().zip(green).zip(blue).enumerate();
            for ((i, ((r, g), b)), pixel) in each.zip(line.iter_mut().skip(x_at)) {
                let rgb = [*r, *g, *b];
                *pixel = shade.rgba(rgb);
                if slack > 0.0 && shade.moved(rgb, -slack) != shade.moved(rgb, slack) {
                    let (i, j) = (x_at + i, y_at + k);
                    let (i, j) = if *swapped { (j, i) } else { (i, j) };
                    *pixel = pixels.colour::<S>((i, j), axes.taps(drawing, i, j), &shade);
                }
            }
        });
    Some(plane)
}

/// All colours of indices, line by line along the image's rows.
fn indices<S: Sample>(
    drawing: &Drawing<'_>,
    axes: &Axes,
    palette: &Palette,
) -> Option<Vec<[u8; 4]>> {
    let Axes::Separable { x, y, swapped, .. } = axes else {
        return None;
    };
    let tables = [&palette.red, &palette.green, &palette.blue];
    // Below the first and above the last entry of all three colours nothing changes.
    let first = tables.map(|t| t.first()).into_iter().min()?;
    let last = tables
        .map(|t| t.first() + t.entries().len() as i32 - 1)
        .into_iter()
        .max()?;
    let shade = ColourShade::new(drawing);
    let colours: Vec<[u8; 4]> = (first..=last)
        .map(|stored| shade.index(palette, f64::from(stored)))
        .collect();
    let pixels = Pixelwise::new(drawing, axes);
    let columns = pixels.size().0 as usize;
    let [width, height] = drawing.size.map(|n| n as usize);
    let length = if *swapped { height } else { width };
    let mut plane = vec![BLACK; width * height];
    let top = colours.len().saturating_sub(1) as f64;
    plane
        .par_chunks_exact_mut(length)
        .zip(y.par_iter())
        .with_min_len(16)
        .for_each(|(line, down)| {
            if !down.inside {
                return;
            }
            let start = down.nearest.max(0) as usize * columns * S::SIZE;
            let bytes = pixels.bytes().get(start..start + columns * S::SIZE);
            let bytes = bytes.unwrap_or_default();
            for (pixel, across) in line.iter_mut().zip(x) {
                if across.inside {
                    let stored = S::at(bytes, across.nearest.max(0) as usize);
                    let at = (stored - f64::from(first)).clamp(0.0, top) as usize;
                    *pixel = colours.get(at).copied().unwrap_or(BLACK);
                }
            }
        });
    Some(plane)
}

/// Lets the first and the last pixel of `inner` stand in for what lies before and behind them.
fn extend(values: &mut [f64], start: usize, end: usize) {
    let pixel = |values: &[f64], k: usize| -> Option<[f64; 3]> {
        values.get(k * 3..k * 3 + 3)?.try_into().ok()
    };
    if end <= start {
        return;
    }
    if let (Some(first), Some(last)) = (pixel(values, start), pixel(values, end - 1)) {
        for (k, cell) in values.as_chunks_mut::<3>().0.iter_mut().enumerate() {
            if k < start {
                *cell = first;
            } else if k >= end {
                *cell = last;
            }
        }
    }
}
