//! Specific Character Set (0008,0005): bytes of text elements to Unicode, with code extensions (PS3.3 C.12.1.1.2, PS3.5 6.1.2, annexes H to K).
//!
//! dicom-object knows the first value only (P28), so it is given text as Latin-1, one byte a character, and the bytes come here.

use std::borrow::Cow;

use encoding_rs::Encoding;

/// A set of 94, 96 or more characters that text can switch to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    Ascii,
    Latin1,
    /// JIS X 0201: romaji in the low half, half-width katakana in the high half.
    JisX0201,
    /// A single-byte set by its superset in encoding_rs; only bytes from 0xA0 up are looked up.
    Byte(&'static Encoding),
    /// Two bytes each, in the low half: JIS X 0208.
    JisX0208,
    /// Two bytes each, in the low half: JIS X 0212.
    JisX0212,
    /// Two bytes each, in the high half: KS X 1001 or GB 2312, by a superset in encoding_rs.
    High(&'static Encoding),
}

/// The character sets of one data set or item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CharacterSets {
    kind: Kind,
    unknown: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// Nothing stated.
    Default,
    /// One encoding for everything: ISO_IR 192, GB18030, GBK.
    Whole(&'static Encoding),
    /// PS3.3 C.12.1.1.2: low and high half at the start of each value; escapes may change them.
    Extended { low: Set, high: Set },
}

impl Default for CharacterSets {
    fn default() -> Self {
        Self {
            kind: Kind::Default,
            unknown: None,
        }
    }
}

impl CharacterSets {
    /// From the value of (0008,0005), values separated by a backslash. What is not a defined term falls back to Latin-1 and is kept in
    /// [`CharacterSets::unknown_term`].
    #[must_use]
    pub fn parse(value: &str) -> Self {
        let mut terms = value.split('\\').map(str::trim);
        let first = terms.next().unwrap_or_default();
        let extended = terms.next().is_some();
        let (kind, unknown) = match normalised(first).as_str() {
            "" if extended => (
                Kind::Extended {
                    low: Set::Ascii,
                    high: Set::Latin1,
                },
                None,
            ),
            "" => (Kind::Default, None),
            "192" | "UTF8" => (Kind::Whole(encoding_rs::UTF_8), None),
            "GB18030" => (Kind::Whole(encoding_rs::GB18030), None),
            "GBK" => (Kind::Whole(encoding_rs::GBK), None),
            term => {
                let set = high_half(term);
                let low = match set {
                    Some(Set::JisX0201) => Set::JisX0201,
                    _ => Set::Ascii,
                };
                (
                    Kind::Extended {
                        low,
                        high: set.unwrap_or(Set::Latin1),
                    },
                    set.is_none().then(|| first.to_owned()),
                )
            }
        };
        Self { kind, unknown }
    }

    /// The first term when it is not one of the standard.
    #[must_use]
    pub fn unknown_term(&self) -> Option<&str> {
        self.unknown.as_deref()
    }

    /// Text of `bytes`. Bytes that the sets do not hold become U+FFFD; nothing is dropped in silence but the escapes themselves.
    #[must_use]
    pub fn decode(&self, bytes: &[u8]) -> String {
        if let Ok(text) = std::str::from_utf8(bytes)
            && self.keeps(text)
        {
            return text.to_owned();
        }
        match self.kind {
            Kind::Whole(encoding) => encoding.decode_without_bom_handling(bytes).0.into_owned(),
            // Nothing stated means ASCII. Files that hold more anyway are UTF-8 or Latin-1; UTF-8 does not happen by accident.
            Kind::Default if !bytes.contains(&0x1B) => match std::str::from_utf8(bytes) {
                Ok(text) => text.to_owned(),
                Err(_) => bytes.iter().map(|b| char::from(*b)).collect(),
            },
            Kind::Default => decode_extended(bytes, Set::Ascii, Set::Latin1),
            Kind::Extended { low, high } => decode_extended(bytes, low, high),
        }
    }

    /// Whether `text` is ASCII that means itself in these sets: nothing to decode.
    pub(crate) fn keeps(&self, text: &str) -> bool {
        text.is_ascii() && !text.contains('\u{1b}') && !self.has_romaji()
    }

    fn has_romaji(&self) -> bool {
        matches!(
            self.kind,
            Kind::Extended {
                low: Set::JisX0201,
                ..
            }
        )
    }
}

/// `ISO_IR 100`, `ISO 2022 IR 100`, `ISO-IR 100`, `iso_ir100` → `100`.
fn normalised(term: &str) -> String {
    let plain: String = term
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let tail = plain.strip_prefix("ISO2022").unwrap_or(&plain);
    let tail = tail.strip_prefix("ISO").unwrap_or(tail);
    tail.strip_prefix("IR").unwrap_or(tail).to_owned()
}

/// High half of a set by its ISO-IR number.
fn high_half(number: &str) -> Option<Set> {
    Some(match number {
        "6" | "87" | "159" => Set::Ascii,
        "100" => Set::Latin1,
        "101" => Set::Byte(encoding_rs::ISO_8859_2),
        "109" => Set::Byte(encoding_rs::ISO_8859_3),
        "110" => Set::Byte(encoding_rs::ISO_8859_4),
        "144" => Set::Byte(encoding_rs::ISO_8859_5),
        "127" => Set::Byte(encoding_rs::ISO_8859_6),
        "126" => Set::Byte(encoding_rs::ISO_8859_7),
        "138" => Set::Byte(encoding_rs::ISO_8859_8),
        "148" => Set::Byte(encoding_rs::WINDOWS_1254),
        "203" => Set::Byte(encoding_rs::ISO_8859_15),
        "166" => Set::Byte(encoding_rs::WINDOWS_874),
        "13" => Set::JisX0201,
        "149" => Set::High(encoding_rs::EUC_KR),
        "58" => Set::High(encoding_rs::GBK),
        _ => return None,
    })
}

enum Half {
    Low(Set),
    High(Set),
}

/// The escape at the start of `bytes` (behind ESC) and its length, PS3.3 tables C.12-3 and C.12-4.
fn escape(bytes: &[u8]) -> Option<(Half, usize)> {
    let two = match bytes.first_chunk::<2>() {
        Some(b"(B") => Some(Half::Low(Set::Ascii)),
        Some(b"(J") => Some(Half::Low(Set::JisX0201)),
        Some(b")I") => Some(Half::High(Set::JisX0201)),
        Some(b"$B") => Some(Half::Low(Set::JisX0208)),
        Some([b'-', set]) => match set {
            b'A' => high_half("100"),
            b'B' => high_half("101"),
            b'C' => high_half("109"),
            b'D' => high_half("110"),
            b'L' => high_half("144"),
            b'G' => high_half("127"),
            b'F' => high_half("126"),
            b'H' => high_half("138"),
            b'M' => high_half("148"),
            b'b' => high_half("203"),
            b'T' => high_half("166"),
            _ => None,
        }
        .map(Half::High),
        _ => None,
    };
    if let Some(half) = two {
        return Some((half, 2));
    }
    match bytes.first_chunk::<3>() {
        Some(b"$(D") => Some((Half::Low(Set::JisX0212), 3)),
        Some(b"$)C") => Some((Half::High(Set::High(encoding_rs::EUC_KR)), 3)),
        Some(b"$)A") => Some((Half::High(Set::High(encoding_rs::GBK)), 3)),
        _ => None,
    }
}

fn decode_extended(bytes: &[u8], low: Set, high: Set) -> String {
    let (first_low, first_high) = (low, high);
    let (mut low, mut high) = (low, high);
    let mut out = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, tail)) = rest.split_first() {
        if byte == 0x1B {
            let Some((half, length)) = escape(tail) else {
                out.push(char::REPLACEMENT_CHARACTER);
                rest = tail;
                continue;
            };
            match half {
                Half::Low(set) => low = set,
                Half::High(set) => high = set,
            }
            rest = tail.get(length..).unwrap_or_default();
            continue;
        }
        let two_bytes_low = matches!(low, Set::JisX0208 | Set::JisX0212);
        let control = byte < 0x20;
        let delimiter = matches!(byte, b'\\' | b'^' | b'=') && !two_bytes_low;
        if control || delimiter {
            // PS3.5 6.1.2.5.3: the sets of the first value hold again behind each delimiter, line end and tab.
            (low, high) = (first_low, first_high);
            out.push(char::from(byte));
            rest = tail;
            continue;
        }
        let set = if byte < 0x80 { low } else { high };
        let used = match set {
            Set::JisX0208 | Set::JisX0212 | Set::High(_) if byte != b' ' => 2,
            _ => 1,
        };
        let code = rest.get(..used).unwrap_or(rest);
        out.push_str(&characters(set, code));
        rest = rest.get(code.len()..).unwrap_or_default();
    }
    out
}

/// The character of one code.
fn characters(set: Set, code: &[u8]) -> Cow<'static, str> {
    let replacement = Cow::Borrowed("\u{FFFD}");
    let by = |encoding: &'static Encoding, bytes: &[u8]| {
        encoding
            .decode_without_bom_handling_and_without_replacement(bytes)
            .map_or_else(|| replacement.clone(), |t| Cow::Owned(t.into_owned()))
    };
    match (set, code) {
        (Set::JisX0208, [a, b]) if *a < 0x80 && *b < 0x80 => {
            by(encoding_rs::EUC_JP, &[a | 0x80, b | 0x80])
        }
        (Set::JisX0212, [a, b]) if *a < 0x80 && *b < 0x80 => {
            by(encoding_rs::EUC_JP, &[0x8F, a | 0x80, b | 0x80])
        }
        (Set::High(encoding), [a, b]) if *a >= 0x80 && *b >= 0x80 => by(encoding, &[*a, *b]),
        (Set::JisX0201, [0x5C]) => Cow::Borrowed("¥"),
        (Set::JisX0201, [0x7E]) => Cow::Borrowed("‾"),
        (Set::JisX0201, [b @ 0xA1..=0xDF]) => {
            let code = 0xFF61 + u32::from(b - 0xA1);
            char::from_u32(code).map_or(replacement, |c| Cow::Owned(c.to_string()))
        }
        (Set::Ascii | Set::JisX0201, [b]) if *b < 0x80 => Cow::Owned(char::from(*b).to_string()),
        (Set::Latin1, [b]) => Cow::Owned(char::from(*b).to_string()),
        (Set::Byte(encoding), [b]) => by(encoding, &[*b]),
        (_, [b]) if *b < 0x80 => Cow::Owned(char::from(*b).to_string()),
        _ => replacement,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sets: &str, bytes: &[u8], expected: &str) {
        assert_eq!(CharacterSets::parse(sets).decode(bytes), expected);
    }

    /// PS3.5 annexes H (Japanese), I (Korean), K (Chinese) and PS3.3 examples: the same bytes, the same names.
    #[test]
    fn p28_names_of_the_standard_come_out_in_their_scripts() {
        check(
            "\\ISO 2022 IR 87",
            b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B",
            "Yamada^Tarou=山田^太郎=やまだ^たろう",
        );
        check(
            "ISO 2022 IR 13\\ISO 2022 IR 87",
            b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J=\x1b$B$d$^$@\x1b(J^\x1b$B$?$m$&\x1b(J",
            "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう",
        );
        check(
            "\\ISO 2022 IR 149",
            b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf",
            "Hong^Gildong=洪^吉洞=홍^길동",
        );
        check(
            "GB18030",
            b"Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab",
            "Wang^XiaoDong=王^小东",
        );
        check(
            "ISO_IR 192",
            "Wang^XiaoDong=王^小東".as_bytes(),
            "Wang^XiaoDong=王^小東",
        );
        check(
            "ISO_IR 144",
            b"\xbb\xee\xda\x63\x65\xdc\xd1yp\xd3",
            "Люкceмбypг",
        );
    }

    #[test]
    fn p28_two_byte_codes_with_backslash_and_caret_are_not_delimiters() {
        // JIS X 0208 0x5C5C and 0x5E5E: both bytes look like `\` and `^`.
        check("\\ISO 2022 IR 87", b"\x1b$B\\\\^^\x1b(B^A", "樛湎^A");
    }

    #[test]
    fn text_without_a_stated_set_is_utf_8_or_latin_1() {
        check("", b"M\xfcller", "Müller");
        check("", "Müller".as_bytes(), "Müller");
        assert_eq!(
            CharacterSets::parse("KLINGON 1").unknown_term(),
            Some("KLINGON 1")
        );
    }

    #[test]
    fn a_stray_escape_is_visible_and_ends_nothing() {
        check("\\ISO 2022 IR 87", b"A\x1bB", "A\u{FFFD}B");
        check("\\ISO 2022 IR 87", b"A\x1b$B;", "A;");
    }
}
