//! The caps on every size an attacker could choose, as named options.

/// How much of foreign input is looked at. Each refusal names the limit that was met.
///
/// ```
/// use keytide_jose::{Limits, jws};
///
/// let mut limits = Limits::default();
/// limits.token = 16;
/// let error = jws::Unverified::parse("a-token-longer-than-16-bytes", &limits).unwrap_err();
/// assert_eq!(error.code(), "too_large");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of a whole token in any serialisation, detached content not counted. Default 64 KiB.
    pub token: usize,
    /// Bytes of the decoded header. Default 16 KiB.
    pub header: usize,
    /// Signatures of one JWS, and recipients of one JWE, in the general JSON form. Default 16.
    pub signatures: usize,
    /// Bytes of a `kid` in a header. Default 1,024.
    pub key_id: usize,
    /// Nested arrays and objects in any JSON. Default 32.
    pub json_depth: usize,
    /// Characters of one JSON number. Default 512.
    pub json_number: usize,
    /// Bytes of a JWK Set. Default 512 KiB.
    pub jwks: usize,
    /// Keys in a JWK Set. Default 512.
    pub jwks_keys: usize,
    /// Iterations of PBKDF2 that a token may demand (`p2c`), for all its recipients together. Default 600,000.
    pub pbes2_count: u32,
    /// Bytes of a decompressed plaintext (`zip`). Default 256 KiB.
    pub decompressed: usize,
    /// Bytes of one key in any format. Default 64 KiB.
    pub key: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            token: 64 * 1024,
            header: 16 * 1024,
            signatures: 16,
            key_id: 1024,
            json_depth: 32,
            json_number: 512,
            jwks: 512 * 1024,
            jwks_keys: 512,
            pbes2_count: 600_000,
            decompressed: 256 * 1024,
            key: 64 * 1024,
        }
    }
}
