//! FHIR R4 resources into facts. Record-and-signals 5.2, 5.3, 6.3.

pub(crate) mod attachment;
mod clinical;
pub(crate) mod datatypes;
mod medication;
mod observation;
mod patient;
mod references;
mod report;
mod source;

use std::collections::{BTreeMap, HashSet};

use triptych_clinical::{DocumentHash, Fact, FactId, Identity, Instant, Problem, TextSpan, When};

use crate::Counts;
use crate::intake::{Intake, PatientRecord, bound_id};
use crate::json::{Json, Object};
use references::References;
use source::Source;

/// Reads the resources of one document, in two passes: `learn*` remembers what references need, `read_*` makes facts.
pub(crate) struct Reader {
    document: DocumentHash,
    received: Instant,
    /// Bytes before the text that is being parsed: byte order mark, white space, earlier lines.
    base: usize,
    skipped: usize,
    /// A Bundle that holds patients is whole: a subject that is not in it is unknown. Other documents may be one file of several.
    whole: bool,
    message_time: Option<When>,
    references: References,
    people: Vec<Person>,
    problems: Vec<Problem>,
    quarantined: Vec<Problem>,
    not_understood: BTreeMap<String, usize>,
    /// Of resources that belong to nobody; those of the persons are added at the end.
    counts: Counts,
}

#[derive(Default)]
struct Person {
    identity: Option<Identity>,
    source_id: String,
    facts: Vec<Made>,
    counts: Counts,
}

/// A fact and what orders the versions of its datum inside this document.
pub(crate) struct Made {
    pub fact: Fact,
    pub version: (u64, i64),
}

impl Reader {
    pub fn new(document: DocumentHash, received: Instant, skipped: usize) -> Self {
        Self {
            document,
            received,
            base: skipped,
            skipped,
            whole: false,
            message_time: None,
            references: References::default(),
            people: Vec::new(),
            problems: Vec::new(),
            quarantined: Vec::new(),
            not_understood: BTreeMap::new(),
            counts: Counts::default(),
        }
    }

    pub const fn skipped(&self) -> usize {
        self.skipped
    }

    /// The text that follows begins this many bytes later in the document.
    pub const fn shift(&mut self, bytes: usize) {
        self.base = self.skipped + bytes;
    }

    pub const fn at_line(&mut self, start: usize) {
        self.base = self.skipped + start;
    }

    /// Drops what the first pass learned.
    pub fn forget(&mut self) {
        *self = Self::new(self.document, self.received, self.skipped);
    }

    pub fn quarantine(&mut self, place: String, reason: &str) {
        self.quarantined.push(Problem {
            place,
            reason: reason.to_owned(),
        });
    }

    pub fn bad_line(&mut self, line: usize, reason: &str) {
        self.quarantine(format!("line {line}"), reason);
    }

    pub fn bundle(&mut self, bundle: &Object<'_>) {
        self.whole = !self.people.is_empty();
        self.message_time = bundle.text("timestamp").and_then(|t| When::parse(t).ok());
    }

    pub fn learn_entry(&mut self, number: usize, entry: &Object<'_>) {
        let full_url = entry.text("fullUrl");
        if full_url == Some("") {
            self.problems.push(Problem {
                place: format!("Bundle.entry[{number}].fullUrl"),
                reason: "it is empty".to_owned(),
            });
        }
        if let Some(resource) = entry.object("resource") {
            for_each_resource(resource, &mut |r| {
                self.learn(full_url.filter(|u| !u.is_empty()), r)
            });
        }
    }

    pub fn learn(&mut self, full_url: Option<&str>, resource: &Object<'_>) {
        if resource.text("resourceType") == Some("Patient") {
            self.learn_patient(full_url, resource);
        } else {
            self.references.learn(full_url, resource);
        }
    }

    fn learn_patient(&mut self, full_url: Option<&str>, resource: &Object<'_>) {
        let id = resource.text("id").filter(|i| !i.is_empty());
        let source_id = match (id, full_url) {
            (Some(id), _) => format!("Patient/{id}"),
            (None, Some(url)) => url.to_owned(),
            (None, None) => format!("Patient at byte {}", self.base + resource.span.0),
        };
        let identity = patient::identity(resource, &source_id, self.document);
        if let Some(known) = self.references.person(&source_id) {
            let Some(person) = self.people.get(known) else {
                return;
            };
            if person
                .identity
                .as_ref()
                .is_some_and(|first| patient::contradict(first, &identity))
            {
                self.quarantine(
                    "Patient".to_owned(),
                    "two Patient resources share an id but not name, birth date or sex (identifier reuse?): the first one is kept",
                );
            }
            return;
        }
        let number = self.people.len();
        let reused = self
            .people
            .iter()
            .filter_map(|p| p.identity.as_ref())
            .any(|known| {
                patient::contradict(known, &identity) && patient::share_identifier(known, &identity)
            });
        if reused {
            self.problems.push(Problem {
                place: "Patient".to_owned(),
                reason: "two patients share an identifier but not name, birth date or sex (identifier reuse?): they stay two".to_owned(),
            });
        }
        self.references
            .learn_person(number, &source_id, full_url, &identity);
        self.people.push(Person {
            identity: Some(identity),
            source_id,
            ..Person::default()
        });
    }

    pub fn read_entry(&mut self, number: usize, entry: &Object<'_>) {
        let path = format!("Bundle.entry[{number}].resource");
        let full_url = entry.text("fullUrl").filter(|u| !u.is_empty());
        match entry.object("resource") {
            Some(resource) => self.read_resource(resource, path, full_url),
            None => self.problems.push(Problem {
                place: format!("Bundle.entry[{number}]"),
                reason: "it holds no resource".to_owned(),
            }),
        }
    }

    pub fn read_resource(&mut self, resource: &Object<'_>, path: String, full_url: Option<&str>) {
        let Some(kind) = resource.text("resourceType").filter(|k| !k.is_empty()) else {
            self.counts.add(resource);
            return self.quarantine(path, "it has no resourceType");
        };
        if kind == "Bundle" {
            for (i, entry) in resource.objects("entry").enumerate() {
                if let Some(inner) = entry.object("resource") {
                    self.read_resource(
                        inner,
                        format!("{path}.entry[{i}].resource"),
                        entry.text("fullUrl"),
                    );
                }
            }
            return;
        }
        let subject = if kind == "Patient" {
            self.own_person(full_url, resource)
        } else {
            self.subject(resource)
        };
        let person = subject.as_ref().ok();
        match person.and_then(|p| self.people.get_mut(*p)) {
            Some(person) => person.counts.add(resource),
            None => self.counts.add(resource),
        }
        if kind == "Patient" {
            return self.check_patient(resource, &path);
        }
        let Some(read) = reader_of(kind) else {
            *self.not_understood.entry(kind.to_owned()).or_default() += 1;
            return;
        };
        let mut source = Source::new(self, kind, resource, path, full_url);
        let facts = subject.and_then(|person| Ok((person, read(&mut source)?)));
        let (version, place) = (source.version, source.place());
        let problems = std::mem::take(&mut source.problems);
        self.problems.extend(problems);
        match facts {
            Ok((person, facts)) => {
                if let Some(person) = self.people.get_mut(person) {
                    let made = facts.into_iter().map(|fact| Made { fact, version });
                    person.facts.extend(made);
                }
            }
            Err(reason) => self.quarantine(place, &reason),
        }
    }

    fn own_person(&self, full_url: Option<&str>, resource: &Object<'_>) -> Result<usize, String> {
        let by_id = resource
            .text("id")
            .and_then(|id| self.references.person(&format!("Patient/{id}")));
        let by_place = || {
            let place = format!("Patient at byte {}", self.base + resource.span.0);
            self.references.person(&place)
        };
        by_id
            .or_else(|| self.references.person(full_url?))
            .or_else(by_place)
            .ok_or_else(|| "unknown patient".to_owned())
    }

    fn check_patient(&mut self, resource: &Object<'_>, path: &str) {
        for (place, reason) in patient::problems(resource) {
            self.problems.push(Problem {
                place: format!("{path}{place}"),
                reason,
            });
        }
    }

    /// Whose resource this is: a patient of this document, or one it refers to.
    fn subject(&mut self, resource: &Object<'_>) -> Result<usize, String> {
        const FIELDS: [&str; 5] = ["subject", "patient", "beneficiary", "individual", "for"];
        let subject = FIELDS.iter().find_map(|field| match resource.get(field)? {
            Json::Object(o) => Some(o),
            Json::List(list) => list.first()?.as_object(),
            _ => None,
        });
        let Some(subject) = subject else {
            return Err("no subject: whose it is is not said".to_owned());
        };
        if let Some(reference) = subject.text("reference") {
            if let Some(person) = self.references.person(reference) {
                return Ok(person);
            }
            let Some(source_id) = references::patient_reference(reference) else {
                return Err("its subject is not in this document".to_owned());
            };
            if self.whole {
                return Err("its subject is not among the patients of this document".to_owned());
            }
            return Ok(self.person_elsewhere(source_id));
        }
        let by_identifier = subject.object("identifier").and_then(|i| {
            self.references
                .person_by_identifier(i.text("system").unwrap_or_default(), i.text("value")?)
        });
        by_identifier.ok_or_else(|| {
            "its subject is named by an identifier that no patient of this document has".to_owned()
        })
    }

    fn person_elsewhere(&mut self, source_id: String) -> usize {
        let number = self.people.len();
        self.references.learn_elsewhere(number, &source_id);
        self.people.push(Person {
            source_id,
            ..Person::default()
        });
        number
    }

    fn span(&self, object: &Object<'_>) -> TextSpan {
        TextSpan {
            start: (self.base + object.span.0) as u64,
            end: (self.base + object.span.1) as u64,
        }
    }

    pub fn finish(self, format: String) -> Intake {
        let mut quarantined = self.quarantined;
        let mut counts = self.counts;
        for person in &self.people {
            counts.merge(&person.counts);
        }
        let patients = self
            .people
            .into_iter()
            .map(|person| person.finish(&mut quarantined))
            .collect();
        Intake {
            document: self.document,
            format,
            patients,
            problems: self.problems,
            quarantined,
            not_understood: self.not_understood,
            counts,
            identity_tasks: Vec::new(),
        }
    }
}

impl Person {
    fn finish(self, quarantined: &mut Vec<Problem>) -> PatientRecord {
        let mut facts = number_versions(self.facts, quarantined);
        if let Some(identity) = &self.identity {
            for fact in &mut facts {
                fact.id = bound_id(identity, fact.id);
            }
        }
        PatientRecord {
            identity: self.identity,
            source_id: self.source_id,
            facts,
            counts: self.counts,
        }
    }
}

/// Numbers the versions of each datum by the source's version and time; the same content twice is one version, and two contents that
/// nothing orders are a contradiction: the first is kept and marked, the second refused by name.
pub(crate) fn number_versions(made: Vec<Made>, quarantined: &mut Vec<Problem>) -> Vec<Fact> {
    let mut seen: HashSet<FactId> = HashSet::with_capacity(made.len());
    if made.iter().all(|m| seen.insert(m.fact.id)) {
        return made.into_iter().map(|m| m.fact).collect();
    }
    let mut by_id: BTreeMap<FactId, Vec<Made>> = BTreeMap::new();
    let mut order: Vec<FactId> = Vec::with_capacity(made.len());
    for m in made {
        let versions = by_id.entry(m.fact.id).or_default();
        order.push(m.fact.id);
        versions.push(m);
    }
    for versions in by_id.values_mut().filter(|v| v.len() > 1) {
        versions.sort_by_key(|m| m.version);
        let mut kept: Vec<Made> = Vec::with_capacity(versions.len());
        for mut m in std::mem::take(versions) {
            match kept.last_mut() {
                Some(last) if last.version == m.version => {
                    if !same_statement(&last.fact, &m.fact) {
                        let mark = "same id with another value".to_owned();
                        last.fact.attrs.insert("conflict".to_owned(), mark);
                        quarantined.push(Problem {
                            place: m.fact.provenance.path,
                            reason: "the same id stands for another statement in this document, and neither version nor time says which is newer: refused, the first one is marked".to_owned(),
                        });
                    }
                }
                last => {
                    m.fact.version = last.map_or(1, |l| l.fact.version + 1);
                    kept.push(m);
                }
            }
        }
        // Taken from the end below.
        kept.reverse();
        *versions = kept;
    }
    order
        .iter()
        .filter_map(|id| by_id.get_mut(id)?.pop())
        .map(|m| m.fact)
        .collect()
}

/// Equal but for where it stands in the document, and for what was noted on the way.
fn same_statement(a: &Fact, b: &Fact) -> bool {
    let mut b = b.clone();
    b.provenance.clone_from(&a.provenance);
    b.version = a.version;
    if let Some(mark) = a.attrs.get("conflict") {
        b.attrs.insert("conflict".to_owned(), mark.clone());
    }
    *a == b
}

/// Bundles inside entries give their own resources.
fn for_each_resource<'r, 'a>(resource: &'r Object<'a>, each: &mut dyn FnMut(&'r Object<'a>)) {
    if resource.text("resourceType") == Some("Bundle") {
        for inner in resource
            .objects("entry")
            .filter_map(|e| e.object("resource"))
        {
            for_each_resource(inner, each);
        }
    } else {
        each(resource);
    }
}

/// Facts of one resource, or why there are none.
type ReadResource = fn(&mut Source<'_, '_>) -> Result<Vec<Fact>, String>;

fn reader_of(kind: &str) -> Option<ReadResource> {
    Some(match kind {
        "Observation" => observation::read,
        "DiagnosticReport" => report::diagnostic_report,
        "DocumentReference" => report::document_reference,
        "Composition" => report::composition,
        "Condition" => clinical::condition,
        "Procedure" => clinical::procedure,
        "Encounter" => clinical::encounter,
        "AllergyIntolerance" => clinical::allergy,
        "ImagingStudy" => clinical::imaging_study,
        "Immunization" => clinical::immunization,
        "ServiceRequest" => clinical::service_request,
        "CarePlan" => clinical::care_plan,
        "Goal" => clinical::goal,
        "FamilyMemberHistory" => clinical::family_history,
        "MedicationRequest" => medication::request,
        "MedicationStatement" => medication::statement,
        "MedicationDispense" => medication::dispense,
        "MedicationAdministration" => medication::administration,
        _ => return None,
    })
}
