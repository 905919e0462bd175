//! Making a JWE (RFC 7516 §5.1).

use core::num::NonZeroU32;

use serde_json::{Map, Value};

use super::alg::KeyFamily;
use super::decrypt::{password_salt, point};
use super::key::Encrypting;
use super::{ContentAlgorithm, EncryptionKey, deflate};
use crate::alg::Curve;
use crate::backend::agreement::{self, Group};
use crate::backend::{content, key_wrap, wrap};
use crate::jwk::members_of;
use crate::key::material::{Private, Public};
use crate::key::{random_ec, random_secret};
use crate::{Error, Result, Rng, Secret, base64url};

/// Parameters that only the library writes, or that would make a recipient fetch or trust a key.
const NEVER_SET: [&str; 19] = [
    "alg", "enc", "kid", "zip", "crit", "b64", "epk", "apu", "apv", "iv", "tag", "p2s", "p2c",
    "jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256",
];

/// How content is encrypted, besides the key.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct EncryptOptions {
    /// Further protected parameters, such as `typ` and `cty`; those that the library writes, and
    /// those that carry keys, are refused.
    pub protected: Map<String, Value>,
    /// Compresses first. What is compressed tells by its length of what it holds (RFC 8725 §3.6);
    /// most recipients refuse it.
    pub zip: bool,
    /// Who sends, for ECDH-ES (`apu`); may be empty.
    pub apu: Vec<u8>,
    /// Who receives, for ECDH-ES (`apv`); may be empty.
    pub apv: Vec<u8>,
    /// Iterations of PBKDF2 for PBES2, by default 600,000; some recipients accept no more than
    /// 10,000.
    pub pbes2_count: NonZeroU32,
    /// Further data that the tag covers, sent in clear; JSON serialisations only.
    pub aad: Option<Vec<u8>>,
}

impl Default for EncryptOptions {
    fn default() -> Self {
        Self {
            protected: Map::new(),
            zip: false,
            apu: Vec::new(),
            apv: Vec::new(),
            pbes2_count: NonZeroU32::new(600_000).unwrap_or(NonZeroU32::MIN),
            aad: None,
        }
    }
}

/// Encrypts into the compact serialisation (RFC 7516 §7.1).
///
/// # Errors
/// `reserved_header` when a protected parameter cannot be set, or `aad` is given, which has no place
/// here; `jwe_param` for fewer than 1000 iterations; `random_failed`, `backend_failed`.
pub fn encrypt_compact(
    key: &EncryptionKey,
    options: &EncryptOptions,
    plaintext: &[u8],
    rng: &mut dyn Rng,
) -> Result<String> {
    if options.aad.is_some() {
        return Err(Error::ReservedHeader { name: "aad".into() });
    }
    let sealed = seal_for_one(key, options, plaintext, rng)?;
    let Sealed { protected, encrypted_key, iv, ciphertext, tag } = sealed;
    let mut token = protected;
    for part in [encrypted_key, iv, ciphertext, tag] {
        token.push('.');
        base64url::encode_into(&part, &mut token);
    }
    Ok(token)
}

/// Encrypts a signed token, and says in `cty` that it is one (RFC 7519 §5.2, §11.2).
///
/// # Errors
/// As [`encrypt_compact`].
pub fn encrypt_nested(key: &EncryptionKey, signed: &str, rng: &mut dyn Rng) -> Result<String> {
    let mut options = EncryptOptions::default();
    options.protected.insert("cty".into(), "JWT".into());
    encrypt_compact(key, &options, signed.as_bytes(), rng)
}

/// Encrypts into the flattened JSON serialisation (RFC 7516 §7.2.2).
///
/// # Errors
/// As [`encrypt_compact`], `aad` being allowed.
pub fn encrypt_flattened(
    key: &EncryptionKey,
    options: &EncryptOptions,
    plaintext: &[u8],
    rng: &mut dyn Rng,
) -> Result<String> {
    let sealed = seal_for_one(key, options, plaintext, rng)?;
    let mut object = sealed_object(&sealed, options);
    if !sealed.encrypted_key.is_empty() {
        object.insert("encrypted_key".into(), base64url::encode(&sealed.encrypted_key).into());
    }
    Ok(Value::Object(object).to_string())
}

/// Encrypts once to several recipients, into the general JSON serialisation (RFC 7516 §7.2.1).
///
/// # Errors
/// `key_alg_mismatch` when there is no key, the keys differ in their content algorithm, or one of
/// several gives the content key itself (`dir`, `ECDH-ES`); otherwise as [`encrypt_flattened`].
pub fn encrypt_general(
    keys: &[&EncryptionKey],
    options: &EncryptOptions,
    plaintext: &[u8],
    rng: &mut dyn Rng,
) -> Result<String> {
    let Some(first) = keys.first() else {
        return Err(Error::KeyAlgMismatch("there is no key to encrypt to".into()));
    };
    let enc = first.enc;
    if keys.iter().any(|key| key.enc != enc) {
        return Err(Error::KeyAlgMismatch("the keys differ in their content algorithm".into()));
    }
    // RFC 7516 §5.1, steps 3 and 6: such a key cannot carry the content key of the others.
    if keys.len() > 1 && keys.iter().any(|key| key.alg.gives_content_key()) {
        return Err(Error::KeyAlgMismatch(
            "a key that gives the content key serves one recipient alone".into(),
        ));
    }
    let chosen = match keys {
        [only] if only.alg.gives_content_key() => None,
        _ => Some(random_secret(enc.key_len(), rng)?),
    };
    let mut content_key = None;
    let mut recipients = Vec::with_capacity(keys.len());
    for key in keys {
        let managed = manage(key, options, chosen.as_ref(), rng)?;
        let mut recipient = Map::new();
        recipient.insert("header".into(), managed.params.into());
        if !managed.encrypted_key.is_empty() {
            let encoded = base64url::encode(&managed.encrypted_key);
            recipient.insert("encrypted_key".into(), encoded.into());
        }
        recipients.push(Value::Object(recipient));
        content_key = Some(managed.content_key);
    }
    let content_key = content_key.ok_or(Error::Backend("choosing a content key"))?;
    let sealed = seal(enc, options, Map::new(), &content_key, Vec::new(), plaintext, rng)?;
    let mut object = sealed_object(&sealed, options);
    object.insert("recipients".into(), recipients.into());
    Ok(Value::Object(object).to_string())
}

struct Sealed {
    /// Encoded.
    protected: String,
    encrypted_key: Vec<u8>,
    iv: Vec<u8>,
    ciphertext: Vec<u8>,
    tag: Vec<u8>,
}

fn sealed_object(sealed: &Sealed, options: &EncryptOptions) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("protected".into(), sealed.protected.clone().into());
    if let Some(aad) = &options.aad {
        object.insert("aad".into(), base64url::encode(aad).into());
    }
    for (name, part) in
        [("iv", &sealed.iv), ("ciphertext", &sealed.ciphertext), ("tag", &sealed.tag)]
    {
        object.insert(name.into(), base64url::encode(part).into());
    }
    object
}

fn seal_for_one(
    key: &EncryptionKey,
    options: &EncryptOptions,
    plaintext: &[u8],
    rng: &mut dyn Rng,
) -> Result<Sealed> {
    let chosen = if key.alg.gives_content_key() {
        None
    } else {
        Some(random_secret(key.enc.key_len(), rng)?)
    };
    let Managed { params, encrypted_key, content_key } =
        manage(key, options, chosen.as_ref(), rng)?;
    seal(key.enc, options, params, &content_key, encrypted_key, plaintext, rng)
}

/// RFC 7516 §5.1, steps 9–17.
fn seal(
    enc: ContentAlgorithm,
    options: &EncryptOptions,
    params: Map<String, Value>,
    content_key: &Secret,
    encrypted_key: Vec<u8>,
    plaintext: &[u8],
    rng: &mut dyn Rng,
) -> Result<Sealed> {
    let mut header = params;
    header.insert("enc".into(), enc.as_str().into());
    if options.zip {
        header.insert("zip".into(), "DEF".into());
    }
    if let Some(name) = options.protected.keys().find(|name| NEVER_SET.contains(&name.as_str())) {
        return Err(Error::ReservedHeader { name: name.clone() });
    }
    header.extend(options.protected.clone());
    let protected = base64url::encode(Value::Object(header).to_string().as_bytes());
    let mut aad = protected.clone();
    if let Some(further) = &options.aad {
        aad.push('.');
        base64url::encode_into(further, &mut aad);
    }
    let mut iv = vec![0; enc.iv_len()];
    rng.fill(&mut iv)?;
    let compressed;
    let plaintext = if options.zip {
        compressed = zeroize::Zeroizing::new(deflate::compress(plaintext));
        &compressed
    } else {
        plaintext
    };
    let content::Sealed { ciphertext, tag } =
        content::seal(enc, content_key.expose(), &iv, aad.as_bytes(), plaintext)?;
    Ok(Sealed { protected, encrypted_key, iv, ciphertext, tag })
}

/// What one key contributes.
struct Managed {
    params: Map<String, Value>,
    encrypted_key: Vec<u8>,
    content_key: Secret,
}

/// Brings the content key to one recipient; `chosen` is absent where the key gives it.
fn manage(
    key: &EncryptionKey,
    options: &EncryptOptions,
    chosen: Option<&Secret>,
    rng: &mut dyn Rng,
) -> Result<Managed> {
    let mut params = Map::new();
    params.insert("alg".into(), key.alg.as_str().into());
    if let Some(key_id) = key.key_id() {
        params.insert("kid".into(), key_id.as_str().into());
    }
    let wrong =
        || Error::KeyAlgMismatch(format!("a key of another type was given for {}", key.alg));
    let encrypted_key = match (key.alg.family(), &*key.material, chosen) {
        (KeyFamily::Direct, Encrypting::Secret(secret), None) => {
            let content_key = secret.duplicate();
            return Ok(Managed { params, encrypted_key: Vec::new(), content_key });
        }
        (KeyFamily::Wrap(_), Encrypting::Secret(secret), Some(chosen)) => {
            key_wrap::wrap(secret.expose(), chosen.expose())?
        }
        (KeyFamily::GcmWrap(_), Encrypting::Secret(secret), Some(chosen)) => {
            let mut iv = vec![0; 12];
            rng.fill(&mut iv)?;
            let sealed = content::seal_gcm(secret.expose(), &iv, &[], chosen.expose())
                .ok_or(Error::Backend("wrapping a key"))?;
            params.insert("iv".into(), base64url::encode(&iv).into());
            params.insert("tag".into(), base64url::encode(&sealed.tag).into());
            sealed.ciphertext
        }
        (KeyFamily::Oaep(oaep), Encrypting::Rsa { key, .. }, Some(chosen)) => {
            key.encrypt(oaep, chosen.expose())?
        }
        (KeyFamily::Agreement(wrapping), Encrypting::Agreement { public, group }, chosen) => {
            let ephemeral = Ephemeral::generate(public, *group, rng)?;
            let (name, len) = match wrapping {
                None => (key.enc.as_str(), key.enc.key_len()),
                Some(len) => (key.alg.as_str(), len),
            };
            params.insert("epk".into(), ephemeral.public.into());
            for (name, value) in [("apu", &options.apu), ("apv", &options.apv)] {
                if !value.is_empty() {
                    params.insert(name.into(), base64url::encode(value).into());
                }
            }
            let derived =
                agreement::concat_kdf(&ephemeral.shared, name, &options.apu, &options.apv, len)
                    .ok_or(Error::Backend("deriving a key"))?;
            match (wrapping, chosen) {
                (None, None) => {
                    return Ok(Managed { params, encrypted_key: Vec::new(), content_key: derived });
                }
                (Some(_), Some(chosen)) => key_wrap::wrap(derived.expose(), chosen.expose())?,
                _ => return Err(wrong()),
            }
        }
        (KeyFamily::Password(hash, len), Encrypting::Password(password), Some(chosen)) => {
            // RFC 7518 §4.8.1.2.
            if options.pbes2_count.get() < 1000 {
                return Err(Error::JweParam("p2c is less than 1000".into()));
            }
            let mut salt = vec![0; 16];
            rng.fill(&mut salt)?;
            params.insert("p2s".into(), base64url::encode(&salt).into());
            params.insert("p2c".into(), options.pbes2_count.get().into());
            let salt = password_salt(key.alg, &salt);
            let kek = wrap::pbkdf2(hash, password.expose(), &salt, options.pbes2_count, len);
            key_wrap::wrap(kek.expose(), chosen.expose())?
        }
        _ => return Err(wrong()),
    };
    let content_key = chosen.ok_or_else(wrong)?.duplicate();
    Ok(Managed { params, encrypted_key, content_key })
}

/// A key pair for one token (RFC 7518 §4.6.1.1).
struct Ephemeral {
    public: Map<String, Value>,
    shared: Secret,
}

impl Ephemeral {
    fn generate(recipient: &Public, group: Group, rng: &mut dyn Rng) -> Result<Self> {
        let private = match group {
            Group::P256 => random_ec(Curve::P256, rng)?,
            Group::P384 => random_ec(Curve::P384, rng)?,
            Group::P521 => random_ec(Curve::P521, rng)?,
            Group::X25519 => Private::x25519(random_secret(32, rng)?, None)?,
        };
        let (Private::Ec { scalar, .. } | Private::X25519 { scalar, .. }) = &private else {
            return Err(Error::Backend("making an ephemeral key"));
        };
        // The library refuses points of small order by the secret they give, which is zero.
        let shared = agreement::PrivateKey::new(group, scalar.expose())?
            .agree(point(recipient))
            .ok_or_else(|| Error::InvalidKey("no key can be agreed with this point".into()))?;
        let public = private.public().ok_or(Error::Backend("making an ephemeral key"))?;
        let public = members_of(&public)
            .into_iter()
            .map(|(name, value)| (name.to_owned(), Value::from(value)))
            .collect();
        Ok(Self { public, shared })
    }
}
