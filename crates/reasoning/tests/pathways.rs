//! Shipped packs load with their own tests, and every error of a broken pack is named with its place.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test writes the page again when it is told to"
)]

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

/// `TRIPTYCH_WRITE_DOCS=1 cargo test -p triptych-reasoning --test pathways` writes the page again.
#[test]
fn the_page_in_docs_is_what_the_packs_say() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/PATHWAYS.md");
    let page = pathways::manual(pathways::shipped().unwrap());
    if std::env::var_os("TRIPTYCH_WRITE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap();
    let first = written.lines().zip(page.lines()).find(|(a, b)| a != b);
    assert!(
        written == page,
        "docs/PATHWAYS.md is out of date: set TRIPTYCH_WRITE_DOCS=1 and run this test again; first difference: {first:?}"
    );
}

/// Breaks a pack and expects a code, wherever it is reported.
#[track_caller]
fn refused(id: &str, from: &str, to: &str, code: &str, field: &str) {
    let (file, text) = pack(id);
    assert!(text.contains(from), "{from}");
    let errors = load(file, &text.replacen(from, to, 1), None)
        .map(|p| p.name())
        .unwrap_err();
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert!(
        errors.iter().any(|e| e.code == code && e.field == field),
        "expected {code} at {field}, got\n{}",
        lines.join("\n")
    );
}

#[test]
fn p003_lists_that_the_schema_requires_may_not_be_absent_or_empty() {
    let iron = "iron-deficiency-anaemia";
    refused(
        iron,
        "jurisdictions = [\"UK\", \"US\", \"EU\"]\n",
        "",
        "P003",
        "pack.jurisdictions",
    );
    refused(
        iron,
        "jurisdictions = [\"UK\", \"US\", \"EU\"]",
        "jurisdictions = []",
        "P003",
        "pack.jurisdictions",
    );
    refused(
        iron,
        "[test.expect]\napplies = \"false\"\nshown = []",
        "expect = {}",
        "P003",
        "test[2].expect",
    );
}

#[test]
fn p004_names_are_given_once_and_mean_nothing_else() {
    let iron = "iron-deficiency-anaemia";
    refused(
        iron,
        "id = \"b-endoscopy\"",
        "id = \"a-coeliac\"",
        "P004",
        "node[0].option[1].id",
    );
    refused(
        iron,
        "id = \"n2-replace\"",
        "id = \"n1-cause\"",
        "P004",
        "node[1].id",
    );
    refused(
        iron,
        "key = \"aga2020\"",
        "key = \"bsg2021\"",
        "P004",
        "source[1].key",
    );
    refused(
        iron,
        "name = \"coeliac\"",
        "name = \"hb\"",
        "P004",
        "input[2].name",
    );
    refused(
        iron,
        "name = \"coeliac\"",
        "name = \"between\"",
        "P004",
        "input[2].name",
    );
    refused(
        iron,
        "name = \"coeliac\"",
        "name = \"count\"",
        "P004",
        "input[2].name",
    );
}

#[test]
fn p004_a_follow_up_ends_after_it_begins_and_a_medicine_has_no_window() {
    let iron = "iron-deficiency-anaemia";
    refused(
        iron,
        "after = \"2w\", before = \"4w\"",
        "after = \"5w\", before = \"4w\"",
        "P004",
        "node[1].option[0].follow_up.before",
    );
    refused(
        iron,
        "from = \"med:atc:B03AA.days_active\"",
        "from = \"med:atc:B03AA.days_active\"\nwindow = \"5d\"",
        "P004",
        "input[5].window",
    );
}

#[test]
fn p002_a_reason_has_no_source_of_its_own_and_tests_are_read_strictly() {
    let iron = "iron-deficiency-anaemia";
    refused(
        iron,
        "say = \"no coeliac serology found in 5 years\" }",
        "say = \"no serology\", source = \"bsg2021\" }",
        "P002",
        "node[0].option[0].for[0].source",
    );
    refused(
        iron,
        "patient = { sex = \"male\", birthDate = \"1966-01-15\" }",
        "pateint = { sex = \"male\" }",
        "P004",
        "test[0]",
    );
}

#[test]
fn p003_if_unknown_needs_its_justification() {
    refused(
        "suspected-pulmonary-embolism",
        "# closed-world:",
        "# a comment:",
        "P003",
        "pack.applies",
    );
}

#[test]
fn p008_a_unit_that_depends_on_the_code_cannot_be_declared() {
    refused(
        "community-acquired-pneumonia",
        "name = \"urea\"\ntype = \"num\"\nunit = \"mmol/L\"",
        "name = \"urea\"\ntype = \"num\"\nunit = \"mg/dL\"",
        "P008",
        "input[2].from",
    );
}

#[test]
fn p011_limits_of_the_file_and_of_an_expression() {
    let (file, text) = pack("iron-deficiency-anaemia");
    let long = format!("{text}\n# {}", "x".repeat(256 * 1024));
    assert_eq!(load(file, &long, None).unwrap_err()[0].code, "P011");
    let deep = format!("when = '{}true{}'", "(".repeat(13), ")".repeat(13));
    refused(
        "iron-deficiency-anaemia",
        "when = 'rule.R16.fires'",
        &deep,
        "P005",
        "node[0].when",
    );
    let wide = format!("when = '{}true'", "true or ".repeat(50));
    refused(
        "iron-deficiency-anaemia",
        "when = 'rule.R16.fires'",
        &wide,
        "P005",
        "node[0].when",
    );
}

#[test]
fn w101_and_w102_warn_and_the_pack_still_loads() {
    let (file, text) = pack("metformin-kidney");
    let from = "against = [{ if = 'active(\"med:atc:B03BA\")', say = \"vitamin B12 is already replaced\" }]\n";
    assert!(text.contains(from));
    let one = load(file, &text.replacen(from, "", 1), None).unwrap();
    assert!(
        one.warnings
            .iter()
            .any(|w| w.code == "W101" && w.field == "node[3].option[0].against")
    );
    let none = "kind = \"none\"\nfor = [{ if = 'dose <= 1000";
    assert!(text.contains(none));
    let treat = "kind = \"treat\"\nfollow_up = { what = \"eGFR\", after = \"2w\", before = \"4w\" }\nfor = [{ if = 'dose <= 1000";
    let cut = text.replacen(none, treat, 1);
    let two = load(file, &cut, None).unwrap();
    assert!(
        two.warnings
            .iter()
            .any(|w| w.code == "W102" && w.field == "node[1].option")
    );
}

/// The known flaw: questions stood there for people about whom nothing was recorded.
#[test]
fn d_10_without_anything_recorded_no_pack_says_a_word() {
    use triptych_reasoning::chart::{Chart, Person};
    let at = "2026-03-01T08:00:00Z";
    let at = triptych_clinical::When::parse(at).unwrap().instant;
    let chart = Chart::new(Person::default(), at, Vec::new());
    let evaluation =
        triptych_reasoning::evaluate_chart(chart, &triptych_reasoning::Settings::default());
    let views = pathways::views(pathways::shipped().unwrap(), &evaluation);
    let said: Vec<&str> = views.iter().map(|v| v.id.as_str()).collect();
    assert!(said.is_empty(), "{said:?}");
}

#[test]
fn d_10_a_pack_that_cannot_tell_is_one_line() {
    let (file, text) = pack("iron-deficiency-anaemia");
    let loaded = load(file, text, None).unwrap();
    let at = triptych_clinical::When::parse("2026-03-01T08:00:00Z")
        .unwrap()
        .instant;
    let lab = |code: &str, value: f64, unit: &str| triptych_reasoning::chart::Datum {
        fact: None,
        key: code.into(),
        kind: triptych_reasoning::chart::Kind::Observation,
        codes: [triptych_clinical::Coding::new(
            triptych_clinical::CodeSystem::Loinc,
            code,
        )]
        .into(),
        display: "".into(),
        value: triptych_reasoning::chart::Reported::Number {
            value,
            comparator: None,
            unit: Some(unit.into()),
            written: value.to_string().into(),
        },
        answer: None,
        reference: None,
        time: triptych_clinical::When::parse("2026-02-25T08:00:00Z").unwrap(),
        recorded: at,
        version: 1,
        status: triptych_clinical::Status::Final,
        end: None,
        flags: Vec::new().into(),
        method: None,
        unconfirmed: false,
        origin: triptych_clinical::Origin::Structured,
        attrs: std::collections::BTreeMap::new().into(),
    };
    let person = triptych_reasoning::chart::Person {
        sex: Some(triptych_reasoning::chart::EquationSex::Female),
        birth: Some(triptych_clinical::When::parse("1986-01-15").unwrap()),
        death: None,
    };
    let chart = triptych_reasoning::chart::Chart::new(
        person,
        at,
        vec![lab("718-7", 100.0, "g/L"), lab("787-2", 72.0, "fL")],
    );
    let evaluation =
        triptych_reasoning::evaluate_chart(chart, &triptych_reasoning::Settings::default());
    let view = loaded.view(&evaluation).unwrap();
    assert!(view.nodes.is_empty());
    let line = view.cannot_tell_line().unwrap();
    assert!(line.starts_with("Iron deficiency with anaemia: its cause, and replacing iron: cannot tell, needs Ferritin"), "{line}");
}
