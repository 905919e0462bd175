//! The header of a JWE, from its protected, shared and per-recipient parts (RFC 7516 §4).

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::alg::KeyFamily;
use super::{ContentAlgorithm, KeyAlgorithm};
use crate::json::Object;
use crate::jwk::{self, AnyJwk};
use crate::jws::{check_crit, crit_names_b64, refuse_private_jwk};
use crate::key::material::Public;
use crate::{Error, KeyId, Limits, Result, Untrusted, base64url};

/// The header parameters of an encrypted token. Nothing in it is to be trusted before the token is
/// decrypted, nor anything outside its protected part after.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    alg: KeyAlgorithm,
    enc: ContentAlgorithm,
    key_id: Option<Untrusted<KeyId>>,
    typ: Option<String>,
    cty: Option<String>,
    protected: Map<String, Value>,
    pub(super) zip: bool,
    pub(super) key_params: KeyParams,
}

/// The parameters that one family of key algorithms takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum KeyParams {
    None,
    /// RFC 7518 §4.6.1.
    Agreement {
        epk: Public,
        apu: Vec<u8>,
        apv: Vec<u8>,
    },
    /// RFC 7518 §4.7.1.
    Gcm {
        iv: Vec<u8>,
        tag: Vec<u8>,
    },
    /// RFC 7518 §4.8.1.
    Password {
        salt: Vec<u8>,
        count: u64,
    },
}

impl Header {
    /// The parameter `alg`.
    #[must_use]
    pub fn key_algorithm(&self) -> KeyAlgorithm {
        self.alg
    }

    /// The parameter `enc`.
    #[must_use]
    pub fn content_algorithm(&self) -> ContentAlgorithm {
        self.enc
    }

    /// The parameter `kid`, which may hold anything.
    #[must_use]
    pub fn key_id(&self) -> Option<&Untrusted<KeyId>> {
        self.key_id.as_ref()
    }

    /// The protected parameter `typ`, as written.
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// The protected parameter `cty`, as written.
    #[must_use]
    pub fn cty(&self) -> Option<&str> {
        self.cty.as_deref()
    }

    /// The protected parameters, which the content's tag covers.
    #[must_use]
    pub fn protected(&self) -> &Map<String, Value> {
        &self.protected
    }

    /// Reads the joint header; `unprotected` are the shared part and the recipient's own.
    pub(super) fn parse<'a>(
        protected: &Object<'a>,
        unprotected: &[&Object<'a>],
        limits: &Limits,
    ) -> Result<Self> {
        let parts = Parts { protected, unprotected };
        parts.refuse_doubles()?;
        // RFC 7516 §4.1.13: crit is integrity protected; so is zip (§4.1.3).
        for part in unprotected {
            if part.get("crit").is_some() {
                return Err(Error::CritMalformed("it must be in the protected header"));
            }
            if part.get("zip").is_some() {
                return Err(Error::MalformedHeader("zip must be in the protected header".into()));
            }
            refuse_private_jwk(part, limits)?;
        }
        refuse_private_jwk(protected, limits)?;
        check_crit(protected, limits, &[])?;
        if crit_names_b64(protected, limits) {
            // RFC 7797 is about JWS alone.
            return Err(Error::CritUnsupported { name: "b64".into() });
        }
        let alg: KeyAlgorithm = parts
            .text("alg")?
            .ok_or_else(|| Error::MalformedHeader("alg is missing".into()))?
            .parse()?;
        let enc = parts
            .text("enc")?
            .ok_or_else(|| Error::MalformedHeader("enc is missing".into()))?
            .parse()?;
        let key_id = match parts.text("kid")? {
            Some(kid) if kid.len() > limits.key_id => {
                return Err(Error::TooLarge { limit: "key_id", max: limits.key_id });
            }
            kid => kid.map(|kid| Untrusted::new(&kid)),
        };
        for name in ["jku", "x5u", "x5t", "x5t#S256"] {
            parts.text(name)?;
        }
        let zip = match text(protected, "zip")?.as_deref() {
            None => false,
            Some("DEF") => true,
            Some(_) => return Err(Error::JweParam("zip is not DEF".into())),
        };
        Ok(Self {
            alg,
            enc,
            key_id,
            typ: text(protected, "typ")?.map(Cow::into_owned),
            cty: text(protected, "cty")?.map(Cow::into_owned),
            protected: serde_json::from_str(protected.text())
                .map_err(|_| Error::MalformedHeader("a value cannot be read".into()))?,
            zip,
            key_params: key_params(alg, &parts, limits)?,
        })
    }
}

/// The parts a parameter may stand in.
struct Parts<'p, 'a> {
    protected: &'p Object<'a>,
    unprotected: &'p [&'p Object<'a>],
}

impl<'a> Parts<'_, 'a> {
    fn all(&self) -> impl Iterator<Item = &Object<'a>> {
        core::iter::once(self.protected).chain(self.unprotected.iter().copied())
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.all().find_map(|part| part.get(name))
    }

    fn text(&self, name: &'static str) -> Result<Option<Cow<'a, str>>> {
        for part in self.all() {
            if let Some(value) = text(part, name)? {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    fn bytes(&self, name: &'static str) -> Result<Option<Vec<u8>>> {
        let Some(value) = self.text(name)? else { return Ok(None) };
        base64url::decode(&value)
            .map(Some)
            .ok_or_else(|| Error::JweParam(format!("{name} is not canonical base64url")))
    }

    fn required(&self, name: &'static str) -> Result<Vec<u8>> {
        self.bytes(name)?.ok_or_else(|| Error::JweParam(format!("{name} is missing")))
    }

    /// RFC 7516 §7.2.1: the names in the parts must be disjoint.
    fn refuse_doubles(&self) -> Result<()> {
        for (at, part) in self.all().enumerate() {
            let others = || self.all().enumerate().filter(move |(other, _)| *other != at);
            if part.names().any(|name| others().any(|(_, other)| other.get(name).is_some())) {
                return Err(Error::MalformedHeader("a parameter is in two headers".into()));
            }
        }
        Ok(())
    }
}

fn text<'a>(object: &Object<'a>, name: &'static str) -> Result<Option<Cow<'a, str>>> {
    object.string(name).map_err(|name| Error::MalformedHeader(format!("{name} is not a string")))
}

fn key_params(alg: KeyAlgorithm, parts: &Parts<'_, '_>, limits: &Limits) -> Result<KeyParams> {
    match alg.family() {
        KeyFamily::Agreement(_) => {
            let epk = parts.get("epk").ok_or_else(|| Error::JweParam("epk is missing".into()))?;
            Ok(KeyParams::Agreement {
                epk: ephemeral(epk, limits)?,
                apu: parts.bytes("apu")?.unwrap_or_default(),
                apv: parts.bytes("apv")?.unwrap_or_default(),
            })
        }
        KeyFamily::GcmWrap(_) => {
            Ok(KeyParams::Gcm { iv: parts.required("iv")?, tag: parts.required("tag")? })
        }
        KeyFamily::Password(..) => {
            let salt = parts.required("p2s")?;
            // RFC 7518 §4.8.1.1.
            if salt.len() < 8 {
                return Err(Error::JweParam("p2s has fewer than 8 bytes".into()));
            }
            let count = parts
                .get("p2c")
                .and_then(|count| count.parse().ok())
                .ok_or_else(|| Error::JweParam("p2c is no positive integer".into()))?;
            // RFC 7518 §4.8.1.2.
            if count < 1000 {
                return Err(Error::JweParam("p2c is less than 1000".into()));
            }
            Ok(KeyParams::Password { salt, count })
        }
        KeyFamily::Direct | KeyFamily::Wrap(_) | KeyFamily::Oaep(_) => Ok(KeyParams::None),
    }
}

/// The sender's ephemeral public key, whose point is on its curve.
fn ephemeral(json: &str, limits: &Limits) -> Result<Public> {
    let object = Object::parse(json.as_bytes(), limits)
        .map_err(|_| Error::JweParam("epk is not an object".into()))?;
    match jwk::parse_object(&object, limits)? {
        AnyJwk::Public(jwk) => Ok(jwk.material().clone()),
        AnyJwk::Private(_) => Err(Error::JweParam("epk holds a private key".into())),
    }
}
