//! The window program as a person starts it, in an X server of the test's own. The shell's own tests are in
//! `crates/shell/tests/window.rs`.

mod accessible;
mod display;

use std::collections::HashSet;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use display::{Display, Program};

/// At rest.
const CALM: Duration = Duration::from_millis(900);

const FRAMES: &str = "triptych_shell::frame";

/// The window over an empty archive in `folder`.
fn window(display: &Display, folder: &Path) -> Command {
    let mut command = display.command(env!("CARGO_BIN_EXE_triptych-window"));
    command
        .arg("--archive")
        .arg(folder.join("archive"))
        .arg("--key-file")
        // Made by the program, closed to others.
        .arg(folder.join("keys").join("key"))
        .args(["--renderer", "cpu", "--size", "1280x800"])
        .env(
            "TRIPTYCH_LOG",
            "triptych_shell=debug,triptych_shell::frame=trace",
        );
    command
}

/// Colours of a PNG, and its size.
fn colours(path: &Path) -> (HashSet<[u8; 3]>, [u32; 2]) {
    let file = std::io::BufReader::new(std::fs::File::open(path).expect("the screenshot is saved"));
    let mut reader = png::Decoder::new(file).read_info().unwrap();
    let mut rgb = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut rgb).unwrap();
    assert_eq!(info.color_type, png::ColorType::Rgb);
    (
        rgb.as_chunks::<3>().0.iter().copied().collect(),
        [info.width, info.height],
    )
}

#[test]
fn the_window_shows_its_first_page_and_ends() {
    let Some(display) = Display::start("the_window_shows_its_first_page_and_ends") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("window.png");
    let mut command = window(&display, folder.path());
    let mut program = Program::start(
        command
            .arg("--screenshot")
            .arg(&picture)
            .arg("--after-settled"),
    );
    assert_eq!(program.exit_code(), 0, "{}", program.lines().join("\n"));
    let (colours, size) = colours(&picture);
    assert_eq!(size, [1280, 800]);
    // Letters alone have dozens of greys; an empty window has one.
    assert!(colours.len() > 40, "{} colours", colours.len());
    assert_eq!(program.count("panicked"), 0);
}

#[test]
fn an_idle_window_draws_no_frame_and_closing_it_ends_with_0() {
    let test = "an_idle_window_draws_no_frame_and_closing_it_ends_with_0";
    let Some(mut display) = Display::start(test) else {
        return;
    };
    let managed = display.manage();
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::start(&mut window(&display, folder.path()));
    program.expect("presented=true");
    let id = display.window("Triptych");
    display.point(&id, 640, 790);
    program.rest(CALM);
    let (frames, cpu) = (program.count(FRAMES), program.cpu_seconds());
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(program.count(FRAMES), frames, "frames in 2 idle seconds");
    let used = program.cpu_seconds() - cpu;
    assert!(used < 0.03, "{used} s of processor time in 2 idle seconds");
    if managed {
        display.xdo(&["windowactivate", "--sync", &id, "key", "alt+F4"]);
    } else {
        program.terminate();
    }
    assert_eq!(program.exit_code(), 0);
    assert_eq!(program.count("panicked"), 0);
}

#[test]
fn without_a_display_the_window_says_so_with_exit_code_4() {
    let folder = tempfile::tempdir().unwrap();
    // More than once: the archive that is being opened meanwhile is closed in order, whatever it was doing.
    for _ in 0..4 {
        let mut command = Command::new(env!("CARGO_BIN_EXE_triptych-window"));
        command
            .arg("--archive")
            .arg(folder.path().join("archive"))
            .arg("--key-file")
            .arg(folder.path().join("keys").join("key"))
            .env_remove("DISPLAY");
        let mut program = Program::start(&mut command);
        assert_eq!(program.exit_code(), 4);
        program.expect("there is no display");
        for fault in ["panicked", "WARN", "ERROR"] {
            assert_eq!(program.count(fault), 0, "{fault}");
        }
    }
}

#[test]
fn an_option_that_does_not_exist_is_exit_code_2() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_triptych-window"));
    let mut program = Program::start(command.args(["--renderer", "crayon"]));
    assert_eq!(program.exit_code(), 2);
    program.expect("crayon");
}
