//! The algorithms of JWE (RFC 7518 §4 and §5): how the content key travels, and what it encrypts with.

use core::fmt;
use core::str::FromStr;

use crate::alg::Hash;
use crate::backend::wrap::Oaep;
use crate::{Error, Result};

macro_rules! names {
    ($(#[$about:meta])* $type:ident { $($(#[$doc:meta])* $variant:ident = $name:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum $type {
            $($(#[$doc])* $variant,)*
        }

        impl $type {
            /// Every algorithm offered.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name in the header.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $type {
            type Err = Error;

            /// Reads the exact name; case matters (RFC 7516 §4.1.1).
            fn from_str(name: &str) -> Result<Self> {
                Self::ALL
                    .iter()
                    .copied()
                    .find(|known| known.as_str() == name)
                    .ok_or_else(|| Error::AlgNotAllowed { alg: name.into() })
            }
        }
    };
}

names! {
    /// How the content encryption key comes to the recipient: the header parameter `alg`.
    ///
    /// `RSA1_5` is not offered: it cannot be decrypted without telling an attacker too much.
    ///
    /// ```
    /// use keytide_jose::jwe::KeyAlgorithm;
    ///
    /// assert_eq!("ECDH-ES".parse::<KeyAlgorithm>()?, KeyAlgorithm::EcdhEs);
    /// assert_eq!("RSA1_5".parse::<KeyAlgorithm>().unwrap_err().code(), "alg_not_allowed");
    /// # Ok::<(), keytide_jose::Error>(())
    /// ```
    KeyAlgorithm {
        /// The shared secret is the content key itself (RFC 7518 §4.5).
        Dir = "dir",
        /// AES key wrap with 128 bits (RFC 7518 §4.4).
        A128KW = "A128KW",
        /// AES key wrap with 192 bits.
        A192KW = "A192KW",
        /// AES key wrap with 256 bits.
        A256KW = "A256KW",
        /// AES-GCM around the key with 128 bits (RFC 7518 §4.7).
        A128GCMKW = "A128GCMKW",
        /// AES-GCM around the key with 192 bits.
        A192GCMKW = "A192GCMKW",
        /// AES-GCM around the key with 256 bits.
        A256GCMKW = "A256GCMKW",
        /// RSA-OAEP with SHA-1 (RFC 7518 §4.3).
        RsaOaep = "RSA-OAEP",
        /// RSA-OAEP with SHA-256.
        RsaOaep256 = "RSA-OAEP-256",
        /// RSA-OAEP with SHA-384.
        RsaOaep384 = "RSA-OAEP-384",
        /// RSA-OAEP with SHA-512.
        RsaOaep512 = "RSA-OAEP-512",
        /// Ephemeral-static ECDH whose result is the content key (RFC 7518 §4.6).
        EcdhEs = "ECDH-ES",
        /// Ephemeral-static ECDH, then AES key wrap with 128 bits.
        EcdhEsA128KW = "ECDH-ES+A128KW",
        /// Ephemeral-static ECDH, then AES key wrap with 192 bits.
        EcdhEsA192KW = "ECDH-ES+A192KW",
        /// Ephemeral-static ECDH, then AES key wrap with 256 bits.
        EcdhEsA256KW = "ECDH-ES+A256KW",
        /// A password through PBKDF2 with SHA-256, then AES key wrap with 128 bits (RFC 7518 §4.8).
        Pbes2Hs256A128KW = "PBES2-HS256+A128KW",
        /// A password through PBKDF2 with SHA-384, then AES key wrap with 192 bits.
        Pbes2Hs384A192KW = "PBES2-HS384+A192KW",
        /// A password through PBKDF2 with SHA-512, then AES key wrap with 256 bits.
        Pbes2Hs512A256KW = "PBES2-HS512+A256KW",
    }
}

names! {
    /// What the content is encrypted and authenticated with: the header parameter `enc`.
    ContentAlgorithm {
        /// AES-GCM with 128 bits (RFC 7518 §5.3).
        A128GCM = "A128GCM",
        /// AES-GCM with 192 bits.
        A192GCM = "A192GCM",
        /// AES-GCM with 256 bits.
        A256GCM = "A256GCM",
        /// AES-CBC with 128 bits, authenticated by HMAC with SHA-256 (RFC 7518 §5.2.3).
        A128CbcHs256 = "A128CBC-HS256",
        /// AES-CBC with 192 bits, authenticated by HMAC with SHA-384.
        A192CbcHs384 = "A192CBC-HS384",
        /// AES-CBC with 256 bits, authenticated by HMAC with SHA-512.
        A256CbcHs512 = "A256CBC-HS512",
    }
}

impl KeyAlgorithm {
    pub(crate) const fn family(self) -> KeyFamily {
        match self {
            Self::Dir => KeyFamily::Direct,
            Self::A128KW => KeyFamily::Wrap(16),
            Self::A192KW => KeyFamily::Wrap(24),
            Self::A256KW => KeyFamily::Wrap(32),
            Self::A128GCMKW => KeyFamily::GcmWrap(16),
            Self::A192GCMKW => KeyFamily::GcmWrap(24),
            Self::A256GCMKW => KeyFamily::GcmWrap(32),
            Self::RsaOaep => KeyFamily::Oaep(Oaep::Sha1),
            Self::RsaOaep256 => KeyFamily::Oaep(Oaep::Sha256),
            Self::RsaOaep384 => KeyFamily::Oaep(Oaep::Sha384),
            Self::RsaOaep512 => KeyFamily::Oaep(Oaep::Sha512),
            Self::EcdhEs => KeyFamily::Agreement(None),
            Self::EcdhEsA128KW => KeyFamily::Agreement(Some(16)),
            Self::EcdhEsA192KW => KeyFamily::Agreement(Some(24)),
            Self::EcdhEsA256KW => KeyFamily::Agreement(Some(32)),
            Self::Pbes2Hs256A128KW => KeyFamily::Password(Hash::Sha256, 16),
            Self::Pbes2Hs384A192KW => KeyFamily::Password(Hash::Sha384, 24),
            Self::Pbes2Hs512A256KW => KeyFamily::Password(Hash::Sha512, 32),
        }
    }

    /// Whether the content key is not chosen by the sender but comes from the key itself.
    pub(crate) const fn gives_content_key(self) -> bool {
        matches!(self, Self::Dir | Self::EcdhEs)
    }

    /// The exact bytes of the secret that this algorithm takes; `None` where it takes no secret.
    pub(crate) const fn secret_len(self, enc: ContentAlgorithm) -> Option<usize> {
        match self.family() {
            KeyFamily::Direct => Some(enc.key_len()),
            KeyFamily::Wrap(len) | KeyFamily::GcmWrap(len) => Some(len),
            _ => None,
        }
    }
}

impl ContentAlgorithm {
    /// Bytes of the content encryption key.
    pub(crate) const fn key_len(self) -> usize {
        match self {
            Self::A128GCM => 16,
            Self::A192GCM => 24,
            Self::A256GCM | Self::A128CbcHs256 => 32,
            Self::A192CbcHs384 => 48,
            Self::A256CbcHs512 => 64,
        }
    }

    /// Bytes of the initialization vector.
    pub(crate) const fn iv_len(self) -> usize {
        match self {
            Self::A128GCM | Self::A192GCM | Self::A256GCM => 12,
            Self::A128CbcHs256 | Self::A192CbcHs384 | Self::A256CbcHs512 => 16,
        }
    }
}

/// What kind of key an algorithm needs; numbers are bytes of a wrapping key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyFamily {
    Direct,
    Wrap(usize),
    GcmWrap(usize),
    Oaep(Oaep),
    Agreement(Option<usize>),
    Password(Hash, usize),
}
