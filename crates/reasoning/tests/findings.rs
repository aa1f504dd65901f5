//! From the archive's facts to the rules over findings, imaging, coded answers and reference limits; lane T kept apart.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;

use triptych_clinical::{
    CodeSystem, Coding, Confirmation, DocumentHash, Fact, FactId, FactKind, Identity, IndexTime,
    Origin, Provenance, Quantity, ReferenceRange, Sex, Status, Value, When,
};
use triptych_reasoning::{Evaluation, Lane, Outcome, Settings, Verdict, evaluate_all};

const NOW: &str = "2026-03-01T08:00:00Z";

fn when(text: &str) -> When {
    When::parse(text).unwrap()
}

fn at(text: &str) -> IndexTime {
    when(text).instant
}

fn fact(kind: FactKind, coding: Coding, time: &str) -> Fact {
    Fact {
        codes: vec![coding.clone()].into(),
        effective: Some(when(time)),
        available: when(time),
        ..Fact::new(
            FactId::of(&["test", &coding.code, time]),
            kind,
            at("2030-01-01"),
            Provenance::new(DocumentHash([0; 32]), "", None),
        )
    }
}

fn loinc(code: &str) -> Coding {
    Coding::new(CodeSystem::Loinc, code)
}

fn tri(code: &str) -> Coding {
    Coding::new(CodeSystem::Tri, code)
}

fn attrs(given: &[(&str, &str)]) -> BTreeMap<String, String> {
    given
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect()
}

fn lab(code: &str, value: f64, unit: &str, time: &str) -> Fact {
    Fact {
        value: Value::Quantity(Quantity {
            value,
            written: value.to_string().into(),
            comparator: None,
            unit: Some(unit.to_owned().into()),
            unit_text: None,
        }),
        ..fact(FactKind::Observation, loinc(code), time)
    }
}

/// An answer as FHIR sends it: a code with the source's own words.
fn answer(code: &str, snomed: &str, words: &str, time: &str) -> Fact {
    let mut coding = Coding::new(CodeSystem::Snomed, snomed);
    coding.display = Some(words.to_owned());
    Fact {
        value: Value::Coded(coding),
        ..fact(FactKind::Observation, loinc(code), time)
    }
}

fn finding(code: &str, time: &str, given: &[(&str, &str)]) -> Fact {
    Fact {
        attrs: attrs(given).into(),
        origin: Origin::Reader,
        ..fact(FactKind::Finding, tri(code), time)
    }
}

/// An imaging study as the FHIR reader leaves it: no project code, modality and region as attributes.
fn study(time: &str, given: &[(&str, &str)]) -> Fact {
    Fact {
        attrs: attrs(given).into(),
        ..fact(
            FactKind::Imaging,
            Coding::new(CodeSystem::Dicom, "study"),
            time,
        )
    }
}

fn evaluate_with(facts: &[Fact], settings: &Settings) -> Evaluation {
    let man = Identity {
        birth_date: Some(when("1966-01-15")),
        sex: Sex::Male,
        ..Identity::default()
    };
    evaluate_all(facts, &man, at(NOW), settings)
}

fn evaluate(facts: &[Fact]) -> Evaluation {
    evaluate_with(facts, &Settings::default())
}

fn outcome<'a>(evaluation: &'a Evaluation, rule: &str) -> &'a Outcome {
    let all = evaluation.outcomes.iter();
    all.clone().find(|o| o.rule.id == rule).unwrap()
}

fn missing(outcome: &Outcome) -> Vec<String> {
    outcome
        .finding
        .missing
        .iter()
        .map(ToString::to_string)
        .collect()
}

fn vital_signs() -> Vec<Fact> {
    let time = "2026-03-01T06:00:00Z";
    vec![
        lab("9279-1", 25.0, "/min", time),
        lab("59408-5", 90.0, "%", time),
        lab("8480-6", 95.0, "mm[Hg]", time),
        lab("8867-4", 120.0, "/min", time),
        lab("8310-5", 38.6, "Cel", time),
    ]
}

#[test]
fn lane_t_is_off_by_default_and_says_so_on_the_coverage_line() {
    let evaluation = evaluate(&vital_signs());
    assert!(evaluation.passive.is_empty() && evaluation.signals.is_empty());
    let words: Vec<String> = evaluation
        .passive_outcomes
        .iter()
        .map(Outcome::in_words)
        .collect();
    assert_eq!(words, ["silent: lane T is off", "silent: lane T is off"]);
    let c = &evaluation.coverage;
    assert_eq!((c.off, c.passive, c.fired), (2, 0, 0));
    assert!(c.line().contains(", 2 off (lane T)"), "{}", c.line());
}

#[test]
fn lane_t_never_appears_among_the_cards_and_their_counts() {
    let on = Settings {
        lane_t: true,
        ..Settings::default()
    };
    let evaluation = evaluate_with(&vital_signs(), &on);
    let [news] = &evaluation.passive[..] else {
        panic!("{:?}", evaluation.passive);
    };
    assert_eq!((news.rule.id, news.lane), ("R22", Lane::T));
    assert_eq!(evaluation.passive_outcomes.len(), 2);
    assert!(evaluation.signals.is_empty());
    assert!(evaluation.outcomes.iter().all(|o| o.rule.lane != Lane::T));
    let c = &evaluation.coverage;
    assert_eq!((c.off, c.passive, c.fired), (0, 2, 0));
    // Neither the score nor what it lacks may come in by the back door.
    assert!(c.rows.iter().all(|(_, words)| !words.contains("NEWS2 ")));
    assert!(
        c.missing
            .iter()
            .all(|m| m.name != "acvpu" && m.name != "oxygen")
    );
}

#[test]
fn a_smoking_answer_counts_by_its_code_and_not_by_its_words() {
    let time = "2026-02-20T08:00:00Z";
    let lipids = |smoking: Fact| {
        vec![
            lab("2093-3", 213.0, "mg/dL", time),
            lab("2085-9", 50.0, "mg/dL", time),
            lab("8480-6", 140.0, "mm[Hg]", time),
            lab("2160-0", 0.95, "mg/dL", time),
            smoking,
        ]
    };
    let risk = |code: &str, words: &str| {
        let evaluation = evaluate(&lipids(answer("72166-2", code, words, time)));
        let prevent = outcome(&evaluation, "R21");
        (
            prevent.finding.result.get("ascvd10y_pct").cloned(),
            missing(prevent),
        )
    };
    let former = risk("8517006", "Ex-smoker (finding)");
    assert!(former.0.is_some() && former.1.is_empty(), "{former:?}");
    assert_eq!(former, risk("266919005", "Never smoked tobacco"));
    let current = risk("449868002", "Smokes tobacco daily");
    assert!(current.0.is_some() && current != former, "{current:?}");
    assert_eq!(
        risk("266927001", "Tobacco smoking unknown").1,
        ["smoking:absent"]
    );
}

#[test]
fn a_pregnancy_answer_counts_by_its_code() {
    let tsh = lab("3016-3", 6.0, "m[IU]/L", "2026-02-20T08:00:00Z");
    let status = answer("82810-3", "77386006", "Currently expecting", "2026-02-01");
    let evaluation = evaluate(&[tsh, status]);
    assert!(outcome(&evaluation, "R18").is_excluded());
}

#[test]
fn the_limits_of_a_report_reach_the_rule() {
    let time = "2026-02-20T08:00:00Z";
    let tsh = Fact {
        reference: Some(ReferenceRange {
            low: Some(0.3),
            high: Some(5.0),
            text: None,
        }),
        ..lab("3016-3", 6.0, "m[IU]/L", time)
    };
    let bare = lab("14920-3", 7.0, "pmol/L", time);
    let evaluation = evaluate(&[tsh.clone(), bare.clone()]);
    assert_eq!(
        missing(outcome(&evaluation, "R18")),
        ["ft4:reference_absent"]
    );
    let ft4 = Fact {
        reference: Some(ReferenceRange {
            low: Some(10.0),
            high: Some(22.0),
            text: None,
        }),
        ..bare
    };
    let evaluation = evaluate(&[tsh, ft4]);
    let thyroid = outcome(&evaluation, "R18");
    assert_eq!(thyroid.finding.result["pattern"], "overt_hypothyroid");
    // Within the limits of its own report, above the default ones.
    let mine = Fact {
        reference: Some(ReferenceRange {
            low: Some(0.3),
            high: Some(5.0),
            text: None,
        }),
        ..lab("3016-3", 4.5, "m[IU]/L", time)
    };
    let evaluation = evaluate(&[mine]);
    assert_eq!(
        outcome(&evaluation, "R18").finding.result["tsh_position"],
        "normal"
    );
}

fn nodule() -> Fact {
    finding(
        "lung_nodule",
        "2025-01-25T10:00:00Z",
        &[("type", "solid"), ("size_mm", "7"), ("study_uid", "1.2.3")],
    )
}

#[test]
fn a_later_chest_ct_of_the_archive_is_the_follow_up_of_a_nodule() {
    let state = |studies: &[Fact]| {
        let mut facts = vec![nodule()];
        facts.extend_from_slice(studies);
        let evaluation = evaluate(&facts);
        let r27 = outcome(&evaluation, "R27");
        let done = r27.finding.result.get("follow_up_done").cloned();
        (r27.verdict(), done, r27.basis.limits.join(" "))
    };
    assert_eq!(state(&[]).0, Verdict::Fires);
    let ct = |region: &str, uid: &str, time: &str| {
        study(
            time,
            &[
                ("modality", "CT\\SR"),
                ("region", region),
                ("study_uid", uid),
            ],
        )
    };
    let (verdict, done, _) = state(&[ct("thoracic structure", "1.2.4", "2025-11-21T08:00:00Z")]);
    assert_eq!(
        (verdict, done),
        (Verdict::Silent, Some("2025-11-21".into()))
    );
    // The very study, another region, another modality, an earlier one.
    for other in [
        ct("chest", "1.2.3", "2025-01-25T10:05:00Z"),
        ct("abdomen", "1.2.4", "2025-11-21T08:00:00Z"),
        study(
            "2025-11-21T08:00:00Z",
            &[("modality", "DX"), ("region", "chest")],
        ),
        ct("chest", "1.2.0", "2024-11-21T08:00:00Z"),
    ] {
        assert_eq!(state(&[other]).0, Verdict::Fires);
    }
    let (verdict, _, limits) = state(&[study("2025-11-21T08:00:00Z", &[("modality", "CT")])]);
    assert_eq!(verdict, Verdict::Fires);
    assert!(limits.contains("2025-11-21 names no region"), "{limits}");
    // A report under the LOINC code of a chest CT says that it was done; the one of the same day may be of the very study.
    let report = |time: &str| fact(FactKind::Report, loinc("24627-2"), time);
    assert_eq!(state(&[report("2025-11-21T08:00:00Z")]).0, Verdict::Silent);
    assert_eq!(state(&[report("2025-01-25T14:00:00Z")]).0, Verdict::Fires);
}

#[test]
fn d_35_a_finding_from_text_is_inert_until_confirmed_and_hides_nothing() {
    let mut from_text = nodule();
    from_text.origin = Origin::Note;
    let evaluation = evaluate(&[from_text.clone()]);
    assert_eq!(
        missing(outcome(&evaluation, "R27")),
        ["lung_nodule:unconfirmed"]
    );
    assert!(evaluation.signals.is_empty());
    from_text.confirmed = Some(Confirmation {
        by: "reader".to_owned(),
        at: at("2025-02-01"),
    });
    assert_eq!(
        outcome(&evaluate(&[from_text]), "R27").verdict(),
        Verdict::Fires
    );
    // A newer unconfirmed one beside a confirmed one: the card stays and names what is not confirmed.
    let newer = Fact {
        origin: Origin::Note,
        ..finding(
            "lung_nodule",
            "2026-02-01",
            &[("type", "solid"), ("size_mm", "3")],
        )
    };
    let evaluation = evaluate(&[nodule(), newer]);
    let r27 = outcome(&evaluation, "R27");
    assert_eq!(r27.verdict(), Verdict::Fires);
    assert_eq!(missing(r27), ["lung_nodule:unconfirmed"]);
}

#[test]
fn the_gravest_of_two_lesions_speaks() {
    let mass = |time: &str, side: &str, size: &str, hu: &str| {
        finding(
            "adrenal_mass",
            time,
            &[
                ("side", side),
                ("size_mm", size),
                ("hu", hu),
                ("homogeneous", "true"),
            ],
        )
    };
    let right = mass("2026-01-01", "right", "45", "30");
    let left = mass("2026-02-01", "left", "8", "5");
    let evaluation = evaluate(&[right, left]);
    let adrenal = outcome(&evaluation, "R29");
    assert_eq!(adrenal.finding.result["category"], "suspicious");
    let shown: Vec<&str> = adrenal
        .basis
        .items
        .iter()
        .map(|i| i.original.as_str())
        .collect();
    assert!(
        shown.contains(&"homogeneous true, hu 30, side right, size_mm 45"),
        "{shown:?}"
    );
    assert!(adrenal.basis.items.iter().all(|i| i.fact.is_some()));
}

#[test]
fn every_recommendation_is_a_loop_and_a_clinician_closes_one_by_its_fact() {
    let ask = |time: &str, modality: &str, region: &str| {
        finding(
            "recommendation",
            time,
            &[
                ("modality", modality),
                ("region", region),
                ("due_months", "3"),
            ],
        )
    };
    let (ct, mr) = (
        ask("2025-01-10", "CT", "chest"),
        ask("2025-03-10", "MR", "brain"),
    );
    let evaluation = evaluate(&[ct.clone(), mr.clone()]);
    let r32 = outcome(&evaluation, "R32");
    assert!(
        r32.finding.summary.ends_with("; 1 more overdue"),
        "{}",
        r32.finding.summary
    );
    assert_eq!(r32.finding.result["due"], "2025-04-10");
    let closed = finding(
        "loop_closed",
        "2026-01-01",
        &[("target", &ct.id.to_string()), ("reason", "done elsewhere")],
    );
    let evaluation = evaluate(&[ct.clone(), mr.clone(), closed]);
    assert_eq!(
        outcome(&evaluation, "R32").finding.result["due"],
        "2025-06-10"
    );
    let no_reason = finding(
        "loop_closed",
        "2026-01-01",
        &[("target", &ct.id.to_string())],
    );
    let evaluation = evaluate(&[ct, mr.clone(), no_reason]);
    assert_eq!(
        outcome(&evaluation, "R32").finding.result["due"],
        "2025-04-10"
    );
    // A head MR without a region on record may be the answer: nobody can tell.
    let somewhere = study("2025-05-01T08:00:00Z", &[("modality", "MR")]);
    let evaluation = evaluate(&[mr.clone(), somewhere]);
    assert_eq!(missing(outcome(&evaluation, "R32")), ["region:absent"]);
    let head = study(
        "2025-05-01T08:00:00Z",
        &[("modality", "MR"), ("region", "HEAD")],
    );
    let evaluation = evaluate(&[mr, head]);
    assert_eq!(outcome(&evaluation, "R32").finding.result["state"], "done");
    // A radiograph is one, whichever detector it was taken with.
    let radiograph = ask("2025-01-10", "DX", "chest");
    let taken = study(
        "2025-04-01T08:00:00Z",
        &[("modality", "CR"), ("region", "CHEST")],
    );
    let evaluation = evaluate(&[radiograph, taken]);
    assert_eq!(outcome(&evaluation, "R32").finding.result["state"], "done");
}

#[test]
fn two_nodules_of_one_study_without_names_are_both_judged() {
    let time = "2026-02-01T08:00:00Z";
    let small = finding(
        "lung_nodule",
        time,
        &[("type", "ground_glass"), ("size_mm", "4")],
    );
    let mut large = finding("lung_nodule", time, &[("type", "solid"), ("size_mm", "12")]);
    large.id = FactId::of(&["test", "large"]);
    for facts in [[small.clone(), large.clone()], [large, small]] {
        let evaluation = evaluate(&facts);
        assert_eq!(outcome(&evaluation, "R27").finding.result["size_mm"], 12);
    }
}

#[test]
fn a_newer_medicine_that_is_not_meant_does_not_hide_an_older_one_that_is() {
    let medicine = |atc: &str, time: &str| Fact {
        status: Status::Active,
        ..fact(
            FactKind::Medication,
            Coding::new(CodeSystem::Atc, atc),
            time,
        )
    };
    let kidneys = lab("2160-0", 3.5, "mg/dL", "2026-02-20T08:00:00Z");
    let ibuprofen = medicine("M01AE01", "2025-01-01");
    let glucosamine = medicine("M01AX05", "2026-01-01");
    let evaluation = evaluate(&[kidneys.clone(), ibuprofen, glucosamine.clone()]);
    let conflicts = &outcome(&evaluation, "R26").finding.result["conflicts"];
    assert_eq!(conflicts, &serde_json::json!(["g"]));
    let evaluation = evaluate(&[kidneys, glucosamine]);
    assert_eq!(
        outcome(&evaluation, "R26").in_words(),
        "silent: no active medicine of the table in its window"
    );
}

#[test]
fn news2_names_the_score_of_the_set_before() {
    let on = Settings {
        lane_t: true,
        ..Settings::default()
    };
    let alert = |time: &str| {
        let said = |coding: Coding, word: &str| Fact {
            value: Value::Text(word.to_owned()),
            ..fact(FactKind::Observation, coding, time)
        };
        [said(loinc("80288-4"), "A"), said(tri("oxygen"), "air")]
    };
    let mut facts = vital_signs();
    facts.extend(alert("2026-03-01T06:00:00Z"));
    let steps = |facts: &[Fact]| evaluate_with(facts, &on).passive[0].basis.steps.join("; ");
    assert!(steps(&facts).contains("no set in the 24 h before"));
    for mut sign in vital_signs() {
        let time = "2026-02-28T20:00:00Z";
        sign.effective = Some(when(time));
        sign.available = when(time);
        sign.id = FactId::of(&["before", &sign.codes[0].code]);
        facts.push(sign);
    }
    facts.extend(alert("2026-02-28T20:00:00Z"));
    // 3 + 3 + 2 + 2 + 1, on air and alert.
    assert!(
        steps(&facts).contains("score of the set of 2026-02-28T20:00:00Z: 11"),
        "{}",
        steps(&facts)
    );
}

#[test]
fn an_unknown_sex_takes_the_egfr_of_each_sex_with_its_own_equation() {
    let time = "2026-02-20T08:00:00Z";
    let facts = [
        lab("2093-3", 213.0, "mg/dL", time),
        lab("2085-9", 50.0, "mg/dL", time),
        lab("8480-6", 140.0, "mm[Hg]", time),
        lab("2160-0", 1.2, "mg/dL", time),
        answer("72166-2", "266919005", "Never smoker", time),
    ];
    let risk = |sex: Sex| {
        let person = Identity {
            birth_date: Some(when("1966-01-15")),
            sex,
            ..Identity::default()
        };
        let evaluation = evaluate_all(&facts, &person, at(NOW), &Settings::default());
        let f = &outcome(&evaluation, "R21").finding;
        let number = |j: &serde_json::Value| j.as_f64().unwrap();
        let one = f.result.get("ascvd10y_pct").map(number);
        (
            one,
            f.range
                .get("ascvd10y_pct")
                .map(|[a, b]| (number(a), number(b))),
        )
    };
    let (woman, man) = (risk(Sex::Female).0.unwrap(), risk(Sex::Male).0.unwrap());
    let (low, high) = risk(Sex::Unknown).1.unwrap();
    assert!(woman < man, "{woman} {man}");
    assert_eq!((low, high), (woman, man));
}
