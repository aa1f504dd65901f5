//! What a tile of a plane shows: the canvas samples it; its values are worked out only when something is measured on it.

use std::cell::OnceCell;
use std::sync::Arc;

use triptych_render::display::default_invert;
use triptych_render::volume::{ModalityPlane, PlaneView, Volume, sample};
use triptych_render::{
    Colour, CutOverlay, CutPicture, DisplayAttributes, Frame, FrameBytes, FrameShape, Picture,
    PlaneAttributes, SampleType, View, ViewTransform, Window,
};
use triptych_workbench::view::{Decoded, SeriesView, SeriesVolume, fresh_picture};

use super::Hung;
use super::fused::Layer;
use crate::words::{w, wf};

/// A plane through a volume as it is on screen.
#[derive(Debug)]
pub(crate) struct Made {
    /// For the canvas.
    pub cut: CutPicture,
    /// Of its pixels: where they lie, what they are worth, what is to be known of them.
    pub display: Arc<DisplayAttributes>,
    /// Of one slice of the volume, as its file has it.
    pub slice: Decoded,
    of: Of,
    /// Names it: another plane is another picture.
    id: u64,
    values: OnceCell<Option<Values>>,
}

/// The plane's own pixels, one for each of [`PlaneView::size`].
#[derive(Debug)]
pub(crate) struct Values {
    /// Modality values of single precision; NaN where there is none.
    pub picture: Arc<Picture>,
    /// The same, row after row.
    pub plane: Vec<f32>,
}

/// Everything that decides it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Of {
    view: PlaneView,
    volume: (u64, u64),
    window: (u64, u64),
    /// Volume and percent of what lies over it.
    over: Option<((u64, u64), u8)>,
}

impl Of {
    pub fn new(view: PlaneView, hung: &Hung, window: Window, over: Option<(&Hung, u8)>) -> Self {
        let volume = |hung: &Hung| (hung.id, hung.generation);
        Self {
            view,
            volume: volume(hung),
            window: (window.center().to_bits(), window.width().to_bits()),
            over: over.map(|(over, share)| (volume(over), share)),
        }
    }
}

impl Made {
    pub(super) fn is(&self, of: &Of) -> bool {
        self.of == *of
    }

    pub const fn id(&self) -> u64 {
        self.id
    }

    /// `id` names the volume's content.
    pub(super) fn new(
        of: Of,
        id: u64,
        volume: &SeriesVolume,
        window: Window,
        over: Option<&Layer<'_>>,
        series: &SeriesView,
    ) -> Self {
        let slice = volume.middle.clone();
        let cut = CutPicture {
            id,
            volume: volume.volume.clone(),
            plane: of.view,
            window,
            invert: default_invert(&slice.display),
            over: over.map(|layer| CutOverlay {
                id: layer.id,
                volume: layer.volume.clone(),
                window: layer.overlay.window,
                colours: Arc::new(layer.overlay.colours.clone()),
                opacity: layer.overlay.opacity,
                threshold: layer.overlay.threshold,
            }),
        };
        let mut display = attributes(&volume.volume, &of.view, &slice, series);
        for copy in &volume.copies {
            display.marks.push(wf("cut.copy", &[("n", &(copy + 1))]));
        }
        if let Some(layer) = over {
            display.marks.insert(0, layer.overlay.mark());
            if cut.overlay_ends(&View::default(), of.view.size) {
                display.marks.push(w("cut.overlay_ends").to_owned());
            }
        }
        Self {
            cut,
            display: Arc::new(display),
            slice,
            of,
            id: fresh_picture(),
            values: OnceCell::new(),
        }
    }

    /// Physical pixels of a tile of `size` to pixels of the plane.
    pub fn transform(&self, view: &View, size: [u32; 2]) -> ViewTransform {
        self.cut.transform(view, size)
    }

    /// The plane's own values, worked out at the first call.
    pub fn values(&self) -> Option<&Values> {
        let made = self.values.get_or_init(|| {
            let plane = sample(&self.cut.volume, &self.cut.plane).ok()?;
            Some(Values::new(self.id, &plane, &self.slice, &self.display))
        });
        made.as_ref()
    }
}

impl Values {
    fn new(
        id: u64,
        plane: &ModalityPlane,
        like: &Decoded,
        display: &Arc<DisplayAttributes>,
    ) -> Self {
        let [columns, rows] = plane.size();
        #[allow(
            clippy::cast_possible_truncation,
            reason = "interpolated values: single precision is finer than any of them was stored"
        )]
        let plane: Vec<f32> = plane.values().map(|value| value as f32).collect();
        let bytes: Vec<u8> = plane.iter().flat_map(|v| v.to_ne_bytes()).collect();
        let shape = FrameShape {
            columns,
            rows,
            sample: SampleType::F32,
            colour: match like.frame.shape.colour {
                Colour::Monochrome1 => Colour::Monochrome1,
                _ => Colour::Monochrome2,
            },
        };
        let picture = Picture {
            id,
            frame: Frame {
                shape,
                bytes: FrameBytes::from(bytes),
            },
            display: Arc::clone(display),
        };
        Self {
            picture: Arc::new(picture),
            plane,
        }
    }
}

/// What the header of the plane would say, were it stored.
fn attributes(
    volume: &Volume,
    view: &PlaneView,
    like: &Decoded,
    series: &SeriesView,
) -> DisplayAttributes {
    let corner = view.to_patient([0.0, 0.0]).0;
    let (right, down) = (view.right.to_array(), view.down.to_array());
    let mut display = DisplayAttributes::clone(&like.display);
    display.modality_lut = Default::default();
    display.padding = None;
    display.reconstruction_diameter_mm = None;
    display.overlays.clear();
    display.shutter = None;
    display.bits_stored = 32;
    display.plane = Some(PlaneAttributes {
        position: corner.to_array(),
        orientation: [right[0], right[1], right[2], down[0], down[1], down[2]],
    });
    display.spacing.pixel_spacing = Some([view.mm_per_pixel[1], view.mm_per_pixel[0]]);
    display.spacing.has_plane = true;
    let spacing = volume.geometry().spacing_mm()[2];
    display.marks.insert(
        0,
        wf(
            "cut.mark",
            &[
                ("mark", &view.mark()),
                ("spacing", &format!("{spacing:.1}")),
            ],
        ),
    );
    for mark in volume.marks() {
        if !display.marks.contains(mark) && !series.marks.contains(mark) {
            display.marks.push(mark.clone());
        }
    }
    display
}
