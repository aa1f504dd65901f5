//! The entry: what is this document, and which reader takes it.

use triptych_clinical::{DocumentHash, Instant};

use crate::cda;
use crate::fhir::Reader;
use crate::hl7;
use crate::intake::{Intake, ReadError};
use crate::json::{self, Fault, Json};

/// Reads one document that came at `received`. The kind is told by its content, never by a file name: FHIR R4 as a Bundle of any type, a
/// single resource, or NDJSON; a C-CDA document; HL7 v2 as one message, a batch or an MLLP stream. A bad line of NDJSON or a bad resource of a Bundle is
/// named in the result and stops nothing else.
///
/// # Errors
/// [`ReadError`] when the document as a whole is refused: then nothing of it may be stored as facts.
pub fn read(bytes: &[u8], received: Instant) -> Result<Intake, ReadError> {
    if cda::bytes::looks_like_xml(bytes) {
        return cda::read(bytes, received);
    }
    match hl7::look(bytes) {
        hl7::Look::Hl7 => return hl7::read(bytes, received),
        hl7::Look::NoHeader => {
            return Err(ReadError::NotHl7 {
                found: "no message header (MSH)".to_owned(),
            });
        }
        hl7::Look::Other => {}
    }
    let document = DocumentHash::of(bytes);
    let (text, skipped) = decode(bytes)?;
    let reader = Reader::new(document, received, skipped);
    match shape(text)? {
        Shape::Lines => Ok(read_lines(text, reader)),
        Shape::Document => read_document(text, reader),
    }
}

/// JSON values of a Bundle's entries that are kept between the two passes: about 30 MiB.
const MAX_KEPT_VALUES: u32 = 400_000;

/// UTF-8 text without its byte order mark, and how many bytes that mark had.
fn decode(bytes: &[u8]) -> Result<(&str, usize), ReadError> {
    let mark = |found: &str| ReadError::NotUtf8 {
        found: found.to_owned(),
        offset: 0,
        line: 1,
    };
    match bytes {
        [0xFF, 0xFE, ..] => return Err(mark("a UTF-16 (little endian) byte order mark")),
        [0xFE, 0xFF, ..] => return Err(mark("a UTF-16 (big endian) byte order mark")),
        [b'P', b'K', 3, 4, ..] => {
            return Err(ReadError::NotFhir {
                found: "a ZIP archive".to_owned(),
            });
        }
        _ => {}
    }
    let (rest, skipped) = match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => (rest, 3),
        _ => (bytes, 0),
    };
    let text = std::str::from_utf8(rest).map_err(|e| {
        let at = e.valid_up_to();
        let byte = rest.get(at).copied().unwrap_or_default();
        ReadError::NotUtf8 {
            found: format!("byte 0x{byte:02X}"),
            offset: (at + skipped) as u64,
            line: line_of(rest, at),
        }
    })?;
    if text.trim().is_empty() {
        return Err(ReadError::Empty);
    }
    Ok((text, skipped))
}

enum Shape {
    Document,
    Lines,
}

fn shape(text: &str) -> Result<Shape, ReadError> {
    let start = text.trim_start();
    let found = match start.as_bytes().first() {
        Some(b'{') => None,
        Some(b'[') => Some("a JSON list, not a resource or a Bundle"),
        Some(b'/' | b'#') => Some("it begins with a comment, and JSON has none"),
        _ => Some("it does not begin with '{'"),
    };
    if let Some(found) = found {
        return Err(ReadError::NotFhir {
            found: found.to_owned(),
        });
    }
    // A second document on a later line is NDJSON; so is a text whose first line is cut, if most of its lines are documents.
    let mut lines = text.lines().filter(|l| !l.trim().is_empty());
    let first = lines.next().unwrap_or_default();
    let more = lines.clone().next().is_some();
    let whole = |line: &str| {
        json::first_value_end(line)
            .is_ok_and(|end| line.get(end..).is_some_and(|r| r.trim().is_empty()))
    };
    if more && first.trim_end().ends_with('}') && whole(first) {
        return Ok(Shape::Lines);
    }
    if more
        && lines.next().is_some_and(|second| {
            second.trim_start().starts_with('{') && second.trim_end().ends_with('}')
        })
    {
        let all: Vec<&str> = text
            .lines()
            .filter(|l| !l.trim().is_empty())
            .take(64)
            .collect();
        if all.iter().filter(|l| whole(l)).count() * 2 >= all.len() {
            return Ok(Shape::Lines);
        }
    }
    Ok(Shape::Document)
}

fn read_document(text: &str, mut reader: Reader) -> Result<Intake, ReadError> {
    // First pass: the whole text is checked, and what references need is remembered. Entries are kept for the second pass while they are
    // few enough; of a larger document they are parsed again, so that memory stays bounded.
    let mut entries = 0usize;
    let mut kept = Some(Vec::new());
    let mut values = 0u32;
    let top = json::document(text, &mut |number, entry, size| {
        entries += 1;
        if let Json::Object(entry) = &entry {
            reader.learn_entry(number, entry);
        }
        values = values.saturating_add(size);
        match &mut kept {
            Some(list) if values <= MAX_KEPT_VALUES => list.push((number, entry)),
            kept => *kept = None,
        }
    })
    .map_err(|fault| json_error(text, fault, &reader))?;
    let Some(kind) = top.text("resourceType") else {
        return Err(ReadError::NotFhir {
            found: "it has no resourceType".to_owned(),
        });
    };
    if kind == "Bundle" {
        reader.bundle(&top);
        let mut read = |number, entry: &Json<'_>| match entry {
            Json::Object(entry) => reader.read_entry(number, entry),
            _ => reader.quarantine(
                format!("Bundle.entry[{number}]"),
                "an entry that is no object",
            ),
        };
        if let Some(kept) = kept {
            kept.iter().for_each(|(number, entry)| read(*number, entry));
        } else {
            // It cannot fail where the first pass did not.
            json::document(text, &mut |number, entry, _| read(number, &entry))
                .map_err(|fault| json_error(text, fault, &reader))?;
        }
        let name = top.text("type").unwrap_or("no type").to_owned();
        return Ok(reader.finish(format!("FHIR R4 Bundle ({name})")));
    }
    if entries > 0 {
        // Only a Bundle and a List have entries; parse again with them in place.
        reader.forget();
    }
    let whole = json::value(text.trim_start()).map_err(|fault| json_error(text, fault, &reader))?;
    let Json::Object(resource) = &whole else {
        return Err(ReadError::NotFhir {
            found: "it is no object".to_owned(),
        });
    };
    reader.shift(text.len() - text.trim_start().len());
    reader.learn(None, resource);
    let kind = kind.to_owned();
    reader.read_resource(resource, kind.clone(), None);
    Ok(reader.finish(format!("FHIR R4 {kind}")))
}

fn read_lines(text: &str, mut reader: Reader) -> Intake {
    let mut lines = 0usize;
    for pass in 0..2 {
        let mut at = 0;
        for (number, line) in text.split_inclusive('\n').enumerate() {
            let start = at;
            at += line.len();
            if line.trim().is_empty() {
                continue;
            }
            reader.at_line(start);
            match json::value(line) {
                Ok(Json::Object(resource)) if pass == 0 => {
                    reader.learn(None, &resource);
                }
                Ok(Json::Object(resource)) => {
                    lines += 1;
                    let kind = resource.text("resourceType").unwrap_or("resource");
                    reader.read_resource(&resource, format!("line {}: {kind}", number + 1), None);
                }
                Ok(_) if pass == 1 => {
                    reader.bad_line(number + 1, "it is no object");
                }
                Err(fault) if pass == 1 => {
                    let reason = format!(
                        "not readable as JSON: {} (byte {} of the line)",
                        fault.reason, fault.offset
                    );
                    reader.bad_line(number + 1, &reason);
                }
                Ok(_) | Err(_) => {}
            }
        }
    }
    reader.finish(format!("FHIR NDJSON, {lines} lines"))
}

fn json_error(text: &str, fault: Fault, reader: &Reader) -> ReadError {
    let before = text.get(..fault.offset.min(text.len())).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |i| i + 1);
    ReadError::Json {
        reason: fault.reason,
        line: line_of(text.as_bytes(), fault.offset),
        column: before.get(line_start..).map_or(0, |l| l.chars().count()) as u64 + 1,
        offset: (fault.offset + reader.skipped()) as u64,
    }
}

fn line_of(bytes: &[u8], offset: usize) -> u64 {
    let before = bytes.get(..offset).unwrap_or(bytes);
    before.iter().filter(|b| **b == b'\n').count() as u64 + 1
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
