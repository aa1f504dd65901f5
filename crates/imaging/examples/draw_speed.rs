//! How long a picture takes on the CPU: median and 95th percentile in milliseconds on one thread, for the sizes that a desk shows, beside the
//! same picture pixel by pixel from its definition in the same run.
//!
//! `cargo run --release -p triptych-imaging --example draw_speed [rounds]`

#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::time::Instant;

use triptych_imaging::{
    Colour, Frame, FrameBytes, FrameShape, SampleType,
    display::{
        DisplayAttributes, Drawing, Interpolation, Layers, Lut, ModalityLut, Padding, Palette, Voi,
        VoiFunction, Window, draw, draw_pixelwise,
    },
    geometry::{ViewState, ViewTransform},
};

const TILE: [u32; 2] = [480, 380];
const LARGE: [u32; 2] = [960, 760];

struct Case {
    name: &'static str,
    frame: Frame,
    attributes: DisplayAttributes,
    voi: Voi,
    interpolation: Interpolation,
    state: ViewState,
    size: [u32; 2],
}

/// Soft shapes with noise: every pixel another value, all greys in use.
fn frame(columns: u32, rows: u32, sample: SampleType, low: f64, high: f64) -> Frame {
    let mut seed = 9_u32;
    let mut bytes = Vec::new();
    for y in 0..rows {
        for x in 0..columns {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = f64::from(seed >> 16) / 65_536.0 - 0.5;
            let wave = (f64::from(x) / 37.0).sin() * (f64::from(y) / 53.0).cos();
            let value = (low + high) / 2.0 + (high - low) * (0.4 * wave + 0.2 * noise);
            match sample {
                SampleType::I16 => bytes.extend((value as i16).to_ne_bytes()),
                _ => bytes.extend((value as u16).to_ne_bytes()),
            }
        }
    }
    let shape = FrameShape {
        columns,
        rows,
        sample,
        colour: Colour::Monochrome2,
    };
    assert_eq!(shape.byte_len(), Some(bytes.len()));
    Frame {
        shape,
        bytes: FrameBytes::from(bytes),
    }
}

/// Red, green and blue of 8 bits.
fn colours(columns: u32, rows: u32) -> Frame {
    let greys = frame(columns * 3, rows, SampleType::U16, 0.0, 255.0);
    let bytes: Vec<u8> = greys.bytes.iter().copied().step_by(2).collect();
    Frame {
        shape: FrameShape {
            columns,
            rows,
            sample: SampleType::U8,
            colour: Colour::Rgb,
        },
        bytes: FrameBytes::from(bytes),
    }
}

fn cases() -> Vec<Case> {
    let ct = frame(512, 512, SampleType::I16, -200.0, 280.0);
    let dx = frame(2048, 2500, SampleType::U16, 0.0, 4095.0);
    let window = |c, w, f| Voi::Window(Window::new(c, w, f).unwrap());
    let of_ct = |name, interpolation, size| Case {
        name,
        frame: ct.clone(),
        attributes: DisplayAttributes {
            bits_stored: 16,
            modality_lut: ModalityLut::Rescale {
                slope: 1.0,
                intercept: 0.0,
            },
            ..DisplayAttributes::default()
        },
        voi: window(40.0, 400.0, VoiFunction::Linear),
        interpolation,
        state: ViewState::default(),
        size,
    };
    let of_dx = |name, interpolation, function| Case {
        name,
        frame: dx.clone(),
        attributes: DisplayAttributes {
            bits_stored: 12,
            ..DisplayAttributes::default()
        },
        voi: window(2048.0, 4096.0, function),
        interpolation,
        state: ViewState::default(),
        size: TILE,
    };
    use Interpolation::{Bicubic, Bilinear, Nearest};
    let mut padded = of_ct("CT 512² bilinear, padded, 480×380", Bilinear, TILE);
    padded.attributes.padding = Some(Padding::new(-2000.0, Some(-180.0)));
    let mut turned = of_ct("CT 512² bilinear, quarter turn, 480×380", Bilinear, TILE);
    turned.state.rotation_degrees = 90.0;
    let us = colours(1024, 768);
    let of_us = |name, interpolation, size| Case {
        name,
        frame: us.clone(),
        attributes: DisplayAttributes {
            bits_stored: 8,
            ..DisplayAttributes::default()
        },
        ..of_ct(name, interpolation, size)
    };
    let entries: Vec<u16> = (0..256).map(|k| k << 8).collect();
    let table = || Lut::new(256, 0, 16, &entries).unwrap();
    let mut indexed = of_us("palette 1024×768, 960×760", Bilinear, LARGE);
    indexed.frame.shape.colour = Colour::Palette;
    indexed.attributes.palette = Some(Palette {
        red: table(),
        green: table(),
        blue: table(),
        supplemental: false,
    });
    vec![
        of_us("RGB 1024×768 bilinear, 960×760", Bilinear, LARGE),
        of_us("RGB 1024×768 averaged, 480×380", Bilinear, TILE),
        of_us("RGB 1024×768 bicubic, 960×760", Bicubic, LARGE),
        indexed,
        of_ct("CT 512² bilinear, 480×380", Bilinear, TILE),
        of_ct("CT 512² bicubic, 480×380", Bicubic, TILE),
        of_ct("CT 512² nearest, 480×380", Nearest, TILE),
        of_ct("CT 512² bilinear, 960×760", Bilinear, LARGE),
        padded,
        turned,
        of_dx(
            "DX 2048×2500 averaged, 480×380",
            Bilinear,
            VoiFunction::Linear,
        ),
        of_dx(
            "DX averaged, sigmoid, 480×380",
            Bilinear,
            VoiFunction::Sigmoid,
        ),
        of_dx("DX nearest, 480×380", Nearest, VoiFunction::Linear),
    ]
}

/// Median and 95th percentile in milliseconds.
fn time(rounds: usize, mut act: impl FnMut()) -> (f64, f64) {
    let mut took: Vec<f64> = (0..rounds.max(1))
        .map(|_| {
            let start = Instant::now();
            act();
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    took.sort_by(f64::total_cmp);
    let at = |part: f64| took[((took.len() - 1) as f64 * part).round() as usize];
    (at(0.5), at(0.95))
}

fn main() {
    let rounds = std::env::args()
        .nth(1)
        .map_or(100, |text| text.parse().unwrap());
    let one = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    println!("one thread, {rounds} rounds, milliseconds: median / 95th percentile");
    for case in cases() {
        let shape = case.frame.shape;
        let transform = ViewTransform::new(shape.columns, shape.rows, 1.0, case.size, &case.state);
        let drawing = Drawing {
            frame: &case.frame,
            attributes: &case.attributes,
            voi: Some(&case.voi),
            invert: false,
            pseudo_colour: None,
            greys: None,
            transform: &transform,
            interpolation: case.interpolation,
            size: case.size,
            layers: Layers::default(),
        };
        let mut out = vec![0; case.size[0] as usize * case.size[1] as usize * 4];
        let (median, p95) = one.install(|| time(rounds, || draw(&drawing, &mut out).unwrap()));
        let (slow, slow_p95) =
            one.install(|| time(rounds, || draw_pixelwise(&drawing, &mut out).unwrap()));
        println!(
            "{:42} {median:7.2} / {p95:7.2}   pixelwise {slow:7.2} / {slow_p95:7.2}   {:5.1} times",
            case.name,
            slow / median
        );
    }
}
