//! Drawing on a wgpu device.

mod device;
mod draw;
mod params;
mod passes;
mod read_back;
mod shaders;
mod sources;

pub use device::Gpu;
pub use draw::{GpuRenderer, TARGET_FORMAT};
