//! Signing content of any kind: JSON serialisations, detached payloads, `b64: false`
//! (RFC 7515 §7.2, appendix F; RFC 7797).

use serde_json::{Map, Value, json};

use super::sign::NEVER_SET;
use crate::key::SigningKey;
use crate::{Error, Result, base64url};

/// How content is signed. By default the payload is encoded and inside, and the header holds the
/// key's `alg` and `kid` alone.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ContentOptions {
    /// Further protected parameters; `alg`, `kid`, `crit`, `b64` and those that carry keys are
    /// refused.
    pub protected: Map<String, Value>,
    /// Unprotected parameters, which anybody on the way can change; JSON serialisations only.
    pub unprotected: Map<String, Value>,
    /// Leaves the payload out: it travels apart.
    pub detached: bool,
    /// Signs the payload as it is (`b64: false`, RFC 7797). Inside JSON it must then be UTF-8.
    pub unencoded: bool,
}

/// Signs content into a compact JWS without its payload, which travels apart.
///
/// ```
/// use keytide_jose::{Algorithm, Limits, SystemRng, jws, key::SigningKey};
///
/// let key = SigningKey::generate(Algorithm::HS256, None, &mut SystemRng)?;
/// let mut options = jws::ContentOptions::default();
/// options.unencoded = true;
/// let token = jws::sign_detached(&key, &options, b"$.02")?;
/// let content = jws::UnverifiedContent::parse_detached(&token, b"$.02", &Limits::default())?
///     .verify(&key.verifying_key())?;
/// assert_eq!(content.payload(), b"$.02");
/// # Ok::<(), keytide_jose::Error>(())
/// ```
///
/// # Errors
/// `reserved_header`, also for any unprotected parameter; `backend_failed`.
pub fn sign_detached(key: &SigningKey, options: &ContentOptions, payload: &[u8]) -> Result<String> {
    if let Some(name) = options.unprotected.keys().next() {
        return Err(Error::ReservedHeader { name: name.clone() });
    }
    let (protected, signature) = sign(key, options, payload)?;
    Ok(format!("{protected}..{signature}"))
}

/// Signs content into the flattened JSON serialisation (RFC 7515 §7.2.2).
///
/// # Errors
/// `reserved_header`; `malformed_payload` when it is to go in unencoded and is not UTF-8;
/// `backend_failed`.
pub fn sign_flattened(
    key: &SigningKey,
    options: &ContentOptions,
    payload: &[u8],
) -> Result<String> {
    let mut object = entry(key, options, payload)?;
    put_payload(&mut object, options, payload)?;
    Ok(Value::Object(object).to_string())
}

/// Signs content with several keys into the general JSON serialisation (RFC 7515 §7.2.1). Whether
/// it is detached and unencoded must be the same for all.
///
/// # Errors
/// As [`sign_flattened`]; also `malformed_payload` when there is no key or the options differ.
pub fn sign_general(keys: &[(&SigningKey, &ContentOptions)], payload: &[u8]) -> Result<String> {
    let Some(((_, first), others)) = keys.split_first() else {
        return Err(Error::MalformedPayload("there is no key to sign with".into()));
    };
    // RFC 7797 §3.
    let differs = |options: &ContentOptions| {
        options.detached != first.detached || options.unencoded != first.unencoded
    };
    if others.iter().any(|(_, options)| differs(options)) {
        return Err(Error::MalformedPayload("the signatures differ in what they sign".into()));
    }
    let entries = keys.iter().map(|(key, options)| entry(key, options, payload).map(Value::Object));
    let entries: Vec<Value> = entries.collect::<Result<_>>()?;
    let mut object = Map::new();
    put_payload(&mut object, first, payload)?;
    object.insert("signatures".into(), entries.into());
    Ok(Value::Object(object).to_string())
}

fn entry(key: &SigningKey, options: &ContentOptions, payload: &[u8]) -> Result<Map<String, Value>> {
    let (protected, signature) = sign(key, options, payload)?;
    let mut object = Map::new();
    object.insert("protected".into(), protected.into());
    if !options.unprotected.is_empty() {
        object.insert("header".into(), options.unprotected.clone().into());
    }
    object.insert("signature".into(), signature.into());
    Ok(object)
}

fn put_payload(
    object: &mut Map<String, Value>,
    options: &ContentOptions,
    payload: &[u8],
) -> Result<()> {
    if options.detached {
        return Ok(());
    }
    let text = if options.unencoded {
        core::str::from_utf8(payload)
            .map_err(|_| Error::MalformedPayload("unencoded inside JSON, but not UTF-8".into()))?
            .to_owned()
    } else {
        base64url::encode(payload)
    };
    object.insert("payload".into(), text.into());
    Ok(())
}

/// The encoded protected header and signature.
fn sign(key: &SigningKey, options: &ContentOptions, payload: &[u8]) -> Result<(String, String)> {
    let ContentOptions { protected, unprotected, detached: _, unencoded } = options;
    let refused = protected.keys().chain(unprotected.keys()).find(|name| {
        NEVER_SET.contains(&name.as_str())
            || (protected.contains_key(*name) && unprotected.contains_key(*name))
    });
    if let Some(name) = refused {
        return Err(Error::ReservedHeader { name: name.clone() });
    }
    let mut header = Map::new();
    header.insert("alg".into(), key.algorithm().as_str().into());
    if let Some(key_id) = key.key_id() {
        header.insert("kid".into(), key_id.as_str().into());
    }
    header.extend(protected.clone());
    if *unencoded {
        // RFC 7797 §6.
        header.insert("b64".into(), false.into());
        header.insert("crit".into(), json!(["b64"]));
    }
    let protected = base64url::encode(Value::Object(header).to_string().as_bytes());
    let mut input = protected.clone().into_bytes();
    input.push(b'.');
    if *unencoded {
        input.extend_from_slice(payload);
    } else {
        input.extend_from_slice(base64url::encode(payload).as_bytes());
    }
    Ok((protected, base64url::encode(&key.sign(&input)?)))
}
