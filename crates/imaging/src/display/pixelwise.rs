//! Draws pixel by pixel, each from its definition: any angle, colours, palettes, 32 bits and floats, and what `linewise` must equal.

use rayon::prelude::*;

use super::{
    Lut, ModalityLut, Padding, Palette,
    axes::Axes,
    draw::{BLACK, Drawing, Interpolation},
    samples::{Sample, with_samples},
    shade::{ColourShade, Shade},
    taps::{Tap, catmull_rom},
};
use crate::frame::Colour;

/// One drawing of a frame that is large enough for its shape.
pub(super) struct Pixelwise<'a> {
    drawing: &'a Drawing<'a>,
    axes: &'a Axes,
    bytes: &'a [u8],
    columns: i32,
    rows: i32,
    samples: usize,
    padding: Option<Padding>,
    table: Option<&'a Lut>,
    shade: Shade<'a>,
}

/// Draws into `out`, which has the size of the drawing and is not empty.
pub(super) fn draw(drawing: &Drawing<'_>, axes: &Axes, out: &mut [u8]) {
    let palette = drawing.attributes.palette.as_ref();
    let shape = drawing.frame.shape;
    let pixels = Pixelwise::new(drawing, axes);
    with_samples!(shape.sample, S => {
        match (shape.colour, palette) {
            (Colour::Rgb, _) => pixels.colours::<S>(out),
            (Colour::Palette, Some(palette)) => pixels.indices::<S>(palette, out),
            (_, palette) => pixels.greys::<S>(palette.filter(|p| p.supplemental), out),
        }
    });
}

/// Fills `out` row by row, many rows at a time.
pub(super) fn rows(
    drawing: &Drawing<'_>,
    out: &mut [u8],
    pixel: impl Fn(usize, usize) -> [u8; 4] + Sync,
) {
    let width = drawing.size[0] as usize;
    out.par_chunks_exact_mut(width * 4)
        .enumerate()
        .with_min_len(16)
        .for_each(|(j, row)| {
            for (i, target) in row.chunks_exact_mut(4).enumerate() {
                target.copy_from_slice(&pixel(i, j));
            }
        });
}

impl<'a> Pixelwise<'a> {
    pub(super) fn new(drawing: &'a Drawing<'a>, axes: &'a Axes) -> Self {
        let shape = drawing.frame.shape;
        Self {
            drawing,
            axes,
            bytes: &drawing.frame.bytes,
            columns: shape.columns as i32,
            rows: shape.rows as i32,
            samples: shape.samples(),
            padding: drawing.attributes.padding,
            table: match &drawing.attributes.modality_lut {
                ModalityLut::Table(lut) => Some(lut),
                ModalityLut::Identity | ModalityLut::Rescale { .. } => None,
            },
            shade: Shade::new(drawing),
        }
    }

    /// Columns and rows of the image.
    pub(super) const fn size(&self) -> (i32, i32) {
        (self.columns, self.rows)
    }

    /// Stored values of the image.
    pub(super) const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Grey of screen pixel `at`, which is inside the image and rests on `taps`; `None` when all it rests on is padding.
    #[inline]
    pub(super) fn grey<S: Sample>(&self, at: (usize, usize), taps: (Tap, Tap)) -> Option<u8> {
        let value = |x: i32, y: i32| {
            let sv = self.stored::<S>(x, y, 0);
            if !sv.is_finite() || self.padding.is_some_and(|p| p.contains(sv)) {
                return None;
            }
            Some(self.table.map_or(sv, |lut| f64::from(lut.at(sv))))
        };
        self.between(at, taps, value).map(|v| self.shade.grey(v))
    }

    /// Stored sample `k` of the pixel at (x, y), clamped to the image.
    #[inline]
    fn stored<S: Sample>(&self, x: i32, y: i32, k: usize) -> f64 {
        let x = x.clamp(0, self.columns - 1) as usize;
        let y = y.clamp(0, self.rows - 1) as usize;
        S::at(
            self.bytes,
            (y * self.columns as usize + x) * self.samples + k,
        )
    }

    /// The value between pixels; `value` gives that of a pixel and sample, `None` for padding, which weighs nothing.
    #[inline]
    fn between(
        &self,
        (i, j): (usize, usize),
        (x, y): (Tap, Tap),
        value: impl Fn(i32, i32) -> Option<f64>,
    ) -> Option<f64> {
        let drawing = self.drawing;
        let mut sum = 0.0;
        let mut weights = 0.0;
        let mut add = |weight: f64, x: i32, y: i32| {
            if weight != 0.0
                && let Some(v) = value(x, y)
            {
                sum += weight * v;
                weights += weight;
            }
        };
        if drawing.averages() {
            let (cx, cy) = self.axes.covers(drawing, i, j);
            for row in cy.first..cy.end {
                for column in cx.first..cx.end {
                    add(
                        cx.weight(column) * cy.weight(row),
                        column as i32,
                        row as i32,
                    );
                }
            }
        } else if drawing.is_bitmap() || drawing.interpolation == Interpolation::Nearest {
            return value(x.nearest, y.nearest);
        } else if drawing.interpolation == Interpolation::Bicubic {
            let (wx, wy) = (catmull_rom(x.weight()), catmull_rom(y.weight()));
            for (row, wy) in (-1_i32..).zip(wy) {
                for (column, wx) in (-1_i32..).zip(wx) {
                    add(wx * wy, x.left + column, y.left + row);
                }
            }
        } else {
            if x.fraction == 0 && y.fraction == 0 {
                return value(x.left, y.left);
            }
            let (fx, fy) = (x.weight(), y.weight());
            add((1.0 - fx) * (1.0 - fy), x.left, y.left);
            add(fx * (1.0 - fy), x.left + 1, y.left);
            add((1.0 - fx) * fy, x.left, y.left + 1);
            add(fx * fy, x.left + 1, y.left + 1);
        }
        (weights > 1e-6).then(|| sum / weights)
    }

    fn greys<S: Sample>(&self, supplemental: Option<&Palette>, out: &mut [u8]) {
        let colours = self.drawing.colours();
        self.inside(out, |i, j, (x, y)| {
            if let Some(palette) = supplemental {
                let sv = self.stored::<S>(x.nearest, y.nearest, 0);
                if palette.colours(sv) {
                    let [r, g, b] = palette.rgb(sv);
                    return [r, g, b, 255];
                }
            }
            let Some(grey) = self.grey::<S>((i, j), (x, y)) else {
                return BLACK;
            };
            let colour = colours.as_ref().and_then(|c| c.get(usize::from(grey)));
            let [r, g, b] = colour.copied().unwrap_or([grey; 3]);
            [r, g, b, 255]
        });
    }

    fn indices<S: Sample>(&self, palette: &Palette, out: &mut [u8]) {
        let shade = ColourShade::new(self.drawing);
        self.inside(out, |_, _, (x, y)| {
            shade.index(palette, self.stored::<S>(x.nearest, y.nearest, 0))
        });
    }

    fn colours<S: Sample>(&self, out: &mut [u8]) {
        let shade = ColourShade::new(self.drawing);
        self.inside(out, |i, j, taps| self.colour::<S>((i, j), taps, &shade));
    }

    /// Colour of screen pixel `at`, which is inside the image and rests on `taps`.
    pub(super) fn colour<S: Sample>(
        &self,
        at: (usize, usize),
        taps: (Tap, Tap),
        shade: &ColourShade<'_>,
    ) -> [u8; 4] {
        shade.rgba([0, 1, 2].map(|k| {
            let value = |x: i32, y: i32| Some(self.stored::<S>(x, y, k));
            self.between(at, taps, value).unwrap_or(0.0)
        }))
    }

    /// Fills `out`, black outside the image; `pixel` gets the position on the screen and its taps along the image's x and y.
    fn inside(&self, out: &mut [u8], pixel: impl Fn(usize, usize, (Tap, Tap)) -> [u8; 4] + Sync) {
        rows(self.drawing, out, |i, j| {
            let (x, y) = self.axes.taps(self.drawing, i, j);
            if x.inside && y.inside {
                pixel(i, j, (x, y))
            } else {
                BLACK
            }
        });
    }
}
