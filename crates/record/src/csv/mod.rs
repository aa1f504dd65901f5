//! CSV of observations: one row, one result. Nothing is guessed: a mapping says what the columns mean, and without one there is no import.
//! Record-and-signals 5.5.

mod cells;
mod dates;
mod mapping;
mod places;
mod rows;
mod suggest;

pub use mapping::{CsvMapping, MappingError};
pub use rows::read_csv;
pub use suggest::{Suggestion, suggest};
