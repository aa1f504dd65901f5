//! D-36 on real records: as of a time nothing is said that was not known then.

use serde_json::Value;

use crate::support::{Home, shelf};

/// Fields that speak of the future by their nature: what is due, until when a source holds, the index time itself.
const AHEAD: [&str; 8] = [
    "valid_until",
    "due",
    "at",
    "when",
    "citation",
    "sources",
    "thresholds",
    "follow_up",
];

/// Every ISO date of a document, with the words that it stands in.
fn dates(value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            let said = fields.iter().filter(|(k, _)| !AHEAD.contains(&k.as_str()));
            said.for_each(|(_, v)| dates(v, found));
        }
        Value::Array(all) => all.iter().for_each(|v| dates(v, found)),
        Value::String(words) => {
            let is_date = |w: &&str| {
                let shape: String = w
                    .chars()
                    .map(|c| if c.is_ascii_digit() { '0' } else { c })
                    .collect();
                shape == "0000-00-00"
            };
            let parts = words.split(|c: char| !c.is_ascii_digit() && c != '-');
            let all = parts.filter(is_date);
            found.extend(all.map(|d| (d.to_owned(), words.clone())));
        }
        _ => {}
    }
}

/// `show --at` and `analyze --at` at ten times along two lives: no date after the index time, and the later the time the more is known.
#[test]
fn d_36_at_ten_times_of_a_real_record_nothing_later_is_said() {
    let Some(shelf) = shelf("d_36_at_ten_times_of_a_real_record_nothing_later_is_said") else {
        return;
    };
    let folder = shelf.join("data/fhir/patients");
    for (name, first, last) in [("Dirk_Kuhlman", 2011, 2021), ("Gilbert_Wunsch", 2003, 2013)] {
        let home = Home::new();
        let mut files = std::fs::read_dir(&folder)
            .unwrap()
            .map(|e| e.unwrap().path());
        let is_it = |p: &std::path::PathBuf| p.to_string_lossy().contains(name);
        let file = files.find(is_it).expect(name);
        assert_eq!(home.run(&["import", file.to_str().unwrap()]).code, Some(0));
        let mut said_before = 0;
        let mut said_first = None;
        for year in first..last {
            let at = format!("{year}-06-30");
            let mut said = 0;
            for command in ["show", "analyze"] {
                let (code, document) = home.json(&[command, "1", "--at", &at]);
                assert_eq!(code, Some(0), "{command} {at}");
                let mut all = Vec::new();
                dates(&document, &mut all);
                let later = all.iter().find(|(date, _)| *date > at);
                assert_eq!(later, None, "{name}: {command} --at {at}");
                said += all.len();
            }
            said_first.get_or_insert(said);
            said_before = said;
        }
        // The record grows, or the test looks at nothing.
        assert!(
            said_before > 2 * said_first.unwrap().max(1),
            "{name}: {said_first:?} to {said_before} dates"
        );
    }
}
