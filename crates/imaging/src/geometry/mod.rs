//! Planes, slice order, spacing and the view, in double precision and millimetres (LPS).

mod view;

pub use view::{ImageCorner, ViewState, ViewTransform, ViewportPx};
