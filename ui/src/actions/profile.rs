//! Profiles "feel like" (imaging.md D2): the keys and buttons that a reader's hands know from another program.
//!
//! A profile lists only what differs. What it takes for one action is gone from the default of another; presets stay on the digits.

use serde::{Deserialize, Serialize};

use super::Action::{self, *};
use crate::words::w;

/// Whose habits keys and buttons follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Profile {
    /// This program's own.
    #[default]
    Triptych,
    /// Weasis.
    Weasis,
    /// OHIF.
    Ohif,
    /// Horos and OsiriX.
    Horos,
    /// RadiAnt.
    Radiant,
    /// What most reading rooms have: left button scrolls.
    Pacs,
}

/// What a dragged button does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Button {
    /// The chosen tool.
    Tool,
    Scroll,
    Window,
    Zoom,
    Pan,
    /// Only the menu of a click.
    Nothing,
}

impl Profile {
    /// All of them, in the order of the list.
    pub const ALL: [Self; 6] = [
        Self::Triptych,
        Self::Weasis,
        Self::Ohif,
        Self::Horos,
        Self::Radiant,
        Self::Pacs,
    ];

    /// Its name.
    #[must_use]
    pub fn words(self) -> &'static str {
        w(match self {
            Self::Triptych => "profile.triptych",
            Self::Weasis => "profile.weasis",
            Self::Ohif => "profile.ohif",
            Self::Horos => "profile.horos",
            Self::Radiant => "profile.radiant",
            Self::Pacs => "profile.pacs",
        })
    }

    /// What left, middle and right do while they are dragged.
    pub(crate) const fn buttons(self) -> [Button; 3] {
        match self {
            Self::Weasis => [Button::Tool, Button::Pan, Button::Nothing],
            _ => [Button::Tool, Button::Pan, Button::Zoom],
        }
    }

    /// The tool that is chosen at the start.
    pub(crate) const fn first_tool(self) -> Button {
        match self {
            Self::Pacs => Button::Scroll,
            _ => Button::Window,
        }
    }

    /// Keys that differ from the default.
    pub(super) const fn keys(self) -> &'static [(Action, &'static [&'static str])] {
        match self {
            Self::Triptych => &[],
            Self::Weasis => &[
                (SeriesNext, &["Right"]),
                (SeriesPrevious, &["Left"]),
                (SeriesFirst, &["PageUp"]),
                (SeriesLast, &["PageDown"]),
                (StudyNext, &["Ctrl+Right"]),
                (StudyPrevious, &["Ctrl+Left"]),
                (TileNext, &["Tab"]),
                (TilePrevious, &["Shift+Tab"]),
                (ToolPan, &["T"]),
                (ZoomIn, &["Ctrl+Plus", "Ctrl+="]),
                (ZoomOut, &["Ctrl+Minus"]),
                (Fit, &["Ctrl+Enter"]),
                (RotateLeft, &["Alt+L"]),
                (RotateRight, &["Alt+R"]),
                (FlipHorizontal, &["Alt+F"]),
                (Length, &["D"]),
                (Polygon, &["Y"]),
                (Text, &["B"]),
                (Mpr, &["H"]),
                (Cine, &["C"]),
                (Graphics, &["Space", "I"]),
                (FileWindow1, &["1"]),
                (FileWindow2, &["2"]),
                (FullScreen, &["F11"]),
            ],
            Self::Ohif => &[
                (ZoomIn, &["Plus"]),
                (ZoomOut, &["Minus"]),
                (Fit, &["="]),
                (RotateLeft, &["L"]),
                (RotateRight, &["R"]),
                (Cine, &["C"]),
                (Reset, &["Space"]),
                (StepNext, &["Period"]),
                (StepPrevious, &["Comma"]),
                (Delete, &["Backspace"]),
            ],
            Self::Horos => &[
                (ToolPan, &["M"]),
                (ToolRotate, &["I"]),
                (Polygon, &["C"]),
                (Mpr, &["Y"]),
                (WindowReset, &["`"]),
            ],
            Self::Radiant => &[
                (ZoomIn, &["Plus"]),
                (ZoomOut, &["Minus"]),
                (FullScreen, &["Enter"]),
            ],
            Self::Pacs => &[
                (TileNext, &["Tab"]),
                (TilePrevious, &["Shift+Tab"]),
                (StepNext, &["Enter"]),
                (StepPrevious, &["Shift+Enter"]),
                (Reset, &["Esc"]),
            ],
        }
    }
}
