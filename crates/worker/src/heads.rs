//! Looking through a folder: what lists need of thousands of files, without reading their pixels.
//!
//! The parent opens each file and reads its first part; many parts travel to a locked worker as one sealed memory, so a message is paid once
//! for dozens of files. Few headers are longer than a part: those are asked for again with more, at last with the whole file.

use std::{
    fs::File,
    io,
    os::unix::fs::FileExt as _,
    path::PathBuf,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use triptych_imaging::head::{Head, HeadRead};

use crate::{Loss, Pool, Priority, Source, Ticket, pool::reason_for_people};

/// What a worker says of one part; the error is why the file is no DICOM.
pub type HeadReply = Result<HeadRead, String>;

/// First parts of files, ready to be sent: `count`, then for each its length with its highest bit set where it is all of the file, then
/// the bytes of all.
#[derive(Debug)]
pub struct Parts {
    bytes: Vec<u8>,
    room: usize,
    count: usize,
}

/// Files of one message.
const BATCH: usize = 64;
/// Bytes of a file that are read first: most headers are shorter up to where the image is described.
pub(crate) const FIRST: usize = 8 << 10;
/// And then: long private groups lie before it.
pub(crate) const SECOND: usize = 128 << 10;
/// Bytes that the reply on one file may take.
pub(crate) const ROOM: u64 = 2048;
/// Set in a length where the part is the whole file.
const WHOLE: u32 = 1 << 31;

impl Parts {
    /// Room for `room` parts.
    #[must_use]
    pub fn new(room: usize) -> Self {
        let mut bytes = Vec::with_capacity(4 + room * (4 + FIRST));
        bytes.resize(4 + room * 4, 0);
        Self {
            bytes,
            room,
            count: 0,
        }
    }

    /// Adds the first `most` bytes of `file`.
    ///
    /// # Errors
    /// The file cannot be read, or there is no room for another part.
    pub fn push(&mut self, file: &File, most: usize) -> io::Result<()> {
        if self.count >= self.room || most >= WHOLE as usize {
            return Err(io::Error::other("no room for another part"));
        }
        let start = self.bytes.len();
        self.bytes.resize(start + most, 0);
        let mut got = 0;
        while let Some(rest) = self.bytes.get_mut(start + got..).filter(|r| !r.is_empty()) {
            match file.read_at(rest, got as u64) {
                Ok(0) => break,
                Ok(more) => got += more,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => {
                    self.bytes.truncate(start);
                    return Err(e);
                }
            }
        }
        self.bytes.truncate(start + got);
        let whole = if got < most { WHOLE } else { 0 };
        let at = 4 + self.count * 4;
        self.count += 1;
        let count = u32::try_from(self.count).unwrap_or(0);
        let length = u32::try_from(got).unwrap_or(0) | whole;
        for (at, number) in [(0, count), (at, length)] {
            if let Some(place) = self.bytes.get_mut(at..at + 4) {
                place.copy_from_slice(&number.to_le_bytes());
            }
        }
        Ok(())
    }

    /// Parts in it.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(crate) fn bytes(&mut self) -> &[u8] {
        // Lengths stand directly before the parts.
        self.bytes.drain(4 + self.count * 4..4 + self.room * 4);
        self.room = self.count;
        &self.bytes
    }
}

/// Takes apart what [`Parts`] put together: each part, and whether it is all of its file.
pub(crate) fn split(bytes: &[u8]) -> Option<impl Iterator<Item = (&[u8], bool)>> {
    let (count, rest) = bytes.split_first_chunk::<4>()?;
    let count = usize::try_from(u32::from_le_bytes(*count)).ok()?;
    let (lengths, mut rest) = rest.split_at_checked(count.checked_mul(4)?)?;
    let lengths = lengths.as_chunks::<4>().0.iter();
    Some(lengths.map(move |length| {
        let length = u32::from_le_bytes(*length);
        let bytes = (length & !WHOLE) as usize;
        let (part, after) = rest.split_at_checked(bytes).unwrap_or((rest, &[]));
        rest = after;
        (part, length & WHOLE != 0)
    }))
}

/// What lists need of each of `paths`, in their order. Blocks; as many files at once as there are workers.
#[must_use]
pub fn read(pool: &Pool, paths: &[PathBuf], priority: Priority) -> Vec<Result<Head, Loss>> {
    let next = AtomicUsize::new(0);
    let all: Mutex<Vec<_>> = Mutex::new(Vec::new());
    let batches: Vec<&[PathBuf]> = paths.chunks(BATCH).collect();
    let threads = pool.workers().min(batches.len());
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut before: Option<(usize, Batch)> = None;
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let asked = batches
                        .get(number)
                        .map(|paths| (number, Batch::ask(pool, paths, priority)));
                    let is_last = asked.is_none();
                    // The worker reads one batch while this thread reads the files of the next.
                    if let Some((number, batch)) = std::mem::replace(&mut before, asked) {
                        let heads = batch.finish(pool, priority);
                        let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                        all.push((number, heads));
                    }
                    if is_last {
                        return;
                    }
                }
            });
        }
    });
    let mut all = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    all.sort_by_key(|(number, _)| *number);
    all.into_iter().flat_map(|(_, heads)| heads).collect()
}

/// Files that were asked for together.
struct Batch<'a> {
    paths: &'a [PathBuf],
    /// A place for each path: what is known already is the error.
    heads: Vec<Option<Result<Head, Loss>>>,
    /// Places of the files whose parts were sent.
    sent: Vec<usize>,
    ticket: Option<Ticket<Vec<HeadReply>>>,
}

impl<'a> Batch<'a> {
    fn ask(pool: &Pool, paths: &'a [PathBuf], priority: Priority) -> Self {
        let mut batch = Self {
            paths,
            heads: Vec::new(),
            sent: (0..paths.len()).collect(),
            ticket: None,
        };
        batch.heads.resize_with(paths.len(), || None);
        batch.send(pool, FIRST, priority);
        batch
    }

    /// Sends the first `most` bytes of each file in `sent`.
    fn send(&mut self, pool: &Pool, most: usize, priority: Priority) {
        let mut parts = Parts::new(self.sent.len());
        let mut sent = Vec::with_capacity(self.sent.len());
        for place in std::mem::take(&mut self.sent) {
            let Some(path) = self.paths.get(place) else {
                continue;
            };
            match File::open(path).and_then(|file| parts.push(&file, most)) {
                Ok(()) => sent.push(place),
                Err(e) => self.know(place, Err(Loss::Refused(e.to_string()))),
            }
        }
        self.sent = sent;
        if parts.is_empty() {
            return;
        }
        match pool.read_heads(&mut parts, priority) {
            Ok(ticket) => self.ticket = Some(ticket),
            Err(e) => {
                for place in std::mem::take(&mut self.sent) {
                    self.know(place, Err(Loss::Unavailable(e.to_string())));
                }
            }
        }
    }

    fn know(&mut self, place: usize, head: Result<Head, Loss>) {
        if let Some(known) = self.heads.get_mut(place) {
            *known = Some(head);
        }
    }

    /// Takes what was answered; files that need more are sent again, then as a whole.
    fn finish(mut self, pool: &Pool, priority: Priority) -> Vec<Result<Head, Loss>> {
        self.take();
        self.send(pool, SECOND, priority);
        self.take();
        let whole = std::mem::take(&mut self.sent);
        let tickets: Vec<_> = whole
            .into_iter()
            .map(|place| {
                let path = self.paths.get(place).map(File::open);
                let source = path.map(|file| file.and_then(Source::from_file));
                (
                    place,
                    source.map(|s| s.map(|s| pool.read_head(&s, priority))),
                )
            })
            .collect();
        for (place, ticket) in tickets {
            match ticket {
                Some(Ok(ticket)) => self.know(place, ticket.wait()),
                Some(Err(e)) => self.know(place, Err(Loss::Refused(e.to_string()))),
                None => {}
            }
        }
        let unknown = || Err(Loss::Cancelled);
        self.heads
            .into_iter()
            .map(|head| head.unwrap_or_else(unknown))
            .collect()
    }

    /// Waits for the replies; `sent` is then what needs more.
    fn take(&mut self) {
        let Some(ticket) = self.ticket.take() else {
            return;
        };
        let sent = std::mem::take(&mut self.sent);
        match ticket.wait() {
            Ok(replies) => {
                for (place, reply) in sent.into_iter().zip(replies) {
                    match reply {
                        Ok(HeadRead::Done(head)) => self.know(place, Ok(head)),
                        Ok(HeadRead::NeedsMore) => self.sent.push(place),
                        Err(why) => {
                            self.know(place, Err(Loss::Refused(reason_for_people(&why))));
                        }
                    }
                }
            }
            // One of them cost the worker: each is asked for alone, so that the others are not lost with it.
            Err(_) => self.sent = sent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_apart_as_they_were_put_together() {
        let own = File::open(std::env::current_exe().unwrap()).unwrap();
        let short = tempfile(b"short");
        let mut parts = Parts::new(3);
        parts.push(&own, 100).unwrap();
        parts.push(&short, 100).unwrap();
        let bytes = parts.bytes().to_vec();
        let apart: Vec<_> = split(&bytes).unwrap().collect();
        assert_eq!(apart.len(), 2);
        assert_eq!((apart[0].0.len(), apart[0].1), (100, false));
        assert_eq!(apart[1], (&b"short"[..], true));
        assert!(split(&bytes[..2]).is_none());
        assert!(split(&[9, 0, 0, 0, 1]).is_none());
    }

    fn tempfile(contents: &[u8]) -> File {
        triptych_sandbox::SharedMemory::holding(contents)
            .unwrap()
            .into()
    }
}
