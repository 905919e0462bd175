//! A key file of any format: PEM, DER, JWK, JWK Set.

use keytide_jose::key::{SigningKey, parse_any};
use keytide_jose::{Algorithm, Secret};

/// Runs it on one input.
pub fn run(bytes: &[u8]) {
    if let Ok(keys) = parse_any(bytes, Algorithm::ALL) {
        for key in keys.keys() {
            assert!(Algorithm::ALL.contains(&key.algorithm()));
            if let Ok(der) = key.to_spki_der() {
                assert!(parse_any(&der, &[key.algorithm()]).is_ok(), "what we wrote");
            }
        }
    }
    for alg in [Algorithm::HS256, Algorithm::ES256, Algorithm::ES256K, Algorithm::MlDsa44] {
        let _ = SigningKey::from_secret(alg, bytes);
        let _ = SigningKey::from_der(alg, bytes);
        let _ = SigningKey::import(alg, &Secret::new(bytes.to_vec()));
    }
}
