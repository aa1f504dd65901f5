//! Opening a series: files in any order in, images in scroll order out, the middle one first.

use std::{
    collections::VecDeque,
    ops::Range,
    sync::{Arc, mpsc},
};

use triptych_imaging::{
    Frame,
    geometry::{Plane, Slice, Stack, arrange, slice_of},
};
use triptych_sandbox::Volume;

use crate::{
    DicomRead, Group, Loss, Pool, Priority, Source, Ticket, dicom::in_slot, places::ALIGNMENT,
};

mod early;

/// Compressed frames asked for ahead of the one that is waited for.
const AHEAD: usize = 64;

/// The headers of a series, read and arranged. Nothing of its pixels yet.
#[derive(Debug)]
pub struct Series {
    /// Each file as given, or why it was refused.
    pub files: Vec<Result<DicomRead, Loss>>,
    /// Images with pixels in scroll order: stack after stack, each ascending along its normal.
    pub images: Vec<ImageRef>,
    /// Geometry of the images; its numbers are places in `placed`.
    pub stacks: Vec<Stack>,
    /// What the numbers in `stacks` mean.
    pub placed: Vec<ImageRef>,
    sources: Vec<Source>,
}

/// One image: a frame of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ImageRef {
    /// Place in [`Series::files`].
    pub file: usize,
    /// From 0.
    pub frame: u32,
}

/// The pixels of a series, one image after the other: the middle one of the first stack, then the rest in scroll order.
///
/// An iterator that blocks until the next image is there. All go into one allocation. Dropped early, what was asked for is cancelled.
#[derive(Debug)]
pub struct SeriesStream<'a> {
    pool: &'a Pool,
    series: Series,
    volume: Option<Arc<Volume>>,
    places: Vec<Range<usize>>,
    /// Places in [`Series::images`], in the order of delivery.
    order: VecDeque<usize>,
    /// Asked for, in the order of delivery; the first `asked` of `order`.
    asked: VecDeque<Asked>,
    /// An image that is there already.
    early: Option<(ImageRef, Frame)>,
}

/// A frame on its way.
#[derive(Debug)]
enum Asked {
    /// Compressed: a worker decodes it.
    Decoded(Ticket<Frame>),
    /// Native: a thread of this process reads it into place.
    Read(mpsc::Receiver<Result<Frame, Loss>>),
    /// It was shown already.
    There(Frame),
    /// It has no pixels, or no place.
    Nothing,
}

/// Opens `files` as one series. Blocks until all headers are read, in the workers and as many at once as there are.
///
/// # Errors
/// [`Loss::Unavailable`] when there is no memory for its pixels. A file that is refused is no error: see [`Series::files`].
pub fn open(
    pool: &Pool,
    files: impl IntoIterator<Item = Source>,
) -> Result<SeriesStream<'_>, Loss> {
    SeriesStream::new(pool, Series::scan(pool, files, Priority::Visible))
}

/// As [`open`], but calls `first` with the middle image as soon as it is there, before the other headers are read in full: which it is, is
/// taken from the first parts of the files. Where these do not tell (several frames in a file, very long headers) `first` is not called.
/// [`SeriesStream::shown_was_first`] says afterwards whether all headers agree.
///
/// # Errors
/// As [`open`].
pub fn open_showing(
    pool: &Pool,
    files: impl IntoIterator<Item = Source>,
    first: impl FnOnce(&DicomRead, &Frame),
) -> Result<SeriesStream<'_>, Loss> {
    let group = Group::fresh();
    let sources: Vec<_> = files.into_iter().map(|s| s.in_group(group)).collect();
    let Some(asked) =
        early::middle(pool, &sources).and_then(|file| early::ask(pool, &sources, file))
    else {
        return open(pool, sources);
    };
    let tickets = asked.others(pool, &sources);
    let (file, read, frame) = asked.wait();
    if let Ok(frame) = &frame {
        first(&read, frame);
    }
    let series = Series::of(sources, early::join(tickets, file, read));
    let mut stream = SeriesStream::new(pool, series)?;
    stream.early = frame.ok().map(|frame| (ImageRef { file, frame: 0 }, frame));
    Ok(stream)
}

impl Series {
    /// Reads all headers and arranges the images. `files` may open each file as it is asked for: workers read the former ones meanwhile.
    #[must_use]
    pub fn scan(pool: &Pool, files: impl IntoIterator<Item = Source>, priority: Priority) -> Self {
        let group = Group::fresh();
        let (sources, tickets): (Vec<Source>, Vec<_>) = files
            .into_iter()
            .map(|source| {
                let source = source.in_group(group);
                let ticket = pool.read_dicom(&source, priority);
                (source, ticket)
            })
            .unzip();
        Self::of(sources, wait_for_all(tickets))
    }

    /// Arranges what was read.
    fn of(sources: Vec<Source>, files: Vec<Result<DicomRead, Loss>>) -> Self {
        let mut placed = Vec::new();
        let mut slices = Vec::new();
        for (file, read) in files.iter().enumerate() {
            let Ok(read) = read else { continue };
            if read.shape.is_none() {
                continue;
            }
            for frame in 0..read.record.frames {
                placed.push(ImageRef { file, frame });
                slices.push(slice(read, frame));
            }
        }
        let stacks = arrange(&slices);
        let in_order = stacks.iter().flat_map(|stack| stack.slices.iter());
        let images = in_order
            .filter_map(|number| placed.get(*number).copied())
            .collect();
        Self {
            files,
            images,
            stacks,
            placed,
            sources,
        }
    }

    /// The header of an image's file.
    #[must_use]
    pub fn read(&self, image: ImageRef) -> Option<&DicomRead> {
        self.files.get(image.file)?.as_ref().ok()
    }

    /// Files that cannot be shown at all, with the reason.
    pub fn refused(&self) -> impl Iterator<Item = (usize, String)> + '_ {
        let why = |read: &Result<DicomRead, Loss>| match read {
            Err(loss) => Some(loss.to_string()),
            Ok(DicomRead { record, .. }) => record.unreadable.clone(),
        };
        let all = self.files.iter().enumerate();
        all.filter_map(move |(file, read)| Some((file, why(read)?)))
    }

    /// Middle of the first stack: the image that is shown before all others.
    fn middle(&self) -> usize {
        self.stacks
            .first()
            .map_or(0, |stack| stack.slices.len() / 2)
    }
}

impl<'a> SeriesStream<'a> {
    /// The pixels of a series that was scanned.
    ///
    /// # Errors
    /// [`Loss::Unavailable`] when there is no memory for them.
    pub fn new(pool: &'a Pool, series: Series) -> Result<Self, Loss> {
        let mut end = 0usize;
        let mut places = Vec::with_capacity(series.images.len());
        for image in &series.images {
            let bytes = series.read(*image).and_then(DicomRead::frame_bytes);
            let next = end.checked_add(bytes.unwrap_or_default());
            let next = next.ok_or_else(|| Loss::Unavailable("the series is too large".into()))?;
            places.push(end..next);
            end = next.next_multiple_of(ALIGNMENT);
        }
        let volume = match end {
            0 => None,
            _ => Some(Volume::new(end).map_err(|e| Loss::Unavailable(e.to_string()))?),
        };
        let middle = series.middle();
        let rest = (0..series.images.len()).filter(|k| *k != middle);
        let first = (middle < series.images.len()).then_some(middle);
        Ok(Self {
            pool,
            volume,
            places,
            order: first.into_iter().chain(rest).collect(),
            asked: VecDeque::new(),
            early: None,
            series,
        })
    }

    /// Headers, order and geometry.
    #[must_use]
    pub const fn series(&self) -> &Series {
        &self.series
    }

    /// Whether the image that [`open_showing`] showed is the first one of this stream.
    #[must_use]
    pub fn shown_was_first(&self) -> bool {
        let first = self.order.front().and_then(|k| self.series.images.get(*k));
        first.is_some() && first == self.early.as_ref().map(|(image, _)| image)
    }

    /// The series, for whoever has taken the pixels.
    #[must_use]
    pub fn into_series(self) -> Series {
        self.series
    }

    /// Asks for frames ahead: on all cores, whoever fetches them.
    fn ask_ahead(&mut self) {
        while self.asked.len() < AHEAD {
            let Some(index) = self.order.get(self.asked.len()).copied() else {
                return;
            };
            let priority = match self.asked.is_empty() {
                true => Priority::Visible,
                false => Priority::Near,
            };
            let asked = self.ask(index, priority).unwrap_or(Asked::Nothing);
            self.asked.push_back(asked);
        }
    }

    fn ask(&self, index: usize, priority: Priority) -> Option<Asked> {
        let image = *self.series.images.get(index)?;
        let read = self.series.read(image)?;
        let shape = read.shape?;
        if let Some((_, frame)) = self.early.as_ref().filter(|(early, _)| *early == image) {
            return Some(Asked::There(frame.clone()));
        }
        let slot = self
            .volume
            .as_ref()?
            .claim(self.places.get(index)?.clone())?;
        let source = self.series.sources.get(image.file)?;
        let Some(native) = read.native(image.frame) else {
            let ticket = self.pool.decode(source, image.frame, shape, slot, priority);
            return Some(Asked::Decoded(ticket));
        };
        let (sender, receiver) = mpsc::sync_channel(1);
        let source = source.clone();
        rayon::spawn_fifo(move || {
            let read = source.read_native(&native, slot);
            let read = read.map_err(|e| Loss::Refused(e.to_string()));
            // Nobody waits for it any more when the stream was dropped.
            let _ = sender.send(read.and_then(|slot| in_slot(slot, shape)));
        });
        Some(Asked::Read(receiver))
    }
}

impl Iterator for SeriesStream<'_> {
    /// Place in [`Series::images`], and its pixels or why there are none.
    type Item = (usize, Result<Frame, Loss>);

    fn next(&mut self) -> Option<Self::Item> {
        self.ask_ahead();
        let index = self.order.pop_front()?;
        let frame = match self.asked.pop_front() {
            Some(Asked::Decoded(ticket)) => ticket.wait(),
            Some(Asked::Read(receiver)) => receiver.recv().unwrap_or(Err(Loss::Cancelled)),
            Some(Asked::There(frame)) => Ok(frame),
            Some(Asked::Nothing) | None => Err(Loss::Refused("no pixels".into())),
        };
        Some((index, frame))
    }
}

/// The last first: when it is there, most others are, and nobody was woken for each of them.
fn wait_for_all(tickets: Vec<Ticket<DicomRead>>) -> Vec<Result<DicomRead, Loss>> {
    let mut files: Vec<_> = tickets.into_iter().rev().map(Ticket::wait).collect();
    files.reverse();
    files
}

/// What the order of a series needs to know of an image.
fn slice(read: &DicomRead, frame: u32) -> Slice {
    let plane = read.display(frame).and_then(|display| display.plane);
    Slice {
        complete: read.complete,
        // One that is no plane has no place along a normal.
        ..slice_of(
            &read.record,
            frame,
            plane.and_then(|plane| Plane::of(&plane).ok()),
        )
    }
}
