//! What is on screen: egui views; state in, commands out.

mod canvas;

pub use canvas::Canvas;
