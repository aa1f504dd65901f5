//! Codes of PS3.16 and others, as they stand in data sets, and the concepts that our objects use.

use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use serde::{Deserialize, Serialize};
use triptych_clinical::{CodeSystem, Coding};

use super::elements::Elements;
use crate::dataset::DataSet;

/// One item of a code sequence (PS3.3 8.8).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Code {
    /// Code Value, Long Code Value or URN Code Value.
    pub value: String,
    /// Coding Scheme Designator (0008,0102), such as DCM, SCT, UCUM; empty for a URN.
    pub scheme: String,
    /// Coding Scheme Version (0008,0103).
    pub version: String,
    /// Code Meaning (0008,0104): what people read.
    pub meaning: String,
}

/// Codes of our own: shapes, origins of millimetres.
pub(crate) const OWN_SCHEME: &str = "99TRIPTYCH";
/// Its URL in Coding Scheme Identification Sequence (0008,0110).
pub(crate) const OWN_SCHEME_URL: &str = "urn:triptych:codes";
/// Most characters of Code Value and Code Meaning.
const SHORT: usize = 16;
pub(crate) const MEANING: usize = 64;

/// A code that this crate knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Concept {
    value: &'static str,
    scheme: &'static str,
    pub(crate) meaning: &'static str,
}

const fn dcm(value: &'static str, meaning: &'static str) -> Concept {
    Concept {
        value,
        scheme: "DCM",
        meaning,
    }
}

const fn sct(value: &'static str, meaning: &'static str) -> Concept {
    Concept {
        value,
        scheme: "SCT",
        meaning,
    }
}

const fn loinc(value: &'static str, meaning: &'static str) -> Concept {
    Concept {
        value,
        scheme: "LN",
        meaning,
    }
}

/// Concepts of TID 1500, 1501, 1410, 1411, 1600 and 2010.
pub(crate) mod concepts {
    use super::{Concept, dcm, loinc, sct};

    pub(crate) const REPORT: Concept = dcm("126000", "Imaging Measurement Report");
    pub(crate) const LANGUAGE: Concept = dcm("121049", "Language of Content Item and Descendants");
    pub(crate) const OBSERVER_TYPE: Concept = dcm("121005", "Observer Type");
    pub(crate) const PERSON: Concept = dcm("121006", "Person");
    pub(crate) const DEVICE: Concept = dcm("121007", "Device");
    pub(crate) const PERSON_NAME: Concept = dcm("121008", "Person Observer Name");
    pub(crate) const DEVICE_UID: Concept = dcm("121012", "Device Observer UID");
    pub(crate) const DEVICE_NAME: Concept = dcm("121013", "Device Observer Name");
    pub(crate) const DEVICE_MANUFACTURER: Concept = dcm("121014", "Device Observer Manufacturer");
    pub(crate) const DEVICE_MODEL: Concept = dcm("121015", "Device Observer Model Name");
    pub(crate) const DEVICE_SERIAL: Concept = dcm("121016", "Device Observer Serial Number");
    pub(crate) const PROCEDURE: Concept = dcm("121058", "Procedure reported");
    pub(crate) const MEASUREMENTS: Concept = dcm("126010", "Imaging Measurements");
    pub(crate) const GROUP: Concept = dcm("125007", "Measurement Group");
    pub(crate) const TRACKING_ID: Concept = dcm("112039", "Tracking Identifier");
    pub(crate) const TRACKING_UID: Concept = dcm("112040", "Tracking Unique Identifier");
    pub(crate) const FINDING: Concept = dcm("121071", "Finding");
    pub(crate) const SITE: Concept = sct("363698007", "Finding Site");
    pub(crate) const REGION: Concept = dcm("111030", "Image Region");
    pub(crate) const COMMENT: Concept = dcm("121106", "Comment");
    pub(crate) const DERIVATION: Concept = dcm("121401", "Derivation");
    pub(crate) const METHOD: Concept = sct("370129005", "Measurement Method");
    pub(crate) const STARTED: Concept = dcm("111526", "DateTime Started");
    pub(crate) const ENDED: Concept = dcm("111527", "DateTime Ended");
    pub(crate) const KNOWN_LENGTH: Concept = dcm("122423", "Calibration Object Size");
    pub(crate) const SERIES_UID: Concept = dcm("112002", "Series Instance UID");
    pub(crate) const LIBRARY: Concept = dcm("111028", "Image Library");
    pub(crate) const LIBRARY_GROUP: Concept = dcm("126200", "Image Library Group");
    pub(crate) const FRAME_OF_REFERENCE: Concept = dcm("112227", "Frame of Reference UID");
    pub(crate) const ROWS: Concept = dcm("110910", "Pixel Data Rows");
    pub(crate) const COLUMNS: Concept = dcm("110911", "Pixel Data Columns");
    pub(crate) const HORIZONTAL_SPACING: Concept = dcm("111026", "Horizontal Pixel Spacing");
    pub(crate) const VERTICAL_SPACING: Concept = dcm("111066", "Vertical Pixel Spacing");
    pub(crate) const POSITION: [Concept; 3] = [
        dcm("110901", "Image Position (Patient) X"),
        dcm("110902", "Image Position (Patient) Y"),
        dcm("110903", "Image Position (Patient) Z"),
    ];
    pub(crate) const ORIENTATION: [Concept; 6] = [
        dcm("110904", "Image Orientation (Patient) Row X"),
        dcm("110905", "Image Orientation (Patient) Row Y"),
        dcm("110906", "Image Orientation (Patient) Row Z"),
        dcm("110907", "Image Orientation (Patient) Column X"),
        dcm("110908", "Image Orientation (Patient) Column Y"),
        dcm("110909", "Image Orientation (Patient) Column Z"),
    ];
    pub(crate) const LENGTH: Concept = sct("410668003", "Length");
    pub(crate) const DISTANCE: Concept = dcm("121206", "Distance");
    pub(crate) const LONG_AXIS: Concept = sct("103339001", "Long Axis");
    pub(crate) const SHORT_AXIS: Concept = sct("103340004", "Short Axis");
    pub(crate) const PERIMETER: Concept = sct("131191004", "Perimeter");
    pub(crate) const ANGLE: Concept = sct("1483009", "Angle");
    pub(crate) const COBB_ANGLE: Concept = sct("285285000", "Cobb angle");
    pub(crate) const AREA: Concept = sct("42798000", "Area");
    pub(crate) const VOLUME: Concept = sct("118565006", "Volume");
    pub(crate) const ATTENUATION: Concept = dcm("112031", "Attenuation Coefficient");
    pub(crate) const SUV_BW: Concept = dcm("126401", "SUVbw");
    pub(crate) const MODALITY_VALUE: Concept = sct("246205007", "Quantity");
    pub(crate) const MEAN: Concept = sct("373098007", "Mean");
    pub(crate) const STANDARD_DEVIATION: Concept = sct("386136009", "Standard Deviation");
    pub(crate) const MAXIMUM: Concept = sct("56851009", "Maximum");
    pub(crate) const MINIMUM: Concept = sct("255605001", "Minimum");
    pub(crate) const MEDIAN: Concept = sct("373099004", "Median");
    pub(crate) const KEY_DESCRIPTION: Concept = dcm("113012", "Key Object Description");
    pub(crate) const TITLE_MODIFIER: Concept = dcm("113011", "Document Title Modifier");
    pub(crate) const ANY_PROCEDURE: Concept = sct("363679005", "Imaging procedure");

    /// LOINC names of a procedure on a body region that is not stated, by modality.
    pub(crate) const PROCEDURES: [(&str, Concept); 8] = [
        ("CT", loinc("25045-6", "CT unspecified body region")),
        ("MR", loinc("25056-3", "MR unspecified body region")),
        ("US", loinc("25061-3", "US unspecified body region")),
        ("PT", loinc("44136-0", "PT unspecified body region")),
        ("NM", loinc("49118-3", "NM unspecified body region")),
        ("CR", loinc("43468-8", "XR unspecified body region")),
        ("DX", loinc("43468-8", "XR unspecified body region")),
        ("RG", loinc("43468-8", "XR unspecified body region")),
    ];
}

/// SRT codes of old objects that mean the same as an SCT code (imaging.md E1).
const RETIRED: [(&str, &str); 17] = [
    ("G-D7FE", "410668003"),
    ("G-A166", "42798000"),
    ("G-D705", "118565006"),
    ("G-A185", "103339001"),
    ("G-A186", "103340004"),
    ("R-00317", "373098007"),
    ("R-10047", "386136009"),
    ("G-A437", "56851009"),
    ("R-404FB", "255605001"),
    ("R-00319", "373099004"),
    ("G-C0E3", "363698007"),
    ("G-C171", "272741003"),
    ("G-C036", "370129005"),
    ("M-54110", "52988006"),
    ("G-A220", "103355008"),
    ("M-02550", "81827009"),
    ("F-047BB", "1483009"),
];

impl Concept {
    pub(crate) fn code(self) -> Code {
        Code {
            value: self.value.to_owned(),
            scheme: self.scheme.to_owned(),
            version: String::new(),
            meaning: self.meaning.to_owned(),
        }
    }
}

impl Code {
    pub(crate) fn new(value: &str, scheme: &str, meaning: &str) -> Self {
        Self {
            value: value.to_owned(),
            scheme: scheme.to_owned(),
            version: String::new(),
            meaning: meaning.to_owned(),
        }
    }

    /// A UCUM unit.
    pub(crate) fn unit(unit: &str) -> Self {
        let meaning = match unit {
            "mm" => "millimeter",
            "mm2" => "square millimeter",
            "mm3" => "cubic millimeter",
            "cm" => "centimeter",
            "cm2" => "square centimeter",
            "ml" | "mL" => "milliliter",
            "deg" => "degree",
            "[hnsf'U]" => "Hounsfield unit",
            "{pixels}" => "pixels",
            "1" => "no units",
            other => other,
        };
        Self::new(unit, "UCUM", meaning)
    }

    /// Whether it means the concept, also by a code of SNOMED's old form.
    pub(crate) fn is(&self, concept: Concept) -> bool {
        let value = match self.scheme.as_str() {
            "SRT" | "SNM3" | "99SDM" => {
                let known = RETIRED.iter().find(|(old, _)| *old == self.value);
                return concept.scheme == "SCT"
                    && known.is_some_and(|(_, new)| *new == concept.value);
            }
            _ => &self.value,
        };
        self.scheme == concept.scheme && *value == concept.value
    }

    /// From one item of a code sequence; `None` when it has no value of any kind.
    pub(crate) fn read_item(item: &DataSet<'_>) -> Option<Self> {
        let text = |tag| item.text(tag).unwrap_or_default();
        let value = [
            tags::CODE_VALUE,
            tags::LONG_CODE_VALUE,
            tags::URN_CODE_VALUE,
        ]
        .into_iter()
        .find_map(|tag| item.text(tag))?;
        Some(Self {
            value,
            scheme: text(tags::CODING_SCHEME_DESIGNATOR),
            version: text(tags::CODING_SCHEME_VERSION),
            meaning: text(tags::CODE_MEANING),
        })
    }

    /// From the first item of a code sequence.
    pub(crate) fn read(data: &DataSet<'_>, sequence: Tag) -> Option<Self> {
        Self::read_item(&data.first_item(sequence)?)
    }

    pub(crate) fn elements(&self) -> Elements {
        let mut out = Elements::default();
        if self.scheme.is_empty() {
            out.text(tags::URN_CODE_VALUE, VR::UR, &self.value);
        } else if self.value.chars().count() > SHORT {
            out.text(tags::LONG_CODE_VALUE, VR::UC, &self.value);
        } else {
            out.text(tags::CODE_VALUE, VR::SH, &self.value);
        }
        out.text_if(tags::CODING_SCHEME_DESIGNATOR, VR::SH, &self.scheme)
            .text_if(tags::CODING_SCHEME_VERSION, VR::SH, &self.version)
            .text(tags::CODE_MEANING, VR::LO, &self.meaning);
        out
    }

    /// What people read: the meaning, else the code itself.
    #[must_use]
    pub fn shown(&self) -> &str {
        if self.meaning.is_empty() {
            &self.value
        } else {
            &self.meaning
        }
    }
}

/// Coding schemes that a document identifies: designator and URL (0008,010E).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Schemes(Vec<(String, String)>);

impl Schemes {
    pub(crate) fn read(data: &DataSet<'_>) -> Self {
        let schemes = data.items(tags::CODING_SCHEME_IDENTIFICATION_SEQUENCE);
        let pair = |item: DataSet<'_>| {
            let text = |tag| item.text(tag);
            Some((
                text(tags::CODING_SCHEME_DESIGNATOR)?,
                text(tags::CODING_SCHEME_URL)?,
            ))
        };
        Self(schemes.filter_map(pair).collect())
    }

    /// A code as a DICOM code. Systems without a designator get one for this document.
    pub(crate) fn code(&mut self, coding: &Coding) -> Code {
        let scheme = match &coding.system {
            CodeSystem::Loinc => "LN".to_owned(),
            CodeSystem::Snomed => "SCT".to_owned(),
            CodeSystem::Icd10 => "I10".to_owned(),
            CodeSystem::Atc => "ATC".to_owned(),
            CodeSystem::RxNorm => "RXNORM".to_owned(),
            CodeSystem::Cvx => "CVX".to_owned(),
            CodeSystem::Dicom => "DCM".to_owned(),
            CodeSystem::Tri => OWN_SCHEME.to_owned(),
            CodeSystem::Other(name) if is_designator(name) => name.clone(),
            CodeSystem::Other(url) => self.designator(url),
        };
        Code {
            value: coding.code.clone(),
            scheme,
            version: String::new(),
            // PS3.3 wants a meaning; a code without words is its own.
            meaning: coding
                .display
                .clone()
                .unwrap_or_else(|| coding.code.clone()),
        }
    }

    fn designator(&mut self, url: &str) -> String {
        if let Some((name, _)) = self.0.iter().find(|(_, known)| known == url) {
            return name.clone();
        }
        let name = format!("99TRIPTYCH_{}", self.0.len());
        self.0.push((name.clone(), url.to_owned()));
        name
    }

    pub(crate) fn coding(&self, code: &Code) -> Coding {
        let url = || self.0.iter().find(|(name, _)| *name == code.scheme);
        let (system, value) = match code.scheme.as_str() {
            "LN" => (CodeSystem::Loinc, None),
            "SCT" => (CodeSystem::Snomed, None),
            "SRT" | "SNM3" | "99SDM" => {
                let known = RETIRED.iter().find(|(old, _)| *old == code.value);
                match known {
                    Some((_, new)) => (CodeSystem::Snomed, Some((*new).to_owned())),
                    None => (CodeSystem::Other(code.scheme.clone()), None),
                }
            }
            "I10" | "I10C" => (CodeSystem::Icd10, None),
            "ATC" => (CodeSystem::Atc, None),
            "RXNORM" => (CodeSystem::RxNorm, None),
            "CVX" => (CodeSystem::Cvx, None),
            "DCM" => (CodeSystem::Dicom, None),
            OWN_SCHEME => (CodeSystem::Tri, None),
            other => (
                url().map_or_else(
                    || CodeSystem::Other(other.to_owned()),
                    |(_, url)| CodeSystem::from_uri(url),
                ),
                None,
            ),
        };
        Coding {
            system,
            display: Some(code.meaning.clone())
                .filter(|meaning| !meaning.is_empty() && *meaning != code.value),
            code: value.unwrap_or_else(|| code.value.clone()),
        }
    }

    /// Items of Coding Scheme Identification Sequence: our own scheme with `version`, and those that were named above.
    pub(crate) fn elements(&self, version: &str) -> Vec<Elements> {
        let item = |name: &str, url: &str, version: &str| {
            let mut out = Elements::default();
            out.text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, name)
                .text_if(tags::CODING_SCHEME_VERSION, VR::SH, version)
                .text(tags::CODING_SCHEME_URL, VR::UR, url);
            out
        };
        let others = self.0.iter().map(|(name, url)| item(name, url, ""));
        std::iter::once(item(OWN_SCHEME, OWN_SCHEME_URL, version))
            .chain(others)
            .collect()
    }
}

/// Whether a text can stand as Coding Scheme Designator (SH) without being taken for another.
fn is_designator(name: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b"_-.[]".contains(&b);
    let known = [
        "LN", "SCT", "SRT", "SNM3", "99SDM", "I10", "I10C", "ATC", "RXNORM", "CVX", "DCM",
        OWN_SCHEME,
    ];
    (1..=SHORT).contains(&name.len())
        && name.bytes().all(word)
        && !known.contains(&name)
        && !name.starts_with("99TRIPTYCH_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_every_system_come_back() {
        let mut schemes = Schemes::default();
        for system in [
            CodeSystem::Loinc,
            CodeSystem::Snomed,
            CodeSystem::Icd10,
            CodeSystem::Atc,
            CodeSystem::RxNorm,
            CodeSystem::Cvx,
            CodeSystem::Dicom,
            CodeSystem::Tri,
            CodeSystem::Other("RADLEX".into()),
            CodeSystem::Other("urn:oid:1.2.3".into()),
            CodeSystem::Other("SRT".into()),
        ] {
            for display in [None, Some("Word".to_owned())] {
                let coding = Coding {
                    system: system.clone(),
                    code: "1-a".into(),
                    display,
                };
                let code = schemes.code(&coding);
                assert_eq!(schemes.coding(&code), coding, "{code:?}");
            }
        }
    }

    #[test]
    fn old_snomed_codes_mean_the_new_ones() {
        assert!(Code::new("G-D7FE", "SRT", "Length").is(concepts::LENGTH));
        assert!(!Code::new("G-D7FE", "DCM", "Length").is(concepts::LENGTH));
        assert!(!Code::new("G-XXXX", "SRT", "Length").is(concepts::LENGTH));
        assert!(Code::new("121206", "DCM", "Distance").is(concepts::DISTANCE));
    }
}
