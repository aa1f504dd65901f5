//! Segments and contours over images and over planes through volumes (imaging.md E4, E5): made once a picture, placed by their own geometry.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use egui::{
    Align, Color32, ColorImage, Mesh, Pos2, Rect, Shape, Stroke, TextureOptions, Ui, pos2, vec2,
};
use glam::DVec2;
use triptych_render::{DisplayAttributes, ImageCorner, ViewTransform};
use triptych_workbench::annotate::AnchorPlane;
use triptych_workbench::measure::{DecimalSign, write};
use triptych_workbench::objects::rtstruct::{ContourKind, ContourVolume, Roi, StructureSet};
use triptych_workbench::objects::segmentation::Segmentation;
use triptych_workbench::objects::{ContourSlice, OverlayError, RoiOnPlane, Target};
use triptych_workbench::view::{PatientView, SeriesView, StudyView};
use triptych_workbench::{Command, ObjectContent, SopInstanceUid};

use super::tree::Line;
use super::{Texture, find_object};
use crate::look::text;
use crate::look::typeface as f;
use crate::out::Out;
use crate::words::{w, wf};

/// Opacity of a fill at first, percent (E4).
const OPACITY: u8 = 30;

/// Segments and contours that are on.
#[derive(Debug, Default)]
pub(crate) struct Overlays {
    pub(super) on: BTreeMap<SopInstanceUid, On>,
    /// Counts changes, so that what was made is made again.
    changes: u64,
    made: BTreeMap<String, Made>,
    /// Rows of the panel, by object.
    pub(super) rows: BTreeMap<SopInstanceUid, Vec<Row>>,
    /// Slice of each contour of a region, by object, region and set.
    slices: BTreeMap<(SopInstanceUid, usize, String), Vec<Option<usize>>>,
}

/// One segment or region in the panel.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// Place in the file.
    pub at: usize,
    pub label: String,
    pub words: String,
    pub colour: [u8; 3],
    /// LPS mm, to jump to.
    pub middle: Option<[f64; 3]>,
    /// Nothing of it can be drawn.
    pub empty: bool,
}

/// How one object is shown.
#[derive(Clone, Debug)]
pub(super) struct On {
    /// Segments or regions with a closed eye, by their place in the file.
    pub hidden: BTreeSet<usize>,
    /// Of the fill, percent.
    pub opacity: u8,
}

/// A picture that overlays are laid on.
pub(crate) struct Below<'a> {
    pub study: &'a StudyView,
    pub series: &'a SeriesView,
    /// Slice of the set, from 0; `None` for a plane through it.
    pub slice: Option<usize>,
    /// Names the picture.
    pub id: u64,
    /// Columns, rows.
    pub size: [u32; 2],
    pub display: &'a DisplayAttributes,
    pub transform: &'a ViewTransform,
    pub rect: Rect,
}

/// What was made of all objects on one picture.
#[derive(Debug)]
struct Made {
    /// Picture, changes, contents that were there.
    of: (u64, u64, usize),
    fill: Option<Texture>,
    lines: Vec<Drawn>,
    marks: Vec<String>,
}

/// Lines of one region.
#[derive(Debug)]
struct Drawn {
    colour: [u8; 3],
    dashed: bool,
    /// Corner coordinates of the picture.
    lines: Vec<Vec<[f64; 2]>>,
    crosses: Vec<[f64; 2]>,
}

/// Colours of what is filled, and what is said of it, while it is made.
struct Making {
    size: [u32; 2],
    rgba: Vec<u8>,
    any: bool,
    lines: Vec<Drawn>,
    marks: BTreeSet<String>,
}

#[allow(
    clippy::disallowed_methods,
    reason = "the colour of a file, not of the program"
)]
pub(super) const fn file_colour([r, g, b]: [u8; 3]) -> Color32 {
    Color32::from_rgb(r, g, b)
}

impl Overlays {
    /// Shows an object over images, or no longer.
    pub fn toggle(&mut self, instance: &SopInstanceUid, out: &mut Out) {
        self.changes += 1;
        if self.on.remove(instance).is_none() {
            let on = On {
                hidden: BTreeSet::new(),
                opacity: OPACITY,
            };
            self.on.insert(instance.clone(), on);
            out.send(Command::LoadObject(instance.clone()));
        }
    }

    pub fn is_on(&self, instance: &SopInstanceUid) -> bool {
        self.on.contains_key(instance)
    }

    /// How an object is shown changed.
    pub(super) fn change(&mut self, instance: &SopInstanceUid, change: impl FnOnce(&mut On)) {
        if let Some(on) = self.on.get_mut(instance) {
            self.changes += 1;
            change(on);
        }
    }

    /// Draws all that is on over one picture.
    pub fn lay(&mut self, ui: &Ui, slot: &str, below: &Below<'_>, patient: &PatientView) {
        if self.on.is_empty() {
            self.made.clear();
            return;
        }
        let ready = |i: &&SopInstanceUid| {
            find_object(patient, i).is_some_and(|(_, o)| o.slot.get().is_some())
        };
        let of = (below.id, self.changes, self.on.keys().filter(ready).count());
        if self.made.get(slot).is_none_or(|made| made.of != of) {
            let making = self.make(below, patient);
            let fill = making.any.then(|| {
                let size = making.size.map(|n| n as usize);
                let image = ColorImage::from_rgba_unmultiplied(size, &making.rgba);
                let name = format!("overlay {slot}");
                Texture(ui.ctx().load_texture(name, image, TextureOptions::NEAREST))
            });
            let made = Made {
                of,
                fill,
                lines: making.lines,
                marks: making.marks.into_iter().collect(),
            };
            self.made.insert(slot.to_owned(), made);
        }
        if let Some(made) = self.made.get(slot) {
            made.paint(ui, slot, below);
        }
    }

    fn make(&mut self, below: &Below<'_>, patient: &PatientView) -> Making {
        let [columns, rows] = below.size;
        let mut making = Making {
            size: below.size,
            rgba: vec![0; columns as usize * rows as usize * 4],
            any: false,
            lines: Vec::new(),
            marks: BTreeSet::new(),
        };
        let mut refused: Vec<String> = Vec::new();
        for (instance, on) in &self.on {
            let Some((study, object)) = find_object(patient, instance) else {
                continue;
            };
            let Some(content) = object.slot.get() else {
                continue;
            };
            let meant =
                study.uid == below.study.uid || object.refers_to.contains(&below.series.uid);
            let mut refuse = |why: &dyn std::fmt::Display| {
                if meant {
                    let words = [
                        ("what", &object.title as &dyn std::fmt::Display),
                        ("why", why),
                    ];
                    refused.push(wf("paper.overlay_refused", &words));
                }
            };
            let Some(place) = below.place() else {
                refuse(&OverlayError::NoPlane);
                continue;
            };
            let target = Target {
                frame_of_reference: below.series.frame_of_reference.as_deref(),
                place,
                columns,
                rows,
                localizer: below.series.localizer,
            };
            let done = match content.as_deref() {
                Err(why) => {
                    refuse(why);
                    continue;
                }
                Ok(ObjectContent::Segmentation(s)) => making.segments(s, on, &target),
                Ok(ObjectContent::Structures(set)) => {
                    let slices = &mut self.slices;
                    making.contours(set, on, &target, |k, roi| {
                        let key = (instance.clone(), k, below.series.key.0.clone());
                        let of = slices
                            .entry(key)
                            .or_insert_with(|| below.slices_of(roi, place));
                        let here = of.iter().enumerate();
                        let here = here.filter(|(_, s)| s.is_some() && **s == below.slice);
                        below.slice.map(|_| here.map(|(c, _)| c).collect())
                    })
                }
                Ok(_) => Ok(()),
            };
            if let Err(why) = done {
                refuse(&why);
            }
        }
        making.marks.extend(refused);
        making
    }
}

impl Below<'_> {
    /// Where the picture lies: by the header that came with the pixels, else by the list.
    fn place(&self) -> Option<AnchorPlane> {
        let display = self.display;
        let own = display.plane.map(|p| (p.position, p.orientation));
        let listed = || {
            let slice = self.series.stack.slices.get(self.slice?)?;
            slice.position.zip(slice.orientation)
        };
        let (position, orientation) = own.or_else(listed)?;
        Some(AnchorPlane {
            position,
            orientation,
            spacing: display.spacing.pixel_spacing?,
        })
    }

    fn slices_of(&self, roi: &Roi, like: AnchorPlane) -> Vec<Option<usize>> {
        let slices = self.series.stack.slices.iter().enumerate();
        let placed: Vec<(usize, ContourSlice<'_>)> = slices
            .filter_map(|(k, s)| {
                let (position, orientation) = s.position.zip(s.orientation)?;
                let place = AnchorPlane {
                    position,
                    orientation,
                    spacing: like.spacing,
                };
                let slice = ContourSlice {
                    place,
                    instance: s.instance.as_str(),
                    frame: s.frame,
                };
                Some((k, slice))
            })
            .collect();
        let only: Vec<ContourSlice<'_>> = placed.iter().map(|(_, s)| *s).collect();
        let spacing = self.series.spacing_mm.unwrap_or(1.0);
        let found = roi.slices_of(&only, spacing).into_iter();
        found
            .map(|k| placed.get(k?).map(|(slice, _)| *slice))
            .collect()
    }

    /// Point of the screen over a place on the picture.
    fn to_screen(&self, ppp: f32, at: [f64; 2]) -> Pos2 {
        on_screen(self.transform, self.rect, ppp, at)
    }
}

/// Point of the screen over a place on a picture that fills `rect`.
#[allow(clippy::cast_possible_truncation, reason = "a place on a screen")]
pub(super) fn on_screen(transform: &ViewTransform, rect: Rect, ppp: f32, at: [f64; 2]) -> Pos2 {
    let px = transform.to_screen(ImageCorner(DVec2::from_array(at))).0;
    let from = [(rect.left() * ppp).round(), (rect.top() * ppp).round()];
    pos2((px.x as f32 + from[0]) / ppp, (px.y as f32 + from[1]) / ppp)
}

impl Making {
    fn segments(
        &mut self,
        segmentation: &Segmentation,
        on: &On,
        target: &Target<'_>,
    ) -> Result<(), OverlayError> {
        for (k, segment) in segmentation.segments.iter().enumerate() {
            // 0 is the background of a label map.
            if segment.number == 0 || on.hidden.contains(&k) {
                continue;
            }
            let mask = segmentation.mask(segment.number, target)?;
            if mask.is_empty() {
                continue;
            }
            if mask.resampled {
                self.marks.insert(w("paper.resampled").to_owned());
            }
            let name = [&segment.algorithm_name, &segment.label];
            let name = name.into_iter().find(|n| !n.trim().is_empty());
            self.by_model(&segment.algorithm_type, name.map_or("", |n| n.trim()));
            self.fill(&mask.values, segment.colour, on.opacity);
            self.lines.push(Drawn {
                colour: segment.colour,
                dashed: false,
                lines: mask.outline().into_iter().map(Vec::from).collect(),
                crosses: Vec::new(),
            });
        }
        Ok(())
    }

    /// `here` gives the contours of a region that belong to the slice; `None` where the picture is no slice.
    fn contours(
        &mut self,
        set: &StructureSet,
        on: &On,
        target: &Target<'_>,
        mut here: impl FnMut(usize, &Roi) -> Option<Vec<usize>>,
    ) -> Result<(), OverlayError> {
        let mut refused = None;
        let mut shown = 0_usize;
        for (k, roi) in set.rois.iter().enumerate() {
            if roi.contours.is_empty() || on.hidden.contains(&k) {
                continue;
            }
            let region = match here(k, roi) {
                Some(contours) => roi.on_slice(&contours, target),
                None => roi.on_plane(target),
            };
            match region {
                Ok(region) => {
                    shown += 1;
                    self.region(roi, &region, on.opacity);
                }
                Err(why) => refused = Some(why),
            }
        }
        // One region of another frame of reference does not hide the others.
        match refused {
            Some(why) if shown == 0 => Err(why),
            _ => Ok(()),
        }
    }

    fn region(&mut self, roi: &Roi, region: &RoiOnPlane, opacity: u8) {
        if region.lines.is_empty() && region.mask.is_empty() {
            return;
        }
        if region.projected {
            self.marks.insert(w("paper.projected").to_owned());
        }
        if region.interpolated {
            self.marks.insert(w("paper.interpolated").to_owned());
        }
        self.by_model(&roi.algorithm, roi.name.trim());
        self.fill(&region.mask.values, roi.colour, opacity);
        let (points, lines): (Vec<_>, Vec<_>) = region
            .lines
            .iter()
            .partition(|l| l.kind == ContourKind::Point);
        let mut drawn: Vec<Vec<[f64; 2]>> = lines.into_iter().map(|l| l.points.clone()).collect();
        if region.interpolated {
            drawn.extend(region.mask.outline().into_iter().map(Vec::from));
        }
        self.lines.push(Drawn {
            colour: roi.colour,
            dashed: region.interpolated,
            lines: drawn,
            crosses: points.into_iter().flat_map(|l| l.points.clone()).collect(),
        });
    }

    /// What a machine drew without a hand says so on the picture, and so on every print and export of it (D-19).
    fn by_model(&mut self, algorithm_type: &str, name: &str) {
        if algorithm_type.trim().eq_ignore_ascii_case("AUTOMATIC") {
            self.marks
                .insert(wf("paper.model_output", &[("what", &name)]));
        }
    }

    /// Lays a colour over what is filled so far.
    fn fill(&mut self, values: &[u8], colour: [u8; 3], opacity: u8) {
        let opacity = f32::from(opacity.min(100)) / 100.0;
        for (pixel, value) in self.rgba.chunks_exact_mut(4).zip(values) {
            if *value == 0 || opacity <= 0.0 {
                continue;
            }
            self.any = true;
            let [r, g, b, a] = pixel else { continue };
            let over = opacity * f32::from(*value) / 255.0;
            let under = f32::from(*a) / 255.0 * (1.0 - over);
            let whole = over + under;
            for (channel, new) in [r, g, b].into_iter().zip(colour) {
                let mixed = f32::from(new) * over + f32::from(*channel) * under;
                *channel = (mixed / whole).round() as u8;
            }
            *a = (whole * 255.0).round() as u8;
        }
    }
}

impl Made {
    fn paint(&self, ui: &Ui, slot: &str, below: &Below<'_>) {
        let painter = ui.painter().with_clip_rect(below.rect);
        let ppp = ui.pixels_per_point();
        let [right, bottom] = below.size.map(f64::from);
        if let Some(fill) = &self.fill {
            let mut mesh = Mesh::with_texture(fill.0.id());
            for (at, uv) in [
                ([0.0, 0.0], [0.0, 0.0]),
                ([right, 0.0], [1.0, 0.0]),
                ([right, bottom], [1.0, 1.0]),
                ([0.0, bottom], [0.0, 1.0]),
            ] {
                mesh.vertices.push(egui::epaint::Vertex {
                    pos: below.to_screen(ppp, at),
                    uv: pos2(uv[0], uv[1]),
                    color: Color32::WHITE,
                });
            }
            mesh.add_triangle(0, 1, 2);
            mesh.add_triangle(0, 2, 3);
            painter.add(Shape::mesh(Arc::new(mesh)));
        }
        for drawn in &self.lines {
            let stroke = Stroke::new(1.5, file_colour(drawn.colour));
            for line in &drawn.lines {
                let points: Vec<Pos2> = line.iter().map(|p| below.to_screen(ppp, *p)).collect();
                if drawn.dashed {
                    painter.extend(Shape::dashed_line(&points, stroke, 4.0, 3.0));
                } else {
                    painter.add(Shape::line(points, stroke));
                }
            }
            for at in &drawn.crosses {
                let c = below.to_screen(ppp, *at);
                for d in [vec2(5.0, 0.0), vec2(0.0, 5.0)] {
                    painter.line_segment([c - d, c + d], stroke);
                }
            }
        }
        if !self.marks.is_empty() {
            let words = self.marks.join(" · ");
            let at = below.rect.center_top() + vec2(0.0, 62.0);
            let width = below.rect.width() - 40.0;
            text::on_image_in(
                &painter,
                at,
                Align::Center,
                &words,
                f::small_strong(),
                width,
            );
            text::spoken(ui, ("overlay marks", slot), below.rect, &words);
        }
    }
}

/// Segments of a segmentation as lines of text.
pub(super) fn segment_lines(segmentation: &Segmentation) -> Vec<Line> {
    let mut lines: Vec<Line> = segmentation
        .segments
        .iter()
        .filter(|s| s.number != 0)
        .map(|s| Line::of(&s.label, segment_words(segmentation, s.number)))
        .collect();
    let problems = segmentation.problems.iter();
    lines.extend(problems.map(|p| Line::of(w("paper.problem"), p.clone())));
    lines
}

/// `automatic: NAME · Liver · 1.2 ml`
pub(super) fn segment_words(segmentation: &Segmentation, number: u16) -> String {
    let Some(segment) = segmentation.segment(number) else {
        return String::new();
    };
    let extent = segmentation.extent(number);
    let mut parts = vec![segment.algorithm()];
    parts.extend(segment.property.as_ref().map(|p| p.meaning.clone()));
    parts.extend(
        extent
            .volume_mm3
            .map(|v| write::volume(v, DecimalSign::Point)),
    );
    if extent.has_gap {
        parts.push(w("paper.gap").to_owned());
    }
    parts.retain(|p| !p.is_empty());
    parts.join(" · ")
}

/// Regions of a structure set as lines of text.
pub(super) fn roi_lines(set: &StructureSet) -> Vec<Line> {
    let mut lines: Vec<Line> = set
        .rois
        .iter()
        .map(|roi| Line::of(&roi.name, roi_words(roi)))
        .collect();
    lines.extend(
        set.problems
            .iter()
            .map(|p| Line::of(w("paper.problem"), p.clone())),
    );
    lines
}

/// `manual · 12 contours · 268.1 ml (contour areas × spacing)`
pub(super) fn roi_words(roi: &Roi) -> String {
    if roi.contours.is_empty() {
        return w("paper.no_contours").to_owned();
    }
    let volume = roi.volume();
    let mut parts = vec![
        roi.algorithm.to_lowercase(),
        wf("paper.contours", &[("n", &roi.contours.len())]),
    ];
    parts.extend(volume.mm3.map(|mm3| {
        let ml = write::volume(mm3, DecimalSign::Point);
        format!("{ml} ({})", ContourVolume::METHOD)
    }));
    if volume.has_gap {
        parts.push(w("paper.gap").to_owned());
    }
    parts.retain(|p| !p.is_empty());
    parts.join(" · ")
}

/// What the panel lists of an object.
pub(super) fn rows(content: &ObjectContent) -> Vec<Row> {
    match content {
        ObjectContent::Segmentation(s) => {
            let real = s.segments.iter().enumerate().filter(|(_, g)| g.number != 0);
            real.map(|(at, segment)| Row {
                at,
                label: segment.label.clone(),
                words: segment_words(s, segment.number),
                colour: segment.colour,
                middle: s.extent(segment.number).centroid,
                empty: s.planes_of(segment.number).next().is_none(),
            })
            .collect()
        }
        ObjectContent::Structures(set) => {
            let all = set.rois.iter().enumerate();
            all.map(|(at, roi)| Row {
                at,
                label: roi.name.clone(),
                words: roi_words(roi),
                colour: roi.colour,
                middle: middle_of(roi),
                empty: roi.contours.is_empty(),
            })
            .collect()
        }
        _ => Vec::new(),
    }
}

/// Mean of all points of a region.
fn middle_of(roi: &Roi) -> Option<[f64; 3]> {
    let points = || roi.contours.iter().flat_map(|c| &c.points);
    let count = points().count();
    let sum = |axis: usize| points().filter_map(|p| p.get(axis)).sum::<f64>();
    (count > 0).then(|| [0, 1, 2].map(|axis| sum(axis) / count as f64))
}
