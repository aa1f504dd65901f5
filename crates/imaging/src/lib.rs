//! DICOM: safe parsing, frames, geometry, and the display pipeline on the CPU.
//!
//! ```text
//! bytes ── prescan ── DicomFile ──┬─ record()              what lists and slice order need
//!            │                    ├─ display_attributes(k)  what a picture of frame k needs
//!            └─ refused by name   ├─ native_cells(k)        stored values as they lie in the file
//!                                 └─ decode_frame(k)        stored values, any transfer syntax
//!
//! Frame + DisplayAttributes ── display ── greys and colours        positions ── geometry ── slice order, letters, views
//! Annotation + Frame + DisplayAttributes ── measure, suv ── values with their unit, lines to be shown, reasons
//! ```
//!
//! Bytes in, values out: no file, process, screen or database is known here. Outside bytes never panic, and never take memory by what
//! they declare; the C codecs behind it are still run in a worker process only.

pub mod annotate;
mod attributes;
pub mod browse;
mod charset;
mod codec;
mod covering;
mod dataset;
mod decode;
pub mod digest;
pub mod display;
mod display_attributes;
mod display_header;
mod file;
mod frame;
mod frames;
mod functional;
pub mod geometry;
pub mod head;
pub mod inspect;
mod instance;
pub mod limits;
pub mod marks;
pub mod measure;
mod meta;
pub mod objects;
mod person_name;
mod scan;
pub mod suv;
mod syntax;
#[cfg(test)]
mod tests;
pub mod volume;
mod wide;

pub use attributes::{Photometric, PixelDescription, PixelError, StoredBits};
pub use charset::CharacterSets;
pub use codec::{CodecError, DECODERS};
pub use dataset::DataSet;
pub use decode::DecodeError;
pub use dicom_core::{Tag, VR};
pub use dicom_dictionary_std::tags;
pub use file::{DicomError, DicomFile, Incomplete};
pub use frame::{Colour, Frame, FrameBytes, FrameShape, SampleType};
pub use frames::{FoundBy, FrameIndexError};
pub use meta::{FileMeta, ForeignKind, Preamble};
pub use person_name::{NameGroup, PersonName};
pub use scan::{Encoding, Layout, PixelElement, PreScanError, prescan, prescan_partial};
pub use syntax::{Codec, TransferSyntax};
