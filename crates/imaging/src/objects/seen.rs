//! What a reader sees, as presentation states: windows, polarity, rotation and flip, the part that is displayed, drawings.

use serde::{Deserialize, Serialize};
use triptych_clinical::{SeriesUid, SopInstanceUid};

use super::{
    context::WriteError,
    elements::decimal,
    outline,
    presentation_state::{
        DisplayedArea, GraphicAnnotation, GraphicKind, GraphicLayer, GraphicObject, ModalityStage,
        PresentationStage, PresentationState, SizeMode, StateLut, TextAnchor, TextObject, Units,
        VoiItem,
    },
    reference::{ImageReference, SeriesReference},
};
use crate::{
    DicomFile, Photometric,
    annotate::{Annotation, Shape},
    display::{Lut, ModalityLut, Voi, Window, WindowChoice},
    geometry::ViewState,
    tags,
};

/// Layer of our drawings.
const LAYER: &str = "DRAWINGS";
/// Length of the two lines of an arrow's head, image pixels.
const HEAD: f64 = 8.0;

/// One image as it is shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeenImage {
    /// Its series.
    pub series: SeriesUid,
    /// The instance, with frames where only some are shown like this.
    pub image: ImageReference,
    /// Columns, rows.
    pub size: [u32; 2],
    /// From stored to modality values, as the image says.
    pub modality: ModalityStage,
    /// Photometric Interpretation is MONOCHROME1: low values are bright without any inversion by the user.
    pub monochrome1: bool,
    /// Rotation and flips count; zoom and pan are in `area`.
    pub view: ViewState,
    /// The user inverted the picture.
    pub inverted: bool,
    /// Window or table; `None` on colour images.
    pub voi: Option<Voi>,
    /// Left, top, right, bottom pixel that is visible, from 1; `None`: the whole image.
    pub area: Option<[i32; 4]>,
    /// Between rows, between columns, mm, where it is known.
    pub spacing: Option<[f64; 2]>,
    /// Pixel Aspect Ratio, vertical and horizontal, where there is no spacing.
    pub aspect: Option<[i64; 2]>,
    /// Drawings on it, each with the text that stands beside it; an empty one for none.
    pub drawings: Vec<(Annotation, String)>,
}

impl SeenImage {
    /// Frame `k`, counted from 0, as the file alone says that it is shown. To be called where outside bytes may be parsed. `None` for a
    /// file without pixels or identity.
    #[must_use]
    pub fn of(file: &DicomFile, k: u32) -> Option<Self> {
        let data = file.data();
        let description = file.description().ok()?;
        let attributes = file.display_attributes(usize::try_from(k).ok()?);
        let instance = SopInstanceUid::new(&data.first_text(tags::SOP_INSTANCE_UID)?).ok()?;
        let mut image = ImageReference::whole(data.first_text(tags::SOP_CLASS_UID)?, instance);
        if description.frames > 1 {
            image.frames = vec![k];
        }
        let unit = match attributes.unit.as_str() {
            "" => "US",
            unit => unit,
        };
        let modality = match &attributes.modality_lut {
            ModalityLut::Identity => ModalityStage::Identity,
            ModalityLut::Rescale { slope, intercept } => ModalityStage::Rescale {
                slope: written(*slope),
                intercept: written(*intercept),
                unit: unit.to_owned(),
            },
            ModalityLut::Table(lut) => ModalityStage::Table {
                lut: state_lut(lut, ""),
                unit: unit.to_owned(),
            },
        };
        let grey = matches!(
            description.photometric,
            Photometric::Monochrome1 | Photometric::Monochrome2
        );
        let window = attributes.windows.first().map(|w| Voi::Window(w.window));
        let table = attributes.voi_luts.first().cloned().map(Voi::Lut);
        let spacing = &attributes.spacing;
        let pair = |s: Option<[f64; 2]>| s.map(|s| s.map(written));
        #[expect(
            clippy::cast_possible_truncation,
            reason = "ratios of the file are small"
        )]
        let aspect = spacing.pixel_aspect_ratio.map(|a| a.map(|v| v as i64));
        Some(Self {
            series: SeriesUid::new(&data.first_text(tags::SERIES_INSTANCE_UID)?).ok()?,
            image,
            size: [description.columns, description.rows],
            modality: if grey {
                modality
            } else {
                ModalityStage::Identity
            },
            monochrome1: description.photometric == Photometric::Monochrome1,
            view: ViewState::default(),
            inverted: false,
            voi: window.or(table).filter(|_| grey),
            area: None,
            spacing: pair(spacing.pixel_spacing.or(spacing.imager_pixel_spacing)),
            aspect: aspect.filter(|a| a.iter().all(|v| *v > 0)),
            drawings: Vec::new(),
        })
    }

    /// Rotation and flip in the normal form of T31.
    fn turn(&self) -> Result<(u16, bool), WriteError> {
        let (rotation, flip) = self.view.normal();
        let quarter = [0_u16, 90, 180, 270]
            .into_iter()
            .find(|q| (f64::from(*q) - rotation).abs() < 1e-9);
        quarter
            .map(|q| (q, flip))
            .ok_or_else(|| WriteError::Unsayable {
                what: format!("rotation by {rotation:.1} degrees"),
                why: "a presentation state holds quarter turns only".to_owned(),
            })
    }

    /// The state alone decides polarity: a MONOCHROME1 image as it is meant is the inverse of its greys.
    const fn polarity(&self) -> PresentationStage {
        if self.monochrome1 == self.inverted {
            PresentationStage::Identity
        } else {
            PresentationStage::Inverse
        }
    }

    fn area(&self, rotation: u16, flip: bool) -> DisplayedArea {
        let whole = self.size.map(|n| i32::try_from(n).unwrap_or(i32::MAX));
        let [left, top, right, bottom] = self.area.unwrap_or([1, 1, whole[0], whole[1]]);
        // Corners clockwise from the upper left of the image; a clockwise turn moves the last one to the front.
        let mut corners = [[left, top], [right, top], [right, bottom], [left, bottom]];
        corners.rotate_right(usize::from(rotation / 90));
        if flip {
            corners.swap(0, 1);
            corners.swap(2, 3);
        }
        let [top_left, _, bottom_right, _] = corners;
        let aspect = self.aspect.unwrap_or([1, 1]);
        DisplayedArea {
            scope: Vec::new(),
            top_left,
            bottom_right,
            mode: SizeMode::ScaleToFit,
            spacing: self.spacing,
            aspect: self.spacing.is_none().then_some(aspect),
        }
    }
}

/// A number as DS keeps it, so that a state is the same when it is read.
fn written(value: f64) -> f64 {
    decimal(value).parse().unwrap_or(value)
}

fn state_lut(lut: &Lut, explanation: &str) -> StateLut {
    let entries = lut.entries();
    // 65 536 entries are stated as 0.
    let count = u16::try_from(entries.len()).unwrap_or(0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the word of a descriptor, signed or not"
    )]
    let first = lut.first() as u16;
    StateLut {
        descriptor: [count, first, lut.bits()],
        words: entries.to_vec(),
        explanation: explanation.to_owned(),
    }
}

/// What is seen, as states: images that are turned alike, have the same polarity and the same modality values share one; in it, each
/// window and each area stands once. All images must be of one study.
///
/// # Errors
/// [`WriteError::Nothing`] without images; [`WriteError::Unsayable`] for a rotation that is no quarter turn.
pub fn as_seen(
    images: &[SeenImage],
    label: &str,
    description: &str,
    creator: &str,
) -> Result<Vec<PresentationState>, WriteError> {
    if images.is_empty() {
        return Err(WriteError::Nothing("no image is shown"));
    }
    let mut states: Vec<PresentationState> = Vec::new();
    for seen in images {
        let (rotation_degrees, flip_h) = seen.turn()?;
        let presentation = seen.polarity();
        let alike = states.iter().position(|s| {
            s.rotation_degrees == rotation_degrees
                && s.flip_h == flip_h
                && s.presentation == presentation
                && s.modality == seen.modality
        });
        let k = alike.unwrap_or(states.len());
        if alike.is_none() {
            states.push(PresentationState {
                label: label.to_owned(),
                description: description.to_owned(),
                creator: creator.to_owned(),
                modality: seen.modality.clone(),
                presentation,
                rotation_degrees,
                flip_h,
                ..PresentationState::default()
            });
        }
        if let Some(state) = states.get_mut(k) {
            add(state, seen);
        }
    }
    for state in &mut states {
        widen(state);
    }
    Ok(states)
}

fn add(state: &mut PresentationState, seen: &SeenImage) {
    let known = state
        .references
        .iter()
        .position(|s| s.series == seen.series)
        .unwrap_or(state.references.len());
    if known == state.references.len() {
        state.references.push(SeriesReference {
            series: seen.series.clone(),
            images: Vec::new(),
        });
    }
    if let Some(series) = state.references.get_mut(known) {
        merge(&mut series.images, &seen.image);
    }
    if let Some(voi) = &seen.voi {
        let item = voi_item(voi);
        let same = |v: &&mut VoiItem| v.windows == item.windows && v.luts == item.luts;
        match state.voi.iter_mut().find(same) {
            Some(known) => merge(&mut known.scope, &seen.image),
            None => state.voi.push(VoiItem {
                scope: vec![seen.image.clone()],
                ..item
            }),
        }
    }
    let area = seen.area(state.rotation_degrees, state.flip_h);
    let same = |a: &&mut DisplayedArea| {
        let scope = a.scope.clone();
        DisplayedArea {
            scope,
            ..area.clone()
        } == **a
    };
    match state.areas.iter_mut().find(same) {
        Some(known) => merge(&mut known.scope, &seen.image),
        None => state.areas.push(DisplayedArea {
            scope: vec![seen.image.clone()],
            ..area
        }),
    }
    if let Some(annotation) = annotation(seen) {
        if state.layers.is_empty() {
            state.layers.push(GraphicLayer {
                name: LAYER.to_owned(),
                order: 1,
                description: "Drawings of the reader".to_owned(),
                grey: None,
                lab: None,
            });
        }
        state.annotations.push(annotation);
    }
}

/// One reference for each instance, with all its frames.
fn merge(images: &mut Vec<ImageReference>, image: &ImageReference) {
    let Some(known) = images.iter_mut().find(|i| i.instance == image.instance) else {
        images.push(image.clone());
        return;
    };
    if image.frames.is_empty() {
        known.frames.clear();
    } else if !known.frames.is_empty() {
        known.frames.extend(&image.frames);
        known.frames.sort_unstable();
        known.frames.dedup();
    }
}

/// A scope that holds all images of the state is not written.
fn widen(state: &mut PresentationState) {
    let all: Vec<ImageReference> = state
        .references
        .iter()
        .flat_map(|s| s.images.clone())
        .collect();
    let narrow = |scope: &mut Vec<ImageReference>| {
        if scope.len() == all.len() && all.iter().all(|i| scope.contains(i)) {
            scope.clear();
        }
    };
    for item in &mut state.voi {
        narrow(&mut item.scope);
    }
    for area in &mut state.areas {
        narrow(&mut area.scope);
    }
}

fn voi_item(voi: &Voi) -> VoiItem {
    let mut item = VoiItem {
        scope: Vec::new(),
        windows: Vec::new(),
        luts: Vec::new(),
    };
    match voi {
        Voi::Window(w) => {
            let rounded = Window::new(written(w.center()), written(w.width()), w.function());
            item.windows.push(WindowChoice {
                window: rounded.unwrap_or(*w),
                explanation: String::new(),
            });
        }
        Voi::Lut(lut) => item.luts.push(state_lut(&lut.lut, &lut.explanation)),
    }
    item
}

fn annotation(seen: &SeenImage) -> Option<GraphicAnnotation> {
    let mut out = GraphicAnnotation {
        layer: LAYER.to_owned(),
        scope: vec![seen.image.clone()],
        graphics: Vec::new(),
        texts: Vec::new(),
    };
    #[expect(clippy::cast_possible_truncation, reason = "FL holds single floats")]
    let single = |p: [f64; 2]| p.map(|v| v as f32);
    for (drawing, text) in &seen.drawings {
        let Some(parts) = outline::screen_parts(drawing.shape, &drawing.points, HEAD) else {
            continue;
        };
        out.graphics
            .extend(parts.into_iter().map(|part| GraphicObject {
                kind: match part.kind {
                    "POINT" => GraphicKind::Point,
                    "CIRCLE" => GraphicKind::Circle,
                    "ELLIPSE" => GraphicKind::Ellipse,
                    _ => GraphicKind::Polyline,
                },
                units: Units::Pixel,
                points: part.points.into_iter().map(single).collect(),
                filled: false,
            }));
        // The text of an arrow stands at its tail.
        let point = match drawing.shape {
            Shape::Arrow => drawing.points.get(1),
            _ => drawing.points.first(),
        };
        if let (false, Some(point)) = (text.is_empty(), point) {
            out.texts.push(TextObject {
                text: text.clone(),
                anchor: Some(TextAnchor {
                    units: Units::Pixel,
                    point: single(*point),
                    visible: true,
                }),
                area: None,
            });
        }
    }
    (!out.graphics.is_empty() || !out.texts.is_empty()).then_some(out)
}
