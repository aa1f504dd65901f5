#![allow(clippy::unwrap_used)]
use proptest::prelude::*;

use super::*;

#[track_caller]
fn check_fault(text: &str, offset: usize, words: &str) {
    let fault = value(text).unwrap_err();
    assert!(
        fault.offset == offset && fault.reason.contains(words),
        "{text:?}: {fault:?}"
    );
}

#[test]
fn par_11_what_is_not_json_is_refused_with_its_place() {
    check_fault("", 0, "the end of the document");
    check_fault("{\"a\":1,}", 7, "comma before '}'");
    check_fault("[1 2]", 3, "expected ',' or ']'");
    check_fault("{a:1}", 1, "key in double quotes");
    check_fault("[NaN]", 1, "a word without quotes");
    check_fault("[nullx]", 1, "a word without quotes");
    check_fault("{\"a\":1,\"a\":2}", 7, "\"a\" is there twice");
    check_fault("[01]", 2, "runs into");
    check_fault("[1.]", 3, "after its point");
    check_fault("[1e]", 3, "exponent");
    check_fault("[-]", 2, "without digits");
    check_fault("\"abc", 4, "does not end");
    check_fault("\"a\nb\"", 2, "control character");
    check_fault("\"\\ud800\"", 7, "surrogate");
    check_fault("\"\\x\"", 3, "escape");
    check_fault("{} {}", 3, "after the end");
    check_fault("/* c */ 1", 0, "found '/'");
}

#[test]
fn par_11_a_repeated_key_is_found_among_many() {
    let keys: Vec<String> = (0..100).map(|i| format!("\"k{i}\":{i}")).collect();
    assert!(value(&format!("{{{}}}", keys.join(","))).is_ok());
    let repeated = format!("{{{},\"k7\":0}}", keys.join(","));
    assert!(value(&repeated).unwrap_err().reason.contains("\"k7\""));
}

/// PAR-02: nesting beyond the limit is an error with an offset, on a small stack too, never a stack overflow.
#[test]
fn par_02_deep_nesting_is_refused_with_an_offset() {
    let work = || {
        for depth in [129usize, 1_000, 200_000] {
            for open in ["[", "{\"a\":"] {
                let text = open.repeat(depth);
                let fault = value(&text).unwrap_err();
                assert_eq!(fault.offset, 128 * open.len());
                let fault = document(&format!("{{\"a\":{text}"), &mut |_, _, _| {}).unwrap_err();
                assert_eq!(fault.offset, 5 + 127 * open.len());
                let fault =
                    document(&format!("{{\"entry\":[{text}"), &mut |_, _, _| {}).unwrap_err();
                assert_eq!(fault.offset, 10 + 126 * open.len());
            }
        }
        let deepest = format!("{}{}", "[".repeat(128), "]".repeat(128));
        assert!(value(&deepest).is_ok());
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(work);
    assert!(thread.unwrap().join().is_ok());
}

/// PAR-03: many values of a few bytes each are refused before memory follows them.
#[test]
fn par_03_the_number_of_values_is_limited() {
    let many = format!("[{}0]", "0,".repeat(MAX_VALUES as usize));
    assert!(
        value(&many)
            .unwrap_err()
            .reason
            .contains("values in one resource")
    );
    // The limit is for one resource, not for the document.
    let entry = format!("[{}0]", "0,".repeat(MAX_VALUES as usize / 2));
    let bundle = format!("{{\"entry\":[{entry},{entry},{entry}]}}");
    let mut entries = 0;
    assert!(document(&bundle, &mut |_, _, _| entries += 1).is_ok());
    assert_eq!(entries, 3);
}

/// Ours and serde_json's, as far as serde_json can say it.
fn same(ours: &Json<'_>, theirs: &serde_json::Value) -> bool {
    use serde_json::Value;
    match (ours, theirs) {
        (Json::Null, Value::Null) => true,
        (Json::Bool(a), Value::Bool(b)) => a == b,
        (Json::Number(a), Value::Number(b)) => a.parse::<f64>().ok() == b.as_f64(),
        (Json::Text(a), Value::String(b)) => a == b,
        (Json::List(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Json::Object(a), Value::Object(b)) => {
            a.members.len() == b.len()
                && a.members
                    .iter()
                    .all(|(k, v)| b.get(k.as_ref()).is_some_and(|b| same(v, b)))
        }
        _ => false,
    }
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        (-1e9f64..1e9).prop_map(Into::into),
        "\\PC{0,12}".prop_map(Into::into),
        ".{0,12}".prop_map(Into::into),
    ];
    leaf.prop_recursive(5, 60, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Into::into),
            prop::collection::btree_map(".{0,6}", inner, 0..8)
                .prop_map(|m| serde_json::Value::Object(m.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_another_implementation_wrote_is_read_the_same(json in any_json()) {
        for text in [serde_json::to_string(&json).unwrap(), serde_json::to_string_pretty(&json).unwrap()] {
            prop_assert!(same(&value(&text).unwrap(), &json), "{text}");
        }
    }

    #[test]
    fn par_13_what_another_implementation_refuses_is_refused(text in "[\\[\\]{}\":,0-9.eE+\\-a-z\\\\ ]{0,40}") {
        let ours = value(&text);
        let theirs = serde_json::from_str::<serde_json::Value>(&text);
        // serde_json takes repeated keys and refuses numbers beyond f64; everything else is the same language.
        match (&ours, &theirs) {
            (Ok(ours), Ok(theirs)) => prop_assert!(same(ours, theirs)),
            (Err(fault), Ok(_)) => prop_assert!(fault.reason.contains("twice"), "{text}: {fault:?}"),
            (Ok(_), Err(error)) => prop_assert!(error.to_string().contains("out of range"), "{text}: {error}"),
            (Err(_), Err(_)) => {}
        }
    }
}
