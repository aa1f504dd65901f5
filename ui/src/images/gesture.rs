//! What the pointer does to a tile. The active tool sees a gesture first; what it has no use for moves the view.

use egui::{Event, PointerButton, Rect, Ui};
use triptych_render::{View, ViewTransform, Window};
use triptych_workbench::view::SeriesView;

use super::Tool;
use super::tile::{Context, Tile};

/// Zoom limits of T31.
const ZOOM: std::ops::RangeInclusive<f32> = 0.05..=64.0;

/// A gesture in progress: what it does and the view when it began (first points of a drag come in one piece).
#[derive(Debug)]
pub(super) struct Drag {
    tool: Tool,
    view: View,
    slice: usize,
    window: Option<Window>,
}

/// The pointer over a tile, as a tool sees it.
#[allow(dead_code, reason = "drawing tools read it")]
pub(super) struct Pointer<'a> {
    /// The leaf.
    pub ui: &'a Ui,
    /// The tile, points.
    pub rect: Rect,
    /// What egui says of it.
    pub response: &'a egui::Response,
    /// Physical pixels of the tile to pixels of the image; `None` before there is a picture.
    pub transform: Option<ViewTransform>,
}

impl Tile {
    /// The active tool's turn: true when it used this frame's pointer, so that the view stays as it is. Tools that move the view use it
    /// below, where the other buttons and the wheel are.
    fn tool_takes(&mut self, pointer: &Pointer<'_>, context: &Context<'_>) -> bool {
        let shape = match context.tool {
            Tool::Draw(shape) => Some(shape),
            _ => None,
        };
        // Drawings that are there can be moved with any tool in hand.
        let Some(ground) = self.ground(pointer.ui, pointer.rect, context) else {
            return false;
        };
        let mut board = context.board.borrow_mut();
        board.take(
            pointer.ui,
            pointer.response,
            &ground,
            context.patient,
            shape,
        )
    }

    /// W/L, scroll, zoom, pan by pointer: left by the tool, middle pans, right zooms, wheel scrolls, Ctrl and wheel zooms.
    pub(super) fn gestures(
        &mut self,
        ui: &Ui,
        rect: Rect,
        response: &egui::Response,
        context: &Context<'_>,
        series: &SeriesView,
    ) {
        let pointer = Pointer {
            ui,
            rect,
            response,
            transform: self.transform(ui, rect),
        };
        if self.tool_takes(&pointer, context) {
            return;
        }
        let tool = context.tool;
        if response.drag_started() {
            let tool = if response.dragged_by(PointerButton::Middle) {
                Tool::Pan
            } else if response.dragged_by(PointerButton::Secondary) {
                Tool::Zoom
            } else {
                tool
            };
            self.drag = Some(Drag {
                tool,
                view: self.view,
                slice: self.slice,
                window: self.window(),
            });
        }
        if let (Some(drag), Some(moved)) = (&self.drag, response.total_drag_delta()) {
            let ppp = ui.pixels_per_point();
            match drag.tool {
                Tool::Window => {
                    if let Some(window) = drag.window {
                        // T16: right is wider, down raises the centre; a step is at least 1.
                        let step = (window.width() / 400.0).max(1.0);
                        let width = (window.width() + f64::from(moved.x) * step).max(1.0);
                        let center = window.center() + f64::from(moved.y) * step;
                        self.view.window = Window::new(center, width, window.function())
                            .ok()
                            .or(drag.view.window);
                    }
                }
                Tool::Scroll => {
                    let step = (moved.y / 6.0) as i64;
                    self.slice = step_slice(drag.slice, step, series.images);
                }
                Tool::Zoom => {
                    let factor = (-moved.y / 150.0).exp();
                    self.view.zoom = (drag.view.zoom * factor).clamp(*ZOOM.start(), *ZOOM.end());
                    let grown = self.view.zoom / drag.view.zoom;
                    self.view.pan = drag.view.pan.map(|p| p * grown);
                }
                Tool::Pan => {
                    let limit = [rect.width() * ppp, rect.height() * ppp];
                    for (axis, by) in [moved.x, moved.y].into_iter().enumerate() {
                        let reach = limit[axis] * (0.4 + self.view.zoom / 2.0);
                        self.view.pan[axis] = (drag.view.pan[axis] + by * ppp).clamp(-reach, reach);
                    }
                }
                Tool::Draw(_) => {}
            }
        }
        if response.drag_stopped() {
            self.drag = None;
        }
        if response.hovered() || response.contains_pointer() {
            self.wheel(ui, rect, response, series);
        }
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
            let ppp = ui.pixels_per_point();
            let new = (self.view.zoom * zoom).clamp(*ZOOM.start(), *ZOOM.end());
            let grown = new / self.view.zoom;
            let at = response.hover_pos().unwrap_or(rect.center()) - rect.center();
            // The point under the pointer stays.
            for (axis, p) in [at.x * ppp, at.y * ppp].into_iter().enumerate() {
                self.view.pan[axis] = p - (p - self.view.pan[axis]) * grown;
            }
            self.view.zoom = new;
        }
    }
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
