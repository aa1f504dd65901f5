//! DiagnosticReport, DocumentReference and Composition: headers of panels, and texts.

use triptych_clinical::{Fact, FactKind, Status};

use super::attachment::{self, Content};
use super::datatypes;
use super::observation;
use super::source::Source;
use crate::json::Object;

pub(super) fn diagnostic_report(s: &mut Source<'_, '_>) -> Result<Vec<Fact>, String> {
    let o = s.json;
    let status = observation::status(o.text("status"))?;
    let (codes, display) = s.concept("code");
    let category = s.categories("category");
    let (start, end) = s.period("effectivePeriod")?;
    let effective = s.when("effectiveDateTime")?.or(start);
    let (issued, updated) = (s.when("issued")?, s.updated());
    let changed = matches!(
        status,
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
    let mut header = s.fact(FactKind::Report, "", o);
    header.codes = codes.into();
    header.display = if display.is_empty() {
        "Report".into()
    } else {
        display.into()
    };
    header.category = category.into();
    header.status = status;
    header.effective = effective;
    header.end = end;
    s.set_available(&mut header, &[released, s.message_time(), effective]);
    let results = o.list("result").len();
    if results > 0 {
        header
            .attrs
            .insert("results".to_owned(), results.to_string());
    }
    if let Some(performer) = o.objects("performer").find_map(|p| p.text("display")) {
        header
            .attrs
            .insert("performer".to_owned(), performer.to_owned());
    }
    let studies: Vec<&str> = o
        .objects("imagingStudy")
        .filter_map(|r| r.text("reference"))
        .collect();
    if !studies.is_empty() {
        header
            .attrs
            .insert("imaging_study".to_owned(), studies.join(" "));
    }
    let mut facts = vec![header.clone()];
    if let Some(text) = o.text("conclusion").filter(|t| !t.trim().is_empty()) {
        facts.push(note(s, &header, "conclusion", o, text.to_owned()));
    }
    for (i, form) in o.objects("presentedForm").enumerate() {
        facts.extend(attached(s, &header, &format!("presentedForm[{i}]"), form)?);
    }
    if facts.len() > 1 {
        header.attrs.insert("text".to_owned(), "yes".to_owned());
        if let Some(first) = facts.first_mut() {
            *first = header;
        }
    }
    s.apply_modifiers(&mut facts, o);
    Ok(facts)
}

pub(super) fn document_reference(s: &mut Source<'_, '_>) -> Result<Vec<Fact>, String> {
    let o = s.json;
    let mut superseded = false;
    let status = match (o.text("status"), o.text("docStatus")) {
        (Some("entered-in-error"), _) | (_, Some("entered-in-error")) => Status::EnteredInError,
        (Some("current" | "superseded"), doc) => {
            // "superseded" means only that a newer document exists: in real exports each belongs to another visit, so it is shown.
            superseded = o.text("status") == Some("superseded");
            match doc {
                Some("preliminary") => Status::Preliminary,
                Some("amended") => Status::Amended,
                _ => Status::Final,
            }
        }
        (Some(_), _) => return Err("its status is not one of FHIR R4".to_owned()),
        (None, _) => return Err("it has no status".to_owned()),
    };
    let (codes, display) = s.concept("type");
    let category = s.categories("category");
    let period = match o.object("context") {
        Some(context) => datatypes::period(context, "period")?,
        None => (None, None),
    };
    let date = s.when("date")?;
    let mut header = s.fact(FactKind::Note, "", o);
    header.codes = codes.into();
    header.display = [
        display.as_str(),
        o.text("description").unwrap_or_default(),
        "Document",
    ]
    .into_iter()
    .find(|t| !t.trim().is_empty())
    .unwrap_or_default()
    .into();
    header.category = category.into();
    header.status = status;
    header.effective = period.0.or(date);
    header.end = period.1;
    s.set_available(
        &mut header,
        &[date, s.updated(), s.message_time(), period.0],
    );
    if superseded {
        header
            .attrs
            .insert("superseded".to_owned(), "yes".to_owned());
    }
    let author = o.objects("author").find_map(|a| a.text("display"));
    if let Some(author) = author {
        header
            .attrs
            .insert("performer".to_owned(), author.to_owned());
    }
    let mut facts = Vec::new();
    for (i, content) in o.objects("content").enumerate() {
        let Some(form) = content.object("attachment") else {
            s.problem(&format!("content[{i}]"), "it has no attachment");
            continue;
        };
        facts.extend(attached(
            s,
            &header,
            &format!("content[{i}].attachment"),
            form,
        )?);
    }
    if facts.is_empty() {
        header.attrs.insert(
            "not_shown".to_owned(),
            "the document has no content".to_owned(),
        );
        s.problem("", "the document has no content");
        facts.push(header);
    }
    s.apply_modifiers(&mut facts, o);
    Ok(facts)
}

/// The narrative of each section, one under the other.
pub(super) fn composition(s: &mut Source<'_, '_>) -> Result<Vec<Fact>, String> {
    let o = s.json;
    let status = observation::status(o.text("status"))?;
    let (codes, display) = s.concept("type");
    let date = s.when("date")?;
    let mut text = String::new();
    sections(o, &mut text, 0);
    let mut fact = s.fact(FactKind::Note, "", o);
    fact.codes = codes.into();
    fact.display = o.text("title").unwrap_or(&display).into();
    fact.category = s.categories("category").into();
    fact.status = status;
    fact.effective = date;
    s.set_available(&mut fact, &[date, s.updated(), s.message_time()]);
    fact.text = Some(text);
    let mut facts = vec![fact];
    s.apply_modifiers(&mut facts, o);
    Ok(facts)
}

fn sections(o: &Object<'_>, text: &mut String, depth: u8) {
    for section in o.objects("section").filter(|_| depth < 8) {
        if let Some(title) = section.text("title") {
            text.push_str(title);
            text.push_str(":\n");
        }
        if let Some(div) = section.object("text").and_then(|t| t.text("div")) {
            text.push_str(&attachment::strip_marks(div));
            text.push('\n');
        }
        text.push('\n');
        sections(section, text, depth + 1);
    }
}

fn note(s: &Source<'_, '_>, header: &Fact, below: &str, part: &Object<'_>, text: String) -> Fact {
    let own = s.fact(FactKind::Note, below, part);
    Fact {
        id: own.id,
        kind: FactKind::Note,
        provenance: own.provenance,
        text: Some(text),
        ..header.clone()
    }
}

/// The note of one attachment. An attachment that is broken is refused by name; one that cannot be shown is a note without text.
fn attached(
    s: &mut Source<'_, '_>,
    header: &Fact,
    below: &str,
    form: &Object<'_>,
) -> Result<Option<Fact>, String> {
    let mut fact = note(s, header, below, form, String::new());
    if let Some(title) = form.text("title").filter(|t| !t.trim().is_empty()) {
        fact.attrs.insert("title".to_owned(), title.to_owned());
    }
    if !attachment::checksum_fits(form) {
        s.problem(
            below,
            "checksum differs: the text is not what its hash was made from",
        );
        fact.attrs
            .insert("checksum".to_owned(), "differs".to_owned());
    }
    match attachment::content(form) {
        Content::Text { text, note } => {
            if let Some(note) = note {
                s.problem(below, note.words());
                note.mark(&mut fact);
            }
            fact.text = Some(text);
        }
        Content::NotShown(reason) => {
            s.problem(below, reason.clone());
            fact.text = None;
            fact.attrs.insert("not_shown".to_owned(), reason);
        }
        Content::Broken(reason) if header.kind == FactKind::Note => {
            return Err(format!("{below}: {reason}"));
        }
        Content::Broken(reason) => {
            s.problem(below, format!("{reason}: left out"));
            return Ok(None);
        }
    }
    Ok(Some(fact))
}
