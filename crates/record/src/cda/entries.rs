//! Entries: which statement a template or section means, and what all statements share.

use triptych_clinical::{Fact, FactKind, Status, Value, When};

use super::sections::{Section, Topic};
use super::xml::{self, Node};
use super::{Reader, datatypes, header};

/// What a statement takes from those that hold it.
#[derive(Clone, Default)]
pub(super) struct Around {
    /// Status of the act that holds a problem or an allergy.
    pub concern: Option<String>,
    pub authored: Option<When>,
    pub panel: Option<String>,
    /// Status and time of the panel, for results that leave theirs out.
    pub status: Option<String>,
    pub start: Option<When>,
    /// Further category: `encounter-diagnosis` …
    pub category: Option<&'static str>,
}

impl Reader<'_> {
    /// Reads one statement of an entry; false where no fact came of it.
    pub(super) fn statement(&mut self, node: Node<'_>, section: &Section) -> bool {
        self.inner(node, section, &Around::default())
    }

    pub(super) fn inner(&mut self, node: Node<'_>, section: &Section, around: &Around) -> bool {
        let is = |tail: &str| xml::has_template(node, tail);
        match xml::name(node) {
            "act" => self.act(node, section, around),
            "observation" => self.observation(node, section, around),
            "organizer" if is("4.45") || section.topic == Topic::Family => {
                self.family(node, section)
            }
            "organizer" => self.panel(node, section, around),
            "substanceAdministration" if is("4.52") || section.topic == Topic::Immunisations => {
                self.immunisation(node, section, around)
            }
            "substanceAdministration" => self.medicine(node, section, around),
            "procedure" => self.procedure(node, section, around),
            "encounter" => self.encounter(node, section, around),
            "supply" => self.other(node, section, around, "supply"),
            _ => {
                self.not_understood(node);
                false
            }
        }
    }

    fn act(&mut self, node: Node<'_>, section: &Section, around: &Around) -> bool {
        const CONCERN: &str = "1.3.6.1.4.1.19376.1.5.3.1.4.5.1";
        // Concerns, diagnoses at admission and discharge, before and after an operation, of an encounter; medicines at both ends.
        const HOLDERS: [&str; 11] = [
            "4.3", "4.30", "4.33", "4.34", "4.35", "4.36", "4.65", "4.80", "4.132", "4.136",
            "4.119",
        ];
        let holds = HOLDERS.iter().any(|t| xml::has_template(node, t))
            || xml::templates(node).any(|t| t == CONCERN);
        if holds {
            return self.holder(node, section, around);
        }
        if xml::has_template(node, "4.12") {
            return self.procedure(node, section, around);
        }
        if xml::has_template(node, "4.202") {
            return self.note_activity(node, section);
        }
        if xml::templates(node).any(|t| t == "2.16.840.1.113883.10.20.6.2.6") {
            return self.study(node, section, around);
        }
        let what = match () {
            () if xml::has_template(node, "4.20") => "instruction",
            () if planned(node) => "plan",
            () => "statement",
        };
        self.other(node, section, around, what)
    }

    /// An act that only holds others.
    fn holder(&mut self, node: Node<'_>, section: &Section, around: &Around) -> bool {
        let around = Around {
            concern: xml::attr_of(node, "statusCode", "code").map(str::to_owned),
            authored: authored(node).or(around.authored),
            ..around.clone()
        };
        let mut any = false;
        for statement in held(node) {
            if xml::name(statement) == "encounter" && xml::templates(statement).next().is_none() {
                continue;
            }
            any |= self.inner(statement, section, &around);
        }
        if !any {
            self.not_understood(node);
        }
        any
    }

    /// A statement that is shown and enters no rule: plans, instructions, goals, supplies.
    pub(super) fn other(
        &mut self,
        node: Node<'_>,
        section: &Section,
        around: &Around,
        what: &str,
    ) -> bool {
        let mut fact = self.begin(FactKind::Other, node, section, around);
        fact.set_concept(self.concept(node, "code", section));
        if fact.display.is_empty() {
            call_by_narrative(&mut fact);
        }
        if fact.display.is_empty() && fact.codes.is_empty() {
            self.not_understood(node);
            return false;
        }
        fact.category = vec![what.to_owned(), section.heading.to_lowercase()].into();
        fact.status = if planned(node) {
            Status::Inert
        } else {
            act_status(node)
        };
        if let Some(value) = xml::child(node, "value")
            && let Ok((value, _)) = datatypes::value(value)
        {
            fact.value = value;
        }
        self.details(node, &mut fact, section, around);
        self.end(fact, node, section);
        true
    }

    /// A fact with its times, author and place in the narrative.
    pub(super) fn begin(
        &mut self,
        kind: FactKind,
        node: Node<'_>,
        section: &Section,
        around: &Around,
    ) -> Fact {
        let mut fact = self.fact(kind, node);
        let times = datatypes::times(xml::child(node, "effectiveTime"));
        if let Some(wrong) = times.wrong {
            let shown: String = wrong.chars().take(20).collect();
            self.problem(node, format!("{shown:?} is no real time: left out"));
        }
        fact.effective = times.start;
        fact.end = times.end;
        self.set_available(&mut fact, authored(node).or(around.authored));
        let author = xml::at(node, &["author", "assignedAuthor"]).and_then(header::author);
        if let Some(author) = author {
            fact.attrs.insert("performer".to_owned(), author);
        }
        fact.attrs
            .insert("section".to_owned(), section.heading.clone());
        let reference = references(node).find_map(|r| section.narrative.place(r));
        if let Some((place, text)) = reference {
            fact.attrs.insert("narrative".to_owned(), text.to_owned());
            let place = format!("{}-{}", place.start, place.end);
            fact.attrs.insert("narrative_at".to_owned(), place);
            fact.attrs
                .insert("narrative_in".to_owned(), section.path.clone());
        }
        fact
    }

    /// Keeps a fact; what only its entry says, and the signed text does not, is marked.
    pub(super) fn end(&mut self, mut fact: Fact, node: Node<'_>, section: &Section) {
        if fact.effective.is_some_and(|e| e.instant > self.received) && fact.status != Status::Inert
        {
            self.problem(node, "its time lies in the future");
            fact.attrs.insert("future".to_owned(), "yes".to_owned());
        }
        let said = match &fact.value {
            Value::Quantity(q) => q.written.as_str(),
            Value::Text(text) => text,
            _ => &fact.display,
        };
        if !fact.attrs.contains_key("narrative") && !section.narrative.holds(said) {
            fact.attrs
                .insert("only_in_entry".to_owned(), "yes".to_owned());
        }
        self.keep(fact, node, &section.code);
    }

    /// Codes and words of a coded child; words that stand in the narrative are taken from there.
    pub(super) fn concept(
        &self,
        node: Node<'_>,
        child: &str,
        section: &Section,
    ) -> (Vec<triptych_clinical::Coding>, String) {
        let coded = xml::child(node, child);
        let (codes, mut words) = datatypes::concept(coded);
        let unnamed = codes.iter().all(|c| c.display.is_none());
        if let Some(coded) = coded.filter(|_| unnamed) {
            let pointed = xml::at(coded, &["originalText", "reference"])
                .and_then(|r| section.narrative.place(xml::attr(r, "value")?));
            if let Some((_, text)) = pointed {
                text.clone_into(&mut words);
            }
        }
        (codes, words)
    }

    /// What hangs on a statement: known details become attributes, diagnoses facts of their own, the rest is listed.
    pub(super) fn details(
        &mut self,
        node: Node<'_>,
        fact: &mut Fact,
        section: &Section,
        around: &Around,
    ) {
        let mut add = |key: &str, words: String| {
            if !words.is_empty() {
                let all = fact.attrs.entry(key.to_owned()).or_default();
                if !all.is_empty() {
                    all.push_str("; ");
                }
                all.push_str(&words);
            }
        };
        for held in held(node) {
            let is = |tail: &str| xml::has_template(held, tail);
            let old = |tail: &str| {
                let wanted = ["2.16.840.1.113883.10.20.1.", "1.3.6.1.4.1.19376.1.5.3.1.4."];
                xml::templates(held).any(|t| wanted.iter().any(|w| t.strip_prefix(w) == Some(tail)))
            };
            let value = || xml::child(held, "value").map(shown).unwrap_or_default();
            match xml::name(held) {
                "encounter" if xml::templates(held).next().is_none() => {
                    let id = datatypes::first_id(held).map(|(r, e)| format!("{r}^{e}"));
                    add("encounter", id.unwrap_or_default());
                }
                "act" if is("4.80") => {
                    let around = Around {
                        category: Some("encounter-diagnosis"),
                        ..around.clone()
                    };
                    self.inner(held, section, &around);
                }
                "observation" if is("4.6") || is("4.28") || old("57") || old("47") => {
                    add("status_words", value());
                }
                "observation" if is("4.5") => add("health_status", value()),
                "observation" if is("4.8") || old("55") => add("severity", value()),
                "observation" if is("4.145") => add("criticality", value()),
                "observation" if is("4.9") || old("54") => {
                    add("reaction", value());
                    for inner in self::held(held).filter(|h| xml::has_template(*h, "4.8")) {
                        let words = xml::child(inner, "value").map(shown);
                        add("reaction_severity", words.unwrap_or_default());
                    }
                }
                "observation" if is("4.31") => add("age_at_onset", value()),
                "observation" if is("4.19") => add("reason", value()),
                "observation" if is("4.143") => add("priority", value()),
                "observation" if is("4.53") => {
                    add("reason", datatypes::concept(xml::child(held, "code")).1);
                }
                "act"
                    if is("4.20")
                        || is("4.64")
                        || old("40")
                        || old("49")
                        || old("2")
                        || old("3") =>
                {
                    let text = xml::child(held, "text");
                    let pointed = references(held).find_map(|r| section.narrative.place(r));
                    let own = text.map(xml::words).unwrap_or_default();
                    let words = if own.is_empty() {
                        pointed.map(|p| p.1.to_owned())
                    } else {
                        Some(own)
                    };
                    let words =
                        words.unwrap_or_else(|| datatypes::concept(xml::child(held, "code")).1);
                    add("comment", words);
                }
                "supply" if is("4.17") || is("4.18") => {
                    let what = if is("4.18") {
                        "dispensed"
                    } else {
                        "supply ordered"
                    };
                    let times = xml::attr_of(held, "repeatNumber", "value").unwrap_or("?");
                    let amount = xml::attr_of(held, "quantity", "value").unwrap_or("?");
                    add(
                        "supply",
                        format!("{what}: quantity {amount}, repeats {times}"),
                    );
                }
                _ => self.not_understood(held),
            }
        }
    }
}

/// The statements that another one holds.
pub(super) fn held<'a>(node: Node<'a>) -> impl Iterator<Item = Node<'a>> + 'a {
    node.children()
        .filter(|n| matches!(xml::name(*n), "entryRelationship" | "component"))
        .flat_map(|r| r.children())
        .filter(|n| {
            matches!(
                xml::name(*n),
                "act"
                    | "observation"
                    | "organizer"
                    | "substanceAdministration"
                    | "procedure"
                    | "encounter"
                    | "supply"
                    | "observationMedia"
                    | "regionOfInterest"
            )
        })
}

/// The places in the narrative that a statement itself points to.
fn references<'a>(node: Node<'a>) -> impl Iterator<Item = &'a str> + 'a {
    node.children()
        .filter(|n| {
            matches!(
                xml::name(*n),
                "text" | "code" | "value" | "consumable" | "participant" | "playingEntity"
            )
        })
        .flat_map(|n| n.descendants())
        .filter(|n| xml::is(*n, "reference"))
        .filter_map(|n| xml::attr(n, "value"))
}

/// Time of the statement's own author.
pub(super) fn authored(node: Node<'_>) -> Option<When> {
    let time = xml::at(node, &["author", "time"]);
    datatypes::times(time).start
}

/// True for every mood but that of an event.
pub(super) fn planned(node: Node<'_>) -> bool {
    !matches!(xml::attr(node, "moodCode"), None | Some("EVN"))
}

pub(super) fn negated(node: Node<'_>) -> bool {
    xml::attr(node, "negationInd") == Some("true")
}

/// The words of a coded value or text; empty for an unknown.
pub(super) fn shown(value: Node<'_>) -> String {
    let words = datatypes::concept(Some(value)).1;
    if !words.is_empty() {
        return words;
    }
    match datatypes::value(value) {
        Ok((Value::Text(text), _)) => text,
        Ok((Value::Quantity(q), _)) => {
            let unit = q.unit.or(q.unit_text).unwrap_or_default();
            format!("{} {unit}", q.written).trim().to_owned()
        }
        _ => String::new(),
    }
}

/// Status of an act, procedure, encounter or medicine that happened.
pub(super) fn act_status(node: Node<'_>) -> Status {
    match xml::attr_of(node, "statusCode", "code") {
        Some("completed" | "normal") => Status::Completed,
        Some("active") => Status::Active,
        Some("aborted" | "cancelled") => Status::Cancelled,
        Some("nullified") => Status::EnteredInError,
        Some("new" | "held" | "suspended" | "ordered") => Status::Inert,
        Some(_) => Status::Unknown,
        // Encounters and many procedures have none: an event without a status has happened.
        None => Status::Completed,
    }
}

/// What has no name in its entry is called as its section's text calls it.
pub(super) fn call_by_narrative(fact: &mut Fact) {
    if let Some(words) = fact.attrs.get("narrative") {
        fact.display = words.into();
    }
}
