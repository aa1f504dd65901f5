//! What views hand back: commands for the workbench, and jumps from one leaf to another.

use triptych_workbench::Command;
use triptych_workbench::view::{SignalId, Target};

/// What a frame's views ask for. Jumps stay inside the window; commands leave it.
#[derive(Default)]
pub(crate) struct Out {
    pub commands: Vec<Command>,
    /// Show this place in its leaf.
    pub jump: Option<Target>,
    /// Open the basis of this card.
    pub open_card: Option<SignalId>,
    /// Open this pathway question.
    pub open_pathway: Option<String>,
    /// One level up: closes what lies over the leaf, or goes back from a jump.
    pub back: bool,
}

impl Out {
    pub fn send(&mut self, command: Command) {
        self.commands.push(command);
    }
}

/// The numbered targets of the opened card: the same number stands in the card and in the leaf (screen 04).
#[derive(Clone, Debug, Default)]
pub(crate) struct Targets {
    pub numbered: Vec<(usize, Target)>,
    /// The one jumped to last; it has the outline.
    pub current: Option<Target>,
}

impl Targets {
    /// Number of the first target for which `is` holds.
    pub fn number(&self, is: impl Fn(&Target) -> bool) -> Option<usize> {
        self.numbered.iter().find(|(_, t)| is(t)).map(|(n, _)| *n)
    }
}
