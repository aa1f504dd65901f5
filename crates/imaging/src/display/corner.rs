//! The words in the corners of a tile (T50): a pure function of the image's own header and of what is on screen.
//!
//! Every tile shows the patient of **its** image. Lines marked essential stay in the smallest tile.

use serde::{Deserialize, Serialize};
use triptych_clinical::{Age, When};

use super::{
    Voi,
    corner_layout::{CornerItem, CornerLayout},
    draw::Interpolation,
    resampled::{Treatment, scale_mark, short},
};
use crate::person_name::PersonName;

/// What the header of one frame says for the corners, decoded.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CornerAttributes {
    /// Patient's Name (0010,0010), all its groups.
    pub name: PersonName,
    /// Patient ID (0010,0020).
    pub patient_id: String,
    /// Patient's Birth Date (0010,0030).
    pub birth_date: Option<When>,
    /// Patient's Sex (0010,0040), as in the file.
    pub sex: String,
    /// Patient's Age (0010,1010), used where there is no birth date.
    pub stated_age: String,
    /// Study Date and Time (0008,0020), (0008,0030).
    pub study_time: Option<When>,
    /// Institution Name (0008,0080).
    pub institution: String,
    /// Study Description (0008,1030).
    pub study_description: String,
    /// Series Description (0008,103E).
    pub series_description: String,
    /// Accession Number (0008,0050).
    pub accession: String,
    /// Series Number (0020,0011).
    pub series_number: Option<i64>,
    /// Slice Thickness (0018,0050) of the frame, mm.
    pub slice_thickness_mm: Option<f64>,
    /// Convolution Kernel (0018,1210).
    pub kernel: String,
    /// Echo Time (0018,0081), ms.
    pub echo_time_ms: Option<f64>,
    /// Diffusion b-value (0018,9087) of the frame, s/mm².
    pub b_value: Option<f64>,
    /// Contrast/Bolus Agent (0018,0010).
    pub contrast_agent: String,
    /// Laterality (0020,0060) or Image Laterality (0020,0062).
    pub laterality: String,
    /// View Position (0018,5101).
    pub view_position: String,
}

/// What is on screen in the tile.
#[derive(Clone, Copy, Debug)]
pub struct CornerState<'a> {
    /// From modality value to grey; `None` for colour.
    pub voi: Option<&'a Voi>,
    /// Unit of its numbers, may be empty.
    pub unit: &'a str,
    /// Device pixels for an image pixel on the x axis.
    pub scale: f64,
    /// Between pixels.
    pub interpolation: Interpolation,
    /// What else was done to the pixels.
    pub treatments: &'a [Treatment],
    /// Image that is shown, from 1, and how many there are.
    pub image: [usize; 2],
    /// Position along the normal of the stack, as shown: `−493.8 mm`; may be empty.
    pub position: &'a str,
    /// Marks of the header, of millimetres, of loading, in reading order.
    pub marks: &'a [String],
}

/// A line of a corner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CornerLine {
    /// What it says.
    pub item: CornerItem,
    /// As shown, never empty.
    pub text: String,
    /// Stays in the smallest tile.
    pub essential: bool,
}

/// The four corners of a tile, each from its top to its bottom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CornerText {
    /// Who.
    pub top_left: Vec<CornerLine>,
    /// When, where and what.
    pub top_right: Vec<CornerLine>,
    /// How it is shown.
    pub bottom_left: Vec<CornerLine>,
    /// What is to be known about it.
    pub bottom_right: Vec<CornerLine>,
}

impl CornerText {
    /// Of one frame as it is shown.
    #[must_use]
    pub fn new(header: &CornerAttributes, state: &CornerState<'_>) -> Self {
        Self::laid_out(header, state, &CornerLayout::default())
    }

    /// As [`CornerText::new`], with the lines of `layout`.
    #[must_use]
    pub fn laid_out(
        header: &CornerAttributes,
        state: &CornerState<'_>,
        layout: &CornerLayout,
    ) -> Self {
        let corner = |items: &[CornerItem]| {
            let mut lines = Vec::new();
            for item in items {
                let words = said(*item, header, state);
                lines.extend(
                    words
                        .into_iter()
                        .map(|text| text.trim().to_owned())
                        .filter_map(|text| {
                            (!text.is_empty()).then_some(CornerLine {
                                item: *item,
                                text,
                                essential: item.is_essential(),
                            })
                        }),
                );
            }
            lines
        };
        Self {
            top_left: corner(&layout.top_left),
            top_right: corner(&layout.top_right),
            bottom_left: corner(&layout.bottom_left),
            bottom_right: corner(&layout.bottom_right),
        }
    }

    /// The same with the essential lines only, for tiny tiles.
    #[must_use]
    pub fn thinned(mut self) -> Self {
        for corner in [
            &mut self.top_left,
            &mut self.top_right,
            &mut self.bottom_left,
            &mut self.bottom_right,
        ] {
            corner.retain(|line| line.essential);
        }
        self
    }
}

impl CornerAttributes {
    /// Age at the study: from birth date and study date, else as the file states it.
    #[must_use]
    pub fn age(&self) -> Option<String> {
        let counted = self
            .birth_date
            .zip(self.study_time)
            .and_then(|(birth, study)| Age::new(&birth, &study));
        counted
            .map(|a| a.to_string())
            .or_else(|| stated_age(&self.stated_age))
    }
}

/// Window or table as shown: `W 400 L 40 HU`, `LUT: NORMAL`.
#[must_use]
pub fn voi_text(voi: &Voi, unit: &str) -> String {
    match voi {
        Voi::Window(window) => {
            let text = format!("W {} L {}", number(window.width()), number(window.center()));
            with_unit(text, unit)
        }
        Voi::Lut(lut) if lut.explanation.trim().is_empty() => "LUT".into(),
        Voi::Lut(lut) => format!("LUT: {}", lut.explanation.trim()),
    }
}

/// What one item says: no line, one, or several.
fn said(item: CornerItem, header: &CornerAttributes, state: &CornerState<'_>) -> Vec<String> {
    let or =
        |text: &str, missing: &str| vec![if text.is_empty() { missing } else { text }.to_owned()];
    match item {
        CornerItem::Name => or(&header.name.shown(), "name not recorded"),
        CornerItem::PatientId => or(&header.patient_id, "ID not recorded"),
        CornerItem::BirthDate => vec![match header.birth_date {
            Some(date) => format!("* {}", date.iso_date()),
            None => "birth date not recorded".into(),
        }],
        CornerItem::SexAndAge => {
            let both = [Some(header.sex.clone()), header.age()];
            let both = both.into_iter().flatten().filter(|t| !t.is_empty());
            vec![both.collect::<Vec<_>>().join(" ")]
        }
        CornerItem::StudyTime => vec![
            header
                .study_time
                .map_or_else(|| "study date not recorded".into(), |t| t.to_string()),
        ],
        CornerItem::Institution => vec![header.institution.clone()],
        CornerItem::StudyDescription => vec![header.study_description.clone()],
        CornerItem::SeriesDescription => vec![header.series_description.clone()],
        CornerItem::Accession => vec![header.accession.clone()],
        CornerItem::Window => state
            .voi
            .map(|voi| voi_text(voi, state.unit))
            .into_iter()
            .collect(),
        CornerItem::Magnification => vec![scale_mark(state.scale, state.interpolation)],
        CornerItem::Treatments => state.treatments.iter().map(Treatment::mark).collect(),
        CornerItem::Image => {
            let [shown, of] = state.image;
            vec![match header.series_number {
                Some(series) => format!("series {series}, image {shown}/{of}"),
                None => format!("image {shown}/{of}"),
            }]
        }
        CornerItem::Place => {
            let thick = header.slice_thickness_mm;
            let parts = [
                Some(state.position)
                    .filter(|p| !p.is_empty())
                    .map(|p| format!("at {p}")),
                thick.map(|mm| format!("slice {} mm", short(mm))),
            ];
            vec![parts.into_iter().flatten().collect::<Vec<_>>().join(", ")]
        }
        CornerItem::Marks => state.marks.to_vec(),
        CornerItem::ViewPosition => {
            let view = [header.laterality.as_str(), header.view_position.as_str()];
            // U is unpaired: neither side.
            let view = view.into_iter().filter(|t| !matches!(*t, "" | "U"));
            vec![view.collect::<Vec<_>>().join(" ")]
        }
        CornerItem::Kernel if header.kernel.is_empty() => Vec::new(),
        CornerItem::Kernel => vec![format!("kernel {}", header.kernel)],
        CornerItem::EchoTime => header
            .echo_time_ms
            .map(|ms| format!("TE {} ms", short(ms)))
            .into_iter()
            .collect(),
        CornerItem::BValue => header
            .b_value
            .map(|b| format!("b {}", short(b)))
            .into_iter()
            .collect(),
        CornerItem::Contrast => vec![header.contrast_agent.clone()],
    }
}

fn with_unit(text: String, unit: &str) -> String {
    if unit.is_empty() {
        text
    } else {
        format!("{text} {unit}")
    }
}

/// Whole numbers as such, others with as many decimals as their size leaves sense in.
fn number(value: f64) -> String {
    if value.fract() == 0.0 || value.abs() >= 1000.0 {
        return format!("{value:.0}");
    }
    let decimals = if value.abs() >= 10.0 {
        1
    } else if value.abs() >= 0.1 {
        2
    } else {
        4
    };
    format!("{value:.decimals$}")
}

/// `045Y` is 45 y; `012D` 12 d.
fn stated_age(text: &str) -> Option<String> {
    let text = text.trim();
    let unit = match text.chars().last()? {
        'D' => "d",
        'W' => "wk",
        'M' => "mo",
        'Y' => "y",
        _ => return None,
    };
    let count: u32 = text.get(..text.len() - 1)?.trim().parse().ok()?;
    Some(format!("{count} {unit}"))
}
