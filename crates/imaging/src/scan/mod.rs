//! The pre-scan: bounds, nesting and counts of a DICOM file, checked before any parser sees a byte (PAR-01, PAR-02, PAR-05).
//!
//! ```text
//! bytes ── meta::locate ── (inflate) ── Walk ──┬─ header, rewritten (scan::header) ── dicom-object
//!                                              ├─ PixelElement: ranges into the bytes ── frames
//!                                              └─ problems: what is odd, but readable (PAR-14)
//! ```
//!
//! No allocation follows a declared length: the header copy and the fragment list grow with bytes that are there. What a file may ask for
//! is in [`crate::limits`].
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

pub(crate) mod element;
mod error;
pub(crate) mod header;
mod pixel;
mod walk;

use std::io::Read as _;

use triptych_clinical::Problem;

pub use element::Encoding;
pub use error::PreScanError;
pub use pixel::PixelElement;
pub(crate) use walk::looks_explicit;

use crate::{
    limits,
    meta::{self, FileMeta},
    syntax,
};

/// A file that passed the pre-scan: what is where.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Preamble and file meta information.
    pub meta: FileMeta,
    /// Transfer Syntax UID: of the file meta information, else what the bytes show.
    pub transfer_syntax: String,
    /// How the data set is really written, which may contradict the transfer syntax (P26).
    pub encoding: Encoding,
    /// The data set when it was deflated; ranges then point into this.
    pub inflated: Option<Vec<u8>>,
    /// First byte of the data set, in the file or in `inflated`.
    pub dataset: usize,
    /// The checked header, explicit VR in the byte order of `encoding`, without Pixel Data.
    pub header: Vec<u8>,
    /// Top-level Pixel Data, if there is any.
    pub pixel: Option<PixelElement>,
    /// Elements and items in the header.
    pub elements: usize,
    /// Deepest nesting of sequences.
    pub depth: usize,
    /// Deviations from the standard that did not stop the reading.
    pub problems: Vec<Problem>,
}

impl Layout {
    /// The bytes that the ranges of this layout point into.
    #[must_use]
    pub fn bytes<'a>(&'a self, file: &'a [u8]) -> &'a [u8] {
        self.inflated.as_deref().unwrap_or(file)
    }
}

/// Checks `bytes` and says what is where.
///
/// # Errors
/// [`PreScanError`]: not DICOM; a length beyond its container; nesting, elements or items beyond [`crate::limits`]; a data set that is cut
/// anywhere but in its top-level Pixel Data.
pub fn prescan(bytes: &[u8]) -> Result<Layout, PreScanError> {
    let (layout, error) = prescan_partial(bytes)?;
    error.map_or(Ok(layout), Err)
}

/// Like [`prescan`], but what was read before an error is kept beside it: a refused file can still say what it is.
///
/// # Errors
/// [`PreScanError`] when not even the start of a data set was found.
pub fn prescan_partial(bytes: &[u8]) -> Result<(Layout, Option<PreScanError>), PreScanError> {
    let (meta, start) = meta::locate(bytes)?;
    let declared = meta.transfer_syntax.clone();
    let deflated = declared
        .as_deref()
        .and_then(syntax::TransferSyntax::of)
        .is_some_and(|s| s.deflated);
    let rest = bytes.get(start..).unwrap_or_default();
    let inflated = if deflated { Some(inflate(rest)?) } else { None };
    let dataset = if deflated { 0 } else { start };
    let source = inflated.as_deref().unwrap_or(bytes);
    let big_endian = declared.as_deref() == Some(syntax::EXPLICIT_BIG_ENDIAN);
    let encoding = Encoding {
        // The first element shows how the data set is really written (P26); an empty one is as declared.
        explicit: if dataset >= source.len() {
            declared.as_deref() != Some(syntax::IMPLICIT_LITTLE_ENDIAN)
        } else {
            walk::looks_explicit(source, dataset, big_endian)
        },
        big_endian,
    };
    let mut walk = walk::Walk::new(source, dataset, encoding);
    let outcome = walk.run();
    let mut problems = std::mem::take(&mut walk.problems);
    let (pixel, depth) = (walk.pixel.take(), walk.depth);
    let (header, elements) = walk.finish();
    note_meta(&meta, encoding, &mut problems);
    let shown = if encoding.explicit {
        syntax::EXPLICIT_LITTLE_ENDIAN
    } else {
        syntax::IMPLICIT_LITTLE_ENDIAN
    };
    let layout = Layout {
        transfer_syntax: declared.unwrap_or_else(|| shown.to_owned()),
        meta,
        encoding,
        dataset,
        header,
        pixel,
        elements,
        depth,
        problems,
        inflated,
    };
    Ok((layout, outcome.err()))
}

fn note_meta(meta: &FileMeta, encoding: Encoding, problems: &mut Vec<Problem>) {
    let mut note = |place: &str, reason: String| {
        problems.push(Problem {
            place: place.to_owned(),
            reason,
        });
    };
    if let Some(warning) = meta.preamble.warning() {
        note("preamble", warning);
    }
    if !meta.present {
        note("file meta information", "missing".to_owned());
    } else if meta.transfer_syntax.is_none() {
        note(
            "Transfer Syntax UID (0002,0010)",
            "missing, taken from the data set".to_owned(),
        );
    }
    let implicit_declared = meta.transfer_syntax.as_deref() == Some(syntax::IMPLICIT_LITTLE_ENDIAN);
    if meta.transfer_syntax.is_some() && implicit_declared == encoding.explicit {
        note(
            "Transfer Syntax UID (0002,0010)",
            format!(
                "the data set is in {} VR",
                if encoding.explicit {
                    "explicit"
                } else {
                    "implicit"
                }
            ),
        );
    }
}

/// Inflates a data set within its budget, growing with what comes out (PAR-03).
fn inflate(compressed: &[u8]) -> Result<Vec<u8>, PreScanError> {
    let limit = limits::inflated_bytes(compressed.len());
    let mut reader = flate2::read::DeflateDecoder::new(compressed);
    let mut out = Vec::new();
    loop {
        if out.len() > limit {
            return Err(PreScanError::InflatesTooFar { limit });
        }
        out.reserve_exact(limits::GROWTH_BYTES);
        let step = u64::try_from(limits::GROWTH_BYTES).unwrap_or(u64::MAX);
        match (&mut reader).take(step).read_to_end(&mut out) {
            Ok(0) => return Ok(out),
            Ok(_) => {}
            Err(e) => {
                return Err(PreScanError::Inflate {
                    inflated: out.len(),
                    reason: e.to_string(),
                });
            }
        }
    }
}
