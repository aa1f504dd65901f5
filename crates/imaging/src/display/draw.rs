//! Draws a frame into RGBA on the CPU: the truth that other painters are compared with, and the painter of machines without a GPU.
//!
//! Positions of a screen pixel are worked out once a row and once a column (views turn by quarters), rows are shared among threads.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    DisplayAttributes, ModalityLut, Palette, VoiFunction,
    samples::{Sample, is_integer, with_samples},
    taps::{Cover, Tap, catmull_rom},
    voi::Voi,
    window::grey_of,
};
use crate::{
    frame::{Colour, Frame},
    geometry::{ViewTransform, ViewportPx},
};

/// How values between pixels come about (T14). Indices of a palette and bitmaps are always nearest; below half size greys and colours are
/// averaged over the area, unless nearest was chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Interpolation {
    /// Two by two pixels.
    #[default]
    Bilinear,
    /// The pixel that holds the position.
    Nearest,
    /// Four by four pixels, Catmull-Rom.
    Bicubic,
}

/// Colour outside the image and of padding.
pub const BLACK: [u8; 4] = [0, 0, 0, 255];

/// Everything that decides a picture.
#[derive(Clone, Copy, Debug)]
pub struct Drawing<'a> {
    /// Stored values.
    pub frame: &'a Frame,
    /// What the file says about them.
    pub attributes: &'a DisplayAttributes,
    /// From modality value to grey; unused for colour.
    pub voi: Option<&'a Voi>,
    /// Inversion by the user (T5); greys only.
    pub invert: bool,
    /// Where the image lies in the viewport.
    pub transform: &'a ViewTransform,
    /// Between pixels.
    pub interpolation: Interpolation,
    /// Width and height of the output, physical pixels.
    pub size: [u32; 2],
}

/// Why nothing was drawn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DrawError {
    /// The buffer is not width × height × 4 bytes.
    #[error("buffer of {got} bytes for a picture of {width} × {height} pixels")]
    Buffer {
        /// Bytes given.
        got: usize,
        /// Wanted width.
        width: u32,
        /// Wanted height.
        height: u32,
    },
    /// The frame holds fewer bytes than its shape says.
    #[error("frame of {columns} × {rows} pixels holds {got} bytes")]
    Frame {
        /// Columns of the shape.
        columns: u32,
        /// Rows of the shape.
        rows: u32,
        /// Bytes it has.
        got: usize,
    },
}

/// How a position of the screen becomes one of the image, ready for use.
enum Axes {
    /// The image's x follows the screen's x (`swapped`: its y).
    Separable {
        x: Vec<Tap>,
        y: Vec<Tap>,
        cover_x: Vec<Cover>,
        cover_y: Vec<Cover>,
        swapped: bool,
    },
    /// Any angle.
    Free,
}

/// The picture of one row of the screen, pixel by pixel.
struct Sampler<'a> {
    bytes: &'a [u8],
    columns: i32,
    rows: i32,
    samples: usize,
}

impl Drawing<'_> {
    /// Bilinear and bicubic give way to area averages below this many screen pixels for one image pixel.
    pub const AVERAGE_BELOW: f64 = 0.5;

    /// Whether greys and colours are averaged over the area of a screen pixel.
    #[must_use]
    pub fn averages(&self) -> bool {
        self.interpolation != Interpolation::Nearest
            && self.transform.scale() < Self::AVERAGE_BELOW
            && !self.is_bitmap()
    }

    /// Whether only nearest pixels may be used, whatever was chosen.
    #[must_use]
    pub fn is_bitmap(&self) -> bool {
        self.attributes.bits_stored == 1
    }
}

/// Draws into `out`: RGBA, rows from the top, `size[0] × size[1] × 4` bytes, opaque; black outside the image.
///
/// # Errors
/// [`DrawError`] when the buffer or the frame is too small for what it is said to be; `out` is untouched then.
pub fn draw(drawing: &Drawing<'_>, out: &mut [u8]) -> Result<(), DrawError> {
    let [width, height] = drawing.size;
    let wanted = (width as usize)
        .checked_mul(height as usize)
        .and_then(|n| n.checked_mul(4));
    if wanted != Some(out.len()) {
        return Err(DrawError::Buffer {
            got: out.len(),
            width,
            height,
        });
    }
    let shape = drawing.frame.shape;
    if shape.columns == 0
        || shape.rows == 0
        || shape
            .byte_len()
            .is_none_or(|n| drawing.frame.bytes.len() < n)
    {
        return Err(DrawError::Frame {
            columns: shape.columns,
            rows: shape.rows,
            got: drawing.frame.bytes.len(),
        });
    }
    if out.is_empty() {
        return Ok(());
    }
    let axes = Axes::new(drawing);
    let sampler = Sampler {
        bytes: &drawing.frame.bytes,
        columns: shape.columns as i32,
        rows: shape.rows as i32,
        samples: shape.samples(),
    };
    let palette = drawing.attributes.palette.as_ref();
    with_samples!(shape.sample, S => {
        match (shape.colour, palette) {
            (Colour::Rgb, _) => sampler.colour::<S>(drawing, &axes, out),
            (Colour::Palette, Some(palette)) => sampler.palette::<S>(drawing, &axes, palette, out),
            (_, Some(palette)) if palette.supplemental => {
                sampler.grey::<S>(drawing, &axes, Some(palette), out);
            }
            _ => sampler.grey::<S>(drawing, &axes, None, out),
        }
    });
    Ok(())
}

impl Axes {
    fn new(drawing: &Drawing<'_>) -> Self {
        let (origin, dx, dy) = drawing.transform.steps();
        let (columns, rows) = (drawing.frame.shape.columns, drawing.frame.shape.rows);
        let straight = dx.y == 0.0 && dy.x == 0.0;
        let swapped = dx.x == 0.0 && dy.y == 0.0;
        if !straight && !swapped {
            return Self::Free;
        }
        let line = |n: u32, start: f64, step: f64| {
            (0..n).map(move |k| start + step * (f64::from(k) + 0.5))
        };
        let [width, height] = drawing.size;
        let (along_x, along_y, half_x, half_y) = if straight {
            (
                line(width, origin.0.x, dx.x),
                line(height, origin.0.y, dy.y),
                dx.x.abs() / 2.0,
                dy.y.abs() / 2.0,
            )
        } else {
            (
                line(height, origin.0.x, dy.x),
                line(width, origin.0.y, dx.y),
                dy.x.abs() / 2.0,
                dx.y.abs() / 2.0,
            )
        };
        let averages = drawing.averages();
        let covers = |positions: &dyn Fn() -> Vec<f64>, half: f64, count: u32| {
            if averages {
                positions()
                    .into_iter()
                    .map(|c| Cover::new(c, half, count))
                    .collect()
            } else {
                Vec::new()
            }
        };
        Self::Separable {
            cover_x: covers(&|| along_x.clone().collect(), half_x, columns),
            cover_y: covers(&|| along_y.clone().collect(), half_y, rows),
            x: along_x.map(|c| Tap::new(c, columns)).collect(),
            y: along_y.map(|c| Tap::new(c, rows)).collect(),
            swapped,
        }
    }

    /// Taps along the image's x and y for screen pixel (i, j).
    #[inline]
    fn taps(&self, drawing: &Drawing<'_>, i: usize, j: usize) -> (Tap, Tap) {
        match self {
            Self::Separable { x, y, swapped, .. } => {
                let (a, b) = if *swapped { (j, i) } else { (i, j) };
                (
                    x.get(a).copied().unwrap_or_default(),
                    y.get(b).copied().unwrap_or_default(),
                )
            }
            Self::Free => {
                let at = self.free(drawing, i, j);
                let shape = drawing.frame.shape;
                (Tap::new(at.x, shape.columns), Tap::new(at.y, shape.rows))
            }
        }
    }

    #[inline]
    fn covers(&self, drawing: &Drawing<'_>, i: usize, j: usize) -> (Cover, Cover) {
        match self {
            Self::Separable {
                cover_x,
                cover_y,
                swapped,
                ..
            } => {
                let (a, b) = if *swapped { (j, i) } else { (i, j) };
                (
                    cover_x.get(a).copied().unwrap_or_default(),
                    cover_y.get(b).copied().unwrap_or_default(),
                )
            }
            Self::Free => {
                let at = self.free(drawing, i, j);
                let (_, dx, dy) = drawing.transform.steps();
                let shape = drawing.frame.shape;
                (
                    Cover::new(at.x, (dx.x.abs() + dy.x.abs()) / 2.0, shape.columns),
                    Cover::new(at.y, (dx.y.abs() + dy.y.abs()) / 2.0, shape.rows),
                )
            }
        }
    }

    fn free(&self, drawing: &Drawing<'_>, i: usize, j: usize) -> glam::DVec2 {
        let at = glam::DVec2::new(i as f64 + 0.5, j as f64 + 0.5);
        drawing.transform.to_image(ViewportPx(at)).0
    }
}

impl Sampler<'_> {
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
    fn between<S: Sample>(
        &self,
        drawing: &Drawing<'_>,
        axes: &Axes,
        (i, j): (usize, usize),
        (x, y): (Tap, Tap),
        value: impl Fn(i32, i32) -> Option<f64>,
    ) -> Option<f64> {
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
            let (cx, cy) = axes.covers(drawing, i, j);
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

    fn grey<S: Sample>(
        &self,
        drawing: &Drawing<'_>,
        axes: &Axes,
        supplemental: Option<&Palette>,
        out: &mut [u8],
    ) {
        let attributes = drawing.attributes;
        let padding = attributes.padding;
        // A table acts on each pixel before interpolation; a straight line may act after it.
        let table = match &attributes.modality_lut {
            ModalityLut::Table(lut) => Some(lut),
            ModalityLut::Identity | ModalityLut::Rescale { .. } => None,
        };
        let (slope, intercept) = match attributes.modality_lut {
            ModalityLut::Rescale { slope, intercept } => (slope, intercept),
            ModalityLut::Identity | ModalityLut::Table(_) => (1.0, 0.0),
        };
        let value = |x: i32, y: i32| {
            let sv = self.stored::<S>(x, y, 0);
            if !sv.is_finite() || padding.is_some_and(|p| p.contains(sv)) {
                return None;
            }
            Some(table.map_or(sv, |lut| f64::from(lut.at(sv))))
        };
        let inverted = attributes.inverted(drawing.frame.shape.colour) != drawing.invert;
        let shade = self.shade(drawing, slope, intercept);
        rows(drawing, out, |i, j| {
            let (x, y) = axes.taps(drawing, i, j);
            if !(x.inside && y.inside) {
                return BLACK;
            }
            if let Some(palette) = supplemental {
                let sv = self.stored::<S>(x.nearest, y.nearest, 0);
                if palette.colours(sv) {
                    let [r, g, b] = palette.rgb(sv);
                    return [r, g, b, 255];
                }
            }
            match self.between::<S>(drawing, axes, (i, j), (x, y), value) {
                Some(v) => {
                    let grey = shade(v);
                    let grey = if inverted { 255 - grey } else { grey };
                    [grey, grey, grey, 255]
                }
                None => BLACK,
            }
        });
    }

    /// From an interpolated value before the rescale to a grey before polarity.
    fn shade(
        &self,
        drawing: &Drawing<'_>,
        slope: f64,
        intercept: f64,
    ) -> impl Fn(f64) -> u8 + Sync {
        let bitmap = drawing.is_bitmap();
        let voi = drawing.voi.cloned();
        move |v| {
            let m = v * slope + intercept;
            match &voi {
                _ if bitmap => {
                    if v >= 0.5 {
                        255
                    } else {
                        0
                    }
                }
                Some(Voi::Window(window)) if window.function() == VoiFunction::Linear => {
                    window.grey(m)
                }
                Some(voi) => grey_of(voi.apply(m)),
                None => grey_of(m / 255.0),
            }
        }
    }

    fn palette<S: Sample>(
        &self,
        drawing: &Drawing<'_>,
        axes: &Axes,
        palette: &Palette,
        out: &mut [u8],
    ) {
        rows(drawing, out, |i, j| {
            let (x, y) = axes.taps(drawing, i, j);
            if !(x.inside && y.inside) {
                return BLACK;
            }
            let [r, g, b] = palette.rgb(self.stored::<S>(x.nearest, y.nearest, 0));
            [r, g, b, 255]
        });
    }

    fn colour<S: Sample>(&self, drawing: &Drawing<'_>, axes: &Axes, out: &mut [u8]) {
        let top = if is_integer(drawing.frame.shape.sample) {
            let bits = drawing.attributes.bits_stored.clamp(1, 32);
            // A header that says nothing: 8-bit samples.
            let bits = if drawing.attributes.bits_stored == 0 {
                8
            } else {
                bits
            };
            2_f64.powi(i32::from(bits)) - 1.0
        } else {
            1.0
        };
        rows(drawing, out, |i, j| {
            let (x, y) = axes.taps(drawing, i, j);
            if !(x.inside && y.inside) {
                return BLACK;
            }
            let channel = |k: usize| {
                let value = |x: i32, y: i32| Some(self.stored::<S>(x, y, k));
                let v = self.between::<S>(drawing, axes, (i, j), (x, y), value);
                grey_of(v.unwrap_or(0.0) / top)
            };
            [channel(0), channel(1), channel(2), 255]
        });
    }
}

/// Fills `out` row by row, many rows at a time.
fn rows(drawing: &Drawing<'_>, out: &mut [u8], pixel: impl Fn(usize, usize) -> [u8; 4] + Sync) {
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
