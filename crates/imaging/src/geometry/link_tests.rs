//! Several tiles: the vectors of T27, T28, T30, T51 and T52, and what they leave open.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use glam::{DVec2, DVec3};
use proptest::prelude::*;
use serde_json::Value;

use super::{
    tests::{AXIAL, all_near, each, f, floats, near, six, three},
    *,
};

const SAGITTAL: [f64; 6] = [0.0, 1.0, 0.0, 0.0, 0.0, -1.0];

fn space(patient: &str, study: &str, frames: &[&str]) -> Space {
    Space {
        patient: patient.into(),
        study: study.into(),
        frames_of_reference: frames
            .iter()
            .filter(|f| !f.is_empty())
            .map(|f| (*f).to_owned())
            .collect(),
    }
}

fn image(position: [f64; 3], orientation: [f64; 6], mm: f64, pixels: u32) -> PlacedImage {
    PlacedImage {
        plane: Plane::new(position, orientation).unwrap(),
        pixel_spacing_mm: [mm, mm],
        columns: pixels,
        rows: pixels,
    }
}

fn axial_stack(frame: &str, keys: &[f64]) -> PlacedStack {
    let images = keys
        .iter()
        .map(|z| image([-50.0, -50.0, *z], AXIAL, 1.0, 101))
        .collect();
    PlacedStack::new(space("p", "1.2", &[frame]), images).unwrap()
}

#[test]
fn t27_vectors_of_frames_of_reference() {
    each("T27", |id, i, e, tolerance| {
        if i["matrix_row_major"].is_array() {
            let matrix: Vec<f64> = i["matrix_row_major"]
                .as_array()
                .unwrap()
                .iter()
                .flat_map(floats)
                .collect();
            let registration = Registration::new("1.1", "1.2", &matrix).unwrap();
            let point = PatientMm(DVec3::from_array(three(&i["point_lps"])));
            let got = registration.apply(point);
            all_near(id, &got.0.to_array(), &e["point"], tolerance);
            // The link finds the same way, and back.
            let link = SpaceLink::between(
                &space("p", "s", &["1.1"]),
                &space("p", "s", &["1.2"]),
                std::slice::from_ref(&registration),
                None,
            )
            .unwrap();
            assert_eq!(link.mark(), Some("registered"), "{id}");
            all_near(id, &link.point(point).0.to_array(), &e["point"], tolerance);
            let back = link.inverse().point(got).0;
            assert!((back - point.0).length() < 1e-9, "{id}");
        } else {
            let of = |name: &str| space("p", "s", &[i[name].as_str().unwrap()]);
            let link = SpaceLink::between(&of("for_a"), &of("for_b"), &[], None);
            assert_eq!(link.is_ok(), e["comparable"] == true, "{id}");
        }
    });
}

#[test]
fn t27_who_may_be_compared_with_whom() {
    let check = |a: &Space, b: &Space, user, expected: Result<Option<&str>, Unlinked>| {
        assert_eq!(
            SpaceLink::between(a, b, &[], user).map(|l| l.mark()),
            expected
        );
    };
    let a = space("p", "s", &["1.1"]);
    check(&a, &a, None, Ok(None));
    let later = space("p", "t", &["1.1"]);
    check(
        &a,
        &later,
        None,
        Ok(Some("same frame of reference, other study")),
    );
    // Another patient, whatever the files or a person say.
    let shift = Some(UserLink::Offset(DVec3::Z));
    let other = space("q", "s", &["1.1"]);
    check(&a, &other, None, Err(Unlinked::OtherPatient));
    check(&a, &other, shift, Err(Unlinked::OtherPatient));
    check(&a, &space("p", "s", &[]), None, Err(Unlinked::NoFrame));
    check(
        &a,
        &space("p", "s", &["1.2"]),
        None,
        Err(Unlinked::OtherFrame),
    );
    check(&a, &space("p", "s", &[]), shift, Ok(Some("linked by hand")));
    check(&a, &a, Some(UserLink::Broken), Err(Unlinked::Broken));
    // The published chest CT: each slice with a frame of its own is one stack, equal to itself only.
    let each_own = space("p", "s", &["1.1", "1.2", "1.3"]);
    check(&each_own, &each_own, None, Ok(None));
    check(&each_own, &a, None, Err(Unlinked::OtherFrame));
    assert_eq!(each_own.mark(), Some("several frames of reference"));
    assert_eq!(a.mark(), None);
}

#[test]
fn t27_registrations_chain_both_ways_and_a_broken_matrix_is_refused() {
    let shift = |mm: f64| {
        [
            1.0, 0.0, 0.0, mm, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0,
        ]
    };
    // CT and MR both into the atlas: CT to MR goes there and back out.
    let registrations = [
        Registration::new("ct", "atlas", &shift(10.0)).unwrap(),
        Registration::new("mr", "atlas", &shift(4.0)).unwrap(),
    ];
    let link = SpaceLink::between(
        &space("p", "s", &["ct"]),
        &space("p", "t", &["mr"]),
        &registrations,
        None,
    )
    .unwrap();
    assert_eq!(link.kind(), LinkKind::Registered);
    let moved = link.point(PatientMm(DVec3::ZERO)).0;
    assert!(
        (moved - DVec3::new(6.0, 0.0, 0.0)).length() < 1e-12,
        "{moved}"
    );
    let mut flat = shift(0.0);
    flat[0] = 0.0;
    let mut projective = shift(0.0);
    projective[12] = 0.5;
    for matrix in [&flat[..], &projective, &[f64::NAN; 16], &[1.0; 3]] {
        assert!(Registration::new("a", "b", matrix).is_err(), "{matrix:?}");
    }
    assert!(Registration::new("", "b", &shift(0.0)).is_err());
}

#[test]
fn t27_a_registration_of_10_mm_moves_line_and_cursor_by_10_mm() {
    let target = axial_stack("1.2", &[0.0, 5.0, 10.0]);
    let source = PlacedStack::new(
        space("p", "s", &["1.1"]),
        vec![image([3.0, -50.0, 50.0], SAGITTAL, 1.0, 101)],
    )
    .unwrap();
    let none = SpaceLink::between(source.space(), target.space(), &[], None);
    assert_eq!(none, Err(Unlinked::OtherFrame));
    let matrix = [
        1.0, 0.0, 0.0, 10.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0,
    ];
    let registration = Registration::new("1.1", "1.2", &matrix).unwrap();
    let link = SpaceLink::between(source.space(), target.space(), &[registration], None).unwrap();
    let there = link.image(&source.images()[0]).unwrap();
    let line = CrossLine::new(&target.images()[0], &there.plane).unwrap();
    // x = 13 mm is index 63, corner 63.5.
    assert!(
        line.ends.iter().all(|p| (p.0.x - 63.5).abs() < 1e-9),
        "{line:?}"
    );
    let point = link.point(PatientMm(DVec3::new(3.0, 0.0, 5.2)));
    let found = target.locate(0, point).unwrap();
    assert_eq!((found.image, found.inside), (1, true));
    assert!((found.at.0 - DVec2::new(63.5, 50.5)).length() < 1e-9);
    assert!((found.distance_mm - 0.2).abs() < 1e-9);
}

#[test]
fn t28_vectors_of_cross_reference_lines() {
    each("T28", |id, i, e, tolerance| {
        let t = &i["target_image"];
        let target = PlacedImage {
            plane: Plane::new(three(&t["ipp"]), six(&t["iop"])).unwrap(),
            pixel_spacing_mm: floats(&t["pixel_spacing"]).try_into().unwrap(),
            columns: f(&t["columns"]) as u32,
            rows: f(&t["rows"]) as u32,
        };
        let s = &i["source_plane"];
        let source = Plane::new(three(&s["ipp"]), six(&s["iop"])).unwrap();
        let line = CrossLine::new(&target, &source);
        let want = e["line_lps"].as_array().unwrap();
        let Some(line) = line else {
            assert!(want.is_empty(), "{id}: no line");
            return;
        };
        let [a, b] = line.ends_mm.map(|p| p.0.to_array());
        let same = |p: [f64; 3], w: &Value| {
            p.iter()
                .zip(floats(w))
                .all(|(g, w)| (g - w).abs() <= tolerance)
        };
        let forward = same(a, &want[0]) && same(b, &want[1]);
        assert!(
            forward || same(b, &want[0]) && same(a, &want[1]),
            "{id}: {a:?} {b:?}"
        );
    });
}

#[test]
fn t28_lines_end_at_pixel_corners_and_at_the_source_when_asked() {
    // Unequal spacing: 2 mm between rows, 0.5 mm between columns.
    let target = PlacedImage {
        plane: Plane::new([0.0; 3], AXIAL).unwrap(),
        pixel_spacing_mm: [2.0, 0.5],
        columns: 40,
        rows: 10,
    };
    // A sagittal source at x = 5 mm, from y = 4 to y = 8 mm (corners 3.5 to 8.5) and z about 0.
    let source = image([5.0, 4.0, 2.0], SAGITTAL, 1.0, 5);
    let whole = CrossLine::new(&target, &source.plane).unwrap();
    let mut rows = whole.ends.map(|p| p.0.y);
    rows.sort_by(f64::total_cmp);
    assert_eq!(rows, [0.0, 10.0]);
    // Index 5 / 0.5 = 10, corner 10.5.
    assert!(whole.ends.iter().all(|p| (p.0.x - 10.5).abs() < 1e-9));
    let part = CrossLine::true_extent(&target, &source).unwrap();
    let mut rows = part.ends.map(|p| p.0.y);
    rows.sort_by(f64::total_cmp);
    // y = 3.5 mm is index 1.75, corner 2.25; y = 8.5 mm is 4.75.
    assert!(
        (rows[0] - 2.25).abs() < 1e-9 && (rows[1] - 4.75).abs() < 1e-9,
        "{rows:?}"
    );
    // A source whose rectangle does not reach the target's plane cuts it nowhere, though its plane does.
    let above = image([5.0, 4.0, 40.0], SAGITTAL, 1.0, 5);
    assert!(CrossLine::new(&target, &above.plane).is_some());
    assert_eq!(CrossLine::true_extent(&target, &above), None);
    // A plane beyond the edge.
    let beside = image([30.0, 4.0, 2.0], SAGITTAL, 1.0, 5);
    assert_eq!(CrossLine::new(&target, &beside.plane), None);
    // A slab of 4 mm: 2 mm to either side, 4 columns.
    let mut faces = CrossLine::of_slab(&target, &source.plane, 4.0).map(|l| l.unwrap().ends[0].0.x);
    faces.sort_by(f64::total_cmp);
    assert!(
        (faces[0] - 6.5).abs() < 1e-9 && (faces[1] - 14.5).abs() < 1e-9,
        "{faces:?}"
    );
}

#[test]
fn t28_a_stack_shows_its_current_first_and_last_line() {
    let target = image([-50.0, -50.0, 0.0], AXIAL, 1.0, 101);
    let images = (0..5)
        .map(|k| {
            image(
                [f64::from(k) * 10.0 - 20.0, -50.0, 50.0],
                SAGITTAL,
                1.0,
                101,
            )
        })
        .collect();
    let source = PlacedStack::new(space("p", "s", &["1"]), images).unwrap();
    let lines = StackLines::new(&target, &source, 3, false);
    let x = |line: Option<CrossLine>| line.unwrap().ends[0].0.x;
    assert_eq!(
        [x(lines.first), x(lines.current), x(lines.last)].map(|x| x.round()),
        [31.0, 61.0, 71.0]
    );
    let stack = axial_stack("1", &[0.0, 5.0]);
    assert_eq!(
        StackLines::new(&target, &stack, 0, true),
        StackLines::default()
    );
}

#[test]
fn t30_vectors_of_linked_scroll() {
    each("T30", |id, i, e, _| {
        let keys = floats(&i["target_keys_mm"]);
        let target = axial_stack("1.2", &keys);
        let source = axial_stack("1.2", &[f(&i["source_key_mm"])]);
        let user = i["offset_mm"]
            .as_f64()
            .map(|mm| UserLink::Offset(DVec3::new(0.0, 0.0, mm)));
        let link = SpaceLink::between(source.space(), target.space(), &[], user).unwrap();
        match target.linked_slice(0, &source, 0, &link) {
            LinkedSlice::At(at) => near(id, at as f64, &e["target_index"], 0.0),
            other => {
                assert!(e["target_index"].is_null(), "{id}");
                assert_eq!(other.mark(), e["mark"].as_str(), "{id}");
            }
        }
    });
}

#[test]
fn t30_oblique_pairs_link_below_30_degrees_and_reversed_scans_always() {
    let target = axial_stack("1", &[0.0, 5.0, 10.0]);
    let link = SpaceLink::between(target.space(), target.space(), &[], None).unwrap();
    let turned = |degrees: f64| {
        let (sin, cos) = degrees.to_radians().sin_cos();
        // Turned about the row axis, its middle at z = 5.
        let down = DVec3::new(0.0, cos, sin) * 50.0;
        let middle = DVec3::new(0.0, 0.0, 5.0);
        let origin = middle - DVec3::X * 50.0 - down;
        let stack = vec![image(
            origin.to_array(),
            [1.0, 0.0, 0.0, 0.0, cos, sin],
            1.0,
            101,
        )];
        PlacedStack::new(space("p", "s", &["1"]), stack).unwrap()
    };
    assert_eq!(
        target.linked_slice(0, &turned(29.0), 0, &link),
        LinkedSlice::At(1)
    );
    let far = target.linked_slice(0, &turned(31.0), 0, &link);
    assert!(matches!(far, LinkedSlice::Turned { degrees } if (degrees - 31.0).abs() < 1e-6));
    assert_eq!(far.mark(), Some("other orientation"));
    assert_eq!(
        target.linked_slice(0, &turned(180.0), 0, &link),
        LinkedSlice::At(1)
    );
}

#[test]
fn t30_a_link_by_hand_keeps_its_distance_and_nothing_jumps() {
    let source = axial_stack("1", &[100.0, 105.0, 110.0, 115.0]);
    let target = axial_stack("2", &[-20.0, -17.0, -14.0, -11.0, -8.0, -5.0]);
    let offset = target.offset_to(2, &source, 1).unwrap();
    let link = SpaceLink::between(
        source.space(),
        target.space(),
        &[],
        Some(UserLink::Offset(offset)),
    )
    .unwrap();
    assert_eq!(
        target.linked_slice(2, &source, 1, &link),
        LinkedSlice::At(2)
    );
    // 5 mm on is -9: nearest to -8.
    assert_eq!(
        target.linked_slice(2, &source, 2, &link),
        LinkedSlice::At(4)
    );
    assert_eq!(
        target.linked_slice(4, &source, 3, &link),
        LinkedSlice::At(5)
    );
    assert_eq!(
        target.linked_slice(5, &source, 0, &link),
        LinkedSlice::At(0)
    );
}

#[test]
fn t30_a_linked_4_d_stack_stays_in_its_time_point() {
    let target = axial_stack("1", &[10.0, 5.0, 0.0, 10.0, 5.0, 0.0]);
    let source = axial_stack("1", &[0.0, 5.0, 10.0]);
    let link = SpaceLink::between(source.space(), target.space(), &[], None).unwrap();
    assert_eq!(
        target.linked_slice(3, &source, 1, &link),
        LinkedSlice::At(4)
    );
    assert_eq!(
        target.linked_slice(0, &source, 1, &link),
        LinkedSlice::At(1)
    );
    assert_eq!(
        target
            .locate(5, PatientMm(DVec3::new(0.0, 0.0, 9.0)))
            .unwrap()
            .image,
        3
    );
}

#[test]
fn t51_t52_vectors_of_magnification_and_true_size() {
    each("T51", |id, i, e, tolerance| {
        if let Some(width) = i["image_width_on_screen_px"].as_f64() {
            let columns = f(&i["columns"]) as u32;
            let viewport = [width as u32, width as u32];
            let view = ViewTransform::new(columns, columns, 1.0, viewport, &ViewState::default());
            near(id, view.scale(), &e["magnification"], tolerance);
        } else {
            let pitch = ScreenPitch::new(f(&i["screen_pitch_mm"])).unwrap();
            let got = pitch.mm_on_screen_per_mm(f(&i["pixel_spacing"]), f(&i["scale"]));
            near(id, got, &e["mm_on_screen_per_mm"], tolerance);
        }
    });
    each("T52", |id, i, e, tolerance| {
        let pitch = ScreenPitch::new(f(&i["screen_pitch_mm"])).unwrap();
        let scale = pitch.true_size_scale(f(&i["pixel_spacing"]));
        if let Some(ratio) = i["device_pixel_ratio"].as_f64() {
            near(id, scale, &e["scale_true_size_device"], tolerance);
            near(
                id,
                logical_scale(scale, ratio),
                &e["scale_logical"],
                tolerance,
            );
        } else {
            near(id, scale, &e["scale_true_size"], tolerance);
        }
    });
    assert_eq!(ScreenPitch::new(0.0), None);
}

#[test]
fn t52_true_size_keeps_the_middle_of_the_tile() {
    let state = ViewState {
        pan: [30.0, -12.0],
        zoom: 1.7,
        rotation_degrees: 30.0,
        ..ViewState::default()
    };
    let before = ViewTransform::new(400, 300, 1.0, [800, 600], &state);
    let pitch = ScreenPitch::new(0.2115).unwrap();
    let scaled = state.at_scale(&before, pitch.true_size_scale(0.5));
    let after = ViewTransform::new(400, 300, 1.0, [800, 600], &scaled);
    let middle = ViewportPx(DVec2::new(400.0, 300.0));
    assert!((after.to_image(middle).0 - before.to_image(middle).0).length() < 1e-9);
    // 100 mm are 200 pixels of 0.5 mm, and 100 mm of screen are 100 / 0.2115 device pixels.
    let ends = [0.0, 200.0].map(|x| after.to_screen(ImageCorner(DVec2::new(x, 0.0))).0);
    assert!(((ends[1] - ends[0]).length() * pitch.mm() - 100.0).abs() < 1e-9);
}

#[test]
fn t30_zoom_and_pan_follow_in_millimetres_and_nothing_jumps() {
    let seen = |zoom: f64, pan: [f64; 2], fit: f64, mm: f64| SeenView {
        state: ViewState {
            zoom,
            pan,
            ..ViewState::default()
        },
        fit,
        mm_per_pixel: Some(mm),
        pitch_mm: None,
    };
    // 0.5 mm at 2 px: 4 px/mm. 0.8 mm at 3 px: 3.75 px/mm.
    let source = seen(1.0, [0.0, 0.0], 2.0, 0.5);
    let target = seen(1.0, [7.5, 0.0], 3.0, 0.8);
    let link = ViewLink::new(&source, &target);
    assert_eq!(
        link.follow(&source, &target, Synced::default()),
        target.state
    );
    // Twice as large and 10 mm to the right.
    let moved = seen(2.0, [80.0, 0.0], 2.0, 0.5);
    let follows = link.follow(&moved, &target, Synced::default());
    assert!((follows.zoom - 2.0).abs() < 1e-12);
    // 2 mm at the link and 10 mm since, at 7.5 px/mm.
    assert!((follows.pan[0] - 90.0).abs() < 1e-9, "{follows:?}");
    let same = ViewLink::SAME_SIZE.follow(&source, &target, Synced::default());
    assert!(
        (same.zoom * 3.0 / 0.8 - 4.0).abs() < 1e-12,
        "4 px/mm in both"
    );
    let only_turns = Synced {
        zoom: false,
        pan: false,
        rotation: true,
    };
    let mut turned = moved;
    turned.state.rotation_degrees = 90.0;
    turned.state.flip_h = true;
    let follows = link.follow(&turned, &target, only_turns);
    assert_eq!((follows.zoom, follows.pan), (1.0, [7.5, 0.0]));
    assert_eq!((follows.rotation_degrees, follows.flip_h), (90.0, true));
}

proptest! {
    #[test]
    fn t28_line_ends_lie_on_both_planes_and_on_the_image(
        a in prop::array::uniform3(-1.0..1.0_f64), b in prop::array::uniform3(-1.0..1.0_f64), at in prop::array::uniform3(-30.0..30.0_f64),
    ) {
        let (row, other) = (DVec3::from_array(a), DVec3::from_array(b));
        prop_assume!(row.length() > 0.1 && row.cross(other).length() > 0.1);
        let row = row.normalize();
        let column = row.cross(other).normalize();
        let ([rx, ry, rz], [cx, cy, cz]) = (row.to_array(), column.to_array());
        let source = Plane::new(at, [rx, ry, rz, cx, cy, cz]).unwrap();
        let target = image([-50.0, -50.0, 0.0], AXIAL, 1.0, 101);
        if let Some(line) = CrossLine::new(&target, &source) {
            for (corner, mm) in line.ends.iter().zip(line.ends_mm) {
                prop_assert!((mm.0 - source.position().0).dot(source.normal()).abs() < 1e-6);
                prop_assert!(mm.0.z.abs() < 1e-6);
                prop_assert!((target.to_patient(*corner).0 - mm.0).length() < 1e-6);
                let edge = [corner.0.x, corner.0.y].iter().any(|v| v.abs() < 1e-6 || (v - 101.0).abs() < 1e-6);
                prop_assert!(edge && target.holds(*corner), "{corner:?}");
            }
        }
    }

    #[test]
    fn t30_linking_there_and_back_returns_to_the_slice(at in 0_usize..20, shift in -40.0..40.0_f64) {
        let keys: Vec<f64> = (0..20).map(|k| f64::from(k) * 3.0).collect();
        let source = axial_stack("1", &keys);
        let target = axial_stack("2", &keys.iter().map(|k| k + shift).collect::<Vec<_>>());
        let offset = Some(UserLink::Offset(DVec3::new(0.0, 0.0, shift)));
        let link = SpaceLink::between(source.space(), target.space(), &[], offset).unwrap();
        prop_assert_eq!(target.linked_slice(0, &source, at, &link), LinkedSlice::At(at));
        prop_assert_eq!(source.linked_slice(0, &target, at, &link.inverse()), LinkedSlice::At(at));
    }
}
