//! DICOM: safe parsing, frames, geometry, and the display pipeline on the CPU.
