//! Planes cut through a volume (T34, T35): axial, coronal and sagittal through one point of the patient, turned together when a handle of
//! the crosshair is dragged.
//!
//! The canvas samples what the tile shows of a plane. To everything else a plane is a picture of its own, with its own position in the
//! patient: window, zoom, letters, ruler and drawings are those of every other picture.

mod cross;
mod fused;
mod made;
mod volumes;

use egui::{Event, PointerButton, Rect, Ui};
use triptych_render::volume::{PlaneAxes, PlaneView, Slab, SlabMode, Volume};
use triptych_render::{Orientation, Window};
use triptych_workbench::view::{NoVolume, PatientView, SeriesView, StudyView};

use super::paper::Below;
use super::tile::{Content, Context, Tile, cannot_show, place_texture, size_px};
use super::{Tool, corner};
use crate::actions::Action;
use crate::canvas::Canvas;
use crate::words::{signed, w, wf};
pub(super) use cross::Pull;
use fused::Layer;
pub(super) use fused::partner;
pub(super) use made::Made;
use made::Of;
use volumes::Hung;
pub(crate) use volumes::{Cross, Volumes};

/// One of the planes through a volume.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cut {
    pub plane: Orientation,
    pub slab: Slab,
}

/// What the pointer or the keys did to the planes of a volume.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Moved {
    pub to: Cross,
}

/// Thicknesses that the keys step through, mm.
const THICKNESSES: [f64; 10] = [1.0, 2.0, 3.0, 5.0, 8.0, 10.0, 15.0, 20.0, 30.0, 50.0];

impl Cut {
    /// The three planes, in the order in which they hang.
    pub const PLANES: [Orientation; 3] = [
        Orientation::Axial,
        Orientation::Coronal,
        Orientation::Sagittal,
    ];

    pub fn new(plane: Orientation) -> Self {
        Self {
            plane,
            slab: Slab::default(),
        }
    }

    /// Plane, MIP, MinIP, mean, and round again; the thickness stays.
    pub fn next_mode(&mut self) {
        self.slab.mode = match self.slab.mode {
            SlabMode::Single => SlabMode::Mip,
            SlabMode::Mip => SlabMode::MinIp,
            SlabMode::MinIp => SlabMode::Mean,
            SlabMode::Mean => SlabMode::Single,
        };
        if self.slab.thickness_mm == 0.0 {
            self.slab.thickness_mm = 10.0;
        }
    }

    /// The next thicker or thinner slab; a plane becomes a slab of the greatest values.
    pub fn thicker(&mut self, step: isize) {
        if self.slab.mode == SlabMode::Single {
            self.slab.mode = SlabMode::Mip;
            self.slab.thickness_mm = 10.0;
            return;
        }
        let now = self.slab.thickness_mm;
        let at = THICKNESSES.iter().position(|t| *t >= now).unwrap_or(0);
        let next = at.saturating_add_signed(step).min(THICKNESSES.len() - 1);
        self.slab.thickness_mm = THICKNESSES.get(next).copied().unwrap_or(now);
    }

    /// Where it lies now.
    fn view(&self, volume: &Volume, cross: &Cross) -> PlaneView {
        let geometry = volume.geometry();
        let mut view = PlaneView::covering(geometry, cross.axes, self.plane);
        if !cross.is_straight() {
            view.right = (cross.turn * view.right).normalize();
            let down = cross.turn * view.down;
            view.down = (down - view.right * down.dot(view.right)).normalize();
            let corners = geometry.corners();
            view.size = [view.right, view.down].map(|along| {
                let at = corners.iter().map(|c| c.0.dot(along));
                let from = at.clone().fold(f64::INFINITY, f64::min);
                let to = at.fold(f64::NEG_INFINITY, f64::max);
                let pixels = ((to - from) / view.mm_per_pixel[0] - 1e-6).ceil();
                pixels.clamp(1.0, 4096.0) as u32
            });
        }
        view.slab = self.slab;
        // Where it lies on the plane already, nothing is moved by a rounding.
        let moved = view.through(cross.at);
        if (moved.centre.0 - view.centre.0).length() > 1e-9 {
            view = moved;
        }
        view
    }

    /// `axial`, `coronal`, `sagittal`.
    pub fn name(&self) -> &'static str {
        match self.plane {
            Orientation::Axial => w("cut.axial"),
            Orientation::Coronal => w("cut.coronal"),
            Orientation::Sagittal => w("cut.sagittal"),
        }
    }

    /// `z −493.8 mm`: where the plane crosses its own axis of the patient.
    fn place(&self, cross: &Cross) -> String {
        if !cross.is_straight() {
            return w("cut.oblique").to_owned();
        }
        let (axis, mm) = match self.plane {
            Orientation::Axial => ("z", cross.at.0.z),
            Orientation::Coronal => ("y", cross.at.0.y),
            Orientation::Sagittal => ("x", cross.at.0.x),
        };
        // No sign where nothing is left of the number: there is no −0.0.
        let words = format!("{mm:+.1}");
        let words = match words.as_str() {
            "-0.0" | "+0.0" => "0.0",
            other => other,
        };
        format!("{axis} {} mm", signed(words))
    }
}

impl Tile {
    /// A tile that shows a plane through `series`, in the window of a tile that shows its slices.
    pub(super) fn of_cut(series: &SeriesView, plane: Orientation, window: Option<Window>) -> Self {
        let mut tile = Self::with_window(series, window);
        tile.content = Content::Cut(Cut::new(plane));
        tile
    }

    /// The plane on screen, for drawings; `None` in a tile of slices.
    pub(super) fn cut_plane(&self) -> Option<&PlaneView> {
        self.made.as_ref().map(|made| &made.cut.plane)
    }

    /// Draws the plane, or says why there is none.
    #[allow(clippy::too_many_arguments, reason = "one call from one place")]
    pub(super) fn cut(
        &mut self,
        ui: &Ui,
        rect: Rect,
        slot: &str,
        canvas: &mut dyn Canvas,
        context: &Context<'_>,
        study: &StudyView,
        series: &SeriesView,
    ) {
        let Content::Cut(cut) = self.content else {
            return;
        };
        let painter = ui.painter().with_clip_rect(rect);
        let hung = context.volumes.get(&series.key);
        let acquired = hung
            .and_then(|h| h.cross)
            .is_some_and(|cross| cross.axes == PlaneAxes::Acquisition);
        let name = match acquired {
            true => wf("cut.acquired", &[("plane", &cut.name())]),
            false => cut.name().to_owned(),
        };
        let title = format!("{} · {name}", study.title);
        match hung.map(|h| (h, &h.volume)) {
            Some((_, Err(NoVolume::Refused(why)))) => {
                cannot_show(ui, rect, &wf("cut.refused", &[("why", &why)]));
            }
            Some((hung, Ok(volume))) => {
                let (Some(cross), Some(window)) = (hung.cross, hung.window) else {
                    cannot_show(ui, rect, w("cut.no_plane"));
                    corner::identity(&painter, rect, context.patient, study, series, &title);
                    return;
                };
                let view = cut.view(&volume.volume, &cross);
                let over = self.over.as_ref().and_then(|key| {
                    let over = context.volumes.get(key)?;
                    Some((over, Layer::of(over, self.over_opacity)?))
                });
                let hung_over = over.as_ref().map(|(over, _)| (*over, self.over_opacity));
                // One window for all planes, whatever each happens to cut.
                let of = Of::new(view, hung, window, hung_over);
                let known = self.made.take().filter(|made| made.is(&of));
                let layer = over.as_ref().map(|(_, layer)| layer);
                let made =
                    known.unwrap_or_else(|| Made::new(of, hung.id, volume, window, layer, series));
                self.own_window = Some(window);
                self.grant(&made.slice.display);
                let size = size_px(ui, rect);
                if size.contains(&0) {
                    return;
                }
                match canvas.draw_cut(slot, &made.cut, &self.view, size) {
                    Some(texture) => place_texture(ui, rect, texture, size),
                    None => cannot_show(ui, rect, w("cut.no_plane")),
                }
                if canvas.is_filling() {
                    ui.ctx().request_repaint();
                }
                let transform = made.transform(&self.view, size);
                self.scale = Some(transform.scale());
                let display = std::sync::Arc::clone(&made.display);
                let colour = made.slice.frame.shape.colour;
                self.made = Some(made);
                if let Some(made) = self.made.as_ref().filter(|_| context.graphics) {
                    let below = Below {
                        study,
                        series,
                        slice: None,
                        id: made.id(),
                        size: view.size,
                        display: &display,
                        transform: &transform,
                        rect,
                    };
                    let mut overlays = context.overlays.borrow_mut();
                    overlays.lay(ui, slot, &below, context.patient);
                }
                if context.graphics {
                    self.cross_lines(ui, rect, context, &cross, &view, &transform);
                }
                let place = cut.place(&cross);
                let of = corner::Pictured {
                    tile: self,
                    patient: context.patient,
                    study,
                    series,
                    display: &display,
                    colour,
                    title: &title,
                    scale: transform.scale(),
                    place: &cut_words(series),
                    position: &place,
                    graphics: context.graphics,
                    nameless: corner::is_identity_left_out(ui.ctx()),
                };
                corner::texts(&painter, rect, &of);
                if !context.graphics {
                    return;
                }
                if let Some((_, layer)) = &over {
                    layer.bar(&painter, rect);
                }
                if let Some(ground) = self.ground(ui, rect, context) {
                    let mut board = context.board.borrow_mut();
                    board.paint(ui, &ground, context.patient, context.graphics);
                }
                match triptych_render::edge_letters(&display, &transform) {
                    Some(letters) => corner::letters(&painter, rect, &letters),
                    None => corner::no_letters(&painter, rect),
                }
                return;
            }
            Some((_, Err(NoVolume::Waiting))) | None => {
                super::tile::decoding(ui, rect, series);
            }
        }
        corner::identity(&painter, rect, context.patient, study, series, &title);
    }

    /// The crosshair, the wheel and the scroll tool; true when this frame's pointer was theirs.
    pub(super) fn cut_takes(
        &mut self,
        ui: &Ui,
        rect: Rect,
        response: &egui::Response,
        context: &Context<'_>,
        series: &SeriesView,
    ) -> bool {
        if !matches!(self.content, Content::Cut(_)) {
            return false;
        }
        let Some((volume, cross)) = context.volumes.planes(&series.key) else {
            return false;
        };
        let notches = if response.contains_pointer() {
            wheel(ui)
        } else {
            0.0
        };
        if notches != 0.0 {
            self.wheel -= notches;
            let whole = self.wheel.trunc();
            self.wheel -= whole;
            let times = if ui.input(|i| i.modifiers.shift) {
                10.0
            } else {
                1.0
            };
            self.scroll_cut(volume, &cross, f64::from(whole) * times);
            return true;
        }
        // A line is drawn over the crosshair too; Alt moves it with any tool in hand.
        let draws = matches!(context.tool, Tool::Draw(_)) && !ui.input(|i| i.modifiers.alt);
        if !draws && self.pull_cross(ui, rect, response, context, &cross) {
            return true;
        }
        let scrolls = context.tool == Tool::Scroll
            && response.dragged_by(PointerButton::Primary)
            && !ui.input(|i| i.modifiers.any());
        if scrolls {
            self.wheel += response.drag_delta().y / 6.0;
            let whole = self.wheel.trunc();
            self.wheel -= whole;
            self.scroll_cut(volume, &cross, f64::from(whole));
        }
        scrolls
    }

    /// What an action of the table does to a plane; false when it does to it what it does to every picture.
    pub(super) fn act_on_plane(&mut self, action: Action, volume: &Volume, cross: &Cross) -> bool {
        let Content::Cut(cut) = &mut self.content else {
            return false;
        };
        let steps = match action {
            Action::SlabMode => {
                cut.next_mode();
                return true;
            }
            Action::SlabThicker => {
                cut.thicker(1);
                return true;
            }
            Action::SlabThinner => {
                cut.thicker(-1);
                return true;
            }
            Action::ImageNext => 1.0,
            Action::ImagePrevious => -1.0,
            Action::ImageForward10 => 10.0,
            Action::ImageBack10 => -10.0,
            _ => return false,
        };
        self.scroll_cut(volume, cross, steps);
        true
    }

    /// Moves the planes' point along this plane's normal: down the wheel is towards the feet, the back, the left, as in a stack (T22).
    pub(super) fn scroll_cut(&mut self, volume: &Volume, cross: &Cross, steps: f64) {
        let Content::Cut(cut) = self.content else {
            return;
        };
        if steps == 0.0 {
            return;
        }
        let view = cut.view(volume, cross);
        let normal = view.normal();
        // Away from the viewer is towards the head in an axial picture and towards the back in a coronal one.
        let toward = match cut.plane {
            Orientation::Axial => -normal.z.signum(),
            Orientation::Coronal => normal.y.signum(),
            Orientation::Sagittal => normal.x.signum(),
        };
        let step = volume.geometry().step_along_mm(normal);
        let mut to = *cross;
        to.at.0 += normal * (toward * steps * step);
        to.at = cross::inside(volume, to.at, cross.at);
        self.moved = Some(Moved { to });
    }
}

/// Turns of the wheel without Ctrl, in notches.
pub(super) fn wheel(ui: &Ui) -> f32 {
    ui.input(|i| {
        i.events
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
            .sum()
    })
}

fn cut_words(series: &SeriesView) -> String {
    if series.number.is_empty() {
        w("cut.mpr").to_owned()
    } else {
        format!("{} · {}", series.number, w("cut.mpr"))
    }
}

/// What a patient's tiles show as planes: asked by name so that keys and menus agree.
pub(super) fn is_volume(patient: &PatientView, tile: &Tile) -> bool {
    let key = tile.series.as_ref();
    let found = key.and_then(|key| super::find_series(patient, key));
    found.is_some_and(|(_, series)| series.images >= 3 && series.unreadable.is_none())
}
