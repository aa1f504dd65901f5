//! What a tile shows of the board: drawings, the one in the making, and the lines beside them.

use egui::{Pos2, Rect, Ui};
use glam::DVec2;
use triptych_workbench::annotate::{Annotation, Shape};
use triptych_workbench::measure::distribution;
use triptych_workbench::view::{ForeignDrawing, PatientView};

use super::{Board, label_key, label_set};
use crate::images::draw::draft::annotation;
use crate::images::draw::entry;
use crate::images::draw::ground::Ground;
use crate::images::draw::label::{self, Labels};
use crate::images::draw::paint::{self, Manner};
use crate::images::draw::project::of_other_sets;
use crate::images::draw::touch;
use crate::look::{text, typeface as f};
use crate::words::{w, wf};

/// Bars of a histogram.
const BINS: usize = 32;

impl Board {
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
        entry::show(self, ui, ground, patient, now);
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
