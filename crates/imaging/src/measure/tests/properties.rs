//! What must hold for any drawing on any picture.

use glam::DVec2;
use proptest::prelude::*;

use super::{frame_of, grey};
use crate::{
    display::ModalityLut,
    frame::{Colour, SampleType},
    measure::{Outline, Pixels, Population, Statistics},
};

const COLUMNS: u32 = 23;
const ROWS: u32 = 17;

/// The formula of T41 as it is written.
fn even_odd(polygon: &[DVec2], cx: f64, cy: f64) -> bool {
    let mut crossings = 0;
    for (k, j) in polygon.iter().enumerate() {
        let i = polygon[(k + polygon.len() - 1) % polygon.len()];
        if (i.y <= cy) != (j.y <= cy) && cx < i.x + (cy - i.y) * (j.x - i.x) / (j.y - i.y) {
            crossings += 1;
        }
    }
    crossings % 2 == 1
}

/// Pixels of the spans; each once.
fn pixels(outline: &Outline) -> Vec<[u32; 2]> {
    let mut found = Vec::new();
    outline.for_each_span(COLUMNS, ROWS, |row, across| {
        assert!(row < ROWS && across.end <= COLUMNS && !across.is_empty());
        found.extend(across.map(|column| [row, column]));
    });
    assert!(found.is_sorted_by(|a, b| a < b), "in order, none twice");
    found
}

fn by_centre(inside: impl Fn(DVec2) -> bool) -> Vec<[u32; 2]> {
    let all = (0..ROWS).flat_map(|row| (0..COLUMNS).map(move |column| [row, column]));
    all.filter(|[row, column]| inside(DVec2::new(f64::from(*column), f64::from(*row)) + 0.5))
        .collect()
}

fn statistics(values: &[f64], columns: u32, rows: u32, outline: &Outline) -> Statistics {
    let frame = grey(columns, rows, values);
    let pixels = Pixels::Frame {
        frame: &frame,
        lut: &ModalityLut::Identity,
        padding: None,
        channel: 0,
    };
    Population::new(pixels, outline).statistics()
}

fn anywhere() -> impl Strategy<Value = Vec<DVec2>> {
    prop::collection::vec((-5.0..28.0_f64, -5.0..22.0_f64), 3..14)
        .prop_map(|v| v.into_iter().map(DVec2::from).collect())
}

/// Vertices on whole and half pixels, so that many lie on centres.
fn on_centres() -> impl Strategy<Value = Vec<DVec2>> {
    prop::collection::vec((-4..50_i32, -4..40_i32), 3..10).prop_map(|v| {
        v.into_iter()
            .map(|(x, y)| DVec2::new(f64::from(x), f64::from(y)) / 2.0)
            .collect()
    })
}

proptest! {
    #[test]
    fn t41_a_polygon_holds_what_the_formula_says(polygon in prop_oneof![anywhere(), on_centres()]) {
        let outline = Outline::Polygon(vec![polygon.clone()]);
        let found = pixels(&outline);
        prop_assert_eq!(&found, &by_centre(|p| even_odd(&polygon, p.x, p.y)));
        prop_assert_eq!(&found, &by_centre(|p| outline.contains(p)));
        prop_assert_eq!(outline.count(COLUMNS, ROWS), found.len() as u64);
    }

    #[test]
    fn t41_the_vertex_drawn_first_does_not_matter(
        polygon in prop_oneof![anywhere(), on_centres()], by in 0..14_usize, back in any::<bool>()
    ) {
        let mut turned = polygon.clone();
        turned.rotate_left(by % polygon.len());
        if back {
            turned.reverse();
        }
        let of = |p: Vec<DVec2>| pixels(&Outline::Polygon(vec![p]));
        prop_assert_eq!(of(polygon), of(turned));
    }

    #[test]
    fn t41_an_ellipse_holds_what_the_formula_says(
        cx in -3.0..26.0_f64, cy in -3.0..20.0_f64, a in 0.1..15.0_f64, b in 0.1..15.0_f64,
        degrees in prop_oneof![Just(0.0), Just(90.0), 0.0..180.0_f64]
    ) {
        let along = DVec2::from_angle(degrees.to_radians());
        let (first, second) = match degrees {
            0.0 => (DVec2::X * a, DVec2::Y * b),
            90.0 => (DVec2::Y * a, DVec2::X * b),
            _ => (along * a, along.perp() * b),
        };
        let centre = DVec2::new(cx, cy);
        let outline = Outline::Ellipse { centre, first, second };
        let found = pixels(&outline);
        prop_assert_eq!(&found, &by_centre(|p| outline.contains(p)));
        let formula = by_centre(|p| {
            let off = p - centre;
            let (u, v) = (off.dot(first) / (a * a), off.dot(second) / (b * b));
            u * u + v * v <= 1.0
        });
        let off = found.iter().filter(|p| !formula.contains(p)).count()
            + formula.iter().filter(|p| !found.contains(p)).count();
        // Two ways of rounding agree but for points on the line itself, which chance does not hit.
        prop_assert_eq!(off, 0);
    }

    #[test]
    fn t41_a_rectangle_holds_what_the_formula_says(a in anywhere()) {
        let (least, most) = (a[0].min(a[1]), a[0].max(a[1]));
        let outline = Outline::Rectangle { least, most };
        prop_assert_eq!(pixels(&outline), by_centre(|p| {
            least.x <= p.x && p.x < most.x && least.y <= p.y && p.y < most.y
        }));
    }

    #[test]
    fn t42_a_turned_picture_has_the_same_numbers(
        polygon in anywhere(),
        values in prop::collection::vec(-3000..3000_i32, (COLUMNS * ROWS) as usize)
    ) {
        let values: Vec<f64> = values.into_iter().map(f64::from).collect();
        // A quarter turn: the pixel at (c, r) comes to (rows - 1 - r, c).
        let mut turned = vec![0.0; values.len()];
        for r in 0..ROWS {
            for c in 0..COLUMNS {
                turned[(c * ROWS + ROWS - 1 - r) as usize] = values[(r * COLUMNS + c) as usize];
            }
        }
        let quarter = polygon.iter().map(|p| DVec2::new(f64::from(ROWS) - p.y, p.x)).collect();
        let here = statistics(&values, COLUMNS, ROWS, &Outline::Polygon(vec![polygon]));
        let there = statistics(&turned, ROWS, COLUMNS, &Outline::Polygon(vec![quarter]));
        prop_assert_eq!(here.n, there.n);
        let value = |s: Statistics| (s.minimum.map(|e| e.value), s.maximum.map(|e| e.value), s.median);
        prop_assert_eq!(value(here), value(there));
        prop_assert_eq!(here.mean, there.mean);
        prop_assert_eq!(here.standard_deviation, there.standard_deviation);
    }

    #[test]
    fn t42_counted_and_listed_values_agree(
        values in prop::collection::vec(-300..300_i32, 1..400), polygon in anywhere(), percent in 0.0..100.0_f64
    ) {
        let mut values: Vec<f64> = values.into_iter().map(f64::from).collect();
        values.resize((COLUMNS * ROWS) as usize, 7.0);
        let outline = Outline::Polygon(vec![polygon]);
        let (lut, _) = ModalityLut::rescale(Some(-0.5), Some(3.0));
        let [mut counted, mut listed] = [SampleType::I16, SampleType::F64].map(|sample| {
            let frame = frame_of(sample, Colour::Monochrome2, COLUMNS, ROWS, &values);
            Population::new(
                Pixels::Frame { frame: &frame, lut: &lut, padding: None, channel: 0 },
                &outline,
            )
        });
        let (a, b) = (counted.statistics(), listed.statistics());
        prop_assert_eq!((a.n, a.minimum, a.maximum, a.median), (b.n, b.minimum, b.maximum, b.median));
        let near = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (Some(a), Some(b)) => (a - b).abs() < 1e-9,
            (a, b) => a == b,
        };
        prop_assert!(near(a.mean, b.mean) && near(a.standard_deviation, b.standard_deviation));
        prop_assert!(near(counted.percentile(percent), listed.percentile(percent)));
        prop_assert_eq!(counted.histogram(7), listed.histogram(7));
    }
}

#[test]
fn t41_a_huge_outline_costs_no_memory_and_no_time() {
    // A zigzag as wide as a whole slide, most of it outside.
    let zigzag: Vec<DVec2> = (0..20_000)
        .map(|k| DVec2::new(f64::from(k), if k % 2 == 0 { -1e9 } else { 1e9 }))
        .collect();
    let n = Outline::Polygon(vec![zigzag]).count(64, 64);
    assert!(n <= 64 * 64);
}
