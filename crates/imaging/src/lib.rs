//! DICOM: safe parsing, frames, geometry, and the display pipeline on the CPU.

mod frame;

pub use frame::{Colour, Frame, FrameBytes, FrameShape, SampleType};

pub mod display;
pub mod geometry;
