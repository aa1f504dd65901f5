//! What this machine gives to a pool: descriptors and memory.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors that a large series needs.
const MANY_FILES: u64 = 4096;

pub(super) fn raise_open_files() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    // Refused only where nothing may be raised: then large series run out of descriptors, and say so.
    let _ = setrlimit(Resource::Nofile, raised);
    // The kernel's table of descriptors grows by doubling, and each time all threads of this process wait for a grace period, milliseconds:
    // grown once here, it stays large for the series that are opened later.
    let last = raised.current.unwrap_or(MANY_FILES).min(MANY_FILES);
    if let (Ok(file), Ok(high)) = (
        std::fs::File::open("/"),
        i32::try_from(last.saturating_sub(1)),
    ) {
        let _ = rustix::io::fcntl_dupfd_cloexec(&file, high);
    }
}

/// Memory that is built in, MiB; `None` where the system does not tell.
#[must_use]
pub fn memory_of_machine_mib() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|l| l.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes >> 10)
}
