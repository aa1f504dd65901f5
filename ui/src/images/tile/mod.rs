//! One tile: what it holds, what is in its place, and the frame around it. What the pointer does to it is in `gesture`.

mod keys;
mod paint;
mod shown;
mod stack;
mod view;

use std::cell::RefCell;
use std::sync::Arc;

use egui::{
    CornerRadius, Id, PointerButton, Pos2, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo,
};
use triptych_render::{ImageCorner, Picture, View, Window};
use triptych_workbench::view::{PatientView, SeriesKey, SeriesView, StudyView, Target};
use triptych_workbench::{Command, SopInstanceUid};

use super::cut::{Cut, Made, Moved, Pull, Volumes};
use super::draw::{Board, SuvOf};
use super::gesture::Drag;
use super::paper::{Overlays, Paper, Stated};
use super::play::Playing;
use super::solid::{Solid, Studio};
use super::{Tool, find_series};
use crate::actions::Profile;
use crate::canvas::Canvas;
use crate::look::{tokens as t, widget};
use crate::out::{Out, Targets};
use crate::words::{w, wf};
pub(super) use keys::key_words;
pub(super) use paint::{cannot_show, decoding, place_texture};
pub(crate) use paint::{paint, size_px};

/// What a hanging protocol asks of a picture that is not there yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wish {
    /// Number of a preset of its modality.
    pub preset: Option<u8>,
    pub dark_on_white: bool,
}

/// What a tile makes of its display set.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Content {
    /// Its images as they were taken, one at a time.
    #[default]
    Stack,
    /// A plane through them.
    Cut(Cut),
    /// The volume as a whole.
    Solid(Solid),
}

/// What one tile shows and how.
#[derive(Debug, Default)]
pub(crate) struct Tile {
    pub series: Option<SeriesKey>,
    pub content: Content,
    /// What a protocol looked for in vain.
    pub missing: Option<String>,
    /// Plays as soon as there is a picture.
    pub plays_at_once: bool,
    /// How it is to be looked at, once its header is there.
    pub(super) wish: Option<Wish>,
    pub slice: usize,
    pub view: View,
    pub(super) picture: Option<Arc<Picture>>,
    /// Window of the picture when the view names none; reckoned once a picture.
    pub(super) own_window: Option<Window>,
    /// The plane that is on screen.
    pub(super) made: Option<Made>,
    /// What this frame did to the planes of its volume.
    pub(super) moved: Option<Moved>,
    pub(super) pull: Option<Pull>,
    /// The set that is laid over the plane in colours, and how much of it is seen, percent.
    pub(super) over: Option<SeriesKey>,
    pub(super) over_opacity: u8,
    pub(super) studio: Studio,
    /// The rendered volume is being turned.
    pub(super) solid_moves: bool,
    /// The picture that it is of.
    own_of: Option<u64>,
    /// Every image in its own window, not all in that of the first shown (T8).
    pub per_image: bool,
    pub(super) drag: Option<Drag>,
    pub(super) wheel: f32,
    /// Device pixels for an image pixel, as drawn last, and at a zoom of 1.
    pub(super) scale: Option<f64>,
    /// Physical pixels of the tile, as drawn last.
    pub(super) size: Option<[u32; 2]>,
    pub(super) fit: Option<f64>,
    /// How it goes with the active tile, where that is not plain.
    pub(super) link_mark: Option<String>,
    /// Place of the image below the pointer, as it was last.
    pub(super) pointed: Option<ImageCorner>,
    pub(super) playing: Option<Playing>,
    /// Images a second that the reader chose.
    pub(super) rate: Option<f64>,
    asked: Option<(SeriesKey, usize)>,
    asked_over: Option<SeriesKey>,
    /// Screen pixels for an image pixel in true size, and its mark.
    true_size_scale: Option<(f64, Option<String>)>,
    shown: Option<u64>,
    /// The image on screen is marked (T61).
    pub(super) key_image: bool,
    suv: Option<SuvOf>,
    /// A document that it shows in place of images.
    pub(super) paper: Option<Paper>,
    /// The presentation state that its images are shown with.
    pub(super) state: Option<SopInstanceUid>,
    pub(super) stated: Option<Stated>,
    /// How the reader looked at them before.
    pub(super) view_before: Option<View>,
    /// The state that the view was set by.
    pub(super) stated_view: Option<SopInstanceUid>,
    /// Only key images are scrolled through: the slice that was asked for last, and the one that is shown for it (T61).
    keyed: Option<(usize, usize)>,
    /// Place among the key images, and how many there are.
    pub(super) key_place: Option<(usize, usize)>,
    /// Images that must not be used are shown all the same (T57).
    revealed: bool,
}

/// What a tile needs to know of its window.
pub(super) struct Context<'a> {
    pub patient: &'a PatientView,
    pub tool: Tool,
    pub targets: &'a Targets,
    pub volumes: &'a Volumes,
    pub active: bool,
    pub board: &'a RefCell<Board>,
    pub overlays: &'a RefCell<Overlays>,
    /// Chosen beside the active one: actions go to it too.
    pub chosen: bool,
    pub profile: Profile,
    /// Space is held.
    pub space: bool,
    /// Corner texts, letters and graphics are on.
    pub graphics: bool,
    /// Only key images are scrolled through.
    pub key_only: bool,
}

/// What happened to a tile.
#[derive(Default)]
pub(super) struct Happened {
    pub pressed: bool,
    pub double_clicked: bool,
    /// The pointer was a drawing's: its double click ends an outline, no more.
    pub drew: bool,
    /// Ctrl and click: to be chosen, or no longer.
    pub select: bool,
    /// Alt and click: this place of the image, for all that is linked.
    pub cursor: Option<ImageCorner>,
    /// A thumbnail was dropped on it.
    pub dropped: Option<Arc<SeriesKey>>,
    /// An image that was clicked in a document.
    pub named: Option<Target>,
    /// Right click without movement: the menu, here.
    pub menu: Option<Pos2>,
}

impl Tile {
    /// A tile that shows `series` from its middle, as its file says.
    pub fn of(series: &SeriesView) -> Self {
        Self::with_window(series, None)
    }

    /// [`Tile::of`] in a window of its own.
    pub(super) fn with_window(series: &SeriesView, window: Option<Window>) -> Self {
        Self {
            series: Some(series.key.clone()),
            slice: series.images.saturating_sub(1) / 2,
            view: View {
                window,
                ..View::default()
            },
            ..Self::default()
        }
    }

    /// A tile that shows a document.
    pub(super) fn of_paper(instance: SopInstanceUid) -> Self {
        Self {
            paper: Some(Paper::new(instance)),
            ..Self::default()
        }
    }

    /// An empty tile that says what was looked for.
    pub(super) fn missing(name: &str) -> Self {
        Self {
            missing: Some(name.to_owned()),
            ..Self::default()
        }
    }

    /// Draws the tile and takes its gestures.
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        slot: &str,
        canvas: &mut dyn Canvas,
        context: &Context<'_>,
        out: &mut Out,
    ) -> Happened {
        let found = self
            .series
            .as_ref()
            .and_then(|key| find_series(context.patient, key));
        let response = ui.interact(rect, Id::unique(("tile", slot)), Sense::click_and_drag());
        let name = match &self.paper {
            Some(paper) => paper.name(context.patient),
            None => self.name(found),
        };
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
        self.size = Some(size_px(ui, rect));
        let painter = ui.painter().with_clip_rect(rect);
        painter.rect_filled(rect, 0.0, t::IMAGE);
        let mut happened = Happened::default();
        match found {
            Some((study, series)) => {
                self.slice = self.slice.min(series.images.saturating_sub(1));
                self.keep_to_keys(context, series);
                if !self.cut_takes(ui, rect, &response, context, series)
                    && !self.solid_takes(ui, rect, &response)
                {
                    self.gestures(ui, rect, &response, context, series, &mut happened);
                }
                if self.plays_at_once && self.picture.is_some() {
                    self.plays_at_once = false;
                    self.play_or_stop(ui.input(|i| i.time), series);
                }
                self.play(ui);
                match self.content {
                    Content::Solid(_) => {
                        self.solid(ui, rect, slot, canvas, context, study, series);
                    }
                    Content::Cut(_) => {
                        self.cut(ui, rect, slot, canvas, context, study, series);
                    }
                    Content::Stack => {
                        self.stack(ui, rect, slot, canvas, context, study, series, out);
                    }
                }
            }
            None if self.paper.is_some() => {
                if let Some(paper) = &mut self.paper {
                    happened.named = paper.show(ui, rect, slot, context.patient, out);
                }
            }
            None => widget::empty(
                ui,
                rect,
                crate::look::icon::Icon::Image,
                self.missing.as_deref().unwrap_or(w("images.empty_tile")),
                w(if self.missing.is_some() {
                    "images.missing_why"
                } else {
                    "images.empty_tile_why"
                }),
            ),
        }
        if let Some(region) = self.region_box(ui) {
            for (width, ink) in [(3.5, t::shade(0.75)), (1.5, t::MARK)] {
                painter.rect_stroke(region, 0.0, Stroke::new(width, ink), StrokeKind::Middle);
            }
        }
        let (width, ink) = match (context.active, context.chosen) {
            (true, _) => (2.0, t::FOCUS),
            (false, true) => (1.0, t::FOCUS),
            (false, false) => (1.0, t::HAIR),
        };
        ui.painter().rect_stroke(
            rect,
            CornerRadius::ZERO,
            Stroke::new(width, ink),
            StrokeKind::Inside,
        );
        let ctrl = ui.input(|i| i.modifiers.ctrl || i.modifiers.command);
        if response.dnd_hover_payload::<SeriesKey>().is_some() {
            let over = Stroke::new(2.0, t::ACCENT);
            ui.painter().rect_stroke(
                rect.shrink(3.0),
                CornerRadius::ZERO,
                over,
                StrokeKind::Inside,
            );
        }
        happened.dropped = response.dnd_release_payload::<SeriesKey>();
        happened.pressed = !ctrl && (response.is_pointer_button_down_on() || response.clicked());
        happened.double_clicked =
            !happened.drew && response.double_clicked_by(PointerButton::Primary);
        happened
    }

    /// What a screen reader says of the tile.
    fn name(&self, found: Option<(&StudyView, &SeriesView)>) -> String {
        found.map_or_else(
            || {
                self.missing
                    .clone()
                    .unwrap_or_else(|| w("images.empty_tile").to_owned())
            },
            |(study, series)| {
                let mut name = wf(
                    "images.tile",
                    &[
                        ("title", &study.title),
                        ("date", &study.date),
                        ("series", &series.number),
                        ("n", &(self.slice + 1)),
                        ("all", &series.images),
                    ],
                );
                if let Some((k, all)) = self.key_place {
                    name.push_str(", ");
                    name.push_str(&key_words(k, all));
                }
                if let Some(mark) = &self.link_mark {
                    name.push_str(", ");
                    name.push_str(mark);
                }
                name
            },
        )
    }

    /// Asks the workbench for this set, once for each set and slice that is not there.
    pub(super) fn ask_for_pixels(&mut self, patient: &PatientView, out: &mut Out) {
        let Some(key) = &self.series else { return };
        let Some((_, series)) = find_series(patient, key) else {
            return;
        };
        if series.unreadable.is_some() {
            return;
        }
        if self.over != self.asked_over {
            self.asked_over.clone_from(&self.over);
            let over = self.over.as_ref().and_then(|key| find_series(patient, key));
            if let Some((_, over)) = over {
                out.send(Command::LoadSeries {
                    series: over.key.clone(),
                    from: over.images / 2,
                });
            }
        }
        let here = series
            .stack
            .slices
            .get(self.slice)
            .is_some_and(|s| s.pixels.is_there());
        let new_set = self.asked.as_ref().is_none_or(|(k, _)| k != key);
        let elsewhere = self
            .asked
            .as_ref()
            .is_none_or(|(_, from)| *from != self.slice);
        if new_set || (!here && elsewhere) {
            self.asked = Some((key.clone(), self.slice));
            out.send(Command::LoadSeries {
                series: key.clone(),
                from: self.slice,
            });
        }
    }
}
