//! Checks `tauri.conf.json`, and embeds the icon where the platform wants that.

fn main() {
    tauri_build::build();
}
