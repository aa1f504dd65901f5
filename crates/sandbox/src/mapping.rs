//! The one place that maps memory.
#![allow(unsafe_code)]

use std::{io, os::fd::BorrowedFd, ptr, slice};

use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap, mmap_anonymous, munmap};

/// A file, read-only, in a child.
///
/// A file may change under its reader, and reading beyond the end of one that was cut meanwhile ends the process by `SIGBUS`. So files
/// are mapped in a child only, whose loss costs one job.
#[derive(Debug)]
pub struct InputMap(Mapping);

/// Shared memory that a child writes its results to.
#[derive(Debug)]
pub struct OutputMap(Mapping);

impl InputMap {
    /// The first `bytes` of a file.
    ///
    /// # Errors
    /// The file cannot be mapped, or `bytes` is 0.
    pub fn new(file: BorrowedFd, bytes: usize) -> io::Result<Self> {
        Mapping::of(file, bytes, ProtFlags::READ, MapFlags::PRIVATE).map(Self)
    }

    /// All of it.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.0.bytes()
    }
}

impl OutputMap {
    /// The first `bytes` of [`SharedMemory`](crate::SharedMemory).
    ///
    /// # Errors
    /// The memory cannot be mapped, or `bytes` is 0.
    pub fn new(memory: BorrowedFd, bytes: usize) -> io::Result<Self> {
        let prot = ProtFlags::READ | ProtFlags::WRITE;
        Mapping::of(memory, bytes, prot, MapFlags::SHARED).map(Self)
    }

    /// All of it. The parent only ever reads it with `pread`.
    #[must_use]
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: mapped writable for as long as `self`, which is borrowed alone; no other reference to these pages exists.
        unsafe { slice::from_raw_parts_mut(self.0.start, self.0.bytes) }
    }
}

/// Mapped memory, unmapped when dropped.
#[derive(Debug)]
pub(crate) struct Mapping {
    start: *mut u8,
    bytes: usize,
}

// SAFETY: plain memory without thread affinity; shared references only read it.
unsafe impl Send for Mapping {}
// SAFETY: as above.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// `bytes` of zeros of this process alone, in huge pages where the kernel grants them: a tenth of the page faults' cost.
    ///
    /// # Errors
    /// Out of memory, or `bytes` is 0.
    pub(crate) fn anonymous(bytes: usize) -> io::Result<Self> {
        let prot = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: a fresh mapping at an address that the kernel chooses.
        let start = unsafe { mmap_anonymous(ptr::null_mut(), bytes, prot, MapFlags::PRIVATE)? };
        let mapping = Self {
            start: start.cast(),
            bytes,
        };
        // SAFETY: our own mapping; this advice keeps its contents. Refused advice costs time only.
        let _ = unsafe { madvise(start, bytes, Advice::LinuxHugepage) };
        Ok(mapping)
    }

    fn of(fd: BorrowedFd, bytes: usize, prot: ProtFlags, flags: MapFlags) -> io::Result<Self> {
        // SAFETY: a fresh mapping at an address that the kernel chooses.
        let start = unsafe { mmap(ptr::null_mut(), bytes, prot, flags, fd, 0)? };
        Ok(Self {
            start: start.cast(),
            bytes,
        })
    }

    /// All of it; only for mappings that nobody writes while the reference lives.
    fn bytes(&self) -> &[u8] {
        // SAFETY: mapped for as long as `self`, and initialised by the kernel.
        unsafe { slice::from_raw_parts(self.start, self.bytes) }
    }

    pub(crate) const fn len(&self) -> usize {
        self.bytes
    }

    /// Address of the first byte, for a volume, which hands out disjoint parts.
    pub(crate) const fn start(&self) -> *mut u8 {
        self.start
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: mapped by us, unmapped once.
        let _ = unsafe { munmap(self.start.cast(), self.bytes) };
    }
}
