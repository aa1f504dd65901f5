//! Keys and modifiers: GDK's names and state in egui's words.

use egui::{Event, Key, Modifiers};
use gtk::gdk::{self, ModifierType, keys::constants as name};

/// egui's modifiers of GDK's state.
pub(super) fn modifiers(state: ModifierType) -> Modifiers {
    let ctrl = state.contains(ModifierType::CONTROL_MASK);
    Modifiers {
        alt: state.contains(ModifierType::MOD1_MASK),
        ctrl,
        shift: state.contains(ModifierType::SHIFT_MASK),
        mac_cmd: false,
        command: ctrl,
    }
}

/// GDK's state of a key event is that before it; a modifier key changes it.
pub(super) fn state_after(
    key: &gdk::keys::Key,
    state: ModifierType,
    pressed: bool,
) -> ModifierType {
    let changed = match *key {
        name::Shift_L | name::Shift_R => ModifierType::SHIFT_MASK,
        name::Control_L | name::Control_R => ModifierType::CONTROL_MASK,
        name::Alt_L | name::Alt_R | name::Meta_L | name::Meta_R => ModifierType::MOD1_MASK,
        _ => ModifierType::empty(),
    };
    if pressed {
        state | changed
    } else {
        state - changed
    }
}

/// What a pressed key means to egui. Only a paste reads the clipboard.
pub(super) fn press(
    key: Key,
    modifiers: Modifiers,
    paste: impl FnOnce() -> Option<String>,
) -> Option<Event> {
    let command = modifiers.command && !modifiers.shift && !modifiers.alt;
    let shift = modifiers.shift && !modifiers.command && !modifiers.alt;
    match key {
        Key::C | Key::Insert if command => Some(Event::Copy),
        Key::X if command => Some(Event::Cut),
        Key::Delete if shift => Some(Event::Cut),
        Key::V if command => paste().map(Event::Paste),
        Key::Insert if shift => paste().map(Event::Paste),
        _ => Some(change(key, true, modifiers)),
    }
}

/// A key goes down or up. egui itself finds repeats.
pub(super) fn change(key: Key, pressed: bool, modifiers: Modifiers) -> Event {
    Event::Key {
        key,
        physical_key: None,
        pressed,
        repeat: false,
        modifiers,
    }
}

/// The logical key; on a layout without Latin letters the key of the first group, which has them, so that shortcuts work.
pub(super) fn key_of(event: &gdk::EventKey) -> Option<Key> {
    named(&event.keyval()).or_else(|| {
        let keymap = gdk::Keymap::for_display(&gdk::Display::default()?)?;
        let places = keymap.entries_for_keycode(event.hardware_keycode().into());
        let (_, value) = places
            .into_iter()
            .find(|(place, _)| place.group() == 0 && place.level() == 0)?;
        named(&value.into())
    })
}

fn named(key: &gdk::keys::Key) -> Option<Key> {
    if let Some(letter) = key.to_unicode().filter(|c| !c.is_control() && *c != ' ') {
        return Key::from_name(&letter.to_uppercase().to_string());
    }
    let name = key.name()?;
    Key::from_name(match name.strip_prefix("KP_").unwrap_or(&name) {
        "BackSpace" => "Backspace",
        "ISO_Left_Tab" => "Tab",
        "Page_Up" | "Prior" => "PageUp",
        "Page_Down" | "Next" => "PageDown",
        "space" => "Space",
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(key: gdk::keys::Key, expected: Option<Key>) {
        assert_eq!(named(&key), expected, "{:?}", key.name());
    }

    #[test]
    fn keys_have_eguis_names() {
        check(name::a, Some(Key::A));
        check(name::A, Some(Key::A));
        check(name::_1, Some(Key::Num1));
        check(name::KP_1, Some(Key::Num1));
        check(name::KP_Enter, Some(Key::Enter));
        check(name::Return, Some(Key::Enter));
        check(name::Escape, Some(Key::Escape));
        check(name::space, Some(Key::Space));
        check(name::Tab, Some(Key::Tab));
        check(name::ISO_Left_Tab, Some(Key::Tab));
        check(name::BackSpace, Some(Key::Backspace));
        check(name::Page_Down, Some(Key::PageDown));
        check(name::KP_Page_Up, Some(Key::PageUp));
        check(name::Left, Some(Key::ArrowLeft));
        check(name::KP_Left, Some(Key::ArrowLeft));
        check(name::F1, Some(Key::F1));
        check(name::plus, Some(Key::Plus));
        check(name::bracketleft, Some(Key::OpenBracket));
        check(name::Shift_L, None);
        check(name::dead_acute, None);
    }

    #[test]
    fn releasing_shift_keeps_ctrl() {
        let both = ModifierType::SHIFT_MASK | ModifierType::CONTROL_MASK;
        let after = state_after(&name::Shift_L, both, false);
        assert_eq!(
            modifiers(after),
            Modifiers {
                shift: false,
                ..Modifiers::CTRL | Modifiers::COMMAND
            }
        );
        let pressed = state_after(&name::Control_R, ModifierType::empty(), true);
        assert!(modifiers(pressed).ctrl && modifiers(pressed).command);
    }

    #[test]
    fn editing_shortcuts_are_events_of_their_own() {
        let ctrl = Modifiers::CTRL | Modifiers::COMMAND;
        let text = || Some("text".to_owned());
        assert_eq!(press(Key::C, ctrl, text), Some(Event::Copy));
        assert_eq!(press(Key::X, ctrl, text), Some(Event::Cut));
        assert_eq!(press(Key::V, ctrl, text), Some(Event::Paste("text".into())));
        assert_eq!(
            press(Key::Insert, Modifiers::SHIFT, text),
            Some(Event::Paste("text".into()))
        );
        assert_eq!(press(Key::Delete, Modifiers::SHIFT, text), Some(Event::Cut));
        // An empty clipboard pastes nothing; with another modifier it is another shortcut.
        assert_eq!(press(Key::V, ctrl, || None), None);
        let shifted = ctrl | Modifiers::SHIFT;
        assert_eq!(
            press(Key::C, shifted, text),
            Some(change(Key::C, true, shifted))
        );
    }
}
