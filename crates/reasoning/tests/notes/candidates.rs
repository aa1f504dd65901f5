//! Facts that a text seems to state.

use triptych_clinical::Value;
use triptych_reasoning::notes::{Candidate, candidates, read, words};

fn propose(text: &str) -> Vec<Candidate> {
    candidates(text, &read(text))
}

/// Each candidate as `code value name=value …`.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let found: Vec<String> = propose(text).iter().map(line).collect();
    assert_eq!(found, expected, "{text}");
}

fn line(c: &Candidate) -> String {
    let mut out = c.code.to_owned();
    match &c.value {
        Value::Text(t) => out += &format!(" {t}"),
        Value::Coded(c) => out += &format!(" {}", c.code),
        Value::Quantity(q) => out += &format!(" {} {}", q.written, q.unit.as_deref().unwrap()),
        _ => {}
    }
    for (name, value) in &c.attrs {
        out += &format!(" {name}={value}");
    }
    if !c.categories.is_affirmed() {
        out += &format!(" ({})", c.categories);
    }
    out
}

#[test]
fn r27_a_lung_nodule_has_size_type_and_place() {
    check(
        "There is an 8 x 6 mm solid nodule in the right upper lobe.",
        &["tri:lung_nodule location=right upper lobe size_mm=7 type=solid"],
    );
    check(
        "A 1.2 cm part-solid pulmonary nodule in the lingula.",
        &["tri:lung_nodule location=lingula size_mm=12 type=part_solid"],
    );
    check(
        "Multiple ground-glass nodules in both lungs measuring up to 5 mm.",
        &["tri:lung_nodule count=multiple size_mm=5 type=ground_glass"],
    );
    check(
        "Lung nodule in the left lower lobe. It measures 7 mm.",
        &["tri:lung_nodule location=left lower lobe size_mm=7"],
    );
    check(
        "Nodule in the RUL now 9 mm, previously 6 mm.",
        &["tri:lung_nodule location=right upper lobe size_mm=9"],
    );
    check(
        "Incidental 4-6 mm perifissural pulmonary nodule.",
        &["tri:lung_nodule incidental=true perifissural=true size_mm=6"],
    );
    // Fine slices are no nodule.
    check(
        "Pulmonary nodule seen on 1 mm slices.",
        &["tri:lung_nodule"],
    );
}

#[test]
fn two_nodules_keep_their_own_sizes() {
    check(
        "6 mm ground-glass nodule in the RUL and a 4 mm solid nodule in the left lower lobe.",
        &[
            "tri:lung_nodule location=right upper lobe size_mm=6 type=ground_glass",
            "tri:lung_nodule location=left lower lobe size_mm=4 type=solid",
        ],
    );
}

#[test]
fn h_r08_denied_foreign_and_possible_future_findings_are_not_proposed() {
    for text in [
        "No pulmonary nodule.",
        "Family history: lung nodule in the mother.",
        "Her father had an abdominal aortic aneurysm of 5 cm.",
        "Return if polyuria develops.",
        "She denies polyuria and polydipsia.",
        "No ascites. No adrenal mass. No thyroid nodule.",
        "Husband smokes.",
        "A nodule of the left breast, 8 mm.",
        "Subcutaneous nodule of 8 mm.",
        "Heart failure and effusion.",
    ] {
        check(text, &[]);
    }
    check(
        "Possible 5 mm lung nodule.",
        &["tri:lung_nodule size_mm=5 (uncertain)"],
    );
}

#[test]
fn r28_to_r30_thyroid_adrenal_and_aorta() {
    check(
        "CT NECK\nFINDINGS: 18 mm nodule in the left thyroid lobe with microcalcifications.",
        &["tri:thyroid_nodule modality=CT size_mm=18 suspicious=true"],
    );
    check(
        "Left adrenal nodule measuring 2.3 x 1.8 cm, homogeneous, -5 HU on unenhanced images.",
        &["tri:adrenal_mass homogeneous=true hu=-5 side=left size_mm=23"],
    );
    check(
        "Heterogeneous 4.5 cm right adrenal mass, 45 HU on portal venous phase.",
        &["tri:adrenal_mass homogeneous=false side=right size_mm=45"],
    );
    check(
        "Infrarenal abdominal aortic aneurysm measuring 4.5 x 4.2 cm.",
        &["tri:aaa_diameter 4.5 cm"],
    );
    check(
        "The abdominal aorta measures 31 mm.",
        &["tri:aaa_diameter 31 mm"],
    );
    check("The abdominal aorta measures 19 mm.", &[]);
    check("Abdominal aortic aneurysm repair, sac 52 mm.", &[]);
    check("Ascending aortic aneurysm of 4.6 cm.", &[]);
}

#[test]
fn ascites_smoking_and_symptoms() {
    check("Small volume ascites.", &["tri:ascites mild"]);
    check("Tense ascites.", &["tri:ascites moderate"]);
    check("Ascites is present.", &["tri:ascites"]);
    check("He is an active smoker.", &["72166-2 77176002"]);
    check("Patient quit smoking at age 40.", &["72166-2 8517006"]);
    check("Patient has never smoked.", &["72166-2 266919005"]);
    check("Lifelong nonsmoker.", &["72166-2 266919005"]);
    check("Denies smoking.", &[]);
    check(
        "Polyuria and polydipsia with weight loss.",
        &["tri:hyperglycaemia_symptoms present symptoms=polydipsia, polyuria, weight-loss"],
    );
    check("Weight loss of 5 kg.", &[]);
}

#[test]
fn a_candidate_can_be_shown_and_remembered() {
    let text = "FINDINGS: A 7 mm lung nodule.\nIMPRESSION: A 7 mm lung nodule.";
    let found = propose(text);
    // Said twice, proposed once.
    let [only] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(words(text, only.span), "7 mm lung nodule");
    assert_eq!(words(text, only.sentence), "FINDINGS: A 7 mm lung nodule.");
    assert_eq!(
        only.text_hash,
        blake3::hash(text.as_bytes()).to_hex().to_string()
    );
    let other = propose("FINDINGS: A 7 mm lung nodule .");
    assert_ne!(only.key(), other.first().unwrap().key());
}
