//! The fact: one dated datum about one patient, with where it came from. Record-and-signals, section 5.1.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use smol_str::SmolStr;

use crate::{Coding, DocumentHash, Instant, Quantity, Shared, When};

/// Stable name of a datum across its versions: BLAKE3 of source system, patient, source identifier and component path.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FactId(pub [u8; 32]);

/// Counts the versions of one datum; the greatest that was known at the index time is the visible one.
pub type FactVersion = u32;

/// What sort of statement a fact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum FactKind {
    /// Laboratory value, vital sign, survey answer.
    Observation,
    /// Medicine: ordered, taken, dispensed or given (`attrs["source"]`).
    Medication,
    /// Condition.
    Problem,
    /// Procedure, done or (status) not done.
    Procedure,
    /// Statement about an image or a report (`tri:` codes).
    Finding,
    /// A performed imaging study (FHIR ImagingStudy or a DICOM study).
    Imaging,
    /// Allergy or intolerance.
    Allergy,
    /// Contact with care.
    Encounter,
    /// Note or report: its text is in [`Fact::text`].
    Note,
    /// Diagnostic report: header of a panel or a text report.
    Report,
    /// Immunization.
    Immunization,
    /// Order, care plan, goal and other statements that are shown and enter no rule.
    Other,
}

/// Life cycle as in record-and-signals 5.3.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Status {
    /// Usable.
    #[default]
    Final,
    /// Usable, new version.
    Amended,
    /// Usable, new version, shown with the "corrected" mark.
    Corrected,
    /// Usable, text was added.
    Appended,
    /// Not usable: the input that meets it is refused.
    Preliminary,
    /// Not usable: registered, nothing measured yet.
    Registered,
    /// Not usable.
    Partial,
    /// Removed.
    Cancelled,
    /// Removed; a tombstone is shown (D-34).
    EnteredInError,
    /// Removed.
    Unknown,
    /// Medicines, problems, procedures: in force.
    Active,
    /// Medicines, problems, procedures: over.
    Completed,
    /// Shown but inert: planned, proposed, unconfirmed, provisional, not done.
    Inert,
}

/// The statement itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// The fact is its code alone (a problem, a procedure).
    #[default]
    None,
    /// Number with unit.
    Quantity(Quantity),
    /// A coded answer.
    Coded(Coding),
    /// Text answer, verbatim.
    Text(String),
    /// The source says explicitly that there is no value.
    Absent(Absence),
}

/// FHIR `dataAbsentReason` or C-CDA `nullFlavor`, as received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absence {
    /// Code of the reason.
    pub reason: String,
}

/// Reference interval of this very report, in the unit of the value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReferenceRange {
    /// Lower limit.
    pub low: Option<f64>,
    /// Upper limit.
    pub high: Option<f64>,
    /// As the source wrote it.
    pub text: Option<String>,
}

/// Who made the statement.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Origin {
    /// A coded source.
    #[default]
    Structured,
    /// Taken from text by the program: inert until confirmed.
    Note,
    /// A person at this program.
    Reader,
    /// A model.
    Model,
    /// Calculated.
    Derived,
}

/// A clinician's yes to a fact of origin note or model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// Who.
    pub by: String,
    /// When.
    pub at: Instant,
}

/// Bytes or characters of a source text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextSpan {
    /// First byte.
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
}

/// Where a fact came from. Never lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// Hash of the document's bytes.
    pub document: DocumentHash,
    /// FHIRPath, segment path or XPath inside it, e.g. `Bundle.entry[12].resource.component[1]`.
    pub path: String,
    /// Name of the resource in its source, e.g. `Observation/1234`; empty where it has none.
    pub resource: SmolStr,
    /// Bytes of the resource in the document, where known.
    pub span: Option<TextSpan>,
}

impl Provenance {
    /// A place in a document.
    #[must_use]
    pub fn new(document: DocumentHash, path: impl Into<String>, span: Option<TextSpan>) -> Self {
        Self {
            document,
            path: path.into(),
            resource: SmolStr::default(),
            span,
        }
    }
}

/// One dated datum with its provenance. What many facts of a record have in common (codes, names, units) they hold together: a clone
/// of a fact copies its own number, times and place only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// Same in all versions.
    pub id: FactId,
    /// Counts up from 1.
    pub version: FactVersion,
    /// Sort of statement.
    pub kind: FactKind,
    /// All codes as received; the first is the one shown and used by rules unless another is in a known system.
    pub codes: Shared<Vec<Coding>>,
    /// The source's own words for what this is, verbatim.
    pub display: SmolStr,
    /// The value.
    pub value: Value,
    /// When it was true of the patient: specimen collection, start of a medicine, onset.
    pub effective: Option<When>,
    /// End of a medicine, problem, encounter.
    pub end: Option<When>,
    /// When it could be known (record-and-signals 6.3): `issued` and its stand-ins. Compared with the index time.
    pub available: When,
    /// When this archive received it.
    pub received: Instant,
    /// When its source wrote this version (FHIR `meta.lastUpdated`, HL7 MSH-7, time of a C-CDA document): on the way into an archive it says
    /// which of two versions is newer where both were released at once. An archive gives `None`.
    pub revised: Option<Instant>,
    /// Life cycle.
    pub status: Status,
    /// Interval of the same report.
    pub reference: Option<ReferenceRange>,
    /// The laboratory's own flag (`H`, `LL`), verbatim.
    pub flag: Option<SmolStr>,
    /// `haemolysed`, `edta`, `drip_arm`, `clotted`, `clumped`, `not_fasting`.
    pub specimen_flags: Shared<Vec<String>>,
    /// Method, or software and version.
    pub method: Option<SmolStr>,
    /// FHIR categories (`laboratory`, `vital-signs`), note type, encounter class.
    pub category: Shared<Vec<String>>,
    /// Text of a note or report, line breaks kept.
    pub text: Option<String>,
    /// Further attributes by name: `dose_mg_day`, `size_mm`, `modality`, `study_uid`, `panel`, `performer` …
    pub attrs: Shared<BTreeMap<String, String>>,
    /// Who made the statement.
    pub origin: Origin,
    /// Confirmation of a note's or a model's fact.
    pub confirmed: Option<Confirmation>,
    /// Where it came from.
    pub provenance: Provenance,
}

impl FactId {
    /// The id of a datum from the parts that name it. The parts are length-prefixed, so that `("a", "bc")` is not `("ab", "c")`.
    #[must_use]
    pub fn of(parts: &[&str]) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        Self(*hasher.finalize().as_bytes())
    }
}

impl Hash for FactId {
    /// It is a hash already: eight bytes of it are enough to find its place.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        state.write_u64(u64::from_le_bytes([a, b, c, d, e, f, g, h]));
    }
}

impl fmt::Display for FactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digit = |n: u8| char::from(DIGITS.get(usize::from(n)).copied().unwrap_or(b'0'));
        let mut hex = String::with_capacity(64);
        for byte in self.0 {
            hex.push(digit(byte >> 4));
            hex.push(digit(byte & 15));
        }
        f.write_str(&hex)
    }
}

impl fmt::Debug for FactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Fact {
    /// A fact that says nothing yet: final, known from its receipt on.
    #[must_use]
    pub fn new(id: FactId, kind: FactKind, received: Instant, provenance: Provenance) -> Self {
        Self {
            id,
            version: 1,
            kind,
            codes: Shared::default(),
            display: SmolStr::default(),
            value: Value::None,
            effective: None,
            end: None,
            available: When::at(received),
            received,
            revised: None,
            status: Status::Final,
            reference: None,
            flag: None,
            specimen_flags: Shared::default(),
            method: None,
            category: Shared::default(),
            text: None,
            attrs: Shared::default(),
            origin: Origin::Structured,
            confirmed: None,
            provenance,
        }
    }

    /// Number with unit, if that is the value.
    #[must_use]
    pub const fn quantity(&self) -> Option<&Quantity> {
        match &self.value {
            Value::Quantity(q) => Some(q),
            _ => None,
        }
    }

    /// Says what this is: codes, and the source's own words.
    pub fn set_concept(&mut self, (codes, display): (Vec<Coding>, String)) {
        self.codes = codes.into();
        self.display = display.into();
    }

    /// The time by which the fact is placed and sorted: effective, else available.
    #[must_use]
    pub fn placed_at(&self) -> When {
        self.effective.unwrap_or(self.available)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_do_not_depend_on_where_the_parts_are_cut() {
        assert_ne!(FactId::of(&["a", "bc"]), FactId::of(&["ab", "c"]));
        assert_eq!(FactId::of(&["a", "bc"]), FactId::of(&["a", "bc"]));
    }
}
