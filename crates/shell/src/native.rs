//! The process's environment and the native window, prepared so that only we paint it.
//!
//! The only `unsafe` of this crate: two variables set before any thread runs, and one deprecated GTK call that has no
//! safe wrapper.
#![allow(unsafe_code)]

use gtk::glib::{Propagation, translate::ToGlibPtr as _};
use gtk::prelude::*;

use crate::inbox::Inbox;

/// Sets what GTK reads when it starts. Call it first in `main`, before any thread is started.
pub fn prepare_process() {
    // SAFETY: the caller runs no other thread, so nobody reads the environment meanwhile.
    unsafe {
        // GTK would publish an accessibility tree of its own, empty, beside ours.
        std::env::set_var("NO_AT_BRIDGE", "1");
        // On Wayland GTK attaches its own buffers to the surface that we would draw to: XWayland serves there.
        std::env::set_var("GDK_BACKEND", "x11");
    }
}

/// Stops GTK from painting the window. The X server fills what a resize uncovers with `background` until the next frame.
pub fn own_the_pixels(window: &gtk::ApplicationWindow, background: egui::Color32, inbox: &Inbox) {
    window.set_app_paintable(true);
    // SAFETY: the widget lives as long as its reference. Deprecated in GTK 3, yet the only way to have no back buffer copied
    // over the picture at the end of each of GTK's paints.
    unsafe {
        gtk::ffi::gtk_widget_set_double_buffered(
            window.upcast_ref::<gtk::Widget>().to_glib_none().0,
            0,
        );
    }
    if let Some(surface) = window.window() {
        let channel = |value: u8| f64::from(value) / 255.0;
        let [r, g, b, _] = background.to_array().map(channel);
        surface.set_background_pattern(Some(&gtk::cairo::SolidPattern::from_rgb(r, g, b)));
    }
    let inbox = inbox.clone();
    window.connect_draw(move |_, _| {
        inbox.expose();
        Propagation::Stop
    });
}
