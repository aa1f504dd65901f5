//! How well negation is read, on labelled sentences. Record-and-signals 7.5.

use serde::Serialize;

use super::category::{Categories, Category};
use super::read::assertion;
use super::search::find;
use super::{TextSpan, words};

/// Agreement of one reader with the labels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Labelled and found.
    pub true_positive: usize,
    /// Found, not labelled.
    pub false_positive: usize,
    /// Labelled, not found.
    pub false_negative: usize,
    /// Neither.
    pub true_negative: usize,
}

impl Score {
    const fn count(&mut self, label: bool, found: bool) {
        match (label, found) {
            (true, true) => self.true_positive += 1,
            (false, true) => self.false_positive += 1,
            (true, false) => self.false_negative += 1,
            (false, false) => self.true_negative += 1,
        }
    }

    /// Part of what was found that is labelled; zero where nothing was found.
    #[must_use]
    pub fn precision(&self) -> f64 {
        ratio(self.true_positive, self.true_positive + self.false_positive)
    }

    /// Part of what is labelled that was found; zero where nothing is labelled.
    #[must_use]
    pub fn recall(&self) -> f64 {
        ratio(self.true_positive, self.true_positive + self.false_negative)
    }

    /// Harmonic mean of precision and recall.
    #[must_use]
    pub fn f1(&self) -> f64 {
        ratio(
            2 * self.true_positive,
            2 * self.true_positive + self.false_positive + self.false_negative,
        )
    }
}

impl Serialize for Score {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut out = serializer.serialize_struct("Score", 7)?;
        out.serialize_field("tp", &self.true_positive)?;
        out.serialize_field("fp", &self.false_positive)?;
        out.serialize_field("fn", &self.false_negative)?;
        out.serialize_field("tn", &self.true_negative)?;
        out.serialize_field("precision", &self.precision())?;
        out.serialize_field("recall", &self.recall())?;
        out.serialize_field("f1", &self.f1())?;
        out.end()
    }
}

#[allow(
    clippy::cast_precision_loss,
    reason = "counts of rows are far below 2^52"
)]
fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

/// What came out of a file of labelled sentences.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NegationReport {
    /// Rows with an answer.
    pub tested: usize,
    /// Rows whose phrase is not in their sentence.
    pub not_tested: usize,
    /// Lines that are no row: too few columns or an unknown label.
    pub not_read: usize,
    /// Negation by the engine.
    pub engine: Score,
    /// Negation by the crude rule of six words, on the same rows.
    pub crude: Score,
    /// Engine, distinct sentences with an even number (0, 2, 4 …, by first appearance): those that the lists were developed on.
    pub engine_even_sentences: Score,
    /// Engine, the other sentences: only their score was looked at.
    pub engine_odd_sentences: Score,
    /// `Historical` by the engine.
    pub historical: Score,
    /// `Not particular` (where hypothetical mentions are) as hypothetical by the engine.
    pub hypothetical: Score,
    /// Any other person than the patient by the engine.
    pub other_person: Score,
    /// Rows on which engine and label disagree about negation.
    pub disagreements: Vec<Disagreement>,
}

/// A row on which the engine and the label disagree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Disagreement {
    /// Row number of the file.
    pub id: String,
    /// True where the label says negated.
    pub labelled: bool,
    /// Which half it is in.
    pub even_sentence: bool,
}

impl NegationReport {
    /// Record-and-signals 7.5: F1 at least 0.97, precision and recall each at least 0.95.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.tested > 0
            && self.engine.f1() >= 0.97
            && self.engine.precision() >= 0.95
            && self.engine.recall() >= 0.95
    }
}

/// Reads tab-separated rows `id, concept, sentence, negation, temporality, experiencer` under one header line, and compares.
///
/// The judged phrase stands in capitals in such a file; it is put into ordinary case first, so that capitals give nothing away.
#[must_use]
pub fn evaluate(tsv: &str) -> NegationReport {
    let mut report = NegationReport::default();
    let mut seen = std::collections::HashMap::new();
    for line in tsv.lines().skip(1).filter(|l| !l.trim().is_empty()) {
        let Some(row) = Row::parse(line) else {
            report.not_read += 1;
            continue;
        };
        let next = seen.len();
        let number = *seen.entry(row.sentence.to_lowercase()).or_insert(next);
        row.count(number.is_multiple_of(2), &mut report);
    }
    report
}

struct Row<'a> {
    id: &'a str,
    concept: &'a str,
    sentence: &'a str,
    negated: bool,
    historical: bool,
    hypothetical: bool,
    other_person: bool,
}

impl<'a> Row<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let mut columns = line.split('\t');
        let (id, concept, sentence) = (columns.next()?, columns.next()?, columns.next()?);
        let negated = match columns.next()?.trim() {
            "Negated" => true,
            "Affirmed" | "Possible" => false,
            _ => return None,
        };
        let time = columns.next().unwrap_or_default().trim();
        let person = columns.next().unwrap_or_default().trim();
        Some(Self {
            id,
            concept,
            sentence,
            negated,
            historical: time == "Historical",
            hypothetical: time == "Not particular",
            other_person: !(person.is_empty() || person == "Patient"),
        })
    }

    fn count(&self, even: bool, report: &mut NegationReport) {
        let judged = self.place().and_then(|place| {
            let text = ordinary_case(self.sentence, place);
            let (categories, _) = assertion(&text, place)?;
            Some((categories, crude(&text, place)))
        });
        let Some((categories, crude)) = judged else {
            report.not_tested += 1;
            return;
        };
        let engine = categories.contains(Category::Negated);
        report.tested += 1;
        report.engine.count(self.negated, engine);
        report.crude.count(self.negated, crude);
        let half = if even {
            &mut report.engine_even_sentences
        } else {
            &mut report.engine_odd_sentences
        };
        half.count(self.negated, engine);
        if engine != self.negated {
            report.disagreements.push(Disagreement {
                id: self.id.to_owned(),
                labelled: self.negated,
                even_sentence: even,
            });
        }
        self.count_others(categories, report);
    }

    fn count_others(&self, found: Categories, report: &mut NegationReport) {
        report
            .historical
            .count(self.historical, found.contains(Category::Historical));
        report
            .hypothetical
            .count(self.hypothetical, found.contains(Category::Hypothetical));
        report
            .other_person
            .count(self.other_person, found.contains(Category::Family));
    }

    /// Where the phrase is: whole words in capitals if anywhere, else capitals, else its first place.
    fn place(&self) -> Option<TextSpan> {
        let places = find(self.sentence, self.concept);
        let capitals = |s: &&TextSpan| !words(self.sentence, **s).chars().any(char::is_lowercase);
        let whole = |s: &&TextSpan| {
            let end = usize::try_from(s.end).unwrap_or(usize::MAX);
            let after = self.sentence.get(end..).unwrap_or_default();
            let before = words(
                self.sentence,
                TextSpan {
                    start: 0,
                    end: s.start,
                },
            );
            !after.starts_with(|c: char| c.is_alphanumeric() || c == '\'')
                && !before.ends_with(char::is_alphanumeric)
        };
        places
            .iter()
            .find(|s| capitals(s) && whole(s))
            .or_else(|| places.iter().find(capitals))
            .or_else(|| places.first())
            .copied()
    }
}

/// The sentence with the phrase in lower case, its first letter a capital where a sentence may begin there. As many bytes as before.
fn ordinary_case(sentence: &str, place: TextSpan) -> String {
    let phrase = words(sentence, place);
    let before = words(
        sentence,
        TextSpan {
            start: 0,
            end: place.start,
        },
    );
    let after = sentence
        .get(before.len() + phrase.len()..)
        .unwrap_or_default();
    // Only where the other words are not in capitals too.
    let lower = phrase.to_ascii_lowercase();
    let begins = before.trim_end().is_empty() || before.trim_end().ends_with(['.', '?', '!', ':']);
    let mut out = String::with_capacity(sentence.len());
    out.push_str(before);
    let mut letters = lower.chars();
    match letters.next() {
        Some(first) if begins => out.push(first.to_ascii_uppercase()),
        Some(first) => out.push(first),
        None => {}
    }
    out.push_str(letters.as_str());
    out.push_str(after);
    out
}

/// The crude rule: a word of negation among the six words before the phrase.
fn crude(sentence: &str, place: TextSpan) -> bool {
    const WORDS: [&str; 8] = [
        "no", "not", "without", "denies", "denied", "never", "nor", "none",
    ];
    const PAIRS: [(&str, &str); 4] = [
        ("negative", "for"),
        ("free", "of"),
        ("absence", "of"),
        ("ruled", "out"),
    ];
    let before = words(
        sentence,
        TextSpan {
            start: 0,
            end: place.start,
        },
    )
    .to_lowercase();
    let mut last: Vec<&str> = before
        .split(|c: char| !(c.is_alphanumeric() || c == '\''))
        .filter(|w| !w.is_empty())
        .rev()
        .take(6)
        .collect();
    last.reverse();
    last.iter().any(|w| WORDS.contains(w))
        || last
            .windows(2)
            .any(|w| matches!(w, [a, b] if PAIRS.contains(&(*a, *b))))
}
