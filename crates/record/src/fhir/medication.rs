//! Medicines as ordered, taken, dispensed and given. Record-and-signals 5.2, 4.2.

use triptych_clinical::{Fact, FactKind, Status};

use super::clinical::{common_status, request_status};
use super::datatypes;
use super::source::Source;
use crate::json::{Json, Object};
use crate::medicine::{a_day, amount_mg, hours, map_product};

pub(super) fn request(s: &mut Source<'_, '_>) -> Result<Vec<Fact>, String> {
    let mut fact = medicine(s, "ordered")?;
    fact.status = request_status(s)?;
    let authored = s.when("authoredOn")?;
    let (start, end) = bounds(s, "dosageInstruction");
    let validity = match s.json.object("dispenseRequest") {
        Some(dispense) => datatypes::period(dispense, "validityPeriod")?.1,
        None => None,
    };
    fact.effective = start.or(authored);
    fact.end = end.or(validity);
    s.set_available(&mut fact, &[authored, s.updated(), s.message_time(), start]);
    dose(s, &mut fact, "dosageInstruction");
    finish(s, fact)
}

pub(super) fn statement(s: &mut Source<'_, '_>) -> Result<Vec<Fact>, String> {
    let mut fact = medicine(s, "taken")?;
    fact.status = match s.json.text("status") {
        Some("active") => Status::Active,
        Some("completed" | "stopped") => Status::Completed,
        Some("intended" | "on-hold" | "not-taken") => Status::Inert,
        other => common_status(other)?,
    };
    let (start, end) = s.period("effectivePeriod")?;
    fact.effective = s.when("effectiveDateTime")?.or(start);
    fact.end = end;
    let asserted = s.when("dateAsserted")?;
    let effective = fact.effective;
    s.set_available(
        &mut fact,
        &[asserted, s.updated(), s.message_time(), effective],
    );
    dose(s, &mut fact, "dosage");
    finish(s, fact)
}

pub(super) fn dispense(s: &mut Source<'_, '_>) -> Result<Vec<Fact>, String> {
    let mut fact = medicine(s, "dispensed")?;
    fact.status = match s.json.text("status") {
        Some("completed") => Status::Completed,
        Some("in-progress") => Status::Active,
        Some("preparation" | "on-hold" | "declined" | "stopped") => Status::Inert,
        other => common_status(other)?,
    };
    let (prepared, handed) = (s.when("whenPrepared")?, s.when("whenHandedOver")?);
    fact.effective = handed.or(prepared);
    s.set_available(
        &mut fact,
        &[handed, prepared, s.updated(), s.message_time()],
    );
    dose(s, &mut fact, "dosageInstruction");
    finish(s, fact)
}

pub(super) fn administration(s: &mut Source<'_, '_>) -> Result<Vec<Fact>, String> {
    let mut fact = medicine(s, "given")?;
    fact.status = match s.json.text("status") {
        Some("completed") => Status::Completed,
        Some("in-progress") => Status::Active,
        Some("stopped") => Status::Completed,
        Some("not-done") => {
            fact.attrs.insert("not_done".to_owned(), "yes".to_owned());
            Status::Inert
        }
        Some("on-hold") => Status::Inert,
        other => common_status(other)?,
    };
    let (start, end) = s.period("effectivePeriod")?;
    let at = s.when("effectiveDateTime")?;
    fact.effective = at.or(start);
    fact.end = end;
    s.set_available(&mut fact, &[end, at, start, s.updated(), s.message_time()]);
    finish(s, fact)
}

/// What medicine it is: its own concept, a contained Medication, or one elsewhere in the document; with the ATC code of a known product.
fn medicine(s: &mut Source<'_, '_>, source: &str) -> Result<Fact, String> {
    let o = s.json;
    let (mut codes, mut display) = s.concept("medicationCodeableConcept");
    if let Some(reference) = o.object("medicationReference") {
        let target = reference.text("reference").unwrap_or_default();
        let found = match target.strip_prefix('#') {
            Some(id) => o
                .objects("contained")
                .find(|c| c.text("id") == Some(id))
                .map(|c| datatypes::concept(c.get("code"))),
            None => s.references.medication(target).cloned(),
        };
        match found {
            Some(concept) => (codes, display) = concept,
            None => s.problem(
                "medicationReference",
                "the medication is not in this document",
            ),
        }
        if display.is_empty() {
            display = reference.text("display").unwrap_or_default().to_owned();
        }
    }
    if codes.is_empty() && display.is_empty() {
        return Err("which medicine it is is not said".to_owned());
    }
    let mut fact = s.fact(FactKind::Medication, "", o);
    fact.attrs.insert("source".to_owned(), source.to_owned());
    if !map_product(&mut codes, &mut fact.attrs) {
        s.problem(
            "medication",
            "a medicine that is not mapped to ATC: no rule sees it",
        );
    }
    fact.codes = codes.into();
    fact.display = display.into();
    fact.category = s.categories("category").into();
    Ok(fact)
}

fn finish(s: &mut Source<'_, '_>, fact: Fact) -> Result<Vec<Fact>, String> {
    let mut facts = vec![fact];
    s.apply_modifiers(&mut facts, s.json);
    Ok(facts)
}

fn bounds(
    s: &Source<'_, '_>,
    key: &str,
) -> (
    Option<triptych_clinical::When>,
    Option<triptych_clinical::When>,
) {
    s.json
        .objects(key)
        .filter_map(|d| d.object("timing")?.object("repeat"))
        .find_map(|r| {
            datatypes::period(r, "boundsPeriod")
                .ok()
                .filter(|(a, b)| a.or(*b).is_some())
        })
        .unwrap_or_default()
}

/// Text of the dosage and, where amount and timing allow, milligrams a day (`dose_mg_day`) with how they came about (`dose_basis`).
fn dose(s: &Source<'_, '_>, fact: &mut Fact, key: &str) {
    let strength: Option<f64> = fact.attrs.get("strength_mg").and_then(|t| t.parse().ok());
    let mut texts: Vec<String> = Vec::new();
    let mut daily: Option<f64> = None;
    let mut basis: Vec<String> = Vec::new();
    let mut known = true;
    for dosage in s.json.objects(key) {
        if let Some(text) = dosage.text("text").filter(|t| !t.trim().is_empty()) {
            texts.push(text.to_owned());
        }
        match daily_mg(dosage, strength) {
            Some((mg, how)) => {
                daily = Some(daily.unwrap_or(0.0) + mg);
                basis.push(how);
            }
            None => known = false,
        }
    }
    if !texts.is_empty() {
        fact.attrs.insert("dosage".to_owned(), texts.join("; "));
    } else if !basis.is_empty() {
        fact.attrs.insert("dosage".to_owned(), basis.join("; "));
    }
    if let (Some(mg), true) = (daily, known) {
        fact.attrs.insert("dose_mg_day".to_owned(), mg.to_string());
        fact.attrs
            .insert("dose_basis".to_owned(), basis.join(" + "));
    }
}

/// Amount each time, times a day. An amount without a unit counts pieces of the product, and only where its strength is known.
fn daily_mg(dosage: &Object<'_>, strength_mg: Option<f64>) -> Option<(f64, String)> {
    if matches!(dosage.get("asNeededBoolean"), Some(Json::Bool(true)))
        || dosage.has("asNeededCodeableConcept")
    {
        return None;
    }
    let amount = dosage
        .objects("doseAndRate")
        .find_map(|d| d.object("doseQuantity"))?;
    let (value, written) = datatypes::number(amount.get("value")?).ok()?;
    let unit = amount
        .text("code")
        .or_else(|| amount.text("unit"))
        .unwrap_or_default();
    let each = amount_mg(value, &written, unit, strength_mg)?;
    let repeat = dosage.object("timing")?.object("repeat")?;
    let number = |key: &str| {
        repeat
            .get(key)
            .and_then(|n| datatypes::number(n).ok())
            .map(|(v, _)| v)
    };
    let hours = hours(number("period")?, repeat.text("periodUnit")?)?;
    a_day(each, number("frequency").unwrap_or(1.0), hours)
}
