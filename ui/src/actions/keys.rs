//! A key with what is held beside it: written, read, and found among a frame's events.

use egui::{Event, Key, Ui};

/// A key and the modifiers held with it. Ctrl stands for the command key of the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Chord {
    key: Key,
    ctrl: bool,
    alt: bool,
    shift: bool,
}

impl Chord {
    /// The space bar alone: held it pans, so that it means its action only when it is let go.
    pub const SPACE: Self = Self {
        key: Key::Space,
        ctrl: false,
        alt: false,
        shift: false,
    };

    /// `Ctrl+Shift+E`, `?`, `PageDown`; `None` for what names no key.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut chord = Self {
            key: Key::Escape,
            ctrl: false,
            alt: false,
            shift: false,
        };
        let mut rest = text.trim();
        while let Some((held, more)) = rest.split_once('+').filter(|(_, more)| !more.is_empty()) {
            match held.trim() {
                "Ctrl" => chord.ctrl = true,
                "Alt" => chord.alt = true,
                "Shift" => chord.shift = true,
                _ => return None,
            }
            rest = more.trim();
        }
        chord.key = match rest {
            "+" => Key::Plus,
            name => Key::from_name(name)?,
        };
        Some(chord.settled())
    }

    /// As it is written: `Ctrl+Shift+E`.
    #[must_use]
    pub fn words(self) -> String {
        let mut words = String::new();
        for (held, name) in [
            (self.ctrl, "Ctrl+"),
            (self.alt, "Alt+"),
            (self.shift, "Shift+"),
        ] {
            if held {
                words.push_str(name);
            }
        }
        words.push_str(name_of(self.key));
        words
    }

    /// The caps to draw: one for each key that is pressed.
    #[must_use]
    pub fn caps(self) -> Vec<&'static str> {
        let mut caps = Vec::new();
        for (held, name) in [
            (self.ctrl, "Ctrl"),
            (self.alt, "Alt"),
            (self.shift, "Shift"),
        ] {
            if held {
                caps.push(name);
            }
        }
        caps.push(match self.key {
            Key::ArrowDown => "↓",
            Key::ArrowUp => "↑",
            Key::ArrowLeft => "←",
            Key::ArrowRight => "→",
            Key::PageDown => "PgDn",
            Key::PageUp => "PgUp",
            key => name_of(key),
        });
        caps
    }

    /// A pressed key of an event, if it is one. The copy gesture of the system comes as an event of its own.
    #[must_use]
    pub fn of(event: &Event) -> Option<Self> {
        match event {
            Event::Key {
                key,
                pressed: true,
                modifiers,
                ..
            } => Some(
                Self {
                    key: *key,
                    ctrl: modifiers.ctrl || modifiers.command,
                    alt: modifiers.alt,
                    shift: modifiers.shift,
                }
                .settled(),
            ),
            Event::Copy => Self::parse("Ctrl+C"),
            Event::Cut => Self::parse("Ctrl+X"),
            _ => None,
        }
    }

    /// Held keys or a function key: nothing that a text field would take.
    #[must_use]
    pub fn leaves_text_alone(self) -> bool {
        let typing = self.ctrl
            && matches!(
                self.key,
                Key::A | Key::C | Key::X | Key::V | Key::Z | Key::Y | Key::Home | Key::Backspace
            );
        (self.ctrl && !typing) || name_of(self.key).starts_with('F') && name_of(self.key).len() > 1
    }

    /// Signs that need Shift on one keyboard and not on another are the same key with and without.
    fn settled(mut self) -> Self {
        if matches!(
            self.key,
            Key::Questionmark | Key::Plus | Key::Exclamationmark | Key::Colon | Key::Pipe
        ) {
            self.shift = false;
        }
        self
    }
}

/// As [`Key::from_name`] reads it, the sign itself where there is one.
fn name_of(key: Key) -> &'static str {
    match key {
        Key::Escape => "Esc",
        Key::Plus => "+",
        Key::OpenBracket => "[",
        Key::CloseBracket => "]",
        Key::Comma => ",",
        Key::Period => ".",
        Key::Minus => "−",
        Key::Equals => "=",
        Key::Slash => "/",
        Key::Semicolon => ";",
        Key::Questionmark => "?",
        Key::Backtick => "`",
        key => key.name(),
    }
}

/// Takes the first key of this frame for which `wanted` answers out of its events.
pub(crate) fn pressed<T>(ui: &Ui, wanted: impl Fn(Chord) -> Option<T>) -> Option<T> {
    ui.input_mut(|i| {
        let at = i
            .events
            .iter()
            .position(|e| Chord::of(e).is_some_and(|c| wanted(c).is_some()))?;
        let event = i.events.remove(at);
        // A sign that is typed with the key belongs to it.
        if let Some(Event::Text(_)) = i.events.get(at) {
            i.events.remove(at);
        }
        Chord::of(&event).and_then(wanted)
    })
}
