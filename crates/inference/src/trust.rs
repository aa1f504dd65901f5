//! Who may sign a package: minisign signatures (Ed25519, prehashed) over the bytes of the manifest.

use minisign_verify::{PublicKey, Signature};

use crate::PackageError;

/// The project's own key; its secret half is not in the repository.
const BUILT_IN: &str = include_str!("../../../models/trusted.pub");

/// Keys whose packages may run.
#[derive(Clone, Debug, Default)]
pub struct TrustedKeys(Vec<PublicKey>);

/// Why a key file is not used.
#[derive(Debug, thiserror::Error)]
#[error("line {line} is no minisign public key")]
pub struct KeyError {
    /// From 1.
    pub line: usize,
}

impl TrustedKeys {
    /// The key of this project.
    #[must_use]
    pub fn built_in() -> Self {
        // A test holds that the file is a key; without one nothing is trusted.
        Self::default().with(BUILT_IN).unwrap_or_default()
    }

    /// With the keys of a site: minisign's public key files, one behind the other. The file must be writable by administrators only.
    ///
    /// # Errors
    /// A line that is neither a comment, nor empty, nor a key.
    pub fn with(mut self, text: &str) -> Result<Self, KeyError> {
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with("untrusted comment:") {
                continue;
            }
            let key = PublicKey::from_base64(line).map_err(|_| KeyError { line: index + 1 })?;
            if !self.0.contains(&key) {
                self.0.push(key);
            }
        }
        Ok(self)
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is trusted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Checks `signature` over `manifest`.
    pub(crate) fn verify(&self, manifest: &[u8], signature: &[u8]) -> Result<(), PackageError> {
        let signature = decode(signature)?;
        let mut reason = "no key is trusted here".to_owned();
        for key in &self.0 {
            // Prehashed signatures only: the older form is open to none of our tools.
            match key.verify(manifest, &signature, false) {
                Ok(()) => return Ok(()),
                Err(e) => reason = e.to_string(),
            }
        }
        Err(PackageError::NotTrusted { reason })
    }
}

/// Four whole lines of a fixed form: minisign itself leaves the first one, and white space, open to change.
fn decode(bytes: &[u8]) -> Result<Signature, PackageError> {
    let refuse = |reason: &str| PackageError::NoSignature {
        reason: reason.to_owned(),
    };
    let text = std::str::from_utf8(bytes).map_err(|_| refuse("not a text"))?;
    let body = text
        .strip_suffix('\n')
        .ok_or_else(|| refuse("its last line is not ended"))?;
    let lines: Vec<&str> = body.split('\n').collect();
    let [comment, signature, trusted, global] = lines.as_slice() else {
        return Err(refuse("not four lines"));
    };
    if *comment != COMMENT || !trusted.starts_with("trusted comment: ") {
        return Err(refuse("its comments are not those of a model package"));
    }
    let base64 = |line: &str| {
        line.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b))
    };
    let printable = trusted.bytes().all(|b| (b' '..=b'~').contains(&b));
    if !(base64(signature) && base64(global) && printable) {
        return Err(refuse("a character that minisign does not write"));
    }
    Signature::decode(text).map_err(|e| refuse(&e.to_string()))
}

/// First line of every signature of a package.
pub const COMMENT: &str = "untrusted comment: triptych model package";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mdl_01_the_built_in_key_is_a_key() {
        assert_eq!(TrustedKeys::built_in().len(), 1);
    }

    #[test]
    fn mdl_01_a_key_file_with_another_line_is_refused_by_its_line() {
        let text = format!("{BUILT_IN}not a key\n");
        let error = TrustedKeys::default().with(&text).unwrap_err();
        assert_eq!(error.line, BUILT_IN.lines().count() + 1);
    }
}
