//! Dates in the order that a mapping declares.

use triptych_clinical::When;

/// A declared form of dates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DateFormat {
    /// `2024-02-01`, `2024-02-01T08:15:00+01:00`, with a blank for the `T` too.
    Iso,
    /// `YYYY`, `MM`, `DD`, `hh`, `mm`, `ss` between other signs.
    Pattern(String),
}

const TOKENS: [&str; 6] = ["YYYY", "MM", "DD", "hh", "mm", "ss"];

impl DateFormat {
    /// # Errors
    /// What is wrong with the declaration.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.eq_ignore_ascii_case("iso") {
            return Ok(Self::Iso);
        }
        if ["YYYY", "MM", "DD"]
            .iter()
            .any(|t| text.matches(t).count() != 1)
        {
            return Err(
                "it must be \"ISO\" or hold YYYY, MM and DD once each, such as \"DD/MM/YYYY hh:mm\"",
            );
        }
        let rest = TOKENS
            .iter()
            .fold(text.to_owned(), |t, token| t.replacen(token, "", 1));
        if rest.chars().any(char::is_alphanumeric) {
            return Err("beside YYYY, MM, DD, hh, mm and ss it may hold signs only");
        }
        Ok(Self::Pattern(text.to_owned()))
    }

    /// The time that `text` names, in `zone` (`+01:00`, `Z`) where it says none itself; `None` where it is not of this form or no real time.
    pub fn read(&self, text: &str, zone: &str) -> Option<When> {
        let text = text.trim();
        match self {
            Self::Iso => iso(text, zone),
            Self::Pattern(pattern) => {
                let [year, month, day, hour, minute, second] = fields(pattern, text)?;
                let date = format!("{}-{:0>2}-{:0>2}", year?, month?, day?);
                match hour {
                    None => When::parse(&date).ok(),
                    Some(hour) => {
                        let or_zero = |t: Option<String>| t.unwrap_or_else(|| "00".to_owned());
                        let (minute, second) = (or_zero(minute), or_zero(second));
                        When::parse(&format!(
                            "{date}T{hour:0>2}:{minute:0>2}:{second:0>2}{zone}"
                        ))
                        .ok()
                    }
                }
            }
        }
    }
}

fn iso(text: &str, zone: &str) -> Option<When> {
    let text = text.replacen(' ', "T", 1);
    let time = text.split_once('T').map(|(_, time)| time);
    let zoned = time.is_some_and(|t| t.contains(['+', '-']) || t.ends_with(['Z', 'z']));
    let seconds = match time {
        // Minutes only.
        Some(t) if t.len() == 5 => ":00",
        _ => "",
    };
    let zone = if time.is_some() && !zoned { zone } else { "" };
    When::parse(&format!("{text}{seconds}{zone}")).ok()
}

/// The digits of each token. The time of day may be missing as a whole.
fn fields(pattern: &str, text: &str) -> Option<[Option<String>; 6]> {
    let mut found: [Option<String>; 6] = Default::default();
    let (mut pattern, mut rest) = (pattern, text);
    while !pattern.is_empty() {
        if rest.is_empty() {
            // Only a whole date may stand without its time of day.
            return found.iter().take(3).all(Option::is_some).then_some(found);
        }
        let token = TOKENS
            .iter()
            .enumerate()
            .find(|(_, t)| pattern.starts_with(**t));
        if let Some((n, token)) = token {
            let longest = token.len();
            let digits = rest
                .bytes()
                .take(longest)
                .take_while(u8::is_ascii_digit)
                .count();
            // Two digits may be one where a sign follows: 5/3/2024.
            if digits == 0 || (longest == 4 && digits != 4) {
                return None;
            }
            *found.get_mut(n)? = Some(rest.get(..digits)?.to_owned());
            rest = rest.get(digits..)?;
            pattern = pattern.get(longest..)?;
        } else {
            let sign = pattern.chars().next()?;
            rest = rest.strip_prefix(sign)?;
            pattern = pattern.get(sign.len_utf8()..)?;
        }
    }
    rest.is_empty().then_some(found)
}

/// `Z` or `+hh:mm`, as a suffix of RFC 3339.
pub(super) fn zone(text: &str) -> Option<String> {
    let text = text.trim();
    if matches!(text, "Z" | "z" | "UTC") {
        return Some("Z".to_owned());
    }
    let digits: String = text.get(1..)?.chars().filter(|c| *c != ':').collect();
    let sign = text.get(..1).filter(|s| matches!(*s, "+" | "-"))?;
    let valid = digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit());
    let (hours, minutes) = (digits.get(..2)?, digits.get(2..)?);
    (valid && hours <= "14" && minutes <= "59").then(|| format!("{sign}{hours}:{minutes}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_in_its_declared_order_only() {
        let read = |format, text| {
            DateFormat::parse(format)
                .unwrap()
                .read(text, "+01:00")
                .map(|w| w.to_string())
        };
        assert_eq!(
            read("DD/MM/YYYY", "01/02/2024").as_deref(),
            Some("2024-02-01")
        );
        assert_eq!(
            read("MM/DD/YYYY", "01/02/2024").as_deref(),
            Some("2024-01-02")
        );
        assert_eq!(
            read("DD.MM.YYYY hh:mm", "5.3.2024 07:15").as_deref(),
            Some("2024-03-05 07:15")
        );
        assert_eq!(
            read("DD.MM.YYYY hh:mm", "05.03.2024").as_deref(),
            Some("2024-03-05")
        );
        assert_eq!(
            read("ISO", "2024-03-05 07:15").as_deref(),
            Some("2024-03-05 07:15")
        );
        assert_eq!(
            read("ISO", "2024-03-05T07:15:00Z").as_deref(),
            Some("2024-03-05 07:15")
        );
        for (format, text) in [
            ("ISO", "01/02/2024"),
            ("DD/MM/YYYY", "13/13/2024"),
            ("DD/MM/YYYY", "2024-01-02"),
            ("DD/MM/YYYY hh:mm", "01/02/2024 x"),
        ] {
            assert_eq!(read(format, text), None, "{format} {text}");
        }
        assert!(DateFormat::parse("dd/mm/yy").is_err() && DateFormat::parse("YYYY-MM").is_err());
        assert_eq!(zone("+0530").as_deref(), Some("+05:30"));
        assert_eq!(zone("Europe/Berlin"), None);
    }
}
