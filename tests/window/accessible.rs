//! What a screen reader finds on the accessibility bus (AT-SPI), read with `gdbus` as any other program would.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::display::{Display, PATIENCE, Program};
use super::window;

const LAUNCHER: &str = "/usr/libexec/at-spi-bus-launcher";
const ROOT: &str = "/org/a11y/atspi/accessible/root";

/// A session of the test's own with an accessibility bus that somebody listens to.
struct Session {
    address: String,
    bus: String,
    _programs: [Program; 2],
}

impl Session {
    fn start(display: &Display, runtime: &Path) -> Self {
        let daemon = Program::start(display.command("dbus-daemon").args([
            "--session",
            "--nofork",
            "--print-address=1",
        ]));
        let address = daemon.expect("unix:");
        let launcher = Program::start(
            display
                .command(LAUNCHER)
                .arg("--launch-immediately")
                .env("DBUS_SESSION_BUS_ADDRESS", &address)
                .env("XDG_RUNTIME_DIR", runtime)
                .env("XDG_CACHE_HOME", runtime),
        );
        let mut session = Self {
            address,
            bus: String::new(),
            _programs: [daemon, launcher],
        };
        let own = |method: &[&str]| {
            let place = ["--dest", "org.a11y.Bus", "--object-path", "/org/a11y/bus"];
            session.gdbus(&[&["--session"], &place[..], &["--method"], method].concat())
        };
        let answer =
            until(|| Some(own(&["org.a11y.Bus.GetAddress"])).filter(|a| a.contains("unix:")));
        let bus = quoted(&answer).next().expect("an address").to_owned();
        for property in ["IsEnabled", "ScreenReaderEnabled"] {
            own(&[
                "org.freedesktop.DBus.Properties.Set",
                "org.a11y.Status",
                property,
                "<true>",
            ]);
        }
        session.bus = bus;
        session
    }

    fn gdbus(&self, arguments: &[&str]) -> String {
        let output = Command::new("gdbus")
            .arg("call")
            .args(arguments)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            .output()
            .expect("gdbus runs");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn ask(&self, (owner, path): &(String, String), method: &[&str]) -> String {
        let place = [
            "--address",
            &self.bus,
            "--dest",
            owner,
            "--object-path",
            path,
            "--method",
        ];
        self.gdbus(&[&place[..], method].concat())
    }

    fn children(&self, of: &(String, String)) -> Vec<(String, String)> {
        let answer = self.ask(of, &["org.a11y.atspi.Accessible.GetChildren"]);
        let words: Vec<&str> = quoted(&answer).collect();
        let pairs = words.as_chunks::<2>().0.iter();
        pairs
            .map(|[owner, path]| ((*owner).to_owned(), (*path).to_owned()))
            .collect()
    }

    fn name(&self, of: &(String, String)) -> String {
        let answer = self.ask(
            of,
            &[
                "org.freedesktop.DBus.Properties.Get",
                "org.a11y.atspi.Accessible",
                "Name",
            ],
        );
        quoted(&answer).next().unwrap_or_default().to_owned()
    }

    /// Names of everything below `of`.
    fn names(&self, of: &(String, String), found: &mut Vec<String>) {
        for child in self.children(of) {
            found.push(self.name(&child));
            self.names(&child, found);
        }
    }
}

/// Texts between single quotes of a printed answer.
fn quoted(answer: &str) -> impl Iterator<Item = &str> {
    answer.split('\'').skip(1).step_by(2)
}

/// What `look` finds, as soon as it does.
fn until<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "it did not come");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Names of leaves, of the empty list and of the mark that this is no medical device reach a screen reader.
#[test]
fn the_accessibility_tree_says_what_is_on_screen() {
    let test = "the_accessibility_tree_says_what_is_on_screen";
    if !Path::new(LAUNCHER).exists() {
        eprintln!("ACCESSIBILITY BUS ABSENT: {test}");
        return;
    }
    let Some(display) = Display::start(test) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    // The launcher opens its folder to others; the key's folder must stay closed.
    let runtime = tempfile::tempdir().unwrap();
    let session = Session::start(&display, runtime.path());
    let mut command = window(&display, folder.path());
    command.env("DBUS_SESSION_BUS_ADDRESS", &session.address);
    let program = Program::start(&mut command);
    program.expect("presented=true");
    let registry = ("org.a11y.atspi.Registry".to_owned(), ROOT.to_owned());
    let ours = until(|| {
        let applications = session.children(&registry);
        applications
            .into_iter()
            .find(|a| session.name(a) == "triptych-window")
    });
    let names = until(|| {
        let mut names = Vec::new();
        session.names(&ours, &mut names);
        names.iter().any(|name| name == "Status").then_some(names)
    });
    for expected in [
        "Triptych",
        "Header",
        "Patients",
        "Investigational: not a medical device",
    ] {
        assert!(
            names.iter().any(|n| n == expected),
            "{expected:?} is not in {names:#?}"
        );
    }
    assert!(
        names.iter().any(|n| n.starts_with("No patients yet.")),
        "{names:#?}"
    );
}
