//! Where a rule works: it asks for inputs here, and every question leaves its trace in the basis and in the input hash.

mod leave;
mod span;
mod texts;

use triptych_clinical::{CodeSystem, Coding, Instant};

use crate::basis::{Basis, BasisItem, age_in_words};
use crate::chart::{Chart, Datum, EquationSex, Kind, Measured};
use crate::codes::CodeSet;
use crate::datum::is_coded;
use crate::input::Input;
use crate::outcome::{Finding, Missing, Why};
use crate::rules::Rule;
use crate::settings::Settings;
use texts::{canonical_text, original_text};

pub use span::{Span, days, hours, within, within_days};
pub use texts::{reported_text, short_text, statement_name};

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
