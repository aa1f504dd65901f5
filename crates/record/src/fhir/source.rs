//! One resource while it is read: its place, its times, and the fact that every reader starts from.

use triptych_clinical::{
    Coding, Fact, FactId, FactKind, Instant, Problem, Provenance, Status, TextSpan, When,
};

use super::references::References;
use super::{Reader, datatypes};
use crate::json::{Json, Object};

pub(super) struct Source<'r, 'a> {
    pub json: &'r Object<'a>,
    pub references: &'r References,
    pub problems: Vec<Problem>,
    /// `meta.versionId` and `meta.lastUpdated`: which version of the resource is newer.
    pub version: (u64, i64),
    reader: &'r Reader,
    kind: &'r str,
    id: Option<String>,
    full_url: Option<&'r str>,
    path: String,
}

impl<'r, 'a> Source<'r, 'a> {
    pub fn new(
        reader: &'r Reader,
        kind: &'r str,
        json: &'r Object<'a>,
        path: String,
        full_url: Option<&'r str>,
    ) -> Self {
        let meta = json.object("meta");
        let updated = meta.and_then(|m| When::parse(m.text("lastUpdated")?).ok());
        let version = meta
            .and_then(|m| m.text("versionId")?.parse().ok())
            .unwrap_or(0);
        Self {
            json,
            references: &reader.references,
            problems: Vec::new(),
            version: (version, updated.map_or(i64::MIN, |w| w.instant.0)),
            reader,
            kind,
            id: json.text("id").filter(|i| !i.is_empty()).map(str::to_owned),
            full_url,
            path,
        }
    }

    /// Where the resource is, with its type: for problems.
    pub fn place(&self) -> String {
        if self.path.contains(self.kind) {
            self.path.clone()
        } else {
            format!("{} ({})", self.path, self.kind)
        }
    }

    pub fn problem(&mut self, below: &str, reason: impl Into<String>) {
        let place = if below.is_empty() {
            self.place()
        } else {
            format!("{}.{below}", self.path)
        };
        self.problems.push(Problem {
            place,
            reason: reason.into(),
        });
    }

    pub const fn received(&self) -> Instant {
        self.reader.received
    }

    /// The names by which other resources of the document refer to this one.
    pub fn own_names(&self) -> [String; 2] {
        let by_id = self.id.as_ref().map(|id| format!("{}/{id}", self.kind));
        [
            by_id.unwrap_or_default(),
            self.full_url.unwrap_or_default().to_owned(),
        ]
    }

    /// A fact of this resource with everything that does not depend on its type. `below` is the path inside the resource (empty for the
    /// resource itself), `part` the object it stands in.
    pub fn fact(&self, kind: FactKind, below: &str, part: &Object<'_>) -> Fact {
        let local = match (&self.id, self.full_url) {
            (Some(id), _) => FactId::of(&["fhir", self.kind, id, below]),
            (None, Some(url)) => FactId::of(&["fhir", self.kind, url, below]),
            (None, None) => FactId::of(&[
                "fhir",
                self.kind,
                &self.reader.document.to_string(),
                &self.path,
                below,
            ]),
        };
        let path = if below.is_empty() {
            self.path.clone()
        } else {
            format!("{}.{below}", self.path)
        };
        let mut place = Provenance::new(self.reader.document, path, Some(self.span(part)));
        if let Some(id) = &self.id {
            place.resource = format!("{}/{id}", self.kind).into();
        }
        let mut fact = Fact::new(local, kind, self.reader.received, place);
        fact.revised = Some(Instant(self.version.1)).filter(|at| at.0 != i64::MIN);
        if let Some(encounter) = self
            .json
            .object("encounter")
            .and_then(|e| e.text("reference"))
        {
            fact.attrs
                .insert("encounter".to_owned(), encounter.to_owned());
        }
        fact
    }

    pub fn span(&self, part: &Object<'_>) -> TextSpan {
        self.reader.span(part)
    }

    /// The date or time under `key`.
    pub fn when(&self, key: &str) -> Result<Option<When>, String> {
        datatypes::when(self.json, key)
    }

    /// Start and end of the Period under `key`.
    pub fn period(&self, key: &str) -> Result<(Option<When>, Option<When>), String> {
        datatypes::period(self.json, key)
    }

    pub fn updated(&self) -> Option<When> {
        let text = self.json.object("meta")?.text("lastUpdated")?;
        When::parse(text).ok()
    }

    pub const fn message_time(&self) -> Option<When> {
        self.reader.message_time
    }

    /// Sets when the fact could be known: the first of `times` that exists. Where none does, it is the time of receipt, and says so.
    pub fn set_available(&self, fact: &mut Fact, times: &[Option<When>]) {
        if let Some(time) = times.iter().flatten().next() {
            fact.available = *time;
        } else {
            fact.available = When::at(self.reader.received);
            fact.attrs.insert(
                "available".to_owned(),
                "assumed: time of receipt".to_owned(),
            );
        }
    }

    /// Codes and words of the concept under `key`.
    pub fn concept(&mut self, key: &str) -> (Vec<Coding>, String) {
        datatypes::concept(self.json.get(key))
    }

    /// Codes (or else words) of the concepts under `key`, a list as in R4 or, with a note, a single one as in DSTU2.
    pub fn categories(&mut self, key: &str) -> Vec<String> {
        let concepts: Vec<&Object<'_>> = match self.json.get(key) {
            Some(Json::List(list)) => list.iter().filter_map(Json::as_object).collect(),
            Some(Json::Object(one)) => vec![one],
            _ => Vec::new(),
        };
        if matches!(self.json.get(key), Some(Json::Object(_))) {
            self.problem(key, "an object where R4 has a list");
        }
        datatypes::category_codes(&concepts)
    }

    /// A resource with a modifier that nobody here knows is shown but enters nothing.
    pub fn apply_modifiers(&mut self, facts: &mut [Fact], part: &Object<'_>) {
        let unknown = part.has("modifierExtension");
        if unknown {
            self.problem(
                "modifierExtension",
                "a modifier that is not known here: shown, but used by no rule",
            );
        }
        for fact in facts.iter_mut().filter(|_| unknown) {
            if !matches!(
                fact.status,
                Status::EnteredInError | Status::Cancelled | Status::Unknown
            ) {
                fact.status = Status::Inert;
            }
            fact.attrs
                .insert("inert".to_owned(), "unknown modifierExtension".to_owned());
        }
    }
}
