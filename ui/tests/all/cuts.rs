//! Planes through the volume of a tile: T34, T35, and drawings on them.

use egui::{Key, Modifiers, PointerButton, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use triptych_render::volume::SlabMode;
use triptych_ui::{Command, Desk};
use triptych_workbench::DrawingEdit;

use crate::behaviour::{Seen, open, patient, sent};
use crate::hands::{FIRST, drag, view};

fn planes() -> Harness<'static, Seen> {
    let mut h = open(patient(), Desk::Reading);
    h.key_press(Key::M);
    h.run_steps(4);
    h
}

/// M hangs the slices and three planes through one point; their pixels come from the canvas, one sample for each pixel of the screen.
#[test]
fn t34_m_hangs_three_planes_through_one_point() {
    let h = planes();
    let cuts = &h.state().canvas.cuts;
    assert_eq!(cuts.len(), 3, "{:?}", cuts.keys());
    let mut normals: Vec<glam::DVec3> = Vec::new();
    for cut in cuts.values() {
        assert_eq!(cut.plane.slab.mode, SlabMode::Single);
        let normal = cut.plane.normal();
        assert!(normals.iter().all(|n| n.dot(normal).abs() < 1e-6));
        normals.push(normal);
        assert_eq!(
            cut.id,
            cuts.values().next().unwrap().id,
            "one volume on the device"
        );
    }
    // Every plane goes through the middle of the first: they meet in a point.
    assert!(
        h.query_all_by_label_contains("HYATT, Neva")
            .next()
            .is_some()
    );
}

/// T35: thickness in millimetres and its kind; both stay while the slab is scrolled.
#[test]
fn t35_a_slab_keeps_its_thickness_while_it_is_scrolled() {
    let mut h = planes();
    let slot = h.state().canvas.cuts.keys().next().unwrap().clone();
    h.key_press_modifiers(Modifiers::SHIFT, Key::M);
    h.run_steps(3);
    let slabs = |h: &Harness<'static, Seen>| {
        let all = h.state().canvas.cuts.values();
        all.map(|c| (c.plane.slab.mode, c.plane.slab.thickness_mm))
            .filter(|(mode, _)| *mode != SlabMode::Single)
            .collect::<Vec<_>>()
    };
    let before = slabs(&h);
    let centre = |h: &Harness<'static, Seen>| h.state().canvas.cuts[&slot].plane.centre.0;
    let at = centre(&h);
    h.key_press(Key::ArrowDown);
    h.run_steps(3);
    assert_eq!(slabs(&h), before);
    assert!(
        !before.is_empty(),
        "Shift+M makes a slab of the active plane"
    );
    assert!(
        h.state()
            .canvas
            .cuts
            .values()
            .any(|c| (c.plane.centre.0 - at).length() > 0.1)
    );
}

/// T49: what is drawn on a plane is measured on that plane in millimetres, and is anchored to it, not to an image.
#[test]
fn t49_a_line_on_a_plane_is_anchored_to_the_plane() {
    let mut h = planes();
    h.key_press(Key::L);
    h.run_steps(2);
    // The second tile: the first plane.
    let from = FIRST + vec2(440.0, 20.0);
    h.event(egui::Event::PointerMoved(from));
    h.run_steps(1);
    drag(
        &mut h,
        PointerButton::Primary,
        from,
        &[from + vec2(30.0, 0.0), from + vec2(60.0, 0.0)],
    );
    let drawn = sent(&h).into_iter().find_map(|c| match c {
        Command::Annotate(edits) => edits.into_iter().find_map(|edit| match edit {
            DrawingEdit::Draw(drawing) => Some(drawing),
            _ => None,
        }),
        _ => None,
    });
    let drawn = drawn.expect("a line was drawn");
    assert!(drawn.anchor.image.is_none());
    let plane = drawn.anchor.plane.expect("lies on a plane");
    let on_screen = h
        .state()
        .canvas
        .cuts
        .iter()
        .find(|(_, cut)| {
            (cut.plane.to_patient([0.0, 0.0]).0 - glam::DVec3::from_array(plane.position)).length()
                < 1e-6
        })
        .expect("that of a tile");
    let mm = drawn.values.first().expect("has a length").value;
    let transform = on_screen
        .1
        .transform(&view(&h, on_screen.0), h.state().canvas.sizes[on_screen.0]);
    let wanted = 60.0 / transform.scale() * plane.spacing[1];
    assert!((mm / wanted - 1.0).abs() < 0.02, "{mm} {wanted}");
}
