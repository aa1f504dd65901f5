//! Pointer shapes: egui's names in Tauri's. `None` hides the pointer.

use egui::CursorIcon as From;
use tauri::CursorIcon as To;

/// The system's shape for egui's.
pub fn icon(icon: From) -> Option<To> {
    Some(match icon {
        From::None => return None,
        From::Default => To::Default,
        From::ContextMenu => To::ContextMenu,
        From::Help => To::Help,
        From::PointingHand => To::Hand,
        From::Progress => To::Progress,
        From::Wait => To::Wait,
        From::Cell => To::Cell,
        From::Crosshair => To::Crosshair,
        From::Text => To::Text,
        From::VerticalText => To::VerticalText,
        From::Alias => To::Alias,
        From::Copy => To::Copy,
        From::Move => To::Move,
        From::NoDrop => To::NoDrop,
        From::NotAllowed => To::NotAllowed,
        From::Grab => To::Grab,
        From::Grabbing => To::Grabbing,
        From::AllScroll => To::AllScroll,
        From::ResizeHorizontal => To::EwResize,
        From::ResizeNeSw => To::NeswResize,
        From::ResizeNwSe => To::NwseResize,
        From::ResizeVertical => To::NsResize,
        From::ResizeEast => To::EResize,
        From::ResizeSouthEast => To::SeResize,
        From::ResizeSouth => To::SResize,
        From::ResizeSouthWest => To::SwResize,
        From::ResizeWest => To::WResize,
        From::ResizeNorthWest => To::NwResize,
        From::ResizeNorth => To::NResize,
        From::ResizeNorthEast => To::NeResize,
        From::ResizeColumn => To::ColResize,
        From::ResizeRow => To::RowResize,
        From::ZoomIn => To::ZoomIn,
        From::ZoomOut => To::ZoomOut,
    })
}
