//! Where a rule works: it asks for inputs here, and every question leaves its trace in the basis and in the input hash.

use triptych_clinical::{CodeSystem, Coding, Comparator, Instant};

use crate::basis::{Basis, BasisItem, age_in_words};
use crate::chart::{Chart, Datum, EquationSex, Kind, Measured, Reported};
use crate::codes::{self, CodeSet};
use crate::datum::is_coded;
use crate::input::Input;
use crate::number::{Interval, plain};
use crate::outcome::{Exclusion, Finding, Missing, Quiet, Why};
use crate::rules::Rule;
use crate::settings::Settings;

/// Length of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(i64);

/// Days of exactly 24 h.
#[must_use]
pub const fn days(n: i64) -> Span {
    hours(24 * n)
}

/// Hours.
#[must_use]
pub const fn hours(n: i64) -> Span {
    Span(n * 3_600_000_000)
}

/// `later - earlier` is at most `span` (inclusive) and not negative.
#[must_use]
pub const fn within(earlier: Instant, later: Instant, span: Span) -> bool {
    let distance = later.0.saturating_sub(earlier.0);
    distance >= 0 && distance <= span.0
}

/// [`within`] for a window in days that need not be whole.
#[must_use]
pub fn within_days(earlier: Instant, later: Instant, days: f64) -> bool {
    let distance = later.days_since(earlier);
    (0.0..=days).contains(&distance)
}

/// One evaluation of one rule.
pub struct Desk<'a> {
    /// The visible record.
    pub chart: &'a Chart,
    /// Site switches.
    pub settings: &'a Settings,
    /// Parameter of R25.
    pub analyte: Option<&'static str>,
    basis: Basis,
    /// Inputs that were asked for: all of their data go into the input hash.
    asked: Vec<&'static Input>,
    /// Statements that were found, once or more often.
    touched: Vec<&'a Datum>,
}

impl<'a> Desk<'a> {
    /// A clean desk.
    #[must_use]
    pub fn new(chart: &'a Chart, settings: &'a Settings, analyte: Option<&'static str>) -> Self {
        Self {
            chart,
            settings,
            analyte,
            basis: Basis::default(),
            asked: Vec::new(),
            touched: Vec::new(),
        }
    }

    /// Index time.
    #[must_use]
    pub const fn at(&self) -> Instant {
        self.chart.at
    }

    // --- asking -------------------------------------------------------------------------------------------------------------------

    /// Newest datum of an input not older than `window`. The newest decides: if it is refused there is no fall-back.
    ///
    /// # Errors
    /// [`Why`] it is missing; [`Why::Stale`] when only older ones exist.
    pub fn newest(
        &mut self,
        input: &'static Input,
        window: Span,
        flags: &[&str],
    ) -> Result<Measured<'a>, Why> {
        let newest = self.look_up(input).next().ok_or(Why::Absent)?;
        if !within(newest.instant(), self.chart.at, window) {
            return Err(Why::Stale);
        }
        self.name_rivals(input, newest);
        newest.measure(input, flags)
    }

    /// Two results of one instant (two panels, two encounters): the one recorded last is used, the other is named.
    fn name_rivals(&mut self, input: &'static Input, chosen: &Datum) {
        let value = |d: &Datum| d.measure(input, &[]).ok().map(|m| m.value);
        let taken = chosen.instant();
        let rivals: Vec<String> = self
            .chart
            .between(input, taken, taken)
            .filter(|d| d.key != chosen.key)
            .filter(|d| value(d).is_some_and(|v| Some(v) != value(chosen)))
            .map(original_text)
            .collect();
        if !rivals.is_empty() {
            self.limit(format!(
                "{} of the same instant has another value too: {}",
                input.label,
                rivals.join(", ")
            ));
        }
    }

    /// Nearest datum of an input to an instant, at most `distance` away on either side; the newer of two equally near ones.
    ///
    /// # Errors
    /// [`Why`] the pair is missing.
    pub fn pair(
        &mut self,
        input: &'static Input,
        to: Instant,
        distance: Span,
        flags: &[&str],
    ) -> Result<Measured<'a>, Why> {
        let apart = |d: &Datum| d.instant().0.abs_diff(to.0);
        self.ask(input);
        let chart = self.chart;
        // The nearest are the last one after it and the first one not after it; of one instant the first is the newest.
        let after = chart
            .between(input, Instant(to.0.saturating_add(1)), Instant(i64::MAX))
            .next_back()
            .map(Datum::instant)
            .and_then(|t| chart.between(input, t, t).next());
        let before = chart.between(input, Instant(i64::MIN), to).next();
        let nearest = [after, before]
            .into_iter()
            .flatten()
            .min_by_key(|d| apart(d))
            .ok_or(Why::Absent)?;
        if apart(nearest) > distance.0.unsigned_abs() {
            return Err(Why::Stale);
        }
        nearest.measure(input, flags)
    }

    /// Newest datum of an input with a coded answer, not older than `window`; the reading of the answer is the caller's.
    ///
    /// # Errors
    /// [`Why`] it is missing.
    pub fn answer(&mut self, input: &'static Input, window: Span) -> Result<&'a Datum, Why> {
        let newest = self.look_up(input).next().ok_or(Why::Absent)?;
        if !within(newest.instant(), self.chart.at, window) {
            return Err(Why::Stale);
        }
        newest.usable().map(|()| newest)
    }

    /// Newest datum under a project code, not older than `window`.
    ///
    /// # Errors
    /// [`Why`] it is missing.
    pub fn newest_of_project(
        &mut self,
        code: &'static str,
        window: Span,
    ) -> Result<&'a Datum, Why> {
        let newest = self
            .project_code(code)
            .into_iter()
            .next()
            .ok_or(Why::Absent)?;
        if !within(newest.instant(), self.chart.at, window) {
            return Err(Why::Stale);
        }
        newest.usable().map(|()| newest)
    }

    /// All visible imaging studies, newest first.
    pub fn imaging(&mut self) -> Vec<&'a Datum> {
        let mut found = self.chart.of_kind(Kind::Imaging);
        found.retain(|d| d.is_usable_statement());
        self.touched.extend(&found);
        found
    }

    /// All usable data of an input, newest first; refused ones are skipped.
    pub fn series<'f>(
        &mut self,
        input: &'static Input,
        flags: &'f [&'f str],
    ) -> impl Iterator<Item = Measured<'a>> + use<'a, 'f> {
        self.look_up(input)
            .filter_map(move |d| d.measure(input, flags).ok())
    }

    /// [`Desk::series`] of the time from `span` before an instant up to it, both included.
    pub fn history(
        &mut self,
        input: &'static Input,
        to: Instant,
        span: Span,
        flags: &[&str],
    ) -> Vec<Measured<'a>> {
        self.ask(input);
        let oldest = Instant(to.0.saturating_sub(span.0));
        self.chart
            .between(input, oldest, to)
            .filter_map(|d| d.measure(input, flags).ok())
            .collect()
    }

    /// Newest active medicine or problem of a code set.
    pub fn active(&mut self, set: &CodeSet) -> Option<&'a Datum> {
        let at = self.chart.at;
        self.statement(set, |d| d.is_active(at))
    }

    /// Newest usable medicine, problem or procedure of a code set that satisfies a test.
    pub fn statement(&mut self, set: &CodeSet, test: impl Fn(&Datum) -> bool) -> Option<&'a Datum> {
        self.search(Some(set.kind), |codes| set.holds(codes))
            .into_iter()
            .find(|d| d.is_usable_statement() && test(d))
    }

    /// Every active medicine or problem of a code set, newest first.
    pub fn all_active(&mut self, set: &CodeSet) -> Vec<&'a Datum> {
        let at = self.chart.at;
        let mut found = self.search(Some(set.kind), |codes| set.holds(codes));
        found.retain(|d| d.is_active(at));
        found
    }

    /// Every usable medicine that satisfies a test, newest first.
    pub fn medicines(&mut self, test: impl Fn(&Datum) -> bool) -> Vec<&'a Datum> {
        let mut found = self.search(Some(Kind::Medicine), |_| true);
        found.retain(|d| d.is_usable_statement() && test(d));
        found
    }

    /// All visible data under a project code, newest first.
    pub fn project_code(&mut self, code: &'static str) -> Vec<&'a Datum> {
        self.search(None, |codes| is_coded(codes, &CodeSystem::Tri, code))
    }

    /// Visible data whose codes satisfy a test, newest first; every one of them goes into the input hash.
    fn search(&mut self, kind: Option<Kind>, test: impl Fn(&[Coding]) -> bool) -> Vec<&'a Datum> {
        let found = self.chart.coded(kind, test);
        self.touched.extend(&found);
        found
    }

    /// Sexes that the equations must be tried with: one where it is known, both where it is not.
    #[must_use]
    pub fn sexes(&self) -> Vec<EquationSex> {
        self.chart
            .person
            .sex
            .map_or_else(|| vec![EquationSex::Female, EquationSex::Male], |s| vec![s])
    }

    /// `patient.sex:absent`, if so.
    #[must_use]
    pub fn missing_sex(&self) -> Option<Missing> {
        self.chart
            .person
            .sex
            .is_none()
            .then(|| Missing::new("patient.sex", Why::Absent))
    }

    // --- leaving early ------------------------------------------------------------------------------------------------------------

    /// Birth date missing, or younger than 18 years (A18).
    ///
    /// # Errors
    /// The finding that ends the rule.
    pub fn adult(&mut self) -> Result<(), Finding> {
        self.aged(18.0, None).map(|_| ())
    }

    /// Birth date missing, or younger than a rule is made for, in completed years at the index time.
    ///
    /// # Errors
    /// The finding that ends the rule.
    pub fn aged_from(&mut self, years: f64) -> Result<(), Finding> {
        self.aged(years, None).map(|_| ())
    }

    /// Completed years at the index time, where they lie between `least` and `most` (both inclusive).
    ///
    /// # Errors
    /// The finding that ends the rule: birth date missing, or another age.
    pub fn aged(&mut self, least: f64, most: Option<f64>) -> Result<f64, Finding> {
        let at = self.chart.at;
        let what = match most {
            None => format!("age below {least}"),
            Some(most) => format!("age below {least} or above {most}"),
        };
        match self.chart.age_at(at) {
            None => Err(Finding::cannot_tell().lacks("patient.birthDate", Why::Absent)),
            Some(age) if age < least || most.is_some_and(|m| age > m) => {
                self.exclusion(&what, true);
                Err(Finding::quiet(Quiet::Excluded(Exclusion::Age)))
            }
            Some(age) => {
                self.basis
                    .exclusions
                    .push(format!("{what}: no ({age} years)"));
                Ok(age)
            }
        }
    }

    /// A problem that ends the rule; recorded as checked either way.
    pub fn excluded_by(&mut self, found: Option<&'a Datum>, what: &str) -> bool {
        if let Some(datum) = found {
            self.rests_on_statement(datum, what);
        }
        self.exclusion(what, found.is_some());
        found.is_some()
    }

    /// Dialysis (DIA).
    pub fn dialysis(&mut self) -> bool {
        let at = self.chart.at;
        let problem = self.active(&codes::DIALYSIS_PROBLEM);
        let procedure = self.statement(&codes::DIALYSIS_PROCEDURE, |d| {
            within(d.instant(), at, days(14))
        });
        let found = problem.or(procedure);
        if let Some(datum) = found {
            self.rests_on_statement(datum, "dialysis");
        }
        self.exclusion("dialysis", found.is_some());
        found.is_some()
    }

    /// Active pregnancy (PRG).
    pub fn pregnancy(&mut self) -> bool {
        let at = self.chart.at;
        let problem = self.active(&codes::PREGNANCY);
        let status = self
            .statement(&codes::PREGNANCY_STATUS, |d| {
                within(d.instant(), at, days(280))
            })
            .filter(|d| codes::answers_pregnant(d));
        let found = problem.or(status);
        if let Some(datum) = found {
            self.rests_on_statement(datum, "pregnancy");
        }
        self.exclusion("pregnancy", found.is_some());
        found.is_some()
    }

    // --- telling ------------------------------------------------------------------------------------------------------------------

    /// Records an exclusion that was checked, with its answer.
    pub fn exclusion(&mut self, what: &str, applies: bool) {
        let answer = if applies { "yes" } else { "no" };
        self.basis.exclusions.push(format!("{what}: {answer}"));
    }

    /// Says that the rule has no exclusions: that too is something a reader may look for.
    pub fn without_exclusions(&mut self) {
        self.basis
            .exclusions
            .push("the rule has no exclusions".to_owned());
    }

    /// One step of the calculation in words.
    pub fn step(&mut self, text: impl Into<String>) {
        self.basis.steps.push(text.into());
    }

    /// A limit that this patient's data add.
    pub fn limit(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !self.basis.limits.contains(&text) {
            self.basis.limits.push(text);
        }
    }

    /// Puts a measured value into the basis.
    pub fn rests_on(&mut self, input: &Input, value: &Measured<'a>, role: &str) {
        let canonical = canonical_text(input, value);
        self.touched.push(value.datum);
        self.item(value.datum, input.label, role, canonical);
    }

    /// Puts a problem, medicine or procedure into the basis.
    pub fn rests_on_statement(&mut self, datum: &'a Datum, role: &str) {
        self.touched.push(datum);
        let name = statement_name(datum);
        self.item(datum, &name, role, String::new());
    }

    fn item(&mut self, datum: &Datum, name: &str, role: &str, canonical: String) {
        let fact = datum.fact;
        let same = |i: &BasisItem| {
            i.fact == fact
                && i.name == name
                && i.time == Some(datum.time)
                && i.canonical == canonical
        };
        if let Some(item) = self.basis.items.iter_mut().find(|i| same(i)) {
            if !item.role.split(", ").any(|r| r == role) {
                item.role = format!("{}, {role}", item.role);
            }
            return;
        }
        self.basis.items.push(BasisItem {
            fact,
            name: name.to_owned(),
            role: role.to_owned(),
            canonical,
            original: original_text(datum),
            time: Some(datum.time),
            age: age_in_words(datum.instant(), self.chart.at),
        });
    }

    /// All data of an input, newest first; whichever of them are read, all are searched.
    fn look_up(&mut self, input: &'static Input) -> impl Iterator<Item = &'a Datum> + use<'a> {
        self.ask(input);
        self.chart.of_input(input)
    }

    fn ask(&mut self, input: &'static Input) {
        if !self.asked.iter().any(|i| std::ptr::eq(*i, input)) {
            self.asked.push(input);
        }
    }

    /// What the outcome depends on, in an order that neither the source nor the rule's own steps change.
    fn write_inputs(&mut self, hasher: &mut blake3::Hasher) {
        self.asked.sort_unstable_by_key(|i| i.name);
        for input in &self.asked {
            hasher.update(input.name.as_bytes());
            hasher.update(&[0]);
            hasher.update(&self.chart.digest(input));
        }
        self.touched.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        self.touched.dedup_by(|a, b| a.key == b.key);
        let mut bytes = Vec::new();
        self.touched
            .iter()
            .for_each(|datum| crate::index::write(datum, &mut bytes));
        hasher.update(&bytes);
    }

    /// Closes the evaluation: fixed parts of the basis, and the hash.
    #[must_use]
    pub fn close(mut self, rule: &'static Rule, finding: &Finding) -> Basis {
        let mut hasher = blake3::Hasher::new();
        let mut line = |text: &str| {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        };
        line(rule.id);
        line(rule.version);
        line(self.analyte.unwrap_or(""));
        for key in rule.settings {
            line(key);
            line(&self.settings.canonical(key, self.analyte));
        }
        line(match self.chart.person.sex {
            None => "",
            Some(EquationSex::Female) => "female",
            Some(EquationSex::Male) => "male",
        });
        line(
            &self
                .chart
                .person
                .birth
                .map_or_else(String::new, |b| b.iso_date()),
        );
        self.write_inputs(&mut hasher);
        self.basis.input_hash = hasher.finalize().to_hex().to_string();
        self.basis.thresholds = rule.thresholds.iter().map(|t| (*t).to_owned()).collect();
        let mut limits: Vec<String> = rule.limits.iter().map(|t| (*t).to_owned()).collect();
        limits.append(&mut self.basis.limits);
        self.basis.limits = limits;
        self.basis.missing = finding.missing.iter().map(Missing::in_words).collect();
        rule.citation.clone_into(&mut self.basis.citation);
        rule.valid_until.clone_into(&mut self.basis.valid_until);
        self.basis.past_review = self.chart.at.iso_date().as_str() > rule.valid_until;
        self.basis
    }
}

/// `1.28 mg/dL`, `below 5 ug/L`.
#[must_use]
pub fn canonical_text(input: &Input, value: &Measured<'_>) -> String {
    let Interval { low, high } = value.value;
    let number = match (value.value.point(), &value.datum.value) {
        (Some(x), _) => plain(x),
        (
            None,
            Reported::Number {
                comparator: Some(Comparator::Above),
                ..
            },
        ) => {
            format!("above {}", plain(low))
        }
        (None, _) => format!("below {}", plain(high)),
    };
    format!("{number} {}", input.unit()).trim_end().to_owned()
}

/// The value as its source wrote it, with its unit.
#[must_use]
pub fn original_text(datum: &Datum) -> String {
    match &datum.value {
        Reported::None if datum.kind == Kind::Finding => attributes_text(datum),
        Reported::None => String::new(),
        Reported::Text(text) => text.clone(),
        Reported::Number {
            comparator,
            unit,
            written,
            ..
        } => {
            let sign = comparator.map_or("", Comparator::sign);
            format!("{sign}{written} {}", unit.as_deref().unwrap_or("(no unit)"))
        }
    }
}

/// [`original_text`] for a sentence: a number that a machine wrote with a dozen decimals is rounded to three.
#[must_use]
pub fn short_text(datum: &Datum) -> String {
    match &datum.value {
        Reported::Number {
            value,
            comparator,
            unit,
            written,
        } if written.chars().count() > 8 => format!(
            "{}{} {}",
            comparator.map_or("", Comparator::sign),
            plain(crate::number::round(*value, 3)),
            unit.as_deref().unwrap_or("(no unit)")
        ),
        _ => original_text(datum),
    }
}

/// What a finding says in its attributes: `size_mm 7, type solid`. Identifiers and free text are left to the finding itself.
fn attributes_text(datum: &Datum) -> String {
    const NOT_SHOWN: [&str; 5] = ["study_uid", "series_uid", "comment", "sentence", "reason"];
    let shown = datum
        .attrs
        .iter()
        .filter(|(name, text)| !NOT_SHOWN.contains(&name.as_str()) && text.chars().count() <= 64);
    shown
        .map(|(name, text)| format!("{name} {text}"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// A value for a card: as written where that is short, with the unit in its plain spelling, so that the card's length is bounded.
#[must_use]
pub fn reported_text(value: &Measured<'_>) -> String {
    let Reported::Number {
        value: number,
        comparator,
        written,
        ..
    } = &value.datum.value
    else {
        return String::new();
    };
    let sign = comparator.map_or("", Comparator::sign);
    let number = if written.chars().count() <= 8 {
        written.clone()
    } else {
        plain(crate::number::round(*number, 3)).into()
    };
    format!("{sign}{number} {}", value.unit)
}

/// Name of a problem, medicine or procedure for the basis: the source's words, else its code.
#[must_use]
pub fn statement_name(datum: &Datum) -> String {
    if !datum.display.is_empty() {
        return datum.display.to_string();
    }
    let kind = match datum.kind {
        Kind::Medicine => "medicine",
        Kind::Problem => "problem",
        Kind::Procedure => "procedure",
        Kind::Finding => "finding",
        Kind::Imaging => "study",
        _ => "record",
    };
    datum
        .codes
        .first()
        .map_or_else(|| kind.to_owned(), |c| format!("{kind} {c}"))
}
