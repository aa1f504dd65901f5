//! When a result was true and known, how far it is, and what sort of result it is. Record-and-signals 5.3, 6.3.

use triptych_clinical::{Fact, Status, When};

use super::observation::{Context, OrderHead};
use super::segments::Segment;
use crate::versions;

impl Context<'_, '_> {
    /// Valid time: OBX-14, else collection, else release, else the message, and the fact says which. A time that is none stays none.
    pub(super) fn times(&mut self, obx: &Segment<'_>, fact: &mut Fact, shared: &OrderHead) {
        match self.message.when(obx, 14) {
            Err(_) => {
                self.problem(obx, "OBX-14 is no real time: the result is undated");
                fact.attrs.insert(
                    "effective".to_owned(),
                    "the source's time is not real".to_owned(),
                );
            }
            Ok(Some(time)) => fact.effective = Some(time),
            Ok(None) => {
                let stand_in = shared
                    .collected
                    .or(shared.changed.map(|t| (t, "OBR-22")))
                    .or(self.message.time.map(|t| (t, "MSH-7")));
                if let Some((time, field)) = stand_in {
                    fact.effective = Some(time);
                    fact.attrs
                        .insert("effective".to_owned(), format!("from {field}"));
                }
            }
        }
        if fact.effective.is_some_and(|e| e.instant > self.received) {
            self.problem(obx, "its time lies in the future");
            fact.attrs.insert("future".to_owned(), "yes".to_owned());
        }
        self.available(fact, shared.changed);
    }

    /// When it could be known: OBR-22, else the message; a changed result is known from its own message on.
    ///
    /// HL7 times are no finer than 100 µs. The microseconds below order a correction before a deletion that were sent in one second, where only
    /// this time tells versions apart.
    pub(super) fn available(&self, fact: &mut Fact, changed: Option<When>) {
        let sent = self.message.time;
        let stage = versions::rank(fact.status);
        let time = match (changed, sent) {
            (Some(changed), Some(sent)) if stage >= 3 && sent.instant > changed.instant => {
                Some(sent)
            }
            (changed, sent) => changed.or(sent),
        };
        let assumed = || Some(When::at(fact.effective?.instant.plus_days(1)));
        if let Some(mut time) = time {
            if stage >= 3 && time.instant.0 % 100 == 0 {
                time.instant.0 += i64::from(stage - 2);
            }
            fact.available = time;
        } else if let Some(time) = assumed() {
            fact.available = time;
            let text = "assumed from the time of collection".to_owned();
            fact.attrs.insert("available".to_owned(), text);
        } else {
            let text = "assumed: time of receipt".to_owned();
            fact.attrs.insert("available".to_owned(), text);
        }
    }

    /// OBX-11 and OBR-25 (tables 0085 and 0123). What is not in the table is never taken as final.
    pub(super) fn status(&mut self, segment: &Segment<'_>, field: usize) -> Status {
        let code = segment.value(field);
        match (code.as_str(), field) {
            ("F" | "U", _) => Status::Final,
            ("P" | "S" | "R", _) | ("A", 25) => Status::Preliminary,
            ("C", _) => Status::Corrected,
            ("A", _) => Status::Amended,
            ("B", 11) => Status::Appended,
            ("X", _) => Status::Cancelled,
            ("D" | "W", 11) => Status::EnteredInError,
            ("I" | "O", _) => Status::Registered,
            ("N" | "" | "Y" | "Z", _) => Status::Unknown,
            _ => {
                self.problem(
                    segment,
                    format!(
                        "{}-{field} holds no status of the standard: taken as unknown",
                        segment.name()
                    ),
                );
                Status::Unknown
            }
        }
    }

    pub(super) fn categories(&self, obx: &Segment<'_>, shared: &OrderHead) -> Vec<String> {
        let question = matches!(obx.value(29).as_str(), "QST" | "AOE" | "ASK")
            || ABOUT_THE_PATIENT.contains(&obx.value(3).as_str());
        if question {
            vec!["survey".to_owned()]
        } else {
            shared.category.to_vec()
        }
    }
}

/// Questions about the patient that laboratories repeat beside their results: age, first test, employed in health care, symptomatic, onset,
/// hospitalised, intensive care, congregate setting, pregnant, address, travel, specimen source.
const ABOUT_THE_PATIENT: [&str; 11] = [
    "35659-2", "95417-2", "95418-0", "95419-8", "65222-2", "11368-8", "77974-4", "95420-6",
    "95421-4", "82810-3", "30525-0",
];

/// OBR-24, table 0074. What is not said to be something else is taken for a laboratory's.
pub(super) fn category(section: &str) -> &'static str {
    match section {
        "RAD" | "RX" | "CT" | "NMR" | "NMS" | "RUS" | "OUS" | "VUS" | "CUS" | "XRC" | "RT"
        | "CTH" | "ICU" => "imaging",
        "EC" | "EN" | "CG" | "PHR" | "PF" | "CCR" => "procedure",
        _ => "laboratory",
    }
}
