//! SQLCipher archive and encrypted blob store.
