//! Conditions, procedures, encounters, allergies, imaging studies, immunizations, orders, plans and goals.

use triptych_clinical::{CodeSystem, Coding, Fact, FactKind, Status, Value};

use super::datatypes;
use super::source::Source;
use crate::json::{Json, Object};

pub(super) fn condition(s: &mut Source<'_, '_>) -> Result<Vec<Fact>, String> {
    let mut fact = named(s, FactKind::Problem, "code")?;
    let (onset, onset_end) = s.period("onsetPeriod")?;
    fact.effective = s.when("onsetDateTime")?.or(onset);
    let recorded = s.when("recordedDate")?;
    fact.status = clinical_status(s)?;
    fact.end = s
        .when("abatementDateTime")?
        .or(s.period("abatementPeriod")?.0)
        .or(onset_end);
    if fact.effective.is_none() {
        fact.effective = recorded;
        if recorded.is_some() {
            fact.attrs.insert(
                "effective".to_owned(),
                "onset not recorded: date of the record".to_owned(),
            );
        }
    }
    let onset = fact.effective;
    s.set_available(&mut fact, &[recorded, s.updated(), s.message_time(), onset]);
    for (name, of) in [("onset", "onset"), ("abatement", "abatement")] {
        if let Some(said) = in_words(s.json, of) {
            fact.attrs.insert(name.to_owned(), said);
        }
    }
    if let Some(severity) = words(s.json, "severity") {
        fact.attrs.insert("severity".to_owned(), severity);
    }
    done(s, fact)
}

pub(super) fn allergy(s: &mut Source<'_, '_>) -> Result<Vec<Fact>, String> {
    let mut fact = named(s, FactKind::Allergy, "code")?;
    fact.status = clinical_status(s)?;
    let recorded = s.when("recordedDate")?;
    fact.effective = s.when("onsetDateTime")?.or(recorded);
    fact.end = None;
    let onset = fact.effective;
    s.set_available(&mut fact, &[recorded, s.updated(), s.message_time(), onset]);
    if let Some(criticality) = s.json.text("criticality") {
        fact.attrs
            .insert("criticality".to_owned(), criticality.to_owned());
    }
    let reactions: Vec<String> = s
        .json
        .objects("reaction")
        .flat_map(|r| {
            r.objects("manifestation")
                .map(|m| datatypes::concept_of(m).1)
                .collect::<Vec<_>>()
        })
        .collect();
    if !reactions.is_empty() {
        fact.attrs
            .insert("reaction".to_owned(), reactions.join("; "));
    }
    done(s, fact)
}

pub(super) fn procedure(s: &mut Source<'_, '_>) -> Result<Vec<Fact>, String> {
    let mut fact = named(s, FactKind::Procedure, "code")?;
    let (start, end) = s.period("performedPeriod")?;
    fact.effective = s.when("performedDateTime")?.or(start).or(end);
    fact.end = end;
    fact.status = match s.json.text("status") {
        Some("completed") => Status::Completed,
        Some("in-progress") => Status::Active,
        Some("not-done") => {
            fact.attrs.insert("not_done".to_owned(), "yes".to_owned());
            Status::Inert
        }
        Some("stopped") => {
            fact.attrs.insert("stopped".to_owned(), "yes".to_owned());
            Status::Completed
        }
        Some("preparation" | "on-hold") => Status::Inert,
        other => common_status(other)?,
    };
    let performed = end.or(fact.effective);
    s.set_available(&mut fact, &[s.updated(), s.message_time(), performed]);
    done(s, fact)
}

pub(super) fn encounter(s: &mut Source<'_, '_>) -> Result<Vec<Fact>, String> {
    let o = s.json;
    let (codes, display) = s.concept("type");
    let class = o.object("class").and_then(datatypes::coding);
    let mut fact = s.fact(FactKind::Encounter, "", o);
    fact.codes = codes.into();
    fact.display = [
        display,
        class
            .as_ref()
            .and_then(|c| c.display.clone())
            .unwrap_or_default(),
        class.as_ref().map(|c| c.code.clone()).unwrap_or_default(),
        "Encounter".to_owned(),
    ]
    .into_iter()
    .find(|t| !t.is_empty())
    .unwrap_or_default()
    .into();
    fact.category = class.map(|c| c.code).into_iter().collect();
    let (start, end) = s.period("period")?;
    fact.effective = start;
    fact.end = end;
    fact.status = match o.text("status") {
        Some("finished") => Status::Completed,
        Some("arrived" | "triaged" | "in-progress" | "onleave") => Status::Active,
        Some("planned") => Status::Inert,
        other => common_status(other)?,
    };
    s.set_available(&mut fact, &[start, s.updated(), s.message_time()]);
    if let Some(reason) = words(o, "reasonCode") {
        fact.attrs.insert("reason".to_owned(), reason);
    }
    if let Some(provider) = o.object("serviceProvider").and_then(|p| p.text("display")) {
        fact.attrs
            .insert("performer".to_owned(), provider.to_owned());
    }
    done(s, fact)
}

pub(super) fn imaging_study(s: &mut Source<'_, '_>) -> Result<Vec<Fact>, String> {
    let o = s.json;
    let (codes, words) = s.concept("procedureCode");
    let mut fact = s.fact(FactKind::Imaging, "", o);
    let mut modalities: Vec<String> = Vec::new();
    let mut regions: Vec<String> = Vec::new();
    let add = |list: &mut Vec<String>, text: Option<String>| {
        if let Some(text) = text.filter(|t| !t.is_empty() && !list.contains(t)) {
            list.push(text);
        }
    };
    for coding in o
        .objects("modality")
        .chain(o.objects("series").filter_map(|s| s.object("modality")))
    {
        add(&mut modalities, coding.text("code").map(str::to_owned));
    }
    for site in o.objects("series").filter_map(|s| s.object("bodySite")) {
        add(&mut regions, region(site));
    }
    let joined = modalities.join("\\");
    fact.display = [
        o.text("description").unwrap_or_default().to_owned(),
        words,
        format!("{joined} study"),
    ]
    .into_iter()
    .find(|t| !t.trim().is_empty())
    .unwrap_or_default()
    .into();
    fact.codes = codes.into();
    fact.status = match o.text("status") {
        Some("available") => Status::Final,
        Some("registered") => Status::Registered,
        other => common_status(other)?,
    };
    fact.effective = s.when("started")?;
    let started = fact.effective;
    s.set_available(&mut fact, &[started, s.updated(), s.message_time()]);
    match study_uid(o) {
        Some(uid) => {
            fact.attrs.insert("study_uid".to_owned(), uid);
        }
        None => s.problem(
            "identifier",
            "no Study Instance UID: the study cannot be joined with images",
        ),
    }
    for (name, value) in [("modality", joined), ("region", regions.join(", "))] {
        if !value.is_empty() {
            fact.attrs.insert(name.to_owned(), value);
        }
    }
    for (name, key) in [
        ("series", "numberOfSeries"),
        ("instances", "numberOfInstances"),
    ] {
        if let Some(n) = o.get(key).and_then(Json::as_number) {
            fact.attrs.insert(name.to_owned(), n.to_owned());
        }
    }
    done(s, fact)
}

/// The Study Instance UID: `urn:oid:1.2.3` under the system `urn:dicom:uid`, or, as Synthea writes it, under that of plain URIs.
fn study_uid(o: &Object<'_>) -> Option<String> {
    let of_system = |system: &str| {
        o.objects("identifier")
            .find(|i| i.text("system") == Some(system))
    };
    let identifier = of_system("urn:dicom:uid").or_else(|| of_system("urn:ietf:rfc:3986"))?;
    let value = identifier.text("value")?;
    let uid = value.strip_prefix("urn:oid:").unwrap_or(value);
    triptych_clinical::StudyUid::new(uid)
        .ok()
        .map(|u| u.as_str().to_owned())
}

/// The region words of the rules; the source's own words where there is none.
fn region(site: &Object<'_>) -> Option<String> {
    let known = match site.text("code") {
        Some("51185008") => "chest",
        Some("818983003" | "818981001" | "113345001") => "abdomen",
        Some("69748006") => "thyroid",
        _ => {
            return site
                .text("display")
                .or_else(|| site.text("code"))
                .map(str::to_lowercase);
        }
    };
    Some(known.to_owned())
}

pub(super) fn immunization(s: &mut Source<'_, '_>) -> Result<Vec<Fact>, String> {
    let mut fact = named(s, FactKind::Immunization, "vaccineCode")?;
    fact.effective = s.when("occurrenceDateTime")?;
    fact.status = match s.json.text("status") {
        Some("completed") => Status::Completed,
        Some("not-done") => {
            fact.attrs.insert("not_done".to_owned(), "yes".to_owned());
            Status::Inert
        }
        other => common_status(other)?,
    };
    let recorded = s.when("recorded")?;
    let given = fact.effective;
    s.set_available(&mut fact, &[recorded, s.updated(), s.message_time(), given]);
    done(s, fact)
}

pub(super) fn service_request(s: &mut Source<'_, '_>) -> Result<Vec<Fact>, String> {
    let mut fact = other(s, "code", "Order")?;
    fact.status = request_status(s)?;
    fact.effective = s
        .when("occurrenceDateTime")?
        .or(s.period("occurrencePeriod")?.0);
    let authored = s.when("authoredOn")?;
    fact.effective = fact.effective.or(authored);
    let planned = fact.effective;
    s.set_available(
        &mut fact,
        &[authored, s.updated(), s.message_time(), planned],
    );
    done(s, fact)
}

pub(super) fn care_plan(s: &mut Source<'_, '_>) -> Result<Vec<Fact>, String> {
    let mut fact = other(s, "category", "Care plan")?;
    // The last category is the specific one; "Assess and plan" alone says nothing.
    if let Some(words) = s
        .json
        .objects("category")
        .map(|c| datatypes::concept_of(c).1)
        .filter(|w| !w.is_empty())
        .last()
    {
        fact.display = words.into();
    }
    if let Some(title) = s.json.text("title").filter(|t| !t.is_empty()) {
        fact.display = title.into();
    }
    let (start, end) = s.period("period")?;
    (fact.effective, fact.end) = (start, end);
    fact.status = request_status(s)?;
    s.set_available(
        &mut fact,
        &[s.when("created")?, start, s.updated(), s.message_time()],
    );
    done(s, fact)
}

/// A Goal is shown; one for HbA1c in percent is the patient's own target, `tri:hba1c_target`.
pub(super) fn goal(s: &mut Source<'_, '_>) -> Result<Vec<Fact>, String> {
    let mut fact = other(s, "description", "Goal")?;
    fact.effective = s.when("startDate")?;
    fact.status = match s.json.text("lifecycleStatus") {
        Some("active" | "accepted") => Status::Active,
        Some("completed") => Status::Completed,
        Some("proposed" | "planned" | "on-hold") => Status::Inert,
        Some("rejected") => Status::Cancelled,
        other => common_status(other)?,
    };
    let stated = s.when("statusDate")?;
    let start = fact.effective;
    s.set_available(&mut fact, &[stated, s.updated(), s.message_time(), start]);
    let mut facts = vec![fact.clone()];
    for (i, target) in s.json.objects("target").enumerate() {
        let measure = datatypes::concept(target.get("measure")).0;
        let hba1c = measure
            .iter()
            .any(|c| c.system == CodeSystem::Loinc && c.code == "4548-4");
        let detail = target
            .object("detailQuantity")
            .or_else(|| target.object("detailRange")?.object("high"));
        if let (true, Some(detail)) = (hba1c, detail)
            && let Ok((quantity, _)) = datatypes::quantity(detail)
        {
            let own = s.fact(FactKind::Other, &format!("target[{i}]"), target);
            facts.push(Fact {
                id: own.id,
                kind: FactKind::Observation,
                provenance: own.provenance,
                codes: vec![Coding::new(CodeSystem::Tri, "hba1c_target")].into(),
                value: Value::Quantity(quantity),
                status: if fact.status == Status::Active {
                    Status::Final
                } else {
                    fact.status
                },
                ..fact.clone()
            });
        }
    }
    s.apply_modifiers(&mut facts, s.json);
    Ok(facts)
}

pub(super) fn family_history(s: &mut Source<'_, '_>) -> Result<Vec<Fact>, String> {
    let mut fact = other(s, "relationship", "Family history")?;
    let conditions: Vec<String> = s
        .json
        .objects("condition")
        .map(|c| datatypes::concept(c.get("code")).1)
        .collect();
    if !conditions.is_empty() {
        fact.display = format!("{}: {}", fact.display, conditions.join("; ")).into();
    }
    // The codes of a relative's condition are not the patient's: none is kept as a code of the fact.
    fact.codes.clear();
    fact.status = match s.json.text("status") {
        Some("completed" | "partial") => Status::Completed,
        Some("health-unknown") => Status::Inert,
        other => common_status(other)?,
    };
    fact.effective = s.when("date")?;
    let date = fact.effective;
    s.set_available(&mut fact, &[date, s.updated(), s.message_time()]);
    done(s, fact)
}

/// A fact whose code is the concept under `key`; without one the resource is refused.
fn named(s: &mut Source<'_, '_>, kind: FactKind, key: &str) -> Result<Fact, String> {
    let (codes, display) = s.concept(key);
    if codes.is_empty() && display.is_empty() {
        return Err(format!("it has no {key}: what it is about is not said"));
    }
    let mut fact = s.fact(kind, "", s.json);
    fact.codes = codes.into();
    fact.display = display.into();
    fact.category = s.categories("category").into();
    Ok(fact)
}

/// A statement that is shown and enters no rule.
fn other(s: &mut Source<'_, '_>, key: &str, what: &str) -> Result<Fact, String> {
    let (codes, display) = s.concept(key);
    let mut fact = s.fact(FactKind::Other, "", s.json);
    fact.codes = codes.into();
    fact.display = if display.is_empty() {
        what.into()
    } else {
        display.into()
    };
    fact.category = vec![what.to_lowercase()].into();
    Ok(fact)
}

fn done(s: &mut Source<'_, '_>, fact: Fact) -> Result<Vec<Fact>, String> {
    let mut facts = vec![fact];
    s.apply_modifiers(&mut facts, s.json);
    Ok(facts)
}

/// Clinical and verification status of Condition and AllergyIntolerance.
fn clinical_status(s: &Source<'_, '_>) -> Result<Status, String> {
    let code = |key| {
        datatypes::concept(s.json.get(key))
            .0
            .into_iter()
            .next()
            .map(|c| c.code)
    };
    let clinical =
        code("clinicalStatus").or_else(|| s.json.text("clinicalStatus").map(str::to_owned));
    let verification =
        code("verificationStatus").or_else(|| s.json.text("verificationStatus").map(str::to_owned));
    match verification.as_deref() {
        Some("entered-in-error") => return Ok(Status::EnteredInError),
        Some("refuted") => return Ok(Status::Cancelled),
        Some("unconfirmed" | "provisional" | "differential") => return Ok(Status::Inert),
        Some("confirmed") | None => {}
        Some(_) => return Err("its verificationStatus is not one of FHIR R4".to_owned()),
    }
    Ok(match clinical.as_deref() {
        Some("active" | "recurrence" | "relapse") => Status::Active,
        Some("inactive" | "remission" | "resolved") => Status::Completed,
        // R4 wants a clinical status unless the statement is an error: without one nothing says that it is over.
        None => Status::Active,
        Some(_) => return Err("its clinicalStatus is not one of FHIR R4".to_owned()),
    })
}

/// Status and intent of a request: only an order is more than a proposal.
pub(super) fn request_status(s: &Source<'_, '_>) -> Result<Status, String> {
    let status = match s.json.text("status") {
        Some("active") => Status::Active,
        Some("completed" | "stopped" | "revoked") => Status::Completed,
        Some("on-hold" | "draft") => Status::Inert,
        other => common_status(other)?,
    };
    let order = match s.json.text("intent") {
        Some("order" | "original-order" | "reflex-order" | "filler-order" | "instance-order") => {
            true
        }
        Some("plan" | "proposal" | "directive" | "option") | None => false,
        Some(_) => return Err("its intent is not one of FHIR R4".to_owned()),
    };
    let removed = matches!(
        status,
        Status::EnteredInError | Status::Cancelled | Status::Unknown
    );
    Ok(if order || removed {
        status
    } else {
        Status::Inert
    })
}

/// What all life cycles share.
pub(super) fn common_status(code: Option<&str>) -> Result<Status, String> {
    Ok(match code {
        Some("entered-in-error") => Status::EnteredInError,
        Some("cancelled") => Status::Cancelled,
        Some("unknown") => Status::Unknown,
        Some(_) => return Err("its status is not one of FHIR R4".to_owned()),
        None => return Err("it has no status".to_owned()),
    })
}

/// Onset or end that is no date: an age, a range or the source's own words.
fn in_words(o: &Object<'_>, key: &str) -> Option<String> {
    let age = |q: &Object<'_>| {
        let unit = q
            .text("unit")
            .or_else(|| q.text("code"))
            .unwrap_or_default();
        Some(format!("{} {unit}", q.get("value")?.as_number()?))
    };
    if let Some(text) = o.text(&format!("{key}String")) {
        return Some(text.to_owned());
    }
    if let Some(at) = o.object(&format!("{key}Age")) {
        return age(at).map(|a| format!("at {a}"));
    }
    let range = o.object(&format!("{key}Range"))?;
    let side = |k| {
        range
            .object(k)
            .and_then(age)
            .unwrap_or_else(|| "?".to_owned())
    };
    Some(format!("at {} to {}", side("low"), side("high")))
}

fn words(o: &Object<'_>, key: &str) -> Option<String> {
    Some(datatypes::concept(o.get(key)).1).filter(|w| !w.is_empty())
}
