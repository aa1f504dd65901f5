//! Who does something, and when: given to every call that writes, so that nothing here asks the clock.

use triptych_clinical::Instant;

/// The person (or the program itself) that acts, at the time read once by the use case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By {
    /// Name of the user's account.
    pub who: String,
    /// When.
    pub at: Instant,
}

impl By {
    /// `who` acts at `at`.
    #[must_use]
    pub fn new(who: impl Into<String>, at: Instant) -> Self {
        Self {
            who: who.into(),
            at,
        }
    }
}
