//! The shell in a real window, driven by real X input: `examples/probe.rs` under an Xvfb of the test's own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods
)]

#[path = "../../../tests/window/display.rs"]
mod display;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use display::{Display, Program};

/// At rest: longer than between two blinks of a caret.
const CALM: Duration = Duration::from_millis(900);

const FRAMES: &str = "triptych_shell::frame";

/// An example of this crate, built together with this test.
fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let target = test.parent().and_then(Path::parent).unwrap();
    target.join("examples").join(name)
}

fn probe(display: &Display, renderer: &str) -> Command {
    let mut command = display.command(example("probe"));
    command.args(["--renderer", renderer]).env(
        "RUST_LOG",
        "triptych_shell=debug,triptych_shell::frame=trace",
    );
    command
}

/// The probe with its first frame on screen, and its window.
fn shown(display: &Display, command: &mut Command) -> (Program, String) {
    let probe = Program::start(command);
    probe.expect("presented=true");
    let window = display.window("Probe");
    probe.rest(CALM);
    (probe, window)
}

struct Picture {
    width: usize,
    rgb: Vec<u8>,
}

impl Picture {
    fn of(path: &Path) -> Self {
        let file =
            std::io::BufReader::new(std::fs::File::open(path).expect("the screenshot is saved"));
        let mut reader = png::Decoder::new(file).read_info().unwrap();
        let mut rgb = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut rgb).unwrap();
        assert_eq!(info.color_type, png::ColorType::Rgb);
        Self {
            width: info.width as usize,
            rgb,
        }
    }

    fn at(&self, x: usize, y: usize) -> [u8; 3] {
        let at = (y * self.width + x) * 3;
        [self.rgb[at], self.rgb[at + 1], self.rgb[at + 2]]
    }
}

fn screenshot(display: &Display, renderer: &str, scale: &str) -> (Picture, String) {
    let path = std::env::temp_dir().join(format!(
        "triptych-probe-{}-{renderer}-{scale}.png",
        std::process::id()
    ));
    let mut command = probe(display, renderer);
    command
        .arg("--screenshot")
        .arg(&path)
        .env("GDK_SCALE", scale);
    let mut probe = Program::start(&mut command);
    assert_eq!(probe.exit_code(), 0, "{:?}", probe.lines());
    let picture = Picture::of(&path);
    let _ = std::fs::remove_file(path);
    (picture, probe.expect("viewport at"))
}

/// The greys of the four quarters: values 0, 1000, 2000, 3000 in a window of centre 1500 and width 3000, so a third apart.
fn check_viewport(picture: &Picture, line: &str) {
    let numbers: Vec<usize> = line
        .split_whitespace()
        .filter_map(|word| word.parse().ok())
        .collect();
    let [x, y, side] = numbers[..] else {
        panic!("{line}");
    };
    let (low, high) = (side / 4, side * 3 / 4);
    let greys = [(low, low), (high, low), (low, high), (high, high)]
        .map(|(dx, dy)| picture.at(x + dx, y + dy));
    assert_eq!(greys, [0, 85, 170, 255].map(|grey| [grey; 3]));
    // Sharp from quarter to quarter: one texel on one pixel, no filter over it.
    let edge: Vec<u8> = (side / 2 - 2..side / 2 + 2)
        .map(|dx| picture.at(x + dx, y + low)[0])
        .collect();
    assert!(
        edge.first() == Some(&0) && edge.last() == Some(&85),
        "{edge:?}"
    );
}

#[test]
fn the_processor_shows_text_and_right_greys() {
    let Some(display) = Display::start("the_processor_shows_text_and_right_greys") else {
        return;
    };
    let (picture, line) = screenshot(&display, "cpu", "1");
    assert_eq!(picture.width, 800);
    check_viewport(&picture, &line);
    // Text on the left: many greys between ground and letters.
    let mut seen = [false; 256];
    (0..600)
        .flat_map(|y| (0..300).map(move |x| (x, y)))
        .for_each(|(x, y)| seen[usize::from(picture.at(x, y)[0])] = true);
    assert!(seen.iter().filter(|seen| **seen).count() > 60);
}

/// GPU-03, and the same picture from both painters, of the real window.
#[test]
fn gpu_03_both_painters_show_the_same_window() {
    let Some(display) = Display::start("gpu_03_both_painters_show_the_same_window") else {
        return;
    };
    if !display.has_adapter() {
        eprintln!("ADAPTER ABSENT: gpu_03_both_painters_show_the_same_window");
        return;
    }
    let (on_gpu, line) = screenshot(&display, "gpu", "1");
    check_viewport(&on_gpu, &line);
    let (on_cpu, _) = screenshot(&display, "cpu", "1");
    // The line that names the painter differs; it is above the viewport.
    let y: usize = line.split_whitespace().nth(3).unwrap().parse().unwrap();
    let below = |picture: &Picture| picture.rgb[y * picture.width * 3..].to_vec();
    let off = below(&on_gpu)
        .iter()
        .zip(below(&on_cpu))
        .map(|(a, b)| a.abs_diff(b))
        .max();
    assert!(off.unwrap() <= 2, "off by {off:?}");
}

/// Automatic choice on a machine whose only adapter is a software one, and on one without any.
#[test]
fn gpu_03_without_a_real_gpu_the_processor_paints() {
    let Some(display) = Display::start("gpu_03_without_a_real_gpu_the_processor_paints") else {
        return;
    };
    for drivers in [None, Some("/nonexistent")] {
        let mut command = probe(&display, "auto");
        command.envs(drivers.map(|drivers| ("VK_DRIVER_FILES", drivers)));
        let (probe, _) = shown(&display, &mut command);
        probe.expect("painting on the processor");
    }
    let mut command = probe(&display, "gpu");
    let mut refused = Program::start(command.env("VK_DRIVER_FILES", "/nonexistent"));
    assert_eq!(refused.exit_code(), 4);
    refused.expect("--renderer cpu");
    assert_eq!(refused.count("panicked"), 0);
}

#[test]
fn no_display_is_a_message_and_exit_code_4() {
    let mut command = Command::new(example("probe"));
    let mut probe = Program::start(command.env_remove("DISPLAY"));
    assert_eq!(probe.exit_code(), 4);
    probe.expect("there is no display");
    assert_eq!(probe.count("panicked"), 0);
}

#[test]
fn an_idle_window_draws_nothing_and_uses_no_processor() {
    let Some(display) = Display::start("an_idle_window_draws_nothing_and_uses_no_processor") else {
        return;
    };
    let (probe, window) = shown(&display, &mut probe(&display, "cpu"));
    display.point(&window, 700, 580);
    probe.rest(CALM);
    let (frames, cpu) = (probe.count(FRAMES), probe.cpu_seconds());
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(probe.count(FRAMES), frames, "frames in 2 idle seconds");
    let used = probe.cpu_seconds() - cpu;
    assert!(used < 0.03, "{used} s of processor time in 2 idle seconds");
}

/// A blinking caret draws a few frames, and no image in any of them.
#[test]
fn a_blinking_caret_redraws_no_image() {
    let Some(display) = Display::start("a_blinking_caret_redraws_no_image") else {
        return;
    };
    let (probe, window) = shown(&display, &mut probe(&display, "cpu"));
    display.point(&window, 100, 60);
    display.xdo(&["click", "1"]);
    display.xdo(&["type", "x"]);
    probe.expect("note \"x\"");
    let (since, images) = (probe.lines().len(), probe.count("image_passes=1"));
    for _ in 0..3 {
        // Two blinks and more: each frame is told.
        probe.expect_after(probe.lines().len(), FRAMES);
    }
    let drawn = probe
        .lines()
        .iter()
        .skip(since)
        .filter(|line| line.contains(FRAMES))
        .count();
    assert!(drawn >= 3);
    assert_eq!(probe.count("image_passes=1"), images);
    // Only the caret's tiles are painted.
    let lines = probe.lines();
    let last = lines.iter().rfind(|line| line.contains(FRAMES)).unwrap();
    let painted: usize = last
        .split("painted=")
        .nth(1)
        .unwrap()
        .split(' ')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!(painted <= 4, "{last}");
}

#[test]
fn mouse_wheel_and_keys_reach_egui() {
    let Some(display) = Display::start("mouse_wheel_and_keys_reach_egui") else {
        return;
    };
    let (probe, window) = shown(&display, &mut probe(&display, "cpu"));
    display.point(&window, 123, 456);
    probe.expect("pointer 123.0 456.0");
    probe.rest(CALM);
    assert_eq!(probe.count("pointer 123.0 456.0"), 1, "told twice");
    display.xdo(&["click", "--repeat", "3", "5"]);
    probe.expect("scrolled");
    display.xdo(&["key", "ctrl+shift+z"]);
    let key = probe.expect("key Z");
    assert!(key.contains("ctrl") && key.contains("shift"), "{key}");
    probe.rest(CALM);
    let since = probe.lines().len();
    display.xdo(&["keydown", "ctrl", "keydown", "shift", "keyup", "shift"]);
    display.point(&window, 600, 550);
    display.xdo(&["click", "1"]);
    let button = probe.expect_after(since, "button Primary");
    display.xdo(&["keyup", "ctrl"]);
    assert!(
        button.contains("ctrl") && !button.contains("shift"),
        "{button}"
    );
    display.point(&window, 500, 200);
    probe.rest(CALM);
    let presses = probe.count("button Primary");
    display.xdo(&["click", "--repeat", "2", "--delay", "60", "1"]);
    probe.expect("double click");
    assert_eq!(probe.count("button Primary"), presses + 2);
}

#[test]
fn text_comes_with_dead_keys_and_through_the_clipboard() {
    let Some(display) = Display::start("text_comes_with_dead_keys_and_through_the_clipboard")
    else {
        return;
    };
    let (probe, window) = shown(&display, &mut probe(&display, "cpu"));
    display.point(&window, 100, 60);
    display.xdo(&["click", "1"]);
    display.xdo(&["type", "--delay", "30", "Hb 7.1 "]);
    probe.expect("note \"Hb 7.1 \"");
    let international = display
        .command("setxkbmap")
        .args(["us", "-variant", "intl"])
        .status();
    if international.is_ok_and(|status| status.success()) {
        display.xdo(&["key", "dead_acute", "e"]);
        probe.expect("note \"Hb 7.1 é\"");
        let _ = display.command("setxkbmap").arg("us").status();
    } else {
        eprintln!("SETXKBMAP ABSENT: dead keys");
        display.xdo(&["type", "e"]);
    }
    // Copied, cleared, pasted.
    display.xdo(&["key", "ctrl+a", "ctrl+c", "BackSpace"]);
    let since = probe
        .lines()
        .iter()
        .rposition(|line| line.contains("note \"Hb 7.1"))
        .unwrap();
    probe.expect_after(since, "note \"\"");
    let since = probe.lines().len();
    display.xdo(&["key", "ctrl+v"]);
    probe.expect_after(since, "note \"Hb 7.1 ");
}

/// GPU-01: the device is destroyed under a window that is drawn; it goes on with the same picture.
#[test]
fn gpu_01_a_lost_device_is_rebuilt_with_the_same_view() {
    let Some(display) = Display::start("gpu_01_a_lost_device_is_rebuilt_with_the_same_view") else {
        return;
    };
    if !display.has_adapter() {
        eprintln!("ADAPTER ABSENT: gpu_01_a_lost_device_is_rebuilt_with_the_same_view");
        return;
    }
    let mut command = probe(&display, "gpu");
    let (mut probe, window) = shown(&display, command.env("TRIPTYCH_FAULTS", "device-lost"));
    let first = checksum(&display, &window);
    for loss in 1..=2 {
        let since = probe.lines().len();
        display.xdo(&["key", "F9"]);
        let rebuilt = probe.expect_after(since, "lost and rebuilt");
        assert!(rebuilt.contains("llvmpipe"), "{rebuilt}");
        let ms: f64 = rebuilt
            .split("ms=")
            .nth(1)
            .unwrap()
            .split(' ')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        assert!(
            ms < 2000.0 || cfg!(debug_assertions),
            "loss {loss}: {ms} ms"
        );
        probe.expect_after(since, "image_passes=1");
        probe.rest(CALM);
        assert_eq!(
            checksum(&display, &window),
            first,
            "the picture after loss {loss}"
        );
    }
    // A driver that fails again and again makes room for the processor.
    let since = probe.lines().len();
    display.xdo(&["key", "F9"]);
    probe.expect_after(since, "painting on the processor");
    probe.expect_after(since, "painted=");
    display.xdo(&["key", "alt+F4"]);
    probe.terminate();
    assert_eq!(probe.exit_code(), 0);
}

/// What the X server shows of a window; nothing where ImageMagick is not installed.
fn checksum(display: &Display, window: &str) -> Option<Vec<u8>> {
    let output = display
        .command("import")
        .args(["-silent", "-window", window, "-depth", "8", "rgb:-"])
        .output();
    output.ok().map(|output| output.stdout)
}

/// The last thing drawn is on the screen, not in a queue until something else is drawn.
#[test]
fn the_screen_is_never_a_frame_behind() {
    let test = "the_screen_is_never_a_frame_behind";
    let Some(display) = Display::start(test) else {
        return;
    };
    let (probe, window) = shown(&display, &mut probe(&display, "cpu"));
    display.point(&window, 500, 200);
    probe.rest(CALM);
    let Some(before) = checksum(&display, &window) else {
        eprintln!("IMAGEMAGICK ABSENT: {test}");
        return;
    };
    // Dragged with the right button, the picture gets darker.
    display.xdo(&["mousedown", "3"]);
    for y in [210, 220, 230] {
        display.point(&window, 500, y);
        probe.rest(CALM);
    }
    display.xdo(&["mouseup", "3"]);
    probe.rest(CALM);
    let dragged = checksum(&display, &window);
    // Something else is drawn and taken back: a button with the pointer over it.
    display.point(&window, 40, 106);
    probe.rest(CALM);
    display.point(&window, 500, 230);
    probe.rest(CALM);
    let after = checksum(&display, &window);
    assert!(dragged != Some(before), "nothing was drawn");
    assert!(dragged == after, "the screen was a frame behind");
}

#[test]
fn a_second_window_has_its_own_screen_and_the_first_stays() {
    let test = "a_second_window_has_its_own_screen_and_the_first_stays";
    let Some(mut display) = Display::start(test) else {
        return;
    };
    if !display.manage() {
        eprintln!("OPENBOX ABSENT: {test}");
        return;
    }
    let (probe, window) = shown(&display, &mut probe(&display, "cpu"));
    display.point(&window, 40, 106);
    display.xdo(&["click", "1"]);
    probe.expect("window=\"second-window\"");
    let second = display.window("Second window");
    display.xdo(&["windowactivate", "--sync", &second, "key", "alt+F4"]);
    probe.expect("closed Second window");
    let since = probe.lines().len();
    display.point(&window, 60, 300);
    probe.expect_after(since, "pointer 60.0 300.0");
    assert_eq!(probe.count("closed Probe"), 0);
}

#[test]
fn being_told_to_end_closes_the_view_once() {
    let Some(display) = Display::start("being_told_to_end_closes_the_view_once") else {
        return;
    };
    let (mut probe, _) = shown(&display, &mut probe(&display, "cpu"));
    probe.terminate();
    assert_eq!(probe.exit_code(), 0);
    assert_eq!(probe.count("closed Probe"), 1);
}

/// GPU-02, with a window manager: closing as a person does, and nothing drawn while minimised.
#[test]
fn gpu_02_minimised_draws_nothing_and_closing_ends_with_0() {
    let Some(mut display) =
        Display::start("gpu_02_minimised_draws_nothing_and_closing_ends_with_0")
    else {
        return;
    };
    if !display.manage() {
        eprintln!("OPENBOX ABSENT: gpu_02_minimised_draws_nothing_and_closing_ends_with_0");
        return;
    }
    let (mut probe, window) = shown(&display, &mut probe(&display, "cpu"));
    // The caret blinks: frames come by themselves.
    display.point(&window, 100, 60);
    display.xdo(&["click", "1", "type", "x"]);
    probe.expect("note \"x\"");
    display.xdo(&["windowminimize", "--sync", &window]);
    probe.rest(CALM);
    let frames = probe.count(FRAMES);
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(probe.count(FRAMES), frames, "frames while minimised");
    display.xdo(&[
        "windowmap",
        "--sync",
        &window,
        "windowactivate",
        "--sync",
        &window,
    ]);
    let since = probe.lines().len();
    probe.expect_after(since.saturating_sub(1), FRAMES);
    display.xdo(&["windowactivate", "--sync", &window, "key", "alt+F4"]);
    assert_eq!(probe.exit_code(), 0);
    assert_eq!(probe.count("closed Probe"), 1);
}

#[test]
fn at_scale_2_points_are_two_pixels() {
    let Some(display) = Display::start("at_scale_2_points_are_two_pixels") else {
        return;
    };
    let (picture, line) = screenshot(&display, "cpu", "2");
    assert_eq!(picture.width, 1600);
    assert!(line.ends_with("side 800"), "{line}");
    check_viewport(&picture, &line);
    let (probe, window) = shown(&display, probe(&display, "cpu").env("GDK_SCALE", "2"));
    display.point(&window, 300, 500);
    probe.expect("pointer 150.0 250.0");
}

#[test]
fn files_dragged_onto_the_window_arrive() {
    let Some(display) = Display::start("files_dragged_onto_the_window_arrive") else {
        return;
    };
    let (probe, window) = shown(&display, &mut probe(&display, "cpu"));
    let mut source = display.command(example("drag_source"));
    let _source = Program::start(source.arg("/scans/a b.dcm").env("GDK_BACKEND", "x11"));
    let from = display.window("Drag source");
    display.point(&from, 100, 100);
    display.xdo(&["mousedown", "1"]);
    for step in 1..10 {
        display.point(&from, 100 - step, 100 + step);
    }
    display.point(&window, 500, 500);
    display.point(&window, 510, 510);
    probe.expect("hovering");
    display.xdo(&["mouseup", "1"]);
    probe.expect("dropped /scans/a b.dcm");
}
