//! What a worker read of an object that is no image, and whether its word holds together (PAR-16): everything that is drawn with it relies on
//! what is checked here.

use serde::{Deserialize, Serialize};
use triptych_imaging::{
    annotate::Annotation,
    limits,
    objects::{
        Object, ObjectHead, PresentationState,
        document::{self, PagePicture},
        head,
        rtstruct::StructureSet,
        segmentation::{Cells, SegmentPlane, Segmentation},
    },
};

/// The content of one object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ObjectContent {
    /// A report, a key object selection or a presentation state.
    Read(Box<Object>),
    /// A segmentation, cut to where it has voxels.
    Segmentation(Box<Segmentation>),
    /// A structure set.
    Structures(Box<StructureSet>),
    /// A document whose pages are drawn one at a time.
    Pages {
        /// Document Title (0042,0010), may be empty.
        title: String,
        /// How many, 1 or more.
        pages: u32,
    },
    /// Waveforms: each group in words.
    Waveform(Vec<String>),
    /// Of a kind that is named, not shown.
    Named {
        /// Why it is not shown.
        why: String,
    },
}

/// Segments of one object.
const SEGMENTS: usize = 65_536;

impl ObjectContent {
    /// Bytes that it is known to hold, about.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let cells = |p: &SegmentPlane| match &p.cells {
            Cells::Bits(bits) => bits.len(),
            Cells::Fractions { values, .. } => values.len(),
        };
        match self {
            Self::Segmentation(s) => s.planes.iter().map(|p| cells(p) as u64 + 256).sum(),
            Self::Structures(s) => {
                let contours = s.rois.iter().flat_map(|r| &r.contours);
                contours.map(|c| c.points.len() as u64 * 24 + 64).sum()
            }
            _ => 0,
        }
    }

    /// Whether a worker's word holds together.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        match self {
            Self::Read(object) => match &**object {
                Object::Report(_) | Object::KeyObjects(_) => Ok(()),
                Object::Measurements(report) => {
                    let drawable = report.annotations.iter().all(drawable)
                        && report.said.len() == report.annotations.len()
                        && report
                            .in_space
                            .iter()
                            .all(|d| d.points.iter().all(|p| finite(p)));
                    told(drawable, "a drawing that cannot be drawn")
                }
                Object::PresentationState(state) => told(
                    showable(state),
                    "a presentation state that contradicts itself",
                ),
            },
            Self::Segmentation(segmentation) => {
                let sane = segmentation.segments.len() <= SEGMENTS
                    && segmentation.planes.iter().all(|p| whole(segmentation, p));
                told(sane, "segments that contradict themselves")
            }
            Self::Structures(set) => {
                let contours = set.rois.iter().flat_map(|r| &r.contours);
                let mut points = contours.flat_map(|c| &c.points);
                told(points.all(|p| finite(p)), "contours without a place")
            }
            Self::Pages { pages, .. } => {
                let most = u32::try_from(document::PAGES).unwrap_or(u32::MAX);
                told(
                    (1..=most).contains(pages),
                    "a document of no or too many pages",
                )
            }
            Self::Waveform(_) | Self::Named { .. } => Ok(()),
        }
    }
}

/// Whether a head is as short as one may be.
pub(crate) fn check_head(found: &ObjectHead) -> Result<(), &'static str> {
    let short = |text: &str| text.chars().nth(head::TEXT).is_none();
    let few = found.series.len() <= head::REFERENCES && found.instances.len() <= head::REFERENCES;
    told(
        few && short(&found.title) && short(&found.author),
        "a head longer than one may be",
    )
}

/// Whether a page is as large as its pixels.
pub(crate) fn check_page(page: &PagePicture) -> Result<(), &'static str> {
    let pixels = u64::from(page.width) * u64::from(page.height);
    let sane = (1..=document::SIDE).contains(&page.width)
        && (1..=document::SIDE).contains(&page.height)
        && pixels <= document::PIXELS
        && page.rgba.len() as u64 == pixels * 4;
    told(sane, "a page that is not as large as it says")
}

/// Room that a page of this width may need, bytes.
pub(crate) fn page_room(width: u32) -> u64 {
    let pixels = u64::from(width.min(document::SIDE)) * u64::from(document::SIDE);
    pixels.min(document::PIXELS) * 4 + (64 << 10)
}

fn told(holds: bool, otherwise: &'static str) -> Result<(), &'static str> {
    if holds { Ok(()) } else { Err(otherwise) }
}

fn finite(values: &[f64]) -> bool {
    values.iter().all(|v| v.is_finite())
}

fn drawable(drawing: &Annotation) -> bool {
    let count = drawing.points.len();
    let enough = count >= drawing.shape.least_points()
        && drawing.shape.most_points().is_none_or(|most| count <= most);
    let plane = drawing.anchor.plane.as_ref();
    let place =
        plane.is_none_or(|p| finite(&p.position) && finite(&p.orientation) && finite(&p.spacing));
    enough && place && drawing.points.iter().all(|p| finite(p))
}

fn showable(state: &PresentationState) -> bool {
    let turned = matches!(state.rotation_degrees, 0 | 90 | 180 | 270);
    let overlays = state.overlays.iter().filter_map(|o| o.plane.as_ref());
    let filled = |plane: &triptych_imaging::objects::presentation_state::OverlayPlane| {
        let cells = u64::from(plane.rows) * u64::from(plane.columns);
        plane.bits.len() as u64 * 8 >= cells
    };
    let graphics = state.annotations.iter().flat_map(|a| &a.graphics);
    let points = |g: &triptych_imaging::objects::presentation_state::GraphicObject| {
        g.points.iter().flatten().all(|v| v.is_finite())
    };
    turned && overlays.into_iter().all(filled) && graphics.into_iter().all(points)
}

/// Part and cells of a plane are as large as they say, and the part lies in the frame.
fn whole(of: &Segmentation, plane: &SegmentPlane) -> bool {
    let [left, top, columns, rows] = plane.part.map(u64::from);
    let [width, height] = plane.size.map(u64::from);
    let most = u64::from(limits::ROWS_OR_COLUMNS);
    let inside = width <= most
        && height <= most
        && left.saturating_add(columns) <= width
        && top.saturating_add(rows) <= height;
    // Below 2 to the power of 32: no overflow.
    let cells = columns.saturating_mul(rows);
    let filled = match &plane.cells {
        Cells::Bits(bits) => bits.len() as u64 == cells.div_ceil(8),
        Cells::Fractions { values, maximum } => values.len() as u64 == cells && *maximum > 0,
    };
    let place = &plane.place;
    inside
        && filled
        && finite(&place.position)
        && finite(&place.orientation)
        && finite(&place.spacing)
        && of.segment(plane.segment).is_some()
}

#[cfg(test)]
mod tests {
    use triptych_imaging::annotate::AnchorPlane;
    use triptych_imaging::objects::segmentation::{Overlap, Segment, SegmentationKind};

    use super::*;

    fn segmentation() -> Segmentation {
        Segmentation {
            frame_of_reference: None,
            kind: SegmentationKind::Binary,
            overlap: Overlap::No,
            segments: vec![Segment {
                number: 1,
                label: String::new(),
                category: None,
                property: None,
                algorithm_type: String::new(),
                algorithm_name: String::new(),
                colour: [1, 2, 3],
            }],
            planes: vec![SegmentPlane {
                segment: 1,
                frame: 0,
                place: AnchorPlane {
                    position: [0.0; 3],
                    orientation: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
                    spacing: [1.0; 2],
                },
                size: [10, 8],
                thickness: None,
                step: None,
                source: None,
                part: [2, 3, 5, 4],
                cells: Cells::Bits(vec![0; 3]),
            }],
            problems: vec![],
        }
    }

    /// PAR-16: what is drawn by plain indices is checked before anything is drawn.
    #[test]
    fn par_16_a_segmentation_that_contradicts_itself_is_a_lie() {
        let check = |change: &dyn Fn(&mut Segmentation)| {
            let mut lie = segmentation();
            change(&mut lie);
            ObjectContent::Segmentation(Box::new(lie)).check()
        };
        assert_eq!(check(&|_| {}), Ok(()));
        let fractions = |n, maximum| Cells::Fractions {
            values: vec![0; n],
            maximum,
        };
        assert_eq!(check(&|s| s.planes[0].cells = fractions(20, 255)), Ok(()));
        type Lie<'a> = &'a dyn Fn(&mut Segmentation);
        let lies: [Lie<'_>; 9] = [
            &|s| s.planes[0].part = [6, 3, 5, 4],
            &|s| s.planes[0].part = [2, 5, 5, 4],
            &|s| s.planes[0].part = [u32::MAX; 4],
            &|s| s.planes[0].cells = Cells::Bits(vec![0; 2]),
            &|s| s.planes[0].cells = fractions(19, 255),
            &|s| s.planes[0].cells = fractions(20, 0),
            &|s| s.planes[0].size = [100_000, 8],
            &|s| s.planes[0].place.position = [f64::NAN; 3],
            &|s| s.planes[0].segment = 2,
        ];
        for (k, lie) in lies.into_iter().enumerate() {
            assert!(check(lie).is_err(), "lie {k}");
        }
    }

    #[test]
    fn par_16_a_page_that_is_not_as_large_as_it_says_is_a_lie() {
        let page = |width, height, bytes| PagePicture {
            width,
            height,
            rgba: vec![0; bytes],
            marks: vec![],
        };
        assert_eq!(check_page(&page(3, 2, 24)), Ok(()));
        for lie in [page(3, 2, 23), page(0, 2, 0), page(u32::MAX, u32::MAX, 4)] {
            assert!(check_page(&lie).is_err(), "{} x {}", lie.width, lie.height);
        }
        assert!(page_room(u32::MAX) <= document::PIXELS * 4 + (64 << 10));
    }

    #[test]
    fn par_16_a_state_or_head_that_cannot_be_is_a_lie() {
        let state = |change: &dyn Fn(&mut PresentationState)| {
            let mut state = PresentationState::default();
            change(&mut state);
            ObjectContent::Read(Box::new(Object::PresentationState(state))).check()
        };
        assert_eq!(state(&|_| {}), Ok(()));
        assert!(state(&|s| s.rotation_degrees = 45).is_err());
        let head = |title: &str| ObjectHead {
            kind: head::ObjectKind::Other,
            title: title.into(),
            written: None,
            author: String::new(),
            series: vec![],
            instances: vec![],
        };
        assert_eq!(check_head(&head(&"ä".repeat(head::TEXT))), Ok(()));
        assert!(check_head(&head(&"a".repeat(head::TEXT + 1))).is_err());
    }
}
