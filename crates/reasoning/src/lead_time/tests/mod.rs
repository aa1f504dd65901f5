//! Tests of the evaluation, by subject. Every expected number is counted by hand from dates.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod definitions;
mod forms;
mod leaks;
mod no_look_ahead;

use triptych_clinical::{
    CodeSystem, Coding, DocumentHash, Fact, FactId, FactKind, Identity, Instant, Provenance,
    Quantity, Sex, Status, Value, When,
};

use super::{CohortFile, ConditionReport, Protocol, Report, Subject, run};

/// Day 0 of every made-up life.
pub fn day(n: i64) -> Instant {
    When::parse("2010-01-01").unwrap().instant.plus_days(n)
}

pub fn fact(kind: FactKind, system: CodeSystem, code: &str, at: i64) -> Fact {
    Fact {
        codes: vec![Coding::new(system, code)].into(),
        display: code.to_owned().into(),
        effective: Some(When::at(day(at))),
        ..Fact::new(
            FactId::of(&[code, &at.to_string(), &format!("{kind:?}")]),
            kind,
            day(at),
            Provenance::new(DocumentHash([1; 32]), "made up", None),
        )
    }
}

pub fn lab(loinc: &str, value: f64, unit: &str, at: i64) -> Fact {
    Fact {
        value: Value::Quantity(Quantity {
            value,
            comparator: None,
            unit: Some(unit.to_owned().into()),
            unit_text: None,
            written: value.to_string().into(),
        }),
        ..fact(FactKind::Observation, CodeSystem::Loinc, loinc, at)
    }
}

pub fn hba1c(percent: f64, at: i64) -> Fact {
    lab("4548-4", percent, "%", at)
}

pub fn problem(icd10: &str, at: i64) -> Fact {
    Fact {
        status: Status::Active,
        ..fact(FactKind::Problem, CodeSystem::Icd10, icd10, at)
    }
}

/// A contact with care: makes an index time and says nothing.
pub fn visit(at: i64) -> Fact {
    fact(FactKind::Encounter, CodeSystem::Snomed, "185349003", at)
}

pub fn subject(number: u32, facts: Vec<Fact>) -> Subject {
    Subject {
        number,
        identity: Identity {
            birth_date: When::parse("1950-06-01").ok(),
            sex: Sex::Female,
            ..Identity::default()
        },
        facts,
    }
}

pub fn protocol(rules: &[&str]) -> Protocol {
    let file = CohortFile {
        rules: Some(rules.iter().map(ToString::to_string).collect()),
        ..CohortFile::default()
    };
    file.protocol(day(20_000)).unwrap()
}

pub fn report(rules: &[&str], subjects: &[Subject]) -> Report {
    run(subjects, &protocol(rules)).unwrap()
}

/// The only condition of a report.
pub fn only(rules: &[&str], subjects: &[Subject]) -> ConditionReport {
    report(rules, subjects).conditions.remove(0)
}
