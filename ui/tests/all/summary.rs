//! The printed page of the made-up patient (D-27).
#![allow(
    clippy::disallowed_methods,
    reason = "a test keeps the page that differs, and pictures to look at"
)]

use triptych_ui::view::*;
use triptych_workbench::summary::{Page, Paper};

use crate::sample::{self, when};

/// The page as printed two days after the index time.
fn page(view: &PatientView) -> Page {
    Page::of(view, "demo", when("2021-02-24T08:00:00Z").instant)
}

fn text(view: &PatientView) -> String {
    let mut text = page(view).lines().join("\n");
    text.push('\n');
    text.replace(
        concat!("Triptych ", env!("CARGO_PKG_VERSION")),
        "Triptych VERSION",
    )
}

#[test]
fn d_27_the_page_is_as_the_golden_file_has_it() {
    let found = text(&sample::patient());
    let golden = include_str!("summary.txt");
    if found != golden {
        let kept = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("summary.txt");
        std::fs::write(&kept, &found).unwrap();
        panic!(
            "the page differs from ui/tests/all/summary.txt; now it is {}",
            kept.display()
        );
    }
}

#[test]
fn d_27_as_of_time_versions_missing_list_and_sole_use_are_on_it() {
    let text = text(&sample::patient());
    for words in [
        "As of 2021-02-22 09:41 UTC",
        "printed 2021-02-24 08:00 UTC",
        "Triptych VERSION",
        "archive demo",
        "R31@1.0.0",
        "metformin-and-kidney@1.0.0",
        "heart-size-reference 0.1.0",
        "Missing: earlier CT, smoking status",
        "vitamin B12, ferritin, smoking status",
        "9 rules: 3 fired, 4 silent, 2 cannot tell",
        "Model output, investigational",
        "Investigational. Not a medical device. Not for sole use.",
        "page 1 of 1",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    assert!(!text.contains("(past)"), "now is now");
}

#[test]
fn d_36_a_past_as_of_time_is_said_to_be_past() {
    let mut view = sample::patient();
    view.at_is_now = false;
    let text = text(&view);
    assert!(text.contains("As of 2021-02-22 09:41 UTC (past)"), "{text}");
    assert!(text.contains("today's rule versions"), "{text}");
}

#[test]
fn d_08_what_is_calculated_and_what_is_outside_is_told_without_colour() {
    let text = text(&sample::patient());
    let line = |name: &str| {
        let mut lines = text.lines();
        let found = lines.find(|l| l.starts_with(&format!("{name} | ")));
        found.unwrap_or_else(|| panic!("{name}\n{text}")).to_owned()
    };
    assert!(line("eGFR").contains("calculated"), "{}", line("eGFR"));
    assert!(!line("eGFR reported").contains("calculated"));
    let head = text.find("Outside the interval of their report").unwrap();
    let creatinine = text.find("Creatinine | 1.28 | mg/dL").unwrap();
    let potassium = text.find("Potassium | ").unwrap();
    assert!(head < creatinine && creatinine < potassium, "{text}");
}

/// An allergy list that is absent is not "no allergies"; an active one is named.
#[test]
fn d_27_allergies_are_as_the_banner_has_them() {
    let mut view = sample::patient();
    assert!(text(&view).contains("Allergies | no record"));
    view.banner.allergies = "penicillin".into();
    assert!(text(&view).contains("Allergies | penicillin"));
}

#[test]
fn d_27_the_file_is_one_page_and_the_same_each_time() {
    let view = sample::patient();
    let pdf = page(&view).bytes(Paper::Pdf).unwrap();
    assert_eq!(pdf, page(&view).bytes(Paper::Pdf).unwrap());
    let holds = |words: &[u8]| pdf.windows(words.len()).any(|w| w == words);
    assert!(pdf.starts_with(b"%PDF-") && holds(b"/Count 1"));
    assert!(!holds(b"HYATT"), "no name outside of the page's text");
    let png = page(&view).bytes(Paper::Png).unwrap();
    if let Some(folder) = std::env::var_os("TRIPTYCH_UI_SHOTS").map(std::path::PathBuf::from) {
        std::fs::write(folder.join("summary.pdf"), &pdf).unwrap();
        std::fs::write(folder.join("summary.png"), &png).unwrap();
    }
    assert_eq!(png, page(&view).bytes(Paper::Png).unwrap());
    let mut reader = png::Decoder::new(std::io::Cursor::new(png))
        .read_info()
        .unwrap();
    let mut dots = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut dots).unwrap();
    assert_eq!((frame.width, frame.height), (1654, 2339));
    let dark = dots.iter().filter(|d| **d < 128).count();
    assert!(dark > 20_000 && dark < dots.len() / 8, "{dark} dark dots");
    assert_eq!(dots[0], 255, "paper is white");
}
