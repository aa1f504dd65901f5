//! T39: ways along edges, on pictures whose edges are known.

use std::f64::consts::TAU;

use glam::DVec2;

use super::grey;
use crate::measure::{Livewire, Outline, Picture, area, close, join};

const SIZE: u32 = 200;

/// A bright disk on a darker ground, with the same noise every time.
fn disk(radius: f64, centre: DVec2, noise: f64) -> crate::Frame {
    let mut state = 12345_u32;
    let values: Vec<f64> = (0..SIZE * SIZE)
        .map(|k| {
            let at = DVec2::new(f64::from(k % SIZE) + 0.5, f64::from(k / SIZE) + 0.5);
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let n = (f64::from(state >> 16) / 65536.0 - 0.5) * 2.0 * noise;
            // Partial volume: the border pixel is between the two.
            let inside = (radius - at.distance(centre) + 0.5).clamp(0.0, 1.0);
            (200.0 + 100.0 * inside + n).round()
        })
        .collect();
    grey(SIZE, SIZE, &values)
}

fn on_rim(angle: f64, radius: f64, centre: DVec2) -> DVec2 {
    let (sin, cos) = angle.sin_cos();
    centre + DVec2::new(cos, sin) * radius
}

/// An outline of a disk by `clicks`, each as far off the rim as `miss` says.
fn outlined(
    frame: &crate::Frame,
    radius: f64,
    centre: DVec2,
    clicks: u32,
    miss: f64,
) -> Vec<DVec2> {
    let display = super::state::ct(Some([1.0, 1.0]));
    let picture = Picture::new(&display, [SIZE, SIZE], Some(frame));
    let place = |k: u32| {
        let off = if k.is_multiple_of(2) { miss } else { -miss };
        on_rim(
            TAU * f64::from(k % clicks) / f64::from(clicks),
            radius + off,
            centre,
        )
    };
    let mut outline = Vec::new();
    for k in 0..clicks {
        let mut wire = Livewire::new(&picture, place(k), 1).unwrap();
        let from = wire.snapped(place(k));
        wire.begin(from);
        let to = wire.snapped(place(k + 1));
        assert!(wire.search(to, usize::MAX));
        let way = wire.way(to).unwrap();
        join(&mut outline, &way);
    }
    close(&mut outline);
    outline
}

#[test]
fn t39_livewire_follows_a_known_edge_to_a_third_of_a_pixel() {
    let (radius, centre) = (40.3, DVec2::new(101.2, 97.6));
    for (noise, most) in [(0.0, 0.35), (20.0, 1.2)] {
        let outline = outlined(&disk(radius, centre, noise), radius, centre, 5, 1.5);
        let off = |p: &DVec2| (p.distance(centre) - radius).abs();
        let worst = outline.iter().map(off).fold(0.0, f64::max);
        assert!(worst < most, "noise {noise}: {worst}");
        // All the way round, not through the middle.
        assert!(outline.len() > 200);
        let mean = outline.iter().map(off).sum::<f64>() / outline.len() as f64;
        assert!(mean < most / 2.0, "noise {noise}: {mean}");
    }
}

#[test]
fn t39_the_area_within_a_livewire_is_that_of_what_it_follows() {
    let (radius, centre) = (40.3, DVec2::new(101.2, 97.6));
    let outline = outlined(&disk(radius, centre, 5.0), radius, centre, 6, 1.0);
    let found = area(&Outline::Polygon(vec![outline]), [1.0, 1.0]).unwrap();
    let disk = TAU / 2.0 * radius * radius;
    assert!((found / disk - 1.0).abs() < 0.01, "{found} {disk}");
}

/// The edge is dearer to leave than to follow: a straight line between two clicks would cut across.
#[test]
fn t39_livewire_goes_round_a_corner_instead_of_across() {
    let values: Vec<f64> = (0..SIZE * SIZE)
        .map(|k| {
            let (x, y) = (k % SIZE, k / SIZE);
            if x < 100 && y < 100 { 50.0 } else { 0.0 }
        })
        .collect();
    let frame = grey(SIZE, SIZE, &values);
    let display = super::state::ct(None);
    let picture = Picture::new(&display, [SIZE, SIZE], Some(&frame));
    let (from, to) = (DVec2::new(100.0, 40.0), DVec2::new(40.0, 100.0));
    let mut wire = Livewire::new(&picture, from, 1).unwrap();
    wire.begin(from);
    assert!(wire.search(to, usize::MAX));
    let way = wire.way(to).unwrap();
    let near_corner = way.iter().map(|p| p.distance(DVec2::splat(100.0)));
    assert!(near_corner.fold(f64::INFINITY, f64::min) < 3.0);
    let off = |p: &DVec2| (p.x - 100.0).abs().min((p.y - 100.0).abs());
    assert!(way.iter().map(off).fold(0.0, f64::max) < 2.5);
}

/// A pointer never waits: a call looks at no more cells than it is told, and the next one goes on.
#[test]
fn t39_livewire_is_found_in_small_steps_and_is_the_same_then() {
    let frame = disk(60.0, DVec2::splat(100.0), 10.0);
    let display = super::state::ct(None);
    let picture = Picture::new(&display, [SIZE, SIZE], Some(&frame));
    let (from, to) = (DVec2::new(160.0, 100.0), DVec2::new(40.0, 100.0));
    let mut at_once = Livewire::new(&picture, from, 1).unwrap();
    assert!(at_once.search(to, usize::MAX));
    let mut stepwise = Livewire::new(&picture, from, 1).unwrap();
    let mut calls = 0;
    assert!(stepwise.way(to).is_none());
    while !stepwise.search(to, 50) {
        calls += 1;
        assert!(calls < 2000);
    }
    assert!(calls > 3);
    assert_eq!(stepwise.way(to), at_once.way(to));
}

#[test]
fn t39_livewire_ends_at_the_border_of_what_there_is() {
    let frame = disk(30.0, DVec2::splat(100.0), 0.0);
    let display = super::state::ct(None);
    let picture = Picture::new(&display, [SIZE, SIZE], Some(&frame));
    let mut wire = Livewire::new(&picture, DVec2::splat(100.0), 1).unwrap();
    let far = DVec2::new(900.0, -50.0);
    assert!(wire.search(far, usize::MAX));
    assert_eq!(wire.way(far).unwrap().last(), Some(&far));
    // Larger cells reach farther, with the same grid.
    assert!(Livewire::new(&picture, DVec2::splat(100.0), 4).is_some());
    // No pixels, or not enough of them: no ways.
    assert!(Livewire::new(&Picture::new(&display, [SIZE, SIZE], None), far, 1).is_none());
    assert!(Livewire::new(&picture, DVec2::splat(-1e9), 1).is_none());
    let none = vec![f64::NAN; 100];
    let empty = super::frame_of(
        crate::frame::SampleType::F32,
        crate::frame::Colour::Monochrome2,
        10,
        10,
        &none,
    );
    let picture = Picture::new(&display, [10, 10], Some(&empty));
    assert!(Livewire::new(&picture, DVec2::splat(5.0), 1).is_none());
}

/// A whole window looked at at once, ten times as much as one movement of the pointer asks for.
#[test]
fn t39_livewire_of_a_window_is_quick() {
    let values: Vec<f64> = (0..512_u32 * 512)
        .map(|k| f64::from(k.wrapping_mul(2_654_435_761) >> 22))
        .collect();
    let frame = grey(512, 512, &values);
    let display = super::state::ct(None);
    let picture = Picture::new(&display, [512, 512], Some(&frame));
    let began = std::time::Instant::now();
    let mut times = Vec::new();
    for _ in 0..8 {
        let start = std::time::Instant::now();
        let mut wire = Livewire::new(&picture, DVec2::splat(256.0), 1).unwrap();
        let made = start.elapsed();
        wire.search(DVec2::splat(129.0), usize::MAX);
        times.push((made, start.elapsed() - made));
    }
    println!("window, all ways: best {:?}", times.iter().min());
    // Asks no speed of a loaded machine: a search that is not linear would be minutes.
    assert!(began.elapsed().as_secs() < 5);
}
