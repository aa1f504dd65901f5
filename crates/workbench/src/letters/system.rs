//! The fonts of this machine.

use std::sync::OnceLock;

use fontdb::{Database, ID, Style};
use skrifa::FontRef;

use super::{Typeface, draws};

/// So many letters are looked for in vain; then a text of letters that do not exist holds up no more frames.
pub(super) const MOST_MISSED: usize = 64;

/// Families with the letters of East Asia, in the order in which they are tried: those of the machine's language first. One letter has other
/// strokes in Japan than in China.
const FAMILIES: [(&str, &str); 18] = [
    ("ja", "Noto Sans CJK JP"),
    ("ja", "Noto Sans JP"),
    ("ja", "Yu Gothic"),
    ("ja", "Meiryo"),
    ("ja", "IPAGothic"),
    ("zh", "Noto Sans CJK SC"),
    ("zh", "Noto Sans SC"),
    ("zh", "Microsoft YaHei"),
    ("zh", "WenQuanYi Zen Hei"),
    ("zh", "Noto Sans CJK TC"),
    ("zh", "Microsoft JhengHei"),
    ("ko", "Noto Sans CJK KR"),
    ("ko", "Noto Sans KR"),
    ("ko", "Malgun Gothic"),
    ("ko", "NanumGothic"),
    ("", "Noto Sans"),
    ("", "DejaVu Sans"),
    ("", "Segoe UI"),
];

struct System {
    fonts: Database,
    /// Best first.
    order: Vec<ID>,
}

fn system() -> &'static System {
    static SYSTEM: OnceLock<System> = OnceLock::new();
    SYSTEM.get_or_init(|| {
        let mut fonts = Database::new();
        fonts.load_system_fonts();
        let language = ["LC_ALL", "LC_CTYPE", "LANG"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()))
            .unwrap_or_default();
        let mut order: Vec<_> = fonts.faces().map(|f| (rank(f, &language), f.id)).collect();
        order.sort_by(|a, b| a.0.cmp(&b.0));
        let order = order.into_iter().map(|(_, id)| id).collect();
        System { fonts, order }
    })
}

type Rank = (bool, bool, usize, u16, bool, String, u32);

fn rank(face: &fontdb::FaceInfo, language: &str) -> Rank {
    let family = face.families.first().map_or("", |(name, _)| name.as_str());
    let place = FAMILIES.iter().position(|(_, name)| *name == family);
    let is_own = place
        .and_then(|p| FAMILIES.get(p))
        .is_some_and(|(of, _)| !of.is_empty() && language.starts_with(of));
    (
        !is_own,
        face.style != Style::Normal,
        place.unwrap_or(FAMILIES.len()),
        face.weight.0.abs_diff(400),
        face.monospaced,
        face.post_script_name.clone(),
        face.index,
    )
}

/// The best face of this machine with `letter`, read into memory for good.
pub(super) fn find(letter: char) -> Option<&'static Typeface> {
    let System { fonts, order } = system();
    let has = |id: &&ID| {
        let drawn = |bytes: &[u8], index| {
            FontRef::from_index(bytes, index).is_ok_and(|font| draws(&font, letter))
        };
        fonts.with_face_data(**id, drawn) == Some(true)
    };
    let id = *order.iter().find(has)?;
    let face = fonts.face(id)?;
    let bytes = fonts.with_face_data(id, |bytes, _| bytes.to_vec())?;
    let name = face.families.first().map_or("", |(name, _)| name.as_str());
    tracing::info!(name, bytes = bytes.len(), "a font of this machine is used");
    // A face is drawn with until the program ends; there are as many as scripts.
    Some(Box::leak(Box::new(Typeface {
        name: name.to_owned(),
        bytes: bytes.leak(),
        index: face.index,
    })))
}
