//! The text layer of a PDF: the letters that the file itself names, laid out as lines. Nothing is recognised from pictures.
//!
//! The interpreter is safe Rust and opens no file, font or network. It hands over each glyph with its place and what it stands for, also the
//! invisible ones that text recognition lays under a scan. [`layout`] makes lines of them. How long a file may take is for the caller's process to
//! limit; here the number of drawing steps is.

mod layout;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use hayro_interpret::font::{Glyph, GlyphRun};
use hayro_interpret::hayro_cmap::BfString;
use hayro_interpret::hayro_syntax::{LoadPdfError, Pdf};
use hayro_interpret::kurbo::{Affine, BezPath, Point, Rect, Vec2};
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps,
    InterpreterCache, InterpreterSettings, SoftMask, TransformExt, interpret_page,
};

use layout::Letters;

/// Pages of a document that is read.
const PAGES: usize = 200;
/// Bytes of text that are kept.
const TEXT: usize = 1 << 20;
/// Glyphs of a document.
const GLYPHS: usize = 1 << 20;
/// Steps of drawing a document.
const STEPS: usize = 1 << 20;
/// Clips of a document. Each form clips where it begins: those that call each other would else never end.
const CLIPS: usize = 50_000;
/// What stands for a glyph of which the file does not say what letter it is.
const UNKNOWN: char = '\u{fffd}';

/// Why a PDF has no text here, in words that follow the name of an attachment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum PdfError {
    /// It wants a password.
    #[error("an encrypted PDF: open it outside")]
    Encrypted,
    /// The bytes are no PDF that can be read.
    #[error("a damaged PDF: open it outside")]
    Damaged,
    /// Pictures only, or nothing.
    #[error("a PDF without a text layer ({pages}): open it outside", pages = pages(*.0))]
    NoText(usize),
    /// Half or more of its glyphs name no letter.
    #[error("a PDF that does not say which letters it shows ({pages}): open it outside", pages = pages(*.0))]
    NoLetters(usize),
    /// Its letters come in the order of the page, which is not that of reading.
    #[error("a PDF in a script written from right to left ({pages}): open it outside", pages = pages(*.0))]
    RightToLeft(usize),
    /// More than is read.
    #[error("a PDF that is too long to be read ({pages}): open it outside", pages = pages(*.0))]
    TooLong(usize),
}

fn pages(n: usize) -> String {
    if n == 1 {
        "1 page".to_owned()
    } else {
        format!("{n} pages")
    }
}

/// What a PDF says in letters.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TextLayer {
    /// Lines as they stand on the page from top to bottom, pages after each other with an empty line between.
    pub text: String,
    /// Some of it is invisible, as text recognition writes it: what the eye sees is a picture.
    pub invisible: bool,
}

/// The text layer of the PDF in `bytes`.
///
/// # Errors
/// [`PdfError`], in the user's words.
pub(crate) fn text_layer(bytes: &[u8]) -> Result<TextLayer, PdfError> {
    // The interpreter cannot be told to stop: the collector unwinds out of it. A fault of its own ends here too.
    catch_unwind(AssertUnwindSafe(|| read(bytes))).unwrap_or_else(|thrown| {
        Err(thrown
            .downcast_ref::<PdfError>()
            .copied()
            .unwrap_or(PdfError::Damaged))
    })
}

fn read(bytes: &[u8]) -> Result<TextLayer, PdfError> {
    let pdf = Pdf::new(bytes.to_vec()).map_err(|e| match e {
        LoadPdfError::Decryption(_) => PdfError::Encrypted,
        LoadPdfError::Invalid => PdfError::Damaged,
    })?;
    let pages = pdf.pages().len();
    if pages == 0 {
        return Err(PdfError::Damaged);
    }
    if pages > PAGES {
        return Err(PdfError::TooLong(pages));
    }
    let mut collector = Collector {
        pages,
        ..Collector::default()
    };
    let cache = InterpreterCache::new();
    let mut text = String::new();
    for page in pdf.pages().iter() {
        let (width, height) = page.render_dimensions();
        let sheet = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
        let mut context = Context::new(
            page.initial_transform(true).to_kurbo(),
            sheet,
            &cache,
            pdf.xref(),
            InterpreterSettings::default(),
        );
        collector.sheet = sheet.inflate(1.0, 1.0);
        interpret_page(page, &mut context, &mut collector);
        let below = std::mem::take(&mut collector.letters).into_text();
        if !text.is_empty() && !below.is_empty() {
            text.push_str("\n\n");
        }
        text.push_str(&below);
        if text.len() > TEXT {
            return Err(PdfError::TooLong(pages));
        }
    }
    collector.judge(text)
}

/// Takes the letters out of what is drawn.
#[derive(Default)]
struct Collector {
    pages: usize,
    /// The page as it is shown; what lies outside is on no page.
    sheet: Rect,
    letters: Letters,
    steps: usize,
    clips: usize,
    glyphs: usize,
    unknown: usize,
    invisible: bool,
    right_to_left: bool,
    /// Widths follow the height of the letters, not their stretch: what the runs showed so far.
    by_height: bool,
}

impl Collector {
    fn judge(self, text: String) -> Result<TextLayer, PdfError> {
        let letters = text.chars().filter(|c| !c.is_whitespace()).count();
        if letters == 0 {
            return Err(PdfError::NoText(self.pages));
        }
        if self.unknown.saturating_mul(2) >= letters {
            return Err(PdfError::NoLetters(self.pages));
        }
        if self.right_to_left {
            return Err(PdfError::RightToLeft(self.pages));
        }
        Ok(TextLayer {
            text,
            invisible: self.invisible,
        })
    }

    fn step(&mut self) {
        self.steps += 1;
        if self.steps > STEPS || self.clips > CLIPS || self.glyphs > GLYPHS {
            resume_unwind(Box::new(PdfError::TooLong(self.pages)));
        }
    }

    fn glyph(&mut self, glyph: &Glyph<'_>, placed: &Placed, invisible: bool) {
        let said = match glyph.as_unicode() {
            Some(BfString::Char(c)) => expanded(c),
            Some(BfString::String(s)) => s.chars().map(expanded).collect(),
            None if glyph.char_code() == u32::from(b' ') => " ".to_owned(),
            None => UNKNOWN.to_string(),
        };
        self.unknown += said.chars().filter(|c| *c == UNKNOWN).count();
        self.invisible |= invisible && !said.trim().is_empty();
        self.right_to_left |= said.chars().any(is_right_to_left);
        self.letters.push(&said, placed);
    }
}

/// Where a glyph stands on the page, y down.
struct Placed {
    origin: Point,
    /// Along the line, of length 1.
    direction: Vec2,
    /// Height of the font.
    size: f64,
    /// How far the next glyph is.
    advance: f64,
}

/// Place, and the advance by the stretch of the letters and by their height.
fn place(glyph: &Glyph<'_>, to_page: Affine) -> Option<(Placed, f64, f64)> {
    let advance = match glyph {
        Glyph::Outline(g) => g.advance_width(),
        Glyph::Type3(g) => g.advance_width(),
    };
    let advance = f64::from(advance.unwrap_or(0.0));
    let [a, b, c, d, e, f] = to_page.as_coeffs();
    let along = Vec2::new(a, b);
    let (stretch, height) = (along.hypot(), Vec2::new(c, d).hypot());
    let size = height * 1000.0;
    let sane = |v: f64| v.is_finite() && v.abs() < 1e5;
    if ![e, f, advance * stretch, advance * height]
        .into_iter()
        .all(sane)
        || !(0.1..2000.0).contains(&size)
        || !(1e-6..100.0).contains(&stretch)
    {
        return None;
    }
    let placed = Placed {
        origin: Point::new(e, f),
        direction: along / stretch,
        size,
        advance: 0.0,
    };
    Some((placed, advance * stretch, advance * height))
}

impl<'a> Device<'a> for Collector {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        self.glyphs += run.glyphs().len();
        self.step();
        let mut placed: Vec<_> = run
            .glyphs()
            .iter()
            .filter_map(|g| Some((g, place(g, props.transform * g.transform())?)))
            .collect();
        // A substitute font is stretched to the width of the one it stands for, text scaled across is not: what fits the next letters tells.
        let (mut by_stretch, mut by_height) = (0.0, 0.0);
        for pair in placed.windows(2) {
            if let [(_, (here, stretch, height)), (_, (next, ..))] = pair {
                let step = (next.origin - here.origin).dot(here.direction);
                by_stretch += (step - stretch).abs();
                by_height += (step - height).abs();
            }
        }
        if by_stretch != by_height {
            self.by_height = by_height < by_stretch;
        }
        for (glyph, (at, stretch, height)) in &mut placed {
            at.advance = if self.by_height { *height } else { *stretch };
            if self.sheet.contains(at.origin) {
                self.glyph(glyph, at, matches!(mode, DrawMode::Invisible));
            }
        }
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {
        self.step();
    }

    fn push_clip_path(&mut self, _: &ClipPath) {
        self.clips += 1;
        self.step();
    }

    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {
        self.step();
    }

    fn draw_image(&mut self, _: Image<'a, '_>, _: ImageDrawProps<'a>) {
        self.step();
    }

    fn pop_clip(&mut self) {}

    fn pop_transparency_group(&mut self) {}
}

/// A letter as it is searched for: ligatures taken apart, bullets of symbol fonts as such, what has no shape left out.
fn expanded(c: char) -> String {
    let one = match c {
        '\u{fb00}' => return "ff".to_owned(),
        '\u{fb01}' => return "fi".to_owned(),
        '\u{fb02}' => return "fl".to_owned(),
        '\u{fb03}' => return "ffi".to_owned(),
        '\u{fb04}' => return "ffl".to_owned(),
        '\u{fb05}' | '\u{fb06}' => return "st".to_owned(),
        '\u{ad}' => '-',
        '\u{f0b7}' | '\u{f0a7}' => '•',
        // Letters of a font's own: which they are is nowhere said.
        '\u{e000}'..='\u{f8ff}' => UNKNOWN,
        '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => return String::new(),
        c if c.is_whitespace() => ' ',
        c if c.is_control() => return String::new(),
        c => c,
    };
    one.to_string()
}

fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
