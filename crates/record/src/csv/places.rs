//! Which column is what, and where a cell stands in the bytes.

use std::collections::BTreeMap;

use super::mapping::CsvMapping;

/// Numbers of the columns, from 0.
pub(super) struct Places {
    pub named: BTreeMap<&'static str, usize>,
}

impl Places {
    pub fn of(header: &[String], mapping: &CsvMapping) -> Result<Self, String> {
        let c = &mapping.columns;
        let wanted = [
            ("patient", Some(&c.patient)),
            ("value", Some(&c.value)),
            ("time", Some(&c.time)),
            ("code", c.code.as_ref()),
            ("display", c.display.as_ref()),
            ("issuer", c.issuer.as_ref()),
            ("code_system", c.code_system.as_ref()),
            ("unit", c.unit.as_ref()),
            ("time_zone", c.time_zone.as_ref()),
            ("status", c.status.as_ref()),
            ("version", c.version.as_ref()),
            ("available", c.available.as_ref()),
            ("id", c.id.as_ref()),
            ("range", c.range.as_ref()),
            ("flag", c.flag.as_ref()),
            ("specimen", c.specimen.as_ref()),
            ("comment", c.comment.as_ref()),
            ("family", c.family.as_ref()),
            ("given", c.given.as_ref()),
            ("birth_date", c.birth_date.as_ref()),
            ("sex", c.sex.as_ref()),
        ];
        let mut named = BTreeMap::new();
        for (field, name) in wanted {
            let Some(name) = name else { continue };
            let mut found = header.iter().enumerate().filter(|(_, h)| *h == name.trim());
            match (found.next(), found.next()) {
                (Some((n, _)), None) => named.insert(field, n),
                (Some(_), Some(_)) => {
                    return Err(format!(
                        "the header has the column \"{name}\" (columns.{field}) twice"
                    ));
                }
                (None, _) => {
                    return Err(format!(
                        "the header has no column \"{name}\" (columns.{field})"
                    ));
                }
            };
        }
        Ok(Self { named })
    }
}

/// Where the raw text of a cell stands in the record that begins at `start` or at the line ends before it, its quotes left out.
pub(super) fn raw_cell(body: &[u8], start: usize, delimiter: u8, column: usize) -> (usize, usize) {
    let mut at = start;
    while matches!(body.get(at), Some(b'\r' | b'\n')) {
        at += 1;
    }
    for number in 0..=column {
        let quoted = body.get(at) == Some(&b'"');
        let from = at + usize::from(quoted);
        let mut end = from;
        while let Some(byte) = body.get(end) {
            match byte {
                b'"' if quoted && body.get(end + 1) == Some(&b'"') => end += 1,
                b'"' if quoted => break,
                b'\r' | b'\n' if !quoted => break,
                b if *b == delimiter && !quoted => break,
                _ => {}
            }
            end += 1;
        }
        let end = end.min(body.len());
        if number == column {
            return (from.min(end), end);
        }
        at = end + usize::from(quoted);
        while body
            .get(at)
            .is_some_and(|b| *b != delimiter && !matches!(b, b'\r' | b'\n'))
        {
            at += 1;
        }
        at += 1;
    }
    (start, start)
}
