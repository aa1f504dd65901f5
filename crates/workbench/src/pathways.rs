//! Use cases on pathway packs alone.

pub use triptych_reasoning::pathways::{
    Pack, PackError, PlanError, from_plan_definition, load, load_signed, shipped,
    to_plan_definition,
};
