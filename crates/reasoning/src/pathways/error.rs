//! What is wrong with a pack: all of it, each with its place. Section 8.4.

use std::fmt;
use std::ops::Range;

/// One error or warning of a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackError {
    /// File as the caller named it.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// `P001` … `P017`, `W101` …
    pub code: &'static str,
    /// What and why.
    pub message: String,
    /// `node[0].option[1].for[0].if`
    pub field: String,
}

impl fmt::Display for PackError {
    /// `file:line:column: code: message (field path)`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            column,
            code,
            message,
            field,
        } = self;
        write!(f, "{file}:{line}:{column}: {code}: {message}")?;
        if field.is_empty() {
            return Ok(());
        }
        write!(f, " ({field})")
    }
}

impl PackError {
    /// The line of the pack's text with a caret under the column, two lines; empty where the text has no such line.
    #[must_use]
    pub fn excerpt(&self, text: &str) -> String {
        let Some(line) = text.lines().nth(self.line.saturating_sub(1)) else {
            return String::new();
        };
        // Tabs stay tabs, so that the caret stands under its character.
        let indent: String = line
            .chars()
            .take(self.column.saturating_sub(1))
            .map(|c| if c == '\t' { c } else { ' ' })
            .collect();
        format!("    {line}\n    {indent}^")
    }
}

/// Gathers errors with their places in one text.
#[derive(Debug)]
pub(super) struct Report<'t> {
    file: &'t str,
    text: &'t str,
    pub errors: Vec<PackError>,
    pub warnings: Vec<PackError>,
}

impl<'t> Report<'t> {
    pub const fn new(file: &'t str, text: &'t str) -> Self {
        Self {
            file,
            text,
            errors: Vec::new(),
            warnings: Vec::new(),
        }
    }

    pub const fn text(&self) -> &'t str {
        self.text
    }

    /// All errors in the order of the file.
    pub fn into_errors(mut self) -> Vec<PackError> {
        self.errors
            .sort_by(|a, b| (a.line, a.column, a.code).cmp(&(b.line, b.column, b.code)));
        self.errors
    }

    /// An error at a byte range of the file, or at its start.
    pub fn error(
        &mut self,
        code: &'static str,
        at: Option<Range<usize>>,
        field: &str,
        message: impl Into<String>,
    ) {
        let error = self.make(code, at, field, message.into());
        self.errors.push(error);
    }

    /// A warning: the pack still loads.
    pub fn warning(
        &mut self,
        code: &'static str,
        at: Option<Range<usize>>,
        field: &str,
        message: impl Into<String>,
    ) {
        let warning = self.make(code, at, field, message.into());
        self.warnings.push(warning);
    }

    fn make(
        &self,
        code: &'static str,
        at: Option<Range<usize>>,
        field: &str,
        message: String,
    ) -> PackError {
        let offset = at.map_or(0, |r| r.start).min(self.text.len());
        let before = self.text.get(..offset).unwrap_or("");
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        PackError {
            file: self.file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or("").chars().count() + 1,
            code,
            message,
            field: field.to_owned(),
        }
    }
}

/// The known word that a misspelt one most likely meant: at most two letters apart.
pub(super) fn did_you_mean<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    known
        .iter()
        .map(|k| (distance(word, k), *k))
        .filter(|(d, _)| *d <= 2)
        .min()
        .map(|(_, k)| k)
}

/// Levenshtein distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(&b) {
            let cost = (corner + usize::from(x != *y)).min(left + 1).min(*cell + 1);
            corner = *cell;
            *cell = cost;
            left = cost;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p005_the_caret_stands_under_the_column() {
        let text = "a = 1\nwhen = 'x <'\n";
        let mut report = Report::new("f", text);
        report.error("P005", Some(17..17), "when", "a value is missing here");
        let errors = report.into_errors();
        let error = errors.first().cloned();
        assert_eq!(
            error.map(|e| (e.to_string(), e.excerpt(text))),
            Some((
                "f:2:12: P005: a value is missing here (when)".to_owned(),
                "    when = 'x <'\n               ^".to_owned()
            ))
        );
    }

    #[test]
    fn misspelt_words_find_their_neighbour() {
        assert_eq!(did_you_mean("titel", &["title", "scope"]), Some("title"));
        assert_eq!(did_you_mean("colour", &["title", "scope"]), None);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
