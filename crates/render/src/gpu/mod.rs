//! Drawing on a wgpu device.

mod bricks;
mod cut_pass;
mod device;
mod draw;
mod params;
mod passes;
mod ray_pass;
mod read_back;
mod shaders;
mod sources;
mod volume_passes;
mod volumes;

pub use device::Gpu;
pub use draw::{GpuRenderer, TARGET_FORMAT};
pub use volumes::VolumeLimits;
