//! From a token that was read to one that holds (RFC 7515 §5.2, step 8).

use core::marker::PhantomData;

use super::{Header, Unverified};
use crate::key::{KeySet, VerifyingKey};
use crate::{Error, KeyId, Limits, Result};

impl<'a> Unverified<'a> {
    /// Checks the signature with one key.
    ///
    /// # Errors
    /// `key_alg_mismatch` when the header names another algorithm than the key's; `unknown_kid` when
    /// both have a `kid` and they differ; `bad_signature`.
    pub fn verify(self, key: &VerifyingKey) -> Result<Verified<'a>> {
        if self.algorithm() != key.algorithm() {
            return Err(Error::KeyAlgMismatch(format!(
                "the token is signed with {}, the key is for {}",
                self.algorithm(),
                key.algorithm()
            )));
        }
        if let (Some(named), Some(own)) = (self.key_id(), key.key_id())
            && !named.is(own)
        {
            return Err(Error::UnknownKid { kid: named.for_lookup().into() });
        }
        self.holds_under(key)?;
        Ok(self.into_verified(key))
    }

    /// Checks the signature with the keys of a set that its `kid` and algorithm point to.
    ///
    /// # Errors
    /// As [`KeySet::find`]; `bad_signature` when it holds under none of the keys found.
    pub fn verify_any(self, keys: &KeySet) -> Result<Verified<'a>> {
        for key in keys.find(self.key_id(), self.algorithm())? {
            if self.holds_under(key).is_ok() {
                return Ok(self.into_verified(key));
            }
        }
        Err(Error::BadSignature)
    }

    fn holds_under(&self, key: &VerifyingKey) -> Result<()> {
        key.verify(self.signing_input.as_bytes(), &self.signature)
    }

    fn into_verified(self, key: &VerifyingKey) -> Verified<'a> {
        Verified {
            header: self.header,
            payload: self.payload,
            key_id: key.key_id().cloned(),
            limits: self.limits,
            token: PhantomData,
        }
    }
}

/// A token whose signature holds. Its claims still have to pass a policy: [`Verified::check`].
#[derive(Debug)]
pub struct Verified<'a> {
    pub(crate) header: Header,
    pub(crate) payload: Vec<u8>,
    pub(crate) key_id: Option<KeyId>,
    pub(crate) limits: Limits,
    token: PhantomData<&'a str>,
}

/// What a verified token says of itself and which key vouches for it; shared by the claims of all
/// tokens that agree in both.
#[derive(Debug)]
pub(crate) struct Origin {
    pub(crate) header: Header,
    /// The `kid` of the key that verified.
    pub(crate) key_id: Option<KeyId>,
}

impl Verified<'_> {
    /// The header, which the signature covers.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The `kid` of the key that verified, not the one in the header.
    #[must_use]
    pub fn key_id(&self) -> Option<&KeyId> {
        self.key_id.as_ref()
    }

    /// The payload's bytes. Nothing in it was checked: a JWT needs [`Verified::check`].
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }
}
