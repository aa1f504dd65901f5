//! MDM: a document with its header (TXA) and its text. HL7 v2 chapter 9.

use triptych_clinical::{Fact, FactKind, Status};

use super::message::{Order, Part};
use super::observation::{Context, span};
use super::segments::Segment;
use super::value;

/// The document of an order with TXA; results that are no text go the way of results.
pub(super) fn read<'m, 'a>(
    c: &mut Context<'m, 'a>,
    part: &Part<'m, 'a>,
    mut order: Order<'m, 'a>,
    number: usize,
) {
    let Some(txa) = order.txa else {
        return c.order(part, &order, number);
    };
    let (texts, rest): (Vec<_>, Vec<_>) = order
        .results
        .drain(..)
        .partition(|r| r.obx.first().is_some_and(|o| is_document(o)));
    order.results = rest;
    let header = header(c, part, &order, txa, number);
    let mut body: Vec<String> = Vec::new();
    let mut lines: Vec<&Segment<'_>> = Vec::new();
    let mut attached = 0;
    for obx in texts.iter().flat_map(|r| &r.obx).copied() {
        if value::is_text(obx.field(2).text) || obx.field(2).text == "ST" {
            body.push(value::lines(obx, obx.field(5)).0);
            lines.push(obx);
            continue;
        }
        attached += 1;
        let found = value::read(obx);
        let own = c.fact(
            FactKind::Note,
            &["TXA", &txa.value(12), "attached", &attached.to_string()],
            obx,
            span(&[obx]),
        );
        let mut fact = Fact {
            id: own.id,
            provenance: own.provenance,
            ..header.clone()
        };
        let title = value::concept(obx, obx.field(3)).1;
        if !title.is_empty() {
            fact.attrs.insert("title".to_owned(), title);
        }
        for (name, text) in found.attrs {
            fact.attrs.insert(name.to_owned(), text);
        }
        if let Some(content) = found.document {
            c.document(obx, &mut fact, content);
        }
        c.facts.push(fact);
    }
    let mut fact = header;
    if !body.is_empty() {
        fact.text = Some(body.join("\n"));
        fact.provenance.span = Some(span(&lines));
    } else if attached == 0 {
        let reason = "the message announces the document and does not hold it";
        c.problem(txa, reason);
        fact.attrs.insert("not_shown".to_owned(), reason.to_owned());
    } else {
        fact.kind = FactKind::Report;
    }
    c.facts.push(fact);
    c.order(part, &order, number);
}

fn is_document(obx: &Segment<'_>) -> bool {
    matches!(obx.field(2).text, "TX" | "FT" | "ST" | "ED" | "RP")
}

fn header<'m, 'a>(
    c: &mut Context<'m, 'a>,
    part: &Part<'m, 'a>,
    order: &Order<'m, 'a>,
    txa: &Segment<'_>,
    number: usize,
) -> Fact {
    let shared = c.shared(part, order, number);
    let document = txa.value(12);
    let key = if document.is_empty() {
        c.problem(
            txa,
            "TXA-12 is empty: the document is known by its message alone",
        );
        format!("message:{}:{number}", c.message.control_id)
    } else {
        document.clone()
    };
    let mut fact = c.fact(FactKind::Note, &["TXA", &key], txa, txa.whole());
    fact.attrs = shared.attrs;
    fact.display = [
        shared.panel,
        type_name(&txa.value(2)).to_owned(),
        "Document".to_owned(),
    ]
    .into_iter()
    .find(|t| !t.is_empty())
    .unwrap_or_default()
    .into();
    fact.category = vec![txa.value(2)].into();
    fact.category.retain(|t| !t.is_empty());
    fact.status = status(c, txa);
    for (name, field) in [("document", 12), ("replaces", 13)] {
        let text = txa.value(field);
        if !text.is_empty() {
            fact.attrs.insert(name.to_owned(), text);
        }
    }
    let author = [9, 5].iter().find_map(|n| {
        let name = txa.repetitions(*n).next()?;
        let words = [txa.part(name, 3), txa.part(name, 2)].join(" ");
        let words = words.trim();
        let words = if words.is_empty() {
            txa.part(name, 1)
        } else {
            words.to_owned()
        };
        (!words.is_empty()).then_some(words)
    });
    if let Some(author) = author {
        fact.attrs.insert("performer".to_owned(), author);
    }
    let time = |field| c.message.when(txa, field).ok().flatten();
    fact.effective = time(4)
        .or_else(|| time(6))
        .or(shared.collected.map(|(t, _)| t));
    let signed = time(22)
        .or_else(|| time(8))
        .or_else(|| time(7))
        .or_else(|| time(6));
    c.available(&mut fact, signed);
    fact
}

/// TXA-19 (availability, table 0273) before TXA-17 (completion, table 0271); what the trigger says of an older document counts most.
fn status(c: &Context<'_, '_>, txa: &Segment<'_>) -> Status {
    if c.message.trigger == "T11" {
        return Status::Cancelled;
    }
    match (txa.value(19).as_str(), txa.value(17).as_str()) {
        ("CA", _) => Status::EnteredInError,
        (_, "AU" | "LA") => match c.message.trigger.as_str() {
            "T05" | "T06" => Status::Appended,
            "T07" | "T08" | "T09" | "T10" => Status::Amended,
            _ => Status::Final,
        },
        (_, "DI" | "DO" | "IN" | "IP" | "PA") => Status::Preliminary,
        _ => Status::Unknown,
    }
}

/// Table 0270, the types that are common.
fn type_name(code: &str) -> &'static str {
    match code {
        "CN" => "Consultation",
        "DI" => "Diagnostic imaging",
        "DS" => "Discharge summary",
        "ED" => "Emergency department report",
        "HP" => "History and physical examination",
        "OP" => "Operative report",
        "PN" => "Procedure note",
        "PR" => "Progress note",
        "SP" => "Surgical pathology",
        "TS" => "Transfer summary",
        _ => "",
    }
}
