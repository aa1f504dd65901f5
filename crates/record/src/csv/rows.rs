//! Rows into facts.

use std::collections::{BTreeMap, HashMap};

use csv::{ByteRecord, ReaderBuilder};
use triptych_clinical::{
    Coding, DocumentHash, Fact, FactId, FactKind, Identifier, Identity, Instant, Origin, Problem,
    Provenance, Quantity, Sex, Status, TextSpan, Value, When,
};

use super::dates;
use super::mapping::{self, CsvMapping};
use crate::Counts;
use crate::codes;
use crate::intake::{Intake, PatientRecord, ReadError, bound_id};
use crate::numbers;
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

/// Numbers of the columns, from 0.
struct Places {
    named: BTreeMap<&'static str, usize>,
}

impl Places {
    fn of(header: &[String], mapping: &CsvMapping) -> Result<Self, String> {
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

struct Rows<'m> {
    mapping: &'m CsvMapping,
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
struct Cells(BTreeMap<&'static str, String>);

impl Cells {
    fn get(&self, field: &str) -> &str {
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

    fn problem(&mut self, row: usize, reason: impl Into<String>) {
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
        fact.codes = codes;
        fact.display = display;
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
        fact.flag = Some(cells.get("flag").to_owned()).filter(|f| !f.is_empty());
        self.value(cells, row, &mut fact);
        Ok(fact)
    }

    fn status(&mut self, cells: &Cells, row: usize) -> Status {
        let word = cells.get("status");
        if word.is_empty() {
            return self.mapping.status.unwrap_or(Status::Unknown);
        }
        let own = self.mapping.statuses.get(&word.to_lowercase()).copied();
        own.or_else(|| mapping::status(word)).unwrap_or_else(|| {
            self.problem(
                row,
                "its status is not known: taken as unknown, name it under [statuses]",
            );
            Status::Unknown
        })
    }

    /// The LOINC code that the mapping gives first, then the source's own.
    fn codes(&mut self, cells: &Cells, row: usize) -> (Vec<Coding>, String) {
        let (code, display) = (cells.get("code"), cells.get("display"));
        let system = Some(cells.get("code_system"))
            .filter(|s| !s.is_empty())
            .unwrap_or(&self.mapping.code_system);
        let mapped = [code, display]
            .iter()
            .filter(|name| !name.is_empty())
            .find_map(|name| self.mapping.codes.get(&name.to_lowercase()));
        let mut codes: Vec<Coding> = mapped
            .and_then(|loinc| codes::coding(loinc, "", "LN"))
            .into_iter()
            .collect();
        codes.extend(codes::coding(code, display, system));
        codes.dedup_by(|a, b| (&a.system, &a.code) == (&b.system, &b.code));
        if codes
            .iter()
            .any(|c| c.system.to_string().ends_with("(not a LOINC code)"))
        {
            self.problem(
                row,
                "its code is not a LOINC code: kept as the source's own",
            );
        }
        let shown = if display.is_empty() { code } else { display };
        (codes, shown.to_owned())
    }

    fn value(&mut self, cells: &Cells, row: usize, fact: &mut Fact) {
        let written = cells.get("value");
        let (comparator, digits) = numbers::comparator(written);
        let unit = Some(cells.get("unit").to_owned()).filter(|u| !u.is_empty());
        match self.number(digits) {
            Some(value) => {
                if unit.is_none() {
                    fact.attrs
                        .insert("unit".to_owned(), "no unit given".to_owned());
                }
                fact.value = Value::Quantity(Quantity {
                    value,
                    written: digits.to_owned(),
                    comparator,
                    unit,
                    unit_text: None,
                });
            }
            None if written.is_empty() => self.problem(row, "it has no value"),
            None => {
                if numbers::is_ambiguous(digits) {
                    let text = "the number can be read in two ways: kept as text, used by no rule";
                    fact.attrs.insert("ambiguous".to_owned(), text.to_owned());
                    self.problem(
                        row,
                        "a number with another decimal mark than declared: kept as text",
                    );
                }
                if let Some(unit) = unit {
                    fact.attrs.insert("text_unit".to_owned(), unit);
                }
                fact.value = Value::Text(written.to_owned());
            }
        }
        let range = cells.get("range");
        // Limits are read with the point; with a decimal comma a range of commas alone is turned.
        let plain = if self.mapping.decimal == ',' && !range.contains('.') {
            range.replace(',', ".")
        } else {
            range.to_owned()
        };
        let (reference, wrong) = numbers::range(&plain);
        fact.reference = reference.map(|mut r| {
            r.text = Some(range.to_owned());
            r
        });
        if let Some(wrong) = wrong {
            self.problem(row, wrong);
        }
    }

    /// A number with the declared decimal mark; with a mark for thousands it is none.
    fn number(&self, text: &str) -> Option<f64> {
        match self.mapping.decimal {
            ',' if text.contains('.') => None,
            ',' => numbers::decimal(&text.replacen(',', ".", 1)),
            _ => numbers::decimal(text),
        }
    }

    fn blank(&self, record: &ByteRecord, row: usize) -> Fact {
        let column = self.columns.named.get("value").copied().unwrap_or(0);
        let start = record
            .position()
            .and_then(|p| usize::try_from(p.byte()).ok())
            .unwrap_or(0);
        let (from, to) = raw_cell(self.body, start, self.mapping.delimiter, column);
        Fact {
            id: FactId([0; 32]),
            version: 1,
            kind: FactKind::Observation,
            codes: Vec::new(),
            display: String::new(),
            value: Value::None,
            effective: None,
            end: None,
            available: When::at(self.received),
            received: self.received,
            status: Status::Unknown,
            reference: None,
            flag: None,
            specimen_flags: Vec::new(),
            method: None,
            category: vec![self.mapping.category.clone()],
            text: None,
            attrs: BTreeMap::new(),
            origin: Origin::Structured,
            confirmed: None,
            provenance: Provenance {
                document: self.document,
                path: format!("{row}:{}", column + 1),
                span: Some(TextSpan {
                    start: (self.skipped + from) as u64,
                    end: (self.skipped + to) as u64,
                }),
            },
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

/// Where the raw text of a cell stands in the record that begins at `start` or at the line ends before it, its quotes left out.
fn raw_cell(body: &[u8], start: usize, delimiter: u8, column: usize) -> (usize, usize) {
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
