//! Results, vital signs, social history, and observations of other sections.

use triptych_clinical::{CodeSystem, Coding, Fact, FactKind, Status, Value};

use super::entries::{Around, authored, held, negated, planned};
use super::sections::{Section, Topic, is_loinc};
use super::xml::{self, Node};
use super::{Reader, datatypes};

impl Reader<'_> {
    pub(super) fn observation(
        &mut self,
        node: Node<'_>,
        section: &Section,
        around: &Around,
    ) -> bool {
        const ALLERGY: &str = "1.3.6.1.4.1.19376.1.5.3.1.4.6";
        let is = |tail: &str| xml::has_template(node, tail);
        if is("4.4") || is("4.68") || is("4.73") {
            return self.problem_observation(node, section, around);
        }
        if is("4.7") || xml::templates(node).any(|t| t == ALLERGY) {
            return self.allergy(node, section, around);
        }
        if is("4.13") {
            return self.procedure(node, section, around);
        }
        if is("4.2") || is("4.27") {
            return self.measured(node, section, around);
        }
        if is("4.121") {
            return self.goal(node, section, around);
        }
        if planned(node) {
            return self.other(node, section, around, "plan");
        }
        match section.topic {
            Topic::Problems | Topic::PastIllness => self.problem_observation(node, section, around),
            Topic::Allergies if around.concern.is_some() => self.allergy(node, section, around),
            Topic::Procedures => self.procedure(node, section, around),
            _ => self.measured(node, section, around),
        }
    }

    /// An organizer: its observations are facts with the name of the panel.
    pub(super) fn panel(&mut self, node: Node<'_>, section: &Section, around: &Around) -> bool {
        let (_, words) = self.concept(node, "code", section);
        let around = Around {
            panel: Some(words).filter(|w| !w.is_empty()),
            status: xml::attr_of(node, "statusCode", "code").map(str::to_owned),
            start: datatypes::times(xml::child(node, "effectiveTime")).start,
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

    /// A value with a code. A value that is not of its type is refused by name.
    fn measured(&mut self, node: Node<'_>, section: &Section, around: &Around) -> bool {
        let mut fact = self.begin(FactKind::Observation, node, section, around);
        fact.set_concept(self.concept(node, "code", section));
        if fact.codes.is_empty() && fact.display.is_empty() {
            self.quarantine(node, "the observation has no code");
            return false;
        }
        fact.effective = fact.effective.or(around.start);
        fact.category = Self::category(section).into();
        if is_smoking(node) && !is_loinc(&fact, "72166-2") {
            fact.codes.push(Coding {
                system: CodeSystem::Loinc,
                code: "72166-2".to_owned(),
                display: Some("from the template Smoking Status".to_owned()),
            });
        }
        fact.status = self.result_status(node, around);
        if planned(node) {
            fact.status = Status::Inert;
        }
        if let Err(reason) = self.set_value(node, &mut fact) {
            self.quarantine(node, reason);
            return false;
        }
        if negated(node) {
            fact.status = Status::Inert;
            fact.attrs.insert("negated".to_owned(), "yes".to_owned());
        }
        if let Some(panel) = &around.panel {
            fact.attrs.insert("panel".to_owned(), panel.clone());
        }
        let method = xml::child(node, "methodCode").map(|m| datatypes::concept(Some(m)).1);
        fact.method = method.filter(|m| !m.is_empty()).map(Into::into);
        self.details_of_result(node, &mut fact, section, around);
        self.end(fact, node, section);
        true
    }

    fn details_of_result(
        &mut self,
        node: Node<'_>,
        fact: &mut Fact,
        section: &Section,
        around: &Around,
    ) {
        self.details(node, fact, section, around);
        let flag = xml::child(node, "interpretationCode");
        fact.flag = flag
            .and_then(|f| {
                let words = || Some(datatypes::concept(Some(f)).1);
                xml::attr(f, "code").map(str::to_owned).or_else(words)
            })
            .map(Into::into);
        fact.flag = fact.flag.take().filter(|f| !f.is_empty());
        match datatypes::reference_range(node) {
            Ok(range) => fact.reference = range,
            Err(reason) => self.problem(node, format!("reference range: {reason}: left out")),
        }
    }

    /// The first value; more than one is said.
    fn set_value(&mut self, node: Node<'_>, fact: &mut Fact) -> Result<(), String> {
        let mut values = xml::children(node, "value");
        let Some(value) = values.next() else {
            fact.value = datatypes::absent(xml::null(node).unwrap_or("NI"));
            return Ok(());
        };
        let (found, said) = datatypes::value(value)?;
        fact.value = found;
        if let Some(said) = said {
            self.problem(value, said);
        }
        if let Value::Quantity(q) = &fact.value
            && q.unit.is_none()
        {
            let why = match q.unit_text {
                Some(_) => "the source says that its unit is not UCUM",
                None => "no unit given",
            };
            fact.attrs.insert("unit".to_owned(), why.to_owned());
        }
        let more: Vec<String> = values
            .map(super::entries::shown)
            .filter(|w| !w.is_empty())
            .collect();
        if !more.is_empty() {
            self.problem(
                node,
                "more than one value: the first counts, the others are listed with it",
            );
            fact.attrs
                .insert("further_values".to_owned(), more.join("; "));
        }
        Ok(())
    }

    /// Record-and-signals 5.3; a result that leaves its status out has that of its panel.
    fn result_status(&mut self, node: Node<'_>, around: &Around) -> Status {
        let own = xml::attr_of(node, "statusCode", "code").map(str::to_owned);
        match own.or_else(|| around.status.clone()).as_deref() {
            Some("completed") => Status::Final,
            Some("active") => Status::Preliminary,
            Some("aborted" | "cancelled") => Status::Cancelled,
            Some("nullified") => Status::EnteredInError,
            _ => {
                self.problem(
                    node,
                    "its status is not said, or none of C-CDA: used by no rule",
                );
                Status::Unknown
            }
        }
    }

    /// A goal is shown; one for HbA1c is the patient's own target, `tri:hba1c_target`.
    fn goal(&mut self, node: Node<'_>, section: &Section, around: &Around) -> bool {
        let (codes, _) = self.concept(node, "code", section);
        let hba1c = codes
            .iter()
            .any(|c| c.system == CodeSystem::Loinc && c.code == "4548-4");
        let target = xml::child(node, "value").and_then(|v| datatypes::value(v).ok());
        if let (true, Some((Value::Quantity(quantity), _))) = (hba1c, target) {
            let mut fact = self.begin(FactKind::Observation, node, section, around);
            fact.codes = vec![Coding::new(CodeSystem::Tri, "hba1c_target")].into();
            fact.display = "HbA1c target".into();
            fact.status = match xml::attr_of(node, "statusCode", "code") {
                Some("active" | "completed") => Status::Final,
                _ => Status::Inert,
            };
            fact.value = Value::Quantity(triptych_clinical::Quantity {
                comparator: None,
                ..quantity
            });
            self.end(fact, node, section);
        }
        self.other(node, section, around, "goal")
    }
}

/// The template of smoking status, also as two vendors write it.
fn is_smoking(node: Node<'_>) -> bool {
    xml::has_template(node, "4.78")
        || xml::templates(node).any(|t| t == "2.16.840.1.113883.10.22.4.78")
}
