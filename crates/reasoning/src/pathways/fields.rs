//! Reading tables of a pack: each field with its place, each error reported, nothing stops at the first.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{Report, did_you_mean};
use super::expr::{Expr, ExprError, Names, Type, check, parse};
use super::pack::duration_days;

/// A table with its path, for messages.
pub(super) struct Fields<'d, 't> {
    table: &'d DeTable<'t>,
    span: Range<usize>,
    pub path: String,
}

/// Words that tell instead of offering (P010).
const COMMANDS: [&str; 7] = [
    "must",
    "immediately",
    "urgent",
    "best",
    "recommended",
    "first choice",
    "stop now",
];

impl<'d, 't> Fields<'d, 't> {
    pub fn new(table: &'d DeTable<'t>, span: Range<usize>, path: impl Into<String>) -> Self {
        Self {
            table,
            span,
            path: path.into(),
        }
    }

    /// The table for serde, with its place in errors.
    pub fn value(&self) -> toml::de::ValueDeserializer<'t> {
        Spanned::new(self.span.clone(), DeValue::Table(self.table.clone())).into()
    }

    pub fn span(&self) -> Option<Range<usize>> {
        Some(self.span.clone())
    }

    pub fn field(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    /// Reports fields that the schema does not have (P002).
    pub fn only(&self, known: &[&str], report: &mut Report<'_>) {
        for key in self.table.keys() {
            let name = key.get_ref().as_ref();
            if known.contains(&name) {
                continue;
            }
            let hint = did_you_mean(name, known)
                .map_or_else(String::new, |k| format!(", did you mean {k:?}?"));
            report.error(
                "P002",
                Some(key.span()),
                &self.field(name),
                format!("unknown field {name:?}{hint}"),
            );
        }
    }

    fn get(&self, name: &str) -> Option<&'d Spanned<DeValue<'t>>> {
        self.table.get(name)
    }

    pub fn place(&self, name: &str) -> Option<Range<usize>> {
        self.get(name).map(Spanned::span).or_else(|| self.span())
    }

    fn wrong_type(
        &self,
        name: &str,
        value: &Spanned<DeValue<'_>>,
        wanted: &str,
        report: &mut Report<'_>,
    ) {
        let got = value.get_ref().type_str();
        report.error(
            "P004",
            Some(value.span()),
            &self.field(name),
            format!("expected {wanted}, found {got}"),
        );
    }

    /// An optional text of at most `most` characters.
    pub fn optional(&self, name: &str, most: usize, report: &mut Report<'_>) -> Option<String> {
        let value = self.get(name)?;
        let Some(text) = value.get_ref().as_str() else {
            self.wrong_type(name, value, "a string", report);
            return None;
        };
        let length = text.chars().count();
        if length > most {
            report.error(
                "P011",
                Some(value.span()),
                &self.field(name),
                format!("{length} characters, at most {most}"),
            );
        }
        Some(text.to_owned())
    }

    /// A required text.
    pub fn text(&self, name: &str, most: usize, report: &mut Report<'_>) -> String {
        if self.get(name).is_none() {
            report.error(
                "P003",
                self.span(),
                &self.field(name),
                format!("field {name:?} is missing"),
            );
        }
        self.optional(name, most, report).unwrap_or_default()
    }

    /// A required text that a reader sees: no commands, no ranking (P010).
    pub fn wording(&self, name: &str, most: usize, report: &mut Report<'_>) -> String {
        let text = self.text(name, most, report);
        let padded: String = format!(" {} ", text.to_lowercase())
            .chars()
            .map(|c| if c.is_alphanumeric() { c } else { ' ' })
            .collect();
        for word in COMMANDS {
            if padded.contains(&format!(" {word} ")) {
                report.error(
                    "P010",
                    self.place(name),
                    &self.field(name),
                    format!("{word:?} commands or ranks; an option is offered"),
                );
            }
        }
        text
    }

    /// One of a list of words.
    pub fn choice(&self, name: &str, allowed: &[&str], report: &mut Report<'_>) -> String {
        let text = self.text(name, 40, report);
        if !text.is_empty() && !allowed.contains(&text.as_str()) {
            report.error(
                "P004",
                self.place(name),
                &self.field(name),
                format!("{text:?} is none of {}", allowed.join(", ")),
            );
        }
        text
    }

    pub fn integer(&self, name: &str, report: &mut Report<'_>) -> Option<i64> {
        let Some(value) = self.get(name) else {
            report.error(
                "P003",
                self.span(),
                &self.field(name),
                format!("field {name:?} is missing"),
            );
            return None;
        };
        let number = value
            .get_ref()
            .as_integer()
            .and_then(|i| i64::from_str_radix(i.as_str(), i.radix()).ok());
        if number.is_none() {
            self.wrong_type(name, value, "an integer", report);
        }
        number
    }

    /// A local date as ISO text.
    pub fn date(&self, name: &str, report: &mut Report<'_>) -> String {
        let Some(value) = self.get(name) else {
            report.error(
                "P003",
                self.span(),
                &self.field(name),
                format!("field {name:?} is missing"),
            );
            return String::new();
        };
        match value.get_ref().as_datetime() {
            Some(date) if date.time.is_none() && date.date.is_some() => date.to_string(),
            _ => {
                self.wrong_type(name, value, "a date such as 2027-03-01", report);
                String::new()
            }
        }
    }

    /// `180d` in days. Absent is an error when `required`.
    pub fn duration(&self, name: &str, required: bool, report: &mut Report<'_>) -> Option<f64> {
        let text = if required {
            self.text(name, 12, report)
        } else {
            self.optional(name, 12, report)?
        };
        let days = duration_days(&text);
        if days.is_none() && !text.is_empty() {
            report.error(
                "P004",
                self.place(name),
                &self.field(name),
                format!("{text:?} is no duration such as 180d, 4w or 5y"),
            );
        }
        days
    }

    /// A required list of texts, at least one.
    pub fn texts(&self, name: &str, report: &mut Report<'_>) -> Vec<String> {
        let Some(value) = self.get(name) else {
            report.error(
                "P003",
                self.span(),
                &self.field(name),
                format!("field {name:?} is missing"),
            );
            return Vec::new();
        };
        if value.get_ref().as_array().is_some_and(|a| a.is_empty()) {
            report.error(
                "P003",
                Some(value.span()),
                &self.field(name),
                format!("{name:?} names nothing"),
            );
        }
        let items = value.get_ref().as_array().map(|array| {
            array
                .iter()
                .map(|v| v.get_ref().as_str().map(str::to_owned))
                .collect::<Option<Vec<_>>>()
        });
        match items.flatten() {
            Some(items) => items,
            None => {
                self.wrong_type(name, value, "a list of strings", report);
                Vec::new()
            }
        }
    }

    /// A sub-table.
    pub fn table(
        &self,
        name: &str,
        required: bool,
        report: &mut Report<'_>,
    ) -> Option<Fields<'d, 't>> {
        let Some(value) = self.get(name) else {
            if required {
                report.error(
                    "P003",
                    self.span(),
                    &self.field(name),
                    format!("table {name:?} is missing"),
                );
            }
            return None;
        };
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_type(name, value, "a table", report);
            return None;
        };
        Some(Fields::new(table, value.span(), self.field(name)))
    }

    /// An array of tables; absent is empty.
    pub fn tables(&self, name: &str, report: &mut Report<'_>) -> Vec<Fields<'d, 't>> {
        let Some(value) = self.get(name) else {
            return Vec::new();
        };
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_type(name, value, "an array of tables", report);
            return Vec::new();
        };
        let mut tables = Vec::new();
        for (i, item) in array.iter().enumerate() {
            match item.get_ref().as_table() {
                Some(table) => tables.push(Fields::new(
                    table,
                    item.span(),
                    format!("{}[{i}]", self.field(name)),
                )),
                None => self.wrong_type(name, item, "a table", report),
            }
        }
        tables
    }

    /// A required expression of type bool3. Errors point into the expression.
    pub fn expression(&self, name: &str, names: &dyn Names, report: &mut Report<'_>) -> Expr {
        let never = Expr {
            at: 0,
            node: super::expr::Node::Bool(false),
        };
        let text = self.text(name, 4000, report);
        if text.is_empty() {
            return never;
        }
        let mut fail = |e: ExprError| {
            let at = self.place(name).map(|span| {
                let quote = report.text().get(span.clone()).map_or(1, |t| {
                    if t.starts_with("'''") || t.starts_with("\"\"\"") {
                        // A line break right after the quotation marks is not part of the text.
                        if t.as_bytes().get(3) == Some(&b'\n') {
                            4
                        } else {
                            3
                        }
                    } else {
                        1
                    }
                });
                let start = span.start + quote + e.at;
                start..start
            });
            let message = if e.code == "P006" {
                format!("{} {}", quoted(&text, e.at), e.message)
            } else {
                e.message
            };
            report.error(e.code, at, &self.field(name), message);
        };
        let expr = match parse(&text) {
            Ok(expr) => expr,
            Err(e) => {
                fail(e);
                return never;
            }
        };
        match check(&expr, names) {
            Ok(Type::Bool | Type::Any) => {}
            Ok(_) => fail(ExprError {
                code: "P006",
                at: 0,
                message: "is neither true nor false".to_owned(),
            }),
            Err(errors) => errors.into_iter().for_each(&mut fail),
        }
        expr
    }
}

/// The part of an expression from `at` on, in quotation marks, cut where it grows long.
fn quoted(text: &str, at: usize) -> String {
    let part: String = text.get(at..).unwrap_or(text).chars().take(60).collect();
    let more = if text.get(at..).is_some_and(|t| t.len() > part.len()) {
        "…"
    } else {
        ""
    };
    format!("{part:?}{more}")
}

/// Reports names that an array of tables gives twice (P004): citations, decisions and answers go by them.
pub(super) fn once<'n>(
    parent: &Fields<'_, '_>,
    tables: &str,
    name: &str,
    given: impl Iterator<Item = &'n String>,
    report: &mut Report<'_>,
) {
    let mut seen = std::collections::BTreeSet::new();
    for (i, word) in given.enumerate() {
        if word.is_empty() || seen.insert(word) {
            continue;
        }
        let field = format!("{}[{i}].{name}", parent.field(tables));
        let place = parent
            .get(tables)
            .and_then(|v| v.get_ref().as_array())
            .and_then(|a| a.get(i))
            .map(Spanned::span);
        report.error("P004", place, &field, format!("{word:?} is given twice"));
    }
}
