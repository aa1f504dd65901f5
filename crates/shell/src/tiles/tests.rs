//! Painting only what changed gives the picture of painting everything.

use egui::epaint::{ClippedPrimitive, ImageDelta, Mesh, Primitive};
use egui::{Color32, ColorImage, TextureId, TextureOptions, TexturesDelta, pos2, vec2};

use super::scene::{BACKGROUND, SIDE, Scene, slice};
use super::*;

const SIZE: [usize; 2] = [800, 600];
const PICTURE: TextureId = TextureId::User(1);

fn picture(painter: &Painter) -> Vec<u32> {
    let mut pixels = vec![0; painter.grid.size[0] * painter.grid.size[1]];
    painter.copy_to(&mut pixels, 0);
    pixels
}

/// Three painters of one scene: one paints all, one what changed, and one's changes are copied by age into a buffer that
/// keeps what it had.
#[test]
fn changed_tiles_are_enough() {
    let mut scene = Scene::new();
    let (mut careful, mut lazy) = (Painter::default(), Painter::default());
    let mut shown = vec![0; SIZE[0] * SIZE[1]];
    let mut kept = 0;
    for step in 0..60 {
        if step % 5 == 0 {
            for painter in [&mut careful, &mut lazy] {
                painter.set_picture(PICTURE, [SIDE as u32; 2], &slice(step));
            }
        }
        let at = pos2((step * 97 % 780) as f32, (step * 61 % 590) as f32);
        let mut output = scene.frame(step, vec2(800.0, 600.0), 1.0, at, PICTURE);
        let primitives = scene.ctx.tessellate(output.shapes, output.pixels_per_point);
        let frame = Frame {
            size: SIZE,
            pixels_per_point: output.pixels_per_point,
            primitives: &primitives,
            background: BACKGROUND,
        };
        careful.invalidate();
        for painter in [&mut careful, &mut lazy] {
            painter.load(&output.textures_delta);
        }
        let (all, some) = (careful.paint(&frame), lazy.paint(&frame));
        for painter in [&mut careful, &mut lazy] {
            painter.free(&output.textures_delta);
        }
        output.textures_delta.clear();
        if some.painted > 0 {
            lazy.copy_to(&mut shown, if step == 0 { 0 } else { 1 });
        }
        assert_eq!(all.painted, all.tiles);
        kept += some.tiles - some.painted;
        assert!(
            picture(&careful) == picture(&lazy),
            "step {step}: the tiles differ"
        );
        assert!(picture(&careful) == shown, "step {step}: the copy differs");
    }
    assert!(kept > 60 * 60, "only {kept} tiles were kept in 60 frames");
}

#[test]
fn a_frame_like_the_last_paints_nothing() {
    let mut scene = Scene::new();
    let mut painter = Painter::default();
    painter.set_picture(PICTURE, [SIDE as u32; 2], &slice(0));
    let mut painted = Vec::new();
    for _ in 0..4 {
        let mut output = scene.frame(0, vec2(800.0, 600.0), 1.0, pos2(5.0, 5.0), PICTURE);
        let primitives = scene.ctx.tessellate(output.shapes, 1.0);
        painter.load(&output.textures_delta);
        output.textures_delta.clear();
        let frame = Frame {
            size: SIZE,
            pixels_per_point: 1.0,
            primitives: &primitives,
            background: BACKGROUND,
        };
        painted.push(painter.paint(&frame).painted);
    }
    assert_eq!(painted[0], 13 * 10);
    assert_eq!(painted[3], 0);
    // The same slice given again may look different for all the painter knows: 180 pixels at 320, 16 are 4 x 4 tiles.
    painter.set_picture(PICTURE, [SIDE as u32; 2], &slice(0));
    let mut output = scene.frame(0, vec2(800.0, 600.0), 1.0, pos2(5.0, 5.0), PICTURE);
    output.textures_delta.clear();
    let primitives = scene.ctx.tessellate(output.shapes, 1.0);
    let frame = Frame {
        size: SIZE,
        pixels_per_point: 1.0,
        primitives: &primitives,
        background: BACKGROUND,
    };
    let report = painter.paint(&frame);
    assert!((9..=16).contains(&report.painted), "{report:?}");
}

fn quad(texture: TextureId, side: f32) -> [ClippedPrimitive; 1] {
    let rect = egui::Rect::from_min_size(pos2(0.0, 0.0), vec2(side, side));
    let mut mesh = Mesh::with_texture(texture);
    mesh.add_rect_with_uv(
        rect,
        egui::Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0)),
        Color32::WHITE,
    );
    [ClippedPrimitive {
        clip_rect: rect,
        primitive: Primitive::Mesh(mesh),
    }]
}

/// The hash of an unchanged mesh does not know that texels below it were patched.
#[test]
fn a_patch_below_an_unchanged_mesh_is_painted() {
    let id = TextureId::Managed(7);
    let mut painter = Painter::default();
    let primitives = quad(id, 16.0);
    let frame = Frame {
        size: [16, 16],
        pixels_per_point: 1.0,
        primitives: &primitives,
        background: BACKGROUND,
    };
    let mut whole = TexturesDelta::default();
    let grey = ColorImage::filled([16, 16], Color32::GRAY);
    whole.push(id, ImageDelta::full(grey, TextureOptions::NEAREST));
    painter.load(&whole);
    whole.clear();
    painter.paint(&frame);
    let mut patch = TexturesDelta::default();
    let white = ColorImage::filled([2, 2], Color32::WHITE);
    patch.push(
        id,
        ImageDelta::partial([3, 4], white, TextureOptions::NEAREST),
    );
    painter.load(&patch);
    patch.clear();
    assert_eq!(painter.paint(&frame).painted, 1);
    let pixels = picture(&painter);
    assert_eq!(pixels[4 * 16 + 3], 0xffff_ffff);
    assert_eq!(pixels[4 * 16 + 5], colour::pack(Color32::GRAY));
}

/// A freed texture, an index beyond the vertices and a size of zero paint nothing and stop nothing.
#[test]
fn meshes_that_make_no_sense_are_left_out() {
    let mut painter = Painter::default();
    let mut primitives = quad(PICTURE, 16.0);
    let paint = |painter: &mut Painter, primitives: &[ClippedPrimitive], size| {
        painter.paint(&Frame {
            size,
            pixels_per_point: 1.0,
            primitives,
            background: BACKGROUND,
        })
    };
    assert_eq!(paint(&mut painter, &primitives, [16, 16]).items, 0);
    painter.set_picture(PICTURE, [4, 4], &[0; 4]);
    assert_eq!(paint(&mut painter, &primitives, [16, 16]).items, 0);
    painter.set_picture(PICTURE, [1, 1], &[200, 100, 50, 255]);
    let Primitive::Mesh(mesh) = &mut primitives[0].primitive else {
        unreachable!("made above");
    };
    mesh.indices.extend([900, 901, 902, 1]);
    assert_eq!(paint(&mut painter, &primitives, [16, 16]).items, 1);
    assert_eq!(picture(&painter)[0], 0xffc8_6432);
    assert_eq!(paint(&mut painter, &primitives, [0, 0]).tiles, 0);
    painter.free_picture(PICTURE);
    assert_eq!(paint(&mut painter, &primitives, [16, 16]).items, 0);
}

#[test]
fn damage_joins_neighbours_in_a_row() {
    let mut painter = Painter::default();
    painter.set_picture(PICTURE, [1, 1], &[255; 4]);
    let size = [200, 130];
    let paint = |painter: &mut Painter, side| {
        let primitives = quad(PICTURE, side);
        painter.paint(&Frame {
            size,
            pixels_per_point: 1.0,
            primitives: &primitives,
            background: BACKGROUND,
        });
        painter.damage()
    };
    // Three rows of four tiles, the last ones cut by the window.
    let all = [0, 64, 128].map(|y0| Area {
        x0: 0,
        y0,
        x1: 200,
        y1: (y0 + 64).min(130),
    });
    assert_eq!(paint(&mut painter, 10.0), all);
    assert_eq!(painter.everything(), all);
    let two = [0, 64].map(|y0| Area {
        x0: 0,
        y0,
        x1: 128,
        y1: y0 + 64,
    });
    assert_eq!(paint(&mut painter, 100.0), two);
}
