//! Shipped packs load with their own tests, and every error of a broken pack is named with its place.
#![allow(clippy::unwrap_used, clippy::panic)]

use triptych_reasoning::pathways::{self, Decision, SHIPPED, load};

fn pack(id: &str) -> (&'static str, &'static str) {
    *SHIPPED.iter().find(|(f, _)| f.starts_with(id)).unwrap()
}

#[test]
fn shipped_packs_load_and_their_tests_pass() {
    let packs = pathways::shipped().unwrap_or_else(|e| {
        let lines: Vec<String> = e.iter().map(ToString::to_string).collect();
        panic!("{}", lines.join("\n"))
    });
    assert_eq!(packs.len(), SHIPPED.len());
    for pack in packs {
        assert!(pack.tests >= 6, "{}", pack.id);
        assert_eq!(pack.warnings, [], "{}", pack.id);
    }
}

#[test]
fn every_decision_has_coded_reasons_and_codes_are_unique() {
    let reasons = pathways::reasons().unwrap();
    let mut codes: Vec<&str> = reasons.iter().map(|r| r.code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), reasons.len());
    for decision in [Decision::Accept, Decision::Decline, Decision::Defer] {
        assert!(pathways::reasons_for(decision).len() >= 3, "{decision:?}");
    }
}

/// Breaks the shipped metformin pack in one place and expects exactly this error there.
#[track_caller]
fn broken(from: &str, to: &str, code: &str, place: &str) {
    let (file, text) = pack("metformin-kidney");
    assert!(text.contains(from), "{from}");
    let text = text.replacen(from, to, 1);
    let errors = load(file, &text, None).map(|p| p.name()).unwrap_err();
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert!(
        errors
            .iter()
            .any(|e| e.code == code && e.field.starts_with(place) && e.line > 1),
        "expected {code} at {place}, got\n{}",
        lines.join("\n")
    );
}

#[test]
fn p001_to_p017_each_error_is_named_with_code_and_place() {
    broken("id = \"metformin-kidney\"", "id = metformin", "P001", "");
    broken(
        "title = \"Metformin and kidney",
        "titel = \"Metformin and kidney",
        "P002",
        "pack.titel",
    );
    broken(
        "stale_after = \"14d\"\n",
        "",
        "P003",
        "node[0].option[0].stale_after",
    );
    broken(
        "reviewed_on = 2026-03-01",
        "reviewed_on = \"March\"",
        "P004",
        "pack.reviewed_on",
    );
    broken(
        "if = 'rule.R2.fires'",
        "if = 'rule.R2.fires and'",
        "P005",
        "node[0].option[1].for[0].if",
    );
    broken(
        "if = 'dose > 1000`mg/d`'",
        "if = 'dose > 1000'",
        "P006",
        "node[1].option[0].for[0].if",
    );
    broken(
        "if = 'dose > 1000`mg/d`'",
        "if = 'doses > 1000`mg/d`'",
        "P007",
        "node[1].option[0].for[0].if",
    );
    broken(
        "unit = \"ng/L\"",
        "unit = \"furlongs\"",
        "P008",
        "input[3].unit",
    );
    broken(
        "text = \"The radiology department's policy decides.\"",
        "text = \"This must be done.\"",
        "P010",
        "node[2].option[1].text",
    );
    broken(
        "title = \"Vitamin B12 level\"",
        &format!("title = \"{}\"", "B".repeat(81)),
        "P011",
        "node[3].option[0].title",
    );
    broken(
        "shown = [\"n3-contrast\"]",
        "shown = [\"n4-b12\"]",
        "P014",
        "test",
    );
    broken(
        "when = 'not known(b12)'",
        "when = 'false and contrast_planned'",
        "P015",
        "node[3].when",
    );
    broken(
        "source = \"kdigo2022\", section = \"acute illness\"",
        "source = \"kdigo\", section = \"acute illness\"",
        "P016",
        "node[0].option[1].evidence.source",
    );
    broken("lane = \"N\"", "lane = \"T\"", "P017", "pack.lane");
}

#[test]
fn p009_a_single_option_needs_the_source_that_leaves_but_one() {
    let (file, text) = pack("metformin-kidney");
    let start = text.rfind("[[node.option]]\nid = \"z-no-action\"").unwrap();
    let end = start + text[start..].find("# ----").unwrap();
    let cut = format!("{}{}", &text[..start], &text[end..]);
    let errors = load(file, &cut, None).unwrap_err();
    assert!(
        errors
            .iter()
            .any(|e| e.code == "P009" && e.field == "node[3].option"),
        "{errors:?}"
    );
}

#[test]
fn p006_names_both_units_and_points_into_the_expression() {
    let (file, text) = pack("iron-deficiency-anaemia");
    let text = text.replacen("hb >= 80`g/L`", "hb >= 80", 1);
    let errors = load(file, &text, None).unwrap_err();
    let error = errors.first().unwrap();
    assert_eq!(
        (error.code, error.message.as_str()),
        ("P006", "\"hb >= 80\" compares g/L with no unit")
    );
    let line = text.lines().nth(error.line - 1).unwrap();
    assert_eq!(&line[error.column - 1..error.column + 7], "hb >= 80");
}

#[test]
fn p012_a_pack_past_its_review_date_is_refused_at_a_release() {
    let (file, text) = pack("iron-deficiency-anaemia");
    assert!(load(file, text, Some("2027-03-01")).is_ok());
    let errors = load(file, text, Some("2027-03-02")).unwrap_err();
    assert_eq!(errors.first().map(|e| e.code), Some("P012"));
}

#[test]
fn all_errors_are_reported_not_only_the_first() {
    let (file, text) = pack("metformin-kidney");
    let text = text
        .replacen("lane = \"N\"", "lane = \"T\"", 1)
        .replacen("unit = \"ng/L\"", "unit = \"furlongs\"", 1)
        .replacen("kind = \"stop\"", "kind = \"order\"", 1);
    let errors = load(file, &text, None).unwrap_err();
    for code in ["P017", "P008", "P004"] {
        assert!(errors.iter().any(|e| e.code == code), "{code}: {errors:?}");
    }
}

#[test]
fn every_pack_of_the_folder_is_shipped_under_its_own_name() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/pathways");
    let mut files: Vec<String> = std::fs::read_dir(folder.as_path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "reasons.toml")
        .collect();
    files.sort_unstable();
    let mut errors = Vec::new();
    for name in &files {
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        match load(name, &text, None) {
            Ok(pack) => {
                assert_eq!(*name, format!("{}-{}.toml", pack.id, pack.version));
                errors.extend(pack.warnings.iter().map(ToString::to_string));
            }
            Err(e) => errors.extend(e.iter().map(ToString::to_string)),
        }
    }
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    let shipped: Vec<&str> = SHIPPED.iter().map(|(file, _)| *file).collect();
    assert_eq!(shipped, files);
}
