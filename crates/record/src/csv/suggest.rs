//! A mapping to begin with, for a person to check: columns by their headers, codes by name and unit.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use csv::ReaderBuilder;
use serde::Deserialize;

use super::dates::DateFormat;
use crate::intake::ReadError;

/// Rows that are looked at.
const ROWS: usize = 2_000;
/// Different results that are listed.
const RESULTS: usize = 500;
/// Forms of dates that are tried, the ones without doubt first.
const FORMATS: [&str; 14] = [
    "ISO",
    "YYYY/MM/DD",
    "YYYY/MM/DD hh:mm",
    "YYYY/MM/DD hh:mm:ss",
    "YYYYMMDD",
    "DD.MM.YYYY",
    "DD.MM.YYYY hh:mm",
    "DD.MM.YYYY hh:mm:ss",
    "DD/MM/YYYY",
    "MM/DD/YYYY",
    "DD/MM/YYYY hh:mm",
    "MM/DD/YYYY hh:mm",
    "DD/MM/YYYY hh:mm:ss",
    "MM/DD/YYYY hh:mm:ss",
];

/// A proposed mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// TOML with comments. What only a person can say is left out or stands behind `#`, so that it is no mapping before it was read.
    pub mapping: String,
    /// Headers by the field of the mapping that they were taken for.
    pub columns: BTreeMap<String, String>,
    /// Columns that were taken for nothing.
    pub unused: Vec<String>,
    /// LOINC code by name and unit of the result.
    pub codes: BTreeMap<(String, String), String>,
}

#[derive(Deserialize)]
struct Table {
    columns: BTreeMap<String, Vec<String>>,
    result: Vec<Known>,
}

#[derive(Deserialize)]
struct Known {
    loinc: String,
    names: Vec<String>,
    units: Vec<String>,
}

/// Looks at a CSV file and proposes a mapping for it.
///
/// # Errors
/// [`ReadError`] when it has no header or is not text.
pub fn suggest(bytes: &[u8]) -> Result<Suggestion, ReadError> {
    let table: Table = toml::from_str(include_str!("../../../../assets/record/suggestions.toml"))
        .map_err(|e| ReadError::Csv {
        reason: e.message().to_owned(),
        line: 0,
    })?;
    let body = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let utf8 = std::str::from_utf8(body).is_ok();
    let (text, _) = if utf8 {
        encoding_rs::UTF_8.decode_without_bom_handling(body)
    } else {
        encoding_rs::WINDOWS_1252.decode_without_bom_handling(body)
    };
    if text.trim().is_empty() {
        return Err(ReadError::Empty);
    }
    let delimiter = delimiter(&text);
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .from_reader(text.as_bytes());
    let header: Vec<String> = reader
        .headers()
        .map_err(|e| ReadError::Csv {
            reason: e.to_string(),
            line: 1,
        })?
        .iter()
        .map(|h| h.trim().to_owned())
        .collect();
    let columns = columns(&header, &table);
    let rows: Vec<csv::StringRecord> = reader.records().filter_map(Result::ok).take(ROWS).collect();
    let cells = |field: &str| -> Vec<&str> {
        let at = columns
            .get(field)
            .and_then(|name| header.iter().position(|h| h == name));
        at.map_or_else(Vec::new, |at| {
            rows.iter()
                .map(|r| r.get(at).unwrap_or_default().trim())
                .collect()
        })
    };
    let codes = codes(&cells("code"), &cells("display"), &cells("unit"), &table);
    let unused = header
        .iter()
        .filter(|h| !columns.values().any(|c| c == *h))
        .cloned()
        .collect();
    let draft = Draft {
        delimiter,
        utf8,
        formats: formats(&cells("time")),
        decimals: decimals(&cells("value")),
        columns: &columns,
        unused: &unused,
        codes: &codes,
    };
    let mapping = draft.toml();
    Ok(Suggestion {
        mapping,
        columns,
        unused,
        codes,
    })
}

/// Of comma, semicolon, tab and bar the one that the header has most of.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or_default();
    let count = |d: &u8| header.bytes().filter(|b| b == d).count();
    [b'|', b'\t', b';', b',']
        .into_iter()
        .max_by_key(count)
        .unwrap_or(b',')
}

fn plain(text: &str) -> String {
    text.to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect()
}

fn columns(header: &[String], table: &Table) -> BTreeMap<String, String> {
    let mut taken: BTreeSet<&String> = BTreeSet::new();
    let mut found = BTreeMap::new();
    for (field, names) in &table.columns {
        let name = names
            .iter()
            .find_map(|n| header.iter().find(|h| plain(h) == *n && !taken.contains(h)));
        if let Some(name) = name {
            taken.insert(name);
            found.insert(field.clone(), name.clone());
        }
    }
    found
}

/// Forms that all dates have.
fn formats(cells: &[&str]) -> Vec<&'static str> {
    let given: Vec<&&str> = cells.iter().filter(|c| !c.is_empty()).collect();
    FORMATS
        .into_iter()
        .filter(|f| {
            DateFormat::parse(f)
                .is_ok_and(|f| !given.is_empty() && given.iter().all(|c| f.read(c, "Z").is_some()))
        })
        .collect()
}

/// How many values have a point, and how many a comma, among those of digits and one such mark.
fn decimals(cells: &[&str]) -> (usize, usize) {
    let with = |mark: char| {
        cells
            .iter()
            .filter(|c| {
                let digits = c.trim_start_matches(['<', '>', '=', '-', ' ']);
                digits.matches(mark).count() == 1
                    && digits.chars().all(|c| c.is_ascii_digit() || c == mark)
            })
            .count()
    };
    (with('.'), with(','))
}

/// Name and unit of each result that the table knows, with its code.
fn codes(
    code: &[&str],
    display: &[&str],
    unit: &[&str],
    table: &Table,
) -> BTreeMap<(String, String), String> {
    let mut found = BTreeMap::new();
    for row in 0..code.len().max(display.len()) {
        let at = |cells: &[&str]| cells.get(row).map(|c| (*c).to_owned()).unwrap_or_default();
        let unit = at(unit);
        let dense: String = unit.chars().filter(|c| !c.is_whitespace()).collect();
        for name in [at(display), at(code)] {
            if crate::fhir::datatypes::is_loinc(&name) || found.len() >= RESULTS {
                continue;
            }
            let key = plain(&name);
            let known = table.result.iter().find(|k| {
                let named = k.names.iter().any(|n| {
                    if n.len() > 3 {
                        key.starts_with(n.as_str())
                    } else {
                        key == *n
                    }
                });
                named && k.units.iter().any(|u| u.eq_ignore_ascii_case(&dense))
            });
            if let Some(known) = known.filter(|_| !key.is_empty()) {
                found.insert((name, unit.clone()), known.loinc.clone());
                break;
            }
        }
    }
    found
}

struct Draft<'d> {
    delimiter: u8,
    utf8: bool,
    formats: Vec<&'static str>,
    decimals: (usize, usize),
    columns: &'d BTreeMap<String, String>,
    unused: &'d Vec<String>,
    codes: &'d BTreeMap<(String, String), String>,
}

impl Draft<'_> {
    fn toml(&self) -> String {
        let mut out = String::from(
            "# Suggested mapping: check every line. Lines behind # are not in force; what is missing must be said by a person.\n\n",
        );
        // Writing to a String cannot fail.
        let _ = self.head(&mut out);
        let _ = self.columns(&mut out);
        let _ = self.codes(&mut out);
        out
    }

    fn head(&self, out: &mut String) -> std::fmt::Result {
        writeln!(
            out,
            "# Who the file is from. Results are told apart by it: never change it for later files of the same source."
        )?;
        writeln!(out, "source = \"\"\n")?;
        writeln!(
            out,
            "# Who issued the patient numbers, as in the other documents of these patients: an address such as urn:oid:1.2.3."
        )?;
        writeln!(out, "issuer = \"\"")?;
        writeln!(out, "identifier_type = \"MR\"\n")?;
        writeln!(
            out,
            "delimiter = {}",
            quote(&char::from(self.delimiter).to_string())
        )?;
        if !self.utf8 {
            writeln!(out, "# The file is not UTF-8.\nencoding = \"windows-1252\"")?;
        }
        match self.formats.as_slice() {
            [] => writeln!(
                out,
                "# No form fits all times; such as \"DD/MM/YYYY hh:mm\", or \"ISO\".\n# date_format = \"\""
            )?,
            [one] => writeln!(out, "date_format = {}", quote(one))?,
            several => {
                writeln!(
                    out,
                    "# Several orders fit all times, and they mean different days. Only a person can say which:"
                )?;
                for format in several {
                    writeln!(out, "# date_format = {}", quote(format))?;
                }
            }
        }
        if !self.columns.contains_key("time_zone") {
            writeln!(
                out,
                "# The offset of the times from UTC: Z or such as +01:00.\n# time_zone = \"\""
            )?;
        }
        match self.decimals {
            (_, 0) => writeln!(out, "decimal = \".\"")?,
            (0, n) => writeln!(
                out,
                "# {n} values have a comma: of thousands, or this?\n# decimal = \",\""
            )?,
            (points, commas) => writeln!(
                out,
                "# {points} values have a point, {commas} a comma: one of the two is no number.\n# decimal = \".\""
            )?,
        }
        if !self.columns.contains_key("status") {
            writeln!(
                out,
                "# No column says how far the results are. If all are final:\n# status = \"final\""
            )?;
        }
        writeln!(out)
    }

    fn columns(&self, out: &mut String) -> std::fmt::Result {
        writeln!(out, "[columns]")?;
        for needed in ["patient", "value", "time"] {
            if !self.columns.contains_key(needed) {
                writeln!(out, "# {needed} = \"\"   # needed: no header looks like it")?;
            }
        }
        for (field, header) in self.columns {
            writeln!(out, "{field} = {}", quote(header))?;
        }
        if !self.unused.is_empty() {
            let names: Vec<String> = self.unused.iter().map(|n| quote(n)).collect();
            writeln!(out, "# not used: {}", names.join(", "))?;
        }
        writeln!(out)
    }

    fn codes(&self, out: &mut String) -> std::fmt::Result {
        if self.codes.is_empty() {
            return Ok(());
        }
        writeln!(
            out,
            "# Codes by name and unit alone: specimen and method decide too (serum, blood or urine?). Take the # away where it is right.\n[codes]"
        )?;
        for ((name, unit), loinc) in self.codes {
            writeln!(
                out,
                "# {} = \"{loinc}\"   # in {}",
                quote(name),
                quote(unit)
            )?;
        }
        Ok(())
    }
}

/// A TOML basic string.
fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
