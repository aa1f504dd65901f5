//! Memory of fixed size that a child fills and the parent reads.

use std::{
    fs::File,
    io,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::fs::FileExt as _,
    },
};

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, ftruncate, memfd_create};

/// A memfd made by the parent. Pages are taken when first written, so a generous size costs nothing.
///
/// The parent never maps it: it copies with `pread`, which cannot fault and needs no trust in who else maps the pages. Kept and used
/// again it is quick; a fresh one costs a page fault each 4 KiB, in the child (measured: 4 to 5 times the floor).
#[derive(Debug)]
pub struct SharedMemory {
    file: File,
    bytes: u64,
}

impl SharedMemory {
    /// `bytes` of zeros. They cannot grow, so a child cannot take more than it was given.
    ///
    /// # Errors
    /// No memory file can be made.
    pub fn new(bytes: u64) -> io::Result<Self> {
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        // Kernels before 6.3 do not know the flag.
        let fd = memfd_create(c"triptych", flags | MemfdFlags::NOEXEC_SEAL)
            .or_else(|_| memfd_create(c"triptych", flags))?;
        ftruncate(&fd, bytes)?;
        fcntl_add_seals(&fd, SealFlags::GROW)?;
        Ok(Self {
            file: File::from(fd),
            bytes,
        })
    }

    /// A sealed copy of `contents`, to be lent as an input: nobody can change it, the parent included.
    ///
    /// # Errors
    /// No memory file can be made, or there is no room for it.
    pub fn holding(contents: &[u8]) -> io::Result<OwnedFd> {
        let bytes = u64::try_from(contents.len()).map_err(io::Error::other)?;
        let memory = Self::new(bytes)?;
        memory.file.write_all_at(contents, 0)?;
        memory.freeze(memory.bytes)?;
        Ok(memory.file.into())
    }

    /// Size in bytes, fixed at birth.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.bytes
    }

    /// Whether it has no bytes.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// Copies the bytes at `offset` into all of `target`.
    ///
    /// # Errors
    /// The range is not inside the memory.
    pub fn read_at(&self, target: &mut [u8], offset: u64) -> io::Result<()> {
        self.file.read_exact_at(target, offset)
    }

    /// Cuts the memory to its first `bytes` and forbids any change for good.
    ///
    /// The kernel refuses while any process maps it writable: success is a proof, not a promise.
    ///
    /// # Errors
    /// `EBUSY` while a child still maps it.
    pub fn into_frozen(self, bytes: u64) -> io::Result<OwnedFd> {
        self.freeze(bytes)?;
        Ok(self.file.into())
    }

    fn freeze(&self, bytes: u64) -> io::Result<()> {
        // The kernel grants this seal only when nobody maps the memory writable; so the cut below is no child's SIGBUS either.
        fcntl_add_seals(&self.file, SealFlags::WRITE)?;
        ftruncate(&self.file, bytes)?;
        fcntl_add_seals(&self.file, SealFlags::SHRINK | SealFlags::SEAL)?;
        Ok(())
    }
}

impl AsFd for SharedMemory {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::OutputMap;

    #[test]
    fn par_04_memory_neither_grows_nor_freezes_while_mapped() {
        let memory = SharedMemory::new(8192).unwrap();
        assert!(ftruncate(&memory, 16384).is_err());
        let mut map = OutputMap::new(memory.as_fd(), 8192).unwrap();
        map.bytes_mut()[4096] = 7;
        let mut byte = [0];
        memory.read_at(&mut byte, 4096).unwrap();
        assert_eq!(byte, [7]);
        assert!(memory.read_at(&mut byte, 8192).is_err());
        assert!(memory.freeze(5000).is_err(), "still mapped writable");
        drop(map);
        let frozen = File::from(memory.into_frozen(4097).unwrap());
        assert_eq!(frozen.metadata().unwrap().len(), 4097);
        assert!(frozen.write_all_at(&[1], 0).is_err());
        assert!(OutputMap::new(frozen.as_fd(), 4096).is_err());
    }

    #[test]
    fn par_04_an_input_made_from_bytes_cannot_be_changed() {
        let file = File::from(SharedMemory::holding(b"abc").unwrap());
        assert!(file.write_all_at(b"x", 0).is_err());
        assert!(file.set_len(1).is_err());
        let mut all = [0; 3];
        file.read_exact_at(&mut all, 0).unwrap();
        assert_eq!(&all, b"abc");
    }
}
