//! Letters that IBM Plex does not have: their typefaces, and where right-to-left words stand on a line.
//!
//! Two patients whose names are rows of empty boxes look the same. Arabic, Devanagari, Hebrew and Thai are embedded (Noto Sans, OFL 1.1);
//! Chinese, Japanese and Korean are too large for that and come from this machine's own fonts, as does any other letter. What nobody has a
//! typeface for is kept, so that the window and `doctor` can say so.

mod order;
mod system;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, OnceLock, PoisonError};

use skrifa::{FontRef, MetadataProvider as _};

pub use order::{reads_from_right, visual};

use crate::doctor::{Health, Line};

/// A file of type, held as long as the program runs.
pub struct Typeface {
    /// `Noto Sans Arabic`
    pub name: String,
    /// The whole file.
    pub bytes: &'static [u8],
    /// Place of the face in a collection; 0 elsewhere.
    pub index: u32,
}

impl PartialEq for Typeface {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl std::fmt::Debug for Typeface {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Typeface").field(&self.name).finish()
    }
}

impl Typeface {
    /// The face as a table of glyphs.
    pub(crate) fn font(&self) -> Option<FontRef<'static>> {
        FontRef::from_index(self.bytes, self.index).ok()
    }

    fn has(&self, letter: char) -> bool {
        self.font().is_some_and(|font| draws(&font, letter))
    }
}

/// An outline, not a picture in colours: the painters of the page and of the window fill outlines.
fn draws(font: &FontRef<'_>, letter: char) -> bool {
    let glyph = font.charmap().map(letter);
    glyph.is_some_and(|g| font.outline_glyphs().get(g).is_some())
}

#[derive(Default)]
struct Known {
    of: HashMap<char, Option<&'static Typeface>>,
    /// Faces of this machine that were needed.
    loaded: Vec<&'static Typeface>,
    missing: BTreeSet<char>,
}

fn known() -> std::sync::MutexGuard<'static, Known> {
    static KNOWN: OnceLock<Mutex<Known>> = OnceLock::new();
    KNOWN
        .get_or_init(Mutex::default)
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
}

/// The typeface for a letter that IBM Plex does not have. The first letter that no embedded face has makes a list of this machine's fonts.
#[must_use]
pub fn typeface_for(letter: char) -> Option<&'static Typeface> {
    let mut known = known();
    if let Some(found) = known.of.get(&letter) {
        return *found;
    }
    let found = match known.missing.len() < system::MOST_MISSED {
        true => known.find(letter),
        false => known.at_hand(letter),
    };
    if found.is_none() {
        known.missing.insert(letter);
    }
    known.of.insert(letter, found);
    found
}

impl Known {
    fn at_hand(&self, letter: char) -> Option<&'static Typeface> {
        let mut faces = embedded().iter().chain(self.loaded.iter().copied());
        faces.find(|face| face.has(letter))
    }

    fn find(&mut self, letter: char) -> Option<&'static Typeface> {
        self.at_hand(letter).or_else(|| {
            let found = system::find(letter);
            self.loaded.extend(found);
            found
        })
    }
}

/// Letters that were asked for and that no typeface here has, `U+9673, U+5C71 + 3`; empty where all could be drawn.
#[must_use]
pub fn missing() -> String {
    let missing = &known().missing;
    let named: Vec<String> = missing
        .iter()
        .take(3)
        .map(|c| format!("U+{:04X}", u32::from(*c)))
        .collect();
    let more = match missing.len() - named.len() {
        0 => String::new(),
        n => format!(" + {n}"),
    };
    named.join(", ") + &more
}

fn embedded() -> &'static [Typeface] {
    static EMBEDDED: OnceLock<[Typeface; 4]> = OnceLock::new();
    EMBEDDED.get_or_init(|| {
        let files: [(&str, &'static [u8]); 4] = [
            (
                "Noto Sans Arabic",
                include_bytes!("../../../../assets/fonts/NotoSansArabic-Regular.ttf"),
            ),
            (
                "Noto Sans Devanagari",
                include_bytes!("../../../../assets/fonts/NotoSansDevanagari-Regular.ttf"),
            ),
            (
                "Noto Sans Hebrew",
                include_bytes!("../../../../assets/fonts/NotoSansHebrew-Regular.ttf"),
            ),
            (
                "Noto Sans Thai",
                include_bytes!("../../../../assets/fonts/NotoSansThai-Regular.ttf"),
            ),
        ];
        files.map(|(name, bytes)| Typeface {
            name: name.to_owned(),
            bytes,
            index: 0,
        })
    })
}

/// What `doctor` says: which scripts names can be read in. It reads this machine's fonts, and so is no line of the window's start.
#[must_use]
pub fn doctor_line() -> Line {
    let scripts = [("Chinese", '陳'), ("Japanese", 'や'), ("Korean", '김')];
    let own = "Latin, Greek, Cyrillic, Arabic, Devanagari, Hebrew, Thai";
    let (there, not): (Vec<_>, Vec<_>) = scripts
        .map(|(script, letter)| (script, known().find(letter)))
        .into_iter()
        .partition(|(_, face)| face.is_some());
    let mut text = own.to_owned();
    for (script, face) in there {
        let name = face.map_or("", |f| f.name.as_str());
        text += &format!(", {script} ({name})");
    }
    if not.is_empty() {
        return Line::new("letters", Health::Works, text);
    }
    let not: Vec<&str> = not.into_iter().map(|(script, _)| script).collect();
    text += &format!("; no font for {}", not.join(", "));
    Line::new("letters", Health::Look, text)
        .remedy("names in these scripts are drawn as boxes: install a font for them, such as fonts-noto-cjk")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_scripts_are_always_there() {
        for (letter, face) in [
            ('ق', "Noto Sans Arabic"),
            ('ש', "Noto Sans Hebrew"),
            ('क', "Noto Sans Devanagari"),
            ('ก', "Noto Sans Thai"),
        ] {
            let found = typeface_for(letter).map(|f| f.name.as_str());
            assert_eq!(found, Some(face), "{letter}");
        }
    }

    #[test]
    fn to_ask_what_is_there_misses_nothing() {
        assert!(doctor_line().text.contains("Hebrew"));
        assert!(!missing().contains("U+9673"), "{}", missing());
    }

    #[test]
    fn a_letter_without_a_typeface_is_named() {
        // A place in the last private plane, which no font should fill.
        let nobody = '\u{10FFF0}';
        assert_eq!(typeface_for(nobody), None);
        assert!(missing().contains("U+10FFF0"), "{}", missing());
    }
}
