//! E3 and T66: presentation states, written and read.

use super::*;
use crate::{
    display::{Voi, VoiFunction, Window, WindowChoice},
    geometry::ViewState,
    objects::{
        PresentationState, SeenImage, WriteError, as_seen,
        presentation_state::{
            GraphicKind, Justification, ModalityStage, OverlayPlane, PresentationStage, Shutter,
            ShutterRectangle, SizeMode, StateLut, StateOverlay, Units,
        },
        write_presentation_state,
    },
};

fn state(bytes: &[u8]) -> PresentationState {
    match read(bytes) {
        Object::PresentationState(state) => state,
        other => panic!("{other:?}"),
    }
}

fn object(test: &str, name: &str) -> Option<PresentationState> {
    let folder = crate::tests::shelf_folder(test, "data/dicom_objects")?;
    Some(state(&std::fs::read(folder.join(name)).unwrap()))
}

/// A state that is written and read is the same but for its date and author, which writing adds.
#[track_caller]
fn comes_back(file: &DicomFile, path: &Path, wanted: &PresentationState, test: &str) -> Written {
    let context = context(file, "2.25.4714");
    let written = write_presentation_state(&context, wanted, &mut counter()).unwrap();
    is_valid(&written, path, test);
    let got = state(&written.bytes);
    let dated = PresentationState {
        created_date: got.created_date.clone(),
        created_time: got.created_time.clone(),
        creator: "Müller^Änne".to_owned(),
        ..wanted.clone()
    };
    assert_eq!(got, dated, "{}", path.display());
    written
}

#[test]
fn e3_what_is_seen_on_real_images_comes_back_from_a_valid_state() {
    let test = "e3_what_is_seen_on_real_images_comes_back_from_a_valid_state";
    let Some(folder) = series_folder(test) else {
        return;
    };
    let mut inverses = 0;
    for name in IMAGES {
        let path = folder.join(name);
        let file = parse(&path);
        let mut seen = SeenImage::of(&file, 0).unwrap();
        if name.starts_with("us_cine") {
            // A colour image: no greyscale state is of it, but its references and frames are.
            assert!(seen.voi.is_none() && seen.image.frames == [0]);
            continue;
        }
        seen.view.rotate_clockwise();
        seen.view.flip_vertically();
        let on = anchor(&file, 0);
        let mut arrow = drawing(1, Shape::Arrow, &[[10.5, 20.25], [40.0, 60.0]], &on);
        arrow.text = "Rundherd, „neu“".to_owned();
        let text = drawing(2, Shape::Text, &[[5.0, 5.0]], &on);
        let circle = drawing(3, Shape::Circle, &[[30.0, 30.0], [35.0, 30.0]], &on);
        seen.drawings = vec![
            (arrow, "Rundherd, „neu“".to_owned()),
            (text, "zwei\nZeilen".to_owned()),
            (circle, String::new()),
        ];
        let states = as_seen(&[seen], "AS SEEN", "Saved view", "Müller^Änne").unwrap();
        assert_eq!(states.len(), 1);
        let state = &states[0];
        // A vertical flip after a quarter turn is 270 degrees and a horizontal flip (T31).
        assert_eq!((state.rotation_degrees, state.flip_h), (270, true));
        assert_eq!(state.annotations[0].graphics.len(), 3);
        assert_eq!(state.annotations[0].texts.len(), 2);
        let photometric = file.data().first_text(tags::PHOTOMETRIC_INTERPRETATION);
        let inverse = photometric.as_deref() == Some("MONOCHROME1");
        inverses += usize::from(inverse);
        let shape = if inverse {
            PresentationStage::Inverse
        } else {
            PresentationStage::Identity
        };
        assert_eq!(state.presentation, shape, "{name}");
        comes_back(&file, &path, state, test);
    }
    assert_eq!(inverses, 2, "the CR and the DX are MONOCHROME1");
}

/// "One item per window and area actually different, not one state per image."
#[test]
fn e3_equal_windows_and_areas_are_said_once() {
    let test = "e3_equal_windows_and_areas_are_said_once";
    let Some(folder) = series_folder(test) else {
        return;
    };
    let window = |c, w| Some(Voi::Window(Window::new(c, w, VoiFunction::Linear).unwrap()));
    let files: Vec<DicomFile> = (20..26)
        .map(|k| parse(&folder.join(format!("chest_ct/{k:03}.dcm"))))
        .collect();
    let mut seen: Vec<SeenImage> = files.iter().map(|f| SeenImage::of(f, 0).unwrap()).collect();
    for (k, image) in seen.iter_mut().enumerate() {
        image.voi = if k < 4 {
            window(-600.0, 1500.0)
        } else {
            window(40.0, 400.0)
        };
    }
    seen[5].area = Some([65, 33, 448, 416]);
    let states = as_seen(&seen, "AS SEEN", "", "").unwrap();
    assert_eq!(states.len(), 1);
    let state = &states[0];
    assert_eq!(
        state.voi.iter().map(|v| v.scope.len()).collect::<Vec<_>>(),
        [4, 2]
    );
    assert_eq!(
        state
            .areas
            .iter()
            .map(|a| a.scope.len())
            .collect::<Vec<_>>(),
        [5, 1]
    );
    let last = &seen[5].image.instance;
    let windows = &state.voi_for(last, 0).unwrap().windows;
    assert_eq!(windows[0].window.center(), 40.0);
    assert_eq!(
        state.area_for(last, 0).unwrap().rectangle(),
        [65, 33, 448, 416]
    );
    comes_back(&files[0], &folder.join("chest_ct/020.dcm"), state, test);
    // Turned otherwise, or of other polarity, it is another state.
    seen[1].view.rotate_clockwise();
    seen[2].inverted = true;
    assert_eq!(as_seen(&seen, "AS SEEN", "", "").unwrap().len(), 3);
    seen[0].view.rotation_degrees = 33.0;
    let error = as_seen(&seen, "AS SEEN", "", "").unwrap_err();
    assert!(matches!(error, WriteError::Unsayable { .. }), "{error}");
}

/// The corners are those of the picture after it is turned (PS3.3 C.10.4).
#[test]
fn e3_the_displayed_area_names_the_corners_as_they_are_seen() {
    let test = "e3_the_displayed_area_names_the_corners_as_they_are_seen";
    let Some(folder) = series_folder(test) else {
        return;
    };
    let file = parse(&folder.join(IMAGES[0]));
    let mut seen = SeenImage::of(&file, 0).unwrap();
    seen.area = Some([11, 22, 333, 444]);
    for quarter in 0..4 {
        for flip_h in [false, true] {
            seen.view = ViewState {
                rotation_degrees: f64::from(quarter) * 90.0,
                flip_h,
                ..ViewState::default()
            };
            let states = as_seen(std::slice::from_ref(&seen), "A", "", "").unwrap();
            let area = &states[0].areas[0];
            assert_eq!(area.rectangle(), [11, 22, 333, 444]);
            // The view's own map puts that pixel at the upper left of what is seen.
            let map = crate::geometry::ViewTransform::new(
                seen.size[0],
                seen.size[1],
                1.0,
                [1000, 1000],
                &seen.view,
            );
            let at = |p: [i32; 2]| {
                let p = p.map(|v| f64::from(v) - 0.5);
                map.to_screen(crate::geometry::ImageCorner(glam::DVec2::from_array(p)))
                    .0
            };
            let (first, last) = (at(area.top_left), at(area.bottom_right));
            assert!(first.x < last.x && first.y < last.y, "{quarter} {flip_h}");
        }
    }
}

/// All that a state can say, written and read.
#[test]
fn e3_every_part_of_a_state_comes_back() {
    let test = "e3_every_part_of_a_state_comes_back";
    let (Some(folder), Some(mut all)) = (
        series_folder(test),
        object(test, "made/presentation_state.dcm"),
    ) else {
        return;
    };
    let path = folder.join(IMAGES[0]);
    let file = parse(&path);
    let lut = |explanation: &str| StateLut {
        descriptor: [4, 0xFFFE, 16],
        words: vec![0, 100, 1000, 65535],
        explanation: explanation.to_owned(),
    };
    all.creator = "Creator^A".to_owned();
    all.shutter = Some(Shutter {
        rectangle: Some(ShutterRectangle {
            left: 10,
            right: 500,
            upper: 20,
            lower: 480,
        }),
        circle: Some(([256, 256], 240)),
        polygon: Some(vec![[1, 1], [1, 512], [512, 256]]),
        bitmap_group: None,
        p_value: Some(0),
        lab: None,
    });
    all.modality = ModalityStage::Table {
        lut: lut("modality"),
        unit: "HU".to_owned(),
    };
    all.voi[0].windows.push(WindowChoice {
        window: Window::new(40.0, 400.0, VoiFunction::Linear).unwrap(),
        explanation: "second".to_owned(),
    });
    all.voi[0].windows[0].explanation = "first".to_owned();
    all.voi[0].luts.push(lut("voi"));
    all.presentation = PresentationStage::Table(StateLut {
        descriptor: [4, 0, 8],
        words: vec![0, 80, 160, 255],
        explanation: String::new(),
    });
    all.areas[0].mode = SizeMode::Magnify(2.5);
    all.areas[0].spacing = None;
    all.areas[0].aspect = Some([1, 1]);
    all.areas[0].top_left = [-10, -20];
    all.layers[0].lab = Some([40_000, 33_000, 32_000]);
    all.overlays = vec![
        StateOverlay {
            group: 0x6000,
            layer: Some("MARKS".to_owned()),
            plane: Some(OverlayPlane {
                rows: 5,
                columns: 7,
                graphics: true,
                origin: [-3, 12],
                label: "bits".to_owned(),
                bits: vec![1, 2, 3, 4, 5],
            }),
        },
        StateOverlay {
            group: 0x6002,
            layer: Some("MARKS".to_owned()),
            plane: None,
        },
    ];
    let context = context(&file, "2.25.4714");
    let written = write_presentation_state(&context, &all, &mut counter()).unwrap();
    assert_eq!(state(&written.bytes), all);
}

/// The state of the shelf with all graphic types, a window, an area, a turn and a flip.
#[test]
fn t66_read_a_state_with_all_graphics() {
    let test = "t66_read_a_state_with_all_graphics";
    let Some(state) = object(test, "made/presentation_state.dcm") else {
        return;
    };
    assert_eq!(state.unknown, Vec::<String>::new());
    assert_eq!((state.rotation_degrees, state.flip_h), (90, true));
    assert_eq!(state.areas[0].rectangle(), [65, 65, 448, 448]);
    assert_eq!(state.areas[0].spacing, Some([0.78125; 2]));
    assert_eq!(state.voi[0].windows[0].window.width(), 1500.0);
    let ModalityStage::Rescale {
        slope, intercept, ..
    } = state.modality
    else {
        panic!("{:?}", state.modality);
    };
    assert_eq!((slope, intercept), (1.0, -1000.0));
    let marks = &state.annotations[0];
    let kinds: Vec<GraphicKind> = marks.graphics.iter().map(|g| g.kind).collect();
    assert_eq!(
        kinds,
        [
            GraphicKind::Point,
            GraphicKind::Polyline,
            GraphicKind::Interpolated,
            GraphicKind::Circle,
            GraphicKind::Ellipse
        ]
    );
    assert!(marks.graphics[4].filled && !marks.graphics[1].filled);
    assert_eq!(marks.graphics[3].points, [[300.0, 150.0], [340.0, 150.0]]);
    assert_eq!(marks.texts[0].anchor.unwrap().point, [256.0, 256.0]);
    let area = marks.texts[1].area.unwrap();
    assert_eq!(
        (area.units, area.justification),
        (Units::Display, Justification::Left)
    );
    assert_eq!(area.top_left, [0.05, 0.9]);
    let image = &state.references[0].images[0];
    assert!(state.covers(&image.instance, 0));
    assert_eq!(state.annotations_for(&image.instance, 0).len(), 1);
}

#[test]
fn t66_read_a_state_with_three_tables_and_one_with_six_overlays() {
    let test = "t66_read_a_state_with_three_tables_and_one_with_six_overlays";
    let (Some(tables), Some(overlays)) = (
        object(test, "pr/prLUTs.dcm"),
        object(test, "pr/prOverlay.dcm"),
    ) else {
        return;
    };
    assert_eq!(tables.unknown, Vec::<String>::new());
    let ModalityStage::Table { lut, .. } = &tables.modality else {
        panic!("{:?}", tables.modality);
    };
    assert_eq!((lut.descriptor, lut.words[1]), ([256, 0, 8], 147));
    assert_eq!(tables.voi[0].luts[0].words[..4], [0, 233, 103, 3]);
    let PresentationStage::Table(lut) = &tables.presentation else {
        panic!("{:?}", tables.presentation);
    };
    assert_eq!(lut.words[..2], [8, 141]);
    assert_eq!(overlays.unknown, Vec::<String>::new());
    assert_eq!(overlays.overlays.len(), 6);
    assert_eq!(overlays.layers.len(), 6);
    let own = overlays.overlays.iter().filter_map(|o| o.plane.as_ref());
    let sizes: Vec<usize> = own.map(|p| p.bits.len()).collect();
    assert_eq!(sizes, [32768, 32768]);
    assert_eq!(overlays.overlays[5].layer.as_deref(), Some("LAYER6"));
}
