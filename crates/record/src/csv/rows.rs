//! Rows into facts.

use std::collections::{BTreeMap, HashMap};

use csv::{ByteRecord, ReaderBuilder};
use triptych_clinical::{
    DocumentHash, Fact, FactId, FactKind, Identifier, Identity, Instant, Problem, Provenance, Sex,
    Status, TextSpan, When,
};

use super::dates;
use super::mapping::CsvMapping;
use super::places::{Places, raw_cell};
use crate::Counts;
use crate::intake::{Intake, PatientRecord, ReadError, bound_id};
use crate::versions::{self, Made};

/// More rows than a file may have here: a larger one is to be split.
const MOST_ROWS: usize = 250_000;
/// Rows that are named in the quarantine; the others are counted.
const MOST_PROBLEMS: usize = 20_000;

/// Reads a CSV file of observations that came at `received`, as `mapping` says. A bad row is named in the result and stops no other.
///
/// # Errors
/// [`ReadError`] when the file as a whole is refused: wrong character set, a column of the mapping that the header lacks, or too many rows.
pub fn read_csv(
    bytes: &[u8],
    mapping: &CsvMapping,
    received: Instant,
) -> Result<Intake, ReadError> {
    let body = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(ReadError::Empty);
    }
    let mut reader = ReaderBuilder::new()
        .delimiter(mapping.delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(body);
    let fault = |line: u64, reason: String| ReadError::Csv { reason, line };
    let mut record = ByteRecord::new();
    reader
        .read_byte_record(&mut record)
        .map_err(|e| fault(1, e.to_string()))?;
    let header: Vec<String> = record
        .iter()
        .map(|cell| text(cell, mapping).map(|t| t.trim().to_owned()))
        .collect::<Option<_>>()
        .ok_or_else(|| {
            fault(
                1,
                "the header is not text in the declared encoding".to_owned(),
            )
        })?;
    let columns = Places::of(&header, mapping).map_err(|reason| fault(1, reason))?;
    let mut rows = Rows {
        mapping,
        columns,
        header: header.len(),
        body,
        skipped: bytes.len() - body.len(),
        document: DocumentHash::of(bytes),
        received,
        people: Vec::new(),
        known: HashMap::new(),
        problems: Vec::new(),
        quarantined: Vec::new(),
        unnamed: 0,
    };
    let mut number = 1usize;
    while reader
        .read_byte_record(&mut record)
        .map_err(|e| fault(number as u64 + 1, e.to_string()))?
    {
        number += 1;
        if number > MOST_ROWS {
            return Err(fault(
                number as u64,
                "too many rows in one file: split it".to_owned(),
            ));
        }
        if record.iter().any(|cell| !cell.is_empty())
            && let Err(reason) = rows.row(&record, number)
        {
            rows.quarantine(number, reason);
        }
    }
    Ok(rows.finish(number - 1))
}

fn text(cell: &[u8], mapping: &CsvMapping) -> Option<String> {
    let text = mapping
        .encoding
        .decode_without_bom_handling_and_without_replacement(cell)?;
    Some(text.into_owned())
}

pub(super) struct Rows<'m> {
    pub(super) mapping: &'m CsvMapping,
    columns: Places,
    header: usize,
    body: &'m [u8],
    /// Bytes of the byte order mark.
    skipped: usize,
    document: DocumentHash,
    received: Instant,
    people: Vec<(Identity, Vec<Made>)>,
    known: HashMap<Identifier, usize>,
    problems: Vec<Problem>,
    quarantined: Vec<Problem>,
    unnamed: usize,
}

/// The cells of one row by field.
pub(super) struct Cells(BTreeMap<&'static str, String>);

impl Cells {
    pub(super) fn get(&self, field: &str) -> &str {
        self.0.get(field).map(|t| t.trim()).unwrap_or_default()
    }
}

impl Rows<'_> {
    fn quarantine(&mut self, row: usize, reason: impl Into<String>) {
        if self.quarantined.len() < MOST_PROBLEMS {
            self.quarantined.push(Problem {
                place: format!("row {row}"),
                reason: reason.into(),
            });
        } else {
            self.unnamed += 1;
        }
    }

    pub(super) fn problem(&mut self, row: usize, reason: impl Into<String>) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(Problem {
                place: format!("row {row}"),
                reason: reason.into(),
            });
        } else {
            self.unnamed += 1;
        }
    }

    fn row(&mut self, record: &ByteRecord, row: usize) -> Result<(), String> {
        if record.len() != self.header {
            return Err(format!(
                "it has {} cells, the header has {}",
                record.len(),
                self.header
            ));
        }
        let mut cells = Cells(BTreeMap::new());
        for (field, column) in &self.columns.named {
            let cell = record.get(*column).unwrap_or_default();
            let text = text(cell, self.mapping)
                .ok_or_else(|| format!("{field} is not text in the declared encoding"))?;
            cells.0.insert(field, text);
        }
        let identity = self.identity(&cells)?;
        let fact = self.fact(&cells, &identity, record, row)?;
        let version = cells.get("version").to_owned();
        let sent = version.parse::<i64>().ok().or_else(|| {
            let time = self
                .mapping
                .date_format
                .read(&version, &self.mapping.time_zone)?;
            Some(time.instant.0)
        });
        let made = Made {
            fact,
            sent: sent.unwrap_or(0),
            control_id: if sent.is_some() {
                String::new()
            } else {
                version
            },
        };
        self.file(identity, made)
    }

    fn file(&mut self, identity: Identity, made: Made) -> Result<(), String> {
        let key = identity.identifiers.first().cloned().ok_or("no patient")?;
        let number = *self.known.entry(key).or_insert_with(|| {
            self.people.push((identity.clone(), Vec::new()));
            self.people.len() - 1
        });
        let (known, facts) = self.people.get_mut(number).ok_or("no patient")?;
        let differs =
            |a: Option<When>, b: Option<When>| matches!((a, b), (Some(a), Some(b)) if a != b);
        let sexes =
            known.sex != Sex::Unknown && identity.sex != Sex::Unknown && known.sex != identity.sex;
        if differs(known.birth_date, identity.birth_date)
            || (sexes && known.family != identity.family)
        {
            return Err("the same patient with another birth date, or another name and sex (identifier reuse?)".to_owned());
        }
        facts.push(made);
        Ok(())
    }

    fn identity(&self, cells: &Cells) -> Result<Identity, String> {
        let value = cells.get("patient");
        if value.is_empty() {
            return Err("no patient".to_owned());
        }
        let issuer = Some(cells.get("issuer"))
            .filter(|i| !i.is_empty())
            .unwrap_or(&self.mapping.issuer);
        let birth = cells.get("birth_date");
        let birth_date = self.mapping.date_format.read(birth, "Z");
        if birth_date.is_none() && !birth.is_empty() {
            return Err("birth_date is no date of the declared form".to_owned());
        }
        Ok(Identity {
            identifiers: vec![Identifier {
                issuer: issuer.to_owned(),
                kind: self.mapping.identifier_type.clone(),
                value: value.to_owned(),
            }],
            family: cells.get("family").to_owned(),
            given: cells.get("given").to_owned(),
            birth_date,
            sex: match cells.get("sex").to_lowercase().as_str() {
                "f" | "female" => Sex::Female,
                "m" | "male" => Sex::Male,
                "" | "u" | "unknown" => Sex::Unknown,
                _ => Sex::Other,
            },
            ..Identity::default()
        })
    }

    fn fact(
        &mut self,
        cells: &Cells,
        identity: &Identity,
        record: &ByteRecord,
        row: usize,
    ) -> Result<Fact, String> {
        let (codes, display) = self.codes(cells, row);
        if display.is_empty() {
            return Err("neither code nor name says what was measured".to_owned());
        }
        let zone = match cells.get("time_zone") {
            "" => self.mapping.time_zone.clone(),
            zone => dates::zone(zone).ok_or("time_zone is no offset such as +01:00")?,
        };
        let time = |field: &str| match cells.get(field) {
            "" => Ok(None),
            text => match self.mapping.date_format.read(text, &zone) {
                Some(time) => Ok(Some(time)),
                None => Err(format!("{field} is no date of the declared form")),
            },
        };
        let effective = time("time")?.ok_or("it has no time")?;
        let available = time("available")?;
        let status = self.status(cells, row);
        let id = cells.get("id");
        let local = if id.is_empty() {
            let code = Some(cells.get("code"))
                .filter(|c| !c.is_empty())
                .unwrap_or(&display);
            FactId::of(&[
                "csv",
                &self.mapping.source,
                code,
                &effective.instant.to_string(),
            ])
        } else {
            FactId::of(&["csv", &self.mapping.source, "id", id])
        };
        let mut fact = self.blank(record, row);
        fact.id = bound_id(identity, local);
        fact.codes = codes.into();
        fact.display = display.into();
        fact.effective = Some(effective);
        fact.status = status;
        if let Some(time) = available {
            fact.available = time;
        } else {
            fact.available = When::at(effective.instant.plus_days(1));
            let text = "assumed from the time of collection".to_owned();
            fact.attrs.insert("available".to_owned(), text);
        }
        if effective.instant > self.received {
            fact.attrs.insert("future".to_owned(), "yes".to_owned());
            self.problem(row, "its time lies in the future");
        }
        for name in ["specimen", "comment"] {
            if !cells.get(name).is_empty() {
                fact.attrs
                    .insert(name.to_owned(), cells.get(name).to_owned());
            }
        }
        fact.flag = Some(cells.get("flag").to_owned())
            .filter(|f| !f.is_empty())
            .map(Into::into);
        self.value(cells, row, &mut fact);
        Ok(fact)
    }

    fn blank(&self, record: &ByteRecord, row: usize) -> Fact {
        let column = self.columns.named.get("value").copied().unwrap_or(0);
        let start = record
            .position()
            .and_then(|p| usize::try_from(p.byte()).ok())
            .unwrap_or(0);
        let (from, to) = raw_cell(self.body, start, self.mapping.delimiter, column);
        let span = TextSpan {
            start: (self.skipped + from) as u64,
            end: (self.skipped + to) as u64,
        };
        let path = format!("{row}:{}", column + 1);
        let place = Provenance::new(self.document, path, Some(span));
        Fact {
            status: Status::Unknown,
            category: vec![self.mapping.category.clone()].into(),
            ..Fact::new(FactId([0; 32]), FactKind::Observation, self.received, place)
        }
    }

    fn finish(mut self, rows: usize) -> Intake {
        if self.unnamed > 0 {
            self.problems.push(Problem {
                place: "document".to_owned(),
                reason: format!("{} more problems are not named", self.unnamed),
            });
        }
        let mut quarantined = self.quarantined;
        let patients = self
            .people
            .into_iter()
            .map(|(identity, made)| PatientRecord {
                identity: Some(identity),
                source_id: String::new(),
                facts: versions::number(made, &mut quarantined),
                counts: Counts::default(),
            })
            .collect();
        Intake {
            document: self.document,
            format: format!("CSV, {rows} rows"),
            patients,
            problems: self.problems,
            quarantined,
            not_understood: BTreeMap::new(),
            counts: Counts::default(),
            identity_tasks: Vec::new(),
        }
    }
}
