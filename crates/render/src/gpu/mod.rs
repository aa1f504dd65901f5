//! Drawing on a wgpu device.

mod device;
mod draw;
mod read_back;

pub use device::Gpu;
pub use draw::{GpuRenderer, TARGET_FORMAT};
