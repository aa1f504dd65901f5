//! What a tile shows of its images, as a presentation state keeps it; and which files the tiles show.

use egui::Vec2;
use triptych_render::display::PresentationLutShape;
use triptych_render::{Colour, ViewTransform, ViewportPx};
use triptych_workbench::view::{PatientView, Slice};
use triptych_workbench::{SeenFrame, SopInstanceUid};

use super::headers::Named;
use super::tile::{Content, Tile};
use super::{Images, find_series, paper};
use crate::desk::Desk;

/// Files of other sets that a header can be laid beside.
const OTHERS: usize = 200;

impl Images {
    /// The file that the active tile shows.
    pub(super) fn file_of_active(&self, desk: Desk, patient: &PatientView) -> Option<Named> {
        let tiles = self.tiles(desk);
        tiles.tiles.get(tiles.active)?.file(patient)
    }

    /// Files that a header can be laid beside: those on screen, the neighbours in the active set, the first of every other set, documents.
    pub(super) fn files(&self, desk: Desk, patient: &PatientView) -> Vec<Named> {
        let tiles = self.tiles(desk);
        let mut all: Vec<Named> = Vec::new();
        let mut add = |file: Option<Named>| {
            if let Some(file) = file
                && !all.iter().any(|f| f.0 == file.0)
                && all.len() < OTHERS
            {
                all.push(file);
            }
        };
        for tile in tiles.tiles.iter().take(tiles.shown()) {
            add(tile.file(patient));
        }
        let active = tiles.tiles.get(tiles.active);
        if let Some(tile) = active
            && let Some((_, series)) = tile.series.as_ref().and_then(|k| find_series(patient, k))
        {
            for k in [tile.slice.checked_sub(1), Some(tile.slice + 1)] {
                let slice = k.and_then(|k| Some((k, series.stack.slices.get(k)?)));
                add(slice.and_then(|(_, s)| named(patient, &s.instance)));
            }
        }
        for study in &patient.studies {
            for series in &study.series {
                let first = series.stack.slices.first();
                add(first.and_then(|s| named(patient, &s.instance)));
            }
            for object in &study.objects {
                add(Some((object.instance.clone(), paper::name(object))));
            }
        }
        all
    }

    /// The frame of the active tile as it is seen; `None` where a tile shows no stack of greys.
    pub(super) fn seen_by_active(&self, desk: Desk, patient: &PatientView) -> Option<SeenFrame> {
        let tiles = self.tiles(desk);
        let tile = tiles.tiles.get(tiles.active)?;
        let (_, series) = find_series(patient, tile.series.as_ref()?)?;
        tile.seen(series.stack.slices.get(tile.slice)?)
    }

    /// How the tiles show the images that a reader drew on: each by the first tile that shows its set.
    pub(super) fn seen_of_drawn(&self, desk: Desk, patient: &PatientView) -> Vec<SeenFrame> {
        let tiles = self.tiles(desk);
        let shown = || tiles.tiles.iter().take(tiles.shown());
        let mut all: Vec<SeenFrame> = Vec::new();
        let images = patient.drawings.annotations.iter();
        for image in images.filter_map(|a| a.anchor.image.as_ref()) {
            let known = |s: &SeenFrame| s.instance == image.instance && s.frame == image.frame;
            if all.iter().any(known) {
                continue;
            }
            all.extend(shown().find_map(|tile| {
                let (_, series) = find_series(patient, tile.series.as_ref()?)?;
                let mut slices = series.stack.slices.iter();
                let slice =
                    slices.find(|s| s.instance == image.instance && s.frame == image.frame)?;
                tile.seen(slice)
            }));
        }
        all
    }
}

impl Tile {
    /// The file of the image or document on screen.
    fn file(&self, patient: &PatientView) -> Option<Named> {
        if let Some(paper) = &self.paper {
            let (_, object) = paper::find_object(patient, &paper.instance)?;
            return Some((object.instance.clone(), paper::name(object)));
        }
        let (_, series) = find_series(patient, self.series.as_ref()?)?;
        named(patient, &series.stack.slices.get(self.slice)?.instance)
    }

    /// A frame of its set as this tile shows it.
    fn seen(&self, slice: &Slice) -> Option<SeenFrame> {
        let picture = self.picture()?;
        let drawn = self.content == Content::Stack;
        let size = self.size.filter(|_| drawn)?;
        let shape = picture.frame.shape;
        let grey = matches!(shape.colour, Colour::Monochrome1 | Colour::Monochrome2);
        let transform = picture.transform(&self.view, size);
        // A state that is applied decides polarity by itself.
        let stated = self.stated.as_ref().and_then(|s| s.picture());
        let turned = stated.is_some_and(|stated| {
            let shape_of = &stated.display.presentation_lut_shape;
            let inverse = *shape_of == Some(PresentationLutShape::Inverse);
            inverse != (shape.colour == Colour::Monochrome1)
        });
        Some(SeenFrame {
            instance: slice.instance.clone(),
            frame: slice.frame,
            view: self.view.state(),
            inverted: self.view.invert != turned,
            window: self.window().filter(|_| grey),
            area: area(&transform, size, [shape.columns, shape.rows]),
        })
    }
}

/// Left, top, right, bottom pixel that is seen, from 1; `None` for the whole image.
#[allow(clippy::cast_possible_truncation, reason = "kept inside the image")]
fn area(transform: &ViewTransform, tile: [u32; 2], image: [u32; 2]) -> Option<[i32; 4]> {
    let [wide, high] = tile.map(|n| n as f32);
    let corners = [(0.0, 0.0), (wide, 0.0), (0.0, high), (wide, high)];
    let corners = corners.map(|(x, y)| {
        let at = Vec2::new(x, y);
        let at = ViewportPx(glam::DVec2::new(f64::from(at.x), f64::from(at.y)));
        transform.to_image(at).0
    });
    let low = corners.iter().fold(corners[0], |a, b| a.min(*b));
    let far = corners.iter().fold(corners[0], |a, b| a.max(*b));
    let [columns, rows] = image.map(f64::from);
    let first = |v: f64, most: f64| v.round().clamp(0.0, most - 1.0) as i32 + 1;
    let last = |v: f64, most: f64| v.round().clamp(1.0, most) as i32;
    let area = [
        first(low.x, columns),
        first(low.y, rows),
        last(far.x, columns),
        last(far.y, rows),
    ];
    let whole = [1, 1, columns as i32, rows as i32];
    (area != whole && area[0] <= area[2] && area[1] <= area[3]).then_some(area)
}

/// What an image is called: series and place in it, then study and date, so that neighbours differ from the first letters on.
fn named(patient: &PatientView, instance: &SopInstanceUid) -> Option<Named> {
    let (_, words) = paper::place_of(patient, instance, None)?;
    let words = match words.split_once(" · ") {
        Some((study, place)) => format!("{place} · {study}"),
        None => words,
    };
    Some((instance.clone(), words))
}
