//! State of drawing over the tiles of one leaf, and what the pointer does to it.

use std::collections::BTreeMap;

use egui::{CursorIcon, Pos2, Rect, Ui};
use glam::DVec2;
use triptych_workbench::annotate::{Anchor, Annotation, Quantity, Shape};
use triptych_workbench::measure::{Distribution, Reading, distribution};
use triptych_workbench::view::{ForeignDrawing, PatientView, StudyView};
use triptych_workbench::{Command, DrawingEdit, new_uid};

use super::draft::{Draft, Progress, annotation};
use super::entry::{Entry, Wanted};
use super::form;
use super::ground::Ground;
use super::label::{self, Labels};
use super::nodule::Growing;
use super::paint::{self, Manner};
use super::project::of_other_sets;
use super::touch::{self, Part};
use crate::look::{text, typeface as f};
use crate::words::{w, wf};

/// Bars of a histogram.
const BINS: usize = 32;

/// What was sent and not yet shown by the workbench is drawn all the same, for at most this long (s).
const PATIENCE: f64 = 3.0;

/// Drawings in the making, chosen, moved, and on their way to the workbench.
#[derive(Debug, Default)]
pub(crate) struct Board {
    selected: Option<String>,
    hovered: Option<String>,
    draft: Option<Draft>,
    moving: Option<Moving>,
    pub(super) entry: Option<Entry>,
    pending: BTreeMap<String, Pending>,
    /// Taken away as soon as its tile is drawn, where what it scales is stated anew.
    doomed: Option<String>,
    /// Where labels were painted last, by tile slot and drawing.
    labels: BTreeMap<String, Rect>,
    /// Readings by drawing, with what they were made from.
    readings: BTreeMap<String, (String, Reading)>,
    /// How the values in the chosen region are spread, and what that was made from.
    pub(super) spread: Option<(String, Distribution)>,
    /// The table of findings is open, and shows it.
    pub wants_spread: bool,
    /// A nodule that was clicked and is not there yet.
    pub(super) growing: Option<Growing>,
    pub commands: Vec<Command>,
}

/// A drawing under way to another place.
#[derive(Debug)]
struct Moving {
    before: Annotation,
    now: Annotation,
    part: Part,
    from: DVec2,
    anchor: Anchor,
    /// The tile in which it is moved: another one may show the same frame.
    tile: Pos2,
    /// Of the label, centre in corner coordinates.
    label: Option<DVec2>,
}

/// Sent and not yet in a snapshot.
#[derive(Debug)]
struct Pending {
    /// `None`: taken away.
    now: Option<Annotation>,
    /// `edited` as it was when that was sent; `None`: it was not there.
    before: Option<String>,
    since: f64,
}

impl Board {
    /// The drawings as they are to be shown: the snapshot's, with what is on its way.
    pub fn drawings<'a>(&'a self, patient: &'a PatientView) -> Vec<&'a Annotation> {
        let stored = patient.drawings.annotations.iter();
        let mut all: Vec<&Annotation> = stored
            .filter(|a| !self.pending.contains_key(&a.uid))
            .collect();
        all.extend(self.pending.values().filter_map(|p| p.now.as_ref()));
        all
    }

    /// The chosen drawing.
    pub fn selected<'a>(&self, patient: &'a PatientView) -> Option<&'a Annotation> {
        patient.drawings.get(self.selected.as_deref()?)
    }

    pub fn select(&mut self, uid: Option<String>) {
        self.selected = uid;
    }

    /// Something is chosen, drawn or typed: Esc is for it.
    pub const fn has_choice(&self) -> bool {
        self.selected.is_some() || self.is_busy()
    }

    const fn is_busy(&self) -> bool {
        self.draft.is_some() || self.moving.is_some() || self.entry.is_some()
    }

    /// Ends what is under way without a trace, else takes the choice away; false when there was nothing.
    pub fn cancel(&mut self) -> bool {
        let busy = self.is_busy();
        self.draft = None;
        self.moving = None;
        self.entry = None;
        busy || self.selected.take().is_some()
    }

    /// Takes the chosen drawing away (Delete). False when none is chosen.
    pub fn delete(&mut self, patient: &PatientView) -> bool {
        let chosen = self.selected(patient).filter(|a| !a.locked);
        let Some(uid) = chosen.map(|a| a.uid.clone()) else {
            return false;
        };
        self.selected = None;
        self.doomed = Some(uid);
        true
    }

    /// Makes the chosen drawing final: it can be changed no more.
    pub fn lock(&mut self, patient: &PatientView) -> bool {
        let Some(drawing) = self.selected(patient).cloned() else {
            return false;
        };
        self.change_all(drawing, patient, 0.0, |drawing| drawing.locked = true);
        true
    }

    /// Begins to rename the chosen drawing.
    pub fn rename(&mut self, patient: &PatientView) -> bool {
        let Some(drawing) = self.selected(patient).filter(|a| !a.locked).cloned() else {
            return false;
        };
        self.entry = Some(Entry::new(Wanted::Label, drawing, None));
        true
    }

    /// Undo or redo: what the workbench answers counts.
    pub fn step(&mut self, forth: bool) {
        self.pending.clear();
        self.commands
            .push(if forth { Command::Redo } else { Command::Undo });
    }

    /// The pointer over one tile: `tool` is what a press draws. True when it was used here.
    pub fn take(
        &mut self,
        ui: &Ui,
        response: &egui::Response,
        ground: &Ground<'_>,
        patient: &PatientView,
        tool: Option<Shape>,
    ) -> bool {
        let (at, pressed, released, down, now, enter) = ui.input(|i| {
            (
                i.pointer.latest_pos(),
                i.pointer.primary_pressed(),
                i.pointer.primary_released(),
                i.pointer.primary_down(),
                i.time,
                i.key_pressed(egui::Key::Enter),
            )
        });
        let Some(at) = at else { return false };
        if let Some(moving) = &self.moving {
            if moving.anchor != ground.anchor || moving.tile != ground.rect.min {
                return false;
            }
            self.move_to(ground, at);
            if released || !down {
                self.drop_it(ground, patient, now);
            }
            return true;
        }
        let elsewhere = self.draft.as_ref().is_some_and(|d| !d.is_on(ground));
        if elsewhere && pressed && response.contains_pointer() {
            // Begun on another frame or tile, and left.
            self.draft = None;
        } else if elsewhere {
            return false;
        }
        if let Some(draft) = &mut self.draft {
            let open_ended = draft.is_open_ended();
            draft.move_to(ground, at);
            if draft.is_seeking() {
                ui.ctx().request_repaint();
            }
            let over = response.contains_pointer();
            let mut done = false;
            if pressed && over {
                done = draft.press(ground, at) == Progress::Done;
            }
            if released && !done {
                done = draft.release(at) == Progress::Done;
            }
            // A double click soon after another click counts as a triple one.
            let twice = response.double_clicked() || response.triple_clicked();
            if open_ended && (twice || enter) {
                done = true;
            }
            if done {
                self.finish(ground, patient, now);
            }
            if over {
                ui.ctx().set_cursor_icon(CursorIcon::Crosshair);
            }
            return down || pressed || released;
        }
        if !response.contains_pointer() {
            return false;
        }
        let writable = patient.at_is_now;
        let hit = self.hit(ground, patient, at, tool.is_some());
        self.hovered = hit.as_ref().map(|(uid, _)| uid.clone());
        if hit.is_some() {
            ui.ctx().set_cursor_icon(CursorIcon::Grab);
        } else if tool.is_some() && writable {
            ui.ctx().set_cursor_icon(CursorIcon::Crosshair);
        }
        if !(pressed && response.is_pointer_button_down_on() || response.clicked()) {
            return false;
        }
        if let Some((uid, part)) = hit {
            self.selected = Some(uid.clone());
            let found = self.drawings(patient).into_iter().find(|a| a.uid == uid);
            if let Some(found) = found.cloned()
                && down
            {
                let fixed = found.locked || found.shape == Shape::Nodule;
                let movable = writable && (!fixed || part == Part::Label);
                self.moving = movable.then(|| Moving {
                    now: found.clone(),
                    before: found,
                    part,
                    from: ground.to_image(at),
                    anchor: ground.anchor.clone(),
                    tile: ground.rect.min,
                    label: None,
                });
            }
            return true;
        }
        if let Some(shape) = tool.filter(|_| writable) {
            let mut draft = Draft::new(shape, ground, at);
            let done = released && draft.release(at) == Progress::Done;
            self.draft = Some(draft);
            self.selected = None;
            if done {
                self.finish(ground, patient, now);
            }
            return true;
        }
        self.selected = None;
        false
    }

    /// What is under the pointer. With a drawing tool in hand only handles, and the lines of what is chosen: the rest can be drawn over.
    fn hit(
        &self,
        ground: &Ground<'_>,
        patient: &PatientView,
        at: Pos2,
        drawing: bool,
    ) -> Option<(String, Part)> {
        let mut hits: Vec<(String, Part)> = self
            .drawings(patient)
            .into_iter()
            .filter(|a| ground.holds(a))
            .filter_map(|a| {
                let label = self.labels.get(&label_key(ground, &a.uid)).copied();
                let part = touch::part(ground, a, label, at)?;
                let chosen = self.selected.as_ref() == Some(&a.uid);
                let takes = !drawing || chosen || matches!(part, Part::Handle(_));
                takes.then(|| (a.uid.clone(), part))
            })
            .collect();
        // The chosen one first, then the smallest part.
        hits.sort_by_key(|(uid, part)| {
            (
                self.selected.as_ref() != Some(uid),
                !matches!(part, Part::Handle(_)),
                *part == Part::Label,
            )
        });
        hits.into_iter().next()
    }

    fn move_to(&mut self, ground: &Ground<'_>, at: Pos2) {
        let Some(moving) = &mut self.moving else {
            return;
        };
        let to = ground.to_image(at);
        let points = touch::points(&moving.before);
        let points = match moving.part {
            Part::Handle(k) => {
                let shape = moving.before.shape;
                form::pull(shape, &points, k, to, ground.aspect())
            }
            Part::Whole => form::shifted(&points, to - moving.from),
            Part::Label => {
                moving.label = Some(to);
                return;
            }
        };
        moving.now.points = points.iter().map(DVec2::to_array).collect();
    }

    /// The button is up: what was moved stays there.
    fn drop_it(&mut self, ground: &Ground<'_>, patient: &PatientView, now: f64) {
        let Some(mut moving) = self.moving.take() else {
            return;
        };
        if let Some(at) = moving.label {
            self.commands.push(Command::SaveView {
                study: ground.anchor.study.clone(),
                set: label_set(&moving.before.uid),
                state: format!("[{},{}]", at.x, at.y),
            });
            return;
        }
        if moving.now.points == moving.before.points {
            return;
        }
        moving.now.values = ground.read(&moving.now).values;
        if moving.now.shape == Shape::Calibration {
            self.calibrate(moving.now, ground, patient, now);
        } else {
            self.change(moving.now, patient, now);
        }
    }

    /// A draft is done: it is drawn, or waits for its words.
    fn finish(&mut self, ground: &Ground<'_>, patient: &PatientView, now: f64) {
        let Some(mut draft) = self.draft.take() else {
            return;
        };
        if draft.shape == Shape::Nodule {
            self.grow(ground, draft.first(), now);
            return;
        }
        let Some(points) = draft.finish(ground) else {
            return;
        };
        let mut drawing = annotation(draft.shape, &points, &draft.anchor);
        drawing.values = ground.read(&drawing).values;
        let wanted = match draft.shape {
            Shape::Text | Shape::Arrow => Wanted::Text,
            Shape::Calibration => Wanted::Millimetres,
            _ => {
                self.add(drawing, patient, now);
                return;
            }
        };
        self.entry = Some(Entry::new(wanted, drawing, Some(ground.rect.min)));
    }

    /// A new drawing goes to the workbench.
    fn add(&mut self, mut drawing: Annotation, patient: &PatientView, now: f64) {
        if let Ok(uid) = new_uid() {
            drawing.uid = uid;
            self.selected = Some(drawing.uid.clone());
            self.wait_for(Some(drawing.clone()), &drawing.uid, patient, now);
        }
        let edits = vec![DrawingEdit::Draw(Box::new(drawing))];
        self.commands.push(Command::Annotate(edits));
    }

    /// A changed drawing goes to the workbench.
    fn change(&mut self, drawing: Annotation, patient: &PatientView, now: f64) {
        self.wait_for(Some(drawing.clone()), &drawing.uid, patient, now);
        let edits = vec![DrawingEdit::Change(Box::new(drawing))];
        self.commands.push(Command::Annotate(edits));
    }

    /// As [`Self::change`], of a nodule all its borders in one step.
    fn change_all(
        &mut self,
        drawing: Annotation,
        patient: &PatientView,
        now: f64,
        change: impl Fn(&mut Annotation),
    ) {
        let all = self.with_its_borders(patient, drawing.uid);
        let mut edits = Vec::new();
        for uid in all {
            let found = self.drawings(patient).into_iter().find(|a| a.uid == uid);
            let Some(mut next) = found.cloned() else {
                continue;
            };
            change(&mut next);
            self.wait_for(Some(next.clone()), &uid, patient, now);
            edits.push(DrawingEdit::Change(Box::new(next)));
        }
        if !edits.is_empty() {
            self.commands.push(Command::Annotate(edits));
        }
    }

    fn wait_for(
        &mut self,
        drawing: Option<Annotation>,
        uid: &str,
        patient: &PatientView,
        now: f64,
    ) {
        let before = patient.drawings.get(uid).map(|a| a.edited.clone());
        let waiting = Pending {
            now: drawing,
            before,
            since: now,
        };
        self.pending.insert(uid.to_owned(), waiting);
    }

    /// What was typed is done with.
    pub(super) fn typed(&mut self, ground: &Ground<'_>, patient: &PatientView, now: f64) {
        let Some(Entry {
            wanted,
            mut drawing,
            words,
            ..
        }) = self.entry.take()
        else {
            return;
        };
        let words = words.trim().to_owned();
        match wanted {
            Wanted::Text if words.is_empty() && drawing.shape == Shape::Text => {}
            Wanted::Text => {
                drawing.text = words;
                self.add(drawing, patient, now);
            }
            Wanted::Label => {
                self.change_all(drawing, patient, now, |drawing| {
                    drawing.label.clone_from(&words);
                });
            }
            Wanted::Millimetres => {
                drawing.known_mm = words.replace(',', ".").parse().ok();
                self.calibrate(drawing, ground, patient, now);
            }
        }
    }

    /// A line of known length was drawn or moved: all on this image is stated anew, in the same step (T40u).
    fn calibrate(
        &mut self,
        mut drawing: Annotation,
        ground: &Ground<'_>,
        patient: &PatientView,
        now: f64,
    ) {
        if !drawing.known_mm.is_some_and(|mm| mm > 0.0) {
            return;
        }
        let is_new = drawing.uid.is_empty();
        if is_new && let Ok(uid) = new_uid() {
            drawing.uid = uid;
        }
        drawing.edited = "~".to_owned();
        let others: Vec<Annotation> = self
            .drawings(patient)
            .into_iter()
            .filter(|a| a.uid != drawing.uid)
            .cloned()
            .collect();
        let own = ground.recalibrated(others.iter().chain([&drawing]));
        drawing.values = own.read(&drawing).values;
        self.wait_for(Some(drawing.clone()), &drawing.uid, patient, now);
        self.selected = Some(drawing.uid.clone());
        let mut edits = vec![if is_new {
            DrawingEdit::Draw(Box::new(drawing))
        } else {
            DrawingEdit::Change(Box::new(drawing))
        }];
        edits.extend(self.restated(&own, &others, patient, now));
        self.commands.push(Command::Annotate(edits));
    }

    /// The drawings of this image whose values are others now. What needs pixels of another frame keeps its value.
    fn restated(
        &mut self,
        ground: &Ground<'_>,
        drawings: &[Annotation],
        patient: &PatientView,
        now: f64,
    ) -> Vec<DrawingEdit> {
        let mut edits = Vec::new();
        for drawing in drawings.iter().filter(|a| !a.locked) {
            let here = drawing.anchor.image.as_ref().map(|i| &i.instance)
                == ground.anchor.image.as_ref().map(|i| &i.instance);
            if !here || drawing.shape == Shape::Calibration {
                continue;
            }
            let mut next = drawing.clone();
            if ground.holds(drawing) {
                next.values = ground.read(drawing).values;
            } else {
                let mut picture = ground.picture;
                picture.frame = None;
                next.values = triptych_workbench::measure::state(drawing, &picture).values;
                let of_pixels = drawing.values.iter().filter(|v| is_of_pixels(v.quantity));
                next.values.extend(of_pixels.cloned());
            }
            if next.values != drawing.values {
                self.wait_for(Some(next.clone()), &next.uid, patient, now);
                edits.push(DrawingEdit::Change(Box::new(next)));
            }
        }
        edits
    }

    /// After all tiles: what is to be taken away is, also when its tile is not on screen.
    pub fn after(&mut self, patient: &PatientView, now: f64) {
        if let Some(uid) = self.doomed.take() {
            let all = self.with_its_borders(patient, uid);
            for uid in &all {
                self.wait_for(None, uid, patient, now);
            }
            let edits = all.into_iter().map(DrawingEdit::Delete).collect();
            self.commands.push(Command::Annotate(edits));
        }
        self.grown(patient, now);
        if self.selected.is_none() || !self.wants_spread {
            self.spread = None;
        }
        let stored = &patient.drawings;
        self.pending.retain(|uid, waiting| {
            let there = stored.get(uid).map(|a| &a.edited);
            there == waiting.before.as_ref() && now - waiting.since < PATIENCE
        });
    }

    /// A calibration line that is taken away gives the image its own millimetres back, in the same step.
    fn revoke(&mut self, ground: &Ground<'_>, patient: &PatientView, now: f64) {
        let doomed = self.doomed.as_deref().and_then(|u| patient.drawings.get(u));
        let Some(uid) = doomed
            .filter(|a| a.shape == Shape::Calibration && ground.holds(a))
            .map(|a| a.uid.clone())
        else {
            return;
        };
        self.doomed = None;
        self.wait_for(None, &uid, patient, now);
        let others: Vec<Annotation> = self.drawings(patient).into_iter().cloned().collect();
        let own = ground.recalibrated(others.iter());
        let mut edits = vec![DrawingEdit::Delete(uid)];
        edits.extend(self.restated(&own, &others, patient, now));
        self.commands.push(Command::Annotate(edits));
    }

    /// Paints everything that lies on `ground`. `shown` is off when graphics are hidden.
    pub fn paint(&mut self, ui: &Ui, ground: &Ground<'_>, patient: &PatientView, shown: bool) {
        let painter = ui.painter().with_clip_rect(ground.rect);
        let now = ui.input(|i| i.time);
        self.revoke(ground, patient, now);
        let mut all: Vec<Annotation> = self.drawings(patient).into_iter().cloned().collect();
        // Read only: painted, and never under the pointer.
        all.extend(patient.drawings.of_others().map(|d| d.annotation.clone()));
        let ours: Vec<&Annotation> = all.iter().filter(|a| ground.holds(a)).collect();
        let others = of_other_sets(ground, all.iter());
        if !shown {
            if !(ours.is_empty() && others.is_empty()) {
                let at = ground.rect.center_top() + egui::vec2(0.0, 30.0);
                let words = w("draw.hidden");
                text::on_image(&painter, at, egui::Align::Center, words, f::small_strong());
                text::spoken(ui, ("graphics", label_key(ground, "")), ground.rect, words);
            }
            return;
        }
        let mut labels = Labels::new(ground.rect);
        for other in &others {
            let (shape, points) = (other.drawing.shape, &other.points);
            paint::drawing(&painter, ground, shape, points, Manner::Projected);
            let lines = [wf("draw.projected", &[("label", &other.drawing.label)])];
            let rect = self.words(ui, ground, &mut labels, shape, points, &lines, None);
            if let Some(rect) = rect {
                let id = ("outline", label_key(ground, &other.drawing.uid));
                text::spoken(ui, id, rect, &lines.join(" "));
            }
        }
        for drawing in ours {
            let moving = self.moving.as_ref().filter(|m| m.now.uid == drawing.uid);
            let now = moving.map_or(drawing, |m| &m.now);
            let chosen = self.selected.as_ref() == Some(&drawing.uid);
            let active = chosen || self.hovered.as_ref() == Some(&drawing.uid);
            let manner = if active {
                Manner::Active
            } else {
                Manner::Plain
            };
            let points = touch::points(now);
            paint::drawing(&painter, ground, now.shape, &points, manner);
            let wanted = moving.and_then(|m| m.label);
            let now = now.clone();
            let lines = self.lines(ground, &now, patient, chosen);
            if chosen && self.wants_spread {
                self.spread_of(ground, &now);
            }
            let wanted = wanted.or_else(|| moved_label(patient, &now.uid));
            let rect = self.words(ui, ground, &mut labels, now.shape, &points, &lines, wanted);
            if let Some(rect) = rect {
                self.labels.insert(label_key(ground, &now.uid), rect);
                let id = ("drawing", label_key(ground, &now.uid));
                text::spoken(ui, id, rect, &lines.join(" · "));
            }
        }
        if let Some(draft) = self.draft.as_ref().filter(|d| d.anchor == ground.anchor) {
            let points = draft.points(ground.aspect());
            let drawing = annotation(draft.shape, &points, &draft.anchor);
            paint::drawing(&painter, ground, draft.painted(), &points, Manner::Active);
            let reading = ground.read(&drawing);
            let mut lines = reading.lines;
            lines.extend(reading.marks);
            self.words(
                ui,
                ground,
                &mut labels,
                drawing.shape,
                &points,
                &lines,
                None,
            );
        }
        self.say_growing(ui, ground);
        super::entry::show(self, ui, ground, patient, now);
    }

    #[allow(clippy::too_many_arguments, reason = "one label")]
    fn words(
        &self,
        ui: &Ui,
        ground: &Ground<'_>,
        labels: &mut Labels,
        shape: Shape,
        points: &[DVec2],
        lines: &[String],
        wanted: Option<DVec2>,
    ) -> Option<Rect> {
        if lines.is_empty() {
            return None;
        }
        let painter = ui.painter().with_clip_rect(ground.rect);
        let strokes = paint::lines(ground, shape, points);
        let mut on_screen: Vec<Pos2> = strokes.into_iter().flat_map(|(p, _)| p).collect();
        on_screen.extend(points.iter().map(|p| ground.to_screen(*p)));
        let bounds = Rect::from_points(&on_screen);
        if !bounds.intersects(ground.rect) {
            return None;
        }
        let wanted = wanted.map(|at| ground.to_screen(at));
        let rect = labels.place(&painter, lines, bounds, wanted);
        label::paint(&painter, rect, lines, &on_screen, false);
        Some(rect)
    }

    /// Keeps how the values in a region are spread, reckoned once for each place of it.
    fn spread_of(&mut self, ground: &Ground<'_>, drawing: &Annotation) {
        let made_from = format!("{} {} {:?}", drawing.uid, ground.picture_id, drawing.points);
        if self
            .spread
            .as_ref()
            .is_some_and(|(known, _)| *known == made_from)
        {
            return;
        }
        let of_pixels = drawing.shape != Shape::Nodule;
        let found = of_pixels
            .then(|| distribution(drawing, &ground.picture, BINS))
            .flatten();
        self.spread = found.map(|found| (made_from, found));
    }

    /// The lines beside a drawing: name and value, what else is known, what is to be known of it.
    fn lines(
        &mut self,
        ground: &Ground<'_>,
        drawing: &Annotation,
        patient: &PatientView,
        chosen: bool,
    ) -> Vec<String> {
        let mut others = patient.drawings.of_others();
        if let Some(theirs) = others.find(|d| d.annotation.uid == drawing.uid) {
            return of_report(theirs);
        }
        let key = format!(
            "{} {:?} {:?} {}",
            ground.picture_id, ground.picture.pixel_size, drawing.points, drawing.edited
        );
        let reading = match self.readings.get(&drawing.uid) {
            Some((made_from, reading)) if *made_from == key => reading.clone(),
            _ => {
                let reading = ground.read(self.stating(patient, drawing));
                let kept = (key, reading.clone());
                self.readings.insert(drawing.uid.clone(), kept);
                reading
            }
        };
        // One unit for both axes.
        let once = |line: String| {
            line.replacen(" mm × ", " × ", 1)
                .replacen(" px × ", " × ", 1)
        };
        let mut lines: Vec<String> = reading.lines.into_iter().map(once).collect();
        if lines.is_empty() {
            lines.extend(reading.reasons);
        } else if chosen {
            lines.extend(reading.details);
            lines.extend(reading.reasons);
        }
        let name = if drawing.label.is_empty() {
            &drawing.text
        } else {
            &drawing.label
        };
        if !name.is_empty() {
            match lines.first_mut() {
                Some(first) if drawing.shape != Shape::Text => *first = format!("{name} {first}"),
                _ => lines.insert(0, name.clone()),
            }
        }
        if drawing.shape == Shape::Calibration
            && let Some(mm) = drawing.known_mm
        {
            lines = vec![wf("draw.known", &[("mm", &mm)])];
        }
        lines.extend(reading.marks);
        if drawing.locked {
            lines.push(w("draw.final").to_owned());
        }
        if patient.drawings.image_changed.contains(&drawing.uid) {
            lines.push(w("draw.image_changed").to_owned());
        }
        lines
    }
}

/// What a report says of its own drawing, as it says it: nothing of it is worked out here.
fn of_report(theirs: &ForeignDrawing) -> Vec<String> {
    let drawing = &theirs.annotation;
    let mut lines: Vec<String> = [&drawing.label, &drawing.text]
        .into_iter()
        .filter(|words| !words.is_empty())
        .cloned()
        .collect();
    lines.extend(theirs.said.iter().cloned());
    lines.push(if theirs.source.is_empty() {
        w("paper.foreign_unnamed").to_owned()
    } else {
        wf("paper.foreign", &[("who", &theirs.source)])
    });
    lines
}

/// Where a reader moved the label of a drawing to.
fn moved_label(patient: &PatientView, uid: &str) -> Option<DVec2> {
    let state = patient.drawings.views.get(&label_set(uid))?;
    let [x, y]: [f64; 2] = serde_json::from_str(state).ok()?;
    Some(DVec2::new(x, y)).filter(|at| at.is_finite())
}

fn label_set(uid: &str) -> String {
    format!("label/{uid}")
}

fn label_key(ground: &Ground<'_>, uid: &str) -> String {
    format!("{:?} {uid}", ground.rect.min)
}

const fn is_of_pixels(quantity: Quantity) -> bool {
    matches!(
        quantity,
        Quantity::Mean
            | Quantity::StandardDeviation
            | Quantity::Minimum
            | Quantity::Maximum
            | Quantity::Median
            | Quantity::Sum
            | Quantity::Count
            | Quantity::Value
            | Quantity::Peak
    )
}

/// The study of a drawing.
pub(super) fn study_of<'a>(
    patient: &'a PatientView,
    drawing: &Annotation,
) -> Option<&'a StudyView> {
    patient
        .studies
        .iter()
        .find(|s| s.uid == drawing.anchor.study)
}
