//! Graphics of one Measurement Group: which they are, the image or plane that they lie on, and their points there.

use glam::{DVec2, DVec3};
use triptych_clinical::SeriesUid;

use super::{
    code::concepts as c,
    content::{ContentItem, ContentValue},
    outline,
    reference::{self, ImageReference},
    report_read::Document,
};
use crate::{
    annotate::{Anchor, AnchorImage, AnchorPlane, Shape},
    geometry::PatientMm,
};

/// The graphics of one group and the image they lie on.
pub(super) struct Drawn<'a> {
    /// Graphic Type, points in corner coordinates or mm.
    pub(super) parts: Vec<(&'a str, Points<'a>)>,
    pub(super) image: Option<&'a ImageReference>,
    pub(super) frame_of_reference: Option<&'a str>,
    pub(super) region: bool,
}

pub(super) enum Points<'a> {
    Image(&'a [[f32; 2]]),
    Mm(&'a [[f32; 3]]),
}

/// Graphics: those of the group itself, else those that its values were inferred from, each once. Whether they are the group's own.
pub(super) fn graphics(group: &ContentItem) -> Result<(Vec<&ContentItem>, bool), String> {
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
pub(super) fn parts_of(item: &ContentItem) -> Vec<(&str, Points<'_>)> {
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
pub(super) fn drawn<'a>(
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
pub(super) fn image_of<'a>(
    graphic: &'a ContentItem,
    root: &'a ContentItem,
) -> Option<&'a ImageReference> {
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

pub(super) type Parts<'a> = Vec<(&'a str, Vec<[f64; 2]>)>;

/// Where the drawing lies, and its graphics in corner coordinates of that plane.
pub(super) fn place<'a>(
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
            number.and_then(reference::whole).unwrap_or(0)
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
