//! Planes, slice order, spacing and the view, in double precision and millimetres (LPS).
