//! The window: Tauri without a webview, input, egui painting, clipboard, accessibility.
