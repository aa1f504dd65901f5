//! An X server of the test's own, programs in it, and a hand on its mouse and keyboard.
//!
//! Nothing here sleeps to wait for something: programs are watched line by line.

// Two tests share this file, and each uses a part of it.
#![allow(dead_code)]

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// How long anything may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The software adapter, so that a test does not depend on the machine's own.
const LAVAPIPE: &str = "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json";

/// An Xvfb on a free number, ended with its value.
pub struct Display {
    server: Child,
    manager: Option<Child>,
    name: String,
}

impl Display {
    /// Starts one; nothing, and a line that says so, where Xvfb or xdotool is not installed.
    pub fn start(test: &str) -> Option<Self> {
        for program in ["Xvfb", "xdotool"] {
            let found = Command::new("which")
                .arg(program)
                .stdout(Stdio::null())
                .status();
            if !found.is_ok_and(|status| status.success()) {
                eprintln!("{} ABSENT: {test}", program.to_uppercase());
                return None;
            }
        }
        let mut server = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                "2600x1700x24",
                "-nolisten",
                "tcp",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb starts");
        let mut number = String::new();
        let output = server.stdout.take().expect("the output is piped");
        BufReader::new(output)
            .read_line(&mut number)
            .expect("Xvfb tells its number");
        Some(Self {
            server,
            manager: None,
            name: format!(":{}", number.trim()),
        })
    }

    /// Adds a window manager, for what needs one (minimising); false where none is installed.
    pub fn manage(&mut self) -> bool {
        let manager = self
            .command("openbox")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.manager = manager.ok();
        self.manager.is_some()
    }

    /// A command that runs in this display, with a software adapter and no session of its own.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env("DISPLAY", &self.name)
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("DBUS_SESSION_BUS_ADDRESS");
        if Path::new(LAVAPIPE).exists() {
            command.env("VK_DRIVER_FILES", LAVAPIPE);
        }
        command
    }

    /// A software adapter is there, so that the GPU painter can be tested.
    pub fn has_adapter(&self) -> bool {
        Path::new(LAVAPIPE).exists()
    }

    /// Runs xdotool and gives back what it says.
    pub fn xdo(&self, arguments: &[&str]) -> String {
        let output = self
            .command("timeout")
            .args(["60", "xdotool"])
            .args(arguments)
            .output()
            .expect("xdotool runs");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// The number of the visible window with this title, with the keyboard on it.
    pub fn window(&self, title: &str) -> String {
        let found = self.xdo(&[
            "search",
            "--sync",
            "--onlyvisible",
            "--name",
            &format!("^{title}$"),
        ]);
        let id = found
            .lines()
            .next()
            .unwrap_or_else(|| panic!("no window {title:?}"))
            .to_owned();
        self.xdo(&["windowfocus", "--sync", &id]);
        id
    }

    /// Moves the pointer to a place in a window.
    pub fn point(&self, window: &str, x: i32, y: i32) {
        self.xdo(&[
            "mousemove",
            "--window",
            window,
            &x.to_string(),
            &y.to_string(),
        ]);
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        for child in self.manager.iter_mut().chain([&mut self.server]) {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A running program, and every line it has written to either output.
pub struct Program {
    child: Child,
    said: Arc<Said>,
}

#[derive(Default)]
struct Said {
    lines: Mutex<Vec<String>>,
    news: Condvar,
}

impl Program {
    /// Starts it.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let said = Arc::new(Said::default());
        let outputs: [Option<Box<dyn Read + Send>>; 2] = [
            child.stdout.take().map(|output| Box::new(output) as _),
            child.stderr.take().map(|output| Box::new(output) as _),
        ];
        for output in outputs.into_iter().flatten() {
            let said = said.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    said.lines.lock().unwrap().push(line);
                    said.news.notify_all();
                }
            });
        }
        Self { child, said }
    }

    /// Lines so far.
    pub fn lines(&self) -> Vec<String> {
        self.said.lines.lock().unwrap().clone()
    }

    /// Lines so far that contain `part`.
    pub fn count(&self, part: &str) -> usize {
        self.lines()
            .iter()
            .filter(|line| line.contains(part))
            .count()
    }

    /// The first line that contains `part`, after `since` lines of any kind. Fails when it does not come.
    #[track_caller]
    pub fn expect_after(&self, since: usize, part: &str) -> String {
        let begun = Instant::now();
        let mut lines = self.said.lines.lock().unwrap();
        loop {
            if let Some(line) = lines.iter().skip(since).find(|line| line.contains(part)) {
                return line.clone();
            }
            let left = PATIENCE.checked_sub(begun.elapsed());
            let Some(left) = left else {
                panic!("no line with {part:?} came; it said:\n{}", lines.join("\n"));
            };
            lines = self.said.news.wait_timeout(lines, left).unwrap().0;
        }
    }

    /// The first line that contains `part`.
    #[track_caller]
    pub fn expect(&self, part: &str) -> String {
        self.expect_after(0, part)
    }

    /// Waits until nothing was said for `calm`: as a person waits until a window is at rest.
    pub fn rest(&self, calm: Duration) {
        let mut lines = self.said.lines.lock().unwrap();
        loop {
            let before = lines.len();
            let (now, waited) = self.said.news.wait_timeout(lines, calm).unwrap();
            lines = now;
            if waited.timed_out() && lines.len() == before {
                return;
            }
        }
    }

    /// Seconds of processor time it has used.
    pub fn cpu_seconds(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let after_name = stat.rsplit(')').next().unwrap();
        let fields: Vec<&str> = after_name.split_whitespace().collect();
        // Fields 14 and 15 of the whole line, in hundredths of a second on every Linux we build for.
        let ticks = |field: usize| fields[field].parse::<f64>().unwrap();
        (ticks(11) + ticks(12)) / 100.0
    }

    /// Tells it to end, as a session does.
    pub fn terminate(&self) {
        let status = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        assert!(status.is_ok_and(|status| status.success()));
    }

    /// Its exit code. Fails when it does not end.
    #[track_caller]
    pub fn exit_code(&mut self) -> i32 {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap_or(-1);
            }
            let over = begun.elapsed() > PATIENCE;
            assert!(
                !over,
                "still running; it said:\n{}",
                self.lines().join("\n")
            );
            // There is no wait with a limit in std.
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
