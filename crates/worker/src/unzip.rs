//! What may come out of a ZIP archive (PAR-10): the words, and the limits that both sides hold.
//!
//! Names are for people. Nothing here or above makes a path of them (PAR-08). An archive inside an archive is an entry like any other:
//! whoever opens that one too counts the depth.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Entries of one archive.
pub const MOST_ENTRIES: usize = 200_000;
/// Bytes of all entries together.
pub const MOST_BYTES: u64 = 20 << 30;
/// What an entry may inflate to, whatever its compressed size.
pub const FREE_BYTES: u64 = 10 << 20;
/// Beyond [`FREE_BYTES`]: bytes out for a byte in.
pub const MOST_RATIO: u64 = 200;
/// Longest name that is kept, bytes.
pub const LONGEST_NAME: usize = 512;

/// One file in an archive, as its directory declares it. Folders are left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZipEntry {
    /// Place in the archive's directory.
    pub index: u32,
    /// For the screen only: without control characters, cut at [`LONGEST_NAME`].
    pub name: String,
    /// Size after inflating, as declared; extraction stops there.
    pub bytes: u64,
    /// Size in the archive.
    pub compressed: u64,
    /// Why it is not extracted.
    pub problem: Option<ZipProblem>,
}

/// Why an entry is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ZipProblem {
    /// No password is asked for.
    Encrypted,
    /// A symbolic link: never followed.
    Link,
    /// Not stored and not deflated.
    Method,
    /// More than [`MOST_RATIO`] times its compressed size.
    Bomb,
    /// Its header cannot be read.
    Broken,
}

impl fmt::Display for ZipProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Encrypted => "encrypted; unpack it with its password first",
            Self::Link => "a symbolic link, which is not followed",
            Self::Method => "compressed by a method other than deflate",
            Self::Bomb => "grows more than 200 times when unpacked",
            Self::Broken => "its header in the archive is damaged",
        })
    }
}

/// What an entry may inflate to.
pub const fn allowance(compressed: u64) -> u64 {
    let by_ratio = compressed.saturating_mul(MOST_RATIO);
    if by_ratio > FREE_BYTES {
        by_ratio
    } else {
        FREE_BYTES
    }
}

/// Whether a worker's list can be true of an archive of `archive` bytes.
pub(crate) fn check(entries: &[ZipEntry], archive: u64) -> Result<(), &'static str> {
    if entries.len() > MOST_ENTRIES {
        return Err("more entries than an archive may have");
    }
    if !entries.is_sorted_by(|a, b| a.index < b.index) {
        return Err("entries out of order");
    }
    if entries.iter().any(|e| e.name.len() > LONGEST_NAME) {
        return Err("a name longer than names may be");
    }
    let good = || entries.iter().filter(|e| e.problem.is_none());
    let sum = |of: fn(&ZipEntry) -> u64| good().fold(0u64, |sum, e| sum.saturating_add(of(e)));
    if sum(|e| e.compressed) > archive {
        return Err("entries larger than their archive");
    }
    if good().any(|e| e.bytes > allowance(e.compressed)) || sum(|e| e.bytes) > MOST_BYTES {
        return Err("entries beyond their limits");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(index: u32, bytes: u64, compressed: u64) -> ZipEntry {
        ZipEntry {
            index,
            name: String::new(),
            bytes,
            compressed,
            problem: None,
        }
    }

    #[test]
    fn par_16_a_list_of_entries_that_cannot_be_true_is_a_lie() {
        assert!(check(&[entry(0, 100, 50), entry(3, 7, 7)], 100).is_ok());
        assert!(check(&[entry(1, 1, 1), entry(1, 1, 1)], 100).is_err());
        assert!(check(&[entry(0, 1, 60), entry(1, 1, 60)], 100).is_err());
        assert!(check(&[entry(0, FREE_BYTES + 1, 10)], 100).is_err());
        assert!(check(&[entry(0, u64::MAX, 1 << 60)], u64::MAX).is_err());
        let long = ZipEntry {
            name: "x".repeat(LONGEST_NAME + 1),
            ..entry(0, 1, 1)
        };
        assert!(check(&[long], 100).is_err());
    }

    /// PAR-10: 200:1 counts beyond 10 MiB only.
    #[test]
    fn par_10_small_entries_may_compress_well() {
        assert_eq!(allowance(0), 10 << 20);
        assert_eq!(allowance(52_428), 10 << 20, "200 x 52,428 is below 10 MiB");
        assert_eq!(allowance(100_000), 20_000_000);
    }
}
