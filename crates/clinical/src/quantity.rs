//! A measured number with its unit, as reported.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// The reported bound of an open value (`<5`, `>90`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparator {
    /// `<`: the true value is below.
    Below,
    /// `<=`: the true value is this one or below.
    AtMost,
    /// `>`: the true value is above.
    Above,
    /// `>=`: the true value is this one or above.
    AtLeast,
}

impl Comparator {
    /// The sign that stands before the number.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Below => "<",
            Self::AtMost => "\u{2264}",
            Self::Above => ">",
            Self::AtLeast => "\u{2265}",
        }
    }
}

/// A number with its unit as reported; conversion is `reasoning`'s, which refuses what it does not know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quantity {
    /// The number.
    pub value: f64,
    /// The number as its source wrote it (`1.0` keeps its zero), for display.
    pub written: SmolStr,
    /// Reported bound, if the value is open on one side.
    pub comparator: Option<Comparator>,
    /// UCUM code, case-sensitive, as received; `None` when the source gave none.
    pub unit: Option<SmolStr>,
    /// The unit's human text where it differs from the code (`mmHg` for `mm[Hg]`).
    pub unit_text: Option<SmolStr>,
}
