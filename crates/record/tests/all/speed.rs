//! Size and time.

use std::time::{Duration, Instant};

/// A Bundle of 10 MB is read well under a second on an idle machine; the bound here only catches a wrong order of growth on a busy one.
#[test]
fn par_03_ten_megabytes_are_read_in_bounded_time() {
    let patient = r#"{"resource":{"resourceType":"Patient","id":"p","identifier":[{"system":"urn:x","value":"1"}]}}"#;
    let observation = |i: usize| {
        format!(
            r#",{{"fullUrl":"urn:uuid:{i:032}","resource":{{"resourceType":"Observation","id":"o{i}","status":"final","category":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}}]}}],"code":{{"coding":[{{"system":"http://loinc.org","code":"2160-0","display":"Creatinine"}}],"text":"Creatinine"}},"subject":{{"reference":"Patient/p"}},"effectiveDateTime":"2020-01-01T08:00:00Z","issued":"2020-01-01T11:00:00Z","valueQuantity":{{"value":1.10,"unit":"mg/dL","system":"http://unitsofmeasure.org","code":"mg/dL"}}}}}}"#
        )
    };
    let entries: String = (0..20_000).map(observation).collect();
    let text =
        format!(r#"{{"resourceType":"Bundle","type":"collection","entry":[{patient}{entries}]}}"#);
    let start = Instant::now();
    let intake = triptych_record::read(text.as_bytes(), super::RECEIVED).unwrap();
    let took = start.elapsed();
    println!("{} bytes in {took:?}", text.len());
    assert!(text.len() > 10_000_000);
    assert_eq!(intake.patients[0].facts.len(), 20_000);
    assert!(took < Duration::from_secs(30), "{took:?}");
}
