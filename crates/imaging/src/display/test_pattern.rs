//! A page to judge a screen by (T55): our own drawing in the manner of AAPM TG-18, and labelled so. To be shown at one device pixel a pixel,
//! with no window, zoom or table between.

use super::draw::DrawError;

/// Where things are on the page, device pixels: left, top, width, height.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TestPattern {
    /// Eighteen patches with their greys, from black to white in even steps.
    pub patches: Vec<([u32; 4], u8)>,
    /// Squares of 5 % on black and of 95 % on white: inner square, its grey, the grey around it.
    pub low_contrast: Vec<([u32; 4], u8, u8)>,
    /// Ramp through all greys, dark at its left.
    pub ramp: [u32; 4],
    /// Lines one pixel wide, upright and level, and two pixels wide.
    pub fine_lines: Vec<[u32; 4]>,
}

/// What the page says about itself.
const LABEL: &str = "SYNTHETIC TEST PATTERN";

/// Levels of the patches: the steps of a curve of 18 measurements.
pub const PATCHES: u8 = 18;

const BACKGROUND: u8 = 64;
const GRID: u8 = 110;
const WHITE: u8 = 255;

/// Smallest side that all of it fits into.
const LEAST: u32 = 240;

struct Page<'a> {
    width: u32,
    height: u32,
    out: &'a mut [u8],
}

/// Draws the page into `out`: RGBA, rows from the top, `size[0] × size[1] × 4` bytes, and says where everything is.
///
/// # Errors
/// [`DrawError::Buffer`] when `out` has another size, or a side is below 240.
pub fn test_pattern(size: [u32; 2], out: &mut [u8]) -> Result<TestPattern, DrawError> {
    let [width, height] = size;
    let wanted = (width as usize)
        .checked_mul(height as usize)
        .and_then(|n| n.checked_mul(4));
    if wanted != Some(out.len()) || width < LEAST || height < LEAST {
        return Err(DrawError::Buffer {
            got: out.len(),
            width,
            height,
        });
    }
    let mut page = Page { width, height, out };
    page.fill([0, 0, width, height], |_, _| BACKGROUND);
    let unit = width.min(height) / 24;
    page.grid(unit * 2);
    page.border(unit);
    let mut layout = TestPattern::default();
    page.patches(unit, &mut layout);
    page.low_contrast(unit, &mut layout);
    page.ramp(unit, &mut layout);
    page.fine_lines(unit, &mut layout);
    page.label(unit);
    Ok(layout)
}

impl Page<'_> {
    /// Fills a rectangle, cut at the edges of the page; `grey` gets the place within it.
    fn fill(&mut self, [left, top, width, height]: [u32; 4], grey: impl Fn(u32, u32) -> u8) {
        let end = (left + width).min(self.width);
        for y in top..(top + height).min(self.height) {
            let row = (y as usize * self.width as usize) * 4;
            for x in left..end {
                let at = row + x as usize * 4;
                let grey = grey(x - left, y - top);
                if let Some(pixel) = self.out.get_mut(at..at + 4) {
                    pixel.copy_from_slice(&[grey, grey, grey, 255]);
                }
            }
        }
    }

    /// Lines that show bent edges and uneven pixels.
    fn grid(&mut self, step: u32) {
        let (width, height) = (self.width, self.height);
        for x in (0..width).step_by(step.max(2) as usize) {
            self.fill([x, 0, 1, height], |_, _| GRID);
        }
        for y in (0..height).step_by(step.max(2) as usize) {
            self.fill([0, y, width, 1], |_, _| GRID);
        }
    }

    /// The outermost pixels, and an angle in each corner: all of them must be seen.
    fn border(&mut self, unit: u32) {
        let (width, height) = (self.width, self.height);
        let (right, bottom) = (width - 1, height - 1);
        for line in [
            [0, 0, width, 1],
            [0, bottom, width, 1],
            [0, 0, 1, height],
            [right, 0, 1, height],
        ] {
            self.fill(line, |_, _| WHITE);
        }
        for x in [0, width - unit] {
            for y in [0, bottom - 2] {
                self.fill([x, y, unit, 3], |_, _| WHITE);
            }
        }
        for x in [0, right - 2] {
            for y in [0, height - unit] {
                self.fill([x, y, 3, unit], |_, _| WHITE);
            }
        }
    }

    /// Two rows of nine.
    fn patches(&mut self, unit: u32, layout: &mut TestPattern) {
        let side = unit * 2;
        let left = (self.width - side * 9) / 2;
        let top = self.height / 2 - side - unit;
        for k in 0..PATCHES {
            let (column, row) = (u32::from(k % 9), u32::from(k / 9));
            let grey = u8::try_from(u32::from(k) * 255 / u32::from(PATCHES - 1)).unwrap_or(WHITE);
            let patch = [left + column * side, top + row * side, side, side];
            self.fill(patch, |_, _| grey);
            layout.patches.push((patch, grey));
        }
    }

    fn low_contrast(&mut self, unit: u32, layout: &mut TestPattern) {
        let side = unit * 3;
        let top = self.height / 2 + unit * 4;
        // 5 % and 95 % of 255.
        for (left, around, inner) in [
            (self.width / 2 - side - unit, 0, 13),
            (self.width / 2 + unit, 255, 242),
        ] {
            self.fill([left, top, side, side], |_, _| around);
            let square = [left + unit, top + unit, unit, unit];
            self.fill(square, |_, _| inner);
            layout.low_contrast.push((square, inner, around));
        }
    }

    fn ramp(&mut self, unit: u32, layout: &mut TestPattern) {
        let width = self.width - unit * 4;
        let ramp = [unit * 2, self.height - unit * 4, width, unit * 2];
        let last = u64::from(width.max(2) - 1);
        self.fill(ramp, |x, _| {
            u8::try_from((u64::from(x) * 255 + last / 2) / last).unwrap_or(WHITE)
        });
        layout.ramp = ramp;
    }

    /// In the middle of the upper part and near each corner, where a panel is worst.
    fn fine_lines(&mut self, unit: u32, layout: &mut TestPattern) {
        let side = unit + unit / 2;
        let (far_x, far_y) = (self.width - unit * 2 - side * 3, self.height - unit * 7);
        let middle = (self.width - side * 3) / 2;
        for [left, top] in [
            [unit * 2, unit * 2],
            [far_x, unit * 2],
            [unit * 2, far_y],
            [far_x, far_y],
            [middle, unit * 4],
        ] {
            let lines: [fn(u32, u32) -> bool; 3] =
                [|x, _| x % 2 == 0, |_, y| y % 2 == 0, |x, _| x % 4 < 2];
            for (k, on) in (0_u32..).zip(lines) {
                let place = [left + k * side, top, side, side];
                self.fill(place, |x, y| if on(x, y) { WHITE } else { 0 });
                layout.fine_lines.push(place);
            }
        }
    }

    fn label(&mut self, unit: u32) {
        let size = (unit / 10).max(1);
        let width = LABEL.len() as u32 * 6 * size;
        let mut left = self.width.saturating_sub(width) / 2;
        let top = unit / 3;
        let back = [
            left.saturating_sub(size * 2),
            top - size * 2,
            width + size * 3,
            size * 11,
        ];
        self.fill(back, |_, _| 0);
        for letter in LABEL.chars() {
            for (y, bits) in (0_u32..).zip(glyph(letter)) {
                for x in 0..5 {
                    if bits >> (4 - x) & 1 == 1 {
                        self.fill([left + x * size, top + y * size, size, size], |_, _| WHITE);
                    }
                }
            }
            left += 6 * size;
        }
    }
}

/// Five by seven, the letters of the label; anything else is a gap.
const fn glyph(letter: char) -> [u8; 7] {
    match letter {
        'A' => [
            0b01110, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001,
        ],
        'C' => [
            0b01110, 0b10001, 0b10000, 0b10000, 0b10000, 0b10001, 0b01110,
        ],
        'E' => [
            0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b11111,
        ],
        'H' => [
            0b10001, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001,
        ],
        'I' => [
            0b01110, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110,
        ],
        'N' => [
            0b10001, 0b11001, 0b10101, 0b10101, 0b10011, 0b10001, 0b10001,
        ],
        'P' => [
            0b11110, 0b10001, 0b10001, 0b11110, 0b10000, 0b10000, 0b10000,
        ],
        'R' => [
            0b11110, 0b10001, 0b10001, 0b11110, 0b10100, 0b10010, 0b10001,
        ],
        'S' => [
            0b01111, 0b10000, 0b10000, 0b01110, 0b00001, 0b00001, 0b11110,
        ],
        'T' => [
            0b11111, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100,
        ],
        'Y' => [
            0b10001, 0b10001, 0b01010, 0b00100, 0b00100, 0b00100, 0b00100,
        ],
        _ => [0; 7],
    }
}
