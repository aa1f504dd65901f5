//! Keys of the images leaf, imaging.md D1. Letters and digits act on the active tile whatever has focus, except in a text field; keys that
//! move belong to the region with focus first.

use egui::{Key, Modifiers, Ui};

use super::{Act, Grid, Tool};

/// Where a key leads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Move {
    Tile(isize),
    Series(isize),
    Act(Act),
}

const DIGITS: [Key; 9] = [
    Key::Num1,
    Key::Num2,
    Key::Num3,
    Key::Num4,
    Key::Num5,
    Key::Num6,
    Key::Num7,
    Key::Num8,
    Key::Num9,
];

/// The grid that this frame's keys ask for: Ctrl with 1 to 4, rows and columns alike.
pub(super) fn grid(ui: &Ui) -> Option<Grid> {
    (1u8..=4)
        .zip(DIGITS)
        .find(|(_, key)| ui.input_mut(|i| i.consume_key(Modifiers::COMMAND, *key)))
        .map(|(n, _)| Grid::new(n, n))
}

/// The tool or the act that this frame's keys ask for.
pub(super) fn keys(ui: &Ui, arrows_free: bool) -> (Option<Tool>, Option<Move>) {
    ui.input_mut(|i| {
        let mut plain = |key| i.consume_key(Modifiers::NONE, key);
        let tool = [
            (Key::W, Tool::Window),
            (Key::S, Tool::Scroll),
            (Key::Z, Tool::Zoom),
            (Key::P, Tool::Pan),
        ]
        .into_iter()
        .find(|(key, _)| plain(*key))
        .map(|(_, tool)| tool);
        let preset = (1u8..=9)
            .zip(DIGITS)
            .find(|(_, key)| plain(*key))
            .map(|(n, _)| Act::Preset(n));
        let act = preset.or_else(|| {
            [
                (Key::I, Act::Invert),
                (Key::H, Act::FlipHorizontal),
                (Key::V, Act::FlipVertical),
                (Key::Num0, Act::ResetWindow),
            ]
            .into_iter()
            .find(|(key, _)| plain(*key))
            .map(|(_, act)| act)
        });
        if let Some(act) = act {
            return (tool, Some(Move::Act(act)));
        }
        if i.consume_key(Modifiers::SHIFT, Key::Escape) {
            return (tool, Some(Move::Act(Act::Reset)));
        }
        if !arrows_free {
            return (tool, None);
        }
        let moved = [
            (Key::ArrowDown, Move::Act(Act::Slice(1))),
            (Key::ArrowUp, Move::Act(Act::Slice(-1))),
            (Key::ArrowRight, Move::Tile(1)),
            (Key::ArrowLeft, Move::Tile(-1)),
            (Key::PageDown, Move::Series(1)),
            (Key::PageUp, Move::Series(-1)),
            (Key::Home, Move::Act(Act::First)),
            (Key::End, Move::Act(Act::Last)),
        ]
        .into_iter()
        .find(|(key, _)| i.consume_key(Modifiers::NONE, *key))
        .map(|(_, act)| act);
        (tool, moved)
    })
}
