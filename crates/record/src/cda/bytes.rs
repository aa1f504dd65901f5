//! The text of an XML document out of its bytes, and the way back from a place in the text to the bytes.

use std::borrow::Cow;

use triptych_clinical::TextSpan;

use crate::intake::ReadError;

/// Text with the offsets of its document.
pub(crate) struct Text<'b> {
    /// Without byte order mark.
    pub text: Cow<'b, str>,
    /// Bytes of the byte order mark.
    mark: usize,
    width: Width,
    /// In an encoding that is not UTF-8: text offset and document offset of every [`STEP`] bytes or so.
    steps: Vec<(usize, usize)>,
}

/// Bytes that a character has in the document.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Width {
    Utf8,
    Utf16,
    One,
}

const STEP: usize = 4096;

/// True for bytes that begin like XML in UTF-8, a superset of ASCII, or UTF-16 with its mark.
pub(crate) fn looks_like_xml(bytes: &[u8]) -> bool {
    let plain = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    matches!(bytes, [0xFF, 0xFE, b'<', 0, ..] | [0xFE, 0xFF, 0, b'<', ..])
        || plain.trim_ascii_start().starts_with(b"<")
}

/// Decodes a document. What it says of its encoding counts, and nothing is replaced by guess.
pub(crate) fn decode(bytes: &[u8]) -> Result<Text<'_>, ReadError> {
    match bytes {
        [0xFF, 0xFE, rest @ ..] => utf16(encoding_rs::UTF_16LE, rest),
        [0xFE, 0xFF, rest @ ..] => utf16(encoding_rs::UTF_16BE, rest),
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest, 3),
        _ => match declared(bytes).to_ascii_lowercase().as_str() {
            "" | "utf-8" | "utf8" | "us-ascii" | "ascii" => utf8(bytes, 0),
            "iso-8859-1" | "latin1" | "windows-1252" => {
                let (text, _, _) = encoding_rs::WINDOWS_1252.decode(bytes);
                Ok(Text::new(text, 0, Width::One))
            }
            other => Err(ReadError::Xml {
                reason: format!("the encoding {:?} is not read here", short(other)),
                line: 1,
                column: 1,
                offset: 0,
            }),
        },
    }
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

fn utf8(bytes: &[u8], mark: usize) -> Result<Text<'_>, ReadError> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Text::new(Cow::Borrowed(text), mark, Width::Utf8)),
        Err(error) => {
            let at = error.valid_up_to();
            let byte = bytes.get(at).copied().unwrap_or_default();
            let before = bytes.get(..at).unwrap_or_default();
            Err(ReadError::NotUtf8 {
                found: format!("byte 0x{byte:02X}"),
                offset: (at + mark) as u64,
                line: before.iter().filter(|b| **b == b'\n').count() as u64 + 1,
            })
        }
    }
}

fn utf16<'b>(
    encoding: &'static encoding_rs::Encoding,
    bytes: &'b [u8],
) -> Result<Text<'b>, ReadError> {
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes);
    let text = text.ok_or_else(|| ReadError::Xml {
        reason: "the text is not the UTF-16 that its mark says".to_owned(),
        line: 1,
        column: 1,
        offset: 0,
    })?;
    Ok(Text::new(text, 2, Width::Utf16))
}

/// The encoding that the XML declaration names; empty where there is none.
fn declared(bytes: &[u8]) -> &str {
    let head = bytes.get(..bytes.len().min(256)).unwrap_or_default();
    let end = head.iter().position(|b| *b == b'>').unwrap_or(0);
    let Some(head) = head.get(..end).and_then(|h| std::str::from_utf8(h).ok()) else {
        return "";
    };
    let value = || {
        let rest = head.split_once("encoding")?.1.trim_start();
        let rest = rest.strip_prefix('=')?.trim_start();
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        rest.get(1..)?.split(quote).next()
    };
    value().filter(|_| head.starts_with("<?xml")).unwrap_or("")
}

impl<'b> Text<'b> {
    fn new(text: Cow<'b, str>, mark: usize, width: Width) -> Self {
        let mut steps = Vec::new();
        if width != Width::Utf8 {
            let mut there = mark;
            for (here, c) in text.char_indices() {
                if steps.last().is_none_or(|(last, _)| here - last >= STEP) {
                    steps.push((here, there));
                }
                there += width.of(c);
            }
        }
        Self {
            text,
            mark,
            width,
            steps,
        }
    }

    /// Byte of the document for a byte of the text.
    pub fn byte(&self, at: usize) -> usize {
        if self.width == Width::Utf8 {
            return at + self.mark;
        }
        let step = self.steps.partition_point(|(here, _)| *here <= at);
        let (here, there) = step
            .checked_sub(1)
            .and_then(|i| self.steps.get(i))
            .copied()
            .unwrap_or((0, self.mark));
        let between = self.text.get(here..at).unwrap_or_default();
        there + between.chars().map(|c| self.width.of(c)).sum::<usize>()
    }

    /// Bytes of the document for a range of the text.
    pub fn span(&self, range: &std::ops::Range<usize>) -> TextSpan {
        TextSpan {
            start: self.byte(range.start) as u64,
            end: self.byte(range.end) as u64,
        }
    }
}

impl Width {
    const fn of(self, c: char) -> usize {
        match self {
            Self::Utf8 => c.len_utf8(),
            Self::Utf16 => c.len_utf16() * 2,
            Self::One => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_place_in_the_text_leads_back_to_its_bytes() {
        let long = "é€𝄞x".repeat(3000);
        let text = format!("<a>{long}</a>");
        let utf16: Vec<u8> = [0xFF, 0xFE]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        let decoded = decode(&utf16).unwrap();
        assert_eq!(decoded.text, text);
        for (at, c) in text.char_indices().step_by(997) {
            let place = decoded.byte(at);
            let mut units = [0; 2];
            let first = c.encode_utf16(&mut units)[0].to_le_bytes();
            assert_eq!(utf16[place..place + 2], first, "{at}");
        }
        let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE9\xE9b</a>";
        let decoded = decode(latin).unwrap();
        let at = decoded.text.find('b').unwrap();
        assert_eq!(latin[decoded.byte(at)], b'b');
        assert!(decode(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?><a>\xE9</a>").is_err());
        assert!(decode(b"<?xml version=\"1.0\" encoding=\"EBCDIC\"?><a/>").is_err());
        assert!(decode(b"\xFF\xFE<\0\x00\xD8").is_err());
    }
}
