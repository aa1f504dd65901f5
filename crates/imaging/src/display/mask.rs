//! A region over a picture: how much of each of its pixels belongs to it. Segments and contours end here, on images and on planes through
//! volumes alike.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::geometry::{ViewTransform, ViewportPx};

/// Parts of pixels, row-major. Pixels are those of the plane that it was made for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mask {
    /// Columns of the plane.
    pub columns: u32,
    /// Rows of the plane.
    pub rows: u32,
    /// 0 for a pixel outside, 255 for one inside; between for fractions.
    pub values: Vec<u8>,
    /// Its pixels are not those it was made of: [`Mask::RESAMPLED`] must be shown.
    pub resampled: bool,
}

/// How a mask looks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MaskStyle {
    /// Of fill and outline.
    pub colour: [u8; 3],
    /// Opacity of the fill, 0 to 1; a fraction lowers it.
    pub fill: f64,
    /// Whether the border is drawn, one screen pixel wide.
    pub outline: bool,
    /// The border is broken: what it surrounds was worked out between known planes.
    pub dashed: bool,
}

impl MaskStyle {
    /// Outline and a fill that lets the image through (E4).
    #[must_use]
    pub const fn of(colour: [u8; 3]) -> Self {
        Self {
            colour,
            fill: 0.3,
            outline: true,
            dashed: false,
        }
    }
}

impl Mask {
    /// Mark of a mask whose pixels are others than those of its source.
    pub const RESAMPLED: &'static str = "resampled segmentation";
    /// From this value on a pixel counts as inside for outlines.
    pub const HALF: u8 = 128;

    /// Nothing.
    #[must_use]
    pub fn empty(columns: u32, rows: u32) -> Self {
        Self {
            columns,
            rows,
            values: vec![0; columns as usize * rows as usize],
            resampled: false,
        }
    }

    /// Value of a pixel, 0 outside the plane.
    #[must_use]
    pub fn at(&self, column: i64, row: i64) -> u8 {
        let inside = (0..i64::from(self.columns)).contains(&column)
            && (0..i64::from(self.rows)).contains(&row);
        if !inside {
            return 0;
        }
        let at = usize::try_from(row * i64::from(self.columns) + column);
        at.ok()
            .and_then(|k| self.values.get(k))
            .copied()
            .unwrap_or(0)
    }

    /// Whether nothing is inside.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.iter().all(|v| *v == 0)
    }

    /// The border between pixels of at least half and others, as straight pieces along rows and columns, corner coordinates.
    #[must_use]
    pub fn outline(&self) -> Vec<[[f64; 2]; 2]> {
        let inside = |column: i64, row: i64| self.at(column, row) >= Self::HALF;
        let (columns, rows) = (i64::from(self.columns), i64::from(self.rows));
        let mut lines = Vec::new();
        let mut runs = |count: i64, edge: &dyn Fn(i64) -> bool, line: &dyn Fn(i64, i64) -> _| {
            let mut start = None;
            for k in 0..=count {
                match (k < count && edge(k), start) {
                    (true, None) => start = Some(k),
                    (false, Some(from)) => {
                        lines.push(line(from, k));
                        start = None;
                    }
                    _ => {}
                }
            }
        };
        for row in 0..=rows {
            let edge = |column| inside(column, row - 1) != inside(column, row);
            let y = row as f64;
            runs(columns, &edge, &|a, b| [[a as f64, y], [b as f64, y]]);
        }
        for column in 0..=columns {
            let edge = |row| inside(column - 1, row) != inside(column, row);
            let x = column as f64;
            runs(rows, &edge, &|a, b| [[x, a as f64], [x, b as f64]]);
        }
        lines
    }

    /// Blends it over `out`, RGBA of `size`, where `transform` puts its plane.
    pub fn paint(
        &self,
        transform: &ViewTransform,
        size: [u32; 2],
        style: &MaskStyle,
        out: &mut [u8],
    ) {
        let width = (size[0] as usize).max(1);
        let value = |i: i64, j: i64| {
            let center = glam::DVec2::new(i as f64 + 0.5, j as f64 + 0.5);
            let at = transform.to_image(ViewportPx(center)).0.floor();
            self.at(at.x as i64, at.y as i64)
        };
        out.par_chunks_exact_mut(width * 4)
            .enumerate()
            .with_min_len(16)
            .for_each(|(j, line)| {
                for (i, pixel) in line.chunks_exact_mut(4).enumerate() {
                    let (i, j) = (i as i64, j as i64);
                    let own = value(i, j);
                    if own == 0 {
                        continue;
                    }
                    let inside = own >= Self::HALF;
                    let shown = !style.dashed || (i + j).rem_euclid(8) < 5;
                    let border = style.outline
                        && shown
                        && inside
                        && [(-1, 0), (1, 0), (0, -1), (0, 1)]
                            .iter()
                            .any(|(x, y)| value(i + x, j + y) < Self::HALF);
                    let alpha = if border {
                        1.0
                    } else {
                        style.fill.clamp(0.0, 1.0) * f64::from(own) / 255.0
                    };
                    for (under, over) in pixel.iter_mut().zip(style.colour) {
                        let mixed = f64::from(*under) * (1.0 - alpha) + f64::from(over) * alpha;
                        *under = mixed.round() as u8;
                    }
                }
            });
    }
}
