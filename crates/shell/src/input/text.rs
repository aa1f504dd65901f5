//! Keyboard and input method: dead keys, compose, and engines for scripts that need one.
//!
//! The method hears keys only while egui edits text, so that single-letter shortcuts stay keys elsewhere.

use std::cell::Cell;
use std::rc::Rc;

use egui::{Event, ImeEvent};
use gtk::gdk;
use gtk::glib::Propagation;
use gtk::prelude::*;

use super::{Sender, keys};
use crate::clipboard::Clipboard;

/// The input method of one window.
pub struct TextInput {
    method: gtk::IMMulticontext,
    active: Cell<bool>,
}

impl TextInput {
    /// Follows egui: the caret, in logical pixels of the window, while text is edited; else nothing.
    pub fn follow(&self, caret: Option<egui::Rect>) {
        if self.active.replace(caret.is_some()) != caret.is_some() {
            if caret.is_some() {
                self.method.focus_in();
            } else {
                self.method.reset();
                self.method.focus_out();
            }
        }
        if let Some(caret) = caret {
            self.method.set_cursor_location(&gdk::Rectangle::new(
                caret.min.x as i32,
                caret.min.y as i32,
                caret.width().ceil() as i32,
                caret.height().ceil() as i32,
            ));
        }
    }
}

pub(super) fn connect(
    window: &gtk::ApplicationWindow,
    sender: &Sender,
    clipboard: &Clipboard,
) -> Rc<TextInput> {
    let input = Rc::new(TextInput {
        method: method(window, sender),
        active: Cell::new(false),
    });
    let (s, text, clipboard) = (sender.clone(), input.clone(), clipboard.clone());
    window.connect_key_press_event(move |_, event| {
        let modifiers = s.modifiers(keys::state_after(&event.keyval(), event.state(), true));
        let is_text = text.active.get() && text.method.filter_keypress(event);
        if !is_text
            && let Some(key) = keys::key_of(event)
            && let Some(event) = keys::press(key, modifiers, || clipboard.read())
        {
            s.send(event);
        }
        Propagation::Stop
    });
    let (s, text) = (sender.clone(), input.clone());
    window.connect_key_release_event(move |_, event| {
        let modifiers = s.modifiers(keys::state_after(&event.keyval(), event.state(), false));
        if text.active.get() {
            text.method.filter_keypress(event);
        }
        if let Some(key) = keys::key_of(event) {
            s.send(keys::change(key, false, modifiers));
        }
        Propagation::Stop
    });
    input
}

fn method(window: &gtk::ApplicationWindow, sender: &Sender) -> gtk::IMMulticontext {
    let method = gtk::IMMulticontext::new();
    method.set_client_window(window.window().as_ref());
    let s = sender.clone();
    method.connect_commit(move |_, text| {
        s.send(Event::Ime(ImeEvent::Commit(text.into())));
    });
    let s = sender.clone();
    method.connect_preedit_changed(move |method| {
        let (text, _, caret) = method.preedit_string();
        let caret = usize::try_from(caret).unwrap_or(0);
        s.send(Event::Ime(ImeEvent::Preedit {
            text: text.into(),
            active_range_chars: Some(caret..caret),
        }));
    });
    method
}
