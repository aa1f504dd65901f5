//! Nodules, masses, aneurysms and ascites with their attributes. Record-and-signals R27 to R30 and 4.6.

use triptych_clinical::{Quantity, Value};

use super::body;
use super::measure::{Length, hounsfield, lengths};
use super::words::Words;
use super::{Candidate, Mention, Statement};
use crate::notes::category::Category;
use crate::notes::span;

pub(super) fn propose<'a>(
    sentence: &Statement<'_>,
    after: impl Fn() -> Option<Words<'a>>,
    found: &mut Vec<Candidate>,
) {
    nodules(sentence, &after, found);
    adrenal(sentence, &after, found);
    aorta(sentence, &after, found);
    ascites(sentence, found);
}

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
fn nodules<'a>(
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

fn adrenal<'a>(
    sentence: &Statement<'_>,
    after: &impl Fn() -> Option<Words<'a>>,
    found: &mut Vec<Candidate>,
) {
    let words = &sentence.words;
    if words.any(&["adrenal", "adrenals"]).is_none() {
        return;
    }
    let named = |m: &&Mention| {
        m.concept.id == "adrenal-mass"
            || matches!(m.concept.id.as_str(), "lung-nodule" | "mass" | "lesion")
    };
    let Some(mention) = sentence
        .mentions
        .iter()
        .filter(|m| super::may_be_proposed(m.categories))
        .find(named)
    else {
        return;
    };
    // "The adrenal glands … a liver mass" is of the liver.
    if mention.concept.id != "adrenal-mass"
        && words.has(&[
            "liver",
            "hepatic",
            "renal",
            "kidney",
            "pancreatic",
            "pulmonary",
            "lung",
        ])
    {
        return;
    }
    let next = continued(after);
    let own = own_length(sentence, mention, &[mention], after);
    let mut candidate = with_span(sentence, "tri:adrenal_mass", mention, own.as_ref());
    let mut put = |name, value: String| candidate.attrs.insert(name, value);
    if let Some(length) = &own {
        put("size_mm", format!("{}", length.longest_mm().round()));
    }
    let enhanced = |w: &Words<'_>| {
        w.has(&[
            "post contrast",
            "postcontrast",
            "portal venous",
            "enhanced",
            "delayed",
            "washout",
            "contrast enhanced",
        ]) && !w.has(&[
            "unenhanced",
            "non contrast",
            "noncontrast",
            "precontrast",
            "pre contrast",
            "without contrast",
            "non enhanced",
        ])
    };
    // R29 reads unenhanced attenuation only.
    let here = hounsfield(sentence.note.text, words).filter(|_| !enhanced(words));
    let hu = here.or_else(|| {
        next.as_ref()
            .and_then(|n| hounsfield(sentence.note.text, n).filter(|_| !enhanced(n)))
    });
    if let Some(hu) = hu {
        put("hu", format!("{hu}"));
    }
    let texture = |w: &Words<'_>| {
        if w.has(&["heterogeneous", "heterogenous", "inhomogeneous"]) {
            Some("false")
        } else {
            w.has(&["homogeneous", "homogenous", "homogeneously", "uniform"])
                .then_some("true")
        }
    };
    if let Some(value) = texture(words).or_else(|| next.as_ref().and_then(texture)) {
        put("homogeneous", value.to_owned());
    }
    if let Some(side) = words.any(&["left", "right", "bilateral"]) {
        put("side", words.at(side).to_owned());
    }
    put_incidental(sentence, &mut candidate);
    found.push(candidate);
}

fn aorta<'a>(
    sentence: &Statement<'_>,
    after: &impl Fn() -> Option<Words<'a>>,
    found: &mut Vec<Candidate>,
) {
    let words = &sentence.words;
    let abdominal = words.has(&[
        "abdominal aortic",
        "abdominal aorta",
        "aaa",
        "infrarenal",
        "juxtarenal",
        "infrarenal aorta",
    ]);
    let other = words.any_stem(&[
        "thorac",
        "ascending",
        "iliac",
        "popliteal",
        "cerebral",
        "splenic",
        "femoral",
        "arch",
    ]);
    let repaired = words.any_stem(&["repair", "endograft", "evar", "stent", "endovascular"]);
    if !abdominal || other || repaired {
        return;
    }
    let mention = sentence.mentions.iter().find(|m| {
        matches!(
            m.concept.id.as_str(),
            "abdominal-aortic-aneurysm" | "aneurysm"
        )
    });
    let refused = mention.is_some_and(|m| !super::may_be_proposed(m.categories));
    let own = match mention {
        Some(m) => own_length(sentence, m, &[m], after),
        None => widest(&lengths(words)),
    };
    // R30 begins at 25 mm; a narrower aorta is no candidate.
    let Some(length) = own.filter(|l| !refused && (25.0..=150.0).contains(&l.longest_mm())) else {
        return;
    };
    let place = mention.map_or_else(|| length.first..length.end, |m| sentence.place_of(m.span));
    let mut candidate = sentence.candidate(
        "tri:aaa_diameter",
        sentence.bytes(&place),
        mention.map(|m| m.categories).unwrap_or_default(),
    );
    if in_sentence(sentence, &length) {
        candidate.span =
            sentence.bytes(&(place.start.min(length.first)..place.end.max(length.end)));
    }
    let in_unit = if length.unit == "cm" {
        length.longest_mm() / 10.0
    } else {
        length.longest_mm()
    };
    // Tenths of a millimetre are beyond any calliper.
    let written = format!("{}", (in_unit * 100.0).round() / 100.0);
    candidate.value = Value::Quantity(Quantity {
        value: written.parse().unwrap_or(in_unit),
        written,
        comparator: None,
        unit: Some(length.unit.to_owned()),
        unit_text: None,
    });
    if let Some(modality) = sentence.note.modality {
        candidate.attrs.insert("modality", modality.to_owned());
    }
    put_incidental(sentence, &mut candidate);
    found.push(candidate);
}

fn ascites(sentence: &Statement<'_>, found: &mut Vec<Candidate>) {
    const MILD: [&str; 9] = [
        "mild", "small", "trace", "minimal", "slight", "scant", "little", "tiny", "minor",
    ];
    const MORE: [&str; 11] = [
        "moderate",
        "large",
        "gross",
        "tense",
        "massive",
        "marked",
        "severe",
        "significant",
        "abundant",
        "considerable",
        "refractory",
    ];
    for mention in sentence
        .usable("ascites")
        .filter(|m| !m.categories.contains(Category::Historical))
    {
        let place = sentence.place_of(mention.span);
        // The nearest grade before it, or "ascites, moderate" after it.
        let grade = (place.start.saturating_sub(6)..place.start)
            .rev()
            .chain(place.end..place.end + 3)
            .find_map(|i| {
                if sentence.words.is(i, &MILD) {
                    Some("mild")
                } else {
                    sentence.words.is(i, &MORE).then_some("moderate")
                }
            });
        let mut candidate = sentence.candidate("tri:ascites", mention.span, mention.categories);
        if let Some(grade) = grade {
            candidate.value = Value::Text(grade.to_owned());
        }
        found.push(candidate);
    }
}

fn put_incidental(sentence: &Statement<'_>, candidate: &mut Candidate) {
    if sentence.words.any_stem(&["incidental"]) {
        candidate.attrs.insert("incidental", "true".to_owned());
    }
    if let Some(region) = body::region(&sentence.words, 0..0) {
        candidate.attrs.insert("region", region.to_owned());
    }
}

fn with_span(
    sentence: &Statement<'_>,
    code: &'static str,
    mention: &Mention,
    own: Option<&Length>,
) -> Candidate {
    let mut candidate = sentence.candidate(code, mention.span, mention.categories);
    if let Some(length) = own.filter(|l| in_sentence(sentence, l)) {
        let place = sentence.place_of(mention.span);
        candidate.span =
            sentence.bytes(&(place.start.min(length.first)..place.end.max(length.end)));
    }
    candidate
}

/// A length that was taken from the following sentence has places beyond this one.
fn in_sentence(sentence: &Statement<'_>, length: &Length) -> bool {
    length.end <= sentence.words.len()
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

/// The next sentence where it goes on about the same thing: "It measures 8 mm."
fn continued<'a>(after: &impl Fn() -> Option<Words<'a>>) -> Option<Words<'a>> {
    after().filter(|w| {
        w.is(
            0,
            &[
                "it",
                "this",
                "these",
                "measuring",
                "measures",
                "which",
                "size",
                "dimensions",
            ],
        ) || w.has(&[
            "the nodule measures",
            "the mass measures",
            "the lesion measures",
            "the aneurysm measures",
            "the nodule is",
            "the lesion is",
            "the mass is",
        ])
    })
}

fn widest(all: &[Length]) -> Option<Length> {
    all.iter()
        .max_by(|a, b| a.longest_mm().total_cmp(&b.longest_mm()))
        .cloned()
}

/// The length of this mention: each length belongs to the mention nearest to it, each mention has the nearest of its own.
fn own_length<'a>(
    sentence: &Statement<'_>,
    mention: &Mention,
    all: &[&Mention],
    after: &impl Fn() -> Option<Words<'a>>,
) -> Option<Length> {
    let place = sentence.place_of(mention.span);
    let distance = |m: &Mention, length: &Length| {
        let other = sentence.place_of(m.span);
        if length.end <= other.start {
            // A size before its noun is the usual order.
            (other.start - length.end) * 2
        } else {
            length.first.saturating_sub(other.end) * 2 + 1
        }
    };
    let here = lengths(&sentence.words);
    // "Previously 6 mm" is another day's size.
    let current = |l: &&Length| {
        !(0..3).any(|back| {
            l.first.checked_sub(back + 1).is_some_and(|i| {
                sentence.words.is(
                    i,
                    &[
                        "previously",
                        "formerly",
                        "was",
                        "prior",
                        "previous",
                        "compared",
                        "versus",
                    ],
                )
            })
        })
    };
    let own = here
        .iter()
        .filter(current)
        .filter(|l| {
            let nearest = all.iter().min_by_key(|m| distance(m, l));
            nearest.is_none_or(|m| m.span == mention.span)
        })
        .min_by_key(|l| distance(mention, l))
        .cloned();
    if own.is_some() || !here.is_empty() || all.len() > 1 {
        return own;
    }
    let next = continued(after)?;
    let mut length = lengths(&next).into_iter().next()?;
    // Marked as lying beyond this sentence.
    length.first = sentence.words.len().max(place.end) + 1;
    length.end = length.first + 1;
    Some(length)
}

impl Statement<'_> {
    pub(super) fn bytes(&self, place: &std::ops::Range<usize>) -> triptych_clinical::TextSpan {
        let start = self.words.tokens.get(place.start).map_or(0, |t| t.start);
        let end = self
            .words
            .tokens
            .get(place.end.saturating_sub(1))
            .map_or(start, |t| t.end);
        span(start, end)
    }
}
