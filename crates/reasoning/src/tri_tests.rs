use super::*;
use crate::rules;
use triptych_clinical::Quantity;

fn attrs(given: &[(&str, &str)]) -> BTreeMap<String, String> {
    given
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect()
}

fn quantity(value: f64, unit: &str) -> Value {
    Value::Quantity(Quantity {
        value,
        written: value.to_string().into(),
        comparator: None,
        unit: Some(unit.to_owned().into()),
        unit_text: None,
    })
}

#[track_caller]
fn check(code: &str, given: &[(&str, &str)], expected: &str) {
    let got = validate(code, &attrs(given)).map_or_else(|e| e.to_string(), |()| String::new());
    assert_eq!(got, expected, "{code} {given:?}");
}

#[test]
fn an_entry_is_checked_attribute_by_attribute() {
    check(
        "lung_nodule",
        &[("type", "solid"), ("size_mm", "7.5"), ("risk", "high")],
        "",
    );
    check(
        "lung_nodule",
        &[("type", "solid")],
        "tri:lung_nodule needs size_mm",
    );
    check(
        "lung_nodule",
        &[("type", "calcified"), ("size_mm", "7")],
        "type of tri:lung_nodule is \"calcified\"; expected one of solid, part_solid, ground_glass",
    );
    check(
        "lung_nodule",
        &[("type", "solid"), ("size_mm", "700")],
        "size_mm of tri:lung_nodule is \"700\"; expected a number from 0.5 to 200",
    );
    check(
        "lung_nodule",
        &[("type", "solid"), ("size_mm", "NaN")],
        "size_mm of tri:lung_nodule is \"NaN\"; expected a number from 0.5 to 200",
    );
    check(
        "lung_nodule",
        &[("colour", "red"), ("type", "solid"), ("size_mm", "7")],
        "tri:lung_nodule has no attribute colour",
    );
    check(
        "adrenal_mass",
        &[("size_mm", "20"), ("homogeneous", "yes")],
        "homogeneous of tri:adrenal_mass is \"yes\"; expected true or false",
    );
    check(
        "nodule_measure",
        &[("track", "n1"), ("method", "v1")],
        "tri:nodule_measure needs volume_mm3 or diameter_mm",
    );
    check(
        "nodule_measure",
        &[("track", "n1"), ("diameter_mm", "6")],
        "",
    );
    check(
        "loop_closed",
        &[("target", "rec1"), ("reason", "  ")],
        "reason of tri:loop_closed is \"  \"; expected text of at most 400 characters",
    );
    check(
        "loop_closed",
        &[("target", "rec1")],
        "tri:loop_closed needs reason",
    );
    check(
        "recommendation",
        &[("region", "chest")],
        "tri:recommendation needs modality",
    );
    check("nodules", &[], "tri:nodules is not a code of this program");
}

#[test]
fn a_value_is_checked_with_its_unit() {
    let ok = |code, value: &Value| validate_value(code, value).is_ok();
    assert!(ok("aaa_diameter", &quantity(45.0, "mm")));
    assert!(ok("aaa_diameter", &quantity(4.5, "cm")));
    assert!(!ok("aaa_diameter", &quantity(45.0, "cm")));
    assert!(!ok("aaa_diameter", &quantity(45.0, "in")));
    assert!(!ok("aaa_diameter", &Value::None));
    assert!(ok("oxygen", &Value::Text("air".to_owned())));
    assert!(!ok("oxygen", &Value::Text("2 L".to_owned())));
    assert!(ok("lung_nodule", &Value::None));
    let error = validate_value("dst_cortisol", &quantity(1.8, "ug/dL")).map_err(|e| e.to_string());
    assert_eq!(
        error,
        Err("value of tri:dst_cortisol is \"1.8 ug/dL\"; expected a number from 1 to 3000 nmol/L, in nmol/L".to_owned())
    );
}

#[test]
fn the_table_has_every_code_of_the_specification_once() {
    let mut codes: Vec<&str> = CODES.iter().map(|c| c.code).collect();
    assert_eq!(codes.len(), 21);
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), 21);
    for code in CODES {
        let mut names: Vec<&str> = code.attrs.iter().map(|a| a.name).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all, "{}", code.code);
        for rule in code.rules {
            let number: u32 = rule[1..].parse().unwrap();
            assert!((1..=32).contains(&number), "{rule}");
            assert!(
                number < 17 || rules::by_id(rule).is_some(),
                "{rule} is built"
            );
        }
    }
}
