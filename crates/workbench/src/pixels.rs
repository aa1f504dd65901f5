//! Filling the slots of a display set: the slice on screen first, then outwards from it, wherever the reader goes meanwhile.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use triptych_clinical::InstanceRecord;
use triptych_imaging::{
    display::DisplayAttributes,
    geometry::SplitAttribute,
    suv::{TimeOfDay, suv},
};
use triptych_worker::{DicomRead, Priority, Source};

use crate::patient::Catalog;
use crate::view::{Decoded, SeriesKey, Stack, fresh_picture};
use crate::{Core, WorkbenchError};

mod frames;

pub(crate) use frames::kept_header;
use frames::{Fetched, Frames};

/// Which slices are decoded.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Slice on screen, from 0: it and its neighbours are decoded next. It may move while the set is being loaded.
    pub focus: Arc<AtomicUsize>,
    /// How many, counted outwards from where the focus is at the start.
    pub limit: usize,
}

impl Core {
    /// Decodes the `wanted` slices of `key` that are not there yet. `each` is called after each slice. Returns early when `stop`
    /// is raised: another patient came, or nobody needs the series any more.
    ///
    /// # Errors
    /// No worker can be started. A slice that cannot be decoded holds its reason.
    pub fn load_series(
        &self,
        catalog: &Catalog,
        key: &SeriesKey,
        stack: &Arc<Stack>,
        wanted: &Wanted,
        stop: &AtomicBool,
        each: &(dyn Fn(usize) + Sync),
    ) -> Result<(), WorkbenchError> {
        let Some(places) = catalog.sets.get(key) else {
            return Ok(());
        };
        let Some(frames) = Frames::new(self, catalog, places, wanted.limit == 1) else {
            return Ok(());
        };
        let times = Times::of(
            places
                .iter()
                .filter_map(|(file, _)| Some(&catalog.instances.get(*file)?.record)),
        );
        let focus = || wanted.focus.load(Ordering::Relaxed);
        let left: Mutex<BTreeSet<usize>> = {
            let all = outwards(focus(), places.len());
            Mutex::new(all.into_iter().take(wanted.limit).collect())
        };
        let next = || {
            let mut left = left.lock().unwrap_or_else(PoisonError::into_inner);
            let k = nearest(&left, focus())?;
            left.remove(&k);
            Some(k)
        };
        // No room but for what is nearer to the screen: the rest comes when the reader does.
        let full = AtomicBool::new(false);
        // One thread a core reads and decrypts; the workers decode.
        let threads = std::thread::available_parallelism()
            .map_or(2, std::num::NonZero::get)
            .min(8)
            .min(wanted.limit);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    let mut room = Vec::new();
                    while let Some(k) = next() {
                        if stop.load(Ordering::Relaxed) || full.load(Ordering::Relaxed) {
                            return;
                        }
                        let (Some(slice), Some((file, frame))) =
                            (stack.slices.get(k), places.get(k))
                        else {
                            continue;
                        };
                        if slice.pixels.is_there() {
                            continue;
                        }
                        let priority = if k == focus() {
                            Priority::Visible
                        } else {
                            Priority::Near
                        };
                        let fetched = frames.fetch(k, (*file, *frame), priority, &mut room);
                        if frames.is_without_worker() {
                            return;
                        }
                        let mut fresh = None;
                        let decoded = fetched.and_then(|fetched| {
                            let Fetched {
                                pixels,
                                read,
                                decoded,
                            } = fetched;
                            fresh = decoded.then(|| pixels.bytes.clone());
                            let display = read
                                .display(*frame)
                                .map(|display| {
                                    with_suv(display, read.record.sop_instance.as_str(), &times)
                                })
                                .ok_or("the file has no such frame")?;
                            Ok(Decoded {
                                id: fresh_picture(),
                                frame: pixels,
                                display,
                            })
                        });
                        let bytes = decoded.as_ref().map_or(0, Decoded::bytes);
                        if !self.memory().admit(stack, k, bytes) {
                            full.store(true, Ordering::Relaxed);
                            return;
                        }
                        slice.pixels.set(decoded);
                        each(k);
                        if let Some(pixels) = fresh {
                            frames.keep(*file, *frame, &pixels);
                        }
                    }
                });
            }
        });
        frames.finish()
    }

    /// The whole file, and what a worker says of it.
    pub(crate) fn open_instance(
        &self,
        catalog: &Catalog,
        file: usize,
    ) -> Result<(Source, Arc<DicomRead>), String> {
        let stored = catalog.instances.get(file).ok_or("no such file")?;
        let bytes = self
            .archive()
            .blobs()
            .read(stored.blob)
            .map_err(|e| e.to_string())?;
        let source = Source::from_bytes(&bytes).map_err(|e| e.to_string())?;
        let pool = self.workers().decode().map_err(|e| e.to_string())?;
        let read = pool
            .read_dicom(&source, Priority::Near)
            .wait()
            .map_err(|loss| loss.to_string())?;
        Ok((source, Arc::new(read)))
    }
}

/// When the images of a set were acquired, where the archive knows.
#[derive(Debug, Default)]
struct Times {
    of: HashMap<String, TimeOfDay>,
    first: Option<TimeOfDay>,
}

impl Times {
    fn of<'a>(records: impl Iterator<Item = &'a InstanceRecord>) -> Self {
        let keyword = SplitAttribute::AcquisitionTime.keyword();
        let of: HashMap<String, TimeOfDay> = records
            .filter_map(|record| {
                let text = record.volume_attributes.get(keyword)?;
                let time = TimeOfDay::parse(text)?;
                Some((record.sop_instance.as_str().to_owned(), time))
            })
            .collect();
        let first = of
            .values()
            .copied()
            .fold(None, |least: Option<TimeOfDay>, t| {
                Some(least.map_or(t, |l| if t.0 < l.0 { t } else { l }))
            });
        // Hours apart: midnight lies between, and the least time of day is not the first.
        let across = first.is_some_and(|f| of.values().any(|t| t.0 - f.0 > 12.0 * 3600.0));
        Self {
            of,
            first: first.filter(|_| !across),
        }
    }
}

/// The attributes with SUVbw for one unit of modality value, or with the reason why there is none (T45); others as they are.
fn with_suv(
    display: &Arc<DisplayAttributes>,
    instance: &str,
    times: &Times,
) -> Arc<DisplayAttributes> {
    let Some(attributes) = &display.suv else {
        return Arc::clone(display);
    };
    let own = attributes.acquisition;
    let earliest = own.map(|own| {
        let before = times.of.get(instance).zip(times.first);
        before.map_or(own, |(of, first)| own.plus(first.0 - of.0))
    });
    let mut shown = DisplayAttributes::clone(display);
    match suv(attributes, earliest) {
        Ok(found) => {
            if found.name.ends_with("bw") {
                shown.suv_bw = Some(found.factor);
            }
            shown.marks.extend(found.marks.iter().cloned());
            shown
                .marks
                .push(format!("{}: {}", found.name, found.ingredients.text()));
        }
        Err(why) => shown.marks.push(format!("no SUV: {why}")),
    }
    Arc::new(shown)
}

/// `from`, then its neighbours, the next before the former: a reader scrolls on more often than back.
fn outwards(from: usize, count: usize) -> Vec<usize> {
    let from = from.min(count.saturating_sub(1));
    let mut order = Vec::with_capacity(count);
    for step in 0..count {
        if step == 0 {
            order.push(from);
            continue;
        }
        if from + step < count {
            order.push(from + step);
        }
        if step <= from {
            order.push(from - step);
        }
    }
    order.truncate(count);
    order
}

/// The element nearest to `focus`, of two the next before the former.
fn nearest(left: &BTreeSet<usize>, focus: usize) -> Option<usize> {
    let next = left.range(focus..).next();
    let former = left.range(..focus).next_back();
    match (next, former) {
        (Some(next), Some(former)) if focus - former < next - focus => Some(*former),
        (Some(next), _) => Some(*next),
        (None, former) => former.copied(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_on_screen_is_next_even_when_it_moved() {
        let mut left: BTreeSet<usize> = (0..100).collect();
        let mut take = |focus| {
            let k = nearest(&left, focus)?;
            left.remove(&k);
            Some(k)
        };
        let near: Vec<_> = (0..5).filter_map(|_| take(10)).collect();
        assert_eq!(near, [10, 11, 9, 12, 8]);
        // The reader jumps: the far end is not waited for.
        let far: Vec<_> = (0..4).filter_map(|_| take(99)).collect();
        assert_eq!(far, [99, 98, 97, 96]);
        assert_eq!(take(9), Some(7));
        let rest = std::iter::from_fn(|| take(50)).count();
        assert_eq!(rest, 90, "each once");
    }

    #[test]
    fn slices_are_fetched_outwards_each_once() {
        assert_eq!(outwards(2, 6), [2, 3, 1, 4, 0, 5]);
        assert_eq!(outwards(0, 3), [0, 1, 2]);
        assert_eq!(outwards(9, 2), [1, 0]);
        assert!(outwards(0, 0).is_empty());
    }
}
