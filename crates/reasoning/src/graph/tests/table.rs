//! The shipped table, and what the loader says of a wrong one.

use crate::graph::*;

/// Result keys of the rule vectors (rules/schema.md), and the keys that every outcome has.
static KEYS: &[(&str, &[&str])] = &[
    ("R1", &["egfr", "equation", "category", "egfr_cr"]),
    (
        "R2",
        &[
            "stage",
            "ratio",
            "delta48h_mg_dl",
            "baseline_mg_dl",
            "baseline_source",
        ],
    ),
    ("R3", &["ckd", "G", "egfr", "A", "risk"]),
    ("R4", &["risk5y_pct", "risk2y_pct", "calibration"]),
    ("R5", &["potassium", "raising_drugs"]),
    ("R6", &["sodium", "sodium_corrected"]),
    (
        "R7",
        &[
            "basis",
            "calcium_total",
            "calcium_corrected",
            "ionised_calcium",
            "class",
        ],
    ),
    ("R8", &["ag", "ag_corrected", "delta_ratio"]),
    ("R9", &["calculated", "gap"]),
    ("R10", &["fib4", "lower_cutoff", "upper_cutoff"]),
    ("R11", &["meld3"]),
    ("R12", &["points", "class"]),
    (
        "R13",
        &[
            "alt_xuln",
            "alp_xuln",
            "bili_xuln",
            "r_factor",
            "pattern",
            "hys_law_biochemistry",
        ],
    ),
    ("R14", &["score", "scale", "items", "anticoagulant_active"]),
    (
        "R15",
        &[
            "egfr",
            "band",
            "aki_stage",
            "dose_mg_day",
            "dose_above_1000",
            "egfr_last",
        ],
    ),
    (
        "R16",
        &["ferritin", "hb", "tsat", "class", "pattern", "mcv"],
    ),
    ("R17", &["findings", "b12_class", "mcv"]),
    ("R18", &["tsh", "tsh_position", "ft4_position", "pattern"]),
    ("R19", &["abnormal_results", "criteria", "category"]),
    (
        "R20",
        &[
            "hba1c_pct",
            "target_pct",
            "target_source",
            "band",
            "change_pct_points",
            "trend",
        ],
    ),
    (
        "R21",
        &[
            "ascvd10y_pct",
            "cvd10y_pct",
            "category",
            "on_statin",
            "severe_ldl",
            "ldl",
        ],
    ),
    ("R22", &["news2", "single_red"]),
    ("R23", &["hb", "drop_7d", "drop_vs_median", "transfused"]),
    ("R24", &["sofa", "components", "lower_bound"]),
    (
        "R25",
        &["change_pct", "rcv_up_pct", "rcv_down_pct", "verdict"],
    ),
    ("R26", &["conflicts"]),
    (
        "R27",
        &[
            "size_mm",
            "recommendation",
            "due_from",
            "due_to",
            "overdue",
            "follow_up_done",
        ],
    ),
    (
        "R28",
        &[
            "size_mm",
            "threshold_mm",
            "recommendation",
            "why",
            "follow_up_done",
        ],
    ),
    (
        "R29",
        &[
            "size_mm",
            "hu",
            "category",
            "metanephrines_indicated",
            "dst_cortisol",
        ],
    ),
    (
        "R30",
        &[
            "diameter_mm",
            "guideline",
            "interval_months",
            "due",
            "overdue",
            "recommendation",
            "growth_mm_per_year",
        ],
    ),
    (
        "R31",
        &[
            "volume_change_pct",
            "interval_days",
            "from",
            "vdt_days",
            "class",
        ],
    ),
    ("R32", &["state", "due", "interval_stated", "on"]),
];

#[test]
fn the_shipped_table_loads_and_is_as_large_as_it_says() {
    let table = shipped_edges().unwrap();
    assert_eq!((table.hypotheses.len(), table.rows.len()), (67, 189));
}

#[test]
fn rows_read_only_keys_that_rules_have() {
    for row in &shipped_edges().unwrap().rows {
        for condition in row.conditions() {
            for (rule, key) in condition.keys() {
                let (_, keys) = KEYS.iter().find(|(r, _)| *r == rule).unwrap();
                assert!(
                    key == "severity" || keys.contains(&key),
                    "{}: {rule}.{key}",
                    row.id
                );
            }
        }
    }
}

#[test]
fn every_hypothesis_can_be_supported() {
    let table = shipped_edges().unwrap();
    for (i, h) in table.hypotheses.iter().enumerate() {
        let raised = table.rows.iter().any(|r| {
            matches!(r.makes, Makes::Evidence { to, kind: EdgeKind::Supports, background: false, .. } if to == i)
        });
        assert!(raised, "nothing raises {}", h.id);
    }
}

#[test]
fn d_32_no_word_of_the_table_commands_or_reassures() {
    let forbidden = [
        "normal",
        "safe",
        "rule out",
        "diagnosis",
        "must",
        "immediately",
        "urgent",
        "best",
        "recommended",
        "first choice",
        "stop now",
        "dangerous",
        "all clear",
    ];
    let table = shipped_edges().unwrap();
    let texts = table
        .rows
        .iter()
        .map(|r| &r.say)
        .chain(table.hypotheses.iter().map(|h| &h.title));
    for text in texts {
        let padded = format!(" {} ", text.to_lowercase());
        for word in forbidden {
            assert!(
                !padded.contains(&format!(" {word} ")),
                "{word:?} in {text:?}"
            );
        }
    }
}

#[test]
fn every_row_cites_a_source_with_its_mark() {
    for row in &shipped_edges().unwrap().rows {
        assert!(
            row.citation.ends_with("[K]") || row.citation.ends_with("[V]"),
            "{}",
            row.id
        );
    }
}

const HEAD: &str = "format = 1
[[source]]
key = \"s\"
text = \"A citation of a test, 2021\"
mark = \"K\"
[[hypothesis]]
id = \"h\"
title = \"H\"
";

/// Line 9 is `[[edge]]`, line 10 the id, line 11 the kind.
fn errors(row: &str) -> Vec<String> {
    let text = format!("{HEAD}[[edge]]\nid = \"r\"\n{row}\nsay = \"x\"\nsource = \"s\"\n");
    load_edges(&text)
        .unwrap_err()
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn an_error_names_line_and_field() {
    let ok = "kind = \"supports\"\nto = \"h\"\nwhen = \"note:a\"";
    for (row, start) in [
        (format!("{ok}\nstrength = \"weak\"\nratio = 2.0\npopulation = \"p\""), "line 15: ratio: a strength or a ratio, not both"),
        (ok.to_owned(), "line 9: strength:"),
        (format!("{ok}\nratio = 0.5\npopulation = \"p\""), "line 14: ratio: above 1"),
        (format!("{ok}\nratio = 2.0"), "line 9: population:"),
        (format!("{ok}\nstrength = \"huge\""), "line 14: "),
        (format!("{ok}\nstrength = \"weak\"\ncolour = 1"), "line 15: colour:"),
        ("kind = \"supports\"\nto = \"g\"\nwhen = \"note:a\"\nstrength = \"weak\"".to_owned(), "line 12: to: no hypothesis"),
        ("kind = \"supports\"\nto = \"h\"\nwhen = \"lab:feritin < 5 within 3d\"\nstrength = \"weak\"".to_owned(), "line 13: when: no input \"feritin\""),
        ("kind = \"explains\"\nby = \"hypothesis:g\"\nwhen = \"note:a\"".to_owned(), "line 12: by: no hypothesis"),
        ("kind = \"explains\"\nby = \"note:b\"\nwhen = \"note:a\"\nstrength = \"weak\"".to_owned(), "line 14: strength: has no place"),
        ("kind = \"needs\"\nto = \"h\"\nwhen = \"note:a\"".to_owned(), "line 9: name:"),
        ("kind = \"same_as\"\nto = \"h\"\nwhen = \"note:a\"".to_owned(), "line 11: kind:"),
    ] {
        let found = errors(&row);
        assert!(found.iter().any(|e| e.starts_with(start)), "{row}\nwanted {start}\ngot {found:?}");
    }
}

#[test]
fn all_errors_are_told_and_snomed_is_a_closed_list() {
    let text = HEAD.replace("title = \"H\"", "title = \"\"\nsnomed = \"12345\"")
        + "[[edge]]\nid = \"r\"\nkind = \"supports\"\nto = \"h\"\nwhen = \"x\"\nstrength = \"weak\"\nsay = \"x\"\nsource = \"t\"\n";
    let fields: Vec<String> = load_edges(&text)
        .unwrap_err()
        .into_iter()
        .map(|e| e.field)
        .collect();
    assert_eq!(fields, ["title", "snomed", "when", "source"]);
}
