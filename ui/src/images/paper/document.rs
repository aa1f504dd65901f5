//! A document in a tile, with the identity that it carries (T68). It holds no link: nothing in it leads out of the program.

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::{Align, ColorImage, Id, Rect, ScrollArea, TextureOptions, Ui, pos2, vec2};
use triptych_workbench::objects::document::PagePicture;
use triptych_workbench::objects::{
    ContentItem, ContentValue, KeyObjects, MeasurementReport, Object, PresentationState, SrTree,
};
use triptych_workbench::view::{ObjectView, PatientView, StudyView, Target};
use triptych_workbench::{Command, ObjectContent, SopInstanceUid};

use super::super::tile::cannot_show;
use super::{Texture, find_object, icon, kind_name, name};
use crate::actions::Action;
use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t, widget};
use crate::out::Out;
use crate::words::{w, wf};

use super::tree::{Line, Lines, of_report};

/// Widest page that is asked for, physical pixels.
const WIDEST: u32 = 4096;

/// A document in a tile.
#[derive(Debug)]
pub(crate) struct Paper {
    pub instance: SopInstanceUid,
    page: u32,
    pages: u32,
    /// Steps of keys and actions that are to be followed.
    steps: i64,
    asked: bool,
    wanted: Option<(u32, u32)>,
    lines: Option<Lines>,
    /// Drawings of the report that were known when its lines were made.
    known: usize,
    drawn: Option<(Arc<PagePicture>, Texture)>,
}

impl Paper {
    pub fn new(instance: SopInstanceUid) -> Self {
        Self {
            instance,
            page: 0,
            pages: 1,
            steps: 0,
            asked: false,
            wanted: None,
            lines: None,
            known: 0,
            drawn: None,
        }
    }

    /// What an action of the table does to a document; false when that is nothing.
    pub fn act(&mut self, action: Action) -> bool {
        self.steps += match action {
            Action::ImageNext => 1,
            Action::ImagePrevious => -1,
            Action::ImageForward10 => 10,
            Action::ImageBack10 => -10,
            Action::ImageFirst => i64::from(i32::MIN),
            Action::ImageLast => i64::from(i32::MAX),
            _ => return false,
        };
        true
    }

    /// What a screen reader says of the tile.
    pub fn name(&self, patient: &PatientView) -> String {
        find_object(patient, &self.instance)
            .map_or_else(|| w("images.empty_tile").to_owned(), |(_, o)| name(o))
    }

    /// Draws it; the image that was clicked in it.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        slot: &str,
        patient: &PatientView,
        out: &mut Out,
    ) -> Option<Target> {
        let (study, object) = find_object(patient, &self.instance)?;
        let painter = ui.painter().with_clip_rect(rect);
        painter.rect_filled(rect, 0.0, t::PANEL);
        let band = Rect::from_min_size(rect.min, vec2(rect.width(), sz(48.0)));
        identity(ui, band, slot, study, object);
        let body = Rect::from_min_max(pos2(rect.left(), band.bottom()), rect.max).shrink(6.0);
        if !self.asked {
            self.asked = true;
            out.send(Command::LoadObject(self.instance.clone()));
            out.send(Command::ShowImage(self.instance.clone()));
        }
        let content = match object.slot.get() {
            None => {
                let at = body.center();
                text::center(
                    &painter,
                    at.x,
                    at.y,
                    w("paper.reading"),
                    f::body(),
                    t::LABEL,
                );
                return None;
            }
            Some(Err(why)) => {
                let words = wf(
                    "paper.unreadable",
                    &[("what", &object.class), ("why", &why)],
                );
                cannot_show(ui, body, &words);
                return None;
            }
            Some(Ok(content)) => content,
        };
        match &*content {
            ObjectContent::Named { why } => {
                let words = wf("paper.named", &[("what", &object.class), ("why", &why)]);
                cannot_show(ui, body, &words);
                None
            }
            ObjectContent::Pages { pages, .. } => {
                self.pages = (*pages).max(1);
                self.document(ui, body, slot, object, out);
                None
            }
            ObjectContent::Read(read) => match &**read {
                Object::KeyObjects(keys) => {
                    let steps = std::mem::take(&mut self.steps);
                    key_list(ui, body, slot, patient, keys, steps)
                }
                Object::Report(tree) => {
                    let drawn = drawn_of(patient, &self.instance);
                    self.text(ui, body, slot, || report(tree, &[], patient, drawn))
                }
                Object::Measurements(measured) => {
                    let drawn = drawn_of(patient, &self.instance);
                    if self.known != drawn.len() {
                        self.known = drawn.len();
                        self.lines = None;
                    }
                    let mut missing = measured.not_drawn.clone();
                    missing.extend(nowhere(measured, patient));
                    let lines = || report(&measured.tree, &missing, patient, drawn);
                    self.text(ui, body, slot, lines)
                }
                Object::PresentationState(state) => {
                    self.text(ui, body, slot, || state_lines(state))
                }
            },
            ObjectContent::Waveform(groups) => {
                let lines = || {
                    let place = format!("{} {} · {}", study.date, study.time, study.title);
                    let mut lines = vec![
                        Line::of(w("paper.class"), object.class.clone()),
                        Line::of(w("paper.place"), place),
                    ];
                    lines.extend(groups.iter().map(|g| Line::of(w("paper.group"), g.clone())));
                    lines.push(Line::of("", w("paper.waveform_why")));
                    lines
                };
                self.text(ui, body, slot, lines)
            }
            ObjectContent::Segmentation(segmentation) => {
                let lines = || super::layers::segment_lines(segmentation);
                self.text(ui, body, slot, lines)
            }
            ObjectContent::Structures(set) => {
                self.text(ui, body, slot, || super::layers::roi_lines(set))
            }
        }
    }

    fn text(
        &mut self,
        ui: &mut Ui,
        body: Rect,
        slot: &str,
        lines: impl FnOnce() -> Vec<Line>,
    ) -> Option<Target> {
        let text = self.lines.get_or_insert_with(|| Lines::new(lines()));
        let steps = std::mem::take(&mut self.steps).clamp(-100_000, 100_000);
        let mut part = widget::part(ui, ("paper", slot), body);
        text.show(&mut part, body, steps as f32 * sz(60.0))
    }

    fn document(
        &mut self,
        ui: &mut Ui,
        body: Rect,
        slot: &str,
        object: &ObjectView,
        out: &mut Out,
    ) {
        let last = i64::from(self.pages) - 1;
        let mut to = (i64::from(self.page) + std::mem::take(&mut self.steps)).clamp(0, last);
        let foot = Rect::from_min_max(pos2(body.left(), body.bottom() - sz(26.0)), body.max);
        to = page_buttons(ui, foot, slot, to, last);
        self.page = u32::try_from(to).unwrap_or(0);
        let sheet = Rect::from_min_max(body.min, pos2(body.right(), foot.top() - 2.0));
        let ppp = ui.pixels_per_point();
        // In steps, so that a tile that is pulled wider does not ask at every point.
        let width = (sheet.width() * ppp / 64.0).ceil().max(1.0) as u32 * 64;
        let want = (self.page, width.min(WIDEST));
        if self.wanted != Some(want) {
            self.wanted = Some(want);
            out.send(Command::LoadPage {
                instance: self.instance.clone(),
                page: want.0,
                width: want.1,
            });
        }
        match object.slot.page(self.page) {
            None => {
                let words = w("paper.drawing");
                let at = sheet.center();
                text::center(ui.painter(), at.x, at.y, words, f::body(), t::LABEL);
            }
            Some(Err(why)) => cannot_show(ui, sheet, &why),
            Some(Ok(page)) => self.sheet(ui, sheet, slot, page),
        }
    }

    fn sheet(&mut self, ui: &mut Ui, sheet: Rect, slot: &str, page: Arc<PagePicture>) {
        let known = self
            .drawn
            .as_ref()
            .is_some_and(|(p, _)| Arc::ptr_eq(p, &page));
        if !known {
            let size = [page.width, page.height].map(|n| n as usize);
            let image = ColorImage::from_rgba_unmultiplied(size, &page.rgba);
            let texture =
                ui.ctx()
                    .load_texture(format!("page {slot}"), image, TextureOptions::LINEAR);
            self.drawn = Some((page, Texture(texture)));
        }
        let Some((page, texture)) = &self.drawn else {
            return;
        };
        let high = sheet.width() * page.height as f32 / page.width.max(1) as f32;
        let mut part = widget::part(ui, ("sheet", slot, self.page), sheet);
        ScrollArea::vertical()
            .auto_shrink(false)
            .show(&mut part, |ui| {
                let (_, place) = ui.allocate_space(vec2(sheet.width(), high));
                let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
                ui.painter()
                    .image(texture.0.id(), place, uv, egui::Color32::WHITE);
            });
        if !page.marks.is_empty() {
            let words = page.marks.join(" · ");
            let at = sheet.center_top() + vec2(0.0, 12.0);
            text::on_image(ui.painter(), at, Align::Center, &words, f::small_strong());
            text::spoken(ui, ("page marks", slot), sheet, &words);
        }
    }
}

/// Whose it is by its own header, and what it is.
fn identity(ui: &Ui, band: Rect, slot: &str, study: &StudyView, object: &ObjectView) {
    let p = ui.painter().with_clip_rect(band);
    p.rect_filled(band, 0.0, t::IMAGE);
    let half = band.width() / 2.0 - 12.0;
    let owner = &object.owner;
    let who = if owner.name.is_empty() {
        w("images.no_name")
    } else {
        &owner.name
    };
    let left = band.left() + 8.0;
    let (y1, y2) = (band.top() + sz(15.0), band.top() + sz(32.0));
    text::on_image_in(&p, pos2(left, y1), Align::Min, who, f::small_strong(), half);
    let mut rest = format!(
        "{} · {} · {}",
        owner.identifier, owner.birth_date, owner.sex
    );
    if !owner.same_as_banner {
        rest = format!("{} · {rest}", w("images.other_record"));
    }
    text::on_image_in(&p, pos2(left, y2), Align::Min, &rest, f::small(), half);
    let right = band.right() - 8.0;
    let what = format!("{} · {}", kind_name(object.kind), object.title);
    text::on_image_in(
        &p,
        pos2(right, y1),
        Align::Max,
        &what,
        f::small_strong(),
        half,
    );
    let when = [&*object.date, &*object.time, &*object.author, &*study.title];
    let when: Vec<&str> = when.into_iter().filter(|t| !t.is_empty()).collect();
    text::on_image_in(
        &p,
        pos2(right, y2),
        Align::Max,
        &when.join(" · "),
        f::small(),
        half,
    );
    icon(object.kind).paint(&p, pos2(band.center().x, y1), sz(14.0), t::LABEL);
    text::spoken(
        ui,
        ("paper identity", slot),
        band,
        &format!("{who} · {rest} · {what}"),
    );
}

/// Places of the drawings that a report made, by the name of what they follow.
type Drawn = BTreeMap<String, Target>;

fn drawn_of(patient: &PatientView, document: &SopInstanceUid) -> Drawn {
    let foreign = patient.drawings.foreign.drawings.iter();
    let mine = foreign.filter(|d| d.document == *document);
    mine.filter_map(|d| {
        let image = d.annotation.anchor.image.as_ref()?;
        let target = Target::Image {
            study: d.annotation.anchor.study.clone(),
            instance: Some((image.instance.clone(), image.frame)),
        };
        Some((d.annotation.lesion.clone(), target))
    })
    // Of several places the first.
    .rev()
    .collect()
}

/// Drawings in space that lie on no image that is here.
fn nowhere(report: &MeasurementReport, patient: &PatientView) -> Vec<String> {
    let here = |uid: &str| {
        let mut all = patient.drawings.foreign.drawings.iter();
        all.any(|d| d.annotation.uid == uid)
    };
    let lost = report.in_space.iter().filter(|d| !here(&d.drawing.uid));
    lost.map(|d| wf("paper.nowhere", &[("what", &d.drawing.label)]))
        .collect()
}

/// The image that an item of a report is about, when it is here.
fn shown_by(item: &ContentItem, patient: &PatientView, drawn: &Drawn) -> Option<Target> {
    let image_of = |item: &ContentItem| match &item.value {
        ContentValue::Image { image, .. } => {
            let frame = image.frames.first().copied();
            let (study, _) = place_of(patient, &image.instance, frame)?;
            Some(Target::Image {
                study,
                instance: Some((image.instance.clone(), frame.unwrap_or(0))),
            })
        }
        _ => None,
    };
    let graphic = |item: &ContentItem| match &item.value {
        ContentValue::Points { .. } => item.children.iter().find_map(image_of),
        _ => None,
    };
    match &item.value {
        ContentValue::Image { .. } => image_of(item),
        ContentValue::Points { .. } => graphic(item),
        // A value, by what it was inferred from.
        ContentValue::Number(_) => item
            .children
            .iter()
            .find_map(|c| image_of(c).or_else(|| graphic(c))),
        // A group, by what it draws.
        ContentValue::Container(_) => {
            let mut names = item.children.iter().filter_map(|c| match &c.value {
                ContentValue::Uid(uid) => Some(uid),
                _ => None,
            });
            names.find_map(|uid| drawn.get(uid)).cloned()
        }
        _ => None,
    }
}

fn report(tree: &SrTree, not_drawn: &[String], patient: &PatientView, drawn: Drawn) -> Vec<Line> {
    let mut lines = Vec::new();
    let flags = [&tree.completion, &tree.verification, &tree.preliminary];
    let flags: Vec<String> = flags
        .iter()
        .filter(|f| !f.is_empty())
        .map(|f| f.to_lowercase())
        .collect();
    if !flags.is_empty() {
        lines.push(Line::of(w("paper.flags"), flags.join(" · ")));
    }
    for by in &tree.verified_by {
        lines.push(Line::of(w("paper.verified_by"), by.join(" · ")));
    }
    if !tree.written_by.is_empty() {
        lines.push(Line::of(w("paper.written_by"), tree.written_by.clone()));
    }
    let problems = tree
        .problems
        .iter()
        .map(|p| Line::of(w("paper.problem"), p.clone()));
    lines.extend(problems);
    let missing = not_drawn
        .iter()
        .map(|p| Line::of(w("paper.not_drawn"), p.clone()));
    lines.extend(missing);
    lines.extend(of_report(tree, &|item| shown_by(item, patient, &drawn)));
    lines
}

fn state_lines(state: &PresentationState) -> Vec<Line> {
    let images: usize = state.references.iter().map(|s| s.images.len()).sum();
    let mut lines = vec![
        Line::of(w("paper.label"), state.label.clone()),
        Line::of(w("paper.description"), state.description.clone()),
        Line::of(w("paper.creator"), state.creator.clone()),
        Line::of(w("paper.images"), images.to_string()),
    ];
    lines.retain(|l| !l.value.is_empty());
    lines.extend(
        state
            .unknown
            .iter()
            .map(|u| Line::of(w("paper.refused"), u.clone())),
    );
    lines.extend(
        state
            .left_out
            .iter()
            .map(|u| Line::of(w("paper.left_out"), u.clone())),
    );
    lines.push(Line::of("", w("paper.state_how")));
    lines
}

/// The chosen images; a click jumps there.
fn key_list(
    ui: &mut Ui,
    body: Rect,
    slot: &str,
    patient: &PatientView,
    keys: &KeyObjects,
    steps: i64,
) -> Option<Target> {
    let mut target = None;
    let mut part = widget::part(ui, ("keys", slot), body);
    ScrollArea::vertical()
        .auto_shrink(false)
        .show(&mut part, |ui| {
            if steps != 0 {
                ui.scroll_with_delta(vec2(0.0, -(steps.clamp(-10_000, 10_000) as f32) * sz(60.0)));
            }
            let title = keys.title.shown();
            text::block(ui, title, f::strong(), t::VALUE, sz(20.0));
            for modifier in &keys.modifiers {
                text::block(ui, modifier.shown(), f::body(), t::AMBER, sz(18.0));
            }
            for words in [&keys.description, &keys.observer] {
                if !words.is_empty() {
                    text::block(ui, words, f::body(), t::BODY, sz(18.0));
                }
            }
            ui.add_space(8.0);
            for (k, key) in keys.keys.iter().enumerate() {
                let frames = if key.image.frames.is_empty() {
                    vec![None]
                } else {
                    key.image.frames.iter().copied().map(Some).collect()
                };
                for frame in frames {
                    let (_, row) = ui.allocate_space(vec2(ui.available_width(), sz(24.0)));
                    if !ui.is_rect_visible(row) {
                        continue;
                    }
                    let Some((study, words)) = place_of(patient, &key.image.instance, frame) else {
                        let words = wf("paper.not_here", &[("uid", &key.image.instance)]);
                        text::label(
                            ui,
                            ("absent", k, frame),
                            row,
                            &words,
                            f::body(),
                            t::FAINT,
                            Align::Min,
                        );
                        continue;
                    };
                    let id = Id::unique(("key", slot, k, frame));
                    if widget::link_at(ui, id, row.left(), row.center().y, &words).clicked() {
                        target = Some(Target::Image {
                            study,
                            instance: Some((key.image.instance.clone(), frame.unwrap_or(0))),
                        });
                    }
                }
            }
        });
    target
}

/// Study of an image, and where it is in words: `CT chest 2021-02-22 · 4 · 43/60`.
pub(in super::super) fn place_of(
    patient: &PatientView,
    instance: &SopInstanceUid,
    frame: Option<u32>,
) -> Option<(triptych_workbench::StudyUid, String)> {
    patient.studies.iter().find_map(|study| {
        study.series.iter().find_map(|series| {
            let mut slices = series.stack.slices.iter();
            let at = slices
                .position(|s| s.instance == *instance && frame.is_none_or(|f| s.frame == f))?;
            let words = format!(
                "{} {} · {} · {}/{}",
                study.title,
                study.date,
                series.number,
                at + 1,
                series.images
            );
            Some((study.uid.clone(), words))
        })
    })
}

fn page_buttons(ui: &Ui, foot: Rect, slot: &str, page: i64, last: i64) -> i64 {
    let words = wf("paper.page", &[("n", &(page + 1)), ("all", &(last + 1))]);
    let at = foot.center();
    text::center(
        ui.painter(),
        at.x,
        at.y,
        &words,
        f::small_medium(),
        t::VALUE,
    );
    text::spoken(ui, ("page", slot), foot, &words);
    let mut to = page;
    for (side, label, by) in [
        (-1.0, "paper.page_before", -1),
        (1.0, "paper.page_after", 1),
    ] {
        let words = w(label);
        let size = vec2(widget::button_width(ui, words), foot.height() - 4.0);
        let place = Rect::from_center_size(at + vec2(side * 120.0, 0.0), size);
        let free = (0..=last).contains(&(page + by));
        let id = Id::unique((label, slot));
        if free && widget::button_at(ui, id, place, words, widget::Weight::Plain).clicked() {
            to = page + by;
        }
    }
    to
}
