//! The few widgets that all leaves share: button, link, tab, tool, chip, key cap, text field, rows, popovers.
//!
//! Each has a stable id, a name for AccessKit, a tooltip and a focus ring that shows only after a key was used.

use egui::{
    Align, Color32, Context, CornerRadius, Id, Key, Rect, Response, Role, Sense, Stroke,
    StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::icon::Icon;
use super::typeface::{self as f, sz};
use super::{text, tokens as t};

fn keyboard_flag() -> Id {
    Id::unique("keyboard in use")
}

/// Notes whether the last thing used was a key or the pointer; called once a frame.
pub fn watch_keyboard(ctx: &Context) {
    let (pressed, moved) = ctx.input(|i| {
        let key = [
            Key::Tab,
            Key::ArrowDown,
            Key::ArrowUp,
            Key::ArrowLeft,
            Key::ArrowRight,
            Key::F6,
            Key::Enter,
        ]
        .iter()
        .any(|k| i.key_pressed(*k));
        (i.pointer.any_pressed(), key)
    });
    if pressed || moved {
        ctx.data_mut(|d| d.insert_temp(keyboard_flag(), moved && !pressed));
    }
}

/// True after a key was used to move, until the pointer is pressed.
#[must_use]
pub fn keyboard_in_use(ctx: &Context) -> bool {
    ctx.data(|d| d.get_temp(keyboard_flag()).unwrap_or(false))
}

/// Paints the focus ring around `rect` if `response` has focus and a key was used: 2 points, 1 point gap.
pub fn focus_ring(ui: &Ui, response: &Response, rect: Rect, radius: u8) {
    if response.has_focus() && keyboard_in_use(ui.ctx()) {
        let outer = rect.expand(3.0);
        let painter = ui.painter().with_clip_rect(ui.clip_rect().expand(3.0));
        painter.rect_stroke(
            outer,
            CornerRadius::same(radius.saturating_add(2)),
            Stroke::new(2.0, t::FOCUS),
            StrokeKind::Inside,
        );
    }
}

/// Shows `words` after 400 ms of rest.
pub fn hover(response: Response, words: &str) -> Response {
    response.on_hover_ui(|ui| {
        ui.set_max_width(360.0);
        for line in words.lines() {
            text::block(ui, line, f::small(), t::VALUE, sz(16.0));
        }
    })
}

/// Registers something that can be clicked, with its role and name.
pub fn clickable(ui: &Ui, id: Id, rect: Rect, role: Role, name: &str) -> Response {
    let response = ui.interact(rect, id, Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::labeled(role, enabled, name));
    response
}

/// How a button stands in its group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weight {
    /// One of several.
    #[default]
    Plain,
    /// The main one: accent border and text, never a fill.
    Main,
}

/// Width that [`button_at`] needs for `words`.
#[must_use]
pub fn button_width(ui: &Ui, words: &str) -> f32 {
    (text::width(ui.painter(), words, f::small_medium()) + 18.0).ceil()
}

/// A button with its left top corner at `rect.min`, as wide as `rect`.
pub fn button_at(ui: &Ui, id: Id, rect: Rect, words: &str, weight: Weight) -> Response {
    let response = clickable(ui, id, rect, Role::Button, words);
    let main = weight == Weight::Main;
    let fill = if response.is_pointer_button_down_on() {
        t::PRESSED
    } else if response.hovered() {
        t::HOVER
    } else {
        t::RAISED
    };
    let edge = if main { t::ACCENT } else { t::LINE };
    let ink = match (ui.is_enabled(), main) {
        (false, _) => t::DISABLED,
        (true, true) => t::ACCENT,
        (true, false) => t::VALUE,
    };
    let corner = CornerRadius::same(t::RADIUS);
    ui.painter().rect(
        rect,
        corner,
        fill,
        Stroke::new(1.0, edge),
        StrokeKind::Inside,
    );
    let galley = text::line(
        ui.painter(),
        words,
        f::small_medium(),
        ink,
        rect.width() - 8.0,
    );
    let x = rect.center().x - galley.size().x / 2.0;
    text::put(ui.painter(), galley, x, rect.center().y);
    focus_ring(ui, &response, rect, t::RADIUS);
    response
}

/// A button at the cursor of a horizontal layout.
pub fn button(ui: &mut Ui, salt: impl egui::AsIdSalt, words: &str, weight: Weight) -> Response {
    let width = button_width(ui, words);
    let (_, rect) = ui.allocate_space(vec2(width, sz(t::BUTTON)));
    let id = ui.scope_id().with(("button", salt));
    button_at(ui, id, rect, words, weight)
}

/// A link-like action: accent text, underline on hover. Its left edge stands at `x`, its target is 24 points high.
pub fn link_at(ui: &Ui, id: Id, x: f32, y: f32, words: &str) -> Response {
    let galley = text::line(ui.painter(), words, f::small(), t::ACCENT, f32::INFINITY);
    let size = galley.size();
    let target =
        Rect::from_center_size(pos2(x + size.x / 2.0, y), vec2(size.x + 8.0, sz(t::BUTTON)));
    let response = clickable(ui, id, target, Role::Button, words);
    let ink = if ui.is_enabled() {
        t::ACCENT
    } else {
        t::DISABLED
    };
    let galley = if ui.is_enabled() {
        galley
    } else {
        text::line(ui.painter(), words, f::small(), ink, f32::INFINITY)
    };
    text::put(ui.painter(), galley, x, y);
    if response.hovered() {
        let under = (y + sz(7.0)).round() + 0.5;
        ui.painter()
            .hline(x..=x + size.x, under, Stroke::new(1.0, ink));
    }
    focus_ring(ui, &response, target.shrink2(vec2(2.0, 3.0)), t::RADIUS);
    response
}

/// Paints a key cap right-aligned at `right`; the rectangle that it covers.
pub fn key_cap(ui: &Ui, right: f32, y: f32, words: &str) -> Rect {
    let galley = text::line(
        ui.painter(),
        words,
        f::small_medium(),
        t::BODY,
        f32::INFINITY,
    );
    let width = (galley.size().x + 9.0).ceil();
    let rect = Rect::from_min_size(
        pos2(right - width, (y - sz(t::KEY) / 2.0).round()),
        vec2(width, sz(t::KEY)),
    );
    ui.painter().rect_stroke(
        rect,
        CornerRadius::same(3),
        Stroke::new(1.0, t::LINE),
        StrokeKind::Inside,
    );
    text::put(ui.painter(), galley, rect.left() + 4.5, rect.center().y);
    rect
}

/// A chip: 20 high, 1 px border, words of a state. Right-aligned at `right`.
pub fn chip(ui: &Ui, right: f32, y: f32, words: &str, colour: Color32) -> Rect {
    let galley = text::line(ui.painter(), words, f::small(), colour, f32::INFINITY);
    let width = (galley.size().x + 13.0).ceil();
    let rect = Rect::from_min_size(
        pos2(right - width, (y - sz(t::CHIP) / 2.0).round()),
        vec2(width, sz(t::CHIP)),
    );
    let edge = if colour == t::ACCENT {
        t::ACCENT
    } else {
        t::LINE
    };
    ui.painter().rect_stroke(
        rect,
        CornerRadius::same(t::RADIUS),
        Stroke::new(1.0, edge),
        StrokeKind::Inside,
    );
    text::put(ui.painter(), galley, rect.left() + 6.5, rect.center().y);
    rect
}

/// One of several choices drawn as a chip-like button; `on` has the accent.
pub fn choice_at(ui: &Ui, id: Id, rect: Rect, words: &str, on: bool) -> Response {
    let response = ui.interact(rect, id, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, ui.is_enabled(), on, words));
    let fill = if response.hovered() {
        t::HOVER
    } else {
        t::PANEL
    };
    let (edge, ink) = if on {
        (t::ACCENT, t::ACCENT)
    } else {
        (t::LINE, t::BODY)
    };
    let corner = CornerRadius::same(t::RADIUS);
    ui.painter().rect(
        rect,
        corner,
        fill,
        Stroke::new(1.0, edge),
        StrokeKind::Inside,
    );
    text::center(
        ui.painter(),
        rect.center().x,
        rect.center().y,
        words,
        f::small(),
        ink,
    );
    focus_ring(ui, &response, rect, t::RADIUS);
    response
}

/// A square tool with an icon; `on` has the accent and a line under it.
pub fn tool_at(ui: &Ui, id: Id, center: egui::Pos2, icon: Icon, name: &str, on: bool) -> Response {
    let rect = Rect::from_center_size(center, vec2(sz(t::TOOL), sz(t::TOOL)));
    let response = ui.interact(rect, id, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, ui.is_enabled(), on, name));
    let corner = CornerRadius::same(t::RADIUS);
    if on {
        ui.painter().rect_filled(rect, corner, t::SELECTED);
        let bar = Rect::from_min_max(
            pos2(rect.left() + 2.0, rect.bottom() - 2.0),
            pos2(rect.right() - 2.0, rect.bottom()),
        );
        ui.painter().rect_filled(bar, 0.0, t::ACCENT);
    } else if response.is_pointer_button_down_on() {
        ui.painter().rect_filled(rect, corner, t::PRESSED);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, corner, t::HOVER);
    }
    icon.paint(
        ui.painter(),
        rect.center(),
        sz(16.0),
        if on { t::ACCENT } else { t::BODY },
    );
    focus_ring(ui, &response, rect, t::RADIUS);
    hover(response, name)
}

/// Fill of a row under the pointer or selected, with the bar at its left edge; and its focus ring.
pub fn row_ground(ui: &Ui, rect: Rect, response: &Response, selected: bool) {
    if selected {
        ui.painter().rect_filled(rect, 0.0, t::SELECTED);
        let bar = Rect::from_min_size(rect.min, vec2(2.0, rect.height()));
        ui.painter().rect_filled(bar, 0.0, t::ACCENT);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, 0.0, t::HOVER);
    }
    if response.has_focus() && keyboard_in_use(ui.ctx()) {
        ui.painter().rect_stroke(
            rect.shrink(1.0),
            CornerRadius::same(2),
            Stroke::new(2.0, t::FOCUS),
            StrokeKind::Inside,
        );
    }
}

/// Head of a group of rows: title left, note right, hairline above unless it is the first.
pub fn group_head(ui: &mut Ui, title: &str, note: &str, first: bool) -> Rect {
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), sz(t::GROUP_HEAD)));
    group_head_at(ui, rect, title, note, first);
    rect
}

/// [`group_head`] in a given place.
pub fn group_head_at(ui: &Ui, rect: Rect, title: &str, note: &str, first: bool) {
    if !first {
        ui.painter()
            .hline(rect.x_range(), rect.top() + 0.5, Stroke::new(1.0, t::HAIR));
    }
    let y = rect.center().y;
    let note_rect = text::right(
        ui.painter(),
        rect.right() - t::PAD_RIGHT - 4.0,
        y,
        note,
        f::small(),
        t::LABEL,
    );
    let title_rect = Rect::from_min_max(
        pos2(rect.left() + t::PAD_LEFT, rect.top()),
        pos2(note_rect.left() - 8.0, rect.bottom()),
    );
    text::label(
        ui,
        ("head", title),
        title_rect,
        title,
        f::small_medium(),
        t::LABEL,
        Align::Min,
    );
}

/// A text field of the program's own look. Returns egui's response of the field.
pub fn field(
    ui: &mut Ui,
    id: Id,
    rect: Rect,
    value: &mut String,
    hint: &str,
    icon: Option<Icon>,
) -> Response {
    let left = if icon.is_some() { 28.0 } else { 8.0 };
    let inner = Rect::from_min_max(
        pos2(rect.left() + left, rect.top() + 1.0),
        pos2(rect.right() - 6.0, rect.bottom() - 1.0),
    );
    let focused = ui.memory(|m| m.has_focus(id));
    let edge = if focused { t::ACCENT } else { t::LINE };
    let corner = CornerRadius::same(t::RADIUS);
    ui.painter().rect(
        rect,
        corner,
        t::PANEL,
        Stroke::new(1.0, edge),
        StrokeKind::Inside,
    );
    if let Some(icon) = icon {
        icon.paint(
            ui.painter(),
            pos2(rect.left() + 15.0, rect.center().y),
            sz(14.0),
            t::LABEL,
        );
    }
    let edit = egui::TextEdit::singleline(value)
        .id(id)
        .font(f::body())
        .text_color(t::VALUE)
        .hint_text(egui::RichText::new(hint).font(f::body()).color(t::LABEL))
        .align(egui::Align2::LEFT_CENTER)
        .frame(egui::Frame::NONE)
        .margin(egui::Margin::ZERO);
    ui.put(inner, edit)
}

/// Where nothing is: what, why, in the middle of `rect`.
pub fn empty(ui: &Ui, rect: Rect, icon: Icon, what: &str, why: &str) {
    let painter = ui.painter();
    let x = rect.center().x;
    let y = (rect.center().y - 30.0).max(rect.top() + 30.0);
    icon.paint(painter, pos2(x, y), sz(20.0), t::LABEL);
    text::center(painter, x, y + sz(28.0), what, f::strong(), t::VALUE);
    let galley = text::paragraph(
        painter,
        why,
        f::body(),
        t::LABEL,
        (rect.width() - 48.0).min(480.0),
        6,
        sz(18.0),
    );
    let mut top = y + sz(42.0);
    for row in &galley.rows {
        let line: String = row.row.text();
        text::center(
            painter,
            x,
            top + sz(9.0),
            line.trim_end(),
            f::body(),
            t::LABEL,
        );
        top += sz(18.0);
    }
    text::spoken(ui, ("empty", what), rect, &format!("{what}. {why}"));
}

/// A bar that says how far: `share` from 0 to 1.
pub fn progress(ui: &Ui, rect: Rect, share: f32, name: &str) {
    ui.painter()
        .rect_filled(rect, CornerRadius::same(2), t::HOVER);
    let mut done = rect;
    done.set_width(rect.width() * share.clamp(0.0, 1.0));
    ui.painter()
        .rect_filled(done, CornerRadius::same(2), t::ACCENT);
    let response = ui.interact(rect, ui.scope_id().with(("progress", name)), Sense::hover());
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::ProgressIndicator, true, name);
        info.value = Some(f64::from((share * 100.0).round()));
        info
    });
}

/// A child with a clip of its own exactly in `rect`, named as a region for screen readers.
pub fn region(ui: &mut Ui, salt: &'static str, rect: Rect, name: &str) -> Ui {
    let mut child = ui.new_child(
        egui::UiBuilder::new()
            .id_salt(salt)
            .max_rect(rect)
            .layout(egui::Layout::top_down(Align::Min))
            .accessibility_role(egui::accesskit::Role::Region)
            .accessibility_label(name.to_owned()),
    );
    child.set_clip_rect(rect.intersect(ui.clip_rect()));
    child.spacing_mut().item_spacing = vec2(0.0, 0.0);
    child
}

/// A child in `rect` without a role.
pub fn part(ui: &mut Ui, salt: impl egui::AsIdSalt, rect: Rect) -> Ui {
    let mut child = ui.new_child(
        egui::UiBuilder::new()
            .id_salt(salt)
            .max_rect(rect)
            .layout(egui::Layout::top_down(Align::Min)),
    );
    child.set_clip_rect(rect.intersect(ui.clip_rect()));
    child.spacing_mut().item_spacing = vec2(0.0, 0.0);
    child
}
