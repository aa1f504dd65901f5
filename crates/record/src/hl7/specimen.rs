//! What segments and comments say about the specimen. A flag acts without confirmation, because it only makes rules quieter.

use super::segments::Segment;
use super::value;

/// Flag and the words that set it (record-and-signals 5.4), lower case.
const WORDS: [(&str, &[&str]); 4] = [
    (
        "haemolysed",
        &[
            "haemolysed",
            "hemolyzed",
            "hemolysed",
            "haemolyzed",
            "haemolysis",
            "hemolysis",
        ],
    ),
    ("clotted", &["clotted", "clots", "clot", "coagulated"]),
    ("edta", &["edta", "k-edta", "k2edta", "k3edta"]),
    (
        "drip_arm",
        &["drip arm", "arm with drip", "drip-arm", "infusion arm"],
    ),
];

/// Flags of the comments to a result or its order.
pub(super) fn flags_of_text(text: &str, flags: &mut Vec<String>) {
    let words: Vec<String> = text
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric() && c != '-')
        .filter(|w| !w.is_empty())
        .map(str::to_owned)
        .collect();
    for (flag, expressions) in WORDS {
        let said = expressions.iter().any(|e| {
            let wanted: Vec<&str> = e.split(' ').collect();
            words
                .windows(wanted.len())
                .enumerate()
                .any(|(at, found)| found == wanted && !denied(&words, at))
        });
        if said {
            add(flags, flag);
        }
    }
}

/// "not", "no" or "without" among the three words before.
fn denied(words: &[String], at: usize) -> bool {
    words
        .get(at.saturating_sub(3)..at)
        .unwrap_or_default()
        .iter()
        .any(|w| {
            matches!(
                w.as_str(),
                "not" | "no" | "non" | "without" | "nicht" | "kein"
            )
        })
}

/// Flags of SPM-21 (reject reason, table 0490) and SPM-24 (condition, table 0493).
pub(super) fn flags_of_segment(spm: &Segment<'_>, flags: &mut Vec<String>) {
    for field in [21, 24] {
        for piece in spm.repetitions(field) {
            match spm.part(piece, 1).as_str() {
                "HEM" | "RH" => add(flags, "haemolysed"),
                "CLOT" | "RC" => add(flags, "clotted"),
                _ => flags_of_text(&value::concept(spm, piece).1, flags),
            }
        }
    }
}

fn add(flags: &mut Vec<String>, flag: &str) {
    if !flags.iter().any(|f| f == flag) {
        flags.push(flag.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_set_flags_unless_they_are_denied() {
        let flags = |text| {
            let mut flags = Vec::new();
            flags_of_text(text, &mut flags);
            flags.join(" ")
        };
        assert_eq!(flags("Sample grossly haemolysed; repeat."), "haemolysed");
        assert_eq!(flags("Hemolyzed, EDTA contamination?"), "haemolysed edta");
        assert_eq!(flags("taken from the drip arm"), "drip_arm");
        assert_eq!(flags("Specimen not haemolysed"), "");
        assert_eq!(flags("no clots seen"), "");
        assert_eq!(flags("unclotted"), "");
    }
}
