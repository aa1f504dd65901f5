//! A tile of images as they were taken: the one that is scrolled to with all that lies on it, or why it is not there.

use std::sync::Arc;

use egui::{Rect, Ui, vec2};
use triptych_render::{Picture, View, Voi, edge_letters};
use triptych_workbench::Command;
use triptych_workbench::view::{Decoded, PatientView, SeriesView, Slice, StudyView};

use super::paint::{cannot_show, decoding, paint, size_px};
use super::{Context, Tile};
use crate::canvas::Canvas;
use crate::images::corner;
use crate::images::draw::SuvOf;
use crate::images::paper::{self, Below};
use crate::look::mark;
use crate::out::{Out, Targets};
use crate::words::{w, wf};

impl Tile {
    #[allow(clippy::too_many_arguments, reason = "one call from one place")]
    pub(super) fn stack(
        &mut self,
        ui: &Ui,
        rect: Rect,
        slot: &str,
        canvas: &mut dyn Canvas,
        context: &Context<'_>,
        study: &StudyView,
        series: &SeriesView,
        out: &mut Out,
    ) {
        let painter = ui.painter().with_clip_rect(rect);
        if let Some(why) = &series.unreadable {
            cannot_show(ui, rect, why);
            corner::identity(&painter, rect, context.patient, study, series, &study.title);
            return;
        }
        let slice = series.stack.slices.get(self.slice);
        series.stack.look(self.slice);
        if paper::hides(ui, rect, slot, &mut self.revealed, context.patient, slice) {
            corner::identity(&painter, rect, context.patient, study, series, &study.title);
            corner::place(&painter, rect, self, series);
            return;
        }
        match slice.map(|s| s.pixels.get()) {
            Some(Some(Ok(decoded))) => {
                let decoded = &decoded;
                self.painted(ui, rect, slot, canvas, decoded, slice, context.patient);
                if let Some(picture) = &self.picture {
                    self.suv = SuvOf::keep(self.suv.take(), series, picture);
                }
                self.key_image = slice.is_some_and(|s| {
                    let drawings = &context.patient.drawings;
                    drawings.is_key(&s.instance, s.frame)
                });
                if let Some(picture) = self.picture.as_ref() {
                    let transform = picture.transform(&self.view, size_px(ui, rect));
                    self.scale = Some(transform.scale());
                    self.fit = Some(transform.fit());
                    let letters = edge_letters(&decoded.display, &transform);
                    let position = slice.map_or("", |s| s.position_text.as_str());
                    let of = corner::Pictured {
                        tile: self,
                        patient: context.patient,
                        study,
                        series,
                        display: &decoded.display,
                        colour: decoded.frame.shape.colour,
                        title: &study.title,
                        scale: transform.scale(),
                        place: &corner::place_words(self, series),
                        position,
                        graphics: context.graphics,
                        nameless: corner::is_identity_left_out(ui.ctx()),
                    };
                    corner::texts(&painter, rect, &of);
                    match letters.filter(|_| context.graphics) {
                        Some(letters) => corner::letters(&painter, rect, &letters),
                        None if context.graphics => corner::no_letters(&painter, rect),
                        None => {}
                    }
                }
                if let Some(picture) = self.picture.as_deref().filter(|_| context.graphics) {
                    let transform = &picture.transform(&self.view, size_px(ui, rect));
                    let shape = picture.frame.shape;
                    let below = Below {
                        study,
                        series,
                        slice: Some(self.slice),
                        id: picture.id,
                        size: [shape.columns, shape.rows],
                        display: &picture.display,
                        transform,
                        rect,
                    };
                    context
                        .overlays
                        .borrow_mut()
                        .lay(ui, slot, &below, context.patient);
                    self.state_graphics(ui, rect, slot, transform);
                }
                if let Some(ground) = self.ground(ui, rect, context) {
                    let mut board = context.board.borrow_mut();
                    board.paint(ui, &ground, context.patient, context.graphics);
                }
                if self.shown != Some(decoded.id) {
                    self.shown = Some(decoded.id);
                    if let Some(slice) = slice {
                        out.send(Command::ShowImage(slice.instance.clone()));
                    }
                }
                if let Some(slice) = slice {
                    self.numbers(&painter, rect, context.targets, study, slice);
                }
            }
            Some(Some(Err(why))) => {
                let words = wf(
                    "images.failed",
                    &[
                        ("n", &(self.slice + 1)),
                        ("all", &series.images),
                        ("why", &why),
                    ],
                );
                cannot_show(ui, rect, &words);
                corner::identity(&painter, rect, context.patient, study, series, &study.title);
                corner::place(&painter, rect, self, series);
            }
            Some(None) => {
                decoding(ui, rect, series);
                corner::identity(&painter, rect, context.patient, study, series, &study.title);
                corner::place(&painter, rect, self, series);
            }
            None => {
                cannot_show(ui, rect, w("images.no_slices"));
                corner::identity(&painter, rect, context.patient, study, series, &study.title);
            }
        }
    }

    #[allow(clippy::too_many_arguments, reason = "one call from one place")]
    fn painted(
        &mut self,
        ui: &Ui,
        rect: Rect,
        slot: &str,
        canvas: &mut dyn Canvas,
        decoded: &Decoded,
        slice: Option<&Slice>,
        patient: &PatientView,
    ) {
        if self.picture.as_ref().is_none_or(|p| p.id != decoded.id) {
            let picture = Picture {
                id: decoded.id,
                frame: decoded.frame.clone(),
                display: Arc::clone(&decoded.display),
            };
            self.picture = Some(Arc::new(picture));
            self.grant(&decoded.display);
        }
        if let (Some(slice), Some(source)) = (slice, self.picture.clone()) {
            self.apply_state(ui, rect, patient, slice, &source);
        }
        let Some(picture) = &self.picture else { return };
        // T8: untouched, the window of the first image that was shown holds for the set. A window in the view makes the default idle, and
        // reading all pixels for it would cost a scroll its pace.
        let known = self
            .own_of
            .is_some_and(|id| id == picture.id || !self.per_image);
        if self.view.window.is_none() && !known {
            self.own_of = Some(picture.id);
            self.own_window = picture.default_voi().and_then(|d| match d.voi {
                Voi::Window(window) => Some(window),
                Voi::Lut(_) => None,
            });
        }
        let stated = self.stated.as_ref();
        let (drawn, window) = match stated.and_then(|s| Some((s, s.picture()?))) {
            Some((stated, drawn)) => (drawn, self.view.window.filter(|_| !stated.window_fixed())),
            None => (picture, self.window()),
        };
        let shown = View {
            window,
            ..self.view
        };
        paint(ui, rect, slot, canvas, drawn, &shown);
    }

    /// Numbers of the opened card's targets that are this image, or this study without an image.
    fn numbers(
        &self,
        painter: &egui::Painter,
        rect: Rect,
        targets: &Targets,
        study: &StudyView,
        slice: &triptych_workbench::view::Slice,
    ) {
        use triptych_workbench::view::Target;
        let number = targets.number(|t| match t {
            Target::Image {
                study: s,
                instance: Some((i, frame)),
            } => *s == study.uid && *i == slice.instance && *frame == slice.frame,
            Target::Image {
                study: s,
                instance: None,
            } => *s == study.uid,
            _ => false,
        });
        if let Some(number) = number {
            mark::target(painter, rect.center_top() + vec2(34.0, 14.0), number, true);
        }
    }
}
