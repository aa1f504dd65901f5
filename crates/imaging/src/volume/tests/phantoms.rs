//! T25, T34: phantoms of known size.

use super::*;
use crate::geometry::Orientation;

/// T34, T37: a ruler of known length, at any angle, is as long in the picture as in the patient.
#[test]
fn t34_lengths_in_a_plane_are_those_in_the_patient() {
    let (sin, cos) = 15_f64.to_radians().sin_cos();
    let mut made = Made::new([80, 70, 30], [0.8, 0.8, 2.0]);
    made.iop = [1.0, 0.0, 0.0, 0.0, cos, -sin];
    let ends = [[12.0, 14.0, 5.0], [66.0, 51.0, 24.0]].map(DVec3::from_array);
    let volume = made.volume(|_| 0.0);
    let g = volume.geometry();
    let [a, b] = ends.map(|e| g.to_patient(Voxel(e)));
    let length = (b.0 - a.0).length();
    // A plane that holds both.
    let right = (b.0 - a.0).normalize();
    let down = right.any_orthonormal_vector();
    let mut view = PlaneView::covering(g, PlaneAxes::Patient, Orientation::Axial);
    (view.right, view.down, view.centre, view.size) = (right, down, a, [600, 200]);
    let [(p, off_p), (q, off_q)] = [a, b].map(|e| view.to_pixel(e));
    assert!(off_p.abs() < 1e-9 && off_q.abs() < 1e-9);
    let in_plane =
        ((q[0] - p[0]) * view.mm_per_pixel[0]).hypot((q[1] - p[1]) * view.mm_per_pixel[1]);
    near("ruler", in_plane, length, 0.01);
}

/// T25: a sphere in a stack tilted by 15° stays a sphere in every plane.
#[test]
fn t25_a_sphere_in_a_tilted_stack_is_round() {
    let (sin, cos) = 15_f64.to_radians().sin_cos();
    let mut made = Made::new([120, 120, 60], [0.5, 0.5, 1.0]);
    made.iop = [1.0, 0.0, 0.0, 0.0, cos, -sin];
    made.sample = SampleType::F32;
    let empty = made.volume(|_| 0.0);
    let centre = empty.geometry().centre().0;
    let radius = 20.0;
    let g = empty.geometry().clone();
    // Soft edge: where the distance is the radius the value is 0.
    let volume = made.volume(move |[i, j, k]| {
        let at = g.to_patient(Voxel(DVec3::new(f64::from(i), f64::from(j), f64::from(k))));
        radius - (at.0 - centre).length()
    });
    for orientation in [
        Orientation::Axial,
        Orientation::Coronal,
        Orientation::Sagittal,
    ] {
        for axes in [PlaneAxes::Patient, PlaneAxes::Acquisition] {
            let mut view = PlaneView::covering(volume.geometry(), axes, orientation);
            view.mm_per_pixel = [0.1; 2];
            view.size = [501; 2];
            let plane = sample(&volume, &view).unwrap();
            let diameters: Vec<f64> = (0..12)
                .map(|n| {
                    let (s, c) = (f64::from(n) * 15_f64).to_radians().sin_cos();
                    let value = |r: f64| {
                        let at = view.to_patient([250.0 + c * r / 0.1, 250.0 + s * r / 0.1]);
                        volume.at(at).value.unwrap_or(-99.0)
                    };
                    edge(&value, 1.0) + edge(&value, -1.0)
                })
                .collect();
            let (least, most) = diameters
                .iter()
                .fold((f64::MAX, 0.0_f64), |(a, b), d| (a.min(*d), b.max(*d)));
            assert!(
                most / least < 1.005,
                "{axes:?} {orientation:?}: {diameters:?}"
            );
            near("diameter", most, 40.0, 0.2);
            // The picture agrees with the points.
            let area = plane.values().filter(|v| *v > 0.0).count() as f64 * 0.01;
            near("area", area, std::f64::consts::PI * 400.0, 0.01 * 1256.0);
        }
    }
}

/// Where a radial profile crosses 0, mm.
fn edge(value: &dyn Fn(f64) -> f64, toward: f64) -> f64 {
    let (mut inside, mut outside) = (10.0, 24.0);
    for _ in 0..40 {
        let middle = (inside + outside) / 2.0;
        if value(toward * middle) > 0.0 {
            inside = middle;
        } else {
            outside = middle;
        }
    }
    inside
}
