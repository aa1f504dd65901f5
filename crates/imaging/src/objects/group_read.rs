//! One Measurement Group as a drawing: of ours exactly as it was, of others as far as it can be drawn.

use super::{
    code::{Code, OWN_SCHEME, concepts as c},
    content::{ContentItem, ContentValue},
    group_graphics::{Drawn, Points, drawn, graphics, image_of, parts_of, place},
    group_space::SpaceDrawing,
    group_told::{named, told, values},
    group_write::PLACED,
    outline, quantity,
    reference::ImageReference,
    report_read::Document,
};
use crate::annotate::{Annotation, Quantity, Shape, Stated};

/// What a group draws.
#[derive(Default)]
pub(super) struct Read {
    pub(super) on_images: Vec<Annotation>,
    pub(super) in_space: Vec<SpaceDrawing>,
    /// Graphics that cannot be drawn, in words.
    pub(super) left_out: Vec<String>,
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
