//! Questions of identity that wait for a person: spelt out side by side, answered with a reason. Nothing here joins two records by itself.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;
use triptych_archive::{
    ConflictReason, IdentityAnswer, IdentityQuestion, IdentitySide, QuestionId, QuestionKind,
};
use triptych_clinical::{Identifier, Identity, PatientKey, Sex, When};

use crate::view::{
    Agreement, Cell, IdentityCard, IdentityColumn, IdentityField, IdentityOption, IdentityRow,
    IdentitySettled,
};
use crate::{Core, WorkbenchError};

/// What an answer did, and what is to be done after it.
#[derive(Clone, Debug, Serialize)]
pub struct Answered {
    /// The question, settled.
    pub question: IdentityCard,
    /// Files that waited for the answer: import them again.
    pub again: Vec<PathBuf>,
}

/// Identities of the records that questions are about.
type Known = BTreeMap<PatientKey, Identity>;

impl Core {
    /// All questions of identity, the open ones first, then the newest first.
    ///
    /// # Errors
    /// When the archive cannot be read.
    pub fn identity_questions(&self) -> Result<Vec<IdentityCard>, WorkbenchError> {
        let questions = self.wait(self.archive().identity_questions())?;
        questions.iter().map(|q| self.card(q)).collect()
    }

    /// Those without an answer.
    pub(crate) fn open_identity_questions(&self) -> Result<Vec<IdentityCard>, WorkbenchError> {
        let questions = self.wait(self.archive().identity_questions())?;
        let open = questions.iter().filter(|q| q.settled.is_none());
        open.map(|q| self.card(q)).collect()
    }

    /// Answers a question. What an answer links is taken apart by [`Core::unlink`].
    ///
    /// # Errors
    /// No such question, answered already, no reason, an answer that it cannot have, or a file that waits and is gone.
    pub fn answer_identity(
        &self,
        id: QuestionId,
        answer: IdentityAnswer,
        reason: &str,
    ) -> Result<Answered, WorkbenchError> {
        let question = self.wait(self.archive().identity_question(id))?;
        let files = files(&question);
        let mut again = Vec::new();
        match (question.kind, answer) {
            // A record of its own without what is to lie in it would be an empty promise.
            (QuestionKind::Contradiction, IdentityAnswer::OwnRecord) => {
                if let Some(gone) = files.iter().find(|f| !f.is_file()) {
                    return Err(WorkbenchError::Refused(format!(
                        "{} is not there any more: put it back, or import it from where it is now, and answer then; nothing was changed",
                        gone.display()
                    )));
                }
                again = files;
            }
            (QuestionKind::Shared, IdentityAnswer::OnePerson) => {
                again = files.into_iter().filter(|f| f.is_file()).collect();
            }
            _ => {}
        }
        let settled = self.wait(
            self.archive()
                .answer_identity(&self.by(), id, answer, reason),
        )?;
        Ok(Answered {
            question: self.card(&settled)?,
            again,
        })
    }

    fn card(&self, question: &IdentityQuestion) -> Result<IdentityCard, WorkbenchError> {
        let mut known = Known::new();
        let settled = question.settled.as_ref();
        for key in [&question.keep, &question.other]
            .into_iter()
            .flat_map(|s| &s.records)
        {
            known.insert(*key, self.wait(self.archive().identity(*key))?);
        }
        let sides = [&question.keep, &question.other];
        let [keep, other] = sides.map(|s| named(&s.identity));
        Ok(IdentityCard {
            id: question.id,
            kind: question.kind,
            asks: asks(question, &keep, &other),
            source: source(question),
            files: question.sources.iter().map(|s| s.file.clone()).collect(),
            sides: [
                column(question, 0, &known, settled.and_then(|s| s.record)),
                column(question, 1, &known, settled.and_then(|s| s.record)),
            ],
            rows: rows(question, &known),
            note: if question.one_person && settled.is_none() {
                "Their records are linked already: an answer closes the question".to_owned()
            } else {
                String::new()
            },
            answers: answers(question),
            settled: settled.map(|s| IdentitySettled {
                answer: s.answer,
                words: settled_words(question.kind, s.answer, s.record),
                who: s.who.clone(),
                reason: s.reason.clone(),
                when: When::at(s.at).to_string(),
            }),
        })
    }
}

/// The files that ask, each once, without what follows the path of an archive.
fn files(question: &IdentityQuestion) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = Vec::new();
    for source in &question.sources {
        let whole = Path::new(&source.file);
        let path = match source.file.split_once('!') {
            Some((archive, _)) if !whole.is_file() => Path::new(archive),
            _ => whole,
        };
        if !files.iter().any(|f| f == path) {
            files.push(path.to_owned());
        }
    }
    files
}

/// The identifier that names a person in a sentence, or the name.
fn named(identity: &Identity) -> String {
    let mut all = identity.identifiers.iter();
    let one = all.clone().find(|i| i.kind == "MR").or_else(|| all.next());
    one.map_or_else(|| identity.display_name(), |i| i.value.clone())
}

fn asks(question: &IdentityQuestion, keep: &str, other: &str) -> String {
    let of = question
        .sent
        .map(|when| format!(" of {}", when.iso_date()))
        .unwrap_or_default();
    match question.kind {
        QuestionKind::Merge => format!("HL7 A40{of} asks to make {other} part of {keep}"),
        QuestionKind::Link => format!("HL7 A24{of} says that {keep} and {other} are one person"),
        QuestionKind::Contradiction => match question.reason {
            Some(ConflictReason::NameAndSex) => {
                format!("A file bears {keep} and gives another name and another sex")
            }
            _ => format!("A file bears {keep} and gives another birth date"),
        },
        QuestionKind::Shared => {
            format!("A file bears the identifiers of two records, {keep} and {other}")
        }
    }
}

fn source(question: &IdentityQuestion) -> String {
    let Some(first) = question.sources.first() else {
        return String::new();
    };
    let name = first.file.rsplit(['/', '!']).next().unwrap_or(&first.file);
    let mut words = name.to_owned();
    if !first.place.is_empty() {
        words.push_str(&format!(", {}", first.place));
    }
    match question.sources.len() - 1 {
        0 => {}
        1 => words.push_str(", and 1 more"),
        n => words.push_str(&format!(", and {n} more")),
    }
    words
}

fn column(
    question: &IdentityQuestion,
    which: usize,
    known: &Known,
    own: Option<PatientKey>,
) -> IdentityColumn {
    let side = if which == 0 {
        &question.keep
    } else {
        &question.other
    };
    let title = match (question.kind, which) {
        (QuestionKind::Merge, 0) => "Stays",
        (QuestionKind::Merge, _) => "Becomes part of it",
        (QuestionKind::Link | QuestionKind::Shared, 0) => "One",
        (QuestionKind::Link | QuestionKind::Shared, _) => "The other",
        (QuestionKind::Contradiction, 0) => "The record",
        (QuestionKind::Contradiction, _) => "The file",
    };
    let document = question.kind == QuestionKind::Contradiction && which == 1;
    let place = match (side.records.as_slice(), own) {
        (_, Some(own)) if document => format!("Filed as record {own}"),
        _ if document && question.settled.is_some() => "Stays out".to_owned(),
        _ if document => "Not filed: waits for an answer".to_owned(),
        ([], _) => "Not in this archive".to_owned(),
        ([one], _) => format!("Record {one} of this archive"),
        (several, _) => {
            let keys: Vec<_> = several.iter().map(ToString::to_string).collect();
            format!(
                "Records {} are not linked to each other",
                keys.join(" and ")
            )
        }
    };
    IdentityColumn {
        title: title.to_owned(),
        short: named(&side.identity),
        place,
        present: side.records.len() == 1,
        note: said_otherwise(side, known),
    }
}

/// What the record of a side says otherwise than the source that asks.
fn said_otherwise(side: &IdentitySide, known: &Known) -> String {
    let Some(record) = side.records.first().and_then(|key| known.get(key)) else {
        return String::new();
    };
    let words: Vec<String> = FIELDS
        .into_iter()
        .filter_map(|field| {
            let (asked, has) = (stated(field, &side.identity), stated(field, record));
            (agreement(field, &asked, &has) == Agreement::Differs)
                .then(|| format!("{} {has}", noun(field)))
        })
        .collect();
    if words.is_empty() {
        String::new()
    } else {
        format!("Its record says: {}", words.join(", "))
    }
}

const FIELDS: [IdentityField; 5] = [
    IdentityField::FamilyName,
    IdentityField::GivenName,
    IdentityField::BirthDate,
    IdentityField::Sex,
    IdentityField::Identifiers,
];

const fn noun(field: IdentityField) -> &'static str {
    match field {
        IdentityField::FamilyName => "family name",
        IdentityField::GivenName => "given name",
        IdentityField::BirthDate => "born",
        IdentityField::Sex => "sex",
        IdentityField::Identifiers => "identifiers",
    }
}

fn rows(question: &IdentityQuestion, known: &Known) -> Vec<IdentityRow> {
    let sides = [&question.keep, &question.other];
    let row = |field| {
        let identities = sides.map(|s| &s.identity);
        if field == IdentityField::Identifiers {
            return IdentityRow {
                field,
                values: identifiers(identities),
                agreement: shared(identities),
            };
        }
        let values = sides.map(|side| cell(field, side, known));
        let [a, b] = &values;
        let agreement = agreement(field, &a.text, &b.text);
        IdentityRow {
            field,
            values,
            agreement,
        }
    };
    FIELDS.into_iter().map(row).collect()
}

/// What the source says; where it is silent, what the record does.
fn cell(field: IdentityField, side: &IdentitySide, known: &Known) -> Cell {
    let text = stated(field, &side.identity);
    if !text.is_empty() {
        return Cell {
            text,
            from_record: false,
        };
    }
    let record = side.records.first().and_then(|key| known.get(key));
    let text = record.map(|r| stated(field, r)).unwrap_or_default();
    Cell {
        from_record: !text.is_empty(),
        text,
    }
}

fn stated(field: IdentityField, identity: &Identity) -> String {
    match field {
        IdentityField::FamilyName => identity.family.clone(),
        IdentityField::GivenName => identity.given.clone(),
        IdentityField::BirthDate => identity
            .birth_date
            .map(|d| d.iso_date())
            .unwrap_or_default(),
        IdentityField::Sex => match identity.sex {
            Sex::Female => "female",
            Sex::Male => "male",
            Sex::Other => "other",
            Sex::Unknown => "",
        }
        .to_owned(),
        // Told apart in `identifiers`: which of them both have is the point.
        IdentityField::Identifiers => String::new(),
    }
}

/// A line for each that the other side has not; of those that both have, one and their number.
fn identifiers([a, b]: [&Identity; 2]) -> [Cell; 2] {
    [[a, b], [b, a]].map(|[own, other]| {
        let (mut both, alone): (Vec<&Identifier>, Vec<&Identifier>) = own
            .identifiers
            .iter()
            .partition(|i| other.identifiers.contains(i));
        both.sort_by_key(|i| i.kind != "MR");
        let mut lines: Vec<String> = alone.into_iter().map(identifier).collect();
        if lines.is_empty() && !both.is_empty() {
            lines.push(identifier(both.remove(0)));
        }
        if !both.is_empty() {
            lines.push(format!("and {} more that both have", both.len()));
        }
        Cell {
            text: lines.join("\n"),
            from_record: false,
        }
    })
}

/// `MR T-1001 (TRIPTYCH)`
fn identifier(i: &Identifier) -> String {
    let mut words = i.value.clone();
    if !i.kind.is_empty() {
        words = format!("{} {words}", i.kind);
    }
    if !i.issuer.is_empty() {
        let bare = i
            .issuer
            .split_once("://")
            .map_or(&*i.issuer, |(_, rest)| rest);
        words.push_str(&format!(" ({bare})"));
    }
    words
}

fn agreement(field: IdentityField, a: &str, b: &str) -> Agreement {
    let (low_a, low_b) = (a.trim().to_lowercase(), b.trim().to_lowercase());
    match (low_a.is_empty(), low_b.is_empty()) {
        (true, true) => Agreement::Unstated,
        (true, false) | (false, true) => Agreement::OneSided,
        _ if low_a == low_b => Agreement::Same,
        // A year and a day of that year: the same as far as both go.
        _ if field == IdentityField::BirthDate
            && (low_a.starts_with(&low_b) || low_b.starts_with(&low_a)) =>
        {
            Agreement::Same
        }
        _ => Agreement::Differs,
    }
}

/// Identifiers agree where one is the same, with its issuer and its kind.
fn shared([a, b]: [&Identity; 2]) -> Agreement {
    match (a.identifiers.is_empty(), b.identifiers.is_empty()) {
        (true, true) => Agreement::Unstated,
        (true, false) | (false, true) => Agreement::OneSided,
        _ if a.identifiers.iter().any(|i| b.identifiers.contains(i)) => Agreement::Same,
        _ => Agreement::Differs,
    }
}

fn answers(question: &IdentityQuestion) -> Vec<IdentityOption> {
    if question.settled.is_some() {
        return Vec::new();
    }
    let apart = IdentityOption {
        answer: IdentityAnswer::Apart,
        refused: String::new(),
    };
    if question.kind == QuestionKind::Contradiction {
        let own = IdentityOption {
            answer: IdentityAnswer::OwnRecord,
            refused: String::new(),
        };
        return vec![own, apart];
    }
    let [keep, other] = [&question.keep, &question.other];
    let absent = |side: &IdentitySide| {
        format!(
            "{} is not in this archive: import it first, then the two can be linked",
            named(&side.identity)
        )
    };
    let refused = match (keep.records.len(), other.records.len()) {
        (1, 1) => String::new(),
        (0, 0) => "Neither is in this archive: there is nothing to link".to_owned(),
        (0, _) => absent(keep),
        (_, 0) => absent(other),
        _ => "Identifiers of one side belong to several records: link the records meant with triptych link".to_owned(),
    };
    vec![
        IdentityOption {
            answer: IdentityAnswer::OnePerson,
            refused,
        },
        apart,
    ]
}

fn settled_words(kind: QuestionKind, answer: IdentityAnswer, record: Option<PatientKey>) -> String {
    match (answer, record) {
        (IdentityAnswer::OnePerson, _) => "One person, the records are linked".to_owned(),
        (IdentityAnswer::Apart, _) if kind == QuestionKind::Contradiction => {
            "Kept apart, the file stays out".to_owned()
        }
        (IdentityAnswer::Apart, _) => "Kept apart".to_owned(),
        (IdentityAnswer::OwnRecord, Some(record)) => format!("Filed as record {record}"),
        (IdentityAnswer::OwnRecord, None) => "Filed as a record of its own".to_owned(),
    }
}

#[cfg(test)]
#[path = "identity_tests.rs"]
mod tests;
