//! Draws a frame into RGBA on the CPU: the truth that other painters are compared with, and the painter of machines without a GPU.
//!
//! Three ways to one picture: `linewise` for greys of 8 and 16 bits in views that turn by quarters, `colourwise` for colours there, `pixelwise`
//! for all others.

use serde::{Deserialize, Serialize};

use super::{
    DisplayAttributes, Voi, WellKnownPalette,
    axes::Axes,
    colourwise,
    layers::{self, Layers},
    linewise, pixelwise,
};
use crate::{frame::Frame, geometry::ViewTransform};

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
    /// Colours instead of greys, after window and inversion; greys only.
    pub pseudo_colour: Option<WellKnownPalette>,
    /// Driving level for each grey, of a screen whose own curve is not that of the standard (T55); 0 stays 0. Not for colours.
    pub greys: Option<&'a [u8; 256]>,
    /// Where the image lies in the viewport.
    pub transform: &'a ViewTransform,
    /// Between pixels.
    pub interpolation: Interpolation,
    /// Width and height of the output, physical pixels.
    pub size: [u32; 2],
    /// What is painted over the pixels.
    pub layers: Layers,
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

impl Drawing<'_> {
    /// Bilinear and bicubic give way to area averages below this many screen pixels for one image pixel.
    pub const AVERAGE_BELOW: f64 = 0.5;

    /// What is on the screen for each grey; `None` where greys are shown as they are.
    pub(super) fn colours(&self) -> Option<Box<[[u8; 3]; 256]>> {
        match (self.pseudo_colour, self.greys) {
            (Some(palette), _) => Some(palette.colours()),
            (None, greys) => greys.map(|greys| Box::new(greys.map(|level| [level; 3]))),
        }
    }

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

    /// Whether `out` and the frame have the sizes that are stated.
    fn check(&self, out: &[u8]) -> Result<(), DrawError> {
        let [width, height] = self.size;
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
        let shape = self.frame.shape;
        let got = self.frame.bytes.len();
        let empty = shape.columns == 0 || shape.rows == 0;
        if empty || shape.byte_len().is_none_or(|n| got < n) {
            return Err(DrawError::Frame {
                columns: shape.columns,
                rows: shape.rows,
                got,
            });
        }
        Ok(())
    }
}

/// Draws into `out`: RGBA, rows from the top, `size[0] × size[1] × 4` bytes, opaque; black outside the image.
///
/// # Errors
/// [`DrawError`] when the buffer or the frame is too small for what it is said to be; `out` is untouched then.
pub fn draw(drawing: &Drawing<'_>, out: &mut [u8]) -> Result<(), DrawError> {
    drawing.check(out)?;
    if out.is_empty() {
        return Ok(());
    }
    let axes = Axes::new(drawing);
    if !linewise::draw(drawing, &axes, out) && !colourwise::draw(drawing, &axes, out) {
        pixelwise::draw(drawing, &axes, out);
    }
    layers::paint(drawing, out);
    Ok(())
}

/// The same picture, byte for byte, with every pixel worked out from its definition: slow, and what [`draw`] is held against.
///
/// # Errors
/// As [`draw`].
pub fn draw_pixelwise(drawing: &Drawing<'_>, out: &mut [u8]) -> Result<(), DrawError> {
    drawing.check(out)?;
    if !out.is_empty() {
        pixelwise::draw(drawing, &Axes::new(drawing), out);
        layers::paint(drawing, out);
    }
    Ok(())
}
