//! Where the data set starts, and what comes before it: preamble and file meta information (PS3.10 7.1).
//!
//! Files without preamble, without file meta information or with a damaged one are read as well (P25, PAR-14); the data set then says
//! for itself how it is encoded.

use std::fmt;

use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use serde::{Deserialize, Serialize};

use crate::scan::{
    PreScanError,
    element::{has_long_length, tag_at, u16_at, u32_at},
};

/// What the 128 bytes before "DICM" hold (PAR-12, CVE-2019-11687): a file may be an image and something else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Preamble {
    /// The file has none.
    #[default]
    Absent,
    /// All zero.
    Empty,
    /// A TIFF header: the dual format that PS3.10 names.
    Tiff,
    /// Begins like a program or a document of another kind; holds the kind.
    Foreign(ForeignKind),
    /// Something else.
    Other,
}

/// Kinds of file that a preamble can make a DICOM file pass for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ForeignKind {
    /// Windows program (`MZ`).
    WindowsProgram,
    /// ELF program.
    Elf,
    /// Mach-O program.
    MachO,
    /// Script with an interpreter line (`#!`).
    Script,
    /// PDF document.
    Pdf,
    /// ZIP archive.
    Zip,
}

/// File meta information, as far as it is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileMeta {
    /// The preamble.
    pub preamble: Preamble,
    /// Whether group 0002 is there.
    pub present: bool,
    /// Transfer Syntax UID (0002,0010).
    pub transfer_syntax: Option<String>,
    /// Media Storage SOP Class UID (0002,0002).
    pub sop_class: Option<String>,
    /// Media Storage SOP Instance UID (0002,0003).
    pub sop_instance: Option<String>,
}

impl Preamble {
    fn of(bytes: &[u8]) -> Self {
        let kinds: [(&[u8], ForeignKind); 9] = [
            (b"MZ", ForeignKind::WindowsProgram),
            (b"\x7fELF", ForeignKind::Elf),
            (b"\xfe\xed\xfa\xce", ForeignKind::MachO),
            (b"\xfe\xed\xfa\xcf", ForeignKind::MachO),
            (b"\xce\xfa\xed\xfe", ForeignKind::MachO),
            (b"\xcf\xfa\xed\xfe", ForeignKind::MachO),
            (b"#!", ForeignKind::Script),
            (b"%PDF", ForeignKind::Pdf),
            (b"PK\x03\x04", ForeignKind::Zip),
        ];
        if let Some((_, kind)) = kinds.iter().find(|(magic, _)| bytes.starts_with(magic)) {
            return Self::Foreign(*kind);
        }
        if bytes.starts_with(b"II*\0") || bytes.starts_with(b"MM\0*") {
            return Self::Tiff;
        }
        if bytes.iter().all(|b| *b == 0) {
            return Self::Empty;
        }
        Self::Other
    }

    /// What to tell the user, if there is anything to tell.
    #[must_use]
    pub fn warning(self) -> Option<String> {
        match self {
            Self::Absent | Self::Empty => None,
            Self::Tiff => Some("the preamble makes the file a TIFF image as well".to_owned()),
            Self::Foreign(kind) => Some(format!("the preamble looks like {kind}")),
            Self::Other => Some("the preamble is not empty".to_owned()),
        }
    }
}

impl fmt::Display for ForeignKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WindowsProgram => "a Windows program",
            Self::Elf => "an ELF program",
            Self::MachO => "a Mach-O program",
            Self::Script => "a script",
            Self::Pdf => "a PDF document",
            Self::Zip => "a ZIP archive",
        })
    }
}

/// File meta information of `bytes`, and the offset of the data set. Allocates three UIDs at most.
///
/// # Errors
/// [`PreScanError::NotDicom`], or a length of group 0002 that runs past the file.
pub fn locate(bytes: &[u8]) -> Result<(FileMeta, usize), PreScanError> {
    // "DICM" at 128 counts only with group 0002 behind it: the text also occurs inside data sets without a preamble.
    if bytes.get(128..134) == Some(b"DICM\x02\0") {
        let preamble = Preamble::of(bytes.get(..128).unwrap_or_default());
        return file_meta(bytes, 132, preamble);
    }
    if bytes.starts_with(b"DICM\x02\0") {
        return file_meta(bytes, 4, Preamble::Absent);
    }
    if bytes.starts_with(b"\x02\0") && tag_at(bytes, 0, false).is_some_and(is_meta_tag) {
        return file_meta(bytes, 0, Preamble::Absent);
    }
    let bare = FileMeta::default();
    match (tag_at(bytes, 0, false), tag_at(bytes, 0, true)) {
        (Some(Tag(8, _)), _) => Ok((bare, 0)),
        (_, Some(Tag(8, _))) => Ok((
            FileMeta {
                transfer_syntax: Some(crate::syntax::EXPLICIT_BIG_ENDIAN.to_owned()),
                ..bare
            },
            0,
        )),
        _ if bytes.is_empty() => Err(PreScanError::NotDicom("the file is empty")),
        _ if bytes.get(128..132) == Some(b"DICM") => match tag_at(bytes, 132, false) {
            Some(Tag(8, _)) => Ok((
                FileMeta {
                    preamble: Preamble::of(bytes.get(..128).unwrap_or_default()),
                    ..bare
                },
                132,
            )),
            _ => Err(PreScanError::NotDicom(
                "no file meta information and no data set after DICM",
            )),
        },
        _ => Err(PreScanError::NotDicom(
            "no DICM at byte 128, and no data set at the start",
        )),
    }
}

fn is_meta_tag(tag: Tag) -> bool {
    tag.element() <= 0x0102
}

/// Reads group 0002, always Explicit VR Little Endian, whatever its group length says (P25).
fn file_meta(
    bytes: &[u8],
    start: usize,
    preamble: Preamble,
) -> Result<(FileMeta, usize), PreScanError> {
    let mut meta = FileMeta {
        preamble,
        present: true,
        ..FileMeta::default()
    };
    let mut at = start;
    while let Some(tag) = tag_at(bytes, at, false).filter(|t| t.group() == 2) {
        let cut = || PreScanError::HeaderCut {
            offset: at as u64,
            left: bytes.len().saturating_sub(at) as u64,
        };
        let letters = *bytes
            .get(at.saturating_add(4)..)
            .and_then(|b| b.first_chunk::<2>())
            .ok_or_else(cut)?;
        let (length, value) = if !letters.iter().all(u8::is_ascii_uppercase) {
            // Group 0002 in implicit VR: against the standard, but read by everybody.
            (
                u32_at(bytes, at.saturating_add(4), false).ok_or_else(cut)?,
                at.saturating_add(8),
            )
        } else if VR::from_binary(letters).is_some_and(has_long_length) {
            (
                u32_at(bytes, at.saturating_add(8), false).ok_or_else(cut)?,
                at.saturating_add(12),
            )
        } else {
            (
                u32::from(u16_at(bytes, at.saturating_add(6), false).ok_or_else(cut)?),
                at.saturating_add(8),
            )
        };
        let left = bytes.len().saturating_sub(value);
        let end = usize::try_from(length)
            .ok()
            .filter(|n| *n <= left)
            .map(|n| value.saturating_add(n));
        let (Some(end), true) = (end, value <= bytes.len()) else {
            return Err(PreScanError::LengthBeyondEnd {
                tag,
                offset: at as u64,
                declared: u64::from(length),
                left: left as u64,
            });
        };
        let field = match tag {
            tags::TRANSFER_SYNTAX_UID => Some(&mut meta.transfer_syntax),
            tags::MEDIA_STORAGE_SOP_CLASS_UID => Some(&mut meta.sop_class),
            tags::MEDIA_STORAGE_SOP_INSTANCE_UID => Some(&mut meta.sop_instance),
            _ => None,
        };
        if let Some(field) = field {
            // A UID has 64 characters; what is longer is not one and is not copied whole.
            let uid = bytes.get(value..end.min(value.saturating_add(128)));
            *field = Some(ascii(uid.unwrap_or_default())).filter(|s| !s.is_empty());
        }
        at = end;
    }
    if at >= bytes.len() && meta.transfer_syntax.is_none() && meta.sop_class.is_none() {
        return Err(PreScanError::NotDicom(
            "nothing after the file meta information",
        ));
    }
    Ok((meta, at))
}

/// Text of an ASCII element without its padding; bytes that are not ASCII become `?`.
pub(crate) fn ascii(bytes: &[u8]) -> String {
    let text: String = bytes
        .iter()
        .map(|b| if b.is_ascii() { char::from(*b) } else { '?' })
        .collect();
    text.trim_matches(['\0', ' ']).to_owned()
}
