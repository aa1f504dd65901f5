//! Every pass against its CPU twin: at most one grey level apart, on whatever adapter there is (a software one counts). Without any adapter the
//! tests say so and pass.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_macros
)]

mod common;

use std::sync::Arc;

use triptych_imaging::display::{
    Lut, ModalityLut, Overlay, OverlayKind, Padding, Palette, PresentationLutShape, Shutter,
    ShutterShape, VoiLut, WellKnownPalette,
};
use triptych_render::{
    Colour, DisplayAttributes, Drawn, Frame, FrameBytes, FrameShape, Gpu, Interpolation, Layers,
    Picture, RenderError, Renderer, RendererChoice, SampleType, View, ViewportPx, VoiFunction,
    Window,
};

use common::{Numbers, gpu};

fn picture(id: u64, shape: FrameShape, bytes: Vec<u8>, display: DisplayAttributes) -> Arc<Picture> {
    assert_eq!(shape.byte_len(), Some(bytes.len()));
    Arc::new(Picture {
        id,
        frame: Frame {
            shape,
            bytes: FrameBytes::from(bytes),
        },
        display: Arc::new(display),
    })
}

#[track_caller]
fn compare(gpu: &mut Renderer, picture: &Arc<Picture>, view: &View, size: [u32; 2], what: &str) {
    let drawn = gpu.draw_rgba(picture, view, size).unwrap();
    let twin = Renderer::cpu().draw_rgba(picture, view, size).unwrap();
    assert_eq!(drawn.len(), twin.len());
    let worst = drawn
        .iter()
        .zip(&twin)
        .enumerate()
        .max_by_key(|(_, (a, b))| a.abs_diff(**b))
        .unwrap();
    let (at, (got, want)) = worst;
    assert!(
        got.abs_diff(*want) <= 1,
        "{what}: pixel {}, {}: {got}, twin {want}\n{view:?} {size:?} {:?} {:?}",
        at / 4 % size[0] as usize,
        at / 4 / size[0] as usize,
        picture.frame.shape,
        picture.display.modality_lut,
    );
}

fn random_view(n: &mut Numbers) -> View {
    View {
        window: None,
        invert: n.below(2) == 0,
        zoom: if n.below(4) == 0 {
            1.0
        } else {
            n.between(0.1, 9.0) as f32
        },
        pan: [n.between(-40.0, 40.0) as f32, n.between(-40.0, 40.0) as f32],
        quarter_turns: n.below(4) as i32,
        flip_h: n.below(2) == 0,
        flip_v: n.below(2) == 0,
        interpolation: n.one_of(&[
            Interpolation::Bilinear,
            Interpolation::Bilinear,
            Interpolation::Nearest,
            Interpolation::Bicubic,
        ]),
        layers: Layers {
            overlays: n.below(4) > 0,
            shutter: n.below(4) > 0,
        },
        ..View::default()
    }
}

/// Bytes of a smooth picture with noise, or of noise alone, over the whole range of the type.
fn random_bytes(n: &mut Numbers, shape: FrameShape) -> Vec<u8> {
    let count = shape.byte_len().unwrap() / shape.sample.bytes();
    let smooth = n.below(2) == 0;
    let mut bytes = Vec::new();
    for k in 0..count {
        let ramp = k as f64 / count as f64 * 65_535.0 + n.between(-300.0, 300.0);
        let word = if smooth {
            ramp.clamp(0.0, 65_535.0) as u16
        } else {
            n.next() as u16
        };
        match shape.sample.bytes() {
            1 => bytes.push((word >> 8) as u8),
            _ => bytes.extend_from_slice(
                &(word
                    ^ if shape.sample == SampleType::I16 {
                        0x8000
                    } else {
                        0
                    })
                .to_ne_bytes(),
            ),
        }
    }
    bytes
}

#[test]
fn t11_grey_parity_over_random_pictures_views_and_windows() {
    let Some(mut gpu) = gpu("grey parity") else {
        return;
    };
    let n = &mut Numbers(0x9e37_79b9_7f4a_7c15);
    for case in 0..96 {
        // Few sizes: a software adapter compiles the shader again for each kind of texture.
        let (columns, rows) = n.one_of(&[(61, 47), (90, 33), (1, 77)]);
        let shape = FrameShape {
            columns,
            rows,
            sample: n.one_of(&[
                SampleType::U8,
                SampleType::I8,
                SampleType::U16,
                SampleType::I16,
            ]),
            colour: n.one_of(&[Colour::Monochrome1, Colour::Monochrome2]),
        };
        let slope = n.one_of(&[1.0, 1.0, 0.5, -1.0, -2.25, 0.000_325, 37.5]);
        let intercept = n.one_of(&[0.0, -1024.0, 12.25]);
        let (mut low, high) = match shape.sample {
            SampleType::U8 => (0.0, 255.0),
            SampleType::I8 => (-128.0, 127.0),
            SampleType::U16 => (0.0, 65_535.0),
            _ => (-32_768.0, 32_767.0),
        };
        let mut display = DisplayAttributes {
            bits_stored: 8 * shape.sample.bytes() as u16,
            modality_lut: ModalityLut::Rescale { slope, intercept },
            presentation_lut_shape: n.one_of(&[None, None, Some(PresentationLutShape::Inverse)]),
            ..DisplayAttributes::default()
        };
        if n.below(3) == 0 {
            display.padding = Some(Padding::new(
                low,
                Some(low + (high - low) * n.between(0.0, 0.4)),
            ));
        }
        if n.below(6) == 0 {
            let entries: Vec<u16> = (0..4096).map(|k| (k * 13 % 60_000) as u16).collect();
            display.modality_lut =
                ModalityLut::Table(Lut::new(4096, low as i32, 16, &entries).unwrap());
            low = 0.0;
        }
        if n.below(4) == 0 {
            display.spacing.pixel_spacing = Some([n.between(0.3, 2.0), n.between(0.3, 2.0)]);
        }
        let function = n.one_of(&[
            VoiFunction::Linear,
            VoiFunction::Linear,
            VoiFunction::LinearExact,
            VoiFunction::Sigmoid,
        ]);
        let center = n.between(low, high) * slope.abs() + intercept;
        let span = (high - low) * slope.abs();
        let width = (span * n.one_of(&[0.02, 0.3, 1.0, 4.0])).max(1.0);
        let mut view = random_view(n);
        view.window = Some(Window::new(center, width, function).unwrap());
        let bytes = random_bytes(n, shape);
        let picture = picture(case + 1, shape, bytes, display);
        let size = [1 + n.below(120) as u32, 1 + n.below(120) as u32];
        compare(&mut gpu, &picture, &view, size, &format!("case {case}"));
    }
    let Renderer::Gpu(gpu) = &gpu else {
        panic!("not on the GPU")
    };
    assert_eq!(
        gpu.drawn_by_twin(),
        0,
        "all of these are drawn by the pass itself"
    );
}

/// Windows of 1 and 2 units over all of 16 bits: bilinear values are exact in the shader, so even a step falls on the same side.
#[test]
fn t11_grey_parity_at_the_edges() {
    let Some(mut gpu) = gpu("grey parity at the edges") else {
        return;
    };
    let n = &mut Numbers(0x1234_5678_9abc_def1);
    for (case, sample) in [SampleType::U16, SampleType::I16]
        .into_iter()
        .cycle()
        .take(80)
        .enumerate()
    {
        let shape = FrameShape {
            columns: 40,
            rows: 33,
            sample,
            colour: Colour::Monochrome2,
        };
        let mut bytes = Vec::new();
        for _ in 0..40 * 33 {
            bytes.extend_from_slice(
                &n.one_of(&[
                    0_u16, 1, 2, 0x7fff, 0x8000, 0x8001, 0xfffe, 0xffff, 1000, 1001,
                ])
                .to_ne_bytes(),
            );
        }
        let slope = n.one_of(&[1.0, -1.0, 0.25, 2.0]);
        let at = if sample == SampleType::U16 {
            n.one_of(&[0.0, 1000.5, 32_767.5, 65_535.0, 1000.0])
        } else {
            n.one_of(&[-32_768.0, 0.0, 1000.5, 32_767.0, -0.5])
        };
        let display = DisplayAttributes {
            bits_stored: 16,
            modality_lut: ModalityLut::Rescale {
                slope,
                intercept: -7.0,
            },
            ..DisplayAttributes::default()
        };
        let mut view = random_view(n);
        view.zoom = n.one_of(&[1.0, 1.0, 3.7]);
        view.interpolation = n.one_of(&[Interpolation::Bilinear, Interpolation::Nearest]);
        let width = n.one_of(&[1.0, 2.0, 3.0, 65_536.0]);
        view.window = Some(Window::new(at * slope - 7.0, width, VoiFunction::Linear).unwrap());
        let size = n.one_of(&[[40, 33], [120, 99], [101, 77]]);
        compare(
            &mut gpu,
            &picture(1000 + case as u64, shape, bytes, display),
            &view,
            size,
            &format!("edge case {case}"),
        );
    }
}

#[test]
fn t18_colour_parity() {
    let Some(mut gpu) = gpu("colour parity") else {
        return;
    };
    let n = &mut Numbers(0xdead_beef_cafe_f00d);
    for case in 0..100 {
        let shape = FrameShape {
            columns: 1 + n.below(80) as u32,
            rows: 1 + n.below(80) as u32,
            sample: SampleType::U8,
            colour: Colour::Rgb,
        };
        let bytes = random_bytes(n, shape);
        let display = DisplayAttributes {
            bits_stored: 8,
            ..DisplayAttributes::default()
        };
        let view = random_view(n);
        let size = [1 + n.below(100) as u32, 1 + n.below(100) as u32];
        compare(
            &mut gpu,
            &picture(case + 1, shape, bytes, display),
            &view,
            size,
            &format!("colour case {case}"),
        );
    }
    let Renderer::Gpu(gpu) = &gpu else {
        panic!("not on the GPU")
    };
    assert_eq!(gpu.drawn_by_twin(), 0);
}

/// Palettes, tables, bitmaps and wide samples are drawn by the twin and uploaded: the same to the bit.
#[test]
fn kinds_without_a_pass_are_the_twins_pictures() {
    let Some(mut gpu) = gpu("kinds without a pass") else {
        return;
    };
    let n = &mut Numbers(77);
    let square = |sample, colour| FrameShape {
        columns: 31,
        rows: 17,
        sample,
        colour,
    };
    let table = |k: u16| {
        Lut::new(
            256,
            0,
            8,
            &(0..256).map(|v| v * k % 256).collect::<Vec<u16>>(),
        )
        .unwrap()
    };
    let palette = Palette {
        red: table(3),
        green: table(5),
        blue: table(7),
        supplemental: false,
    };
    let lut = VoiLut {
        lut: table(1),
        explanation: String::new(),
    };
    let floats: Vec<u8> = (0..31 * 17)
        .flat_map(|k| (if k == 5 { f32::NAN } else { k as f32 / 3.0 }).to_ne_bytes())
        .collect();
    let indices = random_bytes(n, square(SampleType::U8, Colour::Palette));
    let cases = [
        (
            square(SampleType::U8, Colour::Palette),
            indices.clone(),
            DisplayAttributes {
                bits_stored: 8,
                palette: Some(palette),
                ..DisplayAttributes::default()
            },
        ),
        (
            square(SampleType::U8, Colour::Monochrome1),
            indices,
            DisplayAttributes {
                bits_stored: 8,
                modality: "DX".into(),
                voi_luts: vec![lut],
                ..DisplayAttributes::default()
            },
        ),
        (
            square(SampleType::F32, Colour::Monochrome2),
            floats,
            DisplayAttributes {
                bits_stored: 32,
                ..DisplayAttributes::default()
            },
        ),
        (
            square(SampleType::U8, Colour::Monochrome2),
            (0..31 * 17).map(|k| (k % 2) as u8).collect(),
            DisplayAttributes {
                bits_stored: 1,
                ..DisplayAttributes::default()
            },
        ),
    ];
    for (id, (shape, bytes, display)) in cases.into_iter().enumerate() {
        let picture = picture(id as u64 + 1, shape, bytes, display);
        let view = View {
            zoom: 1.3,
            quarter_turns: 1,
            ..View::default()
        };
        let drawn = gpu.draw_rgba(&picture, &view, [90, 70]).unwrap();
        assert_eq!(
            drawn,
            Renderer::cpu()
                .draw_rgba(&picture, &view, [90, 70])
                .unwrap(),
            "case {id}"
        );
        assert!(
            drawn.chunks_exact(4).any(|p| p[..3] != [0, 0, 0]),
            "case {id} is black"
        );
    }
    let Renderer::Gpu(gpu) = &gpu else {
        panic!("not on the GPU")
    };
    assert_eq!(gpu.drawn_by_twin(), 4);
}

fn ramp(id: u64) -> Arc<Picture> {
    let shape = FrameShape {
        columns: 16,
        rows: 16,
        sample: SampleType::U8,
        colour: Colour::Monochrome2,
    };
    picture(
        id,
        shape,
        (0..=255).collect(),
        DisplayAttributes {
            bits_stored: 8,
            secondary_capture: true,
            ..DisplayAttributes::default()
        },
    )
}

/// A 256-step ramp comes back as it is: no gamma, no dithering on the way.
#[test]
fn a_ramp_read_back_is_the_identity() {
    for mut renderer in gpu("identity").into_iter().chain([Renderer::cpu()]) {
        let rgba = renderer
            .draw_rgba(&ramp(1), &View::default(), [16, 16])
            .unwrap();
        let greys: Vec<u8> = rgba.chunks_exact(4).map(|p| p[0]).collect();
        assert_eq!(greys, (0..=255).collect::<Vec<u8>>(), "{}", renderer.name());
    }
}

#[test]
fn gpu_nothing_is_drawn_again_until_an_input_changes() {
    for mut renderer in gpu("retained targets").into_iter().chain([Renderer::cpu()]) {
        let (one, two) = (ramp(1), ramp(2));
        let view = View::default();
        for _ in 0..3 {
            renderer.draw("a", &one, &view, [40, 30]).unwrap();
            renderer.draw("b", &two, &view, [40, 30]).unwrap();
        }
        assert_eq!(renderer.passes(), 2, "{}", renderer.name());
        renderer
            .draw("a", &one, &View { zoom: 2.0, ..view }, [40, 30])
            .unwrap();
        renderer
            .draw("a", &two, &View { zoom: 2.0, ..view }, [40, 30])
            .unwrap();
        renderer.draw("b", &two, &view, [41, 30]).unwrap();
        assert_eq!(renderer.passes(), 5);
        assert!(matches!(
            renderer.draw("a", &one, &view, [0, 30]),
            Err(RenderError::Size(0, 30))
        ));
    }
}

#[test]
fn a_picture_that_is_too_short_leaves_no_stale_one_behind() {
    for mut renderer in gpu("stale").into_iter().chain([Renderer::cpu()]) {
        renderer
            .draw("a", &ramp(1), &View::default(), [8, 8])
            .unwrap();
        let good = ramp(2);
        let mut bad = (*good).clone();
        bad.id = 3;
        bad.frame.shape.rows = 99;
        let bad = Arc::new(bad);
        assert!(renderer.draw("a", &bad, &View::default(), [8, 8]).is_err());
        assert!(renderer.draw("a", &bad, &View::default(), [8, 8]).is_err());
    }
}

/// A lost device is an answer, not a panic; a new one draws the same picture with the same view.
#[test]
fn gpu_01_a_lost_device_is_rebuilt_with_the_same_view() {
    let Some(mut renderer) = gpu("device loss") else {
        return;
    };
    let view = View {
        zoom: 1.5,
        quarter_turns: 3,
        ..View::default()
    };
    let before = renderer.draw_rgba(&ramp(1), &view, [64, 48]).unwrap();
    let Renderer::Gpu(of) = &renderer else {
        panic!("not on the GPU")
    };
    of.gpu().simulate_loss();
    assert!(matches!(
        renderer.draw("a", &ramp(1), &view, [64, 48]),
        Err(RenderError::DeviceLost)
    ));
    renderer.rebuild(Gpu::open(Gpu::instance(), RendererChoice::Gpu, None).unwrap());
    assert!(matches!(
        renderer.draw("a", &ramp(1), &view, [64, 48]),
        Ok(Drawn::Texture { size: [64, 48], .. })
    ));
    assert_eq!(
        renderer.draw_rgba(&ramp(1), &view, [64, 48]).unwrap(),
        before
    );
}

#[test]
fn t17_the_probe_reads_the_stored_pixel_under_a_turned_view() {
    let picture = ramp(1);
    let view = View {
        quarter_turns: 1,
        flip_h: true,
        ..View::default()
    };
    let size = [160, 160];
    let at = picture
        .transform(&view, size)
        .to_screen(triptych_render::ImageCorner([3.5, 9.5].into()));
    let found = picture.probe(&view, size, at).unwrap();
    assert_eq!((found.column, found.row), (3, 9));
    assert_eq!(
        picture.probe(&view, size, ViewportPx([-1.0, 5.0].into())),
        None
    );
}

/// T19: overlay planes and the shutter lie on the picture on the device too, in every view, and go when they are switched off.
#[test]
fn t19_layers_lie_on_pictures_of_the_pass() {
    let Some(mut gpu) = gpu("layers") else {
        return;
    };
    let n = &mut Numbers(0x0f1e_2d3c_4b5a_6978);
    for case in 0..40 {
        let colour = n.one_of(&[Colour::Monochrome1, Colour::Monochrome2, Colour::Rgb]);
        let shape = FrameShape {
            columns: 40,
            rows: 30,
            sample: SampleType::U8,
            colour,
        };
        let mut display = DisplayAttributes {
            bits_stored: 8,
            ..DisplayAttributes::default()
        };
        if n.below(4) > 0 {
            display.overlays.push(Overlay {
                group: 0x6000,
                kind: OverlayKind::Graphics,
                rows: 20,
                columns: 24,
                origin: [n.below(12) as i32 - 3, n.below(12) as i32 - 3],
                label: String::new(),
                statistics: None,
                colour: n.one_of(&[None, Some([255, 200, 0])]),
                bits: (0..60).map(|_| (n.next() & n.next()) as u8).collect(),
            });
        }
        if n.below(4) > 0 {
            display.shutter = Some(circle(n));
        }
        let bytes = random_bytes(n, shape);
        let picture = picture(case + 1, shape, bytes, display);
        let view = random_view(n);
        let size = n.one_of(&[[80, 60], [53, 71], [19, 14]]);
        compare(&mut gpu, &picture, &view, size, &format!("layers {case}"));
        // The same slot with another window keeps what was painted over the pixels.
        let other = View {
            window: Some(Window::new(99.0, 50.0, VoiFunction::Linear).unwrap()),
            invert: !view.invert,
            ..view
        };
        compare(&mut gpu, &picture, &other, size, &format!("layers {case}"));
    }
    let Renderer::Gpu(gpu) = &gpu else {
        panic!("not on the GPU")
    };
    assert_eq!(gpu.drawn_by_twin(), 0);
}

fn circle(n: &mut Numbers) -> Shutter {
    Shutter {
        shapes: vec![ShutterShape::Circular {
            center: [15, 20],
            radius: 5.0 + n.between(0.0, 12.0),
            height_over_width: 1.0,
        }],
        value: n.below(65_536) as u16,
        cielab: None,
    }
}

/// T13: colours instead of greys; black stays outside and in padding. A grey may differ by one, so colours are looked up around the twin's.
#[test]
fn t13_pseudo_colours_are_those_of_the_twins_greys() {
    let Some(mut gpu) = gpu("pseudo-colours") else {
        return;
    };
    let n = &mut Numbers(0x5151_a1a1_0303_7777);
    for case in 0..24 {
        let shape = FrameShape {
            columns: 33,
            rows: 21,
            sample: SampleType::U16,
            colour: Colour::Monochrome2,
        };
        let display = DisplayAttributes {
            bits_stored: 16,
            padding: (n.below(2) == 0).then(|| Padding::new(0.0, Some(9000.0))),
            ..DisplayAttributes::default()
        };
        let bytes = random_bytes(n, shape);
        let picture = picture(case + 1, shape, bytes, display);
        let palette = n.one_of(&WellKnownPalette::ALL);
        let grey = View {
            window: Some(Window::new(30_000.0, 50_000.0, VoiFunction::Linear).unwrap()),
            ..random_view(n)
        };
        let view = View {
            pseudo_colour: Some(palette),
            ..grey
        };
        let size = [70, 50];
        let drawn = gpu.draw_rgba(&picture, &view, size).unwrap();
        let twin = Renderer::cpu().draw_rgba(&picture, &view, size).unwrap();
        let greys = Renderer::cpu().draw_rgba(&picture, &grey, size).unwrap();
        let colours = palette.colours();
        for ((got, want), grey) in drawn
            .chunks_exact(4)
            .zip(twin.chunks_exact(4))
            .zip(greys.chunks_exact(4))
        {
            let near = grey[0].saturating_sub(1)..=grey[0].saturating_add(1);
            let colour = near
                .into_iter()
                .any(|g| colours[usize::from(g)] == got[..3]);
            assert!(
                got == want || (want[..3] != [0; 3] && colour),
                "{got:?} {want:?}"
            );
        }
        assert!(drawn.chunks_exact(4).any(|p| p[0] != p[1]), "case {case}");
    }
    let Renderer::Gpu(gpu) = &gpu else {
        panic!("not on the GPU")
    };
    assert_eq!(gpu.drawn_by_twin(), 0);
}

/// T55: on both ways each grey is shown at the level of the screen that the table has for it, and nothing else changes.
#[test]
fn t55_corrected_greys_are_those_of_the_table() {
    let mut greys = [0; 256];
    for (grey, level) in (0..=u8::MAX).zip(&mut greys) {
        *level = (f64::from(grey) / 255.0).powf(1.6).mul_add(255.0, 0.5) as u8;
    }
    let n = &mut Numbers(0x0505_5a5a_7171_0101);
    let shape = FrameShape {
        columns: 40,
        rows: 30,
        sample: SampleType::U16,
        colour: Colour::Monochrome2,
    };
    let bytes = random_bytes(n, shape);
    let picture = picture(1, shape, bytes, DisplayAttributes::default());
    let view = View {
        window: Some(Window::new(30_000.0, 50_000.0, VoiFunction::Linear).unwrap()),
        ..View::default()
    };
    let size = [80, 60];
    let mut cpu = Renderer::cpu();
    let plain = cpu.draw_rgba(&picture, &view, size).unwrap();
    let passes = cpu.passes();
    cpu.draw("kept", &picture, &view, size).unwrap();
    cpu.set_greys(Some(greys));
    let Drawn::Pixels { rgba, .. } = cpu.draw("kept", &picture, &view, size).unwrap() else {
        panic!("not in memory")
    };
    for (corrected, plain) in rgba.chunks_exact(4).zip(plain.chunks_exact(4)) {
        let level = greys[usize::from(plain[0])];
        assert_eq!(corrected, [level, level, level, 255]);
    }
    assert_eq!(cpu.passes(), passes + 2, "drawn anew when the table came");
    let corrected = cpu.draw_rgba(&picture, &view, size).unwrap();
    let Some(mut gpu) = gpu("corrected greys") else {
        return;
    };
    gpu.set_greys(Some(greys));
    let drawn = gpu.draw_rgba(&picture, &view, size).unwrap();
    for ((got, want), plain) in drawn
        .chunks_exact(4)
        .zip(corrected.chunks_exact(4))
        .zip(plain.chunks_exact(4))
    {
        let near = plain[0].saturating_sub(1)..=plain[0].saturating_add(1);
        let known = near.into_iter().any(|g| greys[usize::from(g)] == got[0]);
        assert!(got == want || known, "{got:?} {want:?}");
    }
}
