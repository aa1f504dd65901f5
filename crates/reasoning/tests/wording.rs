//! D-05 and D-32: what cards and packs may say, and how long.
#![allow(clippy::unwrap_used, clippy::panic)]

use triptych_reasoning::pathways::SHIPPED;
use triptych_reasoning::{VectorFilter, eval_vectors, rules::RULES};

const FORBIDDEN: [&str; 14] = [
    "normal",
    "safe",
    "rule out",
    "diagnosis",
    "diagnose",
    "must",
    "immediately",
    "urgent",
    "best",
    "recommended",
    "first choice",
    "stop now",
    "dangerous",
    "all clear",
];

#[track_caller]
fn lint(place: &str, text: &str) {
    let padded: String = format!(" {} ", text.to_lowercase())
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    for word in FORBIDDEN {
        assert!(
            !padded.contains(&format!(" {word} ")),
            "{place}: {word:?} in {text:?}"
        );
    }
}

#[test]
fn d_32_no_rule_text_commands_or_reassures() {
    for rule in RULES {
        for text in [rule.title, rule.trigger, rule.not_applicable]
            .iter()
            .chain(rule.thresholds)
            .chain(rule.limits)
            .chain(rule.windows)
        {
            lint(rule.id, text);
        }
        assert!(rule.citation.len() > 10, "{} has a source", rule.id);
    }
}

#[test]
fn d_32_no_text_of_a_pack_commands_or_reassures() {
    for (file, text) in SHIPPED {
        for line in text.lines().filter(|l| !l.starts_with('#')) {
            lint(file, line);
        }
    }
}

#[test]
fn d_32_d_05_everything_that_the_vectors_make_the_rules_say() {
    let filter = VectorFilter {
        explain: true,
        ..VectorFilter::default()
    };
    let report = eval_vectors(include_bytes!("vectors.json"), &filter).unwrap();
    assert_eq!(report.explained.len(), report.total - report.not_built);
    assert!(report.explained.len() >= 517);
    for e in report.explained {
        assert!(
            e.outcome.chars().count() <= 140 || e.outcome.starts_with("cannot tell"),
            "{}",
            e.outcome
        );
        lint(&e.id, &e.outcome);
        e.lines.iter().for_each(|l| lint(&e.id, l));
    }
}

/// The longest fill of each summary: long numbers, annotated units, all criteria at once.
#[test]
fn d_05_the_longest_fill_stays_within_140_characters() {
    let creatinine = |v: &str, t: &str| {
        format!(
            r#"{{"code":"loinc:2160-0","value":{v},"unit":"mg/dL{{enzymatic, standardised}}","time":"{t}"}}"#
        )
    };
    let hb = |v: &str, t: &str| {
        format!(r#"{{"code":"loinc:718-7","value":{v},"unit":"g/L{{venous}}","time":"{t}"}}"#)
    };
    let hba1c = |v: &str, t: &str| {
        format!(r#"{{"code":"loinc:4548-4","value":{v},"unit":"%{{HbA1c NGSP}}","time":"{t}"}}"#)
    };
    let metformin =
        r#"{"kind":"med","code":"atc:A10BA02","time":"-400d","attrs":{"dose_mg_day":2550.123}}"#
            .to_owned();
    let diabetes = r#"{"kind":"problem","code":"icd10:E11.9","time":"-900d"}"#.to_owned();
    let iron = r#"{"kind":"med","code":"atc:A10BB09","time":"-400d"}"#.to_owned();
    let failure = r#"{"kind":"problem","code":"icd10:I50.2","time":"-900d"}"#.to_owned();
    let ferritin =
        r#"{"code":"loinc:2276-4","value":99.123456789012,"unit":"ng/mL","time":"-1d"}"#.to_owned();
    let tsat = r#"{"code":"loinc:2502-3","value":11.123456,"unit":"%","time":"-1d"}"#.to_owned();
    let fasting = |t: &str| {
        format!(r#"{{"code":"loinc:1558-6","value":226.123456789,"unit":"mg/dL","time":"{t}"}}"#)
    };
    let load =
        r#"{"code":"loinc:1518-0","value":326.123456789,"unit":"mg/dL","time":"-1d"}"#.to_owned();
    let cases: Vec<(&str, Vec<String>)> = vec![
        ("R1", vec![creatinine("12.123456789012", "-364d")]),
        (
            "R2",
            vec![
                creatinine("1.123456789012", "-300d"),
                creatinine("12.123456789012", "-1d"),
            ],
        ),
        (
            "R3",
            vec![
                creatinine("1.623456789012", "-300d"),
                creatinine("1.623456789012", "-1d"),
            ],
        ),
        (
            "R15",
            vec![metformin.clone(), creatinine("1.923456789012", "-30d")],
        ),
        (
            "R15",
            vec![
                metformin,
                creatinine("1.023456789012", "-5d"),
                creatinine("9.123456789012", "-1d"),
            ],
        ),
        (
            "R16",
            vec![ferritin, tsat, failure, hb("101.123456789012", "-1d")],
        ),
        (
            "R19",
            vec![
                hba1c("11.123456789012", "-1d"),
                fasting("-1d"),
                fasting("-2d"),
                load,
            ],
        ),
        (
            "R20",
            vec![
                diabetes.clone(),
                hba1c("9.123456789012", "-100d"),
                hba1c("11.123456789012", "-1d"),
            ],
        ),
        ("R20", vec![diabetes, iron, hba1c("6.123456789012", "-1d")]),
        (
            "R23",
            vec![
                hb("141.123456789012", "-300d"),
                hb("101.123456789012", "-1d"),
            ],
        ),
    ];
    for (i, (rule, facts)) in cases.into_iter().enumerate() {
        let file = format!(
            r#"{{"format":"triptych-rule-vectors","version":1,"at":"2026-03-01T08:00:00Z","tolerance":{{"numeric_abs":1e-9}},"count":1,"vectors":[{{"rule":"{rule}","id":"X-{i}","patient":{{"sex":"male","birthDate":"1946-01-15"}},"facts":[{}],"expected":{{"outcome":"fires"}}}}]}}"#,
            facts.join(",")
        );
        let filter = VectorFilter {
            explain: true,
            ..VectorFilter::default()
        };
        let report = eval_vectors(file.as_bytes(), &filter).unwrap();
        assert!(
            report.failed.iter().all(|f| f.path != "outcome"),
            "{rule}: {:?}",
            report.failed
        );
        let summary = &report.explained[0].outcome;
        assert!(
            summary.chars().count() <= 140,
            "{rule}: {} characters: {summary}",
            summary.chars().count()
        );
        assert!(!summary.contains('{'), "{summary}");
    }
}

/// The same for the rules over findings, medicines and scores, with lane T on.
#[test]
fn d_05_the_longest_fill_of_findings_and_scores_stays_within_140_characters() {
    let lab = |code: &str, value: &str, unit: &str| {
        format!(
            r#"{{"code":"loinc:{code}","value":{value},"unit":"{unit}","time":"-1d","ref":{{"low":10,"high":22}}}}"#
        )
    };
    let vital = |code: &str, value: &str, unit: &str| {
        format!(r#"{{"code":"loinc:{code}","value":{value},"unit":"{unit}","time":"-1h"}}"#)
    };
    let finding = |code: &str, time: &str, rest: &str| {
        format!(r#"{{"kind":"finding","code":"tri:{code}","time":"{time}",{rest}}}"#)
    };
    let medicine = |code: &str| format!(r#"{{"kind":"med","code":"atc:{code}","time":"-400d"}}"#);
    let cases: Vec<(&str, Vec<String>)> = vec![
        (
            "R17",
            vec![
                r#"{"code":"loinc:2132-9","value":249.123456789,"unit":"pg/mL","time":"-1d"}"#.to_owned(),
                lab("2284-8", "2.123456789", "ng/mL{serum}"),
                r#"{"code":"loinc:13964-2","value":999.123456,"unit":"nmol/L","time":"-1d","ref":{"high":350}}"#.to_owned(),
            ],
        ),
        (
            "R18",
            vec![
                r#"{"code":"loinc:3016-3","value":0.0123456789,"unit":"m[IU]/L{thyrotropin}","time":"-1d"}"#.to_owned(),
                lab("3024-7", "15.123456789", "pmol/L"),
                r#"{"code":"loinc:3051-0","value":19.123456789,"unit":"pmol/L","time":"-1d","ref":{"low":3.1,"high":6.8}}"#.to_owned(),
            ],
        ),
        ("R21", vec![lab("13457-7", "291.123456789", "mg/dL{calculated}")]),
        (
            "R21",
            vec![
                lab("2093-3", "280.123456789", "mg/dL"),
                lab("2085-9", "31.123456789", "mg/dL"),
                lab("8480-6", "171", "mm[Hg]"),
                lab("2160-0", "1.123456789", "mg/dL"),
            ],
        ),
        (
            "R22",
            vec![
                vital("9279-1", "25", "/min"),
                vital("8867-4", "135", "/min"),
                vital("8480-6", "85", "mm[Hg]"),
            ],
        ),
        (
            "R24",
            vec![
                r#"{"code":"tri:suspected_infection","value":"yes","time":"-1h"}"#.to_owned(),
                vital("777-3", "15", "10*9/L"),
                vital("1975-2", "13", "mg/dL"),
            ],
        ),
        (
            "R26",
            vec![
                medicine("C09AA05"),
                medicine("L04AX03"),
                medicine("B01AE07"),
                medicine("N05AH02"),
                lab("2823-3", "6.723456789", "mmol/L{plasma}"),
                lab("2160-0", "4.123456789", "mg/dL"),
                lab("29463-7", "61.123456789", "kg"),
                lab("751-8", "0.123456789", "10*9/L"),
                lab("1751-7", "19.123456789", "g/L"),
            ],
        ),
        (
            "R27",
            vec![finding(
                "lung_nodule",
                "-400d",
                r#""attrs":{"type":"part_solid","size_mm":199.4567,"count":"multiple"}"#,
            )],
        ),
        (
            "R27",
            vec![finding(
                "lung_nodule",
                "-400d",
                r#""attrs":{"type":"solid","size_mm":199.4567}"#,
            )],
        ),
        (
            "R28",
            vec![finding(
                "thyroid_nodule",
                "-400d",
                r#""attrs":{"modality":"PT","size_mm":199.4567,"suspicious":true}"#,
            )],
        ),
        (
            "R29",
            vec![finding(
                "adrenal_mass",
                "-400d",
                r#""attrs":{"size_mm":39.4567,"hu":14.4567,"homogeneous":true}"#,
            )],
        ),
        (
            "R30",
            vec![
                finding("aaa_diameter", "-400d", r#""value":4.0123456789,"unit":"cm""#),
                finding("aaa_diameter", "-1d", r#""value":199.123456789,"unit":"mm""#),
            ],
        ),
        (
            "R31",
            vec![
                finding(
                    "nodule_measure",
                    "-12d",
                    r#""attrs":{"track":"n1","diameter_mm":2.123456,"method":"d"}"#,
                ),
                finding(
                    "nodule_measure",
                    "-1d",
                    r#""attrs":{"track":"n1","diameter_mm":99.123456,"method":"d"}"#,
                ),
            ],
        ),
        (
            "R32",
            vec![
                finding(
                    "recommendation",
                    "-900d",
                    r#""attrs":{"modality":"MR or contrast-enhanced ultrasound of it","region":"a region with a very long name, written out"}"#,
                ),
                finding("recommendation", "-901d", r#""attrs":{"modality":"CT"}"#),
            ],
        ),
    ];
    for (i, (rule, facts)) in cases.into_iter().enumerate() {
        let file = format!(
            r#"{{"format":"triptych-rule-vectors","version":1,"at":"2026-03-01T08:00:00Z","tolerance":{{"numeric_abs":1e-9}},"count":1,"vectors":[{{"rule":"{rule}","id":"X-{i}","patient":{{"birthDate":"1956-01-15"}},"settings":{{"lane_t":true}},"facts":[{}],"expected":{{"outcome":"fires"}}}}]}}"#,
            facts.join(",")
        );
        let filter = VectorFilter {
            explain: true,
            ..VectorFilter::default()
        };
        let report = eval_vectors(file.as_bytes(), &filter).unwrap();
        assert!(
            report.failed.iter().all(|f| f.path != "outcome"),
            "{rule}: {:?} {:?}",
            report.failed,
            report.explained
        );
        let summary = &report.explained[0].outcome;
        assert!(
            summary.chars().count() <= 140,
            "{rule}: {} characters: {summary}",
            summary.chars().count()
        );
        assert!(!summary.contains('{'), "{summary}");
        lint(rule, summary);
    }
}
