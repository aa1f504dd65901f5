//! Tiles that go together by position in the patient (T27, T28, T30): linked scroll, window, zoom and pan, lines of the other tiles, and the
//! cursor in three dimensions. Links by hand and broken ones are the reader's and carry a mark.

use egui::{Pos2, Rect, Shape, Stroke, Ui, pos2};
use triptych_render::geometry::{
    CrossLine, LinkedSlice, PatientMm, PlacedImage, PlacedStack, SeenView, SpaceLink, Synced,
    Unlinked, UserLink, ViewLink,
};
use triptych_render::{ImageCorner, View, ViewTransform};
use triptych_workbench::view::{PatientView, SeriesKey, SeriesView};

use super::{Tile, Tiles, find_series};
use crate::actions::Action;
use crate::look::typeface as f;
use crate::look::{text, tokens as t};
use crate::words::w;

/// What goes together, and what was on screen when it last did.
#[derive(Debug)]
pub(crate) struct Linked {
    on: bool,
    window: bool,
    /// Zoom, turns and flips.
    zoom: bool,
    pan: bool,
    lines: bool,
    by_hand: Vec<(SeriesKey, SeriesKey, UserLink)>,
    seen: Vec<Option<Seen>>,
    cursor: Option<(SeriesKey, PatientMm)>,
}

/// A tile as it was at the end of the last frame.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    series: SeriesKey,
    slice: usize,
    view: View,
}

impl Default for Linked {
    fn default() -> Self {
        Self {
            on: true,
            window: false,
            zoom: true,
            pan: true,
            lines: true,
            by_hand: Vec::new(),
            seen: Vec::new(),
            cursor: None,
        }
    }
}

impl Seen {
    fn of(tile: &Tile) -> Option<Self> {
        Some(Self {
            series: tile.series.clone()?,
            slice: tile.slice,
            view: tile.view,
        })
    }
}

/// A series with its place in the patient.
fn placed<'a>(patient: &'a PatientView, tile: &Tile) -> Option<(&'a SeriesView, &'a PlacedStack)> {
    let (_, series) = find_series(patient, tile.series.as_ref()?)?;
    Some((series, series.placed.as_deref()?))
}

impl Linked {
    /// How positions of `from` become those of `to`.
    fn between(&self, from: &SeriesView, to: &SeriesView) -> Result<SpaceLink, Unlinked> {
        let (Some(a), Some(b)) = (&from.placed, &to.placed) else {
            return Err(Unlinked::NoFrame);
        };
        let by_hand = self
            .by_hand
            .iter()
            .find(|(x, y, _)| *x == from.key && *y == to.key);
        SpaceLink::between(a.space(), b.space(), &[], by_hand.map(|(.., link)| *link))
    }
}

impl Tiles {
    /// Actions of links; false for any other.
    pub fn act_on_links(&mut self, action: Action, patient: &PatientView) -> bool {
        let linked = &mut self.linked;
        match action {
            Action::Link => linked.on = !linked.on,
            Action::LinkWindow => linked.window = !linked.window,
            Action::LinkZoom => linked.zoom = !linked.zoom,
            Action::LinkPan => linked.pan = !linked.pan,
            Action::CrossReference => linked.lines = !linked.lines,
            Action::LinkByHand => self.link_by_hand(patient),
            Action::BreakLink => self.break_links(patient),
            _ => return false,
        }
        true
    }

    /// The chosen tiles go with the active one from where they stand; without chosen ones, every other tile on screen.
    fn link_by_hand(&mut self, patient: &PatientView) {
        let mut others = self.chosen();
        if others.len() < 2 {
            others = (0..self.shown()).collect();
        }
        let Some(source) = self.tiles.get(self.active) else {
            return;
        };
        let Some((from, a)) = placed(patient, source) else {
            return;
        };
        let mut new = Vec::new();
        for target in others.iter().filter_map(|i| self.tiles.get(*i)) {
            let Some((to, b)) = placed(patient, target).filter(|(s, _)| s.key != from.key) else {
                continue;
            };
            if let Some(mm) = b.offset_to(target.slice, a, source.slice) {
                new.push((from.key.clone(), to.key.clone(), UserLink::Offset(mm)));
                new.push((to.key.clone(), from.key.clone(), UserLink::Offset(-mm)));
            }
        }
        self.set_links(new);
        self.linked.on = true;
    }

    /// The active tile goes with none; once more: as the files say.
    fn break_links(&mut self, patient: &PatientView) {
        let Some((from, _)) = self.tiles.get(self.active).and_then(|t| placed(patient, t)) else {
            return;
        };
        let broken = |l: &(SeriesKey, SeriesKey, UserLink)| {
            l.2 == UserLink::Broken && (l.0 == from.key || l.1 == from.key)
        };
        if self.linked.by_hand.iter().any(broken) {
            self.linked.by_hand.retain(|l| !broken(l));
            return;
        }
        let others: Vec<SeriesKey> = self
            .tiles
            .iter()
            .filter_map(|t| t.series.clone())
            .filter(|k| *k != from.key)
            .collect();
        let both = |k: SeriesKey| {
            [
                (from.key.clone(), k.clone(), UserLink::Broken),
                (k, from.key.clone(), UserLink::Broken),
            ]
        };
        self.set_links(others.into_iter().flat_map(both).collect());
    }

    fn set_links(&mut self, new: Vec<(SeriesKey, SeriesKey, UserLink)>) {
        let by_hand = &mut self.linked.by_hand;
        by_hand.retain(|(a, b, _)| !new.iter().any(|(x, y, _)| x == a && y == b));
        by_hand.extend(new);
    }

    /// Lets the tiles on screen follow the one that a person moved in this frame. Nothing moves because a link was made.
    pub fn follow(&mut self, patient: &PatientView) {
        let shown: Vec<usize> = (0..self.shown()).collect();
        let before = std::mem::take(&mut self.linked.seen);
        let was = |i: usize| before.get(i).and_then(Option::as_ref);
        let moved = |i: &usize| {
            let now = self.tiles.get(*i).and_then(Seen::of);
            matches!((was(*i), &now), (Some(a), Some(b)) if a.series == b.series && a != b)
        };
        let changed: Vec<usize> = shown.iter().copied().filter(moved).collect();
        let source = if changed.contains(&self.active) {
            Some(self.active)
        } else {
            changed.first().copied()
        };
        self.link_marks(patient, &shown);
        if let Some(source) = source.filter(|_| self.linked.on)
            && let Some(was_source) = was(source).cloned()
        {
            for target in shown.iter().copied().filter(|i| !changed.contains(i)) {
                self.follow_one(patient, source, &was_source, target);
            }
        }
        self.linked.seen = self.tiles.iter().map(Seen::of).collect();
    }

    fn follow_one(&mut self, patient: &PatientView, source: usize, was: &Seen, target: usize) {
        let (Some(from), Some(to)) = (self.tiles.get(source), self.tiles.get(target)) else {
            return;
        };
        let same = from.series == to.series;
        let ends = placed(patient, from).zip(placed(patient, to));
        let link = ends.and_then(|((a, _), (b, _))| self.linked.between(a, b).ok());
        if link.is_none() && !same {
            return;
        }
        let mut slice = to.slice;
        let mut mark = None;
        if from.slice != was.slice {
            match (ends, link) {
                (Some(((_, a), (_, b))), Some(link)) if !same => {
                    let to = b.linked_slice(slice, a, from.slice, &link);
                    mark = to.mark();
                    if let LinkedSlice::At(k) = to {
                        slice = k;
                    }
                }
                _ => slice = from.slice,
            }
        }
        let mut view = to.view;
        if from.view != was.view {
            let before = seen_view(from, &was.view);
            if let (Some(before), Some(now), Some(target)) =
                (before, seen_view(from, &from.view), seen_view(to, &to.view))
            {
                let which = Synced {
                    zoom: self.linked.zoom,
                    pan: self.linked.pan,
                    rotation: self.linked.zoom,
                };
                let state = ViewLink::new(&before, &target).follow(&now, &target, which);
                view.zoom = state.zoom as f32;
                view.pan = state.pan.map(|p| p as f32);
                view.quarter_turns = (state.rotation_degrees / 90.0).round() as i32;
                view.flip_h = state.flip_h;
                view.flip_v = state.flip_v;
            }
            let one_kind = ends.is_none_or(|((a, _), (b, _))| a.modality == b.modality);
            if self.linked.window && one_kind {
                view.window = from.view.window;
                view.invert = from.view.invert;
            }
        }
        if let Some(tile) = self.tiles.get_mut(target) {
            tile.slice = slice;
            tile.view = view;
            if mark.is_some() {
                tile.link_mark = mark.map(str::to_owned);
            }
        }
    }

    /// What each tile says of its link with the active one.
    fn link_marks(&mut self, patient: &PatientView, shown: &[usize]) {
        let active = self.tiles.get(self.active).and_then(|t| placed(patient, t));
        let marks: Vec<Option<String>> = self
            .tiles
            .iter()
            .enumerate()
            .map(|(i, tile)| {
                let (a, _) = active?;
                let (b, _) = placed(patient, tile)?;
                if !self.linked.on || i == self.active || a.key == b.key || !shown.contains(&i) {
                    return None;
                }
                match self.linked.between(a, b) {
                    Ok(link) => link.mark().map(str::to_owned),
                    Err(why) => Some(
                        w(match why {
                            Unlinked::NoFrame => "link.no_frame",
                            Unlinked::OtherFrame => "link.other_frame",
                            Unlinked::Broken => "link.broken",
                            _ => "link.other_patient",
                        })
                        .to_owned(),
                    ),
                }
            })
            .collect();
        for (tile, mark) in self.tiles.iter_mut().zip(marks) {
            // "Outside range" stays until the next scroll says otherwise.
            let kept = tile.link_mark.as_deref() == LinkedSlice::OutsideRange.mark()
                && mark.is_none()
                && self.linked.on;
            if !kept {
                tile.link_mark = mark;
            }
        }
    }

    /// Alt and click: every linked tile goes to the point that lies there.
    pub fn place_cursor(&mut self, patient: &PatientView, in_tile: usize, at: ImageCorner) {
        let Some(tile) = self.tiles.get(in_tile) else {
            return;
        };
        let Some((series, stack)) = placed(patient, tile) else {
            return;
        };
        let Some(image) = stack.images().get(tile.slice) else {
            return;
        };
        let point = image.to_patient(at);
        let key = series.key.clone();
        for i in (0..self.shown()).filter(|i| *i != in_tile) {
            let Some(found) = self
                .tiles
                .get(i)
                .and_then(|to| self.located(patient, series, point, to))
            else {
                continue;
            };
            if let Some(to) = self.tiles.get_mut(i) {
                to.slice = found.0;
            }
        }
        self.linked.cursor = Some((key, point));
        // The jump is the cursor's, not the scroll's.
        self.linked.seen = self.tiles.iter().map(Seen::of).collect();
    }

    pub fn clear_cursor(&mut self) -> bool {
        self.linked.cursor.take().is_some()
    }

    fn located(
        &self,
        patient: &PatientView,
        from: &SeriesView,
        point: PatientMm,
        to: &Tile,
    ) -> Option<(usize, ImageCorner)> {
        let (series, stack) = placed(patient, to)?;
        let point = if series.key == from.key {
            point
        } else {
            self.linked.between(from, series).ok()?.point(point)
        };
        let found = stack.locate(to.slice, point)?;
        found.inside.then_some((found.image, found.at))
    }

    /// Lines and cursor over the tiles, after their pictures.
    pub fn graphics(&self, ui: &Ui, patient: &PatientView, places: &[(usize, Rect)]) {
        let at = |i: usize| {
            let (_, rect) = places.iter().find(|(k, _)| *k == i)?;
            let tile = self.tiles.get(i)?;
            Some((tile, *rect, tile.transform(ui, *rect)?))
        };
        for (i, _) in places {
            let Some((tile, rect, transform)) = at(*i) else {
                continue;
            };
            let screen = Screen {
                ui,
                rect,
                transform,
            };
            if self.linked.lines {
                for (k, _) in places.iter().filter(|(k, _)| k != i) {
                    // On the active tile the slices of the others, on the others that of the active one.
                    let own = *k == self.active;
                    if (own || *i == self.active)
                        && let Some(source) = self.tiles.get(*k)
                    {
                        self.lines(&screen, patient, source, tile, own);
                    }
                }
            }
            if let Some((key, point)) = &self.linked.cursor
                && let Some((_, from)) = find_series(patient, key)
                && let Some((image, corner)) = self.located(patient, from, *point, tile)
                && image == tile.slice
            {
                screen.cursor(corner);
            }
        }
    }

    fn lines(
        &self,
        screen: &Screen<'_>,
        patient: &PatientView,
        source: &Tile,
        on: &Tile,
        all: bool,
    ) {
        let (Some((from, a)), Some((to, b))) = (placed(patient, source), placed(patient, on))
        else {
            return;
        };
        let (Ok(link), Some(target)) = (self.linked.between(from, to), b.images().get(on.slice))
        else {
            return;
        };
        if from.key == to.key {
            return;
        }
        let line = |image: Option<&PlacedImage>| {
            let there = link.image(image?)?;
            Some((CrossLine::new(target, &there.plane)?, there))
        };
        if all {
            for end in [a.images().first(), a.images().last()] {
                if let Some((line, _)) = line(end) {
                    screen.line(&line, 0.5, "", Pattern::Solid);
                }
            }
        }
        if let Some((found, image)) = line(a.images().get(source.slice)) {
            let (pattern, letter) = pattern_of(&image);
            screen.line(&found, 1.0, letter, pattern);
        }
    }
}

fn seen_view(tile: &Tile, view: &View) -> Option<SeenView> {
    let display = tile.display()?;
    Some(SeenView {
        state: view.state(),
        fit: tile.fit?,
        mm_per_pixel: display
            .spacing
            .pixel_size(&display.modality)
            .mm
            .map(|[_, column]| column),
        pitch_mm: None,
    })
}

/// How the line of a plane is drawn: planes differ by pattern and letter, never by colour alone.
#[derive(Clone, Copy)]
enum Pattern {
    Solid,
    Dashed,
    Dotted,
}

fn pattern_of(image: &PlacedImage) -> (Pattern, &'static str) {
    let n = image.plane.normal().abs();
    if n.z >= n.x && n.z >= n.y {
        (Pattern::Dotted, w("plane.axial"))
    } else if n.y >= n.x {
        (Pattern::Solid, w("plane.coronal"))
    } else {
        (Pattern::Dashed, w("plane.sagittal"))
    }
}

/// One tile to draw on.
struct Screen<'a> {
    ui: &'a Ui,
    rect: Rect,
    transform: ViewTransform,
}

impl Screen<'_> {
    fn at(&self, corner: ImageCorner) -> Pos2 {
        let ppp = self.ui.pixels_per_point();
        let px = self.transform.to_screen(corner).0;
        let origin = pos2(
            (self.rect.left() * ppp).round(),
            (self.rect.top() * ppp).round(),
        );
        pos2(origin.x + px.x as f32, origin.y + px.y as f32) / ppp
    }

    fn line(&self, line: &CrossLine, width: f32, letter: &str, pattern: Pattern) {
        let p = self.ui.painter().with_clip_rect(self.rect);
        let ends = line.ends.map(|e| self.at(e));
        p.line_segment(ends, Stroke::new(width + 2.0, t::shade(0.75)));
        let stroke = Stroke::new(width, t::MARK);
        match pattern {
            Pattern::Solid => {
                p.line_segment(ends, stroke);
            }
            Pattern::Dashed => {
                p.extend(Shape::dashed_line(&ends, stroke, 7.0, 4.0));
            }
            Pattern::Dotted => {
                p.extend(Shape::dashed_line(&ends, stroke, 1.0, 3.0));
            }
        }
        if !letter.is_empty() {
            let [a, b] = ends;
            let inward = (b - a).normalized() * 14.0;
            let beside = (b - a).normalized().rot90() * 10.0;
            for end in [a + inward, b - inward] {
                text::on_image(&p, end + beside, egui::Align::Center, letter, f::small());
            }
        }
    }

    /// A cross with a gap of 26 points, so that what it names stays in sight.
    fn cursor(&self, at: ImageCorner) {
        let p = self.ui.painter().with_clip_rect(self.rect);
        let c = self.at(at);
        for (stroke, grow) in [
            (Stroke::new(3.0, t::shade(0.75)), 1.0),
            (Stroke::new(1.0, t::MARK), 0.0),
        ] {
            for (dx, dy) in [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)] {
                let d = egui::vec2(dx, dy);
                p.line_segment([c + d * (13.0 - grow), c + d * (40.0 + grow)], stroke);
            }
        }
    }
}
