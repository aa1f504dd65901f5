//! What is on screen: egui views; state in, commands out.
