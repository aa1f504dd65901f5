//! Overlay planes and shutters: the vectors of T19, and pictures small enough to check by hand.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use serde_json::Value;

use super::*;
use crate::{
    frame::{Colour, Frame, FrameBytes, FrameShape, SampleType},
    geometry::{ViewState, ViewTransform},
};

const VECTORS: &str = include_str!("../../tests/imaging-vectors.json");

fn plane(rows: u32, columns: u32, origin: [i32; 2], bits: Vec<u8>) -> Overlay {
    Overlay {
        group: 0x6000,
        kind: OverlayKind::Graphics,
        rows,
        columns,
        origin,
        label: String::new(),
        statistics: None,
        colour: None,
        bits,
    }
}

fn int(v: &Value) -> i32 {
    i32::try_from(v.as_i64().unwrap()).unwrap()
}

fn pair(v: &Value) -> [i32; 2] {
    [int(&v[0]), int(&v[1])]
}

#[test]
fn t19_vectors_of_overlays_and_shutters() {
    let all: Value = serde_json::from_str(VECTORS).unwrap();
    let mut ran = 0;
    for v in all["vectors"].as_array().unwrap() {
        let (id, i, e) = (v["id"].as_str().unwrap(), &v["inputs"], &v["expected"]);
        if !id.starts_with("T19.") {
            continue;
        }
        ran += 1;
        match id {
            "T19.a" => {
                let hex = i["bytes_hex"].as_str().unwrap();
                let bits = (0..hex.len()).step_by(2);
                let bits = bits.map(|k| u8::from_str_radix(&hex[k..k + 2], 16).unwrap());
                let plane = plane(2, 10, pair(&i["overlay_origin"]), bits.collect());
                let image = (0..2).flat_map(|row| (0..10).map(move |column| [row, column]));
                let set: Vec<[i32; 2]> = image.filter(|p| plane.marks(p[1], p[0])).collect();
                let wanted = e["set_pixels_row_col_0based"].as_array().unwrap();
                assert_eq!(set, wanted.iter().map(pair).collect::<Vec<_>>(), "{id}");
            }
            "T19.origin" => {
                let [row, column] = pair(&i["overlay_row_col_0based"]);
                let plane = plane(1, 1, pair(&i["overlay_origin"]), vec![1]);
                let at = plane.image_position(row as u32, column as u32);
                let wanted = pair(&e["image_row_col_0based"]);
                assert_eq!(at, wanted.map(i64::from), "{id}");
                assert!(plane.marks(wanted[1], wanted[0]), "{id}");
                assert!(!plane.marks(wanted[0], wanted[1]), "{id}");
            }
            "T19.rect" | "T19.circ" => {
                let shape = if i["shape"] == "CIRCULAR" {
                    ShutterShape::Circular {
                        center: [int(&i["center_row"]), int(&i["center_column"])],
                        radius: f64::from(int(&i["radius"])),
                        height_over_width: 1.0,
                    }
                } else {
                    ShutterShape::Rectangular {
                        left: int(&i["left"]),
                        right: int(&i["right"]),
                        upper: int(&i["upper"]),
                        lower: int(&i["lower"]),
                    }
                };
                let shutter = of(vec![shape]);
                let points = i["points_column_row_1based"].as_array().unwrap();
                for (p, visible) in points.iter().zip(e["visible"].as_array().unwrap()) {
                    let [column, row] = pair(p);
                    let covered = shutter.covers(column - 1, row - 1);
                    assert_eq!(Value::Bool(!covered), *visible, "{id}: {p}");
                }
            }
            other => panic!("unknown vector {other}"),
        }
    }
    assert_eq!(ran, 4);
}

fn of(shapes: Vec<ShutterShape>) -> Shutter {
    Shutter {
        shapes,
        value: 0,
        cielab: None,
    }
}

/// `.` visible, `#` covered.
fn picture(shutter: &Shutter, columns: i32, rows: i32) -> String {
    let line = |row| {
        let pixel = move |column| {
            if shutter.covers(column, row) {
                '#'
            } else {
                '.'
            }
        };
        (0..columns).map(pixel).chain(['\n']).collect::<String>()
    };
    let by_pixel: String = (0..rows).map(line).collect();
    // The runs that paint say the same.
    for row in 1..=rows {
        let runs = shutter.visible(row, columns);
        for column in 1..=columns {
            let seen = runs.iter().any(|r| (r[0]..=r[1]).contains(&column));
            assert_eq!(seen, !shutter.covers(column - 1, row - 1), "{column} {row}");
        }
    }
    by_pixel
}

#[test]
fn t19_polygons_are_even_odd_and_their_edges_visible() {
    // Row, column: a diamond.
    let diamond = ShutterShape::Polygonal {
        vertices: vec![[1, 3], [3, 5], [5, 3], [3, 1]],
    };
    let wanted = "##.##\n#...#\n.....\n#...#\n##.##\n";
    assert_eq!(picture(&of(vec![diamond.clone()]), 5, 5), wanted);
    // A square that is run through twice the other way round in its middle is open there no more.
    let ring = ShutterShape::Polygonal {
        vertices: vec![
            [1, 1],
            [1, 7],
            [7, 7],
            [7, 1],
            [1, 1],
            [3, 3],
            [5, 3],
            [5, 5],
            [3, 5],
            [3, 3],
        ],
    };
    let shown = picture(&of(vec![ring]), 7, 7);
    assert_eq!(shown.lines().nth(3), Some("...#..."));
    // The least of the image remains.
    let half = ShutterShape::Rectangular {
        left: 1,
        right: 3,
        upper: 1,
        lower: 9,
    };
    let wanted = "##.##\n#..##\n...##\n#..##\n##.##\n";
    assert_eq!(picture(&of(vec![diamond.clone(), half]), 5, 5), wanted);
    // Row 3 of the plane covers column 2.
    let bitmap = ShutterShape::Bitmap(plane(1, 3, [3, 1], vec![0b010]));
    let wanted = "##.##\n#...#\n.#...\n#...#\n##.##\n";
    assert_eq!(picture(&of(vec![diamond, bitmap]), 5, 5), wanted);
}

#[test]
fn t19_a_circle_on_pixels_twice_as_high_as_wide_is_round() {
    let circle = ShutterShape::Circular {
        center: [3, 5],
        radius: 4.0,
        height_over_width: 2.0,
    };
    let wanted = "####.####\n#.......#\n.........\n#.......#\n####.####\n";
    assert_eq!(picture(&of(vec![circle]), 9, 5), wanted);
}

fn drawn(attributes: &DisplayAttributes, layers: Layers, scale: u32, state: &ViewState) -> Vec<u8> {
    let bytes = vec![100_u8; 6 * 4];
    let frame = Frame {
        shape: FrameShape {
            columns: 6,
            rows: 4,
            sample: SampleType::U8,
            colour: Colour::Monochrome1,
        },
        bytes: FrameBytes::from(bytes),
    };
    let size = [6 * scale, 4 * scale];
    let transform = ViewTransform::new(6, 4, 1.0, size, state);
    let drawing = Drawing {
        frame: &frame,
        attributes,
        voi: None,
        invert: false,
        transform: &transform,
        interpolation: Interpolation::Bilinear,
        size,
        layers,
        pseudo_colour: None,
        greys: None,
    };
    let mut out = vec![0; (size[0] * size[1] * 4) as usize];
    draw(&drawing, &mut out).unwrap();
    let mut slow = out.clone();
    draw_pixelwise(&drawing, &mut slow).unwrap();
    assert_eq!(out, slow);
    // The layer alone is what differs from the picture without it.
    let mut bare = out.clone();
    let without = Drawing {
        layers: Layers::NONE,
        ..drawing
    };
    draw(&without, &mut bare).unwrap();
    assert_eq!(layers_alone(&without), None);
    let alone = layers_alone(&drawing).unwrap_or_else(|| vec![0; out.len()]);
    let pixels = out.chunks_exact(4).zip(bare.chunks_exact(4));
    for ((pixel, under), layer) in pixels.zip(alone.chunks_exact(4)) {
        assert_eq!(pixel, if layer[3] == 0 { under } else { layer });
    }
    out.chunks_exact(4).map(|p| p[0]).collect()
}

#[test]
fn t19_layers_are_painted_after_polarity_and_can_be_switched_off() {
    let attributes = DisplayAttributes {
        bits_stored: 8,
        shutter: Some(Shutter {
            shapes: vec![ShutterShape::Rectangular {
                left: 1,
                right: 5,
                upper: 1,
                lower: 4,
            }],
            value: 0x8000,
            cielab: None,
        }),
        overlays: vec![plane(1, 1, [2, 2], vec![1])],
        ..DisplayAttributes::default()
    };
    let state = ViewState::default();
    let (g, k) = (155, 0);
    let both = drawn(&attributes, Layers::default(), 1, &state);
    #[rustfmt::skip]
    assert_eq!(both, [
        k, k,   k, g, g, 128,
        k, 255, k, g, g, 128,
        k, k,   k, g, g, 128,
        g, g,   g, g, g, 128,
    ]);
    assert_eq!(drawn(&attributes, Layers::NONE, 1, &state), [155; 24]);
    let overlay = Layers {
        overlays: true,
        shutter: false,
    };
    let only = drawn(&attributes, overlay, 1, &state);
    assert!(!only.contains(&128) && only[7] == 255);
    // The shutter goes with the image when it is turned, and is there at any size.
    let mut turned = ViewState::default();
    turned.flip_horizontally();
    for scale in [1, 3] {
        let seen = drawn(&attributes, Layers::default(), scale, &turned);
        let width = (6 * scale) as usize;
        assert!(seen.iter().step_by(width).all(|v| *v == 128), "{scale}");
        assert_eq!(
            seen.iter().filter(|v| **v == 255).count(),
            (scale * scale) as usize
        );
    }
}

#[test]
fn t19_a_plane_beyond_the_image_is_cut_and_thin_lines_stay_when_small() {
    // Two rows above the image and beyond its right edge.
    let bits = vec![0xFF; 2];
    let attributes = DisplayAttributes {
        bits_stored: 8,
        overlays: vec![plane(4, 4, [-1, 6], bits)],
        ..DisplayAttributes::default()
    };
    let seen = drawn(&attributes, Layers::default(), 1, &ViewState::default());
    let set: Vec<usize> = (0..24).filter(|k| seen[*k] == 255).collect();
    assert_eq!(set, [5, 11]);
    let small = ViewState {
        zoom: 0.34,
        ..ViewState::default()
    };
    let one = DisplayAttributes {
        bits_stored: 8,
        overlays: vec![plane(1, 6, [2, 1], vec![0b0011_1111])],
        ..DisplayAttributes::default()
    };
    let seen = drawn(&one, Layers::default(), 1, &small);
    assert!(seen.contains(&255), "{seen:?}");
}
