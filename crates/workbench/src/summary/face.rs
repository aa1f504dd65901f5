//! The type of the printed page: the program's own, in three weights, measured here and embedded by whoever writes the file.

use std::ops::Range;
use std::sync::OnceLock;

use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, GlyphId, MetadataProvider as _};

use crate::letters::{self, Typeface};

/// A weight of IBM Plex Sans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Face {
    Regular,
    Medium,
    Strong,
}

impl Face {
    pub const ALL: [Self; 3] = [Self::Regular, Self::Medium, Self::Strong];

    /// The font's file.
    pub const fn bytes(self) -> &'static [u8] {
        match self {
            Self::Regular => include_bytes!("../../../../assets/fonts/IBMPlexSans-Regular.ttf"),
            Self::Medium => include_bytes!("../../../../assets/fonts/IBMPlexSans-Medium.ttf"),
            Self::Strong => include_bytes!("../../../../assets/fonts/IBMPlexSans-SemiBold.ttf"),
        }
    }

    fn font(self) -> Option<&'static FontRef<'static>> {
        static FONTS: OnceLock<[Option<FontRef<'static>>; 3]> = OnceLock::new();
        let fonts = FONTS.get_or_init(|| Self::ALL.map(|f| FontRef::new(f.bytes()).ok()));
        fonts.get(self as usize)?.as_ref()
    }
}

/// A glyph with its advance and offset in parts of the em (y up), and the bytes of the text that it stands for.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub glyph: u32,
    pub advance: f32,
    pub offset: [f32; 2],
    pub bytes: Range<usize>,
    /// Another script's type; `None` for the face itself.
    pub other: Option<&'static Typeface>,
}

/// The glyphs of a text from left to right: one a character in the face itself, letters of other scripts as their type joins them; glyph 0, an
/// empty box, where no type has the character.
pub(super) fn glyphs(face: Face, words: &str) -> Vec<Placed> {
    let Some(font) = face.font() else {
        return Vec::new();
    };
    let charmap = font.charmap();
    let metrics = font.glyph_metrics(Size::new(1.0), LocationRef::default());
    let mut placed = Vec::with_capacity(words.len());
    let mut letters = words.char_indices().peekable();
    while let Some((at, c)) = letters.next() {
        let glyph = charmap.map(c);
        let other = typeface_without(glyph, c);
        let Some(other) = other else {
            let glyph = glyph.unwrap_or(GlyphId::NOTDEF);
            placed.push(Placed {
                glyph: glyph.to_u32(),
                advance: metrics.advance_width(glyph).unwrap_or_default(),
                offset: [0.0; 2],
                bytes: at..at + c.len_utf8(),
                other: None,
            });
            continue;
        };
        let mut end = at + c.len_utf8();
        let same = |&(_, c): &(usize, char)| typeface_without(charmap.map(c), c) == Some(other);
        while let Some((next, c)) = letters.next_if(same) {
            end = next + c.len_utf8();
        }
        shape(other, words, at..end, &mut placed);
    }
    placed
}

fn typeface_without(glyph: Option<GlyphId>, letter: char) -> Option<&'static Typeface> {
    match glyph {
        Some(_) => None,
        None => letters::typeface_for(letter),
    }
}

/// Appends a stretch of one script, joined and turned as its type says.
fn shape(other: &'static Typeface, words: &str, part: Range<usize>, placed: &mut Vec<Placed>) {
    let font = harfrust::FontRef::from_index(other.bytes, other.index);
    let (Ok(font), Some(text)) = (font, words.get(part.clone())) else {
        return;
    };
    let shaper = harfrust::ShaperData::new(&font);
    let shaper = shaper.shaper(&font).build();
    let em = 1.0 / shaper.units_per_em() as f32;
    let mut buffer = harfrust::UnicodeBuffer::new();
    buffer.push_str(text);
    buffer.guess_segment_properties();
    let shaped = shaper.shape(buffer, harfrust::ShapeOptions::new());
    let starts: Vec<usize> = shaped
        .glyph_infos()
        .iter()
        .map(|g| g.cluster as usize)
        .collect();
    for (info, at) in shaped.glyph_infos().iter().zip(shaped.glyph_positions()) {
        let start = info.cluster as usize;
        let next = starts.iter().copied().filter(|s| *s > start).min();
        placed.push(Placed {
            glyph: info.glyph_id,
            advance: at.x_advance as f32 * em,
            offset: [at.x_offset as f32 * em, at.y_offset as f32 * em],
            bytes: part.start + start..part.start + next.unwrap_or(text.len()),
            other: Some(other),
        });
    }
}

/// Points.
pub(super) fn width(face: Face, size: f32, words: &str) -> f32 {
    glyphs(face, words).iter().map(|g| g.advance).sum::<f32>() * size
}

/// How many characters no type can show.
pub(super) fn without_glyph(face: Face, words: &str) -> usize {
    let placed = glyphs(face, words);
    placed.iter().filter(|g| g.glyph == 0).count()
}

/// The outline of a glyph at a size, in points, y up.
pub(super) fn outline(face: Face, size: f32, placed: &Placed, pen: &mut impl OutlinePen) {
    let other = placed.other.and_then(Typeface::font);
    let Some(font) = other.as_ref().or_else(|| face.font()) else {
        return;
    };
    if let Some(outline) = font.outline_glyphs().get(GlyphId::new(placed.glyph)) {
        let settings = DrawSettings::unhinted(Size::new(size), LocationRef::default());
        // A glyph that cannot be drawn leaves its place empty.
        let _ = outline.draw(settings, pen);
    }
}

/// `words` in lines no wider than `width`; what does not fit in `most` lines ends in an ellipsis.
pub(super) fn wrap(face: Face, size: f32, words: &str, width: f32, most: usize) -> Vec<String> {
    let measure = |text: &str| self::width(face, size, text);
    let mut lines: Vec<String> = vec![String::new()];
    for word in words
        .split_whitespace()
        .flat_map(|w| pieces(w, width, &measure))
    {
        let Some(line) = lines.last_mut() else { break };
        let longer = match line.is_empty() {
            true => word.clone(),
            false => format!("{line} {word}"),
        };
        if line.is_empty() || measure(&longer) <= width {
            *line = longer;
        } else {
            lines.push(word);
        }
    }
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            while !last.is_empty() && measure(&format!("{last}…")) > width {
                last.pop();
            }
            *last = format!("{}…", last.trim_end());
        }
    }
    lines
}

/// A word, in parts where it is wider than the line.
fn pieces(word: &str, width: f32, measure: &impl Fn(&str) -> f32) -> Vec<String> {
    let mut parts = vec![String::new()];
    for c in word.chars() {
        let Some(part) = parts.last_mut() else { break };
        part.push(c);
        if part.chars().count() > 1 && measure(part) > width {
            part.pop();
            parts.push(c.to_string());
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_of_one_width_and_what_has_no_glyph_is_counted() {
        let digit = width(Face::Regular, 10.0, "1");
        for face in Face::ALL {
            for d in "0123456789+\u{2212}<>".chars() {
                assert!(
                    (width(face, 10.0, &d.to_string()) - digit).abs() < 1e-4,
                    "{d}"
                );
            }
        }
        assert_eq!(
            without_glyph(Face::Regular, "Ørsted µ ≥ \u{10FFF0}\u{10FFF1}"),
            2
        );
    }

    #[test]
    fn lines_are_no_wider_than_asked_and_a_cut_is_seen() {
        let words =
            "Insulin isophane/insulin regular Pneumonoultramicroscopicsilicovolcanoconiosis";
        for most in 1..6 {
            let lines = wrap(Face::Medium, 8.0, words, 90.0, most);
            assert!(lines.len() <= most);
            for line in &lines {
                assert!(width(Face::Medium, 8.0, line) <= 90.0, "{line}");
            }
            let all: String = lines.concat().split_whitespace().collect();
            let whole: String = words.split_whitespace().collect();
            assert_eq!(all == whole, !all.ends_with('…'));
        }
        assert_eq!(wrap(Face::Regular, 8.0, "", 90.0, 2), [""]);
    }

    #[test]
    fn letters_of_other_scripts_are_joined_and_none_is_a_box() {
        for name in ["قباني", "דבורה", "ΔΙΟΝΥΣΙΟΣ", "Люкceмбypг"] {
            assert_eq!(without_glyph(Face::Strong, name), 0, "{name}");
        }
        let joined: Vec<u32> = glyphs(Face::Regular, "بب")
            .iter()
            .map(|g| g.glyph)
            .collect();
        let alone = glyphs(Face::Regular, "ب");
        assert_eq!((joined.len(), alone.len()), (2, 1));
        // The last of the word stands first on the line; neither looks as it does alone.
        assert!(joined.iter().all(|g| *g != alone[0].glyph) && joined[0] != joined[1]);
        let bytes: Vec<_> = glyphs(Face::Regular, "بب")
            .into_iter()
            .map(|g| g.bytes)
            .collect();
        assert_eq!(bytes, [2..4, 0..2]);
    }
}
