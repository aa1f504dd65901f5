//! A strict JSON reader for clinical documents (RFC 8259, PAR-02, PAR-11).
//!
//! Numbers keep the text of their source, a repeated key is an error (which one is true is a clinical question), nesting and the number of
//! values are limited, and every object knows its bytes. The entries of a Bundle are handed over one at a time, so that memory follows
//! the largest resource, not the document.

use std::borrow::Cow;
use std::collections::HashSet;

/// Containers inside containers, PAR-02.
pub(crate) const MAX_DEPTH: u16 = 128;
/// Values of one resource. The largest resource of the test data has a few thousand; the limit bounds memory at about 80 MiB.
pub(crate) const MAX_VALUES: u32 = 1_000_000;
/// Bytes of the document, first and one past the last.
pub(crate) type Span = (usize, usize);

/// What is wrong, and at which byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub offset: usize,
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json<'a> {
    Null,
    Bool(bool),
    /// The number as written.
    Number(&'a str),
    Text(Cow<'a, str>),
    List(Vec<Json<'a>>),
    Object(Object<'a>),
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Object<'a> {
    pub members: Vec<(Cow<'a, str>, Json<'a>)>,
    pub span: Span,
}

impl<'a> Object<'a> {
    pub fn get(&self, key: &str) -> Option<&Json<'a>> {
        self.members.iter().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_text()
    }

    pub fn object(&self, key: &str) -> Option<&Object<'a>> {
        self.get(key)?.as_object()
    }

    /// The list under `key`; an absent key or another type is an empty list.
    pub fn list(&self, key: &str) -> &[Json<'a>] {
        match self.get(key) {
            Some(Json::List(list)) => list,
            _ => &[],
        }
    }

    /// The objects of the list under `key`.
    pub fn objects(&self, key: &str) -> impl Iterator<Item = &Object<'a>> {
        self.list(key).iter().filter_map(Json::as_object)
    }

    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }
}

impl<'a> Json<'a> {
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub const fn as_object(&self) -> Option<&Object<'a>> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    pub const fn as_number(&self) -> Option<&'a str> {
        match self {
            Self::Number(number) => Some(number),
            _ => None,
        }
    }
}

/// Parses exactly one JSON value.
pub(crate) fn value(text: &str) -> Result<Json<'_>, Fault> {
    let mut parser = Parser::new(text);
    let value = parser.value()?;
    parser.end()?;
    Ok(value)
}

/// What is done with each entry of a Bundle: its number, the entry, and how many values it holds.
pub(crate) type OnEntry<'f, 'a> = &'f mut dyn FnMut(usize, Json<'a>, u32);

/// Parses a document whose top is an object. Members of a list under `entry` go to `on_entry`; everything else is in the object that comes back.
pub(crate) fn document<'a>(text: &'a str, on_entry: OnEntry<'_, 'a>) -> Result<Object<'a>, Fault> {
    let mut parser = Parser::new(text);
    parser.space();
    let start = parser.at;
    parser.expect(b'{', "expected an object")?;
    parser.depth = 1;
    let mut keys = Keys::default();
    parser.space();
    if !parser.take(b'}') {
        loop {
            let key = parser.key(&mut keys, 0)?;
            let is_entries = key == "entry" && parser.peek() == Some(b'[');
            let value = if is_entries {
                parser.entries(on_entry)?;
                Json::Null
            } else {
                parser.values_left = MAX_VALUES;
                parser.value()?
            };
            parser.members.push((key, value));
            if !parser.more(b'}')? {
                break;
            }
        }
    }
    let span = (start, parser.at);
    parser.end()?;
    let members = parser.members;
    Ok(Object { members, span })
}

/// Length of the JSON value at the start of `text`, leading space included.
pub(crate) fn first_value_end(text: &str) -> Result<usize, Fault> {
    let mut parser = Parser::new(text);
    parser.value()?;
    Ok(parser.at)
}

/// Keys of one object, as a set only when there are many.
#[derive(Default)]
struct Keys<'a> {
    many: HashSet<Cow<'a, str>>,
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: u16,
    values_left: u32,
    /// Members and items of the containers that are open: each gets its own memory once, when it closes and its size is known.
    members: Vec<(Cow<'a, str>, Json<'a>)>,
    items: Vec<Json<'a>>,
}

impl<'a> Parser<'a> {
    const fn new(text: &'a str) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            depth: 0,
            values_left: MAX_VALUES,
            members: Vec::new(),
            items: Vec::new(),
        }
    }

    fn fault<T>(&self, reason: impl Into<String>) -> Result<T, Fault> {
        Err(Fault {
            offset: self.at,
            reason: reason.into(),
        })
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let hit = self.peek() == Some(byte);
        self.at += usize::from(hit);
        hit
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8, reason: &str) -> Result<(), Fault> {
        if self.take(byte) {
            Ok(())
        } else {
            let found = self.found();
            self.fault(format!("{reason}, found {found}"))
        }
    }

    /// What stands here, in words; never the source's text, which may be a name.
    fn found(&self) -> String {
        match self.peek() {
            None => "the end of the document".to_owned(),
            Some(c @ (b'{' | b'}' | b'[' | b']' | b',' | b':' | b'"' | b'\'' | b'/' | b'#')) => {
                format!("'{}'", char::from(c))
            }
            Some(b'0'..=b'9' | b'-') => "a number".to_owned(),
            Some(c) if c.is_ascii_alphabetic() => "a word without quotes".to_owned(),
            Some(_) => "another character".to_owned(),
        }
    }

    fn end(&mut self) -> Result<(), Fault> {
        self.space();
        if self.at == self.bytes.len() {
            Ok(())
        } else {
            self.fault("text after the end of the document")
        }
    }

    fn value(&mut self) -> Result<Json<'a>, Fault> {
        self.space();
        let Some(left) = self.values_left.checked_sub(1) else {
            return self.fault(format!("more than {MAX_VALUES} values in one resource"));
        };
        self.values_left = left;
        match self.peek() {
            Some(b'{') => self.nested(Self::object).map(Json::Object),
            Some(b'[') => self.nested(Self::list).map(Json::List),
            Some(b'"') => self.string().map(Json::Text),
            Some(b'-' | b'0'..=b'9') => self.number().map(Json::Number),
            Some(b't') => self.word("true", Json::Bool(true)),
            Some(b'f') => self.word("false", Json::Bool(false)),
            Some(b'n') => self.word("null", Json::Null),
            _ => {
                let found = self.found();
                self.fault(format!("expected a value, found {found}"))
            }
        }
    }

    fn nested<T>(&mut self, read: fn(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        if self.depth == MAX_DEPTH {
            return self.fault(format!("nested deeper than {MAX_DEPTH} levels"));
        }
        self.depth += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn word(&mut self, word: &str, value: Json<'a>) -> Result<Json<'a>, Fault> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let ends = !rest.get(word.len()).is_some_and(u8::is_ascii_alphanumeric);
        if rest.starts_with(word.as_bytes()) && ends {
            self.at += word.len();
            Ok(value)
        } else {
            self.fault("expected a value, found a word without quotes")
        }
    }

    /// After a member: true if another one follows, false after the closing bracket.
    fn more(&mut self, close: u8) -> Result<bool, Fault> {
        self.space();
        if self.take(b',') {
            self.space();
            if self.peek() == Some(close) {
                return self.fault(format!("a comma before '{}'", char::from(close)));
            }
            return Ok(true);
        }
        if self.take(close) {
            return Ok(false);
        }
        let found = self.found();
        self.fault(format!(
            "expected ',' or '{}', found {found}",
            char::from(close)
        ))
    }

    fn list(&mut self) -> Result<Vec<Json<'a>>, Fault> {
        let first = self.items.len();
        self.at += 1;
        self.space();
        if self.take(b']') {
            return Ok(Vec::new());
        }
        loop {
            let value = self.value()?;
            self.items.push(value);
            if !self.more(b']')? {
                return Ok(self.items.drain(first..).collect());
            }
        }
    }

    fn entries(&mut self, on_entry: OnEntry<'_, 'a>) -> Result<(), Fault> {
        self.depth = 2;
        self.at += 1;
        self.space();
        if !self.take(b']') {
            for number in 0.. {
                self.values_left = MAX_VALUES;
                let entry = self.value()?;
                on_entry(number, entry, MAX_VALUES - self.values_left);
                if !self.more(b']')? {
                    break;
                }
            }
        }
        self.depth = 1;
        Ok(())
    }

    fn object(&mut self) -> Result<Object<'a>, Fault> {
        let start = self.at;
        let first = self.members.len();
        let mut keys = Keys::default();
        self.at += 1;
        self.space();
        if !self.take(b'}') {
            loop {
                let key = self.key(&mut keys, first)?;
                let value = self.value()?;
                self.members.push((key, value));
                if !self.more(b'}')? {
                    break;
                }
            }
        }
        Ok(Object {
            members: self.members.drain(first..).collect(),
            span: (start, self.at),
        })
    }

    /// A key that was not there before among the open members from `first` on, and its colon.
    fn key(&mut self, keys: &mut Keys<'a>, first: usize) -> Result<Cow<'a, str>, Fault> {
        const FEW: usize = 24;
        let start = self.at;
        if self.peek() != Some(b'"') {
            let found = self.found();
            return self.fault(format!("expected a key in double quotes, found {found}"));
        }
        let key = self.string()?;
        let members = self.members.get(first..).unwrap_or_default();
        let repeated = if members.len() < FEW {
            members.iter().any(|(k, _)| *k == key)
        } else {
            if keys.many.is_empty() {
                keys.many.extend(members.iter().map(|(k, _)| k.clone()));
            }
            !keys.many.insert(key.clone())
        };
        if repeated {
            let shown: String = key.chars().take(40).collect();
            return Err(Fault {
                offset: start,
                reason: format!("the key {shown:?} is there twice"),
            });
        }
        self.space();
        self.expect(b':', "expected ':' after a key")?;
        self.space();
        Ok(key)
    }

    fn number(&mut self) -> Result<&'a str, Fault> {
        let start = self.at;
        self.take(b'-');
        if !self.take(b'0') && self.digits() == 0 {
            return self.fault("a number without digits");
        }
        if self.take(b'.') && self.digits() == 0 {
            return self.fault("a number without digits after its point");
        }
        if self.take(b'e') || self.take(b'E') {
            let _sign = self.take(b'+') || self.take(b'-');
            if self.digits() == 0 {
                return self.fault("a number without digits in its exponent");
            }
        }
        if self.peek().is_some_and(|b| b.is_ascii_alphanumeric()) {
            return self.fault("a number runs into a word or another number");
        }
        Ok(self.text.get(start..self.at).unwrap_or_default())
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Fault> {
        self.at += 1;
        let start = self.at;
        let mut owned: Option<String> = None;
        let mut piece = start;
        loop {
            self.at += plain_bytes(self.bytes.get(self.at..).unwrap_or_default());
            match self.peek() {
                None => return self.fault("a text that does not end"),
                Some(b'"') => break,
                Some(b'\\') => {
                    let text = owned.get_or_insert_with(String::new);
                    text.push_str(self.text.get(piece..self.at).unwrap_or_default());
                    let c = self.escape()?;
                    owned.get_or_insert_with(String::new).push(c);
                    piece = self.at;
                }
                Some(_) => return self.fault("a control character inside a text"),
            }
        }
        let rest = self.text.get(piece..self.at).unwrap_or_default();
        self.at += 1;
        Ok(match owned {
            None => Cow::Borrowed(rest),
            Some(text) => Cow::Owned(text + rest),
        })
    }

    fn escape(&mut self) -> Result<char, Fault> {
        self.at += 1;
        let kind = self.peek();
        self.at += 1;
        Ok(match kind {
            Some(c @ (b'"' | b'\\' | b'/')) => char::from(c),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let high = self.hex4()?;
                let code = if (0xD800..0xDC00).contains(&high)
                    && self.bytes.get(self.at..self.at + 2) == Some(b"\\u")
                {
                    self.at += 2;
                    let low = self.hex4()?;
                    match low.checked_sub(0xDC00) {
                        Some(low) if low < 0x400 => 0x1_0000 + ((high - 0xD800) << 10) + low,
                        _ => high,
                    }
                } else {
                    high
                };
                match char::from_u32(code) {
                    Some(c) => c,
                    None => return self.fault("half of a surrogate pair"),
                }
            }
            _ => return self.fault("an unknown escape inside a text"),
        })
    }

    fn hex4(&mut self) -> Result<u32, Fault> {
        let digits = self.text.get(self.at..self.at + 4).unwrap_or_default();
        if digits.len() != 4 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return self.fault("expected four hexadecimal digits after \\u");
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).or_else(|_| self.fault("not hexadecimal"))
    }
}

/// How many bytes from here on neither end a text nor need a look: no quote, no backslash, no control character. Eight at a time: in each
/// word the lowest marked byte is a true one, because a borrow only runs upwards.
fn plain_bytes(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = ONES << 7;
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word & HIGHS;
    let (words, rest) = bytes.as_chunks::<8>();
    for (number, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let quote = below(word ^ (ONES * u64::from(b'"')), 1);
        let backslash = below(word ^ (ONES * u64::from(b'\\')), 1);
        let found = quote | backslash | below(word, 0x20);
        if found != 0 {
            return number * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    let stops = |b: &u8| *b == b'"' || *b == b'\\' || *b < 0x20;
    words.len() * 8 + rest.iter().position(stops).unwrap_or(rest.len())
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
