//! Distances to the nearest voxel of a set, exact, with the spacing of the volume.

/// Squared distance, mm², of every cell of a box (x fastest) to the nearest one that is `near`; infinite when there is none. `places` are the
/// coordinates along each axis, mm.
pub(super) fn squared(places: &[Vec<f64>; 3], near: impl Fn(usize) -> bool) -> Vec<f64> {
    let [nx, ny, nz] = [places[0].len(), places[1].len(), places[2].len()];
    let mut all: Vec<f64> = (0..nx * ny * nz)
        .map(|k| if near(k) { 0.0 } else { f64::INFINITY })
        .collect();
    let starts = |axis: usize| -> (Vec<usize>, usize) {
        match axis {
            0 => ((0..ny * nz).map(|r| r * nx).collect(), 1),
            1 => (
                (0..nz)
                    .flat_map(|z| (0..nx).map(move |x| z * nx * ny + x))
                    .collect(),
                nx,
            ),
            _ => ((0..nx * ny).collect(), nx * ny),
        }
    };
    for (axis, at) in places.iter().enumerate() {
        let (lines, stride) = starts(axis);
        let mut line = vec![0.0; at.len()];
        for start in lines {
            for (n, v) in line.iter_mut().enumerate() {
                *v = all
                    .get(start + n * stride)
                    .copied()
                    .unwrap_or(f64::INFINITY);
            }
            let least = envelope(at, &line);
            for (n, v) in least.into_iter().enumerate() {
                if let Some(to) = all.get_mut(start + n * stride) {
                    *to = v;
                }
            }
        }
    }
    all
}

/// For each place the least of `value + (place − other place)²`: the lower envelope of parabolas (Felzenszwalb and Huttenlocher 2012).
fn envelope(places: &[f64], values: &[f64]) -> Vec<f64> {
    // (vertex, height, from where it is the lowest)
    let mut parts: Vec<(f64, f64, f64)> = Vec::new();
    for (p, v) in places.iter().zip(values).filter(|(_, v)| v.is_finite()) {
        loop {
            let Some((q, w, from)) = parts.last().copied() else {
                parts.push((*p, *v, f64::NEG_INFINITY));
                break;
            };
            let meet = ((v + p * p) - (w + q * q)) / (2.0 * (p - q));
            if meet > from {
                parts.push((*p, *v, meet));
                break;
            }
            parts.pop();
        }
    }
    let mut part = 0;
    places
        .iter()
        .map(|p| {
            while parts.get(part + 1).is_some_and(|n| n.2 <= *p) {
                part += 1;
            }
            parts
                .get(part)
                .map_or(f64::INFINITY, |(q, w, _)| w + (p - q) * (p - q))
        })
        .collect()
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_every_pair() {
        let places = [
            vec![0.0, 0.7, 1.4, 2.1],
            vec![0.0, 0.5, 1.0],
            vec![0.0, 2.0, 3.0, 6.5, 7.0],
        ];
        let near = |k: usize| k == 5 || k == 41 || k == 58;
        let point = |k: usize| [places[0][k % 4], places[1][k / 4 % 3], places[2][k / 12]];
        let got = squared(&places, near);
        for (k, d) in got.iter().enumerate() {
            let least = (0..60)
                .filter(|n| near(*n))
                .map(|n| {
                    (0..3)
                        .map(|a| (point(n)[a] - point(k)[a]).powi(2))
                        .sum::<f64>()
                })
                .fold(f64::INFINITY, f64::min);
            assert!((d - least).abs() < 1e-9, "{k}: {d}, expected {least}");
        }
        assert!(squared(&places, |_| false).iter().all(|d| d.is_infinite()));
    }
}
