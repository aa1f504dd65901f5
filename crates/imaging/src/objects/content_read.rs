//! From data sets to content items. Nothing in a report is passed over: what is not understood is kept by name and value.

use std::fmt::Write as _;

use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

use super::{
    ReadError, attribute,
    code::Code,
    content::{ContentItem, ContentValue, DEPTH, ITEMS, Number},
    reference::{ImageReference, whole},
};
use crate::{dataset::DataSet, limits};

/// Elements of a content item that every value type may have and that are read.
const COMMON: &[Tag] = &[
    tags::RELATIONSHIP_TYPE,
    tags::VALUE_TYPE,
    tags::CONCEPT_NAME_CODE_SEQUENCE,
    tags::CONTENT_SEQUENCE,
    tags::OBSERVATION_UID,
    tags::OBSERVATION_DATE_TIME,
];

/// Characters of the values that nobody understands, in one document.
const OTHER_TEXT: usize = 1 << 20;

/// What one document may still hold.
struct Left {
    items: usize,
    text: usize,
}

impl ContentItem {
    /// The content tree of a report, from its root.
    ///
    /// # Errors
    /// Deeper than [`DEPTH`], more than [`ITEMS`] items, or a root without a value type.
    pub fn read(data: &DataSet<'_>) -> Result<Self, ReadError> {
        if !data.has_value(tags::VALUE_TYPE) {
            return Err(ReadError::missing(tags::VALUE_TYPE));
        }
        let mut left = Left {
            items: ITEMS,
            text: OTHER_TEXT,
        };
        read(data, true, DEPTH, &mut left)
    }
}

fn read(
    data: &DataSet<'_>,
    root: bool,
    deeper: usize,
    left: &mut Left,
) -> Result<ContentItem, ReadError> {
    left.items = left.items.checked_sub(1).ok_or(ReadError::TooMany {
        what: "content items",
        most: ITEMS,
    })?;
    let mut used: Vec<Tag> = COMMON.to_vec();
    let value = value(data, &mut used);
    let template = data
        .first_item(tags::CONTENT_TEMPLATE_SEQUENCE)
        .and_then(|item| {
            let known = item.tags().all(|t| {
                matches!(
                    t,
                    tags::TEMPLATE_IDENTIFIER | tags::MAPPING_RESOURCE | tags::MAPPING_RESOURCE_UID
                )
            });
            if known {
                used.push(tags::CONTENT_TEMPLATE_SEQUENCE);
            }
            item.first_text(tags::TEMPLATE_IDENTIFIER)
        });
    let mut children = Vec::new();
    if data.has(tags::CONTENT_SEQUENCE) {
        let deeper = deeper.checked_sub(1).ok_or(ReadError::TooDeep(DEPTH))?;
        if data.vr(tags::CONTENT_SEQUENCE) != Some(VR::SQ) {
            return Err(ReadError::wrong(tags::CONTENT_SEQUENCE, "is no sequence"));
        }
        for item in data.items(tags::CONTENT_SEQUENCE) {
            children.push(read(&item, false, deeper, left)?);
        }
    }
    let mut other = Vec::new();
    // The root shares its data set with patient, study and equipment, which other readers have.
    if !root {
        let unread = data.tags().filter(|t| !used.contains(t));
        for tag in unread {
            describe(data, tag, "", limits::NESTING, &mut left.text, &mut other);
        }
    }
    Ok(ContentItem {
        relationship: data.first_text(tags::RELATIONSHIP_TYPE).unwrap_or_default(),
        concept: Code::read(data, tags::CONCEPT_NAME_CODE_SEQUENCE),
        value,
        template,
        uid: data.first_text(tags::OBSERVATION_UID),
        observed: data.first_text(tags::OBSERVATION_DATE_TIME),
        other,
        children,
    })
}

/// The value, and the elements it was made of. What makes no sense leaves its elements unused, so that they are shown.
fn value(data: &DataSet<'_>, used: &mut Vec<Tag>) -> ContentValue {
    let places = data.numbers(tags::REFERENCED_CONTENT_ITEM_IDENTIFIER);
    if !places.is_empty() && !data.has_value(tags::VALUE_TYPE) {
        let path: Option<Vec<u32>> = places.into_iter().map(whole).collect();
        if let Some(path) = path {
            used.push(tags::REFERENCED_CONTENT_ITEM_IDENTIFIER);
            return ContentValue::Reference(path);
        }
    }
    let kind = data.first_text(tags::VALUE_TYPE).unwrap_or_default();
    let (found, tags_of_it): (Result<ContentValue, String>, &[Tag]) = match kind.as_str() {
        "CONTAINER" => (
            Ok(ContentValue::Container(
                data.first_text(tags::CONTINUITY_OF_CONTENT)
                    .unwrap_or_default(),
            )),
            &[tags::CONTINUITY_OF_CONTENT],
        ),
        "CODE" => (
            Code::read(data, tags::CONCEPT_CODE_SEQUENCE)
                .map(ContentValue::Code)
                .ok_or_else(|| "it has no code".to_owned()),
            &[tags::CONCEPT_CODE_SEQUENCE],
        ),
        "NUM" => (
            number(data),
            &[
                tags::MEASURED_VALUE_SEQUENCE,
                tags::NUMERIC_VALUE_QUALIFIER_CODE_SEQUENCE,
            ],
        ),
        "TEXT" => (
            text(data, tags::TEXT_VALUE).map(ContentValue::Text),
            &[tags::TEXT_VALUE],
        ),
        "PNAME" => (
            text(data, tags::PERSON_NAME).map(ContentValue::PersonName),
            &[tags::PERSON_NAME],
        ),
        "DATE" => (
            text(data, tags::DATE).map(ContentValue::Date),
            &[tags::DATE],
        ),
        "TIME" => (
            text(data, tags::TIME).map(ContentValue::Time),
            &[tags::TIME],
        ),
        "DATETIME" => (
            text(data, tags::DATE_TIME).map(ContentValue::DateTime),
            &[tags::DATE_TIME],
        ),
        "UIDREF" => (text(data, tags::UID).map(ContentValue::Uid), &[tags::UID]),
        "IMAGE" => (image(data), &[tags::REFERENCED_SOP_SEQUENCE]),
        "COMPOSITE" => (
            referenced(data).map(|(image, _)| ContentValue::Composite(image)),
            &[tags::REFERENCED_SOP_SEQUENCE],
        ),
        "WAVEFORM" => (waveform(data), &[tags::REFERENCED_SOP_SEQUENCE]),
        "SCOORD" => (points(data), &[tags::GRAPHIC_TYPE, tags::GRAPHIC_DATA]),
        "SCOORD3D" => (
            points_mm(data),
            &[
                tags::GRAPHIC_TYPE,
                tags::GRAPHIC_DATA,
                tags::REFERENCED_FRAME_OF_REFERENCE_UID,
            ],
        ),
        "TCOORD" => (
            times(data),
            &[
                tags::TEMPORAL_RANGE_TYPE,
                tags::REFERENCED_SAMPLE_POSITIONS,
                tags::REFERENCED_TIME_OFFSETS,
                tags::REFERENCED_DATE_TIME,
            ],
        ),
        "" => (Err("it has no value type".to_owned()), &[]),
        _ => (Err("its value type is not known".to_owned()), &[]),
    };
    match found {
        Ok(value) => {
            used.extend(tags_of_it);
            value
        }
        Err(why) => ContentValue::Unknown { kind, why },
    }
}

fn text(data: &DataSet<'_>, tag: Tag) -> Result<String, String> {
    data.text(tag)
        .ok_or_else(|| format!("{} has no value", attribute(tag)))
}

fn number(data: &DataSet<'_>) -> Result<ContentValue, String> {
    let qualifier = Code::read(data, tags::NUMERIC_VALUE_QUALIFIER_CODE_SEQUENCE);
    let Some(item) = data.first_item(tags::MEASURED_VALUE_SEQUENCE) else {
        return Ok(ContentValue::Number(Number {
            qualifier,
            ..Number::default()
        }));
    };
    let known = [
        tags::NUMERIC_VALUE,
        tags::FLOATING_POINT_VALUE,
        tags::MEASUREMENT_UNITS_CODE_SEQUENCE,
    ];
    if let Some(tag) = item.tags().find(|t| !known.contains(t)) {
        return Err(format!("{} is not understood", attribute(tag)));
    }
    Ok(ContentValue::Number(Number {
        text: item.text(tags::NUMERIC_VALUE).unwrap_or_default(),
        exact: item.number(tags::FLOATING_POINT_VALUE),
        unit: Code::read(&item, tags::MEASUREMENT_UNITS_CODE_SEQUENCE),
        qualifier,
    }))
}

/// The item of Referenced SOP Sequence with what it names.
fn referenced<'a>(data: &DataSet<'a>) -> Result<(ImageReference, DataSet<'a>), String> {
    let item = data
        .first_item(tags::REFERENCED_SOP_SEQUENCE)
        .ok_or_else(|| ReadError::missing(tags::REFERENCED_SOP_SEQUENCE).to_string())?;
    let image = ImageReference::read(&item).map_err(|e| e.to_string())?;
    Ok((image, item))
}

fn image(data: &DataSet<'_>) -> Result<ContentValue, String> {
    let (image, item) = referenced(data)?;
    let known = [
        tags::REFERENCED_SOP_CLASS_UID,
        tags::REFERENCED_SOP_INSTANCE_UID,
        tags::REFERENCED_FRAME_NUMBER,
        tags::REFERENCED_SEGMENT_NUMBER,
        tags::REFERENCED_SOP_SEQUENCE,
        tags::REFERENCED_REAL_WORLD_VALUE_MAPPING_INSTANCE_SEQUENCE,
    ];
    if let Some(tag) = item.tags().find(|t| !known.contains(t)) {
        // Icon images and the like: the elements are shown as they are.
        return Err(format!("{} is not understood", attribute(tag)));
    }
    let inner = |sequence| {
        let item = item.first_item(sequence);
        item.map(|i| ImageReference::read(&i).map_err(|e| e.to_string()))
            .transpose()
    };
    Ok(ContentValue::Image {
        image,
        state: inner(tags::REFERENCED_SOP_SEQUENCE)?,
        values: inner(tags::REFERENCED_REAL_WORLD_VALUE_MAPPING_INSTANCE_SEQUENCE)?,
    })
}

fn waveform(data: &DataSet<'_>) -> Result<ContentValue, String> {
    let (waveform, item) = referenced(data)?;
    let numbers = item.numbers(tags::REFERENCED_WAVEFORM_CHANNELS);
    let numbers: Option<Vec<u32>> = numbers.into_iter().map(whole).collect();
    let numbers = numbers.ok_or("its channels are no numbers")?;
    let (channels, rest) = numbers.as_chunks::<2>();
    if !rest.is_empty() {
        return Err("its channels are no pairs".to_owned());
    }
    Ok(ContentValue::Waveform {
        waveform,
        channels: channels.to_vec(),
    })
}

/// Single floats of Graphic Data; `None` where one is no number.
fn floats(data: &DataSet<'_>) -> Option<Vec<f32>> {
    let numbers = data.numbers(tags::GRAPHIC_DATA);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "they are single floats in the file"
    )]
    let floats = numbers.into_iter().map(|n| n as f32);
    floats.map(|n| n.is_finite().then_some(n)).collect()
}

fn graphic_type(data: &DataSet<'_>) -> Result<String, String> {
    data.first_text(tags::GRAPHIC_TYPE)
        .ok_or_else(|| ReadError::missing(tags::GRAPHIC_TYPE).to_string())
}

fn points(data: &DataSet<'_>) -> Result<ContentValue, String> {
    let numbers = floats(data).ok_or("its points hold what is no number")?;
    let (points, rest) = numbers.as_chunks::<2>();
    if points.is_empty() || !rest.is_empty() {
        return Err(format!("{} numbers are no points", numbers.len()));
    }
    Ok(ContentValue::Points {
        kind: graphic_type(data)?,
        points: points.to_vec(),
    })
}

fn points_mm(data: &DataSet<'_>) -> Result<ContentValue, String> {
    let numbers = floats(data).ok_or("its points hold what is no number")?;
    let (points, rest) = numbers.as_chunks::<3>();
    if points.is_empty() || !rest.is_empty() {
        return Err(format!("{} numbers are no points in space", numbers.len()));
    }
    Ok(ContentValue::PointsMm {
        kind: graphic_type(data)?,
        frame_of_reference: data
            .first_text(tags::REFERENCED_FRAME_OF_REFERENCE_UID)
            .unwrap_or_default(),
        points: points.to_vec(),
    })
}

fn times(data: &DataSet<'_>) -> Result<ContentValue, String> {
    let samples = data.numbers(tags::REFERENCED_SAMPLE_POSITIONS);
    let samples: Option<Vec<u32>> = samples.into_iter().map(whole).collect();
    Ok(ContentValue::Times {
        kind: text(data, tags::TEMPORAL_RANGE_TYPE)?,
        samples: samples.ok_or("its samples are no numbers")?,
        offsets: data.texts(tags::REFERENCED_TIME_OFFSETS),
        times: data.texts(tags::REFERENCED_DATE_TIME),
    })
}

/// `Keyword (gggg,eeee): value`, elements of items with their path.
fn describe(
    data: &DataSet<'_>,
    tag: Tag,
    path: &str,
    deeper: usize,
    left: &mut usize,
    out: &mut Vec<String>,
) {
    if *left == 0 {
        return;
    }
    let name = format!("{path}{}", attribute(tag));
    if data.vr(tag) == Some(VR::SQ) {
        let Some(deeper) = deeper.checked_sub(1) else {
            return;
        };
        for (k, item) in data.items(tag).enumerate() {
            let path = format!("{name} item {} > ", k.saturating_add(1));
            let tags: Vec<Tag> = item.tags().collect();
            for tag in tags {
                describe(&item, tag, &path, deeper, left, out);
            }
        }
        return;
    }
    let mut line = name;
    let value = data.text(tag).filter(|_| is_text(data.vr(tag)));
    let value = value.unwrap_or_else(|| {
        let numbers = data.numbers(tag);
        let shown = numbers.iter().take(64).map(f64::to_string);
        let mut shown = shown.collect::<Vec<_>>().join("\\");
        if numbers.len() > 64 {
            let _ = write!(shown, "\\… {} values", numbers.len());
        }
        shown
    });
    let _ = write!(line, ": {value}");
    if line.len() > *left {
        "attributes are too long to show".clone_into(&mut line);
        *left = 0;
    } else {
        *left = left.saturating_sub(line.len());
    }
    out.push(line);
}

fn is_text(vr: Option<VR>) -> bool {
    !matches!(
        vr,
        Some(
            VR::US
                | VR::SS
                | VR::UL
                | VR::SL
                | VR::FL
                | VR::FD
                | VR::OB
                | VR::OW
                | VR::OF
                | VR::OD
                | VR::OL
                | VR::UN
                | VR::AT
                | VR::SV
                | VR::UV
                | VR::OV
        )
    )
}
