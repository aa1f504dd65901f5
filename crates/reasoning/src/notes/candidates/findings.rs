//! Masses, aneurysms and ascites with their attributes. Record-and-signals R29, R30 and 4.6.

use triptych_clinical::{Quantity, Value};

use super::measure::{hounsfield, lengths};
use super::nearest::{continued, in_sentence, own_length, widest, with_span};
use super::nodules::nodules;
use super::words::Words;
use super::{Candidate, Mention, Statement};
use crate::notes::category::Category;

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
        written: written.into(),
        comparator: None,
        unit: Some(length.unit.into()),
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

/// "Incidental", where the sentence says so.
pub(super) fn put_incidental(sentence: &Statement<'_>, candidate: &mut Candidate) {
    if sentence.words.any_stem(&["incidental"]) {
        candidate.attrs.insert("incidental", "true".to_owned());
    }
}
