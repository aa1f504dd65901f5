//! What the columns of a CSV file mean, as a person declared it in TOML.

use std::collections::BTreeMap;

use serde::Deserialize;
use triptych_clinical::Status;

use super::dates::{self, DateFormat};

/// A mapping larger than this is no mapping.
const LONGEST: usize = 1 << 20;

/// Columns, dates, numbers and codes of one kind of CSV file. Made by [`CsvMapping::parse`] from TOML:
///
/// ```toml
/// source = "Site laboratory"
/// issuer = "urn:oid:1.2.3"
/// date_format = "DD/MM/YYYY hh:mm"   # or "ISO"
/// time_zone = "+01:00"
/// decimal = ","
/// delimiter = ";"
/// status = "final"                   # where no column says it
///
/// [columns]
/// patient = "MRN"
/// code = "Test"
/// value = "Result"
/// unit = "Unit"
/// time = "Collected"
///
/// [codes]
/// "Creat" = "2160-0"
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvMapping {
    pub(super) source: String,
    pub(super) issuer: String,
    pub(super) identifier_type: String,
    pub(super) code_system: String,
    pub(super) category: String,
    pub(super) status: Option<Status>,
    pub(super) date_format: DateFormat,
    pub(super) time_zone: String,
    pub(super) decimal: char,
    pub(super) delimiter: u8,
    pub(super) encoding: &'static encoding_rs::Encoding,
    pub(super) columns: Columns,
    pub(super) codes: BTreeMap<String, String>,
    pub(super) statuses: BTreeMap<String, Status>,
}

/// Names of columns, as in the header.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Columns {
    pub patient: String,
    pub value: String,
    pub time: String,
    pub code: Option<String>,
    pub display: Option<String>,
    pub issuer: Option<String>,
    pub code_system: Option<String>,
    pub unit: Option<String>,
    pub time_zone: Option<String>,
    pub status: Option<String>,
    pub version: Option<String>,
    pub available: Option<String>,
    pub id: Option<String>,
    pub range: Option<String>,
    pub flag: Option<String>,
    pub specimen: Option<String>,
    pub comment: Option<String>,
    pub family: Option<String>,
    pub given: Option<String>,
    pub birth_date: Option<String>,
    pub sex: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    source: String,
    #[serde(default)]
    issuer: String,
    #[serde(default)]
    identifier_type: String,
    #[serde(default)]
    code_system: String,
    category: Option<String>,
    status: Option<String>,
    date_format: Option<String>,
    time_zone: Option<String>,
    decimal: Option<String>,
    delimiter: Option<String>,
    encoding: Option<String>,
    columns: Columns,
    #[serde(default)]
    codes: BTreeMap<String, String>,
    #[serde(default)]
    statuses: BTreeMap<String, String>,
}

/// A mapping that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the mapping cannot be used: {reason} (line {line}{})", field.as_ref().map(|f| format!(", field {f}")).unwrap_or_default())]
pub struct MappingError {
    /// Line of the mapping, from 1.
    pub line: u64,
    /// The field, where one is at fault.
    pub field: Option<String>,
    /// What is wrong.
    pub reason: String,
}

impl CsvMapping {
    /// Reads a mapping.
    ///
    /// # Errors
    /// [`MappingError`] with line and field.
    pub fn parse(text: &str) -> Result<Self, MappingError> {
        if text.len() > LONGEST {
            return Err(MappingError {
                line: 1,
                field: None,
                reason: "it is larger than a mapping may be".to_owned(),
            });
        }
        let written: Written = toml::from_str(text).map_err(|e| MappingError {
            line: line_at(text, e.span().map_or(0, |s| s.start)),
            field: named(e.message()).or_else(|| key_at(text, e.span()?.start)),
            reason: e.message().to_owned(),
        })?;
        let fault = |field: &str, reason: &str| MappingError {
            line: line_of(text, field),
            field: Some(field.to_owned()),
            reason: reason.to_owned(),
        };
        let one = |field: &str, given: Option<String>, default: char| {
            let given = given.unwrap_or_else(|| default.to_string());
            let mut chars = given.chars();
            match (chars.next(), chars.next()) {
                (Some(c), None) => Ok(c),
                _ => Err(fault(field, "it must be one character")),
            }
        };
        if written.source.trim().is_empty() {
            return Err(fault(
                "source",
                "it must name the source: results are told apart by it",
            ));
        }
        let format = written.date_format.ok_or_else(|| {
            fault(
                "date_format",
                "it is missing: without a declared order 01/02/2024 means two days",
            )
        })?;
        let date_format = DateFormat::parse(&format).map_err(|e| fault("date_format", e))?;
        let time_zone = match written.time_zone {
            Some(zone) => dates::zone(&zone)
                .ok_or_else(|| fault("time_zone", "it must be Z or an offset such as +01:00"))?,
            None if written.columns.time_zone.is_some() => "Z".to_owned(),
            None => {
                return Err(fault(
                    "time_zone",
                    "it is missing: an offset such as +01:00, or Z, or a column",
                ));
            }
        };
        let decimal = one("decimal", written.decimal, '.')?;
        if !matches!(decimal, '.' | ',') {
            return Err(fault("decimal", "it must be a point or a comma"));
        }
        let delimiter = u8::try_from(one("delimiter", written.delimiter, ',')?)
            .ok()
            .filter(|b| b.is_ascii() && !b.is_ascii_alphanumeric() && *b != b'"')
            .ok_or_else(|| fault("delimiter", "it must be an ASCII sign other than the quote"))?;
        let status =
            match &written.status {
                Some(word) => Some(status(word).ok_or_else(|| {
                    fault("status", "it is no status such as final or preliminary")
                })?),
                None => None,
            };
        if status.is_none() && written.columns.status.is_none() {
            return Err(fault(
                "status",
                "neither a column nor a word for all rows says how far the results are",
            ));
        }
        if written.columns.code.is_none() && written.columns.display.is_none() {
            return Err(fault("code", "neither code nor display names a column"));
        }
        let encoding = match written.encoding.as_deref() {
            None => encoding_rs::UTF_8,
            Some(label) => encoding_rs::Encoding::for_label(label.as_bytes())
                .filter(|e| e.is_ascii_compatible())
                .ok_or_else(|| fault("encoding", "it is no character set that is read here"))?,
        };
        for (name, code) in &written.codes {
            if !crate::fhir::datatypes::is_loinc(code) {
                return Err(fault(
                    name,
                    "it is mapped to what is no LOINC code (form or check digit)",
                ));
            }
        }
        let mut statuses = BTreeMap::new();
        for (word, meaning) in &written.statuses {
            let meaning = self::status(meaning)
                .ok_or_else(|| fault(word, "it is mapped to what is no status"))?;
            statuses.insert(word.trim().to_lowercase(), meaning);
        }
        Ok(Self {
            source: written.source,
            issuer: written.issuer,
            identifier_type: written.identifier_type,
            code_system: written.code_system,
            category: written.category.unwrap_or_else(|| "laboratory".to_owned()),
            status,
            date_format,
            time_zone,
            decimal,
            delimiter,
            encoding,
            columns: written.columns,
            codes: written
                .codes
                .into_iter()
                .map(|(name, code)| (name.trim().to_lowercase(), code))
                .collect(),
            statuses,
        })
    }
}

/// FHIR words and HL7 letters.
pub(super) fn status(word: &str) -> Option<Status> {
    Some(match word.trim().to_lowercase().as_str() {
        "final" | "f" => Status::Final,
        "amended" => Status::Amended,
        "corrected" | "c" => Status::Corrected,
        "appended" => Status::Appended,
        "preliminary" | "partial" | "p" => Status::Preliminary,
        "registered" | "i" | "o" => Status::Registered,
        "cancelled" | "canceled" | "x" => Status::Cancelled,
        "entered-in-error" | "d" | "w" => Status::EnteredInError,
        "unknown" | "n" => Status::Unknown,
        _ => return None,
    })
}

/// The field that is unknown or missing, between backquotes.
fn named(message: &str) -> Option<String> {
    let about = message.contains("field `");
    message
        .split('`')
        .nth(1)
        .filter(|_| about)
        .map(str::to_owned)
}

/// The key of the line that holds this byte.
fn key_at(text: &str, byte: usize) -> Option<String> {
    let start = text.get(..byte)?.rfind('\n').map_or(0, |i| i + 1);
    let (key, _) = text.get(start..)?.lines().next()?.split_once('=')?;
    Some(key.trim().trim_matches(['"', '\'']).to_owned())
}

/// Line of the field's key; 1 where it is missing.
fn line_of(text: &str, field: &str) -> u64 {
    let is_key = |line: &str| {
        let key = line.split('=').next().unwrap_or_default().trim();
        line.contains('=') && (key == field || key.trim_matches(['"', '\'']) == field)
    };
    text.lines().position(is_key).unwrap_or(0) as u64 + 1
}

fn line_at(text: &str, byte: usize) -> u64 {
    let before = text.as_bytes().get(..byte).unwrap_or_default();
    before.iter().filter(|b| **b == b'\n').count() as u64 + 1
}
