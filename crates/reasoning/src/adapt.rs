//! From the archive's facts to the record as rules see it. Codes are picked by system; nothing is inferred.

use triptych_clinical::{
    CodeSystem, Coding, Fact, FactKind, Identity, IndexTime, Origin, Sex, Value,
};

use crate::chart::{Chart, Datum, EquationSex, FactRef, Kind, Person, Reported};
use crate::study;

/// The chart of one patient as known at `at`. `facts` may hold several versions of one fact and facts known only later; both are sorted out here.
#[must_use]
pub fn chart(facts: &[Fact], identity: &Identity, at: IndexTime) -> Chart {
    let data = facts.iter().filter_map(|f| datum(f, at)).collect();
    let mut chart = Chart::new(person(identity), at, data);
    chart.unmapped_medicines = unmapped_medicines(&chart);
    chart
}

/// What rules use of an identity.
pub(crate) const fn person(identity: &Identity) -> Person {
    Person {
        sex: match identity.sex {
            Sex::Female => Some(EquationSex::Female),
            Sex::Male => Some(EquationSex::Male),
            Sex::Other | Sex::Unknown => None,
        },
        birth: identity.birth_date,
    }
}

/// Active medicines without an ATC code, by name.
pub(crate) fn unmapped_medicines(chart: &Chart) -> Vec<String> {
    let mut unmapped: Vec<String> = chart
        .data()
        .filter(|d| {
            d.kind == Kind::Medicine
                && d.is_active(chart.at)
                && d.code_where(|c| c.system == CodeSystem::Atc).is_none()
        })
        .map(|d| d.display.clone())
        .collect();
    unmapped.sort();
    unmapped.dedup();
    unmapped
}

/// One fact as a datum; `None` for kinds that enter no rule.
pub(crate) fn datum(fact: &Fact, at: IndexTime) -> Option<Datum> {
    let kind = match fact.kind {
        FactKind::Observation => Kind::Observation,
        FactKind::Medication => Kind::Medicine,
        FactKind::Problem => Kind::Problem,
        FactKind::Procedure => Kind::Procedure,
        FactKind::Finding => Kind::Finding,
        FactKind::Imaging => Kind::Imaging,
        FactKind::Allergy => Kind::Allergy,
        // The report of a chest CT or a neck ultrasound says that it was done (section 4.2).
        FactKind::Report if study::is_report_of_a_study(&fact.codes) => Kind::Imaging,
        FactKind::Encounter
        | FactKind::Note
        | FactKind::Report
        | FactKind::Immunization
        | FactKind::Other => return None,
    };
    let value = match &fact.value {
        Value::None => Reported::None,
        Value::Quantity(q) => Reported::Number {
            value: q.value,
            comparator: q.comparator,
            unit: q.unit.clone(),
            written: q.written.clone(),
        },
        Value::Coded(coding) => Reported::Text(
            coding
                .display
                .clone()
                .unwrap_or_else(|| coding.code.clone()),
        ),
        Value::Text(text) => Reported::Text(text.clone()),
        // An explicit "not available" is shown, and is not a value.
        Value::Absent(_) => return None,
    };
    let answer = match &fact.value {
        Value::Coded(coding) => Some(coding.clone()),
        _ => None,
    };
    let confirmed = fact.confirmed.as_ref().is_some_and(|c| c.at <= at);
    Some(Datum {
        fact: Some(FactRef {
            id: fact.id,
            version: fact.version,
        }),
        key: fact.id.to_string(),
        kind,
        codes: codes(&fact.codes, kind),
        display: shown_name(fact),
        value,
        answer,
        reference: fact.reference.clone(),
        time: fact.placed_at(),
        recorded: fact.available.instant,
        version: fact.version,
        status: fact.status,
        end: fact.end.map(|e| e.instant),
        flags: fact.specimen_flags.clone(),
        method: fact.method.clone(),
        unconfirmed: matches!(fact.origin, Origin::Note | Origin::Model) && !confirmed,
        origin: fact.origin,
        attrs: fact.attrs.clone(),
    })
}

/// The codes as received, and the ATC code of a medicine that came under RxNorm.
pub(crate) fn codes(received: &[Coding], kind: Kind) -> Vec<Coding> {
    let mut codes = received.to_vec();
    let has_atc = codes.iter().any(|c| c.system == CodeSystem::Atc);
    if matches!(kind, Kind::Medicine | Kind::Allergy) && !has_atc {
        let mapped = received
            .iter()
            .filter(|c| c.system == CodeSystem::RxNorm)
            .find_map(|c| triptych_clinical::medicine(&c.code));
        codes.extend(mapped.map(|m| Coding::new(CodeSystem::Atc, m.atc)));
    }
    codes
}

fn shown_name(fact: &Fact) -> String {
    if !fact.display.is_empty() {
        return fact.display.clone();
    }
    fact.codes
        .first()
        .map(|c| c.display.clone().unwrap_or_else(|| c.to_string()))
        .unwrap_or_default()
}
