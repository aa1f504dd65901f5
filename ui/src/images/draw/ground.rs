//! What is drawn on: one frame, or a plane cut through a volume, as it lies on the screen now.

use egui::{Pos2, Rect, pos2};
use glam::DVec2;
use triptych_render::{ImageCorner, Picture, ViewTransform, ViewportPx};
use triptych_workbench::annotate::{Anchor, AnchorImage, AnchorPlane, Annotation, Shape};
use triptych_workbench::measure::{self, Reading, calibrate, state};
use triptych_workbench::suv::{Suv, SuvRefusal, earliest_acquisition, suv};
use triptych_workbench::view::{SeriesView, Slice, StudyView};

use crate::images::cut::Made;

/// A place for drawings. A tile of a volume makes its own, with the plane's values in `picture`.
#[derive(Clone)]
pub(crate) struct Ground<'a> {
    /// Of what is drawn here.
    pub anchor: Anchor,
    /// What drawings are measured on.
    pub picture: measure::Picture<'a>,
    /// Names the picture, so that a reading is not made twice.
    pub picture_id: u64,
    /// Physical pixels of the tile to pixels of the plane.
    pub transform: ViewTransform,
    /// The tile, points.
    pub rect: Rect,
    /// Physical pixels in a point.
    pub ppp: f32,
    /// A drawing so far off the plane is still on it, mm.
    pub half_slice_mm: f64,
}

/// SUV of one picture.
#[derive(Debug)]
pub(crate) struct SuvOf {
    picture: u64,
    suv: Result<Suv, SuvRefusal>,
}

impl SuvOf {
    /// Keeps `known` when it is of this picture. The earliest acquisition of the series decides when the scan began, so nothing is said
    /// before all its images are there.
    pub fn keep(known: Option<Self>, series: &SeriesView, picture: &Picture) -> Option<Self> {
        if known.as_ref().is_some_and(|k| k.picture == picture.id) {
            return known;
        }
        let attributes = picture.display.suv.as_ref()?;
        let mut all = Vec::with_capacity(series.stack.slices.len());
        for slice in &series.stack.slices {
            let decoded = slice.pixels.get()?.ok()?;
            all.push(decoded.display);
        }
        let earliest = earliest_acquisition(all.iter().filter_map(|d| d.suv.as_ref()));
        Some(Self {
            picture: picture.id,
            suv: suv(attributes, earliest),
        })
    }
}

impl<'a> Ground<'a> {
    /// A frame of a display set.
    pub fn of_frame(
        study: &StudyView,
        series: &SeriesView,
        slice: &Slice,
        picture: &'a Picture,
        transform: ViewTransform,
        rect: Rect,
        ppp: f32,
    ) -> Self {
        let shape = picture.frame.shape;
        let size = [shape.columns, shape.rows];
        let display = &picture.display;
        let spacing = display.spacing.pixel_spacing;
        let own = display.plane.map(|p| (p.position, p.orientation));
        let plane = own
            .or_else(|| slice.position.zip(slice.orientation))
            .zip(spacing)
            .map(|((position, orientation), spacing)| AnchorPlane {
                position,
                orientation,
                spacing,
            });
        let mut measured = measure::Picture::new(display, size, Some(&picture.frame));
        let of_instance = series.stack.slices.iter();
        measured.multi_frame = of_instance
            .filter(|s| s.instance == slice.instance)
            .nth(1)
            .is_some();
        Self {
            anchor: Anchor {
                study: study.uid.clone(),
                series: series.uid.clone(),
                frame_of_reference: series.frame_of_reference.clone(),
                plane,
                image: Some(AnchorImage {
                    // The workbench knows it.
                    sop_class: String::new(),
                    instance: slice.instance.clone(),
                    frame: slice.frame,
                    size,
                }),
            },
            picture: measured,
            picture_id: picture.id,
            transform,
            rect,
            ppp,
            half_slice_mm: series.spacing_mm.unwrap_or(1.0) / 2.0,
        }
    }

    /// A plane through the volume of a display set, without its values.
    pub fn of_cut(
        study: &StudyView,
        series: &SeriesView,
        made: &'a Made,
        transform: ViewTransform,
        rect: Rect,
        ppp: f32,
    ) -> Self {
        let view = &made.cut.plane;
        let measured = measure::Picture::new(&made.display, view.size, None);
        let geometry = made.cut.volume.geometry();
        Self {
            anchor: Anchor {
                study: study.uid.clone(),
                series: series.uid.clone(),
                frame_of_reference: series.frame_of_reference.clone(),
                plane: made.display.plane.map(|plane| AnchorPlane {
                    position: plane.position,
                    orientation: plane.orientation,
                    spacing: [view.mm_per_pixel[1], view.mm_per_pixel[0]],
                }),
                image: None,
            },
            picture: measured,
            picture_id: made.id(),
            transform,
            rect,
            ppp,
            half_slice_mm: geometry.step_along_mm(view.normal()) / 2.0,
        }
    }

    /// With the values of the plane: they are sampled here.
    pub fn with_values(mut self, made: &'a Made) -> Self {
        self.picture.plane = made.values().map(|values| values.plane.as_slice());
        self
    }

    /// With the SUV of the frame, where it is a PET.
    pub fn with_suv(mut self, suv: Option<&'a SuvOf>) -> Self {
        self.picture.suv = suv.map(|of| &of.suv);
        self
    }

    /// A reader's line of known length on this image takes the place of what the file says (T40u).
    pub fn calibrated<'d>(mut self, drawings: impl Iterator<Item = &'d Annotation>) -> Self {
        let attributes = self.picture.attributes;
        self.picture.pixel_size = attributes.spacing.pixel_size(&attributes.modality);
        let here = |a: &Annotation| match (&a.anchor.image, &self.anchor.image) {
            (Some(a), Some(b)) => a.instance == b.instance,
            _ => false,
        };
        let line = drawings
            .filter(|a| a.shape == Shape::Calibration && here(a))
            .max_by(|a, b| a.edited.cmp(&b.edited));
        let size = line.and_then(|line| {
            let mut ends = line.corners().map(|c| c.0);
            let ends = [ends.next()?, ends.next()?];
            calibrate(ends, line.known_mm?, self.aspect())
        });
        if let Some(size) = size {
            self.picture.pixel_size = size;
        }
        self
    }

    /// The same place under other calibration lines.
    pub fn recalibrated<'d>(&self, drawings: impl Iterator<Item = &'d Annotation>) -> Self {
        self.clone().calibrated(drawings)
    }

    /// Height of a pixel over its width.
    pub fn aspect(&self) -> f64 {
        match &self.anchor.plane {
            Some(plane) if self.anchor.image.is_none() => plane.spacing[0] / plane.spacing[1],
            _ => self.picture.attributes.spacing.height_over_width(),
        }
    }

    /// Place on the plane below a point of the screen.
    pub fn to_image(&self, at: Pos2) -> DVec2 {
        let from = self.origin();
        let px = DVec2::new(
            f64::from(at.x * self.ppp - from.x),
            f64::from(at.y * self.ppp - from.y),
        );
        self.transform.to_image(ViewportPx(px)).0
    }

    /// Point of the screen above a place on the plane.
    pub fn to_screen(&self, at: DVec2) -> Pos2 {
        let px = self.transform.to_screen(ImageCorner(at)).0;
        let from = self.origin();
        #[allow(clippy::cast_possible_truncation, reason = "a place on a screen")]
        let at = pos2(px.x as f32 + from.x, px.y as f32 + from.y);
        pos2(at.x / self.ppp, at.y / self.ppp)
    }

    /// The tile's corner as the picture is drawn: on whole physical pixels.
    fn origin(&self) -> Pos2 {
        pos2(
            (self.rect.left() * self.ppp).round(),
            (self.rect.top() * self.ppp).round(),
        )
    }

    /// Whether a drawing was made on this very frame or plane.
    pub fn holds(&self, drawing: &Annotation) -> bool {
        let anchor = &drawing.anchor;
        match (&self.anchor.image, &anchor.image) {
            (Some(image), _) => drawing.is_on(&image.instance, image.frame),
            (None, Some(_)) => false,
            (None, None) => {
                let here = self.anchor.plane.as_ref().zip(anchor.plane.as_ref());
                anchor.series == self.anchor.series && here.is_some_and(|(a, b)| is_same(a, b))
            }
        }
    }

    /// What a drawing says here.
    pub fn read(&self, drawing: &Annotation) -> Reading {
        state(drawing, &self.picture)
    }
}

/// One plane twice, but for rounding.
fn is_same(a: &AnchorPlane, b: &AnchorPlane) -> bool {
    let places = |p: &AnchorPlane| {
        let place = p.position.into_iter().chain(p.orientation);
        place.chain(p.spacing).collect::<Vec<f64>>()
    };
    let (a, b) = (places(a), places(b));
    a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-6)
}
