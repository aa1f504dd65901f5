//! Counts of what a document holds, before any judgement: the columns of the test data's `index.csv`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::cda::CdaCounts;
use crate::fhir::attachment;
use crate::hl7::Hl7Counts;
use crate::json::{Json, Object};

/// Resources and values as they stand in the source. Contained resources are not counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// All resources.
    pub resources: usize,
    /// Observation resources.
    pub observations: usize,
    /// … with a number.
    pub obs_numeric: usize,
    /// … with text.
    pub obs_string: usize,
    /// … with a coded answer.
    pub obs_coded: usize,
    /// … with a range, ratio, time, period, sampled data …
    pub obs_other_value: usize,
    /// … with neither a value nor components.
    pub obs_no_value: usize,
    /// … with components.
    pub obs_components: usize,
    /// Components of all of them.
    pub components: usize,
    /// Components with a number.
    pub components_numeric: usize,
    /// Observations with a reference range, their own or a component's.
    pub obs_reference_range: usize,
    /// Observations with an interpretation.
    pub obs_interpretation: usize,
    /// Observations with `<`, `>` …
    pub obs_comparator: usize,
    /// Quantities with neither unit nor code.
    pub obs_quantity_no_unit: usize,
    /// Observations that say why there is no value.
    pub obs_data_absent: usize,
    /// Observations of another status than final.
    pub obs_not_final: usize,
    /// Different first codes of observations.
    pub obs_codes: BTreeSet<String>,
    /// Earliest day of an observation, as written.
    pub obs_first: Option<String>,
    /// Latest day of an observation, as written.
    pub obs_last: Option<String>,
    /// DiagnosticReport resources.
    pub diagnostic_reports: usize,
    /// … with readable text attached.
    pub reports_with_text: usize,
    /// DocumentReference resources.
    pub document_references: usize,
    /// … with readable text attached.
    pub notes_readable: usize,
    /// Condition resources.
    pub conditions: usize,
    /// MedicationRequest resources.
    pub medication_requests: usize,
    /// Encounter resources.
    pub encounters: usize,
    /// Procedure resources.
    pub procedures: usize,
    /// AllergyIntolerance resources.
    pub allergies: usize,
    /// Immunization resources.
    pub immunizations: usize,
    /// ImagingStudy resources.
    pub imaging_studies: usize,
    /// CarePlan resources.
    pub careplans: usize,
    /// All other resources by type.
    pub other_types: BTreeMap<String, usize>,
    /// Of C-CDA documents.
    pub cda: CdaCounts,
    /// HL7 v2 messages.
    pub hl7: Hl7Counts,
}

impl Counts {
    /// Adds the counts of another document of the same import.
    pub fn merge(&mut self, other: &Self) {
        self.resources += other.resources;
        self.observations += other.observations;
        self.obs_numeric += other.obs_numeric;
        self.obs_string += other.obs_string;
        self.obs_coded += other.obs_coded;
        self.obs_other_value += other.obs_other_value;
        self.obs_no_value += other.obs_no_value;
        self.obs_components += other.obs_components;
        self.components += other.components;
        self.components_numeric += other.components_numeric;
        self.obs_reference_range += other.obs_reference_range;
        self.obs_interpretation += other.obs_interpretation;
        self.obs_comparator += other.obs_comparator;
        self.obs_quantity_no_unit += other.obs_quantity_no_unit;
        self.obs_data_absent += other.obs_data_absent;
        self.obs_not_final += other.obs_not_final;
        self.obs_codes.extend(other.obs_codes.iter().cloned());
        for day in other.obs_first.iter().chain(&other.obs_last) {
            self.add_day(day);
        }
        self.diagnostic_reports += other.diagnostic_reports;
        self.reports_with_text += other.reports_with_text;
        self.document_references += other.document_references;
        self.notes_readable += other.notes_readable;
        self.conditions += other.conditions;
        self.medication_requests += other.medication_requests;
        self.encounters += other.encounters;
        self.procedures += other.procedures;
        self.allergies += other.allergies;
        self.immunizations += other.immunizations;
        self.imaging_studies += other.imaging_studies;
        self.careplans += other.careplans;
        for (kind, n) in &other.other_types {
            *self.other_types.entry(kind.clone()).or_default() += n;
        }
        self.cda.merge(&other.cda);
        self.hl7.merge(&other.hl7);
    }

    fn add_day(&mut self, day: &str) {
        if self.obs_first.as_deref().is_none_or(|first| day < first) {
            self.obs_first = Some(day.to_owned());
        }
        if self.obs_last.as_deref().is_none_or(|last| day > last) {
            self.obs_last = Some(day.to_owned());
        }
    }

    pub(crate) fn add(&mut self, resource: &Object<'_>) {
        self.resources += 1;
        let kind = resource.text("resourceType").unwrap_or("None");
        let slot = match kind {
            "Observation" => {
                self.add_observation(resource);
                &mut self.observations
            }
            "DiagnosticReport" => {
                let readable = resource
                    .objects("presentedForm")
                    .any(attachment::is_plain_text);
                self.reports_with_text += usize::from(readable);
                &mut self.diagnostic_reports
            }
            "DocumentReference" => {
                let readable = resource
                    .objects("content")
                    .filter_map(|c| c.object("attachment"))
                    .any(attachment::is_plain_text);
                self.notes_readable += usize::from(readable);
                &mut self.document_references
            }
            "Condition" => &mut self.conditions,
            "MedicationRequest" => &mut self.medication_requests,
            "Encounter" => &mut self.encounters,
            "Procedure" => &mut self.procedures,
            "AllergyIntolerance" => &mut self.allergies,
            "Immunization" => &mut self.immunizations,
            "ImagingStudy" => &mut self.imaging_studies,
            "CarePlan" => &mut self.careplans,
            other => self.other_types.entry(other.to_owned()).or_default(),
        };
        *slot += 1;
    }

    fn add_observation(&mut self, o: &Object<'_>) {
        let kinds = ValueKinds::of(o);
        let components = o.list("component");
        let parts = || components.iter().filter_map(Json::as_object);
        self.obs_numeric += usize::from(kinds.numeric);
        self.obs_string += usize::from(kinds.string);
        self.obs_coded += usize::from(kinds.coded);
        self.obs_other_value += usize::from(kinds.other);
        self.obs_no_value += usize::from(kinds == ValueKinds::default() && components.is_empty());
        self.obs_components += usize::from(!components.is_empty());
        self.components += components.len();
        self.components_numeric += parts().filter(|c| ValueKinds::of(c).numeric).count();
        self.obs_reference_range +=
            usize::from(o.has("referenceRange") || parts().any(|c| c.has("referenceRange")));
        self.obs_interpretation += usize::from(o.has("interpretation"));
        self.obs_data_absent += usize::from(o.has("dataAbsentReason"));
        self.obs_not_final += usize::from(o.text("status") != Some("final"));
        if let Some(q) = o.object("valueQuantity") {
            let given = |key| q.text(key).is_some_and(|t| !t.is_empty());
            self.obs_comparator += usize::from(given("comparator"));
            self.obs_quantity_no_unit += usize::from(!given("unit") && !given("code"));
        }
        let code = o.object("code");
        let first = code.and_then(|c| c.objects("coding").next()?.text("code"));
        let shown = first.or_else(|| code?.text("text")).unwrap_or_default();
        if !self.obs_codes.contains(shown) {
            self.obs_codes.insert(shown.to_owned());
        }
        let period = || o.object("effectivePeriod")?.text("start");
        if let Some(day) = o.text("effectiveDateTime").or_else(period) {
            let day: String = day.chars().take(10).collect();
            self.add_day(&day);
        }
    }
}

#[derive(Default, PartialEq, Eq)]
struct ValueKinds {
    numeric: bool,
    string: bool,
    coded: bool,
    other: bool,
}

impl ValueKinds {
    fn of(o: &Object<'_>) -> Self {
        let quantity = o.object("valueQuantity");
        Self {
            numeric: quantity.is_some_and(|q| matches!(q.get("value"), Some(Json::Number(_))))
                || matches!(o.get("valueInteger"), Some(Json::Number(_))),
            string: o.text("valueString").is_some(),
            coded: o.has("valueCodeableConcept"),
            other: o.members.iter().any(|(key, _)| {
                key.starts_with("value")
                    && !matches!(
                        key.as_ref(),
                        "valueQuantity" | "valueInteger" | "valueString" | "valueCodeableConcept"
                    )
            }),
        }
    }
}
