//! A screen where there is none.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result};

/// An Xvfb on a free number, ended with its value.
pub struct Display {
    server: Child,
    /// `:7`
    pub name: String,
}

impl Display {
    /// Starts one of `size` (`1600x1000`).
    pub fn start(size: &str) -> Result<Self> {
        let mut server = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                &format!("{size}x24"),
                "-nolisten",
                "tcp",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("Xvfb")?;
        let output = server.stdout.take().context("Xvfb has no output")?;
        let mut number = String::new();
        BufReader::new(output).read_line(&mut number)?;
        let name = format!(":{}", number.trim());
        Ok(Self { server, name })
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        // Already ended is as good as ended now.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
