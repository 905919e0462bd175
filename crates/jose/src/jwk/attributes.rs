//! What a JWK says of its key's use: `alg`, `use`, `key_ops`, `kid` (RFC 7517 §4.2–4.5).

use crate::json::{self, Object};
use crate::jwe::{ContentAlgorithm, KeyAlgorithm};
use crate::{Algorithm, Error, KeyId, Limits, Result};

/// The members that every key type shares and that are obeyed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Attributes {
    pub(crate) key_id: Option<KeyId>,
    pub(crate) key_use: Option<String>,
    pub(crate) key_ops: Option<Vec<String>>,
    pub(crate) alg: Option<String>,
}

impl Attributes {
    pub(crate) fn signing(alg: Algorithm, key_id: Option<KeyId>) -> Self {
        Self { key_id, key_use: Some("sig".into()), key_ops: None, alg: Some(alg.as_str().into()) }
    }

    pub(crate) fn encryption(alg: KeyAlgorithm, key_id: Option<KeyId>) -> Self {
        Self { key_id, key_use: Some("enc".into()), key_ops: None, alg: Some(alg.as_str().into()) }
    }

    pub(crate) fn parse(object: &Object<'_>, limits: &Limits) -> Result<Self> {
        let text = |name| -> Result<Option<String>> {
            match object.string(name) {
                Ok(value) => Ok(value.map(String::from)),
                Err(name) => Err(invalid(format!("{name} is not a string"))),
            }
        };
        let key_id = match text("kid")? {
            None => None,
            Some(kid) => Some(kid.parse().map_err(|error: Error| invalid(error.to_string()))?),
        };
        let key_ops =
            object.get("key_ops").map(|value| parse_key_ops(value, limits)).transpose()?;
        Ok(Self { key_id, key_use: text("use")?, key_ops, alg: text("alg")? })
    }

    /// The same without what only the private half may do.
    pub(crate) fn for_public_half(&self) -> Self {
        let public = |operation: &String| match operation.as_str() {
            "decrypt" => "encrypt".to_owned(),
            "unwrapKey" => "wrapKey".to_owned(),
            "deriveKey" | "deriveBits" | "encrypt" | "wrapKey" => operation.clone(),
            _ => "verify".to_owned(),
        };
        let key_ops = self.key_ops.as_ref().map(|operations| {
            let mut operations: Vec<String> = operations.iter().map(public).collect();
            operations.sort_unstable();
            operations.dedup();
            operations
        });
        Self { key_ops, ..self.clone() }
    }

    pub(crate) fn algorithm_for_signing(&self, alg: Option<Algorithm>) -> Result<Algorithm> {
        self.algorithm_for("sign", alg)
    }

    pub(crate) fn algorithm_for_verifying(&self, alg: Option<Algorithm>) -> Result<Algorithm> {
        self.algorithm_for("verify", alg)
    }

    /// Whoever may sign may also check what was signed, with the public half of the same key.
    pub(crate) fn algorithm_for_either(&self, alg: Option<Algorithm>) -> Result<Algorithm> {
        self.algorithm_for("verify", alg).or_else(|_| self.algorithm_for("sign", alg))
    }

    fn algorithm_for(&self, operation: &str, wanted: Option<Algorithm>) -> Result<Algorithm> {
        if let Some(key_use) = self.key_use.as_deref().filter(|key_use| *key_use != "sig") {
            return Err(mismatch(format!("the JWK's use is {key_use:.40?}, not \"sig\"")));
        }
        if let Some(key_ops) = &self.key_ops
            && !key_ops.iter().any(|allowed| allowed == operation)
        {
            return Err(mismatch(format!("the JWK's key_ops do not hold \"{operation}\"")));
        }
        match (self.alg.as_deref(), wanted) {
            (None, Some(wanted)) => Ok(wanted),
            (Some(own), Some(wanted)) if own == wanted.as_str() => Ok(wanted),
            (Some(own), Some(wanted)) => {
                Err(mismatch(format!("the JWK's alg is {own:.40?}, not {wanted}")))
            }
            (Some(own), None) => own
                .parse()
                .map_err(|_| mismatch(format!("the JWK's alg {own:.40?} is not one for signing"))),
            (None, None) => Err(mismatch("neither the JWK nor the caller names an alg".into())),
        }
    }
}

/// The operations that encrypting, and decrypting, may go by (RFC 7517 §4.3).
const ENCRYPTING: [&str; 4] = ["encrypt", "wrapKey", "deriveKey", "deriveBits"];
const DECRYPTING: [&str; 4] = ["decrypt", "unwrapKey", "deriveKey", "deriveBits"];

impl Attributes {
    pub(crate) fn algorithm_for_encrypting(
        &self,
        alg: Option<KeyAlgorithm>,
        enc: ContentAlgorithm,
    ) -> Result<KeyAlgorithm> {
        self.key_algorithm(&ENCRYPTING, alg, enc)
    }

    pub(crate) fn algorithm_for_decrypting(
        &self,
        alg: Option<KeyAlgorithm>,
        enc: ContentAlgorithm,
    ) -> Result<KeyAlgorithm> {
        self.key_algorithm(&DECRYPTING, alg, enc)
    }

    fn key_algorithm(
        &self,
        operations: &[&str],
        wanted: Option<KeyAlgorithm>,
        enc: ContentAlgorithm,
    ) -> Result<KeyAlgorithm> {
        if let Some(key_use) = self.key_use.as_deref().filter(|key_use| *key_use != "enc") {
            return Err(mismatch(format!("the JWK's use is {key_use:.40?}, not \"enc\"")));
        }
        if let Some(key_ops) = &self.key_ops
            && !key_ops.iter().any(|allowed| operations.contains(&allowed.as_str()))
        {
            return Err(mismatch(format!("the JWK's key_ops hold none of {operations:?}")));
        }
        // A key that is the content's own may be named after what it encrypts (RFC 7520 §5.6).
        let own = match self.alg.as_deref() {
            Some(own) if own == enc.as_str() => Some(KeyAlgorithm::Dir),
            Some(own) => Some(own.parse().map_err(|_| {
                mismatch(format!("the JWK's alg {own:.40?} is not one for encryption with {enc}"))
            })?),
            None => None,
        };
        match (own, wanted) {
            (Some(own), Some(wanted)) if own != wanted => {
                Err(mismatch(format!("the JWK's alg is {own}, not {wanted}")))
            }
            (Some(alg), _) | (None, Some(alg)) => Ok(alg),
            (None, None) => Err(mismatch("neither the JWK nor the caller names an alg".into())),
        }
    }
}

fn parse_key_ops(value: &str, limits: &Limits) -> Result<Vec<String>> {
    let elements =
        json::elements(value, limits).ok_or_else(|| invalid("key_ops is not an array".into()))?;
    let mut operations: Vec<String> = Vec::with_capacity(elements.len().min(16));
    for element in elements {
        let operation = json::string(element)
            .ok_or_else(|| invalid("key_ops holds something that is not a string".into()))?;
        if operations.iter().any(|known| *known == operation) {
            return Err(invalid("key_ops names an operation twice".into()));
        }
        if operations.len() == 16 {
            return Err(invalid("key_ops has more than 16 operations".into()));
        }
        operations.push(operation.into_owned());
    }
    Ok(operations)
}

fn invalid(what: String) -> Error {
    Error::InvalidKey(what)
}

fn mismatch(what: String) -> Error {
    Error::KeyAlgMismatch(what)
}
