//! HL7 DTM and TS: `YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ]`. HL7 v2 chapter 2A.

use triptych_clinical::When;

/// The time that `text` names; `None` for the empty and the null value. A time of day without offset has that of the message, else UTC.
///
/// # Errors
/// When the text names no real time.
pub(super) fn when(text: &str, offset_minutes: Option<i16>) -> Result<Option<When>, NoTime> {
    let text = text.trim();
    if text.is_empty() || text == super::segments::NULL {
        return Ok(None);
    }
    if !text.is_ascii() {
        return Err(NoTime);
    }
    let zone_at = text.find(['+', '-']).unwrap_or(text.len());
    let (local, zone) = text.split_at_checked(zone_at).ok_or(NoTime)?;
    let (digits, fraction) = local.split_once('.').unwrap_or((local, ""));
    let numeric = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if !numeric(digits) || !numeric(fraction) || fraction.len() > 9 {
        return Err(NoTime);
    }
    let zone = offset(zone, offset_minutes).ok_or(NoTime)?;
    let part = |range: std::ops::Range<usize>| digits.get(range).unwrap_or_default();
    let date = match digits.len() {
        4 => digits.to_owned(),
        6 => format!("{}-{}", part(0..4), part(4..6)),
        8 | 10 | 12 | 14 => format!("{}-{}-{}", part(0..4), part(4..6), part(6..8)),
        _ => return Err(NoTime),
    };
    if digits.len() <= 8 {
        return When::parse(&date).map(Some).map_err(|_| NoTime);
    }
    let or_zero = |s: &str| if s.is_empty() { "00" } else { s }.to_owned();
    let (minute, second) = (or_zero(part(10..12)), or_zero(part(12..14)));
    let fraction = if fraction.is_empty() {
        String::new()
    } else {
        format!(".{fraction}")
    };
    let text = format!("{date}T{}:{minute}:{second}{fraction}{zone}", part(8..10));
    When::parse(&text).map(Some).map_err(|_| NoTime)
}

/// The offset in the form of RFC 3339.
fn offset(zone: &str, of_message: Option<i16>) -> Option<String> {
    if zone.is_empty() {
        let minutes = of_message.unwrap_or(0);
        let sign = if minutes < 0 { '-' } else { '+' };
        let minutes = minutes.unsigned_abs();
        return Some(format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60));
    }
    let digits = zone.get(1..)?;
    if digits.len() != 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(format!(
        "{}{}:{}",
        zone.get(..1)?,
        digits.get(..2)?,
        digits.get(2..)?
    ))
}

/// A text that is no HL7 time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoTime;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_keeps_its_precision_and_its_offset() {
        let shown = |text, offset| {
            when(text, offset).map(|w| w.map(|w| (w.to_string(), w.instant.to_string())))
        };
        let is = |a: &str, b: &str| Ok(Some((a.to_owned(), b.to_owned())));
        assert_eq!(shown("202402", None), is("2024-02", "2024-02-01T00:00:00Z"));
        assert_eq!(
            shown("20240305", Some(60)),
            is("2024-03-05", "2024-03-05T00:00:00Z")
        );
        assert_eq!(
            shown("20240305071500.1234+0530", None),
            is("2024-03-05 07:15", "2024-03-05T01:45:00.1234Z")
        );
        assert_eq!(
            shown("202403050715", Some(-300)),
            is("2024-03-05 07:15", "2024-03-05T12:15:00Z")
        );
        assert_eq!(
            shown("2024030507", None),
            is("2024-03-05 07:00", "2024-03-05T07:00:00Z")
        );
        assert_eq!(shown("", None), Ok(None));
        for text in [
            "20241332",
            "2024033",
            "yesterday",
            "20240305+5",
            "20240230",
            "20240305256100",
            "２０２４",
        ] {
            assert_eq!(when(text, None), Err(NoTime), "{text}");
        }
    }
}
