//! A worker of one patient never sees the next one's pixels. Alone in its process: it looks at all children.
#![allow(clippy::unwrap_used)]

mod support;

use std::{collections::BTreeSet, fs};

use support::pool;
use triptych_worker::{Loss, Priority, Role, Source};

#[test]
fn a_new_patient_gets_new_workers() {
    let pool = pool(Role::Decode, "honest");
    let source = Source::from_bytes(b"no DICOM").unwrap();
    let ask = || pool.read_dicom(&source, Priority::Visible).wait();
    assert!(matches!(ask(), Err(Loss::Refused(_))));
    let before = children();
    assert_eq!(before.len(), 2);
    pool.renew();
    assert!(matches!(ask(), Err(Loss::Refused(_))));
    let after = children();
    assert_eq!(after.len(), 2);
    assert!(before.is_disjoint(&after), "{before:?} {after:?}");
    pool.stop();
    assert!(children().is_empty());
}

fn children() -> BTreeSet<u32> {
    let own = std::process::id().to_string();
    fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|id: &u32| {
            let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
            let parent = stat
                .rsplit_once(") ")
                .and_then(|(_, rest)| rest.split(' ').nth(1));
            parent == Some(own.as_str())
        })
        .collect()
}
