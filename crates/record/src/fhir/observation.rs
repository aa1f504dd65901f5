//! Observation: one fact for the value, one for each component. Record-and-signals 5.2.

use triptych_clinical::{Absence, Fact, FactKind, Quantity, Status, Value, When};

use super::datatypes;
use super::source::Source;
use crate::json::{Json, Object};

pub(super) fn read(s: &mut Source<'_, '_>) -> Result<Vec<Fact>, String> {
    let o = s.json;
    let status = status(o.text("status"))?;
    let (codes, display) = s.concept("code");
    if codes.is_empty() && display.is_empty() {
        return Err("the observation has no code".to_owned());
    }
    let (effective, end) = effective(s)?;
    let category = s.categories("category");
    let mut base = s.fact(FactKind::Observation, "", o);
    base.codes = codes.into();
    base.display = display.into();
    base.category = category.into();
    base.effective = effective;
    base.end = end;
    base.status = status;
    base.method = Some(datatypes::concept(o.get("method")).1)
        .filter(|m| !m.is_empty())
        .map(Into::into);
    base.specimen_flags = o
        .object("specimen")
        .and_then(|r| r.text("reference"))
        .map(|r| s.references.specimen_flags(r).to_vec())
        .unwrap_or_default()
        .into();
    add_context(s, &mut base);
    available(s, &mut base)?;
    if effective.is_some_and(|e| e.instant > s.received()) {
        s.problem("effective", "it lies in the future");
        base.attrs.insert("future".to_owned(), "yes".to_owned());
    }

    let mut facts = Vec::new();
    let components = o.list("component");
    let value = value(s, o, "", &mut base)?;
    let members = !o.list("hasMember").is_empty();
    if components.is_empty() {
        if value.is_some() || !members {
            base.value = value.unwrap_or_else(|| {
                // A correction that takes the number away must not look as if nothing had been there.
                let reason = "no value given".to_owned();
                Value::Absent(Absence { reason })
            });
            facts.push(base);
        }
        s.apply_modifiers(&mut facts, o);
        return Ok(facts);
    }
    if let Some(value) = value {
        facts.push(Fact {
            value,
            ..base.clone()
        });
    }
    for (i, component) in components.iter().enumerate() {
        let path = format!("component[{i}]");
        match component
            .as_object()
            .ok_or("it is no object".to_owned())
            .and_then(|c| self::component(s, c, &path, &base))
        {
            Ok(mut fact) => {
                if let Some(c) = component.as_object() {
                    s.apply_modifiers(std::slice::from_mut(&mut fact), c);
                }
                facts.push(fact);
            }
            Err(reason) => s.problem(&path, format!("{reason}: the component is left out")),
        }
    }
    s.apply_modifiers(&mut facts, o);
    Ok(facts)
}

fn component(
    s: &mut Source<'_, '_>,
    c: &Object<'_>,
    path: &str,
    base: &Fact,
) -> Result<Fact, String> {
    let (codes, display) = datatypes::concept(c.get("code"));
    if codes.is_empty() && display.is_empty() {
        return Err("it has no code".to_owned());
    }
    let own = s.fact(FactKind::Observation, path, c);
    let mut fact = Fact {
        id: own.id,
        provenance: own.provenance,
        codes: codes.into(),
        display: display.into(),
        reference: None,
        flag: None,
        value: Value::None,
        ..base.clone()
    };
    fact.attrs
        .entry("panel".to_owned())
        .or_insert_with(|| base.display.to_string());
    fact.attrs
        .insert("component_of".to_owned(), base.display.to_string());
    fact.value = value(s, c, path, &mut fact)?.unwrap_or_default();
    Ok(fact)
}

/// The life cycle of an Observation or DiagnosticReport (record-and-signals 5.3). What is not in the standard is never taken as final.
pub(super) fn status(code: Option<&str>) -> Result<Status, String> {
    Ok(match code {
        Some("registered") => Status::Registered,
        Some("preliminary") => Status::Preliminary,
        Some("partial") => Status::Partial,
        Some("final") => Status::Final,
        Some("amended") => Status::Amended,
        Some("corrected") => Status::Corrected,
        Some("appended") => Status::Appended,
        Some("cancelled") => Status::Cancelled,
        Some("entered-in-error") => Status::EnteredInError,
        Some("unknown") => Status::Unknown,
        Some(_) => return Err("its status is not one of FHIR R4".to_owned()),
        None => return Err("it has no status".to_owned()),
    })
}

fn effective(s: &Source<'_, '_>) -> Result<(Option<When>, Option<When>), String> {
    if let Some(time) = s.when("effectiveDateTime")? {
        return Ok((Some(time), None));
    }
    if let Some(time) = s.when("effectiveInstant")? {
        return Ok((Some(time), None));
    }
    let (start, end) = s.period("effectivePeriod")?;
    Ok((start.or(end), start.and(end)))
}

/// When the result could be known: issued; else the time of the resource or of its message; else, for a laboratory result, collection and
/// a day more, for others the very time. A changed version is known from its own time on.
fn available(s: &Source<'_, '_>, fact: &mut Fact) -> Result<(), String> {
    let issued = s.when("issued")?;
    let updated = s.updated();
    let changed = matches!(
        fact.status,
        Status::Amended
            | Status::Corrected
            | Status::Appended
            | Status::EnteredInError
            | Status::Cancelled
    );
    let released = match (issued, updated) {
        (Some(i), Some(u)) if changed && u.instant > i.instant => Some(u),
        (issued, updated) => issued.or(updated),
    };
    let assumed = fact.effective.map(|time| {
        if fact.category.iter().any(|c| c == "laboratory") {
            When::at(time.instant.plus_days(1))
        } else {
            time
        }
    });
    let source_time = released.or(s.message_time());
    if source_time.is_none() && assumed.is_some() {
        fact.attrs.insert(
            "available".to_owned(),
            "assumed from the time of collection".to_owned(),
        );
    }
    s.set_available(fact, &[source_time, assumed]);
    Ok(())
}

/// Panel, performer, comment.
fn add_context(s: &Source<'_, '_>, fact: &mut Fact) {
    let o = s.json;
    let own = s.own_names();
    let own: Vec<&str> = own
        .iter()
        .map(String::as_str)
        .filter(|n| !n.is_empty())
        .collect();
    if let Some(panel) = s.references.panel(&own) {
        fact.attrs.insert("panel".to_owned(), panel.name.clone());
        if let Some(resource) = &panel.resource {
            fact.attrs.insert("report".to_owned(), resource.clone());
        }
    }
    if let Some(performer) = o.objects("performer").find_map(|p| p.text("display")) {
        fact.attrs
            .insert("performer".to_owned(), performer.to_owned());
    }
    let comments: Vec<&str> = o.objects("note").filter_map(|n| n.text("text")).collect();
    if !comments.is_empty() {
        fact.attrs.insert("comment".to_owned(), comments.join("\n"));
    }
    let derived: Vec<&str> = o
        .objects("derivedFrom")
        .filter_map(|r| r.text("reference"))
        .collect();
    if !derived.is_empty() {
        fact.attrs
            .insert("derived_from".to_owned(), derived.join(" "));
    }
}

/// The one value[x] of an Observation or component, with reference range and flag set on `fact`; `None` when there is none at all.
fn value(
    s: &mut Source<'_, '_>,
    o: &Object<'_>,
    below: &str,
    fact: &mut Fact,
) -> Result<Option<Value>, String> {
    let keys: Vec<&str> = o
        .members
        .iter()
        .map(|(k, _)| k.as_ref())
        .filter(|k| k.starts_with("value") && k.len() > 5)
        .collect();
    if keys.len() > 1 {
        return Err("it has two values, and only one can be meant".to_owned());
    }
    fact.flag = flag(o).map(Into::into);
    let absent = datatypes::concept(o.get("dataAbsentReason"));
    let absent = absent
        .0
        .into_iter()
        .next()
        .map(|c| c.code)
        .or_else(|| Some(absent.1).filter(|t| !t.is_empty()));
    let found = match keys.first() {
        None => None,
        Some(key) => one_value(s, o, key, below, fact)?,
    };
    let unit = match &found {
        Some(Value::Quantity(q)) => q.unit.as_deref(),
        _ => None,
    };
    match datatypes::reference_range(o, unit) {
        Ok(range) => fact.reference = range,
        Err(reason) => s.problem(below, format!("{reason}: the reference range is left out")),
    }
    Ok(match (found, absent) {
        (Some(value), _) => Some(value),
        (None, Some(reason)) => Some(Value::Absent(Absence { reason })),
        (None, None) => None,
    })
}

fn flag(o: &Object<'_>) -> Option<String> {
    let (codes, words) = datatypes::concept(o.get("interpretation"));
    codes
        .into_iter()
        .next()
        .map(|c| c.code)
        .or(Some(words))
        .filter(|f| !f.is_empty())
}

fn one_value(
    s: &mut Source<'_, '_>,
    o: &Object<'_>,
    key: &str,
    below: &str,
    fact: &mut Fact,
) -> Result<Option<Value>, String> {
    let Some(json) = o.get(key) else {
        return Ok(None);
    };
    let wrong = || Err(format!("{key} is not of its type"));
    Ok(Some(match (key, json) {
        ("valueQuantity", Json::Object(q)) => {
            if !q.has("value") && !q.has("comparator") && o.has("dataAbsentReason") {
                return Ok(None);
            }
            let (quantity, conflict) =
                datatypes::quantity(q).map_err(|e| format!("valueQuantity: {e}"))?;
            if let Some(conflict) = conflict {
                s.problem(&join(below, key), conflict);
                fact.attrs.insert(
                    "unit".to_owned(),
                    "unit and unit code contradict each other".to_owned(),
                );
            } else if quantity.unit.is_none() {
                fact.attrs
                    .insert("unit".to_owned(), "no unit given".to_owned());
            }
            Value::Quantity(quantity)
        }
        ("valueInteger", number @ Json::Number(_)) => {
            let (value, written) =
                datatypes::number(number).map_err(|e| format!("valueInteger: {e}"))?;
            Value::Quantity(Quantity {
                value,
                written: written.into(),
                comparator: None,
                unit: None,
                unit_text: None,
            })
        }
        ("valueCodeableConcept", Json::Object(c)) => {
            let (codes, words) = datatypes::concept_of(c);
            match codes.into_iter().next() {
                Some(mut code) => {
                    code.display = Some(words);
                    Value::Coded(code)
                }
                None => Value::Text(words),
            }
        }
        ("valueString" | "valueDateTime" | "valueTime", Json::Text(text)) => {
            Value::Text(text.clone().into_owned())
        }
        ("valueBoolean", Json::Bool(yes)) => {
            Value::Text(if *yes { "yes" } else { "no" }.to_owned())
        }
        ("valueRange", Json::Object(r)) => Value::Text(format!(
            "{} - {}",
            written(r.object("low")),
            written(r.object("high"))
        )),
        ("valueRatio", Json::Object(r)) => Value::Text(format!(
            "{} : {}",
            written(r.object("numerator")),
            written(r.object("denominator"))
        )),
        ("valuePeriod", Json::Object(p)) => {
            let side = |k| p.text(k).unwrap_or("?").to_owned();
            Value::Text(format!("{} to {}", side("start"), side("end")))
        }
        ("valueSampledData", Json::Object(d)) => {
            let count = d.text("data").map_or(0, |t| t.split_whitespace().count());
            s.problem(
                &join(below, key),
                "sampled data is listed with its number of samples, not drawn",
            );
            Value::Text(format!("{count} samples"))
        }
        (
            "valueQuantity"
            | "valueInteger"
            | "valueCodeableConcept"
            | "valueString"
            | "valueBoolean"
            | "valueRange"
            | "valueRatio"
            | "valuePeriod"
            | "valueSampledData"
            | "valueDateTime"
            | "valueTime",
            _,
        ) => {
            return wrong();
        }
        _ => {
            s.problem(
                &join(below, key),
                "a type of value that FHIR R4 does not have here: left out",
            );
            return Ok(None);
        }
    }))
}

fn join(below: &str, key: &str) -> String {
    if below.is_empty() {
        key.to_owned()
    } else {
        format!("{below}.{key}")
    }
}

/// `<5 mg/dL` as the source wrote it; `?` where it did not.
fn written(quantity: Option<&Object<'_>>) -> String {
    let Some((q, o)) = quantity.and_then(|o| Some((datatypes::quantity(o).ok()?.0, o))) else {
        return "?".to_owned();
    };
    let unit = q
        .unit_text
        .or(q.unit)
        .map(|u| format!(" {u}"))
        .unwrap_or_default();
    format!(
        "{}{}{unit}",
        o.text("comparator").unwrap_or_default(),
        q.written
    )
}
