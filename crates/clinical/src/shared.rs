//! What many facts hold together.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Coding;

/// A value that clones share until one of them changes it; the empty one costs nothing.
#[derive(Clone)]
pub struct Shared<T>(Option<Arc<T>>);

/// A type with one empty value for all.
pub trait Empty: Sized + 'static {
    /// The empty value.
    fn empty() -> &'static Self;
}

macro_rules! empty {
    ($($of:ty),*) => {$(
        impl Empty for $of {
            fn empty() -> &'static Self {
                static EMPTY: $of = <$of>::new();
                &EMPTY
            }
        }
    )*};
}

empty!(Vec<Coding>, Vec<String>, BTreeMap<String, String>);

impl<T> Shared<T> {
    /// True where both are one value in memory, or both empty: equal without a look at the content.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.address() == other.address()
    }

    /// Names the value in memory, for as long as it lives; 0 for the empty one.
    #[must_use]
    pub fn address(&self) -> usize {
        self.0.as_ref().map_or(0, |t| Arc::as_ptr(t).addr())
    }
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> From<T> for Shared<T> {
    fn from(value: T) -> Self {
        Self(Some(Arc::new(value)))
    }
}

impl<T: Empty> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_deref().unwrap_or_else(|| T::empty())
    }
}

impl<T: Empty + Clone + Default> DerefMut for Shared<T> {
    /// Copies the value where others hold it too.
    fn deref_mut(&mut self) -> &mut T {
        Arc::make_mut(self.0.get_or_insert_default())
    }
}

impl<T: Empty + PartialEq> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        self.is_same(other) || **self == **other
    }
}

impl<T: Empty + PartialEq> PartialEq<T> for Shared<T> {
    fn eq(&self, other: &T) -> bool {
        **self == *other
    }
}

impl<T: PartialEq<U>, U, const N: usize> PartialEq<[U; N]> for Shared<Vec<T>>
where
    Vec<T>: Empty,
{
    fn eq(&self, other: &[U; N]) -> bool {
        **self == *other
    }
}

impl<T: Empty + fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: Empty + Serialize> Serialize for Shared<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Shared<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::from)
    }
}

impl<'a, T> IntoIterator for &'a Shared<Vec<T>>
where
    Vec<T>: Empty,
{
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T> FromIterator<T> for Shared<Vec<T>> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let all: Vec<T> = items.into_iter().collect();
        if all.is_empty() {
            return Self::default();
        }
        all.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_reaches_only_the_one_that_is_changed() {
        let mut one: Shared<Vec<String>> = Shared::default();
        assert!(one.is_empty() && one.is_same(&Shared::default()));
        one.push("haemolysed".into());
        let mut other = one.clone();
        assert!(other.is_same(&one));
        other.push("edta".into());
        assert_eq!((one.len(), other.len()), (1, 2));
        assert_ne!(one, other);
        other.pop();
        assert_eq!(one, other);
    }
}
