//! The audit log's own key: it signs where the log ends, and what of it leaves the store.
//!
//! Whoever has its public half can check a copy of the log with no store at all. What is signed is
//! plain text, so that any Ed25519 tool can check it:
//!
//! ```text
//! keytide audit head 1          keytide audit record 1        keytide audit export 1
//! <seq>                         <seq>                         <first seq>
//! <hash>                        <hash>                        <last seq>
//! <at>                                                        <hash of the last>
//! ```

use jiff::Timestamp;
use keytide_jose::jwk::PublicJwk;
use keytide_jose::key::{SigningKey, VerifyingKey};
use keytide_jose::{Algorithm, Error, KeyId, Secret};
use keytide_ring::SignedHead;

use crate::hex;
use crate::kek::Keys;

/// What a signature of the log's key is over.
pub(crate) enum Statement<'a> {
    /// The log ended here at this time.
    Head { seq: u64, hash: &'a str, at: Timestamp },
    /// This record stands at this place.
    Record { seq: u64, hash: &'a str },
    /// A copy of the log begins and ends here.
    Export { first: u64, last: u64, hash: &'a str },
}

impl Statement<'_> {
    fn text(&self) -> String {
        match self {
            Self::Head { seq, hash, at } => format!("keytide audit head 1\n{seq}\n{hash}\n{at}\n"),
            Self::Record { seq, hash } => format!("keytide audit record 1\n{seq}\n{hash}\n"),
            Self::Export { first, last, hash } => {
                format!("keytide audit export 1\n{first}\n{last}\n{hash}\n")
            }
        }
    }
}

/// The key of a store's log.
pub(crate) struct LogKey {
    key: SigningKey,
    id: KeyId,
}

impl LogKey {
    pub(crate) fn of(keys: &Keys) -> Result<Self, Error> {
        let seed = keys.log_seed();
        let mut der = Vec::with_capacity(PKCS8.len() + seed.len());
        der.extend(PKCS8);
        der.extend(seed.iter());
        let key = SigningKey::import(Algorithm::EdDSA, &Secret::new(der))?;
        let id = key.thumbprint().ok_or(Error::Backend("the audit log's key"))?;
        Ok(Self { key: key.with_key_id(id.clone()), id })
    }

    /// The public half.
    pub(crate) fn public(&self) -> Result<PublicJwk, Error> {
        self.key.public_jwk().ok_or(Error::Backend("the audit log's key"))
    }

    pub(crate) fn id(&self) -> &KeyId {
        &self.id
    }

    /// In hex.
    pub(crate) fn sign(&self, statement: &Statement<'_>) -> Result<String, Error> {
        Ok(hex::encode(&self.key.sign(statement.text().as_bytes())?))
    }

    pub(crate) fn verifying(&self) -> VerifyingKey {
        self.key.verifying_key()
    }
}

/// Whether a signature in hex is this key's over this statement.
pub(crate) fn holds(key: &VerifyingKey, statement: &Statement<'_>, signature: &str) -> bool {
    hex::decode(signature)
        .is_some_and(|signature| key.verify(statement.text().as_bytes(), &signature).is_ok())
}

/// Whether a signed head is this key's.
pub(crate) fn head_holds(key: &VerifyingKey, head: &SignedHead) -> bool {
    let SignedHead { seq, hash, at, key: _, signature } = head;
    holds(key, &Statement::Head { seq: *seq, hash, at: *at }, signature)
}

/// What stands before the seed of an Ed25519 key in PKCS#8 (RFC 8410 §7).
const PKCS8: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
