//! A worker of one patient never sees the next one's pixels. Alone in its process: it looks at all children.
#![allow(clippy::unwrap_used)]

mod support;

use std::{collections::BTreeSet, fs};

use support::pool;
use triptych_worker::{Loss, Priority, Role, Source};

#[test]
fn par_19_a_new_patient_gets_new_workers_that_carry_little() {
    let pool = pool(Role::Decode, "honest");
    let source = Source::from_bytes(b"no DICOM").unwrap();
    let ask = || pool.read_dicom(&source, Priority::Visible).wait();
    assert!(matches!(ask(), Err(Loss::Refused(_))));
    let before = children();
    assert_eq!(before.len(), 2);
    for id in &before {
        carries_nothing_it_does_not_need(*id);
    }
    pool.renew();
    assert!(matches!(ask(), Err(Loss::Refused(_))));
    let after = children();
    assert_eq!(after.len(), 2);
    assert!(before.is_disjoint(&after), "{before:?} {after:?}");
    pool.stop();
    assert!(children().is_empty());
}

/// PAR-19: C libraries of the codecs, and no window, GPU or network.
fn carries_nothing_it_does_not_need(id: u32) {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let size = status
        .lines()
        .find_map(|line| line.strip_prefix("VmSize:"))
        .unwrap();
    let kibibytes: u64 = size.split_whitespace().next().unwrap().parse().unwrap();
    assert!(kibibytes < 64 << 10, "{kibibytes} KiB of address space");
    // A locked process' maps belong to root.
    let Ok(maps) = fs::read_to_string(format!("/proc/{id}/maps")) else {
        return;
    };
    let known = [
        "libc.",
        "libm.",
        "libgcc_s.",
        "libstdc++.",
        "ld-linux",
        "triptych-worker",
        // Shared memory of its slots.
        "memfd:triptych",
    ];
    for (_, file) in maps.lines().filter_map(|line| line.split_once('/')) {
        assert!(
            known.iter().any(|name| file.contains(name)),
            "{file} is mapped"
        );
    }
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
