//! `tauri::generate_context!` of `examples/probe.rs` writes the icon into `OUT_DIR`, which only a package with a build
//! script has.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
}
