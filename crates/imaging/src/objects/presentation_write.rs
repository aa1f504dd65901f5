//! A presentation state as a file.

use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

use super::{
    context::{ObjectContext, Uids, WriteError, Written, uid_of},
    elements::Elements,
    presentation_state::{
        DisplayedArea, GRAYSCALE_STATE, GraphicAnnotation, GraphicKind, GraphicObject,
        Justification, Mask, ModalityStage, PresentationStage, PresentationState, Shutter,
        SizeMode, StateLut, StateOverlay, TextObject, Units, VoiItem,
    },
    reference::ImageReference,
};
use crate::display::VoiFunction;

/// Writes a state; its images must all be of the context's study. A state without a date is dated now, one without a creator is the
/// observer's.
///
/// # Errors
/// [`WriteError::Unsayable`] for a state without images or displayed areas, with parts that were not understood when it was read, or with
/// a label that is no code string.
pub fn write_presentation_state(
    context: &ObjectContext,
    state: &PresentationState,
    uids: Uids<'_>,
) -> Result<Written, WriteError> {
    check(state)?;
    let instance = uid_of(uids());
    let mut out = context.elements(GRAYSCALE_STATE, &instance, "PR");
    context.add_body_part(&mut out);
    let (date, time) = context.date_and_time();
    let or = |own: &str, other: &str| if own.is_empty() { other } else { own }.to_owned();
    out.code(tags::CONTENT_LABEL, &state.label)
        .text(tags::CONTENT_DESCRIPTION, VR::LO, &state.description)
        .text(
            tags::PRESENTATION_CREATION_DATE,
            VR::DA,
            &or(&state.created_date, &date),
        )
        .text(
            tags::PRESENTATION_CREATION_TIME,
            VR::TM,
            &or(&state.created_time, &time),
        )
        .text(
            tags::CONTENT_CREATOR_NAME,
            VR::PN,
            &or(&state.creator, &context.observer),
        );
    let series = state.references.iter().map(|series| {
        let mut item = references(&series.images);
        item.uid(tags::SERIES_INSTANCE_UID, series.series.as_str());
        item
    });
    out.items(tags::REFERENCED_SERIES_SEQUENCE, series.collect());
    if let Some(read) = &state.shutter {
        shutter(&mut out, read);
    }
    if !state.masks.is_empty() {
        out.items(
            tags::MASK_SUBTRACTION_SEQUENCE,
            state.masks.iter().map(mask).collect(),
        )
        .code(tags::RECOMMENDED_VIEWING_MODE, "SUB");
    }
    match &state.modality {
        ModalityStage::Identity => {}
        ModalityStage::Rescale {
            slope,
            intercept,
            unit,
        } => {
            let unit = if unit.is_empty() { "US" } else { unit };
            out.decimals(tags::RESCALE_SLOPE, &[*slope])
                .decimals(tags::RESCALE_INTERCEPT, &[*intercept])
                .text(tags::RESCALE_TYPE, VR::LO, unit);
        }
        ModalityStage::Table { lut, unit } => {
            let mut item = table(lut);
            item.text(tags::MODALITY_LUT_TYPE, VR::LO, unit);
            out.item(tags::MODALITY_LUT_SEQUENCE, item);
        }
    }
    if !state.voi.is_empty() {
        let items = state.voi.iter().map(voi).collect();
        out.items(tags::SOFTCOPY_VOILUT_SEQUENCE, items);
    }
    match &state.presentation {
        PresentationStage::Identity => out.code(tags::PRESENTATION_LUT_SHAPE, "IDENTITY"),
        PresentationStage::Inverse => out.code(tags::PRESENTATION_LUT_SHAPE, "INVERSE"),
        PresentationStage::Table(lut) => out.item(tags::PRESENTATION_LUT_SEQUENCE, table(lut)),
    };
    if state.rotation_degrees != 0 || state.flip_h {
        out.words(tags::IMAGE_ROTATION, &[state.rotation_degrees])
            .code(
                tags::IMAGE_HORIZONTAL_FLIP,
                if state.flip_h { "Y" } else { "N" },
            );
    }
    out.items(
        tags::DISPLAYED_AREA_SELECTION_SEQUENCE,
        state.areas.iter().map(area).collect(),
    );
    if !state.layers.is_empty() {
        let layers = state.layers.iter().map(|layer| {
            let mut item = Elements::default();
            item.code(tags::GRAPHIC_LAYER, &layer.name)
                .integers(tags::GRAPHIC_LAYER_ORDER, &[layer.order])
                .text_if(tags::GRAPHIC_LAYER_DESCRIPTION, VR::LO, &layer.description);
            if let Some(grey) = layer.grey {
                item.words(
                    tags::GRAPHIC_LAYER_RECOMMENDED_DISPLAY_GRAYSCALE_VALUE,
                    &[grey],
                );
            }
            if let Some(lab) = layer.lab {
                item.words(tags::GRAPHIC_LAYER_RECOMMENDED_DISPLAY_CIE_LAB_VALUE, &lab);
            }
            item
        });
        out.items(tags::GRAPHIC_LAYER_SEQUENCE, layers.collect());
    }
    if !state.annotations.is_empty() {
        let items = state.annotations.iter().map(annotation).collect();
        out.items(tags::GRAPHIC_ANNOTATION_SEQUENCE, items);
    }
    for overlay in &state.overlays {
        add_overlay(&mut out, overlay);
    }
    context.finish(&out, GRAYSCALE_STATE, &instance, Vec::new())
}

fn check(state: &PresentationState) -> Result<(), WriteError> {
    let unsayable = |what: &str, why: &str| {
        Err(WriteError::Unsayable {
            what: what.to_owned(),
            why: why.to_owned(),
        })
    };
    if state.references.iter().all(|s| s.images.is_empty()) {
        return Err(WriteError::Nothing("a presentation state of no image"));
    }
    if state.areas.is_empty() {
        return unsayable("displayed area", "a state must say what is displayed");
    }
    if let Some(part) = state.unknown.first() {
        return unsayable(part, "a part that was not understood cannot be written");
    }
    let names = state.layers.iter().map(|l| &l.name);
    for name in std::iter::once(&state.label).chain(names) {
        let word = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b' ' || b == b'_';
        if !(1..=16).contains(&name.len()) || !name.bytes().all(word) {
            return unsayable(name, "no code string of 1 to 16 characters");
        }
    }
    if !matches!(state.rotation_degrees, 0 | 90 | 180 | 270) {
        return unsayable("rotation", "a state holds quarter turns only");
    }
    Ok(())
}

fn references(images: &[ImageReference]) -> Elements {
    let mut out = Elements::default();
    if !images.is_empty() {
        let items = images.iter().map(ImageReference::elements).collect();
        out.items(tags::REFERENCED_IMAGE_SEQUENCE, items);
    }
    out
}

fn shutter(out: &mut Elements, shutter: &Shutter) {
    let mut shapes = Vec::new();
    let whole = |out: &mut Elements, tag, values: &[i32]| {
        let values: Vec<i64> = values.iter().map(|v| i64::from(*v)).collect();
        out.integers(tag, &values);
    };
    if let Some(edges) = shutter.rectangle {
        shapes.push("RECTANGULAR");
        whole(out, tags::SHUTTER_LEFT_VERTICAL_EDGE, &[edges.left]);
        whole(out, tags::SHUTTER_RIGHT_VERTICAL_EDGE, &[edges.right]);
        whole(out, tags::SHUTTER_UPPER_HORIZONTAL_EDGE, &[edges.upper]);
        whole(out, tags::SHUTTER_LOWER_HORIZONTAL_EDGE, &[edges.lower]);
    }
    if let Some((centre, radius)) = &shutter.circle {
        shapes.push("CIRCULAR");
        whole(out, tags::CENTER_OF_CIRCULAR_SHUTTER, centre);
        whole(out, tags::RADIUS_OF_CIRCULAR_SHUTTER, &[*radius]);
    }
    if let Some(vertices) = &shutter.polygon {
        shapes.push("POLYGONAL");
        let all = vertices.as_flattened();
        whole(out, tags::VERTICES_OF_THE_POLYGONAL_SHUTTER, all);
    }
    if let Some(group) = shutter.bitmap_group {
        shapes.push("BITMAP");
        out.words(tags::SHUTTER_OVERLAY_GROUP, &[group]);
    }
    out.code(tags::SHUTTER_SHAPE, &shapes.join("\\"));
    if let Some(value) = shutter.p_value {
        out.words(tags::SHUTTER_PRESENTATION_VALUE, &[value]);
    }
    if let Some(lab) = shutter.lab {
        out.words(tags::SHUTTER_PRESENTATION_COLOR_CIE_LAB_VALUE, &lab);
    }
}

fn mask(mask: &Mask) -> Elements {
    let mut item = Elements::default();
    let frames = |frames: &[u32]| -> Vec<u16> {
        let numbers = frames.iter().map(|f| u16::try_from(f.saturating_add(1)));
        numbers.filter_map(Result::ok).collect()
    };
    item.code(tags::MASK_OPERATION, &mask.operation);
    if !mask.applies_to.is_empty() {
        let ranges = frames(mask.applies_to.as_flattened());
        item.words(tags::APPLICABLE_FRAME_RANGE, &ranges);
    }
    if !mask.frames.is_empty() {
        item.words(tags::MASK_FRAME_NUMBERS, &frames(&mask.frames));
    }
    if let Some(averaged) = mask.averaged.and_then(|n| u16::try_from(n).ok()) {
        item.words(tags::CONTRAST_FRAME_AVERAGING, &[averaged]);
    }
    #[expect(clippy::cast_possible_truncation, reason = "FL in the file")]
    if let Some(shift) = mask.shift {
        item.floats(tags::MASK_SUB_PIXEL_SHIFT, &shift.map(|v| v as f32));
    }
    if let Some(offset) = mask.tid_offset.and_then(|n| i16::try_from(n).ok()) {
        item.signed_words(tags::TID_OFFSET, &[offset]);
    }
    item
}

fn table(lut: &StateLut) -> Elements {
    let mut item = Elements::default();
    item.words(tags::LUT_DESCRIPTOR, &lut.descriptor)
        .text_if(tags::LUT_EXPLANATION, VR::LO, &lut.explanation)
        .other_words(tags::LUT_DATA, &lut.words);
    item
}

fn voi(voi: &VoiItem) -> Elements {
    let mut item = references(&voi.scope);
    if !voi.windows.is_empty() {
        let of = |f: fn(&crate::display::Window) -> f64| -> Vec<f64> {
            voi.windows.iter().map(|w| f(&w.window)).collect()
        };
        item.decimals(tags::WINDOW_CENTER, &of(crate::display::Window::center))
            .decimals(tags::WINDOW_WIDTH, &of(crate::display::Window::width));
        let names: Vec<&str> = voi.windows.iter().map(|w| &*w.explanation).collect();
        if names.iter().any(|n| !n.is_empty()) {
            let names = names.join("\\");
            item.text(tags::WINDOW_CENTER_WIDTH_EXPLANATION, VR::LO, &names);
        }
        match voi.windows.first().map(|w| w.window.function()) {
            Some(VoiFunction::LinearExact) => item.code(tags::VOILUT_FUNCTION, "LINEAR_EXACT"),
            Some(VoiFunction::Sigmoid) => item.code(tags::VOILUT_FUNCTION, "SIGMOID"),
            Some(VoiFunction::Linear) | None => &mut item,
        };
    }
    if !voi.luts.is_empty() {
        item.items(tags::VOILUT_SEQUENCE, voi.luts.iter().map(table).collect());
    }
    item
}

fn area(area: &DisplayedArea) -> Elements {
    let mut item = references(&area.scope);
    item.signed_longs(tags::DISPLAYED_AREA_TOP_LEFT_HAND_CORNER, &area.top_left)
        .signed_longs(
            tags::DISPLAYED_AREA_BOTTOM_RIGHT_HAND_CORNER,
            &area.bottom_right,
        );
    match area.mode {
        SizeMode::ScaleToFit => item.code(tags::PRESENTATION_SIZE_MODE, "SCALE TO FIT"),
        SizeMode::TrueSize => item.code(tags::PRESENTATION_SIZE_MODE, "TRUE SIZE"),
        #[expect(clippy::cast_possible_truncation, reason = "FL in the file")]
        SizeMode::Magnify(ratio) => item.code(tags::PRESENTATION_SIZE_MODE, "MAGNIFY").floats(
            tags::PRESENTATION_PIXEL_MAGNIFICATION_RATIO,
            &[ratio as f32],
        ),
    };
    if let Some(spacing) = area.spacing {
        item.decimals(tags::PRESENTATION_PIXEL_SPACING, &spacing);
    }
    if let Some(aspect) = area.aspect {
        item.integers(tags::PRESENTATION_PIXEL_ASPECT_RATIO, &aspect);
    }
    item
}

fn annotation(annotation: &GraphicAnnotation) -> Elements {
    let mut item = references(&annotation.scope);
    item.code(tags::GRAPHIC_LAYER, &annotation.layer);
    if !annotation.texts.is_empty() {
        let texts = annotation.texts.iter().map(text).collect();
        item.items(tags::TEXT_OBJECT_SEQUENCE, texts);
    }
    if !annotation.graphics.is_empty() {
        let graphics = annotation.graphics.iter().map(graphic).collect();
        item.items(tags::GRAPHIC_OBJECT_SEQUENCE, graphics);
    }
    item
}

const fn units(units: Units) -> &'static str {
    match units {
        Units::Pixel => "PIXEL",
        Units::Display => "DISPLAY",
    }
}

fn graphic(graphic: &GraphicObject) -> Elements {
    let mut item = Elements::default();
    let kind = match graphic.kind {
        GraphicKind::Point => "POINT",
        GraphicKind::Polyline => "POLYLINE",
        GraphicKind::Interpolated => "INTERPOLATED",
        GraphicKind::Circle => "CIRCLE",
        GraphicKind::Ellipse => "ELLIPSE",
    };
    let count = u16::try_from(graphic.points.len()).unwrap_or(u16::MAX);
    item.code(tags::GRAPHIC_ANNOTATION_UNITS, units(graphic.units))
        .words(tags::GRAPHIC_DIMENSIONS, &[2])
        .words(tags::NUMBER_OF_GRAPHIC_POINTS, &[count])
        .floats(tags::GRAPHIC_DATA, graphic.points.as_flattened())
        .code(tags::GRAPHIC_TYPE, kind);
    let closes = matches!(graphic.kind, GraphicKind::Circle | GraphicKind::Ellipse)
        || graphic.points.first() == graphic.points.last() && graphic.points.len() > 1;
    if closes {
        item.code(tags::GRAPHIC_FILLED, if graphic.filled { "Y" } else { "N" });
    }
    item
}

fn text(text: &TextObject) -> Elements {
    let mut item = Elements::default();
    if let Some(area) = &text.area {
        let side = match area.justification {
            Justification::Left => "LEFT",
            Justification::Center => "CENTER",
            Justification::Right => "RIGHT",
        };
        item.code(tags::BOUNDING_BOX_ANNOTATION_UNITS, units(area.units))
            .floats(tags::BOUNDING_BOX_TOP_LEFT_HAND_CORNER, &area.top_left)
            .floats(
                tags::BOUNDING_BOX_BOTTOM_RIGHT_HAND_CORNER,
                &area.bottom_right,
            )
            .code(tags::BOUNDING_BOX_TEXT_HORIZONTAL_JUSTIFICATION, side);
    }
    if let Some(anchor) = &text.anchor {
        item.code(tags::ANCHOR_POINT_ANNOTATION_UNITS, units(anchor.units))
            .floats(tags::ANCHOR_POINT, &anchor.point)
            .code(
                tags::ANCHOR_POINT_VISIBILITY,
                if anchor.visible { "Y" } else { "N" },
            );
    }
    item.text(tags::UNFORMATTED_TEXT_VALUE, VR::ST, &text.text);
    item
}

fn add_overlay(out: &mut Elements, overlay: &StateOverlay) {
    let tag = |element| Tag(overlay.group, element);
    if let Some(layer) = &overlay.layer {
        out.code(tag(0x1001), layer);
    }
    let Some(plane) = &overlay.plane else {
        return;
    };
    let size = |n: u32| u16::try_from(n).unwrap_or(u16::MAX);
    let origin = plane
        .origin
        .map(|n| i16::try_from(n).unwrap_or(if n < 0 { i16::MIN } else { i16::MAX }));
    let mut bits = plane.bits.clone();
    bits.resize(bits.len().next_multiple_of(2), 0);
    out.words(tag(0x0010), &[size(plane.rows)])
        .words(tag(0x0011), &[size(plane.columns)])
        .code(tag(0x0040), if plane.graphics { "G" } else { "R" })
        .signed_words(tag(0x0050), &origin)
        .words(tag(0x0100), &[1])
        .words(tag(0x0102), &[0])
        .text_if(tag(0x1500), VR::LO, &plane.label)
        .bytes(tag(0x3000), VR::OW, &bits);
}
