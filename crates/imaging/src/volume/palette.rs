//! Colours for the upper layer of a fused picture: the well-known palettes of PS3.6 Annex B, as tables of 256.

use std::sync::OnceLock;

use serde::Deserialize;

/// A well-known palette.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColourMap {
    /// Name in the menu.
    pub name: String,
    /// Palette Color Lookup Table UID (0028,1199).
    pub uid: String,
    colours: Vec<[u8; 3]>,
}

#[derive(Deserialize)]
struct File {
    palettes: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    uid: String,
    rgb: String,
}

/// Hot Iron first, which PET over CT begins with. Empty only if the file that ships is broken, which a test rules out.
#[must_use]
pub fn colour_maps() -> &'static [ColourMap] {
    static MAPS: OnceLock<Vec<ColourMap>> = OnceLock::new();
    MAPS.get_or_init(|| {
        let file = include_str!("../../../../assets/volume/palettes.json");
        let read = serde_json::from_str::<File>(file).map_or_else(|_| Vec::new(), |f| f.palettes);
        read.into_iter().map(ColourMap::from).collect()
    })
}

impl From<Entry> for ColourMap {
    fn from(entry: Entry) -> Self {
        let digits = entry.rgb.as_bytes().as_chunks::<6>().0;
        let byte = |two: &[u8]| {
            let text = std::str::from_utf8(two).unwrap_or_default();
            u8::from_str_radix(text, 16).unwrap_or(0)
        };
        Self {
            name: entry.name,
            uid: entry.uid,
            colours: digits
                .iter()
                .map(|[a, b, c, d, e, f]| [byte(&[*a, *b]), byte(&[*c, *d]), byte(&[*e, *f])])
                .collect(),
        }
    }
}

impl ColourMap {
    /// Colour of a grey level.
    #[must_use]
    pub fn colour(&self, grey: u8) -> [u8; 3] {
        self.colours
            .get(usize::from(grey))
            .copied()
            .unwrap_or([grey; 3])
    }
}
