//! Separable resampling with half-pixel centres.

use crate::preprocess::{Interpolation, Picture};

/// `picture` at `size` (rows, columns).
pub(crate) fn resize(
    picture: &Picture,
    size: [usize; 2],
    interpolation: Interpolation,
    antialias: bool,
) -> Picture {
    let [rows, columns] = size;
    let across = Taps::all(picture.columns, columns, interpolation, antialias);
    let down = Taps::all(picture.rows, rows, interpolation, antialias);
    let narrow: Vec<Vec<f32>> = picture
        .values
        .chunks_exact(picture.columns.max(1))
        .map(|row| across.iter().map(|taps| taps.of(|k| row.get(k))).collect())
        .collect();
    let mut values = Vec::with_capacity(rows * columns);
    for taps in &down {
        for column in 0..columns {
            values.push(taps.of(|k| narrow.get(k).and_then(|row| row.get(column))));
        }
    }
    Picture {
        rows,
        columns,
        values,
    }
}

/// Weights of one output cell; they sum to 1.
struct Taps {
    first: usize,
    weights: Vec<f64>,
}

impl Taps {
    fn all(from: usize, to: usize, interpolation: Interpolation, antialias: bool) -> Vec<Self> {
        let scale = from as f64 / to as f64;
        (0..to)
            .map(|k| match interpolation {
                Interpolation::Area => Self::area(k as f64 * scale, (k + 1) as f64 * scale, from),
                Interpolation::Linear => {
                    let radius = if antialias { scale.max(1.0) } else { 1.0 };
                    Self::linear((k as f64 + 0.5) * scale, radius, from)
                }
            })
            .collect()
    }

    /// By how much of each cell lies between the two edges.
    fn area(low: f64, high: f64, cells: usize) -> Self {
        let first = (low.floor().max(0.0) as usize).min(cells.saturating_sub(1));
        let end = (high.ceil() as usize).clamp(first + 1, cells.max(first + 1));
        let part = |cell: usize| high.min((cell + 1) as f64) - low.max(cell as f64);
        Self::normal(first, (first..end).map(part))
    }

    /// A triangle of `radius` around `centre`, cut off at the edges.
    fn linear(centre: f64, radius: f64, cells: usize) -> Self {
        let first = ((centre - radius).floor().max(0.0) as usize).min(cells.saturating_sub(1));
        let end = ((centre + radius).ceil() as usize).clamp(first + 1, cells.max(first + 1));
        let part = |cell: usize| 1.0 - (cell as f64 + 0.5 - centre).abs() / radius;
        Self::normal(first, (first..end).map(part))
    }

    fn normal(first: usize, weights: impl Iterator<Item = f64>) -> Self {
        let mut weights: Vec<f64> = weights.map(|w| w.max(0.0)).collect();
        let sum: f64 = weights.iter().sum();
        for weight in &mut weights {
            *weight = if sum > 0.0 { *weight / sum } else { 0.0 };
        }
        Self { first, weights }
    }

    fn of<'a>(&self, at: impl Fn(usize) -> Option<&'a f32>) -> f32 {
        let weighted = self.weights.iter().enumerate();
        let sum: f64 = weighted
            .map(|(k, w)| w * f64::from(at(self.first + k).copied().unwrap_or_default()))
            .sum();
        sum as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(values: &[f32], to: usize, by: Interpolation, antialias: bool, expected: &[f32]) {
        let picture = Picture {
            rows: 1,
            columns: values.len(),
            values: values.to_vec(),
        };
        let got = resize(&picture, [1, to], by, antialias).values;
        let close = got.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-5);
        assert!(got.len() == expected.len() && close, "{got:?}");
    }

    #[test]
    fn an_area_is_the_mean_of_what_it_covers() {
        use Interpolation::Area;
        check(&[1.0, 3.0, 5.0, 7.0], 2, Area, true, &[2.0, 6.0]);
        // 3 cells onto 2: 1.5 each, so (1 + 3/2) / 1.5 and (3/2 + 5) / 1.5.
        check(&[1.0, 3.0, 5.0], 2, Area, true, &[2.5 / 1.5, 6.5 / 1.5]);
        check(&[1.0, 3.0], 2, Area, true, &[1.0, 3.0]);
    }

    #[test]
    fn linear_has_half_pixel_centres() {
        use Interpolation::Linear;
        // Centres of 4 over 2 cells: 0.25, 0.75, 1.25, 1.75; cells are centred on 0.5 and 1.5.
        check(&[0.0, 4.0], 4, Linear, false, &[0.0, 1.0, 3.0, 4.0]);
        // 4 onto 2 with antialias: centre 1, radius 2: weights 0.75, 0.75, 0.25 of cells 0, 1, 2, over 1.75.
        let low = (0.75 * 1.0 + 0.75 * 3.0 + 0.25 * 5.0) / 1.75;
        let high = (0.25 * 3.0 + 0.75 * 5.0 + 0.75 * 7.0) / 1.75;
        check(&[1.0, 3.0, 5.0, 7.0], 2, Linear, true, &[low, high]);
    }

    #[test]
    fn a_constant_stays_constant() {
        for by in [Interpolation::Area, Interpolation::Linear] {
            let picture = Picture {
                rows: 37,
                columns: 53,
                values: vec![5.0; 37 * 53],
            };
            let small = resize(&picture, [8, 9], by, true);
            assert!(small.values.iter().all(|v| (v - 5.0).abs() < 1e-5));
        }
    }
}
