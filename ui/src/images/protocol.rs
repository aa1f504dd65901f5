//! Hanging protocols as data (imaging.md D4): which study a protocol is for, and per step a grid of cells with a selector each.
//!
//! Those that ship are `assets/hanging/*.toml`; a person's own are part of the layout. A selector that finds nothing leaves its cell empty
//! with its name: never another series in silence.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use triptych_render::volume::SlabMode;
use triptych_render::{Orientation, VoiFunction, Window};
use triptych_workbench::view::{PatientView, SeriesView, StudyView};

use super::Grid;
use super::cut::{Cut, partner};
use super::tile::{Content, Tile, Wish};

/// Rules for one kind of study.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Protocol {
    /// In words.
    pub name: String,
    /// Modalities of the study, one of them.
    pub modality: Vec<String>,
    /// Words of its body part or descriptions, one of them; none: any region.
    pub region: Vec<String>,
    /// Steps of the Tab key.
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
}

/// One arrangement.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Step {
    /// In words.
    pub name: String,
    /// Columns, rows.
    pub grid: [u8; 2],
    /// Cells in reading order.
    #[serde(rename = "cell")]
    pub cells: Vec<Cell>,
}

/// What hangs in one cell.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cell {
    /// In words; stands in the cell when nothing fits.
    pub name: String,
    /// 0 is the study itself, 1 the newest of its kind before it.
    pub prior: usize,
    /// A study of another modality of the same days instead, one of these.
    pub other: Vec<String>,
    /// Modality of the series, one of them; none: those of the protocol.
    pub modality: Vec<String>,
    /// `axial`, `coronal`, `sagittal`; empty: any.
    pub plane: String,
    /// Words that its description has, one of them.
    pub need: Vec<String>,
    /// Words that it must not have.
    pub avoid: Vec<String>,
    /// Words that decide among several, earlier ones count more.
    pub prefer: Vec<String>,
    /// The how many-th of those that fit, from 1; 0 is the one with the most images.
    pub nth: usize,
    /// Centre, width.
    pub window: Option<[f64; 2]>,
    /// Number of a preset of its modality instead.
    pub preset: Option<u8>,
    /// Dark on white, as PET is read.
    pub dark_on_white: bool,
    /// Where no series lies in `plane`, it is cut through the largest volume.
    pub cut: bool,
    /// A slab along `plane`: `mip`, `minip` or `mean`.
    pub slab: String,
    /// Of the slab, mm.
    pub thickness_mm: f64,
    /// Cut along `plane`, with the PET of the same place in colours over it.
    pub fused: bool,
    /// It plays at once.
    pub play: bool,
}

/// Fewer images are no volume.
const LEAST_OF_A_VOLUME: usize = 3;

/// Thickest slab, mm: all of a patient.
const MOST_MM: f64 = 2000.0;

/// Those that ship, in the order of the table.
pub(super) static SHIPPED: LazyLock<Vec<Protocol>> = LazyLock::new(|| {
    [
        include_str!("../../../assets/hanging/01-chest-radiograph.toml"),
        include_str!("../../../assets/hanging/02-bone-radiograph.toml"),
        include_str!("../../../assets/hanging/03-ct-head.toml"),
        include_str!("../../../assets/hanging/04-ct-chest.toml"),
        include_str!("../../../assets/hanging/05-ct-abdomen.toml"),
        include_str!("../../../assets/hanging/06-mr-brain.toml"),
        include_str!("../../../assets/hanging/07-mr-spine.toml"),
        include_str!("../../../assets/hanging/08-mr-joint.toml"),
        include_str!("../../../assets/hanging/09-mammography.toml"),
        include_str!("../../../assets/hanging/10-pet-ct.toml"),
        include_str!("../../../assets/hanging/11-ultrasound.toml"),
        include_str!("../../../assets/hanging/12-angiography.toml"),
    ]
    .into_iter()
    .filter_map(|text| toml::from_str(text).ok())
    .collect()
});

/// Why a protocol was chosen: the modality, and the word that named the region.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Because {
    pub modality: String,
    pub word: Option<String>,
}

/// A word at the start of a word of `text`, of either case; a short one must stand alone.
fn says(text: &str, word: &str) -> bool {
    let text = text.to_lowercase();
    let word = word.to_lowercase();
    let alone = word.chars().all(char::is_alphanumeric) && word.len() <= 3;
    text.match_indices(&word).any(|(at, _)| {
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|t| t.chars().next());
        let starts =
            before.is_none_or(|c| !c.is_alphanumeric()) || !word.starts_with(char::is_alphanumeric);
        starts && (!alone || after.is_none_or(|c| !c.is_alphabetic()))
    })
}

/// What a series says of itself in words.
fn words_of(series: &SeriesView) -> String {
    format!("{} {}", series.description, series.body_part)
}

/// How well a protocol fits a study; `None`: it is for another.
fn fits(protocol: &Protocol, study: &StudyView) -> Option<(i32, Because)> {
    let of_study = |m: &&String| study.series.iter().any(|s| s.modality == **m);
    let modality = protocol.modality.iter().find(of_study)?.clone();
    let parts: Vec<&SeriesView> = study.series.iter().collect();
    let named =
        |word: &&String| parts.iter().any(|s| says(&s.body_part, word)) || says(&study.title, word);
    let described = |word: &&String| parts.iter().any(|s| says(&s.description, word));
    let word = protocol
        .region
        .iter()
        .find(named)
        .map(|w| (6, w))
        .or_else(|| protocol.region.iter().find(described).map(|w| (4, w)));
    let score = match &word {
        Some((score, _)) => *score,
        None if protocol.region.is_empty() => 1,
        None => return None,
    };
    // A PET says more of a study than the CT that comes with it.
    let special = i32::from(matches!(modality.as_str(), "PT" | "MG")) * 8;
    let word = word.map(|(_, w)| w.clone());
    Some((score + special, Because { modality, word }))
}

/// The protocol for a study: a person's own before those that ship, then the better fit.
pub(super) fn choose<'a>(
    own: &'a [Protocol],
    study: &StudyView,
) -> Option<(&'a Protocol, Because)> {
    let shipped: &'static [Protocol] = &SHIPPED;
    let best = |from: &'a [Protocol]| {
        let mut best: Option<(i32, &'a Protocol, Because)> = None;
        for protocol in from {
            if let Some((score, because)) = fits(protocol, study)
                && best.as_ref().is_none_or(|(least, ..)| score > *least)
            {
                best = Some((score, protocol, because));
            }
        }
        best.map(|(_, protocol, because)| (protocol, because))
    };
    best(own).or_else(|| best(shipped))
}

/// Plane of a stack by its normal, as long as it is no more than 30° off an axis.
pub(super) fn plane_of(series: &SeriesView) -> &'static str {
    let Some(placed) = &series.placed else {
        return "";
    };
    let n = placed.normal().abs();
    let least = 30.0_f64.to_radians().cos();
    match (n.x > least, n.y > least, n.z > least) {
        (true, ..) => "sagittal",
        (_, true, _) => "coronal",
        (.., true) => "axial",
        _ => "oblique",
    }
}

impl Step {
    /// The grid for `n` of its cells: its own columns, and no row for none.
    pub(super) fn grid_of(&self, n: usize) -> Grid {
        let [columns, rows] = self.grid;
        let least = |most: u8, n: usize| most.min(u8::try_from(n).unwrap_or(most)).max(1);
        let columns = least(columns, n);
        Grid::new(columns, least(rows, n.div_ceil(usize::from(columns))))
    }
}

impl Cell {
    /// The study that the cell looks at.
    fn study<'a>(
        &self,
        patient: &'a PatientView,
        lead: &'a StudyView,
        protocol: &Protocol,
    ) -> Option<&'a StudyView> {
        if !self.other.is_empty() {
            return patient
                .studies
                .iter()
                .filter(|s| s.uid != lead.uid)
                .find(|s| s.series.iter().any(|x| self.other.contains(&x.modality)));
        }
        if self.prior == 0 {
            return Some(lead);
        }
        priors(patient, lead, protocol).nth(self.prior - 1)
    }

    /// The series for the cell.
    pub(super) fn find<'a>(
        &self,
        patient: &'a PatientView,
        lead: &'a StudyView,
        protocol: &Protocol,
    ) -> Option<&'a SeriesView> {
        let study = self.study(patient, lead, protocol)?;
        if self.is_volume() {
            return self.find_in(study, protocol, false);
        }
        self.find_in(study, protocol, true)
            .or_else(|| self.find_in(study, protocol, false).filter(|_| self.cut))
    }

    /// Whether there is a study for it with a series of its modality at all.
    pub(super) fn has_study(
        &self,
        patient: &PatientView,
        lead: &StudyView,
        protocol: &Protocol,
    ) -> bool {
        let wanted = self.modalities(protocol);
        let study = self.study(patient, lead, protocol);
        study.is_some_and(|s| s.series.iter().any(|s| wanted.contains(&s.modality)))
    }

    fn modalities<'a>(&'a self, protocol: &'a Protocol) -> &'a [String] {
        match (self.modality.is_empty(), self.other.is_empty()) {
            (false, _) => &self.modality,
            (true, false) => &self.other,
            (true, true) => &protocol.modality,
        }
    }

    /// It is a plane through a volume whatever series there are.
    fn is_volume(&self) -> bool {
        self.fused || !self.slab.is_empty()
    }

    fn find_in<'a>(
        &self,
        study: &'a StudyView,
        protocol: &Protocol,
        in_plane: bool,
    ) -> Option<&'a SeriesView> {
        let modalities = self.modalities(protocol);
        let fit: Vec<&SeriesView> = study
            .series
            .iter()
            .filter(|s| s.unreadable.is_none() && modalities.contains(&s.modality))
            .filter(|s| {
                // A stack without places may lie any way; it is not refused for what it does not say.
                let plane = plane_of(s);
                !in_plane || self.plane.is_empty() || plane.is_empty() || plane == self.plane
            })
            .filter(|s| in_plane || s.images >= LEAST_OF_A_VOLUME)
            .filter(|s| self.need.is_empty() || self.need.iter().any(|w| says(&words_of(s), w)))
            .filter(|s| !self.avoid.iter().any(|w| says(&words_of(s), w)))
            .collect();
        if self.nth > 0 {
            return fit.get(self.nth - 1).copied();
        }
        let liked = |s: &SeriesView| {
            let at = self.prefer.iter().position(|w| says(&s.description, w));
            at.map_or(0, |k| self.prefer.len() - k)
        };
        // Of equals the first.
        fit.into_iter().rev().max_by_key(|s| (liked(s), s.images))
    }

    /// The tile for a series that was found.
    pub(super) fn tile(&self, patient: &PatientView, series: &SeriesView) -> Tile {
        // Windows of protocols are in Hounsfield units.
        let window = self.window().filter(|_| series.modality == "CT");
        let mut tile = Tile::with_window(series, window);
        tile.plays_at_once = self.play;
        if self.preset.is_some() || self.dark_on_white {
            tile.wish = Some(Wish {
                preset: self.preset,
                dark_on_white: self.dark_on_white,
            });
        }
        let plane = match self.plane.as_str() {
            "axial" => Orientation::Axial,
            "coronal" => Orientation::Coronal,
            "sagittal" => Orientation::Sagittal,
            _ => return tile,
        };
        if self.is_volume() || self.cut && plane_of(series) != self.plane {
            let mut cut = Cut::new(plane);
            cut.slab.mode = match self.slab.as_str() {
                "mip" => SlabMode::Mip,
                "minip" => SlabMode::MinIp,
                "mean" => SlabMode::Mean,
                _ => SlabMode::Single,
            };
            cut.slab.thickness_mm = self.thickness_mm.clamp(0.0, MOST_MM);
            tile.content = Content::Cut(cut);
        }
        if self.fused {
            tile.over = partner(patient, series).map(|over| over.key.clone());
        }
        tile
    }

    pub(super) fn window(&self) -> Option<Window> {
        let [center, width] = self.window?;
        Window::new(center, width, VoiFunction::Linear).ok()
    }
}

/// Older studies of the same modalities and, where the protocol names one, the same region; newest first.
pub(super) fn priors<'a>(
    patient: &'a PatientView,
    lead: &'a StudyView,
    protocol: &Protocol,
) -> impl Iterator<Item = &'a StudyView> {
    patient
        .studies
        .iter()
        .filter(|s| s.uid != lead.uid && s.days_before_newest >= lead.days_before_newest)
        .filter(|s| fits(protocol, s).is_some())
        .collect::<Vec<_>>()
        .into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d4_the_twelve_protocols_that_ship_can_be_read_and_their_grids_hold_their_cells() {
        assert_eq!(SHIPPED.len(), 12, "one of the files cannot be read");
        for protocol in SHIPPED.iter() {
            assert!(!protocol.steps.is_empty(), "{}", protocol.name);
            for step in &protocol.steps {
                let [columns, rows] = step.grid.map(usize::from);
                assert!(
                    step.cells.len() <= columns * rows && columns <= 4 && rows <= 4,
                    "{}, {}",
                    protocol.name,
                    step.name
                );
                assert!(step.cells.iter().all(|c| !c.name.is_empty()));
                assert!(
                    step.cells
                        .iter()
                        .all(|c| c.window.is_none() || c.window().is_some())
                );
            }
        }
    }

    #[test]
    fn d4_words_are_found_at_the_start_of_words_and_short_ones_alone() {
        assert!(says("CT CHEST W/O", "chest"));
        assert!(says("Thorax PA", "pa"));
        assert!(!says("PARANASAL SINUSES", "pa"));
        assert!(says("ax T2 FLAIR", "t2"));
        assert!(!says("at20", "t2"));
        assert!(says("t1 mprage +c", "+c"));
        assert!(!says("abdomen", "men"));
    }
}
