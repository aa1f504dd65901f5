//! Mouse: position, buttons, wheel.
//!
//! Each handler stops its event: one that lets it go on is called a second time with the same event (measured with GTK
//! 3.24.38, with and without a window manager), and a click would arrive as two presses and two releases.

use egui::{Event, MouseWheelSource, MouseWheelUnit, PointerButton, TouchPhase, Vec2, vec2};
use gtk::gdk::{self, ScrollDirection};
use gtk::glib::Propagation;
use gtk::prelude::*;

use super::Sender;

pub(super) fn connect(window: &gtk::ApplicationWindow, sender: &Sender) {
    let s = sender.clone();
    window.connect_motion_notify_event(move |_, event| {
        s.modifiers(event.state());
        s.send(Event::PointerMoved(s.point(event.position())));
        Propagation::Stop
    });
    let s = sender.clone();
    window.connect_button_press_event(move |_, event| {
        // GDK adds double and triple press events of its own; egui counts clicks itself.
        if event.event_type() == gdk::EventType::ButtonPress {
            send_button(&s, event, true);
        }
        Propagation::Stop
    });
    let s = sender.clone();
    window.connect_button_release_event(move |_, event| {
        send_button(&s, event, false);
        Propagation::Stop
    });
    let s = sender.clone();
    window.connect_leave_notify_event(move |_, event| {
        // A grab, as in a drag out of the window, is no leave.
        if event.mode() == gdk::CrossingMode::Normal {
            s.send(Event::PointerGone);
        }
        Propagation::Stop
    });
    let s = sender.clone();
    window.connect_scroll_event(move |_, event| {
        let (delta, source) = wheel(event.direction(), event.delta());
        let modifiers = s.modifiers(event.state());
        s.send(Event::MouseWheel {
            unit: MouseWheelUnit::Line,
            delta,
            phase: TouchPhase::Move,
            source,
            modifiers,
        });
        Propagation::Stop
    });
}

fn send_button(sender: &Sender, event: &gdk::EventButton, pressed: bool) {
    let Some(button) = button(event.button()) else {
        return;
    };
    let pos = sender.point(event.position());
    let modifiers = sender.modifiers(event.state());
    sender.send(Event::PointerMoved(pos));
    sender.send(Event::PointerButton {
        pos,
        button,
        pressed,
        modifiers,
    });
}

/// X11 numbers its buttons; 4 to 7 are the wheel.
fn button(number: u32) -> Option<PointerButton> {
    match number {
        1 => Some(PointerButton::Primary),
        2 => Some(PointerButton::Middle),
        3 => Some(PointerButton::Secondary),
        8 => Some(PointerButton::Extra1),
        9 => Some(PointerButton::Extra2),
        _ => None,
    }
}

/// Lines to scroll: one a step of a stepped wheel, parts of it from a touchpad. Positive moves the content down and right.
fn wheel(direction: ScrollDirection, (x, y): (f64, f64)) -> (Vec2, MouseWheelSource) {
    let step = |x, y| (vec2(x, y), MouseWheelSource::Wheel);
    match direction {
        ScrollDirection::Up => step(0.0, 1.0),
        ScrollDirection::Down => step(0.0, -1.0),
        ScrollDirection::Left => step(1.0, 0.0),
        ScrollDirection::Right => step(-1.0, 0.0),
        _ => (vec2(-x as f32, -y as f32), MouseWheelSource::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stepped_and_smooth_wheels_agree_on_the_direction() {
        let (stepped, source) = wheel(ScrollDirection::Down, (0.0, 0.0));
        assert_eq!(
            (stepped, source),
            (vec2(0.0, -1.0), MouseWheelSource::Wheel)
        );
        // GDK's smooth deltas are positive downwards.
        let (smooth, source) = wheel(ScrollDirection::Smooth, (0.0, 0.25));
        assert_eq!(
            (smooth, source),
            (vec2(0.0, -0.25), MouseWheelSource::Unknown)
        );
        assert_eq!(wheel(ScrollDirection::Left, (0.0, 0.0)).0, vec2(1.0, 0.0));
    }

    #[test]
    fn wheel_buttons_are_no_presses() {
        assert_eq!(button(3), Some(PointerButton::Secondary));
        assert!((4..=7).all(|number| button(number).is_none()));
    }
}
