//! Keys in memory: 32 bytes without `Debug` or `Display`, wiped when dropped.

use zeroize::Zeroizing;

use crate::ArchiveError;

pub(crate) const KEY_BYTES: usize = 32;

/// 32 secret bytes.
pub(crate) struct Secret(Zeroizing<[u8; KEY_BYTES]>);

impl Secret {
    pub(crate) fn random() -> Result<Self, ArchiveError> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        fill_random(&mut *bytes)?;
        Ok(Self(bytes))
    }

    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        (bytes.len() == KEY_BYTES).then(|| {
            key.copy_from_slice(bytes);
            Self(key)
        })
    }

    pub(crate) fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    /// 64 lower-case hex digits.
    pub(crate) fn hex(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(2 * KEY_BYTES + 3));
        for byte in self.0.iter() {
            for digit in [byte >> 4, byte & 15] {
                text.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
            }
        }
        text
    }

    pub(crate) fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        hex::decode_to_slice(text, &mut *bytes).ok()?;
        Some(Self(bytes))
    }
}

pub(crate) fn fill_random(bytes: &mut [u8]) -> Result<(), ArchiveError> {
    getrandom::fill(bytes).map_err(|_| ArchiveError::Crypto("the system gives no random bytes"))
}
