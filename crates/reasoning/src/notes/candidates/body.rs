//! Kinds of examination and regions of the body in words, as DICOM writes modalities.

use super::Reading;
use super::words::Words;

/// Words of each modality; longer phrases first.
const MODALITIES: [(&str, &str); 50] = [
    ("pet ct", "PT"),
    ("pet mr", "PT"),
    ("pet", "PT"),
    ("positron emission tomography", "PT"),
    ("mrcp", "MR"),
    ("mra", "MR"),
    ("mrv", "MR"),
    ("mri", "MR"),
    ("mris", "MR"),
    ("mr", "MR"),
    ("magnetic resonance", "MR"),
    ("cardiac mr", "MR"),
    ("cta", "CT"),
    ("ctpa", "CT"),
    ("ct", "CT"),
    ("cts", "CT"),
    ("hrct", "CT"),
    ("ldct", "CT"),
    ("cat scan", "CT"),
    ("computed tomography", "CT"),
    ("computerized tomography", "CT"),
    ("computerised tomography", "CT"),
    ("tomography", "CT"),
    ("ultrasound", "US"),
    ("ultrasounds", "US"),
    ("ultrasonography", "US"),
    ("sonography", "US"),
    ("sonogram", "US"),
    ("us", "US"),
    ("doppler", "US"),
    ("duplex", "US"),
    ("echocardiogram", "US"),
    ("echocardiography", "US"),
    ("echo", "US"),
    ("mammogram", "MG"),
    ("mammograms", "MG"),
    ("mammography", "MG"),
    ("mammographic", "MG"),
    ("tomosynthesis", "MG"),
    ("radiograph", "DX"),
    ("radiographs", "DX"),
    ("radiography", "DX"),
    ("x ray", "DX"),
    ("x rays", "DX"),
    ("xray", "DX"),
    ("xrays", "DX"),
    ("plain film", "DX"),
    ("plain films", "DX"),
    ("cxr", "DX"),
    ("bone scan", "NM"),
];

const REGIONS: [(&str, &[&str]); 10] = [
    ("thyroid", &["thyroid"]),
    (
        "breast",
        &[
            "breast",
            "breasts",
            "mammogram",
            "mammography",
            "mammographic",
            "axilla",
            "axillary",
        ],
    ),
    (
        "spine",
        &["spine", "spinal", "lumbar", "vertebral", "vertebra", "cord"],
    ),
    (
        "head",
        &[
            "head",
            "brain",
            "intracranial",
            "cranial",
            "cerebral",
            "pituitary",
            "sella",
            "orbits",
            "sinuses",
            "iac",
        ],
    ),
    (
        "neck",
        &[
            "neck", "cervical", "larynx", "parotid", "carotid", "carotids",
        ],
    ),
    (
        "chest",
        &[
            "chest",
            "lung",
            "lungs",
            "pulmonary",
            "thorax",
            "thoracic",
            "mediastinal",
            "mediastinum",
            "hilar",
            "lobe",
            "cxr",
            "apical",
            "pleural",
            "lingula",
            "airspace",
            "ctpa",
            "hrct",
            "ldct",
            "pneumonia",
            "lingular",
            "ground",
            "fleischner",
        ],
    ),
    (
        "heart",
        &[
            "cardiac",
            "heart",
            "echocardiogram",
            "echocardiography",
            "echo",
            "coronary",
        ],
    ),
    (
        "abdomen",
        &[
            "abdomen",
            "abdominal",
            "liver",
            "hepatic",
            "adrenal",
            "renal",
            "kidney",
            "kidneys",
            "pancreas",
            "pancreatic",
            "spleen",
            "splenic",
            "gallbladder",
            "biliary",
            "bile",
            "mrcp",
            "quadrant",
            "enterography",
            "urography",
            "bosniak",
            "gallstones",
            "gallstone",
        ],
    ),
    (
        "pelvis",
        &[
            "pelvis",
            "pelvic",
            "ovary",
            "ovarian",
            "uterus",
            "uterine",
            "prostate",
            "adnexal",
            "endometrial",
            "transvaginal",
            "scrotal",
            "testicular",
            "bladder",
        ],
    ),
    (
        "extremity",
        &[
            "knee", "hip", "shoulder", "wrist", "ankle", "elbow", "foot", "hand", "femur", "tibia",
            "scaphoid", "leg", "humerus", "thigh", "forearm",
        ],
    ),
];

/// The modality named at word `i`, and one past its last word.
pub(super) fn modality_at(words: &Words<'_>, i: usize) -> Option<(&'static str, usize)> {
    MODALITIES.iter().find_map(|(phrase, code)| {
        // "us" is a pronoun more often than an examination, unless an organ or "follow up" stands before it.
        let pronoun = *phrase == "us"
            && !words.is(
                i.wrapping_sub(1),
                &[
                    "thyroid",
                    "renal",
                    "abdominal",
                    "pelvic",
                    "breast",
                    "liver",
                    "up",
                    "repeat",
                    "ruq",
                    "dedicated",
                    "doppler",
                    "scrotal",
                    "testicular",
                    "targeted",
                    "aortic",
                ],
            );
        words
            .phrase_at(phrase, i)
            .filter(|_| !pronoun)
            .map(|end| (*code, end))
    })
}

/// The region of the first word that names one.
pub(super) fn region(words: &Words<'_>, range: std::ops::Range<usize>) -> Option<&'static str> {
    // "Cervical spine" and "thoracic spine" are of the spine.
    if range.clone().any(|i| words.is(i, &["spine", "spinal"])) {
        return Some("spine");
    }
    range.into_iter().find_map(|i| {
        REGIONS
            .iter()
            .find_map(|(name, list)| words.is(i, list).then_some(*name))
    })
}

/// The modality of the examination that a report is about: from the words before its first findings.
pub(super) fn modality_of_note(text: &str, reading: &Reading) -> Option<&'static str> {
    let head = reading
        .sections
        .iter()
        .find(|s| {
            matches!(
                s.kind,
                super::SectionKind::Findings | super::SectionKind::Impression
            )
        })
        .map_or(400, |s| s.span.start)
        .min(800);
    let head = super::super::words(
        text,
        super::TextSpan {
            start: 0,
            end: floor(text, head),
        },
    )
    .to_lowercase();
    let tokens = super::english()?.vocabulary.tokens(&head);
    let words = Words::new(&head, &tokens);
    (0..words.len()).find_map(|i| modality_at(&words, i).map(|(m, _)| m))
}

/// The last place at or before `at` where a character begins.
fn floor(text: &str, at: u64) -> u64 {
    let at = usize::try_from(at).unwrap_or(usize::MAX).min(text.len());
    (0..=at)
        .rev()
        .find(|i| text.is_char_boundary(*i))
        .unwrap_or(0) as u64
}

/// Does the text speak of the lungs at all? A bare "nodule" is a lung nodule only there.
pub(super) fn is_about_chest(text: &str) -> bool {
    let bytes = text.as_bytes();
    [b"chest".as_slice(), b"lung", b"pulmonary", b"thora"]
        .iter()
        .any(|word| {
            bytes
                .windows(word.len())
                .any(|w| w.eq_ignore_ascii_case(word))
        })
}
