//! Pathway packs: data, not code, that lists options with criteria for a clinician to weigh. Record-and-signals, section 8.
//!
//! A pack reads facts and rule results and nothing else; it cannot order, dose for a patient, or hide an option. [`load`] checks a text
//! whole and runs its own tests; [`Pack::view`] evaluates it. What a clinician is asked (`clinician:premenopausal`) is answered by a fact of
//! kind finding under the project code `tri:premenopausal` with the text `true` or `false`. Signatures are the caller's business.

mod declare;
mod document;
mod error;
mod expr;
mod fields;
mod grounds;
mod load;
mod manual;
mod nodes;
mod pack;
mod plan;
mod record;
mod results;
mod shipped;
mod show;
mod signed;
mod trial;
mod view;

pub use error::PackError;
pub use expr::Ground;
pub(crate) use expr::days_of;
pub(crate) use grounds::ranges;
pub use load::load;
pub use manual::manual;
pub use pack::{Follow, Pack, Source};
pub use plan::{PlanError, from_plan_definition, to_plan_definition};
pub use shipped::{Decision, Reason, SHIPPED, reasons, reasons_for, shipped, views};
pub use signed::load_signed;
pub use view::{CriterionView, NodeView, OptionView, PathwayView, SourceView};
