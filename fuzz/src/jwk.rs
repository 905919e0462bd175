//! JWKs and JWK Sets; whatever is read is written and read again the same.

use keytide_jose::Limits;
use keytide_jose::jwk::{JwkSet, PrivateJwk, PublicJwk};

/// Runs it on one input.
pub fn run(bytes: &[u8]) {
    if let Ok(jwk) = PublicJwk::parse(bytes) {
        let again = PublicJwk::parse(jwk.to_string().as_bytes()).expect("what we wrote");
        assert_eq!(again, jwk);
        assert_eq!(again.thumbprint(), jwk.thumbprint());
    }
    if let Ok(jwk) = PrivateJwk::parse_for_encryption(bytes) {
        let text = jwk.expose_json();
        let again = PrivateJwk::parse_for_encryption(text.expose()).expect("what we wrote");
        assert_eq!(again.public(), jwk.public());
    }
    if let Ok(set) = JwkSet::parse(bytes, &Limits::default()) {
        let json = set.to_json();
        assert_eq!(
            JwkSet::parse(&json, &Limits::default()).expect("what we wrote").to_json(),
            json
        );
    }
}
