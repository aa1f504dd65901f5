//! Tokens by longest match; blanks between them are optional.

use super::{ExprError, days_of};

/// A token with its byte offset.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub at: usize,
    pub kind: Kind,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Number(f64, Option<String>),
    Duration(f64),
    Text(String),
    /// A name or a reserved word.
    Word(String),
    /// Operator or bracket.
    Sign(&'static str),
}

const SIGNS: [&str; 16] = [
    "<=", ">=", "==", "!=", "<", ">", "+", "-", "*", "/", "(", ")", "[", "]", ",", "=",
];

/// Splits an expression into tokens.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, ExprError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|r| !r.is_empty()) {
        let first = rest.chars().next().unwrap_or(' ');
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (kind, length) = if first.is_ascii_digit() {
            number(rest, at)?
        } else if first.is_ascii_alphabetic() {
            let length = rest
                .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'))
                .unwrap_or(rest.len());
            (
                Kind::Word(rest.get(..length).unwrap_or("").to_owned()),
                length,
            )
        } else if first == '"' {
            let body = rest.get(1..).unwrap_or("");
            let end = body
                .find(|c: char| c == '"' || c.is_control())
                .filter(|end| body.get(*end..).is_some_and(|b| b.starts_with('"')))
                .ok_or_else(|| {
                    ExprError::new("P005", at, "the text has no closing quotation mark")
                })?;
            (
                Kind::Text(body.get(..end).unwrap_or("").to_owned()),
                end + 2,
            )
        } else if let Some(sign) = SIGNS.iter().find(|s| rest.starts_with(**s)) {
            (Kind::Sign(sign), sign.len())
        } else if first == '`' {
            return Err(ExprError::new(
                "P005",
                at,
                "a unit stands directly after its number",
            ));
        } else {
            return Err(ExprError::new(
                "P005",
                at,
                format!("{first:?} has no meaning here"),
            ));
        };
        tokens.push(Token { at, kind });
        at += length;
    }
    Ok(tokens)
}

/// A number, with its unit in backticks or as a duration.
fn number(rest: &str, at: usize) -> Result<(Kind, usize), ExprError> {
    let digits = |from: usize| {
        rest.get(from..).map_or(from, |r| {
            from + r.find(|c: char| !c.is_ascii_digit()).unwrap_or(r.len())
        })
    };
    let mut length = digits(0);
    if rest.get(length..).is_some_and(|r| r.starts_with('.')) {
        let fraction = digits(length + 1);
        if fraction == length + 1 {
            return Err(ExprError::new(
                "P005",
                at + length,
                "a digit is missing after the decimal point",
            ));
        }
        length = fraction;
    }
    let value: f64 = rest
        .get(..length)
        .and_then(|n| n.parse().ok())
        .ok_or_else(|| ExprError::new("P005", at, "not a number"))?;
    let after = rest.get(length..).unwrap_or("");
    if let Some(unit) = after.strip_prefix('`') {
        let end = unit.find('`').ok_or_else(|| {
            ExprError::new("P005", at + length, "the unit has no closing backtick")
        })?;
        let unit = unit.get(..end).unwrap_or("").to_owned();
        return Ok((Kind::Number(value, Some(unit)), length + end + 2));
    }
    let letters = after
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(after.len());
    if letters > 0 {
        let word = after.get(..letters).unwrap_or("");
        let days = days_of(value, word).ok_or_else(|| {
            ExprError::new(
                "P005",
                at + length,
                format!("{word:?} is no duration (h, d, w, mo, y); other units stand in backticks"),
            )
        })?;
        return Ok((Kind::Duration(days), length + letters));
    }
    Ok((Kind::Number(value, None), length))
}
