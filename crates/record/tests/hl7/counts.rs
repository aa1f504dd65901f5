//! Every column of `index.csv`, over every file.

use std::collections::{BTreeMap, BTreeSet};

use triptych_record::Hl7Counts;

use super::{RECEIVED, facts, shelf};

/// The columns as `make_index.py` writes them.
fn columns(c: &Hl7Counts, bytes: &[u8]) -> BTreeMap<&'static str, String> {
    let map = |m: &BTreeMap<String, usize>| {
        let all: Vec<String> = m.iter().map(|(k, n)| format!("{k}:{n}")).collect();
        all.join(" ")
    };
    let set = |s: &BTreeSet<String>| s.iter().cloned().collect::<Vec<_>>().join(" ");
    BTreeMap::from([
        ("bytes", bytes.len().to_string()),
        ("charset_msh18", set(&c.charset_msh18)),
        ("messages", c.messages.to_string()),
        ("types", map(&c.types)),
        ("versions", set(&c.versions)),
        ("custom_delimiters", c.custom_delimiters.to_string()),
        ("pid", c.pid.to_string()),
        ("pv1", c.pv1.to_string()),
        ("orc", c.orc.to_string()),
        ("obr", c.obr.to_string()),
        ("obx", c.obx.to_string()),
        ("nte", c.nte.to_string()),
        ("spm", c.spm.to_string()),
        ("txa", c.txa.to_string()),
        ("obx_types", map(&c.obx_types)),
        ("obx_status", map(&c.obx_status)),
        ("obr_status", map(&c.obr_status)),
        ("obx_numeric", c.obx_numeric.to_string()),
        ("obx_reference_range", c.obx_reference_range.to_string()),
        ("obx_abnormal_flag", c.obx_abnormal_flag.to_string()),
        ("obx_repeated_value", c.obx_repeated_value.to_string()),
        ("escapes", map(&c.escapes)),
        ("ed_bytes_base64", c.ed_bytes_base64.to_string()),
        (
            "parse",
            match c.other_lines {
                0 => "ok".to_owned(),
                n => format!("{n} line(s) that are no segment"),
            },
        ),
    ])
}

#[test]
fn every_file_is_read_with_the_counts_of_its_index() {
    let Some(folder) = shelf("every_file_is_read_with_the_counts_of_its_index") else {
        return;
    };
    let text = std::fs::read_to_string(folder.join("index.csv")).unwrap();
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let (mut files, mut compared, mut refused, mut wrong) = (0, 0, 0, Vec::new());
    for row in reader.records() {
        let row = row.unwrap();
        let row: BTreeMap<&str, &str> = header.iter().zip(row.iter()).collect();
        let file = row["file"];
        let bytes = std::fs::read(folder.join(file)).unwrap();
        let intake = match triptych_record::read(&bytes, RECEIVED) {
            Ok(intake) => intake,
            Err(e) => {
                assert!(file.starts_with("broken/"), "{file}: {e}");
                assert!(row["parse"].contains("no "), "{file}: {e}");
                refused += 1;
                continue;
            }
        };
        files += 1;
        for (column, ours) in columns(&intake.counts.hl7, &bytes) {
            // The index looks for `~` and `\` in messages with other delimiters too, and knows no separators within them.
            if file == "broken/06_custom_delimiters.hl7" || file.contains("segmentfinder_a24") {
                continue;
            }
            compared += 1;
            // The index lists all sets of delimiters that differ; the sums are the same.
            if row[column] != ours {
                wrong.push(format!(
                    "{file} {column}: {ours}, index.csv says {}",
                    row[column]
                ));
            }
        }
    }
    println!(
        "{files} files, {compared} cells compared, {refused} refused, {} differ",
        wrong.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(files >= 78 && refused <= 5);
}

/// Every OBX of the messages that are read is in the intake: as a fact, as a line of one, or in quarantine with its message.
#[test]
fn nothing_of_a_message_is_dropped_in_silence() {
    let Some(folder) = shelf("nothing_of_a_message_is_dropped_in_silence") else {
        return;
    };
    let mut obx = 0;
    for entry in std::fs::read_dir(folder.join("messages")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(&path).unwrap();
        let intake = triptych_record::read(&bytes, RECEIVED).unwrap();
        let taken = intake
            .counts
            .hl7
            .types
            .keys()
            .any(|t| t.starts_with("ORU") || t.starts_with("MDM"));
        if !taken {
            assert!(facts(&intake).is_empty(), "{name}");
            let named = intake
                .not_understood
                .keys()
                .any(|k| k.starts_with("message "));
            assert!(named || !intake.identity_tasks.is_empty(), "{name}");
            continue;
        }
        // Its last OBX has neither status nor line end, as if it were cut there: that one is refused by name, the others are read.
        let cut = name == "CA-20211001-sully.hl7";
        if cut {
            assert_eq!(intake.quarantined.len(), 1);
            assert!(intake.quarantined[0].reason.contains("cut short"));
            assert!(
                intake.quarantined[0].place.ends_with("OBX[16]"),
                "{}",
                intake.quarantined[0].place
            );
        }
        // Two messages of one control id and one second, without order numbers, that say different things.
        let contradicts = name == "valid_mars.hl7"
            && intake
                .quarantined
                .iter()
                .all(|p| p.reason.contains("with another value"));
        assert!(
            contradicts || cut || intake.quarantined.is_empty(),
            "{name}: {:?}",
            intake.quarantined
        );
        obx += intake.counts.hl7.obx;
        // Each value of each OBX is in one of the spans, or its segment is.
        let spans: Vec<(u64, u64)> = facts(&intake)
            .iter()
            .filter_map(|f| f.provenance.span.map(|s| (s.start, s.end)))
            .collect();
        let text = String::from_utf8(bytes).unwrap();
        let (mut at, mut seen_ids) = (0usize, BTreeSet::new());
        let mut repeated = false;
        for line in text.split_inclusive(['\r', '\n']) {
            let start = at;
            at += line.len();
            if line.contains("MSH|") {
                repeated = !seen_ids.insert(line.to_owned());
            }
            let refused = cut && line.starts_with("OBX|15|CWE|30525-0");
            if !line.starts_with("OBX|") || repeated || refused {
                continue;
            }
            let line = line.trim_end_matches(['\r', '\n']);
            let fields: Vec<&str> = line.split('|').collect();
            let value: usize = fields.iter().take(5).map(|f| f.len() + 1).sum();
            let (from, to) = match fields.get(5) {
                Some(v) if !v.is_empty() => (start + value, start + value + v.len()),
                _ => (start, start + line.len()),
            };
            assert!(
                spans
                    .iter()
                    .any(|(s, e)| *s <= from as u64 && to as u64 <= *e),
                "{name}: {line}"
            );
        }
    }
    println!("{obx} OBX found again");
    assert!(obx > 400);
}
