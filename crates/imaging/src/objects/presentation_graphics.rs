//! Graphics and texts of a presentation state (PS3.3 C.10.5).

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use super::{
    attribute,
    presentation_read::{Part, unread_of_item},
    presentation_state::{
        GraphicAnnotation, GraphicKind, GraphicObject, Justification, TextAnchor, TextArea,
        TextObject, Units,
    },
    reference::{ImageReference, whole},
};
use crate::dataset::DataSet;

const ANNOTATION: &[Tag] = &[
    tags::REFERENCED_IMAGE_SEQUENCE,
    tags::GRAPHIC_LAYER,
    tags::TEXT_OBJECT_SEQUENCE,
    tags::GRAPHIC_OBJECT_SEQUENCE,
];

const GRAPHIC: &[Tag] = &[
    tags::GRAPHIC_ANNOTATION_UNITS,
    tags::GRAPHIC_DIMENSIONS,
    tags::NUMBER_OF_GRAPHIC_POINTS,
    tags::GRAPHIC_DATA,
    tags::GRAPHIC_TYPE,
    tags::GRAPHIC_FILLED,
];

const TEXT: &[Tag] = &[
    tags::BOUNDING_BOX_ANNOTATION_UNITS,
    tags::ANCHOR_POINT_ANNOTATION_UNITS,
    tags::UNFORMATTED_TEXT_VALUE,
    tags::BOUNDING_BOX_TOP_LEFT_HAND_CORNER,
    tags::BOUNDING_BOX_BOTTOM_RIGHT_HAND_CORNER,
    tags::BOUNDING_BOX_TEXT_HORIZONTAL_JUSTIFICATION,
    tags::ANCHOR_POINT,
    tags::ANCHOR_POINT_VISIBILITY,
];

/// One item of Graphic Annotation Sequence. The reason names the object and the attribute.
pub(super) fn read(item: &DataSet<'_>, left_out: &mut Vec<String>) -> Part<GraphicAnnotation> {
    unread_of_item(item, ANNOTATION, left_out)?;
    let mut graphics = Vec::new();
    for (k, object) in item.items(tags::GRAPHIC_OBJECT_SEQUENCE).enumerate() {
        let read = graphic(&object, left_out);
        graphics.push(read.map_err(|e| format!("graphic {k}: {e}"))?);
    }
    let mut texts = Vec::new();
    for (k, object) in item.items(tags::TEXT_OBJECT_SEQUENCE).enumerate() {
        let read = text(&object, left_out);
        texts.push(read.map_err(|e| format!("text {k}: {e}"))?);
    }
    Ok(GraphicAnnotation {
        layer: item.first_text(tags::GRAPHIC_LAYER).unwrap_or_default(),
        scope: ImageReference::read_all(item).map_err(|e| e.to_string())?,
        graphics,
        texts,
    })
}

fn units(item: &DataSet<'_>, tag: Tag) -> Part<Units> {
    match item.first_text(tag).as_deref() {
        Some("PIXEL") => Ok(Units::Pixel),
        Some("DISPLAY") => Ok(Units::Display),
        other => Err(format!("{} is {other:?}", attribute(tag))),
    }
}

/// Pairs of finite single floats.
pub(super) fn points(item: &DataSet<'_>, tag: Tag) -> Part<Vec<[f32; 2]>> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "they are single floats in the file"
    )]
    let numbers: Vec<f32> = item.numbers(tag).into_iter().map(|n| n as f32).collect();
    let (pairs, rest) = numbers.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(format!("{} has an odd number of values", attribute(tag)));
    }
    if !numbers.iter().all(|n| n.is_finite()) {
        return Err(format!("{} holds what is no number", attribute(tag)));
    }
    Ok(pairs.to_vec())
}

fn graphic(item: &DataSet<'_>, left_out: &mut Vec<String>) -> Part<GraphicObject> {
    unread_of_item(item, GRAPHIC, left_out)?;
    if let Some(dimensions) = item.number(tags::GRAPHIC_DIMENSIONS)
        && dimensions != 2.0
    {
        return Err(format!("{dimensions} dimensions"));
    }
    let points = points(item, tags::GRAPHIC_DATA)?;
    let stated = item.number(tags::NUMBER_OF_GRAPHIC_POINTS).and_then(whole);
    if stated.is_some_and(|n| usize::try_from(n) != Ok(points.len())) {
        return Err(format!(
            "{} says {}, {} points are there",
            attribute(tags::NUMBER_OF_GRAPHIC_POINTS),
            stated.unwrap_or_default(),
            points.len()
        ));
    }
    let (kind, fits) = match item.first_text(tags::GRAPHIC_TYPE).as_deref() {
        Some("POINT") => (GraphicKind::Point, points.len() == 1),
        Some("POLYLINE") => (GraphicKind::Polyline, points.len() >= 2),
        Some("INTERPOLATED") => (GraphicKind::Interpolated, points.len() >= 2),
        Some("CIRCLE") => (GraphicKind::Circle, points.len() == 2),
        Some("ELLIPSE") => (GraphicKind::Ellipse, points.len() == 4),
        other => return Err(format!("type {other:?} is not understood")),
    };
    if !fits {
        return Err(format!("{} points are no {kind:?}", points.len()));
    }
    Ok(GraphicObject {
        kind,
        units: units(item, tags::GRAPHIC_ANNOTATION_UNITS)?,
        points,
        filled: item.first_text(tags::GRAPHIC_FILLED).as_deref() == Some("Y"),
    })
}

fn text(item: &DataSet<'_>, left_out: &mut Vec<String>) -> Part<TextObject> {
    unread_of_item(item, TEXT, left_out)?;
    let one = |tag| -> Part<[f32; 2]> {
        match points(item, tag)?.as_slice() {
            [point] => Ok(*point),
            _ => Err(format!("{} is no point", attribute(tag))),
        }
    };
    let anchor = item.has_value(tags::ANCHOR_POINT).then(|| {
        Ok::<_, String>(TextAnchor {
            units: units(item, tags::ANCHOR_POINT_ANNOTATION_UNITS)?,
            point: one(tags::ANCHOR_POINT)?,
            visible: item.first_text(tags::ANCHOR_POINT_VISIBILITY).as_deref() != Some("N"),
        })
    });
    let boxed = item.has_value(tags::BOUNDING_BOX_TOP_LEFT_HAND_CORNER);
    let area = boxed.then(|| {
        let justified = item.first_text(tags::BOUNDING_BOX_TEXT_HORIZONTAL_JUSTIFICATION);
        Ok::<_, String>(TextArea {
            units: units(item, tags::BOUNDING_BOX_ANNOTATION_UNITS)?,
            top_left: one(tags::BOUNDING_BOX_TOP_LEFT_HAND_CORNER)?,
            bottom_right: one(tags::BOUNDING_BOX_BOTTOM_RIGHT_HAND_CORNER)?,
            justification: match justified.as_deref() {
                Some("CENTER") => Justification::Center,
                Some("RIGHT") => Justification::Right,
                _ => Justification::Left,
            },
        })
    });
    let read = TextObject {
        text: item.text(tags::UNFORMATTED_TEXT_VALUE).unwrap_or_default(),
        anchor: anchor.transpose()?,
        area: area.transpose()?,
    };
    if read.anchor.is_none() && read.area.is_none() {
        return Err("it has neither an anchor nor a box".to_owned());
    }
    Ok(read)
}
