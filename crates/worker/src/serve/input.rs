//! Inputs, mapped, and what was parsed of them: the frames of one file come one after the other.

use std::{
    cell::OnceCell,
    collections::VecDeque,
    os::fd::{AsFd as _, OwnedFd},
};

use triptych_imaging::DicomFile;
use triptych_sandbox::InputMap;

use super::Refusal;
use crate::{pool::KEPT_INPUTS, protocol::Job};

/// Files kept for the next job.
const KEPT: usize = 4;

/// The last few inputs, newest first.
#[derive(Default)]
pub(super) struct Inputs(VecDeque<Input>);

/// One input. A file that is cut while it is mapped ends this process by `SIGBUS`: one job lost, with that reason.
pub(super) struct Input {
    number: u64,
    map: Option<InputMap>,
    dicom: OnceCell<Result<DicomFile, String>>,
}

impl Inputs {
    /// The input of `job`, kept or mapped anew. Never more than [`KEPT_INPUTS`] are mapped beside it: the parent sized our address space.
    pub fn open(&mut self, job: &Job, file: &OwnedFd) -> Result<Input, Refusal> {
        if let Some(at) = self.0.iter().position(|kept| kept.number == job.input)
            && let Some(input) = self.0.remove(at)
        {
            return Ok(input);
        }
        let bytes = usize::try_from(job.bytes).map_err(|_| Refusal::of("too large a file"))?;
        // Beyond its present end a file must not be touched.
        let present = rustix::fs::fstat(file).map_err(Refusal::of)?.st_size;
        if u64::try_from(present).is_ok_and(|present| present < job.bytes) {
            return Err(Refusal::of("the file became shorter while it was read"));
        }
        let map = match bytes {
            0 => None,
            _ => Some(InputMap::new(file.as_fd(), bytes).map_err(Refusal::of)?),
        };
        Ok(Input {
            number: job.input,
            map,
            dicom: OnceCell::new(),
        })
    }

    /// Keeps `input` for the next job.
    pub fn keep(&mut self, input: Input) {
        self.0.push_front(input);
        let mut sum = 0u64;
        let mut kept = 0;
        self.0.retain(|input| {
            sum = sum.saturating_add(input.bytes().len() as u64);
            kept += 1;
            kept <= KEPT && sum <= KEPT_INPUTS
        });
    }
}

impl Input {
    /// All its bytes.
    pub fn bytes(&self) -> &[u8] {
        self.map.as_ref().map_or(&[], InputMap::bytes)
    }

    /// Parsed as a DICOM file, once.
    pub fn dicom(&self) -> Result<&DicomFile, Refusal> {
        self.dicom
            .get_or_init(|| DicomFile::parse(self.bytes()).map_err(|e| e.to_string()))
            .as_ref()
            .map_err(Refusal::of)
    }
}
