//! A greyscale softcopy presentation state (PS3.3 A.33.1) as values: what it says about how its images are to be shown.
//!
//! It holds no pixel and shows nothing. A stage that is not there is the identity: the image's own VOI is not used in its place
//! (PS3.4 N.2.1.3). A state whose [`PresentationState::unknown`] names anything must be refused, not half applied (T66).

use serde::{Deserialize, Serialize};
use triptych_clinical::SopInstanceUid;

use super::reference::{ImageReference, SeriesReference};
use crate::display::{Lut, LutError, WindowChoice};

/// SOP Class UID of Grayscale Softcopy Presentation State Storage.
pub const GRAYSCALE_STATE: &str = "1.2.840.10008.5.1.4.1.1.11.1";

/// What the file says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PresentationState {
    /// Content Label (0070,0080).
    pub label: String,
    /// Content Description (0070,0081).
    pub description: String,
    /// Presentation Creation Date (0070,0082), as written: `YYYYMMDD`.
    pub created_date: String,
    /// Presentation Creation Time (0070,0083), as written: `HHMMSS.FFFFFF`.
    pub created_time: String,
    /// Content Creator's Name (0070,0084).
    pub creator: String,
    /// All images that it applies to, by series.
    pub references: Vec<SeriesReference>,
    /// What is to be covered.
    pub shutter: Option<Shutter>,
    /// Mask Subtraction Sequence (0028,6100).
    pub masks: Vec<Mask>,
    /// From stored to modality values.
    pub modality: ModalityStage,
    /// From modality values to greys, each for some images. An image that none covers has the identity.
    pub voi: Vec<VoiItem>,
    /// From greys to P-values.
    pub presentation: PresentationStage,
    /// Image Rotation (0070,0042): clockwise, 0, 90, 180 or 270 degrees, before the flip.
    pub rotation_degrees: u16,
    /// Image Horizontal Flip (0070,0041), after the rotation.
    pub flip_h: bool,
    /// Which part of which image fills the screen.
    pub areas: Vec<DisplayedArea>,
    /// Layers that graphics and overlays lie in, to be drawn by rising order.
    pub layers: Vec<GraphicLayer>,
    /// Graphics and texts.
    pub annotations: Vec<GraphicAnnotation>,
    /// Overlays of the state, and those of the images that it switches on.
    pub overlays: Vec<StateOverlay>,
    /// Parts that change the picture and that are not understood or not in order, each with its reason. Not empty: refuse the state.
    pub unknown: Vec<String>,
    /// Parts without which the picture is still the one that was meant: line and text styles, compound graphics beside their plain twins,
    /// private elements.
    pub left_out: Vec<String>,
}

/// Display Shutter (PS3.3 C.7.6.11) and Bitmap Display Shutter (C.7.6.15): the least image of all shapes stays visible.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Shutter {
    /// Left, right vertical edge; upper, lower horizontal edge: columns and rows from 1.
    pub rectangle: Option<ShutterRectangle>,
    /// Centre (row, column) from 1, and radius in pixels along a row.
    pub circle: Option<([i32; 2], i32)>,
    /// Vertices (row, column) from 1.
    pub polygon: Option<Vec<[i32; 2]>>,
    /// Overlay group whose bits cover, such as 0x6000.
    pub bitmap_group: Option<u16>,
    /// Shutter Presentation Value (0018,1622), a P-value of 16 bits.
    pub p_value: Option<u16>,
    /// Shutter Presentation Color CIELab Value (0018,1624).
    pub lab: Option<[u16; 3]>,
}

/// Edges of a rectangular shutter, columns and rows from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShutterRectangle {
    /// Shutter Left Vertical Edge (0018,1602).
    pub left: i32,
    /// Shutter Right Vertical Edge (0018,1604).
    pub right: i32,
    /// Shutter Upper Horizontal Edge (0018,1606).
    pub upper: i32,
    /// Shutter Lower Horizontal Edge (0018,1608).
    pub lower: i32,
}

/// One item of Mask Subtraction Sequence (T64).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mask {
    /// Mask Operation (0028,6101): AVG_SUB, TID or REV_TID.
    pub operation: String,
    /// Frames it is for, first and last, from 0; none: all.
    pub applies_to: Vec<[u32; 2]>,
    /// Mask Frame Numbers (0028,6110), from 0.
    pub frames: Vec<u32>,
    /// Contrast Frame Averaging (0028,6112).
    pub averaged: Option<u32>,
    /// Mask Sub-pixel Shift (0028,6114): rows, columns.
    pub shift: Option<[f64; 2]>,
    /// TID Offset (0028,6120), frames.
    pub tid_offset: Option<i32>,
}

/// A lookup table as it is written: whether its first value is signed depends on the image that it is used on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateLut {
    /// LUT Descriptor (0028,3002): entries (0 for 65 536), first value, bits.
    pub descriptor: [u16; 3],
    /// LUT Data (0028,3006).
    pub words: Vec<u16>,
    /// LUT Explanation (0028,3003).
    pub explanation: String,
}

/// From stored to modality values (PS3.3 C.11.1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum ModalityStage {
    /// None in the state: modality values are stored values.
    #[default]
    Identity,
    /// Slope, intercept and Rescale Type (0028,1054).
    Rescale {
        /// Rescale Slope (0028,1053), not 0.
        slope: f64,
        /// Rescale Intercept (0028,1052).
        intercept: f64,
        /// Rescale Type (0028,1054).
        unit: String,
    },
    /// Modality LUT Sequence (0028,3000) with Modality LUT Type (0028,3004).
    Table {
        /// The table.
        lut: StateLut,
        /// What its output is, such as HU or US (unspecified).
        unit: String,
    },
}

/// One item of Softcopy VOI LUT Sequence (0028,3110).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VoiItem {
    /// Images it is for; none: all of the state.
    pub scope: Vec<ImageReference>,
    /// Windows; the first is the one to use.
    pub windows: Vec<WindowChoice>,
    /// Tables; the first is the one to use where there is no window.
    pub luts: Vec<StateLut>,
}

/// From greys to P-values (PS3.3 C.11.4, C.11.6).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PresentationStage {
    /// The brightest grey is the brightest P-value, also on MONOCHROME1: the state alone decides polarity.
    #[default]
    Identity,
    /// The brightest grey is the darkest P-value.
    Inverse,
    /// Presentation LUT Sequence (2050,0010): input 0 to entries − 1.
    Table(StateLut),
}

/// One item of Displayed Area Selection Sequence (0070,005A).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DisplayedArea {
    /// Images it is for; none: all of the state.
    pub scope: Vec<ImageReference>,
    /// Column and row, from 1, of the pixel that is at the upper left of the picture once it is rotated and flipped. May be outside of the
    /// image.
    pub top_left: [i32; 2],
    /// Column and row, from 1, of the pixel at the lower right.
    pub bottom_right: [i32; 2],
    /// How large it is shown.
    pub mode: SizeMode,
    /// Presentation Pixel Spacing (0070,0101): between rows, between columns, mm.
    pub spacing: Option<[f64; 2]>,
    /// Presentation Pixel Aspect Ratio (0070,0102): vertical, horizontal.
    pub aspect: Option<[i64; 2]>,
}

/// Presentation Size Mode (0070,0100).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum SizeMode {
    /// The whole area, as large as it fits.
    #[default]
    ScaleToFit,
    /// As large as in the patient, by the spacing.
    TrueSize,
    /// Screen pixels for one image pixel: Presentation Pixel Magnification Ratio (0070,0103).
    Magnify(f64),
}

/// One item of Graphic Layer Sequence (0070,0060).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphicLayer {
    /// Graphic Layer (0070,0002).
    pub name: String,
    /// Graphic Layer Order (0070,0062): lower ones are drawn first.
    pub order: i64,
    /// Graphic Layer Description (0070,0068).
    pub description: String,
    /// Recommended grey (0070,0066), a P-value of 16 bits.
    pub grey: Option<u16>,
    /// Recommended colour (0070,0401), CIELab as PS3.3 C.10.7.1.1 writes it.
    pub lab: Option<[u16; 3]>,
}

/// One item of Graphic Annotation Sequence (0070,0001).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GraphicAnnotation {
    /// Name of its layer.
    pub layer: String,
    /// Images it is for; none: all of the state.
    pub scope: Vec<ImageReference>,
    /// Lines.
    pub graphics: Vec<GraphicObject>,
    /// Texts.
    pub texts: Vec<TextObject>,
}

/// What coordinates count in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Units {
    /// Image pixels in corner coordinates (T21), before rotation and flip.
    Pixel,
    /// Fractions of the displayed area, (0, 0) at its upper left and (1, 1) at its lower right, after rotation and flip.
    Display,
}

/// Graphic Type (0070,0023).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum GraphicKind {
    /// One point.
    Point,
    /// Straight lines; closed when the first point is the last.
    Polyline,
    /// A smooth line through the points.
    Interpolated,
    /// Centre and a point of the rim.
    Circle,
    /// Ends of the major axis, ends of the minor axis.
    Ellipse,
}

/// One item of Graphic Object Sequence (0070,0009).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GraphicObject {
    /// What is drawn.
    pub kind: GraphicKind,
    /// What the points count in.
    pub units: Units,
    /// Columns then rows; single floats in the file.
    pub points: Vec<[f32; 2]>,
    /// Graphic Filled (0070,0024).
    pub filled: bool,
}

/// One item of Text Object Sequence (0070,0008).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TextObject {
    /// Unformatted Text Value (0070,0006), with its line ends.
    pub text: String,
    /// The point it speaks of.
    pub anchor: Option<TextAnchor>,
    /// Where it stands; without one it stands at the anchor.
    pub area: Option<TextArea>,
}

/// Anchor Point (0070,0014).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TextAnchor {
    /// What the point counts in.
    pub units: Units,
    /// Column, row.
    pub point: [f32; 2],
    /// Anchor Point Visibility (0070,0015): a line leads from the text to it.
    pub visible: bool,
}

/// Bounding Box (0070,0010), (0070,0011).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TextArea {
    /// What the corners count in.
    pub units: Units,
    /// Upper left of the box as it is read.
    pub top_left: [f32; 2],
    /// Lower right.
    pub bottom_right: [f32; 2],
    /// Bounding Box Text Horizontal Justification (0070,0012).
    pub justification: Justification,
}

/// Where lines begin in their box.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Justification {
    /// At the left.
    #[default]
    Left,
    /// In the middle.
    Center,
    /// At the right.
    Right,
}

/// One overlay group (60xx) of the state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StateOverlay {
    /// Group, even, 0x6000 to 0x601E.
    pub group: u16,
    /// Overlay Activation Layer (60xx,1001); none: the overlay is not shown as graphics.
    pub layer: Option<String>,
    /// Its own bits; without them the overlay of this group in the images is meant.
    pub plane: Option<OverlayPlane>,
}

/// Overlay Plane (PS3.3 C.9.2).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OverlayPlane {
    /// Overlay Rows (60xx,0010).
    pub rows: u32,
    /// Overlay Columns (60xx,0011).
    pub columns: u32,
    /// Overlay Type (60xx,0040): graphics, not a region of interest.
    pub graphics: bool,
    /// Overlay Origin (60xx,0050): row, column of the image, from 1.
    pub origin: [i32; 2],
    /// Overlay Label (60xx,1500).
    pub label: String,
    /// Overlay Data (60xx,3000): one bit a pixel, lowest bit first, rows not padded; as many as rows × columns.
    pub bits: Vec<u8>,
}

impl StateLut {
    /// The table; `signed` where its input can be negative.
    ///
    /// # Errors
    /// As [`Lut::new`].
    pub fn lut(&self, signed: bool) -> Result<Lut, LutError> {
        let [count, first, bits] = self.descriptor;
        Lut::new(count, Lut::first_of(first, signed), bits, &self.words)
    }
}

impl DisplayedArea {
    /// The same area as left, top, right, bottom pixel of the image, from 1, whatever way it is turned.
    #[must_use]
    pub fn rectangle(&self) -> [i32; 4] {
        let ([a, b], [c, d]) = (self.top_left, self.bottom_right);
        [a.min(c), b.min(d), a.max(c), b.max(d)]
    }
}

impl PresentationState {
    /// Whether it applies to this frame, counted from 0.
    #[must_use]
    pub fn covers(&self, instance: &SopInstanceUid, frame: u32) -> bool {
        let mut images = self.references.iter().flat_map(|s| &s.images);
        images.any(|image| image.covers(instance, frame))
    }

    /// The VOI item for this frame.
    #[must_use]
    pub fn voi_for(&self, instance: &SopInstanceUid, frame: u32) -> Option<&VoiItem> {
        let mut items = self.voi.iter();
        items.find(|item| in_scope(&item.scope, instance, frame))
    }

    /// The displayed area for this frame.
    #[must_use]
    pub fn area_for(&self, instance: &SopInstanceUid, frame: u32) -> Option<&DisplayedArea> {
        let mut areas = self.areas.iter();
        areas.find(|area| in_scope(&area.scope, instance, frame))
    }

    /// Graphics and texts for this frame, those of lower layers first.
    #[must_use]
    pub fn annotations_for(
        &self,
        instance: &SopInstanceUid,
        frame: u32,
    ) -> Vec<&GraphicAnnotation> {
        let order = |layer: &str| {
            self.layers
                .iter()
                .find(|l| l.name == layer)
                .map(|l| l.order)
        };
        let mut all: Vec<&GraphicAnnotation> = self
            .annotations
            .iter()
            .filter(|a| in_scope(&a.scope, instance, frame))
            .collect();
        all.sort_by_key(|a| order(&a.layer));
        all
    }
}

/// No references mean all images of the state.
fn in_scope(scope: &[ImageReference], instance: &SopInstanceUid, frame: u32) -> bool {
    scope.is_empty() || scope.iter().any(|image| image.covers(instance, frame))
}
