//! The sample's story ends on a fixed day; here all of it is moved, so that a demo shows a patient of today.

use anyhow::{Context as _, Result};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::{ToSpan as _, civil::Date};
use serde_json::Value;

/// The day on which the story as written is read.
pub const LAST_DAY: Date = jiff::civil::date(2026, 11, 2);

/// Days from [`LAST_DAY`] to `until`.
pub fn days_to(until: Date) -> Result<i64> {
    let span = until
        .since((jiff::Unit::Day, LAST_DAY))
        .context("the day is out of reach")?;
    Ok(i64::from(span.get_days()))
}

/// A DICOM date (`YYYYMMDD`), moved.
pub fn dicom(date: Date, days: i64) -> String {
    moved(date, days).strftime("%Y%m%d").to_string()
}

fn moved(date: Date, days: i64) -> Date {
    date.saturating_add(days.days())
}

/// Moves every ISO date since 2000 in a record, those inside its attached texts too; the birth date stays.
pub fn shift_record(value: &mut Value, days: i64) -> Result<()> {
    match value {
        Value::String(text) => *text = shift_text(text, days),
        Value::Array(list) => {
            for entry in list {
                shift_record(entry, days)?;
            }
        }
        Value::Object(fields) => {
            for (name, entry) in fields {
                match entry {
                    Value::String(data) if name == "data" => {
                        let text = String::from_utf8(
                            STANDARD
                                .decode(data.as_str())
                                .context("an attachment of the sample")?,
                        )?;
                        *data = STANDARD.encode(shift_text(&text, days));
                    }
                    other => shift_record(other, days)?,
                }
            }
        }
        _ => {}
    }
    Ok(())
}

/// Moves the ISO dates in a text.
fn shift_text(text: &str, days: i64) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after_digit = out.ends_with(|c: char| c.is_ascii_digit() || c == '.');
        let found = rest
            .get(..10)
            .filter(|_| !after_digit)
            .filter(|_| !rest[10..].starts_with(|c: char| c.is_ascii_digit()));
        match found
            .and_then(|day| day.parse::<Date>().ok())
            .filter(|day| day.year() >= 2000)
        {
            Some(day) => {
                out += &moved(day, days).to_string();
                rest = &rest[10..];
            }
            None => {
                out.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_move_together_and_the_birth_date_stays() {
        let mut record = serde_json::json!({
            "birthDate": "1957-03-02",
            "effectiveDateTime": "2026-11-01T08:00:00Z",
            "content": [{ "data": STANDARD.encode("Seen on 2026-10-27, born 1957-03-02. UID 2.25.2026-10-27") }],
        });
        shift_record(&mut record, 20).unwrap();
        assert_eq!(
            (
                record["birthDate"].as_str(),
                record["effectiveDateTime"].as_str()
            ),
            (Some("1957-03-02"), Some("2026-11-21T08:00:00Z"))
        );
        let text = STANDARD
            .decode(record["content"][0]["data"].as_str().unwrap())
            .unwrap();
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "Seen on 2026-11-16, born 1957-03-02. UID 2.25.2026-10-27"
        );
        assert_eq!(days_to(jiff::civil::date(2026, 11, 22)).unwrap(), 20);
    }
}
