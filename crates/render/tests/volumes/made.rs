//! Volumes, planes and views made for the tests: of every kind of sample, step and tilt, the same every time.

use glam::DVec3;
use triptych_imaging::{
    display::{ModalityLut, Padding},
    geometry::Plane,
};
use triptych_render::{
    Colour, Frame, FrameBytes, FrameShape, Orientation, SampleType, View,
    volume::{PlaneAxes, PlaneView, Slab, SlabMode, Volume, VolumeSlice},
};

use crate::common::Numbers;

/// A volume to be made.
#[derive(Clone)]
pub struct Made {
    pub size: [u32; 3],
    pub spacing: [f64; 3],
    pub origin: DVec3,
    pub iop: [f64; 6],
    pub sample: SampleType,
    pub luts: Vec<ModalityLut>,
    pub padding: Option<Padding>,
    /// Position of each slice, mm along the step; even without.
    pub places: Vec<f64>,
    pub missing: Vec<u32>,
}

impl Made {
    pub fn new(size: [u32; 3], spacing: [f64; 3]) -> Self {
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

    pub fn frame(&self, k: u32, value: &dyn Fn([u32; 3]) -> f64) -> Frame {
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

    pub fn volume(&self, value: impl Fn([u32; 3]) -> f64) -> Volume {
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

pub fn noise([i, j, k]: [u32; 3]) -> f64 {
    let mut x =
        i.wrapping_mul(0x9E37_79B9) ^ j.wrapping_mul(0x85EB_CA6B) ^ k.wrapping_mul(0xC2B2_AE35);
    x ^= x >> 15;
    x = x.wrapping_mul(0x2C1B_3C6D);
    x ^= x >> 12;
    f64::from(x % 2048) - 1024.0
}

/// A different kind of volume for each case: types, rescales, padding, tilt, uneven steps, a gap.
pub fn random_volume(n: &mut Numbers) -> Volume {
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

pub fn random_plane(n: &mut Numbers, volume: &Volume) -> PlaneView {
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

pub fn random_view(n: &mut Numbers) -> View {
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
