//! Modality and region of imaging studies, in the words of rules: `CT`, `chest`. Record-and-signals, sections 4.2 and 4.6.
//!
//! Sources write them in many ways (DICOM Body Part Examined, SNOMED CT displays, a reader's entry). Words that are not known stay
//! themselves in lower case; a study without a region has none, and whether it closes a loop stays unknown.

use triptych_clinical::{CodeSystem, Coding};

use crate::chart::{Datum, Kind};
use crate::k3::K3;

/// LOINC codes of a study or its report: code, modality, region.
const LOINC_STUDIES: [(&str, &str, &str); 2] =
    [("24627-2", "CT", "chest"), ("24842-7", "US", "thyroid")];

/// Project codes of a study: code, modality, region.
const TRI_STUDIES: [(&str, &str, &str); 3] = [
    ("ct_chest", "CT", "chest"),
    ("ct_abdomen", "CT", "abdomen"),
    ("us_thyroid", "US", "thyroid"),
];

/// True for the report of a study that rules know by its code.
#[must_use]
pub fn is_report_of_a_study(codes: &[Coding]) -> bool {
    codes.iter().any(|c| {
        c.system == CodeSystem::Loinc && LOINC_STUDIES.iter().any(|(code, ..)| *code == c.code)
    })
}

/// DICOM modalities of an imaging datum.
#[must_use]
pub fn modalities(datum: &Datum) -> Vec<String> {
    let mut all: Vec<String> = coded(datum).map(|(m, _)| m.to_owned()).collect();
    all.extend(
        datum
            .attr("modality")
            .into_iter()
            .flat_map(split_modalities),
    );
    all
}

/// Regions of an imaging datum; empty when it names none.
#[must_use]
pub fn regions(datum: &Datum) -> Vec<String> {
    let mut all: Vec<String> = coded(datum).map(|(_, r)| r.to_owned()).collect();
    all.extend(datum.attr("region").into_iter().flat_map(split_regions));
    all
}

fn coded(datum: &Datum) -> impl Iterator<Item = (&'static str, &'static str)> {
    let of = |system: CodeSystem, table: &'static [(&'static str, &'static str, &'static str)]| {
        table
            .iter()
            .filter(move |(code, ..)| datum.is_coded(&system, code))
            .map(|(_, modality, region)| (*modality, *region))
    };
    of(CodeSystem::Loinc, &LOINC_STUDIES).chain(of(CodeSystem::Tri, &TRI_STUDIES))
}

/// `CT\PT` or `PET/CT` to DICOM modalities.
#[must_use]
pub fn split_modalities(text: &str) -> Vec<String> {
    text.split(['\\', ',', '/', ';'])
        .map(|m| m.trim().to_ascii_uppercase())
        .filter(|m| !m.is_empty())
        .map(|m| match m.as_str() {
            "MRI" => "MR".to_owned(),
            "PET" => "PT".to_owned(),
            "ULTRASOUND" => "US".to_owned(),
            // A radiograph is one, whichever detector it was taken with.
            "CR" => "DX".to_owned(),
            _ => m,
        })
        .collect()
}

/// `CHEST_ABDOMEN` or `thoracic structure, neck` to regions.
#[must_use]
pub fn split_regions(text: &str) -> Vec<String> {
    text.split(['\\', ',', ';'])
        .map(|r| r.trim().to_lowercase())
        .filter(|r| !r.is_empty())
        .flat_map(known_regions)
        .collect()
}

fn known_regions(text: String) -> Vec<String> {
    const KNOWN: [(&str, &[&str]); 5] = [
        ("chest", &["chest", "thorax", "thoracic", "lung"]),
        ("abdomen", &["abd"]),
        ("pelvis", &["pelvi"]),
        ("thyroid", &["thyroid"]),
        ("head", &["head", "brain"]),
    ];
    // The thoracic spine is no chest.
    if text.contains("spine") {
        return vec![text];
    }
    let found: Vec<String> = KNOWN
        .iter()
        .filter(|(_, parts)| parts.iter().any(|p| text.contains(p)))
        .map(|(region, _)| (*region).to_owned())
        .collect();
    if found.is_empty() { vec![text] } else { found }
}

/// What was asked for: a modality, and a region where one was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    modalities: Vec<String>,
    regions: Vec<String>,
}

impl Wanted {
    /// From the words of a recommendation; `None` without a modality.
    #[must_use]
    pub fn new(modality: &str, region: Option<&str>) -> Option<Self> {
        let modalities = split_modalities(modality);
        (!modalities.is_empty()).then(|| Self {
            modalities,
            regions: region.map(split_regions).unwrap_or_default(),
        })
    }

    /// True for a study of this kind that is later than `found` and not the very study that `found` is about; unknown where the study
    /// names no region and one is wanted.
    #[must_use]
    pub fn answered_by(&self, study: &Datum, found: &Datum) -> K3 {
        let modality = modalities(study)
            .iter()
            .any(|m| self.modalities.contains(m));
        if study.kind != Kind::Imaging || !modality || !is_another(study, found) {
            return K3::False;
        }
        let regions = regions(study);
        if self.regions.is_empty() {
            K3::True
        } else if regions.is_empty() {
            K3::Unknown
        } else {
            K3::from(regions.iter().any(|r| self.regions.contains(r)))
        }
    }
}

/// Later, and another study: told apart by the Study Instance UID, else by the calendar day, since the report of the very study that
/// showed a finding is often dated some hours after it.
fn is_another(study: &Datum, found: &Datum) -> bool {
    let later = study.instant() > found.instant();
    match (study.attr("study_uid"), found.attr("study_uid")) {
        (Some(a), Some(b)) => later && a != b,
        _ => later && study.instant().iso_date() != found.instant().iso_date(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_many_sources_meet() {
        for (text, expected) in [
            ("CHEST", vec!["chest"]),
            ("thoracic structure", vec!["chest"]),
            ("CHESTABDPELVIS", vec!["chest", "abdomen", "pelvis"]),
            ("T-SPINE, Thyroid", vec!["t-spine", "thyroid"]),
            ("thoracic spine", vec!["thoracic spine"]),
            ("wrist", vec!["wrist"]),
            ("", vec![]),
        ] {
            assert_eq!(split_regions(text), expected, "{text}");
        }
        assert_eq!(split_modalities("PET/CT"), ["PT", "CT"]);
        assert_eq!(split_modalities("ct\\SR"), ["CT", "SR"]);
        assert_eq!(split_modalities("MRI"), ["MR"]);
        assert_eq!(split_modalities("CR"), split_modalities("dx"));
    }
}
