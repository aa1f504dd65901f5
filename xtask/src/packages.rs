//! The system packages that building, showing and testing need.

use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::command::{exists, run};

/// Name on Debian and Ubuntu, and what it is for.
const PACKAGES: [(&str, &str); 20] = [
    ("build-essential", "C and C++ code: SQLCipher, AES, codecs"),
    ("cmake", "libjpeg-turbo"),
    (
        "dcmtk",
        "judging written reports and key object selections in tests",
    ),
    (
        "dicom3tools",
        "judging written objects by dciodvfy in tests",
    ),
    ("dbus", "the accessibility bus of the window tests"),
    ("at-spi2-core", "the accessibility tree of the window tests"),
    ("imagemagick", "pictures of the screen in window tests"),
    ("libgtk-3-dev", "the window"),
    ("libvulkan1", "drawing on a graphics card"),
    (
        "libwebkit2gtk-4.1-dev",
        "linked by the window's runtime; no page is ever loaded",
    ),
    (
        "mesa-vulkan-drivers",
        "the software adapter that shaders are tested on",
    ),
    ("nasm", "libjpeg-turbo and AES at full speed"),
    ("openbox", "a window manager for window tests"),
    ("perl", "OpenSSL's build"),
    ("pkg-config", "finding GTK"),
    (
        "python3-pip",
        "fetching ONNX Runtime, and highdicom for tests",
    ),
    ("python3-venv", "a place of its own for highdicom"),
    ("x11-utils", "looking at windows in window tests"),
    ("xdotool", "mouse and keyboard of window tests"),
    ("xvfb", "a screen where there is none"),
];

/// A program that stands for a package: another pip than Debian's will do.
const STAND_INS: [(&str, &str); 1] = [("python3-pip", "pip3")];

fn is_installed(package: &str) -> bool {
    if STAND_INS
        .iter()
        .any(|(name, program)| *name == package && exists(program))
    {
        return true;
    }
    let query = Command::new("dpkg-query")
        .args(["--show", "--showformat=${db:Status-Status}", package])
        .stderr(Stdio::null())
        .output();
    query.is_ok_and(|output| output.stdout == b"installed")
}

/// Installs what is missing, on Debian and Ubuntu as root or through sudo; elsewhere says what is needed and stops.
pub fn ensure() -> Result<()> {
    let list = |packages: &[(&str, &str)]| {
        let line = |(name, why): &(&str, &str)| format!("  {name:<24} {why}");
        packages.iter().map(line).collect::<Vec<_>>().join("\n")
    };
    if !(exists("apt-get") && exists("dpkg-query")) {
        let programs = [
            "cc",
            "cmake",
            "nasm",
            "perl",
            "pkg-config",
            "pip3",
            "Xvfb",
            "xdotool",
        ];
        if programs.into_iter().all(exists) {
            // Whoever installed these by hand knows the rest: a missing library is named by the compiler.
            return Ok(());
        }
        bail!(
            "this is neither Debian nor Ubuntu: install what these packages hold, then run this again\n{}",
            list(&PACKAGES)
        );
    }
    let missing: Vec<_> = PACKAGES
        .into_iter()
        .filter(|(name, _)| !is_installed(name))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("system packages to be installed:\n{}", list(&missing));
    let root = is_root();
    let apt = |arguments: &[&str]| {
        let mut command = if root {
            Command::new("apt-get")
        } else {
            let mut command = Command::new("sudo");
            command.arg("apt-get");
            command
        };
        command
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    if !root && !exists("sudo") {
        bail!("run this as root, or install the packages above by hand");
    }
    let mut install = vec!["install", "--yes", "--no-install-recommends"];
    install.extend(missing.iter().map(|(name, _)| *name));
    run(&mut apt(&["update", "--quiet"]))?;
    run(&mut apt(&install))
}

/// True for the superuser.
pub fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
