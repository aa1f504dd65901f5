//! Counts of what a C-CDA document holds, before any judgement: the columns of the test data's `index.csv`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::xml::{self, Node};

/// Sections, entries and statements as they stand in the source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CdaCounts {
    /// Documents.
    pub documents: usize,
    /// Sections, nested ones included.
    pub sections: usize,
    /// … with a narrative that is not empty.
    pub sections_with_text: usize,
    /// … with a null flavour.
    pub sections_null: usize,
    /// Sections by their code; `-` where there is none.
    pub section_codes: BTreeMap<String, usize>,
    /// Entries of all sections.
    pub entries: usize,
    /// Result organizers (panels).
    pub result_organizers: usize,
    /// Result observations.
    pub result_observations: usize,
    /// … with a number.
    pub results_numeric: usize,
    /// … with an interval (`<`, `>`).
    pub results_interval: usize,
    /// … with text.
    pub results_string: usize,
    /// … with a coded answer.
    pub results_coded: usize,
    /// … without a value, or with an explicit unknown.
    pub results_null: usize,
    /// … with a reference range.
    pub results_reference_range: usize,
    /// … with an interpretation.
    pub results_interpretation: usize,
    /// Vital sign observations.
    pub vital_observations: usize,
    /// Problem observations.
    pub problem_observations: usize,
    /// Medication activities.
    pub medications: usize,
    /// Allergy observations.
    pub allergy_observations: usize,
    /// Procedure activities: acts, observations, procedures.
    pub procedures: usize,
    /// Sections of notes (R2.1).
    pub notes_sections: usize,
    /// Letters of base64 in a body that is not XML, white space aside.
    pub embedded_base64_chars: usize,
}

impl CdaCounts {
    /// Adds the counts of another document of the same import.
    pub fn merge(&mut self, other: &Self) {
        self.documents += other.documents;
        self.sections += other.sections;
        self.sections_with_text += other.sections_with_text;
        self.sections_null += other.sections_null;
        for (code, n) in &other.section_codes {
            *self.section_codes.entry(code.clone()).or_default() += n;
        }
        self.entries += other.entries;
        self.result_organizers += other.result_organizers;
        self.result_observations += other.result_observations;
        self.results_numeric += other.results_numeric;
        self.results_interval += other.results_interval;
        self.results_string += other.results_string;
        self.results_coded += other.results_coded;
        self.results_null += other.results_null;
        self.results_reference_range += other.results_reference_range;
        self.results_interpretation += other.results_interpretation;
        self.vital_observations += other.vital_observations;
        self.problem_observations += other.problem_observations;
        self.medications += other.medications;
        self.allergy_observations += other.allergy_observations;
        self.procedures += other.procedures;
        self.notes_sections += other.notes_sections;
        self.embedded_base64_chars += other.embedded_base64_chars;
    }

    /// Of a whole document.
    pub(super) fn of(document: Node<'_>) -> Self {
        let mut counts = Self {
            documents: 1,
            ..Self::default()
        };
        for node in document.descendants() {
            match xml::name(node) {
                "section" => counts.section(node),
                "organizer" => {
                    counts.result_organizers += usize::from(xml::has_template(node, "4.1"));
                }
                "observation" => counts.observation(node),
                "substanceAdministration" => {
                    counts.medications += usize::from(xml::has_template(node, "4.16"));
                }
                "nonXMLBody" => counts.body(node),
                _ => {}
            }
            if matches!(xml::name(node), "procedure" | "observation" | "act") {
                let any = ["4.12", "4.13", "4.14"];
                let is = any.iter().any(|t| xml::has_template(node, t));
                counts.procedures += usize::from(is);
            }
        }
        counts
    }

    fn section(&mut self, section: Node<'_>) {
        self.sections += 1;
        let code = xml::child(section, "code").and_then(|c| c.attribute("code"));
        let code = code.filter(|c| !c.is_empty()).unwrap_or("-");
        *self.section_codes.entry(code.to_owned()).or_default() += 1;
        let text = xml::child(section, "text");
        let written = text.is_some_and(|t| {
            let mut texts = t.descendants().filter(Node::is_text);
            texts.any(|n| n.text().is_some_and(|s| !s.trim().is_empty()))
        });
        self.sections_with_text += usize::from(written);
        let null = section
            .attribute("nullFlavor")
            .is_some_and(|n| !n.is_empty());
        self.sections_null += usize::from(null);
        self.entries += xml::children(section, "entry").count();
        let notes = xml::templates(section).any(|t| t == "2.16.840.1.113883.10.20.22.2.65");
        self.notes_sections += usize::from(notes);
    }

    fn observation(&mut self, node: Node<'_>) {
        if xml::has_template(node, "4.2") {
            self.result(node);
        }
        self.vital_observations += usize::from(xml::has_template(node, "4.27"));
        self.problem_observations += usize::from(xml::has_template(node, "4.4"));
        self.allergy_observations += usize::from(xml::has_template(node, "4.7"));
    }

    fn result(&mut self, node: Node<'_>) {
        let values: Vec<Node<'_>> = xml::children(node, "value").collect();
        let any = |kinds: &[&str]| values.iter().any(|v| kinds.contains(&xml::kind(*v)));
        let number = values.iter().any(|v| {
            matches!(xml::kind(*v), "PQ" | "REAL" | "INT")
                && v.attribute("value").is_some_and(|t| !t.is_empty())
        });
        self.result_observations += 1;
        self.results_numeric += usize::from(number);
        self.results_interval += usize::from(any(&["IVL_PQ", "IVL_REAL", "IVL_INT"]));
        self.results_string += usize::from(any(&["ST", "ED"]));
        self.results_coded += usize::from(any(&["CD", "CE", "CO", "CV"]));
        self.results_null += usize::from(values.iter().all(|v| xml::null(*v).is_some()));
        self.results_reference_range += usize::from(xml::child(node, "referenceRange").is_some());
        self.results_interpretation +=
            usize::from(xml::child(node, "interpretationCode").is_some());
    }

    fn body(&mut self, body: Node<'_>) {
        let Some(text) = xml::child(body, "text") else {
            return;
        };
        if text.attribute("representation") == Some("B64") {
            let texts = text.descendants().filter(Node::is_text);
            let letters = |n: Node<'_>| {
                let text = n.text().unwrap_or_default();
                text.chars().filter(|c| !c.is_whitespace()).count()
            };
            self.embedded_base64_chars += texts.map(letters).sum::<usize>();
        }
    }
}
