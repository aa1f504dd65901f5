//! Resource limits of the child: set by itself, and read by its parent.
#![allow(unsafe_code)]

use std::{io, ptr};

use rustix::process::{Pid, Resource, Rlimit, setrlimit};

/// Shared memory and inputs that the parent may let one child map beyond its budget, bytes.
const MOST_MAPPED: u64 = 64 << 30;

/// Closes what C libraries of the parent left open without close-on-exec.
pub(crate) fn close_descriptors_above_2() {
    // SAFETY: nothing of this process has a descriptor above 2 yet.
    unsafe { libc::syscall(libc::SYS_close_range, 3u32, u32::MAX, 0u32) };
}

/// `memory` private bytes from now on; whether all limits were granted.
pub(crate) fn set(memory: u64) -> bool {
    let Some(pages) = std::fs::read_to_string("/proc/self/statm")
        .ok()
        .and_then(|line| line.split(' ').next()?.parse::<u64>().ok())
    else {
        return false;
    };
    let page = u64::try_from(rustix::param::page_size()).unwrap_or(4096);
    let space = pages.saturating_mul(page).saturating_add(memory);
    let set = |resource, soft: u64, hard: u64| {
        let limit = Rlimit {
            current: Some(soft),
            maximum: Some(hard),
        };
        setrlimit(resource, limit).is_ok()
    };
    // Data counts private writable pages only: the honest budget. As counts mapped files and shared memory too, so the parent raises
    // its soft limit before it lends any; the filter keeps the child from doing so itself.
    set(Resource::Data, memory, memory)
        && set(Resource::As, space, space.saturating_add(MOST_MAPPED))
        // For the life of the process; a job's limit is the parent's clock.
        && set(Resource::Cpu, 3600, 3600)
        && set(Resource::Nofile, 16, 16)
        && set(Resource::Fsize, 0, 0)
        && set(Resource::Core, 0, 0)
}

/// The address space limit of a child, read from outside; rustix offers no `prlimit` that only reads.
pub(crate) fn address_space_of(child: Pid) -> io::Result<Rlimit> {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    let pid = child.as_raw_nonzero().get();
    // SAFETY: no new limit, and a valid place for the old one.
    if unsafe { libc::prlimit(pid, libc::RLIMIT_AS, ptr::null(), &raw mut limit) } != 0 {
        return Err(io::Error::last_os_error());
    }
    let finite = |value| (value != libc::RLIM_INFINITY).then_some(value);
    Ok(Rlimit {
        current: finite(limit.rlim_cur),
        maximum: finite(limit.rlim_max),
    })
}
