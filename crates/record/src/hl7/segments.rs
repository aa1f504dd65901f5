//! Bytes into messages and segments: line ends, MLLP frames, delimiters, character set. HL7 v2 chapter 2.
//!
//! Lines are cut in the bytes, because CR and LF are no part of any longer character in the sets that are read here; everything finer is cut in the
//! decoded line, because `|`, `^` and `\` may be (Shift JIS, Big5). So every field keeps its place in the document's own bytes.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use triptych_clinical::TextSpan;

use super::escape;

/// One line of the document without its end.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    pub start: usize,
    pub bytes: &'a [u8],
    /// False for the last line of a document that does not end with a line end.
    pub ended: bool,
    /// It began with the MLLP start block.
    pub framed: bool,
    /// It ended with the MLLP end block, or such a block follows alone.
    pub closed: bool,
}

/// All lines that hold something, in order.
pub(super) fn lines(bytes: &[u8]) -> impl Iterator<Item = Line<'_>> {
    let mut at = if bytes.starts_with(b"\xEF\xBB\xBF") {
        3
    } else {
        0
    };
    std::iter::from_fn(move || {
        while at < bytes.len() {
            let rest = bytes.get(at..)?;
            let length = rest.iter().position(|b| matches!(b, b'\r' | b'\n'));
            let start = at;
            let line = rest.get(..length.unwrap_or(rest.len()))?;
            at += line.len() + usize::from(length.is_some());
            let line = trimmed(start, line, length.is_some());
            if !line.bytes.iter().all(u8::is_ascii_whitespace) || line.closed {
                return Some(line);
            }
        }
        None
    })
}

fn trimmed(mut start: usize, mut bytes: &[u8], ended: bool) -> Line<'_> {
    let (mut framed, mut closed) = (false, false);
    // A second file that was appended keeps its byte order mark.
    while let [0x0B, rest @ ..] | [0xEF, 0xBB, 0xBF, rest @ ..] = bytes {
        framed |= bytes.first() == Some(&0x0B);
        start += bytes.len() - rest.len();
        bytes = rest;
    }
    while let [rest @ .., 0x1C] = bytes {
        closed = true;
        bytes = rest;
    }
    Line {
        start,
        bytes,
        ended: ended || closed,
        framed,
        closed,
    }
}

/// The five delimiters of a message, MSH-1 and MSH-2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Delimiters {
    pub field: char,
    pub component: char,
    pub repetition: char,
    pub escape: char,
    pub subcomponent: char,
}

impl Delimiters {
    /// From a line that begins with MSH, FHS or BHS; `None` when what follows cannot be delimiters.
    pub fn of(line: &[u8]) -> Option<Self> {
        let mark = |i: usize| {
            line.get(i)
                .filter(|b| b.is_ascii_punctuation())
                .map(|b| char::from(*b))
        };
        let field = mark(3)?;
        let component = mark(4)?;
        let (repetition, escape) = (mark(5)?, mark(6)?);
        // `^~\\&`: a backslash that some program wrote twice.
        let doubled = line.get(6) == line.get(7) && line.get(8).is_some_and(|b| *b == b'&');
        let subcomponent = if doubled {
            '&'
        } else {
            mark(7).filter(|c| *c != field).unwrap_or('&')
        };
        let all = [field, component, repetition, escape, subcomponent];
        let different = all
            .iter()
            .enumerate()
            .all(|(i, c)| !all.get(..i).is_some_and(|before| before.contains(c)));
        different.then_some(Self {
            field,
            component,
            repetition,
            escape,
            subcomponent,
        })
    }

    /// `|^~\&`
    pub fn are_usual(line: &[u8]) -> bool {
        line.get(3..8) == Some(b"|^~\\&")
    }
}

/// One segment.
pub(super) struct Segment<'a> {
    pub text: Cow<'a, str>,
    /// First byte in the document.
    pub start: usize,
    pub length: usize,
    pub ended: bool,
    /// Number among the segments of its name in the message, from 1.
    pub number: usize,
    pub delimiters: Delimiters,
    encoding: &'static Encoding,
}

/// A piece of a segment with its place.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Piece<'s> {
    pub text: &'s str,
    at: usize,
}

impl<'a> Segment<'a> {
    pub fn new(
        line: &Line<'a>,
        encoding: &'static Encoding,
        delimiters: Delimiters,
    ) -> Option<Self> {
        let text = encoding.decode_without_bom_handling_and_without_replacement(line.bytes)?;
        Some(Self {
            text,
            start: line.start,
            length: line.bytes.len(),
            ended: line.ended,
            number: 0,
            delimiters,
            encoding,
        })
    }

    /// Three characters; less where the line is shorter.
    pub fn name(&self) -> &str {
        self.text.get(..3).unwrap_or(&self.text)
    }

    /// Field by its number in the standard; empty where it is missing. MSH-1 is the delimiter itself and not asked for.
    pub fn field(&self, number: usize) -> Piece<'_> {
        let counted = if matches!(self.name(), "MSH" | "FHS" | "BHS") {
            number.saturating_sub(1)
        } else {
            number
        };
        let whole = Piece {
            text: &self.text,
            at: 0,
        };
        whole.part(self.delimiters.field, counted)
    }

    /// How many fields are written.
    pub fn fields(&self) -> usize {
        self.text.matches(self.delimiters.field).count()
    }

    /// First component of the first repetition, escapes resolved; empty for the null value.
    pub fn value(&self, field: usize) -> String {
        self.component(field, 1)
    }

    /// A component of the first repetition, escapes resolved; empty for the null value.
    pub fn component(&self, field: usize, component: usize) -> String {
        let first = self.repetitions(field).next().unwrap_or_default();
        self.part(first, component)
    }

    /// Repetitions of a field.
    pub fn repetitions(&self, field: usize) -> impl Iterator<Item = Piece<'_>> {
        self.field(field).split(self.delimiters.repetition)
    }

    /// A component of `piece`, escapes resolved, its subcomponents as they stand; empty for the null value.
    pub fn part(&self, piece: Piece<'_>, component: usize) -> String {
        self.plain(
            piece
                .part(self.delimiters.component, component.saturating_sub(1))
                .text,
        )
    }

    /// A subcomponent of a component of `piece`.
    pub fn subpart(&self, piece: Piece<'_>, component: usize, subcomponent: usize) -> String {
        let d = &self.delimiters;
        let whole = piece.part(d.component, component.saturating_sub(1));
        self.plain(
            whole
                .part(d.subcomponent, subcomponent.saturating_sub(1))
                .text,
        )
    }

    /// `raw` with its escapes resolved; empty for the null value.
    pub fn plain(&self, raw: &str) -> String {
        if raw == NULL {
            return String::new();
        }
        escape::plain(raw, &self.delimiters).text.trim().to_owned()
    }

    /// Bytes of `piece` in the document.
    pub fn span(&self, piece: Piece<'_>) -> TextSpan {
        let start = self.start + self.bytes_of(self.text.get(..piece.at).unwrap_or_default());
        TextSpan {
            start: start as u64,
            end: (start + self.bytes_of(piece.text)) as u64,
        }
    }

    /// Bytes of the whole segment.
    pub fn whole(&self) -> TextSpan {
        TextSpan {
            start: self.start as u64,
            end: (self.start + self.length) as u64,
        }
    }

    fn bytes_of(&self, text: &str) -> usize {
        if matches!(self.text, Cow::Borrowed(_)) {
            // Nothing was decoded: UTF-8, or ASCII under another name.
            text.len()
        } else {
            self.encoding.encode(text).0.len()
        }
    }
}

/// The null value: what stands there is deleted.
pub(super) const NULL: &str = "\"\"";

impl<'s> Piece<'s> {
    /// The part of this number, from 0.
    pub fn part(self, separator: char, number: usize) -> Self {
        self.split(separator).nth(number).unwrap_or(Piece {
            text: "",
            at: self.at + self.text.len(),
        })
    }

    /// Everything from the part of this number on, from 0.
    pub fn rest(self, separator: char, number: usize) -> Self {
        let at = self.part(separator, number).at;
        Piece {
            text: self.text.get(at - self.at..).unwrap_or_default(),
            at,
        }
    }

    pub fn split(self, separator: char) -> impl Iterator<Item = Self> {
        let mut at = self.at;
        self.text.split(separator).map(move |text| {
            let piece = Piece { text, at };
            at += text.len() + separator.len_utf8();
            piece
        })
    }
}

/// How the bytes of a message are to be read, and what is to be said about it.
pub(super) struct CharacterSet {
    pub encoding: &'static Encoding,
    pub note: Option<String>,
    pub guessed: bool,
}

/// UTF-8 where it is UTF-8, whatever is declared; else the declared set; else Windows-1252, said to be a guess.
///
/// # Errors
/// The reason, where no set gives text without holes.
pub(super) fn character_set(lines: &[Line<'_>], declared: &str) -> Result<CharacterSet, String> {
    let whole = |encoding: &'static Encoding| {
        lines.iter().all(|l| {
            encoding
                .decode_without_bom_handling_and_without_replacement(l.bytes)
                .is_some_and(|text| !text.chars().any(|c| ('\u{80}'..='\u{9f}').contains(&c)))
        })
    };
    if lines.iter().all(|l| std::str::from_utf8(l.bytes).is_ok()) {
        let ascii = lines.iter().all(|l| l.bytes.is_ascii());
        let fits = ascii || declared.is_empty() || declared.to_ascii_uppercase().contains("UTF-8");
        return Ok(CharacterSet {
            encoding: UTF_8,
            note: (!fits).then(|| {
                format!("the message says {declared}, its bytes are UTF-8: read as UTF-8")
            }),
            guessed: false,
        });
    }
    if let Some(encoding) = table_0211(declared)
        && whole(encoding)
    {
        return Ok(CharacterSet {
            encoding,
            note: None,
            guessed: false,
        });
    }
    if !whole(WINDOWS_1252) {
        return Err(format!(
            "its bytes are no text in UTF-8, in the declared set ({}) or in Windows-1252",
            if declared.is_empty() {
                "none"
            } else {
                declared
            }
        ));
    }
    Ok(CharacterSet {
        encoding: WINDOWS_1252,
        note: Some(format!(
            "character set guessed: declared {}, not so; read as Windows-1252",
            if declared.is_empty() {
                "none"
            } else {
                declared
            }
        )),
        guessed: true,
    })
}

/// HL7 table 0211. UTF-16, UTF-32 and sets that switch by escape sequences are not read; ISO 8859-1 is read as its superset Windows-1252.
fn table_0211(declared: &str) -> Option<&'static Encoding> {
    let label = match declared.trim().to_ascii_uppercase().as_str() {
        "8859/1" => "iso-8859-1",
        "8859/2" => "iso-8859-2",
        "8859/3" => "iso-8859-3",
        "8859/4" => "iso-8859-4",
        "8859/5" => "iso-8859-5",
        "8859/6" => "iso-8859-6",
        "8859/7" => "iso-8859-7",
        "8859/8" => "iso-8859-8",
        "8859/9" => "iso-8859-9",
        "8859/15" => "iso-8859-15",
        "GB 18030-2000" => "gb18030",
        "KS X 1001" => "euc-kr",
        "BIG-5" => "big5",
        _ => return None,
    };
    Encoding::for_label(label.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_knows_its_bytes_in_any_set() {
        let bytes = "OBX|1|TX|^Befund||R\u{f6}ntgen^b|x"
            .chars()
            .map(|c| c as u8)
            .collect::<Vec<_>>();
        let line = lines(&bytes).next().unwrap();
        let delimiters = Delimiters::of(b"MSH|^~\\&|").unwrap();
        let segment = Segment::new(&line, WINDOWS_1252, delimiters).unwrap();
        let field = segment.field(5);
        assert_eq!(field.text, "R\u{f6}ntgen^b");
        let span = segment.span(field);
        let raw = &bytes[usize::try_from(span.start).unwrap()..usize::try_from(span.end).unwrap()];
        assert_eq!(raw, b"R\xF6ntgen^b");
        assert_eq!(segment.span(segment.field(6)).end as usize, bytes.len());
    }

    #[test]
    fn delimiters_are_five_different_marks() {
        assert!(Delimiters::of(b"MSH|^~\\&|A").is_some());
        assert_eq!(Delimiters::of(b"MSH^~|\\&^A").unwrap().component, '~');
        assert_eq!(Delimiters::of(b"MSH|^~\\\\&|A").unwrap().subcomponent, '&');
        for line in [&b"MSH MSH:9,12"[..], b"MSH|", b"MSH||||||", b"MSH|a~\\&"] {
            assert!(Delimiters::of(line).is_none(), "{line:?}");
        }
    }
}
