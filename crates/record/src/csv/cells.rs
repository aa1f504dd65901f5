//! Cells into status, codes, value and range.

use triptych_clinical::{Coding, Fact, Quantity, Status, Value};

use super::mapping;
use super::rows::{Cells, Rows};
use crate::codes;
use crate::numbers;

impl Rows<'_> {
    pub(super) fn status(&mut self, cells: &Cells, row: usize) -> Status {
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
    pub(super) fn codes(&mut self, cells: &Cells, row: usize) -> (Vec<Coding>, String) {
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

    pub(super) fn value(&mut self, cells: &Cells, row: usize, fact: &mut Fact) {
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
                    written: digits.into(),
                    comparator,
                    unit: unit.map(Into::into),
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
}
