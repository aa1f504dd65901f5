//! Objects in the series strip: an icon and a name under the series that they refer to (T32).

use egui::{Id, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};
use triptych_workbench::SopInstanceUid;
use triptych_workbench::objects::ObjectKind;
use triptych_workbench::view::{ObjectView, PatientView, SeriesView, StudyView, Target};

use super::super::{Images, Tile};
use super::{icon, name};
use crate::desk::Desk;
use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t, widget};
use crate::out::Out;

/// Objects that stand below a set: once each, below the last part of the first series that they name.
pub(in super::super) fn below<'a>(
    patient: &'a PatientView,
    study: &'a StudyView,
    series: &SeriesView,
) -> Vec<&'a ObjectView> {
    let last_part = study.series.iter().rfind(|s| s.uid == series.uid);
    if last_part.is_none_or(|s| s.key != series.key) {
        return Vec::new();
    }
    let objects = patient.studies.iter().flat_map(|s| &s.objects);
    let mine = |o: &&ObjectView| home(patient, o).is_some_and(|s| s.uid == series.uid);
    objects.filter(mine).collect()
}

/// Objects of a study that name no series that is here.
pub(in super::super) fn alone<'a>(
    patient: &PatientView,
    study: &'a StudyView,
) -> Vec<&'a ObjectView> {
    let objects = study.objects.iter();
    objects.filter(|o| home(patient, o).is_none()).collect()
}

fn home<'a>(patient: &'a PatientView, object: &ObjectView) -> Option<&'a SeriesView> {
    object.refers_to.iter().find_map(|uid| {
        let mut series = patient.studies.iter().flat_map(|s| &s.series);
        series.find(|s| s.uid == *uid)
    })
}

/// One object; true when it was clicked.
pub(in super::super) fn entry(ui: &mut Ui, object: &ObjectView, on: bool) -> bool {
    let (_, cell) = ui.allocate_space(vec2(ui.available_width(), sz(22.0)));
    if !ui.is_rect_visible(cell) {
        return false;
    }
    let place = Rect::from_min_max(
        pos2(cell.left() + 9.0, cell.top()),
        pos2(cell.right() - 8.0, cell.bottom()),
    );
    let id = Id::unique(("object", object.instance.as_str()));
    let response = ui.interact(place, id, Sense::click());
    let words = name(object);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, on, &words));
    widget::row_ground(ui, place, &response, on);
    let ink = if on { t::ACCENT } else { t::LABEL };
    let at = pos2(place.left() + sz(9.0), place.center().y);
    icon(object.kind).paint(ui.painter(), at, sz(13.0), ink);
    let room = place.width() - sz(20.0);
    let galley = text::line(ui.painter(), &object.title, f::small(), t::BODY, room);
    text::put(
        ui.painter(),
        galley,
        place.left() + sz(19.0),
        place.center().y,
    );
    widget::hover(response, &words).clicked()
}

impl Images {
    /// Whether an object is on screen.
    pub(in super::super) fn shows(&self, desk: Desk, instance: &SopInstanceUid) -> bool {
        let tiles = self.tiles(desk);
        let in_tile = |t: &Tile| {
            t.paper.as_ref().is_some_and(|p| p.instance == *instance)
                || t.state.as_ref() == Some(instance)
        };
        self.overlays.is_on(instance) || tiles.tiles.iter().any(in_tile)
    }

    /// Opens an object: a document in the active tile, segments and contours over the images, a state on its images.
    pub(in super::super) fn open_object(
        &mut self,
        desk: Desk,
        patient: &PatientView,
        instance: &SopInstanceUid,
        out: &mut Out,
    ) {
        let Some((_, object)) = super::find_object(patient, instance) else {
            return;
        };
        match object.kind {
            ObjectKind::Segmentation | ObjectKind::StructureSet => {
                self.overlays.toggle(instance, out);
            }
            ObjectKind::PresentationState if home(patient, object).is_some() => {
                self.show_state(desk, patient, object, out);
            }
            _ => {
                let tiles = self.tiles_mut(desk);
                let active = tiles.active;
                if let Some(tile) = tiles.tiles.get_mut(active) {
                    *tile = Tile::of_paper(instance.clone());
                }
            }
        }
    }

    fn show_state(
        &mut self,
        desk: Desk,
        patient: &PatientView,
        object: &ObjectView,
        out: &mut Out,
    ) {
        out.send(triptych_workbench::Command::LoadObject(
            object.instance.clone(),
        ));
        let Some(series) = home(patient, object) else {
            return;
        };
        let tiles = self.tiles_mut(desk);
        let shown = tiles.shown();
        let there = tiles.tiles.iter().take(shown);
        let there = there
            .into_iter()
            .position(|t| t.series.as_ref() == Some(&series.key));
        if let Some(i) = there {
            tiles.press(i);
        }
        let active = tiles.active;
        let Some(tile) = tiles.tiles.get_mut(active) else {
            return;
        };
        if tile.series.as_ref() != Some(&series.key) {
            *tile = Tile::of(series);
        }
        tile.choose_state(Some(object.instance.clone()));
        // The first of its images, where the one on screen is none of them.
        if let Some(Ok(content)) = object.slot.get()
            && let triptych_workbench::ObjectContent::Read(read) = &*content
            && let triptych_workbench::objects::Object::PresentationState(state) = &**read
        {
            let mut slices = series.stack.slices.iter();
            let here = series.stack.slices.get(tile.slice);
            if here.is_none_or(|s| !state.covers(&s.instance, s.frame))
                && let Some(at) = slices.position(|s| state.covers(&s.instance, s.frame))
            {
                tile.slice = at;
            }
        }
    }

    /// Shows an image that a document names, beside the document where there is room.
    pub(in super::super) fn jump_from_paper(
        &mut self,
        desk: Desk,
        patient: &PatientView,
        from: usize,
        target: &Target,
    ) {
        let tiles = self.tiles_mut(desk);
        tiles.active = from;
        let other = (0..tiles.shown())
            .find(|i| *i != from && tiles.tiles.get(*i).is_some_and(|t| t.paper.is_none()));
        if let Some(other) = other.filter(|_| !tiles.single) {
            tiles.active = other;
        }
        self.jump(desk, patient, target);
    }
}
