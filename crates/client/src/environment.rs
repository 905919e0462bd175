//! Keys from environment variables, as `keytide run` sets them.

use std::borrow::Cow;
use std::sync::Arc;

use keytide_jose::jwk::{PrivateJwk, PublicJwk};
use keytide_jose::key::{SigningKey, VerifyingKey};
use keytide_jose::{Algorithm, Limits, Secret};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::Error;
use crate::snapshot::{Skipped, Snapshot};

/// The variables that keys are read from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EnvNames {
    /// A JWK Set with all keys. Its member `active` names the `kid` that signs; without, the first key
    /// does, if it is private. It goes before the secrets below. Default `JWT_KEYS`.
    pub keys: String,
    /// The secret that signs. Default `JWT_SECRET`.
    pub secret: String,
    /// The secret that will, and already verifies. Default `JWT_SECRET_NEXT`.
    pub secret_next: String,
    /// The secret that signed before, and still verifies. Default `JWT_SECRET_PREVIOUS`.
    pub secret_previous: String,
    /// The algorithm of the three secrets; a JWK Set names each key's own. Default HS256.
    pub algorithm: Algorithm,
}

impl Default for EnvNames {
    fn default() -> Self {
        Self {
            keys: "JWT_KEYS".into(),
            secret: "JWT_SECRET".into(),
            secret_next: "JWT_SECRET_NEXT".into(),
            secret_previous: "JWT_SECRET_PREVIOUS".into(),
            algorithm: Algorithm::HS256,
        }
    }
}

/// Reads the keys. An empty variable counts as not set.
///
/// # Errors
/// `env_missing`, `env_unusable`.
pub(crate) fn read(
    env: &dyn Fn(&str) -> Option<String>,
    names: &EnvNames,
) -> Result<Snapshot, Error> {
    let get = |name: &str| {
        let text = env(name).filter(|text| !text.is_empty())?;
        Some(Secret::new(text.into_bytes()))
    };
    let unusable = |name: &str, why| Error::EnvUnusable { name: name.to_owned(), why };
    if let Some(set) = get(&names.keys) {
        return of_set(set.expose()).map_err(|why| unusable(&names.keys, why));
    }
    let Some(secret) = get(&names.secret) else {
        let names = format!("neither {} nor {} is set", names.keys, names.secret);
        return Err(Error::EnvMissing { names });
    };
    let alg = names.algorithm;
    let signing = SigningKey::from_secret(alg, secret.expose())
        .map_err(|why| unusable(&names.secret, why))?;
    let mut keys = vec![signing.verifying_key()];
    for name in [&names.secret_next, &names.secret_previous] {
        if let Some(secret) = get(name) {
            let key = VerifyingKey::from_secret(alg, secret.expose());
            keys.push(key.map_err(|why| unusable(name, why))?);
        }
    }
    let snapshot = Snapshot::new(keys, Algorithm::ALL);
    Ok(Snapshot { active: Some((None, alg)), signing: Some(Arc::new(signing)), ..snapshot })
}

#[derive(Deserialize)]
struct Set<'a> {
    #[serde(borrow, default)]
    active: Option<Cow<'a, str>>,
    #[serde(borrow)]
    keys: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow, default)]
    kid: Option<Cow<'a, str>>,
}

/// A JWK Set with private and public keys in it.
fn of_set(json: &[u8]) -> keytide_jose::Result<Snapshot> {
    let limits = Limits::default();
    if json.len() > limits.jwks {
        return Err(keytide_jose::Error::TooLarge { limit: "jwks", max: limits.jwks });
    }
    // The parser's own words might quote a secret.
    let invalid = |what: &str| keytide_jose::Error::InvalidKey(what.into());
    let set: Set<'_> = serde_json::from_slice(json)
        .map_err(|_| invalid("a JWK Set is expected, an object with the array `keys`"))?;
    if set.keys.len() > limits.jwks_keys {
        return Err(keytide_jose::Error::TooLarge { limit: "jwks_keys", max: limits.jwks_keys });
    }
    let (mut verifying, mut signing, mut skipped) = (Vec::new(), None, Vec::new());
    for (index, jwk) in set.keys.iter().enumerate() {
        let jwk = jwk.get().as_bytes();
        let kid = serde_json::from_slice::<Named<'_>>(jwk).ok().and_then(|named| named.kid);
        let signs = match &set.active {
            Some(active) => kid.as_deref() == Some(&**active),
            None => index == 0,
        };
        match read_key(jwk) {
            Ok((key, private)) => {
                verifying.push(key);
                if signs && signing.is_none() {
                    signing = private.map(|jwk| SigningKey::from_jwk(&jwk, None)).transpose()?;
                }
            }
            // The key that is to sign must be one.
            Err(why) if signs => return Err(why),
            Err(why) => {
                skipped.push(Skipped { index, kid: kid.map(Cow::into_owned), why });
            }
        }
    }
    if verifying.is_empty() {
        let why = skipped.into_iter().next().map(|skipped| skipped.why);
        return Err(why.unwrap_or_else(|| invalid("the JWK Set is empty")));
    }
    if set.active.is_some() && signing.is_none() {
        return Err(invalid("`active` names no private key of the set"));
    }
    let active = signing.as_ref().map(|key| (key.key_id().cloned(), key.algorithm()));
    let snapshot = Snapshot::new(verifying, Algorithm::ALL);
    Ok(Snapshot { active, signing: signing.map(Arc::new), skipped, ..snapshot })
}

fn read_key(jwk: &[u8]) -> keytide_jose::Result<(VerifyingKey, Option<PrivateJwk>)> {
    if let Ok(public) = PublicJwk::parse(jwk) {
        return Ok((VerifyingKey::from_jwk(&public, None)?, None));
    }
    let private = PrivateJwk::parse(jwk)?;
    Ok((VerifyingKey::from_private_jwk(&private, None)?, Some(private)))
}

#[cfg(test)]
mod tests {
    use keytide_jose::SystemRng;

    use super::*;

    const ONE: &str = "one-secret-of-the-tests-0123456789";
    const TWO: &str = "two-secret-of-the-tests-0123456789";

    fn read_from(variables: &[(&str, &str)]) -> Result<Arc<Snapshot>, Error> {
        let env = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        read(&env, &EnvNames::default()).map(Arc::new)
    }

    fn jwk(key: &SigningKey) -> String {
        String::from_utf8(key.to_private_jwk().expose_json().expose().to_vec()).unwrap()
    }

    fn key(alg: Algorithm) -> SigningKey {
        SigningKey::generate(alg, None, &mut SystemRng).unwrap()
    }

    #[test]
    fn the_secret_signs_and_the_next_and_previous_ones_verify() {
        let ring = read_from(&[("JWT_SECRET", ONE), ("JWT_SECRET_NEXT", TWO)]).unwrap();
        let other = SigningKey::from_secret(Algorithm::HS256, TWO.as_bytes()).unwrap();
        let keys = ring.find(Some("whatever"), Algorithm::HS256).unwrap();
        assert_eq!(keys.as_slice().len(), 2);
        for signer in [ring.signing_key().unwrap().as_ref(), &other] {
            keys.verify(b"message", &signer.sign(b"message").unwrap()).unwrap();
        }
    }

    #[test]
    fn the_active_key_of_a_set_signs_or_else_the_first() {
        let (one, two) = (key(Algorithm::HS256), key(Algorithm::ES256));
        let kid = two.key_id().unwrap().as_str();
        let keys = format!("[{},{}]", jwk(&one), jwk(&two));
        let signs = |set: String| {
            let ring = read_from(&[("JWT_KEYS", &set), ("JWT_SECRET", ONE)]).unwrap();
            assert_eq!(ring.keys().keys().len(), 2);
            ring.signing_key_id().cloned()
        };
        assert_eq!(signs(format!("{{\"keys\":{keys}}}")).as_ref(), one.key_id());
        assert_eq!(
            signs(format!("{{\"active\":\"{kid}\",\"keys\":{keys}}}")).as_ref(),
            two.key_id()
        );
    }

    #[test]
    fn public_keys_alone_verify_and_do_not_sign() {
        let public = key(Algorithm::ES256).public_jwk().unwrap();
        let ring = read_from(&[("JWT_KEYS", &format!("{{\"keys\":[{public}]}}"))]).unwrap();
        assert!(ring.signing_key().is_none() && ring.keys().keys().len() == 1);
    }

    #[test]
    fn a_key_that_cannot_be_used_is_skipped_with_its_reason() {
        let good = jwk(&key(Algorithm::HS256));
        let set =
            format!("{{\"keys\":[{good},{{\"kty\":\"oct\",\"kid\":\"short\",\"k\":\"AQID\"}}]}}");
        let ring = read_from(&[("JWT_KEYS", &set)]).unwrap();
        let [skipped] = ring.skipped() else { panic!("{ring:?}") };
        assert_eq!((skipped.index, skipped.kid.as_deref()), (1, Some("short")));
        assert_eq!(skipped.why.code(), "weak_key");
    }

    #[test]
    fn what_is_no_key_is_refused_by_its_name_and_never_shown() {
        let missing = read_from(&[("JWT_SECRET", "")]).unwrap_err();
        assert_eq!(missing.code(), "env_missing");
        for (name, value) in [
            ("JWT_SECRET", "hunter2"),
            ("JWT_KEYS", "hunter2"),
            ("JWT_KEYS", r#"{"keys":"hunter2"}"#),
            ("JWT_KEYS", r#"{"keys":[{"kty":"oct","k":"hunter2","alg":"HS256"}]}"#),
            ("JWT_KEYS", r#"{"keys":[]}"#),
        ] {
            let error = read_from(&[(name, value)]).unwrap_err();
            assert_eq!(error.code(), "env_unusable", "{value}");
            let said = format!("{error} {error:?}");
            assert!(said.contains(name) && !said.contains("hunter2"), "{said}");
        }
        let set = format!("{{\"active\":\"gone\",\"keys\":[{}]}}", jwk(&key(Algorithm::HS256)));
        assert_eq!(read_from(&[("JWT_KEYS", &set)]).unwrap_err().code(), "env_unusable");
    }
}
