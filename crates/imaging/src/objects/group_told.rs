//! What one Measurement Group tells of its drawing beside the graphics: who and when, values with their units, findings, comments.

use sha2::{Digest as _, Sha256};
use triptych_clinical::{Instant, When};

use super::{
    code::{Code, OWN_SCHEME, concepts as c},
    content::{ContentItem, ContentValue},
    context::{offset_minutes, uid_of},
    group_write::{FINAL, MAGNIFICATION},
    outline, quantity,
    report_read::Document,
};
use crate::{
    annotate::{Anchor, Annotation, Shape, Stated},
    display::SpacingProvenance,
};

/// Coding scheme of programs built on Cornerstone, whose free text stands as a code.
const CORNERSTONE: &str = "CORNERSTONEJS";
const FREE_TEXT: &str = "CORNERSTONEFREETEXT";

/// Lines that are said of one drawing, and characters of a line.
const LINES: usize = 12;
const LINE: usize = 120;

/// What a group says of its drawing, as it says it: findings, values with their units, what else is coded; in its order.
pub(super) fn said(group: &ContentItem) -> Vec<String> {
    let line = |item: &ContentItem| {
        let name = item.concept.as_ref().map(Code::shown).unwrap_or_default();
        let words = match &item.value {
            ContentValue::Number(_) => {
                let derivation = item.child(c::DERIVATION).and_then(ContentItem::code);
                let derivation = derivation.map(|d| format!(", {}", d.shown()));
                format!(
                    "{name}{} {}",
                    derivation.unwrap_or_default(),
                    item.value.shown()
                )
            }
            ContentValue::Code(code) if item.is(c::FINDING) || item.is(c::SITE) => {
                code.shown().to_owned()
            }
            ContentValue::Code(code) if !item.is(c::METHOD) => {
                format!("{name}: {}", code.shown())
            }
            _ => return None,
        };
        Some(words.chars().take(LINE).collect())
    };
    group.children.iter().filter_map(line).take(LINES).collect()
}

/// A drawing without its graphics: who, when, what is said of it.
pub(super) fn told(
    group: &ContentItem,
    k: usize,
    document: &Document<'_>,
    values: Vec<Stated>,
    known_mm: Option<f64>,
) -> Annotation {
    let text_of = |concept| {
        let child = group.child(concept);
        child.and_then(ContentItem::text).map(str::to_owned)
    };
    let tracking = text_of(c::TRACKING_UID);
    let uid = group
        .uid
        .clone()
        .unwrap_or_else(|| document.uid_of_group(k));
    let lesion = tracking.clone().unwrap_or_else(|| uid.clone());
    let label = text_of(c::TRACKING_ID).unwrap_or_default();
    let (created, edited) = (c::STARTED, c::ENDED);
    let time = |concept| text_of(concept).and_then(|dt| rfc3339(&dt));
    let own = document.own;
    let finding = group.child(c::FINDING).and_then(ContentItem::code);
    let free = |code: &&Code| code.scheme == CORNERSTONE && code.value == FREE_TEXT;
    let coding = |code: &Code| document.schemes.coding(code);
    let site = group.child(c::SITE).and_then(ContentItem::code);
    let free_text: Vec<String> = [finding, site]
        .into_iter()
        .flatten()
        .filter(free)
        .map(|code| code.meaning.clone())
        .collect();
    let comments = comments(group, &values, known_mm.filter(|_| own));
    let text = if own {
        comments.join("\n")
    } else {
        [free_text, comments].concat().join("\n")
    };
    let last = |i: &ContentItem| {
        i.code()
            .is_some_and(|code| code.scheme == OWN_SCHEME && code.value == FINAL.0)
    };
    let missing = |text: Option<String>, other: &str| match text {
        Some(text) => text,
        None if own => String::new(),
        None => other.to_owned(),
    };
    Annotation {
        label: if own && label == lesion {
            String::new()
        } else {
            label
        },
        shape: Shape::Text,
        points: Vec::new(),
        anchor: Anchor {
            study: document.study.clone(),
            series: document.series.clone(),
            frame_of_reference: None,
            plane: None,
            image: None,
        },
        text,
        known_mm: None,
        finding: finding.filter(|f| !free(f)).map(coding),
        site: site.filter(|s| !free(s)).map(coding),
        values,
        author: missing(text_of(c::PERSON_NAME), &document.author),
        created: missing(time(created), &document.written),
        edited: missing(time(edited), &document.written),
        software: missing(text_of(c::DEVICE_NAME), &document.software),
        locked: !own || group.children.iter().any(last),
        uid,
        lesion,
    }
}

/// DT with an offset as RFC 3339 in UTC, its fraction as it is written.
pub(super) fn rfc3339(dt: &str) -> Option<String> {
    let (text, offset) = dt.split_at_checked(dt.len().checked_sub(5)?)?;
    let offset = offset_minutes(offset)?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if whole.len() != 14 || !digits(whole) || !digits(fraction) {
        return None;
    }
    let part = |range| whole.get(range).unwrap_or_default();
    let local = format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(0..4),
        part(4..6),
        part(6..8),
        part(8..10),
        part(10..12),
        part(12..14)
    );
    let local = When::parse(&local).ok()?.instant;
    let shift = i64::from(offset).checked_mul(60_000_000)?;
    let utc = Instant(local.0.checked_sub(shift)?).to_string();
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{}{point}{fraction}Z", utc.strip_suffix('Z')?))
}

/// What the group states. What none of our quantities is goes to `not_drawn`, in words.
pub(super) fn values(
    group: &ContentItem,
    own: bool,
    not_drawn: &mut Vec<String>,
) -> (Vec<Stated>, Option<f64>) {
    let mut known_mm = None;
    let mut values = Vec::new();
    for item in &group.children {
        let ContentValue::Number(number) = &item.value else {
            continue;
        };
        if item.is(c::KNOWN_LENGTH) {
            known_mm = number.value();
            continue;
        }
        let name = item.concept.as_ref().map(Code::shown).unwrap_or_default();
        match stated(item, own) {
            Some(value) => values.push(value),
            None => not_drawn.push(format!("{name}: {}", item.value.shown())),
        }
    }
    (values, known_mm)
}

/// One NUM as a value of ours.
pub(super) fn stated(item: &ContentItem, own: bool) -> Option<Stated> {
    let ContentValue::Number(number) = &item.value else {
        return None;
    };
    let derivation = item.child(c::DERIVATION).and_then(ContentItem::code);
    let quantity = quantity::quantity(item.concept.as_ref()?, derivation)?;
    let unit = number.unit.as_ref()?;
    let methods = item.children.iter().filter(|i| i.is(c::METHOD));
    let magnification = item.children.iter().find(|i| {
        let own = |code: &Code| code.scheme == OWN_SCHEME && code.value == MAGNIFICATION.0;
        i.concept.as_ref().is_some_and(own)
    });
    let magnification = magnification.and_then(ContentItem::number);
    let provenance = methods
        .filter_map(|m| quantity::provenance(m.code()?, magnification))
        .next();
    // Some programs write pixels as a number without unit whose meaning is "px".
    let pixels = unit.value == "1" && matches!(unit.meaning.as_str(), "px" | "pixels" | "pixel");
    let metric = matches!(
        unit.value.as_str(),
        "mm" | "mm2" | "mm3" | "cm" | "cm2" | "cm3" | "ml"
    );
    let foreign = || match (pixels, metric) {
        (true, _) => Some(SpacingProvenance::Pixels),
        (false, true) => Some(SpacingProvenance::Unknown),
        (false, false) => None,
    };
    Some(Stated {
        quantity,
        value: number.value()?,
        provenance: provenance.or_else(|| if own { None } else { foreign() }),
        unit: if pixels {
            "{pixels}".to_owned()
        } else {
            unit.value.clone()
        },
    })
}

/// Comments without those that we wrote from other values.
fn comments(group: &ContentItem, values: &[Stated], known_mm: Option<f64>) -> Vec<String> {
    let marks: Vec<SpacingProvenance> = values.iter().filter_map(|v| v.provenance).collect();
    let mut ours: Vec<String> = [
        outline::provenance_comment(&marks),
        known_mm.map(outline::calibration_comment),
    ]
    .into_iter()
    .flatten()
    .collect();
    let texts = group.children.iter().filter(|i| i.is(c::COMMENT));
    let mut comments: Vec<String> = texts.filter_map(|i| i.text().map(str::to_owned)).collect();
    comments.retain(|text| {
        let place = ours.iter().position(|o| o == text);
        place.map(|k| ours.remove(k)).is_none()
    });
    comments
}

impl Document<'_> {
    /// A UID for group `k` of a document that gives it none: always the same for the same document.
    fn uid_of_group(&self, k: usize) -> String {
        named(&format!("{} {k}", self.instance))
    }
}

/// Always the same UID for the same words.
pub(super) fn named(words: &str) -> String {
    let digest = Sha256::digest(words);
    let random = digest.first_chunk::<16>().copied().unwrap_or_default();
    uid_of(u128::from_be_bytes(random))
}
