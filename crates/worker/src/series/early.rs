//! The first image before everything: found from the first parts of the files, read before their headers.

use rayon::prelude::*;
use triptych_imaging::{
    Frame,
    geometry::{Plane, Slice, arrange},
    head::{Head, HeadRead},
    tags,
};
use triptych_sandbox::SlotMut;

use super::wait_for_all;
use crate::{
    DicomRead, Loss, Pool, Priority, Source, Ticket,
    heads::{self, Parts},
};

/// Files of one message: few enough that all workers have some.
const BATCH: usize = 32;

/// The middle image's file, and its pixels on their way.
pub(super) struct Early {
    file: usize,
    read: DicomRead,
    frame: Pixels,
}

enum Pixels {
    There(Frame),
    Decoded(Ticket<Frame>),
}

/// Which file holds the middle image, as far as first parts tell; `None` where they do not.
pub(super) fn middle(pool: &Pool, sources: &[Source]) -> Option<usize> {
    let mut heads: Vec<Option<Head>> = vec![None; sources.len()];
    // A file that is no DICOM is none of the series' either.
    let mut refused = vec![false; sources.len()];
    for most in [heads::FIRST, heads::SECOND] {
        let open = |k: &usize| {
            let known = heads.get(*k).is_some_and(Option::is_some);
            !known && refused.get(*k) == Some(&false)
        };
        let left: Vec<usize> = (0..sources.len()).filter(open).collect();
        // All at once, so that no worker waits for this thread to read.
        let ask = |files: &[usize]| {
            let mut parts = Parts::new(files.len());
            for file in files {
                parts.push(sources.get(*file)?.file(), most).ok()?;
            }
            pool.read_heads(&mut parts, Priority::Visible).ok()
        };
        let asked: Vec<_> = left
            .par_chunks(BATCH)
            .map(|files| (files, ask(files)))
            .collect();
        for (files, ticket) in asked {
            let ticket = ticket?;
            for (file, reply) in files.iter().zip(ticket.wait().ok()?) {
                match reply {
                    Ok(HeadRead::Done(head)) => *heads.get_mut(*file)? = Some(head),
                    Ok(HeadRead::NeedsMore) => {}
                    Err(_) => *refused.get_mut(*file)? = true,
                }
            }
        }
    }
    let mut slices = Vec::new();
    let mut files = Vec::new();
    for (file, (head, refused)) in heads.iter().zip(refused).enumerate() {
        if refused {
            continue;
        }
        slices.extend(slice(head.as_ref()?)?);
        files.resize(slices.len(), file);
    }
    let stacks = arrange(&slices);
    let first = stacks.first()?;
    let middle = first.slices.get(first.slices.len() / 2)?;
    files.get(*middle).copied()
}

/// A single image as slice order needs it; nothing for an object without one. `None`: only the whole header tells.
fn slice(head: &Head) -> Option<Option<Slice>> {
    if head.get(tags::ROWS).is_empty() {
        return Some(None);
    }
    if !matches!(head.get(tags::NUMBER_OF_FRAMES), "" | "1") {
        return None;
    }
    let position = numbers::<3>(head.get(tags::IMAGE_POSITION_PATIENT))?;
    let orientation = numbers::<6>(head.get(tags::IMAGE_ORIENTATION_PATIENT))?;
    Some(Some(Slice {
        sop_instance: head.get(tags::SOP_INSTANCE_UID).to_owned(),
        frame: 0,
        frames: 1,
        plane: Plane::new(position, orientation).ok(),
        thickness_mm: None,
        instance_number: head.get(tags::INSTANCE_NUMBER).trim().parse().ok(),
        values: std::collections::BTreeMap::new(),
        pixels: None,
        complete: true,
        localizer: false,
    }))
}

/// Exactly `N` finite numbers.
fn numbers<const N: usize>(text: &str) -> Option<[f64; N]> {
    let mut parts = text.split('\\').map(|part| part.trim().parse::<f64>());
    let mut numbers = [0.0; N];
    for number in &mut numbers {
        *number = parts.next()?.ok().filter(|n| n.is_finite())?;
    }
    parts.next().is_none().then_some(numbers)
}

/// Reads the header of the middle file, then its pixels: native ones at once, so that nothing else takes a core from them.
pub(super) fn ask(pool: &Pool, sources: &[Source], file: usize) -> Option<Early> {
    let source = sources.get(file)?;
    let read = pool.read_dicom(source, Priority::Visible).wait().ok()?;
    let (shape, length) = (read.shape?, read.frame_bytes()?);
    let frame = match read.native(0) {
        Some(_) => Pixels::There(pool.frame(source, &read, 0, Priority::Visible).ok()?),
        None => {
            let into = SlotMut::alone(length).ok()?;
            Pixels::Decoded(pool.decode(source, 0, shape, into, Priority::Visible))
        }
    };
    Some(Early { file, read, frame })
}

impl Early {
    /// Asks for the headers of all other files.
    pub(super) fn others(&self, pool: &Pool, sources: &[Source]) -> Vec<Ticket<DicomRead>> {
        let all = sources.iter().enumerate();
        all.filter(|(file, _)| *file != self.file)
            .map(|(_, source)| pool.read_dicom(source, Priority::Near))
            .collect()
    }

    /// The file, its header, its image.
    pub(super) fn wait(self) -> (usize, DicomRead, Result<Frame, Loss>) {
        let frame = match self.frame {
            Pixels::There(frame) => Ok(frame),
            Pixels::Decoded(ticket) => ticket.wait(),
        };
        (self.file, self.read, frame)
    }
}

/// All headers in the order of the files.
pub(super) fn join(
    others: Vec<Ticket<DicomRead>>,
    file: usize,
    read: DicomRead,
) -> Vec<Result<DicomRead, Loss>> {
    let mut all = wait_for_all(others);
    all.insert(file.min(all.len()), Ok(read));
    all
}
