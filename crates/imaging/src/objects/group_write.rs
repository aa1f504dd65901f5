//! One drawing as a Measurement Group: TID 1501, or TID 1410 where it encloses pixels.

use glam::DVec3;
use triptych_clinical::{SopInstanceUid, When};

use super::{
    code::{Code, MEANING, OWN_SCHEME, Schemes, concepts as c},
    content::{ContentItem, ContentValue, Number},
    context::{NotWritten, ObjectContext, WriteError, date_and_time},
    outline::{self, Part},
    quantity,
    reference::ImageReference,
};
use crate::{
    annotate::{AnchorImage, AnchorPlane, Annotation, Quantity, Shape, Stated},
    display::SpacingProvenance,
};

pub(super) const CONTAINS: &str = "CONTAINS";
pub(super) const MODIFIER: &str = "HAS CONCEPT MOD";
pub(super) const OBSERVER: &str = "HAS OBS CONTEXT";
pub(super) const ACQUIRED: &str = "HAS ACQ CONTEXT";
const INFERRED: &str = "INFERRED FROM";
const SELECTED: &str = "SELECTED FROM";
const PROPERTY: &str = "HAS PROPERTIES";

/// Concepts of our own: final measurements, magnification of a corrected spacing.
pub(super) const STATE: (&str, &str) = ("State", "State of the measurement");
pub(super) const FINAL: (&str, &str) = ("Final", "Final, not to be changed");
/// Vertices of a curve's line through which it was drawn.
pub(super) const PLACED: (&str, &str) = ("Placed", "Vertices placed by the reader");
pub(super) const MAGNIFICATION: (&str, &str) = ("Magnification", "Radiographic magnification");

/// SOP classes whose instances hold several frames, so that references name the frame.
const MULTI_FRAME: &[&str] = &[
    "1.2.840.10008.5.1.4.1.1.2.1",
    "1.2.840.10008.5.1.4.1.1.2.2",
    "1.2.840.10008.5.1.4.1.1.3.1",
    "1.2.840.10008.5.1.4.1.1.4.1",
    "1.2.840.10008.5.1.4.1.1.4.3",
    "1.2.840.10008.5.1.4.1.1.4.4",
    "1.2.840.10008.5.1.4.1.1.6.2",
    "1.2.840.10008.5.1.4.1.1.6.3",
    "1.2.840.10008.5.1.4.1.1.7.1",
    "1.2.840.10008.5.1.4.1.1.7.2",
    "1.2.840.10008.5.1.4.1.1.7.3",
    "1.2.840.10008.5.1.4.1.1.7.4",
    "1.2.840.10008.5.1.4.1.1.12.1",
    "1.2.840.10008.5.1.4.1.1.12.1.1",
    "1.2.840.10008.5.1.4.1.1.12.2",
    "1.2.840.10008.5.1.4.1.1.12.2.1",
    "1.2.840.10008.5.1.4.1.1.13.1.1",
    "1.2.840.10008.5.1.4.1.1.13.1.2",
    "1.2.840.10008.5.1.4.1.1.13.1.3",
    "1.2.840.10008.5.1.4.1.1.14.1",
    "1.2.840.10008.5.1.4.1.1.14.2",
    "1.2.840.10008.5.1.4.1.1.20",
    "1.2.840.10008.5.1.4.1.1.30",
    "1.2.840.10008.5.1.4.1.1.66.4",
    "1.2.840.10008.5.1.4.1.1.77.1.1.1",
    "1.2.840.10008.5.1.4.1.1.77.1.2.1",
    "1.2.840.10008.5.1.4.1.1.77.1.4.1",
    "1.2.840.10008.5.1.4.1.1.77.1.6",
    "1.2.840.10008.5.1.4.1.1.128.1",
    "1.2.840.10008.5.1.4.1.1.130",
    "1.2.840.10008.5.1.4.1.1.481.1",
    "1.2.840.10008.5.1.4.1.1.481.2",
];

/// A reference to the frame drawn on; to the whole instance where that is one frame.
pub(super) fn reference(image: &AnchorImage) -> ImageReference {
    let several = MULTI_FRAME.contains(&image.sop_class.as_str());
    ImageReference {
        sop_class: image.sop_class.clone(),
        instance: image.instance.clone(),
        frames: if several || image.frame > 0 {
            vec![image.frame]
        } else {
            Vec::new()
        },
        segments: Vec::new(),
    }
}

pub(super) fn item(relationship: &str, concept: Code, value: ContentValue) -> ContentItem {
    ContentItem::new(relationship, Some(concept), value)
}

pub(super) fn code_item(relationship: &str, concept: Code, code: Code) -> ContentItem {
    item(relationship, concept, ContentValue::Code(code))
}

pub(super) fn number(relationship: &str, concept: Code, value: f64, unit: &str) -> ContentItem {
    let number = Number::of(value, Code::unit(unit));
    item(relationship, concept, ContentValue::Number(number))
}

/// Observer context of a person and of the program, TID 1002 to 1004.
pub(super) fn observers(person: &str, device_uid: &str, device_name: &str) -> Vec<ContentItem> {
    let text = |concept: super::code::Concept, text: &str| {
        item(
            OBSERVER,
            concept.code(),
            ContentValue::Text(text.to_owned()),
        )
    };
    let kind =
        |kind: super::code::Concept| code_item(OBSERVER, c::OBSERVER_TYPE.code(), kind.code());
    let mut out = Vec::new();
    if !person.is_empty() {
        out.push(kind(c::PERSON));
        let name = ContentValue::PersonName(person.to_owned());
        out.push(item(OBSERVER, c::PERSON_NAME.code(), name));
    }
    if !device_name.is_empty() {
        out.push(kind(c::DEVICE));
        let uid = ContentValue::Uid(device_uid.to_owned());
        out.push(item(OBSERVER, c::DEVICE_UID.code(), uid));
        out.push(text(c::DEVICE_NAME, device_name));
    }
    out
}

/// RFC 3339 in UTC as DT, in a local time; `None` for what DT cannot say.
///
/// Never with the offset +0000: DCMTK up to 3.6.7 takes it for malformed and refuses the whole report.
pub(super) fn date_time(rfc3339: &str, offset_minutes: i16) -> Option<String> {
    let (date, time) = rfc3339.strip_suffix('Z')?.split_once('T')?;
    let (whole, fraction) = time.split_once('.').unwrap_or((time, ""));
    let pattern = |text: &str, like: &str| {
        text.len() == like.len()
            && text.bytes().zip(like.bytes()).all(|(t, l)| {
                if l == b'0' {
                    t.is_ascii_digit()
                } else {
                    t == l
                }
            })
    };
    let right = pattern(date, "0000-00-00")
        && pattern(whole, "00:00:00")
        && fraction.len() <= 6
        && fraction.bytes().all(|b| b.is_ascii_digit())
        && (time.contains('.') != fraction.is_empty());
    if !right {
        return None;
    }
    let at = When::parse(&format!("{date}T{whole}Z")).ok()?.instant;
    let offset = if offset_minutes == 0 {
        60
    } else {
        offset_minutes
    };
    let (date, time) = date_and_time(at, offset);
    let point = if fraction.is_empty() { "" } else { "." };
    let sign = if offset < 0 { '-' } else { '+' };
    let (hours, minutes) = (offset.unsigned_abs() / 60, offset.unsigned_abs() % 60);
    Some(format!(
        "{date}{time}{point}{fraction}{sign}{hours:02}{minutes:02}"
    ))
}

/// What cannot be said of one drawing.
struct Notes<'a> {
    uid: &'a str,
    all: &'a mut Vec<NotWritten>,
}

impl Notes<'_> {
    fn add(&mut self, reason: impl Into<String>) {
        self.all.push(NotWritten {
            uid: self.uid.to_owned(),
            reason: reason.into(),
        });
    }

    /// Text as TEXT keeps it.
    fn text(&mut self, what: &str, text: &str) -> String {
        let kept = text.trim_matches([' ', '\0']);
        if kept != text {
            self.add(format!("{what}: spaces at its ends"));
        }
        kept.to_owned()
    }

    /// Text as PNAME keeps it.
    fn name(&mut self, what: &str, name: &str) -> String {
        let kept: String = name
            .trim_matches([' ', '\0'])
            .chars()
            .map(|ch| {
                if ch == '\\' || ch.is_control() {
                    ' '
                } else {
                    ch
                }
            })
            .take(MEANING)
            .collect();
        if kept != name {
            self.add(format!("{what}: what a person name cannot hold"));
        }
        kept
    }

    /// A code as a data set can hold it.
    fn code(&mut self, what: &str, mut code: Code) -> Code {
        let meaning: String = code.meaning.chars().take(MEANING).collect();
        if meaning != code.meaning || meaning.contains('\\') {
            self.add(format!("{what}: its words beyond {MEANING} characters"));
            code.meaning = meaning.replace('\\', "/");
        }
        code
    }
}

/// Whether a unit is a length, an area or a volume in the patient.
fn is_metric(unit: &str) -> bool {
    matches!(
        unit,
        "mm" | "cm" | "m" | "mm2" | "cm2" | "mm3" | "cm3" | "ml" | "mL" | "l" | "L"
    )
}

/// One drawing as a group. `None` when reports cannot hold it: then `not_written` says why.
pub(super) fn group(
    a: &Annotation,
    context: &ObjectContext,
    schemes: &mut Schemes,
    not_written: &mut Vec<NotWritten>,
    volume_elsewhere: bool,
) -> Result<Option<ContentItem>, WriteError> {
    for uid in [&a.uid, &a.lesion] {
        SopInstanceUid::new(uid).map_err(|_| WriteError::Uid(uid.clone()))?;
    }
    for value in &a.values {
        if value.provenance == Some(SpacingProvenance::Pixels) && is_metric(&value.unit) {
            return Err(WriteError::Millimetres {
                uid: a.uid.clone(),
                unit: value.unit.clone(),
            });
        }
    }
    let mut notes = Notes {
        uid: &a.uid,
        all: not_written,
    };
    if matches!(a.shape, Shape::Arrow | Shape::Text) {
        notes.add("arrows and texts are written into a presentation state");
        return Ok(None);
    }
    let Some(parts) = outline::parts(a.shape, &a.points) else {
        notes.add("its points are not those of its shape");
        return Ok(None);
    };
    let Some(place) = Place::of(a) else {
        notes.add("it lies on no image and in no frame of reference");
        return Ok(None);
    };
    let narrow = a.points.iter().flatten();
    #[expect(clippy::cast_possible_truncation, reason = "what is asked for")]
    if narrow.into_iter().any(|v| f64::from(*v as f32) != *v) {
        notes.add("points: they are kept as single floats");
    }

    let container = ContentValue::Container("CONTINUOUS".to_owned());
    let mut group = item(CONTAINS, c::GROUP.code(), container);
    let region = a.shape.is_region();
    group.template = Some(if region { "1410" } else { "1501" }.to_owned());
    group.uid = Some(a.uid.clone());
    let label = notes.text("label", &a.label);
    // The identifier is mandatory: without a label it is the UID itself.
    let label = if label.is_empty() {
        a.lesion.clone()
    } else {
        label
    };
    group = group
        .with(item(
            OBSERVER,
            c::TRACKING_ID.code(),
            ContentValue::Text(label),
        ))
        .with(item(
            OBSERVER,
            c::TRACKING_UID.code(),
            ContentValue::Uid(a.lesion.clone()),
        ));
    let author = notes.name("author", &a.author);
    let software = notes.text("software", &a.software);
    group
        .children
        .extend(observers(&author, &context.device.uid, &software));
    for (concept, name, text) in [
        (c::STARTED, "created", &a.created),
        (c::ENDED, "edited", &a.edited),
    ] {
        match date_time(text, context.offset_minutes) {
            Some(time) => {
                group
                    .children
                    .push(item(OBSERVER, concept.code(), ContentValue::DateTime(time)));
            }
            None if text.is_empty() => {}
            None => notes.add(format!("{name}: no time in UTC to the microsecond")),
        }
    }
    group.observed = date_time(&a.edited, context.offset_minutes);
    place.add_context(a, &mut group);
    if let Some(finding) = &a.finding {
        let code = notes.code("finding", schemes.code(finding));
        group
            .children
            .push(code_item(CONTAINS, c::FINDING.code(), code));
    }
    let shape = quantity::own(&a.shape, &format!("{:?} drawn by a person", a.shape));
    group
        .children
        .push(code_item(MODIFIER, c::METHOD.code(), shape));
    if let Some(site) = &a.site {
        let code = notes.code("site", schemes.code(site));
        group
            .children
            .push(code_item(MODIFIER, c::SITE.code(), code));
    }
    if let Some(places) = outline::placed(a.shape, &a.points) {
        let placed = Code::new(PLACED.0, OWN_SCHEME, PLACED.1);
        group
            .children
            .push(item(CONTAINS, placed, ContentValue::Text(places)));
    }
    if a.locked {
        let state = Code::new(STATE.0, OWN_SCHEME, STATE.1);
        let last = Code::new(FINAL.0, OWN_SCHEME, FINAL.1);
        group.children.push(code_item(CONTAINS, state, last));
    }

    let stated = a
        .values
        .iter()
        .filter(|v| !(volume_elsewhere && v.quantity == Quantity::Volume));
    let mut numbers = Vec::new();
    let mut drawn = vec![false; parts.len()];
    for value in stated {
        if !value.value.is_finite() {
            notes.add(format!("{:?}: it is no number", value.quantity));
            continue;
        }
        let mut number = measured(value);
        if !region {
            for k in parts_of(value.quantity, a.shape, parts.len()) {
                if let (Some(part), Some(drawn)) = (parts.get(k), drawn.get_mut(k)) {
                    *drawn = true;
                    number
                        .children
                        .push(place.coordinates(INFERRED, None, part));
                }
            }
        }
        numbers.push(number);
    }
    if let (Shape::Calibration, Some(mm)) = (a.shape, a.known_mm) {
        let mut known = number(CONTAINS, c::KNOWN_LENGTH.code(), mm, "mm");
        for (part, drawn) in parts.iter().zip(&mut drawn) {
            *drawn = true;
            known.children.push(place.coordinates(INFERRED, None, part));
        }
        numbers.push(known);
    } else if a.known_mm.is_some() {
        notes.add("known length: only a calibration has one");
    }
    if !drawn.iter().all(|d| *d) {
        for part in &parts {
            group
                .children
                .push(place.coordinates(CONTAINS, Some(c::REGION.code()), part));
        }
    }
    group.children.extend(numbers);
    let marks: Vec<SpacingProvenance> = a.values.iter().filter_map(|v| v.provenance).collect();
    let known = a.known_mm.filter(|_| a.shape == Shape::Calibration);
    let text = notes.text("text", &a.text);
    let comments = [
        outline::provenance_comment(&marks),
        known.map(outline::calibration_comment),
        Some(text).filter(|t| !t.is_empty()),
    ];
    for comment in comments.into_iter().flatten() {
        group.children.push(item(
            CONTAINS,
            c::COMMENT.code(),
            ContentValue::Text(comment),
        ));
    }
    Ok(Some(group))
}

/// Which graphics a value was measured on.
fn parts_of(quantity: Quantity, shape: Shape, parts: usize) -> std::ops::Range<usize> {
    match (shape, quantity) {
        (Shape::Bidirectional, Quantity::LongAxis) => 0..1,
        (Shape::Bidirectional, Quantity::ShortAxis) => 1..2,
        _ => 0..parts,
    }
}

/// A value with its unit, its derivation and the origin of its millimetres.
pub(super) fn measured(value: &Stated) -> ContentItem {
    let (concept, derivation) = quantity::codes(value.quantity, &value.unit);
    let mut item = number(CONTAINS, concept, value.value, &value.unit);
    if let Some(derivation) = derivation {
        item.children
            .push(code_item(MODIFIER, c::DERIVATION.code(), derivation));
    }
    if let Some(provenance) = value.provenance {
        let (code, magnification) = quantity::provenance_code(provenance);
        item.children
            .push(code_item(MODIFIER, c::METHOD.code(), code));
        if let Some(magnification) = magnification {
            let concept = Code::new(MAGNIFICATION.0, OWN_SCHEME, MAGNIFICATION.1);
            let ratio = number(PROPERTY, concept, magnification, "1");
            item.children.push(ratio);
        }
    }
    item
}

/// Where graphics lie: on an image, or in a frame of reference.
pub(super) enum Place<'a> {
    Image(&'a AnchorImage),
    Space(&'a str, AnchorPlane),
}

impl<'a> Place<'a> {
    pub(super) fn of(a: &'a Annotation) -> Option<Self> {
        match (
            &a.anchor.image,
            &a.anchor.frame_of_reference,
            a.anchor.plane,
        ) {
            (Some(image), _, _) => Some(Self::Image(image)),
            (None, Some(frame_of_reference), Some(plane)) if plane.plane().is_some() => {
                Some(Self::Space(frame_of_reference, plane))
            }
            _ => None,
        }
    }

    /// What a group must say of a plane that no image has.
    fn add_context(&self, a: &Annotation, group: &mut ContentItem) {
        let Self::Space(_, plane) = self else {
            return;
        };
        group.children.push(item(
            ACQUIRED,
            c::SERIES_UID.code(),
            ContentValue::Uid(a.anchor.series.to_string()),
        ));
        group.children.extend(plane_items(plane));
    }

    /// One SCOORD or SCOORD3D with what it was drawn on.
    pub(super) fn coordinates(
        &self,
        relationship: &str,
        concept: Option<Code>,
        part: &Part,
    ) -> ContentItem {
        #[expect(clippy::cast_possible_truncation, reason = "FL holds single floats")]
        match self {
            Self::Image(image) => {
                let points = part.points.iter().map(|p| p.map(|v| v as f32)).collect();
                let value = ContentValue::Points {
                    kind: part.kind.to_owned(),
                    points,
                };
                let image = ContentValue::Image {
                    image: reference(image),
                    state: None,
                    values: None,
                };
                ContentItem::new(relationship, concept, value)
                    .with(ContentItem::new(SELECTED, None, image))
            }
            Self::Space(frame_of_reference, plane) => {
                let corner =
                    |p: &[f64; 2]| crate::geometry::ImageCorner(glam::DVec2::from_array(*p));
                let points: Vec<_> = part
                    .points
                    .iter()
                    .filter_map(|p| plane.to_patient(corner(p)))
                    .collect();
                let normal = plane.plane().map_or(DVec3::Z, |p| p.normal());
                let (kind, points) = outline::part_mm(part.kind, &points, normal);
                let value = ContentValue::PointsMm {
                    kind: kind.to_owned(),
                    frame_of_reference: (*frame_of_reference).to_owned(),
                    points: points
                        .into_iter()
                        .map(|p| p.to_array().map(|v| v as f32))
                        .collect(),
                };
                ContentItem::new(relationship, concept, value)
            }
        }
    }
}

/// Place, orientation and pixel size, as TID 1604 writes them.
pub(super) fn plane_items(plane: &AnchorPlane) -> Vec<ContentItem> {
    let [between_rows, between_columns] = plane.spacing;
    let mm = |concept: super::code::Concept, value| number(ACQUIRED, concept.code(), value, "mm");
    let mut out = vec![
        mm(c::HORIZONTAL_SPACING, between_columns),
        mm(c::VERTICAL_SPACING, between_rows),
    ];
    out.extend(
        c::POSITION
            .iter()
            .zip(plane.position)
            .map(|(k, v)| mm(*k, v)),
    );
    let cosine = |(k, v): (&super::code::Concept, f64)| number(ACQUIRED, k.code(), v, "{-1:1}");
    out.extend(c::ORIENTATION.iter().zip(plane.orientation).map(cosine));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_to_the_digit_in_the_time_of_the_place() {
        for (text, offset, dt) in [
            ("2026-11-23T01:28:29Z", 0, Some("20261123022829+0100")),
            ("2026-11-23T01:28:29.50Z", 0, Some("20261123022829.50+0100")),
            (
                "2026-12-31T23:28:29.123456Z",
                330,
                Some("20270101045829.123456+0530"),
            ),
            ("2026-11-23T01:28:29Z", -300, Some("20261122202829-0500")),
            ("2026-11-23T01:28:29.1234567Z", 0, None),
            ("2026-11-23T01:28:29.Z", 0, None),
            ("2026-11-23T01:28:29+01:00", 0, None),
            ("2026-02-30T01:28:29Z", 0, None),
            ("2026-11-23", 0, None),
        ] {
            let got = date_time(text, offset);
            assert_eq!(got.as_deref(), dt, "{text}");
            if let Some(dt) = got {
                assert_eq!(super::super::group_told::rfc3339(&dt).unwrap(), text);
            }
        }
    }
}
