//! Problems, allergies, procedures, encounters, immunisations, family history, imaging studies and notes inside entries.

use triptych_clinical::{Fact, FactKind, Status, StudyUid};

use super::entries::{Around, act_status, call_by_narrative, held, negated, planned};
use super::sections::{Section, Topic};
use super::xml::{self, Node};
use super::{Reader, datatypes};

impl Reader<'_> {
    /// A problem is what the observation's value says; a negated one is shown and is nobody's problem.
    pub(super) fn problem_observation(
        &mut self,
        node: Node<'_>,
        section: &Section,
        around: &Around,
    ) -> bool {
        let mut fact = self.begin(FactKind::Problem, node, section, around);
        fact.set_concept(self.concept(node, "value", section));
        if fact.codes.is_empty() && fact.display.is_empty() {
            call_by_narrative(&mut fact);
        }
        if fact.codes.is_empty() && fact.display.is_empty() {
            let flavour = xml::child(node, "value")
                .and_then(xml::null)
                .unwrap_or("NI");
            fact.value = datatypes::absent(flavour);
            fact.display = "Problem not said".into();
        }
        fact.category = around
            .category
            .map(str::to_owned)
            .into_iter()
            .chain(Self::category(section))
            .collect();
        self.details(node, &mut fact, section, around);
        fact.status = problem_status(node, &fact, section, around);
        if negated(node) {
            fact.attrs.insert("negated".to_owned(), "yes".to_owned());
        }
        self.end(fact, node, section);
        true
    }

    /// An allergy is named by its substance; where none is said, by its type.
    pub(super) fn allergy(&mut self, node: Node<'_>, section: &Section, around: &Around) -> bool {
        let mut fact = self.begin(FactKind::Allergy, node, section, around);
        let (kinds, kind) = self.concept(node, "value", section);
        let substance = xml::children(node, "participant")
            .filter_map(|p| xml::at(p, &["participantRole", "playingEntity"]))
            .find(|p| xml::child(*p, "code").is_some() || xml::child(*p, "name").is_some());
        if let Some(substance) = substance {
            fact.set_concept(self.concept(substance, "code", section));
            if fact.display.is_empty() {
                fact.display = xml::child(substance, "name")
                    .map(xml::words)
                    .unwrap_or_default()
                    .into();
            }
        }
        if fact.codes.is_empty() && fact.display.is_empty() {
            fact.set_concept((kinds, kind.clone()));
        }
        if fact.codes.is_empty() && fact.display.is_empty() {
            self.quarantine(node, "the allergy names neither a substance nor a type");
            return false;
        }
        if !kind.is_empty() {
            fact.attrs.insert("type".to_owned(), kind);
        }
        fact.category = Self::category(section).into();
        self.details(node, &mut fact, section, around);
        fact.status = problem_status(node, &fact, section, around);
        if negated(node) {
            fact.attrs.insert("negated".to_owned(), "yes".to_owned());
        }
        self.end(fact, node, section);
        true
    }

    pub(super) fn procedure(&mut self, node: Node<'_>, section: &Section, around: &Around) -> bool {
        let kind = if planned(node) {
            FactKind::Other
        } else {
            FactKind::Procedure
        };
        let mut fact = self.begin(kind, node, section, around);
        fact.set_concept(self.concept(node, "code", section));
        if fact.codes.is_empty() && fact.display.is_empty() {
            call_by_narrative(&mut fact);
        }
        if fact.codes.is_empty() && fact.display.is_empty() {
            self.quarantine(node, "what procedure it is is not said");
            return false;
        }
        fact.category = Self::category(section).into();
        fact.status = act_status(node);
        if negated(node) {
            fact.attrs.insert("not_done".to_owned(), "yes".to_owned());
            fact.status = Status::Inert;
        }
        if planned(node) {
            fact.category.insert(0, "plan".to_owned());
            fact.status = Status::Inert;
        }
        if let Some(site) = xml::child(node, "targetSiteCode") {
            let words = datatypes::concept(Some(site)).1;
            if !words.is_empty() {
                fact.attrs.insert("site".to_owned(), words);
            }
        }
        if let Some(value) = xml::child(node, "value").filter(|_| xml::name(node) == "observation")
            && let Ok((value, _)) = datatypes::value(value)
        {
            fact.value = value;
        }
        self.details(node, &mut fact, section, around);
        self.end(fact, node, section);
        true
    }

    pub(super) fn encounter(&mut self, node: Node<'_>, section: &Section, around: &Around) -> bool {
        let kind = if planned(node) {
            FactKind::Other
        } else {
            FactKind::Encounter
        };
        let mut fact = self.begin(kind, node, section, around);
        fact.set_concept(self.concept(node, "code", section));
        if fact.display.is_empty() {
            fact.display = "Encounter".into();
        }
        fact.category = Self::category(section).into();
        fact.status = if planned(node) {
            Status::Inert
        } else {
            act_status(node)
        };
        self.details(node, &mut fact, section, around);
        self.end(fact, node, section);
        true
    }

    /// The encounter of the header that the document belongs to.
    pub(super) fn encompassing(&mut self, document: Node<'_>) {
        let Some(node) = xml::at(document, &["componentOf", "encompassingEncounter"]) else {
            return;
        };
        let mut fact = self.fact(FactKind::Encounter, node);
        let times = datatypes::times(xml::child(node, "effectiveTime"));
        (fact.effective, fact.end) = (times.start, times.end);
        if fact.effective.is_none() && datatypes::first_id(node).is_none() {
            return self.problem(
                node,
                "the encounter of the document has neither a time nor an id",
            );
        }
        fact.set_concept(datatypes::concept(xml::child(node, "code")));
        if fact.display.is_empty() {
            fact.display = "Encounter".into();
        }
        fact.status = Status::Completed;
        let start = fact.effective;
        self.set_available(&mut fact, start);
        self.keep(fact, node, "header");
    }

    pub(super) fn immunisation(
        &mut self,
        node: Node<'_>,
        section: &Section,
        around: &Around,
    ) -> bool {
        let mut fact = self.begin(FactKind::Immunization, node, section, around);
        let material = xml::at(
            node,
            &["consumable", "manufacturedProduct", "manufacturedMaterial"],
        );
        if let Some(material) = material {
            fact.set_concept(self.concept(material, "code", section));
        }
        if fact.codes.is_empty() && fact.display.is_empty() {
            self.quarantine(node, "which vaccine it is is not said");
            return false;
        }
        fact.category = Self::category(section).into();
        fact.status = if planned(node) {
            Status::Inert
        } else {
            act_status(node)
        };
        if negated(node) {
            fact.attrs.insert("not_done".to_owned(), "yes".to_owned());
            fact.status = Status::Inert;
        }
        self.details(node, &mut fact, section, around);
        self.end(fact, node, section);
        true
    }

    /// A relative and their conditions: shown; the codes of a relative's condition are never the patient's.
    pub(super) fn family(&mut self, node: Node<'_>, section: &Section) -> bool {
        let relative = xml::at(node, &["subject", "relatedSubject"]);
        let who = relative.map(|r| datatypes::concept(xml::child(r, "code")).1);
        let who = who
            .filter(|w| !w.is_empty())
            .unwrap_or_else(|| "relative".to_owned());
        let conditions: Vec<String> = held(node)
            .filter_map(|o| xml::child(o, "value"))
            .map(super::entries::shown)
            .filter(|w| !w.is_empty())
            .collect();
        let mut fact = self.begin(FactKind::Other, node, section, &Around::default());
        fact.display = format!("{who}: {}", conditions.join("; ")).into();
        fact.category = vec!["family history".to_owned()].into();
        fact.status = act_status(node);
        for observation in held(node) {
            for detail in held(observation) {
                let value = xml::child(detail, "value").map(super::entries::shown);
                let key = if xml::has_template(detail, "4.31") {
                    "age_at_onset"
                } else if xml::has_template(detail, "4.47") {
                    "cause_of_death"
                } else {
                    self.not_understood(detail);
                    continue;
                };
                let all = fact.attrs.entry(key.to_owned()).or_default();
                if !all.is_empty() {
                    all.push_str("; ");
                }
                all.push_str(&value.unwrap_or_default());
            }
        }
        self.end(fact, node, section);
        true
    }

    /// A DICOM study that a report is about: its id is the Study Instance UID.
    pub(super) fn study(&mut self, node: Node<'_>, section: &Section, around: &Around) -> bool {
        let uid = datatypes::first_id(node).and_then(|(root, _)| StudyUid::new(root).ok());
        let mut fact = self.begin(FactKind::Imaging, node, section, around);
        fact.set_concept(self.concept(node, "code", section));
        match uid {
            Some(uid) => {
                fact.attrs
                    .insert("study_uid".to_owned(), uid.as_str().to_owned());
            }
            None => self.problem(
                node,
                "no Study Instance UID: the study cannot be joined with images",
            ),
        }
        if fact.display.is_empty() {
            fact.display = "Imaging study".into();
        }
        fact.status = Status::Final;
        for series in held(node) {
            let code = xml::child(series, "code");
            let modality = code
                .and_then(|c| xml::at(c, &["qualifier", "value"]))
                .and_then(|v| xml::attr(v, "code"));
            if let Some(modality) = modality {
                fact.attrs
                    .insert("modality".to_owned(), modality.to_owned());
            }
            let images = held(series).count();
            fact.attrs
                .insert("instances".to_owned(), images.to_string());
        }
        self.end(fact, node, section);
        true
    }

    /// A note inside an entry (R2.1), as text or as a file.
    pub(super) fn note_activity(&mut self, node: Node<'_>, section: &Section) -> bool {
        let text = xml::child(node, "text");
        let mut note = self.note(text.unwrap_or(node), FactKind::Note);
        let (codes, words) = self.concept(node, "code", section);
        note.set_concept((codes, words));
        if note.display.is_empty() {
            note.display = section.heading.as_str().into();
        }
        note.category = vec!["note".to_owned()].into();
        let times = datatypes::times(xml::child(node, "effectiveTime"));
        note.effective = times.start.or(note.effective);
        let authored = super::entries::authored(node);
        self.set_available(&mut note, authored);
        let author = xml::at(node, &["author", "assignedAuthor"]).and_then(super::header::author);
        if let Some(author) = author {
            note.attrs.insert("performer".to_owned(), author);
        }
        let pointed = text
            .and_then(|t| xml::attr_of(t, "reference", "value"))
            .and_then(|r| section.narrative.place(r));
        match (text, pointed) {
            (Some(text), pointed) if xml::attr(text, "representation") == Some("B64") => {
                if let Err(reason) = self.file(text, &mut note) {
                    self.quarantine(text, reason);
                    return false;
                }
                // What cannot be shown has its plain text in the narrative.
                if let (None, Some((_, words))) = (&note.text, pointed) {
                    note.text = Some(words.to_owned());
                }
            }
            (_, Some((_, words))) => note.text = Some(words.to_owned()),
            (Some(text), None) => note.text = Some(xml::words(text)),
            (None, None) => {
                self.not_understood(node);
                return false;
            }
        }
        self.keep_note(note, &section.code);
        true
    }
}

/// Active, over, or removed. What the status observation says counts; else the end; else the act around it.
fn problem_status(node: Node<'_>, fact: &Fact, section: &Section, around: &Around) -> Status {
    match xml::attr_of(node, "statusCode", "code") {
        Some("nullified") => return Status::EnteredInError,
        Some("aborted" | "cancelled") => return Status::Cancelled,
        _ => {}
    }
    if around.concern.as_deref() == Some("nullified") {
        return Status::EnteredInError;
    }
    if negated(node) || planned(node) {
        return Status::Inert;
    }
    let words = fact.attrs.get("status_words").map(|w| w.to_lowercase());
    match words.as_deref() {
        Some("active" | "recurrence" | "relapse") => return Status::Active,
        Some("inactive" | "resolved" | "remission") => return Status::Completed,
        _ => {}
    }
    let high = xml::child(node, "effectiveTime").and_then(|t| xml::child(t, "high"));
    let over = high.and_then(xml::null) == Some("UNK");
    if fact.end.is_some() || over {
        return Status::Completed;
    }
    match around.concern.as_deref() {
        Some("completed") => Status::Completed,
        Some("suspended" | "aborted") => Status::Inert,
        Some("active") => Status::Active,
        _ if section.topic == Topic::PastIllness => Status::Completed,
        _ => Status::Active,
    }
}
