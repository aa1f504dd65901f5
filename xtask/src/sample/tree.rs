//! Vessels of the lungs: branching tubes from each hilum outwards, grown from a fixed seed and found through a coarse grid.

use super::{noise::Random, phantom::tube};

const CELL: f32 = 10.0;
const NX: usize = 32;
const NY: usize = 24;
const NZ: usize = 32;
/// No wall is looked for farther away than this.
const REACH: f32 = 3.0;

struct Segment {
    a: [f32; 3],
    b: [f32; 3],
    ra: f32,
    rb: f32,
}

/// All vessels with a grid of what lies near each cell.
pub struct Vessels {
    segments: Vec<Segment>,
    cells: Vec<Vec<u32>>,
}

fn cell(p: [f32; 3]) -> Option<usize> {
    let index = |v: f32, n: usize| {
        let i = (v / CELL).floor() + (n / 2) as f32;
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked against the grid's size"
        )]
        (i >= 0.0 && i < n as f32).then_some(i as usize)
    };
    Some((index(p[2], NZ)? * NY + index(p[1], NY)?) * NX + index(p[0], NX)?)
}

impl Vessels {
    /// Grows both lungs.
    pub fn grow(seed: u64) -> Self {
        let mut vessels = Self {
            segments: Vec::new(),
            cells: vec![Vec::new(); NX * NY * NZ],
        };
        let mut random = Random::new(seed);
        for side in [-1.0_f32, 1.0] {
            let hilum = [side * 44.0, 12.0, if side < 0.0 { 8.0 } else { 14.0 }];
            let lobes = [
                [0.55, -0.35, 0.85],
                [0.75, 0.35, 0.75],
                [0.95, -0.55, -0.15],
                [0.9, 0.25, 0.1],
                [0.55, 0.55, -0.85],
                [0.85, 0.15, -0.7],
                [0.45, -0.35, -0.95],
                [0.3, 0.75, -0.55],
            ];
            for lobe in lobes {
                vessels.branch(
                    &mut random,
                    hilum,
                    [side * lobe[0], lobe[1], lobe[2]],
                    4.2,
                    0,
                );
            }
        }
        vessels
    }

    fn branch(
        &mut self,
        random: &mut Random,
        from: [f32; 3],
        direction: [f32; 3],
        radius: f32,
        depth: u32,
    ) {
        if radius < 0.5 || depth > 12 {
            return;
        }
        let length = 7.0 + 5.0 * random.uniform() + 1.6 * radius;
        let norm = direction
            .iter()
            .map(|v| v * v)
            .sum::<f32>()
            .sqrt()
            .max(1e-3);
        let to: [f32; 3] = std::array::from_fn(|k| from[k] + direction[k] / norm * length);
        let tip = radius * 0.92;
        self.add(Segment {
            a: from,
            b: to,
            ra: radius,
            rb: tip,
        });
        let mut turned = |spread: f32| {
            std::array::from_fn(|k| direction[k] / norm + spread * (random.uniform() * 2.0 - 1.0))
        };
        let (straight, side) = (turned(0.30), turned(1.05));
        let share = 0.58 + 0.24 * random.uniform();
        // The stem goes on almost as wide; the side branch is a daughter.
        self.branch(random, to, straight, tip * 0.91, depth + 1);
        self.branch(random, to, side, tip * share, depth + 1);
    }

    fn add(&mut self, segment: Segment) {
        let Ok(index) = u32::try_from(self.segments.len()) else {
            return;
        };
        let margin = segment.ra + REACH;
        let span = |k: usize| {
            (
                segment.a[k].min(segment.b[k]) - margin,
                segment.a[k].max(segment.b[k]) + margin,
            )
        };
        let steps = |k: usize| {
            let (low, high) = span(k);
            std::iter::successors(Some(low), move |v| {
                (*v < high).then(|| (*v + CELL).min(high))
            })
        };
        for z in steps(2) {
            for y in steps(1) {
                for x in steps(0) {
                    if let Some(list) = cell([x, y, z]).and_then(|c| self.cells.get_mut(c))
                        && list.last() != Some(&index)
                    {
                        list.push(index);
                    }
                }
            }
        }
        self.segments.push(segment);
    }

    /// Distance to the nearest vessel's wall, negative inside; far away it is only known to be far.
    pub fn distance(&self, p: [f32; 3]) -> f32 {
        let Some(list) = cell(p).and_then(|c| self.cells.get(c)) else {
            return f32::MAX;
        };
        list.iter()
            .filter_map(|i| self.segments.get(*i as usize))
            .map(|s| tube(p, s.a, s.b, s.ra, s.rb))
            .fold(f32::MAX, f32::min)
    }
}
