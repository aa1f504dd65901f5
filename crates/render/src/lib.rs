//! Draws frames into retained textures: WGSL on a GPU, the CPU twins elsewhere.
