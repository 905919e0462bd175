//! JSON Web Keys (RFC 7517): public ones, which serialise freely, and private ones, which do not.

mod attributes;
mod members;
mod set;

use core::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use set::{Ignored, JwkSet};

pub(crate) use attributes::Attributes;
pub(crate) use members::of_public as members_of;
pub(crate) use members::{AnyJwk, For, PRIVATE_MEMBERS, parse_object, parse_object_for};
pub(crate) use set::{entries, objects};

use crate::jwe::KeyAlgorithm;
use crate::key::material::{Private, Public};
use crate::{Algorithm, Error, KeyId, Limits, Result, Secret, backend, base64url, json};

/// A public key as a JWK: RSA, EC (P-256, P-384, P-521, secp256k1), OKP (Ed25519, X25519, and Ed448 with
/// the feature of that name) or AKP (ML-DSA).
///
/// It never holds a private member, so it may be printed, stored and published. Members it does not
/// know are dropped.
///
/// ```
/// use keytide_jose::jwk::PublicJwk;
///
/// // RFC 8037 A.2 and A.3
/// let jwk = PublicJwk::parse(br#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#)?;
/// assert_eq!(jwk.thumbprint().as_str(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
/// # Ok::<(), keytide_jose::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicJwk {
    material: Public,
    attributes: Attributes,
}

impl PublicJwk {
    /// Reads one JWK.
    ///
    /// # Errors
    /// `invalid_key` for anything malformed, out of range, off its curve, or with a private member;
    /// `weak_key` for RSA under 2048 bits; `too_large`, `too_deep`.
    pub fn parse(json: &[u8]) -> Result<Self> {
        match parse_one(json)? {
            AnyJwk::Public(jwk) => Ok(jwk),
            AnyJwk::Private(_) => Err(Error::InvalidKey(
                "a public key was expected, but the JWK has private members".into(),
            )),
        }
    }

    pub(crate) fn of(material: Public, alg: Algorithm, key_id: Option<KeyId>) -> Self {
        Self { material, attributes: Attributes::signing(alg, key_id) }
    }

    pub(crate) fn of_encryption(
        material: Public,
        alg: KeyAlgorithm,
        key_id: Option<KeyId>,
    ) -> Self {
        Self { material, attributes: Attributes::encryption(alg, key_id) }
    }

    /// The member `kid`.
    #[must_use]
    pub fn key_id(&self) -> Option<&KeyId> {
        self.attributes.key_id.as_ref()
    }

    /// The same key under another `kid`.
    #[must_use]
    pub fn with_key_id(mut self, key_id: KeyId) -> Self {
        self.attributes.key_id = Some(key_id);
        self
    }

    /// The member `alg`, where it is one of ours.
    #[must_use]
    pub fn algorithm(&self) -> Option<Algorithm> {
        self.attributes.alg.as_deref().and_then(|alg| alg.parse().ok())
    }

    /// The member `use`.
    #[must_use]
    pub fn key_use(&self) -> Option<&str> {
        self.attributes.key_use.as_deref()
    }

    /// The member `kty`: `RSA`, `EC`, `OKP` or `AKP`.
    #[must_use]
    pub fn key_type(&self) -> &'static str {
        match self.material {
            Public::Rsa { .. } => "RSA",
            Public::Ec { .. } => "EC",
            Public::Ed25519(_) => "OKP",
            #[cfg(feature = "ed448")]
            Public::Ed448(_) => "OKP",
            Public::X25519(_) => "OKP",
            Public::MlDsa { .. } => "AKP",
        }
    }

    /// The RFC 7638 thumbprint with SHA-256, in base64url.
    #[must_use]
    pub fn thumbprint(&self) -> KeyId {
        thumbprint(&self.material)
    }

    pub(crate) fn material(&self) -> &Public {
        &self.material
    }

    pub(crate) fn attributes(&self) -> &Attributes {
        &self.attributes
    }
}

impl Serialize for PublicJwk {
    /// Writes the members always in the same order.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in members::of_public(&self.material) {
            map.serialize_entry(name, &value)?;
        }
        let Attributes { key_id, key_use, key_ops, alg } = &self.attributes;
        if let Some(key_id) = key_id {
            map.serialize_entry("kid", key_id)?;
        }
        if let Some(key_use) = key_use {
            map.serialize_entry("use", key_use)?;
        }
        if let Some(key_ops) = key_ops {
            map.serialize_entry("key_ops", key_ops)?;
        }
        // Among the members of an AKP key it was written already.
        if let (Some(alg), false) = (alg, matches!(self.material, Public::MlDsa { .. })) {
            map.serialize_entry("alg", alg)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for PublicJwk {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        Self::parse(value.to_string().as_bytes()).map_err(D::Error::custom)
    }
}

/// A private or secret key as a JWK. It cannot be printed, cloned or serialised; its one door is
/// [`PrivateJwk::expose_json`].
pub struct PrivateJwk {
    material: Private,
    attributes: Attributes,
}

impl PrivateJwk {
    /// Reads one JWK with its private members (`oct`; RSA, EC, OKP with `d`; AKP with `priv`).
    ///
    /// # Errors
    /// As [`PublicJwk::parse`]; also `invalid_key` when the private and public members do not belong
    /// together, or an RSA key comes without its primes.
    pub fn parse(json: &[u8]) -> Result<Self> {
        match parse_one(json)? {
            AnyJwk::Private(jwk) => Ok(jwk),
            AnyJwk::Public(_) => Err(Error::InvalidKey(
                "a private key was expected, but the JWK has no private members".into(),
            )),
        }
    }

    /// Reads one JWK that is to encrypt or decrypt: a secret may then be as short as 16 bytes.
    ///
    /// # Errors
    /// As [`PrivateJwk::parse`].
    pub fn parse_for_encryption(json: &[u8]) -> Result<Self> {
        match parse_one_for(json, For::Encryption)? {
            AnyJwk::Private(jwk) => Ok(jwk),
            AnyJwk::Public(_) => Err(Error::InvalidKey(
                "a private key was expected, but the JWK has no private members".into(),
            )),
        }
    }

    pub(crate) fn of(material: Private, alg: Algorithm, key_id: Option<KeyId>) -> Self {
        Self { material, attributes: Attributes::signing(alg, key_id) }
    }

    pub(crate) fn of_encryption(
        material: Private,
        alg: KeyAlgorithm,
        key_id: Option<KeyId>,
    ) -> Self {
        Self { material, attributes: Attributes::encryption(alg, key_id) }
    }

    /// The JWK's text with its private members.
    #[must_use]
    pub fn expose_json(&self) -> Secret {
        members::write_private(&self.material, &self.attributes)
    }

    /// The member `kid`.
    #[must_use]
    pub fn key_id(&self) -> Option<&KeyId> {
        self.attributes.key_id.as_ref()
    }

    /// The member `alg`, where it is one of ours.
    #[must_use]
    pub fn algorithm(&self) -> Option<Algorithm> {
        self.attributes.alg.as_deref().and_then(|alg| alg.parse().ok())
    }

    /// The public half with the same `kid`, `alg` and `use`; `None` for `oct`.
    #[must_use]
    pub fn public(&self) -> Option<PublicJwk> {
        let attributes = self.attributes.for_public_half();
        Some(PublicJwk { material: self.material.public()?, attributes })
    }

    pub(crate) fn material(&self) -> &Private {
        &self.material
    }

    pub(crate) fn attributes(&self) -> &Attributes {
        &self.attributes
    }
}

/// The thumbprint over the required members in lexicographic order (RFC 7638 §3.2, RFC 8037 §2,
/// RFC 9964 §6).
pub(crate) fn thumbprint(key: &Public) -> KeyId {
    let mut members = members::of_public(key);
    members.sort_unstable_by_key(|(name, _)| *name);
    // All values are plain ASCII, so that no escaping is needed.
    let members: Vec<String> =
        members.iter().map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
    let digest = backend::digest::sha256(format!("{{{}}}", members.join(",")).as_bytes());
    base64url::encode(&digest).parse().expect("43 characters of base64url")
}

fn parse_one(json: &[u8]) -> Result<AnyJwk> {
    parse_one_for(json, For::Signing)
}

fn parse_one_for(json: &[u8], purpose: For) -> Result<AnyJwk> {
    let limits = Limits::default();
    if json.len() > limits.key {
        return Err(Error::TooLarge { limit: "key", max: limits.key });
    }
    let object = json::Object::parse(json, &limits)
        .map_err(|refused| refused.into_error(Error::InvalidKey))?;
    parse_object_for(&object, &limits, purpose)
}

impl fmt::Display for PublicJwk {
    /// Writes the JSON text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}
