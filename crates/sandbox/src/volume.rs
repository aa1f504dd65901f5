//! The pixels of a series: one allocation of the parent, filled slot by slot while filled slots are already shown.
#![allow(unsafe_code)]

use std::{
    fmt, io,
    ops::{Deref, DerefMut, Range},
    slice,
    sync::{Arc, Mutex, PoisonError},
};

use crate::mapping::Mapping;

/// Memory handed out in slots, each to one writer, each readable only after its writer has published it.
#[derive(Debug)]
pub struct Volume {
    memory: Mapping,
    /// Ranges that have a writer or are published, sorted; never overlapping.
    taken: Mutex<Vec<Range<usize>>>,
}

/// A slot that its one writer fills. Dropped without [`SlotMut::publish`] it can be claimed again.
pub struct SlotMut {
    volume: Arc<Volume>,
    range: Range<usize>,
    published: bool,
}

/// A filled slot: its bytes never change again. Keeps the whole volume alive.
pub struct Slot {
    volume: Arc<Volume>,
    range: Range<usize>,
}

impl Volume {
    /// `bytes` of zeros, private to this process, in huge pages where the kernel grants them.
    ///
    /// # Errors
    /// Out of memory, or `bytes` is 0.
    pub fn new(bytes: usize) -> io::Result<Arc<Self>> {
        Ok(Arc::new(Self {
            memory: Mapping::anonymous(bytes)?,
            taken: Mutex::default(),
        }))
    }

    /// Size in bytes.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.memory.len()
    }

    /// Whether it has no bytes; never.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The only writer of `range`; `None` when it is outside or part of it is claimed or published.
    #[must_use]
    pub fn claim(self: &Arc<Self>, range: Range<usize>) -> Option<SlotMut> {
        if range.start > range.end || range.end > self.len() {
            return None;
        }
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let at = taken.partition_point(|t| t.start < range.start);
        let before = at.checked_sub(1).and_then(|k| taken.get(k));
        let after = taken.get(at);
        if before.is_some_and(|t| t.end > range.start) || after.is_some_and(|t| t.start < range.end)
        {
            return None;
        }
        taken.insert(at, range.clone());
        drop(taken);
        Some(SlotMut {
            volume: Arc::clone(self),
            range,
            published: false,
        })
    }
}

impl SlotMut {
    /// A slot in memory of its own, for one picture outside a series.
    ///
    /// # Errors
    /// Out of memory, or `bytes` is 0.
    pub fn alone(bytes: usize) -> io::Result<Self> {
        let volume = Volume::new(bytes)?;
        volume
            .claim(0..bytes)
            .ok_or_else(|| io::Error::other("a fresh volume is free"))
    }

    /// Ends the writing: from here on the bytes are read-only and may be shared.
    #[must_use]
    pub fn publish(mut self) -> Slot {
        self.published = true;
        Slot {
            volume: Arc::clone(&self.volume),
            range: self.range.clone(),
        }
    }
}

impl Deref for SlotMut {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        // SAFETY: inside the mapping, which lives as long as `volume`; `claim` gave this range to no one else.
        unsafe {
            slice::from_raw_parts(
                self.volume.memory.start().add(self.range.start),
                self.range.len(),
            )
        }
    }
}

impl DerefMut for SlotMut {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above, and `self` is borrowed alone.
        unsafe {
            slice::from_raw_parts_mut(
                self.volume.memory.start().add(self.range.start),
                self.range.len(),
            )
        }
    }
}

impl Drop for SlotMut {
    fn drop(&mut self) {
        if !self.published {
            let mut taken = self
                .volume
                .taken
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            taken.retain(|t| *t != self.range);
        }
    }
}

impl AsRef<[u8]> for Slot {
    fn as_ref(&self) -> &[u8] {
        // SAFETY: inside the mapping, which lives as long as `volume`; published ranges are never claimed again, so nobody writes.
        unsafe {
            slice::from_raw_parts(
                self.volume.memory.start().add(self.range.start),
                self.range.len(),
            )
        }
    }
}

impl fmt::Debug for SlotMut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SlotMut({:?})", self.range)
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Slot({:?})", self.range)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_slot_has_one_writer_and_then_only_readers() {
        let volume = Volume::new(100).unwrap();
        let mut slot = volume.claim(10..20).unwrap();
        for overlapping in [10..20, 0..11, 19..30, 12..15, 0..100] {
            assert!(
                volume.claim(overlapping.clone()).is_none(),
                "{overlapping:?}"
            );
        }
        assert!(volume.claim(90..101).is_none());
        let other = volume.claim(20..30).unwrap();
        slot.fill(7);
        let read = slot.publish();
        assert!(volume.claim(10..20).is_none(), "published for good");
        drop(other);
        assert!(volume.claim(20..30).is_some(), "given back unwritten");
        drop(volume);
        assert_eq!(read.as_ref(), &[7; 10]);
    }
}
