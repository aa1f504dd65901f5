//! The crosshair: a line for each other plane, a gap in the middle, a letter at the end; the middle moves the point, a line moves its plane,
//! the end of a line turns the planes.

use egui::{Align, CursorIcon, PointerButton, Pos2, Rect, Stroke, Ui, Vec2, pos2, vec2};
use glam::{DQuat, DVec2, DVec3};
use triptych_render::volume::{PlaneView, Volume};
use triptych_render::{ImageCorner, Orientation, PatientMm, ViewTransform, ViewportPx};

use super::{Content, Context, Cross, Cut, Moved, Tile};
use crate::look::typeface as f;
use crate::look::{text, tokens as t};
use crate::words::w;

/// Half of the gap around the middle, points.
const GAP: f32 = 13.0;
/// How near the pointer must be to a line, points.
const NEAR: f32 = 5.0;
/// The outer part of a line turns, as a share of its length from the middle.
const TURNS_FROM: f32 = 0.6;

/// A drag of the crosshair.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::images) enum Pull {
    /// The point.
    Middle,
    /// The plane of a line, along its normal.
    Line(Orientation),
    /// All planes but the one that is looked at.
    Turn {
        /// Of the planes when the drag began.
        from: DQuat,
        /// Direction of the pointer then, radians clockwise on screen.
        angle: f32,
    },
}

/// A line of the crosshair on screen.
struct Line {
    plane: Orientation,
    /// Unit vector on screen.
    along: Vec2,
    middle: Pos2,
    /// Ends of what the tile shows of it.
    ends: [Pos2; 2],
}

/// `to` if it lies in the volume, else `from`.
pub(super) fn inside(volume: &Volume, to: PatientMm, from: PatientMm) -> PatientMm {
    let geometry = volume.geometry();
    if geometry.holds(geometry.to_voxel(to)) {
        to
    } else {
        from
    }
}

/// Screen position of a point of the patient.
fn on_screen(
    ui: &Ui,
    rect: Rect,
    view: &PlaneView,
    transform: &ViewTransform,
    at: PatientMm,
) -> Pos2 {
    let (pixel, _) = view.to_pixel(at);
    // Centres of pixels are whole numbers here and halves in the corner's coordinates.
    let corner = ImageCorner(DVec2::from_array(pixel) + 0.5);
    let ppp = f64::from(ui.pixels_per_point());
    let px = transform.to_screen(corner).0 / ppp;
    rect.min + vec2(px.x as f32, px.y as f32)
}

fn in_patient(
    ui: &Ui,
    rect: Rect,
    view: &PlaneView,
    transform: &ViewTransform,
    at: Pos2,
) -> PatientMm {
    let ppp = f64::from(ui.pixels_per_point());
    let off = at - rect.min;
    let px = ViewportPx(DVec2::new(f64::from(off.x), f64::from(off.y)) * ppp);
    let corner = transform.to_image(px).0 - 0.5;
    view.to_patient(corner.to_array())
}

impl Tile {
    fn lines(
        &self,
        ui: &Ui,
        rect: Rect,
        context: &Context<'_>,
        cross: &Cross,
        view: &PlaneView,
        transform: &ViewTransform,
    ) -> Vec<Line> {
        let (Content::Cut(cut), Some(key)) = (self.content, &self.series) else {
            return Vec::new();
        };
        let Some((volume, _)) = context.volumes.planes(key) else {
            return Vec::new();
        };
        let middle = on_screen(ui, rect, view, transform, cross.at);
        Cut::PLANES
            .into_iter()
            .filter(|plane| *plane != cut.plane)
            .filter_map(|plane| {
                let other = Cut::new(plane).view(volume, cross);
                let along = view.normal().cross(other.normal()).normalize_or_zero();
                if along == DVec3::ZERO {
                    return None;
                }
                let step = view.mm_per_pixel[0] * 100.0;
                let further = PatientMm(cross.at.0 + along * step);
                let direction = on_screen(ui, rect, view, transform, further) - middle;
                let along = direction.normalized();
                let ends = clip(rect, middle, along)?;
                Some(Line {
                    plane,
                    along,
                    middle,
                    ends,
                })
            })
            .collect()
    }

    pub(super) fn cross_lines(
        &self,
        ui: &Ui,
        rect: Rect,
        context: &Context<'_>,
        cross: &Cross,
        view: &PlaneView,
        transform: &ViewTransform,
    ) {
        let painter = ui.painter().with_clip_rect(rect);
        for line in self.lines(ui, rect, context, cross, view, transform) {
            let pattern = pattern(line.plane);
            for end in line.ends {
                let away = end - line.middle;
                if away.length() <= GAP {
                    continue;
                }
                let from = line.middle + away.normalized() * GAP;
                for stroke in [Stroke::new(3.0, t::IMAGE), Stroke::new(1.0, t::MARK)] {
                    dashes(&painter, from, end, pattern, stroke);
                }
            }
            // At the end that is further from the other corners of the text.
            let [first, second] = line.ends;
            let at = if line.along.x.abs() > line.along.y.abs() {
                if first.x < second.x { first } else { second }
            } else if first.y < second.y {
                first
            } else {
                second
            };
            let inward = (line.middle - at).normalized();
            let beside = vec2(-inward.y, inward.x).abs();
            let spot = at + inward * 74.0 + vec2(beside.x * 9.0, -beside.y * 9.0);
            text::on_image(
                &painter,
                spot,
                Align::Center,
                letter(line.plane),
                f::small_strong(),
            );
        }
    }

    /// Takes the pointer when it is on the crosshair; true while it has it.
    pub(super) fn pull_cross(
        &mut self,
        ui: &Ui,
        rect: Rect,
        response: &egui::Response,
        context: &Context<'_>,
        cross: &Cross,
    ) -> bool {
        let (Some(view), Some(transform)) = (self.cut_plane().copied(), self.transform(ui, rect))
        else {
            return false;
        };
        let Some(at) = response.interact_pointer_pos().or(response.hover_pos()) else {
            self.pull = None;
            return false;
        };
        let key = self.series.clone();
        let volume = key.as_ref().and_then(|k| context.volumes.planes(k));
        let Some((volume, _)) = volume else {
            return false;
        };
        let middle = on_screen(ui, rect, &view, &transform, cross.at);
        let alt = ui.input(|i| i.modifiers.alt);
        if alt && response.is_pointer_button_down_on() {
            let to = in_patient(ui, rect, &view, &transform, at);
            self.move_to(volume, cross, to);
            return true;
        }
        if self.pull.is_none() {
            let press = ui.input(|i| i.pointer.press_origin()).filter(|_| {
                response.is_pointer_button_down_on()
                    && ui.input(|i| i.pointer.button_down(PointerButton::Primary))
            });
            let grip = self.grip(
                ui,
                rect,
                context,
                cross,
                &view,
                &transform,
                press.unwrap_or(at),
            );
            if let Some(grip) = grip {
                ui.set_cursor_icon(match grip {
                    Pull::Middle => CursorIcon::Move,
                    Pull::Line(_) => CursorIcon::Grab,
                    Pull::Turn { .. } => CursorIcon::Alias,
                });
            }
            if !response.drag_started_by(PointerButton::Primary) {
                return false;
            }
            self.pull = grip;
        }
        let Some(pull) = self.pull else { return false };
        if response.drag_stopped() || !response.dragged() {
            self.pull = None;
            return true;
        }
        match pull {
            Pull::Middle => {
                let to = in_patient(ui, rect, &view, &transform, at);
                self.move_to(volume, cross, to);
            }
            Pull::Line(plane) => {
                let to = in_patient(ui, rect, &view, &transform, at);
                let normal = Cut::new(plane).view(volume, cross).normal();
                let off = (to.0 - cross.at.0).dot(normal);
                self.move_to(volume, cross, PatientMm(cross.at.0 + normal * off));
            }
            Pull::Turn { from, angle } => {
                let now = (at - middle).angle();
                // Clockwise on screen is about the normal that points away, mirrored where the picture is.
                let mirrored = self.view.flip_h != self.view.flip_v;
                let by = f64::from(now - angle) * if mirrored { -1.0 } else { 1.0 };
                let mut to = *cross;
                to.turn = (DQuat::from_axis_angle(view.normal(), by) * from).normalize();
                // Back where it was: straight again, so that planes of slices show stored pixels.
                if to.turn.angle_between(DQuat::IDENTITY) < 0.01 {
                    to.turn = DQuat::IDENTITY;
                }
                self.moved = Some(Moved { to });
            }
        }
        true
    }

    fn move_to(&mut self, volume: &Volume, cross: &Cross, to: PatientMm) {
        let mut moved = *cross;
        moved.at = inside(volume, to, cross.at);
        self.moved = Some(Moved { to: moved });
    }

    /// What of the crosshair lies under the pointer.
    #[allow(clippy::too_many_arguments, reason = "all that places it on screen")]
    fn grip(
        &self,
        ui: &Ui,
        rect: Rect,
        context: &Context<'_>,
        cross: &Cross,
        view: &PlaneView,
        transform: &ViewTransform,
        at: Pos2,
    ) -> Option<Pull> {
        let lines = self.lines(ui, rect, context, cross, view, transform);
        let middle = lines.first()?.middle;
        if middle.distance(at) <= GAP {
            return Some(Pull::Middle);
        }
        lines.iter().find_map(|line| {
            let off = at - line.middle;
            let along = off.dot(line.along);
            let beside = (off - line.along * along).length();
            if beside > NEAR {
                return None;
            }
            let end = line
                .ends
                .iter()
                .map(|end| (*end - line.middle).dot(line.along));
            let reach = end
                .filter(|e| e.signum() == along.signum())
                .fold(0.0f32, |a, e| a.max(e.abs()));
            if along.abs() > reach * TURNS_FROM {
                Some(Pull::Turn {
                    from: cross.turn,
                    angle: off.angle(),
                })
            } else {
                Some(Pull::Line(line.plane))
            }
        })
    }
}

/// Where a line through `middle` meets the edges of `rect`; `None` when it passes by.
fn clip(rect: Rect, middle: Pos2, along: Vec2) -> Option<[Pos2; 2]> {
    let (mut from, mut to) = (f32::NEG_INFINITY, f32::INFINITY);
    for (at, step, least, most) in [
        (middle.x, along.x, rect.left(), rect.right()),
        (middle.y, along.y, rect.top(), rect.bottom()),
    ] {
        if step.abs() < 1e-6 {
            if at < least || at > most {
                return None;
            }
            continue;
        }
        let (a, b) = ((least - at) / step, (most - at) / step);
        from = from.max(a.min(b));
        to = to.min(a.max(b));
    }
    (from < to).then(|| [middle + along * from, middle + along * to])
}

/// (drawn, left out) in points; nothing left out for a solid line. look.md: axial dotted, coronal solid, sagittal dashed.
fn pattern(plane: Orientation) -> (f32, f32) {
    match plane {
        Orientation::Axial => (1.0, 3.0),
        Orientation::Coronal => (0.0, 0.0),
        Orientation::Sagittal => (7.0, 4.0),
    }
}

fn letter(plane: Orientation) -> &'static str {
    match plane {
        Orientation::Axial => w("cut.letter_axial"),
        Orientation::Coronal => w("cut.letter_coronal"),
        Orientation::Sagittal => w("cut.letter_sagittal"),
    }
}

fn dashes(p: &egui::Painter, from: Pos2, to: Pos2, (on, off): (f32, f32), stroke: Stroke) {
    let snap = |at: Pos2| {
        // Straight lines lie on pixels: one is as dark as the next.
        let upright = (from.x - to.x).abs() < 0.01;
        let level = (from.y - to.y).abs() < 0.01;
        pos2(
            if upright { at.x.round() + 0.5 } else { at.x },
            if level { at.y.round() + 0.5 } else { at.y },
        )
    };
    let (from, to) = (snap(from), snap(to));
    if on == 0.0 {
        p.line_segment([from, to], stroke);
        return;
    }
    let length = from.distance(to);
    let along = (to - from) / length.max(1e-3);
    let mut at = 0.0;
    while at < length {
        let end = (at + on).min(length);
        // The dark border of a dot is as long as its gap: a line of dots stays a line of dots.
        p.line_segment([from + along * at, from + along * end], stroke);
        at += on + off;
    }
}
