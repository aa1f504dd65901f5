//! Names for what is made here.

/// A UID that nobody else has: `2.25.` and a random UUID as a number (PS3.5 B.2).
///
/// # Errors
/// The system gives no random bytes.
pub fn new_uid() -> Result<String, std::io::Error> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).map_err(|e| std::io::Error::other(e.to_string()))?;
    Ok(of_bytes(bytes))
}

/// Version 4, variant 1 (RFC 9562).
fn of_bytes(mut bytes: [u8; 16]) -> String {
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    format!("2.25.{}", u128::from_be_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_uid_is_valid_and_new() {
        let uid = new_uid().unwrap();
        assert!(
            triptych_clinical::SopInstanceUid::new(&uid).is_ok(),
            "{uid}"
        );
        assert_ne!(uid, new_uid().unwrap());
        // The example of RFC 9562 A.3: 919108f7-52d1-4320-9bac-f847db4148a8.
        let bytes = 0x9191_08f7_52d1_4320_9bac_f847_db41_48a8_u128.to_be_bytes();
        assert_eq!(
            of_bytes(bytes),
            "2.25.193491124287564075115561252409011423400"
        );
    }
}
