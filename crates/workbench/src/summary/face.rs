//! The type of the printed page: the program's own, in three weights, measured here and embedded by whoever writes the file.

use std::sync::OnceLock;

use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, GlyphId, MetadataProvider as _};

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

/// A glyph with its advance in parts of the em, and the bytes of the text that it stands for.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub glyph: u32,
    pub advance: f32,
    pub bytes: std::ops::Range<usize>,
}

/// The glyphs of a text, one a character; glyph 0, an empty box, where the type has none.
pub(super) fn glyphs(face: Face, words: &str) -> Vec<Placed> {
    let Some(font) = face.font() else {
        return Vec::new();
    };
    let charmap = font.charmap();
    let metrics = font.glyph_metrics(Size::new(1.0), LocationRef::default());
    words
        .char_indices()
        .map(|(at, c)| {
            let glyph = charmap.map(c).unwrap_or(GlyphId::NOTDEF);
            Placed {
                glyph: glyph.to_u32(),
                advance: metrics.advance_width(glyph).unwrap_or_default(),
                bytes: at..at + c.len_utf8(),
            }
        })
        .collect()
}

/// Points.
pub(super) fn width(face: Face, size: f32, words: &str) -> f32 {
    glyphs(face, words).iter().map(|g| g.advance).sum::<f32>() * size
}

/// How many characters the type cannot show.
pub(super) fn without_glyph(face: Face, words: &str) -> usize {
    let Some(font) = face.font() else { return 0 };
    let charmap = font.charmap();
    words.chars().filter(|c| charmap.map(*c).is_none()).count()
}

/// The outline of a glyph at a size, in points, y up.
pub(super) fn outline(face: Face, size: f32, glyph: u32, pen: &mut impl OutlinePen) {
    let outlines = face.font().map(|f| f.outline_glyphs());
    if let Some(outline) = outlines.and_then(|o| o.get(GlyphId::new(glyph))) {
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
        assert_eq!(without_glyph(Face::Regular, "Ørsted µ ≥ 佐藤"), 2);
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
}
