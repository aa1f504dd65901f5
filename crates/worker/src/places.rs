//! Memory for the frames of a display set, for many at once.

use std::{
    collections::HashMap,
    io,
    sync::{Arc, Mutex, PoisonError},
};

use triptych_sandbox::{SlotMut, Volume};

/// Frames are too small for huge pages; so many bytes of them are not, and still go soon when the frames in them go.
const GROUP: usize = 8 << 20;
/// Every frame begins at a multiple of this, so that its samples are aligned.
pub(crate) const ALIGNMENT: usize = 64;

/// Places for frames by their number in the set. Neighbours share memory, which is given back when the last of them goes.
#[derive(Debug, Default)]
pub struct Places {
    /// By length of a frame and number of the group.
    groups: Mutex<HashMap<(usize, usize), Arc<Volume>>>,
}

impl Places {
    /// The place of frame `k` of `length` bytes; where it was claimed before, other memory.
    ///
    /// # Errors
    /// Out of memory, or `length` is 0.
    pub fn claim(&self, k: usize, length: usize) -> io::Result<SlotMut> {
        let each = length.checked_next_multiple_of(ALIGNMENT).unwrap_or(length);
        let together = GROUP.checked_div(each).unwrap_or(0);
        if together < 2 {
            return SlotMut::alone(length);
        }
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        let group = match groups.entry((length, k / together)) {
            std::collections::hash_map::Entry::Occupied(there) => Arc::clone(there.get()),
            std::collections::hash_map::Entry::Vacant(free) => {
                Arc::clone(free.insert(Volume::new(together * each)?))
            }
        };
        drop(groups);
        let start = k % together * each;
        match group.claim(start..start + length) {
            Some(slot) => Ok(slot),
            None => SlotMut::alone(length),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_share_memory_and_no_byte_of_it() {
        let places = Places::default();
        let length = 512 * 512 * 2;
        let mut slots: Vec<_> = (0..40).map(|k| places.claim(k, length).unwrap()).collect();
        for (k, slot) in slots.iter_mut().enumerate() {
            slot.fill(k as u8);
        }
        assert_eq!(places.groups.lock().unwrap().len(), 3);
        // Asked for again, a frame does not write over what is shown.
        let again = places.claim(7, length).unwrap();
        assert!(again.iter().all(|b| *b == 0));
        let slots: Vec<_> = slots.into_iter().map(SlotMut::publish).collect();
        for (k, slot) in slots.iter().enumerate() {
            assert!(slot.as_ref().iter().all(|b| *b == k as u8), "{k}");
        }
        assert_eq!(places.claim(0, GROUP).unwrap().len(), GROUP);
        assert!(places.claim(0, 0).is_err());
    }
}
