//! Encapsulated documents (T68): a PDF drawn page by page, in the process that opens hostile bytes.
//!
//! The interpreter is safe Rust, holds the 14 standard fonts itself and opens no file, font or network. How long a page may take is for the
//! caller's process to limit.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use dicom_dictionary_std::tags;
use hayro::{
    PixmapSettings, RenderCache, RenderSettings,
    hayro_interpret::{InterpreterSettings, InterpreterWarning},
    hayro_syntax::{LoadPdfError, Pdf},
    vello_cpu::color::palette::css::WHITE,
};
use serde::{Deserialize, Serialize};

use crate::file::DicomFile;

/// SOP Class UID of Encapsulated PDF Storage.
pub const ENCAPSULATED_PDF: &str = "1.2.840.10008.5.1.4.1.1.104.1";

/// Pages that a document may have.
pub const PAGES: usize = 10_000;
/// Bytes of a document.
pub const DOCUMENT_BYTES: usize = 128 << 20;
/// Longest side of a drawn page, pixels.
pub const SIDE: u32 = 8192;
/// Pixels of a drawn page.
pub const PIXELS: u64 = 32 << 20;

/// Why a document is not shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[non_exhaustive]
pub enum DocumentError {
    /// Another kind of object, named where it is known.
    #[error("{0} is not shown")]
    OtherKind(String),
    /// Encapsulated Document (0042,0011) is missing, or shorter than it says.
    #[error("Encapsulated Document (0042,0011): {0}")]
    Missing(String),
    /// It cannot be opened without a password.
    #[error("the PDF is encrypted")]
    Encrypted,
    /// The bytes are no PDF that can be read.
    #[error("the PDF cannot be read")]
    Invalid,
    /// More than can be shown.
    #[error("the document has {got} {what}, {most} are allowed")]
    TooLarge {
        /// What is counted.
        what: &'static str,
        /// How many there are.
        got: u64,
        /// How many are allowed.
        most: u64,
    },
    /// A page that is not there.
    #[error("page {page} of {pages}")]
    NoSuchPage {
        /// Counted from 1.
        page: u32,
        /// How many there are.
        pages: u32,
    },
}

/// A document that was opened.
pub struct Document {
    title: String,
    pdf: Pdf,
}

/// One drawn page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PagePicture {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// RGBA on white, rows from the top, opaque.
    pub rgba: Vec<u8>,
    /// What of the page could not be drawn; to be shown with it.
    pub marks: Vec<String>,
}

impl Document {
    /// Opens the document of an object.
    ///
    /// # Errors
    /// [`DocumentError`]; documents of other kinds are named.
    pub fn read(file: &DicomFile) -> Result<Self, DocumentError> {
        let data = file.data();
        let class = data.first_text(tags::SOP_CLASS_UID).unwrap_or_default();
        let kind = data.first_text(tags::MIME_TYPE_OF_ENCAPSULATED_DOCUMENT);
        if class != ENCAPSULATED_PDF {
            let name = match class.as_str() {
                "1.2.840.10008.5.1.4.1.1.104.2" => "an encapsulated CDA document".to_owned(),
                "1.2.840.10008.5.1.4.1.1.104.3" => "an encapsulated STL model".to_owned(),
                "1.2.840.10008.5.1.4.1.1.104.4" => "an encapsulated OBJ model".to_owned(),
                "1.2.840.10008.5.1.4.1.1.104.5" => "an encapsulated MTL material".to_owned(),
                other => format!("SOP class {other}"),
            };
            return Err(DocumentError::OtherKind(name));
        }
        if let Some(kind) = kind.filter(|k| !k.eq_ignore_ascii_case("application/pdf")) {
            return Err(DocumentError::OtherKind(format!("a document of {kind}")));
        }
        let missing = || DocumentError::Missing("is missing".to_owned());
        let mut bytes = data
            .little_endian(tags::ENCAPSULATED_DOCUMENT)
            .ok_or_else(missing)?;
        if let Some(length) = data.int(tags::ENCAPSULATED_DOCUMENT_LENGTH) {
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            if length > bytes.len() {
                let got = bytes.len();
                let why = format!("{got} of {length} bytes are there");
                return Err(DocumentError::Missing(why));
            }
            bytes.truncate(length);
        }
        let title = data.text(tags::DOCUMENT_TITLE).unwrap_or_default();
        Self::of_pdf(bytes, title)
    }

    /// Opens a PDF.
    ///
    /// # Errors
    /// [`DocumentError`].
    pub fn of_pdf(bytes: Vec<u8>, title: String) -> Result<Self, DocumentError> {
        let too_large = |what, got: usize, most: usize| DocumentError::TooLarge {
            what,
            got: got as u64,
            most: most as u64,
        };
        if bytes.len() > DOCUMENT_BYTES {
            return Err(too_large("bytes", bytes.len(), DOCUMENT_BYTES));
        }
        let pdf = Pdf::new(bytes).map_err(|e| match e {
            LoadPdfError::Decryption(_) => DocumentError::Encrypted,
            LoadPdfError::Invalid => DocumentError::Invalid,
        })?;
        let pages = pdf.pages().len();
        if pages > PAGES {
            return Err(too_large("pages", pages, PAGES));
        }
        if pages == 0 {
            return Err(DocumentError::Invalid);
        }
        Ok(Self { title, pdf })
    }

    /// Document Title (0042,0010), may be empty.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// How many pages it has, 1 or more.
    #[must_use]
    pub fn pages(&self) -> u32 {
        u32::try_from(self.pdf.pages().len()).unwrap_or(u32::MAX)
    }

    /// Draws page `page`, from 0, so many pixels wide; less where it would be larger than [`SIDE`] and [`PIXELS`] allow.
    ///
    /// # Errors
    /// [`DocumentError`] for a page that is not there or has no size.
    pub fn render(&self, page: u32, width: u32) -> Result<PagePicture, DocumentError> {
        let no_such_page = || DocumentError::NoSuchPage {
            page: page.saturating_add(1),
            pages: self.pages(),
        };
        let index = usize::try_from(page).unwrap_or(usize::MAX);
        let page = self.pdf.pages().get(index).ok_or_else(no_such_page)?;
        let (across, down) = page.render_dimensions();
        let sized = |v: f32| v.is_finite() && v >= 1.0;
        if !sized(across) || !sized(down) {
            return Err(DocumentError::Invalid);
        }
        let (across, down) = (f64::from(across), f64::from(down));
        let wanted = f64::from(width.clamp(1, SIDE)) / across;
        let side = f64::from(SIDE) / across.max(down);
        let area = (PIXELS as f64 / (across * down)).sqrt();
        let scale = wanted.min(side).min(area);
        if (across * scale) < 1.0 || (down * scale) < 1.0 {
            return Err(DocumentError::Invalid);
        }
        let lost = Arc::new([const { AtomicBool::new(false) }; 3]);
        let sink = Arc::clone(&lost);
        let settings = InterpreterSettings {
            warning_sink: Arc::new(move |warning| {
                let at = match warning {
                    InterpreterWarning::UnsupportedFont => 0,
                    InterpreterWarning::ImageDecodeFailure => 1,
                    _ => 2,
                };
                if let Some(flag) = sink.get(at) {
                    flag.store(true, Ordering::Relaxed);
                }
            }),
            ..InterpreterSettings::default()
        };
        let scale = scale as f32;
        let pixmap = hayro::render(
            page,
            &RenderCache::new(),
            &settings,
            &RenderSettings::default(),
            &PixmapSettings {
                x_scale: scale,
                y_scale: scale,
                bg_color: WHITE,
            },
        );
        let texts = [
            "text of the page is missing: its font cannot be read",
            "an image of the page is missing",
            "a part of the page is missing",
        ];
        let marks = lost.iter().zip(texts);
        let marks = marks.filter(|(flag, _)| flag.load(Ordering::Relaxed));
        Ok(PagePicture {
            width: u32::from(pixmap.width()),
            height: u32::from(pixmap.height()),
            rgba: pixmap.data_as_u8_slice().to_vec(),
            marks: marks.map(|(_, text)| text.to_owned()).collect(),
        })
    }
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "document of {} pages", self.pages())
    }
}
