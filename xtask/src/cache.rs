//! Where downloads and the demo's archive are kept: outside the checkout.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

/// `$TRIPTYCH_CACHE`, else `triptych` in the user's cache folder. Made when absent, for its owner alone: the demo's key lies in it.
pub fn folder() -> Result<PathBuf> {
    use std::os::unix::fs::DirBuilderExt as _;
    let named = |name| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|p| p.is_absolute())
    };
    let folder = named("TRIPTYCH_CACHE")
        .or_else(|| named("XDG_CACHE_HOME").map(|p| p.join("triptych")))
        .or_else(|| named("HOME").map(|p| p.join(".cache").join("triptych")))
        .context("none of TRIPTYCH_CACHE, XDG_CACHE_HOME and HOME is an absolute path")?;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)
        .with_context(|| format!("making {}", folder.display()))?;
    Ok(folder)
}
