//! From the data set of a presentation state to its values. What is not understood is named, never passed over (T66).

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use triptych_clinical::SeriesUid;

use super::{
    ReadError, attribute,
    presentation_state::{
        DisplayedArea, GraphicLayer, Mask, ModalityStage, OverlayPlane, PresentationStage,
        PresentationState, Shutter, ShutterRectangle, SizeMode, StateLut, StateOverlay, VoiItem,
    },
    reference::{ImageReference, SeriesReference, whole},
};
use crate::{
    dataset::DataSet,
    display::{ModalityLut, VoiFunction, windows_of_file},
    limits,
    objects::presentation_graphics,
};

/// What is wrong with a part of a state.
pub(super) type Part<T> = Result<T, String>;

/// Elements of the whole data set that are read here, beside those of patient, study, series and equipment.
const READ: &[Tag] = &[
    tags::SHUTTER_SHAPE,
    tags::SHUTTER_LEFT_VERTICAL_EDGE,
    tags::SHUTTER_RIGHT_VERTICAL_EDGE,
    tags::SHUTTER_UPPER_HORIZONTAL_EDGE,
    tags::SHUTTER_LOWER_HORIZONTAL_EDGE,
    tags::CENTER_OF_CIRCULAR_SHUTTER,
    tags::RADIUS_OF_CIRCULAR_SHUTTER,
    tags::VERTICES_OF_THE_POLYGONAL_SHUTTER,
    tags::SHUTTER_PRESENTATION_VALUE,
    tags::SHUTTER_OVERLAY_GROUP,
    tags::SHUTTER_PRESENTATION_COLOR_CIE_LAB_VALUE,
    tags::RESCALE_INTERCEPT,
    tags::RESCALE_SLOPE,
    tags::RESCALE_TYPE,
    tags::MODALITY_LUT_SEQUENCE,
    tags::SOFTCOPY_VOILUT_SEQUENCE,
    tags::MASK_SUBTRACTION_SEQUENCE,
    tags::RECOMMENDED_VIEWING_MODE,
    tags::GRAPHIC_ANNOTATION_SEQUENCE,
    tags::IMAGE_HORIZONTAL_FLIP,
    tags::IMAGE_ROTATION,
    tags::DISPLAYED_AREA_SELECTION_SEQUENCE,
    tags::GRAPHIC_LAYER_SEQUENCE,
    tags::CONTENT_LABEL,
    tags::CONTENT_DESCRIPTION,
    tags::PRESENTATION_CREATION_DATE,
    tags::PRESENTATION_CREATION_TIME,
    tags::CONTENT_CREATOR_NAME,
    tags::CONTENT_CREATOR_IDENTIFICATION_CODE_SEQUENCE,
    tags::ALTERNATE_CONTENT_DESCRIPTION_SEQUENCE,
    tags::PRESENTATION_LUT_SEQUENCE,
    tags::PRESENTATION_LUT_SHAPE,
];

/// Elements that style or group what is drawn anyway.
const STYLE: &[Tag] = &[
    tags::GRAPHIC_GROUP_SEQUENCE,
    tags::COMPOUND_GRAPHIC_SEQUENCE,
    tags::TEXT_STYLE_SEQUENCE,
    tags::LINE_STYLE_SEQUENCE,
    tags::FILL_STYLE_SEQUENCE,
    tags::GRAPHIC_GROUP_ID,
    tags::TRACKING_ID,
    tags::TRACKING_UID,
];

impl PresentationState {
    /// Reads a state. Parts that make no sense are named in [`PresentationState::unknown`] with their reason.
    ///
    /// # Errors
    /// When it refers to no image, or to more than [`limits::ITEMS`].
    pub fn read(data: &DataSet<'_>) -> Result<Self, ReadError> {
        let text = |tag| data.text(tag).unwrap_or_default();
        let mut state = Self {
            label: text(tags::CONTENT_LABEL),
            description: text(tags::CONTENT_DESCRIPTION),
            created_date: text(tags::PRESENTATION_CREATION_DATE),
            created_time: text(tags::PRESENTATION_CREATION_TIME),
            creator: text(tags::CONTENT_CREATOR_NAME),
            references: references(data)?,
            ..Self::default()
        };
        let mut unknown = unread(data, &mut state.left_out);
        let mut take = |name: &str, reason: String| unknown.push(format!("{name}: {reason}"));
        match shutter(data) {
            Ok(read) => state.shutter = read,
            Err(reason) => take("display shutter", reason),
        }
        for item in data.items(tags::MASK_SUBTRACTION_SEQUENCE) {
            match mask(&item) {
                Ok(read) => state.masks.push(read),
                Err(reason) => take("mask subtraction", reason),
            }
        }
        match modality(data) {
            Ok(read) => state.modality = read,
            Err(reason) => take("modality LUT", reason),
        }
        for item in data.items(tags::SOFTCOPY_VOILUT_SEQUENCE) {
            match voi(&item) {
                Ok(read) => state.voi.push(read),
                Err(reason) => take("VOI", reason),
            }
        }
        match presentation(data) {
            Ok(read) => state.presentation = read,
            Err(reason) => take("presentation LUT", reason),
        }
        match spatial(data) {
            Ok((rotation, flip)) => (state.rotation_degrees, state.flip_h) = (rotation, flip),
            Err(reason) => take("spatial transformation", reason),
        }
        for item in data.items(tags::DISPLAYED_AREA_SELECTION_SEQUENCE) {
            match area(&item) {
                Ok(read) => state.areas.push(read),
                Err(reason) => take("displayed area", reason),
            }
        }
        for item in data.items(tags::GRAPHIC_LAYER_SEQUENCE) {
            match layer(&item) {
                Ok(read) => state.layers.push(read),
                Err(reason) => take("graphic layer", reason),
            }
        }
        for item in data.items(tags::GRAPHIC_ANNOTATION_SEQUENCE) {
            match presentation_graphics::read(&item, &mut state.left_out) {
                Ok(read) => state.annotations.push(read),
                Err(reason) => take("graphic annotation", reason),
            }
        }
        for group in (0x6000..=0x601E).step_by(2) {
            match overlay(data, group) {
                Ok(read) => state.overlays.extend(read),
                Err(reason) => take(&format!("overlay {group:04X}"), reason),
            }
        }
        let known = |name: &str| state.layers.iter().any(|l| l.name == name);
        let of_graphics = state.annotations.iter().map(|a| &a.layer);
        let of_overlays = state.overlays.iter().filter_map(|o| o.layer.as_ref());
        for name in of_graphics.chain(of_overlays) {
            if !known(name) {
                let reason = format!("layer {name:?} is not among its layers");
                if !unknown.contains(&reason) {
                    unknown.push(reason);
                }
            }
        }
        state.left_out.sort_unstable();
        state.left_out.dedup();
        state.unknown = unknown;
        Ok(state)
    }
}

/// Names what nobody reads, where it could change the picture; private elements go to `left_out`.
fn unread(data: &DataSet<'_>, left_out: &mut Vec<String>) -> Vec<String> {
    let mut unknown = Vec::new();
    for tag in data.tags() {
        let (group, element) = (tag.group(), tag.element());
        if group % 2 == 1 {
            left_out.push(format!("private element {tag}"));
            continue;
        }
        let shows = match group {
            // The pixel description and the stated values of images that writers copy in.
            0x0028 => {
                !(0x0002..=0x0120).contains(&element) && !(0x0300..=0x0303).contains(&element)
            }
            0x0018 => (0x1600..=0x1624).contains(&element),
            0x0070 | 0x2050 | 0x0062 => true,
            0x6000..=0x60FF => !OVERLAY.contains(&element) || group > 0x601E,
            0x5400 | 0x7FE0 => true,
            _ => false,
        };
        if !shows
            || READ.contains(&tag)
            || (0x6000..=0x601E).contains(&group) && OVERLAY.contains(&element)
        {
            continue;
        }
        if STYLE.contains(&tag) {
            left_out.push(attribute(tag));
        } else {
            unknown.push(format!("{} is not understood", attribute(tag)));
        }
    }
    unknown
}

/// The same for an item: everything that is not in `read`.
pub(super) fn unread_of_item(
    item: &DataSet<'_>,
    read: &[Tag],
    left_out: &mut Vec<String>,
) -> Part<()> {
    for tag in item.tags() {
        if read.contains(&tag) {
            continue;
        }
        if tag.group() % 2 == 1 || STYLE.contains(&tag) {
            left_out.push(attribute(tag));
        } else {
            return Err(format!("{} is not understood", attribute(tag)));
        }
    }
    Ok(())
}

fn references(data: &DataSet<'_>) -> Result<Vec<SeriesReference>, ReadError> {
    let mut count = 0_usize;
    let series = data.items(tags::REFERENCED_SERIES_SEQUENCE).map(|item| {
        let uid = item.first_text(tags::SERIES_INSTANCE_UID);
        let uid = uid.ok_or_else(|| ReadError::missing(tags::SERIES_INSTANCE_UID))?;
        let images = ImageReference::read_all(&item)?;
        count = count.saturating_add(images.len());
        if count > limits::ITEMS {
            return Err(ReadError::TooMany {
                what: "referenced images",
                most: limits::ITEMS,
            });
        }
        Ok(SeriesReference {
            series: SeriesUid::new(&uid)
                .map_err(|e| ReadError::wrong(tags::SERIES_INSTANCE_UID, e))?,
            images,
        })
    });
    let series: Vec<SeriesReference> = series.collect::<Result<_, ReadError>>()?;
    if series.iter().all(|s| s.images.is_empty()) {
        return Err(ReadError::wrong(
            tags::REFERENCED_SERIES_SEQUENCE,
            "names no image",
        ));
    }
    Ok(series)
}

fn scope(item: &DataSet<'_>) -> Part<Vec<ImageReference>> {
    ImageReference::read_all(item).map_err(|e| e.to_string())
}

/// Whole numbers that fit 32 bits.
pub(super) fn integers(data: &DataSet<'_>, tag: Tag) -> Part<Vec<i32>> {
    let numbers = data.numbers(tag).into_iter().map(|n| {
        let fits = n.fract() == 0.0 && (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&n);
        #[expect(clippy::cast_possible_truncation, reason = "checked")]
        fits.then_some(n as i32)
            .ok_or_else(|| format!("{} holds {n}, no whole number", attribute(tag)))
    });
    numbers.collect()
}

fn exactly<const N: usize>(data: &DataSet<'_>, tag: Tag) -> Part<[i32; N]> {
    let values = integers(data, tag)?;
    let count = values.len();
    values
        .try_into()
        .map_err(|_| format!("{} has {count} of {N} values", attribute(tag)))
}

fn shutter(data: &DataSet<'_>) -> Part<Option<Shutter>> {
    let shapes = data.texts(tags::SHUTTER_SHAPE);
    if shapes.is_empty() {
        return Ok(None);
    }
    let one = |tag| exactly::<1>(data, tag).map(|[v]| v);
    let mut shutter = Shutter {
        p_value: data
            .words(tags::SHUTTER_PRESENTATION_VALUE)
            .first()
            .copied(),
        lab: data
            .words(tags::SHUTTER_PRESENTATION_COLOR_CIE_LAB_VALUE)
            .try_into()
            .ok(),
        ..Shutter::default()
    };
    for shape in shapes {
        match shape.as_str() {
            "RECTANGULAR" => {
                shutter.rectangle = Some(ShutterRectangle {
                    left: one(tags::SHUTTER_LEFT_VERTICAL_EDGE)?,
                    right: one(tags::SHUTTER_RIGHT_VERTICAL_EDGE)?,
                    upper: one(tags::SHUTTER_UPPER_HORIZONTAL_EDGE)?,
                    lower: one(tags::SHUTTER_LOWER_HORIZONTAL_EDGE)?,
                });
            }
            "CIRCULAR" => {
                shutter.circle = Some((
                    exactly(data, tags::CENTER_OF_CIRCULAR_SHUTTER)?,
                    one(tags::RADIUS_OF_CIRCULAR_SHUTTER)?,
                ));
            }
            "POLYGONAL" => {
                let numbers = integers(data, tags::VERTICES_OF_THE_POLYGONAL_SHUTTER)?;
                let (vertices, rest) = numbers.as_chunks::<2>();
                if vertices.len() < 3 || !rest.is_empty() {
                    return Err(format!("{} numbers are no polygon", numbers.len()));
                }
                shutter.polygon = Some(vertices.to_vec());
            }
            "BITMAP" => {
                let group = data.words(tags::SHUTTER_OVERLAY_GROUP).first().copied();
                shutter.bitmap_group =
                    Some(group.ok_or("a bitmap shutter names no overlay group")?);
            }
            other => return Err(format!("shape {other:?} is not understood")),
        }
    }
    Ok(Some(shutter))
}

const MASK: &[Tag] = &[
    tags::MASK_OPERATION,
    tags::SUBTRACTION_ITEM_ID,
    tags::APPLICABLE_FRAME_RANGE,
    tags::MASK_FRAME_NUMBERS,
    tags::CONTRAST_FRAME_AVERAGING,
    tags::MASK_SUB_PIXEL_SHIFT,
    tags::TID_OFFSET,
    tags::MASK_OPERATION_EXPLANATION,
    tags::MASK_SELECTION_MODE,
    tags::REFERENCED_IMAGE_SEQUENCE,
];

fn mask(item: &DataSet<'_>) -> Part<Mask> {
    unread_of_item(item, MASK, &mut Vec::new())?;
    if item.has(tags::REFERENCED_IMAGE_SEQUENCE) {
        return Err("a mask in another image is not understood".to_owned());
    }
    let operation = item.first_text(tags::MASK_OPERATION).unwrap_or_default();
    if !matches!(operation.as_str(), "AVG_SUB" | "TID" | "REV_TID" | "NONE") {
        return Err(format!("operation {operation:?} is not understood"));
    }
    let frames = |tag| -> Part<Vec<u32>> {
        let frame = |n: f64| whole(n).and_then(|n| n.checked_sub(1));
        let numbers = item.numbers(tag).into_iter();
        let frames = numbers.map(|n| frame(n).ok_or_else(|| format!("{n} is no frame")));
        frames.collect()
    };
    let ranges = frames(tags::APPLICABLE_FRAME_RANGE)?;
    let (ranges, rest) = ranges.as_chunks::<2>();
    if !rest.is_empty() {
        return Err("frame ranges are no pairs".to_owned());
    }
    Ok(Mask {
        operation,
        applies_to: ranges.to_vec(),
        frames: frames(tags::MASK_FRAME_NUMBERS)?,
        averaged: item.number(tags::CONTRAST_FRAME_AVERAGING).and_then(whole),
        shift: item.number_array(tags::MASK_SUB_PIXEL_SHIFT),
        tid_offset: integers(item, tags::TID_OFFSET)?.first().copied(),
    })
}

/// One item with LUT Descriptor and LUT Data.
fn table(item: &DataSet<'_>) -> Part<StateLut> {
    let words = item.words(tags::LUT_DESCRIPTOR);
    let found = words.len();
    let lut = StateLut {
        descriptor: words
            .try_into()
            .map_err(|_| format!("LUT Descriptor has {found} of 3 values"))?,
        words: item.words(tags::LUT_DATA),
        explanation: item.text(tags::LUT_EXPLANATION).unwrap_or_default(),
    };
    lut.lut(false).map_err(|e| e.to_string())?;
    Ok(lut)
}

fn modality(data: &DataSet<'_>) -> Part<ModalityStage> {
    if let Some(item) = data.first_item(tags::MODALITY_LUT_SEQUENCE) {
        return Ok(ModalityStage::Table {
            lut: table(&item)?,
            unit: item.first_text(tags::MODALITY_LUT_TYPE).unwrap_or_default(),
        });
    }
    if !data.has_value(tags::RESCALE_SLOPE) && !data.has_value(tags::RESCALE_INTERCEPT) {
        return Ok(ModalityStage::Identity);
    }
    let number = |tag| {
        data.number(tag)
            .ok_or_else(|| format!("{} is no number", attribute(tag)))
    };
    let (slope, intercept) = (
        number(tags::RESCALE_SLOPE)?,
        number(tags::RESCALE_INTERCEPT)?,
    );
    if let (_, Some(mark)) = ModalityLut::rescale(Some(slope), Some(intercept)) {
        return Err(mark.to_owned());
    }
    Ok(ModalityStage::Rescale {
        slope,
        intercept,
        unit: data.first_text(tags::RESCALE_TYPE).unwrap_or_default(),
    })
}

const VOI: &[Tag] = &[
    tags::REFERENCED_IMAGE_SEQUENCE,
    tags::WINDOW_CENTER,
    tags::WINDOW_WIDTH,
    tags::WINDOW_CENTER_WIDTH_EXPLANATION,
    tags::VOILUT_FUNCTION,
    tags::VOILUT_SEQUENCE,
];

fn voi(item: &DataSet<'_>) -> Part<VoiItem> {
    unread_of_item(item, VOI, &mut Vec::new())?;
    let term = item.first_text(tags::VOILUT_FUNCTION).unwrap_or_default();
    let function = VoiFunction::from_term(&term)
        .ok_or_else(|| format!("VOI LUT Function {term:?} is not understood"))?;
    let (windows, marks) = windows_of_file(
        &item.numbers(tags::WINDOW_CENTER),
        &item.numbers(tags::WINDOW_WIDTH),
        &item.texts(tags::WINDOW_CENTER_WIDTH_EXPLANATION),
        function,
    );
    if let Some(mark) = marks.into_iter().next() {
        return Err(mark.to_owned());
    }
    let luts = item.items(tags::VOILUT_SEQUENCE).map(|i| table(&i));
    let read = VoiItem {
        scope: scope(item)?,
        windows,
        luts: luts.collect::<Part<_>>()?,
    };
    if read.windows.is_empty() && read.luts.is_empty() {
        return Err("an item has neither a window nor a table".to_owned());
    }
    Ok(read)
}

fn presentation(data: &DataSet<'_>) -> Part<PresentationStage> {
    if let Some(item) = data.first_item(tags::PRESENTATION_LUT_SEQUENCE) {
        return table(&item).map(PresentationStage::Table);
    }
    match data.first_text(tags::PRESENTATION_LUT_SHAPE).as_deref() {
        // PS3.3 C.11.6 wants one of both; a state without is read as the identity it would be.
        None | Some("IDENTITY") => Ok(PresentationStage::Identity),
        Some("INVERSE") => Ok(PresentationStage::Inverse),
        Some(other) => Err(format!("shape {other:?} is not understood")),
    }
}

fn spatial(data: &DataSet<'_>) -> Part<(u16, bool)> {
    let rotation = match data.int(tags::IMAGE_ROTATION) {
        None if data.has_value(tags::IMAGE_ROTATION) => Err("Image Rotation is no number"),
        None | Some(0) => Ok(0),
        Some(90) => Ok(90),
        Some(180) => Ok(180),
        Some(270) => Ok(270),
        Some(_) => Err("Image Rotation is no quarter turn"),
    };
    let flip = match data.first_text(tags::IMAGE_HORIZONTAL_FLIP).as_deref() {
        None | Some("N") => Ok(false),
        Some("Y") => Ok(true),
        Some(_) => Err("Image Horizontal Flip is neither Y nor N"),
    };
    Ok((rotation?, flip?))
}

const AREA: &[Tag] = &[
    tags::REFERENCED_IMAGE_SEQUENCE,
    tags::DISPLAYED_AREA_TOP_LEFT_HAND_CORNER,
    tags::DISPLAYED_AREA_BOTTOM_RIGHT_HAND_CORNER,
    tags::PRESENTATION_SIZE_MODE,
    tags::PRESENTATION_PIXEL_SPACING,
    tags::PRESENTATION_PIXEL_ASPECT_RATIO,
    tags::PRESENTATION_PIXEL_MAGNIFICATION_RATIO,
];

fn area(item: &DataSet<'_>) -> Part<DisplayedArea> {
    unread_of_item(item, AREA, &mut Vec::new())?;
    let mode = item.first_text(tags::PRESENTATION_SIZE_MODE);
    let spacing: Option<[f64; 2]> = item.number_array(tags::PRESENTATION_PIXEL_SPACING);
    let spacing = spacing.filter(|s| s.iter().all(|v| *v > 0.0));
    let mode = match mode.as_deref() {
        Some("SCALE TO FIT") => SizeMode::ScaleToFit,
        Some("TRUE SIZE") if spacing.is_some() => SizeMode::TrueSize,
        Some("TRUE SIZE") => return Err("true size without a pixel spacing".to_owned()),
        Some("MAGNIFY") => {
            let ratio = item.number(tags::PRESENTATION_PIXEL_MAGNIFICATION_RATIO);
            let ratio = ratio.filter(|r| *r > 0.0);
            SizeMode::Magnify(ratio.ok_or("magnify without a ratio")?)
        }
        other => return Err(format!("size mode {other:?} is not understood")),
    };
    let aspect = integers(item, tags::PRESENTATION_PIXEL_ASPECT_RATIO)?;
    let aspect = match aspect.as_slice() {
        [] => None,
        [vertical, horizontal] if *vertical > 0 && *horizontal > 0 => {
            Some([i64::from(*vertical), i64::from(*horizontal)])
        }
        _ => return Err("Presentation Pixel Aspect Ratio is no ratio".to_owned()),
    };
    Ok(DisplayedArea {
        scope: scope(item)?,
        top_left: exactly(item, tags::DISPLAYED_AREA_TOP_LEFT_HAND_CORNER)?,
        bottom_right: exactly(item, tags::DISPLAYED_AREA_BOTTOM_RIGHT_HAND_CORNER)?,
        mode,
        spacing,
        aspect,
    })
}

fn layer(item: &DataSet<'_>) -> Part<GraphicLayer> {
    let name = item.first_text(tags::GRAPHIC_LAYER);
    Ok(GraphicLayer {
        name: name.ok_or("a layer has no name")?,
        order: item
            .int(tags::GRAPHIC_LAYER_ORDER)
            .ok_or("a layer has no order")?,
        description: item
            .text(tags::GRAPHIC_LAYER_DESCRIPTION)
            .unwrap_or_default(),
        grey: item
            .words(tags::GRAPHIC_LAYER_RECOMMENDED_DISPLAY_GRAYSCALE_VALUE)
            .first()
            .copied(),
        lab: item
            .words(tags::GRAPHIC_LAYER_RECOMMENDED_DISPLAY_CIE_LAB_VALUE)
            .try_into()
            .ok(),
    })
}

/// Elements of an overlay group that are read, or that change nothing that is drawn.
const OVERLAY: &[u16] = &[
    0x0010, 0x0011, 0x0015, 0x0022, 0x0040, 0x0045, 0x0050, 0x0051, 0x0100, 0x0102, 0x1001, 0x1301,
    0x1302, 0x1303, 0x1500, 0x3000,
];

fn overlay(data: &DataSet<'_>, group: u16) -> Part<Option<StateOverlay>> {
    let tag = |element| Tag(group, element);
    let layer = data.first_text(tag(0x1001));
    if !data.has(tag(0x3000)) && !data.has(tag(0x0010)) {
        return Ok(layer.map(|layer| StateOverlay {
            group,
            layer: Some(layer),
            plane: None,
        }));
    }
    let size = |element| {
        let stated = data.number(tag(element)).and_then(whole);
        stated
            .filter(|n| (1..=limits::ROWS_OR_COLUMNS).contains(n))
            .ok_or_else(|| format!("{} is no size", attribute(tag(element))))
    };
    let (rows, columns) = (size(0x0010)?, size(0x0011)?);
    if data.number(tag(0x0015)).is_some_and(|frames| frames != 1.0) {
        return Err("an overlay of several frames is not understood".to_owned());
    }
    let whole_bits = data.number(tag(0x0100)).unwrap_or(1.0) == 1.0
        && data.number(tag(0x0102)).unwrap_or(0.0) == 0.0;
    if !whole_bits {
        return Err("an overlay inside of pixels is not understood".to_owned());
    }
    let bits = data.little_endian(tag(0x3000)).unwrap_or_default();
    let needed = (u64::from(rows) * u64::from(columns)).div_ceil(8);
    let needed = usize::try_from(needed).unwrap_or(usize::MAX);
    let found = bits.len();
    let bits = bits
        .get(..needed)
        .ok_or_else(|| format!("{found} of {needed} bytes are there"))?;
    Ok(Some(StateOverlay {
        group,
        layer,
        plane: Some(OverlayPlane {
            rows,
            columns,
            graphics: data.first_text(tag(0x0040)).as_deref() != Some("R"),
            origin: exactly(data, tag(0x0050))?,
            label: data.text(tag(0x1500)).unwrap_or_default(),
            bits: bits.to_vec(),
        }),
    }))
}
