//! A sheet as a picture: what the PDF holds, painted at 200 dots an inch on white.

use skrifa::outline::OutlinePen;
use vello_cpu::color::AlphaColor;
use vello_cpu::kurbo::{Affine, BezPath, Stroke};
use vello_cpu::{Pixmap, RenderContext, Resources};

use super::face;
use super::sheet::{Drawn, HEIGHT, Sheet, Step, Style, WIDTH};

/// Dots an inch; at twice the usual resolution of a screen the smallest type is still read.
const DPI: f32 = 200.0;

/// The same sheet gives the same bytes on the same processor.
pub(super) fn write(sheet: &Sheet) -> Result<Vec<u8>, String> {
    let scale = DPI / 72.0;
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a page of A4 has 1654 x 2339 dots"
    )]
    let [width, height] = [WIDTH, HEIGHT].map(|side| (side * scale).round() as u16);
    let mut context = RenderContext::new(width, height);
    let all = vello_cpu::kurbo::Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
    context.set_paint(grey(255));
    context.fill_rect(&all);
    context.set_transform(Affine::scale(f64::from(scale)));
    for drawn in &sheet.drawn {
        match drawn {
            Drawn::Text { at, words, style } => text(&mut context, *at, words, *style),
            Drawn::Path { steps, ink } => {
                let path = path(steps);
                if let Some(fill) = ink.fill {
                    context.set_paint(grey(fill));
                    context.fill_path(&path);
                }
                if let Some((width, shade)) = ink.stroke {
                    let stroke = Stroke::new(f64::from(width));
                    context.set_stroke(match ink.dash {
                        Some(dash) => stroke.with_dashes(0.0, dash.map(f64::from)),
                        None => stroke,
                    });
                    context.set_paint(grey(shade));
                    context.stroke_path(&path);
                }
            }
        }
    }
    context.flush();
    let mut picture = Pixmap::new(width, height);
    context.render(&mut picture, &mut Resources::new());
    encode(&picture).map_err(|error| error.to_string())
}

fn grey(shade: u8) -> AlphaColor<vello_cpu::color::Srgb> {
    AlphaColor::from_rgb8(shade, shade, shade)
}

fn text(context: &mut RenderContext, at: [f32; 2], words: &str, style: Style) {
    let mut pen = Outline {
        path: BezPath::new(),
        origin: at,
    };
    let mut x = at[0];
    for glyph in face::glyphs(style.face, words) {
        let [right, up] = glyph.offset.map(|part| part * style.size);
        pen.origin = [x + right, at[1] - up];
        face::outline(style.face, style.size, &glyph, &mut pen);
        x += glyph.advance * style.size;
    }
    context.set_paint(grey(style.grey));
    context.fill_path(&pen.path);
}

fn path(steps: &[Step]) -> BezPath {
    let to = |[x, y]: [f32; 2]| (f64::from(x), f64::from(y));
    let mut path = BezPath::new();
    for step in steps {
        match *step {
            Step::Move(at) => path.move_to(to(at)),
            Step::Line(at) => path.line_to(to(at)),
            Step::Curve(a, b, at) => path.curve_to(to(a), to(b), to(at)),
            Step::Close => path.close_path(),
        }
    }
    path
}

/// A text's outline on the page, whose y grows downwards.
struct Outline {
    path: BezPath,
    origin: [f32; 2],
}

impl Outline {
    fn on_page(&self, x: f32, y: f32) -> (f64, f64) {
        (f64::from(self.origin[0] + x), f64::from(self.origin[1] - y))
    }
}

impl OutlinePen for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.path.move_to(self.on_page(x, y));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.path.line_to(self.on_page(x, y));
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.path.quad_to(self.on_page(cx, cy), self.on_page(x, y));
    }

    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        let (a, b) = (self.on_page(ax, ay), self.on_page(bx, by));
        self.path.curve_to(a, b, self.on_page(x, y));
    }

    fn close(&mut self) {
        self.path.close_path();
    }
}

/// One byte a dot: the page has greys only, and is opaque.
fn encode(picture: &Pixmap) -> Result<Vec<u8>, png::EncodingError> {
    let greys: Vec<u8> = picture.data().iter().map(|dot| dot.r).collect();
    let mut file = Vec::new();
    let size = [picture.width(), picture.height()].map(u32::from);
    let mut encoder = png::Encoder::new(&mut file, size[0], size[1]);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    // Dots a metre.
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: 7874,
        yppu: 7874,
        unit: png::Unit::Meter,
    }));
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&greys)?;
    writer.finish()?;
    Ok(file)
}
