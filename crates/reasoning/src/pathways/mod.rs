//! Pathway packs: signed data that lists options with criteria. Record-and-signals, section 8.

mod view;

pub use view::{CriterionView, NodeView, OptionView, PathwayView, SourceView};
