use triptych_imaging::{display::DrawError, volume::ViewError};

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RenderError {
    /// No adapter, or only a software one where a GPU was asked for.
    #[error("no graphics processor can be used: {0}")]
    NoAdapter(String),
    /// The adapter would not open.
    #[error("the graphics processor could not be opened: {0}")]
    Device(String),
    /// The device is gone; everything on it must be made again with a new one.
    #[error("the graphics device was lost")]
    DeviceLost,
    /// A viewport without pixels, or larger than can be drawn.
    #[error("a viewport of {0} × {1} pixels cannot be drawn")]
    Size(u32, u32),
    /// The picture contradicts itself.
    #[error(transparent)]
    Draw(#[from] DrawError),
    /// A plane or camera that is none.
    #[error(transparent)]
    View(#[from] ViewError),
}
