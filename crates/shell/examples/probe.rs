//! A window with one of everything the shell carries, for `tests/window.rs`: text, a list, a second window, dropped files.
//!
//! It says on standard output what reached egui, a line each.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::expect_used,
    clippy::disallowed_methods
)]

use std::process::ExitCode;
use std::sync::Arc;

use egui::{Color32, FontData, FontDefinitions, FontFamily, ScrollArea};
use triptych_render::{
    Colour, DisplayAttributes, Frame, FrameBytes, FrameShape, Picture, SampleType, VoiFunction,
    Window,
};
use triptych_shell::{Host, Options, RendererChoice, Screenshot, View, WindowOptions};
use triptych_ui::Canvas;

const BACKGROUND: Color32 = Color32::from_rgb(14, 16, 19);

/// Pixels on the image's side; its four quarters hold the values 0, 1000, 2000 and 3000.
const SIDE: u32 = 64;

struct Probe {
    name: &'static str,
    host: Option<Host>,
    note: String,
    presses: u32,
    picture: Arc<Picture>,
    center: f64,
}

impl Probe {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            host: None,
            note: String::new(),
            presses: 0,
            picture: Arc::new(picture()),
            center: 1500.0,
        }
    }

    fn options(&self) -> WindowOptions {
        WindowOptions {
            label: self.name.to_lowercase().replace(' ', "-"),
            title: self.name.to_owned(),
            size: [800.0, 600.0],
            least: [320.0, 240.0],
            background: BACKGROUND,
        }
    }

    fn panel(&mut self, ui: &mut egui::Ui) {
        ui.heading(self.name);
        let label = ui.label("Note");
        let note = ui
            .text_edit_singleline(&mut self.note)
            .labelled_by(label.id);
        if note.changed() {
            println!("note {:?}", self.note);
        }
        if ui.button("Press").clicked() {
            self.presses += 1;
            println!("pressed {}", self.presses);
        }
        if ui.button("Open another").clicked()
            && let Some(host) = &self.host
        {
            let view = Probe::new("Second window");
            if let Err(error) = host.opener.open(view.options(), Box::new(view)) {
                println!("not opened: {error}");
            }
        }
        let list = ScrollArea::vertical()
            .auto_shrink([false, false])
            .show(ui, |ui| {
                for row in 0..200 {
                    ui.label(format!("Row {row}"));
                }
            });
        let offset = list.state.clamped_offset().y;
        ui.ctx().data_mut(|data| {
            let before = data.get_temp_mut_or(egui::Id::unique("offset"), 0.0);
            if *before != offset {
                *before = offset;
                println!("scrolled {offset:.0}");
            }
        });
    }

    fn viewport(&mut self, ui: &mut egui::Ui, canvas: &mut dyn Canvas) {
        ui.label(canvas.renderer_name());
        let (rect, response) =
            ui.allocate_exact_size(egui::Vec2::splat(400.0), egui::Sense::click_and_drag());
        let scale = ui.ctx().pixels_per_point();
        let at = (rect.min * scale).round();
        let side = (400.0 * scale).round();
        if response.double_clicked() {
            println!("double click");
        }
        if response.dragged_by(egui::PointerButton::Secondary) {
            self.center += f64::from(response.drag_delta().y) * 10.0;
        }
        let view = triptych_render::View {
            window: Window::new(self.center, 3000.0, VoiFunction::LinearExact).ok(),
            interpolation: triptych_render::Interpolation::Nearest,
            ..triptych_render::View::default()
        };
        let texture = canvas.draw("only", &self.picture, &view, [side as u32; 2]);
        if let Some(texture) = texture {
            let all = egui::Rect::from_min_max(egui::Pos2::ZERO, egui::pos2(1.0, 1.0));
            let shown = egui::Rect::from_min_size(at / scale, egui::Vec2::splat(side / scale));
            ui.painter().image(texture, shown, all, Color32::WHITE);
        }
        ui.ctx().data_mut(|data| {
            let place = (at.x as i32, at.y as i32);
            let before = data.get_temp_mut_or(egui::Id::unique("place"), (0, 0));
            if std::mem::replace(before, place) != place {
                println!("viewport at {} {} side {side}", place.0, place.1);
            }
        });
    }

    fn tell(ui: &egui::Ui) {
        ui.input(|input| {
            for event in &input.events {
                match event {
                    egui::Event::PointerMoved(at) => println!("pointer {:.1} {:.1}", at.x, at.y),
                    egui::Event::Key {
                        key,
                        pressed: true,
                        modifiers,
                        ..
                    } => {
                        println!("key {key:?} {modifiers:?}");
                    }
                    egui::Event::ModifiersChanged(modifiers) => println!("modifiers {modifiers:?}"),
                    egui::Event::PointerButton {
                        button,
                        pressed: true,
                        modifiers,
                        ..
                    } => {
                        println!("button {button:?} {modifiers:?}");
                    }
                    _ => {}
                }
            }
            if !input.raw.hovered_files.is_empty() {
                println!("hovering");
            }
            for file in &input.raw.dropped_files {
                println!("dropped {}", file.path().display());
            }
        });
    }
}

fn picture() -> Picture {
    let value = |x: u32, y: u32| (x / (SIDE / 2) + 2 * (y / (SIDE / 2))) as u16 * 1000;
    let values = (0..SIDE * SIDE).map(|i| value(i % SIDE, i / SIDE));
    let bytes: Vec<u8> = values.flat_map(u16::to_ne_bytes).collect();
    let range = 0..bytes.len();
    let bytes = FrameBytes::new(Arc::new(bytes), range).expect("the range is the whole buffer");
    let shape = FrameShape {
        columns: SIDE,
        rows: SIDE,
        sample: SampleType::U16,
        colour: Colour::Monochrome2,
    };
    Picture {
        id: 1,
        frame: Frame { shape, bytes },
        display: Arc::new(DisplayAttributes {
            bits_stored: 16,
            ..DisplayAttributes::default()
        }),
    }
}

impl View for Probe {
    fn start(&mut self, host: &Host) {
        let mut fonts = FontDefinitions::empty();
        let font = include_bytes!("../../../assets/fonts/IBMPlexSans-Regular.ttf");
        fonts
            .font_data
            .insert("plex".into(), FontData::from_static(font).into());
        for family in [FontFamily::Proportional, FontFamily::Monospace] {
            fonts
                .families
                .entry(family)
                .or_default()
                .push("plex".into());
        }
        host.ctx.set_fonts(fonts);
        self.host = Some(host.clone());
    }

    fn frame(&mut self, ui: &mut egui::Ui, canvas: &mut dyn Canvas) {
        Self::tell(ui);
        egui::Panel::left("panel")
            .exact_size(300.0)
            .show(ui, |ui| self.panel(ui));
        egui::CentralPanel::default().show(ui, |ui| self.viewport(ui, canvas));
    }

    fn is_settled(&self) -> bool {
        true
    }

    fn close(&mut self) {
        println!("closed {}", self.name);
    }
}

fn main() -> ExitCode {
    triptych_shell::prepare_process();
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_ansi(false)
        .with_writer(std::io::stdout)
        .init();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    let probe = Probe::new("Probe");
    let options = Options {
        renderer: match value("--renderer").as_deref() {
            Some("cpu") => RendererChoice::Cpu,
            Some("gpu") => RendererChoice::Gpu,
            _ => RendererChoice::Auto,
        },
        window: probe.options(),
        screenshot: value("--screenshot").map(|path| Screenshot {
            path: path.into(),
            after_settled: true,
            patience: std::time::Duration::from_secs(20),
        }),
        rehearsal: None,
    };
    let context = tauri::generate_context!("../../tauri.conf.json");
    match triptych_shell::run(context, options, Box::new(probe)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("probe: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}
