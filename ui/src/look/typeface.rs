//! The type family in three weights, the text scale, and egui's style set to the tokens.

use std::cell::Cell;
use std::sync::Arc;

use egui::epaint::text::{FallbackRequest, FontInsert, FontProvider};
use egui::{CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Stroke, vec2};
use triptych_workbench::letters;

use super::tokens as t;

thread_local! {
    /// Text scale of the window that is being drawn on this thread; set at the start of each frame.
    static SCALE: Cell<f32> = const { Cell::new(1.0) };
}

/// Least and greatest text scale.
pub const SCALE_RANGE: std::ops::RangeInclusive<f32> = 0.8..=2.0;

/// Sets the text scale for what is drawn next; 1.0 is 100 %.
pub fn set_scale(scale: f32) {
    SCALE.set(scale.clamp(*SCALE_RANGE.start(), *SCALE_RANGE.end()));
}

/// `points` at the current text scale. Multiplies type and rows, never strokes.
#[must_use]
pub fn sz(points: f32) -> f32 {
    let scaled = points * SCALE.get();
    // Rows stay on whole points, so that hairlines stay on the pixel grid.
    if points.fract() == 0.0 {
        scaled.round()
    } else {
        scaled
    }
}

/// 12/400: captions, units, axis labels, corner text.
#[must_use]
pub fn small() -> FontId {
    FontId::new(sz(12.0), FontFamily::Proportional)
}

/// 12/600: corner text that must be seen first.
#[must_use]
pub fn small_strong() -> FontId {
    FontId::new(sz(12.0), semibold())
}

/// 12/500: column heads and group heads.
#[must_use]
pub fn small_medium() -> FontId {
    FontId::new(sz(12.0), medium())
}

/// 13/400: the default.
#[must_use]
pub fn body() -> FontId {
    FontId::new(sz(13.0), FontFamily::Proportional)
}

/// 13/500: values.
#[must_use]
pub fn value() -> FontId {
    FontId::new(sz(13.0), medium())
}

/// 13/600: titles of leaves and cards.
#[must_use]
pub fn strong() -> FontId {
    FontId::new(sz(13.0), semibold())
}

/// 15/600: patient name, title of an opened card.
#[must_use]
pub fn title() -> FontId {
    FontId::new(sz(15.0), semibold())
}

/// 20/600: page titles.
#[must_use]
pub fn page() -> FontId {
    FontId::new(sz(20.0), semibold())
}

/// 13 mono: note text when the reader chooses it.
#[must_use]
pub fn mono() -> FontId {
    FontId::new(sz(13.0), FontFamily::Monospace)
}

/// A semibold letter of `size` points that does not follow the text scale: inside marks.
#[must_use]
pub fn letter(size: f32) -> FontId {
    FontId::new(size, semibold())
}

fn medium() -> FontFamily {
    FontFamily::Name("medium".into())
}

fn semibold() -> FontFamily {
    FontFamily::Name("semibold".into())
}

/// Typefaces of letters that IBM Plex does not have, when the first of them is drawn.
struct OtherScripts;

impl FontProvider for OtherScripts {
    fn font_for(&self, request: &FallbackRequest<'_>) -> Option<FontInsert> {
        let face = letters::typeface_for(request.cluster.chars().next()?)?;
        let mut data = FontData::from_static(face.bytes);
        data.index = face.index;
        Some(FontInsert::new(&face.name, data, Vec::new()))
    }
}

/// Installs fonts and style. Once per context, before its first frame.
pub fn install(ctx: &egui::Context) {
    let mut fonts = FontDefinitions::empty();
    let files: [(&str, &'static [u8]); 4] = [
        (
            "regular",
            include_bytes!("../../../assets/fonts/IBMPlexSans-Regular.ttf"),
        ),
        (
            "medium",
            include_bytes!("../../../assets/fonts/IBMPlexSans-Medium.ttf"),
        ),
        (
            "semibold",
            include_bytes!("../../../assets/fonts/IBMPlexSans-SemiBold.ttf"),
        ),
        (
            "mono",
            include_bytes!("../../../assets/fonts/IBMPlexMono-Regular.ttf"),
        ),
    ];
    for (name, bytes) in files {
        fonts
            .font_data
            .insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    for (family, font) in [
        (FontFamily::Proportional, "regular"),
        (FontFamily::Monospace, "mono"),
        (medium(), "medium"),
        (semibold(), "semibold"),
    ] {
        fonts.families.insert(family, vec![font.to_owned()]);
    }
    ctx.set_fonts(fonts);
    ctx.add_font_provider(Arc::new(OtherScripts));
    ctx.options_mut(|o| {
        // Ctrl and plus, minus, zero change the text scale of this program, not egui's zoom.
        o.zoom_with_keyboard = false;
        o.theme_preference = egui::ThemePreference::Dark;
    });
    ctx.all_styles_mut(style);
}

fn style(style: &mut egui::Style) {
    style.animation_time = 0.0;
    style.scroll_animation = egui::style::ScrollAnimation::none();
    style.spacing.item_spacing = vec2(8.0, 4.0);
    style.spacing.menu_margin = egui::Margin::same(10);
    style.spacing.scroll = egui::style::ScrollStyle::thin();
    style.interaction.tooltip_delay = 0.4;
    style.interaction.selectable_labels = false;
    for (name, font) in [
        (egui::TextStyle::Small, small()),
        (egui::TextStyle::Body, body()),
        (egui::TextStyle::Button, small()),
        (egui::TextStyle::Heading, title()),
        (egui::TextStyle::Monospace, mono()),
    ] {
        style.text_styles.insert(name, font);
    }
    let v = &mut style.visuals;
    v.dark_mode = true;
    v.override_text_color = None;
    v.panel_fill = t::PANEL;
    v.window_fill = t::HOVER;
    v.extreme_bg_color = t::RAISED;
    v.faint_bg_color = t::PANEL;
    v.window_stroke = Stroke::new(1.0, t::LINE);
    v.window_corner_radius = CornerRadius::same(t::RADIUS_FLOATING);
    v.menu_corner_radius = CornerRadius::same(t::RADIUS_FLOATING);
    let shadow = egui::Shadow {
        offset: [0, 4],
        blur: 0,
        spread: 0,
        color: t::shade(0.35),
    };
    v.popup_shadow = shadow;
    v.window_shadow = shadow;
    v.selection.bg_fill = t::SELECTED;
    v.selection.stroke = Stroke::new(1.0, t::ACCENT);
    v.hyperlink_color = t::ACCENT;
    v.text_cursor.stroke = Stroke::new(1.5, t::ACCENT);
    let corner = CornerRadius::same(t::RADIUS);
    for (w, fill, edge, ink) in [
        (&mut v.widgets.noninteractive, t::PANEL, t::HAIR, t::BODY),
        (&mut v.widgets.inactive, t::RAISED, t::LINE, t::BODY),
        (&mut v.widgets.hovered, t::HOVER, t::LINE, t::VALUE),
        (&mut v.widgets.active, t::PRESSED, t::ACCENT, t::VALUE),
        (&mut v.widgets.open, t::HOVER, t::LINE, t::VALUE),
    ] {
        w.bg_fill = fill;
        w.weak_bg_fill = fill;
        w.bg_stroke = Stroke::new(1.0, edge);
        w.fg_stroke = Stroke::new(1.0, ink);
        w.corner_radius = corner;
        w.expansion = 0.0;
    }
}
