//! Text out of Attachments: what can be read is read, what cannot is named.

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use sha1::Digest as _;

use triptych_clinical::Fact;

use crate::json::Object;
use crate::pdf;

/// Standard alphabet; padding as it comes, because real exports drop it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What an attachment gives.
pub(crate) enum Content {
    /// Text, and what is to be said about it.
    Text { text: String, note: Option<Said> },
    /// Not text, or not here; the reason in the user's words.
    NotShown(String),
    /// Not what it says it is.
    Broken(&'static str),
}

/// How a text was come by, where it is not simply what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// Its bytes are not UTF-8.
    Guessed,
    /// The letters of a PDF, without its layout and pictures.
    TextLayer,
    /// The same, with letters that nobody sees: text recognition wrote them under a picture.
    Recognised,
}

impl Said {
    /// For the list of what was not understood.
    pub fn words(self) -> &'static str {
        match self {
            Self::Guessed => "the text is not UTF-8: its encoding was guessed (Windows-1252)",
            Self::TextLayer => "the text is the text layer of a PDF: layout and pictures are lost",
            Self::Recognised => {
                "the text is the text layer of a PDF with text that is not visible, as text recognition writes it: compare it with the pages"
            }
        }
    }

    /// Marks the note that holds the text.
    pub fn mark(self, fact: &mut Fact) {
        let (name, value) = match self {
            Self::Guessed => ("encoding", "guessed"),
            Self::TextLayer => ("text_layer", "PDF"),
            Self::Recognised => ("text_layer", "PDF, recognised"),
        };
        fact.attrs.insert(name.to_owned(), value.to_owned());
    }
}

/// The text of an attachment: plain text and XML-free formats as they are, HTML and XHTML without their marks and scripts.
pub(crate) fn content(a: &Object<'_>) -> Content {
    let Some(data) = a.text("data") else {
        return Content::NotShown(if a.has("url") {
            "the text is at another address and not in this document".to_owned()
        } else {
            "the attachment is empty".to_owned()
        });
    };
    match decode(data) {
        Some(bytes) => content_of(a.text("contentType").unwrap_or("text/plain"), &bytes),
        None => Content::Broken("the attachment is not base64"),
    }
}

/// The text of base64 data of a media type.
pub(crate) fn content_of_base64(mime: &str, data: &str) -> Content {
    match decode(data) {
        Some(bytes) => content_of(mime, &bytes),
        None => Content::Broken("the attachment is not base64"),
    }
}

/// The text of `bytes` of a media type with its parameters.
pub(crate) fn content_of(mime: &str, bytes: &[u8]) -> Content {
    let mime = mime.to_ascii_lowercase();
    let (kind, parameters) = mime.split_once(';').unwrap_or((&mime, ""));
    let kind = kind.trim();
    if bytes.is_empty() {
        return Content::NotShown("the attachment is empty".to_owned());
    }
    let html = matches!(
        kind,
        "text/html" | "application/xhtml" | "application/xhtml+xml"
    );
    if bytes.starts_with(b"%PDF") || kind == "application/pdf" {
        return match pdf::text_layer(bytes) {
            Ok(layer) => Content::Text {
                text: layer.text,
                note: Some(if layer.invisible {
                    Said::Recognised
                } else {
                    Said::TextLayer
                }),
            },
            Err(why) => Content::NotShown(why.to_string()),
        };
    }
    if bytes.starts_with(b"{\\rtf") || matches!(kind, "text/rtf" | "application/rtf") {
        return Content::NotShown("RTF: open it outside".to_owned());
    }
    if !(html || kind.starts_with("text/") || kind.is_empty()) {
        return Content::NotShown(format!("its type is {kind}: open it outside"));
    }
    let (text, note) = to_text(bytes, parameters);
    let text = if html { strip_marks(&text) } else { text };
    Content::Text { text, note }
}

/// True for an attachment that the counts of the test data call readable: text in UTF-8.
pub(crate) fn is_plain_text(a: &Object<'_>) -> bool {
    let mime = a
        .text("contentType")
        .unwrap_or("text/plain")
        .to_ascii_lowercase();
    (mime.starts_with("text/") || mime.starts_with("application/xml"))
        && a.text("data")
            .and_then(decode)
            .is_some_and(|bytes| std::str::from_utf8(&bytes).is_ok_and(|t| !t.trim().is_empty()))
}

/// False where the attachment carries a SHA-1 (as FHIR R4 wants it, or written in hexadecimal first) that is not that of its data.
pub(crate) fn checksum_fits(a: &Object<'_>) -> bool {
    let (Some(hash), Some(data)) = (
        a.text("hash").and_then(decode),
        a.text("data").and_then(decode),
    ) else {
        return true;
    };
    let actual = sha1::Sha1::digest(&data);
    let hex: String = actual.iter().map(|b| format!("{b:02x}")).collect();
    hash == actual.as_slice() || hash.eq_ignore_ascii_case(hex.as_bytes())
}

/// Base64 with white space anywhere.
pub(crate) fn decode(data: &str) -> Option<Vec<u8>> {
    if data.bytes().any(|b| b.is_ascii_whitespace()) {
        let dense: Vec<u8> = data.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
        return BASE64.decode(dense).ok();
    }
    BASE64.decode(data).ok()
}

fn to_text(bytes: &[u8], parameters: &str) -> (String, Option<Said>) {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        return (text.to_owned(), None);
    }
    let latin = parameters.contains("8859-1") || parameters.contains("windows-1252");
    let text = bytes.iter().map(|b| windows_1252(*b)).collect();
    (text, (!latin).then_some(Said::Guessed))
}

/// Windows-1252; the five bytes it leaves undefined are shown as a mark.
fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{fffd}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{fffd}', 'Ž',
        '\u{fffd}', '\u{fffd}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ',
        '\u{fffd}', 'ž', 'Ÿ',
    ];
    match byte
        .checked_sub(0x80)
        .and_then(|i| HIGH.get(usize::from(i)))
    {
        Some(c) => *c,
        None => char::from(byte),
    }
}

/// HTML to plain text: scripts and styles go whole, blocks end a line, the common entities are resolved. Nothing is ever run.
pub(crate) fn strip_marks(html: &str) -> String {
    const BLOCKS: [&str; 18] = [
        "br", "p", "div", "li", "ul", "ol", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6",
        "pre", "section", "title", "hr",
    ];
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        push_text(&mut out, rest.get(..open).unwrap_or_default());
        let mark = rest.get(open..).unwrap_or_default();
        let begins = mark.get(1..).unwrap_or_default();
        if !begins.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')) {
            // "5 < 6" is text, not a mark.
            out.push('<');
            rest = begins;
            continue;
        }
        let Some(close) = mark.find('>') else {
            // A mark that does not end: what follows is shown rather than lost.
            rest = mark;
            break;
        };
        let inside = mark.get(1..close).unwrap_or_default();
        rest = mark.get(close + 1..).unwrap_or_default();
        let name: String = inside
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        if inside.starts_with("!--") {
            let end = mark.find("-->").map_or(mark.len(), |i| i + 3);
            rest = mark.get(end..).unwrap_or_default();
        } else if matches!(name.as_str(), "script" | "style")
            && !inside.starts_with('/')
            && !inside.ends_with('/')
        {
            let end = find_ignoring_case(rest, &format!("</{name}")).unwrap_or(rest.len());
            rest = rest.get(end..).unwrap_or_default();
        } else if BLOCKS.contains(&name.as_str()) && !out.ends_with('\n') && !out.is_empty() {
            out.push('\n');
        } else if matches!(name.as_str(), "td" | "th") && !out.ends_with(char::is_whitespace) {
            out.push(' ');
        }
    }
    push_text(&mut out, rest);
    out.trim().to_owned()
}

fn find_ignoring_case(text: &str, wanted: &str) -> Option<usize> {
    text.as_bytes()
        .windows(wanted.len())
        .position(|w| w.eq_ignore_ascii_case(wanted.as_bytes()))
}

fn push_text(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at..).unwrap_or_default();
        let entity = rest
            .find(';')
            .filter(|end| *end <= 10)
            .and_then(|end| Some((entity(rest.get(1..end)?)?, end + 1)));
        let (c, used) = entity.unwrap_or(('&', 1));
        out.push(c);
        rest = rest.get(used..).unwrap_or_default();
    }
    out.push_str(rest);
}

fn entity(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "deg" => '°',
        "micro" => 'µ',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|c| !c.is_control())?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_go_and_scripts_go_with_their_text() {
        let html = "<html><head><style>p{}</style></head><body><h1>Report</h1><p>No&nbsp;mass &lt; 5&#160;mm.<br/>Second <b>line</b></p><SCRIPT>alert('x')</script ></body>";
        assert_eq!(
            strip_marks(html),
            "Report\nNo mass < 5\u{a0}mm.\nSecond line"
        );
        assert_eq!(strip_marks("a <!-- b > c --> d"), "a  d");
        assert_eq!(strip_marks("5 < 6 <b>mm</b>"), "5 < 6 mm");
        assert_eq!(strip_marks("no end <b of mark"), "no end <b of mark");
    }
}
