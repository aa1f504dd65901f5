//! Linux input: GTK signals to egui events.
//!
//! tao's own events are not enough on GTK: Tauri switches off `CursorMoved`, wheel steps arrive as zero deltas, releasing
//! one modifier clears all of them, and there is no input method but dead keys. The signals carry everything.
//!
//! Everything here runs on the main thread. The translations themselves are plain functions, tested without a display.

mod files;
mod keys;
mod pointer;
mod text;

use std::cell::Cell;
use std::rc::Rc;

use gtk::gdk::{EventMask, ModifierType, WindowState};
use gtk::glib::Propagation;
use gtk::prelude::*;

use crate::clipboard::Clipboard;
use crate::inbox::Inbox;

pub use files::for_egui as files_for_egui;
pub use text::TextInput;

/// Sends a window's input to its mailbox from now on. The text input has to follow egui in each frame.
pub fn connect(
    window: &gtk::ApplicationWindow,
    ctx: &egui::Context,
    inbox: &Inbox,
    clipboard: &Clipboard,
) -> Rc<TextInput> {
    window.add_events(
        EventMask::POINTER_MOTION_MASK
            | EventMask::BUTTON_PRESS_MASK
            | EventMask::BUTTON_RELEASE_MASK
            | EventMask::SCROLL_MASK
            | EventMask::SMOOTH_SCROLL_MASK
            | EventMask::LEAVE_NOTIFY_MASK
            | EventMask::KEY_PRESS_MASK
            | EventMask::KEY_RELEASE_MASK
            | EventMask::FOCUS_CHANGE_MASK,
    );
    let sender = Sender {
        ctx: ctx.clone(),
        inbox: inbox.clone(),
        modifiers: Rc::default(),
    };
    pointer::connect(window, &sender);
    files::connect(window, inbox);
    connect_window(window, &sender);
    text::connect(window, &sender, clipboard)
}

/// What the signal handlers of one window share.
#[derive(Clone)]
struct Sender {
    ctx: egui::Context,
    inbox: Inbox,
    modifiers: Rc<Cell<egui::Modifiers>>,
}

impl Sender {
    fn send(&self, event: egui::Event) {
        self.inbox.push(event);
    }

    /// The modifiers, told to egui when they changed. Every GDK event carries them, so that a release over another window is
    /// never missed.
    fn modifiers(&self, state: ModifierType) -> egui::Modifiers {
        let now = keys::modifiers(state);
        if self.modifiers.replace(now) != now {
            self.send(egui::Event::ModifiersChanged(now));
        }
        now
    }

    /// GDK's positions are in logical pixels; egui's points follow its own zoom, too.
    fn point(&self, (x, y): (f64, f64)) -> egui::Pos2 {
        egui::pos2(x as f32, y as f32) / self.ctx.zoom_factor()
    }
}

fn connect_window(window: &gtk::ApplicationWindow, sender: &Sender) {
    let s = sender.clone();
    window.connect_focus_in_event(move |_, _| {
        s.send(egui::Event::WindowFocused(true));
        Propagation::Proceed
    });
    let s = sender.clone();
    window.connect_focus_out_event(move |_, _| {
        s.modifiers(ModifierType::empty());
        s.send(egui::Event::WindowFocused(false));
        Propagation::Proceed
    });
    let inbox = sender.inbox.clone();
    window.connect_window_state_event(move |_, event| {
        if event.changed_mask().contains(WindowState::ICONIFIED) {
            inbox.hide(event.new_window_state().contains(WindowState::ICONIFIED));
        }
        Propagation::Proceed
    });
    // tao does not tell of another scale: the next frame reads it.
    let inbox = sender.inbox.clone();
    window.connect_scale_factor_notify(move |_| inbox.expose());
}
