//! R16: iron deficiency by ferritin, with haemoglobin, transferrin saturation and C-reactive protein.

use super::Rule;
use crate::chart::{EquationSex, Measured};
use crate::codes;
use crate::desk::{Desk, days, reported_text, within};
use crate::input;
use crate::k3::K3;
use crate::number::{plain, round};
use crate::outcome::{Finding, Lane, Missing, Quiet, Severity, Why};

pub(super) static RULE: Rule = Rule {
    id: "R16",
    version: "1.0.0",
    lane: Lane::N,
    title: "Iron deficiency",
    trigger: "ferritin",
    not_applicable: "",
    citation: "WHO ferritin guideline 2020; AGA 2020, Gastroenterology 159:1085; BSG 2021, Gut 70:2030; ESC heart failure 2021; KDIGO anaemia",
    valid_until: "2027-03-01",
    windows: &[
        "ferritin, haemoglobin, mean cell volume 180 d",
        "transferrin saturation (or iron and iron-binding capacity) and CRP within 7 d of the ferritin",
    ],
    thresholds: &[
        "ferritin below 15 ug/L: absolute; below 30: likely; below 45 with anaemia: likely",
        "below 100 with anaemia and CRP above 5 mg/L, or with CKD or heart failure: transferrin saturation below 20 %",
        "100 to 299 with CKD or heart failure: functional, transferrin saturation below 20 %",
        "anaemia: haemoglobin below 130 g/L in men, 120 in women, 110 in pregnancy",
    ],
    limits: &[
        "Ferritin rises with inflammation and liver injury",
        "Thalassaemia trait has a low mean cell volume with enough iron",
        "Deficiency is a finding; its cause is another question",
    ],
    settings: &["ferritin.low"],
    evaluate,
};

const WINDOW_DAYS: i64 = 180;
const PAIR_DAYS: i64 = 7;

/// Haemoglobin as the rule uses it: integer g/L, or why there is none.
type Hb = Result<f64, Why>;

fn evaluate(desk: &mut Desk<'_>) -> Finding {
    if let Err(end) = desk.adult() {
        return end;
    }
    let (Some(ferritin), Some(hb)) = (input::by_name("ferritin"), input::by_name("hb")) else {
        return Finding::quiet(Quiet::NoTrigger);
    };
    let newest = desk.newest(ferritin, days(WINDOW_DAYS), &[]);
    let hb_value: Hb = desk.newest(hb, days(WINDOW_DAYS), &[]).and_then(|m| {
        desk.rests_on(hb, &m, "anaemia");
        m.value.point().map(|v| round(v, 0)).ok_or(Why::Open)
    });
    let (anaemia, anaemia_lacks) = anaemia(desk, hb_value);
    let with_hb = |f: Finding| match hb_value {
        Ok(v) => f.number("hb", v),
        Err(_) => f,
    };
    let ferritin_value = match newest {
        Ok(value) => value,
        Err(why @ (Why::Absent | Why::Stale)) => {
            return with_hb(without_ferritin(desk, anaemia, why));
        }
        Err(why) => return with_hb(Finding::cannot_tell().lacks("ferritin", why)),
    };
    desk.rests_on(ferritin, &ferritin_value, "trigger");
    let at = desk.at();
    let iron = desk.statement(&codes::IRON_INTRAVENOUS, |d| {
        within(d.instant(), at, days(28))
    });
    desk.exclusion("intravenous iron started within 28 d", iron.is_some());
    if let Some(iron) = iron {
        desk.rests_on_statement(iron, "confounds ferritin");
        return with_hb(Finding::cannot_tell().lacks("ferritin", Why::Confounded));
    }
    let context = Context::gather(desk, &ferritin_value, anaemia, anaemia_lacks);
    let answers = [ferritin_value.value.low, ferritin_value.value.high].map(|f| context.judge(f));
    let finding = context.conclude(desk, &ferritin_value, hb_value, &answers);
    let finding = with_hb(finding);
    let finding = match context.tsat {
        Ok(v) => finding.number("tsat", v),
        Err(_) => finding,
    };
    match ferritin_value.value.point() {
        Some(v) => finding.number("ferritin", v),
        None => finding.between(
            "ferritin",
            ferritin_value.value.low,
            ferritin_value.value.high,
        ),
    }
}

/// WHO thresholds; with sex unknown below 120 is anaemia for all, from 130 for none.
fn anaemia(desk: &mut Desk<'_>, hb: Hb) -> (K3, Option<Missing>) {
    let hb = match hb {
        Ok(hb) => hb,
        Err(why) => return (K3::Unknown, Some(Missing::new("hb", why))),
    };
    let pregnant = desk.pregnancy();
    let limit = |sex: &EquationSex| match sex {
        _ if pregnant => 110.0,
        EquationSex::Female => 120.0,
        EquationSex::Male => 130.0,
    };
    let answer = K3::agree(desk.sexes().iter().map(|sex| hb < limit(sex)));
    desk.step(format!(
        "haemoglobin {} g/L: anaemia {}",
        plain(hb),
        match answer {
            K3::True => "yes",
            K3::False => "no",
            K3::Unknown => "not known, sex not recorded",
        }
    ));
    let lacks = (answer == K3::Unknown)
        .then(|| desk.missing_sex())
        .flatten();
    (answer, lacks)
}

/// No ferritin: microcytic anaemia asks for one, anything else is no trigger.
fn without_ferritin(desk: &mut Desk<'_>, anaemia: K3, why: Why) -> Finding {
    let Some(mcv) = input::by_name("mcv") else {
        return Finding::quiet(Quiet::NoTrigger);
    };
    let value = desk.newest(mcv, days(WINDOW_DAYS), &[]);
    match value {
        Ok(m) if anaemia.is_true() && m.value.high < 80.0 => {
            desk.rests_on(mcv, &m, "microcytic");
            desk.step("anaemia with a mean cell volume below 80 fL, and no ferritin: ferritin is what is missing");
            Finding::cannot_tell()
                .lacks("ferritin", why)
                .with("pattern", "microcytic_anaemia")
                .number("mcv", m.value.low)
        }
        _ => Finding::quiet(Quiet::NoTrigger),
    }
}

/// Everything but the ferritin.
struct Context {
    low: f64,
    anaemia: K3,
    anaemia_lacks: Option<Missing>,
    inflammation: K3,
    inflammation_lacks: Option<Missing>,
    chronic: bool,
    tsat: Result<f64, Why>,
}

/// Which class, if any; ordered as the rule asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Absolute,
    Likely,
    LikelyInAnaemia,
    WithInflammationOrChronicDisease,
    Functional,
}

/// What the rule says of one ferritin value.
struct Answer {
    fires: K3,
    class: Option<Class>,
    lacks: Vec<Missing>,
}

impl Context {
    fn gather<'a>(
        desk: &mut Desk<'a>,
        ferritin: &Measured<'a>,
        anaemia: K3,
        anaemia_lacks: Option<Missing>,
    ) -> Self {
        let taken = ferritin.datum.instant();
        let crp = input::by_name("crp").ok_or(Why::Absent).and_then(|input| {
            let m = desk.pair(input, taken, days(PAIR_DAYS), &[])?;
            desk.rests_on(input, &m, "inflammation");
            K3::agree([m.value.low > 5.0, m.value.high > 5.0])
                .known()
                .ok_or(Why::Open)
        });
        let mut chronic = false;
        for (set, role) in [
            (&codes::CKD, "chronic kidney disease"),
            (&codes::HEART_FAILURE, "heart failure"),
        ] {
            let found = desk.active(set);
            if let Some(datum) = found {
                desk.rests_on_statement(datum, role);
                chronic = true;
            }
            desk.step(format!(
                "{role} on the problem list: {}",
                if found.is_some() { "yes" } else { "no" }
            ));
        }
        let tsat = saturation(desk, taken);
        Self {
            low: desk.settings.ferritin_low,
            anaemia,
            anaemia_lacks,
            inflammation: crp.ok().into(),
            inflammation_lacks: crp.err().map(|why| Missing::new("crp", why)),
            chronic,
            tsat,
        }
    }

    /// Class with every input known.
    fn class(
        &self,
        ferritin: f64,
        anaemia: bool,
        inflammation: bool,
        tsat_low: bool,
    ) -> Option<Class> {
        if ferritin < 15.0 {
            Some(Class::Absolute)
        } else if ferritin < self.low {
            Some(Class::Likely)
        } else if ferritin < 45.0 && anaemia {
            Some(Class::LikelyInAnaemia)
        } else if ferritin < 100.0 && (self.chronic || anaemia && inflammation) && tsat_low {
            Some(Class::WithInflammationOrChronicDisease)
        } else if (100.0..300.0).contains(&ferritin) && self.chronic && tsat_low {
            Some(Class::Functional)
        } else {
            None
        }
    }

    /// All completions of what is not known: decided when they agree; an input is missing only where it can change the answer.
    fn judge(&self, ferritin: f64) -> Answer {
        let open = |k: K3| match k.known() {
            Some(b) => vec![b],
            None => vec![false, true],
        };
        let tsat_low = K3::from(self.tsat.ok().map(|t| t < 20.0));
        let (anaemias, inflammations, tsats) =
            (open(self.anaemia), open(self.inflammation), open(tsat_low));
        let mut classes = Vec::new();
        let mut matters = [false; 3];
        for a in &anaemias {
            for i in &inflammations {
                for t in &tsats {
                    let here = self.class(ferritin, *a, *i, *t);
                    let flipped = [
                        self.class(ferritin, !a, *i, *t),
                        self.class(ferritin, *a, !i, *t),
                        self.class(ferritin, *a, *i, !t),
                    ];
                    for (m, other) in matters.iter_mut().zip(flipped) {
                        *m |= here.is_some() != other.is_some();
                    }
                    classes.push(here);
                }
            }
        }
        let fires = K3::agree(classes.iter().map(Option::is_some));
        let first = classes.first().copied().flatten();
        let lacks = [
            (self.anaemia, &self.anaemia_lacks),
            (self.inflammation, &self.inflammation_lacks),
            (
                tsat_low,
                &self.tsat.err().map(|why| Missing::new("tsat", why)),
            ),
        ];
        Answer {
            fires,
            class: first.filter(|_| classes.iter().all(|c| *c == first)),
            lacks: lacks
                .into_iter()
                .zip(matters)
                .filter(|((known, _), matters)| *known == K3::Unknown && *matters)
                .filter_map(|((_, missing), _)| missing.clone())
                .collect(),
        }
    }

    fn conclude(
        &self,
        desk: &mut Desk<'_>,
        ferritin: &Measured<'_>,
        hb: Hb,
        [low, high]: &[Answer; 2],
    ) -> Finding {
        let lacks = low.lacks.iter().chain(&high.lacks).cloned();
        let finding = match (low.fires, high.fires) {
            (K3::True, K3::True) => {
                let class = low.class.filter(|c| Some(*c) == high.class);
                let words = class.map_or("low iron stores", Class::in_words);
                desk.step(format!("class: {words}"));
                let hb_words =
                    hb.map_or_else(|_| String::new(), |h| format!(", Hb {} g/L", plain(h)));
                let summary = format!("Ferritin {}{hb_words}: {words}", reported_text(ferritin));
                let finding = Finding::fires(self.severity(hb), summary);
                return match class {
                    Some(class) => finding.with("class", class.code()),
                    None => finding,
                };
            }
            (K3::False, K3::False) => return Finding::silent(),
            _ => Finding::cannot_tell().lacking(lacks),
        };
        if finding.missing.is_empty() {
            finding.lacks("ferritin", Why::Open)
        } else {
            finding
        }
    }

    fn severity(&self, hb: Hb) -> Severity {
        match hb {
            Ok(hb) if hb < 80.0 => Severity::High,
            _ if self.anaemia.is_true() => Severity::Moderate,
            _ => Severity::Low,
        }
    }
}

impl Class {
    const fn code(self) -> &'static str {
        match self {
            Self::Absolute => "absolute",
            Self::Likely => "likely",
            Self::LikelyInAnaemia => "likely_in_anaemia",
            Self::WithInflammationOrChronicDisease => "with_inflammation_or_chronic_disease",
            Self::Functional => "functional",
        }
    }

    const fn in_words(self) -> &'static str {
        match self {
            Self::Absolute => "absolute iron deficiency (below 15)",
            Self::Likely => "iron deficiency likely",
            Self::LikelyInAnaemia => "iron deficiency likely in anaemia (below 45)",
            Self::WithInflammationOrChronicDisease => {
                "iron deficiency with inflammation or chronic disease"
            }
            Self::Functional => "functional iron deficiency",
        }
    }
}

/// Transferrin saturation, integer per cent: reported, else iron over iron-binding capacity, all within 7 d of the ferritin.
fn saturation(desk: &mut Desk<'_>, taken: triptych_clinical::Instant) -> Result<f64, Why> {
    let named = |name| input::by_name(name).ok_or(Why::Absent);
    let tsat = named("tsat")?;
    match desk.pair(tsat, taken, days(PAIR_DAYS), &[]) {
        Ok(m) => {
            desk.rests_on(tsat, &m, "transferrin saturation");
            m.value.point().map(|v| round(v, 0)).ok_or(Why::Open)
        }
        Err(why @ (Why::Absent | Why::Stale)) => {
            let (iron, tibc) = (named("iron")?, named("tibc")?);
            let pair = desk
                .pair(iron, taken, days(PAIR_DAYS), &[])
                .and_then(|i| Ok((i, desk.pair(tibc, taken, days(PAIR_DAYS), &[])?)));
            let Ok((i, t)) = pair else { return Err(why) };
            desk.rests_on(iron, &i, "transferrin saturation: iron");
            desk.rests_on(tibc, &t, "transferrin saturation: iron-binding capacity");
            let (Some(i), Some(t)) = (i.value.point(), t.value.point()) else {
                return Err(Why::Open);
            };
            let value = round(100.0 * i / t, 0);
            desk.step(format!(
                "transferrin saturation = iron / iron-binding capacity = {} %",
                plain(value)
            ));
            Ok(value)
        }
        Err(why) => Err(why),
    }
}
