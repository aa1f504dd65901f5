//! Cost of the rules, the pathways and the evidence graph over one patient with 100 000 observations of 15 years, in milliseconds of
//! processor time.
//!
//! `cargo run --release -p triptych-reasoning --example heavy_record`; the record is the heavy patient of the specification's timeline: 20
//! laboratory and vital signs codes at seeded times. Each figure is the least of five runs.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_macros,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a measurement that is read in a terminal"
)]

use std::time::Instant as Clock;

use triptych_clinical::{
    CodeSystem, Coding, DocumentHash, Fact, FactId, FactKind, Identity, Instant, Provenance,
    Quantity, ReferenceRange, Sex, Status, Value, When,
};
use triptych_reasoning::graph::{Graph, Sources, shipped_edges};
use triptych_reasoning::{Settings, adapt, evaluate_all, evaluate_chart, pathways, rules};

const FACTS: usize = 100_000;
const DAY_0: i64 = 1_262_304_000;
const MINUTES: u64 = 5475 * 1440;

/// LOINC code, name, unit, mean, standard deviation.
#[rustfmt::skip]
const CODES: [(&str, &str, &str, f64, f64); 20] = [
    ("2345-7", "Glucose", "mg/dL", 105.0, 25.0), ("718-7", "Hemoglobin", "g/dL", 13.2, 1.6), ("2160-0", "Creatinine", "mg/dL", 1.1, 0.4),
    ("2951-2", "Sodium", "mmol/L", 139.0, 3.0), ("2823-3", "Potassium", "mmol/L", 4.2, 0.5), ("6690-2", "Leukocytes", "10*3/uL", 8.0, 3.0),
    ("777-3", "Platelets", "10*3/uL", 240.0, 70.0), ("1975-2", "Bilirubin total", "mg/dL", 0.8, 0.5), ("1742-6", "ALT", "U/L", 30.0, 20.0),
    ("1920-8", "AST", "U/L", 28.0, 18.0), ("8867-4", "Heart rate", "/min", 78.0, 14.0), ("8480-6", "Systolic blood pressure", "mm[Hg]", 128.0, 17.0),
    ("8462-4", "Diastolic blood pressure", "mm[Hg]", 78.0, 11.0), ("9279-1", "Respiratory rate", "/min", 17.0, 4.0),
    ("8310-5", "Body temperature", "Cel", 36.9, 0.6), ("2708-6", "Oxygen saturation", "%", 96.0, 2.5), ("29463-7", "Body weight", "kg", 78.0, 14.0),
    ("4548-4", "Hemoglobin A1c", "%", 6.1, 1.1), ("1988-5", "C reactive protein", "mg/L", 14.0, 25.0), ("3094-0", "Urea nitrogen", "mg/dL", 17.0, 8.0),
];

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// About normal: the sum of twelve.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }
}

fn fact(n: usize, random: &mut Random) -> Fact {
    let (code, name, unit, mean, deviation) = CODES[(random.next() % 20) as usize];
    let seconds = DAY_0 + (random.next() % MINUTES * 60) as i64;
    let value = (mean + deviation * random.normal()).max(0.01);
    let value = (value * 100.0).round() / 100.0;
    let mut coding = Coding::new(CodeSystem::Loinc, code);
    coding.display = Some(name.to_owned());
    Fact {
        codes: vec![coding].into(),
        display: name.to_owned().into(),
        value: Value::Quantity(Quantity {
            value,
            written: value.to_string().into(),
            comparator: None,
            unit: Some(unit.into()),
            unit_text: Some(unit.into()),
        }),
        effective: Some(When::at(Instant::from_seconds(seconds))),
        available: When::at(Instant::from_seconds(seconds + 1800)),
        status: if random.next().is_multiple_of(100) {
            Status::Corrected
        } else {
            Status::Final
        },
        reference: Some(ReferenceRange {
            low: Some(mean - 2.0 * deviation),
            high: Some(mean + 2.0 * deviation),
            text: None,
        }),
        category: vec!["laboratory".to_owned()].into(),
        ..Fact::new(
            FactId::of(&["heavy", &n.to_string()]),
            FactKind::Observation,
            Instant::from_seconds(seconds + 3600),
            Provenance::new(
                DocumentHash([0; 32]),
                format!("Observation.ndjson:{n}"),
                None,
            ),
        )
    }
}

/// Processor time of this thread, ms, which other programs change less than the clock; the clock where the system does not tell.
fn processor_ms(start: Clock) -> f64 {
    std::fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|s| s.split(' ').next()?.parse::<f64>().ok())
        .map_or_else(|| start.elapsed().as_secs_f64() * 1e3, |ns| ns / 1e6)
}

/// The least of five runs, ms of processor time, and the last answer.
fn least<T>(mut run: impl FnMut() -> T) -> (f64, T) {
    let mut time = || {
        let start = Clock::now();
        let before = processor_ms(start);
        let answer = run();
        (processor_ms(start) - before, answer)
    };
    let (mut best, mut last) = time();
    for _ in 0..4 {
        let (ms, answer) = time();
        best = best.min(ms);
        last = answer;
    }
    (best, last)
}

fn main() {
    let mut random = Random(1);
    let facts: Vec<Fact> = (0..FACTS).map(|n| fact(n, &mut random)).collect();
    let identity = Identity {
        sex: Sex::Female,
        birth_date: When::parse("1950-05-05").ok(),
        ..Identity::default()
    };
    let at = Instant::from_seconds(DAY_0 + MINUTES as i64 * 60);
    let settings = Settings::default();

    let (adapted, _) = least(|| adapt::chart(&facts, &identity, at));
    let evaluation = evaluate_all(&facts, &identity, at, &settings);
    let (again, _) = least(|| evaluate_chart(evaluation.chart.clone(), &settings));
    let (whole, _) = least(|| evaluate_all(&facts, &identity, at, &settings));
    println!(
        "{} cards: {}",
        evaluation.signals.len(),
        evaluation.coverage.line()
    );
    println!("adapt::chart            {adapted:8.1} ms");
    println!("evaluate_all            {whole:8.1} ms");
    println!("evaluate, index made    {again:8.1} ms");
    let (views, shown) = least(|| pathways::views(pathways::shipped().unwrap(), &evaluation));
    println!(
        "pathways::views         {views:8.1} ms, {} shown",
        shown.len()
    );
    let edges = shipped_edges().unwrap();
    let (graph, built) = least(|| Graph::build(edges, &Sources::of(&evaluation)));
    println!(
        "graph::Graph::build     {graph:8.1} ms, {} cards",
        built.cards().count()
    );
    let mut costs: Vec<(f64, &str)> = rules::RULES
        .iter()
        .map(|rule| {
            let run = || rule.evaluate(&evaluation.chart, &settings, Some("creatinine"));
            (least(run).0, rule.id)
        })
        .collect();
    costs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let dear: Vec<String> = costs
        .iter()
        .take(8)
        .map(|(ms, id)| format!("{id} {ms:.2}"))
        .collect();
    println!("dearest rules, ms       {}", dear.join(", "));
}
