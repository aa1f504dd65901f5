//! A patient on one printed page, from the import to the file.

use std::path::Path;
use std::time::{Duration, Instant as Clock};

use triptych_workbench::summary::Page;
use triptych_workbench::{
    Command, Core, Instant, PatientKey, Settings, Workbench, index_time, view,
};

use crate::support::{Home, shelf};

/// One page of a real bundle as of a past day, written once, audited, refused over a file that is there (D-27, D-36).
#[test]
fn d_27_a_patient_is_printed_on_one_page_and_it_is_audited() {
    let Some(shelf) = shelf("d_27_a_patient_is_printed_on_one_page_and_it_is_audited") else {
        return;
    };
    let home = Home::new();
    let folder = shelf.join("data/fhir/patients");
    let mut bundles: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.to_string_lossy().contains("Hyatt"))
        .collect();
    let bundle = bundles.pop().expect("the shelf has this patient");
    home.json(&["import", bundle.to_str().unwrap()]);
    let (_, persons) = home.json(&["patients"]);
    let key = persons[0]["key"].to_string();
    let key = key.trim_matches('"');

    let pdf = home.folder.path().join("page.pdf");
    let out = pdf.to_str().unwrap();
    let wanted = ["--at", "2021-02-22", "summary", key, "--out", out];
    let (code, said) = home.json(&wanted);
    assert_eq!((code, said["pages"].as_u64()), (Some(0), Some(1)), "{said}");
    let bytes = std::fs::read(&pdf).unwrap();
    let holds = |words: &[u8]| bytes.windows(words.len()).any(|w| w == words);
    assert!(bytes.starts_with(b"%PDF-") && holds(b"/Count 1"));

    let again = home.run(&wanted);
    assert_eq!(
        (again.code, again.err.lines().count()),
        (Some(4), 1),
        "{}",
        again.err
    );
    assert_eq!(
        std::fs::read(&pdf).unwrap(),
        bytes,
        "never over a file that is there"
    );
    let other = home.folder.path().join("page.docx");
    let other = home.run(&["summary", key, "--out", other.to_str().unwrap()]);
    assert_eq!(other.code, Some(2), "{}", other.err);
    let png = home.folder.path().join("page.png");
    let drawn = home.run(&["summary", key, "--out", png.to_str().unwrap()]);
    assert_eq!(drawn.code, Some(0), "{}", drawn.err);
    assert!(std::fs::read(&png).unwrap().starts_with(b"\x89PNG"));

    let settings = Settings {
        archive: home.folder.path().join("archive"),
        key_file: Some(home.folder.path().join("keys/key")),
        worker: Some(env!("CARGO_BIN_EXE_triptych-worker").into()),
    };
    let core = Core::open(&settings).unwrap();
    let exports: Vec<_> = core
        .audit_entries(100)
        .unwrap()
        .into_iter()
        .filter(|e| e.verb == "export")
        .collect();
    assert_eq!(exports.len(), 2, "two pages, and none that was refused");
    let person = core.find_person(key).unwrap();
    let at = index_time("2021-02-22").unwrap();
    let view = core.summary_view(person, Some(at)).unwrap();
    let printed = Instant::now();
    let lines = Page::of(&view, "archive", printed).lines();
    let text = lines.join("\n");
    for words in [
        "HYATT, Neva",
        "born 1970-05-28 · 50 y · female",
        "As of 2021-02-22 23:59 UTC (past)",
        "Allergies | no record",
        "Coverage",
        "Missing",
        "@1.0.0",
        "no interval",
        "calculated",
        "Investigational. Not a medical device. Not for sole use.",
        concat!("Triptych ", env!("CARGO_PKG_VERSION")),
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    for card in &view.signals.cards {
        assert!(text.contains(&card.rule), "{}\n{text}", card.rule);
    }
    assert!(!view.signals.cards.is_empty(), "something fired then");
    core.close().unwrap();
    prints_from_the_window(&settings, person, home.folder.path());
}

/// The window's order: the patient as shown, at the index time that is shown, into a new file without a name in its name.
fn prints_from_the_window(settings: &Settings, person: PatientKey, folder: &Path) {
    let at = index_time("2021-02-22").ok();
    let first = vec![Command::OpenPatient(person), Command::SetIndexTime(at)];
    let workbench = Workbench::start(settings.clone(), first);
    let began = Clock::now();
    let waits = |what: &str| {
        let notices = &workbench.snapshot().notices;
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "{what}: {notices:?}"
        );
        std::thread::sleep(Duration::from_millis(5));
    };
    while !matches!(&workbench.snapshot().page, view::Page::Patient(v) if !v.at_is_now) {
        waits("opening");
    }
    workbench.send(Command::PrintSummary(Some(folder.to_owned())));
    let said = loop {
        let snapshot = workbench.snapshot();
        let mut notices = snapshot.notices.iter();
        if let Some(notice) = notices.find(|n| n.text.starts_with("Summary written to ")) {
            break notice.text.clone();
        }
        waits("printing");
    };
    workbench.shutdown();
    let path = Path::new(said.trim_start_matches("Summary written to "));
    let name = path.file_name().unwrap().to_string_lossy();
    assert!(
        name.starts_with("summary 2") && name.ends_with(".pdf"),
        "{name}"
    );
    assert!(std::fs::read(path).unwrap().starts_with(b"%PDF-"));
}
