//! Medicines of a document: taken, given, or planned. Record-and-signals 5.5, 4.2.

use triptych_clinical::{Fact, FactKind, Status};

use super::entries::{Around, call_by_narrative, negated, planned};
use super::sections::{Section, Topic};
use super::xml::{self, Node};
use super::{Reader, datatypes};
use crate::medicine::{a_day, amount_mg, hours, map_product};

impl Reader<'_> {
    pub(super) fn medicine(&mut self, node: Node<'_>, section: &Section, around: &Around) -> bool {
        let mut fact = self.begin(FactKind::Medication, node, section, around);
        let product = xml::at(node, &["consumable", "manufacturedProduct"]);
        let material = product.and_then(|p| xml::child(p, "manufacturedMaterial"));
        if let Some(material) = material {
            fact.set_concept(self.concept(material, "code", section));
            if fact.display.is_empty() {
                fact.display = xml::child(material, "name")
                    .map(xml::words)
                    .unwrap_or_default()
                    .into();
            }
        }
        if fact.codes.is_empty() && fact.display.is_empty() {
            call_by_narrative(&mut fact);
        }
        if fact.codes.is_empty() && fact.display.is_empty() {
            self.quarantine(node, "which medicine it is is not said");
            return false;
        }
        let source = match section.topic {
            _ if planned(node) => "ordered",
            Topic::Administered => "given",
            _ => "taken",
        };
        fact.attrs.insert("source".to_owned(), source.to_owned());
        if !map_product(&mut fact.codes, &mut fact.attrs) {
            self.problem(
                node,
                "a medicine that is not mapped to ATC: no rule sees it",
            );
        }
        fact.category = Self::category(section).into();
        fact.status = self.medicine_status(node);
        if negated(node) {
            fact.attrs.insert("not_done".to_owned(), "yes".to_owned());
            fact.status = Status::Inert;
        }
        dose(node, &mut fact);
        self.details(node, &mut fact, section, around);
        self.end(fact, node, section);
        true
    }

    /// A planned medicine is shown and inert; of one taken, the status counts.
    fn medicine_status(&mut self, node: Node<'_>) -> Status {
        if planned(node) {
            return Status::Inert;
        }
        match xml::attr_of(node, "statusCode", "code") {
            Some("active") => Status::Active,
            Some("completed" | "aborted") => Status::Completed,
            Some("cancelled") => Status::Cancelled,
            Some("nullified") => Status::EnteredInError,
            Some("suspended" | "held" | "new") => Status::Inert,
            _ => {
                self.problem(
                    node,
                    "its status is not said, or none of C-CDA: used by no rule",
                );
                Status::Unknown
            }
        }
    }
}

/// Start and end, words of the dosage and, where amount and period allow, milligrams a day with how they came about.
fn dose(node: Node<'_>, fact: &mut Fact) {
    let mut words: Vec<String> = Vec::new();
    let mut period: Option<f64> = None;
    for time in xml::children(node, "effectiveTime") {
        match xml::kind(time) {
            "PIVL_TS" => {
                let every =
                    xml::child(time, "period").and_then(|p| datatypes::quantity(p).ok().flatten());
                if let Some(every) = every {
                    let unit = every.unit.as_deref().unwrap_or_default();
                    words.push(format!("every {} {unit}", every.written));
                    period = hours(every.value, unit);
                }
            }
            "EIVL_TS" => {
                if let Some(event) = xml::attr_of(time, "event", "code") {
                    words.push(format!("at {event}"));
                }
            }
            _ => {
                let times = datatypes::times(Some(time));
                fact.effective = fact.effective.or(times.start);
                fact.end = fact.end.or(times.end);
            }
        }
    }
    let strength: Option<f64> = fact.attrs.get("strength_mg").and_then(|t| t.parse().ok());
    let amount =
        xml::child(node, "doseQuantity").and_then(|d| datatypes::quantity(d).ok().flatten());
    if let Some(amount) = &amount {
        let form = xml::child(node, "administrationUnitCode");
        let unit = amount
            .unit
            .clone()
            .or_else(|| Some(datatypes::concept(Some(form?)).1.into()));
        let unit = unit.unwrap_or_default();
        words.insert(0, format!("{} {unit}", amount.written).trim().to_owned());
    }
    let as_needed = xml::child(node, "precondition").is_some();
    if as_needed {
        words.push("as needed".to_owned());
    }
    if let Some(route) = xml::child(node, "routeCode") {
        words.push(datatypes::concept(Some(route)).1);
    }
    words.retain(|w| !w.is_empty());
    if !words.is_empty() {
        fact.attrs.insert("dosage".to_owned(), words.join(", "));
    }
    let daily = amount
        .zip(period)
        .filter(|_| !as_needed)
        .and_then(|(q, hours)| {
            let unit = q.unit.as_deref().unwrap_or_default();
            a_day(amount_mg(q.value, &q.written, unit, strength)?, 1.0, hours)
        });
    if let Some((mg, how)) = daily {
        fact.attrs.insert("dose_mg_day".to_owned(), mg.to_string());
        fact.attrs.insert("dose_basis".to_owned(), how);
    }
}
