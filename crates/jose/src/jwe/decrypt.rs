//! From an encrypted token to its plaintext (RFC 7516 §5.2, steps 6–19).
//!
//! Every failure after the parameters were read is one error with one message. A content key that
//! cannot be had is replaced by another that nobody can tell from it (RFC 7516 §11.5).

use core::fmt;
use core::num::NonZeroU32;

use zeroize::Zeroizing;

use super::alg::KeyFamily;
use super::header::KeyParams;
use super::key::{Decrypting, group};
use super::parse::Recipient;
use super::{DecryptionKey, Header, KeyAlgorithm, UnverifiedJwe, deflate};
use crate::backend::candidate::Candidate;
use crate::backend::{agreement, content, digest, key_wrap, wrap};
use crate::key::material::Public;
use crate::{Error, KeyId, Limits, Result, Secret, jws};

/// What a recipient accepts besides the algorithms that its key is bound to. By default neither
/// passwords nor compression.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecryptOptions {
    /// Accepts PBES2, where the sender chooses how much work decrypting is, up to
    /// [`Limits::pbes2_count`].
    pub pbes2: bool,
    /// Accepts compressed plaintexts, whose length tells of what they hold (RFC 8725 §3.6), up to
    /// [`Limits::decompressed`].
    pub zip: bool,
}

/// What was encrypted, after its tag held. Wiped when dropped, and not shown by `Debug`.
pub struct Decrypted {
    header: Header,
    plaintext: Secret,
    key_id: Option<KeyId>,
}

impl Decrypted {
    /// The plaintext. It comes from whoever had the key, which for a public key is anyone.
    #[must_use]
    pub fn plaintext(&self) -> &[u8] {
        self.plaintext.expose()
    }

    /// The token's header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The `kid` of the key that decrypted, not the one in the header.
    #[must_use]
    pub fn key_id(&self) -> Option<&KeyId> {
        self.key_id.as_ref()
    }

    /// The signed token inside, which is still to be verified (RFC 7519 §7.2, step 8).
    ///
    /// # Errors
    /// `nested_required` when `cty` is not `JWT` or the plaintext is no compact token; then as
    /// [`jws::Unverified::parse`].
    pub fn nested(&self, limits: &Limits) -> Result<jws::Unverified<'_>> {
        // RFC 7519 §5.2.
        let says_so = self.header.cty().is_some_and(|cty| {
            cty.eq_ignore_ascii_case("JWT") || cty.eq_ignore_ascii_case("application/jwt")
        });
        let token = core::str::from_utf8(self.plaintext()).ok().filter(|_| says_so);
        jws::Unverified::parse(token.ok_or(Error::NestedRequired)?, limits)
    }
}

impl fmt::Debug for Decrypted {
    /// Shows the header, not the plaintext.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decrypted").field("header", &self.header).finish_non_exhaustive()
    }
}

impl UnverifiedJwe {
    /// Decrypts with one key.
    ///
    /// # Errors
    /// `key_alg_mismatch` when no recipient has the key's algorithms; `unknown_kid` when both have a
    /// `kid` and they differ; `alg_not_allowed` for PBES2 and `zip_forbidden` for compression unless
    /// allowed; `jwe_param`, `too_large`; `jwe_decrypt` whatever else fails.
    pub fn decrypt(self, key: &DecryptionKey, options: &DecryptOptions) -> Result<Decrypted> {
        self.decrypt_any([key], options)
    }

    /// Decrypts with the first of these keys that fits a recipient.
    ///
    /// # Errors
    /// As [`UnverifiedJwe::decrypt`], told of the last key that fitted.
    pub fn decrypt_any<'k>(
        self,
        keys: impl IntoIterator<Item = &'k DecryptionKey>,
        options: &DecryptOptions,
    ) -> Result<Decrypted> {
        let mut why = None;
        for key in keys {
            for recipient in &self.recipients {
                let tried = match recipient {
                    Ok(recipient) => self.decrypt_for(recipient, key, options),
                    Err(error) => Err(error.clone()),
                };
                match tried {
                    Ok(decrypted) => return Ok(decrypted),
                    // That a key is another recipient's says less than that it was ours.
                    Err(error @ (Error::KeyAlgMismatch(_) | Error::UnknownKid { .. })) => {
                        why = why.or(Some(error));
                    }
                    Err(error) => why = Some(error),
                }
            }
        }
        Err(why.unwrap_or_else(|| Error::KeyAlgMismatch("there is no key to decrypt with".into())))
    }

    fn decrypt_for(
        &self,
        recipient: &Recipient,
        key: &DecryptionKey,
        options: &DecryptOptions,
    ) -> Result<Decrypted> {
        let Recipient { header, encrypted_key } = recipient;
        check_binding(header, key)?;
        if header.zip && !options.zip {
            return Err(Error::ZipForbidden);
        }
        if !options.pbes2 && matches!(header.key_params, KeyParams::Password { .. }) {
            return Err(Error::AlgNotAllowed { alg: header.key_algorithm().as_str().into() });
        }
        // RFC 7516 §5.2, step 10.
        if header.key_algorithm().gives_content_key() && !encrypted_key.is_empty() {
            return Err(Error::MalformedToken("there is an encrypted key where none belongs"));
        }
        let enc = header.content_algorithm();
        self.bound_password_work()?;
        // Derived whether or not it is needed, so that the time does not tell which.
        let substitute = substitute(key, encrypted_key, enc.key_len());
        let content_key = content_key(header, encrypted_key, key)?.or(&substitute);
        let plaintext = content::open(
            enc,
            content_key.expose(),
            &self.iv,
            &self.aad,
            &self.ciphertext,
            &self.tag,
        )
        .ok_or(Error::Undecryptable)?;
        let plaintext = if header.zip {
            Secret::new(deflate::decompress(&plaintext, &self.limits)?)
        } else {
            take(plaintext)
        };
        Ok(Decrypted { header: header.clone(), plaintext, key_id: key.key_id().cloned() })
    }
}

impl UnverifiedJwe {
    /// All recipients together may demand no more iterations than one alone.
    fn bound_password_work(&self) -> Result<()> {
        let demanded =
            self.recipients.iter().flatten().fold(0_u64, |sum, recipient| {
                match recipient.header.key_params {
                    KeyParams::Password { count, .. } => sum.saturating_add(count),
                    _ => sum,
                }
            });
        if demanded > u64::from(self.limits.pbes2_count) {
            let max = usize::try_from(self.limits.pbes2_count).unwrap_or(usize::MAX);
            return Err(Error::TooLarge { limit: "pbes2_count", max });
        }
        Ok(())
    }
}

/// A key decrypts what is meant for its algorithms and its name, and nothing else.
fn check_binding(header: &Header, key: &DecryptionKey) -> Result<()> {
    if header.key_algorithm() != key.alg || header.content_algorithm() != key.enc {
        return Err(Error::KeyAlgMismatch(format!(
            "the token is encrypted with {} and {}, the key is for {} and {}",
            header.key_algorithm(),
            header.content_algorithm(),
            key.alg,
            key.enc
        )));
    }
    match (header.key_id(), key.key_id()) {
        (Some(named), Some(own)) if !named.is(own) => {
            Err(Error::UnknownKid { kid: named.for_lookup().into() })
        }
        _ => Ok(()),
    }
}

/// What may be the content key; an error only for what the header says openly.
fn content_key(header: &Header, encrypted_key: &[u8], key: &DecryptionKey) -> Result<Candidate> {
    match (key.alg.family(), &*key.material, &header.key_params) {
        (KeyFamily::Direct, Decrypting::Secret(secret), _) => Ok(Candidate::certain(secret)),
        (KeyFamily::Wrap(_), Decrypting::Secret(secret), _) => {
            Ok(key_wrap::unwrap(secret.expose(), encrypted_key))
        }
        (KeyFamily::GcmWrap(_), Decrypting::Secret(secret), KeyParams::Gcm { iv, tag }) => {
            Ok(content::unwrap_gcm(secret.expose(), iv, encrypted_key, tag))
        }
        (KeyFamily::Oaep(oaep), Decrypting::Rsa { key, .. }, _) => {
            Ok(key.decrypt(oaep, encrypted_key))
        }
        (
            KeyFamily::Agreement(wrapping),
            Decrypting::Agreement { group: own, key: private, .. },
            KeyParams::Agreement { epk, apu, apv },
        ) => {
            if group(epk) != Some(*own) {
                return Err(Error::JweParam("epk is on another curve than the key".into()));
            }
            let Some(shared) = private.agree(point(epk)) else { return Ok(Candidate::none()) };
            let (name, len) = derived(key.alg, header, wrapping);
            let Some(derived) = agreement::concat_kdf(&shared, name, apu, apv, len) else {
                return Ok(Candidate::none());
            };
            match wrapping {
                None => Ok(Candidate::certain(&derived)),
                Some(_) => Ok(key_wrap::unwrap(derived.expose(), encrypted_key)),
            }
        }
        (
            KeyFamily::Password(hash, len),
            Decrypting::Password(password),
            KeyParams::Password { salt, count },
        ) => {
            let Some(count) = u32::try_from(*count).ok().and_then(NonZeroU32::new) else {
                return Ok(Candidate::none());
            };
            let salt = password_salt(key.alg, salt);
            let kek = wrap::pbkdf2(hash, password.expose(), &salt, count, len);
            Ok(key_wrap::unwrap(kek.expose(), encrypted_key))
        }
        _ => Ok(Candidate::none()),
    }
}

/// What the Concat KDF derives, under which name (RFC 7518 §4.6.2).
fn derived(alg: KeyAlgorithm, header: &Header, wrapping: Option<usize>) -> (&'static str, usize) {
    match wrapping {
        None => (header.content_algorithm().as_str(), header.content_algorithm().key_len()),
        Some(len) => (alg.as_str(), len),
    }
}

/// RFC 7518 §4.8.1.1: the algorithm's name, a zero and the salt.
pub(super) fn password_salt(alg: KeyAlgorithm, salt: &[u8]) -> Vec<u8> {
    [alg.as_str().as_bytes(), &[0], salt].concat()
}

/// The bytes of a point for key agreement.
pub(super) fn point(public: &Public) -> &[u8] {
    match public {
        Public::Ec { point, .. } => point,
        Public::X25519(x) => x,
        _ => &[],
    }
}

/// The content key for a token whose own cannot be had: the same for the same token, and unknown to
/// whoever has not the key, so that such a token fails where an altered one does.
fn substitute(key: &DecryptionKey, encrypted_key: &[u8], len: usize) -> Secret {
    let mut bytes = Zeroizing::new(Vec::with_capacity(64));
    for half in [0, 1] {
        bytes.extend_from_slice(&digest::keyed(&key.rejection, &[&[half], encrypted_key].concat()));
    }
    bytes.truncate(len);
    take(bytes)
}

fn take(mut bytes: Zeroizing<Vec<u8>>) -> Secret {
    Secret::new(core::mem::take(&mut *bytes))
}
