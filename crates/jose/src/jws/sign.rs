//! Making a compact JWS (RFC 7515 §5.1).

use serde::Serialize;
use serde_json::{Map, Value};

use crate::key::SigningKey;
use crate::{Error, Result, base64url};

/// Parameters that only the library writes, or that would make verifiers fetch or trust a key.
pub(super) const NEVER_SET: [&str; 12] =
    ["alg", "kid", "crit", "b64", "jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256", "enc", "zip"];

/// Signs a payload of any kind. The header holds the key's `alg` and `kid`, then `header_extra`.
///
/// ```
/// use keytide_jose::{Algorithm, Limits, SystemRng, jws, key::SigningKey};
///
/// let key = SigningKey::generate(Algorithm::EdDSA, None, &mut SystemRng)?;
/// let token = jws::sign_compact(&key, &serde_json::Map::new(), b"any bytes")?;
/// let verified = jws::Unverified::parse(&token, &Limits::default())?.verify(&key.verifying_key())?;
/// assert_eq!(verified.payload(), b"any bytes");
/// # Ok::<(), keytide_jose::Error>(())
/// ```
///
/// # Errors
/// `reserved_header` when `header_extra` names a parameter that the caller cannot set;
/// `backend_failed`.
pub fn sign_compact(
    key: &SigningKey,
    header_extra: &Map<String, Value>,
    payload: &[u8],
) -> Result<String> {
    encode_signed(key, None, header_extra, payload)
}

/// Writes header and payload, and signs both. `typ`, where given, goes before the extra parameters.
pub(crate) fn encode_signed(
    key: &SigningKey,
    typ: Option<&str>,
    extra: &Map<String, Value>,
    payload: &[u8],
) -> Result<String> {
    if let Some(name) = extra.keys().find(|name| NEVER_SET.contains(&name.as_str())) {
        return Err(Error::ReservedHeader { name: name.clone() });
    }
    let encode = || base64url::encode(&header(key, typ, extra));
    let header = if extra.is_empty() { key.header_segment(typ, encode) } else { encode().into() };
    let mut token =
        String::with_capacity(header.len() + base64url::encoded_len(payload.len()) + USUAL_REST);
    token.push_str(&header);
    token.push('.');
    base64url::encode_into(payload, &mut token);
    key.append_signature(&mut token)?;
    Ok(token)
}

/// Room for two dots and a signature of up to 64 bytes; longer ones make the text grow.
const USUAL_REST: usize = 2 + base64url::encoded_len(64);

fn header(key: &SigningKey, typ: Option<&str>, extra: &Map<String, Value>) -> Vec<u8> {
    let mut json = Vec::with_capacity(128);
    json.extend_from_slice(b"{\"alg\":");
    write(&mut json, key.algorithm().as_str());
    if let Some(key_id) = key.key_id() {
        json.extend_from_slice(b",\"kid\":");
        write(&mut json, key_id.as_str());
    }
    if let Some(typ) = typ {
        json.extend_from_slice(b",\"typ\":");
        write(&mut json, typ);
    }
    for (name, value) in extra {
        json.push(b',');
        write(&mut json, name);
        json.push(b':');
        write(&mut json, value);
    }
    json.push(b'}');
    json
}

fn write<T: Serialize + ?Sized>(json: &mut Vec<u8>, value: &T) {
    serde_json::to_writer(json, value).expect("text and values can be written to memory");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Algorithm, SystemRng};

    #[test]
    fn the_key_decides_alg_and_kid_and_no_one_else() {
        let key = SigningKey::generate(Algorithm::ES256, None, &mut SystemRng).unwrap();
        for name in NEVER_SET {
            let extra = json!({ name: "x" });
            let error = sign_compact(&key, extra.as_object().unwrap(), b"").unwrap_err();
            assert_eq!(error, Error::ReservedHeader { name: name.into() });
        }
    }

    #[test]
    fn names_and_values_in_the_header_are_escaped() {
        let key = SigningKey::generate(Algorithm::HS256, None, &mut SystemRng)
            .unwrap()
            .with_key_id("a\"b".parse().unwrap());
        let extra = json!({"x\"y": "\n"});
        let text = header(&key, Some("JWT"), extra.as_object().unwrap());
        let read: Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(read, json!({"alg":"HS256","kid":"a\"b","typ":"JWT","x\"y":"\n"}));
    }
}
