//! What the pointer does to a tile (imaging.md D1). The active tool sees a gesture first; what it has no use for moves the view.
//!
//! A press waits until it has moved (2 points, the right button 3: below that it is a click or the menu), then counts from there, so that
//! nothing jumps at the first move. Left and right together window whatever the tool is; Space makes the left button pan.

use egui::{Event, PointerButton, Pos2, Rect, Ui, Vec2, pos2};
use triptych_render::{ImageCorner, View, ViewTransform, ViewportPx, Window};
use triptych_workbench::annotate::Shape;
use triptych_workbench::view::SeriesView;

use super::Tool;
use super::tile::{Context, Happened, Tile};
use crate::actions::{Button, Profile};

/// Zoom limits of T31.
const ZOOM: std::ops::RangeInclusive<f32> = 0.05..=64.0;
/// Points that a right press may move and still open the menu.
const CLICK: f32 = 3.0;
const START: f32 = 2.0;

/// What a drag changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hand {
    /// Pressed, not moved yet.
    Waiting,
    /// Alt: the cursor follows.
    Cursor,
    Window,
    Scroll,
    Zoom,
    Pan,
    Rotate,
    /// The box whose values become the window.
    Region,
    /// Moved, and means nothing.
    Nothing,
}

/// A gesture in progress: what it does, and the tile when it began to.
#[derive(Debug)]
pub(super) struct Drag {
    hand: Hand,
    button: PointerButton,
    pressed: Pos2,
    from: Pos2,
    view: View,
    slice: usize,
    window: Option<Window>,
}

/// The pointer over a tile, as a tool sees it.
#[allow(dead_code, reason = "each tool reads what it needs")]
pub(super) struct Pointer<'a> {
    /// The leaf.
    pub ui: &'a Ui,
    /// The tile, points.
    pub rect: Rect,
    /// What egui says of it.
    pub response: &'a egui::Response,
    /// Physical pixels of the tile to pixels of the image; `None` before there is a picture.
    pub transform: Option<ViewTransform>,
    /// Left, middle, right are down.
    pub down: [bool; 3],
    /// Where the pointer is, points.
    pub at: Option<Pos2>,
    /// Space, Ctrl or Alt is held: the gesture is one of the view's.
    pub held: bool,
}

impl Pointer<'_> {
    /// The position on the image below a point of the screen.
    pub fn on_image(&self, at: Pos2) -> Option<ImageCorner> {
        let ppp = self.ui.pixels_per_point();
        let origin = pos2(
            (self.rect.left() * ppp).round(),
            (self.rect.top() * ppp).round(),
        );
        let px = (at.to_vec2() * ppp - origin.to_vec2()).to_pos2();
        let screen = ViewportPx(glam::DVec2::new(f64::from(px.x), f64::from(px.y)));
        Some(self.transform?.to_image(screen))
    }
}

impl Tile {
    /// The active tool's turn: true when it used this frame's pointer, so that the view stays as it is. Tools that move the view have
    /// theirs below, with the other buttons.
    fn tool_takes(&mut self, pointer: &Pointer<'_>, context: &Context<'_>) -> bool {
        let shape = match context.tool {
            Tool::Draw(shape) => Some(shape),
            _ => None,
        };
        if !context.graphics {
            return false;
        }
        // Drawings that are there can be moved with any tool in hand.
        let Some(ground) = self.ground(pointer.ui, pointer.rect, context) else {
            return false;
        };
        // A line of known length is a matter of one image.
        let on_image = ground.anchor.image.is_some();
        let shape = shape.filter(|shape| on_image || *shape != Shape::Calibration);
        let mut board = context.board.borrow_mut();
        board.take(
            pointer.ui,
            pointer.response,
            &ground,
            context.patient,
            shape,
        )
    }

    /// Everything the pointer does in this frame.
    pub(super) fn gestures(
        &mut self,
        ui: &Ui,
        rect: Rect,
        response: &egui::Response,
        context: &Context<'_>,
        series: &SeriesView,
        happened: &mut Happened,
    ) {
        let (down, at, modifiers) = ui.input(|i| {
            let down = [
                PointerButton::Primary,
                PointerButton::Middle,
                PointerButton::Secondary,
            ];
            (
                down.map(|b| i.pointer.button_down(b)),
                i.pointer.latest_pos(),
                i.modifiers,
            )
        });
        let ctrl = modifiers.ctrl || modifiers.command;
        let pointer = Pointer {
            ui,
            rect,
            response,
            transform: self.transform(ui, rect),
            down,
            at,
            held: context.space || ctrl || modifiers.alt,
        };
        if let Some(at) = at.filter(|p| rect.contains(*p)) {
            self.pointed = pointer.on_image(at);
        }
        let over = response.hovered() || response.contains_pointer();
        if over {
            self.wheel(ui, rect, response, series);
        }
        if self.drag.is_none() && !pointer.held && self.tool_takes(&pointer, context) {
            happened.drew = true;
            return;
        }
        let began = self.drag.is_some();
        if !began && response.is_pointer_button_down_on() {
            self.begin(&pointer, ctrl, modifiers.alt, happened);
        }
        if let Some(at) = at {
            self.drag_to(&pointer, at, context, series, happened);
        }
        if !down.contains(&true)
            && let Some(drag) = self.drag.take()
        {
            self.end(&drag, &pointer, happened);
        } else if !began && response.secondary_clicked() {
            // Down and up within one frame.
            happened.menu = response.interact_pointer_pos();
        }
        if !began && response.clicked() && ctrl {
            happened.select = true;
        }
    }

    fn begin(&mut self, pointer: &Pointer<'_>, ctrl: bool, alt: bool, happened: &mut Happened) {
        let Some(at) = pointer.at else { return };
        let [left, middle, _] = pointer.down;
        let button = if left {
            PointerButton::Primary
        } else if middle {
            PointerButton::Middle
        } else {
            PointerButton::Secondary
        };
        let hand = match (left, alt, ctrl) {
            (true, true, _) => Hand::Cursor,
            (true, _, true) => {
                happened.select = true;
                Hand::Nothing
            }
            _ => Hand::Waiting,
        };
        self.drag = Some(Drag {
            hand,
            button,
            pressed: at,
            from: at,
            view: self.view,
            slice: self.slice,
            window: self.window(),
        });
    }

    fn drag_to(
        &mut self,
        pointer: &Pointer<'_>,
        at: Pos2,
        context: &Context<'_>,
        series: &SeriesView,
        happened: &mut Happened,
    ) {
        let (view, slice, window) = (self.view, self.slice, self.window());
        let Some(drag) = &mut self.drag else { return };
        let [left, _, right] = pointer.down;
        if left && right && !matches!(drag.hand, Hand::Window | Hand::Cursor) {
            // From here on, whatever was begun.
            drag.hand = Hand::Window;
            drag.from = at;
            (drag.view, drag.slice, drag.window) = (view, slice, window);
        }
        let least = if drag.button == PointerButton::Secondary {
            CLICK
        } else {
            START
        };
        if drag.hand == Hand::Waiting && (at - drag.pressed).length() > least {
            drag.hand = hand_of(drag.button, context);
            drag.from = if drag.hand == Hand::Region {
                drag.pressed
            } else {
                at
            };
        }
        let moved = at - drag.from;
        match drag.hand {
            Hand::Waiting | Hand::Nothing | Hand::Region => {}
            Hand::Cursor => happened.cursor = pointer.on_image(at),
            Hand::Window => self.drag_window(moved),
            Hand::Scroll => {
                let step = (moved.y / 6.0) as i64;
                self.slice = step_slice(drag.slice, step, series.images);
            }
            Hand::Zoom => {
                let before = drag.view;
                let factor = (-moved.y / 150.0).exp();
                self.view.zoom = (before.zoom * factor).clamp(*ZOOM.start(), *ZOOM.end());
                let grown = self.view.zoom / before.zoom;
                self.view.pan = before.pan.map(|p| p * grown);
            }
            Hand::Pan => {
                let before = drag.view.pan;
                let ppp = pointer.ui.pixels_per_point();
                self.pan_to(before, moved * ppp, pointer.rect.size() * ppp);
            }
            Hand::Rotate => {
                let c = pointer.rect.center();
                let turned = (at - c).angle() - (drag.from - c).angle();
                let quarters = (turned / std::f32::consts::FRAC_PI_2).round() as i32;
                self.view.quarter_turns = drag.view.quarter_turns + quarters * seen(&drag.view);
            }
        }
    }

    fn drag_window(&mut self, moved: Vec2) {
        let Some((drag, from)) = self.drag.as_ref().and_then(|d| Some((d, d.window?))) else {
            return;
        };
        let before = drag.view.window;
        let (integer, range) = self.values();
        let window = from.dragged(f64::from(moved.x), f64::from(moved.y), integer, range);
        self.view.window = if window == from && before.is_none() {
            None
        } else {
            Some(window)
        };
    }

    fn pan_to(&mut self, before: [f32; 2], by: Vec2, tile: Vec2) {
        for (pan, (from, (by, extent))) in self
            .view
            .pan
            .iter_mut()
            .zip(before.into_iter().zip([(by.x, tile.x), (by.y, tile.y)]))
        {
            let reach = extent * (0.4 + self.view.zoom / 2.0);
            *pan = (from + by).clamp(-reach, reach);
        }
    }

    fn end(&mut self, drag: &Drag, pointer: &Pointer<'_>, happened: &mut Happened) {
        match (drag.hand, drag.button) {
            (Hand::Waiting, PointerButton::Secondary) => happened.menu = Some(drag.pressed),
            (Hand::Region, _) => {
                let ends = pointer
                    .at
                    .and_then(|at| pointer.on_image(drag.from).zip(pointer.on_image(at)));
                if let Some((a, b)) = ends {
                    self.window_of_region(a, b);
                }
            }
            _ => {}
        }
    }

    /// The box that is being drawn, points.
    pub(super) fn region_box(&self, ui: &Ui) -> Option<Rect> {
        let drag = self.drag.as_ref().filter(|d| d.hand == Hand::Region)?;
        let at = ui.input(|i| i.pointer.latest_pos())?;
        Some(Rect::from_two_pos(drag.from, at))
    }

    fn wheel(&mut self, ui: &Ui, rect: Rect, response: &egui::Response, series: &SeriesView) {
        let (notches, zoom, shift) = ui.input(|i| {
            let notches: f32 = i
                .events
                .iter()
                .filter_map(|e| match e {
                    Event::MouseWheel {
                        unit,
                        delta,
                        modifiers,
                        ..
                    } if !modifiers.ctrl && !modifiers.command => {
                        let y = if delta.y == 0.0 { delta.x } else { delta.y };
                        Some(match unit {
                            egui::MouseWheelUnit::Point => y / 50.0,
                            _ => y,
                        })
                    }
                    _ => None,
                })
                .sum();
            (notches, i.zoom_delta(), i.modifiers.shift)
        });
        if notches != 0.0 {
            self.wheel -= notches;
            let whole = self.wheel.trunc();
            self.wheel -= whole;
            let step = whole as i64 * if shift { 10 } else { 1 };
            self.slice = step_slice(self.slice, step, series.images);
        }
        if (zoom - 1.0).abs() > 1e-4 {
            let at = response.hover_pos().unwrap_or(rect.center()) - rect.center();
            self.zoom_about(zoom, at * ui.pixels_per_point());
        }
    }

    /// Zooms by `factor`; what lies at `at` (physical pixels from the tile's middle) stays there.
    pub(super) fn zoom_about(&mut self, factor: f32, at: Vec2) {
        let new = (self.view.zoom * factor).clamp(*ZOOM.start(), *ZOOM.end());
        let grown = new / self.view.zoom;
        for (pan, p) in self.view.pan.iter_mut().zip([at.x, at.y]) {
            *pan = p - (p - *pan) * grown;
        }
        self.view.zoom = new;
    }
}

/// What a button begins to do once it moves.
fn hand_of(button: PointerButton, context: &Context<'_>) -> Hand {
    let profile: Profile = context.profile;
    let [left, middle, right] = profile.buttons();
    let chosen = match button {
        PointerButton::Middle => middle,
        PointerButton::Secondary => right,
        _ if context.space => Button::Pan,
        _ => left,
    };
    match chosen {
        Button::Tool => match context.tool {
            Tool::Window => Hand::Window,
            Tool::Scroll => Hand::Scroll,
            Tool::Zoom => Hand::Zoom,
            Tool::Pan => Hand::Pan,
            Tool::Rotate => Hand::Rotate,
            Tool::RegionWindow => Hand::Region,
            Tool::Draw(_) => Hand::Nothing,
        },
        Button::Scroll => Hand::Scroll,
        Button::Window => Hand::Window,
        Button::Zoom => Hand::Zoom,
        Button::Pan => Hand::Pan,
        Button::Nothing => Hand::Nothing,
    }
}

/// A turn as it is seen, on a mirrored view the stored one runs the other way (T31).
pub(super) const fn seen(view: &View) -> i32 {
    if view.flip_h == view.flip_v { 1 } else { -1 }
}

/// The slice `step` after `from`, never outside the set.
pub(super) fn step_slice(from: usize, step: i64, images: usize) -> usize {
    let last = i64::try_from(images)
        .unwrap_or(i64::MAX)
        .saturating_sub(1)
        .max(0);
    let to = i64::try_from(from)
        .unwrap_or(0)
        .saturating_add(step)
        .clamp(0, last);
    usize::try_from(to).unwrap_or(0)
}
