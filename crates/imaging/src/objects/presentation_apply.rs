//! What a presentation state makes of one frame (T66): the pieces that a window shows, or the reason why it shows none of them.
//!
//! ```text
//! shutter → modality → VOI → presentation LUT → overlays, graphics in pixels → rotation, flip → displayed area, graphics of the display
//! ```

use serde::{Deserialize, Serialize};
use triptych_clinical::SopInstanceUid;

use super::presentation_state::{
    DisplayedArea, GraphicAnnotation, GraphicLayer, ModalityStage, PresentationStage,
    PresentationState, Shutter as StateShutter, SizeMode, StateLut, StateOverlay,
};
use crate::{
    display::{
        DisplayAttributes, Lut, ModalityLut, Overlay, OverlayKind, PresentationLutShape, Shutter,
        ShutterShape, Voi, VoiLut, WindowChoice, full_range, srgb_of_cielab,
    },
    frame::{Colour, FrameShape, SampleType},
    geometry::{ImageCorner, ViewState, ViewTransform, ViewportPx},
};

/// A frame that a state may be applied to.
#[derive(Clone, Copy, Debug)]
pub struct FrameToShow<'a> {
    /// SOP Instance UID.
    pub instance: &'a SopInstanceUid,
    /// Counted from 0.
    pub frame: u32,
    /// Size and samples.
    pub shape: FrameShape,
    /// As the image itself wants to be shown.
    pub display: &'a DisplayAttributes,
}

/// A frame as a state shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Applied {
    /// To draw with, and with nothing else: modality stage, shutter, overlays and polarity are the state's. Values are measured and probed
    /// with those of the image.
    pub display: DisplayAttributes,
    /// From modality value to grey; the user may change a window.
    pub voi: Voi,
    /// Further windows of the state.
    pub other_windows: Vec<WindowChoice>,
    /// The greys went through a table of the state: a window set by hand would skip it, so none may be set.
    pub window_fixed: bool,
    /// Clockwise, degrees, before the flip.
    pub rotation_degrees: f64,
    /// After the rotation.
    pub flip_h: bool,
    /// What fills the viewport; `None` for the whole image.
    pub area: Option<DisplayedArea>,
    /// Graphics and texts, those of lower layers first.
    pub graphics: Vec<LayerGraphics>,
    /// To be shown with it.
    pub marks: Vec<String>,
}

/// Graphics of one layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerGraphics {
    /// Name of the layer.
    pub layer: String,
    /// Of its graphics.
    pub colour: [u8; 3],
    /// What is drawn.
    pub annotation: GraphicAnnotation,
}

/// Why a state is not applied, part by part. Nothing of it is shown then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("presentation state not applied: {}", .reasons.join("; "))]
pub struct Refused {
    /// Each names the part.
    pub reasons: Vec<String>,
}

/// Graphics without a recommended colour.
const WHITE: [u8; 3] = [255; 3];

impl PresentationState {
    /// What it makes of a frame.
    ///
    /// # Errors
    /// [`Refused`] when a part of it is not understood, when it does not refer to the frame, or when the frame has no greys it could act on.
    pub fn apply(&self, to: &FrameToShow<'_>) -> Result<Applied, Refused> {
        let mut reasons = self.unknown.clone();
        if !self.covers(to.instance, to.frame) {
            reasons.push("it does not refer to this frame".to_owned());
        }
        if !matches!(to.shape.colour, Colour::Monochrome1 | Colour::Monochrome2) {
            reasons.push("it is for greys, the image has colours".to_owned());
        }
        if matches!(to.shape.sample, SampleType::F32 | SampleType::F64) {
            reasons.push("it is for whole numbers, the pixels are floats".to_owned());
        }
        if !self.masks.is_empty() {
            reasons.push("mask subtraction: it cannot be applied".to_owned());
        }
        let area = self.area_for(to.instance, to.frame).cloned();
        if area.as_ref().is_some_and(|a| !same_pixels(a, to.display)) {
            reasons.push("displayed area: its pixels are not shaped as the image's".to_owned());
        }
        let overlays = self.overlays(to, &mut reasons);
        let shutter = self.shutter_of(to, &mut reasons);
        let greys = self.greys(to);
        let (greys, shutter) = match (greys, shutter) {
            (Ok(greys), Ok(shutter)) if reasons.is_empty() => (greys, shutter),
            (greys, shutter) => {
                reasons.extend(greys.err());
                reasons.extend(shutter.err());
                return Err(Refused { reasons });
            }
        };
        let graphics = self.annotations_for(to.instance, to.frame);
        let graphics = graphics.into_iter().map(|annotation| LayerGraphics {
            layer: annotation.layer.clone(),
            colour: self.colour(&annotation.layer),
            annotation: annotation.clone(),
        });
        let label = if self.label.is_empty() {
            "presentation state".to_owned()
        } else {
            format!("presentation state {}", self.label)
        };
        let mut marks = vec![label];
        if !self.left_out.is_empty() {
            marks.push("styles of the presentation state left out".to_owned());
        }
        if !same_modality(&greys.modality, &to.display.modality_lut) && !greys.fixed {
            marks.push("greys by the presentation state, values by the image".to_owned());
        }
        Ok(Applied {
            graphics: graphics.collect(),
            display: DisplayAttributes {
                modality_lut: greys.modality,
                windows: Vec::new(),
                voi_luts: Vec::new(),
                presentation_lut_shape: Some(greys.polarity),
                overlays,
                shutter,
                ..to.display.clone()
            },
            voi: greys.voi,
            other_windows: greys.other_windows,
            window_fixed: greys.fixed,
            rotation_degrees: f64::from(self.rotation_degrees),
            flip_h: self.flip_h,
            area,
            marks,
        })
    }

    /// The colour of a layer, white when it names none.
    fn colour(&self, layer: &str) -> [u8; 3] {
        let found = self.layers.iter().find(|l| l.name == layer);
        let grey = |l: &GraphicLayer| {
            let p_value = u32::from(l.grey?);
            u8::try_from((p_value * 255 + 32_767) / 65_535).ok()
        };
        found
            .and_then(|l| match l.lab {
                Some(lab) => Some(srgb_of_cielab(lab)),
                None => grey(l).map(|g| [g; 3]),
            })
            .unwrap_or(WHITE)
    }

    fn overlays(&self, to: &FrameToShow<'_>, reasons: &mut Vec<String>) -> Vec<Overlay> {
        let mut shown: Vec<(Option<i64>, Overlay)> = Vec::new();
        for overlay in &self.overlays {
            let Some(layer) = &overlay.layer else {
                continue;
            };
            let order = self.layers.iter().find(|l| l.name == *layer);
            match plane(overlay, to) {
                Some(plane) => {
                    let colour = Some(self.colour(layer));
                    shown.push((order.map(|l| l.order), Overlay { colour, ..plane }));
                }
                None => reasons.push(format!(
                    "overlay {:04X}: the image has no such overlay",
                    overlay.group
                )),
            }
        }
        shown.sort_by_key(|(order, _)| *order);
        shown.into_iter().map(|(_, plane)| plane).collect()
    }

    fn shutter_of(
        &self,
        to: &FrameToShow<'_>,
        reasons: &mut Vec<String>,
    ) -> Result<Option<Shutter>, String> {
        let Some(state) = &self.shutter else {
            return Ok(None);
        };
        let bitmap = match state.bitmap_group {
            None => None,
            Some(group) => {
                let own = self.overlays.iter().find(|o| o.group == group);
                let plane = match own {
                    Some(own) => plane(own, to),
                    None => of_image(group, to),
                };
                if plane.is_none() {
                    reasons.push(format!("bitmap shutter: overlay {group:04X} is missing"));
                }
                plane
            }
        };
        shutter(state, bitmap, to.display.spacing.height_over_width()).map(Some)
    }

    fn greys(&self, to: &FrameToShow<'_>) -> Result<Greys, String> {
        let (low, high) = stored_range(to)?;
        let signed = low < 0.0;
        let modality = match &self.modality {
            ModalityStage::Identity => ModalityLut::Identity,
            ModalityStage::Rescale {
                slope, intercept, ..
            } => ModalityLut::Rescale {
                slope: *slope,
                intercept: *intercept,
            },
            ModalityStage::Table { lut, .. } => {
                let table = lut.lut(signed);
                ModalityLut::Table(table.map_err(|e| format!("modality LUT: {e}"))?)
            }
        };
        let (lowest, highest, whole) = match &modality {
            ModalityLut::Identity => (low, high, true),
            ModalityLut::Rescale { slope, intercept } => {
                let (a, b) = (low * slope + intercept, high * slope + intercept);
                let whole = slope.fract() == 0.0 && intercept.fract() == 0.0;
                (a.min(b), a.max(b), whole)
            }
            ModalityLut::Table(lut) => (0.0, f64::from((1_u32 << lut.bits()) - 1), true),
        };
        let item = self.voi_for(to.instance, to.frame);
        let window = item.and_then(|i| i.windows.first());
        let table = item.and_then(|i| i.luts.first());
        let voi = match (window, table) {
            (Some(window), _) => Voi::Window(window.window),
            (None, Some(table)) => Voi::Lut(VoiLut {
                lut: table
                    .lut(lowest < 0.0)
                    .map_err(|e| format!("VOI LUT: {e}"))?,
                explanation: table.explanation.clone(),
            }),
            // The identity: all values there can be.
            (None, None) => full_range(lowest, highest, whole)
                .map(Voi::Window)
                .ok_or("VOI: the values have no range")?,
        };
        let other_windows = item.map_or(&[][..], |i| i.windows.get(1..).unwrap_or_default());
        let greys = |modality, voi, polarity, fixed| Greys {
            modality,
            voi,
            polarity,
            fixed,
            other_windows: other_windows.to_vec(),
        };
        match &self.presentation {
            PresentationStage::Identity => {
                Ok(greys(modality, voi, PresentationLutShape::Identity, false))
            }
            PresentationStage::Inverse => {
                Ok(greys(modality, voi, PresentationLutShape::Inverse, false))
            }
            PresentationStage::Table(table) => {
                let all = all_in_one(table, &modality, &voi, low, high)?;
                let polarity = PresentationLutShape::Identity;
                Ok(greys(ModalityLut::Identity, all, polarity, true))
            }
        }
    }
}

struct Greys {
    modality: ModalityLut,
    voi: Voi,
    polarity: PresentationLutShape,
    fixed: bool,
    other_windows: Vec<WindowChoice>,
}

/// Lowest and highest stored value.
fn stored_range(to: &FrameToShow<'_>) -> Result<(f64, f64), String> {
    let bits = i32::from(to.display.bits_stored);
    if !(1..=32).contains(&bits) {
        return Err(format!("{bits} bits stored"));
    }
    let signed = matches!(
        to.shape.sample,
        SampleType::I8 | SampleType::I16 | SampleType::I32
    );
    Ok(if signed {
        (-(2_f64.powi(bits - 1)), 2_f64.powi(bits - 1) - 1.0)
    } else {
        (0.0, 2_f64.powi(bits) - 1.0)
    })
}

/// Modality, VOI and presentation table as one table of stored values: exact for each of them.
fn all_in_one(
    table: &StateLut,
    modality: &ModalityLut,
    voi: &Voi,
    low: f64,
    high: f64,
) -> Result<Voi, String> {
    let refused = |e: &dyn std::fmt::Display| format!("presentation LUT: {e}");
    let table = table.lut(false).map_err(|e| refused(&e))?;
    let count = high - low + 1.0;
    if count > 65_536.0 {
        return Err(refused(&"the pixels have more than 16 bits"));
    }
    let last = table.entries().len().saturating_sub(1);
    let top = f64::from((1_u32 << table.bits()) - 1);
    let words: Vec<u16> = (0..count as u32)
        .map(|k| {
            let grey = voi.apply(modality.apply(low + f64::from(k)));
            let at = (grey * last as f64 + 0.5).floor() as usize;
            let p_value = table.entries().get(at.min(last)).copied().unwrap_or(0);
            (f64::from(p_value).min(top) / top * 65_535.0).round() as u16
        })
        .collect();
    let lut =
        Lut::new((words.len() % 65_536) as u16, low as i32, 16, &words).map_err(|e| refused(&e))?;
    Ok(Voi::Lut(VoiLut {
        lut,
        explanation: String::new(),
    }))
}

fn same_modality(a: &ModalityLut, b: &ModalityLut) -> bool {
    let line = |m: &ModalityLut| match m {
        ModalityLut::Identity => Some((1.0, 0.0)),
        ModalityLut::Rescale { slope, intercept } => Some((*slope, *intercept)),
        ModalityLut::Table(_) => None,
    };
    match (line(a), line(b)) {
        (None, None) => a == b,
        (a, b) => a == b,
    }
}

/// The bits of a state's overlay: its own, else those of the image.
fn plane(overlay: &StateOverlay, to: &FrameToShow<'_>) -> Option<Overlay> {
    let Some(own) = &overlay.plane else {
        return of_image(overlay.group, to);
    };
    Some(Overlay {
        group: overlay.group,
        kind: if own.graphics {
            OverlayKind::Graphics
        } else {
            OverlayKind::Roi
        },
        rows: own.rows,
        columns: own.columns,
        origin: own.origin,
        label: own.label.clone(),
        statistics: None,
        colour: None,
        bits: own.bits.clone(),
    })
}

fn of_image(group: u16, to: &FrameToShow<'_>) -> Option<Overlay> {
    let own = to.display.overlays.iter().find(|o| o.group == group);
    own.cloned()
}

fn shutter(
    state: &StateShutter,
    bitmap: Option<Overlay>,
    height_over_width: f64,
) -> Result<Shutter, String> {
    let mut shapes = Vec::new();
    if let Some(r) = state.rectangle {
        shapes.push(ShutterShape::Rectangular {
            left: r.left,
            right: r.right,
            upper: r.upper,
            lower: r.lower,
        });
    }
    if let Some((center, radius)) = state.circle {
        shapes.push(ShutterShape::Circular {
            center,
            radius: f64::from(radius),
            height_over_width,
        });
    }
    if let Some(vertices) = &state.polygon {
        if vertices.len() > Shutter::MOST_VERTICES {
            return Err(format!("display shutter: {} vertices", vertices.len()));
        }
        shapes.push(ShutterShape::Polygonal {
            vertices: vertices.clone(),
        });
    }
    shapes.extend(bitmap.map(ShutterShape::Bitmap));
    Ok(Shutter {
        shapes,
        value: state.p_value.unwrap_or(0),
        cielab: state.lab,
    })
}

/// Whether a displayed area speaks of pixels of the shape that the image says.
fn same_pixels(area: &DisplayedArea, display: &DisplayAttributes) -> bool {
    let stated = match (area.spacing, area.aspect) {
        (Some([rows, columns]), _) => rows / columns,
        (None, Some([vertical, horizontal])) => vertical as f64 / horizontal as f64,
        (None, None) => return true,
    };
    (stated / display.spacing.height_over_width() - 1.0).abs() < 1e-3
}

impl Applied {
    /// The view of an image of `columns` × `rows` pixels in a viewport. `screen_mm` is the size of a screen pixel, where the screen was
    /// measured: an area of true size fits the viewport without it, and [`Applied::is_true_size`] says so.
    #[must_use]
    pub fn view(
        &self,
        columns: u32,
        rows: u32,
        viewport: [u32; 2],
        screen_mm: Option<f64>,
    ) -> ViewState {
        let mut state = ViewState {
            rotation_degrees: self.rotation_degrees,
            flip_h: self.flip_h,
            ..ViewState::default()
        };
        let Some(area) = &self.area else {
            return state;
        };
        let aspect = self.display.spacing.height_over_width();
        let fitted = ViewTransform::new(columns, rows, aspect, viewport, &state);
        let [left, top, right, bottom] = area.rectangle().map(f64::from);
        let [width, height] = [right - left + 1.0, (bottom - top + 1.0) * aspect];
        let [across, down] = if self.rotation_degrees % 180.0 == 0.0 {
            [width, height]
        } else {
            [height, width]
        };
        let fit = (f64::from(viewport[0]) / across).min(f64::from(viewport[1]) / down);
        let scale = match (area.mode, area.spacing, screen_mm) {
            (SizeMode::Magnify(ratio), ..) => ratio,
            (SizeMode::TrueSize, Some([_, columns]), Some(mm)) if mm > 0.0 => columns / mm,
            (SizeMode::ScaleToFit | SizeMode::TrueSize, ..) => fit,
        };
        state.zoom = scale / fitted.fit();
        let middle = ImageCorner(glam::DVec2::new(
            (left - 1.0 + right) / 2.0,
            (top - 1.0 + bottom) / 2.0,
        ));
        let zoomed = ViewTransform::new(columns, rows, aspect, viewport, &state);
        let port = glam::DVec2::from_array(viewport.map(f64::from));
        let off = port / 2.0 - zoomed.to_screen(middle).0;
        state.pan = off.to_array();
        state
    }

    /// Whether the area is to be as large as in the patient, which needs a measured screen.
    #[must_use]
    pub fn is_true_size(&self) -> bool {
        let mode = self.area.as_ref().map(|a| a.mode);
        mode == Some(SizeMode::TrueSize)
    }

    /// Where a position in fractions of the displayed area (units DISPLAY) is on the screen, for the transform that is drawn with.
    #[must_use]
    pub fn display_to_screen(
        &self,
        at: [f32; 2],
        columns: u32,
        rows: u32,
        transform: &ViewTransform,
    ) -> ViewportPx {
        let whole = [1, 1, columns, rows].map(|v| i32::try_from(v).unwrap_or(i32::MAX));
        let area = self.area.as_ref().map_or(whole, DisplayedArea::rectangle);
        let [left, top, right, bottom] = area.map(f64::from);
        let screen = |x, y| transform.to_screen(ImageCorner(glam::DVec2::new(x, y))).0;
        let (a, b) = (screen(left - 1.0, top - 1.0), screen(right, bottom));
        let (low, high) = (a.min(b), a.max(b));
        let at = glam::DVec2::from_array(at.map(f64::from));
        ViewportPx(low + (high - low) * at)
    }
}
