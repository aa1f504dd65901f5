//! The stored form of a fact's content: JSON with short names and without what is empty, 250 to 300 bytes for a laboratory value.
//!
//! It is written out here, not derived from `clinical`, so that a field added there is a compile error here and a renamed one cannot
//! make old archives unreadable.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use triptych_clinical::{
    Absence, CodeSystem, Coding, Comparator, Confirmation, DocumentHash, Fact, FactId, FactKind,
    Instant, Origin, Precision, Provenance, Quantity, ReferenceRange, Shared, Status, TextSpan,
    Value, When,
};

/// Where the attributes of a row keep the name of its resource.
const RESOURCE: &str = "resource";

/// `[microseconds, precision, offset in minutes]`
pub(crate) type Time = (i64, u8, i16);
/// `[system, code]` or `[system, code, display]`
type Code = (String, String, Option<String>);

#[derive(Serialize, Deserialize)]
pub(crate) struct Body {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    c: Vec<Code>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    d: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    v: Option<Stored>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    t: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    e: Option<Time>,
    a: (u8, i16),
    s: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r: Option<(Option<f64>, Option<f64>, Option<String>)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    f: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sf: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    m: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    k: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    x: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "is_zero")]
    o: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    y: Option<(String, i64)>,
    /// True where the fact has a text; the text itself is in table `note`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    n: bool,
}

#[derive(Serialize, Deserialize)]
enum Stored {
    #[serde(rename = "q")]
    Quantity {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        v: Option<f64>,
        w: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        c: Option<char>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        u: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        t: Option<String>,
    },
    #[serde(rename = "c")]
    Coded(Code),
    #[serde(rename = "s")]
    Text(String),
    #[serde(rename = "a")]
    Absent(String),
}

/// The columns of a row beside its body.
pub(crate) struct Columns {
    pub(crate) kind: FactKind,
    pub(crate) version: u32,
    pub(crate) available_us: i64,
    pub(crate) received_us: i64,
    pub(crate) revised_us: Option<i64>,
    pub(crate) id: FactId,
    pub(crate) provenance: Provenance,
    pub(crate) text: Option<String>,
}

fn is_zero(n: &u8) -> bool {
    *n == 0
}

impl Body {
    /// Takes a fact apart.
    pub(crate) fn split(fact: Fact) -> (Self, Columns) {
        let Fact {
            id,
            version,
            kind,
            codes,
            display,
            value,
            effective,
            end,
            available,
            received,
            revised,
            status,
            reference,
            flag,
            specimen_flags,
            method,
            category,
            text,
            mut attrs,
            origin,
            confirmed,
            provenance,
        } = fact;
        if !provenance.resource.is_empty() {
            attrs.insert(RESOURCE.to_owned(), provenance.resource.to_string());
        }
        let body = Self {
            c: codes.iter().cloned().map(code).collect(),
            d: display.into(),
            v: stored(value),
            t: effective.map(time),
            e: end.map(time),
            a: (time(available).1, available.offset_minutes),
            s: status_number(status),
            r: reference.map(|r| (finite(r.low), finite(r.high), r.text)),
            f: flag.map(Into::into),
            sf: specimen_flags.to_vec(),
            m: method.map(Into::into),
            k: category.to_vec(),
            x: (*attrs).clone(),
            o: origin_number(origin),
            y: confirmed.map(|c| (c.by, c.at.0)),
            n: text.is_some(),
        };
        let columns = Columns {
            kind,
            version,
            available_us: available.instant.0,
            received_us: received.0,
            revised_us: revised.map(|r| r.0),
            id,
            provenance,
            text,
        };
        (body, columns)
    }

    /// Puts a fact together again; `None` when a number means nothing to this program.
    pub(crate) fn join(mut self, columns: Columns) -> Option<Fact> {
        let mut provenance = columns.provenance;
        if let Some(resource) = self.x.remove(RESOURCE) {
            provenance.resource = resource.into();
        }
        let available = when((columns.available_us, self.a.0, self.a.1))?;
        Some(Fact {
            id: columns.id,
            version: columns.version,
            kind: columns.kind,
            codes: self.c.into_iter().map(coding).collect(),
            display: self.d.into(),
            value: match self.v {
                Some(stored) => value(stored)?,
                None => Value::None,
            },
            effective: optional_when(self.t)?,
            end: optional_when(self.e)?,
            available,
            received: Instant(columns.received_us),
            revised: None,
            status: status(self.s)?,
            reference: self
                .r
                .map(|(low, high, text)| ReferenceRange { low, high, text }),
            flag: self.f.map(Into::into),
            specimen_flags: self.sf.into_iter().collect(),
            method: self.m.map(Into::into),
            category: self.k.into_iter().collect(),
            text: if self.n { columns.text } else { None },
            attrs: if self.x.is_empty() {
                Shared::default()
            } else {
                self.x.into()
            },
            origin: origin(self.o)?,
            confirmed: self.y.map(|(by, at)| Confirmation {
                by,
                at: Instant(at),
            }),
            provenance,
        })
    }

    pub(crate) const fn has_text(&self) -> bool {
        self.n
    }

    /// Takes the number and its written form out of a quantity; nothing of any other value.
    pub(crate) fn take_number(&mut self) -> (Option<f64>, String) {
        match &mut self.v {
            Some(Stored::Quantity { v, w, .. }) => (v.take(), std::mem::take(w)),
            _ => (None, String::new()),
        }
    }

    /// Takes the name of the resource out; empty where there is none.
    pub(crate) fn take_resource(&mut self) -> String {
        self.x.remove(RESOURCE).unwrap_or_default()
    }

    /// Takes start and end out.
    pub(crate) fn take_times(&mut self) -> [Option<Time>; 2] {
        [self.t.take(), self.e.take()]
    }
}

/// Names one state of a datum: equal for equal content, wherever and whenever it was received.
pub(crate) fn content_hash(body: &str, columns: &Columns) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    // A source without any release time is given the time of receipt: that is not content.
    let available = if columns.available_us == columns.received_us {
        i64::MIN
    } else {
        columns.available_us
    };
    hasher.update(&[kind_number(columns.kind)]);
    hasher.update(&available.to_le_bytes());
    hasher.update(&(body.len() as u64).to_le_bytes());
    hasher.update(body.as_bytes());
    hasher.update(columns.text.as_deref().unwrap_or_default().as_bytes());
    *hasher.finalize().as_bytes()
}

pub(crate) fn provenance(
    document: DocumentHash,
    path: String,
    start: Option<i64>,
    end: Option<i64>,
) -> Provenance {
    let span = start.zip(end).and_then(|(start, end)| {
        Some(TextSpan {
            start: u64::try_from(start).ok()?,
            end: u64::try_from(end).ok()?,
        })
    });
    Provenance::new(document, path, span)
}

fn finite(x: Option<f64>) -> Option<f64> {
    x.filter(|x| x.is_finite())
}

fn time(when: When) -> Time {
    let precision = match when.precision {
        Precision::Year => 0,
        Precision::Month => 1,
        Precision::Day => 2,
        Precision::Second => 3,
    };
    (when.instant.0, precision, when.offset_minutes)
}

fn when((instant, precision, offset_minutes): Time) -> Option<When> {
    Some(When {
        instant: Instant(instant),
        precision: match precision {
            0 => Precision::Year,
            1 => Precision::Month,
            2 => Precision::Day,
            3 => Precision::Second,
            _ => return None,
        },
        offset_minutes,
    })
}

pub(crate) fn optional_when(time: Option<Time>) -> Option<Option<When>> {
    time.map_or(Some(None), |time| when(time).map(Some))
}

fn code(coding: Coding) -> Code {
    let system = match coding.system {
        // Told apart from the short names, whatever a source calls its system.
        CodeSystem::Other(uri) => format!("={uri}"),
        known => known.to_string(),
    };
    (system, coding.code, coding.display)
}

fn coding((system, code, display): Code) -> Coding {
    let system = match system.strip_prefix('=') {
        Some(uri) => CodeSystem::Other(uri.to_owned()),
        None => CodeSystem::from_prefix(&system).unwrap_or(CodeSystem::Other(system)),
    };
    Coding {
        system,
        code,
        display,
    }
}

fn stored(value: Value) -> Option<Stored> {
    Some(match value {
        Value::None => return None,
        Value::Quantity(Quantity {
            value,
            written,
            comparator,
            unit,
            unit_text,
        }) => Stored::Quantity {
            v: finite(Some(value)),
            w: written.to_string(),
            c: comparator.map(|c| match c {
                Comparator::Below => '<',
                Comparator::AtMost => '\u{2264}',
                Comparator::Above => '>',
                Comparator::AtLeast => '\u{2265}',
            }),
            u: unit.map(Into::into),
            t: unit_text.map(Into::into),
        },
        Value::Coded(coding) => Stored::Coded(code(coding)),
        Value::Text(text) => Stored::Text(text),
        Value::Absent(Absence { reason }) => Stored::Absent(reason),
    })
}

/// JSON has no infinity: the source's own words give it back.
pub(crate) fn number(value: Option<f64>, written: &str) -> f64 {
    value.unwrap_or_else(|| written.parse().unwrap_or(f64::NAN))
}

fn value(stored: Stored) -> Option<Value> {
    Some(match stored {
        Stored::Quantity { v, w, c, u, t } => Value::Quantity(Quantity {
            value: number(v, &w),
            written: w.into(),
            comparator: match c {
                None => None,
                Some('<') => Some(Comparator::Below),
                Some('\u{2264}') => Some(Comparator::AtMost),
                Some('>') => Some(Comparator::Above),
                Some('\u{2265}') => Some(Comparator::AtLeast),
                Some(_) => return None,
            },
            unit: u.map(Into::into),
            unit_text: t.map(Into::into),
        }),
        Stored::Coded(code) => Value::Coded(coding(code)),
        Stored::Text(text) => Value::Text(text),
        Stored::Absent(reason) => Value::Absent(Absence { reason }),
    })
}

/// Numbers of enums in rows. Appended to, never renumbered.
macro_rules! numbered {
    ($type:ident, $to:ident, $from:ident, $($variant:ident = $n:literal),+ $(,)?) => {
        pub(crate) const fn $to(value: $type) -> u8 {
            match value { $($type::$variant => $n),+ }
        }
        pub(crate) const fn $from(number: u8) -> Option<$type> {
            match number { $($n => Some($type::$variant),)+ _ => None }
        }
    };
}

numbered!(
    FactKind,
    kind_number,
    kind,
    Observation = 1,
    Medication = 2,
    Problem = 3,
    Procedure = 4,
    Finding = 5,
    Imaging = 6,
    Allergy = 7,
    Encounter = 8,
    Note = 9,
    Report = 10,
    Immunization = 11,
    Other = 12,
);
numbered!(
    Status,
    status_number,
    status,
    Final = 0,
    Amended = 1,
    Corrected = 2,
    Appended = 3,
    Preliminary = 4,
    Registered = 5,
    Partial = 6,
    Cancelled = 7,
    EnteredInError = 8,
    Unknown = 9,
    Active = 10,
    Completed = 11,
    Inert = 12,
);
numbered!(
    Origin,
    origin_number,
    origin,
    Structured = 0,
    Note = 1,
    Reader = 2,
    Model = 3,
    Derived = 4,
);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn full() -> Fact {
        let at = When::parse("2021-02-22T09:41:00+01:00").unwrap();
        Fact {
            id: FactId::of(&["x"]),
            version: 3,
            kind: FactKind::Observation,
            codes: vec![
                Coding {
                    system: CodeSystem::Loinc,
                    code: "2160-0".into(),
                    display: Some("Creatinine".into()),
                },
                Coding::new(CodeSystem::Other("loinc".into()), "local"),
            ]
            .into(),
            display: "Kreatinin".into(),
            value: Value::Quantity(Quantity {
                value: 0.1 + 0.2,
                written: "0.30".into(),
                comparator: Some(Comparator::Below),
                unit: Some("mg/dL".into()),
                unit_text: None,
            }),
            effective: Some(When::parse("2021-02").unwrap()),
            end: Some(at),
            available: at,
            received: Instant(17),
            revised: None,
            status: Status::Corrected,
            reference: Some(ReferenceRange {
                low: Some(0.5),
                high: None,
                text: Some("> 0.5".into()),
            }),
            flag: Some("H".into()),
            specimen_flags: vec!["haemolysed".into()].into(),
            method: Some("enzymatic".into()),
            category: vec!["laboratory".into()].into(),
            text: Some("a text".into()),
            attrs: BTreeMap::from([("panel".into(), "renal".into())]).into(),
            origin: Origin::Model,
            confirmed: Some(Confirmation {
                by: "reader".into(),
                at: Instant(5),
            }),
            provenance: provenance(
                DocumentHash([7; 32]),
                "Bundle.entry[1]".into(),
                Some(3),
                Some(9),
            ),
        }
    }

    fn through_json(fact: Fact) -> Fact {
        let (body, columns) = Body::split(fact);
        let text = serde_json::to_string(&body).unwrap();
        serde_json::from_str::<Body>(&text)
            .unwrap()
            .join(columns)
            .unwrap()
    }

    #[test]
    fn a_fact_comes_back_as_it_was_in_every_field() {
        assert_eq!(through_json(full()), full());
        for value in [
            Value::None,
            Value::Text("positive".into()),
            Value::Absent(Absence {
                reason: "unknown".into(),
            }),
            Value::Coded(Coding::new(CodeSystem::Snomed, "1")),
        ] {
            let fact = Fact {
                value,
                text: None,
                confirmed: None,
                ..full()
            };
            assert_eq!(through_json(fact.clone()), fact);
        }
    }

    #[test]
    fn every_number_of_an_enum_leads_back_to_it() {
        assert!((1..=12).all(|n| kind(n).map(kind_number) == Some(n)) && kind(13).is_none());
        assert!((0..=12).all(|n| status(n).map(status_number) == Some(n)) && status(13).is_none());
        assert!((0..=4).all(|n| origin(n).map(origin_number) == Some(n)) && origin(5).is_none());
    }

    /// The stored form of schema 1. If this fails, old archives are unreadable: write a migration.
    #[test]
    fn db_02_the_stored_form_of_schema_1_is_still_read() {
        let stored = r#"{"c":[["loinc","2160-0",null]],"d":"Creatinine","v":{"q":{"v":1.5,"w":"1.50","u":"mg/dL"}},"t":[1,3,60],"a":[3,0],"s":2,"x":{"panel":"p"}}"#;
        let columns = Body::split(full()).1;
        let fact = serde_json::from_str::<Body>(stored)
            .unwrap()
            .join(columns)
            .unwrap();
        assert_eq!(fact.quantity().unwrap().written, "1.50");
        assert_eq!(
            (fact.status, fact.origin),
            (Status::Corrected, Origin::Structured)
        );
        assert_eq!(fact.codes[..], [Coding::new(CodeSystem::Loinc, "2160-0")]);
    }

    #[test]
    fn receipt_without_a_release_time_is_not_content() {
        let hash = |available: i64, received: i64| {
            let fact = Fact {
                available: When::at(Instant(available)),
                received: Instant(received),
                ..full()
            };
            let (body, columns) = Body::split(fact);
            content_hash(&serde_json::to_string(&body).unwrap(), &columns)
        };
        assert_eq!(hash(5, 5), hash(6, 6));
        assert_eq!(hash(5, 7), hash(5, 8));
        assert_ne!(hash(5, 7), hash(6, 7));
    }
}
