//! Codes of terminologies, and the names the project uses for the systems.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A code system. `Display` gives the short prefix of rule vectors and packs (`loinc`, `snomed`, `icd10`, `atc`, `tri` …).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum CodeSystem {
    /// `http://loinc.org`
    Loinc,
    /// `http://snomed.info/sct`
    Snomed,
    /// ICD-10 and ICD-10-CM
    Icd10,
    /// WHO ATC
    Atc,
    /// RxNorm
    RxNorm,
    /// CVX (vaccines)
    Cvx,
    /// DICOM controlled terminology, PS3.16
    Dicom,
    /// The project's own codes, record-and-signals 4.6
    Tri,
    /// Any other, by its URI or OID as received
    Other(String),
}

/// One code of one system, with the words its source gave.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Coding {
    /// Terminology.
    pub system: CodeSystem,
    /// The code, verbatim.
    pub code: String,
    /// The source's display text, if it gave one.
    pub display: Option<String>,
}

impl CodeSystem {
    /// From a FHIR system URI; what is not known is kept as [`CodeSystem::Other`].
    #[must_use]
    pub fn from_uri(uri: &str) -> Self {
        match uri.trim_end_matches('/') {
            "http://loinc.org" | "urn:oid:2.16.840.1.113883.6.1" => Self::Loinc,
            "http://snomed.info/sct" | "urn:oid:2.16.840.1.113883.6.96" => Self::Snomed,
            "http://hl7.org/fhir/sid/icd-10"
            | "http://hl7.org/fhir/sid/icd-10-cm"
            | "urn:oid:2.16.840.1.113883.6.90"
            | "urn:oid:2.16.840.1.113883.6.3" => Self::Icd10,
            "http://www.whocc.no/atc" => Self::Atc,
            "http://www.nlm.nih.gov/research/umls/rxnorm" | "urn:oid:2.16.840.1.113883.6.88" => {
                Self::RxNorm
            }
            "http://hl7.org/fhir/sid/cvx" => Self::Cvx,
            "http://dicom.nema.org/resources/ontology/DCM" => Self::Dicom,
            "urn:triptych:codes" => Self::Tri,
            other => Self::Other(other.to_owned()),
        }
    }

    /// From the short prefix of rule vectors and packs; `None` when it is not one of them.
    #[must_use]
    pub fn from_prefix(prefix: &str) -> Option<Self> {
        Some(match prefix {
            "loinc" => Self::Loinc,
            "snomed" => Self::Snomed,
            "icd10" => Self::Icd10,
            "atc" => Self::Atc,
            "rxnorm" => Self::RxNorm,
            "cvx" => Self::Cvx,
            "dcm" => Self::Dicom,
            "tri" => Self::Tri,
            _ => return None,
        })
    }
}

impl fmt::Display for CodeSystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Loinc => "loinc",
            Self::Snomed => "snomed",
            Self::Icd10 => "icd10",
            Self::Atc => "atc",
            Self::RxNorm => "rxnorm",
            Self::Cvx => "cvx",
            Self::Dicom => "dcm",
            Self::Tri => "tri",
            Self::Other(uri) => uri,
        })
    }
}

impl Coding {
    /// A code without display text.
    #[must_use]
    pub fn new(system: CodeSystem, code: impl Into<String>) -> Self {
        Self {
            system,
            code: code.into(),
            display: None,
        }
    }
}

impl fmt::Display for Coding {
    /// `loinc:2160-0`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.system, self.code)
    }
}
