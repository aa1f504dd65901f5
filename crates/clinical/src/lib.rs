//! The words of the field: patient, fact, code, quantity, unit, time, provenance.
//!
//! Every other crate speaks with these types; this one knows no file format, no database and no screen. A [`Fact`] is one dated
//! datum with its [`Provenance`]; an [`InstanceRecord`] is what the archive keeps of one DICOM instance beside its bytes.

mod age;
mod code;
mod fact;
mod identity;
mod instance;
mod medicine;
mod problem;
mod quantity;
mod shared;
mod time;
mod uid;

pub use age::Age;
pub use code::{CodeSystem, Coding};
pub use fact::{
    Absence, Confirmation, Fact, FactId, FactKind, FactVersion, Origin, Provenance, ReferenceRange,
    Status, TextSpan, Value,
};
pub use identity::{BirthDate, Identifier, Identity, PatientKey, Sex};
pub use instance::InstanceRecord;
pub use medicine::{Medicine, medicine};
pub use problem::{Problem, Read};
pub use quantity::{Comparator, Quantity};
pub use shared::{Empty, Shared};
pub use smol_str::SmolStr;
pub use time::{IndexTime, Instant, Precision, TimeError, When};
pub use uid::{
    DocumentHash, FrameOfReferenceUid, SeriesUid, SopClassUid, SopInstanceUid, StudyUid,
    TransferSyntaxUid, UidError,
};
