//! Decoded pixels within a share of this computer's memory (architecture.md section 4): sets that are not on screen go first, the one looked
//! at longest ago before the others, then slices far from the one on screen. What is shown stays.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::view::Stack;

/// Sets that may be on screen at once; they were looked at last.
const ON_SCREEN: usize = 4;
/// Where the size of the memory cannot be told.
const UNKNOWN: u64 = 2 << 30;

/// Who holds pixels, and how much all of them may hold.
#[derive(Debug)]
pub(crate) struct Memory {
    limit: u64,
    stacks: Mutex<Vec<Weak<Stack>>>,
}

/// Place of a slice: its distance from the one on screen, its stack, its index.
type Far = (usize, Arc<Stack>, usize);

impl Memory {
    /// `limit` in bytes.
    pub(crate) fn new(limit: u64) -> Self {
        Self {
            limit,
            stacks: Mutex::default(),
        }
    }

    /// A third of the memory that is built in.
    pub(crate) fn of_this_computer() -> Self {
        let total = triptych_worker::memory_of_machine_mib();
        Self::new(total.map_or(UNKNOWN, |mib| (mib << 20) / 3))
    }

    /// Makes room for `bytes` of slice `k` of `stack`. False when only nearer slices could go: then this one is not kept.
    pub(crate) fn admit(&self, stack: &Arc<Stack>, k: usize, bytes: u64) -> bool {
        let mut stacks = self.stacks.lock().unwrap_or_else(PoisonError::into_inner);
        if !stacks
            .iter()
            .any(|s| std::ptr::eq(s.as_ptr(), &raw const **stack))
        {
            stacks.push(Arc::downgrade(stack));
        }
        stacks.retain(|s| s.strong_count() > 0);
        let mut held: Vec<Arc<Stack>> = stacks.iter().filter_map(Weak::upgrade).collect();
        // Looked at last first.
        held.sort_by_key(|s| std::cmp::Reverse(s.looked().1));
        let mut used: u64 = held.iter().map(|s| s.bytes()).sum();
        let fits = |used: u64| used.saturating_add(bytes) <= self.limit;
        // The middle slice is the thumbnail: it goes in the second round.
        for middle_too in [false, true] {
            for stack_of_before in held.iter().skip(ON_SCREEN).rev() {
                if fits(used) {
                    return true;
                }
                if !Arc::ptr_eq(stack_of_before, stack) {
                    used -= stack_of_before.clear(middle_too);
                }
            }
        }
        let here = distance(stack, k);
        while !fits(used) {
            let Some((far, of, slice)) = farthest(&held) else {
                break;
            };
            if far <= here {
                break;
            }
            used -= of.clear_slice(slice);
        }
        fits(used)
    }
}

fn distance(stack: &Stack, k: usize) -> usize {
    stack.looked().0.abs_diff(k)
}

fn farthest(held: &[Arc<Stack>]) -> Option<Far> {
    let all = held.iter().flat_map(|stack| {
        let there = stack.slices.iter().enumerate();
        there
            .filter(|(_, slice)| slice.pixels.is_there())
            .map(move |(k, _)| (distance(stack, k), stack, k))
    });
    let (far, stack, k) = all.max_by_key(|(far, ..)| *far)?;
    Some((far, stack.clone(), k))
}

#[cfg(test)]
mod tests {
    use triptych_imaging::display::DisplayAttributes;
    use triptych_imaging::{Colour, Frame, FrameBytes, FrameShape, SampleType};

    use super::*;
    use crate::view::{Decoded, Pixels, Slice};

    const BYTES: u64 = 100;

    fn decoded() -> Decoded {
        let shape = FrameShape {
            columns: 10,
            rows: 10,
            sample: SampleType::U8,
            colour: Colour::Monochrome2,
        };
        let bytes = Arc::new(vec![0_u8; 100]);
        Decoded {
            id: 1,
            frame: Frame {
                shape,
                bytes: FrameBytes::new(bytes, 0..100).unwrap(),
            },
            display: Arc::new(DisplayAttributes::default()),
        }
    }

    fn stack(slices: usize) -> Arc<Stack> {
        let slice = |k: usize| Slice {
            instance: triptych_clinical::SopInstanceUid::new(&format!("1.2.{}", k + 1)).unwrap(),
            frame: 0,
            orientation: None,
            position: None,
            thickness_mm: None,
            position_text: String::new(),
            pixels: Pixels::default(),
        };
        Arc::new(Stack::new((0..slices).map(slice).collect()))
    }

    fn load(memory: &Memory, stack: &Arc<Stack>, slices: impl Iterator<Item = usize>) -> usize {
        let mut kept = 0;
        for k in slices {
            if memory.admit(stack, k, BYTES) {
                stack.slices[k].pixels.set(Ok(decoded()));
                kept += 1;
            }
        }
        kept
    }

    #[test]
    fn sets_that_are_not_on_screen_go_first_the_oldest_before_the_others() {
        let memory = Memory::new(60 * BYTES);
        let sets: Vec<_> = (0..6).map(|_| stack(10)).collect();
        for set in &sets {
            set.look(5);
            assert_eq!(load(&memory, set, 0..10), 10);
        }
        let next = stack(10);
        next.look(0);
        assert_eq!(load(&memory, &next, 0..10), 10);
        let held: Vec<u64> = sets.iter().map(|s| s.bytes() / BYTES).collect();
        // Of the oldest the thumbnail is left, and the next gave one slice's worth of room with all but its thumbnail.
        assert_eq!(held, [1, 1, 10, 10, 10, 10]);
    }

    #[test]
    fn one_set_larger_than_all_memory_keeps_what_is_near() {
        let memory = Memory::new(10 * BYTES);
        let set = stack(100);
        set.look(50);
        let order = (0..50).flat_map(|d| [50 + d, 49 - d]);
        assert_eq!(load(&memory, &set, order), 10);
        assert!(set.slices[50].pixels.is_there() && set.slices[46].pixels.is_there());
        // The reader goes on: what lies behind gives way.
        set.look(90);
        assert_eq!(load(&memory, &set, 86..96), 10);
        let there: Vec<usize> = (0..100)
            .filter(|k| set.slices[*k].pixels.is_there())
            .collect();
        assert_eq!(there, (86..96).collect::<Vec<_>>());
        assert_eq!(set.bytes(), 10 * BYTES);
    }

    #[test]
    fn who_is_gone_holds_nothing() {
        let memory = Memory::new(10 * BYTES);
        let former = stack(10);
        former.look(0);
        assert_eq!(load(&memory, &former, 0..10), 10);
        drop(former);
        let next = stack(10);
        next.look(0);
        assert_eq!(load(&memory, &next, 0..10), 10);
    }
}
