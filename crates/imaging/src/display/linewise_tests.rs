//! `draw` against the pixel by pixel definition: equal bytes over random pictures, views and windows (T11, T14).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::{
    frame::{Colour, Frame, FrameBytes, FrameShape, SampleType},
    geometry::{ViewState, ViewTransform},
};

/// Numbers that look random and are the same every time.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
    fn below(&mut self, n: u64) -> u64 {
        (self.next() >> 11) % n
    }
    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
    fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }
}

/// Centre and width of the window that rounds at every whole number.
const EDGES: (f64, f64) = (128.5, 256.0);

fn range(sample: SampleType) -> (f64, f64) {
    match sample {
        SampleType::U8 => (0.0, 255.0),
        SampleType::I8 => (-128.0, 127.0),
        SampleType::I16 => (-32_768.0, 32_767.0),
        _ => (0.0, 65_535.0),
    }
}

/// A ramp with noise, noise alone, few values, a narrow band, or flat areas: with [`EDGES`] each of these is just between two greys, where
/// the last bit of a sum decides.
fn frame(n: &mut Numbers) -> Frame {
    let shape = FrameShape {
        columns: 1 + n.below(140) as u32,
        rows: 1 + n.below(140) as u32,
        sample: n.one_of(&[
            SampleType::U8,
            SampleType::I8,
            SampleType::U16,
            SampleType::I16,
        ]),
        colour: n.one_of(&[Colour::Monochrome1, Colour::Monochrome2]),
    };
    let count = u64::from(shape.columns) * u64::from(shape.rows);
    let (kind, few, salt) = (n.below(5), 1 + n.below(6), n.below(1000));
    let mut bytes = Vec::new();
    for k in 0..count {
        let ramp = k as f64 / count as f64 * 65_535.0 + n.between(-300.0, 300.0);
        let word = match kind {
            0 => ramp.clamp(0.0, 65_535.0) as u16,
            1 => n.next() as u16,
            2 => (n.below(few) * 4096) as u16,
            3 => (1000 + n.below(700)) as u16,
            _ => {
                let (x, y) = (k % u64::from(shape.columns), k / u64::from(shape.columns));
                ((x / 20 * 57 + y / 20 * 91 + salt) % 251) as u16
            }
        };
        match shape.sample.bytes() {
            1 if kind < 4 => bytes.push((word >> 8) as u8),
            1 => bytes.push(word as u8),
            _ => bytes.extend(word.to_ne_bytes()),
        }
    }
    assert_eq!(shape.byte_len(), Some(bytes.len()));
    Frame {
        shape,
        bytes: FrameBytes::from(bytes),
    }
}

fn attributes(n: &mut Numbers, sample: SampleType) -> DisplayAttributes {
    let (low, high) = range(sample);
    let bits = 8 * sample.bytes() as u16;
    let table = Lut::new(
        4096,
        low as i32,
        16,
        &(0..4096_u32)
            .map(|k| (k * 13 % 60_000) as u16)
            .collect::<Vec<_>>(),
    );
    let padding = match n.below(9) {
        0 => Some(Padding::new(n.between(low, high).round(), None)),
        1 => Some(Padding::new(
            low,
            Some(low + (high - low) * n.between(0.0, 0.6)),
        )),
        2 => Some(Padding::new(0.0, Some(4096.0))),
        _ => None,
    };
    let mut attributes = DisplayAttributes {
        bits_stored: if n.below(15) == 0 { 1 } else { bits },
        modality_lut: match n.below(8) {
            0 => ModalityLut::Table(table.unwrap()),
            1 => ModalityLut::Identity,
            _ => ModalityLut::Rescale {
                slope: n.one_of(&[1.0, 1.0, 1.0, 0.5, -1.0, -2.25, 0.000_325, 37.5, 1e9]),
                intercept: n.one_of(&[0.0, -1024.0, 12.25]),
            },
        },
        presentation_lut_shape: n.one_of(&[None, None, Some(PresentationLutShape::Inverse)]),
        padding,
        ..DisplayAttributes::default()
    };
    if n.below(4) == 0 {
        attributes.spacing.pixel_spacing = Some([n.between(0.3, 2.0), n.between(0.3, 2.0)]);
    }
    attributes
}

fn voi(n: &mut Numbers, sample: SampleType) -> Option<Voi> {
    let (low, high) = range(sample);
    let function = n.one_of(&[
        VoiFunction::Linear,
        VoiFunction::Linear,
        VoiFunction::LinearExact,
        VoiFunction::Sigmoid,
    ]);
    let (center, width) = match n.below(5) {
        0 => (1200.0, 400.0),
        1 | 2 => EDGES,
        3 => (
            n.between(low, high).round(),
            n.one_of(&[1.0, 2.0, 52.0, 256.0, 4096.0]),
        ),
        _ => (
            n.between(low, high),
            ((high - low) * n.between(0.0, 2.0)).max(1.0),
        ),
    };
    let entries: Vec<u16> = (0..3000_u32).map(|k| (k * k % 4096) as u16).collect();
    match n.below(8) {
        0 => None,
        1 => Some(Voi::Lut(VoiLut {
            lut: Lut::new(3000, low as i32, 12, &entries).unwrap(),
            explanation: String::new(),
        })),
        _ => Some(Voi::Window(Window::new(center, width, function).unwrap())),
    }
}

fn state(n: &mut Numbers) -> ViewState {
    ViewState {
        zoom: match n.below(4) {
            0 => 1.0,
            1 => n.between(0.05, 0.6),
            _ => n.between(0.1, 9.0),
        },
        pan: match n.below(3) {
            0 => [0.0, 0.0],
            1 => [3.0, -2.0],
            _ => [n.between(-90.0, 90.0), n.between(-90.0, 90.0)],
        },
        rotation_degrees: n.one_of(&[0.0, 0.0, 90.0, 180.0, 270.0]),
        flip_h: n.below(2) == 0,
        flip_v: n.below(2) == 0,
    }
}

#[test]
fn t11_t14_lines_and_single_pixels_give_the_same_bytes() {
    let n = &mut Numbers(0x9e37_79b9_7f4a_7c15);
    let mut linewise_drawn = 0;
    for case in 0..1500 {
        let frame = frame(n);
        let attributes = attributes(n, frame.shape.sample);
        let voi = voi(n, frame.shape.sample);
        let state = state(n);
        let size = [1 + n.below(120) as u32, 1 + n.below(120) as u32];
        let transform = ViewTransform::new(
            frame.shape.columns,
            frame.shape.rows,
            attributes.spacing.height_over_width(),
            size,
            &state,
        );
        let drawing = Drawing {
            frame: &frame,
            attributes: &attributes,
            voi: voi.as_ref(),
            invert: n.below(2) == 0,
            pseudo_colour: None,
            greys: None,
            transform: &transform,
            interpolation: n.one_of(&[
                Interpolation::Bilinear,
                Interpolation::Bilinear,
                Interpolation::Nearest,
                Interpolation::Bicubic,
            ]),
            size,
            layers: Layers::default(),
        };
        let bytes = size[0] as usize * size[1] as usize * 4;
        let (mut lines, mut pixels) = (vec![1; bytes], vec![2; bytes]);
        let axes = axes::Axes::new(&drawing);
        linewise_drawn += usize::from(linewise::draw(&drawing, &axes, &mut lines));
        draw(&drawing, &mut lines).unwrap();
        draw_pixelwise(&drawing, &mut pixels).unwrap();
        let differs = lines.iter().zip(&pixels).position(|(a, b)| a != b);
        assert_eq!(
            differs.map(|at| (at / 4 % size[0] as usize, at / 4 / size[0] as usize)),
            None,
            "case {case}: {state:?} {size:?} {:?} {attributes:?} {voi:?} {:?}",
            frame.shape,
            drawing.interpolation,
        );
    }
    assert!(
        linewise_drawn > 1400,
        "only {linewise_drawn} were drawn in lines"
    );
}

/// Colours of 8 and 16 bits, palettes, and greys under a well-known palette.
fn coloured(n: &mut Numbers) -> (Frame, DisplayAttributes) {
    let sample = n.one_of(&[SampleType::U8, SampleType::U8, SampleType::U16]);
    let colour = n.one_of(&[Colour::Rgb, Colour::Rgb, Colour::Palette]);
    let shape = FrameShape {
        columns: 1 + n.below(120) as u32,
        rows: 1 + n.below(120) as u32,
        sample,
        colour,
    };
    let count = shape.byte_len().unwrap() / sample.bytes();
    let (flat, most) = (
        n.below(3) == 0,
        if sample == SampleType::U8 { 256 } else { 4096 },
    );
    let mut bytes = Vec::new();
    for k in 0..count {
        let value = if flat {
            (k / 97 * 31) as u64 % most
        } else {
            n.below(most)
        } as u16;
        match sample {
            SampleType::U8 => bytes.push(value as u8),
            _ => bytes.extend(value.to_ne_bytes()),
        }
    }
    let mut table = |first: i32| {
        let entries: Vec<u16> = (0..200).map(|_| n.next() as u16).collect();
        Lut::new(200, first, 16, &entries).unwrap()
    };
    let palette = (colour == Colour::Palette).then(|| Palette {
        red: table(3),
        green: table(-5),
        blue: table(40),
        supplemental: false,
    });
    let mut attributes = DisplayAttributes {
        bits_stored: if sample == SampleType::U8 { 8 } else { 12 },
        palette,
        ..DisplayAttributes::default()
    };
    if n.below(3) == 0 {
        let mut profile = moxcms::ColorProfile::new_srgb();
        std::mem::swap(&mut profile.red_colorant, &mut profile.blue_colorant);
        profile.cicp = None;
        attributes.colour_correction =
            ColourCorrection::new(&profile.encode().unwrap(), None).unwrap();
    }
    (
        Frame {
            shape,
            bytes: FrameBytes::from(bytes),
        },
        attributes,
    )
}

#[test]
fn t13_t18_lines_of_colours_give_the_same_bytes_as_single_pixels() {
    let n = &mut Numbers(0x2545_f491_4f6c_dd1d);
    let mut in_lines = 0;
    for case in 0..700 {
        let grey = n.below(4) == 0;
        let (frame, attributes) = if grey {
            let frame = frame(n);
            let attributes = attributes(n, frame.shape.sample);
            (frame, attributes)
        } else {
            coloured(n)
        };
        let voi = grey.then(|| voi(n, frame.shape.sample)).flatten();
        let pseudo_colour = grey.then(|| n.one_of(&WellKnownPalette::ALL));
        let state = state(n);
        let size = [1 + n.below(120) as u32, 1 + n.below(120) as u32];
        let transform = ViewTransform::new(
            frame.shape.columns,
            frame.shape.rows,
            attributes.spacing.height_over_width(),
            size,
            &state,
        );
        let drawing = Drawing {
            frame: &frame,
            attributes: &attributes,
            voi: voi.as_ref(),
            invert: n.below(2) == 0,
            pseudo_colour,
            greys: None,
            transform: &transform,
            interpolation: n.one_of(&[
                Interpolation::Bilinear,
                Interpolation::Nearest,
                Interpolation::Bicubic,
            ]),
            size,
            layers: Default::default(),
        };
        let bytes = size[0] as usize * size[1] as usize * 4;
        let (mut lines, mut pixels) = (vec![1; bytes], vec![2; bytes]);
        let axes = axes::Axes::new(&drawing);
        in_lines += usize::from(colourwise::draw(&drawing, &axes, &mut lines));
        draw(&drawing, &mut lines).unwrap();
        draw_pixelwise(&drawing, &mut pixels).unwrap();
        let differs = lines.iter().zip(&pixels).position(|(a, b)| a != b);
        assert_eq!(
            differs.map(|at| (at / 4 % size[0] as usize, at / 4 / size[0] as usize)),
            None,
            "case {case}: {state:?} {size:?} {:?} {:?}",
            frame.shape,
            drawing.interpolation,
        );
    }
    assert!(in_lines > 350, "only {in_lines} were drawn in lines");
}
