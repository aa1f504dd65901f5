//! Pairing of elements, and the rows that pass a filter.

use std::sync::Arc;

use triptych_workbench::browse::{HeaderEntry, HeaderList};

use super::rows::{Made, paired};

fn entry(depth: u8, item: u32, tag: [u16; 2], name: &str, value: &str) -> HeaderEntry {
    HeaderEntry {
        depth,
        item,
        tag,
        vr: "LO".into(),
        name: name.into(),
        value: value.into(),
        cut: false,
        bytes: value.len() as u64,
    }
}

#[test]
fn elements_are_paired_by_their_path_and_private_ones_by_their_creator() {
    let left = [
        entry(0, 0, [0x0008, 0x0060], "Modality", "CT"),
        entry(0, 0, [0x0009, 0x1001], "MAKER", "a"),
        entry(0, 0, [0x0040, 0x0275], "Sequence", "1 item"),
        entry(1, 1, [0xFFFE, 0xE000], "", ""),
        entry(1, 0, [0x0008, 0x0100], "CodeValue", "x"),
        entry(0, 0, [0x0040, 0xA730], "Other", "1 item"),
        entry(1, 1, [0xFFFE, 0xE000], "", ""),
        entry(1, 0, [0x0008, 0x0100], "CodeValue", "x"),
    ];
    let mut right = left.clone();
    // Another block of the same creator; one more element before the sequence; another value in the second sequence.
    right[1].tag = [0x0009, 0x1101];
    right[7].value = "y".into();
    let mut right = right.to_vec();
    right.insert(2, entry(0, 0, [0x0010, 0x0010], "PatientName", "A"));
    let rows = paired(&left, Some(&right));
    let seen: Vec<_> = rows.iter().map(|r| (r.left, r.right, r.differs)).collect();
    assert_eq!(
        seen,
        [
            (Some(0), Some(0), false),
            (Some(1), Some(1), false),
            (None, Some(2), true),
            (Some(2), Some(3), false),
            (Some(3), Some(4), false),
            (Some(4), Some(5), false),
            (Some(5), Some(6), false),
            (Some(6), Some(7), false),
            (Some(7), Some(8), true),
        ]
    );
    // What differs is shown with what it stands in.
    let mut made = Made {
        left: Arc::new(HeaderList {
            entries: left.to_vec(),
            left_out: 0,
        }),
        right: Some(Arc::new(HeaderList {
            entries: right,
            left_out: 0,
        })),
        rows,
        by: (String::new(), false),
        shown: Vec::new(),
    };
    made.filter((String::new(), true));
    assert_eq!(made.shown, [2, 6, 7, 8]);
    made.filter(("codevalue".into(), false));
    assert_eq!(made.shown, [3, 4, 5, 6, 7, 8]);
    made.filter(("00080060".into(), false));
    assert_eq!(made.shown, [0]);
    made.filter(("0008,0060 ct".into(), false));
    assert_eq!(made.shown, [0]);
    made.filter(("no such thing".into(), false));
    assert!(made.shown.is_empty());
}
