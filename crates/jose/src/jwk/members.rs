//! The members that carry a key's numbers, for each `kty` (RFC 7518 §6, RFC 8037 §2, RFC 9964 §4).

use zeroize::Zeroizing;

use super::{Attributes, PrivateJwk, PublicJwk};
use crate::alg::{Curve, MlDsa};
use crate::json::Object;
use crate::key::material::{Private, Public, RsaPrivate};
use crate::key::refuse_other_key_as_secret;
use crate::{Error, Limits, Result, Secret, base64url};

/// The members that only a private key has (RFC 7518 §6.2.2, §6.3.2, §6.4.1).
pub(crate) const PRIVATE_MEMBERS: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

/// A JWK of either kind.
pub(crate) enum AnyJwk {
    Public(PublicJwk),
    Private(PrivateJwk),
}

pub(crate) fn parse_object(object: &Object<'_>, limits: &Limits) -> Result<AnyJwk> {
    parse_object_for(object, limits, For::Signing)
}

/// What a key is read for; it decides how short a secret may be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum For {
    Signing,
    Encryption,
}

pub(crate) fn parse_object_for(
    object: &Object<'_>,
    limits: &Limits,
    purpose: For,
) -> Result<AnyJwk> {
    let kty = object
        .string("kty")
        .map_err(|_| invalid("kty is not a string"))?
        .ok_or_else(|| invalid("the JWK has no kty"))?;
    let attributes = Attributes::parse(object, limits)?;
    let material = match &*kty {
        "RSA" => rsa(object)?,
        "EC" => ec(object)?,
        "OKP" => okp(object)?,
        "AKP" => akp(object, attributes.alg.as_deref())?,
        "oct" => Material::Private(oct(object, purpose)?),
        other => return Err(Error::InvalidKey(format!("kty {other:.40?} is not supported"))),
    };
    match material {
        Material::Private(material) => Ok(AnyJwk::Private(PrivateJwk { material, attributes })),
        Material::Public(_) if PRIVATE_MEMBERS.iter().any(|name| object.get(name).is_some()) => {
            Err(invalid("private members are there, but not the one that makes the key private"))
        }
        Material::Public(material) => Ok(AnyJwk::Public(PublicJwk { material, attributes })),
    }
}

enum Material {
    Public(Public),
    Private(Private),
}

/// RFC 7518 §6.3.
fn rsa(object: &Object<'_>) -> Result<Material> {
    let n = required(object, "n")?;
    let e = required(object, "e")?;
    let Some(d) = secret(object, "d")? else {
        return Public::rsa(&n, &e).map(Material::Public);
    };
    if object.get("oth").is_some() {
        return Err(invalid("RSA keys of more than two primes are not supported"));
    }
    let part = |name| {
        secret(object, name)?
            .ok_or_else(|| Error::InvalidKey(format!("the private RSA key has no {name}")))
    };
    Private::rsa(RsaPrivate {
        n,
        e,
        d,
        p: part("p")?,
        q: part("q")?,
        dp: part("dp")?,
        dq: part("dq")?,
        qi: part("qi")?,
    })
    .map(Material::Private)
}

/// RFC 7518 §6.2; coordinates have the full length of the curve.
fn ec(object: &Object<'_>) -> Result<Material> {
    let name = crv(object)?;
    let curve = Curve::ALL
        .into_iter()
        .find(|curve| curve.name() == name)
        .ok_or_else(|| Error::InvalidKey(format!("crv {name:.40?} is not supported for EC")))?;
    let mut point = Vec::with_capacity(1 + 2 * curve.len());
    point.push(4);
    for name in ["x", "y"] {
        let coordinate = required(object, name)?;
        if coordinate.len() != curve.len() {
            return Err(Error::InvalidKey(format!(
                "{name} has {} bytes; on {} it has {}",
                coordinate.len(),
                curve.name(),
                curve.len()
            )));
        }
        point.extend_from_slice(&coordinate);
    }
    let public = Public::ec(curve, point)?;
    match (secret(object, "d")?, public) {
        (Some(d), Public::Ec { point, .. }) => {
            Private::ec(curve, d, Some(&point)).map(Material::Private)
        }
        (_, public) => Ok(Material::Public(public)),
    }
}

/// RFC 8037 §2.
fn okp(object: &Object<'_>) -> Result<Material> {
    let name = crv(object)?;
    match &*name {
        "Ed25519" => {
            let x = required(object, "x")?;
            let public = Public::ed25519(&x)?;
            match secret(object, "d")? {
                Some(d) => Private::ed25519(d, Some(&x)).map(Material::Private),
                None => Ok(Material::Public(public)),
            }
        }
        #[cfg(feature = "ed448")]
        "Ed448" => {
            let x = required(object, "x")?;
            let public = Public::ed448(&x)?;
            match secret(object, "d")? {
                Some(d) => Private::ed448(d, Some(&x)).map(Material::Private),
                None => Ok(Material::Public(public)),
            }
        }
        "X25519" => {
            let x = required(object, "x")?;
            match secret(object, "d")? {
                Some(d) => Private::x25519(d, Some(&x)).map(Material::Private),
                None => Public::x25519(&x).map(Material::Public),
            }
        }
        _ => Err(Error::InvalidKey(format!("crv {name:.40?} is not supported for OKP"))),
    }
}

/// RFC 9964 §4: the key's type is its algorithm, so that `alg` is required; `priv` is the seed.
fn akp(object: &Object<'_>, alg: Option<&str>) -> Result<Material> {
    let alg = alg.ok_or_else(|| invalid("a JWK of the type AKP must have alg"))?;
    let set = MlDsa::ALL
        .into_iter()
        .find(|set| set.name() == alg)
        .ok_or_else(|| Error::InvalidKey(format!("alg {alg:.40?} is not supported for AKP")))?;
    let key = required(object, "pub")?;
    let public = Public::mldsa(set, &key)?;
    match secret(object, "priv")? {
        Some(seed) => Private::mldsa(set, seed, Some(&key)).map(Material::Private),
        None => Ok(Material::Public(public)),
    }
}

/// RFC 7518 §6.4. A secret shorter than any signature algorithm takes is refused here, so that a weak
/// key is named as such at the door; keys for encryption have exact lengths of their own.
fn oct(object: &Object<'_>, purpose: For) -> Result<Private> {
    let k = secret(object, "k")?.ok_or_else(|| invalid("the JWK has no k"))?;
    refuse_other_key_as_secret(k.expose())?;
    if purpose == For::Signing {
        crate::key::material::check_secret(crate::Algorithm::HS256, k.expose())?;
    }
    Ok(Private::Hmac(k))
}

fn crv(object: &Object<'_>) -> Result<String> {
    object
        .string("crv")
        .map_err(|_| invalid("crv is not a string"))?
        .map(String::from)
        .ok_or_else(|| invalid("the JWK has no crv"))
}

fn required(object: &Object<'_>, name: &'static str) -> Result<Vec<u8>> {
    optional(object, name)?.ok_or_else(|| Error::InvalidKey(format!("the JWK has no {name}")))
}

fn secret(object: &Object<'_>, name: &'static str) -> Result<Option<Secret>> {
    Ok(optional(object, name)?.map(Secret::new))
}

fn optional(object: &Object<'_>, name: &'static str) -> Result<Option<Vec<u8>>> {
    let Some(text) =
        object.string(name).map_err(|name| Error::InvalidKey(format!("{name} is not a string")))?
    else {
        return Ok(None);
    };
    base64url::decode(&text)
        .map(Some)
        .ok_or_else(|| Error::InvalidKey(format!("{name} is not canonical base64url")))
}

fn invalid(what: &str) -> Error {
    Error::InvalidKey(what.into())
}

/// The required public members, `kty` first.
pub(crate) fn of_public(key: &Public) -> Vec<(&'static str, String)> {
    match key {
        Public::Rsa { n, e } => {
            vec![("kty", "RSA".into()), ("n", base64url::encode(n)), ("e", base64url::encode(e))]
        }
        Public::Ec { curve, point } => {
            let (x, y) = coordinates(*curve, point);
            vec![
                ("kty", "EC".into()),
                ("crv", curve.name().into()),
                ("x", base64url::encode(x)),
                ("y", base64url::encode(y)),
            ]
        }
        Public::Ed25519(x) => {
            vec![("kty", "OKP".into()), ("crv", "Ed25519".into()), ("x", base64url::encode(x))]
        }
        #[cfg(feature = "ed448")]
        Public::Ed448(x) => {
            vec![("kty", "OKP".into()), ("crv", "Ed448".into()), ("x", base64url::encode(x))]
        }
        Public::X25519(x) => {
            vec![("kty", "OKP".into()), ("crv", "X25519".into()), ("x", base64url::encode(x))]
        }
        Public::MlDsa { set, key } => {
            vec![("kty", "AKP".into()), ("alg", set.name().into()), ("pub", base64url::encode(key))]
        }
    }
}

fn coordinates(curve: Curve, point: &[u8]) -> (&[u8], &[u8]) {
    point
        .get(1..)
        .and_then(|xy| xy.split_at_checked(curve.len()))
        .expect("an uncompressed point, checked when it was read")
}

/// Writes a private JWK into a buffer that does not grow, so that no copy stays behind.
pub(crate) fn write_private(key: &Private, attributes: &Attributes) -> Secret {
    /// Enough for RSA of 8192 bits and the other members.
    const ROOM: usize = 16 * 1024;
    let room = match key {
        Private::Hmac(secret) => ROOM + 2 * secret.len(),
        _ => ROOM,
    };
    let mut text = Zeroizing::new(String::with_capacity(room));
    match key.public() {
        Some(public) => {
            for (name, value) in of_public(&public) {
                member(&mut text, name, &value);
            }
        }
        None => member(&mut text, "kty", "oct"),
    }
    let mut secret = |name, secret: &Secret| {
        open(&mut text, name);
        base64url::encode_into(secret.expose(), &mut text);
        text.push('"');
    };
    match key {
        Private::Hmac(k) => secret("k", k),
        Private::Ec { scalar, .. } => secret("d", scalar),
        Private::Ed25519 { seed, .. } => secret("d", seed),
        #[cfg(feature = "ed448")]
        Private::Ed448 { seed, .. } => secret("d", seed),
        Private::X25519 { scalar, .. } => secret("d", scalar),
        Private::MlDsa { seed, .. } => secret("priv", seed),
        Private::Rsa(key) => {
            let RsaPrivate { n: _, e: _, d, p, q, dp, dq, qi } = key.as_ref();
            for (name, number) in [("d", d), ("p", p), ("q", q), ("dp", dp), ("dq", dq), ("qi", qi)]
            {
                secret(name, number);
            }
        }
    }
    let Attributes { key_id, key_use, key_ops, alg } = attributes;
    if let Some(kid) = key_id {
        raw_member(&mut text, "kid", &quoted(kid.as_str()));
    }
    if let Some(key_use) = key_use {
        raw_member(&mut text, "use", &quoted(key_use));
    }
    if let Some(key_ops) = key_ops {
        let quoted: Vec<String> = key_ops.iter().map(|operation| quoted(operation)).collect();
        raw_member(&mut text, "key_ops", &format!("[{}]", quoted.join(",")));
    }
    // Among the members of an AKP key it was written already.
    if let (Some(alg), false) = (alg, matches!(key, Private::MlDsa { .. })) {
        raw_member(&mut text, "alg", &quoted(alg));
    }
    text.push('}');
    Secret::new(core::mem::take(&mut *text).into_bytes())
}

fn open(text: &mut String, name: &str) {
    text.push(if text.is_empty() { '{' } else { ',' });
    text.push('"');
    text.push_str(name);
    text.push_str("\":\"");
}

fn member(text: &mut String, name: &str, value: &str) {
    open(text, name);
    text.push_str(value);
    text.push('"');
}

fn raw_member(text: &mut String, name: &str, value: &str) {
    text.push_str(",\"");
    text.push_str(name);
    text.push_str("\":");
    text.push_str(value);
}

fn quoted(value: &str) -> String {
    serde_json::Value::from(value).to_string()
}
