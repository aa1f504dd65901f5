//! A presentation state over the images of a tile (T66): what is drawn follows it, what is measured stays the image's.

use std::sync::Arc;

use egui::{Align, Color32, Rect, Shape, Stroke, Ui, pos2, vec2};
use triptych_render::display::DisplayAttributes;
use triptych_render::{Picture, View, ViewTransform, Voi, Window};
use triptych_workbench::objects::Object;
use triptych_workbench::objects::presentation_apply::{Applied, FrameToShow};
use triptych_workbench::objects::presentation_state::{GraphicKind, TextObject, Units};
use triptych_workbench::view::{PatientView, Slice, fresh_picture};
use triptych_workbench::{ObjectContent, SopInstanceUid};

use super::super::tile::{Tile, size_px};
use super::find_object;
use super::layers::{file_colour, on_screen};
use crate::look::typeface as f;
use crate::look::{text, tokens as t};
use crate::words::{w, wf};

/// What a state made of the picture on screen.
#[derive(Debug)]
pub(crate) struct Stated {
    /// Picture and state it was made of.
    of: (u64, SopInstanceUid),
    made: Result<(Arc<Picture>, Box<Applied>), String>,
}

impl Stated {
    /// What is drawn in place of the image.
    pub fn picture(&self) -> Option<&Arc<Picture>> {
        self.made.as_ref().ok().map(|(picture, _)| picture)
    }

    /// The window that it begins with.
    pub fn window(&self) -> Option<Window> {
        match self.made.as_ref().ok()?.1.voi {
            Voi::Window(window) => Some(window),
            Voi::Lut(_) => None,
        }
    }

    /// A window of the reader would skip a table of the state.
    pub fn window_fixed(&self) -> bool {
        self.made
            .as_ref()
            .is_ok_and(|(_, applied)| applied.window_fixed)
    }
}

impl Tile {
    /// Shows the images as a state says; `None`: as they are.
    pub(in super::super) fn choose_state(&mut self, state: Option<SopInstanceUid>) {
        // The reader's own view waits until no state is applied.
        match (&self.state, &state) {
            (None, Some(_)) => self.view_before = Some(self.view),
            (Some(_), None) => self.view = self.view_before.take().unwrap_or_default(),
            _ => {}
        }
        if state.is_some() {
            self.view = View::default();
        }
        self.stated = None;
        self.stated_view = None;
        self.state = state;
    }

    /// Applies the chosen state to the frame that is about to be drawn.
    pub(in super::super) fn apply_state(
        &mut self,
        ui: &Ui,
        rect: Rect,
        patient: &PatientView,
        slice: &Slice,
        source: &Picture,
    ) {
        let Some(state) = self.state.clone() else {
            self.stated = None;
            return;
        };
        let of = (source.id, state);
        if self.stated.as_ref().is_some_and(|s| s.of == of) {
            return;
        }
        let made = match find_object(patient, &of.1).and_then(|(_, o)| o.slot.get()) {
            // Asked again in the next frame.
            None => {
                self.stated = None;
                return;
            }
            Some(Err(why)) => Err(why),
            Some(Ok(content)) => match &*content {
                ObjectContent::Read(read) => match &**read {
                    Object::PresentationState(state) => {
                        let to = FrameToShow {
                            instance: &slice.instance,
                            frame: slice.frame,
                            shape: source.frame.shape,
                            display: &source.display,
                        };
                        state.apply(&to).map(Box::new).map_err(|e| e.to_string())
                    }
                    _ => Err(w("paper.no_such_state").to_owned()),
                },
                _ => Err(w("paper.no_such_state").to_owned()),
            },
        };
        let made = made.map(|applied| {
            let mut display = DisplayAttributes::clone(&applied.display);
            match &applied.voi {
                Voi::Window(window) => {
                    display.windows = vec![triptych_render::display::WindowChoice {
                        window: *window,
                        explanation: String::new(),
                    }];
                }
                Voi::Lut(lut) => display.voi_luts = vec![lut.clone()],
            }
            display
                .windows
                .extend(applied.other_windows.iter().cloned());
            let picture = Picture {
                id: fresh_picture(),
                frame: source.frame.clone(),
                display: Arc::new(display),
            };
            (Arc::new(picture), applied)
        });
        if let Ok((_, applied)) = &made
            && self.stated_view.as_ref() != Some(&of.1)
        {
            self.stated_view = Some(of.1.clone());
            let shape = source.frame.shape;
            let view = applied.view(shape.columns, shape.rows, size_px(ui, rect), None);
            self.view.zoom = view.zoom as f32;
            self.view.pan = view.pan.map(|p| p as f32);
            self.view.quarter_turns = (view.rotation_degrees / 90.0).round() as i32;
            self.view.flip_h = view.flip_h;
            self.view.flip_v = view.flip_v;
            self.view.window = None;
        }
        self.stated = Some(Stated { of, made });
    }

    /// Graphics and texts of the state, and its marks; or why it is not applied.
    pub(in super::super) fn state_graphics(
        &self,
        ui: &Ui,
        rect: Rect,
        slot: &str,
        transform: &ViewTransform,
    ) {
        let Some(stated) = &self.stated else { return };
        let painter = ui.painter().with_clip_rect(rect);
        let marks = match &stated.made {
            Err(why) => vec![wf("paper.state_refused", &[("why", why)])],
            Ok((picture, applied)) => {
                graphics(ui, rect, transform, picture, applied);
                let mut marks = applied.marks.clone();
                if applied.is_true_size() {
                    marks.push(w("paper.not_true_size").to_owned());
                }
                marks
            }
        };
        let words = marks.join(" · ");
        let at = rect.center_top() + vec2(0.0, 78.0);
        text::on_image_in(
            &painter,
            at,
            Align::Center,
            &words,
            f::small_strong(),
            rect.width() - 40.0,
        );
        text::spoken(ui, ("state marks", slot), rect, &words);
    }
}

fn graphics(ui: &Ui, rect: Rect, transform: &ViewTransform, picture: &Picture, applied: &Applied) {
    let painter = ui.painter().with_clip_rect(rect);
    let ppp = ui.pixels_per_point();
    let shape = picture.frame.shape;
    let screen = |units: Units, at: [f64; 2]| match units {
        Units::Pixel => on_screen(transform, rect, ppp, at),
        Units::Display => {
            let at = at.map(|v| v as f32);
            let px = applied
                .display_to_screen(at, shape.columns, shape.rows, transform)
                .0;
            let from = [(rect.left() * ppp).round(), (rect.top() * ppp).round()];
            pos2((px.x as f32 + from[0]) / ppp, (px.y as f32 + from[1]) / ppp)
        }
    };
    for layer in &applied.graphics {
        let colour = file_colour(layer.colour);
        let stroke = Stroke::new(1.5, colour);
        for object in &layer.annotation.graphics {
            let points: Vec<_> = object
                .outline()
                .into_iter()
                .map(|p| screen(object.units, p))
                .collect();
            match (object.kind, points.as_slice()) {
                (GraphicKind::Point, [at, ..]) => {
                    for d in [vec2(5.0, 0.0), vec2(0.0, 5.0)] {
                        painter.line_segment([*at - d, *at + d], stroke);
                    }
                }
                _ if object.filled && points.len() > 2 => {
                    let fill = t::faded(colour, 0.3);
                    painter.add(Shape::convex_polygon(
                        points.clone(),
                        Color32::TRANSPARENT,
                        stroke,
                    ));
                    painter.add(Shape::convex_polygon(points, fill, Stroke::NONE));
                }
                _ => {
                    painter.add(Shape::line(points, stroke));
                }
            }
        }
        for words in &layer.annotation.texts {
            write(ui, &painter, words, colour, &screen);
        }
    }
}

fn write(
    ui: &Ui,
    painter: &egui::Painter,
    words: &TextObject,
    colour: Color32,
    screen: &dyn Fn(Units, [f64; 2]) -> egui::Pos2,
) {
    let wide = |p: [f32; 2]| p.map(f64::from);
    let anchor = words
        .anchor
        .map(|a| (screen(a.units, wide(a.point)), a.visible));
    let area = words.area.map(|a| {
        let (p, q) = (
            screen(a.units, wide(a.top_left)),
            screen(a.units, wide(a.bottom_right)),
        );
        Rect::from_two_pos(p, q)
    });
    let Some(at) = area.map(|a| a.left_center()).or(anchor.map(|(p, _)| p)) else {
        return;
    };
    if let (Some((to, true)), Some(_)) = (anchor, area) {
        painter.line_segment([at, to], Stroke::new(1.0, colour));
    }
    let lines: Vec<&str> = words.text.lines().collect();
    for (k, line) in lines.iter().enumerate() {
        let at = at + vec2(0.0, k as f32 * 16.0);
        text::on_image(painter, at, Align::Min, line, f::small());
    }
    let place = Rect::from_min_size(at, vec2(80.0, 16.0));
    text::spoken(ui, ("state text", &words.text), place, &lines.join(" "));
}
