//! Pictures of the pages without a window, when a folder for them is named.

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use egui::{Event, Key, Modifiers, PointerButton, Pos2, RawInput, Rect, pos2, vec2};
use triptych_ui::view::{Page, Snapshot};
use triptych_ui::{App, Command, Desk};

use crate::canvas::TestCanvas;
use crate::raster::Raster;
use crate::sample;

struct Shot {
    app: App,
    ctx: egui::Context,
    canvas: TestCanvas,
    raster: Raster,
    size: [f32; 2],
    ppp: f32,
    time: f64,
    sent: Rc<RefCell<Vec<Command>>>,
}

impl Shot {
    fn new(snapshot: Snapshot, size: [f32; 2], ppp: f32) -> Self {
        let snapshot = Arc::new(snapshot);
        let sent = Rc::new(RefCell::new(Vec::new()));
        let log = Rc::clone(&sent);
        let app = App::new(
            Box::new(move || Arc::clone(&snapshot)),
            Box::new(move |c| log.borrow_mut().push(c)),
        );
        let canvas = TestCanvas {
            paint: true,
            ..TestCanvas::default()
        };
        Self {
            app,
            ctx: egui::Context::default(),
            canvas,
            raster: Raster::default(),
            size,
            ppp,
            time: 0.0,
            sent,
        }
    }

    fn frame(&mut self, events: Vec<Event>) {
        self.time += 0.6;
        self.ctx.set_pixels_per_point(self.ppp);
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(
                Pos2::ZERO,
                vec2(self.size[0], self.size[1]),
            )),
            time: Some(self.time),
            events,
            focused: true,
            ..RawInput::default()
        };
        let (app, canvas) = (&mut self.app, &mut self.canvas);
        let mut output = self.ctx.run_ui(input, |ui| app.frame(ui, canvas));
        self.raster.textures(&mut output.textures_delta);
        let pictures: Vec<_> = self.canvas.pictures.borrow().clone();
        for (id, image) in pictures {
            self.raster.set_user_texture(id, image);
        }
        let size = self.size.map(|s| (s * self.ppp) as usize);
        let primitives = self.ctx.tessellate(output.shapes, self.ppp);
        self.raster.paint(size, self.ppp, &primitives);
    }

    fn click(&mut self, x: f32, y: f32) {
        let button = |pressed| Event::PointerButton {
            pos: pos2(x, y),
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        };
        self.frame(vec![Event::PointerMoved(pos2(x, y))]);
        self.frame(vec![button(true)]);
        self.frame(vec![button(false)]);
        self.frame(vec![Event::PointerGone]);
        self.frame(Vec::new());
    }

    fn key(&mut self, key: Key) {
        self.chord(Modifiers::NONE, key);
    }

    fn chord(&mut self, modifiers: Modifiers, key: Key) {
        self.frame(vec![
            Event::ModifiersChanged(modifiers),
            Event::Key {
                key,
                physical_key: None,
                pressed: true,
                repeat: false,
                modifiers,
            },
            Event::ModifiersChanged(Modifiers::NONE),
        ]);
        self.frame(Vec::new());
    }

    fn right_click(&mut self, x: f32, y: f32) {
        for pressed in [true, false] {
            self.frame(vec![
                Event::PointerMoved(pos2(x, y)),
                Event::PointerButton {
                    pos: pos2(x, y),
                    button: PointerButton::Secondary,
                    pressed,
                    modifiers: Modifiers::NONE,
                },
            ]);
        }
        self.frame(Vec::new());
    }

    fn save(&mut self, folder: &Path, name: &str) {
        self.frame(Vec::new());
        #[allow(clippy::disallowed_methods, reason = "a test picture")]
        let file = std::fs::File::create(folder.join(format!("{name}.png"))).unwrap();
        let mut encoder =
            png::Encoder::new(file, self.raster.size[0] as u32, self.raster.size[1] as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder
            .write_header()
            .unwrap()
            .write_image_data(&self.raster.rgb())
            .unwrap();
    }
}

#[test]
fn pages_as_pictures() {
    let Some(folder) = std::env::var_os("TRIPTYCH_UI_SHOTS").map(std::path::PathBuf::from) else {
        return;
    };
    let only = std::env::var("TRIPTYCH_UI_ONLY").unwrap_or_default();
    let want = |name: &str| only.is_empty() || only.split(',').any(|o| name.contains(o));
    let patient = || sample::snapshot(Page::Patient(Arc::new(sample::patient())));
    for (name, desk, size, ppp) in [
        ("reading-1600", Desk::Reading, [1600.0, 1000.0], 1.0),
        ("rounds-1600", Desk::Rounds, [1600.0, 1000.0], 1.0),
        ("reading-1280", Desk::Reading, [1280.0, 800.0], 1.0),
        ("rounds-1280", Desk::Rounds, [1280.0, 800.0], 1.0),
        ("reading-scale2", Desk::Reading, [1600.0, 1000.0], 2.0),
    ] {
        if want(name) {
            let mut shot = Shot::new(patient(), size, ppp);
            shot.app.set_desk(desk);
            shot.frame(Vec::new());
            shot.save(&folder, name);
        }
    }
    if want("papers") {
        let with = || {
            let mut view = sample::patient();
            sample::papers::add(&mut view);
            let slot = &view.studies[0].objects[6].slot;
            slot.set_page(0, 640, Ok(sample::papers::page(640)));
            sample::snapshot(Page::Patient(Arc::new(view)))
        };
        for (name, clicks) in [
            ("papers-overlays", &[186.0, 230.0][..]),
            ("papers-report", &[142.0]),
            ("papers-keys", &[164.0]),
            ("papers-state", &[252.0]),
            ("papers-pdf", &[274.0]),
        ] {
            let mut shot = Shot::new(with(), [1600.0, 1000.0], 1.0);
            shot.app.set_desk(Desk::Reading);
            shot.frame(Vec::new());
            for y in clicks {
                shot.click(48.0, 80.0 + *y);
            }
            shot.save(&folder, name);
        }
    }
    if want("notes") {
        for (name, folded) in [("notes-rounds", false), ("notes-alone", true)] {
            let mut shot = Shot::new(patient(), [1600.0, 1000.0], 1.0);
            shot.app.set_desk(Desk::Rounds);
            shot.frame(Vec::new());
            shot.chord(Modifiers::COMMAND, Key::F);
            if folded {
                shot.key(Key::F3);
                shot.key(Key::F4);
            }
            shot.frame(Vec::new());
            shot.save(&folder, name);
        }
    }
    if want("start") {
        let mut shot = Shot::new(sample::start(), [1600.0, 1000.0], 1.0);
        shot.frame(Vec::new());
        shot.save(&folder, "start");
    }
    if want("asked") {
        let mut shot = Shot::new(sample::asked(), [1600.0, 1000.0], 1.0);
        shot.frame(Vec::new());
        shot.save(&folder, "asked");
        let mut shot = Shot::new(sample::asked(), [1280.0, 800.0], 1.0);
        shot.frame(Vec::new());
        shot.save(&folder, "asked 1280");
    }
    if want("basis") {
        let mut shot = Shot::new(patient(), [1600.0, 1000.0], 1.0);
        shot.frame(Vec::new());
        shot.click(1420.0, 130.0);
        shot.save(&folder, "basis");
    }
    if want("trend") {
        let mut shot = Shot::new(patient(), [1600.0, 1000.0], 1.0);
        shot.frame(Vec::new());
        shot.click(1010.0, 104.0);
        shot.frame(vec![Event::PointerMoved(pos2(1200.0, 690.0))]);
        shot.frame(vec![Event::PointerMoved(pos2(1201.0, 690.0))]);
        shot.save(&folder, "trend");
    }
    if want("labs") {
        let mut shot = Shot::new(patient(), [1600.0, 1000.0], 1.0);
        shot.app.set_desk(Desk::Rounds);
        shot.frame(Vec::new());
        shot.click(96.0, 288.0);
        shot.click(60.0, 400.0);
        shot.save(&folder, "labs");
    }
    if want("notes") {
        let mut shot = Shot::new(patient(), [1600.0, 1000.0], 1.0);
        shot.app.set_desk(Desk::Rounds);
        shot.frame(Vec::new());
        shot.click(146.0, 288.0);
        shot.save(&folder, "notes");
    }
    if want("options") {
        let mut shot = Shot::new(patient(), [1600.0, 1000.0], 1.0);
        shot.frame(Vec::new());
        shot.click(1420.0, 766.0);
        shot.save(&folder, "options");
        shot.click(840.0, 730.0);
        shot.save(&folder, "options-decline");
    }
    if want("measured") {
        let mut view = sample::patient();
        view.drawings = sample::drawings();
        let page = sample::snapshot(Page::Patient(Arc::new(view)));
        let mut shot = Shot::new(page, [1600.0, 1000.0], 1.0);
        shot.frame(Vec::new());
        shot.save(&folder, "measured");
        shot.chord(Modifiers::COMMAND, Key::M);
        shot.click(430.0, 560.0);
        shot.save(&folder, "measured-findings");
    }
    if want("palette") {
        let mut shot = Shot::new(patient(), [1600.0, 1000.0], 1.0);
        shot.frame(Vec::new());
        shot.chord(Modifiers::COMMAND, Key::K);
        shot.frame(vec![Event::Text("win".into())]);
        shot.save(&folder, "palette");
    }
    if want("keys") {
        let mut shot = Shot::new(patient(), [1600.0, 1000.0], 1.0);
        shot.frame(Vec::new());
        shot.key(Key::Questionmark);
        shot.save(&folder, "keys");
    }
    if want("menu") {
        let mut shot = Shot::new(patient(), [1600.0, 1000.0], 1.0);
        shot.frame(Vec::new());
        shot.right_click(300.0, 300.0);
        shot.save(&folder, "menu");
    }
    if want("steps") {
        let mut shot = Shot::new(patient(), [1600.0, 1000.0], 1.0);
        shot.frame(Vec::new());
        shot.click(230.0, 52.0);
        shot.save(&folder, "steps");
    }
    if want("lens") {
        let mut shot = Shot::new(patient(), [1600.0, 1000.0], 1.0);
        shot.frame(Vec::new());
        shot.key(Key::G);
        shot.frame(vec![Event::PointerMoved(pos2(250.0, 250.0))]);
        shot.save(&folder, "lens");
    }
    if want("studies") {
        let mut shot = Shot::new(patient(), [1600.0, 1000.0], 1.0);
        shot.frame(Vec::new());
        shot.chord(Modifiers::COMMAND, Key::O);
        shot.save(&folder, "studies");
    }
    if want("folded") {
        let mut shot = Shot::new(patient(), [1600.0, 1000.0], 1.0);
        shot.frame(Vec::new());
        shot.key(Key::F1);
        shot.key(Key::F4);
        shot.save(&folder, "folded");
    }
    if want("asof") {
        let mut view = sample::patient();
        view.at_is_now = false;
        view.at = sample::when("2020-08-14T12:00:00Z").instant;
        view.at_text = "as of 2020-08-14 12:00".into();
        let mut shot = Shot::new(
            sample::snapshot(Page::Patient(Arc::new(view))),
            [1600.0, 1000.0],
            1.0,
        );
        shot.frame(Vec::new());
        shot.save(&folder, "asof");
    }
    if want("large") {
        let mut shot = Shot::new(patient(), [1600.0, 1000.0], 1.0);
        let mut layout: serde_json::Value = serde_json::from_str(&shot.app.save_layout()).unwrap();
        layout["text_scale"] = 2.0.into();
        shot.app.restore_layout(&layout.to_string());
        shot.frame(Vec::new());
        shot.save(&folder, "large");
        assert!(
            shot.sent
                .borrow()
                .iter()
                .any(|c| matches!(c, Command::LoadSeries { .. }))
        );
    }
}
