//! SHA-256 for what is no signature: entity tags, audit chains, the names of stored credentials.

/// The SHA-256 of `bytes` (FIPS 180-4).
///
/// ```
/// let digest = keytide_jose::digest::sha256(b"abc");
/// assert_eq!(digest[..4], [0xba, 0x78, 0x16, 0xbf]);
/// ```
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    crate::backend::digest::sha256(bytes)
}
