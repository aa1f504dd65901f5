//! Codes of sources that name their systems by short names instead of addresses (HL7 table 0396), with the check of LOINC's own digit.

use triptych_clinical::{CodeSystem, Coding};

use crate::fhir::datatypes::is_loinc;

/// A code under the system that `name` stands for; a code under LOINC that is no LOINC code is kept under a system of its own.
pub(crate) fn coding(code: &str, display: &str, name: &str) -> Option<Coding> {
    if code.is_empty() {
        return None;
    }
    let system = match system(name) {
        CodeSystem::Loinc if !is_loinc(code) => {
            CodeSystem::Other(format!("{name} (not a LOINC code)"))
        }
        system => system,
    };
    Some(Coding {
        system,
        code: code.to_owned(),
        display: Some(display.to_owned()).filter(|d| !d.is_empty()),
    })
}

fn system(name: &str) -> CodeSystem {
    match name.trim().to_ascii_uppercase().as_str() {
        "LN" | "LOINC" => CodeSystem::Loinc,
        "SCT" | "SNOMED-CT" | "SNOMEDCT" | "SNOMED" => CodeSystem::Snomed,
        "I10" | "I10C" | "ICD10" | "ICD-10" | "ICD10CM" => CodeSystem::Icd10,
        "ATC" | "WC" => CodeSystem::Atc,
        "RXNORM" => CodeSystem::RxNorm,
        "CVX" => CodeSystem::Cvx,
        "DCM" => CodeSystem::Dicom,
        _ => CodeSystem::from_uri(name.trim()),
    }
}
