//! What is in a study besides images: documents that fill a tile, segments and contours over images, presentation states.
//!
//! ```text
//! strip ── a document ──> Tile::paper        a segmentation, contours ──> Overlays ── lay ──> every tile of their frame of reference
//!                                             a state ──> Tile::state ── what is drawn, never what is measured
//! ```

mod document;
mod layers;
mod panel;
mod state;
pub(super) mod strip;
mod tree;

use egui::{Rect, Ui, vec2};
use triptych_workbench::SopInstanceUid;
use triptych_workbench::objects::ObjectKind;
use triptych_workbench::view::{ObjectView, PatientView, SeriesView, Slice, StudyView};

use crate::look::icon::Icon;
use crate::look::typeface::{self as f, sz};
use crate::look::{mark, text, tokens as t, widget};
use crate::words::{w, wf};

/// A texture that is let go with what holds it.
pub(super) struct Texture(egui::TextureHandle);

impl std::fmt::Debug for Texture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Texture({:?})", self.0.id())
    }
}

pub(crate) use document::Paper;
pub(super) use document::place_of;
pub(crate) use layers::{Below, Overlays};
pub(super) use panel::{state_words, states_of};
pub(crate) use state::Stated;

/// The object of this instance, and its study.
pub(super) fn find_object<'a>(
    patient: &'a PatientView,
    instance: &SopInstanceUid,
) -> Option<(&'a StudyView, &'a ObjectView)> {
    patient.studies.iter().find_map(|study| {
        let mut objects = study.objects.iter();
        Some((study, objects.find(|o| o.instance == *instance)?))
    })
}

/// Icon of a kind.
const fn icon(kind: ObjectKind) -> Icon {
    match kind {
        ObjectKind::Report => Icon::Text,
        ObjectKind::KeyObjects => Icon::KeyImage,
        ObjectKind::PresentationState => Icon::Contrast,
        ObjectKind::Segmentation | ObjectKind::StructureSet => Icon::Ellipse,
        ObjectKind::Document => Icon::File,
        ObjectKind::Waveform => Icon::Bidirectional,
        ObjectKind::Other => Icon::Warning,
    }
}

/// Name of a kind.
fn kind_name(kind: ObjectKind) -> &'static str {
    w(match kind {
        ObjectKind::Report => "paper.report",
        ObjectKind::KeyObjects => "paper.key_objects",
        ObjectKind::PresentationState => "paper.state",
        ObjectKind::Segmentation => "paper.segmentation",
        ObjectKind::StructureSet => "paper.structures",
        ObjectKind::Document => "paper.document",
        ObjectKind::Waveform => "paper.waveform",
        ObjectKind::Other => "paper.other",
    })
}

/// `Report · Imaging Measurement Report · 2021-02-22`
pub(super) fn name(object: &ObjectView) -> String {
    let parts = [kind_name(object.kind), &object.title, &object.date];
    let parts = parts.into_iter().filter(|p| !p.is_empty());
    parts.collect::<Vec<_>>().join(" · ")
}

/// An image that must not be used (T57): hatched with the reason, until the reader wants to see it. True when it is hidden.
pub(super) fn hides(
    ui: &Ui,
    rect: Rect,
    slot: &str,
    revealed: &mut bool,
    patient: &PatientView,
    slice: Option<&Slice>,
) -> bool {
    let foreign = &patient.drawings.foreign;
    let Some(rejection) = slice.and_then(|s| foreign.rejection(&s.instance, s.frame)) else {
        return false;
    };
    let words = wf("paper.rejected", &[("why", &rejection.reason)]);
    if *revealed {
        let at = rect.center_top() + vec2(0.0, 46.0);
        let painter = ui.painter().with_clip_rect(rect);
        text::on_image(&painter, at, egui::Align::Center, &words, f::small_strong());
        text::spoken(
            ui,
            ("rejected", slot),
            Rect::from_center_size(at, vec2(200.0, 16.0)),
            &words,
        );
        return false;
    }
    super::tile::cannot_show(ui, rect, &words);
    let label = w("paper.reveal");
    let size = vec2(widget::button_width(ui, label), sz(t::BUTTON));
    let place = Rect::from_center_size(rect.center() + vec2(0.0, 60.0), size);
    let id = egui::Id::unique(("reveal", slot));
    if widget::button_at(ui, id, place, label, widget::Weight::Plain).clicked() {
        *revealed = true;
    }
    true
}

/// Whether all images of a set must not be used.
pub(super) fn is_rejected(patient: &PatientView, series: &SeriesView) -> bool {
    let foreign = &patient.drawings.foreign;
    !foreign.rejected.is_empty()
        && series
            .stack
            .slices
            .iter()
            .all(|s| foreign.rejection(&s.instance, s.frame).is_some())
}

/// Hatch over the place of a thumbnail.
pub(super) fn hatch(ui: &Ui, place: Rect) {
    ui.painter().rect_filled(place, 0.0, t::IMAGE);
    mark::hatch(ui.painter(), place, 8.0, t::HOVER);
}
