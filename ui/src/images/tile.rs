//! One tile: picture, corner text, letters, ruler; or why there is none. What the pointer does to it is in `gesture`.

use std::cell::RefCell;
use std::sync::Arc;

use egui::{
    Color32, CornerRadius, Id, PointerButton, Pos2, Rect, Role, Sense, Stroke, StrokeKind,
    TextureId, Ui, WidgetInfo, pos2, vec2,
};
use triptych_render::display::{
    ModalityLut, ProbeValue, VoiFunction, default_invert, presets_for, probe,
};
use triptych_render::{
    DisplayAttributes, ImageCorner, Picture, SampleType, View, ViewTransform, Voi, Window,
    edge_letters,
};
use triptych_workbench::view::{
    Decoded, PatientView, SeriesKey, SeriesView, Slice, StudyView, Target,
};
use triptych_workbench::{Command, SopInstanceUid};

use super::cut::{Cut, Made, Moved, Pull, Volumes};
use super::draw::{Board, Ground, SuvOf};
use super::gesture::Drag;
use super::paper::{self, Below, Overlays, Paper, Stated};
use super::play::Playing;
use super::solid::{Solid, Studio};
use super::{Tool, corner, find_series};
use crate::actions::Profile;
use crate::canvas::Canvas;
use crate::look::typeface::{self as f, sz};
use crate::look::{mark, text, tokens as t, widget};
use crate::out::{Out, Targets};
use crate::words::{w, wf};

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

    /// With the filter on, the key image nearest in the direction that was scrolled in; a set without any is shown whole.
    fn keep_to_keys(&mut self, context: &Context<'_>, series: &SeriesView) {
        self.key_place = None;
        if !context.key_only {
            self.keyed = None;
            return;
        }
        let drawings = &context.patient.drawings;
        let slices = series.stack.slices.iter().enumerate();
        let keys = slices.filter(|(_, s)| drawings.is_key(&s.instance, s.frame));
        let keys: Vec<usize> = keys.map(|(k, _)| k).collect();
        let asked = self.slice;
        let (before, from) = self.keyed.unwrap_or((asked, asked));
        if asked == before && self.keyed.is_some() {
            // Asked again, as a drag does in every frame.
            self.slice = from;
        } else if asked != from || self.keyed.is_none() {
            self.slice = key_for(&keys, from, asked);
            self.keyed = Some((asked, self.slice));
        }
        let at = keys.iter().position(|k| *k == self.slice);
        self.key_place = Some((at.map_or(0, |at| at + 1), keys.len()));
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

    #[allow(clippy::too_many_arguments, reason = "one call from one place")]
    fn stack(
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

    /// Physical pixels of the tile to pixels of the image; `None` before there is a picture.
    pub(super) fn transform(&self, ui: &Ui, rect: Rect) -> Option<ViewTransform> {
        self.transform_of(&self.view, size_px(ui, rect))
    }

    /// As [`Tile::transform`], of another view in a place of `size` physical pixels.
    pub(super) fn transform_of(&self, view: &View, size: [u32; 2]) -> Option<ViewTransform> {
        match &self.content {
            Content::Cut(_) => Some(self.made.as_ref()?.transform(view, size)),
            _ => Some(self.picture.as_ref()?.transform(view, size)),
        }
    }

    /// What is drawn on: the frame on screen. `None` before there is one.
    pub(super) fn ground<'t>(
        &'t self,
        ui: &Ui,
        rect: Rect,
        context: &Context<'_>,
    ) -> Option<Ground<'t>> {
        let (study, series) = find_series(context.patient, self.series.as_ref()?)?;
        let ppp = ui.pixels_per_point();
        if let Content::Cut(_) = self.content {
            let made = self.made.as_ref()?;
            let transform = self.transform(ui, rect)?;
            let ground = Ground::of_cut(study, series, made, transform, rect, ppp);
            let board = context.board.borrow();
            let drawings = board.drawings(context.patient);
            let measures = matches!(context.tool, Tool::Draw(_))
                || drawings.into_iter().any(|d| ground.holds(d));
            return Some(match measures {
                true => ground.with_values(made),
                false => ground,
            });
        }
        let slice = series.stack.slices.get(self.slice)?;
        let picture = self.picture.as_deref()?;
        // A picture of another slice is on its way out: nothing is drawn on it (T51).
        let on_screen = slice.pixels.get()?.ok()?;
        if on_screen.id != picture.id {
            return None;
        }
        let transform = self.transform(ui, rect)?;
        let ground = Ground::of_frame(study, series, slice, picture, transform, rect, ppp);
        let board = context.board.borrow();
        let drawings = board.drawings(context.patient);
        let ground = ground.with_suv(self.suv.as_ref());
        Some(ground.calibrated(drawings.into_iter()))
    }

    /// Window in use: the view's own, else that of the file or its default.
    pub(super) fn window(&self) -> Option<Window> {
        let stated = || self.stated.as_ref().and_then(Stated::window);
        self.view.window.or_else(stated).or(self.own_window)
    }

    /// Does what a protocol asked for. A window that somebody chose meanwhile stays.
    pub(super) fn grant(&mut self, display: &DisplayAttributes) {
        let Some(wish) = self.wish.take() else { return };
        self.view.invert = wish.dark_on_white != default_invert(display);
        let preset = presets_for(display)
            .into_iter()
            .find(|(preset, _)| wish.preset.is_some() && preset.key == wish.preset);
        if let (None, Some((_, window))) = (self.view.window, preset) {
            self.view.window = Some(window);
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

    /// What is on screen now, with its pixels; those of a plane are worked out here.
    pub(super) fn picture(&self) -> Option<&Arc<Picture>> {
        match &self.content {
            Content::Cut(_) => Some(&self.made.as_ref()?.values()?.picture),
            _ => self.picture.as_ref(),
        }
    }

    /// Facts of what is on screen now.
    pub(super) fn display(&self) -> Option<&DisplayAttributes> {
        match &self.content {
            Content::Cut(_) => Some(&self.made.as_ref()?.display),
            _ => Some(&self.picture.as_ref()?.display),
        }
    }

    /// Asks for the texture of what is on screen now through another view.
    pub(super) fn draw_on(
        &self,
        canvas: &mut dyn Canvas,
        slot: &str,
        view: &View,
        size: [u32; 2],
    ) -> Option<TextureId> {
        match &self.content {
            Content::Cut(_) => canvas.draw_cut(slot, &self.made.as_ref()?.cut, view, size),
            _ => canvas.draw(slot, self.picture.as_ref()?, view, size),
        }
    }

    /// Whether modality values are whole numbers, and how far they may reach: what a drag of the window goes by (T16).
    pub(super) fn values(&self) -> (bool, f64) {
        // Planes are looked at as the slices of their volume are.
        let slice = match &self.content {
            Content::Cut(_) => self
                .made
                .as_ref()
                .map(|m| (&m.slice.frame, &m.slice.display)),
            _ => self.picture.as_ref().map(|p| (&p.frame, &p.display)),
        };
        let Some((frame, display)) = slice else {
            return (true, 4096.0);
        };
        let whole = |x: f64| x.fract() == 0.0;
        let stored = !matches!(frame.shape.sample, SampleType::F32 | SampleType::F64);
        let (integer, slope) = match &display.modality_lut {
            ModalityLut::Rescale { slope, intercept } => {
                (whole(*slope) && whole(*intercept), *slope)
            }
            ModalityLut::Identity | ModalityLut::Table(_) => (true, 1.0),
        };
        let bits = i32::from(display.bits_stored.clamp(1, 32));
        (stored && integer, 2.0_f64.powi(bits) * slope.abs())
    }

    /// One image pixel on `scale` device pixels; what is in the middle stays there.
    pub(super) fn zoom_to_scale(&mut self, scale: f64) {
        if let Some(at) = self.scale.filter(|s| *s > 0.0) {
            self.zoom_about((scale / at) as f32, egui::Vec2::ZERO);
        }
    }

    /// One millimetre of the patient is one millimetre of the screen (T52); nothing where the image has no millimetres.
    pub(super) fn true_size(&mut self, pitch_mm: f64, mark: Option<String>) {
        let Some(display) = self.display() else {
            return;
        };
        let size = display.spacing.pixel_size(&display.modality);
        if let Some([_, column_mm]) = size.mm {
            self.zoom_to_scale(column_mm / pitch_mm);
            self.true_size_scale = Some((column_mm / pitch_mm, mark));
        }
    }

    /// The mark of true size, as long as it is.
    pub(super) fn true_size_mark(&self) -> Option<String> {
        let (scale, mark) = self.true_size_scale.as_ref()?;
        let words = mark
            .clone()
            .unwrap_or_else(|| w("images.true_size").to_owned());
        // Another zoom, or another size of the tile, is another scale.
        let now = self.scale?;
        ((now / scale - 1.0).abs() < 1e-3).then_some(words)
    }

    /// The window from 2 to 98 % of the values in a box (T16).
    pub(super) fn window_of_region(&mut self, a: ImageCorner, b: ImageCorner) {
        let Some(picture) = self.picture().cloned() else {
            return;
        };
        let shape = picture.frame.shape;
        let (low, high) = (a.0.min(b.0).floor(), a.0.max(b.0).ceil());
        let columns = low.x.max(0.0) as u32..(high.x.max(0.0) as u32).min(shape.columns);
        let rows = low.y.max(0.0) as u32..(high.y.max(0.0) as u32).min(shape.rows);
        let mut values: Vec<f64> = rows
            .flat_map(|y| columns.clone().map(move |x| (f64::from(x), f64::from(y))))
            .filter_map(|(x, y)| {
                let at = ImageCorner(glam::DVec2::new(x + 0.5, y + 0.5));
                match probe(&picture.frame, &picture.display, at)?.value {
                    ProbeValue::Grey { modality, .. } => Some(modality),
                    _ => None,
                }
            })
            .filter(|m| m.is_finite())
            .collect();
        values.sort_by(f64::total_cmp);
        // Nearest rank, as T9 has it.
        let rank = |p: f64| {
            let k = (p * values.len() as f64).ceil() as usize;
            values.get(k.saturating_sub(1)).copied()
        };
        let (Some(x1), Some(x2)) = (rank(0.02), rank(0.98)) else {
            return;
        };
        let (integer, _) = self.values();
        let function = self.window().map(|w| w.function());
        let window = match (integer, function) {
            (_, Some(VoiFunction::Sigmoid)) => Window::new(
                f64::midpoint(x1, x2),
                (x2 - x1).max(1e-6),
                VoiFunction::Sigmoid,
            ),
            (true, _) => Window::new((x1 + x2 + 1.0) / 2.0, x2 - x1 + 1.0, VoiFunction::Linear),
            (false, _) => Window::new(
                f64::midpoint(x1, x2),
                (x2 - x1).max(1e-6),
                VoiFunction::LinearExact,
            ),
        };
        if let Ok(window) = window {
            self.view.window = Some(window);
        }
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

/// The key image to show when slice `to` is asked for and `from` is shown: the first one at or beyond it in that direction, else the last
/// one in it.
fn key_for(keys: &[usize], from: usize, to: usize) -> usize {
    let found = if to >= from {
        keys.iter().find(|k| **k >= to).or(keys.last())
    } else {
        keys.iter().rfind(|k| **k <= to).or(keys.first())
    };
    found.copied().unwrap_or(to)
}

/// `key images only · 2/3`
pub(super) fn key_words(k: usize, all: usize) -> String {
    match all {
        0 => w("images.no_keys").to_owned(),
        _ => wf("images.keys_only", &[("n", &k), ("all", &all)]),
    }
}

/// How much of a set is decoded, where its picture will be.
pub(super) fn decoding(ui: &Ui, rect: Rect, series: &SeriesView) {
    let painter = ui.painter().with_clip_rect(rect);
    let slices = &series.stack.slices;
    let ready = slices.iter().filter(|s| s.pixels.is_there()).count();
    let words = wf("images.decoding", &[("n", &ready), ("all", &series.images)]);
    let at = rect.center();
    text::center(&painter, at.x, at.y, &words, f::small(), t::LABEL);
    let bar = Rect::from_center_size(at + vec2(0.0, 18.0), vec2(160.0, 4.0));
    let all = series.images.max(1) as f32;
    widget::progress(ui, bar, ready as f32 / all, &words);
}

/// Physical pixels of `rect`.
pub(crate) fn size_px(ui: &Ui, rect: Rect) -> [u32; 2] {
    let ppp = ui.pixels_per_point();
    [rect.width(), rect.height()].map(|s| (s * ppp).round().max(0.0) as u32)
}

/// Draws `picture` into `rect` through the canvas, one texel on one device pixel.
pub(crate) fn paint(
    ui: &Ui,
    rect: Rect,
    slot: &str,
    canvas: &mut dyn Canvas,
    picture: &Arc<Picture>,
    view: &View,
) {
    let size = size_px(ui, rect);
    if size.contains(&0) {
        return;
    }
    if let Some(texture) = canvas.draw(slot, picture, view, size) {
        place_texture(ui, rect, texture, size);
    }
}

/// Lays a texture of `size` into `rect`, one texel on one device pixel.
pub(super) fn place_texture(ui: &Ui, rect: Rect, texture: TextureId, size: [u32; 2]) {
    let ppp = ui.pixels_per_point();
    let min = pos2(
        (rect.left() * ppp).round() / ppp,
        (rect.top() * ppp).round() / ppp,
    );
    let place = Rect::from_min_size(min, vec2(size[0] as f32, size[1] as f32) / ppp);
    let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    ui.painter()
        .with_clip_rect(rect)
        .image(texture, place, uv, Color32::WHITE);
}

/// Hatched tile with the reason: never black, never the former picture (T58).
pub(super) fn cannot_show(ui: &Ui, rect: Rect, why: &str) {
    let painter = ui.painter().with_clip_rect(rect);
    mark::hatch(&painter, rect, 8.0, t::HOVER);
    let galley = text::paragraph(
        &painter,
        why,
        f::body(),
        t::VALUE,
        rect.width() - 80.0,
        5,
        sz(18.0),
    );
    let place = Rect::from_center_size(rect.center(), galley.size() + vec2(24.0, 16.0));
    painter.rect_filled(place, 0.0, t::IMAGE);
    painter.galley(place.min + vec2(12.0, 8.0), galley, t::VALUE);
    text::spoken(ui, ("cannot", why), rect, why);
}

#[cfg(test)]
mod tests {
    use super::key_for;

    #[test]
    fn t61_scrolling_goes_from_key_image_to_key_image() {
        let keys = [10, 30, 50];
        for (from, to, shown) in [
            (0, 0, 10),
            (10, 11, 30),
            (30, 29, 10),
            (30, 40, 50),
            (10, 9, 10),
            (50, 51, 50),
            (30, 0, 10),
            (30, 59, 50),
            (10, 30, 30),
        ] {
            assert_eq!(key_for(&keys, from, to), shown, "{from} to {to}");
        }
        assert_eq!(key_for(&[], 3, 4), 4, "a set without any is shown whole");
    }
}
