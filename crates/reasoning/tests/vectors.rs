//! Every vector of every rule that is built. The file is the specification's, copied unchanged.
#![allow(clippy::unwrap_used, clippy::panic)]

use triptych_reasoning::{VectorFilter, eval_vectors, rules};

const VECTORS: &[u8] = include_bytes!("vectors.json");

#[track_caller]
fn check(rule: &str, count: usize) {
    let filter = VectorFilter {
        rules: vec![rule.to_owned()],
        ..VectorFilter::default()
    };
    let report = eval_vectors(VECTORS, &filter).unwrap();
    let lines: Vec<String> = report.failed.iter().map(ToString::to_string).collect();
    assert!(report.is_clean(), "{}", lines.join("\n"));
    assert_eq!((report.passed, report.not_built), (count, 0), "{rule}");
}

#[test]
fn r1_all_vectors() {
    check("R1", 42);
}

#[test]
fn r2_all_vectors() {
    check("R2", 31);
}

#[test]
fn r20_all_vectors() {
    check("R20", 30);
}

#[test]
fn r19_all_vectors() {
    check("R19", 38);
}

#[test]
fn r16_all_vectors() {
    check("R16", 46);
}

#[test]
fn r15_all_vectors() {
    check("R15", 33);
}

#[test]
fn r3_all_vectors() {
    check("R3", 29);
}

#[test]
fn r23_all_vectors() {
    check("R23", 30);
}

#[test]
fn r25_all_vectors() {
    check("R25", 29);
}

#[test]
fn r17_all_vectors() {
    check("R17", 15);
}

#[test]
fn r18_all_vectors() {
    check("R18", 18);
}

#[test]
fn r21_all_vectors() {
    check("R21", 20);
}

#[test]
fn r22_all_vectors() {
    check("R22", 28);
}

#[test]
fn r24_all_vectors() {
    check("R24", 20);
}

#[test]
fn r26_all_vectors() {
    check("R26", 27);
}

#[test]
fn r27_all_vectors() {
    check("R27", 16);
}

#[test]
fn r28_all_vectors() {
    check("R28", 9);
}

#[test]
fn r29_all_vectors() {
    check("R29", 12);
}

#[test]
fn r30_all_vectors() {
    check("R30", 20);
}

#[test]
fn r31_all_vectors() {
    check("R31", 13);
}

#[test]
fn r32_all_vectors() {
    check("R32", 11);
}

#[test]
fn r4_all_vectors() {
    check("R4", 10);
}

#[test]
fn r5_all_vectors() {
    check("R5", 10);
}

#[test]
fn r6_all_vectors() {
    check("R6", 11);
}

#[test]
fn r7_all_vectors() {
    check("R7", 18);
}

#[test]
fn r8_all_vectors() {
    check("R8", 9);
}

#[test]
fn r9_all_vectors() {
    check("R9", 9);
}

#[test]
fn r10_all_vectors() {
    check("R10", 15);
}

#[test]
fn r11_all_vectors() {
    check("R11", 15);
}

#[test]
fn r12_all_vectors() {
    check("R12", 12);
}

#[test]
fn r13_all_vectors() {
    check("R13", 13);
}

#[test]
fn r14_all_vectors() {
    check("R14", 11);
}

/// Every rule of the specification is built: a vector that is skipped would be one that nobody looks at.
#[test]
fn all_650_vectors_of_all_32_rules_pass() {
    let report = eval_vectors(VECTORS, &VectorFilter::default()).unwrap();
    assert_eq!(rules::RULES.len(), 32);
    assert_eq!(
        (
            report.total,
            report.passed,
            report.failed_vectors(),
            report.not_built
        ),
        (650, 650, 0, 0)
    );
    for rule in rules::RULES {
        assert!(report.passed_by_rule.contains_key(rule.id), "{}", rule.id);
    }
}

fn all_outcomes() -> Vec<(String, triptych_reasoning::Outcome)> {
    let bytes = include_bytes!("vectors.json");
    triptych_reasoning::vector_outcomes(bytes, &VectorFilter::default()).unwrap()
}

/// A number that is only bounded is worded as a range with what it depends on, and no decided one is.
#[test]
fn d_09_a_range_says_between_what_and_on_what_it_depends() {
    let words: Vec<String> = all_outcomes()
        .iter()
        .filter(|(_, o)| o.verdict() == triptych_reasoning::Verdict::CannotTell)
        .map(|(_, o)| o.in_words())
        .collect();
    let ranges = words.iter().filter(|w| w.contains(" between "));
    let mut met = 0;
    for line in ranges {
        let (range, on) = line.split_once(", depending on ").expect(line);
        assert!(range.contains(" and ") && !on.is_empty(), "{line}");
        met += 1;
    }
    assert!(met > 5, "{met} ranges");
}

/// A published risk is an integer from 10 % on and has one decimal below, with its name and horizon.
#[test]
fn d_23_a_risk_has_no_more_digits_than_it_is_worth() {
    let mut met = [0, 0];
    for (id, outcome) in all_outcomes() {
        let summary = &outcome.finding.summary;
        if !["R4", "R21"].contains(&outcome.rule.id) || !summary.contains(" %") {
            continue;
        }
        assert!(
            summary.contains("year") && summary.contains("risk"),
            "{id}: {summary}"
        );
        let numbers = summary
            .split_whitespace()
            .zip(summary.split_whitespace().skip(1));
        for (number, _) in numbers.filter(|(_, next)| next.starts_with('%')) {
            let value: f64 = number.parse().unwrap();
            assert_eq!(number.contains('.'), value < 10.0, "{id}: {summary}");
            met[usize::from(value < 10.0)] += 1;
        }
    }
    assert!(met.iter().all(|n| *n > 0), "{met:?}");
}
