//! Facts of one frame: its own functional group, else the shared one, else the root (T33, P20 to P22, PS3.3 C.7.6.16).

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use crate::{dataset::DataSet, file::DicomFile};

/// Where the attributes of one frame are.
#[derive(Clone, Debug)]
pub(crate) struct FrameData<'a> {
    root: DataSet<'a>,
    shared: Option<DataSet<'a>>,
    own: Option<DataSet<'a>>,
}

impl DicomFile {
    /// Attributes of frame `k`, counted from 0.
    pub(crate) fn frame_data(&self, k: usize) -> FrameData<'_> {
        let root = self.data();
        FrameData {
            shared: root.first_item(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE),
            own: root.item(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, k),
            root,
        }
    }
}

impl DicomFile {
    /// Attributes of all frames that have a group of their own, in the order of the file.
    pub(crate) fn frames_data(&self) -> Vec<FrameData<'_>> {
        let root = self.data();
        let shared = root.first_item(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
        root.items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE)
            .map(|own| FrameData {
                root: root.clone(),
                shared: shared.clone(),
                own: Some(own),
            })
            .collect()
    }
}

impl<'a> FrameData<'a> {
    /// The macro of this frame: per frame, else shared. Never that of another frame.
    pub(crate) fn group(&self, sequence: Tag) -> Option<DataSet<'a>> {
        let of = |d: &Option<DataSet<'a>>| d.as_ref().and_then(|d| d.first_item(sequence));
        of(&self.own).or_else(|| of(&self.shared))
    }

    /// The macro, or the root where old converters put its attributes.
    pub(crate) fn group_or_root(&self, sequence: Tag) -> DataSet<'a> {
        self.group(sequence).unwrap_or_else(|| self.root.clone())
    }

    /// Both the frame and all frames have the macro: an error of the writer.
    pub(crate) fn stated_twice(&self, sequence: Tag) -> bool {
        let has = |d: &Option<DataSet<'a>>| d.as_ref().is_some_and(|d| d.has(sequence));
        has(&self.own) && has(&self.shared)
    }

    /// Image Position (Patient), mm.
    pub(crate) fn position(&self) -> Option<[f64; 3]> {
        self.group_or_root(tags::PLANE_POSITION_SEQUENCE)
            .number_array(tags::IMAGE_POSITION_PATIENT)
    }

    /// Image Orientation (Patient).
    pub(crate) fn orientation(&self) -> Option<[f64; 6]> {
        self.group_or_root(tags::PLANE_ORIENTATION_SEQUENCE)
            .number_array(tags::IMAGE_ORIENTATION_PATIENT)
    }

    /// Pixel Spacing, mm between rows and between columns; positive.
    pub(crate) fn pixel_spacing(&self) -> Option<[f64; 2]> {
        self.group_or_root(tags::PIXEL_MEASURES_SEQUENCE)
            .number_array(tags::PIXEL_SPACING)
            .filter(|s: &[f64; 2]| s.iter().all(|v| *v > 0.0))
    }

    /// Slice Thickness, mm.
    pub(crate) fn slice_thickness(&self) -> Option<f64> {
        self.group_or_root(tags::PIXEL_MEASURES_SEQUENCE)
            .number(tags::SLICE_THICKNESS)
    }

    /// Spacing Between Slices, mm.
    pub(crate) fn slice_spacing(&self) -> Option<f64> {
        self.group_or_root(tags::PIXEL_MEASURES_SEQUENCE)
            .number(tags::SPACING_BETWEEN_SLICES)
    }
}
