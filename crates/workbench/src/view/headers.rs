//! Headers of files, element by element, in slots that fill on demand.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, RwLock};

use triptych_clinical::SopInstanceUid;
use triptych_imaging::browse::HeaderList;

/// Headers that are kept; the one that was asked for first goes first.
const KEPT: usize = 12;

/// All elements of a file, or why they cannot be read.
pub type HeaderRead = Result<Arc<HeaderList>, String>;

/// Headers that were asked for. Reading one never waits.
#[derive(Debug, Default)]
pub struct Headers(RwLock<VecDeque<(SopInstanceUid, Option<HeaderRead>)>>);

impl Headers {
    /// The header of an instance; `None` before it was read.
    #[must_use]
    pub fn get(&self, instance: &SopInstanceUid) -> Option<HeaderRead> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let found = all.iter().find(|(known, _)| known == instance);
        found.and_then(|(_, read)| read.clone())
    }

    /// Fills a slot.
    pub fn set(&self, instance: &SopInstanceUid, read: Result<HeaderList, String>) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let read = Some(read.map(Arc::new));
        match all.iter_mut().find(|(known, _)| known == instance) {
            Some((_, place)) => *place = read,
            None => all.push_back((instance.clone(), read)),
        }
        while all.len() > KEPT {
            all.pop_front();
        }
    }

    /// Whether nobody has begun to read it; the caller does.
    pub(crate) fn begin(&self, instance: &SopInstanceUid) -> bool {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if all.iter().any(|(known, _)| known == instance) {
            return false;
        }
        all.push_back((instance.clone(), None));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_once_and_few_are_kept() {
        let headers = Headers::default();
        let uid = |n: usize| SopInstanceUid::new(&format!("1.2.{n}")).unwrap();
        assert!(headers.begin(&uid(0)) && !headers.begin(&uid(0)));
        assert!(headers.get(&uid(0)).is_none(), "not read yet");
        headers.set(&uid(0), Err("damaged".into()));
        assert_eq!(headers.get(&uid(0)), Some(Err("damaged".into())));
        for n in 1..=KEPT {
            headers.set(&uid(n), Ok(HeaderList::default()));
        }
        assert!(headers.get(&uid(0)).is_none(), "given up");
        assert!(headers.get(&uid(KEPT)).is_some());
        assert!(headers.begin(&uid(0)), "and read anew when it is wanted");
    }
}
