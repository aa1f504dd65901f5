//! Questions of identity as a user meets them: real messages and a record that was contradicted, asked, answered, never merged (PAR-18).

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;
use triptych_workbench::view::{ImportView, Page, StartView};
use triptych_workbench::{Command, IdentityAnswer, Settings, Workbench};

use crate::support::{Home, shelf};

fn hl7(shelf: &Path, name: &str) -> String {
    let file = shelf.join("data/hl7v2/broken").join(name);
    file.to_str().unwrap().to_owned()
}

fn open_questions(home: &Home) -> Vec<Value> {
    let (code, list) = home.json(&["identity", "list"]);
    assert_eq!(code, Some(0));
    list.as_array().unwrap().clone()
}

fn persons(home: &Home) -> Vec<Value> {
    let (_, persons) = home.json(&["patients"]);
    persons.as_array().unwrap().clone()
}

/// Field, both values, agreement.
fn row<'a>(question: &'a Value, field: &str) -> [&'a str; 3] {
    let rows = question["rows"].as_array().unwrap();
    let row = rows.iter().find(|r| r["field"] == field).unwrap();
    let text = |i: usize| row["values"][i]["text"].as_str().unwrap();
    [text(0), text(1), row["agreement"].as_str().unwrap()]
}

/// A patient of the shelf, and the same file with another birth date.
fn contradicted(shelf: &Path, home: &Home) -> [PathBuf; 2] {
    let folder = std::fs::read_dir(shelf.join("data/fhir/patients")).unwrap();
    let file = folder
        .flatten()
        .map(|e| e.path())
        .find(|p| p.to_string_lossy().contains("Neva_Hyatt"))
        .unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("1970-05-28"), "the birth date of the file");
    let changed = home.folder.path().join("changed.json");
    std::fs::write(&changed, text.replace("1970-05-28", "1971-05-28")).unwrap();
    [file, changed]
}

#[test]
fn par_18_a_real_a40_is_asked_once_spelt_out_and_linked_by_a_person() {
    let Some(shelf) = shelf("par_18_a_real_a40_is_asked_once_spelt_out_and_linked_by_a_person")
    else {
        return;
    };
    let home = Home::new();
    let merge = hl7(&shelf, "19_merge_patient_a40.hl7");
    let (_, report) = home.json(&["import", &merge]);
    assert_eq!(report["questions"], 1, "{report}");
    let (_, again) = home.json(&["import", &merge]);
    assert_eq!(again["questions"], 1);
    let questions = open_questions(&home);
    let [question] = questions.as_slice() else {
        panic!("{questions:#?}")
    };
    assert_eq!(
        question["asks"],
        "HL7 A40 of 2024-03-06 asks to make T-1002 part of T-1001"
    );
    assert_eq!(
        question["source"],
        "19_merge_patient_a40.hl7, message 1 (ADT^A40)"
    );
    assert_eq!(row(question, "family-name"), ["Test", "", "one-sided"]);
    let id = question["id"].to_string();

    // Neither is in the archive: nothing to link, and it says so.
    let refused = home.run(&["identity", "answer", &id, "one-person", "--reason", "sure"]);
    assert_eq!(refused.code, Some(4));
    assert!(
        refused.err.contains("not in the archive"),
        "{}",
        refused.err
    );

    // Results of both come, born on different days.
    home.json(&["import", &hl7(&shelf, "16_two_patients_one_file.hl7")]);
    assert_eq!(persons(&home).len(), 2, "a question joins nobody");
    let question = &open_questions(&home)[0];
    assert_eq!(
        row(question, "birth-date"),
        ["1970-01-01", "1970-01-02", "differs"]
    );
    assert_eq!(row(question, "identifiers")[2], "differs");
    assert!(question["sides"][1]["present"].as_bool().unwrap());

    let answer =
        |reason: &str| home.run(&["identity", "answer", &id, "one-person", "--reason", reason]);
    assert_eq!(answer("  ").code, Some(4), "no answer without a reason");
    let done = answer("told by the ward");
    assert_eq!(
        (done.code, done.out.trim()),
        (Some(0), "One person, the records are linked"),
        "{}",
        done.err
    );
    assert_eq!(answer("once more").code, Some(4), "answered once");
    let all = persons(&home);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0]["records"].as_array().unwrap().len(), 2);
    assert!(open_questions(&home).is_empty());
    let (_, listed) = home.json(&["identity", "list", "--all"]);
    assert_eq!(listed[0]["settled"]["reason"], "told by the ward");

    // In the trail, and reversible.
    let trail = home.run(&["audit", "show"]).out;
    assert!(
        trail.contains("identity") && trail.contains("one-person"),
        "{trail}"
    );
    assert!(!trail.contains("T-1002"), "no identifier in the trail");
    assert_eq!(home.run(&["audit", "verify"]).code, Some(0));
    assert_eq!(home.run(&["unlink", "T-1001", "T-1002"]).code, Some(0));
    assert_eq!(persons(&home).len(), 2);
}

#[test]
fn par_18_a_real_a24_waits_and_is_kept_apart() {
    let Some(shelf) = shelf("par_18_a_real_a24_waits_and_is_kept_apart") else {
        return;
    };
    let home = Home::new();
    home.json(&["import", &hl7(&shelf, "real_hapi_segmentfinder_a24.hl7")]);
    let questions = open_questions(&home);
    assert_eq!(
        questions[0]["asks"],
        "HL7 A24 of 2012-09-18 says that 11111 and 22222 are one person"
    );
    assert_eq!(
        row(&questions[0], "family-name"),
        ["SMITH", "SMITH", "same"]
    );
    let text = home.run(&["identity", "list"]).out;
    for part in ["11111", "22222", "not stated", "Not in this archive"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let id = questions[0]["id"].to_string();
    let done = home.run(&[
        "identity",
        "answer",
        &id,
        "apart",
        "--reason",
        "unknown here",
    ]);
    assert_eq!(done.code, Some(0), "{}", done.err);
    assert!(open_questions(&home).is_empty());
    assert!(persons(&home).is_empty());
}

#[test]
fn par_18_a_contradicted_record_keeps_its_facts_and_the_file_gets_its_own() {
    let Some(shelf) =
        shelf("par_18_a_contradicted_record_keeps_its_facts_and_the_file_gets_its_own")
    else {
        return;
    };
    let home = Home::new();
    let [first, changed] = contradicted(&shelf, &home);
    home.json(&["import", first.to_str().unwrap()]);
    let known = persons(&home)[0].clone();
    for _ in 0..2 {
        let (code, report) = home.json(&["import", changed.to_str().unwrap()]);
        assert_eq!(
            (code, &report["files"][0]["state"]),
            (Some(1), &"conflict".into())
        );
    }
    let questions = open_questions(&home);
    let [question] = questions.as_slice() else {
        panic!("{questions:#?}")
    };
    assert_eq!(
        row(question, "birth-date"),
        ["1970-05-28", "1971-05-28", "differs"]
    );
    assert_eq!(row(question, "identifiers")[2], "same");
    assert_eq!(
        persons(&home),
        std::slice::from_ref(&known),
        "nothing was joined"
    );
    let id = question["id"].to_string();
    let answer = || {
        home.json(&[
            "identity",
            "answer",
            &id,
            "own-record",
            "--reason",
            "her sister",
        ])
    };

    // Gone: said, and still a question.
    let away = home.folder.path().join("away.json");
    std::fs::rename(&changed, &away).unwrap();
    let refused = home.run(&[
        "identity",
        "answer",
        &id,
        "own-record",
        "--reason",
        "her sister",
    ]);
    assert_eq!(refused.code, Some(4));
    assert!(refused.err.contains("changed.json"), "{}", refused.err);
    assert_eq!(open_questions(&home).len(), 1);
    assert_eq!(persons(&home).len(), 1);
    // It came again from where it is now: that place counts.
    home.json(&["import", away.to_str().unwrap()]);
    let (code, done) = answer();
    assert_eq!(code, Some(0), "{done}");
    assert!(done["import"]["facts"].as_u64().unwrap() > 100, "{done}");
    let all = persons(&home);
    assert_eq!(all.len(), 2);
    assert!(all.contains(&known), "the record is as it was");
    let own = all.iter().find(|p| **p != known).unwrap();
    assert_eq!(own["birth_date"], "1971-05-28");
    assert_eq!(own["counts"], known["counts"]);
}

/// Waits until the start page is as wanted.
fn until(workbench: &Workbench, is: impl Fn(&StartView, Option<&ImportView>) -> bool) -> StartView {
    let began = Instant::now();
    loop {
        let snapshot = workbench.snapshot();
        if let Page::Start(start) = &snapshot.page
            && is(start, snapshot.import.as_deref())
        {
            return StartView::clone(start);
        }
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "it comes: {:?}",
            snapshot.notices
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn par_18_the_window_lists_questions_and_answers_them() {
    let Some(shelf) = shelf("par_18_the_window_lists_questions_and_answers_them") else {
        return;
    };
    let home = Home::new();
    let [first, changed] = contradicted(&shelf, &home);
    let settings = Settings {
        archive: home.folder.path().join("archive"),
        key_file: Some(home.folder.path().join("keys/key")),
        worker: Some(env!("CARGO_BIN_EXE_triptych-worker").into()),
    };
    let workbench = Workbench::start(settings, vec![Command::Import(vec![first, changed])]);
    let start = until(&workbench, |s, i| {
        i.is_some_and(|i| i.finished) && !s.questions.is_empty()
    });
    assert_eq!((start.patients.len(), start.questions.len()), (1, 1));
    let question = start.questions[0].id;
    let answer = |reason: &str| {
        workbench.send(Command::AnswerIdentity {
            question,
            answer: IdentityAnswer::OwnRecord,
            reason: reason.to_owned(),
        });
    };
    answer(" ");
    answer("her sister");
    let start = until(&workbench, |s, i| {
        s.questions.is_empty() && s.patients.len() == 2 && i.is_some_and(|i| i.finished)
    });
    let results: Vec<_> = start.patients.iter().map(|p| p.counts.results).collect();
    assert!(results[0] > 0 && results[0] == results[1], "{results:?}");
    let notices = workbench.snapshot().notices.clone();
    let words: Vec<_> = notices.iter().map(|n| n.text.as_str()).collect();
    assert!(words.iter().any(|w| w.contains("reason")), "{words:?}");
    assert!(
        words.iter().any(|w| w.starts_with("Filed as record")),
        "{words:?}"
    );
    workbench.shutdown();
}
