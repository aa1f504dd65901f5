//! What processes cost, for benchmarks and the status line.
#![allow(unsafe_code)]

use std::{fs, mem, time::Duration};

/// User and system time of this process and of its children that have ended and were reaped, seconds.
#[must_use]
pub fn cpu_seconds() -> f64 {
    [libc::RUSAGE_SELF, libc::RUSAGE_CHILDREN]
        .into_iter()
        .map(|who| {
            // SAFETY: plain numbers, for which zero is valid.
            let mut used: libc::rusage = unsafe { mem::zeroed() };
            // SAFETY: a valid place for the answer.
            unsafe { libc::getrusage(who, &raw mut used) };
            [used.ru_utime, used.ru_stime]
                .map(|t| t.tv_sec as f64 + t.tv_usec as f64 * 1e-6)
                .iter()
                .sum::<f64>()
        })
        .sum()
}

/// User and system time of this process alone, to the nanosecond; a locked worker may ask too.
#[must_use]
pub fn process_cpu() -> Duration {
    let mut used = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: a valid place for the answer.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut used) };
    let seconds = u64::try_from(used.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(used.tv_nsec).unwrap_or_default())
}

/// Most memory this process ever had, MB of 1024 KiB.
#[must_use]
pub fn peak_rss_mb() -> f64 {
    peak_rss_mb_of(std::process::id())
}

/// The same of another process; 0 when it is gone.
pub(crate) fn peak_rss_mb_of(process: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|l| l.split_whitespace().next()?.parse::<f64>().ok());
    kibibytes.unwrap_or_default() / 1024.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_only_grow() {
        let before = cpu_seconds();
        let own = process_cpu();
        let sum: u64 = (0..2_000_000u64).map(std::hint::black_box).sum();
        assert!(sum > 0 && cpu_seconds() > before);
        assert!(process_cpu() > own);
        let small = peak_rss_mb();
        let held = std::hint::black_box(vec![1u8; 32 << 20]);
        assert!(peak_rss_mb() > small + 16.0, "{}", held.len());
    }
}
