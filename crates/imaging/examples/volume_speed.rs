//! How long planes, slabs and volume rendering take on the CPU: median, 95th percentile and least in milliseconds, 1024 × 1024 pixels of a volume of
//! 300 × 512 × 512 voxels of 0.7 × 0.7 × 1 mm, each picture another plane. Planes end in 8-bit greys. On Linux also the mean of the processor time
//! of all threads, which other programs disturb less.
//!
//! `cargo run --release -p triptych-imaging --example volume_speed [rounds] [cases] [folder of DICOM files]`

#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::{f64::consts::PI, time::Instant};

use glam::{DMat3, DVec3};
use triptych_imaging::{
    Colour, DicomFile, Frame, FrameBytes, FrameShape, SampleType,
    display::{ModalityLut, Voi, VoiFunction, Window},
    geometry::{Orientation, PatientMm, Plane},
    volume::{
        Camera, ModalityPlane, PlaneAxes, PlaneView, Quality, Scene, Slab, SlabMode, Volume,
        VolumeSlice, presets, sample_into,
    },
};

const SIZE: u32 = 1024;

/// Air, body, lungs with vessels, spine, ribs, noise: what skips nothing is as slow as it can be.
fn made() -> Volume {
    let n = 512_u32;
    let shape = FrameShape {
        columns: n,
        rows: n,
        sample: SampleType::I16,
        colour: Colour::Monochrome2,
    };
    let mut seed = 9_u32;
    let mut noise = move || {
        let mut sum = 0.0;
        for _ in 0..4 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            sum += f64::from(seed >> 16) / 65_536.0 - 0.5;
        }
        sum * 1.7
    };
    let slices = (0..300).map(|k| {
        let z = f64::from(k) / 299.0;
        let mut bytes = Vec::with_capacity((n * n * 2) as usize);
        for j in 0..n {
            for i in 0..n {
                let (x, y) = (f64::from(i), f64::from(j));
                let ellipse = |cx: f64, cy: f64, rx: f64, ry: f64| {
                    ((x - cx) / rx).powi(2) + ((y - cy) / ry).powi(2)
                };
                let body = ellipse(256.0, 270.0, 190.0 + 20.0 * (3.0 * z).sin(), 140.0);
                let mut hu = if body < 0.86 {
                    45.0
                } else if body < 1.0 {
                    -90.0
                } else {
                    -1000.0
                };
                for side in [-1.0, 1.0] {
                    if ellipse(
                        256.0 + side * 88.0,
                        262.0,
                        62.0 + 14.0 * (PI * z).sin(),
                        92.0,
                    ) < 1.0
                    {
                        hu = -860.0;
                        let a = (5.0 * z).sin();
                        if ellipse(256.0 + side * (88.0 + 30.0 * a), 262.0 + 40.0 * a, 3.0, 3.0)
                            < 1.0
                        {
                            hu = 30.0;
                        }
                    }
                }
                if ellipse(256.0, 352.0, 26.0, 22.0) < 1.0 {
                    hu = 260.0;
                }
                if (body - 0.9).abs() < 0.035
                    && (9.0 * (y - 270.0).atan2(x - 256.0) + 40.0 * z).sin() > 0.25
                {
                    hu = 420.0;
                }
                if ellipse(262.0, 240.0, 58.0, 46.0 - 20.0 * z) < 1.0 {
                    hu = 120.0;
                }
                let sd = if body < 0.86 { 22.0 } else { 12.0 };
                bytes.extend(((hu + sd * noise()).clamp(-1024.0, 3071.0) as i16).to_ne_bytes());
            }
        }
        VolumeSlice {
            shape,
            frame: Some(Frame {
                shape,
                bytes: FrameBytes::from(bytes),
            }),
            plane: Plane::new([0.0, 0.0, f64::from(k)], [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]).unwrap(),
            pixel_spacing_mm: [0.703125; 2],
            thickness_mm: None,
            modality_lut: ModalityLut::Identity,
            padding: None,
        }
    });
    Volume::new("CT", slices.collect()).unwrap()
}

fn of_folder(folder: &str) -> Volume {
    let mut slices = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let Ok((file, None)) = DicomFile::parse_partial(&bytes) else {
            continue;
        };
        let shape = file.frame_shape().unwrap();
        let frame = Frame {
            shape,
            bytes: FrameBytes::from(file.decode_frame_vec(&bytes, 0).unwrap()),
        };
        slices.push(
            VolumeSlice::new(
                slices.len() + 1,
                shape,
                &file.display_attributes(0),
                Some(frame),
            )
            .unwrap(),
        );
    }
    Volume::new("CT", slices).unwrap()
}

/// Plane of step `n`: right, down and normal are the columns of `turn`.
fn view(volume: &Volume, turn: DMat3, slab: Slab, n: usize) -> PlaneView {
    let g = volume.geometry();
    let axes = DMat3::from_cols(g.row(), g.column(), g.normal()) * turn;
    let depth = g.slice_positions_mm().last().copied().unwrap();
    let offset = ((7 * n % 21) as f64 - 10.0) / 10.0 * 0.3 * depth;
    let mm = g.spacing_mm()[0] * f64::from(g.size()[0]) / f64::from(SIZE);
    PlaneView {
        centre: PatientMm(g.centre().0 + axes.z_axis * offset),
        right: axes.x_axis,
        down: axes.y_axis,
        mm_per_pixel: [mm; 2],
        size: [SIZE; 2],
        slab,
    }
}

/// Processor time of all threads so far, seconds; 0 where the system does not say.
fn cpu_seconds() -> f64 {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else {
        return 0.0;
    };
    tasks
        .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok())
        .filter_map(|text| text.split(' ').next()?.parse::<f64>().ok())
        .sum::<f64>()
        / 1e9
}

fn time(name: &str, rounds: usize, mut act: impl FnMut(usize)) {
    act(0);
    let cpu = cpu_seconds();
    let mut took: Vec<f64> = (0..rounds.max(1))
        .map(|n| {
            let start = Instant::now();
            act(n);
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    let cpu = (cpu_seconds() - cpu) / took.len() as f64 * 1e3;
    took.sort_by(f64::total_cmp);
    let at = |part: f64| took[((took.len() - 1) as f64 * part).round() as usize];
    println!(
        "{name:18} {:8.2} / {:8.2} / {:8.2} ms, processor {cpu:8.2} ms",
        at(0.5),
        at(0.95),
        at(0.0)
    );
}

fn main() {
    let mut given = std::env::args().skip(1);
    let rounds: usize = given.next().map_or(15, |text| text.parse().unwrap());
    let cases = given.next().unwrap_or_default();
    let wanted =
        |name: &str| cases.is_empty() || cases == "all" || cases.split(',').any(|c| c == name);
    let volume = given.next().map_or_else(made, |folder| of_folder(&folder));
    println!(
        "{} threads, {rounds} rounds: median / 95th percentile / least",
        rayon::current_num_threads()
    );
    let start = Instant::now();
    volume.prepare();
    println!(
        "{:18} {:8.2} ms",
        "prepare",
        start.elapsed().as_secs_f64() * 1e3
    );
    let (x, z) = (DVec3::X, DVec3::Z);
    let coronal = DMat3::from_axis_angle(x, -PI / 2.0);
    let oblique = DMat3::from_axis_angle(z, PI / 9.0) * DMat3::from_axis_angle(x, PI / 6.0);
    let voi = Voi::Window(Window::new(40.0, 400.0, VoiFunction::Linear).unwrap());
    let mut plane = ModalityPlane::default();
    let mut greys = vec![0; (SIZE * SIZE) as usize];
    let slab = |mode| Slab::new(mode, 20.0);
    for (name, turn, slab) in [
        ("axial", DMat3::IDENTITY, Slab::default()),
        ("coronal", coronal, Slab::default()),
        (
            "sagittal",
            DMat3::from_cols(DVec3::Y, -z, -x),
            Slab::default(),
        ),
        ("oblique", oblique, Slab::default()),
        ("slab_mip", DMat3::IDENTITY, slab(SlabMode::Mip)),
        ("slab_mean", DMat3::IDENTITY, slab(SlabMode::Mean)),
        ("slab_mip_coronal", coronal, slab(SlabMode::Mip)),
        ("slab_mip_oblique", oblique, slab(SlabMode::Mip)),
    ] {
        if !wanted(name) {
            continue;
        }
        time(name, rounds, |n| {
            sample_into(&volume, &view(&volume, turn, slab, n), &mut plane).unwrap();
            plane.greys(&voi, false, &mut greys);
        });
        // The peers' answer to compare: mean of the middle quarter of step 0.
        sample_into(&volume, &view(&volume, turn, slab, 0), &mut plane).unwrap();
        let all: Vec<f64> = plane
            .values()
            .map(|v| if v.is_nan() { -1024.0 } else { v })
            .collect();
        let (from, to) = (SIZE as usize / 4, SIZE as usize * 3 / 4);
        let middle =
            (from..to).flat_map(|v| &all[v * SIZE as usize + from..v * SIZE as usize + to]);
        println!(
            "{:18} check {:.3}",
            "",
            middle.sum::<f64>() / ((to - from) * (to - from)) as f64
        );
    }
    if wanted("window") {
        let flat = PlaneView::covering(
            volume.geometry(),
            PlaneAxes::Acquisition,
            Orientation::Axial,
        );
        sample_into(
            &volume,
            &flat.fitted(volume.geometry(), [SIZE; 2]),
            &mut plane,
        )
        .unwrap();
        time("window", rounds, |n| {
            let level = 40.0 + (n % 50) as f64;
            let voi = Voi::Window(Window::new(level, 400.0, VoiFunction::Linear).unwrap());
            plane.greys(&voi, false, &mut greys);
        });
    }
    // "soft" is the transfer function that the peers draw.
    let soft = presets().iter().find(|p| p.name == "soft").unwrap();
    let scene = Scene::new(&volume, soft);
    let mut camera = Camera::front(volume.geometry(), [SIZE; 2]);
    camera.mm_per_pixel = volume.geometry().spacing_mm()[0]
        * f64::from(volume.geometry().size()[0])
        / f64::from(SIZE);
    for (name, quality, rounds) in [
        ("vr_rest", Quality::Rest, rounds.min(5)),
        ("vr_moving", Quality::Moving, rounds),
        ("vr_draft", Quality::Draft, rounds),
    ] {
        if wanted(name) {
            time(name, rounds, |n| {
                let turned = camera.turned(7.0 * (n + 1) as f64, 0.0);
                scene.render(&turned, quality).unwrap();
            });
        }
    }
}
