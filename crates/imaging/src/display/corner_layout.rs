//! Which lines stand in which corner, by modality, as a file of a site says (T50).
//!
//! ```json
//! { "all": { "top_right": ["study_time", "study_description"] },
//!   "MR":  { "bottom_right": ["marks", "echo_time", "b_value"] } }
//! ```
//!
//! A corner that is not named stays as it is without the file. What must always be seen cannot be left out: an essential item that no corner
//! names is put back where it stands without the file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a line of a corner says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CornerItem {
    /// Patient's Name; essential.
    Name,
    /// Patient ID; essential.
    PatientId,
    /// Patient's Birth Date; essential.
    BirthDate,
    /// Patient's Sex, and the age at the study.
    SexAndAge,
    /// Study Date and Time; essential.
    StudyTime,
    /// Institution Name.
    Institution,
    /// Study Description.
    StudyDescription,
    /// Series Description.
    SeriesDescription,
    /// Accession Number.
    Accession,
    /// Window or table; essential.
    Window,
    /// Magnification and what is between the pixels.
    Magnification,
    /// What else was done to the pixels; essential.
    Treatments,
    /// Series, image and how many; essential.
    Image,
    /// Position of the slice and its thickness.
    Place,
    /// The trust strip; essential.
    Marks,
    /// Laterality and view.
    ViewPosition,
    /// Convolution Kernel.
    Kernel,
    /// Echo Time.
    EchoTime,
    /// Diffusion b-value.
    BValue,
    /// Contrast/Bolus Agent.
    Contrast,
}

impl CornerItem {
    /// Stays in the smallest tile, and in every layout.
    #[must_use]
    pub const fn is_essential(self) -> bool {
        matches!(
            self,
            Self::Name
                | Self::PatientId
                | Self::BirthDate
                | Self::StudyTime
                | Self::Window
                | Self::Treatments
                | Self::Image
                | Self::Marks
        )
    }
}

/// The items of each corner, from its top to its bottom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CornerLayout {
    /// Who.
    pub top_left: Vec<CornerItem>,
    /// When, where and what.
    pub top_right: Vec<CornerItem>,
    /// How it is shown.
    pub bottom_left: Vec<CornerItem>,
    /// What is to be known about it.
    pub bottom_right: Vec<CornerItem>,
}

impl Default for CornerLayout {
    fn default() -> Self {
        use CornerItem as I;
        Self {
            top_left: vec![I::Name, I::PatientId, I::BirthDate, I::SexAndAge],
            top_right: vec![
                I::StudyTime,
                I::Institution,
                I::StudyDescription,
                I::SeriesDescription,
                I::Accession,
            ],
            bottom_left: vec![
                I::Window,
                I::Magnification,
                I::Treatments,
                I::Image,
                I::Place,
            ],
            bottom_right: vec![
                I::Marks,
                I::ViewPosition,
                I::Kernel,
                I::EchoTime,
                I::BValue,
                I::Contrast,
            ],
        }
    }
}

/// Layouts by modality.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CornerLayouts {
    all: CornerLayout,
    of: BTreeMap<String, CornerLayout>,
}

/// Why a file of layouts cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("corner texts: {0}")]
pub struct CornerLayoutError(#[from] serde_json::Error);

/// A layout as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    top_left: Option<Vec<CornerItem>>,
    top_right: Option<Vec<CornerItem>>,
    bottom_left: Option<Vec<CornerItem>>,
    bottom_right: Option<Vec<CornerItem>>,
}

impl CornerLayouts {
    /// From the text of a file, see the module.
    ///
    /// # Errors
    /// No JSON, or a corner or an item that there is not; the error names it and the line.
    pub fn parse(text: &str) -> Result<Self, CornerLayoutError> {
        let mut written: BTreeMap<String, Written> = serde_json::from_str(text)?;
        let all = written
            .remove("all")
            .map_or_else(CornerLayout::default, |w| w.over(&CornerLayout::default()));
        let of = written
            .into_iter()
            .map(|(modality, w)| (modality, w.over(&all)))
            .collect();
        Ok(Self { all, of })
    }

    /// For a modality, `CT`, `MR`.
    #[must_use]
    pub fn of(&self, modality: &str) -> &CornerLayout {
        self.of.get(modality.trim()).unwrap_or(&self.all)
    }
}

impl Written {
    fn over(self, before: &CornerLayout) -> CornerLayout {
        let or = |own: Option<Vec<CornerItem>>, before: &Vec<CornerItem>| {
            own.unwrap_or_else(|| before.clone())
        };
        let mut layout = CornerLayout {
            top_left: or(self.top_left, &before.top_left),
            top_right: or(self.top_right, &before.top_right),
            bottom_left: or(self.bottom_left, &before.bottom_left),
            bottom_right: or(self.bottom_right, &before.bottom_right),
        };
        layout.complete();
        layout
    }
}

impl CornerLayout {
    /// Puts back what must always be seen.
    fn complete(&mut self) {
        let usual = Self::default();
        let named: Vec<CornerItem> = [
            &self.top_left,
            &self.top_right,
            &self.bottom_left,
            &self.bottom_right,
        ]
        .into_iter()
        .flatten()
        .copied()
        .collect();
        for (corner, usual) in [
            (&mut self.top_left, usual.top_left),
            (&mut self.top_right, usual.top_right),
            (&mut self.bottom_left, usual.bottom_left),
            (&mut self.bottom_right, usual.bottom_right),
        ] {
            let missing = usual
                .into_iter()
                .filter(|item| item.is_essential() && !named.contains(item));
            corner.extend(missing);
        }
    }
}
