//! AccessKit: egui's widget tree to AT-SPI, and the screen reader's actions back to egui.
//!
//! The tree is made only while somebody reads it. egui's root has no name and does not know where the window stands, so
//! both are added here.

use accesskit::{
    ActionHandler, ActionRequest, ActivationHandler, DeactivationHandler, Rect, TreeUpdate,
};
use tauri::{PhysicalPosition, PhysicalSize, Window};

use crate::inbox::Inbox;

/// One window on the accessibility bus.
pub struct Access {
    adapter: accesskit_unix::Adapter,
    place: Option<(Rect, Rect)>,
}

/// Called on the adapter's own thread.
struct Handler {
    ctx: egui::Context,
    inbox: Inbox,
}

impl ActivationHandler for Handler {
    /// The tree comes with the next frame.
    fn request_initial_tree(&mut self) -> Option<TreeUpdate> {
        self.ctx.enable_accesskit();
        self.inbox.repaint();
        None
    }
}

impl ActionHandler for Handler {
    fn do_action(&mut self, request: ActionRequest) {
        self.inbox
            .push(egui::Event::AccessKitActionRequest(request));
    }
}

impl DeactivationHandler for Handler {
    fn deactivate_accessibility(&mut self) {
        self.ctx.disable_accesskit();
    }
}

impl Access {
    /// Puts the window on the bus, if there is one.
    pub fn new(ctx: &egui::Context, inbox: &Inbox) -> Self {
        let handler = || Handler {
            ctx: ctx.clone(),
            inbox: inbox.clone(),
        };
        Self {
            adapter: accesskit_unix::Adapter::new(handler(), handler(), handler()),
            place: None,
        }
    }

    /// The window gained or lost the keyboard.
    pub fn focus(&mut self, focused: bool) {
        self.adapter.update_window_focus_state(focused);
    }

    /// Sends the tree of a frame.
    pub fn publish(&mut self, window: &Window, mut update: TreeUpdate) {
        let root = update.tree.as_ref().map(|tree| tree.root);
        if let Some((_, node)) = update.nodes.iter_mut().find(|(id, _)| Some(*id) == root) {
            node.set_label(window.title().unwrap_or_default());
        }
        self.adapter.update_if_active(|| update);
        let place = place(window);
        if let Some((outer, inner)) = place
            && self.place != place
        {
            self.adapter.set_root_window_bounds(outer, inner);
            self.place = place;
        }
    }
}

/// The frame and the content, in physical pixels of the screen.
fn place(window: &Window) -> Option<(Rect, Rect)> {
    let rect = |at: PhysicalPosition<i32>, size: PhysicalSize<u32>| {
        let (x, y) = (f64::from(at.x), f64::from(at.y));
        Rect::new(x, y, x + f64::from(size.width), y + f64::from(size.height))
    };
    let outer = rect(window.outer_position().ok()?, window.outer_size().ok()?);
    let inner = rect(window.inner_position().ok()?, window.inner_size().ok()?);
    Some((outer, inner))
}
