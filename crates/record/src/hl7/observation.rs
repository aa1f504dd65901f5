//! OBR and OBX into facts: one for the order, one for each result. Record-and-signals 5.3, 5.4.

use std::collections::{BTreeMap, HashMap};

use triptych_clinical::{
    DocumentHash, Fact, FactId, FactKind, Identity, Instant, Provenance, Shared, Status, TextSpan,
    Value, When,
};

use super::message::{Message, Observed, Order, Part};
use super::segments::Segment;
use super::{specimen, stage, value};
use crate::fhir::attachment::Content;
use crate::intake::bound_id;
use crate::numbers;

/// Longer texts, and those of several lines, are notes.
const LONGEST_ANSWER: usize = 200;

/// What all facts of a message share.
pub(super) struct Context<'m, 'a> {
    pub message: &'m Message<'a>,
    /// MSH-4, else MSH-3.
    pub source: String,
    pub identity: &'m Identity,
    pub document: DocumentHash,
    pub received: Instant,
    /// How often a result of the same order, code and sub-id was met in this message.
    pub met: HashMap<[String; 3], usize>,
    pub facts: Vec<Fact>,
    pub problems: Vec<(String, String)>,
}

/// What all results of an order share.
pub(super) struct OrderHead {
    pub key: String,
    pub panel: String,
    pub collected: Option<(When, &'static str)>,
    pub changed: Option<When>,
    pub flags: Shared<Vec<String>>,
    pub attrs: Shared<BTreeMap<String, String>>,
    pub category: Shared<Vec<String>>,
}

impl<'m, 'a> Context<'m, 'a> {
    pub fn order(&mut self, part: &Part<'m, 'a>, order: &Order<'m, 'a>, number: usize) {
        let shared = self.shared(part, order, number);
        if let Some(obr) = order.obr {
            self.header(obr, order, &shared);
        } else if order.txa.is_none() && self.message.code == "ORU" {
            let first = order.results.first().and_then(|r| r.obx.first());
            if let Some(obx) = first {
                self.problem(obx, "a result before any order: kept without order");
            }
        }
        for result in &order.results {
            self.result(result, &shared);
        }
    }

    /// Which one of its name this is in the message, from the second on: what one sub-id or none tells apart is told apart by its order.
    fn occurrence(&mut self, name: [String; 3]) -> Option<String> {
        let met = self.met.entry(name).or_default();
        *met += 1;
        (*met > 1).then(|| met.to_string())
    }

    pub fn problem(&mut self, segment: &Segment<'_>, reason: impl Into<String>) {
        self.problems.push((self.path(segment), reason.into()));
    }

    fn path(&self, segment: &Segment<'_>) -> String {
        format!(
            "MSH[{}]/{}[{}]",
            self.message.number,
            segment.name(),
            segment.number
        )
    }

    pub fn shared(
        &mut self,
        part: &Part<'m, 'a>,
        order: &Order<'m, 'a>,
        number: usize,
    ) -> OrderHead {
        let mut attrs = BTreeMap::new();
        let mut flags = Vec::new();
        if !part.visit.is_empty() {
            attrs.insert("encounter".to_owned(), part.visit.clone());
        }
        let comments: Vec<String> = order.notes.iter().map(|n| comment(n)).collect();
        for text in &comments {
            specimen::flags_of_text(text, &mut flags);
        }
        let mut specimens = Vec::new();
        let mut collected = None;
        for spm in &order.specimens {
            specimen::flags_of_segment(spm, &mut flags);
            specimens.extend(spm.repetitions(4).next().map(|p| value::concept(spm, p).1));
            let time = self.time(spm, 17);
            collected = collected.or(time.map(|t| (t, "SPM-17")));
        }
        specimens.retain(|s| !s.is_empty());
        for (name, texts) in [("order_comment", comments), ("specimen", specimens)] {
            if !texts.is_empty() {
                attrs.insert(name.to_owned(), texts.join("\n"));
            }
        }
        let Some(obr) = order.obr else {
            return OrderHead {
                key: format!("message:{}:{number}", self.message.control_id),
                panel: String::new(),
                collected,
                changed: None,
                flags: flags.into(),
                attrs: attrs.into(),
                category: vec!["laboratory".to_owned()].into(),
            };
        };
        let panel = obr
            .repetitions(4)
            .next()
            .map(|p| value::concept(obr, p).1)
            .unwrap_or_default();
        if !panel.is_empty() {
            attrs.insert("panel".to_owned(), panel.clone());
        }
        let (placer, filler) = (obr.value(2), obr.value(3));
        let key = match (filler.is_empty(), placer.is_empty()) {
            (false, _) => {
                attrs.insert("report".to_owned(), filler.clone());
                filler
            }
            (true, false) => format!("placer:{placer}"),
            (true, true) => format!("message:{}:{number}", self.message.control_id),
        };
        OrderHead {
            key,
            panel,
            collected: self.time(obr, 7).map(|t| (t, "OBR-7")).or(collected),
            changed: self.time(obr, 22),
            flags: flags.into(),
            attrs: attrs.into(),
            category: vec![stage::category(&obr.value(24)).to_owned()].into(),
        }
    }

    fn time(&mut self, segment: &Segment<'_>, field: usize) -> Option<When> {
        self.message.when(segment, field).unwrap_or_else(|_| {
            self.problem(
                segment,
                format!("{}-{field} is no real time: left out", segment.name()),
            );
            None
        })
    }

    /// The header of a panel.
    fn header(&mut self, obr: &Segment<'_>, order: &Order<'_, '_>, shared: &OrderHead) {
        let (codes, display) = obr
            .repetitions(4)
            .next()
            .map(|p| value::concept(obr, p))
            .unwrap_or_default();
        let service = codes.first().map(|c| c.code.clone()).unwrap_or_default();
        let ordinal = self.occurrence([shared.key.clone(), "OBR".to_owned(), service.clone()]);
        let mut parts = vec![shared.key.as_str(), "OBR", service.as_str()];
        parts.extend(ordinal.as_deref());
        let mut fact = self.fact(FactKind::Report, &parts, obr, obr.whole());
        fact.codes = codes.into();
        fact.display = if display.is_empty() {
            "Report".into()
        } else {
            display.into()
        };
        fact.status = self.status(obr, 25);
        fact.category.clone_from(&shared.category);
        fact.attrs.clone_from(&shared.attrs);
        fact.specimen_flags.clone_from(&shared.flags);
        fact.attrs
            .insert("results".to_owned(), order.results.len().to_string());
        fact.effective = shared.collected.map(|(t, _)| t);
        self.available(&mut fact, shared.changed);
        self.facts.push(fact);
    }

    fn result(&mut self, group: &Observed<'m, 'a>, shared: &OrderHead) {
        let Some(obx) = group.obx.first().copied() else {
            return;
        };
        let concept = obx.repetitions(3).next().map(|p| value::concept(obx, p));
        let (mut codes, mut display) = concept.unwrap_or_default();
        let own_code = obx.value(3);
        if codes.is_empty() && display.is_empty() {
            display.clone_from(&shared.panel);
            self.problem(obx, "OBX-3 is empty: named after its order");
        }
        if display.is_empty() {
            "no code".clone_into(&mut display);
        }
        for code in codes
            .iter()
            .filter(|c| c.system.to_string().ends_with("(not a LOINC code)"))
        {
            self.problems.push((
                self.path(obx),
                format!(
                    "{} is not a LOINC code: kept as the source's own",
                    code.code
                ),
            ));
        }
        codes.dedup();
        let sub_id = obx.value(4);
        let ordinal = self.occurrence([shared.key.clone(), own_code.clone(), sub_id.clone()]);
        let mut parts = vec![shared.key.as_str(), own_code.as_str(), sub_id.as_str()];
        parts.extend(ordinal.as_deref());
        let mut fact = self.fact(FactKind::Observation, &parts, obx, span(&group.obx));
        fact.codes = codes.into();
        fact.display = display.into();
        fact.attrs.clone_from(&shared.attrs);
        fact.specimen_flags.clone_from(&shared.flags);
        fact.category = self.categories(obx, shared).into();
        fact.status = self.status(obx, 11);
        for (name, text) in [("sub_id", sub_id), ("device", obx.value(18))] {
            if !text.is_empty() {
                fact.attrs.insert(name.to_owned(), text);
            }
        }
        if let Some(ordinal) = ordinal
            && !fact.attrs.contains_key("sub_id")
        {
            let text = format!("sub-id absent: number {ordinal} of this code in its order");
            fact.attrs.insert("sub_id_absent".to_owned(), text);
        }
        self.context(group, &mut fact);
        self.times(obx, &mut fact, shared);
        self.value(group, &mut fact);
        self.facts.push(fact);
    }

    /// Value, unit, range, flag.
    fn value(&mut self, group: &Observed<'m, 'a>, fact: &mut Fact) {
        let Some(obx) = group.obx.first().copied() else {
            return;
        };
        let mut found = value::read(obx);
        for line in group.obx.iter().skip(1) {
            let next = value::read(line);
            found.problems.extend(next.problems);
            let lines = [found.value, next.value].map(|v| match v {
                Value::Text(text) => text,
                _ => String::new(),
            });
            found.value = Value::Text(lines.join("\n"));
        }
        for reason in std::mem::take(&mut found.problems) {
            self.problem(obx, reason);
        }
        if found.deleted {
            fact.attrs.insert(
                "deleted".to_owned(),
                "the source deleted the value".to_owned(),
            );
        }
        for (name, text) in found.attrs {
            fact.attrs.insert(name.to_owned(), text);
        }
        let (range, wrong) = numbers::range(&obx.plain(obx.field(7).text));
        fact.reference = range;
        if let Some(wrong) = wrong {
            self.problem(obx, wrong);
        }
        let flags: Vec<String> = obx
            .repetitions(8)
            .map(|p| obx.part(p, 1))
            .filter(|f| !f.is_empty())
            .collect();
        fact.flag = Some(flags.join(" "))
            .filter(|f| !f.is_empty())
            .map(Into::into);
        if self.message.guessed_characters {
            fact.attrs
                .insert("encoding".to_owned(), "guessed".to_owned());
        }
        fact.value = found.value;
        if let Some(content) = found.document {
            self.document(obx, fact, content);
        } else if let Value::Text(text) = &fact.value
            && value::is_text(obx.field(2).text)
            && (text.trim().contains('\n') || text.chars().count() > LONGEST_ANSWER)
        {
            fact.kind = FactKind::Note;
            fact.text = Some(text.clone());
            fact.value = Value::None;
        }
    }

    /// The text of an attached document, or why there is none.
    pub fn document(&mut self, obx: &Segment<'_>, fact: &mut Fact, content: Content) {
        fact.kind = FactKind::Note;
        let reason = match content {
            Content::Text { text, note } => {
                fact.text = Some(text);
                if let Some(note) = note {
                    self.problem(obx, note.words());
                    note.mark(fact);
                }
                return;
            }
            Content::NotShown(reason) => reason,
            Content::Broken(reason) => reason.to_owned(),
        };
        self.problem(obx, reason.clone());
        fact.attrs.insert("not_shown".to_owned(), reason);
    }

    /// Comments, performer, method.
    fn context(&self, group: &Observed<'_, '_>, fact: &mut Fact) {
        let comments: Vec<String> = group.notes.iter().map(|n| comment(n)).collect();
        for text in &comments {
            specimen::flags_of_text(text, &mut fact.specimen_flags);
        }
        if !comments.is_empty() {
            fact.attrs.insert("comment".to_owned(), comments.join("\n"));
        }
        let Some(obx) = group.obx.first() else {
            return;
        };
        let words = |n| {
            obx.repetitions(n)
                .next()
                .map(|p| value::concept(obx, p).1)
                .filter(|t| !t.is_empty())
        };
        if let Some(performer) = words(23).or_else(|| words(15)) {
            fact.attrs.insert("performer".to_owned(), performer);
        }
        fact.method = words(17).map(Into::into);
        let analysed = self.message.when(obx, 19).ok().flatten();
        if let Some(analysed) = analysed {
            fact.attrs
                .insert("analysed".to_owned(), analysed.to_string());
        }
    }

    /// A fact with everything that does not depend on its segment.
    pub fn fact(
        &self,
        kind: FactKind,
        local: &[&str],
        segment: &Segment<'_>,
        span: TextSpan,
    ) -> Fact {
        let mut parts = vec!["hl7", self.source.as_str()];
        parts.extend_from_slice(local);
        let id = bound_id(self.identity, FactId::of(&parts));
        let place = Provenance::new(self.document, self.path(segment), Some(span));
        Fact {
            status: Status::Unknown,
            ..Fact::new(id, kind, self.received, place)
        }
    }
}

/// Where the value stands; the whole segment where it has none.
pub(super) fn span(obx: &[&Segment<'_>]) -> TextSpan {
    let token = |s: &Segment<'_>| {
        let value = s.field(5);
        if value.text.is_empty() {
            s.whole()
        } else {
            s.span(value)
        }
    };
    TextSpan {
        start: obx.first().map_or(0, |s| token(s).start),
        end: obx.last().map_or(0, |s| token(s).end),
    }
}

/// NTE-3: repetitions are lines.
fn comment(nte: &Segment<'_>) -> String {
    value::lines(nte, nte.field(3)).0
}
