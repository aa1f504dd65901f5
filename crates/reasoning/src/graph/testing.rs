//! Facts, outcomes and statements for the tests of this module.
#![allow(clippy::unwrap_used, reason = "tests")]

use triptych_clinical::{
    CodeSystem, Coding, DocumentHash, Fact, FactId, FactKind, Identity, IndexTime, Origin,
    Provenance, Quantity, Sex, Status, TextSpan, Value, When,
};

use super::sources::{Band, ModelFinding, NoteAssertion, Said};
use crate::chart::FactRef;
use crate::evaluate::{Evaluation, evaluate_all};
use crate::outcome::{Finding, Lane, Outcome};
use crate::rules::Rule;
use crate::settings::Settings;

pub fn when(text: &str) -> When {
    When::parse(text).unwrap()
}

pub fn at(text: &str) -> IndexTime {
    when(text).instant
}

pub fn man() -> Identity {
    Identity {
        birth_date: Some(when("1956-01-15")),
        sex: Sex::Male,
        ..Identity::default()
    }
}

pub fn fact(kind: FactKind, system: CodeSystem, code: &str, time: &str) -> Fact {
    Fact {
        codes: vec![Coding::new(system, code)].into(),
        effective: Some(when(time)),
        available: when(time),
        status: if kind == FactKind::Observation {
            Status::Final
        } else {
            Status::Active
        },
        ..Fact::new(
            FactId::of(&["graph", code, time]),
            kind,
            at("2030-01-01"),
            Provenance::new(DocumentHash([0; 32]), "", None),
        )
    }
}

pub fn lab(code: &str, value: f64, unit: &str, time: &str) -> Fact {
    Fact {
        value: Value::Quantity(Quantity {
            value,
            written: value.to_string().into(),
            comparator: None,
            unit: Some(unit.to_owned().into()),
            unit_text: None,
        }),
        display: code.to_owned().into(),
        ..fact(FactKind::Observation, CodeSystem::Loinc, code, time)
    }
}

pub fn medicine(atc: &str, time: &str) -> Fact {
    Fact {
        display: format!("medicine {atc}").into(),
        ..fact(FactKind::Medication, CodeSystem::Atc, atc, time)
    }
}

pub fn problem(icd10: &str, time: &str) -> Fact {
    fact(FactKind::Problem, CodeSystem::Icd10, icd10, time)
}

/// A reader's measure of one nodule.
pub fn measure(track: &str, volume_mm3: f64, time: &str) -> Fact {
    let mut fact = fact(FactKind::Finding, CodeSystem::Tri, "nodule_measure", time);
    fact.id = FactId::of(&["graph", track, time]);
    fact.status = Status::Final;
    fact.origin = Origin::Reader;
    fact.display = format!("nodule {track}, {volume_mm3} mm3").into();
    for (k, v) in [
        ("track", track.to_owned()),
        ("volume_mm3", volume_mm3.to_string()),
        ("method", "reader".to_owned()),
    ] {
        fact.attrs.insert(k.to_owned(), v);
    }
    fact
}

pub fn evaluated(facts: &[Fact], time: &str) -> Evaluation {
    evaluate_all(facts, &man(), at(time), &Settings::default())
}

pub fn reference(fact: &Fact) -> FactRef {
    FactRef {
        id: fact.id,
        version: fact.version,
    }
}

/// The outcome of a rule that need not be built here, resting on some facts.
pub fn outcome(id: &'static str, finding: Finding, facts: &[&Fact]) -> Outcome {
    let rule: &'static Rule = Box::leak(Box::new(Rule {
        id,
        version: "1.0.0",
        title: "rule of a test",
        evaluate: |_| Finding::silent(),
        ..*crate::rules::by_id("R16").unwrap()
    }));
    let mut basis = crate::Basis {
        input_hash: blake3::hash(format!("{id}{finding:?}{facts:?}").as_bytes())
            .to_hex()
            .to_string(),
        ..crate::Basis::default()
    };
    for fact in facts {
        basis.items.push(crate::BasisItem {
            fact: Some(reference(fact)),
            name: fact.display.clone().to_string(),
            role: "trigger".to_owned(),
            canonical: String::new(),
            original: fact.display.clone().to_string(),
            time: fact.effective,
            age: String::new(),
        });
    }
    assert_eq!(rule.lane, Lane::N);
    Outcome {
        rule,
        analyte: None,
        finding,
        basis,
    }
}

/// Puts an outcome in the place of the rule's own.
pub fn with(mut evaluation: Evaluation, outcome: Outcome) -> Evaluation {
    evaluation.outcomes.retain(|o| o.rule.id != outcome.rule.id);
    evaluation.outcomes.push(outcome);
    evaluation
}

pub fn said(concept: &str, time: &str) -> NoteAssertion {
    NoteAssertion {
        concept: concept.to_owned(),
        said: Said::default(),
        report: false,
        confirmed: true,
        study: None,
        span: TextSpan { start: 0, end: 10 },
        fact: FactRef {
            id: FactId::of(&["note", concept, time]),
            version: 1,
        },
        time: when(time),
        available: at(time),
    }
}

pub fn reported(concept: &str, time: &str, study: &str) -> NoteAssertion {
    NoteAssertion {
        report: true,
        study: Some(study.to_owned()),
        ..said(concept, time)
    }
}

pub fn model(label: &str, present: bool, band: Band, time: &str, study: &str) -> ModelFinding {
    ModelFinding {
        model: "finder@2.0.0".to_owned(),
        label: label.to_owned(),
        band,
        present,
        study: study.to_owned(),
        study_time: when(time),
        available: at(time),
        fact: None,
        confirmed: false,
    }
}
