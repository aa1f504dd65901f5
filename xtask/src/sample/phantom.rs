//! A made-up thorax as a function of position: Hounsfield units at any point of the patient.
//!
//! Coordinates are patient millimetres, LPS (+x left, +y back, +z head), origin in the middle of the chest. The shapes are plain
//! geometry with textbook sizes and densities; no image of a person went into it. CT slices and the frontal radiograph are both taken
//! from this one function, so that they show the same patient.

use super::tree::Vessels;

const AIR: f32 = -1000.0;
const FAT: f32 = -98.0;
const MUSCLE: f32 = 52.0;
const BLOOD: f32 = 42.0;

/// Thoracic levels from the lung bases to the apices, mm.
pub const Z_LOW: f32 = -150.0;
/// Upper end of the scan.
pub const Z_HIGH: f32 = 150.0;

/// Centre of the nodule in the right upper lobe.
pub const NODULE: [f32; 3] = [-72.0, 14.0, 62.0];

const RIB_SPACING: f32 = 25.0;
const RIBS: i32 = 11;
const VERTEBRA: f32 = 23.0;

/// A thorax with a nodule of the given diameter.
pub struct Thorax {
    nodule_radius: f32,
    /// 0 is a deep breath, 1 raises the diaphragm by a centimetre and a half: two scans are never taken in the same breath.
    breath: f32,
    vessels: Vessels,
}

/// Falls from 1 to 0 while `distance` (mm, negative inside) crosses the edge: the partial volume of a voxel.
fn edge(distance: f32) -> f32 {
    (0.5 - distance / 0.9).clamp(0.0, 1.0)
}

fn mix(outside: f32, inside: f32, share: f32) -> f32 {
    outside + (inside - outside) * share
}

/// Distance to an ellipse in the plane, near its border (first order), mm.
fn ellipse(x: f32, y: f32, a: f32, b: f32) -> f32 {
    let (u, v) = (x / a, y / b);
    let k = (u * u + v * v).sqrt().max(1e-3);
    let gradient = ((u / a).powi(2) + (v / b).powi(2)).sqrt().max(1e-5) / k;
    (k - 1.0) / gradient
}

/// Distance to an ellipsoid, near its surface, mm.
fn ellipsoid(p: [f32; 3], c: [f32; 3], r: [f32; 3]) -> f32 {
    let d = [
        (p[0] - c[0]) / r[0],
        (p[1] - c[1]) / r[1],
        (p[2] - c[2]) / r[2],
    ];
    let k = (d[0] * d[0] + d[1] * d[1] + d[2] * d[2]).sqrt().max(1e-3);
    let g = ((d[0] / r[0]).powi(2) + (d[1] / r[1]).powi(2) + (d[2] / r[2]).powi(2))
        .sqrt()
        .max(1e-5)
        / k;
    (k - 1.0) / g
}

/// Distance to a tube between `a` and `b` whose radius changes from `ra` to `rb`.
pub fn tube(p: [f32; 3], a: [f32; 3], b: [f32; 3], ra: f32, rb: f32) -> f32 {
    let ab = [b[0] - a[0], b[1] - a[1], b[2] - a[2]];
    let ap = [p[0] - a[0], p[1] - a[1], p[2] - a[2]];
    let length = ab[0] * ab[0] + ab[1] * ab[1] + ab[2] * ab[2];
    let t = ((ap[0] * ab[0] + ap[1] * ab[1] + ap[2] * ab[2]) / length.max(1e-6)).clamp(0.0, 1.0);
    let d = [ap[0] - t * ab[0], ap[1] - t * ab[1], ap[2] - t * ab[2]];
    (d[0] * d[0] + d[1] * d[1] + d[2] * d[2]).sqrt() - (ra + (rb - ra) * t)
}

fn chain(p: [f32; 3], points: &[([f32; 3], f32)]) -> f32 {
    points
        .windows(2)
        .map(|w| tube(p, w[0].0, w[1].0, w[0].1, w[1].1))
        .fold(f32::MAX, f32::min)
}

const AORTA: &[([f32; 3], f32)] = &[
    ([4.0, -22.0, -20.0], 15.0),
    ([-10.0, -26.0, 12.0], 15.5),
    ([-8.0, -22.0, 34.0], 15.0),
    ([2.0, -6.0, 48.0], 14.0),
    ([14.0, 16.0, 51.0], 13.0),
    ([22.0, 36.0, 44.0], 12.5),
    ([24.0, 46.0, 24.0], 12.0),
    ([22.0, 48.0, -40.0], 11.5),
    ([12.0, 46.0, -150.0], 11.0),
];
const CAVA: &[([f32; 3], f32)] = &[
    ([-26.0, -16.0, 96.0], 8.0),
    ([-27.0, -14.0, 40.0], 9.5),
    ([-26.0, -8.0, -10.0], 10.0),
];
const LOWER_CAVA: &[([f32; 3], f32)] =
    &[([-24.0, 4.0, -70.0], 12.0), ([-26.0, 22.0, -150.0], 12.0)];
const PULMONARY: &[([f32; 3], f32)] = &[
    ([14.0, -30.0, 4.0], 13.0),
    ([18.0, -14.0, 22.0], 12.5),
    ([34.0, 4.0, 20.0], 10.0),
    ([48.0, 10.0, 12.0], 7.5),
];
const PULMONARY_RIGHT: &[([f32; 3], f32)] = &[
    ([16.0, -16.0, 20.0], 12.0),
    ([-14.0, -6.0, 14.0], 10.5),
    ([-44.0, 6.0, 8.0], 8.0),
];
const NECK_LEFT: &[([f32; 3], f32)] = &[
    ([12.0, 12.0, 55.0], 5.0),
    ([26.0, 8.0, 100.0], 4.5),
    ([30.0, 4.0, 150.0], 4.0),
];
const NECK_RIGHT: &[([f32; 3], f32)] = &[
    ([-2.0, -12.0, 52.0], 6.0),
    ([-18.0, -2.0, 90.0], 5.5),
    ([-28.0, 2.0, 150.0], 4.0),
];
const TRACHEA: &[([f32; 3], f32)] = &[
    ([0.0, 6.0, 160.0], 8.6),
    ([0.0, 12.0, 90.0], 8.6),
    ([-1.0, 17.0, 36.0], 8.8),
];
const BRONCHUS_LEFT: &[([f32; 3], f32)] = &[
    ([-1.0, 17.0, 36.0], 7.0),
    ([24.0, 19.0, 16.0], 5.6),
    ([46.0, 22.0, 2.0], 4.4),
];
const BRONCHUS_RIGHT: &[([f32; 3], f32)] = &[
    ([-1.0, 17.0, 36.0], 7.4),
    ([-24.0, 18.0, 22.0], 6.4),
    ([-42.0, 20.0, 6.0], 5.0),
    ([-54.0, 22.0, -14.0], 3.8),
];
const BRONCHUS_UPPER: &[([f32; 3], f32)] =
    &[([-24.0, 18.0, 22.0], 5.0), ([-46.0, 14.0, 34.0], 3.8)];

impl Thorax {
    /// A thorax; `nodule_mm` is a diameter.
    pub fn new(nodule_mm: f32, breath: f32, seed: u64) -> Self {
        Self {
            nodule_radius: nodule_mm / 2.0,
            breath,
            vessels: Vessels::grow(seed),
        }
    }

    /// Half axes of the chest cavity at height `z`.
    fn cavity(z: f32) -> (f32, f32) {
        let t = ((z + 150.0) / 300.0).clamp(0.0, 1.0);
        // Widest a third of the way up, a dome at the apex.
        let dome = (1.0 - ((t - 0.30) / 0.68).max(0.0).powi(2) * 0.92)
            .max(0.02)
            .sqrt();
        (128.0 * dome, 90.0 * (0.35 + 0.65 * dome))
    }

    /// Distance to the skin, negative inside the body, and to the chest wall's inner surface.
    fn walls(p: [f32; 3]) -> (f32, f32) {
        let z = p[2];
        let shoulders = ((z - 60.0) / 90.0).clamp(0.0, 1.0);
        let neck = ((z - 118.0) / 40.0).clamp(0.0, 1.0);
        let a = 172.0 + 16.0 * shoulders - 60.0 * neck * neck;
        let b = 120.0 - 16.0 * shoulders - 8.0 * neck;
        let torso = ellipse(p[0], p[1] - 4.0, a, b);
        let breasts = ellipsoid(
            [p[0].abs(), p[1], z],
            [74.0, -98.0, -18.0],
            [56.0, 44.0, 52.0],
        );
        let (ca, cb) = Self::cavity(z);
        // The spine presses the cavity in from behind: a kidney shape.
        let dent = 26.0 * (-(p[0] / 26.0).powi(2)).exp() * f32::from(p[1] > 0.0);
        (torso.min(breasts), ellipse(p[0], p[1] + 2.0 + dent, ca, cb))
    }

    /// Height of the diaphragm above a point of the chest's floor.
    fn diaphragm(&self, x: f32, y: f32) -> f32 {
        let right = x < 0.0;
        let (cx, top) = if right { (-62.0, -46.0) } else { (64.0, -58.0) };
        let r = (((x - cx) / 74.0).powi(2) + ((y + 12.0) / 84.0).powi(2)).min(2.2);
        top + 15.0 * self.breath - 62.0 * r - 0.10 * (y + 10.0).max(0.0)
    }

    /// Hounsfield units at `p`, without noise.
    pub fn hounsfield(&self, p: [f32; 3]) -> f32 {
        let (skin, wall) = Self::walls(p);
        if skin > 2.0 {
            return Self::table(p);
        }
        let mut hu = mix(AIR, Self::soft_wall(p, skin, wall), edge(skin));
        if wall < 6.0 {
            hu = self.inside(p, wall, hu);
        }
        self.bones(p, wall, hu)
    }

    /// The scanner's table under the back: two curved sheets.
    fn table(p: [f32; 3]) -> f32 {
        let y = p[1] - 132.0 + (p[0] / 230.0).powi(2) * 34.0;
        if p[0].abs() < 205.0 && (y.abs() < 1.4 || (y - 22.0).abs() < 1.4) {
            -480.0
        } else {
            AIR
        }
    }

    /// Skin, fat, and the muscles of the chest wall.
    fn soft_wall(p: [f32; 3], skin: f32, wall: f32) -> f32 {
        if skin > -2.2 {
            return 18.0;
        }
        let (x, y) = (p[0].abs(), p[1]);
        // Glandular strands in the breast.
        let gland = ellipsoid([x, y, p[2]], [74.0, -96.0, -18.0], [34.0, 22.0, 32.0]);
        if gland < 0.0 && ((p[0] * 0.31).sin() + (p[2] * 0.27).sin() + (y * 0.4).sin()) > 0.5 {
            return 22.0;
        }
        let back = ellipsoid([x, y, p[2]], [34.0, 92.0, p[2]], [30.0, 15.0, 60.0]);
        let blade = ellipsoid([x, y, p[2]], [112.0, 70.0, 76.0], [50.0, 30.0, 64.0]);
        let pectoral = ellipsoid([x, y, p[2]], [62.0, -88.0, 52.0], [66.0, 11.0, 50.0]);
        let muscle = back.min(blade).min(pectoral).min(wall - 15.0);
        mix(FAT, MUSCLE, edge(muscle))
    }

    fn inside(&self, p: [f32; 3], wall: f32, outside: f32) -> f32 {
        let z = p[2];
        let floor = z - self.diaphragm(p[0], p[1]);
        let abdomen = Self::abdomen(p);
        // Mediastinum: fat between the lungs, broad around the great vessels, thin behind the breastbone and beside the spine.
        let core = (-((p[1] - 6.0) / 36.0).powi(2)).exp();
        let level = 0.75
            + 0.45 * (-((z - 4.0) / 46.0).powi(2)).exp()
            + 0.35 * ((z - 70.0) / 60.0).clamp(0.0, 1.0);
        let half = 7.0
            + 22.0 * core * level
            + 9.0 * ((p[1] - 40.0) / 30.0).clamp(0.0, 1.0)
            + 10.0 * ((-z - 60.0) / 50.0).clamp(0.0, 1.0);
        let middle = p[0].abs() - half;
        let heart = self.heart(p);
        let vessels = chain(p, AORTA)
            .min(chain(p, CAVA))
            .min(chain(p, LOWER_CAVA))
            .min(chain(p, PULMONARY))
            .min(chain(p, PULMONARY_RIGHT))
            .min(chain(p, NECK_LEFT))
            .min(chain(p, NECK_RIGHT));
        let oesophagus = tube(p, [8.0, 32.0, 150.0], [6.0, 36.0, -150.0], 6.5, 7.5);
        let solid = middle.min(heart - 3.0).min(vessels - 1.0);
        // Lung: inside the wall, outside the mediastinum, above the diaphragm.
        let lung = wall.max(-solid).max(-floor);
        let mut tissue = if floor < 0.0 { abdomen } else { FAT };
        tissue = mix(tissue, 44.0, edge(oesophagus));
        tissue = mix(tissue, 46.0, edge(heart));
        tissue = mix(tissue, BLOOD, edge(vessels));
        let body = mix(outside, tissue, edge(wall));
        let mut hu = mix(body, self.lung(p), edge(lung));
        hu = self.airways(p, hu);
        let nodule = self.nodule(p);
        mix(hu, 38.0, edge(nodule))
    }

    fn heart(&self, p: [f32; 3]) -> f32 {
        // Rotated so that the apex points left, forward and down.
        let q = [p[0] - 20.0, p[1] + 26.0, p[2] + 42.0 - 10.0 * self.breath];
        let (s, c) = (0.62_f32.sin(), 0.62_f32.cos());
        let r = [
            c * q[0] - s * q[2],
            q[1] * 0.96 + q[0] * 0.18,
            s * q[0] + c * q[2],
        ];
        let ventricles = ellipsoid(r, [10.0, 0.0, -4.0], [55.0, 45.0, 46.0]);
        let atria = ellipsoid(r, [-26.0, 12.0, 16.0], [38.0, 34.0, 36.0]);
        ventricles.min(atria)
    }

    /// Liver right, stomach and spleen left.
    fn abdomen(p: [f32; 3]) -> f32 {
        let liver = ellipsoid(p, [-52.0, -8.0, -128.0], [92.0, 84.0, 90.0]);
        let spleen = ellipsoid(p, [88.0, 44.0, -126.0], [30.0, 40.0, 52.0]);
        let stomach = ellipsoid(p, [54.0, -18.0, -112.0], [36.0, 40.0, 46.0]);
        let bubble = stomach.max(p[1] + 34.0) + 5.0;
        let mut hu = mix(FAT, 58.0, edge(liver));
        hu = mix(hu, 50.0, edge(spleen));
        hu = mix(hu, 28.0, edge(stomach));
        mix(hu, AIR, edge(bubble))
    }

    /// Parenchyma with its gravity gradient and the vessels in it.
    fn lung(&self, p: [f32; 3]) -> f32 {
        let dependent = 0.35 * p[1];
        // Faint emphysema towards the apices, as thirty-five pack-years leave.
        let upper = -22.0 * ((p[2] - 20.0) / 90.0).clamp(0.0, 1.0);
        // Lobules: a faint mottle a centimetre or two across.
        let mottle =
            14.0 * (p[0] * 0.41).sin() * (p[1] * 0.37 + 0.02 * p[2]).sin() * (p[2] * 0.33).cos();
        let parenchyma = -862.0 + dependent + upper + mottle;
        // Oblique fissures: thin sheets.
        let fissure = (p[2] + 8.0 - 0.85 * p[1] + 0.004 * p[1] * p[1]).abs();
        let sheet = if fissure < 0.9 { 70.0 } else { 0.0 };
        mix(
            parenchyma + sheet,
            BLOOD - 4.0,
            edge(self.vessels.distance(p)),
        )
    }

    fn airways(&self, p: [f32; 3], hu: f32) -> f32 {
        let lumen = chain(p, TRACHEA)
            .min(chain(p, BRONCHUS_LEFT))
            .min(chain(p, BRONCHUS_RIGHT))
            .min(chain(p, BRONCHUS_UPPER));
        if lumen > 3.0 {
            return hu;
        }
        mix(mix(hu, 30.0, edge(lumen - 1.6)), AIR, edge(lumen))
    }

    fn nodule(&self, p: [f32; 3]) -> f32 {
        let d = [p[0] - NODULE[0], p[1] - NODULE[1], p[2] - NODULE[2]];
        let r = (d[0] * d[0] + d[1] * d[1] + d[2] * d[2]).sqrt();
        if r > self.nodule_radius + 8.0 {
            return f32::MAX;
        }
        // A few short spicules, no more than a tenth of the radius.
        let bumps = 0.10
            * self.nodule_radius
            * ((1.9 * d[0]).sin() * (1.7 * d[1] + 0.6).sin() * (1.5 * d[2]).cos());
        r - self.nodule_radius - bumps
    }

    fn bones(&self, p: [f32; 3], wall: f32, hu: f32) -> f32 {
        let hu = Self::ribs(p, wall, hu);
        let hu = Self::spine(p, hu);
        Self::girdle(p, wall, hu)
    }

    fn ribs(p: [f32; 3], wall: f32, hu: f32) -> f32 {
        let depth = wall - 5.5;
        if depth.abs() > 6.0 || p[2] > 128.0 {
            return hu;
        }
        // Angle from the back, 0 at the spine, pi in front.
        let (a, b) = Self::cavity(p[2]);
        let angle = (p[0].abs() / a).atan2((p[1] + 2.0) / b).abs();
        // Ribs fall from the spine to the side and rise a little in front.
        let fall = 46.0 * (angle / 2.2).min(1.0).powf(1.15) - 14.0 * (angle - 2.3).max(0.0);
        let level = (112.0 - (p[2] + fall)) / RIB_SPACING;
        #[allow(
            clippy::cast_possible_truncation,
            reason = "a level lies between -20 and 20"
        )]
        let rib = level.round() as i32;
        if !(0..RIBS).contains(&rib) || angle < 0.16 {
            return hu;
        }
        let dz = (level - level.round()) * RIB_SPACING;
        let distance = ((depth / 3.6).powi(2) + (dz / 6.8).powi(2)).sqrt();
        let shell = (distance - 1.0) * 3.6;
        let cartilage = angle > 2.55;
        if shell > 1.0 || (cartilage && angle > 2.95) {
            return hu;
        }
        let core = if cartilage {
            95.0
        } else {
            mix(620.0, 240.0, edge((distance - 0.62) * 3.6))
        };
        mix(hu, core, edge(shell))
    }

    fn spine(p: [f32; 3], hu: f32) -> f32 {
        if p[0].abs() > 44.0 || p[1] < 40.0 {
            return hu;
        }
        let body = ellipse(p[0], p[1] - 64.0, 17.5, 14.0);
        let level = (p[2] / VERTEBRA).floor();
        let within = p[2] - level * VERTEBRA;
        let plate = (within - 2.6).min(VERTEBRA - 2.6 - within);
        let mut out = hu;
        let bone = mix(560.0, 190.0, edge(body + 2.0)).max(if plate < 1.6 { 480.0 } else { 0.0 });
        let column = if plate < 0.0 { 82.0 } else { bone };
        out = mix(out, column, edge(body));
        let canal = ellipse(p[0], p[1] - 86.0, 9.0, 8.0);
        let arch = canal - 4.5;
        let arch_level = (within - 6.0).min(VERTEBRA - 5.0 - within);
        if arch_level > 0.0 {
            let process = tube(p, [0.0, 94.0, p[2]], [0.0, 112.0, p[2]], 3.4, 2.6);
            let lateral = tube(
                [p[0].abs(), p[1], p[2]],
                [8.0, 86.0, p[2]],
                [32.0, 90.0, p[2]],
                4.4,
                3.4,
            );
            out = mix(out, 430.0, edge(arch.min(process).min(lateral)));
        }
        mix(out, 26.0, edge(canal))
    }

    /// Sternum, clavicles, shoulder blades.
    fn girdle(p: [f32; 3], wall: f32, hu: f32) -> f32 {
        let (x, mut out) = (p[0].abs(), hu);
        if p[1] < 0.0 && x < 24.0 && (-62.0..104.0).contains(&p[2]) {
            let half = if p[2] > 60.0 { 22.0 } else { 15.0 };
            let plate = (wall - 6.5).abs() - 4.6;
            let sternum = plate.max(x - half);
            out = mix(out, mix(480.0, 170.0, edge(sternum + 1.8)), edge(sternum));
        }
        if p[2] > 70.0 {
            let clavicle = tube(
                [x, p[1], p[2]],
                [20.0, -52.0, 100.0],
                [86.0, -34.0, 116.0],
                6.0,
                6.0,
            )
            .min(tube(
                [x, p[1], p[2]],
                [86.0, -34.0, 116.0],
                [140.0, 10.0, 120.0],
                6.0,
                5.5,
            ));
            out = mix(out, mix(640.0, 260.0, edge(clavicle + 2.4)), edge(clavicle));
        }
        if p[1] > 20.0 && p[2] > 4.0 && p[2] < 124.0 {
            let taper = ((p[2] - 4.0) / 60.0).clamp(0.15, 1.0);
            let bow = 96.0 - (x - 70.0) * 0.46 + 6.0 * (p[2] / 60.0).sin();
            let blade = ((p[1] - bow).abs() - 2.3)
                .max(74.0 - x)
                .max(x - 74.0 - 66.0 * taper);
            let spine = tube(
                [x, p[1], p[2]],
                [78.0, 100.0, 84.0],
                [142.0, 56.0, 108.0],
                3.6,
                5.0,
            );
            out = mix(out, 420.0, edge(blade.min(spine)));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn landmarks_have_the_density_of_what_they_are() {
        let thorax = Thorax::new(9.0, 0.0, 7);
        let at = |p| thorax.hounsfield(p);
        assert!(
            at([0.0, 12.0, 90.0]) < -900.0,
            "the trachea holds air: {}",
            at([0.0, 12.0, 90.0])
        );
        assert!(
            (20.0..70.0).contains(&at([22.0, 47.0, -20.0])),
            "the aorta holds blood: {}",
            at([22.0, 47.0, -20.0])
        );
        assert!(
            (20.0..70.0).contains(&at(NODULE)),
            "the nodule is solid: {}",
            at(NODULE)
        );
        assert!(
            (20.0..70.0).contains(&at([26.0, -26.0, -42.0])),
            "heart: {}",
            at([26.0, -26.0, -42.0])
        );
        assert!(
            (40.0..70.0).contains(&at([-60.0, 0.0, -130.0])),
            "liver: {}",
            at([-60.0, 0.0, -130.0])
        );
        assert!(at([300.0, 0.0, 0.0]) < -990.0, "outside is air");
        assert!(
            Thorax::new(6.0, 0.0, 7).hounsfield([NODULE[0] + 4.0, NODULE[1], NODULE[2]]) < -500.0,
            "the earlier nodule is smaller"
        );
    }
}
