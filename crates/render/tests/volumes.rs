//! Volumes on a device against their twins: planes, slabs and fusion within one grey level, volume rendering within two (T62). Without any
//! adapter the tests say so and pass.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::disallowed_macros
)]

mod common;

use std::sync::Arc;

use common::{Numbers, gpu};
use glam::{DQuat, DVec3};
use serde_json::Value;
use triptych_imaging::{
    display::{ModalityLut, Padding},
    geometry::Plane,
};
use triptych_render::{
    Colour, CutOverlay, CutPicture, Frame, FrameBytes, FrameShape, Orientation, PatientMm,
    Renderer, SampleType, ScenePicture, View, VoiFunction, VolumeLimits, Window,
    volume::{
        Camera, CropBox, CutPlane, PlaneAxes, PlaneView, Projection, Quality, Scene, Slab,
        SlabMode, Transfer, Volume, VolumeSlice, Voxel, colour_maps, presets,
    },
};

const VECTORS: &str = include_str!("../../imaging/tests/imaging-vectors.json");

/// Runs `check` (id, inputs, expected) on every vector of a requirement.
fn each(requirement: &str, mut check: impl FnMut(&str, &Value, &Value)) {
    let all: Value = serde_json::from_str(VECTORS).unwrap();
    let mut ran = 0;
    for v in all["vectors"].as_array().unwrap() {
        let id = v["id"].as_str().unwrap();
        if id.split('.').next() == Some(requirement) {
            check(id, &v["inputs"], &v["expected"]);
            ran += 1;
        }
    }
    assert!(ran > 0, "no vector of {requirement}");
}

fn list(v: &Value) -> Vec<f64> {
    let all = v.as_array().unwrap();
    all.iter().map(|n| n.as_f64().unwrap()).collect()
}

/// A volume to be made.
#[derive(Clone)]
struct Made {
    size: [u32; 3],
    spacing: [f64; 3],
    origin: DVec3,
    iop: [f64; 6],
    sample: SampleType,
    luts: Vec<ModalityLut>,
    padding: Option<Padding>,
    /// Position of each slice, mm along the step; even without.
    places: Vec<f64>,
    missing: Vec<u32>,
}

impl Made {
    fn new(size: [u32; 3], spacing: [f64; 3]) -> Self {
        Self {
            size,
            spacing,
            origin: DVec3::ZERO,
            iop: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
            sample: SampleType::I16,
            luts: vec![ModalityLut::Identity],
            padding: None,
            places: Vec::new(),
            missing: Vec::new(),
        }
    }

    fn shape(&self) -> FrameShape {
        FrameShape {
            columns: self.size[0],
            rows: self.size[1],
            sample: self.sample,
            colour: Colour::Monochrome2,
        }
    }

    fn frame(&self, k: u32, value: &dyn Fn([u32; 3]) -> f64) -> Frame {
        let mut bytes = Vec::new();
        for j in 0..self.size[1] {
            for i in 0..self.size[0] {
                let v = value([i, j, k]);
                match self.sample {
                    SampleType::U8 => bytes.extend((v as u8).to_ne_bytes()),
                    SampleType::I8 => bytes.extend((v as i8).to_ne_bytes()),
                    SampleType::U16 => bytes.extend((v as u16).to_ne_bytes()),
                    SampleType::I16 => bytes.extend((v as i16).to_ne_bytes()),
                    SampleType::U32 => bytes.extend((v as u32).to_ne_bytes()),
                    SampleType::I32 => bytes.extend((v as i32).to_ne_bytes()),
                    SampleType::F32 => bytes.extend((v as f32).to_ne_bytes()),
                    SampleType::F64 => bytes.extend(v.to_ne_bytes()),
                }
            }
        }
        Frame {
            shape: self.shape(),
            bytes: FrameBytes::from(bytes),
        }
    }

    fn volume(&self, value: impl Fn([u32; 3]) -> f64) -> Volume {
        let slices = (0..self.size[2])
            .map(|k| {
                let along = self.places.get(k as usize).copied();
                let z = along.unwrap_or(self.spacing[2] * f64::from(k));
                let there = !self.missing.contains(&k);
                VolumeSlice {
                    shape: self.shape(),
                    frame: there.then(|| self.frame(k, &value)),
                    plane: Plane::new((self.origin + DVec3::new(0.0, 0.0, z)).to_array(), self.iop)
                        .unwrap(),
                    pixel_spacing_mm: [self.spacing[1], self.spacing[0]],
                    thickness_mm: None,
                    modality_lut: self.luts[k as usize % self.luts.len()].clone(),
                    padding: self.padding,
                }
            })
            .collect();
        Volume::with_wide_gaps("CT", slices).unwrap()
    }
}

fn noise([i, j, k]: [u32; 3]) -> f64 {
    let mut x =
        i.wrapping_mul(0x9E37_79B9) ^ j.wrapping_mul(0x85EB_CA6B) ^ k.wrapping_mul(0xC2B2_AE35);
    x ^= x >> 15;
    x = x.wrapping_mul(0x2C1B_3C6D);
    x ^= x >> 12;
    f64::from(x % 2048) - 1024.0
}

fn window(low: f64, high: f64) -> Window {
    Window::new((low + high) / 2.0, high - low, VoiFunction::LinearExact).unwrap()
}

fn cut(id: u64, volume: &Volume, plane: PlaneView, window: Window) -> CutPicture {
    CutPicture {
        id,
        volume: volume.clone(),
        plane,
        window,
        invert: false,
        over: None,
    }
}

#[track_caller]
fn near(got: &[u8], want: &[u8], width: u32, levels: u8, what: &str) {
    assert_eq!(got.len(), want.len());
    let pairs = got.iter().zip(want).enumerate();
    let (at, (a, b)) = pairs.max_by_key(|(_, (a, b))| a.abs_diff(**b)).unwrap();
    let off = got
        .iter()
        .zip(want)
        .filter(|(a, b)| a.abs_diff(**b) > levels)
        .count();
    assert!(
        a.abs_diff(*b) <= levels,
        "{what}: pixel {}, {}: {a}, twin {b}; {off} of {} are off",
        at / 4 % width as usize,
        at / 4 / width as usize,
        got.len()
    );
}

#[track_caller]
fn compare(gpu: &mut Renderer, cut: &CutPicture, view: &View, size: [u32; 2], what: &str) {
    let drawn = gpu.draw_cut_rgba(cut, view, size).unwrap();
    let twin = Renderer::cpu().draw_cut_rgba(cut, view, size).unwrap();
    near(
        &drawn,
        &twin,
        size[0],
        1,
        &format!("{what} {view:?} {:?}", cut.plane),
    );
}

fn by_twin(gpu: &Renderer) -> u64 {
    match gpu {
        Renderer::Gpu(gpu) => gpu.drawn_by_twin(),
        Renderer::Cpu(_) => panic!("not on the GPU"),
    }
}

/// A different kind of volume for each case: types, rescales, padding, tilt, uneven steps, a gap.
fn random_volume(n: &mut Numbers) -> Volume {
    let size = n.one_of(&[[40, 37, 24], [19, 52, 33], [64, 20, 17]]);
    let mut made = Made::new(
        size,
        [
            n.between(0.4, 1.5),
            n.between(0.4, 1.5),
            n.between(0.5, 3.0),
        ],
    );
    made.origin = DVec3::new(
        n.between(-200.0, 50.0),
        n.between(-200.0, 50.0),
        n.between(-900.0, 900.0),
    );
    made.sample = n.one_of(&[
        SampleType::I16,
        SampleType::I16,
        SampleType::U16,
        SampleType::I8,
        SampleType::I32,
        SampleType::F32,
        SampleType::F64,
    ]);
    if n.below(3) == 0 {
        // A tilted gantry: the slices lie aslant to the way from one to the next.
        let (sin, cos) = n.between(-0.3, 0.3).sin_cos();
        made.iop = [1.0, 0.0, 0.0, 0.0, cos, sin];
    }
    if n.below(3) == 0 {
        let mut z = 0.0;
        made.places = (0..size[2])
            .map(|_| {
                z += made.spacing[2] * n.between(0.7, 1.3);
                z
            })
            .collect();
    }
    made.luts = match n.below(4) {
        0 => vec![ModalityLut::Rescale {
            slope: -1.5,
            intercept: 12.25,
        }],
        1 => (0..5)
            .map(|k| ModalityLut::Rescale {
                slope: 0.5 + 0.25 * f64::from(k),
                intercept: f64::from(k) - 7.0,
            })
            .collect(),
        _ => vec![ModalityLut::Rescale {
            slope: 1.0,
            intercept: -1024.0,
        }],
    };
    let (scale, off) = match made.sample {
        SampleType::I8 => (0.12, 0.0),
        SampleType::U16 => (1.0, 1024.0),
        SampleType::F32 | SampleType::F64 => (1.01, 0.37),
        _ => (1.0, 0.0),
    };
    if n.below(3) == 0 {
        made.padding = Some(Padding::new(
            -1024.0 * scale + off,
            Some(-500.0 * scale + off),
        ));
    }
    if n.below(4) == 0 {
        made.missing = vec![n.below(u64::from(size[2])) as u32];
    }
    let smooth = n.below(2) == 0;
    made.volume(move |at| {
        let [i, j, k] = at.map(f64::from);
        let wave = ((i * 0.31).sin() + (j * 0.23).cos() + (k * 0.4).sin()) * 340.0;
        let value = if smooth { wave } else { noise(at) };
        value * scale + off
    })
}

fn random_plane(n: &mut Numbers, volume: &Volume) -> PlaneView {
    let geometry = volume.geometry();
    let axes = n.one_of(&[PlaneAxes::Patient, PlaneAxes::Acquisition]);
    let orientation = n.one_of(&[
        Orientation::Axial,
        Orientation::Coronal,
        Orientation::Sagittal,
    ]);
    let mut plane = PlaneView::covering(geometry, axes, orientation);
    if n.below(3) > 0 {
        let axis = DVec3::new(
            n.between(-1.0, 1.0),
            n.between(-1.0, 1.0),
            n.between(0.1, 1.0),
        );
        plane = plane.turned(geometry.centre(), axis, n.between(-180.0, 180.0));
    }
    plane.centre.0 += plane.normal() * n.between(-6.0, 6.0);
    plane.slab = match n.below(3) {
        0 => Slab::default(),
        _ => Slab {
            mode: n.one_of(&[SlabMode::Mip, SlabMode::MinIp, SlabMode::Mean]),
            thickness_mm: n.between(0.0, 25.0),
            fine: n.below(4) == 0,
        },
    };
    plane
}

fn random_view(n: &mut Numbers) -> View {
    View {
        invert: n.below(3) == 0,
        zoom: if n.below(2) == 0 {
            1.0
        } else {
            n.between(0.4, 4.0) as f32
        },
        pan: [n.between(-20.0, 20.0) as f32, n.between(-20.0, 20.0) as f32],
        quarter_turns: n.below(4) as i32,
        flip_h: n.below(2) == 0,
        flip_v: n.below(2) == 0,
        ..View::default()
    }
}

#[test]
fn t34_t35_planes_and_slabs_are_those_of_the_twin() {
    let Some(mut gpu) = gpu("planes and slabs") else {
        return;
    };
    let n = &mut Numbers(0x0bad_cafe_1234_8765);
    for case in 0..60 {
        if let Renderer::Gpu(gpu) = &mut gpu
            && case % 20 == 0
        {
            // One texture as it is, bricks, and small bricks in a small texture.
            let (side, brick) = [(u32::MAX, u32::MAX), (u32::MAX, 16), (96, 7)][case as usize / 20];
            gpu.set_volume_limits(VolumeLimits {
                side,
                brick,
                ..VolumeLimits::default()
            });
        }
        let volume = random_volume(n);
        if n.below(2) == 0 {
            volume.prepare();
        }
        let middle = n.between(-900.0, 100.0);
        let half = n.between(100.0, 1500.0);
        for part in 0..3 {
            let plane = random_plane(n, &volume);
            let picture = cut(
                case + 1,
                &volume,
                plane,
                window(middle - half, middle + half),
            );
            let size = n.one_of(&[[64, 64], [97, 41]]);
            let view = random_view(n);
            compare(
                &mut gpu,
                &picture,
                &view,
                size,
                &format!("case {case}.{part}"),
            );
        }
    }
    assert_eq!(
        by_twin(&gpu),
        0,
        "all of these are drawn by the pass itself"
    );
}

/// Acquisition planes through voxel centres show the pixels themselves.
#[test]
fn t34_an_acquisition_plane_is_the_slice_itself() {
    let Some(mut gpu) = gpu("acquisition planes") else {
        return;
    };
    let mut made = Made::new([31, 23, 9], [0.7, 0.7, 2.5]);
    made.sample = SampleType::U16;
    made.origin = DVec3::new(-123.4, 55.5, -700.7);
    let volume = made.volume(|at| f64::from((at[0] * 7 + at[1] * 13 + at[2] * 29) % 256));
    for k in 0..9 {
        let plane = PlaneView::covering(
            volume.geometry(),
            PlaneAxes::Acquisition,
            Orientation::Axial,
        )
        .through(volume.geometry().slice_centre(f64::from(k)));
        let picture = cut(1, &volume, plane, window(0.0, 255.0));
        let rgba = gpu
            .draw_cut_rgba(&picture, &View::default(), plane.size)
            .unwrap();
        for (at, pixel) in rgba.chunks_exact(4).enumerate() {
            let (i, j) = (at as u32 % 31, at as u32 / 31);
            assert_eq!(u32::from(pixel[0]), (i * 7 + j * 13 + k * 29) % 256);
        }
    }
}

/// A picture of one pixel at a point of the volume.
fn point(gpu: &mut Renderer, id: u64, volume: &Volume, at: PatientMm, low: f64, high: f64) -> u8 {
    let plane = PlaneView {
        centre: at,
        right: DVec3::X,
        down: DVec3::Y,
        mm_per_pixel: [1.0; 2],
        size: [1, 1],
        slab: Slab::default(),
    };
    let picture = cut(id, volume, plane, window(low, high));
    gpu.draw_cut_rgba(&picture, &View::default(), [1, 1])
        .unwrap()[0]
}

#[test]
fn t34_vectors_on_the_device() {
    let Some(mut gpu) = gpu("vectors of T34") else {
        return;
    };
    let mut next = 0;
    each("T34", |id, i, e| {
        next += 10;
        if let Some(lps) = i.get("lps") {
            let spacing = list(&i["spacing_xyz"]);
            let mut made = Made::new([200, 200, 9], [spacing[0], spacing[1], spacing[2]]);
            made.origin = DVec3::from_slice(&list(&i["origin_lps"]));
            let at = PatientMm(DVec3::from_slice(&list(lps)));
            for (axis, want) in list(&e["index_xyz"]).into_iter().enumerate() {
                let volume = made.volume(|v| f64::from(v[axis]) * 20.0);
                let low = (want - 5.0) * 20.0;
                let got = point(&mut gpu, next + axis as u64, &volume, at, low, low + 255.0);
                assert!((f64::from(got) - 100.0).abs() <= 1.0, "{id}: {got}");
            }
            return;
        }
        let values: Vec<Vec<Vec<f64>>> = serde_json::from_value(i["volume_zyx"].clone()).unwrap();
        let mut made = Made::new([2, 2, 3], [1.0; 3]);
        made.sample = SampleType::F32;
        // A volume has three slices at least: the last stands twice, and what lies beyond the second is not asked for.
        let volume = made.volume(|[x, y, z]| values[z.min(1) as usize][y as usize][x as usize]);
        let index = DVec3::from_slice(&list(&i["index_xyz"]));
        let at = volume.geometry().to_patient(Voxel(index));
        // Black is kept for what is outside.
        let got = point(&mut gpu, next, &volume, at, -20.0, 80.0);
        match e["value"].as_f64() {
            Some(want) => {
                let want = (want + 20.0) * 2.55;
                assert!(
                    (f64::from(got) - want).abs() <= 1.0,
                    "{id}: {got}, expected {want}"
                );
            }
            None => assert_eq!(got, 0, "{id}"),
        }
    });
    assert_eq!(by_twin(&gpu), 0);
}

#[test]
fn t35_vectors_on_the_device() {
    let Some(mut gpu) = gpu("vectors of T35") else {
        return;
    };
    let mut next = 0;
    each("T35", |id, i, e| {
        next += 1;
        let mut grey = |volume: &Volume, slab: Slab, at: PatientMm| {
            let covering =
                PlaneView::covering(volume.geometry(), PlaneAxes::Patient, Orientation::Axial);
            let plane = PlaneView { slab, ..covering }.through(at);
            let picture = cut(next, volume, plane, window(0.0, 255.0));
            let rgba = gpu.draw_cut_rgba(&picture, &View::default(), plane.size);
            f64::from(rgba.unwrap()[4 * (plane.size[0] as usize + 1)])
        };
        if let Some(samples) = i.get("samples") {
            let values = list(samples);
            let n = values.len() as u32;
            let volume = Made::new([4, 4, n], [1.0; 3]).volume(|[_, _, k]| values[k as usize]);
            let at = volume.geometry().centre();
            for (mode, name) in [
                (SlabMode::Mip, "mip"),
                (SlabMode::MinIp, "minip"),
                (SlabMode::Mean, "mean"),
            ] {
                let got = grey(&volume, Slab::new(mode, f64::from(n) - 1.0), at);
                assert!(
                    (got - e[name].as_f64().unwrap()).abs() <= 1.0,
                    "{id} {name}: {got}"
                );
            }
            let mean = grey(&volume, Slab::new(SlabMode::Mean, f64::from(n) - 1.0), at);
            assert!((mean * f64::from(n) - e["sum"].as_f64().unwrap()).abs() <= f64::from(n));
            return;
        }
        // One bright slice: the mean tells how many samples there were.
        let step = i["step_mm"].as_f64().unwrap();
        let volume =
            Made::new([4, 4, 41], [step; 3]).volume(|[_, _, k]| if k == 20 { 250.0 } else { 0.0 });
        let slab = Slab::new(SlabMode::Mean, i["slab_mm"].as_f64().unwrap());
        let got = grey(&volume, slab, volume.geometry().slice_centre(20.0));
        let samples = e["samples"].as_f64().unwrap();
        assert!((got - 250.0 / samples).abs() <= 1.0, "{id}: {got}");
        if let Some(ends) = e["offsets_first_last"].as_array() {
            // The first and the last sample lie there: a plane farther off does not see the bright slice.
            let slab = Slab {
                mode: SlabMode::Mip,
                ..slab
            };
            for (end, off) in ends.iter().zip([-0.6, 0.6]) {
                let end = end.as_f64().unwrap();
                let at = |mm: f64| volume.geometry().slice_centre(20.0 - mm / step);
                assert!((grey(&volume, slab, at(end)) - 250.0).abs() <= 1.0, "{id}");
                assert!(grey(&volume, slab, at(end + 2.0 * off)) < 1.0, "{id}");
            }
        }
    });
    assert_eq!(by_twin(&gpu), 0);
}

fn solid(opacity: Vec<(f64, f64)>, colour: Vec<(f64, f64, f64, f64)>, reference: f64) -> Transfer {
    Transfer {
        name: "test".into(),
        reference_step_mm: reference,
        opacity,
        colour,
        ambient: 1.0,
        diffuse: 0.0,
        specular: 0.0,
        shininess: 1.0,
    }
}

fn picture_of(id: u64, scene: Scene) -> ScenePicture {
    ScenePicture {
        id,
        volume: id,
        scene: Arc::new(scene),
    }
}

/// Samples of known colour along a ray: a ramp along it, cut to as many steps as the vector has.
#[test]
fn t36_vectors_on_the_device() {
    let Some(mut gpu) = gpu("vectors of T36") else {
        return;
    };
    let mut next = 0;
    each("T36", |id, i, e| {
        let (step, reference) = (
            i["step_mm"].as_f64().unwrap(),
            i["ref_step_mm"].as_f64().unwrap(),
        );
        let alphas = list(&i["alpha_at_reference_step"]);
        let colours = list(&i["colour_front_to_back"]);
        let mut made = Made::new([6, 6, 8], [2.0 * step; 3]);
        made.sample = SampleType::F32;
        let volume = made.volume(|[_, _, k]| f64::from(k));
        // Half a voxel a step.
        let value = |k: usize| 1.25 + 0.5 * k as f64;
        let opacity: Vec<_> = alphas
            .iter()
            .enumerate()
            .map(|(k, a)| (value(k), *a))
            .collect();
        for (all_white, name) in [(false, "accumulated_colour"), (true, "accumulated_alpha")] {
            let colour = colours.iter().enumerate().map(|(k, c)| {
                let c = if all_white { 1.0 } else { *c };
                (value(k), c, c, c)
            });
            let mut scene = Scene::new(
                &volume,
                &solid(opacity.clone(), colour.collect(), reference),
            );
            scene.crop = Some(CropBox {
                from: Voxel(DVec3::new(-0.5, -0.5, 1.0)),
                to: Voxel(DVec3::new(5.5, 5.5, 1.0 + 0.5 * alphas.len() as f64)),
            });
            let camera = Camera {
                centre: volume.geometry().centre(),
                right: DVec3::X,
                down: DVec3::Y,
                mm_per_pixel: step,
                size: [4, 4],
                projection: Projection::Orthographic,
            };
            next += 1;
            let rgba = gpu
                .draw_volume_rgba(&picture_of(next, scene), &camera, Quality::Rest)
                .unwrap();
            let want = e[name].as_f64().unwrap() * 255.0;
            assert!(
                rgba.chunks_exact(4)
                    .all(|p| (f64::from(p[0]) - want).abs() <= 1.0),
                "{id} {name}: {:?}, expected {want}",
                &rgba[..4]
            );
        }
    });
    assert_eq!(by_twin(&gpu), 0);
}

/// A body with a hard core and soft noise, so that light, opacity and empty space all count.
fn body(made: &Made, n: &mut Numbers) -> Volume {
    let middle = made.size.map(|s| f64::from(s) / 2.0);
    let reach = n.between(0.5, 0.9);
    let rough = n.between(0.0, 60.0);
    made.volume(move |at| {
        let off: f64 = (0..3)
            .map(|a| ((f64::from(at[a]) - middle[a]) / (middle[a] * reach)).powi(2))
            .sum();
        let noise = noise(at) / 1024.0 * rough;
        (900.0 - 1100.0 * off.sqrt() + noise).max(-1000.0)
    })
}

#[test]
fn t36_volume_rendering_is_that_of_the_twin() {
    let Some(mut gpu) = gpu("volume rendering") else {
        return;
    };
    let n = &mut Numbers(0x7e57_0000_0f0f_a5a5);
    for case in 0..24_u64 {
        if let Renderer::Gpu(gpu) = &mut gpu
            && case % 12 == 0
        {
            gpu.set_volume_limits(VolumeLimits {
                brick: if case == 0 { u32::MAX } else { 11 },
                ..VolumeLimits::default()
            });
        }
        let mut made = Made::new(
            n.one_of(&[[40, 36, 30], [33, 48, 20]]),
            [
                n.between(0.6, 1.2),
                n.between(0.6, 1.2),
                n.between(0.8, 2.0),
            ],
        );
        if n.below(3) == 0 {
            let (sin, cos) = n.between(-0.25, 0.25).sin_cos();
            made.iop = [1.0, 0.0, 0.0, 0.0, cos, sin];
        }
        if n.below(4) == 0 {
            let mut z = 0.0;
            made.places = (0..made.size[2])
                .map(|_| {
                    z += made.spacing[2] * n.between(0.8, 1.2);
                    z
                })
                .collect();
        }
        if n.below(3) == 0 {
            made.padding = Some(Padding::new(-1000.0, Some(-700.0)));
        }
        let volume = body(&made, n);
        let preset = &presets()[n.below(presets().len() as u64) as usize];
        let mut scene = Scene::new(&volume, preset);
        if n.below(3) == 0 {
            scene.crop = Some(CropBox {
                from: Voxel(DVec3::new(4.0, 30.0, 3.0)),
                to: Voxel(DVec3::new(n.between(14.0, 32.0), 6.0, 16.0)),
            });
        }
        if n.below(3) == 0 {
            scene.cuts.push(CutPlane {
                point: volume.geometry().centre(),
                normal: DVec3::new(n.between(-1.0, 1.0), n.between(-1.0, 1.0), 0.5).normalize(),
            });
        }
        let mut camera = Camera::front(volume.geometry(), n.one_of(&[[72, 64], [51, 83]]))
            .turned(n.between(-180.0, 180.0), n.between(-80.0, 80.0));
        camera.mm_per_pixel *= n.between(0.4, 1.1);
        if n.below(3) == 0 {
            camera.projection = Projection::Perspective {
                distance_mm: n.between(30.0, 300.0),
            };
        }
        // While it moves the twin draws from fewer voxels: only what rests is compared.
        let quality = Quality::Rest;
        let picture = picture_of(case + 1, scene);
        let drawn = gpu.draw_volume_rgba(&picture, &camera, quality).unwrap();
        let twin = Renderer::cpu()
            .draw_volume_rgba(&picture, &camera, quality)
            .unwrap();
        let what = format!("case {case} {} {quality:?} {camera:?}", preset.name);
        near(&drawn, &twin, camera.size[0], 2, &what);
    }
    assert_eq!(by_twin(&gpu), 0);
}

#[test]
fn t36_a_pick_is_where_the_rendered_surface_is() {
    let made = Made::new([40, 40, 40], [1.0; 3]);
    let volume = made.volume(|at| {
        let off = DVec3::from_array(at.map(f64::from)) - DVec3::splat(19.5);
        1000.0 - 10.0 * off.length()
    });
    let transfer = solid(
        vec![(899.5, 0.0), (900.5, 1.0)],
        vec![(0.0, 1.0, 1.0, 1.0), (1000.0, 1.0, 1.0, 1.0)],
        1.0,
    );
    let picture = picture_of(1, Scene::new(&volume, &transfer));
    let mut camera = Camera::front(volume.geometry(), [80, 80]).turned(30.0, 20.0);
    for projection in [
        Projection::Orthographic,
        Projection::Perspective { distance_mm: 80.0 },
    ] {
        camera.projection = projection;
        let at = picture.pick(&camera, [42.0, 37.5]).unwrap().unwrap();
        let radius = (at.0 - DVec3::splat(19.5)).length();
        assert!((radius - 10.0).abs() < 0.6, "{projection:?}: {radius}");
        assert_eq!(picture.pick(&camera, [1.0, 1.0]).unwrap(), None);
    }
}

fn overlay(id: u64, volume: &Volume, window: Window, opacity: f64) -> CutOverlay {
    CutOverlay {
        id,
        volume: volume.clone(),
        window,
        colours: Arc::new(colour_maps()[0].clone()),
        opacity,
        threshold: None,
    }
}

#[test]
fn t63_vectors_on_the_device() {
    let Some(mut gpu) = gpu("vectors of T63") else {
        return;
    };
    let base = Made::new([4, 4, 3], [1.0; 3]).volume(|_| 100.0);
    // Hot Iron is pure red at 128.
    let over = Made::new([4, 4, 3], [1.0; 3]).volume(|_| 128.0);
    assert_eq!(colour_maps()[0].colour(128), [255, 0, 0]);
    each("T63", |id, i, e| {
        assert_eq!(list(&i["base_rgb"]), [100.0; 3], "{id}");
        assert_eq!(list(&i["overlay_rgb"]), [255.0, 0.0, 0.0], "{id}");
        let plane = PlaneView::covering(base.geometry(), PlaneAxes::Patient, Orientation::Axial);
        let mut picture = cut(1, &base, plane, window(0.0, 255.0));
        let mut above = overlay(2, &over, window(0.0, 255.0), i["alpha"].as_f64().unwrap());
        let below = i.get("overlay_value_below_threshold");
        above.threshold = below.filter(|b| **b == true).map(|_| 129.0);
        let exact = above.threshold.is_some();
        picture.over = Some(above);
        let rgba = gpu
            .draw_cut_rgba(&picture, &View::default(), [4, 4])
            .unwrap();
        for (got, want) in rgba.iter().zip(list(&e["rgb"])) {
            let off = (f64::from(*got) - want).abs();
            assert!(
                off <= if exact { 0.0 } else { 1.0 },
                "{id}: {:?}",
                &rgba[..4]
            );
        }
    });
    assert_eq!(by_twin(&gpu), 0);
}

/// Greys of the overlay may be one apart, which the colours make three of one channel: both lie within that.
#[test]
fn t63_fusion_is_that_of_the_twin() {
    let Some(mut gpu) = gpu("fusion") else {
        return;
    };
    let n = &mut Numbers(0x00c0_ffee_0000_1111);
    for case in 0..30_u64 {
        let base = random_volume(n);
        let mut made = Made::new([16, 18, 14], [n.between(2.0, 3.0); 3]);
        let corner = base.geometry().corners()[0].0;
        made.origin = corner + DVec3::splat(n.between(-4.0, 6.0));
        if n.below(3) == 0 {
            made.luts = (0..4)
                .map(|k| ModalityLut::Rescale {
                    slope: 1.0 + 0.2 * f64::from(k),
                    intercept: 0.0,
                })
                .collect();
        }
        let over = made.volume(|at| {
            let [i, j, k] = at.map(f64::from);
            500.0 + 499.0 * ((i * 0.5).sin() * (j * 0.4).cos() * (k * 0.6).sin())
        });
        let plane = random_plane(n, &base);
        let mut picture = cut(2 * case + 1, &base, plane, window(-1500.0, 600.0));
        let mut above = overlay(
            2 * case + 2,
            &over,
            window(0.0, 1100.0),
            n.between(0.0, 1.0),
        );
        if n.below(2) == 0 {
            // Between whole numbers of noise: no voxel lies on it.
            above.threshold = Some(400.013);
        }
        picture.over = Some(above);
        let view = View {
            invert: false,
            ..random_view(n)
        };
        let size = [60, 52];
        let drawn = gpu.draw_cut_rgba(&picture, &view, size).unwrap();
        let twin = Renderer::cpu()
            .draw_cut_rgba(&picture, &view, size)
            .unwrap();
        near(&drawn, &twin, size[0], 3, &format!("case {case} {view:?}"));
        let apart = drawn.iter().zip(&twin).filter(|(a, b)| a.abs_diff(**b) > 1);
        assert!(apart.count() * 200 < drawn.len(), "case {case}");
    }
    assert_eq!(by_twin(&gpu), 0);
}

#[test]
fn t63_an_overlay_that_ends_is_told() {
    let base = Made::new([40, 40, 20], [1.0; 3]).volume(|_| 1.0);
    let large = Made::new([60, 60, 40], [1.0; 3]).volume(|_| 1.0);
    let small = Made::new([20, 20, 20], [1.0; 3]).volume(|_| 1.0);
    let plane = PlaneView::covering(base.geometry(), PlaneAxes::Patient, Orientation::Axial);
    let mut picture = cut(1, &base, plane, window(0.0, 1.0));
    assert!(!picture.overlay_ends(&View::default(), [80, 80]));
    for (over, ends) in [(&large, false), (&small, true)] {
        picture.over = Some(overlay(2, over, window(0.0, 1.0), 0.5));
        assert_eq!(picture.overlay_ends(&View::default(), [80, 80]), ends);
    }
}

/// Slices go up some at a time, the nearest first; what is not there is hatched, and frames go on until all are.
#[test]
fn f_slices_go_up_under_the_budget_of_a_frame() {
    let Some(mut renderer) = gpu("upload budget") else {
        return;
    };
    let mut made = Made::new([32, 32, 40], [1.0; 3]);
    made.missing = vec![39];
    let mut volume = made.volume(|at| noise(at).abs());
    if let Renderer::Gpu(gpu) = &mut renderer {
        gpu.set_volume_limits(VolumeLimits {
            upload: 8 * 32 * 32 * 2,
            ..VolumeLimits::default()
        });
    }
    let plane = PlaneView::covering(volume.geometry(), PlaneAxes::Patient, Orientation::Coronal);
    let view = View::default();
    let mut frames = 0;
    loop {
        let picture = cut(1, &volume, plane, window(0.0, 1024.0));
        renderer.draw_cut("a", &picture, &view, [32, 40]).unwrap();
        frames += 1;
        if !renderer.is_uploading() {
            break;
        }
        renderer.end_frame();
    }
    assert_eq!(frames, 5, "39 slices, 8 a frame");
    assert_eq!(renderer.passes(), 5, "each frame shows more");
    renderer.end_frame();
    let picture = cut(1, &volume, plane, window(0.0, 1024.0));
    renderer.draw_cut("a", &picture, &view, [32, 40]).unwrap();
    assert_eq!(renderer.passes(), 5, "nothing new");
    compare(
        &mut renderer,
        &picture,
        &view,
        [32, 40],
        "one slice is missing",
    );
    // The last one arrives.
    let frame = made.frame(39, &|at| noise(at).abs());
    volume.set_frame(39, frame).unwrap();
    let picture = cut(1, &volume, plane, window(0.0, 1024.0));
    compare(&mut renderer, &picture, &view, [32, 40], "complete");
    assert_eq!(by_twin(&renderer), 0);
}

/// What the device may not hold is drawn by the twin: the same to the bit.
#[test]
fn g_a_volume_beyond_the_budget_is_the_twins_picture() {
    let Some(mut renderer) = gpu("volume budget") else {
        return;
    };
    let volume = Made::new([32, 32, 20], [1.0; 3]).volume(noise);
    if let Renderer::Gpu(gpu) = &mut renderer {
        gpu.set_volume_limits(VolumeLimits {
            bytes: 32 * 32 * 20 * 2 - 1,
            ..VolumeLimits::default()
        });
    }
    let plane = PlaneView::covering(volume.geometry(), PlaneAxes::Patient, Orientation::Sagittal);
    let picture = cut(1, &volume, plane, window(-900.0, 900.0));
    let view = View::default();
    let drawn = renderer.draw_cut_rgba(&picture, &view, [50, 50]).unwrap();
    let twin = Renderer::cpu().draw_cut_rgba(&picture, &view, [50, 50]);
    assert_eq!(drawn, twin.unwrap());
    let scene = picture_of(1, Scene::new(&volume, &presets()[0]));
    let camera = Camera::front(volume.geometry(), [40, 40]);
    let drawn = renderer.draw_volume_rgba(&scene, &camera, Quality::Moving);
    let twin = Renderer::cpu().draw_volume_rgba(&scene, &camera, Quality::Moving);
    assert_eq!(drawn.unwrap(), twin.unwrap());
    assert_eq!(by_twin(&renderer), 2);
}

#[test]
fn gpu_cuts_and_scenes_are_kept_until_an_input_changes() {
    let volume = Made::new([20, 20, 20], [1.0; 3]).volume(noise);
    let plane = PlaneView::covering(volume.geometry(), PlaneAxes::Patient, Orientation::Axial);
    let scene = picture_of(1, Scene::new(&volume, &presets()[0]));
    let camera = Camera::front(volume.geometry(), [30, 30]);
    for mut renderer in gpu("retained cuts").into_iter().chain([Renderer::cpu()]) {
        let mut picture = cut(1, &volume, plane, window(-900.0, 900.0));
        let view = View::default();
        for _ in 0..3 {
            renderer.draw_cut("a", &picture, &view, [30, 20]).unwrap();
            renderer
                .draw_volume("b", &scene, &camera, Quality::Rest)
                .unwrap();
        }
        assert_eq!(renderer.passes(), 2, "{}", renderer.name());
        picture.plane = plane.scrolled(volume.geometry(), 1.0);
        renderer.draw_cut("a", &picture, &view, [30, 20]).unwrap();
        picture.plane.slab = Slab::new(SlabMode::Mip, 5.0);
        renderer.draw_cut("a", &picture, &view, [30, 20]).unwrap();
        renderer
            .draw_volume("b", &scene, &camera.turned(1.0, 0.0), Quality::Rest)
            .unwrap();
        assert_eq!(renderer.passes(), 5);
        picture.plane.right = DVec3::ZERO;
        assert!(renderer.draw_cut("a", &picture, &view, [30, 20]).is_err());
        assert!(renderer.draw_cut("a", &picture, &view, [30, 20]).is_err());
    }
}

#[test]
fn t34_turns_of_an_oblique_plane_keep_right_angles() {
    let volume = Made::new([20, 20, 20], [1.0; 3]).volume(noise);
    let mut plane = PlaneView::covering(volume.geometry(), PlaneAxes::Patient, Orientation::Axial);
    let turn = DQuat::from_rotation_y(0.7);
    plane.right = turn * plane.right;
    let picture = cut(1, &volume, plane, window(-900.0, 900.0));
    for turns in 0..4 {
        let view = View {
            quarter_turns: turns,
            flip_h: true,
            zoom: 1.7,
            ..View::default()
        };
        let sampled = picture.sampled(&view, [40, 30]);
        assert!(sampled.is_valid(), "{sampled:?}");
        // A point of the plane lies under the same pixel by either map.
        let at = sampled.to_patient([7.0, 11.0]);
        let corner = picture
            .transform(&view, [40, 30])
            .to_image(triptych_render::ViewportPx([7.5, 11.5].into()));
        let same = plane.to_patient([corner.0.x - 0.5, corner.0.y - 0.5]);
        assert!((at.0 - same.0).length() < 1e-9);
    }
}
