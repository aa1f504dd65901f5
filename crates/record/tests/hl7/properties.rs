//! What must hold for any bytes and any order of messages.

use std::collections::BTreeMap;

use proptest::prelude::*;
use triptych_clinical::FactId;
use triptych_record::{Fact, Intake, read};

use super::{RECEIVED, facts, message, read_text, results, shelf};

/// Real messages, small ones first.
fn real() -> Vec<(String, Vec<u8>)> {
    let Some(folder) = shelf("properties of real messages") else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for below in ["messages", "obx_value_types", "broken"] {
        for entry in std::fs::read_dir(folder.join(below)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.display().to_string();
            if !name.contains("very_long") && !name.ends_with(".md") {
                all.push((name, std::fs::read(path).unwrap()));
            }
        }
    }
    all.sort_by_key(|(name, bytes)| (bytes.len(), name.clone()));
    all
}

/// Every span lies in the document, begins and ends at the delimiters of a field or a segment, and is not empty where there is a value.
fn check_spans(intake: &Intake, bytes: &[u8]) {
    for fact in facts(intake) {
        let span = fact.provenance.span.unwrap();
        let (start, end) = (
            usize::try_from(span.start).unwrap(),
            usize::try_from(span.end).unwrap(),
        );
        assert!(start <= end && end <= bytes.len(), "{span:?}");
        if let Some(q) = fact.quantity() {
            let raw = String::from_utf8_lossy(&bytes[start..end]);
            assert!(
                raw.replace('^', "").contains(q.written.as_str()),
                "{raw} is not {}",
                q.written
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_after_a_header_are_read_or_refused(tail in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut bytes = b"MSH|^~\\&|LAB|SITE|||20240305080000||ORU^R01|1|P|2.5\rPID|1||1^^^X^MR\rOBR|1||A|B\rOBX|1|".to_vec();
        bytes.extend_from_slice(&tail);
        if let Ok(intake) = read(&bytes, RECEIVED) {
            check_spans(&intake, &bytes);
        }
        let _ = read(&tail, RECEIVED);
    }

    #[test]
    fn marks_in_any_order_are_read_or_refused(text in r"MSH[|^~\\&#A-Z0-9\r\n]{0,40}(\r(PID|OBR|OBX|NTE|SPM|TXA|MRG)[|^~\\&<>.,0-9A-Z\u{80}-\u{900}-]{0,60}){0,8}") {
        if let Ok(intake) = read_text(&text) {
            check_spans(&intake, text.as_bytes());
        }
    }
}

/// Real messages with bytes changed, cut and repeated, by a generator with a fixed seed.
#[test]
fn mutated_real_messages_never_panic() {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below.max(1)
    };
    let marks = b"|^~\\&\r\n\x0b\x1c\"<>-.,0\xff\xc3\xfe";
    let mut read_all = 0;
    for (_, original) in real().into_iter().filter(|(_, b)| b.len() < 12_000) {
        for _ in 0..40 {
            let mut bytes = original.clone();
            for _ in 0..=next(12) {
                if bytes.is_empty() {
                    break;
                }
                let at = next(bytes.len());
                match next(4) {
                    0 => bytes[at] = marks[next(marks.len())],
                    1 => bytes.truncate(at),
                    2 => {
                        let end = (at + next(80)).min(bytes.len());
                        bytes.drain(at..end);
                    }
                    _ => {
                        let end = (at + next(80)).min(bytes.len());
                        let part = bytes[at..end].to_vec();
                        let to = next(bytes.len());
                        bytes.splice(to..to, part);
                    }
                }
            }
            if let Ok(intake) = read(&bytes, RECEIVED) {
                check_spans(&intake, &bytes);
                read_all += 1;
            }
        }
    }
    println!("{read_all} mutated messages read");
}

#[test]
fn spans_of_real_messages_hold_the_raw_value() {
    for (_, bytes) in real() {
        if let Ok(intake) = read(&bytes, RECEIVED) {
            check_spans(&intake, &bytes);
        }
    }
}

/// Of each datum the version that counts, without where it stood.
fn visible(intake: &Intake) -> BTreeMap<FactId, Fact> {
    let mut seen: BTreeMap<FactId, Fact> = BTreeMap::new();
    for fact in facts(intake) {
        let mut plain = fact.clone();
        plain.provenance = facts(intake)[0].provenance.clone();
        if seen
            .get(&fact.id)
            .is_none_or(|known| known.version < fact.version)
        {
            seen.insert(fact.id, plain);
        }
    }
    seen
}

fn shown(intake: &Intake) -> BTreeMap<FactId, String> {
    visible(intake)
        .into_iter()
        .map(|(id, mut f)| {
            f.provenance.document = triptych_clinical::DocumentHash([0; 32]);
            f.provenance.path.clear();
            f.provenance.span = None;
            (id, format!("{f:?}"))
        })
        .collect()
}

#[test]
fn i_01_a_file_read_twice_or_doubled_gives_the_same_facts() {
    for (name, bytes) in real() {
        let Ok(once) = read(&bytes, RECEIVED) else {
            continue;
        };
        assert_eq!(read(&bytes, RECEIVED).unwrap(), once, "{name}");
        if !bytes.ends_with(b"\n") && !bytes.ends_with(b"\r") {
            continue;
        }
        let doubled = read(&[bytes.clone(), bytes].concat(), RECEIVED).unwrap();
        assert_eq!(shown(&doubled), shown(&once), "{name}");
        assert_eq!(facts(&doubled).len(), facts(&once).len(), "{name}");
    }
}

/// Messages on one potassium and its neighbours: stages of life, times and control ids that all differ in one way or another.
fn life() -> Vec<String> {
    let order = "OBR|1||A-77|24323-8^CMP^LN|||20240305071500|||||||||||||||20240305075500|||F";
    let obx = |value: &str, status: &str, sub: &str| {
        format!(
            "OBX|1|NM|2823-3^Potassium^LN|{sub}|{value}|mmol/L|3.5-5.1||||{status}|||20240305071500"
        )
    };
    let make = |id: &str, sent: &str, value: &str, status: &str| {
        message(
            id,
            sent,
            &[order, &obx(value, status, ""), &obx("1.0", "F", "2")],
        )
    };
    vec![
        make("M-1", "20240305080000", "6.9", "P"),
        make("M-2", "20240305080000", "6.8", "F"),
        make("M-3", "20240305080000", "3.9", "C"),
        make("M-4", "20240305090000", "4.0", "C"),
        make("M-5", "20240305100000", "\"\"", "D"),
        make("M-6", "20240305093000", "4.1", "F"),
        make("M-6", "20240305093000", "4.2", "F"),
    ]
}

#[test]
fn i_02_any_order_of_messages_gives_the_same_visible_facts() {
    let messages = life();
    let expected = shown(&read_text(&messages.concat()).unwrap());
    let mut order: Vec<usize> = (0..messages.len()).collect();
    let mut permutations = 0;
    // Heap's algorithm.
    let mut counters = vec![0; order.len()];
    let mut i = 0;
    while i < order.len() {
        if counters[i] < i {
            order.swap(if i % 2 == 0 { 0 } else { counters[i] }, i);
            let text: String = order.iter().map(|n| messages[*n].as_str()).collect();
            assert_eq!(shown(&read_text(&text).unwrap()), expected, "{order:?}");
            permutations += 1;
            counters[i] += 1;
            i = 0;
        } else {
            counters[i] = 0;
            i += 1;
        }
    }
    assert_eq!(permutations, 5039);
}

#[test]
fn i_03_a_file_a_message_gives_the_same_data_as_one_file_of_all() {
    let messages = life();
    let together = read_text(&messages.concat()).unwrap();
    let apart: Vec<FactId> = messages
        .iter()
        .flat_map(|m| {
            facts(&read_text(m).unwrap())
                .iter()
                .map(|f| f.id)
                .collect::<Vec<_>>()
        })
        .collect();
    let ids: std::collections::BTreeSet<FactId> = apart.into_iter().collect();
    assert_eq!(ids, visible(&together).into_keys().collect());
    // What the archive orders versions by tells the stages of a second apart.
    let times: Vec<i64> = messages[..3]
        .iter()
        .map(|m| results(&read_text(m).unwrap())[0].available.instant.0)
        .collect();
    assert!(times[0] <= times[1] && times[1] < times[2]);
}

#[test]
fn five_megabytes_are_read_in_bounded_time() {
    let obx: Vec<String> = (0..200)
        .map(|i| {
            format!("OBX|{i}|NM|2160-0^Creatinine^LN|{i}|1.10|mg/dL|0.5-1.1|H|||F|||20240305071500")
        })
        .collect();
    let obx: Vec<&str> = obx.iter().map(String::as_str).collect();
    let text: String = (0..300)
        .map(|i| {
            let obr = format!("OBR|1||A-{i}|24323-8^CMP^LN|||20240305071500");
            message(
                &format!("M-{i}"),
                "20240305080000",
                &[&[obr.as_str()], &obx[..]].concat(),
            )
        })
        .collect();
    let start = std::time::Instant::now();
    let intake = read_text(&text).unwrap();
    let took = start.elapsed();
    println!(
        "{} bytes, {} facts in {took:?}",
        text.len(),
        facts(&intake).len()
    );
    assert_eq!(results(&intake).len(), 60_000);
    assert!(took < std::time::Duration::from_secs(60), "{took:?}");
    // One line without end costs no more than its bytes.
    let long = message(
        "M",
        "20240305080000",
        &[
            "OBR|1||A|B",
            &format!("OBX|1|TX|^N||{}||||||F", "\\".repeat(1_000_000)),
        ],
    );
    let start = std::time::Instant::now();
    assert!(read_text(&long).is_ok());
    assert!(start.elapsed() < std::time::Duration::from_secs(30));
}
