//! Enhanced objects: the facts of each frame by functional groups (T33).

use dicom_core::{Tag, VR};
use serde_json::Value;

use super::made::{Image, Pixels, element, implicit_header};
use crate::{
    DicomFile,
    display::ModalityLut,
    geometry::{Slice, arrange},
};

const ITEM: Tag = Tag(0xFFFE, 0xE000);
const SHARED: Tag = Tag(0x5200, 0x9229);
const PER_FRAME: Tag = Tag(0x5200, 0x9230);

type Element = (Tag, VR, Vec<u8>);

fn item(elements: &[Element]) -> Vec<u8> {
    let mut sorted = elements.to_vec();
    sorted.sort_by_key(|e| e.0);
    let bytes: Vec<u8> = sorted
        .iter()
        .flat_map(|(t, vr, v)| element(*t, *vr, v))
        .collect();
    let mut out = implicit_header(ITEM, u32::try_from(bytes.len()).unwrap());
    out.extend(bytes);
    out
}

fn of_macro(tag: Tag, elements: &[Element]) -> Element {
    (tag, VR::SQ, item(elements))
}

fn decimals(tag: Tag, values: &[&Value]) -> Element {
    let texts: Vec<String> = values.iter().map(|v| v.to_string()).collect();
    (tag, VR::DS, texts.join("\\").into_bytes())
}

fn list(v: &Value) -> Vec<&Value> {
    v.as_array().map_or_else(Vec::new, |a| a.iter().collect())
}

/// The macros that a vector states for one group.
fn group(v: &Value) -> Vec<Element> {
    let mut macros = Vec::new();
    if let Some(measures) = v.get("PixelMeasures") {
        macros.push(of_macro(
            Tag(0x28, 0x9110),
            &[
                decimals(Tag(0x28, 0x30), &list(&measures["PixelSpacing"])),
                decimals(Tag(0x18, 0x50), &[&measures["SliceThickness"]]),
            ],
        ));
    }
    if let Some(orientation) = v.get("PlaneOrientation") {
        let cosines = decimals(Tag(0x20, 0x37), &list(orientation));
        macros.push(of_macro(Tag(0x20, 0x9116), &[cosines]));
    }
    if let Some(position) = v.get("ipp") {
        let position = decimals(Tag(0x20, 0x32), &list(position));
        macros.push(of_macro(Tag(0x20, 0x9113), &[position]));
    }
    let values = v.get("PixelValueTransformation").unwrap_or(v);
    if values.get("slope").is_some() {
        macros.push(of_macro(
            Tag(0x28, 0x9145),
            &[
                decimals(Tag(0x28, 0x1053), &[&values["slope"]]),
                decimals(Tag(0x28, 0x1052), &[&values["intercept"]]),
            ],
        ));
    }
    if let Some(voi) = v.get("FrameVOILUT") {
        macros.push(of_macro(
            Tag(0x28, 0x9132),
            &[
                decimals(Tag(0x28, 0x1050), &[&voi["center"]]),
                decimals(Tag(0x28, 0x1051), &[&voi["width"]]),
            ],
        ));
    }
    macros
}

fn file(i: &Value) -> Vec<u8> {
    let frames = i["number_of_frames"].as_u64().unwrap();
    let per_frame: Vec<u8> = list(&i["per_frame"])
        .iter()
        .flat_map(|g| item(&group(g)))
        .collect();
    let mut more = vec![
        (SHARED, VR::SQ, item(&group(&i["shared"]))),
        (PER_FRAME, VR::SQ, per_frame),
    ];
    if let Some(root) = i.get("root") {
        more.push(decimals(Tag(0x28, 0x1053), &[&root["rescale_slope"]]));
        more.push(decimals(Tag(0x28, 0x1052), &[&root["rescale_intercept"]]));
    }
    let image = Image {
        frames: Some(frames.to_string()),
        pixels: Pixels::Native(vec![0; 8 * usize::try_from(frames).unwrap()]),
        more,
        ..Image::default()
    };
    image.bytes()
}

#[test]
fn t33_vectors_of_functional_groups() {
    super::vectors::each("T33", |id, i, e| {
        let bytes = file(i);
        let file = DicomFile::parse(&bytes).unwrap();
        let frames = usize::try_from(file.frames()).unwrap();
        let shown: Vec<_> = (0..frames).map(|k| file.display_attributes(k)).collect();
        let modality = |k: usize, stored: &Value| {
            let lut: &ModalityLut = &shown[k].modality_lut;
            lut.apply(stored.as_f64().unwrap())
        };
        if let Some(order) = e.get("order") {
            let slices: Vec<Slice> = file.slices();
            let stacks = arrange(&slices);
            assert_eq!(stacks.len(), 1, "{id}");
            assert_eq!(serde_json::json!(stacks[0].slices), *order, "{id}");
            let values = stacks[0].slices.iter().map(|k| modality(*k, &i["stored"]));
            let wanted = list(&e["modality_values_in_order"]);
            for (got, wanted) in values.zip(wanted) {
                assert_eq!(Some(got), wanted.as_f64(), "{id}");
            }
            let spacing = stacks[0].spacing.as_ref().unwrap();
            assert_eq!(Some(spacing.median_mm), e["spacing"].as_f64(), "{id}");
        } else if let Some(windows) = e.get("window_of_frame") {
            for (k, wanted) in list(windows).into_iter().enumerate() {
                let window = shown[k].windows[0].window;
                assert_eq!(Some(window.center()), wanted[0].as_f64(), "{id} frame {k}");
                assert_eq!(Some(window.width()), wanted[1].as_f64(), "{id} frame {k}");
            }
            let marked = shown
                .iter()
                .flat_map(|s| &s.marks)
                .any(|m| m.contains("the frame's is used"));
            assert_eq!(Some(marked), e["flag"].as_bool(), "{id}");
        } else {
            for (k, wanted) in list(&e["modality_values"]).into_iter().enumerate() {
                assert_eq!(
                    Some(modality(k, &i["stored"])),
                    wanted.as_f64(),
                    "{id} frame {k}"
                );
            }
        }
    });
}
