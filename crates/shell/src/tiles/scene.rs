//! A picture with one of everything that views draw, for tests: text, lines, circles, tables, images at several scales.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

use egui::{
    Align2, Color32, ColorImage, Context, CornerRadius, FontData, FontDefinitions, FontFamily,
    FontId, FullOutput, Pos2, RawInput, Rect, Sense, Stroke, TextureHandle, TextureId,
    TextureOptions, Vec2, pos2, vec2,
};

/// What is below everything.
pub const BACKGROUND: Color32 = Color32::from_rgb(14, 16, 19);

/// The side of an image, and of the rectangle that shows it, in pixels.
pub const SIDE: usize = 180;

const ACCENT: Color32 = Color32::from_rgb(72, 196, 180);
const LINE: Color32 = Color32::from_rgb(44, 52, 62);

/// Shows the same things in each frame but for the pointer, the slice, and a glyph a frame that was not there before.
pub struct Scene {
    /// egui, with the program's own font.
    pub ctx: Context,
    scaled: TextureHandle,
}

impl Scene {
    /// Without a frame yet.
    pub fn new() -> Self {
        let ctx = Context::default();
        let mut fonts = FontDefinitions::empty();
        let font = include_bytes!("../../../../assets/fonts/IBMPlexSans-Regular.ttf");
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
        ctx.set_fonts(fonts);
        ctx.all_styles_mut(|style| style.animation_time = 0.0);
        let image = slice(0);
        let colors = image
            .chunks_exact(4)
            .map(|p| Color32::from_rgb(p[0], p[1], p[2]))
            .collect();
        let image = ColorImage::new([SIDE, SIDE], colors);
        let scaled = ctx.load_texture("scaled", image, TextureOptions::LINEAR);
        Self { ctx, scaled }
    }

    /// A frame of `size` points with the pointer at `at`; `picture` is shown one texel to one pixel.
    pub fn frame(
        &mut self,
        step: usize,
        size: Vec2,
        scale: f32,
        at: Pos2,
        picture: TextureId,
    ) -> FullOutput {
        let mut input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, size)),
            time: Some(step as f64 / 60.0),
            events: vec![egui::Event::PointerMoved(at)],
            ..RawInput::default()
        };
        let viewport = input.viewports.entry(egui::ViewportId::ROOT).or_default();
        viewport.native_pixels_per_point = Some(scale);
        let scaled = self.scaled.id();
        self.ctx.run_ui(input, |ui| {
            table(ui);
            pictures(ui, scaled, picture, scale);
            let glyph = char::from_u32(0x3b1 + step as u32 / 4).unwrap();
            let font = FontId::proportional(20.0);
            ui.painter()
                .text(at, Align2::LEFT_TOP, glyph, font, Color32::WHITE);
        })
    }
}

/// Rings and noise, RGBA, that move with `number`: what a view gets for another slice.
pub fn slice(number: usize) -> Vec<u8> {
    let mut noise = 0x9e37_79b9_u32 ^ number as u32;
    let grey = |i: usize| {
        let (x, y) = ((i % SIDE) as f32 - 90.0, (i / SIDE) as f32 - 90.0);
        noise ^= noise << 13;
        noise ^= noise >> 17;
        noise ^= noise << 5;
        let ring = (x.hypot(y) * 0.2 + number as f32).sin();
        (110.0 + 80.0 * ring + (noise >> 28) as f32) as u8
    };
    (0..SIDE * SIDE)
        .map(grey)
        .flat_map(|grey| [grey, grey, grey, 255])
        .collect()
}

fn table(ui: &mut egui::Ui) {
    egui::Panel::left("table").exact_size(300.0).show(ui, |ui| {
        ui.heading("Laboratory");
        for row in 0..24 {
            ui.horizontal(|ui| {
                let _ = ui.selectable_label(row == 3, format!("Analyte {row}"));
                ui.label(format!("{}.{} mmol/L", row * 7 % 13, row % 10));
                let (rect, _) = ui.allocate_exact_size(vec2(70.0, 14.0), Sense::hover());
                let points: Vec<Pos2> = (0..12)
                    .map(|i| rect.left_top() + vec2(i as f32 * 6.0, (i * 5 + row) as f32 % 13.0))
                    .collect();
                ui.painter().line(points, Stroke::new(1.2, ACCENT));
                ui.painter()
                    .circle_filled(rect.right_center(), 3.0, Color32::YELLOW);
            });
        }
        let _ = ui.button("Button");
    });
}

fn pictures(ui: &mut egui::Ui, scaled: TextureId, picture: TextureId, scale: f32) {
    egui::CentralPanel::default().show(ui, |ui| {
        let painter = ui.painter();
        let all = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
        let side = SIDE as f32;
        // On whole pixels at every scale of the tests.
        let plain = Rect::from_min_size(pos2(320.0, 16.0), Vec2::splat(side / scale));
        painter.image(picture, plain, all, Color32::WHITE);
        let stretched = Rect::from_min_size(pos2(520.0, 20.0), vec2(230.5, 160.25));
        painter.image(scaled, stretched, all, Color32::WHITE);
        let tinted = Rect::from_min_size(pos2(520.0, 200.0), vec2(90.0, 90.0));
        painter.image(
            scaled,
            tinted,
            all,
            Color32::from_rgba_unmultiplied(255, 120, 80, 140),
        );
        let card = Rect::from_min_size(pos2(330.0, 220.0), vec2(160.0, 110.0));
        painter.rect_filled(card, CornerRadius::same(6), LINE);
        let dashes = egui::Shape::dashed_line(
            &[card.left_bottom(), card.right_top()],
            Stroke::new(1.5, ACCENT),
            4.0,
            3.0,
        );
        painter.extend(dashes);
        painter.circle_stroke(card.center(), 30.3, Stroke::new(2.0, Color32::LIGHT_RED));
        let glow = Color32::from_rgb_additive(40, 60, 20);
        painter.rect_filled(card.translate(vec2(60.0, 40.0)), 0.0, glow);
        painter.text(
            plain.left_top() + vec2(4.0, 4.0),
            Align2::LEFT_TOP,
            "W 400 L 40",
            FontId::proportional(13.0),
            Color32::WHITE,
        );
    });
}
