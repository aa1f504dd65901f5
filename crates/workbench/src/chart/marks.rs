//! The mark of a result and what it rests on: the report's own flag and interval, never a built-in limit.

use triptych_clinical::{CodeSystem, Fact, Status};
use triptych_reasoning::input::{self, Input, Unusable};

use super::{panels, written::interval};
use crate::view::Mark;

/// What a mark rests on.
#[derive(Clone, Copy)]
enum Judged {
    /// From a note, and nobody has confirmed it.
    FromText,
    NotFinal,
    NoUnit,
    /// No such value is possible in this unit.
    Misfit,
    /// The laboratory's own flag.
    Flagged(Mark),
    /// The interval of the same report.
    Compared(Mark),
    NoInterval,
    /// A text or code.
    NoNumber,
}

/// Plausible limits by LOINC code, looked up once for the results of a row.
#[derive(Default)]
pub(super) struct Limits<'a>(Vec<(&'a str, Option<&'static Input>)>);

impl<'a> Limits<'a> {
    fn of(&mut self, code: &'a str) -> Option<&'static Input> {
        if let Some((_, known)) = self.0.iter().find(|(c, _)| *c == code) {
            return *known;
        }
        let found = input::limits(code);
        self.0.push((code, found));
        found
    }

    /// No such value is possible in the unit that came with it, and one is in another unit of the table: the limits are those of adults,
    /// so that the weight of an infant is implausible for a rule, and no fault of its unit.
    fn forbid(&mut self, fact: &'a Fact) -> bool {
        let loinc = fact.codes.iter().find(|c| c.system == CodeSystem::Loinc);
        let (Some(code), Some(q)) = (loinc, fact.quantity()) else {
            return false;
        };
        let code = code.code.as_str();
        if panels::vital(code).is_some() {
            return false;
        }
        self.of(code).is_some_and(|limits| {
            let read = |unit| limits.canonical(code, q.value, q.comparator, unit);
            matches!(read(q.unit.as_deref()), Err(Unusable::Implausible))
                && limits.units.iter().any(|u| read(Some(u.ucum)).is_ok())
        })
    }
}

/// The laboratory's flag decides; without one, the interval of the same report; without either, "no interval" (7.1). Never a built-in limit.
fn judged<'a>(fact: &'a Fact, limits: &mut Limits<'a>) -> Judged {
    if fact.origin == triptych_clinical::Origin::Note && fact.confirmed.is_none() {
        return Judged::FromText;
    }
    if matches!(
        fact.status,
        Status::Preliminary | Status::Registered | Status::Partial | Status::Inert
    ) {
        return Judged::NotFinal;
    }
    if fact.quantity().is_some_and(|q| q.unit.is_none()) {
        return Judged::NoUnit;
    }
    if limits.forbid(fact) {
        return Judged::Misfit;
    }
    if let Some(mark) = fact.flag.as_deref().and_then(flagged) {
        return Judged::Flagged(mark);
    }
    let limits = fact.reference.as_ref().map(|r| (r.low, r.high));
    match (fact.quantity(), limits) {
        (Some(q), Some((low, high))) if low.is_some() || high.is_some() => {
            Judged::Compared(if high.is_some_and(|h| q.value > h) {
                Mark::Above
            } else if low.is_some_and(|l| q.value < l) {
                Mark::Below
            } else {
                Mark::Within
            })
        }
        (Some(_), _) => Judged::NoInterval,
        (None, _) => Judged::NoNumber,
    }
}

fn flagged(flag: &str) -> Option<Mark> {
    let is = |words: &[&str]| words.iter().any(|w| flag.eq_ignore_ascii_case(w));
    if is(&["HH", "CRITICAL HIGH", "HU"]) {
        Some(Mark::CriticalAbove)
    } else if is(&["LL", "CRITICAL LOW", "LU"]) {
        Some(Mark::CriticalBelow)
    } else if is(&["H", "HIGH"]) {
        Some(Mark::Above)
    } else if is(&["L", "LOW"]) {
        Some(Mark::Below)
    } else if is(&["N", "NORMAL"]) {
        Some(Mark::Within)
    } else {
        None
    }
}

/// Its source sent it anew with a correction.
pub(crate) const fn is_corrected(fact: &Fact) -> bool {
    matches!(fact.status, Status::Corrected | Status::Amended)
}

/// The mark without its words. A corrected result says so where nothing else stands in the mark's place (D-34).
pub(super) fn mark_alone<'a>(fact: &'a Fact, limits: &mut Limits<'a>) -> Mark {
    let mark = match judged(fact, limits) {
        Judged::FromText => Mark::FromText,
        Judged::NotFinal | Judged::NoUnit | Judged::Misfit => Mark::Refused,
        Judged::Flagged(mark) | Judged::Compared(mark) => mark,
        Judged::NoInterval => Mark::NoInterval,
        Judged::NoNumber => Mark::Within,
    };
    match mark {
        Mark::Within | Mark::NoInterval if is_corrected(fact) => Mark::Corrected,
        mark => mark,
    }
}

pub(super) fn mark<'a>(fact: &'a Fact, limits: &mut Limits<'a>) -> (Mark, String) {
    let of_report = |mark: Mark| {
        let side = match mark {
            Mark::CriticalAbove => "Reported critical high",
            Mark::CriticalBelow => "Reported critical low",
            Mark::Above => "Above the interval of this report",
            Mark::Below => "Below the interval of this report",
            _ => "Within the interval of this report",
        };
        format!("{side} ({})", interval(fact))
    };
    let words = match judged(fact, limits) {
        Judged::FromText => "From text, not confirmed".to_owned(),
        Judged::NotFinal => "Not final: shown, used by no rule".to_owned(),
        Judged::NoUnit => "No unit: shown, used by no rule".to_owned(),
        Judged::Misfit => "Unit and value do not fit: shown as sent, used by no rule".to_owned(),
        Judged::Flagged(mark) | Judged::Compared(mark) => of_report(mark),
        Judged::NoInterval => "This report gives no interval".to_owned(),
        Judged::NoNumber => String::new(),
    };
    let words = match (is_corrected(fact), words.as_str()) {
        (true, "") => "Corrected".to_owned(),
        (true, words) => format!("Corrected. {words}"),
        (false, _) => words,
    };
    (mark_alone(fact, limits), words)
}

#[cfg(test)]
mod tests {
    use triptych_clinical::{Coding, Value};

    use super::*;
    use crate::chart::made::potassium;

    #[track_caller]
    fn check(written: &str, status: Status, flag: Option<&str>, mark_then: Mark, words: &str) {
        let fact = potassium(written, status, flag);
        let (found, said) = mark(&fact, &mut Limits::default());
        assert_eq!(found, mark_then, "{said}");
        assert!(said.starts_with(words), "{said}");
    }

    #[test]
    fn what_no_patient_can_have_in_its_unit_says_so_and_stays_as_sent() {
        let of = |code: &str, written: &str, unit: &str| {
            let mut fact = potassium(written, Status::Final, None);
            fact.codes = vec![Coding::new(CodeSystem::Loinc, code)].into();
            if let Value::Quantity(q) = &mut fact.value {
                q.unit = Some(unit.into());
            }
            let (found, said) = mark(&fact, &mut Limits::default());
            (found == Mark::Refused, said.starts_with("Unit and value"))
        };
        assert_eq!(of("2885-2", "78.37", "g/dL"), (true, true));
        assert_eq!(of("2885-2", "78.37", "g/L"), (false, false));
        assert_eq!(of("10834-0", "2.88", "g/L"), (true, true));
        assert_eq!(of("10834-0", "2.88", "g/dL"), (false, false));
        assert_eq!(of("0000-0", "2.88", "g/dL"), (false, false));
        // A newborn's weight.
        assert_eq!(of("29463-7", "3.6", "kg"), (false, false));
        // Implausible in every unit: shown, and no word about units.
        assert_eq!(of("2823-3", "13.5", "mmol/L"), (false, false));
    }

    #[test]
    fn d_34_a_corrected_result_says_so_whatever_its_flag() {
        check("4.2", Status::Final, Some("N"), Mark::Within, "Within");
        for status in [Status::Corrected, Status::Amended] {
            check("4.2", status, None, Mark::Corrected, "Corrected. Within");
            check(
                "4.2",
                status,
                Some("N"),
                Mark::Corrected,
                "Corrected. Within",
            );
            check("5.6", status, Some("H"), Mark::Above, "Corrected. Above");
            check("3.1", status, None, Mark::Below, "Corrected. Below");
        }
    }
}
