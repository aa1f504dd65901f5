//! Lung and thyroid nodules. Record-and-signals R27 and R28.

use super::findings::put_incidental;
use super::measure::{Length, lengths};
use super::nearest::{own_length, with_span};
use super::words::Words;
use super::{Candidate, Mention, Statement};

const LUNG: [&str; 30] = [
    "lung",
    "lungs",
    "pulmonary",
    "lobe",
    "lobes",
    "lobar",
    "rul",
    "rml",
    "rll",
    "lul",
    "lll",
    "lingula",
    "lingular",
    "apex",
    "apical",
    "apices",
    "fissure",
    "perifissural",
    "subpleural",
    "pleural",
    "hemithorax",
    "upper",
    "lower",
    "middle",
    "basal",
    "base",
    "chest",
    "fleischner",
    "hilar",
    "intrapulmonary",
];
const ELSEWHERE: [&str; 35] = [
    "thyroid",
    "adrenal",
    "breast",
    "breasts",
    "liver",
    "hepatic",
    "renal",
    "kidney",
    "kidneys",
    "skin",
    "subcutaneous",
    "vocal",
    "prostate",
    "prostatic",
    "lymph",
    "node",
    "nodes",
    "soft",
    "scalp",
    "spleen",
    "splenic",
    "pancreas",
    "pancreatic",
    "parotid",
    "cutaneous",
    "rheumatoid",
    "tissue",
    "mesenteric",
    "peritoneal",
    "omental",
    "heberden's",
    "isthmus",
    "areola",
    "testicular",
    "schmorl's",
];

/// Lung and thyroid nodules.
pub(super) fn nodules<'a>(
    sentence: &Statement<'_>,
    after: &impl Fn() -> Option<Words<'a>>,
    found: &mut Vec<Candidate>,
) {
    let words = &sentence.words;
    let thyroid = words.any(&["thyroid", "isthmus"]).is_some();
    let bare_elsewhere = words.any(&ELSEWHERE).is_some();
    let lung = words.any(&LUNG).is_some();
    let all: Vec<&Mention> = sentence
        .mentions
        .iter()
        .filter(|m| matches!(m.concept.id.as_str(), "lung-nodule" | "thyroid-nodule"))
        .collect();
    for mention in sentence
        .usable("thyroid-nodule")
        .chain(sentence.usable("lung-nodule"))
    {
        let place = sentence.place_of(mention.span);
        let named = words.text.get(place.clone()).unwrap_or_default();
        let named_lung = named.iter().any(|w| w == "lung" || w == "pulmonary");
        if mention.concept.id == "thyroid-nodule" || (thyroid && !named_lung) {
            if named.iter().any(|w| w.starts_with("nod")) {
                found.push(thyroid_nodule(sentence, mention, &all, after));
            }
        } else if named_lung || (!bare_elsewhere && (lung || sentence.note.about_chest)) {
            let own = own_length(sentence, mention, &all, after);
            found.push(lung_nodule(sentence, mention, own.as_ref()));
        }
    }
}

fn lung_nodule(sentence: &Statement<'_>, mention: &Mention, own: Option<&Length>) -> Candidate {
    let words = &sentence.words;
    let place = sentence.place_of(mention.span);
    let near = segment(sentence, &place, own);
    let mut candidate = with_span(sentence, "tri:lung_nodule", mention, own);
    let mut put = |name, value: String| candidate.attrs.insert(name, value);
    if let Some(length) = own {
        put("size_mm", format!("{}", length.mean_mm()));
    }
    if let Some(kind) = nodule_type(words, near.clone()) {
        put("type", kind.to_owned());
    }
    if let Some(site) = lobe(words, near.clone()) {
        put("location", site.to_owned());
    }
    let plural = words
        .text
        .get(place.clone())
        .unwrap_or_default()
        .iter()
        .any(|w| w.ends_with('s'));
    let many = words.has(&[
        "multiple",
        "several",
        "numerous",
        "innumerable",
        "scattered",
        "few",
        "bilateral",
    ]);
    if plural || many {
        put("count", "multiple".to_owned());
    }
    if words.has(&["perifissural", "fissural", "intrapulmonary lymph node"]) {
        put("perifissural", "true".to_owned());
    }
    if words.any_stem(&["spiculat"]) {
        put("margin", "spiculated".to_owned());
    }
    put_incidental(sentence, &mut candidate);
    candidate
}

/// `solid`, `part_solid`, `ground_glass`; "subsolid" alone does not say which.
fn nodule_type(words: &Words<'_>, near: std::ops::Range<usize>) -> Option<&'static str> {
    let has = |phrases: &[&str]| {
        near.clone().any(|i| {
            phrases
                .iter()
                .any(|p| words.phrase_at(p, i).is_some_and(|end| end <= near.end))
        })
    };
    if has(&[
        "part solid",
        "partly solid",
        "partially solid",
        "semi solid",
        "semisolid",
        "mixed attenuation",
        "mixed density",
        "mixed solid",
    ]) {
        Some("part_solid")
    } else if has(&[
        "ground glass",
        "groundglass",
        "ggo",
        "ggn",
        "non solid",
        "nonsolid",
    ]) {
        Some("ground_glass")
    } else if has(&["sub solid", "subsolid"]) {
        None
    } else {
        has(&["solid"]).then_some("solid")
    }
}

fn lobe(words: &Words<'_>, near: std::ops::Range<usize>) -> Option<&'static str> {
    const SITES: [(&str, &str); 20] = [
        ("right upper lobe", "right upper lobe"),
        ("rul", "right upper lobe"),
        ("right middle lobe", "right middle lobe"),
        ("rml", "right middle lobe"),
        ("right lower lobe", "right lower lobe"),
        ("rll", "right lower lobe"),
        ("left upper lobe", "left upper lobe"),
        ("lul", "left upper lobe"),
        ("left lower lobe", "left lower lobe"),
        ("lll", "left lower lobe"),
        ("lingula", "lingula"),
        ("lingular", "lingula"),
        ("right apex", "right apex"),
        ("left apex", "left apex"),
        ("right lung base", "right base"),
        ("left lung base", "left base"),
        ("right base", "right base"),
        ("left base", "left base"),
        ("right lung", "right lung"),
        ("left lung", "left lung"),
    ];
    near.clone().find_map(|i| {
        SITES
            .iter()
            .find(|(phrase, _)| {
                words
                    .phrase_at(phrase, i)
                    .is_some_and(|end| end <= near.end)
            })
            .map(|(_, site)| *site)
    })
}

fn thyroid_nodule<'a>(
    sentence: &Statement<'_>,
    mention: &Mention,
    all: &[&Mention],
    after: &impl Fn() -> Option<Words<'a>>,
) -> Candidate {
    let own = own_length(sentence, mention, all, after);
    let mut candidate = with_span(sentence, "tri:thyroid_nodule", mention, own.as_ref());
    if let Some(length) = &own {
        candidate
            .attrs
            .insert("size_mm", format!("{}", length.longest_mm().round()));
    }
    if let Some(modality) = sentence.note.modality {
        candidate.attrs.insert("modality", modality.to_owned());
    }
    let words = &sentence.words;
    if words.any_stem(&["suspicious", "microcalcif", "invasi"])
        && !words.has(&[
            "no suspicious",
            "not suspicious",
            "without suspicious",
            "no microcalcifications",
        ])
    {
        candidate.attrs.insert("suspicious", "true".to_owned());
    }
    if words.has(&["fdg avid", "fdg avidity", "hypermetabolic"])
        && !words.has(&["not fdg", "non fdg", "no fdg", "not hypermetabolic"])
    {
        candidate.attrs.insert("fdg_avid", "true".to_owned());
    }
    put_incidental(sentence, &mut candidate);
    candidate
}

/// The words that speak of this nodule: from the one before to the one after it.
fn segment(
    sentence: &Statement<'_>,
    place: &std::ops::Range<usize>,
    own: Option<&Length>,
) -> std::ops::Range<usize> {
    let others: Vec<usize> = sentence
        .mentions
        .iter()
        .filter(|m| m.concept.id == "lung-nodule")
        .map(|m| sentence.place_of(m.span).start)
        .collect();
    let before = others
        .iter()
        .filter(|o| **o < place.start)
        .max()
        .map_or(0, |o| o + 1);
    // Its own size, where that stands before it, begins what is said of it.
    let start = own
        .filter(|l| before > 0 && l.end <= place.start)
        .map_or(before, |l| l.first.max(before));
    let next = others.iter().filter(|o| **o > place.start).min().copied();
    let end = next.map_or(sentence.words.len(), |n| {
        // What stands before the next one's own size belongs to this one.
        lengths(&sentence.words)
            .iter()
            .rev()
            .find(|l| l.end <= n && l.first >= place.end && own.is_none_or(|o| o.first != l.first))
            .map_or(n, |l| l.first)
    });
    start..end.max(place.end)
}
