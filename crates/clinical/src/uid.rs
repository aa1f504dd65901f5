//! Identities that name things: DICOM UIDs (PS3.5 section 9) and content hashes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a text is not a DICOM UID.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UidError {
    /// Nothing but padding.
    #[error("the UID is empty")]
    Empty,
    /// PS3.5 section 9.1 allows 64 characters.
    #[error("the UID has {0} characters, 64 are allowed")]
    TooLong(usize),
    /// Only digits and full stops are allowed.
    #[error("the UID holds {0:?}, only digits and full stops are allowed")]
    Character(char),
}

fn parse(text: &str) -> Result<String, UidError> {
    let text = text.trim_end_matches(['\0', ' ']).trim_start();
    if text.is_empty() {
        return Err(UidError::Empty);
    }
    if text.len() > 64 {
        return Err(UidError::TooLong(text.len()));
    }
    // Leading zeros in a component are common in real files and change nothing about the identity: kept as they are.
    match text.chars().find(|c| !c.is_ascii_digit() && *c != '.') {
        Some(c) => Err(UidError::Character(c)),
        None => Ok(text.to_owned()),
    }
}

macro_rules! uids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Parses a UID; trailing padding (NUL or space) is dropped.
            ///
            /// # Errors
            /// [`UidError`] when it is empty, longer than 64 characters, or holds anything but digits and full stops.
            pub fn new(text: &str) -> Result<Self, UidError> {
                parse(text).map(Self)
            }

            /// The UID as text, without padding.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = UidError;
            fn try_from(text: String) -> Result<Self, UidError> {
                Self::new(&text)
            }
        }

        impl From<$name> for String {
            fn from(uid: $name) -> Self {
                uid.0
            }
        }
    )*};
}

uids! {
    /// Study Instance UID (0020,000D).
    StudyUid;
    /// Series Instance UID (0020,000E).
    SeriesUid;
    /// SOP Instance UID (0008,0018).
    SopInstanceUid;
    /// SOP Class UID (0008,0016).
    SopClassUid;
    /// Frame of Reference UID (0020,0052): positions may be compared only within one.
    FrameOfReferenceUid;
    /// Transfer Syntax UID (0002,0010).
    TransferSyntaxUid;
}

/// BLAKE3 of a source document's bytes as they came: names the document in provenance and in the blob store's index.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DocumentHash(pub [u8; 32]);

impl DocumentHash {
    /// Hash of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }
}

impl fmt::Display for DocumentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // One text at once: a long list of notes names the document of each.
        const DIGITS: [u8; 16] = *b"0123456789abcdef";
        let mut text = [0_u8; 64];
        for (pair, byte) in text.chunks_exact_mut(2).zip(self.0) {
            pair.copy_from_slice(&[byte >> 4, byte & 15].map(|d| DIGITS[usize::from(d)]));
        }
        f.pad(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl fmt::Debug for DocumentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_goes_and_anything_but_digits_and_stops_is_refused() {
        assert_eq!(
            StudyUid::new("1.2.840\0").as_ref().map(StudyUid::as_str),
            Ok("1.2.840")
        );
        assert_eq!(StudyUid::new("1.2/../3"), Err(UidError::Character('/')));
        assert_eq!(StudyUid::new(" \0"), Err(UidError::Empty));
        assert_eq!(StudyUid::new(&"1".repeat(65)), Err(UidError::TooLong(65)));
    }
}
