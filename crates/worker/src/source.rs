//! Inputs: files and memory that a worker may read and nobody can confuse.

use std::{
    fs::File,
    io,
    os::{
        fd::{AsFd, BorrowedFd},
        unix::fs::FileExt as _,
    },
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use rustix::fs::{OFlags, fcntl_getfl};
use triptych_sandbox::{SharedMemory, Slot, SlotMut};

use crate::{dicom::NativeFrame, pool::Group};

/// Bytes to be read: an open file, or sealed memory. Cheap to clone; the file stays open as long as any clone lives, so a job that is
/// asked again needs no path.
#[derive(Clone, Debug)]
pub struct Source {
    shared: Arc<Shared>,
    group: Group,
}

#[derive(Debug)]
struct Shared {
    file: File,
    bytes: u64,
    number: u64,
}

/// One input that holds reference facts (JSON) and the file that is compared with them: a worker gets one descriptor.
///
/// # Errors
/// No memory.
pub fn with_reference(reference: &[u8], file: &[u8]) -> io::Result<Source> {
    let mut both = (reference.len() as u64).to_le_bytes().to_vec();
    both.extend_from_slice(reference);
    both.extend_from_slice(file);
    Source::from_bytes(&both)
}

/// Takes apart what [`with_reference`] put together.
pub(crate) fn split_reference(both: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = both.split_first_chunk::<8>()?;
    rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)
}

static NEXT: AtomicU64 = AtomicU64::new(1);

impl Source {
    /// A regular file, opened for reading only.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] for anything but a file, and for a descriptor that could write: a worker never gets one.
    pub fn from_file(file: File) -> io::Result<Self> {
        let refused = |why| Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return refused("not a regular file");
        }
        if fcntl_getfl(&file)? & OFlags::RWMODE != OFlags::RDONLY {
            return refused("opened for writing");
        }
        Ok(Self::new(file, metadata.len()))
    }

    /// A copy of `contents` that cannot change any more: a decrypted blob, an entry of an archive.
    ///
    /// # Errors
    /// No memory.
    pub fn from_bytes(contents: &[u8]) -> io::Result<Self> {
        Self::from_frozen(SharedMemory::holding(contents)?.into())
    }

    /// Sealed memory.
    pub(crate) fn from_frozen(file: File) -> io::Result<Self> {
        let bytes = file.metadata()?.len();
        Ok(Self::new(file, bytes))
    }

    fn new(file: File, bytes: u64) -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self {
            shared: Arc::new(Shared {
                file,
                bytes,
                number,
            }),
            group: Group(number),
        }
    }

    /// The same input as part of `group`, whose lost workers are counted together: all files of a series.
    #[must_use]
    pub fn in_group(self, group: Group) -> Self {
        Self { group, ..self }
    }

    /// Whose losses its losses are.
    #[must_use]
    pub const fn group(&self) -> Group {
        self.group
    }

    /// Size in bytes when it was opened.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.shared.bytes
    }

    /// Whether it has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// To read its bytes, never to parse them.
    pub(crate) fn file(&self) -> &File {
        &self.shared.file
    }

    /// Different for every input of this process.
    pub(crate) fn number(&self) -> u64 {
        self.shared.number
    }

    /// Reads a native frame straight into place and makes stored values of its cells. Where it lies is a worker's word, checked against
    /// the size of the input and of the slot before anything is read. Blocks.
    ///
    /// # Errors
    /// The frame is not inside the input, has another length than the slot, or the file became shorter.
    pub fn read_native(&self, frame: &NativeFrame, mut into: SlotMut) -> io::Result<Slot> {
        let range = &frame.range;
        let length = range.end.checked_sub(range.start);
        if range.end > self.len() || length != u64::try_from(into.len()).ok() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the frame is not inside its file",
            ));
        }
        self.shared.file.read_exact_at(&mut into, range.start)?;
        frame.bits.to_stored_values(&mut into);
        Ok(into.publish())
    }
}

impl AsFd for Source {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.shared.file.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use triptych_imaging::StoredBits;

    use super::*;

    #[test]
    fn par_16_a_native_range_is_checked_before_it_is_read() {
        let source = Source::from_bytes(b"0123456789").unwrap();
        let native = |range, stored, signed| NativeFrame {
            range,
            bits: StoredBits::new(8, stored, stored - 1, signed).unwrap(),
        };
        let slot = || SlotMut::alone(4).unwrap();
        let read = source.read_native(&native(6..10, 8, false), slot());
        assert_eq!(read.unwrap().as_ref(), b"6789");
        // 4 bits of 0x36 to 0x39, sign extended: 6, 7, -8, -7.
        let read = source.read_native(&native(6..10, 4, true), slot());
        assert_eq!(read.unwrap().as_ref(), &[6, 7, 0xF8, 0xF9]);
        let backwards = std::ops::Range { start: 9, end: 5 };
        for lie in [7..11, 0..5, 0..3, u64::MAX - 3..u64::MAX, backwards] {
            let read = source.read_native(&native(lie.clone(), 8, false), slot());
            assert!(read.is_err(), "{lie:?}");
        }
    }

    #[test]
    fn par_04_a_descriptor_that_can_write_is_no_source() {
        let null = File::options().write(true).open("/dev/null").unwrap();
        assert!(Source::from_file(null).is_err());
        let own = File::open(std::env::current_exe().unwrap()).unwrap();
        assert!(Source::from_file(own).is_ok());
        let folder = File::open("/").unwrap();
        assert!(Source::from_file(folder).is_err());
    }
}
