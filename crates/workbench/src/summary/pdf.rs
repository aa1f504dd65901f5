//! A sheet as a PDF of one page: vector text in subset fonts that can be searched and copied, no picture, no script.

use krilla::Document;
use krilla::color::luma;
use krilla::geom::{Path, PathBuilder, Point};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::text::{Font, GlyphId, KrillaGlyph};

use super::face::{self, Face, Placed};
use super::sheet::{Drawn, HEIGHT, Ink, Sheet, Step, WIDTH};
use crate::letters::Typeface;

/// The same sheet gives the same bytes.
pub(super) fn write(sheet: &Sheet, title: &str, printed: &str) -> Result<Vec<u8>, String> {
    let fonts = Face::ALL
        .iter()
        .map(|f| Font::new(f.bytes().into(), 0))
        .collect::<Option<Vec<Font>>>()
        .ok_or("the page's type cannot be read")?;
    let mut others = Others::default();
    let size = PageSettings::from_wh(WIDTH, HEIGHT).ok_or("the page has no size")?;
    let mut document = Document::new();
    document.set_metadata(metadata(title, printed));
    let mut page = document.start_page_with(size);
    let mut surface = page.surface();
    for drawn in &sheet.drawn {
        match drawn {
            Drawn::Text { at, words, style } => {
                surface.set_stroke(None);
                surface.set_fill(Some(fill(style.grey)));
                let placed = face::glyphs(style.face, words);
                let mut x = at[0];
                for part in placed.chunk_by(|a, b| a.other == b.other) {
                    let other = part.first().and_then(|g| g.other);
                    let font = match other {
                        Some(type_) => others.font(type_),
                        None => fonts.get(style.face as usize).cloned(),
                    };
                    let glyphs: Vec<KrillaGlyph> = part.iter().map(glyph).collect();
                    let start = Point::from_xy(x, at[1]);
                    if let Some(font) = font {
                        surface.draw_glyphs(start, &glyphs, font, words, style.size, false);
                    }
                    x += part.iter().map(|g| g.advance).sum::<f32>() * style.size;
                }
            }
            Drawn::Path { steps, ink } => draw_path(&mut surface, steps, ink),
        }
    }
    surface.finish();
    page.finish();
    document.finish().map_err(|error| format!("{error:?}"))
}

fn glyph(placed: &Placed) -> KrillaGlyph {
    let id = GlyphId::new(placed.glyph);
    let [right, up] = placed.offset;
    KrillaGlyph::new(
        id,
        placed.advance,
        right,
        up,
        0.0,
        placed.bytes.clone(),
        None,
    )
}

/// Types of other scripts that this page uses, each embedded once.
#[derive(Default)]
struct Others(Vec<(&'static Typeface, Font)>);

impl Others {
    fn font(&mut self, of: &'static Typeface) -> Option<Font> {
        if let Some((_, font)) = self.0.iter().find(|(type_, _)| *type_ == of) {
            return Some(font.clone());
        }
        let font = Font::new(of.bytes.into(), of.index)?;
        self.0.push((of, font.clone()));
        Some(font)
    }
}

/// No name in it: a list of files shows a title to anybody.
fn metadata(title: &str, printed: &str) -> Metadata {
    let about = Metadata::new()
        .title(title.to_owned())
        .creator(concat!("Triptych ", env!("CARGO_PKG_VERSION")).to_owned())
        .language("en".to_owned());
    // 2026-11-23T17:40:05Z
    let part = |from, to| printed.get(from..to)?.parse::<u8>().ok();
    let year = printed.get(..4).and_then(|y| y.parse::<u16>().ok());
    let Some(mut date) = year.map(DateTime::new) else {
        return about;
    };
    if let (Some(month), Some(day)) = (part(5, 7), part(8, 10)) {
        date = date.month(month).day(day);
    }
    if let (Some(hour), Some(minute), Some(second)) = (part(11, 13), part(14, 16), part(17, 19)) {
        date = date.hour(hour).minute(minute).second(second);
    }
    about.creation_date(date.utc_offset_hour(0).utc_offset_minute(0))
}

fn fill(grey: u8) -> Fill {
    Fill {
        paint: luma::Color::new(grey).into(),
        opacity: NormalizedF32::ONE,
        ..Fill::default()
    }
}

fn draw_path(surface: &mut Surface<'_>, steps: &[Step], ink: &Ink) {
    let Some(path) = path(steps) else { return };
    surface.set_fill(ink.fill.map(fill));
    surface.set_stroke(ink.stroke.map(|(width, grey)| Stroke {
        paint: luma::Color::new(grey).into(),
        width,
        dash: ink.dash.map(|array| StrokeDash {
            array: array.to_vec(),
            offset: 0.0,
        }),
        ..Stroke::default()
    }));
    surface.draw_path(&path);
}

fn path(steps: &[Step]) -> Option<Path> {
    let mut path = PathBuilder::new();
    for step in steps {
        match *step {
            Step::Move([x, y]) => path.move_to(x, y),
            Step::Line([x, y]) => path.line_to(x, y),
            Step::Curve([ax, ay], [bx, by], [x, y]) => path.cubic_to(ax, ay, bx, by, x, y),
            Step::Close => path.close(),
        }
    }
    path.finish()
}
