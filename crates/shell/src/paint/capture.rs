//! A picture of a window, as it was presented.

use std::io;
use std::path::Path;

/// Pixels of a whole window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture {
    /// Width and height in physical pixels.
    pub size_px: [u32; 2],
    /// Red, green, blue, row by row.
    pub rgb: Vec<u8>,
}

impl Capture {
    /// From pixels of four bytes; `order` says where red, green and blue are.
    pub fn from_pixels(
        size_px: [u32; 2],
        pixels: impl Iterator<Item = [u8; 4]>,
        order: [usize; 3],
    ) -> Self {
        Self {
            size_px,
            rgb: pixels.flat_map(|pixel| order.map(|at| pixel[at])).collect(),
        }
    }

    /// Writes a PNG.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        #[allow(
            clippy::disallowed_methods,
            reason = "a picture that was asked for, at the place that was named"
        )]
        let file = io::BufWriter::new(std::fs::File::create(path)?);
        let mut encoder = png::Encoder::new(file, self.size_px[0], self.size_px[1]);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.rgb)?;
        Ok(writer.finish()?)
    }
}
