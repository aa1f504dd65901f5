//! A small window from which one file can be dragged: its path is the argument. For `tests/window.rs`.

use gtk::gdk::{DragAction, ModifierType};
use gtk::prelude::*;
use gtk::{TargetEntry, TargetFlags};

fn main() {
    if gtk::init().is_err() {
        return;
    }
    let path = std::env::args().nth(1).unwrap_or_default();
    let window = gtk::Window::new(gtk::WindowType::Toplevel);
    window.set_title("Drag source");
    window.set_default_size(200, 200);
    window.move_(1600, 0);
    let target = TargetEntry::new("text/uri-list", TargetFlags::OTHER_APP, 0);
    window.drag_source_set(ModifierType::BUTTON1_MASK, &[target], DragAction::COPY);
    window.connect_drag_data_get(move |_, _, data, _, _| {
        if let Ok(uri) = gtk::glib::filename_to_uri(&path, None) {
            data.set_uris(&[&uri]);
        }
    });
    window.connect_delete_event(|_, _| {
        gtk::main_quit();
        gtk::glib::Propagation::Proceed
    });
    window.show_all();
    gtk::main();
}
