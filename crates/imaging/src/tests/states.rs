//! What presentation states make of images (T66, T5.gsps): made ones by hand, those of the shelf against another program's arithmetic.

use std::fs;

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use triptych_clinical::{SeriesUid, SopInstanceUid};

use super::shelf_folder;
use crate::{
    Colour, DicomFile, Frame, FrameBytes, FrameShape, SampleType,
    display::{DisplayAttributes, Drawing, Interpolation, Layers, PresentationLutShape, Voi, draw},
    geometry::{ViewState, ViewTransform},
    objects::{
        ImageReference, PresentationState, SeriesReference,
        presentation_apply::{Applied, FrameToShow},
        presentation_state::{
            GraphicKind, GraphicObject, ModalityStage, PresentationStage, StateLut, Units,
        },
    },
};

const VECTORS: &str = include_str!("../../tests/imaging-vectors.json");

fn uid() -> SopInstanceUid {
    SopInstanceUid::new("1.2.3").unwrap()
}

/// A state for the image of [`uid`].
fn state() -> PresentationState {
    let images = vec![ImageReference::whole("1.2.840.10008.5.1.4.1.1.2", uid())];
    PresentationState {
        references: vec![SeriesReference {
            series: SeriesUid::new("1.2.4").unwrap(),
            images,
        }],
        ..PresentationState::default()
    }
}

fn frame(columns: u32, rows: u32, colour: Colour, bytes: Vec<u8>) -> Frame {
    Frame {
        shape: FrameShape {
            columns,
            rows,
            sample: if bytes.len() as u32 == columns * rows {
                SampleType::U8
            } else {
                SampleType::I16
            },
            colour,
        },
        bytes: FrameBytes::from(bytes),
    }
}

fn apply(state: &PresentationState, frame: &Frame, display: &DisplayAttributes) -> Applied {
    state
        .apply(&FrameToShow {
            instance: &uid(),
            frame: 0,
            shape: frame.shape,
            display,
        })
        .unwrap()
}

/// Reds of the picture.
fn shown(applied: &Applied, frame: &Frame, view: &ViewState, size: [u32; 2]) -> Vec<u8> {
    let shape = frame.shape;
    let aspect = applied.display.spacing.height_over_width();
    let transform = ViewTransform::new(shape.columns, shape.rows, aspect, size, view);
    let drawing = Drawing {
        frame,
        attributes: &applied.display,
        voi: Some(&applied.voi),
        invert: false,
        transform: &transform,
        interpolation: Interpolation::Nearest,
        size,
        layers: Layers::default(),
        pseudo_colour: None,
        greys: None,
    };
    let mut out = vec![0; (size[0] * size[1] * 4) as usize];
    draw(&drawing, &mut out).unwrap();
    out.chunks_exact(4).map(|p| p[0]).collect()
}

#[test]
fn t5_gsps_the_state_alone_decides_polarity() {
    let all: Value = serde_json::from_str(VECTORS).unwrap();
    let mut ran = 0;
    for v in all["vectors"].as_array().unwrap() {
        let (id, i) = (v["id"].as_str().unwrap(), &v["inputs"]);
        if i["gsps_shape"].is_null() {
            continue;
        }
        ran += 1;
        let colour = if i["photometric"] == "MONOCHROME1" {
            Colour::Monochrome1
        } else {
            Colour::Monochrome2
        };
        let grey = u8::try_from(i["voi_grey"].as_u64().unwrap()).unwrap();
        let frame = frame(1, 1, colour, vec![grey]);
        let display = DisplayAttributes {
            bits_stored: 8,
            presentation_lut_shape: i["image_shape"]
                .as_str()
                .and_then(PresentationLutShape::from_term),
            ..DisplayAttributes::default()
        };
        let mut state = state();
        let wanted = v["expected"]["grey"].as_u64().unwrap();
        let inverse = i["gsps_shape"] == "INVERSE";
        for (stage, wanted) in [
            (PresentationStage::Identity, wanted),
            (PresentationStage::Inverse, 255 - wanted),
        ] {
            state.presentation = stage;
            let applied = apply(&state, &frame, &display);
            let seen = shown(&applied, &frame, &ViewState::default(), [1, 1]);
            assert_eq!(u64::from(seen[0]), wanted, "{id} {inverse}");
        }
    }
    assert_eq!(ran, 1, "T5.gsps");
}

#[test]
fn t66_a_stage_that_is_not_there_is_the_identity() {
    let bytes: Vec<u8> = [-1000_i16, 0, 1000, 2047]
        .into_iter()
        .flat_map(i16::to_ne_bytes)
        .collect();
    let frame = frame(4, 1, Colour::Monochrome2, bytes);
    // The image's own window would show something else.
    let display = DisplayAttributes {
        bits_stored: 12,
        windows: crate::display::windows_of_file(
            &[0.0],
            &[2.0],
            &[],
            crate::display::VoiFunction::Linear,
        )
        .0,
        ..DisplayAttributes::default()
    };
    let applied = apply(&state(), &frame, &display);
    // All 4096 values over 256 greys.
    let seen = shown(&applied, &frame, &ViewState::default(), [4, 1]);
    assert_eq!(seen, [65, 128, 190, 255]);
    assert!(!applied.window_fixed);
    // A table reads the same greys; signed stored values begin at -2048.
    let mut dark = state();
    dark.presentation = PresentationStage::Table(StateLut {
        descriptor: [2, 0, 8],
        words: vec![255, 0],
        explanation: String::new(),
    });
    let applied = apply(&dark, &frame, &display);
    let seen = shown(&applied, &frame, &ViewState::default(), [4, 1]);
    assert_eq!(seen, [255, 0, 0, 0]);
    assert!(applied.window_fixed);
}

#[test]
fn t66_what_is_not_understood_is_refused_with_its_reasons() {
    let frame = frame(1, 1, Colour::Monochrome2, vec![0]);
    let display = DisplayAttributes {
        bits_stored: 8,
        ..DisplayAttributes::default()
    };
    let refused = |state: &PresentationState, colour| {
        let to = FrameToShow {
            instance: &uid(),
            frame: 0,
            shape: FrameShape {
                colour,
                ..frame.shape
            },
            display: &display,
        };
        state.apply(&to).unwrap_err().to_string()
    };
    let mut odd = state();
    odd.unknown.push("ICC profile: not understood".to_owned());
    assert!(refused(&odd, Colour::Monochrome2).contains("ICC profile"));
    assert!(refused(&state(), Colour::Rgb).contains("colours"));
    let mut other = state();
    other.references[0].images[0].instance = SopInstanceUid::new("1.2.9").unwrap();
    assert!(refused(&other, Colour::Monochrome2).contains("does not refer"));
    let mut table = state();
    table.modality = ModalityStage::Table {
        lut: StateLut {
            descriptor: [9, 0, 16],
            words: vec![1],
            explanation: String::new(),
        },
        unit: String::new(),
    };
    assert!(refused(&table, Colour::Monochrome2).contains("modality LUT"));
}

fn read(path: &std::path::Path) -> (Vec<u8>, DicomFile) {
    let bytes = fs::read(path).unwrap();
    let file = DicomFile::parse(&bytes).unwrap();
    (bytes, file)
}

fn decoded(bytes: &[u8], file: &DicomFile) -> Frame {
    Frame {
        shape: file.frame_shape().unwrap(),
        bytes: FrameBytes::from(file.decode_frame_vec(bytes, 0).unwrap()),
    }
}

/// The state of the shelf on the slice that it was made for: window, quarter turn, flip, area.
#[test]
fn t66_a_state_turns_flips_and_crops_its_image() {
    let test = "t66_a_state_turns_flips_and_crops_its_image";
    let Some(folder) = shelf_folder(test, "data") else {
        return;
    };
    let (bytes, image) = read(&folder.join("dicom_series/chest_ct/031.dcm"));
    let (_, file) = read(&folder.join("dicom_objects/made/presentation_state.dcm"));
    let state = PresentationState::read(&file.data()).unwrap();
    let frame = decoded(&bytes, &image);
    let display = image.display_attributes(0);
    let instance = image.record().unwrap().sop_instance;
    let to = FrameToShow {
        instance: &instance,
        frame: 0,
        shape: frame.shape,
        display: &display,
    };
    let applied = state.apply(&to).unwrap();
    assert_eq!(applied.marks, ["presentation state TEST"]);
    // 384 × 384 pixels of the image fill a viewport of that size: one for one.
    let view = applied.view(512, 512, [384, 384], None);
    let seen = shown(&applied, &frame, &view, [384, 384]);
    let Voi::Window(window) = &applied.voi else {
        panic!("{:?}", applied.voi)
    };
    assert_eq!((window.center(), window.width()), (-600.0, 1500.0));
    let cells: Vec<u16> = frame
        .bytes
        .as_chunks::<2>()
        .0
        .iter()
        .map(|c| u16::from_ne_bytes(*c))
        .collect();
    for (i, j) in [(0, 0), (383, 0), (0, 383), (100, 200), (380, 381)] {
        // Turned by 90 degrees and flipped: rows are columns.
        let (column, row) = (64 + j, 64 + i);
        let x = f64::from(cells[row * 512 + column]) - 1000.0;
        let grey = ((x + 600.5) / 1499.0 + 0.5).clamp(0.0, 1.0) * 255.0;
        assert_eq!(seen[j * 384 + i], (grey + 0.5).floor() as u8, "{i} {j}");
    }
    let transform = ViewTransform::new(512, 512, 1.0, [384, 384], &view);
    let corner = applied.display_to_screen([1.0, 0.5], 512, 512, &transform);
    assert!((corner.0 - glam::DVec2::new(384.0, 192.0)).length() < 1e-9);
    // All kinds of graphics, as lines.
    assert_eq!(applied.graphics.len(), 1);
    let lines: Vec<_> = applied.graphics[0]
        .annotation
        .graphics
        .iter()
        .map(GraphicObject::outline)
        .collect();
    assert_eq!(lines[0], [[256.0, 256.0]]);
    assert_eq!(lines[1].len(), 5);
    let near = |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]) < 1e-9;
    // The smooth line goes through its points and closes.
    for p in [
        [300.0, 300.0],
        [350.0, 280.0],
        [400.0, 300.0],
        [350.0, 340.0],
    ] {
        assert!(lines[2].iter().any(|q| near(*q, p)), "{p:?}");
    }
    assert_eq!(lines[2].first(), lines[2].last());
    assert!(
        lines[3]
            .iter()
            .all(|p| ((p[0] - 300.0).hypot(p[1] - 150.0) - 40.0).abs() < 1e-9)
    );
    let on = |p: &[f64; 2]| ((p[0] - 130.0) / 50.0).powi(2) + ((p[1] - 350.0) / 30.0).powi(2);
    assert!(lines[4].iter().all(|p| (on(p) - 1.0).abs() < 1e-9));
}

#[test]
fn t66_an_area_may_be_magnified_or_of_true_size() {
    let frame = frame(8, 8, Colour::Monochrome2, vec![0; 64]);
    let display = DisplayAttributes {
        bits_stored: 8,
        ..DisplayAttributes::default()
    };
    let mut state = state();
    let area = |mode| crate::objects::presentation_state::DisplayedArea {
        scope: Vec::new(),
        top_left: [1, 1],
        bottom_right: [4, 4],
        mode,
        spacing: Some([0.5, 0.5]),
        aspect: None,
    };
    use crate::objects::presentation_state::SizeMode;
    for (mode, screen_mm, scale) in [
        (SizeMode::ScaleToFit, None, 25.0),
        (SizeMode::Magnify(3.0), None, 3.0),
        (SizeMode::TrueSize, Some(0.25), 2.0),
        (SizeMode::TrueSize, None, 25.0),
    ] {
        state.areas = vec![area(mode)];
        let applied = apply(&state, &frame, &display);
        let view = applied.view(8, 8, [100, 100], screen_mm);
        let transform = ViewTransform::new(8, 8, 1.0, [100, 100], &view);
        assert!((transform.scale() - scale).abs() < 1e-9, "{mode:?}");
        let middle = crate::geometry::ImageCorner(glam::DVec2::splat(2.0));
        let off = transform.to_screen(middle).0 - 50.0;
        // Whole scales snap to the grid.
        assert!(off.abs().max_element() <= 0.5, "{mode:?} {off}");
    }
}

/// Modality, VOI and presentation table together, pixel for pixel as reckoned by numpy.
#[test]
fn t66_three_tables_of_a_state_give_the_greys_of_another_program() {
    let test = "t66_three_tables_of_a_state_give_the_greys_of_another_program";
    let Some(folder) = shelf_folder(test, "data/dicom_objects/pr") else {
        return;
    };
    let (bytes, image) = read(&folder.join("imageForPrLUTs.dcm"));
    let (_, file) = read(&folder.join("prLUTs.dcm"));
    let state = PresentationState::read(&file.data()).unwrap();
    let frame = decoded(&bytes, &image);
    let applied = state
        .apply(&FrameToShow {
            instance: &image.record().unwrap().sop_instance,
            frame: 0,
            shape: frame.shape,
            display: &image.display_attributes(0),
        })
        .unwrap();
    let seen = shown(&applied, &frame, &ViewState::default(), [512, 512]);
    let at = |row: usize, column: usize| seen[row * 512 + column];
    let some = [at(0, 0), at(100, 200), at(256, 256), at(400, 33)];
    assert_eq!(some, [0, 100, 136, 17]);
    let digest: String = Sha256::digest(&seen)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    let wanted = "546af9b48beb3872e7a9e0622b8b5c0579027de1a4ba5e34daffd2ab222bf83a";
    assert_eq!(digest, wanted);
}

#[test]
fn t66_overlays_of_a_state_lie_in_its_layers() {
    let test = "t66_overlays_of_a_state_lie_in_its_layers";
    let Some(folder) = shelf_folder(test, "data/dicom_objects/pr") else {
        return;
    };
    let (_, file) = read(&folder.join("prOverlay.dcm"));
    let state = PresentationState::read(&file.data()).unwrap();
    let instance = state.references[0].images[0].instance.clone();
    let display = DisplayAttributes {
        bits_stored: 8,
        ..DisplayAttributes::default()
    };
    let shape = frame(512, 512, Colour::Monochrome2, vec![0; 512 * 512]).shape;
    let to = FrameToShow {
        instance: &instance,
        frame: 0,
        shape,
        display: &display,
    };
    // It switches on four overlays of an image that has none here: nothing is half applied.
    let refused = state.apply(&to).unwrap_err().to_string();
    assert!(
        refused.contains("overlay 6000: the image has no such overlay"),
        "{refused}"
    );
    let mut own = state.clone();
    own.overlays.retain(|o| o.plane.is_some());
    let overlays = own.apply(&to).unwrap().display.overlays;
    let of = |o: &crate::display::Overlay| {
        let set: u32 = o.bits.iter().map(|b| b.count_ones()).sum();
        (o.group, set, o.colour)
    };
    let got: Vec<_> = overlays.iter().map(of).collect();
    let white = Some([255; 3]);
    assert_eq!(got, [(0x6008, 680, white), (0x600A, 680, white)]);
}

#[test]
fn t66_graphics_without_their_points_draw_nothing() {
    let object = |kind, points: &[[f32; 2]]| GraphicObject {
        kind,
        units: Units::Pixel,
        points: points.to_vec(),
        filled: false,
    };
    for kind in [
        GraphicKind::Point,
        GraphicKind::Polyline,
        GraphicKind::Interpolated,
        GraphicKind::Circle,
        GraphicKind::Ellipse,
    ] {
        assert!(object(kind, &[]).outline().is_empty(), "{kind:?}");
    }
}
