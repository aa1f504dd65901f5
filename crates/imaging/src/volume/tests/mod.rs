//! The vectors of T34, T35, T36, T44 and T63, phantoms, and the series of the shelf.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_macros,
    clippy::indexing_slicing
)]

mod fusion;
mod nodules;
mod phantoms;
mod planes;
mod rendering;
mod series;
mod slabs;

use glam::DVec3;
use serde_json::Value;

use super::*;
use crate::{
    display::{ModalityLut, Padding},
    frame::{Colour, Frame, FrameBytes, FrameShape, SampleType},
    geometry::Plane,
};

const VECTORS: &str = include_str!("../../../tests/imaging-vectors.json");

/// Runs `check` (id, inputs, expected, tolerance) on every vector of a requirement.
fn each(requirement: &str, check: impl Fn(&str, &Value, &Value, f64)) {
    let all: Value = serde_json::from_str(VECTORS).unwrap();
    let mut ran = 0;
    for v in all["vectors"].as_array().unwrap() {
        let id = v["id"].as_str().unwrap();
        if id.split('.').next() == Some(requirement) {
            let tolerance = v["tolerance"].as_f64().unwrap();
            check(id, &v["inputs"], &v["expected"], tolerance);
            ran += 1;
        }
    }
    assert!(ran > 0, "no vector of {requirement}");
}

fn file_entry(id: &str) -> Value {
    let all: Value = serde_json::from_str(VECTORS).unwrap();
    let files = all["files"].as_array().unwrap();
    files.iter().find(|v| v["id"] == id).unwrap().clone()
}

fn f(v: &Value) -> f64 {
    v.as_f64().unwrap_or_else(|| panic!("{v} is no number"))
}

fn three(v: &Value) -> DVec3 {
    let all: Vec<f64> = v.as_array().unwrap().iter().map(f).collect();
    DVec3::new(all[0], all[1], all[2])
}

#[track_caller]
fn near(id: &str, got: f64, want: f64, tolerance: f64) {
    assert!(
        (got - want).abs() <= tolerance + 1e-9,
        "{id}: {got}, expected {want}"
    );
}

/// A volume to be made: where its slices are, and a value for each voxel.
#[derive(Clone)]
struct Made {
    size: [u32; 3],
    /// Position of each slice's first pixel.
    origin: DVec3,
    iop: [f64; 6],
    /// (between rows, between columns).
    pixel_spacing: [f64; 2],
    /// From slice to slice.
    step: DVec3,
    sample: SampleType,
    lut: ModalityLut,
    padding: Option<Padding>,
}

const AXIAL: [f64; 6] = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0];

impl Made {
    fn new(size: [u32; 3], spacing: [f64; 3]) -> Self {
        Self {
            size,
            origin: DVec3::ZERO,
            iop: AXIAL,
            pixel_spacing: [spacing[1], spacing[0]],
            step: DVec3::new(0.0, 0.0, spacing[2]),
            sample: SampleType::I16,
            lut: ModalityLut::Identity,
            padding: None,
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

    fn frame(&self, k: u32, value: impl Fn([u32; 3]) -> f64) -> Frame {
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

    fn slices(&self, value: impl Fn([u32; 3]) -> f64) -> Vec<VolumeSlice> {
        (0..self.size[2])
            .map(|k| VolumeSlice {
                shape: self.shape(),
                frame: Some(self.frame(k, &value)),
                plane: Plane::new(
                    (self.origin + self.step * f64::from(k)).to_array(),
                    self.iop,
                )
                .unwrap(),
                pixel_spacing_mm: self.pixel_spacing,
                thickness_mm: None,
                modality_lut: self.lut.clone(),
                padding: self.padding,
            })
            .collect()
    }

    fn volume(&self, value: impl Fn([u32; 3]) -> f64) -> Volume {
        Volume::new("CT", self.slices(value)).unwrap()
    }
}

/// Numbers that look random and are the same every time.
fn noise([i, j, k]: [u32; 3]) -> f64 {
    let mut x =
        i.wrapping_mul(0x9E37_79B9) ^ j.wrapping_mul(0x85EB_CA6B) ^ k.wrapping_mul(0xC2B2_AE35);
    x ^= x >> 15;
    x = x.wrapping_mul(0x2C1B_3C6D);
    x ^= x >> 12;
    f64::from(x % 2048) - 1024.0
}

/// Trilinear value by its definition in double precision, from the voxels themselves, and the weight of those that are no padding.
fn definition(volume: &Volume, at: DVec3) -> Option<(f64, f64)> {
    let n = volume.geometry().size();
    if !volume.geometry().holds(Voxel(at)) {
        return None;
    }
    let (mut sum, mut weights) = (0.0, 0.0);
    for corner in 0..8 {
        let mut weight = 1.0;
        let mut voxel = [0; 3];
        for a in 0..3 {
            let x = at[a].clamp(0.0, f64::from(n[a]) - 1.0);
            let up = f64::from(corner >> a & 1);
            weight *= if up > 0.5 { x.fract() } else { 1.0 - x.fract() };
            voxel[a] = ((x.floor() + up) as u32).min(n[a] - 1);
        }
        if weight > 0.0
            && let Some(value) = volume.voxel(voxel[0], voxel[1], voxel[2])
        {
            sum += weight * value;
            weights += weight;
        }
    }
    (weights > 1e-6).then(|| (sum / weights, weights))
}
