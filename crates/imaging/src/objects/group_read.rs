//! One Measurement Group as a drawing: of ours exactly as it was, of others as far as it can be drawn.

use glam::{DVec2, DVec3};
use sha2::{Digest as _, Sha256};
use triptych_clinical::{Instant, SeriesUid, When};

use super::{
    code::{Code, OWN_SCHEME, concepts as c},
    content::{ContentItem, ContentValue},
    context::{offset_minutes, uid_of},
    group_space::SpaceDrawing,
    group_write::{FINAL, MAGNIFICATION, PLACED},
    outline, quantity,
    reference::ImageReference,
    report_read::Document,
};
use crate::{
    annotate::{Anchor, AnchorImage, AnchorPlane, Annotation, Quantity, Shape, Stated},
    display::SpacingProvenance,
    geometry::PatientMm,
};

/// Coding scheme of programs built on Cornerstone, whose free text stands as a code.
const CORNERSTONE: &str = "CORNERSTONEJS";
const FREE_TEXT: &str = "CORNERSTONEFREETEXT";

/// Lines that are said of one drawing, and characters of a line.
const LINES: usize = 12;
const LINE: usize = 120;

/// What a group draws.
#[derive(Default)]
pub(super) struct Read {
    pub(super) on_images: Vec<Annotation>,
    pub(super) in_space: Vec<SpaceDrawing>,
    /// Graphics that cannot be drawn, in words.
    pub(super) left_out: Vec<String>,
}

/// The graphics of one group and the image they lie on.
struct Drawn<'a> {
    /// Graphic Type, points in corner coordinates or mm.
    parts: Vec<(&'a str, Points<'a>)>,
    image: Option<&'a ImageReference>,
    frame_of_reference: Option<&'a str>,
    region: bool,
}

enum Points<'a> {
    Image(&'a [[f32; 2]]),
    Mm(&'a [[f32; 3]]),
}

/// The drawings of group `k` of the document: of ours one, of others one for each image that it is drawn on. The reason says why there is
/// none.
pub(super) fn read(
    group: &ContentItem,
    k: usize,
    document: &Document<'_>,
    not_drawn: &mut Vec<String>,
) -> Result<Read, String> {
    let (values, known_mm) = values(group, document.own, not_drawn);
    let (items, region) = graphics(group)?;
    if !document.own {
        return others(group, k, document, values, &items, region);
    }
    let drawn = drawn(&items, region, document)?;
    let methods = group.children.iter().filter(|i| i.is(c::METHOD));
    let shape: Option<Shape> = methods.filter_map(|i| quantity::word(i.code()?)).next();
    let (anchor, parts) = place(group, &drawn, shape, document)?;
    let placed = group.children.iter().find(|i| {
        let own = |code: &Code| code.scheme == OWN_SCHEME && code.value == PLACED.0;
        i.concept.as_ref().is_some_and(own)
    });
    let placed = placed.and_then(ContentItem::text);
    let (shape, points) = match shape {
        // A curve whose points are not told is left as the line that was written for it.
        Some(Shape::Spline) => {
            let line = outline::points(Shape::Spline, &parts)
                .ok_or("its graphics are not those of its shape")?;
            match placed.and_then(|placed| outline::of_placed(&line, placed)) {
                Some(points) => (Shape::Spline, points),
                None => (Shape::Polygon, line),
            }
        }
        Some(shape) => {
            let points = outline::points(shape, &parts);
            (
                shape,
                points.ok_or("its graphics are not those of its shape")?,
            )
        }
        None => guessed(&parts, &values, drawn.region)
            .ok_or("its graphics are none that can be drawn here")?,
    };
    let told = told(group, k, document, values, known_mm);
    let annotation = Annotation {
        known_mm: known_mm.filter(|_| shape == Shape::Calibration),
        shape,
        points,
        anchor,
        ..told
    };
    Ok(Read {
        on_images: vec![annotation],
        ..Read::default()
    })
}

fn guessed(
    parts: &[(&str, Vec<[f64; 2]>)],
    values: &[Stated],
    region: bool,
) -> Option<(Shape, Vec<[f64; 2]>)> {
    let has = |q: &[Quantity]| values.iter().any(|v| q.contains(&v.quantity));
    let angle = has(&[Quantity::Angle, Quantity::CobbAngle]);
    let axes = has(&[Quantity::LongAxis, Quantity::ShortAxis]);
    outline::guess(parts, angle, axes, region)
}

/// Drawings of a group that another program wrote: its graphics image by image, frame by frame.
fn others(
    group: &ContentItem,
    k: usize,
    document: &Document<'_>,
    values: Vec<Stated>,
    items: &[&ContentItem],
    region: bool,
) -> Result<Read, String> {
    let mut read = Read::default();
    let mut on: Vec<(ImageReference, Vec<&ContentItem>)> = Vec::new();
    let mut spaces: Vec<&ContentItem> = Vec::new();
    for item in items {
        if matches!(item.value, ContentValue::PointsMm { .. }) {
            spaces.push(item);
            continue;
        }
        let Some(image) = image_of(item, document.root) else {
            read.left_out.push("graphics that name no image".to_owned());
            continue;
        };
        let frames = if image.frames.is_empty() {
            vec![None]
        } else {
            image.frames.iter().map(|f| Some(*f)).collect()
        };
        for frame in frames {
            let one = ImageReference {
                frames: frame.into_iter().collect(),
                ..image.clone()
            };
            match on.iter_mut().find(|(known, _)| *known == one) {
                Some((_, all)) => all.push(item),
                None => on.push((one, vec![item])),
            }
        }
    }
    let mut told = told(group, k, document, values, None);
    let first = told.uid.clone();
    let mut number = 0_usize;
    let mut name = |annotation: &mut Annotation| {
        if number > 0 {
            annotation.uid = named(&format!("{first} {number}"));
            annotation.values.clear();
        }
        number = number.saturating_add(1);
    };
    for (image, items) in on {
        let drawn = Drawn {
            parts: items.iter().flat_map(|i| parts_of(i)).collect(),
            image: Some(&image),
            frame_of_reference: None,
            region,
        };
        let (anchor, parts) = place(group, &drawn, None, document)?;
        // What is no shape as a whole is drawn line by line.
        let shapes = match guessed(&parts, &told.values, region) {
            Some(whole) => vec![whole],
            None => {
                let each = parts.iter().filter_map(|part| {
                    let found = guessed(std::slice::from_ref(part), &[], region);
                    if found.is_none() {
                        read.left_out
                            .push(format!("{} that cannot be drawn", part.0));
                    }
                    found
                });
                each.collect()
            }
        };
        for (shape, points) in shapes {
            let mut annotation = Annotation {
                shape,
                points,
                anchor: anchor.clone(),
                ..told.clone()
            };
            name(&mut annotation);
            read.on_images.push(annotation);
        }
    }
    for item in spaces {
        let ContentValue::PointsMm {
            frame_of_reference, ..
        } = &item.value
        else {
            continue;
        };
        told.anchor.frame_of_reference = Some(frame_of_reference.clone());
        let named_images = group.children.iter().chain(&item.children);
        let images: Vec<_> = named_images
            .filter_map(|i| match &i.value {
                ContentValue::Image { image, .. } => Some(image.instance.clone()),
                _ => None,
            })
            .collect();
        for (kind, points) in parts_of(item) {
            let Points::Mm(points) = points else { continue };
            let mut drawing = told.clone();
            name(&mut drawing);
            read.in_space.push(SpaceDrawing {
                drawing,
                kind: kind.to_owned(),
                points: points.iter().map(|p| p.map(f64::from)).collect(),
                images: images.clone(),
                said: Vec::new(),
            });
        }
    }
    Ok(read)
}

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
fn told(
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
fn values(
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

/// Graphics: those of the group itself, else those that its values were inferred from, each once. Whether they are the group's own.
fn graphics(group: &ContentItem) -> Result<(Vec<&ContentItem>, bool), String> {
    let own: Vec<&ContentItem> = group.children.iter().filter(|i| is_graphic(i)).collect();
    if !own.is_empty() {
        return Ok((own, true));
    }
    let mut numbers: Vec<&ContentItem> = group
        .children
        .iter()
        .filter(|i| matches!(i.value, ContentValue::Number(_)))
        .collect();
    // The long axis is drawn first, whichever is stated first.
    numbers.sort_by_key(|i| i.is(c::SHORT_AXIS));
    let mut items: Vec<&ContentItem> = Vec::new();
    for graphic in numbers.into_iter().flat_map(|n| &n.children) {
        if is_graphic(graphic) && !items.iter().any(|i| i.value == graphic.value) {
            items.push(graphic);
        }
    }
    if items.is_empty() {
        return Err("it has no graphics".to_owned());
    }
    Ok((items, false))
}

/// The parts of one graphic; several points are one each.
fn parts_of(item: &ContentItem) -> Vec<(&str, Points<'_>)> {
    match &item.value {
        ContentValue::Points { kind, points } if kind == "MULTIPOINT" => {
            let each = points.chunks(1).map(|p| ("POINT", Points::Image(p)));
            each.collect()
        }
        ContentValue::Points { kind, points } => vec![(kind.as_str(), Points::Image(points))],
        ContentValue::PointsMm { kind, points, .. } if kind == "MULTIPOINT" => {
            points.chunks(1).map(|p| ("POINT", Points::Mm(p))).collect()
        }
        ContentValue::PointsMm { kind, points, .. } => vec![(kind.as_str(), Points::Mm(points))],
        _ => Vec::new(),
    }
}

/// Graphics of ours with the one image that they lie on.
fn drawn<'a>(
    items: &[&'a ContentItem],
    region: bool,
    document: &Document<'a>,
) -> Result<Drawn<'a>, String> {
    let mut out = Drawn {
        parts: Vec::new(),
        image: None,
        frame_of_reference: None,
        region,
    };
    for item in items {
        match &item.value {
            ContentValue::Points { .. } => {
                let image = image_of(item, document.root).ok_or("its graphics name no image")?;
                if out.image.is_some_and(|i| i != image) {
                    return Err("its graphics lie on several images".to_owned());
                }
                out.image = Some(image);
            }
            ContentValue::PointsMm {
                frame_of_reference, ..
            } => out.frame_of_reference = Some(frame_of_reference),
            _ => {}
        }
        out.parts.extend(parts_of(item));
    }
    Ok(out)
}

fn is_graphic(item: &ContentItem) -> bool {
    matches!(
        item.value,
        ContentValue::Points { .. } | ContentValue::PointsMm { .. }
    )
}

/// The image that a graphic was drawn on: below it, or elsewhere in the tree by reference.
fn image_of<'a>(graphic: &'a ContentItem, root: &'a ContentItem) -> Option<&'a ImageReference> {
    graphic
        .children
        .iter()
        .find_map(|child| match &child.value {
            ContentValue::Image { image, .. } => Some(image),
            ContentValue::Reference(path) => match &at(root, path)?.value {
                ContentValue::Image { image, .. } => Some(image),
                _ => None,
            },
            _ => None,
        })
}

/// The item at a path from the root, whose own place is the first number.
fn at<'a>(root: &'a ContentItem, path: &[u32]) -> Option<&'a ContentItem> {
    let (_, below) = path.split_first()?;
    below.iter().try_fold(root, |item, place| {
        let index = usize::try_from(*place).ok()?.checked_sub(1)?;
        item.children.get(index)
    })
}

type Parts<'a> = Vec<(&'a str, Vec<[f64; 2]>)>;

/// Where the drawing lies, and its graphics in corner coordinates of that plane.
fn place<'a>(
    group: &ContentItem,
    drawn: &Drawn<'a>,
    shape: Option<Shape>,
    document: &Document<'_>,
) -> Result<(Anchor, Parts<'a>), String> {
    if let Some(image) = drawn.image {
        let evidence = document
            .evidence
            .iter()
            .find(|e| e.image.instance == image.instance)
            .ok_or("its image is not in the list of evidence")?;
        let frame = image.frames.first().copied().unwrap_or(0);
        if image.frames.len() > 1 {
            return Err("it lies on several frames".to_owned());
        }
        let entry = document.library_entry(image);
        let count = |concept| {
            let number = entry.and_then(|e| e.child(concept)?.number());
            number.and_then(super::reference::whole).unwrap_or(0)
        };
        let uid = entry.and_then(|e| e.child(c::FRAME_OF_REFERENCE)?.text());
        let anchor = Anchor {
            study: evidence.study.clone(),
            series: evidence.series.clone(),
            frame_of_reference: uid.map(str::to_owned),
            plane: entry.and_then(plane_of),
            image: Some(AnchorImage {
                sop_class: image.sop_class.clone(),
                instance: image.instance.clone(),
                frame,
                size: [count(c::COLUMNS), count(c::ROWS)],
            }),
        };
        let parts = drawn.parts.iter().map(|(kind, points)| match points {
            Points::Image(points) => {
                let points = points.iter().map(|p| p.map(f64::from)).collect();
                Ok((*kind, points))
            }
            Points::Mm(_) => Err("it lies on an image and in space".to_owned()),
        });
        return Ok((anchor, parts.collect::<Result<_, _>>()?));
    }
    let plane = plane_of(group).ok_or("it lies in space, and no plane is stated")?;
    let series = group.child(c::SERIES_UID).and_then(ContentItem::text);
    let series = SeriesUid::new(series.unwrap_or_default()).map_err(|e| e.to_string())?;
    let mut parts = Vec::new();
    for (kind, points) in &drawn.parts {
        let Points::Mm(points) = points else {
            return Err("it lies on an image and in space".to_owned());
        };
        let points: Vec<DVec3> = points
            .iter()
            .map(|p| DVec3::from_array(p.map(f64::from)))
            .collect();
        let points = shape.map_or_else(|| points.clone(), |s| outline::from_part_mm(s, &points));
        let on_plane = points.into_iter().map(|p| {
            let (corner, _) = plane.from_patient(PatientMm(p))?;
            Some(DVec2::to_array(&corner.0))
        });
        let points: Option<Vec<[f64; 2]>> = on_plane.collect();
        parts.push((*kind, points.ok_or("its plane is none")?));
    }
    let anchor = Anchor {
        study: document.study.clone(),
        series,
        frame_of_reference: drawn.frame_of_reference.map(str::to_owned),
        plane: Some(plane),
        image: None,
    };
    Ok((anchor, parts))
}

/// Place, orientation and pixel size below an item.
fn plane_of(item: &ContentItem) -> Option<AnchorPlane> {
    let number = |concept| item.child(concept)?.number();
    let mut position = [0.0; 3];
    for (value, concept) in position.iter_mut().zip(c::POSITION) {
        *value = number(concept)?;
    }
    let mut orientation = [0.0; 6];
    for (value, concept) in orientation.iter_mut().zip(c::ORIENTATION) {
        *value = number(concept)?;
    }
    Some(AnchorPlane {
        position,
        orientation,
        spacing: [number(c::VERTICAL_SPACING)?, number(c::HORIZONTAL_SPACING)?],
    })
}

impl Document<'_> {
    /// A UID for group `k` of a document that gives it none: always the same for the same document.
    fn uid_of_group(&self, k: usize) -> String {
        named(&format!("{} {k}", self.instance))
    }
}

/// Always the same UID for the same words.
fn named(words: &str) -> String {
    let digest = Sha256::digest(words);
    let random = digest.first_chunk::<16>().copied().unwrap_or_default();
    uid_of(u128::from_be_bytes(random))
}
