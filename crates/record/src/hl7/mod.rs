//! HL7 v2 messages into facts: ORU results and MDM documents; ADT A40 and A24 become tasks for a person; all other messages stay what they are, and
//! the result names them. Record-and-signals 5.3, 5.4, 5.6.
//!
//! ```text
//! bytes ─lines─▶ messages ─character set, segments─▶ patients ▸ orders ▸ results ─▶ facts ─versions by MSH-7─▶ Intake
//! ```

mod counts;
mod escape;
mod message;
mod note;
mod observation;
mod person;
mod segments;
mod specimen;
mod stage;
mod tasks;
mod time;
mod value;

use std::collections::{BTreeMap, HashMap};

use triptych_clinical::{DocumentHash, Fact, Identity, Instant, Problem};

pub use counts::Hl7Counts;

use crate::Counts;
use crate::intake::{IdentityTask, Intake, PatientRecord, ReadError};
use crate::versions::{self, Made};
use message::{Cut, Message, Raw};
use observation::Context;
use segments::{Delimiters, Line};

/// More facts than a file of messages may make: a larger one is to be split.
const MOST_FACTS: usize = 250_000;
/// Problems that are named; the others are counted.
const MOST_PROBLEMS: usize = 20_000;

/// What the first line says.
pub(crate) enum Look {
    Hl7,
    /// Segments without a header.
    NoHeader,
    Other,
}

/// Whether the bytes are HL7 v2.
pub(crate) fn look(bytes: &[u8]) -> Look {
    let Some(first) = segments::lines(bytes).find(|l| !l.bytes.is_empty()) else {
        return Look::Other;
    };
    let leading = first
        .bytes
        .iter()
        .take_while(|b| b.is_ascii_whitespace())
        .count();
    let line = first.bytes.get(leading..).unwrap_or_default();
    match line.get(..3) {
        Some(b"MSH" | b"FHS" | b"BHS") if Delimiters::of(line).is_some() => Look::Hl7,
        Some(_) if message::is_segment(line) && line.get(3) == Some(&b'|') => Look::NoHeader,
        _ => Look::Other,
    }
}

/// # Errors
/// [`ReadError::NotHl7`] when there is no message in it.
pub(crate) fn read(bytes: &[u8], received: Instant) -> Result<Intake, ReadError> {
    let mut reader = Reader {
        document: DocumentHash::of(bytes),
        received,
        people: Vec::new(),
        problems: Vec::new(),
        more_problems: 0,
        quarantined: Vec::new(),
        not_understood: BTreeMap::new(),
        tasks: Vec::new(),
        counts: Hl7Counts::default(),
        seen: HashMap::new(),
        facts: 0,
        promised: None,
    };
    let mut current: Option<Raw<'_>> = None;
    for line in segments::lines(bytes) {
        match line.bytes.get(..3) {
            Some(b"MSH") => {
                if let Some(raw) = current.take() {
                    reader.message(&raw);
                }
                let mut raw = Raw::default();
                raw.push(line);
                current = Some(raw);
            }
            Some(b"FHS" | b"BHS" | b"BTS" | b"FTS") => reader.batch(&line),
            _ => match &mut current {
                Some(raw) => raw.push(line),
                None => reader.outside(&line),
            },
        }
    }
    if let Some(mut raw) = current.take() {
        raw.last = true;
        reader.message(&raw);
    }
    reader.finish()
}

struct Reader {
    document: DocumentHash,
    received: Instant,
    people: Vec<Person>,
    problems: Vec<Problem>,
    more_problems: usize,
    quarantined: Vec<Problem>,
    not_understood: BTreeMap<String, usize>,
    tasks: Vec<IdentityTask>,
    counts: Hl7Counts,
    /// Hashes of the messages met, by sender and control id.
    seen: HashMap<(String, String, String), Vec<DocumentHash>>,
    facts: usize,
    /// BTS-1, where a batch trailer was met.
    promised: Option<usize>,
}

struct Person {
    identity: Identity,
    made: Vec<Made>,
    counts: Hl7Counts,
}

impl Reader {
    fn problem(&mut self, place: impl Into<String>, reason: impl Into<String>) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(Problem {
                place: place.into(),
                reason: reason.into(),
            });
        } else {
            self.more_problems += 1;
        }
    }

    fn quarantine(&mut self, place: impl Into<String>, reason: impl Into<String>) {
        self.quarantined.push(Problem {
            place: place.into(),
            reason: reason.into(),
        });
    }

    fn ignore(&mut self, what: String) {
        *self.not_understood.entry(what).or_default() += 1;
    }

    fn batch(&mut self, line: &Line<'_>) {
        let name = String::from_utf8_lossy(line.bytes.get(..3).unwrap_or_default()).into_owned();
        if name == "BTS" {
            let count = line.bytes.get(4..).unwrap_or_default();
            let digits: String = count
                .iter()
                .take_while(|b| b.is_ascii_digit())
                .map(|b| char::from(*b))
                .collect();
            self.promised = digits.parse().ok().or(self.promised);
        }
        self.ignore(format!("segment {name}"));
    }

    fn outside(&mut self, line: &Line<'_>) {
        if !line.bytes.is_empty() {
            self.problem(
                format!("byte {}", line.start),
                "a line before the first message header: not read",
            );
        }
    }

    fn message(&mut self, raw: &Raw<'_>) {
        let number = self.counts.messages + 1;
        if !raw
            .lines
            .first()
            .is_some_and(|l| Delimiters::are_usual(l.bytes))
        {
            self.counts.custom_delimiters += 1;
        }
        let mut message = match Message::new(raw, number) {
            Ok(message) => message,
            Err(reason) => {
                self.counts.messages += 1;
                return self.quarantine(format!("message {number}"), reason);
            }
        };
        let mut counts = Hl7Counts {
            other_lines: message.other_lines,
            ..Hl7Counts::default()
        };
        for segment in &message.segments {
            counts.add(segment);
        }
        self.counts.merge(&counts);
        let place = message.place();
        for note in &message.notes {
            self.problem(place.clone(), note.clone());
        }
        if raw.too_long {
            return self.quarantine(place, "it has more segments than a message may have here");
        }
        let taken = matches!(message.code.as_str(), "ORU" | "MDM");
        match message.cut().filter(|_| raw.last && taken) {
            Some(Cut::Message) => {
                let reason = "it is cut short: its last segment has no end, nothing of it is used";
                return self.quarantine(place, reason);
            }
            Some(Cut::LastResult) => {
                if let Some(obx) = message.segments.pop() {
                    self.quarantine(
                        format!("MSH[{number}]/OBX[{}]", obx.number),
                        "this result is cut short: it has neither status nor end, and is not used",
                    );
                }
            }
            None => {}
        }
        if self.is_repeated(raw, &message) {
            return;
        }
        if self.facts >= MOST_FACTS {
            return self.quarantine(place, "too many results in one file: split it");
        }
        match (message.code.as_str(), message.trigger.as_str()) {
            ("ORU" | "MDM", _) => self.results(&message, &counts),
            ("ADT", "A40" | "A24") => self.identity_tasks(&message),
            (code, trigger) => {
                let name = format!("message {code}^{trigger}");
                self.ignore(name.trim_end_matches('^').to_owned());
                self.problem(
                    place,
                    "a message of this type is kept as it is and gives no facts",
                );
            }
        }
    }

    /// The same message again, by sender, control id and content.
    fn is_repeated(&mut self, raw: &Raw<'_>, message: &Message<'_>) -> bool {
        let bytes: Vec<&[u8]> = raw
            .lines
            .iter()
            .map(|l| l.bytes)
            .filter(|b| !b.is_empty())
            .collect();
        let hash = DocumentHash::of(&bytes.join(&b'\r'));
        let (application, facility) = message.source.clone();
        let met = self
            .seen
            .entry((application, facility, message.control_id.clone()))
            .or_default();
        if met.contains(&hash) {
            self.problem(
                message.place(),
                "the same message again: one result, seen twice",
            );
            return true;
        }
        met.push(hash);
        if met.len() > 1 && !message.control_id.is_empty() {
            self.problem(
                message.place(),
                "another message of this sender has the same control id: both are read",
            );
        }
        false
    }

    fn results(&mut self, message: &Message<'_>, counts: &Hl7Counts) {
        let mut ignored = Vec::new();
        let parts = message::parts(message, &mut |name| ignored.push(format!("segment {name}")));
        for name in ignored {
            self.ignore(name);
        }
        let Some(msh) = message.segments.first() else {
            return;
        };
        if parts.is_empty() {
            return self.quarantine(message.place(), "no patient identity: it has no PID");
        }
        for (i, part) in parts.into_iter().enumerate() {
            let who = match part.pid {
                Some(pid) => person::identity(pid, msh),
                None => Err("no patient identity: it has no PID"),
            };
            let (mut identity, problems) = match who {
                Ok(found) => found,
                Err(reason) => {
                    self.quarantine(message.place(), reason);
                    continue;
                }
            };
            for reason in problems {
                self.problem(format!("MSH[{}]/PID[{}]", message.number, i + 1), reason);
            }
            if matches!(msh.value(11).as_str(), "T" | "D") {
                identity.synthetic = true;
                self.problem(
                    message.place(),
                    "sent for training or debugging (MSH-11): its patient is marked as made up",
                );
            }
            let Some(number) = self.person(&identity, message) else {
                continue;
            };
            let mut context = Context {
                message,
                source: person::sender(msh),
                identity: &identity,
                document: self.document,
                received: self.received,
                met: HashMap::new(),
                facts: Vec::new(),
                problems: Vec::new(),
            };
            let mut part = part;
            for (number, order) in std::mem::take(&mut part.orders).into_iter().enumerate() {
                if message.code == "MDM" {
                    note::read(&mut context, &part, order, number);
                } else {
                    context.order(&part, &order, number);
                }
            }
            let Context {
                facts, problems, ..
            } = context;
            self.facts += facts.len();
            for (place, reason) in problems {
                self.problem(place, reason);
            }
            self.file(number, facts, identity, message, (i == 0).then_some(counts));
        }
    }

    fn file(
        &mut self,
        number: usize,
        facts: Vec<Fact>,
        identity: Identity,
        message: &Message<'_>,
        counts: Option<&Hl7Counts>,
    ) {
        let Some(person) = self.people.get_mut(number) else {
            return;
        };
        person::complete(&mut person.identity, identity);
        if let Some(counts) = counts {
            person.counts.merge(counts);
        }
        let sent = message.time.map_or(i64::MIN, |t| t.instant.0);
        person.made.extend(facts.into_iter().map(|fact| Made {
            fact: Fact {
                revised: message.time.map(|t| t.instant),
                ..fact
            },
            sent,
            control_id: message.control_id.clone(),
        }));
    }

    /// Which person of this document it is; a new one is added, and a contradiction is quarantined.
    fn person(&mut self, identity: &Identity, message: &Message<'_>) -> Option<usize> {
        let known = self
            .people
            .iter()
            .position(|p| person::share_identifier(&p.identity, identity));
        let Some(known) = known else {
            self.people.push(Person {
                identity: identity.clone(),
                made: Vec::new(),
                counts: Hl7Counts::default(),
            });
            return Some(self.people.len() - 1);
        };
        let contradicts = self
            .people
            .get(known)
            .is_some_and(|p| person::contradict(&p.identity, identity));
        if contradicts {
            self.quarantine(
                message.place(),
                "the same identifier with another birth date, or another name and sex (identifier reuse?)",
            );
            return None;
        }
        Some(known)
    }

    fn finish(mut self) -> Result<Intake, ReadError> {
        if self.counts.messages == 0 {
            return Err(ReadError::NotHl7 {
                found: "no message header (MSH)".to_owned(),
            });
        }
        let messages = self.counts.messages;
        if let Some(promised) = self.promised.filter(|n| *n != messages) {
            self.problem(
                "BTS",
                format!("the batch says {promised} messages and holds {messages}"),
            );
        }
        if self.more_problems > 0 {
            self.problems.push(Problem {
                place: "document".to_owned(),
                reason: format!("{} more problems are not named", self.more_problems),
            });
        }
        let counts = |hl7| Counts {
            hl7,
            ..Counts::default()
        };
        let mut quarantined = self.quarantined;
        let patients = self
            .people
            .into_iter()
            .map(|p| PatientRecord {
                identity: Some(p.identity),
                source_id: String::new(),
                facts: versions::number(p.made, &mut quarantined),
                counts: counts(p.counts),
            })
            .collect();
        let types: Vec<&str> = self.counts.types.keys().map(String::as_str).collect();
        let format = match types.as_slice() {
            [one] if messages == 1 => format!("HL7 v2 {one}"),
            _ => format!("HL7 v2, {messages} messages"),
        };
        Ok(Intake {
            document: self.document,
            format,
            patients,
            problems: self.problems,
            quarantined,
            not_understood: self.not_understood,
            counts: counts(self.counts),
            identity_tasks: self.tasks,
        })
    }
}
