//! Files dragged from another program onto the window.
//!
//! Only their paths are taken; the window reads no file. X11 tells no names before the files are let go.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{DroppedFile, DroppedFileHandle, HoveredFile};
use gtk::gdk::DragAction;
use gtk::glib;
use gtk::prelude::*;
use gtk::{DestDefaults, TargetEntry, TargetFlags};

use crate::inbox::{Inbox, Mail};

/// How programs name a list of files.
const MIME: &str = "text/uri-list";

pub(super) fn connect(window: &gtk::ApplicationWindow, inbox: &Inbox) {
    let targets = [TargetEntry::new(MIME, TargetFlags::OTHER_APP, 0)];
    // The whole window takes them; highlighting is the views' affair.
    window.drag_dest_set(
        DestDefaults::MOTION | DestDefaults::DROP,
        &targets,
        DragAction::COPY,
    );
    let i = inbox.clone();
    window.connect_drag_motion(move |_, _, _, _, _| {
        i.hover_files(true);
        // GTK's own handler says yes or no to the other program.
        false
    });
    let i = inbox.clone();
    window.connect_drag_leave(move |_, _, _| i.hover_files(false));
    let i = inbox.clone();
    window.connect_drag_data_received(move |_, _, _, _, data, _, _| {
        let uris = data.uris();
        let paths: Vec<PathBuf> = uris.iter().filter_map(|uri| local_path(uri)).collect();
        tracing::debug!(given = uris.len(), taken = paths.len(), "files dropped");
        i.drop_files(paths);
    });
}

/// The path of a `file:` address; nothing for another machine's or another scheme.
fn local_path(uri: &str) -> Option<PathBuf> {
    let (path, host) = glib::filename_from_uri(uri).ok()?;
    host.is_none_or(|host| host.is_empty() || host == "localhost")
        .then_some(path)
}

/// The mail's files as egui wants them: hovering ones without a name, dropped ones with it.
pub fn for_egui(mail: &Mail) -> (Vec<HoveredFile>, Vec<DroppedFileHandle>) {
    let hovered = mail.hovering.then(|| HoveredFile {
        path: None,
        mime: MIME.to_owned(),
    });
    let dropped = mail
        .dropped
        .iter()
        .map(|path| -> DroppedFileHandle { Arc::new(Dropped(path.clone())) });
    (hovered.into_iter().collect(), dropped.collect())
}

/// A path. What it holds is read elsewhere, behind walls.
struct Dropped(PathBuf);

impl std::fmt::Debug for Dropped {
    /// Without the path, which may name a patient.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Dropped")
    }
}

impl DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("the window reads no files: import the path".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_become_local_paths() {
        let path = |uri: &str| local_path(uri);
        assert_eq!(path("file:///a/b%20c.dcm"), Some("/a/b c.dcm".into()));
        assert_eq!(path("file://localhost/x"), Some("/x".into()));
        assert_eq!(path("file://elsewhere/x"), None);
        assert_eq!(path("https://example.org/x.dcm"), None);
        assert_eq!(path("not an address"), None);
    }

    #[test]
    fn sec_07_a_dropped_path_is_not_printed() {
        let dropped = Dropped("/scans/DOE_JANE".into());
        assert_eq!(format!("{dropped:?}"), "Dropped");
        assert!(dropped.bytes().is_err());
    }
}
