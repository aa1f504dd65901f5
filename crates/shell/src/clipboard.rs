//! The system's clipboard, opened at first use and shared by all windows.

use std::sync::{Arc, Mutex, PoisonError};

/// A handle to the clipboard. Its contents are never logged.
#[derive(Clone, Default)]
pub struct Clipboard(Arc<Mutex<Option<arboard::Clipboard>>>);

impl Clipboard {
    /// The text in it, if there is text.
    pub fn read(&self) -> Option<String> {
        self.with(arboard::Clipboard::get_text)
    }

    /// Replaces what is in it.
    pub fn write(&self, text: String) {
        self.with(|clipboard| clipboard.set_text(text));
    }

    fn with<T>(
        &self,
        act: impl FnOnce(&mut arboard::Clipboard) -> Result<T, arboard::Error>,
    ) -> Option<T> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.is_none() {
            *slot = arboard::Clipboard::new()
                .inspect_err(|error| tracing::warn!(%error, "no clipboard"))
                .ok();
        }
        // An empty clipboard, or an owner that does not answer, pastes nothing.
        act(slot.as_mut()?)
            .inspect_err(|error| tracing::debug!(%error, "clipboard"))
            .ok()
    }
}
