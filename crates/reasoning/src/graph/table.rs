//! Edge tables: data, not code. A text is taken whole or refused with all its errors, each with its line and field.
//!
//! Signatures are the caller's business, as with packs. The hypotheses of a table are its closed list: a row can name no other.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::OnceLock;

use serde::Deserialize;
use toml::Spanned;

use super::condition::Condition;
use super::edge::{EdgeKind, Strength, Weight};
use crate::codes;

/// A checked edge table.
#[derive(Clone, Debug)]
pub struct EdgeTable {
    /// The closed list of hypotheses, in the order of the file.
    pub hypotheses: Vec<HypothesisRow>,
    /// Rows, in the order of the file.
    pub rows: Vec<Row>,
}

/// A named condition.
#[derive(Clone, Debug)]
pub struct HypothesisRow {
    /// `iron_deficiency`
    pub id: String,
    /// In words.
    pub title: String,
    /// SNOMED CT concept, only where record-and-signals 4.2 lists it.
    pub snomed: Option<String>,
}

/// One row.
#[derive(Clone, Debug)]
pub struct Row {
    /// Unique in the table.
    pub id: String,
    /// What it makes.
    pub makes: Makes,
    /// In own words, what was found.
    pub say: String,
    /// Citation in words, with its mark.
    pub citation: String,
}

/// What a row makes when its condition is met.
#[derive(Clone, Debug)]
pub enum Makes {
    /// Supports or contradicts a hypothesis.
    Evidence {
        /// Place among the hypotheses.
        to: usize,
        /// [`EdgeKind::Supports`] or [`EdgeKind::Contradicts`].
        kind: EdgeKind,
        /// Condition.
        when: Condition,
        /// How much.
        weight: Weight,
        /// How much the negated statement says the other way; `None`: nothing.
        negated: Option<Strength>,
        /// A risk factor or an unspecific sign: shown beside other evidence, raises no card by itself.
        background: bool,
    },
    /// A hypothesis explains what the condition finds, provided something supports the hypothesis.
    HypothesisExplains {
        /// Place among the hypotheses.
        by: usize,
        /// What is explained.
        what: Condition,
    },
    /// Something in the record, a medicine for instance, explains what the condition finds.
    RecordExplains {
        /// What explains.
        by: Condition,
        /// What is explained.
        what: Condition,
    },
    /// A hypothesis needs what the condition does not find.
    Needs {
        /// Place among the hypotheses.
        to: usize,
        /// What would answer.
        what: Condition,
        /// Its name in words.
        name: String,
    },
}

/// One error of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdgeTableError {
    /// Line, from 1.
    pub line: usize,
    /// Field, `when`; empty where the text is no TOML.
    pub field: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for EdgeTableError {
    /// `line 12: when: no input "feritin"`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.field.is_empty() {
            write!(f, "line {}: {}", self.line, self.message)
        } else {
            write!(f, "line {}: {}: {}", self.line, self.field, self.message)
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: Spanned<u32>,
    source: Vec<SourceText>,
    hypothesis: Vec<HypothesisText>,
    edge: Vec<Spanned<RowText>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceText {
    key: Spanned<String>,
    text: Spanned<String>,
    mark: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HypothesisText {
    id: Spanned<String>,
    title: Spanned<String>,
    snomed: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RowText {
    id: Spanned<String>,
    kind: Spanned<EdgeKind>,
    to: Option<Spanned<String>>,
    by: Option<Spanned<String>>,
    when: Spanned<String>,
    strength: Option<Spanned<Strength>>,
    ratio: Option<Spanned<f64>>,
    population: Option<Spanned<String>>,
    negated: Option<Spanned<Strength>>,
    background: Option<Spanned<bool>>,
    name: Option<Spanned<String>>,
    say: Spanned<String>,
    source: Spanned<String>,
}

/// Checks a table.
///
/// # Errors
/// Everything that is wrong with it, in the order of the file.
pub fn load_edges(text: &str) -> Result<EdgeTable, Vec<EdgeTableError>> {
    let file: File = toml::from_str(text).map_err(|e| vec![syntax(text, &e)])?;
    let mut check = Check::new(text);
    if *file.format.get_ref() != 1 {
        check.at(&file.format, "format", "this program reads format 1");
    }
    check.sources(&file.source);
    let hypotheses = check.hypotheses(&file.hypothesis);
    let rows = file
        .edge
        .iter()
        .filter_map(|row| check.row(row))
        .collect::<Vec<_>>();
    check.errors.sort_by_key(|e| e.line);
    if check.errors.is_empty() {
        Ok(EdgeTable { hypotheses, rows })
    } else {
        Err(check.errors)
    }
}

/// The table that comes with the program, loaded once.
///
/// # Errors
/// Every error of a table that does not load: a fault of this program.
pub fn shipped_edges() -> Result<&'static EdgeTable, &'static [EdgeTableError]> {
    static LOADED: OnceLock<Result<EdgeTable, Vec<EdgeTableError>>> = OnceLock::new();
    match LOADED.get_or_init(|| load_edges(SHIPPED_EDGES)) {
        Ok(table) => Ok(table),
        Err(errors) => Err(errors),
    }
}

/// Text of the shipped table.
pub static SHIPPED_EDGES: &str = include_str!("../../../../assets/reasoning/edges.toml");

/// Error of the TOML reader; the field is the one that its message names.
fn syntax(text: &str, error: &toml::de::Error) -> EdgeTableError {
    let message = error.message().to_owned();
    let field = message.split('`').nth(1).unwrap_or_default().to_owned();
    EdgeTableError {
        line: line_of(text, error.span().map_or(0, |s| s.start)),
        field,
        message,
    }
}

fn line_of(text: &str, byte: usize) -> usize {
    1 + text.bytes().take(byte).filter(|b| *b == b'\n').count()
}

struct Check<'t> {
    text: &'t str,
    errors: Vec<EdgeTableError>,
    citations: BTreeMap<String, String>,
    places: BTreeMap<String, usize>,
    ids: BTreeSet<String>,
}

impl<'t> Check<'t> {
    const fn new(text: &'t str) -> Self {
        Self {
            text,
            errors: Vec::new(),
            citations: BTreeMap::new(),
            places: BTreeMap::new(),
            ids: BTreeSet::new(),
        }
    }

    fn at<T>(&mut self, place: &Spanned<T>, field: &str, message: impl Into<String>) {
        self.errors.push(EdgeTableError {
            line: line_of(self.text, place.span().start),
            field: field.to_owned(),
            message: message.into(),
        });
    }

    fn sources(&mut self, sources: &[SourceText]) {
        for source in sources {
            let mark = source.mark.get_ref();
            if !["K", "V"].contains(&mark.as_str()) {
                self.at(&source.mark, "mark", "a mark is K or V");
            }
            if source.text.get_ref().len() < 10 {
                self.at(
                    &source.text,
                    "text",
                    "a citation names author or body, year and place",
                );
            }
            let words = format!("{} [{mark}]", source.text.get_ref());
            let key = source.key.get_ref().clone();
            if self.citations.insert(key, words).is_some() {
                self.at(&source.key, "key", "this key is there already");
            }
        }
    }

    fn hypotheses(&mut self, rows: &[HypothesisText]) -> Vec<HypothesisRow> {
        let mut list = Vec::new();
        for row in rows {
            let id = row.id.get_ref().clone();
            if self.places.insert(id.clone(), list.len()).is_some() {
                self.at(&row.id, "id", "this hypothesis is there already");
            }
            if let Some(code) = &row.snomed
                && !codes::is_listed_condition(code.get_ref())
            {
                self.at(code, "snomed", "not among the listed concepts");
            }
            if row.title.get_ref().is_empty() {
                self.at(&row.title, "title", "empty");
            }
            list.push(HypothesisRow {
                id,
                title: row.title.get_ref().clone(),
                snomed: row.snomed.as_ref().map(|s| s.get_ref().clone()),
            });
        }
        list
    }

    fn row(&mut self, row: &Spanned<RowText>) -> Option<Row> {
        let r = row.get_ref();
        if !self.ids.insert(r.id.get_ref().clone()) {
            self.at(&r.id, "id", "this row is there already");
        }
        if r.say.get_ref().chars().count() > 120 {
            self.at(&r.say, "say", "longer than 120 characters");
        }
        let citation = self.citations.get(r.source.get_ref()).cloned();
        if citation.is_none() {
            self.at(
                &r.source,
                "source",
                format!("no source {:?}", r.source.get_ref()),
            );
        }
        let makes = match r.kind.get_ref() {
            EdgeKind::Supports | EdgeKind::Contradicts => self.evidence(row),
            EdgeKind::Explains => self.explains(row),
            EdgeKind::Needs => self.needs(row),
            _ => {
                self.at(&r.kind, "kind", "supports, contradicts, explains or needs");
                None
            }
        };
        Some(Row {
            id: r.id.get_ref().clone(),
            makes: makes?,
            say: r.say.get_ref().clone(),
            citation: citation?,
        })
    }

    fn evidence(&mut self, row: &Spanned<RowText>) -> Option<Makes> {
        let r = row.get_ref();
        self.refuse(r.by.as_ref(), "by");
        self.refuse(r.name.as_ref(), "name");
        let to = self.hypothesis(row, r.to.as_ref(), "to");
        let when = self.condition(&r.when, "when");
        let kind = *r.kind.get_ref();
        let weight = match (&r.strength, &r.ratio) {
            (Some(strength), None) => {
                self.refuse(r.population.as_ref(), "population");
                Some(Weight::Class(*strength.get_ref()))
            }
            (None, Some(ratio)) => self.ratio(row, kind, ratio),
            (Some(_), Some(ratio)) => {
                self.at(ratio, "ratio", "a strength or a ratio, not both");
                None
            }
            (None, None) => {
                self.at(row, "strength", "a strength or a ratio is missing");
                None
            }
        };
        Some(Makes::Evidence {
            to: to?,
            kind,
            when: when?,
            weight: weight?,
            negated: r.negated.as_ref().map(|n| *n.get_ref()),
            background: r.background.as_ref().is_some_and(|b| *b.get_ref()),
        })
    }

    fn ratio(
        &mut self,
        row: &Spanned<RowText>,
        kind: EdgeKind,
        ratio: &Spanned<f64>,
    ) -> Option<Weight> {
        let value = *ratio.get_ref();
        let fits = match kind {
            EdgeKind::Supports => value.is_finite() && value > 1.0,
            _ => (0.0..1.0).contains(&value),
        };
        if !fits {
            self.at(
                ratio,
                "ratio",
                "above 1 supports, from 0 to below 1 contradicts",
            );
            return None;
        }
        let Some(population) = &row.get_ref().population else {
            self.at(row, "population", "a ratio names whom it was measured in");
            return None;
        };
        Some(Weight::Ratio {
            value,
            population: population.get_ref().clone(),
        })
    }

    fn explains(&mut self, row: &Spanned<RowText>) -> Option<Makes> {
        let r = row.get_ref();
        self.refuse(r.to.as_ref(), "to");
        self.refuse(r.name.as_ref(), "name");
        self.no_weight(r);
        let what = self.condition(&r.when, "when");
        let Some(by) = &r.by else {
            self.at(row, "by", "what explains is missing");
            return None;
        };
        if let Some(id) = by.get_ref().strip_prefix("hypothesis:") {
            let Some(by) = self.places.get(id).copied() else {
                self.at(by, "by", format!("no hypothesis {id:?}"));
                return None;
            };
            return Some(Makes::HypothesisExplains { by, what: what? });
        }
        let by = self.condition(by, "by");
        Some(Makes::RecordExplains {
            by: by?,
            what: what?,
        })
    }

    fn needs(&mut self, row: &Spanned<RowText>) -> Option<Makes> {
        let r = row.get_ref();
        self.refuse(r.by.as_ref(), "by");
        self.no_weight(r);
        let to = self.hypothesis(row, r.to.as_ref(), "to");
        let what = self.condition(&r.when, "when");
        let Some(name) = &r.name else {
            self.at(row, "name", "the name of what is needed is missing");
            return None;
        };
        Some(Makes::Needs {
            to: to?,
            what: what?,
            name: name.get_ref().clone(),
        })
    }

    fn no_weight(&mut self, r: &RowText) {
        self.refuse(r.strength.as_ref(), "strength");
        self.refuse(r.ratio.as_ref(), "ratio");
        self.refuse(r.population.as_ref(), "population");
        self.refuse(r.negated.as_ref(), "negated");
        self.refuse(r.background.as_ref(), "background");
    }

    fn refuse<T>(&mut self, field: Option<&Spanned<T>>, name: &str) {
        if let Some(field) = field {
            self.at(field, name, "has no place in a row of this kind");
        }
    }

    fn hypothesis(
        &mut self,
        row: &Spanned<RowText>,
        id: Option<&Spanned<String>>,
        field: &str,
    ) -> Option<usize> {
        let Some(id) = id else {
            self.at(row, field, "the hypothesis is missing");
            return None;
        };
        let place = self.places.get(id.get_ref()).copied();
        if place.is_none() {
            self.at(id, field, format!("no hypothesis {:?}", id.get_ref()));
        }
        place
    }

    fn condition(&mut self, text: &Spanned<String>, field: &str) -> Option<Condition> {
        Condition::parse(text.get_ref())
            .map_err(|why| self.at(text, field, why))
            .ok()
    }
}

impl Row {
    /// Conditions of the row.
    #[must_use]
    pub fn conditions(&self) -> Vec<&Condition> {
        match &self.makes {
            Makes::Evidence { when, .. } => vec![when],
            Makes::HypothesisExplains { what, .. } | Makes::Needs { what, .. } => vec![what],
            Makes::RecordExplains { by, what } => vec![by, what],
        }
    }
}
