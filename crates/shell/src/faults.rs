//! Faults on demand, for tests: nothing here acts unless `TRIPTYCH_FAULTS` names it.
//!
//! `device-lost`: F9 destroys the graphics device, as a driver reset does (GPU-01).

use std::sync::OnceLock;

use crate::paint::Backend;

/// Acts on a frame's input.
pub fn on_input(input: &egui::RawInput, backend: &Backend) {
    let Some(gpu) = &backend.gpu else { return };
    let is_f9 = |event: &egui::Event| {
        matches!(
            event,
            egui::Event::Key {
                key: egui::Key::F9,
                pressed: true,
                ..
            }
        )
    };
    if device_loss_is_asked_for() && input.events.iter().any(is_f9) {
        gpu.simulate_loss();
    }
}

fn device_loss_is_asked_for() -> bool {
    static ASKED: OnceLock<bool> = OnceLock::new();
    *ASKED.get_or_init(|| {
        std::env::var("TRIPTYCH_FAULTS")
            .is_ok_and(|faults| faults.split(',').any(|f| f == "device-lost"))
    })
}
