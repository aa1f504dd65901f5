//! A pack with its detached minisign signature (P013). Section 8.1.

use minisign_verify::{PublicKey, Signature};

use super::error::Report;
use super::{Pack, PackError, load};

/// Loads a pack whose signature one of the site's keys made over its bytes.
///
/// `signature` is the text of the `.minisig` file, `None` where there is none; `keys` are minisign public keys in base64. `today` as for
/// [`load`].
///
/// # Errors
/// `P013` where the signature is missing, unreadable or of nobody trusted: then nothing else of the pack is looked at. Else as [`load`].
pub fn load_signed(
    file: &str,
    bytes: &[u8],
    signature: Option<&str>,
    keys: &[&str],
    today: Option<&str>,
) -> Result<Pack, Vec<PackError>> {
    let refuse = |code, message: &str| {
        let mut report = Report::new(file, "");
        report.error(code, None, "", message);
        Err(report.errors)
    };
    let Some(signature) = signature else {
        return refuse("P013", "there is no signature beside the pack (.minisig)");
    };
    let Ok(signature) = Signature::decode(signature) else {
        return refuse("P013", "the signature is not in minisign's form");
    };
    let trusted = keys.iter().any(|key| {
        PublicKey::from_base64(key.trim()).is_ok_and(|k| k.verify(bytes, &signature, false).is_ok())
    });
    if !trusted {
        return refuse(
            "P013",
            "the signature is of none of the trusted keys, or the bytes were changed",
        );
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => load(file, text, today),
        Err(e) => refuse("P001", &format!("not UTF-8 from byte {}", e.valid_up_to())),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn p013_unsigned_foreign_and_changed_packs_are_refused() {
        let (file, text) = crate::pathways::SHIPPED[0];
        let own = minisign::KeyPair::generate_unencrypted_keypair().unwrap();
        let foreign = minisign::KeyPair::generate_unencrypted_keypair().unwrap();
        let signature = minisign::sign(Some(&own.pk), &own.sk, text.as_bytes(), None, None)
            .unwrap()
            .into_string();
        let (own, foreign) = (own.pk.to_base64(), foreign.pk.to_base64());
        let code = |bytes: &[u8], signature: Option<&str>, key: &str| {
            load_signed(file, bytes, signature, &[key], None)
                .map_err(|e| e.first().map(|e| e.code))
                .map(|p| p.id)
        };
        assert!(code(text.as_bytes(), Some(&signature), &own).is_ok());
        let refused = Err(Some("P013"));
        assert_eq!(code(text.as_bytes(), None, &own), refused);
        assert_eq!(code(text.as_bytes(), Some("untrusted"), &own), refused);
        assert_eq!(code(text.as_bytes(), Some(&signature), &foreign), refused);
        let changed = text.replacen("2026", "2027", 1);
        assert_eq!(code(changed.as_bytes(), Some(&signature), &own), refused);
    }
}
