//! What one resource needs to know of another one: who a subject is, which medicine is meant, which panel a result belongs to.

use std::collections::HashMap;

use triptych_clinical::{Coding, Identity};

use super::datatypes;
use crate::json::Object;

#[derive(Default)]
pub(super) struct References {
    people: HashMap<String, usize>,
    /// Two persons with one identifier make it ambiguous: `None`.
    identifiers: HashMap<(String, String), Option<usize>>,
    medications: HashMap<String, (Vec<Coding>, String)>,
    panels: HashMap<String, Panel>,
    specimen_flags: HashMap<String, Vec<String>>,
}

/// The report that a result belongs to.
#[derive(Clone)]
pub(super) struct Panel {
    pub name: String,
    pub resource: Option<String>,
}

impl References {
    pub fn learn_person(
        &mut self,
        person: usize,
        source_id: &str,
        full_url: Option<&str>,
        identity: &Identity,
    ) {
        self.people.insert(source_id.to_owned(), person);
        if let Some(url) = full_url {
            self.people.insert(url.to_owned(), person);
        }
        for i in &identity.identifiers {
            self.identifiers
                .entry((i.issuer.clone(), i.value.clone()))
                .and_modify(|who| *who = None)
                .or_insert(Some(person));
        }
    }

    pub fn learn_elsewhere(&mut self, person: usize, source_id: &str) {
        self.people.insert(source_id.to_owned(), person);
    }

    pub fn person(&self, reference: &str) -> Option<usize> {
        lookup(&self.people, reference).copied()
    }

    pub fn person_by_identifier(&self, system: &str, value: &str) -> Option<usize> {
        *self
            .identifiers
            .get(&(system.to_owned(), value.to_owned()))?
    }

    pub fn medication(&self, reference: &str) -> Option<&(Vec<Coding>, String)> {
        lookup(&self.medications, reference)
    }

    pub fn panel(&self, own: &[&str]) -> Option<&Panel> {
        own.iter().find_map(|r| self.panels.get(*r))
    }

    pub fn specimen_flags(&self, reference: &str) -> &[String] {
        lookup(&self.specimen_flags, reference).map_or(&[], Vec::as_slice)
    }

    pub fn learn(&mut self, full_url: Option<&str>, resource: &Object<'_>) {
        let kind = resource.text("resourceType").unwrap_or_default();
        let id = resource.text("id");
        let names: Vec<String> = id
            .map(|id| format!("{kind}/{id}"))
            .into_iter()
            .chain(full_url.map(str::to_owned))
            .collect();
        match kind {
            "Medication" => {
                let concept = datatypes::concept(resource.get("code"));
                for name in names {
                    self.medications.insert(name, concept.clone());
                }
            }
            "Specimen" => {
                let flags: Vec<String> = resource
                    .objects("condition")
                    .flat_map(|c| datatypes::concept_of(c).0)
                    .filter_map(|c| specimen_flag(&c.code))
                    .map(str::to_owned)
                    .collect();
                if !flags.is_empty() {
                    for name in names {
                        self.specimen_flags.insert(name, flags.clone());
                    }
                }
            }
            "DiagnosticReport" => {
                let (_, name) = datatypes::concept(resource.get("code"));
                let panel = Panel {
                    name,
                    resource: id.map(|id| format!("DiagnosticReport/{id}")),
                };
                for result in resource
                    .objects("result")
                    .filter_map(|r| r.text("reference"))
                {
                    let result = tail(result).unwrap_or(result);
                    self.panels
                        .entry(result.to_owned())
                        .or_insert_with(|| panel.clone());
                }
            }
            "Observation" => {
                let members: Vec<&str> = resource
                    .objects("hasMember")
                    .filter_map(|r| r.text("reference"))
                    .collect();
                if !members.is_empty() {
                    let (_, name) = datatypes::concept(resource.get("code"));
                    let panel = Panel {
                        name,
                        resource: id.map(|id| format!("Observation/{id}")),
                    };
                    for member in members {
                        let member = tail(member).unwrap_or(member);
                        self.panels
                            .entry(member.to_owned())
                            .or_insert_with(|| panel.clone());
                    }
                }
            }
            _ => {}
        }
    }
}

/// HL7 table 0493 (specimen condition) to the specimen flags of the rules.
fn specimen_flag(code: &str) -> Option<&'static str> {
    Some(match code {
        "HEM" => "haemolysed",
        "CLOT" => "clotted",
        _ => return None,
    })
}

fn lookup<'m, T>(map: &'m HashMap<String, T>, reference: &str) -> Option<&'m T> {
    map.get(reference).or_else(|| map.get(tail(reference)?))
}

/// `Patient/1` of `https://server/fhir/Patient/1/_history/2`.
pub(super) fn tail(reference: &str) -> Option<&str> {
    let plain = reference.split("/_history/").next()?;
    let id_at = plain.rfind('/')?;
    let start = plain.get(..id_at)?.rfind('/').map_or(0, |i| i + 1);
    plain.get(start..)
}

/// The `Patient/<id>` that a reference names, if it names a patient by id.
pub(super) fn patient_reference(reference: &str) -> Option<String> {
    let tail = tail(reference)?;
    let id = tail.strip_prefix("Patient/")?;
    (!id.is_empty() && !id.contains('?')).then(|| tail.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_known_by_its_type_and_id() {
        assert_eq!(
            tail("https://x/fhir/Patient/1/_history/2"),
            Some("Patient/1")
        );
        assert_eq!(tail("Patient/1"), Some("Patient/1"));
        assert_eq!(tail("urn:uuid:1"), None);
        assert_eq!(patient_reference("Patient?identifier=a|b"), None);
        assert_eq!(patient_reference("Group/1"), None);
        assert_eq!(
            patient_reference("http://x/Patient/p1").as_deref(),
            Some("Patient/p1")
        );
    }
}
